-- Versions and aliases of state machines.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

SELECT sfn.create_state_machine('orders', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.publish_state_machine_version('orders', 'the first');
-- the same revision is the same version
SELECT sfn.publish_state_machine_version('orders');
SELECT sfn.update_state_machine('orders', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 2, "End": true}}}') IS NOT NULL AS updated;
-- only the revision that was meant
DO $$ BEGIN
	PERFORM sfn.publish_state_machine_version('orders', revision_id => '00000000-0000-0000-0000-000000000000');
EXCEPTION WHEN OTHERS THEN RAISE NOTICE '% %', SQLSTATE, regexp_replace(SQLERRM, '[^ ]*$', 'the current');
END $$;
SELECT sfn.publish_state_machine_version('orders', 'the second', (sfn.describe_state_machine('orders')).revision_id);
SELECT sfn.update_state_machine('orders', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 3, "End": true}}}') IS NOT NULL AS updated;
SELECT * FROM sfn.list_state_machine_versions('orders');
SELECT state_machine_arn, name, definition, description FROM sfn.describe_state_machine('orders:1');
SELECT sfn.describe_state_machine('orders:3');
SELECT sfn.describe_state_machine('orders:01');
SELECT sfn.describe_state_machine('orders:99999999999');
SELECT sfn.describe_state_machine('orders:');

-- aliases
SELECT sfn.create_state_machine_alias('live', '[{"stateMachineVersionArn": "orders:1", "weight": 100}]', 'what runs');
SELECT sfn.create_state_machine_alias('live', '[{"stateMachineVersionArn": "orders:1", "weight": 100}]', 'what runs');
SELECT sfn.create_state_machine_alias('live', '[{"stateMachineVersionArn": "orders:2", "weight": 100}]');
SELECT sfn.create_state_machine_alias('both', '[{"stateMachineVersionArn": "orders:1", "weight": 70}, {"stateMachineVersionArn": "arn:aws:states:us-east-1:000000000000:stateMachine:orders:2", "weight": 30}]');
SELECT * FROM sfn.describe_state_machine_alias('orders:live');
SELECT * FROM sfn.list_state_machine_aliases('orders');
SELECT * FROM sfn.list_state_machine_aliases('orders:2');
-- what they refuse
SELECT sfn.create_state_machine_alias('12', '[{"stateMachineVersionArn": "orders:1", "weight": 100}]');
SELECT sfn.create_state_machine_alias('no way', '[{"stateMachineVersionArn": "orders:1", "weight": 100}]');
SELECT sfn.create_state_machine_alias('x', '[]');
SELECT sfn.create_state_machine_alias('x', NULL);
SELECT sfn.create_state_machine_alias('x', '{}');
SELECT sfn.create_state_machine_alias('x', '[1]');
SELECT sfn.create_state_machine_alias('x', '[{"stateMachineVersionArn": "orders", "weight": 100}]');
SELECT sfn.create_state_machine_alias('x', '[{"stateMachineVersionArn": "orders:1", "weight": 101}]');
SELECT sfn.create_state_machine_alias('x', '[{"stateMachineVersionArn": "orders:1", "weight": 70}, {"stateMachineVersionArn": "orders:2", "weight": 29}]');
SELECT sfn.create_state_machine_alias('x', '[{"stateMachineVersionArn": "orders:1", "weight": 70}, {"stateMachineVersionArn": "orders:1", "weight": 30}]');
SELECT sfn.create_state_machine_alias('x', '[{"stateMachineVersionArn": "orders:1", "weight": 70}, {"stateMachineVersionArn": "other:2", "weight": 30}]');
SELECT sfn.create_state_machine_alias('x', '[{"stateMachineVersionArn": "orders:9", "weight": 100}]');
SELECT sfn.create_state_machine_alias('x', '[{"stateMachineVersionArn": "none:9", "weight": 100}]');
SELECT sfn.update_state_machine_alias('orders:live');
SELECT sfn.update_state_machine_alias('orders', description => 'x');
SELECT sfn.describe_state_machine_alias('orders:none');
SELECT sfn.delete_state_machine_alias('orders:none');
SELECT sfn.delete_state_machine('orders:live');
SELECT sfn.update_state_machine('orders:1', '{}');

-- executions know what they were started by
SELECT sfn.start_execution('orders', '{}', 'plain'), sfn.start_execution('orders:1', '{}', 'by_version'),
	sfn.start_execution('orders:live', '{}', 'by_alias') \g /dev/null
SELECT sfn.start_execution('orders:none');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, output, version_number, alias FROM sfn.executions,
	LATERAL (SELECT (regexp_match(state_machine_version_arn, '[^:]*$'))[1] AS version_number, (regexp_match(state_machine_alias_arn, '[^:]*$'))[1] AS alias) v
	WHERE state_machine = 'orders' ORDER BY name;
SELECT state_machine_version_arn, state_machine_alias_arn FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:orders:by_alias');
SELECT details->>'stateMachineVersionArn' AS version, details->>'stateMachineAliasArn' AS alias
	FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:orders:by_alias') WHERE id = 1;
SELECT name FROM sfn.list_executions('orders:1') ORDER BY 1;
SELECT name FROM sfn.list_executions('orders:live') ORDER BY 1;

-- weights: both versions get their share
SELECT count(sfn.start_execution('orders:both')) FROM generate_series(1, 400);
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT state_machine_version_arn, count(*) BETWEEN 80 AND 320 AS plausible FROM sfn.executions
	WHERE state_machine_alias_arn LIKE '%:both' GROUP BY 1 ORDER BY 1;
SELECT sfn.update_state_machine_alias('orders:both', '[{"stateMachineVersionArn": "orders:2", "weight": 0}, {"stateMachineVersionArn": "orders:1", "weight": 100}]', 'only one');
SELECT count(a) FROM sfn.start_executions('orders:both', array_fill('{}'::json, ARRAY[50])) a;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT output::text, count(*) FROM sfn.executions WHERE state_machine_alias_arn LIKE '%:both' GROUP BY 1 HAVING count(*) < 60;

-- deleting: not while an alias names it; numbers are never used again
SELECT sfn.delete_state_machine_version('orders:1');
SELECT sfn.delete_state_machine_alias('orders:live'), sfn.delete_state_machine_alias('orders:both');
SELECT sfn.delete_state_machine_version('orders:1'), sfn.delete_state_machine_version('orders:2');
SELECT sfn.delete_state_machine_version('orders:2');
SELECT sfn.publish_state_machine_version('orders');

-- a synchronous execution
SELECT sfn.create_state_machine('quick', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": true}}}', 'EXPRESS') IS NOT NULL AS made;
SELECT sfn.publish_state_machine_version('quick') IS NOT NULL AS published;
SELECT sfn.update_state_machine('quick', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 2, "End": true}}}') IS NOT NULL AS updated;
SELECT sfn.start_sync_execution('quick:1') AS version, sfn.start_sync_execution('quick') AS latest, sfn.start_sync_execution('quick:1') AS version;

-- the machine takes them with it, also where its name comes back
SELECT sfn.delete_state_machine('orders'), sfn.delete_state_machine('quick');
SELECT sfn.create_state_machine('orders', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT * FROM sfn.list_state_machine_versions('orders');
SELECT sfn.publish_state_machine_version('orders');
SELECT sfn.delete_state_machine('orders');
