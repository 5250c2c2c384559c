# Whoever is woken while he waits for a lock, which resets his latch, looks around again before he sleeps: an executor whose turn
# was empty waits for a table that its look at queues needs, an execution is started meanwhile, and runs when the lock is gone, not
# at the next poll.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

# The alarm of a wait for a lock sets the latch, too, even after the wait: far behind the end of this test.
my $node = sfn_node('woken_waiting', conf => "sfn.poll_interval = '10 min'\ndeadlock_timeout = '10 min'\n");
my $executor = q{FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'};
my $blocked = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event_type = 'Lock'};

$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('m', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_queue('q');
	SELECT sfn.create_queue_trigger('q', 'm');
	SELECT sfn.start_execution('m');
});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '1'), 'an executor is there');
ok(wait_for($node, "SELECT state $executor", 'idle'), 'and rests');

my ($session) = start_statements($node, q{SET application_name = 'holder'}, 'BEGIN', 'LOCK TABLE sfn.queue_message IN ACCESS EXCLUSIVE MODE', 'SELECT pg_sleep(600)');
my $holder = q{FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'};
ok(wait_for($node, "SELECT count(*) $holder", '1'), 'the lock is held');

# Wakes the executor, and leaves nothing in the inbox.
$node->safe_psql('postgres', q{SELECT sfn.create_schedule('s', 'at(2199-01-01T00:00:00)', 'notify:s')});
ok(wait_for($node, $blocked, '1'), 'the executor waits for it');
my $calls = $node->safe_psql('postgres', "SELECT wakeups $executor");
$node->safe_psql('postgres', q{SELECT sfn.start_execution('m')});
ok(wait_for($node, "SELECT wakeups > $calls $executor", 't'), 'and is woken while it waits');
# it may still be about to look at its latch, which makes the rest easier for it
wait_for($node, $blocked, '1') foreach 1 .. 5;
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) $holder");
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '2', 30), 'what has woken it is done');
$session->finish;

$node->stop;
done_testing();
