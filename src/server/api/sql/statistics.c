/*
 * statistics.c
 *	  What sfn.stat_state_machines and sfn.stat_workers show, and resetting it.
 *
 * A machine's row is for those who may see the machine, and for members of
 * pg_read_all_stats, as the server's own statistics are.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "shared/machine_stats.h"
#include "shared/worker_registry.h"
#include "shared/worker_stats.h"
#include "store/machines.h"
#include "store/sql_version.h"
#include "store/store.h"

#define MAX_COUNTER_COLUMNS 32

/* Shown in milliseconds; the others are numbers. */
static const bool machine_counter_is_time[MACHINE_COUNTERS] = {
	[MACHINE_EXECUTION_TIME] = true,
	[MACHINE_MAX_EXECUTION_TIME] = true,
	[MACHINE_LOCAL_TASK_TIME] = true,
};
static const bool worker_counter_is_time[WORKER_COUNTERS] = {
	[WORKER_BUSY_TIME] = true,       [WORKER_LATENESS] = true,     [WORKER_MAX_LATENESS] = true,
	[WORKER_LOCAL_TASK_TIME] = true, [WORKER_REQUEST_TIME] = true,
};

typedef struct CounterRow
{
	Datum values[MAX_COUNTER_COLUMNS];
	bool nulls[MAX_COUNTER_COLUMNS];
	int count; /* columns so far */
} CounterRow;

StaticAssertDecl(MACHINE_COUNTERS + 2 <= MAX_COUNTER_COLUMNS, "too many counters of machines");
StaticAssertDecl(WORKER_COUNTERS + 3 <= MAX_COUNTER_COLUMNS, "too many counters of workers");

static void
row_add(CounterRow *row, Datum value, bool is_null)
{
	row->values[row->count] = value;
	row->nulls[row->count] = is_null;
	row->count++;
}

static void
row_add_counts(CounterRow *row, const int64 *counts, const bool *is_time, int count)
{
	for (int i = 0; i < count; i++)
		row_add(row, is_time[i] ? Float8GetDatum(counts[i] / 1000.0) : Int64GetDatum(counts[i]), false);
}

static void
row_put(CounterRow *row, ReturnSetInfo *result)
{
	tuplestore_putvalues(result->setResult, result->setDesc, row->values, row->nulls);
}

/* Since when this database counts; 0: it does not. */
static TimestampTz
stats_since(void)
{
	const DatabaseEntry *entry;
	TimestampTz since = 0;

	if (!workers_are_possible())
		return 0;
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	entry = registry_find_database(MyDatabaseId);
	if (entry != NULL)
		since = entry->stats_reset;
	LWLockRelease(worker_registry->lock);
	return since;
}

/* ---- sfn_internal.machine_counters() ---- */

static int
compare_machines(const void *a, const void *b)
{
	int64 x = ((const MachineCounts *) a)->machine;
	int64 y = ((const MachineCounts *) b)->machine;

	return x < y ? -1 : x > y ? 1 : 0;
}

static void
put_machine(ReturnSetInfo *result, const MachineCounts *counts, TimestampTz since)
{
	CounterRow row = {.count = 0};

	row_add(&row, Int64GetDatum(counts->machine), counts->machine == STAT_OTHER_MACHINES);
	row_add_counts(&row, counts->counts, machine_counter_is_time, MACHINE_COUNTERS);
	row_add(&row, TimestampTzGetDatum(since), since == 0);
	row_put(&row, result);
}

/* One row for each machine that the caller may see, and one for the machines that found no place, if there are any. */
SFN_FUNCTION(sfn_machine_counters)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool sees_all = has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
	TimestampTz since = stats_since();
	MachineCounts *counts;
	int64 *machines;
	int counted = machine_stats_read(&counts);
	int count;
	StoreScope scope;

	InitMaterializedSRF(fcinfo, 0);
	store_enter(&scope);
	count = machines_seen_by(sees_all ? InvalidOid : scope.caller, &machines);
	store_leave(&scope);

	qsort(counts, counted, sizeof(MachineCounts), compare_machines);
	for (int i = 0; i < count; i++)
	{
		MachineCounts none = {.machine = machines[i]};
		const MachineCounts *found = bsearch(&none, counts, counted, sizeof(MachineCounts), compare_machines);

		put_machine(result, found != NULL ? found : &none, since);
	}
	if (sees_all && counted > 0 && counts[0].machine == STAT_OTHER_MACHINES)
		put_machine(result, &counts[0], since);
	return (Datum) 0;
}

/* ---- sfn_internal.worker_counters() ---- */

static void
put_worker(ReturnSetInfo *result, int pid, const char *worker, const int64 *counts, TimestampTz since)
{
	CounterRow row = {.count = 0};

	row_add(&row, Int32GetDatum(pid), pid == 0);
	row_add(&row, CStringGetTextDatum(worker), false);
	row_add_counts(&row, counts, worker_counter_is_time, WORKER_COUNTERS);
	row_add(&row, TimestampTzGetDatum(since), since == 0);
	row_put(&row, result);
}

/* NULL: it does not count. */
static const char *
worker_name(const WorkerSlot *slot)
{
	if (slot->role == WORKER_PUMP)
		return "pump";
	if (slot->role == WORKER_EXECUTOR)
		return slot->is_permanent ? "executor" : "helper";
	return NULL;
}

/* One row for each executor of this database and its pump, and one for all that have left. */
SFN_FUNCTION(sfn_worker_counters)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const DatabaseEntry *found;
	DatabaseEntry entry = {0};
	WorkerSlot *slots;

	InitMaterializedSRF(fcinfo, 0);
	if (!workers_are_possible())
		return (Datum) 0;

	/* Copies, so that no lock is held while the rows are made. */
	slots = palloc(worker_registry->slot_count * sizeof(WorkerSlot));
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	memcpy(slots, worker_registry->slots, worker_registry->slot_count * sizeof(WorkerSlot));
	found = registry_find_database(MyDatabaseId);
	if (found != NULL)
		entry = *found;
	LWLockRelease(worker_registry->lock);
	if (found == NULL)
		return (Datum) 0;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &slots[i];
		int64 counts[WORKER_COUNTERS];

		if (slot->state == WORKER_FREE || slot->database != MyDatabaseId || worker_name(slot) == NULL)
			continue;
		for (int j = 0; j < WORKER_COUNTERS; j++)
			counts[j] = worker_stats_since_reset(slot, j);
		put_worker(result, slot->pid, worker_name(slot), counts, entry.stats_reset);
	}
	put_worker(result, 0, "former", entry.former_counts, entry.stats_reset);
	return (Datum) 0;
}

/* ---- sfn.stat_reset() ---- */

SFN_FUNCTION(sfn_stat_reset)
{
	require_preload();
	statistics_forget(MyDatabaseId);
	PG_RETURN_VOID();
}
