-- Who may call over HTTP, and what a repeated call has started.

CREATE TABLE sfn.access_key (
	access_key_id text COLLATE "C" PRIMARY KEY,
	role sfn.role NOT NULL,						-- whom a call that is signed with it is made by
	actions text[],								-- patterns as IAM has them ('states:Describe*'); null: all
	status text NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Inactive')),
	description text,
	creation_date timestamptz NOT NULL,
	expiration_date timestamptz,
	last_used timestamptz
);
COMMENT ON TABLE sfn.access_key IS 'access keys of the gateway: who signs with one calls as its role';
COMMENT ON COLUMN sfn.access_key.access_key_id IS 'what a request names it by; AKIA..., with an expiration ASIA..., or as it was given';
COMMENT ON COLUMN sfn.access_key.role IS 'whom calls are made by';
COMMENT ON COLUMN sfn.access_key.actions IS 'which actions it is good for, patterns such as states:Describe*; null: all';
COMMENT ON COLUMN sfn.access_key.status IS 'Active or Inactive';
COMMENT ON COLUMN sfn.access_key.description IS 'what it is for';
COMMENT ON COLUMN sfn.access_key.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.access_key.expiration_date IS 'from when on it is refused; null: never';
COMMENT ON COLUMN sfn.access_key.last_used IS 'when a request with it was last accepted, to the hour';

-- Apart from what they belong to, so that a dump can have the one without the other.
CREATE TABLE sfn.secret (
	kind text COLLATE "C" NOT NULL CHECK (kind IN ('access key')),
	name text COLLATE "C" NOT NULL,
	secret text NOT NULL,
	token_hash text,							-- SHA-256 of the session token that has to come with it, in hexadecimal
	PRIMARY KEY (kind, name)
);
COMMENT ON TABLE sfn.secret IS 'secrets; nobody reads this table but the extension, and a dump has it only with sfn.dump_secrets = on';
COMMENT ON COLUMN sfn.secret.kind IS 'access key';
COMMENT ON COLUMN sfn.secret.name IS 'whose it is';
COMMENT ON COLUMN sfn.secret.secret IS 'as it is, since signatures are computed from it';
COMMENT ON COLUMN sfn.secret.token_hash IS 'SHA-256 of the session token that has to come with it; null: none';
REVOKE ALL ON sfn.secret FROM PUBLIC;

CREATE TABLE sfn.gateway_start (
	role sfn.role NOT NULL,
	invocation_id text COLLATE "C" NOT NULL,
	execution_id bigint NOT NULL,
	start_date timestamptz NOT NULL,
	PRIMARY KEY (role, invocation_id)
);
COMMENT ON TABLE sfn.gateway_start IS 'which execution a call has started that may be repeated; kept for fifteen minutes';
COMMENT ON COLUMN sfn.gateway_start.role IS 'who called';
COMMENT ON COLUMN sfn.gateway_start.invocation_id IS 'what the client calls all attempts of one call';
COMMENT ON COLUMN sfn.gateway_start.execution_id IS 'what the first of them has started';
COMMENT ON COLUMN sfn.gateway_start.start_date IS 'when';

SELECT pg_catalog.pg_extension_config_dump('sfn.access_key', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.secret', $$WHERE pg_catalog.current_setting('sfn.dump_secrets') OPERATOR(pg_catalog.=) 'on'$$);
SELECT pg_catalog.pg_extension_config_dump('sfn.gateway_start', 'WHERE false');
