
# F40: only the server's clock counts.  A client whose clock goes eight hours ahead, or that lives in another time zone, starts
# executions, takes tasks and sends heartbeats; dates and deadlines are the server's.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnClock;
use SfnTest;
use SfnWorkers;

my $clock = clock() or plan skip_all => 'no C compiler for the clock';
my $node = sfn_node('f40', conf => "fsync = off\nautovacuum = off\n");
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');
$node->safe_psql('postgres', q{
	SELECT sfn.create_activity('act');
	SELECT sfn.create_state_machine('act', '{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:act", "HeartbeatSeconds": 30, "TimeoutSeconds": 60, "End": true}}}')});
set_clock($clock, 8 * 3600);

foreach my $zone ('UTC', 'Pacific/Kiritimati', 'America/Adak')
{
	my $ended;

	with_clock($clock, sub {
		my $execution = $node->safe_psql('postgres', qq{
			SET timezone = '$zone'; SELECT sfn.start_execution('work', '{"n": 1}')});
		is($node->safe_psql('postgres', qq{SET timezone = '$zone'; SELECT sfn.wait_for_execution('$execution', '30 s')}), 'SUCCEEDED',
			"a wait of a second ends, started from $zone");
		is($node->safe_psql('postgres', qq{
				SELECT start_date > clock_timestamp() - interval '2 min' AND stop_date <= clock_timestamp() AND stop_date - start_date >= '1 s'
				FROM sfn.executions WHERE execution_arn = '$execution'}), 't', 'its dates are of the server');
		$execution = start($node, 'act', '{"n": 2}');
		my $token = $node->safe_psql('postgres', qq{SET timezone = '$zone'; SELECT task_token FROM sfn.get_activity_task('act', 'far away')});
		$node->safe_psql('postgres', qq{SET timezone = '$zone'; SELECT sfn.send_task_heartbeat('$token')});
		ok(wait_for($node, qq{SELECT count(*) FROM sfn.pending_tasks WHERE execution_arn = '$execution'
				AND heartbeat_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '31 s'
				AND timeout_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '61 s'}, '1', 20), 'so are the deadlines of its task');
		$node->safe_psql('postgres', qq{SET timezone = '$zone'; SELECT sfn.send_task_success('$token', '{}')});
		is($node->safe_psql('postgres', qq{SELECT sfn.wait_for_execution('$execution', '30 s')}), 'SUCCEEDED', 'its answer counts');
	});
}

$node->stop;
done_testing();
