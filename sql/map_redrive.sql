-- Redrive of map runs: what goes on, what does not, and what is counted meanwhile.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

CREATE VIEW map_redrive_run AS SELECT split_part(state_machine, '/', 1) AS machine, label, status,
	items || ' = ' || items_pending || 'p ' || items_running || 'r ' || items_succeeded || 's ' || items_failed || 'f '
		|| items_timed_out || 't ' || items_aborted || 'a ' || items_pending_redrive || 'w' AS items, error, redrive_count
	FROM sfn.map_runs ORDER BY state_machine, label, 4, status;
-- turns until nothing is due at this moment
CREATE PROCEDURE map_redrive_now() LANGUAGE plpgsql AS $$ BEGIN WHILE sfn.run_once() > 0 LOOP END LOOP; END $$;
CREATE TABLE map_redrive_ready (what text);
CREATE FUNCTION map_redrive_work(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM map_redrive_ready r WHERE r.what = map_redrive_work.what) THEN
		RAISE EXCEPTION '% is not ready', what;
	END IF;
	RETURN what || ' done';
END $$;
\set nap '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": true}}}'
\set work '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {"W": {"Type": "Task", "Resource": "sql:public.map_redrive_work", "End": true}}}'
\set express '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "W", "States": {"W": {"Type": "Task", "Resource": "sql:public.map_redrive_work", "End": true}}}'
\set endless '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {"W": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": "x", "Next": "E"}], "Default": "W"}, "E": {"Type": "Succeed"}}}'
SELECT sfn.create_state_machine('mr_stop', format('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true, "ItemProcessor": %s}}}', :'nap')) IS NOT NULL,
	sfn.create_state_machine('mr_time', format('{"TimeoutSeconds": 15, "StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true, "ItemProcessor": %s}}}', :'nap')) IS NOT NULL,
	sfn.create_state_machine('mr_some', format('{"StartAt": "M", "States": {"M": {"Type": "Map", "ToleratedFailureCount": 1, "End": true, "ItemProcessor": %s}}}', :'work')) IS NOT NULL,
	sfn.create_state_machine('mr_work', format('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": %s}}}', :'work')) IS NOT NULL,
	sfn.create_state_machine('mr_express', format('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true, "ItemProcessor": %s}}}', :'express')) IS NOT NULL,
	sfn.create_state_machine('mr_endless', format('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": %s}}}', :'endless')) IS NOT NULL,
	sfn.create_state_machine('mr_parallel', format('{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "A", "States": {"A": {"Type": "Map", "End": true, "ItemProcessor": %s}}},
		{"StartAt": "B", "States": {"B": {"Type": "Map", "End": true, "ItemProcessor": %s}}}]}}}', :'nap', :'work')) IS NOT NULL,
	sfn.create_state_machine('mr_nested', format('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
		"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "N", "States": {"N": {"Type": "Map", "End": true, "ItemProcessor": %s}}}}}}', :'work')) IS NOT NULL;

-- stopped in the middle
SELECT sfn.start_execution('mr_stop', '[1, 2, 3]', 'x') AS arn \gset
CALL map_redrive_now();
SELECT sfn.stop_execution(:'arn');
CALL map_redrive_now();
SELECT * FROM map_redrive_run WHERE machine = 'mr_stop';
SELECT sfn.redrive_execution(:'arn');
CALL map_redrive_now();
SELECT * FROM map_redrive_run WHERE machine = 'mr_stop';
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_stop';
SELECT status, output, stop_date FROM sfn.describe_execution(:'arn');

-- asked for before the children have stopped: it waits for them
SELECT sfn.start_execution('mr_stop', '[1, 2, 3]', 'early') AS arn \gset
CALL map_redrive_now();
SELECT sfn.stop_execution(:'arn');
SELECT sfn.run_once();
SELECT sfn.redrive_execution(:'arn');
SELECT sfn.run_once() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_stop' AND status <> 'SUCCEEDED';
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_stop';
SELECT status, output, redrive_count FROM sfn.describe_execution(:'arn');

-- stopped again before the children have gone on: they do not
SELECT sfn.start_execution('mr_stop', '[1, 2, 3]', 'again') AS arn \gset
CALL map_redrive_now();
SELECT sfn.stop_execution(:'arn');
CALL map_redrive_now();
SELECT sfn.redrive_execution(:'arn');
SELECT sfn.run_once();
SELECT * FROM map_redrive_run WHERE machine = 'mr_stop' AND status <> 'SUCCEEDED';
UPDATE sfn.inbox SET due = due + interval '1 s' WHERE kind = 12;
SELECT sfn.stop_execution(:'arn') IS NOT NULL;
CALL map_redrive_now();
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_stop' AND status <> 'SUCCEEDED';
SELECT status, redrive_count, count(*) FROM sfn.list_executions(map_run => (SELECT map_run_arn FROM sfn.list_map_runs(:'arn'))) GROUP BY 1, 2;
SELECT sfn.redrive_execution(:'arn') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, output, redrive_count FROM sfn.describe_execution(:'arn');

-- a child fails again while another has not gone on yet
SELECT sfn.start_execution('mr_some', '[{"what": "a"}, {"what": "b"}]', 'x') AS arn \gset
CALL map_redrive_now();
SELECT * FROM map_redrive_run WHERE machine = 'mr_some';
INSERT INTO map_redrive_ready VALUES ('b');
SELECT sfn.redrive_execution(:'arn') IS NOT NULL;
SELECT sfn.run_once();
UPDATE sfn.inbox SET due = due + interval '1 s' WHERE kind = 12 AND id = (SELECT max(id) FROM sfn.inbox WHERE kind = 12);
CALL map_redrive_now();
SELECT * FROM map_redrive_run WHERE machine = 'mr_some';
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_some';
SELECT status, output->0->>'Status' AS first, output->1 AS second FROM sfn.describe_execution(:'arn');

-- children that were stopped before they began
DELETE FROM map_redrive_ready;
SELECT sfn.start_execution('mr_work', '[{"what": "a"}, {"what": "b"}, {"what": "b"}]', 'x') AS arn \gset
SELECT sfn.run_once();
UPDATE sfn.inbox SET due = due + interval '1 s' WHERE execution_id IN (SELECT id FROM sfn.execution WHERE map_index > 0);
CALL map_redrive_now();
SELECT * FROM map_redrive_run WHERE machine = 'mr_work';
INSERT INTO map_redrive_ready VALUES ('a'), ('b');
SELECT sfn.redrive_execution(:'arn') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_work';
SELECT status, output FROM sfn.describe_execution(:'arn');
SELECT h.id, h.type FROM sfn.executions e, sfn.get_execution_history(e.execution_arn) h WHERE e.state_machine = 'mr_work/M' AND e.map_index = 1;

-- a child whose history is full cannot go on
SET sfn.max_history_events = 60;
SELECT sfn.start_execution('mr_endless', '[1]', 'x') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT sfn.redrive_execution(:'arn') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
RESET sfn.max_history_events;
SELECT * FROM map_redrive_run WHERE machine = 'mr_endless';
SELECT status, error, redrive_count FROM sfn.describe_execution(:'arn');

-- the machine's time is over
SET sfn.test_now = '2026-01-02 00:00:00+00';
SELECT sfn.start_execution('mr_time', '[1, 2, 3]', 'x') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_time';
SELECT status, stop_date, redrive_status FROM sfn.describe_execution(:'arn');
SELECT sfn.redrive_execution(:'arn') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_time';
SELECT status, output, stop_date FROM sfn.describe_execution(:'arn');

-- EXPRESS children begin again
DELETE FROM map_redrive_ready WHERE what = 'b';
SELECT sfn.start_execution('mr_express', '[{"what": "a"}, {"what": "b"}, {"what": "a"}, {"what": "a"}]', 'x') AS arn \gset
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_express';
INSERT INTO map_redrive_ready VALUES ('b');
SELECT sfn.redrive_execution(:'arn') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine = 'mr_express';
SELECT status, output FROM sfn.describe_execution(:'arn');

-- two at a time in a Parallel; one inside the other
DELETE FROM map_redrive_ready WHERE what = 'b';
SELECT sfn.start_execution('mr_parallel', '[{"what": "a"}, {"what": "b"}]', 'x') AS parallel, sfn.start_execution('mr_nested', '[[{"what": "a"}, {"what": "b"}], [{"what": "a"}]]', 'x') AS nested \gset
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine IN ('mr_parallel', 'mr_nested');
INSERT INTO map_redrive_ready VALUES ('b');
SELECT sfn.redrive_execution(:'parallel') IS NOT NULL, sfn.redrive_execution(:'nested') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT * FROM map_redrive_run WHERE machine IN ('mr_parallel', 'mr_nested');
SELECT name, status, output FROM sfn.describe_execution(:'parallel') UNION ALL SELECT name, status, output FROM sfn.describe_execution(:'nested');
SELECT id, previous_event_id, type FROM sfn.get_execution_history(:'parallel') WHERE id > 9;

-- rows of children that are gone
DELETE FROM map_redrive_ready;
SELECT sfn.start_execution('mr_work', '[{"what": "a"}, {"what": "b"}, {"what": "a"}]', 'lost') AS arn \gset
SELECT sfn.run_until_idle() > 0;
DELETE FROM sfn.execution e USING sfn.map_run r, sfn.execution p
	WHERE e.map_run_id = r.id AND e.map_index = 1 AND r.execution_id = p.id AND p.name = 'lost';
INSERT INTO map_redrive_ready VALUES ('a'), ('b');
SELECT sfn.redrive_execution(:'arn') IS NOT NULL;
SELECT sfn.run_until_idle() > 0;
SELECT status, error FROM sfn.describe_execution(:'arn');
SELECT status, executions_pending_redrive, executions_running, items_failed, error FROM sfn.map_runs WHERE execution_arn = :'arn';
SELECT count(*) AS left_behind FROM sfn.inbox i, sfn.execution e, sfn.state_machine m
	WHERE e.id = i.execution_id AND m.id = e.state_machine_id AND m.name ~ '^mr_';
DROP VIEW map_redrive_run;
DROP PROCEDURE map_redrive_now;
DROP FUNCTION map_redrive_work;
DROP TABLE map_redrive_ready;
