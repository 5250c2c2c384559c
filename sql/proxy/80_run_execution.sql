-- What is made of other calls.

CREATE PROCEDURE sfn.run_execution(
	state_machine text, input text DEFAULT '{}', timeout interval DEFAULT '1 min', INOUT execution_arn text DEFAULT NULL,
	INOUT status text DEFAULT NULL, INOUT output json DEFAULT NULL, INOUT error text DEFAULT NULL,
	INOUT cause text DEFAULT NULL)
	LANGUAGE plpgsql AS $$
BEGIN
	execution_arn := sfn.start_execution($1, $2);
	PERFORM sfn.wait_for_execution(execution_arn, $3);
	SELECT d.status, d.output, d.error, d.cause INTO status, output, error, cause FROM sfn.describe_execution(execution_arn) d;
END
$$;
COMMENT ON PROCEDURE sfn.run_execution(text, text, interval, text, text, json, text, text) IS
	'starts an execution, waits for its end and shows it';

CREATE PROCEDURE sfn.run_execution(
	state_machine text, input json, timeout interval DEFAULT '1 min', INOUT execution_arn text DEFAULT NULL,
	INOUT status text DEFAULT NULL, INOUT output json DEFAULT NULL, INOUT error text DEFAULT NULL,
	INOUT cause text DEFAULT NULL)
	LANGUAGE plpgsql AS $$
BEGIN
	CALL sfn.run_execution($1, $2::text, $3, $4, $5, $6, $7, $8);
END
$$;
COMMENT ON PROCEDURE sfn.run_execution(text, json, interval, text, text, json, text, text) IS
	'starts an execution, waits for its end and shows it';

CREATE PROCEDURE sfn.run_execution(
	state_machine text, input jsonb, timeout interval DEFAULT '1 min', INOUT execution_arn text DEFAULT NULL,
	INOUT status text DEFAULT NULL, INOUT output json DEFAULT NULL, INOUT error text DEFAULT NULL,
	INOUT cause text DEFAULT NULL)
	LANGUAGE plpgsql AS $$
BEGIN
	CALL sfn.run_execution($1, $2::text, $3, $4, $5, $6, $7, $8);
END
$$;
COMMENT ON PROCEDURE sfn.run_execution(text, jsonb, interval, text, text, json, text, text) IS
	'starts an execution, waits for its end and shows it';
