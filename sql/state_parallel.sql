-- Parallel: outputs in order, failures end the siblings, Catch.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('parallel_ok', '{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "ResultPath": "$.both", "Branches": [
	{"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 10, "Next": "Left"}, "Left": {"Type": "Pass", "Result": "left", "End": true}}},
	{"StartAt": "Right", "States": {"Right": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": true}}}]}}}') IS NOT NULL,
	sfn.create_state_machine('parallel_fail', '{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 10, "End": true}}},
	{"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Bad", "Cause": "it is"}}}]}}}') IS NOT NULL,
	sfn.create_state_machine('parallel_catch', '{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Bad", "Cause": "it is"}}}],
	"Catch": [{"ErrorEquals": ["Other"], "Next": "Never"}, {"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "Mend"}]},
	"Mend": {"Type": "Pass", "End": true}, "Never": {"Type": "Fail"}}}') IS NOT NULL;
SELECT count(sfn.start_execution(m, '{"n": 1}', 'x')) FROM unnest('{parallel_ok,parallel_fail,parallel_catch}'::text[]) m;
SELECT sfn.run_once();
SELECT state_machine, status, state, branch_states FROM sfn.executions WHERE state_machine ~ '^parallel_' ORDER BY 1;
SELECT sfn.run_until_idle();
SELECT state_machine, status, state, branch_states, output, error, cause FROM sfn.executions WHERE state_machine ~ '^parallel_' ORDER BY 1;
SELECT id, previous_event_id, "timestamp", type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:parallel_ok:x');
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:parallel_fail:x');
SELECT count(*) FROM sfn.timers;
