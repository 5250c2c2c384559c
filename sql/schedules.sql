-- Schedules: what is due is started once; what was missed, as catch_up says.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET sfn.test_now = '2026-03-01 10:00:30+00';
CREATE TABLE public.called (input json);
CREATE FUNCTION public.call_me(input json) RETURNS void LANGUAGE sql AS $$ INSERT INTO public.called VALUES (input) $$;
SELECT sfn.create_state_machine('nightly', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_schedule('batch', 'cron(30 2 * * ? *)', 'nightly', '{"for": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"}', 'Europe/Berlin');
SELECT sfn.create_schedule('often', 'rate(1 hour)', 'sql:public.call_me', '{"n": 1}', catch_up => 'all');
SELECT sfn.create_schedule('never-late', '0 * * * *', 'sql:public.call_me', '{"n": 2}', catch_up => 'none');
SELECT sfn.create_schedule('once', 'at(2026-03-01T12:00:00)', 'nightly', action_after_completion => 'DELETE');
SELECT name, expression, timezone, catch_up, enabled, next_due, runs FROM sfn.schedules ORDER BY 1;
SELECT sfn.run_until_idle() AS ran;
SET sfn.test_now = '2026-03-01 13:30:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT input ->> 'n' AS n, count(*) FROM public.called GROUP BY 1 ORDER BY 1;
SELECT name, next_due, last_due, runs, missed FROM sfn.schedules ORDER BY 1;
SET sfn.test_now = '2026-03-05 03:00:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, input FROM sfn.executions WHERE state_machine = 'nightly' ORDER BY start_date;
SELECT name, next_due, last_due, runs, missed FROM sfn.schedules ORDER BY 1;
-- summer begins: 02:30 does not exist on the 29th in Berlin
SELECT sfn.disable_schedule('often'), sfn.disable_schedule('never-late');
SET sfn.test_now = '2026-03-28 12:00:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT next_due FROM sfn.schedules WHERE name = 'batch';
SELECT sfn.enable_schedule('often');
SELECT name, enabled, next_due FROM sfn.schedules WHERE name = 'often';
-- a window, and an end
SELECT sfn.create_schedule_group('g');
SELECT sfn.create_schedule('window', 'rate(10 minutes)', 'nightly', flexible => '5 minutes', end_date => '2026-03-28 12:25:00+00', group_name => 'g') IS NOT NULL AS made;
SELECT next_due BETWEEN '2026-03-28 12:10:00+00' AND '2026-03-28 12:15:00+00' AS inside FROM sfn.schedules WHERE name = 'window';
SET sfn.test_now = '2026-03-28 12:40:00+00';
SELECT sfn.run_due_schedules();
SELECT enabled, next_due, last_due, runs, missed FROM sfn.schedules WHERE name = 'window';
SELECT sfn.run_due_schedules();
-- what is wrong is said
SELECT sfn.create_schedule('x', 'cron(30 2 * * * *)', 'nightly');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'nightly', timezone => 'Nowhere');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'nobody');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'notify:' || repeat('x', 64));
SELECT sfn.create_rule('x', '{"source": ["a"]}', 'notify:' || repeat('x', 64));
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'arn:aws:events:us-east-1:000000000000:event-bus/default');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'arn:aws:events:us-east-1:000000000000:event-bus/default', '[]', parameters => '{"EventBridgeParameters": {"Source": "s", "DetailType": "d"}}');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'arn:aws:events:us-east-1:000000000000:event-bus/default', parameters => '{"EventBridgeParameters": {"Source": "", "DetailType": "d"}}');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'nightly', parameters => '[]');
SELECT sfn.create_schedule('x', 'at(2020-01-01T00:00:00)', 'nightly');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'nightly', catch_up => 'some');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'nightly', action_after_completion => 'STOP');
SELECT sfn.create_schedule('batch', 'rate(1 hour)', 'nightly');
SELECT sfn.create_schedule('batch', 'rate(1 hour)', 'nightly', replace => true) IS NOT NULL AS replaced;
SELECT sfn.drop_schedule('batch', 'g');
CREATE ROLE regress_scheduler;
SET ROLE regress_scheduler;
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'nightly');
SELECT sfn.drop_schedule('batch');
SELECT sfn.create_schedule('mine', 'rate(1 hour)', 'sql:public.call_me') IS NOT NULL AS made;
SELECT name FROM sfn.schedules;
RESET ROLE;
DROP ROLE regress_scheduler;
DROP OWNED BY regress_scheduler;
DROP ROLE regress_scheduler;
-- an event that is put, in the same transaction; where that is refused it is tried as what may fail
SET sfn.test_now = '2026-03-29 00:00:00+00';
SELECT sfn.create_bus('shop'), sfn.create_rule('nights', '{"source": ["shop"], "detail-type": ["night"]}', 'nightly', bus => 'shop', input_path => '$') IS NOT NULL AS rule;
SELECT sfn.create_schedule('event', 'rate(1 hour)', 'arn:aws:events:us-east-1:000000000000:event-bus/shop', '{"at": "<aws.scheduler.scheduled-time>"}',
	parameters => '{"EventBridgeParameters": {"Source": "shop", "DetailType": "night"}}') IS NOT NULL AS made;
SELECT sfn.create_schedule('told', 'rate(1 hour)', 'notify:nights', '{"n": 1}') IS NOT NULL AS made;
SELECT target, input, parameters FROM sfn.schedules WHERE name IN ('event', 'told') ORDER BY name;
SET sfn.test_now = '2026-03-29 01:00:00+00';
BEGIN;
SELECT sfn.run_due_schedules() > 0 AS ran;
SELECT input::jsonb - 'id' AS event FROM sfn.executions WHERE state_machine = 'nightly' AND input ->> 'source' = 'shop';
COMMIT;
SELECT name, runs FROM sfn.schedules WHERE name IN ('event', 'told') ORDER BY name;
CREATE ROLE regress_scheduler;
SELECT sfn.update_schedule('event', role => 'regress_scheduler', retry => '{"MaximumRetryAttempts": 0}');
SET sfn.test_now = '2026-03-29 02:00:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, error, cause FROM sfn.executions WHERE state_machine = '$schedule/default/event';
SELECT sfn.grant_bus('shop', 'regress_scheduler', 'put'), sfn.grant_bus('shop', current_user::regrole, 'subscribe');
SET sfn.test_now = '2026-03-29 03:00:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*) AS told FROM sfn.executions WHERE state_machine = 'nightly' AND input ->> 'source' = 'shop';
SELECT sfn.drop_rule('shop/nights'), sfn.drop_bus('shop');
SELECT sfn.drop_schedule(name, group_name) FROM sfn.schedules;
DROP ROLE regress_scheduler;
SELECT sfn.drop_schedule_group('g');
SELECT sfn.delete_state_machine('nightly');
DROP FUNCTION public.call_me;
DROP TABLE public.called;

SET sfn.test_now = '2026-06-28 12:00:00+00';
SELECT sfn.create_state_machine('again', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made, sfn.create_schedule_group('again') IS NOT NULL AS grouped;
-- of one name in two groups, with the same input
SELECT count(sfn.create_schedule('twice', 'at(2026-06-28T13:00:00)', 'again', group_name => name)) FROM unnest('{default,again}'::text[]) AS name;
-- at() is meant whatever start and end say
SELECT sfn.create_schedule('meant', 'at(2026-06-28T13:30:00)', 'again', start_date => '2026-07-01', end_date => '2026-06-28') IS NOT NULL AS made;
SELECT name, next_due FROM sfn.schedules WHERE name IN ('twice', 'meant') ORDER BY group_name, name;
SET sfn.test_now = '2026-06-28 14:00:00+00';
SELECT sfn.run_due_schedules();
SELECT regexp_replace(name, '^[0-9a-f]{8}-.*', 'a UUID') AS name FROM sfn.executions WHERE state_machine = 'again' AND start_date = '2026-06-28 14:00:00+00' ORDER BY 1;
-- a month of minutes is counted without being kept
SELECT count(sfn.create_schedule('minute' || n, 'cron(* * * * ? *)', 'again')) FROM generate_series(1, 10) AS n;
SET sfn.test_now = '2026-07-28 14:00:00+00';
SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+)')::int AS kilobytes \gset
SELECT sfn.run_due_schedules();
SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+)')::int < :kilobytes + 20000 AS is_little;
SELECT DISTINCT runs, missed FROM sfn.schedules WHERE name LIKE 'minute%';
SELECT count(sfn.drop_schedule(name, group_name)) FROM sfn.schedules WHERE name ~ '^minute|^twice|^meant';
SELECT sfn.drop_schedule_group('again');
-- the role is gone: nothing is done in its name, whatever the target is, and the schedule says so
CREATE ROLE regress_gone;
CREATE FUNCTION public.ghostly(input json) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
SELECT sfn.grant_state_machine('again', 'regress_gone', 'start'), sfn.create_bus('ghosts'), sfn.grant_bus('ghosts', 'regress_gone', 'put'), sfn.create_queue('ghosts') IS NOT NULL AS queue, sfn.create_topic('ghosts') IS NOT NULL AS topic;
SELECT sfn.grant_use('queue', 'ghosts', 'regress_gone'), sfn.grant_bus('topic/ghosts', 'regress_gone', 'put');
SELECT count(sfn.create_schedule('ghost' || name, 'at(2026-07-28T15:00:00)', target, role => 'regress_gone', action_after_completion => 'DELETE',
	parameters => '{"EventBridgeParameters": {"Source": "s", "DetailType": "t"}, "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:ghosts"}}'))
FROM (VALUES ('machine', 'again'), ('function', 'sql:public.ghostly'), ('http', 'https://ghost.example'), ('notify', 'notify:ghosts'), ('bus', 'arn:aws:events:us-east-1:000000000000:event-bus/ghosts'),
	('queue', 'arn:aws:sqs:us-east-1:000000000000:ghosts'), ('topic', 'arn:aws:sns:us-east-1:000000000000:ghosts'), ('sdk', 'arn:aws:scheduler:::aws-sdk:sfn:startExecution')) AS t (name, target);
SELECT sfn.update_schedule('ghostmachine', expression => 'rate(1 minute)');
DROP ROLE regress_gone;
LISTEN ghosts;
SET client_min_messages = error;
SET sfn.test_now = '2026-07-28 15:00:00+00';
SELECT sfn.run_until_idle() AS ran;
RESET client_min_messages;
SELECT name, enabled, runs, disabled_reason FROM sfn.schedules WHERE name LIKE 'ghost%' ORDER BY name;
SELECT state_machine, status, error, cause FROM sfn.executions WHERE start_date = '2026-07-28 15:00:00+00';
SELECT messages FROM sfn.queues WHERE name = 'ghosts';
-- ... until it has another role, is enabled, and comes to its time
SELECT sfn.enable_schedule('ghostmachine');
SET sfn.test_now = '2026-07-28 15:01:00+00';
SELECT sfn.run_until_idle() AS ran;
SELECT sfn.update_schedule('ghostmachine', role => current_user::regrole, enabled => true);
SELECT enabled, disabled_reason FROM sfn.schedules WHERE name = 'ghostmachine';
SET sfn.test_now = '2026-07-28 15:02:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT runs, enabled FROM sfn.schedules WHERE name = 'ghostmachine';
UNLISTEN ghosts;
SELECT count(sfn.drop_schedule(name)) FROM sfn.schedules WHERE name LIKE 'ghost%';
SELECT sfn.drop_bus('ghosts'), sfn.delete_queue('ghosts'), sfn.delete_topic('ghosts');
DROP FUNCTION public.ghostly;
SELECT sfn.delete_state_machine('again');
