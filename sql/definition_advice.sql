-- What a definition names that this database does not have: warnings when it is validated, and when a machine is made.
SET sfn.test_now = '2026-01-01 00:00:00+00';
\pset format unaligned
\pset tuples_only on
\set VERBOSITY default
CREATE SCHEMA advice;
SET search_path = advice;
CREATE FUNCTION advice.reserve(item text, amount integer DEFAULT 1) RETURNS text LANGUAGE sql AS 'SELECT item';
CREATE FUNCTION advice.reserve(item text, place point) RETURNS text LANGUAGE sql AS 'SELECT item';
CREATE FUNCTION advice.either(item text) RETURNS text LANGUAGE sql AS 'SELECT item';
CREATE FUNCTION advice.either(item integer) RETURNS text LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION advice.either(item text, amount integer) RETURNS text LANGUAGE sql AS 'SELECT item';
CREATE FUNCTION advice.anything(input jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT input';
SELECT sfn.create_function('known', 'advice.anything(jsonb)');
SELECT sfn.create_activity('known');

CREATE FUNCTION task(fields text, language text DEFAULT 'JSONPath') RETURNS text LANGUAGE sql AS $$
	SELECT format('{"StartAt": "T", "QueryLanguage": "%s", "States": {"T": {"Type": "Task", %s, "End": true}}}', language, fields) $$;
CREATE FUNCTION advice(fields text, language text DEFAULT 'JSONPath') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', severity, code, message, location, line, col, hint)
	FROM sfn.validate_state_machine_definition(task(fields, language)) $$;

-- SQL functions: there, with the members, of a default; not there; other members, computed or not
SELECT advice('"Resource": "sql:advice.reserve"');
SELECT advice('"Resource": "sql:advice.reserve", "Parameters": {"item": "a"}');
SELECT advice('"Resource": "sql:advice.either", "Parameters": {"item": "a"}');
SELECT advice('"Resource": "sql:advice.either", "Parameters": {"item": "a", "amount": 1}');
SELECT advice('"Resource": "sql:advice.reserve", "Parameters": {"item.$": "$.a", "amount": 2}');
SELECT advice('"Resource": "sql:advice.anything", "Parameters": {"whatever": 1}');
SELECT advice('"Resource": "sql:advice.reserv"');
SELECT advice('"Resource": "sql:nowhere.reserve", "Parameters": {"item": "a"}');
SELECT advice('"Resource": "sql:advice.reserve", "Parameters": {"items.$": "$.a"}');
SELECT advice('"Resource": "sql:advice.reserve", "Arguments": {"items": "{% 1 %}"}', 'JSONata');
SELECT advice('"Resource": "sql:advice.reserve", "Arguments": "{% $states.input %}"', 'JSONata');
SELECT advice('"Resource": "sql:advice.reserve", "Arguments": [1]', 'JSONata');
-- the same by sql:call
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Parameters": {"Function": "advice.reserve", "Args": {"item.$": "$.a"}}');
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Parameters": {"Function": "advice.reserve", "Args.$": "$.a"}');
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Parameters": {"Function": "advice.reserve", "Args": {"it": 1}}');
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Parameters": {"Function": "advice.reserve"}');
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Parameters": {"Function": "advice.gone"}');
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Parameters": {"Function.$": "$.f"}');
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Arguments": {"Function": "{% $states.input.f %}", "Args": "{% $states.input.a %}"}', 'JSONata');
SELECT advice('"Resource": "arn:aws:states:::sql:call", "Arguments": {"Function": "advice.reserve", "Args": {"b": 1}}', 'JSONata');
-- registered functions and activities
SELECT advice('"Resource": "arn:aws:lambda:us-east-1:000000000000:function:known"');
SELECT advice('"Resource": "arn:aws:lambda:us-east-1:000000000000:function:unknown:1"');
SELECT advice('"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "known:1"}');
SELECT advice('"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:unknown"}');
SELECT advice('"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName.$": "$.f"}');
SELECT advice('"Resource": "arn:aws:states:us-east-1:000000000000:activity:known"');
SELECT advice('"Resource": "arn:aws:states:us-east-1:000000000000:activity:unknown"');
-- resources without a scheme, misspelt errors
SELECT advice('"Resource": "advice.reserve"');
SELECT advice('"Resource": "sql:advice.anything", "Retry": [{"ErrorEquals": ["Sql.unique_violatoin", "States.Timeot"]}]');

-- where it stands: branches, names with a slash
SELECT concat_ws(' | ', severity, message, location, line, col) FROM sfn.validate_state_machine_definition('{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
{"StartAt": "a/b~c", "States": {"a/b~c": {"Type": "Task", "Resource": "sql:advice.gone", "End": true}}}]}}}');

-- the API lists warnings where they are asked for
SELECT sfn.api('ValidateStateMachineDefinition', json_build_object('definition', task('"Resource": "sql:advice.gone"'), 'severity', 'WARNING'));
SELECT sfn.api('ValidateStateMachineDefinition', json_build_object('definition', task('"Resource": "sql:advice.gone"')));

-- making and changing a machine says so, too; the machine is made
SELECT sfn.create_state_machine('advised', task('"Resource": "sql:advice.gone"'));
SELECT sfn.update_state_machine('advised', task('"Resource": "sql:advice.reserve", "Parameters": {"x": 1}')) IS NOT NULL;
SELECT sfn.update_state_machine('advised', task('"Resource": "sql:advice.anything"')) IS NOT NULL;
SELECT sfn.create_state_machine('advised_task', task('"Resource": "arn:aws:states:us-east-1:000000000000:activity:unknown"'));
-- but not for the API, whose callers cannot see it
SELECT sfn.api('CreateStateMachine', json_build_object('name', 'advised_api', 'roleArn', 'arn:aws:iam::000000000000:role/any', 'definition', task('"Resource": "sql:advice.gone"')));

-- who answers each task
CREATE FUNCTION answerers() RETURNS TABLE (location text, answered_by text, detail text) LANGUAGE sql BEGIN ATOMIC
	SELECT location, answered_by, detail FROM sfn.who_answers($$ {"StartAt": "Own", "States": {
		"Own": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "Other",
			"Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/answered", "MessageBody.$": "$.m"}},
		"Other": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage", "Next": "Computed",
			"Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/elsewhere", "MessageBody": "m"}},
		"Computed": {"Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "Table",
			"Arguments": {"QueueUrl": "{% $states.input.url %}", "MessageBody": "m"}},
		"Table": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": {"TableName": "t", "Key.$": "$.k"}, "Next": "Machine"},
		"Machine": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:listStateMachines", "Parameters": {}, "Next": "Function"},
		"Function": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "unregistered"}, "Next": "Api"},
		"Api": {"Type": "Task", "Resource": "arn:aws:states:::apigateway:invoke", "Parameters": {"ApiEndpoint": "e", "Method": "GET"}, "Next": "Call"},
		"Call": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": "https://shop.example", "Method": "GET"}, "Next": "Query"},
		"Query": {"Type": "Task", "Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT 1"}, "Next": "Nobody"},
		"Nobody": {"Type": "Task", "Resource": "advice.reserve", "Next": "Done"},
		"Done": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "Ask", "States": {
			"Ask": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:ask", "End": true}}}}}} $$);
END;
SELECT sfn.create_queue('answered') IS NOT NULL AS made;
SELECT * FROM answerers();
SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AK", "SecretAccessKey": "s"}');
SELECT * FROM answerers() WHERE answered_by IN ('AWS', 'endpoint');
SELECT advice('"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "unregistered"}');
SELECT sfn.create_service_endpoint('dynamodb', 'https://double.example');
SELECT * FROM answerers() WHERE answered_by IN ('AWS', 'endpoint');
SELECT sfn.delete_service_endpoint('dynamodb');
SELECT sfn.delete_connection('default');
SELECT * FROM sfn.who_answers('{}');
