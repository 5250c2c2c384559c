-- Jobs of AWS services that tasks with .sync wait for.

CREATE TABLE sfn.job (
	task_id bigint PRIMARY KEY,					-- of sfn.task; when that is gone, the job is to be cancelled
	resource text COLLATE "C" NOT NULL,			-- what started it, as core/aws/jobs.c has it
	scope bigint NOT NULL,						-- those of one can be asked for in one call
	remote_id text COLLATE "C" NOT NULL,		-- what the service calls it
	kept json NOT NULL,							-- what else the service wants to know of it
	role sfn.role NOT NULL,						-- the state machine's
	role_arn text,								-- as credentials list it
	task_role text,								-- the one that the task's Credentials name
	started timestamptz NOT NULL,
	next_poll timestamptz NOT NULL,
	polled_by integer,							-- the process that asks just now
	polls integer NOT NULL DEFAULT 0,
	missing integer NOT NULL DEFAULT 0,			-- how often in a row the service knew nothing of it
	failing_since timestamptz,					-- since when no poll has told anything
	last_error text,
	cancels integer NOT NULL DEFAULT 0,			-- how often it was tried in vain
	events integer NOT NULL DEFAULT 0,			-- how many have named it
	is_woken boolean NOT NULL DEFAULT false		-- one of them since it was last asked for
);
COMMENT ON TABLE sfn.job IS 'one row per job of an AWS service that a task with .sync waits for, or that is to be cancelled';
CREATE INDEX job_due ON sfn.job (resource, scope, next_poll);
CREATE INDEX job_remote ON sfn.job (remote_id);
REVOKE ALL ON sfn.job FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sfn.job', '');
