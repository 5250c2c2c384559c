-- Names of executions: those that sfn makes carry the shard and the id, chosen ones are what they look like to nobody.
\set VERBOSITY terse
SET sfn.test_now = '2026-01-01 00:00:00+00';
SELECT sfn.create_state_machine('names', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('names2', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('names_express', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', 'EXPRESS') IS NOT NULL AS made;
-- what a name of ours says; core/aws/generated_name.h
CREATE FUNCTION pg_temp.bits(name text, first int, count int) RETURNS bigint LANGUAGE sql AS $$
	SELECT substr(('x' || replace(name, '-', ''))::bit(128)::text, first + 1, count)::bit(64)::bigint >> (64 - count) & ((1::bigint << count) - 1) $$;
CREATE FUNCTION pg_temp.id_in(name text) RETURNS bigint LANGUAGE sql AS $$
	SELECT (pg_temp.bits(name, 12, 36) << 27) | (pg_temp.bits(name, 52, 12) << 15) | pg_temp.bits(name, 66, 15) $$;

-- version, variant, shard, id; no entry in the index of names
SELECT sfn.start_execution('names') AS arn \gset
SELECT name FROM sfn.executions WHERE state_machine = 'names' \gset
SELECT :'arn' LIKE '%:execution:names:' || :'name' AS is_in_arn, pg_temp.bits(:'name', 48, 4) AS version, pg_temp.bits(:'name', 64, 2) AS variant,
	to_hex(pg_temp.bits(:'name', 0, 12)) AS shard, pg_temp.id_in(:'name') = e.id AS id_is_there, e.is_named FROM sfn.execution e WHERE name = :'name';
SET sfn.shard_id = 2047;
SELECT sfn.start_execution('names') AS sharded \gset
SELECT to_hex(pg_temp.bits(name, 0, 12)) AS shard, pg_temp.id_in(name) = id AS id_is_there FROM sfn.executions WHERE state_machine = 'names' ORDER BY id DESC LIMIT 1;
SET sfn.shard_id = 2048;
RESET sfn.shard_id;
SELECT count(*), count(DISTINCT arn) AS different FROM sfn.start_executions('names', ARRAY(SELECT '{}'::json FROM generate_series(1, 300))) arn;
SELECT bool_and(pg_temp.id_in(name) = id) AS ids_are_there, bool_or(is_named) AS any_named FROM sfn.execution e WHERE state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'names');
-- found by it, of that machine only
SELECT name = :'name' AS is_it, status FROM sfn.describe_execution(:'arn');
\set VERBOSITY sqlstate
SELECT * FROM sfn.describe_execution(replace(:'arn', ':names:', ':names2:'));
\set VERBOSITY terse
-- a chosen name may look like one of ours, of an execution that there is or not: it is a name like others
SELECT sfn.start_execution('names2', '{"n": 1}', :'name') AS twin \gset
SELECT input, is_named FROM sfn.execution WHERE name = :'name' ORDER BY id;
SELECT input FROM sfn.describe_execution(:'arn');
SELECT input FROM sfn.describe_execution(:'twin');
SELECT sfn.start_execution('names2', '{"n": 1}', :'name') = :'twin' AS same;
SELECT sfn.start_execution('names2', '{"n": 2}', '00000000-0000-8000-8000-800000000000');
SELECT input FROM sfn.describe_execution(sfn.execution_arn('names2', '00000000-0000-8000-8000-800000000000'));
SELECT sfn.start_execution('names2', '{"n": 3}', '00000000-0000-8000-8000-800000000000');
-- EXPRESS: a name, ours or chosen, and a random UUID
SELECT sfn.start_execution('names_express', '{"n": 1}') AS express \gset
SELECT sfn.start_execution('names_express', '{"n": 2}', 'twice') AS first \gset
SELECT sfn.start_execution('names_express', '{"n": 3}', 'twice') AS second \gset
SELECT e.input, name = 'twice' AS is_chosen, is_named, express_id IS NOT NULL AS has_uuid, execution_arn IN (:'express', :'first', :'second') AS is_as_started
FROM sfn.execution e JOIN sfn.executions x USING (id, name) WHERE state_machine = 'names_express' ORDER BY id;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.wait_for_execution(:'express'), sfn.wait_for_execution(:'first'), sfn.wait_for_execution(:'second');
\set VERBOSITY sqlstate
SELECT sfn.wait_for_execution(replace(:'first', ':twice:', ':thrice:'));
\set VERBOSITY terse
-- the same without the direct way
CREATE FUNCTION pg_temp.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER look BEFORE INSERT ON sfn.execution FOR EACH ROW EXECUTE FUNCTION pg_temp.look();
SELECT status FROM sfn.describe_execution(sfn.start_execution('names', '{"n": 1}'));
SELECT status FROM sfn.describe_execution(sfn.start_execution('names', '{"n": 1}', 'chosen'));
SELECT sfn.start_execution('names_express', '{"n": 1}', 'twice') AS third \gset
SELECT sfn.stop_execution(:'third') IS NOT NULL AS found;
SELECT bool_and(pg_temp.id_in(name) = id) AS ids_are_there FROM sfn.execution WHERE NOT is_named AND state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'names');
DROP TRIGGER look ON sfn.execution;
-- a machine of the same name later: the youngest that knows the name
SELECT sfn.stop_execution(sfn.execution_arn('names', 'chosen')) IS NOT NULL AS stopped;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.delete_state_machine('names');
SELECT sfn.run_until_idle() >= 0 AS ran;
SELECT sfn.create_state_machine('names', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT status FROM sfn.describe_execution(:'arn');
SELECT sfn.start_execution('names', '{"n": 5}', 'chosen') IS NOT NULL AS started;
SELECT input, status FROM sfn.describe_execution(sfn.execution_arn('names', 'chosen'));
SELECT sfn.run_until_idle() > 0 AS ran;
