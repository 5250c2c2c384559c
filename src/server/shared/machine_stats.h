/*
 * machine_stats.h
 *	  Counters of state machines, in shared memory; sfn.stat_state_machines shows them.
 *
 * A process counts into memory of its own and adds that to shared memory once per
 * turn, or once per hundred synchronous executions: no lock is taken for an
 * execution.  Nothing here fails for want of room, and nothing survives a restart
 * of the server.
 */
#ifndef SFN_SHARED_MACHINE_STATS_H
#define SFN_SHARED_MACHINE_STATS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/lwlock.h"

/* Machines of the server that are counted one by one; further ones share an entry in their database. */
#define STAT_MACHINES 4096
#define STAT_OTHER_MACHINES 0 /* in place of an id: that entry */

typedef enum MachineCounter /* the order of the columns of sfn_internal.machine_counters() */
{
	MACHINE_STARTED,
	MACHINE_SUCCEEDED,
	MACHINE_FAILED,
	MACHINE_TIMED_OUT,
	MACHINE_ABORTED,
	MACHINE_REDRIVEN,
	MACHINE_QUARANTINED,
	MACHINE_EXECUTION_TIME,     /* microseconds from start to end */
	MACHINE_MAX_EXECUTION_TIME, /* the longest one, not a sum */
	MACHINE_STATES_ENTERED,
	MACHINE_EVENTS,
	MACHINE_RETRIES,
	MACHINE_ERRORS_CAUGHT,
	MACHINE_TASKS_SCHEDULED,
	MACHINE_TASKS_SUCCEEDED,
	MACHINE_TASKS_FAILED,
	MACHINE_TASKS_TIMED_OUT,
	MACHINE_LOCAL_TASKS,     /* done inside the database */
	MACHINE_LOCAL_TASK_TIME, /* microseconds */
	MACHINE_COUNTERS
} MachineCounter;

typedef struct MachineCounts
{
	int64 machine;
	int64 counts[MACHINE_COUNTERS];
} MachineCounts;

/* For shared_memory.c. */
extern Size machine_stats_size(void);
extern Size machine_stats_table_size(void);
extern void machine_stats_attach(void *part, bool is_new, LWLock *lock);

/* ---- for whoever drives the engine ---- */

/*
 * Where to count for a machine; to be used at once.  What a turn does counts when
 * its transaction commits, what a synchronous execution does whatever becomes of
 * the transaction.
 */
extern MachineCounts *machine_stats_of_turn(int64 machine);
extern MachineCounts *machine_stats_of_call(int64 machine);

/* After a synchronous execution, which ended then. */
extern void machine_stats_call_ended(TimestampTz now);

/* For an executor, after each turn; in a session it happens at the end of a transaction (sfn.c). */
extern void machine_stats_turn_ended(bool is_committed);
extern void machine_stats_before_commit(void);
extern void machine_stats_aborted(void);

/* ---- for administration: the launcher and the probe, the pruner, sfn.stat_reset() and the views ---- */

/* Drops what was counted for a database, or for those machines of this one. */
extern void machine_stats_forget(Oid database);
extern void machine_stats_drop(const int64 *machines, int count);

/* A copy of all that is counted for this database; returns the number of machines. */
extern int machine_stats_read(MachineCounts **counts);

#endif /* SFN_SHARED_MACHINE_STATS_H */
