# pg_cron does what schedules are due for, in its own database and in another one, until the executor does it again.
#
# pg_cron knows minutes only, so this takes one.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $library = qx{$ENV{PG_CONFIG} --pkglibdir};
chomp $library;
plan skip_all => 'pg_cron is not installed' unless -f "$library/pg_cron.so";

my $node = sfn_node('pg_cron', conf => "shared_preload_libraries = 'pg_cron, sfn'\ncron.use_background_workers = on\nmax_worker_processes = 30\n");
my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';

$node->safe_psql('postgres', 'CREATE DATABASE shop');
$node->safe_psql('shop', 'CREATE EXTENSION sfn');
my ($code, undef, $said) = $node->psql('postgres', 'SELECT sfn.use_pg_cron()');
like($said, qr/pg_cron is not in this database/, 'without its extension');
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');
($code, undef, $said) = $node->psql('shop', 'SELECT sfn.use_pg_cron()');
like($said, qr/call sfn\.use_pg_cron\('shop'\) there/, 'in another database it is said where');
($code, undef, $said) = $node->psql('postgres', q{SELECT sfn.use_pg_cron('nowhere')});
like($said, qr/database "nowhere" does not exist/, 'a database that there is not');

$node->safe_psql($_, "SELECT sfn.create_state_machine('m', '$pass'), sfn.create_schedule('s', 'rate(1 day)', 'm')") foreach 'postgres', 'shop';
$node->safe_psql('postgres', q{SELECT sfn.use_pg_cron(), sfn.use_pg_cron('shop')});
is($node->safe_psql('postgres', 'SELECT database FROM cron.job ORDER BY 1'), "postgres\nshop", 'a job for each');
$node->safe_psql('postgres', q{SELECT sfn.use_pg_cron()});
is($node->safe_psql('postgres', 'SELECT count(*) FROM cron.job'), '2', '... and once only');
$node->safe_psql('postgres', q{SELECT cron.schedule('direct', '* * * * *', $$SELECT sfn.start_execution('m', '{}', 'by-cron')$$)});

foreach my $database ('postgres', 'shop')
{
	# what the executor has looked at is what it has left alone, unless a minute was just over
	$node->safe_psql($database, q{SELECT sfn.update_schedule('s', expression => 'rate(1 day)');
		UPDATE sfn.schedule SET due = now() - interval '1 second', next_due = now() - interval '1 second';
		SELECT sfn.start_execution('m', '{}', 'after')});
	ok($node->poll_query_until($database, "SELECT status FROM sfn.executions WHERE name = 'after'", 'SUCCEEDED'), "$database: the executor works")
}
is($node->safe_psql('postgres', q{SELECT runs = 0 OR EXISTS (SELECT FROM cron.job_run_details) FROM sfn.schedule}), 't', '... and leaves what is due');
ok($node->poll_query_until($_, 'SELECT runs FROM sfn.schedules', '1'), "$_: pg_cron does it") foreach 'postgres', 'shop';
is($node->safe_psql($_, q{SELECT count(*) FROM sfn.executions WHERE name LIKE 's\_%'}), '1', "$_: once") foreach 'postgres', 'shop';
ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE name = 'by-cron'", '1'), 'pg_cron starts a machine itself');

$node->safe_psql('postgres', q{SELECT cron.unschedule('direct'), sfn.leave_pg_cron(), sfn.leave_pg_cron('shop')});
is($node->safe_psql('postgres', 'SELECT count(*) FROM cron.job'), '0', 'no job is left');
$node->safe_psql($_, q{UPDATE sfn.schedule SET due = now() - interval '1 second', next_due = now() - interval '1 second'; SELECT sfn.update_schedule('s', expression => 'rate(2 days)');
	UPDATE sfn.schedule SET due = now() - interval '1 second', next_due = now() - interval '1 second'}) foreach 'postgres', 'shop';
ok($node->poll_query_until($_, 'SELECT runs FROM sfn.schedules', '2'), "$_: the executor does it again") foreach 'postgres', 'shop';

$node->stop;
done_testing();
