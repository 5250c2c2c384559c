-- Who may do what: two tenants, a starter, nobody.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE ROLE regress_shop;
CREATE ROLE regress_clerk IN ROLE regress_shop;
CREATE ROLE regress_bank;
CREATE SCHEMA tenant;
GRANT CREATE, USAGE ON SCHEMA tenant TO regress_shop, regress_bank;

-- a machine belongs to the role that made it, or to a role that one is a member of
SET ROLE regress_clerk;
SELECT sfn.create_state_machine('clerks', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('shops', '{"StartAt": "P", "States": {"P": {"Type": "Wait", "Seconds": 1, "End": true}}}', role => 'regress_shop') IS NOT NULL AS made;
SELECT sfn.create_state_machine('banks', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', role => 'regress_bank');
SELECT name, role, role_arn FROM sfn.state_machines ORDER BY 1;
SELECT sfn.start_execution('shops', '{}', 'by_clerk');

-- a member of the machine's role may do everything, the role of another member's machine nothing
SET ROLE regress_shop;
SELECT name, role FROM sfn.state_machines ORDER BY 1;
SELECT sfn.start_execution('shops', '{}', 'by_shop');
SELECT sfn.start_execution('clerks');
SELECT name, status FROM sfn.list_executions() ORDER BY 1;
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('shops', logging => '{"level": "ALL"}');

-- a machine's priority: its owner gives it less, only superusers more
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('shops', priority => 20);
SELECT sfn.update_state_machine('shops', priority => 101);
SELECT sfn.create_state_machine('urgent', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', priority => 200);
SELECT sfn.update_state_machine('shops', priority => 0);
SELECT sfn.update_state_machine('shops', priority => 1001);
SELECT name, priority FROM sfn.state_machines ORDER BY 1;
RESET ROLE;
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('shops', priority => 300);
SET ROLE regress_shop;
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('shops', priority => 300, logging => '{"level": "ERROR"}');
SELECT priority FROM sfn.describe_state_machine('shops');
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('shops', priority => 100);
SELECT sfn.update_state_machine('shops', priority => 300);
SELECT priority FROM sfn.describe_state_machine('shops');
SELECT sfn.api('DescribeStateMachine', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:shops"}')::jsonb ? 'priority' AS known_to_aws;

-- others see nothing and may do nothing
SET ROLE regress_bank;
SELECT count(*) FROM sfn.state_machines;
SELECT count(*) FROM sfn.executions;
SELECT count(*) FROM sfn.history;
SELECT count(*) FROM sfn.timers;
SELECT count(*) FROM sfn.pending_tasks;
SELECT count(*) FROM sfn.list_state_machines();
SELECT count(*) FROM sfn.list_executions();
\set VERBOSITY terse
\set SHOW_CONTEXT never
DO $$ BEGIN PERFORM sfn.start_execution('shops'); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '% %', SQLSTATE, SQLERRM; END $$;
\set VERBOSITY default
SELECT sfn.describe_state_machine('shops');
SELECT sfn.update_state_machine('shops', logging => '{"level": "ALL"}');
SELECT sfn.delete_state_machine('shops');
SELECT sfn.list_executions('shops');
SELECT sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:shops:by_clerk');
SELECT * FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:shops:by_clerk');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:shops:by_clerk');
SELECT sfn.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:shops:by_clerk');
SELECT sfn.graph('shops');
SELECT sfn.graph('arn:aws:states:us-east-1:000000000000:execution:shops:by_clerk');
SELECT sfn.api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:shops"}');
SELECT sfn.create_state_machine('shops', '{"StartAt": "P", "States": {"P": {"Type": "Wait", "Seconds": 1, "End": true}}}');
SELECT sfn.create_state_machine('shops', '{"StartAt": "P", "States": {"P": {"Type": "Wait", "Seconds": 1, "End": true}}}', replace => true);

-- nobody but the extension reads or writes its tables
SELECT * FROM sfn.execution;
SELECT * FROM sfn.history_chunk;
INSERT INTO sfn.inbox (execution_id, due, kind) VALUES (1, now(), 10);
SELECT nextval('sfn.execution_id_seq');
SELECT sfn.run_once();
SELECT sfn.run_until_idle();
SET sfn.test_now = '2030-01-01';

-- a plain INSERT privilege starts the machine of the table's owner
SET ROLE regress_shop;
CREATE TABLE tenant.orders (id int);
GRANT INSERT ON tenant.orders TO regress_bank;
CREATE TRIGGER go AFTER INSERT ON tenant.orders FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('shops');
SET ROLE regress_bank;
INSERT INTO tenant.orders VALUES (1);
-- but a table of one's own does not help
CREATE TABLE tenant.mine (id int);
CREATE TRIGGER go AFTER INSERT ON tenant.mine FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('shops');
INSERT INTO tenant.mine VALUES (1);

-- functions: EXECUTE is needed to register one, and a name stays with the role that took it
SET ROLE regress_shop;
CREATE FUNCTION tenant.price(x jsonb) RETURNS jsonb LANGUAGE sql RETURN '1'::jsonb;
REVOKE EXECUTE ON FUNCTION tenant.price(jsonb) FROM PUBLIC;
SELECT sfn.create_function('tenant_price', 'tenant.price(jsonb)');
SET ROLE regress_bank;
SELECT sfn.create_function('bank_price', 'tenant.price(jsonb)');
CREATE FUNCTION tenant.other(x jsonb) RETURNS jsonb LANGUAGE sql RETURN '2'::jsonb;
SELECT sfn.create_function('tenant_price', 'tenant.other(jsonb)');
SELECT sfn.delete_function('tenant_price');

-- a task runs as the machine's role
SET ROLE regress_shop;
CREATE FUNCTION tenant.who(x jsonb) RETURNS jsonb LANGUAGE sql RETURN jsonb_build_object('current_user', current_user);
SET ROLE regress_bank;
CREATE FUNCTION tenant.secret(x jsonb) RETURNS jsonb LANGUAGE sql RETURN '"bank"'::jsonb;
REVOKE EXECUTE ON FUNCTION tenant.secret(jsonb) FROM PUBLIC;
SET ROLE regress_clerk;
SELECT sfn.create_state_machine('who', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:tenant.who", "End": true}}}', role => 'regress_shop') IS NOT NULL AS made;
SELECT sfn.create_state_machine('nosy', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:tenant.secret", "End": true}}}', role => 'regress_shop') IS NOT NULL AS made;
SELECT sfn.start_execution('who', '{}', 'who'), sfn.start_execution('nosy', '{}', 'nosy');
RESET ROLE;
SELECT sfn.create_state_machine('of_superuser', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:tenant.who", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('of_superuser', '{}', 'of_superuser');
SELECT sfn.run_until_idle() > 0 AS ran;
\x on
SELECT name, status, output, error, cause FROM sfn.executions WHERE state_machine IN ('who', 'nosy', 'of_superuser', 'shops') AND name !~ '-' ORDER BY 1;
\x off
SELECT count(*) FROM sfn.executions WHERE state_machine = 'shops' AND input->>'table' = 'orders';

-- a member of the role may delete it
SET ROLE regress_clerk;
SELECT sfn.delete_state_machine('shops'), sfn.delete_state_machine('clerks'), sfn.delete_state_machine('who'), sfn.delete_state_machine('nosy');
RESET ROLE;
SELECT sfn.delete_function('tenant_price');
SET client_min_messages = warning;
DROP SCHEMA tenant CASCADE;
DROP ROLE regress_clerk, regress_shop, regress_bank;
-- the executions of roles that are gone stay for superusers
SELECT count(*) FROM sfn.executions WHERE state_machine = 'who';
