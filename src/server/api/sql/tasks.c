/*
 * tasks.c
 *	  The SQL functions that answer tasks.
 */
#include "postgres.h"

#include "fmgr.h"

#include "actions/tasks.h"
#include "api/arguments.h"

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

extern PGDLLEXPORT Datum sfn_send_task_success(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_send_task_success);
Datum
sfn_send_task_success(PG_FUNCTION_ARGS)
{
	return send_task_success(fcinfo, text_argument(fcinfo, 1));
}

extern PGDLLEXPORT Datum sfn_send_task_success_jsonb(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_send_task_success_jsonb);
Datum
sfn_send_task_success_jsonb(PG_FUNCTION_ARGS)
{
	return send_task_success(fcinfo, jsonb_argument(fcinfo, 1));
}

extern PGDLLEXPORT Datum sfn_send_task_failure(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_send_task_failure);
Datum
sfn_send_task_failure(PG_FUNCTION_ARGS)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "SendTaskFailure");
	api_check(&call,
			  task_send_failure(&call, required_text(&call, fcinfo, 0, "task_token"), text_argument(fcinfo, 1),
								text_argument(fcinfo, 2)));
	api_leave(&call);
	PG_RETURN_VOID();
}

extern PGDLLEXPORT Datum sfn_send_task_heartbeat(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_send_task_heartbeat);
Datum
sfn_send_task_heartbeat(PG_FUNCTION_ARGS)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "SendTaskHeartbeat");
	api_check(&call, task_send_heartbeat(&call, required_text(&call, fcinfo, 0, "task_token")));
	api_leave(&call);
	PG_RETURN_VOID();
}
