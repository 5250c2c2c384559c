
# What a task of another role leaves in a session would act with that session's rights: in the tests of a superuser, in a
# pooled login that did SET ROLE.  And turns in a session are not for a database that has workers.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('sessions', create => 0);
my $database = 'testing';

$node->safe_psql('postgres', q{
	CREATE ROLE mallory LOGIN;
	CREATE ROLE app LOGIN;
	CREATE ROLE pool SUPERUSER LOGIN;
	CREATE DATABASE testing;
	ALTER DATABASE testing SET sfn.enabled = off;
});
$node->safe_psql($database, q{
	CREATE EXTENSION sfn;
	GRANT CREATE ON SCHEMA public TO mallory, app;
	CREATE TABLE orders (n integer);
	CREATE TABLE lazy (n integer);
	CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON lazy DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
	GRANT ALL ON orders, lazy TO mallory, app;
	CREATE FUNCTION trick(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			EXECUTE input ->> 'sql';
			RETURN current_user;
		END$$;
});

sub as
{
	my ($role, $sql) = @_;
	my ($status, $out, $err) = $node->psql($database, $sql, extra_params => [ '-U', $role ]);
	return $status == 0 ? $out : "ERROR $err";
}

my $definition = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.trick", "End": true}}}';
foreach my $role ('mallory', 'app')
{
	as($role, "SELECT sfn.create_state_machine('${role}s', '$definition')");
	as($role, "SELECT sfn.create_state_machine('${role}s_sync', '$definition', type => 'EXPRESS')");
	as($role, "SELECT sfn.grant_state_machine('${role}s_sync', 'pool', 'start')");
}

my $evil = q{CREATE FUNCTION public.evil(text) RETURNS boolean LANGUAGE plpgsql AS
	'BEGIN IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user) THEN ALTER ROLE mallory SUPERUSER; END IF; RETURN true; END'};
as('mallory', $evil);

# Tricks that leave something behind, and what meets it afterwards.
my %left = (
	'a view' => [ 'CREATE TEMP VIEW orders AS SELECT 1 AS n WHERE public.evil(current_user::text)', 'SELECT count(*) FROM orders' ],
	'a view by its schema' => [ 'CREATE VIEW pg_temp.orders AS SELECT 1 AS n WHERE public.evil(current_user::text)', 'SELECT count(*) FROM orders' ],
	'a table' => [ 'CREATE TEMP TABLE orders (n integer)', 'SELECT count(*) FROM orders' ],
	'a domain' => [ 'CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (public.evil(VALUE))', q{SELECT 'x'::text} ],
	'a domain by search_path' => [ 'SET search_path = pg_temp, pg_catalog; CREATE DOMAIN text AS pg_catalog.text CHECK (public.evil(VALUE))', q{SELECT 'x'::text} ],
	'an enum' => [ q{CREATE TYPE pg_temp.text AS ENUM ('x')}, q{SELECT 'x'::text} ],
	'a function' => [ q{CREATE FUNCTION pg_temp.f() RETURNS boolean LANGUAGE sql AS 'SELECT public.evil(current_user::text)'}, 'SELECT 1' ],
	'a cursor that is held' => [ 'DECLARE c CURSOR WITH HOLD FOR SELECT public.evil(current_user::text)', 'SELECT 1' ],
	'a prepared statement' => [ 'PREPARE p AS SELECT public.evil(current_user::text)', 'SELECT 1' ],
	'a deferred constraint' => [ 'INSERT INTO lazy VALUES (1)', 'SELECT 1' ],
);

sub quoted
{
	my ($sql) = @_;
	return sql_text(json({ sql => $sql }));
}

# A synchronous execution; its status, error and output.
sub sync
{
	my ($machine, $sql) = @_;
	return q{SELECT answer ->> 'status', answer ->> 'error', answer ->> 'output' FROM sfn.api('StartSyncExecution', json_build_object(}
	  . "'stateMachineArn', 'arn:aws:states:us-east-1:000000000000:stateMachine:$machine', 'input', " . quoted($sql) . ')) answer';
}

#
# sfn.run_until_idle() of a superuser.
#
foreach my $what (sort keys %left)
{
	my ($trick, $then) = @{ $left{$what} };
	my $out = as('pool', "SELECT sfn.start_execution('mallorys', " . quoted($trick) . ") AS execution \\gset\n"
		  . "SELECT sfn.run_until_idle();\n$then;\n"
		  . q{SELECT status, error, cause FROM sfn.executions WHERE execution_arn = :'execution';
		  SELECT pg_my_temp_schema() = 0 OR NOT EXISTS (SELECT FROM pg_depend WHERE refobjid = pg_my_temp_schema()) AS is_clean});
	like($out, qr/FAILED\|Sql\.insufficient_privilege\|.*run the tests as role mallory/, "turns of a session: $what is refused, with advice");
	like($out, qr/^t$/m, '... and not there');
}
is(as('pool', q{SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'}), 'f', 'nobody became superuser');

# A cursor without WITH HOLD is closed.
unlike(as('pool', "BEGIN; SELECT sfn.start_execution('mallorys', " . quoted('DECLARE orders_cursor CURSOR FOR SELECT public.evil(current_user::text)')
		  . '); SELECT sfn.run_until_idle(); SELECT name FROM pg_cursors; COMMIT'), qr/orders_cursor/, '... a cursor is not left');
like(as('pool', 'BEGIN; CREATE TEMP TABLE own (n integer); ' . "SELECT sfn.start_execution('mallorys', " . quoted('SELECT 1') . ", 'has-own');"
		  . q{SELECT sfn.run_until_idle(); SELECT status FROM sfn.executions WHERE name = 'has-own'; ROLLBACK}),
	qr/SUCCEEDED/, 'temporary tables of the session do not matter');

# As the role itself all of that is allowed.
as('pool', 'GRANT EXECUTE ON FUNCTION sfn.run_until_idle(integer) TO app');
foreach my $sql ('CREATE TEMP TABLE t (n integer)', 'PREPARE p AS SELECT 1', 'INSERT INTO lazy VALUES (2)')
{
	like(as('app', "BEGIN; SELECT sfn.start_execution('apps', " . quoted($sql) . ", 'own'); SELECT sfn.run_until_idle();"
			  . q{SELECT status FROM sfn.executions WHERE name = 'own'; ROLLBACK}), qr/SUCCEEDED/, "tests as the role itself: $sql");
}
# ... with the clock of the database, which only superusers set, but turns move.
$node->safe_psql($database, "ALTER DATABASE testing SET sfn.test_now = '2030-01-01 00:00:00+00'");
like(as('app', q{SELECT sfn.create_state_machine('waits', '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 86400, "End": true}}}');
		SELECT sfn.start_execution('waits', '{}', 'waits'); SELECT sfn.run_until_idle(); SELECT status, stop_date AT TIME ZONE 'UTC' FROM sfn.executions WHERE name = 'waits'}),
	qr/SUCCEEDED\|2030-01-02 00:00:00/, '... and the clock of the database');
$node->safe_psql($database, 'ALTER DATABASE testing RESET sfn.test_now');

#
# A pooled session.
#
my @escapes = (
	q{SELECT set_config('role', 'pool', false)}, q{SELECT set_config('role', 'none', false)}, 'RESET ROLE', 'SET ROLE pool',
	'SET SESSION AUTHORIZATION DEFAULT', q{SELECT set_config('session_authorization', 'pool', false)}, 'ALTER ROLE app SUPERUSER',
	map { $_->[0] } @left{ sort keys %left });
foreach my $become ('SET ROLE app', 'SET SESSION AUTHORIZATION app')
{
	foreach my $sql (@escapes)
	{
		my $out = as('pool', "$become;\nBEGIN;\n" . sync('apps_sync', $sql) . ";\n"
			  . 'SELECT current_user, (SELECT count(*) FROM pg_prepared_statements); COMMIT');
		like($out, qr/FAILED\|Sql\.insufficient_privilege\|\napp\|0$/, "$become, then $sql is refused") or diag($out);
	}
	like(as('pool', "$become; SELECT sfn.start_sync_execution('apps_sync', " . quoted('CREATE TEMP TABLE t (n integer)') . ')'),
		qr/ERROR.*may leave nothing behind/s, "$become: the error says why");
}
is(as('pool', q{SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolsuper AND rolname IN ('app', 'pool', 'mallory')}), 'pool', 'nobody became superuser');
like(as('pool', "SELECT set_config('role', 'app', false); BEGIN; SET CONSTRAINTS ALL IMMEDIATE; CREATE TEMP TABLE own (n integer); PREPARE own AS SELECT 7;"
		  . 'DECLARE own CURSOR FOR SELECT 8; LISTEN own; SELECT pg_advisory_lock(1);'
		  . sync('apps_sync', 'INSERT INTO orders VALUES (1)') . ';'
		  . 'EXECUTE own; FETCH own; TABLE own; SELECT * FROM pg_listening_channels(); SELECT pg_advisory_unlock(1); COMMIT'),
	qr/SUCCEEDED\|\|"app"\n7\n8\nt/, 'what the session itself has stays');
like(as('app', "BEGIN; " . sync('apps_sync', 'CREATE TEMP TABLE t (n integer)') . '; TABLE t; COMMIT'),
	qr/^SUCCEEDED\|\|"app"$/, 'the role in its own session keeps what its task leaves');
like(as('pool', sync('mallorys_sync', $left{'a domain'}[0])),
	qr/FAILED\|Sql\.insufficient_privilege/, 'a superuser who starts it himself is left nothing');

#
# Not where workers are.
#
$node->safe_psql('postgres', 'CREATE EXTENSION sfn');
wait_for_executor($node, 'postgres');
foreach my $call ('sfn.run_once()', 'sfn.run_until_idle()')
{
	foreach my $set ('SELECT 1', 'SET sfn.enabled = off', "SET sfn.test_now = '2100-01-01'")
	{
		my ($status, $out, $err) = $node->psql('postgres', "$set; SELECT $call");
		like($err, qr/workers run the executions of this database/, "$call with $set");
	}
	my ($status, $out, $err) = $node->psql('postgres', "SELECT $call", connstr => $node->connstr('postgres') . " options='-c sfn.enabled=off'");
	like($err, qr/workers run the executions of this database/, "$call in a session that was begun with sfn.enabled = off");
	like($err, qr/HINT:.*ALTER DATABASE/, '... with advice');
}
$node->safe_psql('postgres', 'ALTER ROLE pool SET sfn.enabled = off');
my ($status, $out, $err) = $node->psql('postgres', 'SELECT sfn.run_once()', extra_params => [ '-U', 'pool' ]);
like($err, qr/workers run the executions/, 'a setting of the role does not help');
$node->safe_psql('postgres', 'ALTER SYSTEM SET sfn.enabled = off; SELECT pg_reload_conf()');
ok(wait_for($node, 'SELECT sfn.run_once()', '0'), 'where workers are off for the server it works, once they have left');
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET sfn.enabled = on');
($status, $out, $err) = $node->psql('postgres', 'SELECT sfn.run_once()');
like($err, qr/workers run the executions/, 'but not where they are on for the database');

$node->stop;
done_testing();
