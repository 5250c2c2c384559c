/*
 * map_runs.c
 *	  The SQL functions for map runs.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/executions.h"
#include "actions/map_runs.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "store/sql_version.h"

/* ---- map_run_arn_of(state_machine, name), of the views ---- */

SFN_FUNCTION(sfn_map_run_arn)
{
	return CStringGetTextDatum(map_run_arn_of(text_argument(fcinfo, 0), text_argument(fcinfo, 1)));
}

/* ---- describe_map_run(map_run) ---- */

SFN_FUNCTION(sfn_describe_map_run)
{
	ActionCall call;
	MapRunDescription run;
	Datum values[15] = {0};
	bool nulls[15] = {false};

	api_enter(&call, ACTION_SQL, "DescribeMapRun");
	api_check(&call, map_run_describe(&call, required_text(&call, fcinfo, 0, "map_run"), &run));
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
	put_shown(values, nulls, 14, run.row->cause, call.scope.caller);

	return result_row(fcinfo, values, nulls);
}

/* ---- list_map_runs(execution, max_results) ---- */

SFN_FUNCTION(sfn_list_map_runs)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	MapRunDescription *runs;
	int max;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ListMapRuns");
	api_check(&call, check_max_results(&call, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1), &max));
	api_check(&call, map_runs_of(&call, required_text(&call, fcinfo, 0, "execution"), max, 0, &runs, &count));
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

/* ---- update_map_run(map_run, max_concurrency, tolerated_failure_count, tolerated_failure_percentage) ---- */

SFN_FUNCTION(sfn_update_map_run)
{
	ActionCall call;
	MapRunLimits limits = {.has_concurrency = !PG_ARGISNULL(1),
						   .has_count = !PG_ARGISNULL(2),
						   .has_percentage = !PG_ARGISNULL(3)};

	if (limits.has_concurrency)
		limits.concurrency = PG_GETARG_INT64(1);
	if (limits.has_count)
		limits.count = PG_GETARG_INT64(2);
	if (limits.has_percentage)
		limits.percentage = PG_GETARG_FLOAT8(3);
	api_enter(&call, ACTION_SQL, "UpdateMapRun");
	api_check(&call, map_run_change(&call, required_text(&call, fcinfo, 0, "map_run"), &limits));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- redrive_map_run(map_run) ---- */

SFN_FUNCTION(sfn_redrive_map_run)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "RedriveMapRun");
	api_check(&call, map_run_redrive_failures(&call, required_text(&call, fcinfo, 0, "map_run")));
	api_leave(&call);
	PG_RETURN_VOID();
}
