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

-- the same of events and schedules
SELECT sfn.create_bus('checked'), sfn.create_rule('checked', '{"source": ["a"]}', 'sql:public.f', bus => 'checked') IS NOT NULL AS rule, sfn.grant_bus('checked', 'pg_monitor', 'put'),
	sfn.create_schedule_group('checked') IS NOT NULL AS schedule_group, sfn.create_schedule('checked', 'rate(1 hour)', 'sql:public.f', group_name => 'checked') IS NOT NULL AS schedule,
	sfn.events_api('PutRule', '{"Name": "ticks", "ScheduleExpression": "rate(1 hour)", "Tags": [{"Key": "k", "Value": "v"}]}') IS NOT NULL AS ticks;
SELECT * FROM sfn.check();
CALL try($$DELETE FROM sfn.event_bus WHERE name = 'checked'$$);
CALL try($$DELETE FROM sfn.event_rule WHERE name = 'checked'$$);
CALL try($$DELETE FROM sfn.event_rule WHERE name = 'ticks'$$);
CALL try($$DELETE FROM sfn.event_target t USING sfn.event_rule r WHERE r.id = t.rule_id AND r.name = 'checked'$$);
CALL try($$UPDATE sfn.event_target t SET machine_id = 4611686018427387904 FROM sfn.event_rule r WHERE r.id = t.rule_id AND r.name = 'checked'$$);
CALL try($$UPDATE sfn.schedule SET machine_id = 4611686018427387904 WHERE name = 'checked'$$);
CALL try($$DELETE FROM sfn.schedule s USING sfn.event_rule r WHERE r.id = s.rule_id AND r.name = 'ticks'$$);
CALL try($$DELETE FROM sfn.schedule_group WHERE name = 'checked'$$);
CALL try($$INSERT INTO sfn.event_bus_permission VALUES (-1, 1, 'x', '*', 0::oid)$$);
CALL try($$INSERT INTO sfn.event_bus_tag VALUES (-1, 'k', 'v')$$);
CALL try($$INSERT INTO sfn.schedule_group_tag VALUES (-1, 'k', 'v')$$);
CALL try($$INSERT INTO sfn.event_dead_letter (creation_date, rule_id, bus, rule, target_id, event) VALUES (now(), -1, 'b', 'r', 't', '{}')$$);
SELECT sfn.drop_rule('checked/checked'), sfn.drop_rule('ticks'), sfn.drop_bus('checked'), sfn.drop_schedule_group('checked');
SELECT * FROM sfn.check();

-- not for everybody
CREATE ROLE regress_stranger;
SET ROLE regress_stranger;
SELECT * FROM sfn.check();
RESET ROLE;
DROP ROLE regress_stranger;

SELECT sfn.delete_state_machine('checked');
DROP PROCEDURE try;
