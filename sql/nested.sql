-- states:startExecution: executions started by executions.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE FUNCTION nest(name text, pattern text, child text, rest jsonb DEFAULT '{}', task jsonb DEFAULT '{}') RETURNS boolean LANGUAGE sql AS $$
	SELECT sfn.create_state_machine(name, jsonb_build_object('StartAt', 'Start', 'States', jsonb_build_object('Start',
		jsonb_build_object('Type', 'Task', 'Resource', 'arn:aws:states:::states:startExecution' || pattern, 'End', true,
			'Parameters', jsonb_build_object('StateMachineArn', 'arn:aws:states:us-east-1:000000000000:stateMachine:' || child,
				'Input.$', '$', 'Name.$', 'States.Format(''{}'', $.name)') || rest) || task))) IS NOT NULL $$;
SELECT sfn.create_state_machine('nest_child', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"n": 1.50}, "End": true}}}') IS NOT NULL,
	sfn.create_state_machine('nest_failing', '{"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E", "Cause": "C"}}}') IS NOT NULL,
	sfn.create_state_machine('nest_slow', '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": true}}}') IS NOT NULL;
SELECT nest('nest_plain', '', 'nest_child'), nest('nest_sync', '.sync', 'nest_child'), nest('nest_sync2', '.sync:2', 'nest_child'),
	nest('nest_fails', '.sync:2', 'nest_failing'), nest('nest_unknown', '', 'nobody'), nest('nest_waits', '.sync', 'nest_slow'),
	nest('nest_grand', '.sync', 'nest_waits'), nest('nest_times_out', '.sync', 'nest_slow', task => '{"TimeoutSeconds": 30}');
SELECT count(sfn.start_execution(m, json_build_object('name', m), m)) FROM unnest('{nest_plain,nest_sync,nest_sync2,nest_fails,nest_unknown,nest_times_out,nest_grand}'::text[]) m;
SELECT sfn.run_once() > 0, sfn.run_once() > 0, sfn.run_once() > 0, sfn.run_once() > 0;
SELECT state_machine, name, status FROM sfn.executions WHERE state_machine ~ '^nest_' ORDER BY state_machine, name;
SELECT execution_arn, waits_for, child_execution_arn, timeout_at FROM sfn.pending_tasks ORDER BY 1;
SELECT name, output::jsonb - 'SdkHttpMetadata' - 'SdkResponseMetadata' AS output FROM sfn.executions WHERE state_machine = 'nest_plain';
SELECT name, output FROM sfn.executions WHERE state_machine IN ('nest_sync', 'nest_sync2') ORDER BY 1;
SELECT name, error, cause FROM sfn.executions WHERE state_machine = 'nest_fails';
SELECT error, regexp_replace(cause, 'Request ID: [-0-9a-f]+', 'Request ID: ...') AS cause FROM sfn.executions WHERE state_machine = 'nest_unknown';
-- the same name again, while it runs with the same input, is the same execution
SELECT sfn.start_execution('nest_waits', '{"name": "nest_grand"}', 'beside');
SELECT sfn.run_once() > 0;
SELECT count(*) AS slow FROM sfn.executions WHERE state_machine = 'nest_slow' AND name = 'nest_grand';
-- a time-out of the task, and a stop, end what was begun for them, all the way down
SET sfn.test_now = '2026-01-01 00:00:30+00';
SELECT sfn.run_once() > 0, sfn.run_once() > 0;
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nest_grand:nest_grand', 'Stopped', 'by hand') IS NOT NULL;
SELECT sfn.run_once() > 0, sfn.run_once() > 0, sfn.run_once() > 0, sfn.run_once() > 0;
SELECT state_machine, name, status, error FROM sfn.executions WHERE state_machine ~ '^nest_' AND status <> 'SUCCEEDED' ORDER BY state_machine, name;
SELECT count(*) AS waiting FROM sfn.pending_tasks;
-- the start belongs to the turn: no privilege on the child, no execution
CREATE ROLE regress_nester;
SET ROLE regress_nester;
SELECT nest('nest_foreign', '.sync', 'nest_child');
SELECT sfn.start_execution('nest_foreign', '{"name": "foreign"}', 'foreign');
RESET ROLE;
SELECT sfn.run_until_idle() > 0;
SELECT status, error, regexp_replace(cause, 'Request ID: [-0-9a-f]+', 'Request ID: ...') AS cause FROM sfn.executions WHERE name = 'foreign';
-- nor without the right to call sfn.api()
SET ROLE regress_nester;
SELECT sfn.create_state_machine('nest_mute_child', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}') IS NOT NULL,
	nest('nest_mute', '', 'nest_mute_child'),
	sfn.create_state_machine('nest_mute_plain', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nest_mute_child"}, "End": true}}}') IS NOT NULL;
SELECT count(sfn.start_execution(m, json_build_object('name', m), m)) FROM unnest('{nest_mute,nest_mute_plain}'::text[]) m;
RESET ROLE;
REVOKE EXECUTE ON FUNCTION sfn.api(text, json) FROM PUBLIC;
SELECT sfn.run_until_idle() > 0;
GRANT EXECUTE ON FUNCTION sfn.api(text, json) TO PUBLIC;
SELECT name, status, error, cause FROM sfn.executions WHERE name IN ('nest_mute', 'nest_mute_plain') ORDER BY name;
SELECT count(*) AS children FROM sfn.executions WHERE state_machine = 'nest_mute_child';
DROP ROLE regress_nester;
-- members of a wrong type, a name that is none
SELECT nest('nest_typed', '', 'nest_child', '{"Name.$": "$.n"}'), nest('nest_traced', '', 'nest_child', '{"TraceHeader.$": "$.n"}'),
	nest('nest_misnamed', '', 'nest_child', '{"Name.$": "$.wrong"}');
SELECT count(sfn.start_execution(m, json_build_object('name', m, 'n', 1, 'wrong', 'a/b'), m))
FROM unnest('{nest_typed,nest_traced,nest_misnamed}'::text[]) m;
SELECT sfn.run_until_idle() > 0;
SELECT name, error, regexp_replace(cause, 'Request ID: [-0-9a-f]+', 'Request ID: ...') AS cause FROM sfn.executions
WHERE name IN ('nest_typed', 'nest_traced', 'nest_misnamed') ORDER BY name;
