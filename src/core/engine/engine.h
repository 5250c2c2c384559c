/*
 * engine.h
 *	  The one door into the engine.
 */
#ifndef SFN_ENGINE_ENGINE_H
#define SFN_ENGINE_ENGINE_H

#include "engine/execution.h"

/* The eight state types, for asl_compile(). */
extern const StateType *const state_types[];
extern const int state_type_count;

/*
 * Delivers one event and advances every branch that can go on, until all wait,
 * the execution has ended, or env->must_yield() says so.  False: the event was
 * stale (its branch has left that visit or attempt, or the execution is over)
 * and nothing changed.  Failures of the workflow are part of the outcome, never
 * a return value.
 */
extern bool engine_deliver(Execution *execution, const Event *event, EngineEnv *env);

/* True while a task of this effect or event is still awaited (its branch has not gone on or away). */
extern bool engine_awaits(const Execution *execution, int32 branch, int32 visit, int32 attempt);

/*
 * Ends the execution from outside the flow (an engine error three times over, ...):
 * FAILED with error and cause, history closed, all branches gone.
 */
extern void engine_fail(Execution *execution, const char *error, const char *cause, EngineEnv *env);

/* Which run it is in: 1, and one more for each redrive. */
extern int32 execution_run(const Execution *execution);

/* When it times out, counted from its start or its last redrive; 0: never. */
extern TimestampTz execution_deadline(const Execution *execution);

#endif /* SFN_ENGINE_ENGINE_H */
