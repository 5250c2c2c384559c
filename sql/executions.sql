-- Starting, stopping, describing and listing executions.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('echo', '{"StartAt": "Echo", "States": {"Echo": {"Type": "Pass", "End": true}}}');
SELECT sfn.create_state_machine('nap', '{"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 3600, "End": true}}}');
SELECT sfn.create_state_machine('trip', '{"StartAt": "Trip", "States": {"Trip": {"Type": "Fail", "Error": "Tripped", "Cause": "a root"}}}');

-- input as text, json, jsonb and none; text and json keep order and spelling
SELECT sfn.start_execution('echo', '{"b": 1.50, "a": 2}', 'text');
SELECT sfn.start_execution('echo', '{"b": 1.50,   "a": 2}'::json, 'json');
SELECT sfn.start_execution('echo', jsonb_build_object('b', 1.50, 'a', 2), 'jsonb');
SELECT sfn.start_execution('echo', name => 'none');
SELECT sfn.start_execution('arn:aws:states:us-east-1:000000000000:stateMachine:echo', '[1, null, "x"]', 'by_arn');
SELECT sfn.start_execution('echo', 'null', 'json_null');
SELECT sfn.start_execution('echo') ~ '^arn:aws:states:us-east-1:000000000000:execution:echo:[0-9a-f-]{36}$' AS named_by_us;
SELECT sfn.run_until_idle();
SELECT name, status, input, output FROM sfn.executions WHERE state_machine = 'echo' AND name !~ '-' ORDER BY name;

-- nothing remains of a start that is rolled back
BEGIN;
SELECT sfn.start_execution('echo', '{}', 'rolled_back');
ROLLBACK;
SELECT sfn.run_until_idle();
SELECT count(*) FROM sfn.executions WHERE name = 'rolled_back';

-- the same name is the same execution while it runs with the same input
SELECT sfn.start_execution('nap', '{"n": 1}', 'twice');
SELECT sfn.start_execution('nap', '{ "n" : 1.0 }', 'twice');
SELECT sfn.start_execution('nap', '{"n": 2}', 'twice');
SELECT sfn.run_once();
SELECT sfn.start_execution('nap', '{"n": 1}', 'twice');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nap:twice', 'Bored', 'it took too long');
SELECT sfn.run_until_idle();
SELECT sfn.start_execution('nap', '{"n": 1}', 'twice');

-- describe
\x on
SELECT * FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:nap:twice');
SELECT sfn.start_execution('trip', '{}', 'over');
SELECT sfn.run_until_idle();
SELECT * FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:trip:over');
SET sfn.test_now = '2026-02-01 00:00:00+00';
SELECT redrive_status, redrive_status_reason FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:trip:over');
SELECT redrive_status, redrive_status_reason FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:echo:text');
\x off

-- stop: what has ended stays as it is
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:trip:over');
SELECT sfn.run_until_idle();
SELECT status, stop_date, error FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:trip:over');
SELECT sfn.start_execution('nap', '{}', 'stopped_early');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nap:stopped_early');
SELECT sfn.run_until_idle();
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:nap:stopped_early');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nap:twice', repeat('x', 257));

-- history, both ways and without data
SELECT * FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:echo:text');
SELECT id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:echo:text', reverse_order => true);
SELECT id, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:echo:text', include_execution_data => false);

-- lists: the youngest first
SELECT execution_arn, status, start_date, stop_date FROM sfn.list_executions('nap');
SELECT name, state_machine_arn FROM sfn.list_executions(status => 'FAILED') WHERE state_machine_arn ~ ':trip$';
SELECT count(*) FROM sfn.list_executions('echo', 'SUCCEEDED', 3);
SELECT * FROM sfn.list_executions('echo', 'DONE');
SELECT * FROM sfn.list_executions('echo', max_results => 1001);
SELECT * FROM sfn.list_executions('echo', max_results => -1);
SELECT * FROM sfn.list_executions('nobody');

-- many at once
SELECT count(arn), count(DISTINCT arn) FROM sfn.start_executions('echo', ARRAY(SELECT json_build_object('n', n) FROM generate_series(1, 500) n)) arn;
SELECT sfn.start_executions('echo', '{}');
SELECT sfn.start_executions('echo', ARRAY['{"a": 1}', NULL]::json[]) IS NOT NULL AS started;
SELECT sfn.start_executions('nobody', ARRAY['{}']::json[]);
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*), sum((output->>'n')::int) FROM sfn.executions WHERE state_machine = 'echo' AND status = 'SUCCEEDED' AND output->>'n' IS NOT NULL;

-- bad input
SELECT sfn.start_execution('echo', '{"a": }');
SELECT sfn.start_execution('echo', '');
SELECT sfn.start_execution('echo', 'hello');
SELECT sfn.start_execution('echo', E'{"a": 1,\n "b": [1, 2}');
SELECT sfn.start_execution('echo', '"\u0000"');
SELECT sfn.start_execution('echo', '"\u0000"'::json);
SELECT sfn.start_execution('echo', repeat('[', 2000) || repeat(']', 2000));
SELECT sfn.start_execution('echo', to_json(repeat('x', 262143)));
SELECT sfn.start_execution('echo', '{}', 'no/slash');
SELECT sfn.start_execution('echo', '{}', '');
SELECT sfn.start_execution('echo', '{}', repeat('n', 81));
SELECT sfn.start_execution('nobody');
SELECT sfn.start_execution(NULL);
SELECT sfn.describe_execution('echo');
SELECT sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:echo:nobody');
SELECT sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:echo');
SELECT sfn.describe_execution('arn:aws:states:us-east-1:000000000000:stateMachine:echo');
SELECT sfn.describe_execution(NULL);
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:echo:nobody');
SELECT * FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:echo:nobody');

-- waiting: over at once for what has ended, RUNNING when the time is over, refused where it would be in vain
SELECT sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:echo:text');
SELECT sfn.start_execution('nap', '{}', 'waited_for');
SELECT sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nap:waited_for', '10 ms');
BEGIN;
SELECT sfn.start_execution('nap', '{}', 'of_this_transaction');
SELECT sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nap:of_this_transaction');
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nap:waited_for');
ROLLBACK;
BEGIN;
SELECT sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nap:waited_for', '0');
CALL sfn.run_execution('echo', '{"a": 1}');
ROLLBACK;
DO $$
DECLARE
	result text;
BEGIN
	result := sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nap:waited_for', '5 ms');
	RAISE NOTICE '% in PL/pgSQL', result;
END
$$;
SELECT sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nap:nobody');

-- run_execution commits by itself, so without workers it gives up after the time-out
DO $$
DECLARE
	arn text;
	status text;
	output json;
	error text;
	cause text;
BEGIN
	CALL sfn.run_execution('trip', '{}'::jsonb, '0', arn, status, output, error, cause);
	RAISE NOTICE '% % %', split_part(arn, ':', 7), status, output;
END
$$;
SELECT count(*) FROM sfn.executions WHERE state_machine = 'trip' AND status = 'RUNNING';
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nap:waited_for') IS NOT NULL AS stopping;
SELECT sfn.run_until_idle();
-- what was asked for in this transaction waits for its end
SELECT sfn.create_state_machine('own', '{"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 3600, "End": true}}}') IS NOT NULL;
BEGIN;
SELECT sfn.start_execution('own', '{}', 'uncommitted') IS NOT NULL;
SAVEPOINT s;
SELECT sfn.stop_execution('own/uncommitted') IS NOT NULL;
RELEASE s;
SELECT waits_for, detail, ended_by, statement FROM sfn.why('own/uncommitted') WHERE waits_for <> 'a worker';
ROLLBACK;
SELECT sfn.delete_state_machine('own');
