-- Trying out states and machines without storing anything.

CREATE FUNCTION sfn.test_state(
	definition text, input text DEFAULT '{}', state_name text DEFAULT NULL, mock json DEFAULT NULL, variables json DEFAULT NULL,
	context json DEFAULT NULL, state_configuration json DEFAULT NULL, inspection_level text DEFAULT 'INFO') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_state';
COMMENT ON FUNCTION sfn.test_state(text, text, text, json, json, json, json, text) IS
	'what one state makes of an input: status, output or error, the next state, and what happened on the way';

CREATE FUNCTION sfn.test_state(
	definition json, input json DEFAULT '{}', state_name text DEFAULT NULL, mock json DEFAULT NULL, variables json DEFAULT NULL,
	context json DEFAULT NULL, state_configuration json DEFAULT NULL, inspection_level text DEFAULT 'INFO') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_state';
COMMENT ON FUNCTION sfn.test_state(json, json, text, json, json, json, json, text) IS
	'what one state makes of an input: status, output or error, the next state, and what happened on the way';

CREATE FUNCTION sfn.test_state(
	definition jsonb, input jsonb DEFAULT '{}', state_name text DEFAULT NULL, mock json DEFAULT NULL, variables json DEFAULT NULL,
	context json DEFAULT NULL, state_configuration json DEFAULT NULL, inspection_level text DEFAULT 'INFO') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_state_jsonb';
COMMENT ON FUNCTION sfn.test_state(jsonb, jsonb, text, json, json, json, json, text) IS
	'what one state makes of an input: status, output or error, the next state, and what happened on the way';

CREATE FUNCTION sfn.test_state_machine(definition text, input text DEFAULT '{}', mocks jsonb DEFAULT '{}') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_state_machine';
COMMENT ON FUNCTION sfn.test_state_machine(text, text, jsonb) IS
	'runs a whole machine against mocks, at once and in memory: its status, output or error, and history';

CREATE FUNCTION sfn.test_state_machine(definition json, input json DEFAULT '{}', mocks jsonb DEFAULT '{}') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_state_machine';
COMMENT ON FUNCTION sfn.test_state_machine(json, json, jsonb) IS
	'runs a whole machine against mocks, at once and in memory: its status, output or error, and history';

CREATE FUNCTION sfn.test_state_machine(definition jsonb, input jsonb DEFAULT '{}', mocks jsonb DEFAULT '{}') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_state_machine_jsonb';
COMMENT ON FUNCTION sfn.test_state_machine(jsonb, jsonb, jsonb) IS
	'runs a whole machine against mocks, at once and in memory: its status, output or error, and history';
