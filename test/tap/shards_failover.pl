
# A shard whose primary is lost, again and again, under load: its standby takes over, the front finds it by itself, and of the
# starts that were acknowledged none is lost and none is there twice.  Five promotions, a hundred in make soak.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Spec;
use IPC::Run ();
use List::Util qw(max);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $front = sfn_node('failover_front', create => 0, preload => 0);
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($front);
my $primary = sfn_node('failover_a', create => 0, init => [ allows_streaming => 1 ], conf => "wal_log_hints = on\nwal_keep_size = 512MB\n");
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('failover_b');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

my $shard = sprintf 'host=%s,%s port=%s,%s target_session_attrs=read-write dbname=s0 user=sfn_front', $primary->host, $standby->host, $primary->port, $standby->port;
$front->safe_psql('postgres', 'CREATE ROLE alice LOGIN');
make_front($front);
$primary->safe_psql('postgres', 'CREATE ROLE sfn_front LOGIN; CREATE DATABASE s0');
$primary->safe_psql('s0', q{CREATE EXTENSION sfn; SELECT sfn.allow_gateway('sfn_front')});
on_front($front, "CALL sfn_proxy.add_shard('$shard')");
my $next = 'B';
my $states = join ', ', map { my $state = qq{"$_": {"Type": "Pass", "Next": "$next"}}; $next = chr(ord($next) + 1); $state } 'A' .. 'D';
on_front($front, qq{SELECT sfn.create_state_machine('m', '{"StartAt": "A", "States": {$states, "E": {"Type": "Pass", "End": true}}}')}, 'alice');
$primary->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()");
$standby->append_conf('postgresql.conf', "synchronous_standby_names = '*'");
$standby->reload;
ok(wait_for($primary, q{SELECT sync_state FROM pg_stat_replication}, 'sync'), 'commits wait for the standby');

# A client that starts by name, one after the other, and goes on after errors.
sub client
{
	my ($number) = @_;
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $client = { number => $number, map { $_ => "$directory/$_" } qw(sql out err) };

	PostgreSQL::Test::Utils::append_to_file($client->{sql}, join '', map { "SELECT extract(epoch FROM clock_timestamp()), sfn.start_execution('m', '{}', 'c$number-$_');\n" } 1 .. 100000);
	$client->{run} = IPC::Run::start([ 'psql', '-XAtq', '-U', 'alice', '-d', $front->connstr('front'), '-f', $client->{sql} ],
		'<', File::Spec->devnull, '>', $client->{out}, '2>', $client->{err});
	return $client;
}

sub started
{
	my ($node) = @_;
	my $count = 0;
	eval { (undef, $count) = $node->psql('s0', 'SELECT count(*) FROM sfn.execution', timeout => 30, on_error_die => 0) };
	return $count || 0;
}

# The seconds from each start that was acknowledged to the next.
sub stops
{
	my ($output) = @_;
	my @times = $output =~ /^([\d.]+)\|arn:/mg;

	return map { $times[$_] - $times[ $_ - 1 ] } 1 .. $#times;
}

# The lost primary becomes the standby of the new one.
sub rejoin
{
	my ($lost, $source) = @_;
	my $conf = $lost->data_dir . '/postgresql.conf';
	my $kept = PostgreSQL::Test::Utils::tempdir() . '/postgresql.conf'; # the new primary's comes with its data

	$source->safe_psql('postgres', 'CHECKPOINT');
	copy($conf, $kept) or die "$conf: $!";
	PostgreSQL::Test::Utils::system_or_bail('pg_rewind', '--no-sync', '--target-pgdata', $lost->data_dir, '--source-server', $source->connstr('postgres'));
	copy($kept, $conf) or die "$conf: $!";
	unlink $lost->data_dir . '/postgresql.auto.conf';
	$lost->append_conf('postgresql.conf', "synchronous_standby_names = '*'");
	$lost->enable_streaming($source);
	$lost->start;
	return;
}

my @clients = map { client($_) } 1 .. 3;
my $promotions = $ENV{SFN_SOAK} ? 100 : 5;
foreach my $round (1 .. $promotions)
{
	my $before = started($primary);
	ok(wait_until(sub { started($primary) >= $before + 30 }), "$round: executions are started");
	$primary->stop('immediate');
	$standby->promote;
	rejoin($primary, $standby);
	($primary, $standby) = ($standby, $primary);
	ok(wait_for($primary, q{SELECT sync_state FROM pg_stat_replication}, 'sync'), "$round: the standby has taken over, and has one in turn");
}
my $before = started($primary);
ok(wait_until(sub { started($primary) >= $before + 30 }), 'executions are started');
$front->safe_psql('front', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'alice'});
$_->{run}->finish foreach @clients;

# What was acknowledged is there, once, and has ended.
my @acknowledged = map { slurp_file($_->{out}) =~ /:execution:m:(c\d+-\d+)$/mg } @clients;
cmp_ok(scalar @acknowledged, '>=', 30 * $promotions, 'starts were acknowledged: ' . scalar @acknowledged);
my @stops = map { stops(slurp_file($_->{out})) } @clients;
note(sprintf '%d promotions, longest stop of a client %.2f s', $promotions, max(@stops));
my $errors = join '', map { slurp_file($_->{err}) } @clients;
my @strange = grep { !/08001|08006|cannot be reached|was lost|terminating|server closed|connection|read-only|recovery|standby|shutting down|starting up|Nobody knows|Nothing was sent/ } $errors =~ /ERROR: .*/g;
is(join("\n", @strange), '', 'errors say that the shard could not be reached, or that nobody knows');
my $list = join ',', map { "'$_'" } @acknowledged;
ok(wait_until(sub { $primary->safe_psql('s0', 'SELECT count(*) FROM sfn.execution WHERE status = 1') eq '0' }), 'all end');
is($primary->safe_psql('s0', "SELECT count(*), count(DISTINCT name) FROM sfn.execution WHERE name = ANY (ARRAY[$list]) AND status = 2"),
	@acknowledged . '|' . @acknowledged, 'none is lost, none is there twice, each has succeeded');
is($primary->safe_psql('s0', q{SELECT count(*) FROM (SELECT execution_arn FROM sfn.history GROUP BY execution_arn HAVING count(*) <> 12) h}), '0', '... with each event once');
is($primary->safe_psql('s0', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');
my $unknown = on_front($front, "SELECT count(*) FROM (SELECT sfn.start_execution('m', '{}', 'c1-' || i) FROM generate_series(100001, 100003) i) s", 'alice');
is($unknown, '3', 'and it goes on');

$standby->stop('immediate');
$primary->stop('immediate');
$front->stop;
done_testing();
