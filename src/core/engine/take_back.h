/*
 * take_back.h
 *	  Taking back a transition that was begun, as if it had not been.
 *
 * A transition is pure, so one that takes too long for where it runs, or is not
 * wanted any more, can be dropped and done again elsewhere.  What it has changed by
 * then is memory: the execution, the branch and those above it, children that it
 * began, events and effects that it appended.  It ends no children before all that
 * it evaluates is known.
 */
#ifndef SFN_ENGINE_TAKE_BACK_H
#define SFN_ENGINE_TAKE_BACK_H

#include "engine/step.h"

typedef struct SavedBranch
{
	struct SavedBranch *next;
	Branch *branch;
	Branch before;
} SavedBranch;

struct StepMark
{
	Execution before;
	int chunk_length; /* of the last history chunk */
	int64 chunk_last_id;
	SavedBranch *saved; /* the youngest first */
	SavedBranch own;    /* of the branch whose step it is */
};

/* Notes how everything is; only where the transition's budget may ask for it. */
extern void step_mark(StepContext *step, StepMark *mark);

/* Before a step of a branch above changes that. */
extern void step_mark_parent(StepMark *mark, Branch *parent);

/* Everything is again as it was noted; the event does the transition again. */
extern void step_take_back(StepContext *step, const Event *event);

#endif /* SFN_ENGINE_TAKE_BACK_H */
