
# A shard whose servers Patroni looks after, configured as docs/guide/more-machines.md says: its leader's server and its Patroni are
# killed, the other takes over, the front finds it, and no start that was acknowledged is lost.  Once, three times in make soak.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Spec;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

plan skip_all => 'Patroni over Raft is not installed (Debian: patroni, python3-pysyncobj)'
	unless system(q{command -v patroni patroni_raft_controller >/dev/null && /usr/bin/python3 -c 'import patroni, pysyncobj' 2>/dev/null}) == 0;
my $front = sfn_node('patroni_front', create => 0, preload => 0);
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($front);

alarm(240) unless $ENV{SFN_SOAK};	# a minute is enough

# What the guide says of Patroni's configuration.
my ($guide) = slurp_file(dirname(__FILE__) . '/../../docs/guide/more-machines.md') =~ /```yaml\n(.*?)```/s;
like($guide, qr/^scope: shard0\nbootstrap:\n/, 'the guide has a configuration');
my $room = PostgreSQL::Test::Utils::tempdir();
my $socket = PostgreSQL::Test::Utils::tempdir_short();
my $user = getpwuid($<);
chomp(my $programs = `pg_config --bindir`);
my %raft = map { $_ => '127.0.0.1:' . PostgreSQL::Test::Cluster::get_free_port() } qw(a b vote);
my %server = map { $_ => { port => PostgreSQL::Test::Cluster::get_free_port(), rest => PostgreSQL::Test::Cluster::get_free_port(), data => "$room/data_$_" } } qw(a b);

sub configuration
{
	my ($name) = @_;
	my $file = "$room/$name.yml";
	my $others = join ', ', map { "'$raft{$_}'" } grep { $_ ne $name } sort keys %raft;
	my $raft = "name: $name\nraft:\n  data_dir: $room/raft_$name\n  self_addr: '$raft{$name}'\n  partner_addrs: [$others]\n";
	my $s = $server{$name};

	append_to_file($file, $s ? $guide . <<"YAML" : $raft);
  initdb: [{encoding: UTF8}, {locale: C}, no-sync]
  pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
${raft}restapi: {listen: '127.0.0.1:$s->{rest}', connect_address: '127.0.0.1:$s->{rest}'}
postgresql:
  listen: '127.0.0.1:$s->{port}'
  connect_address: '127.0.0.1:$s->{port}'
  data_dir: $s->{data}
  bin_dir: $programs
  pgpass: $room/pgpass_$name
  authentication: {superuser: {username: $user, password: none}, replication: {username: replicator, password: none}}
  parameters: {unix_socket_directories: '$socket', max_connections: 50, fsync: 'off', wal_keep_size: 512MB}
YAML
	return $file;
}

my %running;
sub run
{
	my ($name) = @_;
	my $program = $server{$name} ? 'patroni' : 'patroni_raft_controller';
	my $log = "$PostgreSQL::Test::Utils::log_path/patroni_$name.log";
	$running{$name} = IPC::Run::start([ $program, "$room/$name.yml" ], '<', File::Spec->devnull, '>>', $log, '2>>', $log);
	return;
}

sub postmaster
{
	my ($name) = @_;
	my $file = "$server{$name}{data}/postmaster.pid";
	return -f $file && slurp_file($file) =~ /^(\d+)/ ? $1 : undef;
}

# As if the machine were gone.
sub lose
{
	my ($name) = @_;
	my $postmaster = $server{$name} ? postmaster($name) : undef;
	my $patroni = delete $running{$name};
	$patroni->signal('KILL');	# the other kind would let it hand over
	kill 'QUIT', $postmaster if $postmaster;
	eval { $patroni->finish };	# it was killed
	return;
}

$SIG{TERM} = $SIG{INT} = sub { exit 1 };	# so that what was started is ended
END
{
	my $status = $?;
	lose($_) foreach keys %running;
	$? = $status;
}

sub ask
{
	my ($name, $sql, $database) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-XAtq', '-d', "host=127.0.0.1 port=$server{$name}{port} user=$user dbname=" . ($database // 'postgres') . ' connect_timeout=5', '-c', $sql ],
		'<', File::Spec->devnull, '>', \$out, '2>', \$err);
	chomp $out;
	return $out;
}

# The server that writes, when commits wait for the other one.
sub leader
{
	my ($leader) = grep { ask($_, 'SELECT NOT pg_is_in_recovery()') eq 't' && ask($_, q{SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'}) eq '1' } sort keys %server;
	return $leader;
}

configuration($_) foreach sort keys %raft;
run($_) foreach sort keys %raft;
ok(wait_until(sub { leader() }), 'Patroni has made a leader, and a standby for which commits wait');
my $leader = leader();
ask($leader, 'CREATE ROLE sfn_front LOGIN');
ask($leader, 'CREATE DATABASE s0');
ask($leader, q{CREATE EXTENSION sfn; SELECT sfn.allow_gateway('sfn_front')}, 's0');
$front->safe_psql('postgres', 'CREATE ROLE alice LOGIN');
make_front($front);
on_front($front, "CALL sfn_proxy.add_shard('host=127.0.0.1,127.0.0.1 port=$server{a}{port},$server{b}{port} target_session_attrs=read-write dbname=s0 user=sfn_front')");
on_front($front, q{SELECT sfn.create_state_machine('m', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": true}}}')}, 'alice');

my $directory = PostgreSQL::Test::Utils::tempdir();
append_to_file("$directory/sql", join '', map { "SELECT sfn.start_execution('m', '{}', 'c-$_');\n" } 1 .. 100000);
my $client = IPC::Run::start([ 'psql', '-XAtq', '-U', 'alice', '-d', $front->connstr('front'), '-f', "$directory/sql" ], '<', File::Spec->devnull, '>', "$directory/out", '2>', "$directory/err");
sub acknowledged
{
	my @names = slurp_file("$directory/out") =~ /:execution:m:(c-\d+)$/mg;
	return @names;
}

foreach my $round (1 .. ($ENV{SFN_SOAK} ? 3 : 1))
{
	my $before = acknowledged();
	ok(wait_until(sub { acknowledged() >= $before + 50 }), "$round: executions are started");
	lose($leader);
	ok(wait_until(sub { my $now = (grep { $_ ne $leader } keys %server)[0]; ask($now, 'SELECT NOT pg_is_in_recovery()') eq 't' }), "$round: the other takes over");
	run($leader);
	$before = acknowledged();
	ok(wait_until(sub { acknowledged() >= $before + 50 }), "$round: starts go on, as the front was told nothing");
	if ($ENV{SFN_SOAK})
	{
		ok(wait_until(sub { leader() }), "$round: the one that was lost is the standby");
	}
	($leader) = grep { $_ ne $leader } keys %server;
}
$front->safe_psql('front', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'alice'});
$client->finish;

my @acknowledged = acknowledged();
my $list = join ',', map { "'$_'" } @acknowledged;
note('starts that were acknowledged: ' . @acknowledged);
ok(wait_until(sub { ask($leader, 'SELECT count(*) FROM sfn.execution WHERE status = 1', 's0') eq '0' }), 'all end');
is(ask($leader, "SELECT count(*), count(DISTINCT name) FROM sfn.execution WHERE name = ANY (ARRAY[$list]) AND status = 2", 's0'), @acknowledged . '|' . @acknowledged,
	'of the starts that were acknowledged none is lost, and none there twice');

$front->stop;
done_testing();
