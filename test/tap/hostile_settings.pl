
# With exit_on_error, which anybody may set, each error ends the process.  A session is its user's to end; a worker, or the
# session of another, is not a task's.  And what a role sets for the planner is not for statements that others go on with.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('settings', conf => "sfn.max_workers = 1\n");

$node->safe_psql('postgres', q{
	CREATE ROLE mallory LOGIN; CREATE ROLE alice LOGIN;
	CREATE SCHEMA trap AUTHORIZATION mallory;
	GRANT USAGE ON SCHEMA trap TO PUBLIC;
	CREATE FUNCTION public.note(input json) RETURNS json LANGUAGE sql AS 'SELECT input';
});
$node->safe_psql('postgres', q{
	CREATE FUNCTION trap.set(input json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN SET exit_on_error = on; RAISE 'bye'; END $$;
	CREATE FUNCTION trap.set_local(input json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN SET LOCAL exit_on_error = on; RAISE 'bye'; END $$;
	CREATE FUNCTION trap.set_config(input json) RETURNS json LANGUAGE plpgsql AS $$
		BEGIN PERFORM set_config('exit_on_error', 'on', false); RAISE 'bye'; END $$;
	CREATE FUNCTION trap.by_update(input json) RETURNS json LANGUAGE plpgsql AS $$
		BEGIN UPDATE pg_settings SET setting = 'on' WHERE name = 'exit_on_error'; RAISE 'bye'; END $$;
	CREATE FUNCTION trap.with_clause(input json) RETURNS json LANGUAGE plpgsql SET exit_on_error = on AS $$ BEGIN RAISE 'bye'; END $$;
	CREATE FUNCTION trap.own(input json) RETURNS json LANGUAGE plpgsql AS $$
		BEGIN PERFORM set_config('exit_on_error', 'on', false); RETURN input; END $$;
	SET exit_on_error = on;
}, extra_params => [ '-U', 'mallory' ]);

my @ways = ('set', 'set_local', 'set_config', 'by_update', 'with_clause');
task_machine($node, $_, "sql:trap.$_", as => 'mallory') foreach @ways;
task_machine($node, 'note', 'sql:public.note');
wait_for_executor($node, 'postgres');
my $pid = executor_pid($node, 'postgres');

# alone at first, then in shared turns
foreach my $time (1 .. 2)
{
	foreach my $way (@ways)
	{
		my $end = run($node, $way);
		like("$end->{error}: $end->{cause}", qr/^Sql\.insufficient_privilege: .*permission denied to set parameter [\\]*"exit_on_error/, "time $time: $way is refused") or diag(json($end));
	}
}
is(run($node, 'note', { n => 1 })->{status}, 'SUCCEEDED', 'others go on');
is(executor_pid($node, 'postgres'), $pid, 'the executor is the same');

#
# In the session of who starts it.
#
my $definition = json({ StartAt => 'T', States => { T => { Type => 'Task', Resource => 'sql:trap.set_config', End => \1 } } });
$node->safe_psql('postgres', qq{SELECT sfn.create_state_machine('at_once', \$\$$definition\$\$, type => 'EXPRESS'); SELECT sfn.grant_state_machine('at_once', 'alice', 'start')}, extra_params => [ '-U', 'mallory' ]);
foreach my $role ('alice', 'mallory')
{
	my ($out, $err);
	$node->psql('postgres', q{SELECT sfn.start_sync_execution('at_once'); SELECT 'still here'; SET exit_on_error = on; SHOW exit_on_error}, stdout => \$out, stderr => \$err, on_error_stop => 0, extra_params => [ '-U', $role ]);
	like($out, qr/still here\non$/, "$role\'s session goes on, and has its setting") or diag("$out: $err");
}

#
# Statements are planned once in a process, for all that comes after it: what a role sets for the planner has no say.
#
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('waits', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": true}}}', role => 'mallory');
	SELECT count(sfn.start_execution('waits', '{}', 'e' || i)) FROM generate_series(1, 1000) i;
	ANALYZE sfn.execution;
});
my ($scans, $problem);
$node->psql('postgres', q{
	BEGIN;
	SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off;
	SET LOCAL random_page_cost = 1e300; SET LOCAL cpu_index_tuple_cost = 1e300; SET LOCAL join_collapse_limit = 1; SET LOCAL effective_cache_size = 1;
	SELECT count(sfn.describe_execution('waits/e' || i)), count(sfn.stop_execution('waits/e' || i)) FROM generate_series(1, 20) i;
	SELECT count(sfn.start_execution('waits', '{}', 'f' || i)) FROM generate_series(1, 20) i;
	COMMIT;
	BEGIN;
	SELECT count(sfn.describe_execution('waits/e' || i)), count(sfn.stop_execution('waits/e' || i)) FROM generate_series(21, 40) i;
	SELECT count(sfn.start_execution('waits', '{}', 'g' || i)) FROM generate_series(1, 20) i;
	SELECT 'scans: ' || sum(seq_scan) FROM pg_stat_xact_all_tables WHERE relid = 'sfn.execution'::regclass;
	COMMIT;
}, stdout => \$scans, stderr => \$problem, extra_params => [ '-U', 'mallory' ]);
like($scans, qr/^scans: 0$/m, 'no statement reads all executions afterwards') or diag("$scans $problem");

# Nor for those that may read much, which are planned as the server's settings say.
$node->safe_psql('postgres', q{
	SELECT count(sfn.create_state_machine('m' || i, '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', role => 'mallory')) FROM generate_series(1, 1000) i;
	ANALYZE sfn.state_machine;
});
$node->psql('postgres', q{
	BEGIN;
	SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off;
	SET LOCAL seq_page_cost = 0; SET LOCAL cpu_tuple_cost = 0; SET LOCAL cpu_operator_cost = 0; SET LOCAL random_page_cost = 1e10; SET LOCAL work_mem = '64kB';
	SELECT count(sfn.api('ListStateMachines', '{"maxResults": 10}')) FROM generate_series(1, 20);
	COMMIT;
	BEGIN;
	SELECT count(sfn.api('ListStateMachines', '{"maxResults": 10}')) FROM generate_series(1, 20);
	SELECT 'scans: ' || sum(seq_scan) FROM pg_stat_xact_all_tables WHERE relid = 'sfn.state_machine'::regclass;
	COMMIT;
}, stdout => \$scans, stderr => \$problem, extra_params => [ '-U', 'mallory' ]);
like($scans, qr/^scans: 0$/m, 'no statement reads all state machines afterwards') or diag("$scans $problem");

#
# What an owner of a database sets for it does not hold for workers.
#
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET exit_on_error = on; SELECT sfn.restart_worker()});
wait_for_executor($node, 'postgres');
$node->safe_psql('postgres', q{CREATE OR REPLACE FUNCTION public.note(input json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RAISE 'told'; END $$});
is(run($node, 'note')->{error}, 'Sql.raise_exception', 'a task that fails has failed, and nothing else');
unlike(slurp_file($node->logfile), qr/sfn executor FATAL/, 'no worker has ended by an error');

$node->stop;
done_testing();
