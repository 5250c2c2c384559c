/*
 * deletions.h
 *	  Deleting executions that have ended, with all that is theirs.
 */
#ifndef SFN_STORE_DELETIONS_H
#define SFN_STORE_DELETIONS_H

#include "postgres.h"

/* Neither execution e, nor a map run of it, nor the one whose child it is, is being redriven. */
#define GOES_ON_NO_MORE \
	" AND NOT EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = e.id" \
	" AND i.kind = ANY (ARRAY[:EVENT_REDRIVE, :EVENT_MAP_RUN]::int2[]))" \
	" AND NOT EXISTS (SELECT FROM sfn.map_run o WHERE o.execution_id = e.id AND o.status = :EXECUTION_RUNNING)" \
	" AND NOT EXISTS (SELECT FROM sfn.map_run o JOIN sfn.inbox i ON i.execution_id = o.execution_id" \
	" WHERE o.id = e.map_run_id AND i.kind = :EVENT_MAP_RUN)"

/*
 * Deletes executions, whose redrives the caller has locked out, with all that is theirs and the children of their map runs; returns how many
 * that were.  When something still runs or is to run, nothing is deleted and *obstacle is the execution; else it is 0.
 */
extern int64 executions_delete(const int64 *ids, int count, int64 *obstacle);

/* The same for rows that the caller has locked, in the order of their ids; children of map runs stay. */
extern void executions_delete_locked(const int64 *ids, int count);

#endif /* SFN_STORE_DELETIONS_H */
