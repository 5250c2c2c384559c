/*
 * events.c
 *	  EventBridge's actions on events.
 */
#include "postgres.h"

#include "actions/event_patterns.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "api/event_entries.h"

static const JsonVal *
test_event_pattern(ActionCall *call, const JsonVal *request)
{
	const JsonVal *text = jv_get(request, "EventPattern");
	const JsonVal *event_text = jv_get(request, "Event");
	const JsonVal *event;
	EventPattern *pattern;
	JvObjectBuilder answer;

	pattern = event_pattern_read(call, text->u.text, text->count);
	event = pattern != NULL ? event_read(call, event_text->u.text, event_text->count) : NULL;
	if (event == NULL)
		return NULL;
	jv_object_begin(&answer);
	jv_object_add(&answer, "Result", jv_bool(event_pattern_matches(pattern, event)));
	return jv_object_end(&answer);
}

static const JsonVal *
put_events(ActionCall *call, const JsonVal *request)
{
	return put_event_entries(call, request_value(request, "Entries"));
}

/* ---- the rows ---- */

const AwsAction aws_event_actions[] = {
	{"PutEvents", "Entries:a! EndpointId:s", put_events},
	{"TestEventPattern", "EventPattern:s! Event:s!", test_event_pattern},
	{NULL},
};
