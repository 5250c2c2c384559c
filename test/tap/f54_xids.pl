
# F54: transaction ids are spent by commits, not by states: at most one for each execution and turn, far less when there
# is much to do; and no transaction takes more subtransaction ids than the server caches (64).

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

# Few checkpoints and no autovacuum: what is counted is ours.
my $node = sfn_node('f54', conf => "autovacuum = off\n");
my $executions = 5000;
my $states = 10;

sub next_xid
{
	return $node->safe_psql('postgres', 'SELECT pg_snapshot_xmax(pg_current_snapshot())');
}

sub start_many
{
	my ($machine) = @_;
	$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('$machine', ARRAY(SELECT json_build_object('n', i) FROM generate_series(1, $executions) i))");
	return wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0', 120);
}

#
# Pure transitions.
#
machine($node, 'chain',
	{   StartAt => 'S1',
		States => { map { ("S$_" => { Type => 'Pass', $_ < $states ? (Next => 'S' . ($_ + 1)) : (End => JSON::PP::true) }) } (1 .. $states) } });
my $before = next_xid();
ok(start_many('chain'), "$executions executions of $states states");
my $xids = next_xid() - $before;
cmp_ok($xids, '<=', $executions * $states * 0.05, "transaction ids: $xids for " . $executions * $states . ' transitions');

#
# SQL tasks that write: a subtransaction id each, 48 to a commit.
#
$node->safe_psql('postgres', q{
	CREATE TABLE effect (n integer, xid xid8, top xid8);
	CREATE FUNCTION effect(n integer) RETURNS integer LANGUAGE sql AS
		'INSERT INTO effect (n, xid) VALUES (n, pg_current_xact_id()) RETURNING n';
});
task_machine($node, 'writes', 'sql:public.effect');
is(run($node, 'writes', { n => 0 })->{status}, 'SUCCEEDED', 'the function proves fast');
$before = next_xid();
ok(start_many('writes'), "$executions executions that write");
$xids = next_xid() - $before;
cmp_ok($xids, '<', 1.5 * $executions, "transaction ids: $xids");

my ($transactions, $most) = split /\|/,
	$node->safe_psql('postgres', q{SELECT count(*), max(c) FROM (SELECT count(DISTINCT xmin::text) AS c FROM effect WHERE n > 0 GROUP BY xid) x});
cmp_ok($most, '<=', 64, "subtransaction ids of a transaction: at most $most");
cmp_ok($transactions, '<', $executions / 2, "... $transactions transactions, so tasks share them");

#
# A task that takes many by itself (one for each turn of its loop) ends the turn.
#
$node->safe_psql('postgres', q{
	CREATE FUNCTION loops(n integer) RETURNS integer LANGUAGE plpgsql AS $$
		BEGIN
			FOR i IN 1 .. 30 LOOP
				BEGIN
					INSERT INTO effect (n, xid) VALUES (-n, pg_current_xact_id());
				EXCEPTION WHEN division_by_zero THEN NULL;
				END;
			END LOOP;
			RETURN n;
		END$$;
});
task_machine($node, 'loops', 'sql:public.loops');
is(run($node, 'loops', { n => 0 })->{status}, 'SUCCEEDED', 'the function proves fast');
$executions = 500;
ok(start_many('loops'), "$executions executions whose task takes 31 subtransactions");
$most = $node->safe_psql('postgres', q{SELECT max(c) FROM (SELECT count(DISTINCT xmin::text) AS c FROM effect WHERE n < 0 GROUP BY xid) x});
cmp_ok($most, '<=', 48 + 32, "subtransaction ids of a transaction: at most $most, the last task's own among them");

$node->stop;
done_testing();
