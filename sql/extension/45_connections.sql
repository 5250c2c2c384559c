-- Credentials of HTTP tasks.

CREATE FUNCTION sfn.create_connection(name text, authorization_type text, auth_parameters jsonb, description text DEFAULT NULL,
		tls jsonb DEFAULT NULL, replace boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_connection';
COMMENT ON FUNCTION sfn.create_connection(text, text, jsonb, text, jsonb, boolean) IS
	'stores credentials that http:invoke adds to its requests; returns the ARN; state machines whose role is a member of the caller may use it';

CREATE FUNCTION sfn.delete_connection(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_connection';
COMMENT ON FUNCTION sfn.delete_connection(text) IS 'forgets a connection and its credentials';

-- A view with the rights of its owner: the table itself is closed.
CREATE VIEW sfn.connections WITH (security_barrier) AS
	SELECT 'arn:aws:events:' || pg_catalog.current_setting('sfn.region') || ':' || pg_catalog.current_setting('sfn.account_id')
			|| ':connection/' || c.name || '/' || c.connection_id AS connection_arn,
		c.name, c.description, c.authorization_type, 'AUTHORIZED'::text AS connection_state,
		c.shown::jsonb AS auth_parameters, c.tls IS NOT NULL AS has_tls, c.owner, c.creation_date, c.update_date
	FROM sfn.connection c
	WHERE pg_catalog.pg_has_role(c.owner, 'MEMBER');
COMMENT ON VIEW sfn.connections IS 'connections of the roles that the reader is a member of, without their secrets';
GRANT SELECT ON sfn.connections TO PUBLIC;
