
# F29: deadlocks and serialization failures, forced upon every table that a turn writes, lose no news: whatever waits for a
# part (a Parallel, a Map, a parent of another execution, a Distributed Map) goes on when it has ended, and every effect is there once.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f29', conf => "sfn.poll_interval = 1s\n");
my $end = JSON::PP::true;
my $offset = -s $node->logfile;
create_machines($node);

my %work = (Type => 'Task', Resource => 'sql:public.work', End => $end);
my $part = { StartAt => 'Rest', States => { Rest => { Type => 'Wait', Seconds => 0, Next => 'Work' }, Work => {%work} } };
my $arn = 'arn:aws:states:us-east-1:000000000000:stateMachine';
machine($node, 'parts', { StartAt => 'Both', States => {
	Both => { Type => 'Parallel', Branches => [ $part, $part ], ResultPath => undef, Next => 'Each' },
	Each => { Type => 'Map', ItemsPath => '$.items', ItemProcessor => $part, ResultPath => undef, Next => 'Child' },
	Child => { Type => 'Task', Resource => 'arn:aws:states:::states:startExecution.sync', Parameters => { StateMachineArn => "$arn:child", 'Input.$' => '$' },
		ResultPath => undef, Next => 'Many' },
	Many => { Type => 'Map', ItemsPath => '$.items', ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, %$part },
		Label => 'many', End => $end } } });
machine($node, 'child', { StartAt => 'Work', States => { Work => {%work} } });

# Few enough that a turn of twenty statements has its chance.
$node->safe_psql('postgres', q{
	CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF random() < 0.04 THEN
			IF random() < 0.5 THEN
				RAISE EXCEPTION 'forced' USING ERRCODE = 'deadlock_detected';
			END IF;
			RAISE EXCEPTION 'forced' USING ERRCODE = 'serialization_failure';
		END IF;
		RETURN NULL;
	END $$});
my @tables = qw(execution branch inbox history_chunk task map_run map_run_input);
my $executions = rounds(100);
my $input = sql_text(json({ n => 1, items => [ { n => 2 }, { n => 3 } ] }));
$node->safe_psql('postgres', "SELECT count(sfn.start_execution('parts', $input)) FROM generate_series(1, $executions)");
$node->safe_psql('postgres', "CREATE TRIGGER fail AFTER INSERT OR UPDATE OR DELETE ON sfn.$_ FOR EACH STATEMENT EXECUTE FUNCTION fail()") foreach @tables;

# Each has two parts, two iterations, a child, two children of the Distributed Map.
ok(wait_for($node, q{SELECT count(*) FILTER (WHERE status = 'SUCCEEDED') || '/' || count(*) FROM sfn.executions WHERE state_machine = 'parts'},
		"$executions/$executions", 240), 'everything ends well');
my $forced = () = slurp_file($node->logfile, $offset) =~ /forced/g;
cmp_ok($forced, '>', 5, "$forced failures were forced");
$node->safe_psql('postgres', "DROP TRIGGER fail ON sfn.$_") foreach @tables;
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}), '0', '... children, too');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), 7 * $executions, '... each effect once');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

# A task that writes tables of ours is not to blame either, however often: the sixth try is the one that succeeds.
my $queue = $node->safe_psql('postgres', q{SELECT sfn.create_queue('orders')});
machine($node, 'unlucky', { StartAt => 'Child', States => {
	Child => { Type => 'Task', Resource => 'arn:aws:states:::states:startExecution.sync', Parameters => { StateMachineArn => "$arn:child", Input => { n => 4 } }, ResultPath => undef, Next => 'Send' },
	Send => { Type => 'Task', Resource => 'arn:aws:states:::sqs:sendMessage', Parameters => { QueueUrl => $queue, MessageBody => 'x' }, End => $end } } });
$node->safe_psql('postgres', q{
	CREATE SEQUENCE tries_of_execution;
	CREATE SEQUENCE tries_of_queue_message;
	CREATE FUNCTION fail_at_first() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF nextval('public.tries_of_' || TG_TABLE_NAME) < 6 THEN
			RAISE EXCEPTION 'forced' USING ERRCODE = 'deadlock_detected';
		END IF;
		RETURN NULL;
	END $$;
	BEGIN;
	SELECT sfn.start_execution('unlucky');
	CREATE TRIGGER fail AFTER INSERT ON sfn.execution FOR EACH STATEMENT EXECUTE FUNCTION fail_at_first();
	CREATE TRIGGER fail AFTER INSERT ON sfn.queue_message FOR EACH STATEMENT EXECUTE FUNCTION fail_at_first();
	COMMIT});
ok(wait_for($node, q{SELECT concat_ws(' ', status, error, cause) FROM sfn.executions WHERE state_machine = 'unlucky'}, 'SUCCEEDED', 60), 'conflicts of a task are not its failure');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM effect WHERE n = 4) || ' ' || (SELECT count(*) FROM sfn.queue_message)}), '1 1', '... and what it did is there once');

$node->stop;
done_testing();
