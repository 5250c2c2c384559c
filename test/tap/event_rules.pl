# Rules under workers: an event and what it starts are there together, whatever dies; notifications come; what is over a quota is late.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('rules', conf => "restart_after_crash = on\n");
my $rounds = rounds(30);
my $batch = 40;

$node->safe_psql('postgres', q{
	CREATE TABLE public.told (event uuid);
	CREATE FUNCTION public.tell(event json) RETURNS void LANGUAGE sql AS $$ INSERT INTO public.told VALUES ((event ->> 'id')::uuid) $$;
	SELECT sfn.create_state_machine('first', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 0, "Next": "P"}, "P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_state_machine('second', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_rule('next', '{"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"], "stateMachineArn": [{"suffix": ":first"}]}}', 'second');
	SELECT sfn.set_target('next', 'tell', 'sql:public.tell');
});

# Workers die with a turn in hand: each end has led to one start and one call.
for my $round (1 .. $rounds)
{
	$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('first', array_fill('{}'::json, ARRAY[$batch]))");
	my ($executor) = split ' ', $node->safe_psql('postgres', "SELECT pid FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'");
	kill 'KILL', $executor if $executor;
	ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE state_machine = 'first' AND status = 'SUCCEEDED'", $round * $batch),
		"round $round: all have ended");
}
ok(wait_for($node, 'SELECT count(*) FROM sfn.inbox', '0'), 'nothing is left');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT input -> 'detail' ->> 'executionArn') FROM sfn.executions WHERE state_machine = 'second'}),
	$rounds * $batch . '|' . $rounds * $batch, 'each end has started one execution');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT event) FROM public.told'), $rounds * $batch . '|' . $rounds * $batch,
	'and called the function once');

# A start that is refused fails no turn: it comes when the quota has room.
$node->safe_psql('postgres', q{
	CREATE ROLE small; GRANT small TO CURRENT_USER;
	SELECT sfn.create_state_machine('third', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}', role => 'small');
	SELECT sfn.trust('state_machine', 'third', 'small', current_user::regrole);
	SELECT sfn.set_quota('small', open_executions => 1);
	SELECT sfn.start_execution('third', name => 'blocks');
	SELECT sfn.create_rule('third', '{"source": ["app"]}', 'third');
	SELECT sfn.put_event('app', 't', '{}');
});
ok(wait_for($node, q{SELECT EXISTS (SELECT FROM sfn.history h WHERE h.execution_arn LIKE '%$rule/default/third/1:%' AND h.type = 'TaskFailed')}, 't'), 'the start is refused');
$node->safe_psql('postgres', q{SELECT sfn.stop_execution('third/blocks')});
ok(wait_for($node, q{SELECT EXISTS (SELECT FROM sfn.executions WHERE state_machine = 'third' AND name <> 'blocks')}, 't'), 'it comes when there is room');

# A notification comes after the commit, from a session's event, too.
my $listener = $node->background_psql('postgres', on_error_stop => 0);
$listener->query('LISTEN rules');
$node->safe_psql('postgres', q{SELECT sfn.create_rule('notes', '{"source": ["notes"]}', 'notify:rules', input_path => '$.detail'); SELECT sfn.put_event('notes', 't', '{"n": 1}')});
ok(wait_for($node, 'SELECT count(*) FROM sfn.event_notice', '0'), 'the notification is sent');
like($listener->query('SELECT 1'), qr/"rules" with payload "\{"n":1\}"/, 'the notification has come');
# ... as does one of a schedule, and an event that a schedule puts
$node->safe_psql('postgres', q{
	SELECT sfn.create_schedule('told', 'rate(1 minute)', 'notify:rules', '{"by": "clock"}', start_date => clock_timestamp() - interval '59 seconds'),
		sfn.create_schedule('put', 'rate(1 minute)', 'arn:aws:events:us-east-1:000000000000:event-bus/default', '{"n": 2}', start_date => clock_timestamp() - interval '59 seconds',
			parameters => '{"EventBridgeParameters": {"Source": "notes", "DetailType": "t"}}')});
ok(wait_for($node, 'SELECT bool_and(runs > 0) FROM sfn.schedules', 't', 60), 'schedules are done');
ok(wait_for($node, 'SELECT count(*) FROM sfn.event_notice', '0'), 'the notification is sent');
my $heard = $listener->query('SELECT 1');
like($heard, qr/"rules" with payload "\{"by": "clock"\}"/, 'a schedule has told the channel');
like($heard, qr/"rules" with payload "\{"n":2\}"/, '... and a rule of the event that a schedule has put');
$listener->quit;

$node->stop;
done_testing();
