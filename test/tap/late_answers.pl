
# Whoever answers a task in a transaction that he commits when the task has timed out could not be told: the log has it.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('late_answers');
$node->safe_psql('postgres', q{
	CREATE TABLE request (token text);
	CREATE FUNCTION ask(token text) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO request VALUES (ask.token); END;
	SELECT sfn.create_state_machine('ask', '{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken",
		"Parameters": {"Function": "public.ask", "Args": {"token.$": "$$.Task.Token"}}, "TimeoutSeconds": 3, "End": true}}}');
	SELECT sfn.start_execution('ask', '{}', 'late');
});
ok(wait_for($node, 'SELECT count(*) FROM request', '1'), 'a task waits for its answer');
my $sender = $node->background_psql('postgres', on_error_stop => 1);
$sender->query_safe(q{BEGIN; SELECT sfn.send_task_success(token, '{}'::text) FROM request});
ok(wait_for($node, q{SELECT status FROM sfn.executions}, 'FAILED'), 'it is answered in time, and times out before that is committed');
unlike(slurp_file($node->logfile), qr/came too late/, 'nothing has come too late yet');
$sender->query_safe('COMMIT');
$sender->quit;
ok(wait_for($node, 'SELECT count(*) FROM sfn.inbox', '0'), 'then the answer comes');
like(slurp_file($node->logfile), qr/LOG:  an answer to a task of execution "arn:aws:states:\S*:ask:late" came too late/, 'which the log tells');
is($node->safe_psql('postgres', q{SELECT string_agg(type, ' ' ORDER BY id) FROM sfn.history WHERE type LIKE 'Execution%'}), 'ExecutionStarted ExecutionFailed', 'and the execution does not');
ok(log_is_clean($node), 'nothing in the log');

$node->stop;
done_testing();
