/*
 * queues.c
 *	  Queues and their messages in the tables.
 *
 * Receiving locks with SKIP LOCKED: who receives and deletes in one transaction has the message exactly once, and nobody
 * waits for him.  A receipt handle is the message's row and a UUID that each receiving makes anew.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "shared/wakeup.h"
#include "store/fifo_queues.h"
#include "store/owner_rule.h"
#include "store/queue_sources.h"
#include "store/queues.h"
#include "store/store.h"

#define UUID_LENGTH 36

/* ---- queues ---- */

#define QUEUE_COLUMNS \
	"id, name, owner::pg_catalog.oid, visibility_timeout, delay, COALESCE(dead_letter_queue_id, 0)," \
	" COALESCE(max_receive_count, 0), deduplicates_content, creation_date," \
	" EXISTS (SELECT FROM sfn.queue_trigger t WHERE t.queue_id = sfn.queue.id AND t.is_enabled)"
enum
{
	QUEUE_ID = 1,
	QUEUE_NAME,
	QUEUE_OWNER,
	QUEUE_VISIBILITY_TIMEOUT,
	QUEUE_DELAY,
	QUEUE_DEAD_LETTER_QUEUE,
	QUEUE_MAX_RECEIVE_COUNT,
	QUEUE_DEDUPLICATES_CONTENT,
	QUEUE_CREATION_DATE,
	QUEUE_HAS_TRIGGER
};

static QueueRow *
read_queue(void)
{
	QueueRow *queue = palloc0(sizeof(QueueRow));

	queue->id = store_int64(0, QUEUE_ID);
	queue->name = store_text(0, QUEUE_NAME);
	queue->owner = store_oid(0, QUEUE_OWNER);
	queue->visibility_timeout = store_int32(0, QUEUE_VISIBILITY_TIMEOUT);
	queue->delay = store_int32(0, QUEUE_DELAY);
	queue->dead_letter_queue_id = store_int64(0, QUEUE_DEAD_LETTER_QUEUE);
	queue->max_receive_count = store_int32(0, QUEUE_MAX_RECEIVE_COUNT);
	queue->is_fifo = queue_name_is_fifo(queue->name);
	queue->deduplicates_content = store_bool(0, QUEUE_DEDUPLICATES_CONTENT);
	queue->creation_date = store_timestamp(0, QUEUE_CREATION_DATE);
	queue->has_trigger = store_bool(0, QUEUE_HAS_TRIGGER);
	return queue;
}

QueueRow *
queue_by_name(const char *name)
{
	static StoreQuery query = {"SELECT " QUEUE_COLUMNS " FROM sfn.queue WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) > 0 ? read_queue() : NULL;
}

QueueRow *
queue_by_id(int64 id)
{
	static StoreQuery query = {"SELECT " QUEUE_COLUMNS " FROM sfn.queue WHERE id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	return store_run(&query, args, NULL, 0) > 0 ? read_queue() : NULL;
}

bool
queue_upsert(const QueueRow *queue)
{
	static StoreQuery query =
		{"INSERT INTO sfn.queue AS q (name, owner, visibility_timeout, delay, dead_letter_queue_id,"
		 " max_receive_count, deduplicates_content, creation_date)"
		 " VALUES ($1, $2::pg_catalog.regrole, $3, $4, NULLIF($5, 0), NULLIF($6, 0), $8, $7)"
		 " ON CONFLICT (name) DO UPDATE SET visibility_timeout = excluded.visibility_timeout, delay = excluded.delay,"
		 " dead_letter_queue_id = excluded.dead_letter_queue_id, max_receive_count = excluded.max_receive_count,"
		 " deduplicates_content = excluded.deduplicates_content"
		 " WHERE " OWNER_ADMITS_REPLACING("q.owner", "$2"),
		 8,
		 {TEXTOID, OIDOID, INT4OID, INT4OID, INT8OID, INT4OID, TIMESTAMPTZOID, BOOLOID}};
	Datum args[8] = {CStringGetTextDatum(queue->name),
					 ObjectIdGetDatum(queue->owner),
					 Int32GetDatum(queue->visibility_timeout),
					 Int32GetDatum(queue->delay),
					 Int64GetDatum(queue->dead_letter_queue_id),
					 Int32GetDatum(queue->max_receive_count),
					 TimestampTzGetDatum(sfn_now()),
					 BoolGetDatum(queue->deduplicates_content)};

	return store_run(&query, args, NULL, 0) > 0;
}

/* For a change by the caller, if it is his. */
void
queue_lock(const char *name, Oid caller)
{
	static StoreQuery query = {"SELECT FROM sfn.queue WHERE name = $1 AND " OWNER_ADMITS("owner",
																						 "$2") " FOR NO KEY UPDATE",
							   2,
							   {TEXTOID, OIDOID}};
	Datum args[2] = {CStringGetTextDatum(name), ObjectIdGetDatum(caller)};

	(void) store_run(&query, args, NULL, 0);
}

bool
queue_update(const QueueRow *queue, Oid caller)
{
	static StoreQuery query = {"UPDATE sfn.queue SET visibility_timeout = $3, delay = $4,"
							   " dead_letter_queue_id = NULLIF($5, 0), max_receive_count = NULLIF($6, 0),"
							   " deduplicates_content = $7 WHERE id = $1 AND " OWNER_ADMITS("owner", "$2"),
							   7,
							   {INT8OID, OIDOID, INT4OID, INT4OID, INT8OID, INT4OID, BOOLOID}};
	Datum args[7] = {Int64GetDatum(queue->id),
					 ObjectIdGetDatum(caller),
					 Int32GetDatum(queue->visibility_timeout),
					 Int32GetDatum(queue->delay),
					 Int64GetDatum(queue->dead_letter_queue_id),
					 Int32GetDatum(queue->max_receive_count),
					 BoolGetDatum(queue->deduplicates_content)};

	return store_run(&query, args, NULL, 0) > 0;
}

int64
queue_delete(const char *name, Oid caller)
{
	static StoreQuery query = {"DELETE FROM sfn.queue WHERE name = $1 AND " OWNER_ADMITS("owner", "$2") " RETURNING id",
							   2,
							   {TEXTOID, OIDOID}};
	static StoreQuery use = {"DELETE FROM sfn.queue_use WHERE queue_id = $1", 1, {INT8OID}};
	static StoreQuery trigger = {"DELETE FROM sfn.queue_trigger WHERE queue_id = $1", 1, {INT8OID}};
	Datum args[2] = {CStringGetTextDatum(name), ObjectIdGetDatum(caller)};
	int64 id = store_run(&query, args, NULL, 0) > 0 ? store_int64(0, ONLY_COLUMN) : 0;

	if (id != 0)
	{
		Datum id_argument[1] = {Int64GetDatum(id)};

		(void) store_run(&use, id_argument, NULL, 0);
		(void) store_run(&trigger, id_argument, NULL, 0);
		(void) queue_source_delete(id, NULL);
		(void) messages_purge(id);
		fifo_forget_queue(id);
	}
	return id;
}

#define IS_OPEN(queue, role) \
	"(pg_catalog.pg_has_role(" role ", " queue ".owner::pg_catalog.oid, 'USAGE') OR EXISTS" \
	" (SELECT FROM sfn.queue_use u JOIN pg_catalog.pg_authid a ON a.oid = u.role::pg_catalog.oid WHERE u.queue_id = " queue \
	".id AND pg_catalog.pg_has_role(" role ", a.oid, 'USAGE')))"

int
queue_list(Oid role, const char *prefix, const char *after, int max, const char ***names)
{
	static StoreQuery query = {"SELECT name FROM sfn.queue q WHERE name > $1 AND pg_catalog.starts_with(name, $2)"
							   " AND " IS_OPEN("q", "$3") " ORDER BY name LIMIT $4",
							   4,
							   {TEXTOID, TEXTOID, OIDOID, INT8OID}};
	Datum args[4] = {CStringGetTextDatum(after), CStringGetTextDatum(prefix), ObjectIdGetDatum(role),
					 Int64GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	*names = palloc(sizeof(char *) * (count + 1));
	for (int i = 0; i < count; i++)
		(*names)[i] = store_text((uint64) i, ONLY_COLUMN);
	return count;
}

bool
queue_is_open(const QueueRow *queue, Oid role)
{
	static StoreQuery query = {"SELECT FROM sfn.queue q WHERE q.id = $1 AND " IS_OPEN("q", "$2"), 2, {INT8OID, OIDOID}};
	Datum args[2] = {Int64GetDatum(queue->id), ObjectIdGetDatum(role)};

	return has_privs_of_role(role, queue->owner) || store_run(&query, args, NULL, 0) > 0;
}

/* ---- messages ---- */

/* Who fires the trigger of the queue looks when this is committed. */
static void
wake_trigger(const QueueRow *queue)
{
	if (queue->has_trigger)
		wakeup_at_commit();
}

void
message_insert_fetched(const QueueRow *queue, const NewMessage *message)
{
	static StoreQuery query =
		{"INSERT INTO sfn.queue_message (queue_id, visible_at, message_id, sent, attributes, body, message_group,"
		 " deduplication_id) VALUES ($1, $2, $3::pg_catalog.uuid, $4, $5::pg_catalog.json, $6, $7, $8)",
		 8,
		 {INT8OID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
	TimestampTz now = sfn_now();
	char nulls[9] = "        ";
	Datum args[8] = {Int64GetDatum(queue->id),
					 TimestampTzGetDatum(now + message->delay * USECS_PER_SEC),
					 CStringGetTextDatum(message->message_id),
					 TimestampTzGetDatum(message->sent != 0 ? message->sent : now),
					 store_text_or_null(message->attributes, &nulls[4]),
					 CStringGetTextDatum(message->body),
					 store_text_or_null(message->group, &nulls[6]),
					 store_text_or_null(message->deduplication_id, &nulls[7])};

	(void) store_run(&query, args, nulls, 0);
	wake_trigger(queue);
}

void
message_insert(const QueueRow *queue, NewMessage *message)
{
	if (!queue->is_fifo)
		message_insert_fetched(queue, message);
	else if (fifo_message_insert(queue, message))
		wake_trigger(queue);
}

char *
sequence_number(int64 sequence)
{
	return psprintf("%020lld", (long long) sequence);
}

#define IS_TOO_OFTEN "m.receive_count >= $5"
#define RECEIVED_COLUMNS \
	"is_here, message_id::text, id, receipt::text, body, attributes, receive_count, sent, first_received, message_group," \
	" deduplication_id"
enum
{
	RECEIVED_HERE = 1,
	RECEIVED_MESSAGE_ID,
	RECEIVED_ID,
	RECEIVED_RECEIPT,
	RECEIVED_BODY,
	RECEIVED_ATTRIBUTES,
	RECEIVED_COUNT,
	RECEIVED_SENT,
	RECEIVED_FIRST,
	RECEIVED_GROUP,
	RECEIVED_DEDUPLICATION_ID
};

static void
read_message(uint64 row, QueueMessage *message)
{
	message->id = store_int64(row, RECEIVED_ID);
	message->message_id = store_text(row, RECEIVED_MESSAGE_ID);
	message->receipt_handle = psprintf(INT64_FORMAT ":%s", message->id, store_text(row, RECEIVED_RECEIPT));
	message->body = store_text(row, RECEIVED_BODY);
	message->attributes = store_text(row, RECEIVED_ATTRIBUTES);
	message->receive_count = store_int32(row, RECEIVED_COUNT);
	message->sent = store_timestamp(row, RECEIVED_SENT);
	message->first_received = store_timestamp(row, RECEIVED_FIRST);
	message->group = store_text(row, RECEIVED_GROUP);
	message->deduplication_id = store_text(row, RECEIVED_DEDUPLICATION_ID);
	message->sequence = message->deduplication_id != NULL ? sequence_number(message->id) : NULL;
}

/* What is done with those that are picked. */
#define TAKE_PICKED \
	" taken AS (UPDATE sfn.queue_message m SET" \
	" queue_id = CASE WHEN " IS_TOO_OFTEN " THEN $6 ELSE queue_id END," \
	" visible_at = CASE WHEN " IS_TOO_OFTEN " THEN $2 ELSE $4 END," \
	" receive_count = CASE WHEN " IS_TOO_OFTEN " THEN 0 ELSE receive_count + 1 END," \
	" receipt = pg_catalog.gen_random_uuid(), first_received = COALESCE(first_received, $2)" \
	" FROM picked p WHERE m.id = p.id RETURNING m.*, m.queue_id = $1 AS is_here)" \
	" SELECT " RECEIVED_COLUMNS " FROM taken ORDER BY id"

static StoreQuery receive_in_any_order =
	{"WITH picked AS MATERIALIZED (SELECT id FROM sfn.queue_message WHERE queue_id = $1 AND visible_at <= $2"
	 " ORDER BY visible_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)," TAKE_PICKED,
	 6,
	 {INT8OID, TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT4OID, INT8OID}};

/* One that is passed over, since somebody has its row in hand, holds up those of its group that come after it. */
static StoreQuery receive_in_order =
	{"WITH candidates AS MATERIALIZED (SELECT m.id, m.message_group FROM sfn.queue_message m WHERE m.queue_id = $1"
	 " AND m.message_group = ANY ($7) AND m.visible_at <= $2 AND NOT " FIFO_GROUP_WAITS " ORDER BY m.id LIMIT $3),"
	 " free AS MATERIALIZED (SELECT m.id FROM sfn.queue_message m WHERE m.id = ANY (ARRAY(SELECT id FROM candidates))"
	 " AND m.queue_id = $1 AND m.visible_at <= $2 FOR UPDATE SKIP LOCKED),"
	 " picked AS (SELECT c.id FROM candidates c JOIN free USING (id) WHERE NOT EXISTS (SELECT FROM candidates e"
	 " WHERE e.message_group = c.message_group AND e.id < c.id AND e.id NOT IN (SELECT id FROM free)))," TAKE_PICKED,
	 7,
	 {INT8OID, TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT4OID, INT8OID, TEXTARRAYOID}};

/* One statement's worth: those received, and how many rows there were, with those for the dead-letter queue. */
static int
receive_some(const QueueRow *queue, int64 dead_letter_queue, int max, int32 visibility_timeout, QueueMessage *messages,
			 uint64 *rows)
{
	TimestampTz now = sfn_now();
	Datum args[7] = {Int64GetDatum(queue->id),
					 TimestampTzGetDatum(now),
					 Int64GetDatum(max),
					 TimestampTzGetDatum(now + visibility_timeout * USECS_PER_SEC),
					 Int32GetDatum(dead_letter_queue != 0 ? queue->max_receive_count : PG_INT32_MAX),
					 Int64GetDatum(dead_letter_queue)};
	int count = 0;

	if (queue->is_fifo)
		args[6] = fifo_take_groups(queue, max, now);
	*rows = store_run(queue->is_fifo ? &receive_in_order : &receive_in_any_order, args, NULL, 0);
	for (uint64 i = 0; i < *rows; i++)
	{
		if (store_bool(i, RECEIVED_HERE))
			read_message(i, &messages[count++]);
	}
	return count;
}

/* NULL: there is none, or it is not lent to the queue's owner any more. */
static QueueRow *
dead_letter_queue_of(const QueueRow *queue)
{
	QueueRow *dead_letters = NULL;

	if (queue->max_receive_count > 0 && queue->dead_letter_queue_id != 0)
		dead_letters = queue_by_id(queue->dead_letter_queue_id);
	return dead_letters != NULL && queue_is_open(dead_letters, queue->owner) ? dead_letters : NULL;
}

int
messages_receive(const QueueRow *queue, int max, int32 visibility_timeout, QueueMessage **messages)
{
	QueueRow *dead_letters = dead_letter_queue_of(queue);
	int count = 0;
	uint64 rows;

	*messages = palloc0(sizeof(QueueMessage) * (max + 1));
	do
	{
		CHECK_FOR_INTERRUPTS();
		count =
			receive_some(queue, dead_letters != NULL ? dead_letters->id : 0, max, visibility_timeout, *messages, &rows);
		if (rows > (uint64) count)
			wake_trigger(dead_letters);
	} while (rows > 0 && count == 0); /* all of them were dead letters */
	return count;
}

/* ---- by their handles ---- */

bool
receipt_handle_is_one(const char *receipt_handle)
{
	size_t digits = strspn(receipt_handle, "0123456789");

	return digits > 0 && digits <= 19 && receipt_handle[digits] == ':' &&
		strlen(receipt_handle + digits + 1) == UUID_LENGTH &&
		strspn(receipt_handle + digits + 1, "0123456789abcdef-") == UUID_LENGTH;
}

/* Fills the arguments that name a message: queue, row, receipt; false: it is no handle. */
static bool
name_message(const QueueRow *queue, const char *receipt_handle, Datum *args)
{
	if (!receipt_handle_is_one(receipt_handle))
		return false;
	args[0] = Int64GetDatum(queue->id);
	args[1] = Int64GetDatum(strtoll(receipt_handle, NULL, 10));
	args[2] = CStringGetTextDatum(strchr(receipt_handle, ':') + 1);
	return true;
}

#define IS_THAT_MESSAGE "queue_id = $1 AND id = $2 AND receipt::text = $3"

bool
message_delete(const QueueRow *queue, const char *receipt_handle)
{
	static StoreQuery query = {"DELETE FROM sfn.queue_message WHERE " IS_THAT_MESSAGE, 3, {INT8OID, INT8OID, TEXTOID}};
	Datum args[3];

	if (queue->is_fifo)
		wake_trigger(queue); /* its group may go on */
	return name_message(queue, receipt_handle, args) && store_run(&query, args, NULL, 0) > 0;
}

bool
message_hide(const QueueRow *queue, const char *receipt_handle, int32 visibility_timeout)
{
	static StoreQuery query = {"UPDATE sfn.queue_message SET visible_at = $4 WHERE " IS_THAT_MESSAGE,
							   4,
							   {INT8OID, INT8OID, TEXTOID, TIMESTAMPTZOID}};
	Datum args[4];

	wake_trigger(queue);
	args[3] = TimestampTzGetDatum(sfn_now() + visibility_timeout * USECS_PER_SEC);
	return name_message(queue, receipt_handle, args) && store_run(&query, args, NULL, 0) > 0;
}

void
messages_delete(const QueueMessage *messages, int count)
{
	static StoreQuery query = {"DELETE FROM sfn.queue_message WHERE id = ANY ($1)", 1, {INT8ARRAYOID}};
	int64 *ids = palloc(sizeof(int64) * (count + 1));
	Datum args[1];

	for (int i = 0; i < count; i++)
		ids[i] = messages[i].id;
	args[0] = store_int64_array(ids, count);
	(void) store_run(&query, args, NULL, 0);
}

int64
messages_purge(int64 queue_id)
{
	static StoreQuery query = {"DELETE FROM sfn.queue_message WHERE queue_id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(queue_id)};

	return (int64) store_run(&query, args, NULL, 0);
}

enum
{
	COUNTED_VISIBLE = 1,
	COUNTED_IN_FLIGHT,
	COUNTED_DELAYED
};

void
messages_count(int64 queue_id, QueueCounts *counts)
{
	static StoreQuery query = {"SELECT pg_catalog.count(*) FILTER (WHERE visible_at <= $2),"
							   " pg_catalog.count(*) FILTER (WHERE visible_at > $2 AND receive_count > 0),"
							   " pg_catalog.count(*) FILTER (WHERE visible_at > $2 AND receive_count = 0)"
							   " FROM sfn.queue_message WHERE queue_id = $1",
							   2,
							   {INT8OID, TIMESTAMPTZOID}};
	Datum args[2] = {Int64GetDatum(queue_id), TimestampTzGetDatum(sfn_now())};

	(void) store_run(&query, args, NULL, 0);
	counts->visible = store_int64(0, COUNTED_VISIBLE);
	counts->in_flight = store_int64(0, COUNTED_IN_FLIGHT);
	counts->delayed = store_int64(0, COUNTED_DELAYED);
}
