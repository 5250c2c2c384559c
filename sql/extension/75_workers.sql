-- Workers: seeing them, restarting them, running turns without them.

CREATE VIEW sfn.workers WITH (security_barrier) AS
	SELECT w.pid, w.database, w.worker, w.state,
		CASE WHEN sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter) THEN sfn.execution_arn(m.name, e.name, e.express_id) END AS execution_arn,
		w.since, w.sleeps_until, w.turns, w.executions,
		w.busy_microseconds OPERATOR(pg_catalog.*) interval '1 microsecond' AS busy_time, w.wakeups, w.reason, w.reason_since, w.task
	FROM sfn_internal.worker_status() w
	LEFT JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) w.execution_id
		AND w.database OPERATOR(pg_catalog.=) pg_catalog.current_database()::text
	LEFT JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id;
COMMENT ON VIEW sfn.workers IS 'launcher, executors and helpers of the server, and the reason why nothing runs here, if so';
COMMENT ON COLUMN sfn.workers.pid IS 'of the process';
COMMENT ON COLUMN sfn.workers.database IS 'where it works';
COMMENT ON COLUMN sfn.workers.worker IS 'launcher (one), executor (one per database), helper (more for the same database), probe (looks whether a database has the extension)';
COMMENT ON COLUMN sfn.workers.state IS 'starting, idle, busy, backing off (after failures), leaving, stuck (in a task that cannot be ended)';
COMMENT ON COLUMN sfn.workers.execution_arn IS 'the execution in hand, if it is of this database and yours to see';
COMMENT ON COLUMN sfn.workers.since IS 'since when it is in this state';
COMMENT ON COLUMN sfn.workers.sleeps_until IS 'when it looks again if nobody wakes it';
COMMENT ON COLUMN sfn.workers.turns IS 'turns since it began';
COMMENT ON COLUMN sfn.workers.executions IS 'executions moved in those turns, counted once per turn';
COMMENT ON COLUMN sfn.workers.busy_time IS 'time spent in turns';
COMMENT ON COLUMN sfn.workers.wakeups IS 'times that a commit woke it';
COMMENT ON COLUMN sfn.workers.reason IS 'why nothing runs, or the last error';
COMMENT ON COLUMN sfn.workers.reason_since IS 'since when';
COMMENT ON COLUMN sfn.workers.task IS 'the resource of the task that it runs, or is stuck in, if its role is yours';
GRANT SELECT ON sfn.workers TO PUBLIC;

CREATE FUNCTION sfn.restart_worker() RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_restart_worker';
COMMENT ON FUNCTION sfn.restart_worker() IS
	'ends the workers of this database and starts new ones; true when the old ones have left and the new are at work. A running SQL task is cancelled after sfn.ddl_grace and run again';
REVOKE ALL ON FUNCTION sfn.restart_worker() FROM PUBLIC;

CREATE FUNCTION sfn.adopt() RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_adopt';
COMMENT ON FUNCTION sfn.adopt() IS
	'makes the executions of a copied or restored database its own: they go on when the transaction commits';
REVOKE ALL ON FUNCTION sfn.adopt() FROM PUBLIC;

CREATE FUNCTION sfn.run_once() RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_run_once';
COMMENT ON FUNCTION sfn.run_once() IS
	'does one turn in this session and transaction, at the time sfn.test_now if that is set; returns the number of executions moved';
REVOKE ALL ON FUNCTION sfn.run_once() FROM PUBLIC;

CREATE FUNCTION sfn.run_until_idle(max_turns integer DEFAULT 10000) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_run_until_idle';
COMMENT ON FUNCTION sfn.run_until_idle(integer) IS
	'does turns in this session and transaction until nothing is due, moving sfn.test_now to the next due time if that is set; returns the number of turns';
REVOKE ALL ON FUNCTION sfn.run_until_idle(integer) FROM PUBLIC;

CREATE FUNCTION sfn_internal.extension_created() RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_extension_created';
COMMENT ON FUNCTION sfn_internal.extension_created() IS 'tells the launcher of a new extension; for the install script';
REVOKE ALL ON FUNCTION sfn_internal.extension_created() FROM PUBLIC;
SELECT sfn_internal.extension_created();

CREATE TYPE sfn.finding AS (
	kind text, object text, problem text, cure text
);
COMMENT ON TYPE sfn.finding IS 'a row of sfn.check()';

CREATE FUNCTION sfn.check(
	from_id bigint DEFAULT 0, to_id bigint DEFAULT 9223372036854775807) RETURNS SETOF sfn.finding
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_check';
COMMENT ON FUNCTION sfn.check(bigint, bigint) IS
	'what no key keeps true between the tables, for executions of a range of ids: no rows when all is well';
REVOKE ALL ON FUNCTION sfn.check(bigint, bigint) FROM PUBLIC;
