-- Log events: what CloudWatch Logs is on AWS.

CREATE TABLE sfn.log_event (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	execution_name text COLLATE "C" NOT NULL,	-- as in sfn.execution; synchronous executions have no row there
	redrive_count integer NOT NULL,
	first_id bigint NOT NULL,					-- of the events, for their order
	log_date timestamptz NOT NULL,
	events json NOT NULL,						-- an array of events in the shape of GetExecutionHistory
	unsent_from integer							-- of these, how many its log group has, while it has not all; null: nothing is to be sent
) WITH (toast_tuple_target = 256);
COMMENT ON TABLE sfn.log_event IS 'log events, several in a row; the view sfn.log_events shows single ones';
ALTER TABLE sfn.log_event ALTER COLUMN events SET STORAGE MAIN;
CREATE INDEX log_event_date ON sfn.log_event (log_date);
CREATE INDEX log_event_unsent ON sfn.log_event (state_machine_id, id) WHERE unsent_from IS NOT NULL;

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_catalog.pg_settings
			   WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression' AND 'lz4' OPERATOR(pg_catalog.=) ANY (enumvals)) THEN
		ALTER TABLE sfn.log_event ALTER COLUMN events SET COMPRESSION lz4;
	END IF;
END
$$;

CREATE TABLE sfn.log_delivery (
	state_machine_id bigint PRIMARY KEY,
	log_group text COLLATE "C",					-- its ARN, where the stream is
	stream text COLLATE "C",					-- null: it is to be made
	events bigint NOT NULL DEFAULT 0,
	last_sent timestamptz,
	failures integer NOT NULL DEFAULT 0,		-- in a row
	last_error text,							-- null: the last call has succeeded
	last_error_date timestamptz,
	next_attempt timestamptz NOT NULL,
	sender integer								-- the process that sends just now
);
COMMENT ON TABLE sfn.log_delivery IS 'how far the log events of state machines are sent to their log groups';

SELECT pg_catalog.pg_extension_config_dump('sfn.log_delivery', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.log_event', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.log_event_id_seq', '');
