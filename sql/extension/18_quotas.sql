-- Limits for what the executions of a role's state machines may take.

CREATE FUNCTION sfn.set_quota(role regrole, open_executions bigint DEFAULT NULL, payload_bytes bigint DEFAULT NULL)
	RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_set_quota';
COMMENT ON FUNCTION sfn.set_quota(regrole, bigint, bigint) IS
	'limits the open executions of a role''s state machines: their number, and the bytes of their inputs; null: no limit';
REVOKE ALL ON FUNCTION sfn.set_quota(regrole, bigint, bigint) FROM PUBLIC;

CREATE VIEW sfn.quotas WITH (security_barrier) AS
SELECT q.role, q.open_executions, q.payload_bytes FROM sfn.quota q
WHERE pg_catalog.pg_has_role(q.role::oid, 'MEMBER');
COMMENT ON VIEW sfn.quotas IS 'limits of the roles that one is a member of';
COMMENT ON COLUMN sfn.quotas.open_executions IS 'how many executions may be open; null: any number';
COMMENT ON COLUMN sfn.quotas.payload_bytes IS 'how many bytes their inputs may have together; null: any number';
GRANT SELECT ON sfn.quotas TO PUBLIC;
