/*
 * tasks.c
 *	  The SQL functions that answer tasks.
 */
#include "postgres.h"

#include "fmgr.h"

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

SFN_FUNCTION(sfn_send_task_heartbeat)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "SendTaskHeartbeat");
	api_check(&call, task_send_heartbeat(&call, required_text(&call, fcinfo, 0, "task_token")));
	api_leave(&call);
	PG_RETURN_VOID();
}
