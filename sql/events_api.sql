-- EventBridge's actions on buses, rules, targets and tags, in AWS's shapes and words.
\set SHOW_CONTEXT never
SET sfn.test_now = '2026-01-01 00:00:00+00';
SELECT sfn.create_state_machine('told', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') AS told \gset
\set role_arn arn:aws:iam::000000000000:role/app

SELECT sfn.events_api('CreateEventBus', '{"Name": "orders", "Description": "of the shop", "Tags": [{"Key": "team", "Value": "shop"}]}');
SELECT sfn.events_api('CreateEventBus', '{"Name": "orders"}');
SELECT sfn.events_api('UpdateEventBus', '{"Name": "orders", "Description": "of both shops"}');
SELECT sfn.events_api('ListEventBuses', '{}');
SELECT sfn.events_api('DescribeEventBus', '{"Name": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');

-- what a rule is put anew with is all that it has then, but for its tags
SELECT sfn.events_api('PutRule', json_build_object('Name', 'r', 'EventPattern', '{"source": ["shop"]}', 'Description', 'd', 'RoleArn', :'role_arn', 'Tags', '[{"Key": "a", "Value": "b"}]'::json));
SELECT sfn.events_api('DescribeRule', '{"Name": "r"}');
SELECT sfn.events_api('PutRule', '{"Name": "r", "EventPattern": "{\"source\": [\"shop\"]}", "State": "DISABLED", "Tags": [{"Key": "c", "Value": "d"}]}');
SELECT sfn.events_api('DescribeRule', '{"Name": "r"}');
SELECT sfn.events_api('ListTagsForResource', '{"ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/r"}');
SELECT sfn.events_api('TagResource', '{"ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/r", "Tags": [{"Key": "c", "Value": ""}]}');
SELECT sfn.events_api('UntagResource', '{"ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/r", "TagKeys": ["a"]}');
SELECT * FROM sfn.list_tags_for_resource('arn:aws:events:us-east-1:000000000000:rule/r');
SELECT sfn.events_api('EnableRule', '{"Name": "r"}');
SELECT sfn.events_api('PutRule', '{"Name": "r", "EventPattern": "{\"source\": [\"shop\"]}", "State": "ON"}');
SELECT sfn.events_api('PutRule', '{"Name": "r"}');
SELECT sfn.events_api('PutRule', '{"Name": "r", "EventPattern": "{", "EventBusName": "orders"}');
SELECT sfn.events_api('DescribeRule', '{"Name": "nobody", "EventBusName": "orders"}');

-- targets come back as they were given
SELECT sfn.events_api('PutTargets', json_build_object('Rule', 'r', 'Targets', json_build_array(
	json_build_object('Id', 'one', 'Arn', :'told', 'RoleArn', :'role_arn', 'InputPath', '$.detail', 'RetryPolicy', '{"MaximumRetryAttempts": 1}'::json),
	json_build_object('Id', 'two', 'Arn', :'told', 'Input', '{"two":  2}', 'DeadLetterConfig', '{"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}'::json))));
SELECT sfn.events_api('ListTargetsByRule', '{"Rule": "r"}');
SELECT sfn.events_api('ListTargetsByRule', '{"Rule": "r", "Limit": 1}') ->> 'NextToken' AS token \gset
SELECT jsonb_path_query_array(sfn.events_api('ListTargetsByRule', json_build_object('Rule', 'r', 'Limit', 1, 'NextToken', :'token'))::jsonb, '$.Targets.Id');
SELECT sfn.events_api('ListTargetsByRule', '{"Rule": "r", "NextToken": "x"}');
SELECT sfn.events_api('ListTargetsByRule', '{"Rule": "r", "Limit": 0}');
SELECT sfn.events_api('ListRuleNamesByTarget', json_build_object('TargetArn', :'told'));
SELECT sfn.events_api('PutTargets', json_build_object('Rule', 'r', 'Targets', json_build_array(json_build_object('Id', 'x', 'Arn', :'told', 'Input', '{'))));
SELECT sfn.events_api('PutTargets', '{"Rule": "r", "Targets": [{"Arn": "x"}]}');
SELECT sfn.events_api('PutTargets', '{"Rule": "r", "Targets": [{"Id": "x", "Arn": "arn:aws:nonsense:x"}]}');

-- events
SELECT sfn.events_api('PutEvents', '{"Entries": [{"Source": "shop", "DetailType": "t", "Detail": "{\"n\": 1}"}, {"Source": "shop", "Detail": "{}"}]}')
	::jsonb #- '{Entries,0,EventId}';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT input FROM sfn.executions WHERE state_machine = 'told' ORDER BY input::text;
SELECT sfn.events_api('PutEvents', json_build_object('Entries', (SELECT json_agg('{"Source": "shop", "DetailType": "t", "Detail": "{}"}'::json) FROM generate_series(1, 11))));

-- who may put events on a bus
CREATE ROLE regress_putter;
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "all", "Action": "events:PutEvents", "Principal": "*"}');
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "account", "Action": "events:PutEvents", "Principal": "000000000000"}');
SELECT sfn.events_api('DescribeEventBus', '{"Name": "orders"}') ->> 'Policy' AS policy;
SELECT * FROM sfn.event_bus_grants WHERE bus = 'orders' ORDER BY statement_id;
SET ROLE regress_putter;
SELECT sfn.put_event('s', 't', '{}', bus => 'orders') IS NOT NULL AS put;
SELECT sfn.events_api('DescribeEventBus', '{"Name": "orders"}') ->> 'Policy' IS NULL AS hidden;
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "mine", "Action": "events:PutEvents", "Principal": "*"}');
SELECT sfn.events_api('RemovePermission', '{"EventBusName": "orders", "StatementId": "all"}');
RESET ROLE;
SELECT sfn.events_api('RemovePermission', '{"EventBusName": "orders", "StatementId": "nobody"}');
SELECT sfn.events_api('RemovePermission', '{"EventBusName": "orders", "RemoveAllPermissions": true}');
SELECT sfn.events_api('RemovePermission', '{"EventBusName": "orders", "StatementId": "all"}');
SELECT sfn.events_api('RemovePermission', '{"EventBusName": "orders"}');
SET ROLE regress_putter;
SELECT sfn.put_event('s', 't', '{}', bus => 'orders');
RESET ROLE;
-- ... by a whole policy, with roles that a role was mapped to
CREATE FUNCTION put_policy(statement json, bus text DEFAULT 'orders') RETURNS json LANGUAGE sql AS $$
	SELECT sfn.events_api('PutPermission', json_build_object('EventBusName', bus, 'Policy', json_build_object('Version', '2012-10-17', 'Statement', statement)::text)) $$;
SELECT sfn.map_role('arn:aws:iam::000000000000:role/putter', 'regress_putter');
SELECT put_policy('{"Sid": "x", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::000000000000:role/putter"]}, "Action": ["events:PutEvents"], "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');
SELECT sfn.events_api('DescribeEventBus', '{"Name": "orders"}') ->> 'Policy' AS policy;
SELECT bus, grantee, privilege, statement_id FROM sfn.event_bus_grants WHERE bus = 'orders';
SET ROLE regress_putter;
SELECT sfn.put_event('s', 't', '{}', bus => 'orders') IS NOT NULL AS put;
RESET ROLE;
SELECT put_policy('{"Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');
SELECT put_policy('{"Effect": "Allow", "Principal": "*", "Action": "events:PutRule", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');
SELECT put_policy('{"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}');
SELECT put_policy('{"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*", "Condition": {}}');
SELECT put_policy('{"Effect": "Allow", "Principal": {"Service": "x"}, "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');
SELECT put_policy('{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');
SELECT put_policy('{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:role/nobody"}, "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');
SELECT put_policy('{"Effect": "Allow", "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}');
SELECT put_policy('[]');
SELECT put_policy('[{"Sid": "a"}, {"Sid": "a"}]');
SELECT put_policy('{}', 'nobody');
SELECT sfn.create_topic('orders');
SELECT put_policy('{}', 'topic/orders');
SELECT sfn.delete_topic('orders');
SELECT put_policy(json_agg(json_build_object('Sid', 's' || n, 'Effect', 'Allow', 'Principal', '*', 'Action', 'events:PutEvents', 'Resource', 'arn:aws:events:us-east-1:000000000000:event-bus/orders'))) FROM generate_series(1, 100) n;
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "Policy": "{"}');
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "Policy": "{}", "StatementId": "x"}');
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "x", "Principal": "*"}');
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "a b", "Principal": "*", "Action": "events:PutEvents"}');
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "x", "Principal": "*", "Action": "events:PutRule"}');
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "x", "Principal": "*", "Action": "events:PutEvents", "Condition": {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}}');

-- a role that was dropped: the policy has a number for it, and what was given it can be taken back
SELECT sfn.create_queue('used') IS NOT NULL AS made, sfn.grant_use('queue', 'used', 'regress_putter'), sfn.trust('queue', 'used', current_user::regrole, 'regress_putter');
SELECT sfn.grant_bus('orders', 'regress_putter', privilege) FROM unnest('{put,subscribe,put_aws}'::text[]) privilege;
SELECT put_policy('[{"Sid": "two", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::000000000000:role/putter", "000000000000"]}, "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"},
	{"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:role/putter"}, "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}]');
SELECT sfn.unmap_role('arn:aws:iam::000000000000:role/putter');
SELECT 'regress_putter'::regrole::oid AS putter \gset
DROP ROLE regress_putter;
CREATE ROLE regress_putter;
SELECT sfn.map_role('arn:aws:iam::000000000000:role/putter', 'regress_putter');
SELECT replace(statement, lpad(:'putter', 17, '0'), '<number>') AS statement FROM (SELECT json_array_elements((sfn.events_api('DescribeEventBus', '{"Name": "orders"}') ->> 'Policy')::json -> 'Statement')::text AS statement) x;
SELECT privilege, statement_id, grantee::oid = :putter AS is_gone, grantee::oid = 0 AS is_all FROM sfn.event_bus_grants WHERE bus = 'orders' ORDER BY 1, 2, 3;
SELECT sfn.grant_bus('orders', :putter::oid::regrole, 'put');
SELECT sfn.revoke_bus('orders', :putter::oid::regrole, privilege) FROM unnest('{put,subscribe,put_aws}'::text[]) privilege;
SELECT sfn.events_api('RemovePermission', '{"EventBusName": "orders", "StatementId": "one"}');
SELECT sfn.events_api('PutPermission', '{"EventBusName": "orders", "StatementId": "two", "Principal": "*", "Action": "events:PutEvents"}');
SELECT privilege, statement_id, grantee::oid = :putter AS is_gone FROM sfn.event_bus_grants WHERE bus = 'orders' ORDER BY 1, 2, 3;
SELECT sfn.revoke_use('queue', 'used', :putter::oid::regrole), sfn.untrust('queue', 'used', :putter::oid::regrole);
SELECT (SELECT count(*) FROM sfn.queue_use u WHERE u.role::oid = :putter) + (SELECT count(*) FROM sfn.trust t WHERE t.role::oid = :putter) AS left;
SELECT sfn.delete_queue('used');
SELECT sfn.events_api('RemovePermission', '{"EventBusName": "orders", "RemoveAllPermissions": true}');
SELECT sfn.unmap_role('arn:aws:iam::000000000000:role/putter');
DROP ROLE regress_putter;
DROP FUNCTION put_policy;

-- what is not there is deleted, too
SELECT sfn.events_api('DeleteRule', '{"Name": "r"}');
SELECT sfn.events_api('RemoveTargets', '{"Rule": "r", "Ids": ["one", "two", "three"]}');
SELECT sfn.events_api('DeleteRule', '{"Name": "r"}');
SELECT sfn.events_api('DeleteRule', '{"Name": "r"}');
SELECT count(*) FROM sfn.event_rule_tag;
SELECT sfn.events_api('DeleteEventBus', '{"Name": "default"}');
SELECT sfn.events_api('DeleteEventBus', '{"Name": "orders"}');
SELECT sfn.events_api('DeleteEventBus', '{"Name": "orders"}');
SELECT sfn.events_api('ListRules', '{"EventBusName": "orders"}');
SELECT count(*) FROM sfn.event_bus_tag;
SELECT sfn.delete_state_machine('told');

-- archives and replays
SET sfn.test_now = '2026-01-01 00:00:00+00';
\set bus_arn arn:aws:events:us-east-1:000000000000:event-bus/default
SELECT sfn.events_api('CreateArchive', json_build_object('ArchiveName', 'kept', 'EventSourceArn', :'bus_arn', 'Description', 'd', 'EventPattern', '{"source": ["shop"]}', 'RetentionDays', 7));
SELECT sfn.events_api('CreateArchive', json_build_object('ArchiveName', 'kept', 'EventSourceArn', :'bus_arn'));
SELECT sfn.events_api('CreateArchive', '{"ArchiveName": "x", "EventSourceArn": "default"}');
SELECT sfn.events_api('CreateArchive', '{"ArchiveName": "x", "EventSourceArn": "arn:aws:events:us-east-1:000000000000:event-bus/nowhere"}');
SELECT sfn.events_api('CreateArchive', json_build_object('ArchiveName', 'x', 'EventSourceArn', :'bus_arn', 'RetentionDays', -1));
SELECT sfn.events_api('CreateArchive', json_build_object('ArchiveName', repeat('x', 49), 'EventSourceArn', :'bus_arn'));
SELECT sfn.events_api('CreateArchive', json_build_object('ArchiveName', 'x', 'EventSourceArn', :'bus_arn', 'EventPattern', '{"source": 1}'));
SELECT sfn.events_api('UpdateArchive', '{"ArchiveName": "kept", "RetentionDays": 0}');
SELECT sfn.events_api('UpdateArchive', '{"ArchiveName": "nobody"}');
SELECT sfn.put_event('shop', 't', '{"n": 1}', "time" => '2026-01-01 00:00:00+00') IS NOT NULL AS put;
SELECT jsonb_set(sfn.events_api('DescribeArchive', '{"ArchiveName": "kept"}')::jsonb, '{SizeBytes}', '"some"');
SELECT jsonb_path_query_array(sfn.events_api('ListArchives', json_build_object('EventSourceArn', :'bus_arn', 'NamePrefix', 'k'))::jsonb, '$.Archives.ArchiveName');
SELECT sfn.events_api('ListArchives', '{"State": "DISABLED"}');
\set archive_arn arn:aws:events:us-east-1:000000000000:archive/kept
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'r', 'EventSourceArn', :'archive_arn', 'EventStartTime', 1767139200, 'EventEndTime', 1767225600, 'Destination', json_build_object('Arn', :'bus_arn')));
SELECT sfn.events_api('DescribeReplay', '{"ReplayName": "r"}');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.events_api('DescribeReplay', '{"ReplayName": "r"}');
SELECT sfn.events_api('CancelReplay', '{"ReplayName": "r"}');
SELECT sfn.events_api('ListReplays', '{"State": "COMPLETED"}');
SELECT sfn.events_api('ListReplays', '{"State": "RUNNING"}');
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'r', 'EventSourceArn', :'archive_arn', 'EventStartTime', 1767139200, 'EventEndTime', 1767225600, 'Destination', json_build_object('Arn', :'bus_arn')));
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'x', 'EventSourceArn', :'archive_arn', 'EventStartTime', 1767225600, 'EventEndTime', 1767139200, 'Destination', json_build_object('Arn', :'bus_arn')));
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'x', 'EventSourceArn', :'bus_arn', 'EventStartTime', 1, 'EventEndTime', 2, 'Destination', json_build_object('Arn', :'bus_arn')));
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'x', 'EventSourceArn', :'archive_arn' || '2', 'EventStartTime', 1, 'EventEndTime', 2, 'Destination', json_build_object('Arn', :'bus_arn')));
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'x', 'EventSourceArn', :'archive_arn', 'EventStartTime', 1, 'EventEndTime', 2, 'Destination', json_build_object('Arn', 'x')));
SELECT sfn.create_bus('orders');
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'x', 'EventSourceArn', :'archive_arn', 'EventStartTime', 1, 'EventEndTime', 2, 'Destination', json_build_object('Arn', 'arn:aws:events:us-east-1:000000000000:event-bus/orders')));
SELECT sfn.drop_bus('orders');
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'x', 'EventSourceArn', :'archive_arn', 'EventStartTime', 1, 'EventEndTime', 2, 'Destination', json_build_object('Arn', :'bus_arn', 'FilterArns', '["arn:aws:events:us-east-1:000000000000:rule/nobody"]'::json)));
SELECT sfn.events_api('StartReplay', json_build_object('ReplayName', 'x', 'EventSourceArn', :'archive_arn', 'EventStartTime', 1, 'EventEndTime', 2, 'Destination', json_build_object('Arn', :'bus_arn', 'FilterArns', 'r')));
SELECT sfn.events_api('DescribeReplay', '{"ReplayName": "nobody"}');
SELECT sfn.events_api('DeleteArchive', '{"ArchiveName": "kept"}');
SELECT sfn.events_api('DeleteArchive', '{"ArchiveName": "kept"}');

-- times of events: seconds since 1970 or a date, cut to seconds; what is neither, or no year of RFC 3339, is told
SELECT sfn.create_archive('times', '{"source": ["times"]}') IS NOT NULL AS made;
CREATE TEMP TABLE put_times AS SELECT n, sfn.events_api('PutEvents', format('{"Entries": [{"Source": "times", "DetailType": "t", "Detail": "{}", "Time": %s}]}', t)::json) -> 'Entries' -> 0 AS r
	FROM unnest(ARRAY['0', '0.999', '-0.5', '-1', '1700000000', '1700000000.9999', '1.7e9', '"1700000000"', '"1700000000.25"', '"2026-01-02T03:04:05Z"', '"2026-01-02T03:04:05.999+05:30"', '"2026-01-02T03:04:05"',
		'"2026-01-02 03:04:05z"', '"2026-01-02t03:04:05.5-00:00"', '-62135596800', '-62135596800.5', '253402300799.9', '253402300800', '1700000000000', '1e300', '-1e300', '"1e400"', '""', '"now"', '"2026-02-30T00:00:00Z"',
		'"20260-01-01T00:00:00Z"', '"infinity"', 'true', '{}', '[]']) WITH ORDINALITY x (t, n);
SELECT n, r ->> 'ErrorCode' AS code, r ->> 'ErrorMessage' AS message, (SELECT event ->> 'time' FROM sfn.archived_events WHERE event ->> 'id' = r ->> 'EventId') AS time FROM put_times ORDER BY n;
DROP TABLE put_times;
SELECT r -> 0 ->> 'EventId' IS NOT NULL AS put FROM (SELECT sfn.put_events('[{"Source": "times", "DetailType": "t", "Detail": "{}", "Time": null}]') -> 'Entries' AS r) p;
SELECT sfn.put_event('times', 't', '{}', "time" => t) FROM unnest('{10000-01-01 00:00:00+00,infinity,-infinity,0001-12-31 23:59:59+00 BC}'::timestamptz[]) t;
SELECT sfn.put_event('times', 't', '{}', "time" => '10000-01-01 00:00:00+00');
SELECT sfn.put_event('times', 't', '{}', "time" => '9999-12-31 23:59:59.999+00') IS NOT NULL AS put;
SELECT sfn.put_event('times', 't', '{}', "time" => '1999-12-31 23:59:59.999+00') IS NOT NULL AS put;
SELECT event ->> 'time' AS time FROM sfn.archived_events WHERE event ->> 'time' LIKE '%9-12-31%' ORDER BY 1;
SELECT sfn.scheduler_api('CreateSchedule', format('{"Name": "far", "ScheduleExpression": "rate(1 day)", "StartDate": %s, "EndDate": 1e300, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "sql:pg_catalog.now", "RoleArn": "arn:aws:iam::000000000000:role/r"}}', t)::json) IS NOT NULL AS made FROM unnest('{-1e300}'::text[]) t;
SELECT sfn.drop_schedule('far');
SELECT sfn.drop_archive('times');
