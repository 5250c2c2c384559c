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

SELECT sfn.create_state_machine('passes', bench.chain(10, '{"Type": "Pass"}'));
SELECT sfn.create_state_machine('tasks', bench.chain(10, '{"Type": "Task", "Resource": "sql:bench.task"}'));
SELECT sfn.create_state_machine('one_task', bench.chain(1, '{"Type": "Task", "Resource": "sql:bench.task"}'));

CREATE TABLE bench.row_of_insert (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload json NOT NULL);

-- Latency as a waiting session sees it: from the return of the COMMIT that starts an execution until its end is
-- visible here.  The loop only reads; between two measurements the server is left idle.
CREATE TABLE bench.latency (n integer, seen_ms double precision, server_ms double precision);

CREATE PROCEDURE bench.measure_latency(p_rounds integer, p_deadline interval) LANGUAGE plpgsql AS $$
DECLARE
	began			timestamptz := clock_timestamp();
	committed		timestamptz;
	execution		text;
	row_status		text;
	row_start		timestamptz;
	row_stop		timestamptz;
BEGIN
	FOR n IN 1 .. p_rounds LOOP
		execution := sfn.start_execution('one_task', '{"order": 1}');
		COMMIT;
		committed := clock_timestamp();
		LOOP
			SELECT e.status, e.start_date, e.stop_date INTO row_status, row_start, row_stop
				FROM sfn.executions e WHERE e.execution_arn = execution;
			EXIT WHEN row_status <> 'RUNNING';
			IF clock_timestamp() - began > p_deadline THEN
				RETURN;
			END IF;
		END LOOP;
		INSERT INTO bench.latency VALUES (n, 1000 * extract(epoch FROM clock_timestamp() - committed),
										  1000 * extract(epoch FROM row_stop - row_start));
		COMMIT;
		PERFORM pg_sleep(0.003);
	END LOOP;
END $$;
