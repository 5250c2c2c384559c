-- Tasks that call Step Functions and EventBridge themselves: answered here, in the transaction of the step.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SELECT sfn.create_state_machine('api_child', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') AS child \gset

-- events: on the default bus, where there are no credentials for AWS
SELECT sfn.create_rule('own_apis', '{"source": ["shop.api"]}', :'child', input_transformer => '{"InputPathsMap": {"d": "$.detail", "r": "$.resources"}, "InputTemplate": "{\"detail\": <d>, \"resources\": <r>}"}') AS rule \gset
SELECT sfn.create_state_machine('api_puts', '{"QueryLanguage": "JSONata", "StartAt": "Put", "States": {"Put": {"Type": "Task",
	"Resource": "arn:aws:states:::events:putEvents", "Arguments": {"Entries": "{% $states.input.entries %}"},
	"Output": "{% $states.result.FailedEntryCount %}", "End": true}}}') AS puts \gset
SELECT sfn.start_execution(:'puts', '{"entries": [{"Source": "shop.api", "DetailType": "order", "Detail": {"n": 1}, "Resources": ["r"]}]}', 'good') AS good \gset
SELECT sfn.start_execution(:'puts', '{"entries": [{"Source": "shop.api", "DetailType": "order", "Detail": "3"}]}', 'bad') AS bad \gset
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, output, error, regexp_replace(cause, '"EventId":"[^"]*"', '"EventId":"..."') AS cause FROM sfn.executions WHERE execution_arn IN (:'good', :'bad') ORDER BY name DESC;
SELECT input FROM sfn.executions WHERE state_machine_arn = :'child' ORDER BY id;

-- Step Functions: with the rights of the machine's role
SELECT sfn.create_state_machine('api_calls', '{"QueryLanguage": "JSONata", "StartAt": "Start", "States": {
	"Start": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startExecution",
		"Arguments": {"StateMachineArn": "{% $states.input.machine %}", "Name": "by-task", "Input": "{\"k\": 1}"}, "Next": "Describe"},
	"Describe": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution",
		"Arguments": {"ExecutionArn": "{% $states.input.ExecutionArn %}"},
		"Output": "{% {\"status\": $states.result.Status, \"name\": $states.result.Name, \"input\": $states.result.Input, \"start\": $states.result.StartDate} %}", "End": true}}}') AS calls \gset
SELECT sfn.start_execution(:'calls', json_build_object('machine', :'child')) AS started \gset
SELECT sfn.start_execution(:'calls', json_build_object('machine', :'child' || 'x')) AS missing \gset
SELECT sfn.start_execution(:'calls', json_build_object('machine', replace(:'child', '000000000000', '111111111111'))) AS elsewhere \gset
-- the last is another account's: it goes to AWS, which no session calls
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, output, error, regexp_replace(cause, 'Request ID: [-0-9a-f]+', 'Request ID: ...') AS cause FROM sfn.executions
WHERE execution_arn IN (:'started', :'missing', :'elsewhere') ORDER BY id;

-- an execution within the step
SELECT sfn.create_state_machine('api_express', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"did": 1}, "End": true}}}', type => 'EXPRESS') AS express \gset
SELECT sfn.create_state_machine('api_sync', '{"QueryLanguage": "JSONata", "StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
	"Arguments": {"StateMachineArn": "{% $states.input %}"}, "Output": "{% $states.result.Status & $states.result.Output %}", "End": true}}}') AS sync \gset
SELECT sfn.start_execution(:'sync', to_json(:'express'::text)) AS synced \gset
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, output, error, cause FROM sfn.executions WHERE execution_arn = :'synced';

-- what the role may not do, its tasks may not, either
CREATE ROLE own_apis_machine;
GRANT own_apis_machine TO CURRENT_USER;
SELECT sfn.create_state_machine('api_calls_less', definition, role => 'own_apis_machine') AS less FROM sfn.describe_state_machine(:'calls') \gset
SELECT sfn.start_execution(:'less', json_build_object('machine', :'child')) AS refused \gset
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, error, regexp_replace(cause, 'Request ID: [-0-9a-f]+', 'Request ID: ...') AS cause FROM sfn.executions WHERE execution_arn = :'refused';

SELECT sfn.drop_rule('own_apis');
SELECT count(sfn.delete_state_machine(m)) FROM unnest(ARRAY[:'puts', :'calls', :'less', :'child', :'express', :'sync']) m;
SELECT sfn.run_until_idle() IS NOT NULL AS ran;
DROP OWNED BY own_apis_machine;
DROP ROLE own_apis_machine;
