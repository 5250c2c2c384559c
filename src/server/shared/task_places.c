/*
 * task_places.c
 *	  Places: executors of a database that can run a task alone, and whose tasks they run.
 *
 * Whose task an executor runs stands in its slot, from before it claims the task until its turn has ended.  It is written
 * under the registry's lock, so that two of them do not take the last place at once.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "settings/guc.h"
#include "shared/task_places.h"

#define LONG_TASK_MS 1000

/* Does this executor of the database take such tasks? */
static bool
is_place(const WorkerSlot *slot, int max_workers)
{
	return slot->state != WORKER_FREE && slot->state != WORKER_LEAVING && slot->database == MyDatabaseId &&
		slot->role != WORKER_PUMP && !(slot->is_permanent && max_workers > 1);
}

bool
task_place_take(Oid role, int64 machine)
{
	int places = 0;
	int taken = 0;
	int held = 0;
	bool result;

	if (my_worker == NULL)
		return true;
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (!is_place(slot, sfn_max_workers))
			continue;
		places++;
		taken += OidIsValid(slot->place_role);
		held += slot->place_role == role;
	}
	places = Max(places, sfn_max_workers - 1); /* the others come when they are asked for */
	result = held == 0 || places - taken > 1;
	if (result)
	{
		my_worker->place_role = role;
		my_worker->place_machine = machine;
		my_worker->place_since = GetCurrentTimestamp();
	}
	LWLockRelease(worker_registry->lock);
	return result;
}

static void
note_place(const WorkerSlot *slot, Oid role, PlacesNow *now)
{
	now->places++;
	if (!OidIsValid(slot->place_role))
		return;
	now->taken++;
	now->held += slot->place_role == role;
	if (now->longest_pid != 0 && slot->place_since >= now->longest_since)
		return;
	now->longest_pid = slot->pid;
	now->longest_since = slot->place_since;
	now->longest_role = slot->place_role;
}

void
task_places_now(Oid role, PlacesNow *now)
{
	const DatabaseEntry *entry;

	memset(now, 0, sizeof(PlacesNow));
	if (!workers_are_possible())
		return;
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	entry = registry_find_database(MyDatabaseId);
	for (int i = 1; entry != NULL && i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (is_place(slot, entry->max_workers))
			note_place(slot, role, now);
	}
	if (entry != NULL)
	{
		now->has_no_process = entry->is_waiting_for_process;
		now->may_be = Max(now->places, executors_allowed(entry) - (entry->max_workers > 1));
	}
	LWLockRelease(worker_registry->lock);
}

void
task_place_leave(void)
{
	if (my_worker == NULL || !OidIsValid(my_worker->place_role))
		return;
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	my_worker->place_role = InvalidOid;
	LWLockRelease(worker_registry->lock);
}

int
task_places_held(Oid role, int64 machine)
{
	int count = 0;

	for (int i = 1; workers_are_possible() && i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database == MyDatabaseId && slot->place_role == role &&
			(machine == 0 || slot->place_machine == machine))
			count++;
	}
	return count;
}

int
executors_allowed(const DatabaseEntry *entry)
{
	TimestampTz now = GetCurrentTimestamp();
	int count = 0;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database == entry->oid && OidIsValid(slot->place_role) &&
			TimestampDifferenceExceeds(slot->place_since, now, LONG_TASK_MS))
			count++;
	}
	return entry->max_workers + Min(count, entry->max_long_tasks);
}
