
# F52: one long SQL task holds nobody up, nor does a request that hangs, and stopping its execution ends it within a second.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnHttp;
use SfnMachine;
use SfnTest;

my $server = http_server();
my $node = sfn_node('f52', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");

$node->safe_psql('postgres', q{
	CREATE TABLE trace (id serial, what text);
	CREATE FUNCTION sleeper(seconds float) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO trace (what) VALUES ('slept'); PERFORM pg_sleep(seconds); END$$;
	CREATE FUNCTION quick(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n + 1';
});
task_machine($node, 'long', 'sql:public.sleeper');
machine($node, 'short',
	{   StartAt => 'One',
		States => {
			One => { Type => 'Pass', Next => 'Two' },
			Two => { Type => 'Task', Resource => 'sql:public.quick', ResultPath => '$.n', Next => 'Three' },
			Three => { Type => 'Wait', Seconds => 1, Next => 'Four' },
			Four => { Type => 'Task', Resource => 'sql:public.quick', End => JSON::PP::true },
		} });

sub sleeping
{
	return q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'PgSleep'};
}

sub start_thousand
{
	my $began = time();
	$node->safe_psql('postgres', q{SELECT count(*) FROM sfn.start_executions('short', ARRAY(SELECT json_build_object('n', i) FROM generate_series(1, 1000) i))});
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'short' AND status = 'RUNNING'}, '0'), shift);
	return time() - $began;
}

my $alone = start_thousand('1,000 executions by themselves');
my $long = started($node, 'long', { seconds => 600 });
ok(wait_for($node, sleeping(), '1'), 'a task sleeps');
invoke_machine($node, 'hanging', { ApiEndpoint => "$server->{url}/hang" });
my $hanging = started($node, 'hanging');
ok(wait_for($node, q{SELECT count(*) FROM sfn.task WHERE taken_at IS NOT NULL}, '1'), 'a request hangs');
my $beside = start_thousand('1,000 executions beside them');
note(sprintf 'by themselves %.1f s, beside a sleeper and a request that hangs %.1f s', $alone, $beside);
is(invoked($node, { ApiEndpoint => "$server->{url}/json" })->{status}, 'SUCCEEDED', 'another request is answered');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$hanging')");
end_of($node, $hanging);
cmp_ok($beside, '<', 3 * $alone + 3, '... take about the same time');
is($node->safe_psql('postgres', sleeping()), '1', 'it still sleeps');

# As many sleepers as there are workers: timers and pure transitions still go on.
my @more = map { started($node, 'long', { seconds => 600 }) } (1 .. 6);
ok(wait_for($node, q{SELECT count(*) >= 3 FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'PgSleep'}, 't'),
	'all helpers sleep');
machine($node, 'pure',
	{   StartAt => 'Wait', States => {
			Wait => { Type => 'Wait', Seconds => 1, Next => 'Done' }, Done => { Type => 'Pass', End => JSON::PP::true } } });
is(run($node, 'pure')->{status}, 'SUCCEEDED', '... and a machine without such tasks runs');

# Stopping: those that run and those that wait for a worker.
foreach my $execution ($long, @more)
{
	my $began = time();
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution', 'User', 'enough')");
	my $end = end_of($node, $execution, 30);
	my $took = time() - $began;
	is("$end->{status} $end->{error} $end->{cause}", 'ABORTED User enough', sprintf 'stopped in %.2f s', $took);
	in_time($took, 1.0, '... within a second');
}
ok(wait_for($node, sleeping(), '0'), 'nobody sleeps any more');
is($node->safe_psql('postgres', 'SELECT count(*) FROM trace'), '0', 'their effects are undone');
is(event_types($node, $long), 'ExecutionStarted TaskStateEntered TaskScheduled TaskStarted ExecutionAborted', 'history says so');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.inbox'), '0', 'nothing is left in the inbox');

# Stops that meet the beginning of a task at any moment.
my $late = 0;
foreach my $round (1 .. rounds(200))
{
	my $execution = started($node, 'long', { seconds => 600 });
	sleep 0.001 * ($round % 20);
	my $began = time();
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
	my $end = end_of($node, $execution, 10);
	$late++ if $end->{status} ne 'ABORTED' || time() - $began > 1.5;
}
is($late, 0, 'a stop at any moment ends the execution soon');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');

$node->stop;
done_testing();
