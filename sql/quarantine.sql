--
-- Quarantine: an execution that brought workers down waits until somebody stops or releases it.
-- Workers do the quarantining (test/tap/quarantine.pl); here it is done by hand.
--
SET sfn.test_now = '2100-01-01 00:00:00+00';

CREATE FUNCTION reply(input jsonb) RETURNS text LANGUAGE sql AS $$SELECT 'replied'$$;
SELECT sfn.create_state_machine('q', '{"StartAt": "Wait", "States": {
	"Wait": {"Type": "Wait", "Seconds": 60, "Next": "Reply"},
	"Reply": {"Type": "Task", "Resource": "sql:public.reply", "End": true}}}');
SELECT sfn.start_execution('q', '{}', n) FROM unnest('{released,stopped,early,never_begun,plain}'::text[]) n;

CREATE FUNCTION arn(name text) RETURNS text LANGUAGE sql AS
	$$SELECT 'arn:aws:states:us-east-1:000000000000:execution:q:' || name$$;
CREATE PROCEDURE quarantine(names text[]) LANGUAGE sql AS $$
	UPDATE sfn.execution SET quarantined_at = '2100-01-01', quarantine_reason = 'by hand' WHERE name = ANY (names)$$;
CREATE VIEW q AS SELECT e.name, e.status, e.state, e.quarantine_reason AS reason, e.error,
	(SELECT string_agg(CASE WHEN i.due = 'infinity' THEN 'parked' ELSE 'due' END || ' ' || i.kind, ',') FROM sfn.inbox i JOIN sfn.execution x ON x.id = i.execution_id
	 WHERE x.name = e.name) AS inbox
FROM sfn.executions e WHERE e.state_machine = 'q' ORDER BY e.name;

-- one that never began, the others while they wait
CALL quarantine('{never_begun}');
SELECT sfn.run_once();
CALL quarantine('{released,stopped,early}');
TABLE q;

-- released before its timer was due
SELECT sfn.release_execution(arn('early'));
SELECT sfn.run_once();
TABLE q;

-- what comes due is put aside; plain and early go on
SELECT sfn.run_until_idle() > 0 AS ran;
TABLE q;

-- a stop ends it where it stands, and history has no second beginning
SELECT sfn.stop_execution(arn('stopped'), 'Stopped') IS NOT NULL AS stopped;
SELECT sfn.stop_execution(arn('never_begun'), 'Stopped') IS NOT NULL AS stopped;
SELECT sfn.run_once();
SELECT id, previous_event_id, type FROM sfn.get_execution_history(arn('stopped'));
SELECT id, previous_event_id, type FROM sfn.get_execution_history(arn('never_begun'));

-- a release brings it back with what it waited for
SELECT sfn.release_execution(arn('released'));
SELECT sfn.release_execution(arn('released'));
SELECT sfn.run_until_idle() > 0 AS ran;
TABLE q;
SELECT id, type FROM sfn.get_execution_history(arn('released'));

-- not for those that are not quarantined, not for everybody
SELECT sfn.release_execution(arn('plain'));
SELECT sfn.release_execution(arn('nobody'));
SELECT sfn.release_execution(NULL);
CREATE ROLE sfn_regress_stranger;
CALL quarantine('{plain}');
SET ROLE sfn_regress_stranger;
SELECT sfn.release_execution(arn('plain'));
RESET ROLE;

DROP ROLE sfn_regress_stranger;
SELECT sfn.delete_state_machine('q');
DROP VIEW q;
DROP FUNCTION arn;
DROP FUNCTION reply;
DROP PROCEDURE quarantine;
