
# An execution has ended, a rule has matched, and before that is committed the executor dies, the server is stopped at once or
# the executor is told to go; the same with a schedule that is due, and with a session that puts an event.  Each time what
# the rules and the schedule start is there already, and a lock keeps the rest.  In the end each execution that ended has led to one start and one message, each
# schedule to one start, each event of a session to one if what the session wrote beside it is there, else to none.
# (3 rounds here, 1,000 in soak.)

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('event_crash', conf => "restart_after_crash = on\nfsync = on\nsynchronous_commit = on\nlog_statement = none\n");
my $rounds = $ENV{SFN_SOAK} ? 1000 : 3;
my $batch = 20;

$node->safe_psql('postgres', q{
	CREATE TABLE public.written (n int);
	SELECT sfn.create_queue('ended');
	SELECT sfn.create_state_machine('first', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 0, "Next": "P"}, "P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_state_machine(name, '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') FROM unnest(ARRAY['by_rule', 'by_schedule', 'by_session']) name;
	SELECT sfn.create_rule('ended', '{"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"], "stateMachineArn": [{"suffix": ":first"}]}}', 'by_rule');
	SELECT sfn.set_target('ended', 'queue', 'arn:aws:sqs:us-east-1:000000000000:ended', input_path => '$.detail.executionArn');
	SELECT sfn.set_target('ended', 'notice', 'notify:ended', input_path => '$.detail.executionArn');
	SELECT sfn.create_rule('put', '{"source": ["app"]}', 'by_session', input_path => '$.detail');
	SELECT sfn.create_bus('gone');
	SELECT sfn.set_target(rule, '0', 'arn:aws:events:us-east-1:000000000000:event-bus/gone') FROM unnest(ARRAY['ended', 'put']) rule;
	SELECT sfn.drop_bus('gone');
});

# What has started all and waits for the last row that it inserts or updates: target 0 is told last.
sub held
{
	my ($what, @tables) = @_;
	my $tables = join ', ', map { "'sfn.$_'::regclass" } @tables;

	return qq{SELECT min(a.pid) FROM pg_stat_activity a JOIN pg_locks waits USING (pid) JOIN pg_locks has USING (pid)
		WHERE a.backend_type = '$what' AND NOT waits.granted AND waits.relation IN ($tables)
			AND has.granted AND has.relation = 'sfn.execution'::regclass AND has.mode = 'RowExclusiveLock'};
}

# With a schedule that will be due and has not been done.
my $schedules = 0;
sub lock_tables
{
	for (my $delay = 2;; $delay *= 2)
	{
		$schedules++;
		$node->safe_psql('postgres', qq{SELECT sfn.create_schedule('s$schedules', format('at(%s)', to_char(now() AT TIME ZONE 'UTC' + interval '$delay seconds', 'YYYY-MM-DD"T"HH24:MI:SS')), 'by_schedule')});
		my ($holder) = start_statements($node, 'BEGIN', 'LOCK TABLE sfn.event_dead_letter, sfn.schedule IN SHARE MODE', 'SELECT pg_sleep(600)');
		ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'}, '1'), 'the tables are locked');
		return $holder if $node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'by_schedule'}) < $schedules;
		unlock_tables();
		$holder->finish;
	}
}

# A server that has been stopped has unlocked them, and may not be back.
sub unlock_tables
{
	eval { $node->psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'}) };
}

my @ways = (
	[ 'the executor is killed', sub { kill 'KILL', $_[0] } ],
	[ 'the server is stopped at once', sub { restart_node($node, 'immediate') } ],
	[ 'the executor is told to go', sub { $node->safe_psql('postgres', "SELECT pg_terminate_backend($_[0])") } ],
);

for my $round (1 .. $rounds)
{
	my ($name, $way) = @{ $ways[ $round % @ways ] };

	my $holder = lock_tables();

	# by turns it is the schedule that the executor is at, and the end of executions, unless the schedule has come first
	my $is_schedule = $round % 2 == 0;
	my $executor;
	my $start = sub { $node->safe_psql('postgres', "SELECT sfn.start_executions('first', array_fill('{}'::json, ARRAY[$batch]))") };
	$start->() unless $is_schedule;
	ok(wait_until(sub { $executor = $node->safe_psql('postgres', held('sfn executor', 'schedule', $is_schedule ? () : 'event_dead_letter')) }),
		"round $round: an executor has not committed");
	$start->() if $is_schedule;
	my $session = background($node, "BEGIN; INSERT INTO public.written VALUES ($round); SELECT sfn.put_event('app', 't', '{\"n\": $round}'); COMMIT");
	ok(wait_until(sub { $node->safe_psql('postgres', held('client backend', 'event_dead_letter')) }), "round $round: nor has a session");

	$way->($executor);
	unlock_tables();
	$holder->finish;
	$session->finish;
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'first' AND status = 'SUCCEEDED'}, $round * $batch),
		"round $round: all end");
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'by_schedule'}, $schedules), "round $round: so does the schedule");
}
my $ended = $rounds * $batch;
ok(wait_for($node, 'SELECT count(*) FROM sfn.inbox', '0'), 'nothing is left to do');
ok(wait_for($node, 'SELECT count(*) FROM sfn.event_notice', '0'), 'and no notification to send');

is($node->safe_psql('postgres', q{
		SELECT count(*), count(DISTINCT child.input -> 'detail' ->> 'executionArn'), count(DISTINCT parent.execution_arn)
		FROM sfn.executions child
			LEFT JOIN sfn.executions parent ON parent.state_machine = 'first' AND parent.execution_arn = child.input -> 'detail' ->> 'executionArn'
		WHERE child.state_machine = 'by_rule'}),
	"$ended|$ended|$ended", 'each end has started one execution');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT body) FROM sfn.queue_message}), "$ended|$ended", 'sent one message');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT event -> 'detail' ->> 'executionArn') FROM sfn.event_dead_letters WHERE rule = 'ended'}), "$ended|$ended",
	'and left one dead letter of the bus that is not there');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT name) FROM sfn.executions WHERE state_machine = 'by_schedule'}), "$schedules|$schedules",
	'each schedule has started one');
is($node->safe_psql('postgres', q{SELECT string_agg(runs || ' ' || missed, ', ') FROM (SELECT DISTINCT runs, missed FROM sfn.schedules) s}), '1 0',
	'and says so');
is($node->safe_psql('postgres', q{
		SELECT count(*) FROM (SELECT n FROM public.written) w
			FULL JOIN (SELECT (input ->> 'n')::int AS n FROM sfn.executions WHERE state_machine = 'by_session') e USING (n)
		WHERE w.n IS NULL OR e.n IS NULL}), '0', 'an event is there with what its session wrote, and not without it');
is($node->safe_psql('postgres', q{SELECT count(*) - count(DISTINCT input ->> 'n') FROM sfn.executions WHERE state_machine = 'by_session'}), '0', 'once');
is($node->safe_psql('postgres', q{SELECT count(*) > 0 FROM public.written}), 't', 'some sessions went on');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL}), '0', 'nobody is quarantined');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
