-- Wait: four forms, on the test clock; Succeed and Fail.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('wait_seconds', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 90, "End": true}}}') IS NOT NULL,
	sfn.create_state_machine('wait_seconds_path', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}') IS NOT NULL,
	sfn.create_state_machine('wait_timestamp', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": "2026-01-01T01:00:00+00:30", "End": true}}}') IS NOT NULL,
	sfn.create_state_machine('wait_timestamp_path', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.at", "End": true}}}') IS NOT NULL;
SELECT count(sfn.start_execution(m, i, n)) FROM (VALUES
	('wait_seconds', '{}', 'a_90s'), ('wait_seconds_path', '{"pause": 5}', 'b_5s'), ('wait_seconds_path', '{"pause": 0}', 'c_none'),
	('wait_timestamp', '{}', 'd_half_past'), ('wait_timestamp_path', '{"at": "2025-12-31T23:59:59Z"}', 'e_past'),
	('wait_timestamp_path', '{"at": "2026-01-01T00:00:10.500Z"}', 'f_10s'), ('wait_seconds_path', '{"pause": 1.5}', 'g_fraction'),
	('wait_seconds_path', '{"pause": -1}', 'h_negative'), ('wait_seconds_path', '{}', 'i_missing'), ('wait_timestamp_path', '{"at": "tomorrow"}', 'j_no_time'),
	('wait_seconds_path', '{"pause": 100000000000}', 'k_too_long')) v (m, i, n);
SELECT sfn.run_once();
SELECT execution_arn, state, timer, due FROM sfn.timers ORDER BY due;
SELECT name, status, state FROM sfn.executions WHERE state_machine ~ '^wait_' AND status = 'RUNNING' ORDER BY name;
SELECT sfn.run_until_idle();
SELECT name, status, stop_date, error, cause FROM sfn.executions WHERE state_machine ~ '^wait_' ORDER BY name;

SELECT sfn.create_state_machine('wait_fail', '{"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format(''because of {}'', $.c)"}}}') IS NOT NULL,
	sfn.create_state_machine('wait_fail_bare', '{"StartAt": "F", "States": {"F": {"Type": "Fail"}}}') IS NOT NULL,
	sfn.create_state_machine('wait_succeed', '{"StartAt": "S", "States": {"S": {"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}}}') IS NOT NULL;
SELECT count(sfn.start_execution(m, i, m)) FROM (VALUES ('wait_fail', '{"e": "Oops", "c": "rain"}'), ('wait_fail_bare', '{}'), ('wait_succeed', '{"a": {"b": 1}}')) v (m, i);
SELECT sfn.run_until_idle();
SELECT name, status, output, error, cause FROM sfn.executions WHERE state_machine ~ '^wait_(fail|succ)' ORDER BY name;

-- the time-out of a machine
SELECT sfn.create_state_machine('wait_limit', '{"StartAt": "W", "TimeoutSeconds": 30, "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('wait_limit', '{}', 'late');
SELECT sfn.run_until_idle();
SELECT status, error, cause, stop_date - start_date AS took FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:wait_limit:late');
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:wait_limit:late');
