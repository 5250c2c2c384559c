-- Which database this is.

CREATE TABLE sfn.instance (
	is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	instance_id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
	adopted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sfn.instance IS 'the database these executions belong to; a copy elsewhere is recognised by it and stays paused until sfn.adopt()';

SELECT pg_catalog.pg_extension_config_dump('sfn.instance', '');
