-- Rules: what an execution's change of status, or an event that is put, leads to.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET sfn.test_now = '2026-01-01 00:00:00+00';
CREATE TABLE public.told (what text, event json);
CREATE FUNCTION public.tell(event json) RETURNS text LANGUAGE sql AS $$ INSERT INTO public.told VALUES ('tell', event); SELECT 'ok' $$;
CREATE FUNCTION public.refuse(event json) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
CREATE FUNCTION public.put_again(event json) RETURNS text LANGUAGE sql AS $$ SELECT sfn.put_event('app', 'loop', '{}')::text $$;
SELECT sfn.create_state_machine('ruled', '{"StartAt": "Which", "States": {"Which": {"Type": "Choice", "Default": "Done", "Choices": [
	{"Variable": "$.kind", "StringEquals": "fail", "Next": "Fail"}]},
	"Done": {"Type": "Succeed"}, "Fail": {"Type": "Fail", "Error": "Sorry", "Cause": "no"}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('follower', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;

-- a function and a machine are told of failures, each in its own form
SELECT sfn.create_rule('failures', '{"source": ["aws.states"], "detail": {"status": ["FAILED"], "stateMachineArn": [{"suffix": ":ruled"}]}}', 'sql:public.tell');
SELECT sfn.set_target('failures', 'next', 'follower', input_transformer => '{"InputPathsMap": {"name": "$.detail.name", "e": "$.detail.error"}, "InputTemplate": "{\"failed\": <name>, \"error\": <e>}"}');
SELECT bus, name, owner = current_user::regrole AS mine, enabled, targets FROM sfn.event_rules;
SELECT rule, target_id, target, input_path, input_transformer IS NOT NULL AS transformed FROM sfn.event_targets ORDER BY 2;
SELECT sfn.start_execution('ruled', '{"kind": "fail"}', 'f1') IS NOT NULL AS started, sfn.start_execution('ruled', '{"kind": "fine"}', 's1') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT what, event -> 'source' AS source, event -> 'detail' ->> 'name' AS name, event -> 'detail' ->> 'status' AS status, event -> 'detail' ->> 'error' AS error FROM public.told;
SELECT status, input FROM sfn.executions WHERE execution_arn LIKE '%:follower:%';
-- executions that deliver are in no list of machines, and send nothing
SELECT name FROM sfn.state_machines WHERE name IN ('follower', 'ruled') OR name ~ '[$/]' ORDER BY 1;
SELECT count(*) FROM sfn.executions WHERE execution_arn LIKE '%:$rule/default/failures/1:%' AND status = 'SUCCEEDED';

-- start, end and redrive; EXPRESS executions in our own name
TRUNCATE public.told;
SELECT sfn.create_rule('all', '{"source": ["aws.states", "sfn"], "detail-type": ["Step Functions Execution Status Change"]}', 'sql:public.tell', input_path => '$.detail');
SELECT sfn.disable_rule('failures');
SELECT sfn.create_state_machine('quick', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', type => 'EXPRESS') IS NOT NULL AS made;
SELECT sfn.start_execution('ruled', '{"kind": "fail"}', 'f2') IS NOT NULL AS started, sfn.start_execution('quick', '{}', 'q') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.redrive_execution('arn:aws:states:us-east-1:000000000000:execution:ruled:f2') IS NOT NULL AS redriven;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT split_part(event ->> 'name', ':', 1) AS name, event ->> 'status' AS status, event ->> 'redriveCount' AS redrives, count(*)
FROM public.told GROUP BY 1, 2, 3 ORDER BY 1, 3, 2;
SELECT sfn.drop_rule('all'), sfn.drop_rule('default/failures');
SELECT count(*) FROM sfn.event_targets;

-- events of users, buses, transactions
TRUNCATE public.told;
SELECT sfn.create_bus('shop', 'orders');
SELECT name, description FROM sfn.event_buses ORDER BY 1;
SELECT sfn.create_rule('big', '{"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}}', 'sql:public.tell', bus => 'shop', input => '{"big": true}');
SELECT sfn.put_event('shop', 'order', '{"total": 500}', bus => 'shop') IS NOT NULL AS put;
BEGIN;
SELECT sfn.put_event('shop', 'order', '{"total": 600}', ARRAY['order/6'], 'shop') IS NOT NULL AS put;
ROLLBACK;
SELECT sfn.put_event('shop', 'order', '{"total": 5}', bus => 'shop') IS NOT NULL AS put;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event FROM public.told;
SELECT sfn.create_rule('forward', '{"source": ["app"]}', 'arn:aws:events:us-east-1:000000000000:event-bus/shop');
SELECT sfn.create_rule('there', '{"source": ["app"]}', 'sql:public.tell', bus => 'shop', input_path => '$.detail.n');
SELECT regexp_replace(sfn.put_events('[{"Source": "app", "DetailType": "t", "Detail": "{\"n\": 1}"}, {"Source": "aws.states", "DetailType": "t", "Detail": "{"},
	{"Source": "app", "DetailType": "t", "Detail": "{}", "EventBusName": "nowhere"}]')::text, '[0-9a-f-]{36}', '...');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event FROM public.told ORDER BY event::text;

-- what cannot be delivered is a dead letter, and can be delivered again
SELECT sfn.create_rule('refused', '{"source": ["bad"]}', 'sql:public.refuse', retry => '{"MaximumRetryAttempts": 2}');
SELECT sfn.create_rule('gone', '{"source": ["bad"]}', 'sql:public.not_there');
SELECT sfn.put_event('bad', 't', '{"k": 1}') IS NOT NULL AS put;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT rule, target_id, event -> 'detail' AS detail, error, cause, execution_arn LIKE '%:$rule/default/%' AS tried FROM sfn.event_dead_letters ORDER BY 1;
CREATE OR REPLACE FUNCTION public.refuse(event json) RETURNS text LANGUAGE sql AS $$ INSERT INTO public.told VALUES ('later', event -> 'detail'); SELECT 'ok' $$;
SELECT sfn.redeliver(id) FROM sfn.event_dead_letters WHERE rule = 'refused';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event FROM public.told WHERE what = 'later';
SELECT rule FROM sfn.event_dead_letters;

-- a rule that starts what it matches ends (its input is not the event, which would double from start to start), and so does one whose function puts the event again
SELECT sfn.create_rule('own tail', '{}');
SELECT sfn.create_rule('own-tail', '{"source": ["aws.states"]}', 'follower', input => '{}');
SELECT sfn.start_execution('follower', '{}') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, enabled, disabled_reason FROM sfn.event_rules WHERE name = 'own-tail';
SELECT rule, error, count(*) > 0 AS some FROM sfn.event_dead_letters WHERE rule = 'own-tail' GROUP BY 1, 2;
SELECT sfn.create_rule('puts', '{"source": ["app"], "detail-type": ["loop"]}', 'sql:public.put_again');
SELECT sfn.put_event('app', 'loop', '{}') IS NOT NULL AS put;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, enabled, disabled_reason FROM sfn.event_rules WHERE disabled_reason IS NOT NULL ORDER BY 1;

-- notifications are sent between turns
SELECT sfn.create_rule('notes', '{"source": ["notes"]}', 'notify:ruled', input_path => '$.detail');
SELECT sfn.put_event('notes', 't', '{"n": 1}') IS NOT NULL AS put, sfn.put_event('notes', 't', json_build_object('long', repeat('x', 8000)), '{r1}') IS NOT NULL AS put;
SELECT count(*) FROM sfn.event_notice;
SELECT sfn.run_until_idle() AS ran \g /dev/null
SELECT count(*) FROM sfn.event_notice;

-- what is wrong is said
SELECT sfn.create_rule('x', '{"source": "aws.states"}');
SELECT sfn.create_rule('x', '{"source": ["a"]}', 'arn:aws:kinesis:us-east-1:000000000000:stream');
SELECT sfn.create_rule('x', '{"source": ["a"]}', 'no_such_machine');
SELECT sfn.create_rule('x', '{"source": ["a"]}', 'sql:public.tell', input_path => 'detail');
SELECT sfn.create_rule('x', '{"source": ["a"]}', 'sql:public.tell', retry => '{"MaximumRetryAttempts": 200}');
SELECT sfn.create_rule('big', '{"source": ["a"]}', bus => 'shop');
SELECT sfn.create_rule('big', '{"source": ["b"]}', bus => 'shop', replace => true) IS NOT NULL AS replaced;
SELECT sfn.create_rule('x', '{"source": ["a"]}', bus => 'nowhere');
SELECT sfn.set_target('nobody', '1', 'follower');
SELECT sfn.remove_target('gone', '2');
SELECT sfn.redeliver(0);
SELECT sfn.put_event('sfn', 't', '[]');
SELECT sfn.put_event('app', '', '{}');
SELECT sfn.drop_bus('shop');
SELECT sfn.drop_bus('default');
SELECT sfn.create_bus('default');
SELECT sfn.grant_bus('shop', current_user::regrole, 'everything');

-- a template that makes too much of an event, and a time that no text of AWS's has
SELECT sfn.create_rule('blown', '{"source": ["app"]}', 'follower', input_transformer => json_build_object('InputTemplate', '[0' || repeat(', <aws.events.event.json>', 300) || ']')) IS NOT NULL AS made;
SELECT sfn.put_event('app', 't', json_build_object('x', repeat('x', 250000))) IS NOT NULL AS put;
SELECT target_id, error, cause, execution_arn FROM sfn.event_dead_letters WHERE rule = 'blown';
SELECT sfn.drop_rule('blown');
SELECT sfn.create_archive('old') IS NOT NULL AS made;
SELECT sfn.put_event('app', 't', '{}', "time" => '0001-12-31 BC');
SELECT sfn.put_event('app', 't', '{}', "time" => '0001-01-01 00:00:00+00') IS NOT NULL AS put;
SELECT event ->> 'time' AS time FROM sfn.archived_events;
SELECT sfn.drop_archive('old');

-- the role of targets is gone: nothing is done in its name, though nobody has taken its rights away
CREATE ROLE regress_gone;
SELECT sfn.create_queue('left') IS NOT NULL AS made, sfn.grant_state_machine('follower', 'regress_gone', 'start'), sfn.create_bus('left'), sfn.grant_bus('left', 'regress_gone', 'put'), sfn.create_topic('left') IS NOT NULL AS topic;
SELECT sfn.create_rule('ghost', '{"source": ["app"]}', 'follower', role => 'regress_gone') IS NOT NULL AS made;
SELECT sfn.set_target('ghost', id, target, role => 'regress_gone')
FROM (VALUES ('bus', 'arn:aws:events:us-east-1:000000000000:event-bus/left'), ('function', 'sql:public.tell'), ('queue', 'arn:aws:sqs:us-east-1:000000000000:left'), ('topic', 'arn:aws:sns:us-east-1:000000000000:left'), ('channel', 'notify:x')) AS t (id, target);
SELECT sfn.put_event('app', 't', '{"n": "under way"}') IS NOT NULL AS put;
SELECT sfn.set_target('ghost', 'http', 'https://ghost.example', role => 'regress_gone');
DROP ROLE regress_gone;
SELECT sfn.put_event('app', 't', '{"n": "later"}') IS NOT NULL AS put;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event -> 'detail' ->> 'n' AS n, target_id, error, cause FROM sfn.event_dead_letters WHERE rule = 'ghost' ORDER BY 1, 2;
SELECT sfn.drop_rule('ghost'), sfn.delete_queue('left'), sfn.drop_bus('left'), sfn.delete_topic('left');

-- rights: a rule gets what its owner may see, with data only if he may read it
CREATE ROLE regress_ruler;
GRANT USAGE ON SCHEMA public TO regress_ruler;
GRANT INSERT, SELECT ON public.told TO regress_ruler;
TRUNCATE public.told;
SET ROLE regress_ruler;
SELECT sfn.create_rule('mine', '{"source": ["aws.states", "app"]}', 'sql:public.tell') IS NOT NULL AS made;
SELECT sfn.create_rule('theirs', '{"source": ["a"]}', 'follower');
SELECT sfn.put_event('aws.states', 't', '{}');
SELECT sfn.put_event('shop', 'order', '{}', bus => 'shop');
-- ... and a rule is no way to put events where its owner may not
SELECT sfn.create_rule('through', '{"source": ["hole"]}', 'arn:aws:events:us-east-1:000000000000:event-bus/shop') IS NOT NULL AS made;
SELECT sfn.put_event('hole', 't', '{}') IS NOT NULL AS put;
SELECT rule, error, cause FROM sfn.event_dead_letters WHERE rule = 'through';
SELECT sfn.drop_rule('through');
SELECT sfn.drop_rule('forward');
SELECT name FROM sfn.event_rules;
RESET ROLE;
SELECT sfn.start_execution('ruled', '{"kind": "fine"}', 'r1') IS NOT NULL AS started, sfn.put_event('app', 't', '{"n": 1}') IS NOT NULL AS put;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*) FROM public.told WHERE event ->> 'source' IS NOT NULL;
SELECT sfn.grant_state_machine('ruled', 'regress_ruler', 'see'), sfn.grant_bus('default', 'regress_ruler', 'subscribe');
SELECT sfn.start_execution('ruled', '{"kind": "fine"}', 'r2') IS NOT NULL AS started, sfn.put_event('app', 't', '{"n": 2}') IS NOT NULL AS put;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event ->> 'source' AS source, event -> 'detail' ->> 'status' AS status, event -> 'detail' ->> 'input' AS input FROM public.told WHERE event ->> 'source' IS NOT NULL ORDER BY 1, 2;
SELECT bus, grantee, privilege FROM sfn.event_bus_grants;
DROP ROLE regress_ruler;
SELECT kind, name FROM sfn.owned_objects WHERE owner = 'regress_ruler'::regrole;
DROP OWNED BY regress_ruler;
SELECT sfn.revoke_bus('default', 'regress_ruler', 'subscribe');
DROP ROLE regress_ruler;
SELECT count(*) FROM sfn.event_rules WHERE name = 'mine';

SELECT sfn.drop_rule(bus || '/' || name) FROM sfn.event_rules;
SELECT sfn.drop_bus('shop');
SELECT sfn.delete_state_machine(name) FROM sfn.state_machines WHERE name IN ('ruled', 'follower', 'quick');
SELECT count(*) FROM sfn.check() WHERE kind = 'state_machine';
DROP FUNCTION public.tell, public.refuse, public.put_again;
DROP TABLE public.told;

-- a pattern is compiled when an event of its source and detail-type comes: what that takes is many times its text
CREATE FUNCTION large(i int) RETURNS json LANGUAGE sql AS $$
	SELECT json_build_object('source', json_build_array('large' || i), 'detail-type', json_build_array('Large'), 'detail', json_build_object(
		'a', json_build_object('$or', (SELECT json_agg(json_build_object('s', json_build_array(i || '-' || j))) FROM generate_series(1, 30) j)),
		'b', json_build_object('$or', (SELECT json_agg(json_build_object('t', json_build_array(j))) FROM generate_series(1, 30) j)))) $$;
CREATE VIEW compiled AS SELECT count(*) FILTER (WHERE total_bytes > 100000) AS large_ones FROM pg_backend_memory_contexts WHERE name = 'sfn rule pattern';
SELECT count(sfn.create_rule('large' || i, large(i), 'notify:large')) FROM generate_series(1, 20) i;
SELECT sfn.put_event('small', 'Large', '{"a": {"s": "7-1"}, "b": {"t": 1}}') IS NOT NULL AS put, sfn.put_event('large7', 'Small', '{}') IS NOT NULL AS put;
SELECT * FROM compiled;
SELECT sfn.put_event('large7', 'Large', '{"a": {"s": "7-1"}, "b": {"t": 1}}') IS NOT NULL AS put, sfn.put_event('large8', 'Large', '{}') IS NOT NULL AS put;
SELECT * FROM compiled;
WITH d AS (DELETE FROM sfn.event_notice RETURNING 1) SELECT count(*) AS notices FROM d;
SELECT count(sfn.drop_rule('large' || i)) FROM generate_series(1, 20) i;
DROP VIEW compiled;
DROP FUNCTION large;
