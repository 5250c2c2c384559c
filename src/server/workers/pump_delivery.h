/*
 * pump_delivery.h
 *	  Answers on their way from the pump into the database.
 *
 * One commit delivers many: the first answer waits for others as long as the last pass took, unless no request
 * is under way.  A row that a session holds has to be tried again.
 */
#ifndef SFN_WORKERS_PUMP_DELIVERY_H
#define SFN_WORKERS_PUMP_DELIVERY_H

#include "postgres.h"

#include "workers/pump_task.h"

/* Once in a process. */
extern void pump_delivery_begin(void);

/* One that is answered and in no list; its host has room for another one from here on. */
extern void pump_delivery_add(PumpTask *task);

/* In the pump's transaction: what others than the processes named had in flight has failed. */
extern void pump_delivery_recover(const int32 *pids, int pid_count);

/* In the pump's transaction: tells all; returns how many are gone when it commits. */
extern int pump_delivery_tell(void);

/* It has committed, having taken so many microseconds, or failed. */
extern void pump_delivery_committed(int64 pass_took);
extern void pump_delivery_failed(void);

/* When there is something to tell; DT_NOEND: not before another answer comes.  is_idle: no request is under way. */
extern TimestampTz pump_delivery_due(bool is_idle);

#endif /* SFN_WORKERS_PUMP_DELIVERY_H */
