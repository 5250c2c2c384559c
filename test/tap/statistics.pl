
# Counters: exact under real workers and concurrent sessions, never falling when helpers leave, bounded, and gone with
# what they are about.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('counters', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");
my $retry = [ { ErrorEquals => ['States.ALL'], IntervalSeconds => 1, BackoffRate => 1 } ];

sub counts
{
	my ($machine, $columns, $database) = @_;
	return $node->safe_psql($database // 'postgres', "SELECT $columns FROM sfn.stat_state_machines WHERE state_machine = '$machine'");
}

sub counts_become
{
	my ($machine, $columns, $expected, $what) = @_;
	# an executor adds what it counted right after its commit
	return ok(wait_for($node, "SELECT $columns FROM sfn.stat_state_machines WHERE state_machine = '$machine'", $expected), $what);
}

#
# Ten executions with two retries each; a hundred of a chain; some that fail and are stopped.
#
$node->safe_psql('postgres', q{
	CREATE FUNCTION third_time(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		IF (input ->> 'tries')::int < 2 THEN RAISE EXCEPTION 'not yet'; END IF;
		RETURN input;
	END $$;
	CREATE FUNCTION naps(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(0.2); RETURN input; END $$});
task_machine($node, 'retries', 'sql:public.third_time', Parameters => { 'tries.$' => '$$.State.RetryCount' }, Retry => $retry);
$node->safe_psql('postgres', q{SELECT sfn.start_executions('retries', array_fill('{}'::json, ARRAY[10]))});
counts_become('retries', 'executions_started, executions_succeeded, executions_failed, retries, tasks_scheduled, tasks_succeeded, tasks_failed, state_transitions, local_tasks',
	'10|10|0|20|30|10|20|10|30', 'ten executions with two retries each');
ok(wait_for($node, q{SELECT sum(retries), sum(local_tasks), sum(errors) FROM sfn.stat_workers}, '20|30|0'), 'the workers count the same');
is(counts('retries', 'total_execution_time BETWEEN 20000 AND 100000 AND max_execution_time BETWEEN 2000 AND 10000 AND local_task_time > 0'), 't',
	'each took the two seconds of its delays');

my %states = map { ("S$_" => { Type => 'Pass', $_ < 10 ? (Next => 'S' . ($_ + 1)) : (End => JSON::PP::true) }) } 1 .. 10;
machine($node, 'chain', { StartAt => 'S1', States => \%states });
$node->safe_psql('postgres', q{SELECT sfn.start_executions('chain', array_fill('{}'::json, ARRAY[1000]))});
counts_become('chain', 'executions_started, executions_succeeded, state_transitions, events', '1000|1000|10000|22000', 'a thousand executions of ten states and 22 events');

machine($node, 'ends', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1000, Next => 'F' }, F => { Type => 'Fail' } } });
$node->safe_psql('postgres', q{SELECT sfn.start_executions('ends', array_fill('{}'::json, ARRAY[30]))});
counts_become('ends', 'executions_started, executions_aborted', '30|0', 'thirty wait');
is($node->safe_psql('postgres', q{SELECT open_executions, executions_to_begin, timers FROM sfn.stat_backlog}), '30|0|30', 'the backlog has them');
$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE state_machine = 'ends'});
counts_become('ends', 'executions_started, executions_aborted, state_transitions', '30|30|30', 'and were stopped');
is($node->safe_psql('postgres', q{SELECT open_executions, rows_due FROM sfn.stat_backlog}), '0|0', 'the backlog is empty');

#
# Lateness: nothing is late by more than the workers were away.
#
$node->safe_psql('postgres', 'SELECT sfn.stat_reset()');
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET sfn.enabled = off');
ok(wait_until(sub { !workers($node, 'postgres') }), 'workers leave');
my ($started) = $node->safe_psql('postgres', q{SELECT sfn.start_executions('chain', array_fill('{}'::json, ARRAY[5])); SELECT clock_timestamp()}) =~ /(\d{4}-\S+ \S+)$/;
ok(wait_for($node, qq{SELECT clock_timestamp() > '$started'::timestamptz + interval '300 ms'}, 't'), 'for a while');
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET sfn.enabled');
counts_become('chain', 'executions_succeeded', '5', 'and come back');
is($node->safe_psql('postgres', q{SELECT sum(rows_delivered), sum(total_lateness) >= 5 * 300, max(max_lateness) >= 300, sum(total_lateness) <= 5 * max(max_lateness) + 0.001 FROM sfn.stat_workers}),
	'5|t|t|t', 'five starts were late');

#
# Turns that fail, and what is done again.
#
$node->safe_psql('postgres', q{
	SELECT sfn.stat_reset();
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN IF NEW.output::text ~ 'poison' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$;
	CREATE TRIGGER refuse BEFORE UPDATE ON sfn.execution FOR EACH ROW EXECUTE FUNCTION refuse()});
machine($node, 'one', { StartAt => 'P', States => { P => { Type => 'Pass', End => JSON::PP::true } } });
$node->safe_psql('postgres', q{SELECT sfn.start_executions('one', ARRAY['1', '"poison"', '2']::json[])});
counts_become('one', 'executions_started, executions_succeeded, executions_quarantined', '2|2|1', 'what failed does not count, a quarantine does');
is($node->safe_psql('postgres', q{SELECT sum(errors) BETWEEN 3 AND 8, sum(redone_turns) >= 1, sum(quarantined) FROM sfn.stat_workers}), 't|t|1', 'errors and turns done again');
is($node->safe_psql('postgres', q{SELECT open_executions, quarantined FROM sfn.stat_backlog}), '1|1', 'the backlog shows it');
$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE quarantined_at IS NOT NULL});
counts_become('one', 'executions_started, executions_aborted', '3|1', 'stopped, it has begun and ended');
$node->safe_psql('postgres', 'DROP TRIGGER refuse ON sfn.execution');

#
# Synchronous executions, from several sessions at once.
#
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('sync', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', 'EXPRESS')});
my @sessions = map { [ start_statements($node,
		q{SELECT count(sfn.start_sync_execution('sync')) FROM generate_series(1, 1030)},
		q{BEGIN; SELECT count(sfn.start_sync_execution('sync')) FROM generate_series(1, 50); ROLLBACK},
		(q{SELECT sfn.start_sync_execution('sync')}) x 20) ] } 1 .. 3;
$_->[0]->finish foreach @sessions;
is(counts('sync', 'executions_started, executions_succeeded, state_transitions'), '3300|3300|3300', 'none is lost, those of a rolled back transaction are counted');

#
# Requests of the pump.
#
my $server = http_server();
invoke_machine($node, 'asks', { ApiEndpoint => "$server->{url}/echo" });
invoke_machine($node, 'asks_in_vain', { ApiEndpoint => "$server->{url}/status/503" }, Retry => $retry);
$node->safe_psql('postgres', q{SELECT sfn.start_executions('asks', array_fill('{}'::json, ARRAY[5])); SELECT sfn.start_execution('asks_in_vain')});
counts_become('asks', 'executions_succeeded, tasks_succeeded, local_tasks', '5|5|0', 'requests that succeed');
counts_become('asks_in_vain', 'executions_failed, tasks_scheduled, tasks_failed, retries', '1|4|4|3', 'requests that do not');
is($node->safe_psql('postgres', q{SELECT sum(requests_sent), sum(requests_succeeded), sum(requests_failed), sum(request_time) > 0 FROM sfn.stat_workers}), '9|5|4|t', 'the pump counts them');
is($node->safe_psql('postgres', q{SELECT requests_sent FROM sfn.stat_workers WHERE worker = 'pump' AND pid IS NOT NULL}), '9', 'in its row');

#
# Sums do not fall when helpers leave.
#
$node->safe_psql('postgres', q{SELECT sfn.create_function('naps', 'public.naps(jsonb)', alone => true)});
task_machine($node, 'naps', 'arn:aws:lambda:us-east-1:000000000000:function:naps');
$node->safe_psql('postgres', q{SELECT sfn.start_executions('naps', array_fill('{}'::json, ARRAY[12]))});
counts_become('naps', 'executions_succeeded', '12', 'tasks that run alone');
my $tasks = $node->safe_psql('postgres', q{SELECT sum(local_tasks) FROM sfn.stat_workers});
ok(wait_for($node, q{SELECT count(*) FROM sfn.stat_workers WHERE worker = 'helper'}, '0', 60), 'helpers leave');
is($node->safe_psql('postgres', q{SELECT sum(local_tasks) FROM sfn.stat_workers}), $tasks, 'what they did stays');
is($node->safe_psql('postgres', q{SELECT worker, pid IS NULL FROM sfn.stat_workers WHERE worker <> 'pump' ORDER BY 1}), "executor|f\nformer|t", 'in the row of those that have left');
is($node->safe_psql('postgres', q{SELECT turns <= (SELECT sum(turns) FROM sfn.stat_workers) FROM sfn.workers WHERE worker = 'executor' AND database = current_database()}), 't',
	'sfn.workers has the same counts for the one that is there');

#
# More machines than there is room for are counted together; a deleted one makes room.
#
$node->safe_psql('postgres', q{
	SELECT sfn.stat_reset();
	SELECT count(sfn.create_state_machine('m' || i, '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', 'EXPRESS')) FROM generate_series(1, 4100) i;
	SELECT count(sfn.start_sync_execution('m' || i)) FROM generate_series(1, 4100) i});
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE executions_started = 1 AND state_machine IS NOT NULL), count(*) FILTER (WHERE state_machine IS NULL), sum(executions_started) FROM sfn.stat_state_machines}),
	'4096|1|4100', 'four machines found no place');
is(counts('m1', 'executions_succeeded'), '1', 'the first is not among them');
my $homeless = $node->safe_psql('postgres', q{SELECT min(state_machine) FROM sfn.stat_state_machines WHERE executions_started = 0 AND state_machine LIKE 'm%'});
$node->safe_psql('postgres', qq{SELECT sfn.start_sync_execution('$homeless')});
is($node->safe_psql('postgres', q{SELECT executions_started FROM sfn.stat_state_machines WHERE state_machine IS NULL}), '5', 'one of them once more');
$node->safe_psql('postgres', q{CREATE ROLE nobody_special LOGIN});
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.stat_state_machines}, extra_params => [ '-U', 'nobody_special' ]), '0', 'that row is not for everybody');
$node->safe_psql('postgres', q{SELECT sfn.delete_state_machine('m1'); UPDATE sfn.state_machine SET status = 'DELETED' WHERE name = 'm1'});
ok($node->safe_psql('postgres', 'SELECT sfn.restart_worker()') eq 't', 'a new executor begins with retention');
ok(wait_for($node, qq{SELECT sfn.start_sync_execution('$homeless'); SELECT count(*) FROM sfn.stat_state_machines WHERE state_machine = '$homeless' AND executions_started > 0}, "{}\n1"), 'a deleted machine makes room');

#
# Another database has counters of its own; they go with the extension, with the database, with the server.
#
my $small = q{SELECT sfn.create_state_machine('m1', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', 'EXPRESS')};
$node->safe_psql('postgres', 'SELECT sfn.stat_reset()');
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', "CREATE EXTENSION sfn; $small; SELECT sfn.start_sync_execution('m1')");
is(counts('m1', 'executions_started', 'other'), '1', 'counted there');
is($node->safe_psql('postgres', q{SELECT sum(executions_started) FROM sfn.stat_state_machines}), '0', 'and not here');
$node->safe_psql('other', 'DROP EXTENSION sfn');
$node->safe_psql('other', "CREATE EXTENSION sfn; $small");
is(counts('m1', 'executions_started', 'other'), '0', 'they go with the extension');
$node->safe_psql('other', q{SELECT sfn.start_sync_execution('m1')});
restart_node($node, 'fast');
is(counts('m1', 'executions_started', 'other'), '0', 'and with the server');

$node->safe_psql('postgres', q{GRANT EXECUTE ON FUNCTION sfn.stat_reset() TO nobody_special});
$node->safe_psql('postgres', q{SELECT sfn.stat_reset()}, extra_params => [ '-U', 'nobody_special' ]);
pass('the right to reset can be given');

$node->stop;
done_testing();
