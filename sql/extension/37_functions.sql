-- Functions for tasks to call, by a function ARN or lambda:invoke.

CREATE FUNCTION sfn.create_function(name text, target text, alone boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_function_by_text';
COMMENT ON FUNCTION sfn.create_function(text, text, boolean) IS
	'lets function ARNs and lambda:invoke call a URL, or the SQL function of this signature, under this name; returns the ARN';

CREATE FUNCTION sfn.create_function(name text, target regprocedure, alone boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_function';
COMMENT ON FUNCTION sfn.create_function(text, regprocedure, boolean) IS
	'lets function ARNs and lambda:invoke call a SQL function under this name; returns the ARN';

CREATE FUNCTION sfn.delete_function(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_function';
COMMENT ON FUNCTION sfn.delete_function(text) IS 'forgets what sfn.create_function() registered; the SQL function stays';
