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
