-- Making keys, and what the gateway asks: the names, arguments and results of sfn.

CREATE FUNCTION sfn_proxy.check_key_role(caller text, role text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT pg_has_role($1, $2, 'USAGE') THEN
		RAISE EXCEPTION 'must be member of role "%"', $2 USING ERRCODE = 'insufficient_privilege', DETAIL = 'Calls with the key are made by that role.';
	END IF;
	PERFORM sfn_proxy.check_gateway_role($2);
END
$$;
COMMENT ON FUNCTION sfn_proxy.check_key_role(text, text) IS 'an error unless the caller may give out keys of that role';
REVOKE ALL ON FUNCTION sfn_proxy.check_key_role(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.check_gateway_role(role text) RETURNS oid
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	found record;
BEGIN
	SELECT r.oid, r.rolsuper INTO found FROM pg_roles r WHERE r.rolname = $1;
	IF found.oid IS NULL THEN
		RAISE EXCEPTION 'the role of the call does not exist any more' USING ERRCODE = 'insufficient_privilege';
	ELSIF $1 LIKE 'pg\_%' THEN
		RAISE EXCEPTION 'role "%" is the server''s own, as which no calls are made over HTTP', $1 USING ERRCODE = 'insufficient_privilege',
			HINT = 'Use a role that is a member of it.';
	ELSIF found.rolsuper THEN
		RAISE EXCEPTION 'role "%" is a superuser, as whom no calls are made over HTTP', $1 USING ERRCODE = 'insufficient_privilege',
			HINT = 'Use a role that owns the state machines.';
	END IF;
	RETURN found.oid;
END
$$;
COMMENT ON FUNCTION sfn_proxy.check_gateway_role(text) IS 'the role of that name if calls may be made as it; else an error';
REVOKE ALL ON FUNCTION sfn_proxy.check_gateway_role(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.check_key(expires interval, actions text[], access_key_id text, secret_access_key text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	problem text;
BEGIN
	problem := CASE
		WHEN $2 IS NOT NULL AND NOT coalesce((SELECT bool_and(a ~ '^[A-Za-z*?:]+$') FROM unnest($2) a), true)
			THEN 'actions must be names of actions such as states:StartExecution, in which * and ? stand for letters'
		WHEN ($3 IS NULL) <> ($4 IS NULL) THEN 'access_key_id and secret_access_key are given together, or neither is'
		WHEN $3 !~ '^[!-~]{1,128}$' OR $3 ~ '[/,:=]' OR $4 !~ '^[!-~]+$' OR length($4) > 1024
			THEN 'access_key_id must be one word of at most 128 characters without "/", ",", ":" and "=", secret_access_key one of at most 1024'
		WHEN $1 <= interval '0' THEN 'expires must be a time to come' END;
	IF problem IS NOT NULL THEN
		RAISE EXCEPTION '%', problem USING ERRCODE = 'SF008';
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.check_key(interval, text[], text, text) IS 'an error unless a key may look so';
REVOKE ALL ON FUNCTION sfn_proxy.check_key(interval, text[], text, text) FROM PUBLIC;

-- Bits of which nobody knows anything: those of several UUIDs, whose fixed ones a hash leaves nowhere.
CREATE FUNCTION sfn_proxy.random_bytes() RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$$;
COMMENT ON FUNCTION sfn_proxy.random_bytes() IS '32 random bytes';
REVOKE ALL ON FUNCTION sfn_proxy.random_bytes() FROM PUBLIC;

CREATE FUNCTION sfn_proxy.random_key_id(prefix text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT $1 || string_agg(substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', get_byte(b, i) % 32 + 1, 1), '') FROM sfn_proxy.random_bytes() b, generate_series(0, 15) i
$$;
COMMENT ON FUNCTION sfn_proxy.random_key_id(text) IS 'the prefix and 16 letters';
REVOKE ALL ON FUNCTION sfn_proxy.random_key_id(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.key_create(pass bigint, role text, expires interval, actions text[], description text,
		INOUT access_key_id text, INOUT secret_access_key text, OUT session_token text) RETURNS record
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	caller text := sfn_proxy.caller($1);
	given_role text := coalesce($2, caller);
	added integer;
BEGIN
	PERFORM sfn_proxy.check_key_role(caller, given_role);
	PERFORM sfn_proxy.check_key($3, $4, $6, $7);
	IF access_key_id IS NULL THEN
		access_key_id := sfn_proxy.random_key_id(CASE WHEN $3 IS NULL THEN 'AKIA' ELSE 'ASIA' END);
		secret_access_key := encode(substr(sfn_proxy.random_bytes(), 1, 30), 'base64');
		session_token := CASE WHEN $3 IS NOT NULL THEN translate(encode(sfn_proxy.random_bytes() || substr(sfn_proxy.random_bytes(), 1, 16), 'base64'), E'\n', '') END;
	END IF;
	-- one that was restored without its secret gets another
	INSERT INTO sfn_proxy.access_key AS k (access_key_id, role, actions, description, expiration_date)
	VALUES ($6, quote_ident(given_role)::regrole, $4, $5, now() + $3)
	ON CONFLICT ON CONSTRAINT access_key_pkey DO UPDATE SET actions = excluded.actions, description = excluded.description, expiration_date = excluded.expiration_date
	WHERE k.role = excluded.role AND NOT EXISTS (SELECT FROM sfn_proxy.secret s WHERE s.access_key_id = k.access_key_id);
	GET DIAGNOSTICS added = ROW_COUNT;
	IF added = 0 THEN
		RAISE EXCEPTION 'access key "%" already exists', $6 USING ERRCODE = 'duplicate_object', HINT = 'Delete it first, or leave the id out.';
	END IF;
	INSERT INTO sfn_proxy.secret VALUES ($6, $7, encode(sha256(convert_to(session_token, 'UTF8')), 'hex'));
END
$$;
COMMENT ON FUNCTION sfn_proxy.key_create(bigint, text, interval, text[], text, text, text) IS 'sfn.create_access_key(), with the pass of its caller';

CREATE FUNCTION sfn.create_access_key(role regrole DEFAULT NULL, expires interval DEFAULT NULL, actions text[] DEFAULT NULL,
		description text DEFAULT NULL, INOUT access_key_id text DEFAULT NULL, INOUT secret_access_key text DEFAULT NULL,
		OUT session_token text) RETURNS record
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	SELECT k.access_key_id, k.secret_access_key, k.session_token INTO access_key_id, secret_access_key, session_token
	FROM sfn_proxy.key_create(sfn_proxy.pass(), coalesce((SELECT r.rolname::text FROM pg_roles r WHERE r.oid = $1), $1::text), $2, $3, $4, $5, $6) k;
END
$$;
COMMENT ON FUNCTION sfn.create_access_key(regrole, interval, text[], text, text, text) IS
	'makes a key that HTTP requests are signed with, which are made by the role then; id and secret may be given, the secret is shown here only';

-- Whose key it is, for those who are members of that role.
CREATE FUNCTION sfn_proxy.check_own_key(caller text, access_key_id text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	owner text := (SELECT r.rolname FROM sfn_proxy.access_key k JOIN pg_roles r ON r.oid = k.role WHERE k.access_key_id = $2);
BEGIN
	IF owner IS NULL THEN
		RAISE EXCEPTION 'access key "%" does not exist', $2 USING ERRCODE = 'undefined_object', HINT = 'The view sfn.access_keys shows those of your roles.';
	ELSIF NOT pg_has_role($1, owner, 'USAGE') THEN
		RAISE EXCEPTION 'must be member of role "%"', owner USING ERRCODE = 'insufficient_privilege', DETAIL = 'The access key is that role''s.';
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.check_own_key(text, text) IS 'an error unless the caller may change the key';
REVOKE ALL ON FUNCTION sfn_proxy.check_own_key(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.key_update(pass bigint, access_key_id text, status text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF $3 IN ('Active', 'Inactive') IS NOT TRUE THEN
		RAISE EXCEPTION 'status must be Active or Inactive' USING ERRCODE = 'SF008';
	END IF;
	PERFORM sfn_proxy.check_own_key(sfn_proxy.caller($1), $2);
	UPDATE sfn_proxy.access_key k SET status = $3 WHERE k.access_key_id = $2;
END
$$;
COMMENT ON FUNCTION sfn_proxy.key_update(bigint, text, text) IS 'sfn.update_access_key(), with the pass of its caller';

CREATE FUNCTION sfn.update_access_key(access_key_id text, status text) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.key_update(sfn_proxy.pass(), $1, $2)
$$;
COMMENT ON FUNCTION sfn.update_access_key(text, text) IS 'makes an access key Inactive, or Active again';

CREATE FUNCTION sfn_proxy.key_delete(pass bigint, access_key_id text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM sfn_proxy.check_own_key(sfn_proxy.caller($1), $2);
	DELETE FROM sfn_proxy.secret s WHERE s.access_key_id = $2;
	DELETE FROM sfn_proxy.access_key k WHERE k.access_key_id = $2;
END
$$;
COMMENT ON FUNCTION sfn_proxy.key_delete(bigint, text) IS 'sfn.delete_access_key(), with the pass of its caller';

CREATE FUNCTION sfn.delete_access_key(access_key_id text) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.key_delete(sfn_proxy.pass(), $1)
$$;
COMMENT ON FUNCTION sfn.delete_access_key(text) IS 'forgets an access key and its secret';

CREATE VIEW sfn.access_keys WITH (security_barrier) AS
	SELECT k.access_key_id, k.role, k.actions,
		CASE WHEN NOT EXISTS (SELECT FROM sfn_proxy.secret s WHERE s.access_key_id OPERATOR(pg_catalog.=) k.access_key_id)
			THEN 'needs secret' WHEN k.expiration_date OPERATOR(pg_catalog.<=) pg_catalog.now() THEN 'expired' ELSE k.status END AS status,
		k.description, k.creation_date, k.expiration_date, k.last_used
	FROM sfn_proxy.access_key k
	WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) k.role) AND pg_catalog.pg_has_role(k.role, 'MEMBER');
COMMENT ON VIEW sfn.access_keys IS 'access keys of the roles that one is a member of, without their secrets';
COMMENT ON COLUMN sfn.access_keys.access_key_id IS 'what a request names it by';
COMMENT ON COLUMN sfn.access_keys.role IS 'whom calls are made by';
COMMENT ON COLUMN sfn.access_keys.actions IS 'which actions it is good for; null: all';
COMMENT ON COLUMN sfn.access_keys.status IS 'Active, Inactive, expired, or needs secret: it was restored without; make it again';
COMMENT ON COLUMN sfn.access_keys.description IS 'what it is for';
COMMENT ON COLUMN sfn.access_keys.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.access_keys.expiration_date IS 'from when on it is refused; null: never';
COMMENT ON COLUMN sfn.access_keys.last_used IS 'when a request with it was last accepted, to the hour; null: never';
GRANT SELECT ON sfn.access_keys TO PUBLIC;

-- What the gateway calls.  Whoever may execute these may act as any role that is no superuser: sfn.allow_gateway() gives that.

CREATE SCHEMA sfn_internal;
COMMENT ON SCHEMA sfn_internal IS 'what the gateway calls, under the names of sfn';
GRANT USAGE ON SCHEMA sfn_internal TO PUBLIC;

CREATE FUNCTION sfn_internal.gateway_key(access_key_id text, OUT role oid, OUT role_name text, OUT secret text, OUT token_hash text,
		OUT actions text[], OUT expires timestamptz) RETURNS SETOF record
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT r.oid, r.rolname::text, s.secret, s.token_hash, k.actions, k.expiration_date
	FROM sfn_proxy.access_key k JOIN sfn_proxy.secret s ON s.access_key_id = k.access_key_id JOIN pg_roles r ON r.oid = k.role
	WHERE k.access_key_id = $1 AND k.status = 'Active'
$$;
COMMENT ON FUNCTION sfn_internal.gateway_key(text) IS 'an access key with its secret; no row for one that is unknown or inactive';
REVOKE ALL ON FUNCTION sfn_internal.gateway_key(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_key_used(access_key_id text) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	UPDATE sfn_proxy.access_key SET last_used = now() WHERE access_key_id = (SELECT k.access_key_id FROM sfn_proxy.access_key k
		WHERE k.access_key_id = $1 AND (k.last_used IS NULL OR k.last_used < now() - interval '1 hour') FOR UPDATE SKIP LOCKED)
$$;
COMMENT ON FUNCTION sfn_internal.gateway_key_used(text) IS 'notes that a request with the access key was accepted, once an hour';
REVOKE ALL ON FUNCTION sfn_internal.gateway_key_used(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_check_login(role text) RETURNS oid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.check_gateway_role($1)
$$;
COMMENT ON FUNCTION sfn_internal.gateway_check_login(text) IS 'the role of that name if calls may be made as it; else an error';
REVOKE ALL ON FUNCTION sfn_internal.gateway_check_login(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.gateway_role(role oid) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	name text := (SELECT r.rolname FROM pg_roles r WHERE r.oid = $1);
BEGIN
	PERFORM sfn_proxy.check_gateway_role(name);
	RETURN name;
END
$$;
COMMENT ON FUNCTION sfn_proxy.gateway_role(oid) IS 'the name of a role if calls may be made as it; else an error';
REVOKE ALL ON FUNCTION sfn_proxy.gateway_role(oid) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_call(role oid, action text, request json, invocation_id text DEFAULT NULL) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN sfn_proxy.route_api(sfn_proxy.gateway_role($1), 'gateway_call', '', ARRAY[$2, coalesce($3, '{}')::text, $4]);
END
$$;
COMMENT ON FUNCTION sfn_internal.gateway_call(oid, text, json, text) IS
	'an action of the AWS APIs as that role, where it belongs; GetActivityTask does not wait';
REVOKE ALL ON FUNCTION sfn_internal.gateway_call(oid, text, json, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_page(role oid, name text, request json) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN sfn_proxy.route_page(sfn_proxy.gateway_role($1), $2, CASE WHEN json_typeof($3) = 'object' THEN $3 ELSE '{}' END);
END
$$;
COMMENT ON FUNCTION sfn_internal.gateway_page(oid, text, json) IS
	'what the page of the gateway shows beside what the API tells: of an execution where it is, lists and counts of all shards, else of the first';
REVOKE ALL ON FUNCTION sfn_internal.gateway_page(oid, text, json) FROM PUBLIC;

-- One shard after the other, each for a moment: a gateway that knows the map asks all shards at once.
CREATE FUNCTION sfn_internal.gateway_wait(activities text[], timeout interval) RETURNS json
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	deadline timestamptz := clock_timestamp() + $2;
	shard integer;
	found json := '{}';
BEGIN
	LOOP
		FOR shard IN SELECT s.id FROM sfn_proxy.shard s ORDER BY random() LOOP
			BEGIN
				found := sfn_proxy.ask(shard, format('sfn_internal.gateway_wait(%L, %L)', $1, least(greatest(deadline - clock_timestamp(), '0'), interval '0.5 s')));
			EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
				RAISE WARNING '%', SQLERRM;
			END;
			EXIT WHEN found::text <> '{}';
		END LOOP;
		EXIT WHEN found::text <> '{}' OR clock_timestamp() >= deadline OR NOT EXISTS (SELECT FROM sfn_proxy.shard);
	END LOOP;
	RETURN found;
END
$$;
COMMENT ON FUNCTION sfn_internal.gateway_wait(text[], interval) IS
	'waits until one of the activities has tasks to be taken; an object with the number of tasks for each ARN that has some';
REVOKE ALL ON FUNCTION sfn_internal.gateway_wait(text[], interval) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_return_task(task_token text) RETURNS boolean
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.ask((sfn_proxy.places('token', $1))[1], format('sfn_internal.gateway_return_task(%L)', $1))::text = 'true'
$$;
COMMENT ON FUNCTION sfn_internal.gateway_return_task(text) IS
	'a task whose worker was gone before it had it goes back to its queue, as if it had never been taken';
REVOKE ALL ON FUNCTION sfn_internal.gateway_return_task(text) FROM PUBLIC;

-- Links have ids of their own: the shard that knows one is asked for.
CREATE FUNCTION sfn_proxy.link_shard(link_id text) RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	shard integer;
BEGIN
	FOREACH shard IN ARRAY sfn_proxy.first_places() LOOP
		IF sfn_proxy.ask(shard, format('sfn_internal.shard_has_link(%L)', $1))::text = 'true' THEN
			RETURN shard;
		END IF;
	END LOOP;
	RETURN sfn_proxy.first_shard();
END
$$;
COMMENT ON FUNCTION sfn_proxy.link_shard(text) IS 'the shard of a link, or the first, which says that there is none';
REVOKE ALL ON FUNCTION sfn_proxy.link_shard(text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_show_link(link_id text, secret text) RETURNS json
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.ask(sfn_proxy.link_shard($1), format('sfn_internal.gateway_show_link(%L, %L)', $1, $2))
$$;
COMMENT ON FUNCTION sfn_internal.gateway_show_link(text, text) IS 'what the page of a link shows, which does nothing; null: there is no such link, or its secret is another';
REVOKE ALL ON FUNCTION sfn_internal.gateway_show_link(text, text) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_use_link(link_id text, secret text, request json) RETURNS json
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.ask(sfn_proxy.link_shard($1), format('sfn_internal.gateway_use_link(%L, %L, %L)', $1, $2, $3))
$$;
COMMENT ON FUNCTION sfn_internal.gateway_use_link(text, text, json) IS
	'does what a link is for, as the role that made it: {"decision": "approve" or "refuse", "comment"} or {"input"}';
REVOKE ALL ON FUNCTION sfn_internal.gateway_use_link(text, text, json) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_answer(action text, request json) RETURNS json
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.ask((sfn_proxy.places('token', $2->>'taskToken'))[1], format('sfn_internal.gateway_answer(%L, %L)', $1, $2))
$$;
COMMENT ON FUNCTION sfn_internal.gateway_answer(text, json) IS
	'SendTaskSuccess, SendTaskFailure or SendTaskHeartbeat by whoever has the token, where that is enough (sfn.allow_bare_tokens on the shard)';
REVOKE ALL ON FUNCTION sfn_internal.gateway_answer(text, json) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_map(known bigint DEFAULT NULL) RETURNS json
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object('version', m.version, 'region', m.region, 'account', m.account,
		'shards', (SELECT coalesce(json_agg(json_build_object('shard', s.id, 'conninfo', s.conninfo, 'state', s.state,
			'takes_starts', s.state = 'active' AND s.last_error IS NULL) ORDER BY s.id), '[]') FROM sfn_proxy.shard s),
		'slots', (SELECT coalesce(json_agg(t.shard ORDER BY t.slot), '[]') FROM sfn_proxy.slot t),
		'previous', (SELECT coalesce(json_object_agg(t.slot, t.previous), '{}') FROM sfn_proxy.slot t WHERE t.previous <> '{}'))
	FROM sfn_proxy.map m WHERE m.version IS DISTINCT FROM $1
$$;
COMMENT ON FUNCTION sfn_internal.gateway_map(bigint) IS 'where the shards are and which has which slot, for a gateway that finds them itself; null: it is as known';
REVOKE ALL ON FUNCTION sfn_internal.gateway_map(bigint) FROM PUBLIC;

CREATE FUNCTION sfn_internal.gateway_sync_roles(shard integer) RETURNS integer
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.sync_roles_of($1)
$$;
COMMENT ON FUNCTION sfn_internal.gateway_sync_roles(integer) IS 'makes the roles of the front known on a shard';
REVOKE ALL ON FUNCTION sfn_internal.gateway_sync_roles(integer) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.grant_gateway(statement text, role regrole) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format($1, (SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p
		WHERE p.pronamespace = 'sfn_internal'::regnamespace AND p.proname LIKE 'gateway\_%'), $2);
END
$$;
COMMENT ON FUNCTION sfn_proxy.grant_gateway(text, regrole) IS 'changes the rights of the functions of the gateway';
REVOKE ALL ON FUNCTION sfn_proxy.grant_gateway(text, regrole) FROM PUBLIC;

CREATE FUNCTION sfn.allow_gateway(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.grant_gateway('GRANT EXECUTE ON FUNCTION %s TO %s', $1)
$$;
COMMENT ON FUNCTION sfn.allow_gateway(regrole) IS 'lets a gateway log in as the role: it may act as any role that is no superuser; superusers only';
REVOKE ALL ON FUNCTION sfn.allow_gateway(regrole) FROM PUBLIC;

CREATE FUNCTION sfn.forbid_gateway(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT sfn_proxy.grant_gateway('REVOKE EXECUTE ON FUNCTION %s FROM %s', $1)
$$;
COMMENT ON FUNCTION sfn.forbid_gateway(regrole) IS 'takes back what sfn.allow_gateway() gave';
REVOKE ALL ON FUNCTION sfn.forbid_gateway(regrole) FROM PUBLIC;
