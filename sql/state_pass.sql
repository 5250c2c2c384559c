-- Pass: input and output processing, Result, variables, intrinsic functions.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

SELECT sfn.create_state_machine('pass_plain', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('pass_result', '{"StartAt": "P", "States": {"P": {"Type": "Pass",
	"Result": {"n": 1.0, "text": "ü"}, "ResultPath": "$.made.here", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('pass_paths', '{"StartAt": "P", "States": {"P": {"Type": "Pass",
	"InputPath": "$.order", "Parameters": {"id.$": "$.id", "fixed": [1, {"deep.$": "$.items[*].sku"}]},
	"ResultPath": "$.summary", "OutputPath": "$.summary", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('pass_discard', '{"StartAt": "P", "States": {"P": {"Type": "Pass",
	"Result": "lost", "ResultPath": null, "Next": "Q"}, "Q": {"Type": "Pass", "InputPath": null, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('pass_intrinsics', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {
	"greeting.$": "States.Format(''Hello, {}!'', $.name)", "sum.$": "States.MathAdd($.a, 2)",
	"parts.$": "States.ArrayPartition($.list, 2)", "hash.$": "States.Hash($.name, ''SHA-256'')"}, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('pass_variables', '{"StartAt": "P", "States": {"P": {"Type": "Pass",
	"Assign": {"kept.$": "$.a", "both": {"x.$": "$.b"}}, "Next": "Q"},
	"Q": {"Type": "Pass", "Parameters": {"from.$": "$kept", "nested.$": "$both.x", "execution.$": "$$.Execution.Name"}, "End": true}}}') IS NOT NULL AS made;

SELECT sfn.start_execution('pass_plain', '{"z": 1, "a": [1.10, 1e2, -0]}', 'plain');
SELECT sfn.start_execution('pass_result', '{"a": 1}', 'result');
SELECT sfn.start_execution('pass_paths', '{"order": {"id": 7, "items": [{"sku": "A"}, {"sku": "B"}]}}', 'paths');
SELECT sfn.start_execution('pass_discard', '{"a": 1}', 'discard');
SELECT sfn.start_execution('pass_intrinsics', '{"name": "World", "a": 40, "list": [1, 2, 3]}', 'intrinsics');
SELECT sfn.start_execution('pass_variables', '{"a": "A", "b": 2}', 'variables');
SELECT sfn.start_execution('pass_paths', '{"no_order": 1}', 'paths_fail');
SELECT sfn.start_execution('pass_result', '"text"', 'result_fail');
SELECT sfn.run_until_idle();

SELECT name, status, output FROM sfn.executions WHERE state_machine ~ '^pass_' AND status = 'SUCCEEDED' ORDER BY name;
\x on
SELECT name, error, cause FROM sfn.executions WHERE state_machine ~ '^pass_' AND status = 'FAILED' ORDER BY name;
\x off
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:pass_variables:variables');
