/*
 * waiting.h
 *	  Waiting inside a query without holding back vacuum.
 */
#ifndef SFN_API_WAITING_H
#define SFN_API_WAITING_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

#include "actions/event_waiting.h"
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

/* Tasks of the activity for a worker, at most max, waiting for the first until the deadline; returns how many. */
extern int activity_await_tasks(const ActivityRow *activity, const char *worker_name, int max, TimestampTz deadline,
								TaskRow **tasks);

/* An event for the wait, committed from now on and before the deadline; NULL: none. */
extern char *event_await(const EventWait *wait, TimestampTz deadline);

#endif /* SFN_API_WAITING_H */
