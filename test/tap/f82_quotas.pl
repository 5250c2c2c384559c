
# F82: a role with a quota cannot fill the database or the workers, by whatever way it starts executions and from however many
# sessions at once; the error names quota, use and role, and nobody else is held up.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('quotas');
my $end = JSON::PP::true;
my $quota = 30;
my %waits = (StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 10000, End => $end } });

sub open_executions
{
	my ($role) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM sfn.executions e JOIN sfn.state_machines m ON m.name = e.state_machine WHERE m.role = '$role'::regrole AND e.status = 'RUNNING'");
}

sub as { return psql_as($node, @_) }

$node->safe_psql('postgres', q{
	CREATE ROLE tenant LOGIN; CREATE ROLE neighbour LOGIN; CREATE ROLE customer LOGIN;
	GRANT CREATE ON SCHEMA public TO tenant});
machine($node, 'rented', \%waits, as => 'tenant');
machine($node, 'next_door', \%waits, as => 'neighbour');
$node->safe_psql('postgres', "SELECT sfn.set_quota('tenant', $quota, 100000)");

#
# Many sessions at once: each counts what is committed, and then its own for a moment, so together they may overshoot, but none
# goes beyond the quota by itself.
#
my @sessions = map { [ start_statements($node, 'SET ROLE tenant', 'DO $$BEGIN FOR i IN 1 .. 200 LOOP BEGIN PERFORM sfn.start_execution($a$rented$a$); EXCEPTION WHEN OTHERS THEN NULL; END; COMMIT; END LOOP; END$$') ] } 1 .. 4;
$_->[0]->finish foreach @sessions;
my $open = open_executions('tenant');
cmp_ok($open, '>=', $quota, 'four sessions use the quota up');
cmp_ok($open, '<=', 4 * $quota, "... and do not go far beyond it ($open of $quota)");

#
# Every way to start.
#
my ($code, $out, $err) = as('tenant', q{SELECT sfn.start_execution('rented')});
like($err, qr/$quota/, 'the error names the quota');
like($err, qr/tenant/, '... and the role');
like($err, qr/$open/, '... and its use');
my %ways = (
	start_executions => q{SELECT sfn.start_executions('rented', ARRAY['{}']::json[])},
	api => q{SELECT sfn.api('StartExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:rented"}')},
	trigger => q{CREATE TABLE t (a int); CREATE TRIGGER s AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('rented'); INSERT INTO t VALUES (1)},
	express => q{SELECT sfn.create_state_machine('quick', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": true}}}', 'EXPRESS'); SELECT sfn.start_execution('quick')});
foreach my $way (sort keys %ways)
{
	($code, $out, $err) = as('tenant', $ways{$way});
	ok($code != 0 && $err =~ /tenant/ && $err =~ /$quota/, "refused: $way") or diag("out: $out, err: $err");
}
$node->safe_psql('postgres', q{SELECT sfn.grant_state_machine('rented', 'customer', 'start')}, extra_params => [ '-U', 'tenant' ]);
($code, $out, $err) = as('customer', q{SELECT sfn.start_execution('rented')});
isnt($code, 0, 'refused: another role with the right to start; it is the machine\'s role that pays');
is(open_executions('tenant'), $open, 'nothing was left behind');

#
# Children of executions: the task fails, and its Catch sees why.
#
$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE status = 'RUNNING'});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), 'all are stopped');
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant', 5)});
machine($node, 'breeds', { StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$.items', ResultPath => undef, End => $end,
	ItemProcessor => { StartAt => 'C', States => {
		C => { Type => 'Task', Resource => 'arn:aws:states:::states:startExecution', Parameters => { StateMachineArn => 'arn:aws:states:us-east-1:000000000000:stateMachine:rented' },
			Catch => [ { ErrorEquals => ['States.ALL'], Next => 'Refused' } ], End => $end },
		Refused => { Type => 'Pass', End => $end } } } } } }, as => 'tenant');
my $breeder = $node->safe_psql('postgres', q{SELECT sfn.start_execution('breeds', '{"items": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}')}, extra_params => [ '-U', 'tenant' ]);
is(end_of($node, $breeder)->{status}, 'SUCCEEDED', 'an execution that starts others ends');
cmp_ok(open_executions('tenant'), '<=', 5, 'its children are within the quota');
cmp_ok($node->safe_psql('postgres', "SELECT count(*) FROM sfn.get_execution_history('$breeder') WHERE type = 'PassStateEntered'"), '>=', 5, 'the others were refused, and caught');

#
# Payload.
#
$node->safe_psql('postgres', q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE status = 'RUNNING'});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), 'all are stopped');
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant', payload_bytes => 10000)});
($code, $out, $err) = as('tenant', q{SELECT count(*) FROM sfn.start_executions('rented', array_fill(json_build_object('a', repeat('x', 1000)), ARRAY[20]))});
ok($code != 0 && $err =~ /10000/, 'too many bytes in one call');
is(open_executions('tenant'), '0', '... start nothing');
($code, $out, $err) = as('tenant', q{SELECT sfn.start_execution('rented', json_build_object('a', repeat('x', 9000)))});
is($code, 0, 'as many as are left can be used');

#
# The others.
#
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.start_executions('next_door', array_fill(json_build_object('a', repeat('x', 1000)), ARRAY[100]))}, extra_params => [ '-U', 'neighbour' ]), '100',
	'a neighbour starts what it likes');
($code, $out, $err) = as('tenant', q{SELECT sfn.set_quota('tenant', 1000)});
like($err, qr/permission denied/, 'nobody raises the own quota');
$node->safe_psql('postgres', q{SELECT sfn.set_quota('tenant')});
is((as('tenant', q{SELECT count(*) FROM sfn.start_executions('rented', array_fill('{}'::json, ARRAY[50]))}))[1], '50', 'without a quota there is no limit');

$node->stop;
done_testing();
