
# F62: a restore to a point in time keeps system identifier and database, so nothing tells it from production but a setting:
# with sfn.enabled = off nothing runs.  What holds then: executions are as they were at that point; what had ended has ended, what was
# under way goes on from there, what came later does not exist, and each effect that is there goes with its history.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f62', init => [ has_archiving => 1, allows_streaming => 1 ]);
create_machines($node);
$node->safe_psql('postgres', q{SELECT sfn.create_activity('polled')});
machine($node, 'asked', { StartAt => 'Ask', States => {
	Ask => { Type => 'Task', Resource => 'arn:aws:states:us-east-1:000000000000:activity:polled', Next => 'Work' },
	Work => { Type => 'Task', Resource => 'sql:public.work', End => JSON::PP::true } } });
$node->backup('base');

my $ended = start($node, 'work', '{"n": 1}');
is(end_of($node, $ended)->{status}, 'SUCCEEDED', 'one has ended before the point');
my $under_way = start($node, 'asked', '{"n": 2}');
ok(wait_for($node, 'SELECT count(*) FROM sfn.task', '1'), 'one is under way');
$node->safe_psql('postgres', q{SELECT pg_create_restore_point('here')});

my $answer = q{SELECT sfn.send_task_success(task_token, '{"n": %d}') FROM sfn.get_activity_task('polled', 'me', '20 s')};
$node->safe_psql('postgres', sprintf $answer, 2);
is(end_of($node, $under_way)->{status}, 'SUCCEEDED', 'it ends after the point');
my $later = start($node, 'work', '{"n": 3}');
is(end_of($node, $later)->{status}, 'SUCCEEDED', '... as does one that began after it');
$node->safe_psql('postgres', 'SELECT pg_switch_wal()');
$node->stop;

my $restored = PostgreSQL::Test::Cluster->new('f62_restored');
$restored->init_from_backup($node, 'base', has_restoring => 1, standby => 0);
$restored->append_conf('postgresql.conf', "recovery_target_name = 'here'\nrecovery_target_action = promote\nsfn.enabled = off\nsfn.poll_interval = 1s\narchive_mode = off\n");
$restored->start;
ok(wait_for($restored, 'SELECT pg_is_in_recovery()', 'f'), 'restored to the point');
ok(wait_for($restored, q{SELECT reason LIKE 'sfn.enabled is off%' FROM sfn.workers WHERE worker = 'executor'}, 't'), '... where nothing runs, and sfn.workers says why');
is($restored->safe_psql('postgres', 'SELECT string_agg(n::text, $$,$$) FROM effect'), '1,1', 'effects are those of that time');
is($restored->safe_psql('postgres', "SELECT status FROM sfn.executions WHERE execution_arn = '$under_way'"), 'RUNNING', 'what was under way is under way');
is($restored->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions'), '2', 'what came later does not exist');
is($restored->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$restored->append_conf('postgresql.conf', 'sfn.enabled = on');
$restored->reload;
ok(wait_for_executor($restored), 'switched on, it has an executor');
$restored->safe_psql('postgres', sprintf $answer, 4);
is(end_of($restored, $under_way)->{status}, 'SUCCEEDED', '... and goes on from there');
isnt(start($restored, 'work', '{"n": 5}'), '', '... with new executions');
ok(all_done($restored, 3, 60), '... which end');
is($restored->safe_psql('postgres', q{SELECT string_agg(n::text, ',' ORDER BY n) FROM effect}), '1,1,4,5,5', '... each effect once');

$restored->stop;
done_testing();
