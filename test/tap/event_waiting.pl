
# Sessions that wait for an event: they are woken by the commit, see what is committed and nothing else, once they wait miss nothing,
# hold no snapshot meanwhile, and leave nothing behind, however they end.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('event_waiting', conf => "max_prepared_transactions = 2\nrestart_after_crash = on\n");
my $rounds = rounds(500);
my $waiting = q{FROM pg_stat_activity WHERE query ~ '^(SELECT|CALL|DO).*wait_for_event' AND pid <> pg_backend_pid() AND state = 'active' AND wait_event = 'Extension'};
my $n = 0;

# A session in the background that has begun to wait.
sub waiter
{
	my (@statements) = @_;
	my @session = start_statements($node, @statements);

	ok(wait_for($node, "SELECT count(*) $waiting", '1'), "it waits: $statements[-1]");
	return \@session;
}

sub answer
{
	my ($session) = @_;

	eval { $session->[0]->finish };
	chomp(my $out = ${ $session->[1] } . ${ $session->[2] });
	return $out;
}

sub waits_for_n
{
	my ($number) = @_;

	return qq{SELECT sfn.wait_for_event('{"source": ["app"], "detail": {"n": [$number]}}', '100 s') -> 'detail' ->> 'n'};
}

sub put
{
	my ($number) = @_;

	return qq{SELECT sfn.put_event('app', 't', '{"n": $number}') IS NOT NULL};
}

#
# Woken by a commit, without a snapshot until then.
#
my $session = waiter(waits_for_n(1));
is($node->safe_psql('postgres', "SELECT backend_xmin IS NULL AND backend_xid IS NULL $waiting"), 't', 'without a snapshot');
$node->safe_psql('postgres', put(2));
$node->safe_psql('postgres', put(1));
is(answer($session), '1', 'the event that matches has come');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.awaited_event'), '0', 'nothing is left of it');
is($node->safe_psql('postgres', put(1) . '; ' . q{SELECT count(*) FROM sfn.awaited_event}), "t\n0", 'nothing is written where nobody waits');
is($node->safe_psql('postgres', q{SELECT sfn.wait_for_event('{"source": ["app"]}', '10 ms') IS NULL, sfn.wait_for_event('{"source": ["app"]}', '-1 s') IS NULL}),
	't|t', 'null when the time is over');

#
# What is rolled back never was; what was put before the wait and is committed during it has come.
#
$session = waiter(waits_for_n(3));
$node->safe_psql('postgres', 'BEGIN; ' . put(3) . '; ROLLBACK; BEGIN; SAVEPOINT s; ' . put(3) . '; ROLLBACK TO s; COMMIT');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.awaited_event'), '0', 'what is rolled back is told to nobody');
ok(wait_for($node, "SELECT count(*) $waiting", '1'), 'the session waits still');
$node->safe_psql('postgres', 'BEGIN; SAVEPOINT s; ' . put(3) . '; ROLLBACK TO s; SAVEPOINT s; ' . put(3) . '; RELEASE s; COMMIT');
is(answer($session), '3', 'a savepoint that is released counts');

my $early = $node->background_psql('postgres');
$early->query_safe("BEGIN; " . put(4));
$session = waiter(waits_for_n(4));
$early->query_safe('COMMIT');
is(answer($session), '4', 'an event that was put before the wait comes with its commit');

$early->query_safe("BEGIN; " . put(5) . "; PREPARE TRANSACTION 'five'");
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.awaited_event}), '0', 'nobody waits for what is prepared');
$session = waiter("SET sfn.poll_interval = '100 ms'", waits_for_n(6));
$early->query_safe("COMMIT PREPARED 'five'");
$early->query_safe("BEGIN; " . put(6) . "; PREPARE TRANSACTION 'six'; COMMIT PREPARED 'six'");
is(answer($session), '6', 'what is prepared comes when it is committed');

# more than is kept for those who begin to wait later
$session = waiter(waits_for_n(200));
$early->query_safe(q{SELECT count(sfn.put_event('app', 't', json_build_object('n', n, 'long', repeat('x', 100000)))) FROM generate_series(1, 200) n});
is(answer($session), '200', 'a transaction with 20 MB of events');
$early->quit;

#
# Executions, STANDARD and EXPRESS; another bus; a transaction block; a role that may not see.
#
$node->safe_psql('postgres', q{
	CREATE ROLE stranger LOGIN; CREATE ROLE friend LOGIN;
	SELECT sfn.create_state_machine(t, '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"told": true}, "End": true}}}', type => t) FROM unnest('{STANDARD,EXPRESS}'::text[]) t;
	SELECT sfn.grant_state_machine('STANDARD', 'friend', 'see');
	SELECT sfn.create_bus('orders'); SELECT sfn.grant_bus('orders', 'friend', 'subscribe'); SELECT sfn.create_topic('news')});
my $end = sub { qq{SELECT e -> 'detail' ->> 'output' FROM sfn.wait_for_event('{"source": ["$_[0]"], "detail": {"status": ["SUCCEEDED"], "name": ["$_[1]"]}}', '$_[2]') e} };
foreach ([ 'STANDARD', 'aws.states' ], [ 'EXPRESS', 'sfn' ])
{
	$session = waiter($end->($_->[1], "run$_->[0]", '100 s'));
	$node->safe_psql('postgres', "SELECT sfn.start_execution('$_->[0]', name => 'run$_->[0]')");
	is(answer($session), '{"told":true}', "the end of an execution: $_->[0]");
}
$session = waiter('SET ROLE friend', $end->('aws.states', 'shown', '100 s'));
$node->safe_psql('postgres', q{SELECT sfn.start_execution('STANDARD', name => 'shown')});
is(answer($session), '', 'without its data, for who may not read them');
$session = waiter('SET ROLE stranger', "SELECT sfn.wait_for_event('{\"source\": [{\"prefix\": \"\"}]}', '100 s')");
$node->safe_psql('postgres', q{SELECT sfn.start_execution('STANDARD', name => 'hidden'); SELECT sfn.put_event('app', 't', '{}')});
ok(wait_for($node, q{SELECT status FROM sfn.executions WHERE name = 'hidden'}, 'SUCCEEDED'), 'an execution has ended');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.awaited_event}), '0', 'a stranger is told of nothing');
$node->safe_psql('postgres', q{SET ROLE stranger; SELECT sfn.put_event('app', 't', '{"own": 1}')});
like(answer($session), qr/"own":1/, 'but of his own');
$session = waiter('SET ROLE friend', q{SELECT sfn.wait_for_event('{"source": ["shop"]}', '100 s', 'orders') ->> 'detail-type'});
$node->safe_psql('postgres', q{SELECT sfn.put_event('shop', 'default', '{}'); SELECT sfn.put_event('shop', 'order', '{}', bus => 'orders')});
is(answer($session), 'order', 'another bus, to which the role may subscribe');
like(($node->psql('postgres', q{SET ROLE stranger; SELECT sfn.wait_for_event('{"source": ["a"]}', bus => 'topic/news')}))[2],
	qr/permission denied for topic "news"/, 'no topic that one may not subscribe to');
like(($node->psql('postgres', q{SELECT sfn.wait_for_event('{"source": ["a"]}', bus => 'none')}))[2], qr/event bus "none" does not exist/, 'no bus');
is($node->safe_psql('postgres', q{BEGIN; SELECT count(*) FROM sfn.executions WHERE name = 'none'; SELECT sfn.wait_for_event('{"source": ["a"]}', '1 ms') IS NULL; SELECT 1; COMMIT}),
	"0\nt\n1", 'within a transaction block');
$session = waiter('BEGIN READ ONLY', waits_for_n(7));
$node->safe_psql('postgres', put(7));
is(answer($session), '7', 'within a transaction that only reads');
is($node->safe_psql('postgres', q{DELETE FROM sfn.awaited_event RETURNING event #>> '{detail,n}'}), '7', 'which leaves its row to the executor');

#
# What cannot be waited for.
#
foreach (
	[ q{'{"source": []}'}, qr/event pattern is not valid: Empty arrays are not allowed.*At line 1/s ],
	[ q{'[1]'}, qr/event pattern is not valid/ ],
	[ q{json_build_object('source', json_build_array(repeat('x', 5000)))}, qr/event pattern is not valid/ ],
	[ 'NULL', qr/pattern/ ])
{
	my @answers = map { s/\A.*?ERROR/ERROR/sr =~ s/ line 1: / /r } map { ($node->psql('postgres', $_))[2] }
		("SELECT sfn.wait_for_event($_->[0], '1 s')", "SELECT sfn.create_rule('r', $_->[0])");
	like($answers[0], $_->[1], "refused: $_->[0]");
	is($answers[0], $answers[1], 'with the words of create_rule');
}
like(($node->psql('postgres', qq{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT sfn.wait_for_event('{"source": ["a"]}')}))[2],
	qr/cannot wait for an event at this isolation level/, 'not with a snapshot that stays');

#
# Waits that end otherwise leave nothing.
#
foreach my $way ('pg_cancel_backend', 'pg_terminate_backend')
{
	$session = waiter(waits_for_n(8));
	$node->safe_psql('postgres', "SELECT $way(pid) $waiting");
	like(answer($session), qr/canceling statement|terminating connection/, "$way ends a wait");
	is($node->safe_psql('postgres', put(8) . '; SELECT count(*) FROM sfn.awaited_event'), "t\n0", 'nobody waits any more');
}
is(($node->psql('postgres', q{
	SET statement_timeout = '300 ms';
	DO $$ BEGIN PERFORM sfn.wait_for_event('{"source": ["app"]}'); EXCEPTION WHEN query_canceled THEN PERFORM sfn.put_event('app', 't', '{}'); END $$;
	SELECT count(*) FROM sfn.awaited_event}, on_error_stop => 0))[1], '0', 'an error that is caught ends it, too');

$session = waiter(waits_for_n(9));
my $writer = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $writer->query_safe('SELECT pg_backend_pid()');
$writer->query_safe('BEGIN; ' . put(9));
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid, 60000)");
$node->safe_psql('postgres', 'BEGIN; SELECT txid_current(); COMMIT');
ok(wait_for($node, "SELECT count(*) $waiting", '1'), 'a writer that is terminated has told nobody');
# a row whose waiter went goes later
$node->safe_psql('postgres', q{INSERT INTO sfn.awaited_event (ticket, event, creation_date) VALUES (1, '{}', now() - interval '2 hours'), (2, '{}', now())});
kill 'KILL', $node->safe_psql('postgres', "SELECT pid $waiting");
answer($session);
eval { $writer->quit };
ok(wait_for($node, 'SELECT 1', '1'), 'the server is back after a crash');
$node->safe_psql('postgres', put(9));
ok(wait_for($node, 'SELECT string_agg(ticket::text, $$,$$) FROM sfn.awaited_event', '2'), 'it knows of no waiter, and what nobody has read is deleted');
$node->safe_psql('postgres', 'DELETE FROM sfn.awaited_event');

#
# A thousand events at once; many waiters; none missed once it waits.
#
my @many = map { [ start_statements($node, q{SELECT sfn.wait_for_event('{"source": ["burst"]}', '100 s') ->> 'source'}) ] } 1 .. 20;
ok(wait_for($node, "SELECT count(*) $waiting", '20'), 'twenty wait');
$node->safe_psql('postgres', q{SELECT count(sfn.put_event('burst', 't', json_build_object('n', n))) FROM generate_series(1, 1000) n});
is(join(' ', map { answer($_) } @many), join(' ', ('burst') x 20), 'a burst of a thousand events: each has one');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.awaited_event}), '0', 'and no more was written');

$node->safe_psql('postgres', qq{
	CREATE TABLE seen (n int, at text);
	CREATE PROCEDURE wait_for_each(rounds int) LANGUAGE plpgsql AS \$\$
	BEGIN
		FOR i IN 1 .. rounds LOOP
			PERFORM set_config('application_name', 'wait ' || i, false);
			INSERT INTO seen VALUES (i, sfn.wait_for_event(json_build_object('source', json_build_array('race'), 'detail', json_build_object('n', json_build_array(i))), '60 s') -> 'detail' ->> 'n');
			COMMIT;
		END LOOP;
	END \$\$;
	CREATE PROCEDURE put_each(rounds int) LANGUAGE plpgsql AS \$\$
	BEGIN
		FOR i IN 1 .. rounds LOOP
			WHILE NOT EXISTS (SELECT $waiting AND application_name = 'wait ' || i) LOOP
				PERFORM pg_stat_clear_snapshot();
			END LOOP;
			PERFORM sfn.put_event('race', 't', json_build_object('n', i));
			COMMIT;
		END LOOP;
	END \$\$});
my @race = ([ start_statements($node, "CALL put_each($rounds)") ], [ start_statements($node, "CALL wait_for_each($rounds) -- wait_for_event") ]);
is(answer($_), '', 'a race ends without an error') foreach @race;
is($node->safe_psql('postgres', 'SELECT count(*), count(*) FILTER (WHERE at = n::text) FROM seen'), "$rounds|$rounds", 'none of them was missed');

ok((grep { /PANIC|TRAP|snapshot .* still active|resource was not closed/ } slurp_file($node->logfile)) == 0, 'nothing in the log');
$node->stop;
done_testing();
