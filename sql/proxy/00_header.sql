-- sfn_proxy: one door to several databases that run sfn.
-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sfn_proxy" to load this file. \quit

DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.<>) 'UTF8' THEN
		RAISE EXCEPTION 'extension "sfn_proxy" needs a database with encoding UTF8'
			USING ERRCODE = 'feature_not_supported',
				  HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0 makes one.';
	END IF;
END
$$;

-- Schema sfn is that of extension sfn, which cannot be in the same database.
CREATE SCHEMA sfn;
COMMENT ON SCHEMA sfn IS 'AWS Step Functions inside PostgreSQL: the functions of sfn, called in the shards';
GRANT USAGE ON SCHEMA sfn TO PUBLIC;
CREATE SCHEMA sfn_proxy;
COMMENT ON SCHEMA sfn_proxy IS 'where the shards are, what is on which, and the changes that all of them make';
GRANT USAGE ON SCHEMA sfn_proxy TO PUBLIC;
