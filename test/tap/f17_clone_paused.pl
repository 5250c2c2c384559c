
# F17 and F62: a copy of a database, by template or by dump and restore, is found within ten seconds and stays paused until
# sfn.adopt(); sfn.workers, the log and a notice say so.  What ran in the origin is not done twice.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f17');

$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', 'CREATE EXTENSION sfn');
create_machines($node, 'app');
$node->safe_psql('app', q{
	SELECT sfn.create_state_machine('later', '{"StartAt": "W", "States": {
		"W": {"Type": "Wait", "Seconds": 3600, "Next": "A"},
		"A": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}')});
start($node, 'later', '{"n": 1}', 'app');

sub paused_copy
{
	my ($database) = @_;
	my $reason = "SELECT state IS NULL AND pid IS NULL AND reason LIKE '%copy%sfn.adopt()%' FROM sfn.workers"
	  . " WHERE worker = 'executor' AND database = '$database'";

	ok($node->poll_query_until($database, $reason), "$database: sfn.workers says that it is a copy");
	ok(wait_for_log($node, qr/database "$database" is a copy/), "$database: so does the log");

	my ($status, $out, $err) = $node->psql($database, q{SELECT sfn.start_execution('work', '{"n": 2}')});
	is($status, 0, "$database: starting works");
	like($err, qr/NOTICE: .*copy.*HINT: .*sfn\.adopt\(\)/s, "$database: with a notice");

	# The hour is over, here and there; a start wakes the origin, which would wake the copy, too.
	$node->safe_psql($_, 'UPDATE sfn.inbox SET due = clock_timestamp() WHERE kind = 3') foreach ('app', $database);
	start($node, 'pass', '{}', 'app');
	ok($node->poll_query_until('app', q{SELECT count(*) = 0 FROM sfn.executions WHERE status = 'RUNNING'}),
		'the origin goes on');
	is($node->safe_psql($database, 'SELECT count(*) FROM effect'), '0', "$database: nothing has run");
	is($node->safe_psql($database, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}), '2',
		"$database: two executions wait");

	$node->safe_psql('postgres', q{CREATE ROLE ordinary LOGIN}) if !$node->safe_psql('postgres', q{SELECT 1 FROM pg_roles WHERE rolname = 'ordinary'});
	($status, $out, $err) = $node->psql($database, 'SET ROLE ordinary; SELECT sfn.adopt()');
	like($err, qr/permission denied/, "$database: sfn.adopt() is not for everybody");

	$node->safe_psql($database, 'SELECT sfn.adopt()');
	ok($node->poll_query_until($database, q{SELECT count(*) = 0 FROM sfn.executions WHERE status = 'RUNNING'}),
		"$database: adopted, it runs");
	is($node->safe_psql($database, 'SELECT string_agg(n::text, \',\' ORDER BY n) FROM effect'), '1,2,2',
		"$database: each effect once");
	return;
}

$node->safe_psql('postgres', 'CREATE DATABASE by_template TEMPLATE app');
my $dump = $node->basedir . '/app.dump';
command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('app'), '-f', $dump ], 'pg_dump');
my $took = seconds(sub {
	$node->poll_query_until('by_template', q{SELECT count(*) = 1 FROM sfn.workers WHERE reason LIKE '%copy%'})
});
in_time($took, 11, 'the copy by template is found soon');
paused_copy('by_template');

$node->safe_psql('postgres', 'CREATE DATABASE restored');
command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'pg_restore into a fresh database');
paused_copy('restored');

# A copy of an empty database has nothing to be careful about.
$node->safe_psql('postgres', 'CREATE DATABASE empty');
$node->safe_psql('empty', 'CREATE EXTENSION sfn');
$node->safe_psql('postgres', 'CREATE DATABASE empty_copy TEMPLATE empty');
create_machines($node, 'empty_copy');
start($node, 'pass', '{}', 'empty_copy');
ok($node->poll_query_until('empty_copy', q{SELECT count(*) = 1 FROM sfn.executions WHERE status = 'SUCCEEDED'}),
	'a copy of an unused database is simply used');

$node->stop;
done_testing();
