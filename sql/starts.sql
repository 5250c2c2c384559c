-- Where the rows of new executions go, and that they get there however the tables look.
\set VERBOSITY terse
SET sfn.test_now = '2026-01-01 00:00:00+00';
TRUNCATE sfn.execution, sfn.inbox, sfn.branch, sfn.history_chunk;
SELECT sfn.create_state_machine('starts', '{"StartAt": "Echo", "States": {"Echo": {"Type": "Pass", "End": true}}}');
CREATE FUNCTION pg_temp.begun() RETURNS TABLE (executions bigint, by_date bigint, queued bigint, by_execution bigint, due bigint)
LANGUAGE sql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
	SELECT (SELECT count(*) FROM sfn.execution WHERE id > 0),
		(SELECT count(*) FROM sfn.state_machine m JOIN sfn.execution e ON e.state_machine_id = m.id AND e.start_date <= '2026-01-01 00:00:00+00' WHERE m.name = 'starts'),
		(SELECT count(*) FROM sfn.inbox), (SELECT count(*) FROM sfn.execution e JOIN sfn.inbox i ON i.execution_id = e.id),
		(SELECT count(*) FROM sfn.inbox WHERE due <= '2026-01-01 00:00:00+00')
$$;

-- every index knows them, in the transaction that starts them, too; names grow
BEGIN;
SELECT sfn.start_execution('starts') IS NOT NULL AS started;
SELECT * FROM pg_temp.begun();
SELECT count(arn), bool_and(arn > before) AS are_ordered
FROM (SELECT arn, lag(arn, 1, '') OVER (ORDER BY place) AS before
	  FROM sfn.start_executions('starts', ARRAY(SELECT json_build_object('n', n) FROM generate_series(1, 600) n))
		WITH ORDINALITY s (arn, place)) s;
SELECT * FROM pg_temp.begun();
SAVEPOINT s;
SELECT sfn.start_execution('starts') IS NOT NULL AS started;
SELECT count(*) FROM sfn.start_executions('starts', ARRAY['{}', '{}']::json[]);
ROLLBACK TO s;
SELECT * FROM pg_temp.begun();
COMMIT;
SELECT count(sfn.start_execution('starts', '{"n": ' || n || '}')) FROM generate_series(601, 700) n;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, count(*), sum((input->>'n')::integer), sum((output->>'n')::integer) FROM sfn.executions GROUP BY status;
SELECT * FROM pg_temp.begun();

-- long inputs
SELECT sfn.start_execution('starts', to_json(repeat('long ', 40000))) IS NOT NULL AS started;
SELECT count(*) FROM sfn.start_executions('starts', ARRAY(SELECT to_json(n || repeat(' long', 40000)) FROM generate_series(1, 3) n));
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT length(input #>> '{}'), (input #>> '{}') = (output #>> '{}') AS is_same, count(*) FROM sfn.executions
WHERE length(input::text) > 1000 GROUP BY 1, 2 ORDER BY 1;

-- with the tables as they were made no statement does it: one would be in the context of an error
SELECT setval('sfn.execution_id_seq', (SELECT min(id) FROM sfn.execution), false) > 0 AS is_back;
DO $$
DECLARE
	place text;
BEGIN
	PERFORM sfn.start_execution('starts');
EXCEPTION WHEN unique_violation THEN
	GET STACKED DIAGNOSTICS place = PG_EXCEPTION_CONTEXT;
	RAISE NOTICE 'by a statement: %', place LIKE '%INSERT%';
END $$;
SELECT setval('sfn.execution_id_seq', (SELECT max(id) FROM sfn.execution)) > 0 AS is_forth;

-- where nothing may be written
BEGIN READ ONLY;
SELECT sfn.start_execution('starts');
ROLLBACK;
BEGIN READ ONLY;
SELECT sfn.start_executions('starts', ARRAY['{}']::json[]);
ROLLBACK;

-- what others have added to the tables is heeded: triggers, in the transaction that makes them, too
CREATE TABLE seen (what text, name text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.seen VALUES (TG_NAME, CASE WHEN TG_LEVEL = 'ROW' THEN row_to_json(NEW)->>'input' END);
	RETURN NEW;
END $$;
BEGIN;
SELECT sfn.start_execution('starts', '0') IS NOT NULL AS started;
CREATE TRIGGER each_row AFTER INSERT ON sfn.execution FOR EACH ROW EXECUTE FUNCTION note();
SELECT sfn.start_execution('starts', '1') IS NOT NULL AS started;
COMMIT;
SELECT count(*) FROM sfn.start_executions('starts', ARRAY['2', '3']::json[]);
DROP TRIGGER each_row ON sfn.execution;
CREATE TRIGGER each_statement BEFORE INSERT ON sfn.inbox FOR EACH STATEMENT EXECUTE FUNCTION note();
SELECT sfn.start_execution('starts', '4') IS NOT NULL AS started;
SELECT count(*) FROM sfn.start_executions('starts', ARRAY['5', '6']::json[]);
DROP TRIGGER each_statement ON sfn.inbox;
SELECT sfn.start_execution('starts', '7') IS NOT NULL AS started;
SELECT * FROM seen;

-- a check
ALTER TABLE sfn.execution ADD CONSTRAINT not_eight CHECK (input::text <> '8');
SELECT sfn.start_execution('starts', '8');
SELECT sfn.start_executions('starts', ARRAY['7', '8']::json[]);
SELECT sfn.start_execution('starts', '9') IS NOT NULL AS started;
ALTER TABLE sfn.execution DROP CONSTRAINT not_eight;
SELECT sfn.start_execution('starts', '8') IS NOT NULL AS started;

-- columns with a default, constant, changing and computed; one that must be given
ALTER TABLE sfn.execution ADD COLUMN region text, ADD COLUMN weight integer NOT NULL DEFAULT 7;
SELECT sfn.start_execution('starts', '10') IS NOT NULL AS started;
ALTER TABLE sfn.execution ADD COLUMN source text DEFAULT current_setting('application_name'), ADD COLUMN size integer
	GENERATED ALWAYS AS (length(input::text)) STORED;
SELECT count(*) FROM sfn.start_executions('starts', ARRAY['11', '12']::json[]);
SELECT input, region, weight, source = current_setting('application_name') AS has_source, size FROM sfn.execution
WHERE input::text IN ('9', '10', '11', '12') ORDER BY id;
ALTER TABLE sfn.execution DROP COLUMN region, DROP COLUMN source, DROP COLUMN size, ADD COLUMN must text,
	ADD CONSTRAINT must CHECK (must IS NOT NULL) NOT VALID;
SELECT sfn.start_execution('starts', '13');
ALTER TABLE sfn.execution DROP CONSTRAINT must;
ALTER TABLE sfn.inbox ALTER COLUMN visit SET DEFAULT 3;
SELECT sfn.start_execution('starts', '14') IS NOT NULL AS started;
SELECT i.visit FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id WHERE e.input::text = '14';
ALTER TABLE sfn.inbox ALTER COLUMN visit SET DEFAULT 0;

-- indexes: on columns, with an expression, partial; unique ones refuse
CREATE INDEX by_starter ON sfn.execution (starter, id);
CREATE INDEX by_input ON sfn.execution ((input #>> '{}')) WHERE status = 1;
SELECT sfn.start_execution('starts', '"indexed"') IS NOT NULL AS started;
SELECT count(*) FROM sfn.start_executions('starts', ARRAY['"indexed"', '"indexed"']::json[]);
SET enable_seqscan = off;
EXPLAIN (COSTS off) SELECT count(*) FROM sfn.execution WHERE input #>> '{}' = 'indexed' AND status = 1;
SELECT count(*) FROM sfn.execution WHERE input #>> '{}' = 'indexed' AND status = 1;
DROP INDEX sfn.by_input;
SELECT sfn.start_execution('starts', '"by column"') IS NOT NULL AS started;
SELECT count(*) = (SELECT count(*) FROM sfn.execution WHERE id > 0) AS has_all FROM sfn.execution WHERE starter > 0;
RESET enable_seqscan;
CREATE UNIQUE INDEX one_visit ON sfn.inbox (execution_id, due);
SELECT setval('sfn.execution_id_seq', (SELECT max(execution_id) FROM sfn.inbox), false) > 0 AS is_back;
SELECT regexp_replace(sfn.start_execution('starts', '15'), '[0-9a-f-]{36}', 'UUID');
DROP INDEX sfn.one_visit, sfn.by_starter;
ALTER TABLE sfn.execution DROP COLUMN weight, DROP COLUMN must;
SELECT setval('sfn.execution_id_seq', (SELECT max(id) FROM sfn.execution)) > 0 AS is_forth;

-- partial ones: of which all these rows are part, none, and what depends
BEGIN;
DELETE FROM sfn.inbox;
CREATE UNIQUE INDEX one_start ON sfn.inbox (due) WHERE kind = 1 AND payload IS NULL;
CREATE UNIQUE INDEX one_other ON sfn.inbox (due) WHERE kind = 13 OR payload IS NOT NULL;
SELECT sfn.start_execution('starts', '16') IS NOT NULL AS started;
SAVEPOINT s;
SELECT sfn.start_execution('starts', '17') IS NOT NULL AS started;
ROLLBACK TO s;
DROP INDEX sfn.one_start;
SELECT sfn.start_execution('starts', '17') IS NOT NULL AS started;
CREATE UNIQUE INDEX one_now ON sfn.execution (start_date) WHERE input::text = '18';
SELECT sfn.start_execution('starts', '18') IS NOT NULL AS started;
SELECT sfn.start_execution('starts', '18') IS NOT NULL AS started;
ROLLBACK;

-- one that is built beside the starts is filled from the moment on that says so to its own entry alone
CREATE INDEX by_start ON sfn.execution (start_date);
UPDATE pg_index SET indisready = false, indisvalid = false WHERE indexrelid = 'sfn.by_start'::regclass;
SELECT sfn.start_execution('starts', '19') IS NOT NULL AS started;
UPDATE pg_index SET indisready = true WHERE indexrelid = 'sfn.by_start'::regclass;
SELECT sfn.start_execution('starts', '20') IS NOT NULL AS started;
UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'sfn.by_start'::regclass;
SET enable_seqscan = off;
SELECT input FROM sfn.execution WHERE start_date > '-infinity' AND input::text IN ('19', '20');
RESET enable_seqscan;
DROP INDEX sfn.by_start;

-- other kinds of indexes, and expressions that raise errors, which are those of the task that starts
CREATE INDEX by_content ON sfn.execution USING gin ((input::jsonb) jsonb_path_ops);
CREATE INDEX by_moment ON sfn.execution USING brin (start_date);
CREATE INDEX by_hash ON sfn.inbox USING hash (execution_id);
CREATE INDEX by_share ON sfn.execution ((100 / (input ->> 'share')::integer)) WHERE (input ->> 'share') IS NOT NULL;
SELECT sfn.start_execution('starts', '{"city": "Bern"}') IS NOT NULL AS started;
SELECT count(*) FROM sfn.start_executions('starts', ARRAY['{"city": "Bern", "share": 4}', '{"city": "Basel"}', '{"city": "Bern"}']::json[]);
SET enable_seqscan = off;
SELECT count(*) FROM sfn.execution WHERE input::jsonb @> '{"city": "Bern"}';
SELECT count(*) FROM sfn.execution WHERE 100 / (input ->> 'share')::integer = 25 AND (input ->> 'share') IS NOT NULL;
RESET enable_seqscan;
SELECT sfn.start_execution('starts', '{"share": 0}');
SELECT sfn.create_state_machine('starts_one', '{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
	"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:starts", "Input": {"share.$": "$.part"}}, "OutputPath": "$.SdkHttpMetadata.HttpStatusCode", "End": true}}}');
SELECT sfn.start_execution('starts_one', '{"part": 0}', 'zero') IS NOT NULL AS started, sfn.start_execution('starts_one', '{"part": 5}', 'five') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, status, output, error, cause FROM sfn.executions WHERE state_machine = 'starts_one' ORDER BY name;
DROP INDEX sfn.by_content, sfn.by_moment, sfn.by_hash, sfn.by_share;
SELECT sfn.start_execution('starts_one', '{"part": 0}', 'nothing') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, status, output, error FROM sfn.executions WHERE state_machine = 'starts_one' AND name = 'nothing';
SELECT input, status FROM sfn.executions WHERE input ->> 'share' IS NOT NULL AND state_machine = 'starts' ORDER BY input ->> 'share';

-- row security does not hold the extension back, a rule is not passed over, and rows that are kept out are no executions
ALTER TABLE sfn.execution ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT sfn.start_execution('starts', '16') IS NOT NULL AS started;
ALTER TABLE sfn.execution DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
CREATE RULE also AS ON INSERT TO sfn.inbox DO ALSO INSERT INTO public.seen VALUES ('rule', NEW.kind::text);
SELECT sfn.start_execution('starts', '17');
DROP RULE also ON sfn.inbox;
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep_out BEFORE INSERT ON sfn.execution FOR EACH ROW EXECUTE FUNCTION keep_out();
SELECT sfn.start_execution('starts', '18');
DROP TRIGGER keep_out ON sfn.execution;
DROP TABLE seen;
DROP FUNCTION note(), keep_out();

-- all of them run
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, count(*) FROM sfn.executions GROUP BY status;

-- sfn.direct_inserts is the switch: either way the rows are the same but for what numbers and names them
TRUNCATE sfn.execution, sfn.inbox, sfn.branch, sfn.history_chunk;
SELECT sfn.publish_state_machine_version('starts') AS version \gset
SELECT sfn.create_state_machine('starts_sync', '{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
	"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:starts", "Input.$": "$"}, "End": true}}}') IS NOT NULL AS created;
CREATE FUNCTION pg_temp.rows_of_starts(version text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	place text;
	rows text;
BEGIN
	PERFORM sfn.start_execution('starts', '"one"'), sfn.start_execution(version, '"version"'), sfn.start_execution('starts_sync', '{"child": 1}');
	PERFORM sfn.start_executions('starts', ARRAY['"first"', '"second"']::json[]);
	PERFORM sfn.run_once() FROM generate_series(1, 2);
	SELECT string_agg(concat_ws(' ', to_jsonb(e) - '{id,name,image,output,history_bytes}'::text[], to_jsonb(i) - '{id,execution_id,payload}'::text[]), E'\n' ORDER BY e.id) INTO rows
	FROM sfn.execution e LEFT JOIN sfn.inbox i ON i.execution_id = e.id;
	PERFORM setval('sfn.execution_id_seq', (SELECT min(id) FROM sfn.execution), false);
	BEGIN
		PERFORM sfn.start_execution('starts');
	EXCEPTION WHEN unique_violation THEN
		GET STACKED DIAGNOSTICS place = PG_EXCEPTION_CONTEXT;
		RAISE NOTICE 'by a statement: %', place LIKE '%INSERT%';
	END;
	TRUNCATE sfn.execution, sfn.inbox, sfn.branch, sfn.history_chunk, sfn.task;
	RETURN rows;
END $$;
SELECT pg_temp.rows_of_starts(:'version') AS directly \gset
SET sfn.direct_inserts = off;
SELECT pg_temp.rows_of_starts(:'version') AS by_statement \gset
RESET sfn.direct_inserts;
SELECT :'directly' = :'by_statement' AS are_the_same, length(:'directly') > 1000 AS are_rows;
