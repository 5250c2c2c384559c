
# What people look at and administer every day, through the front: views over all shards, quotas that are shared out, queues, links,
# names of roles, owners; what is too much for the front, and a shard that is down.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $node = sfn_node('shards_views', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($node);

my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE gate LOGIN; CREATE ROLE keeper LOGIN; GRANT pg_read_all_stats TO keeper');
make_front($node);
add_shards($node, $node, 's0', 's1');
on_front($node, 'SELECT sfn_proxy.rebalance(1024)');
on_front($node, q{SELECT sfn.allow_gateway('gate')});

#
# Views.
#
on_front($node, "SELECT sfn.create_state_machine('m', '$pass')", 'alice');
on_front($node, "SELECT sfn.start_execution('m', '{}', 'n' || i) FROM generate_series(1, 20) i", 'alice');
is(on_front($node, "SELECT count(*) FROM generate_series(1, 20) i WHERE sfn.wait_for_execution('m/n' || i) = 'SUCCEEDED'", 'alice'), '20', 'executions on both shards');
is(on_front($node, "SELECT count(*), count(DISTINCT sfn_proxy.shard_of(name)), min(status) FROM sfn.executions WHERE state_machine = 'm'", 'alice'), '20|2|SUCCEEDED', 'a view has those of all');
is(on_front($node, 'SELECT count(*) FROM sfn.executions', 'bob'), '0', '... that the reader may see');
is(on_front($node, "SELECT count(*) FROM sfn.history WHERE type = 'ExecutionSucceeded'", 'alice'), '20', 'so has one of events');
is(on_front($node, q{SELECT name, role, status FROM sfn.state_machines}, 'alice'), 'm|alice|ACTIVE', 'what is alike is there once');
ok(wait_until(sub { on_front($node, q{SELECT executions_started FROM sfn.stat_state_machines}, 'alice') eq '20' }), 'statistics are summed');
like(front_error($node, 'SET sfn_proxy.most_rows = 7; SELECT count(*) FROM sfn.executions', 'alice'), qr/^54000: more than 7 rows of the shards for view sfn.executions/, 'too many rows are an error');
like(front_error($node, 'SELECT * FROM sfn.stat_backlog', 'alice'), qr/^42501: permission denied/, 'the backlog is not for all');
on_front($node, 'SELECT count(*) FROM sfn.state_machines', 'keeper');
is(on_front($node, 'SELECT open_executions FROM sfn.stat_backlog', 'keeper'), '0', '... but for who reads statistics');
like(front_error($node, "SELECT sfn_proxy.call(sfn_proxy.pass(), 'view pg_catalog.pg_authid', '{}')", 'alice'), qr/^0A000/, 'only views of sfn are read');

#
# Quotas.
#
on_front($node, q{SELECT sfn.set_quota('bob', open_executions => 5)});
is(join(' ', map { $node->safe_psql($_, 'SELECT open_executions FROM sfn.quotas') } qw(s0 s1)), '3 3', 'each shard has its share, rounded up');
is(on_front($node, 'SELECT role, open_executions, stored_bytes FROM sfn.quotas', 'bob'), 'bob|6|', '... which are a little more together');
like(front_error($node, q{SELECT sfn.set_quota('bob', 9)}, 'alice'), qr/^42501: permission denied for function set_quota/, 'quotas are for administrators');
like(front_error($node, q{SELECT sfn_proxy.call_one(sfn_proxy.pass(), 'sfn.set_quota(regrole,bigint,bigint,bigint,bigint,bigint)', '{bob,9,NULL,NULL,NULL,NULL}')}, 'alice'),
	qr/^0A000/, '... by whatever door');
add_shards($node, $node, 's2');
is(join(' ', map { $node->safe_psql($_, 'SELECT open_executions FROM sfn.quotas') } qw(s0 s1 s2)), '2 2 2', 'another shard has its share, too');

#
# Queues.
#
on_front($node, q{SELECT sfn.create_queue('q')}, 'alice');
on_front($node, q{SELECT sfn.send_message('q', 'body ' || i) FROM generate_series(1, 30) i}, 'alice');
is(on_front($node, 'SELECT name, messages FROM sfn.queues', 'alice'), 'q|30', 'messages of all shards');
my $others = grep { $node->safe_psql($_, 'SELECT count(*) FROM sfn.queue_message') > 0 } qw(s0 s1 s2);
cmp_ok($others, '>', 1, '... are on several');
my %bodies;
for (1 .. 12)
{
	$bodies{$_}++ foreach split /\n/, on_front($node, q{SELECT body || coalesce(nullif(sfn.delete_message('q', receipt_handle), true)::text, '') FROM sfn.receive_message('q', 3)}, 'alice');
}
is(scalar(keys %bodies) . ' ' . join(' ', grep { $bodies{$_} > 1 || !/^body \d+$/ } keys %bodies), '30 ', 'each is received once, and deleted where it is');
is(on_front($node, 'SELECT messages FROM sfn.queues', 'alice'), '0', '... none is left');
on_front($node, q{SELECT sfn.send_message('q', 'x') FROM generate_series(1, 6)}, 'alice');
is(on_front($node, q{SELECT sfn.purge_queue('q')}, 'alice'), '6', 'a queue is emptied');
is(on_front($node, q{SELECT sfn.delete_message('q', '12:00000000-0000-4000-8000-000000000000')}, 'alice'), 'f', 'a message that is nowhere');

# Events are put on any shard: who wants all of them has a rule and a queue.
like(front_error($node, q{SELECT sfn.wait_for_event('{"source": ["shop"]}')}, 'alice'), qr/^0A000: sfn.wait_for_event\(\) is not called through the front/, 'nobody waits for an event on one of several shards');
on_front($node, "SELECT sfn.create_rule('sold', '{\"source\": [\"shop\"]}', 'arn:aws:sqs:us-east-1:000000000000:q', input_path => '\$.detail.n')", 'alice');
on_front($node, q{SELECT sfn.put_event('shop', 'sold', json_build_object('n', i)) FROM generate_series(1, 12) i}, 'alice');
my %sold;
ok(wait_until(sub { $sold{$_} = 1 foreach split /\n/, on_front($node, q{SELECT body FROM sfn.receive_message('q', 10)}, 'alice'); keys %sold == 12 }), 'events of all shards are in a queue');

#
# Links, topics, names of roles, owners.
#
$node->safe_psql($_, q{ALTER DATABASE } . $_ . q{ SET sfn.gateway_url = 'https://sfn.example.com'}) foreach qw(s0 s1 s2);
on_front($node, 'SELECT 1');
on_front($node, "SELECT sfn.create_activity('work')", 'alice');
on_front($node, "SELECT sfn.create_state_machine('wait', '{\"StartAt\": \"T\", \"States\": {\"T\": {\"Type\": \"Task\", \"Resource\": \"$arn:activity:work\", \"End\": true}}}')", 'alice');
on_front($node, "SELECT sfn.start_execution('wait', '{}', 'w' || i) FROM generate_series(1, 4) i", 'alice');
foreach my $n (1 .. 4)
{
	my $url = on_front($node, q{SELECT sfn.create_link('approve', task_token) FROM sfn.get_activity_task('work', 'me', '60 s')}, 'alice');
	my ($id, $secret) = $url =~ m{/link/([^.]+)\.(\S+)};
	like(on_front($node, "SELECT sfn_internal.gateway_show_link('$id', '$secret')", 'gate'), qr/"kind": ?"approve"/, "a link is found: $n");
	on_front($node, "SELECT sfn_internal.gateway_use_link('$id', '$secret', '{\"decision\": \"approve\"}')", 'gate');
}
is(on_front($node, "SELECT count(*) FROM generate_series(1, 4) i WHERE sfn.wait_for_execution('wait/w' || i) = 'SUCCEEDED'", 'alice'), '4', '... and does what it is for');
is(on_front($node, "SELECT count(*), min(status) FROM sfn.links", 'alice'), '4|used', '... which all see');
is(on_front($node, q{SELECT count(*) FROM (SELECT sfn.drop_link(link_id) FROM sfn.links) d}, 'alice'), '4', 'they are dropped where they are');
is(on_front($node, "SELECT count(*) FROM sfn.links", 'alice'), '0', '... all');
like(front_error($node, "SELECT sfn.drop_link('none')", 'alice'), qr/^42704: link "none" does not exist/, 'one that is nowhere');
is(on_front($node, q{SELECT sfn_internal.gateway_show_link('none', 'x')}, 'gate'), '', '... is not shown');
on_front($node, q{SELECT sfn.create_topic('t')}, 'alice');
my $subscription = on_front($node, "SELECT sfn.subscribe('t', sfn.state_machine_arn('m'))", 'alice');
my %subscriptions = map { $node->safe_psql($_, 'SELECT subscription_arn FROM sfn.subscriptions') => 1 } qw(s0 s1 s2);
is(join(' ', keys %subscriptions), $subscription, 'a subscription is the same on all shards');
on_front($node, "SELECT sfn.unsubscribe('$subscription')", 'alice');
is(on_front($node, 'SELECT count(*) FROM sfn.subscriptions', 'alice'), '0', '... and ends on all');
on_front($node, q{SELECT sfn.map_role('arn:aws:iam::000000000000:role/r', 'alice')}, 'alice');
is(join(' ', map { $node->safe_psql($_, 'SELECT role FROM sfn.mapped_roles') } qw(s0 s1 s2)), 'alice alice alice', 'a roleArn means a role on all shards');
on_front($node, q{CREATE ROLE amy LOGIN IN ROLE alice, bob});
cmp_ok(on_front($node, q{SELECT sfn.reassign('alice', 'bob')}, 'amy'), '>=', 2, 'what is a role\'s becomes another\'s');
is(join(' ', map { $node->safe_psql($_, q{SELECT role FROM sfn.state_machines WHERE name = 'm'}) } qw(s0 s1 s2)), 'bob bob bob', '... on all shards');

#
# A shard that is down.
#
on_front($node, "UPDATE sfn_proxy.shard SET conninfo = replace(conninfo, 'dbname=s1', 'dbname=gone') WHERE id = 1");
my (undef, $some, $warning) = $node->psql('front', q{SELECT count(*) < 20 FROM sfn.executions WHERE state_machine = 'm'}, extra_params => [ '-U', 'bob' ]);
is($some, 't', 'its rows are missing');
like($warning, qr/WARNING:  rows of shard 1 are missing: shard 1 cannot be reached/, '... with a warning');
is(front_error($node, q{SELECT sfn.purge_queue('q')}, 'bob'), '08001: shard 1 cannot be reached', 'a number of all is an error');

$node->stop;
done_testing();
