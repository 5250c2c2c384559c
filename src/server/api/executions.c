/*
 * executions.c
 *	  Starting, stopping and describing executions: what SQL functions, triggers and sfn.api() share.
 *
 * Callers only insert rows: an execution of their own, and inbox rows that say
 * what is to happen to one.  Nothing here waits for an executor.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/arguments.h"
#include "api/executions.h"
#include "api/map_runs.h"
#include "api/versions.h"
#include "engine/event_payload.h"
#include "engine/execution.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "shared/wakeup.h"
#include "store/execution_batch.h"
#include "store/quotas.h"

#define STOP_ERROR_LENGTH 256
#define STOP_CAUSE_LENGTH 32768

/* ---- start ---- */

/* EXPRESS executions may share a name, so a UUID stands behind it. */
static char *
express_name(const char *name)
{
	char *uuid = random_uuid();

	return psprintf("%s:%s", name != NULL ? name : uuid, uuid);
}

/* Is this start a repetition of the one that made the execution? */
static bool
is_same_start(const ExecutionRow *execution, const char *input, int input_length, const JsonVal *value)
{
	if (execution->status != EXECUTION_RUNNING)
		return false;
	if ((int) strlen(execution->input) == input_length && memcmp(execution->input, input, input_length) == 0)
		return true;
	return jv_equal(parse_stored(execution->input), value);
}

static void
require_active(const ApiCall *call, const MachineRow *machine)
{
	if (strcmp(machine->status, "ACTIVE") != 0)
		api_error(call, API_STATE_MACHINE_DELETING, machine_arn(machine->name), machine->name, NULL);
}

/* Counts one more execution against the quota of the machine's role, or raises an error. */
static void
charge_quota(const ApiCall *call, const MachineRow *machine, int input_length, bool is_first)
{
	Quota quota;
	QuotaUse use;
	const char *role;

	if (!quota_find(machine->role, &quota))
		return;
	use = quota_use(machine->role, is_first);
	role = GetUserNameFromId(machine->role, true);
	if (role == NULL)
		role = "(dropped)";
	if (quota.open_executions != NO_QUOTA && use.open_executions >= quota.open_executions)
		api_error(call, API_EXECUTION_LIMIT_EXCEEDED, "open executions", psprintf(INT64_FORMAT, use.open_executions),
				  psprintf(INT64_FORMAT, quota.open_executions), role, NULL);
	if (quota.payload_bytes != NO_QUOTA && use.payload_bytes + input_length > quota.payload_bytes)
		api_error(call, API_EXECUTION_LIMIT_EXCEEDED, "bytes of input of open executions",
				  psprintf(INT64_FORMAT " and %d more", use.payload_bytes, input_length),
				  psprintf(INT64_FORMAT, quota.payload_bytes), role, NULL);
	quota_add(machine->role, input_length);
}

StartedExecution
execution_start(const ApiCall *call, const MachineRow *machine, Oid starter, const char *input, int input_length,
				const char *name, const char *trace_header)
{
	const JsonVal *value;
	ExecutionRow *existing;
	StartedExecution started;
	char *stored_name;

	require_active(call, machine);
	if (name != NULL)
		check_name(call, name, "an execution");
	value = check_input(call, input, input_length);

	charge_quota(call, machine, input_length, true);
	started.start_date = sfn_now();
	started.id = execution_insert(machine, starter, machine->is_express ? express_name(name) : name, input,
								  input_length, trace_header, started.start_date, &stored_name, &existing);
	started.arn = execution_arn(machine->is_express, machine->name, stored_name);
	if (started.id != 0)
		return started;

	if (existing == NULL || !is_same_start(existing, input, input_length, value))
		api_error(call, API_EXECUTION_ALREADY_EXISTS, started.arn, NULL);
	started.id = existing->id;
	started.start_date = existing->start_date;
	return started;
}

/* ---- start many ---- */

void
starter_begin(ExecutionStarter *starter, const ApiCall *call, const MachineRow *machine, Oid who)
{
	require_active(call, machine);
	starter->call = call;
	starter->machine = machine;
	starter->count = 0;
	starter->batch = execution_batch_begin(machine, who, sfn_now());
}

char *
starter_add(ExecutionStarter *starter, const char *input, int input_length)
{
	const MachineRow *machine = starter->machine;
	char *stored_name = machine->is_express ? express_name(NULL) : execution_name_make();

	(void) check_input(starter->call, input, input_length);
	charge_quota(starter->call, machine, input_length, starter->count++ == 0);
	execution_batch_add(starter->batch, stored_name, input, input_length);
	return execution_arn(machine->is_express, machine->name, stored_name);
}

void
starter_end(ExecutionStarter *starter)
{
	execution_batch_end(starter->batch);
}

/* ---- stop ---- */

TimestampTz
execution_stop(const ApiCall *call, const char *arn, const char *error, const char *cause)
{
	ExecutionRow *execution = api_execution(call, arn, MACHINE_MANAGE, call->style == API_SQL, NULL);
	Event event = {.kind = EVENT_STOP, .error = error, .cause = cause};
	TimestampTz now = sfn_now();

	if (error != NULL)
		check_length(call, error, "error", "error", 0, STOP_ERROR_LENGTH);
	if (cause != NULL)
		check_length(call, cause, "cause", "cause", 0, STOP_CAUSE_LENGTH);
	if (execution->status != EXECUTION_RUNNING)
		return execution->stop_date;

	inbox_insert(execution->id, event.kind, now, event_payload_print(&event));
	cancel_task_at_commit(execution->id);
	return now;
}

/* ---- describe ---- */

/* Why the execution cannot be redriven, in AWS's words; NULL when it can. */
const char *
redrive_obstacle(const ExecutionRow *execution, const MachineRow *machine)
{
	if (execution->status == EXECUTION_RUNNING || execution->status == EXECUTION_SUCCEEDED)
		return psprintf("Execution is %s and cannot be redriven", execution_status_name(execution->status));
	if (strcmp(machine->status, "ACTIVE") != 0)
		return "State machine is in DELETING status";
	if (execution->last_event_id >= sfn_max_history_events - 1)
		return "Execution history event limit exceeded";
	return NULL;
}

void
execution_describe(const ApiCall *call, const char *arn, ExecutionDescription *description)
{
	MachineRow *machine;
	ExecutionRow *row = api_execution(call, arn, MACHINE_SEE, false, &machine);
	bool shows_error = row->status == EXECUTION_FAILED || row->status == EXECUTION_ABORTED;

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
}

/* ---- list ---- */

/* redriveFilter: REDRIVEN, NOT_REDRIVEN, or NULL for any. */
static void
filter_redriven(const ApiCall *call, const char *redriven, ExecutionFilter *filter)
{
	if (redriven == NULL)
		return;
	filter->asks_redriven = true;
	filter->is_redriven = strcmp(redriven, "REDRIVEN") == 0;
	if (!filter->is_redriven && strcmp(redriven, "NOT_REDRIVEN") != 0)
		api_error(call, API_CONSTRAINT, psprintf("'%s'", redriven), "redriveFilter",
				  "Member must satisfy enum value set: [REDRIVEN, NOT_REDRIVEN]",
				  psprintf("redrive_filter must be REDRIVEN or NOT_REDRIVEN, not \"%s\"", redriven), NULL);
}

/* statusFilter; only children of a map run wait for their redrive. */
static int
status_of_filter(const ApiCall *call, const char *status, bool is_of_map_run)
{
	int number = execution_status_of_name(status);

	if (number == EXECUTION_PENDING_REDRIVE && !is_of_map_run)
		api_error(call, API_VALIDATION, "The status filter PENDING_REDRIVE can only be used with a mapRunArn",
				  "only the executions of a map run are PENDING_REDRIVE", NULL);
	if (number == 0)
		api_error(
			call, API_CONSTRAINT, psprintf("'%s'", status), "statusFilter",
			"Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
			psprintf("\"%s\" is not a status of executions: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED", status),
			NULL);
	return number;
}

int
executions_of(const ApiCall *call, const char *machine_name, const char *map_run, const char *status,
			  const char *redriven, int max, TimestampTz before, int64 before_id, ListedExecution **executions)
{
	ExecutionFilter filter = {0};

	if (machine_name != NULL)
	{
		MachineRow *machine = api_qualified_machine(call, call->scope.caller, machine_name, MACHINE_SEE);

		if (machine->is_express)
			api_error(call, API_STATE_MACHINE_TYPE_NOT_SUPPORTED, machine_arn(machine->name), machine->name, NULL);
		filter.state_machine_id = machine->id;
		filter.alias = machine->alias;
		filter.version = machine->alias == NULL ? machine->version : 0;
	}
	if (map_run != NULL)
		filter.map_run_id = api_map_run(call, map_run, MACHINE_SEE)->id;
	if (status != NULL)
		filter.status = status_of_filter(call, status, map_run != NULL);
	filter_redriven(call, redriven, &filter);
	filter.viewer = call->scope.caller;
	filter.before = before;
	filter.before_id = before_id;
	filter.max = max;
	return execution_list(&filter, executions);
}

char *
map_run_of_listed(const ListedExecution *execution)
{
	return execution->map_run != NULL ? map_run_arn_of(execution->machine_name, execution->map_run) : NULL;
}

/* ---- history ---- */

static const char *const data_members[] = {
	"input", "inputDetails", "output", "outputDetails", "parameters", "assignedVariables", "assignedVariablesDetails",
};

/* The event without what flowed through the state. */
static const JsonVal *
event_without_data(const JsonVal *event)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < event->count; i++)
	{
		const JvMember *member = &event->u.members[i];
		JvObjectBuilder details;

		if (member->value->type != JV_OBJECT)
		{
			jv_object_add_n(&object, member->key, member->key_length, member->value);
			continue;
		}
		jv_object_begin(&details);
		for (int d = 0; d < member->value->count; d++)
		{
			const JvMember *detail = &member->value->u.members[d];
			bool is_data = false;

			for (size_t n = 0; n < lengthof(data_members) && !is_data; n++)
				is_data = strcmp(detail->key, data_members[n]) == 0;
			if (!is_data)
				jv_object_add_n(&details, detail->key, detail->key_length, detail->value);
		}
		jv_object_add_n(&object, member->key, member->key_length, jv_object_end(&details));
	}
	return jv_object_end(&object);
}

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
		jv_array_add(&events, includes_data ? event : event_without_data(event));
		id += descending ? -1 : 1;
	}
	return jv_array_end(&events);
}
