/*
 * task_guard.h
 *	  Ends the worker when a task does not end that was cancelled.
 */
#ifndef SFN_SERVICES_TASK_GUARD_H
#define SFN_SERVICES_TASK_GUARD_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * For a worker, around a task that is cancelled at the deadline (DT_NOEND: at none) or when somebody asks.  Alone: the attempt
 * has then timed out; else it begins again, alone.
 */
extern void task_guard_begin(TimestampTz deadline, bool is_alone);
extern void task_guard_end(void);

#endif /* SFN_SERVICES_TASK_GUARD_H */
