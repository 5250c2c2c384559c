
# Topics of sfn.create_topic(): what a task or a session publishes reaches queues, functions, machines and channels exactly
# when it has succeeded; who may publish and subscribe, and what becomes of a topic with its owner.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('topics', conf => "sfn.max_workers = 2\n");
my $json = JSON::PP->new->canonical->allow_nonref;
my $uuid = qr/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub as { my ($role, $sql) = @_; return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]) }

sub refused
{
	my ($sql, $pattern, $name, $role) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql, extra_params => [ $role ? ('-U', $role) : () ]);
	like($err, $pattern, $name);
}

# The messages of a queue, once there are so many.
sub received
{
	my ($queue, $count) = @_;
	ok(wait_for($node, "SELECT messages FROM sfn.queues WHERE name = '$queue'", $count), "$queue has $count");
	my $bodies = $json->decode(sql("SELECT json_agg(body) FROM sfn.receive_message('$queue', 100)"));
	sql("SELECT sfn.purge_queue('$queue')");
	return @$bodies;
}

# How many there have been from alice's topic.
sub deliveries
{
	return sql(q{SELECT count(*) FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id WHERE m.name LIKE '$rule/topic/alices/%'});
}

sub called
{
	my ($resource, $parameters, %fields) = @_;
	task_machine($node, $fields{as} // 'm', "arn:aws:states:::$resource", Parameters => $parameters, %fields);
	return run($node, $fields{as} // 'm', {});
}

my $topic = sql("SELECT sfn.create_topic('orders')");
is($topic, 'arn:aws:sns:us-east-1:000000000000:orders', 'a topic has an ARN as SNS has');
is(sql("SELECT sfn.create_topic('orders')"), $topic, 'to make it again is no error');
sql(q{
	CREATE TABLE public.told (id serial, event json);
	CREATE FUNCTION public.tell(event json) RETURNS void LANGUAGE sql AS 'INSERT INTO public.told (event) VALUES (event)';
	CREATE FUNCTION public.tell_lambda(event jsonb) RETURNS text LANGUAGE sql AS 'INSERT INTO public.told (event) VALUES (event) RETURNING ''''::text';
	SELECT sfn.create_function('lambda', 'public.tell_lambda(jsonb)');
	SELECT sfn.create_state_machine('follows', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_queue(q) FROM unnest(ARRAY['whole', 'raw', 'failures']) q});
my $to_queue = sql("SELECT sfn.subscribe('orders', 'arn:aws:sqs:us-east-1:000000000000:whole')");
like($to_queue, qr/^\Q$topic\E:$uuid$/, 'a subscription has an ARN');
sql("SELECT sfn.subscribe('$topic', 'arn:aws:sqs:us-east-1:000000000000:raw', raw => true)");

#
# In SQL, to queues.
#
my $id = sql(q{SELECT sfn.publish('orders', 'one "1"', 'A subject', '{"colour": {"DataType": "String", "StringValue": "blue"}}')});
my ($body) = received('whole', 1);
my $notification = $json->decode($body);
like(delete $notification->{Timestamp}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/, 'a notification has a time');
is($json->encode($notification), $json->encode({ Type => 'Notification', MessageId => $id, TopicArn => $topic, Subject => 'A subject', Message => 'one "1"',
	MessageAttributes => { colour => { Type => 'String', Value => 'blue' } } }), 'and is that of SNS');
is((received('raw', 1))[0], 'one "1"', 'a raw one is the message');
sql("BEGIN; SELECT sfn.publish('orders', 'undone'); ROLLBACK; SELECT sfn.publish('orders', 'kept')");
is(join(' ', received('raw', 1)), 'kept', 'what is rolled back was not published');
received('whole', 1);

#
# By tasks: the recorded answer, to all kinds of targets.
#
sql("SELECT sfn.subscribe('orders', t) FROM unnest(ARRAY['sql:public.tell', 'follows', 'arn:aws:lambda:us-east-1:000000000000:function:lambda']) t");
my $output = called('sns:publish', { TopicArn => $topic, Message => { n => 1 } })->{output};
like($output->{MessageId}, qr/^$uuid$/, 'sns:publish');
is(join(' ', sort keys %$output), 'MessageId SdkHttpMetadata SdkResponseMetadata', 'answers as SNS does');
is((received('raw', 1))[0], '{"n":1}', 'JSON is published as text');
is($json->decode((received('whole', 1))[0])->{MessageId}, $output->{MessageId}, 'to both queues');
ok(wait_for($node, 'SELECT count(*) FROM public.told', '2'), 'functions are called');
is(sql(q{SELECT event->>'Message' FROM public.told WHERE event->>'Records' IS NULL}), '{"n":1}', 'with the notification');
is(sql(q{SELECT event->'Records'->0->>'EventSource', event->'Records'->0->'Sns'->>'Message', event->'Records'->0->>'EventSubscriptionArn' = subscription_arn
	FROM public.told, sfn.subscriptions WHERE event->>'Records' IS NOT NULL AND target LIKE '%:lambda:%'}), 'aws:sns|{"n":1}|t', 'that with an ARN as Lambda is by SNS');
ok(wait_for($node, q{SELECT string_agg(output->>'Message', ' ') FROM sfn.executions WHERE state_machine = 'follows' AND status = 'SUCCEEDED'}, '{"n":1}'), 'a machine is started');
sql(q{SELECT sfn.unsubscribe(subscription_arn) FROM sfn.subscriptions WHERE target !~ ':sqs:'});
$output = called('aws-sdk:sns:publish', { TopicArn => $topic, Message => 'text' })->{output};
is(join(' ', sort keys %$output), 'MessageId', 'aws-sdk:sns:publish');
is((received('raw', 1))[0], 'text', 'publishes, too');
$output = called('aws-sdk:sns:publishBatch', { TopicArn => $topic, PublishBatchRequestEntries => [ { Id => 'a', Message => 'a+b%20 & <1>', MessageAttributes => { c => { DataType => 'Number', StringValue => '1' } } },
	{ Id => 'b', Message => 'x', Subject => "a\nb" } ] })->{output};
like($json->encode($output->{Successful}), qr/^\[\{"Id":"a","MessageId":"$uuid"\}\]$/, 'aws-sdk:sns:publishBatch') or diag($json->encode($output));
is($json->encode([ @{ $output->{Failed}[0] }{qw(Id Code SenderFault)} ]), '["b","InvalidParameter",true]', '... each by itself');
is((received('raw', 1))[0], 'a+b%20 & <1>', '... is told');
foreach ([ [], 'EmptyBatchRequestException' ], [ [ map { { Id => $_, Message => 'x' } } 1 .. 11 ], 'TooManyEntriesInBatchRequestException' ],
	[ [ map { { Id => 'a', Message => 'x' } } 1 .. 2 ], 'BatchEntryIdsNotDistinctException' ], [ [ { Id => 'a b', Message => 'x' } ], 'InvalidBatchEntryIdException' ])
{
	is(called('aws-sdk:sns:publishBatch', { TopicArn => $topic, PublishBatchRequestEntries => $_->[0] })->{error}, "Sns.$_->[1]", "batches: $_->[1]");
}
task_machine($node, 'asks', 'arn:aws:states:::sns:publish.waitForTaskToken', Parameters => { TopicArn => $topic, Message => { 'token.$' => '$$.Task.Token' } });
my $execution = started($node, 'asks', {});
my $token = $json->decode((received('raw', 1))[0])->{token};
sql(qq{SELECT sfn.send_task_success('$token', '"done"')});
is(end_of($node, $execution)->{output}, 'done', 'whoever gets the message answers');

#
# What cannot be.
#
my $end = called('sns:publish', { TopicArn => $topic, Message => '' });
is($end->{error}, 'SNS.InvalidParameterException', 'an empty message: error');
like($end->{cause}, qr/^Invalid parameter: Empty message \(Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; Request ID: $uuid; Proxy: null\)$/, 'an empty message: cause');
like(called('sns:publish', { TopicArn => $topic, Message => '{}', MessageStructure => 'json' })->{cause}, qr/^Invalid parameter: MessageStructure/, 'a message for each protocol');
like(called('aws-sdk:sns:subscribe', { TopicArn => $topic, Protocol => 'sqs' })->{cause}, qr/^The action subscribe is not valid/, 'an action that is not there');
like(called('sns:publish', { TopicArn => "$topic-not", Message => 'x' })->{cause}, qr/There are no AWS credentials/, 'a topic that is not ours is of AWS');
refused("SELECT sfn.publish('none', 'x')", qr/topic "none" does not exist/, 'no topic');
refused("SELECT sfn.publish('orders', '')", qr/a message must not be empty/, 'no message');
refused(qq{SELECT sfn.publish('orders', 'x', attributes => '{"a": 1}')}, qr/attribute 'a' must contain non-empty message attribute type/, 'an attribute');
$end = called('sns:publish', { TopicArn => $topic, Message => 'x', MessageAttributes => { a => { DataType => 'Number', StringValue => 'many' } } });
is($end->{error}, 'SNS.InvalidParameterValueException', 'an attribute that is no number: error');
like($end->{cause}, qr/^Could not cast message attribute 'a' value to number\. \(Service: AmazonSNS; Status Code: 400; Error Code: ParameterValueInvalid; /, 'an attribute that is no number: cause');
refused(q{SELECT sfn.publish('orders', 'x', attributes => '{"a": "\ud800"}')}, qr/attributes cannot be read: .* at line 1, column 8/, 'attributes that cannot be held');
refused("SELECT sfn.publish('orders', 'x', repeat('x', 101))", qr/a subject is from 1 to 100 bytes long/, 'a subject');
refused("SELECT sfn.publish('orders', repeat('x', 1000000))", qr/a message with its attributes is at most/, 'a long message');
refused("SELECT sfn.create_topic('a b')", qr/the name of a topic has/, 'a name');
refused("SELECT sfn.create_bus('topic/x')", qr/invalid name of an event bus/, 'no bus is called as a topic is');
refused("SELECT sfn.subscribe('orders', 'arn:aws:kinesis:us-east-1:000000000000:s')", qr/cannot be the target/, 'a target');
refused("SELECT sfn.unsubscribe('$topic')", qr/subscription "\Q$topic\E" does not exist/, 'no subscription');
is(sql("SELECT count(*) FROM sfn.event_buses WHERE name <> 'default'"), '0', 'a topic is not shown as a bus');

#
# Told by a rule, and what cannot be delivered.
#
sql("SELECT sfn.create_topic('alarms'); SELECT sfn.subscribe('alarms', 'arn:aws:sqs:us-east-1:000000000000:failures', raw => true)");
sql(q{SELECT sfn.create_rule('failures', '{"source": ["aws.states"], "detail": {"status": ["FAILED"], "stateMachineArn": [{"suffix": ":fails"}]}}',
	'arn:aws:sns:us-east-1:000000000000:alarms', input_path => '$.detail')});
machine($node, 'fails', { StartAt => 'F', States => { F => { Type => 'Fail', Error => 'Sorry' } } });
is(run($node, 'fails', {})->{status}, 'FAILED', 'an execution fails');
is($json->decode((received('failures', 1))[0])->{error}, 'Sorry', 'which a topic is told of');
sql(q{SELECT sfn.subscribe('alarms', 'sql:public.nobody'); SELECT sfn.publish('alarms', 'x')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.event_dead_letters WHERE bus = 'topic/alarms' AND event->'detail'->>'Message' = 'x'}, '1'), 'a dead letter');
received('failures', 1);
sql("SELECT sfn.unsubscribe(subscription_arn) FROM sfn.subscriptions WHERE topic = 'alarms' AND target = 'sql:public.nobody'");
is(sql("SELECT subscriptions FROM sfn.topics WHERE name = 'alarms'"), '1', 'a subscription ends');

#
# Filter policies: on attributes, and on the body.
#
sql(q{SELECT sfn.create_topic('filtered');
	SELECT sfn.create_queue(q) FROM unnest(ARRAY['blue', 'cheap', 'array', 'either', 'body', 'unset']) q;
	SELECT sfn.subscribe('filtered', 'arn:aws:sqs:us-east-1:000000000000:' || q, raw => true, filter_policy => p, filter_scope => s) FROM (VALUES
		('blue', '{"colour": ["blue", {"prefix": "dark"}]}'::json, 'MessageAttributes'), ('cheap', '{"price": [{"numeric": ["<", 100]}]}', 'MessageAttributes'),
		('array', '{"sizes": ["xl"], "colour": [{"exists": false}]}', 'MessageAttributes'), ('either', '{"$or": [{"colour": ["red"]}, {"price": [7]}]}', 'MessageAttributes'),
		('body', '{"order": {"state": ["paid"]}, "draft": [{"exists": false}]}', 'MessageBody'), ('unset', '{}', 'MessageAttributes')) v (q, p, s);
	SELECT sfn.publish('filtered', m, attributes => a) FROM (VALUES
		('1', '{"colour": {"DataType": "String", "StringValue": "blue"}, "price": {"DataType": "Number", "StringValue": "100"}}'::json),
		('2', '{"colour": {"DataType": "String", "StringValue": "darkgrey"}, "price": {"DataType": "Number", "StringValue": "7"}}'),
		('3', '{"sizes": {"DataType": "String.Array", "StringValue": "[\"s\", \"xl\"]"}, "price": {"DataType": "String", "StringValue": "7"}}'),
		('4', '{"colour": {"DataType": "String", "StringValue": "red"}}'),
		('{"order": {"state": "paid"}}', NULL), ('{"order": {"state": "paid"}, "draft": true}', NULL), ('["paid"]', NULL)) v (m, a)});
is(join(' ', sort(received('unset', 7))), '1 2 3 4 ["paid"] {"order": {"state": "paid"}, "draft": true} {"order": {"state": "paid"}}', 'an empty policy lets all through');
is(join(' ', sort(received('blue', 2))), '1 2', 'by values and operators');
is(join(' ', received('cheap', 1)), '2', 'a number is none when its type is String');
is(join(' ', received('array', 1)), '3', 'one of a list does');
is(join(' ', sort(received('either', 2))), '2 4', 'alternatives');
is(join(' ', received('body', 1)), '{"order": {"state": "paid"}}', 'by the body, which must be an object');
is(sql("SELECT filter_policy->'colour'->>0, filter_scope FROM sfn.subscriptions WHERE target LIKE '%:blue'"), 'blue|MessageAttributes', 'the view shows them');
refused(qq{SELECT sfn.publish('filtered', 'x', E'two\\nlines')}, qr/a subject is from 1 to 100 bytes long, without line ends/, 'a subject of two lines');
refused(qq{SELECT sfn.subscribe('filtered', 'sql:public.tell', filter_policy => '{"a": {"b": ["c"]}}')}, qr/does not support nested filter policy/, 'attributes have no members');
refused(qq{SELECT sfn.subscribe('filtered', 'sql:public.tell', filter_policy => '{"a": "b"}')}, qr/invalid filter policy: /, 'a policy that is none');
refused(qq{SELECT sfn.subscribe('filtered', 'sql:public.tell', filter_policy => '[]')}, qr/it must be an object/, 'and one that is no object');
refused(qq{SELECT sfn.subscribe('filtered', 'sql:public.tell', filter_policy => '{"a": ["b"]}', filter_scope => 'Subject')}, qr/MessageAttributes or MessageBody/, 'a scope');
sql("SELECT sfn.delete_topic('filtered')");

#
# Exactly once: what is published once is there once, however often the server dies.
#
sql("SELECT sfn.unsubscribe('$to_queue')");
sql("SELECT sfn.purge_queue('raw')");
machine($node, 'many', { StartAt => 'Publish', States => {
	Publish => { Type => 'Task', Resource => 'arn:aws:states:::sns:publish', Parameters => { TopicArn => $topic, 'Message.$' => "States.JsonToString(\$.n)" }, End => JSON::PP::true } } });
sql("SELECT count(sfn.start_execution('many', json_build_object('n', i)::text)) FROM generate_series(1, 100) i");
foreach (1 .. 2)
{
	$node->stop('immediate');
	$node->start;
}
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED' AND execution_arn LIKE '%:many:%'}, '0'), 'all have published');
ok(wait_for($node, q{SELECT messages FROM sfn.queues WHERE name = 'raw'}, '100'), 'all is delivered');
is(sql("SELECT count(*), count(DISTINCT body) FROM sfn.receive_message('raw', 1000)"), '100|100', 'each message once');

#
# Whose.
#
sql('CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN');
as('alice', "SELECT sfn.create_topic('alices'), sfn.create_queue('alices')");
as('bob', "SELECT sfn.create_queue('bobs')");
as('alice', "SELECT sfn.subscribe('alices', 'arn:aws:sqs:us-east-1:000000000000:alices', raw => true)");
refused("SELECT sfn.create_topic('alices')", qr/permission denied for topic "alices"/, 'a name that is taken', 'bob');
refused("SELECT sfn.publish('alices', 'x')", qr/permission denied for topic "alices"/, 'publishing', 'bob');
refused("SELECT sfn.subscribe('alices', 'sql:public.tell')", qr/permission denied for topic "alices"/, 'subscribing', 'bob');
refused("SELECT sfn.delete_topic('alices')", qr/permission denied for topic "alices"/, 'deleting', 'bob');
my $hers = sql("SELECT subscription_arn FROM sfn.subscriptions WHERE topic = 'alices'");
refused("SELECT sfn.unsubscribe('$hers')", qr/permission denied for subscription/, 'unsubscribing', 'bob');
refused("SELECT sfn.put_event('sfn.sns', 't', '{}', bus => 'topic/alices')", qr/permission denied/, 'an event that looks like a message', 'bob');
refused(q{SELECT sfn.create_rule('spy', '{"source": ["sfn.sns"]}', 'arn:aws:sqs:us-east-1:000000000000:bobs', bus => 'topic/alices')}, qr/permission denied for topic "alices"/, 'a rule that listens', 'bob');
as('alice', "SELECT sfn.publish('alices', 'secret')");
is((received('alices', 1))[0], 'secret', 'she gets hers');
is(as('bob', 'SELECT count(*) FROM sfn.topics'), '0', 'and nothing is seen');
is(as('bob', 'SELECT count(*) FROM sfn.subscriptions'), '0', '... of subscriptions');
my $advised = q{SELECT sfn.create_state_machine('advised', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sns:publish", "End": true, "Parameters": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:alices", "Message": "y"}}}}')};
refused($advised, qr/WARNING:  .* may not use the topic "alices", which is owned by role "alice" at .*TopicArn\nHINT:  .*sfn\.grant_use\('topic', 'alices', 'bob'\)/, 'a machine that names one which is not lent', 'bob');
as('bob', "SELECT sfn.delete_state_machine('advised')");
as('alice', "SELECT sfn.grant_use('topic', 'alices', 'bob')");
refused($advised, qr/WARNING:  The topic "alices" is owned by role "alice", which .* does not trust at .*\nHINT:  .*sfn\.trust\('topic', 'alices', 'alice', 'bob'\)/, 'or whose owner is not trusted', 'bob');
as('bob', "SELECT sfn.publish('alices', 'his')");
is((received('alices', 1))[0], 'his', 'unless she lends it');
is(as('bob', "SELECT kind, name FROM sfn.use_grants"), 'topic|alices', 'which shows');
my %to_alice = (TopicArn => 'arn:aws:sns:us-east-1:000000000000:alices', Message => 'y');
$end = called('sns:publish', {%to_alice}, as => 'bob');
is($end->{error}, 'States.Permissions', 'a machine of his does not trust her');
like($end->{cause}, qr/sfn\.trust\('topic', 'alices', 'alice', 'bob'\)/, 'and says how it would');
as('bob', "SELECT sfn.trust('topic', 'alices', 'alice', 'bob')");
is(as('bob', 'SELECT kind, name FROM sfn.trusts'), 'topic|alices', 'until told to');
is(called('sns:publish', {%to_alice}, as => 'bob')->{status}, 'SUCCEEDED', 'then it publishes');
is((received('alices', 1))[0], 'y', 'and she has it');
as('alice', "SELECT sfn.revoke_use('topic', 'alices', 'bob')");
is(called('sns:publish', {%to_alice}, as => 'bob')->{error}, 'SNS.AuthorizationErrorException', 'not when she takes it back');
as('alice', "SELECT sfn.grant_bus('topic/alices', 'bob', 'subscribe')");
my $his = as('bob', "SELECT sfn.subscribe('alices', 'arn:aws:sqs:us-east-1:000000000000:bobs', raw => true)");
as('alice', "SELECT sfn.publish('alices', 'for both')");
is((received('bobs', 1))[0], 'for both', 'whom she lets subscribe is told');
my $before = deliveries();
as('alice', "SELECT sfn.revoke_bus('topic/alices', 'bob', 'subscribe'); SELECT sfn.publish('alices', 'not for him')");
received('alices', 2);
is(deliveries(), $before + 1, 'and not when she takes it back');
as('alice', "SELECT sfn.unsubscribe('$his')");
is(as('bob', 'SELECT count(*) FROM sfn.subscriptions'), '0', 'as long as she likes');

my ($code, $out, $err) = $node->psql('postgres', 'DROP ROLE alice');
like($err, qr/owner of topic "alices"/, 'who owns a topic is not dropped');
as('alice', "SELECT sfn.grant_use('topic', 'alices', 'bob')");
sql("SELECT sfn.reassign('alice', 'carol')");
is(sql("SELECT count(*) FROM sfn.use_grants"), '0', 'and lent anew');
is(as('carol', 'SELECT name, subscriptions FROM sfn.topics'), 'alices|1', 'her topic is handed over');
is(sql('SELECT count(*) FROM sfn.trusts'), '0', 'and is to be trusted anew');
as('bob', "SELECT sfn.trust('topic', 'alices', 'carol', 'bob')");
sql('DROP OWNED BY carol');
is(sql('SELECT count(*) FROM sfn.trust'), '0', 'no trust is left in what is gone');
is(sql("SELECT count(*) FROM sfn.topics WHERE name = 'alices'"), '0', 'it goes with all that she owns');
sql("SELECT sfn.delete_topic('orders')");
is(sql("SELECT string_agg(topic, ' ') FROM sfn.subscriptions"), 'alarms', 'subscriptions go with their topic');
is(sql("SELECT count(*) FROM sfn.event_rule WHERE bus_id <> 0 AND bus_id NOT IN (SELECT id FROM sfn.event_bus)"), '0', 'nothing is left of it');

done_testing();
