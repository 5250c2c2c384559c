/*
 * map_results.c
 *	  What a Distributed Map's state gets from its children, and what is exported of it.
 *
 * Without a ResultWriter's resource the result is an array in the order of the
 * items.  With one the children's records go to files of the bucket (in memory is
 * a page of them), and the result names their manifest.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "asl/service.h"
#include "base/timestamps.h"
#include "engine/map_run.h"
#include "runtime/map_runs.h"
#include "services/objects/objects.h"
#include "services/sandbox.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/store.h"

#define RESULTS_PER_PAGE 64
#define MAX_QUICK_CHILDREN 500

/* A further file is begun after so many bytes. */
#define FILE_BYTES (INT64CONST(5) * 1024 * 1024 * 1024)

typedef enum Transformation
{
	TRANSFORM_NONE,
	TRANSFORM_COMPACT,
	TRANSFORM_FLATTEN
} Transformation;

static const char *const transformations[] = {
	[TRANSFORM_NONE] = "NONE",
	[TRANSFORM_COMPACT] = "COMPACT",
	[TRANSFORM_FLATTEN] = "FLATTEN",
};

/* Where results come from and in which shape they go. */
typedef struct Results
{
	Running *running;
	MapRunRow *run;
	const CachedMachine *machine; /* the children's */
	Transformation transformation;
	bool is_lines; /* OutputType JSONL */
	MemoryContext page_context;
} Results;

typedef enum ResultKind
{
	RESULT_SUCCEEDED,
	RESULT_FAILED,
	RESULT_PENDING,
	RESULT_KINDS
} ResultKind;

static const char *const kind_names[RESULT_KINDS] = {"SUCCEEDED", "FAILED", "PENDING"};

static void begin_results(Results *results, Running *running, MapRunRow *run, const JsonVal *writer, bool is_exported);
static const JsonVal *gather(Results *results);
static bool export_results(Results *results, const JsonVal *writer, const JsonVal **result, SfnError *error);

static const char *
writer_resource(const JsonVal *plan)
{
	return jv_get_string(jv_get(plan, "writer"), "resource");
}

bool
map_run_result_takes_long(const MapRunRow *run, const JsonVal *plan)
{
	return writer_resource(plan) != NULL || (run->error == NULL && run->children.started > MAX_QUICK_CHILDREN);
}

bool
map_run_result(Running *running, MapRunRow *run, const JsonVal *plan, const JsonVal **result, SfnError *error)
{
	const JsonVal *writer = jv_get(plan, "writer");
	bool is_exported = writer_resource(plan) != NULL && run->is_loaded;
	Results results;

	*result = NULL;
	if (run->error != NULL && !is_exported)
		return true;
	begin_results(&results, running, run, writer, is_exported);
	if (is_exported)
		return export_results(&results, writer, result, error);
	*result = gather(&results);
	return true;
}

static void
begin_results(Results *results, Running *running, MapRunRow *run, const JsonVal *writer, bool is_exported)
{
	const JsonVal *config = jv_get(writer, "config");
	const char *transformation = jv_get_string(config, "Transformation");
	const char *output_type = jv_get_string(config, "OutputType");

	memset(results, 0, sizeof(Results));
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

static void
add_text(JvObjectBuilder *record, const char *name, const char *text)
{
	if (text != NULL)
		jv_object_add(record, name, jv_string(text));
}

static void
add_moment(JvObjectBuilder *record, const char *name, TimestampTz moment)
{
	StringInfoData text;

	if (moment == 0)
		return;
	initStringInfo(&text);
	timestamp_print(&text, moment);
	add_text(record, name, text.data);
}

/* An input or output as JSON text, and that it is there. */
static void
add_data(JvObjectBuilder *record, const char *name, const char *text)
{
	JvObjectBuilder details;

	if (text == NULL)
		return;
	add_text(record, name, text);
	jv_object_begin(&details);
	jv_object_add(&details, "Included", jv_bool(true));
	jv_object_add(record, psprintf("%sDetails", name), jv_object_end(&details));
}

/* Everything about a child, members in the order of their names. */
static const JsonVal *
record_of(const Results *results, const MapResult *result)
{
	const CachedMachine *machine = results->machine;
	bool has_succeeded = result->status == EXECUTION_SUCCEEDED;
	JvObjectBuilder record;

	jv_object_begin(&record);
	if (result->status == 0)
	{
		add_data(&record, "Input", result->input);
		add_text(&record, "Status", "PENDING");
		return jv_object_end(&record);
	}
	add_text(&record, "Cause", has_succeeded ? NULL : result->cause);
	add_text(&record, "Error", has_succeeded ? NULL : result->error);
	add_text(&record, "ExecutionArn", psprintf("%s%s", machine->execution_arn_prefix, result->name));
	add_data(&record, "Input", result->input);
	add_text(&record, "Name", pnstrdup(result->name, strcspn(result->name, ":")));
	add_data(&record, "Output", result->output);
	jv_object_add(&record, "RedriveCount", jv_int(result->redrive_count));
	add_text(&record, "RedriveStatus", has_succeeded ? "NOT_REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN");
	if (has_succeeded)
		add_text(&record, "RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven");
	add_moment(&record, "StartDate", result->start_date);
	add_text(&record, "StateMachineArn", machine->arn);
	add_text(&record, "Status", execution_status_name((ExecutionStatus) result->status));
	add_moment(&record, "StopDate", result->stop_date);
	return jv_object_end(&record);
}

static void
append_separator(const Results *results, StringInfo out, bool *is_first)
{
	if (!*is_first)
		appendStringInfoChar(out, results->is_lines ? '\n' : ',');
	*is_first = false;
}

/* The elements of an array in place of the array. */
static bool
append_flat(const Results *results, StringInfo out, const char *output, bool *is_first)
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

static void
append_result(const Results *results, StringInfo out, const MapResult *result, bool *is_first)
{
	bool is_record = result->status != EXECUTION_SUCCEEDED || results->transformation == TRANSFORM_NONE;

	if (!is_record && results->transformation == TRANSFORM_FLATTEN &&
		append_flat(results, out, result->output, is_first))
		return;
	append_separator(results, out, is_first);
	if (is_record)
		jv_print(out, record_of(results, result));
	else
		appendStringInfoString(out, result->output);
}

/* The next results of children that were started, or were not; in the page's context. */
static int
read_page(Results *results, bool is_pending, int64 from_index, MapResult **page)
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
gather(Results *results)
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
	for (int64 next = 0; (count = read_page(results, false, next, &page)) > 0; next = page[count - 1].index + 1)
	{
		for (int i = 0; i < count; i++)
		{
			append_result(results, &out, &page[i], &is_first);
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

typedef struct Export
{
	Results *results;
	const char *bucket;
	const char *folder; /* with a slash behind it */
	JvArrayBuilder files[RESULT_KINDS];
	int64 records;
	SfnError error;
	bool is_done;
	const JsonVal *result;
} Export;

static bool
close_file(Export *export, ResultKind kind, ObjectWriter *writer, const char *key)
{
	int64 size;
	JvObjectBuilder file;

	if (!export->results->is_lines && !object_put_write(writer, "]", 1, &export->error))
		return false;
	size = object_put_end(writer, &export->error);
	if (size < 0)
		return false;
	jv_object_begin(&file);
	add_text(&file, "Key", key);
	jv_object_add(&file, "Size", jv_int(size));
	jv_array_add(&export->files[kind], jv_object_end(&file));
	return true;
}

static bool
is_of_kind(const MapResult *result, ResultKind kind)
{
	switch (kind)
	{
		case RESULT_SUCCEEDED:
			return result->status == EXECUTION_SUCCEEDED;
		case RESULT_FAILED:
			return result->status > EXECUTION_SUCCEEDED;
		default:
			return result->status == 0;
	}
}

/* One kind's files; *next is where it goes on, for the next file. */
static bool
write_file(Export *export, ResultKind kind, int number, int64 *next, bool *is_end)
{
	MemoryContext context = CurrentMemoryContext;
	Results *results = export->results;
	const char *key =
		psprintf("%s%s_%d.%s", export->folder, kind_names[kind], number, results->is_lines ? "jsonl" : "json");
	Oid role = results->running->cached->role;
	ObjectWriter *writer = NULL;
	bool is_first = true;
	int64 bytes = 0;
	MapResult *page;
	int count;

	while (bytes < FILE_BYTES && (count = read_page(results, kind == RESULT_PENDING, *next, &page)) > 0)
	{
		StringInfoData out;

		initStringInfo(&out);
		for (int i = 0; i < count; i++)
		{
			if (!is_of_kind(&page[i], kind))
				continue;
			append_result(results, &out, &page[i], &is_first);
			export->records++;
		}
		*next = page[count - 1].index + 1;
		MemoryContextSwitchTo(context);
		if (out.len == 0)
			continue;
		if (writer == NULL)
		{
			writer = object_put_begin(export->bucket, key, role, &export->error);
			if (writer == NULL || (!results->is_lines && !object_put_write(writer, "[", 1, &export->error)))
				return false;
		}
		if (!object_put_write(writer, out.data, out.len, &export->error))
			return false;
		bytes += out.len;
	}
	MemoryContextSwitchTo(context);
	*is_end = bytes < FILE_BYTES;
	return writer == NULL || close_file(export, kind, writer, key);
}

static bool
write_kind(Export *export, ResultKind kind)
{
	int64 next = 0;
	bool is_end = false;

	for (int number = 0; !is_end; number++)
	{
		if (!write_file(export, kind, number, &next, &is_end))
			return false;
	}
	return true;
}

static bool
write_manifest(Export *export, const char *arn)
{
	const char *text;
	const char *key = psprintf("%smanifest.json", export->folder);
	JvObjectBuilder manifest;
	JvObjectBuilder files;
	JvObjectBuilder details;
	JvObjectBuilder result;
	ObjectWriter *writer;

	jv_object_begin(&files);
	jv_object_add(&files, "FAILED", jv_array_end(&export->files[RESULT_FAILED]));
	jv_object_add(&files, "PENDING", jv_array_end(&export->files[RESULT_PENDING]));
	jv_object_add(&files, "SUCCEEDED", jv_array_end(&export->files[RESULT_SUCCEEDED]));
	jv_object_begin(&manifest);
	add_text(&manifest, "DestinationBucket", export->bucket);
	add_text(&manifest, "MapRunArn", arn);
	jv_object_add(&manifest, "ResultFiles", jv_object_end(&files));
	text = jv_to_text(jv_object_end(&manifest));

	writer = object_put_begin(export->bucket, key, export->results->running->cached->role, &export->error);
	if (writer == NULL || !object_put_write(writer, text, strlen(text), &export->error) ||
		object_put_end(writer, &export->error) < 0)
		return false;

	jv_object_begin(&details);
	add_text(&details, "Bucket", export->bucket);
	add_text(&details, "Key", key);
	jv_object_begin(&result);
	add_text(&result, "MapRunArn", arn);
	jv_object_add(&result, "ResultWriterDetails", jv_object_end(&details));
	export->result = jv_object_end(&result);
	return true;
}

static void
export_work(void *arg)
{
	Export *export = arg;
	const Running *running = export->results->running;
	const MapRunRow *run = export->results->run;

	for (int kind = 0; kind < RESULT_KINDS; kind++)
		jv_array_begin(&export->files[kind]);
	for (int kind = 0; kind < RESULT_KINDS; kind++)
	{
		if (!write_kind(export, (ResultKind) kind))
			return;
	}
	export->is_done = write_manifest(export, map_run_arn(running->execution.machine_arn, run->label, run->name));
}

/* "<Prefix>/<name>/", after a redrive "<Prefix>/<name>/Redrive-1/". */
static const char *
export_folder(const MapRunRow *run, const char *prefix)
{
	StringInfoData folder;

	initStringInfo(&folder);
	if (prefix != NULL && prefix[0] != '\0')
		appendStringInfo(&folder, "%s%s", prefix, prefix[strlen(prefix) - 1] == '/' ? "" : "/");
	appendStringInfo(&folder, "%s/", run->name);
	if (run->redrive_count > 0)
		appendStringInfo(&folder, "Redrive-%d/", run->redrive_count);
	return folder.data;
}

/* As the machine's role, so that it can be cancelled; when the execution's timer is due, it is put off for that. */
static bool
export_results(Results *results, const JsonVal *writer, const JsonVal **result, SfnError *error)
{
	const JsonVal *parameters = jv_get(writer, "parameters");
	const TurnRequest *request = results->running->turn->request;
	Export export = {.results = results,
					 .bucket = jv_get_string(parameters, "Bucket"),
					 .folder = export_folder(results->run, jv_get_string(parameters, "Prefix"))};
	Sandbox sandbox = {.role = results->running->cached->role,
					   .is_alone = true,
					   .is_session = request->mode == TURN_SESSION,
					   .is_last_try = request->is_last_try,
					   .timeout_ms = map_run_time_left(results->running),
					   .work = export_work,
					   .arg = &export};
	ErrorData *problem;

	if (service_find_for_map(jv_get_string(writer, "resource"), WRITTEN_BY_MAP) == NULL)
		return sfn_error(error, ERROR_RESULT_WRITER_FAILED, "Results cannot be written to the resource \"%s\".",
						 jv_get_string(writer, "resource"));
	if (export.bucket == NULL)
		return sfn_error(error, ERROR_RESULT_WRITER_FAILED, "The ResultWriter names no Bucket.");
	switch (sandbox_run(&sandbox, &problem))
	{
		case SANDBOX_DONE:
			break;
		case SANDBOX_PUT_OFF:
		case SANDBOX_TIMED_OUT:
			memset(error, 0, sizeof(SfnError)); /* to be begun again */
			return false;
		default:
			return sfn_error(error, ERROR_RESULT_WRITER_FAILED, "%s",
							 problem != NULL && problem->message != NULL ? problem->message : "");
	}
	results->run->results_written = export.records;
	*result = export.result;
	*error = export.error;
	return export.is_done;
}
