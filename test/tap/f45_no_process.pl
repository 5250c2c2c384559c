
# F45: when max_worker_processes is used up, work waits, one warning with a hint appears, sfn.workers says why, and work goes
# on as soon as a process is free.  At start a warning says how many are needed.  F13, in part: executors come by and by.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f45', create => 0);

# The launcher, PostgreSQL's own one for logical replication, and two executors.
$node->append_conf('postgresql.conf', "max_worker_processes = 4\nsfn.max_workers = 1\n");
restart_node($node);
$node->safe_psql('postgres', "CREATE DATABASE db$_") for 1 .. 3;
$node->safe_psql("db$_", 'CREATE EXTENSION sfn') for 1 .. 2;
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor'}, '2'), 'two databases have their executors');

my $offset = -s $node->logfile;
$node->safe_psql('db3', 'CREATE EXTENSION sfn');
create_machines($node, 'db3');
my $execution = start($node, 'work', '{"n": 1}', 'db3');
ok(wait_for_log($node, qr/WARNING:  no worker process is free.*HINT:  Raise max_worker_processes \(now 4\)/s, $offset),
	'the third gets a warning with a hint');
ok($node->poll_query_until('db3', q{SELECT count(*) = 1 FROM sfn.workers WHERE reason LIKE '%max_worker_processes%'}),
	'sfn.workers says why its work waits');
is($node->safe_psql('db3', 'SELECT status FROM sfn.executions'), 'RUNNING', 'it waits');

$node->safe_psql('postgres', 'DROP DATABASE db1');
ok($node->poll_query_until('db3', q{SELECT status = 'SUCCEEDED' FROM sfn.executions}), 'it goes on when a process is free');
my @warnings = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset) =~ /no worker process is free/g;
is(scalar(@warnings), 1, 'with one warning in all');

# Too few for what may be wanted.
$offset = -s $node->logfile;
$node->append_conf('postgresql.conf', 'sfn.max_workers = 4');
restart_node($node);
ok(wait_for_log($node, qr/WARNING:  max_worker_processes is 4, but sfn may want 12 of them for 2 databases/, $offset),
	'the launcher says at start how many are needed, pumps included');

$node->stop;
done_testing();
