/*
 * logs.c
 *	  Log events, as the logging configuration of a machine asks for them.
 *
 * Log events are history events: their text is what the engine wrote.  An EXPRESS
 * execution has no history, so the engine writes only what is to be logged.  A
 * STANDARD one has its whole history; from that a level below ALL takes events, and
 * a configuration without execution data takes members away.
 */
#include "postgres.h"

#include "engine/history.h"
#include "runtime/logs.h"
#include "store/store.h"

static void add_row(TurnRows *rows, const LogTarget *target, const HistoryChunk *chunk, const char *events, int length);
static const JsonVal *events_to_log(const HistoryChunk *chunk, const CachedMachine *cached);
static const JsonVal *event_without_data(const JsonVal *event);

void
log_chunks(TurnRows *rows, const Execution *execution, const CachedMachine *cached, const LogTarget *target)
{
	bool is_ready = cached->is_express || (cached->log_weight == EVENT_ORDINARY && cached->logs_data);

	if (!cached->is_logged)
		return;
	for (const HistoryChunk *chunk = execution->first_chunk; chunk != NULL; chunk = chunk->next)
	{
		const JsonVal *events;

		if (is_ready)
		{
			StringInfoData text;

			initStringInfo(&text);
			appendStringInfoChar(&text, '[');
			appendBinaryStringInfo(&text, chunk->events.data, chunk->events.len);
			appendStringInfoChar(&text, ']');
			add_row(rows, target, chunk, text.data, text.len);
			continue;
		}
		events = events_to_log(chunk, cached);
		if (events->count > 0)
		{
			char *text = jv_to_text(events);

			add_row(rows, target, chunk, text, (int) strlen(text));
		}
	}
}

void
log_write(const Execution *execution, const CachedMachine *cached, const LogTarget *target)
{
	TurnRows *rows;
	StoreScope scope;

	if (!cached->is_logged || execution->first_chunk == NULL)
		return;
	rows = turn_rows_begin();
	log_chunks(rows, execution, cached, target);
	store_enter(&scope);
	turn_rows_write(rows);
	store_leave(&scope);
}

static void
add_row(TurnRows *rows, const LogTarget *target, const HistoryChunk *chunk, const char *events, int length)
{
	LogRow row = {.state_machine_id = target->state_machine_id,
				  .execution_name = target->execution_name,
				  .redrive_count = target->redrive_count,
				  .first_event_id = chunk->first_id,
				  .log_date = target->log_date};

	turn_rows_log(rows, &row, events, length);
}

/* Of a chunk of the whole history, with data: what the configuration wants. */
static const JsonVal *
events_to_log(const HistoryChunk *chunk, const CachedMachine *cached)
{
	StringInfoData text;
	JvParseError error;
	const JsonVal *events;
	JvArrayBuilder wanted;

	initStringInfo(&text);
	appendStringInfo(&text, "[%s]", chunk->events.data);
	events = jv_parse(text.data, text.len, &error);
	if (events == NULL)
		elog(ERROR, "history events cannot be read: %s at offset %d", error.message, error.offset);

	jv_array_begin(&wanted);
	for (int i = 0; i < events->count; i++)
	{
		const JsonVal *event = events->u.items[i];

		if (history_event_weight(jv_get_string(event, "type")) >= cached->log_weight)
			jv_array_add(&wanted, cached->logs_data ? event : event_without_data(event));
	}
	return jv_array_end(&wanted);
}

/* Members of details that hold what flowed through the state; parameters stay, empty. */
static bool
is_data(const char *member)
{
	static const char *const members[] = {
		"input", "inputDetails", "output", "outputDetails", "assignedVariables", "assignedVariablesDetails",
	};

	for (size_t i = 0; i < lengthof(members); i++)
	{
		if (strcmp(member, members[i]) == 0)
			return true;
	}
	return false;
}

static const JsonVal *
details_without_data(const JsonVal *details)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < details->count; i++)
	{
		const JvMember *member = &details->u.members[i];

		if (!is_data(member->key))
			jv_object_add_n(&object, member->key, member->key_length,
							strcmp(member->key, "parameters") == 0 ? jv_string("") : member->value);
	}
	return jv_object_end(&object);
}

static const JsonVal *
event_without_data(const JsonVal *event)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < event->count; i++)
	{
		const JvMember *member = &event->u.members[i];

		jv_object_add_n(&object, member->key, member->key_length,
						member->value->type == JV_OBJECT ? details_without_data(member->value) : member->value);
	}
	return jv_object_end(&object);
}
