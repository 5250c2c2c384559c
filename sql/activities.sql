-- Activities: polling, heartbeats, time-outs, on the test clock.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_activity('weigh');
SELECT sfn.create_activity('weigh') AS again;
SELECT * FROM sfn.describe_activity('arn:aws:states:us-east-1:000000000000:activity:weigh') \gx
SELECT name, creation_date FROM sfn.list_activities();
SELECT sfn.create_activity('no/such/name');
SELECT * FROM sfn.describe_activity('nobody');
SELECT * FROM sfn.get_activity_task('nobody', timeout => '0');
SELECT * FROM sfn.get_activity_task('arn:aws:states:us-east-1:000000000000:stateMachine:x', timeout => '0');

SELECT sfn.create_state_machine('act', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:weigh",
	"TimeoutSeconds": 60, "HeartbeatSeconds": 10, "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 5, "MaxAttempts": 1}], "End": true}}}') IS NOT NULL AS made,
	sfn.create_state_machine('act_unknown', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:nobody", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('act', '{"kg": 1.50}', 'a1');
SELECT sfn.start_execution('act', '{"kg": 2}', 'a2');
SELECT sfn.start_execution('act_unknown', '{}', 'unknown');
SELECT sfn.run_until_idle();
SELECT status, error, cause FROM sfn.executions WHERE name = 'unknown';
SELECT id, type FROM sfn.history WHERE execution_arn = 'arn:aws:states:us-east-1:000000000000:execution:act_unknown:unknown' ORDER BY id;
-- queued: no clock runs, whatever the time
SELECT execution_arn, state, waits_for, resource, since, timeout_at, heartbeat_at FROM sfn.pending_tasks ORDER BY 1;
SET sfn.test_now = '2026-01-01 01:00:00+00';
SELECT task_token AS token, input FROM sfn.get_activity_task('weigh', 'scale-1', '0') \gset
SELECT :'input' AS input, length(:'token') AS token_length;
SELECT sfn.run_once();
SELECT execution_arn, waits_for, taken_at, worker_name, timeout_at, heartbeat_at, task_token = :'token' AS is_token FROM sfn.pending_tasks ORDER BY 1;
-- a heartbeat sets its clock back, and leaves one timer
SET sfn.test_now = '2026-01-01 01:00:08+00';
SELECT sfn.send_task_heartbeat(:'token');
SELECT sfn.run_once();
SELECT timer, due FROM sfn.timers ORDER BY due;
SET sfn.test_now = '2026-01-01 01:00:15+00';
SELECT sfn.run_once();
SELECT sfn.send_task_success(:'token', '{"kg":1.50,"ok":true}');
SELECT sfn.send_task_success(:'token', '{}') AS twice;
SELECT sfn.run_once();
SELECT name, status, output FROM sfn.executions WHERE name = 'a1';
SELECT id, previous_event_id, "timestamp", type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:act:a1');
-- the second: fails, is retried under another token, and is lost
SELECT task_token AS token FROM sfn.get_activity_task('weigh', timeout => '0') \gset
SELECT sfn.send_task_failure(:'token', 'Again', 'the scale shook');
SELECT sfn.run_until_idle();
SELECT sfn.send_task_success(:'token', '{}') AS old_token;
SELECT task_token AS token2 FROM sfn.get_activity_task('weigh', timeout => '0') \gset
SELECT :'token' <> :'token2' AS is_new;
SELECT sfn.run_until_idle();
SELECT sfn.send_task_heartbeat(:'token2') AS too_late;
SELECT status, error, cause FROM sfn.executions WHERE name = 'a2';
SELECT id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:act:a2') WHERE type LIKE 'Activity%';
SELECT count(*) AS tasks FROM sfn.pending_tasks;
-- nothing there, and a rollback gives a task back
SELECT * FROM sfn.get_activity_task('weigh', timeout => '0');
SELECT sfn.start_execution('act', '3', 'a3');
SELECT sfn.run_once();
BEGIN;
SELECT input FROM sfn.get_activity_task('weigh', timeout => '0');
ROLLBACK;
SELECT input FROM sfn.get_activity_task('weigh', timeout => '0');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM sfn.get_activity_task('weigh');
ROLLBACK;
-- whose activities are whose
CREATE ROLE regress_weigher;
SET ROLE regress_weigher;
SELECT count(*) FROM sfn.list_activities();
SELECT * FROM sfn.get_activity_task('weigh', timeout => '0');
SELECT sfn.create_activity('weigh');
SELECT sfn.delete_activity('weigh');
RESET ROLE;
DROP ROLE regress_weigher;
SELECT sfn.delete_activity('weigh'), sfn.delete_activity('weigh');
-- in AWS's shapes
SELECT sfn.api('CreateActivity', '{"name": "aws"}');
SELECT sfn.api('DescribeActivity', '{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:aws"}');
SELECT sfn.api('ListActivities', '{}');
SELECT sfn.api('SendTaskSuccess', '{"taskToken": "forged", "output": "{}"}');
SELECT sfn.api('SendTaskHeartbeat', json_build_object('taskToken', :'token'));
SELECT sfn.api('SendTaskFailure', json_build_object('taskToken', :'token', 'error', repeat('e', 257)));
SELECT sfn.api('SendTaskSuccess', json_build_object('taskToken', :'token', 'output', '{'));
SELECT sfn.api('DeleteActivity', '{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:aws"}');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:act:a3') IS NOT NULL;
SELECT sfn.run_until_idle();
