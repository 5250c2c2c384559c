/*
 * children.c
 *	  The end of an execution that others wait for: states:startExecution.sync.
 *
 * Told by the turn that ends it, in the same transaction, to every task that names
 * it, in the shape of DescribeExecution with capital letters.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "aws/arn.h"
#include "engine/event_payload.h"
#include "runtime/running.h"
#include "settings/clock.h"
#include "store/store.h"

static void read_waiting(Turn *turn);
static const TaskRow *first_waiting(const Turn *turn, int64 child);
static void tell_task(Running *running, const TaskRow *task, TimestampTz stop_date);
static const char *child_payload(const Running *running, TimestampTz stop_date, int version);
static const JsonVal *description(const Running *running, TimestampTz stop_date, int version);

/*
 * Nobody begins to wait for an execution that a turn has in hand, so the tasks of all
 * in it are read at once, when the first of them ends.
 */
void
running_tell_parents(Running *running, TimestampTz stop_date)
{
	Turn *turn = running->turn;
	int64 child = running->execution.id;
	const TaskRow *task;

	if (turn->waiting == NULL)
		read_waiting(turn);
	for (task = first_waiting(turn, child); task < turn->waiting + turn->waiting_count; task++)
	{
		if (task->child_execution_id != child)
			break;
		tell_task(running, task, stop_date);
	}
}

static void
read_waiting(Turn *turn)
{
	int64 *ids = palloc(sizeof(int64) * (turn->claimed_count + 1));
	int count = 0;
	StoreScope scope;

	for (int i = 0; i < turn->claimed_count; i++)
		if (turn->claimed[i].has_parent)
			ids[count++] = turn->claimed[i].id;
	store_enter(&scope);
	turn->waiting_count = tasks_of_children(ids, count, &turn->waiting);
	store_leave(&scope);
}

/* The first task that waits for the child, or one that waits for another, or the end of the list. */
static const TaskRow *
first_waiting(const Turn *turn, int64 child)
{
	int low = 0;
	int high = turn->waiting_count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (turn->waiting[middle].child_execution_id < child)
			low = middle + 1;
		else
			high = middle;
	}
	return &turn->waiting[low];
}

/*
 * Whoever holds the task's row is giving up waiting; should that not come about, the
 * answer is needed, so it is given in any case.
 */
static void
tell_task(Running *running, const TaskRow *task, TimestampTz stop_date)
{
	bool has_succeeded = running->execution.status == EXECUTION_SUCCEEDED;
	InboxInsert answer = {.execution_id = task->execution_id,
						  .due = sfn_now(),
						  .branch = task->branch,
						  .visit = task->visit,
						  .attempt = task->attempt,
						  .kind = has_succeeded ? EVENT_TASK_SUCCEEDED : EVENT_TASK_FAILED,
						  .payload =
							  child_payload(running, stop_date, strstr(task->resource, ".sync:2") != NULL ? 2 : 1)};

	turn_rows_inbox(running->turn->rows, &answer);
	turn_rows_task_answered(running->turn->rows, task->id);
	running->turn->result->has_more = true;
}

/* A failed child is States.TaskFailed, its description the cause. */
static const char *
child_payload(const Running *running, TimestampTz stop_date, int version)
{
	const JsonVal *described = description(running, stop_date, version);
	Event event = {0};

	if (running->execution.status == EXECUTION_SUCCEEDED)
		event.value = described;
	else
	{
		event.error = ERROR_TASK_FAILED;
		event.cause = jv_to_text(described);
	}
	return event_payload_print(&event);
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
	jv_object_add(&object, "RedriveCount", jv_int(execution->redrive_count));
	jv_object_add(&object, "RedriveStatus", jv_string(has_succeeded ? "NOT_REDRIVABLE" : "REDRIVABLE"));
	if (has_succeeded)
		jv_object_add(&object, "RedriveStatusReason", jv_string("Execution is SUCCEEDED and cannot be redriven"));
	jv_object_add(&object, "StartDate", millis(execution->start_time));
	jv_object_add(&object, "StateMachineArn", jv_string(execution->machine_arn));
	jv_object_add(&object, "Status", jv_string(execution_status_name(execution->status)));
	jv_object_add(&object, "StopDate", millis(stop_date));
	return jv_object_end(&object);
}
