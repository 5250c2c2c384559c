-- Rules that are told by the clock: PutRule with a ScheduleExpression.
\set SHOW_CONTEXT never
SET sfn.test_now = '2026-01-01 00:00:30+00';
SELECT sfn.create_state_machine('ticked', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') AS ticked \gset

SELECT sfn.events_api('PutRule', '{"Name": "hourly", "ScheduleExpression": "rate(1 hour)", "Description": "d"}');
SELECT sfn.events_api('PutTargets', json_build_object('Rule', 'hourly', 'Targets', json_build_array(
	json_build_object('Id', 'whole', 'Arn', :'ticked'), json_build_object('Id', 'part', 'Arn', :'ticked', 'InputPath', '$.time'))));
SELECT sfn.events_api('DescribeRule', '{"Name": "hourly"}');
SELECT sfn.events_api('ListRules', '{}') ::jsonb @? '$.Rules[*].ScheduleExpression' AS listed;
SELECT name, pattern, schedule, next_due, targets FROM sfn.event_rules WHERE name IN ('hourly', 'n');

-- it is a rule and no schedule
SELECT count(*) FROM sfn.schedules WHERE target ~ 'ticked|hourly';
SELECT sfn.scheduler_api('ListSchedules', '{"GroupName": "$rule"}');
SELECT kind, name FROM sfn.owned_objects WHERE kind IN ('rule', 'schedule') AND name ~ 'hourly|rule';

-- both of its targets are told at each time, once
SET sfn.test_now = '2026-01-01 01:00:30+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.run_until_idle() AS ran;
SELECT jsonb_pretty(input::jsonb - 'id'), input ->> 'id' ~ '^[0-9a-f-]{36}$' AS has_id FROM sfn.executions WHERE state_machine = 'ticked' AND json_typeof(input) = 'object';
SELECT input FROM sfn.executions WHERE state_machine = 'ticked' AND json_typeof(input) = 'string';
SELECT next_due FROM sfn.event_rules WHERE name IN ('hourly', 'n');

-- put anew with the same expression it keeps its time; disabled, it is silent
SET sfn.test_now = '2026-01-01 01:30:00+00';
SELECT sfn.events_api('PutRule', '{"Name": "hourly", "ScheduleExpression": "rate(1 hour)", "EventPattern": "{\"source\": [\"app\"]}"}') IS NOT NULL AS put;
SELECT pattern, schedule, next_due FROM sfn.event_rules WHERE name IN ('hourly', 'n');
SELECT sfn.disable_rule('hourly');
SET sfn.test_now = '2026-01-01 03:30:00+00';
SELECT sfn.run_until_idle() AS ran;
SELECT sfn.enable_rule('hourly');
SELECT next_due FROM sfn.event_rules WHERE name IN ('hourly', 'n');
SELECT sfn.put_event('app', 't', '{}') IS NOT NULL AS put;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*), count(*) FILTER (WHERE input ->> 'source' = 'app') AS of_pattern FROM sfn.executions WHERE state_machine = 'ticked';

-- another expression begins anew
SELECT sfn.events_api('PutRule', '{"Name": "hourly", "ScheduleExpression": "cron(0 12 ? * MON *)"}') IS NOT NULL AS put;
SELECT pattern, schedule, next_due FROM sfn.event_rules WHERE name IN ('hourly', 'n');
SELECT sfn.create_rule('hourly', '{"source": ["app"]}', replace => true) IS NOT NULL AS put;
SELECT pattern, schedule, next_due FROM sfn.event_rules WHERE name IN ('hourly', 'n');
SELECT count(*) FROM sfn.schedule WHERE rule_id IS NOT NULL;

-- what is none
SELECT sfn.events_api('PutRule', '{"Name": "n", "ScheduleExpression": "rate(0 hours)"}');
SELECT sfn.events_api('PutRule', '{"Name": "n", "ScheduleExpression": "at(2027-01-01T00:00:00)"}');
SELECT sfn.events_api('PutRule', '{"Name": "n", "ScheduleExpression": "0 12 * * *"}');
SELECT sfn.create_bus('orders');
SELECT sfn.events_api('PutRule', '{"Name": "n", "EventBusName": "orders", "ScheduleExpression": "rate(1 hour)"}');
SELECT sfn.drop_bus('orders');
SET sfn.shard_id = 1;
SELECT sfn.events_api('PutRule', '{"Name": "n", "ScheduleExpression": "rate(1 hour)"}');
RESET sfn.shard_id;
SELECT count(*) FROM sfn.event_rules WHERE name IN ('hourly', 'n');

-- the clock goes with the rule, and to whom the rule goes
CREATE ROLE regress_taker;
SELECT sfn.events_api('PutRule', '{"Name": "hourly", "ScheduleExpression": "rate(1 hour)"}') IS NOT NULL AS put;
CREATE ROLE regress_giver;
GRANT regress_giver TO CURRENT_USER;
SET ROLE regress_giver;
SELECT sfn.events_api('PutRule', '{"Name": "given", "ScheduleExpression": "rate(1 hour)"}') IS NOT NULL AS put;
RESET ROLE;
SELECT count(*) FROM sfn.reassign('regress_giver', 'regress_taker');
SELECT owner, role FROM sfn.schedule ORDER BY id DESC LIMIT 1;
SELECT sfn.drop_rule('given'), sfn.drop_rule('hourly');
SELECT count(*) FROM sfn.schedule WHERE rule_id IS NOT NULL;
DROP ROLE regress_giver, regress_taker;
