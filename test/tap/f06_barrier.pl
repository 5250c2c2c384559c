
# F06: no worker sits in a wait that ignores the server's barriers: CREATE and DROP DATABASE of another database are soon
# done while the workers rest, while one runs a SQL task, and while HTTP requests hang; a reload reaches all of them.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f06', conf => "fsync = off\nsfn.http_allowed_hosts = '127.0.0.1'\n");
my $server = http_server();
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');

# The best of three, in seconds; what copying files costs on this machine shows without workers.
sub create_and_drop
{
	my ($when) = @_;
	my $best;

	foreach my $round (1 .. 3)
	{
		my $took = seconds(sub {
			$node->safe_psql('postgres', 'CREATE DATABASE other');
			$node->safe_psql('postgres', 'DROP DATABASE other');
		});
		$best = $took if !defined $best || $took < $best;
	}
	note(sprintf 'CREATE and DROP DATABASE, %s: %.2f s', $when, $best);
	return $best;
}

sub is_soon_done
{
	my ($when, $without) = @_;

	return in_time(create_and_drop($when), $without + 1, "CREATE and DROP DATABASE are soon done, $when");
}

sub reload_is_seen
{
	my ($value, $when) = @_;

	$node->safe_psql('postgres', "ALTER SYSTEM SET sfn.enabled = $value");
	$node->reload;
	return ok(wait_for($node, q{SELECT count(*) FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres' AND pid IS NOT NULL},
			$value eq 'on' ? '1' : '0', 10), "a reload is seen, $when");
}

reload_is_seen('off', 'at rest');
my $without = create_and_drop('without workers');
reload_is_seen('on', 'by the launcher');
is_soon_done('while the workers rest', $without);

invoke_machine($node, 'hang', { 'ApiEndpoint' => "$server->{url}/hang" });
my @hanging = map { started($node, 'hang', {}) } (1 .. 5);
ok(wait_until(sub { requests($server, '/hang') == 5 }), 'five requests are under way');
is_soon_done('while requests hang', $without);

start($node, 'slow', '{"n": 1, "s": 300}');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'PgSleep'}, '1'), 'a task sleeps');
is_soon_done('while a task runs', $without);

$node->stop;
done_testing();
