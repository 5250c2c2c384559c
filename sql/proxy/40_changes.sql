-- What all shards have alike is changed by a log.  Its rows are committed by a connection of their own, so that the log knows of
-- a change before any shard makes it, whatever becomes of the caller's transaction, of this server or of that shard.

CREATE FUNCTION sfn_proxy.front() RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(m.front, format('host=%s port=%s dbname=''%s'' user=''%s'' application_name=sfn_proxy', split_part(current_setting('unix_socket_directories'), ',', 1),
		current_setting('port'), replace(replace(current_database(), '\', '\\'), '''', '\'''),
		replace(replace(r.rolname, '\', '\\'), '''', '\''')))
	FROM sfn_proxy.map m, pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.oid = 'sfn_proxy.front()'::regprocedure
$$;
COMMENT ON FUNCTION sfn_proxy.front() IS 'how this database reaches itself';
REVOKE ALL ON FUNCTION sfn_proxy.front() FROM PUBLIC;

CREATE FUNCTION sfn_proxy.set_front(conninfo text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	latest bigint := (SELECT version >> 16 FROM sfn_proxy.map);
	shard integer;
BEGIN
	FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY s.id LOOP
		BEGIN
			latest := greatest(latest, (sfn_proxy.ask(shard, 'sfn_internal.shard_status()')->>'front')::bigint);
		EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
			RAISE WARNING 'shard % does not say which front it has: %', shard, SQLERRM USING HINT = 'If its front is a later one, call this again when it answers.';
		END;
	END LOOP;
	-- whatever the clocks of servers say, later than any that is known
	UPDATE sfn_proxy.map SET front = $1, version = greatest((10 * extract(epoch FROM clock_timestamp()))::bigint, latest + 1) << 16;
END
$$;
COMMENT ON FUNCTION sfn_proxy.set_front(text) IS
	'makes this the front, and says how it reaches itself, as the owner of the extension, for the log of changes; null: by its own socket';
REVOKE ALL ON FUNCTION sfn_proxy.set_front(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.log_propose(caller text, function text, arguments text[]) RETURNS text[]
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO sfn_proxy.change (caller, function, arguments) VALUES ($1, $2, $3) RETURNING ARRAY[seq::text, revision_id::text]
$$;
COMMENT ON FUNCTION sfn_proxy.log_propose(text, text, text[]) IS 'puts a change into the log';
REVOKE ALL ON FUNCTION sfn_proxy.log_propose(text, text, text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.log_close(seq bigint, state text, error text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	UPDATE sfn_proxy.change SET state = $2, error = $3 WHERE seq = $1 AND state = 'proposed' RETURNING state
$$;
COMMENT ON FUNCTION sfn_proxy.log_close(bigint, text, text) IS 'what became of a change';
REVOKE ALL ON FUNCTION sfn_proxy.log_close(bigint, text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.log_applied(shard integer, seq bigint, error text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	-- a shard that lacks changes, or has made up for them: the gateway's map is another
	UPDATE sfn_proxy.map SET version = version + 1 WHERE EXISTS (SELECT FROM sfn_proxy.shard s WHERE s.id = $1 AND (s.last_error IS NULL) <> ($3 IS NULL));
	UPDATE sfn_proxy.shard SET applied = greatest(applied, $2), last_error = $3,
		state = CASE WHEN state = 'joining' AND $3 IS NULL AND $2 >= (SELECT coalesce(max(c.seq), 0) FROM sfn_proxy.change c WHERE c.state = 'accepted')
			THEN 'active' ELSE state END
	WHERE id = $1 RETURNING state
$$;
COMMENT ON FUNCTION sfn_proxy.log_applied(integer, bigint, text) IS 'how far a shard is';
REVOKE ALL ON FUNCTION sfn_proxy.log_applied(integer, bigint, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.front_propose(connection text, caller text, function text, arguments text[]) RETURNS text[]
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_proxy.log_propose(caller, function, arguments);
$$;
COMMENT ON FUNCTION sfn_proxy.front_propose(text, text, text, text[]) IS 'log_propose(), committed at once';
REVOKE ALL ON FUNCTION sfn_proxy.front_propose(text, text, text, text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.front_close(connection text, seq bigint, state text, error text) RETURNS text
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_proxy.log_close(seq, state, error);
$$;
COMMENT ON FUNCTION sfn_proxy.front_close(text, bigint, text, text) IS 'log_close(), committed at once';
REVOKE ALL ON FUNCTION sfn_proxy.front_close(text, bigint, text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.front_applied(connection text, shard integer, seq bigint, error text) RETURNS text
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_proxy.log_applied(shard, seq, error);
$$;
COMMENT ON FUNCTION sfn_proxy.front_applied(text, integer, bigint, text) IS 'log_applied(), committed at once';
REVOKE ALL ON FUNCTION sfn_proxy.front_applied(text, integer, bigint, text) FROM PUBLIC;

-- A standby of the front serves calls, too; changes are made by its primary, which connection strings of two hosts lead to.

CREATE FUNCTION sfn_proxy.front_change(connection text, caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_proxy.make_change(caller, function, arguments);
$$;
COMMENT ON FUNCTION sfn_proxy.front_change(text, text, text, text[]) IS 'make_change() on the front that may write';
REVOKE ALL ON FUNCTION sfn_proxy.front_change(text, text, text, text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.front_catch_up(connection text, shard integer) RETURNS boolean
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT sfn_proxy.catch_up(shard);
$$;
COMMENT ON FUNCTION sfn_proxy.front_catch_up(text, integer) IS 'catch_up() on the front that may write';
REVOKE ALL ON FUNCTION sfn_proxy.front_catch_up(text, integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.writing_front() RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
DECLARE
	connection text := (SELECT m.front FROM sfn_proxy.map m);
BEGIN
	IF connection IS NULL THEN
		RAISE EXCEPTION 'this is a standby of the front, which makes no changes' USING ERRCODE = 'read_only_sql_transaction',
			HINT = 'sfn_proxy.set_front() on the primary tells all standbys how it is reached; use target_session_attrs=read-write.';
	END IF;
	RETURN connection;
END
$$;
COMMENT ON FUNCTION sfn_proxy.writing_front() IS 'how the primary is reached from a standby';
REVOKE ALL ON FUNCTION sfn_proxy.writing_front() FROM PUBLIC;

-- What takes locks and reads the log is done by a session of its own where the transaction goes on, since others would wait for
-- its end, and where it sees an old state of the log.
CREATE FUNCTION sfn_proxy.other_front() RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE AS $$
BEGIN
	RETURN CASE WHEN pg_is_in_recovery() THEN sfn_proxy.writing_front()
		WHEN sfn_proxy.is_lasting() THEN sfn_proxy.front() || ' options=''-c default_transaction_isolation=read\\ committed''' END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.other_front() IS 'how the session is reached that does what locks the log or the map; null: this one may';
REVOKE ALL ON FUNCTION sfn_proxy.other_front() FROM PUBLIC;

CREATE FUNCTION sfn_proxy.change_elsewhere(connection text, caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	problem sfn_proxy.problem;
BEGIN
	RETURN QUERY SELECT c FROM sfn_proxy.front_change($1, $2, $3, $4) c;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS problem.state = RETURNED_SQLSTATE, problem.message = MESSAGE_TEXT, problem.detail = PG_EXCEPTION_DETAIL, problem.hint = PG_EXCEPTION_HINT;
	PERFORM sfn_proxy.raise(sfn_proxy.plain_problem('the front that makes changes', problem));
END
$$;
COMMENT ON FUNCTION sfn_proxy.change_elsewhere(text, text, text, text[]) IS 'a change by another session of a front';
REVOKE ALL ON FUNCTION sfn_proxy.change_elsewhere(text, text, text, text[]) FROM PUBLIC;

-- Roles.

CREATE FUNCTION sfn_proxy.sync_roles_of(shard integer) RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	everybody text[] := ARRAY(SELECT r.rolname::text FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname NOT LIKE 'pg\_%' ORDER BY 1);
BEGIN
	-- all of them first, then who is a member of whom
	FOR round IN 1..2 LOOP
		PERFORM sfn_proxy.ask($1, format('sfn_internal.shard_role(%L, %L, %L)', u.name, CASE round WHEN 1 THEN '{}' ELSE
				ARRAY(SELECT r.rolname::text FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
					WHERE m.member = to_regrole(quote_ident(u.name)) AND NOT r.rolsuper AND r.rolname NOT LIKE 'pg\_%') END,
			CASE round WHEN 1 THEN '{}' ELSE everybody END))
		FROM unnest(everybody) u(name);
	END LOOP;
	RETURN cardinality(everybody);
END
$$;
COMMENT ON FUNCTION sfn_proxy.sync_roles_of(integer) IS 'makes the roles of this server on a shard, without logins, and members of each other as here; returns how many';
REVOKE ALL ON FUNCTION sfn_proxy.sync_roles_of(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.sync_roles() RETURNS integer
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT max(sfn_proxy.sync_roles_of(s.id)) FROM sfn_proxy.shard s
$$;
COMMENT ON FUNCTION sfn_proxy.sync_roles() IS 'makes the roles of this server on all shards, without logins, and members of each other as here; returns how many';
REVOKE ALL ON FUNCTION sfn_proxy.sync_roles() FROM PUBLIC;

-- Making changes.

-- Of what is limited for all shards together, each gets its share, rounded up.
CREATE FUNCTION sfn_proxy.share_of(function text, arguments text[]) RETURNS text[]
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
	IF $1 NOT LIKE 'sfn.set_quota(%' THEN
		RETURN $2;
	END IF;
	RETURN $2[:1] || ARRAY(SELECT ceil(u.amount::numeric / (SELECT count(*) FROM sfn_proxy.shard s WHERE s.state <> 'draining'))::text
		FROM unnest($2[2:]) WITH ORDINALITY u(amount, n) ORDER BY u.n);
END
$$;
COMMENT ON FUNCTION sfn_proxy.share_of(text, text[]) IS 'the arguments of a change for each shard';
REVOKE ALL ON FUNCTION sfn_proxy.share_of(text, text[]) FROM PUBLIC;

-- The first shard says whether a change is good; the others follow it.
CREATE FUNCTION sfn_proxy.first_shard() RETURNS integer
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT min(s.id) FROM sfn_proxy.shard s WHERE s.state <> 'joining'
$$;
COMMENT ON FUNCTION sfn_proxy.first_shard() IS 'the shard that makes changes first';
REVOKE ALL ON FUNCTION sfn_proxy.first_shard() FROM PUBLIC;

-- Changes run one after the other: what a session before has left proposed is settled before the next one.
CREATE FUNCTION sfn_proxy.settle(change sfn_proxy.change) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard integer := sfn_proxy.first_shard();
	problem sfn_proxy.problem;
BEGIN
	BEGIN
		RETURN QUERY SELECT c FROM sfn_proxy.apply_on(shard, $1) c;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS problem.state = RETURNED_SQLSTATE, problem.message = MESSAGE_TEXT, problem.detail = PG_EXCEPTION_DETAIL, problem.hint = PG_EXCEPTION_HINT;
		-- whether a shard that was lost has made it, the next call finds out
		IF problem.state NOT LIKE '08%' THEN
			PERFORM sfn_proxy.front_close(sfn_proxy.front(), ($1).seq, 'rejected', problem.message);
		END IF;
		PERFORM sfn_proxy.raise(problem);
	END;
	PERFORM sfn_proxy.front_close(sfn_proxy.front(), ($1).seq, 'accepted', NULL);
	PERFORM sfn_proxy.front_applied(sfn_proxy.front(), shard, ($1).seq, NULL);
END
$$;
COMMENT ON FUNCTION sfn_proxy.settle(sfn_proxy.change) IS 'makes a proposed change on the first shard and accepts or rejects it';
REVOKE ALL ON FUNCTION sfn_proxy.settle(sfn_proxy.change) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.lock_changes() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT pg_advisory_xact_lock('sfn_proxy.change'::regclass::oid::bigint)
$$;
COMMENT ON FUNCTION sfn_proxy.lock_changes() IS 'one at a time';
REVOKE ALL ON FUNCTION sfn_proxy.lock_changes() FROM PUBLIC;

CREATE FUNCTION sfn_proxy.settle_left() RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	left_over sfn_proxy.change;
BEGIN
	FOR left_over IN SELECT * FROM sfn_proxy.change c WHERE c.state = 'proposed' ORDER BY c.seq LOOP
		BEGIN
			PERFORM sfn_proxy.settle(left_over);
		EXCEPTION WHEN OTHERS THEN
			-- it is rejected now, and was nobody's who still waits; a shard that is still down is an error for this caller too
			IF SQLSTATE LIKE '08%' THEN
				RAISE;
			END IF;
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.settle_left() IS 'settles what sessions before have proposed and not settled';
REVOKE ALL ON FUNCTION sfn_proxy.settle_left() FROM PUBLIC;

-- Who made a change may be gone here, and is still a role of the shards that have made it: so it is of this one, without a login.
CREATE FUNCTION sfn_proxy.apply_accepted(shard integer, change sfn_proxy.change) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	gone text;
	last_gone text;
BEGIN
	LOOP
		BEGIN
			PERFORM sfn_proxy.apply_on($1, $2);
			RETURN;
		EXCEPTION WHEN undefined_object THEN
			gone := substring(SQLERRM FROM '^role "(.*)" does not exist');
			IF gone IS NULL OR gone = last_gone THEN
				RAISE;
			END IF;
			PERFORM sfn_proxy.ask($1, format('sfn_internal.shard_role(%L, %L, %L)', gone, '{}', '{}'));
			last_gone := gone;
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.apply_accepted(integer, sfn_proxy.change) IS 'a change that the first shard has made on another, which gets roles that are gone since';
REVOKE ALL ON FUNCTION sfn_proxy.apply_accepted(integer, sfn_proxy.change) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.catch_up(shard integer) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	next sfn_proxy.change;
	message text;
	done bigint;
	elsewhere text := sfn_proxy.other_front();
BEGIN
	IF elsewhere IS NOT NULL THEN
		RETURN sfn_proxy.front_catch_up(elsewhere, $1);
	END IF;
	PERFORM sfn_proxy.lock_changes();
	done := (SELECT s.applied FROM sfn_proxy.shard s WHERE s.id = $1);
	FOR next IN SELECT * FROM sfn_proxy.change c WHERE c.state = 'accepted' AND c.seq > done ORDER BY c.seq LOOP
		PERFORM sfn_proxy.apply_accepted($1, next);
		done := next.seq;
	END LOOP;
	PERFORM sfn_proxy.front_applied(sfn_proxy.front(), $1, done, NULL);
	RETURN true;
EXCEPTION WHEN OTHERS THEN
	message := format('change %s: %s', next.seq, SQLERRM);
	PERFORM sfn_proxy.front_applied(sfn_proxy.front(), $1, coalesce(done, 0), message);
	RAISE NOTICE 'shard % lacks changes: %', $1, message
		USING HINT = 'It takes no new executions until it has made them. sfn_proxy.shards shows it.';
	RETURN false;
END
$$;
COMMENT ON FUNCTION sfn_proxy.catch_up(integer) IS 'lets a shard make the changes that it lacks; false: it could not';
REVOKE ALL ON FUNCTION sfn_proxy.catch_up(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.make_change(caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	proposed text[];
	change sfn_proxy.change;
	elsewhere text := sfn_proxy.other_front();
BEGIN
	IF elsewhere IS NOT NULL THEN
		RETURN QUERY SELECT r FROM sfn_proxy.change_elsewhere(elsewhere, $1, $2, $3) r;
		RETURN;
	END IF;
	PERFORM sfn_proxy.connection_to(sfn_proxy.first_shard());
	PERFORM sfn_proxy.lock_changes();
	PERFORM sfn_proxy.settle_left();
	proposed := sfn_proxy.front_propose(sfn_proxy.front(), $1, $2, $3);
	change := ROW(proposed[1]::bigint, $1::name, $2, $3, proposed[2]::uuid, 'proposed', NULL, now());
	RETURN QUERY SELECT r FROM sfn_proxy.settle(change) r;
	PERFORM sfn_proxy.catch_up(s.id) FROM sfn_proxy.shard s WHERE s.applied < change.seq AND s.id <> sfn_proxy.first_shard();
END
$$;
COMMENT ON FUNCTION sfn_proxy.make_change(text, text, text[]) IS 'a change on all shards: logged, made on the first, then on the others';
REVOKE ALL ON FUNCTION sfn_proxy.make_change(text, text, text[]) FROM PUBLIC;
