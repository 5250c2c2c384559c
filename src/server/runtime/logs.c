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
#include "engine/history_data.h"
#include "runtime/logs.h"
#include "store/store.h"

static void add_row(TurnRows *rows, const CachedMachine *cached, const LogTarget *target, const HistoryChunk *chunk,
					const char *events, int length);
static const JsonVal *events_to_log(const HistoryChunk *chunk, const CachedMachine *cached);

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
			add_row(rows, cached, target, chunk, text.data, text.len);
			continue;
		}
		events = events_to_log(chunk, cached);
		if (events->count > 0)
		{
			char *text = jv_to_text(events);

			add_row(rows, cached, target, chunk, text, (int) strlen(text));
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
add_row(TurnRows *rows, const CachedMachine *cached, const LogTarget *target, const HistoryChunk *chunk,
		const char *events, int length)
{
	LogRow row = {.state_machine_id = target->state_machine_id,
				  .execution_name = target->execution_name,
				  .redrive_count = target->redrive_count,
				  .first_event_id = chunk->first_id,
				  .log_date = target->log_date,
				  .is_sent = cached->sends_logs};

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
			jv_array_add(&wanted, cached->logs_data ? event : history_event_without_data(event, PARAMETERS_EMPTY));
	}
	return jv_array_end(&wanted);
}
