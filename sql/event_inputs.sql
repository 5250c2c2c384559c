-- What a target of a rule is given of an event: sfn.test_event_input().
\set SHOW_CONTEXT never
SET sfn.test_now = '2026-01-01 00:00:00.5+00';
\set event '{"version": "0", "detail-type": "Step Functions Execution Status Change", "source": "aws.states", "resources": ["r1"], "detail": {"name": "order-7", "status": "FAILED", "cause": "said \\"no\\"", "count": 1.0}}'

SELECT sfn.test_event_input(:'event');
SELECT path, sfn.test_event_input(:'event', path) AS input FROM unnest(ARRAY['$.detail', '$.detail.name', '$.resources[0]', '$.nothing']) AS path;
SELECT template, sfn.test_event_input(:'event', input_transformer => json_build_object(
	'InputPathsMap', json_build_object('name', '$.detail.name', 'cause', '$.detail.cause', 'all', '$.detail', 'n', '$.detail.count', 'none', '$.nothing'),
	'InputTemplate', template)) AS input
FROM unnest(ARRAY['"<name> failed: <cause>"', '{"name": <name>, "cause": <cause>, "n": <n>}', '{"all": <all>, "text": "<all>"}', '[<none>, "<none>"]',
	'{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>", "at": <aws.events.event.ingestion-time>}', '<aws.events.event>']) AS template;
SELECT sfn.test_event_input(NULL) IS NULL AS no_event;

SELECT sfn.test_event_input(:'event', '$.detail', '{"InputTemplate": "1"}');
\echo :SQLSTATE
SELECT sfn.test_event_input(:'event', 'detail');
SELECT sfn.test_event_input(:'event', input_transformer => '{"InputTemplate": "{\"a\": <b>}"}');
SELECT sfn.test_event_input(:'event', input_transformer => '{"InputPathsMap": {"b": "$.detail"}, "InputTemplate": "b is <b>"}');
SELECT sfn.test_event_input(:'event', input_transformer => '{"InputPathsMap": {"aws.x": "$.detail"}, "InputTemplate": "1"}');
-- a small template makes no more of a large event than an execution may be given
SELECT sfn.test_event_input(json_build_object('detail', repeat('x', 200000)), input_transformer => '{"InputTemplate": "[<aws.events.event.json>, <aws.events.event.json>]"}');
SELECT sfn.test_event_input('[]');
SELECT sfn.test_event_input('{"a": "\u0000"}');
SELECT sfn.test_event_input('{}', input_transformer => '{"InputTemplate": "\u0000"}');
