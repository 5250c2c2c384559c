
# F22: DROP and CREATE EXTENSION in one transaction leave a worker within a second after the commit; a rollback of DROP
# EXTENSION leaves everything running, to a savepoint as well.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f22');
my $offset = -s $node->logfile;

for my $round (1 .. rounds(50))
{
	ok(wait_for_executor($node), "an executor is there, round $round");
	$node->safe_psql('postgres', q{
		BEGIN;
		DROP EXTENSION sfn CASCADE;
		CREATE EXTENSION sfn;
		COMMIT});
	my $took = seconds(sub { wait_for_executor($node) });
	in_time($took, 1, 'DROP and CREATE in one transaction: another one soon after');
}

create_machines($node);
start($node, 'work', '{"n": 1}') for 1 .. 20;
foreach my $transaction ('BEGIN; DROP EXTENSION sfn CASCADE; ROLLBACK',
	'BEGIN; SAVEPOINT s; DROP EXTENSION sfn CASCADE; ROLLBACK TO s; COMMIT')
{
	$node->safe_psql('postgres', $transaction);
	my $execution = start($node, 'pass');
	my $took = seconds(sub {
		wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED')
	});
	in_time($took, 2, "work goes on after $transaction");
}
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}, '0', 30), 'also what ran before');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '40', 'each effect once');

# A session that ends with the transaction open lets the workers come back, too.
my ($session, $out) = start_psql($node, "BEGIN;\nDROP EXTENSION sfn CASCADE;\nSELECT pg_backend_pid();\nSELECT pg_sleep(600);\n");
$session->pump until $$out =~ /(\d+)/;
my $pid = $1;
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor'}), '0',
	'workers stay away while the transaction is open');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
ok(wait_for_executor($node, 'postgres', 5), 'and come back when its session is ended');
eval { $session->finish };
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

$node->stop;
done_testing();
