/*
 * map_rows.c
 *	  The results of a map run as rows of a table, or as what a statement makes of them.
 *
 * A page of results is one array of objects and one statement, which has it as $1;
 * all of them are one subtransaction, so there are all rows or none.
 */
#include "postgres.h"

#include "catalog/pg_attribute.h"
#include "executor/spi.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "base/error.h"
#include "runtime/map_targets.h"
#include "services/sql/sql_task.h"

/* Members of a result's object, and the columns of a table that take them. */
static const char *const members[] = {
	"map_run_arn", "redrive_count", "index", "execution_arn", "status",    "input",
	"output",      "error",         "cause", "start_date",    "stop_date",
};

static void
add_json(JvObjectBuilder *object, const char *name, const char *text)
{
	JvParseError problem;
	const JsonVal *value;

	if (text == NULL)
		return;
	value = jv_parse_stored(text, (int) strlen(text), &problem);
	if (value == NULL)
		elog(ERROR, "the %s of a child cannot be read: %s", name, problem.message);
	jv_object_add(object, name, value);
}

static const JsonVal *
object_of(const MapResults *results, const MapResult *result)
{
	bool is_started = result->status != 0;
	JvObjectBuilder object;

	jv_object_begin(&object);
	map_results_add_text(&object, "map_run_arn", map_results_arn(results));
	jv_object_add(&object, "redrive_count", jv_int(results->run->redrive_count));
	jv_object_add(&object, "index", jv_int(result->index));
	if (is_started)
		map_results_add_text(&object, "execution_arn",
							 psprintf("%s%s", results->machine->execution_arn_prefix, result->name));
	map_results_add_text(&object, "status",
						 is_started ? execution_status_name((ExecutionStatus) result->status) : "PENDING");
	add_json(&object, "input", result->input);
	add_json(&object, "output", result->output);
	map_results_add_text(&object, "error", result->error);
	map_results_add_text(&object, "cause", result->cause);
	map_results_add_moment(&object, "start_date", result->start_date);
	map_results_add_moment(&object, "stop_date", result->stop_date);
	return jv_object_end(&object);
}

/*
 * Runs the statement with the page as $1 and the arguments behind it; how many rows it stored.  What it takes is gone
 * with its SPI connection.
 */
static int64
run_statement(const char *query, const JsonVal *page, const JsonVal *args)
{
	JvArrayBuilder values;
	ParamListInfo params;
	SPIPlanPtr plan;
	SPIExecuteOptions options = {.dest = None_Receiver};
	int outcome;
	int64 stored;

	jv_array_begin(&values);
	jv_array_add(&values, page);
	for (int i = 0; args != NULL && i < args->count; i++)
		jv_array_add(&values, args->u.items[i]);

	SPI_connect();
	plan = sql_query_prepare(query, jv_array_end(&values), &params);
	options.params = params;
	outcome = SPI_execute_plan_extended(plan, &options);
	if (outcome < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the statement cannot be run as a task: %s", SPI_result_code_string(outcome))));
	stored = (int64) SPI_processed;
	SPI_finish();
	return stored;
}

static int64
write_pages(MapExport *export, bool is_pending, const char *query, const JsonVal *args)
{
	MapResults *results = export->results;
	MemoryContext context = CurrentMemoryContext;
	MapResult *page;
	int64 stored = 0;
	int count;

	for (int64 next = 0; (count = map_results_page(results, is_pending, next, &page)) > 0;
		 next = page[count - 1].index + 1)
	{
		JvArrayBuilder objects;

		jv_array_begin(&objects);
		for (int i = 0; i < count; i++)
			jv_array_add(&objects, object_of(results, &page[i]));
		stored += run_statement(query, jv_array_end(&objects), args);
		export->records += count;
	}
	MemoryContextSwitchTo(context);
	return stored;
}

/* Children that were started, then the inputs of those that were not; how many rows were stored. */
static int64
write_all(MapExport *export, const char *query, const JsonVal *args)
{
	int64 started = write_pages(export, false, query, args);

	return started + write_pages(export, true, query, args);
}

/* One that is computed by the table itself takes nothing. */
static bool
takes_values(Oid table, AttrNumber number)
{
	HeapTuple column;
	bool takes;

	if (number <= 0)
		return false;
	column = SearchSysCache2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(number));
	if (!HeapTupleIsValid(column))
		return false;
	takes = ((Form_pg_attribute) GETSTRUCT(column))->attgenerated == '\0' &&
		((Form_pg_attribute) GETSTRUCT(column))->attidentity != ATTRIBUTE_IDENTITY_ALWAYS;
	ReleaseSysCache(column);
	return takes;
}

/* "INSERT INTO t (index, ...) SELECT ... FROM json_to_recordset($1) ..." for the columns that take something. */
static const char *
insert_statement(Oid table, const char *qualified)
{
	StringInfoData names;
	StringInfoData types;

	initStringInfo(&names);
	initStringInfo(&types);
	for (int i = 0; i < (int) lengthof(members); i++)
	{
		AttrNumber number = get_attnum(table, members[i]);
		const char *separator = names.len > 0 ? ", " : "";
		Oid type;
		int32 typmod;
		Oid collation;

		if (!takes_values(table, number))
			continue;
		get_atttypetypmodcoll(table, number, &type, &typmod, &collation);
		appendStringInfo(&names, "%s%s", separator, quote_identifier(members[i]));
		appendStringInfo(&types, "%s%s %s", separator, quote_identifier(members[i]),
						 format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
	}
	if (names.len == 0)
		return NULL;
	return psprintf("INSERT INTO %s (%s) SELECT %s FROM pg_catalog.json_to_recordset($1) AS r (%s)", qualified,
					names.data, names.data, types.data);
}

bool
map_target_table(MapExport *export)
{
	const char *name = jv_get_string(export->parameters, "Table");
	const char *qualified;
	const char *query;
	Oid table;
	JvObjectBuilder details;
	int64 stored;

	if (name == NULL)
		return sfn_error(&export->error, ERROR_RESULT_WRITER_FAILED, "The ResultWriter names no Table.");
	table = DatumGetObjectId(DirectFunctionCall1(regclassin, CStringGetDatum(name)));
	if (get_rel_name(table) == NULL)
		return sfn_error(&export->error, ERROR_RESULT_WRITER_FAILED, "The table \"%s\" does not exist.", name);
	qualified = quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), get_rel_name(table));
	query = insert_statement(table, qualified);
	if (query == NULL)
		return sfn_error(&export->error, ERROR_RESULT_WRITER_FAILED,
						 "The table %s has no column for results: index, status, input, output, error or cause.",
						 qualified);
	stored = write_all(export, query, NULL);

	jv_object_begin(&details);
	map_results_add_text(&details, "Table", qualified);
	jv_object_add(&details, "Rows", jv_int(stored));
	export->details = jv_object_end(&details);
	return true;
}

bool
map_target_query(MapExport *export)
{
	const char *query = jv_get_string(export->parameters, "Query");
	const JsonVal *args = jv_get(export->parameters, "Args");
	JvObjectBuilder details;

	if (query == NULL)
		return sfn_error(&export->error, ERROR_RESULT_WRITER_FAILED, "The ResultWriter has no Query.");
	if (args != NULL && !jv_is(args, JV_ARRAY))
		return sfn_error(&export->error, ERROR_RESULT_WRITER_FAILED, "The ResultWriter's Args must be an array.");
	(void) write_all(export, query, args);

	jv_object_begin(&details);
	jv_object_add(&details, "Results", jv_int(export->records));
	export->details = jv_object_end(&details);
	return true;
}
