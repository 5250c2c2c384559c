
# A share for each role: what one role starts, be it many executions, endless loops or tasks that sleep, does not stand before
# another's, nor one machine's before those of another machine of the same role.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('shares', conf => "fsync = off\nsfn.max_workers = 4\nsfn.max_long_tasks = 0\nsfn.max_history_events = 100000000\n");
my $true = JSON::PP::true;

$node->safe_psql('postgres', q{
	CREATE ROLE busy;
	CREATE ROLE calm;
	CREATE FUNCTION nap(seconds float) RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(seconds); END';
});
task_machine($node, 'nap', 'sql:public.nap', role => 'busy');

sub start_many
{
	my ($machine, $count, $input) = @_;
	$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('$machine', ARRAY(SELECT json " . sql_text(json($input)) . " FROM generate_series(1, $count)))");
}

sub running
{
	my ($machine) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM sfn.executions WHERE state_machine = '$machine' AND status = 'RUNNING'");
}

sub stop_all
{
	my ($machine) = @_;
	ok(wait_for($node, "SELECT count(sfn.stop_execution(execution_arn)) FROM sfn.executions WHERE state_machine = '$machine' AND status = 'RUNNING'", 0), 'all are stopped');
}

# A task of a function that no worker has seen yet, which therefore runs alone.
my $functions = 0;
sub first_task
{
	my ($text) = @_;
	my $name = 'unseen' . ++$functions;

	$node->safe_psql('postgres', "CREATE FUNCTION $name(input json) RETURNS json LANGUAGE plpgsql AS 'BEGIN RETURN input; END'");
	task_machine($node, $name, "sql:public.$name", role => 'calm');
	is(run($node, $name)->{status}, 'SUCCEEDED', $text);
}

my $sleeping = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'PgSleep'};

# Three executors run tasks alone; the last free one is for somebody else.
start_many('nap', 8, { seconds => 600 });
ok(wait_for($node, $sleeping, 2), 'two tasks of a role sleep');
first_task('beside them a first task of another role runs');
is($node->safe_psql('postgres', $sleeping), 2, '... and nobody took its place');

# Those that run long make room.
$node->append_conf('postgresql.conf', 'sfn.max_long_tasks = 2');
$node->reload;
ok(wait_for($node, $sleeping, 4), 'in place of two long tasks come two other executors');
first_task('... one of them for another role, again');
$node->append_conf('postgresql.conf', 'sfn.max_long_tasks = 8');
$node->reload;
ok(wait_for($node, $sleeping, 8), '... and more where more may');
first_task('... and still another role has its place');
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.workers WHERE worker IN ('executor', 'helper') AND pid IS NOT NULL}), '>', 8, 'so there are more executors than sfn.max_workers');
stop_all('nap');

# Whose turn it is at the helpers.
$node->append_conf('postgresql.conf', 'sfn.max_long_tasks = 0');
$node->reload;
$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
start_many('nap', 100, { seconds => 0.5 });
ok(wait_for($node, "SELECT count(*) > 0 FROM ($sleeping) s (n) WHERE n > 0", 't'), 'a queue of tasks');
first_task('a task does not wait for the queue of another role');
cmp_ok(running('nap'), '>', 0, '... which is still there');
stop_all('nap');

# Whose turn it is in shared turns: a backlog stands before nobody else.
my %chain = (StartAt => 'P1', States => { map { ("P$_" => { Type => 'Pass', $_ < 30 ? (Next => 'P' . ($_ + 1)) : (End => $true) }) } 1 .. 30 });
my %one = (StartAt => 'P', States => { P => { Type => 'Pass', End => $true } });
machine($node, 'many', \%chain, role => 'busy');
machine($node, 'of_calm', \%one, role => 'calm');
machine($node, 'of_busy', \%one, role => 'busy');
start_many('many', 20000, {});
is(run($node, 'of_calm')->{status}, 'SUCCEEDED', "an execution ends beside another role's backlog");
cmp_ok(running('many'), '>', 10000, '... when most of that is still to be done');
is(run($node, 'of_busy')->{status}, 'SUCCEEDED', 'and one of the same role, but another machine');
cmp_ok(running('many'), '>', 5000, '... as well');
ok(wait_for($node, q{SELECT count(*) FROM sfn.inbox}, 0), 'the backlog is done');

# Loops whose every transition is slow.
machine($node, 'loop', { StartAt => 'A', QueryLanguage => 'JSONata', States => {
	A => { Type => 'Pass', Output => { n => '{% $sum([1..40000].($ * $)) %}' }, Next => 'B' },
	B => { Type => 'Choice', Default => 'A', Choices => [ { Condition => '{% $states.input.n < 0 %}', Next => 'C' } ] },
	C => { Type => 'Succeed' } } }, role => 'busy');
machine($node, 'waits', { StartAt => 'W1', States => { map { ("W$_" => { Type => 'Wait', Seconds => 1, $_ < 4 ? (Next => 'W' . ($_ + 1)) : (End => $true) }) } 1 .. 4 } }, role => 'calm');
start_many('loop', 60, {});
ok(wait_for($node, q{SELECT count(*) > 20 FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id WHERE m.name = 'loop' AND e.last_event_id > 1}, 't'), 'they loop');
my $waits = started($node, 'waits');
is(end_of($node, $waits)->{status}, 'SUCCEEDED', 'four waits of a second beside sixty of them');
my $late = $node->safe_psql('postgres', "SELECT extract(epoch FROM stop_date - start_date) - 4 FROM sfn.executions WHERE execution_arn = '$waits'");
note("late by $late s");
cmp_ok($late, '<', 5, '... are little late');
stop_all('loop');

# Two machines of a role, whose executions want all the time there is: shares are as their priorities, whoever came first.  A machine is
# one, whichever of its revisions its executions run.
sub progress
{
	my ($machine) = @_;
	return $node->safe_psql('postgres', "SELECT coalesce(sum(e.last_event_id), 0) FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id WHERE m.name = '$machine'");
}

sub compete
{
	my ($kind, $definition, $events) = @_;
	my ($first, $last) = ("first_$kind", "last_$kind");

	$definition = sql_text(json($definition));
	$node->safe_psql('postgres', "SELECT sfn.create_state_machine('$last', $definition, role => 'busy'), sfn.create_state_machine('$first', $definition, role => 'busy')");
	start_many($last, 15, {});
	$node->safe_psql('postgres', "SELECT sfn.update_state_machine('$last', priority => 5)");
	start_many($last, 15, {});
	ok(wait_until(sub { progress($last) > 200 }), "$kind: a machine of little priority has the executors to itself");
	start_many($first, 30, {});
	ok(wait_until(sub { progress($first) > 200 }), '... until another one of the role comes');
	my ($of_first, $of_last, $last_before) = (0, 0, 0);
	for (1 .. 8)    # what other processes do may spoil one look, not all of them
	{
		my $first_before = progress($first);
		$last_before = progress($last);
		last unless wait_until(sub { progress($first) - $first_before > $events });
		($of_first, $of_last) = (progress($first) - $first_before, progress($last) - $last_before);
		last if $of_first > 3 * $of_last;
	}
	cmp_ok($of_first, '>', $events, '... which gets on');
	cmp_ok($of_first, '>', 3 * $of_last, "... and has much more of the role's time ($of_first, $of_last)");
	ok(wait_until(sub { progress($last) > $last_before }), '... but not all');
	stop_all($_) foreach ($first, $last);
}

my %again = (
	B => { Type => 'Choice', QueryLanguage => 'JSONPath', Default => 'A', Choices => [ { Variable => '$.n', IsNull => $true, Next => 'C' } ] },
	C => { Type => 'Succeed' });
compete('light', { StartAt => 'A', States => { A => { Type => 'Pass', Result => { n => 1 }, Next => 'B' }, %again } }, 50_000);
compete('heavy', { StartAt => 'A', States => {
	A => { Type => 'Pass', QueryLanguage => 'JSONata', Output => { n => '{% $sum([1..60000].($ * $)) %}' }, Next => 'B' }, %again } }, 1000);

ok(log_is_clean($node), 'nothing in the log');
$node->stop;
done_testing();
