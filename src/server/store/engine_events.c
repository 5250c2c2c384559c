/*
 * engine_events.c
 *	  What there is to tell of map runs, quarantined executions and the backlog, from the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "shared/in_hand.h"
#include "store/engine_events.h"
#include "store/store.h"

#define IN_HAND_MAX 1000
#define BACKLOG_AGE (60 * USECS_PER_SEC)

#define MILLISECONDS(moment) "(1000 * extract(epoch FROM " moment "))::bigint"
#define EXECUTION_ARN "sfn.execution_arn(m.name, e.name, e.express_id)"
#define OF_MACHINE "coalesce(m.map_of, m.id), m.role::pg_catalog.oid, e.trace_header"
#define COUNTS(all, prefix) \
	"pg_catalog.json_build_object('total', r." all ", 'succeeded', r." prefix "succeeded, 'failed', r." prefix \
	"failed," \
	" 'timedOut', r." prefix "timed_out, 'aborted', r." prefix "aborted, 'pendingRedrive', r." prefix \
	"pending_redrive)"

/* $1: the id; $2: executions in hand; $3: what has been due since then is late. */
static StoreQuery queries[] = {
	[ENGINE_MAP_RUN_ENDED] =
		{"SELECT " OF_MACHINE ", sfn.map_run_arn(c.name, r.name), pg_catalog.json_build_object("
		 "'mapRunArn', sfn.map_run_arn(c.name, r.name), 'executionArn', " EXECUTION_ARN ","
		 " 'stateMachineArn', sfn.state_machine_arn(m.name), 'label', r.label, 'status', sfn_internal.status_name(r.status),"
		 " 'startDate', " MILLISECONDS("r.start_date") ", 'stopDate', " MILLISECONDS(
			 "r.stop_date") ","
							" 'redriveCount', r.redrive_count, 'redriveDate', " MILLISECONDS(
								"r.redrive_date") ","
												  " 'itemCounts', " COUNTS("item_count", "items_") ", 'executionCounts', " COUNTS(
													  "child_count",
													  "") ","
														  " 'resultsWritten', r.results_written, 'error', r.error, 'cause', sfn_internal.hide_tokens(r.cause))"
														  " FROM sfn.map_run r JOIN sfn.execution e ON e.id = r.execution_id"
														  " JOIN sfn.state_machine m ON m.id = e.state_machine_id JOIN sfn.state_machine c ON c.id = r.state_machine_id"
														  " WHERE r.id = $1",
		 3,
		 {INT8OID, INT8ARRAYOID, TIMESTAMPTZOID}},
	[ENGINE_EXECUTION_QUARANTINED] =
		{"SELECT " OF_MACHINE ", " EXECUTION_ARN ", pg_catalog.json_build_object('executionArn', " EXECUTION_ARN ","
		 " 'stateMachineArn', sfn.state_machine_arn(m.name), 'name', e.name,"
		 " 'quarantineDate', " MILLISECONDS(
			 "e.quarantined_at") ", 'reason', sfn_internal.hide_tokens(e.quarantine_reason))"
								 " FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id"
								 " WHERE e.id = $1 AND e.quarantined_at IS NOT NULL",
		 3,
		 {INT8OID, INT8ARRAYOID, TIMESTAMPTZOID}},
	[ENGINE_BACKLOG] =
		{"SELECT 0::bigint, 0::pg_catalog.oid, NULL::text, NULL::text, pg_catalog.json_build_object('rowsDue', b.count,"
		 " 'oldestDue', " MILLISECONDS(
			 "b.oldest") ","
						 " 'oldestDueSeconds', pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() - b.oldest)))"
						 " FROM (SELECT count(*), min(i.due) AS oldest FROM sfn.inbox i WHERE i.due <= pg_catalog.clock_timestamp()"
						 " AND i.execution_id <> ALL ($2)) b WHERE b.oldest <= $3",
		 3,
		 {INT8OID, INT8ARRAYOID, TIMESTAMPTZOID},
		 .scans = true},
};

enum
{
	ENGINE_MACHINE_ID = 1,
	ENGINE_ROLE,
	ENGINE_TRACE_HEADER,
	ENGINE_RESOURCE,
	ENGINE_DETAIL
};

EngineEventRow *
engine_event_read(EngineEventKind kind, int64 id)
{
	int64 in_hand[IN_HAND_MAX];
	int count = worker_executions_in_hand(in_hand, IN_HAND_MAX);
	Datum args[3] = {Int64GetDatum(id), store_int64_array(in_hand, count),
					 TimestampTzGetDatum(GetCurrentTimestamp() - BACKLOG_AGE)};
	EngineEventRow *row;

	if (store_run(&queries[kind], args, NULL, 0) == 0)
		return NULL;
	row = palloc(sizeof(EngineEventRow));
	*row = (EngineEventRow){.state_machine_id = store_int64(0, ENGINE_MACHINE_ID),
							.role = store_oid(0, ENGINE_ROLE),
							.trace_header = store_text(0, ENGINE_TRACE_HEADER),
							.resource = store_text(0, ENGINE_RESOURCE),
							.detail = store_text(0, ENGINE_DETAIL)};
	return row;
}
