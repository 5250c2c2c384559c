
# F69: while pg_upgrade has a server in its hands (postgres -b), no worker runs, whatever is due.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f69', conf => "sfn.poll_interval = 1s\n");
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');
my $execution = start($node, 'work', '{"n": 1}');
$node->stop('immediate');

my $log = $node->basedir . '/upgrade.log';
my @server = ('-D', $node->data_dir, '-l', $log, '-w');
command_ok([ 'pg_ctl', @server, '-o', '-b', 'start' ], 'the server starts as pg_upgrade starts it');
my $worker = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%'};
is($node->safe_psql('postgres', $worker), '0', '... without a launcher');
like($node->safe_psql('postgres', q{SELECT reason FROM sfn.workers}), qr/pg_upgrade/, '... and sfn.workers says why');
command_ok([ 'pg_ctl', @server, 'stop' ], '... and stops');

$node->start;
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED'), 'started again, it goes on');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '2', '... each effect once');

$node->stop;
done_testing();
