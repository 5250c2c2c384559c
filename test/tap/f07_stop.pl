
# F07: pg_ctl stop -m fast ends soon whatever the workers do: an HTTP request hangs, a SQL task sleeps, or a commit waits for
# a synchronous standby that is not there.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f07', conf => "fsync = off\nwal_level = replica\nmax_wal_senders = 2\nsfn.http_allowed_hosts = '127.0.0.1'\n");
my $server = http_server();
create_machines($node);
invoke_machine($node, 'hang', { 'ApiEndpoint' => "$server->{url}/hang" });

sub stops
{
	my ($when) = @_;
	my $took = seconds(sub { $node->stop('fast') });

	note(sprintf 'stopped in %.2f s, %s', $took, $when);
	in_time($took, 10, "the server stops at once, $when");
	$node->start;
	return ok(wait_for_executor($node), '... and has an executor again');
}

ok(wait_for_executor($node), 'an executor is there');
started($node, 'hang', {});
ok(wait_until(sub { requests($server, '/hang') == 1 }), 'a request hangs');
stops('while a request hangs');

my $slow = start($node, 'slow', '{"n": 1, "s": 300}');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'PgSleep'}, '1'), 'a task sleeps');
stops('while a task sleeps');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$slow')");
end_of($node, $slow);

# The start itself does not wait; the executor's commit does.
$node->safe_psql('postgres', q{ALTER SYSTEM SET synchronous_standby_names = 'nobody'});
$node->reload;
ok(wait_until(sub {
		$node->safe_psql('postgres', q{SET synchronous_commit = local; SELECT sfn.start_execution('pass')});
		return $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'SyncRep'});
	}), 'a commit of the executor waits for a standby');
stops('while a commit waits for a standby');

$node->stop;
done_testing();
