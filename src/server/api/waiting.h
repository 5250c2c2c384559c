/*
 * waiting.h
 *	  Waiting inside a query without holding back vacuum.
 */
#ifndef SFN_API_WAITING_H
#define SFN_API_WAITING_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

#include "store/tasks.h"

/* The moment until which to wait, from an argument of type interval; null: a minute. */
extern TimestampTz deadline_argument(FunctionCallInfo fcinfo, int number);

/*
 * Gives the calling query's snapshot back; false: somebody may still need it, and it stays.  After true the query
 * must take a new one before it goes on.
 */
extern bool query_gives_up_snapshot(void);
extern void query_takes_snapshot(void);

/* Looks until the execution has ended or the deadline has passed; its status then. */
extern int execution_await_end(int64 execution_id, TimestampTz deadline);

/* A task of the activity for a worker, waiting for one until the deadline; NULL: there was none. */
extern TaskRow *activity_await_task(const ActivityRow *activity, const char *worker_name, TimestampTz deadline);

#endif /* SFN_API_WAITING_H */
