/*
 * task_calls.c
 *	  Tasks of one execution: calling what they name, putting them off, leaving behind
 *	  what waits for an answer from outside.
 *
 * A task with ".waitForTaskToken" may be answered by the very call that is given the
 * token, so its row is stored before the call.  All other rows are kept in memory
 * until the turn's end, where those of branches that have gone on meanwhile are
 * simply not written.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "engine/event_payload.h"
#include "engine/step.h"
#include "runtime/running.h"
#include "runtime/session_mocks.h"
#include "services/service.h"
#include "settings/clock.h"
#include "shared/given_up.h"
#include "shared/in_hand.h"
#include "shared/worker_registry.h"

#define PUT_OFF_PAUSE (50 * INT64CONST(1000)) /* microseconds */
#define STUCK_MAX 2                           /* processes that tasks of a role may hold for ever */
#define STUCK_PAUSE (10 * USECS_PER_SEC)
#define IN_TASK_PAUSE (1 * USECS_PER_SEC)

/* One attempt at a task, begun now or put off by an earlier turn. */
typedef struct TaskCall
{
	int32 branch;
	int32 visit;
	int32 attempt;
	const TaskState *task;
	const JsonVal *parameters;
	const char *role; /* of its Credentials, or NULL */
	int64 timeout_seconds;
	int64 heartbeat_seconds;
	TimestampTz due; /* of the row, if an earlier turn put it off; else 0 */
} TaskCall;

static void call_service(Running *running, const TaskCall *task);
static void answer_by_mock(Running *running, const TaskCall *task, const JsonVal *mock);
static ServiceOutcome call_and_measure(Running *running, const ServiceCall *call, Event *answer);
static ServiceOutcome call_unless_given_up(Running *running, const TaskCall *task, const ServiceCall *call,
										   Event *answer);
static bool has_no_time(const Running *running);
static int64 pause_for_stuck(const Running *running);
static bool has_had_share(const Running *running);
static void limit_to_execution(const Running *running, ServiceCall *call);
static void limit_to_try(const Turn *turn, ServiceCall *call);
static bool execution_timed_out(const Running *running, const ServiceCall *call, const Event *answer);
static TaskInsert *task_row(const Running *running, const TaskCall *task, const Branch *branch);
static void take_outcome(Running *running, const TaskCall *task, ServiceOutcome outcome, Event *answer, TaskInsert *row,
						 int64 stored_row);
static void deliver_answer(Running *running, const TaskCall *task, Event *answer);
static void leave_behind(Running *running, const TaskCall *task, TaskInsert *row, Event *answer);
static void put_off(Running *running, int kind, const TaskCall *task, TimestampTz pause);

/* ---- beginning ---- */

void
running_begin_task(Running *running, const Effect *effect)
{
	TaskCall task = {.branch = effect->branch->id,
					 .visit = effect->visit,
					 .attempt = effect->attempt,
					 .task = effect->task,
					 .parameters = effect->parameters,
					 .role = effect->credentials_role,
					 .timeout_seconds = effect->timeout_seconds,
					 .heartbeat_seconds = effect->heartbeat_seconds};

	if (engine_awaits(&running->execution, task.branch, task.visit, task.attempt))
		call_service(running, &task);
}

/* A task that an earlier turn put off; its parameters are in the row. */
void
running_begin_stored_task(Running *running, const InboxRow *row)
{
	Branch *branch = branch_find(&running->execution, row->branch);
	TaskCall task = {.branch = row->branch, .visit = row->visit, .attempt = row->attempt, .due = row->due};
	Event event;
	PutOffWork work;

	if (running->execution.status != EXECUTION_RUNNING || branch == NULL ||
		!engine_awaits(&running->execution, row->branch, row->visit, row->attempt) || !deliver_event(row, &event) ||
		!put_off_work_read(event.value, &work))
		return;
	if (branch->state->type == &state_type_map)
	{
		running_begin_stored_map(running, branch, work.plan);
		return;
	}
	if (work.parameters == NULL)
		return;
	task.task = (const TaskState *) branch->state;
	task.parameters = work.parameters;
	task.role = work.role;
	task.timeout_seconds = work.timeout_seconds;
	task.heartbeat_seconds = work.heartbeat_seconds;
	call_service(running, &task);
}

/* Of the turn, rounded up: as long as it is not over there is some time for a task. */
static int64
milliseconds_left(const Turn *turn)
{
	return Max((turn->deadline - GetCurrentTimestamp() + 999) / 1000, 0);
}

static void
call_service(Running *running, const TaskCall *task)
{
	const Turn *turn = running->turn;
	const Branch *branch = branch_find(&running->execution, task->branch);
	bool has_token = task->task->resource.pattern == PATTERN_WAIT_FOR_TASK_TOKEN;
	TaskInsert *row = task_row(running, task, branch);
	int64 stored_row = 0;
	ServiceCall call = {.resource = &task->task->resource,
						.parameters = task->parameters,
						.role = running->cached->role,
						.role_arn = running->execution.role_arn,
						.task_role = task->role,
						.execution_name = running->execution.name,
						.execution_arn = running->execution.arn,
						.machine_arn = running->cached->arn,
						.timeout_ms = task->timeout_seconds * 1000,
						.is_alone = turn->request->mode != TURN_SHARED,
						.is_session = turn->request->mode == TURN_SESSION,
						.is_last_try = turn->request->is_last_try,
						.is_put_off = task->due != 0,
						.share_ms = milliseconds_left(turn),
						.task = row};
	const JsonVal *mock =
		turn->request->mode == TURN_SESSION ? session_mock(running->cached->machine, task->task) : NULL;
	Event answer;
	ServiceOutcome outcome;
	int64 pause;

	if (mock != NULL)
	{
		answer_by_mock(running, task, mock);
		return;
	}
	if (has_no_time(running))
	{
		put_off(running, EVENT_RUN_TASK, task, 0);
		return;
	}
	pause = pause_for_stuck(running);
	if (pause > 0)
	{
		put_off(running, EVENT_RUN_TASK, task, pause);
		return;
	}
	if (has_token)
		stored_row = task_insert(row);
	limit_to_execution(running, &call);
	limit_to_try(turn, &call);
	if (!has_had_share(running))
		call.share_ms = Max(call.share_ms, TURN_SHARE_MS);
	outcome = call_unless_given_up(running, task, &call, &answer);
	if (outcome == SERVICE_ANSWERED && execution_timed_out(running, &call, &answer))
		outcome = SERVICE_PUT_OFF; /* the timer that is due now ends it */
	take_outcome(running, task, outcome, &answer, row, stored_row);
}

/* An attempt that timed out and did not end took its worker with it: this is where it ends. */
static ServiceOutcome
call_unless_given_up(Running *running, const TaskCall *task, const ServiceCall *call, Event *answer)
{
	TaskInHand in_hand = {.branch = task->branch,
						  .visit = task->visit,
						  .attempt = task->attempt,
						  .role = call->role,
						  .resource = call->resource->text,
						  .state = task->task->base.name,
						  .execution = running->execution.arn};
	ServiceOutcome outcome;

	if (given_up_has(running->execution.id, task->branch, task->visit, task->attempt))
	{
		(void) service_fail(answer, ERROR_TIMEOUT, "%s", "");
		answer->cause = NULL;
		return SERVICE_ANSWERED;
	}
	worker_set_task(&in_hand);
	outcome = call_and_measure(running, call, answer);
	worker_set_task(NULL);
	return outcome;
}

/* Calls the service; what that takes counts, be it in vain. */
static ServiceOutcome
call_and_measure(Running *running, const ServiceCall *call, Event *answer)
{
	TimestampTz started = GetCurrentTimestamp();
	ServiceOutcome outcome = service_call(call, answer);
	int64 took = Max(GetCurrentTimestamp() - started, 0);

	running->local_task_time += took;
	running->turn->result->task_time += took;
	return outcome;
}

/* A transaction of its own is for one task; whether the next one needs that, too, shows later. */
static bool
has_no_time(const Running *running)
{
	const Turn *turn = running->turn;

	switch (turn->request->mode)
	{
		case TURN_ALONE:
			return turn->result->tasks > 0;
		case TURN_SESSION:
			return false;
		case TURN_SHARED:
			break;
	}
	return turn_slice_is_over(turn) && turn->result->executions + turn->result->tasks > 0;
}

/*
 * Tasks of the role hold so many processes that nobody can take back, that it gets no further one to run alone; after
 * the first, those that are in a task now may be the next.  How long to wait, or 0.
 */
static int64
pause_for_stuck(const Running *running)
{
	Oid role = running->cached->role;
	int stuck;

	if (running->turn->request->mode != TURN_ALONE)
		return 0;
	stuck = registry_count_stuck(MyDatabaseId, role);
	if (stuck >= STUCK_MAX)
		return STUCK_PAUSE;
	return (stuck > 0 && stuck + registry_count_in_task(MyDatabaseId, role) >= STUCK_MAX) ? IN_TASK_PAUSE : 0;
}

/*
 * The first task of a turn has its share even if claiming and reading took all the time of the turn: otherwise the
 * next turn would be as late.
 */
static bool
has_had_share(const Running *running)
{
	Turn *turn = running->turn;
	bool result = turn->has_called || turn->result->executions + turn->result->tasks > 0;

	turn->has_called = true;
	return result;
}

/* A task that runs holds its execution, so that its timer cannot be delivered meanwhile: the task ends when that is due. */
static void
limit_to_execution(const Running *running, ServiceCall *call)
{
	TimestampTz deadline = execution_deadline(&running->execution);
	int64 left;

	if (!call->is_alone || call->is_session || deadline == 0)
		return;
	left = Max((deadline - sfn_now()) / 1000 + 1, 1);
	if (call->timeout_ms == 0 || left < call->timeout_ms)
		call->timeout_ms = left;
}

/* An executor that has other things to do only tries it: what takes longer is no time-out of the task. */
static void
limit_to_try(const Turn *turn, ServiceCall *call)
{
	int limit_ms = turn->request->limit_ms;

	if (limit_ms == 0 || (call->timeout_ms > 0 && call->timeout_ms <= limit_ms))
		return;
	call->timeout_ms = limit_ms;
	call->is_limited = true;
}

static bool
execution_timed_out(const Running *running, const ServiceCall *call, const Event *answer)
{
	TimestampTz deadline = execution_deadline(&running->execution);

	return call->is_alone && !call->is_session && deadline != 0 && answer->kind == EVENT_TASK_FAILED &&
		answer->error != NULL && strcmp(answer->error, ERROR_TIMEOUT) == 0 && sfn_now() >= deadline;
}

/* The row that the task will leave behind, if it does: as for a callback. */
static TaskInsert *
task_row(const Running *running, const TaskCall *task, const Branch *branch)
{
	TaskInsert *row = palloc0(sizeof(TaskInsert));

	row->execution_id = running->execution.id;
	row->branch = task->branch;
	row->visit = task->visit;
	row->attempt = task->attempt;
	row->kind = TASK_CALLBACK;
	row->state = TASK_AWAITS_ANSWER;
	row->role = running->cached->role;
	row->timeout_seconds = task->timeout_seconds;
	row->heartbeat_seconds = task->heartbeat_seconds;
	row->created = sfn_now();
	row->token = branch->task_token;
	row->resource = task->task->resource.text;
	return row;
}

/* ---- what came of it ---- */

static void
take_outcome(Running *running, const TaskCall *task, ServiceOutcome outcome, Event *answer, TaskInsert *row,
			 int64 stored_row)
{
	bool waits_for_token = stored_row != 0 && outcome == SERVICE_ANSWERED && answer->kind == EVENT_TASK_SUCCEEDED;

	if (stored_row != 0 && !waits_for_token)
		task_delete(stored_row);
	switch (outcome)
	{
		case SERVICE_ANSWERED:
			running->turn->result->tasks++;
			running->local_tasks++;
			if (waits_for_token)
			{
				answer->kind = EVENT_TASK_SUBMITTED;
				running_set_clocks(running, branch_find(&running->execution, task->branch), row);
			}
			else if (answer->kind == EVENT_TASK_FAILED && task->task->resource.pattern != PATTERN_REQUEST_RESPONSE)
				answer->schedule_failed = true;
			deliver_answer(running, task, answer);
			break;
		case SERVICE_NEEDS_ALONE:
			put_off(running, EVENT_RUN_TASK_ALONE, task, 0);
			break;
		case SERVICE_PUT_OFF:
			/* unless for want of time, what it waits for takes a moment: looking again at once would be a hot loop */
			put_off(running, EVENT_RUN_TASK, task, turn_is_over(running->turn) ? 0 : PUT_OFF_PAUSE);
			break;
		case SERVICE_BEGUN:
			leave_behind(running, task, row, answer);
			break;
	}
}

static void
deliver_answer(Running *running, const TaskCall *task, Event *answer)
{
	answer->branch = task->branch;
	answer->visit = task->visit;
	answer->attempt = task->attempt;
	(void) engine_deliver(&running->execution, answer, &running->turn->env);
}

/* The work goes on outside; the clocks of an activity's task start when a worker takes it. */
static void
leave_behind(Running *running, const TaskCall *task, TaskInsert *row, Event *answer)
{
	Branch *branch = branch_find(&running->execution, task->branch);
	PendingTask *pending = palloc0(sizeof(PendingTask));

	pending->row = row;
	pending->next = running->tasks;
	running->tasks = pending;
	branch->has_timers = true; /* or something like them: what is to be cleared when it goes on */
	branch->is_changed = true;
	if (row->kind != TASK_ACTIVITY)
		running_set_clocks(running, branch, row);
	if (answer->kind == EVENT_TASK_SUBMITTED)
		deliver_answer(running, task, answer);
}

/* Like an answer from outside, which a row awaits until it is due. */
static void
answer_by_mock(Running *running, const TaskCall *task, const JsonVal *mock)
{
	const Branch *branch = branch_find(&running->execution, task->branch);
	Event answer = {0};
	Event nothing_yet = {0};
	int64 delay;
	InboxInsert insert;

	mock_event(mock, &answer, &delay);
	leave_behind(running, task, task_row(running, task, branch), &nothing_yet);
	insert = (InboxInsert){.execution_id = running->execution.id,
						   .due = sfn_now() + delay,
						   .kind = answer.kind,
						   .branch = task->branch,
						   .visit = task->visit,
						   .attempt = task->attempt,
						   .payload = event_payload_print(&answer)};
	turn_note_due(running->turn, insert.due);
	turn_rows_inbox(running->turn->rows, &insert);
	running->turn->result->tasks++;
}

/* Leaves the task to a later turn; what it was given is kept, since evaluating it again could give something else. */
static void
put_off(Running *running, int kind, const TaskCall *task, TimestampTz pause)
{
	PutOffWork work = {.parameters = task->parameters,
					   .role = task->role,
					   .timeout_seconds = task->timeout_seconds,
					   .heartbeat_seconds = task->heartbeat_seconds};
	Event event = {.value = put_off_work_value(&work), .text = task->task->resource.text};
	InboxInsert insert = {.execution_id = running->execution.id,
						  .due = sfn_now(),
						  .kind = kind,
						  .branch = task->branch,
						  .visit = task->visit,
						  .attempt = task->attempt,
						  .payload = event_payload_print(&event)};

	running->turn->result->tasks_put_off++;
	if (running->turn->request->limit_ms > 0 && task->due != 0)
		insert.due = task->due; /* it has only been tried */
	if (pause > 0)
	{
		insert.due += pause;
		turn_note_due(running->turn, insert.due);
	}
	else if (kind == EVENT_RUN_TASK_ALONE)
		running->turn->result->postponed_alone++;
	else
		running->turn->result->has_more = true;
	turn_rows_inbox(running->turn->rows, &insert);
}
