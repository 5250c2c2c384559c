/*
 * state_fail.c
 *	  Fail: end the branch with an error, given or taken from the input.
 */
#include "base/port.h"

#include "asl/fields.h"

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
	FailState  *fail = (FailState *) state;

	field_value(compile, definition, "Error", "ErrorPath", FAIL_INTRINSICS, &fail->error);
	field_value(compile, definition, "Cause", "CausePath", FAIL_INTRINSICS, &fail->cause);
	return true;
}

const StateType state_type_fail = {
	.name = "Fail",
	.entered_event = "FailStateEntered",
	.size = sizeof(FailState),
	.fields = fail_fields,
	.field_count = lengthof(fail_fields),
	.ends_scope = true,
	.compile = fail_compile,
};
