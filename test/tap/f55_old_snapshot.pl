
# F55: a transaction keeps an old snapshot open while much is done, so that nothing dead can be cleaned away.  Work goes on at
# its pace.  (make bench has the rates, with and without.)

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f55', conf => "fsync = off\nsynchronous_commit = off\n");
create_machines($node);
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('passes', json_build_object('StartAt', 'S1', 'States', json_object_agg('S' || n,
		CASE WHEN n = 10 THEN '{"Type": "Pass", "End": true}' ELSE json_build_object('Type', 'Pass', 'Next', 'S' || n + 1) END)))
	FROM generate_series(1, 10) n});
ok(wait_for_executor($node), 'an executor is there');

sub batch
{
	return seconds(sub {
		$node->safe_psql('postgres', q{SELECT count(*) FROM sfn.start_executions('passes', ARRAY(SELECT '{}'::json FROM generate_series(1, 2000)))});
		wait_for($node, 'SELECT count(*) FROM sfn.inbox', '0') or die 'no progress';
	});
}

batch();
my $session = $node->background_psql('postgres');
$session->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
$session->query_safe('SELECT count(*) FROM sfn.execution');
my @times = map { batch() } (1 .. rounds(100));
note('seconds for each 2,000 executions: ' . join ' ', map { sprintf '%.2f', $_ } @times);
my $half = int(@times / 2);
my ($first, $last) = (0, 0);
$first += $_ foreach @times[0 .. $half - 1];
$last += $_ foreach @times[@times - $half .. $#times];
cmp_ok($last, '<', 3 * $first + 2, 'the last ones take as long as the first');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}), '0', 'all have ended well');
is($session->query_safe('SELECT count(*) FROM sfn.execution'), '2000', 'the snapshot is still the old one');
$session->query_safe('COMMIT');
$session->quit;

$node->stop;
done_testing();
