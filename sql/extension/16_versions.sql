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
