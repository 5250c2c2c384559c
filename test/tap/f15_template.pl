
# F15: a database with the extension serves as a template at the first try, its workers come back, and templates are never
# connected to.  F16: a database that allows no connections costs nothing.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f15');

$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', 'CREATE EXTENSION sfn');
ok(wait_for_executor($node, 'app'), 'the database has an executor');
create_machines($node, 'app');

for my $round (1 .. rounds(50))
{
	my ($status, $out, $err);
	my $took = seconds(sub { ($status, $out, $err) = $node->psql('postgres', "CREATE DATABASE copy$round TEMPLATE app"); });

	is($status, 0, "CREATE DATABASE from it, round $round") or diag($err);
	in_time($took, 3, 'without a wait');
	$node->safe_psql('postgres', "DROP DATABASE copy$round");
}
ok(wait_for_executor($node, 'app', 10), 'its executor comes back');

# With work under way, a task that runs longer than the grace included.
start($node, 'work', '{"n": 1}', 'app') for 1 .. 20;
my $slow = start($node, 'slow', '{"n": 2, "s": 3}', 'app');
ok(wait_for($node, q{SELECT count(*) FROM sfn_internal.worker_status() WHERE worker = 'helper' AND state = 'busy'}, '1'), 'a long task runs');
my $offset = -s $node->logfile;
my ($status, $out, $err) = $node->psql('postgres', 'CREATE DATABASE busy_copy TEMPLATE app');
is($status, 0, 'CREATE DATABASE from it under load') or diag($err);
ok($node->poll_query_until('app', q{SELECT count(*) = 21 FROM sfn.executions WHERE status = 'SUCCEEDED'}),
	'what ran goes on afterwards');
is($node->safe_psql('app', 'SELECT count(*), count(DISTINCT at) FROM effect'), '41|41', 'each effect once');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

# Templates and closed databases.
$node->safe_psql('postgres', 'ALTER DATABASE app IS_TEMPLATE true');
$node->safe_psql('postgres', 'DROP DATABASE busy_copy');
$node->safe_psql('postgres', 'CREATE DATABASE closed');
$node->safe_psql('closed', 'CREATE EXTENSION sfn');
ok(wait_for_executor($node, 'closed'), 'another database has an executor');
$offset = -s $node->logfile;
$node->safe_psql('postgres', 'ALTER DATABASE closed ALLOW_CONNECTIONS false');
restart_node($node);
ok(wait_for_executor($node, 'postgres'), 'after a restart');
like($node->safe_psql('app', q{SELECT reason FROM sfn.workers WHERE worker = 'executor' AND database = 'app'}),
	qr/template/, 'sfn.workers says why a template has no worker');
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
unlike($log, qr/not currently accepting connections/, 'a closed database is not tried');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.workers WHERE database IN ('app', 'closed', 'template1')}), '0',
	'neither has a worker');

$node->safe_psql('postgres', 'ALTER DATABASE closed ALLOW_CONNECTIONS true');
ok(wait_for_executor($node, 'closed', 15), 'opened again, it gets its executor');

$node->stop;
done_testing();
