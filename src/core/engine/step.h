/*
 * step.h
 *	  What a state type sees while it is entered or resumed.
 *
 * Input and output processing, Assign, Retry, Catch, Next/End and the Entered and
 * Exited events are done once, in step.c, around enter and resume.
 */
#ifndef SFN_STEP_H
#define SFN_STEP_H

#include "asl/state_type.h"
#include "engine/execution.h"

struct StepContext
{
	EngineEnv  *env;
	Execution  *execution;
	Branch	   *branch;
	TimestampTz now;
	const JsonVal *input;		/* effective input: after InputPath (and Parameters, where the type has them) */
	const JsonVal *result;		/* set by the state type with STEP_DONE */
	AslState   *next;			/* set by Choice: where to go instead of state->next */
	const AssignField *assign;	/* set by Choice: the matching rule's, instead of the state's */
	SfnError	error;			/* set with STEP_FAILED */
	EvalScope	scope;			/* for expressions of this state */
};

/* Fails the step: fills step->error; cause gets AWS's beginning "An error occurred while executing the state ..." */
extern StepOutcome step_fail(StepContext *step, const char *error_name, const char *cause_format, ...)
			pg_attribute_printf(3, 4);

/* Evaluates a ValueField; *value is NULL when the field is absent. */
extern bool step_value(StepContext *step, const ValueField *field, const JsonVal **value);

extern Effect *step_add_effect(StepContext *step, EffectKind kind);
extern void step_set_timer(StepContext *step, TimerKind timer, TimestampTz due);

/* resume for states whose timer ends them: the result is the effective input. */
extern StepOutcome step_done_on_timer(StepContext *step, const AslState *state, const Event *event);

#endif							/* SFN_STEP_H */
