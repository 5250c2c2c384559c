
# Tasks that catch their cancellation, or look at no interrupts: they time out, are stopped, and hold up nobody else.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

# A single worker does everything, so that whatever holds it up holds up everybody.
my $node = sfn_node('tasks', conf => "sfn.max_workers = 1\nsfn.cancel_grace = 500ms\nsfn.ddl_grace = 200ms\n");
my $has_perl = $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'plperl'});

$node->safe_psql('postgres', q{
	CREATE ROLE mallory LOGIN;
	CREATE ROLE bob LOGIN;
	GRANT CREATE ON SCHEMA public TO mallory, bob;
	CREATE TABLE touched (n integer);
	CREATE TABLE deferred (n integer);
	GRANT ALL ON touched, deferred TO mallory;
	CREATE FUNCTION fine(input jsonb) RETURNS integer LANGUAGE sql AS 'SELECT 1';

	CREATE FUNCTION stubborn() RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			LOOP
				BEGIN
					PERFORM pg_sleep(1000);
				EXCEPTION WHEN query_canceled OR OTHERS THEN
					NULL;
				END;
			END LOOP;
		END$$;
	CREATE FUNCTION catches(input jsonb) RETURNS void LANGUAGE sql AS 'SELECT stubborn()';
	CREATE FUNCTION nested(input jsonb) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			LOOP
				BEGIN
					BEGIN
						PERFORM pg_sleep(1000);
					EXCEPTION WHEN query_canceled THEN
						RAISE EXCEPTION 'another';
					END;
				EXCEPTION WHEN OTHERS THEN
					NULL;
				END;
			END LOOP;
		END$$;
	CREATE FUNCTION does(input jsonb) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			EXECUTE 'DO ''BEGIN PERFORM stubborn(); END''';
		END$$;
	CREATE FUNCTION touches(input jsonb) RETURNS void LANGUAGE sql AS 'INSERT INTO touched VALUES (1)';
	CREATE FUNCTION defers(input jsonb) RETURNS void LANGUAGE sql AS 'INSERT INTO deferred VALUES (1)';
	CREATE FUNCTION stubborn_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM stubborn(); RETURN NULL; END';
	CREATE TRIGGER t AFTER INSERT ON touched FOR EACH ROW EXECUTE FUNCTION stubborn_trigger();
	CREATE CONSTRAINT TRIGGER t AFTER INSERT ON deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stubborn_trigger();

	-- proves fast until told otherwise
	CREATE FUNCTION sometimes(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			IF (input ->> 'hangs')::boolean THEN
				PERFORM stubborn();
			END IF;
			RETURN 'fine';
		END$$;
	-- ends when it is cancelled, but as it likes
	CREATE FUNCTION late(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_sleep(1000);
		EXCEPTION WHEN query_canceled THEN
			RETURN 'late';
		END$$;
});
my @functions = qw(catches nested does touches defers sometimes late);
if ($has_perl)
{
	$node->safe_psql('postgres', q{
		CREATE EXTENSION plperl;
		CREATE FUNCTION perl_catches(input jsonb) RETURNS void LANGUAGE plperl AS $$
			eval { spi_exec_query('SELECT pg_sleep(1000)') } while 1;
		$$;
		CREATE FUNCTION perl_hangs(input jsonb) RETURNS void LANGUAGE plperl AS '1 while 1';
	});
	push @functions, qw(perl_catches perl_hangs);
}
task_machine($node, $_, "sql:public.$_", TimeoutSeconds => 1, as => 'mallory') foreach @functions;
task_machine($node, 'fine', 'sql:public.fine', as => 'bob');
wait_for_executor($node, 'postgres');
is(run($node, 'fine')->{status}, 'SUCCEEDED', 'a worker is there') foreach 1 .. 2;
my $started = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');

# How often workers ended.
sub endings
{
	my $log = slurp_file($node->logfile);
	return scalar(() = $log =~ /FATAL:  terminating background worker "sfn executor"/g);
}

#
# Time-outs.
#
foreach my $function (grep { !/sometimes|late|hangs/ } @functions)
{
	my $before = endings();
	my $end = run($node, $function);
	is("$end->{status} $end->{error}", 'FAILED States.Timeout', "$function times out");
	ok(endings() > $before, '... though it did not end for that');
	is(run($node, 'fine')->{status}, 'SUCCEEDED', '... and others go on');
}
is(run($node, 'late')->{output}, 'late', 'a task that ends within the grace has its result');

# Each attempt is given up by itself, and no strike is counted.
machine($node, 'retries', { StartAt => 'Task', States => {
	Task => { Type => 'Task', Resource => 'sql:public.catches', TimeoutSeconds => 1, End => JSON::PP::true,
		Retry => [ { ErrorEquals => ['States.Timeout'], IntervalSeconds => 1, MaxAttempts => 3, BackoffRate => 1 } ],
		Catch => [ { ErrorEquals => ['States.ALL'], Next => 'Caught' } ] },
	Caught => { Type => 'Pass', Result => 'caught', End => JSON::PP::true } } }, as => 'mallory');
my $execution = started($node, 'retries');
is(end_of($node, $execution, 120)->{output}, 'caught', 'Retry and Catch see the time-out');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.get_execution_history(} . sql_text($execution) . q{) WHERE type IN ('TaskTimedOut', 'LambdaFunctionTimedOut')}), '4',
	'... of each attempt');

# The machine's own time.
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('limited',
	'{"TimeoutSeconds": 1, "StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.catches", "End": true}}}', role => 'mallory')});
is(run($node, 'limited')->{status}, 'TIMED_OUT', 'the time-out of the machine holds, too');

#
# A stop.
#
task_machine($node, 'endless', 'sql:public.catches', as => 'mallory');
$execution = started($node, 'endless');
ok(wait_for($node, q{SELECT count(*) FROM sfn.workers w WHERE execution_arn = } . sql_text($execution), '1'), 'a task without a time-out runs');
$node->safe_psql('postgres', 'SELECT sfn.stop_execution(' . sql_text($execution) . ')');
is(end_of($node, $execution)->{status}, 'ABORTED', '... and is stopped');
is(run($node, 'fine')->{status}, 'SUCCEEDED', '... and others go on');

#
# sfn.restart_worker().
#
$execution = started($node, 'endless');
ok(wait_for($node, q{SELECT count(*) FROM sfn.workers w WHERE execution_arn = } . sql_text($execution), '1'), 'it runs again');
my $pid = executor_pid($node, 'postgres');
is($node->safe_psql('postgres', 'SELECT sfn.restart_worker()'), 't', 'restart_worker() says that it has restarted');
isnt(executor_pid($node, 'postgres'), $pid, '... and it has');
$node->safe_psql('postgres', 'SELECT sfn.stop_execution(' . sql_text($execution) . ')');
is(end_of($node, $execution)->{status}, 'ABORTED', '... it is stopped');

#
# In a shared turn.
#
is(run($node, 'sometimes', { hangs => JSON::PP::false })->{output}, 'fine', 'a function proves fast') foreach 1 .. 3;
$node->safe_psql('postgres', q{SELECT sfn.start_execution(m, i::json) FROM (VALUES ('fine', '{}'), ('sometimes', '{"hangs": true}'), ('fine', '{}')) v (m, i), generate_series(1, 3)});
ok(wait_for($node, q{SELECT string_agg(DISTINCT concat_ws(' ', state_machine, status, error), ', ') FROM sfn.executions
	WHERE state_machine = 'fine' OR input ->> 'hangs' = 'true'}, 'fine SUCCEEDED, sometimes FAILED States.Timeout', 120), 'then hangs in a shared turn: it times out, the others are done');

is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');
is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $started, 'the server has not restarted');
unlike(slurp_file($node->logfile), qr/terminating any other active server processes|PANIC/, '... nor crashed');

#
# In a session nothing is terminated.
#
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('sync',
	'{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.late", "TimeoutSeconds": 1, "End": true}}}', type => 'EXPRESS')});
is($node->safe_psql('postgres', q{SELECT sfn.start_sync_execution('sync')}), '"late"', 'a synchronous execution goes on after the cancel');

#
# Code that looks at no interrupts.
#
SKIP:
{
	skip 'PL/Perl is not installed', 13 unless $has_perl;

	$pid = executor_pid($node, 'postgres');
	$execution = started($node, 'perl_hangs');
	ok(wait_for($node, q{SELECT count(*) FROM sfn.workers WHERE state = 'stuck'}, '1'), 'PL/Perl that hangs is noticed');
	is(run($node, 'fine')->{status}, 'SUCCEEDED', '... and others go on');
	is($node->safe_psql('postgres', q{SELECT pid, execution_arn = } . sql_text($execution) . q{, task, reason ~ 'only the end of the server' FROM sfn.workers WHERE state = 'stuck'}),
		"$pid|t|sql:public.perl_hangs|t", 'sfn.workers says who, with what');
	is($node->safe_psql('postgres', q{SELECT task IS NULL AND execution_arn IS NULL FROM sfn.workers WHERE state = 'stuck'}, extra_params => [ '-U', 'bob' ]), 't', '... but not to strangers');
	like(slurp_file($node->logfile), qr/PID $pid does not come back from task "sql:public.perl_hangs" of execution \d+/, '... and the log');
	isnt(executor_pid($node, 'postgres'), $pid, 'there is another executor');
	is($node->safe_psql('postgres', 'SELECT sfn.restart_worker()'), 'f', 'restart_worker() does not say that all is well');
	ok(wait_for_executor($node, 'postgres'), '... though there is a new one');

	# A role has two processes to lose, not all.
	started($node, 'perl_hangs') foreach 1 .. 4;
	ok(wait_for($node, q{SELECT count(*) FROM sfn.workers WHERE state = 'stuck'}, '2'), 'a second one is lost');
	is(run($node, 'fine')->{status}, 'SUCCEEDED', '... others go on') foreach 1 .. 5;
	is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.workers WHERE state = 'stuck'}), '2', '... and no third is lost');
	$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE state_machine = 'perl_hangs' AND status = 'RUNNING'
		AND execution_arn NOT IN (SELECT execution_arn FROM sfn.workers WHERE state = 'stuck')});

	restart_node($node, 'immediate');
	ok(wait_for($node, q{SELECT string_agg(DISTINCT concat_ws(' ', status, error), ', ') FROM sfn.executions WHERE state_machine = 'perl_hangs'}, 'ABORTED, FAILED States.Timeout'),
		'after the server was stopped by force they have timed out, and are not begun again');
	is(run($node, 'fine')->{status}, 'SUCCEEDED', 'all is well');
}

$node->stop;
done_testing();
