
# Definitions that want all memory or all time: the state fails and says so, others go on meanwhile, a stop and
# pg_terminate_backend are obeyed within a second or so, and a session that runs one itself is no worse off.

use strict;
use warnings;

use JSON::PP ();
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('hostile_transitions', conf => "fsync = off\nsynchronous_commit = off\nsfn.max_workers = 3\nsfn.jsonata_timeout = 60s\n");
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');

my $end = JSON::PP::true;
my $text = 'x' x 200_000;
my $large = { a => $text };

# About a second without much memory, and a tenth of that.
my $second = '{% ($t := $pad("x", 200000); $sum([1..8000].$length($t)) > 0) %}';
my $slow = '{% ($t := $pad("x", 200000); $sum([1..800].$length($t)) > 0) %}';

sub jsonata
{
	my (%state) = @_;
	return { QueryLanguage => 'JSONata', StartAt => 'S', States => { S => { End => $end, %state } } };
}

sub jsonpath
{
	my (%state) = @_;
	return { StartAt => 'S', States => { S => { End => $end, %state } } };
}

# The most memory that any server process has had, in MB.
sub peak
{
	my $most = 0;

	foreach my $pid (split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity'))
	{
		open my $file, '<', "/proc/$pid/status" or next;
		while (<$file>) { $most = $1 / 1024 if /^VmHWM:\s+(\d+)/ && $1 / 1024 > $most }
		close $file;
	}
	return $most;
}

# ---- memory ----

my %greedy = (
	'format' => jsonpath(Type => 'Pass',
		Parameters => { map { ("f$_.\$" => q{States.Format('{}{}{}{}{}{}{}{}', $, $, $, $, $, $, $, $)}) } (1 .. 2000) }),
	'in an item' => jsonpath(Type => 'Map', ItemsPath => '$$.Execution.Input.list',
		ItemSelector => { map { ("f$_.\$" => q{States.JsonToString(States.Array($, $, $, $, $, $))}) } (1 .. 1000) },
		ItemProcessor => { StartAt => 'I', States => { I => { Type => 'Pass', End => $end } } }),
	'in a result' => { StartAt => 'P', States => { P => { Type => 'Parallel', End => $end,
		ResultSelector => { map { ("f$_.\$" => q{States.Format('{}{}{}{}{}{}', $, $, $, $, $, $)}) } (1 .. 2000) },
		Branches => [ { StartAt => 'B', States => { B => { Type => 'Pass', End => $end } } } ] } } },
	'jsonata' => jsonata(Type => 'Pass', Output => { map { ("f$_" => '{% $pad("x", 2000000) %}') } (1 .. 500) }),
	'variables' => jsonata(Type => 'Pass', Assign => { map { ("v$_" => '{% [1..100000] %}') } (1 .. 100) }),
);

foreach my $name (sort keys %greedy)
{
	machine($node, 'greedy', $greedy{$name});
	my $done = run($node, 'greedy', { %$large, list => [ 1, 2, 3 ] });
	is("$done->{status} $done->{error}", 'FAILED States.Runtime', "$name: fails");
	like($done->{cause}, qr/The transition needs more than 128 MB of memory\./, '... and says what was too much');
}
cmp_ok(peak(), '<', 600, 'no process has grown much beyond it');

# ---- time ----

$node->safe_psql('postgres', 'ALTER SYSTEM SET sfn.max_transition_time = 3000');
$node->reload;
ok(wait_for($node, 'SHOW sfn.max_transition_time', '3s'), 'a shorter limit');

my $nested = do { my $value = 1; $value = [ { a => $value } ] for (1 .. 100); $value };
my %lengthy = (
	'descents' => [ jsonpath(Type => 'Pass', Parameters => { map { ("f$_.\$" => '$..*..*..[?(@.none =~ /b/)]') } (1 .. 200) }), $nested ],
	'fields' => [ jsonata(Type => 'Pass', Output => { map { ("f$_" => $second) } (1 .. 60) }), {} ],
	'rules' => [ { QueryLanguage => 'JSONata', StartAt => 'C', States => {
		C => { Type => 'Choice', Default => 'E', Choices => [ map { { Condition => $second =~ s/> 0\)/< 0)/r, Next => 'E' } } (1 .. 60) ] },
		E => { Type => 'Succeed' } } }, {} ],
);
foreach my $name (sort keys %lengthy)
{
	machine($node, 'lengthy', $lengthy{$name}[0]);
	my $execution = started($node, 'lengthy', $lengthy{$name}[1]);
	my $worst = 0;

	# The permanent executor is free for others while a helper does that.
	for (1 .. 5)
	{
		my $begun = time;
		run($node, 'pass', {});
		$worst = time - $begun if time - $begun > $worst;
	}
	my $done = end_of($node, $execution);
	is("$done->{status} $done->{error}", 'FAILED States.Runtime', "$name: fails");
	like($done->{cause}, qr/The transition takes more than 3 s\./, '... and says what was too much');
	cmp_ok($worst, '<', 2.5, sprintf('... others went on beside it (%.2f s at worst)', $worst));
}

# A transition of more than its share of a turn, but within its limit, is done, in a turn of its own.
$node->safe_psql('postgres', q{ALTER SYSTEM SET sfn.max_transition_time = '60s'});
$node->reload;
ok(wait_for($node, 'SHOW sfn.max_transition_time', '1min'), 'a longer limit');
machine($node, 'heavy', jsonata(Type => 'Pass', Output => { x => $slow }));
is(run($node, 'heavy', {})->{status}, 'SUCCEEDED', 'one that is only slow succeeds');
machine($node, 'slow_map', jsonata(Type => 'Map', Items => '{% [1..6] %}', ItemSelector => { i => '{% $states.context.Map.Item.Value %}', x => $slow },
		ItemProcessor => { StartAt => 'I', States => { I => { Type => 'Pass', Output => { i => '{% $states.input.i %}', x => $slow }, End => $end } } },
		Output => { all => '{% $states.result.i %}', x => $slow }));
my $joined = run($node, 'slow_map', {});
is("$joined->{status} " . json($joined->{output}), 'SUCCEEDED {"all":[1,2,3,4,5,6],"x":true}', 'so do iterations and what joins them');
my $history = $node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT id), max(id) FROM sfn.history
	WHERE execution_arn = (SELECT execution_arn FROM sfn.executions WHERE execution_arn LIKE '%:slow_map:%')});
like($history, qr/^(\d+)\|\1\|\1$/, '... with each event once');

# ---- what is learnt ----

# What is known to be heavy goes to a helper at once, so the permanent executor does not try it for its 20 ms each time.
sub processor_time
{
	my ($pid) = @_;
	open my $file, '<', "/proc/$pid/stat" or die "process $pid: $!";
	my @fields = split ' ', (scalar <$file>) =~ s/.*\)//sr;
	return ($fields[11] + $fields[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# How often an execution was taken in hand: once in a run that shares turns, once more for each turn of its own.
sub taken
{
	return $node->safe_psql('postgres', 'SELECT sum(executions) FROM sfn.stat_workers');
}

my $given = '{% ($t := $pad("x", 200000); $sum([1..$states.input.n].$length($t)) > 0) %}';
machine($node, 'learnt', jsonata(Type => 'Pass', Output => { x => $given }));
run($node, 'learnt', { n => 800 });
my $permanent = executor_pid($node);
my $used = processor_time($permanent);
my $taken = taken();
run($node, 'learnt', { n => 800 }) for (1 .. 30);
$used = processor_time($permanent) - $used;
cmp_ok($used, '<', 0.35, sprintf('the permanent executor does not try a heavy state again and again (%.2f s)', $used));
cmp_ok(taken() - $taken, '>=', 59, '... others do it');
run($node, 'learnt', { n => 1 }); # alone, and found to be light
ok(wait_until(sub { taken() - $taken >= 62 }), '... and find out when it is light');
$taken = taken();
run($node, 'learnt', { n => 1 }) for (1 .. 5);
cmp_ok(taken() - $taken, '<', 9, 'then it shares turns again');

# ---- stop, terminate ----

$node->safe_psql('postgres', 'ALTER SYSTEM SET sfn.max_transition_time = 60000');
$node->reload;
ok(wait_for($node, 'SHOW sfn.max_transition_time', '1min'), 'a longer limit');
machine($node, 'lengthy', $lengthy{fields}[0]);

my $in_hand = q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sfn executor' AND query = 'turn of one execution' AND state = 'active'};
my $execution = started($node, 'lengthy', {});
ok(wait_for($node, $in_hand, '1'), 'a helper has it in hand');
my $took = seconds(sub {
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
	is(end_of($node, $execution)->{status}, 'ABORTED', 'it can be stopped');
});
cmp_ok($took, '<', 5, sprintf('... soon (%.2f s)', $took));

$execution = started($node, 'lengthy', {});
ok(wait_for($node, $in_hand, '1'), 'again');
my $pid = $node->safe_psql('postgres', $in_hand =~ s/count\(\*\)/pid/r);
$took = seconds(sub {
	is($node->safe_psql('postgres', "SELECT pg_terminate_backend($pid, 10000)"), 't', 'its process can be terminated');
});
cmp_ok($took, '<', 5, sprintf('... soon (%.2f s)', $took));
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
is(end_of($node, $execution)->{status}, 'ABORTED', 'and stopped after that');

# ---- in a session ----

my $definition = sql_text(json($greedy{format}));
my $input = sql_text(json($large));
my $tested = $node->safe_psql('postgres', "SELECT sfn.test_state_machine($definition, $input)");
like($tested, qr/needs more than 128 MB of memory/, 'test_state_machine() says it');
$node->safe_psql('postgres', "SELECT sfn.create_state_machine('sync', $definition, type => 'EXPRESS')");
my (undef, undef, $sync) = $node->psql('postgres', "SELECT sfn.start_sync_execution('sync', $input)");
like($sync, qr/needs more than 128 MB of memory/, 'start_sync_execution(), too');

$definition = sql_text(json($lengthy{fields}[0]));
$node->safe_psql('postgres', "SELECT sfn.create_state_machine('sync', $definition, type => 'EXPRESS', replace => true)");
$took = seconds(sub {
	my (undef, undef, $stderr) = $node->psql('postgres', "SET statement_timeout = 300; SELECT sfn.start_sync_execution('sync', '{}')");
	like($stderr, qr/statement timeout/, 'which the session can cancel');
});
cmp_ok($took, '<', 5, sprintf('... soon (%.2f s)', $took));

$node->stop;
done_testing();
