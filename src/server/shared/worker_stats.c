/*
 * worker_stats.c
 *	  Counters of executors and the HTTP pump.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "shared/machine_stats.h"
#include "shared/turn_request.h"
#include "shared/worker_registry.h"
#include "shared/worker_stats.h"

void
worker_stats_count(WorkerCounter counter)
{
	worker_stats_add(counter, 1);
}

void
worker_stats_add(WorkerCounter counter, int64 count)
{
	if (my_worker != NULL)
		my_worker->counts[counter] += count;
}

/* A turn that is committed. */
void
worker_stats_turn(const TurnResult *result, bool is_redone, TimestampTz started)
{
	int64 *counts = my_worker->counts;

	counts[WORKER_TURNS]++;
	counts[WORKER_BUSY_TIME] += GetCurrentTimestamp() - started;
	if (is_redone)
		counts[WORKER_REDONE_TURNS]++;
	if (result->executions > 0)
		counts[WORKER_COMMITS]++;
	counts[WORKER_EXECUTIONS] += result->executions;
	counts[WORKER_ROWS] += result->rows_delivered;
	counts[WORKER_LATENESS] += result->lateness;
	counts[WORKER_MAX_LATENESS] = Max(counts[WORKER_MAX_LATENESS], result->max_lateness);
	counts[WORKER_LOCAL_TASKS] += result->tasks;
	counts[WORKER_LOCAL_TASK_TIME] += result->task_time;
	counts[WORKER_TASKS_PUT_OFF] += result->tasks_put_off;
	counts[WORKER_RETRIES] += result->retries;
}

int64
worker_stats_since_reset(const WorkerSlot *slot, WorkerCounter counter)
{
	return slot->counts[counter] - slot->counts_at_reset[counter];
}

void
worker_stats_begin(WorkerSlot *slot)
{
	memset(slot->counts, 0, sizeof(slot->counts));
	memset(slot->counts_at_reset, 0, sizeof(slot->counts_at_reset));
}

void
worker_stats_end(const WorkerSlot *slot, DatabaseEntry *entry)
{
	for (int i = 0; i < WORKER_COUNTERS; i++)
	{
		int64 count = worker_stats_since_reset(slot, i);

		if (i == WORKER_MAX_LATENESS)
			entry->former_counts[i] = Max(entry->former_counts[i], count);
		else
			entry->former_counts[i] += count;
	}
}

void
worker_stats_reset(DatabaseEntry *entry)
{
	memset(entry->former_counts, 0, sizeof(entry->former_counts));
	entry->stats_reset = GetCurrentTimestamp();
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state == WORKER_FREE || slot->database != entry->oid)
			continue;
		memcpy(slot->counts_at_reset, slot->counts, sizeof(slot->counts));
		/* a maximum begins anew; should its owner write it back just now, it is of a turn that ends now */
		slot->counts[WORKER_MAX_LATENESS] = slot->counts_at_reset[WORKER_MAX_LATENESS] = 0;
	}
}

void
statistics_forget(Oid database)
{
	DatabaseEntry *entry;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	entry = registry_find_database(database);
	if (entry != NULL)
		worker_stats_reset(entry);
	LWLockRelease(worker_registry->lock);
	machine_stats_forget(database);
}
