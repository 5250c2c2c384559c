-- sfn.create_function(): names for what function ARNs call.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE FUNCTION fn_one(x jsonb) RETURNS jsonb LANGUAGE sql RETURN '1'::jsonb;
CREATE FUNCTION fn_two(x json) RETURNS json LANGUAGE sql RETURN '2'::json;
CREATE FUNCTION fn_int(x int) RETURNS int LANGUAGE sql RETURN 1;
CREATE FUNCTION fn_two_args(x jsonb, y jsonb) RETURNS int LANGUAGE sql RETURN 1;
CREATE FUNCTION fn_default(x jsonb, y jsonb DEFAULT '1') RETURNS int LANGUAGE sql RETURN 1;
CREATE PROCEDURE fn_procedure(x jsonb) LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
SELECT sfn.create_function('counter', 'fn_one(jsonb)');
SELECT sfn.create_state_machine('counting', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:counter:$LATEST", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('counting', '{}', 'one');
SELECT sfn.run_until_idle();
-- again replaces
SELECT sfn.create_function('counter', 'fn_two(json)', alone => true);
SELECT sfn.start_execution('counting', '{}', 'two');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT name, output FROM sfn.executions WHERE state_machine = 'counting' ORDER BY 1;
SELECT sfn.create_function('with_default', 'fn_default(jsonb, jsonb)');

SELECT sfn.create_function('bad', 'fn_int(int)');
SELECT sfn.create_function('bad', 'fn_two_args(jsonb, jsonb)');
SELECT sfn.create_function('bad', 'fn_procedure(jsonb)');
SELECT sfn.create_function('bad', 'fn_nobody(jsonb)');
SELECT sfn.create_function('bad', 0);
SELECT sfn.create_function('bad', NULL);
SELECT sfn.create_function('bad name', 'fn_one(jsonb)');
SELECT sfn.create_function(NULL, 'fn_one(jsonb)');
SELECT sfn.delete_function('counter');
SELECT sfn.delete_function('counter');
SELECT sfn.start_execution('counting', '{}', 'unregistered');
SELECT sfn.run_until_idle();
SELECT error, cause FROM sfn.executions WHERE name = 'unregistered';
-- the name is registered, but what it calls is gone
DROP FUNCTION fn_default;
SELECT sfn.create_state_machine('gone', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:with_default", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('gone', '{}', 'gone');
SELECT sfn.run_until_idle();
SELECT error, cause FROM sfn.executions WHERE name = 'gone';
-- or is no signature any more, whoever wrote it there
DO $$
DECLARE
	text text;
BEGIN
	FOREACH text IN ARRAY ARRAY['', '(', 'public.', 'public.fn_one(', 'a.b.c(jsonb)', '"public.fn_one(jsonb)', 'public."fn_one', 'public.fn_one(no type at all ((', 'nowhere.fn_one(jsonb)'] LOOP
		UPDATE sfn.function SET target = text WHERE name = 'with_default';
		PERFORM sfn.start_execution('gone', '{}', 'unreadable-' || md5(text));
		PERFORM sfn.run_until_idle();
	END LOOP;
END $$;
SELECT status, error, count(*) FROM sfn.executions WHERE name LIKE 'unreadable%' GROUP BY 1, 2;
SELECT sfn.delete_function('with_default');
-- names that need quotes
CREATE SCHEMA "odd (.schema";
CREATE FUNCTION "odd (.schema"."f ""("(x jsonb) RETURNS text LANGUAGE sql RETURN 'odd';
SELECT sfn.create_function('counter', '"odd (.schema"."f ""("(jsonb)');
SELECT sfn.start_execution('counting', '{}', 'odd');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT status, output FROM sfn.executions WHERE state_machine = 'counting' AND name = 'odd';
SELECT sfn.delete_function('counter');
DROP SCHEMA "odd (.schema" CASCADE;
DROP FUNCTION fn_one, fn_two, fn_int, fn_two_args;
DROP PROCEDURE fn_procedure;
