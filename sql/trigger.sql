-- sfn.start_execution_on_change(): executions for changed rows.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT sfn.create_state_machine('on_change', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
CREATE SCHEMA "Web shop";
CREATE TABLE "Web shop".orders (id int PRIMARY KEY, gone int, total numeric(10, 2), note text, placed timestamptz, tags text[]);
ALTER TABLE "Web shop".orders DROP COLUMN gone;

-- row level
CREATE TRIGGER each_row AFTER INSERT OR UPDATE OR DELETE ON "Web shop".orders
	FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('on_change');
INSERT INTO "Web shop".orders VALUES (1, 9.50, E'a "note"\nü', '2026-01-01 12:00+00', '{a,b}');
UPDATE "Web shop".orders SET total = 10 WHERE id = 1;
DELETE FROM "Web shop".orders WHERE id = 1;
INSERT INTO "Web shop".orders SELECT WHERE false;
BEGIN;
INSERT INTO "Web shop".orders VALUES (2);
ROLLBACK;
SELECT input FROM sfn.executions WHERE state_machine = 'on_change' ORDER BY input->>'operation', input::text;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*), min(status), max(status) FROM sfn.executions WHERE state_machine = 'on_change';
DROP TRIGGER each_row ON "Web shop".orders;

-- statement level: one execution for each row of the transition tables
SELECT sfn.create_state_machine('on_statement', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
CREATE TRIGGER inserted AFTER INSERT ON "Web shop".orders REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('on_statement');
CREATE TRIGGER updated AFTER UPDATE ON "Web shop".orders REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('arn:aws:states:us-east-1:000000000000:stateMachine:on_statement');
CREATE TRIGGER deleted AFTER DELETE ON "Web shop".orders REFERENCING OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('on_statement');
CREATE TRIGGER truncated AFTER TRUNCATE ON "Web shop".orders
	FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('on_statement');
INSERT INTO "Web shop".orders (id, total) VALUES (1, 1), (2, 2), (3, 3);
UPDATE "Web shop".orders SET total = total * 10 WHERE id < 3;
UPDATE "Web shop".orders SET total = 0 WHERE false;
DELETE FROM "Web shop".orders WHERE id = 3;
TRUNCATE "Web shop".orders;
SELECT input->>'operation' AS operation, input->'old'->>'id' AS old_id, input->'old'->>'total' AS old_total,
	input->'new'->>'id' AS new_id, input->'new'->>'total' AS new_total FROM sfn.executions WHERE state_machine = 'on_statement' ORDER BY 1, 2, 4;
SELECT sfn.run_until_idle() > 0 AS ran;
DROP TRIGGER inserted ON "Web shop".orders;
DROP TRIGGER updated ON "Web shop".orders;
DROP TRIGGER deleted ON "Web shop".orders;
DROP TRIGGER truncated ON "Web shop".orders;

-- batch: one execution for a statement, unless it changed nothing
SELECT sfn.create_state_machine('on_batch', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
CREATE TRIGGER inserted AFTER INSERT ON "Web shop".orders REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('on_batch', 'batch');
CREATE TRIGGER updated AFTER UPDATE ON "Web shop".orders REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('on_batch', 'batch');
INSERT INTO "Web shop".orders (id, total) SELECT n, n FROM generate_series(1, 3) n;
INSERT INTO "Web shop".orders SELECT WHERE false;
UPDATE "Web shop".orders SET total = total + 1 WHERE id < 3;
SELECT input->>'operation' AS operation, input->'new' AS new, input->'old' AS old FROM sfn.executions WHERE state_machine = 'on_batch' ORDER BY 1;
SELECT sfn.run_until_idle() > 0 AS ran;
-- too large for an input: the statement fails
INSERT INTO "Web shop".orders (id, note) SELECT n, repeat('x', 100000) FROM generate_series(11, 13) n;
DROP TRIGGER inserted ON "Web shop".orders;
DROP TRIGGER updated ON "Web shop".orders;

-- triggers that cannot work say so
CREATE TRIGGER wrong AFTER INSERT ON "Web shop".orders FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change();
INSERT INTO "Web shop".orders (id) VALUES (20);
DROP TRIGGER wrong ON "Web shop".orders;
CREATE TRIGGER wrong BEFORE INSERT ON "Web shop".orders FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('on_change');
INSERT INTO "Web shop".orders (id) VALUES (20);
DROP TRIGGER wrong ON "Web shop".orders;
CREATE TRIGGER wrong AFTER INSERT ON "Web shop".orders FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('on_change', 'batch');
INSERT INTO "Web shop".orders (id) VALUES (20);
DROP TRIGGER wrong ON "Web shop".orders;
CREATE TRIGGER wrong AFTER INSERT ON "Web shop".orders FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('on_change');
INSERT INTO "Web shop".orders (id) VALUES (20);
DROP TRIGGER wrong ON "Web shop".orders;
CREATE TRIGGER wrong AFTER INSERT ON "Web shop".orders FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('nobody');
INSERT INTO "Web shop".orders (id) VALUES (20);
DROP TRIGGER wrong ON "Web shop".orders;
SELECT sfn.start_execution_on_change();

-- a partitioned table: the partition is named
CREATE TABLE "Web shop".parts (id int, region text) PARTITION BY LIST (region);
CREATE TABLE "Web shop".parts_eu PARTITION OF "Web shop".parts FOR VALUES IN ('eu');
CREATE TRIGGER each_row AFTER INSERT ON "Web shop".parts FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('on_change');
INSERT INTO "Web shop".parts VALUES (1, 'eu');
SELECT input FROM sfn.executions WHERE status = 'RUNNING' AND state_machine = 'on_change';
SELECT sfn.run_until_idle() > 0 AS ran;

-- a deferred constraint trigger fires at commit
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON "Web shop".orders DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('on_change');
BEGIN;
INSERT INTO "Web shop".orders (id) VALUES (30);
SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING' AND state_machine = 'on_change';
COMMIT;
SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING' AND state_machine = 'on_change';
SELECT sfn.run_until_idle() > 0 AS ran;
SET client_min_messages = warning;
DROP SCHEMA "Web shop" CASCADE;
