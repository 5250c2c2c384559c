/*
 * state_fail.c
 *	  Fail: end the branch with an error, given or taken from the input.
 */
#include "base/port.h"

#include "asl/fields.h"
#include "engine/step.h"

/* The functions that ErrorPath and CausePath may call. */
#define FAIL_INTRINSICS \
	"States.Format, States.JsonToString, States.ArrayGetItem, States.Base64Encode, States.Base64Decode, " \
	"States.Hash, States.UUID"

static const FieldRule fail_fields[] = {
	FIELDS_OF_EVERY_STATE,
	{"Error", FIELD_STRING, IN_BOTH, FIELD_COMPUTED, .group = 'e'},
	{"ErrorPath", FIELD_PATH, IN_JSONPATH, .group = 'e'},
	{"Cause", FIELD_STRING, IN_BOTH, FIELD_COMPUTED, .group = 'c'},
	{"CausePath", FIELD_PATH, IN_JSONPATH, .group = 'c'},
};

static bool
fail_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	FailState *fail = (FailState *) state;

	field_value(compile, definition, "Error", "ErrorPath", FAIL_INTRINSICS, &fail->error);
	field_value(compile, definition, "Cause", "CausePath", FAIL_INTRINSICS, &fail->cause);
	return true;
}

/* Error or Cause; *text is NULL when the field is absent. */
static bool
fail_text(StepContext *step, const ValueField *field, const char **text)
{
	const JsonVal *value;
	SfnError error = {0};

	*text = NULL;
	if (field->expression != NULL && field->expression->kind == EXPRESSION_PATH)
	{
		if (!expression_eval(field->expression, &step->scope, &value, &error))
		{
			(void) step_fail(step, error.name,
							 "The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
							 field->expression->source, field->name, jv_to_text(step->scope.input));
			return false;
		}
	}
	else if (!step_value(step, field, &value))
		return false;

	if (value == NULL)
		return true;
	if (value->type != JV_STRING)
	{
		if (field->expression != NULL && field->expression->kind == EXPRESSION_JSONATA)
			(void) step_fail_type(step, field, "string", value);
		else
			(void) step_fail(step, ERROR_RUNTIME, "The %s field refers to value \"%s\" which is not a string: %s",
							 field->name, step_quote(value),
							 (field->expression != NULL) ? field->expression->source : "");
		return false;
	}
	*text = value->u.text;
	return true;
}

/* Ends the branch with the error. */
static StepOutcome
fail_enter(StepContext *step, const AslState *state)
{
	const FailState *fail = (const FailState *) state;
	const char *error;
	const char *cause;

	if (!fail_text(step, &fail->error, &error) || !fail_text(step, &fail->cause, &cause))
		return STEP_FAILED;
	step->error.name = error;
	step->error.cause = cause;
	return STEP_ENDED;
}

const StateType state_type_fail = {
	.name = "Fail",
	.entered_event = "FailStateEntered",
	.size = sizeof(FailState),
	.fields = fail_fields,
	.field_count = lengthof(fail_fields),
	.ends_scope = true,
	.compile = fail_compile,
	.enter = fail_enter,
};
