
# What a SQL task leaves in its session is taken away after it.  When that fails (here: dropping its temporary function, with
# a trigger on a table that another session reads, is a deadlock), the turn is done again: nothing of the task stays, and
# the worker goes on.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('task_cleanup', conf => "deadlock_timeout = 100ms\nsfn.max_workers = 1\n");

$node->safe_psql('postgres', q{
	CREATE TABLE held (tries integer);
	CREATE TABLE watched (a integer);
	CREATE FUNCTION leaves(input json) RETURNS bigint LANGUAGE plpgsql AS $$
	BEGIN
		LOCK TABLE held;
		INSERT INTO held VALUES (1);
		CREATE FUNCTION pg_temp.left_behind() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
		CREATE TRIGGER left_behind BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION pg_temp.left_behind();
		-- until the other session waits for us, if it is there
		WHILE EXISTS (SELECT FROM pg_locks WHERE relation = 'watched'::regclass AND pid <> pg_backend_pid())
			AND NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'held'::regclass AND NOT granted)
		LOOP
			PERFORM pg_sleep(0.01);
		END LOOP;
		RETURN (SELECT count(*) FROM held);
	END $$;
});
task_machine($node, 'leaves', 'sql:public.leaves');
wait_for_executor($node, 'postgres');
my ($pid) = executor_pid($node, 'postgres');

my ($session, $out, $err) = start_statements($node,
	q{SET deadlock_timeout = '1h'},
	q{BEGIN},
	q{SELECT count(*) FROM watched},
	q{DO $$ BEGIN
		WHILE NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'held'::regclass AND granted)
		LOOP
			PERFORM pg_sleep(0.01);
		END LOOP;
	END $$},
	q{LOCK TABLE held},
	q{COMMIT});
ok(wait_for($node, q{SELECT count(*) FROM pg_locks WHERE relation = 'watched'::regclass}, '1'), 'another session reads the table');
my $end = run($node, 'leaves', {});

ok($session->finish, 'that session gets its table') or diag($$err);
is($end->{status}, 'SUCCEEDED', 'the task is done in the end') or diag("$end->{error}: $end->{cause}");
is($end->{output}, 1, 'once');
ok(wait_for_log($node, qr/ERROR:  deadlock detected/), 'though taking away what it left failed');
unlike(slurp_file($node->logfile), qr/FATAL|PANIC/, 'no process ended for that');
is((executor_pid($node, 'postgres'))[0], $pid, 'the executor is the same');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_proc WHERE proname = 'left_behind'}), '0', 'the temporary function is gone');

$node->stop;
done_testing();
