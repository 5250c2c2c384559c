/*
 * sync_executions.h
 *	  Synchronous executions of EXPRESS machines: what the SQL function and sfn.api() share.
 */
#ifndef SFN_API_SYNC_EXECUTIONS_H
#define SFN_API_SYNC_EXECUTIONS_H

#include "postgres.h"

#include "api/errors.h"
#include "json/json_value.h"

typedef struct SyncExecution
{
	int status; /* ExecutionStatus */
	const char *machine_arn;
	const char *arn;
	const char *name;
	const JsonVal *output;
	const char *error;
	const char *cause;
	TimestampTz start_date;
	TimestampTz stop_date;
	int64 memory_mb; /* in steps of 64 */
} SyncExecution;

/*
 * Runs an execution of a machine that the caller may start, to its end.  Called in the store's scope of an action,
 * which it leaves meanwhile: tasks run for the caller.
 */
extern void execution_run_sync(const ApiCall *call, const char *machine, const char *input, int input_length,
							   const char *name, SyncExecution *execution);

#endif /* SFN_API_SYNC_EXECUTIONS_H */
