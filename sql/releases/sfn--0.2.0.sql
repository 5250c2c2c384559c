-- sfn: AWS Step Functions inside PostgreSQL.
-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sfn" to load this file. \quit

DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.<>) 'UTF8' THEN
		RAISE EXCEPTION 'extension "sfn" needs a database with encoding UTF8'
			USING ERRCODE = 'feature_not_supported',
				  HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0 makes one.';
	END IF;
END
$$;

-- A member of the extension: dropped with it, and a schema of this name that is somebody else's stops the installation.
CREATE SCHEMA sfn;
COMMENT ON SCHEMA sfn IS 'AWS Step Functions inside PostgreSQL';

-- Rights.  Everybody may call functions and read views; which state machines that reaches is decided row by row.  Functions
-- are open to PUBLIC unless a REVOKE stands below them, views to those whom the GRANT below them names, and tables to
-- nobody: only the extension's own code reads and writes them.
GRANT USAGE ON SCHEMA sfn TO PUBLIC;

-- Functions that nobody calls by hand: what views, triggers and types of the extension are made of, and what its programs call.
CREATE SCHEMA sfn_internal;
COMMENT ON SCHEMA sfn_internal IS 'what views and programs of sfn call; nothing in it is for users, and all of it may change';
GRANT USAGE ON SCHEMA sfn_internal TO PUBLIC;
-- Names and words that views are made of.

CREATE FUNCTION sfn.state_machine_arn(name text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_state_machine_arn';
COMMENT ON FUNCTION sfn.state_machine_arn(text) IS 'the ARN that a state machine of this name has';

CREATE FUNCTION sfn.execution_arn(state_machine text, name text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_execution_arn';
COMMENT ON FUNCTION sfn.execution_arn(text, text) IS
	'the ARN that an execution of this name has; an EXPRESS execution''s name is followed by a colon and its UUID';

CREATE FUNCTION sfn.execution_arn(state_machine text, name text, express_id uuid) RETURNS text
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_execution_arn';
COMMENT ON FUNCTION sfn.execution_arn(text, text, uuid) IS
	'the same, with the UUID of an EXPRESS execution apart; null: it is a STANDARD one';

CREATE FUNCTION sfn.map_run_arn(state_machine text, name text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_map_run_arn';
COMMENT ON FUNCTION sfn.map_run_arn(text, text) IS
	'the ARN that a map run of this name has; its state machine is what the children run: machine/label';

CREATE FUNCTION sfn.execution_id(execution text) RETURNS bigint
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'sfn_execution_id';
COMMENT ON FUNCTION sfn.execution_id(text) IS
	'the number of the execution with this ARN, or machine/name, that the current user may see; null: there is none';

CREATE FUNCTION sfn.execution_ids(execution text) RETURNS bigint[]
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'sfn_execution_ids';
COMMENT ON FUNCTION sfn.execution_ids(text) IS
	'the numbers of all executions with this ARN, of machines that had the name one after the other; the views look rows up by it';

CREATE FUNCTION sfn.execution_ids(executions text[]) RETURNS bigint[]
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'sfn_execution_ids_array';
COMMENT ON FUNCTION sfn.execution_ids(text[]) IS 'the same of several ARNs';

CREATE FUNCTION sfn_internal.status_name(status smallint) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_status_name';
COMMENT ON FUNCTION sfn_internal.status_name(smallint) IS 'RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED for the number stored';
-- Who may see what: the one rule for rows.  Every view of users asks it: a row shows to those who may see its state machine.

CREATE FUNCTION sfn_internal.may_see(state_machine_id bigint, role oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see';
COMMENT ON FUNCTION sfn_internal.may_see(bigint, oid) IS
	'may the current user see a state machine of this role, as its member or because it is granted?';

CREATE FUNCTION sfn_internal.may_see(state_machine_id bigint, role oid, viewer oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see';
COMMENT ON FUNCTION sfn_internal.may_see(bigint, oid, oid) IS 'the same for another role';
REVOKE ALL ON FUNCTION sfn_internal.may_see(bigint, oid, oid) FROM PUBLIC;

CREATE FUNCTION sfn_internal.may_see_execution(state_machine_id bigint, role oid, starter oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see_execution';
COMMENT ON FUNCTION sfn_internal.may_see_execution(bigint, oid, oid) IS
	'may the current user see an execution of a state machine of this role: as its member, because it is granted, or as who started it?';

CREATE FUNCTION sfn_internal.may_see_execution(state_machine_id bigint, role oid, starter oid, viewer oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see_execution';
COMMENT ON FUNCTION sfn_internal.may_see_execution(bigint, oid, oid, oid) IS 'the same for another role';
REVOKE ALL ON FUNCTION sfn_internal.may_see_execution(bigint, oid, oid, oid) FROM PUBLIC;

CREATE FUNCTION sfn_internal.may_read_data(state_machine_id bigint, role oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_read_data';
COMMENT ON FUNCTION sfn_internal.may_read_data(bigint, oid) IS
	'may the current user see what flows through the executions of a state machine of this role?';

CREATE FUNCTION sfn_internal.may_answer(state_machine_id bigint, role oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_answer';
COMMENT ON FUNCTION sfn_internal.may_answer(bigint, oid) IS
	'may the current user have the tokens of the tasks of a state machine of this role?';

-- What of a row is shown.

CREATE FUNCTION sfn_internal.hide_tokens(value json) RETURNS json
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_hide_tokens';
COMMENT ON FUNCTION sfn_internal.hide_tokens(json) IS
	'the value with *** in place of the tokens of open tasks that the current user may not answer';

CREATE FUNCTION sfn_internal.hide_tokens(value text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_hide_tokens';
COMMENT ON FUNCTION sfn_internal.hide_tokens(text) IS
	'the value with *** in place of the tokens of open tasks that the current user may not answer';

CREATE FUNCTION sfn_internal.shown_details(details json, may_read_data boolean) RETURNS json
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_shown_details';
COMMENT ON FUNCTION sfn_internal.shown_details(json, boolean) IS
	'the details of an event, without inputs and outputs for those who may not read them, tokens hidden';

CREATE FUNCTION sfn_internal.privilege_list(OUT privilege text, OUT includes text, OUT purpose text) RETURNS SETOF record
	LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_privilege_list';
COMMENT ON FUNCTION sfn_internal.privilege_list() IS 'the privileges on a state machine; sfn.privileges shows it';

CREATE VIEW sfn.privileges AS SELECT p.privilege, p.includes, p.purpose FROM sfn_internal.privilege_list() p;
COMMENT ON VIEW sfn.privileges IS 'the privileges on a state machine that its role may grant';
COMMENT ON COLUMN sfn.privileges.privilege IS 'its name, as sfn.grant_state_machine() takes it';
COMMENT ON COLUMN sfn.privileges.purpose IS 'what it allows';
COMMENT ON COLUMN sfn.privileges.includes IS 'the others that come with it';
GRANT SELECT ON sfn.privileges TO PUBLIC;
-- Roles in tables.  A role is its number, so renames are followed and a new role of an old name inherits nothing; in a dump it is
-- its name.  A name that the cluster of a restore does not have is no error there: it becomes a number that no role has, and
-- sfn.adopt() finds the role when there is one by then.

CREATE TYPE sfn.role;

CREATE FUNCTION sfn_internal.role_in(cstring) RETURNS sfn.role
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_role_in';
COMMENT ON FUNCTION sfn_internal.role_in(cstring) IS 'input of the type role';
CREATE FUNCTION sfn_internal.role_out(sfn.role) RETURNS cstring
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_role_out';
COMMENT ON FUNCTION sfn_internal.role_out(sfn.role) IS 'output of the type role';

CREATE TYPE sfn.role (INPUT = sfn_internal.role_in, OUTPUT = sfn_internal.role_out, LIKE = pg_catalog.oid);
COMMENT ON TYPE sfn.role IS 'a role, by its number in operation and by its name in dumps; unknown names are kept as numbers that no role has';

CREATE CAST (sfn.role AS pg_catalog.oid) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (sfn.role AS pg_catalog.regrole) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (pg_catalog.oid AS sfn.role) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (pg_catalog.regrole AS sfn.role) WITHOUT FUNCTION AS ASSIGNMENT;
-- What workers do now: views of workers and of tasks are made of it.  It reads shared memory only.

CREATE FUNCTION sfn_internal.worker_status(
	OUT pid integer, OUT database text, OUT worker text, OUT state text, OUT execution_id bigint, OUT since timestamptz,
	OUT sleeps_until timestamptz, OUT turns bigint, OUT executions bigint, OUT busy_microseconds bigint, OUT wakeups bigint,
	OUT reason text, OUT reason_since timestamptz, OUT task text, OUT task_branch integer, OUT task_visit integer, OUT task_since timestamptz) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_worker_status';
COMMENT ON FUNCTION sfn_internal.worker_status() IS 'the workers as shared memory knows them; sfn.workers shows it';
-- State machines, their definitions and their tags.

CREATE TABLE sfn.state_machine (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL,
	type text NOT NULL CHECK (type IN ('STANDARD', 'EXPRESS')),
	status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'DELETING', 'DELETED')),
	role sfn.role NOT NULL,
	creator sfn.role NOT NULL,
	revision_id bigint NOT NULL,
	creation_date timestamptz NOT NULL,
	update_date timestamptz,
	last_version integer NOT NULL DEFAULT 0,	-- numbers of versions are never used again
	map_of bigint								-- what the children of a Distributed Map run: the state machine they belong to; itself: it delivers events
);
COMMENT ON TABLE sfn.state_machine IS 'one row per state machine; revision_id is the definition that new executions run';
CREATE UNIQUE INDEX state_machine_name ON sfn.state_machine (name) WHERE status <> 'DELETED';
CREATE INDEX state_machine_any_name ON sfn.state_machine (name);
CREATE INDEX state_machine_map ON sfn.state_machine (map_of) WHERE map_of IS NOT NULL;

CREATE TABLE sfn.state_machine_revision (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	revision_id uuid NOT NULL DEFAULT coalesce(nullif(pg_catalog.current_setting('sfn_shard.revision_id', true), '')::uuid,
		pg_catalog.gen_random_uuid()),			-- given where several databases are to have the same (98_shards.sql)
	definition text NOT NULL,
	role sfn.role NOT NULL,
	role_arn text NOT NULL,
	logging jsonb,
	tracing jsonb,
	priority int4,
	retention text,								-- how long what has ended is kept: '7 days', 'forever'
	failures_for text,
	children_for text,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.state_machine_revision IS 'immutable definitions with their settings; a running execution keeps the one it was started with, but for its role and priority, which may be changed';
CREATE INDEX state_machine_revision_machine ON sfn.state_machine_revision (state_machine_id, id);
CREATE INDEX state_machine_revision_retention ON sfn.state_machine_revision (id)
	WHERE retention IS NOT NULL OR failures_for IS NOT NULL OR children_for IS NOT NULL;

CREATE TABLE sfn.tag (
	state_machine_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (state_machine_id, key)
);
COMMENT ON TABLE sfn.tag IS 'tags of state machines';

SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_revision', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_revision_id_seq', '');
-- Versions and aliases of state machines.

CREATE TABLE sfn.state_machine_version (
	state_machine_id bigint NOT NULL,
	number integer NOT NULL,
	revision_id bigint NOT NULL,
	description text NOT NULL DEFAULT '',
	creation_date timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, number)
);
COMMENT ON TABLE sfn.state_machine_version IS 'revisions that were published under a number';
CREATE UNIQUE INDEX state_machine_version_revision ON sfn.state_machine_version (state_machine_id, revision_id);

CREATE TABLE sfn.state_machine_alias (
	state_machine_id bigint NOT NULL,
	name text COLLATE "C" NOT NULL,
	description text NOT NULL DEFAULT '',
	first_version integer NOT NULL,
	first_weight integer NOT NULL CHECK (first_weight BETWEEN 0 AND 100),
	second_version integer,						-- gets the rest of 100; null: there is none
	creation_date timestamptz NOT NULL,
	update_date timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, name)
);
COMMENT ON TABLE sfn.state_machine_alias IS 'names for one version, or for two that share the executions by weight';

SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_version', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_alias', '');
-- Rights on state machines that their roles have given to others.

CREATE TABLE sfn.state_machine_grant (
	state_machine_id bigint NOT NULL,
	grantee sfn.role NOT NULL,
	privilege text NOT NULL,					-- store/privilege_list.h
	grantor sfn.role NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, grantee, privilege)
);
COMMENT ON TABLE sfn.state_machine_grant IS 'who, beside the members of its role, may do what with a state machine';

SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_grant', '');
-- Limits for what executions that run as a role may take.

CREATE TABLE sfn.quota (
	role sfn.role PRIMARY KEY,
	open_executions bigint CHECK (open_executions >= 0),
	payload_bytes bigint CHECK (payload_bytes >= 0),
	stored_bytes bigint CHECK (stored_bytes >= 0),
	starts_per_second bigint CHECK (starts_per_second BETWEEN 0 AND 1000000),
	http_per_second bigint CHECK (http_per_second BETWEEN 0 AND 1000000)
);
COMMENT ON TABLE sfn.quota IS 'limits for what executions take, by the role that they run as';

SELECT pg_catalog.pg_extension_config_dump('sfn.quota', '');
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
-- Versions and aliases of state machines.

CREATE FUNCTION sfn.publish_state_machine_version(
	state_machine text, description text DEFAULT NULL, revision_id uuid DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_publish_state_machine_version';
COMMENT ON FUNCTION sfn.publish_state_machine_version(text, text, uuid) IS
	'makes the current definition and settings a version, if they are none yet, and returns its ARN; with revision_id only if that is the current revision';

CREATE FUNCTION sfn.delete_state_machine_version(state_machine_version text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_state_machine_version';
COMMENT ON FUNCTION sfn.delete_state_machine_version(text) IS
	'deletes a version that no alias names; executions under way go on';

CREATE FUNCTION sfn.list_state_machine_versions(
	state_machine text, OUT state_machine_version_arn text, OUT description text, OUT creation_date timestamptz)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_state_machine_versions';
COMMENT ON FUNCTION sfn.list_state_machine_versions(text) IS 'the versions of a state machine, the latest first';

CREATE FUNCTION sfn.create_state_machine_alias(
	name text, routing_configuration jsonb, description text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_state_machine_alias';
COMMENT ON FUNCTION sfn.create_state_machine_alias(text, jsonb, text) IS
	'makes a name for one version, or for two that share the executions by weight, and returns its ARN';

CREATE FUNCTION sfn.update_state_machine_alias(
	state_machine_alias text, routing_configuration jsonb DEFAULT NULL, description text DEFAULT NULL)
	RETURNS timestamptz
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_state_machine_alias';
COMMENT ON FUNCTION sfn.update_state_machine_alias(text, jsonb, text) IS 'changes what is given; returns the time';

CREATE FUNCTION sfn.delete_state_machine_alias(state_machine_alias text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_state_machine_alias';
COMMENT ON FUNCTION sfn.delete_state_machine_alias(text) IS 'deletes an alias; its versions and executions stay';

CREATE TYPE sfn.alias_description AS (
	state_machine_alias_arn text, name text, description text, routing_configuration json, creation_date timestamptz,
	update_date timestamptz
);
COMMENT ON TYPE sfn.alias_description IS 'what sfn.describe_state_machine_alias() tells';

CREATE FUNCTION sfn.describe_state_machine_alias(state_machine_alias text) RETURNS sfn.alias_description
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_state_machine_alias';
COMMENT ON FUNCTION sfn.describe_state_machine_alias(text) IS 'all about an alias, one row';

CREATE FUNCTION sfn.list_state_machine_aliases(
	state_machine text, OUT state_machine_alias_arn text, OUT routing_configuration json, OUT creation_date timestamptz)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_state_machine_aliases';
COMMENT ON FUNCTION sfn.list_state_machine_aliases(text) IS
	'the aliases of a state machine, or those that name a version of it';
-- Giving others rights on state machines.

CREATE FUNCTION sfn.grant_state_machine(state_machine text, grantee regrole, privilege text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_grant_state_machine';
COMMENT ON FUNCTION sfn.grant_state_machine(text, regrole, text) IS
	'gives a role a privilege, one of sfn.privileges, on a state machine of a role that one is a member of';

CREATE FUNCTION sfn.revoke_state_machine(state_machine text, grantee regrole, privilege text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_revoke_state_machine';
COMMENT ON FUNCTION sfn.revoke_state_machine(text, regrole, text) IS
	'takes back what sfn.grant_state_machine() gave; without privilege, all of it';

CREATE VIEW sfn.state_machine_grants WITH (security_barrier) AS
SELECT sfn.state_machine_arn(m.name) AS state_machine_arn, m.name AS state_machine, g.grantee::pg_catalog.regrole AS grantee, g.privilege, g.grantor::pg_catalog.regrole AS grantor,
	g.grant_date
FROM sfn.state_machine_grant g JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) g.state_machine_id
WHERE m.status OPERATOR(pg_catalog.<>) 'DELETED' AND sfn_internal.may_see(m.id, m.role::oid)
	AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) g.grantee::oid);
COMMENT ON VIEW sfn.state_machine_grants IS 'who, beside the members of its role, may do what with a state machine';
COMMENT ON COLUMN sfn.state_machine_grants.state_machine_arn IS 'on what';
COMMENT ON COLUMN sfn.state_machine_grants.state_machine IS 'its name';
COMMENT ON COLUMN sfn.state_machine_grants.grantee IS 'who has the privilege';
COMMENT ON COLUMN sfn.state_machine_grants.grantor IS 'who gave it';
COMMENT ON COLUMN sfn.state_machine_grants.grant_date IS 'since when';
COMMENT ON COLUMN sfn.state_machine_grants.privilege IS 'one of sfn.privileges, which says what it includes';
GRANT SELECT ON sfn.state_machine_grants TO PUBLIC;
-- Limits for what executions that run as a role may take.

CREATE FUNCTION sfn.set_quota(role regrole, open_executions bigint DEFAULT NULL, payload_bytes bigint DEFAULT NULL,
		stored_bytes bigint DEFAULT NULL, starts_per_second bigint DEFAULT NULL, http_per_second bigint DEFAULT NULL)
	RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_set_quota';
COMMENT ON FUNCTION sfn.set_quota(regrole, bigint, bigint, bigint, bigint, bigint) IS
	'limits what the executions that run as a role take: their number while open, the bytes of their inputs, of all that is stored of them, starts and HTTP requests a second; null: no limit';
REVOKE ALL ON FUNCTION sfn.set_quota(regrole, bigint, bigint, bigint, bigint, bigint) FROM PUBLIC;

CREATE VIEW sfn.quotas WITH (security_barrier) AS
SELECT q.role::pg_catalog.regrole AS role, q.open_executions, q.payload_bytes, q.stored_bytes, q.starts_per_second, q.http_per_second FROM sfn.quota q
WHERE pg_catalog.pg_has_role(q.role::oid, 'MEMBER');
COMMENT ON VIEW sfn.quotas IS 'limits of the roles that one is a member of';
COMMENT ON COLUMN sfn.quotas.role IS 'whose executions are limited';
COMMENT ON COLUMN sfn.quotas.open_executions IS 'how many executions may be open; null: any number';
COMMENT ON COLUMN sfn.quotas.payload_bytes IS 'how many bytes the inputs of open ones may have together; null: any number';
COMMENT ON COLUMN sfn.quotas.stored_bytes IS 'how many bytes the inputs and histories of all executions that are kept may have together; null: any number';
COMMENT ON COLUMN sfn.quotas.starts_per_second IS 'how many executions may be started in a second; null: any number';
COMMENT ON COLUMN sfn.quotas.http_per_second IS 'how many HTTP requests may be sent in a second, others wait; null: any number';
GRANT SELECT ON sfn.quotas TO PUBLIC;
-- Executions: where they stand, what has happened to them and what will.
-- Enumerations are small integers whose numbers are those of the C headers named beside them, here and in other tables.

CREATE TABLE sfn.execution (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	revision_id bigint NOT NULL,
	starter sfn.role NOT NULL,
	start_date timestamptz NOT NULL,
	stop_date timestamptz,
	redrive_date timestamptz,
	last_event_id bigint NOT NULL DEFAULT 0,
	history_bytes bigint NOT NULL DEFAULT 0,	-- of what was written into sfn.history_chunk and sfn.log_event
	last_branch_id integer NOT NULL DEFAULT 0,
	redrive_count integer NOT NULL DEFAULT 0,
	status smallint NOT NULL DEFAULT 1 /* EXECUTION_RUNNING */,			-- ExecutionStatus, engine/execution.h
	has_branches boolean NOT NULL DEFAULT false,
	has_parent boolean NOT NULL DEFAULT false,	-- rows of sfn.task may wait for its end
	is_deleted boolean NOT NULL DEFAULT false,	-- its state machine is: it ends at its next transition
	is_named boolean NOT NULL DEFAULT false,	-- its name was chosen: it is in the index of names
	name text COLLATE "C" NOT NULL,
	express_id uuid,							-- EXPRESS executions may share a name
	input json NOT NULL,
	image json,									-- the main branch, engine/image.c
	state_input json,
	variables json,
	output json,
	error text,
	cause text,
	trace_header text,
	quarantined_at timestamptz,
	quarantine_reason text,
	version integer,							-- when it was started by the ARN of a version or alias
	alias text COLLATE "C",
	map_run_id bigint,							-- children of a Distributed Map: theirs, their place in it, their number of items
	map_index bigint,
	map_items integer
) WITH (fillfactor = 50, toast_tuple_target = 1024);	-- it grows as it goes on: room on its page keeps updates away from the indexes
COMMENT ON TABLE sfn.execution IS 'one row per execution; its status changes once, image and state_input hold the main branch while it runs';
-- Other names carry the id of their row (aws/generated_name.h).
CREATE UNIQUE INDEX execution_name ON sfn.execution (state_machine_id, name, express_id) NULLS NOT DISTINCT WHERE is_named;
CREATE INDEX execution_machine ON sfn.execution (state_machine_id, start_date, id);
CREATE INDEX execution_map_run ON sfn.execution (map_run_id, map_index) WHERE map_run_id IS NOT NULL;

CREATE TABLE sfn.execution_status (
	state_machine_id bigint NOT NULL,
	map_run_id bigint NOT NULL,					-- 0: it is no child of a Distributed Map
	start_date timestamptz NOT NULL,
	execution_id bigint NOT NULL,
	status smallint NOT NULL,
	PRIMARY KEY (state_machine_id, map_run_id, status, start_date, execution_id)
);
CREATE INDEX execution_status_newest ON sfn.execution_status (status, start_date, execution_id) WHERE map_run_id = 0;	-- lists of all
COMMENT ON TABLE sfn.execution_status IS
	'executions that have waited and run, or ended without success, for lists by status; in sfn.execution the status has no index';

CREATE TABLE sfn.branch (
	execution_id bigint NOT NULL,
	id integer NOT NULL,
	parent_id integer NOT NULL,
	index integer NOT NULL,
	is_finished boolean NOT NULL,
	image json,
	state_input json,
	variables json,
	output json,
	PRIMARY KEY (execution_id, id)
) WITH (fillfactor = 70);
COMMENT ON TABLE sfn.branch IS 'one row per live or unjoined line of states inside a Parallel or inline Map';

CREATE TABLE sfn.history_chunk (
	execution_id bigint NOT NULL,
	first_id bigint NOT NULL,
	last_id bigint NOT NULL,
	events json NOT NULL,						-- an array of events in the shape of GetExecutionHistory
	PRIMARY KEY (execution_id, first_id)
) WITH (toast_tuple_target = 256);
COMMENT ON TABLE sfn.history_chunk IS 'history, one row per execution and turn; the view sfn.history shows single events';
ALTER TABLE sfn.history_chunk ALTER COLUMN events SET STORAGE MAIN;

CREATE TABLE sfn.inbox (
	id bigint GENERATED ALWAYS AS IDENTITY,
	execution_id bigint NOT NULL,
	due timestamptz NOT NULL,
	branch integer NOT NULL DEFAULT 0,
	visit integer NOT NULL DEFAULT 0,
	attempt integer NOT NULL DEFAULT 0,
	kind smallint NOT NULL,						-- EventKind, engine/event.h
	timer smallint NOT NULL DEFAULT 0,			-- TimerKind, engine/event.h
	payload json								-- {"value","error","cause","text",...} as the kind needs
);
COMMENT ON TABLE sfn.inbox IS 'everything that will happen to an execution; deleted when an executor has delivered it';
CREATE UNIQUE INDEX inbox_due ON sfn.inbox (due, id);	-- the order of claims: many rows may be due at one moment
-- Tasks that want a turn of their own: few, and looked for often.  A start has no payload, so it need not look at this.
CREATE INDEX inbox_alone ON sfn.inbox (due, id) WHERE kind = 13 /* EVENT_RUN_TASK_ALONE */ AND payload IS NOT NULL;
CREATE INDEX inbox_execution ON sfn.inbox (execution_id);
-- At most one redrive waits of what callers redrive; those of a map run's children have no payload.
CREATE UNIQUE INDEX inbox_redrive ON sfn.inbox (execution_id) WHERE kind = 12 /* EVENT_REDRIVE */ AND payload IS NOT NULL;
ALTER TABLE sfn.inbox REPLICA IDENTITY USING INDEX inbox_due;

CREATE TABLE sfn.redrive_token (
	execution_id bigint NOT NULL,
	token text COLLATE "C" NOT NULL,
	redrive_date timestamptz NOT NULL,
	PRIMARY KEY (execution_id, token)
);
COMMENT ON TABLE sfn.redrive_token IS 'client tokens of redrives: the same one again within a quarter of an hour is the same redrive';

DO $$
BEGIN
	-- lz4 is several times faster than pglz where the server was built with it
	IF EXISTS (SELECT FROM pg_catalog.pg_settings
			   WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression' AND 'lz4' OPERATOR(pg_catalog.=) ANY (enumvals)) THEN
		ALTER TABLE sfn.history_chunk ALTER COLUMN events SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN input SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN state_input SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN variables SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN output SET COMPRESSION lz4;
	END IF;
END
$$;

SELECT pg_catalog.pg_extension_config_dump('sfn.execution', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.execution_status', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.branch', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.history_chunk', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.inbox', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.execution_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.inbox_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.redrive_token', '');
-- Log events: what CloudWatch Logs is on AWS.

CREATE TABLE sfn.log_event (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	execution_name text COLLATE "C" NOT NULL,	-- as in sfn.execution; synchronous executions have no row there
	redrive_count integer NOT NULL,
	first_id bigint NOT NULL,					-- of the events, for their order
	log_date timestamptz NOT NULL,
	events json NOT NULL,						-- an array of events in the shape of GetExecutionHistory
	unsent_from integer							-- of these, how many its log group has, while it has not all; null: nothing is to be sent
) WITH (toast_tuple_target = 256);
COMMENT ON TABLE sfn.log_event IS 'log events, several in a row; the view sfn.log_events shows single ones';
ALTER TABLE sfn.log_event ALTER COLUMN events SET STORAGE MAIN;
CREATE INDEX log_event_date ON sfn.log_event (log_date);
CREATE INDEX log_event_unsent ON sfn.log_event (state_machine_id, id) WHERE unsent_from IS NOT NULL;

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_catalog.pg_settings
			   WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression' AND 'lz4' OPERATOR(pg_catalog.=) ANY (enumvals)) THEN
		ALTER TABLE sfn.log_event ALTER COLUMN events SET COMPRESSION lz4;
	END IF;
END
$$;

CREATE TABLE sfn.log_delivery (
	state_machine_id bigint PRIMARY KEY,
	log_group text COLLATE "C",					-- its ARN, where the stream is
	stream text COLLATE "C",					-- null: it is to be made
	events bigint NOT NULL DEFAULT 0,
	last_sent timestamptz,
	failures integer NOT NULL DEFAULT 0,		-- in a row
	last_error text,							-- null: the last call has succeeded
	last_error_date timestamptz,
	next_attempt timestamptz NOT NULL,
	sender integer								-- the process that sends just now
);
COMMENT ON TABLE sfn.log_delivery IS 'how far the log events of state machines are sent to their log groups';

SELECT pg_catalog.pg_extension_config_dump('sfn.log_delivery', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.log_event', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.log_event_id_seq', '');
-- Map runs: what the children of a Distributed Map have in common.

CREATE TABLE sfn.map_run (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	execution_id bigint NOT NULL,				-- whose Map it is; where it stands there:
	branch integer NOT NULL,
	visit integer NOT NULL,
	attempt integer NOT NULL,
	name text COLLATE "C" NOT NULL UNIQUE,		-- a UUID
	label text COLLATE "C" NOT NULL,
	state_machine_id bigint NOT NULL,			-- what its children run
	revision_id bigint NOT NULL,
	status smallint NOT NULL DEFAULT 1 /* EXECUTION_RUNNING */,			-- ExecutionStatus, engine/execution.h
	start_date timestamptz NOT NULL,
	stop_date timestamptz,
	redrive_count integer NOT NULL DEFAULT 0,
	redrive_date timestamptz,
	max_concurrency bigint NOT NULL,			-- 0: no limit but the engine's
	tolerated_failure_count bigint,				-- null: not given
	tolerated_failure_percentage double precision,
	is_loaded boolean NOT NULL DEFAULT false,	-- all inputs are in sfn.map_run_input
	is_finishing boolean NOT NULL DEFAULT false,	-- its results are to be gathered in a turn of their own
	item_count bigint NOT NULL DEFAULT 0,
	child_count bigint NOT NULL DEFAULT 0,
	started bigint NOT NULL DEFAULT 0,			-- of the children
	succeeded bigint NOT NULL DEFAULT 0,
	failed bigint NOT NULL DEFAULT 0,
	timed_out bigint NOT NULL DEFAULT 0,
	aborted bigint NOT NULL DEFAULT 0,
	pending_redrive bigint NOT NULL DEFAULT 0,
	items_started bigint NOT NULL DEFAULT 0,	-- and of the items in them
	items_succeeded bigint NOT NULL DEFAULT 0,
	items_failed bigint NOT NULL DEFAULT 0,
	items_timed_out bigint NOT NULL DEFAULT 0,
	items_aborted bigint NOT NULL DEFAULT 0,
	items_pending_redrive bigint NOT NULL DEFAULT 0,
	results_written bigint NOT NULL DEFAULT 0,
	plan json NOT NULL,							-- engine/map_run.h, without items
	error text,									-- why it fails, or has failed
	cause text
) WITH (fillfactor = 70);
COMMENT ON TABLE sfn.map_run IS 'one row per run of a Distributed Map; changed only by who holds its execution';
CREATE INDEX map_run_execution ON sfn.map_run (execution_id);

CREATE TABLE sfn.map_run_input (
	map_run_id bigint NOT NULL,
	first_index bigint NOT NULL,
	items integer[],							-- how many items each input has; null: one
	inputs json NOT NULL,						-- an array of the inputs of the children from first_index on
	PRIMARY KEY (map_run_id, first_index)
) WITH (toast_tuple_target = 1024);
COMMENT ON TABLE sfn.map_run_input IS 'inputs of the children of map runs, kept until all of them have succeeded';

SELECT pg_catalog.pg_extension_config_dump('sfn.map_run', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.map_run_input', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.map_run_id_seq', '');
-- Triggers that start executions.

CREATE TABLE sfn.change_trigger (
	trigger_id oid PRIMARY KEY,
	table_id oid NOT NULL,
	creator regrole NOT NULL
);
COMMENT ON TABLE sfn.change_trigger IS 'who made a trigger that starts executions, or has allowed it since';

-- A restored trigger has another number, so its note would be another's.
SELECT pg_catalog.pg_extension_config_dump('sfn.change_trigger', 'WHERE false');
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
-- The log events of all executions.

CREATE VIEW sfn.log_events WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, l.execution_name) AS execution_arn, sfn.state_machine_arn(m.name) AS state_machine_arn,
	v.event OPERATOR(pg_catalog.->>) 'id' AS id, v.event OPERATOR(pg_catalog.->>) 'type' AS type,
	coalesce(sfn_internal.shown_details(
		(SELECT d.value FROM pg_catalog.json_each(v.event) d WHERE d.key OPERATOR(pg_catalog.~~) '%EventDetails'),
		sfn_internal.may_read_data(coalesce(m.map_of, m.id), m.role::oid)), '{}') AS details,
	v.event OPERATOR(pg_catalog.->>) 'previousEventId' AS previous_event_id,
	pg_catalog.replace(v.event OPERATOR(pg_catalog.->>) 'timestamp', '.', '') AS event_timestamp,
	l.redrive_count::text AS redrive_count,
	pg_catalog.to_timestamp((v.event OPERATOR(pg_catalog.->>) 'timestamp')::double precision) AS "timestamp",
	l.log_date
FROM sfn.log_event l
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) l.state_machine_id,
	LATERAL pg_catalog.json_array_elements(l.events) v(event)
WHERE sfn_internal.may_see(coalesce(m.map_of, m.id), m.role::oid);
COMMENT ON VIEW sfn.log_events IS
	'the log events of state machines with a logging configuration, EXPRESS and STANDARD, as CloudWatch Logs gets them from AWS';
COMMENT ON COLUMN sfn.log_events.execution_arn IS 'of the execution';
COMMENT ON COLUMN sfn.log_events.state_machine_arn IS 'of its state machine';
COMMENT ON COLUMN sfn.log_events.type IS 'of the event, as in the history';
COMMENT ON COLUMN sfn.log_events.redrive_count IS 'of the execution when the event was written';
COMMENT ON COLUMN sfn.log_events.id IS 'the event''s number in its execution, as text; numbers of events below the level are missing';
COMMENT ON COLUMN sfn.log_events.details IS 'the ...EventDetails of AWS, without inputs and outputs unless includeExecutionData is true and one has the privilege read_data';
COMMENT ON COLUMN sfn.log_events.previous_event_id IS 'the event that led to this one, as text; 0: the start';
COMMENT ON COLUMN sfn.log_events.event_timestamp IS 'milliseconds since 1970, as text';
COMMENT ON COLUMN sfn.log_events."timestamp" IS 'the same as a timestamp';
COMMENT ON COLUMN sfn.log_events.log_date IS 'when the events were written: the end of a synchronous execution, else of a turn; there is an index on it';
GRANT SELECT ON sfn.log_events TO PUBLIC;

-- The log groups of CloudWatch Logs that they are sent to.

CREATE VIEW sfn.log_destinations WITH (security_barrier) AS
SELECT sfn.state_machine_arn(m.name) AS state_machine_arn, g.log_group, CASE WHEN d.log_group OPERATOR(pg_catalog.=) g.log_group THEN d.stream END AS log_stream,
	coalesce(d.events, 0) AS events,
	(SELECT coalesce(pg_catalog.sum(pg_catalog.json_array_length(l.events) OPERATOR(pg_catalog.-) l.unsent_from), 0)::bigint FROM sfn.log_event l
		WHERE l.state_machine_id OPERATOR(pg_catalog.=) m.id AND l.unsent_from IS NOT NULL) AS unsent,
	d.last_sent, d.last_error, d.last_error_date, CASE WHEN d.last_error IS NOT NULL AND d.sender IS NULL THEN d.next_attempt END AS paused_until
FROM sfn.state_machine m
	JOIN sfn.state_machine_revision r ON r.id OPERATOR(pg_catalog.=) m.revision_id
	LEFT JOIN sfn.log_delivery d ON d.state_machine_id OPERATOR(pg_catalog.=) m.id,
	LATERAL (SELECT r.logging OPERATOR(pg_catalog.#>>) '{destinations,0,cloudWatchLogsLogGroup,logGroupArn}' AS log_group) g
WHERE g.log_group IS NOT NULL AND m.status OPERATOR(pg_catalog.<>) 'DELETED'
	AND sfn_internal.may_see(coalesce(m.map_of, m.id), m.role::oid);
COMMENT ON VIEW sfn.log_destinations IS 'log groups of CloudWatch Logs that the logging configurations of state machines name, and how far the log events are sent there';
COMMENT ON COLUMN sfn.log_destinations.state_machine_arn IS 'of the state machine';
COMMENT ON COLUMN sfn.log_destinations.log_group IS 'the ARN of the log group';
COMMENT ON COLUMN sfn.log_destinations.log_stream IS 'the stream in it; null: there is none yet';
COMMENT ON COLUMN sfn.log_destinations.events IS 'how many log events CloudWatch Logs has taken';
COMMENT ON COLUMN sfn.log_destinations.unsent IS 'how many are yet to be sent';
COMMENT ON COLUMN sfn.log_destinations.last_sent IS 'when the last ones were taken';
COMMENT ON COLUMN sfn.log_destinations.last_error IS 'why the last call has failed, or what it did not take; null: it took all';
COMMENT ON COLUMN sfn.log_destinations.last_error_date IS 'when one failed last';
COMMENT ON COLUMN sfn.log_destinations.paused_until IS 'when it is tried again after that; null: it does not pause';
GRANT SELECT ON sfn.log_destinations TO PUBLIC;
-- Map runs: the runs of Distributed Maps.

CREATE VIEW sfn.map_runs WITH (security_barrier) AS
SELECT sfn.map_run_arn(c.name, r.name) AS map_run_arn, sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn,
	sfn.state_machine_arn(m.name) AS state_machine_arn, m.name AS state_machine, r.label, sfn_internal.status_name(r.status) AS status,
	r.start_date, r.stop_date, r.max_concurrency, r.tolerated_failure_count, r.tolerated_failure_percentage,
	r.item_count AS items, r.item_count OPERATOR(pg_catalog.-) r.items_started AS items_pending,
	r.items_started OPERATOR(pg_catalog.-) r.items_succeeded OPERATOR(pg_catalog.-) r.items_failed
		OPERATOR(pg_catalog.-) r.items_timed_out OPERATOR(pg_catalog.-) r.items_aborted
		OPERATOR(pg_catalog.-) r.items_pending_redrive AS items_running,
	r.items_succeeded, r.items_failed, r.items_timed_out, r.items_aborted, r.items_pending_redrive,
	p.done AS items_done,
	CASE WHEN r.redrive_count OPERATOR(pg_catalog.=) 0
		THEN pg_catalog.round((p.done OPERATOR(pg_catalog./) nullif(p.seconds, 0)), 1) END AS items_per_second,
	CASE WHEN r.redrive_count OPERATOR(pg_catalog.=) 0 AND r.stop_date IS NULL AND r.is_loaded
		THEN pg_catalog.date_trunc('second', pg_catalog.make_interval(secs => ((r.item_count OPERATOR(pg_catalog.-) p.done)
			OPERATOR(pg_catalog.*) p.seconds OPERATOR(pg_catalog./) nullif(p.done, 0))::float8)) END AS time_left,
	r.child_count AS executions, r.child_count OPERATOR(pg_catalog.-) r.started AS executions_pending,
	r.started OPERATOR(pg_catalog.-) r.succeeded OPERATOR(pg_catalog.-) r.failed OPERATOR(pg_catalog.-) r.timed_out
		OPERATOR(pg_catalog.-) r.aborted OPERATOR(pg_catalog.-) r.pending_redrive AS executions_running,
	r.succeeded AS executions_succeeded, r.failed AS executions_failed, r.timed_out AS executions_timed_out,
	r.aborted AS executions_aborted, r.pending_redrive AS executions_pending_redrive, r.results_written,
	r.redrive_count, r.redrive_date, r.error, sfn_internal.hide_tokens(r.cause) AS cause
FROM sfn.map_run r
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) r.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
	JOIN sfn.state_machine c ON c.id OPERATOR(pg_catalog.=) r.state_machine_id
	CROSS JOIN LATERAL (SELECT r.items_succeeded OPERATOR(pg_catalog.+) r.items_failed OPERATOR(pg_catalog.+) r.items_timed_out
			OPERATOR(pg_catalog.+) r.items_aborted AS done,
		EXTRACT(epoch FROM coalesce(r.stop_date, nullif(pg_catalog.current_setting('sfn.test_now', true), '')::timestamptz,
			pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.-) r.start_date) AS seconds) p
WHERE sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.map_runs IS 'runs of Distributed Maps: how far they have come, in items and in child executions';
COMMENT ON COLUMN sfn.map_runs.map_run_arn IS 'its ARN';
COMMENT ON COLUMN sfn.map_runs.state_machine_arn IS 'of the execution''s state machine';
COMMENT ON COLUMN sfn.map_runs.start_date IS 'when it was started';
COMMENT ON COLUMN sfn.map_runs.stop_date IS 'when it ended; null: it runs';
COMMENT ON COLUMN sfn.map_runs.items_running IS 'whose execution runs';
COMMENT ON COLUMN sfn.map_runs.items_succeeded IS 'whose execution has';
COMMENT ON COLUMN sfn.map_runs.items_failed IS 'whose execution has';
COMMENT ON COLUMN sfn.map_runs.items_timed_out IS 'whose execution has';
COMMENT ON COLUMN sfn.map_runs.items_aborted IS 'whose execution was';
COMMENT ON COLUMN sfn.map_runs.executions_pending IS 'not started yet';
COMMENT ON COLUMN sfn.map_runs.executions_running IS 'started and not ended';
COMMENT ON COLUMN sfn.map_runs.executions_succeeded IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_failed IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_timed_out IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_aborted IS 'that ended so';
COMMENT ON COLUMN sfn.map_runs.executions_pending_redrive IS 'to go on after a redrive';
COMMENT ON COLUMN sfn.map_runs.redrive_count IS 'how often it was redriven';
COMMENT ON COLUMN sfn.map_runs.redrive_date IS 'when it was last';
COMMENT ON COLUMN sfn.map_runs.execution_arn IS 'whose Map it is';
COMMENT ON COLUMN sfn.map_runs.state_machine IS 'the name of its state machine';
COMMENT ON COLUMN sfn.map_runs.label IS 'the Map''s Label, or what stands for it; the children run state_machine/label';
COMMENT ON COLUMN sfn.map_runs.status IS 'RUNNING, SUCCEEDED, FAILED, ABORTED';
COMMENT ON COLUMN sfn.map_runs.max_concurrency IS 'children that run at one time; 0: no limit but the engine''s, 1,000';
COMMENT ON COLUMN sfn.map_runs.tolerated_failure_count IS 'items that may fail; null: not given';
COMMENT ON COLUMN sfn.map_runs.tolerated_failure_percentage IS 'of all items; null: not given';
COMMENT ON COLUMN sfn.map_runs.items IS 'all items; with an ItemBatcher an execution has several';
COMMENT ON COLUMN sfn.map_runs.items_pending IS 'whose execution has not been started';
COMMENT ON COLUMN sfn.map_runs.items_pending_redrive IS 'to go on after a redrive';
COMMENT ON COLUMN sfn.map_runs.items_done IS 'whose execution has ended, well or not';
COMMENT ON COLUMN sfn.map_runs.items_per_second IS 'so far; null after a redrive';
COMMENT ON COLUMN sfn.map_runs.time_left IS 'at that rate; null when it is not running or nothing is done yet, and after a redrive';
COMMENT ON COLUMN sfn.map_runs.executions IS 'all children';
COMMENT ON COLUMN sfn.map_runs.results_written IS 'records of children that the ResultWriter has written';
COMMENT ON COLUMN sfn.map_runs.error IS 'why it failed';
COMMENT ON COLUMN sfn.map_runs.cause IS 'what is known about the error';
GRANT SELECT ON sfn.map_runs TO PUBLIC;

CREATE TYPE sfn.map_run_description AS (
	map_run_arn text, execution_arn text, state_machine_arn text, status text, start_date timestamptz,
	stop_date timestamptz, max_concurrency bigint, tolerated_failure_percentage double precision,
	tolerated_failure_count bigint, item_counts json, execution_counts json, redrive_count integer,
	redrive_date timestamptz, error text, cause text
);
COMMENT ON TYPE sfn.map_run_description IS 'what sfn.describe_map_run() tells';

CREATE FUNCTION sfn.describe_map_run(map_run text) RETURNS sfn.map_run_description
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_map_run';
COMMENT ON FUNCTION sfn.describe_map_run(text) IS 'all about a map run, one row; the counts are AWS''s objects';

CREATE TYPE sfn.listed_map_run AS (
	map_run_arn text, execution_arn text, state_machine_arn text, status text, start_date timestamptz,
	stop_date timestamptz
);
COMMENT ON TYPE sfn.listed_map_run IS 'a row of sfn.list_map_runs()';

CREATE FUNCTION sfn.list_map_runs(execution text, max_results integer DEFAULT 100) RETURNS SETOF sfn.listed_map_run
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_map_runs';
COMMENT ON FUNCTION sfn.list_map_runs(text, integer) IS 'the map runs of an execution, the youngest first';

CREATE FUNCTION sfn.update_map_run(
	map_run text, max_concurrency bigint DEFAULT NULL, tolerated_failure_count bigint DEFAULT NULL,
	tolerated_failure_percentage double precision DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_map_run';
COMMENT ON FUNCTION sfn.update_map_run(text, bigint, bigint, double precision) IS
	'gives a map run that is running other limits, when the transaction commits; what is null stays';

CREATE FUNCTION sfn.redrive_map_run(map_run text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_redrive_map_run';
COMMENT ON FUNCTION sfn.redrive_map_run(text) IS
	'lets those executions go on that have not succeeded in a map run that has, within the failures it tolerates; when the transaction commits';
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
-- Tasks that wait for somebody outside: a worker, an answer, a response, another execution.

CREATE TABLE sfn.task (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	execution_id bigint NOT NULL,
	branch integer NOT NULL,
	visit integer NOT NULL,
	attempt integer NOT NULL,
	kind smallint NOT NULL,						-- TaskKind, store/tasks.h
	state smallint NOT NULL,					-- TaskRowState, store/tasks.h; whether an HTTP request is in flight says taken_at
	activity_id bigint,
	child_execution_id bigint,
	role sfn.role NOT NULL,						-- the state machine's
	timeout_seconds bigint NOT NULL DEFAULT 0,	-- 0: none
	heartbeat_seconds bigint NOT NULL DEFAULT 0,
	created timestamptz NOT NULL,
	taken_at timestamptz,
	taken_by integer,							-- an HTTP request: the process that sends it
	worker_name text,
	token text COLLATE "C",
	resource text NOT NULL,						-- as the definition has it
	parameters json,
	host text COLLATE "C"						-- of an HTTP request: requests share the pump by host
) WITH (fillfactor = 45);	-- a request is taken soon, by an update for which there is room on its page
COMMENT ON TABLE sfn.task IS 'one row per task that waits for a worker, an answer or another execution; deleted with its answer';
-- In the order of created, which no other index has: a queue is not to be looked for among all tasks in the order of their ids.
CREATE INDEX task_to_be_taken ON sfn.task (activity_id, created, id) WHERE kind = 2 /* TASK_ACTIVITY */ AND state = 1 /* TASK_TO_BE_TAKEN */;
CREATE INDEX task_execution ON sfn.task (execution_id, branch);
CREATE INDEX task_child ON sfn.task (child_execution_id) WHERE child_execution_id IS NOT NULL;
CREATE UNIQUE INDEX task_token ON sfn.task (token) WHERE token IS NOT NULL;
CREATE INDEX task_request ON sfn.task (id) WHERE kind = 1 /* TASK_HTTP */;

SELECT pg_catalog.pg_extension_config_dump('sfn.task', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.task_id_seq', '');
-- Activities, and their tags.

CREATE TABLE sfn.activity (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	owner sfn.role NOT NULL,
	creation_date timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sfn.activity IS 'queues of work for programs that poll; members of owner may take tasks and delete the activity';

CREATE TABLE sfn.activity_tag (
	activity_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (activity_id, key)
);
COMMENT ON TABLE sfn.activity_tag IS 'tags of activities';

SELECT pg_catalog.pg_extension_config_dump('sfn.activity', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.activity_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.activity_id_seq', '');
-- What a function ARN calls: Lambda functions on AWS, here SQL functions and URLs.

CREATE TABLE sfn.function (
	id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,	-- whom one trusts is said of it, not of the name
	name text COLLATE "C" PRIMARY KEY,
	target text NOT NULL,						-- qualified signature: schema.name(argument types)
	alone boolean NOT NULL DEFAULT false,
	owner sfn.role NOT NULL,
	creation_date timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sfn.function IS 'what a function ARN and lambda:invoke call: SQL functions under a name of their own';

SELECT pg_catalog.pg_extension_config_dump('sfn.function', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.function_id_seq', '');
-- Jobs of AWS services that tasks with .sync wait for.

CREATE TABLE sfn.job (
	task_id bigint PRIMARY KEY,					-- of sfn.task; when that is gone, the job is to be cancelled
	resource text COLLATE "C" NOT NULL,			-- what started it, as core/aws/jobs.c has it
	scope bigint NOT NULL,						-- those of one can be asked for in one call
	remote_id text COLLATE "C" NOT NULL,		-- what the service calls it
	kept json NOT NULL,							-- what else the service wants to know of it
	role sfn.role NOT NULL,						-- the state machine's
	role_arn text,								-- as credentials list it
	task_role text,								-- the one that the task's Credentials name
	started timestamptz NOT NULL,
	next_poll timestamptz NOT NULL,
	polled_by integer,							-- the process that asks just now
	polls integer NOT NULL DEFAULT 0,
	missing integer NOT NULL DEFAULT 0,			-- how often in a row the service knew nothing of it
	failing_since timestamptz,					-- since when no poll has told anything
	last_error text,
	cancels integer NOT NULL DEFAULT 0,			-- how often it was tried in vain
	events integer NOT NULL DEFAULT 0,			-- how many have named it
	is_woken boolean NOT NULL DEFAULT false		-- one of them since it was last asked for
);
COMMENT ON TABLE sfn.job IS 'one row per job of an AWS service that a task with .sync waits for, or that is to be cancelled';
CREATE INDEX job_due ON sfn.job (resource, scope, next_poll);
CREATE INDEX job_remote ON sfn.job (remote_id);
REVOKE ALL ON sfn.job FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sfn.job', '');
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
-- Activities: queues of work for programs that poll.

CREATE FUNCTION sfn.create_activity(name text, tags jsonb DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_activity';
COMMENT ON FUNCTION sfn.create_activity(text, jsonb) IS
	'makes a queue from which members of the calling role take tasks, unless it is there; returns the ARN that a Task names as Resource';

CREATE FUNCTION sfn.delete_activity(activity text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_activity';
COMMENT ON FUNCTION sfn.delete_activity(text) IS
	'deletes an activity; tasks that wait in it stay until they are stopped';

CREATE TYPE sfn.activity_description AS (
	activity_arn text, name text, creation_date timestamptz, owner regrole
);
COMMENT ON TYPE sfn.activity_description IS 'what sfn.describe_activity() tells';

CREATE FUNCTION sfn.describe_activity(activity text) RETURNS sfn.activity_description
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_activity';
COMMENT ON FUNCTION sfn.describe_activity(text) IS 'all about an activity, one row';

CREATE TYPE sfn.listed_activity AS (
	activity_arn text, name text, creation_date timestamptz, owner regrole
);
COMMENT ON TYPE sfn.listed_activity IS 'a row of sfn.list_activities()';

CREATE FUNCTION sfn.list_activities() RETURNS SETOF sfn.listed_activity
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_activities';
COMMENT ON FUNCTION sfn.list_activities() IS 'the activities that the caller may use, by name';

CREATE FUNCTION sfn.get_activity_task(
	activity text, worker_name text DEFAULT NULL, timeout interval DEFAULT '60 s', OUT task_token text, OUT input json)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_get_activity_task';
COMMENT ON FUNCTION sfn.get_activity_task(text, text, interval) IS
	'takes the oldest waiting task of an activity, or waits for one; null, null when the time is over. Use it in FROM, and commit before the work begins';

CREATE FUNCTION sfn.get_activity_tasks(
	activity text, max_tasks integer DEFAULT 10, worker_name text DEFAULT NULL, timeout interval DEFAULT '60 s', OUT task_token text, OUT input json)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_get_activity_tasks';
COMMENT ON FUNCTION sfn.get_activity_tasks(text, integer, text, interval) IS
	'takes the oldest waiting tasks of an activity, or waits for the first; no rows when the time is over. Commit before the work begins';
-- Functions for tasks to call, by a function ARN or lambda:invoke.

CREATE FUNCTION sfn.create_function(name text, target text, alone boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_function_by_text';
COMMENT ON FUNCTION sfn.create_function(text, text, boolean) IS
	'lets function ARNs and lambda:invoke call a URL, or the SQL function of this signature, under this name; returns the ARN';

CREATE FUNCTION sfn.create_function(name text, target regprocedure, alone boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_function';
COMMENT ON FUNCTION sfn.create_function(text, regprocedure, boolean) IS
	'lets function ARNs and lambda:invoke call a SQL function under this name; returns the ARN';

CREATE FUNCTION sfn.delete_function(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_function';
COMMENT ON FUNCTION sfn.delete_function(text) IS 'forgets what sfn.create_function() registered; the SQL function stays';
-- Jobs of AWS services: what is waited for.

CREATE VIEW sfn.jobs WITH (security_barrier) AS
	SELECT sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn, j.resource, j.remote_id, j.started, j.polls,
		CASE WHEN j.polled_by IS NULL THEN j.next_poll END AS next_poll,
		CASE WHEN j.polled_by IS NULL
			THEN greatest(pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) j.next_poll, '0'::interval) END AS late,
		j.last_error, j.events
	FROM sfn.job j JOIN sfn.task t ON t.id OPERATOR(pg_catalog.=) j.task_id
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) t.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
	WHERE sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.jobs IS 'jobs of AWS services that tasks with .sync wait for';
COMMENT ON COLUMN sfn.jobs.execution_arn IS 'whose task waits for it';
COMMENT ON COLUMN sfn.jobs.resource IS 'the service and the action that started it';
COMMENT ON COLUMN sfn.jobs.remote_id IS 'what the service calls it';
COMMENT ON COLUMN sfn.jobs.started IS 'when it was started';
COMMENT ON COLUMN sfn.jobs.polls IS 'how often the service was asked for it';
COMMENT ON COLUMN sfn.jobs.next_poll IS 'when it is asked again; null: just now';
COMMENT ON COLUMN sfn.jobs.late IS 'how long that has been due: the rate of calls (sfn.job_poll_rate) does not suffice';
COMMENT ON COLUMN sfn.jobs.last_error IS 'what the last poll ended with, when it told nothing';
COMMENT ON COLUMN sfn.jobs.events IS 'how many events of sfn.create_job_events() have named it';
GRANT SELECT ON sfn.jobs TO PUBLIC;
-- HTTP tasks: credentials, and where requests may go.  Requests that wait or are under way are rows of sfn.task.

CREATE TABLE sfn.connection (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	version bigint NOT NULL DEFAULT 1,
	name text COLLATE "C" NOT NULL UNIQUE,
	connection_id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
	owner sfn.role NOT NULL,
	description text,
	authorization_type text NOT NULL CHECK (authorization_type IN ('API_KEY', 'AWS', 'BASIC', 'OAUTH_CLIENT_CREDENTIALS')),
	parameters json NOT NULL,					-- AuthParameters, secrets included
	shown json NOT NULL,						-- the same without them
	tls json,									-- {"ca", "certificate", "key"}, PEM
	creation_date timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	update_date timestamptz
);
COMMENT ON TABLE sfn.connection IS 'credentials for HTTP tasks; nobody reads this table but the extension, which adds them to requests';
REVOKE ALL ON sfn.connection FROM PUBLIC;

CREATE TABLE sfn.http_allowed_host (
	host text COLLATE "C" NOT NULL,
	role sfn.role,								-- null: for everybody
	note text,
	UNIQUE NULLS NOT DISTINCT (host, role)
);
ALTER TABLE sfn.http_allowed_host REPLICA IDENTITY FULL;
COMMENT ON TABLE sfn.http_allowed_host IS
	'hosts, addresses and networks that HTTP tasks may reach beside public addresses, for all roles or one; filled by administrators';
COMMENT ON COLUMN sfn.http_allowed_host.host IS 'a host name, "*.suffix", an address or a network, each with an optional ":port"';

SELECT pg_catalog.pg_extension_config_dump('sfn.connection', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.connection_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.http_allowed_host', '');
-- Where the S3 objects that definitions name are to be found.

CREATE TABLE sfn.bucket (
	id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,	-- whom one trusts is said of it, not of the name
	name text COLLATE "C" PRIMARY KEY,
	url text NOT NULL,							-- file:///directory or https://host/path
	connection text,							-- name of the connection that requests are made with, or null
	region text,								-- of the signatures of requests, or null: they are not signed
	readers sfn.role[] NOT NULL,					-- 0 stands for every role
	writers sfn.role[] NOT NULL,
	owner sfn.role NOT NULL,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.bucket IS 'directories and addresses in which state machines find and leave S3 objects; filled by administrators';

SELECT pg_catalog.pg_extension_config_dump('sfn.bucket', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.bucket_id_seq', '');
-- Names of others: whom machines trust, and to whom connections are lent.

CREATE TABLE sfn.trust (
	kind text COLLATE "C" NOT NULL CHECK (kind IN ('function', 'activity', 'state_machine', 'event_bus', 'connection', 'bucket', 'queue', 'topic')),
	object_id bigint NOT NULL,					-- of what has the name: one made anew has another
	owner sfn.role NOT NULL,						-- the one who is trusted
	role sfn.role NOT NULL,						-- the role whose machines may call it
	grantor sfn.role NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (kind, object_id, role)
);
COMMENT ON TABLE sfn.trust IS 'functions, activities, state machines, event buses, connections, buckets, queues and topics of others that the machines of a role may call';

CREATE TABLE sfn.connection_use (
	connection_id bigint NOT NULL,
	role sfn.role NOT NULL,
	grantor sfn.role NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (connection_id, role)
);
COMMENT ON TABLE sfn.connection_use IS 'roles that a connection''s owner lets use it; a bucket has its readers and writers';

SELECT pg_catalog.pg_extension_config_dump('sfn.trust', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.connection_use', '');
-- AWS services: what is known of them, and where they are when they are not where AWS has them.

CREATE TABLE sfn.service (
	name text COLLATE "C" PRIMARY KEY,			-- as arn:aws:states:::aws-sdk:NAME:action has it
	prefix text NOT NULL,						-- of the names of its errors
	protocol text NOT NULL,
	operations int NOT NULL,
	source text NOT NULL,						-- from where it was loaded
	loaded timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	facts text NOT NULL							-- its row; src/core/aws/model.h
);
COMMENT ON TABLE sfn.service IS 'AWS services that were loaded beside those that come with sfn: their operations with the shapes of requests and results';
REVOKE ALL ON sfn.service FROM PUBLIC;

CREATE TABLE sfn.service_endpoint (
	service text COLLATE "C" NOT NULL,			-- a name as above, or * for all
	region text COLLATE "C",					-- null: for all
	url text NOT NULL,
	UNIQUE NULLS NOT DISTINCT (service, region)
);
ALTER TABLE sfn.service_endpoint REPLICA IDENTITY FULL;
COMMENT ON TABLE sfn.service_endpoint IS 'addresses that calls of a service go to in place of AWS''s; filled by administrators';
REVOKE ALL ON sfn.service_endpoint FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sfn.service', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.service_endpoint', '');
-- Queues of messages.

CREATE TABLE sfn.queue (
	id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,	-- whom one trusts is said of it, not of the name
	name text COLLATE "C" PRIMARY KEY,
	owner sfn.role NOT NULL,
	visibility_timeout integer NOT NULL,		-- seconds
	delay integer NOT NULL,						-- seconds
	dead_letter_queue_id bigint,				-- null: none
	max_receive_count integer,					-- null: any number
	deduplicates_content boolean NOT NULL,		-- a FIFO queue's
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.queue IS 'queues of messages, in place of those of SQS';

CREATE TABLE sfn.queue_message (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	queue_id bigint NOT NULL,
	visible_at timestamptz NOT NULL,			-- when it may be received: sent, delayed, or received and not deleted in time
	message_id uuid NOT NULL,
	sent timestamptz NOT NULL,
	first_received timestamptz,
	receive_count integer NOT NULL DEFAULT 0,
	receipt uuid,								-- of the last time it was received
	attributes json,							-- MessageAttributes
	message_group text COLLATE "C",				-- of a FIFO queue they are in the order of ids
	deduplication_id text COLLATE "C",			-- of a FIFO queue
	body text NOT NULL
);
COMMENT ON TABLE sfn.queue_message IS 'messages that nobody has deleted yet';
CREATE INDEX queue_message_visible ON sfn.queue_message (queue_id, visible_at, id);
CREATE INDEX queue_message_in_order ON sfn.queue_message (queue_id, id) WHERE message_group IS NOT NULL;
CREATE INDEX queue_message_of_group ON sfn.queue_message (queue_id, message_group, id) WHERE message_group IS NOT NULL;

CREATE TABLE sfn.queue_deduplication (
	queue_id bigint NOT NULL,
	deduplication_id text COLLATE "C" NOT NULL,
	message_id uuid NOT NULL,
	sequence bigint NOT NULL,					-- the message's id, which it had also when it is gone
	sent timestamptz NOT NULL,
	PRIMARY KEY (queue_id, deduplication_id)
);
COMMENT ON TABLE sfn.queue_deduplication IS 'what was sent to FIFO queues in the last minutes, so that it is not sent twice';
CREATE INDEX queue_deduplication_sent ON sfn.queue_deduplication (queue_id, sent);

CREATE TABLE sfn.queue_use (
	queue_id bigint NOT NULL,
	role sfn.role NOT NULL,
	grantor sfn.role NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (queue_id, role)
);
COMMENT ON TABLE sfn.queue_use IS 'roles that a queue''s owner lets use it';

CREATE TABLE sfn.queue_trigger (
	queue_id bigint PRIMARY KEY,
	owner sfn.role NOT NULL,					-- as whom it receives and starts
	state_machine text NOT NULL,				-- name or ARN, of a version or alias also
	batch_size integer NOT NULL,
	batch_window integer NOT NULL,				-- seconds
	max_concurrency integer,					-- null: any number
	is_enabled boolean NOT NULL,
	paused_until timestamptz,					-- after a start that was refused
	running bigint[] NOT NULL DEFAULT '{}',		-- with a max_concurrency: executions that it has started and that may run yet
	starts bigint NOT NULL DEFAULT 0,
	messages bigint NOT NULL DEFAULT 0,
	last_start timestamptz,
	last_error text,							-- null: the last start was made
	last_error_date timestamptz,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.queue_trigger IS 'which state machine is started with the messages of a queue';

CREATE TABLE sfn.queue_group_run (
	queue_id bigint NOT NULL,
	message_group text COLLATE "C" NOT NULL,
	execution_id bigint NOT NULL,
	PRIMARY KEY (queue_id, message_group)
);
COMMENT ON TABLE sfn.queue_group_run IS 'groups of FIFO queues that wait for an execution which was started with messages of theirs';

CREATE TABLE sfn.queue_source (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	queue_id bigint UNIQUE,						-- where its messages go; null: they are events of jobs, and wake these
	url text COLLATE "C" NOT NULL,				-- of the queue of SQS
	credentials text,							-- by name; null: what the queue's owner calls AWS with
	is_enabled boolean NOT NULL,
	messages bigint NOT NULL DEFAULT 0,
	last_message timestamptz,
	failures integer NOT NULL DEFAULT 0,		-- in a row
	last_error text,							-- null: the last call has succeeded
	last_error_date timestamptz,
	next_poll timestamptz NOT NULL,
	polled_by integer,							-- the process that asks just now
	attempt uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),	-- which call it is, the same when it is made again; a FIFO queue's answer is the same then
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.queue_source IS 'queues of SQS whose messages are fetched';
CREATE UNIQUE INDEX queue_source_of_jobs ON sfn.queue_source (url) WHERE queue_id IS NULL;

CREATE TABLE sfn.queue_source_message (
	source_id bigint NOT NULL,
	message_id text COLLATE "C" NOT NULL,		-- SQS's
	receipt_handle text,						-- by which it is to be deleted there; null: it was
	delete_after timestamptz NOT NULL,
	seen timestamptz NOT NULL,
	PRIMARY KEY (source_id, message_id)
);
COMMENT ON TABLE sfn.queue_source_message IS 'messages of SQS that were fetched lately, so that one which comes again is known';
CREATE INDEX queue_source_message_undeleted ON sfn.queue_source_message (source_id, delete_after) WHERE receipt_handle IS NOT NULL;
CREATE INDEX queue_source_message_seen ON sfn.queue_source_message (source_id, seen) WHERE receipt_handle IS NULL;

SELECT pg_catalog.pg_extension_config_dump('sfn.queue', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_message', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_message_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_deduplication', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_use', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_trigger', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_group_run', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_source', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_source_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_source_message', '');
-- Credentials of HTTP tasks.

CREATE FUNCTION sfn.create_connection(name text, authorization_type text, auth_parameters jsonb, description text DEFAULT NULL,
		tls jsonb DEFAULT NULL, replace boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_connection';
COMMENT ON FUNCTION sfn.create_connection(text, text, jsonb, text, jsonb, boolean) IS
	'stores credentials that http:invoke adds to its requests; returns the ARN; state machines of roles with the caller''s privileges may use it, and those that sfn.grant_use() names';

CREATE FUNCTION sfn.delete_connection(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_connection';
COMMENT ON FUNCTION sfn.delete_connection(text) IS 'forgets a connection and its credentials';

-- A view with the rights of its owner: the table itself is closed.
CREATE VIEW sfn.connections WITH (security_barrier) AS
	SELECT 'arn:aws:events:' || pg_catalog.current_setting('sfn.region') || ':' || pg_catalog.current_setting('sfn.account_id')
			|| ':connection/' || c.name || '/' || c.connection_id AS connection_arn,
		c.name, c.description, c.authorization_type, 'AUTHORIZED'::text AS connection_state,
		c.shown::jsonb AS auth_parameters, c.tls IS NOT NULL AS has_tls, c.owner::pg_catalog.regrole AS owner, c.creation_date, c.update_date
	FROM sfn.connection c
	WHERE pg_catalog.pg_has_role(c.owner, 'USAGE');
COMMENT ON VIEW sfn.connections IS 'connections of the roles that the reader is a member of, without their secrets';
COMMENT ON COLUMN sfn.connections.connection_arn IS 'its ARN';
COMMENT ON COLUMN sfn.connections.name IS 'its name';
COMMENT ON COLUMN sfn.connections.description IS 'what it is for';
COMMENT ON COLUMN sfn.connections.authorization_type IS 'API_KEY, BASIC, OAUTH_CLIENT_CREDENTIALS, or AWS for sfn.create_aws_credentials()';
COMMENT ON COLUMN sfn.connections.connection_state IS 'AUTHORIZED or not, as AWS says it';
COMMENT ON COLUMN sfn.connections.auth_parameters IS 'what it sends, without secrets';
COMMENT ON COLUMN sfn.connections.has_tls IS 'whether it has a certificate of its own';
COMMENT ON COLUMN sfn.connections.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.connections.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.connections.update_date IS 'when it was last changed';
GRANT SELECT ON sfn.connections TO PUBLIC;
-- Buckets.

CREATE FUNCTION sfn.create_bucket(name text, url text, readers regrole[] DEFAULT NULL, writers regrole[] DEFAULT NULL,
		connection text DEFAULT NULL, region text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_bucket';
COMMENT ON FUNCTION sfn.create_bucket(text, text, regrole[], regrole[], text, text) IS
	'lets ItemReader and ResultWriter find S3 objects of this bucket in a directory of the server or below an address; for administrators';

CREATE FUNCTION sfn.delete_bucket(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_bucket';
COMMENT ON FUNCTION sfn.delete_bucket(text) IS 'forgets a bucket; what it holds stays where it is';

-- A view with the rights of its owner: the table itself is closed.
CREATE VIEW sfn.buckets WITH (security_barrier) AS
	SELECT b.name, b.url, b.connection, b.region, b.readers::pg_catalog.regrole[] AS readers, b.writers::pg_catalog.regrole[] AS writers,
		b.owner::pg_catalog.regrole AS owner, b.creation_date
	FROM sfn.bucket b
	WHERE pg_catalog.pg_has_role(b.owner, 'USAGE') OR EXISTS (
		SELECT FROM pg_catalog.unnest(b.readers OPERATOR(pg_catalog.||) b.writers) r
		WHERE r::oid OPERATOR(pg_catalog.=) 0::oid OR pg_catalog.pg_has_role(r::oid, 'USAGE'));
COMMENT ON VIEW sfn.buckets IS 'buckets that the reader, or a role that he is a member of, may read or write, or has made';
COMMENT ON COLUMN sfn.buckets.name IS 'its name';
COMMENT ON COLUMN sfn.buckets.url IS 'where it is: file:///directory or https://host/prefix';
COMMENT ON COLUMN sfn.buckets.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.buckets.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.buckets.connection IS 'name of the connection that requests to the URL are made with';
COMMENT ON COLUMN sfn.buckets.region IS 'S3 region for which requests are signed with the connection''s user name and password; null: they are not signed';
COMMENT ON COLUMN sfn.buckets.readers IS 'roles whose members'' state machines may read it; - stands for every role';
COMMENT ON COLUMN sfn.buckets.writers IS 'roles whose members'' state machines may write to it; - stands for every role';
GRANT SELECT ON sfn.buckets TO PUBLIC;
-- Queues and their messages.

CREATE FUNCTION sfn.create_queue(name text, visibility_timeout interval DEFAULT '30 s', delay interval DEFAULT '0',
		dead_letter_queue text DEFAULT NULL, max_receive_count integer DEFAULT NULL, content_based_deduplication boolean DEFAULT false)
	RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_queue';
COMMENT ON FUNCTION sfn.create_queue(text, interval, interval, text, integer, boolean) IS
	'makes a queue of messages, a FIFO queue by a name that ends with .fifo, or changes one of one''s own; returns its URL';

CREATE FUNCTION sfn.set_queue_attributes(queue text, visibility_timeout interval DEFAULT NULL, delay interval DEFAULT NULL,
		dead_letter_queue text DEFAULT NULL, max_receive_count integer DEFAULT NULL, content_based_deduplication boolean DEFAULT NULL)
	RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_set_queue_attributes';
COMMENT ON FUNCTION sfn.set_queue_attributes(text, interval, interval, text, integer, boolean) IS
	'changes what is given of a queue of one''s own, and nothing else';

CREATE FUNCTION sfn.delete_queue(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_queue';
COMMENT ON FUNCTION sfn.delete_queue(text) IS 'deletes a queue with its messages';

CREATE FUNCTION sfn.purge_queue(queue text) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_purge_queue';
COMMENT ON FUNCTION sfn.purge_queue(text) IS 'deletes all messages of a queue; how many there were';

CREATE FUNCTION sfn.send_message(queue text, body text, attributes json DEFAULT NULL, delay interval DEFAULT NULL,
		message_group text DEFAULT NULL, deduplication_id text DEFAULT NULL) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_message';
COMMENT ON FUNCTION sfn.send_message(text, text, json, interval, text, text) IS 'puts a message into a queue, in the caller''s transaction; returns its id';

CREATE FUNCTION sfn.receive_message(queue text, max_messages integer DEFAULT 1, visibility_timeout interval DEFAULT NULL,
		OUT message_id uuid, OUT receipt_handle text, OUT body text, OUT attributes json, OUT receive_count integer,
		OUT sent timestamptz, OUT first_received timestamptz, OUT message_group text, OUT deduplication_id text, OUT sequence_number text)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_receive_message';
COMMENT ON FUNCTION sfn.receive_message(text, integer, interval) IS
	'takes messages of a queue, oldest first, which nobody else gets before the visibility timeout; without waiting';

CREATE FUNCTION sfn.delete_message(queue text, receipt_handle text) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_message';
COMMENT ON FUNCTION sfn.delete_message(text, text) IS 'deletes a message that was received; false: it is gone, or somebody has received it since';

CREATE FUNCTION sfn.change_message_visibility(queue text, receipt_handle text, visibility_timeout interval) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_change_message_visibility';
COMMENT ON FUNCTION sfn.change_message_visibility(text, text, interval) IS
	'has a message that was received come back after that time, from now on; false: it is gone, or somebody has received it since';

CREATE VIEW sfn.queues WITH (security_barrier) AS
	SELECT q.name,
		pg_catalog.concat('https://sqs.', pg_catalog.current_setting('sfn.region'), '.amazonaws.com/',
			pg_catalog.current_setting('sfn.account_id'), '/', q.name) AS queue_url,
		pg_catalog.concat('arn:aws:sqs:', pg_catalog.current_setting('sfn.region'), ':',
			pg_catalog.current_setting('sfn.account_id'), ':', q.name) AS queue_arn,
		q.owner::pg_catalog.regrole AS owner,
		pg_catalog.make_interval(secs => q.visibility_timeout) AS visibility_timeout,
		pg_catalog.make_interval(secs => q.delay) AS delay,
		(SELECT d.name FROM sfn.queue d WHERE d.id OPERATOR(pg_catalog.=) q.dead_letter_queue_id) AS dead_letter_queue,
		q.max_receive_count, q.deduplicates_content AS content_based_deduplication,
		(SELECT pg_catalog.count(*) FROM sfn.queue_message m WHERE m.queue_id OPERATOR(pg_catalog.=) q.id) AS messages,
		q.creation_date
	FROM sfn.queue q
	WHERE pg_catalog.pg_has_role(q.owner::oid, 'USAGE') OR EXISTS (SELECT FROM sfn.queue_use u
		WHERE u.queue_id OPERATOR(pg_catalog.=) q.id AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) u.role::oid)
			AND pg_catalog.pg_has_role(u.role::oid, 'USAGE'));
COMMENT ON VIEW sfn.queues IS 'queues that the reader, or a role that he is a member of, owns or may use';
COMMENT ON COLUMN sfn.queues.name IS 'its name';
COMMENT ON COLUMN sfn.queues.queue_url IS 'what QueueUrl of a task names it by; it says nothing of where it is';
COMMENT ON COLUMN sfn.queues.queue_arn IS 'its ARN';
COMMENT ON COLUMN sfn.queues.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.queues.visibility_timeout IS 'how long a message that was received is hidden from others';
COMMENT ON COLUMN sfn.queues.delay IS 'how long a message waits after it was sent';
COMMENT ON COLUMN sfn.queues.dead_letter_queue IS 'the queue of messages that were received too often; null: none';
COMMENT ON COLUMN sfn.queues.max_receive_count IS 'how often a message is received before it goes there';
COMMENT ON COLUMN sfn.queues.content_based_deduplication IS 'does a FIFO queue take messages of the same body for the same?';
COMMENT ON COLUMN sfn.queues.messages IS 'how many messages it has, received and delayed ones among them';
COMMENT ON COLUMN sfn.queues.creation_date IS 'when it was made';
GRANT SELECT ON sfn.queues TO PUBLIC;

-- Queues of SQS that they are fed from.

CREATE FUNCTION sfn.create_queue_source(queue text, source text, credentials text DEFAULT NULL, enabled boolean DEFAULT true) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_queue_source';
COMMENT ON FUNCTION sfn.create_queue_source(text, text, text, boolean) IS
	'has the messages of a queue of SQS, by its URL or ARN, fetched into a queue of one''s own, each once; or changes that';

CREATE FUNCTION sfn.drop_queue_source(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_queue_source';
COMMENT ON FUNCTION sfn.drop_queue_source(text) IS 'fetches nothing more into the queue; what it has stays';

CREATE FUNCTION sfn.create_job_events(queue_url text, credentials text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_job_events';
COMMENT ON FUNCTION sfn.create_job_events(text, text) IS
	'has jobs of AWS services asked for as soon as an event in a queue of SQS names them; for superusers';

CREATE FUNCTION sfn.drop_job_events(queue_url text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_job_events';
COMMENT ON FUNCTION sfn.drop_job_events(text) IS 'reads no more events of jobs from the queue; for superusers';

CREATE VIEW sfn.queue_sources WITH (security_barrier) AS
	SELECT q.name AS queue, s.url AS source, s.credentials, s.is_enabled AS enabled, s.messages, s.last_message,
		(SELECT pg_catalog.count(*) FROM sfn.queue_source_message m
			WHERE m.source_id OPERATOR(pg_catalog.=) s.id AND m.receipt_handle IS NOT NULL) AS undeleted,
		s.last_error, s.last_error_date, CASE WHEN s.last_error IS NOT NULL THEN s.next_poll END AS paused_until, s.creation_date
	FROM sfn.queue_source s LEFT JOIN sfn.queue q ON q.id OPERATOR(pg_catalog.=) s.queue_id
	WHERE CASE WHEN s.queue_id IS NULL THEN pg_catalog.current_setting('is_superuser') OPERATOR(pg_catalog.=) 'on'
		ELSE pg_catalog.pg_has_role(q.owner::oid, 'USAGE') END;
COMMENT ON VIEW sfn.queue_sources IS 'queues of SQS whose messages are fetched into queues of the reader, or of a role that he is a member of; to superusers, those with events of jobs also';
COMMENT ON COLUMN sfn.queue_sources.queue IS 'the queue here; null: events of jobs, which wake them';
COMMENT ON COLUMN sfn.queue_sources.source IS 'the URL of the queue of SQS';
COMMENT ON COLUMN sfn.queue_sources.credentials IS 'what the calls are signed with; null: as machines of the queue''s owner without a role ARN';
COMMENT ON COLUMN sfn.queue_sources.enabled IS 'is anything fetched?';
COMMENT ON COLUMN sfn.queue_sources.messages IS 'how many messages have come, each counted once';
COMMENT ON COLUMN sfn.queue_sources.last_message IS 'when the last one has come';
COMMENT ON COLUMN sfn.queue_sources.undeleted IS 'how many of them SQS has not been told yet to delete';
COMMENT ON COLUMN sfn.queue_sources.last_error IS 'why the last call has failed; null: it succeeded';
COMMENT ON COLUMN sfn.queue_sources.last_error_date IS 'when one failed last';
COMMENT ON COLUMN sfn.queue_sources.paused_until IS 'when it is tried again after that; null: it does not pause';
COMMENT ON COLUMN sfn.queue_sources.creation_date IS 'when it was made';
GRANT SELECT ON sfn.queue_sources TO PUBLIC;

-- Their triggers.

CREATE FUNCTION sfn.create_queue_trigger(queue text, state_machine text, batch_size integer DEFAULT 10, batch_window interval DEFAULT '0',
		max_concurrency integer DEFAULT NULL, enabled boolean DEFAULT true) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_queue_trigger';
COMMENT ON FUNCTION sfn.create_queue_trigger(text, text, integer, interval, integer, boolean) IS
	'has a state machine started with the messages of a queue, which are deleted in the same transaction; or changes one''s own trigger of the queue';

CREATE FUNCTION sfn.drop_queue_trigger(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_queue_trigger';
COMMENT ON FUNCTION sfn.drop_queue_trigger(text) IS 'deletes the trigger of a queue; what it has started goes on';

CREATE FUNCTION sfn.enable_queue_trigger(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_enable_queue_trigger';
COMMENT ON FUNCTION sfn.enable_queue_trigger(text) IS 'lets the trigger of a queue go on, at once also when it pauses';

CREATE FUNCTION sfn.disable_queue_trigger(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_disable_queue_trigger';
COMMENT ON FUNCTION sfn.disable_queue_trigger(text) IS 'keeps the trigger of a queue, which does nothing until sfn.enable_queue_trigger()';

CREATE VIEW sfn.queue_triggers WITH (security_barrier) AS
	SELECT q.name AS queue, t.state_machine, t.owner::pg_catalog.regrole AS owner, t.batch_size,
		pg_catalog.make_interval(secs => t.batch_window) AS batch_window, t.max_concurrency, t.is_enabled AS enabled, t.starts, t.messages,
		t.last_start, t.last_error, t.last_error_date, t.paused_until, t.creation_date
	FROM sfn.queue_trigger t JOIN sfn.queue q ON q.id OPERATOR(pg_catalog.=) t.queue_id
	WHERE pg_catalog.pg_has_role(t.owner::oid, 'USAGE') OR pg_catalog.pg_has_role(q.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.queue_triggers IS 'triggers that the reader, or a role that he is a member of, owns or has the queue of';
COMMENT ON COLUMN sfn.queue_triggers.queue IS 'whose messages it takes';
COMMENT ON COLUMN sfn.queue_triggers.state_machine IS 'what it starts with them, as its maker has named it';
COMMENT ON COLUMN sfn.queue_triggers.owner IS 'the role it belongs to, with whose rights it receives and starts';
COMMENT ON COLUMN sfn.queue_triggers.batch_size IS 'the most messages of one execution';
COMMENT ON COLUMN sfn.queue_triggers.batch_window IS 'how long it waits for them to become so many';
COMMENT ON COLUMN sfn.queue_triggers.max_concurrency IS 'how many of its executions run at a time; null: any number';
COMMENT ON COLUMN sfn.queue_triggers.enabled IS 'is anything done?';
COMMENT ON COLUMN sfn.queue_triggers.starts IS 'how many executions it has started';
COMMENT ON COLUMN sfn.queue_triggers.messages IS 'with how many messages';
COMMENT ON COLUMN sfn.queue_triggers.last_start IS 'when it has started the last one';
COMMENT ON COLUMN sfn.queue_triggers.last_error IS 'why the last start was refused; null: it was made';
COMMENT ON COLUMN sfn.queue_triggers.last_error_date IS 'when one was refused last';
COMMENT ON COLUMN sfn.queue_triggers.paused_until IS 'when it tries again after that; null: it does not pause';
COMMENT ON COLUMN sfn.queue_triggers.creation_date IS 'when it was made';
GRANT SELECT ON sfn.queue_triggers TO PUBLIC;
-- AWS services: loading what is known of them, endpoints, credentials.

CREATE FUNCTION sfn.load_services(directory text) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_load_services';
COMMENT ON FUNCTION sfn.load_services(text) IS
	'loads AWS''s models of services from a directory of the server such as botocore/data; returns how many; for superusers';

CREATE FUNCTION sfn.load_service_model(model json) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_load_service_model';
COMMENT ON FUNCTION sfn.load_service_model(json) IS
	'loads one service from AWS''s model of it (service-2.json); returns the name that Resources use; for superusers';

CREATE FUNCTION sfn_internal.shipped_services() RETURNS json
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_shipped_services';
COMMENT ON FUNCTION sfn_internal.shipped_services() IS 'the AWS services that come with sfn, for the view sfn.services';

CREATE VIEW sfn.services AS
	SELECT s.name, s.prefix, s.protocol, s.operations, s.source, s.loaded FROM sfn.service s
	UNION ALL
	SELECT f.name, f.prefix, f.protocol, f.operations, 'shipped', NULL
	FROM pg_catalog.json_to_recordset(sfn_internal.shipped_services()) f (name text, prefix text, protocol text, operations int)
	WHERE NOT EXISTS (SELECT FROM sfn.service s WHERE s.name OPERATOR(pg_catalog.=) f.name);
COMMENT ON VIEW sfn.services IS 'AWS services whose actions tasks can call';
COMMENT ON COLUMN sfn.services.name IS 'as arn:aws:states:::aws-sdk:NAME:action has it';
COMMENT ON COLUMN sfn.services.prefix IS 'what the names of its errors begin with';
COMMENT ON COLUMN sfn.services.protocol IS 'json, rest-json, query, ec2 or rest-xml';
COMMENT ON COLUMN sfn.services.operations IS 'how many it has';
COMMENT ON COLUMN sfn.services.source IS 'shipped: it came with sfn; else from where it was loaded';
COMMENT ON COLUMN sfn.services.loaded IS 'when it was loaded; null: it came with sfn';
GRANT SELECT ON sfn.services TO PUBLIC;

CREATE FUNCTION sfn.create_service_endpoint(service text, url text, region text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_service_endpoint';
COMMENT ON FUNCTION sfn.create_service_endpoint(text, text, text) IS
	'sends calls of a service, or of all (*), to an address of one''s own instead of AWS''s; for superusers';

CREATE FUNCTION sfn.delete_service_endpoint(service text, region text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_service_endpoint';
COMMENT ON FUNCTION sfn.delete_service_endpoint(text, text) IS 'sends them to AWS again; for superusers';

CREATE VIEW sfn.service_endpoints AS
	SELECT e.service, e.region, e.url FROM sfn.service_endpoint e;
COMMENT ON VIEW sfn.service_endpoints IS 'addresses that calls of services go to in place of AWS''s';
COMMENT ON COLUMN sfn.service_endpoints.service IS 'its name, or * for all';
COMMENT ON COLUMN sfn.service_endpoints.region IS 'the region whose calls it takes; null: all';
COMMENT ON COLUMN sfn.service_endpoints.url IS 'where they go';
GRANT SELECT ON sfn.service_endpoints TO PUBLIC;

-- Credentials are connections, with their owners, rights and secrets.
CREATE FUNCTION sfn.create_aws_credentials(name text, source text, parameters jsonb DEFAULT '{}', region text DEFAULT NULL,
		role_arns text[] DEFAULT NULL, replace boolean DEFAULT false) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_aws_credentials';
COMMENT ON FUNCTION sfn.create_aws_credentials(text, text, jsonb, text, text[], boolean) IS
	'stores credentials that calls of AWS services are signed with, for state machines whose role_arn is listed, or, as "default", for all of roles with the caller''s privileges';

CREATE VIEW sfn.aws_credentials WITH (security_barrier) AS
	SELECT c.name, c.shown OPERATOR(pg_catalog.->>) 'Source' AS source, c.shown OPERATOR(pg_catalog.->>) 'AccessKeyId' AS access_key_id,
		c.shown OPERATOR(pg_catalog.->>) 'Region' AS region,
		CASE WHEN c.shown OPERATOR(pg_catalog.->) 'RoleArns' IS NOT NULL
			THEN ARRAY(SELECT pg_catalog.json_array_elements_text(c.shown OPERATOR(pg_catalog.->) 'RoleArns')) END AS role_arns,
		c.owner::pg_catalog.regrole AS owner, c.creation_date, c.update_date
	FROM sfn.connection c
	WHERE c.authorization_type OPERATOR(pg_catalog.=) 'AWS' AND pg_catalog.pg_has_role(c.owner, 'USAGE');
COMMENT ON VIEW sfn.aws_credentials IS 'AWS credentials of the roles that the reader is a member of, without their secrets';
COMMENT ON COLUMN sfn.aws_credentials.name IS 'its name, which is also that of the connection that holds them';
COMMENT ON COLUMN sfn.aws_credentials.source IS 'STATIC, ASSUME_ROLE, ENVIRONMENT, INSTANCE, CONTAINER or WEB_IDENTITY';
COMMENT ON COLUMN sfn.aws_credentials.access_key_id IS 'of STATIC: the public part';
COMMENT ON COLUMN sfn.aws_credentials.region IS 'where calls go; null: sfn.region';
COMMENT ON COLUMN sfn.aws_credentials.role_arns IS 'the role_arn of state machines that use them';
COMMENT ON COLUMN sfn.aws_credentials.owner IS 'the role they belong to';
COMMENT ON COLUMN sfn.aws_credentials.creation_date IS 'when they were stored';
COMMENT ON COLUMN sfn.aws_credentials.update_date IS 'when they were last changed';
GRANT SELECT ON sfn.aws_credentials TO PUBLIC;
-- Buses that events come on, rules that look for some of them, and what is to be told then.  The bus 0 is the default one,
-- which is always there and has no row; the topic x is the bus topic/x.

CREATE TABLE sfn.event_bus (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	owner sfn.role NOT NULL,
	description text,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.event_bus IS 'event buses beside the default one';

CREATE TABLE sfn.event_bus_grant (
	bus_id bigint NOT NULL,
	grantee sfn.role NOT NULL,
	privilege text NOT NULL CHECK (privilege IN ('put', 'subscribe', 'put_aws')),
	PRIMARY KEY (bus_id, grantee, privilege)
);
COMMENT ON TABLE sfn.event_bus_grant IS 'who may put events on a bus, get those of others, and put some whose source is reserved';

CREATE TABLE sfn.event_bus_permission (
	bus_id bigint NOT NULL,
	position integer NOT NULL,					-- of the statement in the policy
	statement_id text COLLATE "C",				-- the same for all of a statement; null: it has none
	principal text COLLATE "C" NOT NULL,		-- as the policy names whom it lets
	grantee sfn.role NOT NULL,					-- whom that means; 0 stands for every role
	PRIMARY KEY (bus_id, position, principal)
);
COMMENT ON TABLE sfn.event_bus_permission IS 'who may put events on a bus by the policy that AWS''s PutPermission makes';

CREATE TABLE sfn.event_rule (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	bus_id bigint NOT NULL,
	name text COLLATE "C" NOT NULL,
	owner sfn.role NOT NULL,					-- what he may see, the rule gets
	pattern json,								-- null: it is told by its clock alone, a row of sfn.schedule
	is_enabled boolean NOT NULL,
	disabled_reason text,						-- when it was not its owner
	description text,
	role_arn text,								-- as AWS's PutRule was given it; shown, no more
	creation_date timestamptz NOT NULL,
	UNIQUE (bus_id, name)
);
COMMENT ON TABLE sfn.event_rule IS 'which events of a bus lead to something';
CREATE INDEX event_rule_owner ON sfn.event_rule ((owner::oid));

CREATE TABLE sfn.event_target (
	rule_id bigint NOT NULL,
	target_id text COLLATE "C" NOT NULL,
	target text NOT NULL,						-- as it was given
	role sfn.role NOT NULL,						-- it is told in the name of
	input json,
	input_path text,
	input_transformer json,
	retry json,
	aws_members json,							-- others that AWS's PutTargets was given; shown, and some of them read
	machine_id bigint,							-- the hidden state machine that delivers; null: none is needed
	PRIMARY KEY (rule_id, target_id)
);
COMMENT ON TABLE sfn.event_target IS 'what is told of the events of a rule';

CREATE TABLE sfn.event_bus_tag (
	bus_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (bus_id, key)
);
COMMENT ON TABLE sfn.event_bus_tag IS 'tags of event buses';

CREATE TABLE sfn.event_rule_tag (
	rule_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (rule_id, key)
);
COMMENT ON TABLE sfn.event_rule_tag IS 'tags of rules';

CREATE TABLE sfn.event_dead_letter (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	creation_date timestamptz NOT NULL,
	rule_id bigint NOT NULL,
	bus text NOT NULL,
	rule text NOT NULL,
	target_id text NOT NULL,
	event json NOT NULL,
	error text,
	cause text,
	execution_id bigint							-- that tried to deliver it; null: a loop was ended
);
COMMENT ON TABLE sfn.event_dead_letter IS 'events that a target could not be told of';
CREATE INDEX event_dead_letter_rule ON sfn.event_dead_letter (rule_id);

CREATE TABLE sfn.event_notice (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	channel text NOT NULL,
	payload text NOT NULL
);
COMMENT ON TABLE sfn.event_notice IS 'notifications for the targets notify:channel; an executor sends and deletes them after the commit';

CREATE TABLE sfn.awaited_event (
	ticket bigint NOT NULL,						-- of the wait
	writer xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
	event json NOT NULL,
	creation_date timestamptz NOT NULL,
	PRIMARY KEY (ticket, writer)
);
COMMENT ON TABLE sfn.awaited_event IS 'events for sessions in sfn.wait_for_event(), until they have read them';

SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_grant', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_permission', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_rule', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_rule_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_target', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_rule_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_dead_letter', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_dead_letter_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_notice', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_notice_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.awaited_event', 'WHERE false');
-- Schedules and their groups.  The group "default" is always there and has no row.

CREATE TABLE sfn.schedule_group (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	owner sfn.role NOT NULL,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.schedule_group IS 'groups of schedules beside the default one';

CREATE TABLE sfn.schedule_group_tag (
	group_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (group_id, key)
);
COMMENT ON TABLE sfn.schedule_group_tag IS 'tags of groups of schedules';

CREATE TABLE sfn.schedule (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	group_name text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	owner sfn.role NOT NULL,
	role sfn.role NOT NULL,						-- its target is told in the name of
	expression text NOT NULL,
	timezone text NOT NULL,
	start_date timestamptz,
	end_date timestamptz,
	flexible interval,
	target text NOT NULL,
	input json,									-- null: the event "Scheduled Event", as on AWS
	retry json,
	aws_members json,							-- others that AWS's CreateSchedule was given for the target: parameters of its kind; else shown, no more
	catch_up text NOT NULL CHECK (catch_up IN ('none', 'last', 'all')),
	deletes_itself boolean NOT NULL,			-- when nothing is due any more
	is_enabled boolean NOT NULL,
	disabled_reason text,						-- when it was not its owner
	rule_id bigint,								-- the clock of that rule, whose targets are told; null: a schedule
	machine_id bigint,							-- the hidden state machine that delivers what may fail; null: a rule's targets have theirs, a channel needs none
	due timestamptz,							-- the next moment of the expression; null: there is none
	next_due timestamptz,						-- when that is done: later in a flexible window
	last_due timestamptz,
	runs bigint NOT NULL DEFAULT 0,
	missed bigint NOT NULL DEFAULT 0,
	description text,
	client_token text,							-- of the call of AWS's that made it
	creation_date timestamptz NOT NULL,
	last_modification_date timestamptz NOT NULL,
	UNIQUE (group_name, name),
	CHECK (rule_id IS NULL OR machine_id IS NULL)
);
COMMENT ON TABLE sfn.schedule IS 'what is started, called or told at which times';
CREATE INDEX schedule_due ON sfn.schedule (next_due) WHERE is_enabled;
CREATE UNIQUE INDEX schedule_rule ON sfn.schedule (rule_id) WHERE rule_id IS NOT NULL;

SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_group', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_group_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_group_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.schedule_id_seq', '');
-- Archives of a bus's events, what they have kept, and replays of it.

CREATE TABLE sfn.event_archive (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	bus_id bigint NOT NULL,
	owner sfn.role NOT NULL,					-- what he may see, the archive keeps
	pattern json,								-- null: all events
	retention interval,							-- null: for ever
	description text,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.event_archive IS 'which events of a bus are kept, and how long';

CREATE TABLE sfn.archived_event (
	archive_id bigint NOT NULL,
	"time" timestamptz NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	putter sfn.role,							-- who put it; null: it is the engine's, about
	state_machine_id bigint,					-- this machine
	event json NOT NULL,
	PRIMARY KEY (archive_id, "time", id)
);
COMMENT ON TABLE sfn.archived_event IS 'events that archives have kept';

CREATE TABLE sfn.archive_count (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	archive_id bigint NOT NULL,
	events bigint NOT NULL,						-- kept, less those whose time is over
	bytes bigint NOT NULL						-- of their text
);
COMMENT ON TABLE sfn.archive_count IS 'how many events archives have: the sum of the rows, one for each transaction until they are added up';

CREATE TABLE sfn.event_replay (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	archive_id bigint NOT NULL,
	start_time timestamptz NOT NULL,			-- of the events that are put again
	end_time timestamptz NOT NULL,
	before_id bigint NOT NULL,					-- what is archived after its start is not replayed
	rules text[],								-- ARNs; null: all
	description text,
	state text NOT NULL CHECK (state IN ('STARTING', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
	state_reason text,
	last_time timestamptz,						-- the last event that was put
	last_id bigint,
	replayed bigint NOT NULL DEFAULT 0,
	creation_date timestamptz NOT NULL,
	end_date timestamptz
);
COMMENT ON TABLE sfn.event_replay IS 'replays: archived events that are, or were, put on their bus again';
CREATE INDEX event_replay_archive ON sfn.event_replay (archive_id);
CREATE INDEX event_replay_under_way ON sfn.event_replay (id) WHERE end_date IS NULL;

SELECT pg_catalog.pg_extension_config_dump('sfn.event_archive', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_archive_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archived_event', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archived_event_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archive_count', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.archive_count_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_replay', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_replay_id_seq', '');
-- Events of executions, event patterns, inputs of targets, and expressions for times; archives of events.

CREATE FUNCTION sfn.test_event_pattern(event json, pattern json) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_event_pattern';
COMMENT ON FUNCTION sfn.test_event_pattern(json, json) IS 'whether an event matches an event pattern of EventBridge';

CREATE FUNCTION sfn.test_event_input(event json, input_path text DEFAULT NULL, input_transformer json DEFAULT NULL) RETURNS json
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_event_input';
COMMENT ON FUNCTION sfn.test_event_input(json, text, json) IS
	'what a target of a rule is given of an event by an InputPath or an input transformer';

CREATE FUNCTION sfn.execution_event(execution text) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_execution_event';
COMMENT ON FUNCTION sfn.execution_event(text) IS
	'the event "Step Functions Execution Status Change" of an execution as it stands now';

CREATE FUNCTION sfn.next_times(
	expression text, timezone text DEFAULT 'UTC', count integer DEFAULT 5, after timestamptz DEFAULT pg_catalog.now())
	RETURNS SETOF timestamptz
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'sfn_next_times';
COMMENT ON FUNCTION sfn.next_times(text, text, integer, timestamptz) IS
	'when rate(), cron(), pg_cron''s five fields or at() are due next in a time zone';

CREATE FUNCTION sfn.parse_schedule(expression text, OUT kind text, OUT expression_read text)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_parse_schedule';
COMMENT ON FUNCTION sfn.parse_schedule(text) IS 'which kind of expression for times it is, and how it is usually written';

-- Archives of events, and replays.

CREATE FUNCTION sfn.create_archive(name text, pattern json DEFAULT NULL, bus text DEFAULT 'default', retention interval DEFAULT NULL,
		description text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_archive';
COMMENT ON FUNCTION sfn.create_archive(text, json, text, interval, text) IS
	'makes an archive, which keeps the events of a bus that match a pattern; its ARN';

CREATE FUNCTION sfn.update_archive(name text, pattern json DEFAULT NULL, retention interval DEFAULT NULL, description text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_archive';
COMMENT ON FUNCTION sfn.update_archive(text, json, interval, text) IS 'changes an archive; what is null stays, a retention of 0 is for ever';

CREATE FUNCTION sfn.drop_archive(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_archive';
COMMENT ON FUNCTION sfn.drop_archive(text) IS 'deletes an archive with its events and their replays';

CREATE FUNCTION sfn.start_replay(name text, archive text, "from" timestamptz, "to" timestamptz DEFAULT pg_catalog.now(),
		rules text[] DEFAULT NULL, description text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_replay';
COMMENT ON FUNCTION sfn.start_replay(text, text, timestamptz, timestamptz, text[], text) IS
	'puts the events of an archive on its bus again, in their order, for all rules or those named; the ARN of the replay';

CREATE FUNCTION sfn.cancel_replay(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_cancel_replay';
COMMENT ON FUNCTION sfn.cancel_replay(text) IS 'ends a replay; what it has put stays put';

CREATE VIEW sfn.event_archives WITH (security_barrier) AS
	SELECT a.name, coalesce(b.name, 'default') AS bus, a.owner::pg_catalog.regrole AS owner, a.pattern, a.retention, a.description, a.creation_date,
		(SELECT coalesce(pg_catalog.sum(c.events), 0)::bigint FROM sfn.archive_count c WHERE c.archive_id OPERATOR(pg_catalog.=) a.id) AS events
	FROM sfn.event_archive a LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) a.bus_id
	WHERE pg_catalog.pg_has_role(a.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_archives IS 'archives of roles that the reader is a member of';
COMMENT ON COLUMN sfn.event_archives.name IS 'its name';
COMMENT ON COLUMN sfn.event_archives.bus IS 'name of the bus whose events it keeps';
COMMENT ON COLUMN sfn.event_archives.owner IS 'the role it belongs to: it keeps the events that this role may see';
COMMENT ON COLUMN sfn.event_archives.pattern IS 'which events are kept; null: all';
COMMENT ON COLUMN sfn.event_archives.retention IS 'how long; null: for ever';
COMMENT ON COLUMN sfn.event_archives.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_archives.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.event_archives.events IS 'how many it has';
GRANT SELECT ON sfn.event_archives TO PUBLIC;

CREATE VIEW sfn.archived_events WITH (security_barrier) AS
	SELECT a.name AS archive, e."time", e.event
	FROM sfn.event_archive a JOIN sfn.archived_event e ON e.archive_id OPERATOR(pg_catalog.=) a.id
	WHERE pg_catalog.pg_has_role(a.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.archived_events IS 'events in archives of roles that the reader is a member of';
COMMENT ON COLUMN sfn.archived_events.archive IS 'name of the archive';
COMMENT ON COLUMN sfn.archived_events."time" IS 'when it happened, as the event says';
COMMENT ON COLUMN sfn.archived_events.event IS 'the event';
GRANT SELECT ON sfn.archived_events TO PUBLIC;

CREATE VIEW sfn.event_replays WITH (security_barrier) AS
	SELECT p.name, a.name AS archive, p.start_time AS "from", p.end_time AS "to", p.rules, p.state, p.state_reason, p.replayed, p.last_time, p.description,
		p.creation_date, p.end_date
	FROM sfn.event_replay p JOIN sfn.event_archive a ON a.id OPERATOR(pg_catalog.=) p.archive_id
	WHERE pg_catalog.pg_has_role(a.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_replays IS 'replays of archives of roles that the reader is a member of; kept for 90 days';
COMMENT ON COLUMN sfn.event_replays.name IS 'its name, which the events bear as replay-name';
COMMENT ON COLUMN sfn.event_replays.archive IS 'name of the archive';
COMMENT ON COLUMN sfn.event_replays."from" IS 'events from this moment on are put again';
COMMENT ON COLUMN sfn.event_replays."to" IS '... up to this one';
COMMENT ON COLUMN sfn.event_replays.rules IS 'ARNs of the rules that get them; null: all';
COMMENT ON COLUMN sfn.event_replays.state IS 'STARTING, RUNNING, COMPLETED, CANCELLED or FAILED';
COMMENT ON COLUMN sfn.event_replays.state_reason IS 'why it failed';
COMMENT ON COLUMN sfn.event_replays.replayed IS 'how many events it has put';
COMMENT ON COLUMN sfn.event_replays.last_time IS 'the time of the last of them';
COMMENT ON COLUMN sfn.event_replays.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_replays.creation_date IS 'when it was started';
COMMENT ON COLUMN sfn.event_replays.end_date IS 'when it ended';
GRANT SELECT ON sfn.event_replays TO PUBLIC;
-- Event buses, rules, targets, and putting events; topics.

CREATE FUNCTION sfn.create_bus(name text, description text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_bus';
COMMENT ON FUNCTION sfn.create_bus(text, text) IS 'makes an event bus that belongs to the caller';

CREATE FUNCTION sfn.drop_bus(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_bus';
COMMENT ON FUNCTION sfn.drop_bus(text) IS 'deletes an event bus that has no rules';

CREATE FUNCTION sfn.grant_bus(bus text, role regrole, privilege text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_grant_bus';
COMMENT ON FUNCTION sfn.grant_bus(text, regrole, text) IS
	'lets a role put events on a bus (put), its rules get events that others put (subscribe), or it put events of reserved sources (put_aws)';

CREATE FUNCTION sfn.revoke_bus(bus text, role regrole, privilege text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_revoke_bus';
COMMENT ON FUNCTION sfn.revoke_bus(text, regrole, text) IS 'takes back what sfn.grant_bus() gave';

CREATE FUNCTION sfn.create_rule(name text, pattern json, target text DEFAULT NULL, bus text DEFAULT 'default', input_path text DEFAULT NULL,
		input json DEFAULT NULL, input_transformer json DEFAULT NULL, role regrole DEFAULT NULL, retry json DEFAULT NULL,
		enabled boolean DEFAULT true, description text DEFAULT NULL, replace boolean DEFAULT false, dead_letter_queue text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_rule';
COMMENT ON FUNCTION sfn.create_rule(text, json, text, text, text, json, json, regrole, json, boolean, text, boolean, text) IS
	'makes a rule for the events that match a pattern, with a target "1" if one is given; its ARN';

CREATE FUNCTION sfn.set_target(rule text, target_id text, target text, input_path text DEFAULT NULL, input json DEFAULT NULL,
		input_transformer json DEFAULT NULL, role regrole DEFAULT NULL, retry json DEFAULT NULL, dead_letter_queue text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_set_target';
COMMENT ON FUNCTION sfn.set_target(text, text, text, text, json, json, regrole, json, text) IS
	'adds a target to a rule, or changes it: what is told of the events that match';

CREATE FUNCTION sfn.remove_target(rule text, target_id text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_remove_target';
COMMENT ON FUNCTION sfn.remove_target(text, text) IS 'takes a target from a rule; what is under way to it goes on';

CREATE FUNCTION sfn.enable_rule(rule text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_enable_rule';
COMMENT ON FUNCTION sfn.enable_rule(text) IS 'lets a rule match events again';

CREATE FUNCTION sfn.disable_rule(rule text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_disable_rule';
COMMENT ON FUNCTION sfn.disable_rule(text) IS 'keeps a rule, which matches nothing until sfn.enable_rule()';

CREATE FUNCTION sfn.drop_rule(rule text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_rule';
COMMENT ON FUNCTION sfn.drop_rule(text) IS 'deletes a rule with its targets and dead letters; what is under way to them goes on';

CREATE FUNCTION sfn.put_event(source text, detail_type text, detail json, resources text[] DEFAULT '{}', bus text DEFAULT 'default',
		"time" timestamptz DEFAULT pg_catalog.now()) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_put_event';
COMMENT ON FUNCTION sfn.put_event(text, text, json, text[], text, timestamptz) IS
	'puts an event on a bus; what the rules that match start is started when the transaction commits';

CREATE FUNCTION sfn.put_events(entries json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_put_events';
COMMENT ON FUNCTION sfn.put_events(json) IS 'puts events as AWS''s PutEvents does: those that cannot be put are told in the answer';

CREATE FUNCTION sfn.wait_for_event(pattern json, timeout interval DEFAULT '60 s', bus text DEFAULT 'default') RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_wait_for_event';
COMMENT ON FUNCTION sfn.wait_for_event(json, interval, text) IS
	'waits for an event that matches a pattern and is committed from now on; null when the time is over';

CREATE FUNCTION sfn.redeliver(dead_letter bigint) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_redeliver';
COMMENT ON FUNCTION sfn.redeliver(bigint) IS 'tells a target once more of an event that it could not be told of';

CREATE VIEW sfn.event_buses WITH (security_barrier) AS
	SELECT 'default' AS name, NULL::pg_catalog.regrole AS owner, NULL::text AS description, NULL::timestamptz AS creation_date
	UNION ALL SELECT b.name, b.owner::pg_catalog.regrole, b.description, b.creation_date FROM sfn.event_bus b
	WHERE NOT pg_catalog.starts_with(b.name, 'topic/');
COMMENT ON VIEW sfn.event_buses IS 'event buses';
COMMENT ON COLUMN sfn.event_buses.name IS 'its name';
COMMENT ON COLUMN sfn.event_buses.owner IS 'the role it belongs to; the default bus belongs to nobody';
COMMENT ON COLUMN sfn.event_buses.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_buses.creation_date IS 'when it was made';
GRANT SELECT ON sfn.event_buses TO PUBLIC;

CREATE VIEW sfn.event_bus_grants WITH (security_barrier) AS
	SELECT coalesce(b.name, 'default') AS bus, g.grantee::pg_catalog.regrole AS grantee, g.privilege, g.statement_id
	FROM (SELECT p.bus_id, p.grantee, p.privilege, NULL::text AS statement_id FROM sfn.event_bus_grant p
			UNION ALL SELECT p.bus_id, p.grantee, 'put', coalesce(p.statement_id, '') FROM sfn.event_bus_permission p) g
		LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) g.bus_id
	WHERE g.grantee::oid OPERATOR(pg_catalog.=) 0::oid OR pg_catalog.pg_has_role(g.grantee::oid, 'USAGE') OR pg_catalog.pg_has_role(coalesce(b.owner::oid, 10), 'USAGE');
COMMENT ON VIEW sfn.event_bus_grants IS 'privileges on event buses that roles of the reader have, or that are given on his buses';
COMMENT ON COLUMN sfn.event_bus_grants.bus IS 'name of the bus';
COMMENT ON COLUMN sfn.event_bus_grants.grantee IS 'who has it; - stands for every role';
COMMENT ON COLUMN sfn.event_bus_grants.privilege IS 'put, subscribe or put_aws';
COMMENT ON COLUMN sfn.event_bus_grants.statement_id IS 'of the policy that gives it, empty where that has none; null: sfn.grant_bus() gave it';
GRANT SELECT ON sfn.event_bus_grants TO PUBLIC;

CREATE VIEW sfn.event_rules WITH (security_barrier) AS
	SELECT coalesce(b.name, 'default') AS bus, r.name, r.owner::pg_catalog.regrole AS owner, r.pattern, s.expression AS schedule, s.next_due,
		r.is_enabled AS enabled, r.disabled_reason,
		r.description, r.creation_date,
		(SELECT pg_catalog.count(*) FROM sfn.event_target t WHERE t.rule_id OPERATOR(pg_catalog.=) r.id) AS targets
	FROM sfn.event_rule r LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) r.bus_id
		LEFT JOIN sfn.schedule s ON s.rule_id OPERATOR(pg_catalog.=) r.id
	WHERE pg_catalog.pg_has_role(r.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_rules IS 'rules of roles that the reader is a member of';
COMMENT ON COLUMN sfn.event_rules.bus IS 'name of the bus whose events it looks at';
COMMENT ON COLUMN sfn.event_rules.name IS 'its name, unique on the bus';
COMMENT ON COLUMN sfn.event_rules.owner IS 'the role it belongs to: it gets the events that this role may see';
COMMENT ON COLUMN sfn.event_rules.pattern IS 'which events match; null: it has a schedule alone';
COMMENT ON COLUMN sfn.event_rules.schedule IS 'the expression for the times at which its targets are told, or null';
COMMENT ON COLUMN sfn.event_rules.next_due IS 'the next of these times';
COMMENT ON COLUMN sfn.event_rules.enabled IS 'does it look at events?';
COMMENT ON COLUMN sfn.event_rules.disabled_reason IS 'why the engine has disabled it, or null';
COMMENT ON COLUMN sfn.event_rules.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_rules.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.event_rules.targets IS 'how many it has';
GRANT SELECT ON sfn.event_rules TO PUBLIC;

CREATE VIEW sfn.event_targets WITH (security_barrier) AS
	SELECT coalesce(b.name, 'default') AS bus, r.name AS rule, t.target_id, t.target, t.role::pg_catalog.regrole AS role, t.input, t.input_path,
		t.input_transformer, t.retry,
		t.aws_members OPERATOR(pg_catalog.->) 'DeadLetterConfig' OPERATOR(pg_catalog.->>) 'Arn' AS dead_letter_queue
	FROM sfn.event_target t JOIN sfn.event_rule r ON r.id OPERATOR(pg_catalog.=) t.rule_id
		LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) r.bus_id
	WHERE pg_catalog.pg_has_role(r.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_targets IS 'targets of the rules of roles that the reader is a member of';
COMMENT ON COLUMN sfn.event_targets.bus IS 'name of the bus of its rule';
COMMENT ON COLUMN sfn.event_targets.rule IS 'name of its rule';
COMMENT ON COLUMN sfn.event_targets.target_id IS 'its name within the rule';
COMMENT ON COLUMN sfn.event_targets.target IS 'what is told';
COMMENT ON COLUMN sfn.event_targets.role IS 'in whose name';
COMMENT ON COLUMN sfn.event_targets.input IS 'what it is told whatever the event is';
COMMENT ON COLUMN sfn.event_targets.input_path IS 'which part of the event it is told';
COMMENT ON COLUMN sfn.event_targets.input_transformer IS 'the text that is made of the event';
COMMENT ON COLUMN sfn.event_targets.retry IS 'how often it is tried again';
COMMENT ON COLUMN sfn.event_targets.dead_letter_queue IS 'ARN of the queue for what it could not be told; null: sfn.event_dead_letters has that';
GRANT SELECT ON sfn.event_targets TO PUBLIC;

CREATE VIEW sfn.event_dead_letters WITH (security_barrier) AS
	SELECT d.id, d.creation_date, d.bus, d.rule, d.target_id, d.event, d.error, d.cause,
		sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn
	FROM sfn.event_dead_letter d JOIN sfn.event_rule r ON r.id OPERATOR(pg_catalog.=) d.rule_id
		LEFT JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) d.execution_id
		LEFT JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
	WHERE pg_catalog.pg_has_role(r.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_dead_letters IS 'events that targets of one''s rules could not be told of; kept for two weeks';
COMMENT ON COLUMN sfn.event_dead_letters.id IS 'what sfn.redeliver() takes';
COMMENT ON COLUMN sfn.event_dead_letters.creation_date IS 'when it was given up';
COMMENT ON COLUMN sfn.event_dead_letters.bus IS 'name of the bus';
COMMENT ON COLUMN sfn.event_dead_letters.rule IS 'name of the rule';
COMMENT ON COLUMN sfn.event_dead_letters.target_id IS 'the target within the rule';
COMMENT ON COLUMN sfn.event_dead_letters.event IS 'the event';
COMMENT ON COLUMN sfn.event_dead_letters.error IS 'the error of the last attempt';
COMMENT ON COLUMN sfn.event_dead_letters.cause IS 'its cause';
COMMENT ON COLUMN sfn.event_dead_letters.execution_arn IS 'the execution that tried to deliver it, whose history shows each attempt';
GRANT SELECT ON sfn.event_dead_letters TO PUBLIC;

-- Topics: buses whose name begins with topic/; subscriptions are their rules.

CREATE FUNCTION sfn.create_topic(name text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_topic';
COMMENT ON FUNCTION sfn.create_topic(text) IS 'makes a topic that belongs to the caller, unless he has it; returns its ARN';

CREATE FUNCTION sfn.delete_topic(topic text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_topic';
COMMENT ON FUNCTION sfn.delete_topic(text) IS 'deletes a topic with its subscriptions; what is under way to them goes on';

CREATE FUNCTION sfn.subscribe(topic text, target text, raw boolean DEFAULT false, role regrole DEFAULT NULL, retry json DEFAULT NULL,
		filter_policy json DEFAULT NULL, filter_scope text DEFAULT 'MessageAttributes') RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_subscribe';
COMMENT ON FUNCTION sfn.subscribe(text, text, boolean, regrole, json, json, text) IS
	'has a target told of what is published to a topic, or of what a policy asks for, in SNS''s form or the message alone; returns the ARN of the subscription';

CREATE FUNCTION sfn.unsubscribe(subscription text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_unsubscribe';
COMMENT ON FUNCTION sfn.unsubscribe(text) IS 'ends a subscription; what is under way to its target goes on';

CREATE FUNCTION sfn.publish(topic text, message text, subject text DEFAULT NULL, attributes json DEFAULT NULL) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_publish';
COMMENT ON FUNCTION sfn.publish(text, text, text, json) IS 'publishes a message to a topic, in the caller''s transaction; returns its id';

CREATE VIEW sfn.topics WITH (security_barrier) AS
	SELECT pg_catalog.substr(b.name, 7) AS name,
		pg_catalog.concat('arn:aws:sns:', pg_catalog.current_setting('sfn.region'), ':',
			pg_catalog.current_setting('sfn.account_id'), ':', pg_catalog.substr(b.name, 7)) AS topic_arn,
		b.owner::pg_catalog.regrole AS owner,
		(SELECT pg_catalog.count(*) FROM sfn.event_rule r WHERE r.bus_id OPERATOR(pg_catalog.=) b.id) AS subscriptions,
		b.creation_date
	FROM sfn.event_bus b
	WHERE pg_catalog.starts_with(b.name, 'topic/')
		AND (pg_catalog.pg_has_role(b.owner::oid, 'USAGE') OR EXISTS (SELECT FROM sfn.event_bus_grant g
			WHERE g.bus_id OPERATOR(pg_catalog.=) b.id
				AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) g.grantee::oid)
				AND pg_catalog.pg_has_role(g.grantee::oid, 'USAGE')));
COMMENT ON VIEW sfn.topics IS 'topics that the reader, or a role that he is a member of, owns or may use';
COMMENT ON COLUMN sfn.topics.name IS 'its name';
COMMENT ON COLUMN sfn.topics.topic_arn IS 'what TopicArn of a task names it by';
COMMENT ON COLUMN sfn.topics.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.topics.subscriptions IS 'how many there are to it';
COMMENT ON COLUMN sfn.topics.creation_date IS 'when it was made';
GRANT SELECT ON sfn.topics TO PUBLIC;

CREATE VIEW sfn.subscriptions WITH (security_barrier) AS
	SELECT pg_catalog.concat('arn:aws:sns:', pg_catalog.current_setting('sfn.region'), ':',
			pg_catalog.current_setting('sfn.account_id'), ':', pg_catalog.substr(b.name, 7), ':', r.name) AS subscription_arn,
		pg_catalog.substr(b.name, 7) AS topic, r.owner::pg_catalog.regrole AS owner, t.target, t.role::pg_catalog.regrole AS role,
		coalesce(t.input_path OPERATOR(pg_catalog.=) '$.detail.Message', false) AS raw, t.retry,
		coalesce(r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageAttributes', r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageBody') AS filter_policy,
		CASE WHEN r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageAttributes' IS NOT NULL THEN 'MessageAttributes'
			WHEN r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageBody' IS NOT NULL THEN 'MessageBody' END AS filter_scope,
		r.is_enabled AS enabled,
		r.creation_date
	FROM sfn.event_bus b JOIN sfn.event_rule r ON r.bus_id OPERATOR(pg_catalog.=) b.id
		JOIN sfn.event_target t ON t.rule_id OPERATOR(pg_catalog.=) r.id
	WHERE pg_catalog.starts_with(b.name, 'topic/')
		AND (pg_catalog.pg_has_role(r.owner::oid, 'USAGE') OR pg_catalog.pg_has_role(b.owner::oid, 'USAGE'));
COMMENT ON VIEW sfn.subscriptions IS 'subscriptions of roles that the reader is a member of, and all to topics of such roles';
COMMENT ON COLUMN sfn.subscriptions.subscription_arn IS 'what sfn.unsubscribe() takes';
COMMENT ON COLUMN sfn.subscriptions.topic IS 'name of the topic';
COMMENT ON COLUMN sfn.subscriptions.owner IS 'the role that has subscribed';
COMMENT ON COLUMN sfn.subscriptions.target IS 'what is told';
COMMENT ON COLUMN sfn.subscriptions.role IS 'in whose name';
COMMENT ON COLUMN sfn.subscriptions.raw IS 'does it get the message alone?';
COMMENT ON COLUMN sfn.subscriptions.retry IS 'how often it is tried again';
COMMENT ON COLUMN sfn.subscriptions.filter_policy IS 'which messages it gets; null: all';
COMMENT ON COLUMN sfn.subscriptions.filter_scope IS 'what that is about, MessageAttributes or MessageBody';
COMMENT ON COLUMN sfn.subscriptions.enabled IS 'false: the engine or its owner has disabled it, see sfn.event_rules';
COMMENT ON COLUMN sfn.subscriptions.creation_date IS 'when it was made';
GRANT SELECT ON sfn.subscriptions TO PUBLIC;
-- Schedules.

CREATE FUNCTION sfn.create_schedule(name text, expression text, target text, input json DEFAULT '{}', timezone text DEFAULT 'UTC',
		start_date timestamptz DEFAULT NULL, end_date timestamptz DEFAULT NULL, flexible interval DEFAULT NULL, catch_up text DEFAULT 'last',
		role regrole DEFAULT NULL, retry json DEFAULT NULL, enabled boolean DEFAULT true, group_name text DEFAULT 'default',
		action_after_completion text DEFAULT 'NONE', description text DEFAULT NULL, replace boolean DEFAULT false,
		parameters json DEFAULT NULL, dead_letter_queue text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_schedule';
COMMENT ON FUNCTION sfn.create_schedule(text, text, text, json, text, timestamptz, timestamptz, interval, text, regrole, json, boolean, text, text, text, boolean, json, text) IS
	'starts a state machine, or tells another target, at the times of an expression; the ARN of the schedule';

CREATE FUNCTION sfn.update_schedule(name text, expression text DEFAULT NULL, target text DEFAULT NULL, input json DEFAULT NULL,
		timezone text DEFAULT NULL, start_date timestamptz DEFAULT NULL, end_date timestamptz DEFAULT NULL, flexible interval DEFAULT NULL,
		catch_up text DEFAULT NULL, role regrole DEFAULT NULL, retry json DEFAULT NULL, enabled boolean DEFAULT NULL,
		group_name text DEFAULT 'default', action_after_completion text DEFAULT NULL, description text DEFAULT NULL,
		parameters json DEFAULT NULL, dead_letter_queue text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_schedule';
COMMENT ON FUNCTION sfn.update_schedule(text, text, text, json, text, timestamptz, timestamptz, interval, text, regrole, json, boolean, text, text, text, json, text) IS
	'changes what is given of a schedule, and leaves the rest of it and its counts as they are';

CREATE FUNCTION sfn.create_schedule_group(name text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_schedule_group';
COMMENT ON FUNCTION sfn.create_schedule_group(text) IS 'makes a group of schedules that belongs to the caller; its ARN';

CREATE FUNCTION sfn.drop_schedule_group(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_schedule_group';
COMMENT ON FUNCTION sfn.drop_schedule_group(text) IS 'deletes a group with its schedules';

CREATE FUNCTION sfn.drop_schedule(name text, group_name text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_schedule';
COMMENT ON FUNCTION sfn.drop_schedule(text, text) IS 'deletes a schedule; what it has started goes on';

CREATE FUNCTION sfn.enable_schedule(name text, group_name text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_enable_schedule';
COMMENT ON FUNCTION sfn.enable_schedule(text, text) IS 'lets a schedule go on, with its next time from now';

CREATE FUNCTION sfn.disable_schedule(name text, group_name text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_disable_schedule';
COMMENT ON FUNCTION sfn.disable_schedule(text, text) IS 'keeps a schedule, which does nothing until sfn.enable_schedule()';

CREATE FUNCTION sfn.run_due_schedules("limit" integer DEFAULT 1000) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_run_due_schedules';
COMMENT ON FUNCTION sfn.run_due_schedules(integer) IS
	'does what is due of schedules of the caller''s roles, for superusers of all, as the executor does by itself; for pg_cron, and tests; how many it looked at';

CREATE FUNCTION sfn.use_pg_cron(database name DEFAULT pg_catalog.current_database()) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_use_pg_cron';
COMMENT ON FUNCTION sfn.use_pg_cron(name) IS
	'has pg_cron do each minute what the schedules of a database are due for, in place of the executor; the number of its job; superusers only';
REVOKE ALL ON FUNCTION sfn.use_pg_cron(name) FROM PUBLIC;

CREATE FUNCTION sfn.leave_pg_cron(database name DEFAULT pg_catalog.current_database()) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_leave_pg_cron';
COMMENT ON FUNCTION sfn.leave_pg_cron(name) IS
	'has the executor do again what the schedules of a database are due for; superusers only';
REVOKE ALL ON FUNCTION sfn.leave_pg_cron(name) FROM PUBLIC;

CREATE VIEW sfn.schedule_groups WITH (security_barrier) AS
	SELECT 'default' AS name, NULL::pg_catalog.regrole AS owner, NULL::timestamptz AS creation_date
	UNION ALL SELECT g.name, g.owner::pg_catalog.regrole, g.creation_date FROM sfn.schedule_group g;
COMMENT ON VIEW sfn.schedule_groups IS 'groups of schedules';
COMMENT ON COLUMN sfn.schedule_groups.name IS 'its name';
COMMENT ON COLUMN sfn.schedule_groups.owner IS 'the role it belongs to; the default one belongs to nobody';
COMMENT ON COLUMN sfn.schedule_groups.creation_date IS 'when it was made';
GRANT SELECT ON sfn.schedule_groups TO PUBLIC;

CREATE VIEW sfn.schedules WITH (security_barrier) AS
	SELECT s.group_name, s.name, s.owner::pg_catalog.regrole AS owner, s.role::pg_catalog.regrole AS role, s.expression, s.timezone, s.start_date,
		s.end_date, s.flexible, s.target, s.input, s.aws_members AS parameters,
		s.aws_members OPERATOR(pg_catalog.->) 'DeadLetterConfig' OPERATOR(pg_catalog.->>) 'Arn' AS dead_letter_queue, s.retry, s.catch_up, s.deletes_itself, s.is_enabled AS enabled, s.disabled_reason, s.next_due, s.last_due, s.runs,
		s.missed, s.description, s.creation_date, s.last_modification_date
	FROM sfn.schedule s WHERE s.rule_id IS NULL AND pg_catalog.pg_has_role(s.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.schedules IS 'schedules of roles that the reader is a member of';
COMMENT ON COLUMN sfn.schedules.group_name IS 'the group it belongs to';
COMMENT ON COLUMN sfn.schedules.name IS 'its name, unique in the group';
COMMENT ON COLUMN sfn.schedules.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.schedules.role IS 'in whose name the target is told';
COMMENT ON COLUMN sfn.schedules.expression IS 'when it is due';
COMMENT ON COLUMN sfn.schedules.timezone IS 'on the clocks of this zone';
COMMENT ON COLUMN sfn.schedules.start_date IS 'not before then';
COMMENT ON COLUMN sfn.schedules.end_date IS 'not after then';
COMMENT ON COLUMN sfn.schedules.flexible IS 'up to how much later than due';
COMMENT ON COLUMN sfn.schedules.target IS 'what is started or told';
COMMENT ON COLUMN sfn.schedules.input IS 'what it is told; null: the event "Scheduled Event", as on AWS';
COMMENT ON COLUMN sfn.schedules.parameters IS 'what else AWS''s API has of its kind of target, as EventBridgeParameters of a bus';
COMMENT ON COLUMN sfn.schedules.dead_letter_queue IS 'ARN of the queue for what the target could not be told, or null';
COMMENT ON COLUMN sfn.schedules.retry IS 'how often it is tried again';
COMMENT ON COLUMN sfn.schedules.catch_up IS 'what is done of times that were missed: none, last, all';
COMMENT ON COLUMN sfn.schedules.deletes_itself IS 'is it deleted when nothing is due any more?';
COMMENT ON COLUMN sfn.schedules.enabled IS 'is anything done?';
COMMENT ON COLUMN sfn.schedules.disabled_reason IS 'why the engine has disabled it, or null';
COMMENT ON COLUMN sfn.schedules.next_due IS 'when something is done next; null: never';
COMMENT ON COLUMN sfn.schedules.last_due IS 'the time for which something was done last';
COMMENT ON COLUMN sfn.schedules.runs IS 'how often something was done';
COMMENT ON COLUMN sfn.schedules.missed IS 'how many times have passed without';
COMMENT ON COLUMN sfn.schedules.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.schedules.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.schedules.last_modification_date IS 'when somebody changed it last';
GRANT SELECT ON sfn.schedules TO PUBLIC;
-- What roles own.  An owner has an entry in the ACL of sfn.owned_objects, so that the server refuses to drop the role, from
-- any database; the entry comes with the first object and goes with the last, when the transaction commits.

CREATE VIEW sfn.owned_objects WITH (security_barrier) AS
SELECT o.kind, o.name, o.owner FROM (
	SELECT 'state machine', m.name, m.role FROM sfn.state_machine m
	WHERE m.status OPERATOR(pg_catalog.=) 'ACTIVE' AND m.map_of IS NULL
	UNION ALL SELECT 'activity', a.name, a.owner FROM sfn.activity a
	UNION ALL SELECT 'function', f.name, f.owner FROM sfn.function f
	UNION ALL SELECT 'connection', c.name, c.owner FROM sfn.connection c
	UNION ALL SELECT 'bucket', b.name, b.owner FROM sfn.bucket b
	UNION ALL SELECT 'queue', q.name, q.owner FROM sfn.queue q
	UNION ALL SELECT 'queue trigger', q.name, t.owner
		FROM sfn.queue_trigger t JOIN sfn.queue q ON q.id OPERATOR(pg_catalog.=) t.queue_id
	UNION ALL SELECT 'rule', pg_catalog.concat_ws('/', b.name, r.name), r.owner
		FROM sfn.event_rule r LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) r.bus_id
	UNION ALL SELECT 'archive', a.name, a.owner FROM sfn.event_archive a
	UNION ALL SELECT 'event bus', b.name, b.owner FROM sfn.event_bus b WHERE NOT pg_catalog.starts_with(b.name, 'topic/')
	UNION ALL SELECT 'topic', pg_catalog.substr(b.name, 7), b.owner FROM sfn.event_bus b WHERE pg_catalog.starts_with(b.name, 'topic/')
	UNION ALL SELECT 'schedule group', g.name, g.owner FROM sfn.schedule_group g
	UNION ALL SELECT 'schedule', pg_catalog.concat(s.group_name, '/', s.name), s.owner FROM sfn.schedule s WHERE s.rule_id IS NULL) o (kind, name, owner)
WHERE pg_catalog.pg_has_role(o.owner::oid, 'MEMBER');
COMMENT ON VIEW sfn.owned_objects IS 'what the roles own that one is a member of; an owner has an entry in its ACL, which keeps the role from being dropped';
COMMENT ON COLUMN sfn.owned_objects.name IS 'of a state machine, activity, function, connection, bucket, queue, queue trigger (the queue), rule (bus/rule; without a bus on the default one), archive, event bus, topic, schedule (group/schedule) or schedule group';
COMMENT ON COLUMN sfn.owned_objects.owner IS 'the role that owns it';
COMMENT ON COLUMN sfn.owned_objects.kind IS 'state machine, activity, function, connection, bucket, queue, queue trigger, rule, archive, event bus, topic, schedule or schedule group';
GRANT SELECT ON sfn.owned_objects TO PUBLIC;

CREATE FUNCTION sfn.reassign(old_role regrole, new_role regrole) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_reassign';
COMMENT ON FUNCTION sfn.reassign(regrole, regrole) IS
	'hands over all state machines, activities, functions, connections, buckets, queues and their triggers, rules, archives, event buses, topics, schedules and their groups of a role; how many there were';

CREATE FUNCTION sfn_internal.owner_changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'sfn_owner_changed';
COMMENT ON FUNCTION sfn_internal.owner_changed() IS 'keeps the ACL of sfn.owned_objects as it should be; the argument is the column with the owner';
REVOKE ALL ON FUNCTION sfn_internal.owner_changed() FROM PUBLIC;

CREATE TRIGGER owner_gained AFTER INSERT ON sfn.state_machine FOR EACH ROW
	WHEN (new.map_of IS NULL) EXECUTE FUNCTION sfn_internal.owner_changed('role');
CREATE TRIGGER owner_changed AFTER UPDATE OF role, status ON sfn.state_machine FOR EACH ROW
	WHEN (old.map_of IS NULL AND old.status OPERATOR(pg_catalog.=) 'ACTIVE' AND
		(old.role OPERATOR(pg_catalog.<>) new.role OR new.status OPERATOR(pg_catalog.<>) 'ACTIVE'))
	EXECUTE FUNCTION sfn_internal.owner_changed('role');
CREATE TRIGGER owner_lost AFTER DELETE ON sfn.state_machine FOR EACH ROW
	WHEN (old.map_of IS NULL AND old.status OPERATOR(pg_catalog.=) 'ACTIVE') EXECUTE FUNCTION sfn_internal.owner_changed('role');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.activity FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.function FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.connection FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.bucket FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.queue FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.queue_trigger FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.event_rule FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.event_bus FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.event_archive FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.schedule FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.schedule_group FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
-- Names of others: whom machines trust, and to whom connections, buckets, queues and topics are lent.

CREATE FUNCTION sfn.trust(kind text, name text, owner regrole, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_trust';
COMMENT ON FUNCTION sfn.trust(text, text, regrole, regrole) IS
	'lets the machines of a role call a function, activity, state machine, event bus, connection, bucket, queue or topic of another, as long as that one owns it; for members of the role';

CREATE FUNCTION sfn.untrust(kind text, name text, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_untrust';
COMMENT ON FUNCTION sfn.untrust(text, text, regrole) IS 'takes back what sfn.trust() said';

CREATE FUNCTION sfn.grant_use(kind text, name text, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_grant_use';
COMMENT ON FUNCTION sfn.grant_use(text, text, regrole) IS
	'lets the machines of a role and its members use a connection, bucket or queue, or publish to a topic; for members of its owner';

CREATE FUNCTION sfn.revoke_use(kind text, name text, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_revoke_use';
COMMENT ON FUNCTION sfn.revoke_use(text, text, regrole) IS 'takes back what sfn.grant_use() gave';

CREATE VIEW sfn.trusts WITH (security_barrier) AS
	SELECT t.kind, n.name, t.owner, t.role, t.grantor, t.grant_date
	FROM sfn.trust t JOIN (
		SELECT 'function' AS kind, f.id, f.name, f.owner FROM sfn.function f
		UNION ALL SELECT 'activity', a.id, a.name, a.owner FROM sfn.activity a
		UNION ALL SELECT 'state_machine', m.id, m.name, m.role FROM sfn.state_machine m WHERE m.status OPERATOR(pg_catalog.<>) 'DELETED'
		UNION ALL SELECT 'event_bus', b.id, b.name, b.owner FROM sfn.event_bus b
			WHERE NOT pg_catalog.starts_with(b.name, 'topic/')
		UNION ALL SELECT 'connection', c.id, c.name, c.owner FROM sfn.connection c
		UNION ALL SELECT 'bucket', b.id, b.name, b.owner FROM sfn.bucket b
		UNION ALL SELECT 'queue', q.id, q.name, q.owner FROM sfn.queue q
		UNION ALL SELECT 'topic', b.id, pg_catalog.substr(b.name, 7), b.owner FROM sfn.event_bus b
			WHERE pg_catalog.starts_with(b.name, 'topic/')) n
		ON n.kind OPERATOR(pg_catalog.=) t.kind AND n.id OPERATOR(pg_catalog.=) t.object_id
			AND n.owner::oid OPERATOR(pg_catalog.=) t.owner::oid
	WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) t.role::oid)
		AND (pg_catalog.pg_has_role(t.role::oid, 'MEMBER') OR pg_catalog.pg_has_role(t.owner::oid, 'MEMBER'));
COMMENT ON VIEW sfn.trusts IS 'what of others the machines of a role may call; shown to members of the role and of the owner';
COMMENT ON COLUMN sfn.trusts.kind IS 'function, activity, state_machine, event_bus, connection, bucket, queue or topic';
COMMENT ON COLUMN sfn.trusts.name IS 'of what is trusted';
COMMENT ON COLUMN sfn.trusts.grantor IS 'who has said so';
COMMENT ON COLUMN sfn.trusts.grant_date IS 'since when';
COMMENT ON COLUMN sfn.trusts.owner IS 'the one who is trusted; with another owner the trust ends';
COMMENT ON COLUMN sfn.trusts.role IS 'the role whose state machines may call it';
GRANT SELECT ON sfn.trusts TO PUBLIC;

CREATE VIEW sfn.use_grants WITH (security_barrier) AS
	SELECT g.kind, g.name, g.owner, g.role, g.grantor, g.grant_date
	FROM (
		SELECT 'connection' AS kind, c.name, c.owner::regrole AS owner, u.role::regrole AS role, u.grantor::regrole AS grantor, u.grant_date
		FROM sfn.connection c JOIN sfn.connection_use u ON u.connection_id OPERATOR(pg_catalog.=) c.id
		UNION ALL
		SELECT 'queue', q.name, q.owner::regrole, u.role::regrole, u.grantor::regrole, u.grant_date
		FROM sfn.queue q JOIN sfn.queue_use u ON u.queue_id OPERATOR(pg_catalog.=) q.id
		UNION ALL
		SELECT 'topic', pg_catalog.substr(b.name, 7), b.owner::regrole, g.grantee::regrole, NULL::regrole, NULL::timestamptz
		FROM sfn.event_bus b JOIN sfn.event_bus_grant g ON g.bus_id OPERATOR(pg_catalog.=) b.id
		WHERE pg_catalog.starts_with(b.name, 'topic/') AND g.privilege OPERATOR(pg_catalog.=) 'put'
		UNION ALL
		SELECT DISTINCT 'bucket', b.name, b.owner::regrole, r::regrole, NULL::regrole, NULL::timestamptz
		FROM sfn.bucket b, pg_catalog.unnest(b.readers OPERATOR(pg_catalog.||) b.writers) r
		WHERE r::oid OPERATOR(pg_catalog.<>) b.owner::oid) g
	WHERE g.role::oid OPERATOR(pg_catalog.=) 0::oid
		OR (EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) g.role::oid)
			AND (pg_catalog.pg_has_role(g.owner::oid, 'MEMBER') OR pg_catalog.pg_has_role(g.role::oid, 'MEMBER')));
COMMENT ON VIEW sfn.use_grants IS 'roles that the owners of connections, buckets, queues and topics let use them; shown to members of either';
COMMENT ON COLUMN sfn.use_grants.kind IS 'connection, bucket, queue or topic';
COMMENT ON COLUMN sfn.use_grants.name IS 'of what may be used';
COMMENT ON COLUMN sfn.use_grants.owner IS 'whose it is';
COMMENT ON COLUMN sfn.use_grants.grant_date IS 'since when';
COMMENT ON COLUMN sfn.use_grants.role IS 'the role whose state machines, and whose members'' ones, may use it; - stands for every role';
COMMENT ON COLUMN sfn.use_grants.grantor IS 'who lent the connection or queue; null for buckets and topics';
GRANT SELECT ON sfn.use_grants TO PUBLIC;
-- Trying out expressions.

CREATE FUNCTION sfn.jsonata(expression text, input json, bindings json DEFAULT '{}') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_jsonata';
COMMENT ON FUNCTION sfn.jsonata(text, json, json) IS
	'what a JSONata expression makes of an input; null is undefined, errors begin with JSONata''s code';

CREATE FUNCTION sfn.jsonpath(path text, input json) RETURNS json
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_jsonpath';
COMMENT ON FUNCTION sfn.jsonpath(text, json) IS 'what a JSONPath of a state machine selects from an input';
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
-- Drawings of machines and of executions.

CREATE FUNCTION sfn.graph(state_machine_or_execution text, format text DEFAULT 'mermaid') RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_graph';
COMMENT ON FUNCTION sfn.graph(text, text) IS
	'a drawing of a state machine, or of how far an execution has come: mermaid, dot, svg, or json to draw it oneself';

CREATE TYPE sfn.state_visit AS (
	id bigint, parent bigint, path text, state text, type text, iteration integer, status text, entered timestamptz,
	exited timestamptz, attempts integer, error text, cause text, input json, arguments json, result json, output json, tries json
);
COMMENT ON TYPE sfn.state_visit IS 'a row of sfn.states()';

CREATE FUNCTION sfn.states(execution text) RETURNS SETOF sfn.state_visit
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_states';
COMMENT ON FUNCTION sfn.states(text) IS 'each time that an execution entered a state, and how it went';
-- Which database this is.

CREATE TABLE sfn.instance (
	is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	instance_id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
	adopted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sfn.instance IS 'the database these executions belong to; a copy elsewhere is recognised by it and stays paused until sfn.adopt()';

SELECT pg_catalog.pg_extension_config_dump('sfn.instance', '');
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
-- The AWS API in AWS's shapes.

CREATE FUNCTION sfn.api(action text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_api';
COMMENT ON FUNCTION sfn.api(text, json) IS
	'an action of the AWS Step Functions API; an error''s message is "<code>: <message>" as AWS words it';

CREATE FUNCTION sfn.events_api(action text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_events_api';
COMMENT ON FUNCTION sfn.events_api(text, json) IS
	'an action of the AWS EventBridge API; an error''s message is "<code>: <message>" as AWS words it';

CREATE FUNCTION sfn.scheduler_api(action text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_scheduler_api';
COMMENT ON FUNCTION sfn.scheduler_api(text, json) IS
	'an action of the AWS EventBridge Scheduler API; an error''s message is "<code>: <message>" as AWS words it';
-- Who may call over HTTP, and what a repeated call has started.

CREATE TABLE sfn.access_key (
	access_key_id text COLLATE "C" PRIMARY KEY,
	role sfn.role NOT NULL,						-- whom a call that is signed with it is made by
	actions text[],								-- patterns as IAM has them ('states:Describe*'); null: all
	status text NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Inactive')),
	description text,
	creation_date timestamptz NOT NULL,
	expiration_date timestamptz,
	last_used timestamptz
);
COMMENT ON TABLE sfn.access_key IS 'access keys of the gateway: who signs with one calls as its role';
COMMENT ON COLUMN sfn.access_key.access_key_id IS 'what a request names it by; AKIA..., with an expiration ASIA..., or as it was given';
COMMENT ON COLUMN sfn.access_key.role IS 'whom calls are made by';
COMMENT ON COLUMN sfn.access_key.actions IS 'which actions it is good for, patterns such as states:Describe*; null: all';
COMMENT ON COLUMN sfn.access_key.status IS 'Active or Inactive';
COMMENT ON COLUMN sfn.access_key.description IS 'what it is for';
COMMENT ON COLUMN sfn.access_key.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.access_key.expiration_date IS 'from when on it is refused; null: never';
COMMENT ON COLUMN sfn.access_key.last_used IS 'when a request with it was last accepted, to the hour';

-- Apart from what they belong to, so that a dump can have the one without the other.
CREATE TABLE sfn.secret (
	kind text COLLATE "C" NOT NULL CHECK (kind IN ('access key')),
	name text COLLATE "C" NOT NULL,
	secret text NOT NULL,
	token_hash text,							-- SHA-256 of the session token that has to come with it, in hexadecimal
	PRIMARY KEY (kind, name)
);
COMMENT ON TABLE sfn.secret IS 'secrets; nobody reads this table but the extension, and a dump has it only with sfn.dump_secrets = on';
COMMENT ON COLUMN sfn.secret.kind IS 'access key';
COMMENT ON COLUMN sfn.secret.name IS 'whose it is';
COMMENT ON COLUMN sfn.secret.secret IS 'as it is, since signatures are computed from it';
COMMENT ON COLUMN sfn.secret.token_hash IS 'SHA-256 of the session token that has to come with it; null: none';
REVOKE ALL ON sfn.secret FROM PUBLIC;

CREATE TABLE sfn.gateway_start (
	role sfn.role NOT NULL,
	invocation_id text COLLATE "C" NOT NULL,
	execution_id bigint NOT NULL,
	start_date timestamptz NOT NULL,
	PRIMARY KEY (role, invocation_id)
);
COMMENT ON TABLE sfn.gateway_start IS 'which execution a call has started that may be repeated; kept for fifteen minutes';
COMMENT ON COLUMN sfn.gateway_start.role IS 'who called';
COMMENT ON COLUMN sfn.gateway_start.invocation_id IS 'what the client calls all attempts of one call';
COMMENT ON COLUMN sfn.gateway_start.execution_id IS 'what the first of them has started';
COMMENT ON COLUMN sfn.gateway_start.start_date IS 'when';

SELECT pg_catalog.pg_extension_config_dump('sfn.access_key', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.secret', $$WHERE pg_catalog.current_setting('sfn.dump_secrets') OPERATOR(pg_catalog.=) 'on'$$);
SELECT pg_catalog.pg_extension_config_dump('sfn.gateway_start', 'WHERE false');
-- Links by which somebody without a key may do one thing.

CREATE TABLE sfn.link (
	link_id text COLLATE "C" PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('approve', 'start', 'graph')),
	role sfn.role NOT NULL,						-- who made it: whatever it does is done by that role
	target text NOT NULL,						-- a task's token; the ARN of a state machine or an execution
	secret_hash text NOT NULL,
	description text,
	uses_left integer CHECK (uses_left >= 0),	-- null: any number
	creation_date timestamptz NOT NULL,
	expiration_date timestamptz
);
COMMENT ON TABLE sfn.link IS 'links by which somebody without a key may do one thing over HTTP; closed to everybody, since it has tokens';
COMMENT ON COLUMN sfn.link.link_id IS 'what a URL names it by';
COMMENT ON COLUMN sfn.link.kind IS 'approve, start or graph';
COMMENT ON COLUMN sfn.link.role IS 'who made it: what it does is done by that role';
COMMENT ON COLUMN sfn.link.target IS 'the token of the task that it answers, or the ARN of what it starts or shows';
COMMENT ON COLUMN sfn.link.secret_hash IS 'SHA-256 of the secret in the URL, in hexadecimal';
COMMENT ON COLUMN sfn.link.description IS 'what its page says';
COMMENT ON COLUMN sfn.link.uses_left IS 'how often it does something yet; null: any number';
COMMENT ON COLUMN sfn.link.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.link.expiration_date IS 'from when on it does nothing; null: never';
REVOKE ALL ON sfn.link FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sfn.link', '');
-- Which role a roleArn of AWS's API means.

CREATE TABLE sfn.mapped_role (
	role_arn text COLLATE "C" PRIMARY KEY,
	role sfn.role NOT NULL						-- whom state machines with that roleArn run as
);
COMMENT ON TABLE sfn.mapped_role IS 'which role a roleArn of AWS''s API means';
COMMENT ON COLUMN sfn.mapped_role.role_arn IS 'as clients of the API give it';
COMMENT ON COLUMN sfn.mapped_role.role IS 'whom a state machine runs as that is made with it';

SELECT pg_catalog.pg_extension_config_dump('sfn.mapped_role', '');
-- One of several databases: what it has taken over of their front's log of changes.

CREATE TABLE sfn.shard_change (
	seq bigint PRIMARY KEY,
	revision_id uuid NOT NULL,
	applied timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE sfn.shard_change IS 'changes of the front that were made here, each in the transaction that made it';
COMMENT ON COLUMN sfn.shard_change.seq IS 'its number in the front''s log';
COMMENT ON COLUMN sfn.shard_change.revision_id IS 'that of the change there: another one under the same number is of another log';
COMMENT ON COLUMN sfn.shard_change.applied IS 'when';

CREATE TABLE sfn.shard_map (
	shard integer PRIMARY KEY,
	version bigint NOT NULL,
	server_start timestamptz NOT NULL
);
COMMENT ON TABLE sfn.shard_map IS 'of which version the front''s map of slots has to be for starts by name; no row: this is no shard';
COMMENT ON COLUMN sfn.shard_map.shard IS 'this shard; one row';
COMMENT ON COLUMN sfn.shard_map.version IS 'that of the last move of slots away from here';
COMMENT ON COLUMN sfn.shard_map.server_start IS 'of which run of the server the front has said so: slots may have moved while it was down';

SELECT pg_catalog.pg_extension_config_dump('sfn.shard_change', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.shard_map', '');
-- The way in for the gateway, and the keys that callers sign with.

CREATE FUNCTION sfn.create_access_key(role regrole DEFAULT NULL, expires interval DEFAULT NULL, actions text[] DEFAULT NULL,
		description text DEFAULT NULL, INOUT access_key_id text DEFAULT NULL, INOUT secret_access_key text DEFAULT NULL,
		OUT session_token text) RETURNS record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_access_key';
COMMENT ON FUNCTION sfn.create_access_key(regrole, interval, text[], text, text, text) IS
	'makes a key that HTTP requests are signed with, which are made by the role then; id and secret may be given, the secret is shown here only';

CREATE FUNCTION sfn.update_access_key(access_key_id text, status text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_access_key';
COMMENT ON FUNCTION sfn.update_access_key(text, text) IS 'makes an access key Inactive, or Active again';

CREATE FUNCTION sfn.delete_access_key(access_key_id text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_access_key';
COMMENT ON FUNCTION sfn.delete_access_key(text) IS 'forgets an access key and its secret';

CREATE VIEW sfn.access_keys WITH (security_barrier) AS
	SELECT k.access_key_id, k.role::pg_catalog.oid::pg_catalog.regrole AS role, k.actions,
		CASE WHEN NOT EXISTS (SELECT FROM sfn.secret s WHERE s.kind OPERATOR(pg_catalog.=) 'access key' AND s.name OPERATOR(pg_catalog.=) k.access_key_id)
			THEN 'needs secret' WHEN k.expiration_date OPERATOR(pg_catalog.<=) pg_catalog.now() THEN 'expired' ELSE k.status END AS status,
		k.description, k.creation_date, k.expiration_date, k.last_used
	FROM sfn.access_key k
	WHERE pg_catalog.pg_has_role(k.role::pg_catalog.oid, 'MEMBER');
COMMENT ON VIEW sfn.access_keys IS 'access keys of the roles that one is a member of, without their secrets';
COMMENT ON COLUMN sfn.access_keys.access_key_id IS 'what a request names it by';
COMMENT ON COLUMN sfn.access_keys.role IS 'whom calls are made by';
COMMENT ON COLUMN sfn.access_keys.actions IS 'which actions it is good for; null: all';
COMMENT ON COLUMN sfn.access_keys.status IS 'Active, Inactive, expired, or needs secret: it was restored without; make it again';
COMMENT ON COLUMN sfn.access_keys.description IS 'what it is for';
COMMENT ON COLUMN sfn.access_keys.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.access_keys.expiration_date IS 'from when on it is refused; null: never';
COMMENT ON COLUMN sfn.access_keys.last_used IS 'when a request with it was last accepted, to the hour; null: never';
GRANT SELECT ON sfn.access_keys TO PUBLIC;

-- What the gateway calls.  Whoever may execute these may act as any role that is no superuser: sfn.allow_gateway() gives that.

CREATE FUNCTION sfn_internal.gateway_call(role oid, action text, request json, invocation_id text DEFAULT NULL) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_call';
COMMENT ON FUNCTION sfn_internal.gateway_call(oid, text, json, text) IS
	'an action of the AWS Step Functions API as that role, which leaves nothing in the session; GetActivityTask does not wait';
REVOKE ALL ON FUNCTION sfn_internal.gateway_call(oid, text, json, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_page(role oid, name text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_page';
COMMENT ON FUNCTION sfn_internal.gateway_page(oid, text, json) IS
	'what the page of the gateway shows beside what the API tells, as that role, by views and functions that anybody may use';
REVOKE ALL ON FUNCTION sfn_internal.gateway_page(oid, text, json) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_key(access_key_id text, OUT role oid, OUT role_name text, OUT secret text, OUT token_hash text,
		OUT actions text[], OUT expires timestamptz) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_key';
COMMENT ON FUNCTION sfn_internal.gateway_key(text) IS 'an access key with its secret; no row for one that is unknown or inactive';
REVOKE ALL ON FUNCTION sfn_internal.gateway_key(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_key_used(access_key_id text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_key_used';
COMMENT ON FUNCTION sfn_internal.gateway_key_used(text) IS 'notes that a request with the access key was accepted, once an hour';
REVOKE ALL ON FUNCTION sfn_internal.gateway_key_used(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_check_login(role text) RETURNS oid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_check_login';
COMMENT ON FUNCTION sfn_internal.gateway_check_login(text) IS 'the role of that name if calls may be made as it; else an error';
REVOKE ALL ON FUNCTION sfn_internal.gateway_check_login(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_wait(activities text[], timeout interval) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_wait';
COMMENT ON FUNCTION sfn_internal.gateway_wait(text[], interval) IS
	'waits until one of the activities has tasks to be taken; an object with the number of tasks for each ARN that has some';
REVOKE ALL ON FUNCTION sfn_internal.gateway_wait(text[], interval) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_return_task(task_token text) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_return_task';
COMMENT ON FUNCTION sfn_internal.gateway_return_task(text) IS
	'a task whose worker was gone before it had it goes back to its queue, as if it had never been taken';
REVOKE ALL ON FUNCTION sfn_internal.gateway_return_task(text) FROM PUBLIC;

CREATE FUNCTION sfn.allow_gateway(role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_allow_gateway';
COMMENT ON FUNCTION sfn.allow_gateway(regrole) IS 'lets a gateway log in as the role: it may act as any role that is no superuser; superusers only';
REVOKE ALL ON FUNCTION sfn.allow_gateway(regrole) FROM PUBLIC;

CREATE FUNCTION sfn.forbid_gateway(role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_forbid_gateway';
COMMENT ON FUNCTION sfn.forbid_gateway(regrole) IS 'takes back what sfn.allow_gateway() gave';
REVOKE ALL ON FUNCTION sfn.forbid_gateway(regrole) FROM PUBLIC;
-- Links: URLs of the gateway that do one thing, for people without a key.

CREATE FUNCTION sfn.create_link(kind text, target text, expires interval DEFAULT '7 days', uses integer DEFAULT NULL, description text DEFAULT NULL)
		RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_link';
COMMENT ON FUNCTION sfn.create_link(text, text, interval, integer, text) IS
	'a URL by which its holder may answer a task (approve), start a state machine (start) or see a drawing (graph), as the role that made it';

CREATE FUNCTION sfn.drop_link(link_id text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_link';
COMMENT ON FUNCTION sfn.drop_link(text) IS 'a link does nothing any more';

CREATE VIEW sfn.links WITH (security_barrier) AS
	SELECT l.link_id, l.kind, l.role::pg_catalog.oid::pg_catalog.regrole AS role,
		CASE WHEN l.kind OPERATOR(pg_catalog.<>) 'approve' THEN l.target END AS target, l.description,
		CASE WHEN l.expiration_date OPERATOR(pg_catalog.<=) pg_catalog.now() THEN 'expired' WHEN l.uses_left OPERATOR(pg_catalog.=) 0 THEN 'used' ELSE 'open' END AS status,
		l.uses_left, l.creation_date, l.expiration_date
	FROM sfn.link l
	WHERE pg_catalog.pg_has_role(l.role::pg_catalog.oid, 'MEMBER');
COMMENT ON VIEW sfn.links IS 'links of the roles that one is a member of, without their secrets';
COMMENT ON COLUMN sfn.links.link_id IS 'what drop_link() names it by';
COMMENT ON COLUMN sfn.links.kind IS 'approve, start or graph';
COMMENT ON COLUMN sfn.links.role IS 'who made it: what it does is done by that role';
COMMENT ON COLUMN sfn.links.target IS 'the ARN of what it starts or shows; null: it answers a task';
COMMENT ON COLUMN sfn.links.description IS 'what its page says';
COMMENT ON COLUMN sfn.links.status IS 'open, used or expired';
COMMENT ON COLUMN sfn.links.uses_left IS 'how often it does something yet; null: any number';
COMMENT ON COLUMN sfn.links.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.links.expiration_date IS 'from when on it does nothing; null: never';
GRANT SELECT ON sfn.links TO PUBLIC;

-- What the gateway calls.

CREATE FUNCTION sfn_internal.gateway_show_link(link_id text, secret text) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_show_link';
COMMENT ON FUNCTION sfn_internal.gateway_show_link(text, text) IS 'what the page of a link shows, which does nothing; null: there is no such link, or its secret is another';
REVOKE ALL ON FUNCTION sfn_internal.gateway_show_link(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_use_link(link_id text, secret text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_use_link';
COMMENT ON FUNCTION sfn_internal.gateway_use_link(text, text, json) IS
	'does what a link is for, as the role that made it: {"decision": "approve" or "refuse", "comment"} or {"input"}';
REVOKE ALL ON FUNCTION sfn_internal.gateway_use_link(text, text, json) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_answer(action text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_gateway_answer';
COMMENT ON FUNCTION sfn_internal.gateway_answer(text, json) IS
	'SendTaskSuccess, SendTaskFailure or SendTaskHeartbeat by whoever has the token, where that is enough (sfn.allow_bare_tokens)';
REVOKE ALL ON FUNCTION sfn_internal.gateway_answer(text, json) FROM PUBLIC;
-- Which role a roleArn of AWS's API means.

CREATE FUNCTION sfn.map_role(role_arn text, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_map_role';
COMMENT ON FUNCTION sfn.map_role(text, regrole) IS
	'says which role a roleArn of AWS''s APIs means: state machines that are made with it run, targets and schedules are told as that role; for members of the role';

CREATE FUNCTION sfn.unmap_role(role_arn text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_unmap_role';
COMMENT ON FUNCTION sfn.unmap_role(text) IS 'takes back what sfn.map_role() said; state machines that have been made stay as they are';

CREATE VIEW sfn.mapped_roles WITH (security_barrier) AS
	SELECT m.role_arn, m.role::pg_catalog.oid::pg_catalog.regrole AS role
	FROM sfn.mapped_role m
	WHERE pg_catalog.pg_has_role(m.role::pg_catalog.oid, 'MEMBER');
COMMENT ON VIEW sfn.mapped_roles IS 'roleArns of AWS''s API that mean roles which one is a member of';
COMMENT ON COLUMN sfn.mapped_roles.role_arn IS 'as clients of the API give it';
COMMENT ON COLUMN sfn.mapped_roles.role IS 'whom a state machine runs as that is made with it';
GRANT SELECT ON sfn.mapped_roles TO PUBLIC;
-- What the front of several databases calls in each of them (sql/proxy).  Whoever may execute these may act as any role that is
-- no superuser, as a gateway: sfn.allow_gateway() gives both.

CREATE FUNCTION sfn_internal.shard_enter(shard integer, role text, map_version bigint) RETURNS oid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_shard_enter';
COMMENT ON FUNCTION sfn_internal.shard_enter(integer, text, bigint) IS
	'the number of a role here, for gateway_call() and its kin; an error if this is not that shard; with map_version: if slots have moved since that version of the map';
REVOKE ALL ON FUNCTION sfn_internal.shard_enter(integer, text, bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_call(shard integer, role text, function text, arguments text[], map_version bigint DEFAULT NULL) RETURNS SETOF text[]
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_shard_call';
COMMENT ON FUNCTION sfn_internal.shard_call(integer, text, text, text[], bigint) IS
	'calls a function of the extension, named with the types of its arguments, or "gateway_call", or reads "view schema.name", as that role; each row of the result as texts';
REVOKE ALL ON FUNCTION sfn_internal.shard_call(integer, text, text, text[], bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_call_one(shard integer, role text, function text, arguments text[], map_version bigint DEFAULT NULL) RETURNS text[]
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_shard_call_one';
COMMENT ON FUNCTION sfn_internal.shard_call_one(integer, text, text, text[], bigint) IS 'shard_call() of a function that has one row; null: it has none';
REVOKE ALL ON FUNCTION sfn_internal.shard_call_one(integer, text, text, text[], bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_apply(shard integer, seq bigint, role text, function text, arguments text[], revision_id uuid)
	RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF num_nulls($1, $2, $3, $4, $5, $6) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_apply() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	INSERT INTO sfn.shard_change (seq, revision_id) VALUES ($2, $6) ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		IF EXISTS (SELECT FROM sfn.shard_change s WHERE s.seq = $2 AND s.revision_id <> $6) THEN
			RAISE EXCEPTION 'change % of the front was another one here', $2 USING ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = 'The front was restored to an older time, or is not the one that has made changes so far.',
				HINT = format('If it was restored: SELECT setval(''sfn_proxy.change_seq_seq'', %s) in the front; what was changed since then is as it is on the shards.',
					(SELECT max(s.seq) FROM sfn.shard_change s));
		END IF;
		RETURN;
	END IF;
	-- nobody's change, but that of the front's administrator
	IF $3 = '' AND $4 LIKE 'sfn.set_quota(%' THEN
		PERFORM sfn.set_quota($5[1]::regrole, $5[2]::bigint, $5[3]::bigint, $5[4]::bigint, $5[5]::bigint, $5[6]::bigint);
		RETURN NEXT ARRAY[NULL::text];
		RETURN;
	END IF;
	PERFORM set_config('sfn_shard.revision_id', $6::text, true);
	RETURN QUERY SELECT c FROM sfn_internal.shard_call($1, $3, $4, $5) c;
	PERFORM set_config('sfn_shard.revision_id', '', true);
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_apply(integer, bigint, text, text, text[], uuid) IS
	'makes a change of the front''s log here: once, however often it is called; a new definition of a machine has that revision_id';
REVOKE ALL ON FUNCTION sfn_internal.shard_apply(integer, bigint, text, text, text[], uuid) FROM PUBLIC;

-- Roles are members of the same roles as in the front, and of what an administrator has given them here beside that.
CREATE FUNCTION sfn_internal.shard_role(name text, member_of text[], others text[]) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	granted text;
BEGIN
	IF num_nulls($1, $2, $3) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_role() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF $1 LIKE 'pg\_%' THEN
		RAISE EXCEPTION 'role "%" is the server''s own', $1 USING ERRCODE = 'reserved_name';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1) THEN
		EXECUTE format('CREATE ROLE %I NOLOGIN', $1);
	END IF;
	-- what is a superuser here may be none in the front, so nobody becomes its member by what the front says
	FOR granted IN SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY ($2) AND r.rolname NOT LIKE 'pg\_%' AND NOT r.rolsuper
			AND NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND m.member = (SELECT oid FROM pg_roles WHERE rolname = $1)) LOOP
		EXECUTE format('GRANT %I TO %I', granted, $1);
	END LOOP;
	FOR granted IN SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
			WHERE u.rolname = $1 AND r.rolname = ANY ($3) AND r.rolname <> ALL ($2) LOOP
		EXECUTE format('REVOKE %I FROM %I', granted, $1);
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_role(text, text[], text[]) IS
	'makes a role of the front known here, without a login; a member of the first roles, of no others of the second';
REVOKE ALL ON FUNCTION sfn_internal.shard_role(text, text[], text[]) FROM PUBLIC;

-- Numbers of executions, map runs and tasks begin with the shard in their first 12 bits, and so do tokens.
CREATE FUNCTION sfn_internal.shard_join(shard integer) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	first bigint := ($1::bigint << 52) + 1;
	sequence regclass;
	last bigint;
BEGIN
	IF num_nulls($1) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_join() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF $1 NOT BETWEEN 0 AND 2047 THEN
		RAISE EXCEPTION 'shards have numbers from 0 to 2047, not %', $1 USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF current_setting('sfn.shard_id')::integer NOT IN (-1, $1) THEN
		RAISE EXCEPTION 'this database is shard % already', current_setting('sfn.shard_id') USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	EXECUTE format('ALTER DATABASE %I SET sfn.shard_id = %s', current_database(), $1);
	FOREACH sequence IN ARRAY ARRAY['sfn.execution_id_seq', 'sfn.map_run_id_seq', 'sfn.task_id_seq', 'sfn.event_dead_letter_id_seq',
		'sfn.queue_message_id_seq']::regclass[] LOOP
		EXECUTE format('SELECT last_value FROM %s', sequence) INTO last;
		IF last < first THEN
			PERFORM setval(sequence, first, false);
		ELSIF last - first >= 1::bigint << 52 THEN
			RAISE EXCEPTION 'the numbers of % belong to another shard: %', sequence, last USING ERRCODE = 'object_not_in_prerequisite_state';
		END IF;
	END LOOP;
	INSERT INTO sfn.shard_map AS m (shard, version, server_start) VALUES ($1, 0, pg_postmaster_start_time())
		ON CONFLICT ON CONSTRAINT shard_map_pkey DO UPDATE SET version = 0, server_start = excluded.server_start;
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_join(integer) IS
	'makes this database a shard of that number: sfn.shard_id for new sessions, and what new executions, map runs and tasks are numbered from';
REVOKE ALL ON FUNCTION sfn_internal.shard_join(integer) FROM PUBLIC;

-- Starts by name hold a weaker lock: those that are under way end first, and a later one finds what they have started.
CREATE FUNCTION sfn_internal.shard_fence(shard integer, map_version bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF num_nulls($1, $2) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_fence() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	LOCK TABLE sfn.shard_map IN EXCLUSIVE MODE;
	IF EXISTS (SELECT FROM sfn.shard_map m WHERE m.version >> 16 > $2 >> 16) THEN
		RAISE EXCEPTION 'another front has taken over shard %', $1 USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Fronts that are not standbys of each other cannot share shards. sfn_proxy.set_front() makes this one the front again, and the other none.';
	END IF;
	INSERT INTO sfn.shard_map AS m (shard, version, server_start) VALUES ($1, $2, pg_postmaster_start_time())
		ON CONFLICT ON CONSTRAINT shard_map_pkey DO UPDATE SET version = excluded.version, server_start = excluded.server_start;
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_fence(integer, bigint) IS
	'until the server is started anew, executions are started here by name only by this front, its gateways and standbys, whose map of slots has this version or a later one; an error if a later front has said so';
REVOKE ALL ON FUNCTION sfn_internal.shard_fence(integer, bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_restart_executors() RETURNS bigint
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) FROM pg_stat_activity a
	WHERE a.datname = current_database() AND a.backend_type = 'sfn executor'
$$;
COMMENT ON FUNCTION sfn_internal.shard_restart_executors() IS 'lets executors of this database be started anew, with the settings it has now';
REVOKE ALL ON FUNCTION sfn_internal.shard_restart_executors() FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_status() RETURNS json
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object(
		'shard', current_setting('sfn.shard_id')::integer,
		'version', (SELECT extversion FROM pg_extension WHERE extname = 'sfn'),
		'region', current_setting('sfn.region'),
		'account', current_setting('sfn.account_id'),
		'system', (SELECT system_identifier::text FROM pg_control_system()),
		'database', (SELECT oid::text FROM pg_database WHERE datname = current_database()),
		'front', (SELECT coalesce(max(version >> 16), 0) FROM sfn.shard_map),
		'changes', (SELECT coalesce(max(seq), 0) FROM sfn.shard_change),
		'open_executions', (SELECT count(*) FROM sfn.execution_status WHERE status = 1 /* EXECUTION_RUNNING */),
		'executions', EXISTS (SELECT FROM sfn.execution) OR EXISTS (SELECT FROM sfn.schedule),
		'standby_lag', (SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication))
$$;
COMMENT ON FUNCTION sfn_internal.shard_status() IS 'what the front shows of a shard';
REVOKE ALL ON FUNCTION sfn_internal.shard_status() FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_query(query text) RETURNS SETOF json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF num_nulls($1) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_query() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	RETURN QUERY EXECUTE format('SELECT row_to_json(q) FROM (%s) q', $1);
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_query(text) IS 'the rows of a query, with the rights of the session that runs it';
REVOKE ALL ON FUNCTION sfn_internal.shard_query(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_has_execution(state_machine text, name text) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id
		WHERE m.name = split_part(CASE WHEN $1 LIKE 'arn:%' THEN split_part($1, ':', 7) ELSE $1 END, ':', 1) AND m.status <> 'DELETED' AND e.is_named AND e.name = $2)
$$;
COMMENT ON FUNCTION sfn_internal.shard_has_execution(text, text) IS
	'is there an execution of that chosen name of the machine, of whatever its ARN or that of a version or alias says?';
REVOKE ALL ON FUNCTION sfn_internal.shard_has_execution(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_has_schedule(name text, group_name text) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM sfn.schedule s WHERE s.name = $1 AND s.group_name = $2)
$$;
COMMENT ON FUNCTION sfn_internal.shard_has_schedule(text, text) IS 'is there a schedule of that name, whoever may see it?';
REVOKE ALL ON FUNCTION sfn_internal.shard_has_schedule(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_has_link(link_id text) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM sfn.link l WHERE l.link_id = $1)
$$;
COMMENT ON FUNCTION sfn_internal.shard_has_link(text) IS 'is there such a link?';
REVOKE ALL ON FUNCTION sfn_internal.shard_has_link(text) FROM PUBLIC;
