
# The gateway's way in: a session of one login calls for everybody.  No code of users that runs in such a call becomes
# another role, at once or at the commit, and nothing of it is left for the next call.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('gateway');
my $arn = 'arn:aws:states:us-east-1:000000000000';

$node->safe_psql('postgres', q{
	CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE ROLE pool LOGIN; CREATE ROLE root LOGIN SUPERUSER;
	CREATE TABLE public.seen (who text, what text); GRANT ALL ON public.seen TO PUBLIC;
	CREATE SCHEMA apps AUTHORIZATION app; GRANT CREATE ON SCHEMA public TO app;
	SELECT sfn.allow_gateway('pool');
});

sub as
{
	my ($role, $sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', $role ]);
	return $status == 0 ? $out : "ERROR $err";
}

as('app', q{
	CREATE TABLE apps.lazy (n integer);
	CREATE FUNCTION apps.note() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.seen VALUES (current_user, TG_ARGV[0]);
		BEGIN
			PERFORM set_config('role', 'root', false);
			INSERT INTO public.seen VALUES (current_user, 'became');
		EXCEPTION WHEN OTHERS THEN NULL; END;
		IF TG_ARGV[0] = 'again' THEN
			SET CONSTRAINTS ALL DEFERRED;
			INSERT INTO apps.second VALUES (1);
		END IF;
		RETURN NULL;
	END$$;
	CREATE TABLE apps.second (n integer);
	CREATE CONSTRAINT TRIGGER t AFTER INSERT ON apps.second DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION apps.note('second');
	CREATE CONSTRAINT TRIGGER t AFTER INSERT ON apps.lazy DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION apps.note('lazy');
	CREATE TABLE apps.redeferring (n integer);
	CREATE CONSTRAINT TRIGGER t AFTER INSERT ON apps.redeferring DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION apps.note('again');
	CREATE FUNCTION public.trick(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN EXECUTE input ->> 'sql'; RETURN current_user; END$$;
});
foreach my $role ('app', 'other')
{
	my $machine = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.trick", "End": true}}}';
	as($role, "SELECT sfn.create_state_machine('${role}_sync', '$machine', type => 'EXPRESS')");
	as($role, "SELECT sfn.create_state_machine('${role}_m', '{\"StartAt\": \"P\", \"States\": {\"P\": {\"Type\": \"Pass\", \"End\": true}}}')");
}

sub call
{
	my ($role, $action, $request, $invocation) = @_;
	return "SELECT sfn_internal.gateway_call('$role'::regrole, '$action', " . sql_text(json($request)) . ', ' . sql_text($invocation) . ')';
}

sub sync
{
	my ($role, $sql) = @_;
	return call($role, 'StartSyncExecution', { stateMachineArn => "$arn:stateMachine:${role}_sync", input => json({ sql => $sql }) });
}

#
# Who may call, and as whom.
#
like(as('app', call('app', 'ListStateMachines', {})), qr/permission denied for function gateway_call/, 'not everybody may call');
like(as('app', q{SELECT * FROM sfn_internal.gateway_key('x')}), qr/permission denied/, '... or read keys');
like(as('app', "SELECT sfn.allow_gateway('app')"), qr/permission denied/, '... or let himself');
like(as('pool', call('app', 'ListStateMachines', {})), qr/app_m/, 'the login may');
unlike(as('pool', call('app', 'ListStateMachines', {})), qr/other_m/, '... and sees what the role sees');
like(as('pool', call('root', 'ListStateMachines', {})), qr/AccessDeniedException: role "root" is a superuser/, 'nobody calls as a superuser');
like(as('root', call('root', 'ListStateMachines', {})), qr/AccessDeniedException/, '... not even he himself');
foreach my $role ('pg_execute_server_program', 'pg_read_all_data')
{
	like(as('pool', call($role, 'ListStateMachines', {})), qr/AccessDeniedException: role "$role" is the server's own/, "nobody calls as $role");
	like(as('pool', "SELECT sfn_internal.gateway_check_login('$role')"), qr/is the server's own/, '... or logs in as it');
	$node->safe_psql('postgres', "GRANT $role TO other");
	like(as('other', "SELECT sfn.create_access_key('$role')"), qr/is the server's own/, '... or has a key of it');
	$node->safe_psql('postgres', "REVOKE $role FROM other");
}
like(as('pool', q{SELECT sfn_internal.gateway_call(4294967295, 'ListStateMachines', '{}')}), qr/does not exist any more/, 'nobody calls as who is not there');
like(as('pool', call('other', 'DescribeStateMachine', { stateMachineArn => "$arn:stateMachine:app_m" })), qr/AccessDeniedException/, 'a role has its own rights only');
like(as('pool', call('app', 'NoSuchAction', {})), qr/UnknownOperationException/, 'an action that there is not');

#
# What a task may try to be somebody else.
#
my @escapes = (
	q{SELECT set_config('role', 'root', false)}, q{SELECT set_config('role', 'none', false)}, 'RESET ROLE', 'SET ROLE root',
	'SET SESSION AUTHORIZATION root', 'RESET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION DEFAULT',
	q{SELECT set_config('session_authorization', 'root', false)}, 'ALTER ROLE app SUPERUSER');
foreach my $login ('pool', 'root')
{
	foreach my $sql (@escapes)
	{
		my $out = as($login, sync('app', $sql) . "; SELECT current_user, session_user");
		like($out, qr/"status":"FAILED".*insufficient_privilege.*\n$login\|$login$/s, "login $login: $sql is refused") or diag($out);
	}
	foreach my $sql ('INSERT INTO apps.lazy VALUES (1)', 'INSERT INTO apps.redeferring VALUES (1)', 'SET CONSTRAINTS ALL DEFERRED; INSERT INTO apps.lazy VALUES (1)')
	{
		$node->safe_psql('postgres', 'TRUNCATE public.seen');
		like(as($login, sync('app', $sql)), qr/"status":"SUCCEEDED"|insufficient_privilege/, "login $login: $sql");
		is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT who, ' ') FROM public.seen}) || 'app', 'app', '... what it deferred ran as the role');
		is($node->safe_psql('postgres', q{SELECT count(*) FROM public.seen WHERE what = 'became'}), '0', '... and became nobody');
	}
}
$node->safe_psql('postgres', 'TRUNCATE public.seen');
like(as('pool', sync('app', 'INSERT INTO apps.lazy VALUES (1)')), qr/SUCCEEDED/, 'deferred triggers work');
is($node->safe_psql('postgres', 'SELECT who, what FROM public.seen'), 'app|lazy', '... as the role');
is($node->safe_psql('postgres', q{SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolsuper AND rolname IN ('app', 'other', 'pool')}), '', 'nobody became superuser');

#
# What a task may try to leave.
#
foreach my $sql ('CREATE TEMP TABLE left_over (n integer)', 'CREATE DOMAIN pg_temp.text AS pg_catalog.int4', q{CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'},
	'LISTEN left_over', 'SELECT pg_advisory_lock(42)', 'PREPARE left_over AS SELECT 1', q{SET application_name = 'left over'}, q{SELECT set_config('search_path', 'apps', false)},
	'DECLARE left_over CURSOR WITH HOLD FOR SELECT 1', 'SET statement_timeout = 1')
{
	foreach my $ending ('', '; SELECT 1 / 0')
	{
		my $out = as('pool', sync('app', $sql . $ending) . q{;
			SELECT count(*) FROM pg_prepared_statements; SELECT count(*) FROM pg_listening_channels();
			SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
			SELECT count(*) FROM pg_depend WHERE refobjid = pg_my_temp_schema() AND pg_my_temp_schema() <> 0;
			SELECT count(*) FROM pg_cursors WHERE name = 'left_over';
			SELECT current_setting('application_name') = 'left over', current_setting('search_path') = 'apps', current_setting('statement_timeout')});
		like($out, qr/"status":"(SUCCEEDED|FAILED)".*\n0\n0\n0\n0\n0\nf\|f\|0$/s, "$sql$ending: nothing is left") or diag($out);
	}
}
like(as('pool', 'PREPARE own AS SELECT 7; ' . sync('other', 'SELECT 1')), qr/SUCCEEDED/, 'what the session itself has prepared by SQL does not matter');
like(as('pool', 'SET search_path = pg_temp; ' . sync('app', 'INSERT INTO apps.lazy VALUES (3)')), qr/SUCCEEDED/, 'the search path of the session does not matter');

# DEALLOCATE ALL takes what the session prepared by the protocol; the gateway has it prepared again.
like(as('pool', sync('app', 'DEALLOCATE ALL') . ';' . call('app', 'ListActivities', {})), qr/"activities"/, 'DEALLOCATE ALL ends nothing');

# A machine of another role, which one may start.
as('other', "SELECT sfn.grant_state_machine('other_sync', 'app', 'start')");
like(as('pool', call('app', 'StartSyncExecution', { stateMachineArn => "$arn:stateMachine:other_sync", input => '{"sql": "CREATE TEMP TABLE left_over (n integer)"}' })
		  . '; SELECT count(*) FROM pg_depend WHERE refobjid = pg_my_temp_schema()'), qr/SUCCEEDED.*other.*\n0$/s, "another role's machine runs as that role and leaves nothing");

# A task that calls its own machine: the outer one's clean-up is enough.
my $nested = q{SELECT sfn.start_sync_execution('app_sync', '{"sql": "INSERT INTO apps.lazy VALUES (4)"}'); LISTEN left_over};
like(as('pool', sync('app', $nested) . '; SELECT count(*) FROM pg_listening_channels()'), qr/SUCCEEDED.*\n0$/s, 'a task within a task');

# In a transaction of the caller an error ends the frame with the savepoint.
like(as('pool', 'BEGIN; SAVEPOINT s; ' . "\n\\set ON_ERROR_STOP 0\n" . call('app', 'NoSuchAction', {}) . ";\nROLLBACK TO s; SELECT current_user; COMMIT"), qr/^pool$/m, 'after an error the login is itself');

#
# Starts that are repeated.
#
my $start = { stateMachineArn => "$arn:stateMachine:app_m" };
my $first = as('pool', call('app', 'StartExecution', $start, 'invocation-1'));
like($first, qr/executionArn/, 'a start');
is(as('pool', call('app', 'StartExecution', $start, 'invocation-1')), $first, 'another attempt is answered with the same execution');
end_of($node, $first =~ /"executionArn":"([^"]+)"/);
is(as('pool', call('app', 'StartExecution', $start, 'invocation-1')), $first, '... also when it has ended');
isnt(as('pool', call('app', 'StartExecution', $start, 'invocation-2')), $first, 'another call starts another');
isnt(as('pool', call('app', 'StartExecution', $start)), $first, '... and so does one without a name for its attempts');
my $others = as('pool', call('other', 'StartExecution', { stateMachineArn => "$arn:stateMachine:other_m" }, 'invocation-1'));
like($others, qr/other_m/, 'the invocation of another role is another');
$node->safe_psql('postgres', q{UPDATE sfn.gateway_start SET start_date = start_date - interval '16 minutes'});
isnt(as('pool', call('app', 'StartExecution', $start, 'invocation-1')), $first, 'after fifteen minutes it is forgotten');
like(as('pool', call('app', 'StartExecution', $start, 'x' x 10000)), qr/executionArn/, 'a name that is too long is none');

#
# Activities: no call waits, one session waits for all.
#
as('app', "SELECT sfn.create_activity('work')");
as('app', q{SELECT sfn.create_state_machine('asks', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:work", "End": true}}}')});
my $poll = call('app', 'GetActivityTask', { activityArn => "$arn:activity:work", workerName => 'w' });
is(as('pool', $poll), '{"taskToken":null}', 'no task, no waiting');
is(as('pool', "SELECT sfn_internal.gateway_wait(ARRAY['$arn:activity:work'], '10 ms')"), '{}', 'a wait that ends');
is(as('pool', "SELECT sfn_internal.gateway_wait(NULL, '10 ms')"), '{}', 'a wait for nothing');
my ($wait, $found) = start_statements($node, "SELECT sfn_internal.gateway_wait(ARRAY['nonsense', '$arn:activity:none', '$arn:activity:work'], '60 s')");
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT sfn_internal.gateway_wait%' AND wait_event_type = 'Extension'}, '1'), 'somebody waits');
my $execution = started($node, 'asks', { a => 1 });
$wait->finish;
is($$found, qq[{"$arn:activity:work":1}\n], '... and is told of a task');
my ($token) = as('pool', $poll) =~ /"taskToken":"([^"]+)"/;
ok(defined $token, 'which is taken');
is(as('pool', $poll), '{"taskToken":null}', 'once');
is(as('pool', "SELECT sfn_internal.gateway_return_task('$token')"), 't', 'it is given back');
is(as('pool', "SELECT sfn_internal.gateway_return_task('$token')"), 'f', '... once');
my ($again) = as('pool', $poll) =~ /"taskToken":"([^"]+)"/;
is($again, $token, 'and taken again');
like(as('pool', call('app', 'SendTaskSuccess', { taskToken => $token, output => '1' })), qr/\{\}/, 'answered');
is(end_of($node, $execution)->{status}, 'SUCCEEDED', 'the execution goes on');
is($node->safe_psql('postgres', "SELECT count(*) FROM sfn.get_execution_history('$execution') WHERE type = 'ActivityStarted'"), '1', 'it was started once');

#
# Keys.
#
my ($id, $secret, $session) = split /\|/, as('app', 'SELECT * FROM sfn.create_access_key()');
like($id, qr/^AKIA[A-Z2-7]{16}$/, 'a key');
like($secret, qr/^.{40}$/, '... its secret');
is($session, '', '... needs no token');
is(as('pool', "SELECT role::regrole, role_name, secret = '$secret', token_hash, actions, expires FROM sfn_internal.gateway_key('$id')"), 'app|app|t|||', 'the gateway gets it');
($id, undef, $session) = split /\|/, as('app', q{SELECT * FROM sfn.create_access_key('app', '1 hour', ARRAY['states:Describe*', 'ListExecutions'], 'reader')});
like("$id $session", qr/^ASIA[A-Z2-7]{16} .{64}$/, 'one that expires has a token');
is(as('pool', "SELECT token_hash = encode(sha256('$session'), 'hex'), actions, expires > now() FROM sfn_internal.gateway_key('$id')"), 't|{states:Describe*,ListExecutions}|t', '... of which the digest is kept');
like(as('app', "SELECT role, actions, status, description FROM sfn.access_keys WHERE access_key_id = '$id'"), qr/^app\|\{.*\}\|Active\|reader$/, 'it is listed');
is(as('other', 'SELECT count(*) FROM sfn.access_keys'), '0', '... to its role only');
is(as('app', "SELECT last_used IS NULL FROM sfn.access_keys WHERE access_key_id = '$id'"), 't', 'it was not used yet');
like(as('app', "SELECT sfn_internal.gateway_key_used('$id')"), qr/permission denied/, 'only the gateway says so');
as('pool', "SELECT sfn_internal.gateway_key_used('$id')");
my $used = as('app', "SELECT last_used FROM sfn.access_keys WHERE access_key_id = '$id' AND last_used > now() - interval '5 min'");
isnt($used, '', 'now it was');
as('pool', "SELECT sfn_internal.gateway_key_used('$id')");
is(as('app', "SELECT last_used FROM sfn.access_keys WHERE access_key_id = '$id'"), $used, '... which is noted once an hour');
$node->safe_psql('postgres', "UPDATE sfn.access_key SET last_used = now() - interval '61 min' WHERE access_key_id = '$id'");
as('pool', "SELECT sfn_internal.gateway_key_used('$id')");
is(as('app', "SELECT last_used > now() - interval '5 min' FROM sfn.access_keys WHERE access_key_id = '$id'"), 't', '... and the next hour again');
like(as('app', 'SELECT * FROM sfn.secret'), qr/permission denied/, 'nobody reads secrets');
like(as('pool', 'SELECT * FROM sfn.secret'), qr/permission denied/, '... not even the gateway');
like(as('other', "SELECT sfn.delete_access_key('$id')"), qr/must be member of role "app"/, 'another role deletes none');
like(as('other', "SELECT sfn.update_access_key('$id', 'Inactive')"), qr/must be member of role "app"/, '... switches none off');
like(as('other', q{SELECT sfn.create_access_key('app')}), qr/must be member of role "app"/, '... makes none');
like(as('root', q{SELECT sfn.create_access_key('root')}), qr/is a superuser/, 'there is none for a superuser');
is(as('app', "SELECT sfn.update_access_key('$id', 'Inactive')"), '', 'switched off');
is(as('pool', "SELECT count(*) FROM sfn_internal.gateway_key('$id')"), '0', '... it is unknown');
like(as('app', "SELECT sfn.update_access_key('$id', 'Broken')"), qr/must be Active or Inactive/, 'another status');
as('app', "SELECT sfn.delete_access_key('$id')");
is($node->safe_psql('postgres', "SELECT count(*) FROM sfn.secret WHERE name = '$id'"), '0', 'deleted with its secret');
like(as('app', "SELECT sfn.delete_access_key('$id')"), qr/access key "$id" does not exist/, '... once');
is(as('app', q{SELECT access_key_id, secret_access_key FROM sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')}), 'test|test', 'a key may be given');
like(as('other', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'mine')}), qr/access key "test" already exists/, '... to one only');
like(as('app', q{SELECT sfn.create_access_key(access_key_id => 'a/b', secret_access_key => 'x')}), qr/must be one word/, 'an id that no header could have');
like(as('app', q{SELECT sfn.create_access_key(access_key_id => 'alone')}), qr/given together/, 'one without a secret');
like(as('app', q{SELECT sfn.create_access_key(actions => '{DROP TABLE}')}), qr/actions must be names/, 'actions that are none');
like(as('app', q{SELECT sfn.create_access_key(expires => '-1 s')}), qr/expires must be/, 'one of yesterday');

# A dump has keys, but no secrets unless they are wanted; a restored key waits for its secret.
my @dump = ('pg_dump', '--data-only', '-t', 'sfn.*', '-e', 'sfn', '-d', $node->connstr('postgres'));
my ($out) = run_command(\@dump);
like($out, qr/COPY sfn\.access_key .*?\ntest\t/s, 'a dump has the key');
unlike($out, qr/\naccess key\t/, '... without its secret');
{
	local $ENV{PGOPTIONS} = '-c sfn.dump_secrets=on';
	($out) = run_command(\@dump);
	like($out, qr/COPY sfn\.secret .*?\naccess key\ttest\ttest/s, '... unless it is to have it');
}
$node->safe_psql('postgres', q{DELETE FROM sfn.secret WHERE name = 'test'});
is(as('app', q{SELECT status FROM sfn.access_keys WHERE access_key_id = 'test'}), 'needs secret', 'a key without a secret says so');
is(as('pool', q{SELECT count(*) FROM sfn_internal.gateway_key('test')}), '0', '... and is not good');
like(as('other', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'mine')}), qr/already exists/, 'another role cannot give it one');
like(as('app', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'new')}), qr/test,new/, 'its own can');

$node->safe_psql('postgres', q{SELECT sfn.forbid_gateway('pool')});
like(as('pool', call('app', 'ListStateMachines', {})), qr/permission denied for function/, 'forbidden again');

$node->stop;
done_testing();
