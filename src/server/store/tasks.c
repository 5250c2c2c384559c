/*
 * tasks.c
 *	  Outstanding tasks and activities in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "shared/wakeup.h"
#include "store/owner_rule.h"
#include "store/store.h"
#include "store/tasks.h"

/* ---- for turns ---- */

int64
task_insert(const TaskInsert *insert)
{
	static StoreQuery query = {
		"INSERT INTO sfn.task (execution_id, branch, visit, attempt, kind, state, role, timeout_seconds, heartbeat_seconds,"
		" created, token, resource, parameters, child_execution_id)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7::regrole, $8, $9, $10, $11, $12, $13, nullif($14, 0)) RETURNING id",
		14,
		{INT8OID, INT4OID, INT4OID, INT4OID, INT2OID, INT2OID, OIDOID, INT8OID, INT8OID, TIMESTAMPTZOID, TEXTOID,
		 TEXTOID, JSONOID, INT8OID}};
	char nulls[15] = "              ";
	Datum args[14] = {Int64GetDatum(insert->execution_id),
					  Int32GetDatum(insert->branch),
					  Int32GetDatum(insert->visit),
					  Int32GetDatum(insert->attempt),
					  Int16GetDatum((int16) insert->kind),
					  Int16GetDatum((int16) insert->state),
					  ObjectIdGetDatum(insert->role),
					  Int64GetDatum(insert->timeout_seconds),
					  Int64GetDatum(insert->heartbeat_seconds),
					  TimestampTzGetDatum(insert->created)};
	StoreScope scope;
	int64 id;

	args[10] = store_text_or_null(insert->token, &nulls[10]);
	args[11] = store_text_or_null(insert->resource, &nulls[11]);
	args[12] = store_text_or_null(insert->parameters, &nulls[12]);
	args[13] = Int64GetDatum(insert->child_execution_id);
	store_enter(&scope);
	(void) store_run(&query, args, nulls, 0);
	id = store_int64(0, ONLY_COLUMN);
	store_leave(&scope);
	return id;
}

void
task_delete(int64 id)
{
	static StoreQuery query = {"DELETE FROM sfn.task WHERE id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};
	StoreScope scope;

	store_enter(&scope);
	(void) store_run(&query, args, NULL, 0);
	store_leave(&scope);
}

#define TASK_COLUMNS \
	"t.id, t.execution_id, t.branch, t.visit, t.attempt, t.kind, t.heartbeat_seconds, t.worker_name, t.resource, t.token, t.parameters," \
	" t.child_execution_id, t.role::pg_catalog.oid"
enum
{
	TASK_ID = 1,
	TASK_EXECUTION_ID,
	TASK_BRANCH,
	TASK_VISIT,
	TASK_ATTEMPT,
	TASK_KIND,
	TASK_HEARTBEAT_SECONDS,
	TASK_WORKER_NAME,
	TASK_RESOURCE,
	TASK_TOKEN,
	TASK_PARAMETERS,
	TASK_CHILD_EXECUTION_ID,
	TASK_ROLE
};

static void
task_read(uint64 row, TaskRow *task)
{
	task->id = store_int64(row, TASK_ID);
	task->execution_id = store_int64(row, TASK_EXECUTION_ID);
	task->branch = store_int32(row, TASK_BRANCH);
	task->visit = store_int32(row, TASK_VISIT);
	task->attempt = store_int32(row, TASK_ATTEMPT);
	task->kind = store_int16(row, TASK_KIND);
	task->heartbeat_seconds = store_int64(row, TASK_HEARTBEAT_SECONDS);
	task->worker_name = store_text(row, TASK_WORKER_NAME);
	task->resource = store_text(row, TASK_RESOURCE);
	task->token = store_text(row, TASK_TOKEN);
	task->parameters = store_text(row, TASK_PARAMETERS);
	task->child_execution_id = store_int64(row, TASK_CHILD_EXECUTION_ID);
	task->role = store_oid(row, TASK_ROLE);
}

int
tasks_of_children(const int64 *execution_ids, int id_count, TaskRow **tasks)
{
	static StoreQuery find =
		{"SELECT " TASK_COLUMNS " FROM sfn.task t"
		 " WHERE t.child_execution_id = ANY ($1) AND t.kind = :TASK_CHILD ORDER BY t.child_execution_id, t.id",
		 1,
		 {INT8ARRAYOID}};
	Datum *ids = palloc(sizeof(Datum) * (id_count + 1));
	Datum args[1];
	int count;

	for (int i = 0; i < id_count; i++)
		ids[i] = Int64GetDatum(execution_ids[i]);
	args[0] = PointerGetDatum(construct_array(ids, id_count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	count = (int) store_run(&find, args, NULL, 0);
	*tasks = palloc0(sizeof(TaskRow) * (count + 1));
	for (int i = 0; i < count; i++)
		task_read(i, &(*tasks)[i]);
	return count;
}

/* ---- for those who answer ---- */

/*
 * Does the task's branch still stand where the task was begun?  Rows may be left behind.  And no clock has run out at $2,
 * be it that nobody has taken note of it yet: events come to an execution by their time, so an answer would be too late.
 */
#define STILL_AWAITED \
	" AND EXISTS (SELECT FROM sfn.execution e LEFT JOIN sfn.branch b ON b.execution_id = e.id AND b.id = t.branch" \
	" WHERE e.id = t.execution_id AND e.stop_date IS NULL AND (e.image IS NULL" \
	" OR (coalesce((CASE t.branch WHEN 0 THEN e.image ELSE b.image END ->> 'visit')::int8, 0)," \
	" coalesce((CASE t.branch WHEN 0 THEN e.image ELSE b.image END ->> 'attempt')::int8, 0)) <= (t.visit, t.attempt)))" \
	" AND NOT EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = t.execution_id AND i.kind = :EVENT_TIMER_FIRED" \
	" AND i.due <= $2 AND (i.timer = :TIMER_EXECUTION OR ((i.branch, i.visit, i.attempt) = (t.branch, t.visit, t.attempt)" \
	" AND (i.timer = :TIMER_TASK OR (i.timer = :TIMER_HEARTBEAT AND NOT EXISTS (SELECT FROM sfn.inbox h" \
	" WHERE h.execution_id = t.execution_id AND (h.branch, h.visit, h.attempt) = (t.branch, t.visit, t.attempt)" \
	" AND h.kind = :EVENT_TASK_HEARTBEAT AND h.due < i.due))))))"

static TaskRow *
task_of_result(uint64 count)
{
	TaskRow *task;

	if (count == 0)
		return NULL;
	task = palloc0(sizeof(TaskRow));
	task_read(0, task);
	return task;
}

static int
tasks_of_result(uint64 count, TaskRow **tasks)
{
	*tasks = palloc0(sizeof(TaskRow) * (count + 1));
	for (uint64 row = 0; row < count; row++)
		task_read(row, &(*tasks)[row]);
	return (int) count;
}

TaskRow *
task_take_by_token(const char *token)
{
	static StoreQuery query = {"DELETE FROM sfn.task t WHERE t.token = $1" STILL_AWAITED " RETURNING " TASK_COLUMNS,
							   2,
							   {TEXTOID, TIMESTAMPTZOID}};
	Datum args[2] = {CStringGetTextDatum(token), TimestampTzGetDatum(sfn_now())};

	return task_of_result(store_run(&query, args, NULL, 0));
}

int
tasks_take_by_tokens(char **tokens, int count, TaskRow **tasks)
{
	static StoreQuery query = {"DELETE FROM sfn.task t WHERE t.token = ANY ($1)" STILL_AWAITED
							   " RETURNING " TASK_COLUMNS,
							   2,
							   {TEXTARRAYOID, TIMESTAMPTZOID}};
	Datum args[2] = {store_text_array((const char *const *) tokens, count), TimestampTzGetDatum(sfn_now())};

	return tasks_of_result(store_run(&query, args, NULL, 0), tasks);
}

TaskRow *
task_find_by_token(const char *token)
{
	static StoreQuery query = {"SELECT " TASK_COLUMNS " FROM sfn.task t WHERE t.token = $1" STILL_AWAITED,
							   2,
							   {TEXTOID, TIMESTAMPTZOID}};
	Datum args[2] = {CStringGetTextDatum(token), TimestampTzGetDatum(sfn_now())};

	return task_of_result(store_run(&query, args, NULL, 0));
}

enum
{
	TOKEN_STATE_MACHINE_ID = 1,
	TOKEN_ACTIVITY_OWNER
};

bool
task_of_token(const char *token, TaskOfToken *task)
{
	static StoreQuery query = {"SELECT e.state_machine_id, a.owner::pg_catalog.oid FROM sfn.task t"
							   " JOIN sfn.execution e ON e.id = t.execution_id"
							   " LEFT JOIN sfn.activity a ON a.id = t.activity_id WHERE t.token = $1",
							   1,
							   {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(token)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	task->activity_owner = store_oid(0, TOKEN_ACTIVITY_OWNER);
	task->machine = machine_by_id(store_int64(0, TOKEN_STATE_MACHINE_ID));
	return task->machine != NULL;
}

void
task_tell(const TaskRow *task, int event_kind, TimestampTz due, const char *payload)
{
	static StoreQuery query = {"INSERT INTO sfn.inbox (execution_id, due, branch, visit, attempt, kind, payload)"
							   " VALUES ($1, $2, $3, $4, $5, $6, $7)",
							   7,
							   {INT8OID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID, INT2OID, JSONOID}};
	char nulls[8] = "       ";
	Datum args[7] = {Int64GetDatum(task->execution_id), TimestampTzGetDatum(due),
					 Int32GetDatum(task->branch),       Int32GetDatum(task->visit),
					 Int32GetDatum(task->attempt),      Int16GetDatum((int16) event_kind)};

	args[6] = store_text_or_null(payload, &nulls[6]);
	(void) store_run(&query, args, nulls, 0);
	wakeup_at_commit();
}

void
tasks_tell(const TaskRow **tasks, char **payloads, int count, int event_kind, TimestampTz due)
{
	static StoreQuery query =
		{"INSERT INTO sfn.inbox (execution_id, due, branch, visit, attempt, kind, payload)"
		 " SELECT u.e, $1, u.b, u.v, u.a, $2, u.p FROM unnest($3, $4, $5, $6, $7) u (e, b, v, a, p)",
		 7,
		 {TIMESTAMPTZOID, INT2OID, INT8ARRAYOID, INT4ARRAYOID, INT4ARRAYOID, INT4ARRAYOID, JSONARRAYOID}};
	enum
	{
		EXECUTIONS,
		BRANCHES,
		VISITS,
		ATTEMPTS,
		PAYLOADS
	};
	Datum *columns[5];
	Datum args[7] = {TimestampTzGetDatum(due), Int16GetDatum((int16) event_kind)};

	for (int i = 0; i < (int) lengthof(columns); i++)
		columns[i] = palloc(sizeof(Datum) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		columns[EXECUTIONS][i] = Int64GetDatum(tasks[i]->execution_id);
		columns[BRANCHES][i] = Int32GetDatum(tasks[i]->branch);
		columns[VISITS][i] = Int32GetDatum(tasks[i]->visit);
		columns[ATTEMPTS][i] = Int32GetDatum(tasks[i]->attempt);
		columns[PAYLOADS][i] = CStringGetTextDatum(payloads[i]);
	}
	args[2] = PointerGetDatum(
		construct_array(columns[EXECUTIONS], count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	for (int i = BRANCHES; i <= ATTEMPTS; i++)
		args[2 + i] = PointerGetDatum(construct_array(columns[i], count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	args[2 + PAYLOADS] = PointerGetDatum(construct_array(columns[PAYLOADS], count, JSONOID, -1, false, TYPALIGN_INT));
	(void) store_run(&query, args, NULL, 0);
	wakeup_at_commit();
}

int
tasks_find_for_worker(int64 activity_id, int max, int64 *ids)
{
	static StoreQuery query =
		{"SELECT id FROM sfn.task WHERE kind = :TASK_ACTIVITY AND activity_id = $1 AND state = :TASK_TO_BE_TAKEN"
		 " ORDER BY created, id LIMIT $2"
		 " FOR UPDATE SKIP LOCKED",
		 2,
		 {INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(activity_id), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	store_int64s(ids, count);
	return count;
}

int
tasks_take_for_worker(const int64 *ids, int count, const char *worker_name, TimestampTz now, TaskRow **tasks)
{
	static StoreQuery query = {
		"WITH t AS (UPDATE sfn.task t SET state = :TASK_IN_FLIGHT, taken_at = $3, worker_name = $2 WHERE t.id = ANY (ARRAY("
		"SELECT o.id FROM sfn.task o WHERE o.id = ANY ($1) AND o.state = :TASK_TO_BE_TAKEN FOR UPDATE SKIP LOCKED))"
		" RETURNING t.*) SELECT " TASK_COLUMNS " FROM t ORDER BY t.created, t.id",
		3,
		{INT8ARRAYOID, TEXTOID, TIMESTAMPTZOID}};
	char nulls[4] = "   ";
	Datum args[3] = {store_int64_array(ids, count), (Datum) 0, TimestampTzGetDatum(now)};

	args[1] = store_text_or_null(worker_name, &nulls[1]);
	return tasks_of_result(store_run(&query, args, nulls, 0), tasks);
}

enum
{
	WAITING_ACTIVITY = 1,
	WAITING_TASKS
};

int
tasks_waiting(Datum names, int most, WaitingTasks **waiting)
{
	static StoreQuery query =
		{"SELECT a.name, (SELECT count(*) FROM (SELECT FROM sfn.task t WHERE t.kind = :TASK_ACTIVITY"
		 " AND t.activity_id = a.id AND t.state = :TASK_TO_BE_TAKEN LIMIT $2) l)"
		 " FROM unnest($1) n (name) JOIN sfn.activity a ON a.name = n.name"
		 " WHERE EXISTS (SELECT FROM sfn.task t WHERE t.kind = :TASK_ACTIVITY AND t.activity_id = a.id"
		 " AND t.state = :TASK_TO_BE_TAKEN)",
		 2,
		 {TEXTARRAYOID, INT4OID},
		 .sees_latest = true};
	Datum args[2] = {names, Int32GetDatum(most)};
	int count = (int) store_run(&query, args, NULL, 0);

	*waiting = palloc(sizeof(WaitingTasks) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		(*waiting)[i].activity = store_text(i, WAITING_ACTIVITY);
		(*waiting)[i].tasks = store_int64(i, WAITING_TASKS);
	}
	return count;
}

int64
task_return(const char *token)
{
	static StoreQuery query =
		{"UPDATE sfn.task SET state = :TASK_TO_BE_TAKEN WHERE token = $1 AND kind = :TASK_ACTIVITY"
		 " AND state = :TASK_IN_FLIGHT RETURNING activity_id",
		 1,
		 {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(token)};

	return store_run(&query, args, NULL, 0) > 0 ? store_int64(0, ONLY_COLUMN) : 0;
}

/* ---- activities ---- */

#define ACTIVITY_COLUMNS "id, name, owner::pg_catalog.oid, creation_date"
enum
{
	ACTIVITY_ID = 1,
	ACTIVITY_NAME,
	ACTIVITY_OWNER,
	ACTIVITY_CREATION_DATE
};

static void
activity_read(uint64 row, ActivityRow *activity)
{
	activity->id = store_int64(row, ACTIVITY_ID);
	activity->name = store_text(row, ACTIVITY_NAME);
	activity->owner = store_oid(row, ACTIVITY_OWNER);
	activity->creation_date = store_timestamp(row, ACTIVITY_CREATION_DATE);
}

ActivityRow *
activity_by_name(const char *name)
{
	static StoreQuery query = {"SELECT " ACTIVITY_COLUMNS " FROM sfn.activity WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};
	ActivityRow *activity;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	activity = palloc0(sizeof(ActivityRow));
	activity_read(0, activity);
	return activity;
}

ActivityRow *
activity_insert(const char *name, Oid owner, TimestampTz creation_date, bool *is_new)
{
	static StoreQuery query = {
		"INSERT INTO sfn.activity (name, owner, creation_date) VALUES ($1, $2::regrole, $3) ON CONFLICT (name) DO NOTHING",
		3,
		{TEXTOID, OIDOID, TIMESTAMPTZOID}};
	Datum args[3] = {CStringGetTextDatum(name), ObjectIdGetDatum(owner), TimestampTzGetDatum(creation_date)};

	*is_new = store_run(&query, args, NULL, 0) > 0;
	return activity_by_name(name);
}

bool
activity_delete(int64 id, Oid caller)
{
	static StoreQuery query = {
		"WITH gone AS (DELETE FROM sfn.activity WHERE id = $1 AND " OWNER_ADMITS(
			"owner",
			"$2") " RETURNING id),"
				  " tags AS (DELETE FROM sfn.activity_tag t USING gone WHERE t.activity_id = gone.id) SELECT FROM gone",
		2,
		{INT8OID, OIDOID}};
	Datum args[2] = {Int64GetDatum(id), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0;
}

int
activity_list(Oid role, const char *after, int max, ActivityRow **activities)
{
	static StoreQuery query = {"SELECT " ACTIVITY_COLUMNS " FROM sfn.activity WHERE name > $2 COLLATE \"C\""
							   " AND " OWNER_ADMITS("owner", "$1") " ORDER BY name LIMIT $3",
							   3,
							   {OIDOID, TEXTOID, INT4OID},
							   .scans = true};
	Datum args[3] = {ObjectIdGetDatum(role), CStringGetTextDatum(after != NULL ? after : ""), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	*activities = palloc0(sizeof(ActivityRow) * (count + 1));
	for (int i = 0; i < count; i++)
		activity_read(i, &(*activities)[i]);
	return count;
}
