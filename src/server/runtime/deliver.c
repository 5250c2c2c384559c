/*
 * deliver.c
 *	  Inbox rows as events of the engine.
 *
 * The payload of a row is a JSON object with the members "value", "error",
 * "cause" and "text", as the kind of event needs them.  An event whose transition
 * was taken back is in a row for a turn of its own; "kind" and "timer" are there, too.
 */
#include "postgres.h"

#include "runtime/running.h"

bool
deliver_event(const InboxRow *row, Event *event)
{
	JvParseError error;
	const JsonVal *payload;
	int64 number;

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
	if (jv_to_int64(jv_get(payload, "kind"), &number))
		event->kind = (EventKind) number;
	if (jv_to_int64(jv_get(payload, "timer"), &number))
		event->timer = (TimerKind) number;
	return true;
}

/* A member of the payload, unless it is missing. */
static void
add_text(JvObjectBuilder *payload, const char *name, const char *text)
{
	if (text != NULL)
		jv_object_add(payload, name, jv_string(text));
}

char *
deliver_payload(const Event *event)
{
	JvObjectBuilder payload;

	jv_object_begin(&payload);
	jv_object_add(&payload, "kind", jv_int(event->kind));
	jv_object_add(&payload, "timer", jv_int(event->timer));
	if (event->value != NULL)
		jv_object_add(&payload, "value", event->value);
	add_text(&payload, "error", event->error);
	add_text(&payload, "cause", event->cause);
	add_text(&payload, "text", event->text);
	if (event->schedule_failed)
		jv_object_add(&payload, "scheduleFailed", jv_bool(true));
	if (event->retry_after != 0)
		jv_object_add(&payload, "retryAfter", jv_int(event->retry_after));
	return jv_to_text(jv_object_end(&payload));
}
