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
