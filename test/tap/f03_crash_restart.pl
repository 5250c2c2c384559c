
# F03: after the postmaster restarted the server because a process crashed, and after an immediate stop, pending work goes
# on without a new call or wake-up.  F02: a kill of the executor itself costs nothing but the restart.  A task that crashes
# its worker each time is quarantined and reported; what happened to run beside it is not.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f03', conf => "restart_after_crash = on\n");
create_machines($node);

sub kill_and_wait
{
	my ($pid) = @_;
	my $offset = -s $node->logfile;

	kill 'KILL', $pid;
	wait_for_log($node, qr/database system is ready to accept connections/, $offset);
	return;
}

# A client's backend.
my @started = map { start($node, 'work', "{\"n\": $_}") } 1 .. 20;
my ($session, $out) = start_psql($node, "SELECT pg_backend_pid();\nSELECT pg_sleep(600);\n");
$session->pump until $$out =~ /(\d+)/;
kill_and_wait($1);
$session->kill_kill;
ok(all_done($node, 20, 60), 'executions go on after the crash of a backend');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '40', 'each effect once');

# The executor.
@started = map { start($node, 'work', "{\"n\": $_}") } 21 .. 40;
kill_and_wait(executor_pid($node));
ok(all_done($node, 40, 60), 'executions go on after the crash of the executor');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '80', 'each effect once');

# The launcher.
@started = map { start($node, 'work', "{\"n\": $_}") } 41 .. 60;
kill_and_wait($node->safe_psql('postgres', q{SELECT pid FROM sfn.workers WHERE worker = 'launcher'}));
ok(all_done($node, 60, 60), 'executions go on after the crash of the launcher');

# Everything at once.
@started = map { start($node, 'work', "{\"n\": $_}") } 61 .. 80;
restart_node($node, 'immediate');
ok(all_done($node, 80, 60), 'executions go on after an immediate stop');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '160', 'each effect once');

# A task that kills its own worker.  PostgreSQL's tests have no function for that; COPY to a program has.
$node->safe_psql('postgres', q{
	CREATE FUNCTION crash(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE format('COPY (SELECT 1) TO PROGRAM ''kill -KILL %s''', pg_backend_pid());
		PERFORM pg_sleep(5);
		RETURN input;
	END $$;
	SELECT sfn.create_state_machine('crash', '{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "sql:public.crash", "End": true}}}')});
my $innocent = start($node, 'slow', '{"n": 1000, "s": 2}');
# The crash that it causes may end this very session before the ARN has come back.
$node->psql('postgres', q{SELECT sfn.start_execution('crash', '{}', 'by-name')});
my $crash = 'arn:aws:states:us-east-1:000000000000:execution:crash:by-name';
ok(wait_for($node, qq{SELECT quarantine_reason IS NOT NULL FROM sfn.executions WHERE execution_arn = '$crash'}, 't', 90),
	'an execution that crashes its worker each time is quarantined');
ok(wait_for_log($node, qr/WARNING:  execution \d+ of database "postgres" is quarantined/), 'and reported');
ok(wait_for($node, qq{SELECT status FROM sfn.executions WHERE execution_arn = '$innocent'}, 'SUCCEEDED', 60),
	'what ran beside it ends well');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect WHERE n = 1000'), '1', 'with one effect');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '1',
	'nobody else is quarantined');
my $next = start($node, 'work', '{"n": 1001}');
ok(wait_for($node, qq{SELECT status FROM sfn.executions WHERE execution_arn = '$next'}, 'SUCCEEDED', 60), 'work goes on');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$crash')");
ok(wait_for($node, qq{SELECT status FROM sfn.executions WHERE execution_arn = '$crash'}, 'ABORTED', 30),
	'a quarantined execution can be stopped');

is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
