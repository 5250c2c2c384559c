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
