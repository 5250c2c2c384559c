
# What an executor does when a turn fails for reasons that are not a task's: the execution in hand runs alone from then on,
# others go on; when nobody was in hand (storing failed), the turn's executions are redone one by one; after three failures
# alone an execution is quarantined.  Failures of the server itself (disk full) blame nobody.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('failing');
create_machines($node);
$node->safe_psql('postgres', q{
	CREATE FUNCTION trouble(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		RAISE EXCEPTION 'trouble' USING ERRCODE = input->>'sqlstate';
	END $$;
	SELECT sfn.create_state_machine('trouble', '{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "sql:public.trouble", "Next": "B"},
		"B": {"Type": "Pass", "End": true}}}')});

# A failure that may be the server's is tried three times before it is the task's own; one of the server's resources never is.
foreach my $sqlstate ('XX000', '58000', '53200', '58030')
{
	my $is_servers = $sqlstate =~ /^53|58030/;
	my $execution = start($node, 'trouble', qq({"sqlstate": "$sqlstate"}));
	my @others = map { start($node, 'pass') } 1 .. 20;
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING' AND name <> 'x' AND state_machine_arn LIKE '%:pass'}, '0', 20),
		"$sqlstate: others go on");
	if ($is_servers)
	{
		my $offset = -s $node->logfile;
		ok(wait_until(sub { my $times = () = slurp_file($node->logfile, $offset) =~ /ERROR:  trouble/g; $times >= 4 }, 60), "$sqlstate: it is tried again and again");
		is($node->safe_psql('postgres', "SELECT status, quarantined_at FROM sfn.executions WHERE execution_arn = '$execution'"), 'RUNNING|',
			"$sqlstate: and never blamed");
		$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
		ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'ABORTED', 150), "$sqlstate: it can be stopped");
		next;
	}
	ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'FAILED', 60),
		"$sqlstate: in the end it is the task's error");
	like($node->safe_psql('postgres', "SELECT error FROM sfn.executions WHERE execution_arn = '$execution'"), qr/^Sql\./,
		"$sqlstate: under its own name");
}

# Storing fails for one execution of many: a trigger on the engine's own table stands for a broken index or disk block.
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF NEW.name = 'broken' AND NEW.status <> 1 THEN
			RAISE EXCEPTION 'cannot store this one';
		END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER refuse BEFORE UPDATE ON sfn.execution FOR EACH ROW EXECUTE FUNCTION refuse();
	ALTER TABLE sfn.execution ENABLE ALWAYS TRIGGER refuse;
	DO $$
	BEGIN
		FOR i IN 1 .. 30 LOOP
			PERFORM sfn.start_execution('pass', '{}', CASE i WHEN 15 THEN 'broken' ELSE 'whole' || i END);
		END LOOP;
	END $$});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE name LIKE 'whole%' AND status = 'SUCCEEDED'}, '29', 30),
	'one that cannot be stored does not hold up the others');
ok(wait_for($node, q{SELECT quarantine_reason LIKE '%cannot store this one%' FROM sfn.executions WHERE name = 'broken'}, 't', 60),
	'it is quarantined, with the reason');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '1', 'it alone');
$node->safe_psql('postgres', 'DROP FUNCTION refuse CASCADE');

# The same at the commit itself.
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF NEW.name = 'late' AND NEW.status <> 1 THEN
			RAISE EXCEPTION 'cannot commit this one';
		END IF;
		RETURN NEW;
	END $$;
	CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON sfn.execution DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION refuse();
	ALTER TABLE sfn.execution ENABLE ALWAYS TRIGGER refuse;
	DO $$
	BEGIN
		FOR i IN 1 .. 30 LOOP
			PERFORM sfn.start_execution('pass', '{}', CASE i WHEN 15 THEN 'late' ELSE 'early' || i END);
		END LOOP;
	END $$});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE name LIKE 'early%' AND status = 'SUCCEEDED'}, '29', 30),
	'one that cannot be committed does not hold up the others');
ok(wait_for($node, q{SELECT quarantine_reason LIKE '%cannot commit this one%' FROM sfn.executions WHERE name = 'late'}, 't', 60),
	'it is quarantined, with the reason');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '2', 'it alone');
$node->safe_psql('postgres', 'DROP FUNCTION refuse CASCADE');

# What was repaired meanwhile goes on by itself: without a crash, it is tried again after an hour, or as soon as it is released.
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id
	WHERE e.name IN ('broken', 'late') AND i.kind = 14 AND i.due BETWEEN now() + interval '50 min' AND now() + interval '60 min'}), '2',
	'both are tried again within the hour');
$node->safe_psql('postgres', q{UPDATE sfn.inbox i SET due = now() FROM sfn.execution e WHERE e.id = i.execution_id AND e.name = 'broken' AND i.kind = 14});
$node->safe_psql('postgres', q{SELECT sfn.release_execution(execution_arn) FROM sfn.executions WHERE name = 'late'});
ok(wait_for($node, q{SELECT string_agg(status, ',') FROM sfn.executions WHERE name IN ('broken', 'late') AND quarantined_at IS NULL}, 'SUCCEEDED,SUCCEEDED', 60),
	'then they go on');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.inbox}), '0', 'and leave nothing behind');
is($node->safe_psql('postgres', q{SELECT count(sfn.release_execution(execution_arn)) FROM sfn.executions WHERE name = 'late'}), '1',
	'releasing one that has ended is no error');

# The server's fault: everything fails for a while, nobody is blamed, and all goes on by itself.
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full';
	END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON sfn.history_chunk FOR EACH ROW EXECUTE FUNCTION refuse();
	ALTER TABLE sfn.history_chunk ENABLE ALWAYS TRIGGER refuse});
my $offset = -s $node->logfile;
start($node, 'pass') for 1 .. 5;
ok(wait_for_log($node, qr/(no space left.*){8}/s, $offset, 60), 'the server is in trouble');
$node->safe_psql('postgres', 'DROP FUNCTION refuse CASCADE');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING' AND quarantined_at IS NULL}, '0', 90),
	'when it is over everything goes on by itself');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody was blamed');

# An execution whose task ends its own worker each time is no better than one that crashes it.
$node->safe_psql('postgres', q{
	CREATE FUNCTION leave(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM pg_terminate_backend(pg_backend_pid());
		PERFORM pg_sleep(1);
		RETURN input;
	END $$;
	SELECT sfn.create_state_machine('leave', '{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "sql:public.leave", "End": true}}}')});
my $execution = start($node, 'leave');
my $next = start($node, 'work', '{"n": 7}');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$next'", 'SUCCEEDED', 30), 'others go on');
ok(wait_for($node, "SELECT quarantined_at IS NOT NULL FROM sfn.executions WHERE execution_arn = '$execution'", 't', 120),
	'a task that ends its worker each time ends in quarantine');

# A turn that fails before anybody is in hand is begun again after a pause, longer each time, although looks for tasks that run
# alone succeed meanwhile: they find none.
start($node, 'slow', '{"n": 8, "s": 2}') for 1 .. 4;
ok(wait_for($node, q{SELECT count(*) > 0 FROM sfn.workers WHERE worker = 'helper'}, 't', 30), 'helpers come');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING' AND quarantined_at IS NULL}, '0', 60), '... for long tasks, which end');
$node->safe_psql('postgres', 'ALTER TABLE sfn.execution RENAME COLUMN image TO hidden');
$offset = -s $node->logfile;
start($node, 'pass') for 1 .. 20;
ok(wait_for_log($node, qr/(image does not exist.*){5}/s, $offset, 60), 'no turn can be begun');
sleep 4;
my $failures = () = slurp_file($node->logfile, $offset) =~ /ERROR: .*image does not exist/g;
note("$failures failures");
cmp_ok($failures, '<', 200, '... and it is not tried all the time');
$node->safe_psql('postgres', 'ALTER TABLE sfn.execution RENAME COLUMN hidden TO image');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING' AND quarantined_at IS NULL}, '0', 90), '... and goes on when it can be');

is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
