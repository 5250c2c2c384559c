-- Synchronous Express executions: in the caller's backend, transaction and memory.
SET sfn.test_now = '2024-01-01 00:00:00+00';
CREATE SCHEMA express_test;
SET search_path = express_test;

SELECT sfn.create_state_machine('express-pass', '{
	"StartAt": "Sum", "States": {"Sum": {"Type": "Pass", "End": true,
		"Parameters": {"sum.$": "States.MathAdd($.a, $.b)", "order.$": "$"}}}}', type => 'EXPRESS');

-- text, json and jsonb; key order and numbers stay where the form keeps them
SELECT sfn.start_sync_execution('express-pass', '{"b": 1.50, "a": 2}');
SELECT sfn.start_sync_execution('express-pass', '{"b": 1.50, "a": 2}'::json);
SELECT sfn.start_sync_execution('express-pass', jsonb_build_object('b', 1.50, 'a', 2));
SELECT sfn.start_sync_execution('arn:aws:states:us-east-1:000000000000:stateMachine:express-pass', '{"a": 1, "b": 1}', 'a-name');
SELECT n, sfn.start_sync_execution('express-pass', json_build_object('a', n, 'b', n)) -> 'sum' AS sum FROM generate_series(1, 3) n;

-- what callers get wrong
SELECT sfn.start_sync_execution('express-pass', '{"a": 1');
SELECT sfn.start_sync_execution('express-pass', '{}', 'no/name');
SELECT sfn.start_sync_execution(NULL);
SELECT sfn.start_sync_execution('express-nobody');
SELECT sfn.create_state_machine('express-standard', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT sfn.start_sync_execution('express-standard');
SELECT sfn.api('StartSyncExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-standard"}');
SELECT sfn.start_sync_execution('express-pass', json_build_object('a', repeat('x', 300000)));

-- a failed execution raises its error; sfn.api answers with it
SELECT sfn.create_state_machine('express-fail', '{
	"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$.error", "CausePath": "$.cause"}}}', type => 'EXPRESS');
DO $$
BEGIN
	PERFORM sfn.start_sync_execution('express-fail', '{"error": "Shop.Closed", "cause": "It is Sunday."}');
EXCEPTION WHEN SQLSTATE 'SF036' THEN
	RAISE NOTICE 'caught: % (%)', sqlerrm, sqlstate;
END $$;
SELECT sfn.start_sync_execution('express-fail', '{"error": "Shop.Closed", "cause": "It is Sunday."}');
SELECT key, value FROM json_each(sfn.api('StartSyncExecution', '{
	"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-fail", "name": "sunday",
	"input": "{\"error\": \"Shop.Closed\", \"cause\": \"It is Sunday.\"}", "traceHeader": "Root=1"}'))
	WHERE key <> 'executionArn';
SELECT key, value FROM json_each(sfn.api('StartSyncExecution', '{
	"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-pass",
	"input": "{\"a\": 1, \"b\": 2}", "includedData": "METADATA_ONLY"}'))
	WHERE key NOT IN ('executionArn', 'name');

-- tasks are statements of this transaction; one that fails is rolled back alone
CREATE TABLE stock (item text PRIMARY KEY, pieces integer NOT NULL CHECK (pieces >= 0));
INSERT INTO stock VALUES ('book', 2);
CREATE FUNCTION take(input json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
	rest integer;
BEGIN
	UPDATE express_test.stock SET pieces = pieces - (input ->> 'pieces')::integer WHERE item = input ->> 'item'
		RETURNING pieces INTO rest;
	RETURN json_build_object('left', rest);
END $$;
SELECT sfn.create_state_machine('express-take', '{
	"StartAt": "Take", "States": {
		"Take": {"Type": "Task", "Resource": "sql:express_test.take", "ResultPath": "$.stock", "Next": "Done",
			"Catch": [{"ErrorEquals": ["Sql.check_violation"], "ResultPath": "$.problem", "Next": "Sold out"}]},
		"Done": {"Type": "Succeed", "OutputPath": "$.stock.left"},
		"Sold out": {"Type": "Pass", "Result": "sold out", "End": true}}}', type => 'EXPRESS');
BEGIN;
SELECT sfn.start_sync_execution('express-take', '{"item": "book", "pieces": 1}');
SELECT sfn.start_sync_execution('express-take', '{"item": "book", "pieces": 5}');
SELECT * FROM stock;
ROLLBACK;
SELECT * FROM stock;

-- what the role defers stays this transaction's; a task may call a machine that calls a task
CREATE TABLE line (id integer PRIMARY KEY, item text REFERENCES stock DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION add_line(input json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO express_test.line VALUES ((input ->> 'id')::integer, input ->> 'item');
	RETURN sfn.start_sync_execution('express-take', json_build_object('item', 'book', 'pieces', 1));
END $$;
SELECT sfn.create_state_machine('express-line', '{
	"StartAt": "Add", "States": {"Add": {"Type": "Task", "Resource": "sql:express_test.add_line", "End": true}}}', type => 'EXPRESS');
BEGIN;
SELECT sfn.start_sync_execution('express-line', '{"id": 1, "item": "lamp"}');
INSERT INTO stock VALUES ('lamp', 1);
COMMIT;
SELECT * FROM line;
SELECT sfn.start_sync_execution('express-line', '{"id": 2, "item": "nothing"}');
SELECT * FROM line;

-- Retry and Wait pass on the test clock; the state that retries sees its RetryCount
CREATE SEQUENCE tries;
CREATE FUNCTION third_time(input json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
	IF nextval('express_test.tries') < 3 THEN
		RAISE EXCEPTION 'not yet';
	END IF;
	RETURN json_build_object('tries', currval('express_test.tries'));
END $$;
SELECT sfn.create_state_machine('express-retry', '{
	"StartAt": "Try", "States": {
		"Try": {"Type": "Task", "Resource": "sql:express_test.third_time",
			"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10}], "Next": "Wait"},
		"Wait": {"Type": "Wait", "Seconds": 30, "Next": "When"},
		"When": {"Type": "Pass", "End": true, "Parameters": {"tries.$": "$.tries", "entered.$": "$$.State.EnteredTime",
			"started.$": "$$.Execution.StartTime"}}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-retry');
SHOW sfn.test_now;

-- Parallel and Map, with Waits of their own
SELECT sfn.create_state_machine('express-branches', '{
	"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "Next": "A"}, "A": {"Type": "Pass", "Result": "a", "End": true}}},
		{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor": {
			"StartAt": "V", "States": {"V": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}]}}}', type => 'EXPRESS');
SET sfn.test_now = '2024-01-01 00:00:00+00';
SELECT sfn.start_sync_execution('express-branches', '{"items": [3, 1, 2]}');
SHOW sfn.test_now;

-- five minutes at most; TimeoutSeconds may be less
SELECT sfn.create_state_machine('express-slow', '{
	"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "SecondsPath": "$", "End": true}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-slow', '299');
SELECT sfn.start_sync_execution('express-slow', '300');
SET sfn.test_now = '2024-01-01 00:00:00+00';
SELECT r ->> 'status' AS status, r ->> 'error' AS error, r ->> 'cause' AS cause, r #>> '{billingDetails,billedDurationInMilliseconds}' AS billed
FROM sfn.api('StartSyncExecution', '{
	"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-slow", "input": "86400"}') r;
SELECT sfn.create_state_machine('express-two', '{"TimeoutSeconds": 2,
	"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "SecondsPath": "$", "End": true}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-two', '3');
RESET sfn.test_now;

-- a state machine without an end meets the limit, too
SELECT sfn.create_state_machine('express-loop', '{"TimeoutSeconds": 1,
	"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
		"B": {"Type": "Choice", "Choices": [{"Variable": "$.enough", "BooleanEquals": true, "Next": "C"}], "Default": "A"},
		"C": {"Type": "Succeed"}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-loop', '{"enough": true}');
SELECT sfn.start_sync_execution('express-loop', '{"enough": false}');

-- very many states: what is left of them is forgotten meanwhile, what is alive is not
SELECT sfn.create_state_machine('express-count', '{
	"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Begin", "States": {
			"Begin": {"Type": "Pass", "Assign": {"n": 0, "doubled": 0}, "Next": "Count"},
			"Count": {"Type": "Pass", "Next": "Enough",
				"Assign": {"n.$": "States.MathAdd($n, 1)", "doubled.$": "States.MathAdd($doubled, 2)"}},
			"Enough": {"Type": "Choice", "Default": "Count", "Choices": [{"Variable": "$n", "NumericEqualsPath": "$.until", "Next": "Done"}]},
			"Done": {"Type": "Pass", "End": true, "Parameters": {"n.$": "$n", "doubled.$": "$doubled", "text.$": "$.text"}}}},
		{"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor": {
			"StartAt": "Short", "States": {"Short": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}]}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-count', '{"until": 100000, "items": [0, 1, 0], "text": "still here"}');

-- the time-out of a task, beside a statement_timeout
CREATE FUNCTION sleep(input json) RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(20)';
SELECT sfn.create_state_machine('express-sleep', '{
	"StartAt": "Sleep", "States": {
		"Sleep": {"Type": "Task", "Resource": "sql:express_test.sleep", "TimeoutSeconds": 1, "End": true,
			"Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]},
		"Late": {"Type": "Pass", "Result": "late", "End": true}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-sleep');
SET statement_timeout = '10 s';
SELECT sfn.start_sync_execution('express-sleep');
SET statement_timeout = '100 ms';
SELECT sfn.start_sync_execution('express-sleep');
RESET statement_timeout;

-- a change is seen by the next call, one taken back is not
SELECT sfn.create_state_machine('express-change', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": true}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-change');
BEGIN;
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('express-change', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 2, "End": true}}}');
SELECT sfn.start_sync_execution('express-change');
SAVEPOINT a;
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('express-change', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 3, "End": true}}}');
SELECT sfn.start_sync_execution('express-change');
ROLLBACK TO a;
SELECT sfn.start_sync_execution('express-change');
ROLLBACK;
SELECT sfn.start_sync_execution('express-change');
BEGIN;
SELECT sfn.create_state_machine('express-passing', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', type => 'EXPRESS');
SELECT sfn.start_sync_execution('express-passing');
ROLLBACK;
SELECT sfn.start_sync_execution('express-passing');
SELECT sfn.delete_state_machine('express-change');
SELECT sfn.start_sync_execution('express-change');

-- another role: its own rights decide who may start, the machine's role what its tasks may do
CREATE ROLE express_owner;
CREATE ROLE express_caller;
GRANT express_owner TO express_caller;
ALTER ROLE express_caller NOINHERIT;
CREATE ROLE express_stranger;
GRANT USAGE ON SCHEMA express_test TO express_owner;
CREATE TABLE owners (who text);
CREATE TABLE deferring (who text, item text REFERENCES stock DEFERRABLE INITIALLY DEFERRED);
GRANT INSERT ON owners, deferring TO express_owner;
CREATE FUNCTION note(input json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
	IF input ->> 'do' = 'defer' THEN
		INSERT INTO express_test.deferring VALUES (current_user, 'book');
	ELSIF input ->> 'do' = 'temp' THEN
		CREATE TEMP TABLE mine (a integer);
	ELSIF input ->> 'do' = 'set' THEN
		PERFORM set_config('search_path', 'pg_temp', false);
	ELSE
		INSERT INTO express_test.owners VALUES (current_user);
	END IF;
	RETURN to_json(current_user::text);
END $$;
GRANT express_owner TO CURRENT_USER;
SELECT sfn.create_state_machine('express-owned', '{
	"StartAt": "Note", "States": {"Note": {"Type": "Task", "Resource": "sql:express_test.note", "End": true}}}',
	type => 'EXPRESS', role => 'express_owner');
SELECT sfn.grant_state_machine('express-owned', 'express_caller', 'start');
SET ROLE express_caller;
SELECT sfn.start_sync_execution('express-owned');
SELECT sfn.start_sync_execution('express-owned', '{"do": "temp"}');
SELECT sfn.start_sync_execution('express-owned', '{"do": "set"}');
SHOW search_path;
SELECT current_user;
SET ROLE express_stranger;
SELECT sfn.start_sync_execution('express-owned');
SELECT sfn.api('StartSyncExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-owned"}');
RESET ROLE;
SELECT * FROM owners;
SELECT sfn.start_sync_execution('express-owned', '{"do": "defer"}');
SET ROLE express_owner;
SELECT sfn.start_sync_execution('express-owned', '{"do": "defer"}');
RESET ROLE;
SELECT * FROM deferring;

-- no row of any execution is left
SELECT count(*) FROM sfn.executions WHERE state_machine LIKE 'express-%';
SELECT count(*) FROM sfn.log_events;

-- asynchronous: a row, no history, names used again at once
SET sfn.test_now = '2024-01-01 00:00:00+00';
SELECT regexp_replace(sfn.start_execution('express-slow', '1', 'twice'), '[^:]*$', '<uuid>');
SELECT regexp_replace(sfn.start_execution('express-slow', '86400', 'twice'), '[^:]*$', '<uuid>');
SELECT regexp_replace(sfn.start_execution('express-slow', '100', 'stopped'), '[^:]*$', '<uuid>') FROM sfn.run_once();
SELECT count(sfn.stop_execution(execution_arn, 'Enough', 'really')) FROM sfn.executions, sfn.run_once() WHERE name = 'stopped' AND state_machine = 'express-slow';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, status, output, error, cause, stop_date - start_date AS took FROM sfn.executions
	WHERE state_machine = 'express-slow' ORDER BY name, start_date, stop_date;
SELECT count(*) FROM sfn.history h JOIN sfn.executions e USING (execution_arn) WHERE e.state_machine = 'express-slow';
DO $$
DECLARE
	arn text := (SELECT execution_arn FROM sfn.executions WHERE name = 'stopped' AND state_machine = 'express-slow');
	action text;
BEGIN
	FOREACH action IN ARRAY ARRAY['DescribeExecution', 'GetExecutionHistory', 'StopExecution'] LOOP
		BEGIN
			PERFORM sfn.api(action, json_build_object('executionArn', arn));
		EXCEPTION WHEN OTHERS THEN
			RAISE NOTICE '%: %', action, sqlerrm;
		END;
	END LOOP;
	BEGIN
		PERFORM sfn.describe_execution(arn);
	EXCEPTION WHEN OTHERS THEN
		RAISE NOTICE '%', regexp_replace(sqlerrm, 'stopped:[^"]*', 'stopped:<uuid>');
	END;
END $$;

-- an execution that is not waited for has a name and, behind it, another UUID
SELECT what, count(*), bool_and(parts[8] ~ '^[0-9a-f-]{36}$' AND parts[9] ~ '^[0-9a-f-]{36}$') AS are_uuids, bool_and(parts[8] <> parts[9]) AS differ
FROM (SELECT 'one' AS what, string_to_array(sfn.start_execution('express-pass', '{"a": 1, "b": 1}'), ':') AS parts
	UNION ALL SELECT 'many', string_to_array(arn, ':') FROM sfn.start_executions('express-pass', ARRAY['{"a": 1, "b": 1}', '{"a": 2, "b": 2}']::json[]) AS arn) s
GROUP BY what ORDER BY what;
SELECT sfn.run_until_idle() > 0 AS ran;

-- a STANDARD machine that the session has started before is still none to wait for
SELECT sfn.start_execution('express-standard') IS NOT NULL AS started;
SELECT sfn.start_sync_execution('express-standard');
SELECT sfn.run_until_idle() > 0 AS ran;

RESET search_path;
SELECT count(sfn.delete_state_machine(name)) FROM sfn.state_machines WHERE name LIKE 'express-%';
SET client_min_messages = warning;
DROP SCHEMA express_test CASCADE;
DROP ROLE express_caller, express_owner, express_stranger;
