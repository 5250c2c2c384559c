-- The log events of all executions.

CREATE VIEW sfn.log_events WITH (security_barrier) AS
SELECT sfn.execution_arn(m.name, l.execution_name) AS execution_arn, sfn.state_machine_arn(m.name) AS state_machine_arn,
	v.event OPERATOR(pg_catalog.->>) 'id' AS id, v.event OPERATOR(pg_catalog.->>) 'type' AS type,
	coalesce(sfn_internal.shown_details(
		(SELECT d.value FROM pg_catalog.json_each(v.event) d WHERE d.key OPERATOR(pg_catalog.~~) '%EventDetails'),
		sfn_internal.may_read_data(coalesce(m.map_of, m.id), m.role::oid)), '{}') AS details,
	v.event OPERATOR(pg_catalog.->>) 'previousEventId' AS previous_event_id,
	pg_catalog.replace(v.event OPERATOR(pg_catalog.->>) 'timestamp', '.', '') AS event_timestamp,
	l.redrive_count::text AS redrive_count,
	pg_catalog.to_timestamp((v.event OPERATOR(pg_catalog.->>) 'timestamp')::double precision) AS "timestamp",
	l.log_date
FROM sfn.log_event l
	JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) l.state_machine_id,
	LATERAL pg_catalog.json_array_elements(l.events) v(event)
WHERE sfn_internal.may_see(coalesce(m.map_of, m.id), m.role::oid);
COMMENT ON VIEW sfn.log_events IS
	'the log events of state machines with a logging configuration, EXPRESS and STANDARD, as CloudWatch Logs gets them from AWS';
COMMENT ON COLUMN sfn.log_events.execution_arn IS 'of the execution';
COMMENT ON COLUMN sfn.log_events.state_machine_arn IS 'of its state machine';
COMMENT ON COLUMN sfn.log_events.type IS 'of the event, as in the history';
COMMENT ON COLUMN sfn.log_events.redrive_count IS 'of the execution when the event was written';
COMMENT ON COLUMN sfn.log_events.id IS 'the event''s number in its execution, as text; numbers of events below the level are missing';
COMMENT ON COLUMN sfn.log_events.details IS 'the ...EventDetails of AWS, without inputs and outputs unless includeExecutionData is true and one has the privilege read_data';
COMMENT ON COLUMN sfn.log_events.previous_event_id IS 'the event that led to this one, as text; 0: the start';
COMMENT ON COLUMN sfn.log_events.event_timestamp IS 'milliseconds since 1970, as text';
COMMENT ON COLUMN sfn.log_events."timestamp" IS 'the same as a timestamp';
COMMENT ON COLUMN sfn.log_events.log_date IS 'when the events were written: the end of a synchronous execution, else of a turn; there is an index on it';
GRANT SELECT ON sfn.log_events TO PUBLIC;

-- The log groups of CloudWatch Logs that they are sent to.

CREATE VIEW sfn.log_destinations WITH (security_barrier) AS
SELECT sfn.state_machine_arn(m.name) AS state_machine_arn, g.log_group, CASE WHEN d.log_group OPERATOR(pg_catalog.=) g.log_group THEN d.stream END AS log_stream,
	coalesce(d.events, 0) AS events,
	(SELECT coalesce(pg_catalog.sum(pg_catalog.json_array_length(l.events) OPERATOR(pg_catalog.-) l.unsent_from), 0)::bigint FROM sfn.log_event l
		WHERE l.state_machine_id OPERATOR(pg_catalog.=) m.id AND l.unsent_from IS NOT NULL) AS unsent,
	d.last_sent, d.last_error, d.last_error_date, CASE WHEN d.last_error IS NOT NULL AND d.sender IS NULL THEN d.next_attempt END AS paused_until
FROM sfn.state_machine m
	JOIN sfn.state_machine_revision r ON r.id OPERATOR(pg_catalog.=) m.revision_id
	LEFT JOIN sfn.log_delivery d ON d.state_machine_id OPERATOR(pg_catalog.=) m.id,
	LATERAL (SELECT r.logging OPERATOR(pg_catalog.#>>) '{destinations,0,cloudWatchLogsLogGroup,logGroupArn}' AS log_group) g
WHERE g.log_group IS NOT NULL AND m.status OPERATOR(pg_catalog.<>) 'DELETED'
	AND sfn_internal.may_see(coalesce(m.map_of, m.id), m.role::oid);
COMMENT ON VIEW sfn.log_destinations IS 'log groups of CloudWatch Logs that the logging configurations of state machines name, and how far the log events are sent there';
COMMENT ON COLUMN sfn.log_destinations.state_machine_arn IS 'of the state machine';
COMMENT ON COLUMN sfn.log_destinations.log_group IS 'the ARN of the log group';
COMMENT ON COLUMN sfn.log_destinations.log_stream IS 'the stream in it; null: there is none yet';
COMMENT ON COLUMN sfn.log_destinations.events IS 'how many log events CloudWatch Logs has taken';
COMMENT ON COLUMN sfn.log_destinations.unsent IS 'how many are yet to be sent';
COMMENT ON COLUMN sfn.log_destinations.last_sent IS 'when the last ones were taken';
COMMENT ON COLUMN sfn.log_destinations.last_error IS 'why the last call has failed, or what it did not take; null: it took all';
COMMENT ON COLUMN sfn.log_destinations.last_error_date IS 'when one failed last';
COMMENT ON COLUMN sfn.log_destinations.paused_until IS 'when it is tried again after that; null: it does not pause';
GRANT SELECT ON sfn.log_destinations TO PUBLIC;
