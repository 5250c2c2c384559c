--
-- baseline.sql
--   What a user could write in an afternoon: the same chain of states walked by set-based PL/pgSQL.
--
-- One statement and one commit move p_batch executions by one state and store the same history events as AWS would,
-- a row each.  It knows one machine only, has no input processing, no retry, no timers and no privileges: whatever an
-- engine adds must not cost more than this leaves out.
--
CREATE SCHEMA baseline;

CREATE TABLE baseline.execution
(
	id			bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	status		text NOT NULL DEFAULT 'RUNNING',
	state		integer NOT NULL DEFAULT 0,
	input		json NOT NULL,
	output		json,
	start_date	timestamptz NOT NULL DEFAULT clock_timestamp(),
	stop_date	timestamptz
) WITH (fillfactor = 60);
CREATE INDEX execution_running ON baseline.execution (id) WHERE status = 'RUNNING';

CREATE TABLE baseline.history
(
	execution_id	bigint NOT NULL,
	id				integer NOT NULL,
	previous_id		integer NOT NULL,
	moment			timestamptz NOT NULL,
	type			text NOT NULL,
	details			json
);

CREATE FUNCTION baseline.start(p_count integer) RETURNS void LANGUAGE sql AS $$
	INSERT INTO baseline.execution (input) SELECT json_build_object('order', n) FROM generate_series(1, p_count) n;
$$;

-- Ten Pass states: 22 events an execution.
CREATE PROCEDURE baseline.run_passes(p_batch integer) LANGUAGE plpgsql AS $$
DECLARE
	moved bigint;
BEGIN
	LOOP
		WITH claimed AS (
			SELECT id FROM baseline.execution WHERE status = 'RUNNING' ORDER BY id LIMIT p_batch FOR UPDATE SKIP LOCKED
		), moved AS (
			UPDATE baseline.execution e
				SET state = e.state + 1,
					status = CASE e.state WHEN 9 THEN 'SUCCEEDED' ELSE 'RUNNING' END,
					output = CASE e.state WHEN 9 THEN e.input END,
					stop_date = CASE e.state WHEN 9 THEN clock_timestamp() END
				FROM claimed WHERE e.id = claimed.id
				RETURNING e.id, e.state, e.input
		), stored AS (
			INSERT INTO baseline.history
			SELECT m.id, v.id, v.id - 1, clock_timestamp(), v.type, v.details
			FROM moved m, LATERAL (VALUES
				(1, 'ExecutionStarted', json_build_object('input', m.input), m.state = 1),
				(2 * m.state, 'PassStateEntered', json_build_object('name', 'State ' || m.state, 'input', m.input), true),
				(2 * m.state + 1, 'PassStateExited', json_build_object('name', 'State ' || m.state, 'output', m.input), true),
				(22, 'ExecutionSucceeded', json_build_object('output', m.input), m.state = 10)
			) v (id, type, details, happens)
			WHERE v.happens
		)
		SELECT count(*) INTO moved FROM moved;
		COMMIT;
		EXIT WHEN moved = 0;
	END LOOP;
END $$;

CREATE FUNCTION baseline.task(input json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
	RETURN input;
END $$;

-- A task's error must not undo the other executions of the batch, so each call has a subtransaction of its own.
CREATE FUNCTION baseline.call_task(input json, OUT output json, OUT error text) LANGUAGE plpgsql AS $$
BEGIN
	output := baseline.task(input);
EXCEPTION WHEN OTHERS THEN
	error := SQLERRM;
END $$;

-- Ten Task states: 52 events an execution.
CREATE PROCEDURE baseline.run_tasks(p_batch integer) LANGUAGE plpgsql AS $$
DECLARE
	moved bigint;
BEGIN
	LOOP
		WITH claimed AS (
			SELECT id FROM baseline.execution WHERE status = 'RUNNING' ORDER BY id LIMIT p_batch FOR UPDATE SKIP LOCKED
		), moved AS (
			UPDATE baseline.execution e
				SET state = e.state + 1,
					status = CASE e.state WHEN 9 THEN 'SUCCEEDED' ELSE 'RUNNING' END,
					output = CASE e.state WHEN 9 THEN e.input END,
					stop_date = CASE e.state WHEN 9 THEN clock_timestamp() END
				FROM claimed WHERE e.id = claimed.id
				RETURNING e.id, e.state, e.input
		), called AS MATERIALIZED (
			SELECT m.*, t.output, t.error FROM moved m, LATERAL baseline.call_task(m.input) t
		), stored AS (
			INSERT INTO baseline.history
			SELECT m.id, v.id, v.id - 1, clock_timestamp(), v.type, v.details
			FROM called m, LATERAL (VALUES
				(1, 'ExecutionStarted', json_build_object('input', m.input), m.state = 1),
				(5 * m.state - 3, 'TaskStateEntered', json_build_object('name', 'State ' || m.state, 'input', m.input), true),
				(5 * m.state - 2, 'TaskScheduled', json_build_object('resource', 'bench.task', 'parameters', m.input), true),
				(5 * m.state - 1, 'TaskStarted', json_build_object('resource', 'bench.task'), true),
				(5 * m.state, 'TaskSucceeded', json_build_object('resource', 'bench.task', 'output', m.output), true),
				(5 * m.state + 1, 'TaskStateExited', json_build_object('name', 'State ' || m.state, 'output', m.output), true),
				(52, 'ExecutionSucceeded', json_build_object('output', m.output), m.state = 10)
			) v (id, type, details, happens)
			WHERE v.happens
		)
		SELECT count(*) INTO moved FROM moved;
		COMMIT;
		EXIT WHEN moved = 0;
	END LOOP;
END $$;

-- Ten states, Pass and Choice in turn, in memory: the definition is looked up state by state, as any interpreter would.
CREATE FUNCTION baseline.walk(definition jsonb, input jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	state	jsonb;
	name	text := definition ->> 'StartAt';
	rule	jsonb;
BEGIN
	LOOP
		state := definition -> 'States' -> name;
		IF state ->> 'Type' = 'Choice' THEN
			name := state ->> 'Default';
			FOR rule IN SELECT jsonb_array_elements(state -> 'Choices') LOOP
				IF (input ->> substr(rule ->> 'Variable', 3))::numeric < (rule ->> 'NumericLessThan')::numeric THEN
					name := rule ->> 'Next';
				END IF;
			END LOOP;
		ELSE
			EXIT WHEN (state ->> 'End')::boolean;
			name := state ->> 'Next';
		END IF;
	END LOOP;
	RETURN input;
END $$;
