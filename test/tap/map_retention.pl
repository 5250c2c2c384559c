
# Map runs and retention: children of a run that can be redriven are kept as long as the execution whose Map it is,
# and go with it; machines that children run go with the machine they belong to.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('map_retention', conf => "sfn.poll_interval = '200 ms'");

$node->safe_psql('postgres', q{
	CREATE TABLE ready (what text);
	CREATE FUNCTION work(what text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		IF NOT EXISTS (SELECT FROM ready r WHERE r.what = work.what) THEN
			RAISE EXCEPTION '% is not ready', what;
		END IF;
		RETURN what;
	END $$;
	INSERT INTO ready VALUES ('a')});
my %each = (Type => 'Map', End => \1, ItemProcessor => {
	ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Work',
	States => { Work => { Type => 'Task', Resource => 'sql:public.work', End => \1 } } });
machine($node, 'map', { StartAt => 'Each', States => { Each => \%each } });
machine($node, 'plain', { StartAt => 'P', States => { P => { Type => 'Pass', End => \1 } } });

# How many rows there are of an execution's map run: children, runs, rows of inputs.
sub rows
{
	my ($run) = @_;

	return qq{SELECT (SELECT count(*) FROM sfn.execution WHERE map_run_id = $run), (SELECT count(*) FROM sfn.map_run WHERE id = $run),
		(SELECT count(*) FROM sfn.map_run_input WHERE map_run_id = $run)};
}

# Ended a hundred days ago: the rows that the condition names.  A last, younger one tells when a pass has seen them.
sub pass_over
{
	my ($condition) = @_;

	run($node, 'plain', {});
	$node->safe_psql('postgres', qq{UPDATE sfn.execution e SET start_date = start_date - interval '100 days', stop_date = stop_date - interval '100 days'
		WHERE $condition OR e.state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'plain')});
	is($node->safe_psql('postgres', 'SELECT sfn.restart_worker()'), 't', 'a new executor begins with retention');
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'plain'}, 0, 60), '... which has passed');
	return;
}

my $ok = run($node, 'map', [ { what => 'a' }, { what => 'a' } ]);
is($ok->{status}, 'SUCCEEDED', 'a map run that succeeds');
my $failed = started($node, 'map', [ { what => 'a' }, { what => 'b' }, { what => 'b' } ]);
is(end_of($node, $failed)->{error}, 'States.ExceedToleratedFailureThreshold', 'one that fails');
my ($ok_run, $failed_run) = split /\n/, $node->safe_psql('postgres', 'SELECT id FROM sfn.map_run ORDER BY id');
is($node->safe_psql('postgres', rows($ok_run)), '2|1|0', 'the inputs of the first are not kept');
is($node->safe_psql('postgres', rows($failed_run)), '3|1|1', '... those of the second are');

pass_over('e.map_run_id IS NOT NULL');
is($node->safe_psql('postgres', rows($ok_run)), '0|1|0', 'old children of a run that has succeeded are gone');
is($node->safe_psql('postgres', rows($failed_run)), '3|1|1', '... of one that can be redriven they are kept');

$node->safe_psql('postgres', q{INSERT INTO ready VALUES ('b')});
$node->safe_psql('postgres', "SELECT sfn.redrive_execution('$failed')");
ok(wait_for($node, "SELECT status FROM sfn.describe_execution('$failed')", 'SUCCEEDED', 60), '... so that it can');

$node->safe_psql('postgres', q{DELETE FROM ready});
my $left = run($node, 'map', [ { what => 'a' } ]);
my $left_run = $node->safe_psql('postgres', 'SELECT max(id) FROM sfn.map_run');
is($node->safe_psql('postgres', rows($left_run)), '1|1|1', 'another that fails');
pass_over('true');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.map_run'), 0, 'map runs are deleted with their executions');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.map_run_input'), 0, '... and so are their inputs');
pass_over('false');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.execution'), 0, '... and then the children');

# A hidden machine whose state machine is gone, as one is that is made while that is being deleted.
$node->safe_psql('postgres', q{
	SELECT sfn.delete_state_machine('map');
	UPDATE sfn.state_machine SET status = 'ACTIVE' WHERE map_of IS NOT NULL});
$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
ok(wait_for($node, q{SELECT count(*) FROM sfn.state_machine WHERE status <> 'DELETED' AND name LIKE 'map%'}, 0, 60),
	'what children run is deleted with the machine it belongs to');

$node->stop;
done_testing();
