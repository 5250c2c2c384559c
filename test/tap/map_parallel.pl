
# Parallel and Map whose branches call SQL: order, concurrency, failure, nesting, size; with real workers.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('map_parallel');
my $end = JSON::PP::true;

$node->safe_psql('postgres', q{
	CREATE TABLE effect (n integer);
	CREATE FUNCTION square(n integer) RETURNS integer LANGUAGE sql AS 'INSERT INTO effect VALUES (n) RETURNING n * n';
	CREATE FUNCTION inverse(n integer) RETURNS float LANGUAGE sql AS 'INSERT INTO effect VALUES (n) RETURNING 1.0 / n';
	CREATE FUNCTION nap(seconds float) RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(seconds)';
});

sub effects
{
	my $n = $node->safe_psql('postgres', 'SELECT count(*) FROM effect');
	$node->safe_psql('postgres', 'TRUNCATE effect');
	return $n;
}

sub task
{
	my ($function, %fields) = @_;
	return { Type => 'Task', Resource => "sql:public.$function", $fields{Next} ? () : (End => $end), %fields };
}

sub leftovers
{
	my ($what) = @_;
	# branches of what failed stay for a redrive
	is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM sfn.inbox)
			+ (SELECT count(*) FROM sfn.branch b JOIN sfn.execution e ON e.id = b.execution_id WHERE e.stop_date IS NULL OR e.output IS NOT NULL)'),
		'0', "$what: nothing is left behind");
}

#
# Parallel.
#
machine($node, 'parallel',
	{   StartAt => 'Both',
		States => {
			Both => {
				Type => 'Parallel', End => $end,
				Branches => [ map { { StartAt => "B$_", States => { "B$_" => task('square', Parameters => { 'n.$' => "\$.v$_" }) } } } (1 .. 3) ] } } });
my $result = run($node, 'parallel', { v1 => 2, v2 => 3, v3 => 4 });
is_deeply($result->{output}, [ 4, 9, 16 ], 'Parallel gives the outputs in the order of its branches');
is(effects(), '3', '... one effect each');
leftovers('Parallel');

# One branch fails while another waits and a third sleeps in its task.
machine($node, 'failing',
	{   StartAt => 'All',
		States => {
			All => {
				Type => 'Parallel', Next => 'Good',
				Catch => [ { ErrorEquals => ['Sql.division_by_zero'], ResultPath => '$.problem', Next => 'Bad' } ],
				Branches => [
					{ StartAt => 'Wait', States => { Wait => { Type => 'Wait', Seconds => 600, End => $end } } },
					{ StartAt => 'Square', States => { Square => task('square', Parameters => { n => 5 }, End => $end) } },
					{ StartAt => 'Pause', States => {
							Pause => { Type => 'Wait', Seconds => 1, Next => 'Fail' },
							Fail => task('inverse', Parameters => { n => 0 }) } },
				] },
			Good => { Type => 'Pass', End => $end },
			Bad => { Type => 'Pass', InputPath => '$.problem.Error', End => $end },
		} });
my $execution = started($node, 'failing', {});
$result = end_of($node, $execution);
is("$result->{status} $result->{output}", 'SUCCEEDED Sql.division_by_zero', 'the failure of one branch is caught');
is(effects(), '1', '... what another had done before remains');
like(event_types($node, $execution), qr/TaskFailed .*ParallelStateFailed/, '... the Parallel failed');
leftovers('a failed Parallel');

# A SQL task holds its execution, so what another branch does comes after it.
machine($node, 'uncaught',
	{   StartAt => 'All',
		States => {
			All => {
				Type => 'Parallel', End => $end,
				Branches => [
					{ StartAt => 'Sleep', States => { Sleep => task('nap', Parameters => { seconds => 2 }, Next => 'Square'), Square => task('square', Parameters => { n => 1 }) } },
					{ StartAt => 'Pause', States => {
							Pause => { Type => 'Wait', Seconds => 1, Next => 'Fail' },
							Fail => { Type => 'Fail', Error => 'Custom', Cause => 'because' } } },
				] } } });
$result = run($node, 'uncaught', {});
is("$result->{status} $result->{error} $result->{cause}", 'FAILED Custom because', 'a Fail state ends the other branches');
effects();
leftovers('a Parallel that failed');

# The machine's own TimeoutSeconds ends a running task, too.
machine($node, 'in-time',
	{   StartAt => 'Sleep', TimeoutSeconds => 1, States => { Sleep => task('nap', Parameters => { seconds => 600 }) } });
$result = run($node, 'in-time', {});
is($result->{status}, 'TIMED_OUT', 'TimeoutSeconds of the machine ends a task that runs');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, '0', 5), '... whose query is cancelled');
leftovers('an execution that timed out');

#
# Map.
#
sub map_machine
{
	my ($name, $iterator, %fields) = @_;
	machine($node, $name,
		{   StartAt => 'Map',
			States => { Map => { Type => 'Map', ItemProcessor => { StartAt => 'I', States => { I => $iterator } }, End => $end, %fields } } });
}

map_machine('map', task('square', Parameters => { 'n.$' => '$' }));
$result = run($node, 'map', [ 1 .. 1000 ]);
is($result->{status}, 'SUCCEEDED', 'Map over 1,000 items');
is_deeply($result->{output}, [ map { $_ * $_ } (1 .. 1000) ], '... gives the results in their order');
is(effects(), '1000', '... one effect each');
leftovers('Map');
is_deeply(run($node, 'map', [])->{output}, [], 'Map over no items');

map_machine('by-three', task('square', Parameters => { 'n.$' => '$' }), MaxConcurrency => 3);
$execution = started($node, 'by-three', [ 1 .. 30 ]);
is_deeply(end_of($node, $execution)->{output}, [ map { $_ * $_ } (1 .. 30) ], 'MaxConcurrency 3');
is($node->safe_psql('postgres', "SELECT max(open) FROM (SELECT sum(CASE type WHEN 'MapIterationStarted' THEN 1 WHEN 'MapIterationSucceeded' THEN -1 ELSE 0 END)
	OVER (ORDER BY id) AS open FROM sfn.get_execution_history('$execution')) x"), '3', '... three at once at most');
effects();

map_machine('one-by-one', task('square', Parameters => { 'n.$' => '$' }), MaxConcurrency => 1);
$execution = started($node, 'one-by-one', [ 5, 4, 3 ]);
is_deeply(end_of($node, $execution)->{output}, [ 25, 16, 9 ], 'MaxConcurrency 1');
is($node->safe_psql('postgres', 'SELECT string_agg(n::text, $$,$$ ORDER BY ctid) FROM effect'), '5,4,3', '... one after the other');
effects();

# An item fails: the others are aborted, Catch sees it.
machine($node, 'bad-item',
	{   StartAt => 'Map',
		States => {
			Map => {
				Type => 'Map', MaxConcurrency => 5, Next => 'Good',
				Catch => [ { ErrorEquals => ['States.ALL'], ResultPath => '$.problem', Next => 'Bad' } ],
				ItemsPath => '$.items',
				ItemProcessor => { StartAt => 'I', States => { I => task('inverse', Parameters => { 'n.$' => '$' }) } } },
			Good => { Type => 'Pass', End => $end },
			Bad => { Type => 'Pass', InputPath => '$.problem.Error', End => $end },
		} });
$execution = started($node, 'bad-item', { items => [ 1 .. 40, 0, 41 .. 80 ] });
$result = end_of($node, $execution);
is("$result->{status} $result->{output}", 'SUCCEEDED Sql.division_by_zero', 'one bad item fails the Map');
cmp_ok(effects(), '>=', 36, '... what came before it remains');
leftovers('a failed Map');

# Retry inside an iteration is the iteration's own.
$node->safe_psql('postgres', q{
	CREATE SEQUENCE tries;
	CREATE FUNCTION second_time(n integer) RETURNS integer LANGUAGE plpgsql AS $$
		BEGIN
			IF nextval('tries') <= 5 THEN RAISE EXCEPTION 'not yet'; END IF;
			INSERT INTO effect VALUES (n);
			RETURN n;
		END$$;
});
map_machine('retried', task('second_time', Parameters => { 'n.$' => '$' }, Retry => [ { ErrorEquals => ['Sql.raise_exception'], IntervalSeconds => 1, MaxAttempts => 5, BackoffRate => 1 } ]));
is_deeply(run($node, 'retried', [ 1 .. 10 ])->{output}, [ 1 .. 10 ], 'items that fail at first and are tried again');
is(effects(), '10', '... one effect each');

# Nested: a Map of Parallels of Maps.
map_machine('nested',
	{   Type => 'Parallel', End => $end,
		Branches => [
			{ StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$.list', End => $end,
						ItemProcessor => { StartAt => 'Q', States => { Q => task('square', Parameters => { 'n.$' => '$' }) } } } } },
			{ StartAt => 'P', States => { P => { Type => 'Pass', InputPath => '$.name', End => $end } } } ] });
is_deeply(run($node, 'nested', [ map { { name => "n$_", list => [ $_, $_ + 1 ] } } (1 .. 20) ])->{output},
	[ map { [ [ $_ * $_, ($_ + 1) * ($_ + 1) ], "n$_" ] } (1 .. 20) ], 'a Map of Parallels of Maps');
is(effects(), '40', '... one effect each');
leftovers('nested');

# Stop in the midst.
map_machine('waiting', { Type => 'Wait', Seconds => 600, End => $end });
$execution = started($node, 'waiting', [ 1 .. 100 ]);
ok(wait_for($node, "SELECT array_length(branch_states, 1) > 30 FROM sfn.executions WHERE execution_arn = '$execution'", 't'), 'iterations wait');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
is(end_of($node, $execution)->{status}, 'ABORTED', 'a Map is stopped');
leftovers('a stopped Map');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');

$node->stop;
done_testing();
