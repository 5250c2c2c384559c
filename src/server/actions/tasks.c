/*
 * tasks.c
 *	  Answering tasks: whoever holds a task's token may, once.
 *
 * An answer deletes the task's row and inserts an inbox row in the caller's
 * transaction: with a rollback the task waits again.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/resources.h"
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

/*
 * A token is enough, as it is handed out to be used; or not, where the setting says so.  Workers of an activity that they
 * own were given it by asking for a task.
 */
static SFN_MUST_CHECK bool
require_answer(ActionCall *call, const char *token)
{
	TaskOfToken task;

	if (sfn_allow_bare_tokens || !task_of_token(token, &task) ||
		(OidIsValid(task.activity_owner) && has_privs_of_role(call->scope.caller, task.activity_owner)))
		return true;
	return require_machine_privilege(call, task.machine, call->scope.caller, MACHINE_ANSWER);
}

/* Takes the task away from everybody else. */
static SFN_MUST_CHECK TaskRow *
take_task(ActionCall *call, const char *token)
{
	TaskRow *task;

	if (!check_length(call, token, "taskToken", "task_token", 1, TOKEN_MAX_LENGTH))
		return NULL;
	if (!require_answer(call, token))
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

static SFN_MUST_CHECK bool
success_event(ActionCall *call, const char *output, Event *event)
{
	JvParseError error;

	if (!check_output_size(call, output))
		return false;
	*event = (Event){.kind = EVENT_TASK_SUCCEEDED, .value = jv_parse(output, (int) strlen(output), &error)};
	return event->value != NULL ||
		action_fail(call, API_INVALID_OUTPUT,
					psprintf("%s at line %d, column %d", error.message, error.line, error.column));
}

static SFN_MUST_CHECK bool
failure_event(ActionCall *call, const char *error, const char *cause, Event *event)
{
	*event = (Event){.kind = EVENT_TASK_FAILED, .error = error, .cause = cause};
	return (error == NULL || check_length(call, error, "error", "error", 0, ERROR_MAX_LENGTH)) &&
		(cause == NULL || check_length(call, cause, "cause", "cause", 0, CAUSE_MAX_LENGTH));
}

bool
task_send_success(ActionCall *call, const char *token, const char *output)
{
	Event event;

	return success_event(call, output, &event) && tell_answer(take_task(call, token), &event);
}

bool
task_send_failure(ActionCall *call, const char *token, const char *error, const char *cause)
{
	Event event;

	return failure_event(call, error, cause, &event) && tell_answer(take_task(call, token), &event);
}

/* ---- several at once ---- */

static int
compare_tokens(const void *a, const void *b)
{
	return strcmp(((const TaskRow *) a)->token, ((const TaskRow *) b)->token);
}

/* Each of the tasks that were taken, once: its token in the array of answers is that of the first. */
static TaskRow *
task_for_answer(TaskRow *tasks, int count, bool *is_answered, char *token)
{
	TaskRow key = {.token = token};
	TaskRow *task = bsearch(&key, tasks, count, sizeof(TaskRow), compare_tokens);

	if (task == NULL || is_answered[task - tasks])
		return NULL;
	is_answered[task - tasks] = true;
	return task;
}

static SFN_MUST_CHECK bool
check_tokens(ActionCall *call, char **tokens, int count)
{
	if (count > TASKS_AT_ONCE)
		return action_fail(call, API_LIST_TOO_LONG, psprintf("%d", TASKS_AT_ONCE), psprintf("%d", count));
	for (int i = 0; i < count; i++)
	{
		if (!check_length(call, tokens[i], "taskToken", "task_tokens", 1, TOKEN_MAX_LENGTH) ||
			!require_answer(call, tokens[i]))
			return false;
	}
	return true;
}

/* The events are of one kind. */
static SFN_MUST_CHECK bool
send_answers(ActionCall *call, char **tokens, Event *events, int count, bool *is_late)
{
	const TaskRow **answered = palloc(sizeof(TaskRow *) * (count + 1));
	char **payloads = palloc(sizeof(char *) * (count + 1));
	bool *is_answered = palloc0(sizeof(bool) * (count + 1));
	TaskRow *tasks;
	int taken;
	int told = 0;

	if (!check_tokens(call, tokens, count))
		return false;
	taken = tasks_take_by_tokens(tokens, count, &tasks);
	qsort(tasks, taken, sizeof(TaskRow), compare_tokens);
	for (int i = 0; i < count; i++)
	{
		const TaskRow *task = task_for_answer(tasks, taken, is_answered, tokens[i]);

		is_late[i] = task == NULL;
		if (task == NULL && !task_token_is_genuine(task_token_key(), tokens[i]))
			return action_fail(call, API_INVALID_TASK_TOKEN);
		if (task == NULL)
			continue;
		events[i].text = task->worker_name;
		answered[told] = task;
		payloads[told++] = event_payload_print(&events[i]);
	}
	if (told > 0)
		tasks_tell(answered, payloads, told, events[0].kind, sfn_now());
	return true;
}

bool
tasks_send_successes(ActionCall *call, char **tokens, char **outputs, int count, bool *is_late)
{
	Event *events = palloc(sizeof(Event) * (count + 1));

	for (int i = 0; i < count; i++)
		if (!success_event(call, outputs[i] != NULL ? outputs[i] : "null", &events[i]))
			return false;
	return send_answers(call, tokens, events, count, is_late);
}

bool
tasks_send_failures(ActionCall *call, char **tokens, char **errors, char **causes, int count, bool *is_late)
{
	Event *events = palloc(sizeof(Event) * (count + 1));

	for (int i = 0; i < count; i++)
		if (!failure_event(call, errors != NULL ? errors[i] : NULL, causes != NULL ? causes[i] : NULL, &events[i]))
			return false;
	return send_answers(call, tokens, events, count, is_late);
}

/* ---- heartbeats ---- */

bool
task_send_heartbeat(ActionCall *call, const char *token)
{
	TaskRow *task;

	if (!check_length(call, token, "taskToken", "task_token", 1, TOKEN_MAX_LENGTH))
		return false;
	if (!require_answer(call, token))
		return false;
	task = task_find_by_token(token);
	if (task == NULL)
		return no_such_task(call, token);
	if (task->heartbeat_seconds > 0)
		task_tell(task, EVENT_TASK_HEARTBEAT, sfn_now(), NULL);
	return true;
}
