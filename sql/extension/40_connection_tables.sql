-- HTTP tasks: credentials, and where requests may go.  Requests that wait or are under way are rows of sfn.task.

CREATE TABLE sfn.connection (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	version bigint NOT NULL DEFAULT 1,
	name text COLLATE "C" NOT NULL UNIQUE,
	connection_id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
	owner sfn.role NOT NULL,
	description text,
	authorization_type text NOT NULL CHECK (authorization_type IN ('API_KEY', 'AWS', 'BASIC', 'OAUTH_CLIENT_CREDENTIALS')),
	parameters json NOT NULL,					-- AuthParameters, secrets included
	shown json NOT NULL,						-- the same without them
	tls json,									-- {"ca", "certificate", "key"}, PEM
	creation_date timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	update_date timestamptz
);
COMMENT ON TABLE sfn.connection IS 'credentials for HTTP tasks; nobody reads this table but the extension, which adds them to requests';
REVOKE ALL ON sfn.connection FROM PUBLIC;

CREATE TABLE sfn.http_allowed_host (
	host text COLLATE "C" NOT NULL,
	role sfn.role,								-- null: for everybody
	note text,
	UNIQUE NULLS NOT DISTINCT (host, role)
);
ALTER TABLE sfn.http_allowed_host REPLICA IDENTITY FULL;
COMMENT ON TABLE sfn.http_allowed_host IS
	'hosts, addresses and networks that HTTP tasks may reach beside public addresses, for all roles or one; filled by administrators';
COMMENT ON COLUMN sfn.http_allowed_host.host IS 'a host name, "*.suffix", an address or a network, each with an optional ":port"';

SELECT pg_catalog.pg_extension_config_dump('sfn.connection', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.connection_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.http_allowed_host', '');
