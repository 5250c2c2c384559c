-- sfn.graph(): drawings of machines and executions.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('drawn', '{"StartAt": "Ask", "States": {
	"Ask": {"Type": "Task", "Resource": "sql:public.nobody", "Next": "Choose", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Mend"}]},
	"Choose": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Both"}], "Default": "Mend"},
	"Both": {"Type": "Parallel", "Next": "Each", "Branches": [{"StartAt": "L", "States": {"L": {"Type": "Pass", "End": true}}}, {"StartAt": "R", "States": {"R": {"Type": "Wait", "Seconds": 1, "End": true}}}]},
	"Each": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "I \"quoted\"", "States": {"I \"quoted\"": {"Type": "Succeed"}}}},
	"Mend": {"Type": "Wait", "Seconds": 5, "Next": "Stop"}, "Stop": {"Type": "Fail", "Error": "Stopped"}}}') IS NOT NULL AS made;
\pset format unaligned
\pset tuples_only on
SELECT sfn.graph('drawn');
SELECT sfn.graph('drawn', 'dot');
SELECT sfn.start_execution('drawn', '{}', 'd');
SELECT sfn.run_once();
SELECT regexp_replace(sfn.graph('arn:aws:states:us-east-1:000000000000:execution:drawn:d'), '^.*(?=  class )', '');
SELECT sfn.run_until_idle();
SELECT regexp_replace(sfn.graph('arn:aws:states:us-east-1:000000000000:execution:drawn:d'), '^.*(?=  class )', '');
SELECT jsonb_pretty(sfn.graph('arn:aws:states:us-east-1:000000000000:execution:drawn:d', 'json')::jsonb -> 'nodes' -> 0);
SELECT sfn.graph('drawn', 'svg') LIKE '<svg xmlns=%</svg>_' AS is_picture;
SELECT sfn.graph('drawn', 'png');
SELECT sfn.graph('nobody');
SELECT sfn.graph('arn:aws:states:us-east-1:000000000000:execution:drawn:nobody');

-- Each state that was entered, and how it went.
\pset tuples_only off
SELECT sfn.create_state_machine('stepped', '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "Next": "Ask", "MaxConcurrency": 1, "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}},
	"Ask": {"Type": "Task", "Resource": "sql:public.nobody", "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}], "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Both"}], "End": true},
	"Both": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "L", "States": {"L": {"Type": "Wait", "Seconds": 60, "End": true}}}, {"StartAt": "R", "States": {"R": {"Type": "Fail", "Error": "Right"}}}]}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('stepped', '[1,2]', 's') IS NOT NULL AS started;
SELECT sfn.run_until_idle();
SELECT id, parent, path, type, iteration, status, exited IS NOT NULL AS is_over, attempts, error, input, output FROM sfn.states('arn:aws:states:us-east-1:000000000000:execution:stepped:s');
SELECT state, arguments, result, t->>'began' <= t->>'ended' AS has_ended, t->'error' AS error FROM sfn.states('arn:aws:states:us-east-1:000000000000:execution:stepped:s') LEFT JOIN json_array_elements(tries) t ON true WHERE state IN ('Ask', 'Each') ORDER BY id, t->>'began';
SELECT * FROM sfn.states('arn:aws:states:us-east-1:000000000000:execution:stepped:nobody');
