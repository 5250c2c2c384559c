/*
 * in_hand.h
 *	  What an executor has in hand.
 */
#ifndef SFN_SHARED_IN_HAND_H
#define SFN_SHARED_IN_HAND_H

#include "postgres.h"

#include "shared/worker_registry.h"

#define TURN_EXECUTIONS_KEPT 4096

/* ---- for executors, around a turn ---- */

/* In a turn of a single execution that one stays in hand until the end, so that a failure while writing is its own. */
extern void worker_begin_turn(bool of_one_execution, bool is_suspect_alone);

/* Puts everything down; returns the execution that was in hand. */
extern int64 worker_end_turn(void);

/* The executions of the turn so far, in the order they were taken in hand. */
extern int worker_turn_executions(const int64 **executions);

/* ---- for whoever runs a turn; nothing happens in a session, which is no executor ---- */

/* Takes an execution in hand; 0: puts it down. */
extern void worker_set_execution(int64 execution_id);

/* One attempt at a task of the execution in hand. */
typedef struct TaskInHand
{
	int32 branch;
	int32 visit;
	int32 attempt;
	Oid role;
	const char *resource;  /* for as long as the task runs */
	const char *state;     /* for pg_stat_activity */
	const char *execution; /* its ARN, likewise */
	uint64 verdict;        /* of its SQL (verdicts.h); 0: none, or not known yet */
} TaskInHand;

/* Which one runs, said before it does, NULL when it is over; and what it turned out to call. */
extern void worker_set_task(const TaskInHand *task);
extern void worker_set_verdict(uint64 verdict);

/* ---- for the guard of a task that does not end when it is cancelled ---- */

/* For a signal handler: notes what is given up. With the time-out: the attempt has timed out, else it begins again. */
extern void worker_give_up(bool has_timed_out);

/* For a signal handler: it was told to end, and still has not: others do without this process. */
extern void worker_is_stuck(void);

/* At exit: was a task given up?  What is to be remembered of it is. */
extern bool worker_gave_up(void);

/* True when StopExecution asked to cancel what this executor runs; reading resets it. */
extern bool worker_cancel_requested(void);

/* ---- for anybody ---- */

/* What other executors of this database have in hand now; returns their count, at most max. */
extern int worker_executions_in_hand(int64 *ids, int max);

/* The process of this database that has the execution in hand, and the task that it runs; 0: none has. */
extern int worker_of_execution(int64 execution_id, RunningTask *task);

#endif /* SFN_SHARED_IN_HAND_H */
