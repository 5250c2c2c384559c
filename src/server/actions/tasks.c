/*
 * tasks.c
 *	  Answering tasks: whoever holds a task's token may, once.
 *
 * An answer deletes the task's row and inserts an inbox row in the caller's
 * transaction: with a rollback the task waits again.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "actions/checks.h"
#include "actions/tasks.h"
#include "engine/event_payload.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/task_token.h"
#include "store/tasks.h"

#define TOKEN_MAX_LENGTH 2048
#define ERROR_MAX_LENGTH 256
#define CAUSE_MAX_LENGTH 32768

/* Why there is no task for the token: it has ended, or there never was one. */
static bool
no_such_task(ActionCall *call, const char *token)
{
	if (task_token_is_genuine(task_token_key(), token))
		return action_fail(call, API_TASK_TIMED_OUT);
	return action_fail(call, API_INVALID_TASK_TOKEN);
}

/* Takes the task away from everybody else. */
static SFN_MUST_CHECK TaskRow *
take_task(ActionCall *call, const char *token)
{
	TaskRow *task;

	if (!check_length(call, token, "taskToken", "task_token", 1, TOKEN_MAX_LENGTH))
		return NULL;
	task = task_take_by_token(token);
	if (task == NULL)
		(void) no_such_task(call, token);
	return task;
}

/* Who did it goes with the answer, which may come to the execution before the news that the task was taken. */
static bool
tell_answer(const TaskRow *task, Event *event)
{
	if (task == NULL)
		return false;
	event->text = task->worker_name;
	task_tell(task, event->kind, sfn_now(), event_payload_print(event));
	return true;
}

static SFN_MUST_CHECK bool
check_output_size(ActionCall *call, const char *output)
{
	int length = (int) strlen(output);

	if (length > sfn_max_payload_size)
		return action_fail(call, API_OUTPUT_TOO_LARGE, psprintf("%d", sfn_max_payload_size), psprintf("%d", length));
	return true;
}

bool
task_send_success(ActionCall *call, const char *token, const char *output)
{
	JvParseError error;
	Event event = {.kind = EVENT_TASK_SUCCEEDED};

	if (!check_output_size(call, output))
		return false;
	event.value = jv_parse(output, (int) strlen(output), &error);
	if (event.value == NULL)
		return action_fail(call, API_INVALID_OUTPUT,
						   psprintf("%s at line %d, column %d", error.message, error.line, error.column));
	return tell_answer(take_task(call, token), &event);
}

bool
task_send_failure(ActionCall *call, const char *token, const char *error, const char *cause)
{
	Event event = {.kind = EVENT_TASK_FAILED, .error = error, .cause = cause};

	if ((error != NULL && !check_length(call, error, "error", "error", 0, ERROR_MAX_LENGTH)) ||
		(cause != NULL && !check_length(call, cause, "cause", "cause", 0, CAUSE_MAX_LENGTH)))
		return false;
	return tell_answer(take_task(call, token), &event);
}

bool
task_send_heartbeat(ActionCall *call, const char *token)
{
	TaskRow *task;

	if (!check_length(call, token, "taskToken", "task_token", 1, TOKEN_MAX_LENGTH))
		return false;
	task = task_find_by_token(token);
	if (task == NULL)
		return no_such_task(call, token);
	if (task->heartbeat_seconds > 0)
		task_tell(task, EVENT_TASK_HEARTBEAT, sfn_now(), NULL);
	return true;
}
