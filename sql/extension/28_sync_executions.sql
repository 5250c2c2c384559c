-- Synchronous executions of EXPRESS machines.

CREATE FUNCTION sfn.start_sync_execution(state_machine text, input text DEFAULT '{}', name text DEFAULT NULL) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_sync_execution';
COMMENT ON FUNCTION sfn.start_sync_execution(text, text, text) IS
	'runs an execution of an EXPRESS state machine in this session and transaction and returns its output; raises its error';

CREATE FUNCTION sfn.start_sync_execution(state_machine text, input json, name text DEFAULT NULL) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_sync_execution';
COMMENT ON FUNCTION sfn.start_sync_execution(text, json, text) IS
	'runs an execution of an EXPRESS state machine in this session and transaction and returns its output; raises its error';

CREATE FUNCTION sfn.start_sync_execution(state_machine text, input jsonb, name text DEFAULT NULL) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_sync_execution_jsonb';
COMMENT ON FUNCTION sfn.start_sync_execution(text, jsonb, text) IS
	'runs an execution of an EXPRESS state machine in this session and transaction and returns its output; raises its error';
