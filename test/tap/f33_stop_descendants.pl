
# F33: stopping or failing an execution leaves nothing of it behind: no task, no due row, no execution begun for it.
# The stop of a parent reaches a running SQL task of its grandchild within a second.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f33');
create_machines($node);

sub child_machine
{
	my ($name, $child, $more) = @_;

	$node->safe_psql('postgres', sprintf(q{SELECT sfn.create_state_machine('%s', '{"StartAt": "Start", "States": {"Start": {"Type": "Task",
		"Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:%s",
		"Input.$": "$"}%s, "End": true}}}')}, $name, $child, $more // ''));
	return;
}

# Rows that a terminal execution must not have.
my $leftovers = q{SELECT (SELECT count(*) FROM sfn.task t JOIN sfn.execution e ON e.id = t.execution_id WHERE e.stop_date IS NOT NULL)
	|| '/' || (SELECT count(*) FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id WHERE e.stop_date IS NOT NULL)};

child_machine('parent', 'slow');
child_machine('grandparent', 'parent');
my $arn = start($node, 'grandparent', '{"n": 1, "s": 600}');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, '1'), 'the SQL task of a grandchild runs');
my $took = seconds(sub {
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$arn')");
	wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'ABORTED'}, '3', 5);
});
in_time($took, 1.5, 'a stop ends all three');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, '0'), 'the SQL task was cancelled');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '0', 'without an effect');
ok(wait_for($node, $leftovers, '0/0'), 'nothing is left of them');

# A time-out of the task, and the failure of a branch beside it.
child_machine('impatient', 'slow', ', "TimeoutSeconds": 1');
$node->safe_psql('postgres', q{
	SELECT sfn.create_activity('never');
	SELECT sfn.create_state_machine('beside', '{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Child", "States": {"Child": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
			"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:slow", "Input.$": "$"}, "End": true}}},
		{"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:never", "End": true}}},
		{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Fail"}, "Fail": {"Type": "Fail", "Error": "E"}}},
		{"StartAt": "Fail at once", "States": {"Fail at once": {"Type": "Pass", "End": true}}}]}}}');
	SELECT sfn.create_state_machine('beside_at_once', '{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Child", "States": {"Child": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
			"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:slow", "Input.$": "$"}, "End": true}}},
		{"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:never", "End": true}}},
		{"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "E"}}}]}}}');
});
start($node, $_, '{"n": 2, "s": 600}') foreach ('impatient', 'beside', 'beside_at_once');
ok(wait_for($node, q{SELECT string_agg(status, ' ' ORDER BY state_machine) FROM sfn.executions WHERE state_machine IN ('impatient', 'beside', 'beside_at_once')},
		'FAILED FAILED FAILED', 20), 'a time-out and failures of other branches');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'slow' AND status <> 'ABORTED'}, '0', 10),
	'stop the executions that were begun for the task');
ok(wait_for($node, $leftovers, '0/0'), 'nothing is left of them');
is($node->safe_psql('postgres', q{SELECT task_token IS NULL FROM sfn.get_activity_task('never', timeout => '0')}), 't',
	'no worker is given a task of theirs');

# What was begun by a transaction that is rolled back never was.
$node->safe_psql('postgres', q{BEGIN; SELECT sfn.start_execution('grandparent', '{"n": 3, "s": 0}'); ROLLBACK;});
$node->safe_psql('postgres', q{CALL sfn.run_execution('grandparent', '{"n": 4, "s": 0}')});
is($node->safe_psql('postgres', 'SELECT string_agg(n::text, $$ $$) FROM effect'), '4', 'a rolled back start has no children');

ok(log_is_clean($node), 'nothing in the log');
$node->stop;
done_testing();
