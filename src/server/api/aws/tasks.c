/*
 * tasks.c
 *	  AWS's actions that answer tasks.
 */
#include "postgres.h"

#include "actions/tasks.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

static const JsonVal *
send_task_success(ActionCall *call, const JsonVal *request)
{
	return task_send_success(call, request_string(request, "taskToken"), request_string(request, "output"))
		? jv_empty_object()
		: NULL;
}

static const JsonVal *
send_task_failure(ActionCall *call, const JsonVal *request)
{
	return task_send_failure(call, request_string(request, "taskToken"), request_string(request, "error"),
							 request_string(request, "cause"))
		? jv_empty_object()
		: NULL;
}

static const JsonVal *
send_task_heartbeat(ActionCall *call, const JsonVal *request)
{
	return task_send_heartbeat(call, request_string(request, "taskToken")) ? jv_empty_object() : NULL;
}

/* ---- the rows ---- */

const AwsAction aws_task_actions[] = {
	{"SendTaskFailure", "taskToken:s! error:s cause:s", send_task_failure},
	{"SendTaskHeartbeat", "taskToken:s!", send_task_heartbeat},
	{"SendTaskSuccess", "taskToken:s! output:s!", send_task_success},
	{NULL},
};
