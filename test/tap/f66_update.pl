
# F66: a new library with old SQL.  Nothing runs, nothing is lost; functions and sfn.workers say what to do; a dump can be made.
# F67: ALTER EXTENSION sfn UPDATE is quick, keeps rights and sequences, and makes what a fresh installation makes.  F68: executions
# that were half done under the older version, of every state type, go on to their ends.  make upgrade runs this, in a
# server of a made-up next version, for what each release and this tree have left.

use strict;
use warnings;

use File::Basename qw(basename dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHalfDone;
use SfnMachine;
use SfnTest;
use SfnWorkers;

plan skip_all => 'make upgrade runs this' if !$ENV{SFN_HALF_DONE};

my $next = $ENV{SFN_NEXT_VERSION};
my $upgrade = dirname(__FILE__) . '/../upgrade';
my $node = sfn_node('f66', create => 0, conf => "sfn.poll_interval = 1s\n");

sub fails_with
{
	my ($database, $statement, $pattern, $name) = @_;
	my ($status, undef, $err) = $node->psql($database, $statement);

	return like($err, $pattern, $name);
}

sub catalog
{
	my ($database) = @_;
	my ($out, $err);

	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-f', "$upgrade/catalog_dump.sql" ], '>', \$out, '2>', \$err) or die $err;
	return $out;
}

# A database in which the older version is installed, with what is half done; as if the library had been replaced under it.
sub old_database
{
	my ($version, $corpus) = @_;
	my $database = 'from_' . ($version =~ s/\W/_/gr);

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql('postgres', 'DO $$BEGIN CREATE ROLE half_done; EXCEPTION WHEN duplicate_object THEN NULL; END$$');
	$node->safe_psql($database, "CREATE EXTENSION sfn SCHEMA pg_catalog VERSION '$version'");
	my ($out, $err);
	IPC::Run::run([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-c', 'SET session_replication_role = replica', '-f', $corpus ], '>', \$out, '2>', \$err)
	  or diag($err);
	return $database;
}

foreach my $corpus (sort glob "$ENV{SFN_HALF_DONE}/*.sql")
{
	my $version = basename($corpus, '.sql');
	my $database = old_database($version, $corpus);
	my $before = table_counts($node, $database);

	# Old SQL: nothing runs, and everything says why.
	my $says = qr/version \Q$version\E, the library of \Q$next\E/;
	like($before, qr/sfn\.execution=[1-9]/, "$version: there is something to update");
	$node->restart;
	ok($node->poll_query_until($database, "SELECT reason ~ 'version $version, the library of $next.*ALTER EXTENSION sfn UPDATE' FROM sfn_internal.worker_status() WHERE worker = 'executor' AND pid IS NULL"),
		"$version: sfn.workers says what to do");
	fails_with($database, $_, $says, "$version: refused: $_") foreach (q{SELECT sfn.start_execution('wait')}, q{SELECT * FROM sfn.executions}, q{SELECT sfn.adopt()}, q{SELECT sfn.run_until_idle()});
	fails_with($database, q{SELECT sfn.start_execution('wait')}, qr/HINT:.*ALTER EXTENSION sfn UPDATE/, "$version: ... with a hint");
	is(($node->psql($database, 'CREATE ROLE passing; DROP ROLE passing'))[0], 0, "$version: roles can be made and dropped");
	command_ok([ 'pg_dump', '-d', $node->connstr($database), '-f', $node->basedir . '/dump' ], "$version: a dump can be made");
	is(table_counts($node, $database), $before, "$version: nothing is lost");

	# The update.
	$node->safe_psql($database, 'GRANT EXECUTE ON FUNCTION sfn.restart_worker() TO half_done');
	my $took = seconds(sub { is(($node->psql($database, 'ALTER EXTENSION sfn UPDATE'))[0], 0, "$version: updated") });
	in_time($took, 5, "$version: soon");
	is($node->safe_psql($database, q{SELECT extversion FROM pg_extension WHERE extname = 'sfn'}), $next, "$version: to the next one");
	is(table_counts($node, $database), $before, "$version: rows and sequences are as they were");
	is($node->safe_psql($database, q{SELECT has_function_privilege('half_done', 'sfn.restart_worker()', 'EXECUTE')}), 't', "$version: rights that were given are kept");
	$node->safe_psql($database, 'REVOKE EXECUTE ON FUNCTION sfn.restart_worker() FROM half_done');
	$node->safe_psql('postgres', "CREATE DATABASE fresh");
	$node->safe_psql('fresh', 'CREATE EXTENSION sfn');
	is(comparable(catalog($database)), comparable(catalog('fresh')), "$version: the catalog is that of a fresh installation");
	$node->safe_psql('postgres', 'DROP DATABASE fresh');

	# What was half done ends.
	half_done_ends($node, $database, $version);
	is($node->safe_psql($database, q{SELECT state_machine_arn FROM sfn.describe_state_machine('wait')}) ne '', 1, "$version: machines are there");
}

# Comparing leaves out who has rights beside: entries that owners have in the ACL of sfn.owned_objects.
sub comparable
{
	my ($dump) = @_;
	return join "\n", grep { !/^rights relation sfn\.owned_objects/ } split /\n/, $dump;
}

# The other way round: SQL that is newer than the library in memory.
my ($newer) = map { ($_ + 1) . '.0.0' } $next =~ /^(\d+)/;
$node->safe_psql('postgres', 'CREATE DATABASE newer');
is(($node->psql('newer', "CREATE EXTENSION sfn VERSION '$newer'"))[0], 0, 'newer SQL is installed');
fails_with('newer', q{SELECT sfn.start_execution('x')}, qr/version \Q$newer\E, the library of \Q$next\E.*HINT:.*restart the server/s, '... and functions say that the server wants a restart');
ok($node->poll_query_until('newer', q{SELECT reason ~ 'restart the server' FROM sfn_internal.worker_status() WHERE worker = 'executor' AND pid IS NULL}), '... as workers do');

$node->stop;
done_testing();
