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
