/*
 * map_runs.c
 *	  Map runs: what SQL functions and sfn.api() share.
 *
 * A map run belongs to the execution that has begun it, and is seen and changed
 * by those who may do that with its state machine.  New limits are an inbox row of
 * that execution, like everything that callers want from one.
 */
#include "postgres.h"

#include "api/executions.h"
#include "api/map_runs.h"
#include "aws/arn.h"
#include "engine/event.h"
#include "engine/execution.h"
#include "settings/clock.h"
#include "settings/guc.h"

/* Greater numbers lose digits on their way. */
#define MAX_LIMIT INT64CONST(9007199254740991)

/* ---- names ---- */

char *
map_run_arn_of(const char *machine, const char *name)
{
	return arn_of_map_run(sfn_region, sfn_account_id, machine, name);
}

const char *
label_of_map_machine(const MachineRow *machine)
{
	const char *slash = strchr(machine->name, '/');

	return slash != NULL ? slash + 1 : NULL;
}

MapRunRow *
api_map_run(const ApiCall *call, const char *text, MachinePrivilege privilege)
{
	Arn arn;
	MapRunRow *run;
	MachineRow *machine = NULL;

	api_arn(call, text, ARN_MAP_RUN, "a map run", map_run_arn_of("STATE_MACHINE/LABEL", "UUID"), &arn);
	run = arn_is_ours(&arn) ? map_run_by_name(arn.rest) : NULL;
	if (run != NULL)
		machine = machine_by_id(run->state_machine_id);
	if (machine == NULL || strcmp(machine->name, arn.name) != 0)
		api_error(call, API_RESOURCE_NOT_FOUND, text, NULL);
	require_machine_privilege(call, machine, call->scope.caller, privilege);
	return run;
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

void
map_run_describe(const ApiCall *call, const char *arn, MapRunDescription *description)
{
	describe_row(api_map_run(call, arn, MACHINE_SEE), description);
}

int
map_runs_of(const ApiCall *call, const char *arn, int max, int64 before, MapRunDescription **descriptions)
{
	ExecutionRow *execution = api_execution(call, arn, MACHINE_SEE, false, NULL);
	MapRunRow **runs;
	int count = map_run_list(execution->id, before, max, &runs);

	*descriptions = palloc(sizeof(MapRunDescription) * Max(count, 1));
	for (int i = 0; i < count; i++)
		describe_row(runs[i], &(*descriptions)[i]);
	return count;
}

/* ---- update ---- */

static void
check_limit(const ApiCall *call, int64 value, const char *member, const char *argument)
{
	const char *problem = value < 0 ? "greater than or equal to 0" : "less than or equal to 9007199254740991";

	if (value < 0 || value > MAX_LIMIT)
		api_error(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", value), member,
				  psprintf("Member must have value %s", problem), psprintf("%s must be %s", argument, problem), NULL);
}

static void
check_percentage(const ApiCall *call, double value)
{
	const char *problem = value > 100 ? "less than or equal to 100" : "greater than or equal to 0";

	if (!(value >= 0 && value <= 100))
		api_error(call, API_CONSTRAINT, psprintf("'%.15g'", value), "toleratedFailurePercentage",
				  psprintf("Member must have value %s", problem),
				  psprintf("tolerated_failure_percentage must be %s", problem), NULL);
}

void
map_run_change(const ApiCall *call, const char *arn, const MapRunLimits *limits)
{
	MapRunRow *run = api_map_run(call, arn, MACHINE_MANAGE);
	MapRunNews news = {.map_run_id = run->id, .limits = *limits};

	if (limits->has_concurrency)
		check_limit(call, limits->concurrency, "maxConcurrency", "max_concurrency");
	if (limits->has_count)
		check_limit(call, limits->count, "toleratedFailureCount", "tolerated_failure_count");
	if (limits->has_percentage)
		check_percentage(call, limits->percentage);
	if (!limits->has_concurrency && !limits->has_count && !limits->has_percentage)
		api_error(
			call, API_VALIDATION,
			"At least one of maxConcurrency, toleratedFailurePercentage and toleratedFailureCount must be specified",
			"nothing to update: give a concurrency or a limit of failures", NULL);
	if (run->status != EXECUTION_RUNNING)
		api_error(call, API_MAP_RUN_COMPLETED, arn, NULL);
	inbox_insert(run->execution_id, EVENT_MAP_RUN, sfn_now(), map_run_news_print(&news));
}
