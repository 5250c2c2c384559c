/*
 * waits.c
 *	  What an execution waits for, as the tables know it.
 *
 * Read for sfn.why() only, of one execution and by its keys; nothing is locked.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "store/store.h"
#include "store/waits.h"

/* The state that a branch is in, of a row w with execution_id and branch. */
#define STATE_OF_BRANCH(member) \
	"CASE WHEN w.branch = 0 THEN e.image ->> '" member "' ELSE (SELECT b.image ->> '" member "' FROM sfn.branch b" \
	" WHERE b.execution_id = w.execution_id AND b.id = w.branch) END"

enum
{
	WAITING_MACHINE = 1,
	WAITING_QUARANTINED_AT,
	WAITING_QUARANTINE_REASON,
	WAITING_RELEASED_AT
};

WaitingExecution *
waiting_execution(int64 execution_id)
{
	static StoreQuery query =
		{"SELECT e.state_machine_id, e.quarantined_at, e.quarantine_reason,"
		 " (SELECT min(i.due) FROM sfn.inbox i WHERE i.execution_id = e.id AND i.kind = :EVENT_RELEASE)"
		 " FROM sfn.execution e WHERE e.id = $1",
		 1,
		 {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};
	WaitingExecution *result;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	result = palloc0(sizeof(WaitingExecution));
	result->state_machine_id = store_int64(0, WAITING_MACHINE);
	result->quarantined_at = store_timestamp(0, WAITING_QUARANTINED_AT);
	result->quarantine_reason = store_text(0, WAITING_QUARANTINE_REASON);
	result->released_at = store_timestamp(0, WAITING_RELEASED_AT);
	return result;
}

enum
{
	INBOX_BRANCH = 1,
	INBOX_VISIT,
	INBOX_ATTEMPT,
	INBOX_KIND,
	INBOX_TIMER,
	INBOX_STATE,
	INBOX_ENTERED,
	INBOX_DUE,
	INBOX_RESOURCE,
	INBOX_WRITER
};

int
inbox_waits(int64 execution_id, TimestampTz now, int max, InboxWait **waits)
{
	static StoreQuery query = {
		"SELECT w.branch, w.visit, w.attempt, w.kind, w.timer, " STATE_OF_BRANCH("state") ", (" STATE_OF_BRANCH(
			"time") ")::int8,"
					" w.due, CASE WHEN w.kind IN (:EVENT_RUN_TASK, :EVENT_RUN_TASK_ALONE) AND w.payload -> 'kind' IS NULL"
					" THEN w.payload ->> 'text' END, w.xmin::text::int8 FROM sfn.inbox w JOIN sfn.execution e ON e.id = w.execution_id"
					" WHERE w.execution_id = $1 AND w.kind <> :EVENT_RELEASE AND w.due < 'infinity'"
					" AND NOT (w.kind = :EVENT_TIMER_FIRED AND w.timer IN (:TIMER_TASK, :TIMER_HEARTBEAT, :TIMER_EXECUTION) AND w.due > $3)"
					" ORDER BY w.branch, w.due, w.id LIMIT $2",
		3,
		{INT8OID, INT4OID, TIMESTAMPTZOID}};
	Datum args[3] = {Int64GetDatum(execution_id), Int32GetDatum(max), TimestampTzGetDatum(now)};
	int count = (int) store_run(&query, args, NULL, 0);

	*waits = palloc0(sizeof(InboxWait) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		InboxWait *wait = &(*waits)[i];

		wait->branch = store_int32(i, INBOX_BRANCH);
		wait->visit = store_int32(i, INBOX_VISIT);
		wait->attempt = store_int32(i, INBOX_ATTEMPT);
		wait->kind = store_int16(i, INBOX_KIND);
		wait->timer = store_int16(i, INBOX_TIMER);
		wait->state = store_text(i, INBOX_STATE);
		wait->entered = (TimestampTz) store_int64(i, INBOX_ENTERED);
		wait->due = store_timestamp(i, INBOX_DUE);
		wait->resource = store_text(i, INBOX_RESOURCE);
		wait->is_uncommitted = TransactionIdIsCurrentTransactionId((TransactionId) store_int64(i, INBOX_WRITER));
	}
	return count;
}

enum
{
	TASK_BRANCH = 1,
	TASK_ATTEMPT,
	TASK_KIND_OF,
	TASK_STATE,
	TASK_STATE_NAME,
	TASK_CREATED,
	TASK_TAKEN_AT,
	TASK_WORKER_NAME,
	TASK_TOKEN,
	TASK_RESOURCE,
	TASK_HOST,
	TASK_CHILD_ID,
	TASK_ROLE,
	TASK_ACTIVITY_NAME,
	TASK_UNTIL
};

int
task_waits(int64 execution_id, int max, TaskWait **waits)
{
	static StoreQuery query = {
		"SELECT w.branch, w.attempt, w.kind, w.state, " STATE_OF_BRANCH(
			"state") ", w.created, w.taken_at, w.worker_name, w.token,"
					 " w.resource, w.host, w.child_execution_id, w.role::pg_catalog.oid,"
					 " (SELECT a.name FROM sfn.activity a WHERE a.id = w.activity_id),"
					 " (SELECT min(i.due) FROM sfn.inbox i WHERE i.execution_id = w.execution_id AND i.branch = w.branch"
					 " AND i.visit = w.visit AND i.attempt = w.attempt AND i.kind = :EVENT_TIMER_FIRED"
					 " AND i.timer IN (:TIMER_TASK, :TIMER_HEARTBEAT))"
					 " FROM sfn.task w JOIN sfn.execution e ON e.id = w.execution_id WHERE w.execution_id = $1 ORDER BY w.branch, w.id LIMIT $2",
		2,
		{INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(execution_id), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	*waits = palloc0(sizeof(TaskWait) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		TaskWait *wait = &(*waits)[i];

		wait->branch = store_int32(i, TASK_BRANCH);
		wait->attempt = store_int32(i, TASK_ATTEMPT);
		wait->kind = store_int16(i, TASK_KIND_OF);
		wait->state = store_int16(i, TASK_STATE);
		wait->state_name = store_text(i, TASK_STATE_NAME);
		wait->created = store_timestamp(i, TASK_CREATED);
		wait->taken_at = store_timestamp(i, TASK_TAKEN_AT);
		wait->worker_name = store_text(i, TASK_WORKER_NAME);
		wait->token = store_text(i, TASK_TOKEN);
		wait->resource = store_text(i, TASK_RESOURCE);
		wait->host = store_text(i, TASK_HOST);
		wait->child_id = store_int64(i, TASK_CHILD_ID);
		wait->role = store_oid(i, TASK_ROLE);
		wait->activity = store_text(i, TASK_ACTIVITY_NAME);
		wait->until = store_timestamp(i, TASK_UNTIL);
	}
	return count;
}

TimestampTz
execution_times_out(int64 execution_id)
{
	static StoreQuery query = {"SELECT min(due) FROM sfn.inbox WHERE execution_id = $1 AND kind = :EVENT_TIMER_FIRED"
							   " AND timer = :TIMER_EXECUTION",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};

	return store_run(&query, args, NULL, 0) == 1 ? store_timestamp(0, ONLY_COLUMN) : 0;
}

enum
{
	HOLDER_PID = 1,
	HOLDER_ROLE,
	HOLDER_ROLE_NAME,
	HOLDER_APPLICATION,
	HOLDER_SINCE,
	HOLDER_WAITING,
	HOLDER_LOCK,
	HOLDER_QUERY
};

/* Of b (pid), which are numbers of processes, and l, the lock that is waited for.  The server's own views are read as they are. */
#define HOLDER_COLUMNS(waits_since, lock) \
	"SELECT b.pid, a.usesysid, r.rolname, nullif(a.application_name, ''), a.xact_start, " waits_since ", " lock \
	", nullif(a.query, '') FROM "
#define HOLDER_JOINS \
	" LEFT JOIN pg_stat_get_activity(NULL) a ON a.pid = b.pid LEFT JOIN pg_authid r ON r.oid = a.usesysid"

static int
read_holders(int count, LockHolder **holders)
{
	*holders = palloc0(sizeof(LockHolder) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		LockHolder *holder = &(*holders)[i];

		holder->pid = store_int32(i, HOLDER_PID);
		holder->role = store_oid(i, HOLDER_ROLE);
		holder->role_name = store_text(i, HOLDER_ROLE_NAME);
		holder->application = store_text(i, HOLDER_APPLICATION);
		holder->since = store_timestamp(i, HOLDER_SINCE);
		holder->waiting = store_timestamp(i, HOLDER_WAITING);
		holder->lock = store_text(i, HOLDER_LOCK);
		holder->query = store_text(i, HOLDER_QUERY);
	}
	return count;
}

int
lock_holders(int pid, int max, LockHolder **holders)
{
	static StoreQuery query = {
		HOLDER_COLUMNS(
			"l.waitstart",
			"coalesce(l.locktype || coalesce(' ' || l.relation::pg_catalog.regclass::text, '') || ', ' || l.mode, 'lock')") "unnest(pg_blocking_pids($1)) b (pid)" HOLDER_JOINS
																															" LEFT JOIN (SELECT k.* FROM pg_locks k WHERE k.pid = $1 AND NOT k.granted LIMIT 1) l ON true LIMIT $2",
		2,
		{INT4OID, INT4OID},
		.scans = true};
	Datum args[2] = {Int32GetDatum(pid), Int32GetDatum(max)};

	return read_holders((int) store_run(&query, args, NULL, 0), holders);
}

int
row_holders(int64 execution_id, int max, LockHolder **holders)
{
	static StoreQuery query = {
		HOLDER_COLUMNS(
			"NULL::timestamptz",
			"'its row of sfn.execution'::text") "(SELECT k.pid FROM sfn.execution e JOIN pg_locks k ON k.locktype = 'transactionid' AND k.granted"
												" AND k.transactionid = e.xmax WHERE e.id = $1) b" HOLDER_JOINS
												" WHERE a.application_name IS DISTINCT FROM 'sfn executor' LIMIT $2",
		2,
		{INT8OID, INT4OID},
		.scans = true};
	Datum args[2] = {Int64GetDatum(execution_id), Int32GetDatum(max)};

	return read_holders((int) store_run(&query, args, NULL, 0), holders);
}

int
map_run_open_children(int64 map_run_id, int max, int64 *ids)
{
	static StoreQuery query = {"SELECT id FROM sfn.execution WHERE map_run_id = $1 AND stop_date IS NULL"
							   " ORDER BY map_index LIMIT $2",
							   2,
							   {INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(map_run_id), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	store_int64s(ids, count);
	return count;
}
