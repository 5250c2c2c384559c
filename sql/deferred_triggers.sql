-- What a task defers to the commit happens before its role is left, whatever its triggers do.
SET client_min_messages = warning;
CREATE ROLE regress_deferrer;
CREATE SCHEMA late AUTHORIZATION regress_deferrer;
RESET client_min_messages;

SET ROLE regress_deferrer;
CREATE TABLE late.first (i int);
CREATE TABLE late.second (i int);
CREATE TABLE late.ran (what text, who text);
-- the first defers everything anew and gives the second something to do; "again" does so in the second, too
CREATE FUNCTION late.first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO late.ran VALUES ('first', current_user);
	SET CONSTRAINTS ALL DEFERRED;
	INSERT INTO late.second VALUES (new.i);
	RETURN NULL;
END $$;
CREATE FUNCTION late.second() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO late.ran VALUES ('second', current_user);
	IF new.i > 1 THEN
		SET CONSTRAINTS ALL DEFERRED;
		INSERT INTO late.second VALUES (new.i - 1);
	END IF;
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late.first INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late.first();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late.second INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late.second();
CREATE FUNCTION late.work(i int) RETURNS void LANGUAGE sql AS 'INSERT INTO late.first VALUES (i)';
SELECT sfn.create_state_machine('late', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:late.work", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('late', '{"i": 1}', 'once') IS NOT NULL AS started, sfn.start_execution('late', '{"i": 2}', 'again') IS NOT NULL AS started;
RESET ROLE;

BEGIN;
SELECT sfn.run_until_idle() > 0 AS ran;
COMMIT;
SELECT * FROM late.ran;
SELECT name, status, error, cause::json->>'message' AS message FROM sfn.executions WHERE state_machine = 'late' ORDER BY name DESC;

SELECT sfn.delete_state_machine('late');
SET client_min_messages = warning;
DROP SCHEMA late CASCADE;
DROP ROLE regress_deferrer;
