/*
 * given_up.h
 *	  Attempts at tasks that timed out and did not end: their workers did.
 */
#ifndef SFN_SHARED_GIVEN_UP_H
#define SFN_SHARED_GIVEN_UP_H

#include "postgres.h"

/* Remembers one; of very many at once the oldest are forgotten, and begin again. */
extern void given_up_add(Oid database, int64 execution, int32 branch, int32 visit, int32 attempt);

/* For who is about to begin an attempt of this database: is it one of those?  Then it has timed out. */
extern bool given_up_has(int64 execution, int32 branch, int32 visit, int32 attempt);

/* The turn is over: those that were asked for are forgotten, if it was committed. */
extern void given_up_turn_ended(bool is_committed);

#endif /* SFN_SHARED_GIVEN_UP_H */
