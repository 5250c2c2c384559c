-- Counters of state machines, exact on the test clock.
SET sfn.test_now = '2020-01-01 00:00:00+00';
CREATE SCHEMA stat;
CREATE FUNCTION stat.third_time(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF (input ->> 'tries')::int < 2 THEN
		RAISE EXCEPTION 'not yet';
	END IF;
	RETURN input;
END $$;
CREATE VIEW stat.counts AS
	SELECT state_machine, executions_started AS started, executions_succeeded AS succeeded, executions_failed AS failed,
		executions_timed_out AS timed_out, executions_aborted AS aborted, executions_redriven AS redriven,
		total_execution_time AS total_time, max_execution_time AS max_time, state_transitions AS states, events, retries,
		errors_caught AS caught, tasks_scheduled AS scheduled, tasks_succeeded AS task_ok, tasks_failed AS task_failed,
		tasks_timed_out AS task_out, local_tasks AS local
	FROM sfn.stat_state_machines;

-- ten executions, two retries each after 5 and 10 seconds
SELECT sfn.create_state_machine('stat_retries', '{"StartAt": "Try", "States": {
	"Try": {"Type": "Task", "Resource": "sql:stat.third_time", "Parameters": {"tries.$": "$$.State.RetryCount"},
		"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}], "Next": "Done"},
	"Done": {"Type": "Succeed"}}}');
SELECT count(*) FROM sfn.start_executions('stat_retries', array_fill('{}'::json, ARRAY[10]));
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT * FROM stat.counts WHERE state_machine = 'stat_retries' \gx

-- every end there is: success, failure, time-out, stop, stop before the beginning; and a redrive
SELECT sfn.create_state_machine('stat_ends', '{"StartAt": "Which", "TimeoutSeconds": 60, "States": {
	"Which": {"Type": "Choice", "Choices": [{"Variable": "$.wait", "IsPresent": true, "Next": "Wait"},
		{"Variable": "$.fail", "IsPresent": true, "Next": "Fail"}], "Default": "Done"},
	"Wait": {"Type": "Wait", "SecondsPath": "$.wait", "Next": "Done"},
	"Fail": {"Type": "Fail", "Error": "No", "Cause": "asked for"},
	"Done": {"Type": "Pass", "End": true}}}');
SELECT sfn.start_execution('stat_ends', '{}', 'succeeds') IS NOT NULL AS started;
SELECT sfn.start_execution('stat_ends', '{"fail": 1}', 'fails') IS NOT NULL AS started;
SELECT sfn.start_execution('stat_ends', '{"wait": 100}', 'times_out') IS NOT NULL AS started;
SELECT sfn.start_execution('stat_ends', '{"wait": 20}', 'waits') IS NOT NULL AS started;
SELECT sfn.start_execution('stat_ends', '{"wait": 30}', 'is_stopped') AS stopped \gset
SELECT sfn.run_once() AS moved;
SELECT sfn.stop_execution(:'stopped') IS NOT NULL AS stopped;
SELECT sfn.start_execution('stat_ends', '{}', 'never_begins') AS never \gset
SELECT sfn.stop_execution(:'never') IS NOT NULL AS stopped;
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT * FROM stat.counts WHERE state_machine = 'stat_ends' \gx
SELECT sfn.redrive_execution('arn:aws:states:us-east-1:000000000000:execution:stat_ends:fails') IS NOT NULL AS redriven;
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT succeeded, failed, redriven FROM stat.counts WHERE state_machine = 'stat_ends';

-- Catch, a task that times out, a Parallel and a Map
SELECT sfn.create_state_machine('stat_catch', '{"StartAt": "Both", "States": {
	"Both": {"Type": "Parallel", "Next": "Each", "Branches": [
		{"StartAt": "Token", "States": {
			"Token": {"Type": "Task", "Resource": "arn:aws:states:::sql:query.waitForTaskToken", "TimeoutSeconds": 7,
				"Parameters": {"Query": "SELECT 1"},
				"Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": null, "Next": "Late"}], "End": true},
			"Late": {"Type": "Pass", "End": true}}},
		{"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": "sql:stat.nowhere",
			"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Caught"}], "End": true},
			"Caught": {"Type": "Pass", "End": true}}}]},
	"Each": {"Type": "Map", "ItemsPath": "$", "End": true, "ItemProcessor": {"StartAt": "One", "States": {
		"One": {"Type": "Pass", "End": true}}}}}}');
SELECT sfn.start_execution('stat_catch') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT * FROM stat.counts WHERE state_machine = 'stat_catch' \gx

-- the children of a Distributed Map are executions of its own machine
SELECT sfn.create_state_machine('stat_map', '{"StartAt": "Items", "States": {"Items": {"Type": "Map", "Label": "Each", "End": true,
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
		"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}}}}');
SELECT sfn.start_execution('stat_map', '[1, 2, 3, 4]') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT state_machine, started, succeeded, states FROM stat.counts WHERE state_machine LIKE 'stat_map%' ORDER BY 1;

-- what is rolled back has not happened
BEGIN;
SELECT sfn.start_execution('stat_ends') IS NOT NULL AS started;
SELECT sfn.run_until_idle() AS turns;
ROLLBACK;
SELECT started, succeeded FROM stat.counts WHERE state_machine = 'stat_ends';

-- synchronous executions: counted as they are done, failures too, though these roll back their caller
SELECT sfn.create_state_machine('stat_sync', '{"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}}', 'EXPRESS');
SELECT count(sfn.start_sync_execution('stat_sync', '{"s": 1}')) FROM generate_series(1, 250);
\set VERBOSITY sqlstate
SELECT sfn.start_sync_execution('stat_sync', '{"s": "x"}');
SELECT sfn.start_sync_execution('stat_sync', '{"s": 1000}');
\set VERBOSITY default
SELECT sfn.start_execution('stat_sync', '{"s": 2}') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT * FROM stat.counts WHERE state_machine = 'stat_sync' \gx

-- each sees the machines that he may see; pg_read_all_stats sees all
CREATE ROLE regress_stat_owner;
CREATE ROLE regress_stat_other;
CREATE ROLE regress_stat_watcher IN ROLE pg_monitor;
SELECT sfn.create_state_machine('stat_owned', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', role => 'regress_stat_owner');
SELECT sfn.grant_state_machine('stat_ends', 'regress_stat_owner', 'see');
SET ROLE regress_stat_owner;
SELECT state_machine FROM sfn.stat_state_machines ORDER BY 1;
SELECT count(*) FROM sfn_internal.machine_counters();
SELECT count(*) FROM sfn.stat_backlog;
SELECT sfn.stat_reset();
SET ROLE regress_stat_other;
SELECT state_machine FROM sfn.stat_state_machines ORDER BY 1;
SELECT count(*) FROM sfn_internal.machine_counters();
SET ROLE regress_stat_watcher;
SELECT state_machine FROM sfn.stat_state_machines WHERE state_machine LIKE 'stat%' ORDER BY 1;
SELECT count(*) FROM sfn.executions;
RESET ROLE;

-- what waits
SELECT sfn.create_activity('stat_desk') IS NOT NULL AS made;
SELECT sfn.create_state_machine('stat_waits', '{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "Token", "States": {"Token": {"Type": "Task", "Resource": "arn:aws:states:::sql:query.waitForTaskToken",
		"Parameters": {"Query": "SELECT 1"}, "End": true}}},
	{"StartAt": "Desk", "States": {"Desk": {"Type": "Task",
		"Resource": "arn:aws:states:us-east-1:000000000000:activity:stat_desk", "End": true}}},
	{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": true}}}]}}}');
SELECT sfn.start_execution('stat_waits', '{}', 'w') AS waiting \gset
SELECT sfn.run_once() AS moved;
SELECT sfn.start_execution('stat_waits', '{}', 'not_begun') AS not_begun \gset
SELECT * FROM sfn.stat_backlog \gx
SELECT sfn.stop_execution(:'waiting') IS NOT NULL AND sfn.stop_execution(:'not_begun') IS NOT NULL AS stopped;
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT * FROM sfn.stat_backlog \gx

-- a deleted machine is not shown any more, one of the same name begins anew
SELECT sfn.delete_state_machine('stat_ends');
SELECT count(*) FROM stat.counts WHERE state_machine = 'stat_ends';
SELECT sfn.create_state_machine('stat_ends', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT started, succeeded, failed FROM stat.counts WHERE state_machine = 'stat_ends';

-- anew
SELECT stats_reset AS before FROM sfn.stat_state_machines LIMIT 1 \gset
SELECT sfn.stat_reset();
SELECT bool_and(executions_started = 0 AND events = 0 AND total_execution_time = 0 AND stats_reset > :'before') AS is_reset
FROM sfn.stat_state_machines;
SELECT worker, pid IS NULL AS is_gone, turns, executions_per_turn, stats_reset > :'before' AS is_reset FROM sfn.stat_workers;

SELECT sfn.delete_state_machine(name) FROM sfn.state_machines WHERE name LIKE 'stat%';
SELECT sfn.delete_activity('stat_desk');
DROP ROLE regress_stat_owner, regress_stat_other, regress_stat_watcher;
DROP SCHEMA stat CASCADE;
