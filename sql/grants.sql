-- Rights that a state machine's role gives to others.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE ROLE regress_owner;
CREATE ROLE regress_caller;
CREATE ROLE regress_team;
CREATE ROLE regress_mate IN ROLE regress_team;

SET ROLE regress_owner;
SELECT sfn.create_state_machine('shared', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}') IS NOT NULL AS made;
SELECT sfn.create_state_machine('own', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SELECT sfn.start_execution('shared', '{}', 'of_owner');

-- start: that, and seeing and stopping what one has started
SELECT sfn.grant_state_machine('shared', 'regress_caller', 'start');
SET ROLE regress_caller;
SELECT sfn.start_execution('shared', '{}', 'of_caller');
SELECT sfn.start_execution('own');
SELECT count(*) FROM sfn.start_executions('shared', ARRAY['{}']::json[]);
SELECT count(*) FROM sfn.state_machines;
SELECT count(*) FROM sfn.executions;
SELECT count(*) FROM sfn.list_state_machines();
SELECT sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:shared:of_owner');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:shared:of_owner');
SELECT name, status, input FROM sfn.executions WHERE name = 'of_caller';
SELECT name, status, input FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:shared:of_caller');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:shared:of_caller');
-- nobody gives what is not theirs
SELECT sfn.grant_state_machine('shared', 'regress_mate', 'start');
SELECT sfn.revoke_state_machine('shared', 'regress_owner');
SELECT count(*) FROM sfn.state_machine_grants;

-- see, given to a group
SET ROLE regress_owner;
SELECT sfn.grant_state_machine('shared', 'regress_team', 'see'), sfn.grant_state_machine('shared', 'regress_team', 'see');
SET ROLE regress_mate;
SELECT name FROM sfn.list_state_machines();
SELECT name FROM sfn.state_machines;
SELECT count(*) FROM sfn.executions;
SELECT count(*) FROM sfn.list_executions();
SELECT count(*) FROM sfn.list_executions('shared');
SELECT name, status FROM sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:shared:of_owner');
SELECT count(*) FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:shared:of_owner');
SELECT name, input FROM sfn.executions WHERE name LIKE 'of%' ORDER BY name;
SELECT state_machine, grantee, privilege, grantor FROM sfn.state_machine_grants ORDER BY 2::text;
SELECT sfn.start_execution('shared');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:shared:of_owner');
SELECT sfn.update_state_machine('shared', logging => '{"level": "ALL"}');

-- read_data: what flows through, besides
SELECT sfn.grant_state_machine('shared', 'regress_mate', 'start');
SET ROLE regress_owner;
SELECT sfn.grant_state_machine('shared', 'regress_team', 'read_data');
SET ROLE regress_mate;
SELECT name, input FROM sfn.executions WHERE name LIKE 'of%' ORDER BY name;
SET ROLE regress_owner;
SELECT sfn.revoke_state_machine('shared', 'regress_team', 'read_data');
SELECT * FROM sfn.privileges;

-- manage: all that a member may do, but giving it on
SET ROLE regress_owner;
SELECT sfn.grant_state_machine('shared', 'regress_mate', 'manage');
SET ROLE regress_mate;
SELECT sfn.start_execution('shared', '{}', 'of_mate');
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:shared:of_owner');
SELECT update_date FROM sfn.update_state_machine('shared', logging => '{"level": "OFF"}');
SELECT sfn.update_state_machine('shared', role => 'regress_owner');
SELECT sfn.publish_state_machine_version('shared');
SELECT sfn.grant_state_machine('shared', 'regress_caller', 'manage');

-- taken back
SET ROLE regress_owner;
SELECT sfn.revoke_state_machine('shared', 'regress_mate'), sfn.revoke_state_machine('shared', 'regress_team', 'see'),
	sfn.revoke_state_machine('shared', 'regress_caller', 'see');
SELECT grantee, privilege FROM sfn.state_machine_grants;
SET ROLE regress_mate;
SELECT count(*) FROM sfn.executions;
SELECT sfn.start_execution('shared');
SET ROLE regress_caller;
SELECT sfn.start_execution('shared', '{}', 'again') IS NOT NULL AS started;

-- what is refused
SET ROLE regress_owner;
SELECT sfn.grant_state_machine('shared', 'regress_team', 'own');
SELECT sfn.grant_state_machine('shared', NULL, 'see');
SELECT sfn.grant_state_machine('shared', 4294967295, 'see');
SELECT sfn.grant_state_machine('nothing', 'regress_team', 'see');
SELECT * FROM sfn.state_machine_grant;

-- a machine made again has none of them
SELECT sfn.delete_state_machine('shared');
RESET ROLE;
SELECT sfn.run_until_idle() > 0 AS ran;
SET ROLE regress_owner;
SELECT sfn.create_state_machine('shared', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
SET ROLE regress_caller;
SELECT sfn.start_execution('shared');
RESET ROLE;
SELECT sfn.delete_state_machine('shared'), sfn.delete_state_machine('own');
DROP ROLE regress_mate, regress_team, regress_caller, regress_owner;
