
# A shard is added, and slots are moved to it, while clients start executions with and without names and change a machine: none sees
# an error, all executions are there once, and those of before and after are found.

use strict;
use warnings;

use File::Spec;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $node = sfn_node('shards_add', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($node);

my $pass = '{"Comment": "%s", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN');
make_front($node);
add_shards($node, $node, 's0', 's1');
on_front($node, 'SELECT sfn_proxy.rebalance(1024)');
on_front($node, 'SELECT sfn_proxy.forget_moves($$0$$)');
on_front($node, sprintf("SELECT sfn.create_state_machine('m', '$pass')", 'first'), 'alice');

# A client that runs statements one after the other, without end.
sub client
{
	my ($statement) = @_;
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $client = { map { $_ => "$directory/$_" } qw(sql out err) };

	PostgreSQL::Test::Utils::append_to_file($client->{sql}, join '', map { sprintf("$statement;\n", $_) } 1 .. 50000);
	$client->{run} = IPC::Run::start([ 'psql', '-XAtq', '-U', 'alice', '-d', $node->connstr('front'), '-f', $client->{sql} ],
		'<', File::Spec->devnull, '>', $client->{out}, '2>', $client->{err});
	return $client;
}

sub executions
{
	my (@databases) = @_;
	my $count = 0;
	$count += $node->safe_psql($_, 'SELECT count(*) FROM sfn.execution') foreach @databases;
	return $count;
}

my @clients = (
	client(q{SELECT sfn.start_execution('m', '{}', 'named-%d')}), client(q{SELECT sfn.start_execution('m', '{"n": %d}')}),
	client(q{SELECT sfn.describe_execution(sfn.start_execution('m', '{}', 'seen-%d'))}),
	client(q{SELECT FROM sfn.update_state_machine('m', '{"Comment": "%d", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')}));
ok(wait_until(sub { executions('s0', 's1') > 100 }), 'clients start executions');
add_shards($node, $node, 's2');
is(on_front($node, 'SELECT state FROM sfn_proxy.shards WHERE shard = 2'), 'active', 'a shard is added');
ok(wait_until(sub { executions('s2') > 10 }), 'it gets executions');
my $moved = 0;
while ((my $step = on_front($node, 'SELECT sfn_proxy.rebalance()')) > 0)
{
	$moved += $step;
	my $before = executions('s2');
	ok(wait_until(sub { executions('s2') > $before }), "$step slots are moved");
}
cmp_ok($moved, '>=', 340, 'it has its share of the names');
ok(wait_until(sub { $node->safe_psql('s2', 'SELECT count(*) FROM sfn.execution WHERE is_named') > 10 }), '... and gets executions by name');
$node->safe_psql('front', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'alice'});
$_->{run}->finish foreach @clients;

my $errors = join '', map { slurp_file($_->{err}) } @clients;
is(join("\n", grep { !/terminating connection|server closed|connection to server was lost/ } $errors =~ /(?:ERROR|FATAL): .*/g), '', 'nobody has seen an error');
my @named = map { slurp_file($_->{out}) =~ /:execution:m:((?:named|seen)-\d+)\b/g } @clients;
my $list = join ',', map { "'$_'" } @named;
my $there = 0;
$there += $node->safe_psql($_, "SELECT count(*) FROM sfn.execution WHERE name = ANY (ARRAY[$list])") foreach 's0', 's1', 's2';
is($there, scalar @named, 'names that were given are there once: ' . scalar @named);
is(on_front($node, "SELECT count(*) FROM unnest(ARRAY[$list]) n WHERE sfn.wait_for_execution('m/' || n) = 'SUCCEEDED'", 'alice'), scalar @named, '... and found, wherever they are');
on_front($node, q{SELECT sfn.tag_resource('m', '{"a": "1"}')}, 'alice'); # settles what a client has left when it was ended
is(on_front($node, 'SELECT bool_and(sfn_proxy.catch_up(shard)) FROM sfn_proxy.shards'), 't', 'all changes are made');
my %revisions = map { $node->safe_psql($_, q{SELECT revision_id || definition::text FROM sfn.state_machines}) => 1 } 's0', 's1', 's2';
is(scalar keys %revisions, 1, 'the machine is the same on all');

$node->stop;
done_testing();
