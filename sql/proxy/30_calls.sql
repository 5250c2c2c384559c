-- Calls.  A function of schema sfn runs as its caller.  It takes a pass, which stands for that role once, and hands it to
-- sfn_proxy.call() or call_one(), which run as the owner of the extension and reach the shards in the caller's name.
--
-- Those doors, and what administrators call, set the search_path; what only they call leaves it, since each setting costs.

CREATE FUNCTION sfn_proxy.pass() RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_front_pass';
COMMENT ON FUNCTION sfn_proxy.pass() IS 'a number that stands for the current user, once, for call() and its kin';

CREATE FUNCTION sfn_proxy.caller(pass bigint) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_front_caller';
COMMENT ON FUNCTION sfn_proxy.caller(bigint) IS 'whom a pass stands for, which is used up by that';
REVOKE ALL ON FUNCTION sfn_proxy.caller(bigint) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.enter(pass bigint, effect text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_front_enter';
COMMENT ON FUNCTION sfn_proxy.enter(bigint, text) IS
	'the same for a call on a shard: an error for a superuser, and where the caller could think that its ROLLBACK undoes the call';
REVOKE ALL ON FUNCTION sfn_proxy.enter(bigint, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.check_transaction(effect text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_front_check_transaction';
COMMENT ON FUNCTION sfn_proxy.check_transaction(text) IS 'an error where the caller could think that its ROLLBACK undoes the call';
REVOKE ALL ON FUNCTION sfn_proxy.check_transaction(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.is_lasting() RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_front_is_lasting';
COMMENT ON FUNCTION sfn_proxy.is_lasting() IS 'may the transaction outlast this statement, or see what was before it?';
REVOKE ALL ON FUNCTION sfn_proxy.is_lasting() FROM PUBLIC;

-- The ways over.

CREATE FUNCTION sfn_proxy.shard_call(connection text, shard integer, caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_internal.shard_call(shard, caller, function, arguments);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_call(text, integer, text, text, text[]) IS 'a call on a shard';
REVOKE ALL ON FUNCTION sfn_proxy.shard_call(text, integer, text, text, text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_call_one(connection text, shard integer, caller text, function text, arguments text[], map_version bigint) RETURNS text[]
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT sfn_internal.shard_call_one(shard, caller, function, arguments, map_version);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_call_one(text, integer, text, text, text[], bigint) IS 'a call on a shard that has one row';
REVOKE ALL ON FUNCTION sfn_proxy.shard_call_one(text, integer, text, text, text[], bigint) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_apply(connection text, shard integer, seq bigint, caller text, function text, arguments text[], revision uuid)
	RETURNS SETOF text[]
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_internal.shard_apply(shard, seq, caller, function, arguments, revision);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_apply(text, integer, bigint, text, text, text[], uuid) IS 'a change on a shard';
REVOKE ALL ON FUNCTION sfn_proxy.shard_apply(text, integer, bigint, text, text, text[], uuid) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_query(connection text, query text) RETURNS SETOF json
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_internal.shard_query(query);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_query(text, text) IS 'a query on a shard, with the rights of the front''s login';
REVOKE ALL ON FUNCTION sfn_proxy.shard_query(text, text) FROM PUBLIC;

-- Errors.  Those of shards are those of the call: without what PL/Proxy puts before the text.

CREATE TYPE sfn_proxy.problem AS (state text, message text, detail text, hint text);
COMMENT ON TYPE sfn_proxy.problem IS 'an error of a call on a shard';

-- An option of RAISE cannot be left out by being null or empty.
CREATE FUNCTION sfn_proxy.raise(problem sfn_proxy.problem) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
	IF problem.detail <> '' AND problem.hint <> '' THEN
		RAISE EXCEPTION USING ERRCODE = problem.state, MESSAGE = problem.message, DETAIL = problem.detail, HINT = problem.hint;
	ELSIF problem.detail <> '' THEN
		RAISE EXCEPTION USING ERRCODE = problem.state, MESSAGE = problem.message, DETAIL = problem.detail;
	ELSIF problem.hint <> '' THEN
		RAISE EXCEPTION USING ERRCODE = problem.state, MESSAGE = problem.message, HINT = problem.hint;
	END IF;
	RAISE EXCEPTION USING ERRCODE = problem.state, MESSAGE = problem.message;
END
$$;
COMMENT ON FUNCTION sfn_proxy.raise(sfn_proxy.problem) IS 'raises an error with detail and hint, if it has them';
REVOKE ALL ON FUNCTION sfn_proxy.raise(sfn_proxy.problem) FROM PUBLIC;

-- An error that no shard raised is that of the way there: nothing was sent when the connection could not be made, else nobody knows.
CREATE FUNCTION sfn_proxy.plain_problem(place text, problem sfn_proxy.problem) RETURNS sfn_proxy.problem
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
DECLARE
	plain text := regexp_replace(problem.message, '^[^:\n]*\(\d+\): \[[^]\n]*\] REMOTE [A-Z]+: ', '');
BEGIN
	IF plain <> problem.message THEN
		problem.message := plain;
		problem.detail := regexp_replace(problem.detail, '^Remote detail: ', '');
		problem.hint := regexp_replace(problem.hint, '^Remote hint: ', '');
	ELSIF problem.message ~ 'PQconnect|connect timeout' THEN
		problem.state := '08001';
		problem.message := $1 || ' cannot be reached';
		problem.detail := '';
		problem.hint := 'Nothing was sent to it. sfn_proxy.shards shows all shards.';
	ELSIF problem.message LIKE 'PL/Proxy function%' THEN
		problem.state := '08006';
		problem.message := format('the connection to %s was lost', $1);
		problem.detail := 'Nobody knows whether the call took effect.';
		problem.hint := 'What may be repeated, such as a start by name, is done once.';
	END IF;
	RETURN problem;
END
$$;
COMMENT ON FUNCTION sfn_proxy.plain_problem(text, sfn_proxy.problem) IS 'the error of a call on a shard as that shard raised it';
REVOKE ALL ON FUNCTION sfn_proxy.plain_problem(text, sfn_proxy.problem) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.connection_to(shard integer) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	connection text := (SELECT s.conninfo FROM sfn_proxy.shard s WHERE s.id = $1);
BEGIN
	IF connection IS NULL THEN
		RAISE EXCEPTION 'there is no shard %', coalesce($1::text, 'yet')
			USING ERRCODE = 'undefined_object', HINT = 'sfn_proxy.add_shard() adds one.';
	END IF;
	RETURN connection;
END
$$;
COMMENT ON FUNCTION sfn_proxy.connection_to(integer) IS 'how to reach a shard';
REVOKE ALL ON FUNCTION sfn_proxy.connection_to(integer) FROM PUBLIC;

-- What is to be done about an error: its caller's role is made on the shard (true: once more there), or the next shard is asked, and
-- the worst error so far kept for when none is left; others are raised.  A shard that is down says nothing of what others know.
CREATE FUNCTION sfn_proxy.judge(shard integer, attempt integer, passed_on text[], INOUT problem sfn_proxy.problem, INOUT worst sfn_proxy.problem,
		OUT again boolean) RETURNS record
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	problem := sfn_proxy.plain_problem('shard ' || $1, problem);
	again := $2 = 1 AND problem.state = '42704' AND problem.message ~ '^role ".*" does not exist';
	IF again THEN
		PERFORM sfn_proxy.sync_roles_of($1);
	ELSIF problem.state <> ALL ($3) THEN
		PERFORM sfn_proxy.raise(problem);
	ELSIF worst.state IS NULL OR worst.state NOT LIKE '08%' THEN
		worst := problem;
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.judge(integer, integer, text[], sfn_proxy.problem, sfn_proxy.problem) IS 'raises an error of a call on a shard unless the call goes on';
REVOKE ALL ON FUNCTION sfn_proxy.judge(integer, integer, text[], sfn_proxy.problem, sfn_proxy.problem) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.give_up(worst sfn_proxy.problem) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
	IF worst.state IS NULL THEN
		RAISE EXCEPTION 'there is no shard for this call' USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'sfn_proxy.shards shows all shards and what they lack; sfn_proxy.add_shard() adds one.';
	END IF;
	PERFORM sfn_proxy.raise(worst);
END
$$;
COMMENT ON FUNCTION sfn_proxy.give_up(sfn_proxy.problem) IS 'no shard has taken a call: the error of that';
REVOKE ALL ON FUNCTION sfn_proxy.give_up(sfn_proxy.problem) FROM PUBLIC;

-- PL/Proxy drops a connection on which there was an error, with a notice of that, which is nobody's concern.

CREATE FUNCTION sfn_proxy.on_first(shards integer[], caller text, function text, arguments text[], passed_on text[] DEFAULT '{}') RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	shard integer;
	connection text;
	verdict record;
	problem sfn_proxy.problem;
	worst sfn_proxy.problem;
BEGIN
	FOREACH shard IN ARRAY $1 LOOP
		connection := sfn_proxy.connection_to(shard);
		FOR attempt IN 1..2 LOOP
			BEGIN
				RETURN QUERY SELECT c FROM sfn_proxy.shard_call(connection, shard, $2, $3, $4) c;
				RETURN;
			EXCEPTION WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS problem.state = RETURNED_SQLSTATE, problem.message = MESSAGE_TEXT, problem.detail = PG_EXCEPTION_DETAIL, problem.hint = PG_EXCEPTION_HINT;
			END;
			verdict := sfn_proxy.judge(shard, attempt, $5, problem, worst);
			worst := verdict.worst;
			EXIT WHEN NOT verdict.again;
		END LOOP;
	END LOOP;
	PERFORM sfn_proxy.give_up(worst);
END
$$;
COMMENT ON FUNCTION sfn_proxy.on_first(integer[], text, text, text[], text[]) IS
	'a call in the name of a role, which is made there if need be, on the first of these shards that has none of those errors';
REVOKE ALL ON FUNCTION sfn_proxy.on_first(integer[], text, text, text[], text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.on_first_one(shards integer[], caller text, function text, arguments text[], passed_on text[] DEFAULT '{}', map_version bigint DEFAULT NULL)
	RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	shard integer;
	connection text;
	verdict record;
	problem sfn_proxy.problem;
	worst sfn_proxy.problem;
BEGIN
	FOREACH shard IN ARRAY $1 LOOP
		connection := (SELECT s.conninfo FROM sfn_proxy.shard s WHERE s.id = shard);
		FOR attempt IN 1..2 LOOP
			BEGIN
				RETURN sfn_proxy.shard_call_one(connection, shard, $2, $3, $4, $6);
			EXCEPTION WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS problem.state = RETURNED_SQLSTATE, problem.message = MESSAGE_TEXT, problem.detail = PG_EXCEPTION_DETAIL, problem.hint = PG_EXCEPTION_HINT;
			END;
			verdict := sfn_proxy.judge(shard, attempt, $5, problem, worst);
			worst := verdict.worst;
			EXIT WHEN NOT verdict.again;
		END LOOP;
	END LOOP;
	-- the caller reads the map again
	IF worst.state = 'SF090' THEN
		RETURN NULL;
	END IF;
	PERFORM sfn_proxy.give_up(worst);
END
$$;
COMMENT ON FUNCTION sfn_proxy.on_first_one(integer[], text, text, text[], text[], bigint) IS
	'on_first() for a call that has one row; with map_version a start by name: null if SF090 is passed on and the shard knows a later map';
REVOKE ALL ON FUNCTION sfn_proxy.on_first_one(integer[], text, text, text[], text[], bigint) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.apply_on(shard integer, change sfn_proxy.change) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	connection text := sfn_proxy.connection_to($1);
	arguments text[] := sfn_proxy.share_of(change.function, change.arguments);
	verdict record;
	problem sfn_proxy.problem;
	worst sfn_proxy.problem;
BEGIN
	FOR attempt IN 1..2 LOOP
		BEGIN
			RETURN QUERY SELECT c FROM sfn_proxy.shard_apply(connection, $1, change.seq, change.caller::text, change.function, arguments, change.revision_id) c;
			RETURN;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS problem.state = RETURNED_SQLSTATE, problem.message = MESSAGE_TEXT, problem.detail = PG_EXCEPTION_DETAIL, problem.hint = PG_EXCEPTION_HINT;
		END;
		verdict := sfn_proxy.judge($1, attempt, '{}', problem, worst);
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.apply_on(integer, sfn_proxy.change) IS 'a change of the log on a shard, once';
REVOKE ALL ON FUNCTION sfn_proxy.apply_on(integer, sfn_proxy.change) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.on_shard(shard integer, caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE sql VOLATILE PARALLEL UNSAFE AS $$
	SELECT sfn_proxy.on_first(ARRAY[$1], $2, $3, $4)
$$;
COMMENT ON FUNCTION sfn_proxy.on_shard(integer, text, text, text[]) IS 'a call on this shard';
REVOKE ALL ON FUNCTION sfn_proxy.on_shard(integer, text, text, text[]) FROM PUBLIC;

-- What the front asks for itself.
CREATE FUNCTION sfn_proxy.ask(shard integer, question text, connection text DEFAULT NULL) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	problem sfn_proxy.problem;
BEGIN
	RETURN (SELECT CASE WHEN json_typeof(q->'answer') <> 'null' THEN q->'answer' END FROM sfn_proxy.shard_query(coalesce($3, sfn_proxy.connection_to($1)), format('SELECT %s AS answer', $2)) q);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS problem.state = RETURNED_SQLSTATE, problem.message = MESSAGE_TEXT, problem.detail = PG_EXCEPTION_DETAIL, problem.hint = PG_EXCEPTION_HINT;
	PERFORM sfn_proxy.raise(sfn_proxy.plain_problem('shard ' || $1, problem));
END
$$;
COMMENT ON FUNCTION sfn_proxy.ask(integer, text, text) IS 'the value of an expression on a shard, with the rights of the front''s login';
REVOKE ALL ON FUNCTION sfn_proxy.ask(integer, text, text) FROM PUBLIC;
