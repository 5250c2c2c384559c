/*
 * waiting.h
 *	  Waiting inside a query without holding back vacuum.
 */
#ifndef SFN_API_WAITING_H
#define SFN_API_WAITING_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

/* The moment until which to wait, from an argument of type interval; null: a minute. */
extern TimestampTz deadline_argument(FunctionCallInfo fcinfo, int number);

/*
 * Gives the calling query's snapshot back; false: somebody may still need it, and it stays.  After true the query
 * must take a new one before it goes on.
 */
extern bool query_gives_up_snapshot(void);
extern void query_takes_snapshot(void);

#endif /* SFN_API_WAITING_H */
