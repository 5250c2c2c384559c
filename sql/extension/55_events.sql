-- Event patterns, inputs of targets, and expressions for times.

CREATE FUNCTION sfn.test_event_pattern(event json, pattern json) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_event_pattern';
COMMENT ON FUNCTION sfn.test_event_pattern(json, json) IS 'whether an event matches an event pattern of EventBridge';

CREATE FUNCTION sfn.test_event_input(event json, input_path text DEFAULT NULL, input_transformer json DEFAULT NULL) RETURNS json
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_event_input';
COMMENT ON FUNCTION sfn.test_event_input(json, text, json) IS
	'what a target of a rule is given of an event by an InputPath or an input transformer';

CREATE FUNCTION sfn.next_times(
	expression text, timezone text DEFAULT 'UTC', count integer DEFAULT 5, after timestamptz DEFAULT pg_catalog.now())
	RETURNS SETOF timestamptz
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'sfn_next_times';
COMMENT ON FUNCTION sfn.next_times(text, text, integer, timestamptz) IS
	'when rate(), cron(), pg_cron''s five fields or at() are due next in a time zone';

CREATE FUNCTION sfn.parse_schedule(expression text, OUT kind text, OUT expression_read text)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_parse_schedule';
COMMENT ON FUNCTION sfn.parse_schedule(text) IS 'which kind of expression for times it is, and how it is usually written';
