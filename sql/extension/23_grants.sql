-- Rights on state machines that their roles have given to others, and limits for roles.

CREATE TABLE sfn.state_machine_grant (
	state_machine_id bigint NOT NULL REFERENCES sfn.state_machine (id) ON DELETE CASCADE,
	grantee regrole NOT NULL,
	privilege text NOT NULL CHECK (privilege IN ('start', 'see', 'manage')),
	grantor regrole NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, grantee, privilege)
);
COMMENT ON TABLE sfn.state_machine_grant IS 'who, beside the members of its role, may do what with a state machine';

SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_grant', '');

-- The one rule for rows; every view of users asks it.
CREATE FUNCTION sfn.may_see(state_machine_id bigint, role oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see';
COMMENT ON FUNCTION sfn.may_see(bigint, oid) IS
	'may the current user see a state machine of this role, as its member or because it is granted?';

CREATE FUNCTION sfn.may_see(state_machine_id bigint, role oid, viewer oid) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'sfn_may_see';
COMMENT ON FUNCTION sfn.may_see(bigint, oid, oid) IS 'the same for another role';
REVOKE ALL ON FUNCTION sfn.may_see(bigint, oid, oid) FROM PUBLIC;
