/*
 * page.c
 *	  What the gateway's page shows beside what AWS's API tells: one query for each answer.
 *
 * Unlike everything else here they run as the caller, on views and functions that anybody
 * may use: a mistake in one of them shows nobody what he could not see in psql.  The
 * request is $1.  Lists look at no more than the newest 20,000 executions and tell how far
 * they have come (searchedTo), so that a rare status cannot keep a session busy.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"

#include "store/page.h"

#define WINDOW "20000"
#define LIMIT_OF(most) "LEAST(coalesce(($1->>'limit')::int, 50), " most ")"

/* Of the newest executions in the window those that fit the filters. */
#define EXECUTIONS \
	"WITH found AS MATERIALIZED (" \
	" SELECT * FROM (SELECT id, execution_arn, state_machine, name, status, start_date, stop_date, error, redrive_count," \
	"   map_run_arn, quarantined_at FROM sfn.executions" \
	"  WHERE id < coalesce(($1->>'before')::int8, 9223372036854775807)" \
	"   AND ($1->>'machine' IS NULL OR state_machine = $1->>'machine')" \
	"  ORDER BY id DESC LIMIT " WINDOW ") w" \
	" WHERE map_run_arn IS NULL AND ($1->>'status' IS NULL OR status = $1->>'status')" \
	"  AND ($1->>'name' IS NULL OR starts_with(name, $1->>'name'))" \
	"  AND ($1->>'error' IS NULL OR error = $1->>'error')" \
	"  AND ($1->>'since' IS NULL OR start_date >= ($1->>'since')::timestamptz)" \
	"  AND ($1->>'until' IS NULL OR start_date < ($1->>'until')::timestamptz)" \
	" LIMIT " LIMIT_OF("200") ")"

#define EXECUTION_FIELDS \
	"'id', id::text, 'executionArn', execution_arn, 'machine', state_machine, 'name', name, 'status', status," \
	" 'startDate', start_date, 'stopDate', stop_date, 'error', error, 'redriveCount', redrive_count," \
	" 'isQuarantined', quarantined_at IS NOT NULL"

#define TASK_FIELDS \
	"'executionArn', execution_arn, 'stateMachineArn', state_machine_arn, 'state', state, 'waitsFor', waits_for," \
	" 'status', status, 'resource', resource, 'retries', retries, 'since', since, 'worker', worker_name," \
	" 'childExecutionArn', child_execution_arn, 'timeoutAt', timeout_at, 'heartbeatAt', heartbeat_at," \
	" 'taskToken', task_token"

#define MAP_RUN_FIELDS \
	"'mapRunArn', map_run_arn, 'executionArn', execution_arn, 'machine', state_machine, 'label', label," \
	" 'status', status, 'startDate', start_date, 'stopDate', stop_date, 'items', items, 'pending', items_pending," \
	" 'running', items_running, 'succeeded', items_succeeded, 'failed', items_failed, 'timedOut', items_timed_out," \
	" 'aborted', items_aborted, 'itemsPerSecond', items_per_second," \
	" 'secondsLeft', extract(epoch FROM time_left), 'maxConcurrency', max_concurrency," \
	" 'toleratedFailurePercentage', tolerated_failure_percentage, 'error', error, 'cause', cause"

/* The number of the newest event; Express executions have no history. */
#define LAST_EVENT \
	"CASE WHEN execution_arn LIKE 'arn:%:express:%' THEN '' ELSE coalesce(sfn.api('GetExecutionHistory', json_build_object(" \
	"'executionArn', execution_arn, 'maxResults', 1, 'reverseOrder', true))->'events'->0->>'id', '') END"

#define LIST(object) "coalesce(json_agg(" object "), '[]')"

static const struct
{
	const char *name;
	const char *sql;
} pages[] = {
	{"session",
	 "SELECT json_build_object('role', current_user, 'database', current_database(),"
	 " 'version', (SELECT extversion FROM pg_extension WHERE extname = 'sfn'),"
	 " 'region', current_setting('sfn.region'), 'account', current_setting('sfn.account_id'), 'now', clock_timestamp(),"
	 " 'seesBacklog', has_table_privilege('sfn.stat_backlog', 'SELECT'))"},

	{"executions",
	 EXECUTIONS
	 " SELECT json_build_object('executions',"
	 " coalesce(json_agg(json_build_object(" EXECUTION_FIELDS ") ORDER BY id DESC), '[]'),"
	 " 'next', CASE WHEN count(*) = " LIMIT_OF(
		 "200") " THEN min(id)::text END,"
				" 'searchedTo', CASE WHEN count(*) < " LIMIT_OF(
					"200") " THEN"
						   "  (SELECT id::text FROM sfn.executions WHERE id < coalesce(($1->>'before')::int8, 9223372036854775807)"
						   "   AND ($1->>'machine' IS NULL OR state_machine = $1->>'machine')"
						   "   ORDER BY id DESC OFFSET " WINDOW " - 1 LIMIT 1) END) FROM found"},

	{"execution",
	 "SELECT json_build_object('executionArn', e.execution_arn, 'stateMachineArn', e.state_machine_arn, 'name', e.name,"
	 " 'status', e.status, 'startDate', e.start_date, 'stopDate', e.stop_date, 'input', e.input, 'output', e.output,"
	 " 'error', e.error, 'cause', e.cause, 'redriveCount', e.redrive_count, 'redriveDate', e.redrive_date,"
	 " 'redriveStatus', e.redrive_status, 'mapRunArn', e.map_run_arn, 'versionArn', e.state_machine_version_arn,"
	 " 'aliasArn', e.state_machine_alias_arn, 'now', clock_timestamp(),"
	 " 'mark', e.status || ' ' || " LAST_EVENT ","
	 " 'mapRuns', (SELECT " LIST(
		 "json_build_object('mapRunArn', m.map_run_arn, 'status', m.status)") " FROM"
																			  "  sfn.list_map_runs(e.execution_arn) m),"
																			  " 'why', CASE WHEN e.status = 'RUNNING' THEN (SELECT " LIST(
																				  "json_build_object('level', w.level, 'executionArn', w.execution_arn, 'state', w.state, 'waitsFor', w.waits_for,"
																				  " 'detail', w.detail, 'since', w.since, 'until', w.until, 'endedBy', w.ended_by)") " FROM sfn.why(e.execution_arn) w) END,"
																																									 " 'tasks', CASE WHEN e.status = 'RUNNING' THEN (SELECT " LIST(
																																										 "json_build_object(" TASK_FIELDS
																																										 ")") " FROM"
																																											  "  (SELECT * FROM sfn.pending_tasks t WHERE t.execution_arn = e.execution_arn ORDER BY since LIMIT 100) t) END)"
																																											  " FROM sfn.describe_execution($1->>'execution') e"},

	/* without what goes in and out, which one state has by itself */
	{"states",
	 "SELECT " LIST(
		 "json_build_object('id', s.id::text, 'parent', s.parent::text, 'path', s.path, 'state', s.state,"
		 " 'type', s.type, 'iteration', s.iteration, 'status', s.status, 'entered', s.entered,"
		 " 'exited', s.exited, 'attempts', s.attempts, 'error', s.error)") " FROM"
																		   " (SELECT * FROM sfn.states($1->>'execution') ORDER BY id LIMIT 5000) s"},

	{"state",
	 "SELECT json_build_object('id', s.id::text, 'path', s.path, 'state', s.state, 'type', s.type, 'status', s.status,"
	 " 'error', s.error, 'cause', s.cause, 'input', s.input, 'output', s.output, 'attempts', s.attempts,"
	 " 'entered', s.entered, 'exited', s.exited)"
	 " FROM sfn.states($1->>'execution') s WHERE s.id = ($1->>'id')::int8"},

	{"graph", "SELECT sfn.graph($1->>'of', 'json')::json"},

	/* whether it is as it was when somebody looked */
	{"watch",
	 "SELECT json_build_object('mark', status || ' ' || " LAST_EVENT ")"
	 " FROM sfn.describe_execution($1->>'execution')"},

	{"tasks",
	 "SELECT json_build_object('tasks', " LIST(
		 "json_build_object(" TASK_FIELDS
		 ")") ") FROM"
			  " (SELECT * FROM sfn.pending_tasks WHERE $1->>'waitsFor' IS NULL OR waits_for = $1->>'waitsFor'"
			  "  ORDER BY since LIMIT " LIMIT_OF("500") ") t"},

	{"machines",
	 "SELECT json_build_object('machines', coalesce(json_agg(json_build_object('name', m.name, 'type', m.type,"
	 " 'status', m.status, 'role', m.role, 'creationDate', m.creation_date, 'updateDate', m.update_date,"
	 " 'started', c.executions_started, 'succeeded', c.executions_succeeded, 'failed', c.executions_failed,"
	 " 'timedOut', c.executions_timed_out, 'aborted', c.executions_aborted,"
	 " 'milliseconds', c.total_execution_time, 'longest', c.max_execution_time) ORDER BY m.name), '[]'),"
	 " 'next', CASE WHEN count(*) = " LIMIT_OF(
		 "200") " THEN max(m.name) END)"
				" FROM (SELECT * FROM sfn.state_machines WHERE name > coalesce($1->>'after', '')"
				"  AND ($1->>'name' IS NULL OR starts_with(name, $1->>'name')) ORDER BY name LIMIT " LIMIT_OF(
					"200") ") m"
						   " LEFT JOIN sfn.stat_state_machines c ON c.state_machine = m.name"},

	{"machine",
	 "SELECT json_build_object('stateMachineArn', m.state_machine_arn, 'name', m.name, 'type', m.type, 'status', m.status,"
	 " 'role', m.role, 'definition', m.definition, 'creationDate', m.creation_date, 'updateDate', m.update_date,"
	 " 'priority', m.priority, 'tags', m.tags, 'logging', m.logging_configuration,"
	 " 'versions', (SELECT " LIST(
		 "json_build_object('arn', v.state_machine_version_arn, 'description', v.description,"
		 " 'creationDate', v.creation_date)") " FROM sfn.list_state_machine_versions(m.name) v),"
											  " 'aliases', (SELECT " LIST(
												  "json_build_object('arn', a.state_machine_alias_arn, 'routing', a.routing_configuration,"
												  " 'creationDate', a.creation_date)") " FROM sfn.list_state_machine_aliases(m.name) a),"
																					   " 'grants', (SELECT " LIST(
																						   "json_build_object('grantee', g.grantee, 'privilege', g.privilege, 'grantor', g.grantor,"
																						   " 'grantDate', g.grant_date)") " FROM sfn.state_machine_grants g WHERE g.state_machine = m.name),"
																														  " 'counters', (SELECT row_to_json(c) FROM sfn.stat_state_machines c WHERE c.state_machine = m.name))"
																														  " FROM sfn.state_machines m WHERE m.name = $1->>'machine'"},

	{"failures",
	 "SELECT json_build_object('failures', coalesce(json_agg(f ORDER BY f.count DESC, f.machine, f.error), '[]')) FROM"
	 " (SELECT state_machine AS machine, status, error, count(*), max(stop_date) AS last, min(stop_date) AS first,"
	 "   (array_agg(execution_arn ORDER BY id DESC))[1] AS example, (array_agg(cause ORDER BY id DESC))[1] AS cause"
	 "  FROM (SELECT id, state_machine, status, error, cause, stop_date, execution_arn FROM sfn.executions"
	 "   ORDER BY id DESC LIMIT " WINDOW ") w"
	 "  WHERE status IN ('FAILED', 'TIMED_OUT', 'ABORTED') AND stop_date > now() - interval '1 day'"
	 "  GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 100) f"},

	{"mapRuns",
	 "SELECT json_build_object('mapRuns', " LIST(
		 "json_build_object(" MAP_RUN_FIELDS
		 ")") ") FROM"
			  " (SELECT * FROM sfn.map_runs WHERE $1->>'execution' IS NULL OR execution_arn = $1->>'execution'"
			  "  ORDER BY start_date DESC LIMIT " LIMIT_OF("200") ") m"},

	{"mapRun", "SELECT json_build_object(" MAP_RUN_FIELDS ") FROM sfn.map_runs WHERE map_run_arn = $1->>'mapRun'"},

	{"activities",
	 "SELECT json_build_object('activities', " LIST(
		 "json_build_object('activityArn', a.activity_arn, 'name', a.name, 'creationDate', a.creation_date,"
		 " 'owner', a.owner, 'waiting', coalesce(t.waiting, 0), 'taken', coalesce(t.taken, 0), 'oldest', t.oldest)") ")"
																													 " FROM (SELECT * FROM sfn.list_activities() ORDER BY name LIMIT 500) a LEFT JOIN"
																													 " (SELECT resource, count(*) FILTER (WHERE taken_at IS NULL) AS waiting,"
																													 "   count(*) FILTER (WHERE taken_at IS NOT NULL) AS taken, min(since) FILTER (WHERE taken_at IS NULL) AS oldest"
																													 "  FROM sfn.pending_tasks GROUP BY resource) t ON t.resource = a.activity_arn"},

	{"workers",
	 "SELECT json_build_object('workers', " LIST(
		 "json_build_object('pid', w.pid, 'database', w.database, 'worker', w.worker, 'state', w.state,"
		 " 'executionArn', w.execution_arn, 'since', w.since, 'turns', w.turns, 'executions', w.executions,"
		 " 'busySeconds', extract(epoch FROM w.busy_time), 'reason', w.reason, 'task', w.task)") ") FROM sfn.workers w"},

	{"backlog", "SELECT row_to_json(b) FROM sfn.stat_backlog b"},

	{"testMachine",
	 "SELECT sfn.test_state_machine($1->>'definition', coalesce($1->>'input', '{}'), coalesce(($1->'mocks')::jsonb, '{}'))"},
};

static const char *
find_page(const char *name)
{
	for (size_t i = 0; i < lengthof(pages); i++)
	{
		if (strcmp(pages[i].name, name) == 0)
			return pages[i].sql;
	}
	return NULL;
}

/* The one field of the one row, in the context of the caller; an empty object where there is none. */
static Datum
answer_of(MemoryContext context)
{
	MemoryContext before = MemoryContextSwitchTo(context);
	bool is_null = true;
	Datum value = (Datum) 0;

	if (SPI_processed > 0)
		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	value = is_null ? PointerGetDatum(cstring_to_text("{}")) : datumCopy(value, false, -1);
	MemoryContextSwitchTo(before);
	return value;
}

bool
page_read(const char *name, Datum request, Datum *answer)
{
	MemoryContext context = CurrentMemoryContext;
	const char *sql = find_page(name);
	Oid types[1] = {JSONOID};
	int settings;

	if (sql == NULL)
		return false;
	settings = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
	SPI_connect();
	if (SPI_execute_with_args(sql, 1, types, &request, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "the page's query \"%s\" has no rows", name);
	*answer = answer_of(context);
	SPI_finish();
	AtEOXact_GUC(false, settings);
	return true;
}
