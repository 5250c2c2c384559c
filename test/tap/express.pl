# Synchronous Express executions write nothing, wait interruptibly, and see what other sessions change; asynchronous
# ones run in executors without a history; expired log events are deleted.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

use SfnTest;

my $node = sfn_node('express', conf => "sfn.poll_interval = '200 ms'", init => [ allows_streaming => 1 ]);

# A chain of ten states, Pass and Choice in turn.
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('ten', json_build_object('StartAt', 'S1', 'States', json_object_agg('S' || n,
		CASE WHEN n % 2 = 1 THEN json_build_object('Type', 'Pass', 'Next', 'S' || n + 1)
			 WHEN n < 10 THEN json_build_object('Type', 'Choice', 'Default', 'S' || n + 1, 'Choices',
				json_build_array(json_build_object('Variable', '$.order', 'NumericGreaterThan', 10, 'Next', 'S' || n + 1)))
			 ELSE '{"Type": "Pass", "End": true}' END)), type => 'EXPRESS')
	FROM generate_series(1, 10) n;
	SELECT sfn.create_state_machine('nap', '{"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "SecondsPath": "$", "End": true}}}',
		type => 'EXPRESS');
	SELECT sfn.create_state_machine('answer', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": true}}}',
		type => 'EXPRESS');
});

# ---- no row is written

my $written = q{
	SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_all_tables
	WHERE schemaname IN ('sfn', 'public') OR relid IN (SELECT reltoastrelid FROM pg_class WHERE relnamespace = 'sfn'::regnamespace)};
$node->safe_psql('postgres', q{SELECT sfn.start_sync_execution('ten', '{"order": 1}')});
$node->safe_psql('postgres', 'SELECT pg_stat_force_next_flush()');
my $before = $node->safe_psql('postgres', $written);
my $count = 100_000;
my $began = time;
is($node->safe_psql('postgres', qq{
	SELECT count(sfn.start_sync_execution('ten', json_build_object('order', n))) FROM generate_series(1, $count) n;
	SELECT pg_stat_force_next_flush()}), "$count\n", "$count synchronous executions of ten states");
note(sprintf('%.0f a second', $count / (time - $began)));
is($node->safe_psql('postgres', $written), $before, 'wrote no row');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.execution'), 0, 'there is none');
is($node->safe_psql('postgres', q{
	BEGIN;
	SELECT sfn.start_sync_execution('ten', '{"order": 1}');
	SELECT pg_current_xact_id_if_assigned() IS NULL;
	COMMIT}), qq({"order":1}\nt), 'nor does one take a transaction id');
is($node->safe_psql('postgres', q{
	SET default_transaction_read_only = on;
	SELECT sfn.start_sync_execution('ten', '{"order": 1}')}), '{"order":1}', 'one runs in a transaction that only reads');
cmp_ok($node->safe_psql('postgres', q{
	SELECT count(sfn.start_sync_execution('ten', '{"order": 1}')) FROM generate_series(1, 10000);
	SELECT (sum(total_bytes) / 1024 / 1024)::int FROM pg_backend_memory_contexts}) =~ s/.*\n//r, '<', 20, 'memory stays small');

# ---- on a standby

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('express_standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
is($standby->safe_psql('postgres', q{SELECT pg_is_in_recovery(), sfn.start_sync_execution('ten', '{"order": 2}')}), 't|{"order":2}',
	'one runs on a standby');
$standby->stop;

# ---- waits

$began = time;
is($node->safe_psql('postgres', q{SELECT sfn.start_sync_execution('nap', '1')}), '1', 'a Wait is slept');
cmp_ok(time - $began, '>=', 1, 'for its second');
my ($code, $out, $err) = $node->psql('postgres', q{
	SET statement_timeout = '300 ms';
	SELECT sfn.start_sync_execution('nap', '100');
	RESET statement_timeout;
	SELECT sfn.start_sync_execution('answer')}, on_error_stop => 0);
like($err, qr/canceling statement due to statement timeout/, 'a Wait is cancelled');
is($out, '1', 'and the session goes on');

my ($psql, $psql_out) = start_psql($node, qq{SELECT 'pid ' || pg_backend_pid();\nSELECT sfn.start_sync_execution('nap', '100');\n});
$psql->pump until $$psql_out =~ /pid (\d+)/;
my $pid = $$psql_out =~ /pid (\d+)/ ? $1 : 0;
ok(wait_for($node, "SELECT wait_event FROM pg_stat_activity WHERE pid = $pid", 'Extension'), 'another waits');
$began = time;
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
ok(wait_for($node, "SELECT count(*) FROM pg_stat_activity WHERE pid = $pid", '0'), 'and ends when it is told to');
in_time(time - $began, 5, 'soon');
eval { $psql->finish };

# ---- what another session changes is seen, also inside a transaction

my ($in, $seen, $open);

sub open_session
{
	($in, $seen) = ('', '');
	$open = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$seen, '2>&1', IPC::Run::timer(60));
	return;
}

sub close_session
{
	$in .= "\\q\n";
	$open->finish;
	return;
}

sub ask
{
	my ($sql) = @_;

	$seen = '';
	$in .= "$sql\n\\echo done\n";
	$open->pump until $seen =~ /done\n/;
	return $seen =~ s/done\n//r;
}

open_session();
is(ask(q{SELECT sfn.start_sync_execution('answer');}), "1\n", 'an open session runs the machine');
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('answer', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 2, "End": true}}}')});
is(ask(q{SELECT sfn.start_sync_execution('answer');}), "2\n", 'after an update elsewhere the new definition');
is(ask(q{BEGIN; SELECT sfn.start_sync_execution('answer');}), "2\n", 'in a transaction as well');
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('answer', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 3, "End": true}}}')});
is(ask(q{SELECT sfn.start_sync_execution('answer'); COMMIT;}), "3\n", 'which reads what is committed meanwhile');
is(ask(q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT sfn.start_sync_execution('answer');}), "3\n", 'one with a single snapshot');
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('answer', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 4, "End": true}}}')});
is(ask(q{SELECT sfn.start_sync_execution('answer'); COMMIT;}), "3\n", 'stays with what it saw');
is(ask(q{SELECT sfn.start_sync_execution('answer');}), "4\n", 'and the next does not');
$node->safe_psql('postgres', q{SELECT sfn.delete_state_machine('answer')});
like(ask(q{SELECT sfn.start_sync_execution('answer');}), qr/state machine "answer" does not exist/, 'a deleted one is gone');
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('answer', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 5, "End": true}}}', type => 'EXPRESS')});
is(ask(q{SELECT sfn.start_sync_execution('answer');}), "5\n", 'one made anew is another');
close_session();

# ---- asynchronous: executors, no history, a log

$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('logged', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "P"}, "P": {"Type": "Pass", "End": true}}}',
		type => 'EXPRESS', logging => '{"level": "ALL", "includeExecutionData": true}');
	SELECT sfn.start_execution('logged', '{"n": 1}', 'same'), sfn.start_execution('logged', '{"n": 2}', 'same')});
ok(wait_for($node, q{SELECT string_agg(DISTINCT status, ',') FROM sfn.executions}, 'SUCCEEDED'), 'two of one name run');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.history_chunk'), 0, 'without a history');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT execution_arn), string_agg(DISTINCT type, ',') FROM sfn.log_events}),
	'12|2|ExecutionStarted,ExecutionSucceeded,PassStateEntered,PassStateExited,WaitStateEntered,WaitStateExited', 'with a log of every event');

# ---- inside a task of a STANDARD machine: what a shared turn does not allow makes the task run alone, also from within

$node->safe_psql('postgres', q{
	CREATE FUNCTION inner_work(input json) RETURNS json LANGUAGE plpgsql AS $$
	BEGIN
		IF (input ->> 'temp')::boolean THEN
			CREATE TEMP TABLE mine (a integer);
			DROP TABLE mine;
		END IF;
		RETURN '"done"';
	END $$;
	SELECT sfn.create_state_machine('inner', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:public.inner_work", "End": true,
		"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "No"}]}, "No": {"Type": "Pass", "Result": "caught", "End": true}}}', type => 'EXPRESS');
	CREATE FUNCTION outer_work(input json) RETURNS json LANGUAGE sql AS $$ SELECT sfn.start_sync_execution('inner', input) $$;
	SELECT sfn.create_state_machine('outer', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:public.outer_work", "End": true}}}')});
for my $temp ('false', 'false', 'true', 'true')
{
	like($node->safe_psql('postgres', qq{CALL sfn.run_execution('outer', '{"temp": $temp}')}), qr/\|SUCCEEDED\|"done"\|/,
		"a task runs a synchronous execution (temporary table: $temp)");
}

# ---- retention

$node->safe_psql('postgres', q{UPDATE sfn.log_event SET log_date = log_date - interval '100 days' WHERE id <= 2});
my $left = $node->safe_psql('postgres', q{SELECT count(*) FROM sfn.log_event});
$node->restart;
ok(wait_for($node, 'SELECT count(*) FROM sfn.log_event', $left - 2, 60), 'expired log events are deleted, others kept');

# ---- an extension that is made anew, whose revisions count from one again

open_session();
is(ask(q{SELECT sfn.start_sync_execution('answer');}), "5\n", 'an open session runs the machine');
$node->safe_psql('postgres', q{DROP EXTENSION sfn; CREATE EXTENSION sfn;
	SELECT sfn.create_state_machine('answer', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 6, "End": true}}}', type => 'EXPRESS')});
is(ask(q{SELECT sfn.start_sync_execution('answer');}), "6\n", 'also after the extension was made anew');
close_session();

$node->stop;
done_testing();
