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

# Due since a second, which the executor is told of.
sub make_due
{
	my ($database) = @_;
	$node->safe_psql($database, q{BEGIN;
		SELECT sfn.update_schedule('s', expression => 'rate(1 day)');
		UPDATE sfn.schedule SET due = now() - interval '1 second', next_due = now() - interval '1 second';
		COMMIT});
}

foreach my $database ('postgres', 'shop')
{
	# what the executor has looked at is what it has left alone, unless a minute was just over
	make_due($database);
	$node->safe_psql($database, q{SELECT sfn.start_execution('m', '{}', 'after')});
	ok($node->poll_query_until($database, "SELECT status FROM sfn.executions WHERE name = 'after'", 'SUCCEEDED'), "$database: the executor works");
}
is($node->safe_psql('postgres', q{SELECT runs = 0 OR EXISTS (SELECT FROM cron.job_run_details) FROM sfn.schedule}), 't', '... and leaves what is due');
ok($node->poll_query_until($_, 'SELECT runs FROM sfn.schedules', '1'), "$_: pg_cron does it") foreach 'postgres', 'shop';
is($node->safe_psql($_, q{SELECT count(*) FROM sfn.executions WHERE name LIKE 's\_%'}), '1', "$_: once") foreach 'postgres', 'shop';
ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE name = 'by-cron'", '1'), 'pg_cron starts a machine itself');


# Our job is deleted by hand: what has been due for long the executor does.
$node->safe_psql('postgres', q{SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'sfn %' AND database = 'shop'});
my $offset = -s $node->logfile;
$node->safe_psql('shop', q{BEGIN;
	SELECT sfn.update_schedule('s', expression => 'rate(1 day)');
	UPDATE sfn.schedule SET due = now() - interval '10 minutes', next_due = now() - interval '10 minutes';
	COMMIT});
ok($node->poll_query_until('shop', 'SELECT runs FROM sfn.schedules', '2'), 'without its job the executor does it in the end');
ok(wait_for_log($node, qr/pg_cron has not done what schedules have been due for/, $offset), '... and says so');
$node->safe_psql('postgres', q{SELECT sfn.use_pg_cron('shop')});
is($node->safe_psql('postgres', q{SELECT count(*) FROM cron.job WHERE jobname LIKE 'sfn %'}), '2', 'the job can be made again');

# Another role's jobs, whatever they are called, are its own, and do its own schedules at most.
$node->safe_psql('postgres', q{CREATE ROLE mallory LOGIN; GRANT USAGE ON SCHEMA cron TO mallory});
$node->safe_psql('postgres', q{SELECT cron.schedule('sfn schedules of postgres', '0 0 1 1 *', 'SELECT 1'), cron.schedule('sfn schedules of shop', '0 0 1 1 *', 'SELECT 1')}, extra_params => [ '-U', 'mallory' ]);
$node->safe_psql('postgres', q{SELECT sfn.use_pg_cron()});
is($node->safe_psql('postgres', q{SELECT command FROM cron.job WHERE username = 'mallory' GROUP BY 1}), 'SELECT 1', 'a job of that name of another role stays as it is');

$node->safe_psql('postgres', q{SELECT cron.unschedule('direct'), sfn.leave_pg_cron(), sfn.leave_pg_cron('shop')});
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT username, ' ') FROM cron.job}), 'mallory', 'no job of ours is left, and hers are');
$node->safe_psql('postgres', q{SELECT sfn.leave_pg_cron()});
make_due($_) foreach 'postgres', 'shop';
ok($node->poll_query_until('postgres', 'SELECT runs FROM sfn.schedules', '2'), 'postgres: the executor does it again');
ok($node->poll_query_until('shop', 'SELECT runs FROM sfn.schedules', '3'), 'shop: the executor does it again');

$node->stop;
done_testing();
