/*
 * state_task.c
 *	  Task: have work done by a SQL function, a service, an activity, a function.
 *
 * What can be asked for is in asl/service_list.h; this file knows only kinds of
 * resources.  The timeout clocks start when the work starts.
 */
#include "base/port.h"

#include "asl/fields.h"

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
	int64		timeout;
	int64		heartbeat;

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
	Place		here;

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
	TaskState  *task = (TaskState *) state;
	const char *resource = field_string(compile, definition, "Resource");

	if (resource != NULL)
		(void) resource_compile(compile, resource, &task->resource);
	field_value(compile, definition, "TimeoutSeconds", "TimeoutSecondsPath", NULL, &task->timeout);
	field_value(compile, definition, "HeartbeatSeconds", "HeartbeatSecondsPath", NULL, &task->heartbeat);
	check_heartbeat(compile, task);
	compile_credentials(compile, task, definition);
	return true;
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
};
