-- Shards come and go; for administrators.

-- What a shard says, or why it says nothing.
CREATE FUNCTION sfn_proxy.status_of(shard integer, OUT status json, OUT error text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	status := sfn_proxy.ask($1, 'sfn_internal.shard_status()');
EXCEPTION WHEN OTHERS THEN
	error := SQLERRM;
END
$$;
COMMENT ON FUNCTION sfn_proxy.status_of(integer) IS 'what a shard says of itself, or why it does not';
REVOKE ALL ON FUNCTION sfn_proxy.status_of(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_list(
	OUT shard integer, OUT state text, OUT slots bigint, OUT open_executions bigint, OUT changes_behind bigint, OUT standby_lag interval, OUT last_error text)
	RETURNS SETOF record
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT s.id, s.state, (SELECT count(*) FROM sfn_proxy.slot t WHERE t.shard = s.id), (q.status->>'open_executions')::bigint,
		(SELECT count(*) FROM sfn_proxy.change c WHERE c.state = 'accepted' AND c.seq > s.applied),
		make_interval(secs => (q.status->>'standby_lag')::float8), coalesce(q.error, s.last_error)
	FROM sfn_proxy.shard s, LATERAL sfn_proxy.status_of(s.id) q ORDER BY s.id
$$;
COMMENT ON FUNCTION sfn_proxy.shard_list() IS 'the shards; sfn_proxy.shards shows it';
REVOKE ALL ON FUNCTION sfn_proxy.shard_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sfn_proxy.shard_list() TO pg_monitor;

CREATE VIEW sfn_proxy.shards AS
SELECT l.shard, l.state, l.slots, l.open_executions, l.changes_behind, l.standby_lag, l.last_error FROM sfn_proxy.shard_list() l;
COMMENT ON VIEW sfn_proxy.shards IS 'the shards and how they are; each is asked';
COMMENT ON COLUMN sfn_proxy.shards.shard IS 'its number';
COMMENT ON COLUMN sfn_proxy.shards.state IS 'joining, active or draining';
COMMENT ON COLUMN sfn_proxy.shards.slots IS 'how many of the 1024 slots of chosen names it has';
COMMENT ON COLUMN sfn_proxy.shards.open_executions IS 'executions that have waited and not ended; null: it does not answer';
COMMENT ON COLUMN sfn_proxy.shards.changes_behind IS 'changes of machines and the like that it has not made yet; until then it takes no new executions';
COMMENT ON COLUMN sfn_proxy.shards.standby_lag IS 'how far its standby is behind; null: it has none, or there is nothing to do';
COMMENT ON COLUMN sfn_proxy.shards.last_error IS 'why it does not answer, or has not made a change';
GRANT SELECT ON sfn_proxy.shards TO pg_monitor;

CREATE FUNCTION sfn_proxy.map_changed() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	UPDATE sfn_proxy.map SET version = version + 1
$$;
COMMENT ON FUNCTION sfn_proxy.map_changed() IS 'another version of shards and slots';
REVOKE ALL ON FUNCTION sfn_proxy.map_changed() FROM PUBLIC;

-- Settings hold for new sessions: the one that makes a database a shard has another name than those that calls will use.
CREATE FUNCTION sfn_proxy.join_shard(conninfo text, shard integer) RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	-- a network that is cut is noticed in half a minute, unless somebody has said when
	settings text := $1 || (SELECT string_agg(CASE WHEN $1 ~ u.name THEN '' ELSE format(' %s=%s', u.name, u.setting) END, '')
		FROM unnest(ARRAY['connect_timeout', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout'], '{5,10,5,3,25000}'::integer[]) u(name, setting));
	session text := settings || ' application_name=sfn_proxy_join';
	number integer := coalesce($2, (SELECT max(s.id) + 1 FROM sfn_proxy.shard s), 0);
	status json;
BEGIN
	IF $1 !~ 'user\s*=' THEN
		RAISE EXCEPTION 'the connection string names no user' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is a login of the shard that was given sfn.allow_gateway() there.';
	END IF;
	status := sfn_proxy.ask(number, 'sfn_internal.shard_status()', session);
	IF status->>'version' IS DISTINCT FROM (SELECT x.extversion FROM pg_extension x WHERE x.extname = 'sfn_proxy') THEN
		RAISE EXCEPTION 'the shard has version % of sfn', coalesce(status->>'version', 'no')
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Front and shards have the same version: ALTER EXTENSION ... UPDATE.';
	END IF;
	IF (SELECT m.region IS NOT NULL AND (m.region, m.account) IS DISTINCT FROM (status->>'region', status->>'account') FROM sfn_proxy.map m) THEN
		RAISE EXCEPTION 'the shard has sfn.region % and sfn.account_id %, other shards %', status->>'region', status->>'account',
			(SELECT concat_ws(' and ', m.region, m.account) FROM sfn_proxy.map m)
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'They are the same on all shards, since ARNs have them.';
	END IF;
	UPDATE sfn_proxy.map SET region = status->>'region', account = status->>'account';
	PERFORM sfn_proxy.ask(number, format('sfn_internal.shard_join(%s)', number), session);
	PERFORM sfn_proxy.ask(number, 'sfn_internal.shard_restart_executors()', session);
	INSERT INTO sfn_proxy.shard (id, conninfo, state) VALUES (number, settings || ' application_name=sfn_proxy', 'joining');
	-- the first shard gets all slots, later ones theirs by sfn_proxy.rebalance()
	INSERT INTO sfn_proxy.slot (slot, shard) SELECT n, number FROM generate_series(0, 1023) n WHERE NOT EXISTS (SELECT FROM sfn_proxy.slot);
	PERFORM sfn_proxy.map_changed();
	RETURN number;
END
$$;
COMMENT ON FUNCTION sfn_proxy.join_shard(text, integer) IS 'the first half of add_shard()';
REVOKE ALL ON FUNCTION sfn_proxy.join_shard(text, integer) FROM PUBLIC;

CREATE PROCEDURE sfn_proxy.add_shard(conninfo text, INOUT shard integer DEFAULT NULL)
	LANGUAGE plpgsql AS $$
BEGIN
	shard := sfn_proxy.join_shard($1, $2);
	COMMIT; -- the log's own connection has to see it
	PERFORM sfn_proxy.sync_roles_of(shard);
	PERFORM sfn_proxy.catch_up(shard);
	PERFORM sfn_proxy.share_quotas();
	PERFORM sfn_proxy.confirm_map(shard); -- which front it has
END
$$;
COMMENT ON PROCEDURE sfn_proxy.add_shard(text, integer) IS
	'makes a database with sfn a shard: its number, the roles of this server, all changes; conninfo: how to reach it, as a login with sfn.allow_gateway()';
REVOKE ALL ON PROCEDURE sfn_proxy.add_shard(text, integer) FROM PUBLIC;

-- A start by name that a shard has refused, since slots have moved, waits for this lock.
CREATE FUNCTION sfn_proxy.lock_slots() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT pg_advisory_xact_lock('sfn_proxy.slot'::regclass::oid::bigint)
$$;
COMMENT ON FUNCTION sfn_proxy.lock_slots() IS 'one move of slots at a time';
REVOKE ALL ON FUNCTION sfn_proxy.lock_slots() FROM PUBLIC;

-- Whoever goes by an older map, another front or a gateway, starts nothing there by name from here on.
CREATE FUNCTION sfn_proxy.fence(shard integer, version bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM sfn_proxy.ask($1, format('sfn_internal.shard_fence(%s, %s)', $1, $2));
EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
	RAISE WARNING 'shard % does not know that slots have moved away: %', $1, SQLERRM
		USING HINT = 'When its server is started again it asks for the map first. If it runs, and only this front does not reach it, others may start executions there by an older map.';
END
$$;
COMMENT ON FUNCTION sfn_proxy.fence(integer, bigint) IS 'tells a shard which version of the map starts by name need from now on';
REVOKE ALL ON FUNCTION sfn_proxy.fence(integer, bigint) FROM PUBLIC;

-- New names go elsewhere; executions stay where they are, and are found there.
CREATE FUNCTION sfn_proxy.rebalance(most integer DEFAULT 102) RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	moved integer := 0;
	giver integer;
	givers integer[] := '{}';
	taker integer;
	share integer := ceil(1024.0 / nullif((SELECT count(*) FROM sfn_proxy.shard s WHERE s.state = 'active'), 0));
BEGIN
	PERFORM sfn_proxy.lock_slots();
	WHILE moved < $1 LOOP
		SELECT s.id INTO taker FROM sfn_proxy.shard s LEFT JOIN sfn_proxy.slot t ON t.shard = s.id WHERE s.state = 'active'
			GROUP BY s.id ORDER BY count(t.slot), s.id LIMIT 1;
		SELECT s.id INTO giver FROM sfn_proxy.shard s JOIN sfn_proxy.slot t ON t.shard = s.id
			GROUP BY s.id HAVING s.state = 'draining' OR count(*) > share ORDER BY s.state = 'draining' DESC, count(*) DESC, s.id LIMIT 1;
		EXIT WHEN giver IS NULL OR taker IS NULL OR giver = taker;
		UPDATE sfn_proxy.slot SET previous = array_remove(previous, taker) || shard, shard = taker, since = now()
		WHERE slot = (SELECT t.slot FROM sfn_proxy.slot t WHERE t.shard = giver ORDER BY cardinality(t.previous), t.slot LIMIT 1);
		givers := givers || giver;
		moved := moved + 1;
	END LOOP;
	IF moved > 0 THEN
		PERFORM sfn_proxy.map_changed();
		-- whoever goes by an older map starts nothing there by name from here on: another front, a gateway
		PERFORM sfn_proxy.fence(g, sfn_proxy.map_version()) FROM (SELECT DISTINCT u FROM unnest(givers) u) d(g);
	END IF;
	RETURN moved;
END
$$;
COMMENT ON FUNCTION sfn_proxy.rebalance(integer) IS
	'moves slots of names to shards that have few, at most so many; returns how many were moved: 0, all is even';
REVOKE ALL ON FUNCTION sfn_proxy.rebalance(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.forget_moves(older_than interval) RETURNS bigint
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	WITH forgotten AS (UPDATE sfn_proxy.slot SET previous = '{}' WHERE previous <> '{}' AND since < now() - $1 RETURNING slot)
	SELECT count(*) FROM forgotten
$$;
COMMENT ON FUNCTION sfn_proxy.forget_moves(interval) IS
	'names of slots that were moved longer ago are no longer looked for where they were: when sfn.history_retention has passed; returns of how many slots';
REVOKE ALL ON FUNCTION sfn_proxy.forget_moves(interval) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.log_draining(shard integer) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	UPDATE sfn_proxy.shard SET state = 'draining' WHERE id = $1 RETURNING state
$$;
COMMENT ON FUNCTION sfn_proxy.log_draining(integer) IS 'a shard takes no new executions';
REVOKE ALL ON FUNCTION sfn_proxy.log_draining(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.front_draining(connection text, shard integer) RETURNS text
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_proxy.log_draining(shard);
$$;
COMMENT ON FUNCTION sfn_proxy.front_draining(text, integer) IS 'log_draining(), committed at once';
REVOKE ALL ON FUNCTION sfn_proxy.front_draining(text, integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.drain_shard(shard integer) RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM sfn_proxy.connection_to($1);
	PERFORM sfn_proxy.lock_slots();
	IF NOT EXISTS (SELECT FROM sfn_proxy.shard s WHERE s.state = 'active' AND s.id <> $1) THEN
		RAISE EXCEPTION 'shard % is the last that takes executions', $1 USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	-- committed before the log writes to the same row
	PERFORM sfn_proxy.front_draining(sfn_proxy.front(), $1);
	PERFORM sfn_proxy.share_quotas();
	RETURN sfn_proxy.rebalance(1024);
END
$$;
COMMENT ON FUNCTION sfn_proxy.drain_shard(integer) IS 'sends no new executions to a shard; what is there goes on and is found; returns how many slots were moved';
REVOKE ALL ON FUNCTION sfn_proxy.drain_shard(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.remove_shard(shard integer, force boolean DEFAULT false) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	there record;
BEGIN
	PERFORM sfn_proxy.connection_to($1);
	IF NOT $2 THEN
		SELECT * INTO there FROM sfn_proxy.status_of($1);
		IF there.error IS NOT NULL OR (there.status->>'executions')::boolean THEN
			RAISE EXCEPTION 'shard % has executions, or may have', $1 USING ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = coalesce(there.error, 'They end, and are kept for sfn.history_retention.'), HINT = 'force => true forgets them.';
		END IF;
	END IF;
	PERFORM sfn_proxy.lock_slots();
	IF EXISTS (SELECT FROM sfn_proxy.slot t WHERE t.shard = $1) THEN
		RAISE EXCEPTION 'shard % takes executions', $1 USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'sfn_proxy.drain_shard() comes first.';
	END IF;
	UPDATE sfn_proxy.slot t SET previous = array_remove(t.previous, $1) WHERE $1 = ANY (t.previous);
	DELETE FROM sfn_proxy.shard s WHERE s.id = $1;
	PERFORM sfn_proxy.map_changed();
END
$$;
COMMENT ON FUNCTION sfn_proxy.remove_shard(integer, boolean) IS
	'forgets a shard that was drained and has no execution any more; force: whatever it has';
REVOKE ALL ON FUNCTION sfn_proxy.remove_shard(integer, boolean) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.on_all(query text, OUT shard integer, OUT "row" json) RETURNS SETOF record
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	problem sfn_proxy.problem;
BEGIN
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id LOOP
		BEGIN
			FOR "row" IN SELECT q FROM sfn_proxy.shard_query(sfn_proxy.connection_to(shard), $1) q LOOP
				RETURN NEXT;
			END LOOP;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS problem.message = MESSAGE_TEXT;
			RAISE NOTICE 'shard %: %', shard, (sfn_proxy.plain_problem('shard ' || shard, problem)).message;
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.on_all(text) IS
	'the rows of a query on each shard, with the rights of the front''s login there; a shard that does not answer gives a NOTICE';
REVOKE ALL ON FUNCTION sfn_proxy.on_all(text) FROM PUBLIC;
