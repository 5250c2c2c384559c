/*
 * worker_registry.h
 *	  What launcher, executors and sessions share: worker slots, databases, suspects.
 *
 * One LWLock guards the structure (who sits in which slot, which databases are
 * known).  The few fields that a commit callback touches are atomics or guarded by
 * a slot's spinlock, because such a callback must neither wait nor fail.  Nothing
 * here is a pointer or descriptor of one process.
 */
#ifndef SFN_SHARED_WORKER_REGISTRY_H
#define SFN_SHARED_WORKER_REGISTRY_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/lwlock.h"
#include "storage/s_lock.h"

#include "shared/worker_stats.h"

#define REGISTRY_DATABASES 1024 /* connectable databases that we keep an eye on */
#define REGISTRY_SUSPECTS 128
#define REGISTRY_GIVEN_UP 128
#define REGISTRY_PUMPS 3 /* of one database at a time: but for one, they only wait for answers */
#define REGISTRY_TASK_SIZE 128
#define REGISTRY_REASON_SIZE 256
#define REGISTRY_NOTHING_DUE_MS 5000 /* who has nothing due for so long gives its process to a database that has */

#define NO_PROC PG_UINT32_MAX

typedef enum WorkerRole
{
	WORKER_LAUNCHER = 1,
	WORKER_PROBE, /* looks whether the database wants an executor; becomes it, if so */
	WORKER_EXECUTOR,
	WORKER_PUMP /* sends HTTP requests (http_pump.c) */
} WorkerRole;

typedef enum WorkerState
{
	WORKER_FREE = 0,
	WORKER_STARTING, /* asked for, or not yet at work */
	WORKER_IDLE,
	WORKER_BUSY,
	WORKER_BACKING_OFF, /* pausing after a failure */
	WORKER_LEAVING,
	WORKER_STUCK /* told to end, and has not: what it runs looks at no interrupts */
} WorkerState;

/* Whether a worker is to leave, and how.  Executors leave after their turn in any case. */
typedef enum LeaveRequest
{
	LEAVE_NOT = 0,
	LEAVE_TO_ANOTHER, /* new settings: a pump takes nothing more, and stays until all it has sent is answered */
	LEAVE_DATABASE    /* somebody needs it for himself: what has not ended after sfn.ddl_grace is given up */
} LeaveRequest;

/* An attempt at a task that an executor runs in its own process. */
typedef struct RunningTask
{
	TimestampTz since; /* 0: none runs */
	Oid role;          /* the state machine's */
	int32 branch;
	int32 visit;
	int32 attempt;
	char resource[REGISTRY_TASK_SIZE];
} RunningTask;

typedef struct WorkerSlot
{
	/* under the lock; readable without it by who can live with a stale value */
	WorkerRole role;
	volatile WorkerState state; /* set by the owner without the lock, except to and from WORKER_FREE */
	uint32 generation;          /* tells a worker that comes late from the one asked for */
	volatile Oid database;
	int database_index;         /* its entry */
	volatile bool is_permanent; /* else a helper */
	pid_t pid;                  /* 0: has not begun */
	TimestampTz since;          /* of the state */
	TimestampTz began;          /* when it was asked for */
	volatile Oid place_role;    /* whose task it runs alone; InvalidOid: nobody's; see task_places.h */
	volatile int64 place_machine;
	volatile TimestampTz place_since;

	/* no lock */
	pg_atomic_uint32 proc;            /* whose latch to set; NO_PROC: nobody's */
	pg_atomic_uint32 leave_requested; /* LeaveRequest */
	pg_atomic_uint64 wakeups;         /* by commits */
	pg_atomic_uint64 calls;           /* these and all others */
	pg_atomic_uint32 yield_requested; /* another database wants its process */

	/* under hand_lock */
	slock_t hand_lock;
	int64 execution;       /* in hand; 0: none */
	bool cancel_requested; /* StopExecution wants its task cancelled */
	RunningTask task;      /* of the execution in hand */

	/* written by the owner only */
	TimestampTz sleeps_until;
	volatile TimestampTz next_due; /* idle and permanent: when something is due, as far as it knows; DT_NOEND: never */
	volatile TimestampTz shared_turn; /* its last one in which there was something to do; 0: the last had nothing */
	volatile bool leaves_place;       /* it keeps the last place free, and so is no help with what is due */
	int64 counts[WORKER_COUNTERS];

	/* under the lock */
	int64 counts_at_reset[WORKER_COUNTERS];
	bool is_written_off; /* stuck, and the launcher knows */
} WorkerSlot;

typedef enum DatabaseStatus
{
	DATABASE_UNKNOWN = 0, /* to be probed */
	DATABASE_ACTIVE,      /* executors run */
	DATABASE_ABSENT,      /* the extension is not there */
	DATABASE_DISABLED,    /* sfn.enabled is off */
	DATABASE_PAUSED,      /* a copy; sfn.adopt() */
	DATABASE_OUTDATED     /* the extension is of another version than the library */
} DatabaseStatus;

typedef struct DatabaseEntry
{
	/* under the lock */
	Oid oid;                /* InvalidOid: free */
	char name[NAMEDATALEN]; /* as the launcher has read it */
	DatabaseStatus status;
	bool is_listed;              /* in pg_database, open to connections, no template */
	int max_workers;             /* as set in that database */
	int max_long_tasks;          /* the same */
	TimestampTz not_before;      /* no permanent executor is started earlier */
	int failed_starts;           /* in a row */
	TimestampTz pump_not_before; /* no pump is started earlier */
	bool is_waiting_for_process; /* max_worker_processes was used up */
	TimestampTz waiting_since;
	TimestampTz rests_until; /* its permanent executor has given its process to another database; 0: it has not */
	TimestampTz next_try;    /* when the permanent executor may try a task that wants a helper */
	char reason[REGISTRY_REASON_SIZE]; /* why nothing runs, or the last error */
	TimestampTz reason_since;
	char cure[REGISTRY_REASON_SIZE];      /* the statement that makes it run; "": none, or not known */
	TimestampTz stats_reset;              /* since when is counted */
	int64 former_counts[WORKER_COUNTERS]; /* of executors that have left */

	/* no lock */
	pg_atomic_uint32 holds;   /* transactions that keep workers away (ddl_hook.c) */
	pg_atomic_uint32 refresh; /* look at it again */
	pg_atomic_uint32 help_wanted;
	pg_atomic_uint32 start_wanted;      /* something has happened while it rests */
	pg_atomic_uint32 pump_wanted;       /* there are requests to be sent */
	pg_atomic_uint32 schedules_changed; /* the permanent executor looks at them again */
	pg_atomic_uint32 replays_changed;
	pg_atomic_uint32 careful_turns; /* turns of one execution only, after a crash that nobody can be blamed for */
	pg_atomic_uint64 commits;       /* turns that succeeded: tells a failing execution from a failing server */
	pg_atomic_uint32 crowd_role;    /* whose work is more than turns can do, see crowd.h */
	pg_atomic_uint64 crowd_machine;
	pg_atomic_uint64 crowd_seen; /* when; 0: never */
	pg_atomic_uint64 light_seen; /* when other work was done beside it; 0: never */
	pg_atomic_uint64 ended;      /* executions, by such turns: retention is to keep up with them */
} DatabaseEntry;

/* An execution that failed or crashed a worker: runs alone, see suspects.c. */
typedef struct Suspect
{
	Oid database; /* InvalidOid: free */
	int32 strikes;
	int64 execution;
	TimestampTz not_before;
	uint64 commits;           /* of the database, when it was last tried */
	int32 holder;             /* slot that runs it now; -1: none */
	int32 empty_tries;        /* found nothing to run */
	bool has_crashed;         /* a worker, so that it is kept over a restart */
	bool waits_for_server;    /* its last failure was for want of space or memory */
	TimestampTz first_strike; /* 0: none yet */
} Suspect;

/* An attempt at a task that did not end when it had timed out: see given_up.c. */
typedef struct GivenUp
{
	Oid database; /* InvalidOid: free */
	int32 branch;
	int32 visit;
	int32 attempt;
	int64 execution;
} GivenUp;

typedef struct WorkerRegistry
{
	LWLock *lock;
	int slot_count;
	ConditionVariable left; /* a worker has left */
	pg_atomic_uint32 launcher_proc;
	pg_atomic_uint32 relist; /* pg_database may have changed: look at it again */
	pg_atomic_uint32 suspect_count;
	volatile bool is_enabled; /* sfn.enabled for the server, as the launcher has read it */
	bool suspects_loaded;
	Suspect suspects[REGISTRY_SUSPECTS];
	pg_atomic_uint32 given_up_count;
	uint32 next_given_up;
	GivenUp given_up[REGISTRY_GIVEN_UP];
	DatabaseEntry databases[REGISTRY_DATABASES];
	WorkerSlot slots[FLEXIBLE_ARRAY_MEMBER]; /* 0: the launcher's */
} WorkerRegistry;

/* NULL when the library was not preloaded. */
extern WorkerRegistry *worker_registry;

/* The slot of this process; NULL in a session. */
extern WorkerSlot *my_worker;

/* For shared_memory.c. */
extern Size worker_registry_size(void);
extern void worker_registry_attach(void *part, bool is_new, LWLock *lock);

/* ---- for anybody ---- */

/* Is the library preloaded, so that workers can exist at all?  The line for postgresql.conf that says so; an error. */
extern bool workers_are_possible(void);
extern const char *preload_line(void);
extern void require_preload(void);

/* The number by which others find this process, and waking one by it; that never fails nor waits. */
extern uint32 my_proc_number(void);
extern void wake_process(uint32 proc);
extern void wake_launcher(void);

/* Wakes a worker, and how often this one was: who would sleep looks whether he was called since he last looked around. */
extern void worker_call(WorkerSlot *slot);
extern uint64 worker_calls(void);

/* ---- with the lock held; without it by who can live with what is just changing ---- */

extern DatabaseEntry *registry_find_database(Oid database);
extern const char *registry_database_name(Oid database); /* for messages */
extern int registry_count_workers(Oid database);
extern int registry_count_executors(Oid database);         /* without the pump, and without those that are stuck */
extern int registry_count_stuck(Oid database, Oid role);   /* in tasks of that role */
extern int registry_count_in_task(Oid database, Oid role); /* in such tasks, and not stuck, or not yet */
extern WorkerSlot *registry_pump(Oid database);           /* that takes requests, or is about to; NULL: there is none */
extern int registry_pump_pids(Oid database, int32 *pids); /* of all, also those that leave; at most REGISTRY_PUMPS */
extern WorkerSlot *registry_permanent_worker(Oid database); /* be it starting or leaving; the same */

/* ---- with the lock held exclusively ---- */

extern DatabaseEntry *registry_add_database(Oid database); /* finds or makes it; NULL: no room */
extern WorkerSlot *registry_allocate_slot(DatabaseEntry *entry, WorkerRole role, bool is_permanent);
extern void registry_free_slot(WorkerSlot *slot);

/* ---- for workers, about themselves ---- */

/* Takes the slot that this one was started for, first of all.  False: it comes too late and has to go. */
extern bool worker_slot_take(int index, uint32 generation);
extern void worker_set_state(WorkerState state);

/* The entry of its database, and why it does or does not run there (takes the lock). */
extern DatabaseEntry *my_database_entry(void);
extern void database_set_status(DatabaseEntry *entry, DatabaseStatus status, const char *reason, const char *cure);
extern void database_note_error(DatabaseEntry *entry, const char *reason); /* "": it is over */

/* A permanent executor that leaves is not missed until then, or until somebody asks for it; 0: it is. */
extern void database_rests_until(DatabaseEntry *entry, TimestampTz moment);

/* Asks the launcher for the permanent executor of a database that rests; never fails nor waits. */
extern void database_wants_executor_again(Oid database);

/* True when it is to leave (DDL on its database or the extension, new settings), and at once; in a session: false. */
extern bool worker_must_leave(void);
extern bool worker_must_leave_database(void);

#endif /* SFN_SHARED_WORKER_REGISTRY_H */
