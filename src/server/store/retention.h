/*
 * retention.h
 *	  Deleting what has ended long ago.
 */
#ifndef SFN_STORE_RETENTION_H
#define SFN_STORE_RETENTION_H

#include "postgres.h"

#include "store/retention_walks.h"

/* One pass: log events, then the walks, one after the other. */
typedef struct RetentionPass
{
	bool is_end;  /* nothing else can have expired */
	int deleted;  /* by the last step: executions, or log events */
	bool is_full; /* from the lowest id on, not from where the pass before came to */
	bool logs_are_done;
	int walk; /* which of them is under way */
	bool is_walking;
	WalkPlace place;  /* the next window begins behind it */
	WalkPlace tried;  /* the end of the last window, be it in vain */
	WalkPlace resume; /* where the next pass may begin */
	int singles;      /* executions that are still to be looked at one by one */
	int64 passed_over;
} RetentionPass;

extern void retention_begin(RetentionPass *pass);

/* One transaction's worth: looks at some windows of executions until it has deleted something. */
extern void retention_step(RetentionPass *pass);

/*
 * After a step that failed because something refuses the deletion (a foreign key, a trigger): the next steps take one execution each,
 * and the one that is refused is left alone for an hour.
 */
extern void retention_refused(RetentionPass *pass);

/* Deleted machines: gone for good when their last execution is; returns the number of rows changed. */
extern int retention_finish_machines(void);

#endif /* SFN_STORE_RETENTION_H */
