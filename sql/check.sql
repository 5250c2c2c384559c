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
		SELECT string_agg(DISTINCT concat_ws(': ', c.kind, c.problem), '; ') INTO found FROM sfn.check() c;
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

-- the same of what waits
SELECT sfn.create_state_machine('waiting', '{"StartAt": "P", "States": {
	"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}},
		{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sql:query.waitForTaskToken", "Parameters": {"Query": "SELECT 1"}, "TimeoutSeconds": 99, "End": true}}}]}}}') IS NOT NULL AS made,
	sfn.create_state_machine('asking', '{"StartAt": "T", "States": {
		"T": {"Type": "Task", "Resource": "arn:aws:states:::sql:query.waitForTaskToken", "Parameters": {"Query": "SELECT 1"}, "TimeoutSeconds": 99, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.publish_state_machine_version('asking') AS version \gset
SELECT sfn.create_state_machine_alias('live', json_build_array(json_build_object('stateMachineVersionArn', :'version', 'weight', 100))::jsonb) IS NOT NULL AS alias;
SELECT count(sfn.start_execution(m, '{}', m)) FROM unnest('{waiting,asking}'::text[]) m;
SELECT sfn.run_once();
SELECT * FROM sfn.check();
CALL try($$DELETE FROM sfn.inbox WHERE timer = 1$$);
CALL try($$DELETE FROM sfn.task USING sfn.execution e WHERE e.id = execution_id AND name = 'waiting'$$);
CALL try($$DELETE FROM sfn.task USING sfn.execution e WHERE e.id = execution_id AND name = 'asking'$$);
CALL try($$DELETE FROM sfn.branch$$);
CALL try($$UPDATE sfn.branch SET parent_id = 99$$);
CALL try($$UPDATE sfn.execution SET has_branches = false WHERE name = 'waiting'$$);
CALL try($$UPDATE sfn.execution SET image = NULL WHERE name = 'asking'$$);
CALL try($$UPDATE sfn.execution SET map_run_id = -1 WHERE name = 'asking'$$);
CALL try($$UPDATE sfn.execution SET state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'waiting') WHERE name = 'asking'$$);
CALL try($$UPDATE sfn.execution_status SET status = 3$$);
CALL try($$UPDATE sfn.task SET kind = 6$$);
CALL try($$UPDATE sfn.task SET kind = 4, child_execution_id = -1$$);
CALL try($$UPDATE sfn.task SET kind = 4, child_execution_id = e.id FROM sfn.execution e WHERE e.name = 'asking' AND execution_id <> e.id$$);
CALL try($$UPDATE sfn.history_chunk SET last_id = 99 WHERE first_id = 1$$);
CALL try($$UPDATE sfn.state_machine SET revision_id = -1 WHERE name = 'asking'$$);
CALL try($$UPDATE sfn.state_machine SET map_of = -1 WHERE name = 'asking'$$);
CALL try($$UPDATE sfn.state_machine_version SET revision_id = -1$$);
CALL try($$DELETE FROM sfn.state_machine_version$$);

-- of what belongs to something else
CALL try($$INSERT INTO sfn.log_delivery (state_machine_id, next_attempt) VALUES (-1, now())$$);
CALL try($$INSERT INTO sfn.connection_use VALUES (-1, 10::oid, 10::oid, now())$$);
CALL try($$INSERT INTO sfn.queue_message (queue_id, visible_at, message_id, sent, body) VALUES (-1, now(), gen_random_uuid(), now(), '')$$);
CALL try($$INSERT INTO sfn.queue_deduplication VALUES (-1, 'd', gen_random_uuid(), 0, now())$$);
CALL try($$INSERT INTO sfn.queue_use VALUES (-1, 10::oid, 10::oid, now())$$);
CALL try($$INSERT INTO sfn.queue_group_run VALUES (-1, 'g', 1)$$);
CALL try($$INSERT INTO sfn.queue_source (queue_id, url, is_enabled, next_poll, creation_date) VALUES (-1, 'u', false, now(), now())$$);
CALL try($$INSERT INTO sfn.queue_source_message VALUES (-1, 'm', NULL, now(), now())$$);
CALL try($$INSERT INTO sfn.event_archive (name, bus_id, owner, creation_date) VALUES ('a', -1, 10::oid, now())$$);
CALL try($$INSERT INTO sfn.archived_event (archive_id, time, event) VALUES (-1, now(), '{}')$$);
CALL try($$INSERT INTO sfn.archive_count (archive_id, events, bytes) VALUES (-1, 1, 1)$$);
CALL try($$INSERT INTO sfn.event_replay (name, archive_id, start_time, end_time, before_id, state, creation_date) VALUES ('r', -1, now(), now(), 0, 'COMPLETED', now())$$);
CALL try($$INSERT INTO sfn.trust VALUES ('queue', -1, 10::oid, 10::oid, 10::oid, now())$$);
CALL try($$INSERT INTO sfn.secret VALUES ('access key', 'nobody', 's')$$);

-- of roles that a cluster does not have, and of what came past triggers and sequences
CALL try($$INSERT INTO sfn.queue (name, owner, visibility_timeout, delay, deduplicates_content, creation_date) VALUES ('q', 'regress_nobody', 1, 1, false, now())$$);
CALL try($$INSERT INTO sfn.quota (role) VALUES ('regress_nobody')$$);
CALL try($$SET LOCAL session_replication_role = replica; UPDATE sfn.state_machine SET role = 'pg_monitor' WHERE name = 'asking'$$);
CALL try($$INSERT INTO sfn.activity (id, name, owner) OVERRIDING SYSTEM VALUE VALUES (4611686018427387904, 'a', 10::oid)$$);
CALL try($$UPDATE sfn.instance SET database_oid = 1$$);
SELECT count(sfn.stop_execution(e.execution_arn)) FROM sfn.executions e WHERE e.status = 'RUNNING';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT * FROM sfn.check();

-- not for everybody
CREATE ROLE regress_stranger;
SET ROLE regress_stranger;
SELECT * FROM sfn.check();
RESET ROLE;
DROP ROLE regress_stranger;

SELECT sfn.delete_state_machine(m) FROM unnest('{checked,waiting,asking}'::text[]) m;
DROP PROCEDURE try;
