/*
 * suspects.c
 *	  Executions that failed or crashed a worker.
 *
 * An execution that was in hand when a turn failed becomes a suspect: turns of
 * many leave it out, and an executor runs it alone, one suspect of a database at a
 * time.  When it passes it is clear.  Strikes count its failures alone; at
 * STRIKES_LIMIT it is quarantined.  An end of the worker by pg_terminate_backend
 * while the suspect runs may be the administrator's doing or the task's, so it
 * weighs less.
 *
 * What the server lacks (disk space, memory) is never a strike: the execution is
 * tried again every few seconds, and as soon as another one like it has passed.
 * Other failures that may be the server's fault (shutdown, broken files, ...) lead to
 * quarantine only when other turns of the database succeeded since the try before
 * and the first failure was ten minutes ago; until then the execution is tried
 * again, less and less often.  (When it is the task that fails like that, the last
 * try makes it the task's own error.)
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "shared/in_hand_file.h"
#include "shared/suspects.h"
#include "shared/worker_registry.h"

#define STRIKES_FAILED 4
#define STRIKES_ENDED 1 /* the worker was terminated meanwhile */
#define STRIKES_LIMIT (SUSPECT_TRIES * STRIKES_FAILED)

#define FIRST_DELAY_MS 500
#define SERVER_DELAY_MS 5000
#define DOUBT_MS (10 * 60 * 1000)
#define LONGEST_DELAY_MS 60000
#define EMPTY_TRY_DELAY_MS 1000
#define ENDED_DELAY_MS 250 /* for each strike */
#define CAREFUL_TURNS 200

static Suspect *suspect_find(Oid database, int64 execution);
static Suspect *suspect_make(Oid database, int64 execution);
static void suspect_remove(Suspect *suspect);
static void suspect_delay(Suspect *suspect, int milliseconds);

/* ---- after a crash ---- */

void
suspects_restore(Oid database, int64 execution, int strikes)
{
	Suspect *suspect;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspect = suspect_make(database, execution);
	if (suspect != NULL)
	{
		suspect->strikes = strikes;
		suspect->has_crashed = true;
	}
	LWLockRelease(worker_registry->lock);
}

/* A first crash makes it a suspect; the crashes that count are those while it ran alone. */
void
suspects_crashed(Oid database, int64 execution, bool was_alone)
{
	Suspect *suspect;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspect = suspect_make(database, execution);
	if (suspect != NULL)
	{
		suspect->has_crashed = true;
		if (was_alone)
			suspect->strikes += STRIKES_FAILED;
	}
	LWLockRelease(worker_registry->lock);
}

/* A crash in a turn, but not within any one execution: find it by taking them one by one. */
void
suspects_crashed_unknown(Oid database)
{
	DatabaseEntry *entry;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	entry = registry_add_database(database);
	if (entry != NULL)
		pg_atomic_write_u32(&entry->careful_turns, CAREFUL_TURNS);
	LWLockRelease(worker_registry->lock);
}

void
suspects_forget(Oid database)
{
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		Suspect *suspect = &worker_registry->suspects[i];

		if (suspect->database == database && suspect->holder < 0)
			suspect_remove(suspect);
	}
}

/* ---- looking ---- */

bool
suspects_exist(void)
{
	return pg_atomic_read_u32(&worker_registry->suspect_count) > 0;
}

int
suspects_list(int64 *executions, int max)
{
	int count = 0;

	if (!suspects_exist())
		return 0;
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	for (int i = 0; i < REGISTRY_SUSPECTS && count < max; i++)
	{
		if (worker_registry->suspects[i].database == MyDatabaseId)
			executions[count++] = worker_registry->suspects[i].execution;
	}
	LWLockRelease(worker_registry->lock);
	return count;
}

TimestampTz
suspects_next_due(void)
{
	TimestampTz next = 0;

	if (!suspects_exist())
		return 0;
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		const Suspect *suspect = &worker_registry->suspects[i];

		if (suspect->database == MyDatabaseId && suspect->holder < 0 && (next == 0 || suspect->not_before < next))
			next = Max(suspect->not_before, 1);
	}
	LWLockRelease(worker_registry->lock);
	return next;
}

/* ---- one at a time ---- */

/* Takes the suspect of this database that is due next, unless another one runs already. */
SuspectAction
suspect_take(int64 *execution, bool *has_crashed)
{
	Suspect *next = NULL;
	SuspectAction action = SUSPECT_NONE;

	if (!suspects_exist())
		return SUSPECT_NONE;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		Suspect *suspect = &worker_registry->suspects[i];

		if (suspect->database != MyDatabaseId)
			continue;
		if (suspect->holder >= 0)
		{
			next = NULL;
			break;
		}
		if (next == NULL || suspect->not_before < next->not_before)
			next = suspect;
	}
	if (next != NULL && next->not_before <= GetCurrentTimestamp())
	{
		next->holder = my_worker - worker_registry->slots;
		*execution = next->execution;
		*has_crashed = next->has_crashed;
		if (next->strikes >= STRIKES_LIMIT)
			action = SUSPECT_QUARANTINE;
		else if (next->strikes >= STRIKES_LIMIT - STRIKES_FAILED)
			action = SUSPECT_RUN_LAST;
		else
			action = SUSPECT_RUN;
	}
	LWLockRelease(worker_registry->lock);
	return action;
}

/* With the lock held: what the server lacked it may have again. */
static void
try_the_waiting(TimestampTz now)
{
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		Suspect *suspect = &worker_registry->suspects[i];

		if (suspect->database == MyDatabaseId && suspect->waits_for_server)
			suspect->not_before = Min(suspect->not_before, now);
	}
}

/* It ran, or is quarantined: nothing is held against it any more. */
void
suspect_passed(int64 execution)
{
	Suspect *suspect;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspect = suspect_find(MyDatabaseId, execution);
	if (suspect != NULL && suspect->waits_for_server)
		try_the_waiting(GetCurrentTimestamp());
	suspect_remove(suspect);
	LWLockRelease(worker_registry->lock);
}

/* None of its rows were there to claim: tried once more, then forgotten. */
void
suspect_found_nothing(int64 execution)
{
	Suspect *suspect;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspect = suspect_find(MyDatabaseId, execution);
	if (suspect != NULL && ++suspect->empty_tries > 1)
		suspect_remove(suspect);
	else if (suspect != NULL)
		suspect_delay(suspect, EMPTY_TRY_DELAY_MS);
	LWLockRelease(worker_registry->lock);
}

/* With the lock held: how long until the next try? */
static int
strike(Suspect *suspect, SuspectFault fault, uint64 commits)
{
	TimestampTz now = GetCurrentTimestamp();
	bool others_failed = suspect->commits == commits;

	suspect->commits = commits;
	suspect->waits_for_server = fault == FAULT_OF_SERVER;
	if (fault == FAULT_OF_SERVER)
		return SERVER_DELAY_MS;

	if (suspect->first_strike == 0)
		suspect->first_strike = now;
	suspect->strikes += STRIKES_FAILED;
	if (fault == FAULT_IN_DOUBT && (others_failed || !TimestampDifferenceExceeds(suspect->first_strike, now, DOUBT_MS)))
		suspect->strikes = Min(suspect->strikes, STRIKES_LIMIT - 1);
	return suspect->strikes >= STRIKES_LIMIT ? 0 : FIRST_DELAY_MS << (2 * (suspect->strikes / STRIKES_FAILED));
}

void
suspect_failed(int64 execution, SuspectFault fault)
{
	Suspect *suspect;
	uint64 commits = pg_atomic_read_u64(&my_database_entry()->commits);

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspect = suspect_find(MyDatabaseId, execution);
	if (suspect != NULL)
		suspect_delay(suspect, strike(suspect, fault, commits));
	LWLockRelease(worker_registry->lock);
}

/* Its turn was broken off for a reason that has nothing to do with it. */
void
suspect_put_back(int64 execution)
{
	Suspect *suspect;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspect = suspect_find(MyDatabaseId, execution);
	if (suspect != NULL)
		suspect->holder = -1;
	LWLockRelease(worker_registry->lock);
}

/* A turn failed with it in hand; false: there are too many suspects. */
bool
suspect_add(int64 execution)
{
	Suspect *suspect;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspect = suspect_make(MyDatabaseId, execution);
	if (suspect != NULL)
		suspect->commits = pg_atomic_read_u64(&my_database_entry()->commits);
	LWLockRelease(worker_registry->lock);
	return suspect != NULL;
}

/* This worker ends; when nobody asked it to, what it had in hand may have done that. */
void
suspects_worker_leaves(bool was_asked_to)
{
	int me = my_worker - worker_registry->slots;
	int64 execution = my_worker->execution;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		Suspect *suspect = &worker_registry->suspects[i];

		if (OidIsValid(suspect->database) && suspect->holder == me)
			suspect->holder = -1;
	}
	if (execution != 0 && !was_asked_to)
	{
		Suspect *suspect = suspect_make(my_worker->database, execution);

		if (suspect != NULL)
		{
			suspect->strikes += STRIKES_ENDED;
			suspect_delay(suspect, ENDED_DELAY_MS * suspect->strikes);
		}
	}
	LWLockRelease(worker_registry->lock);
}

/* ---- the table, with the lock held ---- */

static Suspect *
suspect_find(Oid database, int64 execution)
{
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		Suspect *suspect = &worker_registry->suspects[i];

		if (suspect->database == database && suspect->execution == execution)
			return suspect;
	}
	return NULL;
}

/* Finds or makes it; NULL when the table is full, then it simply goes with the others. */
static Suspect *
suspect_make(Oid database, int64 execution)
{
	Suspect *suspect = suspect_find(database, execution);

	if (suspect != NULL || !OidIsValid(database))
		return suspect;
	for (int i = 0; i < REGISTRY_SUSPECTS; i++)
	{
		suspect = &worker_registry->suspects[i];
		if (OidIsValid(suspect->database))
			continue;
		memset(suspect, 0, sizeof(Suspect));
		suspect->database = database;
		suspect->execution = execution;
		suspect->holder = -1;
		pg_atomic_fetch_add_u32(&worker_registry->suspect_count, 1);
		return suspect;
	}
	return NULL;
}

static void
suspect_remove(Suspect *suspect)
{
	if (suspect == NULL)
		return;
	suspect->database = InvalidOid;
	suspect->execution = 0;
	pg_atomic_fetch_sub_u32(&worker_registry->suspect_count, 1);
	if (suspect->has_crashed)
		in_hand_file_save_suspects();
}

static void
suspect_delay(Suspect *suspect, int milliseconds)
{
	suspect->holder = -1;
	suspect->not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), Min(milliseconds, LONGEST_DELAY_MS));
}
