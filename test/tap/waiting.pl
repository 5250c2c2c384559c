# Waiting for an execution holds no snapshot, sees the end soon, and can be cancelled.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnTest;

my $node = sfn_node('waiting');
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('nap', '{"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 3600, "End": true}}}');
	SELECT sfn.create_state_machine('quick', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"ok": true}, "End": true}}}')});
my $arn = 'arn:aws:states:us-east-1:000000000000:execution:nap';
my $waiter = q{FROM pg_stat_activity WHERE query ~ 'wait_for|run_execution' AND pid <> pg_backend_pid() AND backend_type = 'client backend'};

# a session that waits, from the function and from the procedure
$node->safe_psql('postgres', q{SELECT sfn.start_execution('nap', '{}', 'one')});
for my $statement (qq{SELECT sfn.wait_for_execution('$arn:one')}, q{CALL sfn.run_execution('nap')})
{
	my ($psql, $psql_out) = start_psql($node, "SELECT 'here';\n$statement;\n");

	$psql->pump until $$psql_out =~ /here/;
	ok(wait_for($node, "SELECT wait_event $waiter", 'Extension'), "waits: $statement");
	ok(wait_for($node, "SELECT backend_xmin IS NULL AND backend_xid IS NULL $waiter", 't'), 'and holds no snapshot');
	my $started = time;
	$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE status = 'RUNNING'});
	$psql->finish;
	in_time(time - $started, 10, 'the end wakes it');
}

# a wait can be cancelled, and the session goes on
$node->safe_psql('postgres', q{SELECT sfn.start_execution('nap', '{}', 'two')});
my ($code, $out, $err) = $node->psql('postgres', qq{
	SET statement_timeout = '200 ms';
	SELECT sfn.wait_for_execution('$arn:two');
	SELECT sfn.wait_for_execution('$arn:two', '10 ms')}, on_error_stop => 0);
like($err, qr/canceling statement due to statement timeout/, 'a wait can be cancelled');
is($out, 'RUNNING', 'and the session goes on');
unlike($err, qr/snapshot/, 'without a warning about snapshots');

# in a transaction, what comes after the wait sees what was committed meanwhile
is($node->safe_psql('postgres', qq{
	BEGIN;
	SELECT sfn.wait_for_execution('$arn:two', '10 ms');
	SELECT count(*) FROM sfn.executions WHERE name = 'two';
	COMMIT}), "RUNNING\n1", 'a transaction waits and reads on');

is($node->safe_psql('postgres', q{CALL sfn.run_execution('quick', '{}')}) =~ s/^[^|]*\|//r, 'SUCCEEDED|{"ok":true}||',
	'run_execution shows the result');
is((grep { /snapshot .* still active|resource was not closed/ } slurp_file($node->logfile)), 0, 'nothing is left behind');

$node->stop;
done_testing();
