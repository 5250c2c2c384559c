-- Executions.

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

CREATE FUNCTION sfn.stop_execution(execution text, error text DEFAULT NULL, cause text DEFAULT NULL) RETURNS timestamptz
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_stop_execution';
COMMENT ON FUNCTION sfn.stop_execution(text, text, text) IS
	'ends an execution as ABORTED when the transaction commits; returns the time';

CREATE FUNCTION sfn.describe_execution(
	execution text, OUT execution_arn text, OUT state_machine_arn text, OUT name text, OUT status text,
	OUT start_date timestamptz, OUT stop_date timestamptz, OUT input json, OUT output json, OUT error text, OUT cause text,
	OUT trace_header text, OUT redrive_count integer, OUT redrive_date timestamptz, OUT redrive_status text,
	OUT redrive_status_reason text, OUT state_machine_version_arn text, OUT state_machine_alias_arn text, OUT map_run_arn text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_execution';
COMMENT ON FUNCTION sfn.describe_execution(text) IS 'all about an execution, one row';

CREATE FUNCTION sfn.list_executions(
	state_machine text DEFAULT NULL, status text DEFAULT NULL, max_results integer DEFAULT 100, map_run text DEFAULT NULL,
	OUT execution_arn text, OUT state_machine_arn text, OUT name text, OUT status text, OUT start_date timestamptz,
	OUT stop_date timestamptz, OUT redrive_count integer, OUT redrive_date timestamptz, OUT map_run_arn text,
	OUT item_count integer) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_executions';
COMMENT ON FUNCTION sfn.list_executions(text, text, integer, text) IS
	'executions that the caller may see, of one state machine or the children of one map run, the youngest first';

CREATE FUNCTION sfn.get_execution_history(
	execution text, reverse_order boolean DEFAULT false, include_execution_data boolean DEFAULT true,
	OUT id bigint, OUT previous_event_id bigint, OUT "timestamp" timestamptz, OUT type text, OUT details json)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_get_execution_history';
COMMENT ON FUNCTION sfn.get_execution_history(text, boolean, boolean) IS 'the events of an execution in their order';

CREATE FUNCTION sfn.wait_for_execution(execution text, timeout interval DEFAULT '1 min') RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_wait_for_execution';
COMMENT ON FUNCTION sfn.wait_for_execution(text, interval) IS
	'waits until an execution has ended and returns its status; RUNNING when the time is over';

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

CREATE FUNCTION sfn.release_execution(execution text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_release_execution';
COMMENT ON FUNCTION sfn.release_execution(text) IS
	'lets an execution run again that was quarantined because it failed or crashed workers';
