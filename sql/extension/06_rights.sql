-- Who may see what: the one rule for rows.  Every view of users asks it: a row shows to those who may see its state machine.

CREATE FUNCTION sfn.may_see(state_machine_id bigint, role oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see';
COMMENT ON FUNCTION sfn.may_see(bigint, oid) IS
	'may the current user see a state machine of this role, as its member or because it is granted?';

CREATE FUNCTION sfn.may_see(state_machine_id bigint, role oid, viewer oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see';
COMMENT ON FUNCTION sfn.may_see(bigint, oid, oid) IS 'the same for another role';
REVOKE ALL ON FUNCTION sfn.may_see(bigint, oid, oid) FROM PUBLIC;
