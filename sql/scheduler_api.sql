-- Scheduler's actions on schedules and their groups, in AWS's shapes and words.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET sfn.test_now = '2026-01-01 00:00:30+00';
SELECT sfn.create_state_machine('scheduled', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') AS scheduled \gset
\set target '{"Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:scheduled", "RoleArn": "arn:aws:iam::000000000000:role/app"'

SELECT sfn.scheduler_api('CreateScheduleGroup', '{"Name": "batch", "Tags": [{"Key": "team", "Value": "shop"}]}');
SELECT sfn.scheduler_api('CreateScheduleGroup', '{"Name": "batch"}');
SELECT sfn.scheduler_api('GetScheduleGroup', '{"Name": "batch"}');
SELECT sfn.scheduler_api('GetScheduleGroup', '{"Name": "nobody"}');
SELECT sfn.scheduler_api('ListScheduleGroups', '{"MaxResults": 1}') ->> 'NextToken' AS token \gset
SELECT sfn.scheduler_api('ListScheduleGroups', json_build_object('MaxResults', 1, 'NextToken', :'token'));
SELECT sfn.scheduler_api('TagResource', '{"ResourceArn": "arn:aws:scheduler:us-east-1:000000000000:schedule-group/batch", "Tags": [{"Key": "a", "Value": "b"}]}');
SELECT sfn.scheduler_api('UntagResource', '{"ResourceArn": "arn:aws:scheduler:us-east-1:000000000000:schedule-group/batch", "TagKeys": ["team"]}');
SELECT sfn.scheduler_api('ListTagsForResource', '{"ResourceArn": "arn:aws:scheduler:us-east-1:000000000000:schedule-group/batch"}');
SELECT * FROM sfn.schedule_groups ORDER BY 1;

SELECT sfn.scheduler_api('CreateSchedule', ('{"Name": "s", "GroupName": "batch", "ScheduleExpression": "rate(1 hour)", "ScheduleExpressionTimezone": "Europe/Berlin",
	"FlexibleTimeWindow": {"Mode": "OFF"}, "ClientToken": "t1", "Description": "d", "Target": ' || :'target' || ', "Input": "{\"at\": \"<aws.scheduler.scheduled-time>\"}",
	"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}}}')::json);
SELECT sfn.scheduler_api('GetSchedule', '{"Name": "s", "GroupName": "batch"}');
-- the same call again; another one
SELECT sfn.scheduler_api('CreateSchedule', ('{"Name": "s", "GroupName": "batch", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "ClientToken": "t1", "Target": ' || :'target' || '}}')::json);
SELECT sfn.scheduler_api('CreateSchedule', ('{"Name": "s", "GroupName": "batch", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "ClientToken": "t2", "Target": ' || :'target' || '}}')::json);
-- what is wrong
SELECT sfn.scheduler_api('GetSchedule', '{"Name": "s"}');
SELECT sfn.scheduler_api('CreateSchedule', ('{"Name": "x", "GroupName": "nobody", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": ' || :'target' || '}}')::json);
SELECT sfn.scheduler_api('CreateSchedule', ('{"Name": "x", "ScheduleExpression": "rate(1 fortnight)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": ' || :'target' || '}}')::json);
SELECT sfn.scheduler_api('CreateSchedule', ('{"Name": "x", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "FLEXIBLE"}, "Target": ' || :'target' || '}}')::json);
SELECT sfn.scheduler_api('CreateSchedule', ('{"Name": "x", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": ' || :'target' || ', "Input": "{"}}')::json);
SELECT sfn.scheduler_api('CreateSchedule', '{"Name": "x", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "x"}}');

-- an update is all that it has then; counts and dates stay
SET sfn.test_now = '2026-01-01 01:00:30+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.scheduler_api('UpdateSchedule', ('{"Name": "s", "GroupName": "batch", "ScheduleExpression": "cron(0 2 * * ? *)", "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
	"StartDate": 1767225600, "Target": ' || :'target' || ', "RetryPolicy": {"MaximumRetryAttempts": 3}}}')::json);
SELECT sfn.scheduler_api('GetSchedule', '{"Name": "s", "GroupName": "batch"}');
SELECT name, runs, catch_up, creation_date, last_modification_date, input FROM sfn.schedules;
SELECT sfn.scheduler_api('UpdateSchedule', ('{"Name": "nobody", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": ' || :'target' || '}}')::json);
-- without an input it is told what AWS tells
SET sfn.test_now = '2026-01-01 02:10:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, jsonb_set(input::jsonb, '{id}', '"..."', false) AS input FROM sfn.executions WHERE state_machine = 'scheduled' ORDER BY start_date;
-- the same by SQL
SELECT sfn.update_schedule('s', group_name => 'batch', timezone => 'Asia/Tokyo', enabled => false);
SELECT name, expression, timezone, flexible, enabled, runs FROM sfn.schedules;
SELECT sfn.update_schedule('s', group_name => 'batch', expression => 'nonsense');
SELECT sfn.update_schedule('nobody');
SELECT sfn.create_schedule('t', 'rate(1 hour)', 'scheduled');
SELECT sfn.scheduler_api('ListSchedules', '{}');
SELECT sfn.scheduler_api('ListSchedules', '{"State": "DISABLED"}') -> 'Schedules' -> 0 ->> 'Name' AS name;
SELECT sfn.scheduler_api('ListSchedules', '{"GroupName": "nobody"}');
SELECT sfn.scheduler_api('ListSchedules', '{"MaxResults": 1}') ->> 'NextToken' AS token \gset
SELECT sfn.scheduler_api('ListSchedules', json_build_object('MaxResults', 1, 'NextToken', :'token')) -> 'Schedules' -> 0 ->> 'Name' AS name;

-- an action of AWS's as the target, by Scheduler's name of it, is what a Task calls
SELECT sfn.create_schedule('sdk', 'rate(1 hour)', 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage', '{"QueueUrl": "q", "MessageBody": "b"}') IS NOT NULL AS made;
SELECT r.definition::jsonb #> '{States,Deliver,Resource}' AS resource, r.definition::jsonb #> '{States,Deliver,InputPath}' AS input
	FROM sfn.schedule s JOIN sfn.state_machine m ON m.id = s.machine_id JOIN sfn.state_machine_revision r ON r.id = m.revision_id WHERE s.name = 'sdk';
SELECT sfn.drop_schedule('sdk');

-- groups are for members of their owners, who delete them with what is in them
CREATE ROLE regress_grouper;
SET ROLE regress_grouper;
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'sql:public.nothing', group_name => 'batch');
SELECT sfn.drop_schedule_group('batch');
SELECT sfn.scheduler_api('GetSchedule', '{"Name": "s", "GroupName": "batch"}');
SELECT sfn.scheduler_api('DeleteSchedule', '{"Name": "s", "GroupName": "batch"}');
SELECT sfn.scheduler_api('ListSchedules', '{}');
SELECT sfn.create_schedule_group('own');
SELECT sfn.create_schedule('x', 'rate(1 hour)', 'sql:public.nothing', group_name => 'own');
RESET ROLE;
SELECT kind, name FROM sfn.owned_objects WHERE owner = 'regress_grouper'::regrole ORDER BY 1;
DROP ROLE regress_grouper;
DROP OWNED BY regress_grouper;
DROP ROLE regress_grouper;
SELECT sfn.scheduler_api('DeleteSchedule', '{"Name": "t"}');
SELECT sfn.scheduler_api('DeleteSchedule', '{"Name": "t"}');
SELECT sfn.scheduler_api('DeleteScheduleGroup', '{"Name": "default"}');
SELECT sfn.scheduler_api('DeleteScheduleGroup', '{"Name": "batch"}');
SELECT sfn.scheduler_api('DeleteScheduleGroup', '{"Name": "batch"}');
SELECT count(*) FROM sfn.schedules;
SELECT count(*) FROM sfn.schedule_group_tag;
SELECT sfn.delete_state_machine('scheduled');
