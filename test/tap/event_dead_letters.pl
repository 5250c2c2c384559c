# DeadLetterConfig: what a target of a rule or of a schedule could not be told of is a message of the queue that it names, with
# AWS's attributes; where that queue cannot be used, the dead letter stays in the view and says why.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('dead_letters');
my $json = JSON::PP->new->canonical;

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub arn_of { return "arn:aws:sqs:us-east-1:000000000000:$_[0]" }

sub set_target
{
	my ($rule, %target) = @_;
	my $request = $json->encode({ Rule => $rule, Targets => [ { Id => 'one', %target } ] });

	return sql(qq{SELECT sfn.events_api('PutTargets', '$request')});
}

# The message of a queue: its body, its attributes.
sub letter
{
	my ($queue, $name) = @_;

	ok(wait_for($node, "SELECT messages FROM sfn.queues WHERE name = '$queue'", '1'), $name);
	my ($body, $attributes) = split /\|/, sql("SELECT body::jsonb - 'id' - 'time', attributes FROM sfn.receive_message('$queue')"), 2;
	my $values = $json->decode($attributes);
	is(join(' ', map { $_->{DataType} } values %$values), join(' ', ('String') x keys %$values), '... whose attributes are texts');
	sql("SELECT sfn.purge_queue('$queue')");
	return ($json->decode($body), { map { $_ => $values->{$_}{StringValue} } keys %$values });
}

sql(q{
	CREATE ROLE app LOGIN; GRANT app TO CURRENT_USER;
	CREATE FUNCTION public.fail(event json) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'not "today"' USING ERRCODE = 'SF001'; END $$;
	SELECT sfn.create_queue('dead'), sfn.create_queue('closed'), sfn.create_queue('lent');
	SELECT sfn.grant_use('queue', 'lent', 'app');
	SELECT sfn.create_rule('failing', '{"source": ["shop"]}');
	SELECT sfn.create_rule('forbidden', '{"source": ["forbidden"]}');
	SELECT sfn.create_bus('there');
});

# ---- rules ----

my $rule = 'arn:aws:events:us-east-1:000000000000:rule/failing';
my %config = (DeadLetterConfig => { Arn => arn_of('dead') });
set_target('failing', Arn => 'sql:public.fail', RetryPolicy => { MaximumRetryAttempts => 1 }, %config);
sql(q{SELECT sfn.put_event('shop', 'order', '{"n": 1}', ARRAY['r'])});
my ($body, $attributes) = letter('dead', 'what is given up is in the queue');
is($json->encode($body), '{"account":"000000000000","detail":{"n":1},"detail-type":"order","region":"us-east-1","resources":["r"],"source":"shop","version":"0"}',
	'... the event');
is_deeply($attributes, { RULE_ARN => $rule, TARGET_ARN => 'sql:public.fail', ERROR_CODE => 'Sql.SF001', ERROR_MESSAGE => $attributes->{ERROR_MESSAGE},
	EXHAUSTED_RETRY_CONDITION => 'MaximumRetryAttempts', RETRY_ATTEMPTS => '1' }, '... with what it was tried');
like($attributes->{ERROR_MESSAGE}, qr/not \\"today\\"/, '... and why it failed');
is(sql('SELECT count(*) FROM sfn.event_dead_letters'), '0', '... and nowhere else');

set_target('failing', Arn => 'sql:public.nobody', %config);
sql(q{SELECT sfn.put_event('shop', 'order', '{"n": 2}')});
($body, $attributes) = letter('dead', 'what is not tried again, too');
is_deeply([ $body->{detail}{n}, map { $attributes->{$_} } qw(ERROR_CODE EXHAUSTED_RETRY_CONDITION RETRY_ATTEMPTS) ], [ 2, 'Sql.undefined_function', undef, '0' ],
	'... which used up no retries');

my $bus = 'arn:aws:events:us-east-1:000000000000:event-bus/there';
set_target('failing', Arn => $bus, %config);
sql('SELECT sfn.drop_bus($$there$$)');
sql(q{SELECT sfn.put_event('shop', 'order', '{"n": 3}')});
($body, $attributes) = letter('dead', 'a bus that is gone');
is_deeply([ $body->{detail}{n}, map { $attributes->{$_} } qw(TARGET_ARN ERROR_CODE RETRY_ATTEMPTS) ], [ 3, $bus, 'Events.ResourceNotFoundException', '0' ], '... is said to be');

# A transaction that is rolled back has sent nothing.
sql(q{BEGIN; SELECT sfn.put_event('shop', 'order', '{"n": 4}'); ROLLBACK});
is(sql(q{SELECT messages FROM sfn.queues WHERE name = 'dead'}), '0', 'no event, no dead letter');

# ---- a queue that cannot be used ----

set_target('failing', Arn => 'sql:public.nobody', DeadLetterConfig => { Arn => arn_of('gone') });
sql(q{SELECT sfn.put_event('shop', 'order', '{"n": 5}')});
ok(wait_for($node, 'SELECT count(*) FROM sfn.event_dead_letters', '1'), 'without the queue the dead letter is in the view');
like(sql('SELECT cause FROM sfn.event_dead_letters'), qr/nobody.*could not be sent to \Q${\arn_of('gone')}\E: .*gone/s, '... and says why');
sql('SELECT sfn.create_queue($$gone$$); SELECT sfn.redeliver(id) FROM sfn.event_dead_letters');
letter('gone', 'given up again, it is sent');

# It is sent as the role of the target.
for my $queue (qw(closed lent))
{
	my $request = $json->encode({ Rule => 'own', Targets => [ { Id => 'one', Arn => 'sql:public.nobody', DeadLetterConfig => { Arn => arn_of($queue) } } ] });

	$node->safe_psql('postgres', qq{SELECT sfn.create_rule('own', '{"source": ["own"]}', replace => true); SELECT sfn.events_api('PutTargets', '$request');
		SELECT sfn.put_event('own', 'order', '{"n": 6}')}, extra_params => [ '-U', 'app' ]);
	if ($queue eq 'lent')
	{
		letter($queue, 'the role may use a queue that is lent to it');
		next;
	}
	ok(wait_for($node, 'SELECT count(*) FROM sfn.event_dead_letters', '1'), 'no other one');
	like(sql('SELECT cause FROM sfn.event_dead_letters'), qr/permission denied for queue "closed"/, '... and the dead letter says so');
}
is(sql('SELECT count(*) FROM sfn.event_dead_letters'), '1', 'the view has no other one');

# ---- schedules ----

sub make_schedule
{
	my ($name, $queue, %target) = @_;
	my $request = $json->encode({ Name => $name, ScheduleExpression => 'at(2026-01-01T00:00:30)', FlexibleTimeWindow => { Mode => 'OFF' }, ActionAfterCompletion => 'DELETE',
		Target => { RoleArn => 'arn:aws:iam::000000000000:role/app', DeadLetterConfig => { Arn => arn_of($queue) }, RetryPolicy => { MaximumRetryAttempts => 0 }, %target } });

	return sql(qq{
		SET sfn.test_now = '2026-01-01 00:00:00+00';
		SELECT sfn.scheduler_api('CreateSchedule', '$request');
		SET sfn.test_now = '2026-01-01 00:01:00+00';
		SELECT sfn.run_due_schedules()});
}

make_schedule('night', 'dead', Arn => 'sql:public.fail', Input => '{"n": 7}');
is(sql('SELECT count(*) FROM sfn.schedules'), '0', 'a schedule has gone since nothing is due any more');
($body, $attributes) = letter('dead', '... and still has its dead letter');
is($json->encode($body), '{"n":7}', '... what its target was not told');
is_deeply($attributes, { SCHEDULE_ARN => 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/night', TARGET_ARN => 'sql:public.fail',
	EXECUTION_ID => 'night_20260101T000030Z', SCHEDULED_TIME => '2026-01-01T00:00:30Z', IS_PAYLOAD_TRUNCATED => 'false', RETRY_ATTEMPTS => '0',
	EXHAUSTED_RETRY_CONDITION => 'MaximumRetryAttempts', ERROR_CODE => 'Sql.SF001', ERROR_MESSAGE => $attributes->{ERROR_MESSAGE} }, '... with the attributes of a schedule');
make_schedule('later', 'nobody', Arn => 'sql:public.fail');
ok(wait_for_log($node, qr/the dead letter of schedule "\S+later" could not be sent to "\Q${\arn_of('nobody')}\E"/, 0), 'without the queue the log says so');

# ---- by the SQL functions ----

sql(q{SELECT sfn.create_rule('by_sql', '{"source": ["by-sql"]}', 'sql:public.nobody', dead_letter_queue => 'dead'),
	sfn.set_target('by_sql', 'two', 'sql:public.nobody', dead_letter_queue => 'arn:aws:sqs:us-east-1:000000000000:lent', role => 'app'), sfn.put_event('by-sql', 'order', '{"n": 8}')});
foreach my $queue ('dead', 'lent')
{
	($body, $attributes) = letter($queue, "$queue has what a target was not told");
	is_deeply([ $body->{detail}{n}, map { $attributes->{$_} } qw(RULE_ARN ERROR_CODE) ], [ 8, 'arn:aws:events:us-east-1:000000000000:rule/by_sql', 'Sql.undefined_function' ], '... of the rule');
}
is(sql(q{SELECT target_id, dead_letter_queue FROM sfn.event_targets WHERE rule = 'by_sql' ORDER BY 1}), '1|' . arn_of('dead') . "\ntwo|" . arn_of('lent'), 'the view has the queues');
like(sql(q{SELECT sfn.events_api('ListTargetsByRule', '{"Rule": "by_sql"}')}), qr/"DeadLetterConfig":\{"Arn":"\Q${\arn_of('dead')}\E"\}/, '... and so does AWS\'s API');
sql(q{SELECT sfn.set_target('by_sql', 'two', 'sql:public.nobody')});
is(sql(q{SELECT dead_letter_queue IS NULL FROM sfn.event_targets WHERE target_id = 'two'}), 't', 'set anew without one a target has none');

sql(q{
	SET sfn.test_now = '2026-01-02 00:00:00+00';
	SELECT sfn.create_schedule('by_sql', 'at(2026-01-02T00:01:00)', 'sql:public.nobody', '{"n": 9}', dead_letter_queue => 'dead', parameters => '{"EcsParameters": {"TaskCount": 1}}');
	SET sfn.test_now = '2026-01-02 00:01:00+00';
	SELECT sfn.run_due_schedules()});
($body, $attributes) = letter('dead', 'a schedule has one');
is("$body->{n} $attributes->{SCHEDULED_TIME}", '9 2026-01-02T00:01:00Z', '... which has its input');
is(sql(q{SELECT dead_letter_queue, parameters FROM sfn.schedules WHERE name = 'by_sql'}), arn_of('dead') . '|{"EcsParameters":{"TaskCount":1},"DeadLetterConfig":{"Arn":"' . arn_of('dead') . '"}}', '... and says so');
foreach my $change ([ q{expression => 'rate(1 hour)'}, arn_of('dead') ], [ q{dead_letter_queue => 'gone'}, arn_of('gone') ], [ q{dead_letter_queue => ''}, '' ])
{
	sql("SELECT sfn.update_schedule('by_sql', $change->[0])");
	is(sql(q{SELECT dead_letter_queue FROM sfn.schedules WHERE name = 'by_sql'}), $change->[1], "update_schedule($change->[0])");
}
is(sql(q{SELECT parameters FROM sfn.schedules WHERE name = 'by_sql'}), '{"EcsParameters":{"TaskCount":1}}', '... leaves the other parameters');
sql(q{SELECT sfn.drop_schedule('by_sql'), sfn.drop_rule('by_sql'), sfn.create_queue('ordered.fifo')});

foreach my $case ([ 'nothing', qr/queue "nothing" does not exist/ ], [ 'closed', qr/permission denied for queue "closed"/ ], [ 'ordered.fifo', qr/cannot be the queue of dead letters|permission denied/ ],
	[ 'arn:aws:sqs:us-east-1:111111111111:theirs', qr/theirs" does not exist/ ])
{
	foreach my $function (q{sfn.create_rule('refused', '{"source": ["a"]}', 'sql:public.fail'}, q{sfn.set_target('failing', 'x', 'sql:public.fail'}, q{sfn.create_schedule('refused', 'rate(1 hour)', 'sql:public.fail'})
	{
		my ($code, $out, $err) = $node->psql('postgres', "SELECT $function, role => 'app', dead_letter_queue => '$case->[0]')");
		like($err, $case->[1], "$function $case->[0]");
	}
}
my ($refused, undef, $why) = $node->psql('postgres', q{SELECT sfn.create_schedule('refused', 'rate(1 hour)', 'sql:public.fail', dead_letter_queue => 'ordered.fifo')});
like($why, qr/cannot be the queue of dead letters/, 'a FIFO queue is refused');

# ---- what cannot be one ----

for my $arn ('arn:aws:sqs:us-east-1:111111111111:theirs', 'arn:aws:sqs:eu-west-1:000000000000:far', arn_of('ordered.fifo'), 'dead', 'arn:aws:sns:us-east-1:000000000000:topic')
{
	my $request = $json->encode({ Rule => 'failing', Targets => [ { Id => 'one', Arn => 'sql:public.fail', DeadLetterConfig => { Arn => $arn } } ] });
	my ($code, $out, $err) = $node->psql('postgres', qq{SELECT sfn.events_api('PutTargets', '$request')});

	like("$out$err", qr/\Q$arn\E.*dead-letter queue/s, "$arn is refused");
	($code, $out, $err) = $node->psql('postgres', qq{SELECT sfn.create_schedule('s', 'rate(1 hour)', 'sql:public.fail', parameters => '{"DeadLetterConfig": {"Arn": "$arn"}}')});
	like($err, qr/cannot be the queue of dead letters/, '... for a schedule, too');
}

$node->stop;
done_testing();
