-- F82: limits for what a role's executions may take.
SET sfn.test_now = '2026-01-01 00:00:00+00';
CREATE ROLE regress_tenant;
CREATE ROLE regress_other;
SET ROLE regress_tenant;
SELECT sfn.create_state_machine('rented', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('rented', '{}', 'one') IS NOT NULL AS started;
SELECT sfn.set_quota('regress_tenant', 5);
RESET ROLE;
SELECT sfn.set_quota('regress_tenant', open_executions => 3, payload_bytes => 100);
SELECT sfn.set_quota(NULL), sfn.set_quota('regress_tenant', -1);
SET ROLE regress_tenant;
SELECT * FROM sfn.quotas;
SELECT sfn.start_execution('rented', '{}', 'two') IS NOT NULL AS started, sfn.start_execution('rented', '{}', 'three') IS NOT NULL AS started;
SELECT sfn.start_execution('rented', '{}', 'four');
SELECT sfn.start_executions('rented', ARRAY['{}']::json[]);
SELECT sfn.api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:rented"}');
-- others are not held up, and see no quota of anybody
SET ROLE regress_other;
SELECT * FROM sfn.quotas;
SELECT sfn.create_state_machine('own', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT count(sfn.start_execution('own')) FROM generate_series(1, 10);
-- what has ended does not count
RESET ROLE;
SET sfn.test_now = '2026-01-01 00:01:00+00';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.set_quota('regress_tenant', 3, 100); -- counted anew
SET ROLE regress_tenant;
SELECT sfn.start_execution('rented', json_build_object('a', repeat('x', 80)), 'long') IS NOT NULL AS started;
SELECT sfn.start_execution('rented', json_build_object('a', repeat('x', 80)), 'longer');
SELECT count(*) FROM sfn.start_executions('rented', ARRAY['{}', '{}', '{}']::json[]);
SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING';
-- no quota again
RESET ROLE;
SELECT sfn.set_quota('regress_tenant');
SET ROLE regress_tenant;
SELECT count(*) FROM sfn.start_executions('rented', ARRAY['{}', '{}', '{}']::json[]);
RESET ROLE;
SET client_min_messages = warning;
SELECT sfn.delete_state_machine('rented'), sfn.delete_state_machine('own');
SELECT sfn.run_until_idle() > 0 AS ran;
DROP ROLE regress_tenant, regress_other;
