
# Event buses and dead-letter queues are named, too, and whoever makes one under a name that is free hears what is put there.
# So tasks, targets of rules and schedules hand nothing to a stranger whom their role does not trust.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('buses');
my $bus = 'arn:aws:events:us-east-1:000000000000:event-bus/orders';
my $cure = q{sfn.trust('event_bus', 'orders', 'mallory', 'alice')};

sub as { return psql_as($node, @_) }

sub done
{
	my ($role, $sql) = @_;
	my ($code, undef, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $err;
}

sub loot
{
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), '... all is done');
	return $node->safe_psql('postgres', q{SELECT coalesce(string_agg(DISTINCT what->>'source', ', ' ORDER BY what->>'source'), '') FROM trap.loot});
}

# Fires what is due now; what has happened until it has.
sub scheduled
{
	my $runs = $node->safe_psql('postgres', q{SELECT runs + 1 FROM sfn.schedules WHERE name = 'tell'});
	$node->safe_psql('postgres', q{UPDATE sfn.schedule SET due = now(), next_due = now() WHERE name = 'tell'; SELECT sfn.run_due_schedules()});
	ok(wait_for($node, q{SELECT runs FROM sfn.schedules WHERE name = 'tell'}, $runs), 'the schedule has run');
	return;
}

$node->safe_psql('postgres', q{
	CREATE ROLE alice LOGIN; CREATE ROLE mallory LOGIN; CREATE ROLE helper LOGIN IN ROLE alice;
	CREATE SCHEMA trap AUTHORIZATION mallory;
	CREATE TABLE trap.loot (what jsonb);
	ALTER TABLE trap.loot OWNER TO mallory;
});
done('mallory', q{CREATE FUNCTION trap.take(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN INSERT INTO trap.loot VALUES (input); RETURN input; END $$});

# Whoever makes the bus lets her put and himself hear.
sub make_bus
{
	my ($role) = @_;
	done($role, q{SELECT sfn.create_bus('orders'), sfn.grant_bus('orders', 'mallory', 'subscribe'), sfn.grant_bus('orders', 'alice', 'put')});
	done('mallory', q{SELECT sfn.create_rule('hear', '{"source": [{"prefix": ""}]}', 'sql:trap.take', bus => 'orders')});
	return;
}

sub drop_bus
{
	my ($role) = @_;
	done('mallory', q{SELECT sfn.drop_rule('orders/hear')});
	done($role, q{SELECT sfn.drop_bus('orders')});
	return;
}

#
# A task that puts events, in all ways in which it may name the bus.
#
sub entry
{
	my ($source, %fields) = @_;
	return { Source => $source, DetailType => 't', Detail => { secret => 1 }, EventBusName => 'orders', %fields };
}
my $putting = 'arn:aws:states:::events:putEvents';
my %ways = (
	by_name => [ $putting, Parameters => { Entries => [ entry('by_name') ] } ],
	by_arn => [ $putting, Parameters => { Entries => [ entry('by_arn', EventBusName => $bus) ] } ],
	by_sdk => [ 'arn:aws:states:::aws-sdk:eventbridge:putEvents', Parameters => { Entries => [ entry('by_sdk', Detail => '{"secret": 1}') ] } ],
	computed => [ $putting, QueryLanguage => 'JSONata', Arguments => { Entries => [ entry('computed', EventBusName => q({% 'or' & 'ders' %})) ] } ],
	second => [ $putting, Parameters => { Entries => [ entry('first', EventBusName => 'default'), entry('second') ] } ],
);
task_machine($node, $_, $ways{$_}[0], as => 'alice', @{ $ways{$_} }[ 1 .. $#{ $ways{$_} } ]) foreach sort keys %ways;

sub denied
{
	my ($machine, $what) = @_;
	my $end = run($node, $machine);

	like(($end->{error} // '') . ': ' . ($end->{cause} // ''), qr/^States\.Permissions: The event bus "orders" is owned by role "mallory".*\Q$cure\E/s, $what) or diag(json($end));
	return;
}

sub works
{
	my ($machine, $what) = @_;
	my $end = run($node, $machine);
	is($end->{status}, 'SUCCEEDED', $what) or diag(json($end));
	return;
}

sub warning_of
{
	my ($machine) = @_;
	return done('alice', "SELECT sfn.update_state_machine('$machine', definition => (SELECT definition FROM sfn.describe_state_machine('$machine')))");
}

make_bus('mallory');
denied($_, "nothing is put on a stranger's bus: $_") foreach sort keys %ways;
is(loot(), '', 'he has heard nothing');
like(warning_of($_), qr/WARNING: +The event bus "orders" is owned by role "mallory"[^\n]* at \/States\/Task\/Parameters\/Entries\nHINT: [^\n]*\Q$cure\E/, "who gives the machine its definition is told: $_") foreach 'by_name', 'by_arn', 'by_sdk', 'second';
is(warning_of('computed'), '', '... unless the name is not known yet');
$node->safe_psql('postgres', 'GRANT mallory TO alice');
denied('by_name', 'a role does not trust those that it is made a member of');
$node->safe_psql('postgres', 'REVOKE mallory FROM alice');
done('alice', "SELECT $cure");
works($_, "with trust it is: $_") foreach sort keys %ways;
is(loot(), 'by_arn, by_name, by_sdk, computed, second', 'who is trusted hears it');
is(warning_of('by_name'), '', 'and no warning is left');
is((as('mallory', q{SELECT kind, name, owner, role FROM sfn.trusts}))[1], 'event_bus|orders|mallory|alice', 'the trust is shown');
done('alice', q{SELECT sfn.untrust('event_bus', 'orders', 'alice')});
denied('by_name', 'until it is taken back');
done('alice', "SELECT $cure");
drop_bus('mallory');
make_bus('mallory');
denied('by_name', 'trust ends when the bus is made anew');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.trust'), '0', 'and is gone');
done('alice', "SELECT $cure");
$node->safe_psql('postgres', q{CREATE ROLE gang LOGIN; SELECT sfn.reassign('mallory', 'gang'); SELECT sfn.reassign('gang', 'mallory'); ALTER ROLE gang SUPERUSER});
done('mallory', q{SELECT sfn.grant_bus('orders', 'alice', 'put'), sfn.grant_bus('orders', 'mallory', 'subscribe')});
denied('by_name', 'and when the owner changes');
like((as('alice', q{SELECT sfn.trust('event_bus', 'default', 'mallory', 'alice')}))[2], qr/event bus "?default"? does not exist/i, 'the default bus is nobody\'s');
like((as('mallory', q{SELECT sfn.grant_use('event_bus', 'orders', 'alice')}))[2], qr/kind must be connection, bucket, queue or topic/, 'and a bus is granted by sfn.grant_bus()');
task_machine($node, 'to_default', $putting, as => 'alice', Parameters => { Entries => [ entry('default', EventBusName => 'default') ] });
works('to_default', 'the default bus needs no trust');

#
# Targets of rules, and schedules.
#
$node->safe_psql('postgres', 'TRUNCATE trap.loot');
my $parameters = q{{"EventBridgeParameters": {"Source": "%s", "DetailType": "t"}}};
done('alice', qq{SELECT sfn.create_rule('forward', '{"source": ["forwarded"]}', '$bus')});
done('alice', qq{SELECT sfn.create_schedule('tell', 'rate(1 hour)', '$bus', retry => '{"MaximumRetryAttempts": 0}', parameters => '} . sprintf($parameters, 'scheduled') . q{')});
my $tell = q{SELECT sfn.put_event('forwarded', 't', '{"secret": 1}')};
done('alice', $tell);
scheduled();
ok(wait_for($node, q{SELECT count(*) FROM sfn.event_dead_letters}, '1'), 'the rule has a dead letter');
is(loot(), '', 'nothing of it is heard');
is((as('alice', q{SELECT string_agg(DISTINCT error, ', '), bool_and(cause LIKE '%mallory%sfn.trust%') FROM sfn.event_dead_letters}))[1], 'States.Permissions|t', '... which says why');
is((as('alice', q{SELECT count(*) FROM sfn.schedules WHERE name = 'tell' AND runs = 1}))[1], '1', 'the schedule has run');
done('alice', "SELECT $cure");
done('alice', $tell);
scheduled();
is(loot(), 'forwarded, scheduled', 'with trust all is heard');
drop_bus('mallory');
make_bus('helper');
$node->safe_psql('postgres', 'TRUNCATE trap.loot');
done('alice', $tell);
scheduled();
works('by_name', "the bus of a member of the machine's role is put on");
is(loot(), 'by_name, forwarded, scheduled', '... also by rules and schedules');

#
# A dead-letter queue that was dropped, and made anew by a stranger who lends it.
#
my $queue = 'arn:aws:sqs:us-east-1:000000000000:dead';
done('alice', q{SELECT sfn.create_rule('fails', '{"source": ["fails"]}')});
done('alice', q{SELECT sfn.events_api('PutTargets', '} . json({ Rule => 'fails', Targets => [ { Id => 'one', Arn => 'sql:public.nobody', DeadLetterConfig => { Arn => $queue }, RetryPolicy => { MaximumRetryAttempts => 0 } } ] }) . q{')});
done('mallory', q{SELECT sfn.create_queue('dead'), sfn.grant_use('queue', 'dead', 'alice')});
done('alice', q{SELECT sfn.put_event('fails', 't', '{"secret": 1}')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.event_dead_letters WHERE rule = 'fails'}, '1'), 'the dead letter is kept');
is((as('mallory', q{SELECT count(*) FROM sfn.receive_message('dead')}))[1], '0', "and not sent to a stranger's queue");
like((as('alice', q{SELECT cause FROM sfn.event_dead_letters WHERE rule = 'fails'}))[1], qr/could not be sent to \Q$queue\E: .*sfn\.trust\('queue', 'dead', 'mallory', 'alice'\)/, 'its cause has the cure');
done('alice', q{SELECT sfn.trust('queue', 'dead', 'mallory', 'alice')});
done('alice', q{SELECT sfn.put_event('fails', 't', '{"secret": 1}')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.queue_message}, '1'), 'with trust it is sent');

$node->stop;
done_testing();
