
# A shard that is down: calls about its executions say so, all others go on; changes are made up for before it takes executions
# again.  Roles of the front are made on shards that do not know them.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $front = sfn_node('shards_front', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($front);
my $far = sfn_node('shards_far', create => 0, conf => shards_conf());

my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
$front->safe_psql('postgres', 'CREATE ROLE team NOLOGIN; CREATE ROLE alice LOGIN IN ROLE team; CREATE ROLE bob LOGIN');
make_front($front);
add_shards($front, $front, 's0');
add_shards($front, $far, 's1');
on_front($front, 'SELECT sfn_proxy.rebalance(1024)');

#
# Roles.
#
is($far->safe_psql('postgres', q{SELECT string_agg(rolname || rolcanlogin, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname IN ('team', 'alice', 'bob')}),
	'alicefalse bobfalse teamfalse', 'a shard gets the roles of the front, without logins');
is($far->safe_psql('postgres', q{SELECT pg_has_role('alice', 'team', 'MEMBER')}), 't', '... members of each other as there');
on_front($front, "SELECT sfn.create_state_machine('m', '$pass', role => 'team')", 'alice');
like(on_front($front, "SELECT sfn.start_execution('m')", 'alice'), qr/execution:m:/, 'a member starts');
$front->safe_psql('postgres', 'CREATE ROLE carol LOGIN IN ROLE team');
like(on_front($front, "SELECT sfn.start_execution('m') FROM generate_series(1, 8)", 'carol'), qr/execution:m:/, 'a role that is new is made by its first call');
is($far->safe_psql('postgres', q{SELECT pg_has_role('carol', 'team', 'MEMBER')}), 't', '... on all shards');
$front->safe_psql('postgres', 'REVOKE team FROM carol');
on_front($front, 'SELECT sfn_proxy.sync_roles()');
is($far->safe_psql('postgres', q{SELECT pg_has_role('carol', 'team', 'MEMBER')}), 'f', 'what is revoked here is revoked there');
$far->safe_psql('postgres', 'CREATE ROLE chief SUPERUSER');
$front->safe_psql('postgres', 'CREATE ROLE chief NOLOGIN; GRANT chief TO bob');
on_front($front, 'SELECT sfn_proxy.sync_roles()');
is($far->safe_psql('postgres', q{SELECT count(*) FROM pg_auth_members WHERE roleid = 'chief'::regrole}), '0', 'nobody becomes the member of a superuser by what the front says');
$front->safe_psql('postgres', 'CREATE ROLE intruder LOGIN IN ROLE chief');
like(front_error($front, 'SET ROLE chief; SELECT count(*) FROM sfn.list_executions()', 'intruder'), qr/^42501: .*role "chief" is a superuser/, '... or acts as one');

#
# Down.
#
my @far_names = split /\n/, on_front($front, q{SELECT 'n' || i FROM generate_series(1, 40) i WHERE sfn_proxy.shard_of('n' || i) = 1 LIMIT 3});
my $near_name = on_front($front, q{SELECT 'n' || i FROM generate_series(1, 40) i WHERE sfn_proxy.shard_of('n' || i) = 0 LIMIT 1});
on_front($front, "SELECT sfn.start_execution('m', '{}', '$_')", 'alice') foreach $far_names[0], $near_name;
my $all = on_front($front, "SELECT count(*) FROM sfn.list_executions('m')", 'alice');
$far->stop('immediate');
is(on_front($front, "SELECT count(*) FROM (SELECT sfn.start_execution('m') FROM generate_series(1, 10)) s(arn) WHERE arn LIKE '%:000%'", 'alice'), '10', 'starts without a name go where they can');
is(on_front($front, "SELECT name FROM sfn.describe_execution('m/$near_name')", 'alice'), $near_name, 'executions of others are there');
is(front_error($front, "SELECT sfn.describe_execution('m/$far_names[0]')", 'alice'), '08001: shard 1 cannot be reached', q{those of the shard are not said to be nowhere});
is(front_error($front, "SELECT sfn.start_execution('m', '{}', '$far_names[1]')", 'alice'), '08001: shard 1 cannot be reached', 'a name is not started elsewhere');
my (undef, $some, $notice) = $front->psql('front', "SELECT count(*) FROM sfn.list_executions('m')", extra_params => [ '-U', 'alice' ]);
cmp_ok($some, '<', $all + 10, 'lists are shorter');
like($notice, qr/WARNING:  executions of shard 1 are missing/, '... and say whose are missing');
(undef, my $made, $notice) = $front->psql('front', "SELECT sfn.create_state_machine('later', '$pass')", extra_params => [ '-U', 'alice' ]);
is($made, "$arn:stateMachine:later", 'changes go on');
like($notice, qr/NOTICE:  shard 1 lacks changes: .*shard 1 cannot be reached/, '... with a notice');
on_front($front, "SELECT sfn.tag_resource('later', '{\"a\": \"1\"}')", 'alice');
like(on_front($front, q{SELECT state, changes_behind, last_error FROM sfn_proxy.shards WHERE shard = 1}), qr/^active\|2\|shard 1 cannot be reached/, 'the shard lacks them');
is(on_front($front, q{SELECT count(*) FROM sfn_proxy.on_all('SELECT 1')}), '1', 'the others are asked');

#
# Back.
#
$far->start;
is(on_front($front, "SELECT count(*) FROM (SELECT sfn.start_execution('later') FROM generate_series(1, 10)) s(arn) WHERE arn LIKE '%:000%'", 'alice'), '10', 'as long as it lacks changes it gets no new executions');
is(on_front($front, "SELECT sfn.start_execution('later', '{}', '$far_names[2]')", 'alice'), "$arn:execution:later:$far_names[2]", 'a start by a name that is its lets it catch up');
is(on_front($front, 'SELECT changes_behind FROM sfn_proxy.shards WHERE shard = 1'), '0', '... with all of them');
is($far->safe_psql('s1', q{SELECT tags FROM sfn.state_machines WHERE name = 'later'}), '{"a": "1"}', '... in their order');
is(on_front($front, "SELECT sfn.wait_for_execution('later/$far_names[2]')", 'alice'), 'SUCCEEDED', 'the execution runs');
is(on_front($front, "SELECT sfn.wait_for_execution('m/$far_names[0]')", 'alice'), 'SUCCEEDED', 'those from before have ended');
is(on_front($front, 'SELECT sfn_proxy.catch_up(1)'), 't', 'catching up again does nothing');

#
# Slots move while it is down: back again, it starts nothing by a map from before, whoever has one.
#
sub by_map
{
	my ($version, $name) = @_;
	my $body = qq({"stateMachineArn": "$arn:stateMachine:m", "name": "$name"});
	my (undef, $out, $error) = $far->psql('s1', "\\set VERBOSITY verbose\nSELECT sfn_internal.gateway_call(sfn_internal.shard_enter(1, 'alice', $version), 'StartExecution', '$body')",
		extra_params => [ '-U', 'sfn_front' ]);
	return $out || $error;
}
my $version = on_front($front, 'SELECT sfn_proxy.map_version()');
my @moving = split /\n/, on_front($front, q{SELECT 'w' || i FROM generate_series(1, 40) i WHERE sfn_proxy.shard_of('w' || i) = 1 LIMIT 3});
like(by_map($version, $moving[0]), qr/execution:m:$moving[0]/, 'a gateway starts by its map');
$far->stop('immediate');
my (undef, $moved, $warning) = $front->psql('front', 'SELECT sfn_proxy.drain_shard(1)');
cmp_ok($moved, '>', 0, 'slots of a shard that is down are moved away');
like($warning, qr/WARNING:  shard 1 does not know that slots have moved away/, '... of which it does not know');
$far->start;
like(by_map($version, $moving[1]), qr/SF090: the map of shards may have changed while the server of shard 1 was down/, 'back, it starts nothing by a map from before');
is(on_front($front, "SELECT sfn.start_execution('m', '{}', '$moving[1]')", 'alice'), "$arn:execution:m:$moving[1]", 'the front starts');
is($far->safe_psql('s1', "SELECT count(*) FROM sfn.execution WHERE name = '$moving[1]'"), '0', '... where it belongs');
on_front($front, q{UPDATE sfn_proxy.shard SET state = 'active'; SELECT sfn_proxy.forget_moves('0'); SELECT sfn_proxy.rebalance(1024)});
my $back = on_front($front, q{SELECT 'w' || i FROM generate_series(41, 99) i WHERE sfn_proxy.shard_of('w' || i) = 1 LIMIT 1});
is(on_front($front, "SELECT sfn.start_execution('m', '{}', '$back')", 'alice'), "$arn:execution:m:$back", 'slots move to it again, and it starts by the map that the front has');
like(by_map($version, 'later'), qr/SF090: the map of shards has changed/, '... by no older one');

#
# The first shard, on which changes are made first.
#
on_front($front, "UPDATE sfn_proxy.shard SET conninfo = replace(conninfo, 'dbname=s0', 'dbname=gone') WHERE id = 0");
like(front_error($front, "SELECT sfn.create_activity('work')", 'alice'), qr/^08001: shard 0 cannot be reached/, 'without the first shard there are no changes');
is(on_front($front, q{SELECT state FROM sfn_proxy.change ORDER BY seq DESC LIMIT 1}), 'proposed', '... and what becomes of this one is open');
is(on_front($front, 'SELECT count(*) FROM sfn.list_state_machines()', 'alice'), '2', 'definitions are read elsewhere');
on_front($front, "UPDATE sfn_proxy.shard SET conninfo = replace(conninfo, 'dbname=gone', 'dbname=s0') WHERE id = 0");
is(on_front($front, "SELECT sfn.create_activity('more')", 'alice'), "$arn:activity:more", 'when it is back the next change');
is(on_front($front, q{SELECT string_agg(name, ' ' ORDER BY name) FROM sfn.list_activities()}, 'alice'), 'more work', '... settles that one first');

$far->stop;
$front->stop;
done_testing();
