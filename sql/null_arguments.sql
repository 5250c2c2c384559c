-- A function that does something never does nothing, in silence, because an argument is null: it is an error, or null has a meaning.
CREATE FUNCTION pg_temp.outcome(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE call;
	RAISE EXCEPTION USING ERRCODE = 'PP000', MESSAGE = 'answered';
EXCEPTION
	WHEN SQLSTATE 'PP000' THEN RETURN 'answers';
	WHEN null_value_not_allowed THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN 'error';
END
$$;
CREATE TEMP TABLE ours AS
	SELECT p.oid, p.oid::regprocedure::text AS name, p.proisstrict AS strict, p.pronargs AS args,
		format('%s(%s)', p.oid::regproc, (SELECT string_agg(format('NULL::%s', format_type(t, NULL)), ', ') FROM unnest(p.proargtypes) t)) AS call
	FROM pg_proc p
	WHERE p.pronamespace IN ('sfn'::regnamespace, 'sfn_internal'::regnamespace) AND p.provolatile = 'v' AND p.prokind = 'f'
		AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND p.pronargs > 0
		AND p.proname <> 'gateway_wait'; -- which waits for a minute: for nothing, without an interval
SELECT count(*) > 100 AS "there are many" FROM ours;

-- a strict one would not even be called
SELECT name FROM ours WHERE strict ORDER BY name COLLATE "C";

-- what answers when all is null, and what says which argument it needs
SELECT name, pg_temp.outcome('SELECT ' || call) AS outcome INTO TEMP outcomes FROM ours;
SELECT name FROM outcomes WHERE outcome = 'answers' ORDER BY name COLLATE "C";
SELECT name, outcome FROM outcomes WHERE outcome NOT IN ('answers', 'error') ORDER BY name COLLATE "C";

-- the argument is named
SELECT sfn.grant_bus('default', NULL, 'put');
SELECT sfn.grant_bus('default', 'pg_monitor', NULL);
SELECT sfn.put_events(NULL);
SELECT sfn.reassign('pg_monitor', NULL);
SELECT sfn.run_due_schedules(NULL);
SELECT * FROM sfn.check(to_id => NULL);
SELECT sfn.graph('greeter', NULL);
\set VERBOSITY sqlstate
SELECT sfn.redeliver(NULL);
