
# An execution that crashes its worker again and again is taken out of the way: the others are innocent and go on, and an
# administrator can end it or let it run again.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('quarantine', conf => "restart_after_crash = on\n");
my $end = JSON::PP::true;

$node->safe_psql('postgres', q{
	CREATE TABLE effect (n integer);
	CREATE FUNCTION effect(n integer) RETURNS integer LANGUAGE sql AS 'INSERT INTO effect VALUES (n) RETURNING n';
	-- the program's parent is the server process that runs it
	CREATE FUNCTION crash(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO effect VALUES (-1);
			COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID; sleep 10';
			RETURN 'alive';
		END$$;
});
machine($node, 'innocent',
	{   StartAt => 'First',
		States => {
			First => { Type => 'Task', Resource => 'sql:public.effect', ResultPath => '$.first', Next => 'Wait' },
			Wait => { Type => 'Wait', Seconds => 3, Next => 'Second' },
			Second => { Type => 'Task', Resource => 'sql:public.effect', Parameters => { 'n.$' => '$.n' }, End => $end },
		} });
machine($node, 'poison',
	{   StartAt => 'Before',
		States => {
			Before => { Type => 'Pass', Next => 'Crash' },
			Crash => { Type => 'Task', Resource => 'sql:public.crash', TimeoutSeconds => 3600, Next => 'After' },
			After => { Type => 'Pass', End => $end },
		} });

$node->safe_psql('postgres', q{
	CREATE TABLE told (event json);
	CREATE FUNCTION tell(event json) RETURNS void LANGUAGE sql AS 'INSERT INTO public.told VALUES (event)';
	SELECT sfn.create_rule('quarantined', '{"source": ["sfn"], "detail-type": ["Execution Quarantined"]}', 'sql:public.tell');
});
$node->safe_psql('postgres', q{SELECT count(*) FROM sfn.start_executions('innocent', ARRAY(SELECT json_build_object('n', i) FROM generate_series(1, 200) i))});
# both in one commit: the first brings the server down at once
my ($poison, $other) = split /\n/, $node->safe_psql('postgres', q{SELECT sfn.start_execution('poison') FROM generate_series(1, 2)});
ok(wait_for($node, q{SELECT string_agg((quarantined_at IS NOT NULL)::text, ',') FROM sfn.executions WHERE state_machine = 'poison'}, 'true,true', 180),
	'executions that crash their workers are quarantined');
my $crashes = () = slurp_file($node->logfile) =~ /was terminated by signal 9/g;
cmp_ok($crashes, '<=', 2 * 5, "... after $crashes crashes");
like($node->safe_psql('postgres', "SELECT quarantine_reason FROM sfn.executions WHERE execution_arn = '$poison'"), qr/\w+ .*\w+/, '... with a reason');
like(slurp_file($node->logfile), qr/is quarantined/, '... and a line in the log');
ok(wait_for($node, q{SELECT count(*), count(DISTINCT e.execution_arn) FROM told JOIN sfn.executions e
	ON e.execution_arn = event -> 'resources' ->> 0 AND e.execution_arn = event -> 'detail' ->> 'executionArn' AND e.quarantine_reason = event -> 'detail' ->> 'reason'},
	'2|2'), 'an event tells of each');

ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'innocent' AND status = 'SUCCEEDED'}, '200', 120), 'the innocent go on');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'innocent' AND quarantined_at IS NOT NULL}), '0', '... none is quarantined');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT n FROM effect GROUP BY n HAVING count(*) <> 2) x}), '0', '... each effect once');
is(run($node, 'innocent', { n => 0 })->{status}, 'SUCCEEDED', 'new ones run');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'poison' AND status = 'RUNNING' AND state = 'Crash'}), '2',
	'the quarantined ones stand where they stood');

# One is ended.
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$poison', 'Poison', 'it crashes')");
is(end_of($node, $poison)->{status}, 'ABORTED', 'a quarantined execution can be stopped');
like(event_types($node, $poison), qr/^ExecutionStarted PassStateEntered PassStateExited TaskStateEntered TaskScheduled TaskStarted ExecutionAborted$/,
	'... with a whole history');

# The other one is repaired.
is(($node->psql('postgres', "SELECT sfn.release_execution('$poison')"))[0], 0, 'releasing what has ended is no error');
is($node->safe_psql('postgres', "SELECT quarantined_at IS NULL FROM sfn.executions WHERE execution_arn = '$poison'"), 't', 'its end was the end of its quarantine');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.inbox WHERE kind = 14'), '0', 'what crashes is not tried again by itself');
$node->safe_psql('postgres', q{CREATE OR REPLACE FUNCTION crash(input jsonb) RETURNS text LANGUAGE sql AS $$SELECT 'repaired'$$});
$node->safe_psql('postgres', "SELECT sfn.release_execution('$other')");
my $result = end_of($node, $other);
is("$result->{status} $result->{output}", 'SUCCEEDED repaired', 'a released execution goes on');
is($node->safe_psql('postgres', "SELECT quarantined_at IS NULL FROM sfn.executions WHERE execution_arn = '$other'"), 't', '... and is like any other');

#
# What looks like the server's fault is tried again before it is the task's.
#
$node->safe_psql('postgres', q{
	CREATE FUNCTION internal(input jsonb) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'index is broken' USING ERRCODE = 'XX002'; END$$;
});
task_machine($node, 'internal', 'sql:public.internal');
$result = run($node, 'internal');
is("$result->{status} $result->{error}", 'FAILED Sql.index_corrupted', 'an internal error becomes the task\'s at last');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'internal' AND quarantined_at IS NOT NULL}), '0', '... it is not quarantined');

#
# What cannot be read any more fails; it does not take the worker with it.
#
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('waits', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 2, "End": true}}}')});
my @broken = map { started($node, 'waits') } (1 .. 4);
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'waits' AND state = 'W'}, '4'), 'some wait');
my @names = map { (split /:/, $_)[-1] } @broken;
$node->safe_psql('postgres', qq{
	UPDATE sfn.execution SET image = '{"nonsense": 1}' WHERE name = '$names[0]';
	UPDATE sfn.execution SET image = '{"state": "elsewhere", "status": "WAITING"}' WHERE name = '$names[1]';
	UPDATE sfn.execution SET revision_id = 999999999 WHERE name = '$names[2]';
});
foreach my $i (0 .. 2)
{
	$result = end_of($node, $broken[$i]);
	is("$result->{status} " . ($result->{error} // ''), 'FAILED States.Runtime', "a broken execution fails: $result->{cause}");
}
is(end_of($node, $broken[3])->{status}, 'SUCCEEDED', 'the others are not touched by it');

$node->stop;
done_testing();
