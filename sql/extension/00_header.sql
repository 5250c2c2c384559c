-- sfn: AWS Step Functions inside PostgreSQL.
-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sfn" to load this file. \quit

DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.<>) 'UTF8' THEN
		RAISE EXCEPTION 'extension "sfn" needs a database with encoding UTF8'
			USING ERRCODE = 'feature_not_supported',
				  HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0 makes one.';
	END IF;
END
$$;

-- A member of the extension: dropped with it, and a schema of this name that is somebody else's stops the installation.
CREATE SCHEMA sfn;
COMMENT ON SCHEMA sfn IS 'AWS Step Functions inside PostgreSQL';

-- Rights.  Everybody may call functions and read views; which state machines that reaches is decided row by row.  Functions
-- are open to PUBLIC unless a REVOKE stands below them, views to those whom the GRANT below them names, and tables to
-- nobody: only the extension's own code reads and writes them.
GRANT USAGE ON SCHEMA sfn TO PUBLIC;

-- Functions that nobody calls by hand: what views, triggers and types of the extension are made of, and what its programs call.
CREATE SCHEMA sfn_internal;
COMMENT ON SCHEMA sfn_internal IS 'what views and programs of sfn call; nothing in it is for users, and all of it may change';
GRANT USAGE ON SCHEMA sfn_internal TO PUBLIC;
