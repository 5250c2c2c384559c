-- Lists of executions are merged from all shards, and sfn.api goes where its action says.

-- From each as many as are wanted, then the youngest of all.  Behind an execution: on the other shards, what is older.
CREATE FUNCTION sfn_proxy.route_list(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard integer;
	those text[];
	owner integer;
	older text := $3[6];
	rows text[] := '{}';
BEGIN
	IF $3[4] IS NOT NULL THEN
		RETURN QUERY SELECT c FROM sfn_proxy.on_first(sfn_proxy.execution_places($3[4]), $1, $2, $3, sfn_proxy.passed_on('execution')) c;
		RETURN;
	END IF;
	IF $3[7] IS NOT NULL THEN
		FOR owner IN SELECT sfn_proxy.shards_of_execution($3[7]) LOOP
			BEGIN
				SELECT c[5] INTO older FROM sfn_proxy.on_shard(owner, $1, 'sfn.describe_execution(text)', ARRAY[$3[7]]) c;
				EXIT;
			EXCEPTION WHEN SQLSTATE 'SF014' THEN
				owner := NULL;
			END;
		END LOOP;
	END IF;
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id LOOP
		BEGIN
			FOR those IN SELECT c FROM sfn_proxy.on_shard(shard, $1, $2, CASE WHEN $3[7] IS NULL OR shard = owner OR owner IS NULL THEN $3
					ELSE $3[:5] || least(older::timestamptz, $3[6]::timestamptz)::text || NULL::text END) c LOOP
				rows := rows || those::text;
			END LOOP;
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
			RAISE WARNING 'executions of shard % are missing: %', shard, SQLERRM;
		END;
	END LOOP;
	RETURN QUERY SELECT r::text[] FROM unnest(rows) WITH ORDINALITY u(r, n) ORDER BY (r::text[])[5]::timestamptz DESC, n LIMIT $3[3]::integer;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_list(text, text, text[]) IS 'executions of all shards, the youngest first';
REVOKE ALL ON FUNCTION sfn_proxy.route_list(text, text, text[]) FROM PUBLIC;

-- sfn.api(), or what the gateway calls, with another request.
CREATE FUNCTION sfn_proxy.api_on(shard integer, caller text, function text, arguments text[], request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	RETURN (sfn_proxy.on_first_one(ARRAY[$1], $2, $3, $4[:1] || $5::text || $4[3:]))[1];
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_on(integer, text, text, text[], json) IS 'an action of an API on a shard';
REVOKE ALL ON FUNCTION sfn_proxy.api_on(integer, text, text, text[], json) FROM PUBLIC;

-- An object with another member, all others as they are.
CREATE FUNCTION sfn_proxy.with_member(object json, member text, value json) RETURNS json
	LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_object_agg(key, value) FROM (SELECT key, value FROM json_each($1) WHERE key <> $2
		UNION ALL SELECT $2, $3 WHERE $3 IS NOT NULL) m
$$;
COMMENT ON FUNCTION sfn_proxy.with_member(json, text, json) IS 'the object with that member; null: without it';
REVOKE ALL ON FUNCTION sfn_proxy.with_member(json, text, json) FROM PUBLIC;

-- A token of ours is an object of the tokens of the shards.  Each is asked for a page; of what is not shown of it, it is asked again:
-- the token behind those that are.
CREATE FUNCTION sfn_proxy.api_list(caller text, function text, arguments text[], request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	wanted integer := coalesce(nullif(($4->>'maxResults')::integer, 0), 100);
	tokens json;
	next jsonb := '{}';
	shard integer;
	page json;
	shown integer;
	items json[] := '{}';
	owners integer[] := '{}';
	chosen integer[];
	pages jsonb := '{}';
	missing json[] := '{}';
BEGIN
	IF $4->>'nextToken' IS NOT NULL THEN
		BEGIN
			tokens := convert_from(decode($4->>'nextToken', 'base64'), 'UTF8')::json;
			PERFORM json_object_keys(tokens);
		EXCEPTION WHEN OTHERS THEN
			-- a shard says what is wrong with it
			RETURN sfn_proxy.api_on(sfn_proxy.first_shard(), $1, $2, $3, $4);
		END;
	END IF;
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id LOOP
		CONTINUE WHEN tokens IS NOT NULL AND tokens->>shard::text IS NULL;
		BEGIN
			page := sfn_proxy.api_on(shard, $1, $2, $3, sfn_proxy.with_member($4, 'nextToken', CASE WHEN tokens->>shard::text <> '' THEN tokens->shard::text END));
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
			RAISE WARNING 'executions of shard % are missing: %', shard, SQLERRM;
			missing := missing || json_build_object('shard', shard, 'problem', SQLERRM);
			CONTINUE;
		END;
		pages := pages || jsonb_build_object(shard::text, page);
		items := items || ARRAY(SELECT json_array_elements(page->'executions'));
		owners := owners || ARRAY(SELECT shard FROM json_array_elements(page->'executions'));
	END LOOP;
	chosen := ARRAY(SELECT n::integer FROM unnest(items) WITH ORDINALITY u(item, n) ORDER BY (item->>'startDate')::numeric DESC, n LIMIT wanted);
	FOR shard IN SELECT key::integer FROM jsonb_object_keys(pages) key LOOP
		shown := (SELECT count(*) FROM unnest(chosen) n WHERE owners[n] = shard);
		IF shown = jsonb_array_length(pages->shard::text->'executions') THEN
			next := next || CASE WHEN pages->shard::text->>'nextToken' IS NULL THEN '{}' ELSE jsonb_build_object(shard::text, pages->shard::text->'nextToken') END;
		ELSIF shown = 0 THEN
			next := next || jsonb_build_object(shard::text, coalesce(tokens->>shard::text, ''));
		ELSE
			page := sfn_proxy.api_on(shard, $1, $2, $3, sfn_proxy.with_member(sfn_proxy.with_member($4, 'nextToken',
				CASE WHEN tokens->>shard::text <> '' THEN tokens->shard::text END), 'maxResults', to_json(shown)));
			next := next || jsonb_build_object(shard::text, page->'nextToken');
		END IF;
	END LOOP;
	-- clients that do not know the last one, pass over it
	RETURN sfn_proxy.with_member(sfn_proxy.with_member(json_build_object('executions', (SELECT coalesce(json_agg(items[n] ORDER BY place), '[]')
			FROM unnest(chosen) WITH ORDINALITY c(n, place))), 'nextToken',
		CASE WHEN next <> '{}' THEN to_json(translate(encode(convert_to(next::text, 'UTF8'), 'base64'), E'\n', '')) END),
		'missingShards', CASE WHEN cardinality(missing) > 0 THEN array_to_json(missing) END);
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_list(text, text, text[], json) IS 'ListExecutions of all shards, a page';
REVOKE ALL ON FUNCTION sfn_proxy.api_list(text, text, text[], json) FROM PUBLIC;

-- One shard after the other: a token of ours is the number of the shard, and the token of that.
CREATE FUNCTION sfn_proxy.api_chain(caller text, function text, arguments text[], request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	token text[] := regexp_match($4->>'NextToken', '^(\d{1,4}):(.*)$');
	shard integer := (SELECT min(s.id) FROM sfn_proxy.shard s WHERE s.id >= coalesce(token[1]::integer, 0));
	page json;
	next text;
BEGIN
	IF shard IS NULL OR token IS NULL AND $4->>'NextToken' IS NOT NULL THEN
		RETURN sfn_proxy.api_on(sfn_proxy.first_shard(), $1, $2, $3, $4); -- which says what is wrong with it
	END IF;
	page := sfn_proxy.api_on(shard, $1, $2, $3, sfn_proxy.with_member($4, 'NextToken', to_json(nullif(token[2], ''))));
	next := coalesce(shard || ':' || (page->>'NextToken'), (SELECT min(s.id) FROM sfn_proxy.shard s WHERE s.id > shard) || ':');
	RETURN sfn_proxy.with_member(page, 'NextToken', to_json(next));
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_chain(text, text, text[], json) IS 'a page of a list that has NextToken, from one shard after the other';
REVOKE ALL ON FUNCTION sfn_proxy.api_chain(text, text, text[], json) FROM PUBLIC;

-- The gateway waits by itself, for all shards at once.
CREATE FUNCTION sfn_proxy.api_poll(caller text, request json, waits boolean) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	deadline timestamptz := clock_timestamp() + CASE WHEN $3 THEN interval '1 min' ELSE interval '0' END;
	answer json;
	shard integer;
	worst sfn_proxy.problem;
BEGIN
	LOOP
		answer := NULL;
		FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY random() LOOP
			BEGIN
				answer := coalesce((sfn_proxy.on_first_one(ARRAY[shard], $1, 'gateway_call', ARRAY['GetActivityTask', $2::text]))[1], '{"taskToken": null}');
			EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
				worst := sfn_proxy.warned(SQLSTATE, SQLERRM);
			END;
			EXIT WHEN answer->>'taskToken' IS NOT NULL;
		END LOOP;
		IF answer IS NULL THEN
			PERFORM sfn_proxy.give_up(worst);
		END IF;
		EXIT WHEN answer->>'taskToken' IS NOT NULL OR clock_timestamp() >= deadline;
		PERFORM pg_sleep(0.2);
	END LOOP;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_poll(text, json, boolean) IS 'GetActivityTask on all shards in turn, for a minute or once';
REVOKE ALL ON FUNCTION sfn_proxy.api_poll(text, json, boolean) FROM PUBLIC;

-- Messages are taken from one shard after the other, until one has some; the gateway waits by itself.
CREATE FUNCTION sfn_proxy.api_receive(caller text, function text, arguments text[], request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	answer json;
	shard integer;
	worst sfn_proxy.problem;
BEGIN
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY random() LOOP
		BEGIN
			answer := sfn_proxy.api_on(shard, $1, $2, $3, $4);
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
			worst := sfn_proxy.warned(SQLSTATE, SQLERRM);
		END;
		EXIT WHEN json_array_length(answer->'Messages') > 0;
	END LOOP;
	IF answer IS NULL THEN
		PERFORM sfn_proxy.give_up(worst);
	END IF;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_receive(text, text, text[], json) IS 'ReceiveMessage on all shards in turn';
REVOKE ALL ON FUNCTION sfn_proxy.api_receive(text, text, text[], json) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.api_attributes(caller text, function text, arguments text[], request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	RETURN (SELECT json_build_object('Attributes', json_object_agg(m.key, m.value))
		FROM (SELECT a.key, CASE WHEN a.key LIKE 'ApproximateNumber%' THEN sum(a.value::bigint)::text ELSE min(a.value) END AS value
			FROM sfn_proxy.shard s, LATERAL json_each_text(sfn_proxy.api_on(s.id, $1, $2, $3, $4)->'Attributes') a GROUP BY a.key) m);
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_attributes(text, text, text[], json) IS 'GetQueueAttributes, with the numbers of messages of all shards together';
REVOKE ALL ON FUNCTION sfn_proxy.api_attributes(text, text, text[], json) FROM PUBLIC;

-- Entries go to the shards of their receipt handles, those that are none to the first, which says so.
CREATE FUNCTION sfn_proxy.api_receipts(caller text, function text, arguments text[], request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	shard integer;
	entries json;
	answer json;
	successful json[] := '{}';
	failed json[] := '{}';
BEGIN
	IF json_typeof($4->'Entries') <> 'array' OR json_array_length($4->'Entries') = 0 THEN
		RETURN sfn_proxy.api_on(sfn_proxy.first_shard(), $1, $2, $3, $4);
	END IF;
	FOR shard, entries IN SELECT s.id, json_agg(e.value) FROM json_array_elements($4->'Entries') e
			LEFT JOIN sfn_proxy.shard s ON s.id = sfn_proxy.shard_of_receipt(e.value->>'ReceiptHandle') GROUP BY s.id LOOP
		answer := sfn_proxy.api_on(coalesce(shard, sfn_proxy.first_shard()), $1, $2, $3, sfn_proxy.with_member($4, 'Entries', entries));
		successful := successful || ARRAY(SELECT json_array_elements(answer->'Successful'));
		failed := failed || ARRAY(SELECT json_array_elements(answer->'Failed'));
	END LOOP;
	RETURN json_build_object('Successful', array_to_json(successful), 'Failed', array_to_json(failed));
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_receipts(text, text, text[], json) IS 'a batch about messages that were received, to their shards';
REVOKE ALL ON FUNCTION sfn_proxy.api_receipts(text, text, text[], json) FROM PUBLIC;

-- A call that is repeated under the same invocation id finds what it has started: the same shard is asked first.
CREATE FUNCTION sfn_proxy.repeat_places(invocation_id text) RETURNS integer[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	shards integer[] := ARRAY(SELECT u FROM unnest(sfn_proxy.any_places()) u ORDER BY u);
	place integer := sfn_proxy.slot_of($1) % nullif(cardinality(shards), 0);
BEGIN
	RETURN shards[place + 1:] || shards[:place];
END
$$;
COMMENT ON FUNCTION sfn_proxy.repeat_places(text) IS 'the shards that take new executions, in an order that the id says';
REVOKE ALL ON FUNCTION sfn_proxy.repeat_places(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_api(caller text, function text, prefix text, arguments text[]) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	request json := CASE WHEN json_typeof($4[2]::json) = 'object' THEN $4[2]::json ELSE '{}' END;
	way sfn_proxy.route;
	-- what is missing or no text is for a shard to complain of
	place text;
BEGIN
	SELECT r.* INTO way FROM sfn_proxy.route r WHERE r.function = $3 || $4[1];
	way.route := coalesce(way.route, 'first');
	place := CASE WHEN way.member IS NOT NULL AND json_typeof(request->way.member) = 'string' THEN request->>way.member END;
	PERFORM sfn_proxy.check_transaction(CASE WHEN way.route = 'start' AND place IS NULL THEN 'write' ELSE coalesce(way.effect, 'read') END);
	IF way.route = 'start' AND place IS NOT NULL THEN
		RETURN (sfn_proxy.start_by_name($1, $2, $4, request->>'stateMachineArn', place))[1];
	ELSIF way.route IN ('start', 'any') AND $4[3] IS NOT NULL THEN
		RETURN (sfn_proxy.on_first_one(sfn_proxy.repeat_places($4[3]), $1, $2, $4, '{08001}'))[1];
	ELSIF way.route = 'list' AND request->>'mapRunArn' IS NOT NULL THEN
		RETURN (sfn_proxy.on_first_one(sfn_proxy.execution_places(request->>'mapRunArn'), $1, $2, $4, sfn_proxy.passed_on('execution')))[1];
	ELSIF way.route = 'list' AND (json_typeof(request->'maxResults') = 'number') IS NOT FALSE AND (request->>'maxResults' ~ '^(\d{1,3}|1000)$') IS NOT FALSE THEN
		RETURN sfn_proxy.api_list($1, $2, $4, request);
	ELSIF way.route = 'chain' THEN
		RETURN sfn_proxy.api_chain($1, $2, $4, request);
	ELSIF way.route = 'receive' AND place IS NOT NULL THEN
		RETURN sfn_proxy.api_receive($1, $2, $4, request);
	ELSIF way.route = 'attributes' THEN
		RETURN sfn_proxy.api_attributes($1, $2, $4, request);
	ELSIF way.route = 'receipts' THEN
		RETURN sfn_proxy.api_receipts($1, $2, $4, request);
	ELSIF way.route = 'poll' AND place IS NOT NULL THEN
		RETURN sfn_proxy.api_poll($1, request, $2 <> 'gateway_call');
	ELSIF way.route = 'schedule' AND place IS NOT NULL THEN
		RETURN (sfn_proxy.on_first_one(ARRAY[sfn_proxy.schedule_place(place, coalesce(request->>'GroupName', 'default'))], $1, $2, $4))[1];
	ELSIF way.route = 'change' THEN
		RETURN (SELECT c[1] FROM sfn_proxy.make_change($1, $2, $4) c);
	END IF;
	way.route := CASE WHEN way.route IN ('execution', 'token', 'any', 'receipt') THEN way.route WHEN way.route = 'start' THEN 'any' ELSE 'first' END;
	RETURN (sfn_proxy.on_first_one(sfn_proxy.places(way.route, place), $1, $2, $4, sfn_proxy.passed_on(way.route)))[1];
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_api(text, text, text, text[]) IS 'an action of an API, to where it belongs';
REVOKE ALL ON FUNCTION sfn_proxy.route_api(text, text, text, text[]) FROM PUBLIC;

-- Rows of a view, of all shards or of the first.  They are all in memory at a time, so there is a limit.
CREATE FUNCTION sfn_proxy.route_view(caller text, function text, only_first boolean) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	most bigint := coalesce(nullif(current_setting('sfn_proxy.most_rows', true), '')::bigint, 10000);
	shard integer;
	row text[];
	rows bigint := 0;
BEGIN
	IF $3 THEN
		RETURN QUERY SELECT c FROM sfn_proxy.on_first(sfn_proxy.first_places(), $1, $2, '{NULL}', '{08001}') c;
		RETURN;
	END IF;
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id LOOP
		BEGIN
			FOR row IN SELECT c FROM sfn_proxy.on_first(ARRAY[shard], $1, $2, ARRAY[(most - rows + 1)::text]) c LOOP
				rows := rows + 1;
				RETURN NEXT row;
			END LOOP;
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
			RAISE WARNING 'rows of shard % are missing: %', shard, SQLERRM;
		END;
		IF rows > most THEN
			RAISE EXCEPTION 'more than % rows of the shards for %', most, $2 USING ERRCODE = 'program_limit_exceeded',
				DETAIL = 'A condition of the query is looked at in the front only.',
				HINT = 'sfn.list_executions() and functions of one execution ask for less; or SET sfn_proxy.most_rows.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_view(text, text, boolean) IS 'rows of a view of sfn, as the caller sees them on the shards';
REVOKE ALL ON FUNCTION sfn_proxy.route_view(text, text, boolean) FROM PUBLIC;
