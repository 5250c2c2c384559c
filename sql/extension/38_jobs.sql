-- Jobs of AWS services: what is waited for.

CREATE VIEW sfn.jobs WITH (security_barrier) AS
	SELECT sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn, j.resource, j.remote_id, j.started, j.polls,
		CASE WHEN j.polled_by IS NULL THEN j.next_poll END AS next_poll,
		CASE WHEN j.polled_by IS NULL
			THEN greatest(pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) j.next_poll, '0'::interval) END AS late,
		j.last_error, j.events
	FROM sfn.job j JOIN sfn.task t ON t.id OPERATOR(pg_catalog.=) j.task_id
	JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) t.execution_id
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
	WHERE sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter);
COMMENT ON VIEW sfn.jobs IS 'jobs of AWS services that tasks with .sync wait for';
COMMENT ON COLUMN sfn.jobs.execution_arn IS 'whose task waits for it';
COMMENT ON COLUMN sfn.jobs.resource IS 'the service and the action that started it';
COMMENT ON COLUMN sfn.jobs.remote_id IS 'what the service calls it';
COMMENT ON COLUMN sfn.jobs.started IS 'when it was started';
COMMENT ON COLUMN sfn.jobs.polls IS 'how often the service was asked for it';
COMMENT ON COLUMN sfn.jobs.next_poll IS 'when it is asked again; null: just now';
COMMENT ON COLUMN sfn.jobs.late IS 'how long that has been due: the rate of calls (sfn.job_poll_rate) does not suffice';
COMMENT ON COLUMN sfn.jobs.last_error IS 'what the last poll ended with, when it told nothing';
COMMENT ON COLUMN sfn.jobs.events IS 'how many events of sfn.create_job_events() have named it';
GRANT SELECT ON sfn.jobs TO PUBLIC;
