/*
 * deliver.c
 *	  Inbox rows as events of the engine.
 *
 * The payload of a row is a JSON object with the members "value", "error",
 * "cause" and "text", as the kind of event needs them.
 */
#include "postgres.h"

#include "runtime/running.h"

bool
deliver_event(const InboxRow *row, Event *event)
{
	JvParseError error;
	const JsonVal *payload;

	memset(event, 0, sizeof(Event));
	event->kind = (EventKind) row->kind;
	event->timer = (TimerKind) row->timer;
	event->branch = row->branch;
	event->visit = row->visit;
	event->attempt = row->attempt;
	if (row->payload == NULL)
		return true;

	payload = jv_parse_stored(row->payload, (int) strlen(row->payload), &error);
	if (!jv_is(payload, JV_OBJECT))
		return false;
	event->value = jv_get(payload, "value");
	event->error = jv_get_string(payload, "error");
	event->cause = jv_get_string(payload, "cause");
	event->text = jv_get_string(payload, "text");
	event->schedule_failed =
		jv_is(jv_get(payload, "scheduleFailed"), JV_BOOL) && jv_get(payload, "scheduleFailed")->boolean;
	(void) jv_to_int64(jv_get(payload, "retryAfter"), &event->retry_after);
	return true;
}
