/*
 * http_tasks.c
 *	  Requests waiting for the pump, and their answers, in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "engine/event.h"
#include "shared/wakeup.h"
#include "store/http_tasks.h"
#include "store/store.h"
#include "store/tasks.h"

#define REQUEST_COLUMNS \
	"t.id, t.execution_id, t.branch, t.visit, t.attempt, t.role::pg_catalog.oid, t.token IS NOT NULL, t.timeout_seconds, t.created, t.parameters, coalesce(t.host, '')"
enum
{
	REQUEST_ID = 1,
	REQUEST_EXECUTION_ID,
	REQUEST_BRANCH,
	REQUEST_VISIT,
	REQUEST_ATTEMPT,
	REQUEST_ROLE,
	REQUEST_HAS_TOKEN,
	REQUEST_TIMEOUT_SECONDS,
	REQUEST_CREATED,
	REQUEST_PARAMETERS,
	REQUEST_HOST
};

static Datum
id_array(const int64 *ids, int count)
{
	Datum *values = palloc(sizeof(Datum) * (count + 1));

	for (int i = 0; i < count; i++)
		values[i] = Int64GetDatum(ids[i]);
	return PointerGetDatum(construct_array(values, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static int
read_rows(uint64 count, HttpTaskRow **tasks)
{
	*tasks = palloc0(sizeof(HttpTaskRow) * (count + 1));
	for (uint64 i = 0; i < count; i++)
	{
		HttpTaskRow *task = &(*tasks)[i];

		task->id = store_int64(i, REQUEST_ID);
		task->execution_id = store_int64(i, REQUEST_EXECUTION_ID);
		task->branch = store_int32(i, REQUEST_BRANCH);
		task->visit = store_int32(i, REQUEST_VISIT);
		task->attempt = store_int32(i, REQUEST_ATTEMPT);
		task->role = store_oid(i, REQUEST_ROLE);
		task->has_token = store_bool(i, REQUEST_HAS_TOKEN);
		task->timeout_seconds = store_int64(i, REQUEST_TIMEOUT_SECONDS);
		task->created = store_timestamp(i, REQUEST_CREATED);
		task->parameters = store_text(i, REQUEST_PARAMETERS);
		task->host = store_text(i, REQUEST_HOST);
	}
	return (int) count;
}

bool
http_tasks_exist(void)
{
	static StoreQuery query = {"SELECT FROM sfn.task WHERE kind = :TASK_HTTP LIMIT 1", 0};

	return store_run(&query, NULL, NULL, 1) > 0;
}

#define IS_LOST "t.kind = :TASK_HTTP AND t.taken_at IS NOT NULL AND coalesce(t.taken_by, 0) <> ALL ($1)"

int
http_tasks_recover(const int32 *pids, int pid_count, HttpTaskRow **tasks)
{
	static StoreQuery again =
		{"UPDATE sfn.task t SET taken_at = NULL, taken_by = NULL WHERE " IS_LOST
		 " AND EXISTS (SELECT FROM sfn.execution e"
		 " JOIN sfn.state_machine m ON m.id = e.state_machine_id WHERE e.id = t.execution_id AND m.type = 'EXPRESS')",
		 1,
		 {INT4ARRAYOID}};
	static StoreQuery lost = {"SELECT " REQUEST_COLUMNS " FROM sfn.task t WHERE " IS_LOST " ORDER BY t.id",
							  1,
							  {INT4ARRAYOID}};
	Datum args[1] = {store_int32_array(pids, pid_count)};

	(void) store_run(&again, args, NULL, 0);
	return read_rows(store_run(&lost, args, NULL, 0), tasks);
}

void
http_tasks_release(const int64 *ids, int count)
{
	static StoreQuery query =
		{"UPDATE sfn.task SET taken_at = NULL, taken_by = NULL WHERE id = ANY (ARRAY(SELECT o.id FROM sfn.task o"
		 " WHERE o.id = ANY ($1) AND o.kind = :TASK_HTTP FOR UPDATE SKIP LOCKED))",
		 1,
		 {INT8ARRAYOID}};
	Datum args[1] = {id_array(ids, count)};

	(void) store_run(&query, args, NULL, 0);
}

enum
{
	WAITING_ID = 1,
	WAITING_HOST,
	WAITING_ROLE
};

int
http_tasks_look(int64 after, int max, HttpWaiting **waiting)
{
	static StoreQuery query = {
		"SELECT t.id, coalesce(t.host, ''), t.role::pg_catalog.oid FROM sfn.task t WHERE t.kind = :TASK_HTTP AND t.taken_at IS NULL"
		" AND t.id > $1 ORDER BY t.id LIMIT $2",
		2,
		{INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(after), Int32GetDatum(max)};
	int count;

	store_pin_planner();
	count = (int) store_run(&query, args, NULL, 0);
	store_unpin_planner();
	*waiting = palloc(sizeof(HttpWaiting) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		(*waiting)[i].id = store_int64(i, WAITING_ID);
		(*waiting)[i].host = store_text(i, WAITING_HOST);
		(*waiting)[i].role = store_oid(i, WAITING_ROLE);
	}
	return count;
}

int
http_tasks_take(const int64 *ids, int count, TimestampTz now, HttpTaskRow **tasks)
{
	static StoreQuery query = {
		"UPDATE sfn.task t SET taken_at = $2, taken_by = $3 WHERE t.id = ANY (ARRAY(SELECT o.id FROM sfn.task o"
		" WHERE o.id = ANY ($1) AND o.kind = :TASK_HTTP AND o.taken_at IS NULL FOR UPDATE SKIP LOCKED)) RETURNING " REQUEST_COLUMNS,
		3,
		{INT8ARRAYOID, TIMESTAMPTZOID, INT4OID}};
	Datum args[3] = {id_array(ids, count), TimestampTzGetDatum(now), Int32GetDatum(MyProcPid)};
	int taken;

	store_pin_planner();
	taken = read_rows(store_run(&query, args, NULL, 0), tasks);
	store_unpin_planner();
	return taken;
}

/* ---- answers ---- */

static int
compare_ids(const void *a, const void *b)
{
	int64 left = *(const int64 *) a;
	int64 right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/* The ids of the last result's first column, sorted. */
static int64 *
result_ids(uint64 count)
{
	int64 *ids = palloc(sizeof(int64) * (count + 1));

	store_int64s(ids, count);
	qsort(ids, count, sizeof(int64), compare_ids);
	return ids;
}

static bool
has_id(const int64 *ids, uint64 count, int64 id)
{
	return bsearch(&id, ids, count, sizeof(int64), compare_ids) != NULL;
}

void
http_tasks_gone(const int64 *ids, int count, bool *is_gone)
{
	static StoreQuery query = {"SELECT id FROM sfn.task WHERE id = ANY ($1)", 1, {INT8ARRAYOID}};
	Datum args[1] = {id_array(ids, count)};
	uint64 found;
	int64 *there;

	store_pin_planner();
	found = store_run(&query, args, NULL, 0);
	store_unpin_planner();
	there = result_ids(found);
	for (int i = 0; i < count; i++)
		is_gone[i] = !has_id(there, found, ids[i]);
}

typedef enum AnswerEffect
{
	ENDS_TASK,
	AWAITS_TOKEN,
	AWAITS_JOB
} AnswerEffect;

static AnswerEffect
effect_of(const HttpAnswer *answer)
{
	if (answer->is_failure)
		return ENDS_TASK;
	return answer->job != NULL ? AWAITS_JOB : answer->task->has_token ? AWAITS_TOKEN : ENDS_TASK;
}

/* The arrays of a set-wise answer: ids, kinds, payloads; answers with another effect are passed over. */
static int
answer_arrays(const HttpAnswer *answers, int count, AnswerEffect effect, Datum *args)
{
	int64 *ids = palloc(sizeof(int64) * (count + 1));
	Datum *kinds = palloc(sizeof(Datum) * (count + 1));
	Datum *payloads = palloc(sizeof(Datum) * (count + 1));
	int n = 0;

	for (int i = 0; i < count; i++)
	{
		const HttpAnswer *answer = &answers[i];
		bool is_submission = effect != ENDS_TASK;

		if (answer->is_delivered || effect_of(answer) != effect)
			continue;
		ids[n] = answer->task->id;
		kinds[n] = Int16GetDatum(answer->is_failure  ? EVENT_TASK_FAILED
									 : is_submission ? EVENT_TASK_SUBMITTED
													 : EVENT_TASK_SUCCEEDED);
		payloads[n] = CStringGetTextDatum(answer->payload);
		n++;
	}
	args[0] = id_array(ids, n);
	args[1] = PointerGetDatum(construct_array(kinds, n, INT2OID, sizeof(int16), true, TYPALIGN_SHORT));
	args[2] = PointerGetDatum(construct_array(payloads, n, JSONOID, -1, false, TYPALIGN_INT));
	return n;
}

/*
 * Each step finds its rows one by one: a subquery that locks is not turned into a join, whatever the statistics say, and
 * what it has locked is reached by its place.
 */
#define LOCKED_ROWS \
	"WITH locked AS MATERIALIZED (SELECT k.ctid, u.kind, u.payload FROM unnest($1, $2, $3) u (id, kind, payload)" \
	" CROSS JOIN LATERAL (SELECT o.ctid FROM sfn.task o WHERE o.id = u.id AND o.kind = :TASK_HTTP FOR UPDATE SKIP LOCKED) k)," \
	" answered AS ("
#define ANSWERED_ROWS \
	" WHERE t.ctid = l.ctid RETURNING t.id, t.execution_id, t.branch, t.visit, t.attempt, l.kind, l.payload)," \
	" told AS (INSERT INTO sfn.inbox (execution_id, due, branch, visit, attempt, kind, payload)" \
	" SELECT a.execution_id, $4, a.branch, a.visit, a.attempt, a.kind, a.payload FROM answered a)" \
	" SELECT id FROM answered"

static void
mark_delivered(HttpAnswer *answers, int count, uint64 found)
{
	int64 *ids = result_ids(found);

	for (int i = 0; i < count; i++)
		if (has_id(ids, found, answers[i].task->id))
			answers[i].is_delivered = true;
}

/* Those nobody waits for any more are done, too. */
static void
mark_gone(HttpAnswer *answers, int count)
{
	int64 *ids = palloc(sizeof(int64) * (count + 1));
	HttpAnswer **open = palloc(sizeof(HttpAnswer *) * (count + 1));
	bool *is_gone = palloc(sizeof(bool) * (count + 1));
	int n = 0;

	for (int i = 0; i < count; i++)
	{
		if (answers[i].is_delivered)
			continue;
		open[n] = &answers[i];
		ids[n++] = answers[i].task->id;
	}
	if (n == 0)
		return;
	http_tasks_gone(ids, n, is_gone);
	for (int i = 0; i < n; i++)
		open[i]->is_delivered = is_gone[i];
}

/*
 * A task whose token is out lives on, as a callback, and one that has begun a job; a job that nobody waits for any more is
 * noted, too, to be cancelled.  The lock of a row may be held
 * by a session that answers by token: such a row is left for the next try.
 */
void
http_tasks_answer(HttpAnswer *answers, int count, TimestampTz now)
{
	static StoreQuery end = {LOCKED_ROWS "DELETE FROM sfn.task t USING locked l" ANSWERED_ROWS,
							 4,
							 {INT8ARRAYOID, INT2ARRAYOID, JSONARRAYOID, TIMESTAMPTZOID}};
	static StoreQuery go_on =
		{LOCKED_ROWS
		 "UPDATE sfn.task t SET kind = :TASK_CALLBACK, state = :TASK_AWAITS_ANSWER FROM locked l" ANSWERED_ROWS,
		 4,
		 {INT8ARRAYOID, INT2ARRAYOID, JSONARRAYOID, TIMESTAMPTZOID}};
	static StoreQuery wait =
		{LOCKED_ROWS "UPDATE sfn.task t SET kind = :TASK_JOB, state = :TASK_AWAITS_ANSWER FROM locked l" ANSWERED_ROWS,
		 4,
		 {INT8ARRAYOID, INT2ARRAYOID, JSONARRAYOID, TIMESTAMPTZOID}};
	Datum args[4];

	store_pin_planner();
	args[3] = TimestampTzGetDatum(now);
	if (answer_arrays(answers, count, ENDS_TASK, args) > 0)
		mark_delivered(answers, count, store_run(&end, args, NULL, 0));
	if (answer_arrays(answers, count, AWAITS_TOKEN, args) > 0)
		mark_delivered(answers, count, store_run(&go_on, args, NULL, 0));
	if (answer_arrays(answers, count, AWAITS_JOB, args) > 0)
		mark_delivered(answers, count, store_run(&wait, args, NULL, 0));
	store_unpin_planner();
	mark_gone(answers, count);
	for (int i = 0; i < count; i++)
		if (answers[i].is_delivered && effect_of(&answers[i]) == AWAITS_JOB)
			jobs_insert(answers[i].job, 1);
	wakeup_at_commit();
}

char *
http_instance_id(void)
{
	static StoreQuery query = {"SELECT instance_id::pg_catalog.text FROM sfn.instance", 0};

	return store_run(&query, NULL, NULL, 1) > 0 ? store_text(0, ONLY_COLUMN) : pstrdup("");
}
