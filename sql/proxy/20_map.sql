-- Which shard has what: for clients that find it themselves, and for the calls below.  In PL/pgSQL, which keeps plans.

CREATE FUNCTION sfn_proxy.slot_of(name text) RETURNS integer
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	h bytea := sha256(convert_to($1, 'UTF8'));
BEGIN
	RETURN get_byte(h, 0) * 4 + get_byte(h, 1) / 64;
END
$$;
COMMENT ON FUNCTION sfn_proxy.slot_of(text) IS 'the slot of a chosen name: the first 10 bits of its SHA-256';

CREATE FUNCTION sfn_proxy.shard_in_name(name text) RETURNS integer
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN CASE WHEN $1 ~ '^[0-7][0-9a-f]{2}[0-9a-f]{5}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$'
		THEN ('x' || lpad(substr($1, 1, 3), 8, '0'))::bit(32)::integer END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.shard_in_name(text) IS 'the shard that a name of its own begins with; null: it looks like none';

-- Tokens begin with the number of their execution, and that with the shard, 12 bits.
CREATE FUNCTION sfn_proxy.shard_of_token(token text) RETURNS integer
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN (SELECT CASE WHEN $1 ~ '^[A-Za-z0-9+/]{4}' THEN get_byte(b, 0) * 16 + get_byte(b, 1) / 16 END
	FROM decode(CASE WHEN $1 ~ '^[A-Za-z0-9+/]{4}' THEN substr($1, 1, 4) ELSE '' END, 'base64') b);
END
$$;
COMMENT ON FUNCTION sfn_proxy.shard_of_token(text) IS 'the shard that gave out a task token; null: it looks like none';

CREATE FUNCTION sfn_proxy.map_version() RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN (SELECT version FROM sfn_proxy.map);
END
$$;
COMMENT ON FUNCTION sfn_proxy.map_version() IS 'rises with each change of shards and slots: what was kept of them before holds no longer';

CREATE FUNCTION sfn_proxy.shard_of(name text) RETURNS integer
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN (SELECT shard FROM sfn_proxy.slot WHERE slot = sfn_proxy.slot_of($1));
END
$$;
COMMENT ON FUNCTION sfn_proxy.shard_of(text) IS 'the shard on which an execution of this chosen name is started';

-- The name in the ARN of an execution or map run, or in machine/name.
CREATE FUNCTION sfn_proxy.name_in_arn(arn text) RETURNS text
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN CASE WHEN $1 LIKE 'arn:%' THEN split_part($1, ':', 8) ELSE split_part($1, '/', -1) END;
END
$$;
COMMENT ON FUNCTION sfn_proxy.name_in_arn(text) IS 'the name in the ARN of an execution, or in machine/name';

-- By the name if it says so, by the slot, where the slot was before, then all others: a child that was given a name is where its parent is.
CREATE FUNCTION sfn_proxy.execution_places(arn text) RETURNS integer[]
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	name text := sfn_proxy.name_in_arn($1);
	said integer := sfn_proxy.shard_in_name(name);
	its_slot integer := sfn_proxy.slot_of(name);
	everywhere integer[] := (SELECT array_agg(s.id) FROM sfn_proxy.shard s);
	place sfn_proxy.slot;
	candidate integer;
	places integer[] := '{}';
BEGIN
	SELECT t.* INTO place FROM sfn_proxy.slot t WHERE t.slot = its_slot;
	-- by hand, since sorting a handful costs a statement much
	FOREACH candidate IN ARRAY ARRAY[said, place.shard] || place.previous || everywhere LOOP
		IF candidate = ANY (everywhere) AND candidate <> ALL (places) THEN
			places := places || candidate;
		END IF;
	END LOOP;
	RETURN places;
END
$$;
COMMENT ON FUNCTION sfn_proxy.execution_places(text) IS 'the shards on which the execution with this ARN may be, the likeliest first';
REVOKE ALL ON FUNCTION sfn_proxy.execution_places(text) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.shards_of_execution(arn text) RETURNS SETOF integer
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT u FROM unnest(sfn_proxy.execution_places($1)) u;
END
$$;
COMMENT ON FUNCTION sfn_proxy.shards_of_execution(text) IS 'the shards on which the execution with this ARN may be, the likeliest first';

CREATE FUNCTION sfn_proxy.shard_of_execution(arn text) RETURNS integer
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN (sfn_proxy.execution_places($1))[1];
END
$$;
COMMENT ON FUNCTION sfn_proxy.shard_of_execution(text) IS 'the shard on which the execution with this ARN most likely is';
