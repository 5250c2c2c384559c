
# Hosts share the pump: one that is slow and has very many requests waiting leaves room for the others.

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

my $node = sfn_node('http_fairness', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.http_max_requests = 40\nlog_statement = 'none'\n");
my $slow = http_server();
my $slower = http_server();
my $quick = http_server();
my $requests = 2000;

sub sql
{
	my ($text) = @_;
	return $node->safe_psql('postgres', $text);
}

sub start_many
{
	my ($machine, $count) = @_;
	sql("SELECT count(*) FROM sfn.start_executions('$machine', ARRAY(SELECT '{}'::json FROM generate_series(1, $count)))");
	return;
}

sub under_way
{
	my ($server) = @_;
	return "SELECT count(*) FROM sfn.task WHERE kind = 1 AND taken_at IS NOT NULL AND host = '127.0.0.1:$server->{port}'";
}

invoke_machine($node, 'slow', { ApiEndpoint => "$slow->{url}/hang" });
invoke_machine($node, 'slower', { ApiEndpoint => "$slower->{url}/hang" });
invoke_machine($node, 'quick', { ApiEndpoint => "$quick->{url}/json" });

start_many('slow', $requests);
ok(wait_for($node, under_way($slow), 30), 'a host that does not answer gets three quarters of the room');
ok(wait_for($node, "SELECT count(*) FROM sfn.task WHERE kind = 1", $requests), 'its other requests wait');
my $began = time;
start_many('quick', 200);
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'quick' AND status = 'SUCCEEDED'}, 200),
	'two hundred requests to another host, behind all of them, are answered');
in_time(time - $began, 20, 'while the first one waits');
is(sql(under_way($slow)), 30, 'as it still does');

start_many('slower', $requests);
ok(wait_for($node, under_way($slower), 8), 'a second one that does not answer gets three quarters of what is left');
start_many('quick', 200);
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'quick' AND status = 'SUCCEEDED'}, 400),
	'and another two hundred are answered');
is(scalar(requests($quick, '/json')), 400, 'each was sent once');

# Requests whose executions are stopped while they wait are never sent; the room is free again.
my $sent = scalar(requests($slow, '/hang'));
sql(q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE state_machine IN ('slow', 'slower') AND status = 'RUNNING'});
ok(wait_for($node, 'SELECT count(*) FROM sfn.task WHERE kind = 1', 0), 'all are stopped');
cmp_ok(scalar(requests($slow, '/hang')), '<=', $sent + 60, 'those that waited were not sent');
start_many('quick', 200);
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'quick' AND status = 'SUCCEEDED'}, 600), 'others go on');

# A request that a session holds as it is to be taken is not forgotten.
sql("ALTER SYSTEM SET sfn.http_max_requests = 1");
sql('SELECT pg_reload_conf()');
my $first = started($node, 'slow');
ok(wait_for($node, under_way($slow), 1), 'a request takes all the room');
started($node, 'quick');
ok(wait_for($node, 'SELECT count(*) FROM sfn.task WHERE kind = 1 AND taken_at IS NULL', 1), 'another one waits');
my ($holder) = start_statements($node, 'SELECT id, pg_sleep(600) FROM (SELECT id FROM sfn.task WHERE taken_at IS NULL FOR UPDATE) t');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 1), 'and a session holds it');
sql("SELECT sfn.stop_execution('$first')");
ok(wait_for($node, 'SELECT count(*) FROM sfn.task', 1), 'the first one is stopped');
ok(wait_until(sub { hanging($slow) == 0 }), 'and the room is free');
sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'quick' AND status = 'SUCCEEDED'}, 601, 20),
	'the other one is sent as soon as it is let go');
eval { $holder->finish };
ok(log_is_clean($node), 'the log is clean');
$node->stop;
done_testing();
