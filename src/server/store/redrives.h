/*
 * redrives.h
 *	  What redriving an execution asks of the tables; inside a store scope.
 */
#ifndef SFN_STORE_REDRIVES_H
#define SFN_STORE_REDRIVES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/executions.h"

/*
 * Who redrives an execution holds this until his transaction ends: a second redrive waits and then finds the first one,
 * and retention, which has to have it, too, leaves the execution alone.
 */
extern void redrive_lock(int64 execution_id);
extern bool redrive_lock_if_free(int64 execution_id);

/* Its status and last event as they are now, and whether its state at its end is still there; false: it is gone. */
extern bool execution_look_again(ExecutionRow *execution, bool *is_kept);

/* When this token redrove the execution, if that was after since; else 0. */
extern TimestampTz redrive_token_date(int64 execution_id, const char *token, TimestampTz since);
extern void redrive_token_insert(int64 execution_id, const char *token, TimestampTz now);

#endif /* SFN_STORE_REDRIVES_H */
