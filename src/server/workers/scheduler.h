/*
 * scheduler.h
 *	  Schedules: what is due is done between turns.
 */
#ifndef SFN_WORKERS_SCHEDULER_H
#define SFN_WORKERS_SCHEDULER_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* For the permanent executor, outside a transaction: does what is due; returns when something is due next, 0: never. */
extern TimestampTz scheduler_step(void);

#endif /* SFN_WORKERS_SCHEDULER_H */
