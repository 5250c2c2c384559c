-- State machines and their tags.

CREATE VIEW sfn.state_machines WITH (security_barrier) AS
SELECT sfn.state_machine_arn(m.name) AS state_machine_arn, m.name, m.type, m.status, r.definition::json AS definition,
	m.role::pg_catalog.regrole AS role, r.role_arn, m.creation_date, m.update_date, r.revision_id,
	coalesce(r.logging, '{"level": "OFF", "includeExecutionData": false}') AS logging_configuration,
	coalesce(r.priority, 100) AS priority, r.retention, r.failures_for, r.children_for,
	coalesce((SELECT pg_catalog.jsonb_object_agg(t.key, t.value) FROM sfn.tag t
			  WHERE t.state_machine_id OPERATOR(pg_catalog.=) m.id), '{}') AS tags
FROM sfn.state_machine m JOIN sfn.state_machine_revision r ON r.id OPERATOR(pg_catalog.=) m.revision_id
WHERE m.status OPERATOR(pg_catalog.<>) 'DELETED' AND m.map_of IS NULL AND sfn_internal.may_see(m.id, m.role::oid);
COMMENT ON VIEW sfn.state_machines IS 'state machines with their current definition';
COMMENT ON COLUMN sfn.state_machines.state_machine_arn IS 'its ARN';
COMMENT ON COLUMN sfn.state_machines.name IS 'its name';
COMMENT ON COLUMN sfn.state_machines.type IS 'STANDARD or EXPRESS';
COMMENT ON COLUMN sfn.state_machines.status IS 'ACTIVE, or DELETING until its executions have ended';
COMMENT ON COLUMN sfn.state_machines.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.state_machines.tags IS 'an object of its tags';
COMMENT ON COLUMN sfn.state_machines.definition IS 'the current one; executions keep the one they were started with';
COMMENT ON COLUMN sfn.state_machines.role IS 'tasks run as it; its members may do everything with the machine';
COMMENT ON COLUMN sfn.state_machines.role_arn IS 'what history and context object show as the role';
COMMENT ON COLUMN sfn.state_machines.update_date IS 'of the last update; null: never';
COMMENT ON COLUMN sfn.state_machines.revision_id IS 'of the current definition and settings';
COMMENT ON COLUMN sfn.state_machines.logging_configuration IS 'level, includeExecutionData, destinations, as AWS has them';
COMMENT ON COLUMN sfn.state_machines.priority IS 'the share of its role''s time, beside that of the role''s other machines: 100 is the default';
COMMENT ON COLUMN sfn.state_machines.retention IS 'how long executions are kept after their end; null: as long as sfn.history_retention says';
COMMENT ON COLUMN sfn.state_machines.failures_for IS 'the same for those that ended without success; null: as retention says';
COMMENT ON COLUMN sfn.state_machines.children_for IS 'the same for children of map runs; null: as the others';
GRANT SELECT ON sfn.state_machines TO PUBLIC;

CREATE FUNCTION sfn.create_state_machine(
	name text, definition text, type text DEFAULT 'STANDARD', role regrole DEFAULT NULL, replace boolean DEFAULT false,
	tags jsonb DEFAULT NULL, logging jsonb DEFAULT NULL, priority integer DEFAULT NULL,
	retention text DEFAULT NULL, failures_for text DEFAULT NULL, children_for text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_state_machine';
COMMENT ON FUNCTION sfn.create_state_machine(text, text, text, regrole, boolean, jsonb, jsonb, integer, text, text, text) IS
	'makes a state machine from a definition in the Amazon States Language and returns its ARN';

CREATE FUNCTION sfn.create_state_machine(
	name text, definition json, type text DEFAULT 'STANDARD', role regrole DEFAULT NULL, replace boolean DEFAULT false,
	tags jsonb DEFAULT NULL, logging jsonb DEFAULT NULL, priority integer DEFAULT NULL,
	retention text DEFAULT NULL, failures_for text DEFAULT NULL, children_for text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_state_machine';
COMMENT ON FUNCTION sfn.create_state_machine(text, json, text, regrole, boolean, jsonb, jsonb, integer, text, text, text) IS
	'makes a state machine from a definition in the Amazon States Language and returns its ARN';

CREATE FUNCTION sfn.create_state_machine(
	name text, definition jsonb, type text DEFAULT 'STANDARD', role regrole DEFAULT NULL, replace boolean DEFAULT false,
	tags jsonb DEFAULT NULL, logging jsonb DEFAULT NULL, priority integer DEFAULT NULL,
	retention text DEFAULT NULL, failures_for text DEFAULT NULL, children_for text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_state_machine_jsonb';
COMMENT ON FUNCTION sfn.create_state_machine(text, jsonb, text, regrole, boolean, jsonb, jsonb, integer, text, text, text) IS
	'makes a state machine from a definition in the Amazon States Language and returns its ARN';

CREATE FUNCTION sfn.update_state_machine(
	state_machine text, definition text DEFAULT NULL, role regrole DEFAULT NULL, logging jsonb DEFAULT NULL,
	priority integer DEFAULT NULL, retention text DEFAULT NULL, failures_for text DEFAULT NULL,
	children_for text DEFAULT NULL, keep_grants boolean DEFAULT false, OUT update_date timestamptz, OUT revision_id uuid)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_state_machine';
COMMENT ON FUNCTION sfn.update_state_machine(text, text, regrole, jsonb, integer, text, text, text, boolean) IS
	'changes what is given; executions under way keep the definition they were started with; a new role ends all grants unless keep_grants';

CREATE FUNCTION sfn.update_state_machine(
	state_machine text, definition json, role regrole DEFAULT NULL, logging jsonb DEFAULT NULL,
	priority integer DEFAULT NULL, retention text DEFAULT NULL, failures_for text DEFAULT NULL,
	children_for text DEFAULT NULL, keep_grants boolean DEFAULT false, OUT update_date timestamptz, OUT revision_id uuid)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_state_machine';
COMMENT ON FUNCTION sfn.update_state_machine(text, json, regrole, jsonb, integer, text, text, text, boolean) IS
	'changes what is given; executions under way keep the definition they were started with; a new role ends all grants unless keep_grants';

CREATE FUNCTION sfn.update_state_machine(
	state_machine text, definition jsonb, role regrole DEFAULT NULL, logging jsonb DEFAULT NULL,
	priority integer DEFAULT NULL, retention text DEFAULT NULL, failures_for text DEFAULT NULL,
	children_for text DEFAULT NULL, keep_grants boolean DEFAULT false, OUT update_date timestamptz, OUT revision_id uuid)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_state_machine_jsonb';
COMMENT ON FUNCTION sfn.update_state_machine(text, jsonb, regrole, jsonb, integer, text, text, text, boolean) IS
	'changes what is given; executions under way keep the definition they were started with; a new role ends all grants unless keep_grants';

CREATE FUNCTION sfn.delete_state_machine(state_machine text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_state_machine';
COMMENT ON FUNCTION sfn.delete_state_machine(text) IS
	'deletes a state machine; executions under way end at their next transition';

CREATE TYPE sfn.state_machine_description AS (
	state_machine_arn text, name text, status text, type text, definition json, role regrole, role_arn text,
	creation_date timestamptz, update_date timestamptz, revision_id uuid, logging_configuration json,
	tracing_configuration json, priority integer, retention text, failures_for text, children_for text, tags json,
	description text
);
COMMENT ON TYPE sfn.state_machine_description IS 'what sfn.describe_state_machine() tells';

CREATE FUNCTION sfn.describe_state_machine(state_machine text) RETURNS sfn.state_machine_description
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_state_machine';
COMMENT ON FUNCTION sfn.describe_state_machine(text) IS 'all about a state machine, one row';

CREATE TYPE sfn.listed_state_machine AS (
	state_machine_arn text, name text, type text, creation_date timestamptz
);
COMMENT ON TYPE sfn.listed_state_machine IS 'a row of sfn.list_state_machines()';

CREATE FUNCTION sfn.list_state_machines() RETURNS SETOF sfn.listed_state_machine
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_state_machines';
COMMENT ON FUNCTION sfn.list_state_machines() IS 'the state machines that the caller may see, by name';

CREATE TYPE sfn.definition_problem AS (
	severity text, code text, message text, location text, line integer, col integer, hint text
);
COMMENT ON TYPE sfn.definition_problem IS 'a row of sfn.validate_state_machine_definition()';

CREATE FUNCTION sfn.validate_state_machine_definition(
	definition text, type text DEFAULT 'STANDARD') RETURNS SETOF sfn.definition_problem
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_validate_state_machine_definition';
COMMENT ON FUNCTION sfn.validate_state_machine_definition(text, text) IS
	'all that is wrong with a definition, with its place; no row: nothing';

CREATE FUNCTION sfn.validate_state_machine_definition(
	definition json, type text DEFAULT 'STANDARD') RETURNS SETOF sfn.definition_problem
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_validate_state_machine_definition';
COMMENT ON FUNCTION sfn.validate_state_machine_definition(json, text) IS
	'all that is wrong with a definition, with its place; no row: nothing';

CREATE FUNCTION sfn.validate_state_machine_definition(
	definition jsonb, type text DEFAULT 'STANDARD') RETURNS SETOF sfn.definition_problem
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_validate_state_machine_definition_jsonb';
COMMENT ON FUNCTION sfn.validate_state_machine_definition(jsonb, text) IS
	'all that is wrong with a definition, with its place; no row: nothing';

CREATE FUNCTION sfn.who_answers(definition text,
	OUT location text, OUT resource text, OUT answered_by text, OUT detail text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_who_answers';
COMMENT ON FUNCTION sfn.who_answers(text) IS
	'who would answer each task of a definition now, if its machine were the caller''s: database, AWS, endpoint, HTTP, workers, nobody; null: it depends on what the state computes';

CREATE FUNCTION sfn.tag_resource(resource text, tags jsonb) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_tag_resource';
COMMENT ON FUNCTION sfn.tag_resource(text, jsonb) IS
	'puts tags on a state machine, activity, rule, event bus or group of schedules, or gives them other values';

CREATE FUNCTION sfn.untag_resource(resource text, tag_keys text[]) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_untag_resource';
COMMENT ON FUNCTION sfn.untag_resource(text, text[]) IS 'takes tags off a state machine, activity, rule, event bus or group of schedules';

CREATE FUNCTION sfn.list_tags_for_resource(resource text, OUT key text, OUT value text) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_tags_for_resource';
COMMENT ON FUNCTION sfn.list_tags_for_resource(text) IS 'the tags of a state machine, activity, rule, event bus or group of schedules, by key';
