/*
 * retention.h
 *	  Deleting what has ended: long ago, or because somebody asks for it.
 */
#ifndef SFN_STORE_RETENTION_H
#define SFN_STORE_RETENTION_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct RetentionStep
{
	int64 after_id;     /* in: look behind this execution; out: how far this step came */
	int64 last_id;      /* the last execution that was looked at, be it in vain */
	int singles;        /* executions that are still to be looked at one by one */
	bool logs_are_done; /* log events go first; nothing of them is left that has expired */
	int deleted_rows;
	bool is_end; /* nothing behind can have expired */
} RetentionStep;

/* One transaction's worth: looks at a window of executions and deletes those that ended before the cutoff. */
extern void retention_step(TimestampTz cutoff, RetentionStep *step);

/*
 * After a step that failed because something refuses the deletion (a foreign key, a trigger): the next steps take one execution each,
 * and the one that is refused is left alone for an hour.
 */
extern void retention_refused(RetentionStep *step);

/*
 * Deletes executions, whose redrives the caller has locked out, with all that is theirs and the children of their map runs; returns how many
 * that were.  When something still runs or is to run, nothing is deleted and *obstacle is the execution; else it is 0.
 */
extern int64 executions_delete(const int64 *ids, int count, int64 *obstacle);

/* Deleted machines: gone for good when their last execution is; returns the number of rows changed. */
extern int retention_finish_machines(void);

#endif /* SFN_STORE_RETENTION_H */
