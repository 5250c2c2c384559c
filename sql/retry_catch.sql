-- Retry and Catch: intervals, back-off, limits, what Catch hands on.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE TABLE attempt (execution text, at timestamptz DEFAULT clock_timestamp());
CREATE SEQUENCE attempts;
CREATE FUNCTION fail_until(n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	attempt int := nextval('attempts');
BEGIN
	IF attempt < n THEN
		RAISE EXCEPTION 'attempt % failed', attempt USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	RETURN 'attempt ' || attempt;
END $$;
SELECT sfn.create_state_machine('retry_task', '{"StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "sql:public.fail_until", "End": true,
		"Retry": [{"ErrorEquals": ["Sql.division_by_zero"], "MaxAttempts": 9},
			{"ErrorEquals": ["Sql.object_not_in_prerequisite_state"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 3, "MaxDelaySeconds": 10}],
		"Catch": [{"ErrorEquals": ["Sql.object_not_in_prerequisite_state"], "ResultPath": "$.error", "Next": "Mend"}]},
	"Mend": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;

-- 2, 6 and 10 seconds (18, but for MaxDelaySeconds) between four attempts
SELECT sfn.start_execution('retry_task', '{"n": 4}', 'lucky');
SELECT sfn.run_until_idle();
SELECT status, output, stop_date - start_date AS took FROM sfn.executions WHERE name = 'lucky';
SELECT id, previous_event_id, "timestamp", type FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:retry_task:lucky');

-- caught when the attempts are used up
SELECT setval('attempts', 1, false);
SELECT sfn.start_execution('retry_task', '{"n": 5}', 'unlucky');
SELECT sfn.run_until_idle();
SELECT status, output FROM sfn.executions WHERE name = 'unlucky';

-- not caught: an error of another name
SELECT sfn.start_execution('retry_task', '{"n": "many"}', 'other');
SELECT sfn.run_until_idle();
SELECT status, error, cause FROM sfn.executions WHERE name = 'other';

-- a failed attempt leaves nothing behind, a successful one commits with the transition
CREATE FUNCTION note_and_fail(x jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO attempt (execution) VALUES ('failed');
	RAISE EXCEPTION 'too bad';
END $$;
CREATE FUNCTION note(x jsonb) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO attempt (execution) VALUES ('noted'); END;
SELECT sfn.create_state_machine('retry_effects', '{"StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "sql:public.note_and_fail", "Next": "N", "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
		"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "N"}]},
	"N": {"Type": "Task", "Resource": "sql:public.note", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('retry_effects', '{}', 'effects');
SELECT sfn.run_until_idle();
SELECT execution, count(*) FROM attempt GROUP BY 1;
SELECT type, count(*) FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:retry_effects:effects') GROUP BY 1 ORDER BY 1;

DROP FUNCTION fail_until, note_and_fail, note;
DROP TABLE attempt;
DROP SEQUENCE attempts;
