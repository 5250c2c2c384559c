/*
 * executions.h
 *	  Starting, stopping and describing executions: what SQL functions, triggers and sfn.api() share.
 */
#ifndef SFN_API_EXECUTIONS_H
#define SFN_API_EXECUTIONS_H

#include "postgres.h"

#include "api/errors.h"
#include "engine/execution_status.h"
#include "store/execution_pages.h"
#include "store/executions.h"
#include "store/machines.h"
#include "json/json_value.h"

typedef struct StartedExecution
{
	int64 id;
	char *arn;
	TimestampTz start_date;
} StartedExecution;

/*
 * Starts an execution of a machine that the caller may start.  starter: recorded as who started it.  name NULL: a UUID.
 * The same name again is the same execution while that runs with the same input, else an error.
 */
extern StartedExecution execution_start(const ApiCall *call, const MachineRow *machine, Oid starter, const char *input,
										int input_length, const char *name, const char *trace_header);

/* Many executions of one machine, without names of their own: checked like single ones, stored in batches. */
typedef struct ExecutionStarter
{
	const ApiCall *call;
	const MachineRow *machine;
	int64 count;
	struct ExecutionBatch *batch;
} ExecutionStarter;

extern void starter_begin(ExecutionStarter *starter, const ApiCall *call, const MachineRow *machine, Oid who);
/* Adds one; returns its ARN. */
extern char *starter_add(ExecutionStarter *starter, const char *input, int input_length);
extern void starter_end(ExecutionStarter *starter);

/* Asks the execution to stop; returns when that was, or when it had ended already. */
extern TimestampTz execution_stop(const ApiCall *call, const char *arn, const char *error, const char *cause);

typedef struct ExecutionDescription
{
	ExecutionRow *row;
	MachineRow *machine;
	char *arn;
	char *name;
	char *version_arn; /* it was started by; or NULL */
	char *alias_arn;
	char *map_run_arn; /* whose child it is; or NULL */
	const char *status;
	const char *redrive_status;
	const char *redrive_status_reason; /* NULL unless NOT_REDRIVABLE */
	const char *error;                 /* as AWS shows them: a time-out has neither */
	const char *cause;
} ExecutionDescription;

extern void execution_describe(const ApiCall *call, const char *arn, ExecutionDescription *description);

/* Why the execution cannot be redriven, in AWS's words; NULL when it can. */
extern const char *redrive_obstacle(const ExecutionRow *execution, const MachineRow *machine);

/*
 * The executions of a machine or the children of a map run, the youngest first; with neither, those of all STANDARD
 * machines that the caller may see.  status NULL: any.  redriven: AWS's redriveFilter or NULL.  before, before_id: where
 * the page before ended, or 0.
 */
extern int executions_of(const ApiCall *call, const char *machine, const char *map_run, const char *status,
						 const char *redriven, int max, TimestampTz before, int64 before_id,
						 ListedExecution **executions);

/* The ARN of the map run that the execution is listed with; NULL: it is no child of one. */
extern char *map_run_of_listed(const ListedExecution *execution);

/*
 * Up to max events of a history, as in GetExecutionHistory, from first_id on upwards, or downwards when descending.
 * *next_id: where the next page begins, or 0.
 */
extern const JsonVal *history_events(int64 execution_id, int64 first_id, bool descending, bool includes_data, int max,
									 int64 *next_id);

#endif /* SFN_API_EXECUTIONS_H */
