/*
 * advance.c
 *	  One execution's share of a turn: its events are delivered, and what the engine
 *	  asks for is done, until the execution waits or ends.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/timestamp.h"

#include "engine/event_payload.h"
#include "engine/step.h"
#include "runtime/running.h"
#include "settings/clock.h"

/* A commit caches 64 subtransaction ids; beyond, every snapshot gets slower.  The last task may take some. */
#define MAX_SUBXIDS 48
#define MAX_TURN_BYTES (16 * 1024 * 1024)

static void deliver_stops(Running *running);
static bool has_ended_now(const Running *running);
static void deliver_row(Running *running, InboxRow *row);
static void deliver(Running *running, const Event *event);
static void deliver_again(Running *running, const Event *event);
static void repeat_alone(Running *running);
static void follow_effects(Running *running);
static void timer_add(Running *running, const PendingTimer *asked);
static void timers_clear(Running *running, int32 branch);
static void tasks_clear(Running *running, const Effect *effect);

void
running_advance(Running *running)
{
	running->turn->in_hand = running;
	deliver_stops(running);
	if (!running_check_quota(running))
		return;
	for (InboxRow *row = running->claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind == EVENT_REDRIVE && has_ended_now(running))
		{
			running->turn->result->has_more = true;
			break; /* the next turn finds what a redrive begins with; what comes after it is its business, too */
		}
		if (!row->is_delivered)
			deliver_row(running, row);
	}
	running_settle_maps(running);
	follow_effects(running);
	running_store_maps(running);
	if (running->execution.first_taken_back != NULL)
		repeat_alone(running);
	else if (running->execution.has_ready_branches && running->execution.status == EXECUTION_RUNNING)
	{
		InboxInsert insert = {.execution_id = running->execution.id, .due = sfn_now(), .kind = EVENT_CONTINUE};

		turn_rows_inbox(running->turn->rows, &insert);
		running->turn->result->has_more = true;
	}
}

/*
 * Transitions that took more than their share, or that a stop has ended, are done
 * again in a turn of the execution's own; its other branches go on there, too.
 */
static void
repeat_alone(Running *running)
{
	const Execution *execution = &running->execution;

	if (execution->status != EXECUTION_RUNNING)
		return;
	for (const TakenBack *taken = execution->first_taken_back; taken != NULL; taken = taken->next)
	{
		InboxInsert insert = {.execution_id = execution->id,
							  .due = sfn_now(),
							  .kind = EVENT_RUN_TASK_ALONE,
							  .branch = taken->event.branch,
							  .visit = taken->event.visit,
							  .attempt = taken->event.attempt,
							  .payload = event_payload_print_put_off(&taken->event)};

		turn_rows_inbox(running->turn->rows, &insert);
		running->turn->result->postponed_alone++;
	}
	running->turn->result->has_more = true;
}

/* A stop that is there goes before everything else: nothing is begun that it would end. */
static void
deliver_stops(Running *running)
{
	const Execution *execution = &running->execution;

	for (InboxRow *row = running->claimed->first_row; row != NULL && execution->status == EXECUTION_RUNNING;
		 row = row->next)
	{
		if (row->kind == EVENT_STOP && !row->is_delivered && row->visit <= execution_run(execution))
			deliver_row(running, row);
	}
}

static bool
has_ended_now(const Running *running)
{
	return running->was_running && running->execution.status != EXECUTION_RUNNING;
}

/* A stop of a run that a redrive is still to begin waits for that: it was accepted after it. */
static bool
put_off_stop(Running *running, const InboxRow *row)
{
	InboxInsert again = {.execution_id = row->execution_id,
						 .due = sfn_now() + REDRIVE_PAUSE,
						 .kind = EVENT_STOP,
						 .visit = row->visit,
						 .payload = row->payload};
	bool is_expected = row->visit > execution_run(&running->execution) && inbox_has_redrive(row->execution_id);

	if (is_expected)
	{
		turn_rows_inbox(running->turn->rows, &again);
		turn_note_due(running->turn, again.due);
	}
	return is_expected;
}

static bool
is_used_up(const Turn *turn, TimestampTz end)
{
	return GetCurrentTimestamp() >= end || MyProc->subxidStatus.count >= MAX_SUBXIDS ||
		MyProc->subxidStatus.overflowed || turn_rows_bytes(turn->rows) > MAX_TURN_BYTES;
}

bool
turn_is_over(const Turn *turn)
{
	return is_used_up(turn, turn->deadline);
}

bool
turn_slice_is_over(const Turn *turn)
{
	return is_used_up(turn, turn->slice_end);
}

void
turn_note_due(Turn *turn, TimestampTz due)
{
	if (turn->result->next_due == 0 || due < turn->result->next_due)
		turn->result->next_due = due;
}

static void
deliver_row(Running *running, InboxRow *row)
{
	Event event;

	row->is_delivered = true;
	turn_rows_inbox_done(running->turn->rows, &row->tid);
	if (row->kind == EVENT_STOP && put_off_stop(running, row))
		return;
	if (row->kind == EVENT_RUN_TASK_ALONE && deliver_event(row, &event) && event.kind != EVENT_RUN_TASK_ALONE)
		deliver_again(running, &event);
	else if (row->kind == EVENT_RUN_TASK || row->kind == EVENT_RUN_TASK_ALONE)
	{
		running_begin_stored_task(running, row);
		follow_effects(running);
	}
	else if (row->kind == EVENT_MAP_RUN)
		running_take_map_news(running, row);
	else if (row->kind == EVENT_REDRIVE && running_withhold_redrive(running, row))
		return;
	else if (deliver_event(row, &event))
	{
		event.stop_follows = row->kind == EVENT_REDRIVE &&
			inbox_stop_follows(running->execution.id, execution_run(&running->execution) + 1, &row->tid);
		deliver(running, &event);
	}
	else
		elog(WARNING, "dropped an inbox row of execution \"%s\" whose payload cannot be read", running->execution.arn);
}

/* The transition that was taken back; had it become void meanwhile, the other branches would go on all the same. */
static void
deliver_again(Running *running, const Event *event)
{
	Event others = {.kind = EVENT_CONTINUE};

	deliver(running, event);
	deliver(running, &others);
}

/* A worker's answer may overtake the news that it has taken the task; it names the worker, too. */
static void
deliver_overtaken_start(Running *running, const Event *event)
{
	const Branch *branch = branch_find(&running->execution, event->branch);
	Event started = *event;

	if (event->kind != EVENT_TASK_SUCCEEDED && event->kind != EVENT_TASK_FAILED && event->kind != EVENT_TASK_HEARTBEAT)
		return;
	if (branch == NULL || branch->task_started || branch->state->type != &state_type_task ||
		((const TaskState *) branch->state)->resource.kind != RESOURCE_ACTIVITY)
		return;
	started.kind = EVENT_TASK_STARTED;
	(void) engine_deliver(&running->execution, &started, &running->turn->env);
}

/*
 * Whoever answers is told when he is too late, but for what happens between his call and the end of his transaction: that is
 * for the log.
 */
static void
note_late_answer(const Running *running, const Event *event)
{
	if (event->kind == EVENT_TASK_SUCCEEDED || event->kind == EVENT_TASK_FAILED)
		ereport(LOG,
				(errmsg("an answer to a task of execution \"%s\" came too late", running->execution.arn),
				 errdetail("When its transaction was committed, the task had timed out, was retried or stopped.")));
}

static void
deliver(Running *running, const Event *event)
{
	const Execution *execution = &running->execution;
	bool is_taken;

	deliver_overtaken_start(running, event);
	is_taken = engine_deliver(&running->execution, event, &running->turn->env);
	if (!is_taken)
		note_late_answer(running, event);
	if (is_taken && event->kind == EVENT_REDRIVE)
	{
		running->was_running = true;
		if (running->claimed->map_run_id != 0 && running->claimed->status != EXECUTION_RUNNING)
			turn_rows_map_news(running->turn->rows, running->claimed->map_run_id, running->claimed->status, -1,
							   -running->claimed->map_items);
		turn_rows_redrive(running->turn->rows, execution->id, execution->redrive_count, execution->redrive_time,
						  execution->start_time);
		deliver_stops(running);
	}
	else if (event->kind == EVENT_REDRIVE)
		running_tell_no_redrive(running);
	follow_effects(running);
}

/* Does what the engine asked for; a task that answers at once leads to further effects at the end of the list. */
static void
follow_effects(Running *running)
{
	Effect *effect;

	while ((effect = execution_take_effect(&running->execution)) != NULL)
	{
		switch (effect->kind)
		{
			case EFFECT_RUN_TASK:
				running_begin_task(running, effect);
				break;
			case EFFECT_RUN_MAP:
				running_begin_map(running, effect);
				break;
			case EFFECT_SET_TIMER:
				timer_add(running,
						  &(PendingTimer){.branch = effect->branch->id,
										  .visit = effect->visit,
										  .attempt = effect->attempt,
										  .kind = effect->timer,
										  .due = effect->due});
				break;
			case EFFECT_CLEAR:
				timers_clear(running, effect->branch->id);
				tasks_clear(running, effect);
				break;
		}
	}
}

/* ---- timers ---- */

/* An earlier heartbeat timer of the branch is void: a heartbeat sets the clock back. */
static void
timer_add(Running *running, const PendingTimer *asked)
{
	PendingTimer *timer = NULL;

	if (asked->kind == TIMER_HEARTBEAT)
	{
		for (timer = running->timers; timer != NULL; timer = timer->next)
			if (timer->branch == asked->branch && timer->kind == asked->kind)
				break;
		if (timer == NULL)
			turn_rows_heartbeat_clear(running->turn->rows, running->execution.id, asked->branch);
	}
	if (timer != NULL)
	{
		timer->due = asked->due;
		return;
	}
	timer = palloc(sizeof(PendingTimer));
	*timer = *asked;
	timer->next = running->timers;
	running->timers = timer;
}

/* The clocks of a task that has begun outside. */
void
running_set_clocks(Running *running, Branch *branch, const TaskInsert *task)
{
	PendingTimer timer = {.branch = task->branch, .visit = task->visit, .attempt = task->attempt};

	branch->has_timers = true;
	branch->is_changed = true;
	if (task->timeout_seconds > 0)
	{
		timer.kind = TIMER_TASK;
		timer.due = task->created + task->timeout_seconds * USECS_PER_SEC;
		timer_add(running, &timer);
	}
	if (task->heartbeat_seconds > 0)
	{
		timer.kind = TIMER_HEARTBEAT;
		timer.due = task->created + task->heartbeat_seconds * USECS_PER_SEC;
		timer_add(running, &timer);
	}
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

/* So are its tasks, up to the visit and attempt that the effect names; an execution begun for one is stopped. */
static void
tasks_clear(Running *running, const Effect *effect)
{
	int32 branch = effect->branch->id;

	for (PendingTask **link = &running->tasks; *link != NULL;)
	{
		const TaskInsert *row = (*link)->row;

		if (row->branch != branch || row->visit > effect->visit ||
			(row->visit == effect->visit && row->attempt > effect->attempt))
		{
			link = &(*link)->next;
			continue;
		}
		if (row->kind == TASK_CHILD)
		{
			InboxInsert stop = {.execution_id = row->child_execution_id, .due = sfn_now(), .kind = EVENT_STOP};

			turn_rows_inbox(running->turn->rows, &stop);
			running->turn->result->has_more = true;
		}
		*link = (*link)->next;
	}
	turn_rows_task_clear(running->turn->rows, running->execution.id, branch, effect->visit, effect->attempt, sfn_now());
}
