
# Activities with real workers: sessions that wait are woken by commits, cost nothing while they wait, and hold no
# snapshot; eight of them complete many tasks, one of which dies with a task in its hands.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnTest;
use SfnWorkers;

my $node = sfn_node('activities');
my $tasks = $ENV{SFN_SOAK} ? 100000 : 2000;

$node->safe_psql('postgres', q{
	SELECT sfn.create_activity('add'), sfn.create_activity('other');
	SELECT sfn.create_state_machine('add', '{"StartAt": "Add", "States": {"Add": {"Type": "Task",
		"Resource": "arn:aws:states:us-east-1:000000000000:activity:add", "HeartbeatSeconds": 2, "TimeoutSeconds": 60,
		"Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 3}], "End": true}}}');
	-- takes, commits, answers, until there has been nothing for the given time
	CREATE PROCEDURE work(name text, patience interval) LANGUAGE plpgsql AS $$
	DECLARE
		task record;
	BEGIN
		LOOP
			SELECT * INTO task FROM sfn.get_activity_task('add', name, patience);
			COMMIT;
			EXIT WHEN task.task_token IS NULL;
			PERFORM sfn.send_task_success(task.task_token, to_jsonb((task.input->>'n')::int + 1));
			COMMIT;
		END LOOP;
	END $$;
});

# ---- waiting ----

my @waiting = map { [ start_statements($node, "SELECT input FROM sfn.get_activity_task('add', 'w$_', '60 s')") ] } 1 .. 3;
my $others = [ start_statements($node, q{SELECT input FROM sfn.get_activity_task('other', timeout => '60 s')}) ];
my $waits = q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT input FROM sfn.get_activity_task%' AND state = 'active' AND wait_event = 'Extension'};
ok(wait_for($node, $waits, '4'), 'four sessions wait');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity
	WHERE query LIKE 'SELECT input FROM sfn.get_activity_task%' AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)}), '0',
	'without a snapshot');

sub cpu_ticks
{
	my $sum = 0;

	foreach my $pid (split /\n/, $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT input FROM sfn.get_activity_task%'}))
	{
		my @fields = split / /, PostgreSQL::Test::Utils::slurp_file("/proc/$pid/stat") =~ s/^.*\) //r;
		$sum += $fields[11] + $fields[12];
	}
	return $sum;
}
my $ticks = cpu_ticks();
sleep 2;
cmp_ok(cpu_ticks() - $ticks, '<=', 2, 'and without work');

my $arn = start($node, 'add', '{"n": 7}');
ok(wait_for($node, $waits, '3', 2), 'one task wakes one of them');
is($node->safe_psql('postgres', q{SELECT waits_for FROM sfn.pending_tasks}), "the worker's answer", 'which has it');
is($node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%(''other''%' AND pid <> pg_backend_pid()}), 't', 'a wait can be cancelled');
ok(wait_for($node, $waits, '2', 2), 'at once');
start($node, 'add', '{"n": 8}') foreach 1 .. 2;
ok(wait_for($node, $waits, '0', 2), 'two tasks wake the other two');
$_->[0]->finish foreach @waiting;
$others->[0]->finish;
like(${ $others->[2] }, qr/canceling statement due to user request/, 'with the usual error');
ok(wait_for($node, q{SELECT count(*) FROM sfn.timers WHERE timer = 'HeartbeatSeconds'}, '3'), 'heartbeats are due');
$node->safe_psql('postgres', q{SELECT count(sfn.stop_execution(execution_arn)) FROM sfn.executions WHERE status = 'RUNNING'});
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks}, '0'), 'stops take the tasks away');

# ---- working ----

my $began = time();
$node->safe_psql('postgres', "SELECT count(sfn.start_execution('add', jsonb_build_object('n', i))) FROM generate_series(1, $tasks) i");
my @workers = map { [ start_statements($node, "CALL work('worker $_', '6 s')") ] } 1 .. 8;

# one takes a task and dies
my ($victim) = start_statements($node, q{SELECT task_token FROM sfn.get_activity_task('add', 'victim')}, 'SELECT pg_sleep(600)');
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks WHERE worker_name = 'victim' AND task_token IS NOT NULL}, '1'), 'a ninth worker has a task');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'});
# one takes a task and dies before its commit
my ($early) = start_statements($node, 'BEGIN', q{SELECT task_token FROM sfn.get_activity_task('add', 'early')}, 'SELECT pg_sleep(601)');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(601)'}, '1'), 'a tenth one, not committed');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(601)'});
eval { $_->finish } foreach ($victim, $early);

ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, $tasks, 300), "eight workers complete $tasks tasks");
note(sprintf '%.0f tasks/s', $tasks / (time() - $began));
$_->[0]->finish foreach @workers;
is(join('', map { ${ $_->[2] } } @workers), '', 'without an error');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED' AND output::text::int <> (input->>'n')::int + 1}), '0',
	'each with its own answer');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.history h JOIN sfn.executions e USING (execution_arn)
	WHERE h.type = 'ActivityTimedOut' AND e.status = 'SUCCEEDED'}), '1',
	'the one whose worker died was lost to its heartbeat, and retried');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.history h WHERE type = 'ActivityStarted' AND details->>'workerName' = 'early'}), '0',
	'the one that was taken back never was taken');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT execution_arn FROM sfn.history h WHERE type IN ('ActivityStarted', 'ActivitySucceeded', 'ActivityTimedOut')
	GROUP BY 1 HAVING count(*) FILTER (WHERE type = 'ActivityStarted') <> count(*) FILTER (WHERE type <> 'ActivityStarted')) x
	JOIN sfn.executions e USING (execution_arn) WHERE e.status = 'SUCCEEDED'}), '0', 'every answer follows its start');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.task'), '0', 'no task is left behind');

# ---- by the handful ----

my $handfuls = $tasks / 2;
$node->safe_psql('postgres', q{
	SELECT sfn.create_activity('ten');
	SELECT sfn.create_state_machine('ten', '{"StartAt": "T", "States": {"T": {"Type": "Task",
		"Resource": "arn:aws:states:us-east-1:000000000000:activity:ten", "End": true}}}');
	CREATE PROCEDURE work_by_ten(name text) LANGUAGE plpgsql AS $$
	DECLARE
		tokens text[];
		outputs json[];
	BEGIN
		LOOP
			SELECT array_agg(task_token), array_agg(to_json((input->>'n')::int + 1)) INTO tokens, outputs FROM sfn.get_activity_tasks('ten', 10, name, '2 s');
			COMMIT;
			EXIT WHEN tokens IS NULL;
			IF EXISTS (SELECT sfn.send_task_successes(tokens, outputs)) THEN
				RAISE 'somebody else has answered';
			END IF;
			COMMIT;
		END LOOP;
	END $$;
} . qq{
	SELECT count(*) FROM sfn.start_executions('ten', ARRAY(SELECT json_build_object('n', n) FROM generate_series(1, $handfuls) n))});
my @handful = map { [ start_statements($node, "CALL work_by_ten('h$_')") ] } 1 .. 8;
ok(wait_for($node, q{SELECT count(*) FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id
	WHERE m.name = 'ten' AND e.stop_date IS NOT NULL}, $handfuls), "$handfuls tasks are done by eight who take ten at once");
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'ten' AND status = 'SUCCEEDED'
	AND output::text::int = (input->>'n')::int + 1}), $handfuls, 'each with its own answer');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.history h JOIN sfn.executions e USING (execution_arn)
	WHERE e.state_machine = 'ten' AND h.type = 'ActivityStarted'}), $handfuls, 'each taken once');

# A poll reads the queue, not what else waits, even when the statistics are those of a moment at which all of it was to be
# taken.
my $counted = sub { $node->safe_psql('postgres', "SELECT $_[0] FROM pg_stat_user_tables WHERE relname = 'task'") };
my $updated = $counted->('n_tup_upd');
$node->safe_psql('postgres', q{
	ALTER TABLE sfn.task SET (autovacuum_enabled = off);
	BEGIN;
	INSERT INTO sfn.task (execution_id, branch, visit, attempt, kind, state, activity_id, role, created, resource)
		SELECT 0, 0, 1, 0, 2, 1, id, 'postgres', now(), 'none' FROM sfn.activity, generate_series(1, 10000) n WHERE name = 'add';
	ANALYZE sfn.task;
	UPDATE sfn.task SET state = 2;
	COMMIT;
	SELECT sfn.start_execution('add', '{"n": 1}', 'behind')});
ok(wait_for($node, 'SELECT count(*) FROM sfn.task WHERE kind = 2 AND state = 1', '1'), 'a task behind ten thousand');
ok(wait_until(sub { $counted->('n_tup_upd') >= $updated + 10000 }), 'which are counted');
my $poll = $node->safe_psql('postgres', q{
	SELECT seq_tup_read + idx_tup_fetch AS before FROM pg_stat_user_tables WHERE relname = 'task' \gset
	SELECT task_token IS NOT NULL FROM sfn.get_activity_task('add', 'quick', '10 s');
	SELECT pg_stat_force_next_flush();
	SELECT seq_tup_read + idx_tup_fetch - :before FROM pg_stat_user_tables WHERE relname = 'task'});
like($poll, qr/^t\n\n\d+$/, 'is taken');
my ($read) = $poll =~ /(\d+)$/;
cmp_ok($read, '<', 200, "by reading $read rows");
$node->safe_psql('postgres', 'DELETE FROM sfn.task WHERE execution_id = 0');

ok(log_is_clean($node), 'nothing in the log');
$node->stop;
done_testing();
