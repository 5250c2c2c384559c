
# F38: workers are woken by the commit and not before, once per transaction however many executions it starts; what a
# savepoint takes back wakes nobody.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f38');
create_machines($node);
ok(wait_for_executor($node), 'an executor is there');

sub wakeups
{
	return $node->safe_psql('postgres', q{SELECT wakeups FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'});
}

sub idle
{
	return wait_for($node, q{SELECT state FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'}, 'idle');
}

idle();
my $before = wakeups();
my $count = rounds(100_000);
my ($session, $out) = start_psql($node, qq{
	BEGIN;
	SELECT count(sfn.start_execution('pass')) FROM generate_series(1, $count);
	SELECT turns FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres';
	COMMIT;
});
$session->finish;
my ($started, $turns) = split /\n/, $$out;
is($started, $count, "$count executions started in one transaction");
ok(all_done($node, $count, 120), 'all of them run');
is(wakeups() - $before, 1, 'after one wake-up');

idle();
$before = wakeups();
my $turns_before = $node->safe_psql('postgres', q{SELECT turns FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'});
$node->safe_psql('postgres', q{BEGIN; SELECT sfn.start_execution('pass'); ROLLBACK});
$node->safe_psql('postgres', q{
	BEGIN;
	SAVEPOINT a;
	SELECT sfn.start_execution('pass');
	SAVEPOINT b;
	SELECT sfn.start_execution('pass');
	RELEASE b;
	ROLLBACK TO a;
	COMMIT});
is(wakeups() - $before, 0, 'a rollback, to a savepoint as well, wakes nobody');

$node->safe_psql('postgres', q{
	BEGIN;
	SAVEPOINT a;
	SELECT sfn.start_execution('pass');
	SAVEPOINT b;
	SELECT sfn.start_execution('pass');
	ROLLBACK TO b;
	RELEASE a;
	SAVEPOINT c;
	SELECT sfn.start_execution('pass');
	ROLLBACK TO c;
	COMMIT});
is(wakeups() - $before, 1, 'what is left in the end wakes once');
ok(all_done($node, $count + 1, 60), 'and runs');

# A statement that fails inside a function's EXCEPTION block.
idle();
$before = wakeups();
$node->safe_psql('postgres', q{
	DO $$
	BEGIN
		PERFORM sfn.start_execution('pass');
		RAISE EXCEPTION 'no';
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END $$});
is(wakeups() - $before, 0, 'nor does what an EXCEPTION block takes back');

$node->stop;
done_testing();
