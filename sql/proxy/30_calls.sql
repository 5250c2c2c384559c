-- Calls.  A function of schema sfn runs as its caller.  It takes a pass, which only the caller's own role gets, and hands it to
-- sfn_proxy.call(), which runs as the owner of the extension and reaches the shards in the caller's name.

CREATE VIEW sfn_proxy.pass WITH (security_barrier) AS
SELECT current_user::text AS caller,
	pg_catalog.sha256(m.secret OPERATOR(pg_catalog.||) pg_catalog.convert_to(pg_catalog.format('%s %s %s', pg_catalog.pg_backend_pid(),
		extract(epoch FROM pg_catalog.transaction_timestamp()), current_user), 'UTF8') OPERATOR(pg_catalog.||) m.secret) AS stamp
FROM sfn_proxy.map m;
COMMENT ON VIEW sfn_proxy.pass IS 'who asks, with a proof of that for sfn_proxy.call() in this transaction of this session';
COMMENT ON COLUMN sfn_proxy.pass.caller IS 'the current user';
COMMENT ON COLUMN sfn_proxy.pass.stamp IS 'the proof';
GRANT SELECT ON sfn_proxy.pass TO PUBLIC;

CREATE FUNCTION sfn_proxy.check_pass(caller text, stamp bytea) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT coalesce((SELECT $2 = sha256(m.secret || convert_to(format('%s %s %s', pg_backend_pid(),
			extract(epoch FROM transaction_timestamp()), $1), 'UTF8') || m.secret) FROM sfn_proxy.map m), false) THEN
		RAISE EXCEPTION 'this is no pass of role "%"', $1 USING ERRCODE = 'insufficient_privilege',
			HINT = 'The functions of schema sfn call this one.';
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.check_pass(text, bytea) IS 'an error unless sfn_proxy.pass shows this to the caller now';
REVOKE ALL ON FUNCTION sfn_proxy.check_pass(text, bytea) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.in_transaction_block() RETURNS boolean
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sfn_in_transaction_block';
COMMENT ON FUNCTION sfn_proxy.in_transaction_block() IS 'has the session begun a transaction that a statement does not end?';

-- A shard commits by itself, whatever becomes of the transaction here.
CREATE FUNCTION sfn_proxy.check_transaction(effect text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF $1 = 'read' OR current_setting('sfn_proxy.in_transaction', true) = 'allow' THEN
		RETURN;
	END IF;
	IF pg_current_xact_id_if_assigned() IS NOT NULL OR sfn_proxy.in_transaction_block() AND $1 = 'write' THEN
		RAISE EXCEPTION 'this call cannot be part of a transaction: it takes effect on a shard at once, and a ROLLBACK here would not undo it'
			USING ERRCODE = 'active_sql_transaction',
				HINT = 'Call it outside of a transaction: psycopg: autocommit=True, JDBC: setAutoCommit(true), Django: outside of atomic(). '
					'SET sfn_proxy.in_transaction = ''allow'' lets it through.';
	END IF;
	IF sfn_proxy.in_transaction_block() THEN
		RAISE NOTICE 'this call takes effect at once, and a ROLLBACK does not undo it' USING HINT = 'It may be repeated: it is done once.';
	END IF;
END
$$;
COMMENT ON FUNCTION sfn_proxy.check_transaction(text) IS 'an error where the caller could think that its ROLLBACK undoes the call';
REVOKE ALL ON FUNCTION sfn_proxy.check_transaction(text) FROM PUBLIC;

-- The ways over.

CREATE FUNCTION sfn_proxy.shard_call(connection text, shard integer, caller text, function text, arguments text[]) RETURNS SETOF text[]
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_internal.shard_call(shard, caller, function, arguments);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_call(text, integer, text, text, text[]) IS 'a call on a shard';
REVOKE ALL ON FUNCTION sfn_proxy.shard_call(text, integer, text, text, text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_apply(connection text, shard integer, seq bigint, caller text, function text, arguments text[], revision uuid)
	RETURNS SETOF text[]
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_internal.shard_apply(shard, seq, caller, function, arguments, revision);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_apply(text, integer, bigint, text, text, text[], uuid) IS 'a change on a shard';
REVOKE ALL ON FUNCTION sfn_proxy.shard_apply(text, integer, bigint, text, text, text[], uuid) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_role(connection text, name text, member_of text[], others text[]) RETURNS SETOF text
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT 'done'::text FROM sfn_internal.shard_role(name, member_of, others);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_role(text, text, text[], text[]) IS 'a role on a shard';
REVOKE ALL ON FUNCTION sfn_proxy.shard_role(text, text, text[], text[]) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shard_query(connection text, query text) RETURNS SETOF json
	LANGUAGE plproxy AS $$
	CONNECT connection;
	SELECT * FROM sfn_internal.shard_query(query);
$$;
COMMENT ON FUNCTION sfn_proxy.shard_query(text, text) IS 'a query on a shard, with the rights of the front''s login';
REVOKE ALL ON FUNCTION sfn_proxy.shard_query(text, text) FROM PUBLIC;

-- Errors of shards are those of the call: without what PL/Proxy puts before the text.
CREATE FUNCTION sfn_proxy.plain_message(message text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT regexp_replace($1, '^[^:\n]*\(\d+\): \[[^]\n]*\] REMOTE [A-Z]+: ', '')
$$;
COMMENT ON FUNCTION sfn_proxy.plain_message(text) IS 'the text of an error as the shard raised it';

CREATE FUNCTION sfn_proxy.plain_detail(detail text, what text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT regexp_replace($1, '^Remote ' || $2 || ': ', '')
$$;
COMMENT ON FUNCTION sfn_proxy.plain_detail(text, text) IS 'detail or hint of an error as the shard gave it';

-- An option of RAISE cannot be left out by being null or empty.
CREATE FUNCTION sfn_proxy.raise(state text, message text, detail text, hint text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF $3 <> '' AND $4 <> '' THEN
		RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2, DETAIL = $3, HINT = $4;
	ELSIF $3 <> '' THEN
		RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2, DETAIL = $3;
	ELSIF $4 <> '' THEN
		RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2, HINT = $4;
	END IF;
	RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2;
END
$$;
COMMENT ON FUNCTION sfn_proxy.raise(text, text, text, text) IS 'raises an error with detail and hint, if it has them';
REVOKE ALL ON FUNCTION sfn_proxy.raise(text, text, text, text) FROM PUBLIC;

-- An error that no shard raised is that of the way there: nothing was sent when the connection could not be made, else nobody knows.
CREATE FUNCTION sfn_proxy.raise_plainly(shard integer, state text, message text, detail text, hint text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	plain text := sfn_proxy.plain_message($3);
BEGIN
	IF plain <> $3 THEN
		PERFORM sfn_proxy.raise($2, plain, sfn_proxy.plain_detail($4, 'detail'), sfn_proxy.plain_detail($5, 'hint'));
	ELSIF $3 ~ 'PQconnect|connect timeout' THEN
		RAISE EXCEPTION 'shard % cannot be reached', $1 USING ERRCODE = 'sqlclient_unable_to_establish_sqlconnection',
			HINT = 'Nothing was sent to it. sfn_proxy.shards shows all shards.';
	ELSIF $3 LIKE 'PL/Proxy function%' THEN
		RAISE EXCEPTION 'the connection to shard % was lost', $1 USING ERRCODE = 'connection_failure',
			DETAIL = 'Nobody knows whether the call took effect.', HINT = 'What may be repeated, such as a start by name, is done once.';
	END IF;
	PERFORM sfn_proxy.raise($2, $3, $4, $5);
END
$$;
COMMENT ON FUNCTION sfn_proxy.raise_plainly(integer, text, text, text, text) IS 'raises the error of a call on a shard as that shard raised it';
REVOKE ALL ON FUNCTION sfn_proxy.raise_plainly(integer, text, text, text, text) FROM PUBLIC;

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

-- PL/Proxy drops a connection on which there was an error, with a notice of that, which is nobody's concern.
CREATE FUNCTION sfn_proxy.on_shard(shard integer, caller text, function text, arguments text[], seq bigint DEFAULT NULL, revision uuid DEFAULT NULL)
	RETURNS SETOF text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	connection text := sfn_proxy.connection_to($1);
	message text;
	detail text;
	hint text;
BEGIN
	FOR attempt IN 1..2 LOOP
		BEGIN
			IF $5 IS NULL THEN
				RETURN QUERY SELECT c FROM sfn_proxy.shard_call(connection, $1, $2, $3, $4) c;
			ELSE
				RETURN QUERY SELECT c FROM sfn_proxy.shard_apply(connection, $1, $5, $2, $3, $4, $6) c;
			END IF;
			RETURN;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			IF attempt = 2 OR SQLSTATE <> '42704' OR message !~ 'role ".*" does not exist' THEN
				PERFORM sfn_proxy.raise_plainly($1, SQLSTATE, message, detail, hint);
			END IF;
		END;
		PERFORM sfn_proxy.sync_roles_of($1);
	END LOOP;
END
$$;
COMMENT ON FUNCTION sfn_proxy.on_shard(integer, text, text, text[], bigint, uuid) IS
	'a call on a shard in the name of a role, which is made there if need be; with seq: the change of that number, once';
REVOKE ALL ON FUNCTION sfn_proxy.on_shard(integer, text, text, text[], bigint, uuid) FROM PUBLIC;
