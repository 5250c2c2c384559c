/*
 * log_deliveries.c
 *	  Log events on their way to log groups of CloudWatch Logs, in the tables.
 *
 * Whoever writes log events marks what is to be sent, and no more: only the pump has a row for each state machine, so a
 * destination that does not answer is in nobody's way.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "store/log_deliveries.h"
#include "store/store.h"

#define MOST_MACHINES 100 /* in one pass */
#define MOST_ROWS "500"
#define MOST_BYTES "2097152"

bool
unsent_logs_exist(void)
{
	static StoreQuery query = {"SELECT FROM sfn.log_event WHERE unsent_from IS NOT NULL LIMIT 1", 0};

	return store_run(&query, NULL, NULL, 1) > 0;
}

/* Machines with unsent events, by one look into the index for each. */
#define UNSENT_MACHINES \
	"WITH RECURSIVE machines AS ((SELECT l.state_machine_id FROM sfn.log_event l WHERE l.unsent_from IS NOT NULL" \
	" ORDER BY l.state_machine_id LIMIT 1) UNION ALL SELECT (SELECT l.state_machine_id FROM sfn.log_event l" \
	" WHERE l.unsent_from IS NOT NULL AND l.state_machine_id > m.state_machine_id ORDER BY l.state_machine_id LIMIT 1)" \
	" FROM machines m WHERE m.state_machine_id IS NOT NULL)"

enum
{
	DELIVERY_MACHINE = 1,
	DELIVERY_NAME,
	DELIVERY_ROLE,
	DELIVERY_ROLE_ARN,
	DELIVERY_LOG_GROUP,
	DELIVERY_STREAM,
	DELIVERY_FAILURES
};

int
log_deliveries_take(TimestampTz now, TimestampTz lease_until, LogDelivery **deliveries)
{
	static StoreQuery query =
		{UNSENT_MACHINES
		 ", taken AS (INSERT INTO sfn.log_delivery AS d (state_machine_id, next_attempt, sender)"
		 " SELECT m.state_machine_id, $2, $3 FROM machines m LEFT JOIN sfn.log_delivery o USING (state_machine_id)"
		 " WHERE m.state_machine_id IS NOT NULL AND COALESCE(o.next_attempt <= $1, true) ORDER BY o.next_attempt"
		 " LIMIT $4 ON CONFLICT (state_machine_id) DO UPDATE SET next_attempt = excluded.next_attempt,"
		 " sender = excluded.sender WHERE d.next_attempt <= $1 RETURNING *)"
		 " SELECT t.state_machine_id, m.name, m.role::pg_catalog.oid, r.role_arn, g.log_group,"
		 " CASE WHEN t.log_group = g.log_group THEN t.stream END, t.failures FROM taken t"
		 " JOIN sfn.state_machine m ON m.id = t.state_machine_id"
		 " JOIN sfn.state_machine_revision r ON r.id = m.revision_id, LATERAL (SELECT"
		 " r.logging #>> '{destinations,0,cloudWatchLogsLogGroup,logGroupArn}' AS log_group) g",
		 4,
		 {TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, INT4OID}};
	Datum args[4] = {TimestampTzGetDatum(now), TimestampTzGetDatum(lease_until), Int32GetDatum(MyProcPid),
					 Int32GetDatum(MOST_MACHINES)};
	uint64 rows = store_run(&query, args, NULL, 0);

	*deliveries = palloc0(sizeof(LogDelivery) * (rows + 1));
	for (uint64 i = 0; i < rows; i++)
		(*deliveries)[i] = (LogDelivery){.state_machine_id = store_int64(i, DELIVERY_MACHINE),
										 .machine_name = store_text(i, DELIVERY_NAME),
										 .role = store_oid(i, DELIVERY_ROLE),
										 .role_arn = store_text(i, DELIVERY_ROLE_ARN),
										 .log_group = store_text(i, DELIVERY_LOG_GROUP),
										 .stream = store_text(i, DELIVERY_STREAM),
										 .failures = store_int32(i, DELIVERY_FAILURES)};
	return (int) rows;
}

TimestampTz
log_deliveries_due(void)
{
	static StoreQuery query = {UNSENT_MACHINES
							   " SELECT pg_catalog.min(COALESCE(d.next_attempt, '-infinity')) FROM machines m"
							   " JOIN sfn.state_machine s ON s.id = m.state_machine_id"
							   " LEFT JOIN sfn.log_delivery d ON d.state_machine_id = m.state_machine_id",
							   0};

	(void) store_run(&query, NULL, NULL, 0);
	return store_is_null(0, ONLY_COLUMN) ? DT_NOEND : store_timestamp(0, ONLY_COLUMN);
}

void
log_deliveries_recover(const int32 *pids, int pid_count)
{
	static StoreQuery query =
		{"UPDATE sfn.log_delivery SET next_attempt = pg_catalog.statement_timestamp(), sender = NULL"
		 " WHERE sender <> ALL ($1)",
		 1,
		 {INT4ARRAYOID}};
	Datum args[1] = {store_int32_array(pids, pid_count)};

	(void) store_run(&query, args, NULL, 0);
}

/* ---- events ---- */

enum
{
	UNSENT_ROW = 1,
	UNSENT_NUMBER,
	UNSENT_COUNT,
	UNSENT_EXECUTION,
	UNSENT_REDRIVES,
	UNSENT_EVENT
};

int
log_delivery_events(int64 state_machine_id, UnsentEvent **events)
{
	static StoreQuery query =
		{"SELECT l.id, v.number::pg_catalog.int4, pg_catalog.json_array_length(l.events),"
		 " sfn.execution_arn(l.machine_name, l.execution_name), l.redrive_count, v.event::text"
		 " FROM (SELECT o.*, m.name AS machine_name, pg_catalog.row_number() OVER (ORDER BY o.id) AS place,"
		 " pg_catalog.sum(pg_catalog.octet_length(o.events::text)) OVER (ORDER BY o.id) AS bytes FROM (SELECT *"
		 " FROM sfn.log_event WHERE state_machine_id = $1 AND unsent_from IS NOT NULL ORDER BY id LIMIT " MOST_ROWS
		 ") o"
		 " JOIN sfn.state_machine m ON m.id = o.state_machine_id) l,"
		 " LATERAL pg_catalog.json_array_elements(l.events) WITH ORDINALITY v (event, number)"
		 " WHERE (l.place = 1 OR l.bytes < " MOST_BYTES ") AND v.number > l.unsent_from ORDER BY l.id, v.number",
		 1,
		 {INT8OID}};
	Datum args[1] = {Int64GetDatum(state_machine_id)};
	uint64 rows = store_run(&query, args, NULL, 0);

	*events = palloc(sizeof(UnsentEvent) * (rows + 1));
	for (uint64 i = 0; i < rows; i++)
		(*events)[i] = (UnsentEvent){.row = store_int64(i, UNSENT_ROW),
									 .number = store_int32(i, UNSENT_NUMBER),
									 .count = store_int32(i, UNSENT_COUNT),
									 .execution_arn = store_text(i, UNSENT_EXECUTION),
									 .redrive_count = store_int32(i, UNSENT_REDRIVES),
									 .event = store_text(i, UNSENT_EVENT)};
	return (int) rows;
}

void
log_delivery_sent(int64 state_machine_id, const int64 *rows, int count, int64 rest_of, int32 rest_from)
{
	static StoreQuery query = {"UPDATE sfn.log_event SET unsent_from = CASE WHEN id = $3 THEN $4 END"
							   " WHERE state_machine_id = $1 AND unsent_from IS NOT NULL AND id = ANY ($2)",
							   4,
							   {INT8OID, INT8ARRAYOID, INT8OID, INT4OID}};
	Datum args[4] = {Int64GetDatum(state_machine_id), store_int64_array(rows, count), Int64GetDatum(rest_of),
					 Int32GetDatum(rest_from)};

	(void) store_run(&query, args, NULL, 0);
}

void
log_delivery_forget(int64 state_machine_id)
{
	static StoreQuery query = {"UPDATE sfn.log_event SET unsent_from = NULL"
							   " WHERE state_machine_id = $1 AND unsent_from IS NOT NULL",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(state_machine_id)};

	(void) store_run(&query, args, NULL, 0);
}

void
log_delivery_note(const LogDelivery *delivery, TimestampTz next_attempt, int sent, const char *error)
{
	static StoreQuery query = {
		"UPDATE sfn.log_delivery SET next_attempt = $2, sender = NULL, log_group = $3, stream = $4, events = events + $5,"
		" last_sent = CASE WHEN $5 > 0 THEN $7 ELSE last_sent END, last_error = $6, failures = $8,"
		" last_error_date = CASE WHEN $6 IS NULL THEN last_error_date ELSE $7 END WHERE state_machine_id = $1",
		8,
		{INT8OID, TIMESTAMPTZOID, TEXTOID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT4OID}};
	char nulls[9] = "        ";
	Datum args[8] = {Int64GetDatum(delivery->state_machine_id),
					 TimestampTzGetDatum(next_attempt),
					 store_text_or_null(delivery->log_group, &nulls[2]),
					 store_text_or_null(delivery->stream, &nulls[3]),
					 Int32GetDatum(sent),
					 store_text_or_null(error, &nulls[5]),
					 TimestampTzGetDatum(sfn_now()),
					 Int32GetDatum(delivery->failures)};

	(void) store_run(&query, args, nulls, 0);
}
