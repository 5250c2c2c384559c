/*
 * tasks.c
 *	  The SQL functions that answer tasks.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "actions/tasks.h"
#include "api/arguments.h"
#include "store/sql_version.h"

static Datum
send_task_success(FunctionCallInfo fcinfo, char *output)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "SendTaskSuccess");
	if (output == NULL)
		output = "null";
	api_check(&call, task_send_success(&call, required_text(&call, fcinfo, 0, "task_token"), output));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_send_task_success)
{
	return send_task_success(fcinfo, text_argument(fcinfo, 1));
}

SFN_FUNCTION(sfn_send_task_success_jsonb)
{
	return send_task_success(fcinfo, jsonb_argument(fcinfo, 1));
}

SFN_FUNCTION(sfn_send_task_failure)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "SendTaskFailure");
	api_check(&call,
			  task_send_failure(&call, required_text(&call, fcinfo, 0, "task_token"), text_argument(fcinfo, 1),
								text_argument(fcinfo, 2)));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* Shows the tokens of the answers that came too late. */
static Datum
show_late(FunctionCallInfo fcinfo, char **tokens, const bool *is_late, int count)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < count; i++)
	{
		Datum values[1] = {CStringGetTextDatum(tokens[i])};
		bool nulls[1] = {false};

		if (is_late[i])
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* The argument, which has an element for each token; NULL: it is null. */
static char **
elements_for_tokens(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *argument, int token_count)
{
	int count;
	char **elements = text_elements(fcinfo, number, &count);

	if (elements != NULL && count != token_count)
		api_error(call, API_VALIDATION, "",
				  psprintf("%s must have as many elements as task_tokens, %d, not %d", argument, token_count, count));
	return elements;
}

SFN_FUNCTION(sfn_send_task_successes)
{
	ActionCall call;
	char **tokens;
	char **outputs;
	int count;
	bool *is_late;

	api_enter(&call, ACTION_SQL, "SendTaskSuccess");
	tokens = required_texts(&call, fcinfo, 0, "task_tokens", &count);
	outputs = elements_for_tokens(&call, fcinfo, 1, "outputs", count);
	is_late = palloc0(sizeof(bool) * (count + 1));
	if (outputs == NULL)
		outputs = palloc0(sizeof(char *) * (count + 1));
	api_check(&call, tasks_send_successes(&call, tokens, outputs, count, is_late));
	api_leave(&call);
	return show_late(fcinfo, tokens, is_late, count);
}

SFN_FUNCTION(sfn_send_task_failures)
{
	ActionCall call;
	char **tokens;
	char **errors;
	char **causes;
	int count;
	bool *is_late;

	api_enter(&call, ACTION_SQL, "SendTaskFailure");
	tokens = required_texts(&call, fcinfo, 0, "task_tokens", &count);
	errors = elements_for_tokens(&call, fcinfo, 1, "errors", count);
	causes = elements_for_tokens(&call, fcinfo, 2, "causes", count);
	is_late = palloc0(sizeof(bool) * (count + 1));
	api_check(&call, tasks_send_failures(&call, tokens, errors, causes, count, is_late));
	api_leave(&call);
	return show_late(fcinfo, tokens, is_late, count);
}

SFN_FUNCTION(sfn_send_task_heartbeat)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "SendTaskHeartbeat");
	api_check(&call, task_send_heartbeat(&call, required_text(&call, fcinfo, 0, "task_token")));
	api_leave(&call);
	PG_RETURN_VOID();
}
