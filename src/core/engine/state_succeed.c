/*
 * state_succeed.c
 *	  Succeed: end the branch; its output is the state's.
 */
#include "base/port.h"

#include "asl/fields.h"
#include "engine/step.h"

static const FieldRule succeed_fields[] = {
	FIELDS_OF_EVERY_STATE,
	FIELDS_OF_INPUT_AND_OUTPUT,
};

/* Nothing beyond the fields of every state. */
static bool
succeed_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	(void) compile;
	(void) state;
	(void) definition;
	return true;
}

/* Done at once; without a next state the scope ends. */
static StepOutcome
succeed_enter(StepContext *step, const AslState *state)
{
	(void) state;
	step->result = step->input;
	return STEP_DONE;
}

const StateType state_type_succeed = {
	.name = "Succeed",
	.entered_event = "SucceedStateEntered",
	.exited_event = "SucceedStateExited",
	.size = sizeof(SucceedState),
	.fields = succeed_fields,
	.field_count = lengthof(succeed_fields),
	.ends_scope = true,
	.compile = succeed_compile,
	.enter = succeed_enter,
};
