/*
 * sql_query.c
 *	  arn:aws:states:::sql:query: one SQL statement as the work of a Task.
 *
 * {"Query": "SELECT ... $1 ...", "Args": [...]} gives {"Rows": [{...}], "RowCount": n}.
 * The types of $1, $2 ... are what the server infers from the statement; the
 * arguments are converted to them as json_to_record() does.  The statement ends early
 * when its rows are more than a result may be.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "parser/parse_param.h"
#include "utils/builtins.h"

#include "base/error.h"
#include "services/sql/sql_rows.h"
#include "services/sql/sql_task.h"
#include "shared/verdicts.h"

typedef struct QueryWork
{
	const char *query;
	const JsonVal *args; /* an array, or NULL */
	const JsonVal **result;
} QueryWork;

typedef struct QueryParameters
{
	Oid *types;
	int count;
} QueryParameters;

static void query_work(void *arg);
static ParamListInfo query_arguments(const QueryParameters *parameters, const JsonVal *args);

ServiceOutcome
service_run_sql_query(const ServiceCall *call, Event *answer)
{
	const JsonVal *result = jv_null();
	QueryWork work = {.query = jv_get_string(call->parameters, "Query"),
					  .args = jv_get(call->parameters, "Args"),
					  .result = &result};

	if (work.query == NULL)
		return service_fail(answer, ERROR_RUNTIME, "The parameter \"Query\" of sql:query must be a SQL statement.");
	if (work.args != NULL && !jv_is(work.args, JV_ARRAY))
		return service_fail(answer, ERROR_RUNTIME, "The parameter \"Args\" of sql:query must be an array.");
	return sql_task_run(call, verdict_key_of_text(work.query), false, CAUSE_SQL, query_work, &work, &result, answer);
}

static void
setup_parameters(ParseState *state, void *arg)
{
	QueryParameters *parameters = arg;

	setup_parse_variable_parameters(state, &parameters->types, &parameters->count);
}

SPIPlanPtr
sql_query_prepare(const char *query, const JsonVal *args, ParamListInfo *params)
{
	QueryParameters parameters = {0};
	SPIPlanPtr plan;

	parameters.types = palloc(sizeof(Oid)); /* grows where it is: the parser's context is gone after it */
	plan = SPI_prepare_params(query, setup_parameters, &parameters, 0);
	if (plan == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the statement cannot be prepared: %s", SPI_result_code_string(SPI_result))));
	*params = query_arguments(&parameters, args);
	return plan;
}

static void
query_work(void *arg)
{
	QueryWork *work = arg;
	SPIPlanPtr plan;
	ParamListInfo params;
	MemoryContext context = CurrentMemoryContext; /* SPI leaves its own */
	JvObjectBuilder result;
	const JsonVal *rows;
	uint64 row_count;
	int outcome;

	plan = sql_query_prepare(work->query, work->args, &params);
	outcome = sql_rows_execute(plan, params, ROW_AS_OBJECT, context, &rows, &row_count);
	if (outcome < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the statement cannot be run as a task: %s", SPI_result_code_string(outcome))));

	jv_object_begin(&result);
	jv_object_add(&result, "Rows", rows);
	jv_object_add(&result, "RowCount", jv_int((int64) row_count));
	*work->result = jv_object_end(&result);
	sql_rows_check_size(*work->result);
}

/* The arguments, converted by json_to_record() to the types the statement wants. */
static ParamListInfo
query_arguments(const QueryParameters *parameters, const JsonVal *args)
{
	int given = args != NULL ? args->count : 0;
	StringInfoData sql;
	JvObjectBuilder record;
	Oid arg_type = JSONOID;
	Datum datum;
	ParamListInfo params;

	if (given != parameters->count)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_PARAMETER),
				 errmsg("the statement has %d parameters, but is given %d values", parameters->count, given)));
	if (given == 0)
		return NULL;

	initStringInfo(&sql);
	jv_object_begin(&record);
	appendStringInfoString(&sql, "SELECT * FROM pg_catalog.json_to_record($1) AS x (");
	for (int i = 0; i < given; i++)
	{
		Oid type =
			OidIsValid(parameters->types[i]) && parameters->types[i] != UNKNOWNOID ? parameters->types[i] : TEXTOID;

		appendStringInfo(&sql, "%sa%d %s", i > 0 ? ", " : "", i + 1,
						 format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY));
		jv_object_add(&record, psprintf("a%d", i + 1), args->u.items[i]);
	}
	appendStringInfoChar(&sql, ')');

	datum = sql_task_datum(jv_object_end(&record), JSONOID);
	if (SPI_execute_plan(sql_task_plan(sql.data, 1, &arg_type), &datum, NULL, false, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not convert the arguments of a statement");

	params = makeParamList(given);
	for (int i = 0; i < given; i++)
	{
		ParamExternData *param = &params->params[i];

		param->value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &param->isnull);
		param->ptype = SPI_gettypeid(SPI_tuptable->tupdesc, i + 1);
		param->pflags = PARAM_FLAG_CONST;
	}
	return params;
}
