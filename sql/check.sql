--
-- sfn.check() finds what no key keeps true between the tables, and nothing else.
--
SET sfn.test_now = '2100-01-01 00:00:00+00';
SELECT sfn.create_state_machine('checked', '{"StartAt": "P", "States": {
	"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}},
		{"StartAt": "F", "States": {"F": {"Type": "Pass", "End": true}}}]}}}');
SELECT sfn.start_execution('checked', '{}', n) FROM unnest('{a,b,c,d}'::text[]) n;
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:checked:d') IS NOT NULL AS stopped;
SELECT sfn.run_once();
-- while they wait
SELECT * FROM sfn.check();
-- after their end
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT * FROM sfn.check();

-- what breaks a rule is found, each by itself
CREATE PROCEDURE try(statement text) LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	BEGIN
		EXECUTE statement;
		SELECT string_agg(concat_ws(': ', c.kind, c.problem), '; ') INTO found FROM sfn.check() c;
		RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = coalesce(found, 'nothing');
	EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
		RAISE NOTICE '%', SQLERRM;
	END;
END $$;
CALL try($$UPDATE sfn.execution SET status = 1, stop_date = NULL WHERE name = 'a'$$);
CALL try($$UPDATE sfn.execution SET status = 1 WHERE name = 'a'$$);
CALL try($$UPDATE sfn.execution SET quarantined_at = now() WHERE name = 'a'$$);
CALL try($$UPDATE sfn.execution SET revision_id = -1 WHERE name = 'a'$$);
CALL try($$DELETE FROM sfn.execution WHERE name = 'a'$$);
CALL try($$INSERT INTO sfn.inbox (execution_id, due, kind) VALUES (0, now(), 3)$$);
CALL try($$INSERT INTO sfn.branch SELECT id, 7, 0, 0, false FROM sfn.execution WHERE name = 'a'$$);
CALL try($$DELETE FROM sfn.history_chunk WHERE first_id > 1 AND execution_id = (SELECT id FROM sfn.execution WHERE name = 'a')$$);
CALL try($$UPDATE sfn.history_chunk SET events = replace(events::text, '"previousEventId":2', '"previousEventId":99')::json
	WHERE execution_id = (SELECT id FROM sfn.execution WHERE name = 'a')$$);
CALL try($$UPDATE sfn.history_chunk SET events = replace(events::text, 'ExecutionSucceeded', 'PassStateExited')::json
	WHERE execution_id = (SELECT id FROM sfn.execution WHERE name = 'a')$$);
CALL try($$INSERT INTO sfn.tag (state_machine_id, key, value) VALUES (-1, 'k', 'v')$$);
CALL try($$UPDATE sfn.state_machine SET role = 4294967295::oid WHERE name = 'checked'$$);

-- not for everybody
CREATE ROLE regress_stranger;
SET ROLE regress_stranger;
SELECT * FROM sfn.check();
RESET ROLE;
DROP ROLE regress_stranger;

SELECT sfn.delete_state_machine('checked');
DROP PROCEDURE try;
