-- Names of others: whom machines trust, and to whom connections, buckets, queues and topics are lent.

CREATE FUNCTION sfn.trust(kind text, name text, owner regrole, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_trust';
COMMENT ON FUNCTION sfn.trust(text, text, regrole, regrole) IS
	'lets the machines of a role call a function, activity, state machine, event bus, connection, bucket, queue or topic of another, as long as that one owns it; for members of the role';

CREATE FUNCTION sfn.untrust(kind text, name text, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_untrust';
COMMENT ON FUNCTION sfn.untrust(text, text, regrole) IS 'takes back what sfn.trust() said';

CREATE FUNCTION sfn.grant_use(kind text, name text, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_grant_use';
COMMENT ON FUNCTION sfn.grant_use(text, text, regrole) IS
	'lets the machines of a role and its members use a connection, bucket or queue, or publish to a topic; for members of its owner';

CREATE FUNCTION sfn.revoke_use(kind text, name text, role regrole) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_revoke_use';
COMMENT ON FUNCTION sfn.revoke_use(text, text, regrole) IS 'takes back what sfn.grant_use() gave';

CREATE VIEW sfn.trusts WITH (security_barrier) AS
	SELECT t.kind, n.name, t.owner, t.role, t.grantor, t.grant_date
	FROM sfn.trust t JOIN (
		SELECT 'function' AS kind, f.id, f.name, f.owner FROM sfn.function f
		UNION ALL SELECT 'activity', a.id, a.name, a.owner FROM sfn.activity a
		UNION ALL SELECT 'state_machine', m.id, m.name, m.role FROM sfn.state_machine m WHERE m.status OPERATOR(pg_catalog.<>) 'DELETED'
		UNION ALL SELECT 'event_bus', b.id, b.name, b.owner FROM sfn.event_bus b
			WHERE NOT pg_catalog.starts_with(b.name, 'topic/')
		UNION ALL SELECT 'connection', c.id, c.name, c.owner FROM sfn.connection c
		UNION ALL SELECT 'bucket', b.id, b.name, b.owner FROM sfn.bucket b
		UNION ALL SELECT 'queue', q.id, q.name, q.owner FROM sfn.queue q
		UNION ALL SELECT 'topic', b.id, pg_catalog.substr(b.name, 7), b.owner FROM sfn.event_bus b
			WHERE pg_catalog.starts_with(b.name, 'topic/')) n
		ON n.kind OPERATOR(pg_catalog.=) t.kind AND n.id OPERATOR(pg_catalog.=) t.object_id
			AND n.owner::oid OPERATOR(pg_catalog.=) t.owner::oid
	WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) t.role::oid)
		AND (pg_catalog.pg_has_role(t.role::oid, 'MEMBER') OR pg_catalog.pg_has_role(t.owner::oid, 'MEMBER'));
COMMENT ON VIEW sfn.trusts IS 'what of others the machines of a role may call; shown to members of the role and of the owner';
COMMENT ON COLUMN sfn.trusts.kind IS 'function, activity, state_machine, event_bus, connection, bucket, queue or topic';
COMMENT ON COLUMN sfn.trusts.name IS 'of what is trusted';
COMMENT ON COLUMN sfn.trusts.grantor IS 'who has said so';
COMMENT ON COLUMN sfn.trusts.grant_date IS 'since when';
COMMENT ON COLUMN sfn.trusts.owner IS 'the one who is trusted; with another owner the trust ends';
COMMENT ON COLUMN sfn.trusts.role IS 'the role whose state machines may call it';
GRANT SELECT ON sfn.trusts TO PUBLIC;

CREATE VIEW sfn.use_grants WITH (security_barrier) AS
	SELECT g.kind, g.name, g.owner, g.role, g.grantor, g.grant_date
	FROM (
		SELECT 'connection' AS kind, c.name, c.owner::regrole AS owner, u.role::regrole AS role, u.grantor::regrole AS grantor, u.grant_date
		FROM sfn.connection c JOIN sfn.connection_use u ON u.connection_id OPERATOR(pg_catalog.=) c.id
		UNION ALL
		SELECT 'queue', q.name, q.owner::regrole, u.role::regrole, u.grantor::regrole, u.grant_date
		FROM sfn.queue q JOIN sfn.queue_use u ON u.queue_id OPERATOR(pg_catalog.=) q.id
		UNION ALL
		SELECT 'topic', pg_catalog.substr(b.name, 7), b.owner::regrole, g.grantee::regrole, NULL::regrole, NULL::timestamptz
		FROM sfn.event_bus b JOIN sfn.event_bus_grant g ON g.bus_id OPERATOR(pg_catalog.=) b.id
		WHERE pg_catalog.starts_with(b.name, 'topic/') AND g.privilege OPERATOR(pg_catalog.=) 'put'
		UNION ALL
		SELECT DISTINCT 'bucket', b.name, b.owner::regrole, r::regrole, NULL::regrole, NULL::timestamptz
		FROM sfn.bucket b, pg_catalog.unnest(b.readers OPERATOR(pg_catalog.||) b.writers) r
		WHERE r::oid OPERATOR(pg_catalog.<>) b.owner::oid) g
	WHERE g.role::oid OPERATOR(pg_catalog.=) 0::oid
		OR (EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) g.role::oid)
			AND (pg_catalog.pg_has_role(g.owner::oid, 'MEMBER') OR pg_catalog.pg_has_role(g.role::oid, 'MEMBER')));
COMMENT ON VIEW sfn.use_grants IS 'roles that the owners of connections, buckets, queues and topics let use them; shown to members of either';
COMMENT ON COLUMN sfn.use_grants.kind IS 'connection, bucket, queue or topic';
COMMENT ON COLUMN sfn.use_grants.name IS 'of what may be used';
COMMENT ON COLUMN sfn.use_grants.owner IS 'whose it is';
COMMENT ON COLUMN sfn.use_grants.grant_date IS 'since when';
COMMENT ON COLUMN sfn.use_grants.role IS 'the role whose state machines, and whose members'' ones, may use it; - stands for every role';
COMMENT ON COLUMN sfn.use_grants.grantor IS 'who lent the connection or queue; null for buckets and topics';
GRANT SELECT ON sfn.use_grants TO PUBLIC;
