
# Retention under a load that leaves no rest: steps follow each other between turns while less is deleted than ends.  The histories
# are so long that a step deletes few: with one step for each turn a twentieth of what ends would be deleted.  How many they are
# for each that ends is a matter of the machine (0.5 to 1.1 here); part G of make bench measures it in steady state.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

use constant { EXPIRED => 30_000, STARTED => 20_000, ENDED => 7_000 };
my $node = sfn_node('retention_share');
my %states = map { +"P$_" => { Type => 'Pass', $_ == 10 ? (End => \1) : (Next => 'P' . ($_ + 1)) } } 1 .. 10;
machine($node, 'passes', { StartAt => 'P1', States => \%states });

$node->safe_psql('postgres', 'ALTER SYSTEM SET sfn.enabled = off');
$node->reload;
wait_until(sub { !workers($node, 'postgres') }) or die 'the executor stays';
$node->safe_psql('postgres', 'INSERT INTO sfn.execution (state_machine_id, revision_id, starter, name, input, start_date, stop_date, status, last_event_id)
	SELECT m.id, m.revision_id, m.role, n, \'{}\', now() - interval \'100 days\', now() - interval \'100 days\', 2, 100
	FROM sfn.state_machine m, generate_series(1, ' . EXPIRED . ') n');
my $last = $node->safe_psql('postgres', 'SELECT max(id) FROM sfn.execution');
$node->safe_psql('postgres', q{SELECT count(*) FROM sfn.start_executions('passes', ARRAY(SELECT '{}'::json FROM generate_series(1, } . STARTED . ')))');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET sfn.enabled');
$node->reload;
# How many have ended and how many are deleted, when that many more have ended.
sub look
{
	my ($ended) = @_;
	my @counts;

	wait_until(sub {
		@counts = split /\|/, $node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE id > $last AND stop_date IS NOT NULL),
			@{[ EXPIRED ]} - count(*) FILTER (WHERE id <= $last) FROM sfn.execution");
		return $counts[0] >= $ended;
	}, 120) or die 'executions do not end';
	return @counts;
}

my ($ended_first, $deleted_first) = look(1000);
my ($ended, $deleted) = look($ended_first + ENDED);
note("$ended ended, $deleted deleted; $ended_first and $deleted_first of them at first");
cmp_ok($ended, '<', STARTED, 'there are always executions to do');
cmp_ok($deleted - $deleted_first, '>=', 0.2 * ($ended - $ended_first), '... and steps follow each other between their turns');

ok(wait_for($node, "SELECT count(*) FROM sfn.execution WHERE id <= $last OR stop_date IS NULL", 0, 120), 'in the end, all that have expired are gone, and all others have ended');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.execution'), STARTED, '... and stay');

$node->stop;
done_testing();
