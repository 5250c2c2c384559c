-- Executions: where they stand, what has happened to them and what will.
-- Enumerations are small integers whose numbers are those of the C headers named beside them, here and in other tables.

CREATE TABLE sfn.execution (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	revision_id bigint NOT NULL,
	starter sfn.role NOT NULL,
	start_date timestamptz NOT NULL,
	stop_date timestamptz,
	redrive_date timestamptz,
	last_event_id bigint NOT NULL DEFAULT 0,
	history_bytes bigint NOT NULL DEFAULT 0,	-- of what was written into sfn.history_chunk and sfn.log_event
	last_branch_id integer NOT NULL DEFAULT 0,
	redrive_count integer NOT NULL DEFAULT 0,
	status smallint NOT NULL DEFAULT 1 /* EXECUTION_RUNNING */,			-- ExecutionStatus, engine/execution.h
	has_branches boolean NOT NULL DEFAULT false,
	has_parent boolean NOT NULL DEFAULT false,	-- rows of sfn.task may wait for its end
	is_deleted boolean NOT NULL DEFAULT false,	-- its state machine is: it ends at its next transition
	is_named boolean NOT NULL DEFAULT false,	-- its name was chosen: it is in the index of names
	name text COLLATE "C" NOT NULL,
	express_id uuid,							-- EXPRESS executions may share a name
	input json NOT NULL,
	image json,									-- the main branch, engine/image.c
	state_input json,
	variables json,
	output json,
	error text,
	cause text,
	trace_header text,
	quarantined_at timestamptz,
	quarantine_reason text,
	version integer,							-- when it was started by the ARN of a version or alias
	alias text COLLATE "C",
	map_run_id bigint,							-- children of a Distributed Map: theirs, their place in it, their number of items
	map_index bigint,
	map_items integer
) WITH (fillfactor = 50, toast_tuple_target = 1024);	-- it grows as it goes on: room on its page keeps updates away from the indexes
COMMENT ON TABLE sfn.execution IS 'one row per execution; its status changes once, image and state_input hold the main branch while it runs';
-- Other names carry the id of their row (aws/generated_name.h).
CREATE UNIQUE INDEX execution_name ON sfn.execution (state_machine_id, name, express_id) NULLS NOT DISTINCT WHERE is_named;
CREATE INDEX execution_machine ON sfn.execution (state_machine_id, start_date, id);
CREATE INDEX execution_map_run ON sfn.execution (map_run_id, map_index) WHERE map_run_id IS NOT NULL;

CREATE TABLE sfn.execution_status (
	state_machine_id bigint NOT NULL,
	map_run_id bigint NOT NULL,					-- 0: it is no child of a Distributed Map
	start_date timestamptz NOT NULL,
	execution_id bigint NOT NULL,
	status smallint NOT NULL,
	PRIMARY KEY (state_machine_id, map_run_id, status, start_date, execution_id)
);
CREATE INDEX execution_status_newest ON sfn.execution_status (status, start_date, execution_id) WHERE map_run_id = 0;	-- lists of all
COMMENT ON TABLE sfn.execution_status IS
	'executions that have waited and run, or ended without success, for lists by status; in sfn.execution the status has no index';

CREATE TABLE sfn.branch (
	execution_id bigint NOT NULL,
	id integer NOT NULL,
	parent_id integer NOT NULL,
	index integer NOT NULL,
	is_finished boolean NOT NULL,
	image json,
	state_input json,
	variables json,
	output json,
	PRIMARY KEY (execution_id, id)
) WITH (fillfactor = 70);
COMMENT ON TABLE sfn.branch IS 'one row per live or unjoined line of states inside a Parallel or inline Map';

CREATE TABLE sfn.history_chunk (
	execution_id bigint NOT NULL,
	first_id bigint NOT NULL,
	last_id bigint NOT NULL,
	events json NOT NULL,						-- an array of events in the shape of GetExecutionHistory
	PRIMARY KEY (execution_id, first_id)
) WITH (toast_tuple_target = 256);
COMMENT ON TABLE sfn.history_chunk IS 'history, one row per execution and turn; the view sfn.history shows single events';
ALTER TABLE sfn.history_chunk ALTER COLUMN events SET STORAGE MAIN;

CREATE TABLE sfn.inbox (
	id bigint GENERATED ALWAYS AS IDENTITY,
	execution_id bigint NOT NULL,
	due timestamptz NOT NULL,
	branch integer NOT NULL DEFAULT 0,
	visit integer NOT NULL DEFAULT 0,
	attempt integer NOT NULL DEFAULT 0,
	kind smallint NOT NULL,						-- EventKind, engine/event.h
	timer smallint NOT NULL DEFAULT 0,			-- TimerKind, engine/event.h
	payload json								-- {"value","error","cause","text",...} as the kind needs
);
COMMENT ON TABLE sfn.inbox IS 'everything that will happen to an execution; deleted when an executor has delivered it';
CREATE UNIQUE INDEX inbox_due ON sfn.inbox (due, id);	-- the order of claims: many rows may be due at one moment
-- Tasks that want a turn of their own: few, and looked for often.  A start has no payload, so it need not look at this.
CREATE INDEX inbox_alone ON sfn.inbox (due, id) WHERE kind = 13 /* EVENT_RUN_TASK_ALONE */ AND payload IS NOT NULL;
CREATE INDEX inbox_execution ON sfn.inbox (execution_id);
-- At most one redrive waits of what callers redrive; those of a map run's children have no payload.
CREATE UNIQUE INDEX inbox_redrive ON sfn.inbox (execution_id) WHERE kind = 12 /* EVENT_REDRIVE */ AND payload IS NOT NULL;
ALTER TABLE sfn.inbox REPLICA IDENTITY USING INDEX inbox_due;

CREATE TABLE sfn.redrive_token (
	execution_id bigint NOT NULL,
	token text COLLATE "C" NOT NULL,
	redrive_date timestamptz NOT NULL,
	PRIMARY KEY (execution_id, token)
);
COMMENT ON TABLE sfn.redrive_token IS 'client tokens of redrives: the same one again within a quarter of an hour is the same redrive';

DO $$
BEGIN
	-- lz4 is several times faster than pglz where the server was built with it
	IF EXISTS (SELECT FROM pg_catalog.pg_settings
			   WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression' AND 'lz4' OPERATOR(pg_catalog.=) ANY (enumvals)) THEN
		ALTER TABLE sfn.history_chunk ALTER COLUMN events SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN input SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN state_input SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN variables SET COMPRESSION lz4;
		ALTER TABLE sfn.execution ALTER COLUMN output SET COMPRESSION lz4;
	END IF;
END
$$;

SELECT pg_catalog.pg_extension_config_dump('sfn.execution', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.execution_status', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.branch', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.history_chunk', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.inbox', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.execution_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.inbox_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.redrive_token', '');
