
# Distributed Map with workers: thousands of children from a file, through crashes of workers and server, each item's
# effect exactly once; export; a stop in the middle; a redrive that goes on with what is missing; children of either type.

use strict;
use warnings;

use File::Path qw(make_path);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use SfnTest;
use SfnWorkers;

my $items = 3000;
my $bucket = PostgreSQL::Test::Utils::tempdir_short();
my $node = sfn_node('map', conf => "restart_after_crash = on\nlog_statement = none\n");

chmod 0777, $bucket;
open(my $csv, '>', "$bucket/items.csv") or die $!;
print $csv "n,word\n", map { "$_,\"word, $_\"\n" } 1 .. $items;
close($csv);

# A machine whose only state is a Distributed Map; $map: its fields, $states: those of its children.
sub map_machine
{
	my ($name, $map, $type, $states) = @_;
	my $definition = {
		StartAt => 'Each', States => {
			Each => {
				Type => 'Map', End => JSON::PP::true, %$map,
				ItemProcessor => {
					ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => $type },
					StartAt => 'Work', States => $states } } } };
	my $text = JSON::PP->new->canonical->encode($definition);

	$node->safe_psql('postgres', "SELECT sfn.create_state_machine('$name', \$d\$$text\$d\$)");
	return;
}

sub status_of
{
	my ($arn) = @_;

	return "SELECT status FROM sfn.executions WHERE execution_arn = '$arn'";
}

sub file
{
	my ($path) = @_;

	open(my $in, '<', "$bucket/$path") or return;
	local $/;
	return decode_json(scalar <$in>);
}

my %reader = (ItemReader => {
	Resource => 'arn:aws:states:::s3:getObject', Parameters => { Bucket => 'items', Key => 'items.csv' },
	ReaderConfig => { InputType => 'CSV', CSVHeaderLocation => 'FIRST_ROW' } });
my $effect = { Work => { Type => 'Task', Resource => 'sql:public.effect', End => JSON::PP::true } };

$node->safe_psql('postgres', qq{
	CREATE TABLE effect (n int, run text);
	CREATE TABLE bad (n int);
	CREATE FUNCTION effect(item jsonb) RETURNS jsonb LANGUAGE plpgsql AS \$\$
	BEGIN
		IF EXISTS (SELECT FROM bad WHERE bad.n = (item ->> 'n')::int) THEN
			RAISE 'bad item %', item ->> 'n';
		END IF;
		INSERT INTO effect VALUES ((item ->> 'n')::int, item ->> 'run');
		RETURN item;
	END \$\$;
	SELECT sfn.create_bucket('items', 'file://$bucket');
});

# ---- crashes ----
map_machine('crashing', {
		%reader, ItemSelector => { 'n.$' => '$$.Map.Item.Value.n', 'word.$' => '$$.Map.Item.Value.word', run => 'crash' },
		ResultWriter => { Resource => 'arn:aws:states:::s3:putObject', Parameters => { Bucket => 'items', Prefix => 'out' } } },
	'STANDARD', $effect);
my $arn = start($node, 'crashing', '{}');

foreach my $part (1 .. 4)
{
	last if !wait_for($node, "SELECT count(*) >= " . $part * 500 . ' FROM effect', 't', 60);
	if ($part % 2 == 1)
	{
		my $pid = executor_pid($node);

		kill 'KILL', $pid if $pid;
	}
	else
	{
		$node->stop('immediate');
		$node->start;
	}
	wait_for($node, 'SELECT 1', '1', 60);
}
ok(wait_for($node, status_of($arn), 'SUCCEEDED', 120), 'a map run survives kills of workers and of the server')
	or diag($node->safe_psql('postgres', 'SELECT * FROM sfn.map_run; SELECT * FROM sfn.workers'));
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT n), sum(n) FROM effect}),
	join('|', $items, $items, $items * ($items + 1) / 2), 'each item has had its effect exactly once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.map_run_input'), '0', 'inputs are gone');

my ($key) = $node->safe_psql('postgres', "SELECT output -> 'ResultWriterDetails' ->> 'Key' FROM sfn.executions WHERE execution_arn = '$arn'");
my $manifest = file($key);
is($manifest->{DestinationBucket}, 'items', 'the result names the manifest');
is_deeply([ map { scalar @{ $manifest->{ResultFiles}{$_} } } qw(FAILED PENDING SUCCEEDED) ], [ 0, 0, 1 ], 'which names the files');
my $records = file($manifest->{ResultFiles}{SUCCEEDED}[0]{Key});
is(scalar(@$records), $items, 'with a record for each child');
is(decode_json($records->[41]{Output})->{word}, 'word, 42', 'in the order of the items');
is_deeply([ sort keys %{ $records->[0] } ], [
		qw(ExecutionArn Input InputDetails Name Output OutputDetails RedriveCount RedriveStatus RedriveStatusReason StartDate StateMachineArn Status StopDate) ],
	'that has the members of AWS');

# ---- a stop in the middle, and a redrive ----
$node->safe_psql('postgres', 'TRUNCATE effect');
map_machine('stopped', { %reader, MaxConcurrency => 20, ResultPath => undef,
		ItemSelector => { 'n.$' => '$$.Map.Item.Value.n', run => 'stop' } }, 'STANDARD', $effect);
$arn = start($node, 'stopped', '{"k": 1}');
ok(wait_for($node, 'SELECT count(*) > 200 FROM effect', 't', 60), 'a map run is under way');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$arn')");
ok(wait_for($node, status_of($arn), 'ABORTED', 20), 'its execution is stopped');
ok(wait_for($node, q{SELECT count(*) FROM sfn.execution WHERE stop_date IS NULL}, '0', 20), 'no child is left open');
ok(wait_for($node, 'SELECT count(*) FROM sfn.inbox', '0', 20), 'nor anything in the inbox');
my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM effect');
cmp_ok($before, '<', $items, "after $before items");
is($node->safe_psql('postgres', q{SELECT status, succeeded + aborted = started FROM sfn.map_run ORDER BY id DESC LIMIT 1}), '5|t',
	'the map run is aborted, all children are counted') or diag($node->safe_psql('postgres', 'SELECT * FROM sfn.map_run'));
$node->safe_psql('postgres', "SELECT sfn.redrive_execution('$arn')");
ok(wait_for($node, status_of($arn), 'SUCCEEDED', 60), 'a redrive goes on with it');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n) FROM effect'), "$items|$items", 'and does what was missing, once');

# ---- failures: tolerated, too many, redriven; batches ----
$node->safe_psql('postgres', 'TRUNCATE effect; INSERT INTO bad VALUES (10), (20), (30)');
my %tolerant = (%reader, ItemSelector => { 'n.$' => '$$.Map.Item.Value.n', run => 'fail' }, ResultPath => undef);
map_machine('tolerant', { %tolerant, ToleratedFailurePercentage => 1 }, 'EXPRESS', $effect);
$arn = start($node, 'tolerant', '{}');
ok(wait_for($node, status_of($arn), 'SUCCEEDED', 60), 'three failures of EXPRESS children are tolerated');
is($node->safe_psql('postgres', q{SELECT failed, succeeded FROM sfn.map_run ORDER BY id DESC LIMIT 1}), '3|' . ($items - 3), 'and counted');

$node->safe_psql('postgres', 'TRUNCATE effect');
map_machine('strict', { %tolerant, ToleratedFailureCount => 2 }, 'EXPRESS', $effect);
$arn = start($node, 'strict', '{}');
ok(wait_for($node, status_of($arn), 'FAILED', 60), 'a third is one too many');
is($node->safe_psql('postgres', "SELECT error FROM sfn.executions WHERE execution_arn = '$arn'"),
	'States.ExceedToleratedFailureThreshold', 'with the error of AWS');
$node->safe_psql('postgres', "TRUNCATE bad; SELECT sfn.redrive_execution('$arn')");
ok(wait_for($node, status_of($arn), 'SUCCEEDED', 60), 'the redrive succeeds');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n) FROM effect'), "$items|$items", 'and begins the failed EXPRESS children anew');

# ---- sources that take long, of one machine ----
$node->safe_psql('postgres', 'SELECT sfn.create_state_machine($$slow$$, $$' . JSON::PP->new->encode({ StartAt => 'Each', States => { Each => { Type => 'Map', End => JSON::PP::true,
	ItemReader => { Resource => 'arn:aws:states:::sql:query', Parameters => { Query => "SELECT 1 FROM pg_sleep(600) WHERE 'slow' <> ''" } },
	ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Work', States => { Work => { Type => 'Pass', End => JSON::PP::true } } } } } }) . '$$)');
my @slow = map { start($node, 'slow', '{}') } 1 .. 2;
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event = 'PgSleep'}, '2', 20),
	'neither run of a new Map waits for the other to read its items');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.map_runs WHERE state_machine = 'slow' AND status = 'RUNNING'}), '2', 'which are seen meanwhile');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$_')") foreach @slow;
ok(wait_for($node, status_of($_), 'ABORTED', 20), 'a stop ends the reading') foreach @slow;

map_machine('batches', { %reader, ItemBatcher => { MaxItemsPerBatch => 70, BatchInput => { k => 'v' } } }, 'STANDARD',
	{ Work => { Type => 'Pass', Parameters => { 'count.$' => 'States.ArrayLength($.Items)', 'k.$' => '$.BatchInput.k' }, End => JSON::PP::true } });
$arn = start($node, 'batches', '{}');
ok(wait_for($node, status_of($arn), 'SUCCEEDED', 60), 'batches');
is($node->safe_psql('postgres', "SELECT count(*), sum((o ->> 'count')::int), max((o ->> 'count')::int), min(o ->> 'k')"
		. " FROM sfn.executions, json_array_elements(output) o WHERE execution_arn = '$arn'"),
	join('|', int(($items + 69) / 70), $items, 70, 'v'), 'have all items');
is($node->safe_psql('postgres', 'SELECT item_count, items_succeeded, child_count FROM sfn.map_run ORDER BY id DESC LIMIT 1'),
	join('|', $items, $items, int(($items + 69) / 70)), 'which are counted beside the children');

$node->stop;
done_testing();
