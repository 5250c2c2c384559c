-- State machines.  json and text share their C functions, jsonb is printed first.

CREATE FUNCTION sfn.create_state_machine(
	name text, definition text, type text DEFAULT 'STANDARD', role regrole DEFAULT NULL, replace boolean DEFAULT false,
	tags jsonb DEFAULT NULL, logging jsonb DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_state_machine';
COMMENT ON FUNCTION sfn.create_state_machine(text, text, text, regrole, boolean, jsonb, jsonb) IS
	'makes a state machine from a definition in the Amazon States Language and returns its ARN';

CREATE FUNCTION sfn.create_state_machine(
	name text, definition json, type text DEFAULT 'STANDARD', role regrole DEFAULT NULL, replace boolean DEFAULT false,
	tags jsonb DEFAULT NULL, logging jsonb DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_state_machine';
COMMENT ON FUNCTION sfn.create_state_machine(text, json, text, regrole, boolean, jsonb, jsonb) IS
	'makes a state machine from a definition in the Amazon States Language and returns its ARN';

CREATE FUNCTION sfn.create_state_machine(
	name text, definition jsonb, type text DEFAULT 'STANDARD', role regrole DEFAULT NULL, replace boolean DEFAULT false,
	tags jsonb DEFAULT NULL, logging jsonb DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_state_machine_jsonb';
COMMENT ON FUNCTION sfn.create_state_machine(text, jsonb, text, regrole, boolean, jsonb, jsonb) IS
	'makes a state machine from a definition in the Amazon States Language and returns its ARN';

CREATE FUNCTION sfn.update_state_machine(
	state_machine text, definition text DEFAULT NULL, role regrole DEFAULT NULL, logging jsonb DEFAULT NULL,
	OUT update_date timestamptz, OUT revision_id uuid)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_state_machine';
COMMENT ON FUNCTION sfn.update_state_machine(text, text, regrole, jsonb) IS
	'changes what is given; executions under way keep the definition they were started with';

CREATE FUNCTION sfn.update_state_machine(
	state_machine text, definition json, role regrole DEFAULT NULL, logging jsonb DEFAULT NULL,
	OUT update_date timestamptz, OUT revision_id uuid)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_state_machine';
COMMENT ON FUNCTION sfn.update_state_machine(text, json, regrole, jsonb) IS
	'changes what is given; executions under way keep the definition they were started with';

CREATE FUNCTION sfn.update_state_machine(
	state_machine text, definition jsonb, role regrole DEFAULT NULL, logging jsonb DEFAULT NULL,
	OUT update_date timestamptz, OUT revision_id uuid)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_state_machine_jsonb';
COMMENT ON FUNCTION sfn.update_state_machine(text, jsonb, regrole, jsonb) IS
	'changes what is given; executions under way keep the definition they were started with';

CREATE FUNCTION sfn.delete_state_machine(state_machine text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_state_machine';
COMMENT ON FUNCTION sfn.delete_state_machine(text) IS
	'deletes a state machine; executions under way end at their next transition';

CREATE FUNCTION sfn.describe_state_machine(
	state_machine text, OUT state_machine_arn text, OUT name text, OUT status text, OUT type text, OUT definition json,
	OUT role regrole, OUT role_arn text, OUT creation_date timestamptz, OUT update_date timestamptz, OUT revision_id uuid,
	OUT logging_configuration json, OUT tracing_configuration json, OUT tags json, OUT description text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_state_machine';
COMMENT ON FUNCTION sfn.describe_state_machine(text) IS 'all about a state machine, one row';

CREATE FUNCTION sfn.list_state_machines(
	OUT state_machine_arn text, OUT name text, OUT type text, OUT creation_date timestamptz) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_state_machines';
COMMENT ON FUNCTION sfn.list_state_machines() IS 'the state machines that the caller may see, by name';

CREATE FUNCTION sfn.validate_state_machine_definition(
	definition text, type text DEFAULT 'STANDARD', OUT severity text, OUT code text, OUT message text, OUT location text,
	OUT line integer, OUT col integer, OUT hint text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_validate_state_machine_definition';
COMMENT ON FUNCTION sfn.validate_state_machine_definition(text, text) IS
	'all that is wrong with a definition, with its place; no row: nothing';

CREATE FUNCTION sfn.validate_state_machine_definition(
	definition json, type text DEFAULT 'STANDARD', OUT severity text, OUT code text, OUT message text, OUT location text,
	OUT line integer, OUT col integer, OUT hint text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_validate_state_machine_definition';
COMMENT ON FUNCTION sfn.validate_state_machine_definition(json, text) IS
	'all that is wrong with a definition, with its place; no row: nothing';

CREATE FUNCTION sfn.validate_state_machine_definition(
	definition jsonb, type text DEFAULT 'STANDARD', OUT severity text, OUT code text, OUT message text, OUT location text,
	OUT line integer, OUT col integer, OUT hint text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_validate_state_machine_definition_jsonb';
COMMENT ON FUNCTION sfn.validate_state_machine_definition(jsonb, text) IS
	'all that is wrong with a definition, with its place; no row: nothing';

CREATE FUNCTION sfn.tag_resource(resource text, tags jsonb) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_tag_resource';
COMMENT ON FUNCTION sfn.tag_resource(text, jsonb) IS
	'puts tags on a state machine or an activity, or gives them other values';

CREATE FUNCTION sfn.untag_resource(resource text, tag_keys text[]) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_untag_resource';
COMMENT ON FUNCTION sfn.untag_resource(text, text[]) IS 'takes tags off a state machine or an activity';

CREATE FUNCTION sfn.list_tags_for_resource(resource text, OUT key text, OUT value text) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_tags_for_resource';
COMMENT ON FUNCTION sfn.list_tags_for_resource(text) IS 'the tags of a state machine or an activity, by key';
