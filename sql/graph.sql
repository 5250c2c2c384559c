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
SELECT sfn.graph('drawn', 'png');
SELECT sfn.graph('nobody');
SELECT sfn.graph('arn:aws:states:us-east-1:000000000000:execution:drawn:nobody');
