-- What workers do now: views of workers and of tasks are made of it.  It reads shared memory only.

CREATE FUNCTION sfn_internal.worker_status(
	OUT pid integer, OUT database text, OUT worker text, OUT state text, OUT execution_id bigint, OUT since timestamptz,
	OUT sleeps_until timestamptz, OUT turns bigint, OUT executions bigint, OUT busy_microseconds bigint, OUT wakeups bigint,
	OUT reason text, OUT reason_since timestamptz, OUT task text, OUT task_branch integer, OUT task_visit integer, OUT task_since timestamptz) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_worker_status';
COMMENT ON FUNCTION sfn_internal.worker_status() IS 'the workers as shared memory knows them; sfn.workers shows it';
