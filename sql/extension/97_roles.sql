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
