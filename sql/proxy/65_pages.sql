-- What the page of the gateway shows beside what the API tells.  Of an execution it is told where that is; lists and counts are merged from
-- all shards; all else is alike, and read from the first.

-- How each list is merged.  Rows with the same keys are one; its members are those of the first shard, but those that "how" names are summed
-- or the like ("*": all numbers).  An answer without a list is one row.
CREATE TABLE sfn_proxy.page (
	name text PRIMARY KEY,
	list text,
	keys text[],
	how jsonb NOT NULL DEFAULT '{}',
	sort text[],
	direction integer NOT NULL DEFAULT 1,
	most integer NOT NULL DEFAULT 1000
);
COMMENT ON TABLE sfn_proxy.page IS 'what the page of the gateway shows of all shards together';
COMMENT ON COLUMN sfn_proxy.page.name IS 'what the page asks for';
COMMENT ON COLUMN sfn_proxy.page.list IS 'the member of the answer that is merged; null: the answer itself';
COMMENT ON COLUMN sfn_proxy.page.keys IS 'rows in which these members are alike become one; null: each stands for itself; #: the place in the list';
COMMENT ON COLUMN sfn_proxy.page.how IS 'members of such rows: sum, max, last or first (of moments), union (of lists), mean (by what was started)';
COMMENT ON COLUMN sfn_proxy.page.sort IS 'the path of the number or moment by which rows are sorted; null: in the order of the shards';
COMMENT ON COLUMN sfn_proxy.page.direction IS '1: the least first, -1: the greatest';
COMMENT ON COLUMN sfn_proxy.page.most IS 'so many rows; the request may want fewer';
INSERT INTO sfn_proxy.page (name, list, keys, how, sort, direction, most) VALUES
	('expressExecutions', 'executions', NULL, '{}', '{startDate}', -1, 200),
	('tasks', 'tasks', NULL, '{}', '{since}', 1, 500),
	('mapRuns', 'mapRuns', NULL, '{}', '{startDate}', -1, 200),
	('failures', 'failures', '{machine,status,error}', '{"count": "sum", "last": "last", "states": "union"}', '{count}', -1, 100),
	('machines', 'machines', '{name}', '{"*": "sum", "longest": "max"}', NULL, 1, 200),
	('machine', 'counters', '{}', '{"*": "sum", "max_execution_time": "max", "stats_reset": "last"}', NULL, 1, 1),
	('day', 'hours', '{#}', '{"started": "sum", "failed": "sum", "seconds": "mean"}', NULL, 1, 24),
	('activities', 'activities', '{activityArn}', '{"waiting": "sum", "taken": "sum", "oldest": "first"}', NULL, 1, 500),
	('workers', 'workers', NULL, '{}', NULL, 1, 1000),
	('backlog', NULL, '{}', '{"*": "sum", "oldest_due": "first", "oldest_activity_task": "first", "oldest_request": "first"}', NULL, 1, 1),
	('rules', 'rules', '{bus,name}', '{"deadLetters": "sum"}', NULL, 1, 500),
	('events', 'events', NULL, '{}', '{event,time}', -1, 50),
	('deadLetters', 'deadLetters', NULL, '{}', '{creationDate}', -1, 200),
	('archives', 'archives', '{name}', '{"events": "sum"}', NULL, 1, 200),
	('replays', 'replays', '{name,state}', '{"replayed": "sum", "lastTime": "last", "endDate": "last"}', '{creationDate}', -1, 100),
	('schedules', 'schedules', NULL, '{}', '{next,0}', 1, 200);

CREATE TYPE sfn_proxy.shard_answer AS (shard integer, answer json, problem text);
COMMENT ON TYPE sfn_proxy.shard_answer IS 'what a shard answers, or why it does not';

-- Positions: where each shard's list goes on, by its number; one that is not there has told all.
CREATE FUNCTION sfn_proxy.page_answers(caller text, name text, request json, positions jsonb) RETURNS SETOF sfn_proxy.shard_answer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	shard integer;
	asked json := $3;
	answered sfn_proxy.shard_answer;
BEGIN
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id LOOP
		CONTINUE WHEN $4 IS NOT NULL AND NOT $4 ? shard::text;
		IF $4 IS NOT NULL THEN
			asked := sfn_proxy.with_member($3, 'after', to_json(nullif($4->>shard::text, '')));
		END IF;
		answered := ROW(shard, NULL, NULL);
		BEGIN
			answered.answer := (sfn_proxy.on_first_one(ARRAY[shard], $1, 'gateway_page', ARRAY[$2, asked::text]))[1];
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
			answered.problem := SQLERRM;
		END;
		RETURN NEXT answered;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.page_answers(text, text, json, jsonb) IS 'what the shards answer to the page';
REVOKE ALL ON FUNCTION sfn_proxy.page_answers(text, text, json, jsonb) FROM PUBLIC;

-- Null: they have all answered.
CREATE FUNCTION sfn_proxy.missing_shards(answers sfn_proxy.shard_answer[]) RETURNS json
	LANGUAGE sql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_agg(json_build_object('shard', a.shard, 'problem', a.problem) ORDER BY a.shard) FROM unnest($1) a WHERE a.problem IS NOT NULL
$$;
COMMENT ON FUNCTION sfn_proxy.missing_shards(sfn_proxy.shard_answer[]) IS 'of which shards a list has nothing, and why';
REVOKE ALL ON FUNCTION sfn_proxy.missing_shards(sfn_proxy.shard_answer[]) FROM PUBLIC;

-- The value of a moment or number, as a number.
CREATE FUNCTION sfn_proxy.number_in(value json) RETURNS numeric
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
	RETURN CASE json_typeof($1) WHEN 'number' THEN ($1#>>'{}')::numeric WHEN 'string' THEN extract(epoch FROM ($1#>>'{}')::timestamptz) END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.number_in(json) IS 'a number or a moment in JSON, by which rows are sorted';
REVOKE ALL ON FUNCTION sfn_proxy.number_in(json) FROM PUBLIC;

-- One member of rows that are one: values are those of the shards, weights what was started there.
CREATE FUNCTION sfn_proxy.merged_member(how text, "values" json[], weights numeric[]) RETURNS json
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
	RETURN CASE $1
		WHEN 'sum' THEN (SELECT to_json(sum(sfn_proxy.number_in(v))) FROM unnest($2) v WHERE json_typeof(v) = 'number')
		WHEN 'max' THEN (SELECT to_json(max(sfn_proxy.number_in(v))) FROM unnest($2) v WHERE json_typeof(v) = 'number')
		WHEN 'last' THEN (SELECT v FROM unnest($2) v WHERE json_typeof(v) = 'string' ORDER BY sfn_proxy.number_in(v) DESC LIMIT 1)
		WHEN 'first' THEN (SELECT v FROM unnest($2) v WHERE json_typeof(v) = 'string' ORDER BY sfn_proxy.number_in(v) LIMIT 1)
		WHEN 'union' THEN (SELECT coalesce(json_agg(DISTINCT e.value), '[]') FROM unnest($2) v, json_array_elements_text(v) e)
		WHEN 'mean' THEN (SELECT to_json(sum(sfn_proxy.number_in(u.v) * u.w) / nullif(sum(u.w), 0)) FROM unnest($2, $3) u(v, w) WHERE json_typeof(u.v) = 'number')
		ELSE $2[1]
	END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.merged_member(text, json[], numeric[]) IS 'what several shards say of one thing, as one';
REVOKE ALL ON FUNCTION sfn_proxy.merged_member(text, json[], numeric[]) FROM PUBLIC;

-- Rows of a kind become one, in whose order the first of them stands.
CREATE FUNCTION sfn_proxy.merged_rows(page sfn_proxy.page, rows json[], places bigint[]) RETURNS json[]
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
	IF ($1).keys IS NULL THEN
		RETURN $2;
	END IF;
	RETURN ARRAY(
		SELECT json_object_agg(m.key, sfn_proxy.merged_member(coalesce(($1).how->>m.key, CASE WHEN m.is_number THEN ($1).how->>'*' END), m.vals, m.weights) ORDER BY m.place)
		FROM (SELECT k.kind, e.key, min(k.n) AS first, min(e.place) AS place, bool_or(json_typeof(e.value) = 'number') AS is_number,
				array_agg(e.value ORDER BY k.n) AS vals, array_agg((k.item->>'started')::numeric ORDER BY k.n) AS weights
			FROM (SELECT u.item, u.n, CASE WHEN ($1).keys = '{#}' THEN ARRAY[u.place::text] ELSE ARRAY(SELECT u.item->>key FROM unnest(($1).keys) key) END AS kind
				FROM unnest($2, $3) WITH ORDINALITY u(item, place, n)) k, json_each(k.item) WITH ORDINALITY e(key, value, place)
			GROUP BY k.kind, e.key) m
		GROUP BY m.kind ORDER BY min(m.first));
END
$$;
COMMENT ON FUNCTION sfn_proxy.merged_rows(sfn_proxy.page, json[], bigint[]) IS 'rows of all shards, those of one thing as one; places: where each stood in its list';
REVOKE ALL ON FUNCTION sfn_proxy.merged_rows(sfn_proxy.page, json[], bigint[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.merged_page(page sfn_proxy.page, request json, answers sfn_proxy.shard_answer[]) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	most integer := least(coalesce(($2->>'limit')::integer, ($1).most), ($1).most);
	is_list boolean := EXISTS (SELECT FROM unnest($3) a WHERE json_typeof(a.answer->($1).list) = 'array');
	rows json[];
	places bigint[];
	first json := (SELECT a.answer FROM unnest($3) a WHERE a.answer IS NOT NULL ORDER BY a.shard LIMIT 1);
	merged json;
BEGIN
	-- the newest of several first: what is said once is what it says
	SELECT array_agg(r.item ORDER BY CASE WHEN ($1).how ? 'last' THEN sfn_proxy.number_in(r.item->'last') END DESC NULLS LAST, r.shard, r.place),
			array_agg(r.place ORDER BY CASE WHEN ($1).how ? 'last' THEN sfn_proxy.number_in(r.item->'last') END DESC NULLS LAST, r.shard, r.place)
		INTO rows, places
	FROM (SELECT a.shard, e.item, e.place FROM unnest($3) a, json_array_elements(CASE WHEN is_list THEN a.answer->($1).list END) WITH ORDINALITY e(item, place)
		UNION ALL SELECT a.shard, o.item, 1 FROM unnest($3) a, LATERAL (SELECT CASE WHEN ($1).list IS NULL THEN a.answer ELSE a.answer->($1).list END AS item) o
		WHERE NOT is_list AND json_typeof(o.item) = 'object') r;
	rows := sfn_proxy.merged_rows($1, rows, places);
	rows := ARRAY(SELECT u.item FROM unnest(rows) WITH ORDINALITY u(item, n)
		ORDER BY sfn_proxy.number_in(u.item#>($1).sort) * ($1).direction NULLS LAST, u.n LIMIT most);
	IF ($1).list IS NULL THEN
		RETURN rows[1];
	END IF;
	merged := CASE WHEN is_list THEN array_to_json(rows) ELSE rows[1] END;
	RETURN sfn_proxy.with_member(first, ($1).list, coalesce(merged, CASE WHEN is_list THEN '[]'::json ELSE 'null' END));
END
$$;
COMMENT ON FUNCTION sfn_proxy.merged_page(sfn_proxy.page, json, sfn_proxy.shard_answer[]) IS 'answers of the shards as one';
REVOKE ALL ON FUNCTION sfn_proxy.merged_page(sfn_proxy.page, json, sfn_proxy.shard_answer[]) FROM PUBLIC;

-- Executions, the newest first: not further back than every shard has searched.  Where it goes on is a position on each shard: behind what was
-- shown of it.
CREATE FUNCTION sfn_proxy.merged_executions(request json, positions jsonb, answers sfn_proxy.shard_answer[]) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	wanted integer := least(coalesce(($1->>'limit')::integer, 50), 200);
	horizon timestamptz := (SELECT max((a.answer->>'searchedTo')::timestamptz) FROM unnest($3) a WHERE a.answer->>'after' IS NOT NULL AND NOT (a.answer->>'isWhole')::boolean);
	items json[];
	owners integer[];
	one sfn_proxy.shard_answer;
	shown integer;
	position text;
	after jsonb := '{}';
BEGIN
	SELECT array_agg(r.item ORDER BY r.n), array_agg(r.shard ORDER BY r.n) INTO items, owners
	FROM (SELECT a.shard, e.item, row_number() OVER (ORDER BY sfn_proxy.number_in(e.item->'startDate') DESC, a.shard, e.place) AS n
		FROM unnest($3) a, json_array_elements(a.answer->'executions') WITH ORDINALITY e(item, place)
		WHERE horizon IS NULL OR (e.item->>'startDate')::timestamptz >= horizon) r WHERE r.n <= wanted;
	FOREACH one IN ARRAY $3 LOOP
		CONTINUE WHEN one.answer IS NULL;
		shown := (SELECT count(*) FROM unnest(owners) o WHERE o = one.shard);
		IF shown = json_array_length(one.answer->'executions') THEN
			position := one.answer->>'after';
		ELSE
			position := coalesce((SELECT u.item->>'executionArn' FROM unnest(items, owners) WITH ORDINALITY u(item, owner, n) WHERE u.owner = one.shard ORDER BY u.n DESC LIMIT 1),
				$2->>one.shard::text, '');
		END IF;
		IF position IS NOT NULL THEN
			after := after || jsonb_build_object(one.shard::text, position);
		END IF;
	END LOOP;
	RETURN json_build_object('executions', array_to_json(coalesce(items, '{}')), 'after', CASE WHEN after <> '{}' THEN after::text END, 'isWhole', cardinality(items) IS NOT DISTINCT FROM wanted,
		'searchedTo', coalesce(horizon, (SELECT min((a.answer->>'searchedTo')::timestamptz) FROM unnest($3) a)));
END
$$;
COMMENT ON FUNCTION sfn_proxy.merged_executions(json, jsonb, sfn_proxy.shard_answer[]) IS 'a page of executions of all shards';
REVOKE ALL ON FUNCTION sfn_proxy.merged_executions(json, jsonb, sfn_proxy.shard_answer[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.page_positions(after text) RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE AS $$
BEGIN
	IF $1 !~ '^\{.*\}$' THEN
		RAISE EXCEPTION 'the list does not go on from "%"', $1 USING ERRCODE = 'invalid_parameter_value', HINT = 'It is "after" of the page before.';
	END IF;
	RETURN $1::jsonb;
END
$$;
COMMENT ON FUNCTION sfn_proxy.page_positions(text) IS 'where the list of each shard goes on';
REVOKE ALL ON FUNCTION sfn_proxy.page_positions(text) FROM PUBLIC;

-- One that knows nothing of a thing raises an error, or answers with an empty object.
CREATE FUNCTION sfn_proxy.page_of_one(caller text, name text, request json, places integer[]) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	answer json;
BEGIN
	FOR n IN 1..cardinality($4) LOOP
		answer := (sfn_proxy.on_first_one($4[n:], $1, 'gateway_page', ARRAY[$2, $3::text], '{08001,SF014,SF017}'))[1];
		EXIT WHEN answer::text <> '{}';
	END LOOP;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION sfn_proxy.page_of_one(text, text, json, integer[]) IS 'what the first of these shards answers to the page that knows of it';
REVOKE ALL ON FUNCTION sfn_proxy.page_of_one(text, text, json, integer[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.route_page(caller text, name text, request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
DECLARE
	execution text := coalesce($3->>'execution', $3->>'executionArn', $3->>'mapRun', CASE WHEN $3->>'of' LIKE 'arn:%:execution:%' THEN $3->>'of' END);
	page sfn_proxy.page;
	positions jsonb;
	answers sfn_proxy.shard_answer[];
BEGIN
	SELECT p.* INTO page FROM sfn_proxy.page p WHERE p.name = $2;
	IF execution IS NOT NULL OR page.name IS NULL AND $2 <> 'executions' THEN
		RETURN sfn_proxy.page_of_one($1, $2, $3, CASE WHEN execution IS NOT NULL THEN sfn_proxy.execution_places(execution)
			WHEN $2 = 'redeliver' AND $3->>'id' ~ '^\d{1,18}$' THEN sfn_proxy.places('number', $3->>'id') ELSE sfn_proxy.first_places() END);
	END IF;
	positions := CASE WHEN $2 = 'executions' THEN sfn_proxy.page_positions($3->>'after') END;
	answers := ARRAY(SELECT a FROM sfn_proxy.page_answers($1, $2, $3, positions) a);
	-- a list may go on where a shard was that is no more: there it is at its end
	IF NOT EXISTS (SELECT FROM unnest(answers) a WHERE a.answer IS NOT NULL) AND (positions IS NULL OR cardinality(answers) > 0) THEN
		PERFORM sfn_proxy.give_up(CASE WHEN cardinality(answers) > 0 THEN ROW('08001', answers[1].problem, '', 'sfn_proxy.shards shows all shards.')::sfn_proxy.problem END);
	END IF;
	RETURN sfn_proxy.with_member(CASE $2 WHEN 'executions' THEN sfn_proxy.merged_executions($3, positions, answers) ELSE sfn_proxy.merged_page(page, $3, answers) END,
		'missingShards', coalesce(sfn_proxy.missing_shards(answers), '[]'));
END
$$;
COMMENT ON FUNCTION sfn_proxy.route_page(text, text, json) IS 'what the page of the gateway asks for, of where it is';
REVOKE ALL ON FUNCTION sfn_proxy.route_page(text, text, json) FROM PUBLIC;
