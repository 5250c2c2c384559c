
# F11: a schema "sfn" that is not ours.  CREATE EXTENSION does not take it over, and workers let a database be that has such a
# schema, even with tables of our names, without errors, again and again or at all.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f11', create => 0, conf => "fsync = off\n");
my $offset = -s $node->logfile;

$node->safe_psql('postgres', q{
	CREATE SCHEMA sfn;
	CREATE TABLE sfn.instance (is_only boolean);
	CREATE TABLE sfn.inbox (due text);
	INSERT INTO sfn.inbox VALUES ('never');
});
my ($status, $out, $err) = $node->psql('postgres', 'CREATE EXTENSION sfn');
isnt($status, 0, 'CREATE EXTENSION fails');
like($err, qr/schema "sfn" already exists/, 'and says why');

# Another database with the extension proves that the launcher has looked around.
$node->restart;
$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', 'CREATE EXTENSION sfn');
create_machines($node, 'app');
my $execution = start($node, 'pass', '{}', 'app');
ok($node->poll_query_until('app', "SELECT status = 'SUCCEEDED' FROM sfn.executions WHERE execution_arn = '$execution'"),
	'executions of another database run');
is(join(' ', workers($node, 'postgres')), '', 'no worker stays here');
is($node->safe_psql('postgres', 'SELECT due FROM sfn.inbox'), 'never', 'the tables are as they were');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

$node->stop;
done_testing();
