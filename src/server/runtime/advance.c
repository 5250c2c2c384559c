/*
 * advance.c
 *	  One execution's share of a turn: its events are delivered, and what the engine
 *	  asks for is done, until the execution waits or ends.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/timestamp.h"

#include "clock.h"
#include "guc.h"
#include "runtime/running.h"
#include "services/service.h"

/* A commit caches 64 subtransaction ids; beyond, every snapshot gets slower.  The last task may take some. */
#define MAX_SUBXIDS 48
#define MAX_TURN_BYTES (16 * 1024 * 1024)

static void deliver_row(Running *running, InboxRow *row);
static void deliver(Running *running, const Event *event);
static void follow_effects(Running *running);
static void run_task(Running *running, const Effect *effect);
static void run_stored_task(Running *running, const InboxRow *row);
static void call_service(Running *running, const Branch *branch, const TaskState *task, const JsonVal *parameters,
						 int64 timeout_seconds, int32 visit, int32 attempt);
static void put_off(Running *running, int kind, int32 branch, int32 visit, int32 attempt,
					const JsonVal *parameters, int64 timeout_seconds);
static void timer_add(Running *running, const Effect *effect);
static void timers_clear(Running *running, int32 branch);

/* A stop that is there goes before everything else: nothing is begun that it would end. */
void
running_advance(Running *running)
{
	for (InboxRow *row = running->claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind == EVENT_STOP)
			deliver_row(running, row);
	}
	for (InboxRow *row = running->claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind != EVENT_STOP)
			deliver_row(running, row);
	}
	if (running->execution.has_ready_branches && running->execution.status == EXECUTION_RUNNING)
	{
		InboxInsert insert = {
			.execution_id = running->execution.id, .due = sfn_now(), .kind = EVENT_CONTINUE
		};

		turn_rows_inbox(running->turn->rows, &insert);
		running->turn->result->has_more = true;
	}
}

bool
turn_is_over(const Turn *turn)
{
	return GetCurrentTimestamp() >= turn->deadline
		|| MyProc->subxidStatus.count >= MAX_SUBXIDS || MyProc->subxidStatus.overflowed
		|| turn_rows_bytes(turn->rows) > MAX_TURN_BYTES;
}

static void
deliver_row(Running *running, InboxRow *row)
{
	Event		event;

	turn_rows_inbox_done(running->turn->rows, &row->tid);
	if (row->kind == EVENT_RUN_TASK || row->kind == EVENT_RUN_TASK_ALONE)
		run_stored_task(running, row);
	else if (deliver_event(row, &event))
		deliver(running, &event);
	else
		elog(WARNING, "dropped an inbox row of execution \"%s\" whose payload cannot be read",
			 running->execution.arn);
}

static void
deliver(Running *running, const Event *event)
{
	(void) engine_deliver(&running->execution, event, &running->turn->env);
	follow_effects(running);
}

/* Does what the engine asked for; a task that answers at once leads to further effects at the end of the list. */
static void
follow_effects(Running *running)
{
	Execution  *execution = &running->execution;
	Effect	   *effect;

	while ((effect = execution->first_effect) != NULL)
	{
		execution->first_effect = effect->next;
		if (execution->first_effect == NULL)
			execution->last_effect = NULL;
		switch (effect->kind)
		{
			case EFFECT_RUN_TASK:
				run_task(running, effect);
				break;
			case EFFECT_SET_TIMER:
				timer_add(running, effect);
				break;
			case EFFECT_CLEAR:
				timers_clear(running, effect->branch->id);
				break;
		}
	}
}

/* ---- tasks ---- */

static void
run_task(Running *running, const Effect *effect)
{
	if (!engine_awaits(&running->execution, effect->branch->id, effect->visit, effect->attempt))
		return;
	call_service(running, effect->branch, effect->task, effect->parameters, effect->timeout_seconds,
				 effect->visit, effect->attempt);
}

/* A task that an earlier turn put off; its parameters are in the row. */
static void
run_stored_task(Running *running, const InboxRow *row)
{
	Branch	   *branch = branch_find(&running->execution, row->branch);
	Event		event;
	int64		timeout_seconds = 0;
	const JsonVal *parameters;

	if (running->execution.status != EXECUTION_RUNNING || branch == NULL
		|| !engine_awaits(&running->execution, row->branch, row->visit, row->attempt)
		|| !deliver_event(row, &event) || (parameters = jv_get(event.value, "parameters")) == NULL)
		return;
	(void) jv_to_int64(jv_get(event.value, "timeoutSeconds"), &timeout_seconds);
	call_service(running, branch, (const TaskState *) branch->state, parameters, timeout_seconds,
				 row->visit, row->attempt);
	follow_effects(running);
}

static void
call_service(Running *running, const Branch *branch, const TaskState *task, const JsonVal *parameters,
			 int64 timeout_seconds, int32 visit, int32 attempt)
{
	const Turn *turn = running->turn;
	int32		branch_id = branch->id;
	ServiceCall call = {
		.resource = &task->resource,
		.parameters = parameters,
		.role = running->cached->role,
		.timeout_ms = timeout_seconds * 1000,
		.is_alone = turn->request->mode != TURN_SHARED,
		.is_session = turn->request->mode == TURN_SESSION,
		.is_last_try = turn->request->is_last_try,
		.share_ms = (turn->deadline - GetCurrentTimestamp()) / 1000
	};
	Event		answer;

	/* A transaction of its own is for one task; whether the next one needs that, too, shows later. */
	if (turn->request->mode == TURN_ALONE ? turn->result->tasks > 0 : !call.is_session && turn_is_over(turn) &&
		turn->result->executions + turn->result->tasks > 0)
	{
		put_off(running, EVENT_RUN_TASK, branch_id, visit, attempt, parameters, timeout_seconds);
		return;
	}

	switch (service_call(&call, &answer))
	{
		case SERVICE_ANSWERED:
			turn->result->tasks++;
			answer.branch = branch_id;
			answer.visit = visit;
			answer.attempt = attempt;
			(void) engine_deliver(&running->execution, &answer, &running->turn->env);
			break;
		case SERVICE_NEEDS_ALONE:
			put_off(running, EVENT_RUN_TASK_ALONE, branch_id, visit, attempt, parameters, timeout_seconds);
			break;
		case SERVICE_PUT_OFF:
			put_off(running, EVENT_RUN_TASK, branch_id, visit, attempt, parameters, timeout_seconds);
			break;
	}
}

/* Leaves the task to a later turn; what it was given is kept, since evaluating it again could give something else. */
static void
put_off(Running *running, int kind, int32 branch, int32 visit, int32 attempt,
		const JsonVal *parameters, int64 timeout_seconds)
{
	JvObjectBuilder value;
	JvObjectBuilder payload;
	InboxInsert insert = {
		.execution_id = running->execution.id, .due = sfn_now(), .kind = kind,
		.branch = branch, .visit = visit, .attempt = attempt
	};

	jv_object_begin(&value);
	jv_object_add(&value, "parameters", parameters);
	jv_object_add(&value, "timeoutSeconds", jv_int(timeout_seconds));
	jv_object_begin(&payload);
	jv_object_add(&payload, "value", jv_object_end(&value));
	insert.payload = jv_to_text(jv_object_end(&payload));
	turn_rows_inbox(running->turn->rows, &insert);
	if (kind == EVENT_RUN_TASK_ALONE)
		running->turn->result->postponed_alone++;
	else
		running->turn->result->has_more = true;
}

/* ---- timers ---- */

static void
timer_add(Running *running, const Effect *effect)
{
	PendingTimer *timer = palloc0(sizeof(PendingTimer));

	timer->branch = effect->branch->id;
	timer->visit = effect->visit;
	timer->attempt = effect->attempt;
	timer->kind = effect->timer;
	timer->due = effect->due;
	timer->next = running->timers;
	running->timers = timer;
}

/* Timers of a branch are void: those of this turn are not written, those of earlier ones are deleted. */
static void
timers_clear(Running *running, int32 branch)
{
	for (PendingTimer **link = &running->timers; *link != NULL;)
	{
		if ((*link)->branch == branch && (*link)->kind != TIMER_EXECUTION)
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
	turn_rows_inbox_clear(running->turn->rows, running->execution.id, branch);
}
