/*
 * variables.h
 *	  Workflow variables: reading them from a scope, assigning them.
 */
#ifndef SFN_ENGINE_VARIABLES_H
#define SFN_ENGINE_VARIABLES_H

#include "engine/step.h"

/* EvalScope's callback; the scope's owner is the StepContext. */
extern const JsonVal *variable_value(const EvalScope *scope, const char *name, int length);

/*
 * Evaluates an Assign (NULL: nothing is assigned) on step->scope; *assigned is
 * then an object, or NULL.  Nothing is stored yet: all right-hand sides, and the
 * state's Output, see the values on entry.  False: step->error says why.
 */
extern bool variables_evaluate(StepContext *step, const AssignField *assign, const JsonVal **assigned);

/* Stores what variables_evaluate() gave, in the scope of step's branch. */
extern void variables_store(StepContext *step, const JsonVal *assigned);

#endif /* SFN_ENGINE_VARIABLES_H */
