
# F69: pg_upgrade moves executions of every state type, half done, and what only the inbox knows of, to the next major version;
# they go on there once the database is adopted, each effect once.  make matrix runs this, with the bindir of the next version.

use strict;
use warnings;

use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHalfDone;
use SfnTest;
use SfnWorkers;

my $bindir = $ENV{SFN_NEXT_BINDIR};
plan skip_all => 'make matrix runs this, with SFN_NEXT_BINDIR' if !$bindir;

my $half_done = dirname(__FILE__) . '/../upgrade/half_done.sql';
$ENV{LD_LIBRARY_PATH} = $ENV{SFN_NEXT_LIBRARIES} if $ENV{SFN_NEXT_LIBRARIES};
my $old = sfn_node('old', create => 0);
my $next = PostgreSQL::Test::Cluster->new('next', install_path => dirname($bindir));
$next->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$next->append_conf('postgresql.conf', "shared_preload_libraries = 'sfn'\nmax_worker_processes = 24\nsfn.poll_interval = 1s\n");

# A minor version that is older than the old server's may not know what that one writes into its catalog, and a server may
# have been built without lz4.
$old->safe_psql('postgres', 'CREATE TABLE probe (n integer)');
my $options = $old->safe_psql('postgres', q{SELECT string_agg(o, ', ') FROM pg_attribute, unnest(attoptions) o WHERE attrelid = 'probe'::regclass});
$old->safe_psql('postgres', 'DROP TABLE probe');
$next->start;
my ($status, undef, $error) = $next->psql('template1', 'BEGIN; CREATE TABLE probe (n integer);' . ($options ne '' ? "ALTER TABLE probe ALTER n SET ($options);" : '') . 'ROLLBACK', on_error_stop => 1);
my $has_lz4 = $next->safe_psql('template1', q{SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'}) eq 't';
$next->stop;
plan skip_all => 'PostgreSQL ' . $next->pg_version . ' cannot take tables of ' . $old->pg_version . ": $error" if $status != 0;

sub create_extension
{
	my ($database) = @_;

	$old->safe_psql($database, 'CREATE EXTENSION sfn');
	return if $has_lz4;
	$old->safe_psql($database, $_) foreach split /\n/, $old->safe_psql($database, q{
		SELECT format('ALTER TABLE %s ALTER %I SET COMPRESSION pglz', attrelid::regclass, attname) FROM pg_attribute WHERE attcompression = 'l'});
	return;
}

# Half-done executions in a database without workers; in another one workers are in the midst of things.
$old->safe_psql('postgres', 'CREATE DATABASE half_done');
$old->safe_psql('postgres', 'ALTER DATABASE half_done SET sfn.enabled = off');
create_extension('half_done');
$old->command_ok([ 'psql', '-Xq', '-d', $old->connstr('half_done'), '-f', $half_done ], 'executions of every state type are half done');
my $before = table_counts($old, 'half_done');
like($before, qr/sfn\.execution=[1-9]/, 'there is something to move');
create_extension('postgres');
create_machines($old);
start($old, 'work', qq({"n": $_})) foreach 1 .. 50;
$old->stop;

chdir $next->basedir or die "chdir: $!";
my @upgrade = ('-d', $old->data_dir, '-D', $next->data_dir, '-b', $old->config_data('--bindir'), '-B', $bindir,
	'-s', $next->host, '-p', $old->port, '-P', $next->port);
$next->command_ok([ "$bindir/pg_upgrade", @upgrade ], 'pg_upgrade moves the server to ' . $next->pg_version);
chdir '/' or die "chdir: $!";
$next->start;
is(table_counts($next, 'half_done'), $before, 'rows and sequences are as they were');

# Nothing runs before somebody says that it is to run here.
$next->safe_psql('postgres', 'ALTER DATABASE half_done RESET sfn.enabled');
ok($next->poll_query_until('half_done', q{SELECT bool_or(reason ~ 'adopt') FROM sfn_internal.worker_status() WHERE worker = 'executor'}), 'the database waits for sfn.adopt()');
is(table_counts($next, 'half_done'), $before, '... and leaves everything as it is');
half_done_ends($next, 'half_done', 'adopted');

# What workers were in the midst of.
$next->safe_psql('postgres', 'SELECT sfn.adopt()');
ok(all_done($next, 50), 'what was running when the old server stopped ends');
is($next->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n) FROM effect'), '100|50', '... each effect once');
is($next->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', '... and the tables are right');
$next->safe_psql('postgres', q{SELECT sfn.create_state_machine('new', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')});
start($next, 'new');
ok(all_done($next, 51), 'new executions run');

$next->stop;
done_testing();
