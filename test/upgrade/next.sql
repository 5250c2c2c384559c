-- What the made-up next version adds to this one: as its update script, and at the end of its install script.
ALTER TABLE sfn.tag ADD COLUMN rehearsed boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN sfn.tag.rehearsed IS 'made by an update';
ALTER TABLE sfn.execution ADD COLUMN rehearsed integer;
CREATE TABLE sfn.rehearsal (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
COMMENT ON TABLE sfn.rehearsal IS 'made by an update';
SELECT pg_catalog.pg_extension_config_dump('sfn.rehearsal', '');
CREATE FUNCTION sfn.rehearsal_arn(name text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_state_machine_arn';
COMMENT ON FUNCTION sfn.rehearsal_arn(text) IS 'made by an update';
REVOKE ALL ON FUNCTION sfn.rehearsal_arn(text) FROM PUBLIC;
