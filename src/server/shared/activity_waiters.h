/*
 * activity_waiters.h
 *	  Sessions that wait for a task of an activity, and waking them.
 */
#ifndef SFN_SHARED_ACTIVITY_WAITERS_H
#define SFN_SHARED_ACTIVITY_WAITERS_H

#include "postgres.h"

#include "storage/lwlock.h"

/* For shared_memory.c. */
extern Size activity_waiters_size(void);
extern void activity_waiters_attach(void *part, bool is_new, LWLock *lock);

/* ---- for whoever brings or takes a task, in a transaction ---- */

/* At commit, wakes one session that waits for a task of this activity; once for each call. */
extern void activity_wake_at_commit(int64 activity_id);

/* This transaction has taken a task: should it fail, somebody else can have it. */
extern void activity_note_taken(int64 activity_id);

/* ---- for a session that waits for one ---- */

/*
 * Around a wait.  activity_wait_arm() is called before each look; a task that becomes visible after it sets the
 * latch.  An error ends the wait, too.
 */
extern void activity_wait_arm(int64 activity_id);
#define ANY_ACTIVITY 0 /* woken by every commit that brings tasks, beside the one that waits for just that */
extern void activity_wait_end(void);

/* How long to sleep at most between two looks, in milliseconds. */
extern long activity_wait_pause(int looks);

/* ---- at the transaction's end (sfn.c) ---- */

extern void activity_waiters_committed(void);
extern void activity_waiters_aborted(void);
extern void activity_waiters_forget(void);
extern void activity_waiters_subtransaction_aborted(int level);

#endif /* SFN_SHARED_ACTIVITY_WAITERS_H */
