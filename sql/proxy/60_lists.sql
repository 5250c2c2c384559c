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
	message text;
BEGIN
	IF $3[4] IS NOT NULL THEN
		RETURN QUERY SELECT c FROM sfn_proxy.route_execution($1, $2, $3, $3[4]) c;
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
			RAISE NOTICE 'executions of shard % are missing: %', shard, SQLERRM;
		END;
	END LOOP;
	RETURN QUERY SELECT r::text[] FROM unnest(rows) WITH ORDINALITY u(r, n) ORDER BY (r::text[])[5]::timestamptz DESC, n LIMIT $3[3]::integer;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_list(text, text, text[]) IS 'executions of all shards, the youngest first';
REVOKE ALL ON FUNCTION sfn_proxy.route_list(text, text, text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.api_on(shard integer, caller text, action text, request json) RETURNS json
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT c[1]::json FROM sfn_proxy.on_shard($1, $2, 'sfn.api(text,json)', ARRAY[$3, $4::text]) c
$$;
COMMENT ON FUNCTION sfn_proxy.api_on(integer, text, text, json) IS 'sfn.api() on a shard';
REVOKE ALL ON FUNCTION sfn_proxy.api_on(integer, text, text, json) FROM PUBLIC;

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
CREATE FUNCTION sfn_proxy.api_list(caller text, action text, request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	wanted integer := coalesce(nullif(($3->>'maxResults')::integer, 0), 100);
	tokens json;
	next jsonb := '{}';
	shard integer;
	page json;
	shown integer;
	items json[] := '{}';
	owners integer[] := '{}';
	chosen integer[];
	pages jsonb := '{}';
BEGIN
	IF $3->>'nextToken' IS NOT NULL THEN
		BEGIN
			tokens := convert_from(decode($3->>'nextToken', 'base64'), 'UTF8')::json;
			PERFORM json_object_keys(tokens);
		EXCEPTION WHEN OTHERS THEN
			-- a shard says what is wrong with it
			RETURN sfn_proxy.api_on(sfn_proxy.first_shard(), $1, $2, $3);
		END;
	END IF;
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id LOOP
		CONTINUE WHEN tokens IS NOT NULL AND tokens->>shard::text IS NULL;
		BEGIN
			page := sfn_proxy.api_on(shard, $1, $2, sfn_proxy.with_member($3, 'nextToken', CASE WHEN tokens->>shard::text <> '' THEN tokens->shard::text END));
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
			RAISE NOTICE 'executions of shard % are missing: %', shard, SQLERRM;
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
			page := sfn_proxy.api_on(shard, $1, $2, sfn_proxy.with_member(sfn_proxy.with_member($3, 'nextToken',
				CASE WHEN tokens->>shard::text <> '' THEN tokens->shard::text END), 'maxResults', to_json(shown)));
			next := next || jsonb_build_object(shard::text, page->'nextToken');
		END IF;
	END LOOP;
	RETURN sfn_proxy.with_member(json_build_object('executions', (SELECT coalesce(json_agg(items[n] ORDER BY place), '[]')
			FROM unnest(chosen) WITH ORDINALITY c(n, place))), 'nextToken',
		CASE WHEN next <> '{}' THEN to_json(translate(encode(convert_to(next::text, 'UTF8'), 'base64'), E'\n', '')) END);
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_list(text, text, json) IS 'ListExecutions of all shards, a page';
REVOKE ALL ON FUNCTION sfn_proxy.api_list(text, text, json) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_poll(connection text, caller text, request json) RETURNS SETOF json
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT sfn_internal.gateway_call(r.oid, 'GetActivityTask', request) FROM pg_catalog.pg_roles r WHERE r.rolname = caller;
$$;
COMMENT ON FUNCTION sfn_proxy.shard_poll(text, text, json) IS 'GetActivityTask on a shard, without waiting';
REVOKE ALL ON FUNCTION sfn_proxy.shard_poll(text, text, json) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.api_poll(caller text, request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	deadline timestamptz := clock_timestamp() + interval '1 min';
	answer json;
	shard integer;
	message text;
	detail text;
	hint text;
BEGIN
	LOOP
		FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY random() LOOP
			BEGIN
				answer := coalesce((SELECT p FROM sfn_proxy.shard_poll(sfn_proxy.connection_to(shard), $1, $2) p), '{"taskToken": null}');
			EXCEPTION WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
				PERFORM sfn_proxy.raise_plainly(shard, SQLSTATE, message, detail, hint);
			END;
			EXIT WHEN answer->>'taskToken' IS NOT NULL;
		END LOOP;
		EXIT WHEN answer->>'taskToken' IS NOT NULL OR clock_timestamp() >= deadline;
		PERFORM pg_sleep(0.2);
	END LOOP;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION sfn_proxy.api_poll(text, json) IS 'GetActivityTask on all shards in turn, for a minute';
REVOKE ALL ON FUNCTION sfn_proxy.api_poll(text, json) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_api(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	request json := CASE WHEN json_typeof($3[2]::json) = 'object' THEN $3[2]::json ELSE '{}' END;
	way sfn_proxy.route;
	-- what is missing or no text is for a shard to complain of
	place text;
BEGIN
	SELECT r.* INTO way FROM sfn_proxy.route r WHERE r.function = CASE WHEN $2 LIKE 'sfn.events_api(%' THEN 'events:' || $3[1] ELSE $3[1] END;
	place := CASE WHEN way.member IS NOT NULL AND json_typeof(request->way.member) = 'string' THEN request->>way.member END;
	PERFORM sfn_proxy.check_transaction(CASE WHEN way.route = 'start' AND place IS NULL THEN 'write' ELSE coalesce(way.effect, 'read') END);
	CASE coalesce(way.route, 'first')
		WHEN 'first' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_first($1, $2, $3) c;
		WHEN 'change' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.make_change($1, $2, $3) c;
		WHEN 'execution' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_execution($1, $2, $3, place) c;
		WHEN 'token' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_token($1, $2, $3, place) c;
		WHEN 'list' THEN
			IF request->>'mapRunArn' IS NOT NULL THEN
				RETURN QUERY SELECT c FROM sfn_proxy.route_execution($1, $2, $3, request->>'mapRunArn') c;
			ELSIF json_typeof(request->'maxResults') <> 'number' OR request->>'maxResults' !~ '^(\d{1,3}|1000)$' THEN
				RETURN QUERY SELECT c FROM sfn_proxy.route_first($1, $2, $3) c;
			ELSE
				RETURN NEXT ARRAY[sfn_proxy.api_list($1, $3[1], request)::text];
			END IF;
		WHEN 'poll' THEN
			IF place IS NULL THEN
				RETURN QUERY SELECT c FROM sfn_proxy.route_first($1, $2, $3) c;
			ELSE
				RETURN NEXT ARRAY[sfn_proxy.api_poll($1, request)::text];
			END IF;
		WHEN 'start' THEN
			IF place IS NULL THEN
				RETURN QUERY SELECT c FROM sfn_proxy.route_any($1, $2, $3) c;
			ELSE
				RETURN QUERY SELECT c FROM sfn_proxy.route_name($1, $2, $3, request->>'stateMachineArn', place) c;
			END IF;
		WHEN 'any' THEN
			RETURN QUERY SELECT c FROM sfn_proxy.route_any($1, $2, $3) c;
	END CASE;
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_api(text, text, text[]) IS 'an action of sfn.api(), to where it belongs';
REVOKE ALL ON FUNCTION sfn_proxy.route_api(text, text, text[]) FROM PUBLIC;
