/*
 * redrive.c
 *	  sfn.redrive_execution(): going on with an execution that did not succeed.
 *
 * Like every wish it is an inbox row; the executor that delivers it counts the
 * redrive.  A client token makes a repeated call the same redrive for a quarter of
 * an hour, as on AWS.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/arguments.h"
#include "api/aws_api.h"
#include "api/executions.h"
#include "api/tasks.h"
#include "engine/event.h"
#include "settings/clock.h"
#include "store/redrives.h"

#define CLIENT_TOKEN_MAX_LENGTH 64
#define CLIENT_TOKEN_MINUTES 15

/* Returns when the redrive was asked for. */
static TimestampTz
execution_redrive(const ApiCall *call, const char *arn, const char *client_token)
{
	MachineRow *machine;
	ExecutionRow *execution = api_execution(call, arn, MACHINE_MANAGE, false, &machine);
	TimestampTz now = sfn_now();
	TimestampTz earlier;
	const char *obstacle;

	if (client_token != NULL)
	{
		check_length(call, client_token, "clientToken", "client_token", 1, CLIENT_TOKEN_MAX_LENGTH);
		earlier = redrive_token_date(execution->id, client_token, now - CLIENT_TOKEN_MINUTES * USECS_PER_MINUTE);
		if (earlier != 0)
			return earlier;
	}
	obstacle = redrive_obstacle(execution, machine);
	if (obstacle == NULL && execution->map_run_id != 0)
		obstacle = "Execution is a child of a Map Run and can only be redriven by redriving the Map Run";
	if (obstacle == NULL && !execution_can_be_redriven(execution->id))
		obstacle = "What it needs to go on was not kept";
	if (obstacle != NULL)
		api_error(call, API_EXECUTION_NOT_REDRIVABLE, arn, obstacle, NULL);

	inbox_insert(execution->id, EVENT_REDRIVE, now, NULL);
	if (client_token != NULL)
		redrive_token_insert(execution->id, client_token, now);
	return now;
}

extern PGDLLEXPORT Datum sfn_redrive_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_redrive_execution);
Datum
sfn_redrive_execution(PG_FUNCTION_ARGS)
{
	ApiCall call;
	TimestampTz redrive_date;

	api_enter(&call, API_SQL, "RedriveExecution");
	redrive_date = execution_redrive(&call, required_text(&call, fcinfo, 0, "execution"), text_argument(fcinfo, 1));
	api_leave(&call);
	PG_RETURN_TIMESTAMPTZ(redrive_date);
}

const JsonVal *
aws_redrive_execution(const ApiCall *call, const JsonVal *request)
{
	TimestampTz redrive_date =
		execution_redrive(call, request_string(request, "executionArn"), request_string(request, "clientToken"));
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "redriveDate", epoch_seconds(redrive_date));
	return jv_object_end(&answer);
}
