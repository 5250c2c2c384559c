-- Which role a roleArn means: who may say so, and what machines that are made with it run as.

CREATE ROLE map_app;
CREATE ROLE map_billing;
CREATE ROLE map_other;
CREATE ROLE map_root SUPERUSER;
GRANT map_billing TO map_app;
GRANT map_root TO map_app;
\set VERBOSITY terse

CREATE FUNCTION attempt(action text, request json) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM sfn.api(action, request);
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlerrm;
END $$;
CREATE FUNCTION request(name text, role text) RETURNS json LANGUAGE sql AS
	$$ SELECT json_build_object('name', name, 'roleArn', role, 'definition', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') $$;
CREATE FUNCTION target(role text) RETURNS json LANGUAGE sql AS
	$$ SELECT json_build_object('Id', 't', 'Arn', 'arn:aws:states:us-east-1:000000000000:stateMachine:billed', 'RoleArn', role) $$;

-- Who may say so.
SET ROLE map_app;
SELECT sfn.map_role('arn:aws:iam::123456789012:role/billing', 'map_billing');
SELECT sfn.map_role('arn:aws:iam::123456789012:role/billing', 'map_billing');
SELECT sfn.map_role('arn:aws:iam::123456789012:role/other', 'map_other');
SELECT sfn.map_role('arn:aws:iam::123456789012:role/root', 'map_root');
SELECT sfn.map_role('arn:aws:iam::123456789012:role/files', 'pg_read_server_files');
SELECT sfn.map_role('billing', 'map_billing');
SELECT sfn.map_role(NULL, 'map_billing');
SELECT sfn.map_role('arn:aws:iam::123456789012:role/billing', NULL);
SELECT * FROM sfn.mapped_roles;

-- A machine that is made with it.
SELECT attempt('CreateStateMachine', request('billed', 'arn:aws:iam::123456789012:role/billing'));
SELECT attempt('CreateStateMachine', request('billed', 'arn:aws:iam::123456789012:role/billing'));
SELECT attempt('CreateStateMachine', request('plain', 'arn:aws:iam::123456789012:role/unknown'));
SELECT name, role FROM sfn.state_machines WHERE name IN ('billed', 'plain') ORDER BY name;
SELECT sfn.api('DescribeStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:billed"}') ->> 'roleArn' AS role_arn;
SELECT attempt('UpdateStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:plain", "roleArn": "arn:aws:iam::123456789012:role/billing"}');
SELECT attempt('UpdateStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:billed", "roleArn": "arn:aws:iam::123456789012:role/unknown"}');
SELECT name, role FROM sfn.state_machines WHERE name IN ('billed', 'plain') ORDER BY name;

-- A target and a schedule that are made with it.
SELECT FROM sfn.events_api('PutRule', '{"Name": "billing", "EventPattern": "{\"source\": [\"shop\"]}"}');
SELECT FROM sfn.events_api('PutTargets', json_build_object('Rule', 'billing', 'Targets', json_build_array(target('arn:aws:iam::123456789012:role/billing'))));
SELECT rule, role FROM sfn.event_targets WHERE rule = 'billing';
SELECT sfn.events_api('ListTargetsByRule', '{"Rule": "billing"}') #>> '{Targets,0,RoleArn}' AS role_arn;
SELECT FROM sfn.events_api('PutTargets', json_build_object('Rule', 'billing', 'Targets', json_build_array(target('arn:aws:iam::123456789012:role/unknown'))));
SELECT rule, role FROM sfn.event_targets WHERE rule = 'billing';
SET client_min_messages = warning; -- workers are off
SELECT FROM sfn.scheduler_api('CreateSchedule', json_build_object('Name', 'nightly', 'ScheduleExpression', 'rate(1 day)',
	'FlexibleTimeWindow', '{"Mode": "OFF"}'::json, 'Target', target('arn:aws:iam::123456789012:role/billing')));
RESET client_min_messages;
SELECT name, owner, role FROM sfn.schedules WHERE name = 'nightly';

-- Others.
SET ROLE map_other;
SELECT * FROM sfn.mapped_roles;
SELECT sfn.map_role('arn:aws:iam::123456789012:role/billing', 'map_other');
SELECT sfn.unmap_role('arn:aws:iam::123456789012:role/billing');
SELECT sfn.unmap_role('arn:aws:iam::123456789012:role/nobody');
SELECT attempt('CreateStateMachine', request('stolen', 'arn:aws:iam::123456789012:role/billing'));
SELECT FROM sfn.events_api('PutRule', '{"Name": "stolen", "EventPattern": "{\"source\": [\"shop\"]}"}');
SELECT FROM sfn.events_api('PutTargets', json_build_object('Rule', 'stolen', 'Targets', json_build_array(target('arn:aws:iam::123456789012:role/billing'))));
SELECT FROM sfn.scheduler_api('CreateSchedule', json_build_object('Name', 'stolen', 'ScheduleExpression', 'rate(1 day)',
	'FlexibleTimeWindow', '{"Mode": "OFF"}'::json, 'Target', target('arn:aws:iam::123456789012:role/billing')));
SELECT FROM sfn.events_api('DeleteRule', '{"Name": "stolen"}');
SELECT sfn.map_role('arn:aws:iam::123456789012:role/other', 'map_other');

-- A superuser is nobody's role by then.
RESET ROLE;
ALTER ROLE map_other SUPERUSER;
SELECT attempt('CreateStateMachine', request('rooted', 'arn:aws:iam::123456789012:role/other'));
ALTER ROLE map_other NOSUPERUSER;

-- Another role, and none.
SET ROLE map_app;
SELECT sfn.map_role('arn:aws:iam::123456789012:role/billing', 'map_app');
SELECT * FROM sfn.mapped_roles;
SELECT sfn.unmap_role('arn:aws:iam::123456789012:role/billing');
SELECT * FROM sfn.mapped_roles;
SELECT attempt('CreateStateMachine', request('free', 'arn:aws:iam::123456789012:role/billing'));
SELECT name, role FROM sfn.state_machines WHERE name = 'free';

-- A dropped role is nobody's, until somebody says otherwise.
RESET ROLE;
DROP ROLE map_other;
SELECT attempt('CreateStateMachine', request('late', 'arn:aws:iam::123456789012:role/other'));
SELECT sfn.map_role('arn:aws:iam::123456789012:role/other', 'map_billing');

DROP FUNCTION attempt(text, json), request(text, text), target(text);
DROP OWNED BY map_app, map_billing;
DROP ROLE map_app, map_billing, map_root;
