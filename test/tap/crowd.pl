
# Room beside a crowd: while a role's endless work fills the executors, what another role starts now and then is for the permanent
# one, which passes the crowd over, and a processor is left to it.  The crowd goes on all the same.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

use JSON::PP ();

my $node = sfn_node('crowd', conf => "fsync = off\nsfn.max_workers = 4\nsfn.max_history_events = 100000000\n");
my $room = JSON::PP::true;
my ($processors) = run_command([ 'getconf', '_NPROCESSORS_ONLN' ]);
my $may_share = $processors > 1 ? $processors - 1 : 1;

$node->safe_psql('postgres', "CREATE ROLE $_") foreach qw(busy calm other);
my $loop = { StartAt => 'A', States => {
	A => { Type => 'Pass', Result => { n => 1 }, Next => 'B' },
	B => { Type => 'Choice', Default => 'A', Choices => [ { Variable => '$.n', IsNull => $room, Next => 'C' } ] },
	C => { Type => 'Succeed' } } };
machine($node, 'loop', $loop, role => 'busy');
machine($node, 'other_loop', $loop, role => 'other');
machine($node, 'order', { StartAt => 'P', States => { P => { Type => 'Pass', End => $room } } }, role => 'calm');

sub start_loops
{
	my ($machine) = @_;
	$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('$machine', ARRAY(SELECT json '{}' FROM generate_series(1, 20)))");
}

# Events of a machine's executions; they grow while it gets on.
sub progress
{
	my ($machine) = @_;
	return $node->safe_psql('postgres', "SELECT coalesce(sum(e.last_event_id), 0) FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id WHERE m.name = '$machine'");
}

sub goes_on
{
	my ($machine) = @_;
	my $before = progress($machine);
	return wait_until(sub { progress($machine) > $before + 1000 });
}

# Executions moved so far, by executor: the permanent one as 'executor', helpers by their pids.
sub moved
{
	my %of = split /[|\n]/, $node->safe_psql('postgres', q{SELECT CASE worker WHEN 'helper' THEN pid::text ELSE worker END, executions FROM sfn.stat_workers WHERE worker IN ('executor', 'helper')});
	return \%of;
}

# How many executions the permanent one moves, and how many helpers move any, during twenty orders.
sub during_orders
{
	my $before = moved();
	run($node, 'order') foreach 1 .. 20;
	my $after = moved();
	return ($after->{executor} - $before->{executor}, scalar grep { $_ ne 'executor' && $after->{$_} > ($before->{$_} // 0) } keys %$after);
}

start_loops('loop');
ok(goes_on('loop'), 'a role fills the executors');
is(run($node, 'order')->{status}, 'SUCCEEDED', 'another one starts something');

my ($by_permanent, $helpers);
for (1 .. 8)    # a busy machine may spoil one look, not all of them
{
	($by_permanent, $helpers) = during_orders();
	last if $by_permanent <= 40 && $helpers <= $may_share;
}
cmp_ok($by_permanent, '<=', 40, 'while twenty orders come, the permanent executor moves them and little else');
cmp_ok($helpers, '<=', $may_share, "... and helpers leave a processor free ($helpers)");
ok(goes_on('loop'), '... but the crowd goes on');

# Whoever sees to the crowd may go: another one comes.
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM sfn.stat_workers WHERE worker = 'helper'});
is(run($node, 'order')->{status}, 'SUCCEEDED', 'when all helpers have been ended, an order ends');
ok(goes_on('loop'), '... and the crowd goes on');

start_loops('other_loop');
ok(goes_on('other_loop'), 'a third role that wants everything gets on beside both');
is(run($node, 'order')->{status}, 'SUCCEEDED', '... orders as well');
ok(goes_on('loop'), '... and the crowd');

# Without orders there is nobody to make room for.
my $before = moved()->{executor};
ok(wait_until(sub { moved()->{executor} > $before + 500 }), 'when nothing else comes any more, the permanent executor works for the crowd');

foreach my $machine (qw(loop other_loop))
{
	ok(wait_for($node, "SELECT count(sfn.stop_execution(execution_arn)) FROM sfn.executions WHERE state_machine = '$machine' AND status = 'RUNNING'", 0), "all of $machine are stopped");
}
$node->stop;
done_testing();
