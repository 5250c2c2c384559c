
# F24: rows that an administrator deletes or truncates under the workers: no crash, nobody else is disturbed, what is gone is
# shown as missing, and a foreign key refuses where the rest would be left without meaning.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('deleted', conf => "sfn.max_workers = 2\n");
my $end = JSON::PP::true;
my $arn = 'arn:aws:states:us-east-1:000000000000:execution';

sub starts
{
	my ($machine, $count) = @_;
	$node->safe_psql('postgres', "SELECT sfn.start_executions('$machine', array_fill('{}'::json, ARRAY[$count]))");
	return;
}

sub succeeded
{
	my ($machine, $count, $what) = @_;
	return ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE state_machine = '$machine' AND status = 'SUCCEEDED'", $count), $what);
}

machine($node, 'waits', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 2, End => $end } } });
machine($node, 'sleeps', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 10000, End => $end } } });
machine($node, 'maps', { StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$.items', End => $end,
	ItemProcessor => { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 2, End => $end } } } } } });
task_machine($node, 'asks', 'arn:aws:states:::sql:query.waitForTaskToken', Parameters => { Query => 'SELECT 1' });

# executions
starts('waits', 20);
ok(wait_for($node, q{SELECT count(*) FROM sfn.timers}, '20'), 'executions wait');
my $victim = $node->safe_psql('postgres', q{SELECT sfn.execution_arn('waits', name) FROM sfn.execution ORDER BY id LIMIT 1});
is($node->safe_psql('postgres', "SELECT status FROM sfn.describe_execution('$victim')"), 'RUNNING', 'one of them');
$node->safe_psql('postgres', q{DELETE FROM sfn.execution WHERE id IN (SELECT id FROM sfn.execution WHERE stop_date IS NULL ORDER BY id LIMIT 10)});
succeeded('waits', '10', 'the others end');
ok(wait_for($node, q{SELECT count(*) FROM sfn.inbox}, '0'), 'orphans of the inbox are dropped');
my $err;
foreach my $function (qw(describe_execution get_execution_history stop_execution wait_for_execution))
{
	(undef, undef, $err) = $node->psql('postgres', "SELECT sfn.$function('$victim')");
	like($err, qr/does not exist/, "an execution that is gone is missing: $function");
}
is($node->safe_psql('postgres', "SELECT (SELECT count(*) FROM sfn.executions WHERE execution_arn = '$victim'), (SELECT count(*) FROM sfn.history WHERE execution_arn = '$victim'), (SELECT count(*) FROM sfn.timers WHERE execution_arn = '$victim')"),
	'0|0|0', 'views show no part of it');

# the rows that wake: what is left can be stopped
starts('sleeps', 3);
ok(wait_for($node, q{SELECT count(*) FROM sfn.timers}, '3'), 'sleepers');
$node->safe_psql('postgres', 'TRUNCATE sfn.inbox');
$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE state_machine = 'sleeps'});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'sleeps' AND status = 'ABORTED'}, '3'), 'executions that nothing would wake can be stopped');

# branches: an iteration that is gone leaves its Map waiting, others are not disturbed
$node->safe_psql('postgres', q{SELECT sfn.start_execution('maps', '{"items": [1, 2, 3]}', n) FROM unnest(ARRAY['whole', 'torn']) n});
ok(wait_for($node, q{SELECT count(*) FROM sfn.branch}, '6'), 'iterations wait');
$node->safe_psql('postgres', q{DELETE FROM sfn.branch WHERE execution_id = (SELECT id FROM sfn.execution WHERE name = 'torn')});
is(end_of($node, "$arn:maps:whole")->{status}, 'SUCCEEDED', 'a whole one ends');
ok(wait_for($node, q{SELECT count(*) FROM sfn.inbox}, '0'), 'timers of branches that are gone are dropped');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$arn:maps:torn')");
is(end_of($node, "$arn:maps:torn")->{status}, 'ABORTED', 'a torn one can be stopped');

# tasks: the token is not known any more
my $asking = started($node, 'asks');
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks}, '1'), 'a task waits');
my $token = $node->safe_psql('postgres', 'SELECT task_token FROM sfn.pending_tasks');
$node->safe_psql('postgres', 'DELETE FROM sfn.task');
(undef, undef, $err) = $node->psql('postgres', "SELECT sfn.send_task_success('$token')");
like($err, qr/task/i, 'its answer is refused');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$asking')");
is(end_of($node, $asking)->{status}, 'ABORTED', 'and it can be stopped');

# histories
starts('waits', 1);
ok(wait_for($node, q{SELECT count(*) FROM sfn.timers}, '1'), 'one waits');
$node->safe_psql('postgres', 'TRUNCATE sfn.history_chunk');
succeeded('waits', '11', 'it ends without its history');

# machines and definitions: no foreign key holds them together, so a check finds what hangs in the air
machine($node, 'torn', { StartAt => 'A', States => { A => { Type => 'Pass', End => $end } } });
$node->safe_psql('postgres', q{DELETE FROM sfn.state_machine WHERE name = 'torn'});
is($node->safe_psql('postgres', q{SELECT count(*) > 0 FROM sfn.check() WHERE object LIKE 'state_machine_id %'}), 't',
	'sfn.check() finds definitions without their machine');
(undef, undef, $err) = $node->psql('postgres', q{SELECT sfn.start_execution('torn')});
like($err, qr/does not exist/, 'which cannot be started');
# executions whose definition is gone fail
my $orphan = started($node, 'waits');
ok(wait_for($node, q{SELECT count(*) FROM sfn.timers}, '1'), 'one waits');
$node->safe_psql('postgres', q{DELETE FROM sfn.state_machine_revision WHERE state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'waits')});
$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
ok(wait_for($node, qq{SELECT status, error, cause FROM sfn.executions WHERE execution_arn = '$orphan'},
		'FAILED|States.Runtime|The revision of the state machine that this execution runs is gone.'), 'an execution without its definition fails and says so');

# everything, again and again, while executions run
machine($node, 'runs', { StartAt => 'A', States => { A => { Type => 'Pass', Next => 'W' }, W => { Type => 'Wait', Seconds => 1, Next => 'B' }, B => { Type => 'Pass', End => $end } } });
foreach my $round (1 .. rounds(40))
{
	starts('runs', 300);
	$node->safe_psql('postgres', q{DELETE FROM sfn.execution WHERE id % 3 = 0; DELETE FROM sfn.inbox WHERE id % 5 = 0; DELETE FROM sfn.history_chunk WHERE first_id % 2 = 0});
	$node->safe_psql('postgres', 'TRUNCATE sfn.inbox, sfn.execution, sfn.branch, sfn.history_chunk') if $round % 2 == 0;
}
$node->safe_psql('postgres', 'TRUNCATE sfn.inbox, sfn.execution, sfn.branch, sfn.history_chunk');
starts('runs', 20);
succeeded('runs', '20', 'after all that, executions run');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'none is quarantined');
unlike(slurp_file($node->logfile), qr/PANIC|was terminated by signal/, 'no crash');

$node->stop;
done_testing();
