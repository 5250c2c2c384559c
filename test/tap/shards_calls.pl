
# Three databases behind a front: the same functions as in one, each call on the shard that it is about, definitions alike on all,
# nobody somebody else, nothing in a transaction that a ROLLBACK would not undo.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine ();
use SfnShards;
use SfnTest;

my $node = sfn_node('shards_calls', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($node);

my @shards = map { "s$_" } 0 .. 2;
my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN');
make_front($node);
like(front_error($node, "SELECT sfn.start_execution('m')", 'alice'), qr/^55000: there is no shard/, 'without shards there is nothing to call');
add_shards($node, $node, @shards);
cmp_ok(on_front($node, 'SELECT sfn_proxy.rebalance(1024)'), '>=', 680, 'slots go to all shards');
is(on_front($node, 'SELECT sfn_proxy.rebalance(1024)'), '0', '... evenly');
is(on_front($node, q{SELECT string_agg(shard || state || (slots BETWEEN 341 AND 342)::text || open_executions || changes_behind || coalesce(last_error, ''), ' ' ORDER BY shard) FROM sfn_proxy.shards}),
	'0activetrue00 1activetrue00 2activetrue00', 'the shards are there');

#
# The functions are those of a shard.
#
my $signatures = q{SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ') ' || coalesce(pg_get_function_result(p.oid), '')
	FROM pg_proc p WHERE p.pronamespace = 'sfn'::regnamespace AND has_function_privilege('alice', p.oid, 'EXECUTE') AND p.prorettype <> 'trigger'::regtype
	ORDER BY 1};
my %of_shard = map { $_ => 1 } split /\n/, $node->safe_psql('s0', $signatures);
my @of_front = split /\n/, on_front($node, $signatures);
cmp_ok(scalar @of_front, '>', 100, 'the front has the functions');
is(join("\n", grep { !$of_shard{$_} } @of_front), '', '... with names, arguments, defaults and results of those of a shard');
delete @of_shard{@of_front};
is(join("\n", sort keys %of_shard), '', 'none is missing');
foreach my $refused ("allow_trigger('pg_class', 'alice')", 'run_due_schedules()', q{execution_id('x')})
{
	like(front_error($node, "SELECT sfn.$refused", 'alice'), qr/^0A000: sfn.\w+\(\) is not called through the front/, "one that belongs to a database says so: $refused");
}
my $views = q{SELECT c.relname || ' ' || a.attname || ' ' || replace(format_type(a.atttypid, a.atttypmod), 'sfn.role', 'regrole')
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relkind = 'v' AND c.relnamespace = 'sfn'::regnamespace
	AND has_table_privilege('alice', c.oid, 'SELECT') ORDER BY c.relname, a.attnum};
is(on_front($node, $views), $node->safe_psql('s0', $views), 'views have the columns of those of a shard');

#
# Machines are alike on all shards.
#
is(on_front($node, "SELECT sfn.create_state_machine('m', '$pass')", 'alice'), "$arn:stateMachine:m", 'a machine is made');
is(on_front($node, q{SELECT count(DISTINCT "row"->>'revision_id') || ' ' || count(*) FROM sfn_proxy.on_all('SELECT revision_id FROM sfn.state_machines')}), '0 0', 'the login of the front sees none of it');
my %revisions = map { $_ => $node->safe_psql($_, 'SELECT revision_id FROM sfn.state_machines') } @shards;
is($revisions{s1}, $revisions{s0}, 'its definition has the same id on all');
is($revisions{s2}, $revisions{s0}, '... shards');
is(on_front($node, q{SELECT revision_id FROM sfn.describe_state_machine('m')}, 'alice'), $revisions{s0}, '... and in the front');
my $updated = on_front($node, qq{SELECT revision_id FROM sfn.update_state_machine('m', '{"Comment": "2", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')}, 'alice');
is($node->safe_psql($_, 'SELECT revision_id FROM sfn.state_machines'), $updated, "an update's, too: $_") foreach @shards;
is(front_error($node, "SELECT sfn.create_state_machine('m', 'x')", 'alice'), 'SF003: invalid definition of state machine "m"', 'an error is that of the shard');
is(on_front($node, 'SELECT string_agg(state, $$ $$ ORDER BY seq) FROM sfn_proxy.change'), 'accepted accepted rejected', 'the log knows what was made');

#
# Executions.
#
my %places;
foreach my $execution (split /\n/, on_front($node, "SELECT sfn.start_execution('m', '{\"a\": 1}') FROM generate_series(1, 30)", 'alice'))
{
	$places{$1}++ if $execution =~ /:(00[0-2])[0-9a-f]{5}-/;
}
is(join(' ', sort keys %places), '000 001 002', 'starts without a name go to all shards, and names say where');
is(on_front($node, "SELECT count(*) FROM (SELECT sfn.start_execution('m', '{}', 'n' || i) FROM generate_series(1, 30) i) s", 'alice'), '30', 'starts by name');
foreach my $shard (0 .. 2)
{
	is($node->safe_psql("s$shard", q{SELECT count(*) FROM sfn.execution WHERE is_named}),
		on_front($node, "SELECT count(*) FROM generate_series(1, 30) i WHERE sfn_proxy.shard_of('n' || i) = $shard"), "shard $shard has the names that are its");
}
is(on_front($node, "SELECT string_agg(DISTINCT sfn.wait_for_execution(execution_arn), ' ') FROM sfn.list_executions('m', max_results => 1000)", 'alice'), 'SUCCEEDED', 'all run');
on_front($node, "SELECT sfn.create_state_machine('many', '$pass')", 'alice');
is(on_front($node, q{SELECT string_agg(right(s, 2), ' ') FROM sfn.start_executions('many', ARRAY['1', '2', '3', '4', '5']::json[], ARRAY['b1', 'b2', 'b3', 'b4', 'b5']) s}, 'alice'), 'b1 b2 b3 b4 b5',
	'many by names, in their order');
is(on_front($node, q{SELECT string_agg(input::text, ' ' ORDER BY name) FROM sfn.executions WHERE state_machine = 'many'}, 'alice'), '1 2 3 4 5', '... with their inputs');
is(on_front($node, "SELECT count(*) FROM sfn.list_executions('m', max_results => 1000)", 'alice'), '60', 'a list has those of all shards');
is(on_front($node, "SELECT count(*) FROM sfn.list_executions('m', max_results => 7)", 'alice'), '7', '... or as many as are wanted');
is(on_front($node, "SELECT bool_and(start_date <= before) FROM (SELECT start_date, lag(start_date) OVER () AS before FROM sfn.list_executions('m', max_results => 1000)) l", 'alice'), 't', '... the youngest first');
is(on_front($node, q{
	WITH first AS (SELECT execution_arn, row_number() OVER () AS n FROM sfn.list_executions('m', max_results => 20))
	SELECT count(*) || ' ' || count(*) FILTER (WHERE l.execution_arn IN (SELECT execution_arn FROM first))
	FROM sfn.list_executions('m', max_results => 1000, after => (SELECT execution_arn FROM first WHERE n = 20)) l}, 'alice'), '40 0', '... and what is behind one');
my ($token, %seen) = ('');
for (1 .. 20)
{
	my $page = JSON::PP::decode_json(on_front($node, "SELECT sfn.api('ListExecutions', '{\"stateMachineArn\": \"$arn:stateMachine:m\", \"maxResults\": 7$token}')", 'alice'));
	$seen{ $_->{executionArn} }++ foreach @{ $page->{executions} };
	last unless defined $page->{nextToken};
	$token = ", \"nextToken\": \"$page->{nextToken}\"";
}
is(scalar(keys %seen) . ' ' . join(' ', grep { $seen{$_} > 1 } keys %seen), '60 ', 'pages of the API have each execution once');
is(on_front($node, q{SELECT string_agg(type, ' ' ORDER BY id) FROM sfn.get_execution_history('m/n7')}, 'alice'), 'ExecutionStarted PassStateEntered PassStateExited ExecutionSucceeded', 'a history');
is(front_error($node, "SELECT sfn.start_execution('m', '{\"a\": 2}', 'n7')", 'alice'), qq{SF015: execution "$arn:execution:m:n7" already exists}, 'a name is taken once');
is(front_error($node, "SELECT sfn.describe_execution('m/none')", 'alice'), 'SF014: execution "m/none" does not exist', 'an execution that is nowhere');
is(front_error($node, "SELECT sfn.api('DescribeExecution', '{\"executionArn\": \"$arn:execution:m:none\"}')", 'alice'), "SF014: ExecutionDoesNotExist: Execution Does Not Exist: '$arn:execution:m:none'", '... in the words of AWS');

# JSON comes as it was, whatever it is
my $odd = '{"b":1.50,"a":[1e2,"x"],"A":{}}';
is(on_front($node, "CALL sfn.run_execution('m', '$odd'::json)", 'alice') =~ s/^.*?\|SUCCEEDED\|(.*)\|\|$/$1/r, $odd, 'values keep order and spelling');

#
# Tasks.
#
on_front($node, "SELECT sfn.create_activity('work')", 'alice');
on_front($node, "SELECT sfn.create_state_machine('poll', '{\"StartAt\": \"T\", \"States\": {\"T\": {\"Type\": \"Task\", \"Resource\": \"$arn:activity:work\", \"End\": true}}}')", 'alice');
on_front($node, "SELECT sfn.start_execution('poll', '{}', 'p' || i) FROM generate_series(1, 12) i", 'alice');
foreach my $n (1 .. 6)
{
	is(on_front($node, q{SELECT sfn.send_task_success(task_token, '"done"') FROM sfn.get_activity_task('work', 'me', '60 s')}, 'alice'), '', "a task is taken and answered: $n");
}
my $sixth = on_front($node, "SELECT sfn.api('GetActivityTask', '{\"activityArn\": \"$arn:activity:work\"}')->>'taskToken'", 'alice');
like($sixth, qr/^[A-Za-z0-9+\/]{44}$/, '... through the API');
my $tokens = on_front($node, "SELECT array_agg(t.task_token) FROM generate_series(1, 5) i, LATERAL (SELECT * FROM sfn.get_activity_tasks('work', 1 + 0 * i, 'me', '60 s')) t", 'alice');
is(front_error($node, "SELECT sfn.send_task_successes('$tokens', '{1,2,3,4}')", 'alice'), 'SF008: outputs must have as many elements as task_tokens, 5, not 4', 'too few outputs answer no task');
is(front_error($node, "SELECT sfn.send_task_failures('$tokens', '{a,b,c,d,e,f}')", 'alice'), 'SF008: errors must have as many elements as task_tokens, 5, not 6', '... nor do too many errors');
is(on_front($node, "SELECT count(*) FROM sfn.send_task_successes('$tokens'::text[] || '$sixth'::text, '{{1,2,3},{4,5,6}}')", 'alice'), '0', '... and several at once');
is(on_front($node, "SELECT count(*) FROM generate_series(1, 12) i WHERE sfn.wait_for_execution('poll/p' || i) = 'SUCCEEDED'", 'alice'), '12', 'all have gone on');
is(on_front($node, q{SELECT string_agg(output::text, ',' ORDER BY output::text) FROM sfn.executions WHERE state_machine = 'poll'}, 'alice'), join(',', ('"done"') x 6, 1 .. 6), '... each with its output');
is(on_front($node, q{SELECT count(task_token) FROM sfn.get_activity_task('work', 'me', '0 s')}, 'alice'), '0', 'no task is left');
is(front_error($node, q{SELECT sfn.send_task_success('nonsense', '1')}, 'alice'), 'SF060: invalid task token', 'what is no token');

#
# Schedules fire once.
#
on_front($node, q{SELECT sfn.create_schedule('later' || i, 'rate(1 day)', 'm') FROM generate_series(1, 12) i}, 'alice');
is(join(' ', map { $node->safe_psql($_, 'SELECT count(*) > 0 FROM sfn.schedule') } @shards), 't t t', 'schedules are on all shards');
is($node->safe_psql('s0', 'SELECT count(*) FROM sfn.schedule') + $node->safe_psql('s1', 'SELECT count(*) FROM sfn.schedule') + $node->safe_psql('s2', 'SELECT count(*) FROM sfn.schedule'), 12, '... each on one');
like(front_error($node, q{SELECT sfn.create_schedule('later7', 'rate(1 day)', 'm')}, 'alice'), qr/^42710: schedule ".*later7" already exists/, '... and a name is taken once');
on_front($node, q{SELECT sfn.disable_schedule('later7'), sfn.drop_schedule('later8')}, 'alice');
like(front_error($node, q{SELECT sfn.drop_schedule('later8')}, 'alice'), qr/^42704: schedule "later8" does not exist/, 'they are found');
my $quiet = on_front($node, q{SELECT count(*) FROM sfn.list_executions('m', max_results => 1000)}, 'alice');
on_front($node, q{SELECT sfn.create_schedule('soon', 'at(' || to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '2 s', 'YYYY-MM-DD"T"HH24:MI:SS') || ')', 'm')}, 'alice');
ok(wait_until(sub { on_front($node, q{SELECT count(*) FROM sfn.list_executions('m', max_results => 1000)}, 'alice') == $quiet + 1 }), 'one starts an execution');

#
# Events.
#
on_front($node, q{SELECT sfn.events_api('PutRule', '{"Name": "r", "EventPattern": "{\\"source\\": [\\"shop\\"]}"}')}, 'alice');
is(join(' ', map { $node->safe_psql($_, 'SELECT count(*) FROM sfn.event_rule') } @shards), '1 1 1', 'a rule is on all shards');

#
# As psycopg and JDBC do unless they are told otherwise: a transaction around everything, statements prepared.
#
my $driver = PostgreSQL::Test::Utils::tempdir() . '/driver.sql';
PostgreSQL::Test::Utils::append_to_file($driver, <<'SQL');
\set n random(1, 1000000000)
BEGIN;
SELECT sfn.start_execution('m', '{}', 'driver-' || :n);
SELECT status FROM sfn.describe_execution('m/driver-' || :n);
COMMIT;
SQL
$node->command_ok([ 'pgbench', '-n', '-M', 'prepared', '-t', 12, '-U', 'alice', '-f', $driver, $node->connstr('front') ], 'starts by name in transactions, prepared');
is(on_front($node, q{SELECT count(*) FROM sfn.executions WHERE name LIKE 'driver-%'}, 'alice'), '12', '... each once');

#
# In a transaction.
#
my $refused = '25001: this call cannot be part of a transaction: it takes effect on a shard at once, and a ROLLBACK here would not undo it';
is(front_error($node, "BEGIN; SELECT sfn.start_execution('m')", 'alice'), $refused, 'a start without a name is refused in a transaction');
is(front_error($node, "BEGIN; SELECT sfn.create_activity('other')", 'alice'), $refused, '... and a change');
is(front_error($node, "BEGIN; SELECT sfn.api('StartExecution', '{\"stateMachineArn\": \"$arn:stateMachine:m\"}')", 'alice'), $refused, '... through the API');
my (undef, $started, $notice) = $node->psql('front', "BEGIN;\nSELECT sfn.start_execution('m', '{}', 'block');\nROLLBACK", extra_params => [ '-U', 'alice' ]);
is($started, "$arn:execution:m:block", 'what may be repeated is done');
like($notice, qr/NOTICE:  this call takes effect at once/, '... with a notice');
is(on_front($node, "SELECT name FROM sfn.describe_execution('m/block')", 'alice'), 'block', '... whatever becomes of the transaction');
$node->safe_psql('front', 'CREATE TABLE public.own (a int); GRANT INSERT ON public.own TO alice');
is(front_error($node, "BEGIN; INSERT INTO own VALUES (1); SELECT sfn.start_execution('m', '{}', 'wrote')", 'alice'), $refused, 'not behind a change of the transaction');
is(on_front($node, "BEGIN; SELECT name FROM sfn.describe_execution('m/block'); COMMIT", 'alice'), 'block', 'reading is possible anywhere');
is(on_front($node, "BEGIN READ ONLY; SELECT name FROM sfn.describe_execution('m/block'); COMMIT", 'alice'), 'block', '... also where nothing may be written');
like(on_front($node, "SET sfn_proxy.in_transaction = 'allow'; BEGIN; SELECT sfn.start_execution('m'); COMMIT", 'alice'), qr/execution:m:/, 'whoever knows may');

#
# Nobody is somebody else.
#
like(front_error($node, "SELECT sfn.start_execution('m')", 'bob'), qr/^42501: permission denied for state machine "m"/, 'rights are those of the caller');
is(on_front($node, 'SELECT count(*) FROM sfn.list_executions()', 'bob'), '0', '... and what is seen');
foreach my $none ('NULL', '0', '7')
{
	is(front_error($node, "SELECT sfn_proxy.call($none, 'sfn.list_state_machines()', '{}')", 'bob'), '42501: this is no pass of any role', "a pass has to be there: $none");
}
is(front_error($node, "SELECT sfn_proxy.call(sfn_proxy.pass(), 'sfn_internal.shard_status()', '{}')", 'bob'), '0A000: function "sfn_internal.shard_status()" is not called through the front', 'only what is meant for callers is called');
my $used = "CREATE TEMPORARY TABLE t AS SELECT sfn_proxy.pass() AS p; SELECT sfn_proxy.call(p, 'sfn.list_state_machines()', '{}') FROM t";
is(front_error($node, "$used; SELECT sfn_proxy.call(p, 'sfn.list_state_machines()', '{}') FROM t", 'alice'), '42501: this is no pass of any role', '... it is good for one call');
my $pass_of_alice = on_front($node, 'SELECT sfn_proxy.pass()', 'alice');
is(front_error($node, "SELECT sfn_proxy.call($pass_of_alice, 'sfn.list_state_machines()', '{}')", 'alice'), '42501: this is no pass of any role', '... of its session');
foreach my $table (qw(shard slot change map route page access_key secret))
{
	is(front_error($node, "SELECT * FROM sfn_proxy.$table", 'bob'), "42501: permission denied for table $table", "table $table is closed");
}
my $open = on_front($node, q{SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY p.proname) FROM pg_proc p
	WHERE p.pronamespace = 'sfn_proxy'::regnamespace AND has_function_privilege('bob', p.oid, 'EXECUTE') AND (p.prosecdef OR p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'plproxy'))});
is($open, 'sfn_proxy.call(bigint,text,text[]) sfn_proxy.call_one(bigint,text,text[]) sfn_proxy.key_create(bigint,text,interval,text[],text,text,text)'
	. ' sfn_proxy.key_delete(bigint,text) sfn_proxy.key_update(bigint,text,text) sfn_proxy.map_version() sfn_proxy.shard_of(text) sfn_proxy.shard_of_execution(text) sfn_proxy.shards_of_execution(text)',
	'what works with rights of its own and is open to all');
on_front($node, "CREATE SCHEMA of_bob AUTHORIZATION bob; GRANT USAGE ON SCHEMA of_bob TO alice");
on_front($node, "CREATE FUNCTION of_bob.f() RETURNS text LANGUAGE sql SECURITY DEFINER AS \$\$ SELECT sfn.start_execution('m') \$\$", 'bob');
like(front_error($node, 'SELECT of_bob.f()'), qr/^42501: permission denied for state machine "m"/, q{a function of bob's starts as bob, though a superuser calls it});
like(front_error($node, 'SELECT of_bob.f()', 'alice'), qr/^42501: permission denied for state machine "m"/, '... or alice');
like(front_error($node, "SELECT sfn.start_execution('m')"), qr/^42501: role "postgres" is a superuser/, 'nobody is a superuser through the front');
sub shard_error
{
	my ($role, $arguments) = @_;
	my (undef, undef, $error) = $node->psql('s0', "SELECT sfn_internal.shard_call($arguments)", extra_params => [ '-U', $role ]);
	return $error;
}
like(shard_error('bob', "0, 'alice', 'sfn.list_state_machines()', '{}'"), qr/permission denied for function shard_call/, q{on a shard only the front's login calls for others});
foreach my $other (q{'pg_catalog.pg_sleep(double precision)', '{1}'}, q{'sfn.run_execution(text,text,interval,text,text,json,text,text)', '{}'})
{
	like(shard_error('sfn_front', "0, 'alice', $other"), qr/is no function of the extension sfn/, '... and only functions of the extension');
}
like(shard_error('sfn_front', "1, 'alice', 'sfn.list_state_machines()', '{}'"), qr/this is not shard 1: sfn.shard_id is 0/, 'a connection that leads to another shard is noticed');

#
# Slots move, names are found and are taken.
#
my $name = on_front($node, q{SELECT 'n' || i FROM generate_series(1, 30) i WHERE sfn_proxy.shard_of('n' || i) = 1 LIMIT 1});
my $version = on_front($node, 'SELECT sfn_proxy.map_version()');
on_front($node, q{SELECT sfn_proxy.forget_moves('0')});
like(front_error($node, 'SELECT sfn_proxy.remove_shard(1)'), qr/^55000: shard 1 has executions/, 'a shard with executions is not removed');
cmp_ok(on_front($node, 'SELECT sfn_proxy.drain_shard(1)'), '>=', 341, 'a shard that is drained gives its slots away');
is(on_front($node, 'SELECT slots FROM sfn_proxy.shards WHERE shard = 1'), '0', '... all');
cmp_ok(on_front($node, 'SELECT sfn_proxy.map_version()'), '>', $version, 'the map has another version');
isnt(on_front($node, "SELECT sfn_proxy.shard_of('$name')"), '1', 'the name is elsewhere now');
is(on_front($node, "SELECT name FROM sfn.describe_execution('m/$name')", 'alice'), $name, 'its execution is found');
is(front_error($node, "SELECT sfn.start_execution('m', '{\"a\": 2}', '$name')", 'alice'), qq{SF015: execution "$arn:execution:m:$name" already exists}, '... and its name taken');
is(on_front($node, q{SELECT count(*) FROM (SELECT sfn.start_execution('m') FROM generate_series(1, 20)) s(arn) WHERE arn LIKE '%:001%'}, 'alice'), '0', 'it gets no new executions');
like(front_error($node, 'SELECT sfn_proxy.remove_shard(0, force => true)'), qr/^55000: shard 0 takes executions/, 'only one that was drained is removed');

#
# A session that died between two steps of a change.
#
on_front($node, q{UPDATE sfn_proxy.shard SET state = 'active'});
my $before = on_front($node, 'SELECT max(seq) FROM sfn_proxy.change');
on_front($node, q{SELECT sfn_proxy.log_propose('alice', 'sfn.create_activity(text,jsonb)', '{left,NULL}'); SELECT sfn_proxy.log_propose('alice', 'sfn.create_activity(text,jsonb)', '{"not good",NULL}')});
on_front($node, "SELECT sfn.create_activity('next')", 'alice');
is(on_front($node, "SELECT string_agg(state, ' ' ORDER BY seq) FROM sfn_proxy.change WHERE seq > $before"), 'accepted rejected accepted', 'what was proposed and left is settled before the next change');
is($node->safe_psql($_, q{SELECT string_agg(name, ' ' ORDER BY name) FROM sfn.list_activities()}), 'left next work', "... on $_") foreach @shards;
is(on_front($node, 'SELECT sfn_proxy.catch_up(1)'), 't', 'a shard that lacks nothing has nothing to catch up');

$node->stop;
done_testing();
