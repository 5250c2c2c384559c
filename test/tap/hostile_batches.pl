
# The statements of a Distributed Map's ItemReader and ResultWriter, and the triggers of a table that results are written to,
# run in the same sandbox as tasks: what they try to be or to leave is refused, or gone with them, in workers and in the
# turns of a superuser's session.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

# One executor does everything, so that what a statement leaves the next one finds.
my $node = sfn_node('hostile_batches', conf => "sfn.max_workers = 1\n");
my $end = JSON::PP::true;

$node->safe_psql('postgres', 'CREATE ROLE mallory LOGIN; CREATE ROLE bob LOGIN; CREATE DATABASE testing; ALTER DATABASE testing SET sfn.enabled = off');
foreach my $database ('postgres', 'testing')
{
	$node->safe_psql($database, 'CREATE EXTENSION IF NOT EXISTS sfn');
	$node->safe_psql($database, q{
		CREATE SCHEMA trap AUTHORIZATION mallory; GRANT USAGE ON SCHEMA trap TO PUBLIC;
		-- all that the one who comes next could notice
		CREATE FUNCTION who(input json) RETURNS json LANGUAGE plpgsql SET timezone = 'UTC' AS $$
			BEGIN
				RETURN json_build_object('user', current_user, 'session', session_user, 'role', current_setting('role'), 'path', current_setting('search_path'),
					'timeout', current_setting('statement_timeout'), 'mine', nullif(current_setting('my.own', true), ''),
					'temporary', (SELECT count(*) FROM pg_depend WHERE refobjid = pg_my_temp_schema() AND pg_my_temp_schema() <> 0),
					'prepared', (SELECT count(*) FROM pg_prepared_statements WHERE from_sql), 'cursors', (SELECT count(*) FROM pg_cursors WHERE is_holdable),
					'channels', (SELECT count(*) FROM pg_listening_channels()), 'locks', (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'));
			END $$;
	});
	$node->safe_psql($database, q{
		CREATE FUNCTION trap.evil() RETURNS boolean LANGUAGE plpgsql AS $$
			BEGIN
				IF (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) current_user) THEN
					ALTER ROLE mallory SUPERUSER;
				END IF;
				RETURN true;
			END $$;
		CREATE FUNCTION trap.late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM trap.evil(); RETURN NULL; END';
		CREATE TABLE trap.lazy (n integer);
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON trap.lazy DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap.late();
		CREATE PROCEDURE trap.commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; PERFORM trap.evil(); END';
		CREATE TABLE trap.what (sql text);
		CREATE FUNCTION trap.try() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN EXECUTE (SELECT w.sql FROM trap.what w); PERFORM trap.evil(); RETURN 1; END $$;
		CREATE FUNCTION trap.try_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.try(); RETURN NEW; END $$;
		CREATE TABLE trap.results (index integer, output json);
		CREATE TRIGGER try BEFORE INSERT ON trap.results FOR EACH ROW EXECUTE FUNCTION trap.try_now();
	}, extra_params => [ '-U', 'mallory' ]);
}

my @escapes = (
	'SET ROLE postgres', 'SET SESSION AUTHORIZATION DEFAULT', q{SELECT set_config('role', 'none', false)}, 'CALL trap.commits()', 'LISTEN secrets',
	'CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (trap.evil())', 'SET search_path = trap, pg_temp, pg_catalog',
	q{SELECT set_config('statement_timeout', '1', false), set_config('my.own', 'x', false)}, 'PREPARE later AS SELECT trap.evil()',
	'SET CONSTRAINTS ALL DEFERRED; INSERT INTO trap.lazy VALUES (1)', 'DECLARE leak CURSOR WITH HOLD FOR SELECT trap.evil()', q{COPY trap.lazy FROM PROGRAM 'echo 1'});
my %places = (
	reader => { ItemReader => { Resource => 'arn:aws:states:::sql:query', Arguments => { Query => 'SELECT trap.try() AS n' } } },
	writer => { Items => [1], ResultWriter => { Resource => 'arn:aws:states:::sql:query', Arguments => { Query => 'SELECT trap.try(), $1::text' } } },
	table => { Items => [1], ResultWriter => { Resource => 'arn:aws:states:::sql:table', Arguments => { Table => 'trap.results' } } });

sub definition
{
	my ($place) = @_;
	return json({ QueryLanguage => 'JSONata', StartAt => 'Each', States => { Each => { Type => 'Map', %{ $places{$place} }, End => $end,
		ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'P', States => { P => { Type => 'Pass', End => $end } } } } } });
}

foreach my $database ('postgres', 'testing')
{
	$node->safe_psql($database, "SELECT sfn.create_state_machine('$_', " . sql_text(definition($_)) . ')', extra_params => [ '-U', 'mallory' ]) foreach sort keys %places;
	$node->safe_psql($database, q{SELECT sfn.create_state_machine('who', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.who", "End": true}}}', role => 'bob')});
}

# What shows the output of an execution, and how it ended.
sub running
{
	my ($machine, $shown) = @_;
	return "SELECT sfn.start_execution('$machine') AS e \\gset\nSELECT sfn.wait_for_execution(:'e', '60 s') AS ended \\gset\n"
	  . "SELECT $shown FROM sfn.executions WHERE execution_arn = :'e';\n";
}

# Runs the statement at the place: what the next task of another role finds in the worker, and how it ended.
sub in_worker
{
	my ($place) = @_;
	return reverse split /\n/, $node->safe_psql('postgres', running($place, "translate(concat_ws(': ', status, error, cause), E'\\n', ' ')") . running('who', 'output')), 2;
}

sub in_session
{
	my ($place) = @_;
	my (undef, $out, $err) = $node->psql('testing', qq{SELECT public.who(NULL);\nBEGIN;\nSELECT sfn.start_execution('$place') AS e \\gset
		SELECT sfn.run_until_idle() AS turns \\gset\nCOMMIT;\nSELECT public.who(NULL);\nSELECT concat_ws(': ', status, error, cause) FROM sfn.executions WHERE execution_arn = :'e'});
	my ($before, $after, $how) = split /\n/, $out, 3;

	is($after, $before, "... the session is as it was") or diag($err);
	return $how;
}

my $base = $node->safe_psql('postgres', running('who', 'output'));
like($base, qr/"user" ?: ?"bob"/, 'who comes next is told');
foreach my $sql (@escapes)
{
	$node->safe_psql($_, 'TRUNCATE trap.what; INSERT INTO trap.what VALUES (' . sql_text($sql) . ')', extra_params => [ '-U', 'mallory' ]) foreach 'postgres', 'testing';
	foreach my $place (sort keys %places)
	{
		my ($who, $how) = in_worker($place);
		like($how, qr/^SUCCEEDED|^FAILED: States\.(ItemReader|ResultWriter)Failed/, "$place, in a worker: $sql");
		is($who, $base, '... and nothing is left');
		$how = in_session($place);
		like($how, qr/^SUCCEEDED|^FAILED: States\.(ItemReader|ResultWriter)Failed/, "$place, in a superuser's session: $sql");
	}
	is($node->safe_psql('postgres', q{SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolsuper AND rolname IN ('mallory', 'bob')}), '', '... and nobody became superuser');
}

$node->stop;
done_testing();
