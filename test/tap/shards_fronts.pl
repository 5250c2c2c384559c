
# Several fronts: a streaming standby of the front serves calls, has changes made by the primary, and, while it has not heard of a move
# of slots, starts nothing by name where nobody would look for it.  It becomes the front when the primary is lost.

use strict;
use warnings;

use File::Spec;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $front = sfn_node('fronts_a', create => 0, preload => 0, init => [ allows_streaming => 1 ]);
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($front);
my $shards = sfn_node('fronts_shards', create => 0, conf => shards_conf());
$front->safe_psql('postgres', 'CREATE ROLE alice LOGIN');
make_front($front);
add_shards($front, $shards, 's0', 's1');
$front->backup('base');
my $other = PostgreSQL::Test::Cluster->new('fronts_b');
$other->init_from_backup($front, 'base', has_streaming => 1);
$other->start;

my $arn = 'arn:aws:states:us-east-1:000000000000';
my $machine = q{SELECT sfn.create_state_machine('%s', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')};

sub heard
{
	$front->wait_for_catchup($other, 'replay', $front->lsn('write'));
	return;
}

on_front($front, sprintf($machine, 'm'), 'alice');
heard();
is(on_front($other, q{SELECT name FROM sfn.list_state_machines()}, 'alice'), 'm', 'a standby of the front reads');
like(on_front($other, q{SELECT sfn.start_execution('m')}, 'alice'), qr/execution:m:/, '... starts');
is(on_front($other, q{SELECT sfn.start_execution('m', '{}', 'n1')}, 'alice'), "$arn:execution:m:n1", '... by name');
is(on_front($other, q{SELECT sfn.wait_for_execution('m/n1')}, 'alice'), 'SUCCEEDED', '... and waits');
like(front_error($other, sprintf($machine, 'n'), 'alice'), qr/^25006: this is a standby of the front, which makes no changes/, 'changes are for the primary');
on_front($front, sprintf q{SELECT sfn_proxy.set_front('host=%s,%s port=%s,%s dbname=front user=%s target_session_attrs=read-write')},
	$front->host, $other->host, $front->port, $other->port, getpwuid($<));
heard();
is(on_front($other, sprintf($machine, 'n'), 'alice'), "$arn:stateMachine:n", '... to whom they are handed on');
is(join(' ', map { $shards->safe_psql($_, q{SELECT owner FROM sfn.owned_objects WHERE name = 'n'}) } qw(s0 s1)), 'alice alice', '... in the name of the caller');
is(front_error($other, sprintf($machine, 'n') =~ s/Pass/Wait/r, 'alice') =~ s/:.*//r, 'SF003', '... with the errors of shards');

# A shard that was started anew does not know whether slots have moved: the standby has the primary tell it.
$shards->restart;
ok(wait_until(sub { eval { $shards->safe_psql('s0', 'SELECT 1') } }), 'a shard is started anew');
my $anew = on_front($front, q{SELECT 'anew' || i FROM generate_series(1, 60) i WHERE sfn_proxy.shard_of('anew' || i) = 0 LIMIT 1});
is(on_front($other, "SELECT sfn.start_execution('m', '{}', '$anew')", 'alice'), "$arn:execution:m:$anew", '... and starts by name for a standby of the front');

# The standby has not heard that slots have moved.
my $name = on_front($front, q{SELECT 'n' || i FROM generate_series(1, 4000) i WHERE sfn_proxy.slot_of('n' || i) = 3 LIMIT 1});
my $late = on_front($front, q{SELECT 'n' || i FROM generate_series(4000, 9000) i WHERE sfn_proxy.slot_of('n' || i) = 3 LIMIT 1});
heard();
$other->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
ok(wait_for($other, 'SELECT pg_get_wal_replay_pause_state()', 'paused'), 'a standby that falls behind');
cmp_ok(on_front($front, 'SELECT sfn_proxy.rebalance(1024)'), '>=', 512, 'slots move');
is(on_front($front, "SELECT sfn_proxy.shard_of('$name')"), '1', '... one of them that of a name');
is(on_front($other, "SELECT sfn_proxy.shard_of('$name')"), '0', '... of which the standby does not know');
like(front_error($other, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT sfn.start_execution('m', '{}', '$name')", 'alice'), qr/^40001: the map of shards has changed/,
	'a start there is refused');
my ($out, $err) = ('', '');
my $start = IPC::Run::start([ 'psql', '-XAtq', '-U', 'alice', '-d', $other->connstr('front'), '-c', "SELECT sfn.start_execution('m', '{}', '$name')" ],
	'<', File::Spec->devnull, '>', \$out, '2>', \$err);
ok(wait_until(sub { slurp_file($shards->logfile) =~ /the map of shards has changed(?s:.)*the map of shards has changed/ }), '... or waits');
$other->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
$start->finish;
like($out, qr/execution:m:$name$/, '... until it has heard') or diag $err;
is(join(' ', map { $shards->safe_psql($_, "SELECT count(*) FROM sfn.execution WHERE name = '$name'") } qw(s0 s1)), '0 1', '... and is where it belongs');

# The primary is lost.
heard();
$front->stop('immediate');
like(on_front($other, q{SELECT sfn.start_execution('m')}, 'alice'), qr/execution:m:/, 'the standby goes on');
like(front_error($other, sprintf($machine, 'o'), 'alice'), qr/^08001: the front that makes changes cannot be reached/, '... without changes');
$other->promote;
is(on_front($other, sprintf($machine, 'o'), 'alice'), "$arn:stateMachine:o", 'promoted it makes them');
is(on_front($other, "SELECT sfn.start_execution('m', '{}', '$late')", 'alice'), "$arn:execution:m:$late", '... and starts by name');

$other->stop;
$shards->stop;
done_testing();
