-- Conditions on execution_arn find their rows by key: which queries get that, and that they show what they would show without it.
\set VERBOSITY terse
SET sfn.test_now = '2026-01-01 00:00:00+00';
SELECT sfn.create_state_machine('keys', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('keys_express', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}', 'EXPRESS') IS NOT NULL AS made;
SELECT sfn.start_execution('keys') AS plain, sfn.start_execution('keys', '{}', 'chosen') AS chosen, sfn.start_execution('keys_express', '{}', 'e') AS express \gset
SELECT sfn.run_once() > 0 AS ran;
CREATE TEMP TABLE orders (n int, arn text, short varchar(200));
INSERT INTO orders VALUES (1, :'plain', :'plain'), (2, :'chosen', :'chosen'), (3, :'express', :'express'), (4, NULL, NULL), (5, 'no arn', 'no arn');
-- does a plan look up ids?
CREATE FUNCTION pg_temp.looks_up(query text) RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE line text; found boolean := false;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		found := found OR line LIKE '%execution_ids%';
	END LOOP;
	RETURN found;
END $$;
SELECT v AS view, pg_temp.looks_up(format('SELECT * FROM sfn.%I WHERE execution_arn = %L', v, :'chosen')) AS looks_up
FROM unnest('{executions,history,timers,pending_tasks,map_runs}'::text[]) v;
SELECT what, pg_temp.looks_up(query) AS looks_up FROM (VALUES
	('turned round', $q$SELECT 1 FROM sfn.executions x WHERE 'a' = x.execution_arn$q$),
	('varchar', $q$SELECT 1 FROM sfn.executions x JOIN orders o ON x.execution_arn = o.short$q$),
	('in a list', $q$SELECT 1 FROM sfn.executions x WHERE execution_arn IN ('a', 'b')$q$),
	('any of an array', $q$SELECT 1 FROM sfn.executions x WHERE execution_arn = ANY (ARRAY(SELECT arn FROM orders))$q$),
	('a subquery', $q$SELECT 1 FROM sfn.executions x WHERE execution_arn = (SELECT arn FROM orders LIMIT 1)$q$),
	('a join', $q$SELECT 1 FROM orders o JOIN sfn.executions x ON x.execution_arn = o.arn$q$),
	('the other way round', $q$SELECT 1 FROM sfn.executions x JOIN orders o ON x.execution_arn = o.arn$q$),
	('where', $q$SELECT 1 FROM sfn.executions x, orders o WHERE x.execution_arn = o.arn AND o.n = 1$q$),
	('an outer join', $q$SELECT 1 FROM orders o LEFT JOIN sfn.executions x ON x.execution_arn = o.arn$q$),
	('with nothing to gain', $q$SELECT 1 FROM sfn.executions x LEFT JOIN orders o ON x.execution_arn = o.arn$q$),
	('a full join', $q$SELECT 1 FROM sfn.executions x FULL JOIN orders o ON x.execution_arn = o.arn$q$),
	('two views', $q$SELECT 1 FROM sfn.executions x JOIN sfn.history h ON h.execution_arn = x.execution_arn$q$),
	('using', $q$SELECT 1 FROM sfn.history h JOIN sfn.executions x USING (execution_arn) WHERE execution_arn = 'a'$q$),
	('three in a circle', $q$SELECT 1 FROM sfn.executions x, sfn.history h, sfn.timers t WHERE x.execution_arn = h.execution_arn AND h.execution_arn = t.execution_arn AND t.execution_arn = x.execution_arn$q$),
	('with', $q$WITH w AS (SELECT * FROM sfn.executions WHERE execution_arn = 'a') SELECT 1 FROM w$q$),
	('exists', $q$SELECT 1 FROM orders o WHERE EXISTS (SELECT FROM sfn.executions x WHERE x.execution_arn = o.arn)$q$),
	('lateral', $q$SELECT 1 FROM orders o, LATERAL (SELECT status FROM sfn.executions x WHERE x.execution_arn = o.arn) s$q$),
	('update', $q$UPDATE orders SET n = 0 FROM sfn.executions x WHERE x.execution_arn = 'a' AND orders.arn = x.execution_arn$q$),
	('volatile', $q$SELECT 1 FROM sfn.executions x WHERE execution_arn = random()::text$q$),
	('or', $q$SELECT 1 FROM sfn.executions x WHERE execution_arn = 'a' OR status = 'FAILED'$q$),
	('not', $q$SELECT 1 FROM sfn.executions x WHERE execution_arn <> 'a'$q$)) v (what, query);
-- and the answers
SELECT o.n, x.name = 'chosen' AS is_chosen, x.status FROM orders o LEFT JOIN sfn.executions x ON x.execution_arn = o.arn ORDER BY n;
SELECT o.n, x.status FROM sfn.executions x JOIN orders o ON x.execution_arn = o.arn ORDER BY n;
SELECT o.n, x.status FROM sfn.executions x RIGHT JOIN orders o ON x.execution_arn = o.arn AND o.n < 3 ORDER BY n;
SELECT count(*) FROM orders o JOIN sfn.executions x ON x.execution_arn = o.arn JOIN sfn.history h ON h.execution_arn = x.execution_arn LEFT JOIN sfn.timers t ON t.execution_arn = h.execution_arn;
SELECT count(*) FROM sfn.executions WHERE execution_arn = ANY (ARRAY[:'plain', NULL, :'express', 'x']);
SELECT count(*) FROM sfn.executions WHERE execution_arn = NULL;
SELECT n FROM orders o WHERE EXISTS (SELECT FROM sfn.timers t WHERE t.execution_arn = o.arn) ORDER BY n;
PREPARE by_arn(text) AS SELECT count(*) FROM sfn.history WHERE execution_arn = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE by_arn(:'plain');
EXECUTE by_arn('none');
EXECUTE by_arn(NULL);
RESET plan_cache_mode;
-- ids
SELECT id = sfn.execution_id(:'chosen') AS by_arn, id = sfn.execution_id('keys/chosen') AS by_name, sfn.execution_ids(:'chosen') = ARRAY[id] AS as_array,
	sfn.execution_ids(ARRAY[:'chosen', 'x', NULL]) = ARRAY[id] AS of_several FROM sfn.executions WHERE execution_arn = :'chosen';
SELECT sfn.execution_id('keys/none'), sfn.execution_id('nonsense'), sfn.execution_id('/'), sfn.execution_id(NULL), sfn.execution_ids('none'), sfn.execution_ids(ARRAY[]::text[]);
SELECT sfn.execution_id(replace(:'chosen', '000000000000', '111111111111')), sfn.execution_id(:'express') IS NOT NULL AS express;
SELECT name, status FROM sfn.describe_execution('keys/chosen');
SELECT status FROM sfn.describe_execution('keys/');
SELECT count(*) FROM sfn.get_execution_history('keys/chosen');
-- of another role: nothing
CREATE ROLE regress_keys;
SET ROLE regress_keys;
SELECT sfn.execution_id('keys/chosen'), sfn.execution_ids('keys/chosen');
SELECT count(*) FROM sfn.executions WHERE execution_arn = 'arn:aws:states:us-east-1:000000000000:execution:keys:chosen';
RESET ROLE;
-- a machine of the same name later: both executions have the ARN
SELECT sfn.delete_state_machine('keys');
SELECT sfn.run_until_idle() >= 0 AS ran;
SELECT sfn.create_state_machine('keys', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('keys', '{}', 'chosen') = :'chosen' AS same_arn;
SELECT count(*) FROM sfn.executions WHERE execution_arn = :'chosen';
SELECT count(*) FROM sfn.executions WHERE execution_arn || '' = :'chosen';
SELECT status FROM sfn.executions WHERE id = sfn.execution_id('keys/chosen');
DROP ROLE regress_keys;
SELECT sfn.run_until_idle() > 0 AS ran;
