-- Limits for what executions that run as a role may take.

CREATE TABLE sfn.quota (
	role regrole PRIMARY KEY,
	open_executions bigint CHECK (open_executions >= 0),
	payload_bytes bigint CHECK (payload_bytes >= 0),
	stored_bytes bigint CHECK (stored_bytes >= 0),
	starts_per_second bigint CHECK (starts_per_second BETWEEN 0 AND 1000000),
	http_per_second bigint CHECK (http_per_second BETWEEN 0 AND 1000000)
);
COMMENT ON TABLE sfn.quota IS 'limits for what executions take, by the role that they run as';

SELECT pg_catalog.pg_extension_config_dump('sfn.quota', '');
