/*
 * step_observer.h
 *	  What whoever looks into a step, or stands in for its work, implements: tests of states do.
 *
 * The engine calls an observer at the points named below; without one (env->observer
 * NULL) nothing is different.  With one, causes lack the sentence that names the
 * state and its event, as AWS's TestState has them.
 */
#ifndef SFN_ENGINE_STEP_OBSERVER_H
#define SFN_ENGINE_STEP_OBSERVER_H

#include "asl/state_type.h"

typedef struct StepObserver StepObserver;

struct StepObserver
{
	/* A value on its way through the state, by AWS's name: "afterInputPath"; NULL: not wanted. */
	void (*show)(StepObserver *observer, const char *member, const JsonVal *value);
	/* The state fails with step->error; Retry and Catch are asked next; NULL: not wanted. */
	void (*failed)(StepObserver *observer, StepContext *step);
	/* A retrier matches the error; it waits so many seconds, or is used up (negative); NULL: not wanted. */
	void (*retrier)(StepObserver *observer, int index, double seconds);
	/* A catcher takes the error; NULL: not wanted. */
	void (*catcher)(StepObserver *observer, int index);
	/* True: *outcome is that of the state's work, which is not begun; NULL: never. */
	bool (*stand_in)(StepObserver *observer, StepContext *step, StepOutcome *outcome);
	const JsonVal *context; /* stands for the context object; NULL: the real one */
	const JsonVal *item;    /* stands for the item of the Map around; NULL: the real one */
	bool bare_causes;
	void *owner;
};

#endif /* SFN_ENGINE_STEP_OBSERVER_H */
