
# New settings, restart_worker() and a reload take no request in flight away: the pump that has sent it stays until it is
# answered, and another takes what comes.  Only who needs the database for himself is not kept waiting.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

use constant REQUESTS => 20;

my $node = sfn_node('http_drain', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");
my $server = http_server();
my $pumps = q{SELECT count(*) FROM sfn.workers WHERE worker = 'pump'};
my $ends = q{SELECT coalesce(string_agg(DISTINCT concat_ws(': ', status, error, cause), '; '), 'none') FROM sfn.executions WHERE state_machine = '%s'};

sub start_many
{
	my ($name, $path, $count) = @_;

	invoke_machine($node, $name, { ApiEndpoint => "$server->{url}$path", Method => 'POST' });
	$node->safe_psql('postgres', "SELECT count(sfn.start_execution('$name')) FROM generate_series(1, $count)");
	ok(wait_until(sub { requests($server, $path) == $count }), "$name: requests are under way");
	return;
}

# How many keys came, and how often at most.
sub sent
{
	my ($path) = @_;
	my %times;

	$times{ $_->{headers}{'idempotency-key'} }++ for requests($server, $path);
	return join ' ', scalar(keys %times), (sort { $b <=> $a } values %times)[0];
}

my %changes = (
	setting => q{ALTER DATABASE postgres SET sfn.max_long_tasks = 3},
	restart => q{SELECT sfn.restart_worker()},
	reload => q{ALTER SYSTEM SET sfn.poll_interval = '7s'; SELECT pg_reload_conf()},
	disabled => q{ALTER SYSTEM SET sfn.enabled = off; SELECT pg_reload_conf()},);
foreach my $what (qw(setting restart reload disabled))
{
	my $seconds = $what =~ /setting|restart/ ? 4 : 2;
	my $path = "/after/$seconds/$what";

	start_many($what, $path, REQUESTS);
	$node->safe_psql('postgres', $changes{$what});
	if ($what eq 'setting')
	{
		start_many('meanwhile', '/after/0/meanwhile', 1);
		is($node->safe_psql('postgres', $pumps), '2', '... another pump takes what comes');
		is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.workers WHERE worker = 'pump' AND state = 'leaving'}), '1', '... and the one before leaves');
	}
	if ($what eq 'disabled')
	{
		ok(wait_for($node, $pumps, '0'), '... the pump goes when all is answered');
		$node->safe_psql('postgres', 'ALTER SYSTEM RESET sfn.enabled; SELECT pg_reload_conf()');
	}
	ok(wait_for($node, sprintf(q{SELECT count(*) FROM sfn.executions WHERE state_machine = '%s' AND status <> 'RUNNING'}, $what), REQUESTS), '... all end');
	is($node->safe_psql('postgres', sprintf($ends, $what)), 'SUCCEEDED', '... as if nothing had been');
	is(sent($path), REQUESTS . ' 1', '... and were sent once');
}

# What is lost with a pump that drains is found by the one that has taken its place.
my $lost = 'FAILED: States.TaskFailed: The worker was lost while the request was in flight.';
my $leaving = q{SELECT pid FROM sfn.workers WHERE worker = 'pump' AND state = 'leaving'};

start_many('lost', '/after/600/lost', 3);
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET sfn.max_long_tasks');
start_many('others', '/after/600/others', 3);
is($node->safe_psql('postgres', sprintf($ends, 'lost')), 'RUNNING', 'requests are under way in two pumps');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(($leaving))");
ok(wait_for($node, sprintf($ends, 'lost'), $lost), '... those of the one that is ended are lost');
is($node->safe_psql('postgres', sprintf($ends, 'others')), 'RUNNING', '... the others are not');

# Who needs the database for himself does not wait for answers.
$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
ok(wait_for($node, "SELECT count(*) FROM ($leaving) l", '1'), 'a pump waits for answers');
is($node->psql('template1', 'CREATE DATABASE copy TEMPLATE postgres'), 0, '... but not where the database is needed');
ok(wait_for($node, sprintf($ends, 'others'), $lost), '... and what it had sent is lost');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
