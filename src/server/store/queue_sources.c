/*
 * queue_sources.c
 *	  Queues of SQS whose messages are fetched, in the tables.
 *
 * The transaction that takes a message in notes its id and that it is to be deleted at SQS.  So whoever dies before that
 * leaves a message that comes again and is known, or one that is deleted later.  The pump waits for no row: what somebody
 * changes just now, it leaves.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "shared/wakeup.h"
#include "store/queue_sources.h"
#include "store/store.h"

#define MOST_SOURCES 100 /* in one pass */

Oid
queue_source_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("queue_source", schema) : InvalidOid;
}

static void
sources_changed(void)
{
	CacheInvalidateRelcacheByRelid(queue_source_table());
	pump_wakeup_at_commit();
}

/* ---- making and changing ---- */

static bool
update_source(const QueueSourceRow *source, Datum *args, const char *nulls)
{
	static StoreQuery query = {"UPDATE sfn.queue_source SET url = $2, credentials = $3, is_enabled = $4, failures = 0,"
							   " last_error = NULL, next_poll = pg_catalog.statement_timestamp(), polled_by = NULL,"
							   " attempt = pg_catalog.gen_random_uuid()"
							   " WHERE queue_id = $1 OR ($1 IS NULL AND queue_id IS NULL AND url = $2)",
							   4,
							   {INT8OID, TEXTOID, TEXTOID, BOOLOID}};

	return store_run(&query, args, nulls, 0) > 0;
}

/* Of another queue of SQS than before, no message has come. */
static void
forget_other_messages(const QueueSourceRow *source)
{
	static StoreQuery query = {"DELETE FROM sfn.queue_source_message WHERE source_id = ANY (ARRAY(SELECT s.id"
							   " FROM sfn.queue_source s WHERE s.queue_id = $1 AND s.url <> $2 FOR UPDATE))",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(source->queue_id), CStringGetTextDatum(source->url)};

	(void) store_run(&query, args, NULL, 0);
}

void
queue_source_upsert(const QueueSourceRow *source)
{
	static StoreQuery query =
		{"INSERT INTO sfn.queue_source (queue_id, url, credentials, is_enabled, next_poll, creation_date)"
		 " VALUES ($1, $2, $3, $4, pg_catalog.statement_timestamp(), $5)",
		 5,
		 {INT8OID, TEXTOID, TEXTOID, BOOLOID, TIMESTAMPTZOID}};
	char nulls[6] = {source->queue_id == 0 ? 'n' : ' ', ' ', ' ', ' ', ' ', '\0'};
	Datum args[5] = {Int64GetDatum(source->queue_id), CStringGetTextDatum(source->url),
					 store_text_or_null(source->credentials, &nulls[2]), BoolGetDatum(source->is_enabled),
					 TimestampTzGetDatum(sfn_now())};

	forget_other_messages(source);
	if (!update_source(source, args, nulls))
		(void) store_run(&query, args, nulls, 0);
	sources_changed();
}

bool
queue_source_delete(int64 queue_id, const char *url)
{
	static StoreQuery query = {
		"WITH gone AS (DELETE FROM sfn.queue_source WHERE queue_id = $1 OR (queue_id IS NULL AND url = $2) RETURNING id),"
		" messages AS (DELETE FROM sfn.queue_source_message WHERE source_id IN (SELECT id FROM gone)) SELECT id FROM gone",
		2,
		{INT8OID, TEXTOID}};
	char nulls[3] = {queue_id == 0 ? 'n' : ' ', ' ', '\0'};
	Datum args[2] = {Int64GetDatum(queue_id), store_text_or_null(url, &nulls[1])};

	if (store_run(&query, args, nulls, 0) == 0)
		return false;
	sources_changed();
	return true;
}

int64
queue_sources_stop_of(Oid owner)
{
	static StoreQuery query = {"UPDATE sfn.queue_source s SET is_enabled = false, last_error_date = $2,"
							   " last_error = 'the queue has another owner since then' FROM sfn.queue q"
							   " WHERE q.id = s.queue_id AND s.is_enabled AND q.owner = $1::pg_catalog.regrole",
							   2,
							   {OIDOID, TIMESTAMPTZOID},
							   .scans = true,
							   .sees_latest = true};
	Datum args[2] = {ObjectIdGetDatum(owner), TimestampTzGetDatum(sfn_now())};
	int64 count = (int64) store_run(&query, args, NULL, 0);

	if (count > 0)
		sources_changed();
	return count;
}

/* ---- taking ---- */

#define SOURCE_COLUMNS \
	"s.id, COALESCE(s.queue_id, 0), s.url, s.credentials, s.failures, COALESCE((SELECT q.owner FROM sfn.queue q" \
	" WHERE q.id = s.queue_id), (SELECT c.owner FROM sfn.connection c WHERE c.name = s.credentials))::pg_catalog.oid," \
	" s.attempt::text"
enum
{
	SOURCE_ID = 1,
	SOURCE_QUEUE_ID,
	SOURCE_URL,
	SOURCE_CREDENTIALS,
	SOURCE_FAILURES,
	SOURCE_ROLE,
	SOURCE_ATTEMPT,
	SOURCE_HAS_ROOM /* of those that are taken */
};

static int
read_sources(uint64 rows, QueueSourceRow **sources)
{
	*sources = palloc0(sizeof(QueueSourceRow) * (rows + 1));
	for (uint64 i = 0; i < rows; i++)
		(*sources)[i] = (QueueSourceRow){.id = store_int64(i, SOURCE_ID),
										 .queue_id = store_int64(i, SOURCE_QUEUE_ID),
										 .url = store_text(i, SOURCE_URL),
										 .credentials = store_text(i, SOURCE_CREDENTIALS),
										 .is_enabled = true,
										 .failures = store_int32(i, SOURCE_FAILURES),
										 .role = store_is_null(i, SOURCE_ROLE) ? InvalidOid : store_oid(i, SOURCE_ROLE),
										 .attempt = store_text(i, SOURCE_ATTEMPT)};
	return (int) rows;
}

bool
queue_sources_exist(void)
{
	static StoreQuery query = {"SELECT FROM sfn.queue_source LIMIT 1", 0};

	return store_run(&query, NULL, NULL, 1) > 0;
}

/* A queue that nobody empties leaves the rest where it is: what a trigger takes in a moment is not waited for. */
int
queue_sources_take(TimestampTz now, TimestampTz lease_until, QueueSourceRow **sources)
{
	static StoreQuery query =
		{"UPDATE sfn.queue_source s SET next_poll = CASE WHEN d.has_room THEN $2 ELSE $1 + interval '1 s' END,"
		 " polled_by = CASE WHEN d.has_room THEN $4 END FROM (SELECT o.id, o.queue_id IS NULL OR"
		 " NOT EXISTS (SELECT FROM sfn.queue_message m WHERE m.queue_id = o.queue_id OFFSET 1000) AS has_room"
		 " FROM sfn.queue_source o WHERE o.is_enabled AND o.next_poll <= $1 ORDER BY o.next_poll LIMIT $3"
		 " FOR UPDATE SKIP LOCKED) d WHERE s.id = d.id RETURNING " SOURCE_COLUMNS ", d.has_room",
		 4,
		 {TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, INT4OID}};
	Datum args[4] = {TimestampTzGetDatum(now), TimestampTzGetDatum(lease_until), Int32GetDatum(MOST_SOURCES),
					 Int32GetDatum(MyProcPid)};
	uint64 rows = store_run(&query, args, NULL, 0);
	int count = read_sources(rows, sources);
	int there = 0;

	for (int i = 0; i < count; i++)
		if (store_bool((uint64) i, SOURCE_HAS_ROOM))
			(*sources)[there++] = (*sources)[i];
	return there;
}

int
queue_sources_to_delete(TimestampTz now, QueueSourceRow **sources)
{
	static StoreQuery query = {"SELECT " SOURCE_COLUMNS " FROM sfn.queue_source s WHERE EXISTS"
							   " (SELECT FROM sfn.queue_source_message m WHERE m.source_id = s.id"
							   " AND m.receipt_handle IS NOT NULL AND m.delete_after <= $1)",
							   1,
							   {TIMESTAMPTZOID}};
	Datum args[1] = {TimestampTzGetDatum(now)};

	return read_sources(store_run(&query, args, NULL, 0), sources);
}

TimestampTz
queue_sources_due(void)
{
	static StoreQuery query =
		{"SELECT LEAST((SELECT pg_catalog.min(s.next_poll) FROM sfn.queue_source s WHERE s.is_enabled),"
		 " (SELECT pg_catalog.min(d.due) FROM sfn.queue_source s CROSS JOIN LATERAL (SELECT m.delete_after AS due"
		 " FROM sfn.queue_source_message m WHERE m.source_id = s.id AND m.receipt_handle IS NOT NULL"
		 " ORDER BY m.delete_after LIMIT 1) d))",
		 0};

	(void) store_run(&query, NULL, NULL, 0);
	return store_is_null(0, ONLY_COLUMN) ? DT_NOEND : store_timestamp(0, ONLY_COLUMN);
}

void
queue_sources_recover(const int32 *pids, int pid_count)
{
	static StoreQuery query =
		{"UPDATE sfn.queue_source SET next_poll = pg_catalog.statement_timestamp(), polled_by = NULL"
		 " WHERE id = ANY (ARRAY(SELECT o.id FROM sfn.queue_source o"
		 " WHERE o.polled_by IS NOT NULL AND o.polled_by <> ALL ($1) FOR UPDATE SKIP LOCKED))",
		 1,
		 {INT4ARRAYOID}};
	static StoreQuery messages =
		{"UPDATE sfn.queue_source_message SET delete_after = pg_catalog.statement_timestamp() WHERE ctid = ANY (ARRAY("
		 "SELECT m.ctid FROM sfn.queue_source_message m WHERE m.receipt_handle IS NOT NULL"
		 " AND m.delete_after > pg_catalog.statement_timestamp() FOR UPDATE SKIP LOCKED))",
		 0, .scans = true};
	Datum args[1] = {store_int32_array(pids, pid_count)};

	(void) store_run(&query, args, NULL, 0);
	(void) store_run(&messages, NULL, NULL, 0);
}

/* ---- what came ---- */

bool
queue_source_hold(int64 id, const char *url)
{
	static StoreQuery query = {"SELECT FROM sfn.queue_source WHERE id = $1 AND url = $2 FOR NO KEY UPDATE SKIP LOCKED",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(id), CStringGetTextDatum(url)};

	return store_run(&query, args, NULL, 0) > 0;
}

void
queue_source_note(int64 id, TimestampTz next_poll, int new_messages, const char *error, bool is_settled)
{
	static StoreQuery query =
		{"UPDATE sfn.queue_source SET next_poll = $2, polled_by = NULL, messages = messages + $3,"
		 " last_message = CASE WHEN $3 > 0 THEN $5 ELSE last_message END, last_error = $4,"
		 " failures = CASE WHEN $4 IS NULL THEN 0 ELSE failures + 1 END,"
		 " last_error_date = CASE WHEN $4 IS NULL THEN last_error_date ELSE $5 END,"
		 " attempt = CASE WHEN $6 THEN pg_catalog.gen_random_uuid() ELSE attempt END WHERE id = $1",
		 6,
		 {INT8OID, TIMESTAMPTZOID, INT4OID, TEXTOID, TIMESTAMPTZOID, BOOLOID}};
	char nulls[7] = "      ";
	Datum args[6] = {Int64GetDatum(id), TimestampTzGetDatum(next_poll), Int32GetDatum(new_messages)};

	args[3] = store_text_or_null(error, &nulls[3]);
	args[4] = TimestampTzGetDatum(sfn_now());
	args[5] = BoolGetDatum(is_settled);
	(void) store_run(&query, args, nulls, 0);
}

void
queue_source_note_deletion(int64 id, const char *error)
{
	static StoreQuery query = {"UPDATE sfn.queue_source SET last_error = $2, last_error_date = $3 WHERE id = ANY"
							   " (ARRAY(SELECT o.id FROM sfn.queue_source o WHERE o.id = $1 FOR UPDATE SKIP LOCKED))",
							   3,
							   {INT8OID, TEXTOID, TIMESTAMPTZOID}};
	Datum args[3] = {Int64GetDatum(id), CStringGetTextDatum(error), TimestampTzGetDatum(sfn_now())};

	(void) store_run(&query, args, NULL, 0);
}

bool
queue_source_message_is_new(int64 id, const char *message_id, const char *receipt_handle)
{
	static StoreQuery query = {
		"WITH known AS (UPDATE sfn.queue_source_message SET receipt_handle = $3, delete_after = pg_catalog.statement_timestamp(),"
		" seen = pg_catalog.statement_timestamp() WHERE source_id = $1 AND message_id = $2 RETURNING 1)"
		" INSERT INTO sfn.queue_source_message (source_id, message_id, receipt_handle, delete_after, seen)"
		" SELECT $1, $2, $3, pg_catalog.statement_timestamp(), pg_catalog.statement_timestamp()"
		" WHERE NOT EXISTS (SELECT FROM known)",
		3,
		{INT8OID, TEXTOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(id), CStringGetTextDatum(message_id), CStringGetTextDatum(receipt_handle)};

	return store_run(&query, args, NULL, 0) > 0;
}

enum
{
	UNDELETED_ID = 1,
	UNDELETED_HANDLE
};

int
queue_source_messages_to_delete(int64 id, TimestampTz now, TimestampTz lease_until, int max, const char ***message_ids,
								const char ***receipt_handles)
{
	static StoreQuery query = {
		"UPDATE sfn.queue_source_message m SET delete_after = $3 FROM (SELECT o.message_id FROM sfn.queue_source_message o"
		" WHERE o.source_id = $1 AND o.receipt_handle IS NOT NULL AND o.delete_after <= $2 ORDER BY o.delete_after LIMIT $4"
		" FOR UPDATE SKIP LOCKED) d WHERE m.source_id = $1 AND m.message_id = d.message_id"
		" RETURNING m.message_id, m.receipt_handle",
		4,
		{INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID}};
	Datum args[4] = {Int64GetDatum(id), TimestampTzGetDatum(now), TimestampTzGetDatum(lease_until), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	*message_ids = palloc(sizeof(char *) * (count + 1));
	*receipt_handles = palloc(sizeof(char *) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		(*message_ids)[i] = store_text((uint64) i, UNDELETED_ID);
		(*receipt_handles)[i] = store_text((uint64) i, UNDELETED_HANDLE);
	}
	return count;
}

void
queue_source_messages_deleted(int64 id, const char *const *message_ids, int count)
{
	static StoreQuery query = {"UPDATE sfn.queue_source_message SET receipt_handle = NULL"
							   " WHERE ctid = ANY (ARRAY(SELECT m.ctid FROM sfn.queue_source_message m"
							   " WHERE m.source_id = $1 AND m.message_id = ANY ($2) FOR UPDATE SKIP LOCKED))",
							   2,
							   {INT8OID, TEXTARRAYOID}};
	Datum args[2] = {Int64GetDatum(id), store_text_array(message_ids, count)};

	(void) store_run(&query, args, NULL, 0);
}

void
queue_source_messages_forget(TimestampTz before)
{
	static StoreQuery query =
		{"DELETE FROM sfn.queue_source_message WHERE ctid = ANY (ARRAY(SELECT m.ctid FROM sfn.queue_source s"
		 " CROSS JOIN LATERAL (SELECT o.ctid FROM sfn.queue_source_message o WHERE o.source_id = s.id"
		 " AND o.receipt_handle IS NULL AND o.seen < $1 ORDER BY o.seen LIMIT 10000 FOR UPDATE SKIP LOCKED) m))",
		 1,
		 {TIMESTAMPTZOID}};
	Datum args[1] = {TimestampTzGetDatum(before)};

	(void) store_run(&query, args, NULL, 0);
}
