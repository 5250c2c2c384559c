-- Map runs: what the children of a Distributed Map have in common.

CREATE TABLE sfn.map_run (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	execution_id bigint NOT NULL,				-- whose Map it is; where it stands there:
	branch integer NOT NULL,
	visit integer NOT NULL,
	attempt integer NOT NULL,
	name text COLLATE "C" NOT NULL UNIQUE,		-- a UUID
	label text COLLATE "C" NOT NULL,
	state_machine_id bigint NOT NULL,			-- what its children run
	revision_id bigint NOT NULL,
	status smallint NOT NULL DEFAULT 1 /* EXECUTION_RUNNING */,			-- ExecutionStatus, engine/execution.h
	start_date timestamptz NOT NULL,
	stop_date timestamptz,
	redrive_count integer NOT NULL DEFAULT 0,
	redrive_date timestamptz,
	max_concurrency bigint NOT NULL,			-- 0: no limit but the engine's
	tolerated_failure_count bigint,				-- null: not given
	tolerated_failure_percentage double precision,
	is_loaded boolean NOT NULL DEFAULT false,	-- all inputs are in sfn.map_run_input
	is_finishing boolean NOT NULL DEFAULT false,	-- its results are to be gathered in a turn of their own
	item_count bigint NOT NULL DEFAULT 0,
	child_count bigint NOT NULL DEFAULT 0,
	started bigint NOT NULL DEFAULT 0,			-- of the children
	succeeded bigint NOT NULL DEFAULT 0,
	failed bigint NOT NULL DEFAULT 0,
	timed_out bigint NOT NULL DEFAULT 0,
	aborted bigint NOT NULL DEFAULT 0,
	pending_redrive bigint NOT NULL DEFAULT 0,
	items_started bigint NOT NULL DEFAULT 0,	-- and of the items in them
	items_succeeded bigint NOT NULL DEFAULT 0,
	items_failed bigint NOT NULL DEFAULT 0,
	items_timed_out bigint NOT NULL DEFAULT 0,
	items_aborted bigint NOT NULL DEFAULT 0,
	items_pending_redrive bigint NOT NULL DEFAULT 0,
	results_written bigint NOT NULL DEFAULT 0,
	plan json NOT NULL,							-- engine/map_run.h, without items
	error text,									-- why it fails, or has failed
	cause text
) WITH (fillfactor = 70);
COMMENT ON TABLE sfn.map_run IS 'one row per run of a Distributed Map; changed only by who holds its execution';
CREATE INDEX map_run_execution ON sfn.map_run (execution_id);

CREATE TABLE sfn.map_run_input (
	map_run_id bigint NOT NULL,
	first_index bigint NOT NULL,
	items integer[],							-- how many items each input has; null: one
	inputs json NOT NULL,						-- an array of the inputs of the children from first_index on
	PRIMARY KEY (map_run_id, first_index)
) WITH (toast_tuple_target = 1024);
COMMENT ON TABLE sfn.map_run_input IS 'inputs of the children of map runs, kept until all of them have succeeded';

SELECT pg_catalog.pg_extension_config_dump('sfn.map_run', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.map_run_input', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.map_run_id_seq', '');
