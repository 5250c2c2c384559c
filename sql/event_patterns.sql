-- Event patterns: sfn.test_event_pattern() and the action TestEventPattern.  The language itself: test/cases/event_patterns.jsonl.
\set SHOW_CONTEXT never
\set event '{"version": "0", "id": "e1", "detail-type": "Step Functions Execution Status Change", "source": "aws.states", "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": ["arn:aws:states:us-east-1:000000000000:execution:order:1"], "detail": {"status": "FAILED", "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:order", "redriveCount": 2}}'

SELECT pattern, sfn.test_event_pattern(:'event', pattern::json) AS matches
FROM unnest(ARRAY[
	'{"source": ["aws.states"]}',
	'{"source": ["aws.states"], "detail": {"status": ["FAILED", "TIMED_OUT"]}}',
	'{"detail": {"stateMachineArn": [{"suffix": ":stateMachine:order"}]}}',
	'{"detail": {"status": [{"anything-but": "FAILED"}]}}',
	'{"detail": {"redriveCount": [{"numeric": [">", 0, "<=", 2]}]}}',
	'{"resources": [{"wildcard": "*:execution:order:*"}]}',
	'{"detail": {"error": [{"exists": false}]}}',
	'{"detail": {"$or": [{"status": ["ABORTED"]}, {"redriveCount": [{"numeric": [">", 1]}]}]}}']) AS pattern;

-- one call site, many patterns and many events
SELECT count(*) FILTER (WHERE n % 7 = n % 5) AS expected,
	count(*) FILTER (WHERE sfn.test_event_pattern(json_build_object('a', n % 7), json_build_object('a', ARRAY[n % 5]))) AS found
FROM generate_series(1, 100) AS n;
SELECT count(*) FROM generate_series(1, 1000) AS n WHERE sfn.test_event_pattern(json_build_object('n', n), '{"n": [{"numeric": [">", 100, "<=", 200]}]}');
SELECT sfn.test_event_pattern(NULL, '{"a": [1]}') IS NULL AS no_event, sfn.test_event_pattern('{}', NULL) IS NULL AS no_pattern;

-- what is wrong, and where
SELECT sfn.test_event_pattern('{}', '{"detail": {"status": "FAILED"}}');
\echo :SQLSTATE
SELECT sfn.test_event_pattern('{}', '{"detail": {"status": [{"starts-with": "F"}]}}');
SELECT sfn.test_event_pattern('{}', E'{"detail":\n  {"status": [{"numeric": [">", "1"]}]}}');
SELECT sfn.test_event_pattern('{}', '{"a": [{"cidr": "10.0.0.0/33"}]}');
SELECT sfn.test_event_pattern('{}', json_build_object('a', ARRAY[repeat('x', 4096)]));
SELECT sfn.test_event_pattern('[1]', '{"a": [1]}');

-- the same as on AWS
SELECT sfn.events_api('TestEventPattern', json_build_object('EventPattern', '{"source": ["aws.states"]}', 'Event', :'event'));
SELECT sfn.events_api('TestEventPattern', '{"EventPattern": "{\"source\": [\"x\"]}", "Event": "{\"source\": \"y\"}"}');
SELECT sfn.events_api('TestEventPattern', '{"EventPattern": "{\"source\": \"x\"}", "Event": "{}"}');
SELECT sfn.events_api('TestEventPattern', '{"EventPattern": "{\"source\": [\"x\"]}", "Event": "[]"}');
SELECT sfn.events_api('TestEventPattern', '{"EventPattern": "{\"source\": [\"x\"]}"}');
SELECT sfn.events_api('TestEventPatern', '{}');
SELECT sfn.api('TestEventPattern', '{}');
