-- Event patterns.

CREATE FUNCTION sfn.test_event_pattern(event json, pattern json) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_test_event_pattern';
COMMENT ON FUNCTION sfn.test_event_pattern(json, json) IS 'whether an event matches an event pattern of EventBridge';
