
# Three roles: nobody reads, starts, stops, forges or becomes what is another's, whatever is tried.  Each attempt that
# succeeds would leave a mark; at the end there is none.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('roles');
my $arn = 'arn:aws:states:us-east-1:000000000000';

sub as { return psql_as($node, @_) }

sub refused
{
	my ($role, $sql, $why) = @_;
	my ($code, $out, $err) = as($role, $sql);
	$why //= qr/permission denied|must be|does not exist|cannot/;
	ok($code != 0 && $err =~ $why, "$role: $sql") or diag("out: $out, err: $err");
}

sub shows
{
	my ($role, $sql, $expected) = @_;
	my ($code, $out, $err) = as($role, $sql);
	is($out, $expected, "$role: $sql") or diag($err);
}

$node->safe_psql('postgres', q{
	CREATE ROLE owner LOGIN; CREATE ROLE caller LOGIN; CREATE ROLE thief LOGIN;
	CREATE SCHEMA loot AUTHORIZATION thief;
	GRANT USAGE ON SCHEMA loot TO PUBLIC;
	GRANT CREATE ON DATABASE postgres TO thief;
});
as('owner', q{SELECT sfn.create_state_machine('vault', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": true}}}')});
as('owner', q{SELECT sfn.start_execution('vault', '{"secret": 42}', 'first')});
as('owner', q{SELECT sfn.grant_state_machine('vault', 'caller', 'start')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.history}, '2'), 'it waits');
$node->safe_psql('postgres', q{UPDATE sfn.execution SET output = '"leak"'});

#
# Reading.
#
foreach my $role ('caller', 'thief')
{
	shows($role, "SELECT count(*) FROM sfn.$_", '0') foreach qw(state_machines executions history timers pending_tasks log_events state_machine_grants stat_state_machines);
	shows($role, 'SELECT count(*) FROM sfn.list_executions()', '0');
	shows($role, 'SELECT count(*) FROM sfn.list_state_machines()', '0');
	shows($role, 'SELECT count(*) FROM sfn.workers WHERE execution_arn IS NOT NULL', '0');
	refused($role, "SELECT sfn.$_('$arn:execution:vault:first')") foreach qw(describe_execution get_execution_history graph wait_for_execution stop_execution redrive_execution);
	refused($role, "SELECT sfn.$_('vault')") foreach qw(describe_state_machine delete_state_machine list_executions list_state_machine_versions list_state_machine_aliases publish_state_machine_version graph);
	refused($role, qq{SELECT sfn.api('$_', '{"executionArn": "$arn:execution:vault:first"}')}, qr/AccessDenied/) foreach qw(DescribeExecution GetExecutionHistory StopExecution DescribeStateMachineForExecution);
	refused($role, qq{SELECT sfn.api('$_', '{"stateMachineArn": "$arn:stateMachine:vault"}')}, qr/AccessDenied/) foreach qw(DescribeStateMachine DeleteStateMachine ListExecutions);
	refused($role, "SELECT * FROM sfn.$_") foreach qw(execution history_chunk inbox state_machine state_machine_revision branch task state_machine_grant log_event);
	refused($role, 'SELECT sfn_internal.may_see(1, 10, 10)');
	shows($role, 'SELECT count(*) FROM sfn_internal.machine_counters()', '0');
	refused($role, $_) foreach 'SELECT * FROM sfn.stat_backlog', 'SELECT sfn.stat_reset()';
}
# a function that is cheap, leaks what it is shown, and stands before the rule
as('thief', q{CREATE FUNCTION loot.peek(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
	BEGIN RAISE NOTICE 'peeked %', $1; RETURN true; END$$});
foreach my $view ('sfn.executions WHERE loot.peek(input::text)', 'sfn.history WHERE loot.peek(type)', 'sfn.state_machines WHERE loot.peek(name)')
{
	my (undef, undef, $err) = as('thief', "SELECT * FROM $view");
	unlike($err, qr/peeked/, "a cheap function in a condition sees no row of $view");
}

#
# Starting: the right to start is just that.
#
shows('caller', q{SELECT sfn.start_execution('vault', '{}', 'by_caller')}, "$arn:execution:vault:by_caller");
refused('caller', q{SELECT sfn.update_state_machine('vault', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')});
refused('caller', q{SELECT sfn.create_state_machine('vault', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', replace => true)});
refused('caller', q{SELECT sfn.grant_state_machine('vault', 'thief', 'start')});
refused('thief', q{SELECT sfn.grant_state_machine('vault', 'thief', 'manage')});
refused('thief', q{SELECT sfn.revoke_state_machine('vault', 'caller')});
refused('thief', $_)
	foreach q{SELECT sfn.start_execution('vault')}, q{SELECT sfn.start_executions('vault', ARRAY['{}']::json[])}, q{CALL sfn.run_execution('vault')},
	qq{SELECT sfn.start_execution('$arn:stateMachine:vault:1')};
refused('thief', qq{SELECT sfn.api('StartExecution', '{"stateMachineArn": "$arn:stateMachine:vault"}')}, qr/AccessDenied/);
# by a trigger, on a table of one's own and in a view's rule
as('thief', q{CREATE TABLE loot.t (i int); CREATE TRIGGER go AFTER INSERT ON loot.t FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('vault')});
refused('thief', 'INSERT INTO loot.t VALUES (1)');
# by a task of a machine of one's own
as('thief', qq{SELECT sfn.create_state_machine('tool', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "$arn:stateMachine:vault"}, "End": true}}}')});
shows('thief', q{CALL sfn.run_execution('tool')} . ' \gset' . "\n" . q{\echo :status}, 'FAILED');

#
# Forging: who owns, who starts, who grants.
#
refused('thief', q{SELECT sfn.create_state_machine('mine', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', role => 'owner')});
refused('thief', q{SELECT sfn.update_state_machine('tool', role => 'owner')});
foreach my $sql ("INSERT INTO sfn.inbox (execution_id, due, kind) VALUES (1, now(), 10)", "UPDATE sfn.state_machine SET role = 'thief'",
	"INSERT INTO sfn.state_machine_grant VALUES (1, 'thief', 'manage', 'owner', now())", "DELETE FROM sfn.execution", "TRUNCATE sfn.history_chunk",
	"UPDATE sfn.executions SET status = 'SUCCEEDED'", "DELETE FROM sfn.state_machines", "INSERT INTO sfn.history (id) VALUES (1)",
	"SELECT nextval('sfn.execution_id_seq')", "SELECT setval('sfn.execution_id_seq', 1)", "COPY sfn.execution TO STDOUT",
	"CREATE TRIGGER t BEFORE INSERT ON sfn.execution FOR EACH ROW EXECUTE FUNCTION loot.f()", "ALTER TABLE sfn.execution DISABLE TRIGGER ALL",
	"CREATE TABLE sfn.x (i int)", "CREATE FUNCTION sfn.x() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP VIEW sfn.executions",
	"CREATE OR REPLACE VIEW sfn.executions AS SELECT 1", "GRANT SELECT ON sfn.execution TO thief", "ALTER EXTENSION sfn ADD SCHEMA loot")
{
	refused('thief', $sql);
}
refused('thief', $_) foreach 'SELECT sfn.run_once()', 'SELECT sfn.run_until_idle()', 'SELECT sfn.adopt()', 'SELECT sfn.restart_worker()', "SET sfn.test_now = '2000-01-01'";

#
# Becoming another: SET ROLE, settings, functions and operators of the same name before ours.
#
refused('thief', $_) foreach 'SET ROLE owner', 'SET SESSION AUTHORIZATION owner', q{SELECT set_config('role', 'owner', false)};
refused('thief', q{BEGIN; SET LOCAL search_path = loot; SELECT sfn.stop_execution('} . $arn . q{:execution:vault:first')});
as('thief', q{
	CREATE FUNCTION loot.may_see(bigint, oid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE FUNCTION loot.pg_has_role(oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE FUNCTION loot.state_machine_arn(text) RETURNS text LANGUAGE plpgsql AS $$BEGIN CREATE TABLE loot.owned_by_owner (i int); RETURN 'x'; END$$;
	CREATE FUNCTION loot.eq(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE OPERATOR loot.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = loot.eq);
	CREATE TABLE loot.execution AS SELECT 1 AS id;
});
my $path = 'SET search_path = loot, pg_catalog, sfn; ';
shows('thief', $path . 'SELECT count(*) FROM executions', '1');
shows('thief', $path . 'SELECT count(*) FROM sfn.list_executions()', '1');
refused('thief', $path . "SELECT describe_execution('$arn:execution:vault:first')");
shows('owner', $path . 'SELECT count(*) FROM sfn.executions', '2');
shows('owner', $path . q{SELECT status FROM sfn.describe_execution('} . $arn . q{:execution:vault:first')}, 'RUNNING');
shows('owner', $path . 'SELECT count(*) FROM sfn.history', '4');
is($node->safe_psql('postgres', q{SELECT to_regclass('loot.owned_by_owner') IS NULL}), 't', 'nothing of theirs has run as another');

#
# A function that the machine's role trusts is called as that role only for that role's machine.
#
as('thief', q{CREATE FUNCTION loot.who(input jsonb) RETURNS text LANGUAGE sql SECURITY INVOKER AS 'SELECT current_user::text'});
task_machine($node, 'theirs', 'sql:loot.who', as => 'thief');
as('thief', q{SELECT sfn.grant_state_machine('theirs', 'owner', 'start')});
as('owner', q{SELECT sfn.start_execution('theirs', '{}', 'bait')});
ok(wait_for($node, q{SELECT output #>> '{}' FROM sfn.executions WHERE state_machine = 'theirs'}, 'thief'), 'a task runs as its machine\'s role, whoever starts it');

#
# Rights end when they are taken back, and with the role.
#
as('owner', q{SELECT sfn.grant_state_machine('vault', 'thief', 'see')});
shows('thief', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'vault'}, '2');
as('owner', q{SELECT sfn.revoke_state_machine('vault', 'thief')});
shows('thief', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'vault'}, '0');

shows('owner', q{SELECT string_agg(name || ' ' || status, ', ' ORDER BY name) FROM sfn.executions WHERE state_machine = 'vault'}, 'by_caller RUNNING, first RUNNING');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.state_machine WHERE role <> 'thief'::regrole}), '1', 'nothing was forged');

$node->stop;
done_testing();
