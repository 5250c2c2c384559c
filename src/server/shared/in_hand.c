/*
 * in_hand.c
 *	  What an executor has in hand.
 *
 * Others see it in the executor's slot: they do not claim its rows, and a stop
 * cancels its task.  The executor itself remembers what it took during a turn, to tell after
 * a failure whom to try one by one.  The same is written down for after a crash
 * (in_hand_file.c).
 */
#include "postgres.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/spin.h"
#include "utils/timestamp.h"

#include "shared/given_up.h"
#include "shared/in_hand.h"
#include "shared/in_hand_file.h"
#include "shared/verdicts.h"
#include "shared/worker_registry.h"

#define ACTIVITY_SIZE 1024 /* the default of track_activity_query_size */

/* Executions of the turn under way; see executor.c. */
static int64 turn_executions[TURN_EXECUTIONS_KEPT];
static int turn_execution_count = 0;
static bool keeps_in_hand = false;

static TaskInHand task_in_hand;
static bool has_given_up = false;
static bool has_timed_out = false; /* what is given up */

/*
 * The execution in hand; 0: none.  In a turn of a single execution that one stays
 * in hand until the turn is over, so that a failure while writing is its own.
 */
void
worker_set_execution(int64 execution_id)
{
	if (my_worker == NULL || (keeps_in_hand && execution_id == 0))
		return;

	SpinLockAcquire(&my_worker->hand_lock);
	my_worker->execution = execution_id;
	my_worker->cancel_requested = false;
	my_worker->task.since = 0;
	SpinLockRelease(&my_worker->hand_lock);
	in_hand_file_set(execution_id);
	if (execution_id != 0 && turn_execution_count < TURN_EXECUTIONS_KEPT &&
		(turn_execution_count == 0 || turn_executions[turn_execution_count - 1] != execution_id))
		turn_executions[turn_execution_count++] = execution_id;
}

void
worker_begin_turn(bool of_one_execution, bool is_suspect_alone)
{
	turn_execution_count = 0;
	keeps_in_hand = of_one_execution;
	in_hand_file_begin_turn(is_suspect_alone);
}

/* Puts everything down; returns the execution that was in hand. */
int64
worker_end_turn(void)
{
	int64 execution = my_worker->execution;

	keeps_in_hand = false;
	if (execution != 0)
		worker_set_execution(0);
	in_hand_file_end_turn();
	return execution;
}

/* The executions of the turn so far, in the order they were taken in hand. */
int
worker_turn_executions(const int64 **executions)
{
	*executions = turn_executions;
	return turn_execution_count;
}

/* Executions that executors of this database have in hand now; returns their count, at most max. */
int
worker_executions_in_hand(int64 *ids, int max)
{
	int count = 0;

	if (!workers_are_possible())
		return 0;
	for (int i = 1; i < worker_registry->slot_count && count < max; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];
		int64 execution;

		if (slot->database != MyDatabaseId || slot == my_worker)
			continue;
		SpinLockAcquire(&slot->hand_lock);
		execution = slot->execution;
		SpinLockRelease(&slot->hand_lock);
		if (execution != 0)
			ids[count++] = execution;
	}
	return count;
}

int
worker_of_execution(int64 execution_id, RunningTask *task)
{
	int pid = 0;

	for (int i = 1; workers_are_possible() && i < worker_registry->slot_count && pid == 0; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database != MyDatabaseId || slot->state == WORKER_FREE)
			continue;
		SpinLockAcquire(&slot->hand_lock);
		if (slot->execution == execution_id)
		{
			pid = slot->pid;
			*task = slot->task;
		}
		SpinLockRelease(&slot->hand_lock);
	}
	return pid;
}

/* True when StopExecution asked to cancel what this executor runs; reading resets it. */
bool
worker_cancel_requested(void)
{
	bool result;

	if (my_worker == NULL)
		return false;
	SpinLockAcquire(&my_worker->hand_lock);
	result = my_worker->cancel_requested;
	my_worker->cancel_requested = false;
	SpinLockRelease(&my_worker->hand_lock);
	return result;
}

/* ---- what cannot be cancelled ---- */

/* The next task's follows, or the end of the turn: what ran last stands there until then. */
static void
report_task(const TaskInHand *task)
{
	const char *parts[] = {"task ", task->resource, " of state \"", task->state, "\" of ", task->execution};
	char activity[ACTIVITY_SIZE];
	Size length = 0;

	/* thousands a second: no format to read */
	for (int i = 0; i < (int) lengthof(parts); i++)
		length += strlcpy(activity + Min(length, sizeof(activity) - 1), parts[i],
						  sizeof(activity) - Min(length, sizeof(activity) - 1));
	pgstat_report_activity(STATE_RUNNING, activity);
}

/* What others see of the task, in the slot and in pg_stat_activity. */
static void
show_task(const TaskInHand *task)
{
	TimestampTz now = GetCurrentTimestamp();
	RunningTask *shown = &my_worker->task;

	SpinLockAcquire(&my_worker->hand_lock);
	shown->since = now;
	shown->role = task->role;
	shown->branch = task->branch;
	shown->visit = task->visit;
	shown->attempt = task->attempt;
	strlcpy(shown->resource, task->resource, sizeof(shown->resource));
	SpinLockRelease(&my_worker->hand_lock);
	if (pgstat_track_activities)
		report_task(task);
}

void
worker_set_task(const TaskInHand *task)
{
	if (my_worker == NULL)
		return;
	if (task != NULL)
	{
		task_in_hand = *task;
		show_task(task);
		return;
	}
	SpinLockAcquire(&my_worker->hand_lock);
	my_worker->task.since = 0;
	SpinLockRelease(&my_worker->hand_lock);
}

void
worker_set_verdict(uint64 verdict)
{
	task_in_hand.verdict = verdict;
}

/* In the file, too: code that looks at no interrupts may live until the server is stopped by force. */
void
worker_give_up(bool is_timeout)
{
	has_given_up = true;
	has_timed_out = is_timeout;
	verdict_is_restricted(task_in_hand.verdict); /* it held up others' turns, or would */
	if (is_timeout)
		in_hand_file_give_up(task_in_hand.branch, task_in_hand.visit, task_in_hand.attempt);
}

void
worker_is_stuck(void)
{
	if (my_worker->state == WORKER_STUCK)
		return;
	worker_set_state(WORKER_STUCK);
	wake_launcher();
}

bool
worker_gave_up(void)
{
	if (has_given_up && has_timed_out)
		given_up_add(my_worker->database, my_worker->execution, task_in_hand.branch, task_in_hand.visit,
					 task_in_hand.attempt);
	return has_given_up;
}
