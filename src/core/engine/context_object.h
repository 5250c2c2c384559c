/*
 * context_object.h
 *	  The context object: "$$" in JSONPath, $states.context in JSONata.
 */
#ifndef SFN_ENGINE_CONTEXT_OBJECT_H
#define SFN_ENGINE_CONTEXT_OBJECT_H

#include "engine/step.h"

/* EvalScope's callback; the scope's owner is the StepContext. */
extern const JsonVal *context_object(const EvalScope *scope);

#endif /* SFN_ENGINE_CONTEXT_OBJECT_H */
