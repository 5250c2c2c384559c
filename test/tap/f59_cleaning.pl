
# F59: deleting what ended long ago goes by small batches between other work.  Two that clean at once, retention and an
# administrator's DELETE, do not wait for each other, and leave no row of what is gone.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f59', conf => "max_prepared_transactions = 2\n");
create_machines($node);
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('old', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
	SELECT count(*) FROM sfn.start_executions('old', array_fill('{}'::json, ARRAY[3000]))});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '3000'), 'executions that are to be deleted');
start($node, 'pass');
ok(all_done($node, 3001), 'and one that is not');

# An administrator deletes every second one, and has not committed when retention comes for all of them.
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET sfn.enabled = off');
ok(wait_for($node, q{SELECT count(*) FROM sfn.workers WHERE worker = 'executor' AND pid IS NOT NULL AND database = 'postgres'}, '0'), 'no workers');
my $old = q{FROM sfn.execution WHERE state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'old')};
$node->safe_psql('postgres', qq{
	UPDATE sfn.execution SET start_date = start_date - interval '100 days', stop_date = stop_date - interval '100 days' WHERE id IN (SELECT id $old);
	UPDATE sfn.execution_status SET start_date = start_date - interval '100 days' WHERE execution_id IN (SELECT id $old);
	BEGIN;
	DELETE FROM sfn.history_chunk WHERE execution_id IN (SELECT id $old AND id % 2 = 0);
	DELETE FROM sfn.execution_status WHERE execution_id IN (SELECT id $old AND id % 2 = 0);
	DELETE $old AND id % 2 = 0;
	PREPARE TRANSACTION 'cleaning'});
my $offset = -s $node->logfile;
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET sfn.enabled');
ok(wait_for($node, "SELECT count(*) FILTER (WHERE id % 2 = 1), count(*) FILTER (WHERE id % 2 = 0) $old", '0|1500'), 'retention deletes those that nobody else is deleting');
start($node, 'pass');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'pass' AND status = 'SUCCEEDED'}, '2'), '... and other work goes on');
$node->safe_psql('postgres', q{COMMIT PREPARED 'cleaning'});
is($node->safe_psql('postgres', "SELECT count(*) $old"), '0', 'then all are gone');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', '... with all that was theirs');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

$node->stop;
done_testing();
