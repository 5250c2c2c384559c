
# F16, and start-up: when a server with many databases starts, each has its executor within seconds, not a few of them in
# each round of the launcher; a database that takes no connections is left alone, without a word in the log.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $databases = 30;
my $node = sfn_node('f16', create => 0, conf => "max_worker_processes = 50\nsfn.max_workers = 1\n");

$node->safe_psql('template1', 'CREATE EXTENSION sfn');
$node->safe_psql('postgres', "CREATE DATABASE db$_") for 1 .. $databases;
$node->safe_psql('postgres', 'CREATE DATABASE closed');
$node->safe_psql('postgres', 'ALTER DATABASE closed ALLOW_CONNECTIONS false');
create_machines($node, 'db1');

my $offset = -s $node->logfile;
$node->restart;
my $took = seconds(sub {
	ok(wait_for($node, q{SELECT count(DISTINCT datname) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND datname LIKE 'db%'},
			$databases, 120), "all $databases databases have their executors");
});
in_time($took, 20, 'soon after the start');
diag("executors of $databases databases: $took s");

start($node, 'pass', '{}', 'db1');
ok($node->poll_query_until('db1', q{SELECT count(*) = 1 FROM sfn.executions WHERE status = 'SUCCEEDED'}), 'work is done');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset), qr/not currently accepting connections|"closed"/,
	'nobody tried the closed database');

$node->stop;
done_testing();
