
# What is hard for several databases: calls for all of them while one is down or none is there, executions whose slot has moved, locks
# in transactions that stay open, transactions that only read or see an old state, and a front that was restored to an older time.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $front = sfn_node('hard_front', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($front);
my $far = sfn_node('hard_far', create => 0, conf => shards_conf());

my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
my @alice = (extra_params => [ '-U', 'alice' ]);
$front->safe_psql('postgres', 'CREATE ROLE alice LOGIN');
make_front($front);
like(front_error($front, q{SET statement_timeout = '30s'; SELECT sfn.get_activity_task('work', 'me', '60 s')}, 'alice'), qr/^55000: there is no shard/, 'without shards nobody waits for a task');
add_shards($front, $front, 's0');
add_shards($front, $far, 's1');
on_front($front, 'SELECT sfn_proxy.rebalance(1024)');

sub names_on
{
	my ($shard, $prefix) = @_;
	return split /\n/, on_front($front, "SELECT '$prefix' || i FROM generate_series(1, 60) i WHERE sfn_proxy.shard_of('$prefix' || i) = $shard LIMIT 4");
}
my @near = names_on(0, 'n');
my @far = names_on(1, 'n');

on_front($front, "SELECT sfn.create_state_machine('m', '$pass')", 'alice');
on_front($front, q{SELECT sfn.create_activity('work')}, 'alice');
on_front($front, "SELECT sfn.create_state_machine('poll', '{\"StartAt\": \"T\", \"States\": {\"T\": {\"Type\": \"Task\", \"Resource\": \"$arn:activity:work\", \"End\": true}}}')", 'alice');
my $queue = on_front($front, q{SELECT sfn.create_queue('q')}, 'alice');
on_front($front, "SELECT sfn.start_execution('m', '{}', '$_')", 'alice') foreach @far[ 0, 1 ], $near[0];
my $looks_made = '0010aaaa-1111-8222-9333-444455556666';
on_front($front, "SELECT sfn.start_execution('m', '{}', '$looks_made')", 'alice');
on_front($front, "SELECT sfn.wait_for_execution('m/$_')", 'alice') foreach @far[ 0, 1 ], $near[0], $looks_made;

#
# A transaction that only reads, or sees what was.
#
like(front_error($front, $_, 'alice'), qr/^25006: cannot .* in a read-only transaction/, 'a session that only reads changes nothing on shards, either')
	foreach "BEGIN READ ONLY; SELECT sfn.start_execution('m', '{}', 'read')", "SET default_transaction_read_only = on; SELECT sfn.create_activity('read')",
	"SET default_transaction_read_only = on; SELECT sfn.api('StartExecution', '{\"stateMachineArn\": \"$arn:stateMachine:m\"}')";
is(on_front($front, "BEGIN READ ONLY; SELECT name FROM sfn.describe_execution('m/$far[0]'); COMMIT", 'alice'), $far[0], '... and reads');
my $old = $front->background_psql('front', @alice);
$old->query_safe(q{SET default_transaction_isolation = 'repeatable read'});
$old->query_safe(q{SELECT sfn.create_activity('repeatable')});
is(on_front($front, q{SELECT string_agg(changes_behind::text, ' ') FROM sfn_proxy.shards}), '0 0', 'a change of a session that sees an old state is made on all shards');
$old->quit;

#
# Arguments that are not there, settings about how things are read.
#
like(front_error($front, "SELECT $_", 'alice'), qr/^SF008: \w+ must not be null/, 'nothing where many are wanted') foreach 'sfn.delete_executions(NULL)', 'sfn.send_task_successes(NULL, NULL)';
is(on_front($front, "SET array_nulls = off; SELECT count(*) FROM sfn.list_executions('m')", 'alice'), '4', 'null is null, whatever a session reads');
is((on_front($front, "SET standard_conforming_strings = off; SET escape_string_warning = off; SELECT (sfn.api('ListExecutions', json_build_object('stateMachineArn', '$arn:stateMachine:m', 'maxResults', 3)))->'executions'->2 IS NOT NULL", 'alice')),
	't', '... and a backslash is one');

#
# What a session that keeps its transaction open leaves behind.
#
$far->stop('immediate');
on_front($front, q{SELECT sfn.create_activity('missed')}, 'alice');
$front->safe_psql('postgres', 'CREATE ROLE carol LOGIN');
on_front($front, q{SELECT sfn.create_queue('of_carol')}, 'carol');
$front->safe_psql('postgres', 'ALTER ROLE carol RENAME TO caroline');
$far->start;
ok(wait_until(sub { eval { $far->safe_psql('s1', 'SELECT 1') } }), 'a shard has missed a change');
my $open = $front->background_psql('front', @alice);
$open->query('BEGIN');
is($open->query("SELECT sfn.start_execution('m', '{}', '$far[2]')"), "$arn:execution:m:$far[2]", 'a start in a transaction lets it catch up, though who made a change is gone');
is(on_front($front, q{SET lock_timeout = '60s'; SELECT sfn.create_activity('beside')}, 'alice'), "$arn:activity:beside", '... which changes of others do not wait for');
is(on_front($front, q{SET lock_timeout = '60s'; SELECT sfn_proxy.rebalance()}), '0', '... nor moves of slots');
$open->query('COMMIT');
$open->quit;

#
# Executions whose slot has moved, or whose chosen name looks like one of another shard's.
#
on_front($front, "SELECT sfn.delete_execution('m/$near[0]')", 'alice');
is(on_front($front, "SELECT sfn.delete_executions(ARRAY['m/$far[0]', '$arn:execution:m:$looks_made'])", 'alice'), '2', 'a chosen name that looks like a made one is deleted where it is');
on_front($front, q{SELECT sfn.set_quota('alice', open_executions => 1001)});
cmp_ok(on_front($front, q{SET statement_timeout = '60s'; SELECT sfn_proxy.drain_shard(1)}), '>', 0, 'a shard is drained while there are quotas');
is($front->safe_psql('s0', q{SELECT open_executions FROM sfn.quotas}), '1001', '... which the others share');
is(on_front($front, "SELECT sfn.delete_executions(ARRAY['m/$far[1]', 'm/$far[2]'])", 'alice'), '2', 'executions are deleted where their slot was');
like(front_error($front, "SELECT sfn.delete_executions(ARRAY['m/$far[1]'])", 'alice'), qr/^SF014: /, '... once');

#
# One is down: what takes from any shard takes from the others; all are down.
#
on_front($front, q{SELECT sfn.send_message('q', i::text) FROM generate_series(1, 6) i}, 'alice');
on_front($front, q{SELECT sfn.start_execution('poll') FROM generate_series(1, 8)}, 'alice');
my $poll = qq{SELECT sfn.api('GetActivityTask', '{"activityArn": "$arn:activity:work"}')->>'taskToken' FROM generate_series(1, 6)};
my $receive = qq{SELECT sfn_internal.gateway_call('alice'::regrole, 'sqs:ReceiveMessage', '{"QueueUrl": "$queue"}')::json->'Messages'->0->>'Body' FROM generate_series(1, 6)};
$front->safe_psql('postgres', 'CREATE ROLE gate LOGIN');
on_front($front, q{SELECT sfn.allow_gateway('gate')});
$far->stop('immediate');
is(scalar(grep { /^[\w+\/]{44}/ } split /\n/, ($front->psql('front', $poll, @alice))[1]), 6, 'tasks of others are taken through the API');
is(join(' ', sort split /\n/, ($front->psql('front', $receive, extra_params => [ '-U', 'gate' ]))[1]), '1 2 3 4 5 6', '... and messages');
on_front($front, q{UPDATE sfn_proxy.shard SET conninfo = regexp_replace(conninfo, 'dbname=\w+', 'dbname=gone')});
foreach my $call ($poll, q{SELECT sfn.get_activity_task('work', 'me', '60 s')}, q{SELECT sfn.receive_message('q')})
{
	like(front_error($front, "SET statement_timeout = '30s'; SET client_min_messages = error; $call", 'alice'), qr/^08001: shard \d cannot be reached/, 'when all are down that is said at once');
}
on_front($front, q{UPDATE sfn_proxy.shard SET conninfo = replace(conninfo, 'dbname=gone', 'dbname=s' || id)});
$far->start;

#
# The front is dumped, changes are made, and it is restored: what it takes for new numbers of changes the shards know.
#
my $dump = PostgreSQL::Test::Utils::tempdir() . '/front.dump';
$front->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $front->connstr('front') ], 'the front is dumped');
on_front($front, q{SELECT sfn.create_activity('since')}, 'alice');
ok(wait_until(sub { on_front($front, 'SELECT sfn_proxy.catch_up(1)') eq 't' }), '... and goes on');
$front->safe_psql('postgres', 'ALTER DATABASE front RENAME TO lost');
$front->safe_psql('postgres', 'CREATE DATABASE front');
$front->command_ok([ 'pg_restore', '--exit-on-error', '-d', $front->connstr('front'), $dump ], 'it is restored');
is(on_front($front, q{SELECT count(*) FROM sfn.list_activities()}, 'alice'), '5', 'it finds what is on the shards');
my $again = on_front($front, q{SELECT 'again' || i FROM generate_series(1, 60) i WHERE sfn_proxy.shard_of('again' || i) = 0 LIMIT 1});
is(on_front($front, "SELECT sfn.start_execution('m', '{}', '$again')", 'alice'), "$arn:execution:m:$again", '... and starts by name');
like(front_error($front, q{SELECT sfn.create_activity('after')}, 'alice'), qr/^55000: change \d+ of the front was another one here/, 'a number of a change that is known is not taken for done');
my ($hint) = ($front->psql('front', q{SELECT sfn.create_activity('after')}, @alice))[2] =~ /HINT:.*(SELECT setval\('sfn_proxy.change_seq_seq', \d+\))/;
on_front($front, $hint // 'SELECT 1');
is(on_front($front, q{SELECT sfn.create_activity('after')}, 'alice'), "$arn:activity:after", '... the hint says how to go on');
is(join(' ', map { $_->[0]->safe_psql($_->[1], q{SELECT string_agg(name, ' ' ORDER BY name) FROM sfn.list_activities()}) } [ $front, 's0' ], [ $far, 's1' ]),
	join(' ', ('after beside missed repeatable since work') x 2), '... and all shards have it');

# The one that was lost comes back.
my ($twice, $third, $fourth) = split /\n/, on_front($front, q{SELECT 'twice' || i FROM generate_series(1, 60) i WHERE sfn_proxy.shard_of('twice' || i) = 0 LIMIT 3});
sub by_lost { return ($front->psql('lost', $_[0], @alice))[2] =~ s/^psql:<stdin>:\d+: ERROR: +//r }
like(by_lost("SELECT sfn.start_execution('m', '{}', '$twice')"), qr/^another front has taken over shard 0\n.*sfn_proxy\.set_front\(\)/, 'the front that was lost starts nothing by name any more');
is(on_front($front, "SELECT sfn.start_execution('m', '{}', '$twice')", 'alice'), "$arn:execution:m:$twice", '... the restored one does');
like(($front->psql('lost', 'SELECT sfn_proxy.fence(0, sfn_proxy.map_version())'))[2], qr/another front has taken over shard 0/, '... nor does it move slots');
$front->safe_psql('lost', 'SELECT sfn_proxy.set_front(NULL)');
is($front->safe_psql('lost', "SELECT sfn.start_execution('m', '{}', '$third')", @alice), "$arn:execution:m:$third", 'it is made the front again');
like(front_error($front, "SELECT sfn.start_execution('m', '{}', '$twice')", 'alice'), qr/^55000: another front has taken over shard 0/, '... and the other is none');

# The front that was lost had a clock that is ahead.
$front->safe_psql('s0', 'UPDATE sfn.shard_map SET version = version + (1::bigint << 40)');
like(front_error($front, "SELECT sfn.start_execution('m', '{}', '$fourth')", 'alice'), qr/^55000: another front has taken over shard 0/, 'a later front is known');
on_front($front, 'SELECT sfn_proxy.set_front(NULL)');
is(on_front($front, "SELECT sfn.start_execution('m', '{}', '$fourth')", 'alice'), "$arn:execution:m:$fourth", '... and followed by this one');

$far->stop;
$front->stop;
done_testing();
