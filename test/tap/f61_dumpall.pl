
# F61: pg_dumpall.  A whole cluster, restored into a new one where the library is preloaded: every table is the same, roles are the
# same by name, nothing runs until sfn.adopt(), and then what was pending runs once.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f61_from', create => 0);
my @databases = ('postgres', 'app');
$node->safe_psql('postgres', 'CREATE ROLE gone; DROP ROLE gone; CREATE ROLE keeper LOGIN; CREATE DATABASE app');
foreach my $database (@databases)
{
	$node->safe_psql($database, 'CREATE EXTENSION sfn');
	create_machines($node, $database);
	$node->safe_psql($database, q{
		GRANT INSERT ON effect TO keeper; GRANT CREATE ON SCHEMA public TO keeper;
		SELECT sfn.create_state_machine('later', '{"StartAt": "W", "States": {
			"W": {"Type": "Wait", "Seconds": 3600, "Next": "A"},
			"A": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}', role => 'keeper')});
	start($node, 'work', '{"n": 1}', $database);
	start($node, 'later', '{"n": 100}', $database);
	ok($node->poll_query_until($database, q{SELECT count(*) = 1 FROM sfn.executions WHERE status = 'SUCCEEDED'}), "$database: one has ended, one waits");
}
my $dump = $node->basedir . '/all.sql';
command_ok([ 'pg_dumpall', '-d', $node->connstr('postgres'), '-f', $dump ], 'pg_dumpall beside workers');

# All rows of all tables; what a dump does not bring is left out.
my @tables = split /\n/, $node->safe_psql('app', q{
	SELECT oid::regclass FROM unnest((SELECT extconfig FROM pg_extension WHERE extname = 'sfn')) oid
	WHERE oid NOT IN (SELECT oid FROM pg_class WHERE relkind = 'S') ORDER BY 1});
cmp_ok(scalar(@tables), '>', 10, 'there are tables to compare');
sub contents
{
	my ($on, $database) = @_;
	return join '', map { "$_:\n" . $on->safe_psql($database, "SELECT x::text FROM $_ x ORDER BY 1") . "\n" } @tables;
}

my $other = sfn_node('f61_to', create => 0, conf => "sfn.poll_interval = 1s\n");
my ($out, $err);
IPC::Run::run([ 'psql', '-Xq', '-d', $other->connstr('postgres'), '-f', $dump ], '>', \$out, '2>', \$err);
is(join("\n", grep { /ERROR/ && !/role ".*" already exists/ } split /\n/, $err), '', 'restored without an error but that of the superuser, who is there');
foreach my $database (@databases)
{
	is(contents($other, $database), contents($node, $database), "$database: every table is the same");
	ok($other->poll_query_until($database, q{SELECT reason LIKE '%adopt%' FROM sfn.workers WHERE pid IS NULL}), '... nothing runs, and sfn.workers says what to do');
	$other->safe_psql($database, q{SELECT sfn.adopt(); UPDATE sfn.inbox SET due = clock_timestamp() WHERE due > clock_timestamp()});
	ok($other->poll_query_until($database, q{SELECT count(*) = 2 FROM sfn.executions WHERE status = 'SUCCEEDED'}), '... adopted, it goes on');
	is($other->safe_psql($database, q{SELECT string_agg(n::text, ',' ORDER BY n) FROM effect}), '1,1,100', '... each effect once');
	is($other->safe_psql($database, q{SELECT role FROM sfn.state_machines WHERE name = 'later'}), 'keeper', '... as the role of that name');
}

$other->stop;
$node->stop;
done_testing();
