
# F36: two roles that cannot see each other's executions start one of the same name: the unique index decides, not a look
# beforehand.  One execution, a clear answer for the other, whoever is first and whatever row security says.

use strict;
use warnings;

use File::Spec;
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('names');
my $clients = 6;
my @roles = map { "client$_" } 1 .. $clients;

$node->safe_psql('postgres', join ' ', map { "CREATE ROLE $_ LOGIN;" } 'owner', @roles);
machine($node, 'shared', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 10000, End => JSON::PP::true } } }, as => 'owner');
$node->safe_psql('postgres', "SELECT sfn.grant_state_machine('shared', '$_', 'start')", extra_params => [ '-U', 'owner' ]) foreach @roles;

# A session that nobody has to feed or to read from.
sub session_of
{
	my ($role, $sql) = @_;
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $session = { map { $_ => "$directory/$_" } qw(sql out err) };

	PostgreSQL::Test::Utils::append_to_file($session->{sql}, $sql);
	$session->{run} = IPC::Run::start([ 'psql', '-XAtq', '-U', $role, '-d', $node->connstr('postgres'), '-f', $session->{sql} ],
		'<', File::Spec->devnull, '>', $session->{out}, '2>', $session->{err}, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $session;
}

sub finished
{
	my ($session) = @_;

	$session->{run}->finish;
	return (slurp_file($session->{out}), slurp_file($session->{err}));
}

#
# A race for each of many names, with different inputs: one execution each.
#
my $names = 10 * rounds(100);
my @racers = map {
	my $role = $_;
	session_of($role, join '', map { "SELECT sfn.start_execution('shared', '{\"by\": \"$role\"}', 'n$_');\n" } 1 .. $names)
} @roles;
my $won = 0;
my @strange;
foreach my $racer (@racers)
{
	my ($out, $err) = finished($racer);
	my @refused = $err =~ /ERROR:.*?(?=\n)/g;
	my $starts = () = $out =~ /:execution:shared:n\d+/g;

	push @strange, grep { !/execution "\S+:n\d+" already exists/ } @refused;
	$won += $starts;
	is($starts + @refused, $names, 'a client has an answer for each name');
}
is($won, $names, 'each name was won by one');
is(join("\n", splice @strange, 0, 3), '', 'the others were told so, without the words of the index');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT id), count(DISTINCT name) FROM sfn.execution'), "$names|$names|$names", 'one execution for each, each with its id');
is( $node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions', extra_params => [ '-U', $_ ]),
	$node->safe_psql('postgres', "SELECT count(*) FROM sfn.execution WHERE starter = '$_'::regrole"), "$_ sees those that it has started, and no other")
	foreach @roles;

# the same input is the same execution, for a role that cannot see it too
my $first = $node->safe_psql('postgres', q{SELECT sfn.start_execution('shared', '{"a": 1}', 'again')}, extra_params => [ '-U', 'client1' ]);
is($node->safe_psql('postgres', q{SELECT sfn.start_execution('shared', '{"a": 1}', 'again')}, extra_params => [ '-U', 'client2' ]), $first, 'the same start again gives the same execution');

#
# The first one has not committed: the second waits for it, and wins if that one rolls back.
#
foreach my $end ('COMMIT', 'ROLLBACK')
{
	my $name = "slow_$end";
	my ($gate) = start_statements($node, 'SELECT pg_advisory_lock(36)', 'SELECT pg_sleep(1000)');

	# the first one keeps its transaction open for as long as the gate is shut
	ok(wait_for($node, q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted}, '1'), "$end: the gate is shut");
	my $first = session_of('client1', "BEGIN; SELECT sfn.start_execution('shared', '{\"a\": 1}', '$name'); SELECT pg_advisory_xact_lock(36); $end;");
	ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'client1' AND wait_event = 'advisory'}, '1'), "$end: the first one has started");
	my $second = session_of('client2', "SELECT sfn.start_execution('shared', '{\"a\": 2}', '$name');");
	ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'client2' AND wait_event_type = 'Lock'}, '1'), "$end: the second one waits");
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'});
	$gate->finish;
	finished($first);
	my ($out, $err) = finished($second);
	like($end eq 'COMMIT' ? $err : $out, $end eq 'COMMIT' ? qr/already exists/ : qr/execution:shared:$name/, "$end: and then has its answer");
}

#
# Row security that an administrator puts on our tables hides nothing from the engine.
#
$node->safe_psql('postgres', q{
	ALTER TABLE sfn.execution ENABLE ROW LEVEL SECURITY; ALTER TABLE sfn.execution FORCE ROW LEVEL SECURITY;
	ALTER TABLE sfn.inbox ENABLE ROW LEVEL SECURITY; ALTER TABLE sfn.inbox FORCE ROW LEVEL SECURITY});
my (undef, undef, $err) = $node->psql('postgres', q{SELECT sfn.start_execution('shared', '{"a": 3}', 'again')}, extra_params => [ '-U', 'client2' ]);
like($err, qr/execution "\S+:again" already exists/, 'with row security: a name that is taken');
like($node->safe_psql('postgres', q{SELECT sfn.start_execution('shared', '{"a": 3}', 'hidden')}, extra_params => [ '-U', 'client2' ]), qr/:hidden$/, 'one that is free');
ok(wait_for($node, q{SELECT count(*) FROM sfn.timers t JOIN sfn.executions e USING (execution_arn) WHERE e.name = 'hidden'}, '1'), 'and its execution runs');

$node->stop;
done_testing();
