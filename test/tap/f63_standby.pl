
# F63: on a hot standby nothing runs; what changes something says that this is a standby and leaves the session alone; what reads,
# and synchronous executions, work.  F64: after a failover under load, with synchronous replication, work resumes within five
# seconds, nothing hangs, nothing that was confirmed is lost, and no effect is there twice.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f63', init => [ allows_streaming => 1 ]);
my $end = JSON::PP::true;
create_machines($node);
$node->safe_psql('postgres', q{SELECT sfn.create_activity('polled'); SELECT sfn.create_activity('empty'); CREATE TABLE token (token text)});
$node->safe_psql('postgres', q{CREATE FUNCTION keep(token text) RETURNS void LANGUAGE sql AS 'INSERT INTO token VALUES (token)'});
task_machine($node, 'polled', 'arn:aws:states:us-east-1:000000000000:activity:polled');
task_machine($node, 'called', 'arn:aws:states:::sql:call.waitForTaskToken', HeartbeatSeconds => 3600, Parameters => { Function => 'public.keep', Args => { 'token.$' => '$$.Task.Token' } });
machine($node, 'quick', { StartAt => 'A', States => { A => { Type => 'Pass', Result => 'here', End => $end } } }, type => 'EXPRESS');
machine($node, 'parts', { StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$.items', End => $end,
	ItemProcessor => { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1, Next => 'A' }, A => { Type => 'Task', Resource => 'sql:public.work', End => $end } } } } } });

my $polled = started($node, 'polled');
my $called = started($node, 'called');
ok(wait_for($node, 'SELECT count(*) FROM token', '1'), 'a task waits for its answer');
ok(wait_for($node, 'SELECT count(*) FROM sfn.task', '2'), '... and one for a worker');

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('f63_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);

# Each of these wants to write.
my $token = $node->safe_psql('postgres', 'SELECT token FROM token');
my %refused = (
	start_execution => "SELECT sfn.start_execution('work')",
	start_executions => "SELECT * FROM sfn.start_executions('work', ARRAY['{}']::json[])",
	'start_execution by name' => "SELECT sfn.start_execution('work', '{}', 'named')",
	stop_execution => "SELECT sfn.stop_execution('$polled')",
	create_state_machine => q{SELECT sfn.create_state_machine('new', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')},
	create_activity => q{SELECT sfn.create_activity('new')},
	send_task_success => "SELECT sfn.send_task_success('$token', '1')",
	send_task_heartbeat => "SELECT sfn.send_task_heartbeat('$token')",
	'get_activity_task' => "SELECT * FROM sfn.get_activity_task('polled', 'me', '1 s')",
	'get_activity_task, with none there' => "SELECT * FROM sfn.get_activity_task('empty', 'me', '1 s')",
	run_until_idle => 'SELECT sfn.run_until_idle()',
	adopt => 'SELECT sfn.adopt()',
	api => q{SELECT sfn.api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:work"}')},
);
foreach my $function (sort keys %refused)
{
	my (undef, $out, $err) = $standby->psql('postgres', "$refused{$function};\nSELECT 'alive'", on_error_stop => 0);
	like($err, qr/ERROR:  .*standby/, "$function says that this is a standby");
	like($err, qr/HINT:  .*primary/, '... and where it can be done');
	is($out, 'alive', '... and the session goes on');
}
is($standby->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions'), '2', 'executions can be seen there');
is($standby->safe_psql('postgres', "SELECT status FROM sfn.describe_execution('$called')"), 'RUNNING', '... and described');
cmp_ok($standby->safe_psql('postgres', "SELECT count(*) FROM sfn.get_execution_history('$called')"), '>', 3, '... with their history');
is($standby->safe_psql('postgres', "SELECT sfn.start_sync_execution('quick')"), '"here"', 'synchronous executions run there');
is($standby->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'sfn.check() looks there, too');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%'}), '0', 'no worker runs there');

# The failover, under load.
$node->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()");
ok(wait_for($node, 'SELECT sync_state FROM pg_stat_replication', 'sync'), 'commits wait for the standby');
my $count = 100;
$node->safe_psql('postgres', qq{
	SELECT count(*) FROM sfn.start_executions('work', ARRAY(SELECT json_build_object('n', i) FROM generate_series(1, $count) i));
	SELECT sfn.start_execution('parts', '{"items": [{"n": 1001}, {"n": 1002}, {"n": 1003}]}');
	SELECT sfn.start_execution('slow', '{"n": 2001, "s": 4}')});
ok(wait_for($node, q{SELECT count(*) > 0 FROM effect}, 't'), 'work is under way');
$node->stop('immediate');
$standby->promote;
my $next = start($standby, 'pass');
my $took = seconds(sub { ok(wait_for($standby, "SELECT status FROM sfn.executions WHERE execution_arn = '$next'", 'SUCCEEDED'), 'promoted, the standby works') });
in_time($took, 5, '... within five seconds');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions'), $count + 5, 'what was confirmed is there');
$standby->safe_psql('postgres', "SELECT sfn.send_task_success('$token', '1')");
$standby->safe_psql('postgres', q{SELECT sfn.send_task_success(task_token, '2') FROM sfn.get_activity_task('polled', 'me', '10 s')});
ok(all_done($standby, $count + 5, 120), 'everything ends well');
is($standby->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n) FROM effect'), (2 * $count + 4) . '|' . ($count + 4), '... each effect once');
is($standby->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$standby->stop;
done_testing();
