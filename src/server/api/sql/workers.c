/*
 * workers.c
 *	  What sfn.workers shows, and the functions of operation.
 *
 * All of it reads shared memory, not names or catalogs, so it also says why
 * nothing runs.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "settings/compat.h"
#include "shared/suspects.h"
#include "shared/worker_registry.h"
#include "store/instance.h"
#include "workers/ddl_hook.h"

extern PGDLLEXPORT Datum sfn_worker_status(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_worker_status);
extern PGDLLEXPORT Datum sfn_restart_worker(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_restart_worker);
extern PGDLLEXPORT Datum sfn_adopt(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_adopt);
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
	STATUS_TASK,
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

static void status_row_begin(StatusRow *row, const char *worker);
static void status_row_of_slot(StatusRow *row, const WorkerSlot *slot, const DatabaseEntry *entry);
static const char *launcher_reason(void);
static const char *database_reason(void);
static bool database_is_closed(void);

/* ---- sfn.worker_status() ---- */

Datum
sfn_worker_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	WorkerSlot *slots;
	StatusRow row;
	const char *reason;
	bool has_executor = false;

	InitMaterializedSRF(fcinfo, 0);
	status_row_begin(&row, "launcher");
	if (!workers_are_possible())
	{
		row.values[STATUS_REASON] =
			CStringGetTextDatum(psprintf("not preloaded; postgresql.conf needs: %s", preload_line()));
		row.nulls[STATUS_REASON] = false;
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
		return (Datum) 0;
	}

	/* A copy, so that no lock is held while the rows are made. */
	slots = palloc(worker_registry->slot_count * sizeof(WorkerSlot));
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	memcpy(slots, worker_registry->slots, worker_registry->slot_count * sizeof(WorkerSlot));
	LWLockRelease(worker_registry->lock);

	for (int i = 0; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &slots[i];

		if (slot->state == WORKER_FREE)
			continue;
		status_row_begin(&row, role_names[slot->role]);
		status_row_of_slot(&row, slot, &worker_registry->databases[slot->database_index]);
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
		if (slot->database == MyDatabaseId && slot->is_permanent && slot->pid != 0 && slot->role == WORKER_EXECUTOR)
			has_executor = true;
	}

	reason = slots[0].state == WORKER_FREE ? launcher_reason() : NULL;
	if (reason == NULL && !has_executor)
		reason = database_reason();
	if (reason != NULL)
	{
		status_row_begin(&row, slots[0].state == WORKER_FREE ? "launcher" : "executor");
		row.values[STATUS_DATABASE] = CStringGetTextDatum(get_database_name(MyDatabaseId));
		row.nulls[STATUS_DATABASE] = slots[0].state == WORKER_FREE;
		row.values[STATUS_REASON] = CStringGetTextDatum(reason);
		row.nulls[STATUS_REASON] = false;
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
	}
	return (Datum) 0;
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
	{
		status_set(row, STATUS_REASON,
				   CStringGetTextDatum("its task looks at no interrupts: only the end of the server ends it"), false);
		status_set(row, STATUS_TASK, CStringGetTextDatum(slot->stuck_task),
				   !has_privs_of_role(GetUserId(), slot->stuck_role));
	}
	status_set(row, STATUS_TURNS, Int64GetDatum(slot->counts[WORKER_TURNS]), false);
	status_set(row, STATUS_EXECUTIONS, Int64GetDatum(slot->counts[WORKER_EXECUTIONS]), false);
	status_set(row, STATUS_BUSY, Int64GetDatum(slot->counts[WORKER_BUSY_TIME]), false);
	status_set(row, STATUS_WAKEUPS, Int64GetDatum((int64) slot->wakeups.value), false);
	if (slot->is_permanent && entry->reason[0] != '\0')
		status_set(row, STATUS_REASON, CStringGetTextDatum(psprintf("last error: %s", entry->reason)), false);
}

/* Why there is no launcher. */
static const char *
launcher_reason(void)
{
	if (RecoveryInProgress())
		return "this server is a standby; workers start when it is promoted";
	return "the launcher is not there; the server starts it again within seconds";
}

/* Why there is no executor in this database. */
static const char *
database_reason(void)
{
	const char *reason = NULL;
	const DatabaseEntry *entry;

	if (database_is_closed())
		return "workers stay away from template databases and those that allow no connections";

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	entry = registry_find_database(MyDatabaseId);
	if (entry == NULL)
		reason = "the launcher has not seen this database yet";
	else if (pg_atomic_read_u32((pg_atomic_uint32 *) &entry->holds) > 0)
		reason = "kept away by DDL on the database or the extension until its transaction ends";
	else if (entry->is_waiting_for_process)
		reason = "no worker process is free; max_worker_processes is too small";
	else if (entry->status == DATABASE_UNKNOWN || entry->status == DATABASE_ACTIVE)
		reason = "starting";
	else
		reason = pstrdup(entry->reason);
	LWLockRelease(worker_registry->lock);
	return reason;
}

static bool
database_is_closed(void)
{
	HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	bool result = false;

	if (HeapTupleIsValid(tuple))
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		result = database->datistemplate || !database->datallowconn;
		ReleaseSysCache(tuple);
	}
	return result;
}

/* ---- operation ---- */

/* sfn.restart_worker(): this database's workers leave and new ones begin; true when they have. */
Datum
sfn_restart_worker(PG_FUNCTION_ARGS)
{
	require_preload();
	PG_RETURN_BOOL(database_restart_workers(MyDatabaseId));
}

/* sfn.adopt(): the executions of a copied or restored database are its own from the commit on. */
Datum
sfn_adopt(PG_FUNCTION_ARGS)
{
	instance_adopt();
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
