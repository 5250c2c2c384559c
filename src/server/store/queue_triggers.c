/*
 * queue_triggers.c
 *	  Triggers of queues in the table: which state machine is started with a queue's messages.
 *
 * A queue has one trigger at most: two would share its messages by chance.  Its owner may be another than the queue's, who
 * has lent it; each of them may switch it off and delete it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "settings/clock.h"
#include "shared/wakeup.h"
#include "store/fifo_queues.h"
#include "store/owner_rule.h"
#include "store/queue_triggers.h"
#include "store/store.h"

Oid
queue_trigger_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("queue_trigger", schema) : InvalidOid;
}

static void
triggers_changed(void)
{
	CacheInvalidateRelcacheByRelid(queue_trigger_table());
	wakeup_at_commit();
}

/* ---- making and changing ---- */

bool
queue_trigger_upsert(const QueueTriggerRow *trigger)
{
	static StoreQuery query = {
		"INSERT INTO sfn.queue_trigger AS t (queue_id, owner, state_machine, batch_size, batch_window, max_concurrency,"
		" is_enabled, creation_date) VALUES ($1, $2::pg_catalog.regrole, $3, $4, $5, NULLIF($6, 0), $7, $8)"
		" ON CONFLICT (queue_id) DO UPDATE SET state_machine = excluded.state_machine,"
		" batch_size = excluded.batch_size, batch_window = excluded.batch_window,"
		" max_concurrency = excluded.max_concurrency, is_enabled = excluded.is_enabled, paused_until = NULL"
		" WHERE " OWNER_ADMITS_REPLACING("t.owner", "$2"),
		8,
		{INT8OID, OIDOID, TEXTOID, INT4OID, INT4OID, INT4OID, BOOLOID, TIMESTAMPTZOID}};
	Datum args[8] = {Int64GetDatum(trigger->queue_id),
					 ObjectIdGetDatum(trigger->owner),
					 CStringGetTextDatum(trigger->state_machine),
					 Int32GetDatum(trigger->batch_size),
					 Int32GetDatum(trigger->batch_window),
					 Int32GetDatum(trigger->max_concurrency),
					 BoolGetDatum(trigger->is_enabled),
					 TimestampTzGetDatum(sfn_now())};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	triggers_changed();
	return true;
}

#define IS_OF_CALLER \
	"queue_id = $1 AND (" OWNER_ADMITS( \
		"owner", "$2") " OR EXISTS (SELECT FROM sfn.queue q WHERE q.id = queue_id AND " OWNER_ADMITS("q.owner", \
																									 "$2") "))"

bool
queue_trigger_delete(int64 queue_id, Oid caller)
{
	static StoreQuery query = {"DELETE FROM sfn.queue_trigger WHERE " IS_OF_CALLER, 2, {INT8OID, OIDOID}};
	Datum args[2] = {Int64GetDatum(queue_id), ObjectIdGetDatum(caller)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	triggers_changed();
	return true;
}

bool
queue_trigger_enable(int64 queue_id, Oid caller, bool is_enabled)
{
	static StoreQuery query = {"UPDATE sfn.queue_trigger SET is_enabled = $3, paused_until = NULL WHERE " IS_OF_CALLER,
							   3,
							   {INT8OID, OIDOID, BOOLOID}};
	Datum args[3] = {Int64GetDatum(queue_id), ObjectIdGetDatum(caller), BoolGetDatum(is_enabled)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	triggers_changed();
	return true;
}

Oid
queue_trigger_owner(int64 queue_id)
{
	static StoreQuery query = {"SELECT owner::pg_catalog.oid FROM sfn.queue_trigger WHERE queue_id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(queue_id)};

	return store_run(&query, args, NULL, 0) > 0 ? store_oid(0, ONLY_COLUMN) : InvalidOid;
}

/* ---- for who fires them ---- */

enum
{
	DUE_QUEUE = 1,
	DUE_AT,
	DUE_IS_FULL,
	DUE_LAST_START,
	DUE_QUEUE_NAME
};

/* A batch is whole, or its first message has waited for the window; not during a pause. */
int
queue_triggers_look(TimestampTz now, QueueTriggerDue **found, bool *any_enabled)
{
	static StoreQuery query = {
		"SELECT t.queue_id, CASE WHEN m.first IS NOT NULL THEN GREATEST(t.paused_until, CASE WHEN m.visible >= t.batch_size"
		" THEN $1 ELSE m.first + pg_catalog.make_interval(secs => t.batch_window) END) END,"
		" t.max_concurrency IS NOT NULL AND (SELECT pg_catalog.count(*) FROM sfn.execution e"
		" WHERE e.id = ANY (t.running) AND e.status = :EXECUTION_RUNNING) >= t.max_concurrency, t.last_start,"
		" (SELECT q.name FROM sfn.queue q WHERE q.id = t.queue_id)"
		" FROM sfn.queue_trigger t CROSS JOIN LATERAL (SELECT pg_catalog.min(b.visible_at) AS first,"
		" pg_catalog.count(*) FILTER (WHERE b.visible_at <= $1) AS visible FROM"
		" (SELECT m.visible_at FROM sfn.queue_message m WHERE m.queue_id = t.queue_id"
		" ORDER BY m.visible_at, m.id LIMIT t.batch_size) b) m WHERE t.is_enabled",
		1,
		{TIMESTAMPTZOID}};
	Datum args[1] = {TimestampTzGetDatum(now)};
	uint64 rows = store_run(&query, args, NULL, 0);
	int count = 0;

	*any_enabled = rows > 0;
	*found = palloc(sizeof(QueueTriggerDue) * (rows + 1));
	for (uint64 i = 0; i < rows; i++)
	{
		if (!store_is_null(i, DUE_AT))
			(*found)[count++] = (QueueTriggerDue){store_int64(i, DUE_QUEUE), store_timestamp(i, DUE_AT),
												  store_bool(i, DUE_IS_FULL), store_timestamp(i, DUE_LAST_START),
												  queue_name_is_fifo(store_text(i, DUE_QUEUE_NAME))};
	}
	return count;
}

enum
{
	TRIGGER_QUEUE = 1,
	TRIGGER_OWNER,
	TRIGGER_STATE_MACHINE,
	TRIGGER_BATCH_SIZE,
	TRIGGER_BATCH_WINDOW,
	TRIGGER_MAX_CONCURRENCY
};

QueueTriggerRow *
queue_trigger_lock(int64 queue_id)
{
	static StoreQuery query = {"SELECT queue_id, owner::pg_catalog.oid, state_machine, batch_size,"
							   " batch_window, COALESCE(max_concurrency, 0) FROM sfn.queue_trigger"
							   " WHERE queue_id = $1 AND is_enabled FOR NO KEY UPDATE SKIP LOCKED",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(queue_id)};
	QueueTriggerRow *trigger = palloc0(sizeof(QueueTriggerRow));

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	trigger->queue_id = store_int64(0, TRIGGER_QUEUE);
	trigger->owner = store_oid(0, TRIGGER_OWNER);
	trigger->state_machine = store_text(0, TRIGGER_STATE_MACHINE);
	trigger->batch_size = store_int32(0, TRIGGER_BATCH_SIZE);
	trigger->batch_window = store_int32(0, TRIGGER_BATCH_WINDOW);
	trigger->max_concurrency = store_int32(0, TRIGGER_MAX_CONCURRENCY);
	trigger->is_enabled = true;
	return trigger;
}

int
queue_trigger_running(int64 queue_id)
{
	static StoreQuery query =
		{"SELECT pg_catalog.count(*)::int4 FROM sfn.execution e WHERE e.status = :EXECUTION_RUNNING"
		 " AND e.id = ANY (ARRAY(SELECT pg_catalog.unnest(t.running) FROM sfn.queue_trigger t"
		 " WHERE t.queue_id = $1))",
		 1,
		 {INT8OID}};
	Datum args[1] = {Int64GetDatum(queue_id)};

	(void) store_run(&query, args, NULL, 0);
	return store_int32(0, ONLY_COLUMN);
}

void
queue_trigger_note(int64 queue_id, const QueueTriggerOutcome *outcome, TimestampTz paused_until)
{
	static StoreQuery query =
		{"UPDATE sfn.queue_trigger t SET running = CASE WHEN t.max_concurrency IS NULL THEN '{}' ELSE ARRAY(SELECT e.id"
		 " FROM sfn.execution e WHERE e.id = ANY (t.running || $2) AND e.status = :EXECUTION_RUNNING) END,"
		 " starts = t.starts + $3, messages = t.messages + $4,"
		 " last_start = CASE WHEN $3 > 0 THEN $5 ELSE t.last_start END, last_error = $6,"
		 " last_error_date = CASE WHEN $6 IS NOT NULL THEN $5 ELSE t.last_error_date END, paused_until = $7"
		 " WHERE t.queue_id = $1",
		 7,
		 {INT8OID, INT8ARRAYOID, INT8OID, INT8OID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID}};
	char nulls[8] = "       ";
	Datum args[7] = {Int64GetDatum(queue_id),
					 store_int64_array(outcome->started, outcome->started_count),
					 Int64GetDatum(outcome->started_count),
					 Int64GetDatum(outcome->messages),
					 TimestampTzGetDatum(sfn_now()),
					 store_text_or_null(outcome->error, &nulls[5]),
					 store_moment_or_null(paused_until, &nulls[6])};

	(void) store_run(&query, args, nulls, 0);
}
