
# Names are one space for a database, so a stranger may own the name that a definition has: a function, an activity, a
# connection, a bucket.  What is his is called only when the machine's side trusts him, and what a connection or bucket
# can do is lent only by its owner.  Whatever is tried leaves no mark in the table that the stranger may write to.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('names');
my $arn = 'arn:aws:states:us-east-1:000000000000';
my $lambda = 'arn:aws:lambda:us-east-1:000000000000:function';

sub as { return psql_as($node, @_) }

sub done_by
{
	my ($role, $sql) = @_;
	my ($code, undef, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
}

sub refused
{
	my ($role, $sql, $why) = @_;
	my ($code, $out, $err) = as($role, $sql);
	ok($code != 0 && $err =~ $why, "$role: $sql") or diag("out: $out, err: $err");
}

# The machine's task fails, and its cause names the owner and what to do.
sub denied
{
	my ($machine, $what, $cure) = @_;
	my $end = run($node, $machine, { order => 1 });
	my $said = ($end->{error} // '') . ': ' . ($end->{cause} // '');

	like($said, qr/^States\.Permissions: .*"mallory".*\Q$cure\E/s, $what) or diag(json($end));
}

# Who gives the machine a definition is told, too; and no longer, once it works.
sub warned
{
	my ($role, $machine, $cure) = @_;
	my ($code, undef, $err) = as($role, "SELECT sfn.update_state_machine('$machine', definition => (SELECT definition FROM sfn.describe_state_machine('$machine')))");

	is($code, 0, "$machine gets its definition") or diag($err);
	like($err, qr/^[^\n]*WARNING: +[^\n]*"mallory"[^\n]* at \/States\/[^\n]*\nHINT: +If it should, a member of that role runs: [^\n]*\Q$cure\E/m, '... and a warning with the cure') if $cure;
	unlike($err, qr/WARNING/, '... without a warning') if !$cure;
}

sub works
{
	my ($machine, $what) = @_;
	my $end = run($node, $machine, { order => 1 });
	is($end->{status}, 'SUCCEEDED', $what) or diag(json($end));
}

$node->safe_psql('postgres', q{
	CREATE ROLE alice LOGIN; CREATE ROLE mallory LOGIN; CREATE ROLE carol LOGIN;
	CREATE SCHEMA trap AUTHORIZATION mallory;
	GRANT USAGE ON SCHEMA trap TO PUBLIC;
	CREATE SCHEMA shop AUTHORIZATION alice;
	GRANT USAGE ON SCHEMA shop TO PUBLIC;
	CREATE TABLE trap.loot (who text, what jsonb);
	GRANT INSERT ON trap.loot TO PUBLIC;
});
done_by('mallory', q{CREATE FUNCTION trap.take(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN INSERT INTO trap.loot VALUES (current_user, input); RETURN input; END $$});
done_by('alice', q{CREATE FUNCTION shop.charge(input jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT input'});

#
# A function: alice's definition names it before it is there; mallory registers it.
#
my %ways = (
	by_arn => [ "$lambda:charge" ],
	by_invoke => [ 'arn:aws:states:::lambda:invoke', Parameters => { FunctionName => 'charge', 'Payload.$' => '$' } ],
	by_invoke_version => [ 'arn:aws:states:::lambda:invoke', Parameters => { FunctionName => "$lambda:charge:1", 'Payload.$' => '$' } ],
	by_computed_name => [ 'arn:aws:states:::lambda:invoke', Parameters => { 'FunctionName.$' => q{States.Format('{}arge', 'ch')}, 'Payload.$' => '$' } ],
	by_jsonata => [ 'arn:aws:states:::lambda:invoke', QueryLanguage => 'JSONata', Arguments => { FunctionName => q({% 'ch' & 'arge' %}), Payload => '{% $states.input %}' } ],
);
task_machine($node, $_, $ways{$_}[0], as => 'alice', @{ $ways{$_} }[ 1 .. $#{ $ways{$_} } ]) foreach sort keys %ways;
my $task = { StartAt => 'T', States => { T => { Type => 'Task', Resource => "$lambda:charge", End => \1 } } };
foreach my $mode ('INLINE', 'DISTRIBUTED')
{
	machine($node, 'in_map_' . lc $mode, {
		StartAt => 'M', States => { M => {
			Type => 'Map', Items => [1], QueryLanguage => 'JSONata', End => \1,
			ItemProcessor => { ProcessorConfig => { Mode => $mode, $mode eq 'DISTRIBUTED' ? (ExecutionType => 'STANDARD') : () }, %$task } } } },
		as => 'alice');
}
machine($node, 'in_parallel', { StartAt => 'P', States => { P => { Type => 'Parallel', Branches => [$task], End => \1 } } }, as => 'alice');

done_by('mallory', q{SELECT sfn.create_function('charge', 'trap.take(jsonb)'::regprocedure)});
denied($_, "a stranger's function is not called: $_", q{sfn.trust('function', 'charge', 'mallory', 'alice')})
	foreach sort(keys %ways), 'in_map_inline', 'in_parallel';
like(run($node, 'in_map_distributed')->{status}, qr/FAILED/, "a stranger's function is not called by a map run's children");
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('express', $$} . json($task) . q{$$, type => 'EXPRESS')}, extra_params => [ '-U', 'alice' ]);
refused('alice', q{SELECT sfn.start_sync_execution('express')}, qr/States\.Permissions/);
is($node->safe_psql('postgres', 'SELECT count(*) FROM trap.loot'), '0', 'nothing was taken');
warned('alice', $_, q{sfn.trust('function', 'charge', 'mallory', 'alice')}) foreach 'by_arn', 'by_invoke', 'by_invoke_version', 'in_map_inline', 'in_map_distributed', 'in_parallel';

# Who says so
refused('mallory', q{SELECT sfn.trust('function', 'charge', 'mallory', 'alice')}, qr/must be member of role "alice"/);
refused('carol', q{SELECT sfn.trust('function', 'charge', 'mallory', 'alice')}, qr/must be member of role "alice"/);
refused('alice', q{SELECT sfn.trust('function', 'charge', 'carol', 'alice')}, qr/function "charge" is owned by role "mallory", not "carol"/);
refused('alice', q{SELECT sfn.trust('function', 'nothing', 'mallory', 'alice')}, qr/function "nothing" is not registered/);
refused('alice', q{SELECT sfn.trust('spell', 'charge', 'mallory', 'alice')}, qr/kind must be function, activity, state_machine, event_bus, connection, bucket, queue or topic, not "spell"/);
refused('alice', q{SELECT sfn.trust('function', 'charge', 'mallory', NULL)}, qr/role must be a role/);
# the owner makes the endangered role a member of himself: that is not its consent
$node->safe_psql('postgres', 'GRANT mallory TO alice');
denied('by_arn', 'a role does not trust those that it is made a member of', 'sfn.trust');
$node->safe_psql('postgres', 'REVOKE mallory FROM alice');

done_by('alice', q{SELECT sfn.trust('function', 'charge', 'mallory', 'alice')});
works('by_arn', 'a function whose owner is trusted is called');
works('by_invoke', 'by whatever way');
warned('alice', 'by_arn');
warned('alice', 'by_invoke');
foreach my $role ('alice', 'mallory', 'carol')
{
	is((as($role, q{SELECT kind, name, owner, role, grantor FROM sfn.trusts}))[1],
		$role eq 'carol' ? '' : 'function|charge|mallory|alice|alice', "$role sees what concerns him of sfn.trusts");
}
task_machine($node, 'of_carol', "$lambda:charge", as => 'carol');
denied('of_carol', "a role's trust is not another's", 'sfn.trust');
refused('mallory', q{SELECT sfn.untrust('function', 'charge', 'alice')}, qr/must be member of role "alice"/);

# It ends with the name, with its owner, and when it is taken back.
done_by('mallory', q{SELECT sfn.delete_function('charge')});
done_by('mallory', q{SELECT sfn.create_function('charge', 'trap.take(jsonb)'::regprocedure)});
denied('by_arn', 'trust ends when the name is made anew', 'sfn.trust');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.trusts'), '0', 'and is no longer shown');
done_by('alice', q{SELECT sfn.trust('function', 'charge', 'mallory', 'alice')});
# a member of its owner changes it, and it stays the owner's; it is handed over, and back
my $change = q{SELECT sfn.create_function('charge', 'trap.take(jsonb)'::regprocedure)};
$node->safe_psql('postgres', 'CREATE ROLE gang LOGIN; GRANT mallory TO gang');
done_by('gang', $change);
works('by_arn', "a change by the owner's member leaves owner and trust");
$node->safe_psql('postgres', q{SELECT sfn.reassign('mallory', 'gang')});
like(run($node, 'by_arn')->{cause}, qr/"gang"/, 'trust ends when the owner changes');
$node->safe_psql('postgres', q{SELECT sfn.reassign('gang', 'mallory')});
denied('by_arn', 'also when he comes back: the name had other hands in between', 'sfn.trust');
done_by('alice', q{SELECT sfn.trust('function', 'charge', 'mallory', 'alice')});
works('by_arn', 'trusted again');
done_by('alice', q{SELECT sfn.untrust('function', 'charge', 'alice')});
denied('by_arn', 'trust ends when it is taken back', 'sfn.trust');
$node->safe_psql('postgres', q{SELECT sfn.delete_function('charge')});
$node->safe_psql('postgres', q{SELECT sfn.create_function('charge', 'shop.charge(jsonb)'::regprocedure)});
works('of_carol', "a superuser's function is called");
$node->safe_psql('postgres', q{SELECT sfn.delete_function('charge')});
done_by('alice', q{SELECT sfn.create_function('charge', 'shop.charge(jsonb)'::regprocedure)});
works('by_arn', "one's own function is called");
# a member of the machine's role could as well change the machine
$node->safe_psql('postgres', 'CREATE ROLE helper LOGIN; GRANT alice TO helper');
done_by('helper', q{SELECT sfn.create_function('charge', 'shop.charge(jsonb)'::regprocedure)});
works('by_arn', "the function of a member of the machine's role is called");

# A function behind a URL gets inputs, too.
done_by('mallory', q{SELECT sfn.create_function('notify', 'https://mallory.example/')});
task_machine($node, 'notifies', "$lambda:notify", as => 'alice');
denied('notifies', "nothing is sent to a stranger's URL", 'sfn.trust');

#
# An activity: inputs and tokens go to its worker.
#
task_machine($node, 'weighs', "$arn:activity:scale", as => 'alice');
done_by('mallory', q{SELECT sfn.create_activity('scale')});
denied('weighs', "nothing is put into a stranger's queue", q{sfn.trust('activity', 'scale', 'mallory', 'alice')});
warned('alice', 'weighs', q{sfn.trust('activity', 'scale', 'mallory', 'alice')});
is((as('mallory', q{SELECT task_token IS NULL FROM sfn.get_activity_task('scale', timeout => '0')}))[1], 't', 'his worker gets nothing');
done_by('alice', q{SELECT sfn.trust('activity', 'scale', 'mallory', 'alice')});
my $execution = started($node, 'weighs', { secret => 1 });
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks}, '1'), 'a trusted one gets the task');
# the worker comes after the trust has ended
done_by('alice', q{SELECT sfn.untrust('activity', 'scale', 'alice')});
is((as('mallory', q{SELECT task_token IS NULL AND input IS NULL FROM sfn.get_activity_task('scale', timeout => '0')}))[1], 't', 'not after the trust has ended');
my $end = end_of($node, $execution);
like(($end->{error} // '') . ': ' . ($end->{cause} // ''), qr/^States\.Permissions: .*"mallory".*sfn\.trust/, 'then the task fails, and says why');
done_by('alice', q{SELECT sfn.trust('activity', 'scale', 'mallory', 'alice')});
$execution = started($node, 'weighs');
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks}, '1'), 'trusted again');
done_by('mallory', q{SELECT sfn.send_task_success(task_token, '{}') FROM sfn.get_activity_task('scale', timeout => '10 s')});
is(end_of($node, $execution)->{status}, 'SUCCEEDED', 'a trusted worker answers');
done_by('mallory', q{SELECT sfn.delete_activity('scale')});
done_by('mallory', q{SELECT sfn.create_activity('scale')});
denied('weighs', 'trust ends when the activity is made anew', 'sfn.trust');

#
# A state machine: what it is started with is its owner's to see.
#
my %start = (Parameters => { StateMachineArn => "$arn:stateMachine:ship", Input => { secret => 1 } });
my %calls = (
	starts => [ 'arn:aws:states:::states:startExecution', %start ],
	starts_and_waits => [ 'arn:aws:states:::states:startExecution.sync:2', %start ],
	starts_by_name => [ 'arn:aws:states:::states:startExecution', Parameters => { %{ $start{Parameters} }, 'Name.$' => '$$.Execution.Name' } ],
	starts_version => [ 'arn:aws:states:::states:startExecution', Parameters => { %{ $start{Parameters} }, StateMachineArn => "$arn:stateMachine:ship:1" } ],
);
task_machine($node, $_, $calls{$_}[0], as => 'alice', @{ $calls{$_} }[ 1 .. $#{ $calls{$_} } ]) foreach sort keys %calls;
my $ship = q{SELECT sfn.create_state_machine('ship', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'); SELECT sfn.publish_state_machine_version('ship')};
my $lets = q{SELECT sfn.grant_state_machine('ship', 'alice', 'start')};
my $trusts = q{SELECT sfn.trust('state_machine', 'ship', 'mallory', 'alice')};
my $started = q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'ship'};
done_by('mallory', $ship);
like(run($node, 'starts')->{error}, qr/AccessDenied/, 'who may not start it is told that first');
done_by('mallory', $lets);
denied($_, "a stranger's state machine is not started, though he lets one: $_", q{sfn.trust('state_machine', 'ship', 'mallory', 'alice')}) foreach sort keys %calls;
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('starts_express', $$} . json({ StartAt => 'T', States => { T => { Type => 'Task', Resource => $calls{starts}[0], %start, End => \1 } } }) . q{$$, type => 'EXPRESS')}, extra_params => [ '-U', 'alice' ]);
refused('alice', q{SELECT sfn.start_sync_execution('starts_express')}, qr/States\.Permissions/);
is($node->safe_psql('postgres', $started), '0', 'nothing was started');
warned('alice', $_, q{sfn.trust('state_machine', 'ship', 'mallory', 'alice')}) foreach 'starts', 'starts_version';
$node->safe_psql('postgres', 'GRANT mallory TO alice');
denied('starts', 'a role does not trust those that it is made a member of', 'sfn.trust');
$node->safe_psql('postgres', 'REVOKE mallory FROM alice');
done_by('alice', $trusts);
works($_, "with trust it is: $_") foreach sort keys %calls;
is((as('alice', q{SELECT kind, name, owner, role FROM sfn.trusts WHERE kind = 'state_machine'}))[1], 'state_machine|ship|mallory|alice', 'the trust is shown');
done_by('alice', q{SELECT sfn.start_execution('ship', '{}', 'herself')});
$node->safe_psql('postgres', q{SELECT sfn.reassign('mallory', 'gang'); SELECT sfn.reassign('gang', 'mallory')});
done_by('mallory', $lets);
denied('starts', 'trust ends when the owner changes', 'sfn.trust');
done_by('alice', $trusts);
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('ship', role => 'gang'); SELECT sfn.update_state_machine('ship', role => 'mallory')});
done_by('mallory', $lets);
denied('starts', '... by whatever way', 'sfn.trust');
done_by('alice', $trusts);
done_by('alice', q{SELECT sfn.untrust('state_machine', 'ship', 'alice')});
denied('starts', 'and when it is taken back', 'sfn.trust');
done_by('alice', $trusts);
done_by('mallory', q{SELECT sfn.delete_state_machine('ship')});
done_by('mallory', "$ship; $lets");
denied('starts', 'trust ends when the machine is made anew', 'sfn.trust');
done_by('mallory', q{SELECT sfn.delete_state_machine('ship')});
$node->safe_psql('postgres', "$ship; $lets");
works('starts', "a superuser's state machine is started");
$node->safe_psql('postgres', q{SELECT sfn.delete_state_machine('ship')});
done_by('helper', $ship);
$node->safe_psql('postgres', $lets);
works('starts', "and one of a member of the calling machine's role");

#
# A connection: its parameters go into requests and its token endpoint hears of them; its credentials are its owner's.
#
$node->safe_psql('postgres', q{INSERT INTO sfn.http_allowed_host VALUES ('127.0.0.1', NULL, 'this test')});
my $basic = q{'BASIC', '{"BasicAuthParameters": {"Username": "u", "Password": "p"}}'};
my %request = (Parameters => { ApiEndpoint => 'https://127.0.0.1:1/', Method => 'GET', InvocationConfig => { ConnectionArn => 'shop' } });
task_machine($node, 'requests', 'arn:aws:states:::http:invoke', as => 'alice', %request);
task_machine($node, 'borrows', 'arn:aws:states:::http:invoke', as => 'carol', %request);
done_by('mallory', qq{SELECT sfn.create_connection('shop', $basic)});
denied('requests', "a stranger's connection is not used", q{sfn.trust('connection', 'shop', 'mallory', 'alice')});
warned('alice', 'requests', q{sfn.trust('connection', 'shop', 'mallory', 'alice')});
done_by('mallory', q{SELECT sfn.grant_use('connection', 'shop', 'alice')});
denied('requests', 'nor when he lends it', 'sfn.trust');
done_by('mallory', q{SELECT sfn.revoke_use('connection', 'shop', 'alice')});
done_by('alice', q{SELECT sfn.trust('connection', 'shop', 'mallory', 'alice')});
$end = run($node, 'requests');
like("$end->{error}: $end->{cause}", qr/^Events\.ConnectionResource\.AccessDenied: .*"mallory".*sfn\.grant_use\('connection', 'shop', 'alice'\)/,
	'nor without his leave, though he is trusted');
warned('alice', 'requests', q{sfn.grant_use('connection', 'shop', 'alice')});
refused('alice', q{SELECT sfn.grant_use('connection', 'shop', 'alice')}, qr/permission denied for connection "shop"/);
refused('mallory', q{SELECT sfn.grant_use('function', 'charge', 'alice')}, qr/kind must be connection, bucket, queue or topic, not "function"/);
done_by('mallory', q{SELECT sfn.grant_use('connection', 'shop', 'alice')});
unlike(run($node, 'requests')->{error}, qr/Permissions|AccessDenied/, 'with both it is');
warned('alice', 'requests');
is((as('alice', q{SELECT kind, name, owner, role, grantor FROM sfn.use_grants}))[1], 'connection|shop|mallory|alice|mallory', 'the loan is shown');
is((as('carol', q{SELECT count(*) FROM sfn.use_grants}))[1], '0', 'not to others');
done_by('carol', q{SELECT sfn.trust('connection', 'shop', 'mallory', 'carol')});
is(run($node, 'borrows')->{error}, 'Events.ConnectionResource.AccessDenied', 'what is lent to one is not lent to another');
done_by('mallory', q{SELECT sfn.revoke_use('connection', 'shop', 'alice')});
is(run($node, 'requests')->{error}, 'Events.ConnectionResource.AccessDenied', 'until it is taken back');
done_by('mallory', q{SELECT sfn.grant_use('connection', 'shop', 'alice')});
done_by('mallory', q{SELECT sfn.delete_connection('shop')});
done_by('mallory', qq{SELECT sfn.create_connection('shop', $basic)});
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.use_grants'), '0', 'a connection made anew is lent to nobody');

#
# A bucket: what stands in it is data of the machine; the files are its owner's.
#
my $directory = PostgreSQL::Test::Utils::tempdir();
append_to_file("$directory/items.json", '[1, 2]');
$node->safe_psql('postgres', 'GRANT pg_read_server_files, pg_write_server_files TO mallory');
machine($node, 'reads', {
	StartAt => 'M', States => { M => {
		Type => 'Map', End => \1, ItemReader => { Resource => 'arn:aws:states:::s3:getObject', ReaderConfig => { InputType => 'JSON' },
			Parameters => { Bucket => 'goods', Key => 'items.json' } },
		ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'P', States => { P => { Type => 'Pass', End => \1 } } } } } },
	as => 'alice');
done_by('mallory', qq{SELECT sfn.create_bucket('goods', 'file://$directory', readers => '{-}', writers => '{-}')});
denied('reads', "a stranger's bucket is not read, though he lets everybody", q{sfn.trust('bucket', 'goods', 'mallory', 'alice')});
warned('alice', 'reads', q{sfn.trust('bucket', 'goods', 'mallory', 'alice')});
done_by('alice', q{SELECT sfn.trust('bucket', 'goods', 'mallory', 'alice')});
works('reads', 'with trust it is');
done_by('mallory', qq{SELECT sfn.create_bucket('goods', 'file://$directory')});
like(run($node, 'reads')->{cause}, qr/Access Denied/, 'not when its owner keeps it to himself');
done_by('mallory', q{SELECT sfn.grant_use('bucket', 'goods', 'alice')});
works('reads', 'until he lends it');
is((as('alice', q{SELECT kind, name, owner, role FROM sfn.use_grants}))[1], 'bucket|goods|mallory|alice', 'which is shown');
done_by('mallory', q{SELECT sfn.revoke_use('bucket', 'goods', 'alice')});
like(run($node, 'reads')->{cause}, qr/Access Denied/, 'or takes it back');

#
# With a role its trust ends.
#
done_by('carol', q{SELECT sfn.trust('connection', 'shop', 'mallory', 'carol')});
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.trusts WHERE kind = 'connection'}), '1', 'carol trusts the new connection');
$node->safe_psql('postgres', 'DROP OWNED BY carol; DROP ROLE carol');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.trusts WHERE kind = 'connection'}), '0', 'until there is no carol');

$node->stop;
done_testing();
