-- Many starts of one call, under names of the caller's and of ours.
\set VERBOSITY default
SET sfn.test_now = '2026-01-01 00:00:00+00';
SELECT sfn.create_state_machine('many', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('many_express', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', 'EXPRESS') IS NOT NULL AS made;
CREATE TABLE guest (id int PRIMARY KEY, name text, is_friend boolean);
INSERT INTO guest VALUES (1, 'Ada', true), (2, 'Bob', false), (3, 'Cy', NULL);

-- a table's rows, named by a column
SELECT arn FROM (SELECT array_agg(to_json(g) ORDER BY id) AS inputs, array_agg('guest-' || id ORDER BY id) AS names FROM guest g) all_of_them,
	sfn.start_executions('many', inputs, names) arn;
SELECT name, input FROM sfn.executions WHERE state_machine = 'many' ORDER BY name;
SELECT name, is_named FROM sfn.execution WHERE name LIKE 'guest-%' ORDER BY name;
-- the same again are the same executions
SELECT arn FROM sfn.start_executions('many', ARRAY(SELECT to_json(g) FROM guest g ORDER BY id), ARRAY(SELECT 'guest-' || id FROM guest ORDER BY id)) arn;
SELECT count(*) FROM sfn.executions WHERE state_machine = 'many';
-- ... in one call, too, and beside new ones and such as have no name
SELECT regexp_replace(arn, '[0-9a-f]{8}-.*', 'UUID') FROM sfn.start_executions('many', ARRAY['{"n": 1}', '{ "n": 1 }', '2', NULL, '4']::json[],
	ARRAY['twice', 'twice', NULL, 'nothing', NULL]) arn;
SELECT name, input FROM sfn.executions WHERE state_machine = 'many' AND name IN ('twice', 'nothing') ORDER BY name;
SELECT count(*) FROM sfn.executions WHERE state_machine = 'many';

-- which one is refused; nothing of the call is left
SELECT sfn.start_executions('many', ARRAY['1', '2', '3']::json[], ARRAY['a', 'guest-2', 'guest-3']);
SELECT sfn.start_executions('many', ARRAY['1', '2']::json[], ARRAY['a', 'a']);
SELECT sfn.start_executions('many', ARRAY['1', '2']::json[], ARRAY['a', 'b<']);
SELECT sfn.start_executions('many', ARRAY['1', '2']::json[], ARRAY['a']);
SELECT sfn.start_executions('many', ARRAY['1', '2']::json[], '{}');
SELECT sfn.start_executions('many', ARRAY['1', to_json(repeat('x', 300000))]);
SELECT count(*) FROM sfn.start_executions('many', ARRAY(SELECT to_json(n) FROM generate_series(1, 700) n), ARRAY(SELECT CASE n WHEN 333 THEN 'twice' ELSE 'n' || n END FROM generate_series(1, 700) n));
SELECT count(*) FROM sfn.executions WHERE state_machine = 'many';
SELECT count(*) FROM sfn.inbox;
SELECT count(DISTINCT arn), min(arn) FROM sfn.start_executions('many', ARRAY(SELECT to_json(n) FROM generate_series(1, 700) n), ARRAY(SELECT 'n' || n FROM generate_series(1, 700) n)) arn;
SELECT count(*) FROM sfn.start_executions('many', '{}', '{}');
SELECT count(*) FROM sfn.start_executions('many', ARRAY['1', '2']::json[], NULL);

-- one that has ended has its name for good
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, count(*) FROM sfn.executions WHERE state_machine = 'many' GROUP BY status;
SELECT sfn.start_executions('many', ARRAY[json '1'], ARRAY['n1']);

-- executions of EXPRESS machines may share one
SELECT count(DISTINCT arn) FROM sfn.start_executions('many_express', ARRAY['1', '2', '3']::json[], ARRAY['shared', 'shared', NULL]) arn;
SELECT count(*) FROM sfn.executions WHERE state_machine = 'many_express' AND name = 'shared';

-- quotas: what is there already takes nothing
CREATE ROLE regress_renter;
SELECT sfn.create_state_machine('rented_many', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', role => 'regress_renter') IS NOT NULL AS made;
SELECT sfn.set_quota('regress_renter', open_executions => 2);
SELECT count(*) FROM sfn.start_executions('rented_many', ARRAY['1', '2']::json[], ARRAY['a', 'b']);
SELECT count(*) FROM sfn.start_executions('rented_many', ARRAY['1', '3']::json[], ARRAY['a', 'c']);
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*) FROM sfn.start_executions('rented_many', ARRAY['1', '1', '3']::json[], ARRAY['d', 'd', 'e']);
SELECT count(*) FROM sfn.start_executions('rented_many', ARRAY['1']::json[], ARRAY['f']);
SELECT sfn.run_until_idle() > 0 AS ran;
SET client_min_messages = warning;
SELECT count(sfn.delete_state_machine(m)) FROM unnest('{many,many_express,rented_many}'::text[]) m;
SELECT sfn.set_quota('regress_renter');
SELECT sfn.run_until_idle() >= 0 AS ran;
DROP OWNED BY regress_renter;
DROP ROLE regress_renter;
DROP TABLE guest;
