/*
 * wakeup.h
 *	  Shared memory of the workers, and waking them when a transaction commits.
 */
#ifndef SFN_SHARED_WAKEUP_H
#define SFN_SHARED_WAKEUP_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * Wakes an executor of this database when the current transaction commits (once per transaction, savepoint
 * rollbacks respected).  Without preload: a NOTICE once per session that says which line to add.
 */
extern void wakeup_at_commit(void);

/* The same for the pump; it is started when there is none. */
extern void pump_wakeup_at_commit(void);

/* At commit, cancels the SQL task that an executor may be running for this execution (StopExecution). */
extern void cancel_task_at_commit(int64 execution_id);

/* At the transaction's end (sfn.c). */
extern void wakeup_committed(void);
extern void wakeup_forget(void);
extern void wakeup_subtransaction_committed(int level);
extern void wakeup_subtransaction_aborted(int level);

/* ---- for the executor that calls (no-ops in a session that is no executor) ---- */

/* The execution in hand: others do not claim its rows, a crash is remembered.  0: none. */
extern void worker_set_execution(int64 execution_id);
/* Executions that executors of this database have in hand now; returns their count, at most max. */
extern int worker_executions_in_hand(int64 *ids, int max);
/* True when StopExecution asked to cancel what this executor runs; reading resets it. */
extern bool worker_cancel_requested(void);
/* True when this executor is to leave (DDL on its database or the extension, shutdown). */
extern bool worker_must_leave(void);
/* More due work than this executor takes: wake an idle one or ask for another. */
extern void worker_call_for_help(void);
/* A turn wrote a row that is due then: see that the executor which waits for it knows. */
extern void worker_report_due(TimestampTz due);

#endif /* SFN_SHARED_WAKEUP_H */
