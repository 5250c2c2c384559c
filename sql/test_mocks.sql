-- sfn.test_mocks: answers in place of tasks, in the session's own turns, beside SQL tasks that are done and a clock that jumps.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SELECT sfn.run_until_idle() >= 0 AS others_are_done;
SET sfn.test_now = '2026-04-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE TABLE tm_order (id int, paid boolean DEFAULT false);
CREATE FUNCTION tm_pay(id int, receipt text) RETURNS boolean LANGUAGE sql AS 'UPDATE tm_order SET paid = true WHERE id = tm_pay.id RETURNING receipt IS NOT NULL';
SELECT sfn.create_activity('tm_pack') IS NOT NULL AS made;
SELECT sfn.create_state_machine('tm_order', '{"StartAt": "Charge", "States": {
	"Charge": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": "https://payments.invalid/charge", "Method": "POST",
		"Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection/none/00000000-0000-0000-0000-000000000000"}},
		"Retry": [{"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 60, "BackoffRate": 2}],
		"ResultSelector": {"receipt.$": "$.ResponseBody.receipt"}, "ResultPath": "$.charge", "Next": "Book"},
	"Book": {"Type": "Task", "Resource": "sql:public.tm_pay", "Parameters": {"id.$": "$.id", "receipt.$": "$.charge.receipt"}, "ResultPath": "$.booked", "Next": "Pack"},
	"Pack": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:tm_pack", "TimeoutSeconds": 3600,
		"Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.packed", "Next": "Late"}], "ResultPath": "$.packed", "End": true},
	"Late": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
INSERT INTO tm_order VALUES (1), (2), (3);

-- by resource and by state; one after the other; the clock moves by what is waited for
SET sfn.test_mocks = '{"arn:aws:states:::http:invoke": [{"error": "States.Http.StatusCode.503", "cause": "busy"}, {"error": "States.Http.StatusCode.503"}, {"result": {"ResponseBody": {"receipt": "r1"}}}],
	"Pack": {"result": "parcel", "seconds": 1800}}';
SELECT sfn.start_execution('tm_order', '{"id": 1}', 'one') AS one \gset
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, output, stop_date FROM sfn.executions WHERE execution_arn = :'one';
SELECT id, type, coalesce(details ->> 'error', details ->> 'output') AS what FROM sfn.get_execution_history(:'one') WHERE type ~ '^(Task|Activity)' AND type !~ 'State';
SELECT id, paid FROM tm_order ORDER BY id;
-- the last answer stays; an answer that takes too long is not waited for; its row is shown meanwhile
SET sfn.test_mocks = '{"Charge": [{"result": {"ResponseBody": {"receipt": "r2"}}}], "Pack": {"result": "parcel", "seconds": 3601}}';
SET sfn.test_now = '2026-04-02 00:00:00+00';
SELECT sfn.start_execution('tm_order', '{"id": 2}', 'two') AS two, sfn.start_execution('tm_order', '{"id": 3}', 'three') AS three \gset
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SELECT state, waits_for FROM sfn.pending_tasks WHERE execution_arn = :'two';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, status, output, stop_date FROM sfn.executions WHERE execution_arn IN (:'two', :'three') ORDER BY name;
SELECT count(*) FROM sfn.pending_tasks WHERE execution_arn IN (:'two', :'three');

-- patterns: what would call back, and what would run elsewhere
SELECT sfn.create_state_machine('tm_patterns', '{"StartAt": "Ask", "States": {
	"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken", "Parameters": {"Function": "public.nobody", "Args": {"token.$": "$$.Task.Token"}}, "ResultPath": "$.asked", "Next": "Child"},
	"Child": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nobody"}, "ResultSelector": {"out.$": "$.Output"}, "ResultPath": "$.child", "End": true}}}') IS NOT NULL AS made;
SET sfn.test_mocks = '{"Ask": {"result": {"approved": true}}, "Child": {"result": {"Output": {"n": 1}}}}';
SELECT sfn.start_execution('tm_patterns', '{}', 'x') AS x \gset
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, output FROM sfn.executions WHERE execution_arn = :'x';

-- without them the tasks are done again
RESET sfn.test_mocks;
SELECT sfn.start_execution('tm_patterns', '{}', 'y') AS y \gset
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, error FROM sfn.executions WHERE execution_arn = :'y';

-- nor is a mock whose name is nearly that of a task asked: it is told, once; one for another machine is not
SELECT sfn.start_execution('tm_patterns', '{}', 'y2') AS y \gset
SET sfn.test_mocks = '{"Childs": {"result": {}}, "Ask": {"result": {}}, "Order": {"result": {}}}';
\set VERBOSITY default
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.start_execution('tm_patterns', '{}', 'y3') AS y3 \gset
SELECT sfn.run_until_idle() > 0 AS ran;
\set VERBOSITY terse

-- a rollback takes the work back
SET sfn.test_mocks = '{"Ask": {"error": "Refused", "cause": "too dear"}}';
BEGIN;
SELECT sfn.start_execution('tm_patterns', '{}', 'z') AS z \gset
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, error, cause FROM sfn.executions WHERE execution_arn = :'z';
ROLLBACK;

-- mistakes
\set VERBOSITY default
SET sfn.test_mocks = '{"A": ';
SET sfn.test_mocks = '[1]';
SET sfn.test_mocks = '{"A": {}}';
SET sfn.test_mocks = '{"A": []}';
SET sfn.test_mocks = '{"A": {"result": 1, "error": "x"}}';
SET sfn.test_mocks = '{"A": {"result": 1, "seconds": -1}}';
\set VERBOSITY terse

-- for superusers, and whom they let
CREATE ROLE regress_tm;
SET ROLE regress_tm;
SET sfn.test_mocks = '{}';
RESET ROLE;
GRANT SET ON PARAMETER sfn.test_mocks TO regress_tm;
SET ROLE regress_tm;
SET sfn.test_mocks = '{}';
RESET ROLE;
RESET sfn.test_mocks;
REVOKE SET ON PARAMETER sfn.test_mocks FROM regress_tm;
DROP ROLE regress_tm;
SELECT count(sfn.delete_state_machine(name)) FROM sfn.state_machines WHERE name ~ '^tm_';
SELECT sfn.delete_activity('tm_pack');
DROP FUNCTION tm_pay;
DROP TABLE tm_order;
