-- What users see of the tables.  A row shows to those who may see its state machine: sfn.may_see().

CREATE VIEW sfn.state_machines WITH (security_barrier) AS
SELECT sfn.state_machine_arn(m.name) AS state_machine_arn, m.name, m.type, m.status, r.definition::json AS definition,
	m.role, r.role_arn, m.creation_date, m.update_date, r.revision_id,
	coalesce(r.logging, '{"level": "OFF", "includeExecutionData": false}') AS logging_configuration,
	coalesce((SELECT pg_catalog.jsonb_object_agg(t.key, t.value) FROM sfn.tag t
			  WHERE t.state_machine_id OPERATOR(pg_catalog.=) m.id), '{}') AS tags
FROM sfn.state_machine m JOIN sfn.state_machine_revision r ON r.id OPERATOR(pg_catalog.=) m.revision_id
WHERE m.status OPERATOR(pg_catalog.<>) 'DELETED' AND m.map_of IS NULL AND sfn.may_see(m.id, m.role::oid);
COMMENT ON VIEW sfn.state_machines IS 'state machines with their current definition';
COMMENT ON COLUMN sfn.state_machines.definition IS 'the current one; executions keep the one they were started with';
COMMENT ON COLUMN sfn.state_machines.role IS 'tasks run as it; its members may do everything with the machine';
COMMENT ON COLUMN sfn.state_machines.role_arn IS 'what history and context object show as the role';
COMMENT ON COLUMN sfn.state_machines.update_date IS 'of the last update; null: never';
COMMENT ON COLUMN sfn.state_machines.revision_id IS 'of the current definition and settings';
COMMENT ON COLUMN sfn.state_machines.logging_configuration IS 'level, includeExecutionData, destinations, as AWS has them';

CREATE VIEW sfn.executions WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, e.name) AS execution_arn, sfn.state_machine_arn(m.name) AS state_machine_arn,
	m.name AS state_machine, pg_catalog.split_part(e.name, ':', 1) AS name, sfn.status_name(e.status) AS status,
	CASE e.status WHEN 1 THEN e.image OPERATOR(pg_catalog.->>) 'state' END AS state,
	CASE e.status WHEN 1 THEN
		ARRAY(SELECT b.image OPERATOR(pg_catalog.->>) 'state' FROM sfn.branch b
			  WHERE b.execution_id OPERATOR(pg_catalog.=) e.id AND NOT b.is_finished ORDER BY b.id) END AS branch_states,
	e.start_date, e.stop_date, e.input, e.output, e.error, e.cause, e.redrive_count, e.redrive_date, e.trace_header,
	e.quarantined_at, e.quarantine_reason,
	sfn.state_machine_arn(m.name) OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) e.version::text
		AS state_machine_version_arn,
	sfn.state_machine_arn(m.name) OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) e.alias AS state_machine_alias_arn,
	(SELECT sfn.map_run_arn(m.name, r.name) FROM sfn.map_run r WHERE r.id OPERATOR(pg_catalog.=) e.map_run_id) AS map_run_arn,
	e.map_index, e.map_items
FROM sfn.execution e JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
WHERE sfn.may_see(coalesce(m.map_of, m.id), m.role::oid);
COMMENT ON VIEW sfn.executions IS 'executions, STANDARD and EXPRESS, with the states they are in while they run';
COMMENT ON COLUMN sfn.executions.state_machine IS 'the name of the state machine';
COMMENT ON COLUMN sfn.executions.name IS 'EXPRESS executions may share one';
COMMENT ON COLUMN sfn.executions.state IS 'the state it is in, while it runs; Parallel or Map: see branch_states';
COMMENT ON COLUMN sfn.executions.branch_states IS 'the states that the branches of a Parallel or Map are in, while it runs';
COMMENT ON COLUMN sfn.executions.error IS 'why it did not succeed';
COMMENT ON COLUMN sfn.executions.cause IS 'what is known about the error';
COMMENT ON COLUMN sfn.executions.quarantined_at IS 'since when it is not run any more, because it brought down workers';
COMMENT ON COLUMN sfn.executions.quarantine_reason IS 'why';
COMMENT ON COLUMN sfn.executions.state_machine_version_arn IS 'the version it was started by; null: by none';
COMMENT ON COLUMN sfn.executions.state_machine_alias_arn IS 'the alias it was started by; null: by none';
COMMENT ON COLUMN sfn.executions.map_run_arn IS 'the run of a Distributed Map whose child it is; null: of none';
COMMENT ON COLUMN sfn.executions.map_index IS 'its place among the children of the map run, from 0';
COMMENT ON COLUMN sfn.executions.map_items IS 'how many items it has of the map run';

CREATE VIEW sfn.history WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, e.name) AS execution_arn, (v.event OPERATOR(pg_catalog.->>) 'id')::bigint AS id,
	(v.event OPERATOR(pg_catalog.->>) 'previousEventId')::bigint AS previous_event_id,
	pg_catalog.to_timestamp((v.event OPERATOR(pg_catalog.->>) 'timestamp')::double precision) AS "timestamp",
	v.event OPERATOR(pg_catalog.->>) 'type' AS type,
	(SELECT d.value FROM pg_catalog.json_each(v.event) d WHERE d.key OPERATOR(pg_catalog.~~) '%EventDetails') AS details
FROM sfn.history_chunk c
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) c.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id,
	LATERAL pg_catalog.json_array_elements(c.events) v(event)
WHERE sfn.may_see(coalesce(m.map_of, m.id), m.role::oid);
COMMENT ON VIEW sfn.history IS
	'every event of every execution; for a single one sfn.get_execution_history() is quicker';
COMMENT ON COLUMN sfn.history.id IS 'from 1, without gaps';
COMMENT ON COLUMN sfn.history.previous_event_id IS 'the event that led to this one; 0: the start';
COMMENT ON COLUMN sfn.history.details IS 'the ...EventDetails of AWS; null: such an event has none';

CREATE VIEW sfn.timers WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, e.name) AS execution_arn, sfn.state_machine_arn(m.name) AS state_machine_arn,
	CASE WHEN i.timer OPERATOR(pg_catalog.=) 5 THEN NULL
		 WHEN i.branch OPERATOR(pg_catalog.=) 0 THEN e.image OPERATOR(pg_catalog.->>) 'state'
		 ELSE (SELECT b.image OPERATOR(pg_catalog.->>) 'state' FROM sfn.branch b
			   WHERE b.execution_id OPERATOR(pg_catalog.=) i.execution_id AND b.id OPERATOR(pg_catalog.=) i.branch) END AS state,
	(ARRAY['Wait', 'Retry', 'TimeoutSeconds', 'HeartbeatSeconds', 'execution TimeoutSeconds'])[i.timer] AS timer, i.due
FROM sfn.inbox i
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) i.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
WHERE i.kind OPERATOR(pg_catalog.=) 3 AND sfn.may_see(coalesce(m.map_of, m.id), m.role::oid);
COMMENT ON VIEW sfn.timers IS 'moments that executions wait for: Wait states, retries, time-outs';
COMMENT ON COLUMN sfn.timers.state IS 'null: the whole execution';
COMMENT ON COLUMN sfn.timers.timer IS 'what happens then: Wait (the state ends), Retry, TimeoutSeconds, HeartbeatSeconds, execution TimeoutSeconds';
COMMENT ON COLUMN sfn.timers.due IS 'when';
