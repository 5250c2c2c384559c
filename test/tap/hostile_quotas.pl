
# A role within its quota: whatever it does - transactions left open, savepoints, prepared transactions, starts in bulk, triggers,
# children, map runs, redrives, versions of an earlier role, a restart - it does not get beyond it by more than a turn.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('hostile_quotas', conf => "max_prepared_transactions = 20\n");
my $end = JSON::PP::true;
my %waits = (StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 10000, End => $end } });
my %fails = (StartAt => 'F', States => { F => { Type => 'Fail', Error => 'e' } });
my $prefix = 'arn:aws:states:us-east-1:000000000000:stateMachine';

sub as { return psql_as($node, @_) }

sub open_executions
{
	my ($role) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM sfn.execution e JOIN sfn.state_machine_revision r ON r.id = e.revision_id WHERE r.role = '$role'::regrole AND e.stop_date IS NULL");
}

sub stop_all
{
	$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE status = 'RUNNING' AND map_run_arn IS NULL});
	return wait_for($node, q{SELECT count(*) FROM sfn.execution WHERE stop_date IS NULL}, '0');
}

# A session that stays open and goes on after errors, by savepoints of psql's.
sub session
{
	my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'tenant' ]);

	$session->query('\set ON_ERROR_ROLLBACK on');
	return $session;
}

$node->safe_psql('postgres', q{
	CREATE ROLE tenant LOGIN; CREATE ROLE neighbour LOGIN; CREATE ROLE heir; GRANT heir TO tenant;
	GRANT CREATE ON SCHEMA public TO tenant});
machine($node, 'rented', \%waits, as => 'tenant');
machine($node, 'second', \%waits, as => 'tenant');
machine($node, 'next_door', \%waits, as => 'neighbour');
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant', 10)});

#
# Open transactions: what others have started and not committed counts, what is rolled back does not.
#
my $one = q{SELECT sfn.start_execution('rented')};
my @open = map { session() } 1 .. 10;
foreach my $session (@open)
{
	$session->query('BEGIN');
	$session->query("$one;") foreach 1 .. 3;
}
my ($code, $out, $err) = as('tenant', $one);
like($err, qr/10 in use, 10 allowed/, 'what open transactions have started is in use');
is((as('neighbour', q{SELECT count(sfn.start_execution('next_door')) FROM generate_series(1, 20)}))[1], '20', 'a neighbour is not held up');
$_->query('COMMIT') foreach @open;
cmp_ok(open_executions('tenant'), '<=', 10, 'ten open transactions together stay within the quota');
$_->quit foreach @open;
ok(stop_all(), 'all are stopped');

my $session = session();
$session->query('BEGIN');
foreach my $round (1 .. 5)
{
	$session->query("SAVEPOINT s; SELECT sfn.start_executions('rented', array_fill('{}'::json, ARRAY[8])); ROLLBACK TO s");
}
is(scalar(() = ($session->query(q{SELECT count(*) FROM sfn.start_executions('rented', array_fill('{}'::json, ARRAY[9]))}) =~ /9/g)), 1, 'what a savepoint took is given back');
$session->query('SAVEPOINT s; SELECT sfn.start_execution($$rented$$); RELEASE s');
is((as('tenant', $one))[0] != 0, 1, 'what a released one took is not');
$session->query('ROLLBACK');
is((as('tenant', q{SELECT count(*) FROM sfn.start_executions('rented', array_fill('{}'::json, ARRAY[10]))}))[1], '10', 'a rollback gives all back');
$session->quit;
ok(stop_all(), 'all are stopped');

$node->safe_psql('postgres', q{SELECT sfn.start_execution('rented', '{}', 'same') FROM generate_series(1, 9)}, extra_params => [ '-U', 'tenant' ]);
is((as('tenant', q{SELECT count(*) FROM sfn.start_executions('rented', array_fill('{}'::json, ARRAY[9]))}))[1], '9', 'the same start again takes nothing');
ok(stop_all(), 'all are stopped');

#
# Prepared transactions.
#
as('tenant', "BEGIN; SELECT sfn.start_executions('rented', array_fill('{}'::json, ARRAY[4])); PREPARE TRANSACTION 'p$_'") foreach 1 .. 5;
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts'), '2', 'prepared transactions hold what they have started');
as('tenant', $one) foreach 1 .. 5;
$node->safe_psql('postgres', "COMMIT PREPARED 'p1'");
as('tenant', $one) foreach 1 .. 5;
$node->safe_psql('postgres', "COMMIT PREPARED 'p2'");
is(open_executions('tenant'), '10', '... until they are committed');
ok(stop_all(), 'all are stopped');
as('tenant', "BEGIN; SELECT sfn.start_executions('rented', array_fill('{}'::json, ARRAY[10])); PREPARE TRANSACTION 'p'");
is((as('tenant', $one))[0] != 0, 1, 'another one holds all');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'p'");
ok(wait_for($node, q{SELECT 1}, '1') && (as('tenant', $one))[0] == 0, 'rolled back, it holds nothing');
ok(stop_all(), 'all are stopped');

#
# An old snapshot counts what has been started since.
#
$session = session();
$session->query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM sfn.executions');
as('tenant', q{SELECT sfn.start_executions('rented', array_fill('{}'::json, ARRAY[10]))});
$session->query("$one;");
$session->query('COMMIT');
as('tenant', $one);
is(open_executions('tenant'), '10', 'an old snapshot sees no room that there is not');
$session->quit;

#
# Many machines, another role's right to start, triggers, an earlier version under a role of the past.
#
my %ways = (
	'another machine' => q{SELECT sfn.start_execution('second')},
	api => qq{SELECT sfn.api('StartExecution', '{"stateMachineArn": "$prefix:second"}')},
	trigger => q{CREATE TABLE t (a int); CREATE TRIGGER s AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('rented'); INSERT INTO t SELECT generate_series(1, 5)});
foreach my $way (sort keys %ways)
{
	($code, $out, $err) = as('tenant', $ways{$way});
	like($err, qr/quota on open executions of role "?tenant"?/i, "refused: $way");
}
as('tenant', q{SELECT sfn.publish_state_machine_version('second'); SELECT sfn.update_state_machine('second', role => 'heir')});
($code, $out, $err) = as('tenant', "SELECT sfn.start_execution('$prefix:second:1')");
like($err, qr/of role "tenant"/, 'a version that runs as the role counts for it, whatever the machine\'s role is now');
as('tenant', q{SELECT sfn.update_state_machine('rented', role => 'heir')});
is(open_executions('tenant'), '10', 'executions stay with the role that they run as');
as('tenant', q{SELECT sfn.update_state_machine('rented', role => 'tenant')});
isnt((as('tenant', $one))[0], 0, '... so a change of the machine\'s role there and back makes no room');

#
# A restart.
#
$node->restart;
($code, $out, $err) = as('tenant', $one);
like($err, qr/10 in use, 10 allowed/, 'after a restart the use is counted anew');
ok(stop_all(), 'all are stopped');
is((as('tenant', q{SELECT count(*) FROM sfn.start_executions('rented', array_fill('{}'::json, ARRAY[10]))}))[1], '10', 'what has ended makes room');
ok(stop_all(), 'all are stopped');

#
# Redrives.
#
machine($node, 'failing', \%fails, as => 'tenant');
machine($node, 'late', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1, Next => 'F' }, F => { Type => 'Fail', Error => 'e' } } }, as => 'tenant');
$node->safe_psql('postgres', q{SELECT sfn.start_executions('failing', array_fill('{}'::json, ARRAY[8]))}, extra_params => [ '-U', 'tenant' ]);
ok(wait_for($node, q{SELECT count(*) FROM sfn.execution WHERE stop_date IS NULL}, '0'), 'eight have failed');
as('tenant', q{SELECT sfn.start_executions('rented', array_fill('{}'::json, ARRAY[10]))});
($code, $out, $err) = as('tenant', q{SELECT sfn.redrive_execution(execution_arn) FROM sfn.executions WHERE state_machine = 'failing'});
like($err, qr/quota on open executions/, 'a redrive is an open execution more');
ok(stop_all(), 'all are stopped');

#
# Children of a Distributed Map begin as there is room for them.
#
machine($node, 'fans_out', { StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$.items', ResultPath => undef, End => $end,
	ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'C', States => {
		C => { Type => 'Wait', SecondsPath => '$.s', End => $end } } } } } }, as => 'tenant');
my $fan = $node->safe_psql('postgres', q{SELECT sfn.start_execution('fans_out', json_build_object('items', (SELECT json_agg(json_build_object('s', 1)) FROM generate_series(1, 30))))}, extra_params => [ '-U', 'tenant' ]);
my $most = 0;
foreach (1 .. 40)
{
	my $now = open_executions('tenant');
	$most = $now if $now > $most;
	select undef, undef, undef, 0.1;
}
cmp_ok($most, '<=', 10, "children of a map run stay within the quota ($most)");
cmp_ok($most, '>', 2, '... and use it');
is(end_of($node, $fan)->{status}, 'SUCCEEDED', '... and all are run');

#
# What is handed over counts for its new role.
#
$node->safe_psql('postgres', q{GRANT heir TO tenant});
machine($node, 'inherited', \%waits, role => 'heir');
$node->safe_psql('postgres', q{SELECT sfn.start_executions('inherited', array_fill('{}'::json, ARRAY[20]))});
is((as('tenant', $one))[0], 0, 'another role\'s executions do not count');
$node->safe_psql('postgres', q{REASSIGN OWNED BY heir TO tenant});
($code, $out, $err) = as('tenant', $one);
like($err, qr/21 in use, 10 allowed/, '... until they are handed over');
ok(stop_all(), 'all are stopped');
is((as('tenant', $one))[0], 0, '... and have ended');
ok(stop_all(), 'all are stopped');

#
# Stored bytes: history counts.
#
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant', 1, 100, stored_bytes => 3000000)});
machine($node, 'writes', { StartAt => 'P', States => {
	P => { Type => 'Pass', Parameters => { 'x.$' => q{$.x}, 'n.$' => q{States.MathAdd($.n, 1)} }, Next => 'Grow' },
	Grow => { Type => 'Choice', Choices => [ { Variable => '$.n', NumericLessThan => 15, Next => 'Double' }, { Variable => '$.n', NumericGreaterThan => 1000000000, Next => 'Done' } ], Default => 'P' },
	Done => { Type => 'Succeed' },
	Double => { Type => 'Pass', Parameters => { 'x.$' => q{States.Format('{}{}', $.x, $.x)}, 'n.$' => '$.n' }, Next => 'P' } } }, as => 'tenant');
my $writer = $node->safe_psql('postgres', q{SELECT sfn.start_execution('writes', '{"x": "0123456789", "n": 0}')}, extra_params => [ '-U', 'tenant' ]);
my $end_of_writer = end_of($node, $writer);
is("$end_of_writer->{status} $end_of_writer->{error}", 'FAILED States.Runtime', 'an execution that writes too much history fails');
like($end_of_writer->{cause}, qr/quota on stored bytes of role "tenant".*3000000/, '... and says which quota it is');
my $stored = $node->safe_psql('postgres', q{SELECT sum(octet_length(events::text)) FROM sfn.history_chunk h JOIN sfn.execution e ON e.id = h.execution_id JOIN sfn.state_machine m ON m.id = e.state_machine_id WHERE m.name = 'writes'});
cmp_ok($stored, '<=', 3_300_000, "... within a tenth of it ($stored)");
cmp_ok($stored, '>=', 2_000_000, '... when it is nearly used up');
($code, $out, $err) = as('tenant', $one);
like($err, qr/quota on stored bytes/, 'nothing more is started');
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant', 1, 100, stored_bytes => 30000000)});
is((as('tenant', $one))[0], 0, '... until there is room');
ok(stop_all(), 'all are stopped');

#
# Starts a second.
#
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant', starts_per_second => 5)});
my $began = time;
my $refused = 0;
my $started = 0;
foreach (1 .. 60)
{
	($code, $out, $err) = as('tenant', "\\set VERBOSITY verbose\n$one");
	$err =~ /53400/ ? $refused++ : $started++;
}
my $allowed = 5 * (time - $began + 1) + 1;
cmp_ok($started, '<=', $allowed, "starts a second are bounded ($started started, $refused refused)");
($code, $out, $err) = as('tenant', "\\set VERBOSITY verbose\nSELECT sfn.start_executions('rented', array_fill('{}'::json, ARRAY[1000]))");
like($err, qr/53400.*starts a second.*tenant/, 'many at once are refused by SQLSTATE 53400, which names quota and role');
machine($node, 'quick', { StartAt => 'P', States => { P => { Type => 'Pass', End => $end } } }, as => 'tenant', type => 'EXPRESS');
($code, $out, $err) = as('tenant', "\\set VERBOSITY verbose\nSELECT count(sfn.start_sync_execution('quick')) FROM generate_series(1, 1000)");
like($err, qr/53400/, 'synchronous ones, too');
is((as('neighbour', q{SELECT count(sfn.start_execution('next_door')) FROM generate_series(1, 20)}))[1], '20', 'a neighbour is not held up');
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant')});
ok(stop_all(), 'all are stopped');

#
# HTTP requests a second: they wait, and nobody else's does.
#
my $server = http_server();
$node->safe_psql('postgres', q{INSERT INTO sfn.http_allowed_host VALUES ('127.0.0.1', NULL, NULL)});
foreach my $role ('tenant', 'neighbour')
{
	machine($node, "asks_$role", { StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$', End => $end, ItemProcessor => { StartAt => 'H', States => {
		H => { Type => 'Task', Resource => 'arn:aws:states:::http:invoke', Parameters => { Method => 'GET', ApiEndpoint => "$server->{url}/$role" }, End => $end } } } } } }, as => $role);
}
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant', http_per_second => 4)});
$began = time;
my @asked = map { $node->safe_psql('postgres', "SELECT sfn.start_execution('asks_$_', '[1,2,3,4,5,6,7,8,9,10,11,12]')", extra_params => [ '-U', $_ ]) } ('tenant', 'neighbour');
is(end_of($node, $asked[1])->{status}, 'SUCCEEDED', 'the requests of a role without quota are sent');
is(end_of($node, $asked[0])->{status}, 'SUCCEEDED', 'those beyond a quota, too');
cmp_ok(time - $began, '>=', 1.9, '... later');
is(scalar(requests($server, '/tenant')), 12, '... each once');
machine($node, 'asks_now', { StartAt => 'H', States => { H => { Type => 'Task', Resource => 'arn:aws:states:::http:invoke', Parameters => { Method => 'GET', ApiEndpoint => "$server->{url}/now" }, End => $end } } },
	as => 'tenant', type => 'EXPRESS');
$began = time;
as('tenant', q{SELECT count(sfn.start_sync_execution('asks_now')) FROM generate_series(1, 12)});
cmp_ok(time - $began, '>=', 1.9, 'synchronous executions wait, too');

$node->stop;
done_testing();
