-- Where a call goes.  Each route takes the caller, the function and its arguments, and gives the rows of the shard or shards.

CREATE FUNCTION sfn_proxy.shards_in_any_order() RETURNS SETOF integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT s.id FROM sfn_proxy.shard s WHERE s.state = 'active'
		AND s.applied >= (SELECT coalesce(max(c.seq), 0) FROM sfn_proxy.change c WHERE c.state = 'accepted')
	ORDER BY random();
END
$$;
COMMENT ON FUNCTION sfn_proxy.shards_in_any_order() IS 'the shards that take new executions';
REVOKE ALL ON FUNCTION sfn_proxy.shards_in_any_order() FROM PUBLIC;

-- On one that cannot be reached nothing has happened: the next one is asked.
CREATE FUNCTION sfn_proxy.on_one_of(shards integer[], caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	FOR i IN 1 .. cardinality($1) LOOP
		BEGIN
			RETURN QUERY SELECT c FROM sfn_proxy.on_shard($1[i], $2, $3, $4) c;
			RETURN;
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
			IF i = cardinality($1) THEN
				RAISE;
			END IF;
		END;
	END LOOP;
	RAISE EXCEPTION 'there is no shard for this call' USING ERRCODE = 'object_not_in_prerequisite_state',
		HINT = 'sfn_proxy.shards shows all shards and what they lack; sfn_proxy.add_shard() adds one.';
END
$$;
COMMENT ON FUNCTION sfn_proxy.on_one_of(integer[], text, text, text[]) IS 'a call on the first of these shards that can be reached';
REVOKE ALL ON FUNCTION sfn_proxy.on_one_of(integer[], text, text, text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_any(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shards integer[] := ARRAY(SELECT sfn_proxy.shards_in_any_order());
	shard integer;
BEGIN
	-- all lack changes: whoever has missed some has come back, or nobody takes executions
	IF shards = '{}' THEN
		FOR shard IN SELECT s.id FROM sfn_proxy.shard s WHERE s.state = 'active' ORDER BY s.id LOOP
			IF sfn_proxy.catch_up(shard) THEN
				shards := shards || shard;
			END IF;
		END LOOP;
	END IF;
	RETURN QUERY SELECT c FROM sfn_proxy.on_one_of(shards, $1, $2, $3) c;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_any(text, text, text[]) IS 'to any shard';
REVOKE ALL ON FUNCTION sfn_proxy.route_any(text, text, text[]) FROM PUBLIC;

-- What all shards have alike is read where it is changed first: who has changed it sees it.
CREATE FUNCTION sfn_proxy.route_first(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT c FROM sfn_proxy.on_one_of(ARRAY(SELECT s.id FROM sfn_proxy.shard s WHERE s.state <> 'joining' ORDER BY s.id), $1, $2, $3) c;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_first(text, text, text[]) IS 'to the shard that makes changes first, else to another';
REVOKE ALL ON FUNCTION sfn_proxy.route_first(text, text, text[]) FROM PUBLIC;

-- One after the other until one knows the execution.  A shard that is down says nothing about it: its error comes when no other knows it.
CREATE FUNCTION sfn_proxy.route_execution(caller text, function text, arguments text[], arn text) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard integer;
	state text;
	message text;
	detail text;
	hint text;
BEGIN
	IF $4 IS NULL THEN
		RETURN QUERY SELECT c FROM sfn_proxy.route_any($1, $2, $3) c;
		RETURN;
	END IF;
	FOR shard IN SELECT sfn_proxy.shards_of_execution($4) LOOP
		BEGIN
			RETURN QUERY SELECT c FROM sfn_proxy.on_shard(shard, $1, $2, $3) c;
			RETURN;
		EXCEPTION WHEN SQLSTATE 'SF014' OR SQLSTATE 'SF017' OR sqlclient_unable_to_establish_sqlconnection THEN
			IF state IS NULL OR state NOT LIKE '08%' THEN
				GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			END IF;
		END;
	END LOOP;
	PERFORM sfn_proxy.connection_to(sfn_proxy.first_shard());
	PERFORM sfn_proxy.raise(state, message, detail, hint);
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_execution(text, text, text[], text) IS 'to the shard that has the execution or map run';
REVOKE ALL ON FUNCTION sfn_proxy.route_execution(text, text, text[], text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_token(caller text, function text, arguments text[], token text) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard integer := (SELECT s.id FROM sfn_proxy.shard s WHERE s.id = sfn_proxy.shard_of_token($4));
BEGIN
	IF shard IS NULL THEN
		RETURN QUERY SELECT c FROM sfn_proxy.route_any($1, $2, $3) c;
	ELSE
		RETURN QUERY SELECT c FROM sfn_proxy.on_shard(shard, $1, $2, $3) c;
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_token(text, text, text[], text) IS 'to the shard that gave out the token; what is no token, to any, which says so';
REVOKE ALL ON FUNCTION sfn_proxy.route_token(text, text, text[], text) FROM PUBLIC;

-- A name that was chosen: not twice, though its slot has moved.
CREATE FUNCTION sfn_proxy.route_name(caller text, function text, arguments text[], machine text, name text) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	place sfn_proxy.slot;
	earlier integer;
BEGIN
	-- until this transaction ends, no slot moves
	PERFORM pg_advisory_xact_lock_shared('sfn_proxy.slot'::regclass::oid::bigint);
	SELECT t.* INTO place FROM sfn_proxy.slot t WHERE t.slot = sfn_proxy.slot_of($5);
	FOREACH earlier IN ARRAY place.previous LOOP
		IF sfn_proxy.has_execution(earlier, $4, $5) THEN
			RETURN QUERY SELECT c FROM sfn_proxy.on_shard(earlier, $1, $2, $3) c;
			RETURN;
		END IF;
	END LOOP;
	PERFORM sfn_proxy.connection_to(place.shard);
	IF EXISTS (SELECT FROM sfn_proxy.shard s WHERE s.id = place.shard
			AND s.applied < (SELECT coalesce(max(c.seq), 0) FROM sfn_proxy.change c WHERE c.state = 'accepted'))
		AND NOT sfn_proxy.catch_up(place.shard) THEN
		RAISE EXCEPTION 'shard % takes no new executions', place.shard USING ERRCODE = 'sqlclient_unable_to_establish_sqlconnection',
			HINT = 'It lacks changes that the others have made; sfn_proxy.shards shows them.';
	END IF;
	RETURN QUERY SELECT c FROM sfn_proxy.on_shard(place.shard, $1, $2, $3) c;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_name(text, text, text[], text, text) IS 'to the shard on which executions of that name are started';
REVOKE ALL ON FUNCTION sfn_proxy.route_name(text, text, text[], text, text) FROM PUBLIC;

-- A schedule is on one shard, so that it fires once: where it was made, else where its name leads to.
CREATE FUNCTION sfn_proxy.route_schedule(caller text, function text, arguments text[], name text, group_name text) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	home integer := sfn_proxy.shard_of(concat($5, '/', $4));
	shard integer;
	message text;
	detail text;
	hint text;
BEGIN
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id = home DESC, s.id LOOP
		BEGIN
			IF sfn_proxy.shard_has_schedule(sfn_proxy.connection_to(shard), $4, $5) THEN
				home := shard;
				EXIT;
			END IF;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			PERFORM sfn_proxy.raise_plainly(shard, SQLSTATE, message, detail, hint);
		END;
	END LOOP;
	RETURN QUERY SELECT c FROM sfn_proxy.on_shard(home, $1, $2, $3) c;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_schedule(text, text, text[], text, text) IS 'to the shard that has the schedule, or is to have it';
REVOKE ALL ON FUNCTION sfn_proxy.route_schedule(text, text, text[], text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_has_schedule(connection text, name text, group_name text) RETURNS boolean
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT sfn_internal.shard_has_schedule(name, group_name);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_has_schedule(text, text, text) IS 'does the shard have a schedule of that name?';
REVOKE ALL ON FUNCTION sfn_proxy.shard_has_schedule(text, text, text) FROM PUBLIC;

-- Token and what belongs to it go to the token's shard; rows come back in any order.
CREATE FUNCTION sfn_proxy.route_tokens(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	tokens text[] := $3[1]::text[];
	shard integer;
	places integer[];
BEGIN
	FOR shard, places IN SELECT s.id, array_agg(u.place::integer ORDER BY u.place) FROM unnest(tokens) WITH ORDINALITY u(token, place)
			LEFT JOIN sfn_proxy.shard s ON s.id = sfn_proxy.shard_of_token(u.token) GROUP BY s.id LOOP
		RETURN QUERY SELECT c FROM sfn_proxy.on_shard(coalesce(shard, sfn_proxy.first_shard()), $1, $2, ARRAY(
			SELECT CASE WHEN a.list IS NOT NULL THEN ARRAY(SELECT (a.list::text[])[p] FROM unnest(places) WITH ORDINALITY q(p, n) ORDER BY n)::text END
			FROM unnest($3) WITH ORDINALITY a(list, number) ORDER BY a.number)) c;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_tokens(text, text, text[]) IS 'arrays of tokens and what belongs to each: to the shards that gave them out';
REVOKE ALL ON FUNCTION sfn_proxy.route_tokens(text, text, text[]) FROM PUBLIC;

-- Each shard at once, then for a second each in turn, until one has tasks or the time is over.
CREATE FUNCTION sfn_proxy.route_poll(caller text, function text, arguments text[], timeout_argument integer) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	deadline timestamptz := clock_timestamp() + coalesce($3[$4]::interval, '1 min');
	patience interval := '0';
	task text[];
	any_task boolean := false;
	shard integer;
BEGIN
	LOOP
		FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY random() LOOP
			BEGIN
				FOR task IN SELECT c FROM sfn_proxy.on_shard(shard, $1, $2, $3[:$4 - 1] || patience::text || $3[$4 + 1:]) c LOOP
					any_task := any_task OR task[1] IS NOT NULL;
					IF task[1] IS NOT NULL THEN
						RETURN NEXT task;
					END IF;
				END LOOP;
			EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
				RAISE NOTICE '%', SQLERRM;
			END;
			EXIT WHEN any_task;
			patience := CASE WHEN patience = '0' THEN patience ELSE least(interval '1 s', greatest(deadline - clock_timestamp(), interval '0')) END;
		END LOOP;
		EXIT WHEN any_task OR clock_timestamp() >= deadline;
		patience := least(interval '1 s', deadline - clock_timestamp());
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_poll(text, text, text[], integer) IS 'to the shards in turn, until one has a task of the activity';
REVOKE ALL ON FUNCTION sfn_proxy.route_poll(text, text, text[], integer) FROM PUBLIC;

-- Does a shard have an execution of that name, whoever may see it?
CREATE FUNCTION sfn_proxy.has_execution(shard integer, machine text, name text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	message text;
	detail text;
	hint text;
BEGIN
	RETURN sfn_proxy.shard_has_execution(sfn_proxy.connection_to($1), $2, $3);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	PERFORM sfn_proxy.raise_plainly($1, SQLSTATE, message, detail, hint);
END
$$;
COMMENT ON FUNCTION sfn_proxy.has_execution(integer, text, text) IS 'does the shard have an execution of that name?';
REVOKE ALL ON FUNCTION sfn_proxy.has_execution(integer, text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_has_execution(connection text, machine text, name text) RETURNS boolean
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT sfn_internal.shard_has_execution(machine, name);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_has_execution(text, text, text) IS 'has_execution() on the shard';
REVOKE ALL ON FUNCTION sfn_proxy.shard_has_execution(text, text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_executions(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard integer;
	arns text[];
	counted bigint;
	total bigint := 0;
BEGIN
	FOR shard, arns IN SELECT sfn_proxy.shard_of_execution(u), array_agg(u) FROM unnest($3[1]::text[]) u GROUP BY 1 ORDER BY 1 LOOP
		SELECT c[1]::bigint INTO counted FROM sfn_proxy.on_shard(coalesce(shard, sfn_proxy.first_shard()), $1, $2, ARRAY[arns::text]) c;
		total := total + counted;
	END LOOP;
	RETURN NEXT ARRAY[total::text];
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_executions(text, text, text[]) IS 'arrays of executions: to the shards that have them; all or none on each, and the sum';
REVOKE ALL ON FUNCTION sfn_proxy.route_executions(text, text, text[]) FROM PUBLIC;

-- The door.
CREATE FUNCTION sfn_proxy.call(caller text, stamp bytea, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	way sfn_proxy.route;
BEGIN
	PERFORM sfn_proxy.check_pass($1, $2);
	IF EXISTS (SELECT FROM pg_roles u WHERE u.rolname = $1 AND u.rolsuper) THEN
		RAISE EXCEPTION 'role "%" is a superuser, as whom no calls are made on shards', $1 USING ERRCODE = 'insufficient_privilege',
			HINT = 'SET ROLE to the role that owns the state machines.';
	END IF;
	SELECT r.* INTO way FROM sfn_proxy.route r WHERE r.function = $3;
	IF way IS NULL THEN
		RAISE EXCEPTION 'function "%" is not called through the front', $3 USING ERRCODE = 'feature_not_supported';
	END IF;
	PERFORM sfn_proxy.check_transaction(CASE WHEN way.route = 'start' AND $4[3] IS NULL THEN 'write' ELSE way.effect END);
	CASE way.route
		WHEN 'any' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_any($1, $3, $4) c;
		WHEN 'first' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_first($1, $3, $4) c;
		WHEN 'execution' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_execution($1, $3, $4, $4[1]) c;
		WHEN 'executions' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_executions($1, $3, $4) c;
		WHEN 'token' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_token($1, $3, $4, $4[1]) c;
		WHEN 'tokens' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_tokens($1, $3, $4) c;
		WHEN 'poll' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_poll($1, $3, $4, way.argument) c;
		WHEN 'list' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_list($1, $3, $4) c;
		WHEN 'change' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.make_change($1, $3, $4) c;
		WHEN 'schedule' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_schedule($1, $3, $4, $4[1], $4[way.argument]) c;
		WHEN 'start' THEN
			IF $4[3] IS NULL THEN
				RETURN QUERY SELECT c FROM sfn_proxy.route_any($1, $3, $4) c;
			ELSE
				RETURN QUERY SELECT c FROM sfn_proxy.route_name($1, $3, $4, $4[1], $4[3]) c;
			END IF;
		WHEN 'api' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_api($1, $3, $4) c;
	END CASE;
END
$$;
COMMENT ON FUNCTION sfn_proxy.call(text, bytea, text, text[]) IS 'a call of a function of schema sfn, with the pass of its caller; each row of the result as texts';
