/*
 * retention_walks.h
 *	  Which executions are kept for how long: one walk for each machine that says so, one for all others.
 */
#ifndef SFN_STORE_RETENTION_WALKS_H
#define SFN_STORE_RETENTION_WALKS_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Behind this execution; all zero: at the beginning. */
typedef struct WalkPlace
{
	TimestampTz start_date;
	int64 id;
} WalkPlace;

typedef struct RetentionWalk
{
	int64 machine;       /* 0: all that have no walk */
	int minutes;         /* FOR_EVER_MINUTES: they stay */
	int failure_minutes; /* the same for those without success */
	WalkPlace resume;    /* where a pass that is not full begins */
} RetentionWalk;

/* To be called in each transaction of a pass before the others; true: they are not those of before. */
extern bool retention_walks_read(void);
/* Not every change of rows is announced. */
extern void retention_walks_may_have_changed(void);

extern int retention_walk_count(void); /* one at least, which is the one for all others */
extern RetentionWalk *retention_walk(int number);
extern bool retention_has_walk(int64 machine);

/* What ended before goes; DT_NOBEGIN: nothing does. */
extern TimestampTz retention_cutoff(int minutes);
/* The latest of a walk's: what began after it stays. */
extern TimestampTz walk_cutoff(const RetentionWalk *walk);

#endif /* SFN_STORE_RETENTION_WALKS_H */
