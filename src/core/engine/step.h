/*
 * step.h
 *	  What a state type sees while it is entered or resumed.
 *
 * Input and output processing, Assign, Retry, Catch, Next/End and the Entered and
 * Exited events are done once, in step.c, around enter and resume.
 *
 * resume is called with the event that the state waited for; a Parallel and a Map
 * are also resumed each time one of their branches has ended (event NULL, the
 * branch in step->ended_child).
 */
#ifndef SFN_ENGINE_STEP_H
#define SFN_ENGINE_STEP_H

#include "asl/state_type.h"
#include "engine/execution.h"

/* What Map.Item of the context object shows while an ItemSelector is evaluated. */
typedef struct MapItem
{
	int64 index;
	const JsonVal *value;
	const char *key;    /* the name of an object's member; or NULL */
	const char *source; /* where a Distributed Map has it from; or NULL */
} MapItem;

/* What a transition may have to be taken back to; take_back.h. */
typedef struct StepMark StepMark;

struct StepContext
{
	EngineEnv *env;
	Execution *execution;
	Branch *branch;
	TimestampTz now;
	const JsonVal *input;  /* effective input: after InputPath (and Parameters, where the type has them) */
	const JsonVal *result; /* set by the state type with STEP_DONE */
	AslState *next;        /* set by Choice: where to go instead of state->next */
	bool is_overridden;    /* set by Choice: the next two, a rule's, stand for the state's */
	const AssignField *assign;
	const Template *output; /* JSONata */
	SfnError error;         /* set with STEP_FAILED and STEP_ENDED */
	EvalScope scope;        /* for expressions of this state; input: after InputPath */

	Branch *ended_child;   /* Parallel, Map: the branch that has ended */
	bool is_stale;         /* set by resume: the event is none of this state's, nothing was changed */
	bool is_final;         /* the error cannot be retried or caught */
	bool is_heartbeat;     /* the error is a missed heartbeat */
	bool is_child_failure; /* the error is that of a branch below */
	int64 retry_after;     /* seconds that a retry waits at least, as the failed service asked */
	bool failed_in_work;   /* an evaluation failed after the state's work had begun */
	bool has_joined;      /* the children have ended and their outputs are the result: they go when the state is left */
	Branch *failed_child; /* the error is this one's; or NULL */
	StepMark *mark;       /* how to take the transition back; or NULL */

	/* for context_object.c */
	const JsonVal *context; /* made once, without Map and Task */
	const MapItem *item;    /* while an ItemSelector is evaluated */
};

/* The eight state types. */
extern const StateType state_type_choice, state_type_fail, state_type_map, state_type_parallel, state_type_pass,
	state_type_succeed, state_type_task, state_type_wait;

/* ---- for state types ---- */

/* Fails the step: fills step->error; cause gets AWS's beginning "An error occurred while executing the state ..." */
extern StepOutcome step_fail(StepContext *step, const char *error_name, const char *cause_format, ...)
	pg_attribute_printf(3, 4);
/* The same for an error that a core function has left in step->error; the cause gets AWS's beginning. */
extern StepOutcome step_fail_as_is(StepContext *step);
/* The result of name (a state, a task's resource) exceeds what AWS allows. */
extern StepOutcome step_fail_too_large(StepContext *step, const char *name);
extern const char *step_too_large_cause(const char *name);

/* Evaluates a ValueField; *value is NULL when the field is absent. */
extern bool step_value(StepContext *step, const ValueField *field, const JsonVal **value);
/* The same for one that must be an integer; *number is unchanged when the field is absent. */
extern bool step_integer(StepContext *step, const ValueField *field, int64 minimum, int64 maximum, int64 *number);
/* What counts as an integer for a field: in a Path field also a string of digits. */
extern bool step_read_integer(const ValueField *field, const JsonVal *value, int64 *number);
/* JSONata: the value of a field is not of the type it must have. */
extern StepOutcome step_fail_type(StepContext *step, const ValueField *field, const char *expected,
								  const JsonVal *value);
/* A value as AWS quotes it in causes: strings bare, everything else as JSON. */
extern const char *step_quote(const JsonVal *value);

extern Effect *step_add_effect(StepContext *step, EffectKind kind);
extern void step_set_timer(StepContext *step, TimerKind timer, TimestampTz due);

/* resume for states whose timer ends them: the result is the effective input. */
extern StepOutcome step_done_on_timer(StepContext *step, const AslState *state, const Event *event);

/* ---- for the engine ---- */

/* Tells the observer, if there is one, of a value. */
static inline void
step_show(StepContext *step, const char *member, const JsonVal *value)
{
	StepObserver *observer = step->env->observer;

	if (observer != NULL && observer->show != NULL)
		observer->show(observer, member, value);
}

/* Makes the context of a step of this branch; what it evaluates has a budget of its own. */
extern void step_begin(StepContext *step, Execution *execution, Branch *branch, EngineEnv *env);
/* The same for what a step looks up in another branch, at the same moment and from the same budget. */
extern void step_begin_within(StepContext *inner, const StepContext *step, Branch *branch);
/* Enters the state of a ready branch and goes as far as it can without an event. */
extern void step_enter(Execution *execution, Branch *branch, EngineEnv *env);
/* Begins the work of the state that the branch is in anew, for a redrive. */
extern void step_begin_again(Execution *execution, Branch *branch, EngineEnv *env);
/* Delivers an event to a branch that waits in its state; false: stale. */
extern bool step_resume(Execution *execution, Branch *branch, const Event *event, EngineEnv *env);
/* The flow of the branch fails with step->error: Retry, Catch, or the branch's end. */
extern void step_failed(StepContext *step);

/* ---- the end of the execution (engine.c) ---- */
extern void execution_succeed(StepContext *step, const JsonVal *output);
extern void execution_fail(StepContext *step, const char *error, const char *cause);

extern Effect *execution_add_effect(Execution *execution, EffectKind kind, Branch *branch);

#endif /* SFN_ENGINE_STEP_H */
