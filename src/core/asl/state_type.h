/*
 * state_type.h
 *	  What a state type is: its fields, and how it is compiled, entered, resumed.
 *
 * The table of the eight types is engine/state_types.c; asl_compile() is handed
 * it, so that this layer never includes the engine.
 */
#ifndef SFN_ASL_STATE_TYPE_H
#define SFN_ASL_STATE_TYPE_H

#include "asl/machine.h"

typedef struct StepContext StepContext;       /* engine/step.h */
typedef struct Event Event;                   /* engine/event.h */
typedef struct CompileContext CompileContext; /* asl/compile.h */
typedef struct FieldRule FieldRule;           /* asl/fields.h */

typedef enum StepOutcome
{
	STEP_DONE,    /* step->result is the state's result: run output processing, go on */
	STEP_WAITING, /* an effect was asked for; an event will resume the state */
	STEP_FAILED,  /* step->error says why: Retry and Catch decide */
	STEP_ENDED    /* the branch is over (Succeed, Fail), output or error in step */
} StepOutcome;

struct StateType
{
	const char *name;          /* "Pass", ... */
	const char *entered_event; /* "PassStateEntered" */
	const char *exited_event;  /* NULL: Fail has none */
	const char *aborted_event; /* "TaskStateAborted", or NULL */
	size_t size;               /* of its struct */
	const FieldRule *fields;   /* what the validator allows */
	int field_count;
	bool ends_scope; /* Succeed, Fail */
	bool may_retry;  /* Task, Parallel, Map: State.RetryCount, Retry, Catch */

	bool (*compile)(CompileContext *compile, AslState *state, const JsonVal *definition);
	StepOutcome (*enter)(StepContext *step, const AslState *state);
	StepOutcome (*resume)(StepContext *step, const AslState *state, const Event *event);
};

#endif /* SFN_ASL_STATE_TYPE_H */
