/*
 * workers.c
 *	  What sfn.workers shows, and the functions of operation.
 *
 * All of it reads shared memory, not names or catalogs, so it also says why
 * nothing runs.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/spin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/schedule_runs.h"
#include "settings/compat.h"
#include "shared/suspects.h"
#include "shared/worker_absence.h"
#include "shared/worker_registry.h"
#include "store/instance.h"
#include "store/sql_version.h"
#include "store/store.h"
#include "workers/ddl_hook.h"

extern PGDLLEXPORT Datum sfn_worker_status(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_worker_status);
extern PGDLLEXPORT Datum sfn_extension_created(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_extension_created);

enum
{
	STATUS_PID,
	STATUS_DATABASE,
	STATUS_WORKER,
	STATUS_STATE,
	STATUS_EXECUTION,
	STATUS_SINCE,
	STATUS_SLEEPS_UNTIL,
	STATUS_TURNS,
	STATUS_EXECUTIONS,
	STATUS_BUSY,
	STATUS_WAKEUPS,
	STATUS_REASON,
	STATUS_REASON_SINCE,
	STATUS_TASK,
	STATUS_TASK_BRANCH,
	STATUS_TASK_VISIT,
	STATUS_TASK_SINCE,
	STATUS_COLUMNS
};

typedef struct StatusRow
{
	Datum values[STATUS_COLUMNS];
	bool nulls[STATUS_COLUMNS];
} StatusRow;

/* By WorkerState and WorkerRole. */
static const char *const state_names[] = {NULL, "starting", "idle", "busy", "backing off", "leaving", "stuck"};
static const char *const role_names[] = {NULL, "launcher", "probe", "executor", "pump"};

static void put_slots(ReturnSetInfo *result);
static void status_row_begin(StatusRow *row, const char *worker);
static void status_row_of_absence(StatusRow *row, const WorkerAbsence *absence);
static void status_set(StatusRow *row, int column, Datum value, bool is_null);
static void status_row_of_slot(StatusRow *row, const WorkerSlot *slot, const DatabaseEntry *entry);

/* ---- sfn_internal.worker_status() ---- */

/* What it has in hand, as a whole. */
static void
copy_hand(WorkerSlot *slot, WorkerSlot *copy)
{
	SpinLockAcquire(&slot->hand_lock);
	copy->execution = slot->execution;
	copy->task = slot->task;
	SpinLockRelease(&slot->hand_lock);
}

Datum
sfn_worker_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	WorkerAbsence absence;
	StatusRow row;

	InitMaterializedSRF(fcinfo, 0);
	if (workers_are_possible())
		put_slots(result);
	if (worker_absence(&absence))
	{
		status_row_of_absence(&row, &absence);
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
	}
	return (Datum) 0;
}

/* A row of each worker of the server; of a copy, so that no lock is held while the rows are made. */
static void
put_slots(ReturnSetInfo *result)
{
	WorkerSlot *slots = palloc(worker_registry->slot_count * sizeof(WorkerSlot));
	StatusRow row;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	memcpy(slots, worker_registry->slots, worker_registry->slot_count * sizeof(WorkerSlot));
	LWLockRelease(worker_registry->lock);
	for (int i = 0; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &slots[i];

		if (slot->state == WORKER_FREE)
			continue;
		if (i > 0)
			copy_hand(&worker_registry->slots[i], &slots[i]);
		status_row_begin(&row, role_names[slot->role]);
		status_row_of_slot(&row, slot, &worker_registry->databases[slot->database_index]);
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
	}
}

static void
status_row_of_absence(StatusRow *row, const WorkerAbsence *absence)
{
	status_row_begin(row, absence->is_of_launcher ? "launcher" : "executor");
	if (!absence->is_of_launcher)
		status_set(row, STATUS_DATABASE, CStringGetTextDatum(get_database_name(MyDatabaseId)), false);
	status_set(row, STATUS_REASON, CStringGetTextDatum(absence->reason), false);
	status_set(row, STATUS_REASON_SINCE, TimestampTzGetDatum(absence->since), absence->since == 0);
}

static void
status_row_begin(StatusRow *row, const char *worker)
{
	memset(row->values, 0, sizeof(row->values));
	memset(row->nulls, true, sizeof(row->nulls));
	row->values[STATUS_WORKER] = CStringGetTextDatum(worker);
	row->nulls[STATUS_WORKER] = false;
}

static void
status_set(StatusRow *row, int column, Datum value, bool is_null)
{
	row->values[column] = value;
	row->nulls[column] = is_null;
}

static void
status_row_of_task(StatusRow *row, const RunningTask *task)
{
	status_set(row, STATUS_TASK, CStringGetTextDatum(task->resource), !has_privs_of_role(GetUserId(), task->role));
	status_set(row, STATUS_TASK_BRANCH, Int32GetDatum(task->branch), false);
	status_set(row, STATUS_TASK_VISIT, Int32GetDatum(task->visit), false);
	status_set(row, STATUS_TASK_SINCE, TimestampTzGetDatum(task->since), false);
}

static void
status_row_of_slot(StatusRow *row, const WorkerSlot *slot, const DatabaseEntry *entry)
{
	const char *database = OidIsValid(slot->database) ? get_database_name(slot->database) : NULL;
	bool is_executor = slot->role == WORKER_EXECUTOR;

	status_set(row, STATUS_PID, Int32GetDatum(slot->pid), slot->pid == 0);
	if (database != NULL)
		status_set(row, STATUS_DATABASE, CStringGetTextDatum(database), false);
	if (is_executor && !slot->is_permanent)
		status_set(row, STATUS_WORKER, CStringGetTextDatum("helper"), false);
	status_set(row, STATUS_STATE, CStringGetTextDatum(state_names[slot->state]), false);
	status_set(row, STATUS_EXECUTION, Int64GetDatum(slot->execution), slot->execution == 0);
	status_set(row, STATUS_SINCE, TimestampTzGetDatum(slot->since), slot->since == 0);
	status_set(row, STATUS_SLEEPS_UNTIL, TimestampTzGetDatum(slot->sleeps_until),
			   slot->state != WORKER_IDLE || slot->sleeps_until == 0);
	if (!is_executor)
		return;
	if (slot->state == WORKER_STUCK)
		status_set(row, STATUS_REASON,
				   CStringGetTextDatum("its task looks at no interrupts: only the end of the server ends it"), false);
	if (slot->task.since != 0)
		status_row_of_task(row, &slot->task);
	status_set(row, STATUS_TURNS, Int64GetDatum(slot->counts[WORKER_TURNS]), false);
	status_set(row, STATUS_EXECUTIONS, Int64GetDatum(slot->counts[WORKER_EXECUTIONS]), false);
	status_set(row, STATUS_BUSY, Int64GetDatum(slot->counts[WORKER_BUSY_TIME]), false);
	status_set(row, STATUS_WAKEUPS, Int64GetDatum((int64) slot->wakeups.value), false);
	if (slot->is_permanent && entry->is_waiting_for_process)
	{
		status_set(row, STATUS_REASON,
				   CStringGetTextDatum(
					   psprintf("no worker process for its tasks: max_worker_processes (%d) are all in use",
								max_worker_processes)),
				   false);
		status_set(row, STATUS_REASON_SINCE, TimestampTzGetDatum(entry->waiting_since), false);
	}
	else if (slot->is_permanent && entry->reason[0] != '\0')
	{
		/* an error's text may quote anybody's data, so it is shown as statements of others are */
		const char *text = has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS)
			? entry->reason
			: "shown to members of pg_read_all_stats";

		status_set(row, STATUS_REASON, CStringGetTextDatum(psprintf("last error: %s", text)), false);
		status_set(row, STATUS_REASON_SINCE, TimestampTzGetDatum(entry->reason_since), false);
	}
}

/* ---- operation ---- */

/* sfn.restart_worker(): this database's workers leave and new ones begin; true when they have. */
SFN_FUNCTION(sfn_restart_worker)
{
	require_preload();
	PG_RETURN_BOOL(database_restart_workers(MyDatabaseId));
}

/* sfn.adopt(): the executions of a copied or restored database are its own from the commit on. */
SFN_FUNCTION(sfn_adopt)
{
	StoreScope scope;

	instance_adopt();
	store_enter(&scope);
	schedules_skip();
	store_leave(&scope);
	database_hold(MyDatabaseId, LEAVE_TO_ANOTHER);
	PG_RETURN_VOID();
}

/* Called by the install script: the launcher looks at this database when it is committed. */
Datum
sfn_extension_created(PG_FUNCTION_ARGS)
{
	if (!workers_are_possible())
	{
		ereport(WARNING,
				(errmsg("sfn is not preloaded: executions will be stored but not run"),
				 errhint("Put this line into postgresql.conf and restart the server: %s", preload_line())));
		PG_RETURN_VOID();
	}
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	suspects_forget(MyDatabaseId);
	LWLockRelease(worker_registry->lock);
	statistics_forget(MyDatabaseId);
	database_hold(MyDatabaseId, LEAVE_TO_ANOTHER);
	PG_RETURN_VOID();
}
