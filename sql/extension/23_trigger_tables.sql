-- Triggers that start executions.

CREATE TABLE sfn.change_trigger (
	trigger_id oid PRIMARY KEY,
	table_id oid NOT NULL,
	creator regrole NOT NULL
);
COMMENT ON TABLE sfn.change_trigger IS 'who made a trigger that starts executions, or has allowed it since';

-- A restored trigger has another number, so its note would be another's.
SELECT pg_catalog.pg_extension_config_dump('sfn.change_trigger', 'WHERE false');
