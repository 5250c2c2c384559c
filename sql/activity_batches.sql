-- Tasks of an activity by the handful, and their answers.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET client_min_messages = warning;
SELECT sfn.create_activity('batch') IS NOT NULL AS made;
SELECT sfn.create_state_machine('batch', '{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:batch",
	"Catch": [{"ErrorEquals": ["Spilt"], "ResultPath": "$.error", "Next": "Mop"}], "End": true}, "Mop": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT count(sfn.start_execution('batch', json_build_object('n', n), 'x' || n)) FROM generate_series(1, 7) n;
SELECT sfn.run_once() > 0 AS done;
-- the oldest first, at most so many, each once
BEGIN;
SELECT input FROM sfn.get_activity_tasks('batch', 3, 'w', '0');
ROLLBACK;
CREATE TEMP TABLE taken AS SELECT row_number() OVER () AS n, t.* FROM sfn.get_activity_tasks('batch', 3, 'w', '0') t;
INSERT INTO taken SELECT 3 + row_number() OVER (), t.* FROM sfn.get_activity_tasks('batch', 10, timeout => '0') t;
SELECT n, input FROM taken ORDER BY n;
SELECT * FROM sfn.get_activity_tasks('batch', timeout => '0');
SELECT * FROM sfn.get_activity_tasks('batch', 0);
SELECT * FROM sfn.get_activity_tasks('batch', 1001);
SELECT * FROM sfn.get_activity_tasks('batch', NULL);
SELECT * FROM sfn.get_activity_tasks('nobody');
CREATE ROLE batch_other;
SET ROLE batch_other;
SELECT * FROM sfn.get_activity_tasks('batch');
RESET ROLE;
DROP ROLE batch_other;
-- answers: all that can be given are; the token of one that is given twice comes back
SELECT sfn.send_task_successes(ARRAY(SELECT task_token FROM taken WHERE n <= 2 ORDER BY n), ARRAY(SELECT json_build_object('kg', n) FROM taken WHERE n <= 2 ORDER BY n));
SELECT n FROM taken WHERE task_token IN (SELECT sfn.send_task_successes(ARRAY(SELECT task_token FROM taken WHERE n IN (2, 3, 4) ORDER BY n), '{1,2,NULL}'));
SELECT count(*) FROM (SELECT sfn.send_task_failures(ARRAY(SELECT task_token FROM taken WHERE n = 5) || ARRAY(SELECT task_token FROM taken WHERE n = 5), '{Spilt,Twice}', '{"on the floor",NULL}')) late;
SELECT sfn.send_task_failures(ARRAY(SELECT task_token FROM taken WHERE n = 6));
-- what is wrong of one answers none
SELECT sfn.send_task_successes(ARRAY(SELECT task_token FROM taken WHERE n = 7) || 'forged'::text, '{1,2}');
SELECT sfn.send_task_successes(ARRAY(SELECT task_token FROM taken WHERE n = 7), '{1,2}');
SELECT sfn.send_task_successes(ARRAY(SELECT task_token FROM taken WHERE n = 7), ARRAY[to_json(repeat('x', 300000))]);
SELECT sfn.send_task_failures(ARRAY(SELECT task_token FROM taken WHERE n = 7), ARRAY[repeat('x', 300)]);
SELECT sfn.send_task_successes('{NULL}');
SELECT sfn.send_task_successes(NULL);
SELECT sfn.send_task_successes(array_fill('x'::text, '{1001}'));
SELECT sfn.send_task_successes('{}');
SELECT sfn.run_until_idle() > 0 AS done;
SELECT name, status, output, error, cause FROM sfn.executions WHERE state_machine = 'batch' ORDER BY id;
SELECT type, details ->> 'workerName' AS worker FROM sfn.history WHERE execution_arn = sfn.execution_arn('batch', 'x1') AND type LIKE 'Activity%' ORDER BY id;
SELECT sfn.send_task_successes(ARRAY(SELECT task_token FROM taken WHERE n = 7));
SELECT sfn.run_until_idle() > 0 AS done;
SELECT sfn.delete_state_machine('batch'), sfn.delete_activity('batch');
