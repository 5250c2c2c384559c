/*
 * in_hand.h
 *	  What an executor has in hand.
 */
#ifndef SFN_SHARED_IN_HAND_H
#define SFN_SHARED_IN_HAND_H

#include "postgres.h"

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

/* True when StopExecution asked to cancel what this executor runs; reading resets it. */
extern bool worker_cancel_requested(void);

/* ---- for anybody ---- */

/* What other executors of this database have in hand now; returns their count, at most max. */
extern int worker_executions_in_hand(int64 *ids, int max);

#endif /* SFN_SHARED_IN_HAND_H */
