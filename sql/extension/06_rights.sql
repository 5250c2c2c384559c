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
