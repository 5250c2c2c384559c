/*
 * event_patterns.c
 *	  Event patterns, events and inputs of targets as callers give them.
 */
#include "postgres.h"

#include "actions/event_patterns.h"

EventPattern *
event_pattern_read(ActionCall *call, const char *text, int length)
{
	EventPatternError error;
	EventPattern *pattern = event_pattern_compile(text, length, &error);
	const char *reason;
	char *place;

	if (pattern != NULL)
		return pattern;
	reason = error.location != NULL ? psprintf("%s\n at %s", error.reason, error.location) : error.reason;
	place = error.line > 0 ? psprintf("At line %d, column %d of the pattern.", error.line, error.column) : NULL;
	action_fail_with_detail(call, API_INVALID_EVENT_PATTERN, place, reason, error.reason,
							error.hint != NULL ? error.hint : "");
	return NULL;
}

const JsonVal *
event_read(ActionCall *call, const char *text, int length)
{
	JvParseError error;
	const JsonVal *event = jv_parse(text, length, &error);
	const char *problem;

	if (jv_is(event, JV_OBJECT))
		return event;
	problem = event == NULL ? psprintf("%s at line %d, column %d", error.message, error.line, error.column)
							: "Event must be a JSON object";
	return action_fail_null(call, API_VALIDATION, psprintf("Parameter Event is not valid. Reason: %s", problem),
							event == NULL ? psprintf("event cannot be read: %s", problem) : "event must be an object");
}

EventInput *
event_input_read(ActionCall *call, const EventInputSource *source)
{
	const char *problem;
	EventInput *input = event_input_compile(source, &problem);

	return input != NULL ? input : action_fail_null(call, API_VALIDATION, problem, problem);
}
