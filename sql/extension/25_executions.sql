-- Executions.  Those of EXPRESS machines that a session waits for: 28_sync_executions.sql.

-- As SHOWN_STATUS in store/executions.h has it: one whose redrive is accepted goes on.
CREATE VIEW sfn.executions WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn, sfn.state_machine_arn(m.name) AS state_machine_arn,
	m.name AS state_machine, e.name, sfn_internal.status_name(p.status) AS status,
	CASE e.status WHEN 1 THEN e.image OPERATOR(pg_catalog.->>) 'state' END AS state,
	CASE e.status WHEN 1 THEN
		ARRAY(SELECT b.image OPERATOR(pg_catalog.->>) 'state' FROM sfn.branch b
			  WHERE b.execution_id OPERATOR(pg_catalog.=) e.id AND NOT b.is_finished ORDER BY b.id) END AS branch_states,
	e.start_date, CASE WHEN p.status OPERATOR(pg_catalog.<>) 1 /* EXECUTION_RUNNING */ THEN e.stop_date END AS stop_date,
	CASE WHEN sfn_internal.may_read_data(coalesce(m.map_of, m.id), m.role::oid) THEN sfn_internal.hide_tokens(e.input) END AS input,
	CASE WHEN sfn_internal.may_read_data(coalesce(m.map_of, m.id), m.role::oid) THEN sfn_internal.hide_tokens(e.output) END AS output,
	e.error, sfn_internal.hide_tokens(e.cause) AS cause, e.redrive_count, e.redrive_date, e.trace_header,
	e.quarantined_at, sfn_internal.hide_tokens(e.quarantine_reason) AS quarantine_reason,
	sfn.state_machine_arn(m.name) OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) e.version::text
		AS state_machine_version_arn,
	sfn.state_machine_arn(m.name) OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) e.alias AS state_machine_alias_arn,
	(SELECT sfn.map_run_arn(m.name, r.name) FROM sfn.map_run r WHERE r.id OPERATOR(pg_catalog.=) e.map_run_id) AS map_run_arn,
	e.map_index, e.map_items, e.id
FROM sfn.execution e JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id,
	LATERAL (SELECT CASE WHEN e.status OPERATOR(pg_catalog.>) 2 /* EXECUTION_SUCCEEDED */
			AND EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id OPERATOR(pg_catalog.=) e.id
						AND i.kind OPERATOR(pg_catalog.=) 12 /* EVENT_REDRIVE */)
		THEN CASE WHEN e.map_run_id IS NULL THEN 1 /* EXECUTION_RUNNING */ ELSE 6 /* EXECUTION_PENDING_REDRIVE */ END
		ELSE e.status END::smallint AS status) p
WHERE sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.executions IS 'executions, STANDARD and EXPRESS, with the states they are in while they run';
COMMENT ON COLUMN sfn.executions.execution_arn IS 'its ARN';
COMMENT ON COLUMN sfn.executions.state_machine_arn IS 'of its state machine';
COMMENT ON COLUMN sfn.executions.start_date IS 'when it was started';
COMMENT ON COLUMN sfn.executions.stop_date IS 'when it ended; null: it runs';
COMMENT ON COLUMN sfn.executions.redrive_count IS 'how often it was redriven';
COMMENT ON COLUMN sfn.executions.redrive_date IS 'when it was last';
COMMENT ON COLUMN sfn.executions.trace_header IS 'of AWS X-Ray, as StartExecution was given it';
COMMENT ON COLUMN sfn.executions.status IS
	'RUNNING also when a redrive was accepted and has not begun; PENDING_REDRIVE: a child of a map run, likewise';
COMMENT ON COLUMN sfn.executions.input IS 'null without the privilege read_data';
COMMENT ON COLUMN sfn.executions.output IS 'null while it runs, and without the privilege read_data';
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
COMMENT ON COLUMN sfn.executions.id IS 'its number: what was started later has a higher one; there is an index on it';
GRANT SELECT ON sfn.executions TO PUBLIC;

CREATE VIEW sfn.history WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn, (v.event OPERATOR(pg_catalog.->>) 'id')::bigint AS id,
	(v.event OPERATOR(pg_catalog.->>) 'previousEventId')::bigint AS previous_event_id,
	pg_catalog.to_timestamp((v.event OPERATOR(pg_catalog.->>) 'timestamp')::double precision) AS "timestamp",
	v.event OPERATOR(pg_catalog.->>) 'type' AS type,
	sfn_internal.shown_details(
		(SELECT d.value FROM pg_catalog.json_each(v.event) d WHERE d.key OPERATOR(pg_catalog.~~) '%EventDetails'),
		sfn_internal.may_read_data(coalesce(m.map_of, m.id), m.role::oid)) AS details
FROM sfn.history_chunk c
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) c.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id,
	LATERAL pg_catalog.json_array_elements(c.events) v(event)
WHERE sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.history IS
	'every event of every execution';
COMMENT ON COLUMN sfn.history.execution_arn IS 'of the execution';
COMMENT ON COLUMN sfn.history.timestamp IS 'when it happened';
COMMENT ON COLUMN sfn.history.type IS 'AWS''s name of the event';
COMMENT ON COLUMN sfn.history.id IS 'from 1, without gaps';
COMMENT ON COLUMN sfn.history.previous_event_id IS 'the event that led to this one; 0: the start';
COMMENT ON COLUMN sfn.history.details IS 'the ...EventDetails of AWS; null: such an event has none; without inputs and outputs unless one has the privilege read_data';
GRANT SELECT ON sfn.history TO PUBLIC;

CREATE VIEW sfn.timers WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn, sfn.state_machine_arn(m.name) AS state_machine_arn,
	CASE WHEN i.timer OPERATOR(pg_catalog.=) 5 THEN NULL
		 WHEN i.branch OPERATOR(pg_catalog.=) 0 THEN e.image OPERATOR(pg_catalog.->>) 'state'
		 ELSE (SELECT b.image OPERATOR(pg_catalog.->>) 'state' FROM sfn.branch b
			   WHERE b.execution_id OPERATOR(pg_catalog.=) i.execution_id AND b.id OPERATOR(pg_catalog.=) i.branch) END AS state,
	(ARRAY['Wait', 'Retry', 'TimeoutSeconds', 'HeartbeatSeconds', 'execution TimeoutSeconds'])[i.timer] AS timer, i.due
FROM sfn.inbox i
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) i.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
WHERE i.kind OPERATOR(pg_catalog.=) 3 AND sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.timers IS 'moments that executions wait for: Wait states, retries, time-outs';
COMMENT ON COLUMN sfn.timers.execution_arn IS 'what waits';
COMMENT ON COLUMN sfn.timers.state_machine_arn IS 'of its state machine';
COMMENT ON COLUMN sfn.timers.state IS 'null: the whole execution';
COMMENT ON COLUMN sfn.timers.timer IS 'what happens then: Wait (the state ends), Retry, TimeoutSeconds, HeartbeatSeconds, execution TimeoutSeconds';
COMMENT ON COLUMN sfn.timers.due IS 'when';
GRANT SELECT ON sfn.timers TO PUBLIC;

CREATE FUNCTION sfn.start_execution(state_machine text, input text DEFAULT '{}', name text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_execution';
COMMENT ON FUNCTION sfn.start_execution(text, text, text) IS
	'starts an execution when the transaction commits, and returns its ARN';

CREATE FUNCTION sfn.start_execution(state_machine text, input json, name text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_execution';
COMMENT ON FUNCTION sfn.start_execution(text, json, text) IS
	'starts an execution when the transaction commits, and returns its ARN';

CREATE FUNCTION sfn.start_execution(state_machine text, input jsonb, name text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_execution_jsonb';
COMMENT ON FUNCTION sfn.start_execution(text, jsonb, text) IS
	'starts an execution when the transaction commits, and returns its ARN';

CREATE FUNCTION sfn.start_executions(state_machine text, inputs json[]) RETURNS SETOF text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_executions';
COMMENT ON FUNCTION sfn.start_executions(text, json[]) IS
	'starts an execution for each input when the transaction commits, and returns their ARNs in that order';

CREATE FUNCTION sfn.start_executions(state_machine text, inputs json[], names text[]) RETURNS SETOF text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_executions';
COMMENT ON FUNCTION sfn.start_executions(text, json[], text[]) IS
	'the same under names of one''s own, one for each input; null: one that sfn makes';

CREATE FUNCTION sfn.stop_execution(execution text, error text DEFAULT NULL, cause text DEFAULT NULL) RETURNS timestamptz
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_stop_execution';
COMMENT ON FUNCTION sfn.stop_execution(text, text, text) IS
	'ends an execution as ABORTED when the transaction commits; returns the time';

CREATE TYPE sfn.execution_description AS (
	execution_arn text, state_machine_arn text, name text, status text, start_date timestamptz, stop_date timestamptz,
	input json, output json, error text, cause text, trace_header text, redrive_count integer,
	redrive_date timestamptz, redrive_status text, redrive_status_reason text, state_machine_version_arn text,
	state_machine_alias_arn text, map_run_arn text
);
COMMENT ON TYPE sfn.execution_description IS 'what sfn.describe_execution() tells';

CREATE FUNCTION sfn.describe_execution(execution text) RETURNS sfn.execution_description
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_execution';
COMMENT ON FUNCTION sfn.describe_execution(text) IS 'all about an execution, one row';

CREATE TYPE sfn.listed_execution AS (
	execution_arn text, state_machine_arn text, name text, status text, start_date timestamptz, stop_date timestamptz,
	redrive_count integer, redrive_date timestamptz, map_run_arn text, item_count integer
);
COMMENT ON TYPE sfn.listed_execution IS 'a row of sfn.list_executions()';

CREATE FUNCTION sfn.list_executions(
	state_machine text DEFAULT NULL, status text DEFAULT NULL, max_results integer DEFAULT 100,
	map_run text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, after text DEFAULT NULL)
	RETURNS SETOF sfn.listed_execution
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_executions';
COMMENT ON FUNCTION sfn.list_executions(text, text, integer, text, timestamptz, timestamptz, text) IS
	'executions that the caller may see, of one state machine or the children of one map run, started since and before until, the youngest first; after: those behind this one';

CREATE TYPE sfn.history_event AS (
	id bigint, previous_event_id bigint, "timestamp" timestamptz, type text, details json
);
COMMENT ON TYPE sfn.history_event IS 'a row of sfn.get_execution_history()';

CREATE FUNCTION sfn.get_execution_history(
	execution text, reverse_order boolean DEFAULT false, include_execution_data boolean DEFAULT true)
	RETURNS SETOF sfn.history_event
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_get_execution_history';
COMMENT ON FUNCTION sfn.get_execution_history(text, boolean, boolean) IS 'the events of an execution in their order';

CREATE FUNCTION sfn.wait_for_execution(execution text, timeout interval DEFAULT '1 min') RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_wait_for_execution';
COMMENT ON FUNCTION sfn.wait_for_execution(text, interval) IS
	'waits until an execution has ended and returns its status; RUNNING when the time is over';

CREATE TYPE sfn.obstacle AS (
	level integer, execution_arn text, state text, waits_for text, detail text, since timestamptz, until timestamptz,
	pid integer, ended_by text, statement text
);
COMMENT ON TYPE sfn.obstacle IS 'a row of sfn.why()';

CREATE FUNCTION sfn.why(execution text) RETURNS SETOF sfn.obstacle
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_why';
COMMENT ON FUNCTION sfn.why(text) IS
	'what an execution waits for, from the outside in: since when, until when, who can end that, and by which statement';

CREATE PROCEDURE sfn.run_execution(
	state_machine text, input text DEFAULT '{}', timeout interval DEFAULT '1 min', INOUT execution_arn text DEFAULT NULL,
	INOUT status text DEFAULT NULL, INOUT output json DEFAULT NULL, INOUT error text DEFAULT NULL,
	INOUT cause text DEFAULT NULL)
	LANGUAGE c AS 'MODULE_PATHNAME', 'sfn_run_execution';
COMMENT ON PROCEDURE sfn.run_execution(text, text, interval, text, text, json, text, text) IS
	'starts an execution, commits, waits for its end and shows it';

CREATE PROCEDURE sfn.run_execution(
	state_machine text, input json, timeout interval DEFAULT '1 min', INOUT execution_arn text DEFAULT NULL,
	INOUT status text DEFAULT NULL, INOUT output json DEFAULT NULL, INOUT error text DEFAULT NULL,
	INOUT cause text DEFAULT NULL)
	LANGUAGE c AS 'MODULE_PATHNAME', 'sfn_run_execution';
COMMENT ON PROCEDURE sfn.run_execution(text, json, interval, text, text, json, text, text) IS
	'starts an execution, commits, waits for its end and shows it';

CREATE PROCEDURE sfn.run_execution(
	state_machine text, input jsonb, timeout interval DEFAULT '1 min', INOUT execution_arn text DEFAULT NULL,
	INOUT status text DEFAULT NULL, INOUT output json DEFAULT NULL, INOUT error text DEFAULT NULL,
	INOUT cause text DEFAULT NULL)
	LANGUAGE c AS 'MODULE_PATHNAME', 'sfn_run_execution_jsonb';
COMMENT ON PROCEDURE sfn.run_execution(text, jsonb, interval, text, text, json, text, text) IS
	'starts an execution, commits, waits for its end and shows it';

CREATE FUNCTION sfn.start_execution_on_change() RETURNS trigger
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_execution_on_change';
COMMENT ON FUNCTION sfn.start_execution_on_change() IS
	'trigger function: starts the state machine named by its first argument for changed rows; a second one, batch, starts one execution for all rows of a statement';

CREATE FUNCTION sfn.allow_trigger("table" regclass, trigger name) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_allow_trigger';
COMMENT ON FUNCTION sfn.allow_trigger(regclass, name) IS
	'lets a trigger that another made, or nobody knows who, start executions as if the caller had made it; for the owner of the table';

CREATE FUNCTION sfn.release_execution(execution text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_release_execution';
COMMENT ON FUNCTION sfn.release_execution(text) IS
	'lets an execution run again that was quarantined because it failed or crashed workers';

CREATE FUNCTION sfn.delete_execution(execution text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_execution';
COMMENT ON FUNCTION sfn.delete_execution(text) IS
	'deletes an execution that has ended, with its history and the children of its map runs, before retention does';

CREATE FUNCTION sfn.delete_executions(executions text[]) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_executions';
COMMENT ON FUNCTION sfn.delete_executions(text[]) IS
	'deletes up to a thousand executions that have ended, all or none; returns how many that were with the children of their map runs';

CREATE FUNCTION sfn.redrive_execution(execution text, client_token text DEFAULT NULL) RETURNS timestamptz
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_redrive_execution';
COMMENT ON FUNCTION sfn.redrive_execution(text, text) IS
	'lets an execution that failed, was stopped or timed out go on where it ended, when the transaction commits; returns the time';
