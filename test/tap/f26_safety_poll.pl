
# F26: ordinary roles cannot write the tables; a row that came without a wake-up, as from a restore, is found within
# sfn.poll_interval.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f26', conf => "fsync = off\nsfn.poll_interval = '1s'\n");
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');
start($node, 'pass');
ok(all_done($node, 1, 60), 'the machine has run once');

$node->safe_psql('postgres', 'CREATE ROLE ordinary');
foreach my $table (qw(inbox execution history_chunk branch state_machine))
{
	my ($status, $out, $err) = $node->psql('postgres', "SET ROLE ordinary; INSERT INTO sfn.$table DEFAULT VALUES");
	like($err, qr/permission denied/, "an ordinary role may not insert into sfn.$table");
}

sub wakeups
{
	return $node->safe_psql('postgres', q{SELECT wakeups FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'});
}

ok(wait_for($node, q{SELECT state FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'}, 'idle'), 'the executor sleeps');
my $before = wakeups();
my $took = seconds(sub {
	$node->safe_psql('postgres', q{
		WITH e AS (
			INSERT INTO sfn.execution (state_machine_id, revision_id, starter, start_date, name, input)
			SELECT state_machine_id, revision_id, starter, clock_timestamp(), 'restored', '{}' FROM sfn.execution RETURNING id)
		INSERT INTO sfn.inbox (execution_id, due, kind) SELECT id, clock_timestamp(), 1 FROM e});
	ok(all_done($node, 2, 30), 'a row that nobody announced is found');
});
note(sprintf 'found and done in %.2f s', $took);
is(wakeups() - $before, 0, '... by looking, not by a wake-up');

$node->stop;
done_testing();
