-- Redrive: going on where an execution has ended.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE TABLE redrive_ready (what text PRIMARY KEY);
CREATE TABLE redrive_call (what text);
CREATE FUNCTION redrive_work(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM redrive_ready r WHERE r.what = redrive_work.what) THEN
		RAISE EXCEPTION '% is not ready', what;
	END IF;
	INSERT INTO redrive_call VALUES (what);
	RETURN what || ' done';
END $$;
SELECT sfn.create_state_machine('redrive_map', '{"StartAt": "Before", "TimeoutSeconds": 100, "States": {
	"Before": {"Type": "Pass", "Next": "Each"},
	"Each": {"Type": "Map", "MaxConcurrency": 2, "ItemsPath": "$.items", "ItemProcessor": {"StartAt": "Work", "States": {
		"Work": {"Type": "Task", "Resource": "sql:public.redrive_work", "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 1}], "End": true}}}, "End": true}}}') IS NOT NULL AS made;
INSERT INTO redrive_ready VALUES ('a'), ('c');
SELECT sfn.start_execution('redrive_map', '{"items": [{"what": "a"}, {"what": "b"}, {"what": "c"}, {"what": "d"}]}', 'm') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT status, error, redrive_status FROM sfn.describe_execution(:'arn');
SELECT sfn.redrive_execution(:'arn');
SELECT sfn.run_until_idle() > 0;
SELECT status, redrive_count, redrive_status FROM sfn.describe_execution(:'arn');
INSERT INTO redrive_ready VALUES ('b'), ('d');
SET sfn.test_now = '2027-01-01 00:00:00+00';
SELECT sfn.redrive_execution(:'arn', 'token') AS once, sfn.redrive_execution(:'arn', 'token') AS the_same;
SELECT sfn.run_until_idle() > 0;
SELECT status, output, redrive_count, redrive_date, stop_date, redrive_status, redrive_status_reason FROM sfn.describe_execution(:'arn');
SELECT what, count(*) FROM redrive_call GROUP BY what ORDER BY what;
SELECT id, previous_event_id, type, details->>'redriveCount' AS redrive_count, details->>'index' AS index FROM sfn.get_execution_history(:'arn') WHERE id > 30;
SELECT sfn.redrive_execution(:'arn');
-- stopped while it waits; a Fail state; a choice; a time-out
SELECT sfn.create_state_machine('redrive_wait', '{"StartAt": "W", "TimeoutSeconds": 30, "States": {"W": {"Type": "Wait", "TimestampPath": "$.at", "Next": "C"},
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.fail", "BooleanEquals": true, "Next": "F"}], "Default": "S"}, "F": {"Type": "Fail", "Error": "F"}, "S": {"Type": "Succeed"}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('redrive_wait', '{"at": "2027-01-01T00:01:00Z", "fail": false}', 'stopped');
SELECT sfn.start_execution('redrive_wait', '{"at": "2027-01-01T00:01:00Z", "fail": false}', 'too_long');
SELECT sfn.start_execution('redrive_wait', '{"at": "2027-01-01T00:00:05Z", "fail": true}', 'fails');
SELECT sfn.run_once() > 0;
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:redrive_wait:stopped') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT name, status, stop_date FROM sfn.executions WHERE state_machine = 'redrive_wait' ORDER BY name;
SELECT count(sfn.redrive_execution(execution_arn)) FROM sfn.executions WHERE state_machine = 'redrive_wait';
SELECT sfn.run_until_idle() > 0;
SELECT name, status, stop_date, redrive_count FROM sfn.executions WHERE state_machine = 'redrive_wait' ORDER BY name;
SET sfn.test_now = '2027-01-01 00:02:00+00';
SELECT sfn.api('RedriveExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:redrive_wait:fails"}');
SELECT sfn.run_until_idle() > 0;
SELECT id, previous_event_id, type FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:redrive_wait:fails');
-- running, deleted, unknown, not allowed
SELECT sfn.api('RedriveExecution', '{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:redrive_map:m"}');
SELECT sfn.redrive_execution('arn:aws:states:us-east-1:000000000000:execution:redrive_map:nobody');
CREATE ROLE regress_stranger;
SET ROLE regress_stranger;
SELECT sfn.redrive_execution('arn:aws:states:us-east-1:000000000000:execution:redrive_wait:fails');
RESET ROLE;
DROP ROLE regress_stranger;
SELECT sfn.delete_state_machine('redrive_wait');
SELECT sfn.redrive_execution('arn:aws:states:us-east-1:000000000000:execution:redrive_wait:fails');
-- one redrive at a time: it is RUNNING from its acceptance on, and a stop after that stops it
SELECT sfn.create_state_machine('redrive_order', '{"StartAt": "F", "TimeoutSeconds": 1000, "States": {"F": {"Type": "Fail", "Error": "again"}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('redrive_order', name => 'o') AS arn \gset
SELECT sfn.run_until_idle() > 0;
BEGIN;
SELECT sfn.redrive_execution(:'arn');
SAVEPOINT redriven;
SELECT sfn.redrive_execution(:'arn');
ROLLBACK TO redriven;
COMMIT;
SELECT status, stop_date, error, redrive_status, redrive_status_reason FROM sfn.describe_execution(:'arn');
SELECT status, stop_date FROM sfn.executions WHERE execution_arn = :'arn';
SELECT status, stop_date FROM sfn.list_executions('redrive_order', 'RUNNING');
SELECT sfn.wait_for_execution(:'arn', '0') AS waited;
SELECT sfn.stop_execution(:'arn', 'Stop', 'after the redrive');
SELECT sfn.run_until_idle() > 0;
SELECT status, error, redrive_count FROM sfn.describe_execution(:'arn');
SELECT id, previous_event_id, type FROM sfn.get_execution_history(:'arn');
-- a stop of a run that is over, and one of a run that nobody begins, do nothing; neither does its time-out
INSERT INTO sfn.inbox (execution_id, due, kind, visit, timer) SELECT e.id, '2026-01-01', k.kind, k.visit, k.timer
	FROM sfn.execution e, (VALUES (10, 1, 0), (10, 9, 0), (3, 0, 5)) k (kind, visit, timer) WHERE e.name = 'o';
SELECT sfn.redrive_execution(:'arn');
SELECT sfn.run_until_idle() > 0;
SELECT status, error, redrive_count FROM sfn.describe_execution(:'arn');
-- events that both end or begin it, in one turn: each counts, nothing stands still
INSERT INTO sfn.inbox (execution_id, due, kind) SELECT e.id, '2026-01-01', k.kind
	FROM sfn.execution e, unnest(ARRAY[12, 12, 10, 12, 1, 12]) WITH ORDINALITY k (kind, n) WHERE e.name = 'o' ORDER BY k.n;
SELECT sfn.run_until_idle() > 0;
SELECT status, error, redrive_count FROM sfn.describe_execution(:'arn');
SELECT string_agg(type, ' ' ORDER BY id) FROM sfn.get_execution_history(:'arn') WHERE id > 8;
SELECT count(*) FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id WHERE e.name = 'o';
SELECT kind, problem FROM sfn.check((SELECT id FROM sfn.execution WHERE name = 'o'));
-- what is RUNNING with nothing pending is shown
BEGIN;
UPDATE sfn.execution SET status = 1, stop_date = NULL WHERE name = 'o';
SELECT execution_arn, state_machine, state FROM sfn.stuck_executions;
SELECT kind, problem, cure FROM sfn.check((SELECT id FROM sfn.execution WHERE name = 'o'));
ROLLBACK;
