
# Access keys in the front, and what a gateway calls there: keys are of roles of the front, their secrets nobody's, and a call goes to the
# shard that it is about as that role.  A map that is older than the last move starts nothing on a shard that has given slots away.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $node = sfn_node('shards_keys', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($node);

my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE team; GRANT team TO bob; CREATE ROLE gate LOGIN');
make_front($node);
add_shards($node, $node, 's0', 's1');
on_front($node, 'SELECT sfn_proxy.rebalance(1024)');
on_front($node, q{SELECT sfn.allow_gateway('gate')});

#
# Keys.
#
my ($id, $secret, $token) = split /\|/, on_front($node, q{SELECT * FROM sfn.create_access_key(actions => ARRAY['states:*'], description => 'd')}, 'bob');
like($id, qr/^AKIA[A-Z2-7]{16}$/, 'a key is made');
like($secret, qr{^[A-Za-z0-9+/]{40}$}, '... with a secret');
is($token // '', '', '... without a token');
is(on_front($node, "SELECT role_name, secret, token_hash, actions, expires FROM sfn_internal.gateway_key('$id')", 'gate'), "bob|$secret||{states:*}|", 'the gateway gets it');
is(on_front($node, 'SELECT access_key_id, role, status, description FROM sfn.access_keys', 'bob'), "$id|bob|Active|d", 'its role sees it');
is(on_front($node, 'SELECT count(*) FROM sfn.access_keys', 'alice'), '0', '... and no other');
is(on_front($node, "SELECT sfn_internal.gateway_key_used('$id'); SELECT last_used > now() - interval '5 min' FROM sfn_proxy.access_key WHERE access_key_id = '$id'"), "\nt", 'that it is used is noted');
like(front_error($node, "SELECT * FROM sfn_internal.gateway_key('$id')", 'alice'), qr/^42501: permission denied/, 'secrets are for the gateway');
my (undef, undef, $session) = split /\|/, on_front($node, q{SELECT * FROM sfn.create_access_key('team', '1 hour', NULL, NULL)}, 'bob');
is(length $session, 64, 'a key that expires has a token');
is(front_error($node, q{SELECT sfn.create_access_key('team')}, 'alice'), '42501: must be member of role "team"', 'keys are made by members of their role');
like(front_error($node, q{SELECT sfn.create_access_key('postgres')}), qr/^42501: role "postgres" is a superuser/, '... and of no superuser');
like(front_error($node, q{SELECT sfn.create_access_key('pg_monitor')}), qr/^42501: role "pg_monitor" is the server's own/, '... or role of the server');
is(front_error($node, q{SELECT sfn.create_access_key(access_key_id => 'x')}, 'alice'), 'SF008: access_key_id and secret_access_key are given together, or neither is', 'half a key');
on_front($node, q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')}, 'alice');
is(front_error($node, q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'other')}, 'bob'), '42710: access key "test" already exists', 'an id is one key');
is(front_error($node, q{SELECT sfn.update_access_key('test', 'Inactive')}, 'bob'), '42501: must be member of role "alice"', q{others' keys are not changed});
is(front_error($node, q{SELECT sfn.delete_access_key('test')}, 'bob'), '42501: must be member of role "alice"', '... or deleted');
on_front($node, q{SELECT sfn.update_access_key('test', 'Inactive')}, 'alice');
is(on_front($node, q{SELECT count(*) FROM sfn_internal.gateway_key('test')}, 'gate'), '0', 'one that is inactive is none');
on_front($node, q{SELECT sfn.update_access_key('test', 'Active'); SELECT sfn.delete_access_key('test')}, 'alice');
is(on_front($node, q{SELECT count(*) FROM sfn_internal.gateway_key('test')}, 'gate'), '0', 'nor one that was deleted');
is(front_error($node, q{SELECT sfn.delete_access_key('test')}, 'alice'), '42704: access key "test" does not exist', '... which is gone');
$node->safe_psql('postgres', 'CREATE ROLE temp LOGIN');
my ($lost) = split /\|/, on_front($node, 'SELECT * FROM sfn.create_access_key()', 'temp');
$node->safe_psql('postgres', 'DROP ROLE temp; CREATE ROLE temp LOGIN');
is(on_front($node, "SELECT count(*) FROM sfn_internal.gateway_key('$lost')", 'gate'), '0', 'a key ends with its role, though one of its name comes');
my ($dump) = run_command([ 'pg_dump', '-d', $node->connstr('front'), '-a' ]);
like($dump, qr/$id/, 'a dump has keys');
unlike($dump, qr/\Q$secret\E/, '... without secrets');
{
	local $ENV{PGOPTIONS} = '-c sfn.dump_secrets=on';
	($dump) = run_command([ 'pg_dump', '-d', $node->connstr('front'), '-a' ]);
	like($dump, qr/\Q$secret\E/, '... unless it is told to');
}

#
# Calls by the front.
#
sub gateway
{
	my ($role, $action, $request, $invocation) = @_;
	my $id = defined $invocation ? "'$invocation'" : 'NULL';
	return on_front($node, "SELECT sfn_internal.gateway_call('$role'::regrole, '$action', '" . JSON::PP->new->canonical->encode($request) . "', $id)", 'gate');
}
gateway('alice', 'CreateStateMachine', { name => 'm', definition => $pass, roleArn => 'arn:aws:iam::000000000000:role/r' });
is(join(' ', map { $node->safe_psql($_, 'SELECT name FROM sfn.state_machines') } qw(s0 s1)), 'm m', 'a change is made on all shards');
like(front_error($node, qq{SELECT sfn_internal.gateway_call('alice'::regrole, 'CreateStateMachine', '{"name": "n", "definition": "{}", "roleArn": "r"}')}, 'gate'), qr/^SF\d+: InvalidArn/, q{... with the gateway's care for roleArn});
my $start = { stateMachineArn => "$arn:stateMachine:m" };
my %started = map { JSON::PP::decode_json(gateway('alice', 'StartExecution', $start, 'again'))->{executionArn} => 1 } 1 .. 6;
is(scalar keys %started, 1, 'a call that is repeated is done once');
my %places = map { (JSON::PP::decode_json(gateway('alice', 'StartExecution', $start, "id$_"))->{executionArn} =~ /:m:(00[01])/)[0] => 1 } 1 .. 12;
is(join(' ', sort keys %places), '000 001', '... others go to all shards');
like(gateway('alice', 'DescribeExecution', { executionArn => (keys %started)[0] }), qr/"status": ?"/, 'it is found');
like(front_error($node, "SELECT sfn_internal.gateway_call('bob'::regrole, 'DescribeExecution', '{\"executionArn\": \"" . (keys %started)[0] . "\"}')", 'gate'), qr/^42501: AccessDenied/, '... by whoever may see it');
like(front_error($node, "SELECT sfn_internal.gateway_call('postgres'::regrole, 'ListStateMachines', '{}')", 'gate'), qr/^42501: role "postgres" is a superuser/, 'nobody calls as a superuser');
like(front_error($node, "SELECT sfn_internal.gateway_call('alice'::regrole, 'ListStateMachines', '{}')", 'bob'), qr/^42501: permission denied/, 'the gateway calls');
gateway('alice', 'scheduler:CreateSchedule', { Name => "at$_", ScheduleExpression => 'rate(1 day)', FlexibleTimeWindow => { Mode => 'OFF' },
	Target => { Arn => "$arn:stateMachine:m", RoleArn => 'arn:aws:iam::000000000000:role/r' } }) foreach 1 .. 8;
is($node->safe_psql('s0', 'SELECT count(*) FROM sfn.schedule') + $node->safe_psql('s1', 'SELECT count(*) FROM sfn.schedule'), 8, 'a schedule is on one shard');
my ($next, @listed) = ('');
for (1 .. 10)
{
	my $page = JSON::PP::decode_json(gateway('alice', 'scheduler:ListSchedules', { MaxResults => 3, $next ? (NextToken => $next) : () }));
	push @listed, map { $_->{Name} } @{ $page->{Schedules} };
	$next = $page->{NextToken} // last;
}
is(join(' ', sort @listed), 'at1 at2 at3 at4 at5 at6 at7 at8', 'pages have each once');
is(on_front($node, "SELECT sfn_internal.gateway_wait(ARRAY['$arn:activity:none'], '0 s')", 'gate'), '{}', 'no task is there');

#
# A gateway that finds the shard itself.
#
my $map = JSON::PP::decode_json(on_front($node, 'SELECT sfn_internal.gateway_map()', 'gate'));
is("$map->{region} $map->{account}", 'us-east-1 000000000000', 'the map says whose ARNs they are');
is(join(' ', map { "$_->{shard}$_->{state}$_->{takes_starts}" } @{ $map->{shards} }), '0active1 1active1', '... what shards there are');
is(scalar @{ $map->{slots} }, 1024, '... and who has which slot');
is(on_front($node, "SELECT sfn_internal.gateway_map($map->{version})", 'gate'), '', '... once');
my $name = on_front($node, q{SELECT 'n' || i FROM generate_series(1, 40) i WHERE sfn_proxy.shard_of('n' || i) = 1 LIMIT 1});
is($map->{slots}[ on_front($node, "SELECT sfn_proxy.slot_of('$name')") ], 1, '... as the front has it');
sub on_shard
{
	my ($shard, $role, $version, $body) = @_;
	my (undef, $out, $error) = $node->psql($shard, "\\set VERBOSITY verbose\nSELECT sfn_internal.gateway_call(sfn_internal.shard_enter(1, '$role', $version), 'StartExecution', '$body')",
		extra_params => [ '-U', 'sfn_front' ]);
	return $out || $error;
}
my $body = JSON::PP::encode_json({ %$start, name => $name });
like(on_shard('s1', 'alice', $map->{version}, $body), qr/execution:m:$name/, 'a start by name on the shard itself');
like(on_shard('s0', 'alice', 'NULL', $body), qr/55000: this is not shard 1/, 'another shard notices');
$node->safe_psql('postgres', 'CREATE ROLE carol');
like(on_shard('s1', 'nobody', 'NULL', $body), qr/42704: role "nobody" does not exist on shard 1/, 'a role that is not known there');
like(on_shard('s1', 'postgres', 'NULL', $body), qr/42501: .*role "postgres" is a superuser/, 'no superuser there, either');
is(on_front($node, 'SELECT sfn_internal.gateway_sync_roles(1) > 3', 'gate'), 't', 'roles are made known');

# Slots move away: an older map is refused, the front reads its own again.
on_front($node, 'SELECT sfn_proxy.forget_moves($$0$$)');
on_front($node, 'SELECT sfn_proxy.drain_shard(1)');
my $other = on_front($node, q{SELECT 'o' || i FROM generate_series(1, 9) i LIMIT 1});
like(on_shard('s1', 'alice', $map->{version}, JSON::PP::encode_json({ %$start, name => $other })), qr/SF090: the map of shards has changed/, 'a start by an older map is refused');
like(on_shard('s1', 'alice', on_front($node, 'SELECT sfn_proxy.map_version()'), JSON::PP::encode_json({ %$start, name => $other })), qr/execution:m:$other/, '... by the new one not');
is(front_error($node, "SELECT sfn.start_execution('m', '[]', '$name')", 'alice'), qq{SF015: execution "$arn:execution:m:$name" already exists}, 'a name that was given there is not given again');

# A move that was rolled back after the shard had heard of it: the next start finds the map as it is.
on_front($node, q{UPDATE sfn_proxy.shard SET state = 'active'});
on_front($node, 'BEGIN; SELECT sfn_proxy.rebalance(1024); ROLLBACK');
my $zero = on_front($node, q{SELECT 'z' || i FROM generate_series(1, 9) i WHERE sfn_proxy.shard_of('z' || i) = 0 LIMIT 1});
cmp_ok($node->safe_psql('s0', 'SELECT version FROM sfn.shard_map'), '>', on_front($node, 'SELECT sfn_proxy.map_version()'), 'a shard knows a map that never was');
is(on_front($node, "SELECT sfn.start_execution('m', '{}', '$zero')", 'alice'), "$arn:execution:m:$zero", '... and starts by name go on');
is(on_front($node, q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT sfn.start_execution('m', '{}', 'r1') IS NOT NULL; COMMIT}, 'alice'), 't', '... in any transaction');

$node->stop;
done_testing();
