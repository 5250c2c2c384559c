
# Roles that own something of the extension are not dropped below it, from whatever database; REASSIGN OWNED, DROP OWNED and
# sfn.reassign() hand over or delete it, for those who may.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('hostile_roles_dropped');
my $end = JSON::PP::true;
my %quick = (StartAt => 'P', States => { P => { Type => 'Pass', End => $end } });
my %waits = (StartAt => 'W', States => { W => { Type => 'Task', Resource => 'arn:aws:states:us-east-1:000000000000:activity:gate', Next => 'T' }, T => { Type => 'Task', Resource => 'sql:public.who', End => $end } });

sub as
{
	my ($role, $sql, $database) = @_;
	my ($out, $err);
	my $code = $node->psql($database // 'postgres', $sql, stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
	return ($code, $out, $err);
}

sub entries
{
	return $node->safe_psql('postgres', q{SELECT coalesce(string_agg(grantee, ' ' ORDER BY grantee), '') FROM (SELECT DISTINCT grantee::regrole::text
		FROM pg_class, aclexplode(relacl) WHERE oid = 'sfn.owned_objects'::regclass AND grantee NOT IN (0, relowner)) x (grantee)});
}

my %kinds = (
	'state machine' => q{SELECT sfn.create_state_machine('thing', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')},
	activity => q{SELECT sfn.create_activity('thing')},
	function => q{SELECT sfn.create_function('thing', 'public.who(jsonb)')},
	connection => q{SELECT sfn.create_connection('thing', 'API_KEY', '{"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}')},
	queue => q{SELECT sfn.create_queue('thing')},
	topic => q{SELECT sfn.create_topic('thing')},
	bucket => q{SELECT sfn.create_bucket('thing', 'https://bucket.example')});
my %drops = (
	'state machine' => q{SELECT sfn.delete_state_machine('thing')},
	activity => q{SELECT sfn.delete_activity('thing')},
	function => q{SELECT sfn.delete_function('thing')},
	connection => q{SELECT sfn.delete_connection('thing')},
	queue => q{SELECT sfn.delete_queue('thing')},
	topic => q{SELECT sfn.delete_topic('thing')},
	bucket => q{SELECT sfn.delete_bucket('thing')});

$node->safe_psql('postgres', q{
	CREATE DATABASE other;
	CREATE FUNCTION who(input jsonb) RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
	CREATE ROLE owner LOGIN; CREATE ROLE heir LOGIN; CREATE ROLE member LOGIN IN ROLE owner, heir; CREATE ROLE stranger LOGIN;
	CREATE ROLE maker LOGIN CREATEROLE; CREATE ROLE chief LOGIN SUPERUSER});
$node->safe_psql('other', 'CREATE EXTENSION sfn');

#
# Each kind keeps its owner from being dropped, and no longer than it is there.
#
foreach my $kind (sort keys %kinds)
{
	my $role = $kind eq 'bucket' ? 'chief' : 'owner';    # only administrators make buckets
	my ($code, $out, $err) = as($role, $kinds{$kind});
	is($code, 0, "$kind is made") or diag($err);
	is(entries(), $role, '... its owner has an entry');
	($code, $out, $err) = as('postgres', "DROP ROLE $role");
	like($err, qr/role "$role" cannot be dropped.*owner of $kind "thing"/s, '... and is not dropped, which the error says why');
	($code, $out, $err) = as('postgres', "DROP ROLE $role", 'other');
	like($err, qr/role "$role" cannot be dropped/, '... nor from another database');
	as($role, $drops{$kind});
	is(entries(), '', '... until it is gone');
}

# An open transaction: neither way.
my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'owner' ]);
$session->query('BEGIN');
$session->query($kinds{activity});
my ($dropper) = start_statements($node, q{SET lock_timeout = '2s'; DROP ROLE owner});
$dropper->finish;
$session->query('COMMIT');
is(entries(), 'owner', 'the first object of an open transaction is kept in mind');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_roles WHERE rolname = 'owner'}), '1', '... and its owner with it');
$session->query('BEGIN');
$session->query($drops{activity});
$session->query('ROLLBACK');
is(entries(), 'owner', 'a rollback takes nothing away');
$session->query("BEGIN; $drops{activity}; $kinds{activity}; $drops{activity}; $kinds{function}; COMMIT");
is(entries(), 'owner', 'one after the other in a transaction');
$session->query($drops{function});
is(entries(), '', '... until the last');

# First objects of open transactions hold up nobody; in one transaction, too, a role is dropped when it has nothing any more.
$session->query("BEGIN; $kinds{activity}");
is((as('heir', "SET statement_timeout = '10s'; SELECT sfn.create_activity('own')"))[0], 0, 'another role makes its first object meanwhile');
is((as('heir', "SET statement_timeout = '10s'; SELECT sfn.delete_activity('own')"))[0], 0, '... and deletes its last');
$session->query('ROLLBACK');
is(entries(), '', 'a rollback leaves no entry');
$node->safe_psql('postgres', q{BEGIN; CREATE ROLE passing; SELECT sfn.create_state_machine('passing', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', role => 'passing');
	SELECT sfn.reassign('passing', 'heir'); DROP ROLE passing; SELECT sfn.delete_state_machine('passing'); COMMIT;
	CREATE ROLE passing; SELECT sfn.create_state_machine('passing', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', role => 'passing');
	BEGIN; REASSIGN OWNED BY passing TO heir; DROP OWNED BY passing; DROP ROLE passing; SELECT sfn.delete_state_machine('passing'); COMMIT});
is(entries(), '', 'a role that was dropped in the transaction leaves none');
$session->query("\\set ON_ERROR_ROLLBACK off");
$session->query("BEGIN; SET CONSTRAINTS ALL IMMEDIATE; SAVEPOINT s; $kinds{activity}; ROLLBACK TO s; COMMIT");
is(entries(), '', 'nor does a savepoint');
$session->quit;

#
# Several kinds, an execution under way, rights that were given.
#
sub make_all
{
	as('owner', $kinds{$_}) foreach grep { $_ ne 'bucket' } keys %kinds;
	$node->safe_psql('postgres', $kinds{bucket} . q{; UPDATE sfn.bucket SET owner = 'owner'});
	return;
}
make_all();
$node->safe_psql('postgres', q{SELECT sfn.create_activity('gate')});
machine($node, 'under_way', \%waits, as => 'owner');
my $execution = $node->safe_psql('postgres', q{SELECT sfn.start_execution('under_way')}, extra_params => [ '-U', 'owner' ]);
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state = 'W'}, '1'), 'an execution is under way');
as('owner', q{SELECT sfn.grant_state_machine('thing', 'stranger', 'manage')});
is($node->safe_psql('postgres', q{SELECT string_agg(kind, ',' ORDER BY kind) FROM sfn.owned_objects WHERE name = 'thing' AND owner = 'owner'::regrole}), 'activity,bucket,connection,function,queue,state machine,topic', 'all are shown');
is((as('stranger', 'SELECT count(*) FROM sfn.owned_objects'))[1], '0', '... but to nobody else');

foreach my $try (
	[ 'stranger', q{SELECT sfn.reassign('owner', 'stranger')} ], [ 'owner', q{SELECT sfn.reassign('owner', 'heir')} ], [ 'heir', q{SELECT sfn.reassign('owner', 'heir')} ],
	[ 'heir', q{REASSIGN OWNED BY owner TO heir} ], [ 'owner', q{REASSIGN OWNED BY owner TO heir} ], [ 'stranger', q{DROP OWNED BY owner} ], [ 'maker', q{REASSIGN OWNED BY owner TO maker} ], [ 'maker', q{DROP ROLE owner} ])
{
	my ($code, $out, $err) = as(@$try);
	isnt($code, 0, "refused: $try->[0]: $try->[1]");
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.owned_objects WHERE owner = 'owner'::regrole}), '8', 'nothing has changed');

my ($code, $out, $err) = as('member', q{REASSIGN OWNED BY owner TO heir});
is($code, 0, 'a member of both hands all over') or diag($err);
like($err, qr/rights on state machines/, '... and hears that rights have ended');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.owned_objects WHERE owner = 'heir'::regrole}), '8', '... all of it');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.state_machine_grants}), '0', '... without the rights that were given');
is(entries(), 'heir', '... and the entry');
is((as('postgres', 'DROP ROLE owner'))[0], 0, 'the former owner can be dropped');
$node->safe_psql('postgres', q{SELECT sfn.send_task_success(task_token, '{}') FROM sfn.get_activity_task('gate')});
my $over = end_of($node, $execution);
$node->safe_psql('postgres', q{SELECT sfn.delete_activity('gate')});
is("$over->{status} $over->{output}", 'SUCCEEDED heir', 'what was under way goes on as the new owner');
is((as('heir', q{SELECT sfn.start_execution('thing')}))[0], 0, '... who can do everything with it');

#
# By the function, to a superuser and from one.
#
is((as('chief', q{SELECT sfn.reassign('heir', 'chief')}))[1], '8', 'sfn.reassign() says how many');
is(entries(), 'chief', 'a superuser is an owner like others');
is((as('chief', q{SELECT sfn.reassign('chief', 'chief')}))[1], '0', 'to oneself changes nothing');
is((as('postgres', q{SELECT sfn.reassign('chief', 'postgres')}))[1], '8', 'from a superuser');
is(entries(), '', 'the first superuser is never dropped');
is((as('postgres', q{SELECT sfn.reassign('postgres', 'heir')}))[1], '8', 'and back');

#
# DROP OWNED, which undoes nothing in another database.
#
$node->safe_psql('other', $kinds{activity}, extra_params => [ '-U', 'heir' ]);
is((as('postgres', q{BEGIN; DROP OWNED BY heir; ROLLBACK}))[0], 0, 'DROP OWNED can be rolled back');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.owned_objects WHERE owner = 'heir'::regrole}), '8', '... with all');
is(entries(), 'heir', '... and the entry');
is((as('heir', q{DROP OWNED BY heir}))[0] != 0 || $node->safe_psql('postgres', q{SELECT count(*) FROM sfn.owned_objects WHERE owner = 'heir'::regrole}) eq '0', 1, 'DROP OWNED deletes all, or nothing');
$node->safe_psql('postgres', q{DROP OWNED BY heir});
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.owned_objects WHERE owner = 'heir'::regrole}), '0', 'DROP OWNED deletes all');
($code, $out, $err) = as('postgres', q{DROP ROLE heir});
like($err, qr/cannot be dropped.*in database other/s, 'what there is in another database still counts');
$node->safe_psql('other', q{DROP OWNED BY heir});
is((as('postgres', 'DROP ROLE heir'))[0], 0, '... until it is gone, too');

#
# A dump brings the entries with it.
#
as('member', $kinds{activity});
$node->safe_psql('postgres', 'CREATE DATABASE copy');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $dump ], 'dumped');
$node->command_ok([ 'psql', '-X', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', $dump ], 'restored without an error');
is($node->safe_psql('copy', q{SELECT count(*) FROM pg_class, aclexplode(relacl) WHERE oid = 'sfn.owned_objects'::regclass AND grantee = 'member'::regrole}), '1', 'a restored owner has an entry');

$node->stop;
done_testing();
