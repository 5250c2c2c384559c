/*
 * page.c
 *	  What the gateway's page shows beside what AWS's API tells: one query for each answer.
 *
 * Unlike everything else here they run as the caller, on views and functions that anybody
 * may use: a mistake in one of them shows nobody what he could not see in psql.  The
 * request is $1.  A list looks at no more than a page of what sfn.list_executions() walks, and tells where
 * the next one begins: a rare value cannot keep a session busy.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"

#include "store/page.h"

/* clang-format off */

#define AT_ONCE "1000"
#define EXPRESS_WINDOW "20000"
#define LIMIT_OF(most) "LEAST(coalesce(($1->>'limit')::int, 50), " most ")"
#define LIST(object) "coalesce(json_agg(" object "), '[]')"

#define ARN_OF_EVENTS "concat('arn:aws:events:', current_setting('sfn.region'), ':', current_setting('sfn.account_id'))"

/* What sfn.list_executions() does not choose by itself. */
#define HAS_MORE_FILTERS \
	"($1->>'name' IS NOT NULL OR $1->>'error' IS NOT NULL OR $1->>'state' IS NOT NULL OR $1->>'input' IS NOT NULL)"
#define IS_WANTED \
	"($1->>'name' IS NULL OR starts_with(e.name, $1->>'name')) AND ($1->>'error' IS NULL OR e.error = $1->>'error')" \
	" AND ($1->>'state' IS NULL OR e.state = $1->>'state' OR $1->>'state' = ANY (e.branch_states))" \
	" AND ($1->>'input' IS NULL OR sfn.jsonata($1->>'input', e.input)::text = 'true')"

/* Nothing where there is no such machine: its name may be half written. */
#define LISTED \
	"listed AS MATERIALIZED (SELECT l.execution_arn, l.start_date, l.ordinality AS place FROM" \
	" (SELECT $1->>'machine' AS machine WHERE $1->>'machine' IS NULL OR EXISTS" \
	"  (SELECT FROM sfn.state_machines m WHERE m.name = $1->>'machine' AND m.type = 'STANDARD')) w," \
	" sfn.list_executions(w.machine, $1->>'status', CASE WHEN " HAS_MORE_FILTERS " THEN " AT_ONCE " ELSE " LIMIT_OF("200") " END, NULL," \
	"  ($1->>'since')::timestamptz, ($1->>'until')::timestamptz, $1->>'after') WITH ORDINALITY l)"
#define STANDARD_EXECUTIONS \
	"WITH " LISTED ", found AS MATERIALIZED (SELECT e.execution_arn, e.state_machine, e.name, e.status, e.start_date, e.stop_date, e.error," \
	" e.redrive_count, e.quarantined_at, l.place FROM listed l JOIN sfn.executions e ON e.execution_arn = l.execution_arn" \
	" WHERE " IS_WANTED " ORDER BY l.place LIMIT " LIMIT_OF("200") ")"

#define EXECUTION_FIELDS \
	"'executionArn', e.execution_arn, 'machine', e.state_machine, 'name', e.name, 'status', e.status," \
	" 'startDate', e.start_date, 'stopDate', e.stop_date, 'error', e.error, 'redriveCount', e.redrive_count," \
	" 'isQuarantined', e.quarantined_at IS NOT NULL"

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

/* What the caller may do with the executions of a machine: "manage" is all; null: it is not known. */
#define RIGHTS_ON(machine) \
	"(SELECT CASE WHEN pg_has_role(o.role, 'USAGE') THEN '[\"manage\"]'::json ELSE (SELECT " LIST("DISTINCT g.privilege") " FROM sfn.state_machine_grants g WHERE g.state_machine = o.name AND pg_has_role(g.grantee, 'USAGE')) END" \
	" FROM sfn.state_machines o WHERE o.state_machine_arn = " machine ")"

/* The number of the newest event; Express executions have no history. */
#define LAST_EVENT \
	"CASE WHEN execution_arn LIKE 'arn:%:express:%' THEN '' ELSE coalesce(sfn.api('GetExecutionHistory', json_build_object(" \
	"'executionArn', execution_arn, 'maxResults', 1, 'reverseOrder', true))->'events'->0->>'id', '') END"

/* The state that an execution ended in: back from its end to the last that was entered, if that is not long before. */
#define LAST_STATE(arn) \
	"(WITH RECURSIVE h AS MATERIALIZED (SELECT v FROM json_array_elements(sfn.api('GetExecutionHistory', json_build_object(" \
	"'executionArn', " arn ", 'maxResults', 50, 'reverseOrder', true, 'includeExecutionData', false))->'events') v)," \
	" c AS ((SELECT v FROM h LIMIT 1) UNION ALL SELECT h.v FROM c JOIN h ON h.v->>'id' = c.v->>'previousEventId'" \
	"  WHERE c.v->>'type' NOT LIKE '%StateEntered')" \
	" SELECT v->'stateEnteredEventDetails'->>'name' FROM c WHERE v->>'type' LIKE '%StateEntered')"

static const struct
{
	const char *name;
	const char *sql;
	bool writes;
} pages[] = {
	{"session",
	 "SELECT json_build_object('role', current_user, 'database', current_database(),"
	 " 'version', (SELECT extversion FROM pg_extension WHERE extname = 'sfn'),"
	 " 'region', current_setting('sfn.region'), 'account', current_setting('sfn.account_id'), 'now', clock_timestamp(),"
	 " 'seesBacklog', has_table_privilege('sfn.stat_backlog', 'SELECT'))"},

	/* 'after': where the next page begins; 'isWhole': this one is as long as a page may be, so the next one is no search */
	{"executions",
	 STANDARD_EXECUTIONS " SELECT json_build_object('executions', (SELECT coalesce(json_agg(json_build_object(" EXECUTION_FIELDS ") ORDER BY e.place), '[]') FROM found e),"
	 " 'after', CASE WHEN f.count = " LIMIT_OF("200") " THEN (SELECT execution_arn FROM found ORDER BY place DESC LIMIT 1)"
	 "  WHEN l.count = CASE WHEN " HAS_MORE_FILTERS " THEN " AT_ONCE " ELSE " LIMIT_OF("200") " END"
	 "  THEN (SELECT execution_arn FROM listed ORDER BY place DESC LIMIT 1) END,"
	 " 'isWhole', f.count = " LIMIT_OF("200") ", 'searchedTo', (SELECT start_date FROM listed ORDER BY place DESC LIMIT 1))"
	 " FROM (SELECT count(*) FROM found) f, (SELECT count(*) FROM listed) l"},

	/* those that are kept of one machine, or of all, which takes as long as there are many */
	{"expressExecutions",
	 "SELECT json_build_object('executions', coalesce(json_agg(json_build_object(" EXECUTION_FIELDS ") ORDER BY e.id DESC), '[]')) FROM"
	 " (SELECT e.* FROM (SELECT e.* FROM (SELECT name FROM sfn.state_machines WHERE type = 'EXPRESS' AND ($1->>'machine' IS NULL OR name = $1->>'machine')) m,"
	 "   LATERAL (SELECT * FROM sfn.executions WHERE state_machine = m.name AND start_date >= coalesce(($1->>'since')::timestamptz, now() - interval '1 day')"
	 "    AND start_date < coalesce(($1->>'until')::timestamptz, 'infinity') AND execution_arn LIKE 'arn:%:express:%' OFFSET 0) e LIMIT " EXPRESS_WINDOW ") e"
	 "  WHERE ($1->>'status' IS NULL OR e.status = $1->>'status') AND " IS_WANTED " ORDER BY id DESC LIMIT 200) e"},

	{"execution",
	 "SELECT json_build_object('executionArn', e.execution_arn, 'stateMachineArn', e.state_machine_arn, 'name', e.name,"
	 " 'status', e.status, 'startDate', e.start_date, 'stopDate', e.stop_date, 'input', e.input, 'output', e.output,"
	 " 'error', e.error, 'cause', e.cause, 'redriveCount', e.redrive_count, 'redriveDate', e.redrive_date,"
	 " 'redriveStatus', e.redrive_status, 'mapRunArn', e.map_run_arn, 'versionArn', e.state_machine_version_arn,"
	 " 'aliasArn', e.state_machine_alias_arn, 'now', clock_timestamp(), 'rights', " RIGHTS_ON("e.state_machine_arn") ", 'mark', e.status || ' ' || " LAST_EVENT ","
	 " 'mapRuns', (SELECT " LIST("json_build_object('mapRunArn', m.map_run_arn, 'status', m.status)") "  FROM sfn.list_map_runs(e.execution_arn) m),"
	 " 'why', CASE WHEN e.status = 'RUNNING' THEN (SELECT " LIST("json_build_object('level', w.level, 'executionArn', w.execution_arn, 'state', w.state, 'waitsFor', w.waits_for,"
	 " 'detail', w.detail, 'since', w.since, 'until', w.until, 'endedBy', w.ended_by)") " FROM sfn.why(e.execution_arn) w) END,"
	 " 'tasks', CASE WHEN e.status = 'RUNNING' THEN (SELECT " LIST("json_build_object(" TASK_FIELDS ")") " FROM"
	 "  (SELECT * FROM sfn.pending_tasks t WHERE t.execution_arn = e.execution_arn ORDER BY since LIMIT 100) t) END)"
	 " FROM sfn.describe_execution($1->>'execution') e"},

	/* without what goes in and out, which one state has by itself; of very many the newest, and those that others are in */
	{"states",
	 "WITH s AS MATERIALIZED (SELECT * FROM sfn.states($1->>'execution'))"
	 " SELECT " LIST("json_build_object('id', s.id::text, 'parent', s.parent::text, 'path', s.path, 'state', s.state,"
	 " 'type', s.type, 'iteration', s.iteration, 'status', s.status, 'entered', s.entered,"
	 " 'exited', s.exited, 'attempts', s.attempts, 'tries', s.tries, 'error', s.error) ORDER BY s.id")
	 " FROM s WHERE s.id IN (SELECT n.id FROM s n ORDER BY n.id DESC LIMIT 4000)"
	 " OR s.id IN (SELECT n.id FROM s n WHERE n.type IN ('Map', 'Parallel') ORDER BY n.id DESC LIMIT 1000)"},

	{"state",
	 "SELECT json_build_object('id', s.id::text, 'path', s.path, 'state', s.state, 'type', s.type, 'status', s.status,"
	 " 'error', s.error, 'cause', s.cause, 'input', s.input, 'arguments', s.arguments, 'result', s.result, 'output', s.output, 'attempts', s.attempts,"
	 " 'entered', s.entered, 'exited', s.exited)"
	 " FROM sfn.states($1->>'execution') s WHERE s.id = ($1->>'id')::int8"},

	{"graph",
	 "SELECT sfn.graph($1->>'of', 'json')::json"},

	/* whether it is as it was when somebody looked */
	{"watch",
	 "SELECT json_build_object('mark', status || ' ' || " LAST_EVENT ") FROM sfn.describe_execution($1->>'execution')"},

	{"tasks",
	 "SELECT json_build_object('tasks', " LIST("json_build_object(" TASK_FIELDS ")") ") FROM"
	 " (SELECT * FROM sfn.pending_tasks WHERE $1->>'waitsFor' IS NULL OR waits_for = $1->>'waitsFor'"
	 "  ORDER BY since LIMIT " LIMIT_OF("500") ") t"},

	{"machines",
	 "SELECT json_build_object('machines', coalesce(json_agg(json_build_object('name', m.name, 'type', m.type,"
	 " 'status', m.status, 'role', m.role, 'creationDate', m.creation_date, 'updateDate', m.update_date,"
	 " 'started', c.executions_started, 'succeeded', c.executions_succeeded, 'failed', c.executions_failed,"
	 " 'timedOut', c.executions_timed_out, 'aborted', c.executions_aborted,"
	 " 'milliseconds', c.total_execution_time, 'longest', c.max_execution_time) ORDER BY m.name), '[]'),"
	 " 'next', CASE WHEN count(*) = " LIMIT_OF("200") " THEN max(m.name) END)"
	 " FROM (SELECT * FROM sfn.state_machines WHERE name > coalesce($1->>'after', '')"
	 "  AND ($1->>'name' IS NULL OR starts_with(name, $1->>'name')) ORDER BY name LIMIT " LIMIT_OF("200") ") m"
	 " LEFT JOIN sfn.stat_state_machines c ON c.state_machine = m.name"},

	{"machine",
	 "SELECT json_build_object('stateMachineArn', m.state_machine_arn, 'name', m.name, 'type', m.type, 'status', m.status,"
	 " 'role', m.role, 'definition', m.definition, 'creationDate', m.creation_date, 'updateDate', m.update_date,"
	 " 'priority', m.priority, 'rights', " RIGHTS_ON("m.state_machine_arn") ", 'tags', m.tags, 'logging', m.logging_configuration,"
	 " 'versions', (SELECT " LIST("json_build_object('arn', v.state_machine_version_arn, 'description', v.description,"
	 " 'creationDate', v.creation_date)") " FROM sfn.list_state_machine_versions(m.name) v),"
	 " 'aliases', (SELECT " LIST("json_build_object('arn', a.state_machine_alias_arn, 'routing', a.routing_configuration,"
	 " 'description', (SELECT description FROM sfn.describe_state_machine_alias(a.state_machine_alias_arn)), 'creationDate', a.creation_date)") " FROM sfn.list_state_machine_aliases(m.name) a),"
	 " 'grants', (SELECT " LIST("json_build_object('grantee', g.grantee, 'privilege', g.privilege, 'grantor', g.grantor,"
	 " 'grantDate', g.grant_date)") " FROM sfn.state_machine_grants g WHERE g.state_machine = m.name),"
	 " 'counters', (SELECT row_to_json(c) FROM sfn.stat_state_machines c WHERE c.state_machine = m.name))"
	 " FROM sfn.state_machines m WHERE m.name = $1->>'machine'"},

	/* the hours of the last day, the newest last; of very many executions a part */
	{"day",
	 "WITH e AS MATERIALIZED (SELECT start_date, stop_date, status FROM sfn.executions WHERE state_machine = $1->>'machine'"
	 "  AND start_date >= now() - interval '24 hours' LIMIT " EXPRESS_WINDOW ")"
	 " SELECT json_build_object('isPart', (SELECT count(*) FROM e) = " EXPRESS_WINDOW ", 'hours', json_agg(json_build_object("
	 " 'from', h.hour, 'started', coalesce(c.started, 0), 'failed', coalesce(c.failed, 0), 'seconds', c.seconds) ORDER BY h.hour))"
	 " FROM (SELECT now() - make_interval(hours => n) AS hour, 24 - n AS n FROM generate_series(1, 24) n) h"
	 " LEFT JOIN (SELECT floor(extract(epoch FROM start_date - (now() - interval '24 hours')) / 3600)::int AS n, count(*) AS started,"
	 "   count(*) FILTER (WHERE status IN ('FAILED', 'TIMED_OUT')) AS failed, avg(extract(epoch FROM stop_date - start_date))::float8 AS seconds"
	 "  FROM e GROUP BY 1) c USING (n)"},

	/* in which states: those of the newest five */
	{"failures",
	 "SELECT json_build_object('failures', coalesce(json_agg(json_build_object('machine', f.machine, 'status', f.status, 'error', f.error, 'count', f.count, 'last', f.last,"
	 " 'example', f.examples[1], 'cause', f.cause, 'states', (SELECT " LIST("DISTINCT l.state") " FROM (SELECT " LAST_STATE("a") " AS state FROM unnest(f.examples) a) l WHERE l.state IS NOT NULL))"
	 " ORDER BY f.count DESC, f.machine, f.error), '[]')) FROM"
	 " (SELECT e.state_machine AS machine, e.status, e.error, count(*), max(e.stop_date) AS last,"
	 "   (array_agg(e.execution_arn ORDER BY e.id DESC))[1:5] AS examples, (array_agg(e.cause ORDER BY e.id DESC))[1] AS cause"
	 "  FROM (SELECT NULL AS map_run_arn UNION ALL (SELECT map_run_arn FROM sfn.map_runs"
	 "    WHERE items_failed + items_timed_out + items_aborted > 0 ORDER BY start_date DESC LIMIT 20)) r,"
	 "   unnest(ARRAY['FAILED', 'TIMED_OUT', 'ABORTED']) s, sfn.list_executions(status => s, max_results => " AT_ONCE ", map_run => r.map_run_arn) l"
	 "  JOIN sfn.executions e ON e.execution_arn = l.execution_arn WHERE e.stop_date > now() - interval '1 day'"
	 "  GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 100) f"},

	{"mapRuns",
	 "SELECT json_build_object('mapRuns', " LIST("json_build_object(" MAP_RUN_FIELDS ")") ") FROM"
	 " (SELECT * FROM sfn.map_runs WHERE $1->>'execution' IS NULL OR execution_arn = $1->>'execution'"
	 "  ORDER BY start_date DESC LIMIT " LIMIT_OF("200") ") m"},

	{"mapRun",
	 "SELECT json_build_object(" MAP_RUN_FIELDS ") FROM sfn.map_runs WHERE map_run_arn = $1->>'mapRun'"},

	{"activities",
	 "SELECT json_build_object('activities', " LIST("json_build_object('activityArn', a.activity_arn, 'name', a.name, 'creationDate', a.creation_date,"
	 " 'owner', a.owner, 'waiting', coalesce(t.waiting, 0), 'taken', coalesce(t.taken, 0), 'oldest', t.oldest)") ")"
	 " FROM (SELECT * FROM sfn.list_activities() ORDER BY name LIMIT 500) a LEFT JOIN"
	 " (SELECT resource, count(*) FILTER (WHERE taken_at IS NULL) AS waiting,"
	 "   count(*) FILTER (WHERE taken_at IS NOT NULL) AS taken, min(since) FILTER (WHERE taken_at IS NULL) AS oldest"
	 "  FROM sfn.pending_tasks GROUP BY resource) t ON t.resource = a.activity_arn"},

	{"workers",
	 "SELECT json_build_object('workers', " LIST("json_build_object('pid', w.pid, 'database', w.database, 'worker', w.worker, 'state', w.state,"
	 " 'executionArn', w.execution_arn, 'since', w.since, 'turns', w.turns, 'executions', w.executions,"
	 " 'busySeconds', extract(epoch FROM w.busy_time), 'reason', w.reason, 'task', w.task)") ") FROM sfn.workers w"},

	{"backlog",
	 "SELECT row_to_json(b) FROM sfn.stat_backlog b"},

	{"testMachine",
	 "SELECT sfn.test_state_machine($1->>'definition', coalesce($1->>'input', '{}'), coalesce(($1->'mocks')::jsonb, '{}'))"},

	{"rules",
	 "SELECT json_build_object('rules', " LIST("json_build_object('bus', r.bus, 'name', r.name, 'owner', r.owner, 'pattern', r.pattern, 'schedule', r.schedule, 'enabled', r.enabled,"
	 " 'disabledReason', r.disabled_reason, 'description', r.description, 'targets',"
	 "  (SELECT " LIST("json_build_object('id', t.target_id, 'target', t.target, 'role', t.role)") " FROM sfn.event_targets t WHERE t.bus = r.bus AND t.rule = r.name),"
	 " 'deadLetters', (SELECT count(*) FROM sfn.event_dead_letters d WHERE d.bus = r.bus AND d.rule = r.name))") ") FROM (SELECT * FROM sfn.event_rules ORDER BY bus, name LIMIT 500) r"},

	/* no event is kept: those of the newest executions, as they stand, and whether a pattern matches */
	{"events",
	 "SELECT json_build_object('events', " LIST("json_build_object('event', e.event, 'matches',"
	 " CASE WHEN $1->'pattern' IS NOT NULL THEN sfn.test_event_pattern(e.event, $1->'pattern') END)") ") FROM (SELECT sfn.execution_event(l.execution_arn) AS event FROM sfn.list_executions(max_results => 50) l OFFSET 0) e"},

	{"testPattern",
	 "SELECT json_build_object('matches', sfn.test_event_pattern($1->'event', $1->'pattern'))"},

	{"deadLetters",
	 "SELECT json_build_object('deadLetters', " LIST("json_build_object('id', d.id::text, 'creationDate', d.creation_date, 'bus', d.bus, 'rule', d.rule,"
	 " 'targetId', d.target_id, 'event', d.event, 'error', d.error, 'cause', d.cause, 'executionArn', d.execution_arn)") ") FROM (SELECT * FROM sfn.event_dead_letters ORDER BY id DESC LIMIT 200) d"},

	{"redeliver",
	 "SELECT json_build_object('done', true) FROM sfn.redeliver(($1->>'id')::int8)",
	 true},

	{"archives",
	 "SELECT json_build_object('arn', " ARN_OF_EVENTS ", 'buses', (SELECT " LIST("b.name ORDER BY b.name") " FROM sfn.event_buses b), 'archives', (SELECT " LIST("json_build_object("
	 "'name', a.name, 'bus', a.bus, 'owner', a.owner, 'pattern', a.pattern, 'retention', a.retention, 'description', a.description,"
	 " 'creationDate', a.creation_date, 'events', a.events)") " FROM (SELECT * FROM sfn.event_archives ORDER BY name LIMIT 200) a))"},

	{"replays",
	 "SELECT json_build_object('replays', " LIST("json_build_object('name', p.name, 'archive', p.archive, 'from', p.\"from\", 'to', p.\"to\", 'rules', p.rules,"
	 " 'state', p.state, 'stateReason', p.state_reason, 'replayed', p.replayed, 'lastTime', p.last_time, 'creationDate', p.creation_date,"
	 " 'endDate', p.end_date)") ") FROM (SELECT * FROM sfn.event_replays ORDER BY creation_date DESC LIMIT 100) p"},

	{"schedules",
	 "SELECT json_build_object('schedules', " LIST("json_build_object('group', s.group_name, 'name', s.name, 'owner', s.owner, 'role', s.role, 'expression', s.expression,"
	 " 'timezone', s.timezone, 'target', s.target, 'enabled', s.enabled, 'disabledReason', s.disabled_reason, 'lastDue', s.last_due, 'runs', s.runs, 'missed', s.missed,"
	 " 'flexible', s.flexible, 'description', s.description, 'next', (SELECT " LIST("n.due ORDER BY n.due") " FROM (SELECT s.next_due AS due UNION"
	 "  SELECT * FROM sfn.next_times(s.expression, s.timezone, 4, s.next_due)) n WHERE s.enabled AND s.next_due IS NOT NULL AND n.due <= coalesce(s.end_date, 'infinity')))") ") FROM (SELECT * FROM sfn.schedules ORDER BY next_due, group_name, name LIMIT 200) s"},

	{"validate",
	 "SELECT json_build_object('diagnostics', " LIST("d") ")"
	 " FROM sfn.validate_state_machine_definition($1->>'definition', coalesce($1->>'type', 'STANDARD')) d"},

};
/* clang-format on */

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

/*
 * Few of many rows are wanted: by an index, whatever the planner expects.  It takes functions for far more than they
 * cost, too: to compile a query would take longer than all else.
 */
static const struct
{
	const char *setting;
	const char *value;
} fixed[] = {
	{"search_path", "pg_catalog, pg_temp"},
	{"enable_seqscan", "off"},
	{"enable_bitmapscan", "off"},
	{"enable_hashjoin", "off"},
	{"enable_mergejoin", "off"},
	{"enable_material", "off"},
	{"jit", "off"},
};

bool
page_read(const char *name, Datum request, Datum *answer)
{
	MemoryContext context = CurrentMemoryContext;
	Oid types[1] = {JSONOID};
	size_t page = 0;
	int settings;

	while (page < lengthof(pages) && strcmp(pages[page].name, name) != 0)
		page++;
	if (page == lengthof(pages))
		return false;
	settings = NewGUCNestLevel();
	for (size_t i = 0; i < lengthof(fixed); i++)
		(void) set_config_option(fixed[i].setting, fixed[i].value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
								 false);
	SPI_connect();
	if (SPI_execute_with_args(pages[page].sql, 1, types, &request, NULL, !pages[page].writes, 1) != SPI_OK_SELECT)
		elog(ERROR, "the page's query \"%s\" has no rows", name);
	*answer = answer_of(context);
	SPI_finish();
	AtEOXact_GUC(false, settings);
	return true;
}
