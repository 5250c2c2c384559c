-- .waitForTaskToken: SQL functions that pass a token on, and answers to it.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE SCHEMA desk;
CREATE TABLE desk.request (id int GENERATED ALWAYS AS IDENTITY, token text, what text);
CREATE FUNCTION desk.ask(token text, what text) RETURNS int LANGUAGE sql
	BEGIN ATOMIC INSERT INTO desk.request (token, what) VALUES (ask.token, ask.what) RETURNING id; END;
CREATE FUNCTION desk.ask_event(event jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF event->>'what' = 'refuse' THEN RAISE EXCEPTION 'not here'; END IF;
	INSERT INTO desk.request (token, what) VALUES (event->>'token', event->>'what');
	RETURN '"asked"';
END $$;
-- answers before it returns
CREATE FUNCTION desk.answer_at_once(token text) RETURNS text LANGUAGE sql
	BEGIN ATOMIC SELECT sfn.send_task_success(token, '{"at":"once"}'::text); SELECT 'answered'; END;
SELECT sfn.create_function('ask', 'desk.ask_event(jsonb)');
SELECT sfn.create_state_machine('token_call', '{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken",
	"Parameters": {"Function": "desk.ask", "Args": {"token.$": "$$.Task.Token", "what.$": "$.what"}}, "TimeoutSeconds": 3600, "ResultPath": "$.answer", "End": true}}}') IS NOT NULL,
	sfn.create_state_machine('token_lambda', '{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
	"Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token", "what.$": "$.what"}},
	"Catch": [{"ErrorEquals": ["No"], "Next": "Refused"}], "End": true}, "Refused": {"Type": "Pass", "End": true}}}') IS NOT NULL,
	sfn.create_state_machine('token_at_once', '{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken",
	"Parameters": {"Function": "desk.answer_at_once", "Args": {"token.$": "$$.Task.Token"}}, "End": true}}}') IS NOT NULL;
SELECT count(sfn.start_execution(m, json_build_object('what', w), w)) FROM (VALUES ('token_call', 'holiday'), ('token_lambda', 'laptop'),
	('token_lambda', 'desk'), ('token_lambda', 'refuse'), ('token_call', 'late'), ('token_at_once', 'now')) v (m, w);
SELECT sfn.run_once() > 0, sfn.run_once() > 0;
SELECT state, waits_for, resource, since, timeout_at, task_token = r.token AS is_token FROM sfn.pending_tasks p LEFT JOIN desk.request r ON r.token = p.task_token ORDER BY r.id;
SELECT name, status, output, error FROM sfn.executions WHERE state_machine ~ '^token_' AND status <> 'RUNNING' ORDER BY name;
SELECT id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:token_at_once:now') WHERE type LIKE 'Task%' AND type NOT IN ('TaskScheduled');
SELECT id, type FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:token_lambda:refuse');
-- answers, and what is none
SELECT sfn.send_task_success(token, 'no json') FROM desk.request WHERE what = 'holiday';
SELECT sfn.send_task_success(token, repeat('1', 300000)) FROM desk.request WHERE what = 'holiday';
BEGIN;
SELECT sfn.send_task_success(token, '{}'::text) FROM desk.request WHERE what = 'holiday';
ROLLBACK;
SELECT sfn.send_task_success(token, '{"granted":true, "days":1.0}'::json) FROM desk.request WHERE what = 'holiday';
SELECT sfn.send_task_failure(token, 'No', 'too dear') FROM desk.request WHERE what = 'laptop';
SELECT sfn.send_task_failure(token) FROM desk.request WHERE what = 'desk';
SELECT sfn.send_task_success('', '{}'::text);
SELECT sfn.send_task_success('forged', '{}'::text);
SELECT sfn.send_task_success(reverse(token), '{}'::text) FROM desk.request WHERE what = 'holiday';
SELECT sfn.send_task_success(NULL, '{}'::text);
SELECT sfn.run_until_idle() > 0;
SELECT name, status, output, error, cause FROM sfn.executions WHERE state_machine ~ '^token_' AND name <> 'refuse' ORDER BY name;
SELECT sfn.send_task_success(token, '{}'::text) FROM desk.request WHERE what = 'late';
SELECT count(*) AS waiting FROM sfn.pending_tasks;

-- too late is what comes after a clock has run out, be it that no turn has taken note of it; a heartbeat keeps one of them away
SELECT sfn.create_state_machine('token_beats', '{"StartAt": "Ask", "TimeoutSeconds": 7200, "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken",
	"Parameters": {"Function": "desk.ask", "Args": {"token.$": "$$.Task.Token", "what.$": "$.what"}}, "HeartbeatSeconds": 60, "End": true}}}') IS NOT NULL;
SELECT count(sfn.start_execution(m, json_build_object('what', w), w)) FROM (VALUES ('token_call', 'timed'), ('token_beats', 'missed'), ('token_beats', 'beats'), ('token_beats', 'overtaken')) v (m, w);
SELECT sfn.run_once() > 0, sfn.run_once() > 0;
SELECT now() IS NOT NULL AS started, current_setting('sfn.test_now') AS t \gset
SELECT set_config('sfn.test_now', (:'t'::timestamptz + interval '59 s')::text, false) IS NOT NULL AS moved;
SELECT sfn.send_task_heartbeat(token) FROM desk.request WHERE what = 'beats';
SELECT set_config('sfn.test_now', (:'t'::timestamptz + interval '61 s')::text, false) IS NOT NULL AS moved;
SELECT sfn.send_task_success(token, '{}'::text) FROM desk.request WHERE what = 'missed';
SELECT sfn.send_task_heartbeat(token) FROM desk.request WHERE what = 'missed';
SELECT sfn.send_task_success(token, '{}'::text) FROM desk.request WHERE what = 'beats';
SELECT sfn.send_task_successes(array_agg(token)) = (SELECT token FROM desk.request WHERE what = 'overtaken') AS is_late FROM desk.request WHERE what = 'overtaken';
SELECT set_config('sfn.test_now', (:'t'::timestamptz + interval '3600 s')::text, false) IS NOT NULL AS moved;
SELECT sfn.send_task_failure(token, 'No') FROM desk.request WHERE what = 'timed';
SELECT sfn.run_until_idle() > 0;
SELECT name, status, error FROM sfn.executions WHERE name IN ('timed', 'missed', 'beats', 'overtaken') ORDER BY name;
SELECT count(*) AS waiting FROM sfn.pending_tasks;
