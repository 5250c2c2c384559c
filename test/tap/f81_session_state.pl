
# F81: a task leaves nothing behind in the session of its worker: settings, temporary tables, prepared statements,
# cursors, advisory locks, connections of dblink, a seed, values of sequences; neither in a turn of its own nor in a shared one.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

# A single worker does everything, so that what one task leaves the next one would find.
my $node = sfn_node('f81', conf => "sfn.max_workers = 1\n");

$node->safe_psql('postgres', q{
	CREATE SEQUENCE numbers CACHE 10;
	CREATE TABLE t (n integer);
	INSERT INTO t SELECT generate_series(1, 100);

	-- everything that a session has and a task could find
	CREATE FUNCTION look(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
		DECLARE
			last bigint;
			temporary text[] := ARRAY(SELECT c.relname::text FROM pg_class c WHERE pg_my_temp_schema() <> 0
				AND c.relnamespace = pg_my_temp_schema() ORDER BY 1);
		BEGIN
			BEGIN
				last := lastval();
			EXCEPTION WHEN object_not_in_prerequisite_state THEN
				NULL;
			END;
			RETURN jsonb_build_object(
				'settings', (SELECT jsonb_object_agg(name, setting) FROM pg_settings WHERE name NOT IN ('lock_timeout')),
				'custom', nullif(current_setting('my.tenant', true), ''),
				'temporary', temporary,
				'prepared', (SELECT count(*) FROM pg_prepared_statements),
				'cursors', (SELECT count(*) FROM pg_cursors),
				'locks', (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),
				'listens', (SELECT count(*) FROM pg_listening_channels()),
				'lastval', last,
				'user', current_user);
		END$$;

	CREATE FUNCTION dirty_settings(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			SET work_mem = '123kB';
			SET search_path = pg_catalog;
			SET TimeZone = 'Asia/Tokyo';
			SET DateStyle = 'German, DMY';
			SET extra_float_digits = 0;
			SET LOCAL enable_seqscan = off;
			SET default_transaction_read_only = on;
			SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE;
			SET statement_timeout = '1h';
			SET lock_timeout = '1h';
			PERFORM set_config('application_name', 'mallory', false);
			PERFORM set_config('my.tenant', 'mallory', false);
			PERFORM pg_advisory_lock(42), pg_advisory_lock_shared(43), pg_try_advisory_lock(44);
			PERFORM nextval('public.numbers');
			IF (input ->> 'fails')::boolean THEN
				RAISE EXCEPTION 'as told';
			END IF;
			RETURN 'dirty';
		END$$;

	CREATE FUNCTION dirty_cursor(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE
			c refcursor := 'leak';
		BEGIN
			OPEN c FOR SELECT n FROM t;
			MOVE 7 FROM c;
			RETURN 'dirty';
		END$$;

	-- only in a turn of its own
	CREATE FUNCTION dirty_session(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			CREATE TEMPORARY TABLE leftover (n integer);
			CREATE TEMPORARY SEQUENCE leftover_numbers;
			CREATE FUNCTION pg_temp.leftover() RETURNS integer LANGUAGE sql AS 'SELECT 1';
			EXECUTE 'PREPARE leftover AS SELECT 1';
			EXECUTE 'DECLARE held CURSOR WITH HOLD FOR SELECT n FROM t';
			PERFORM nextval('leftover_numbers');
			IF (input ->> 'fails')::boolean THEN
				RAISE EXCEPTION 'as told';
			END IF;
			RETURN 'dirty';
		END$$;
});
$node->safe_psql('postgres', q{CREATE FUNCTION listens(input jsonb) RETURNS void LANGUAGE plpgsql AS $$BEGIN LISTEN x; END$$});
task_machine($node, $_, "sql:public.$_") foreach ('look', 'dirty_settings', 'dirty_cursor', 'dirty_session', 'listens');
is(run($node, 'listens')->{error}, 'Sql.feature_not_supported', 'LISTEN is refused');
# the same, slow enough to run by itself every time
$node->safe_psql('postgres', q{
	CREATE FUNCTION look_alone(input jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT look(input)';
	SELECT sfn.create_function('look', 'look_alone(jsonb)', alone => true);
});
task_machine($node, 'look-alone', 'arn:aws:lambda:us-east-1:000000000000:function:look');

my %fresh;
foreach my $time (1 .. 3)
{
	my $seen = run($node, 'look-alone')->{output};
	$fresh{alone} //= $seen;
	is_deeply($seen, $fresh{alone}, "look $time in a turn of its own");
	$seen = run($node, 'look')->{output};
	$fresh{shared} = $seen if $time == 2;
}
is($fresh{shared}{$_}, $fresh{alone}{$_}, "$_ at the beginning") foreach ('prepared', 'cursors', 'locks', 'listens', 'custom', 'lastval');
my $session = $node->safe_psql('postgres', q{SELECT jsonb_object_agg(name, setting) FROM pg_settings WHERE name IN ('work_mem', 'TimeZone', 'DateStyle', 'enable_seqscan')});
is_deeply({ map { $_ => $fresh{alone}{settings}{$_} } qw(work_mem TimeZone DateStyle enable_seqscan) }, JSON::PP::decode_json($session),
	'settings are those of a session');

foreach my $dirt ('dirty_settings', 'dirty_cursor', 'dirty_session')
{
	foreach my $input ({ fails => JSON::PP::false }, { fails => JSON::PP::true })
	{
		# the first runs are alone, later ones shared, where that is allowed
		foreach my $time (1 .. 3)
		{
			my $how = "$dirt, run $time" . ($input->{fails} ? ', which fails' : '');
			my $end = run($node, $dirt, $input);
			is($end->{status}, $input->{fails} && $dirt ne 'dirty_cursor' ? 'FAILED' : 'SUCCEEDED', $how) or diag($end->{cause});
			is_deeply(run($node, 'look-alone')->{output}, $fresh{alone}, '... leaves nothing for a task alone');
			is_deeply(run($node, 'look')->{output}, $fresh{shared}, '... nor for one that shares');
		}
	}
}

# Connections of dblink have names for the session, and none asks whose they are: the next role would use them.
$node->safe_psql('postgres', q{
	CREATE EXTENSION dblink;
	CREATE FUNCTION connects(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM public.dblink_connect('named', input ->> 'to'), public.dblink_connect(input ->> 'to');
			IF (input ->> 'fails')::boolean THEN
				RAISE EXCEPTION 'as told';
			END IF;
			RETURN (SELECT n FROM public.dblink('named', 'SELECT 1') AS t (n integer));
		END$$;
	CREATE FUNCTION connected(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
		DECLARE
			unnamed text;
		BEGIN
			BEGIN
				PERFORM FROM public.dblink('SELECT 1') AS t (n integer);
				unnamed := 'connected';
			EXCEPTION WHEN OTHERS THEN
				unnamed := SQLSTATE;
			END;
			RETURN jsonb_build_object('named', public.dblink_get_connections(), 'unnamed', unnamed);
		END$$;
	CREATE FUNCTION connected_alone(input jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT connected(input)';
	SELECT sfn.create_function('connected', 'connected_alone(jsonb)', alone => true);
});
task_machine($node, $_, "sql:public.$_") foreach ('connects', 'connected');
task_machine($node, 'connected-alone', 'arn:aws:lambda:us-east-1:000000000000:function:connected');
foreach my $fails (JSON::PP::false, JSON::PP::false, JSON::PP::false, JSON::PP::true, JSON::PP::true)
{
	my $end = run($node, 'connects', { to => 'dbname=postgres host=' . $node->host . ' port=' . $node->port, fails => $fails });
	is($end->{status}, $fails ? 'FAILED' : 'SUCCEEDED', 'a task connects' . ($fails ? ' and fails' : '')) or diag($end->{cause});
	foreach my $next ('connected-alone', 'connected')
	{
		$end = run($node, $next);
		is_deeply($end->{output}, { named => undef, unnamed => '08003' }, "... and nothing is left for the next one ($next)") or diag(explain($end));
	}
}

# A seed would tell what others' random() gives.
$node->safe_psql('postgres', q{
	CREATE FUNCTION seeds(input jsonb) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM setseed(0.5); RETURN 'seeded'; END$$;
	CREATE FUNCTION draws(input jsonb) RETURNS double precision LANGUAGE sql AS 'SELECT random()';
});
task_machine($node, $_, "sql:public.$_") foreach ('seeds', 'draws');
my %drawn;
foreach my $time (1 .. 4)
{
	run($node, 'seeds');
	$drawn{ run($node, 'draws')->{output} }++;
}
is(scalar keys %drawn, 4, 'what is random for one task is not chosen by the one before');

# Within one shared turn: started together, so claimed together.
$node->safe_psql('postgres', q{
	SELECT sfn.start_execution(m, i || jsonb_build_object('n', n)) FROM generate_series(1, 20) n,
		(VALUES ('dirty_settings', '{"fails": false}'::jsonb), ('look', '{}'), ('dirty_cursor', '{}'), ('look', '{}'), ('dirty_settings', '{"fails": true}'), ('look', '{}')) v (m, i)});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), 'many together');
is($node->safe_psql('postgres', q{SELECT count(DISTINCT output::text) FROM sfn.executions WHERE state_machine = 'look' AND input ->> 'n' IS NOT NULL}), '1',
	'all see the same');
is_deeply(JSON::PP::decode_json($node->safe_psql('postgres', q{SELECT output FROM sfn.executions WHERE state_machine = 'look' AND input ->> 'n' IS NOT NULL LIMIT 1})),
	$fresh{shared}, '... nothing');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}), '0', 'no advisory lock is held');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class WHERE relname LIKE 'leftover%'}), '0', 'no temporary table is left');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');

$node->stop;
done_testing();
