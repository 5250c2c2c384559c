/*
 * turn.c
 *	  One turn: claim due inbox rows, lock their executions, advance them, write
 *	  everything back.
 *
 * Runs inside the caller's transaction: an executor commits after it, a session
 * that called sfn.run_once() when it likes.  Bounded by count and by about 20 ms of
 * work, so latency is low when there is little to do and the rate is high when
 * there is much.  Memory: a context "sfn turn", reset at the end.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "actions/lineage.h"
#include "engine/event.h"
#include "runtime/engine_env.h"
#include "runtime/running.h"
#include "runtime/transition_budget.h"
#include "runtime/turn.h"
#include "runtime/turn_order.h"
#include "services/states/activity.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "shared/in_hand.h"
#include "shared/verdicts.h"
#include "shared/wakeup.h"
#include "store/store.h"
#include "store/task_token.h"

#define HISTORY_CHUNK_BYTES (64 * 1024)
#define FIRST_CLAIM 16
#define SESSION_SHARE_STEPS 10000 /* of one execution */

/* How many rows a shared turn claims: what recent turns had time for, and a little more. */
static int claim_size = FIRST_CLAIM;

static void note_delivered(TurnResult *result, const ClaimedExecution *claimed, TimestampTz claim_time);
static void advance_all(Turn *turn, TimestampTz claim_time);
static bool gives_way(const Turn *turn, TimestampTz now);
static void begin_slice(Turn *turn, TimestampTz began, bool others_wait);
static void give_back(const ClaimedExecution *claimed, TurnOrder *order);
static int choose_claim_size(const TurnRequest *request);
static void learn_claim_size(const Turn *turn, int claimed);
static void turn_env(Turn *turn);
static bool is_stopping(const ClaimedExecution *claimed);
static void advance_one(Turn *turn, ClaimedExecution *claimed);
static bool advance_quarantined(Turn *turn, Running *running);
static void end_unreadable(Turn *turn, Running *running);

void
turn_run(const TurnRequest *request, TurnResult *result)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sfn turn", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	Turn turn = {.request = request, .result = result};
	ClaimedExecution *claimed;
	TimestampTz claim_time;
	int count;
	StoreScope scope;

	/* A stop cancels the task that runs for it, not the turn: the sandbox lets cancels in. */
	if (request->mode != TURN_SESSION)
		HOLD_CANCEL_INTERRUPTS();
	memset(result, 0, sizeof(TurnResult));
	machine_cache_trim();
	turn.wakeups = worker_wakeups();
	turn.started = GetCurrentTimestamp();
	turn.deadline = TimestampTzPlusMilliseconds(turn.started, request->makes_room ? SHORT_TURN_MS : TURN_SHARE_MS);
	turn.rows = turn_rows_begin();
	turn.event_rows = event_rows_begin(NULL);
	turn_env(&turn);

	store_enter(&scope);
	store_pin_planner();
	claim_time = sfn_now();
	count = claim_due(request, choose_claim_size(request), claim_time, &claimed, result);
	store_unpin_planner();
	store_leave(&scope);
	turn.claimed = claimed;
	turn.claimed_count = count;
	advance_all(&turn, claim_time);

	if (count > 0)
	{
		store_enter(&scope);
		turn_rows_write(turn.rows);
		event_rows_store(turn.event_rows);
		store_leave(&scope);
		turn_tell_map_runs(&turn);
		turn_tell_waiters(&turn);
	}
	learn_claim_size(&turn, count);
	if (request->mode != TURN_SESSION)
	{
		QueryCancelPending = false; /* came too late */
		RESUME_CANCEL_INTERRUPTS();
	}
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
}

/* As many of the claimed as there is time for, each role and machine in its turn. */
static void
advance_all(Turn *turn, TimestampTz claim_time)
{
	const TurnRequest *request = turn->request;
	TurnOrder *order = turn_order_begin(turn->claimed, turn->claimed_count, request->mode);
	ClaimedExecution *claimed;
	TimestampTz began = GetCurrentTimestamp();

	for (int i = 0; (claimed = turn_order_next(order)) != NULL; i++)
	{
		TimestampTz ended;

		if (i > 0 && request->mode != TURN_SESSION &&
			(turn_is_over(turn) || gives_way(turn, began) || turn_order_wants_news(order)))
		{
			turn->result->has_more = true;
			give_back(claimed, order);
			break;
		}
		worker_set_execution(claimed->id);
		if (request->mode == TURN_ALONE && is_stopping(claimed))
		{
			worker_set_execution(0);
			continue;
		}
		begin_slice(turn, began, turn->result->has_more || turn_order_has_more(order));
		advance_one(turn, claimed);
		worker_set_execution(0);
		ended = GetCurrentTimestamp();
		turn_order_charge(order, ended - began);
		turn->has_sliced |= ended >= turn->slice_end;
		began = ended;
		note_delivered(turn->result, claimed, claim_time);
		turn->result->executions++;
	}
	turn_order_end(order, request, turn->result->has_more);
	lineage_forget();
}

/* Where executions are slow, what has just come does not wait for the whole turn. */
static bool
gives_way(const Turn *turn, TimestampTz now)
{
	return turn->has_sliced && turn->wakeups != worker_wakeups() &&
		now >= TimestampTzPlusMilliseconds(turn->started, SLOW_TURN_MS);
}

/* Who shares the turn with others, claimed or left in the inbox, has less than all of it. */
static void
begin_slice(Turn *turn, TimestampTz began, bool others_wait)
{
	TimestampTz end = TimestampTzPlusMilliseconds(began, TURN_SLICE_MS);

	turn->slice_end = turn->request->mode == TURN_SHARED && others_wait ? Min(end, turn->deadline) : turn->deadline;
}

/* How late the rows of an execution came into our hands. */
static void
note_delivered(TurnResult *result, const ClaimedExecution *claimed, TimestampTz claim_time)
{
	for (const InboxRow *row = claimed->first_row; row != NULL; row = row->next)
	{
		int64 lateness = Max(claim_time - row->due, 0);

		result->rows_delivered++;
		result->lateness += lateness;
		result->max_lateness = Max(result->max_lateness, lateness);
	}
}

/* The turn had no time for this one and what is left: their rows stay in the inbox. */
static void
give_back(const ClaimedExecution *claimed, TurnOrder *order)
{
	for (; claimed != NULL; claimed = turn_order_next(order))
		if (claimed->first_row != NULL)
			claim_give_back(claimed->first_row->due);
}

/*
 * Claiming more than a turn can do costs everybody: the locks, and the other
 * executors' way past them.
 */
static int
choose_claim_size(const TurnRequest *request)
{
	if (request->mode != TURN_SHARED || request->only_execution != 0)
		return request->max_executions;
	return Min(claim_size, request->max_executions);
}

static void
learn_claim_size(const Turn *turn, int claimed)
{
	int done = turn->result->executions;

	if (turn->request->mode != TURN_SHARED || turn->request->only_execution != 0 || claimed == 0)
		return;
	if (done < claimed)
		claim_size = Max(1, done + done / 8);
	else if (turn->result->rows_claimed >= claim_size)
		claim_size = Min(claim_size * 2, turn->request->max_executions);
}

/*
 * A task of its own turn may run long.  Once the execution is in hand a stop that
 * commits cancels it; one that committed before is found here and goes first.
 */
static bool
is_stopping(const ClaimedExecution *claimed)
{
	for (const InboxRow *row = claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind == EVENT_STOP)
			return false;
	}
	return inbox_has_stop(claimed->id);
}

static void
advance_one(Turn *turn, ClaimedExecution *claimed)
{
	Running *running = palloc(sizeof(Running)); /* until the end of the turn */

	turn->steps = 0;
	lineage_enter(claimed->trace_header);
	if (!running_restore(running, turn, claimed))
		end_unreadable(turn, running);
	else if (claimed->is_quarantined)
	{
		if (!advance_quarantined(turn, running))
			return;
	}
	else
		running_advance(running);
	running_apply(running);
	running_send_status(running);
	running_charge_quota(running);
	running_count(running);
}

/* Its revision, definition or image cannot be read: the execution fails, whatever the event was. */
static void
end_unreadable(Turn *turn, Running *running)
{
	for (InboxRow *row = running->claimed->first_row; row != NULL; row = row->next)
		turn_rows_inbox_done(turn->rows, &row->tid);
	if (!running->was_running)
		return;
	if (running->execution.main == NULL && (running->execution.machine == NULL || running->claimed->image != NULL))
		(void) branch_attach(&running->execution, NULL, 0, 0);
	engine_fail(&running->execution, running->execution.error, running->execution.cause, &turn->env);
}

static InboxRow *
claimed_row_of_kind(const ClaimedExecution *claimed, int kind)
{
	for (InboxRow *row = claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind == kind)
			return row;
	}
	return NULL;
}

/* Puts the rows that came due back: to wait until the execution is released, or for the next turn. */
static void
park_rows(Turn *turn, const ClaimedExecution *claimed, TimestampTz due)
{
	for (const InboxRow *row = claimed->first_row; row != NULL; row = row->next)
	{
		InboxInsert parked = {.execution_id = row->execution_id,
							  .due = due,
							  .branch = row->branch,
							  .visit = row->visit,
							  .attempt = row->attempt,
							  .kind = row->kind,
							  .timer = row->timer,
							  .payload = row->payload};

		if (row->kind != EVENT_RELEASE)
			turn_rows_inbox(turn->rows, &parked);
	}
}

/*
 * An execution that brought workers down: only a stop is delivered, without looking at where it stands, or a release,
 * which brings it back.  False: nothing of the execution itself has changed.
 */
static bool
advance_quarantined(Turn *turn, Running *running)
{
	ClaimedExecution *claimed = running->claimed;
	InboxRow *stop = claimed_row_of_kind(claimed, EVENT_STOP);
	Event event;

	for (InboxRow *row = claimed->first_row; row != NULL; row = row->next)
		turn_rows_inbox_done(turn->rows, &row->tid);
	if (!running->was_running)
		return false;
	if (stop != NULL && deliver_event(stop, &event))
	{
		(void) engine_deliver(&running->execution, &event, &turn->env);
		turn_rows_inbox_clear_all(turn->rows, claimed->id);
		return true;
	}
	if (claimed_row_of_kind(claimed, EVENT_RELEASE) != NULL)
	{
		TimestampTz now = sfn_now();

		execution_release(claimed->id, now);
		park_rows(turn, claimed, now);
		turn->result->has_more = true;
	}
	else
		park_rows(turn, claimed, DT_NOEND);
	return false;
}

/* ---- what the engine may ask ---- */

static bool
env_must_yield(EngineEnv *env)
{
	const Turn *turn = env->owner;

	return turn_slice_is_over(turn) || turn_has_used_quota(turn);
}

/* A session's turn is as long as it takes, so that tests are exact; a machine without an end must not take it all. */
static bool
env_must_yield_in_session(EngineEnv *env)
{
	Turn *turn = env->owner;

	return ++turn->steps >= SESSION_SHARE_STEPS || turn_has_used_quota(turn);
}

static const char *
env_task_token(EngineEnv *env, Execution *execution, Branch *branch)
{
	Turn *turn = env->owner;

	(void) branch;
	if (turn->token_key == NULL)
	{
		StoreScope scope;

		store_enter(&scope);
		turn->token_key = task_token_key();
		store_leave(&scope);
	}
	return task_token_make(turn->token_key, execution->id);
}

static bool
env_can_schedule(EngineEnv *env, Execution *execution, const TaskState *task, SfnError *error)
{
	const Running *running = (const Running *) ((char *) execution - offsetof(Running, execution));

	(void) env;
	return task->resource.kind != RESOURCE_ACTIVITY ||
		activity_can_be_scheduled(&task->resource, running->cached->role, error);
}

static int64
revision_of(const Execution *execution)
{
	const Running *running = (const Running *) ((const char *) execution - offsetof(Running, execution));

	return running->cached->revision_id;
}

static bool
env_is_heavy(EngineEnv *env, const Execution *execution, const AslState *state, bool is_entered)
{
	(void) env;
	return verdict_state_is_heavy(revision_of(execution), state->number, is_entered);
}

static void
env_note_time(EngineEnv *env, const Execution *execution, const AslState *state, bool is_entered, int64 microseconds)
{
	(void) env;
	verdict_state_took(revision_of(execution), state->number, is_entered, microseconds);
}

static void
turn_env(Turn *turn)
{
	EngineEnv *env = &turn->env;

	engine_env_begin(env, turn);
	env->must_yield = turn->request->mode == TURN_SESSION ? env_must_yield_in_session : env_must_yield;
	env->load_finished = running_load_finished;
	env->task_token = env_task_token;
	env->can_schedule = env_can_schedule;
	if (turn->request->mode != TURN_SESSION)
	{
		env->is_heavy = env_is_heavy;
		env->note_time = env_note_time;
	}
	env->max_chunk_bytes = HISTORY_CHUNK_BYTES;
	env->budget = turn->request->mode == TURN_SESSION
		? transition_budget_of_session()
		: transition_budget_of_turn(turn->request->mode == TURN_SHARED || turn->request->limit_ms > 0,
									turn->request->limit_ms > 0 ? turn->request->limit_ms : TURN_SHARE_MS);
}
