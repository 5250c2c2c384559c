
# F19: DROP EXTENSION while executions run returns within a second (behind a task that runs longer: the grace), without a
# deadlock or an error of a worker.  F21: dropping and creating in one session works every time.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f19', conf => "deadlock_timeout = 100ms\nlog_lock_waits = on\n");
my $rounds = rounds(200);
my $slowest = 0;
my $offset = -s $node->logfile;

create_machines($node);
for my $round (1 .. $rounds)
{
	my ($status, $out, $err);

	$node->safe_psql('postgres', sprintf(
			q{SELECT count(sfn.start_execution('work', jsonb_build_object('n', i))) FROM generate_series(1, %d) i}, 50 + $round));
	$node->safe_psql('postgres', q{SELECT pg_sleep(random() * 0.1)}) if $round % 2;
	my $took = seconds(sub { ($status, $out, $err) = $node->psql('postgres', 'DROP EXTENSION sfn CASCADE') });
	$slowest = $took if $took > $slowest;
	is($status, 0, "DROP EXTENSION, round $round") or diag($err);
	$node->safe_psql('postgres', q{
		DROP TABLE effect;
		DROP FUNCTION work;
		DROP FUNCTION slow;
		CREATE EXTENSION sfn});
	create_machines($node);
}
in_time($slowest, 1, "none of $rounds took over a second");
ok(wait_for_executor($node, 'postgres', 5), 'the executor is there in the end');
my $execution = start($node, 'work', '{"n": 1}');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 20), 'and works');

# Behind a long task.
my $slow = start($node, 'slow', '{"n": 2, "s": 60}');
ok(wait_for($node, qq{SELECT count(*) FROM sfn.workers WHERE execution_arn = '$slow'}, '1'), 'a long task runs');
my ($status, $out, $err);
my $took = seconds(sub { ($status, $out, $err) = $node->psql('postgres', 'DROP EXTENSION sfn CASCADE') });
is($status, 0, 'DROP EXTENSION behind a long task') or diag($err);
in_time($took, 2, 'after the grace');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset), qr/deadlock detected/, 'no deadlock');

# F21: in one session, plans and all.
my $loop = "SET client_min_messages = warning;\n" . join '', map { qq{
	CREATE EXTENSION sfn;
	SELECT sfn.create_state_machine('m', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
	SELECT sfn.start_execution('m');
	SELECT count(*) FROM sfn.executions;
	CALL sfn.run_execution('m');
	DROP EXTENSION sfn CASCADE;
} } 1 .. 5;
($status, $out, $err) = $node->psql('postgres', $loop);
is($status, 0, 'F21: create, start, drop, five times in one session') or diag($err);

$node->stop;
done_testing();
