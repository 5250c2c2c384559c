/*
 * map_runs.c
 *	  Map runs as callers name, see and change them.
 *
 * A map run belongs to the execution that has begun it, and is seen and changed
 * by those who may do that with its state machine.  New limits are an inbox row of
 * that execution, like everything that callers want from one.
 */
#include "postgres.h"

#include "actions/executions.h"
#include "actions/map_runs.h"
#include "engine/event.h"
#include "engine/execution.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/redrives.h"

/* Greater numbers lose digits on their way. */
#define MAX_LIMIT INT64CONST(9007199254740991)

/* ---- names ---- */

const char *
label_of_map_machine(const MachineRow *machine)
{
	const char *slash = strchr(machine->name, '/');

	return slash != NULL ? slash + 1 : NULL;
}

/* Is it of an execution that the role has started, and may see therefore? */
static bool
is_starters(const MapRunRow *run, Oid role, MachinePrivilege privilege)
{
	ExecutionRow *execution = execution_by_id(run->execution_id);

	return execution != NULL && starter_privilege(execution->starter, role, privilege);
}

MapRunRow *
action_map_run(ActionCall *call, const char *text, MachinePrivilege privilege)
{
	Arn arn;
	MapRunRow *run;
	MachineRow *machine = NULL;

	if (!action_arn(call, text, ARN_MAP_RUN, "a map run", map_run_arn_of("STATE_MACHINE/LABEL", "UUID"), &arn))
		return NULL;
	run = arn_is_ours(&arn) ? map_run_by_name(arn.rest) : NULL;
	if (run != NULL)
		machine = machine_by_id(run->state_machine_id);
	if (machine == NULL || strcmp(machine->name, arn.name) != 0)
		return action_fail_null(call, API_RESOURCE_NOT_FOUND, text);
	if (machine_privilege(machine, call->scope.caller, privilege) || is_starters(run, call->scope.caller, privilege))
		return run;
	return require_machine_privilege(call, machine, call->scope.caller, privilege) ? run : NULL;
}

/* ---- describe and list ---- */

static void
add_count(JvObjectBuilder *object, const char *name, int64 count)
{
	jv_object_add(object, name, jv_int(count));
}

/* In the order of AWS's documentation. */
static const JsonVal *
counts_shown(const MapCounts *counts, int64 results_written)
{
	int64 ended = counts->succeeded + counts->failed + counts->timed_out + counts->aborted;
	JvObjectBuilder object;

	jv_object_begin(&object);
	add_count(&object, "pending", counts->total - counts->started);
	add_count(&object, "running", Max(counts->started - ended - counts->pending_redrive, 0));
	add_count(&object, "succeeded", counts->succeeded);
	add_count(&object, "failed", counts->failed);
	add_count(&object, "timedOut", counts->timed_out);
	add_count(&object, "aborted", counts->aborted);
	add_count(&object, "total", counts->total);
	add_count(&object, "resultsWritten", results_written);
	add_count(&object, "failuresNotRedrivable", 0);
	add_count(&object, "pendingRedrive", counts->pending_redrive);
	return jv_object_end(&object);
}

static void
describe_row(MapRunRow *row, MapRunDescription *description)
{
	MachineRow *children = machine_by_id(row->state_machine_id);
	ExecutionRow *execution = execution_by_id(row->execution_id);
	int64 items_written = 0;

	if (row->results_written > 0) /* of children that have ended, and of those that never started */
		items_written = row->results_written == row->children.total
			? row->items.total
			: row->items.succeeded + row->items.failed + row->items.timed_out + row->items.aborted;
	memset(description, 0, sizeof(MapRunDescription));
	description->row = row;
	if (children != NULL)
		description->arn = map_run_arn_of(children->name, row->name);
	if (execution != NULL)
	{
		description->execution_arn =
			execution_arn(strchr(execution->name, ':') != NULL, execution->machine_name, execution->name);
		description->machine_arn = machine_arn(execution->machine_name);
	}
	description->executions = counts_shown(&row->children, row->results_written);
	description->items = counts_shown(&row->items, items_written);
	description->tolerated_count = Max(row->tolerated_count, 0);
	description->tolerated_percentage = Max(row->tolerated_percentage, 0);
}

bool
map_run_describe(ActionCall *call, const char *arn, MapRunDescription *description)
{
	MapRunRow *run = action_map_run(call, arn, MACHINE_SEE);

	if (run == NULL)
		return false;
	describe_row(run, description);
	return true;
}

bool
map_runs_of(ActionCall *call, const char *arn, int max, int64 before, MapRunDescription **descriptions, int *count)
{
	ExecutionRow *execution = action_execution(call, arn, MACHINE_SEE, false, NULL);
	MapRunRow **runs;

	if (execution == NULL)
		return false;
	*count = map_run_list(execution->id, before, max, &runs);
	*descriptions = palloc(sizeof(MapRunDescription) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
		describe_row(runs[i], &(*descriptions)[i]);
	return true;
}

/* ---- update ---- */

static SFN_MUST_CHECK bool
check_limit(ActionCall *call, int64 value, const char *member, const char *argument)
{
	const char *problem = value < 0 ? "greater than or equal to 0" : "less than or equal to 9007199254740991";

	if (value < 0 || value > MAX_LIMIT)
		return action_fail(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", value), member,
						   psprintf("Member must have value %s", problem),
						   psprintf("%s must be %s", argument, problem));
	return true;
}

static SFN_MUST_CHECK bool
check_percentage(ActionCall *call, double value)
{
	const char *problem = value > 100 ? "less than or equal to 100" : "greater than or equal to 0";

	if (!(value >= 0 && value <= 100))
		return action_fail(call, API_CONSTRAINT, psprintf("'%.15g'", value), "toleratedFailurePercentage",
						   psprintf("Member must have value %s", problem),
						   psprintf("tolerated_failure_percentage must be %s", problem));
	return true;
}

const JsonVal *
json_of_double(double number)
{
	char *text = psprintf("%.15g", number);

	if (strpbrk(text, ".e") == NULL)
		text = psprintf("%s.0", text);
	return jv_number_text(text, (int) strlen(text));
}

bool
map_run_change(ActionCall *call, const char *arn, const MapRunLimits *limits)
{
	MapRunRow *run = action_map_run(call, arn, MACHINE_MANAGE);
	MapRunNews news = {.limits = *limits};

	if (run == NULL ||
		(limits->has_concurrency && !check_limit(call, limits->concurrency, "maxConcurrency", "max_concurrency")) ||
		(limits->has_count && !check_limit(call, limits->count, "toleratedFailureCount", "tolerated_failure_count")) ||
		(limits->has_percentage && !check_percentage(call, limits->percentage)))
		return false;
	if (!limits->has_concurrency && !limits->has_count && !limits->has_percentage)
		return action_fail(
			call, API_VALIDATION,
			"At least one of maxConcurrency, toleratedFailurePercentage and toleratedFailureCount must be specified",
			"nothing to update: give a concurrency or a limit of failures");
	if (run->status != EXECUTION_RUNNING)
		return action_fail(call, API_MAP_RUN_COMPLETED, arn);
	news.map_run_id = run->id;
	inbox_insert(run->execution_id, EVENT_MAP_RUN, sfn_now(), map_run_news_print(&news));
	return true;
}

/* ---- redrive ---- */

static const char *
redrive_obstacle(const MapRunRow *run)
{
	const MachineRow *machine = machine_by_id(run->state_machine_id);

	if (run->status == EXECUTION_RUNNING)
		return "Map Run is RUNNING and cannot be redriven";
	if (run->status != EXECUTION_SUCCEEDED)
		return psprintf("Map Run is %s and goes on when its execution is redriven", execution_status_name(run->status));
	if (machine == NULL || strcmp(machine->status, "ACTIVE") != 0)
		return "State machine is in DELETING status";
	if (run->children.failed + run->children.timed_out + run->children.aborted == 0)
		return "No child execution of the Map Run has failed";
	return NULL;
}

bool
map_run_redrive_failures(ActionCall *call, const char *arn)
{
	MapRunRow *run = action_map_run(call, arn, MACHINE_REDRIVE);
	MapRunNews news = {.is_redrive = true};
	ExecutionRow execution = {0};
	const char *obstacle;
	bool is_kept;

	if (run == NULL)
		return false;
	execution.id = run->execution_id;
	redrive_lock(execution.id); /* who deletes it has done so now, or does not */
	if (!execution_look_again(&execution, &is_kept))
		return action_fail(call, API_RESOURCE_NOT_FOUND, arn);
	run = action_map_run(call, arn, MACHINE_REDRIVE);
	if (run == NULL)
		return false;
	obstacle = redrive_obstacle(run);
	if (obstacle != NULL)
		return action_fail(call, API_EXECUTION_NOT_REDRIVABLE, arn, obstacle);
	news.map_run_id = run->id;
	inbox_insert(run->execution_id, EVENT_MAP_RUN, sfn_now(), map_run_news_print(&news));
	return true;
}
