/*
 * branches.h
 *	  The tree of branches: starting, finding, joining and ending them.
 */
#ifndef SFN_ENGINE_BRANCHES_H
#define SFN_ENGINE_BRANCHES_H

#include "engine/step.h"

/* A new branch at the start of a scope, queued; its first event will follow the event "after". */
extern Branch *branch_start(Execution *execution, Branch *parent, const AslScope *scope, int32 index,
							const JsonVal *input, int64 after);

/* EVENT_START. */
extern bool deliver_start(Execution *execution, const Event *event, EngineEnv *env);

/* Sets the timer for the machine's TimeoutSeconds, from a moment on. */
extern void execution_set_time_limit(Execution *execution, TimestampTz from);

/* Takes a branch that the current step has begun out of the tree; it was never there. */
extern void branch_unstart(Branch *branch);

/* Queues a branch whose state is to be entered. */
extern void branch_queue(Execution *execution, Branch *branch);
/* Moves it to the head, if it is there. */
extern void branch_queue_first(Execution *execution, Branch *branch);
/* The next one of the queue, or NULL. */
extern Branch *branch_next_ready(Execution *execution);
/* Is any branch in the queue? */
extern bool branch_any_ready(Execution *execution);

/* Timers and tasks of the branch are void; does nothing when there are none. */
extern void branch_clear(Execution *execution, Branch *branch);

/*
 * All children of step's branch have ended: their outputs by index.  False when
 * some are not to be found.  They go when what is made of that is known.
 */
extern bool branch_join(StepContext *step, const JsonVal **results);
extern void branch_remove_joined(StepContext *step);

static inline void
branch_forget_joined(StepContext *step)
{
	if (unlikely(step->has_joined))
		branch_remove_joined(step);
}

/*
 * Ends all children of step's branch because one failed (NULL: the branch itself
 * did): history says so of those that are open, the failed one's state included.
 */
extern void branch_abort_children(StepContext *step, Branch *failed);

/* Ends a branch and everything below it, silently. */
extern void branch_remove(Execution *execution, Branch *branch);

/* Is the name of a Map's iteration events needed for children of this branch? */
extern bool branch_has_iterations(const Branch *branch);

#endif /* SFN_ENGINE_BRANCHES_H */
