
# F12: the role of a machine is renamed, may not log in, or is gone (which takes somebody who goes past what protects owners,
# hostile_roles_dropped.pl): at most its own executions fail; others go on.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('f12');

$node->safe_psql('postgres', q{
	CREATE ROLE renamed LOGIN;
	CREATE ROLE nologin LOGIN;
	CREATE ROLE dropped LOGIN;
	CREATE FUNCTION who(input jsonb) RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
});

# Each waits as long as it is told to, so that the roles change while executions are under way.
foreach my $role ('renamed', 'nologin', 'dropped', 'postgres')
{
	machine($node, $role,
		{   StartAt => 'Before',
			States => {
				Before => { Type => 'Task', Resource => 'sql:public.who', ResultPath => undef, Next => 'Wait' },
				Wait => { Type => 'Wait', SecondsPath => '$.seconds', Next => 'After' },
				After => { Type => 'Task', Resource => 'sql:public.who', End => JSON::PP::true },
			} },
		role => $role);
}
my %execution = map { $_ => started($node, $_, '{"seconds": 3600}') } ('renamed', 'nologin', 'dropped', 'postgres');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state = 'Wait'}, '4'), 'all are under way');

my $dropped = $node->psql('postgres', q{
	ALTER ROLE renamed RENAME TO "new name";
	ALTER ROLE nologin NOLOGIN;
	REVOKE SELECT ON sfn.owned_objects FROM dropped;
}) || $node->psql('template1', 'DROP ROLE dropped');
is($dropped, 0, 'the roles change');
$node->safe_psql('postgres', 'UPDATE sfn.inbox SET due = now(); SELECT sfn.restart_worker()');

my $end = end_of($node, $execution{renamed});
is("$end->{status} $end->{output}", 'SUCCEEDED new name', 'a role that was renamed is the same role');
$end = end_of($node, $execution{nologin});
is("$end->{status} $end->{output}", 'SUCCEEDED nologin', 'a role that may not log in can own machines');
$end = end_of($node, $execution{postgres});
is($end->{status}, 'SUCCEEDED', 'others go on');
$end = end_of($node, $execution{dropped});
is("$end->{status} $end->{error}", 'FAILED States.Permissions', 'the execution of a role that is gone fails');
is($end->{cause}, 'The role of the state machine does not exist any more.', '... and says why');

# What is started afterwards, many at once, beside others.
$node->safe_psql('postgres', q{SELECT sfn.start_executions(m, array_agg('{"seconds": 0}'::json)) FROM generate_series(1, 50),
	unnest('{dropped,postgres}'::text[]) m GROUP BY m});
ok(wait_for($node, q{SELECT string_agg(state_machine || ' ' || status || ' ' || n, ', ' ORDER BY 1)
	FROM (SELECT state_machine, status, count(*) AS n FROM sfn.executions WHERE state_machine IN ('dropped', 'postgres') GROUP BY 1, 2) x},
	'dropped FAILED 51, postgres SUCCEEDED 51'), 'neither stops the other');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');
unlike(slurp_file($node->logfile), qr/role .* does not exist.*\n.*sfn executor/, 'no worker stumbles over it');
is(scalar(workers($node, 'postgres')) > 0, 1, 'workers are there');

# The rest of the interface lives with it.
is($node->psql('postgres', q{SELECT * FROM sfn.state_machines; SELECT * FROM sfn.executions; SELECT * FROM sfn.list_state_machines()}),
	0, 'views and lists show machines without a role');
is($node->psql('postgres', q{SELECT sfn.update_state_machine('dropped', role => 'postgres')}), 0, 'a superuser gives it another role');
is(run($node, 'dropped', '{"seconds": 0}')->{status}, 'SUCCEEDED', '... with which it works');

#
# What was given to a role goes with it: not shown from then on, deleted soon, and never in the way of an open transaction.
#
$node->safe_psql('postgres', q{
	CREATE ROLE guest; CREATE ROLE friend;
	SELECT sfn.grant_state_machine('postgres', 'guest', 'see'), sfn.grant_state_machine('postgres', 'guest', 'start'), sfn.grant_state_machine('postgres', 'friend', 'see');
	SELECT sfn.set_quota('guest', 10, 1000), sfn.set_quota('friend', 20);
	INSERT INTO sfn.http_allowed_host VALUES ('a.example', 'guest', NULL), ('b.example', 'friend', NULL), ('c.example', NULL, NULL);
	SELECT sfn.create_bucket('shared', 'https://bucket.example', readers => '{guest,friend,-}', writers => '{guest}');
	SELECT sfn.create_activity('shared');
	SET ROLE guest;
	SELECT sfn.create_activity('of_guest');
	RESET ROLE;
	SELECT sfn.trust('activity', 'shared', 'postgres', role) FROM unnest('{guest,friend}'::regrole[]) role;
	SELECT sfn.trust('activity', 'of_guest', 'guest', 'friend');
	SELECT sfn.create_connection('shared', 'BASIC', '{"BasicAuthParameters": {"Username": "u", "Password": "p"}}');
	SELECT sfn.grant_use('connection', 'shared', role) FROM unnest('{guest,friend}'::regrole[]) role;
	DROP OWNED BY guest;
	DROP ROLE guest});
is($node->safe_psql('postgres', q{SELECT string_agg(grantee::text || ' ' || privilege, ',') FROM sfn.state_machine_grants WHERE state_machine = 'postgres'}), 'friend see', 'a grant to a dropped role is not shown');
my ($holder) = start_statements($node, q{BEGIN; UPDATE sfn.quota SET payload_bytes = 1 WHERE open_executions = 10; SELECT pg_sleep(1000)});
ok(wait_for($node, q{SELECT count(*) FROM pg_locks WHERE relation = 'sfn.quota'::regclass AND mode = 'RowExclusiveLock'}, '1'), 'somebody holds its quota');
is($node->safe_psql('postgres', 'SELECT sfn.restart_worker()'), 't', 'a new executor looks for such things at once');
ok(wait_for($node, q{SELECT (SELECT count(*) FROM sfn.state_machine_grant), (SELECT string_agg(host, ' ' ORDER BY host) FROM sfn.http_allowed_host)}, '1|b.example c.example'),
	'grants and allowed hosts are deleted, whatever is held');
ok(wait_for($node, q{SELECT (SELECT string_agg(owner || ' by ' || role, ', ') FROM sfn.trust), (SELECT string_agg(role::text, ', ') FROM sfn.connection_use)}, 'postgres by friend|friend'),
	'trust of dropped roles and in them, and the use of connections');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; UPDATE sfn.quota%'});
$holder->finish;
ok(wait_for($node, q{SELECT readers, writers FROM sfn.buckets}, '{friend,-}|{}'), 'and the rights to buckets');
is($node->safe_psql('postgres', 'SELECT sfn.restart_worker()'), 't', 'and when it is not held any more');
ok(wait_for($node, q{SELECT string_agg(role::text, ' ') FROM sfn.quota}, 'friend'), 'the quota, too');

$node->stop;
done_testing();
