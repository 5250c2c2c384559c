/*
 * fifo_queues.c
 *	  What FIFO queues ask of the tables besides.
 *
 * The order of a group is that of its messages' ids.  Whoever sends to a group locks it until he commits, so that no
 * lower id appears later.  Whoever receives locks the groups, too, by other locks and without waiting: what he leaves
 * of a group is nobody else's before he commits.  Executions that a trigger starts hold up their groups by a row, since
 * they last for longer than a transaction.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/nearest.h"
#include "settings/clock.h"
#include "store/fifo_queues.h"
#include "store/store.h"

#define DEDUPLICATION_INTERVAL (5 * SECS_PER_MINUTE * USECS_PER_SEC)
#define LOOKED_AT_ONCE 200 /* messages */

bool
queue_name_is_fifo(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(FIFO_SUFFIX) && strcmp(name + length - strlen(FIFO_SUFFIX), FIFO_SUFFIX) == 0;
}

/* ---- locks of groups ---- */

typedef enum GroupLock
{
	LOCK_TO_SEND,
	LOCK_TO_RECEIVE
} GroupLock;

/* Of the table's own object, so that nobody else's lock is the same; two groups may share one, which costs a moment. */
static LOCKTAG
group_lock_tag(const QueueRow *queue, const char *group, GroupLock purpose)
{
	Oid relation = get_relname_relid("queue_message", get_namespace_oid("sfn", false));
	uint64 hash =
		hash_bytes_extended((const unsigned char *) group, (int) strlen(group), (uint64) queue->id * 2 + purpose);
	LOCKTAG tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, relation, (uint32) hash, (uint16) (hash >> 32));
	return tag;
}

static void
lock_to_send(const QueueRow *queue, const char *group)
{
	LOCKTAG tag = group_lock_tag(queue, group, LOCK_TO_SEND);

	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

static bool
lock_if_free(const QueueRow *queue, const char *group, GroupLock purpose)
{
	LOCKTAG tag = group_lock_tag(queue, group, purpose);

	return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

/* ---- sending ---- */

/* A few at a time: whoever sends clears away more than he adds. */
static void
forget_old_ids(int64 queue_id, TimestampTz now)
{
	static StoreQuery query = {"DELETE FROM sfn.queue_deduplication WHERE queue_id = $1 AND deduplication_id = ANY"
							   " (ARRAY(SELECT d.deduplication_id FROM sfn.queue_deduplication d WHERE d.queue_id = $1"
							   " AND d.sent <= $2 ORDER BY d.sent LIMIT 10 FOR UPDATE SKIP LOCKED))",
							   2,
							   {INT8OID, TIMESTAMPTZOID}};
	Datum args[2] = {Int64GetDatum(queue_id), TimestampTzGetDatum(now - DEDUPLICATION_INTERVAL)};

	(void) store_run(&query, args, NULL, 0);
}

enum
{
	FIRST_MESSAGE_ID = 1,
	FIRST_SEQUENCE
};

/* The message that was sent before with the same id. */
static void
read_first(const QueueRow *queue, NewMessage *message)
{
	static StoreQuery query = {"SELECT message_id::text, sequence FROM sfn.queue_deduplication"
							   " WHERE queue_id = $1 AND deduplication_id = $2",
							   2,
							   {INT8OID, TEXTOID},
							   .sees_latest = true};
	Datum args[2] = {Int64GetDatum(queue->id), CStringGetTextDatum(message->deduplication_id)};

	if (store_run(&query, args, NULL, 0) == 0)
		elog(ERROR, "the id \"%s\" of a message is gone", message->deduplication_id);
	message->message_id = store_text(0, FIRST_MESSAGE_ID);
	message->sequence = store_int64(0, FIRST_SEQUENCE);
}

bool
fifo_message_insert(const QueueRow *queue, NewMessage *message)
{
	static StoreQuery query =
		{"WITH claimed AS (INSERT INTO sfn.queue_deduplication AS d"
		 " (queue_id, deduplication_id, message_id, sequence, sent)"
		 " VALUES ($1, $8, $3::pg_catalog.uuid, pg_catalog.nextval('sfn.queue_message_id_seq'), $4)"
		 " ON CONFLICT (queue_id, deduplication_id) DO UPDATE SET message_id = excluded.message_id,"
		 " sequence = excluded.sequence, sent = excluded.sent WHERE d.sent <= $9 RETURNING sequence)"
		 " INSERT INTO sfn.queue_message (id, queue_id, visible_at, message_id, sent, attributes, body, message_group,"
		 " deduplication_id) OVERRIDING SYSTEM VALUE SELECT sequence, $1, $2, $3::pg_catalog.uuid, $4,"
		 " $5::pg_catalog.json, $6, $7, $8 FROM claimed RETURNING id",
		 9,
		 {INT8OID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}};
	TimestampTz now = sfn_now();
	char nulls[10] = "         ";
	Datum args[9] = {Int64GetDatum(queue->id),
					 TimestampTzGetDatum(now + message->delay * USECS_PER_SEC),
					 CStringGetTextDatum(message->message_id),
					 TimestampTzGetDatum(now),
					 store_text_or_null(message->attributes, &nulls[4]),
					 CStringGetTextDatum(message->body),
					 CStringGetTextDatum(message->group),
					 CStringGetTextDatum(message->deduplication_id),
					 TimestampTzGetDatum(now - DEDUPLICATION_INTERVAL)};

	lock_to_send(queue, message->group);
	forget_old_ids(queue->id, now);
	if (store_run(&query, args, nulls, 0) == 0)
	{
		read_first(queue, message);
		return false;
	}
	message->sequence = store_int64(0, ONLY_COLUMN);
	return true;
}

bool
fifo_group_hold(const QueueRow *queue, const char *group)
{
	return lock_if_free(queue, group, LOCK_TO_SEND);
}

/* ---- receiving ---- */

typedef struct Groups
{
	const char **taken;
	int taken_count;
	const char **passed; /* somebody receives of them */
	int passed_count;
} Groups;

/* Is the group the caller's to receive of? */
static bool
take_group(const QueueRow *queue, const char *group, Groups *groups)
{
	if (name_is_among(group, groups->taken, groups->taken_count))
		return true;
	if (name_is_among(group, groups->passed, groups->passed_count))
		return false;
	if (lock_if_free(queue, group, LOCK_TO_RECEIVE))
	{
		groups->taken[groups->taken_count++] = group;
		return true;
	}
	groups->passed[groups->passed_count++] = group;
	return false;
}

enum
{
	CANDIDATE_ID = 1,
	CANDIDATE_GROUP
};

/* The next messages behind *last that may be received; returns how many, of which *count have a group that is taken. */
static int
look_further(const QueueRow *queue, TimestampTz now, int64 *last, int max, Groups *groups, int *count)
{
	static StoreQuery query =
		{"SELECT m.id, m.message_group FROM sfn.queue_message m WHERE m.queue_id = $1 AND m.message_group IS NOT NULL"
		 " AND m.visible_at <= $2 AND m.id > $3 AND NOT " FIFO_GROUP_WAITS " ORDER BY m.id LIMIT $4",
		 4,
		 {INT8OID, TIMESTAMPTZOID, INT8OID, INT8OID},
		 .sees_latest = true};
	Datum args[4] = {Int64GetDatum(queue->id), TimestampTzGetDatum(now), Int64GetDatum(*last),
					 Int64GetDatum(LOOKED_AT_ONCE)};
	int rows = (int) store_run(&query, args, NULL, 0);

	groups->taken = repalloc(groups->taken, sizeof(char *) * (groups->taken_count + rows + 1));
	groups->passed = repalloc(groups->passed, sizeof(char *) * (groups->passed_count + rows + 1));
	for (int i = 0; i < rows && *count < max; i++)
	{
		*last = store_int64((uint64) i, CANDIDATE_ID);
		if (take_group(queue, store_text((uint64) i, CANDIDATE_GROUP), groups))
			(*count)++;
	}
	return rows;
}

Datum
fifo_take_groups(const QueueRow *queue, int max, TimestampTz now)
{
	Groups groups = {.taken = palloc(sizeof(char *)), .passed = palloc(sizeof(char *))};
	int64 last = 0;
	int count = 0;

	while (look_further(queue, now, &last, max, &groups, &count) == LOOKED_AT_ONCE && count < max)
		CHECK_FOR_INTERRUPTS();
	return store_text_array(groups.taken, groups.taken_count);
}

/* ---- triggers ---- */

void
fifo_groups_run(int64 queue_id, const QueueMessage *messages, int count, int64 execution_id)
{
	static StoreQuery query =
		{"INSERT INTO sfn.queue_group_run (queue_id, message_group, execution_id)"
		 " SELECT DISTINCT $1, g, $3 FROM pg_catalog.unnest($2) g"
		 " ON CONFLICT (queue_id, message_group) DO UPDATE SET execution_id = excluded.execution_id",
		 3,
		 {INT8OID, TEXTARRAYOID, INT8OID}};
	const char **groups = palloc(sizeof(char *) * (count + 1));
	Datum args[3];

	for (int i = 0; i < count; i++)
		groups[i] = messages[i].group;
	args[0] = Int64GetDatum(queue_id);
	args[1] = store_text_array(groups, count);
	args[2] = Int64GetDatum(execution_id);
	(void) store_run(&query, args, NULL, 0);
}

void
fifo_forget_ended(int64 queue_id)
{
	static StoreQuery query = {"DELETE FROM sfn.queue_group_run r WHERE r.queue_id = $1 AND NOT EXISTS"
							   " (SELECT FROM sfn.execution e WHERE e.id = r.execution_id"
							   " AND e.status = :EXECUTION_RUNNING)",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(queue_id)};

	(void) store_run(&query, args, NULL, 0);
}

void
fifo_forget_queue(int64 queue_id)
{
	static StoreQuery ids = {"DELETE FROM sfn.queue_deduplication WHERE queue_id = $1", 1, {INT8OID}};
	static StoreQuery runs = {"DELETE FROM sfn.queue_group_run WHERE queue_id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(queue_id)};

	(void) store_run(&ids, args, NULL, 0);
	(void) store_run(&runs, args, NULL, 0);
}
