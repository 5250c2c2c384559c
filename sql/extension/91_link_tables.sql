-- Links by which somebody without a key may do one thing.

CREATE TABLE sfn.link (
	link_id text COLLATE "C" PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('approve', 'start', 'graph')),
	role sfn.role NOT NULL,						-- who made it: whatever it does is done by that role
	target text NOT NULL,						-- a task's token; the ARN of a state machine or an execution
	secret_hash text NOT NULL,
	description text,
	uses_left integer CHECK (uses_left >= 0),	-- null: any number
	creation_date timestamptz NOT NULL,
	expiration_date timestamptz
);
COMMENT ON TABLE sfn.link IS 'links by which somebody without a key may do one thing over HTTP; closed to everybody, since it has tokens';
COMMENT ON COLUMN sfn.link.link_id IS 'what a URL names it by';
COMMENT ON COLUMN sfn.link.kind IS 'approve, start or graph';
COMMENT ON COLUMN sfn.link.role IS 'who made it: what it does is done by that role';
COMMENT ON COLUMN sfn.link.target IS 'the token of the task that it answers, or the ARN of what it starts or shows';
COMMENT ON COLUMN sfn.link.secret_hash IS 'SHA-256 of the secret in the URL, in hexadecimal';
COMMENT ON COLUMN sfn.link.description IS 'what its page says';
COMMENT ON COLUMN sfn.link.uses_left IS 'how often it does something yet; null: any number';
COMMENT ON COLUMN sfn.link.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.link.expiration_date IS 'from when on it does nothing; null: never';
REVOKE ALL ON sfn.link FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sfn.link', '');
