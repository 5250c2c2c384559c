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
