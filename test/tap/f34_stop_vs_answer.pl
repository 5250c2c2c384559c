
# F34: a stop, an answer, a time-out and the end of a child at the same instant: exactly one of them ends the execution,
# and history has exactly one last event.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f34');
my $rounds = rounds(2000);

$node->safe_psql('postgres', q{
	CREATE TABLE request (token text);
	CREATE FUNCTION ask(token text) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO request VALUES (ask.token); END;
	SELECT sfn.create_state_machine('ask', '{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken",
		"Parameters": {"Function": "public.ask", "Args": {"token.$": "$$.Task.Token"}}, "End": true}}}');
	SELECT sfn.create_state_machine('brief', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}');
	SELECT sfn.create_state_machine('parent', '{"StartAt": "Start", "States": {"Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
		"TimeoutSeconds": 1, "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:brief"}, "End": true}}}');
});

$node->safe_psql('postgres', "SELECT count(sfn.start_execution('ask')) FROM generate_series(1, $rounds)");
ok(wait_for($node, 'SELECT count(*) FROM request', $rounds), 'tasks wait for answers');
my @sessions = (
	[ start_statements($node, q{SELECT count(sfn.stop_execution(execution_arn)) FROM sfn.executions WHERE state_machine = 'ask'}) ],
	[ start_statements($node, q{DO $$ DECLARE r record; BEGIN
		FOR r IN SELECT token FROM request ORDER BY random() LOOP
			BEGIN
				PERFORM sfn.send_task_success(r.token, '{}'::text);
			EXCEPTION WHEN SQLSTATE 'SF061' THEN NULL;
			END;
			COMMIT;
		END LOOP; END $$}) ],
	[ start_statements($node, "SELECT count(sfn.start_execution('parent')) FROM generate_series(1, $rounds)") ]);
$_->[0]->finish foreach @sessions;
is(join('', map { ${ $_->[2] } } @sessions), '', 'stops, answers and children that end as their parents time out');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0', 120), 'all end');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT execution_arn FROM sfn.history
	WHERE type IN ('ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut') GROUP BY 1 HAVING count(*) <> 1) x}), '0',
	'each with one last event');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions e WHERE NOT EXISTS (SELECT FROM sfn.history h
	WHERE h.execution_arn = e.execution_arn AND upper(h.type) = 'EXECUTION' || e.status)}), '0', 'which is that of its status');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT execution_arn, id, lag(id, 1, 0::bigint) OVER (PARTITION BY execution_arn ORDER BY id) AS before
	FROM sfn.history) x WHERE id <> before + 1}), '0', 'and no gap in a history');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions p WHERE state_machine = 'parent' AND status = 'SUCCEEDED'
	AND (output->>'Status') IS DISTINCT FROM 'SUCCEEDED'}), '0', 'a parent succeeds only with its child');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.task'), '0', 'no task is left behind');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.inbox'), '0', 'nor anything in the inbox');
note($node->safe_psql('postgres', q{SELECT state_machine, status, count(*) FROM sfn.executions GROUP BY 1, 2 ORDER BY 1, 2}));

ok(log_is_clean($node), 'nothing in the log');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
