
# F56: workers are not the long transaction: under load no transaction or snapshot of theirs lasts, and none is open while an
# HTTP request is under way or they rest.  A long SQL task of the user's is the only exception.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f56', conf => "fsync = off\nsynchronous_commit = off\nautovacuum = off\nsfn.http_allowed_hosts = '127.0.0.1'\n");
my $server = http_server();
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');
my $open = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%' AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL OR xact_start IS NOT NULL)};

# Requests hang: nothing is open.
invoke_machine($node, 'hang', { 'ApiEndpoint' => "$server->{url}/hang" });
started($node, 'hang', {}) for 1 .. 5;
ok(wait_until(sub { requests($server, '/hang') == 5 }), 'five requests are under way');
ok(wait_for($node, $open, '0'), 'no transaction is open while they are');

# Load: transactions are short, so the horizon moves on.
my $count = 20_000;
$node->safe_psql('postgres', qq{SELECT count(*) FROM sfn.start_executions('work', ARRAY(SELECT json_build_object('n', n) FROM generate_series(1, $count) n))});
my ($longest, $left, $looks, $deadline) = (0, 1, 0, time() + 240);
while ($left && time() < $deadline)
{
	my $age;
	($left, $age) = split /\|/, $node->safe_psql('postgres', q{
		SELECT (SELECT count(*) FROM (SELECT FROM sfn.inbox WHERE kind <> 3 OR due < clock_timestamp() + interval '1 min' LIMIT 1) i),
			coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%'});
	$longest = $age if $age > $longest;
	$looks++;
}
note(sprintf 'the longest transaction in %d looks: %.3f s', $looks, $longest);
is($left, '0', 'the work is done');
cmp_ok($longest, '<', 5, 'in short transactions');
ok(wait_for($node, $open, '0'), 'and nothing stays open');

# The exception.
start($node, 'slow', '{"n": 1, "s": 300}');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'PgSleep'}, '1'), 'a task sleeps');
is($node->safe_psql('postgres', $open), '1', 'its process alone has a transaction');

$node->stop;
done_testing();
