-- Functions for tasks to call, and tools.

CREATE FUNCTION sfn.create_function(name text, target regprocedure, alone boolean DEFAULT false) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_function';
COMMENT ON FUNCTION sfn.create_function(text, regprocedure, boolean) IS
	'lets function ARNs and lambda:invoke call a SQL function under this name; returns the ARN';

CREATE FUNCTION sfn.delete_function(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_function';
COMMENT ON FUNCTION sfn.delete_function(text) IS 'forgets what sfn.create_function() registered; the SQL function stays';

CREATE FUNCTION sfn.jsonpath(path text, input json) RETURNS json
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_jsonpath';
COMMENT ON FUNCTION sfn.jsonpath(text, json) IS 'what a JSONPath of a state machine selects from an input';

CREATE FUNCTION sfn.graph(state_machine_or_execution text, format text DEFAULT 'mermaid') RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_graph';
COMMENT ON FUNCTION sfn.graph(text, text) IS
	'a drawing of a state machine, or of how far an execution has come: mermaid or dot';
