/*
 * pump_jobs.h
 *	  Jobs that tasks with .sync wait for: asking services how they stand, cancelling those whose task is gone.
 */
#ifndef SFN_WORKERS_PUMP_JOBS_H
#define SFN_WORKERS_PUMP_JOBS_H

#include "postgres.h"

#include "workers/pump_task.h"

/* Once in a process. */
extern void pump_jobs_begin(MemoryContext parent);

/* In the pump's transaction: what others than the processes named were asking for is asked for again. */
extern void pump_jobs_recover(const int32 *pids, int pid_count);

/* There is one more. */
extern void pump_jobs_expect(void);

/* In the pump's transaction: what the answers say; then the calls that are due, put into that list. */
extern void pump_jobs_tell(void);
extern void pump_jobs_take(const EgressPolicy *policy, MemoryContext parent, dlist_head *taken);

/* The transfer has ended, somehow; what it means is to be told. */
extern void pump_jobs_finish(PumpTask *task);

/* It could not be sent. */
extern void pump_jobs_fail(PumpTask *task, const SfnError *error);

/* One that is answered and in no list. */
extern void pump_jobs_add(PumpTask *task);

/* What was told is, or is not. */
extern void pump_jobs_committed(void);
extern void pump_jobs_failed(void);

/* When there is something to do; DT_NOEND: there are no jobs. */
extern TimestampTz pump_jobs_due(bool is_leaving);

#endif /* SFN_WORKERS_PUMP_JOBS_H */
