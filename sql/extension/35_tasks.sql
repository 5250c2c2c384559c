-- Tasks that are done outside: answers, and what waits.

CREATE FUNCTION sfn.send_task_success(task_token text, output text DEFAULT 'null') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_task_success';
COMMENT ON FUNCTION sfn.send_task_success(text, text) IS
	'answers the task that holds this token with its result, when the transaction commits';

CREATE FUNCTION sfn.send_task_success(task_token text, output json) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_task_success';
COMMENT ON FUNCTION sfn.send_task_success(text, json) IS
	'answers the task that holds this token with its result, when the transaction commits';

CREATE FUNCTION sfn.send_task_success(task_token text, output jsonb) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_task_success_jsonb';
COMMENT ON FUNCTION sfn.send_task_success(text, jsonb) IS
	'answers the task that holds this token with its result, when the transaction commits';

CREATE FUNCTION sfn.send_task_failure(task_token text, error text DEFAULT NULL, cause text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_task_failure';
COMMENT ON FUNCTION sfn.send_task_failure(text, text, text) IS
	'fails the task that holds this token, when the transaction commits; Retry and Catch see error and cause';

CREATE FUNCTION sfn.send_task_successes(task_tokens text[], outputs json[] DEFAULT NULL) RETURNS SETOF text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_task_successes';
COMMENT ON FUNCTION sfn.send_task_successes(text[], json[]) IS
	'answers the tasks that hold these tokens with their results, when the transaction commits; returns the tokens of those that nobody waits for any more';

CREATE FUNCTION sfn.send_task_failures(task_tokens text[], errors text[] DEFAULT NULL, causes text[] DEFAULT NULL) RETURNS SETOF text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_task_failures';
COMMENT ON FUNCTION sfn.send_task_failures(text[], text[], text[]) IS
	'fails the tasks that hold these tokens, when the transaction commits; returns the tokens of those that nobody waits for any more';

CREATE FUNCTION sfn.send_task_heartbeat(task_token text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_task_heartbeat';
COMMENT ON FUNCTION sfn.send_task_heartbeat(text) IS
	'says that the task is being worked on: its HeartbeatSeconds begin again when the transaction commits';

CREATE VIEW sfn.pending_tasks WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn, sfn.state_machine_arn(m.name) AS state_machine_arn,
	CASE WHEN w.branch OPERATOR(pg_catalog.=) 0 THEN e.image OPERATOR(pg_catalog.->>) 'state'
		 ELSE (SELECT b.image OPERATOR(pg_catalog.->>) 'state' FROM sfn.branch b
			   WHERE b.execution_id OPERATOR(pg_catalog.=) w.execution_id AND b.id OPERATOR(pg_catalog.=) w.branch) END AS state,
	CASE WHEN p.task_since IS NOT NULL THEN 'the end of its SQL' ELSE w.waits_for END AS waits_for,
	CASE WHEN w.is_running OR p.task_since IS NOT NULL THEN 'running' ELSE 'waiting' END AS status,
	w.resource, w.attempt AS retries, coalesce(p.task_since, w.since) AS since, w.taken_at, w.worker_name,
	CASE WHEN w.is_sent THEN (SELECT s.pid FROM sfn_internal.worker_status() s WHERE s.worker OPERATOR(pg_catalog.=) 'pump'
		AND s.database OPERATOR(pg_catalog.=) pg_catalog.current_database()::text LIMIT 1) ELSE p.pid END AS pid,
	CASE WHEN p.task_since IS NOT NULL THEN pg_catalog.pg_blocking_pids(p.pid) END AS blocked_by,
	(SELECT sfn.execution_arn(cm.name, c.name, c.express_id) FROM sfn.execution c
		JOIN sfn.state_machine cm ON cm.id OPERATOR(pg_catalog.=) c.state_machine_id
		WHERE c.id OPERATOR(pg_catalog.=) w.child_execution_id) AS child_execution_arn,
	(SELECT pg_catalog.max(i.due) FROM sfn.inbox i WHERE i.execution_id OPERATOR(pg_catalog.=) w.execution_id
		AND i.branch OPERATOR(pg_catalog.=) w.branch AND i.kind OPERATOR(pg_catalog.=) 3
		AND i.timer OPERATOR(pg_catalog.=) 3) AS timeout_at,
	(SELECT pg_catalog.max(i.due) FROM sfn.inbox i WHERE i.execution_id OPERATOR(pg_catalog.=) w.execution_id
		AND i.branch OPERATOR(pg_catalog.=) w.branch AND i.kind OPERATOR(pg_catalog.=) 3
		AND i.timer OPERATOR(pg_catalog.=) 4) AS heartbeat_at,
	CASE WHEN sfn_internal.may_answer(coalesce(m.map_of, m.id), m.role::oid) THEN w.token END AS task_token
FROM (SELECT t.execution_id, t.branch, t.visit, t.attempt, t.resource, t.created AS since, t.taken_at, t.worker_name,
		CASE t.kind WHEN 4 THEN t.child_execution_id END AS child_execution_id, t.token,
		CASE t.kind WHEN 1 THEN CASE WHEN t.taken_at IS NULL THEN 'a request' ELSE 'an HTTP response' END
			WHEN 2 THEN CASE t.state WHEN 1 THEN 'a worker' ELSE 'the worker''s answer' END
			WHEN 3 THEN 'a callback' WHEN 4 THEN 'an execution' WHEN 6 THEN 'a job' ELSE 'a map run' END AS waits_for,
		t.taken_at IS NOT NULL AND t.kind OPERATOR(pg_catalog.=) ANY ('{1,2}') AS is_running,
		t.taken_at IS NOT NULL AND t.kind OPERATOR(pg_catalog.=) 1 AS is_sent
	  FROM sfn.task t
	  UNION ALL
	  SELECT i.execution_id, i.branch, i.visit, i.attempt,
		CASE WHEN i.payload OPERATOR(pg_catalog.->) 'kind' IS NOT NULL THEN 'a transition of the state'
			 ELSE coalesce(i.payload OPERATOR(pg_catalog.->>) 'text', 'a task') END,
		i.due, NULL, NULL, NULL, NULL,
		CASE i.kind WHEN 13 THEN 'a transaction of its own' ELSE 'the next turn' END, false, false
	  FROM sfn.inbox i WHERE i.kind OPERATOR(pg_catalog.=) ANY ('{4,13}')) w
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) w.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
	LEFT JOIN sfn_internal.worker_status() p ON p.execution_id OPERATOR(pg_catalog.=) w.execution_id
		AND p.task_branch OPERATOR(pg_catalog.=) w.branch AND p.task_visit OPERATOR(pg_catalog.=) w.visit
		AND p.database OPERATOR(pg_catalog.=) pg_catalog.current_database()::text
WHERE e.stop_date IS NULL AND sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.pending_tasks IS 'tasks that run or wait: for whom, since when, until when; sfn.why() says more about one execution';
COMMENT ON COLUMN sfn.pending_tasks.execution_arn IS 'whose task it is';
COMMENT ON COLUMN sfn.pending_tasks.state_machine_arn IS 'of its state machine';
COMMENT ON COLUMN sfn.pending_tasks.state IS 'the Task state';
COMMENT ON COLUMN sfn.pending_tasks.waits_for IS
	'a worker (of an activity, to take it), the worker''s answer, a callback, an execution (.sync), a job (.sync of an AWS service), a map run, a request (to be sent), an HTTP response, the next turn, a transaction of its own, the end of its SQL';
COMMENT ON COLUMN sfn.pending_tasks.status IS 'running: somebody works on it, be it a process, the host of a request or a worker; or waiting';
COMMENT ON COLUMN sfn.pending_tasks.resource IS 'as the definition has it; of a map run its ARN';
COMMENT ON COLUMN sfn.pending_tasks.retries IS 'attempts before this one';
COMMENT ON COLUMN sfn.pending_tasks.since IS 'when this attempt began';
COMMENT ON COLUMN sfn.pending_tasks.taken_at IS 'when a worker took it';
COMMENT ON COLUMN sfn.pending_tasks.worker_name IS 'as the worker called itself';
COMMENT ON COLUMN sfn.pending_tasks.pid IS 'the process that runs its SQL, or has sent its request';
COMMENT ON COLUMN sfn.pending_tasks.blocked_by IS 'the processes that hold a lock which its SQL waits for; empty: none; null: no SQL runs';
COMMENT ON COLUMN sfn.pending_tasks.child_execution_arn IS 'the execution whose end it waits for';
COMMENT ON COLUMN sfn.pending_tasks.timeout_at IS 'when TimeoutSeconds are over; null: never, or its clock has not begun';
COMMENT ON COLUMN sfn.pending_tasks.heartbeat_at IS 'when HeartbeatSeconds are over, without another heartbeat';
COMMENT ON COLUMN sfn.pending_tasks.task_token IS 'with it sfn.send_task_success() and its sisters answer the task; null without the privilege answer';
GRANT SELECT ON sfn.pending_tasks TO PUBLIC;

-- A task that waits for other executions is nothing to wait for when none of them will end any more.
CREATE VIEW sfn.stuck_executions WITH (security_barrier) AS
SELECT e.id, sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn, m.name AS state_machine,
	e.image OPERATOR(pg_catalog.->>) 'state' AS state, e.start_date
FROM sfn.execution e JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
WHERE e.stop_date IS NULL
	AND NOT EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id OPERATOR(pg_catalog.=) e.id)
	AND NOT EXISTS (SELECT FROM sfn.task t WHERE t.execution_id OPERATOR(pg_catalog.=) e.id
		AND (t.kind OPERATOR(pg_catalog.<) 4 /* TASK_CHILD */ OR t.kind OPERATOR(pg_catalog.=) 6 /* TASK_JOB */
			OR EXISTS (SELECT FROM sfn.execution c WHERE t.kind OPERATOR(pg_catalog.=) 4 /* TASK_CHILD */
				AND c.id OPERATOR(pg_catalog.=) t.child_execution_id AND c.stop_date IS NULL)
			OR EXISTS (SELECT FROM sfn.execution c WHERE t.kind OPERATOR(pg_catalog.=) 5 /* TASK_MAP_RUN */
				AND c.map_run_id OPERATOR(pg_catalog.=) t.child_execution_id
				AND (c.stop_date IS NULL OR EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id OPERATOR(pg_catalog.=) c.id
					AND i.kind OPERATOR(pg_catalog.=) 12 /* EVENT_REDRIVE */)))))
	AND sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.stuck_executions IS
	'executions that are RUNNING with nothing pending that could move them on: there are none, unless rows were deleted; reads all executions';
COMMENT ON COLUMN sfn.stuck_executions.id IS 'as sfn.check() names it';
COMMENT ON COLUMN sfn.stuck_executions.execution_arn IS 'sfn.stop_execution() ends it, sfn.redrive_execution() lets it go on then';
COMMENT ON COLUMN sfn.stuck_executions.state_machine IS 'the name of the state machine';
COMMENT ON COLUMN sfn.stuck_executions.state IS 'the state it stands in; null: it has not begun';
COMMENT ON COLUMN sfn.stuck_executions.start_date IS 'when it was started';
GRANT SELECT ON sfn.stuck_executions TO PUBLIC;
