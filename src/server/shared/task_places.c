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

		if (slot->state == WORKER_FREE || slot->state == WORKER_LEAVING || slot->database != MyDatabaseId ||
			slot->role == WORKER_PUMP || (slot->is_permanent && sfn_max_workers > 1))
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
