
# F23: workers hold locks on their tables only for the length of a turn: VACUUM FULL, REINDEX, ALTER TABLE, CLUSTER and an
# exclusive lock are had in the midst of work, and the work goes on to its end.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f23', conf => "fsync = off\nsynchronous_commit = off\n");
my $offset = -s $node->logfile;
my $rounds = 40;
create_machines($node);
$node->safe_psql('postgres', qq{
	SELECT sfn.create_state_machine('round', '{"StartAt": "N", "States": {
		"N": {"Type": "Pass", "Parameters": {"n.\$": "States.MathAdd(\$.n, 1)"}, "Next": "W"},
		"W": {"Type": "Wait", "Seconds": 0, "Next": "C"},
		"C": {"Type": "Choice", "Choices": [{"Variable": "\$.n", "NumericLessThan": $rounds, "Next": "N"}], "Default": "Z"},
		"Z": {"Type": "Succeed"}}}')});
my $count = 3000;
$node->safe_psql('postgres', qq{SELECT count(*) FROM sfn.start_executions('round', ARRAY(SELECT '{"n": 0}'::json FROM generate_series(1, $count)))});

my $slowest = 0;
foreach my $statement ('VACUUM FULL sfn.inbox', 'ALTER TABLE sfn.execution SET (autovacuum_vacuum_scale_factor = 0.1)',
	'REINDEX TABLE sfn.inbox', 'VACUUM FULL sfn.branch', 'ALTER TABLE sfn.history_chunk SET (autovacuum_enabled = on)',
	'BEGIN; LOCK TABLE sfn.inbox, sfn.execution, sfn.history_chunk IN ACCESS EXCLUSIVE MODE; COMMIT')
{
	my ($status, $out, $err);
	my $took = seconds(sub { ($status, $out, $err) = $node->psql('postgres', $statement, timeout => 60) });
	is($status, 0, $statement) or diag($err);
	$slowest = $took if $took > $slowest;
}
note(sprintf 'the slowest took %.2f s', $slowest);
in_time($slowest, 10, 'none waits for the work to end');
ok(all_done($node, $count, 120), 'and the work ends well');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

$node->stop;
done_testing();
