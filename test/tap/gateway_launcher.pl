
# The gateway that the server starts: one setting, and it is there; it ends with the server, comes back when it ends, and is
# in nobody's way.

use strict;
use warnings;

use HTTP::Tiny;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('launcher');
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $gateway = { url => "http://127.0.0.1:$port", port => $port };

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; CREATE ROLE pool LOGIN; SELECT sfn.allow_gateway('pool')});
$node->safe_psql('postgres', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')}, extra_params => [ '-U', 'app' ]);

sub set
{
	my (%settings) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET sfn.$_ = '$settings{$_}'") foreach keys %settings;
	$node->reload;
}

sub is_ready
{
	return HTTP::Tiny->new(timeout => 10)->get("$gateway->{url}/readyz")->{status} == 200;
}

# Processes of the gateway at this port, as the operating system sees them.
sub pids
{
	return grep { my $line = eval { slurp_file("/proc/$_/cmdline") } // ''; $line =~ /sfn-gateway/ && $line =~ /127\.0\.0\.1:$port/ }
	  map { m{(\d+)$} } glob '/proc/[0-9]*';
}

set(gateway => "127.0.0.1:$port");
ok(wait_until(\&is_ready), 'one setting and a reload: it is there');
is((api($gateway, 'ListStateMachines', {}))[0], 200, '... and answers');
my ($pid) = pids();
is(scalar(pids()), 1, 'there is one');
my $status = slurp_file("/proc/$pid/status");
like($status, qr/^NoNewPrivs:\s+1$/m, 'it cannot gain privileges');
my $limits = slurp_file("/proc/$pid/limits");
like($limits, qr/^Max core file size\s+0/m, '... leaves no core');
is(scalar(grep { (readlink($_) // '') =~ /pgdata|base/ } glob "/proc/$pid/fd/*"), 0, '... has none of the server\'s files');

kill 'KILL', $pid;
ok(wait_until(sub { my ($new) = pids(); defined $new && $new != $pid && is_ready() }), 'killed, it comes back');
is($node->safe_psql('postgres', 'SELECT 1'), '1', '... and the server has not noticed');

set(gateway_auth => 'none:app');
ok(wait_until(sub { eval { (api($gateway, 'ListStateMachines', {}, authorization => 'no'))[0] == 200 } }), 'a changed setting: it is started anew with that');
set(gateway_auth => 'sigv4', gateway_role => 'pool');
ok(wait_until(sub { eval { (api($gateway, 'ListStateMachines', {}, authorization => 'no'))[0] == 400 && (api($gateway, 'ListStateMachines', {}))[0] == 200 } }), '... and anew');
ok(wait_for($node, q{SELECT count(*) > 0 AND bool_and(usename = 'postgres' OR true) FROM pg_stat_activity WHERE application_name = 'sfn-gateway'}, 't'), 'its sessions are there');

set(gateway_connections => 2, gateway_max_body => '1MB', gateway_activity_wait => '20s', gateway_region_check => 'on');
ok(wait_until(sub { my ($now) = pids(); defined $now && slurp_file("/proc/$now/cmdline") =~ /--connections\0002\0.*--max-body\0001048576\0--activity-wait\00020\0--region-check\0/ }),
	'settings of its own are its options') or diag(map { slurp_file("/proc/$_/cmdline") } pids());
ok(wait_until(\&is_ready), '... with which it is ready');

# What it must not do.
my $offset = -s $node->logfile;
set(gateway => "0.0.0.0:$port", gateway_role => '');
ok(wait_for_log($node, qr/off the loopback interface needs certificates and a role.*sfn gateway refuses its settings/s, $offset), 'off loopback it wants TLS and a role');
ok(!eval { is_ready() }, '... and stays off');
is(scalar(() = slurp_file($node->logfile, $offset) =~ /refuses its settings/g), 1, '... saying so once');
set(gateway => "127.0.0.1:$port");
ok(wait_until(\&is_ready), 'set right, it is back');

# Its database is wanted by somebody else.
$node->safe_psql('postgres', 'CREATE DATABASE shop');
$node->safe_psql('shop', 'CREATE EXTENSION sfn');
ok(wait_until(sub { HTTP::Tiny->new(timeout => 10)->get("$gateway->{url}/db/shop/healthz")->{status} == 200 }), 'another database is served as soon as it has sfn');
ok(wait_until(sub { (api($gateway, 'ListStateMachines', {}))[0] == 200 }), '... beside the first');
set(gateway_databases => 'shop, postgres');
ok(wait_for($node, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'sfn-gateway' AND datname = 'shop'}, 't'), 'another is the first');
is($node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE shop; SELECT 1'), '1', 'it leaves for a copy of its database');
ok(wait_until(\&is_ready), '... and comes back');
is($node->safe_psql('postgres', 'DROP DATABASE shop; SELECT 1'), '1', '... for its end, too');
ok(wait_until(sub { !pids() }), 'without its first it stays off');
set(gateway_databases => '');
ok(wait_until(\&is_ready), 'the other database again');

foreach my $mode ('fast', 'immediate')
{
	$node->stop($mode);
	ok(wait_until(sub { !pids() }), "stop -m $mode leaves no process");
	$node->start;
	ok(wait_until(\&is_ready), '... start brings it');
}
set(gateway => 'off');
ok(wait_until(sub { !pids() }), 'off');

$node->stop;
done_testing();
