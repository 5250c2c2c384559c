/*
 * map_runs.c
 *	  AWS's actions for map runs.
 */
#include "postgres.h"

#include "actions/executions.h"
#include "actions/map_runs.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

static const JsonVal *
describe_map_run(ActionCall *call, const JsonVal *request)
{
	MapRunDescription run;
	JvObjectBuilder answer;

	if (!map_run_describe(call, request_string(request, "mapRunArn"), &run))
		return NULL;
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

/* A token of the list is good for that execution only. */
static const JsonVal *
list_map_runs(ActionCall *call, const JsonVal *request)
{
	const char *execution = request_string(request, "executionArn");
	int max;
	const char *token;
	long long before = 0;
	MapRunDescription *runs;
	int count;
	JvArrayBuilder list;

	if (!request_max_results(call, request, &max) || !request_token(call, request, 'R', &token))
		return NULL;
	if (token != NULL && (sscanf(token, "%lld", &before) != 1 || before <= 0))
		return action_fail_null(call, API_INVALID_TOKEN);
	if (!map_runs_of(call, execution, max + 1, (int64) before, &runs, &count))
		return NULL;

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

static const JsonVal *
update_map_run(ActionCall *call, const JsonVal *request)
{
	const JsonVal *percentage = request_value(request, "toleratedFailurePercentage");
	MapRunLimits limits = {.has_concurrency = request_value(request, "maxConcurrency") != NULL,
						   .has_count = request_value(request, "toleratedFailureCount") != NULL,
						   .has_percentage = percentage != NULL,
						   .concurrency = request_integer(request, "maxConcurrency", 0),
						   .count = request_integer(request, "toleratedFailureCount", 0),
						   .percentage = percentage != NULL ? percentage->number : 0};

	return map_run_change(call, request_string(request, "mapRunArn"), &limits) ? jv_empty_object() : NULL;
}

/* ---- the rows ---- */

const AwsAction aws_map_run_actions[] = {
	{"DescribeMapRun", "mapRunArn:s!", describe_map_run},
	{"ListMapRuns", "executionArn:s! maxResults:i nextToken:s", list_map_runs},
	{"UpdateMapRun", "mapRunArn:s! maxConcurrency:i toleratedFailurePercentage:n toleratedFailureCount:i",
	 update_map_run},
	{NULL},
};
