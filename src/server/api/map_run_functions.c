/*
 * map_run_functions.c
 *	  The SQL functions and the actions of sfn.api() for map runs.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/aws_actions.h"
#include "api/aws_api.h"
#include "api/executions.h"
#include "api/map_runs.h"

/* ---- map_run_arn(state_machine, name), of the views ---- */

extern PGDLLEXPORT Datum sfn_map_run_arn(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_map_run_arn);
Datum
sfn_map_run_arn(PG_FUNCTION_ARGS)
{
	return CStringGetTextDatum(map_run_arn_of(text_argument(fcinfo, 0), text_argument(fcinfo, 1)));
}

/* ---- describe_map_run(map_run) ---- */

extern PGDLLEXPORT Datum sfn_describe_map_run(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_describe_map_run);
Datum
sfn_describe_map_run(PG_FUNCTION_ARGS)
{
	ApiCall call;
	MapRunDescription run;
	Datum values[15] = {0};
	bool nulls[15] = {false};

	api_enter(&call, API_SQL, "DescribeMapRun");
	map_run_describe(&call, required_text(&call, fcinfo, 0, "map_run"), &run);
	api_leave(&call);

	put_text(values, nulls, 0, run.arn);
	put_text(values, nulls, 1, run.execution_arn);
	put_text(values, nulls, 2, run.machine_arn);
	put_text(values, nulls, 3, execution_status_name(run.row->status));
	put_moment(values, nulls, 4, run.row->start_date);
	put_moment(values, nulls, 5, run.row->stop_date);
	values[6] = Int64GetDatum(run.row->max_concurrency);
	values[7] = Float8GetDatum(run.tolerated_percentage);
	values[8] = Int64GetDatum(run.tolerated_count);
	values[9] = json_datum(run.items);
	values[10] = json_datum(run.executions);
	values[11] = Int32GetDatum(run.row->redrive_count);
	put_moment(values, nulls, 12, run.row->redrive_date);
	put_text(values, nulls, 13, run.row->error);
	put_text(values, nulls, 14, run.row->cause);

	return result_row(fcinfo, values, nulls);
}

const JsonVal *
aws_describe_map_run(const ApiCall *call, const JsonVal *request)
{
	MapRunDescription run;
	JvObjectBuilder answer;

	map_run_describe(call, request_string(request, "mapRunArn"), &run);
	jv_object_begin(&answer);
	answer_text(&answer, "mapRunArn", run.arn);
	answer_text(&answer, "executionArn", run.execution_arn);
	answer_text(&answer, "status", execution_status_name(run.row->status));
	answer_moment(&answer, "startDate", run.row->start_date);
	answer_moment(&answer, "stopDate", run.row->stop_date);
	jv_object_add(&answer, "maxConcurrency", jv_int(run.row->max_concurrency));
	jv_object_add(&answer, "toleratedFailurePercentage", json_of_double(run.tolerated_percentage));
	jv_object_add(&answer, "toleratedFailureCount", jv_int(run.tolerated_count));
	jv_object_add(&answer, "itemCounts", run.items);
	jv_object_add(&answer, "executionCounts", run.executions);
	jv_object_add(&answer, "redriveCount", jv_int(run.row->redrive_count));
	answer_moment(&answer, "redriveDate", run.row->redrive_date);
	return jv_object_end(&answer);
}

/* ---- list_map_runs(execution, max_results) ---- */

extern PGDLLEXPORT Datum sfn_list_map_runs(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_list_map_runs);
Datum
sfn_list_map_runs(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ApiCall call;
	MapRunDescription *runs;
	int max;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, API_SQL, "ListMapRuns");
	max = check_max_results(&call, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1));
	count = map_runs_of(&call, required_text(&call, fcinfo, 0, "execution"), max, 0, &runs);
	api_leave(&call);

	for (int i = 0; i < count; i++)
	{
		Datum values[6];
		bool nulls[6] = {false};

		put_text(values, nulls, 0, runs[i].arn);
		put_text(values, nulls, 1, runs[i].execution_arn);
		put_text(values, nulls, 2, runs[i].machine_arn);
		put_text(values, nulls, 3, execution_status_name(runs[i].row->status));
		put_moment(values, nulls, 4, runs[i].row->start_date);
		put_moment(values, nulls, 5, runs[i].row->stop_date);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* A token of the list is good for that execution only. */
const JsonVal *
aws_list_map_runs(const ApiCall *call, const JsonVal *request)
{
	const char *execution = request_string(request, "executionArn");
	int max = check_max_results(call, request_integer(request, "maxResults", 0));
	const char *token = request_token(call, request, 'R');
	long long before = 0;
	MapRunDescription *runs;
	int count;
	JvArrayBuilder list;

	if (token != NULL && (sscanf(token, "%lld", &before) != 1 || before <= 0))
		api_error(call, API_INVALID_TOKEN, NULL);
	count = map_runs_of(call, execution, max + 1, (int64) before, &runs);

	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
	{
		JvObjectBuilder item;

		jv_object_begin(&item);
		answer_text(&item, "executionArn", runs[i].execution_arn);
		answer_text(&item, "mapRunArn", runs[i].arn);
		answer_text(&item, "stateMachineArn", runs[i].machine_arn);
		answer_moment(&item, "startDate", runs[i].row->start_date);
		answer_moment(&item, "stopDate", runs[i].row->stop_date);
		jv_array_add(&list, jv_object_end(&item));
	}
	return answer_page("mapRuns", &list, 'R', count > max ? psprintf("%lld", (long long) runs[max - 1].row->id) : NULL);
}

/* ---- update_map_run(map_run, max_concurrency, tolerated_failure_count, tolerated_failure_percentage) ---- */

extern PGDLLEXPORT Datum sfn_update_map_run(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_update_map_run);
Datum
sfn_update_map_run(PG_FUNCTION_ARGS)
{
	ApiCall call;
	MapRunLimits limits = {.has_concurrency = !PG_ARGISNULL(1),
						   .has_count = !PG_ARGISNULL(2),
						   .has_percentage = !PG_ARGISNULL(3)};

	if (limits.has_concurrency)
		limits.concurrency = PG_GETARG_INT64(1);
	if (limits.has_count)
		limits.count = PG_GETARG_INT64(2);
	if (limits.has_percentage)
		limits.percentage = PG_GETARG_FLOAT8(3);
	api_enter(&call, API_SQL, "UpdateMapRun");
	map_run_change(&call, required_text(&call, fcinfo, 0, "map_run"), &limits);
	api_leave(&call);
	PG_RETURN_VOID();
}

const JsonVal *
aws_update_map_run(const ApiCall *call, const JsonVal *request)
{
	const JsonVal *percentage = request_value(request, "toleratedFailurePercentage");
	MapRunLimits limits = {.has_concurrency = request_value(request, "maxConcurrency") != NULL,
						   .has_count = request_value(request, "toleratedFailureCount") != NULL,
						   .has_percentage = percentage != NULL,
						   .concurrency = request_integer(request, "maxConcurrency", 0),
						   .count = request_integer(request, "toleratedFailureCount", 0),
						   .percentage = percentage != NULL ? percentage->number : 0};

	map_run_change(call, request_string(request, "mapRunArn"), &limits);
	return jv_empty_object();
}
