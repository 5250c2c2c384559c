/*
 * worker_registry.c
 *	  The shared memory of launcher, executors and sessions.
 *
 * A slot is free, or belongs to a worker from the moment the launcher asks the
 * postmaster for it until that process is gone from the list of backends: its
 * release is the last thing a worker does, after it has left its database.  So
 * who sees no slot for a database may drop, rename or copy it.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/timestamp.h"

#include "shared/in_hand_file.h"
#include "shared/worker_registry.h"

#define FAILED_START_MS 500
#define FAILED_START_LONGEST_MS 5000

WorkerRegistry *worker_registry = NULL;
WorkerSlot *my_worker = NULL;

static void worker_registry_fill(LWLock *lock);
static void worker_slot_release(int code, Datum arg);
static void note_failed_start(DatabaseEntry *entry);

/* ---- making it ---- */

Size
worker_registry_size(void)
{
	return add_size(offsetof(WorkerRegistry, slots), mul_size(max_worker_processes + 1, sizeof(WorkerSlot)));
}

void
worker_registry_attach(void *part, bool is_new, LWLock *lock)
{
	worker_registry = part;
	if (is_new)
		worker_registry_fill(lock);
}

static void
worker_registry_fill(LWLock *lock)
{
	memset(worker_registry, 0, worker_registry_size());
	worker_registry->lock = lock;
	worker_registry->slot_count = max_worker_processes + 1;
	ConditionVariableInit(&worker_registry->left);
	pg_atomic_init_u32(&worker_registry->launcher_proc, NO_PROC);
	pg_atomic_init_u32(&worker_registry->relist, 0);
	pg_atomic_init_u32(&worker_registry->suspect_count, 0);
	pg_atomic_init_u32(&worker_registry->given_up_count, 0);

	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		DatabaseEntry *entry = &worker_registry->databases[i];

		pg_atomic_init_u32(&entry->holds, 0);
		pg_atomic_init_u32(&entry->refresh, 0);
		pg_atomic_init_u32(&entry->help_wanted, 0);
		pg_atomic_init_u32(&entry->start_wanted, 0);
		pg_atomic_init_u32(&entry->pump_wanted, 0);
		pg_atomic_init_u32(&entry->schedules_changed, 0);
		pg_atomic_init_u32(&entry->replays_changed, 0);
		pg_atomic_init_u32(&entry->careful_turns, 0);
		pg_atomic_init_u32(&entry->crowd_role, 0);
		pg_atomic_init_u64(&entry->crowd_machine, 0);
		pg_atomic_init_u64(&entry->crowd_seen, 0);
		pg_atomic_init_u64(&entry->light_seen, 0);
		pg_atomic_init_u64(&entry->commits, 0);
		pg_atomic_init_u64(&entry->ended, 0);
	}
	for (int i = 0; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		pg_atomic_init_u32(&slot->proc, NO_PROC);
		pg_atomic_init_u32(&slot->leave_requested, 0);
		pg_atomic_init_u64(&slot->wakeups, 0);
		pg_atomic_init_u64(&slot->calls, 0);
		pg_atomic_init_u32(&slot->yield_requested, 0);
		SpinLockInit(&slot->hand_lock);
	}
}

/* ---- is it there? ---- */

/* Is the library preloaded, so that workers can exist at all? */
bool
workers_are_possible(void)
{
	return worker_registry != NULL;
}

/* The line for postgresql.conf that preloads sfn. */
const char *
preload_line(void)
{
	const char *others = shared_preload_libraries_string;

	if (others == NULL || others[0] == '\0' || !superuser())
		return "shared_preload_libraries = 'sfn'";
	return psprintf("shared_preload_libraries = '%s,sfn'", others);
}

/* An error when there can be no workers. */
void
require_preload(void)
{
	if (!workers_are_possible())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("sfn is not preloaded"),
				 errhint("Put this line into postgresql.conf and restart the server: %s", preload_line())));
}

/* ---- latches ---- */

/* The number by which others find this process's latch. */
uint32
my_proc_number(void)
{
#if PG_VERSION_NUM >= 170000
	return (uint32) GetNumberFromPGProc(MyProc);
#else
	return (uint32) MyProc->pgprocno;
#endif
}

/*
 * Wakes a process; never fails nor waits.  When the number has passed to another
 * process meanwhile, that one looks around once and finds nothing: harmless.
 */
void
wake_process(uint32 proc)
{
	if (proc != NO_PROC)
		SetLatch(&ProcGlobal->allProcs[proc].procLatch);
}

void
wake_launcher(void)
{
	pg_atomic_fetch_add_u64(&worker_registry->slots[0].calls, 1);
	wake_process(pg_atomic_read_u32(&worker_registry->launcher_proc));
}

/* The latch alone would not do: a wait for a lock or a page resets it, whoever has set it. */
void
worker_call(WorkerSlot *slot)
{
	pg_atomic_fetch_add_u64(&slot->calls, 1);
	wake_process(pg_atomic_read_u32(&slot->proc));
}

uint64
worker_calls(void)
{
	return pg_atomic_read_u64(&my_worker->calls);
}

/* ---- databases ---- */

DatabaseEntry *
registry_find_database(Oid database)
{
	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		if (worker_registry->databases[i].oid == database)
			return &worker_registry->databases[i];
	}
	return NULL;
}

/* Finds or makes the entry of a database; NULL when the table is full. */
DatabaseEntry *
registry_add_database(Oid database)
{
	DatabaseEntry *entry = registry_find_database(database);

	if (entry != NULL)
		return entry;
	entry = registry_find_database(InvalidOid);
	if (entry == NULL)
		return NULL;

	entry->oid = database;
	entry->name[0] = '\0';
	entry->status = DATABASE_UNKNOWN;
	entry->is_listed = false;
	entry->max_workers = 1;
	entry->max_long_tasks = 0;
	entry->not_before = 0;
	entry->failed_starts = 0;
	entry->is_waiting_for_process = false;
	entry->rests_until = entry->next_try = 0;
	entry->reason[0] = entry->cure[0] = '\0';
	pg_atomic_write_u32(&entry->holds, 0);
	pg_atomic_write_u32(&entry->refresh, 0);
	pg_atomic_write_u32(&entry->help_wanted, 0);
	pg_atomic_write_u32(&entry->start_wanted, 0);
	pg_atomic_write_u32(&entry->pump_wanted, 0);
	entry->pump_not_before = 0;
	worker_stats_reset(entry);
	pg_atomic_write_u32(&entry->schedules_changed, 0);
	pg_atomic_write_u32(&entry->replays_changed, 0);
	pg_atomic_write_u32(&entry->careful_turns, 0);
	pg_atomic_write_u64(&entry->crowd_seen, 0);
	pg_atomic_write_u64(&entry->light_seen, 0);
	pg_atomic_write_u64(&entry->commits, 0);
	pg_atomic_write_u64(&entry->ended, 0);
	return entry;
}

DatabaseEntry *
my_database_entry(void)
{
	return &worker_registry->databases[my_worker->database_index];
}

const char *
registry_database_name(Oid database)
{
	const DatabaseEntry *entry = registry_find_database(database);

	return entry != NULL && entry->name[0] != '\0' ? pstrdup(entry->name) : psprintf("%u", database);
}

void
database_set_status(DatabaseEntry *entry, DatabaseStatus status, const char *reason, const char *cure)
{
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	entry->status = status;
	strlcpy(entry->reason, reason, REGISTRY_REASON_SIZE);
	entry->reason_since = GetCurrentTimestamp();
	strlcpy(entry->cure, cure, REGISTRY_REASON_SIZE);
	LWLockRelease(worker_registry->lock);
}

void
database_note_error(DatabaseEntry *entry, const char *reason)
{
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	strlcpy(entry->reason, reason, REGISTRY_REASON_SIZE);
	entry->reason_since = GetCurrentTimestamp();
	LWLockRelease(worker_registry->lock);
}

void
database_rests_until(DatabaseEntry *entry, TimestampTz moment)
{
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	entry->rests_until = moment;
	pg_atomic_write_u32(&entry->start_wanted, 0);
	LWLockRelease(worker_registry->lock);
}

void
database_wants_executor_again(Oid database)
{
	DatabaseEntry *entry = registry_find_database(database);

	if (entry == NULL || entry->rests_until == 0)
		return;
	pg_atomic_write_u32(&entry->start_wanted, 1);
	wake_launcher();
}

/* ---- slots ---- */

int
registry_count_workers(Oid database)
{
	int count = 0;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state != WORKER_FREE && slot->database == database)
			count++;
	}
	return count;
}

/* Executors that can do something. */
int
registry_count_executors(Oid database)
{
	int count = 0;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state != WORKER_FREE && slot->state != WORKER_STUCK && slot->database == database &&
			slot->role != WORKER_PUMP)
			count++;
	}
	return count;
}

int
registry_count_stuck(Oid database, Oid role)
{
	int count = 0;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state == WORKER_STUCK && slot->database == database && slot->task.role == role)
			count++;
	}
	return count;
}

int
registry_count_in_task(Oid database, Oid role)
{
	int count = 0;

	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		const WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state == WORKER_BUSY && slot->database == database && slot->task.since != 0 &&
			slot->task.role == role)
			count++;
	}
	return count;
}

static bool
is_pump_of(const WorkerSlot *slot, Oid database)
{
	return slot->state != WORKER_FREE && slot->database == database && slot->role == WORKER_PUMP;
}

/* One that was asked to leave only waits for the answers to what it has sent. */
WorkerSlot *
registry_pump(Oid database)
{
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (is_pump_of(slot, database) && pg_atomic_read_u32(&slot->leave_requested) == LEAVE_NOT)
			return slot;
	}
	return NULL;
}

/* One that has not begun has none, but counts. */
int
registry_pump_pids(Oid database, int32 *pids)
{
	int count = 0;

	for (int i = 1; i < worker_registry->slot_count && count < REGISTRY_PUMPS; i++)
	{
		if (is_pump_of(&worker_registry->slots[i], database))
			pids[count++] = worker_registry->slots[i].pid;
	}
	return count;
}

/* The permanent executor of a database, or the probe that may become it; NULL: there is none. */
WorkerSlot *
registry_permanent_worker(Oid database)
{
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state != WORKER_FREE && slot->database == database && slot->is_permanent)
			return slot;
	}
	return NULL;
}

/* A slot for a worker to be started; NULL when all are taken. */
WorkerSlot *
registry_allocate_slot(DatabaseEntry *entry, WorkerRole role, bool is_permanent)
{
	for (int i = 1; i < worker_registry->slot_count; i++)
	{
		WorkerSlot *slot = &worker_registry->slots[i];

		if (slot->state != WORKER_FREE)
			continue;
		slot->role = role;
		slot->generation++;
		slot->database = entry->oid;
		slot->database_index = entry - worker_registry->databases;
		slot->is_permanent = is_permanent;
		slot->is_written_off = false;
		slot->pid = 0;
		slot->since = slot->began = GetCurrentTimestamp();
		slot->sleeps_until = 0;
		slot->next_due = 0;
		slot->leaves_place = false;
		slot->shared_turn = 0;
		worker_stats_begin(slot);
		slot->execution = 0;
		slot->task.since = 0;
		slot->place_role = InvalidOid;
		slot->cancel_requested = false;
		pg_atomic_write_u32(&slot->leave_requested, LEAVE_NOT);
		pg_atomic_write_u64(&slot->wakeups, 0);
		pg_atomic_write_u64(&slot->calls, 0);
		pg_atomic_write_u32(&slot->yield_requested, 0);
		slot->state = WORKER_STARTING;
		return slot;
	}
	return NULL;
}

/* Also bumps the generation, so that the worker, should it still come, goes. */
void
registry_free_slot(WorkerSlot *slot)
{
	pg_atomic_write_u32(&slot->proc, NO_PROC);
	slot->generation++;
	slot->pid = 0;
	slot->place_role = InvalidOid;
	slot->database = InvalidOid;
	slot->state = WORKER_FREE;
}

/*
 * Takes the slot that this worker was started for, until the process ends.
 * False when the slot went to another or the database is being kept free of us.
 */
bool
worker_slot_take(int index, uint32 generation)
{
	WorkerSlot *slot = &worker_registry->slots[index];
	bool is_mine;

	Assert(index > 0 && index < worker_registry->slot_count);
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	is_mine = slot->state == WORKER_STARTING && slot->generation == generation && slot->pid == 0;
	if (is_mine)
	{
		slot->pid = MyProcPid;
		pg_atomic_write_u32(&slot->proc, my_proc_number());
		my_worker = slot;
	}
	LWLockRelease(worker_registry->lock);
	if (!is_mine)
		return false;

	on_shmem_exit(worker_slot_release, 0);
	return pg_atomic_read_u32(&slot->leave_requested) == LEAVE_NOT &&
		pg_atomic_read_u32(&my_database_entry()->holds) == 0;
}

/*
 * Runs after this process has left its database and the list of backends,
 * because it was registered before either.
 */
static void
worker_slot_release(int code, Datum arg)
{
	in_hand_file_leave();
	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	if (my_worker->state == WORKER_STARTING && code != 0)
		note_failed_start(my_database_entry());
	worker_stats_end(my_worker, my_database_entry());
	registry_free_slot(my_worker);
	LWLockRelease(worker_registry->lock);
	my_worker = NULL;
	ConditionVariableBroadcast(&worker_registry->left);
	wake_launcher();
}

/* The database may be gone; if not, each further start waits a little longer. */
static void
note_failed_start(DatabaseEntry *entry)
{
	int delay = Min(FAILED_START_MS << Min(entry->failed_starts, 8), FAILED_START_LONGEST_MS);

	entry->failed_starts++;
	entry->not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), delay);
	pg_atomic_write_u32(&worker_registry->relist, 1);
}

void
worker_set_state(WorkerState state)
{
	if (my_worker->state == state)
		return;
	my_worker->since = GetCurrentTimestamp();
	my_worker->state = state;
	pg_memory_barrier();
}

/* True when this executor is to leave (DDL on its database or the extension). */
bool
worker_must_leave(void)
{
	return my_worker != NULL && pg_atomic_read_u32(&my_worker->leave_requested) != LEAVE_NOT;
}

/* The same, and nothing that is under way may keep it. */
bool
worker_must_leave_database(void)
{
	return my_worker != NULL && pg_atomic_read_u32(&my_worker->leave_requested) == LEAVE_DATABASE;
}
