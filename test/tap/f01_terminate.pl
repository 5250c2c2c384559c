
# F01: after pg_terminate_backend, of the executor, of the launcher or of both, work resumes within five seconds, and
# sfn.restart_worker() is there for those who want it at once.  F04: ending workers at any moment, also while they start,
# never crashes the server.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f01');
create_machines($node);

foreach my $victim ('sfn executor', 'sfn launcher', 'sfn %')
{
	ok(wait_for_executor($node), 'an executor is there');
	$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type LIKE '$victim'");
	my $execution = start($node, 'pass');
	my $took = seconds(sub {
		wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED');
	});
	in_time($took, 5, "work resumes after the end of $victim");
}
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn launcher'}, '1'), 'the launcher is back');

# A task that is cut off by the end of its worker is begun again, and takes effect once.
my $slow = start($node, 'slow', '{"n": 1, "s": 1}');
ok(wait_for($node, qq{SELECT count(*) FROM sfn.workers WHERE execution_arn = '$slow'}, '1'), 'a task runs');
$node->safe_psql('postgres', qq{SELECT pg_terminate_backend(pid) FROM sfn.workers WHERE execution_arn = '$slow'});
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$slow'", 'SUCCEEDED', 10), 'it runs again');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect WHERE n = 1'), '1', 'with one effect');

# On request.
my $before = executor_pid($node);
is($node->safe_psql('postgres', 'SELECT sfn.restart_worker()'), 't', 'sfn.restart_worker() brings a new executor');
isnt(executor_pid($node), $before, 'which is another process');

# At random moments, also of their start.
my $log_before = -s $node->logfile;
my $rounds = rounds(1000);
for my $round (1 .. $rounds)
{
	$node->safe_psql('postgres', q{
		SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%' AND random() < 0.7;
		SELECT sfn.start_execution('work', jsonb_build_object('n', 100));
	});
}
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $log_before);
unlike($log, qr/reinitializing|terminated by signal/, "$rounds rounds of ending workers leave the server alone");
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0', 120), 'and every execution ends');
is($node->safe_psql('postgres', q{SELECT count(*) FROM effect WHERE n = 100}), 2 * $rounds, 'with every effect once');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0',
	'and none is quarantined');

$node->stop;
done_testing();
