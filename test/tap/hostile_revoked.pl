
# What somebody set up in a role's name, while he was a member of it, does nothing in that name once he is none.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('revoked');

sub as { return psql_as($node, @_) }

sub done
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $out;
}

sub refused
{
	my ($role, $sql, $why) = @_;
	my ($code, $out, $err) = as($role, $sql);
	ok($code != 0 && $err =~ $why, "$role: $sql") or diag("out: $out, err: $err");
	return;
}

# Who has done what, once everything that was started has ended.
sub done_so_far
{
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), '... all is done');
	return $node->safe_psql('postgres', q{SELECT coalesce(string_agg(DISTINCT who || ' ' || (what->>'n'), ', ' ORDER BY who || ' ' || (what->>'n')), '') FROM public.noted});
}

$node->safe_psql('postgres', q{
	CREATE ROLE team; CREATE ROLE mallory LOGIN IN ROLE team; CREATE ROLE deputy LOGIN IN ROLE team, mallory;
	CREATE TABLE public.noted (who text, what jsonb);
	GRANT INSERT ON public.noted TO PUBLIC;
	CREATE FUNCTION public.note(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO public.noted VALUES (current_user, input); RETURN input; END $$;
});
done('postgres', q{SELECT sfn.create_state_machine('pays', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:public.note", "End": true}}}', role => 'team')});

# What may fail, what cannot, what is put on a bus and what is sent to a channel.
my %targets = (
	called => q{'sql:public.note', input => '{"n": "called"}'},
	started => q{'pays', input => '{"n": "started"}'},
	forwarded => q{'arn:aws:events:us-east-1:000000000000:event-bus/teams'},
	told => q{'notify:mallorys'},
);
my $bus = 'arn:aws:events:us-east-1:000000000000:event-bus/teams';
my %scheduled = (
	call => q{'sql:public.note', '{"n": "scheduled call"}'},
	start => q{'pays', '{"n": "scheduled start"}'},
	put => qq{'$bus', '{"n": "put"}', parameters => '{"EventBridgeParameters": {"Source": "scheduled", "DetailType": "t"}}'},
	tell => q{'notify:mallorys'},
);
done('postgres', q{SET ROLE team; SELECT sfn.create_bus('teams'), sfn.create_rule('hear', '{"source": ["own", "scheduled"]}', 'sql:public.note', bus => 'teams', input_transformer => '{"InputPathsMap": {"n": "$.source"}, "InputTemplate": "{\"n\": \"heard of <n>\"}"}')});
done('mallory', q{SELECT sfn.create_rule('orders', '{"source": ["own"]}')});
done('mallory', "SELECT sfn.set_target('orders', '$_', $targets{$_}, role => 'team')") foreach sort keys %targets;
done('mallory', "SELECT sfn.create_schedule('$_', 'rate(1 minute)', $scheduled{$_}, role => 'team')") foreach sort keys %scheduled;

sub happens
{
	$node->safe_psql('postgres', q{TRUNCATE public.noted});
	done('mallory', q{SELECT sfn.put_event('own', 't', '{"n": 1}')});
	$node->safe_psql('postgres', q{UPDATE sfn.schedule SET due = now(), next_due = now(); SELECT sfn.run_due_schedules()});
	return done_so_far();
}

is(happens(), 'team called, team heard of own, team heard of scheduled, team scheduled call, team scheduled start, team started', 'a member has things done in the name of his role');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.event_dead_letters}), '0', 'without a dead letter');

$node->safe_psql('postgres', 'REVOKE team FROM mallory');
is(happens(), '', 'not when he is a member no more');
is(done('mallory', q{SELECT string_agg(target_id, ', ' ORDER BY target_id), string_agg(DISTINCT error, ', '), string_agg(DISTINCT cause, ', ') FROM sfn.event_dead_letters}),
	'called, forwarded, started, told|States.Permissions|The owner of the rule, role "mallory", may not act as role "team" of the target.', 'each target has a dead letter');
is(done('mallory', q{SELECT string_agg(name, ', ' ORDER BY name), string_agg(DISTINCT disabled_reason, ', ') FROM sfn.schedules WHERE NOT enabled}),
	'call, put, start, tell|its owner may not act as its role', 'schedules are disabled, with the reason');
done('mallory', q{SELECT sfn.enable_schedule('call')});
is(happens(), '', 'enabling one does not help');
done('mallory', q{SELECT count(sfn.redeliver(id)) FROM sfn.event_dead_letters});
is(done_so_far(), '', 'nor does telling it again');
refused('mallory', q{SELECT sfn.update_schedule('call', input => '{"n": "changed"}')}, qr/must be member of role "team"/);

# Who is a member of both sets none for him, either: a target is what its rule's owner has done.
refused('deputy', q{SELECT sfn.set_target('orders', 'called', 'sql:public.note', role => 'team')}, qr/role "mallory"/);
refused('deputy', q{SELECT sfn.update_schedule('call', role => 'team')}, qr/role "mallory"/);
done('postgres', q{SELECT sfn.set_target('orders', 'own', 'sql:public.note', input => '{"n": "set by another"}')});
is(done('postgres', q{SELECT role FROM sfn.event_targets WHERE target_id = 'own'}), 'mallory', 'a target is told in the name of its rule\'s owner, whoever sets it');
done('postgres', q{SELECT sfn.update_schedule('call', role => 'mallory', input => '{"n": "scheduled call"}', enabled => true)});
is(happens(), 'mallory scheduled call, mallory set by another', '... and as he');

$node->safe_psql('postgres', 'GRANT team TO mallory');
done('mallory', q{SELECT sfn.enable_schedule('start')});
is(happens(), 'mallory scheduled call, mallory set by another, team called, team heard of own, team scheduled start, team started', 'with the membership all comes back');

$node->stop;
done_testing();
