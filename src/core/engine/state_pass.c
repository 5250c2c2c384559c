/*
 * state_pass.c
 *	  Pass: hand the input on, reshaped, or a fixed result.
 *
 * Result is a literal, never a template: a member "a.$" in it stays as it is.
 */
#include "base/port.h"

#include "asl/fields.h"
#include "engine/step.h"

static const FieldRule pass_fields[] = {
	FIELDS_OF_EVERY_STATE, FIELDS_OF_TRANSITION, FIELDS_OF_INPUT_AND_OUTPUT,         FIELD_OF_PARAMETERS,
	FIELD_OF_RESULT_PATH,  FIELD_OF_ASSIGN,      {"Result", FIELD_ANY, IN_JSONPATH},
};

/* Result, and a warning where it looks as if it were meant to be computed. */
static bool
pass_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	PassState *pass = (PassState *) state;

	pass->result = jv_get(definition, "Result");
	if (jv_is(pass->result, JV_STRING) && pass->result->u.text[0] == '$')
		compile_warning(compile, "PASS_RESULT_IS_STATIC", "Result",
						"Parameters computes values; Result is taken as it is.",
						"The 'Result' field does not support paths: the text is used as the result");
	return true;
}

/* Done at once. */
static StepOutcome
pass_enter(StepContext *step, const AslState *state)
{
	const PassState *pass = (const PassState *) state;

	step->result = (pass->result != NULL) ? pass->result : step->input;
	return STEP_DONE;
}

const StateType state_type_pass = {
	.name = "Pass",
	.entered_event = "PassStateEntered",
	.exited_event = "PassStateExited",
	.size = sizeof(PassState),
	.fields = pass_fields,
	.field_count = lengthof(pass_fields),
	.compile = pass_compile,
	.enter = pass_enter,
};
