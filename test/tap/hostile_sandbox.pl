
# What a task could do to be somebody else, or to act later as somebody else, in each of the ways that tasks are run: in a
# turn shared with others, in a turn of its own, within a synchronous execution of a session, in the turns of a session.
# It is refused, or gone with the task: who comes next in the same process finds everything as it was before.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

# One executor does everything, so that what a task leaves the next one finds.
my $node = sfn_node('sandbox', conf => "fsync = off\nsfn.max_workers = 1\n");
my $end = JSON::PP::true;

$node->safe_psql('postgres', q{
	CREATE ROLE mallory LOGIN;
	CREATE ROLE bob LOGIN;
	CREATE ROLE pool SUPERUSER LOGIN;
	CREATE DATABASE testing;
	ALTER DATABASE testing SET sfn.enabled = off;
});
foreach my $database ('postgres', 'testing')
{
	$node->safe_psql($database, 'CREATE EXTENSION IF NOT EXISTS sfn');
	$node->safe_psql($database, q{
		CREATE SCHEMA trap AUTHORIZATION mallory;
		GRANT USAGE ON SCHEMA trap TO PUBLIC;
		CREATE SEQUENCE tries_shared;
		GRANT USAGE ON SEQUENCE tries_shared TO mallory;
		CREATE TABLE lazy (n integer);
		GRANT ALL ON lazy TO mallory;

		-- all that the one who comes next could notice
		CREATE FUNCTION who(input json) RETURNS json LANGUAGE plpgsql SET timezone = 'UTC' AS $$
			BEGIN
				RETURN json_build_object('user', current_user, 'session', session_user, 'role', current_setting('role'),
					'super', current_setting('is_superuser'), 'path', current_setting('search_path'),
					'timeout', current_setting('statement_timeout'), 'replica', current_setting('session_replication_role'),
					'mine', nullif(current_setting('my.own', true), ''),
					'temporary', (SELECT count(*) FROM pg_depend WHERE refobjid = pg_my_temp_schema() AND pg_my_temp_schema() <> 0),
					'prepared', (SELECT array_agg(name ORDER BY name) FROM pg_prepared_statements),
					'cursors', (SELECT array_agg(name) FROM pg_cursors WHERE is_holdable OR name = 'leak'),
					'channels', (SELECT array_agg(c) FROM pg_listening_channels() c),
					'locks', (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'),
					'length', length('four'), 'text', 'x'::text);
			END $$;
	});
	$node->safe_psql($database, q{
		-- whoever superuser runs this makes mallory one
		CREATE FUNCTION trap.evil() RETURNS boolean LANGUAGE plpgsql AS $$
			BEGIN
				IF (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) current_user) THEN
					ALTER ROLE mallory SUPERUSER;
				END IF;
				RETURN true;
			END $$;
		CREATE FUNCTION trap.length(text) RETURNS integer LANGUAGE sql AS 'SELECT trap.evil()::integer';
		CREATE FUNCTION trap.late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM trap.evil(); RETURN NULL; END';
		CREATE TABLE trap.lazy (n integer);
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON trap.lazy DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap.late();
		CREATE PROCEDURE trap.commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; PERFORM trap.evil(); END';
		CREATE PROCEDURE trap.rolls_back() LANGUAGE plpgsql AS 'BEGIN ROLLBACK; PERFORM trap.evil(); END';
	}, extra_params => [ '-U', 'mallory' ]);
	$node->safe_psql($database, 'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON lazy DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap.late()');
}

# Name, what is done, what comes of it: by default it is refused everywhere, with an error of the task; 'gone': allowed in
# that mode, and undone afterwards.
my @escapes = (
	[ 'SET ROLE', 'SET ROLE pool' ],
	[ 'RESET ROLE', 'RESET ROLE' ],
	[ 'SET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION DEFAULT' ],
	[ 'set_config of role', q{SELECT set_config('role', 'none', false)} ],
	[ 'set_config of session_authorization', q{SELECT set_config('session_authorization', 'pool', false)} ],
	[ 'DISCARD', 'DISCARD ALL' ],
	[ 'COMMIT in a procedure', 'CALL trap.commits()' ],
	[ 'ROLLBACK in a procedure', 'CALL trap.rolls_back()' ],
	[ 'LISTEN', 'LISTEN secrets' ],
	[ 'a temporary view of a name of the catalog', 'CREATE TEMP VIEW pg_prepared_statements AS SELECT NULL::text AS name WHERE trap.evil()', alone => 'gone' ],
	[ 'a temporary type of a name of the catalog', 'CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (trap.evil())', alone => 'gone' ],
	[ 'a search_path to shadow functions', 'SET search_path = trap, pg_temp, pg_catalog', map { $_ => 'gone' } qw(shared alone inline session) ],
	[ 'settings of the session', q{SELECT set_config('statement_timeout', '1', false), set_config('my.own', 'x', false)}, map { $_ => 'gone' } qw(shared alone inline session) ],
	[ 'settings of superusers', 'SET session_replication_role = replica' ],
	[ 'PREPARE', 'PREPARE later AS SELECT trap.evil()', alone => 'gone' ],
	[ 'DEALLOCATE', 'DEALLOCATE ALL', alone => 'gone' ],
	[ 'a deferred trigger of an own table', 'INSERT INTO trap.lazy VALUES (1)', alone => 'gone' ],
	[ 'a deferred trigger of a table of others', 'INSERT INTO public.lazy VALUES (1)', alone => 'gone' ],
	[ 'SET CONSTRAINTS', 'SET CONSTRAINTS ALL DEFERRED; INSERT INTO trap.lazy VALUES (1)', alone => 'gone' ],
	[ 'a cursor WITH HOLD', 'DECLARE leak CURSOR WITH HOLD FOR SELECT trap.evil()', alone => 'gone' ],
	[ 'a cursor', 'DECLARE leak CURSOR FOR SELECT trap.evil()', map { $_ => 'gone' } qw(shared alone inline session) ],
	[ 'a function with the rights of who calls it', 'SELECT trap.evil()', map { $_ => 'gone' } qw(shared alone inline session) ],
	[ 'ALTER ROLE', 'ALTER ROLE mallory SUPERUSER' ],
	[ 'CREATE EXTENSION', 'CREATE EXTENSION file_fdw' ],
	[ 'COPY FROM PROGRAM', q{COPY trap.lazy FROM PROGRAM 'echo 1'} ],
);
my @modes = qw(shared alone inline session);

sub definition
{
	my ($function) = @_;
	return json({ StartAt => 'Escape', States => {
		Escape => { Type => 'Task', Resource => "sql:trap.$function", ResultPath => '$.result', Next => 'Who',
			Catch => [ { ErrorEquals => ['States.ALL'], ResultPath => '$.refused', Next => 'Who' } ] },
		Who => { Type => 'Task', Resource => 'sql:public.who', ResultPath => '$.who', End => $end } } });
}

# A function of its own for each, since workers learn how to run a function.
my $functions = 0;
sub escape_machine
{
	my ($database, $type) = @_;
	my $function = 'escape' . ++$functions;

	$node->safe_psql($database, qq{
		CREATE FUNCTION trap.$function(input jsonb) RETURNS text LANGUAGE plpgsql AS \$\$
			BEGIN
				IF current_setting('lock_timeout') = '5ms' AND input ->> 'sql' <> 'SELECT 1' THEN
					PERFORM nextval('public.tries_shared');
				END IF;
				EXECUTE input ->> 'sql';
				RETURN current_user;
			END \$\$;
		SELECT sfn.create_state_machine('$function', } . sql_text(definition($function)) . qq{, type => '$type')},
		extra_params => [ '-U', 'mallory' ]);
	return $function;
}

# Of the output of an execution: 'refused' or 'gone', who the escape's function was afterwards, who the next task found.
sub judged
{
	my ($output) = @_;
	my $value = JSON::PP::decode_json($output);
	my $outcome = $value->{refused} ? 'refused' : 'gone';

	like($value->{refused}{Error}, qr/^Sql\./, '... by an error of the task') if $value->{refused};
	is($value->{result}, 'mallory', '... still its role within the task') if !$value->{refused};
	return ($outcome, json($value->{who}));
}

sub nobody_rose
{
	return $node->safe_psql('postgres', q{SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolsuper AND rolname IN ('mallory', 'bob')}) eq '';
}

#
# In workers.
#
task_machine($node, 'who', 'sql:public.who', role => 'bob');
task_machine($node, 'who_mallory', 'sql:public.who', role => 'mallory');

my $tries = 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tries_shared';

# Statements of a session that runs the machine to its end and shows the output.
sub running
{
	my ($machine, $input) = @_;
	return "SELECT sfn.start_execution('$machine', " . sql_text(json($input)) . ") AS e \\gset\n"
	  . "SELECT sfn.wait_for_execution(:'e', '60 s') AS ended \\gset\n"
	  . "SELECT output FROM sfn.executions WHERE execution_arn = :'e';\n";
}

sub session
{
	my (@statements) = @_;
	return split /\n/, $node->safe_psql('postgres', join '', @statements);
}

my ($bob, $mallory) = map { json(JSON::PP::decode_json($_)) } (session(map { running($_, {}) } (qw(who who_mallory)) x 3))[ 4, 5 ];
like($bob, qr/"user":"bob"/, 'who comes next is told');

sub in_worker
{
	my ($mode, $sql) = @_;
	my $machine = escape_machine('postgres', 'STANDARD');
	my $harmless = running($machine, { sql => 'SELECT 1' });

	session($harmless, $harmless) if $mode eq 'shared';
	my ($before, $output, $after, $next) = session("$tries;\n", running($machine, { sql => $sql }), "$tries;\n", running('who', {}));
	is($after - $before, $mode eq 'shared' ? 1 : 0, '... was tried in that mode');
	my ($outcome, $found) = judged($output);
	is($found, $mallory, "... the role's next task finds nothing");
	is(json(JSON::PP::decode_json($next)), $bob, "... nor does another's");
	return $outcome;
}

#
# In sessions of a superuser: of a pool that becomes the role, and one that runs its own tests.
#
sub in_session
{
	my ($mode, $sql) = @_;
	my $machine = escape_machine('testing', $mode eq 'inline' ? 'EXPRESS' : 'STANDARD');
	my $input = sql_text(json({ sql => $sql }));
	my $call = $mode eq 'inline'
	  ? "SELECT answer ->> 'output' FROM sfn.api('StartSyncExecution', json_build_object('stateMachineArn', 'arn:aws:states:us-east-1:000000000000:stateMachine:$machine', 'input', $input)) answer"
	  : "SELECT sfn.start_execution('$machine', $input) AS execution \\gset\nSELECT sfn.run_until_idle() AS turns \\gset\nSELECT output FROM sfn.executions WHERE execution_arn = :'execution'";
	my $become = $mode eq 'inline' ? 'SET ROLE mallory' : 'SET ROLE none';
	my (undef, $out, $err) = $node->psql('testing', "$become;\nPREPARE own AS SELECT 7;\nLISTEN own;\nSELECT pg_advisory_lock(1) AS mine \\gset\n"
		  . "CREATE TEMP TABLE kept AS SELECT 8 AS n;\nBEGIN;\nSELECT public.who(NULL);\n$call;\nSELECT public.who(NULL);\nCOMMIT;\nSELECT public.who(NULL);\nEXECUTE own;\nTABLE kept;",
		extra_params => [ '-U', 'pool' ]);
	my ($before, $output, @after) = split /\n/, $out;
	is("@after", "$before $before 7 8", '... the session has what it had, and nothing else') or diag("$out\n$err");
	my ($outcome) = judged($output);
	return $outcome;
}

foreach my $escape (@escapes)
{
	my ($name, $sql, %expected) = @$escape;

	foreach my $mode (@modes)
	{
		my $outcome = $mode eq 'shared' || $mode eq 'alone' ? in_worker($mode, $sql) : in_session($mode, $sql);
		# what a shared turn refuses is tried again in a turn of its own
		my $wanted = $expected{$mode} // ($mode eq 'shared' ? $expected{alone} : undef) // 'refused';
		is($outcome, $wanted, "$mode: $name");
	}
	ok(nobody_rose(), '... and nobody became superuser');
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_extension WHERE extname = 'file_fdw'}), '0', 'no extension was made');

$node->stop;
done_testing();
