/*
 * executions.h
 *	  What can be done with executions that there are: stop, redrive, release, delete, describe, list, their histories.
 */
#ifndef SFN_ACTIONS_EXECUTIONS_H
#define SFN_ACTIONS_EXECUTIONS_H

#include "postgres.h"

#include "actions/errors.h"
#include "engine/execution_status.h"
#include "store/execution_pages.h"
#include "store/executions.h"
#include "store/machines.h"
#include "json/json_value.h"

/* Asks the execution to stop; *stop_date is when that was, or when it had ended already. */
extern SFN_MUST_CHECK bool execution_stop(ActionCall *call, const char *arn, const char *error, const char *cause,
										  TimestampTz *stop_date);

/*
 * Asks an execution that did not succeed to go on; *redrive_date is when that was asked for, with the same client token
 * within a quarter of an hour the first time.
 */
extern SFN_MUST_CHECK bool execution_redrive(ActionCall *call, const char *arn, const char *client_token,
											 TimestampTz *redrive_date);

/* Gives an execution that brought workers down another chance. */
extern SFN_MUST_CHECK bool execution_unquarantine(ActionCall *call, const char *arn);

/* Deletes executions that have ended, with all that is theirs; *deleted counts the children of their map runs, too. */
extern SFN_MUST_CHECK bool executions_drop(ActionCall *call, char **arns, int count, int64 *deleted);

/* An execution that cannot end while this transaction looks at it would be waited for in vain. */
extern SFN_MUST_CHECK bool check_execution_can_end(ActionCall *call, const ExecutionRow *execution);

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
	bool reads_data; /* may the caller?  Else there is neither input nor output for him */
} ExecutionDescription;

extern SFN_MUST_CHECK bool execution_describe(ActionCall *call, const char *arn, ExecutionDescription *description);

/*
 * The executions of a machine or the children of a map run, the youngest first; with neither, those of all STANDARD
 * machines that the caller may see, or on which he has started them.  status NULL: any.  redriven: AWS's redriveFilter or NULL.  *filter: the page and the
 * times that are wanted; the rest is filled in.
 */
extern SFN_MUST_CHECK bool executions_of(ActionCall *call, const char *machine, const char *map_run, const char *status,
										 const char *redriven, ExecutionFilter *filter, ListedExecution **executions,
										 int *count);

/* The ARN of the map run that the execution is listed with; NULL: it is no child of one. */
extern char *map_run_of_listed(const ListedExecution *execution);

/*
 * Up to max events of a history, as in GetExecutionHistory, from first_id on upwards, or downwards when descending.
 * *next_id: where the next page begins, or 0.
 */
extern const JsonVal *history_events(int64 execution_id, int64 first_id, bool descending, bool includes_data, int max,
									 int64 *next_id);

/* Each event of a history; what the callback allocates is freed now and then. */
extern void history_each_event(int64 execution_id, bool descending, bool includes_data,
							   void (*each)(const JsonVal *event, void *arg), void *arg);

#endif /* SFN_ACTIONS_EXECUTIONS_H */
