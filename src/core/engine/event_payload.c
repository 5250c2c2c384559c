/*
 * event_payload.c
 *	  What an event carries beside its address, as JSON text, and back.
 *
 * A payload is an object; members that say nothing are left out.
 */
#include "base/port.h"

#include "engine/event_payload.h"

/* ---- members ---- */

static void
put_name(StringInfo out, const char *name)
{
	appendStringInfo(out, "%c\"%s\":", out->len == 0 ? '{' : ',', name);
}

static void
put_text(StringInfo out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	put_name(out, name);
	jv_print_string(out, text, (int) strlen(text));
}

static void
put_integer(StringInfo out, const char *name, int64 number)
{
	put_name(out, name);
	appendStringInfo(out, INT64_FORMAT, number);
}

/* A member that is a text, or not there. */
static bool
get_text(const JsonVal *object, const char *name, const char **text)
{
	*text = jv_get_string(object, name);
	return *text != NULL || jv_get(object, name) == NULL;
}

/* A whole number, or not there: then it stays as it is. */
static bool
get_integer(const JsonVal *object, const char *name, int64 *number)
{
	const JsonVal *value = jv_get(object, name);

	return value == NULL || jv_to_plain_int64(value, number);
}

static bool
get_flag(const JsonVal *object, const char *name, bool *flag)
{
	const JsonVal *value = jv_get(object, name);

	*flag = jv_is(value, JV_BOOL) && value->boolean;
	return value == NULL || jv_is(value, JV_BOOL);
}

/* ---- the payload ---- */

static void
put_content(StringInfo out, const Event *event)
{
	if (event->value != NULL)
	{
		put_name(out, "value");
		jv_print(out, event->value);
	}
	put_text(out, "error", event->error);
	put_text(out, "cause", event->cause);
	put_text(out, "text", event->text);
	if (event->schedule_failed)
	{
		put_name(out, "scheduleFailed");
		appendStringInfoString(out, "true");
	}
	if (event->retry_after != 0)
		put_integer(out, "retryAfter", event->retry_after);
	appendStringInfoString(out, out->len == 0 ? "{}" : "}");
}

char *
event_payload_print(const Event *event)
{
	StringInfoData out;

	initStringInfo(&out);
	put_content(&out, event);
	return out.data;
}

char *
event_payload_print_put_off(const Event *event)
{
	StringInfoData out;

	initStringInfo(&out);
	put_integer(&out, "kind", event->kind);
	put_integer(&out, "timer", event->timer);
	put_content(&out, event);
	return out.data;
}

/* A number of an enum, or not there. */
static bool
get_code(const JsonVal *object, const char *name, int64 first, int64 last, int64 *code)
{
	return jv_get(object, name) == NULL || (get_integer(object, name, code) && *code >= first && *code <= last);
}

/* The kind and timer of an event that was put off; others have those of their row. */
static bool
read_put_off(const JsonVal *payload, Event *event)
{
	int64 kind = event->kind;
	int64 timer = event->timer;

	if (!get_code(payload, "kind", EVENT_START, EVENT_MAP_RUN, &kind) ||
		!get_code(payload, "timer", TIMER_NONE, TIMER_EXECUTION, &timer))
		return false;
	event->kind = (EventKind) kind;
	event->timer = (TimerKind) timer;
	return true;
}

bool
event_payload_read(const char *text, Event *event)
{
	JvParseError error;
	const JsonVal *payload;

	event->value = NULL;
	event->error = event->cause = event->text = NULL;
	event->schedule_failed = false;
	event->retry_after = 0;
	if (text == NULL)
		return true;
	payload = jv_parse_stored(text, (int) strlen(text), &error);
	if (!jv_is(payload, JV_OBJECT))
		return false;
	event->value = jv_get(payload, "value");
	return get_text(payload, "error", &event->error) && get_text(payload, "cause", &event->cause) &&
		get_text(payload, "text", &event->text) && get_flag(payload, "scheduleFailed", &event->schedule_failed) &&
		get_integer(payload, "retryAfter", &event->retry_after) && read_put_off(payload, event);
}

/* ---- work that was put off ---- */

const JsonVal *
put_off_work_value(const PutOffWork *work)
{
	JvObjectBuilder value;

	jv_object_begin(&value);
	if (work->parameters != NULL)
	{
		jv_object_add(&value, "parameters", work->parameters);
		if (work->role != NULL)
			jv_object_add(&value, "role", jv_string(work->role));
		jv_object_add(&value, "timeoutSeconds", jv_int(work->timeout_seconds));
		jv_object_add(&value, "heartbeatSeconds", jv_int(work->heartbeat_seconds));
	}
	if (work->plan != NULL)
		jv_object_add(&value, "plan", work->plan);
	return jv_object_end(&value);
}

bool
put_off_work_read(const JsonVal *value, PutOffWork *work)
{
	memset(work, 0, sizeof(PutOffWork));
	if (!jv_is(value, JV_OBJECT))
		return false;
	work->parameters = jv_get(value, "parameters");
	work->role = jv_get_string(value, "role");
	work->plan = jv_get(value, "plan");
	return (work->plan == NULL || jv_is(work->plan, JV_OBJECT)) &&
		get_integer(value, "timeoutSeconds", &work->timeout_seconds) &&
		get_integer(value, "heartbeatSeconds", &work->heartbeat_seconds);
}

/* ---- news of a map run ---- */

/* Each is [status, children, items]. */
static const JsonVal *
changes_value(const MapRunChange *changes, int count)
{
	JvArrayBuilder array;

	jv_array_begin(&array);
	for (int i = 0; i < count; i++)
	{
		const JsonVal *change[] = {jv_int(changes[i].status), jv_int(changes[i].children), jv_int(changes[i].items)};

		jv_array_add(&array, jv_array(change, lengthof(change)));
	}
	return jv_array_end(&array);
}

static const JsonVal *
limits_value(const MapRunLimits *limits)
{
	JvObjectBuilder members;

	jv_object_begin(&members);
	if (limits->has_concurrency)
		jv_object_add(&members, "maxConcurrency", jv_int(limits->concurrency));
	if (limits->has_count)
		jv_object_add(&members, "toleratedFailureCount", jv_int(limits->count));
	if (limits->has_percentage)
		jv_object_add(&members, "toleratedFailurePercentage", jv_double(limits->percentage));
	return jv_object_end(&members);
}

const JsonVal *
map_run_news_value(const MapRunNews *news)
{
	const JsonVal *limits = limits_value(&news->limits);
	JvObjectBuilder value;

	jv_object_begin(&value);
	jv_object_add(&value, "mapRun", jv_int(news->map_run_id));
	if (news->change_count > 0)
		jv_object_add(&value, "changes", changes_value(news->changes, news->change_count));
	if (limits->count > 0)
		jv_object_add(&value, "limits", limits);
	if (news->is_redrive)
		jv_object_add(&value, "redrive", jv_bool(true));
	return jv_object_end(&value);
}

static bool
read_change(const JsonVal *value, MapRunChange *change)
{
	int64 status;

	if (!jv_is(value, JV_ARRAY) || value->count != 3 || !jv_to_plain_int64(value->u.items[0], &status) || status < 0 ||
		status > PG_INT16_MAX)
		return false;
	change->status = (int) status;
	return jv_to_plain_int64(value->u.items[1], &change->children) &&
		jv_to_plain_int64(value->u.items[2], &change->items);
}

static bool
read_changes(const JsonVal *value, MapRunNews *news)
{
	MapRunChange *changes;

	if (value == NULL)
		return true;
	if (!jv_is(value, JV_ARRAY))
		return false;
	news->changes = changes = palloc0(sizeof(MapRunChange) * (value->count + 1));
	for (; news->change_count < value->count; news->change_count++)
	{
		if (!read_change(value->u.items[news->change_count], &changes[news->change_count]))
			return false;
	}
	return true;
}

static bool
read_limits(const JsonVal *value, MapRunLimits *limits)
{
	const JsonVal *percentage = jv_get(value, "toleratedFailurePercentage");

	limits->has_concurrency = jv_get(value, "maxConcurrency") != NULL;
	limits->has_count = jv_get(value, "toleratedFailureCount") != NULL;
	limits->has_percentage = percentage != NULL;
	limits->percentage = jv_is(percentage, JV_NUMBER) ? percentage->number : 0;
	return (value == NULL || jv_is(value, JV_OBJECT)) && get_integer(value, "maxConcurrency", &limits->concurrency) &&
		get_integer(value, "toleratedFailureCount", &limits->count) &&
		(percentage == NULL || jv_is(percentage, JV_NUMBER));
}

bool
map_run_news_read(const JsonVal *value, MapRunNews *news)
{
	const JsonVal *redrive = jv_get(value, "redrive");

	memset(news, 0, sizeof(MapRunNews));
	news->is_redrive = jv_is(redrive, JV_BOOL) && redrive->boolean;
	return (redrive == NULL || news->is_redrive) && jv_to_plain_int64(jv_get(value, "mapRun"), &news->map_run_id) &&
		read_changes(jv_get(value, "changes"), news) && read_limits(jv_get(value, "limits"), &news->limits);
}

char *
map_run_news_print(const MapRunNews *news)
{
	Event event = {.kind = EVENT_MAP_RUN, .value = map_run_news_value(news)};

	return event_payload_print(&event);
}
