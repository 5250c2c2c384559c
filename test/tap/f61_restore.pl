
# F61: dumps.  Whatever the format, in parallel, with --clean, of the schema alone, into a cluster that lacks the roles, twice:
# every table of the restored database equals the dumped one, what was pending runs once after sfn.adopt(), and machines of
# roles that are missing are there and wait for their role.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f61', create => 0);
$node->safe_psql('postgres', 'CREATE ROLE keeper LOGIN; CREATE ROLE "Odd ""name" LOGIN; CREATE DATABASE app');
$node->safe_psql('app', 'CREATE EXTENSION sfn');
create_machines($node, 'app');
$node->safe_psql('app', q{
	GRANT INSERT ON effect TO keeper, "Odd ""name"; GRANT CREATE ON SCHEMA public TO keeper, "Odd ""name";
	SELECT sfn.create_state_machine('later', '{"StartAt": "W", "States": {
		"W": {"Type": "Wait", "Seconds": 3600, "Next": "A"},
		"A": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}');
	SELECT sfn.tag_resource('later', '{"team": "one"}');
	SELECT sfn.create_activity('polled');
	SELECT sfn.create_state_machine('kept', '{"StartAt": "W", "States": {
		"W": {"Type": "Wait", "Seconds": 3600, "Next": "A"},
		"A": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}', role => 'keeper');
	SELECT sfn.create_state_machine('odd', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', role => '"Odd ""name"');
	SELECT sfn.grant_state_machine('later', 'keeper', 'start');
	SELECT sfn.set_quota('keeper', 100);
	INSERT INTO sfn.http_allowed_host (host, role) VALUES ('example.com', 'keeper');
});
start($node, 'work', qq({"n": $_}), 'app') for 1 .. 3;
ok($node->poll_query_until('app', q{SELECT count(*) = 0 FROM sfn.executions WHERE status = 'RUNNING'}), 'some have ended');
start($node, 'later', '{"n": 100}', 'app');
$node->safe_psql('app', q{SET ROLE keeper; SELECT sfn.start_execution('kept', '{"n": 200}')});
ok($node->poll_query_until('app', q{SELECT count(*) = 2 FROM sfn.executions WHERE state = 'W'}), 'some wait');
$node->safe_psql('postgres', 'ALTER DATABASE app SET sfn.enabled = off');
ok($node->poll_query_until('app', q{SELECT count(*) = 0 FROM sfn.workers WHERE pid IS NOT NULL AND database = 'app'}), 'nobody works while it is dumped');

# All rows of all tables, by the names of roles.
my @tables = split /\n/, $node->safe_psql('app', q{
	SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'sfn'::regnamespace AND c.relname <> 'instance' ORDER BY 1});
sub contents
{
	my ($on, $database) = @_;

	return join '', map { "$_:\n" . $on->safe_psql($database, "SELECT x::text FROM sfn.$_ x ORDER BY 1") . "\n" } @tables;
}
my $before = contents($node, 'app');

my $directory = $node->basedir;
my @dump = ('pg_dump', '-d', $node->connstr('app'));
command_ok([ @dump, '-Fc', '-f', "$directory/c" ], 'pg_dump -Fc');
command_ok([ @dump, '-Fd', '-f', "$directory/d" ], 'pg_dump -Fd');
command_ok([ @dump, '-Ft', '-f', "$directory/t" ], 'pg_dump -Ft');
command_ok([ @dump, '-Fp', '-f', "$directory/p" ], 'pg_dump -Fp');
command_ok([ @dump, '-Fp', '--clean', '--if-exists', '-f', "$directory/clean" ], 'pg_dump --clean');
command_ok([ @dump, '--schema-only', '-f', "$directory/schema" ], 'pg_dump --schema-only');

my %restore = (
	custom => [ 'pg_restore', '-e', "$directory/c" ],
	(map { ("parallel$_" => [ 'pg_restore', '-e', '-j', '4', "$directory/" . ($_ % 2 ? 'c' : 'd') ]) } 1 .. 4),
	tar => [ 'pg_restore', '-e', "$directory/t" ],
	plain => [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/p" ],
);
foreach my $way (sort keys %restore)
{
	$node->safe_psql('postgres', "CREATE DATABASE $way");
	command_ok([ @{ $restore{$way} }, '-d', $node->connstr($way) ], "$way: restored");
	is(contents($node, $way), $before, "$way: every table is the same");
}
command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/clean", '-d', $node->connstr('plain') ], 'restored over a restored one');
is(contents($node, 'plain'), $before, '... every table is the same');
isnt(system_quiet('pg_restore', '-e', '--data-only', '-d', $node->connstr('tar'), "$directory/t"), 0, 'data a second time are refused');
is(contents($node, 'tar'), $before, '... and leave no second rows');
$node->safe_psql('postgres', 'CREATE DATABASE empty');
command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/schema", '-d', $node->connstr('empty') ], 'the schema alone');
start($node, 'pass', '{}', 'empty') if create_pass($node, 'empty');
ok($node->poll_query_until('empty', q{SELECT status = 'SUCCEEDED' FROM sfn.executions}), '... is a database like any other');

# What is restored goes on once, after it was adopted, with new ids.
adopted_goes_on($node, 'parallel1', 'SUCCEEDED');

# A cluster without the roles.
my $other = sfn_node('f61_other', create => 0);
my @numbers = map { "SELECT count(*) FROM sfn.$_" } @tables;
foreach my $database ('missing', 'later_there')
{
	$other->safe_psql('postgres', "CREATE DATABASE $database");
	command_ok([ 'pg_restore', '-e', '-x', '-j', '4', '-d', $other->connstr($database), "$directory/d" ], "$database: restored where the roles are missing");
	is($other->safe_psql($database, join(' UNION ALL ', @numbers)), $node->safe_psql('custom', join(' UNION ALL ', @numbers)), "$database: no row is missing");
}
my ($status, $out, $err) = $other->psql('missing', 'SELECT sfn.adopt()');
like($err, qr/WARNING: .*roles that do not exist.*kept, odd.*HINT/s, 'sfn.adopt() lists the machines of missing roles');
adopted_goes_on($other, 'missing', 'FAILED');
is($other->safe_psql('missing', q{SELECT error FROM sfn.executions WHERE state_machine = 'kept'}), 'States.Permissions', 'a missing role is nobody');

# Who prunes what dropped roles have left keeps what waits for a role, before and after the adoption.
$other->safe_psql('missing', q{CREATE ROLE gone; SELECT sfn.set_quota('gone', 5); DROP ROLE gone});
$other->restart;
ok($other->poll_query_until('missing', q{SELECT count(*) = 1 FROM sfn.quota}), 'what a dropped role left is pruned');
is($other->safe_psql($_, 'SELECT count(*) FROM sfn.state_machine_grant'), '1', "$_: what waits for a role is not") foreach ('missing', 'later_there');

# A role that comes back is given something before sfn.adopt() is called again: that counts.
$other->safe_psql('postgres', 'CREATE ROLE keeper');
$other->safe_psql('missing', q{
	SELECT sfn.set_quota('keeper', 7), sfn.grant_state_machine('later', 'keeper', 'start');
	INSERT INTO sfn.http_allowed_host (host, role) VALUES ('example.com', 'keeper');
	SELECT sfn.adopt()});
is($other->safe_psql('missing', q{SELECT string_agg(open_executions::text, ','), (SELECT count(*) FROM sfn.state_machine_grant), (SELECT string_agg(host || ' ' || role, ',') FROM sfn.http_allowed_host) FROM sfn.quota}),
	'7|1|example.com keeper', 'what a role has got before it is adopted counts');
$other->safe_psql('missing', 'SELECT sfn.adopt()');
$other->safe_psql('missing', 'DROP OWNED BY keeper');
$other->safe_psql('postgres', 'DROP ROLE keeper');

# Roles of these names are made before the adoption, in the other order, so that numbers mean other roles than in the first cluster.
$other->safe_psql('postgres', 'CREATE ROLE "Odd ""name"; CREATE ROLE keeper');
$other->safe_psql('later_there', 'GRANT INSERT ON effect TO keeper');
is($other->safe_psql('later_there', 'SELECT count(*) FROM sfn.state_machines m JOIN pg_roles r ON r.oid = m.role'), '4', 'before it is adopted, missing roles stay missing');
adopted_goes_on($other, 'later_there', 'SUCCEEDED');
is($other->safe_psql('later_there', q{SELECT string_agg(name || ' ' || role, ',' ORDER BY name COLLATE "C") FROM sfn.state_machines WHERE name IN ('kept', 'odd')}),
	'kept keeper,odd "Odd ""name"', 'sfn.adopt() finds them');
is($other->safe_psql('later_there', q{SELECT string_agg(concat_ws(' ', grantee, privilege), ',') FROM sfn.state_machine_grant}), 'keeper start', 'in grants, too');
$other->safe_psql('postgres', 'CREATE DATABASE exchanged');
command_ok([ 'pg_restore', '-e', '-d', $other->connstr('exchanged'), "$directory/c" ], 'restored with numbers exchanged');
is(contents($other, 'exchanged'), $before, '... every table is the same, by names');

# A renamed role is the same; one that was dropped means nobody, whatever number it had.
$node->safe_psql('postgres', 'ALTER ROLE keeper RENAME TO renamed');
is($node->safe_psql('custom', q{SELECT role FROM sfn.state_machines WHERE name = 'kept'}), 'renamed', 'a renamed role keeps its machines');
my $number = $node->safe_psql('custom', q{SELECT role::oid FROM sfn.state_machine WHERE name = 'odd'});
$node->safe_psql($_, 'DROP OWNED BY "Odd ""name"') foreach ('app', 'empty', sort keys %restore);
$node->safe_psql('postgres', 'DROP ROLE "Odd ""name"; CREATE ROLE "Odd ""name"');
is($node->safe_psql('custom', qq{SELECT role::oid = $number AND role::text = '$number' FROM sfn.state_machine WHERE name = 'odd'}), 't', 'a new role of an old name inherits nothing');
command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('custom'), '-f', "$directory/dropped" ], 'dumped with a dropped role');
$node->safe_psql('postgres', 'CREATE DATABASE dropped');
command_ok([ 'pg_restore', '-e', '-d', $node->connstr('dropped'), "$directory/dropped" ], '... and restored');
is($node->safe_psql('dropped', qq{SELECT role::oid > 2147483648 FROM sfn.state_machine WHERE name = 'odd'}), 't', '... its number has become nobody\'s');
$other->stop;

sub create_pass
{
	my ($on, $database) = @_;

	$on->safe_psql($database, q{SELECT sfn.create_state_machine('pass', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', replace => true)});
	return 1;
}

sub system_quiet { my ($out, $err); IPC::Run::run([@_], '>', \$out, '2>', \$err); return $? >> 8; }

sub adopted_goes_on
{
	my ($on, $database, $kept) = @_;

	$on->safe_psql($database, 'SELECT sfn.adopt()');
	$on->safe_psql($database, q{UPDATE sfn.inbox SET due = clock_timestamp() WHERE kind = 3});
	start($on, 'work', '{"n": 4}', $database);
	ok($on->poll_query_until($database, q{SELECT count(*) = 0 FROM sfn.executions WHERE status = 'RUNNING'}), "$database: adopted, everything ends");
	is($on->safe_psql($database, q{SELECT status FROM sfn.executions WHERE state_machine = 'later'}), 'SUCCEEDED', "$database: what waited goes on");
	is($on->safe_psql($database, q{SELECT status FROM sfn.executions WHERE state_machine = 'kept'}), $kept, "$database: that of the other role");
	is($on->safe_psql($database, q{SELECT string_agg(n::text, ',' ORDER BY n) FROM effect WHERE n IN (4, 100)}), '4,4,100', "$database: each effect once");
	return;
}

$node->stop;
done_testing();
