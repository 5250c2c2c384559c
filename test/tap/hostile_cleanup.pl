
# What follows a task or a look for one may fail as well: cursors that PL/Perl leaves open, a lock that does not come, a
# cancel, a standby.  Then the task has failed, or the statement, and nothing else: workers live, sessions go on.

use strict;
use warnings;

use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('cleanup', init => [ allows_streaming => 1 ], conf => "sfn.max_workers = 1\n");

#
# Cursors.
#
SKIP:
{
	skip 'PL/Perl is not installed', 14
	  unless $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'plperl'});

	$node->safe_psql('postgres', q{
		CREATE EXTENSION plperl;
		CREATE FUNCTION leaves_cursor(input json) RETURNS integer LANGUAGE plperl AS $$
			my $cursor = spi_query('SELECT generate_series(1, 10) AS n');
			return spi_fetchrow($cursor)->{n};
		$$;
		CREATE FUNCTION leaves_failed_cursor(input json) RETURNS integer LANGUAGE plperl AS $$
			my $cursor = spi_query('SELECT 1 / (2 - n) FROM generate_series(1, 10) n');
			eval { spi_fetchrow($cursor) for 1 .. 3 };
			return 2;
		$$;
		CREATE FUNCTION leaves_cursor_and_fails(input json) RETURNS integer LANGUAGE plperl AS $$
			my $cursor = spi_query('SELECT generate_series(1, 10) AS n');
			spi_fetchrow($cursor);
			die 'as told';
		$$;
		CREATE FUNCTION cursors(input json) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM pg_cursors';
	});
	task_machine($node, $_, "sql:public.$_") foreach ('leaves_cursor', 'leaves_failed_cursor', 'leaves_cursor_and_fails', 'cursors');
	wait_for_executor($node, 'postgres');
	my $pid = executor_pid($node, 'postgres');

	# alone at first, then in shared turns
	foreach my $time (1 .. 3)
	{
		my $end = run($node, 'leaves_cursor');
		is($end->{output}, 1, "run $time: a cursor is left open") or diag("$end->{error}: $end->{cause}");
		is(run($node, 'leaves_failed_cursor')->{output}, 2, '... and one whose query failed');
		is(run($node, 'leaves_cursor_and_fails')->{error}, 'Sql.external_routine_exception', '... and one by a task that fails');
	}
	is(run($node, 'cursors')->{output}, 0, 'no cursor is left to others');
	is(executor_pid($node, 'postgres'), $pid, 'the executor is the same');
	unlike(slurp_file($node->logfile), qr/FATAL|PANIC|sfn executor.*ERROR/, 'no turn failed for that');

	# In a session the caller's own cursors stay.
	$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('sync',
		'{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.leaves_cursor", "End": true}}}', type => 'EXPRESS')});
	is($node->safe_psql('postgres', q{
		BEGIN;
		DECLARE own CURSOR FOR SELECT 7;
		SELECT sfn.start_sync_execution('sync');
		SELECT name FROM pg_cursors WHERE name NOT LIKE '<unnamed%';
		FETCH own;
		COMMIT}), "1\nown\n7", 'a synchronous execution leaves none in the session, and the session its own');
	like($node->safe_psql('postgres', q{BEGIN; SELECT sfn.start_sync_execution('sync'); COMMIT; SELECT 'done'}), qr/done$/, '... which can commit');
}

#
# A type in pg_temp comes before the server's own: not for the next task.
#
$node->safe_psql('postgres', q{
	CREATE FUNCTION leaves_type(input jsonb) RETURNS integer LANGUAGE plpgsql AS $$
		BEGIN
			IF (input ->> 'leave')::boolean THEN
				CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (false);
			END IF;
			RETURN 1;
		END$$;
});
task_machine($node, 'leaves_type', 'sql:public.leaves_type');
task_machine($node, 'uses_type', 'arn:aws:states:::sql:query', Parameters => { Query => q{SELECT 'x'::text AS x} });
# fast at first, so that it shares a turn when it does
run($node, 'leaves_type', { leave => JSON::PP::false }) foreach 1 .. 3;
run($node, 'uses_type') foreach 1 .. 3;
foreach my $time (1 .. 3)
{
	is(run($node, 'leaves_type', { leave => JSON::PP::true })->{status}, 'SUCCEEDED', "run $time: a domain in pg_temp");
	is(run($node, 'uses_type')->{status}, 'SUCCEEDED', '... is not met by the next task');
}

#
# get_activity_task.
#
$node->safe_psql('postgres', q{
	SELECT sfn.create_activity('work');
	CREATE TABLE kept (n integer);
});
my $activity = $node->safe_psql('postgres', q{SELECT activity_arn FROM sfn.list_activities()});
task_machine($node, 'outside', $activity);
started($node, 'outside', {});
wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks}, '1');

# What a session says to a statement that fails within get_activity_task, and afterwards.
sub after_failure
{
	my ($on, $before, $query, $session) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'psql', '-XAtq', '-d', $on->connstr('postgres'), '-v', 'VERBOSITY=sqlstate', map { ('-c', $_) } @$before, $query, 'SELECT 1', 'ROLLBACK', 'SELECT 2' ],
		'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$out =~ s/\s+/ /g;
	$err =~ s/\s+/ /g;
	return "$out| $err";
}

my $query = "SELECT FROM sfn.get_activity_task('work', 'me', '1 s')";
foreach my $case (
	[ 'a lock timeout', [ "SET lock_timeout = '100ms'" ], qr/^1 2 \| ERROR: 55P03/ ],
	[ 'a statement timeout', [ "SET statement_timeout = '200ms'" ], qr/^1 2 \| ERROR: 57014/ ],
	[ 'a lock timeout in a transaction', [ 'BEGIN', "SET lock_timeout = '100ms'" ], qr/^2 \| ERROR: 55P03 ERROR: 25P02/ ])
{
	my ($name, $before, $expected) = @$case;
	my ($holder) = start_statements($node, 'BEGIN', 'LOCK TABLE sfn.task', q{SELECT pg_sleep(60) /* holder */});
	ok(wait_for($node, q{SELECT count(*) FROM pg_locks WHERE relation = 'sfn.task'::regclass AND granted AND mode = 'AccessExclusiveLock'}, '1'), 'the table is locked');
	like(after_failure($node, $before, $query), $expected, "after $name the session goes on");
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%/* holder */%' AND pid <> pg_backend_pid()});
	eval { $holder->finish };
}
like(after_failure($node, [ q{INSERT INTO kept VALUES (1)} ], $query), qr/^\s*1 2 \| WARNING/, 'it works');

# An error inside is caught like any other, and what was done before stays.
is($node->safe_psql('postgres', q{
	BEGIN;
	INSERT INTO kept VALUES (2);
	DO $$ BEGIN
		SET LOCAL transaction_read_only = on;
		PERFORM sfn.get_activity_task('work', 'me', '0 s');
	EXCEPTION WHEN read_only_sql_transaction THEN
		NULL;
	END $$;
	COMMIT;
	SELECT string_agg(n::text, ' ' ORDER BY n) FROM kept}), '1 2', 'an error within it is caught by who calls');

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby = on\n");
$standby->start;
foreach my $statement ($query, q{SELECT sfn.api('GetActivityTask', json_build_object('activityArn', '} . $activity . q{'))})
{
	like(after_failure($standby, [], $statement), qr/^1 2 \| ERROR: 25006/, 'on a standby the session goes on');
	like(after_failure($standby, ['BEGIN'], $statement), qr/^2 \| ERROR: 25006 ERROR: 25P02/, '... as does its transaction block');
}
unlike(slurp_file($_->logfile), qr/FATAL(?!:  terminating connection due to administrator)|PANIC/, 'nobody ended') foreach ($node, $standby);

$standby->stop;
$node->stop;
done_testing();
