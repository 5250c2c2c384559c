-- Drawings of machines and of executions.

CREATE FUNCTION sfn.graph(state_machine_or_execution text, format text DEFAULT 'mermaid') RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_graph';
COMMENT ON FUNCTION sfn.graph(text, text) IS
	'a drawing of a state machine, or of how far an execution has come: mermaid or dot';
