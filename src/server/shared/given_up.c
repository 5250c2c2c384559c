/*
 * given_up.c
 *	  Attempts at tasks that timed out and did not end: their workers did.
 *
 * A worker that ends cannot deliver the time-out itself; the next one to begin the
 * same attempt finds it here, and fails it instead.  What is forgotten is begun again,
 * and given up again: nothing is lost but time.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "shared/given_up.h"
#include "shared/worker_registry.h"

/* Entries that the turn under way has met, by their place. */
static bool is_met[REGISTRY_GIVEN_UP];
static bool has_met = false;

void
given_up_add(Oid database, int64 execution, int32 branch, int32 visit, int32 attempt)
{
	GivenUp *entry;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	entry = &worker_registry->given_up[worker_registry->next_given_up++ % REGISTRY_GIVEN_UP];
	if (!OidIsValid(entry->database))
		pg_atomic_fetch_add_u32(&worker_registry->given_up_count, 1);
	entry->database = database;
	entry->execution = execution;
	entry->branch = branch;
	entry->visit = visit;
	entry->attempt = attempt;
	LWLockRelease(worker_registry->lock);
}

bool
given_up_has(int64 execution, int32 branch, int32 visit, int32 attempt)
{
	bool result = false;

	if (!workers_are_possible() || pg_atomic_read_u32(&worker_registry->given_up_count) == 0)
		return false;
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	for (int i = 0; i < REGISTRY_GIVEN_UP; i++)
	{
		const GivenUp *entry = &worker_registry->given_up[i];

		if (entry->database == MyDatabaseId && entry->execution == execution && entry->branch == branch &&
			entry->visit == visit && entry->attempt == attempt)
			result = is_met[i] = has_met = true;
	}
	LWLockRelease(worker_registry->lock);
	return result;
}

void
given_up_turn_ended(bool is_committed)
{
	if (!has_met)
		return;
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < REGISTRY_GIVEN_UP; i++)
	{
		GivenUp *entry = &worker_registry->given_up[i];

		if (is_met[i] && is_committed && entry->database == MyDatabaseId)
		{
			entry->database = InvalidOid;
			pg_atomic_fetch_sub_u32(&worker_registry->given_up_count, 1);
		}
		is_met[i] = false;
	}
	LWLockRelease(worker_registry->lock);
	has_met = false;
}
