
# Redrives, stops, deletions and retention of the same executions at the same moment: each redrive that was accepted begins the execution
# once, a stop accepted after it ends it, what is redriven is not deleted, and what is deleted is deleted whole.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

use constant RACES => 1000;    # of a session; ten times as many in soak

my $node = sfn_node('redrive_races', conf => "sfn.poll_interval = '500ms'\n");
my $checked = q{SELECT coalesce(string_agg(DISTINCT kind || ' ' || object || ': ' || problem, '; '), 'nothing') FROM sfn.check()};

# Who redrives, stops and deletes what it finds: what was accepted is written down in the same transaction.
$node->safe_psql('postgres', q{
	CREATE TABLE accepted (execution_arn text, what text);
	CREATE FUNCTION start_missing() RETURNS void LANGUAGE sql AS $$
		SELECT sfn.start_execution(m) FROM unnest('{fails,waits}'::text[]) m, generate_series((SELECT count(*) FROM sfn.executions WHERE state_machine = m) + 1, 20)
	$$;
	CREATE PROCEDURE meddle(races int, deletes boolean) LANGUAGE plpgsql AS $$
	DECLARE
		arn text;
		done int := 0;
	BEGIN
		WHILE done < races LOOP
			PERFORM start_missing() WHERE deletes;
			COMMIT;
			FOR arn IN SELECT execution_arn FROM sfn.executions WHERE state_machine = 'fails' OR state_machine = 'waits' ORDER BY random() LOOP
				BEGIN
					IF random() < 0.3 THEN
						PERFORM sfn.stop_execution(arn);
					ELSIF deletes AND random() < 0.1 THEN
						PERFORM sfn.delete_execution(arn);
					ELSE
						PERFORM sfn.redrive_execution(arn);
						INSERT INTO accepted VALUES (arn, 'redrive');
					END IF;
				EXCEPTION WHEN OTHERS THEN
					IF sqlerrm !~ 'cannot be redriven|cannot be deleted|does not exist' THEN
						RAISE;
					END IF;
				END;
				COMMIT;
				done := done + 1;
				EXIT WHEN done >= races;
			END LOOP;
		END LOOP;
	END $$;
});
machine($node, 'fails', { StartAt => 'F', States => { F => { Type => 'Fail', Error => 'again' } } });
machine($node, 'waits', { StartAt => 'W', TimeoutSeconds => 1, States => { W => { Type => 'Wait', Seconds => 2, End => JSON::PP::true } } });

# Two sessions meddle; meanwhile something is done three times.
sub meddle
{
	my ($deletes, $beside) = @_;
	my $failed = 0;

	for (1 .. rounds(10))
	{
		my @sessions = map { (start_psql($node, 'CALL meddle(' . RACES . ", $deletes)"))[0] } 1 .. 2;

		$beside->() foreach $beside ? 1 .. 3 : ();
		$failed += grep { !$_->finish } @sessions;
	}
	is($failed, 0, 'no session failed');
	return;
}

$node->safe_psql('postgres', 'SELECT start_missing()');
ok(wait_for($node, q{SELECT count(*) > 0 FROM sfn.executions WHERE status = 'FAILED'}, 't'), 'executions fail');
meddle('false');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), 'redrives and stops: all end');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions e WHERE redrive_count <> (SELECT count(*) FROM accepted a WHERE a.execution_arn = e.execution_arn)}),
	'0', '... each was redriven as often as a redrive was accepted');
is($node->safe_psql('postgres', q{SELECT sum(redrive_count) > 0 FROM sfn.executions}), 't', '... and they were');
is($node->safe_psql('postgres', $checked), 'nothing', '... nothing is wrong with the tables');

# A stop that was accepted after a redrive ends that run, whatever else happens.
$node->safe_psql('postgres', q{SELECT sfn.redrive_execution(execution_arn), sfn.stop_execution(execution_arn, 'Stopped') FROM sfn.executions});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'ABORTED' OR error IS DISTINCT FROM 'Stopped'}, '0'), 'a stop after the redrive stops it');

# So does one that comes so far behind it that no turn takes both.
$node->safe_psql('postgres', q{SELECT sfn.start_execution('fails') FROM generate_series(1, 1200)});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), '1,200 more fail');
$node->safe_psql('postgres', q{
	CREATE TEMP TABLE far AS SELECT execution_arn FROM sfn.executions WHERE status = 'FAILED';
	BEGIN;
	SELECT count(sfn.redrive_execution(execution_arn)) FROM far;
	SELECT count(sfn.stop_execution(execution_arn, 'Far')) FROM far;
	COMMIT});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'ABORTED'}, '0'), 'a stop that another turn takes ends that run, too');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE error = 'Far' AND redrive_count = 1}), '1200', '... and says so');
$node->safe_psql('postgres', q{SELECT count(sfn.delete_execution(execution_arn)) FROM sfn.executions WHERE error = 'Far'});

# Retention takes what has ended at once; restarts make it look often.
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET sfn.history_retention = 0; SELECT sfn.restart_worker()});
my $deleted = q{SELECT n_tup_del FROM pg_stat_all_tables WHERE schemaname = 'sfn' AND relname = 'execution'};
meddle('true', sub {
	my $before = $node->safe_psql('postgres', $deleted);
	$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
	wait_for($node, "SELECT ($deleted) > $before OR NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CALL meddle%')", 't') or die 'nothing is deleted';
});
is($node->safe_psql('postgres', $checked), 'nothing', 'retention and deletions beside redrives: nothing is torn');
$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), '... what is left ends');
is($node->safe_psql('postgres', $checked), 'nothing', '... and is whole');

# What somebody is about to redrive stays, and what retention has deleted is not redriven.
my $arn = started($node, 'fails');
$node->poll_query_until('postgres', "SELECT status <> 'RUNNING' FROM sfn.executions WHERE execution_arn = '$arn'");
my $session = $node->background_psql('postgres');
SKIP:
{
	skip 'retention was there first', 2 unless $session->query_safe("BEGIN; SELECT count(sfn.redrive_execution(execution_arn)) FROM sfn.executions WHERE execution_arn = '$arn'") eq '1';
	$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions}, '1'), 'retention deletes the others');
	$session->query_safe('COMMIT');
	ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE execution_arn = '$arn' AND redrive_count = 1", '1'), '... not what is being redriven');
}
$session->quit;

# The same of a map run that has succeeded in spite of failures: its execution and its children stay while somebody redrives it, and when that is accepted,
# but not begun.
sub retention_is
{
	my ($minutes) = @_;

	$node->safe_psql('postgres', "ALTER DATABASE postgres SET sfn.history_retention = $minutes; SELECT sfn.restart_worker()");
	return;
}

# Retention passes while the redrive waits for $session.
sub outlives_retention
{
	my ($session, $redrives) = @_;

	run($node, 'fails', {});
	retention_is(0);
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'fails'}, '0'), '... retention deletes others');
	retention_is(-1);
	is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE map_run_arn IS NOT NULL}), '2', '... not its children');
	$session->query_safe('COMMIT');
	ok(wait_for($node, q{SELECT status || ' ' || redrive_count FROM sfn.map_runs}, "SUCCEEDED $redrives"), '... it is redriven, and ends');
	is($node->safe_psql('postgres', q{SELECT string_agg(status || ' ' || redrive_count, ', ') FROM sfn.executions WHERE map_run_arn IS NOT NULL}),
		"FAILED $redrives, FAILED $redrives", '... with its children');
	is($node->safe_psql('postgres', q{SELECT status FROM sfn.executions WHERE state_machine = 'map'}), 'SUCCEEDED', '... and its execution');
	is($node->safe_psql('postgres', $checked), 'nothing', '... nothing is torn');
	return;
}

retention_is(-1);
machine($node, 'map', { StartAt => 'Each', States => { Each => { Type => 'Map', ToleratedFailurePercentage => 100, End => JSON::PP::true,
	ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'F', States => { F => { Type => 'Fail', Error => 'again' } } } } } });
is(run($node, 'map', [ 1, 2 ])->{status}, 'SUCCEEDED', 'a map run succeeds in spite of failures');
$session = $node->background_psql('postgres');
is($session->query_safe('BEGIN; SELECT count(sfn.redrive_map_run(map_run_arn)) FROM sfn.map_runs'), '1', '... somebody redrives it');
outlives_retention($session, 1);

$session->query_safe(q{BEGIN; SELECT FROM sfn.execution WHERE id = (SELECT execution_id FROM sfn.map_run) FOR UPDATE});
is($node->safe_psql('postgres', 'SELECT count(sfn.redrive_map_run(map_run_arn)) FROM sfn.map_runs'), '1', 'a redrive that no executor can begin yet');
outlives_retention($session, 2);
$session->quit;

$node->stop;
done_testing();
