-- Names and words that views are made of.

CREATE FUNCTION sfn.state_machine_arn(name text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_state_machine_arn';
COMMENT ON FUNCTION sfn.state_machine_arn(text) IS 'the ARN that a state machine of this name has';

CREATE FUNCTION sfn.execution_arn(state_machine text, name text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_execution_arn';
COMMENT ON FUNCTION sfn.execution_arn(text, text) IS
	'the ARN that an execution of this name has; an EXPRESS execution''s name is followed by a colon and its UUID';

CREATE FUNCTION sfn.execution_arn(state_machine text, name text, express_id uuid) RETURNS text
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_execution_arn';
COMMENT ON FUNCTION sfn.execution_arn(text, text, uuid) IS
	'the same, with the UUID of an EXPRESS execution apart; null: it is a STANDARD one';

CREATE FUNCTION sfn.map_run_arn(state_machine text, name text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_map_run_arn';
COMMENT ON FUNCTION sfn.map_run_arn(text, text) IS
	'the ARN that a map run of this name has; its state machine is what the children run: machine/label';

CREATE FUNCTION sfn.execution_id(execution text) RETURNS bigint
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'sfn_execution_id';
COMMENT ON FUNCTION sfn.execution_id(text) IS
	'the number of the execution with this ARN, or machine/name, that the current user may see; null: there is none';

CREATE FUNCTION sfn.execution_ids(execution text) RETURNS bigint[]
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'sfn_execution_ids';
COMMENT ON FUNCTION sfn.execution_ids(text) IS
	'the numbers of all executions with this ARN, of machines that had the name one after the other; the views look rows up by it';

CREATE FUNCTION sfn.execution_ids(executions text[]) RETURNS bigint[]
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'sfn_execution_ids_array';
COMMENT ON FUNCTION sfn.execution_ids(text[]) IS 'the same of several ARNs';

CREATE FUNCTION sfn_internal.status_name(status smallint) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_status_name';
COMMENT ON FUNCTION sfn_internal.status_name(smallint) IS 'RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED for the number stored';
