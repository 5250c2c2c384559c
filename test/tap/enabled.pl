
# sfn.enabled switches a database off and on, by ALTER DATABASE and by a reload; sfn.workers says so.  A stop cancels the task
# that runs.  Ended executions and deleted machines go when their time has come.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('enabled');
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');

sub reason_is
{
	my ($pattern, $name) = @_;

	return ok(wait_for($node, qq{SELECT count(*) FROM sfn.workers WHERE worker = 'executor' AND pid IS NULL AND reason LIKE '$pattern'}, '1'), $name);
}

my $offset = -s $node->logfile;
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET sfn.enabled = off');
reason_is('sfn.enabled is off%', 'ALTER DATABASE ... SET sfn.enabled = off ends it');
my $execution = start($node, 'pass');
is($node->safe_psql('postgres', "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'"), 'RUNNING', 'executions wait');
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET sfn.enabled');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 10), 'RESET lets them run');

$node->safe_psql('postgres', q{BEGIN; ALTER DATABASE postgres SET sfn.enabled = off; ROLLBACK});
$execution = start($node, 'pass');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 10), 'a rollback changes nothing');

$node->safe_psql('postgres', 'ALTER SYSTEM SET sfn.enabled = off');
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
reason_is('sfn.enabled is off%', 'so does a reload');
$execution = start($node, 'pass');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET sfn.enabled');
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 10), 'and back');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

# Settings that only superusers may change: all but the depth of JSONata, which bounds the caller's own sessions.
$node->safe_psql('postgres', 'CREATE ROLE ordinary LOGIN');
foreach my $setting ($node->safe_psql('postgres', q{SELECT name FROM pg_settings WHERE name LIKE 'sfn.%' AND name <> 'sfn.jsonata_max_depth'}) =~ /\S+/g)
{
	my ($status, $out, $err) = $node->psql('postgres', "SET ROLE ordinary; SET $setting = DEFAULT");
	like($err, qr/permission denied to set parameter|cannot be (set after connection start|changed now|changed without restarting the server)/, "$setting is for superusers");
}
foreach my $wrong (q{sfn.test_now = 'tomorrowish'}, q{sfn.test_now = 'infinity'}, q{sfn.account_id = '12'}, q{sfn.region = 'US EAST'},
	q{sfn.poll_interval = '2min'}, q{sfn.max_workers = 0}, q{sfn.no_such_setting = 1})
{
	isnt(($node->psql('postgres', "SET $wrong"))[0], 0, "$wrong is refused");
}

# Stopping what runs.
$offset = -s $node->logfile;
$execution = start($node, 'slow', '{"n": 1, "s": 60}');
ok(wait_for($node, qq{SELECT count(*) FROM sfn.workers WHERE execution_arn = '$execution'}, '1'), 'a long task runs');
my $took = seconds(sub {
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution', 'Enough', 'no more')");
	wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'ABORTED');
});
in_time($took, 1, 'sfn.stop_execution() cancels it');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect WHERE n = 1'), '0', 'and its effect');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

# Retention: the pruner's next pass takes what ended long ago, in a machine that is gone with it.
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('old', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
	SELECT count(sfn.start_execution('old')) FROM generate_series(1, 3000)});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0', 60), 'executions to delete');
my $young = start($node, 'work', '{"n": 5}');
$node->safe_psql('postgres', q{
	UPDATE sfn.execution SET start_date = start_date - interval '100 days', stop_date = stop_date - interval '100 days'
		WHERE state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'old');
	SELECT sfn.delete_state_machine('old');
	SELECT sfn.restart_worker()});
ok(wait_for($node, q{SELECT count(*) FROM sfn.execution e LEFT JOIN sfn.state_machine m ON m.id = e.state_machine_id
	WHERE m.name IS NULL OR m.name = 'old'}, '0', 30), 'ended long ago: deleted');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.history_chunk h WHERE NOT EXISTS (SELECT FROM sfn.execution e WHERE e.id = h.execution_id)}),
	'0', 'with their history');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$young'", 'SUCCEEDED', 30), 'the others stay');
SKIP:
{
	skip 'the pass after the next is a minute away', 1 if !$ENV{SFN_SOAK};
	ok(wait_for($node, q{SELECT count(*) FROM sfn.state_machine WHERE name = 'old'}, '0', 150), 'the deleted machine goes as well');
}

$node->stop;
done_testing();
