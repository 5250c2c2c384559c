/*
 * history.c
 *	  Writing history events, straight into the text that is stored.
 *
 * The text of an event is that of AWS's API: member order id, previousEventId,
 * timestamp (epoch seconds with milliseconds), type, details.  Events gather in
 * chunks; a chunk is closed when it has grown beyond env->max_chunk_bytes.
 *
 * A value is often printed twice in a row: the output of one state is the input
 * of the next.  The place of the last one printed is kept, and copied from.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "base/texts.h"
#include "engine/history.h"

#define EVENT_ROOM 192        /* bytes that the numbers and fixed texts of an event need at most */
#define FIRST_CHUNK_ROOM 3000 /* bytes that a chunk begins with: a dozen events */

static const char *const event_names[] = {
#define HISTORY_EVENT(symbol, name, details) name,
#include "engine/history_event_list.h"
#undef HISTORY_EVENT
};

static const char *const event_details[] = {
#define HISTORY_EVENT(symbol, name, details) details,
#include "engine/history_event_list.h"
#undef HISTORY_EVENT
};

#define put_literal(out, literal) appendBinaryStringInfo((out), "" literal, sizeof(literal) - 1)

/* ---- writing where room has been made ---- */

#define write_literal(place, literal) write_bytes((place), "" literal, sizeof(literal) - 1)

static inline char *
write_bytes(char *place, const char *bytes, size_t length)
{
	memcpy(place, bytes, length);
	return place + length;
}

static inline char *
write_integer(char *place, int64 number)
{
	char digits[24];
	char *first = digits + sizeof(digits);
	uint64 rest = (number < 0) ? -(uint64) number : (uint64) number;

	do
	{
		*--first = (char) ('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		*--first = '-';
	return write_bytes(place, first, digits + sizeof(digits) - first);
}

/* Ends what was written at out's end. */
static inline void
written_to(StringInfo out, char *place)
{
	*place = '\0';
	out->len = place - out->data;
}

/* Makes execution->stamp_text for this moment; most events fall into the millisecond of the last one. */
static void
stamp_prepare(Execution *execution, TimestampTz now)
{
	int64 micros = now + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	int64 millis = (micros - (micros < 0 ? 999 : 0)) / 1000;
	int64 seconds;

	if (millis == execution->stamp_millis && execution->stamp_length > 0)
		return;
	seconds = (millis - (millis < 0 ? 999 : 0)) / 1000;
	execution->stamp_millis = millis;
	execution->stamp_length = snprintf(execution->stamp_text, sizeof(execution->stamp_text), INT64_FORMAT ".%03d",
									   seconds, (int) (millis - seconds * 1000));
}

/* The chunk to write into. */
static HistoryChunk *
open_chunk(Execution *execution, const EngineEnv *env)
{
	HistoryChunk *chunk = execution->last_chunk;

	if (chunk != NULL && chunk->events.len <= env->max_chunk_bytes)
		return chunk;

	chunk = palloc(sizeof(HistoryChunk));
	chunk->next = NULL;
	chunk->first_id = execution->last_event_id;
	chunk->last_id = execution->last_event_id;
	initStringInfo(&chunk->events);
	enlargeStringInfo(&chunk->events, FIRST_CHUNK_ROOM);
	if (execution->last_chunk != NULL)
		execution->last_chunk->next = chunk;
	else
		execution->first_chunk = chunk;
	execution->last_chunk = chunk;
	execution->printed_value = NULL;
	return chunk;
}

/* Is there room for an event that is not the execution's last? */
static bool
has_room(const Execution *execution, const EngineEnv *env)
{
	return env->max_history_events <= 0 || execution->last_event_id + 1 < env->max_history_events ||
		execution->machine->is_express;
}

static bool
ends_execution(HistoryEventType type)
{
	return type == HISTORY_EXECUTION_SUCCEEDED || type == HISTORY_EXECUTION_FAILED ||
		type == HISTORY_EXECUTION_ABORTED || type == HISTORY_EXECUTION_TIMED_OUT;
}

EventWeight
history_event_weight(const char *type)
{
	if (text_ends_with(type, "Failed") || text_ends_with(type, "Aborted") || text_ends_with(type, "TimedOut"))
		return text_begins_with(type, "Execution") ? EVENT_OF_END : EVENT_OF_ERROR;
	return strcmp(type, "FailStateEntered") == 0 ? EVENT_OF_ERROR : EVENT_ORDINARY;
}

/* Is this event written down? */
static inline bool
is_kept(const Execution *execution, const char *type)
{
	return execution->keeps_history &&
		(execution->least_weight == EVENT_ORDINARY || history_event_weight(type) >= execution->least_weight);
}

/* Everything before the details. */
static void
write_head(HistoryEvent *event, const char *type, const char *details, int64 previous)
{
	const Execution *execution = event->execution;
	StringInfo out = event->out;
	size_t type_length = strlen(type);
	size_t details_length = (details != NULL) ? strlen(details) : 0;
	char *place;

	enlargeStringInfo(out, EVENT_ROOM + type_length + details_length);
	place = out->data + out->len;
	if (out->len > 0)
		*place++ = ',';
	place = write_literal(place, "{\"id\":");
	place = write_integer(place, event->id);
	place = write_literal(place, ",\"previousEventId\":");
	place = write_integer(place, previous);
	place = write_literal(place, ",\"timestamp\":");
	place = write_bytes(place, execution->stamp_text, execution->stamp_length);
	place = write_literal(place, ",\"type\":\"");
	place = write_bytes(place, type, type_length);
	*place++ = '"';
	if (details != NULL)
	{
		place = write_literal(place, ",\"");
		place = write_bytes(place, details, details_length);
		place = write_literal(place, "\":{");
	}
	written_to(out, place);
}

/* Takes the id and begins the text. */
static void
begin_event(HistoryEvent *event, Execution *execution, const EngineEnv *env, TimestampTz now, const char *type,
			const char *details, int64 previous)
{
	HistoryChunk *chunk;

	event->execution = execution;
	event->id = ++execution->last_event_id;
	event->has_details = (details != NULL);
	event->is_first = true;
	event->out = NULL;
	if (!is_kept(execution, type))
		return;

	chunk = open_chunk(execution, env);
	chunk->last_id = event->id;
	event->out = &chunk->events;
	stamp_prepare(execution, now);
	write_head(event, type, details, previous);
}

/* An event for which there is no room: nothing is written, the step ends with the execution. */
static void
refuse_event(HistoryEvent *event, Execution *execution)
{
	execution->history_is_full = true;
	event->execution = execution;
	event->id = execution->last_event_id;
	event->out = NULL;
}

void
history_open(HistoryEvent *event, Execution *execution, const EngineEnv *env, TimestampTz now, HistoryEventType type,
			 int64 previous)
{
	if (ends_execution(type) || has_room(execution, env))
		begin_event(event, execution, env, now, event_names[type], event_details[type], previous);
	else
		refuse_event(event, execution);
}

void
history_open_state(HistoryEvent *event, Execution *execution, const EngineEnv *env, TimestampTz now, const char *type,
				   const char *details, int64 previous)
{
	if (has_room(execution, env))
		begin_event(event, execution, env, now, type, details, previous);
	else
		refuse_event(event, execution);
}

void
history_end_text(HistoryEvent *event)
{
	if (event->has_details)
		appendStringInfoCharMacro(event->out, '}');
	appendStringInfoCharMacro(event->out, '}');
}

/* The member's name; false where the event is not kept. */
static bool
put_member(HistoryEvent *event, const char *member)
{
	StringInfo out = event->out;
	size_t length = strlen(member);
	char *place;

	if (out == NULL)
		return false;
	enlargeStringInfo(out, length + 4);
	place = out->data + out->len;
	if (!event->is_first)
		*place++ = ',';
	event->is_first = false;
	*place++ = '"';
	place = write_bytes(place, member, length);
	place = write_literal(place, "\":");
	written_to(out, place);
	return true;
}

void
history_string(HistoryEvent *event, const char *member, const char *text)
{
	if (text != NULL && put_member(event, member))
		jv_print_string(event->out, text, strlen(text));
}

void
history_integer(HistoryEvent *event, const char *member, int64 number)
{
	if (!put_member(event, member))
		return;
	enlargeStringInfo(event->out, 24);
	written_to(event->out, write_integer(event->out->data + event->out->len, number));
}

/* Prints a value as a string, or copies it from where it was printed last. */
static void
put_value(Execution *execution, StringInfo out, const JsonVal *value)
{
	int length = execution->printed_length;

	if (execution->printed_value == value)
	{
		enlargeStringInfo(out, length);
		memcpy(out->data + out->len, out->data + execution->printed_offset, length);
		out->len += length;
		out->data[out->len] = '\0';
		return;
	}
	execution->printed_value = value;
	execution->printed_offset = out->len;
	jv_print_in_string(out, value);
	execution->printed_length = out->len - execution->printed_offset;
}

void
history_value(HistoryEvent *event, const char *member, const JsonVal *value)
{
	if (value == NULL || !put_member(event, member))
		return;
	if (event->execution->includes_data)
		put_value(event->execution, event->out, value);
	else
		put_literal(event->out, "\"\"");
}

/* "memberDetails", which says that nothing was cut. */
static void
put_data_details(HistoryEvent *event, const char *member)
{
	StringInfo out = event->out;
	size_t length = strlen(member);
	char *place;

	enlargeStringInfo(out, length + 40);
	place = out->data + out->len;
	place = write_literal(place, ",\"");
	place = write_bytes(place, member, length);
	place = write_literal(place, "Details\":{\"truncated\":false}");
	written_to(out, place);
}

void
history_data(HistoryEvent *event, const char *member, const JsonVal *value)
{
	if (value == NULL || !event->execution->includes_data || !put_member(event, member))
		return;
	put_value(event->execution, event->out, value);
	put_data_details(event, member);
}

void
history_data_text(HistoryEvent *event, const char *member, const char *text)
{
	if (!event->execution->includes_data || !put_member(event, member))
		return;
	jv_print_string(event->out, text, strlen(text));
	put_data_details(event, member);
}

void
history_assigned(HistoryEvent *event, const JsonVal *assigned)
{
	if (assigned == NULL || assigned->count == 0 || !event->execution->includes_data ||
		!put_member(event, "assignedVariables"))
		return;
	appendStringInfoCharMacro(event->out, '{');
	for (int i = 0; i < assigned->count; i++)
	{
		const JvMember *variable = &assigned->u.members[i];

		if (i > 0)
			appendStringInfoCharMacro(event->out, ',');
		jv_print_string(event->out, variable->key, variable->key_length);
		appendStringInfoCharMacro(event->out, ':');
		jv_print_in_string(event->out, variable->value);
	}
	appendStringInfoCharMacro(event->out, '}');
	put_data_details(event, "assignedVariables");
}

void
history_state(HistoryEvent *event, const char *name, const char *member, const JsonVal *value, const JsonVal *assigned)
{
	if (event->out == NULL)
		return;
	history_string(event, "name", name);
	history_data(event, member, value);
	history_assigned(event, assigned);
}

void
history_role(HistoryEvent *event, const char *role_arn)
{
	if (role_arn == NULL || !put_member(event, "taskCredentials"))
		return;
	put_literal(event->out, "{\"roleArn\":");
	jv_print_string(event->out, role_arn, strlen(role_arn));
	appendStringInfoCharMacro(event->out, '}');
}

int64
history_add(Execution *execution, const EngineEnv *env, TimestampTz now, HistoryEventType type, int64 previous)
{
	HistoryEvent event;

	history_open(&event, execution, env, now, type, previous);
	return history_close(&event);
}

int64
history_add_error(Execution *execution, const EngineEnv *env, TimestampTz now, HistoryEventType type, int64 previous,
				  const char *error, const char *cause)
{
	HistoryEvent event;

	history_open(&event, execution, env, now, type, previous);
	history_string(&event, "error", error);
	history_string(&event, "cause", cause);
	return history_close(&event);
}
