/*
 * retry_catch.h
 *	  Which retrier or catcher an error finds, and what follows from it.
 */
#ifndef SFN_ENGINE_RETRY_CATCH_H
#define SFN_ENGINE_RETRY_CATCH_H

#include "engine/step.h"

/*
 * True when a retrier takes the error: a timer is set and the branch is DELAYED.
 * A used-up retrier ends the search.
 */
extern bool retry_take(StepContext *step);

/* Whether it would. */
extern bool retry_is_left(const StepContext *step);

/* The catcher that takes the error, or NULL. */
extern const Catcher *catch_find(const StepContext *step);

/* {"Error": ..., "Cause": ...} of step->error. */
extern const JsonVal *catch_error_output(const StepContext *step);

#endif /* SFN_ENGINE_RETRY_CATCH_H */
