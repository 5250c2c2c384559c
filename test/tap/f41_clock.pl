
# F41: times come from the clock, not from a worker's start: events of an execution follow each other in time, now() inside a
# task is its turn's start, and statistics of the worker's writes are reported.  F57: they reach pg_stat_user_tables soon.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f41');
create_machines($node);
$node->safe_psql('postgres', q{
	CREATE TABLE moments (transaction_time timestamptz, statement_time timestamptz, clock_time timestamptz);
	CREATE FUNCTION note(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO moments VALUES (now(), statement_timestamp(), clock_timestamp());
		RETURN input;
	END $$;
	SELECT sfn.create_state_machine('note', '{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "sql:public.note", "Next": "W"},
		"W": {"Type": "Wait", "Seconds": 1, "Next": "B"},
		"B": {"Type": "Task", "Resource": "sql:public.note", "End": true}}}')});

my $before = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
my $execution = start($node, 'note');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED', 30), 'it runs');

is($node->safe_psql('postgres', qq{
		SELECT bool_and(timestamp >= before) FROM (SELECT timestamp, lag(timestamp) OVER (ORDER BY id) AS before
			FROM sfn.history WHERE execution_arn = '$execution') h}), 't', 'events never go back in time');
is($node->safe_psql('postgres', qq{
		SELECT max(timestamp) - min(timestamp) >= '1 s' FROM sfn.history WHERE execution_arn = '$execution'}), 't',
	'the second of waiting shows in them');
is($node->safe_psql('postgres', q{SELECT bool_and(clock_time - transaction_time < '1 s') FROM moments}), 't',
	q{now() in a task is its turn's start});
is($node->safe_psql('postgres', q{SELECT max(transaction_time) - min(transaction_time) >= '0.99 s' FROM moments}), 't',
	'each turn has its own');
is($node->safe_psql('postgres', "SELECT bool_and(statement_time >= '$before') FROM moments"), 't',
	'the statement time moves with it');

my $took = seconds(sub {
	wait_for($node, q{SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'moments'}, '2')
});
in_time($took, 2, 'statistics arrive');

# F56: a resting executor holds no snapshot and no transaction.
is($node->safe_psql('postgres', q{
		SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%'
		AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL OR xact_start IS NOT NULL)}), '0', 'at rest nothing is open');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND state IS NULL}), '0',
	'pg_stat_activity shows their state');

$node->stop;
done_testing();
