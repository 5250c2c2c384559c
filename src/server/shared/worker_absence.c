/*
 * worker_absence.c
 *	  Why nothing runs in this database, for all who are asked.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "settings/clock.h"
#include "shared/worker_absence.h"
#include "shared/worker_registry.h"

#define ENOUGH_PROCESSES "Raise max_worker_processes (now %d) and restart the server."

static bool database_is_closed(void);
static bool launcher_is_absent(WorkerAbsence *absence);
static bool absence_of_entry(const DatabaseEntry *entry, WorkerAbsence *absence);
static void absence_by_status(const DatabaseEntry *entry, WorkerAbsence *absence);

bool
worker_absence(WorkerAbsence *absence)
{
	bool result;

	memset(absence, 0, sizeof(WorkerAbsence));
	if (!workers_are_possible())
	{
		absence->is_of_launcher = true;
		absence->reason = psprintf("not preloaded; postgresql.conf needs: %s", preload_line());
		absence->because = "sfn is not preloaded";
		absence->hint = psprintf("Put this line into postgresql.conf and restart the server: %s", preload_line());
		return true;
	}
	if (launcher_is_absent(absence))
		return true;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	result = absence_of_entry(registry_find_database(MyDatabaseId), absence);
	LWLockRelease(worker_registry->lock);
	if (result && database_is_closed())
	{
		absence->reason = absence->because =
			"workers stay away from template databases and those that allow no connections";
		absence->hint = "ALTER DATABASE makes it an ordinary one.";
		absence->statement = psprintf("ALTER DATABASE %s IS_TEMPLATE false ALLOW_CONNECTIONS true",
									  quote_identifier(get_database_name(MyDatabaseId)));
	}
	return result;
}

/* Where there is an executor, this costs a look at the slots.  A session with a clock of its own does what is due itself. */
void
worker_absence_notice(bool again)
{
	static char last[REGISTRY_REASON_SIZE];
	WorkerAbsence absence;

	if (my_worker != NULL || sfn_clock_is_fixed() ||
		(workers_are_possible() && registry_permanent_worker(MyDatabaseId) != NULL) || !worker_absence(&absence) ||
		absence.hint == NULL || (!again && strncmp(last, absence.because, sizeof(last) - 1) == 0))
		return;
	strlcpy(last, absence.because, sizeof(last));
	ereport(NOTICE,
			(errmsg("executions are stored but not run, because %s", absence.because), errhint("%s", absence.hint)));
}

static bool
launcher_is_absent(WorkerAbsence *absence)
{
	if (worker_registry->slots[0].state != WORKER_FREE)
		return false;
	absence->is_of_launcher = true;
	absence->reason = "the launcher is not there; the server starts it again within seconds";
	absence->because = "the launcher is not there";
	if (IsBinaryUpgrade)
		absence->reason = absence->because = "this server is in the hands of pg_upgrade";
	if (RecoveryInProgress())
	{
		absence->reason = "this server is a standby; workers start when it is promoted";
		absence->because = "this server is a standby";
		absence->hint = "They go on when it is promoted; until then they run where they were started.";
		absence->statement = "SELECT pg_promote()";
	}
	return true;
}

/* With the lock held. */
static bool
absence_of_entry(const DatabaseEntry *entry, WorkerAbsence *absence)
{
	const WorkerSlot *slot = registry_permanent_worker(MyDatabaseId);

	if (slot != NULL && slot->pid != 0 && slot->role == WORKER_EXECUTOR)
		return false;
	if (entry == NULL)
		absence->reason = absence->because = "the launcher has not seen this database yet";
	else if (pg_atomic_read_u32((pg_atomic_uint32 *) &entry->holds) > 0)
		absence->reason = absence->because =
			"kept away by DDL on the database or the extension until its transaction ends";
	else if (entry->is_waiting_for_process)
	{
		absence->reason = "no worker process is free; max_worker_processes is too small";
		absence->because = "no worker process is free";
		absence->hint = psprintf(ENOUGH_PROCESSES, max_worker_processes);
		absence->statement = psprintf("ALTER SYSTEM SET max_worker_processes = %d", 2 * max_worker_processes);
	}
	else
		absence_by_status(entry, absence);
	return true;
}

static void
absence_by_status(const DatabaseEntry *entry, WorkerAbsence *absence)
{
	absence->reason = absence->because = "starting";
	if (entry->status == DATABASE_UNKNOWN || entry->status == DATABASE_ACTIVE)
		return;
	absence->reason = absence->because = pstrdup(entry->reason);
	absence->since = entry->reason_since;
	if (entry->status == DATABASE_PAUSED)
	{
		absence->because = "this database is a copy of another";
		absence->hint = "SELECT sfn.adopt() makes the executions in it this database's own.";
		absence->statement = "SELECT sfn.adopt()";
	}
	else if (entry->status == DATABASE_DISABLED)
	{
		absence->hint = "They go on when it is on again.";
		absence->statement = entry->cure[0] != '\0' ? pstrdup(entry->cure) : NULL;
	}
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
