-- Map: items in order, concurrency, ItemSelector, failures.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('map_ok', '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1,
	"ItemSelector": {"index.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value", "all.$": "$.count"}, "ResultPath": "$.done", "End": true,
	"ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}}}}') IS NOT NULL,
	sfn.create_state_machine('map_wait', '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true,
	"ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}') IS NOT NULL,
	sfn.create_state_machine('map_fail', '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true,
	"ItemProcessor": {"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "Bad"}], "Default": "Fine"},
		"Bad": {"Type": "Fail", "Error": "Two"}, "Fine": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}') IS NOT NULL;
SELECT sfn.start_execution('map_ok', '{"items": ["a", "b"], "count": 2}', 'x');
SELECT sfn.start_execution('map_ok', '{"items": [], "count": 0}', 'empty');
SELECT sfn.start_execution('map_ok', '{"items": {"no": "array"}, "count": 0}', 'no_array');
SELECT sfn.start_execution('map_wait', '[30, 10, 20]', 'x');
SELECT sfn.start_execution('map_fail', '[1, 2, 3]', 'x');
SELECT sfn.run_until_idle();
SELECT state_machine, name, status, output, error, cause, stop_date FROM sfn.executions WHERE state_machine ~ '^map_' ORDER BY 1, 2;
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:map_ok:x');
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:map_fail:x');

-- a large one
SELECT sfn.start_execution('map_ok', json_build_object('items', ARRAY(SELECT generate_series(1, 1000)), 'count', 1000), 'large');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, json_array_length(output->'done') AS items, output->'done'->999 AS last FROM sfn.executions WHERE name = 'large';
SELECT count(*), max(id) FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:map_ok:large');
