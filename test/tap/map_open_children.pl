
# How many children of a map run are open at a time: 1,000 where the definition does not say, else as many as it says.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('open_children');
my $true = JSON::PP::true;

sub waiting_machine
{
	my ($name, %fields) = @_;

	machine($node, $name, { QueryLanguage => 'JSONata', StartAt => 'Each', States => { Each => { Type => 'Map', Label => 'Each', Items => '{% [1..1100] %}', %fields, End => $true, ItemProcessor => {
		ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Nap', States => { Nap => { Type => 'Wait', Seconds => 3600, End => $true } } } } } });
	return started($node, $name);
}

my $counts = 'SELECT executions_running, executions_pending FROM sfn.map_runs WHERE state_machine = ';
my $plain = waiting_machine('plain');
ok(wait_for($node, "${counts}'plain'", '1000|100'), 'without a number a thousand are open');
$node->safe_psql('postgres', q{SELECT sfn.update_map_run(map_run_arn, max_concurrency => 1050) FROM sfn.map_runs});
ok(wait_for($node, "${counts}'plain'", '1050|50'), 'more where somebody says so');
waiting_machine('told', MaxConcurrency => 10000);
ok(wait_for($node, "${counts}'told'", '1100|0'), '... as the definition may');
$node->safe_psql('postgres', "SELECT sfn.stop_execution('$plain')");
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$plain'", 'ABORTED'), 'a stop ends them');

$node->stop;
done_testing();
