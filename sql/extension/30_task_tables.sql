-- Tasks that wait for somebody outside: a worker, an answer, a response, another execution.

CREATE TABLE sfn.task (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	execution_id bigint NOT NULL,
	branch integer NOT NULL,
	visit integer NOT NULL,
	attempt integer NOT NULL,
	kind smallint NOT NULL,						-- TaskKind, store/tasks.h
	state smallint NOT NULL,					-- TaskRowState, store/tasks.h; whether an HTTP request is in flight says taken_at
	activity_id bigint,
	child_execution_id bigint,
	role sfn.role NOT NULL,						-- the state machine's
	timeout_seconds bigint NOT NULL DEFAULT 0,	-- 0: none
	heartbeat_seconds bigint NOT NULL DEFAULT 0,
	created timestamptz NOT NULL,
	taken_at timestamptz,
	taken_by integer,							-- an HTTP request: the process that sends it
	worker_name text,
	token text COLLATE "C",
	resource text NOT NULL,						-- as the definition has it
	parameters json,
	host text COLLATE "C"						-- of an HTTP request: requests share the pump by host
) WITH (fillfactor = 45);	-- a request is taken soon, by an update for which there is room on its page
COMMENT ON TABLE sfn.task IS 'one row per task that waits for a worker, an answer or another execution; deleted with its answer';
-- In the order of created, which no other index has: a queue is not to be looked for among all tasks in the order of their ids.
CREATE INDEX task_to_be_taken ON sfn.task (activity_id, created, id) WHERE kind = 2 /* TASK_ACTIVITY */ AND state = 1 /* TASK_TO_BE_TAKEN */;
CREATE INDEX task_execution ON sfn.task (execution_id, branch);
CREATE INDEX task_child ON sfn.task (child_execution_id) WHERE child_execution_id IS NOT NULL;
CREATE UNIQUE INDEX task_token ON sfn.task (token) WHERE token IS NOT NULL;
CREATE INDEX task_request ON sfn.task (id) WHERE kind = 1 /* TASK_HTTP */;

SELECT pg_catalog.pg_extension_config_dump('sfn.task', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.task_id_seq', '');
