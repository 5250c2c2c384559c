/*
 * worker_stats.h
 *	  Counters of executors and the HTTP pump; sfn.workers and sfn.stat_workers show them.
 *
 * A worker counts in its slot, which nobody else writes.  What it has counted
 * when it leaves is added to its database's entry, so that sums never fall; a reset
 * remembers what was there instead of writing into another's slot.
 */
#ifndef SFN_SHARED_WORKER_STATS_H
#define SFN_SHARED_WORKER_STATS_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef enum WorkerCounter /* the order of the columns of sfn_internal.worker_counters() */
{
	WORKER_TURNS,
	WORKER_COMMITS, /* turns that had something to do */
	WORKER_ERRORS,
	WORKER_REDONE_TURNS,
	WORKER_EXECUTIONS, /* moved, once for each turn */
	WORKER_BUSY_TIME,  /* microseconds */
	WORKER_ROWS,       /* of the inbox that were delivered */
	WORKER_LATENESS,   /* theirs, microseconds */
	WORKER_MAX_LATENESS,
	WORKER_LOCAL_TASKS,
	WORKER_LOCAL_TASK_TIME, /* microseconds */
	WORKER_TASKS_PUT_OFF,
	WORKER_RETRIES,
	WORKER_QUARANTINED,
	WORKER_REQUESTS_SENT, /* by the pump, this and what follows */
	WORKER_REQUESTS_SUCCEEDED,
	WORKER_REQUESTS_FAILED,
	WORKER_REQUEST_TIME, /* microseconds */
	WORKER_COUNTERS
} WorkerCounter;

struct DatabaseEntry;
struct TurnResult;
struct WorkerSlot;

/* ---- for workers, about themselves; worker_stats_count() and worker_stats_add() do nothing in a session ---- */

extern void worker_stats_turn(const struct TurnResult *result, bool is_redone, TimestampTz started);
extern void worker_stats_count(WorkerCounter counter);
extern void worker_stats_add(WorkerCounter counter, int64 count);

/* ---- for anybody, while the library is preloaded ---- */

/* Begins to count anew in a database, its state machines as well; takes the lock. */
extern void statistics_forget(Oid database);

/* ---- with the lock held ---- */

/* Exclusively: when a slot is given to a worker, or back; when a database comes or is reset. */
extern void worker_stats_begin(struct WorkerSlot *slot);
extern void worker_stats_end(const struct WorkerSlot *slot, struct DatabaseEntry *entry);
extern void worker_stats_reset(struct DatabaseEntry *entry);

/* What a worker has counted since the last reset; a copy of a slot will do. */
extern int64 worker_stats_since_reset(const struct WorkerSlot *slot, WorkerCounter counter);

#endif /* SFN_SHARED_WORKER_STATS_H */
