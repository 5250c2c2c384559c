
# Rules, schedules, archives and queues of one role against another: what was set up in somebody's name ends when that name's
# things go to another, a replay tells nobody else's rules, no event is forged on its way over buses, and nobody's schedules
# wait for a stranger.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnMachine;
use SfnTest;

my $node = sfn_node('hostile_events', conf => "sfn.schedule_driver = pg_cron\n");
my $arn = 'arn:aws:events:us-east-1:000000000000';

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub as { return psql_as($node, @_) }

# Returns what it says on standard error.
sub done
{
	my ($role, $sql) = @_;
	my ($code, undef, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $err;
}

sub refused
{
	my ($role, $sql, $why) = @_;
	my ($code, $out, $err) = as($role, $sql);
	ok($code != 0 && $err =~ $why, "$role: $sql") or diag("out: $out, err: $err");
	return;
}

# Once everything that was started has ended.
sub loot
{
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0'), '... all is done');
	return sql(q{SELECT coalesce(string_agg(DISTINCT who || ' ' || (what->>'n'), ', ' ORDER BY who || ' ' || (what->>'n')), '') FROM trap.loot});
}

sql(q{
	CREATE ROLE alice LOGIN; CREATE ROLE mallory LOGIN; CREATE ROLE team; CREATE ROLE dba LOGIN; CREATE ROLE deputy LOGIN IN ROLE team, dba;
	GRANT team TO mallory;
	CREATE SCHEMA trap AUTHORIZATION mallory;
	GRANT USAGE ON SCHEMA trap TO PUBLIC;
	CREATE TABLE trap.loot (who text, what jsonb);
	GRANT INSERT ON trap.loot TO PUBLIC;
});
done('mallory', q{CREATE FUNCTION trap.take(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN INSERT INTO trap.loot VALUES (current_user, input); RETURN input; END $$});

#
# A role's things go to another: what others had set up in the role's name does not become the other's.
#
done($_, "SELECT sfn.create_rule('${_}s', '{\"source\": [\"own\"]}', 'sql:trap.take', role => 'team', input => '{\"n\": \"${_}s rule\"}')") foreach 'mallory', 'deputy';
done($_, "SELECT sfn.create_schedule('${_}s', 'rate(1 minute)', 'sql:trap.take', '{\"n\": \"${_}s schedule\"}', role => 'team')") foreach 'mallory', 'deputy';
done('mallory', q{SELECT sfn.create_state_machine('version', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:trap.take", "End": true}}}', role => 'team')});
done('mallory', q{SELECT sfn.publish_state_machine_version('version')});
done('mallory', q{SELECT sfn.update_state_machine('version', role => 'mallory')});
like(done('postgres', q{SELECT sfn.reassign('team', 'dba')}), qr/NOTICE: +targets that others had told in the name of role "team" have ended: 1\n.*NOTICE: +schedules that others had run in the name of role "team" have ended: 1$/, 'who does it is told');
is(sql(q{SELECT string_agg(rule || ' ' || role, ', ' ORDER BY rule) FROM sfn.event_targets}), 'deputys dba', 'a target is left to who may act for the new owner');
is(sql(q{SELECT string_agg(name || ' ' || role, ', ' ORDER BY name) FROM sfn.schedules}), 'deputys dba', '... and a schedule');
is(sql(q{SELECT count(*) FROM sfn.state_machine WHERE name LIKE '$%' AND status = 'ACTIVE'}), '2', '... with what delivers for them');
sql(q{UPDATE sfn.schedule SET due = now(), next_due = now()});
done($_, q{SELECT sfn.put_event('own', 't', '{}')}) foreach 'mallory', 'deputy';
done('postgres', q{SELECT sfn.run_due_schedules()});
done('mallory', q{SELECT sfn.start_execution('version:1', '{"n": "version"}')});
is(loot(), 'dba deputys rule, dba deputys schedule, team version', 'nothing of mallory\'s is done as the new owner');
done('deputy', q{SELECT sfn.drop_rule('deputys'), sfn.drop_schedule('deputys')});

#
# A bus changes hands: whom its maker had let in is out.
#
done('mallory', q{SELECT sfn.create_bus('orders'), sfn.grant_bus('orders', 'mallory', 'subscribe'), sfn.grant_bus('orders', 'mallory', 'put_aws'), sfn.map_role('arn:aws:iam::000000000000:role/m', 'mallory')});
done('mallory', q{SELECT sfn.events_api('PutPermission', json_build_object('EventBusName', 'orders', 'Policy', '{"Version": "2012-10-17", "Statement": {"Sid": "m", "Effect": "Allow",
	"Principal": {"AWS": "arn:aws:iam::000000000000:role/m"}, "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/orders"}}'))});
done('postgres', q{SELECT sfn.reassign('mallory', 'alice')});
is(sql(q{SELECT count(*) FROM sfn.event_bus_grants}), '0', 'no grant is left');
refused('mallory', q{SELECT sfn.put_event('m', 't', '{}', bus => 'orders')}, qr/permission denied for event bus "orders"/);
sql(q{TRUNCATE trap.loot; ALTER FUNCTION trap.take OWNER TO mallory});

#
# Schedules of all are done by the executor and superusers; a stranger's transaction holds none of them.
#
done('alice', q{SELECT sfn.create_schedule('alices', 'rate(1 minute)', 'notify:alices')});
sql(q{UPDATE sfn.schedule SET due = now(), next_due = now()});
is((as('mallory', q{SELECT sfn.run_due_schedules()}))[1], '0', 'a stranger runs none of her schedules');
is((as('alice', q{SELECT sfn.run_due_schedules()}))[1], '1', 'she does');
done('alice', q{SELECT sfn.drop_schedule('alices')});

#
# Dead letters go to a queue of another's as long as he lends it.
#
done('alice', q{SELECT sfn.create_queue('bin'), sfn.grant_use('queue', 'bin', 'mallory')});
done('mallory', q{SELECT sfn.create_queue('source', '0 s', dead_letter_queue => 'bin', max_receive_count => 1), sfn.send_message('source', 'lent')});
done('mallory', q{SELECT sfn.receive_message('source')}) foreach 1, 2;
done('alice', q{SELECT sfn.revoke_use('queue', 'bin', 'mallory')});
done('mallory', q{SELECT sfn.send_message('source', 'not lent')});
done('mallory', q{SELECT sfn.receive_message('source')}) foreach 1, 2;
is((as('alice', q{SELECT string_agg(body, ', ') FROM sfn.receive_message('bin', 10)}))[1], 'lent', 'what comes after that stays in its queue');
is((as('mallory', q{SELECT body FROM sfn.receive_message('source')}))[1], 'not lent', '... and is received there');

#
# A replay of what its archive's owner did not put is for his own rules.
#
done('alice', q{SELECT sfn.create_state_machine('paid', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), sfn.grant_state_machine('paid', 'mallory', 'see')});
sql(q{CREATE TABLE public.shipped (again boolean); GRANT INSERT ON public.shipped TO alice;
	CREATE FUNCTION public.ship(event jsonb) RETURNS void LANGUAGE sql AS $$ INSERT INTO public.shipped VALUES (event ? 'replay-name') $$;
	SELECT sfn.grant_bus('default', 'mallory', 'subscribe')});
done('alice', q{SELECT sfn.create_rule('ship', '{"source": ["aws.states", "alices"]}', 'sql:public.ship')});
done('mallory', q{SELECT sfn.create_archive('copy', '{"source": ["aws.states", "alices", "mine"], "detail": {"status": [{"anything-but": "RUNNING"}]}}')});
done('mallory', q{SELECT sfn.create_rule('mine', '{"source": ["aws.states", "alices", "mine"], "replay-name": [{"exists": true}]}', 'sql:trap.take', input_transformer => '{"InputPathsMap": {"n": "$.source"}, "InputTemplate": "{\"n\": <n>}"}')});
done('alice', q{SELECT sfn.start_execution('paid')});
done('alice', q{SELECT sfn.put_event('alices', 't', '{"status": "done"}')});
done('mallory', q{SELECT sfn.put_event('mine', 't', '{"status": "done"}')});
ok(wait_for($node, q{SELECT events FROM sfn.event_archives}, '3'), 'the archive has them');
done('mallory', q{SELECT sfn.start_replay('again', 'copy', now() - interval '1 hour', now() + interval '1 hour')});
ok(wait_for($node, q{SELECT state, replayed FROM sfn.event_replays}, 'COMPLETED|3'), 'they are replayed');
is(loot(), 'mallory alices, mallory aws.states, mallory mine', 'his rules get them');
is(sql(q{SELECT count(*) FROM public.shipped WHERE again}), '0', 'hers do not');
done('mallory', q{SELECT sfn.drop_rule('mine')});
done('alice', q{SELECT sfn.create_archive('own', '{"source": ["aws.states", "alices"]}')});
done('alice', q{SELECT sfn.start_execution('paid'), sfn.put_event('alices', 't', '{}')});
ok(wait_for($node, q{SELECT events > 1 FROM sfn.event_archives WHERE name = 'own'}, 't'), 'her own archive has some');
done('alice', q{SELECT sfn.start_replay('hers', 'own', now() - interval '1 hour', now() + interval '1 hour')});
ok(wait_for($node, q{SELECT count(DISTINCT again) FROM public.shipped}, '2'), '... and tells her rules');

#
# Sources that are reserved are so on every way to a bus.
#
sql(q{SELECT sfn.grant_bus('default', 'alice', 'subscribe'); TRUNCATE public.shipped});
done('mallory', q{SELECT sfn.create_bus('forge'), sfn.grant_bus('forge', 'mallory', 'put_aws')});
done('mallory', qq{SELECT sfn.create_rule('on', '{"source": [{"prefix": ""}]}', '$arn:event-bus/default', bus => 'forge')});
done('mallory', q{SELECT sfn.put_event('aws.states', 't', '{"status": "SUCCEEDED"}', bus => 'forge'), sfn.put_event('alices', 't', '{}', bus => 'forge')});
ok(wait_for($node, q{SELECT count(*) FROM public.shipped}, '1'), 'what is forwarded arrives');
is((as('mallory', q{SELECT event->>'source', error FROM sfn.event_dead_letters}))[1], 'aws.states|Events.AccessDeniedException', '... and what is forged is a dead letter');
# what the engine itself has said is forwarded
done('alice', q{SELECT sfn.create_bus('hers'), sfn.create_rule('told', '{"source": ["aws.states"]}', 'sql:public.ship', bus => 'hers')});
done('alice', qq{SELECT sfn.drop_rule('ship'), sfn.create_rule('forward', '{"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"]}}', '$arn:event-bus/hers')});
sql(q{TRUNCATE public.shipped});
done('alice', q{SELECT sfn.start_execution('paid')});
ok(wait_for($node, q{SELECT count(*) FROM public.shipped}, '1'), 'what the engine has said is forwarded');

#
# A bus that is being dropped, by a transaction that stays open, holds up no turn and no schedule.
#
sql(q{ALTER SYSTEM SET sfn.schedule_driver = own});
$node->reload;
done('mallory', qq{SELECT sfn.drop_rule('forge/on'), sfn.create_rule('held', '{"source": ["aws.states", "mine"]}', '$arn:event-bus/forge')});
done('mallory', qq{SELECT sfn.create_state_machine('own', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'),
	sfn.create_schedule('held', 'rate(1 minute)', '$arn:event-bus/forge', parameters => '{"EventBridgeParameters": {"Source": "mine", "DetailType": "t"}}')});
my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'mallory' ]);
$session->query(q{BEGIN; SELECT sfn.drop_bus('forge')});
done('mallory', q{SELECT sfn.start_execution('own')});
sql(q{UPDATE sfn.schedule SET due = now(), next_due = now()});
done('alice', q{SELECT sfn.start_execution('paid', name => 'not_held')});
ok(wait_for($node, q{SELECT status FROM sfn.executions WHERE name = 'not_held'}, 'SUCCEEDED'), 'others go on');
ok(wait_for($node, q{SELECT runs FROM sfn.schedules WHERE name = 'held'}, '1'), '... and what is due is done');
$session->query('ROLLBACK');
$session->quit;

#
# Buses that forward to each other, ten times each, make a flood of one event: it ends, and nobody waits for it.
#
done('mallory', q{SELECT sfn.create_bus('b' || i) FROM generate_series(1, 7) i});
done('mallory', q{SELECT sfn.create_rule('r' || i, '{"source": [{"prefix": ""}]}', bus => 'b' || i) FROM generate_series(1, 6) i});
done('mallory', qq{SELECT sfn.set_target('b' || i || '/r' || i, 't' || n, '$arn:event-bus/b' || i + 1) FROM generate_series(1, 6) i, generate_series(1, 10) n});
done('mallory', q{SELECT sfn.create_rule('flood', '{"source": ["aws.states"]}')});
done('mallory', qq{SELECT sfn.set_target('flood', 't' || n, '$arn:event-bus/b1') FROM generate_series(1, 10) n});
done('mallory', q{SELECT sfn.start_execution('own', name => 'floods')});
done('alice', q{SELECT sfn.start_execution('paid', name => 'not_flooded')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE name IN ('floods', 'not_flooded') AND status = 'SUCCEEDED'}, '2', 30), 'both are done');
is(sql(q{SELECT string_agg(DISTINCT disabled_reason, ', ') FROM sfn.event_rules WHERE disabled_reason IS NOT NULL}), 'it makes more than 200 events of one, with others', 'its rules are disabled');
like(sql(q{SELECT string_agg(DISTINCT error || ': ' || cause, ', ') FROM sfn.event_dead_letters WHERE bus LIKE 'b_'}), qr/^Sfn\.EventLoop: One event led to more than 200 others\.$/, '... with dead letters');
done('mallory', q{SELECT sfn.drop_rule('flood')});
done('mallory', q{SELECT sfn.drop_rule('b' || i || '/r' || i) FROM generate_series(1, 6) i});

#
# A stranger's rules, however many, do not make others' events slow: what he may see is asked once.
#
sub seconds
{
	my $begin = time;
	done('alice', q{SELECT count(sfn.put_event('mine', 't', '{}')) FROM generate_series(1, 200)});
	return time - $begin;
}
done('mallory', q{SELECT sfn.drop_rule('held'), sfn.drop_schedule('held')});
sql(q{SELECT sfn.revoke_bus('default', 'mallory', 'subscribe')});
my $alone = seconds();
done('mallory', q{SELECT count(sfn.create_rule('r' || i, '{"source": ["aws.states", "mine"]}')) FROM generate_series(1, 2000) i});
my $beside = seconds();
cmp_ok($beside, '<', 30 * ($alone + 0.1), 'events are put nearly as quickly') or diag("$alone s without, $beside s with the rules");


#
# ... nor are there any number of them, or of what they tell: not by many buses, many rules, topics, archives, or sessions side by side.
#
sub bound_by
{
	sql("ALTER SYSTEM SET sfn.max_rules_per_role = $_[0]");
	$node->reload;
	return ok(wait_for($node, 'SHOW sfn.max_rules_per_role', $_[0]), "a bound of $_[0]");
}
bound_by(2100);
done('mallory', q{SELECT sfn.create_bus('more'), sfn.create_topic('more')});
foreach my $more (q{sfn.create_rule('more' || i, '{"source": ["a"]}')}, q{sfn.create_rule('more' || i, '{"source": ["a"]}', bus => 'more')}, q{sfn.create_archive('more' || i)},
	q{sfn.subscribe('more', 'notify:x')}, q{sfn.events_api('PutRule', json_build_object('Name', 'more' || i, 'ScheduleExpression', 'rate(1 day)'))})
{
	refused('mallory', "SELECT count($more) FROM generate_series(1, 101) i", qr/role "mallory" would have more than 2100 rules and archives|LimitExceededException/);
}
my $other = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'mallory' ]);
$other->query(q{BEGIN; SELECT count(sfn.create_rule('beside' || i, '{"source": ["a"]}')) FROM generate_series(1, 60) i});
refused('mallory', q{SET lock_timeout = '100ms'; SELECT count(sfn.create_rule('more' || i, '{"source": ["a"]}')) FROM generate_series(1, 60) i}, qr/lock timeout/);
$other->query('COMMIT');
$other->quit;
refused('mallory', q{SELECT count(sfn.create_rule('more' || i, '{"source": ["a"]}')) FROM generate_series(1, 60) i}, qr/more than 2100/);
done('mallory', q{SELECT sfn.create_rule('r1', '{"source": ["aws.states", "mine"]}', replace => true)});
done('alice', q{SELECT sfn.create_rule('others', '{"source": ["a"]}')});

bound_by(150);
done('mallory', q{SELECT count(sfn.set_target('r1', 't' || i, 'notify:x')) FROM generate_series(1, 100) i});
refused('mallory', q{SELECT sfn.set_target('r1', 'one more', 'notify:x')}, qr/rule "r1" would have more than 100 targets|invalid name/);
refused('mallory', q{SELECT sfn.set_target('r1', 't101', 'notify:x')}, qr/rule "r1" would have more than 100 targets/);
done('mallory', q{SELECT sfn.set_target('r1', 't100', 'notify:y')});
refused('mallory', q{SELECT count(sfn.set_target('r' || i, 't' || j, 'notify:x')) FROM generate_series(2, 4) i, generate_series(1, 99) j}, qr/role "mallory" would have more than 150 targets of its rules/);
sub put_targets
{
	return sprintf(q{SELECT sfn.events_api('PutTargets', '{"Rule": "r2000", "Targets": [%s]}')}, join ', ', map { qq({"Id": "t$_", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}) } @_);
}
done('mallory', put_targets(1 .. 5));
refused('mallory', put_targets(6), qr/maximum number allowed|more than 5 targets/);
done('mallory', put_targets(5));

$node->stop;
done_testing();
