-- sfn.test_state(), the action TestState, sfn.test_state_machine(): nothing is stored.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SELECT sfn.test_state('{"Type": "Pass", "Parameters": {"b.$": "$.a"}, "ResultPath": "$.r", "Next": "Elsewhere"}', '{"a": 1}');
SELECT sfn.test_state('{"Type": "Pass", "Parameters": {"b.$": "$.a"}, "End": true}', '{"a": 1}', inspection_level => 'DEBUG');
SELECT sfn.test_state('{"Type": "Pass", "Parameters": {"b.$": "$.a"}, "End": true}', '{}');
SELECT sfn.test_state('{"Type": "Wait", "Seconds": 100000, "End": true}', '{"a": 1}');
SELECT sfn.test_state('{"Type": "Fail", "Error": "E", "Cause": "c"}');
-- a task is answered by its mock
SELECT sfn.test_state('{"Type": "Task", "Resource": "sql:f", "ResultSelector": {"x.$": "$.y"}, "End": true}', '{}', mock => '{"result": {"y": 2}}');
SELECT sfn.test_state('{"Type": "Task", "Resource": "sql:f", "End": true}', mock => '{"result": "text"}');
SELECT sfn.test_state('{"Type": "Task", "Resource": "sql:f", "End": true}');
SELECT sfn.test_state('{"Type": "Task", "Resource": "sql:f", "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 2, "IntervalSeconds": 3}], "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "N"}], "End": true}',
	'{"a": 1}', mock => '{"errorOutput": {"error": "E", "cause": "c"}}', state_configuration => json_build_object('retrierRetryCount', n), inspection_level => 'DEBUG')
	FROM generate_series(0, 2) n ORDER BY n;
-- variables, a state of a machine, JSONata
SELECT sfn.test_state('{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Assign": {"x": "{% $x + 1 %}"}, "Output": "{% $x %}", "End": true}}}',
	state_name => 'B', variables => '{"x": 41}', inspection_level => 'TRACE');
SELECT sfn.test_state('{"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x %}", "End": true}');
-- Map and Parallel
SELECT sfn.test_state('{"Type": "Map", "ItemsPath": "$.l", "ItemSelector": {"v.$": "$$.Map.Item.Value"}, "MaxConcurrency": 2, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}',
	'{"l": [1, 2]}', mock => '{"result": [3, 4]}', inspection_level => 'DEBUG');
SELECT sfn.test_state('{"Type": "Parallel", "Branches": [{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}], "End": true}');
-- mistakes
SELECT sfn.test_state('{"Type": "Pass"}');
SELECT sfn.test_state('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', state_name => 'B');
SELECT sfn.test_state('{"Type": "Succeed"}', '{');
SELECT sfn.test_state('{"Type": "Succeed"}', inspection_level => 'ALL');
SELECT sfn.test_state('{"Type": "Succeed"}', mock => '{"result": 1}');
-- what is mocked of a service is something that it may answer
CREATE FUNCTION mocked(resource text, result json, mode text DEFAULT 'STRICT') RETURNS json LANGUAGE sql BEGIN ATOMIC
	SELECT sfn.test_state(json_build_object('Type', 'Task', 'Resource', 'arn:aws:states:::' || resource, 'End', true)::text,
		mock => json_build_object('result', result, 'fieldValidationMode', mode));
END;
SELECT mocked('states:startExecution', '{}');
SELECT mocked('states:startExecution', '{}', 'PRESENT');
SELECT mocked('states:startExecution', '{"ExecutionArn": 1}', 'PRESENT');
SELECT mocked('states:startExecution', '{"ExecutionArn": 1}', 'NONE');
SELECT mocked('states:startExecution', '{"ExecutionArn": "a", "StartDate": 1700000000000}', 'STRICT');
SELECT mocked('aws-sdk:lambda:getFunction', '{"Configuration": {"MemorySize": 127}}');
SELECT mocked('aws-sdk:lambda:getFunction', '{"Configuration": {"State": "Asleep", "Other": 1}}');
SELECT mocked('dynamodb:getItem', '{"Item": {"a": {"BOOL": "true"}}}');
SELECT mocked('dynamodb:getItem', '{"Item": {"a": {"L": [{"S": 1}]}}}');
SELECT mocked('events:putEvents', '{"Entries": {}}');
SELECT mocked('lambda:invoke', '{"Payload": {"any": 1}, "StatusCode": 200}');
SELECT sfn.test_state(NULL::text);
-- json and jsonb
SELECT sfn.test_state('{"Type": "Succeed"}'::json, '[1]'::json);
SELECT sfn.test_state(jsonb_build_object('Type', 'Succeed'), '{"a": 1}'::jsonb);
-- the action
SELECT sfn.api('TestState', '{"definition": "{\"Type\": \"Succeed\"}", "input": "{\"a\": 1}", "inspectionLevel": "DEBUG"}');
SELECT sfn.api('TestState', '{"definition": "{\"Type\": \"Pass\"}"}');
SELECT sfn.api('TestState', '{"definition": "{\"Type\": \"Succeed\"}", "stateName": ""}');

-- a whole machine
CREATE FUNCTION outcome_of(mocks jsonb, input text DEFAULT '{}') RETURNS text LANGUAGE sql BEGIN ATOMIC
	SELECT (r::jsonb - 'history')::text || ' ' || jsonb_array_length(r::jsonb -> 'history') || ' events, '
		|| ((r::jsonb -> 'history' -> -1 ->> 'timestamp')::numeric - (r::jsonb -> 'history' -> 0 ->> 'timestamp')::numeric) || ' s'
	FROM sfn.test_state_machine('{"StartAt": "Reserve", "States": {
		"Reserve": {"Type": "Task", "Resource": "sql:shop.reserve", "TimeoutSeconds": 60, "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 10}],
			"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}], "Next": "Pause"},
		"Pause": {"Type": "Wait", "Seconds": 3600, "Next": "Ship"},
		"Ship": {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:shop.ship", "End": true}}},
			{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "sql:shop.mail", "End": true}}}], "End": true},
		"Sorry": {"Type": "Fail", "ErrorPath": "$.Error"}}}', input, mocks) r;
END;
SELECT outcome_of('{"Reserve": {"result": {"ok": true}}, "sql:shop.ship": {"result": "shipped"}, "B": {"result": "sent"}}');
SELECT outcome_of('{"Reserve": [{"error": "Busy", "cause": ""}, {"error": "Busy"}, {"result": 1}], "Ship": {"result": ["mocked"]}}');
SELECT outcome_of('{"Reserve": {"error": "Sold", "cause": "out"}}');
SELECT outcome_of('{"Reserve": {"result": 1, "seconds": 61}}');
SELECT outcome_of('{"Reserve": {"result": 1}}');
-- a mock that nothing would ask
SELECT outcome_of('{"Reserv": {"result": 1}}');
SELECT outcome_of('{"Reserve": {"result": 1}, "sql:shop.shop": {"result": 1}}');
SELECT outcome_of('{"Reserve": {"result": 1}, "Pause": {"result": 1}}');
SELECT outcome_of('{"Reserve": {"result": 1}, "Everything": {"result": 1}}');
-- it may be for another machine
SELECT outcome_of('{"Reserve": {"result": 1}, "A": {"result": 1}, "B": {"result": 2}, "Everything": {"result": 1}}');
SELECT outcome_of('{"Reserve": 1}');
SELECT outcome_of('{"Reserve": []}');
SELECT outcome_of('[]');
SELECT outcome_of('{}', '{');
SELECT sfn.test_state_machine('{}');
SELECT e ->> 'id' AS id, e ->> 'type' AS type
	FROM json_array_elements(sfn.test_state_machine('{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') -> 'history') e;
-- an endless loop ends with its history
SELECT r ->> 'status' AS status, r ->> 'cause' AS cause FROM sfn.test_state_machine('{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "Next": "C"},
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "E"}], "Default": "A"}, "E": {"Type": "Succeed"}}}') r;
DROP FUNCTION outcome_of;
-- JSON that PostgreSQL takes and no execution can hold
SELECT sfn.test_state('{"Type": "Succeed"}'::json, mock => '{"result": "\ud800"}');
SELECT sfn.test_state_machine('{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', '{}', (repeat('[', 1001) || repeat(']', 1001))::jsonb);
SELECT sfn.wait_for_execution('nobody/nothing', interval '178000000 years');
