-- Limits for what the executions of a role's state machines may take.

CREATE TABLE sfn.quota (
	role regrole PRIMARY KEY,
	open_executions bigint CHECK (open_executions >= 0),
	payload_bytes bigint CHECK (payload_bytes >= 0)
);
COMMENT ON TABLE sfn.quota IS 'limits for open executions, by the role of their state machine';

SELECT pg_catalog.pg_extension_config_dump('sfn.quota', '');
