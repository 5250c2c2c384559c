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
