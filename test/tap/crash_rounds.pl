
# Crash rounds: under load, a random process of the server is killed, or the server is stopped at once; again and again.
# In the end every execution has ended well, every SQL task has had its effect exactly once, no history has a gap, nothing
# that has ended is still in the inbox, and nobody is quarantined.  (F02, F03, F27; 5 rounds of each kind here, 50 in soak.)

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use SfnTest;
use SfnWorkers;

$ENV{SFN_CRASH_SEED} //= time();
srand($ENV{SFN_CRASH_SEED});
note("SFN_CRASH_SEED=$ENV{SFN_CRASH_SEED}");

my $node = sfn_node('crash', conf => "restart_after_crash = on\nfsync = on\nsynchronous_commit = on\nlog_statement = none\n");
my $rounds = rounds(50);
my $batch = 40;
my $started = 0;

$node->safe_psql('postgres', q{
	CREATE TABLE effect (n int, step text);
	CREATE FUNCTION effect(n int, step text) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO effect VALUES (n, step);
		RETURN to_jsonb(step);
	END $$;
	CREATE FUNCTION slow_effect(n int, step text) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO effect VALUES (n, step);
		PERFORM pg_sleep(0.1);
		RETURN to_jsonb(step);
	END $$;
	SELECT sfn.create_state_machine('load', '{"StartAt": "First", "States": {
		"First": {"Type": "Task", "Resource": "sql:public.effect", "Parameters": {"n.$": "$.n", "step": "first"},
			"ResultPath": "$.first", "Next": "Both"},
		"Both": {"Type": "Parallel", "ResultPath": "$.both", "Next": "Pause", "Branches": [
			{"StartAt": "Left", "States": {"Left": {"Type": "Task", "Resource": "sql:public.effect",
				"Parameters": {"n.$": "$.n", "step": "left"}, "End": true}}},
			{"StartAt": "Right", "States": {"Right": {"Type": "Task", "Resource": "sql:public.effect",
				"Parameters": {"n.$": "$.n", "step": "right"}, "End": true}}}]},
		"Pause": {"Type": "Wait", "Seconds": 1, "Next": "Odd"},
		"Odd": {"Type": "Choice", "Choices": [{"Variable": "$.slow", "BooleanEquals": true, "Next": "Slow"}], "Default": "Last"},
		"Slow": {"Type": "Task", "Resource": "sql:public.slow_effect", "Parameters": {"n.$": "$.n", "step": "last"}, "End": true},
		"Last": {"Type": "Task", "Resource": "sql:public.effect", "Parameters": {"n.$": "$.n", "step": "last"}, "End": true}}}');
});

# Starts a batch; a start that the crash took down is started again under its name, which counts once.
sub start_batch
{
	my $from = $started + 1;

	$started += $batch;
	my $sql = qq{
		DO \$\$
		BEGIN
			FOR i IN $from .. $started LOOP
				CONTINUE WHEN EXISTS (SELECT FROM sfn.executions WHERE name = 'e' || i);
				PERFORM sfn.start_execution('load', jsonb_build_object('n', i, 'slow', i % 8 = 0), 'e' || i);
				COMMIT;
			END LOOP;
		END \$\$};
	return $sql;
}

# Until it succeeds; while the server recovers, psql cannot connect.
sub again_until_done
{
	my ($sql) = @_;

	foreach my $try (1 .. 200)
	{
		my $status;

		eval { ($status) = $node->psql('postgres', $sql, on_error_die => 0) };
		return 1 if defined $status && $status == 0;
		sleep 0.1;
	}
	return 0;
}

sub settle
{
	my ($what) = @_;

	ok(wait_for($node, q{SELECT count(*) FILTER (WHERE status = 'SUCCEEDED') || '/' || count(*) FROM sfn.executions},
			"$started/$started", 120), "$what: every execution ends well");
	is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT (n, step)) FROM effect}),
		(4 * $started) . '|' . (4 * $started), "$what: every effect exactly once");
	is($node->safe_psql('postgres', q{
			SELECT count(*) FROM (SELECT execution_arn FROM sfn.history GROUP BY 1
				HAVING min(id) <> 1 OR max(id) <> count(*) OR count(DISTINCT id) <> count(*)) gap}), '0',
		"$what: no history has a gap");
	is($node->safe_psql('postgres', q{
			SELECT count(DISTINCT execution_arn) FROM sfn.history WHERE type = 'ExecutionSucceeded'}), $started,
		"$what: every history has its end");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.inbox'), '0', "$what: the inbox is empty");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.branch'), '0', "$what: no branch is left");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0',
		"$what: nobody is quarantined");
	is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', "$what: nothing is wrong with the tables");
	return;
}

for my $round (1 .. $rounds)
{
	my $sql = start_batch();
	my $session = background($node, $sql);

	sleep rand(1.5);
	my @pids = server_pids($node);
	my $pid = $pids[ rand @pids ];
	my $offset = -s $node->logfile;
	kill 'KILL', $pid;
	$session->finish;
	ok(again_until_done($sql), "kill of a random process, round $round");
}
settle('kills');

for my $round (1 .. $rounds)
{
	my $sql = start_batch();
	my $session = background($node, $sql);

	sleep rand(1.5);
	restart_node($node, 'immediate');
	$session->finish;
	ok(again_until_done($sql), "immediate stop, round $round");
}
settle('immediate stops');

# The executors themselves, which is where it hurts.
for my $round (1 .. $rounds)
{
	my $sql = start_batch();
	my $session = background($node, $sql);

	sleep rand(1.5);
	my ($status, $pids) = $node->psql('postgres', q{
		SELECT pid FROM pg_stat_activity WHERE backend_type = 'sfn executor' ORDER BY (state = 'active') DESC, random() LIMIT 1});
	kill 'KILL', $pids if defined $pids && $pids =~ /^\d+$/;
	$session->finish;
	ok(again_until_done($sql), "kill of an executor, round $round");
}
settle('kills of executors');

$node->stop;
done_testing();
