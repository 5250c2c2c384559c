/*
 * engine_events.c
 *	  What the engine tells beside changes of status, with the source "sfn".
 *
 * What is of an execution is for who may see its state machine; what is of the database for who may read statistics.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"

#include "actions/engine_events.h"
#include "actions/event_delivery.h"
#include "actions/event_rule_cache.h"
#include "actions/event_rules.h"
#include "actions/lineage.h"
#include "settings/clock.h"
#include "settings/random_uuid.h"
#include "shared/event_waiters.h"

#define SOURCE "sfn"

static const char *const detail_types[] = {[ENGINE_MAP_RUN_ENDED] = "Map Run Ended",
										   [ENGINE_EXECUTION_QUARANTINED] = "Execution Quarantined",
										   [ENGINE_BACKLOG] = "Backlog"};

static const JsonVal *
event_of(EngineEventKind kind, const EngineEventRow *row)
{
	JvParseError error;
	const JsonVal *resource = row->resource != NULL ? jv_string(row->resource) : NULL;
	PutEvent put = {.source = SOURCE,
					.detail_type = detail_types[kind],
					.detail = jv_parse(row->detail, (int) strlen(row->detail), &error),
					.resources = resource != NULL ? jv_array(&resource, 1) : jv_empty_array(),
					.time = sfn_now()};

	return event_made(&put, random_uuid());
}

static void
send_row(EngineEventKind kind, const EngineEventRow *row)
{
	MachineRow machine = {.id = row->state_machine_id, .role = row->role};
	SentEvent sent = {.bus_id = DEFAULT_BUS_ID,
					  .lineage = lineage_of(row->trace_header),
					  .putter = ROLE_PG_READ_ALL_STATS,
					  .event = event_of(kind, row)};

	if (row->state_machine_id != 0)
	{
		sent.machine = &machine;
		sent.shown[false] = sent.shown[true] = sent.event;
	}
	event_send(&sent);
}

bool
engine_event_tell(EngineEventKind kind, int64 id)
{
	StoreScope scope;
	EngineEventRow *row;

	if (!event_rules_want(SOURCE, detail_types[kind]) && !event_waiters_exist())
		return false;
	store_enter(&scope);
	row = engine_event_read(kind, id);
	if (row != NULL)
		send_row(kind, row);
	store_leave(&scope);
	return row != NULL;
}
