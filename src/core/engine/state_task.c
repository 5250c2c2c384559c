/*
 * state_task.c
 *	  Task: have work done by a SQL function, a service, an activity, a function.
 *
 * What can be asked for is in asl/service_list.h; this file knows only kinds of
 * resources.  The timeout clocks start when the work starts.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "asl/fields.h"
#include "asl/service.h"
#include "engine/dataflow.h"
#include "engine/history.h"
#include "engine/state_task.h"

static const FieldRule task_fields[] = {
	FIELDS_OF_EVERY_STATE,
	FIELDS_OF_TRANSITION,
	FIELDS_OF_INPUT_AND_OUTPUT,
	FIELD_OF_PARAMETERS,
	FIELD_OF_ARGUMENTS,
	FIELD_OF_RESULT_SELECTOR,
	FIELD_OF_RESULT_PATH,
	FIELD_OF_ASSIGN,
	FIELDS_OF_RETRY_AND_CATCH,
	{"Resource", FIELD_STRING, IN_BOTH, FIELD_REQUIRED},
	{"TimeoutSeconds", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 1, FIELD_MAX_SECONDS, .group = 't'},
	{"TimeoutSecondsPath", FIELD_PATH, IN_JSONPATH, .group = 't'},
	{"HeartbeatSeconds", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 1, FIELD_MAX_SECONDS, .group = 'h'},
	{"HeartbeatSecondsPath", FIELD_PATH, IN_JSONPATH, .group = 'h'},
	{"Credentials", FIELD_OBJECT, IN_BOTH},
};

/* A heartbeat that cannot be missed before the timeout is a mistake. */
static void
check_heartbeat(CompileContext *compile, const TaskState *task)
{
	int64 timeout;
	int64 heartbeat;

	if (task->timeout.literal != NULL && task->heartbeat.literal != NULL &&
		jv_to_int64(task->timeout.literal, &timeout) && jv_to_int64(task->heartbeat.literal, &heartbeat) &&
		heartbeat >= timeout)
		compile_error(compile, "HeartbeatSeconds", "HeartbeatSeconds must be smaller than TimeoutSeconds");
}

/* Credentials name the role of the task; checked only where the resource is one of ours. */
static void
compile_credentials(CompileContext *compile, TaskState *task, const JsonVal *definition)
{
	const JsonVal *credentials = field_typed(definition, "Credentials", JV_OBJECT);
	Place here;

	task->credentials = field_template(compile, definition, "Credentials");
	if (credentials == NULL || jv_get(credentials, "RoleArn") != NULL || jv_get(credentials, "RoleArn.$") != NULL)
		return;
	if (task->resource.kind == RESOURCE_SERVICE && task->resource.row == NULL)
		return;
	place_enter(compile, &here, "Credentials");
	compile_error(compile, NULL, "The field 'RoleArn' is required but was missing");
	place_leave(compile);
}

static bool
task_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	TaskState *task = (TaskState *) state;
	const char *resource = field_string(compile, definition, "Resource");

	if (resource != NULL && resource_compile(compile, resource, &task->resource))
		resource_check_arguments(compile, &task->resource, definition);
	field_value(compile, definition, "TimeoutSeconds", "TimeoutSecondsPath", NULL, &task->timeout);
	field_value(compile, definition, "HeartbeatSeconds", "HeartbeatSecondsPath", NULL, &task->heartbeat);
	check_heartbeat(compile, task);
	compile_credentials(compile, task, definition);
	return true;
}

/* ---- history: the kind of resource decides on the events' types and members ---- */

typedef enum TaskEvents
{
	FUNCTION_EVENTS,
	ACTIVITY_EVENTS,
	SERVICE_EVENTS,
	TASK_EVENTS
} TaskEvents;

typedef enum TaskMoment
{
	MOMENT_SCHEDULED,
	MOMENT_STARTED,
	MOMENT_SUCCEEDED,
	MOMENT_FAILED,
	MOMENT_TIMED_OUT,
	MOMENT_SCHEDULE_FAILED,
	TASK_MOMENTS
} TaskMoment;

static const HistoryEventType event_types[TASK_EVENTS][TASK_MOMENTS] = {
	[FUNCTION_EVENTS] =
		{
			HISTORY_LAMBDA_FUNCTION_SCHEDULED,
			HISTORY_LAMBDA_FUNCTION_STARTED,
			HISTORY_LAMBDA_FUNCTION_SUCCEEDED,
			HISTORY_LAMBDA_FUNCTION_FAILED,
			HISTORY_LAMBDA_FUNCTION_TIMED_OUT,
			HISTORY_LAMBDA_FUNCTION_SCHEDULE_FAILED,
		},
	[ACTIVITY_EVENTS] =
		{
			HISTORY_ACTIVITY_SCHEDULED,
			HISTORY_ACTIVITY_STARTED,
			HISTORY_ACTIVITY_SUCCEEDED,
			HISTORY_ACTIVITY_FAILED,
			HISTORY_ACTIVITY_TIMED_OUT,
			HISTORY_ACTIVITY_SCHEDULE_FAILED,
		},
	[SERVICE_EVENTS] =
		{
			HISTORY_TASK_SCHEDULED,
			HISTORY_TASK_STARTED,
			HISTORY_TASK_SUCCEEDED,
			HISTORY_TASK_FAILED,
			HISTORY_TASK_TIMED_OUT,
			HISTORY_TASK_START_FAILED,
		},
};

static TaskEvents
events_of(const TaskState *task)
{
	switch (task->resource.kind)
	{
		case RESOURCE_FUNCTION:
			return FUNCTION_EVENTS;
		case RESOURCE_ACTIVITY:
			return ACTIVITY_EVENTS;
		default:
			return SERVICE_EVENTS;
	}
}

/* Begins an event of the task; those of services name the service. */
static void
open_event(StepContext *step, HistoryEvent *event, const TaskState *task, HistoryEventType type)
{
	history_open(event, step->execution, step->env, step->now, type, step->branch->last_event);
	if (events_of(task) == SERVICE_EVENTS)
	{
		history_string(event, "resourceType", task->resource.service);
		history_string(event, "resource", task->resource.action);
	}
}

static void
close_event(StepContext *step, HistoryEvent *event)
{
	step->branch->last_event = history_close(event);
	step->branch->is_changed = true;
}

static void
open_moment(StepContext *step, HistoryEvent *event, const TaskState *task, TaskMoment moment)
{
	open_event(step, event, task, event_types[events_of(task)][moment]);
}

static void
tell_scheduled(StepContext *step, const TaskState *task, const Effect *effect)
{
	HistoryEvent event;

	open_moment(step, &event, task, MOMENT_SCHEDULED);
	if (events_of(task) == SERVICE_EVENTS)
	{
		history_string(&event, "region", step->env->region);
		history_value(&event, "parameters", effect->parameters);
	}
	else
	{
		history_string(&event, "resource", task->resource.text);
		history_data(&event, "input", effect->parameters);
	}
	if (effect->timeout_seconds > 0)
		history_integer(&event, "timeoutInSeconds", effect->timeout_seconds);
	if (effect->heartbeat_seconds > 0 && task->resource.kind != RESOURCE_FUNCTION)
		history_integer(&event, "heartbeatInSeconds", effect->heartbeat_seconds);
	if (task->resource.kind != RESOURCE_ACTIVITY)
		history_role(&event, effect->credentials_role);
	close_event(step, &event);
}

static void
tell_started(StepContext *step, const TaskState *task, const char *worker_name)
{
	HistoryEvent event;

	open_moment(step, &event, task, MOMENT_STARTED);
	history_string(&event, "workerName", worker_name);
	close_event(step, &event);
}

/* ---- beginning ---- */

/* Does the task go on after its call has been accepted? */
static bool
waits_for_token(const TaskState *task)
{
	return task->resource.pattern != PATTERN_REQUEST_RESPONSE;
}

/* Credentials.RoleArn; *role is NULL when there is none. */
static bool
find_role(StepContext *step, const TaskState *task, const char **role)
{
	const JsonVal *credentials;

	*role = NULL;
	if (task->credentials == NULL)
		return true;
	if (!template_eval(task->credentials, &step->scope, &credentials, &step->error))
	{
		(void) step_fail_as_is(step);
		return false;
	}
	*role = jv_get_string(credentials, "RoleArn");
	return true;
}

/* Asks the environment whether the task can be had at all. */
static bool
can_schedule(StepContext *step, const TaskState *task)
{
	SfnError error = {0};

	if (step->env->can_schedule == NULL || step->env->can_schedule(step->env, step->execution, task, &error))
		return true;
	(void) step_fail(step, (error.name != NULL) ? error.name : ERROR_RUNTIME, "%s",
					 (error.cause != NULL) ? error.cause : "The task cannot be scheduled.");
	return false;
}

/* May rows outlive the task: its timers, or what waits for an answer from outside?  SQL has its answer at once. */
static bool
may_leave_rows(const TaskState *task, const Effect *effect)
{
	const ServiceRow *service = task->resource.row;

	if (service != NULL && service->place == IN_TURN)
		return false;
	return effect->timeout_seconds > 0 || effect->heartbeat_seconds > 0 || waits_for_token(task) ||
		task->resource.kind == RESOURCE_ACTIVITY;
}

/* Schedules the work; whatever is not left to an activity's worker starts at once. */
static StepOutcome
task_enter(StepContext *step, const AslState *state)
{
	const TaskState *task = (const TaskState *) state;
	Branch *branch = step->branch;
	int64 timeout = 0;
	int64 heartbeat = 0;
	const char *role;
	Effect *effect;

	if (!step_integer(step, &task->timeout, 1, FIELD_MAX_SECONDS, &timeout) ||
		!step_integer(step, &task->heartbeat, 1, FIELD_MAX_SECONDS, &heartbeat) || !find_role(step, task, &role) ||
		!can_schedule(step, task))
		return STEP_FAILED;
	(void) task_token_of(step);

	effect = step_add_effect(step, EFFECT_RUN_TASK);
	effect->task = task;
	effect->parameters = step->input;
	effect->timeout_seconds = timeout;
	effect->heartbeat_seconds = heartbeat;
	effect->credentials_role = role;
	step->execution->counts.tasks_scheduled++;

	tell_scheduled(step, task, effect);
	if (task->resource.kind != RESOURCE_ACTIVITY)
		tell_started(step, task, NULL);

	branch->has_timers = may_leave_rows(task, effect);
	return STEP_WAITING;
}

const char *
task_token_of(StepContext *step)
{
	Branch *branch = step->branch;
	const TaskState *task = (const TaskState *) branch->state;

	if (branch->state->type != &state_type_task)
		return NULL;
	if (branch->task_token == NULL && (waits_for_token(task) || task->resource.kind == RESOURCE_ACTIVITY) &&
		step->env->task_token != NULL)
	{
		branch->task_token = step->env->task_token(step->env, step->execution, branch);
		branch->is_changed = true;
	}
	return waits_for_token(task) ? branch->task_token : NULL;
}

/* ---- what can happen to a task ---- */

/* The seconds of a clock, worked out again; 0: it does not run. */
static int64
clock_seconds(StepContext *step, const ValueField *field)
{
	int64 seconds = 0;

	if (field->name == NULL || !dataflow_select_input(step) ||
		!step_integer(step, field, 1, FIELD_MAX_SECONDS, &seconds))
		return 0;
	return seconds;
}

static StepOutcome
ignore_event(StepContext *step)
{
	step->is_stale = true;
	return STEP_WAITING;
}

/* From now on a missed heartbeat counts; an earlier timer is void. */
static void
restart_heartbeat(StepContext *step, const TaskState *task)
{
	int64 seconds = clock_seconds(step, &task->heartbeat);

	if (seconds == 0)
		return;
	step->branch->heartbeat_due = step->now + seconds * USECS_PER_SEC;
	step_set_timer(step, TIMER_HEARTBEAT, step->branch->heartbeat_due);
}

/* A worker has taken the activity's task: its clocks start. */
static StepOutcome
on_started(StepContext *step, const TaskState *task, const Event *event)
{
	Branch *branch = step->branch;
	int64 timeout;

	if (task->resource.kind != RESOURCE_ACTIVITY || branch->task_started)
		return ignore_event(step);
	branch->task_started = true;
	tell_started(step, task, event->text);
	timeout = clock_seconds(step, &task->timeout);
	if (timeout > 0)
		step_set_timer(step, TIMER_TASK, step->now + timeout * USECS_PER_SEC);
	restart_heartbeat(step, task);
	return STEP_WAITING;
}

/* The call was accepted; its end is told by another event. */
static StepOutcome
on_submitted(StepContext *step, const TaskState *task, const Event *event)
{
	HistoryEvent history;

	if (!waits_for_token(task) || step->branch->task_started)
		return ignore_event(step);
	step->branch->task_started = true;
	open_event(step, &history, task, HISTORY_TASK_SUBMITTED);
	history_data(&history, "output", event->value);
	close_event(step, &history);
	return STEP_WAITING;
}

static StepOutcome
on_heartbeat(StepContext *step, const TaskState *task, const Event *event)
{
	(void) event;
	restart_heartbeat(step, task);
	return STEP_WAITING;
}

/* The task fails with step->error, told as the moment says. */
static StepOutcome
task_failed(StepContext *step, const TaskState *task, HistoryEventType type)
{
	ExecutionCounts *counts = &step->execution->counts;
	HistoryEvent event;

	if (type == event_types[events_of(task)][MOMENT_TIMED_OUT])
		counts->tasks_timed_out++;
	else
		counts->tasks_failed++;
	open_event(step, &event, task, type);
	history_string(&event, "error", step->error.name);
	history_string(&event, "cause", step->error.cause);
	close_event(step, &event);
	return STEP_FAILED;
}

/* The name under which AWS speaks of a result that is too large. */
static const char *
resource_name(const AslResource *resource)
{
	bool is_service = resource->kind == RESOURCE_SERVICE || resource->kind == RESOURCE_AWS_SDK;

	return is_service ? resource->service : resource->text;
}

const char *
task_too_large_cause(const AslResource *resource)
{
	return step_too_large_cause(resource_name(resource));
}

static StepOutcome
on_succeeded(StepContext *step, const TaskState *task, const Event *event)
{
	HistoryEvent history;

	step->result = (event->value != NULL) ? event->value : jv_null();
	if (!dataflow_fits(step, step->result))
	{
		(void) step_fail_too_large(step, resource_name(&task->resource));
		return task_failed(step, task, event_types[events_of(task)][MOMENT_FAILED]);
	}
	step->execution->counts.tasks_succeeded++;
	open_moment(step, &history, task, MOMENT_SUCCEEDED);
	history_data(&history, "output", step->result);
	close_event(step, &history);
	return STEP_DONE;
}

/* The event of a failure: a time-out and a call that was never made have their own. */
static HistoryEventType
failure_type(const TaskState *task, const Event *event)
{
	const HistoryEventType *types = event_types[events_of(task)];

	if (event->error != NULL && strcmp(event->error, ERROR_TIMEOUT) == 0)
		return types[MOMENT_TIMED_OUT];
	if (!event->schedule_failed)
		return types[MOMENT_FAILED];
	if (events_of(task) == SERVICE_EVENTS && waits_for_token(task))
		return HISTORY_TASK_SUBMIT_FAILED;
	return types[MOMENT_SCHEDULE_FAILED];
}

static StepOutcome
on_failed(StepContext *step, const TaskState *task, const Event *event)
{
	step->error.name = event->error;
	step->error.cause = event->cause;
	step->retry_after = event->retry_after;
	return task_failed(step, task, failure_type(task, event));
}

/* One of the clocks has run out: States.Timeout without a cause. */
static StepOutcome
on_timer(StepContext *step, const TaskState *task, const Event *event)
{
	Branch *branch = step->branch;

	if (event->timer != TIMER_TASK && event->timer != TIMER_HEARTBEAT)
		return ignore_event(step);
	if (event->timer == TIMER_HEARTBEAT && step->now < branch->heartbeat_due)
		return ignore_event(step); /* a heartbeat has come since it was set */
	step->error.name = ERROR_TIMEOUT;
	step->is_heartbeat = (event->timer == TIMER_HEARTBEAT);
	return task_failed(step, task, event_types[events_of(task)][MOMENT_TIMED_OUT]);
}

typedef StepOutcome (*TaskEventHandler)(StepContext *step, const TaskState *task, const Event *event);

static const TaskEventHandler task_handlers[] = {
	[EVENT_TIMER_FIRED] = on_timer,        [EVENT_TASK_STARTED] = on_started, [EVENT_TASK_SUBMITTED] = on_submitted,
	[EVENT_TASK_SUCCEEDED] = on_succeeded, [EVENT_TASK_FAILED] = on_failed,   [EVENT_TASK_HEARTBEAT] = on_heartbeat,
};

static StepOutcome
task_resume(StepContext *step, const AslState *state, const Event *event)
{
	if (event == NULL || (int) event->kind < 0 || (int) event->kind >= (int) lengthof(task_handlers) ||
		task_handlers[event->kind] == NULL)
		return ignore_event(step);
	return task_handlers[event->kind](step, (const TaskState *) state, event);
}

const StateType state_type_task = {
	.name = "Task",
	.entered_event = "TaskStateEntered",
	.exited_event = "TaskStateExited",
	.aborted_event = "TaskStateAborted",
	.size = sizeof(TaskState),
	.fields = task_fields,
	.field_count = lengthof(task_fields),
	.may_retry = true,
	.compile = task_compile,
	.enter = task_enter,
	.resume = task_resume,
};
