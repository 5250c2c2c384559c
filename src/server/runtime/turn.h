/*
 * turn.h
 *	  One turn: claim due inbox rows, lock their executions, advance them, write everything back.
 */
#ifndef SFN_RUNTIME_TURN_H
#define SFN_RUNTIME_TURN_H

#include "postgres.h"

#include "shared/turn_request.h"

/* Runs one turn inside the current transaction (the caller commits). */
extern void turn_run(const TurnRequest *request, TurnResult *result);

#endif /* SFN_RUNTIME_TURN_H */
