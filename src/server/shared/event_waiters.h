/*
 * event_waiters.h
 *	  Sessions that wait for an event: what they wait for, and handing it to them at a commit.
 */
#ifndef SFN_SHARED_EVENT_WAITERS_H
#define SFN_SHARED_EVENT_WAITERS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/lwlock.h"

/* For shared_memory.c. */
extern Size event_waiters_size(void);
extern void event_waiters_attach(void *part, bool is_new, LWLock *lock);

/* ---- for a session that waits ---- */

/*
 * Around a wait; an error ends it, too.  What is found for the session is under the ticket; the latch is set when it is there.
 * The wait has begun when nobody is in a commit any more who could have missed it, or when it has been told, at the latest
 * at the deadline.
 */
extern int64 event_wait_begin(int64 bus_id, Oid role, const char *pattern, TimestampTz deadline);
extern bool event_wait_is_told(void);
extern void event_wait_end(void);

/* ---- for whoever has an event, in the transaction that it belongs to ---- */

typedef struct EventWaiter
{
	int place;
	int64 ticket;
	int64 bus_id;
	Oid role;
	char *pattern;
} EventWaiter;

/* Can there be any at all? */
extern bool event_waiters_are_possible(void);

/* Does anybody wait?  A look at one number. */
extern bool event_waiters_exist(void);
/*
 * The same when the transaction is about to commit: who begins to wait from now on waits for that first, so each waiter is
 * either seen now or has not begun.
 */
extern bool event_waiters_exist_at_commit(void);

/* Those of this database, and a number that changes with each that begins. */
extern uint64 event_waiters_generation(void);
extern int event_waiters_read(EventWaiter **waiters);

/* It still waits, and this transaction has nothing for it yet. */
extern bool event_waiter_wants(const EventWaiter *waiter);
/* Wakes it at the commit. */
extern void event_waiter_give_at_commit(const EventWaiter *waiter);

/* ---- at the transaction's end (sfn.c) ---- */

extern void event_waiters_committed(void);
extern void event_waiters_aborted(void);
extern void event_waiters_prepared(void);
extern void event_waiters_subtransaction_committed(int level);
extern void event_waiters_subtransaction_aborted(int level);

#endif /* SFN_SHARED_EVENT_WAITERS_H */
