
# Tasks that run alone are for helpers.  What a helper leaves for later is taken up when it is due, not when somebody
# happens to look (the permanent executor looks after a second, a resting helper after five).

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnMachine;
use SfnWorkers;

my $node = sfn_node('helpers');
my $rounds = 4;

# Seconds from start to end of the slowest of some executions of the machine, whose functions have not proved themselves;
# of several tries the best, since a computer has other work, too.  Each try begins without helpers.
sub best_time
{
	my ($machine) = @_;
	my $best = 1000;

	foreach my $round (1 .. $rounds)
	{
		$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
		wait_for($node, q{SELECT string_agg(worker || state, ' ') FROM sfn.workers WHERE worker <> 'launcher'}, 'executoridle');
		$node->safe_psql('postgres', "CREATE OR REPLACE FUNCTION f$_(input json) RETURNS json LANGUAGE sql AS 'SELECT json ''$round'''") foreach 1 .. 3;
		$node->safe_psql('postgres', "SELECT sfn.start_execution('$machine', '{}', '$machine' || $round || i) FROM generate_series(1, 3) i");
		wait_for($node, "SELECT count(*) FROM sfn.executions WHERE state_machine = '$machine' AND status = 'SUCCEEDED'", 3 * $round)
			or return $best;
		my $took = $node->safe_psql('postgres', "SELECT max(extract(epoch FROM stop_date - start_date)) FROM sfn.executions WHERE name LIKE '$machine$round%'");
		$best = $took if $took < $best;
	}
	return $best;
}

$node->safe_psql('postgres', "CREATE FUNCTION f$_(input json) RETURNS json LANGUAGE sql AS 'SELECT json ''0'''") foreach 1 .. 3;

machine($node, 'chain', { StartAt => 'A', States => {
	A => { Type => 'Task', Resource => 'sql:public.f1', Next => 'B' },
	B => { Type => 'Task', Resource => 'sql:public.f2', Next => 'C' },
	C => { Type => 'Task', Resource => 'sql:public.f3', End => JSON::PP::true } } });
in_time(best_time('chain'), 0.7, 'three tasks that run alone follow each other at once');

machine($node, 'pause', { StartAt => 'A', States => {
	A => { Type => 'Task', Resource => 'sql:public.f1', Next => 'B' },
	B => { Type => 'Wait', QueryLanguage => 'JSONata', Timestamp => '{% $fromMillis($millis() + 200) %}', End => JSON::PP::true } } });
in_time(best_time('pause'), 0.7, 'a moment that a helper set is met');

ok(log_is_clean($node), 'nothing in the log');
$node->stop;
done_testing();
