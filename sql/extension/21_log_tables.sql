-- Log events: what CloudWatch Logs is on AWS.

CREATE TABLE sfn.log_event (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	execution_name text COLLATE "C" NOT NULL,	-- as in sfn.execution; synchronous executions have no row there
	redrive_count integer NOT NULL,
	first_id bigint NOT NULL,					-- of the events, for their order
	log_date timestamptz NOT NULL,
	events json NOT NULL						-- an array of events in the shape of GetExecutionHistory
) WITH (toast_tuple_target = 256);
COMMENT ON TABLE sfn.log_event IS 'log events, several in a row; the view sfn.log_events shows single ones';
ALTER TABLE sfn.log_event ALTER COLUMN events SET STORAGE MAIN;
CREATE INDEX log_event_date ON sfn.log_event (log_date);

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_catalog.pg_settings
			   WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression' AND 'lz4' OPERATOR(pg_catalog.=) ANY (enumvals)) THEN
		ALTER TABLE sfn.log_event ALTER COLUMN events SET COMPRESSION lz4;
	END IF;
END
$$;

SELECT pg_catalog.pg_extension_config_dump('sfn.log_event', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.log_event_id_seq', '');
