-- Where a call goes.  Most calls go to the first of some shards that takes them: places() says which, passed_on() for which errors the
-- next one is asked.  The others have a route_...() each, which gives the rows of several shards.

-- Those that take new executions, in any order.  When all lack changes, whoever has missed some has come back, or nobody takes executions.
CREATE FUNCTION sfn_proxy.any_places() RETURNS integer[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	shards integer[] := (SELECT array_agg(s.id) FROM sfn_proxy.shard s WHERE s.state = 'active'
		AND s.applied >= (SELECT coalesce(max(c.seq), 0) FROM sfn_proxy.change c WHERE c.state = 'accepted'));
	place integer := floor(random() * cardinality(shards));
BEGIN
	RETURN coalesce(shards[place + 1:] || shards[:place], (SELECT array_agg(s.id) FROM sfn_proxy.shard s WHERE s.state = 'active' AND sfn_proxy.catch_up(s.id)), '{}');
END
$$;
COMMENT ON FUNCTION sfn_proxy.any_places() IS 'the shards that take new executions';
REVOKE ALL ON FUNCTION sfn_proxy.any_places() FROM PUBLIC;

-- What all shards have alike is read where it is changed first: who has changed it sees it.
CREATE FUNCTION sfn_proxy.first_places() RETURNS integer[]
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
	RETURN ARRAY(SELECT s.id FROM sfn_proxy.shard s WHERE s.state <> 'joining' ORDER BY s.id);
END
$$;
COMMENT ON FUNCTION sfn_proxy.first_places() IS 'the shard that makes changes first, then the others';
REVOKE ALL ON FUNCTION sfn_proxy.first_places() FROM PUBLIC;

-- By what the key is: the ARN of an execution, a token, a number that begins with the shard.  Without it any shard says what is wrong.
CREATE FUNCTION sfn_proxy.places(route text, key text) RETURNS integer[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	shard integer;
BEGIN
	IF $1 = 'execution' AND $2 IS NOT NULL THEN
		RETURN sfn_proxy.execution_places($2);
	ELSIF $1 IN ('first', 'find') THEN
		RETURN sfn_proxy.first_places();
	ELSIF $1 = 'token' THEN
		shard := (SELECT s.id FROM sfn_proxy.shard s WHERE s.id = sfn_proxy.shard_of_token($2));
	ELSIF $1 = 'number' THEN
		shard := (SELECT s.id FROM sfn_proxy.shard s WHERE s.id = $2::bigint >> 52);
	ELSIF $1 = 'receipt' THEN
		shard := (SELECT s.id FROM sfn_proxy.shard s WHERE s.id = sfn_proxy.shard_of_receipt($2));
	END IF;
	RETURN CASE WHEN shard IS NULL THEN sfn_proxy.any_places() ELSE ARRAY[shard] END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.places(text, text) IS 'the shards that a call of that route is about, the likeliest first';
REVOKE ALL ON FUNCTION sfn_proxy.places(text, text) FROM PUBLIC;

-- A receipt handle is the number of the message, which begins with its shard, and a UUID.
CREATE FUNCTION sfn_proxy.shard_of_receipt(handle text) RETURNS integer
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN floor((regexp_match($1, '^(\d{1,19}):'))[1]::numeric / 4503599627370496);
END
$$;
COMMENT ON FUNCTION sfn_proxy.shard_of_receipt(text) IS 'the shard that gave out a receipt handle; null: it looks like none';
REVOKE ALL ON FUNCTION sfn_proxy.shard_of_receipt(text) FROM PUBLIC;

-- On one that cannot be reached nothing has happened.  One that does not know an execution or a link says nothing about the others.
CREATE FUNCTION sfn_proxy.passed_on(route text) RETURNS text[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN CASE $1 WHEN 'execution' THEN '{08001,SF014,SF017}' WHEN 'find' THEN '{08001,42704}' ELSE '{08001}' END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.passed_on(text) IS 'after which errors the next shard is asked';
REVOKE ALL ON FUNCTION sfn_proxy.passed_on(text) FROM PUBLIC;

-- A name that was chosen: not twice, though its slot has moved.

-- No move of slots is under way, or it has ended, when the shard is told.
CREATE FUNCTION sfn_proxy.confirm_map(shard integer) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared('sfn_proxy.slot'::regclass::oid::bigint);
	PERFORM sfn_proxy.ask($1, format('sfn_internal.shard_fence(%s, %s)', $1, m.version)) FROM sfn_proxy.map m;
END
$$;
COMMENT ON FUNCTION sfn_proxy.confirm_map(integer) IS 'tells a shard which version of the map starts by name need, which is that of now';
REVOKE ALL ON FUNCTION sfn_proxy.confirm_map(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.front_confirm_map(connection text, shard integer) RETURNS text
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT sfn_proxy.confirm_map(shard)::pg_catalog.text;
$$;
COMMENT ON FUNCTION sfn_proxy.front_confirm_map(text, integer) IS 'confirm_map() on the front that may write';
REVOKE ALL ON FUNCTION sfn_proxy.front_confirm_map(text, integer) FROM PUBLIC;

-- The map is older than what the shard knows: another front has moved slots, and we hear of it soon, or a move here was rolled back
-- after the shard had heard of it, and the map is as it is.  Or its server was started anew, and it does not know what it has missed:
-- the front that moves slots tells it.
CREATE FUNCTION sfn_proxy.read_map_again(shard integer, version bigint, attempt integer) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	is_standby boolean := pg_is_in_recovery();
BEGIN
	IF $3 > (CASE WHEN is_standby THEN 200 ELSE 3 END) OR current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'the map of shards has changed' USING ERRCODE = 'serialization_failure',
			DETAIL = format('Shard %s knows a later version than %s, or was started anew and waits for the front that moves slots.', $1, $2), HINT = 'Call again.';
	ELSIF NOT is_standby AND sfn_proxy.is_lasting() THEN
		PERFORM sfn_proxy.front_confirm_map(sfn_proxy.other_front(), $1);
	ELSIF NOT is_standby THEN
		PERFORM sfn_proxy.confirm_map($1);
	ELSIF $3 = 10 AND (SELECT m.front IS NOT NULL FROM sfn_proxy.map m) THEN
		PERFORM sfn_proxy.front_confirm_map(sfn_proxy.writing_front(), $1);
	ELSE
		PERFORM pg_sleep(0.05);
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.read_map_again(integer, bigint, integer) IS 'waits until the map that is read next is not older than the shard''s';
REVOKE ALL ON FUNCTION sfn_proxy.read_map_again(integer, bigint, integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.start_by_name(caller text, function text, arguments text[], machine text, name text) RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	hash bytea := sha256(convert_to($5, 'UTF8'));
	place record;
	earlier integer;
	result text[];
BEGIN
	FOR attempt IN 1..1000 LOOP
		SELECT t.shard, t.previous, m.version, s.applied < (SELECT coalesce(max(c.seq), 0) FROM sfn_proxy.change c WHERE c.state = 'accepted') AS lacks_changes INTO place
		FROM sfn_proxy.slot t JOIN sfn_proxy.shard s ON s.id = t.shard CROSS JOIN sfn_proxy.map m
		WHERE t.slot = get_byte(hash, 0) * 4 + get_byte(hash, 1) / 64;
		IF place.shard IS NULL THEN
			PERFORM sfn_proxy.connection_to(NULL);
		END IF;
		FOREACH earlier IN ARRAY place.previous LOOP
			IF sfn_proxy.ask(earlier, format('sfn_internal.shard_has_execution(%L, %L)', $4, $5))::text = 'true' THEN
				RETURN sfn_proxy.on_first_one(ARRAY[earlier], $1, $2, $3);
			END IF;
		END LOOP;
		IF place.lacks_changes AND NOT sfn_proxy.catch_up(place.shard) THEN
			RAISE EXCEPTION 'shard % takes no new executions', place.shard USING ERRCODE = 'sqlclient_unable_to_establish_sqlconnection',
				HINT = 'It lacks changes that the others have made; sfn_proxy.shards shows them.';
		END IF;
		result := sfn_proxy.on_first_one(ARRAY[place.shard], $1, $2, $3, '{SF090}', place.version);
		IF result IS NOT NULL THEN
			RETURN result;
		END IF;
		PERFORM sfn_proxy.read_map_again(place.shard, place.version, attempt);
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.start_by_name(text, text, text[], text, text) IS 'a start on the shard that has the slot of the name';
REVOKE ALL ON FUNCTION sfn_proxy.start_by_name(text, text, text[], text, text) FROM PUBLIC;

-- Many at once, each on the shard of its name, and so each by itself: what was started before an error stays.
CREATE FUNCTION sfn_proxy.route_names(caller text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	signature text := 'sfn.start_execution(text,json,text)';
	start record;
BEGIN
	IF $2[2] IS NULL OR $2[3] IS NULL OR cardinality($2[2]::text[]) <> cardinality($2[3]::text[]) THEN
		RETURN QUERY SELECT c FROM sfn_proxy.on_first(sfn_proxy.any_places(), $1, 'sfn.start_executions(text,json[],text[])', $2, '{08001}') c;
		RETURN;
	END IF;
	FOR start IN SELECT * FROM unnest($2[2]::text[], $2[3]::text[]) u(input, name) LOOP
		IF start.name IS NULL THEN
			RETURN NEXT sfn_proxy.on_first_one(sfn_proxy.any_places(), $1, signature, ARRAY[$2[1], start.input, NULL], '{08001}');
		ELSE
			RETURN NEXT sfn_proxy.start_by_name($1, signature, ARRAY[$2[1], start.input, start.name], $2[1], start.name);
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_names(text, text[]) IS 'starts of one machine, each on the shard of its name, in their order';
REVOKE ALL ON FUNCTION sfn_proxy.route_names(text, text[]) FROM PUBLIC;

-- A schedule is on one shard, so that it fires once: where it was made, else where its name leads to.
CREATE FUNCTION sfn_proxy.schedule_place(name text, group_name text) RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	home integer := sfn_proxy.shard_of(concat($2, '/', $1));
	shard integer;
BEGIN
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id = home DESC, s.id LOOP
		IF sfn_proxy.ask(shard, format('sfn_internal.shard_has_schedule(%L, %L)', $1, $2))::text = 'true' THEN
			RETURN shard;
		END IF;
	END LOOP;
	RETURN home;
END
$$;
COMMENT ON FUNCTION sfn_proxy.schedule_place(text, text) IS 'the shard that has the schedule, or is to have it';
REVOKE ALL ON FUNCTION sfn_proxy.schedule_place(text, text) FROM PUBLIC;

-- A link is where its task or execution is; those to machines, which are everywhere, on the first shard.
CREATE FUNCTION sfn_proxy.link_places(kind text, target text) RETURNS integer[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	RETURN CASE WHEN $1 = 'approve' THEN sfn_proxy.places('token', $2)
		WHEN $1 = 'graph' AND $2 ~ '^arn:.*:e[a-z]+:' THEN sfn_proxy.places('execution', $2) ELSE sfn_proxy.first_places() END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.link_places(text, text) IS 'where a link is made';
REVOKE ALL ON FUNCTION sfn_proxy.link_places(text, text) FROM PUBLIC;

-- Token and what belongs to it go to the token's shard; rows come back in any order.
CREATE FUNCTION sfn_proxy.route_tokens(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	tokens text[] := $3[1]::text[];
	shard integer;
	places integer[];
BEGIN
	IF tokens IS NULL OR EXISTS (SELECT FROM unnest($3) a(list) WHERE cardinality(a.list::text[]) <> cardinality(tokens)) THEN
		RETURN QUERY SELECT c FROM sfn_proxy.on_first(sfn_proxy.any_places(), $1, $2, $3, '{08001}') c;
		RETURN;
	END IF;
	FOR shard, places IN SELECT s.id, array_agg(u.place::integer ORDER BY u.place) FROM unnest(tokens) WITH ORDINALITY u(token, place)
			LEFT JOIN sfn_proxy.shard s ON s.id = sfn_proxy.shard_of_token(u.token) GROUP BY s.id LOOP
		RETURN QUERY SELECT c FROM sfn_proxy.on_shard(coalesce(shard, sfn_proxy.first_shard()), $1, $2, ARRAY(
			SELECT CASE WHEN a.list IS NOT NULL THEN ARRAY(SELECT u.item FROM unnest(a.list::text[]) WITH ORDINALITY u(item, place) WHERE u.place = ANY (places) ORDER BY u.place)::text END
			FROM unnest($3) WITH ORDINALITY a(list, number) ORDER BY a.number)) c;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_tokens(text, text, text[]) IS 'arrays of tokens and what belongs to each: to the shards that gave them out';
REVOKE ALL ON FUNCTION sfn_proxy.route_tokens(text, text, text[]) FROM PUBLIC;

-- A shard that is down is passed over where others do as well; when all are, that is the error.
CREATE FUNCTION sfn_proxy.warned(state text, message text) RETURNS sfn_proxy.problem
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	RAISE WARNING '%', $2;
	RETURN ROW($1, $2, NULL, NULL)::sfn_proxy.problem;
END
$$;
COMMENT ON FUNCTION sfn_proxy.warned(text, text) IS 'the error of a shard that is passed over, with a warning of it';
REVOKE ALL ON FUNCTION sfn_proxy.warned(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_poll(caller text, function text, arguments text[], timeout_argument integer) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	deadline timestamptz := clock_timestamp() + coalesce($3[$4]::interval, '1 min');
	patience interval := '0';
	task text[];
	any_task boolean := false;
	shard integer;
	answers integer;
	worst sfn_proxy.problem;
BEGIN
	LOOP
		answers := 0;
		FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY random() LOOP
			BEGIN
				FOR task IN SELECT c FROM sfn_proxy.on_shard(shard, $1, $2, $3[:$4 - 1] || patience::text || $3[$4 + 1:]) c LOOP
					any_task := any_task OR task[1] IS NOT NULL;
					IF task[1] IS NOT NULL THEN
						RETURN NEXT task;
					END IF;
				END LOOP;
				answers := answers + 1;
			EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
				worst := sfn_proxy.warned(SQLSTATE, SQLERRM);
			END;
			EXIT WHEN any_task;
			patience := CASE WHEN patience = '0' THEN patience ELSE least(interval '1 s', greatest(deadline - clock_timestamp(), interval '0')) END;
		END LOOP;
		IF answers = 0 THEN
			PERFORM sfn_proxy.give_up(worst);
		END IF;
		EXIT WHEN any_task OR clock_timestamp() >= deadline;
		patience := least(interval '1 s', deadline - clock_timestamp());
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_poll(text, text, text[], integer) IS 'to the shards in turn, until one has a task of the activity';
REVOKE ALL ON FUNCTION sfn_proxy.route_poll(text, text, text[], integer) FROM PUBLIC;

-- A name may be on another shard than the likeliest: where its slot was, or where the execution is that has started it.
CREATE FUNCTION sfn_proxy.place_of_execution(arn text) RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	places integer[] := sfn_proxy.execution_places($1);
	place integer;
BEGIN
	FOREACH place IN ARRAY places LOOP
		IF sfn_proxy.ask(place, format('sfn_internal.shard_has_execution(%L, %L)', CASE WHEN $1 LIKE 'arn:%' THEN $1 ELSE split_part($1, '/', 1) END,
				sfn_proxy.name_in_arn($1)))::text = 'true' THEN
			RETURN place;
		END IF;
	END LOOP;
	RETURN places[1];
END
$$;
COMMENT ON FUNCTION sfn_proxy.place_of_execution(text) IS 'the shard that has an execution of that chosen name; the likeliest if none has';
REVOKE ALL ON FUNCTION sfn_proxy.place_of_execution(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_executions(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard integer;
	arns text[];
	counted bigint;
	total bigint := 0;
BEGIN
	IF $3[1] IS NULL THEN
		RETURN QUERY SELECT c FROM sfn_proxy.on_first(sfn_proxy.any_places(), $1, $2, $3, '{08001}') c;
		RETURN;
	END IF;
	FOR shard, arns IN SELECT sfn_proxy.shard_of_execution(u), array_agg(u) FROM unnest($3[1]::text[]) u GROUP BY 1 ORDER BY 1 LOOP
		BEGIN
			SELECT c[1]::bigint INTO counted FROM sfn_proxy.on_shard(coalesce(shard, sfn_proxy.first_shard()), $1, $2, ARRAY[arns::text]) c;
		EXCEPTION WHEN SQLSTATE 'SF014' THEN
			counted := (SELECT sum((sfn_proxy.on_first_one(ARRAY[f.place], $1, $2, ARRAY[f.those::text]))[1]::bigint)
				FROM (SELECT sfn_proxy.place_of_execution(u) AS place, array_agg(u) AS those FROM unnest(arns) u GROUP BY 1 ORDER BY 1) f);
		END;
		total := total + counted;
	END LOOP;
	RETURN NEXT ARRAY[total::text];
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_executions(text, text, text[]) IS 'arrays of executions: to the shards that have them; all or none on each, and the sum';
REVOKE ALL ON FUNCTION sfn_proxy.route_executions(text, text, text[]) FROM PUBLIC;

-- The sum of what all shards count.  One that is down is an error: nobody knows what it has.
CREATE FUNCTION sfn_proxy.route_sum(caller text, function text, arguments text[]) RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	RETURN (SELECT ARRAY[sum((sfn_proxy.on_first_one(ARRAY[s.id], $1, $2, $3))[1]::numeric)::text] FROM sfn_proxy.shard s);
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_sum(text, text, text[]) IS 'a number, of all shards together';
REVOKE ALL ON FUNCTION sfn_proxy.route_sum(text, text, text[]) FROM PUBLIC;

-- Rows of the shards in turn, until there are as many as are wanted.
CREATE FUNCTION sfn_proxy.route_take(caller text, function text, arguments text[], wanted_argument integer) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	shard integer;
	wanted integer := coalesce($3[$4]::integer, 1);
	taken integer := 0;
	row text[];
	answers integer := 0;
	worst sfn_proxy.problem;
BEGIN
	FOREACH shard IN ARRAY ARRAY(SELECT s.id FROM sfn_proxy.shard s ORDER BY random()) LOOP
		BEGIN
			FOR row IN SELECT c FROM sfn_proxy.on_first(ARRAY[shard], $1, $2, $3[:$4 - 1] || (wanted - taken)::text || $3[$4 + 1:]) c LOOP
				taken := taken + 1;
				RETURN NEXT row;
			END LOOP;
			answers := answers + 1;
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
			worst := sfn_proxy.warned(SQLSTATE, SQLERRM);
		END;
		EXIT WHEN taken >= wanted;
	END LOOP;
	IF answers = 0 THEN
		PERFORM sfn_proxy.give_up(worst);
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_take(text, text, text[], integer) IS 'to the shards in turn, until enough is taken';
REVOKE ALL ON FUNCTION sfn_proxy.route_take(text, text, text[], integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.refuse(what text, hint text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RAISE EXCEPTION '% is not called through the front', $1 USING ERRCODE = 'feature_not_supported', HINT = $2;
END
$$;
COMMENT ON FUNCTION sfn_proxy.refuse(text, text) IS 'the error of what belongs to one database';

-- The doors, which settings of their callers about how things are read do not come through.

CREATE FUNCTION sfn_proxy.way_of(function text) RETURNS sfn_proxy.route
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
DECLARE
	way sfn_proxy.route;
BEGIN
	SELECT r.* INTO way FROM sfn_proxy.route r WHERE r.function = $1;
	IF way.route IS NULL THEN
		RAISE EXCEPTION 'function "%" is not called through the front', $1 USING ERRCODE = 'feature_not_supported';
	END IF;
	RETURN way;
END
$$;
COMMENT ON FUNCTION sfn_proxy.way_of(text) IS 'the route of a function; an error if it has none';
REVOKE ALL ON FUNCTION sfn_proxy.way_of(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.call_one(pass bigint, function text, arguments text[]) RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET array_nulls = on SET standard_conforming_strings = on AS $$
DECLARE
	way sfn_proxy.route := sfn_proxy.way_of($2);
	caller text := sfn_proxy.enter($1, CASE WHEN way.route = 'start' AND $3[3] IS NULL THEN 'write' ELSE way.effect END);
BEGIN
	IF way.route = 'start' AND $3[3] IS NOT NULL THEN
		RETURN sfn_proxy.start_by_name(caller, $2, $3, $3[1], $3[3]);
	ELSIF way.route IN ('start', 'any') THEN
		RETURN sfn_proxy.on_first_one(sfn_proxy.any_places(), caller, $2, $3, '{08001}');
	ELSIF way.route IN ('execution', 'token', 'first', 'find', 'number') THEN
		RETURN sfn_proxy.on_first_one(sfn_proxy.places(way.route, $3[1]), caller, $2, $3, sfn_proxy.passed_on(way.route));
	END IF;
	RETURN (SELECT c FROM sfn_proxy.route_rows(way, caller, $2, $3) c LIMIT 1);
END
$$;
COMMENT ON FUNCTION sfn_proxy.call_one(bigint, text, text[]) IS 'a call of a function of schema sfn that has one row, with the pass of its caller';

CREATE FUNCTION sfn_proxy.call(pass bigint, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET array_nulls = on SET standard_conforming_strings = on AS $$
DECLARE
	way sfn_proxy.route := sfn_proxy.way_of($2);
	caller text := sfn_proxy.enter($1, way.effect);
BEGIN
	RETURN QUERY SELECT c FROM sfn_proxy.route_rows(way, caller, $2, $3) c;
END
$$;
COMMENT ON FUNCTION sfn_proxy.call(bigint, text, text[]) IS 'a call of a function of schema sfn, with the pass of its caller; each row of the result as texts';

CREATE FUNCTION sfn_proxy.route_rows(way sfn_proxy.route, caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	CASE way.route
		WHEN 'any', 'first', 'execution', 'token', 'find', 'number' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.on_first(sfn_proxy.places(way.route, $4[1]), $2, $3, $4, sfn_proxy.passed_on(way.route)) c;
		WHEN 'executions' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_executions($2, $3, $4) c;
		WHEN 'tokens' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_tokens($2, $3, $4) c;
		WHEN 'poll' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_poll($2, $3, $4, way.argument) c;
		WHEN 'take' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_take($2, $3, $4, way.argument) c;
		WHEN 'names' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_names($2, $4) c;
		WHEN 'list' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_list($2, $3, $4) c;
		WHEN 'view' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_view($2, $3, way.argument = 1) c;
		WHEN 'change' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.make_change($2, $3, $4) c;
		WHEN 'schedule' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.on_first(ARRAY[sfn_proxy.schedule_place($4[1], $4[way.argument])], $2, $3, $4) c;
		WHEN 'link' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.on_first(sfn_proxy.link_places($4[1], $4[2]), $2, $3, $4, '{08001,SF014,SF017}') c;
		WHEN 'sum' THEN
			RETURN NEXT sfn_proxy.route_sum($2, $3, $4);
		WHEN 'receipt' THEN
			RETURN NEXT sfn_proxy.on_first_one(sfn_proxy.places('receipt', $4[2]), $2, $3, $4, '{08001}');
		WHEN 'api' THEN
			RETURN NEXT ARRAY[sfn_proxy.route_api($2, $3, CASE WHEN $3 LIKE 'sfn.events_api(%' THEN 'events:' WHEN $3 LIKE 'sfn.scheduler_api(%' THEN 'scheduler:' ELSE '' END,
				$4)];
	END CASE;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_rows(sfn_proxy.route, text, text, text[]) IS 'a call, to where its route says';
REVOKE ALL ON FUNCTION sfn_proxy.route_rows(sfn_proxy.route, text, text, text[]) FROM PUBLIC;
