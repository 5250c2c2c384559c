
# Replays under workers: each archived event is put again once, in its order, whatever dies with a part put and not committed.
# Archives and replays that are under way go through a dump; what was kept long enough goes.

use strict;
use warnings;

use File::Spec;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('archives', conf => "restart_after_crash = on\n");
my $rounds = rounds(3);
my $count = 450;

$node->safe_psql('postgres', qq{
	CREATE TABLE public.told (replay text, n int);
	CREATE FUNCTION public.tell(event json) RETURNS void LANGUAGE sql
		AS \$\$ INSERT INTO public.told VALUES (event ->> 'replay-name', (event -> 'detail' ->> 'n')::int) \$\$;
	SELECT sfn.create_state_machine('again', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_archive('all', '{"source": ["app"]}');
	SELECT count(sfn.put_event('app', 't', json_build_object('n', n), "time" => '2026-01-01'::timestamptz + n * interval '1 second')) FROM generate_series($count, 1, -1) n;
	SELECT sfn.create_rule('again', '{"source": ["app"], "replay-name": [{"exists": true}]}', 'again',
		input_transformer => '{"InputPathsMap": {"replay": "\$.replay-name", "n": "\$.detail.n"}, "InputTemplate": "{\\"replay\\": <replay>, \\"n\\": <n>}"}');
	SELECT sfn.create_rule('tell', '{"source": ["app"], "replay-name": ["r1"]}', 'sql:public.tell');
	-- what is told of one event in the midst of a part is a dead letter
	SELECT sfn.create_bus('gone');
	SELECT sfn.create_rule('stops', '{"source": ["app"], "detail": {"n": [250]}, "replay-name": [{"exists": true}]}', 'arn:aws:events:us-east-1:000000000000:event-bus/gone');
	SELECT sfn.drop_bus('gone');
});
is($node->safe_psql('postgres', 'SELECT events FROM sfn.event_archives'), $count, 'all are kept');

my @ways = (
	[ 'the executor is killed', sub { kill 'KILL', $_[0] } ],
	[ 'the server is stopped at once', sub { restart_node($node, 'immediate') } ],
	[ 'the executor is told to go', sub { $node->safe_psql('postgres', "SELECT pg_terminate_backend($_[0])") } ],
);
my $held = q{SELECT min(pid) FROM pg_stat_activity JOIN pg_locks USING (pid)
	WHERE backend_type = 'sfn executor' AND NOT granted AND relation = 'sfn.event_dead_letter'::regclass};
my $holds = q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'};

for my $round (1 .. $rounds)
{
	my ($name, $way) = @{ $ways[ $round % @ways ] };
	my ($holder) = start_statements($node, 'BEGIN', 'LOCK TABLE sfn.event_dead_letter IN SHARE MODE', 'SELECT pg_sleep(600)');
	my $executor;

	ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'}, '1'), "round $round: the table is locked");
	$node->safe_psql('postgres', "SELECT sfn.start_replay('r$round', 'all', '2026-01-01')");
	ok(wait_until(sub { $executor = $node->safe_psql('postgres', $held) }), "round $round: a part has not committed");
	is($node->safe_psql('postgres', "SELECT state, replayed FROM sfn.event_replays WHERE name = 'r$round'"), 'RUNNING|200', "round $round: those before have");
	$way->($executor);
	eval { $node->psql('postgres', $holds) }; # the server may not be back
	$holder->finish;
	ok(wait_for($node, "SELECT state, replayed FROM sfn.event_replays WHERE name = 'r$round'", "COMPLETED|$count"), "round $round: $name, and it goes on");
}
ok(wait_for($node, 'SELECT count(*) FROM sfn.inbox', '0'), 'nothing is left to do');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT (input ->> 'replay', input ->> 'n')) FROM sfn.executions WHERE state_machine = 'again'}),
	$rounds * $count . '|' . $rounds * $count, 'each event has started one execution in each replay');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT (input ->> 'n')::int < lag((input ->> 'n')::int) OVER (PARTITION BY input ->> 'replay' ORDER BY e.id) AS is_out
	FROM sfn.execution e WHERE state_machine_id = (SELECT id FROM sfn.state_machine WHERE name = 'again')) o WHERE is_out}), '0', 'in the order of their times');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT n) FROM public.told}), "$count|$count", 'and called the function once');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT event ->> 'replay-name') FROM sfn.event_dead_letters}), "$rounds|$rounds", 'a dead letter is there once for each');
is($node->safe_psql('postgres', 'SELECT events FROM sfn.event_archives'), $count, 'nothing that was put again is kept again');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

# Who cancels waits for the part that is being put; what was put stays.
{
	my ($holder) = start_statements($node, 'BEGIN', 'LOCK TABLE sfn.event_dead_letter IN SHARE MODE', 'SELECT pg_sleep(600)');
	ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'}, '1'), 'the table is locked');
	$node->safe_psql('postgres', q{SELECT sfn.start_replay('cancelled', 'all', '2026-01-01')});
	ok(wait_until(sub { $node->safe_psql('postgres', $held) }), 'a part has not committed');
	my $cancel = background($node, q{SELECT sfn.cancel_replay('cancelled')});
	ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query ~ 'cancel_replay\(.cancelled' AND wait_event_type = 'Lock'}, '1'), 'a cancel waits');
	$node->safe_psql('postgres', $holds);
	$holder->finish;
	$cancel->finish;
	ok(wait_for($node, q{SELECT state FROM sfn.event_replays WHERE name = 'cancelled' AND replayed = 300}, 'CANCELLED'), 'it is cancelled behind that part');
}

# A replay that is under way when the database is dumped goes on in the copy, once that is somebody's.
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET sfn.enabled = off});
restart_node($node, 'fast');
$node->safe_psql('postgres', q{SELECT sfn.start_replay('dumped', 'all', '2026-01-01', rules => '{again}')});
my $dump = $node->basedir . '/archives.sql';
command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('postgres') ], 'it is dumped');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
command_ok([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, '-d', $node->connstr('copy'), '-f', $dump ], 'and restored');
is($node->safe_psql('copy', q{SELECT count(*), (SELECT state FROM sfn.event_replays WHERE name = 'dumped') FROM sfn.archived_events}), "$count|STARTING", 'with its events');
$node->safe_psql('copy', 'SELECT sfn.adopt()');
ok(wait_until(sub { $node->safe_psql('copy', q{SELECT state, replayed FROM sfn.event_replays WHERE name = 'dumped'}) eq "COMPLETED|$count" }), 'there it goes on');
is($node->safe_psql('copy', q{SELECT sfn.put_event('app', 't', '{"n": 0}') IS NOT NULL}), 't', 'the archive keeps more');
is($node->safe_psql('copy', q{SELECT events FROM sfn.event_archives}), $count + 1, '... beside what it had');

# Retention.
$node->safe_psql('copy', q{SELECT sfn.update_archive('all', retention => '1 hour')});
restart_node($node, 'fast');
ok(wait_until(sub { $node->safe_psql('copy', q{SELECT string_agg(event -> 'detail' ->> 'n', ' ') FROM sfn.archived_events}) eq '0' }), 'what is older than that is deleted');
ok(wait_until(sub { $node->safe_psql('copy', q{SELECT count(*) <= 2, sum(events), sum(bytes) = (SELECT sum(octet_length(event::text)) FROM sfn.archived_event) FROM sfn.archive_count}) eq 't|1|t' }),
	'and what transactions have counted is added up');

$node->stop;
done_testing();
