
# F45: max_worker_processes is used up.  Databases with nothing due give their executor's process to those that have work, and get one
# back when something happens to them.  When all have work, the executor tries a task for which there is no helper for a second;
# what takes longer is rolled back and stays due, and sfn.workers, sfn.why(), a notice and one warning with a hint say why it waits.
# At start a warning says how many are needed.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

# As everybody has it: the launcher, PostgreSQL's own one for logical replication, and six executors.
my $node = sfn_node('f45', create => 0);
$node->append_conf('postgresql.conf', "max_worker_processes = 8\n");
restart_node($node);
my @databases = map { "db$_" } 1 .. 6;
foreach my $database (@databases)
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION sfn');
	create_machines($node, $database);
}
my $executors = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor'};
ok(wait_for($node, $executors, '6'), 'six databases have their executors');

# The first SQL task of each function runs alone, so it wants a helper.
my %first = map { $_ => start($node, 'work', '{"n": 1}', $_) } @databases;
foreach my $database (@databases)
{
	is($node->safe_psql($database, "SELECT sfn.wait_for_execution('$first{$database}', '120 s')"), 'SUCCEEDED', "$database: its first SQL task runs");
}

# A seventh database, and the others still get their turn.
$node->safe_psql('postgres', 'CREATE DATABASE db7');
$node->safe_psql('db7', 'CREATE EXTENSION sfn');
create_machines($node, 'db7');
push @databases, 'db7';
foreach my $database (@databases)
{
	my $execution = start($node, 'work', '{"n": 2}', $database);
	is($node->safe_psql($database, "SELECT sfn.wait_for_execution('$execution', '120 s')"), 'SUCCEEDED', "$database: beside a seventh database");
}

# A long task in each: what there is no helper for is tried, rolled back, and reported; timers and quick tasks go on.
my %slow = map { $_ => start($node, 'slow', '{"n": 7, "s": 600}', $_) } @databases;
# The databases take turns with the processes, so which of them waits changes.
my $reported;
ok(wait_until(sub {
	($reported) = grep { says_no_process($_) } @databases;
	return defined $reported;
}, 120), 'sfn.workers says where a task has no process, and sfn.why() of that task');
note("it is " . ($reported // 'none'));
ok(wait_for_log($node, qr/WARNING:  no worker process is free for sfn in database "db\d".*HINT:  Raise max_worker_processes \(now 8\)/s, 0), '... and the log, with a hint');
my %quick = map { $_ => start($node, 'work', '{"n": 3}', $_) } @databases;
foreach my $database (@databases)
{
	is($node->safe_psql($database, "SELECT sfn.wait_for_execution('$quick{$database}', '120 s')"), 'SUCCEEDED', "$database: a quick one beside the long ones");
}
is($node->safe_psql($reported, "SELECT count(*) FROM effect WHERE n = 7"), '0', 'what was tried is rolled back');
is($node->safe_psql($reported, qq{SELECT status FROM sfn.executions WHERE execution_arn = '$slow{$reported}'}), 'RUNNING', '... and has not failed');
my @warnings = PostgreSQL::Test::Utils::slurp_file($node->logfile) =~ /no worker process is free/g;
is(scalar(@warnings), 1, 'one warning in all');

# When they end, the reason goes.
foreach my $database (@databases)
{
	$node->safe_psql($database, "SELECT sfn.stop_execution('$slow{$database}')");
}
foreach my $database (@databases)
{
	is($node->safe_psql($database, "SELECT sfn.wait_for_execution('$slow{$database}', '120 s')"), 'ABORTED', "$database: stopped");
}
ok($node->poll_query_until($reported, q{SELECT count(*) = 0 FROM sfn.workers WHERE reason ~ 'no worker process'}), 'the reason goes with the trouble');
ok(log_is_clean($node), 'nothing else in the log');

# Too few for what may be wanted.
my $offset = -s $node->logfile;
restart_node($node);
ok(wait_for_log($node, qr/WARNING:  max_worker_processes is 8, but sfn may want \d+ of them for 7 databases/, $offset),
	'the launcher says at start how many are needed, pumps included');

$node->stop;
done_testing();

# Both at the same time.
sub says_no_process
{
	my ($database) = @_;

	return $node->safe_psql($database, qq{SELECT
		(SELECT count(*) = 1 FROM sfn.workers WHERE worker = 'executor' AND database = current_database() AND pid IS NOT NULL
			AND reason ~ 'no worker process.*max_worker_processes' AND reason_since IS NOT NULL)
		AND (SELECT count(*) = 1 FROM sfn.why('$slow{$database}')
			WHERE waits_for = 'a helper' AND detail ~ 'no worker process: max_worker_processes \\(8\\)')}) eq 't';
}
