
# F37: an execution started in a transaction that is prepared runs within the poll interval after COMMIT PREPARED, and
# not at all after ROLLBACK PREPARED.  F26: the same poll finds a row that no function announced.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f37', conf => "max_prepared_transactions = 5\nsfn.poll_interval = '2s'\n");
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');

$node->safe_psql('postgres', q{
	BEGIN; SELECT sfn.start_execution('pass', '{}', 'yes'); PREPARE TRANSACTION 'yes';
	BEGIN; SELECT sfn.start_execution('pass', '{}', 'no'); PREPARE TRANSACTION 'no';
});
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions'), '0', 'prepared, they are not there yet');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'no'");
$node->safe_psql('postgres', "COMMIT PREPARED 'yes'");
my $took = seconds(sub {
	wait_for($node, q{SELECT status FROM sfn.executions WHERE name = 'yes'}, 'SUCCEEDED')
});
in_time($took, 3, 'COMMIT PREPARED: within the poll interval');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions'), '1', 'ROLLBACK PREPARED: nothing');

# A restart in between.
$node->safe_psql('postgres', q{BEGIN; SELECT sfn.start_execution('work', '{"n": 1}', 'late'); PREPARE TRANSACTION 'late'});
restart_node($node, 'immediate');
$node->safe_psql('postgres', "COMMIT PREPARED 'late'");
ok(wait_for($node, q{SELECT status FROM sfn.executions WHERE name = 'late'}, 'SUCCEEDED', 30), 'also after a restart');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '2', 'each effect once');

# DROP EXTENSION in a prepared transaction: workers stay off its locks without harm.
my $offset = -s $node->logfile;
$node->safe_psql('postgres', q{BEGIN; DROP EXTENSION sfn CASCADE; PREPARE TRANSACTION 'drop'});
$node->safe_psql('postgres', "ROLLBACK PREPARED 'drop'");
my $execution = start($node, 'pass');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 10),
	'ROLLBACK PREPARED of a DROP EXTENSION: work goes on');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

$node->stop;
done_testing();
