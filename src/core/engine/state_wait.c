/*
 * state_wait.c
 *	  Wait: hold the branch until a moment given by the definition or the input.
 *
 * Entering works out the moment and asks for a timer; the timer's event ends
 * the state.  The output is the input, so resuming has nothing to compute.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "asl/fields.h"
#include "base/timestamps.h"
#include "engine/step.h"

#define MAX_WAIT_SECONDS INT64CONST(2147483647)

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
	WaitState *wait = (WaitState *) state;

	field_value(compile, definition, "Seconds", "SecondsPath", NULL, &wait->seconds);
	field_value(compile, definition, "Timestamp", "TimestampPath", NULL, &wait->timestamp);
	return true;
}

/* The sentences for SecondsPath and TimestampPath differ from those for other paths. */
static bool
wait_value(StepContext *step, const ValueField *field, const JsonVal **value)
{
	SfnError error = {0};

	if (field->expression == NULL || field->expression->kind == EXPRESSION_JSONATA)
		return step_value(step, field, value);
	if (expression_eval(field->expression, &step->scope, value, &error))
		return true;
	(void) step_fail(step, ERROR_RUNTIME, "The %s parameter does not reference an input value: %s", field->name,
					 field->expression->source);
	return false;
}

/* In JSONata a bad value counts as a failed evaluation, which comes behind the state's entry. */
static void
mark_evaluation(StepContext *step, const ValueField *field)
{
	if (step->branch->state->query_language != QUERY_JSONATA)
		return;
	step->error.name = ERROR_QUERY_EVALUATION_ERROR;
	step->error.is_evaluation = true;
	step->error.location = field->name;
	step->failed_in_work = true;
}

/* Seconds from now on. */
static bool
moment_of_seconds(StepContext *step, const ValueField *field, TimestampTz *moment)
{
	const JsonVal *value;
	const char *source;
	int64 seconds;

	if (!wait_value(step, field, &value))
		return false;
	source = (field->expression != NULL) ? field->expression->source : "";
	if (!step_read_integer(field, value, &seconds))
	{
		if (field->expression != NULL && field->expression->kind == EXPRESSION_JSONATA)
			(void) step_fail_type(step, field, "integer", value);
		else
			(void) step_fail(step, ERROR_RUNTIME, "The %s parameter cannot be parsed as a long value: %s == %s",
							 field->name, source, step_quote(value));
		return false;
	}
	if (seconds < 0 || seconds > FIELD_MAX_SECONDS)
	{
		if (seconds < 0)
			(void) step_fail(step, ERROR_RUNTIME, "The %s parameter references a negative value: %s == " INT64_FORMAT,
							 field->name, source, seconds);
		else
			(void) step_fail(step, ERROR_RUNTIME, "Wait state delay is too long.");
		mark_evaluation(step, field);
		return false;
	}
	*moment = step->now + seconds * USECS_PER_SEC;
	return true;
}

/* A moment of its own, at most as many seconds away as an integer of AWS's holds. */
static bool
moment_of_timestamp(StepContext *step, const ValueField *field, TimestampTz *moment)
{
	const JsonVal *value;

	if (!wait_value(step, field, &value))
		return false;
	if (value->type == JV_STRING && timestamp_parse(value->u.text, value->count, moment))
	{
		if (*moment <= step->now || *moment - step->now <= MAX_WAIT_SECONDS * USECS_PER_SEC)
			return true;
		(void) step_fail(step, ERROR_RUNTIME, "Wait state delay is too long.");
	}
	else if (step->branch->state->query_language == QUERY_JSONATA)
		(void) step_fail(step, ERROR_RUNTIME,
						 "The %s field cannot be parsed as an ISO-8601 extended offset date-time format string: %s",
						 field->name, step_quote(value));
	else
		(void) step_fail(step, ERROR_RUNTIME,
						 "The %s parameter does not reference a valid ISO-8601 extended offset "
						 "date-time format string: %s == %s",
						 field->name, (field->expression != NULL) ? field->expression->source : "", step_quote(value));
	mark_evaluation(step, field);
	return false;
}

/* Done at once when the moment has passed, else wait for the timer. */
static StepOutcome
wait_enter(StepContext *step, const AslState *state)
{
	const WaitState *wait = (const WaitState *) state;
	TimestampTz moment;
	bool is_known;

	if (wait->seconds.name != NULL)
		is_known = moment_of_seconds(step, &wait->seconds, &moment);
	else
		is_known = moment_of_timestamp(step, &wait->timestamp, &moment);
	if (!is_known)
		return STEP_FAILED;

	step->result = step->input;
	if (moment <= step->now)
		return STEP_DONE;
	step_set_timer(step, TIMER_WAIT, moment);
	return STEP_WAITING;
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
	.enter = wait_enter,
	.resume = step_done_on_timer,
};
