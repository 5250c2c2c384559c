-- Executions of every state type, each left half done: what a release leaves in the tables.  finish.sql lets them end.
-- For a database without workers (sfn.enabled = off), in which nothing else is.  The clock stands, so waits stay.
\set ON_ERROR_STOP 1
SET client_min_messages = error;
SELECT pg_catalog.set_config('sfn.test_now', pg_catalog.clock_timestamp()::text, false) <> '';

CREATE ROLE half_done;
CREATE TABLE effect (name text);
CREATE TABLE token (name text, token text);
CREATE TABLE allowed (name text);
CREATE FUNCTION work(input json) RETURNS json LANGUAGE sql AS
	$$INSERT INTO public.effect VALUES (input ->> 'name') RETURNING pg_catalog.json_build_object('name', name)$$;
CREATE FUNCTION keep(name text, token text) RETURNS void LANGUAGE sql AS 'INSERT INTO public.token VALUES (name, token)';
CREATE FUNCTION may(input json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM public.allowed a WHERE a.name = input ->> 'name') THEN
		RAISE EXCEPTION 'not yet' USING ERRCODE = 'P0002';
	END IF;
	RETURN public.work(input);
END $$;
GRANT SELECT, INSERT ON effect, token, allowed TO half_done;

-- The parts that machines are made of.
SELECT '"Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}' AS work,
	'{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}' AS part,
	'arn:aws:states:us-east-1:000000000000' AS arn \gset
SELECT sfn.create_activity('half_done');
SELECT sfn.create_activity('taken');
CREATE FUNCTION pg_temp.machine(name text, states text) RETURNS text LANGUAGE sql AS $$
	SELECT sfn.create_state_machine(name, '{"StartAt": "First", "States": {' || states || '}}', role => 'half_done')
$$;

SELECT pg_temp.machine('not_begun', '"First": {"Type": "Pass", "Next": "Work"}, ' || :'work');
SELECT pg_temp.machine('wait', '"First": {"Type": "Wait", "Seconds": 5, "Next": "Which"},
	"Which": {"Type": "Choice", "Choices": [{"Variable": "$.name", "IsPresent": true, "Next": "Pass"}], "Default": "No"}, "No": {"Type": "Fail"},
	"Pass": {"Type": "Pass", "Next": "Done"}, "Done": {"Type": "Succeed"}');
SELECT pg_temp.machine('variables', '"First": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"kept": "{% $states.input.name %}"}, "Next": "Rest"},
	"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Last"},
	"Last": {"Type": "Task", "QueryLanguage": "JSONata", "Resource": "sql:public.work", "Arguments": {"name": "{% $kept %}"}, "End": true}');
SELECT pg_temp.machine('retry', '"First": {"Type": "Task", "Resource": "sql:public.may", "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}], "End": true}');
SELECT pg_temp.machine('redriven', '"First": {"Type": "Task", "Resource": "sql:public.may", "End": true}');
SELECT pg_temp.machine('token', '"First": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken",
	"Parameters": {"Function": "public.keep", "Args": {"name": "token", "token.$": "$$.Task.Token"}}, "TimeoutSeconds": 99999999, "HeartbeatSeconds": 9999999, "Next": "Work"}, ' || :'work');
SELECT pg_temp.machine(name, format('"First": {"Type": "Task", "Resource": "%s:activity:%s", "TimeoutSeconds": 99999999, "Next": "Work"}, ', :'arn', activity) || :'work')
FROM (VALUES ('activity', 'half_done'), ('taken', 'taken')) m (name, activity);
SELECT pg_temp.machine('http', '"First": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": "http://127.0.0.1:1/", "Method": "GET"},
	"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Work"}], "End": true}, ' || :'work');
SELECT pg_temp.machine('parallel', format('"First": {"Type": "Parallel", "Branches": [%s, {"StartAt": "Now", "States": {"Now": {"Type": "Pass", "End": true}}}, %s], "End": true}', :'part', :'part'));
SELECT pg_temp.machine('map', format('"First": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "ItemProcessor": %s, "End": true}', :'part'));
SELECT pg_temp.machine('distributed', format('"First": {"Type": "Map", "Label": "many", "ItemsPath": "$.items", "MaxConcurrency": 2,
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, %s, "End": true}', substr(:'part', 2)));
SELECT pg_temp.machine('parent', format('"First": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
	"Parameters": {"StateMachineArn": "%s:stateMachine:wait", "Input": {"name": "child"}}, "Next": "Work"}, ', :'arn') || :'work');
SELECT pg_temp.machine('stopped', '"First": {"Type": "Wait", "Seconds": 99999999, "End": true}');
SELECT sfn.publish_state_machine_version('wait') AS version \gset
SELECT sfn.tag_resource('wait', '{"kept": "tag"}'), sfn.set_quota('half_done', 1000), sfn.grant_state_machine('wait', 'half_done', 'start');

-- Each has its machine's name as name and input.
SELECT sfn.start_execution(machine, json_build_object('name', machine, 'items', json_build_array(json_build_object('name', 'item'), json_build_object('name', 'item'), json_build_object('name', 'item'))), machine)
FROM unnest(string_to_array('wait variables retry redriven token activity taken http parallel map distributed parent stopped', ' ')) machine;
SELECT sfn.start_execution(:'version', '{"name": "version"}', 'version');
SELECT sum(sfn.run_once()) > 0 FROM generate_series(1, 60);
INSERT INTO token SELECT 'taken', task_token FROM sfn.get_activity_task('taken', 'me', '0 s');
SELECT sum(sfn.run_once()) > 0 FROM generate_series(1, 20);

-- And what is in the inbox only.
SELECT sfn.start_execution('not_begun', '{"name": "not_begun"}', 'not_begun');
SELECT sfn.stop_execution(:'arn' || ':execution:stopped:stopped');
INSERT INTO allowed VALUES ('redriven'), ('retry');
SELECT sfn.redrive_execution(:'arn' || ':execution:redriven:redriven');
