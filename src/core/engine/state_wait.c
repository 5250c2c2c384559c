/*
 * state_wait.c
 *	  Wait: hold the branch until a moment given by the definition or the input.
 *
 * Entering works out the moment and asks for a timer; the timer's event ends
 * the state.  The output is the input, so resuming has nothing to compute.
 */
#include "base/port.h"

#include "asl/fields.h"

static const FieldRule wait_fields[] = {
	FIELDS_OF_EVERY_STATE,
	FIELDS_OF_TRANSITION,
	FIELDS_OF_INPUT_AND_OUTPUT,
	FIELD_OF_ASSIGN,
	{"Seconds", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 0, FIELD_MAX_SECONDS, .group = 'w', .group_required = true},
	{"SecondsPath", FIELD_PATH, IN_JSONPATH, .group = 'w'},
	{"Timestamp", FIELD_TIMESTAMP, IN_BOTH, FIELD_COMPUTED, .group = 'w'},
	{"TimestampPath", FIELD_PATH, IN_JSONPATH, .group = 'w'},
};

static bool
wait_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	WaitState  *wait = (WaitState *) state;

	field_value(compile, definition, "Seconds", "SecondsPath", NULL, &wait->seconds);
	field_value(compile, definition, "Timestamp", "TimestampPath", NULL, &wait->timestamp);
	return true;
}

const StateType state_type_wait = {
	.name = "Wait",
	.entered_event = "WaitStateEntered",
	.exited_event = "WaitStateExited",
	.aborted_event = "WaitStateAborted",
	.size = sizeof(WaitState),
	.fields = wait_fields,
	.field_count = lengthof(wait_fields),
	.compile = wait_compile,
};
