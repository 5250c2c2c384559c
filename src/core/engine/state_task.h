/*
 * state_task.h
 *	  What others need to know of a Task.
 */
#ifndef SFN_ENGINE_STATE_TASK_H
#define SFN_ENGINE_STATE_TASK_H

#include "engine/step.h"

/*
 * The token of the task that step's branch is in, made when first asked for; NULL
 * where no pattern waits for one.  (An activity's token is its worker's business.)
 */
extern const char *task_token_of(StepContext *step);

/* AWS's cause when the result of a task on this resource is too large. */
extern const char *task_too_large_cause(const AslResource *resource);

#endif /* SFN_ENGINE_STATE_TASK_H */
