
# F51: executions that loop for ever leave room for others, can be stopped, and end by themselves at sfn.max_history_events.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f51', conf => "fsync = off\nsynchronous_commit = off\nsfn.max_history_events = 100000000\nsfn.max_workers = 2\n");
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');
machine($node, 'loop',
	{   StartAt => 'A', States => {
			A => { Type => 'Pass', Next => 'B' },
			B => { Type => 'Choice', Default => 'A', Choices => [ { Variable => '$.enough', IsPresent => JSON::PP::true, Next => 'C' } ] },
			C => { Type => 'Succeed' } } });

# The middle of eleven: one may meet anything on a busy machine.
sub typical_latency
{
	my @times = sort { $a <=> $b } map {
		my $execution = start($node, 'pass');
		wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED');
		$node->safe_psql('postgres', "SELECT 1000 * extract(epoch FROM stop_date - start_date) FROM sfn.executions WHERE execution_arn = '$execution'");
	} (1 .. 11);

	return $times[5];
}

my $alone = typical_latency();
my @loops = map { started($node, 'loop') } (1 .. 3);
ok(wait_for($node, q{SELECT count(*) FROM sfn.execution WHERE stop_date IS NULL AND last_event_id > 1000}, '3'), 'all loop');
my $beside = typical_latency();
note(sprintf 'latency alone %.1f ms, beside three endless loops %.1f ms', $alone, $beside);
cmp_ok($beside, '<', $alone + 300, 'others go on beside them');

foreach my $execution (@loops)
{
	is($node->safe_psql('postgres', "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'"), 'RUNNING', 'it still runs');
	my $took = seconds(sub {
		$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
		is(end_of($node, $execution)->{status}, 'ABORTED', 'it can be stopped');
	});
	in_time($took, 10, '... soon');
}

# And without anybody's help.
$node->safe_psql('postgres', q{ALTER SYSTEM SET sfn.max_history_events = 5000});
$node->reload;
ok(wait_for($node, 'SHOW sfn.max_history_events', '5000'), 'a limit');
my $end = run($node, 'loop');
is("$end->{status} $end->{error}", 'FAILED States.Runtime', 'ends a loop');
like($end->{cause}, qr/5000/, '... and says which');

$node->stop;
done_testing();
