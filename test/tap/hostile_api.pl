
# Each action of the APIs, as a role that has been given nothing: with the names of another's things it changes nothing and
# shows nothing of them.  And as roles with one privilege on a state machine: none but read_data shows data.

use strict;
use warnings;

use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('hostile_api', conf => "sfn.gateway_url = 'https://sfn.example.com'\n");
my $states = 'arn:aws:states:us-east-1:000000000000';
my $events = 'arn:aws:events:us-east-1:000000000000';
my $scheduler = 'arn:aws:scheduler:us-east-1:000000000000';
my $topic = 'arn:aws:sns:us-east-1:000000000000:news';
my $hidden = 'h1dden'; # stands in all that is alice's
my $pattern = qq{{"source": ["$hidden"]}};
my $pass = qq{{"StartAt": "P", "States": {"P": {"Type": "Pass", "Comment": "$hidden", "End": true}}}};

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub done
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = psql_as($node, $role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $out;
}

my @given = qw(see start stop redrive read_data);
sql(join '', map { "CREATE ROLE $_ LOGIN;" } 'alice', 'nobody', map { "r_$_" } @given);
my $machine = qq{{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "$states:activity:work", "End": true}}}};
done('alice', "SELECT sfn.create_activity('work'), sfn.create_state_machine('m', '$machine', logging => '{\"level\": \"ALL\", \"includeExecutionData\": true}')");
done('alice', "SELECT sfn.create_state_machine('own', '$pass'), sfn.create_state_machine('x', '$pass', type => 'EXPRESS'), sfn.tag_resource('own', '{\"$hidden\": \"$hidden\"}')");
done('alice', q{SELECT sfn.publish_state_machine_version('own'), sfn.create_state_machine_alias('live', '[{"stateMachineVersionArn": "own:1", "weight": 100}]')});
done('alice', "SELECT sfn.create_state_machine('each', '" . q({"StartAt": "E", "States": {"E": {"Type": "Map", "Label": "E", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
	"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}}}}) . "')");
done('alice', "SELECT sfn.grant_state_machine('$_->[0]', 'r_$_->[1]', '$_->[1]')") foreach map { my $m = $_; map { [ $m, $_ ] } @given } 'm', 'each';
done('alice', "SELECT sfn.start_execution('m', '{\"a\": \"$hidden\"}', 'open'), sfn.start_execution('each', '[\"$hidden\"]', 'run'), sfn.start_execution('own', '{\"a\": \"$hidden\"}', 'over')");
done('alice', "SELECT sfn.create_bus('shop', 'known to all, as in sfn.event_buses'), sfn.create_rule('watch', '$pattern', 'sql:public.f', bus => 'shop', input => '{\"a\": \"$hidden\"}'), sfn.create_rule('mine', '$pattern', 'own')");
done('alice', "SELECT sfn.create_archive('kept', '$pattern'), sfn.start_replay('again', 'kept', '2000-01-01')");
done('alice', "SELECT sfn.create_schedule('due', 'rate(10 days)', 'own', '{\"a\": \"$hidden\"}'), sfn.create_queue('jobs'), sfn.send_message('jobs', '$hidden'), sfn.create_topic('news'), sfn.subscribe('news', 'arn:aws:sqs:us-east-1:000000000000:jobs')");
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks}, '2'), 'executions wait');
ok(wait_for($node, q{SELECT count(*) FROM sfn.execution WHERE map_run_id IS NOT NULL}, '1'), '... and a child');
done('alice', qq{SELECT sfn.scheduler_api('CreateScheduleGroup', '{"Name": "group"}')});
done('postgres', qq{SELECT sfn.scheduler_api('TagResource', '{"ResourceArn": "$scheduler:schedule-group/default", "Tags": [{"Key": "root", "Value": "r"}]}')});
done('alice', qq{SELECT sfn.events_api('TagResource', '{"ResourceARN": "$events:event-bus/shop", "Tags": [{"Key": "root", "Value": "$hidden"}]}')});
my $run = sql('SELECT map_run_arn FROM sfn.map_runs');
my $child = sql('SELECT execution_arn FROM sfn.executions WHERE map_run_arn IS NOT NULL');
my $queue = sql('SELECT queue_url FROM sfn.queues');
my $subscription = sql('SELECT subscription_arn FROM sfn.subscriptions');

my %named = (
	executionArn => "$states:execution:m:open", stateMachineArn => "$states:stateMachine:own", mapRunArn => $run, activityArn => "$states:activity:work",
	stateMachineVersionArn => "$states:stateMachine:own:1", stateMachineAliasArn => "$states:stateMachine:own:live", resourceArn => "$states:stateMachine:own",
	tags => [ { key => 'k', value => 'v' } ], Tags => [ { Key => 'k', Value => 'v' } ], tagKeys => [$hidden], TagKeys => ['k'],
	Name => 'due', ReplayName => 'again', ArchiveName => 'kept', TargetArn => "$states:stateMachine:own", Rule => 'watch', EventBusName => 'shop',
	Ids => ['1'], QueueUrl => $queue, QueueName => 'jobs', TopicArn => $topic, SubscriptionArn => $subscription, ResourceARN => "$events:rule/shop/watch",
	ResourceArn => "$scheduler:schedule-group/group", definition => $machine, name => 'm', roleArn => 'arn:aws:iam::000000000000:role/alice', output => '{}',
	routingConfiguration => [ { stateMachineVersionArn => "$states:stateMachine:own:1", weight => 100 } ], maxConcurrency => 1, description => 'd',
	Entries => [ { Source => 'a', DetailType => 't', Detail => '{}', EventBusName => 'shop', Id => 'i', MessageBody => 'b', Message => 'b', ReceiptHandle => 'r' } ],
	Targets => [ { Id => '1', Arn => "$states:stateMachine:own", RoleArn => 'arn:aws:iam::000000000000:role/alice' } ],
	EventStartTime => 1, EventEndTime => 2, EventSourceArn => "$events:event-bus/default", Destination => { Arn => "$events:event-bus/default" }, MessageBody => 'b', ReceiptHandle => 'r',
	VisibilityTimeout => 1, Attributes => { DelaySeconds => '1' }, ScheduleExpression => 'rate(1 day)', FlexibleTimeWindow => { Mode => 'OFF' },
	Target => { Arn => "$states:stateMachine:own", RoleArn => 'arn:aws:iam::000000000000:role/alice' }, EventPattern => $pattern, Event => '{}', StatementId => 's', Action => 'events:PutEvents', Principal => '*', Message => 'b', AttributeName => 'RawMessageDelivery', AttributeValue => 'true',
	Protocol => 'sqs', Endpoint => 'arn:aws:sqs:us-east-1:000000000000:jobs', PublishBatchRequestEntries => [ { Id => 'i', Message => 'b' } ], taskToken => 'no token');
my %special = (
	bus => { Name => 'shop' }, rule => { Name => 'watch' }, schedule => { Name => 'due' }, group => { Name => 'group' }, topic => { Name => 'news' });

# From the tables of actions: api | name | required members.
my @actions;
my $dir = dirname(__FILE__) . '/../../src/server/api/aws';
my ($schedule_members) = slurp_file("$dir/schedules.c") =~ /#define SCHEDULE_MEMBERS((?:.*\\\n)*.*)/;
my $text = join '', map { slurp_file($_) } glob("$dir/*.c");
while ($text =~ /^const AwsAction aws_(\w+)_actions\[\] = \{\n(.*?)^\};/msg)
{
	my ($table, $rows) = ($1, $2);
	my $api = $table =~ /schedule/ ? 'scheduler_api' : $table =~ /event/ ? 'events_api' : 'api';
	while ($rows =~ /^\t\{"((?:s[qn]s:)?[A-Z]\w+)",\s*([^{}]*?),\s*\w+[,}]/mg)
	{
		my ($name, $spec) = ($1, $2);
		$spec =~ s/SCHEDULE_MEMBERS/$schedule_members/;
		my %request = map { ($_ => $named{$_}) } grep { exists $named{$_} } $spec =~ /(\w+):\w/g;
		my $what = $name =~ /EventBus/ ? 'bus' : $name =~ /Rule$/ ? 'rule' : $name =~ /Group/ ? 'group' : $name =~ /Topic/ ? 'topic' : 'schedule';
		%request = (%request, %{ $special{$what} }) if exists $request{Name};
		delete $request{stateMachineArn} if $name eq 'ListExecutions';
		$request{name} = 'work' if $name eq 'CreateActivity';
		$request{ResourceArn} = $topic if $name =~ /^sns:/ && exists $request{ResourceArn};
		$request{stateMachineArn} = "$states:stateMachine:x" if $name eq 'StartSyncExecution';
		$request{EventSourceArn} = "$events:archive/kept" if $name eq 'StartReplay';
		delete $request{Attributes} if $name eq 'sns:Subscribe';
		delete $request{tags} if $name =~ /^sqs:/;
		$request{AttributeName} = 'DisplayName' if $name eq 'sns:SetTopicAttributes';
		push @actions, [ $api, $name, json(\%request) ];
	}
}
foreach my $arn ([ 'events_api', 'ResourceARN', "$events:event-bus/shop" ], [ 'events_api', 'ResourceARN', "$events:event-bus/default" ], [ 'scheduler_api', 'ResourceArn', "$scheduler:schedule-group/default" ])
{
	push @actions, [ $arn->[0], 'TagResource', json({ $arn->[1] => $arn->[2], Tags => $named{Tags} }) ], [ $arn->[0], 'UntagResource', json({ $arn->[1] => $arn->[2], TagKeys => ['root'] }) ],
		[ $arn->[0], 'ListTagsForResource', json({ $arn->[1] => $arn->[2] }) ];
}
cmp_ok(scalar @actions, '>', 90, 'the actions are found: ' . @actions);

# What there is of alice's, in all tables.
sql(q{
	CREATE FUNCTION public.digest() RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		t regclass; d text; a text := '';
	BEGIN
		FOR t IN SELECT c.oid FROM pg_class c WHERE relnamespace = 'sfn'::regnamespace AND relkind IN ('r', 'p') AND relname !~ 'stat|worker' ORDER BY relname LOOP
			EXECUTE format('SELECT md5(string_agg(r::text, E''\n'' ORDER BY r::text)) FROM %s r', t) INTO d;
			a := a || ' ' || t || '=' || coalesce(d, '');
		END LOOP;
		RETURN a;
	END$$;
	CREATE FUNCTION public.attempt(role text, sql text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		answer text; before text := public.digest(); changed text;
	BEGIN
		PERFORM set_config('role', role, true);
		EXECUTE sql INTO answer;
		PERFORM set_config('role', 'none', true);
		SELECT string_agg(a, ' ') INTO changed FROM (SELECT unnest(string_to_array(public.digest(), ' ')) EXCEPT SELECT unnest(string_to_array(before, ' '))) c (a);
		RAISE SQLSTATE 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN RETURN concat(CASE WHEN changed IS NOT NULL THEN 'CHANGED ' || changed || ' ' END, translate(answer, E'\n', ' '));
		WHEN OTHERS THEN RETURN 'ERROR ' || translate(SQLERRM, E'\n', ' ');
	END$$;
});
sub attempts
{
	my ($role, @rows) = @_;
	my $out = sql(join "\n", map { "SELECT public.attempt('$role', \$a\$SELECT sfn.$_->[0]('$_->[1]', \$j\$$_->[2]\$j\$)\$a\$);" } @rows);
	return split /\n/, $out, -1;
}

my @answers = attempts('nobody', @actions);
for my $i (0 .. $#actions)
{
	my ($api, $name, $request) = @{ $actions[$i] };
	my $answer = $answers[$i];
	unlike($answer, qr/SerializationException|must not be null|has no member/, "$name is asked what it knows") or diag("$request: $answer");
	my $tests = $name =~ /^(Test|Validate)/; # answers what it is asked about
	ok($tests || $answer !~ /\Q$hidden\E/ || $answer =~ /^ERROR/ && $request =~ /\Q$hidden\E/, "nobody: $name shows nothing") or diag("$request: $answer");
	unlike($answer, qr/^CHANGED/, "nobody: $name changes nothing") or diag("$request: $answer");
	note("$name: " . substr($answer, 0, 200));
}

# Data, by what one may.
foreach my $arn ("$states:execution:m:open", "$states:execution:each:run", $child)
{
	my @rows = ((map { [ 'api', $_, json({ executionArn => $arn }) ] } 'DescribeExecution', 'DescribeStateMachineForExecution', 'ListMapRuns', 'StopExecution', 'RedriveExecution'),
		[ 'api', 'GetExecutionHistory', json({ executionArn => $arn, includeExecutionData => \1 }) ], [ 'api', 'DescribeExecution', json({ executionArn => $arn, includedData => 'ALL_DATA' }) ],
		[ 'api', 'ListExecutions', json({ mapRunArn => $run }) ], [ 'api', 'GetActivityTask', json({ activityArn => "$states:activity:work" }) ]);
	foreach my $role (grep { $_ ne 'read_data' } @given)
	{
		my @shown = attempts("r_$role", @rows);
		unlike($shown[$_], qr/\Q$hidden\E/, "$role: $rows[$_][1] shows no data") foreach 0 .. $#rows;
	}
	like((attempts('r_read_data', $rows[0]))[0], qr/\Q$hidden\E/, 'read_data shows it');
}

$node->stop;
done_testing();
