-- Credentials of HTTP tasks.

CREATE FUNCTION sfn.create_connection(name text, authorization_type text, auth_parameters jsonb, description text DEFAULT NULL,
		tls jsonb DEFAULT NULL, replace boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_connection';
COMMENT ON FUNCTION sfn.create_connection(text, text, jsonb, text, jsonb, boolean) IS
	'stores credentials that http:invoke adds to its requests; returns the ARN; state machines of roles with the caller''s privileges may use it, and those that sfn.grant_use() names';

CREATE FUNCTION sfn.delete_connection(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_connection';
COMMENT ON FUNCTION sfn.delete_connection(text) IS 'forgets a connection and its credentials';

-- A view with the rights of its owner: the table itself is closed.
CREATE VIEW sfn.connections WITH (security_barrier) AS
	SELECT 'arn:aws:events:' || pg_catalog.current_setting('sfn.region') || ':' || pg_catalog.current_setting('sfn.account_id')
			|| ':connection/' || c.name || '/' || c.connection_id AS connection_arn,
		c.name, c.description, c.authorization_type, 'AUTHORIZED'::text AS connection_state,
		c.shown::jsonb AS auth_parameters, c.tls IS NOT NULL AS has_tls, c.owner::pg_catalog.regrole AS owner, c.creation_date, c.update_date
	FROM sfn.connection c
	WHERE pg_catalog.pg_has_role(c.owner, 'USAGE');
COMMENT ON VIEW sfn.connections IS 'connections of the roles that the reader is a member of, without their secrets';
COMMENT ON COLUMN sfn.connections.connection_arn IS 'its ARN';
COMMENT ON COLUMN sfn.connections.name IS 'its name';
COMMENT ON COLUMN sfn.connections.description IS 'what it is for';
COMMENT ON COLUMN sfn.connections.authorization_type IS 'API_KEY, BASIC, OAUTH_CLIENT_CREDENTIALS, or AWS for sfn.create_aws_credentials()';
COMMENT ON COLUMN sfn.connections.connection_state IS 'AUTHORIZED or not, as AWS says it';
COMMENT ON COLUMN sfn.connections.auth_parameters IS 'what it sends, without secrets';
COMMENT ON COLUMN sfn.connections.has_tls IS 'whether it has a certificate of its own';
COMMENT ON COLUMN sfn.connections.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.connections.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.connections.update_date IS 'when it was last changed';
GRANT SELECT ON sfn.connections TO PUBLIC;
