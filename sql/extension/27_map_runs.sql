-- Map runs: the runs of Distributed Maps.

CREATE VIEW sfn.map_runs WITH (security_barrier) AS
SELECT sfn.map_run_arn(c.name, r.name) AS map_run_arn, sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn,
	sfn.state_machine_arn(m.name) AS state_machine_arn, m.name AS state_machine, r.label, sfn_internal.status_name(r.status) AS status,
	r.start_date, r.stop_date, r.max_concurrency, r.tolerated_failure_count, r.tolerated_failure_percentage,
	r.item_count AS items, r.item_count OPERATOR(pg_catalog.-) r.items_started AS items_pending,
	r.items_started OPERATOR(pg_catalog.-) r.items_succeeded OPERATOR(pg_catalog.-) r.items_failed
		OPERATOR(pg_catalog.-) r.items_timed_out OPERATOR(pg_catalog.-) r.items_aborted
		OPERATOR(pg_catalog.-) r.items_pending_redrive AS items_running,
	r.items_succeeded, r.items_failed, r.items_timed_out, r.items_aborted, r.items_pending_redrive,
	p.done AS items_done,
	CASE WHEN r.redrive_count OPERATOR(pg_catalog.=) 0
		THEN pg_catalog.round((p.done OPERATOR(pg_catalog./) nullif(p.seconds, 0)), 1) END AS items_per_second,
	CASE WHEN r.redrive_count OPERATOR(pg_catalog.=) 0 AND r.stop_date IS NULL AND r.is_loaded
		THEN pg_catalog.date_trunc('second', pg_catalog.make_interval(secs => ((r.item_count OPERATOR(pg_catalog.-) p.done)
			OPERATOR(pg_catalog.*) p.seconds OPERATOR(pg_catalog./) nullif(p.done, 0))::float8)) END AS time_left,
	r.child_count AS executions, r.child_count OPERATOR(pg_catalog.-) r.started AS executions_pending,
	r.started OPERATOR(pg_catalog.-) r.succeeded OPERATOR(pg_catalog.-) r.failed OPERATOR(pg_catalog.-) r.timed_out
		OPERATOR(pg_catalog.-) r.aborted OPERATOR(pg_catalog.-) r.pending_redrive AS executions_running,
	r.succeeded AS executions_succeeded, r.failed AS executions_failed, r.timed_out AS executions_timed_out,
	r.aborted AS executions_aborted, r.pending_redrive AS executions_pending_redrive, r.results_written,
	r.redrive_count, r.redrive_date, r.error, sfn_internal.hide_tokens(r.cause) AS cause
FROM sfn.map_run r
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) r.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
	JOIN sfn.state_machine c ON c.id OPERATOR(pg_catalog.=) r.state_machine_id
	CROSS JOIN LATERAL (SELECT r.items_succeeded OPERATOR(pg_catalog.+) r.items_failed OPERATOR(pg_catalog.+) r.items_timed_out
			OPERATOR(pg_catalog.+) r.items_aborted AS done,
		EXTRACT(epoch FROM coalesce(r.stop_date, nullif(pg_catalog.current_setting('sfn.test_now', true), '')::timestamptz,
			pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.-) r.start_date) AS seconds) p
WHERE sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.map_runs IS 'runs of Distributed Maps: how far they have come, in items and in child executions';
COMMENT ON COLUMN sfn.map_runs.map_run_arn IS 'its ARN';
COMMENT ON COLUMN sfn.map_runs.state_machine_arn IS 'of the execution''s state machine';
COMMENT ON COLUMN sfn.map_runs.start_date IS 'when it was started';
COMMENT ON COLUMN sfn.map_runs.stop_date IS 'when it ended; null: it runs';
COMMENT ON COLUMN sfn.map_runs.items_running IS 'whose execution runs';
COMMENT ON COLUMN sfn.map_runs.items_succeeded IS 'whose execution has';
COMMENT ON COLUMN sfn.map_runs.items_failed IS 'whose execution has';
COMMENT ON COLUMN sfn.map_runs.items_timed_out IS 'whose execution has';
COMMENT ON COLUMN sfn.map_runs.items_aborted IS 'whose execution was';
COMMENT ON COLUMN sfn.map_runs.executions_pending IS 'not started yet';
COMMENT ON COLUMN sfn.map_runs.executions_running IS 'started and not ended';
COMMENT ON COLUMN sfn.map_runs.executions_succeeded IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_failed IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_timed_out IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_aborted IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_pending_redrive IS 'to go on after a redrive';
COMMENT ON COLUMN sfn.map_runs.redrive_count IS 'how often it was redriven';
COMMENT ON COLUMN sfn.map_runs.redrive_date IS 'when it was last';
COMMENT ON COLUMN sfn.map_runs.execution_arn IS 'whose Map it is';
COMMENT ON COLUMN sfn.map_runs.state_machine IS 'the name of its state machine';
COMMENT ON COLUMN sfn.map_runs.label IS 'the Map''s Label, or what stands for it; the children run state_machine/label';
COMMENT ON COLUMN sfn.map_runs.status IS 'RUNNING, SUCCEEDED, FAILED, ABORTED';
COMMENT ON COLUMN sfn.map_runs.max_concurrency IS 'children that run at one time; 0: no limit but the engine''s, 1,000';
COMMENT ON COLUMN sfn.map_runs.tolerated_failure_count IS 'items that may fail; null: not given';
COMMENT ON COLUMN sfn.map_runs.tolerated_failure_percentage IS 'of all items; null: not given';
COMMENT ON COLUMN sfn.map_runs.items IS 'all items; with an ItemBatcher an execution has several';
COMMENT ON COLUMN sfn.map_runs.items_pending IS 'whose execution has not been started';
COMMENT ON COLUMN sfn.map_runs.items_pending_redrive IS 'to go on after a redrive';
COMMENT ON COLUMN sfn.map_runs.items_done IS 'whose execution has ended, well or not';
COMMENT ON COLUMN sfn.map_runs.items_per_second IS 'so far; null after a redrive';
COMMENT ON COLUMN sfn.map_runs.time_left IS 'at that rate; null when it is not running or nothing is done yet, and after a redrive';
COMMENT ON COLUMN sfn.map_runs.executions IS 'all children';
COMMENT ON COLUMN sfn.map_runs.results_written IS 'records of children that the ResultWriter has written';
COMMENT ON COLUMN sfn.map_runs.error IS 'why it failed';
COMMENT ON COLUMN sfn.map_runs.cause IS 'what is known about the error';
GRANT SELECT ON sfn.map_runs TO PUBLIC;

CREATE TYPE sfn.map_run_description AS (
	map_run_arn text, execution_arn text, state_machine_arn text, status text, start_date timestamptz,
	stop_date timestamptz, max_concurrency bigint, tolerated_failure_percentage double precision,
	tolerated_failure_count bigint, item_counts json, execution_counts json, redrive_count integer,
	redrive_date timestamptz, error text, cause text
);
COMMENT ON TYPE sfn.map_run_description IS 'what sfn.describe_map_run() tells';

CREATE FUNCTION sfn.describe_map_run(map_run text) RETURNS sfn.map_run_description
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_map_run';
COMMENT ON FUNCTION sfn.describe_map_run(text) IS 'all about a map run, one row; the counts are AWS''s objects';

CREATE TYPE sfn.listed_map_run AS (
	map_run_arn text, execution_arn text, state_machine_arn text, status text, start_date timestamptz,
	stop_date timestamptz
);
COMMENT ON TYPE sfn.listed_map_run IS 'a row of sfn.list_map_runs()';

CREATE FUNCTION sfn.list_map_runs(execution text, max_results integer DEFAULT 100) RETURNS SETOF sfn.listed_map_run
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_map_runs';
COMMENT ON FUNCTION sfn.list_map_runs(text, integer) IS 'the map runs of an execution, the youngest first';

CREATE FUNCTION sfn.update_map_run(
	map_run text, max_concurrency bigint DEFAULT NULL, tolerated_failure_count bigint DEFAULT NULL,
	tolerated_failure_percentage double precision DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_map_run';
COMMENT ON FUNCTION sfn.update_map_run(text, bigint, bigint, double precision) IS
	'gives a map run that is running other limits, when the transaction commits; what is null stays';

CREATE FUNCTION sfn.redrive_map_run(map_run text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_redrive_map_run';
COMMENT ON FUNCTION sfn.redrive_map_run(text) IS
	'lets those executions go on that have not succeeded in a map run that has, within the failures it tolerates; when the transaction commits';
