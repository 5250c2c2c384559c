/*
 * wakeup.c
 *	  Waking executors, when a transaction commits and when one of them has too much to do.
 *
 * A session notes during the transaction what is to happen at its commit, each
 * note with the nesting level of the subtransaction that made it, so that a
 * rollback to a savepoint takes it back.  The commit callback runs after the
 * commit record: it must not fail, allocate or wait.  It sets latches by proc
 * number and takes the spinlock of a slot for a few instructions; no more.
 *
 * No wake-up is lost.  The callback runs when the commit is visible to new
 * snapshots and its invalidations are sent, so that who wakes keeps nothing that
 * the commit has changed; and an executor shows itself in its slot and resets its
 * latch before it takes the snapshot of a turn.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/spin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "shared/level_notes.h"
#include "shared/task_places.h"
#include "shared/wakeup.h"
#include "shared/worker_absence.h"
#include "shared/worker_registry.h"

typedef struct CancelNote
{
	LevelNote of;
	int64 execution;
} CancelNote;

/* Lowest nesting level at which a wake-up was asked for; 0: none. */
static int wakeup_level = 0;
static int pump_wakeup_level = 0;

/* A rollback to a savepoint leaves them: a look too many. */
static bool have_schedules_changed = false;
static bool have_replays_changed = false;

/* CancelNotes, in TopTransactionContext. */
static List *cancel_notes = NIL;

static void wake_executors(Oid database);
static void note_changes(Oid database);
static void wake_pump(Oid database);
static void cancel_task(int64 execution);

/* ---- during the transaction ---- */

/*
 * Wakes an executor of this database when the current transaction commits, once
 * however often it is asked.  Tells the user when there is none.
 */
void
wakeup_at_commit(void)
{
	int level = GetCurrentTransactionNestLevel();

	if (wakeup_level == 0)
		worker_absence_notice(false);
	if (wakeup_level == 0 || level < wakeup_level)
		wakeup_level = level;
}

void
schedules_wakeup_at_commit(void)
{
	wakeup_at_commit();
	have_schedules_changed = true;
}

void
replays_wakeup_at_commit(void)
{
	wakeup_at_commit();
	have_replays_changed = true;
}

/* The same for the pump, which is started when there is none. */
void
pump_wakeup_at_commit(void)
{
	int level = GetCurrentTransactionNestLevel();

	if (pump_wakeup_level == 0 || level < pump_wakeup_level)
		pump_wakeup_level = level;
}

/* At commit, cancels the SQL task that an executor may be running for this execution. */
void
cancel_task_at_commit(int64 execution_id)
{
	MemoryContext caller_context;
	CancelNote *note;

	if (!workers_are_possible())
		return;
	caller_context = MemoryContextSwitchTo(TopTransactionContext);
	note = palloc(sizeof(CancelNote));
	note->execution = execution_id;
	note->of.level = GetCurrentTransactionNestLevel();
	cancel_notes = lappend(cancel_notes, note);
	MemoryContextSwitchTo(caller_context);
}

/* ---- at its end ---- */

void
wakeup_committed(void)
{
	if ((have_schedules_changed || have_replays_changed) && workers_are_possible())
		note_changes(MyDatabaseId);
	if (wakeup_level > 0 && workers_are_possible())
		wake_executors(MyDatabaseId);
	if (pump_wakeup_level > 0 && workers_are_possible())
		wake_pump(MyDatabaseId);
	for (int i = 0; i < list_length(cancel_notes); i++)
		cancel_task(((CancelNote *) list_nth(cancel_notes, i))->execution);
	wakeup_forget();
}

/* What is prepared is found by the poll, if it is committed. */
void
wakeup_forget(void)
{
	wakeup_level = pump_wakeup_level = 0;
	have_schedules_changed = have_replays_changed = false;
	cancel_notes = NIL;
}

void
wakeup_subtransaction_committed(int level)
{
	wakeup_level = Min(wakeup_level, level - 1);
	pump_wakeup_level = Min(pump_wakeup_level, level - 1);
	level_notes_committed(cancel_notes, level);
}

void
wakeup_subtransaction_aborted(int level)
{
	if (wakeup_level >= level)
		wakeup_level = 0;
	if (pump_wakeup_level >= level)
		pump_wakeup_level = 0;
	cancel_notes = level_notes_aborted(cancel_notes, level);
}

/*
 * The permanent executor, whatever it does, so that nothing is missed; when that one is busy, an idle helper as well.
 * One that is about to leave, or has left, because nothing was due, is asked for again: who leaves says so in its slot
 * before it looks at its latch, so one of us sees the other.
 */
static void
wake_executors(Oid database)
{
	WorkerSlot *helper = NULL;
	bool is_busy = true;
	bool is_there = false;

	pg_memory_barrier();
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database != database)
			continue;
		if (slot->is_permanent)
		{
			is_busy = slot->state != WORKER_IDLE;
			pg_atomic_fetch_add_u64(&slot->wakeups, 1);
			worker_call(slot);
			pg_memory_barrier();
			is_there = slot->state != WORKER_LEAVING && slot->state != WORKER_FREE;
		}
		else if (slot->state == WORKER_IDLE && slot->role != WORKER_PUMP)
			helper = slot;
	}
	if (!is_there)
		database_wants_executor_again(database);
	if (is_busy && helper != NULL)
	{
		pg_atomic_fetch_add_u64(&helper->wakeups, 1);
		worker_call(helper);
	}
}

/* A database that has no entry yet has no executor that knows schedules and replays. */
static void
note_changes(Oid database)
{
	DatabaseEntry *entry = registry_find_database(database);

	if (entry != NULL && have_schedules_changed)
		(void) pg_atomic_exchange_u32(&entry->schedules_changed, 1);
	if (entry != NULL && have_replays_changed)
		(void) pg_atomic_exchange_u32(&entry->replays_changed, 1);
}

/* Its latch; when there is none, or it may not look again, the launcher has another one started. */
static void
wake_pump(Oid database)
{
	DatabaseEntry *entry;

	pg_memory_barrier();
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database != database || slot->role != WORKER_PUMP || slot->state == WORKER_FREE)
			continue;
		pg_atomic_fetch_add_u64(&slot->wakeups, 1);
		worker_call(slot);
		if (slot->state != WORKER_LEAVING && slot->state != WORKER_STARTING &&
			pg_atomic_read_u32(&slot->leave_requested) == LEAVE_NOT)
			return;
	}
	entry = registry_find_database(database);
	if (entry == NULL)
		return;
	pg_atomic_write_u32(&entry->pump_wanted, 1);
	wake_launcher();
}

/*
 * Sends a cancel to the executor that has the execution in hand.  Its pid is valid
 * as long as the slot is its own, and it cannot put the execution down meanwhile.
 */
static void
cancel_task(int64 execution)
{
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database != MyDatabaseId || slot->pid == MyProcPid)
			continue;
		SpinLockAcquire(&slot->hand_lock);
		if (slot->execution == execution && slot->pid != 0)
		{
			slot->cancel_requested = true;
			kill(slot->pid, SIGINT);
		}
		SpinLockRelease(&slot->hand_lock);
	}
}

/* ---- for the executor that calls ---- */

/* More due work than this executor takes: wake an idle one or ask for another. */
void
worker_call_for_help(void)
{
	worker_call_for_helpers(1);
}

/*
 * The same for several; as many as there may be.  A busy helper is told, too: it may have looked
 * already and be about to rest.
 */
void
worker_call_for_helpers(int count)
{
	int workers = 0;

	if (my_worker == NULL)
		return;
	for (int i = 1; i < worker_registry->slot_count && count > 0; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database != MyDatabaseId || slot->role == WORKER_PUMP || slot->state == WORKER_STUCK)
			continue;
		workers++;
		if (slot == my_worker || slot->is_permanent)
			continue;
		if (slot->state == WORKER_IDLE && !slot->leaves_place)
			count--;
		worker_call(slot);
	}
	count = Min(count, executors_allowed(my_database_entry()) - workers);
	if (count > 0 && pg_atomic_exchange_u32(&my_database_entry()->help_wanted, count) == 0)
		wake_launcher();
}

/*
 * A helper's turn wrote a row that is due then: the permanent executor, which looks after those, must not sleep
 * longer, or is about to find out for itself.
 */
void
worker_report_due(TimestampTz due)
{
	bool is_there = false;

	if (my_worker == NULL || my_worker->is_permanent)
		return;
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database != MyDatabaseId || !slot->is_permanent)
			continue;
		is_there = slot->state != WORKER_LEAVING;
		if (slot->state != WORKER_IDLE || slot->sleeps_until > due)
			worker_call(slot);
	}
	if (!is_there)
		database_wants_executor_again(MyDatabaseId);
}

uint64
worker_wakeups(void)
{
	return my_worker != NULL ? pg_atomic_read_u64(&my_worker->wakeups) : 0;
}

bool
worker_has_helpers(void)
{
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		if (worker_registry->slots[i].database == MyDatabaseId && &worker_registry->slots[i] != my_worker &&
			worker_registry->slots[i].role != WORKER_PUMP && worker_registry->slots[i].state != WORKER_STUCK)
			return true;
	}
	return false;
}
