/*
 * launcher.c
 *	  One process per cluster that gives each database with the extension its executors.
 *
 * It is connected to no database.  It lists pg_database at start and every ten
 * seconds, and starts a probe for each connectable database it does not know: a
 * worker that looks whether the extension is there and, if so, stays as the
 * permanent executor (executor.c).  CREATE EXTENSION, sfn.adopt(), changed settings
 * and the end of DDL (ddl_hook.c) ask for a new look by an entry's refresh flag and
 * the launcher's latch.  Executors ask for helpers in the same way.
 *
 * It starts with BgWorkerStart_RecoveryFinished, so nothing runs on a standby
 * until it is promoted.  Dynamic workers are not restarted by the postmaster but
 * by the launcher, which alone decides; the launcher itself is.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/in_hand_file.h"
#include "shared/machine_stats.h"
#include "shared/quota_accounts.h"
#include "shared/suspects.h"
#include "shared/task_places.h"
#include "shared/worker_registry.h"
#include "workers/executor.h"
#include "workers/gateway_child.h"
#include "workers/launcher.h"

#define LAUNCHER_RESTART_S 1
#define LIST_INTERVAL_MS 10000
#define START_INTERVAL_MS 1000 /* of one database's permanent executor */
#define PROBES_AT_ONCE 2
#define FULL_RETRY_MS 1000       /* all worker processes are in use */
#define ROOM_RETRY_MS 20         /* one is about to be free */
#define TURN_OF_DATABASE_MS 1000 /* where several that have tasks share a process */
#define HELPER_YIELDS_MS 500     /* of another database, before its process is asked for */
#define FULL_WARNING_MS (10 * 60 * 1000)
#define DATABASE_IS_INVALID (-2) /* datconnlimit of one whose DROP DATABASE was interrupted */

/* What the launcher remembers of a worker it asked for; the index is the slot's. */
typedef struct StartedWorker
{
	BackgroundWorkerHandle *handle;
	uint32 generation;
} StartedWorker;

/* A row of pg_database that is looked after. */
typedef struct PresentDatabase
{
	Oid oid;
	NameData name;
} PresentDatabase;

static StartedWorker *started_workers;
static TimestampTz next_list = 0;
static TimestampTz next_full_warning = 0;
static bool is_making_room = false; /* for the worker that could not be started */

static void launcher_begin(void);
static void launcher_end(int code, Datum arg);
static void launcher_interrupts(void);
static void reload_configuration(void);
static void list_databases(MemoryContext list_context);
static List *connectable_databases(MemoryContext list_context);
static void forget_databases(List *present);
static void collect_lost_workers(void);
static void write_off_stuck_workers(void);
static TimestampTz serve_databases(void);
static TimestampTz serve_database(DatabaseEntry *entry);
static bool may_probe(void);
static bool may_start_helper(const DatabaseEntry *entry);
static bool start_worker(DatabaseEntry *entry, WorkerRole role, bool is_permanent);
static TimestampTz serve_pump(DatabaseEntry *entry, TimestampTz now);
static bool register_worker(WorkerSlot *slot);
static bool rests(const DatabaseEntry *entry, TimestampTz now);
static bool make_room(const DatabaseEntry *entry, WorkerRole role, bool is_permanent);
static void wake_permanent(const DatabaseEntry *entry);
static void report_full(DatabaseEntry *entry);
static void check_process_limit(void);
static int processes_wanted(int *databases);

/* Registers the launcher; called while the server preloads the library. */
void
launcher_register(void)
{
	BackgroundWorker worker;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = LAUNCHER_RESTART_S;
	strlcpy(worker.bgw_library_name, "sfn", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "sfn_launcher_main", BGW_MAXLEN);
	strlcpy(worker.bgw_name, "sfn launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "sfn launcher", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

void
sfn_launcher_main(Datum argument)
{
	MemoryContext loop_context;

	launcher_begin();
	loop_context = AllocSetContextCreate(TopMemoryContext, "sfn worker loop", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(loop_context);
	list_databases(loop_context); /* what crashed is told with the name of its database */
	in_hand_file_load();

	for (;;)
	{
		TimestampTz wake_at;
		TimestampTz gateway_at;
		long delay;
		uint64 calls;

		ResetLatch(MyLatch);
		calls = worker_calls();
		launcher_interrupts();
		MemoryContextReset(loop_context);

		if (GetCurrentTimestamp() >= next_list || pg_atomic_exchange_u32(&worker_registry->relist, 0) != 0)
			list_databases(loop_context);
		collect_lost_workers();
		write_off_stuck_workers();
		wake_at = serve_databases();
		gateway_at = gateway_child_tend();
		if (gateway_at != 0)
			wake_at = Min(wake_at, gateway_at);
		check_process_limit();

		worker_set_state(WORKER_IDLE);
		if (calls != worker_calls())
			continue;
		delay = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), wake_at);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(delay, LIST_INTERVAL_MS),
						 sfn_wait_event("SfnLauncherMain"));
	}
}

static void
launcher_begin(void)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	gateway_child_begin();
	BackgroundWorkerUnblockSignals();

	started_workers = MemoryContextAllocZero(TopMemoryContext, worker_registry->slot_count * sizeof(StartedWorker));
	my_worker = &worker_registry->slots[0];
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	my_worker->role = WORKER_LAUNCHER;
	my_worker->state = WORKER_STARTING;
	my_worker->pid = MyProcPid;
	my_worker->since = GetCurrentTimestamp();
	LWLockRelease(worker_registry->lock);
	worker_registry->is_enabled = sfn_enabled;
	pg_atomic_write_u32(&worker_registry->launcher_proc, my_proc_number());
	on_shmem_exit(launcher_end, 0);

	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	pgstat_report_appname("sfn launcher");
}

static void
launcher_end(int code, Datum arg)
{
	gateway_child_end();
	pg_atomic_write_u32(&worker_registry->launcher_proc, NO_PROC);
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	registry_free_slot(my_worker);
	LWLockRelease(worker_registry->lock);
	my_worker = NULL;
}

static void
launcher_interrupts(void)
{
	QueryCancelPending = false; /* there is nothing to cancel here */
	if (ProcDiePending)
		proc_exit(1);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		reload_configuration();
		gateway_child_reload();
	}
}

/* Databases that were switched off may be on now; what the file says counts in each of them. */
static void
reload_configuration(void)
{
	ProcessConfigFile(PGC_SIGHUP);
	worker_registry->is_enabled = sfn_enabled;
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		DatabaseEntry *entry = &worker_registry->databases[i];

		if (entry->status == DATABASE_DISABLED)
			entry->status = DATABASE_UNKNOWN;
	}
	LWLockRelease(worker_registry->lock);
}

/* ---- which databases there are ---- */

static void
list_databases(MemoryContext list_context)
{
	List *present = connectable_databases(list_context);
	bool is_full = false;
	ListCell *cell;

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	forget_databases(present);
	foreach(cell, present)
	{
		const PresentDatabase *database = lfirst(cell);
		DatabaseEntry *entry = registry_add_database(database->oid);

		is_full |= entry == NULL;
		if (entry == NULL)
			continue;
		entry->is_listed = true;
		strlcpy(entry->name, NameStr(database->name), NAMEDATALEN);
	}
	LWLockRelease(worker_registry->lock);

	if (is_full && next_list == 0)
		ereport(WARNING, (errmsg("sfn looks after the first %d databases only", REGISTRY_DATABASES)));
	next_list = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LIST_INTERVAL_MS);
}

static PresentDatabase *
present_database(Form_pg_database database)
{
	PresentDatabase *present = palloc(sizeof(PresentDatabase));

	present->oid = database->oid;
	present->name = database->datname;
	return present;
}

static List *
connectable_databases(MemoryContext list_context)
{
	List *result = NIL;
	Relation relation;
	TableScanDesc scan;
	HeapTuple tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(relation, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);
		MemoryContext caller_context;

		if (!database->datallowconn || database->datistemplate || database->datconnlimit == DATABASE_IS_INVALID)
			continue;
		caller_context = MemoryContextSwitchTo(list_context);
		result = lappend(result, present_database(database));
		MemoryContextSwitchTo(caller_context);
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(list_context);
	return result;
}

static bool
is_present(const List *present, Oid database)
{
	for (int i = 0; i < list_length(present); i++)
	{
		if (((PresentDatabase *) list_nth(present, i))->oid == database)
			return true;
	}
	return false;
}

/* With the lock held: entries of databases that are gone or closed, unless somebody still refers to them. */
static void
forget_databases(List *present)
{
	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		DatabaseEntry *entry = &worker_registry->databases[i];

		if (!OidIsValid(entry->oid) || is_present(present, entry->oid))
			continue;
		entry->is_listed = false;
		if (pg_atomic_read_u32(&entry->holds) > 0 || registry_count_workers(entry->oid) > 0)
			continue;
		suspects_forget(entry->oid);
		machine_stats_forget(entry->oid);
		quota_accounts_forget(entry->oid);
		entry->oid = InvalidOid;
		entry->status = DATABASE_UNKNOWN;
	}
}

/* ---- which workers they get ---- */

/* Frees the slots of workers that were asked for and will not come. */
static void
collect_lost_workers(void)
{
	TimestampTz long_ago = GetCurrentTimestamp() - INT64CONST(60) * USECS_PER_SEC;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];
		bool is_lost;
		pid_t pid;

		if (slot->state != WORKER_STARTING || slot->pid != 0)
			continue;
		if (started_workers[i].handle != NULL && started_workers[i].generation == slot->generation)
			is_lost = GetBackgroundWorkerPid(started_workers[i].handle, &pid) == BGWH_STOPPED;
		else
			is_lost = slot->since < long_ago; /* asked for by the launcher before me */
		if (!is_lost)
			continue;

		LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
		if (slot->state == WORKER_STARTING && slot->pid == 0)
			registry_free_slot(slot);
		LWLockRelease(worker_registry->lock);
		ConditionVariableBroadcast(&worker_registry->left);
	}
}

/* A process that will not come back is replaced, not waited for. */
static void
write_off_stuck_workers(void)
{
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state != WORKER_STUCK || slot->is_written_off)
			continue;
		LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
		slot->is_written_off = true;
		slot->is_permanent = false;
		suspects_let_go(i);
		LWLockRelease(worker_registry->lock);
		ereport(
			LOG,
			(errmsg("sfn executor with PID %d does not come back from task \"%s\" of execution %lld of database \"%s\"",
					(int) slot->pid, slot->task.resource, (long long) slot->execution,
					registry_database_name(slot->database)),
			 errdetail("Its code looks at no interrupts, so that it can be neither cancelled nor terminated."),
			 errhint("The execution goes on after an immediate shutdown of the server; others do already.")));
	}
}

/* Starts what is missing; returns when to look again at the latest. */
static TimestampTz
serve_databases(void)
{
	TimestampTz wake_at = next_list;

	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		DatabaseEntry *entry = &worker_registry->databases[i];

		if (OidIsValid(entry->oid))
		{
			TimestampTz again = serve_database(entry);

			if (again != 0 && again < wake_at)
				wake_at = again;
		}
	}
	return wake_at;
}

/* The same for one database; 0: nothing to wait for. */
static TimestampTz
serve_database(DatabaseEntry *entry)
{
	TimestampTz now = GetCurrentTimestamp();
	bool has_permanent;
	bool wants_permanent;
	int helpers;
	TimestampTz pump_at = 0;

	if (pg_atomic_read_u32(&entry->holds) > 0 || !entry->is_listed)
		return 0;
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	has_permanent = registry_permanent_worker(entry->oid) != NULL;
	if (pg_atomic_exchange_u32(&entry->refresh, 0) != 0 && !has_permanent)
	{
		entry->status = DATABASE_UNKNOWN;
		entry->not_before = 0;
		entry->rests_until = 0;
	}
	if (!has_permanent && rests(entry, now))
	{
		LWLockRelease(worker_registry->lock);
		return entry->rests_until;
	}
	wants_permanent = !has_permanent && (entry->status == DATABASE_UNKNOWN || entry->status == DATABASE_ACTIVE);
	helpers = (int) pg_atomic_exchange_u32(&entry->help_wanted, 0);
	helpers = entry->status != DATABASE_ACTIVE || !has_permanent
		? 0
		: Min(helpers, executors_allowed(entry) - registry_count_executors(entry->oid));
	LWLockRelease(worker_registry->lock);

	if (has_permanent && pg_atomic_read_u32(&entry->pump_wanted) != 0)
		pump_at = serve_pump(entry, now);
	if (wants_permanent && entry->not_before > now)
		return entry->not_before;
	if (wants_permanent && entry->status == DATABASE_UNKNOWN && !may_probe())
		return 0; /* a probe that is done wakes us, whether it stays or ends */
	if (wants_permanent &&
		!start_worker(entry, entry->status == DATABASE_UNKNOWN ? WORKER_PROBE : WORKER_EXECUTOR, true))
		return entry->not_before;
	while (helpers-- > 0 && may_start_helper(entry))
	{
		if (!start_worker(entry, WORKER_EXECUTOR, false))
		{
			pg_atomic_write_u32(&entry->help_wanted, 1);
			if (entry->is_waiting_for_process && now >= entry->next_try)
				wake_permanent(entry);
			return TimestampTzPlusMilliseconds(now, is_making_room ? ROOM_RETRY_MS : FULL_RETRY_MS);
		}
	}
	return pump_at;
}

/* With the lock held: nothing has happened since its executor left, and nothing is due. */
static bool
rests(const DatabaseEntry *entry, TimestampTz now)
{
	return entry->rests_until > now && pg_atomic_read_u32((pg_atomic_uint32 *) &entry->start_wanted) == 0 &&
		pg_atomic_read_u32((pg_atomic_uint32 *) &entry->help_wanted) == 0 &&
		pg_atomic_read_u32((pg_atomic_uint32 *) &entry->pump_wanted) == 0;
}

/* The database has requests to be sent: it gets its pump, unless it has one, or too many that leave, whose end wakes us. */
static TimestampTz
serve_pump(DatabaseEntry *entry, TimestampTz now)
{
	int32 pids[REGISTRY_PUMPS];
	bool is_there;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	is_there = entry->status != DATABASE_ACTIVE || registry_pump(entry->oid) != NULL ||
		registry_pump_pids(entry->oid, pids) == REGISTRY_PUMPS;
	LWLockRelease(worker_registry->lock);
	if (is_there)
		return 0;
	if (entry->pump_not_before > now)
		return entry->pump_not_before;
	entry->pump_not_before = TimestampTzPlusMilliseconds(now, START_INTERVAL_MS);
	pg_atomic_write_u32(&entry->pump_wanted, 0);
	if (start_worker(entry, WORKER_PUMP, false))
		return 0;
	pg_atomic_write_u32(&entry->pump_wanted, 1);
	return TimestampTzPlusMilliseconds(now, FULL_RETRY_MS);
}

/* Only a few at once, so that a cluster of many databases does not use up all processes. */
static bool
may_probe(void)
{
	int probes = 0;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state == WORKER_STARTING && slot->role == WORKER_PROBE)
			probes++;
	}
	return probes < PROBES_AT_ONCE;
}

/* Those who come in place of executors that run long tasks leave processes for all others. */
static bool
may_start_helper(const DatabaseEntry *entry)
{
	int databases;

	return registry_count_executors(entry->oid) < entry->max_workers ||
		processes_wanted(&databases) < max_worker_processes;
}

/* False, with entry->not_before set, when there is no process for it. */
static bool
start_worker(DatabaseEntry *entry, WorkerRole role, bool is_permanent)
{
	TimestampTz now = GetCurrentTimestamp();
	WorkerSlot *slot;

	/* A session that wants the database for itself raises its hold under the lock before it looks at the slots. */
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	slot = pg_atomic_read_u32(&entry->holds) == 0 ? registry_allocate_slot(entry, role, is_permanent) : NULL;
	if (is_permanent)
		entry->not_before = TimestampTzPlusMilliseconds(now, START_INTERVAL_MS);
	LWLockRelease(worker_registry->lock);
	if (slot != NULL && register_worker(slot))
	{
		entry->is_waiting_for_process = false;
		if (is_permanent)
		{
			entry->rests_until = 0;
			pg_atomic_write_u32(&entry->start_wanted, 0);
		}
		return true;
	}

	if (slot != NULL)
	{
		LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
		registry_free_slot(slot);
		LWLockRelease(worker_registry->lock);
		ConditionVariableBroadcast(&worker_registry->left);
	}
	if (pg_atomic_read_u32(&entry->holds) > 0)
		return false;
	is_making_room = make_room(entry, role, is_permanent);
	if (is_permanent)
		entry->not_before = TimestampTzPlusMilliseconds(now, is_making_room ? ROOM_RETRY_MS : FULL_RETRY_MS);
	if (!is_making_room)
		report_full(entry);
	return false;
}

static bool
register_worker(WorkerSlot *slot)
{
	BackgroundWorker worker;
	int index = slot - worker_registry->slots;
	bool is_pump = slot->role == WORKER_PUMP;
	MemoryContext caller_context;
	bool is_registered;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "sfn", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, is_pump ? "sfn_pump_main" : "sfn_executor_main", BGW_MAXLEN);
	strlcpy(worker.bgw_name, is_pump ? "sfn pump" : "sfn executor", BGW_MAXLEN);
	strlcpy(worker.bgw_type, worker.bgw_name, BGW_MAXLEN);
	worker.bgw_main_arg = Int32GetDatum(index);
	memcpy(worker.bgw_extra, &slot->generation, sizeof(slot->generation));
	worker.bgw_notify_pid = MyProcPid;

	if (started_workers[index].handle != NULL)
		pfree(started_workers[index].handle);
	started_workers[index].handle = NULL;
	started_workers[index].generation = slot->generation;
	caller_context = MemoryContextSwitchTo(TopMemoryContext);
	is_registered = RegisterDynamicBackgroundWorker(&worker, &started_workers[index].handle);
	MemoryContextSwitchTo(caller_context);
	return is_registered;
}

/* ---- too few processes ---- */

/* A task of the database waits for a helper. */
static bool
wants_helper(const WorkerSlot *slot)
{
	const DatabaseEntry *entry = &worker_registry->databases[slot->database_index];

	return entry->is_waiting_for_process || pg_atomic_read_u32((pg_atomic_uint32 *) &entry->help_wanted) != 0;
}

/*
 * Can its database do without it?  Helpers that rest, and executors of databases that have nothing due; for another
 * executor, those that only wait for a helper, too, so that all such databases have their turn.
 */
static bool
may_give_way(const WorkerSlot *slot, bool for_helper, TimestampTz now)
{
	const DatabaseEntry *entry = &worker_registry->databases[slot->database_index];

	if (slot->state != WORKER_IDLE || slot->role != WORKER_EXECUTOR)
		return false;
	if (!slot->is_permanent)
		return !slot->leaves_place && TimestampDifferenceExceeds(slot->since, now, HELPER_YIELDS_MS);
	if (wants_helper(slot) && (for_helper || !TimestampDifferenceExceeds(slot->began, now, TURN_OF_DATABASE_MS)))
		return false;
	return slot->next_due > TimestampTzPlusMilliseconds(now, REGISTRY_NOTHING_DUE_MS) &&
		entry->status == DATABASE_ACTIVE && pg_atomic_read_u32((pg_atomic_uint32 *) &entry->holds) == 0;
}

/* Helpers, then executors that wait for nothing, then who has rested, or been there, for longest. */
static bool
gives_way_before(const WorkerSlot *a, const WorkerSlot *b)
{
	if (b == NULL || a->is_permanent != b->is_permanent)
		return b == NULL || !a->is_permanent;
	if (a->is_permanent && wants_helper(a) != wants_helper(b))
		return !wants_helper(a);
	return wants_helper(a) ? a->began < b->began : a->since < b->since;
}

/*
 * Asks a worker of another database for its process, one at a time; false: there is none to ask.  A helper gets that of an
 * executor only if the database has no other, and another executor is left that would give way to those that rest.
 */
static bool
make_room(const DatabaseEntry *entry, WorkerRole role, bool is_permanent)
{
	TimestampTz now = GetCurrentTimestamp();
	bool is_helper = role == WORKER_EXECUTOR && !is_permanent;
	WorkerSlot *found = NULL;
	int permanent = 0;

	if (is_helper && registry_count_executors(entry->oid) > 1)
		return false;
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->database == entry->oid || slot->state == WORKER_FREE)
			continue;
		if (pg_atomic_read_u32(&slot->yield_requested) != 0 &&
			(slot->state == WORKER_IDLE || slot->state == WORKER_LEAVING))
			return true;
		if (!may_give_way(slot, is_helper, now))
			continue;
		permanent += slot->is_permanent;
		if (gives_way_before(slot, found))
			found = slot;
	}
	if (found == NULL || (is_helper && found->is_permanent && permanent < 2))
		return false;
	pg_atomic_write_u32(&found->yield_requested, 1);
	worker_call(found);
	return true;
}

/* It may try itself what there is no helper for. */
static void
wake_permanent(const DatabaseEntry *entry)
{
	WorkerSlot *slot;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	slot = registry_permanent_worker(entry->oid);
	if (slot != NULL)
		worker_call(slot);
	LWLockRelease(worker_registry->lock);
}

static void
report_full(DatabaseEntry *entry)
{
	TimestampTz now = GetCurrentTimestamp();

	if (!entry->is_waiting_for_process)
		entry->waiting_since = now;
	entry->is_waiting_for_process = true;
	if (now < next_full_warning)
		return;
	next_full_warning = TimestampTzPlusMilliseconds(now, FULL_WARNING_MS);
	ereport(WARNING,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 errmsg("no worker process is free for sfn in database \"%s\"; its work waits", entry->name),
			 errhint("Raise max_worker_processes (now %d) and restart the server.", max_worker_processes)));
}

/* Processes for all executors that may be wanted or are there, and in how many databases. */
static int
processes_wanted(int *databases)
{
	int wanted = 2; /* ourselves, and PostgreSQL's logical replication launcher */

	*databases = 0;
	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		const DatabaseEntry *entry = &worker_registry->databases[i];

		if (!OidIsValid(entry->oid) || entry->status != DATABASE_ACTIVE)
			continue;
		(*databases)++;
		wanted += Max(entry->max_workers, registry_count_executors(entry->oid)) + 1; /* and its pump */
	}
	return wanted;
}

/* Once all databases have been probed: is there room? */
static void
check_process_limit(void)
{
	static bool is_done = false;
	int needed;
	int databases;

	if (is_done)
		return;
	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		const DatabaseEntry *entry = &worker_registry->databases[i];

		if (OidIsValid(entry->oid) && entry->is_listed && entry->status == DATABASE_UNKNOWN)
			return;
	}
	is_done = true;
	needed = processes_wanted(&databases);
	if (needed <= max_worker_processes)
		return;
	ereport(
		WARNING,
		(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
		 errmsg("max_worker_processes is %d, but sfn may want %d of them for %d databases", max_worker_processes,
				needed, databases),
		 errhint(
			 "Set max_worker_processes to %d plus what parallel queries and other extensions need, or lower sfn.max_workers.",
			 needed)));
}
