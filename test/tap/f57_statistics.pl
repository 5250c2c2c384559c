
# F57: what workers write is reported: the counters of the tables equal what was done, while they work and when they rest, and
# autovacuum comes.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f57', conf => "fsync = off\nsynchronous_commit = off\nautovacuum_naptime = 1\nautovacuum_vacuum_threshold = 50\n");
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');

my $count = 3000;
my $execution = start($node, 'slow', '{"n": 0, "s": 300}');
$node->safe_psql('postgres', qq{SELECT count(*) FROM sfn.start_executions('work', ARRAY(SELECT json_build_object('n', n) FROM generate_series(1, $count) n))});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, $count, 120), 'the work is done');

# Each execution came with one row of execution and one of inbox, waited by another, and left one effect a task.
ok(wait_for($node, qq{SELECT n_tup_ins >= 2 * $count FROM pg_stat_all_tables WHERE schemaname = 'public' AND relname = 'effect'}, 't', 10),
	'effects are counted, those that were undone and done again as well');
ok(wait_for($node, q{SELECT n_tup_ins FROM pg_stat_all_tables WHERE schemaname = 'sfn' AND relname = 'execution'}, $count + 1, 10), 'executions are counted');
ok(wait_for($node, q{SELECT n_tup_ins - n_tup_del = (SELECT count(*) FROM sfn.inbox) AND n_tup_del >= 2 * 3000 FROM pg_stat_all_tables
		WHERE schemaname = 'sfn' AND relname = 'inbox'}, 't', 10), 'rows of the inbox that came and went');
ok(wait_for($node, q{SELECT n_tup_ins = (SELECT count(*) FROM sfn.history_chunk) FROM pg_stat_all_tables WHERE schemaname = 'sfn' AND relname = 'history_chunk'},
		't', 10), 'history is counted');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
ok(wait_for($node, q{SELECT autovacuum_count > 0 FROM pg_stat_all_tables WHERE schemaname = 'sfn' AND relname = 'inbox'}, 't', 60), 'autovacuum has come');

$node->stop;
done_testing();
