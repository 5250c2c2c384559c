-- sfn.api(): the AWS API in AWS's shapes.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE FUNCTION api(action text, request json) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN sfn.api(action, request);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
\pset format unaligned
\pset tuples_only on

SELECT api('CreateStateMachine', json_build_object('name', 'api', 'roleArn', 'arn:aws:iam::000000000000:role/any', 'definition',
	'{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"n": 1}, "End": true}}}', 'tags', '[{"key": "k", "value": "v"}]'::json));
SELECT api('CreateStateMachine', json_build_object('name', 'api', 'roleArn', 'arn:aws:iam::000000000000:role/any', 'definition',
	'{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"n": 1}, "End": true}}}'));
SELECT api('CreateStateMachine', json_build_object('name', 'api', 'roleArn', 'arn:aws:iam::000000000000:role/other', 'definition',
	'{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"n": 1}, "End": true}}}'));
SELECT api('DescribeStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api"}');
SELECT api('DescribeStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "includedData": "METADATA_ONLY"}');
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "name": "x", "input": "{\"a\": 1}", "traceHeader": "Root=1"}');
SELECT api('DescribeExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x"}');
SELECT sfn.run_until_idle();
SELECT api('DescribeExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x"}');
SELECT api('DescribeExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x", "includedData": "METADATA_ONLY"}');
SELECT api('DescribeStateMachineForExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x", "includedData": "METADATA_ONLY"}');
SELECT api('GetExecutionHistory', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x"}');

-- pages
SELECT api('GetExecutionHistory', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x", "maxResults": 3, "includeExecutionData": false}') AS page \gset
SELECT :'page'::json->'events', :'page'::json->'nextToken' IS NOT NULL;
SELECT api('GetExecutionHistory', json_build_object('executionArn', 'arn:aws:states:us-east-1:000000000000:execution:api:x', 'maxResults', 3,
	'includeExecutionData', false, 'nextToken', :'page'::json->>'nextToken'));
SELECT api('GetExecutionHistory', json_build_object('executionArn', 'arn:aws:states:us-east-1:000000000000:execution:api:x', 'reverseOrder', true,
	'nextToken', :'page'::json->>'nextToken'));
SELECT json_path.id FROM json_array_elements(api('GetExecutionHistory', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x", "reverseOrder": true, "maxResults": 3}')::json->'events') e,
	LATERAL (SELECT e->>'id' AS id) json_path;
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "name": "y"}');
SELECT api('ListExecutions', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "maxResults": 1}') AS page \gset
SELECT :'page'::json->'executions';
SELECT api('ListExecutions', json_build_object('stateMachineArn', 'arn:aws:states:us-east-1:000000000000:stateMachine:api', 'maxResults', 1, 'nextToken', :'page'::json->>'nextToken'));
SELECT api('ListExecutions', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "statusFilter": "FAILED"}');
SELECT json_array_length(api('ListStateMachines', '{"maxResults": 1}')::json->'stateMachines');

-- stop, update, tags, validate, delete
SELECT api('StopExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:y", "error": "E", "cause": "C"}');
SELECT sfn.run_until_idle();
SELECT api('UpdateStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "roleArn": "arn:aws:iam::000000000000:role/new"}')::jsonb - 'revisionId';
SELECT api('UpdateStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api"}');
SELECT api('TagResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "tags": [{"key": "two", "value": ""}]}');
SELECT api('UntagResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "tagKeys": ["k", "none"]}');
SELECT api('ListTagsForResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api"}');
SELECT api('ValidateStateMachineDefinition', '{"definition": "{}"}');
SELECT api('ValidateStateMachineDefinition', '{"definition": "not a definition", "type": "STANDARD"}');
SELECT api('ValidateStateMachineDefinition', '{"definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}", "severity": "WARNING"}');

-- errors in AWS's words
SELECT api('CreateStateMachine', '{"name": "bad name", "roleArn": "r", "definition": "{}"}');
SELECT api('CreateStateMachine', '{"name": "", "roleArn": "r", "definition": "{}"}');
SELECT api('CreateStateMachine', json_build_object('name', repeat('x', 81), 'roleArn', 'r', 'definition', '{}'));
SELECT api('CreateStateMachine', '{"name": "bad", "roleArn": "r", "definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Wait\", \"Timestamp\": \"noon\", \"End\": true}}}"}');
SELECT api('CreateStateMachine', '{"name": "bad", "roleArn": "r"}');
SELECT api('CreateStateMachine', '{"name": "bad", "roleArn": "r", "definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}", "loggingConfiguration": {"level": "ALL"}}');
SELECT api('CreateStateMachine', '{"name": "bad", "roleArn": "r", "definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}", "type": "FAST"}');
SELECT api('CreateStateMachine', '{"name": "bad", "roleArn": "r", "definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}", "publish": true}');
SELECT api('DescribeStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nobody"}');
SELECT api('DescribeStateMachine', '{"stateMachineArn": "api"}');
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nobody"}');
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "input": "not some json"}');
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "input": "{''not'': ''json''"}');
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "input": ""}');
SELECT api('StartExecution', json_build_object('stateMachineArn', 'arn:aws:states:us-east-1:000000000000:stateMachine:api', 'input', '"' || repeat('x', 300000) || '"'));
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "name": "x", "input": "{}"}');
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api", "name": "a#b"}');
SELECT api('DescribeExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:nobody"}');
SELECT api('DescribeExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:express:api:x:0"}');
SELECT api('GetExecutionHistory', '{"executionArn": "invalid"}');
SELECT api('GetExecutionHistory', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x", "maxResults": 1001}');
SELECT api('GetExecutionHistory', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x", "nextToken": "x"}');
SELECT left(api('GetExecutionHistory', json_build_object('executionArn', 'arn:aws:states:us-east-1:000000000000:execution:api:x', 'nextToken', repeat('x', 1025))), 100);
SELECT api('ListTagsForResource', '{"resourceArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api:1"}');
SELECT api('StartExekution', '{}');
SELECT api('StartExecution', '{"stateMachineArn": "a", "nam": "x"}');
SELECT api('StartExecution', '{"stateMachineArn": 1}');
SELECT api('GetExecutionHistory', '{"executionArn": "a", "maxResults": "1"}');
SELECT api('StartExecution', '[]');
SELECT api('StartExecution', NULL);
SELECT api(NULL, '{}');
SELECT api('DeleteStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api"}');
SELECT api('DeleteStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api"}');
SELECT api('DescribeStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:api"}');
SELECT api('DescribeExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:api:x"}')::json->'status';
DROP FUNCTION api;
