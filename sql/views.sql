-- The views, of a running and an ended execution.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('viewed', '{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "End": true}}},
	{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "sql:public.viewed_task", "End": true,
		"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 7, "MaxAttempts": 1}]}}}]}}, "TimeoutSeconds": 600}', tags => '{"a": "b"}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('viewed_express', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": true}}}', 'EXPRESS') IS NOT NULL AS made;
SELECT setval('sfn.execution_id_seq', 1000000) > 0 AS numbers_are_known;
SELECT sfn.start_execution('viewed', '{}', 'v');
\x on
SELECT name, type, status, definition->>'StartAt' AS start_at, creation_date, update_date, logging_configuration, tags FROM sfn.state_machines WHERE name ~ 'viewed' ORDER BY name;
SELECT * FROM sfn.executions WHERE state_machine = 'viewed';
SELECT sfn.run_once();
SELECT status, state, branch_states, stop_date FROM sfn.executions WHERE state_machine = 'viewed';
\x off
SELECT * FROM sfn.timers ORDER BY due;
SELECT * FROM sfn.pending_tasks;
SELECT id, previous_event_id, "timestamp", type, details FROM sfn.history h WHERE execution_arn = 'arn:aws:states:us-east-1:000000000000:execution:viewed:v' ORDER BY id;
CREATE FUNCTION viewed_task(x jsonb) RETURNS int LANGUAGE sql RETURN 1;
SELECT sfn.run_until_idle();
SELECT status, state, branch_states, output, stop_date FROM sfn.executions WHERE state_machine = 'viewed';
SELECT count(*) FROM sfn.timers;

-- EXPRESS executions show in the view only
SELECT sfn.start_execution('viewed_express', '{"a": 1}', 'e') AS express_arn \gset
SELECT regexp_replace(:'express_arn', '[0-9a-f-]{36}$', '<uuid>') AS arn;
SELECT sfn.start_execution('viewed_express', '{"a": 2}', 'e') <> :'express_arn' AS another_of_that_name;
SELECT sfn.run_until_idle();
SELECT name, status, input, output FROM sfn.executions WHERE state_machine = 'viewed_express' ORDER BY input::text;
SELECT sfn.wait_for_execution(:'express_arn');
\set VERBOSITY terse
DO $$ BEGIN PERFORM sfn.describe_execution((SELECT execution_arn FROM sfn.executions WHERE state_machine = 'viewed_express' LIMIT 1)); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLSTATE; END $$;
DO $$ BEGIN PERFORM sfn.get_execution_history((SELECT execution_arn FROM sfn.executions WHERE state_machine = 'viewed_express' LIMIT 1)); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLSTATE; END $$;
\set VERBOSITY default
SELECT * FROM sfn.list_executions('viewed_express');
DROP FUNCTION viewed_task;

-- every object of the extension says what it is
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'sfn' WHERE obj_description(p.oid, 'pg_proc') IS NULL;
SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
	JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'sfn' WHERE c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL;
-- functions in SQL or PL/pgSQL fix their search_path
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'sfn' JOIN pg_language l ON l.oid = p.prolang
	WHERE l.lanname IN ('sql', 'plpgsql') AND NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false);
-- and so has every column of every view
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
	JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'sfn' WHERE c.relkind = 'v' AND col_description(c.oid, a.attnum) IS NULL ORDER BY 1, a.attnum;
