--
-- machines.sql
--   The machines of the benchmark, and the loop that measures latency.
--
CREATE SCHEMA bench;

CREATE FUNCTION bench.task(input json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
	RETURN input;
END $$;

-- A chain of p_length states that are all alike but for name and successor.
CREATE FUNCTION bench.chain(p_length integer, p_state jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'State 1', 'States', jsonb_object_agg('State ' || n, p_state ||
			CASE WHEN n = p_length THEN '{"End": true}'::jsonb
				 ELSE jsonb_build_object('Next', 'State ' || n + 1) END))::text
	FROM generate_series(1, p_length) n;
$$;

-- Ten states, Pass and Choice in turn, that end after all of them.
CREATE FUNCTION bench.express_chain() RETURNS text LANGUAGE sql AS $$
	SELECT json_build_object('StartAt', 'State 1', 'States', json_object_agg('State ' || n,
		CASE WHEN n % 2 = 1 THEN json_build_object('Type', 'Pass', 'Next', 'State ' || n + 1)
			 WHEN n < 10 THEN json_build_object('Type', 'Choice', 'Default', 'State ' || n + 1, 'Choices', json_build_array(
				json_build_object('Variable', '$.order', 'NumericLessThan', 0, 'Next', 'State 10')))
			 ELSE '{"Type": "Pass", "End": true}' END ORDER BY n))::text
	FROM generate_series(1, 10) n;
$$;

SELECT sfn.create_state_machine('express', bench.express_chain(), type => 'EXPRESS');
SELECT sfn.create_state_machine('express_logged', bench.express_chain(), type => 'EXPRESS',
	logging => '{"level": "ALL", "includeExecutionData": true}');
SELECT sfn.create_state_machine('passes', bench.chain(10, '{"Type": "Pass"}'));
SELECT sfn.create_state_machine('tasks', bench.chain(10, '{"Type": "Task", "Resource": "sql:bench.task"}'));
SELECT sfn.create_state_machine('one_task', bench.chain(1, '{"Type": "Task", "Resource": "sql:bench.task"}'));

CREATE TABLE bench.row_of_insert (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload json NOT NULL);

-- Latency, one execution after the other on an idle server.  Watching, it is what this session sees: from the return of
-- the COMMIT that starts an execution until its end is visible here; the loop only reads.  A loop takes a processor,
-- though, so without watching the session sleeps and only the dates that the engine wrote count.  Either way nothing is
-- written in between: what was measured is kept until the last round.
CREATE TABLE bench.latency (execution text, is_watched boolean, seen_ms double precision);

CREATE PROCEDURE bench.measure_latency(p_rounds integer, p_watch boolean, p_deadline interval) LANGUAGE plpgsql AS $$
DECLARE
	began			timestamptz := clock_timestamp();
	committed		timestamptz;
	current_arn		text;
	current_status	text;
	arns			text[];
	times			double precision[];
BEGIN
	FOR n IN 1 .. p_rounds LOOP
		current_arn := sfn.start_execution('one_task', '{"order": 1}');
		COMMIT;
		committed := clock_timestamp();
		LOOP
			EXIT WHEN NOT p_watch;
			SELECT e.status INTO current_status FROM sfn.executions e WHERE e.execution_arn = current_arn;
			EXIT WHEN current_status <> 'RUNNING' OR clock_timestamp() - began > p_deadline;
		END LOOP;
		arns := arns || current_arn;
		times := times || (1000 * extract(epoch FROM clock_timestamp() - committed))::double precision;
		EXIT WHEN clock_timestamp() - began > p_deadline;
		PERFORM pg_sleep(0.008);
	END LOOP;
	INSERT INTO bench.latency SELECT arn, p_watch, ms FROM unnest(arns, times) t (arn, ms);
END $$;

-- One INSERT and its commit after the other at the same rhythm: a disk and processors that rest in between take longer.
CREATE PROCEDURE bench.measure_insert(p_rounds integer, INOUT p50 double precision DEFAULT NULL, INOUT p99 double precision DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
	began	timestamptz;
	times	double precision[];
BEGIN
	FOR n IN 1 .. p_rounds LOOP
		began := clock_timestamp();
		INSERT INTO bench.row_of_insert (payload) VALUES ('{"order": 1}');
		COMMIT;
		times := times || (1000 * extract(epoch FROM clock_timestamp() - began))::double precision;
		PERFORM pg_sleep(0.008);
	END LOOP;
	SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), percentile_disc(0.99) WITHIN GROUP (ORDER BY ms)
	INTO p50, p99 FROM unnest(times) ms;
END $$;
