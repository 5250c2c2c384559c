/*
 * pump_jobs.h
 *	  Jobs that tasks with .sync wait for: looking for those that are due.
 */
#ifndef SFN_WORKERS_PUMP_JOBS_H
#define SFN_WORKERS_PUMP_JOBS_H

/* Jobs have been begun, or woken: look for those that are due. */
extern void pump_jobs_expect(void);

#endif /* SFN_WORKERS_PUMP_JOBS_H */
