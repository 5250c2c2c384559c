-- Drawings of machines and of executions.

CREATE FUNCTION sfn.graph(state_machine_or_execution text, format text DEFAULT 'mermaid') RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_graph';
COMMENT ON FUNCTION sfn.graph(text, text) IS
	'a drawing of a state machine, or of how far an execution has come: mermaid, dot, svg, or json to draw it oneself';

CREATE FUNCTION sfn.states(execution text, OUT id bigint, OUT parent bigint, OUT path text, OUT state text, OUT type text,
	OUT iteration integer, OUT status text, OUT entered timestamptz, OUT exited timestamptz, OUT attempts integer,
	OUT error text, OUT cause text, OUT input json, OUT output json) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_states';
COMMENT ON FUNCTION sfn.states(text) IS 'each time that an execution entered a state, and how it went';
