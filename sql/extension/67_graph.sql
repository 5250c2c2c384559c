-- Drawings of machines and of executions.

CREATE FUNCTION sfn.graph(state_machine_or_execution text, format text DEFAULT 'mermaid') RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_graph';
COMMENT ON FUNCTION sfn.graph(text, text) IS
	'a drawing of a state machine, or of how far an execution has come: mermaid, dot, svg, or json to draw it oneself';

CREATE TYPE sfn.state_visit AS (
	id bigint, parent bigint, path text, state text, type text, iteration integer, status text, entered timestamptz,
	exited timestamptz, attempts integer, error text, cause text, input json, arguments json, result json, output json, tries json
);
COMMENT ON TYPE sfn.state_visit IS 'a row of sfn.states()';

CREATE FUNCTION sfn.states(execution text) RETURNS SETOF sfn.state_visit
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_states';
COMMENT ON FUNCTION sfn.states(text) IS 'each time that an execution entered a state, and how it went';
