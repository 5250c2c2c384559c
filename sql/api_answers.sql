-- Answers of the API in the single cases where AWS's is not what one would guess.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
CREATE SCHEMA api_answers;
SET search_path = api_answers;
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION api(action text, request json) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN sfn.api(action, request);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION make(name text, more json DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT api('CreateStateMachine', (jsonb_build_object('name', name, 'roleArn', 'arn:aws:iam::000000000000:role/any', 'definition',
		'{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') || more::jsonb)::json) $$;
CREATE FUNCTION arn(name text) RETURNS text LANGUAGE sql AS $$ SELECT 'arn:aws:states:us-east-1:000000000000:stateMachine:' || name $$;

-- keys: what is refused, of machines and of activities
CREATE TABLE keys (number serial, configuration json);
INSERT INTO keys (configuration) VALUES
	('{"type": "AWS_OWNED_KEY"}'),
	('{}'),
	('{"type": "MINE"}'),
	('{"type": "AWS_OWNED_KEY", "kmsKeyId": "alias/k"}'),
	('{"type": "AWS_OWNED_KEY", "kmsDataKeyReusePeriodSeconds": 300}'),
	('{"type": "CUSTOMER_MANAGED_KMS_KEY"}'),
	('{"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k"}'),
	('{"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k", "kmsDataKeyReusePeriodSeconds": 59}'),
	('{"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k", "kmsDataKeyReusePeriodSeconds": 901}'),
	('{"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": ""}');
SELECT number, make('key' || number, json_build_object('encryptionConfiguration', configuration)) FROM keys ORDER BY number;
SELECT number, api('CreateActivity', json_build_object('name', 'key' || number, 'encryptionConfiguration', configuration)) FROM keys ORDER BY number;
SELECT number, api('UpdateStateMachine', json_build_object('stateMachineArn', arn('key1'), 'encryptionConfiguration', configuration)) FROM keys ORDER BY number;
SELECT api('DescribeStateMachine', json_build_object('stateMachineArn', arn('key1')))::json->'encryptionConfiguration';
SELECT api('DescribeActivity', '{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:key1"}')::json->'encryptionConfiguration';
SELECT api('StartExecution', json_build_object('stateMachineArn', arn('key1'), 'name', 'x')) IS NOT NULL;
SELECT api('DescribeStateMachineForExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:key1:x"}')::json->'encryptionConfiguration';

-- names with a character that PostgreSQL cannot store
SELECT make(E'bad\\u0001name') LIKE '%InvalidName%';
SELECT api('CreateStateMachine', '{"name": "a\u0000b", "roleArn": "arn:aws:iam::000000000000:role/any", "definition": "{}"}');
SELECT api('CreateActivity', '{"name": "a\u0000b"}');
SELECT api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:key1", "name": "a\u0000b"}');

-- logging as it was given
SELECT make('quiet', '{"loggingConfiguration": {"destinations": []}}') IS NOT NULL;
SELECT api('DescribeStateMachine', json_build_object('stateMachineArn', arn('quiet')))::json->'loggingConfiguration';
SELECT api('DescribeStateMachine', json_build_object('stateMachineArn', arn('key1')))::json->'loggingConfiguration';

-- revisions: none for the first; routing in texts; aliases and versions that are not there
SELECT api('UpdateStateMachine', json_build_object('stateMachineArn', arn('quiet'), 'roleArn', 'arn:aws:iam::000000000000:role/any'));
SELECT api('UpdateStateMachine', json_build_object('stateMachineArn', arn('quiet'), 'roleArn', 'arn:aws:iam::000000000000:role/two'))::json->'revisionId' IS NOT NULL;
SELECT api('PublishStateMachineVersion', json_build_object('stateMachineArn', arn('quiet')));
SELECT api('CreateStateMachineAlias', json_build_object('name', 'live', 'routingConfiguration', json_build_array(json_build_object('stateMachineVersionArn', arn('quiet:1'), 'weight', 100))));
SELECT api('CreateStateMachineAlias', json_build_object('name', 'odd', 'routingConfiguration', json_build_array(
	json_build_object('stateMachineVersionArn', arn('quiet:1'), 'weight', 50), json_build_object('stateMachineVersionArn', arn('quiet:1'), 'weight', 40))));
SELECT api('CreateStateMachineAlias', json_build_object('name', 'odd', 'routingConfiguration', json_build_array(json_build_object('stateMachineVersionArn', arn('quiet:1'), 'weight', 50))));
SELECT api('CreateStateMachineAlias', json_build_object('name', 'odd', 'routingConfiguration', (SELECT json_agg(json_build_object('stateMachineVersionArn', arn('quiet:1'), 'weight', n)) FROM generate_series(33, 35) n)));
SELECT api('UpdateStateMachineAlias', json_build_object('stateMachineAliasArn', arn('quiet:none'), 'description', 'd'));
SELECT api('DeleteStateMachineAlias', json_build_object('stateMachineAliasArn', arn('quiet:none')));
SELECT api('DescribeStateMachine', json_build_object('stateMachineArn', arn('quiet:live')))::jsonb - 'revisionId';
SELECT api('ListStateMachineVersions', json_build_object('stateMachineArn', arn('nobody')));

-- tokens of pages
SELECT api('ListExecutions', json_build_object('stateMachineArn', arn('quiet'), 'nextToken', repeat('x', 3096)));
SELECT regexp_replace(api('ListExecutions', json_build_object('stateMachineArn', arn('quiet'), 'nextToken', repeat('x', 3097))), 'x{100,}', 'x...');
SELECT regexp_replace(api('ListStateMachines', json_build_object('nextToken', repeat('x', 1025))), 'x{100,}', 'x...');

-- a synchronous execution that fails
SELECT api('CreateStateMachine', json_build_object('name', 'sync', 'type', 'EXPRESS', 'roleArn', 'arn:aws:iam::000000000000:role/any',
	'definition', '{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}}')) IS NOT NULL;
SELECT api('StartSyncExecution', json_build_object('stateMachineArn', arn('sync'), 'name', 'x'))::jsonb - 'executionArn' - 'billingDetails';
