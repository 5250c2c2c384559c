-- Access keys of the gateway.  The front has them, not the shards: a key is of a role of the front, which is known on all shards.

CREATE TABLE sfn_proxy.access_key (
	access_key_id text COLLATE "C" PRIMARY KEY,
	role regrole NOT NULL,
	actions text[],
	status text NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Inactive')),
	description text,
	creation_date timestamptz NOT NULL DEFAULT pg_catalog.now(),
	expiration_date timestamptz,
	last_used timestamptz
);
COMMENT ON TABLE sfn_proxy.access_key IS 'access keys of the gateway: who signs with one calls as its role';
COMMENT ON COLUMN sfn_proxy.access_key.access_key_id IS 'what a request names it by; AKIA..., with an expiration ASIA..., or as it was given';
COMMENT ON COLUMN sfn_proxy.access_key.role IS 'whom calls are made by; one that was dropped makes none';
COMMENT ON COLUMN sfn_proxy.access_key.actions IS 'which actions it is good for, patterns such as states:Describe*; null: all';
COMMENT ON COLUMN sfn_proxy.access_key.status IS 'Active or Inactive';
COMMENT ON COLUMN sfn_proxy.access_key.description IS 'what it is for';
COMMENT ON COLUMN sfn_proxy.access_key.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn_proxy.access_key.expiration_date IS 'from when on it is refused; null: never';
COMMENT ON COLUMN sfn_proxy.access_key.last_used IS 'when a request with it was last accepted, to the hour';

-- Apart from what they belong to, so that a dump can have the one without the other.
CREATE TABLE sfn_proxy.secret (
	access_key_id text COLLATE "C" PRIMARY KEY,
	secret text NOT NULL,
	token_hash text
);
COMMENT ON TABLE sfn_proxy.secret IS 'secrets of access keys; nobody reads this table but the extension, and a dump has it only with sfn.dump_secrets = on';
COMMENT ON COLUMN sfn_proxy.secret.access_key_id IS 'whose it is';
COMMENT ON COLUMN sfn_proxy.secret.secret IS 'as it is, since signatures are computed from it';
COMMENT ON COLUMN sfn_proxy.secret.token_hash IS 'SHA-256 of the session token that has to come with it, in hexadecimal; null: none';

SELECT pg_catalog.pg_extension_config_dump('sfn_proxy.access_key', '');
SELECT pg_catalog.pg_extension_config_dump('sfn_proxy.secret', $$WHERE pg_catalog.current_setting('sfn.dump_secrets', true) OPERATOR(pg_catalog.=) 'on'$$);
