-- Turns in a session: a machine without an end takes a share of each, and can be interrupted.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
SELECT sfn.create_state_machine('for_ever', '{"StartAt": "Again", "States": {"Again": {"Type": "Choice",
	"Choices": [{"Variable": "$.enough", "BooleanEquals": true, "Next": "Enough"}], "Default": "Again"}, "Enough": {"Type": "Succeed"}}}') IS NOT NULL AS made,
	sfn.create_state_machine('short', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('for_ever', '{"enough": false}', 'loop') AS loop \gset
SELECT sfn.start_execution('short', '{}', 'short') IS NOT NULL AS started;
SELECT sfn.run_once() > 0 AS moved;
SELECT name, status FROM sfn.executions WHERE state_machine IN ('for_ever', 'short') ORDER BY name;
SELECT max(id) AS events FROM sfn.history WHERE execution_arn = :'loop';
SELECT sfn.run_once() > 0 AS moved;
SELECT max(id) AS events FROM sfn.history WHERE execution_arn = :'loop';
-- interrupted
SET statement_timeout = '50ms';
SELECT sfn.run_until_idle();
RESET statement_timeout;
SELECT status FROM sfn.executions WHERE execution_arn = :'loop';
-- told after so many turns
SELECT sfn.run_until_idle(1);
-- stopped between two turns
SELECT sfn.stop_execution(:'loop', 'Enough', 'It does not end.');
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT status, error, cause FROM sfn.executions WHERE execution_arn = :'loop';
-- or ended by its history
SET sfn.max_history_events = 50000;
SELECT sfn.start_execution('for_ever', '{"enough": false}', 'long') AS long \gset
SELECT sfn.run_until_idle() > 0 AS moved;
SELECT status, error, cause FROM sfn.executions WHERE execution_arn = :'long';
SELECT max(id) AS events FROM sfn.history WHERE execution_arn = :'long';
RESET sfn.max_history_events;
