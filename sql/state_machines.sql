-- Making, changing, describing and deleting state machines.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

-- a machine, and the same one again
SELECT sfn.create_state_machine('greeter', '{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}',
	tags => '{"team": "shop", "cost": ""}');
SELECT sfn.create_state_machine('greeter', '{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}');

-- the same definition spaced otherwise is another one
SELECT sfn.create_state_machine('greeter', '{"StartAt":"Hello","States":{"Hello":{"Type":"Pass","End":true}}}');
SELECT sfn.create_state_machine('greeter', '{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}', 'EXPRESS');

-- definitions as json and jsonb
SELECT sfn.create_state_machine('from_json', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'::json);
SELECT sfn.create_state_machine('from_jsonb', jsonb_build_object('StartAt', 'A', 'States',
	jsonb_build_object('A', jsonb_build_object('Type', 'Succeed'))), type => 'EXPRESS');

\x on
SELECT state_machine_arn, name, status, type, definition, creation_date, update_date, logging_configuration,
	tracing_configuration, tags FROM sfn.describe_state_machine('greeter');
SELECT definition, type FROM sfn.describe_state_machine('arn:aws:states:us-east-1:000000000000:stateMachine:from_jsonb');
\x off
SELECT * FROM sfn.list_state_machines() WHERE name IN ('greeter', 'from_json', 'from_jsonb');

-- an update makes a new revision; one that changes nothing does not
SELECT revision_id AS first_revision FROM sfn.describe_state_machine('greeter') \gset
SET sfn.test_now = '2026-01-02 00:00:00+00';
SELECT update_date, revision_id = :'first_revision' AS same_revision
FROM sfn.update_state_machine('greeter', '{"StartAt": "Hi", "States": {"Hi": {"Type": "Pass", "End": true}}}');
SELECT revision_id AS second_revision FROM sfn.describe_state_machine('greeter') \gset
SELECT revision_id = :'second_revision' AS same_revision
FROM sfn.update_state_machine('greeter', '{"StartAt": "Hi", "States": {"Hi": {"Type": "Pass", "End": true}}}'::json);
SELECT revision_id = :'second_revision' AS same_revision
FROM sfn.update_state_machine('greeter', logging => '{"level": "ALL", "includeExecutionData": true}');
SELECT definition, update_date, logging_configuration FROM sfn.describe_state_machine('greeter');
SELECT * FROM sfn.update_state_machine('greeter');

-- replace makes a migration that can be run again
SELECT sfn.create_state_machine('greeter', '{"StartAt": "Hej", "States": {"Hej": {"Type": "Pass", "End": true}}}',
	replace => true, tags => '{"team": "office"}');
SELECT definition, logging_configuration, tags FROM sfn.describe_state_machine('greeter');
SELECT sfn.create_state_machine('replaced', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', replace => true);

-- an execution keeps the definition it was started with
SELECT sfn.start_execution('greeter', '{}', 'old');
SELECT revision_id IS NOT NULL AS updated
FROM sfn.update_state_machine('greeter', '{"StartAt": "New", "States": {"New": {"Type": "Pass", "End": true}}}');
SELECT sfn.start_execution('greeter', '{}', 'new');
SELECT sfn.run_until_idle();
SELECT e.name, h.details->>'name' AS state FROM sfn.history h JOIN sfn.executions e USING (execution_arn)
WHERE h.type = 'PassStateExited' AND e.state_machine = 'greeter' ORDER BY e.name;

-- deleted with nothing running: gone at once
SELECT sfn.delete_state_machine('from_json');
SELECT sfn.describe_state_machine('from_json');
SELECT sfn.delete_state_machine('from_json');
SELECT sfn.create_state_machine('from_json', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');

-- deleted with an execution running: that one ends first
SELECT sfn.create_state_machine('sleeper', '{"StartAt": "Sleep", "States": {"Sleep": {"Type": "Wait", "Seconds": 60, "Next": "Done"}, "Done": {"Type": "Succeed"}}}');
SELECT sfn.start_execution('sleeper', '{}', 's1');
SELECT sfn.run_once();
SELECT sfn.delete_state_machine('arn:aws:states:us-east-1:000000000000:stateMachine:sleeper');
SELECT status FROM sfn.describe_state_machine('sleeper');
SELECT sfn.start_execution('sleeper', '{}', 's2');
SELECT sfn.update_state_machine('sleeper', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');
SELECT sfn.create_state_machine('sleeper', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');
SELECT sfn.run_until_idle();
SELECT status, error, cause FROM sfn.executions WHERE state_machine = 'sleeper';
SELECT sfn.create_state_machine('sleeper', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');

-- names
SELECT sfn.create_state_machine('two words', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');
SELECT sfn.create_state_machine('', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');
SELECT sfn.create_state_machine(repeat('x', 81), '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');
SELECT sfn.create_state_machine(NULL, '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');
SELECT sfn.create_state_machine('grüße', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}');

-- definitions: all problems at once, nothing stored
SELECT sfn.create_state_machine('broken', '{"StartAt": "Begin",
 "States": {
  "First": {"Type": "Pas", "Next": "Second"},
  "Second": {"Type": "Wait", "Seconds": -1, "Next": "Nowhere"}}}');
SELECT sfn.create_state_machine('broken', 'not json');
SELECT sfn.create_state_machine('broken', NULL);
SELECT sfn.create_state_machine('broken', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}', 'FAST');
SELECT sfn.create_state_machine('broken', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}', tags => '["a"]');
SELECT sfn.create_state_machine('broken', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}', tags => '{"a": 1}');
SELECT sfn.create_state_machine('broken', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}', logging => '{"level": "LOUD"}');
SELECT sfn.create_state_machine('broken', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}', logging => '{"levl": "ALL"}');
SELECT sfn.create_state_machine('broken', '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}',
	tags => (SELECT jsonb_object_agg('key' || n, '') FROM generate_series(1, 51) n));
SELECT count(*) FROM sfn.state_machines WHERE name = 'broken';

-- validation without making anything
SELECT * FROM sfn.validate_state_machine_definition('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT severity, code, location, line, col, hint FROM sfn.validate_state_machine_definition('{"StartAt": "Begin",
 "States": {
  "First": {"Type": "Pas", "Next": "Second"},
  "Second": {"Type": "Wait", "Seconds": 1, "End": true}}}'::json);
SELECT code, message, location FROM sfn.validate_state_machine_definition('{"StartAt": "T", "States": {"T":
	{"Type": "Task", "Resource": "arn:aws:states:::eks:call.waitForTaskToken", "End": true}}}'::jsonb, 'EXPRESS');
SELECT code, message FROM sfn.validate_state_machine_definition('');
SELECT * FROM sfn.validate_state_machine_definition('{}', 'SLOW');

-- what is not there
SELECT sfn.describe_state_machine('nobody');
SELECT sfn.describe_state_machine('arn:aws:states:us-east-1:000000000000:stateMachine:nobody');
SELECT sfn.describe_state_machine('arn:aws:states:eu-west-1:000000000000:stateMachine:greeter');
SELECT sfn.describe_state_machine('arn:aws:states:us-east-1:000000000000:stateMachine:greeter:7');
SELECT sfn.describe_state_machine('arn:aws:states:us-east-1:000000000000:execution:greeter:old');
SELECT sfn.describe_state_machine('arn:aws');
SELECT sfn.describe_state_machine(NULL);
SELECT sfn.delete_state_machine('nobody');
SELECT sfn.update_state_machine('nobody', '{}');
-- given as jsonb, which keeps neither spelling nor order, the same definition makes no new revision; in text the order of members counts
\set ordered '{"StartAt": "Zebra",  "States": {"Zebra": {"Type": "Pass", "Result": {"b": 1.50, "a": 2}, "End": true}}}'
SELECT sfn.create_state_machine('ordered', :'ordered') IS NOT NULL AS made;
SELECT sfn.create_state_machine('ordered', :'ordered'::jsonb) IS NOT NULL AS same,
	sfn.create_state_machine('ordered', :'ordered'::jsonb, replace => true) IS NOT NULL AS replaced;
SELECT revision_id IS NOT NULL AS updated FROM sfn.update_state_machine('ordered', :'ordered'::jsonb);
SELECT count(*) AS revisions, min(definition) = :'ordered' AS as_written FROM sfn.state_machine_revision r JOIN sfn.state_machine m ON m.id = r.state_machine_id WHERE name = 'ordered';
SELECT sfn.create_state_machine('ordered', (:'ordered'::jsonb)::text, replace => true) IS NOT NULL AS replaced;
SELECT sfn.create_state_machine('ordered', jsonb_set(:'ordered', '{States,Zebra,Result,a}', '3'), replace => true) IS NOT NULL AS replaced;
SELECT count(*) AS revisions FROM sfn.state_machine_revision r JOIN sfn.state_machine m ON m.id = r.state_machine_id WHERE name = 'ordered';
SELECT sfn.delete_state_machine('ordered');
-- how long what has ended is kept
SELECT sfn.create_state_machine('kept', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', retention => '168 hours', failures_for => '2w') IS NOT NULL AS made;
SELECT retention, failures_for, children_for FROM sfn.state_machines WHERE name = 'kept';
SELECT revision_id IS NOT NULL AS updated FROM sfn.update_state_machine('kept', retention => 'forever', failures_for => 'default', children_for => '1 minute');
SELECT retention, failures_for, children_for FROM sfn.describe_state_machine('kept');
SELECT sfn.create_state_machine('kept', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', retention => '7 days') IS NOT NULL AS made;
SELECT sfn.update_state_machine('kept', retention => 'a while');
SELECT sfn.update_state_machine('kept', failures_for => '-1 days');
SELECT sfn.update_state_machine('kept', children_for => '5000 years');
SELECT sfn.update_state_machine('kept', children_for => '');
SELECT sfn.delete_state_machine('kept');
