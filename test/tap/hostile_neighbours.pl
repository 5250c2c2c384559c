
# What a task could do to the transaction that it shares with others: in a shared turn with the tasks of other roles, within a
# synchronous execution with the caller himself.  Their constraints are checked when they want it and as who wants it, their
# cursors are theirs.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

# One executor, so that what is due together shares a turn.
my $node = sfn_node('neighbours', conf => "fsync = off\nsfn.max_workers = 1\n");

$node->safe_psql('postgres', q{
	CREATE ROLE mallory LOGIN;
	CREATE ROLE bob LOGIN;
	GRANT CREATE ON SCHEMA public TO mallory, bob;
	CREATE DATABASE testing;
	ALTER DATABASE testing SET sfn.enabled = off;
});

sub as { return psql_as($node, @_) }

sub done
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $out;
}

#
# A shared turn.  Bob's function stores in any order, since his constraint is checked at the end of the transaction.
#
done('mallory', q{CREATE FUNCTION public.hurry(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE input ->> 'sql';
		RETURN current_setting('lock_timeout');
	END $$});
done('bob', q{
	CREATE TABLE public.parent (n integer PRIMARY KEY);
	CREATE TABLE public.child (n integer REFERENCES public.parent DEFERRABLE INITIALLY DEFERRED);
	CREATE FUNCTION public.store(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE
			number integer := input ->> 'n';
		BEGIN
			IF input ? 'child' THEN
				INSERT INTO public.child VALUES (number);
			END IF;
			INSERT INTO public.parent VALUES (number);
			RETURN current_setting('lock_timeout');
		END $$});
task_machine($node, 'hurries', 'sql:public.hurry', as => 'mallory');
task_machine($node, 'stores', 'sql:public.store', as => 'bob');

# Who has used less comes first in a turn: bob has just done much.
sub shared_turn
{
	my ($sql, $n) = @_;
	my @executions = split /\n/, $node->safe_psql('postgres', "SELECT max(e) AS last FROM sfn.start_executions('stores', (SELECT array_agg(json_build_object('n', $n + g)) FROM generate_series(1, 50) g)) e \\gset\nSELECT sfn.wait_for_execution(:'last') AS status \\gset\n"
		  . join ";\n", 'BEGIN',
		(map { "SELECT sfn.start_execution('hurries', " . sql_text(json({ sql => $sql })) . ')' } 1 .. 3),
		"SELECT sfn.start_execution('stores', " . sql_text(json({ n => $n, child => 1 })) . ')', 'COMMIT');
	return map { end_of($node, $_) } @executions;
}

sub shares_turns
{
	my ($machine, $input) = @_;
	return wait_until(sub { our $n++; return run($node, $machine, { %$input, n => 100000 + $n })->{output} eq '5ms' });
}

ok(shares_turns('hurries', { sql => 'SELECT 1' }) && shares_turns('stores', {}), 'functions are known to be fit for shared turns');
foreach my $constraints ('IMMEDIATE', 'DEFERRED')
{
	my ($hurry, undef, undef, $stored) = shared_turn("SET CONSTRAINTS ALL $constraints", $constraints eq 'DEFERRED' ? 1000 : 2000);
	is($hurry->{status}, 'SUCCEEDED', "SET CONSTRAINTS ALL $constraints in a task is done");
	is($stored->{status}, 'SUCCEEDED', '... and means nothing to the tasks of others') or diag($stored->{cause});
}

#
# A synchronous execution of mallory's machine in bob's session.
#
my $database = 'testing';
$node->safe_psql($database, 'CREATE EXTENSION sfn; CREATE SCHEMA bobs AUTHORIZATION bob; CREATE SCHEMA trap AUTHORIZATION mallory; GRANT USAGE ON SCHEMA trap, bobs TO PUBLIC; CREATE SCHEMA api; GRANT ALL ON SCHEMA api TO mallory, bob');

sub session
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = $node->psql($database, $sql, extra_params => [ '-U', $role ]);
	return "$out\n$err";
}

print session('mallory', q{
	CREATE TABLE trap.loot (t text);
	GRANT SELECT ON trap.loot TO PUBLIC;
	CREATE FUNCTION trap.run(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE
			stolen text;
			cursor refcursor := input ->> 'cursor';
		BEGIN
			IF input ? 'path' THEN
				PERFORM set_config('search_path', input ->> 'path', false);
			END IF;
			IF input ? 'cursor' THEN
				FETCH cursor INTO stolen;
			ELSIF input ? 'into' THEN
				EXECUTE input ->> 'sql' INTO stolen;
			ELSE
				EXECUTE input ->> 'sql';
			END IF;
			RETURN coalesce(stolen, 'nothing');
		END $$;
	CREATE FUNCTION trap.is_valid(n integer) RETURNS boolean LANGUAGE sql AS 'INSERT INTO trap.loot VALUES (n); SELECT true';
	SELECT sfn.create_state_machine('run', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:trap.run", "End": true}}}', type => 'EXPRESS');
	SELECT sfn.grant_state_machine('run', 'bob', 'start');
});
print session('bob', q{
	CREATE TABLE bobs.secrets (t text);
	INSERT INTO bobs.secrets VALUES ('first'), ('second'), ('third');
	CREATE FUNCTION bobs.is_valid(n integer) RETURNS boolean LANGUAGE sql AS 'SELECT n > 0';
	CREATE TABLE bobs.orders (n integer);
	CREATE FUNCTION bobs.check_order() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF NOT is_valid(NEW.n) THEN
				RAISE EXCEPTION 'order % is not valid', NEW.n;
			END IF;
			RETURN NULL;
		END $$;
	CREATE CONSTRAINT TRIGGER check_order AFTER INSERT ON bobs.orders DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION bobs.check_order();
	GRANT EXECUTE ON FUNCTION bobs.is_valid(integer) TO PUBLIC;
});

sub sync
{
	my ($input) = @_;
	return "SELECT 'sync: ' || coalesce(answer ->> 'status', '') || ' ' || coalesce(answer ->> 'error', '') || ' ' || coalesce(answer ->> 'output', '') FROM sfn.api('StartSyncExecution', json_build_object("
	  . "'stateMachineArn', 'arn:aws:states:us-east-1:000000000000:stateMachine:run', 'input', " . sql_text(json($input)) . ')) answer;';
}

my $cursor = "BEGIN; DECLARE c CURSOR FOR SELECT t FROM bobs.secrets ORDER BY t; FETCH c;";
foreach my $theft ({ cursor => 'c' }, { sql => 'FETCH c', into => 1 }, { sql => 'MOVE FORWARD ALL FROM c' }, { sql => 'CLOSE c' }, { sql => 'CLOSE ALL' },
	{ sql => q{SELECT cursor_to_xml('c', 10, true, false, '')::text}, into => 1 },
	{ sql => q{SELECT string_agg(statement, '') FROM pg_cursors}, into => 1 })
{
	my $what = join ' ', %$theft;
	my $out = session('bob', "$cursor\n" . sync($theft) . "\nFETCH ALL FROM c; COMMIT");

	unlike($out, qr/^sync:.*(second|secrets)/m, "the caller's cursor is not read: $what");
	like($out, qr/^second\nthird$/m, '... nor moved, nor closed') or diag($out);
}
# ... nor what he has open of a large object.
foreach my $theft (q{SELECT encode(loread(0, 100), 'escape')}, q{SELECT lowrite(0, 'mine')}, 'SELECT lo_truncate(0, 0)', 'SELECT lo_lseek(0, 100, 0)', 'SELECT lo_close(0)')
{
	my $out = session('bob', "BEGIN; SELECT lo_open(lo_from_bytea(0, 'large secret'), 393216);\n" . sync({ sql => $theft, into => 1 }) . "\nSELECT encode(loread(0, 100), 'escape'); COMMIT");

	like($out, qr/^sync: FAILED Sql\.insufficient_privilege/m, "a large object of the caller is left alone: $theft");
	like($out, qr/^large secret$/m, '... it is as it was') or diag($out);
}
like(session('bob', 'BEGIN;' . sync({ sql => q{SELECT (lo_from_bytea(0, 'own') > 0)::text}, into => 1 }) . 'COMMIT'), qr/^sync: SUCCEEDED  "true"/m, '... an own one can be made');

# ... nor that of a loop, whose name can be guessed.
my $loop = session('bob', q{DO $$
	DECLARE
		secret text;
	BEGIN
		FOR secret IN SELECT t FROM bobs.secrets ORDER BY t LOOP
			RAISE NOTICE 'mine: %, his: %', secret, (SELECT row_to_json(s) FROM sfn.start_sync_execution('run', '{"cursor": "<unnamed portal 1>"}') s);
		END LOOP;
	END $$});
unlike($loop, qr/his: .*second/, '... nor that of a loop') or diag($loop);

foreach my $sql ('SET CONSTRAINTS ALL IMMEDIATE', 'SET CONSTRAINTS bobs.check_order IMMEDIATE')
{
	my $out = session('bob', "SET search_path = bobs; BEGIN; INSERT INTO bobs.orders VALUES (-1);\n"
		  . sync({ path => 'trap, pg_catalog', sql => $sql }) . "\nCOMMIT;");

	like($out, qr/^sync: FAILED Sql\.insufficient_privilege/m, "what the caller defers is not done by the task: $sql");
	like($out, qr/order -1 is not valid/, '... but checked by himself');
}
unlike(session('bob', 'SELECT count(*) FROM trap.loot'), qr/^[^0]/, '... nothing was stolen by it');
like(session('mallory', 'BEGIN;' . sync({ sql => 'SET CONSTRAINTS ALL IMMEDIATE' }) . 'COMMIT'), qr/^sync: SUCCEEDED/m, 'in its own role\'s session a task may');

$node->stop;
done_testing();
