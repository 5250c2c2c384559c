-- Limits of a role: each shard gets its share of them, rounded up.

CREATE FUNCTION sfn.set_quota(role regrole, open_executions bigint DEFAULT NULL, payload_bytes bigint DEFAULT NULL,
		stored_bytes bigint DEFAULT NULL, starts_per_second bigint DEFAULT NULL, http_per_second bigint DEFAULT NULL)
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM sfn_proxy.check_transaction('write');
	PERFORM c FROM sfn_proxy.make_change('', 'sfn.set_quota(regrole,bigint,bigint,bigint,bigint,bigint)',
		ARRAY[$1::text, $2::text, $3::text, $4::text, $5::text, $6::text]) c;
END
$$;
COMMENT ON FUNCTION sfn.set_quota(regrole, bigint, bigint, bigint, bigint, bigint) IS
	'limits what the executions that run as a role take: their number while open, the bytes of their inputs, of all that is stored of them, starts and HTTP requests a second; null: no limit';
REVOKE ALL ON FUNCTION sfn.set_quota(regrole, bigint, bigint, bigint, bigint, bigint) FROM PUBLIC;

CREATE FUNCTION sfn_proxy.share_quotas() RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	last text[];
	shared bigint := 0;
BEGIN
	FOR last IN SELECT DISTINCT ON (c.arguments[1]) c.arguments FROM sfn_proxy.change c
			WHERE c.function LIKE 'sfn.set\_quota(%' AND c.state = 'accepted' ORDER BY c.arguments[1], c.seq DESC LOOP
		PERFORM c FROM sfn_proxy.make_change('', 'sfn.set_quota(regrole,bigint,bigint,bigint,bigint,bigint)', last) c;
		shared := shared + 1;
	END LOOP;
	RETURN shared;
END
$$;
COMMENT ON FUNCTION sfn_proxy.share_quotas() IS 'gives each shard its share of all quotas anew, after shards have come or gone; returns how many there are';
REVOKE ALL ON FUNCTION sfn_proxy.share_quotas() FROM PUBLIC;
