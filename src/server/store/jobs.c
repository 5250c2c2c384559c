/*
 * jobs.c
 *	  Jobs of AWS services in the tables.
 *
 * A turn that ends tasks makes their jobs due, which may wait for the pump to commit; so the pump itself never waits for a
 * row.  What is locked it leaves as it is, and tries again a moment later: whoever holds it may roll back, or have had
 * nothing to do with polls.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "shared/wakeup.h"
#include "store/jobs.h"
#include "store/store.h"
#include "store/tasks.h"

#define UNLOCKED_JOB \
	"task_id = ANY (ARRAY(SELECT o.task_id FROM sfn.job o WHERE o.task_id = $1 FOR UPDATE SKIP LOCKED))"

bool
jobs_exist(void)
{
	static StoreQuery query = {"SELECT FROM sfn.job LIMIT 1", 0};

	return store_run(&query, NULL, NULL, 1) > 0;
}

static void
job_insert(const JobInsert *job)
{
	static StoreQuery query = {
		"INSERT INTO sfn.job (task_id, resource, scope, remote_id, kept, role, role_arn, task_role, started, next_poll)"
		" VALUES ($1, $2, $3, $4, $5, $6::sfn.role, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
		10,
		{INT8OID, TEXTOID, INT8OID, TEXTOID, JSONOID, OIDOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	char nulls[11] = "          ";
	Datum args[10] = {Int64GetDatum(job->task_id),    CStringGetTextDatum(job->resource),
					  Int64GetDatum(job->scope),      CStringGetTextDatum(job->remote_id),
					  CStringGetTextDatum(job->kept), ObjectIdGetDatum(job->role)};

	args[6] = store_text_or_null(job->role_arn, &nulls[6]);
	args[7] = store_text_or_null(job->task_role, &nulls[7]);
	args[8] = TimestampTzGetDatum(job->started);
	args[9] = TimestampTzGetDatum(job->next_poll);
	(void) store_run(&query, args, nulls, 0);
}

void
jobs_insert(const JobInsert *jobs, int count)
{
	for (int i = 0; i < count; i++)
		job_insert(&jobs[i]);
}

/* ---- taking ---- */

enum
{
	GROUP_RESOURCE = 1,
	GROUP_SCOPE,
	GROUP_NEXT_POLL
};

/* From one group to the next through the index: there may be a hundred thousand rows in few groups. */
int
job_groups(JobGroup **groups)
{
	static StoreQuery query = {
		"WITH RECURSIVE g AS ((SELECT j.resource, j.scope, j.next_poll FROM sfn.job j ORDER BY j.resource, j.scope, j.next_poll LIMIT 1)"
		" UNION ALL SELECT n.resource, n.scope, n.next_poll FROM g CROSS JOIN LATERAL (SELECT j.resource, j.scope, j.next_poll FROM sfn.job j"
		" WHERE (j.resource, j.scope) > (g.resource, g.scope) ORDER BY j.resource, j.scope, j.next_poll LIMIT 1) n)"
		" SELECT resource, scope, next_poll FROM g",
		0};
	int count = (int) store_run(&query, NULL, NULL, 0);

	*groups = palloc(sizeof(JobGroup) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		(*groups)[i].resource = store_text(i, GROUP_RESOURCE);
		(*groups)[i].scope = store_int64(i, GROUP_SCOPE);
		(*groups)[i].next_poll = store_timestamp(i, GROUP_NEXT_POLL);
	}
	return count;
}

enum
{
	JOB_TASK_ID = 1,
	JOB_REMOTE_ID,
	JOB_KEPT,
	JOB_ROLE,
	JOB_ROLE_ARN,
	JOB_TASK_ROLE,
	JOB_POLLS,
	JOB_MISSING,
	JOB_FAILING_SINCE,
	JOB_CANCELS,
	JOB_IS_AWAITED
};

int
jobs_take(const JobGroup *group, TimestampTz now, TimestampTz lease_until, int max, JobRow **jobs)
{
	static StoreQuery query = {
		"UPDATE sfn.job j SET next_poll = $4, polled_by = $6, is_woken = false WHERE j.task_id = ANY (ARRAY(SELECT o.task_id FROM sfn.job o"
		" WHERE o.resource = $1 AND o.scope = $2 AND o.next_poll <= $3 ORDER BY o.next_poll LIMIT $5 FOR UPDATE SKIP LOCKED))"
		" RETURNING j.task_id, j.remote_id, j.kept, j.role::pg_catalog.oid, j.role_arn, j.task_role, j.polls, j.missing, j.failing_since, j.cancels,"
		" EXISTS (SELECT FROM sfn.task t WHERE t.id = j.task_id)",
		6,
		{TEXTOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, INT4OID}};
	Datum args[6] = {CStringGetTextDatum(group->resource), Int64GetDatum(group->scope), TimestampTzGetDatum(now),
					 TimestampTzGetDatum(lease_until),     Int32GetDatum(max),          Int32GetDatum(MyProcPid)};
	int count = (int) store_run(&query, args, NULL, 0);

	*jobs = palloc(sizeof(JobRow) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		JobRow *job = &(*jobs)[i];

		job->task_id = store_int64(i, JOB_TASK_ID);
		job->remote_id = store_text(i, JOB_REMOTE_ID);
		job->kept = store_text(i, JOB_KEPT);
		job->role = store_oid(i, JOB_ROLE);
		job->role_arn = store_text(i, JOB_ROLE_ARN);
		job->task_role = store_text(i, JOB_TASK_ROLE);
		job->polls = store_int32(i, JOB_POLLS);
		job->missing = store_int32(i, JOB_MISSING);
		job->failing_since = store_timestamp(i, JOB_FAILING_SINCE);
		job->cancels = store_int32(i, JOB_CANCELS);
		job->is_awaited = store_bool(i, JOB_IS_AWAITED);
	}
	return count;
}

void
jobs_recover(const int32 *pids, int pid_count)
{
	static StoreQuery query = {"UPDATE sfn.job SET next_poll = pg_catalog.statement_timestamp(), polled_by = NULL"
							   " WHERE task_id = ANY (ARRAY(SELECT o.task_id FROM sfn.job o"
							   " WHERE o.polled_by IS NOT NULL AND o.polled_by <> ALL ($1) FOR UPDATE SKIP LOCKED))",
							   1,
							   {INT4ARRAYOID},
							   .scans = true};
	Datum args[1] = {store_int32_array(pids, pid_count)};

	(void) store_run(&query, args, NULL, 0);
}

/* ---- what came ---- */

static bool
job_put_off(const JobNews *news)
{
	static StoreQuery query = {
		"UPDATE sfn.job SET polled_by = NULL, next_poll = CASE WHEN is_woken THEN pg_catalog.statement_timestamp()"
		" WHEN $4 IS NULL AND events > 0 AND EXISTS (SELECT FROM sfn.queue_source s WHERE s.queue_id IS NULL AND s.last_error IS NULL)"
		" THEN greatest($2, pg_catalog.statement_timestamp() + interval '30 min') ELSE $2 END, polls = polls + ($5)::int, cancels = cancels + (NOT $5)::int,"
		" missing = CASE WHEN $3 THEN missing + 1 ELSE 0 END, last_error = $4,"
		" failing_since = CASE WHEN $4 IS NOT NULL THEN coalesce(failing_since, pg_catalog.statement_timestamp()) END"
		" WHERE " UNLOCKED_JOB,
		5,
		{INT8OID, TIMESTAMPTZOID, BOOLOID, TEXTOID, BOOLOID}};
	char nulls[6] = "     ";
	Datum args[5] = {Int64GetDatum(news->task_id), TimestampTzGetDatum(news->next_poll),
					 BoolGetDatum(news->is_missing)};

	args[3] = store_text_or_null(news->error, &nulls[3]);
	args[4] = BoolGetDatum(!news->is_cancel);
	return store_run(&query, args, nulls, 0) > 0;
}

int
jobs_put_off(const JobNews *news, int count, int64 *locked)
{
	int locked_count = 0;

	for (int i = 0; i < count; i++)
	{
		if (!job_put_off(&news[i]))
			locked[locked_count++] = news[i].task_id;
	}
	return locked_count;
}

bool
jobs_delete(const int64 *task_ids, int count)
{
	static StoreQuery query = {"DELETE FROM sfn.job WHERE task_id = ANY (ARRAY(SELECT o.task_id FROM sfn.job o"
							   " WHERE o.task_id = ANY ($1) FOR UPDATE SKIP LOCKED))",
							   1,
							   {INT8ARRAYOID}};
	Datum args[1] = {store_int64_array(task_ids, count)};

	return store_run(&query, args, NULL, 0) == (uint64) count;
}

int
jobs_release(const int64 *task_ids, int count, int64 *locked)
{
	static StoreQuery query = {
		"WITH free AS (UPDATE sfn.job SET next_poll = pg_catalog.statement_timestamp(), polled_by = NULL WHERE task_id = ANY"
		" (ARRAY(SELECT o.task_id FROM sfn.job o WHERE o.task_id = ANY ($1) FOR UPDATE SKIP LOCKED)) RETURNING task_id)"
		" SELECT j.task_id FROM sfn.job j WHERE j.task_id = ANY ($1) AND j.task_id NOT IN (SELECT task_id FROM free)",
		1,
		{INT8ARRAYOID}};
	Datum args[1] = {store_int64_array(task_ids, count)};
	int locked_count = (int) store_run(&query, args, NULL, 0);

	store_int64s(locked, locked_count);
	return locked_count;
}

/* One that is asked for just now is asked for again: the event may be newer than the answer. */
int
jobs_wake(const char *const *remote_ids, int count)
{
	static StoreQuery query = {
		"UPDATE sfn.job SET events = events + 1, is_woken = true,"
		" next_poll = CASE WHEN polled_by IS NULL THEN pg_catalog.statement_timestamp() ELSE next_poll END"
		" WHERE task_id = ANY (ARRAY(SELECT o.task_id FROM sfn.job o WHERE o.remote_id = ANY ($1) FOR UPDATE SKIP LOCKED))",
		1,
		{TEXTARRAYOID}};
	Datum args[1] = {store_text_array(remote_ids, count)};

	return (int) store_run(&query, args, NULL, 0);
}

void
jobs_forget_events(void)
{
	static StoreQuery query = {"UPDATE sfn.job SET events = 0, next_poll = CASE WHEN polled_by IS NULL"
							   " THEN pg_catalog.statement_timestamp() ELSE next_poll END WHERE events > 0",
							   0, .scans = true};

	(void) store_run(&query, NULL, NULL, 0);
	pump_wakeup_at_commit();
}

/* False: its row is locked.  A session that answers by token may hold the task's: then the job is due again soon. */
static bool
job_end(const JobNews *news, TimestampTz now)
{
	static StoreQuery query = {
		"WITH free AS (SELECT o.task_id FROM sfn.job o WHERE o.task_id = $1 FOR UPDATE SKIP LOCKED),"
		" told AS (DELETE FROM sfn.task t WHERE t.ctid = ANY (ARRAY(SELECT o.ctid FROM sfn.task o WHERE o.id = (SELECT task_id FROM free)"
		" AND o.kind = :TASK_JOB FOR UPDATE SKIP LOCKED)) RETURNING t.execution_id, t.branch, t.visit, t.attempt),"
		" inbox AS (INSERT INTO sfn.inbox (execution_id, due, branch, visit, attempt, kind, payload)"
		" SELECT execution_id, $2, branch, visit, attempt, $3, $4 FROM told)"
		" DELETE FROM sfn.job WHERE task_id = (SELECT task_id FROM free) AND (EXISTS (SELECT FROM told)"
		" OR NOT EXISTS (SELECT FROM sfn.task o WHERE o.id = $1))",
		4,
		{INT8OID, TIMESTAMPTZOID, INT2OID, JSONOID}};
	static StoreQuery later =
		{"UPDATE sfn.job SET next_poll = $2 + interval '1 s', polled_by = NULL WHERE " UNLOCKED_JOB,
		 2,
		 {INT8OID, TIMESTAMPTZOID}};
	Datum args[4] = {Int64GetDatum(news->task_id), TimestampTzGetDatum(now), Int16GetDatum((int16) news->event_kind),
					 CStringGetTextDatum(news->payload)};

	return store_run(&query, args, NULL, 0) > 0 || store_run(&later, args, NULL, 0) > 0;
}

int
jobs_end(const JobNews *news, int count, TimestampTz now, int64 *locked)
{
	int locked_count = 0;

	for (int i = 0; i < count; i++)
	{
		if (!job_end(&news[i], now))
			locked[locked_count++] = news[i].task_id;
	}
	if (count > 0)
		wakeup_at_commit();
	return locked_count;
}
