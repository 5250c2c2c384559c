-- What the front of several databases calls in each of them (sql/proxy).  Whoever may execute these may act as any role that is
-- no superuser, as a gateway: sfn.allow_gateway() gives both.

CREATE FUNCTION sfn_internal.shard_enter(shard integer, role text, map_version bigint) RETURNS oid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_shard_enter';
COMMENT ON FUNCTION sfn_internal.shard_enter(integer, text, bigint) IS
	'the number of a role here, for gateway_call() and its kin; an error if this is not that shard; with map_version: if slots have moved since that version of the map';
REVOKE ALL ON FUNCTION sfn_internal.shard_enter(integer, text, bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_call(shard integer, role text, function text, arguments text[], map_version bigint DEFAULT NULL) RETURNS SETOF text[]
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_shard_call';
COMMENT ON FUNCTION sfn_internal.shard_call(integer, text, text, text[], bigint) IS
	'calls a function of the extension, named with the types of its arguments, or "gateway_call", or reads "view schema.name", as that role; each row of the result as texts';
REVOKE ALL ON FUNCTION sfn_internal.shard_call(integer, text, text, text[], bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_call_one(shard integer, role text, function text, arguments text[], map_version bigint DEFAULT NULL) RETURNS text[]
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_shard_call_one';
COMMENT ON FUNCTION sfn_internal.shard_call_one(integer, text, text, text[], bigint) IS 'shard_call() of a function that has one row; null: it has none';
REVOKE ALL ON FUNCTION sfn_internal.shard_call_one(integer, text, text, text[], bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_apply(shard integer, seq bigint, role text, function text, arguments text[], revision_id uuid)
	RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF num_nulls($1, $2, $3, $4, $5, $6) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_apply() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	INSERT INTO sfn.shard_change (seq, revision_id) VALUES ($2, $6) ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		IF EXISTS (SELECT FROM sfn.shard_change s WHERE s.seq = $2 AND s.revision_id <> $6) THEN
			RAISE EXCEPTION 'change % of the front was another one here', $2 USING ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = 'The front was restored to an older time, or is not the one that has made changes so far.',
				HINT = format('If it was restored: SELECT setval(''sfn_proxy.change_seq_seq'', %s) in the front; what was changed since then is as it is on the shards.',
					(SELECT max(s.seq) FROM sfn.shard_change s));
		END IF;
		RETURN;
	END IF;
	-- nobody's change, but that of the front's administrator
	IF $3 = '' AND $4 LIKE 'sfn.set_quota(%' THEN
		PERFORM sfn.set_quota($5[1]::regrole, $5[2]::bigint, $5[3]::bigint, $5[4]::bigint, $5[5]::bigint, $5[6]::bigint);
		RETURN NEXT ARRAY[NULL::text];
		RETURN;
	END IF;
	PERFORM set_config('sfn_shard.revision_id', $6::text, true);
	RETURN QUERY SELECT c FROM sfn_internal.shard_call($1, $3, $4, $5) c;
	PERFORM set_config('sfn_shard.revision_id', '', true);
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_apply(integer, bigint, text, text, text[], uuid) IS
	'makes a change of the front''s log here: once, however often it is called; a new definition of a machine has that revision_id';
REVOKE ALL ON FUNCTION sfn_internal.shard_apply(integer, bigint, text, text, text[], uuid) FROM PUBLIC;

-- Roles are members of the same roles as in the front, and of what an administrator has given them here beside that.
CREATE FUNCTION sfn_internal.shard_role(name text, member_of text[], others text[]) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	granted text;
BEGIN
	IF num_nulls($1, $2, $3) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_role() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF $1 LIKE 'pg\_%' THEN
		RAISE EXCEPTION 'role "%" is the server''s own', $1 USING ERRCODE = 'reserved_name';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1) THEN
		EXECUTE format('CREATE ROLE %I NOLOGIN', $1);
	END IF;
	-- what is a superuser here may be none in the front, so nobody becomes its member by what the front says
	FOR granted IN SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY ($2) AND r.rolname NOT LIKE 'pg\_%' AND NOT r.rolsuper
			AND NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND m.member = (SELECT oid FROM pg_roles WHERE rolname = $1)) LOOP
		EXECUTE format('GRANT %I TO %I', granted, $1);
	END LOOP;
	FOR granted IN SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
			WHERE u.rolname = $1 AND r.rolname = ANY ($3) AND r.rolname <> ALL ($2) LOOP
		EXECUTE format('REVOKE %I FROM %I', granted, $1);
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_role(text, text[], text[]) IS
	'makes a role of the front known here, without a login; a member of the first roles, of no others of the second';
REVOKE ALL ON FUNCTION sfn_internal.shard_role(text, text[], text[]) FROM PUBLIC;

-- Numbers of executions, map runs and tasks begin with the shard in their first 12 bits, and so do tokens.
CREATE FUNCTION sfn_internal.shard_join(shard integer) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	first bigint := ($1::bigint << 52) + 1;
	sequence regclass;
	last bigint;
BEGIN
	IF num_nulls($1) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_join() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF $1 NOT BETWEEN 0 AND 2047 THEN
		RAISE EXCEPTION 'shards have numbers from 0 to 2047, not %', $1 USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF current_setting('sfn.shard_id')::integer NOT IN (-1, $1) THEN
		RAISE EXCEPTION 'this database is shard % already', current_setting('sfn.shard_id') USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	EXECUTE format('ALTER DATABASE %I SET sfn.shard_id = %s', current_database(), $1);
	FOREACH sequence IN ARRAY ARRAY['sfn.execution_id_seq', 'sfn.map_run_id_seq', 'sfn.task_id_seq', 'sfn.event_dead_letter_id_seq',
		'sfn.queue_message_id_seq']::regclass[] LOOP
		EXECUTE format('SELECT last_value FROM %s', sequence) INTO last;
		IF last < first THEN
			PERFORM setval(sequence, first, false);
		ELSIF last - first >= 1::bigint << 52 THEN
			RAISE EXCEPTION 'the numbers of % belong to another shard: %', sequence, last USING ERRCODE = 'object_not_in_prerequisite_state';
		END IF;
	END LOOP;
	INSERT INTO sfn.shard_map AS m (shard, version, server_start) VALUES ($1, 0, pg_postmaster_start_time())
		ON CONFLICT ON CONSTRAINT shard_map_pkey DO UPDATE SET version = 0, server_start = excluded.server_start;
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_join(integer) IS
	'makes this database a shard of that number: sfn.shard_id for new sessions, and what new executions, map runs and tasks are numbered from';
REVOKE ALL ON FUNCTION sfn_internal.shard_join(integer) FROM PUBLIC;

-- Starts by name hold a weaker lock: those that are under way end first, and a later one finds what they have started.
CREATE FUNCTION sfn_internal.shard_fence(shard integer, map_version bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF num_nulls($1, $2) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_fence() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	LOCK TABLE sfn.shard_map IN EXCLUSIVE MODE;
	IF EXISTS (SELECT FROM sfn.shard_map m WHERE m.version >> 16 > $2 >> 16) THEN
		RAISE EXCEPTION 'another front has taken over shard %', $1 USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Fronts that are not standbys of each other cannot share shards. sfn_proxy.set_front() makes this one the front again, and the other none.';
	END IF;
	INSERT INTO sfn.shard_map AS m (shard, version, server_start) VALUES ($1, $2, pg_postmaster_start_time())
		ON CONFLICT ON CONSTRAINT shard_map_pkey DO UPDATE SET version = excluded.version, server_start = excluded.server_start;
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_fence(integer, bigint) IS
	'until the server is started anew, executions are started here by name only by this front, its gateways and standbys, whose map of slots has this version or a later one; an error if a later front has said so';
REVOKE ALL ON FUNCTION sfn_internal.shard_fence(integer, bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_restart_executors() RETURNS bigint
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) FROM pg_stat_activity a
	WHERE a.datname = current_database() AND a.backend_type = 'sfn executor'
$$;
COMMENT ON FUNCTION sfn_internal.shard_restart_executors() IS 'lets executors of this database be started anew, with the settings it has now';
REVOKE ALL ON FUNCTION sfn_internal.shard_restart_executors() FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_status() RETURNS json
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object(
		'shard', current_setting('sfn.shard_id')::integer,
		'version', (SELECT extversion FROM pg_extension WHERE extname = 'sfn'),
		'region', current_setting('sfn.region'),
		'account', current_setting('sfn.account_id'),
		'system', (SELECT system_identifier::text FROM pg_control_system()),
		'database', (SELECT oid::text FROM pg_database WHERE datname = current_database()),
		'front', (SELECT coalesce(max(version >> 16), 0) FROM sfn.shard_map),
		'changes', (SELECT coalesce(max(seq), 0) FROM sfn.shard_change),
		'open_executions', (SELECT count(*) FROM sfn.execution_status WHERE status = 1 /* EXECUTION_RUNNING */),
		'executions', EXISTS (SELECT FROM sfn.execution) OR EXISTS (SELECT FROM sfn.schedule),
		'standby_lag', (SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication))
$$;
COMMENT ON FUNCTION sfn_internal.shard_status() IS 'what the front shows of a shard';
REVOKE ALL ON FUNCTION sfn_internal.shard_status() FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_query(query text) RETURNS SETOF json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF num_nulls($1) > 0 THEN
		RAISE EXCEPTION 'no argument of shard_query() may be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	RETURN QUERY EXECUTE format('SELECT row_to_json(q) FROM (%s) q', $1);
END
$$;
COMMENT ON FUNCTION sfn_internal.shard_query(text) IS 'the rows of a query, with the rights of the session that runs it';
REVOKE ALL ON FUNCTION sfn_internal.shard_query(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_has_execution(state_machine text, name text) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id
		WHERE m.name = split_part(CASE WHEN $1 LIKE 'arn:%' THEN split_part($1, ':', 7) ELSE $1 END, ':', 1) AND m.status <> 'DELETED' AND e.is_named AND e.name = $2)
$$;
COMMENT ON FUNCTION sfn_internal.shard_has_execution(text, text) IS
	'is there an execution of that chosen name of the machine, of whatever its ARN or that of a version or alias says?';
REVOKE ALL ON FUNCTION sfn_internal.shard_has_execution(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_has_schedule(name text, group_name text) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM sfn.schedule s WHERE s.name = $1 AND s.group_name = $2)
$$;
COMMENT ON FUNCTION sfn_internal.shard_has_schedule(text, text) IS 'is there a schedule of that name, whoever may see it?';
REVOKE ALL ON FUNCTION sfn_internal.shard_has_schedule(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.shard_has_link(link_id text) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM sfn.link l WHERE l.link_id = $1)
$$;
COMMENT ON FUNCTION sfn_internal.shard_has_link(text) IS 'is there such a link?';
REVOKE ALL ON FUNCTION sfn_internal.shard_has_link(text) FROM PUBLIC;
