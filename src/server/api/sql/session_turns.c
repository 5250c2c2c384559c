/*
 * session_turns.c
 *	  Turns in a session's own transaction: sfn.run_once() and sfn.run_until_idle().
 *
 * For tests, whose clock is sfn.test_now, and for servers that do not preload the
 * library.  Everything that is due is done in the caller's transaction, tasks that
 * want a turn of their own included.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "actions/event_replays.h"
#include "actions/event_rule_cache.h"
#include "actions/schedule_runs.h"
#include "api/arguments.h"
#include "runtime/turn.h"
#include "services/sandbox.h"
#include "settings/clock.h"
#include "shared/worker_registry.h"
#include "store/instance.h"
#include "store/sql_version.h"
#include "store/store.h"

#define SESSION_TURN_ROWS 1000

/* Is a worker at work here, or about to leave?  A probe only looks. */
static bool
has_workers(void)
{
	bool result = false;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state != WORKER_FREE && slot->database == MyDatabaseId && slot->role != WORKER_PROBE)
			result = true;
	}
	LWLockRelease(worker_registry->lock);
	return result;
}

/*
 * The session's clock is not the workers', and what it does may be rolled back: not for executions that live.  What this
 * session has set says nothing about them.
 */
static void
require_no_workers(void)
{
	const char *hint = "Tests run in a database of their own, for which ALTER DATABASE has set sfn.enabled = off.";

	if (!workers_are_possible())
		return;
	if (has_workers() || (instance_has_workers(worker_registry->is_enabled) && instance_check() != INSTANCE_FOREIGN))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("workers run the executions of this database"), errhint("%s", hint)));
}

static void
session_turn(TurnResult *result)
{
	TurnRequest request = {.mode = TURN_SESSION,
						   .takes_alone = true,
						   .is_last_try = true,
						   .max_executions = SESSION_TURN_ROWS};
	StoreScope scope;

	if (sandbox_depth() > 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("a task cannot run turns itself")));
	store_refuse_standby();
	require_no_workers();
	turn_run(&request, result);
	store_enter(&scope);
	(void) event_notices_send(SESSION_TURN_ROWS);
	store_leave(&scope);
}

/* sfn.run_once(): one turn; returns how many executions it moved. */
SFN_FUNCTION(sfn_run_once)
{
	TurnResult result;

	session_turn(&result);
	PG_RETURN_INT32(result.executions);
}

/* What is due by the test clock. */
static int
run_schedules(void)
{
	StoreScope scope;
	int count;

	store_enter(&scope);
	count = schedules_run(SESSION_TURN_ROWS, InvalidOid);
	store_leave(&scope);
	return count;
}

/* A part of a replay. */
static bool
run_replay(void)
{
	StoreScope scope;
	bool was_one;

	store_enter(&scope);
	was_one = replay_step();
	store_leave(&scope);
	return was_one;
}

/*
 * sfn.run_until_idle(max_turns): turn after turn until nothing is due.  A test clock
 * is moved to the next due time, so that nothing is left but what waits for an
 * answer from outside.  Returns how many turns did something.
 */
SFN_FUNCTION(sfn_run_until_idle)
{
	int32 max_turns = PG_GETARG_INT32(0);
	int32 turns = 0;
	MemoryContext turn_context =
		AllocSetContextCreate(CurrentMemoryContext, "sfn session turn", ALLOCSET_DEFAULT_SIZES);

	require_arguments(fcinfo);
	for (;;)
	{
		MemoryContext caller_context = MemoryContextSwitchTo(turn_context);
		TurnResult result;

		CHECK_FOR_INTERRUPTS();
		session_turn(&result);
		MemoryContextSwitchTo(caller_context);
		MemoryContextReset(turn_context);

		if (result.executions > 0 || run_schedules() > 0 || run_replay())
		{
			if (++turns >= max_turns)
				ereport(
					ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("executions are still under way after %d turns", max_turns),
					 errhint(
						 "sfn.run_until_idle(max_turns) takes a higher limit; a machine without an end never becomes idle.")));
		}
		else if (sfn_clock_is_fixed() && result.next_due > sfn_now())
			sfn_clock_move_to(result.next_due);
		else
			break;
	}
	MemoryContextDelete(turn_context);
	PG_RETURN_INT32(turns);
}
