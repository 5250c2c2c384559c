
# A gateway before a front: calls that are about one shard go there, all others and what a shard could not through the front; a shard
# that is down, one that is drained and one that is added are noticed while it runs.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnShards;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();
my $front = sfn_node('gateway_front', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($front);
my $far = sfn_node('gateway_far', create => 0, conf => shards_conf());

my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
my $task = qq({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "$arn:activity:work", "End": true}}});
$front->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE gate LOGIN; ALTER ROLE gate SET log_statement = $$all$$');
make_front($front);
add_shards($front, $front, 's0');
add_shards($front, $far, 's1');
on_front($front, 'SELECT sfn_proxy.rebalance(1024)');
on_front($front, q{SELECT sfn_proxy.forget_moves('0')});
on_front($front, q{SELECT sfn.allow_gateway('gate')});
on_front($front, q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')}, 'alice');
on_front($front, q{SELECT sfn.create_access_key(access_key_id => 'bob', secret_access_key => 'test')}, 'bob');
my $gateway = start_gateway($front, database => 'front', user => 'gate', '--key-cache' => 600);

# Calls that the gateway has had the front make: on shards it has another statement for them.
sub calls_of_front
{
	return scalar(() = slurp_file($front->logfile) =~ /execute sfn_call:/g);
}

sub start
{
	my ($machine, %more) = @_;
	my %headers = map { $_ => delete $more{$_} } grep { /-/ } keys %more;
	my ($status, $answer) = api($gateway, 'StartExecution', { stateMachineArn => "$arn:stateMachine:$machine", %more }, %headers);
	return $status == 200 ? $answer->{executionArn} : "$status " . (($answer->{__type} // '?') =~ s/.*#//r);
}

sub describe
{
	my ($execution) = @_;
	my ($status, $answer) = api($gateway, 'DescribeExecution', { executionArn => $execution });
	return $status == 200 ? $answer->{status} : "$status " . (($answer->{__type} // '?') =~ s/.*#//r);
}

# The number of the shard that a name which nobody chose begins with.
sub shard_of
{
	my ($execution) = @_;
	return $execution =~ /:00([0-9])[0-9a-f]{5}-[0-9a-f-]{27}$/ ? $1 : $execution;
}

sub names_of
{
	my ($shard, $prefix) = @_;
	return split /\n/, on_front($front, "SELECT '$prefix' || i FROM generate_series(1, 60) i WHERE sfn_proxy.shard_of('$prefix' || i) = $shard LIMIT 5");
}

sub maps_read
{
	return scalar(() = gateway_log($gateway) =~ / shards version \d+ of the map/g);
}

is((post($gateway, '/start/nobody', '{}'))[1] =~ /(\w+)","message/ ? $1 : '?', 'StateMachineDoesNotExist', 'it knows from the start what ARNs are like');

#
# Changes go to the front, calls about one execution do not.
#
foreach my $machine ([ 'm', $pass, 'STANDARD' ], [ 'quick', $pass, 'EXPRESS' ])
{
	is((api($gateway, 'CreateStateMachine', { name => $machine->[0], definition => $machine->[1], type => $machine->[2], roleArn => 'arn:aws:iam::000000000000:role/r' }))[0], 200, "a machine is made: $machine->[0]");
}
is((api($gateway, 'CreateActivity', { name => 'work' }))[0], 200, 'an activity');
is((api($gateway, 'CreateStateMachine', { name => 'asks', definition => $task, roleArn => 'arn:aws:iam::000000000000:role/r' }))[0], 200, 'a machine that asks for its work');
is($far->safe_psql('s1', q{SELECT string_agg(name, ' ' ORDER BY name) FROM sfn.state_machines}), 'asks m quick', '... on all shards');
ok(wait_until(sub { api($gateway, 'ListStateMachines', {}); start('m'); maps_read() > 0 }), 'the gateway reads the map');

my $before = calls_of_front();
my @unnamed = map { start('m') } 1 .. 20;
my %places = map { shard_of($_) => 1 } @unnamed;
is(join(' ', sort keys %places), '0 1', 'starts without a name go to all shards');
my %names = map { $_ => [ names_of($_, 'n') ] } 0, 1;
is(start('m', name => $_), "$arn:execution:m:$_", "a start by name: $_") foreach @{ $names{0} }, @{ $names{1} };
is($far->safe_psql('s1', q{SELECT string_agg(name, ' ' ORDER BY name) FROM sfn.execution WHERE is_named}), join(' ', sort @{ $names{1} }), '... on the shard that has it');
ok(wait_until(sub { !grep { describe($_) ne 'SUCCEEDED' } @unnamed, map { "$arn:execution:m:$_" } @{ $names{0} }, @{ $names{1} } }), 'all are found, and run');
is((api($gateway, 'GetExecutionHistory', { executionArn => $unnamed[0] }))[1]->{events}[0]{type}, 'ExecutionStarted', 'a history');
my $waiting = start('asks');
is((api($gateway, 'StopExecution', { executionArn => $waiting }))[0], 200, 'one is stopped');
ok(wait_until(sub { describe($waiting) eq 'ABORTED' }), '... and has ended');
my ($status, $answer) = post($gateway, '/sync/quick', '{"a":1.50}');
is("$status $answer", '200 {"a":1.50}', 'a synchronous execution') or diag($answer);
my %again = map { start('m', 'amz-sdk-invocation-id' => 'one-call') => 1 } 1 .. 6;
is(scalar keys %again, 1, 'a call that is repeated finds what it has started');
is(calls_of_front(), $before, 'the front had nothing to do with any of it');

is(start('m', name => $names{1}[0], input => '{"other": 1}'), '400 ExecutionAlreadyExists', 'a name is taken once');
is(describe("$arn:execution:m:none"), '400 ExecutionDoesNotExist', 'what is nowhere');
is(start('nobody'), '400 StateMachineDoesNotExist', 'a machine that there is not');
is((api($gateway, 'DescribeExecution', { executionArn => $unnamed[0] }, authorization => SfnGateway::authorization('bob', 'test')))[0], 400, 'rights are those of the key');
($status, $answer) = api($gateway, 'ListExecutions', { stateMachineArn => "$arn:stateMachine:m", maxResults => 1000 });
cmp_ok(scalar @{ $answer->{executions} }, '>=', 31, 'a list has those of all shards');
$front->safe_psql('postgres', 'CREATE ROLE carol LOGIN');
on_front($front, q{SELECT sfn.create_access_key(access_key_id => 'carol', secret_access_key => 'test')}, 'carol');
my ($denied) = api($gateway, 'StartExecution', { stateMachineArn => "$arn:stateMachine:m" }, authorization => SfnGateway::authorization('carol', 'test'));
is($denied, 400, 'a role that a shard does not know yet');
is($far->safe_psql('postgres', q{SELECT count(*) FROM pg_roles WHERE rolname = 'carol'}) + $front->safe_psql('postgres', q{SELECT count(*) FROM pg_roles WHERE rolname = 'carol'}) > 0, 1, '... is made known');

#
# Tasks.
#
my @asking = map { start('asks') } 1 .. 4;
foreach (1 .. 4)
{
	($status, $answer) = api($gateway, 'GetActivityTask', { activityArn => "$arn:activity:work" });
	like($answer->{taskToken} // '', qr{^[A-Za-z0-9+/]{40}}, 'a task');
	$before = calls_of_front();
	is((api($gateway, 'SendTaskSuccess', { taskToken => $answer->{taskToken}, output => '1' }))[0], 200, '... is answered');
	is(calls_of_front(), $before, '... where it is');
}
ok(wait_until(sub { !grep { describe($_) ne 'SUCCEEDED' } @asking }), 'all have gone on');

#
# A shard is down.
#
$far->stop('immediate');
my ($of_far) = grep { shard_of($_) eq '1' } @unnamed;
my ($of_near) = grep { shard_of($_) eq '0' } @unnamed;
ok(wait_until(sub { describe($of_far) =~ /^503/ }), 'what is on a shard that is down cannot be had');
is(describe($of_near), 'SUCCEEDED', '... all else can');
is(scalar(grep { shard_of(start('m')) eq '0' } 1 .. 10), 10, 'starts without a name go where they can');
is(start('m', name => (names_of(1, 'd'))[0]), '503 ServiceUnavailable', 'a name is not started elsewhere');
is(HTTP::Tiny->new->get("$gateway->{url}/readyz")->{status}, 200, 'the gateway is ready');
$far->start;
ok(wait_until(sub { describe($of_far) eq 'SUCCEEDED' }), 'it is back');
ok(wait_until(sub { shard_of(start('m')) eq '1' }), '... and gets executions');

#
# The map changes.
#
my $maps = maps_read();
my @late = names_of(1, 'late');
on_front($front, 'SELECT sfn_proxy.drain_shard(1)');
is(start('m', name => $names{1}[1], input => '{"other": 1}'), '400 ExecutionAlreadyExists', 'a name that was given is taken, though its slot has moved');
is(start('m', name => $_), "$arn:execution:m:$_", "others are not: $_") foreach @late;
is(describe("$arn:execution:m:$names{1}[2]"), 'SUCCEEDED', 'executions are found where they are');
ok(wait_until(sub { start('m'); maps_read() > $maps }), 'the gateway reads the map anew');
is(scalar(grep { shard_of(start('m')) eq '0' } 1 .. 10), 10, 'a shard that is drained gets nothing');
is($far->safe_psql('s1', q{SELECT count(*) FROM sfn.execution WHERE name LIKE 'late%'}), '0', '... nor did it by the map of before');
add_shards($front, $front, 's2');
ok(wait_until(sub { shard_of(start('m')) eq '2' }), 'one that is added gets executions');

is(stop_gateway($gateway), 0, 'it ends');
$_->stop foreach $front, $far;
done_testing();
