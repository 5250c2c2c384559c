-- What the tests of the page look at: machines and executions of every kind, the same each time.
\set ON_ERROR_STOP on
CREATE EXTENSION IF NOT EXISTS sfn;
CREATE ROLE shop LOGIN;
CREATE ROLE nobody_sees LOGIN;
CREATE ROLE guest LOGIN;
CREATE SCHEMA ops AUTHORIZATION shop;
CREATE FUNCTION ops.page_me(event json) RETURNS void LANGUAGE sql AS '';
ALTER FUNCTION ops.page_me(json) OWNER TO shop;
SET ROLE shop;
SELECT FROM sfn.create_access_key(access_key_id => 'page', secret_access_key => 'secret');
SELECT FROM sfn.create_access_key(access_key_id => 'reader', secret_access_key => 'secret', actions => '{Describe*,List*,Get*}');
RESET ROLE;
SET ROLE guest;
SELECT FROM sfn.create_access_key(access_key_id => 'guest', secret_access_key => 'secret');
RESET ROLE;
SET ROLE nobody_sees;
SELECT FROM sfn.create_access_key(access_key_id => 'empty', secret_access_key => 'secret');
RESET ROLE;
SET ROLE shop;

SELECT FROM sfn.create_state_machine('order-fulfilment', $json${
	"QueryLanguage": "JSONata", "StartAt": "Validate", "States": {
	"Validate": {"Type": "Choice", "Choices": [
		{"Condition": "{% $states.input.amount < 0 %}", "Next": "Reject"},
		{"Condition": "{% $states.input.amount > 1000 %}", "Next": "Manager approval"}], "Default": "Reserve stock"},
	"Manager approval": {"Type": "Task", "Resource": "arn:aws:states:::sql:query.waitForTaskToken",
		"Arguments": {"Query": "SELECT $1::text", "Args": ["{% $states.context.Task.Token %}"]}, "Output": "{% $merge([$states.input, {'approval': $states.result}]) %}",
		"Next": "Reserve stock"},
	"Reserve stock": {"Type": "Task", "Resource": "arn:aws:states:::sql:query", "Arguments": {"Query": "SELECT true AS reserved"},
		"Output": "{% $merge([$states.input, {'reserved': true}]) %}", "Next": "Charge", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refund", "Output": "{% $states.input %}"}]},
	"Charge": {"Type": "Task", "Resource": "arn:aws:states:::sql:query", "Arguments": {"Query": "SELECT 1000 / ($1::int - 500) AS charged", "Args": ["{% $states.input.amount %}"]},
		"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}],
		"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refund", "Output": "{% $merge([$states.input, {'charge': $states.errorOutput}]) %}"}],
		"Output": "{% $states.input %}", "Next": "Prepare"},
	"Prepare": {"Type": "Parallel", "Next": "Done", "Branches": [
		{"StartAt": "Print label", "States": {"Print label": {"Type": "Pass", "Next": "Hand over"}, "Hand over": {"Type": "Wait", "Seconds": 0, "End": true}}},
		{"StartAt": "Pick items", "States": {"Pick items": {"Type": "Map", "Items": "{% $states.input.items %}", "End": true,
			"ItemProcessor": {"StartAt": "Pick", "States": {"Pick": {"Type": "Pass", "Next": "Check"}, "Check": {"Type": "Wait", "Seconds": 0, "End": true}}}}}}]},
	"Refund": {"Type": "Pass", "Next": "Failed"},
	"Failed": {"Type": "Fail", "Error": "PaymentDeclined", "Cause": "The bank declined the card"},
	"Reject": {"Type": "Fail", "Error": "InvalidOrder", "Cause": "The amount is negative"},
	"Done": {"Type": "Succeed"}}}$json$);
SELECT sfn.publish_state_machine_version('order-fulfilment', 'first');
SELECT sfn.create_state_machine_alias('live', pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('stateMachineVersionArn',
	(SELECT state_machine_version_arn FROM sfn.list_state_machine_versions('order-fulfilment')), 'weight', 100)));
SELECT FROM sfn.grant_state_machine('order-fulfilment', 'nobody_sees', 'start');

SELECT FROM sfn.create_state_machine('nightly-report', '{"StartAt": "Collect", "States": {"Collect": {"Type": "Map", "ItemsPath": "$.days", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
	"StartAt": "Sum up", "States": {"Sum up": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 13, "Next": "No data"}], "Default": "Stored"}, "Stored": {"Type": "Succeed"}, "No data": {"Type": "Fail", "Error": "NoData", "Cause": "nothing was sold"}}},
	"ToleratedFailurePercentage": 50, "End": true}}}');
SELECT FROM sfn.create_state_machine('pause', '{"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 86400, "Next": "Go on"}, "Go on": {"Type": "Succeed"}}}');
SELECT FROM sfn.create_state_machine('hello', '{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "Result": {"hello": "world"}, "End": true}}}');
SELECT FROM sfn.grant_state_machine('pause', 'guest', 'see');
SELECT FROM sfn.create_state_machine('quick', '{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}', type => 'EXPRESS');
-- names that would like to be something else
SELECT FROM sfn.create_state_machine('hostile', pg_catalog.replace($json${"StartAt": "<img src=x onerror=alert(1)>", "States": {
	"<img src=x onerror=alert(1)>": {"Type": "Pass", "Next": "\"quoted\" & 'single' </script>"},
	"\"quoted\" & 'single' </script>": {"Type": "Pass", "Next": "RTL"},
	"RTL": {"Type": "Pass", "Next": "A name of eighty characters, which is the most that there may be, and a bit wide"},
	"A name of eighty characters, which is the most that there may be, and a bit wide": {"Type": "Pass", "Result": {"html": "<script>alert(1)</script><img src=x onerror=alert(2)>"}, "End": true}}}$json$, 'RTL', U&'\202E\05E9\05DC\05D5\05DD'));
SELECT FROM sfn.create_activity('packing');
SELECT FROM sfn.create_rule('alarm', '{"source": ["aws.states"], "detail": {"status": ["FAILED", "TIMED_OUT"]}}', 'sql:ops.page_me', description => 'wakes somebody');
-- that function does not exist, so each of its events is a dead letter
SELECT FROM sfn.create_rule('broken', '{"source": ["aws.states"], "detail": {"name": ["o-1003"], "status": ["FAILED"]}}', 'sql:ops.is_not_there');
SELECT FROM sfn.create_archive('sales', '{"source": ["shop"]}', retention => '90 days', description => 'what was sold');
SELECT FROM sfn.create_schedule('nightly', 'cron(0 2 * * ? *)', 'nightly-report', timezone => 'Europe/Berlin', description => 'the report of the day');
SELECT FROM sfn.create_schedule('hourly', 'rate(1 hour)', 'hello');

SELECT FROM sfn.start_execution('order-fulfilment', '{"amount": 200, "items": [1, 2, 3]}', 'o-1001');
SELECT FROM sfn.start_execution('order-fulfilment', '{"amount": 1200, "items": [1, 2]}', 'o-1002');
SELECT FROM sfn.start_execution('order-fulfilment', '{"amount": -1, "items": []}', 'o-1003');
SELECT FROM sfn.start_execution('nightly-report', pg_catalog.jsonb_build_object('days', (SELECT pg_catalog.jsonb_agg(n) FROM pg_catalog.generate_series(1, 20) n)), 'n-1');
SELECT FROM sfn.start_execution('pause', '{}', 'p-1');
SELECT FROM sfn.start_execution('quick', '{}', 'x-1');
SELECT FROM sfn.start_execution('hostile', '{"html": "<script>alert(1)</script>"}', 'h-1');
SELECT FROM sfn.start_executions('hello', (SELECT pg_catalog.array_agg('{}'::json) FROM pg_catalog.generate_series(1, 120)));
