-- The event of an execution: sfn.execution_event().
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET sfn.test_now = '2026-01-01 00:00:00.25+00';
SELECT sfn.create_state_machine('evented', '{"StartAt": "Which", "States": {"Which": {"Type": "Choice", "Default": "Wait", "Choices": [
	{"Variable": "$.kind", "StringEquals": "fail", "Next": "Fail"}]},
	"Wait": {"Type": "Wait", "Seconds": 10, "End": true}, "Fail": {"Type": "Fail", "Error": "Sorry", "Cause": "no"}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('evented', '{"kind": "wait"}', 'w') IS NOT NULL AS started, sfn.start_execution('evented', '{"kind": "fail"}', 'f') IS NOT NULL AS started;
SELECT sfn.run_once() IS NOT NULL AS ran;
\pset format unaligned
SELECT regexp_replace(sfn.execution_event('arn:aws:states:us-east-1:000000000000:execution:evented:' || name)::text, '"id":"[-0-9a-f]{36}"', '"id":"..."')
FROM unnest(ARRAY['w', 'f']) AS name;
SET sfn.test_now = '2026-01-01 00:00:10.25+00';
SELECT sfn.run_until_idle() IS NOT NULL AS ran;
SELECT sfn.execution_event(execution_arn) -> 'detail' AS detail FROM sfn.executions WHERE name = 'w' AND execution_arn LIKE '%:evented:%';
\pset format aligned
-- the same change has the same id; a pattern finds executions
SELECT count(DISTINCT sfn.execution_event(execution_arn) ->> 'id') AS ids FROM sfn.executions, generate_series(1, 3) WHERE execution_arn LIKE '%:evented:%';
SELECT name FROM sfn.executions
WHERE execution_arn LIKE '%:evented:%' AND sfn.test_event_pattern(sfn.execution_event(execution_arn), '{"detail": {"status": ["FAILED"], "error": [{"prefix": "S"}]}}');
-- EXPRESS; what there is not
SELECT sfn.create_state_machine('evented_express', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', type => 'EXPRESS') IS NOT NULL AS made;
SELECT sfn.start_execution('evented_express', '{}', 'e') IS NOT NULL AS started;
SELECT sfn.run_until_idle() IS NOT NULL AS ran;
SELECT count(*) FROM sfn.executions WHERE execution_arn LIKE '%:express:evented_express:%';
SELECT sfn.execution_event('arn:aws:states:us-east-1:000000000000:express:evented_express:e:61f604a5-ac61-49b0-85d3-0a3d48cdb637');
SELECT sfn.execution_event('arn:aws:states:us-east-1:000000000000:execution:evented:nobody');
SELECT sfn.execution_event(NULL);
SELECT sfn.delete_state_machine('evented'), sfn.delete_state_machine('evented_express');
