-- Counters, as the server's pg_stat views have them: cumulative, in shared memory, gone with a restart.

CREATE FUNCTION sfn_internal.machine_counters(
	OUT state_machine_id bigint, OUT executions_started bigint, OUT executions_succeeded bigint,
	OUT executions_failed bigint, OUT executions_timed_out bigint, OUT executions_aborted bigint,
	OUT executions_redriven bigint, OUT executions_quarantined bigint, OUT total_execution_time double precision,
	OUT max_execution_time double precision, OUT state_transitions bigint, OUT events bigint, OUT retries bigint,
	OUT errors_caught bigint, OUT tasks_scheduled bigint, OUT tasks_succeeded bigint, OUT tasks_failed bigint,
	OUT tasks_timed_out bigint, OUT local_tasks bigint, OUT local_task_time double precision,
	OUT stats_reset timestamptz) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_machine_counters';
COMMENT ON FUNCTION sfn_internal.machine_counters() IS
	'the counters of the state machines that the caller may see; sfn.stat_state_machines shows them';

CREATE VIEW sfn.stat_state_machines WITH (security_barrier) AS
	SELECT sfn.state_machine_arn(m.name) AS state_machine_arn, m.name AS state_machine, m.type,
		c.executions_started, c.executions_succeeded, c.executions_failed, c.executions_timed_out, c.executions_aborted,
		c.executions_redriven, c.executions_quarantined, c.total_execution_time, c.max_execution_time,
		c.state_transitions, c.events, c.retries, c.errors_caught, c.tasks_scheduled, c.tasks_succeeded, c.tasks_failed,
		c.tasks_timed_out, c.local_tasks, c.local_task_time, c.stats_reset
	FROM sfn_internal.machine_counters() c
	LEFT JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) c.state_machine_id;
COMMENT ON VIEW sfn.stat_state_machines IS
	'what the executions of each state machine have done since the server started or sfn.stat_reset() was called';
COMMENT ON COLUMN sfn.stat_state_machines.state_machine_arn IS 'whose executions are counted';
COMMENT ON COLUMN sfn.stat_state_machines.type IS 'STANDARD or EXPRESS';
COMMENT ON COLUMN sfn.stat_state_machines.executions_succeeded IS 'that ended so, since the counters were reset';
COMMENT ON COLUMN sfn.stat_state_machines.executions_failed IS 'likewise';
COMMENT ON COLUMN sfn.stat_state_machines.executions_timed_out IS 'likewise';
COMMENT ON COLUMN sfn.stat_state_machines.executions_aborted IS 'likewise';
COMMENT ON COLUMN sfn.stat_state_machines.executions_redriven IS 'redrives';
COMMENT ON COLUMN sfn.stat_state_machines.tasks_succeeded IS 'tasks that gave a result';
COMMENT ON COLUMN sfn.stat_state_machines.state_machine IS
	'null: machines beyond the first 4096 of the server, together; for members of pg_read_all_stats';
COMMENT ON COLUMN sfn.stat_state_machines.executions_started IS 'begun by an executor, or in a session if synchronous';
COMMENT ON COLUMN sfn.stat_state_machines.executions_quarantined IS 'times that one was, because it brought down workers';
COMMENT ON COLUMN sfn.stat_state_machines.total_execution_time IS
	'milliseconds from start to end of all that ended; of redriven ones, from the last redrive';
COMMENT ON COLUMN sfn.stat_state_machines.max_execution_time IS 'milliseconds of the longest';
COMMENT ON COLUMN sfn.stat_state_machines.state_transitions IS 'states entered';
COMMENT ON COLUMN sfn.stat_state_machines.events IS 'events of histories, those that were not kept included';
COMMENT ON COLUMN sfn.stat_state_machines.retries IS 'attempts that Retry led to';
COMMENT ON COLUMN sfn.stat_state_machines.errors_caught IS 'errors that Catch took';
COMMENT ON COLUMN sfn.stat_state_machines.tasks_scheduled IS 'attempts at tasks of any kind; each retry is one more';
COMMENT ON COLUMN sfn.stat_state_machines.tasks_failed IS 'attempts that failed, but not by TimeoutSeconds or HeartbeatSeconds';
COMMENT ON COLUMN sfn.stat_state_machines.tasks_timed_out IS 'attempts that TimeoutSeconds or HeartbeatSeconds ended';
COMMENT ON COLUMN sfn.stat_state_machines.local_tasks IS
	'attempts that were done in the turn or session itself: SQL functions and queries, starts of executions, requests of synchronous executions';
COMMENT ON COLUMN sfn.stat_state_machines.local_task_time IS 'milliseconds that they took, with tries that had to be begun again';
COMMENT ON COLUMN sfn.stat_state_machines.stats_reset IS 'since when is counted';
GRANT SELECT ON sfn.stat_state_machines TO PUBLIC;

CREATE FUNCTION sfn_internal.worker_counters(
	OUT pid integer, OUT worker text, OUT turns bigint, OUT commits bigint, OUT errors bigint, OUT redone_turns bigint,
	OUT executions bigint, OUT busy_time double precision, OUT rows_delivered bigint,
	OUT total_lateness double precision, OUT max_lateness double precision, OUT local_tasks bigint,
	OUT local_task_time double precision, OUT tasks_put_off bigint, OUT retries bigint, OUT quarantined bigint,
	OUT requests_sent bigint, OUT requests_succeeded bigint, OUT requests_failed bigint,
	OUT request_time double precision, OUT stats_reset timestamptz) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_worker_counters';
COMMENT ON FUNCTION sfn_internal.worker_counters() IS 'the counters of the executors and the pump of this database; sfn.stat_workers shows them';

CREATE VIEW sfn.stat_workers WITH (security_barrier) AS
	SELECT c.pid, c.worker, c.turns, c.commits, c.errors, c.redone_turns, c.executions,
		c.executions::double precision OPERATOR(pg_catalog./) nullif(c.commits, 0)::double precision AS executions_per_turn,
		c.busy_time, c.rows_delivered, c.total_lateness, c.max_lateness, c.local_tasks, c.local_task_time,
		c.tasks_put_off, c.retries, c.quarantined, c.requests_sent, c.requests_succeeded, c.requests_failed,
		c.request_time, c.stats_reset
	FROM sfn_internal.worker_counters() c;
COMMENT ON VIEW sfn.stat_workers IS
	'what the executors and the pump of this database have done since the server started or sfn.stat_reset() was called';
COMMENT ON COLUMN sfn.stat_workers.pid IS 'null: those that have left';
COMMENT ON COLUMN sfn.stat_workers.worker IS 'executor (the permanent one), helper, pump, former (all that have left, together)';
COMMENT ON COLUMN sfn.stat_workers.turns IS 'transactions that looked for work and committed';
COMMENT ON COLUMN sfn.stat_workers.commits IS 'those of them that had work';
COMMENT ON COLUMN sfn.stat_workers.errors IS 'turns that failed and were rolled back; the log says why';
COMMENT ON COLUMN sfn.stat_workers.redone_turns IS 'turns of one execution after such a failure';
COMMENT ON COLUMN sfn.stat_workers.executions IS 'executions moved, counted once per turn';
COMMENT ON COLUMN sfn.stat_workers.executions_per_turn IS 'of the turns that had work, on average';
COMMENT ON COLUMN sfn.stat_workers.busy_time IS 'milliseconds spent in turns';
COMMENT ON COLUMN sfn.stat_workers.rows_delivered IS 'things that happened to executions: starts, timers, answers, stops';
COMMENT ON COLUMN sfn.stat_workers.total_lateness IS 'milliseconds between the moment they were due and the beginning of their turn, all together';
COMMENT ON COLUMN sfn.stat_workers.max_lateness IS 'milliseconds of the latest';
COMMENT ON COLUMN sfn.stat_workers.local_tasks IS 'attempts at tasks that were done in the turn itself';
COMMENT ON COLUMN sfn.stat_workers.local_task_time IS 'milliseconds that they took, with tries that had to be begun again';
COMMENT ON COLUMN sfn.stat_workers.tasks_put_off IS 'tries that had to be begun again, in a later turn or one of their own';
COMMENT ON COLUMN sfn.stat_workers.retries IS 'attempts that Retry led to';
COMMENT ON COLUMN sfn.stat_workers.quarantined IS 'executions taken out of the way because they brought down workers';
COMMENT ON COLUMN sfn.stat_workers.requests_sent IS 'HTTP requests that the pump sent for tasks; a second try with a new OAuth token is one more';
COMMENT ON COLUMN sfn.stat_workers.requests_succeeded IS 'requests whose response was the result of their task';
COMMENT ON COLUMN sfn.stat_workers.requests_failed IS 'requests that failed their task: no response, or one of an error';
COMMENT ON COLUMN sfn.stat_workers.request_time IS 'milliseconds from sending to the end of the response';
COMMENT ON COLUMN sfn.stat_workers.stats_reset IS 'since when is counted';
GRANT SELECT ON sfn.stat_workers TO PUBLIC;

CREATE FUNCTION sfn.stat_reset() RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_stat_reset';
COMMENT ON FUNCTION sfn.stat_reset() IS
	'sets the counters of this database to zero, at once, whatever becomes of the transaction';
REVOKE ALL ON FUNCTION sfn.stat_reset() FROM PUBLIC;

-- What waits now, of all roles: so not for everybody, but for those who watch the server.
CREATE VIEW sfn.stat_backlog AS
	SELECT
		(SELECT count(*) FROM (SELECT i.execution_id FROM sfn.inbox i UNION SELECT t.execution_id FROM sfn.task t) o)
			AS open_executions,
		(SELECT count(*) FROM sfn.inbox i WHERE i.kind OPERATOR(pg_catalog.=) 1) AS executions_to_begin,
		(SELECT count(*) FROM sfn.inbox i WHERE i.due OPERATOR(pg_catalog.<=) pg_catalog.now()) AS rows_due,
		(SELECT min(i.due) FROM sfn.inbox i WHERE i.due OPERATOR(pg_catalog.<=) pg_catalog.now()) AS oldest_due,
		(SELECT count(*) FROM sfn.inbox i WHERE i.kind OPERATOR(pg_catalog.=) 3) AS timers,
		(SELECT count(DISTINCT i.execution_id) FROM sfn.inbox i WHERE i.due OPERATOR(pg_catalog.=) 'infinity')
			AS quarantined,
		t.requests_waiting, t.requests_in_flight, t.activity_tasks_waiting, t.activity_tasks_taken, t.callbacks,
		t.executions_awaited, t.map_runs, t.oldest_activity_task, t.oldest_request
	FROM (SELECT count(*) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 1 AND t.state OPERATOR(pg_catalog.=) 1) AS requests_waiting,
			count(*) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 1 AND t.state OPERATOR(pg_catalog.<>) 1) AS requests_in_flight,
			count(*) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 2 AND t.state OPERATOR(pg_catalog.=) 1) AS activity_tasks_waiting,
			count(*) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 2 AND t.state OPERATOR(pg_catalog.<>) 1) AS activity_tasks_taken,
			count(*) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 3) AS callbacks,
			count(*) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 4) AS executions_awaited,
			count(*) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 5) AS map_runs,
			min(t.created) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 2 AND t.state OPERATOR(pg_catalog.=) 1) AS oldest_activity_task,
			min(t.created) FILTER (WHERE t.kind OPERATOR(pg_catalog.=) 1 AND t.state OPERATOR(pg_catalog.=) 1) AS oldest_request
		  FROM sfn.task t) t;
COMMENT ON VIEW sfn.stat_backlog IS
	'what waits in this database now, one row; for members of pg_read_all_stats. Reads all that is open, so ask at most a few times a minute';
COMMENT ON COLUMN sfn.stat_backlog.open_executions IS 'executions that have not ended';
COMMENT ON COLUMN sfn.stat_backlog.executions_to_begin IS 'those of them that no executor has begun';
COMMENT ON COLUMN sfn.stat_backlog.rows_due IS 'things that should have happened by now: starts, timers, answers, stops';
COMMENT ON COLUMN sfn.stat_backlog.oldest_due IS 'since when the oldest of them waits; null: none does';
COMMENT ON COLUMN sfn.stat_backlog.timers IS 'moments that executions wait for: Wait states, retries, time-outs';
COMMENT ON COLUMN sfn.stat_backlog.quarantined IS 'executions that were taken out of the way; see sfn.executions.quarantined_at';
COMMENT ON COLUMN sfn.stat_backlog.requests_waiting IS 'HTTP tasks whose request is to be sent';
COMMENT ON COLUMN sfn.stat_backlog.requests_in_flight IS 'HTTP tasks that wait for their response';
COMMENT ON COLUMN sfn.stat_backlog.activity_tasks_waiting IS 'tasks of activities that no worker has taken';
COMMENT ON COLUMN sfn.stat_backlog.activity_tasks_taken IS 'tasks of activities that a worker has in hand';
COMMENT ON COLUMN sfn.stat_backlog.callbacks IS 'tasks that wait for somebody to answer their token';
COMMENT ON COLUMN sfn.stat_backlog.executions_awaited IS 'tasks that wait for the end of another execution';
COMMENT ON COLUMN sfn.stat_backlog.map_runs IS 'Distributed Maps that are under way';
COMMENT ON COLUMN sfn.stat_backlog.oldest_activity_task IS 'since when the oldest of those that no worker has taken waits';
COMMENT ON COLUMN sfn.stat_backlog.oldest_request IS 'since when the oldest of those to be sent waits';
GRANT SELECT ON sfn.stat_backlog TO pg_read_all_stats;
