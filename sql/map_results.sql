-- Distributed Map: results that nobody reads, and results that go to a table, to a statement, or nowhere.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SELECT sfn.run_until_idle() >= 0 AS others_are_done;
SET sfn.test_now = '2026-03-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE FUNCTION map_machine(name text, fields json, machine json DEFAULT '{}', role text DEFAULT NULL) RETURNS boolean LANGUAGE sql AS $$
	SELECT sfn.create_state_machine(name, (machine::jsonb || jsonb_build_object('StartAt', 'Each', 'States', jsonb_build_object('Each', jsonb_build_object(
		'Type', 'Map', 'End', true, 'ToleratedFailurePercentage', 100, 'ItemProcessor', '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
			"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "sql:public.rw_work", "End": true}}}'::jsonb) || fields::jsonb)))::text,
		role => role::regrole) IS NOT NULL
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
CREATE FUNCTION rw_work(item jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF item ? 'bad' THEN
		RAISE EXCEPTION '% is bad', item;
	END IF;
	RETURN coalesce(to_jsonb(repeat('x', (item ->> 'size')::int)), item);
END $$;
\set large '[{"size": 100000}, {"size": 100000}, {"size": 100000}]'

-- results that nobody reads need no room; those that somebody may read do
SELECT map_machine('rw_null', '{"ResultPath": null}');
SELECT map_machine('rw_selector', '{"ResultPath": null, "ResultSelector": {"first.$": "$[0]"}}');
SELECT map_machine('rw_assign', '{"ResultPath": null, "Assign": {"first.$": "$[0]"}}');
SELECT map_machine('rw_output', '{"Output": {"items": "{% $count($states.input) %}"}, "Assign": {"a": "{% $states.input[0] %}"}}', '{"QueryLanguage": "JSONata"}');
SELECT map_machine('rw_result', '{"Output": "{% $count($states.result) %}"}', '{"QueryLanguage": "JSONata"}');
SELECT map_machine('rw_lookup', '{"Output": "{% $lookup($states, ''res'' & ''ult'') %}"}', '{"QueryLanguage": "JSONata"}');
SELECT map_machine('rw_assigned', '{"Output": 1, "Assign": {"a": ["{% $states.result[0] %}"]}}', '{"QueryLanguage": "JSONata"}');
SELECT map_machine('rw_default', '{}', '{"QueryLanguage": "JSONata"}');
SELECT count(sfn.start_execution(name, :'large')) FROM sfn.state_machines WHERE name ~ '^rw_';
SELECT sfn.run_until_idle() > 0;
SELECT state_machine, status, error, left(output::text, 30) AS output FROM sfn.executions WHERE state_machine ~ '^rw_[a-z]+$' ORDER BY 1;
-- small ones still come out as they did
SELECT map_machine('rw_small', '{"ResultPath": null, "ResultSelector": {"first.$": "$[0]"}}');
SELECT sfn.start_execution('rw_small', '[1, 2]', 'x') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, output FROM sfn.executions WHERE state_machine = 'rw_small';

-- a table: the columns that are named like something of a result, converted to their types
CREATE TABLE rw_result (id int GENERATED ALWAYS AS IDENTITY, map_run_arn text, redrive_count int, index bigint, execution_arn text,
	status varchar(20), input json, output jsonb, error text, cause text, start_date timestamptz, stop_date timestamptz, seen boolean DEFAULT false);
SELECT map_machine('rw_table', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "public.rw_result"}}}');
SELECT sfn.start_execution('rw_table', '[{"a":  1.50}, {"bad": 2}, {"a": [null]}]', 'x') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, shown(output::text) FROM sfn.executions WHERE state_machine = 'rw_table';
SELECT id, shown(map_run_arn) AS map_run_arn, redrive_count, index, shown(execution_arn) AS execution_arn, status FROM rw_result ORDER BY index;
SELECT index, input, output, error, cause, start_date, stop_date, seen FROM rw_result ORDER BY index;
SELECT items, executions, results_written FROM sfn.map_runs WHERE state_machine = 'rw_table';
SELECT bool_and(r.execution_arn = e.execution_arn AND e.map_index = r.index) FROM rw_result r JOIN sfn.executions e USING (execution_arn);

-- more than a page of them; a part of the columns; a name that needs quotes; computed
CREATE TABLE "rw Some" (index int PRIMARY KEY, output int CHECK (output <> 777));
SELECT map_machine('rw_computed', '{"Items": "{% [1..200] %}", "ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Arguments": {"Table": "{% ''public.\"rw Some\"'' %}"}}}', '{"QueryLanguage": "JSONata"}');
SELECT sfn.start_execution('rw_computed', '{}', 'x') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, shown(output::text) FROM sfn.executions WHERE state_machine = 'rw_computed';
SELECT count(*), sum(output), bool_and(output = index + 1) FROM "rw Some";
-- a row that cannot be stored: none is, and the state fails
TRUNCATE "rw Some";
SELECT map_machine('rw_refused', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "public.\"rw Some\""}}}');
SELECT sfn.start_execution('rw_refused', '[1, 777]', 'x') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, error, cause FROM sfn.executions WHERE state_machine = 'rw_refused';
SELECT count(*) FROM "rw Some";

-- a table that computes some of the columns itself and does not keep every row: what is told is what it stored
CREATE TABLE rw_odd (index bigint, status text GENERATED ALWAYS AS ('computed') STORED, error int GENERATED ALWAYS AS IDENTITY) PARTITION BY RANGE (index);
CREATE TABLE rw_odd_part PARTITION OF rw_odd DEFAULT;
CREATE FUNCTION rw_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN new.index <> 1 THEN new END; END $$;
CREATE TRIGGER keep BEFORE INSERT ON rw_odd FOR EACH ROW EXECUTE FUNCTION rw_keep();
SELECT map_machine('rw_odd', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "public.rw_odd"}}}');
SELECT sfn.start_execution('rw_odd', '[1, 2, 3]', 'x') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, shown(output::text), cause FROM sfn.executions WHERE state_machine = 'rw_odd';
SELECT * FROM rw_odd ORDER BY index;

-- a statement: $1 are the results, Args come behind it; its rows are dropped
CREATE TABLE rw_sum (batch text, index bigint, output json, UNIQUE (batch, index));
SELECT map_machine('rw_query', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:query", "Parameters": {
	"Query": "INSERT INTO public.rw_sum SELECT $2, r.index, r.output FROM json_to_recordset($1) AS r (index bigint, output json) ON CONFLICT (batch, index) DO UPDATE SET output = excluded.output RETURNING index",
	"Args.$": "States.Array($.batch)"}}, "ItemsPath": "$.items"}');
SELECT sfn.start_execution('rw_query', '{"batch": "b1", "items": [7, 8, {"bad": 9}]}', 'x') IS NOT NULL, sfn.start_execution('rw_query', '{"batch": "b1", "items": [70]}', 'y') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT name, status, shown(output::text) FROM sfn.executions WHERE state_machine = 'rw_query' ORDER BY name;
SELECT batch, index, output FROM rw_sum ORDER BY 1, 2;

-- nothing is kept, and the result says so
SELECT map_machine('rw_discard', '{"ResultWriter": {"Resource": "arn:aws:states:::sfn:discard"}}');
SELECT sfn.start_execution('rw_discard', :'large', 'x') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, shown(output::text) FROM sfn.executions WHERE state_machine = 'rw_discard';
SELECT results_written FROM sfn.map_runs WHERE state_machine = 'rw_discard';

-- a run that fails: what there is of it is written, and again after a redrive
CREATE TABLE rw_redriven (redrive_count int, index int, status text, input json, execution_arn text);
SELECT map_machine('rw_failing', '{"ToleratedFailurePercentage": 0, "MaxConcurrency": 1, "ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "public.rw_redriven"}}}');
SELECT sfn.start_execution('rw_failing', '[{"bad": 1}, {"good": 2}]', 'x') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT redrive_count, index, status, input, execution_arn IS NOT NULL AS was_started FROM rw_redriven;
CREATE OR REPLACE FUNCTION rw_work(item jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT item';
SELECT sfn.redrive_execution(:'arn');
SELECT sfn.run_until_idle() > 0;
SELECT redrive_count, index, status, input, execution_arn IS NOT NULL AS was_started FROM rw_redriven ORDER BY 1, 2;
SELECT status FROM sfn.describe_execution(:'arn');

-- a run that has succeeded with failures: those go on, under its ARN; it ends when they have, and its execution stays as it is
CREATE TABLE rw_ready (n int);
CREATE FUNCTION rw_slow(n int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM rw_ready r WHERE r.n = rw_slow.n) THEN
		RAISE EXCEPTION 'not ready';
	END IF;
	RETURN n;
END $$;
SELECT sfn.create_state_machine('rw_rest', '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "ToleratedFailurePercentage": 100, "ResultPath": null, "End": true,
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Wait", "States": {
		"Wait": {"Type": "Wait", "Seconds": 10, "Next": "Work"}, "Work": {"Type": "Task", "Resource": "sql:public.rw_slow", "Parameters": {"n.$": "$"}, "End": true}}}}}}') IS NOT NULL;
INSERT INTO rw_ready VALUES (1), (3);
SELECT sfn.start_execution('rw_rest', '[1, 2, 3, 4]', 'x') AS arn \gset
SELECT sfn.run_once() > 0;
SELECT map_run_arn AS run FROM sfn.list_map_runs(:'arn') \gset
SELECT items_done, items_per_second, time_left FROM sfn.map_runs WHERE map_run_arn = :'run';
SELECT refused(format('SELECT sfn.redrive_map_run(%L)', :'run'));
SELECT sfn.run_until_idle() > 0;
SELECT status, items, items_done, items_succeeded, items_failed, items_per_second, time_left, stop_date, redrive_count FROM sfn.map_runs WHERE map_run_arn = :'run';
INSERT INTO rw_ready VALUES (2);
SELECT sfn.redrive_map_run(:'run');
SELECT sfn.redrive_map_run(:'run'); -- two wishes are one redrive
SELECT sfn.run_once() > 0;
SELECT status, items_done, items_pending_redrive, stop_date, redrive_count, items_per_second FROM sfn.map_runs WHERE map_run_arn = :'run';
SELECT refused(format('SELECT sfn.redrive_map_run(%L)', :'run'));
SELECT sfn.run_until_idle() > 0;
SELECT status, items_succeeded, items_failed, items_pending_redrive, stop_date IS NOT NULL AS has_ended, redrive_count FROM sfn.map_runs WHERE map_run_arn = :'run';
SELECT status, input, output, redrive_count FROM sfn.executions WHERE state_machine = 'rw_rest/Each' ORDER BY map_index;
SELECT status, output, redrive_count FROM sfn.describe_execution(:'arn');
INSERT INTO rw_ready VALUES (4);
SELECT sfn.redrive_map_run(:'run');
SELECT sfn.run_until_idle() > 0;
SELECT status, items_succeeded, redrive_count FROM sfn.map_runs WHERE map_run_arn = :'run';
SELECT refused(format('SELECT sfn.redrive_map_run(%L)', :'run')); -- nothing has failed
SELECT sfn.redrive_map_run(NULL);
-- one that has failed goes on with its execution
SELECT map_machine('rw_strict', '{"ToleratedFailurePercentage": 0, "ItemSelector": {"bad": 1}}');
CREATE OR REPLACE FUNCTION rw_work(item jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
SELECT sfn.start_execution('rw_strict', '[1]', 'x') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT map_run_arn AS strict FROM sfn.list_map_runs(:'arn') \gset
SELECT refused(format('SELECT sfn.redrive_map_run(%L)', :'strict'));
CREATE OR REPLACE FUNCTION rw_work(item jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT item';

-- as the machine's role, under the rules for tasks
CREATE ROLE regress_rw;
GRANT EXECUTE ON FUNCTION rw_work TO regress_rw;
SELECT map_machine('rw_right', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "public.rw_redriven"}}}', role => 'regress_rw');
SELECT map_machine('rw_commit', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "COMMIT"}}}');
SELECT map_machine('rw_role', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT set_config(''role'', ''postgres'', false), $1::json"}}}', role => 'regress_rw');
SELECT map_machine('rw_engine', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT $1::json, id FROM sfn.execution"}}}', role => 'regress_rw');
SELECT map_machine('rw_unused', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT 1"}}}');
SELECT map_machine('rw_columns', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "pg_catalog.pg_auth_members"}}}');
SELECT count(sfn.start_execution(name, '[1]')) FROM sfn.state_machines WHERE name IN ('rw_right', 'rw_commit', 'rw_role', 'rw_engine', 'rw_unused', 'rw_columns');
SELECT sfn.run_until_idle() > 0;
SELECT state_machine, status, error, cause FROM sfn.executions WHERE state_machine IN ('rw_right', 'rw_commit', 'rw_role', 'rw_engine', 'rw_unused', 'rw_columns') ORDER BY 1;

-- what is known to be wrong when the machine is made
\set VERBOSITY default
SELECT map_machine('rw_w1', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {"Table": "public.rw_reslt"}}}');
SELECT map_machine('rw_w2', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table", "Parameters": {}}}');
SELECT map_machine('rw_w3', '{"ItemReader": {"Resource": "arn:aws:states:::sql:table", "Arguments": {"Table": "nowhere.at_all"}}, "ResultWriter": {"Resource": "arn:aws:states:::sql:query", "Arguments": {}}}', '{"QueryLanguage": "JSONata"}');
SELECT map_machine('rw_w4', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:table"}}');
SELECT map_machine('rw_w5', '{"ResultWriter": {"Resource": "arn:aws:states:::sql:tabel", "Parameters": {"Table": "t"}}}');
\set VERBOSITY terse

SELECT count(sfn.delete_state_machine(name)) FROM sfn.state_machines WHERE name ~ '^rw_';
DROP TABLE rw_result, "rw Some", rw_sum, rw_redriven;
DROP TABLE rw_ready, rw_odd;
DROP FUNCTION map_machine, refused, shown, rw_work, rw_slow, rw_keep;
DROP OWNED BY regress_rw;
DROP ROLE regress_rw;
