/*
 * shares.h
 *	  What roles and their state machines have used lately of a database's executors.
 *
 * A turn goes round by it, and so do the helpers among tasks that run alone: who has used least comes next.  What was
 * used fades by half every quarter of a second, so a role that begins to work is that far ahead of the others, no more.
 */
#ifndef SFN_SHARED_SHARES_H
#define SFN_SHARED_SHARES_H

#include "postgres.h"

#include "storage/lwlock.h"

/* For shared_memory.c. */
extern Size shares_size(void);
extern void shares_attach(void *part, bool is_new, LWLock *lock);

typedef enum ShareKind
{
	SHARE_OF_TURNS = 1, /* work in shared turns */
	SHARE_OF_PLACES     /* tasks that run alone */
} ShareKind;

/* Microseconds, of the database of this process.  Machine 0: of all machines of the role. */
extern int64 share_used(ShareKind kind, Oid role, int64 machine);

/* Adds to what the machine, and with it the role, has used.  A machine's use is weighed by its priority, a role's is not. */
extern void share_add(ShareKind kind, Oid role, int64 machine, int64 microseconds, int64 weighed);

#endif /* SFN_SHARED_SHARES_H */
