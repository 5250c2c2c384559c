/*
 * executions.c
 *	  What can be done with executions that there are: stop, redrive, release, delete, describe, list, their histories.
 *
 * Callers only insert inbox rows that say what is to happen to an execution, or delete one to which
 * nothing happens any more.  Nothing here waits for an executor.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "actions/charges.h"
#include "actions/checks.h"
#include "actions/executions.h"
#include "actions/map_runs.h"
#include "actions/resources.h"
#include "actions/versions.h"
#include "engine/event_payload.h"
#include "engine/execution.h"
#include "engine/history_data.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "shared/quota_accounts.h"
#include "shared/wakeup.h"
#include "store/claims.h"
#include "store/deletions.h"
#include "store/redrives.h"

#define STOP_ERROR_LENGTH 256
#define STOP_CAUSE_LENGTH 32768
#define CLIENT_TOKEN_MAX_LENGTH 64
#define CLIENT_TOKEN_MINUTES 15
#define EVENTS_AT_ONCE 1000
#define DELETED_AT_ONCE 1000 /* each takes a lock */

/* ---- stop ---- */

bool
execution_stop(ActionCall *call, const char *arn, const char *error, const char *cause, TimestampTz *stop_date)
{
	ExecutionRow *execution = action_execution(call, arn, MACHINE_STOP, call->style == ACTION_SQL, NULL);
	Event event = {.kind = EVENT_STOP, .error = error, .cause = cause};
	TimestampTz now = sfn_now();
	int32 run;

	if (execution == NULL || (error != NULL && !check_length(call, error, "error", "error", 0, STOP_ERROR_LENGTH)) ||
		(cause != NULL && !check_length(call, cause, "cause", "cause", 0, STOP_CAUSE_LENGTH)))
		return false;
	*stop_date = execution->stop_date;
	if (!execution_is_to_be_stopped(execution->id, &run))
		return true;

	inbox_insert_stop(execution->id, run, now, event_payload_print(&event));
	cancel_task_at_commit(execution->id);
	*stop_date = now;
	return true;
}

/* ---- redrive and release ---- */

/* Why the execution cannot be redriven, in AWS's words; NULL when it can. */
static const char *
redrive_obstacle(const ExecutionRow *execution, const MachineRow *machine)
{
	if (execution->status == EXECUTION_RUNNING || execution->status == EXECUTION_SUCCEEDED ||
		execution->status == EXECUTION_PENDING_REDRIVE)
		return psprintf("Execution is %s and cannot be redriven", execution_status_name(execution->status));
	if (strcmp(machine->status, "ACTIVE") != 0)
		return "State machine is in DELETING status";
	if (execution->last_event_id >= sfn_max_history_events - 1)
		return "Execution history event limit exceeded";
	return NULL;
}

/* Of the execution, when a redrive before it is over and its rights are looked at again. */
static ExecutionRow *
lock_for_redrive(ActionCall *call, const char *arn, MachineRow **machine)
{
	ExecutionRow *execution = action_execution(call, arn, MACHINE_REDRIVE, false, machine);

	if (execution == NULL)
		return NULL;
	redrive_lock(execution->id);
	return action_execution(call, arn, MACHINE_REDRIVE, false, machine);
}

static bool
check_redrive(ActionCall *call, const char *arn, ExecutionRow *execution, const MachineRow *machine)
{
	const char *obstacle;
	bool is_kept;

	if (!execution_look_again(execution, &is_kept))
		return action_fail(call, API_EXECUTION_DOES_NOT_EXIST, arn);
	obstacle = redrive_obstacle(execution, machine);
	if (obstacle == NULL && execution->map_run_id != 0)
		obstacle = "Execution is a child of a Map Run and can only be redriven by redriving the Map Run";
	if (obstacle == NULL && !is_kept)
		obstacle = "What it needs to go on was not kept";
	return obstacle == NULL || action_fail(call, API_EXECUTION_NOT_REDRIVABLE, arn, obstacle);
}

/* Like every wish it is an inbox row; the executor that delivers it counts the redrive. */
bool
execution_redrive(ActionCall *call, const char *arn, const char *client_token, TimestampTz *redrive_date)
{
	MachineRow *machine;
	ExecutionRow *execution = lock_for_redrive(call, arn, &machine);
	TimestampTz now = sfn_now();

	if (execution == NULL)
		return false;
	if (client_token != NULL)
	{
		if (!check_length(call, client_token, "clientToken", "client_token", 1, CLIENT_TOKEN_MAX_LENGTH))
			return false;
		*redrive_date = redrive_token_date(execution->id, client_token, now - CLIENT_TOKEN_MINUTES * USECS_PER_MINUTE);
		if (*redrive_date != 0)
			return true;
	}
	if (!check_redrive(call, arn, execution, machine) || !charge_redrive(call, execution->id, execution->revision_id))
		return false;

	inbox_insert_redrive(execution->id, now);
	if (client_token != NULL)
		redrive_token_insert(execution->id, client_token, now);
	*redrive_date = now;
	return true;
}

bool
execution_unquarantine(ActionCall *call, const char *arn)
{
	ExecutionRow *execution = action_execution(call, arn, MACHINE_MANAGE, true, NULL);

	if (execution == NULL)
		return false;
	if (execution->stop_date != 0)
		return true; /* its end has released it */
	if (!execution_is_quarantined(execution->id))
		return action_fail(call, API_EXECUTION_NOT_QUARANTINED, arn);
	inbox_insert(execution->id, EVENT_RELEASE, sfn_now(), NULL);
	return true;
}

/* ---- delete ---- */

/* Their ids, if the caller may delete them. */
static bool
ids_to_delete(ActionCall *call, char **arns, int count, int64 *ids)
{
	MemoryContext row_context =
		AllocSetContextCreate(CurrentMemoryContext, "sfn execution to delete", ALLOCSET_SMALL_SIZES);
	MemoryContext caller_context = CurrentMemoryContext;

	for (int i = 0; i < count; i++)
	{
		ExecutionRow *execution;

		MemoryContextSwitchTo(row_context);
		execution = action_execution(call, arns[i], MACHINE_MANAGE, true, NULL);
		if (execution != NULL)
			ids[i] = execution->id;
		MemoryContextSwitchTo(caller_context);
		if (execution == NULL)
			return false;
		if (execution->map_run_id != 0)
			return action_fail(call, API_EXECUTION_NOT_DELETABLE, arns[i], "it is a child of a map run",
							   "It is deleted with the execution whose map run it is of.");
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextDelete(row_context);
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	int64 left = *(const int64 *) a;
	int64 right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/*
 * Their ids, redrives locked out.  In the order of ids, so that two callers who delete the same do not wait for each
 * other; once more if a name was of another execution by the time that its lock was had.
 */
static bool
lock_to_delete(ActionCall *call, char **arns, int count, int64 *ids)
{
	int64 *locked = palloc0(sizeof(int64) * (count + 1));

	if (!ids_to_delete(call, arns, count, ids))
		return false;
	do
	{
		qsort(ids, count, sizeof(int64), compare_ids);
		memcpy(locked, ids, sizeof(int64) * count);
		for (int i = 0; i < count; i++)
			redrive_lock(ids[i]);
		if (!ids_to_delete(call, arns, count, ids))
			return false;
		qsort(ids, count, sizeof(int64), compare_ids);
	} while (memcmp(locked, ids, sizeof(int64) * count) != 0);
	return true;
}

bool
executions_drop(ActionCall *call, char **arns, int count, int64 *deleted)
{
	int64 *ids = palloc(sizeof(int64) * (count + 1));
	ExecutionRow *obstacle;
	int64 obstacle_id;

	if (count > DELETED_AT_ONCE)
		return action_fail(call, API_LIST_TOO_LONG, psprintf("%d", DELETED_AT_ONCE), psprintf("%d", count));
	if (!lock_to_delete(call, arns, count, ids))
		return false;
	*deleted = executions_delete(ids, count, &obstacle_id);
	if (obstacle_id == 0)
	{
		quota_accounts_recount();
		return true;
	}
	obstacle = execution_by_id(obstacle_id);
	return action_fail(call, API_EXECUTION_NOT_DELETABLE,
					   execution_arn(strchr(obstacle->name, ':') != NULL, obstacle->machine_name, obstacle->name),
					   "it runs, or something of it does", "sfn.stop_execution() ends it.");
}

/* ---- waiting ---- */

/* An execution that cannot end while this transaction looks at it would be waited for in vain. */
bool
check_execution_can_end(ActionCall *call, const ExecutionRow *execution)
{
	TransactionId writer;

	if (IsolationUsesXactSnapshot())
		return action_fail(
			call, API_CANNOT_WAIT, "cannot wait for an execution at this isolation level",
			"A transaction at REPEATABLE READ or SERIALIZABLE does not see the execution end; use READ COMMITTED.");
	if (execution_status(execution->id, &writer) == EXECUTION_RUNNING && TransactionIdIsCurrentTransactionId(writer))
		return action_fail(
			call, API_CANNOT_WAIT, "cannot wait for an execution that this transaction has started",
			"It runs once the transaction is committed. CALL sfn.run_execution() starts, commits and waits.");
	return true;
}

/* ---- describe ---- */

bool
execution_describe(ActionCall *call, const char *arn, ExecutionDescription *description)
{
	MachineRow *machine;
	ExecutionRow *row = action_execution(call, arn, MACHINE_SEE, false, &machine);
	bool shows_error;

	if (row == NULL)
		return false;
	shows_error = row->status == EXECUTION_FAILED || row->status == EXECUTION_ABORTED;
	memset(description, 0, sizeof(ExecutionDescription));
	description->machine = machine;
	description->row = row;
	description->arn = execution_arn(false, row->machine_name, row->name);
	description->name = execution_name_of_stored(row->name);
	description->version_arn = row->version != 0 ? version_arn(row->machine_name, row->version) : NULL;
	description->alias_arn = row->alias != NULL ? alias_arn(row->machine_name, row->alias) : NULL;
	description->status = execution_status_name(row->status);
	description->redrive_status_reason = redrive_obstacle(row, machine);
	description->redrive_status = description->redrive_status_reason == NULL ? "REDRIVABLE" : "NOT_REDRIVABLE";
	if (row->map_run != NULL)
	{
		description->map_run_arn = map_run_arn_of(row->machine_name, row->map_run);
		if (description->redrive_status_reason == NULL)
			description->redrive_status = "REDRIVABLE_BY_MAP_RUN";
	}
	description->error = shows_error ? row->error : NULL;
	description->cause = shows_error ? row->cause : NULL;
	description->reads_data = machine_privilege(machine, call->scope.caller, MACHINE_READ_DATA);
	return true;
}

/* ---- list ---- */

/* redriveFilter: REDRIVEN, NOT_REDRIVEN, or NULL for any. */
static bool
filter_redriven(ActionCall *call, const char *redriven, ExecutionFilter *filter)
{
	if (redriven == NULL)
		return true;
	filter->asks_redriven = true;
	filter->is_redriven = strcmp(redriven, "REDRIVEN") == 0;
	if (!filter->is_redriven && strcmp(redriven, "NOT_REDRIVEN") != 0)
		return action_fail(call, API_CONSTRAINT, psprintf("'%s'", redriven), "redriveFilter",
						   "Member must satisfy enum value set: [REDRIVEN, NOT_REDRIVEN]",
						   psprintf("redrive_filter must be REDRIVEN or NOT_REDRIVEN, not \"%s\"", redriven));
	return true;
}

/* statusFilter; only children of a map run wait for their redrive. */
static bool
filter_status(ActionCall *call, const char *status, bool is_of_map_run, ExecutionFilter *filter)
{
	int number = status != NULL ? execution_status_of_name(status) : 0;

	if (number == EXECUTION_PENDING_REDRIVE && !is_of_map_run)
		return action_fail(call, API_VALIDATION, "The status filter PENDING_REDRIVE can only be used with a mapRunArn",
						   "only the executions of a map run are PENDING_REDRIVE");
	if (status != NULL && number == 0)
		return action_fail(
			call, API_CONSTRAINT, psprintf("'%s'", status), "statusFilter",
			"Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
			psprintf("\"%s\" is not a status of executions: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED", status));
	filter->status = number;
	return true;
}

bool
executions_of(ActionCall *call, const char *machine_name, const char *map_run, const char *status, const char *redriven,
			  ExecutionFilter *filter, ListedExecution **executions, int *count)
{
	if (machine_name != NULL)
	{
		MachineRow *machine = action_qualified_machine(call, call->scope.caller, machine_name, MACHINE_SEE);

		if (machine == NULL)
			return false;
		if (machine->is_express)
			return action_fail(call, API_STATE_MACHINE_TYPE_NOT_SUPPORTED, machine_arn(machine->name), machine->name);
		filter->state_machine_id = machine->id;
		filter->alias = machine->alias;
		filter->version = machine->alias == NULL ? machine->version : 0;
	}
	if (map_run != NULL)
	{
		MapRunRow *run = action_map_run(call, map_run, MACHINE_SEE);

		if (run == NULL)
			return false;
		filter->map_run_id = run->id;
	}
	if (!filter_status(call, status, map_run != NULL, filter) || !filter_redriven(call, redriven, filter))
		return false;
	filter->viewer = call->scope.caller;
	*count = execution_list(filter, executions);
	return true;
}

char *
map_run_of_listed(const ListedExecution *execution)
{
	return execution->map_run != NULL ? map_run_arn_of(execution->machine_name, execution->map_run) : NULL;
}

/* ---- history ---- */

/*
 * Ids have no gaps, so the place of an event in its chunk follows from its id;
 * a chunk is read once for all of its events on the page.
 */
const JsonVal *
history_events(int64 execution_id, int64 first_id, bool descending, bool includes_data, int max, int64 *next_id)
{
	JvArrayBuilder events;
	int64 id = first_id;
	int64 chunk_first = 0;
	int64 chunk_last = -1;
	const JsonVal *chunk = NULL;

	jv_array_begin(&events);
	*next_id = 0;
	while (id > 0)
	{
		const JsonVal *event;

		CHECK_FOR_INTERRUPTS();
		if (chunk == NULL || id < chunk_first || id > chunk_last)
		{
			char *text = history_chunk_at(execution_id, id, &chunk_first, &chunk_last);

			if (text == NULL || (!descending && id > chunk_last))
				break;
			if (id > chunk_last)
				id = chunk_last;
			chunk = parse_stored(text);
		}
		if (events.count == max)
		{
			*next_id = id;
			break;
		}
		event = chunk->u.items[id - chunk_first];
		jv_array_add(&events, includes_data ? event : history_event_without_data(event, PARAMETERS_LEFT_OUT));
		id += descending ? -1 : 1;
	}
	return jv_array_end(&events);
}

void
history_each_event(int64 execution_id, bool descending, bool includes_data,
				   void (*each)(const JsonVal *event, void *arg), void *arg)
{
	MemoryContext page_context =
		AllocSetContextCreate(CurrentMemoryContext, "sfn history page", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(page_context);
	int64 next_id = descending ? PG_INT64_MAX : 1;

	while (next_id != 0)
	{
		const JsonVal *events =
			history_events(execution_id, next_id, descending, includes_data, EVENTS_AT_ONCE, &next_id);

		for (int i = 0; i < events->count; i++)
			each(events->u.items[i], arg);
		MemoryContextReset(page_context);
	}
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(page_context);
}
