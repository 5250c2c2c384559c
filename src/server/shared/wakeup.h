/*
 * wakeup.h
 *	  Waking executors, for sessions when their transaction commits, and for one another.
 */
#ifndef SFN_SHARED_WAKEUP_H
#define SFN_SHARED_WAKEUP_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* ---- for anybody, during a transaction ---- */

/*
 * Wakes an executor of this database when the current transaction commits (once per transaction, savepoint
 * rollbacks respected).  Without preload: a NOTICE once per session that says which line to add.
 */
extern void wakeup_at_commit(void);

/* The same for the pump; it is started when there is none. */
extern void pump_wakeup_at_commit(void);

/* The same for changed schedules, which the executor looks at again. */
extern void schedules_wakeup_at_commit(void);
extern void replays_wakeup_at_commit(void); /* likewise for replays of archives */

/* At commit, cancels the SQL task that an executor may be running for this execution (StopExecution). */
extern void cancel_task_at_commit(int64 execution_id);

/* ---- at its end (sfn.c) ---- */

extern void wakeup_committed(void);
extern void wakeup_forget(void);
extern void wakeup_subtransaction_committed(int level);
extern void wakeup_subtransaction_aborted(int level);

/* ---- for executors; nothing happens in a session, which is none ---- */

/* More due work than this one takes: wakes idle ones or asks for others, as many as there may be. */
extern void worker_call_for_help(void);
extern void worker_call_for_helpers(int count);
extern bool worker_has_helpers(void);

/* How many commits have told this executor that there is something to do. */
extern uint64 worker_wakeups(void);

/* A turn wrote a row that is due then: sees that the executor which waits for it knows. */
extern void worker_report_due(TimestampTz due);

#endif /* SFN_SHARED_WAKEUP_H */
