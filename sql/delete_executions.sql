-- Deleting executions that have ended, with all that is theirs.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE PROCEDURE delete_now() LANGUAGE plpgsql AS $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
CREATE TABLE delete_behind AS SELECT coalesce(max(id), 0) AS id FROM sfn.execution;
CREATE FUNCTION delete_left() RETURNS TABLE (what text, rows bigint) LANGUAGE sql AS $$
	SELECT 'executions', count(*) FROM sfn.execution e, delete_behind d WHERE e.id > d.id
	UNION ALL SELECT 'statuses', count(*) FROM sfn.execution_status s, delete_behind d WHERE s.execution_id > d.id
	UNION ALL SELECT 'history', count(*) FROM sfn.history_chunk c, delete_behind d WHERE c.execution_id > d.id
	UNION ALL SELECT 'inbox', count(*) FROM sfn.inbox i, delete_behind d WHERE i.execution_id > d.id
	UNION ALL SELECT 'map runs', count(*) FROM sfn.map_run r, delete_behind d WHERE r.execution_id > d.id $$;
\set child '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {"C": {"Type": "Choice", "Default": "S", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}]}, "S": {"Type": "Succeed"}, "F": {"Type": "Fail", "Error": "two"}}}'
\set outer '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "N", "States": {"N": {"Type": "Map", "ToleratedFailurePercentage": 100, "End": true, "ItemProcessor": %s}}}'
SELECT sfn.create_state_machine('delete_map', format('{"StartAt": "M", "States": {"M": {"Type": "Map", "ToleratedFailurePercentage": 100, "End": true, "ItemProcessor": %s}}}', format(:'outer', :'child'))) IS NOT NULL AS made;
SELECT sfn.create_state_machine('delete_fail', '{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "F"}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('delete_wait', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": true}}}') IS NOT NULL AS made;

-- a tree of map runs
SELECT sfn.start_execution('delete_map', '[[1, 2], [2, 3]]', 'tree') AS arn \gset
SELECT sfn.start_execution('delete_fail', name => n) IS NOT NULL AS started FROM unnest('{a,b,c,redriven}'::text[]) n;
SELECT sfn.start_execution('delete_wait', name => 'runs') IS NOT NULL AS started;
CALL delete_now();
SELECT * FROM delete_left() ORDER BY what;
SELECT count(*) AS children FROM sfn.executions WHERE map_run_arn IS NOT NULL AND state_machine LIKE 'delete%';
-- what cannot be deleted
SELECT sfn.delete_execution('delete_wait/runs');
SELECT sfn.delete_execution('delete_fail/nobody');
SELECT sfn.delete_execution(NULL);
SELECT sfn.delete_executions('{delete_fail/a,NULL}');
SELECT sfn.delete_executions('{delete_fail/a,delete_wait/runs}');
SELECT sfn.delete_executions(array_fill('delete_fail/a'::text, '{1001}'));
DO $$ BEGIN
	PERFORM sfn.delete_execution(execution_arn) FROM sfn.executions
	WHERE map_run_arn IS NOT NULL AND status = 'FAILED' AND state_machine LIKE 'delete%' ORDER BY id LIMIT 1;
EXCEPTION WHEN object_in_use THEN
	RAISE WARNING '%', regexp_replace(sqlerrm, '".*"', '"..."');
END $$;
SELECT sfn.redrive_execution('delete_fail/redriven') IS NOT NULL AS redriven;
SELECT sfn.delete_execution('delete_fail/redriven');
-- all or none; the same one twice is one
SELECT sfn.delete_executions('{delete_fail/a,delete_fail/b,delete_fail/a}');
SELECT sfn.delete_executions('{}');
SELECT sfn.delete_execution('delete_map/tree');
SELECT sfn.stop_execution('delete_wait/runs') IS NOT NULL AS stopped;
CALL delete_now();
SELECT state_machine || '/' || name AS is_left, status FROM sfn.executions WHERE state_machine LIKE 'delete%' ORDER BY id;
SELECT sfn.delete_executions(ARRAY(SELECT execution_arn FROM sfn.executions WHERE state_machine LIKE 'delete%'));
SELECT * FROM delete_left() ORDER BY what;
-- the name is free
SELECT sfn.start_execution('delete_fail', '{"again": true}', 'a') IS NOT NULL AS started;
CALL delete_now();
SELECT count(sfn.delete_state_machine(name)) FROM sfn.state_machines WHERE name LIKE 'delete%';
