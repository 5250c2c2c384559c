/*
 * retention.c
 *	  Deleting what has ended: long ago, or because somebody asks for it.
 *
 * There is no index on the end of executions (it would cost every execution an
 * index entry).  Ids grow with start dates, so what expired is found by walking
 * the primary key from the lowest id until executions are too young to have
 * ended before the cutoff.  Each step is a transaction of its own: it locks executions
 * that have ended, looks again whether they are to go, and deletes them with all that
 * is theirs, as many as have about ROWS_PER_STEP rows of history.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "store/redrives.h"
#include "store/retention.h"
#include "store/store.h"

#define WINDOW 500
#define ROWS_PER_STEP 1000
#define MAX_REFUSED 1000
#define REFUSED_FOR_MS (60 * 60 * 1000)
#define MACHINES_PER_PASS 100

/* Executions that something keeps from being deleted, and since when the first of them is known. */
static int64 refused[MAX_REFUSED];
static int refused_count = 0;
static TimestampTz refused_since;

static void delete_logs(TimestampTz cutoff, RetentionStep *step);
static int find_expired(TimestampTz cutoff, RetentionStep *step, Datum *ids, bool *can_go_on, int64 *last_id);
static bool lock_expired(TimestampTz cutoff, Datum *ids, const bool *can_go_on, int *count);
static Datum id_array(Datum *ids, int count);
static int delete_rows(StoreQuery *query, Datum *ids, int count);

/*
 * What goes with executions.  Most have left nothing in these tables, so it is looked for by the range of their ids, once, not for each
 * of them: the condition on the ids themselves is kept away from the index.
 */
#define OF_THEM(column) column " BETWEEN $2 AND $3 AND (" column " = ANY ($1)) IS TRUE"
#define DELETE_ARGS \
	3, \
	{ \
		INT8ARRAYOID, INT8OID, INT8OID \
	}
static StoreQuery deletions_beside[] = {
	{"DELETE FROM sfn.branch WHERE " OF_THEM("execution_id"), DELETE_ARGS},
	{"DELETE FROM sfn.inbox WHERE " OF_THEM("execution_id"), DELETE_ARGS},
	{"DELETE FROM sfn.task WHERE " OF_THEM("execution_id"), DELETE_ARGS},
	{"DELETE FROM sfn.redrive_token WHERE " OF_THEM("execution_id"), DELETE_ARGS},
	{"DELETE FROM sfn.execution_status s USING sfn.execution e WHERE e.id = ANY ($1)"
	 " AND s.state_machine_id = e.state_machine_id AND s.map_run_id = coalesce(e.map_run_id, 0)"
	 " AND s.status = ANY (ARRAY[:EXECUTION_RUNNING, e.status]::int2[]) AND s.start_date = e.start_date"
	 " AND s.execution_id = e.id",
	 DELETE_ARGS},
	{"DELETE FROM sfn.map_run_input i USING sfn.map_run r WHERE " OF_THEM("r.execution_id") " AND i.map_run_id = r.id",
	 DELETE_ARGS},
	{"DELETE FROM sfn.map_run WHERE " OF_THEM("execution_id"), DELETE_ARGS},
};

/* All that is theirs, and the executions: whoever calls it has locked them.  The ids are in order.  Returns how many rows that were, mostly. */
static int
delete_with_all(Datum *ids, int count)
{
	static StoreQuery delete_history = {"DELETE FROM sfn.history_chunk WHERE execution_id = ANY ($1)", DELETE_ARGS};
	static StoreQuery delete_executions = {"DELETE FROM sfn.execution WHERE id = ANY ($1)", DELETE_ARGS};
	Datum args[3] = {id_array(ids, count), ids[0], ids[count - 1]};
	int deleted = (int) store_run(&delete_history, args, NULL, 0);

	for (int i = 0; i < (int) lengthof(deletions_beside); i++)
		(void) store_run(&deletions_beside[i], args, NULL, 0);
	return deleted + (int) store_run(&delete_executions, args, NULL, 0);
}

/* Neither it nor a map run of it is being redriven. */
#define GOES_ON_NO_MORE \
	" AND NOT EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = e.id" \
	" AND i.kind = ANY (ARRAY[:EVENT_REDRIVE, :EVENT_MAP_RUN]::int2[]))" \
	" AND NOT EXISTS (SELECT FROM sfn.map_run o WHERE o.execution_id = e.id AND o.status = :EXECUTION_RUNNING)"

enum
{
	TREE_ID = 1,
	TREE_IS_OVER
};

/*
 * They are locked in the order of their ids, as retention does.  Whoever is asked to redrive one waits for the lock that the
 * caller holds, and finds it gone.
 */
int64
executions_delete(const int64 *ids, int count, int64 *obstacle)
{
	static StoreQuery lock_tree =
		{"WITH RECURSIVE tree AS (SELECT u.id FROM unnest($1) u (id) UNION SELECT c.id FROM tree t"
		 " JOIN sfn.map_run r ON r.execution_id = t.id JOIN sfn.execution c ON c.map_run_id = r.id)"
		 " SELECT e.id, e.stop_date IS NOT NULL" GOES_ON_NO_MORE
		 " FROM sfn.execution e WHERE e.id IN (SELECT t.id FROM tree t) ORDER BY e.id FOR UPDATE OF e",
		 1,
		 {INT8ARRAYOID}};
	Datum args[1] = {store_int64_array(ids, count)};
	uint64 rows = store_run(&lock_tree, args, NULL, 0);
	Datum *all = palloc(sizeof(Datum) * (rows + 1));

	*obstacle = 0;
	for (uint64 i = 0; i < rows; i++)
	{
		all[i] = Int64GetDatum(store_int64(i, TREE_ID));
		if (!store_bool(i, TREE_IS_OVER))
			*obstacle = store_int64(i, TREE_ID);
	}
	for (uint64 done = 0; *obstacle == 0 && done < rows; done += WINDOW)
	{
		CHECK_FOR_INTERRUPTS();
		(void) delete_with_all(all + done, (int) Min(WINDOW, rows - done));
	}
	return *obstacle == 0 ? (int64) rows : 0;
}

/* One transaction's worth; the caller repeats it until is_end. */
void
retention_step(TimestampTz cutoff, RetentionStep *step)
{
	Datum ids[WINDOW];
	bool can_go_on[WINDOW];
	int64 last_id;
	int count;
	StoreScope scope;

	store_enter(&scope);
	step->deleted_rows = 0;
	if (!step->logs_are_done)
	{
		delete_logs(cutoff, step);
		store_leave(&scope);
		return;
	}
	count = find_expired(cutoff, step, ids, can_go_on, &last_id);
	if (lock_expired(cutoff, ids, can_go_on, &count))
	{
		step->is_end = false;
		last_id = DatumGetInt64(ids[count - 1]);
	}
	if (count > 0)
		step->deleted_rows = delete_with_all(ids, count);
	step->after_id = last_id;
	step->singles = Max(step->singles - 1, 0);
	store_leave(&scope);
}

void
retention_refused(RetentionStep *step)
{
	TimestampTz now = GetCurrentTimestamp();

	step->is_end = false;
	if (!step->logs_are_done)
	{
		step->logs_are_done = true; /* not in this pass */
		return;
	}
	if (step->singles == 0)
	{
		step->singles = WINDOW;
		return;
	}
	step->singles--;
	step->after_id = step->last_id;
	if (refused_count == 0)
		refused_since = now;
	if (refused_count < MAX_REFUSED)
		refused[refused_count++] = step->last_id;
	else
		step->is_end = true; /* somebody wants to keep them: that will do for this pass */
}

/* Those that were refused are tried again once in a while. */
static bool
is_refused(int64 execution_id)
{
	if (refused_count > 0 && TimestampDifferenceExceeds(refused_since, GetCurrentTimestamp(), REFUSED_FOR_MS))
		refused_count = 0;
	for (int i = 0; i < refused_count; i++)
	{
		if (refused[i] == execution_id)
			return true;
	}
	return false;
}

/* Those there is an index for: executions that run synchronously have no other row. */
static void
delete_logs(TimestampTz cutoff, RetentionStep *step)
{
	static StoreQuery delete_events =
		{"DELETE FROM sfn.log_event WHERE ctid = ANY (ARRAY(SELECT l.ctid FROM sfn.log_event l"
		 " WHERE l.log_date < $1 ORDER BY l.log_date LIMIT " CppAsString2(ROWS_PER_STEP) "))",
		 1,
		 {TIMESTAMPTZOID}};
	Datum args[1] = {TimestampTzGetDatum(cutoff)};

	step->deleted_rows = (int) store_run(&delete_events, args, NULL, 0);
	step->logs_are_done = step->deleted_rows < ROWS_PER_STEP;
	step->is_end = false;
}

enum
{
	EXPIRING_ID = 1,
	EXPIRING_START_DATE,
	EXPIRING_STOP_DATE,
	EXPIRING_CAN_GO_ON
};

/* Children of a map run that can be redriven are kept until that is deleted, with the execution it belongs to. */
static int
find_expired(TimestampTz cutoff, RetentionStep *step, Datum *ids, bool *can_go_on, int64 *last_id)
{
	static StoreQuery window = {
		"SELECT e.id, e.start_date, CASE WHEN r.status = :EXECUTION_RUNNING"
		" OR r.status > :EXECUTION_SUCCEEDED AND p.stop_date IS NOT NULL THEN NULL"
		" ELSE e.stop_date END, e.status > :EXECUTION_SUCCEEDED"
		" OR EXISTS (SELECT FROM sfn.map_run o WHERE o.execution_id = e.id) FROM sfn.execution e LEFT JOIN sfn.map_run r ON r.id = e.map_run_id"
		" LEFT JOIN sfn.execution p ON p.id = r.execution_id"
		" WHERE e.id > $1 ORDER BY e.id LIMIT $2",
		2,
		{INT8OID, INT4OID}};
	int size = step->singles > 0 ? 1 : WINDOW;
	Datum args[2] = {Int64GetDatum(step->after_id), Int32GetDatum(size)};
	uint64 rows = store_run(&window, args, NULL, 0);
	int count = 0;
	bool are_all_young = true;

	*last_id = step->after_id;
	for (uint64 i = 0; i < rows; i++)
	{
		*last_id = store_int64(i, EXPIRING_ID);
		if (store_timestamp(i, EXPIRING_START_DATE) < cutoff)
			are_all_young = false;
		if (!store_is_null(i, EXPIRING_STOP_DATE) && store_timestamp(i, EXPIRING_STOP_DATE) < cutoff &&
			!is_refused(*last_id))
		{
			can_go_on[count] = store_bool(i, EXPIRING_CAN_GO_ON);
			ids[count++] = Int64GetDatum(*last_id);
		}
	}
	step->last_id = *last_id;
	step->is_end = rows < (uint64) size || are_all_young;
	return count;
}

static Datum
id_array(Datum *ids, int count)
{
	return PointerGetDatum(construct_array(ids, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

enum
{
	LOCKED_ID = 1,
	LOCKED_CHUNKS
};

/*
 * Those that are still to go: nobody redrives them, has redriven them or moves them on.  What is looked at is what was
 * committed until the locks were had.  True: *count are the first of them that have as many rows of history as a step deletes.
 */
static bool
lock_expired(TimestampTz cutoff, Datum *ids, const bool *can_go_on, int *count)
{
	static StoreQuery query =
		{"SELECT e.id, (SELECT count(*) FROM sfn.history_chunk c WHERE c.execution_id = e.id) FROM sfn.execution e"
		 " WHERE e.id = ANY ($1) AND e.stop_date < $2" GOES_ON_NO_MORE " ORDER BY e.id FOR UPDATE OF e SKIP LOCKED",
		 2,
		 {INT8ARRAYOID, TIMESTAMPTZOID}};
	Datum args[2];
	int free = 0;
	int locked;
	int64 rows = 0;

	for (int i = 0; i < *count; i++)
		if (!can_go_on[i] || redrive_lock_if_free(DatumGetInt64(ids[i])))
			ids[free++] = ids[i];
	*count = 0;
	if (free == 0)
		return false;
	args[0] = id_array(ids, free);
	args[1] = TimestampTzGetDatum(cutoff);
	locked = (int) store_run(&query, args, NULL, 0);
	while (*count < locked && rows < ROWS_PER_STEP)
	{
		rows += store_int64(*count, LOCKED_CHUNKS);
		ids[*count] = Int64GetDatum(store_int64(*count, LOCKED_ID));
		(*count)++;
	}
	return *count < locked;
}

static int
delete_rows(StoreQuery *query, Datum *ids, int count)
{
	Datum args[1] = {id_array(ids, count)};

	return (int) store_run(query, args, NULL, 0);
}

/*
 * A deleted machine without executions goes for good, but only when it was found
 * so in the pass before and no transaction is left from then: one of them might
 * have started an execution that is not visible yet.  Machines that the children
 * of its Distributed Maps run go the same way, before it.
 */
int
retention_finish_machines(void)
{
	static StoreQuery finish =
		{"UPDATE sfn.state_machine m SET status = 'DELETED' WHERE (m.status = 'DELETING' OR m.status = 'ACTIVE'"
		 " AND m.map_of IS NOT NULL"
		 " AND NOT EXISTS (SELECT FROM sfn.state_machine p WHERE p.id = m.map_of AND p.status <> 'DELETED'))"
		 " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.state_machine_id = m.id AND e.stop_date IS NULL)",
		 0};
	static StoreQuery unused =
		{"SELECT m.id FROM sfn.state_machine m WHERE m.status = 'DELETED'"
		 " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.state_machine_id = m.id)"
		 " AND NOT EXISTS (SELECT FROM sfn.state_machine c WHERE c.map_of = m.id AND c.id <> m.id)"
		 " ORDER BY m.id LIMIT " CppAsString2(MACHINES_PER_PASS),
		 0};
	static StoreQuery delete_revisions = {"DELETE FROM sfn.state_machine_revision WHERE state_machine_id = ANY ($1)",
										  1,
										  {INT8ARRAYOID}};
	static StoreQuery delete_machines =
		{"WITH tags AS (DELETE FROM sfn.tag WHERE state_machine_id = ANY ($1)),"
		 " aliases AS (DELETE FROM sfn.state_machine_alias WHERE state_machine_id = ANY ($1)),"
		 " versions AS (DELETE FROM sfn.state_machine_version WHERE state_machine_id = ANY ($1)),"
		 " grants AS (DELETE FROM sfn.state_machine_grant WHERE state_machine_id = ANY ($1))"
		 " DELETE FROM sfn.state_machine WHERE id = ANY ($1)",
		 1,
		 {INT8ARRAYOID}};
	static int64 seen_before[MACHINES_PER_PASS];
	static int seen_count = 0;
	static TransactionId seen_until;
	Datum ids[MACHINES_PER_PASS];
	int count = 0;
	int changed;
	int unused_count;
	bool are_all_over = TransactionIdFollowsOrEquals(GetTransactionSnapshot()->xmin, seen_until);
	StoreScope scope;

	store_enter(&scope);
	changed = (int) store_run(&finish, NULL, NULL, 0);
	unused_count = (int) store_run(&unused, NULL, NULL, 0);
	for (int i = 0; i < unused_count; i++)
	{
		int64 id = store_int64(i, ONLY_COLUMN);

		for (int j = 0; are_all_over && j < seen_count; j++)
		{
			if (seen_before[j] == id)
				ids[count++] = Int64GetDatum(id);
		}
	}
	if (are_all_over || seen_count == 0)
	{
		for (int i = 0; i < unused_count; i++)
			seen_before[i] = store_int64(i, ONLY_COLUMN);
		seen_count = unused_count;
		seen_until = XidFromFullTransactionId(ReadNextFullTransactionId());
	}
	if (count > 0)
	{
		(void) delete_rows(&delete_revisions, ids, count);
		changed += delete_rows(&delete_machines, ids, count);
	}
	store_leave(&scope);
	return changed;
}
