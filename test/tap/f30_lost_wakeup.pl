
# F30: an answer that races with the state that waits for it is never lost.  The function that is given the token passes
# it on by a second connection's commit, by its own transaction, and by rows that other sessions answer as soon as they see
# them, while the turn that stored the task may still be under way.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f30');
my $rounds = rounds(10000);

$node->safe_psql('postgres', q{
	CREATE TABLE request (token text, n int);
	CREATE FUNCTION ask(token text, n int) RETURNS void LANGUAGE sql
		BEGIN ATOMIC INSERT INTO request VALUES (ask.token, ask.n); END;
	CREATE FUNCTION answer_at_once(token text, n int) RETURNS void LANGUAGE sql
		BEGIN ATOMIC SELECT sfn.send_task_success(token, to_jsonb(n)); END;
	CREATE FUNCTION machine(name text, function text) RETURNS text LANGUAGE sql RETURN sfn.create_state_machine(name, format('{"StartAt": "Ask",
		"States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken", "TimeoutSeconds": 300,
		"Parameters": {"Function": %s, "Args": {"token.$": "$$.Task.Token", "n.$": "$.n"}}, "End": true}}}', to_json(function)));
	SELECT machine('ask', 'public.ask'), machine('at_once', 'public.answer_at_once');
	-- answers what it sees, in transactions of their own, until all are answered
	CREATE PROCEDURE answer(total int) LANGUAGE plpgsql AS $$
	DECLARE
		done int;
	BEGIN
		LOOP
			WITH taken AS (DELETE FROM request WHERE ctid = ANY (ARRAY(SELECT ctid FROM request LIMIT 20 FOR UPDATE SKIP LOCKED)) RETURNING *)
			SELECT count(sfn.send_task_success(token, to_jsonb(n))) INTO done FROM taken;
			COMMIT;
			EXIT WHEN done = 0 AND (SELECT count(*) FROM sfn.executions WHERE state_machine = 'ask' AND status <> 'RUNNING') >= total;
		END LOOP;
	END $$;
});

my @sessions = map { [ start_statements($node, "CALL answer($rounds)") ] } 1 .. 2;
$node->safe_psql('postgres', qq{
	SELECT count(sfn.start_execution('ask', jsonb_build_object('n', i))), count(sfn.start_execution('at_once', jsonb_build_object('n', i)))
	FROM generate_series(1, $rounds) i});
ok(all_done($node, 2 * $rounds, 150), "$rounds answers by others and $rounds from inside: none is lost");
$_->[0]->finish foreach @sessions;
is(join('', map { ${ $_->[2] } } @sessions), '', 'and none was refused');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE output::text <> input->>'n'}), '0', 'every answer reached its own task');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.task'), '0', 'no task is left behind');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.history WHERE type IN ('TaskSubmitted', 'TaskSucceeded')}), 4 * $rounds,
	'each was submitted and answered once');

# An answer in an open transaction holds nobody up, whatever becomes of its task.
my $arn = start($node, 'ask', '{"n": 1}');
ok(wait_for($node, 'SELECT count(*) FROM request', '1'), 'a task waits');
my ($open) = start_statements($node, 'BEGIN', q{SELECT sfn.send_task_success(token, '1'::text) FROM request}, 'SELECT pg_sleep(3)', 'ROLLBACK');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, '1'), 'whose answer is not committed');
my $took = seconds(sub {
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$arn')");
	wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$arn'", 'ABORTED', 2);
});
in_time($took, 2, 'its execution is stopped meanwhile');
$open->finish;
my ($status, $out, $error) = $node->psql('postgres', q{SELECT sfn.send_task_success(token, '1'::text) FROM request});
like($error, qr/does not wait for an answer any more/, 'an answer after that is refused');

ok(log_is_clean($node), 'nothing in the log');
$node->stop;
done_testing();
