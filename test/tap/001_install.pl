
# Installing: CREATE EXTENSION, the version, DROP EXTENSION; and F09, a library that is not preloaded: starting still
# works and lasts, and says once per session which line is missing.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $machine = q{SELECT sfn.create_state_machine('hello', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')};

#
# Preloaded.
#
my $node = sfn_node('preloaded');

is($node->safe_psql('postgres', q{SELECT extversion FROM pg_extension WHERE extname = 'sfn'}),
	$node->safe_psql('postgres', q{SELECT default_version FROM pg_available_extensions WHERE name = 'sfn'}),
	'CREATE EXTENSION installs the default version');
is($node->safe_psql('postgres', q{SELECT extrelocatable FROM pg_extension WHERE extname = 'sfn'}), 'f', 'it stays in schema sfn');
is($node->safe_psql('postgres', q{
		SELECT count(*) FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'sfn'
		WHERE obj_description(p.oid, 'pg_proc') IS NULL}),
	'0', 'every function has a comment');
is($node->safe_psql('postgres', q{
		SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'sfn'::regnamespace AND c.relkind IN ('r', 'v')
		AND obj_description(c.oid, 'pg_class') IS NULL}),
	'0', 'every table and view has a comment');

$node->safe_psql('postgres', $machine);
my $execution = $node->safe_psql('postgres', q{SELECT sfn.start_execution('hello', '{"a": 1}')});
like($execution, qr/^arn:aws:states:us-east-1:000000000000:execution:hello:/, 'an execution has an ARN');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 30),
	'workers carry an execution to its end');

my ($status, $out, $err) = $node->psql('postgres', 'SET client_min_messages = notice; ' . q{SELECT sfn.start_execution('hello')});
unlike($err, qr/NOTICE/, 'no notice when the library is preloaded');

$node->safe_psql('postgres', 'DROP EXTENSION sfn CASCADE');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sfn%'}), '0', 'DROP EXTENSION leaves nothing');

foreach my $schema ('sfn', 'sfn_internal')
{
	$node->safe_psql('postgres', "CREATE SCHEMA $schema");
	($status, $out, $err) = $node->psql('postgres', 'CREATE EXTENSION sfn');
	like($err, qr/schema "$schema" already exists/, qq{F11: somebody else's schema "$schema" is not taken over});
	$node->safe_psql('postgres', "DROP SCHEMA $schema");
}

$node->safe_psql('postgres', 'CREATE EXTENSION sfn');
$node->safe_psql('postgres', $machine);
$execution = $node->safe_psql('postgres', q{SELECT sfn.start_execution('hello')});
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 30),
	'a new extension gets its workers');
$node->stop;

#
# F09: not preloaded.
#
my $bare = sfn_node('f09', preload => 0);

$bare->safe_psql('postgres', $machine);
($status, $out, $err) = $bare->psql('postgres', q{
	SELECT sfn.start_execution('hello', '{}', 'one');
	SELECT sfn.start_execution('hello', '{}', 'two');
});
is($status, 0, 'F09: starting works without preload');
my @notices = $err =~ /^.*NOTICE:.*$/mg;
is(scalar(@notices), 1, 'F09: one notice per session') or diag($err);
like($err, qr/shared_preload_libraries/, 'F09: it names the setting to change');
is($bare->safe_psql('postgres', q{SELECT string_agg(status, ',') FROM sfn.executions}), 'RUNNING,RUNNING',
	'F09: the executions are there and wait');

$bare->append_conf('postgresql.conf', "shared_preload_libraries = 'sfn'");
restart_node($bare);
ok(wait_for($bare, q{SELECT string_agg(status, ',') FROM sfn.executions}, 'SUCCEEDED,SUCCEEDED', 30),
	'F09: they run as soon as the library is preloaded');
$bare->stop;

done_testing();
