-- Trying out expressions.

CREATE FUNCTION sfn.jsonata(expression text, input json, bindings json DEFAULT '{}') RETURNS json
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_jsonata';
COMMENT ON FUNCTION sfn.jsonata(text, json, json) IS
	'what a JSONata expression makes of an input; null is undefined, errors begin with JSONata''s code';

CREATE FUNCTION sfn.jsonpath(path text, input json) RETURNS json
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_jsonpath';
COMMENT ON FUNCTION sfn.jsonpath(text, json) IS 'what a JSONPath of a state machine selects from an input';
