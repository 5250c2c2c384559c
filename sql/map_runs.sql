-- Distributed Map: map runs, their children, their limits, what is seen of them.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

-- A Map of that many fields around one processor; names of map runs and children are random, so they are shown as *.
CREATE FUNCTION map_machine(name text, processor json, fields json DEFAULT '{}', type text DEFAULT 'STANDARD') RETURNS boolean LANGUAGE sql AS $$
	SELECT sfn.create_state_machine(name, json_build_object('StartAt', 'Each', 'States', json_build_object('Each',
		(jsonb_build_object('Type', 'Map', 'End', true) || jsonb_build_object('ItemProcessor',
			jsonb_build_object('ProcessorConfig', jsonb_build_object('Mode', 'DISTRIBUTED', 'ExecutionType', type)) || processor::jsonb)) || fields::jsonb))::text) IS NOT NULL
$$;
CREATE FUNCTION shown(answer text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace($1, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '*', 'g')
$$;
CREATE FUNCTION refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || shown(SQLERRM);
END $$;
CREATE VIEW runs AS SELECT state_machine, split_part(execution_arn, ':', 8) AS execution, label, status,
	items || ' = ' || items_pending || 'p ' || items_running || 'r ' || items_succeeded || 's ' || items_failed || 'f '
		|| items_timed_out || 't ' || items_aborted || 'a ' || items_pending_redrive || 'w' AS items,
	executions || ' = ' || executions_pending || 'p ' || executions_running || 'r ' || executions_succeeded || 's ' || executions_failed || 'f '
		|| executions_timed_out || 't ' || executions_aborted || 'a ' || executions_pending_redrive || 'w' AS executions, error, cause
	FROM sfn.map_runs ORDER BY 1, map_run_arn;

\set pass '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'
\set odd '{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$.bad", "BooleanEquals": true, "Next": "F"}], "Default": "P"}, "F": {"Type": "Fail", "Error": "Odd", "Cause": "it is bad"}, "P": {"Type": "Pass", "End": true}}}'
\set nap '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": true}}}'

-- plain: order, selector, history of both
SELECT map_machine('dm_plain', :'pass', '{"ItemsPath": "$.items", "ItemSelector": {"index.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value"}}');
SELECT sfn.start_execution('dm_plain', '{"items": ["a", "b", "c"]}', 'x') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT status, output, error FROM sfn.describe_execution(:'arn');
SELECT id, previous_event_id, type, shown(details::text) FROM sfn.get_execution_history(:'arn');
SELECT shown(execution_arn), state_machine_arn, status, output, map_index, map_items, shown(map_run_arn) FROM sfn.executions WHERE state_machine = 'dm_plain/Each' ORDER BY map_index;
SELECT map_run_arn AS run FROM sfn.list_map_runs(:'arn') \gset
SELECT :'run' ~ '^arn:aws:states:us-east-1:000000000000:mapRun:dm_plain/Each:[0-9a-f-]{36}$';
SELECT execution_arn AS child FROM sfn.executions WHERE map_run_arn = :'run' AND map_index = 1 \gset
SELECT id, type, details FROM sfn.get_execution_history(:'child');
SELECT * FROM runs WHERE state_machine = 'dm_plain';

-- what the API shows
SELECT shown(sfn.api('DescribeMapRun', json_build_object('mapRunArn', :'run'))::text);
SELECT shown(sfn.api('ListMapRuns', json_build_object('executionArn', :'arn'))::text);
SELECT shown(map_run_arn), execution_arn, state_machine_arn, status, start_date, stop_date, max_concurrency, tolerated_failure_percentage, tolerated_failure_count, item_counts, redrive_count, error FROM sfn.describe_map_run(:'run');
SELECT shown(sfn.api('ListExecutions', json_build_object('mapRunArn', :'run', 'maxResults', 1))->'executions'->>0);
SELECT count(*), count(DISTINCT execution_arn), min(item_count), bool_and(map_run_arn = :'run') FROM sfn.list_executions(map_run => :'run');
SELECT count(*) FROM sfn.list_executions('dm_plain');
SELECT count(*) FROM sfn.list_executions() WHERE map_run_arn IS NOT NULL;
SELECT shown(sfn.api('DescribeExecution', json_build_object('executionArn', :'child'))::text);
SELECT shown((sfn.api('DescribeStateMachineForExecution', json_build_object('executionArn', :'child'))::jsonb - 'definition' - 'updateDate')::text);
SELECT name, map_run_arn = :'run' FROM sfn.describe_execution(:'arn') UNION ALL SELECT 'child', map_run_arn = :'run' FROM sfn.describe_execution(:'child');

-- pages
SELECT sfn.api('ListExecutions', json_build_object('mapRunArn', :'run', 'maxResults', 2)) AS page \gset
SELECT json_array_length(:'page'::json->'executions'),
	json_array_length(sfn.api('ListExecutions', json_build_object('mapRunArn', :'run', 'maxResults', 2, 'nextToken', :'page'::json->>'nextToken'))->'executions');

-- errors of callers
SELECT sfn.describe_map_run('dm_plain');
SELECT sfn.describe_map_run('arn:aws:states:us-east-1:000000000000:mapRun:dm_plain/Each');
SELECT sfn.describe_map_run('arn:aws:states:us-east-1:000000000000:mapRun:dm_plain/Each:00000000-0000-0000-0000-000000000000');
SELECT refused(format('SELECT sfn.describe_map_run(%L)', replace(:'run', 'dm_plain/Each', 'dm_plain/Other')));
SELECT sfn.describe_map_run(NULL);
SELECT sfn.list_map_runs('arn:aws:states:us-east-1:000000000000:execution:dm_plain:nobody');
SELECT sfn.api('DescribeMapRun', '{"mapRunArn": "arn:aws:states:us-east-1:000000000000:mapRun:dm_plain/Each:nobody"}');
SELECT sfn.api('DescribeMapRun', '{"mapRunArn": "arn:aws:states:us-east-1:000000000000:stateMachine:dm_plain"}');
SELECT sfn.api('DescribeMapRun', '{"mapRunArn": "nonsense"}');
SELECT sfn.api('DescribeMapRun', '{}');
SELECT sfn.api('ListMapRuns', json_build_object('executionArn', :'arn', 'maxResults', 1001));
SELECT sfn.api('ListMapRuns', json_build_object('executionArn', :'arn', 'nextToken', 'nonsense'));
SELECT sfn.api('ListExecutions', '{}');
SELECT sfn.api('ListExecutions', json_build_object('stateMachineArn', 'arn:aws:states:us-east-1:000000000000:stateMachine:dm_plain', 'mapRunArn', :'run'));
SELECT sfn.list_executions('dm_plain', map_run => :'run');
SELECT sfn.api('ListExecutions', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:dm_plain", "statusFilter": "PENDING_REDRIVE"}');
SELECT refused(format('SELECT sfn.update_map_run(%L, 1)', :'run'));
SELECT refused(format('SELECT sfn.api(''UpdateMapRun'', %L)', json_build_object('mapRunArn', :'run', 'maxConcurrency', 1)));
SELECT sfn.update_map_run('arn:aws:states:us-east-1:000000000000:mapRun:dm_plain/Each:nobody', 1);

-- "machine/label" is no state machine of its own
SELECT sfn.start_execution('arn:aws:states:us-east-1:000000000000:stateMachine:dm_plain/Each');
SELECT sfn.start_execution('dm_plain/Each');
SELECT sfn.api('DescribeStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:dm_plain/Each"}');
SELECT sfn.api('UpdateStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:dm_plain/Each", "definition": "{}"}');
SELECT sfn.api('DeleteStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:dm_plain/Each"}');
SELECT count(*) FROM sfn.list_state_machines() WHERE name ~ '/';
SELECT refused(format('SELECT sfn.redrive_execution(%L)', :'child'));

-- labels, batches, nothing to do, one at a time
SELECT map_machine('dm_label', :'pass', '{"Label": "my_label", "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"b": 1}}}');
SELECT map_machine('dm_empty', :'pass');
SELECT map_machine('dm_one', :'nap', '{"MaxConcurrency": 1}');
SELECT map_machine('dm_express', :'pass', '{}', 'EXPRESS');
SELECT sfn.start_execution('dm_label', '[1, 2, 3, 4, 5]', 'x'), sfn.start_execution('dm_empty', '[]', 'x'), sfn.start_execution('dm_one', '[1, 2, 3]', 'x') AS one,
	sfn.start_execution('dm_express', '["e", "f"]', 'x') \gset
SELECT sfn.run_until_idle() > 0;
SELECT name, state_machine, status, output, error, stop_date FROM sfn.executions WHERE state_machine IN ('dm_label', 'dm_empty', 'dm_one', 'dm_express') ORDER BY 2;
SELECT state_machine, input, map_index, map_items FROM sfn.executions WHERE state_machine ~ '^dm_label/' ORDER BY map_index;
SELECT * FROM runs WHERE state_machine IN ('dm_label', 'dm_empty', 'dm_express');
SELECT shown(execution_arn), status FROM sfn.list_executions(map_run => (SELECT map_run_arn FROM sfn.map_runs WHERE state_machine = 'dm_express')) ORDER BY execution_arn;
SELECT start_date, stop_date FROM sfn.executions WHERE state_machine = 'dm_one/Each' ORDER BY map_index;

-- a run under way: seen, given other limits, stopped
SELECT map_machine('dm_slow', :'nap', '{"MaxConcurrency": 2, "Label": "slow"}');
SET sfn.test_now = '2026-01-01 01:00:00+00';
SELECT sfn.start_execution('dm_slow', '[1, 2, 3, 4, 5, 6]', 'x') AS arn \gset
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SELECT map_run_arn AS run FROM sfn.list_map_runs(:'arn') \gset
SELECT * FROM runs WHERE state_machine = 'dm_slow';
SELECT split_part(execution_arn, ':', 8) AS execution, state, waits_for, shown(resource), child_execution_arn, task_token FROM sfn.pending_tasks WHERE state_machine_arn ~ ':dm_slow$';
SELECT sfn.update_map_run(:'run', max_concurrency => 4, tolerated_failure_count => 3, tolerated_failure_percentage => 12.5);
SELECT max_concurrency, tolerated_failure_count, tolerated_failure_percentage FROM sfn.describe_map_run(:'run');
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SELECT max_concurrency, tolerated_failure_count, tolerated_failure_percentage FROM sfn.describe_map_run(:'run');
SELECT * FROM runs WHERE state_machine = 'dm_slow';
SELECT sfn.api('UpdateMapRun', json_build_object('mapRunArn', :'run', 'toleratedFailurePercentage', 100));
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SELECT shown(sfn.api('DescribeMapRun', json_build_object('mapRunArn', :'run'))::text);
SELECT sfn.update_map_run(:'run');
SELECT sfn.update_map_run(:'run', -1);
SELECT sfn.update_map_run(:'run', tolerated_failure_percentage => 100.5);
SELECT sfn.update_map_run(:'run', tolerated_failure_percentage => 'NaN');
SELECT sfn.update_map_run(:'run', tolerated_failure_count => 9223372036854775807);
SELECT sfn.api('UpdateMapRun', json_build_object('mapRunArn', :'run', 'maxConcurrency', -1));
SELECT sfn.api('UpdateMapRun', json_build_object('mapRunArn', :'run', 'toleratedFailurePercentage', 'x'));
SELECT sfn.stop_execution(:'arn', 'Enough', 'we have seen it');
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SELECT status, error FROM sfn.describe_execution(:'arn');
SELECT * FROM runs WHERE state_machine = 'dm_slow';
SELECT status, stop_date, count(*) FROM sfn.executions WHERE state_machine = 'dm_slow/slow' GROUP BY 1, 2;

-- a stop between two children: the run is aborted, not over with what it has
SELECT map_machine('dm_between', :'pass', '{"ItemsPath": "$.items", "MaxConcurrency": 1}');
SELECT sfn.start_execution('dm_between', '{"items": [1, 2, 3]}', 'x') AS arn \gset
DO $$ BEGIN
	FOR i IN 1 .. 20 LOOP
		EXIT WHEN EXISTS (SELECT FROM sfn.inbox WHERE kind = 15) AND EXISTS (SELECT FROM sfn.executions WHERE state_machine = 'dm_between/Each')
			AND NOT EXISTS (SELECT FROM sfn.executions WHERE state_machine = 'dm_between/Each' AND status = 'RUNNING');
		PERFORM sfn.run_once();
	END LOOP;
END $$;
SELECT sfn.stop_execution(:'arn') IS NOT NULL AS stopped;
SELECT sfn.run_until_idle() > 0;
SELECT status, items FROM runs WHERE state_machine = 'dm_between';
SELECT type FROM sfn.get_execution_history(:'arn') ORDER BY id DESC LIMIT 2;
SELECT count(*) FROM sfn.pending_tasks WHERE state_machine_arn ~ ':dm_slow$';

-- failures: none tolerated, some, a share; Catch, Retry
SELECT map_machine('dm_fail', :'odd', '{"MaxConcurrency": 1}');
SELECT map_machine('dm_some', :'odd', '{"ToleratedFailureCount": 1}');
SELECT map_machine('dm_share', :'odd', '{"ToleratedFailurePercentage": 50}');
SELECT sfn.create_state_machine('dm_catch', json_build_object('StartAt', 'Each', 'States', json_build_object('Each', json_build_object('Type', 'Map', 'End', true,
	'ItemProcessor', '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}'::jsonb || :'odd',
	'Retry', '[{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "IntervalSeconds": 1, "MaxAttempts": 1}]'::json,
	'Catch', '[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]'::json), 'Caught', '{"Type": "Pass", "End": true}'::json))::text) IS NOT NULL;
SELECT sfn.start_execution('dm_fail', '[{"bad": false}, {"bad": true}, {"bad": false}]', 'x') AS fail, sfn.start_execution('dm_some', '[{"bad": true}, {"bad": false}]', 'x'),
	sfn.start_execution('dm_some', '[{"bad": true}, {"bad": true}]', 'beyond'), sfn.start_execution('dm_share', '[{"bad": true}, {"bad": false}]', 'x'),
	sfn.start_execution('dm_share', '[{"bad": true}, {"bad": false}, {"bad": true}]', 'beyond'), sfn.start_execution('dm_catch', '[{"bad": true}]', 'x') AS catch \gset
SELECT sfn.run_until_idle() > 0;
SELECT state_machine, name, status, shown((output::text)::text), error, cause FROM sfn.executions WHERE state_machine IN ('dm_fail', 'dm_some', 'dm_share', 'dm_catch') ORDER BY 1, 2;
SELECT state_machine, status, items, executions, error FROM runs WHERE state_machine IN ('dm_fail', 'dm_some', 'dm_share', 'dm_catch') ORDER BY 1, 2, 3;
SELECT id, previous_event_id, type, shown(details::text) FROM sfn.get_execution_history(:'fail') WHERE id > 2;
SELECT id, previous_event_id, type FROM sfn.get_execution_history(:'catch') WHERE id > 2;
SELECT count(*) AS runs_of_the_retried_map FROM sfn.list_map_runs(:'catch');
SELECT sfn.api('ListMapRuns', json_build_object('executionArn', :'catch', 'maxResults', 1)) AS page \gset
SELECT (sfn.api('ListMapRuns', json_build_object('executionArn', :'catch', 'maxResults', 1, 'nextToken', :'page'::json->>'nextToken'))::jsonb) ? 'nextToken';

-- redrive: children that failed go on, those that succeeded do not
CREATE TABLE dm_ready (what text);
CREATE TABLE dm_call (what text);
CREATE FUNCTION dm_work(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM dm_ready r WHERE r.what = dm_work.what) THEN
		RAISE EXCEPTION '% is not ready', what;
	END IF;
	INSERT INTO dm_call VALUES (what);
	RETURN what || ' done';
END $$;
SELECT map_machine('dm_redrive', '{"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "sql:public.dm_work", "End": true}}}', '{"MaxConcurrency": 1}');
INSERT INTO dm_ready VALUES ('a'), ('c');
SET sfn.test_now = '2026-01-01 02:00:00+00';
SELECT sfn.start_execution('dm_redrive', '[{"what": "a"}, {"what": "b"}, {"what": "c"}]', 'x') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT status, error, redrive_status, redrive_status_reason FROM sfn.describe_execution(:'arn');
SELECT status, items, executions, error FROM runs WHERE state_machine = 'dm_redrive';
SELECT map_run_arn AS run FROM sfn.list_map_runs(:'arn') \gset
SELECT execution_arn AS child FROM sfn.list_executions(status => 'FAILED', map_run => :'run') \gset
SELECT status, redrive_status, redrive_status_reason FROM sfn.describe_execution(:'child');
SELECT refused(format('SELECT sfn.redrive_execution(%L)', :'child'));
SELECT refused(format('SELECT sfn.api(''RedriveExecution'', %L)', json_build_object('executionArn', :'child')));
INSERT INTO dm_ready VALUES ('b');
SET sfn.test_now = '2026-01-01 03:00:00+00';
SELECT sfn.redrive_execution(:'arn');
SELECT sfn.run_once() > 0;
SELECT status, items, executions, error FROM runs WHERE state_machine = 'dm_redrive';
SELECT name = split_part(:'child', ':', 8) AS child, status FROM sfn.list_executions(status => 'PENDING_REDRIVE', map_run => :'run');
SELECT sfn.run_until_idle() > 0;
SELECT status, output, redrive_count FROM sfn.describe_execution(:'arn');
SELECT status, items, executions, error FROM runs WHERE state_machine = 'dm_redrive';
SELECT status, redrive_count, redrive_date, stop_date FROM sfn.describe_map_run(:'run');
SELECT what, count(*) FROM dm_call GROUP BY what ORDER BY what;
SELECT id, previous_event_id, type, shown(details::text) FROM sfn.get_execution_history(:'arn') WHERE id > 6;
SELECT status, redrive_count FROM sfn.describe_execution(:'child');

-- what a state gets: records, outputs, outputs joined
SELECT map_machine('dm_records', :'odd', '{"ToleratedFailurePercentage": 100, "ResultWriter": {"WriterConfig": {"Transformation": "NONE", "OutputType": "JSON"}}}');
SELECT map_machine('dm_compact', :'pass', '{"ResultWriter": {"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"}}}');
SELECT map_machine('dm_flatten', :'pass', '{"ResultWriter": {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}}');
SELECT sfn.start_execution('dm_records', '[{"bad": true}, {"bad": false}]', 'x') AS arn, sfn.start_execution('dm_compact', '[[1, 2], [3], 4]', 'x'), sfn.start_execution('dm_flatten', '[[1, 2], [3], 4]', 'x') \gset
SELECT sfn.run_until_idle() > 0;
SELECT jsonb_pretty(shown(output::text)::jsonb) FROM sfn.describe_execution(:'arn');
SELECT state_machine, output FROM sfn.executions WHERE state_machine IN ('dm_compact', 'dm_flatten') ORDER BY 1;

-- one inside the other; deleting the machine ends all of them
SELECT map_machine('dm_outer', '{"StartAt": "Inner", "States": {"Inner": {"Type": "Map", "Label": "inner", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
	"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}', '{"Label": "outer"}');
SELECT sfn.start_execution('dm_outer', '[[0, 0], [0]]', 'x') \gset
SELECT sfn.run_until_idle() > 0;
SELECT state_machine, status, output FROM sfn.executions WHERE state_machine ~ '^dm_outer' ORDER BY 1, map_run_arn, map_index;
SELECT state_machine, label, status, items FROM runs WHERE state_machine ~ '^dm_outer' ORDER BY 1, items;
SELECT sfn.start_execution('dm_outer', '[[100, 100], [100]]', 'deleted') AS arn \gset
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SELECT status, count(*) FROM sfn.executions WHERE state_machine ~ '^dm_outer' GROUP BY 1 ORDER BY 1;
SELECT sfn.delete_state_machine('dm_outer');
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SELECT state_machine, status, error, cause, count(*) FROM sfn.executions WHERE state_machine ~ '^dm_outer' AND status <> 'SUCCEEDED' GROUP BY 1, 2, 3, 4 ORDER BY 1;
SELECT state_machine, status, items, error FROM runs WHERE state_machine ~ '^dm_outer' AND status <> 'SUCCEEDED' ORDER BY 1, items;
SELECT name, status FROM sfn.state_machine WHERE name ~ '^dm_outer' ORDER BY 1;

-- who may see and change them
CREATE ROLE regress_dm_owner;
CREATE ROLE regress_dm_viewer;
CREATE ROLE regress_dm_stranger;
GRANT ALL ON SCHEMA public TO regress_dm_owner;
SET ROLE regress_dm_owner;
SELECT map_machine('dm_owned', :'nap');
SELECT sfn.grant_state_machine('dm_owned', 'regress_dm_viewer', 'see');
SELECT sfn.start_execution('dm_owned', '[1, 2]', 'x') AS arn \gset
RESET ROLE;
DO $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
SET ROLE regress_dm_owner;
SELECT map_run_arn AS run FROM sfn.list_map_runs(:'arn') \gset
SELECT sfn.update_map_run(:'run', 7);
SELECT count(*) FROM sfn.map_runs;
SET ROLE regress_dm_viewer;
SELECT count(*) FROM sfn.map_runs;
SELECT count(*) FROM sfn.executions WHERE map_run_arn = :'run';
SELECT status FROM sfn.describe_map_run(:'run');
SELECT count(*) FROM sfn.list_executions(map_run => :'run');
SELECT sfn.update_map_run(:'run', 1);
SET ROLE regress_dm_stranger;
SELECT count(*) FROM sfn.map_runs;
SELECT count(*) FROM sfn.executions WHERE map_run_arn IS NOT NULL;
SELECT sfn.describe_map_run(:'run');
SELECT sfn.list_map_runs(:'arn');
SELECT sfn.list_executions(map_run => :'run');
SELECT sfn.api('UpdateMapRun', json_build_object('mapRunArn', :'run', 'maxConcurrency', 1));
RESET ROLE;
SELECT sfn.run_until_idle() > 0;
SELECT status, max_concurrency FROM sfn.describe_map_run(:'run');
SELECT sfn.revoke_state_machine('dm_owned', 'regress_dm_viewer');
SELECT sfn.delete_state_machine('dm_owned');
DROP VIEW runs;
DROP FUNCTION map_machine, refused, shown;
REVOKE ALL ON SCHEMA public FROM regress_dm_owner;
DROP TABLE dm_ready, dm_call;
DROP FUNCTION dm_work;
DROP ROLE regress_dm_owner, regress_dm_viewer, regress_dm_stranger;
