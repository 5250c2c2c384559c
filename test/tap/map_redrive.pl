
# A map run whose children fail at random is redriven and stopped over and over, at any moment, until all have succeeded:
# each item's effect is there exactly once, the counts are right, and nobody is left behind.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use SfnMachine;
use SfnTest;

my $items = 300;
my $rounds = ($ENV{SFN_SOAK} ? 10 : 1) * 15;
my $node = sfn_node('map_redrive', conf => "sfn.max_workers = 3\nsfn.poll_interval = '200 ms'");

$node->safe_psql('postgres', q{
	CREATE TABLE done (item int);
	CREATE TABLE share (of_failures float);
	INSERT INTO share VALUES (0.15);
	CREATE FUNCTION work(item int) RETURNS int LANGUAGE plpgsql AS $$
	BEGIN
		IF random() < (SELECT of_failures FROM share) THEN
			RAISE EXCEPTION 'bad luck';
		END IF;
		INSERT INTO done VALUES (item);
		RETURN item;
	END $$});
my $seed = $ENV{SFN_SEED} // int(rand(1_000_000));
srand($seed);
note("SFN_SEED=$seed");
foreach my $type ('STANDARD', 'EXPRESS')
{
	machine($node, lc $type, { StartAt => 'Each', States => { Each => {
		Type => 'Map', End => \1, MaxConcurrency => 40, ItemSelector => { 'item.$' => '$$.Map.Item.Value' },
		ItemProcessor => {
			ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => $type }, StartAt => 'Work',
			States => { Work => { Type => 'Task', Resource => 'sql:public.work', End => \1 } } } } } });
}

foreach my $machine ('standard', 'express')
{
	$node->safe_psql('postgres', 'TRUNCATE done; UPDATE share SET of_failures = 0.15');
	my $arn = started($node, $machine, [ 1 .. $items ]);
	my $status = "SELECT status FROM sfn.describe_execution('$arn')";

	foreach my $round (1 .. $rounds)
	{
		$node->safe_psql('postgres', 'UPDATE share SET of_failures = 0') if $round == $rounds;
		if ($round % 2 == 0 && $round < $rounds)
		{
			sleep(rand(0.15));
			$node->safe_psql('postgres', "SELECT sfn.stop_execution('$arn')");
		}
		last if $round == $rounds && $node->safe_psql('postgres', "SELECT sfn.wait_for_execution('$arn', '60 s')") eq 'SUCCEEDED';
		my $end = $node->safe_psql('postgres', "SELECT sfn.wait_for_execution('$arn', '60 s')");
		if ($end eq 'RUNNING')
		{
			fail("round $round ends");
			last;
		}
		last if $end eq 'SUCCEEDED';
		$node->safe_psql('postgres', "SELECT sfn.redrive_execution('$arn')");
	}
	ok(wait_for($node, $status, 'SUCCEEDED', 60), "$machine: succeeds in the end");
	is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT item) FROM done'), "$items|$items", '... each item exactly once');
	is($node->safe_psql('postgres', qq{SELECT items, items_succeeded, items_pending, items_running, items_failed, items_aborted, items_pending_redrive
		FROM sfn.map_runs WHERE execution_arn = '$arn'}), "$items|$items|0|0|0|0|0", '... and counted so');
	note('redrives: ' . $node->safe_psql('postgres', "SELECT redrive_count FROM sfn.map_runs WHERE execution_arn = '$arn'"));
	is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM sfn.execution WHERE stop_date IS NULL), (SELECT count(*) FROM sfn.inbox)'),
		'0|0', '... nothing is left behind');
}

is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
