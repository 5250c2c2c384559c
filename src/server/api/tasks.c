/*
 * tasks.c
 *	  Answering tasks: sfn.send_task_success(), sfn.send_task_failure(), sfn.send_task_heartbeat().
 *
 * The holder of a task's token may answer it, once.  An answer deletes the task's
 * row and inserts an inbox row in the caller's transaction: with a rollback the
 * task waits again.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "api/arguments.h"
#include "api/aws_api.h"
#include "api/tasks.h"
#include "engine/event_payload.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/task_token.h"

#define TOKEN_MAX_LENGTH 2048
#define ERROR_MAX_LENGTH 256
#define CAUSE_MAX_LENGTH 32768

/* Why there is no task for the token: it has ended, or there never was one. */
static void
no_such_task(const ApiCall *call, const char *token)
{
	if (task_token_is_genuine(task_token_key(), token))
		api_error(call, API_TASK_TIMED_OUT, NULL);
	api_error(call, API_INVALID_TASK_TOKEN, NULL);
}

/* Takes the task away from everybody else. */
static TaskRow *
take_task(const ApiCall *call, const char *token)
{
	TaskRow *task;

	check_length(call, token, "taskToken", "task_token", 1, TOKEN_MAX_LENGTH);
	task = task_take_by_token(token);
	if (task == NULL)
		no_such_task(call, token);
	return task;
}

/* Who did it goes with the answer, which may come to the execution before the news that the task was taken. */
static void
tell_answer(const TaskRow *task, Event *event)
{
	event->text = task->worker_name;
	task_tell(task, event->kind, sfn_now(), event_payload_print(event));
}

static void
check_output_size(const ApiCall *call, const char *output)
{
	int length = (int) strlen(output);

	if (length > sfn_max_payload_size)
		api_error(call, API_OUTPUT_TOO_LARGE, psprintf("%d", sfn_max_payload_size), psprintf("%d", length), NULL);
}

void
task_send_success(const ApiCall *call, const char *token, const char *output)
{
	JvParseError error;
	Event event = {.kind = EVENT_TASK_SUCCEEDED};

	check_output_size(call, output);
	event.value = jv_parse(output, (int) strlen(output), &error);
	if (event.value == NULL)
		api_error(call, API_INVALID_OUTPUT,
				  psprintf("%s at line %d, column %d", error.message, error.line, error.column), NULL);

	tell_answer(take_task(call, token), &event);
}

void
task_send_failure(const ApiCall *call, const char *token, const char *error, const char *cause)
{
	Event event = {.kind = EVENT_TASK_FAILED, .error = error, .cause = cause};

	if (error != NULL)
		check_length(call, error, "error", "error", 0, ERROR_MAX_LENGTH);
	if (cause != NULL)
		check_length(call, cause, "cause", "cause", 0, CAUSE_MAX_LENGTH);

	tell_answer(take_task(call, token), &event);
}

void
task_send_heartbeat(const ApiCall *call, const char *token)
{
	TaskRow *task;

	check_length(call, token, "taskToken", "task_token", 1, TOKEN_MAX_LENGTH);
	task = task_find_by_token(token);
	if (task == NULL)
		no_such_task(call, token);
	else if (task->heartbeat_seconds > 0)
		task_tell(task, EVENT_TASK_HEARTBEAT, sfn_now(), NULL);
}

/* ---- SQL functions ---- */

static Datum
send_task_success(FunctionCallInfo fcinfo, char *output)
{
	ApiCall call;

	api_enter(&call, API_SQL, "SendTaskSuccess");
	if (output == NULL)
		output = "null";
	task_send_success(&call, required_text(&call, fcinfo, 0, "task_token"), output);
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
	ApiCall call;

	api_enter(&call, API_SQL, "SendTaskFailure");
	task_send_failure(&call, required_text(&call, fcinfo, 0, "task_token"), text_argument(fcinfo, 1),
					  text_argument(fcinfo, 2));
	api_leave(&call);
	PG_RETURN_VOID();
}

extern PGDLLEXPORT Datum sfn_send_task_heartbeat(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_send_task_heartbeat);
Datum
sfn_send_task_heartbeat(PG_FUNCTION_ARGS)
{
	ApiCall call;

	api_enter(&call, API_SQL, "SendTaskHeartbeat");
	task_send_heartbeat(&call, required_text(&call, fcinfo, 0, "task_token"));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- actions of sfn.api() ---- */

const JsonVal *
aws_send_task_success(const ApiCall *call, const JsonVal *request)
{
	task_send_success(call, request_string(request, "taskToken"), request_string(request, "output"));
	return jv_empty_object();
}

const JsonVal *
aws_send_task_failure(const ApiCall *call, const JsonVal *request)
{
	task_send_failure(call, request_string(request, "taskToken"), request_string(request, "error"),
					  request_string(request, "cause"));
	return jv_empty_object();
}

const JsonVal *
aws_send_task_heartbeat(const ApiCall *call, const JsonVal *request)
{
	task_send_heartbeat(call, request_string(request, "taskToken"));
	return jv_empty_object();
}
