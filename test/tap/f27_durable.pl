
# F27: what was started is durable.  The server is stopped hard (pg_ctl stop -m immediate) under load; afterwards every
# execution whose start was confirmed has run to its end, each with one effect, and no other.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnMachine;
use SfnTest;

my $node = sfn_node('f27', conf => "fsync = on\nsynchronous_commit = on\nrestart_after_crash = on\n");
my $rounds = rounds(50);

$node->safe_psql('postgres', q{
	CREATE TABLE effect (id text);
	CREATE FUNCTION effect(input jsonb) RETURNS jsonb LANGUAGE sql AS
		$$INSERT INTO effect VALUES (input ->> 'id') RETURNING input$$;
	CREATE TABLE confirmed (id text);
});
machine($node, 'durable',
	{   StartAt => 'First',
		States => {
			First => { Type => 'Pass', Next => 'Effect' },
			Effect => { Type => 'Task', Resource => 'sql:public.effect', Next => 'Moment' },
			Moment => { Type => 'Wait', Seconds => 1, Next => 'Last' },
			Last => { Type => 'Pass', End => JSON::PP::true },
		} });

# A client that starts executions, one transaction each, and prints the ids whose start was confirmed.
sub start_client
{
	my ($round, $client) = @_;
	my $sql = join '', map { "SELECT sfn.start_execution('durable', '{\"id\": \"$round-$client-$_\"}') \\gset\n\\echo $round-$client-$_\n" } (1 .. 2000);
	return [ start_psql($node, $sql) ];
}

my @confirmed;
foreach my $round (1 .. $rounds)
{
	my @clients = map { start_client($round, $_) } (1, 2);
	my $before = $round == 1 ? 0 : scalar(@confirmed);

	# stop in the midst of it, at another moment each time
	my $enough = 20 + 37 * ($round % 7);
	my $deadline = time() + 60;
	while (time() < $deadline)
	{
		$_->[0]->pump_nb() foreach @clients;
		last if (grep { (() = ${ $_->[1] } =~ /\n/g) >= $enough } @clients) == @clients;
		sleep 0.005;
	}
	$node->stop('immediate');
	eval { $_->[0]->finish } foreach @clients;
	push @confirmed, split /\n/, ${ $_->[1] } foreach @clients;
	cmp_ok(scalar(@confirmed), '>', $before, "round $round: starts were confirmed") or diag(${ $clients[0]->[2] });
	$node->start;
}

ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0', 120), 'every execution ends');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}), '0', '... well');

$node->safe_psql('postgres', 'INSERT INTO confirmed VALUES ' . join(', ', map { "('$_')" } @confirmed));
is($node->safe_psql('postgres', q{SELECT count(*) FROM confirmed c WHERE NOT EXISTS
	(SELECT FROM sfn.executions e WHERE e.input ->> 'id' = c.id)}), '0', 'no confirmed start was lost (' . @confirmed . ')');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT id FROM effect GROUP BY id HAVING count(*) > 1) x}), '0', 'no effect twice');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions e WHERE NOT EXISTS
	(SELECT FROM effect f WHERE f.id = e.input ->> 'id')}), '0', 'no execution without its effect');
is($node->safe_psql('postgres', q{SELECT count(*) FROM effect f WHERE NOT EXISTS
	(SELECT FROM sfn.executions e WHERE f.id = e.input ->> 'id')}), '0', 'no effect without its execution');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT n::text, ' ') FROM (SELECT execution_arn, CASE WHEN count(*) = max(id) THEN count(*) END AS n FROM sfn.history
	GROUP BY 1) x}), '13', 'every history is whole');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.inbox}), '0', 'nothing is left in the inbox');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');

is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
