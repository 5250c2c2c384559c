-- Events of executions, event patterns, inputs of targets, and expressions for times; archives of events.

CREATE FUNCTION sfn.test_event_pattern(event json, pattern json) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_event_pattern';
COMMENT ON FUNCTION sfn.test_event_pattern(json, json) IS 'whether an event matches an event pattern of EventBridge';

CREATE FUNCTION sfn.test_event_input(event json, input_path text DEFAULT NULL, input_transformer json DEFAULT NULL) RETURNS json
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_event_input';
COMMENT ON FUNCTION sfn.test_event_input(json, text, json) IS
	'what a target of a rule is given of an event by an InputPath or an input transformer';

CREATE FUNCTION sfn.execution_event(execution text) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_execution_event';
COMMENT ON FUNCTION sfn.execution_event(text) IS
	'the event "Step Functions Execution Status Change" of an execution as it stands now';

CREATE FUNCTION sfn.next_times(
	expression text, timezone text DEFAULT 'UTC', count integer DEFAULT 5, after timestamptz DEFAULT pg_catalog.now())
	RETURNS SETOF timestamptz
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'sfn_next_times';
COMMENT ON FUNCTION sfn.next_times(text, text, integer, timestamptz) IS
	'when rate(), cron(), pg_cron''s five fields or at() are due next in a time zone';

CREATE FUNCTION sfn.parse_schedule(expression text, OUT kind text, OUT expression_read text)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_parse_schedule';
COMMENT ON FUNCTION sfn.parse_schedule(text) IS 'which kind of expression for times it is, and how it is usually written';

-- Archives of events, and replays.

CREATE FUNCTION sfn.create_archive(name text, pattern json DEFAULT NULL, bus text DEFAULT 'default', retention interval DEFAULT NULL,
		description text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_archive';
COMMENT ON FUNCTION sfn.create_archive(text, json, text, interval, text) IS
	'makes an archive, which keeps the events of a bus that match a pattern; its ARN';

CREATE FUNCTION sfn.update_archive(name text, pattern json DEFAULT NULL, retention interval DEFAULT NULL, description text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_archive';
COMMENT ON FUNCTION sfn.update_archive(text, json, interval, text) IS 'changes an archive; what is null stays, a retention of 0 is for ever';

CREATE FUNCTION sfn.drop_archive(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_archive';
COMMENT ON FUNCTION sfn.drop_archive(text) IS 'deletes an archive with its events and their replays';

CREATE FUNCTION sfn.start_replay(name text, archive text, "from" timestamptz, "to" timestamptz DEFAULT pg_catalog.now(),
		rules text[] DEFAULT NULL, description text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_start_replay';
COMMENT ON FUNCTION sfn.start_replay(text, text, timestamptz, timestamptz, text[], text) IS
	'puts the events of an archive on its bus again, in their order, for all rules or those named; the ARN of the replay';

CREATE FUNCTION sfn.cancel_replay(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_cancel_replay';
COMMENT ON FUNCTION sfn.cancel_replay(text) IS 'ends a replay; what it has put stays put';

CREATE VIEW sfn.event_archives WITH (security_barrier) AS
	SELECT a.name, coalesce(b.name, 'default') AS bus, a.owner::pg_catalog.regrole AS owner, a.pattern, a.retention, a.description, a.creation_date,
		(SELECT coalesce(pg_catalog.sum(c.events), 0)::bigint FROM sfn.archive_count c WHERE c.archive_id OPERATOR(pg_catalog.=) a.id) AS events
	FROM sfn.event_archive a LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) a.bus_id
	WHERE pg_catalog.pg_has_role(a.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_archives IS 'archives of roles that the reader is a member of';
COMMENT ON COLUMN sfn.event_archives.name IS 'its name';
COMMENT ON COLUMN sfn.event_archives.bus IS 'name of the bus whose events it keeps';
COMMENT ON COLUMN sfn.event_archives.owner IS 'the role it belongs to: it keeps the events that this role may see';
COMMENT ON COLUMN sfn.event_archives.pattern IS 'which events are kept; null: all';
COMMENT ON COLUMN sfn.event_archives.retention IS 'how long; null: for ever';
COMMENT ON COLUMN sfn.event_archives.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_archives.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.event_archives.events IS 'how many it has';
GRANT SELECT ON sfn.event_archives TO PUBLIC;

CREATE VIEW sfn.archived_events WITH (security_barrier) AS
	SELECT a.name AS archive, e."time", e.event
	FROM sfn.event_archive a JOIN sfn.archived_event e ON e.archive_id OPERATOR(pg_catalog.=) a.id
	WHERE pg_catalog.pg_has_role(a.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.archived_events IS 'events in archives of roles that the reader is a member of';
COMMENT ON COLUMN sfn.archived_events.archive IS 'name of the archive';
COMMENT ON COLUMN sfn.archived_events."time" IS 'when it happened, as the event says';
COMMENT ON COLUMN sfn.archived_events.event IS 'the event';
GRANT SELECT ON sfn.archived_events TO PUBLIC;

CREATE VIEW sfn.event_replays WITH (security_barrier) AS
	SELECT p.name, a.name AS archive, p.start_time AS "from", p.end_time AS "to", p.rules, p.state, p.state_reason, p.replayed, p.last_time, p.description,
		p.creation_date, p.end_date
	FROM sfn.event_replay p JOIN sfn.event_archive a ON a.id OPERATOR(pg_catalog.=) p.archive_id
	WHERE pg_catalog.pg_has_role(a.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_replays IS 'replays of archives of roles that the reader is a member of; kept for 90 days';
COMMENT ON COLUMN sfn.event_replays.name IS 'its name, which the events bear as replay-name';
COMMENT ON COLUMN sfn.event_replays.archive IS 'name of the archive';
COMMENT ON COLUMN sfn.event_replays."from" IS 'events from this moment on are put again';
COMMENT ON COLUMN sfn.event_replays."to" IS '... up to this one';
COMMENT ON COLUMN sfn.event_replays.rules IS 'ARNs of the rules that get them; null: all';
COMMENT ON COLUMN sfn.event_replays.state IS 'STARTING, RUNNING, COMPLETED, CANCELLED or FAILED';
COMMENT ON COLUMN sfn.event_replays.state_reason IS 'why it failed';
COMMENT ON COLUMN sfn.event_replays.replayed IS 'how many events it has put';
COMMENT ON COLUMN sfn.event_replays.last_time IS 'the time of the last of them';
COMMENT ON COLUMN sfn.event_replays.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_replays.creation_date IS 'when it was started';
COMMENT ON COLUMN sfn.event_replays.end_date IS 'when it ended';
GRANT SELECT ON sfn.event_replays TO PUBLIC;
