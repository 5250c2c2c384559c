
# sfn.why(): a row for each thing that an execution can wait for, with whom and since when, and a statement that ends it; to those
# only who may see the execution, tokens to those who may answer, queries of others to those to whom pg_stat_activity shows them.
# The same in the columns of sfn.pending_tasks, and in what pg_stat_activity says of an executor.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('why', conf => "fsync = off\nsfn.max_workers = 3\nsfn.max_long_tasks = 0\nsfn.http_allowed_hosts = '127.0.0.1'\nsfn.http_max_requests = 1\n");
my $server = http_server();
my $true = JSON::PP::true;

sub sql
{
	my ($sql, $role) = @_;
	return $node->safe_psql('postgres', $sql, extra_params => $role ? [ '-U', $role ] : []);
}

# Waits until the columns of a row that waits for that are as expected.
sub why
{
	my ($execution, $waits_for, $columns, $expected, $name) = @_;
	return ok(wait_for($node, "SELECT $columns FROM sfn.why('$execution') WHERE waits_for = '$waits_for'", $expected, 60), $name)
		|| diag(sql("SELECT * FROM sfn.why('$execution')"));
}

sub stop
{
	my ($execution) = @_;
	sql("SELECT sfn.stop_execution('$execution')");
	return end_of($node, $execution);
}

sql(q{
	CREATE ROLE app LOGIN; CREATE ROLE watcher LOGIN; CREATE ROLE nobody LOGIN; CREATE ROLE reader LOGIN; GRANT pg_read_all_stats TO reader;
	CREATE TABLE public.locked (n int); INSERT INTO public.locked VALUES (1); GRANT ALL ON public.locked TO app;
	CREATE FUNCTION public.nap(seconds float) RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(seconds); END';
	CREATE FUNCTION public.change(input json) RETURNS void LANGUAGE plpgsql AS 'BEGIN UPDATE public.locked SET n = n + 1; END';
	CREATE FUNCTION public.asked(token text) RETURNS void LANGUAGE sql AS 'SELECT';
});

# Timers and retries.
machine($node, 'naps', { StartAt => 'Nap', TimeoutSeconds => 86400, States => { Nap => { Type => 'Wait', Seconds => 3600, End => $true } } }, role => 'app');
my $naps = started($node, 'naps');
why($naps, 'a timer', q{level, state, until - since, ended_by ~ 'role "app"', statement}, "0|Nap|01:00:00|t|SELECT sfn.stop_execution('$naps')", 'a timer, until when');
task_machine($node, 'retries', 'sql:public.missing', Retry => [ { ErrorEquals => ['States.ALL'], IntervalSeconds => 3600 } ]);
my $retries = started($node, 'retries');
why($retries, 'a retry', 'state, detail, until > now()', 'Task|attempt 2|t', 'a retry');

# Rights.
my ($code, undef, $error) = $node->psql('postgres', "SELECT * FROM sfn.why('$naps')", extra_params => [ '-U', 'nobody' ]);
like($error, qr/needs the privilege see|privilege "?see/i, 'who may not see the execution is told nothing');
sql(q{SELECT sfn.grant_state_machine('naps', 'watcher', 'see')});
is(sql("SELECT waits_for FROM sfn.why('$naps')", 'watcher'), 'a timer', '... who may, is');
stop($naps);
like(sql("SELECT waits_for, detail, until IS NULL, statement FROM sfn.why('$naps')"), qr/^nothing\|it has ABORTED\|t\|SELECT sfn.redrive_execution/, 'one that has ended waits for nothing');

# A callback.
task_machine($node, 'asks', 'arn:aws:states:::sql:call.waitForTaskToken', role => 'app', TimeoutSeconds => 7200,
	Parameters => { Function => 'public.asked', Args => { 'token.$' => '$$.Task.Token' } });
my $asks = started($node, 'asks');
why($asks, 'a callback', q{state, until - since, ended_by}, 'Task|02:00:00|whoever holds the token', 'a callback');
my $token = sql(q{SELECT task_token FROM sfn.pending_tasks});
is(sql("SELECT statement FROM sfn.why('$asks')", 'app'), "SELECT sfn.send_task_success('$token', '{}')", '... with its token for who may answer');
sql(q{SELECT sfn.grant_state_machine('asks', 'watcher', 'see')});
is(sql("SELECT statement FROM sfn.why('$asks')", 'watcher'), "SELECT sfn.send_task_success(TOKEN, '{}')", '... and for nobody else');
sql(sql("SELECT statement FROM sfn.why('$asks')"));
is(end_of($node, $asks)->{status}, 'SUCCEEDED', 'its statement ends it');

# An activity.
sql(q{SELECT sfn.create_activity('picking')}, 'app');
task_machine($node, 'picks', 'arn:aws:states:us-east-1:000000000000:activity:picking', as => 'app', role => 'app', HeartbeatSeconds => 3000);
my $picks = started($node, 'picks');
why($picks, 'a worker of an activity', q{state, detail ~ 'picking', statement}, q{Task|t|SELECT * FROM sfn.get_activity_task('picking')}, 'an activity that nobody has taken');
sql(q{SELECT * FROM sfn.get_activity_task('picking', 'Ann')});
why($picks, 'an activity', q{detail ~ 'worker "Ann" of activity "picking"', until IS NOT NULL}, 't|t', '... that somebody has taken');
is(sql('SELECT status, resource FROM sfn.pending_tasks'), 'running|arn:aws:states:us-east-1:000000000000:activity:picking', '... runs in sfn.pending_tasks');

# Another execution, and what that waits for.
task_machine($node, 'calls', 'arn:aws:states:::states:startExecution.sync', role => 'app', Parameters => { 'StateMachineArn.$' => '$.machine' });
my $calls = started($node, 'calls', { machine => 'arn:aws:states:us-east-1:000000000000:stateMachine:naps' });
why($calls, 'an execution', q{level, detail ~ ':naps:.* RUNNING'}, '0|t', 'another execution');
why($calls, 'a timer', q{level, execution_arn ~ ':naps:', state}, '1|t|Nap', '... and what that waits for');
sql(q{SELECT sfn.grant_state_machine('calls', 'nobody', 'see')});
is(sql("SELECT string_agg(waits_for, ', ') FROM sfn.why('$calls')", 'nobody'), 'an execution', '... if one may see it');
is(sql("SELECT string_agg(detail, ', ') FROM sfn.why('$calls')", 'nobody'), 'one that is not yours to see', '... which is not named either');

# A map run.
machine($node, 'maps', { StartAt => 'Each', States => { Each => { Type => 'Map', Label => 'Each', ItemsPath => '$.items', End => $true, ItemProcessor => {
	ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Nap', States => { Nap => { Type => 'Wait', Seconds => 3600, End => $true } } } } } }, role => 'app');
my $maps = started($node, 'maps', { items => [ 1 .. 5 ] });
why($maps, 'a map run', q{state, detail ~ '0 of 5 children have ended, 5 have been started'}, 'Each|t', 'a map run');
why($maps, 'a timer', q{count(*), min(level), min(state)}, '3|1|Nap', '... and what the first children wait for');

# A quota: of the children of a map run.
sql(q{CREATE ROLE poor; SELECT sfn.set_quota('poor', open_executions => 3)});
machine($node, 'limited', { StartAt => 'Each', States => { Each => { Type => 'Map', Label => 'Each', ItemsPath => '$.items', End => $true, ItemProcessor => {
	ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Nap', States => { Nap => { Type => 'Wait', Seconds => 3600, End => $true } } } } } }, role => 'poor');
my $limited = started($node, 'limited', { items => [ 1 .. 5 ] });
why($limited, 'a quota', q{state, detail, statement}, q{Each|open executions of role "poor": 3 of 3|SELECT sfn.set_quota('poor')}, 'a quota');

# HTTP.
invoke_machine($node, 'hangs', { ApiEndpoint => "$server->{url}/hang" }, Retry => [ { ErrorEquals => ['States.ALL'] } ]);
my $hangs = started($node, 'hangs');
why($hangs, 'an HTTP response', q{state, detail ~ '^from 127.0.0.1:\d+, attempt 1', until > now()}, 'Task|t|t', 'an HTTP response');
is(sql(q{SELECT t.status, a.application_name FROM sfn.pending_tasks t JOIN pg_stat_activity a USING (pid) WHERE waits_for = 'an HTTP response'}), 'running|sfn pump', '... and the process that has sent the request');

my $queued = started($node, 'hangs');
why($queued, 'an HTTP request', q{state, detail ~ '^to be sent to 127.0.0.1:\d+, attempt 1$', since IS NOT NULL, statement}, "Task|t|t|SELECT sfn.stop_execution('$queued')",
	'an HTTP request, as long as others are under way');
stop($queued);

# SQL that runs: in its process; a lock that it waits for; one for which there is no executor.
task_machine($node, 'changes', 'sql:public.change', role => 'app');
my ($holder) = start_statements($node, 'BEGIN', 'SET application_name = \'the holder\'', 'UPDATE public.locked SET n = n + 1', 'SELECT pg_sleep(3600)');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'the holder' AND wait_event = 'PgSleep'}, '1'), 'somebody holds a lock');
my $holder_pid = sql(q{SELECT pid FROM pg_stat_activity WHERE application_name = 'the holder'});
my $changes = started($node, 'changes');
why($changes, 'the end of its SQL', q{state, detail ~ '^sql:public.change runs in process \d+$', since IS NOT NULL}, 'Task|t|t', 'SQL that runs');
why($changes, 'a lock', q{state, pid, detail ~ 'pg_sleep', statement}, "Task|$holder_pid|t|SELECT pg_terminate_backend($holder_pid)", '... and waits for a lock');
is(sql(qq{SELECT status, resource, blocked_by, waits_for FROM sfn.pending_tasks WHERE execution_arn = '$changes'}), "running|sql:public.change|{$holder_pid}|the end of its SQL", '... in sfn.pending_tasks, too');
is(sql(qq{SELECT a.query FROM sfn.pending_tasks t JOIN pg_stat_activity a USING (pid) WHERE execution_arn = '$changes'}), qq{task sql:public.change of state "Task" of $changes}, '... and pg_stat_activity says what its process does');
is(sql(q{SELECT task FROM sfn.workers WHERE task IS NOT NULL}, 'app'), 'sql:public.change', '... as sfn.workers does');
is(sql(q{SELECT count(*) FROM sfn.workers WHERE task IS NOT NULL}, 'nobody'), '0', '... but to who has the role only');
is(sql("SELECT detail ~ 'held by process', detail ~ 'pg_sleep' FROM sfn.why('$changes') WHERE waits_for = 'a lock'", 'app'), 't|f', 'what the holder runs is not for everybody');
sql(q{SELECT sfn.grant_state_machine('changes', 'reader', 'see')});
is(sql("SELECT detail ~ 'pg_sleep' FROM sfn.why('$changes') WHERE waits_for = 'a lock'", 'reader'), 't', '... but for readers of statistics');

task_machine($node, 'sleeps', 'sql:public.nap', role => 'app');
my @sleeps = map { started($node, 'sleeps', { seconds => 3600 }) } 1 .. 2;
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks WHERE resource = 'sql:public.nap' AND status = 'waiting' AND waits_for = 'a transaction of its own'}, '2'), 'tasks for which there is no executor');
why($sleeps[0], 'a helper', q{state, detail, statement}, q{Task|an executor for sql:public.nap: tasks of role "app" hold 1 of 2, and the last one is for another role|ALTER DATABASE postgres SET sfn.max_workers = 6}, '... because the last one is for another role');
task_machine($node, 'others', 'sql:public.nap');
my @others = map { started($node, 'others', { seconds => 3600 }) } 1 .. 2;
why($others[1], 'a helper', q{detail ~ 'all 2 run tasks, process \d+ of role "app" for longest', pid IS NOT NULL}, 't|t', '... because all are busy');
stop($_) foreach @others, @sleeps;

# The execution's own row is locked.
task_machine($node, 'late', 'sql:public.missing', Retry => [ { ErrorEquals => ['States.ALL'], IntervalSeconds => 3600 } ]);
my $late = started($node, 'late');
why($late, 'a retry', 'count(*)', '1', 'it waits');
my ($locker) = start_statements($node, 'BEGIN', q{SET application_name = 'the locker'}, qq{SELECT FROM sfn.execution WHERE id = (SELECT max(id) FROM sfn.execution) FOR UPDATE}, 'SELECT pg_sleep(3600)');
why($late, 'a lock', q{detail ~ 'its row of sfn.execution, held by process'}, 't', 'its row is locked');
sql(qq{SELECT sfn.stop_execution('$late')});
why($late, 'the next turn', q{detail}, 'it is to stop', '... so that a stop has to wait');
sql("SELECT statement FROM sfn.why('$late') WHERE waits_for = 'a lock' \\gexec");
is(end_of($node, $late)->{status}, 'ABORTED', 'its statement ends that');
sql("SELECT statement FROM sfn.why('$changes') WHERE waits_for = 'a lock' \\gexec");
is(end_of($node, $changes)->{status}, 'SUCCEEDED', 'and this one the other lock');
$_->kill_kill foreach $holder, $locker;

# A fault.
sql("DELETE FROM sfn.inbox WHERE execution_id = sfn.execution_id('$calls'); DELETE FROM sfn.task WHERE execution_id = sfn.execution_id('$calls')");
why($calls, 'nothing that is known', q{detail, statement}, "nothing is to happen to it; see sfn.check()|SELECT sfn.stop_execution('$calls')", 'one that nothing is to happen to');

# Quarantine.
sql("UPDATE sfn.execution SET quarantined_at = now(), quarantine_reason = 'bad' WHERE id = (SELECT id FROM sfn.execution WHERE name = split_part('$retries', ':', 8))");
why($retries, 'the end of its quarantine', 'detail, statement', "bad|SELECT sfn.release_execution('$retries')", 'a quarantine');

# No worker.
sql('ALTER DATABASE postgres SET sfn.enabled = off');
why($retries, 'a worker', q{detail ~ 'sfn.enabled is off', ended_by, statement}, 't|a superuser|ALTER DATABASE postgres RESET sfn.enabled', 'workers that are switched off');
sql(sql("SELECT statement FROM sfn.why('$retries') WHERE waits_for = 'a worker'"));
ok(wait_for_executor($node), 'its statement switches them on');

ok(log_is_clean($node), 'nothing in the log');
$node->stop;
done_testing();
