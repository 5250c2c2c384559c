/*
 * map_results.c
 *	  What a Distributed Map's state gets from its children, and what is written of it.
 *
 * Without a ResultWriter's resource the result is an array in the order of the
 * items, unless nobody reads it.  With one the children's results go where it says
 * (in memory is a page of them), and the result names that place.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/error.h"
#include "base/timestamps.h"
#include "engine/map_run.h"
#include "runtime/map_targets.h"
#include "services/sandbox.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "shared/in_hand.h"
#include "store/store.h"

#define RESULTS_PER_PAGE 64
#define MAX_QUICK_CHILDREN 500

static const char *const transformations[] = {
	[TRANSFORM_NONE] = "NONE",
	[TRANSFORM_COMPACT] = "COMPACT",
	[TRANSFORM_FLATTEN] = "FLATTEN",
};

typedef bool (*MapTarget)(MapExport *export);

static const MapTarget targets[SERVICE_COUNT] = {
#define ITEM_TARGET(name, resource, required) [ITEM_TARGET_##name] = map_target_##name,
#include "asl/service_list.h"
};

static void begin_results(MapResults *results, Running *running, MapRunRow *run, const JsonVal *writer,
						  bool is_exported);
static const JsonVal *gather(MapResults *results);
static bool export_results(MapResults *results, const JsonVal *writer, const JsonVal **result, SfnError *error);

static const char *
writer_resource(const JsonVal *plan)
{
	return jv_get_string(jv_get(plan, "writer"), "resource");
}

/* Nobody reads the state's result. */
static bool
is_unused(const JsonVal *plan)
{
	return jv_get(plan, "unusedResult") != NULL;
}

bool
map_run_result_takes_long(const MapRunRow *run, const JsonVal *plan)
{
	return writer_resource(plan) != NULL ||
		(run->error == NULL && !is_unused(plan) && run->children.started > MAX_QUICK_CHILDREN);
}

bool
map_run_result(Running *running, MapRunRow *run, const JsonVal *plan, const JsonVal **result, SfnError *error)
{
	const JsonVal *writer = jv_get(plan, "writer");
	bool is_exported = writer_resource(plan) != NULL && run->is_loaded;
	MapResults results;

	*result = NULL;
	if (run->error != NULL && !is_exported)
		return true;
	begin_results(&results, running, run, writer, is_exported);
	if (is_exported)
		return export_results(&results, writer, result, error);
	*result = is_unused(plan) ? jv_null() : gather(&results);
	return true;
}

static void
begin_results(MapResults *results, Running *running, MapRunRow *run, const JsonVal *writer, bool is_exported)
{
	const JsonVal *config = jv_get(writer, "config");
	const char *transformation = jv_get_string(config, "Transformation");
	const char *output_type = jv_get_string(config, "OutputType");

	memset(results, 0, sizeof(MapResults));
	results->running = running;
	results->run = run;
	results->machine = machine_cache_get(run->revision_id);
	if (results->machine == NULL)
		elog(ERROR, "the state machine of the map run \"%s\" is gone", run->name);
	results->transformation = is_exported ? TRANSFORM_NONE : TRANSFORM_COMPACT;
	for (int i = 0; transformation != NULL && i < (int) lengthof(transformations); i++)
	{
		if (strcmp(transformation, transformations[i]) == 0)
			results->transformation = (Transformation) i;
	}
	results->is_lines = output_type != NULL && strcmp(output_type, "JSONL") == 0;
	results->page_context = AllocSetContextCreate(CurrentMemoryContext, "sfn map results", ALLOCSET_DEFAULT_SIZES);
}

/* ---- a child's part ---- */

void
map_results_add_text(JvObjectBuilder *record, const char *name, const char *text)
{
	if (text != NULL)
		jv_object_add(record, name, jv_string(text));
}

void
map_results_add_moment(JvObjectBuilder *record, const char *name, TimestampTz moment)
{
	StringInfoData text;

	if (moment == 0)
		return;
	initStringInfo(&text);
	timestamp_print(&text, moment);
	map_results_add_text(record, name, text.data);
}

/* An input or output as JSON text, and that it is there. */
static void
add_data(JvObjectBuilder *record, const char *name, const char *text)
{
	JvObjectBuilder details;

	if (text == NULL)
		return;
	map_results_add_text(record, name, text);
	jv_object_begin(&details);
	jv_object_add(&details, "Included", jv_bool(true));
	jv_object_add(record, psprintf("%sDetails", name), jv_object_end(&details));
}

const JsonVal *
map_results_record(const MapResults *results, const MapResult *result)
{
	const CachedMachine *machine = results->machine;
	bool has_succeeded = result->status == EXECUTION_SUCCEEDED;
	JvObjectBuilder record;

	jv_object_begin(&record);
	if (result->status == 0)
	{
		add_data(&record, "Input", result->input);
		map_results_add_text(&record, "Status", "PENDING");
		return jv_object_end(&record);
	}
	map_results_add_text(&record, "Cause", has_succeeded ? NULL : result->cause);
	map_results_add_text(&record, "Error", has_succeeded ? NULL : result->error);
	map_results_add_text(&record, "ExecutionArn", psprintf("%s%s", machine->execution_arn_prefix, result->name));
	add_data(&record, "Input", result->input);
	map_results_add_text(&record, "Name", pnstrdup(result->name, strcspn(result->name, ":")));
	add_data(&record, "Output", result->output);
	jv_object_add(&record, "RedriveCount", jv_int(result->redrive_count));
	map_results_add_text(&record, "RedriveStatus", has_succeeded ? "NOT_REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN");
	if (has_succeeded)
		map_results_add_text(&record, "RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven");
	map_results_add_moment(&record, "StartDate", result->start_date);
	map_results_add_text(&record, "StateMachineArn", machine->arn);
	map_results_add_text(&record, "Status", execution_status_name((ExecutionStatus) result->status));
	map_results_add_moment(&record, "StopDate", result->stop_date);
	return jv_object_end(&record);
}

static void
append_separator(const MapResults *results, StringInfo out, bool *is_first)
{
	if (!*is_first)
		appendStringInfoChar(out, results->is_lines ? '\n' : ',');
	*is_first = false;
}

/* The elements of an array in place of the array. */
static bool
append_flat(const MapResults *results, StringInfo out, const char *output, bool *is_first)
{
	JvParseError problem;
	const JsonVal *value = jv_parse(output, (int) strlen(output), &problem);

	if (!jv_is(value, JV_ARRAY))
		return false;
	for (int i = 0; i < value->count; i++)
	{
		append_separator(results, out, is_first);
		jv_print(out, value->u.items[i]);
	}
	return true;
}

void
map_results_append(const MapResults *results, StringInfo out, const MapResult *result, bool *is_first)
{
	bool is_record = result->status != EXECUTION_SUCCEEDED || results->transformation == TRANSFORM_NONE;

	if (!is_record && results->transformation == TRANSFORM_FLATTEN &&
		append_flat(results, out, result->output, is_first))
		return;
	append_separator(results, out, is_first);
	if (is_record)
		jv_print(out, map_results_record(results, result));
	else
		appendStringInfoString(out, result->output);
}

int
map_results_page(MapResults *results, bool is_pending, int64 from_index, MapResult **page)
{
	StoreScope scope;
	int count;

	CHECK_FOR_INTERRUPTS();
	MemoryContextReset(results->page_context);
	MemoryContextSwitchTo(results->page_context);
	store_enter(&scope);
	count = is_pending ? map_run_pending(results->run, from_index, RESULTS_PER_PAGE, page)
					   : map_run_results(results->run->id, from_index, RESULTS_PER_PAGE, page);
	store_leave(&scope);
	return count;
}

/* ---- the state's result ---- */

/* An array of all; NULL: it is too large. */
static const JsonVal *
gather(MapResults *results)
{
	MemoryContext context = CurrentMemoryContext;
	StringInfoData out;
	bool is_first = true;
	JvParseError problem;
	MapResult *page;
	int count;
	const JsonVal *value;

	results->is_lines = false; /* the result is one value */
	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	for (int64 next = 0; (count = map_results_page(results, false, next, &page)) > 0; next = page[count - 1].index + 1)
	{
		for (int i = 0; i < count; i++)
		{
			map_results_append(results, &out, &page[i], &is_first);
			if (out.len > sfn_max_payload_size)
			{
				MemoryContextSwitchTo(context);
				return NULL;
			}
		}
	}
	MemoryContextSwitchTo(context);
	appendStringInfoChar(&out, ']');
	value = jv_parse_stored(out.data, out.len, &problem);
	if (value == NULL)
		elog(ERROR, "the results of the map run \"%s\" cannot be read: %s", results->run->name, problem.message);
	return value;
}

/* ---- export ---- */

typedef struct ExportWork
{
	MapExport export;
	MapTarget target;
	bool is_done;
} ExportWork;

/* A failure is thrown, which takes back what was written to tables; export->error says what it was. */
static void
export_work(void *arg)
{
	ExportWork *work = arg;

	work->is_done = work->target(&work->export);
	if (!work->is_done)
		ereport(ERROR, (errcode(MAKE_SQLSTATE('S', 'F', '0', '0', '0')), errmsg("the results cannot be written")));
}

const char *
map_results_arn(const MapResults *results)
{
	return map_run_arn(results->running->execution.machine_arn, results->run->label, results->run->name);
}

/* {"MapRunArn": ..., "ResultWriterDetails": {...}} */
static const JsonVal *
export_result(const MapExport *export)
{
	JvObjectBuilder result;

	jv_object_begin(&result);
	map_results_add_text(&result, "MapRunArn", map_results_arn(export->results));
	jv_object_add(&result, "ResultWriterDetails", export->details);
	return jv_object_end(&result);
}

/* What the sandbox says, as an error; always false. */
static bool
fail_of_sandbox(SandboxOutcome outcome, const ErrorData *problem, SfnError *error)
{
	if (outcome == SANDBOX_FAILED)
		return sfn_error(error, ERROR_RESULT_WRITER_FAILED, "%s (SQLSTATE %s)", problem->message,
						 unpack_sql_state(problem->sqlerrcode));
	memset(error, 0, sizeof(SfnError)); /* to be begun again */
	return false;
}

/* As the machine's role, so that it can be cancelled; when the execution's timer is due, it is put off for that. */
static bool
run_export(ExportWork *work, const char *resource, SfnError *error)
{
	const MapResults *results = work->export.results;
	const TurnRequest *request = results->running->turn->request;
	Sandbox sandbox = {.role = results->running->cached->role,
					   .is_alone = true,
					   .is_session = request->mode == TURN_SESSION,
					   .is_last_try = request->is_last_try,
					   .timeout_ms = map_run_time_left(results->running),
					   .work = export_work,
					   .arg = work};
	TaskInHand in_hand = {.branch = results->run->branch,
						  .visit = results->run->visit,
						  .attempt = results->run->attempt,
						  .role = sandbox.role,
						  .resource = resource,
						  .state = branch_find(&results->running->execution, results->run->branch)->state->name,
						  .execution = results->running->execution.arn};
	ErrorData *problem;
	SandboxOutcome outcome;

	memset(error, 0, sizeof(SfnError));
	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(sandbox.role)))
		return sfn_error(error, ERROR_PERMISSIONS, "The role of the state machine does not exist any more.");
	if (map_run_is_late(results->running))
		return false;
	worker_set_task(&in_hand);
	outcome = sandbox_run(&sandbox, &problem);
	worker_set_task(NULL);
	*error = work->export.error;
	return outcome == SANDBOX_DONE || (error->name == NULL && fail_of_sandbox(outcome, problem, error));
}

static bool
export_results(MapResults *results, const JsonVal *writer, const JsonVal **result, SfnError *error)
{
	const char *resource = jv_get_string(writer, "resource");
	const ServiceRow *row = service_find_for_map(resource, WRITTEN_BY_MAP);
	ExportWork work = {.export = {.results = results, .parameters = jv_get(writer, "parameters")}};

	if (row == NULL)
		return sfn_error(error, ERROR_RESULT_WRITER_FAILED, "Results cannot be written to the resource \"%s\".",
						 resource);
	work.target = targets[row->id];
	if (!run_export(&work, resource, error))
		return false;
	results->run->results_written = work.export.records;
	*result = export_result(&work.export);
	return true;
}

bool
map_target_discard(MapExport *export)
{
	export->details = jv_empty_object();
	return true;
}
