/*
 * executions.c
 *	  AWS's actions for executions; synchronous ones are in sync_executions.c.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "actions/executions.h"
#include "actions/resources.h"
#include "actions/start.h"
#include "actions/versions.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "store/access_keys.h"

static const JsonVal *
answer_start(const char *arn, TimestampTz start_date)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_text(&answer, "executionArn", arn);
	answer_moment(&answer, "startDate", start_date);
	return jv_object_end(&answer);
}

/* A start without a name, of which this is perhaps another attempt. */
static bool
may_be_repeated(const ActionCall *call, const JsonVal *request)
{
	return call->invocation_id != NULL && request_string(request, "name") == NULL;
}

/* What an earlier attempt has started, whatever became of it; NULL: nothing. */
static const JsonVal *
started_before(const ActionCall *call, const JsonVal *request)
{
	int64 id = may_be_repeated(call, request)
		? gateway_start_find(call->scope.caller, call->invocation_id, GetCurrentTimestamp())
		: 0;
	ExecutionRow *execution = id != 0 ? execution_by_id(id) : NULL;
	MachineRow *machine = execution != NULL ? machine_by_id(execution->state_machine_id) : NULL;

	if (machine == NULL)
		return NULL;
	return answer_start(execution_arn(machine->is_express, machine->name, execution->name), execution->start_date);
}

/* Two attempts at once: one of them does it again, and finds what the other has started. */
static void
note_start(const ActionCall *call, const JsonVal *request, int64 id)
{
	if (may_be_repeated(call, request) &&
		!gateway_start_note(call->scope.caller, call->invocation_id, id, GetCurrentTimestamp()))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE), errmsg("another attempt of this call was quicker")));
}

static const JsonVal *
start_execution(ActionCall *call, const JsonVal *request)
{
	const JsonVal *before = started_before(call, request);
	const char *input = request_string(request, "input");
	MachineRow *machine =
		action_qualified_machine(call, call->scope.caller, request_string(request, "stateMachineArn"), MACHINE_START);
	StartedExecution started;

	if (before != NULL)
		return before;
	if (input == NULL)
		input = "{}";
	if (machine == NULL ||
		!execution_start(call, machine, call->scope.caller, input, (int) strlen(input), request_string(request, "name"),
						 request_string(request, "traceHeader"), &started))
		return NULL;
	note_start(call, request, started.id);
	return answer_start(started.arn, started.start_date);
}

static const JsonVal *
stop_execution(ActionCall *call, const JsonVal *request)
{
	TimestampTz stop_date;
	JvObjectBuilder answer;

	if (!execution_stop(call, request_string(request, "executionArn"), request_string(request, "error"),
						request_string(request, "cause"), &stop_date))
		return NULL;
	jv_object_begin(&answer);
	answer_moment(&answer, "stopDate", stop_date);
	return jv_object_end(&answer);
}

static const JsonVal *
redrive_execution(ActionCall *call, const JsonVal *request)
{
	const char *client_token = request_string(request, "clientToken");
	TimestampTz redrive_date;
	JvObjectBuilder answer;

	if (!execution_redrive(call, request_string(request, "executionArn"),
						   client_token != NULL ? client_token : call->invocation_id, &redrive_date))
		return NULL;
	jv_object_begin(&answer);
	answer_moment(&answer, "redriveDate", redrive_date);
	return jv_object_end(&answer);
}

static const JsonVal *
describe_execution(ActionCall *call, const JsonVal *request)
{
	bool includes_data;
	ExecutionDescription execution;
	JvObjectBuilder answer;

	if (!request_wants_data(call, request, &includes_data) ||
		!execution_describe(call, request_string(request, "executionArn"), &execution))
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "executionArn", execution.arn);
	answer_text(&answer, "stateMachineArn", machine_arn(execution.machine->name));
	answer_text(&answer, "name", execution.name);
	answer_text(&answer, "status", execution.status);
	answer_moment(&answer, "startDate", execution.row->start_date);
	answer_moment(&answer, "stopDate", execution.row->stop_date);
	answer_data(&answer, "input", execution.row->input, includes_data && execution.reads_data);
	answer_data(&answer, "output", execution.row->output, includes_data && execution.reads_data);
	answer_text(&answer, "traceHeader", execution.row->trace_header);
	answer_text(&answer, "mapRunArn", execution.map_run_arn);
	answer_text(&answer, "error", execution.error);
	answer_text(&answer, "cause", execution.cause);
	jv_object_add(&answer, "redriveCount", jv_int(execution.row->redrive_count));
	answer_moment(&answer, "redriveDate", execution.row->redrive_date);
	answer_text(&answer, "redriveStatus", execution.redrive_status);
	answer_text(&answer, "redriveStatusReason", execution.redrive_status_reason);
	answer_text(&answer, "stateMachineVersionArn", execution.version_arn);
	answer_text(&answer, "stateMachineAliasArn", execution.alias_arn);
	return jv_object_end(&answer);
}

static const JsonVal *
list_item(const ListedExecution *execution)
{
	JvObjectBuilder item;

	jv_object_begin(&item);
	answer_text(&item, "executionArn", execution_arn(execution->is_express, execution->machine_name, execution->name));
	answer_text(&item, "stateMachineArn", machine_arn(execution->machine_name));
	answer_text(&item, "name", execution_name_of_stored(execution->name));
	answer_text(&item, "status", execution_status_name(execution->status));
	answer_moment(&item, "startDate", execution->start_date);
	answer_moment(&item, "stopDate", execution->stop_date);
	answer_text(&item, "mapRunArn", map_run_of_listed(execution));
	if (execution->map_run != NULL)
		jv_object_add(&item, "itemCount", jv_int(execution->map_items));
	jv_object_add(&item, "redriveCount", jv_int(execution->redrive_count));
	answer_moment(&item, "redriveDate", execution->redrive_date);
	if (execution->version != 0)
		answer_text(&item, "stateMachineVersionArn", version_arn(execution->machine_name, execution->version));
	if (execution->alias != NULL)
		answer_text(&item, "stateMachineAliasArn", alias_arn(execution->machine_name, execution->alias));
	return jv_object_end(&item);
}

/* A page ends after so many executions, though few of them be wanted; its token leads on. */
#define ROWS_OF_PAGE 3000

static const JsonVal *
list_executions(ActionCall *call, const JsonVal *request)
{
	int max;
	const char *token;
	const char *machine = request_string(request, "stateMachineArn");
	const char *map_run = request_string(request, "mapRunArn");
	long long before = 0;
	long long before_id = 0;
	ExecutionFilter filter = {.max_looked_at = ROWS_OF_PAGE};
	ListedExecution *executions;
	int count;
	JvArrayBuilder list;

	if (!request_max_results(call, request, &max) || !request_token(call, request, EXECUTIONS_TOKEN, &token))
		return NULL;
	if ((machine == NULL) == (map_run == NULL))
		return action_fail_null(call, API_VALIDATION, "Exactly one of stateMachineArn and mapRunArn must be specified",
								"");
	if (token != NULL && sscanf(token, "%lld:%lld", &before, &before_id) != 2)
		return action_fail_null(call, API_INVALID_TOKEN);
	filter.before = (TimestampTz) before;
	filter.before_id = (int64) before_id;
	filter.max = max + 1;
	if (!executions_of(call, machine, map_run, request_string(request, "statusFilter"),
					   request_string(request, "redriveFilter"), &filter, &executions, &count))
		return NULL;

	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
		jv_array_add(&list, list_item(&executions[i]));
	if (count > max)
	{
		filter.before = executions[max - 1].start_date;
		filter.before_id = executions[max - 1].id;
	}
	return answer_page("executions", &list, 'E',
					   count > max || execution_list_goes_on(&filter, &filter.before, &filter.before_id)
						   ? psprintf("%lld:%lld", (long long) filter.before, (long long) filter.before_id)
						   : NULL);
}

/* A token of a history is good for that history and that order only. */
static const JsonVal *
get_execution_history(ActionCall *call, const JsonVal *request)
{
	MachineRow *machine;
	ExecutionRow *execution =
		action_execution(call, request_string(request, "executionArn"), MACHINE_SEE, false, &machine);
	int max;
	bool descending = request_boolean(request, "reverseOrder", false);
	const char *token;
	long long first_id = descending ? PG_INT64_MAX : 1;
	long long execution_id;
	int direction;
	int64 next_id;
	JvObjectBuilder answer;

	if (execution == NULL || !request_max_results(call, request, &max) || !request_token(call, request, 'H', &token))
		return NULL;
	if (token != NULL &&
		(sscanf(token, "%lld:%d:%lld", &execution_id, &direction, &first_id) != 3 || execution_id != execution->id ||
		 (direction != 0) != descending || first_id < 1))
		return action_fail_null(call, API_INVALID_TOKEN);

	jv_object_begin(&answer);
	jv_object_add(&answer, "events",
				  history_events(execution->id, (int64) first_id, descending,
								 request_boolean(request, "includeExecutionData", true) &&
									 machine_privilege(machine, call->scope.caller, MACHINE_READ_DATA),
								 max, &next_id));
	if (next_id != 0)
		jv_object_add(&answer, "nextToken",
					  next_token('H',
								 psprintf("%lld:%d:%lld", (long long) execution->id, descending ? 1 : 0,
										  (long long) next_id)));
	return jv_object_end(&answer);
}

/* ---- the rows ---- */

const AwsAction aws_execution_actions[] = {
	{"DescribeExecution", "executionArn:s! includedData:s", describe_execution},
	{"GetExecutionHistory", "executionArn:s! maxResults:i reverseOrder:b nextToken:s includeExecutionData:b",
	 get_execution_history},
	{"ListExecutions", "stateMachineArn:s mapRunArn:s statusFilter:s redriveFilter:s maxResults:i nextToken:s",
	 list_executions},
	{"RedriveExecution", "executionArn:s! clientToken:s", redrive_execution},
	{"StartExecution", "stateMachineArn:s! name:s input:s traceHeader:s", start_execution},
	{"StopExecution", "executionArn:s! error:s cause:s", stop_execution},
	{NULL},
};
