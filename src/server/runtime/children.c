/*
 * children.c
 *	  The end of an execution that others wait for: states:startExecution.sync.
 *
 * Told by the turn that ends it, in the same transaction, to every task that names
 * it, in the shape of DescribeExecution with capital letters.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/arn.h"
#include "clock.h"
#include "runtime/running.h"
#include "store/store.h"

static const char *child_payload(const Running *running, TimestampTz stop_date, int version);
static const JsonVal *description(const Running *running, TimestampTz stop_date, int version);

void
running_tell_parents(Running *running, TimestampTz stop_date)
{
	bool has_succeeded = running->execution.status == EXECUTION_SUCCEEDED;
	TaskRow *tasks;
	int count;
	StoreScope scope;

	store_enter(&scope);
	count = tasks_of_child(running->execution.id, &tasks);
	for (int i = 0; i < count; i++)
		task_tell(&tasks[i], has_succeeded ? EVENT_TASK_SUCCEEDED : EVENT_TASK_FAILED, sfn_now(),
				  child_payload(running, stop_date, strstr(tasks[i].resource, ".sync:2") != NULL ? 2 : 1));
	store_leave(&scope);
	if (count > 0)
		running->turn->result->has_more = true;
}

/* A failed child is States.TaskFailed, its description the cause. */
static const char *
child_payload(const Running *running, TimestampTz stop_date, int version)
{
	const JsonVal *described = description(running, stop_date, version);
	JvObjectBuilder payload;

	jv_object_begin(&payload);
	if (running->execution.status == EXECUTION_SUCCEEDED)
		jv_object_add(&payload, "value", described);
	else
	{
		jv_object_add(&payload, "error", jv_string(ERROR_TASK_FAILED));
		jv_object_add(&payload, "cause", jv_string(jv_to_text(described)));
	}
	return jv_to_text(jv_object_end(&payload));
}

static const JsonVal *
millis(TimestampTz moment)
{
	int64 since_epoch = moment + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;

	return jv_int(since_epoch / 1000);
}

/* As JSON text, or, for .sync:2, as JSON. */
static const JsonVal *
data(const char *text, bool as_json)
{
	JvParseError error;
	const JsonVal *value = as_json ? jv_parse(text, (int) strlen(text), &error) : NULL;

	return value != NULL ? value : jv_string(text);
}

static void
add_data(JvObjectBuilder *object, const char *name, const JsonVal *value)
{
	JvObjectBuilder details;

	jv_object_add(object, name, value);
	jv_object_begin(&details);
	jv_object_add(&details, "Included", jv_bool(true));
	jv_object_add(object, psprintf("%sDetails", name), jv_object_end(&details));
}

const char *
execution_status_name(ExecutionStatus status)
{
	switch (status)
	{
		case EXECUTION_RUNNING:
			return "RUNNING";
		case EXECUTION_SUCCEEDED:
			return "SUCCEEDED";
		case EXECUTION_FAILED:
			return "FAILED";
		case EXECUTION_TIMED_OUT:
			return "TIMED_OUT";
		case EXECUTION_ABORTED:
			break;
	}
	return "ABORTED";
}

/* Members in the order of their names. */
static const JsonVal *
description(const Running *running, TimestampTz stop_date, int version)
{
	const Execution *execution = &running->execution;
	bool has_succeeded = execution->status == EXECUTION_SUCCEEDED;
	bool as_json = version == 2 && has_succeeded;
	JvObjectBuilder object;

	jv_object_begin(&object);
	if (execution->cause != NULL && !has_succeeded)
		jv_object_add(&object, "Cause", jv_string(execution->cause));
	if (execution->error != NULL && !has_succeeded)
		jv_object_add(&object, "Error", jv_string(execution->error));
	jv_object_add(&object, "ExecutionArn", jv_string(execution->arn));
	add_data(&object, "Input", data(execution->input_text, as_json));
	jv_object_add(&object, "Name", jv_string(execution_name_of_stored(execution->name)));
	if (has_succeeded)
		add_data(&object, "Output", as_json ? execution->output : jv_string(jv_to_text(execution->output)));
	if (version == 2)
	{
		jv_object_add(&object, "RedriveCount", jv_int(execution->redrive_count));
		jv_object_add(&object, "RedriveStatus", jv_string(has_succeeded ? "NOT_REDRIVABLE" : "REDRIVABLE"));
		if (has_succeeded)
			jv_object_add(&object, "RedriveStatusReason", jv_string("Execution is SUCCEEDED and cannot be redriven"));
	}
	jv_object_add(&object, "StartDate", millis(execution->start_time));
	jv_object_add(&object, "StateMachineArn", jv_string(execution->machine_arn));
	jv_object_add(&object, "Status", jv_string(execution_status_name(execution->status)));
	jv_object_add(&object, "StopDate", millis(stop_date));
	return jv_object_end(&object);
}
