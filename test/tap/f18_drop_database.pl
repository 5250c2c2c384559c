
# F18: DROP DATABASE, with and without FORCE, ALTER DATABASE ... RENAME and ... SET TABLESPACE work although the database has
# workers; afterwards they are where they belong.  Who may not do it does not disturb the workers either.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f18');
my $rounds = rounds(50);

sub make_database
{
	my ($name) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION sfn');
	create_machines($node, $name);
	start($node, 'work', '{"n": 1}', $name) for 1 .. 5;
	ok(wait_for_executor($node, $name, 10), "$name has an executor");
	return;
}

my $offset = -s $node->logfile;
for my $round (1 .. $rounds)
{
	foreach my $statement ('DROP DATABASE app', 'DROP DATABASE app WITH (FORCE)')
	{
		my ($status, $out, $err);

		make_database('app');
		my $took = seconds(sub { ($status, $out, $err) = $node->psql('postgres', $statement) });
		is($status, 0, $statement) or diag($err);
		in_time($took, 2, 'soon');
	}
}

# Behind a task that runs longer than the grace.
make_database('app');
start($node, 'slow', '{"n": 2, "s": 60}', 'app');
ok(wait_for($node, q{SELECT count(*) FROM sfn_internal.worker_status() WHERE worker = 'helper' AND database = 'app' AND state = 'busy'}, '1'), 'a long task runs');
my ($status, $out, $err);
my $took = seconds(sub { ($status, $out, $err) = $node->psql('postgres', 'DROP DATABASE app') });
is($status, 0, 'DROP DATABASE behind a long task') or diag($err);
in_time($took, 3, 'after the grace');

make_database('app');
is(($node->psql('postgres', 'ALTER DATABASE app RENAME TO renamed'))[0], 0, 'ALTER DATABASE ... RENAME');
ok(wait_for_executor($node, 'renamed', 10), 'the executor comes back under the new name');
ok($node->poll_query_until('renamed', q{SELECT count(*) = 0 FROM sfn.executions WHERE status = 'RUNNING'}), 'and goes on');
is($node->safe_psql('renamed', q{SELECT count(*) FROM effect}), '10', 'each effect once');

my $directory = PostgreSQL::Test::Utils::tempdir;
$node->safe_psql('postgres', "CREATE TABLESPACE elsewhere LOCATION '$directory'");
is(($node->psql('postgres', 'ALTER DATABASE renamed SET TABLESPACE elsewhere'))[0], 0, 'ALTER DATABASE ... SET TABLESPACE');
ok(wait_for_executor($node, 'renamed', 10), 'the executor comes back');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

# Somebody else's attempt fails and leaves the executor where it is.
my $pid = executor_pid($node, 'renamed');
$node->safe_psql('postgres', 'CREATE ROLE ordinary LOGIN');
isnt(($node->psql('postgres', 'SET ROLE ordinary; DROP DATABASE renamed'))[0], 0, 'an ordinary role may not drop it');
is(executor_pid($node, 'renamed'), $pid, 'and does not disturb its executor');

# A failing attempt of the owner ends with the workers back.
my ($session, $session_out) = start_psql($node, "SELECT 'here';\nSELECT pg_sleep(600);\n", 'renamed');
$session->pump until $$session_out =~ /here/;
isnt(($node->psql('postgres', 'DROP DATABASE renamed'))[0], 0, 'somebody else is connected: no DROP DATABASE');
ok(wait_for_executor($node, 'renamed', 10), 'the executor comes back');
$session->kill_kill;

$node->stop;
done_testing();
