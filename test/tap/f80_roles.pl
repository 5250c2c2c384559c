
# F80: a task runs as the role of its machine and as nobody else, whatever it tries; a superuser's machine runs nobody
# else's code.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('f80');

$node->safe_psql('postgres', q{
	CREATE ROLE alice LOGIN;
	CREATE ROLE bob LOGIN;
	CREATE ROLE boss SUPERUSER LOGIN;
	GRANT CREATE ON SCHEMA public TO alice, bob;
	CREATE TABLE pwned (who text, how text);
	GRANT INSERT, SELECT ON pwned TO PUBLIC;
	CREATE TABLE secret (owner text, n integer);
	INSERT INTO secret VALUES ('alice', 1), ('bob', 2);
	ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON secret USING (owner = current_user);
	GRANT SELECT ON secret TO alice, bob;
	CREATE TABLE private (n integer);
	CREATE FUNCTION who(input jsonb) RETURNS jsonb LANGUAGE sql AS $$
		SELECT jsonb_build_object('user', current_user, 'superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
			'rows', (SELECT coalesce(json_agg(n), '[]') FROM secret))$$;
});

sub as
{
	my ($role, $sql) = @_;
	return $node->psql('postgres', $sql, extra_params => [ '-U', $role ]);
}

#
# Who a task is: the first time in a turn of its own, then in shared ones.
#
task_machine($node, 'alices', 'sql:public.who', as => 'alice');
task_machine($node, 'bobs', 'sql:public.who', as => 'bob');
foreach my $time (1 .. 3)
{
	is_deeply(run($node, 'alices')->{output}, { user => 'alice', superuser => JSON::PP::false, rows => [1] }, "run $time: alice is alice");
	is_deeply(run($node, 'bobs')->{output}, { user => 'bob', superuser => JSON::PP::false, rows => [2] }, "run $time: bob is bob");
}
$node->safe_psql('postgres', q{SELECT sfn.start_executions(m, array_agg('{}'::json)) FROM generate_series(1, 100), unnest('{alices,bobs}'::text[]) m GROUP BY m});
ok(wait_for($node, q{SELECT string_agg(DISTINCT state_machine || ' ' || (output ->> 'user') || (output ->> 'rows'), ', ') FROM sfn.executions WHERE output IS NOT NULL},
	'alices alice[1], bobs bob[2]'), 'tasks of two roles in one turn do not mix');

#
# Tricks: each is refused, and leaves the task the role it has.
#
$node->safe_psql('postgres', q{
	CREATE FUNCTION trick(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			BEGIN
				EXECUTE input ->> 'sql';
			EXCEPTION WHEN OTHERS THEN
				RETURN current_user || ' refused';
			END;
			INSERT INTO public.pwned SELECT current_user, input ->> 'sql' FROM pg_roles WHERE rolname = current_user AND rolsuper;
			RETURN current_user || ' done';
		END$$;
});
task_machine($node, 'tricks', 'sql:public.trick', as => 'alice');
my @refused = (
	'SET ROLE postgres', 'SET ROLE boss', 'SET LOCAL ROLE postgres', 'RESET ROLE', 'SET ROLE none',
	'SET SESSION AUTHORIZATION postgres', 'SET SESSION AUTHORIZATION DEFAULT', 'RESET SESSION AUTHORIZATION',
	q{SELECT set_config('role', 'postgres', false)}, q{SELECT set_config('session_authorization', 'postgres', true)},
	'ALTER ROLE alice SUPERUSER', 'CREATE ROLE mallory SUPERUSER', 'GRANT boss TO alice',
	'INSERT INTO private VALUES (1)', 'TRUNCATE secret', q{COPY pwned TO PROGRAM 'cat'}, q{SELECT pg_read_file('postgresql.conf')},
	'SET session_replication_role = replica', 'SET sfn.test_now = \'2000-01-01\'', 'SET sfn.enabled = off',
	'SELECT sfn.run_once()', 'SELECT sfn.run_until_idle()', 'SELECT sfn.adopt()', 'DELETE FROM sfn.execution', 'UPDATE sfn.state_machine SET role = 10',
	'INSERT INTO sfn.inbox (execution_id, due, kind) VALUES (1, now(), 10)', 'SELECT * FROM sfn.history_chunk', 'DROP EXTENSION sfn',
	'SELECT pg_terminate_backend(pg_backend_pid())', 'COMMIT', 'ROLLBACK',
	q{SELECT sfn.create_state_machine('m', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', role => 'boss')},
	q{SELECT sfn.update_state_machine('bobs', role => 'alice')}, q{SELECT sfn.delete_state_machine('bobs')},
);
foreach my $sql (@refused)
{
	is(run($node, 'tricks', { sql => $sql })->{output}, 'alice refused', $sql);
}
is(run($node, 'tricks', { sql => 'SELECT 1' })->{output}, 'alice done', 'what is allowed is done');

# What a task may set does not outlive it, nor reach the worker.
is(run($node, 'tricks', { sql => $_ })->{output}, 'alice done', $_)
  foreach ('SET row_security = off', 'SET statement_timeout = 0', 'SET search_path = pg_temp', "SET lock_timeout = '1h'",
	"SELECT set_config('default_transaction_read_only', 'on', false)");
is_deeply(run($node, 'bobs')->{output}, { user => 'bob', superuser => JSON::PP::false, rows => [2] }, 'the next task does not see it');

#
# SECURITY DEFINER: the function's owner acts, not the worker, and not longer than the function.
#
as('alice', q{
	CREATE FUNCTION alices_way(input jsonb) RETURNS text SECURITY DEFINER LANGUAGE sql AS 'SELECT current_user::text';
	CREATE FUNCTION alices_trap(input jsonb) RETURNS text SECURITY DEFINER LANGUAGE plpgsql AS $$
		BEGIN BEGIN EXECUTE 'RESET ROLE'; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN current_user; END$$;
});
task_machine($node, 'definer', 'sql:public.alices_way', as => 'bob');
is(run($node, 'definer')->{output}, 'alice', 'SECURITY DEFINER is the owner of the function');
task_machine($node, 'trap', 'sql:public.alices_trap', as => 'bob');
is(run($node, 'trap')->{output}, 'alice', '... and cannot become the worker');

#
# A superuser's machine.
#
sub result
{
	my ($machine, $input) = @_;
	my $end = run($node, $machine, $input);
	return $end->{status} eq 'SUCCEEDED' ? "SUCCEEDED $end->{output}" : "$end->{status} $end->{error}";
}
as('alice', q{CREATE FUNCTION harmless(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN INSERT INTO pwned VALUES (current_user, 'harmless'); RETURN current_user; END$$});
task_machine($node, 'bosses', 'sql:public.harmless', as => 'boss');
my $refusal = run($node, 'bosses');
is("$refusal->{status} $refusal->{error}", 'FAILED States.Permissions', 'a superuser\'s machine does not run a function of somebody else');
like($refusal->{cause}, qr/role => an ordinary role/, '... and says what to do');
task_machine($node, 'bosses', 'arn:aws:states:::sql:call', Parameters => { Function => 'public.harmless', Args => {} }, as => 'boss');
is(result('bosses'), 'FAILED States.Permissions', '... by sql:call neither');
as('alice', q{SELECT sfn.create_function('harmless', 'harmless(jsonb)')});
task_machine($node, 'bosses', 'arn:aws:lambda:us-east-1:000000000000:function:harmless', as => 'boss');
is(result('bosses'), 'FAILED States.Permissions', '... by a function ARN neither');
task_machine($node, 'bosses-by-alice', 'sql:public.harmless', as => 'boss', role => 'alice');
is(result('bosses-by-alice'), 'SUCCEEDED alice', 'with role => alice it does, as alice');
as('boss', q{CREATE FUNCTION bosses_own(input jsonb) RETURNS text LANGUAGE sql AS 'SELECT current_user::text'});
task_machine($node, 'bosses', 'sql:public.bosses_own', as => 'boss');
is(result('bosses'), 'SUCCEEDED boss', 'a superuser\'s function does its work');
$node->safe_psql('postgres', 'ALTER ROLE boss NOSUPERUSER');
is(result('bosses'), 'SUCCEEDED boss', 'a role that is no superuser any more runs its own');
$node->safe_psql('postgres', 'ALTER ROLE boss SUPERUSER; ALTER FUNCTION bosses_own OWNER TO alice');
is(result('bosses'), 'FAILED States.Permissions', 'a function that changed its owner');
$node->safe_psql('postgres', 'DELETE FROM pwned');

#
# Operators and functions of users, first in everybody's search_path, are not asked by the engine.
#
as('alice', q{
	CREATE FUNCTION spy(a bigint, b bigint) RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.pwned VALUES (current_user, 'bigint'); RETURN a OPERATOR(pg_catalog.=) b; END$$;
	CREATE OPERATOR public.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = spy);
	CREATE FUNCTION spy(a text, b text) RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.pwned VALUES (current_user, 'text'); RETURN a OPERATOR(pg_catalog.=) b; END$$;
	CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = spy);
	CREATE FUNCTION spy(a timestamptz, b timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.pwned VALUES (current_user, 'timestamptz'); RETURN a OPERATOR(pg_catalog.<=) b; END$$;
	CREATE OPERATOR public.<= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = spy);
	CREATE FUNCTION public.to_json(anyelement) RETURNS json LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.pwned VALUES (current_user, 'to_json'); RETURN pg_catalog.to_json($1); END$$;
	CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.pwned VALUES (current_user, 'clock_timestamp'); RETURN pg_catalog.clock_timestamp(); END$$;
	CREATE FUNCTION public.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.pwned VALUES (current_user, 'unnest'); RETURN QUERY SELECT pg_catalog.unnest($1); END$$;
	CREATE FUNCTION public.pg_has_role(oid, text) RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.pwned VALUES (current_user, 'pg_has_role'); RETURN true; END$$;
});
$node->safe_psql('postgres', q{
	ALTER DATABASE postgres SET search_path = public, pg_catalog;
	ALTER DATABASE postgres SET sfn.task_search_path = 'public, pg_catalog';
	SELECT sfn.restart_worker();
});
is(result('bosses-by-alice'), 'SUCCEEDED alice', 'a machine runs with users\' operators first in the path');
as('boss', $_) foreach (
	q{SELECT sfn.start_execution('alices', '{}', 'spied')}, q{SELECT sfn.list_executions('alices')}, q{TABLE sfn.executions}, q{TABLE sfn.history},
	q{TABLE sfn.state_machines}, q{TABLE sfn.timers}, q{TABLE sfn.pending_tasks}, q{TABLE sfn.workers}, q{SELECT sfn.list_state_machines()},
	q{SELECT sfn.describe_execution('arn:aws:states:us-east-1:000000000000:execution:alices:spied')},
	q{SELECT sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:alices:spied')},
	q{SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:alices:spied')},
	q{SELECT sfn.api('ListStateMachines', '{}')}, q{SELECT sfn.graph('alices')},
	q{SELECT sfn.update_state_machine('alices', role => 'alice')}, q{SELECT sfn.delete_state_machine('alices')});
ok(wait_for($node, q{SELECT pg_catalog.count(*) FROM sfn.executions WHERE state_machine OPERATOR(pg_catalog.=) 'alices' AND status OPERATOR(pg_catalog.=) 'RUNNING'}, '0'),
	'... and ends');
is($node->safe_psql('postgres', q{SELECT pg_catalog.string_agg(DISTINCT (who, how)::pg_catalog.text, ' ') FROM pwned
	WHERE how OPERATOR(pg_catalog.<>) 'harmless' AND who OPERATOR(pg_catalog.<>) 'alice'}), '', 'nobody\'s code ran as anybody but its owner');

$node->stop;
done_testing();
