
# Whole-machine chaos: machines of every kind run while processes are killed and stopped, the server is restarted, settings and
# DDL come, the disk fills up, executions are stopped and redriven, activity workers die and tokens are answered twice.  In the
# end everything comes to rest, nothing is wrong with the tables, and effects are counted: those of SQL tasks exactly as
# often as histories say, requests at most once for each attempt, starts, redrives and answers as often as they were accepted.
#
# One minute here; make chaos MINUTES=30.  SFN_CHAOS_SEED repeats the order of the storm.

use strict;
use warnings;

use IO::File ();
use JSON::PP ();
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnHttp;
use SfnMachine;
use SfnTest;

my $minutes = $ENV{SFN_CHAOS_MINUTES} || 1;
my $seed = $ENV{SFN_CHAOS_SEED} || time() % 1000000000 | 0;
my $open_limit = 60;
my %done;

srand($seed);
diag("chaos: seed $seed, $minutes minutes");
alarm($minutes * 60 + 600);

my $node = sfn_node('chaos', conf => "restart_after_crash = on\nfsync = on\nwal_level = logical\nsfn.http_allowed_hosts = '127.0.0.1'\nlog_statement = none\n");
my $server = http_server();
my $directory = PostgreSQL::Test::Utils::tempdir();
my $small = $ENV{SFN_SMALL_DISK};

# ---- what runs ----

my $end = JSON::PP::true;
my @retry = ({ ErrorEquals => ['States.ALL'], IntervalSeconds => 1, MaxAttempts => 3 });

sub effect
{
	my ($step, %fields) = @_;
	return { Type => 'Task', Resource => 'sql:public.effect', Parameters => { 'n.$' => '$.n', %$step }, %fields };
}

sub on_error { return (Catch => [ { ErrorEquals => ['States.ALL'], ResultPath => undef, Next => $_[0] } ], ResultPath => undef, Next => $_[0]); }

sub create_machines
{
	mkdir "$small/chaos" if $small;
	$node->safe_psql('postgres', "CREATE TABLESPACE small LOCATION '$small/chaos'") if $small;
	my $place = $small ? 'TABLESPACE small' : '';
	$node->safe_psql('postgres', qq{
		CREATE TABLE effect (n int, step text) $place;
		CREATE TABLE started (n int);
		CREATE TABLE accepted (execution_arn text);
		CREATE TABLE answered (token text);
		CREATE TABLE surprise (what text);
		CREATE SEQUENCE number;
	});
	$node->safe_psql('postgres', q{
		SELECT sfn.create_activity('chaos');
		CREATE FUNCTION effect(n int, step text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO effect VALUES (n, step);
			RETURN format('eff %s %s', n, step);
		END $$;
		CREATE FUNCTION flaky(n int, step text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO effect VALUES (n, step);
			IF random() < 0.3 THEN
				RAISE 'not now';
			ELSIF random() < 0.1 THEN
				PERFORM pg_sleep(1);
			END IF;
			RETURN format('eff %s %s', n, step);
		END $$;
		-- What was not to be expected is remembered; what a full disk refuses is.
		CREATE FUNCTION surprise(state text, message text) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			IF state NOT LIKE '53%' AND message !~ 'cannot be redriven|does not exist|does not wait for an answer' THEN
				INSERT INTO surprise VALUES (state || ' ' || message);
			END IF;
		END $$;
		CREATE PROCEDURE start_some(open_limit int) LANGUAGE plpgsql AS $$
		DECLARE
			k int;
		BEGIN
			FOR i IN 1 .. 10 LOOP
				EXIT WHEN (SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING' AND map_run_arn IS NULL) >= open_limit;
				k := nextval('number');
				INSERT INTO started VALUES (k);
				PERFORM sfn.start_execution(CASE k % 6 WHEN 0 THEN 'spread' ELSE 'mixed' END,
					jsonb_build_object('n', k, 'items', '["x", "y", "z"]'::jsonb), 'c' || k);
				COMMIT;
			END LOOP;
		END $$;
		CREATE PROCEDURE work(may_die boolean) LANGUAGE plpgsql AS $$
		DECLARE
			task record;
		BEGIN
			FOR i IN 1 .. 20 LOOP
				SELECT * INTO task FROM sfn.get_activity_task('chaos', timeout => '1 s');
				COMMIT;
				CONTINUE WHEN task.task_token IS NULL;
				EXIT WHEN may_die AND random() < 0.2;
				CALL answer(task.task_token);
				IF random() < 0.2 THEN
					CALL answer(task.task_token);
				END IF;
			END LOOP;
		END $$;
		CREATE PROCEDURE answer(token text) LANGUAGE plpgsql AS $$
		BEGIN
			BEGIN
				INSERT INTO answered VALUES (token);
				PERFORM sfn.send_task_success(token, '"answered"');
			EXCEPTION WHEN OTHERS THEN
				PERFORM surprise(sqlstate, sqlerrm);
			END;
			COMMIT;
		END $$;
		CREATE PROCEDURE answer_all() LANGUAGE plpgsql AS $$
		DECLARE
			token text;
		BEGIN
			FOR token IN SELECT p.task_token FROM sfn.pending_tasks p, generate_series(1, 2) WHERE p.waits_for = 'a callback' LOOP
				CALL answer(token);
			END LOOP;
		END $$;
		CREATE PROCEDURE meddle() LANGUAGE plpgsql AS $$
		DECLARE
			e record;
		BEGIN
			FOR e IN SELECT execution_arn, status FROM sfn.executions WHERE map_run_arn IS NULL AND status <> 'SUCCEEDED' ORDER BY random() LIMIT 3 LOOP
				BEGIN
					IF e.status = 'RUNNING' OR random() < 0.2 THEN
						PERFORM sfn.stop_execution(e.execution_arn);
					ELSE
						INSERT INTO accepted VALUES (e.execution_arn);
						PERFORM sfn.redrive_execution(e.execution_arn);
					END IF;
				EXCEPTION WHEN OTHERS THEN
					PERFORM surprise(sqlstate, sqlerrm);
				END;
				COMMIT;
			END LOOP;
		END $$;
	});
	machine($node, 'child', { StartAt => 'C', States => { C => effect({ step => 'child' }, End => $end) } });
	machine($node, 'mixed', mixed());
	machine($node, 'spread', { StartAt => 'Each', States => { Each => { Type => 'Map', End => $end, MaxConcurrency => 4, ItemsPath => '$.items',
					ToleratedFailurePercentage => 40, ItemSelector => { 'n.$' => '$.n', 'step.$' => '$$.Map.Item.Value' },
					ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Item',
						States => { Item => effect({ 'step.$' => '$.step' }, Resource => 'sql:public.flaky', ResultPath => undef, Next => 'Call', Retry => [ { ErrorEquals => ['States.ALL'], MaxAttempts => 1 } ]),
							Call => { call(), End => $end } } } } } });
	return;
}

sub call
{
	return (Type => 'Task', Resource => 'arn:aws:states:::http:invoke', TimeoutSeconds => 10, Retry => \@retry,
		Parameters => { ApiEndpoint => "$server->{url}/whim", Method => 'POST', RequestBody => { 'n.$' => '$.n' } });
}

sub mixed
{
	my $token = { Type => 'Task', Resource => 'arn:aws:states:::sql:query.waitForTaskToken', TimeoutSeconds => 10, Retry => \@retry,
		Parameters => { Query => 'SELECT 1' }, on_error('Child') };
	my $child = { Type => 'Task', Resource => 'arn:aws:states:::states:startExecution.sync', on_error('Flaky'),
		Parameters => { StateMachineArn => 'arn:aws:states:us-east-1:000000000000:stateMachine:child', Input => { 'n.$' => '$.n' } } };

	return { StartAt => 'Both', TimeoutSeconds => 300, States => {
			Both => { Type => 'Parallel', on_error('Ask'), Branches => [
					{ StartAt => 'First', States => { First => effect({ step => 'first' }, End => $end) } },
					{ StartAt => 'Each', States => { Each => { Type => 'Map', ItemsPath => '$.items', End => $end, ItemSelector => { 'n.$' => '$.n', 'step.$' => '$$.Map.Item.Value' },
								ItemProcessor => { StartAt => 'Item', States => { Item => effect({ 'step.$' => '$.step' }, End => $end) } } } } },
					{ StartAt => 'Pause', States => { Pause => { Type => 'Wait', Seconds => 1, Next => 'Call' }, Call => { call(), on_error('Gone') }, Gone => { Type => 'Pass', End => $end } } } ] },
			Ask => { Type => 'Task', Resource => 'arn:aws:states:us-east-1:000000000000:activity:chaos', HeartbeatSeconds => 3, TimeoutSeconds => 10, Retry => \@retry, on_error('Token') },
			Token => $token,
			Child => $child,
			Flaky => effect({ step => 'flaky' }, Resource => 'sql:public.flaky', ResultPath => undef, Next => 'Last', Retry => [ { ErrorEquals => ['States.ALL'], MaxAttempts => 1 } ]),
			Last => effect({ step => 'last' }, End => $end) } };
}

# ---- who takes part ----

my @helpers;

# A process that says this to the database again and again, until the storm or all is over.
sub keep_saying
{
	my ($until, $sql) = @_;
	my $parent = $$;
	my $pid = fork() // die "fork: $!";

	if ($pid == 0)
	{
		alarm(0);
		$SIG{TERM} = 'DEFAULT';
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', '/dev/null';
		until (-e "$directory/$until" || getppid() != $parent)
		{
			my $what = ref $sql ? $sql->() : $sql;

			system('psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $what);
			sleep 0.3;
		}
		POSIX::_exit(0);
	}
	push @helpers, $pid;
	return;
}

sub say_that { my ($file) = @_; IO::File->new("$directory/$file", 'w')->close; return; }

# True when it was done; in a storm the server may not be there.
sub said
{
	my ($sql, $database) = @_;
	my $status;

	eval { ($status) = $node->psql($database // 'postgres', $sql, timeout => 60, on_error_die => 0) };
	return defined $status && $status == 0;
}

sub sfn_process
{
	my ($status, $pid);

	eval { ($status, $pid) = $node->psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type LIKE 'sfn%' ORDER BY random() LIMIT 1}, timeout => 20) };
	return defined $pid && $pid =~ /^\d+$/ ? $pid : undef;
}

# ---- the storm ----

sub kill_one
{
	my ($pid) = @_;
	return defined $pid && kill('KILL', $pid);
}

# Who kills what recovers the server ends that: it is started again.
sub be_there
{
	$node->_update_pid(-1) if defined $node->{_pid} && !kill(0, $node->{_pid});
	return defined $node->{_pid} || $node->start(fail_ok => 1);
}

# A fast shutdown in the midst of recovery may hang, in PostgreSQL 15, so that waits for its end.
sub restart
{
	my ($mode) = @_;

	wait_until(sub { said('SELECT 1') }, 60) if $mode eq 'fast';
	$node->stop($mode, fail_ok => 1) || $node->stop('immediate', fail_ok => 1);
	return wait_until(\&be_there, 120);
}

sub fill_disk
{
	open my $file, '>', "$small/filler" or return 0;
	while (syswrite($file, 'x' x 4096)) { }
	close $file;
	sleep 2;
	return unlink "$small/filler";
}

sub freeze
{
	my ($pid) = @_;

	return 0 if !defined $pid || !kill('STOP', $pid);
	sleep 0.5 + rand 2;
	return kill('CONT', $pid);
}

my @settings = (
	'ALTER DATABASE postgres SET sfn.max_workers = %d', 'ALTER DATABASE postgres SET sfn.max_long_tasks = %d',
	"ALTER SYSTEM SET sfn.poll_interval = '%ds'; SELECT pg_reload_conf()", 'ALTER DATABASE postgres RESET ALL');
my @ddl = (
	'CREATE INDEX chaos ON sfn.execution (start_date); DROP INDEX sfn.chaos',
	'CREATE PUBLICATION chaos FOR ALL TABLES; SELECT pg_sleep(0.3); DROP PUBLICATION chaos',
	'VACUUM FULL sfn.inbox', 'REINDEX TABLE sfn.task', 'VACUUM ANALYZE sfn.execution',
	'ALTER TABLE sfn.execution ADD COLUMN chaos int; ALTER TABLE sfn.execution DROP COLUMN chaos');

my %storm = (
	'kill a process' => [ 3, sub { my @pids = server_pids($node); kill_one($pids[ rand @pids ]) } ],
	'kill a worker' => [ 3, sub { kill_one(sfn_process()) } ],
	'terminate a worker' => [ 3, sub { said(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%' ORDER BY random() LIMIT 1}) } ],
	'stop a worker for a while' => [ 3, sub { freeze(sfn_process()) } ],
	'immediate restart' => [ 2, sub { restart('immediate') } ],
	'fast restart' => [ 1, sub { restart('fast') } ],
	'settings' => [ 3, sub { my $number = 1 + int rand 5; said($settings[ rand @settings ] =~ s/%d/$number/r) } ],
	'switched off and on' => [ 1, sub { said('ALTER DATABASE postgres SET sfn.enabled = off') && do { sleep 1; 1 } && said('ALTER DATABASE postgres RESET sfn.enabled') } ],
	'restart_worker' => [ 2, sub { said('SELECT sfn.restart_worker()') } ],
	'DDL' => [ 4, sub { said($ddl[ rand @ddl ]) } ],
	# Sessions of ours keep it from being copied, mostly, but workers leave for it.
	'somebody needs the database' => [ 1, sub { said('CREATE DATABASE copy TEMPLATE postgres', 'template1'); said('DROP DATABASE IF EXISTS copy', 'template1') } ],
	'full disk' => [ $small ? 1 : 0, \&fill_disk ],);

sub storm
{
	my $until = time() + 60 * $minutes;
	my @tickets = map { ($_) x $storm{$_}[0] } sort keys %storm;

	while (time() < $until)
	{
		my $what = $tickets[ rand @tickets ];

		note(sprintf '%s %s', scalar localtime, $what);
		$done{$what}++ if be_there() && $storm{$what}[1]->();
		sleep rand 3;
	}
	return;
}

# ---- afterwards ----

# What is quarantined was killed three times alone, which chance may do: it goes on.
sub settle
{
	say_that('calm');
	wait_until(\&be_there, 120);
	wait_until(sub { said('ALTER DATABASE postgres RESET ALL') && said('ALTER SYSTEM RESET ALL') && said('SELECT pg_reload_conf(); SELECT sfn.restart_worker()') }, 120);
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'
			AND (quarantined_at IS NULL OR sfn.release_execution(execution_arn) IS NOT NULL)}, '0', 300), 'everything comes to rest');
	say_that('end');
	waitpid $_, 0 for splice @helpers;
	return;
}

sub counted { return $node->safe_psql('postgres', "SELECT count(*) FROM $_[0]"); }

sub check_all
{
	is($node->safe_psql('postgres', q{SELECT coalesce(string_agg(DISTINCT kind || ' ' || object || ': ' || problem, E'\n'), 'nothing') FROM sfn.check()}),
		'nothing', 'nothing is wrong with the tables');
	is($node->safe_psql('postgres', q{SELECT coalesce(string_agg(DISTINCT what, E'\n'), 'none') FROM surprise}), 'none', 'no call failed but for reasons that there are');
	is($node->safe_psql('postgres', q{SELECT coalesce(string_agg(concat_ws(' ', what, done, told), E'\n'), 'none') FROM
			(SELECT format('"eff %s %s"', n, step) AS what, count(*) AS done FROM effect GROUP BY 1) e
			FULL JOIN (SELECT details->>'output' AS what, count(*) AS told FROM sfn.history
				WHERE type IN ('TaskSucceeded', 'LambdaFunctionSucceeded') AND details->>'output' LIKE '"eff %' GROUP BY 1) h USING (what)
			WHERE done IS DISTINCT FROM told}), 'none', 'effects are those that histories tell of');
	is(counted(q{(SELECT name FROM sfn.executions WHERE name LIKE 'c%' EXCEPT SELECT 'c' || n FROM started) lost}), '0', 'what was not committed was not started');
	is(counted(q{(SELECT 'c' || n FROM started EXCEPT SELECT name FROM sfn.executions) lost}), '0', 'what was started is there');
	is(counted(q{sfn.executions e WHERE state_machine = 'mixed' AND status = 'SUCCEEDED'
			AND (SELECT count(DISTINCT step) FROM effect f WHERE f.n = substr(e.name, 2)::int AND step IN ('flaky', 'last')) <> 2}), '0', 'what has succeeded has had its effects');
	is(counted(q{(SELECT token FROM answered GROUP BY 1 HAVING count(*) > 1) twice}), '0', 'no token was taken twice');
	is(counted(q{sfn.executions e WHERE map_run_arn IS NULL AND redrive_count <> (SELECT count(*) FROM accepted a WHERE a.execution_arn = e.execution_arn)}), '0',
		'each redrive that was accepted has begun it again');
	my %times;
	$times{ $_->{headers}{'idempotency-key'} }++ for requests($server);
	is(scalar(grep { $_ > 1 } values %times), 0, 'no attempt was sent twice');
	cmp_ok(scalar(keys %times), '>', 0, 'requests were sent');
	cmp_ok(counted('effect'), '>', 10, 'there were effects');
	diag(sprintf('chaos: %s executions, %s succeeded, %s effects, %d requests, %s answers, %s redrives, %s map runs; lost 0, doubled 0 unless said above',
			counted('sfn.executions'), counted(q{sfn.executions WHERE status = 'SUCCEEDED'}), counted('effect'), scalar(keys %times), counted('answered'),
			counted('accepted'), counted('sfn.map_runs')));
	diag('chaos: ' . join(', ', map { "$_ $done{$_}" } sort keys %done));
	diag('chaos: no full disk: not root, or no tmpfs could be mounted') if !$small;
	return;
}

create_machines();
keep_saying('calm', "CALL start_some($open_limit)");
keep_saying('calm', 'CALL meddle()') for 1 .. 2;
keep_saying('end', sub { 'CALL work(' . (-e "$directory/calm" ? 'false' : 'true') . ')' }) for 1 .. 3;
keep_saying('end', 'CALL answer_all()');
storm();
settle();
check_all();

$node->stop;
done_testing();

END
{
	my $status = $?;

	kill 'TERM', @helpers;
	waitpid $_, 0 for @helpers;
	$? = $status;
}
