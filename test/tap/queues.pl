
# Queues of sfn.create_queue(): sending, receiving, deleting and dead letters in SQL and by tasks; a message is there exactly when
# the task has succeeded; who may, and what becomes of it with its owner.

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('queues', conf => "sfn.max_workers = 2\n");
my $json = JSON::PP->new->canonical->allow_nonref;

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub as { my ($role, $sql) = @_; return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]) }

sub refused
{
	my ($sql, $pattern, $name, $role) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql, extra_params => [ $role ? ('-U', $role) : () ]);
	like($err, $pattern, $name);
}

# All that can be received, in order.
sub received { return sql("SELECT string_agg(body, ' ') FROM sfn.receive_message('$_[0]', 100)") }

sub called
{
	my ($resource, $parameters, %fields) = @_;
	task_machine($node, $fields{as} // 'm', "arn:aws:states:::$resource", Parameters => $parameters, %fields);
	return run($node, $fields{as} // 'm', {});
}

my $url = sql("SELECT sfn.create_queue('orders')");
is($url, 'https://sqs.us-east-1.amazonaws.com/000000000000/orders', 'a queue has a URL as SQS has');

#
# In SQL.
#
like(sql("SELECT sfn.send_message('orders', 'one')"), qr/^[0-9a-f-]{36}$/, 'a message is sent');
sql("SELECT sfn.send_message('$url', 'two', '{\"colour\": {\"DataType\": \"String\", \"StringValue\": \"blue\"}}')");
sql("SELECT sfn.send_message('arn:aws:sqs:us-east-1:000000000000:orders', 'later', delay => '10 min')");
is(sql(q{SELECT name, owner, visibility_timeout, delay, messages FROM sfn.queues}), 'orders|' . sql('SELECT current_user') . '|00:00:30|00:00:00|3', 'the view shows them');
is(sql("SELECT body, receive_count, attributes->'colour'->>'StringValue', sent IS NOT NULL FROM sfn.receive_message('orders', 10)"), "one|1||t\ntwo|1|blue|t", 'they are received in their order');
is(received('orders'), '', 'and hidden then');
sql("BEGIN; SELECT sfn.send_message('orders', 'undone'); ROLLBACK");
is(received('orders'), '', 'what is rolled back was not sent');
sql("SELECT sfn.purge_queue('orders')");
sql("SELECT sfn.send_message('orders', 'x' || i) FROM generate_series(1, 3) i");
my ($handle) = sql("SELECT receipt_handle FROM sfn.receive_message('orders', 1, '0 s')");
is(sql("SELECT sfn.change_message_visibility('orders', '$handle', '1 hour')"), 't', 'a message is hidden for longer');
is(received('orders'), 'x2 x3', 'and does not come');
is(sql("SELECT sfn.delete_message('orders', '$handle')"), 't', 'it is deleted');
is(sql("SELECT sfn.delete_message('orders', '$handle')"), 'f', 'once');
sql("BEGIN; SELECT sfn.send_message('orders', 'kept'); COMMIT; BEGIN; SELECT sfn.delete_message('orders', receipt_handle) FROM sfn.receive_message('orders'); ROLLBACK");
is(received('orders'), 'kept', 'who rolls back has not received');
refused("SELECT sfn.delete_message('orders', 'handle')", qr/^$/, 'a handle that is none');
refused("SELECT sfn.send_message('orders', '')", qr/a message must not be empty/, 'an empty message');
refused(q{SELECT sfn.send_message('orders', 'x', attributes => '{"a": "\ud800"}')}, qr/attributes cannot be read: .* at line 1, column 8/, 'attributes that cannot be held');
refused("SELECT sfn.send_message('none', 'x')", qr/queue "none" does not exist/, 'no queue');
refused("SELECT sfn.send_message('https://sqs.eu-west-1.amazonaws.com/000000000000/orders', 'x')", qr/does not exist/, 'another region');
refused("SELECT sfn.send_message('https://sqs.us-east-1.amazonaws.com/111111111111/orders', 'x')", qr/does not exist/, 'another account');
refused(qq{SELECT sfn.send_message('orders', 'x', '[1, 2]')}, qr/MessageAttributes/, 'attributes that are no object');
refused(qq{SELECT sfn.send_message('orders', 'x', '{"a": {"DataType": "Colour", "StringValue": "v"}}')}, qr/attribute 'a' is invalid/, 'an attribute of another type');
refused("SELECT sfn.create_queue('a b')", qr/the name of a queue has/, 'a name');
refused("SELECT sfn.create_queue('a', visibility_timeout => '13 hours')", qr/visibility_timeout must be from 0 to 43200/, 'too long');
refused("SELECT sfn.create_queue('a', max_receive_count => 3)", qr/given together/, 'half a dead-letter queue');
refused("SELECT sfn.receive_message('orders', 0)", qr/MaxNumberOfMessages must be from 1/, 'no messages');

#
# Two who receive at a time.
#
sql("SELECT sfn.purge_queue('orders')");
sql("SELECT sfn.send_message('orders', i::text) FROM generate_series(1, 10) i");
my ($session) = start_statements($node, "BEGIN; SELECT sfn.receive_message('orders', 4); SELECT pg_sleep(600)");
my $sleeps = q{FROM pg_stat_activity WHERE wait_event = 'PgSleep'};
ok(wait_for($node, "SELECT count(*) $sleeps", '1'), 'one has some');
is(received('orders'), '5 6 7 8 9 10', 'the other gets the rest, without waiting');
sql("SELECT pg_terminate_backend(pid) $sleeps");
$session->finish;
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()}, '0'), 'the first fails');
is(received('orders'), '1 2 3 4', 'what it had comes to others');

#
# Dead letters.
#
sql("SELECT sfn.create_queue('dead')");
sql("SELECT sfn.create_queue('work', visibility_timeout => '0 s', dead_letter_queue => 'dead', max_receive_count => 2)");
sql("SELECT sfn.send_message('work', 'bad')");
is(received('work') . ' ' . received('work'), 'bad bad', 'received twice');
sql("SELECT sfn.send_message('work', 'good')");
is(received('work'), 'good', 'not a third time, and others pass it');
is(received('dead'), 'bad', 'it is a dead letter');
sql("SELECT sfn.delete_queue('dead')");
is(received('work') . ' ' . received('work') . ' ' . received('work'), 'good good good', 'without that queue it comes again and again');

#
# Changing what a queue has: what is given, and nothing else.
#
sub settings { return sql("SELECT visibility_timeout, delay, dead_letter_queue, max_receive_count, content_based_deduplication FROM sfn.queues WHERE name = '$_[0]'") }
sql("SELECT sfn.create_queue('letters'), sfn.create_queue('changed', visibility_timeout => '1 min', delay => '2 s', dead_letter_queue => 'letters', max_receive_count => 2), sfn.create_queue('changed.fifo')");
sql("SELECT sfn.set_queue_attributes('changed')");
is(settings('changed'), '00:01:00|00:00:02|letters|2|f', 'a queue is as it was');
sql("SELECT sfn.set_queue_attributes('arn:aws:sqs:us-east-1:000000000000:changed', visibility_timeout => '0 s')");
sql("SELECT sfn.set_queue_attributes('changed', max_receive_count => 3)");
is(settings('changed'), '00:00:00|00:00:02|letters|3|f', 'but for what is given');
sql("SELECT sfn.set_queue_attributes('changed', delay => '0', dead_letter_queue => '')");
is(settings('changed'), '00:00:00|00:00:00|||f', 'it has no dead letters any more');
sql("SELECT sfn.set_queue_attributes('changed', dead_letter_queue => 'letters', max_receive_count => 4)");
sql("SELECT sfn.set_queue_attributes('changed.fifo', content_based_deduplication => true)");
is(settings('changed') . ' ' . settings('changed.fifo'), '00:00:00|00:00:00|letters|4|f 00:00:30|00:00:00|||t', 'or others');
refused("SELECT sfn.set_queue_attributes('changed.fifo', max_receive_count => 4)", qr/given together/, 'a count of no dead letters');
refused("SELECT sfn.set_queue_attributes('changed', max_receive_count => $_)", qr/max_receive_count must be from 1 to 1000/, "a count of $_") foreach (-1, 0, 1001);
refused("SELECT sfn.set_queue_attributes('changed', dead_letter_queue => 'changed')", qr/its own dead-letter queue/, 'its own');
refused("SELECT sfn.set_queue_attributes('changed', visibility_timeout => '13 hours')", qr/visibility_timeout must be from 0 to 43200/, 'too long');
refused("SELECT sfn.set_queue_attributes('changed', content_based_deduplication => $_)", qr/no content_based_deduplication/, "no FIFO queue: $_") foreach ('true', 'false');
refused("SELECT sfn.set_queue_attributes('none')", qr/queue "none" does not exist/, 'no queue');
refused("SELECT sfn.set_queue_attributes(NULL)", qr/queue must not be null/, 'not even named');
is(settings('changed'), '00:00:00|00:00:00|letters|4|f', 'what is refused changes nothing');
sql("SELECT sfn.delete_queue(q) FROM unnest('{changed,changed.fifo,letters}'::text[]) q");

#
# By tasks: the recorded answer.
#
sql("SELECT sfn.purge_queue('orders')");
my $output = called('sqs:sendMessage', { QueueUrl => $url, MessageBody => { n => 1 } })->{output};
is($output->{MD5OfMessageBody}, md5_hex('{"n":1}'), 'sqs:sendMessage');
is(join(' ', sort keys %$output), 'MD5OfMessageBody MessageId SdkHttpMetadata SdkResponseMetadata', 'answers as SQS does');
is(join(' ', sort keys %{ $output->{SdkHttpMetadata}{HttpHeaders} }), 'Content-Length Content-Type Date connection x-amzn-RequestId', 'with its headers');
is(received('orders'), '{"n":1}', 'and the message is there');
$output = called('aws-sdk:sqs:sendMessage', { QueueUrl => $url, MessageBody => 'text', MessageAttributes => { a => { DataType => 'String', StringValue => 'v' } } })->{output};
is(join(' ', sort keys %$output), 'Md5OfMessageAttributes Md5OfMessageBody MessageId', 'aws-sdk:sqs:sendMessage');
is($output->{Md5OfMessageAttributes}, md5_hex(pack('N/a N/a C N/a', 'a', 'String', 1, 'v')), 'the digest of attributes');
$output = called('aws-sdk:sqs:receiveMessage', { QueueUrl => $url, MessageAttributeNames => ['All'], AttributeNames => ['ApproximateReceiveCount'] })->{output}{Messages}[0];
is($json->encode([ @{$output}{qw(Body Attributes MessageAttributes)} ]), '["text",{"ApproximateReceiveCount":"1"},{"a":{"DataType":"String","StringValue":"v"}}]', 'aws-sdk:sqs:receiveMessage');
is($json->encode(called('aws-sdk:sqs:deleteMessage', { QueueUrl => $url, ReceiptHandle => $output->{ReceiptHandle} })->{output}), '{}', 'aws-sdk:sqs:deleteMessage');
is($json->encode(called('aws-sdk:sqs:setQueueAttributes', { QueueUrl => $url, Attributes => { DelaySeconds => '0' } })->{output}), '{}', 'aws-sdk:sqs:setQueueAttributes');
is(called('aws-sdk:sqs:getQueueAttributes', { QueueUrl => $url, AttributeNames => ['All'] })->{output}{Attributes}{VisibilityTimeout}, '30', 'aws-sdk:sqs:getQueueAttributes');
is($json->encode(called('aws-sdk:sqs:getQueueUrl', { QueueName => 'orders' })->{output}), qq({"QueueUrl":"$url"}), 'aws-sdk:sqs:getQueueUrl');
$output = called('aws-sdk:sqs:sendMessageBatch', { QueueUrl => $url, Entries => [ { Id => 'a', MessageBody => '1' }, { Id => 'b', MessageBody => '2', DelaySeconds => 1000 } ] })->{output};
is($json->encode([ $output->{Successful}[0]{Id}, $output->{Failed}[0]{Code} ]), '["a","InvalidParameterValue"]', 'aws-sdk:sqs:sendMessageBatch');

# What SQS refuses: a batch as a whole, or one message.
my @two = map { { Id => $_, MessageBody => 'x' } } 1 .. 2;
my @batches = (
	[ [], 'EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.' ],
	[ [ map { { Id => $_, MessageBody => 'x' } } 1 .. 11 ], 'TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10. You have sent 11.' ],
	[ [ @two, $two[0] ], 'BatchEntryIdsNotDistinct', 'Id 1 repeated.' ],
	[ [ { Id => 'a b', MessageBody => 'x' } ], 'InvalidBatchEntryId', 'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.' ]);
sql("SELECT sfn.purge_queue('orders')");
foreach my $row (@batches)
{
	my $refused = called('aws-sdk:sqs:sendMessageBatch', { QueueUrl => $url, Entries => $row->[0] });
	is($refused->{error}, "Sqs.$row->[1]Exception", "$row->[1]: error");
	like($refused->{cause}, qr/^\Q$row->[2]\E \(Service: Sqs, Status Code: 400/, "$row->[1]: cause");
}
my @messages = (
	[ { MessageBody => "a\x01" }, 'InvalidMessageContents', qr/^Invalid characters found\./ ],
	[ { MessageBody => 'x', MessageAttributes => { map { ("a$_" => { DataType => 'String', StringValue => 'v' }) } 1 .. 11 } }, 'InvalidParameterValue', qr/^Number of message attributes \[11\] exceeds the allowed maximum \[10\]\./ ],
	[ { MessageBody => 'x', MessageAttributes => { a => { DataType => 'Colour', StringValue => 'v' } } }, 'InvalidParameterValue', qr/^The type of message \(user\) attribute 'a' is invalid\./ ],
	[ { MessageBody => 'x', MessageAttributes => { a => { DataType => 'Number', StringValue => 'v' } } }, 'InvalidParameterValue', qr/^Can't cast the value of message \(user\) attribute 'a' to a number\./ ],
	[ { MessageBody => 'x', MessageAttributes => { a => { DataType => 'Binary', StringValue => 'v' } } }, 'InvalidParameterValue', qr/^The message attribute 'a' with type 'Binary' must use field 'Binary'\./ ]);
foreach my $row (@messages)
{
	$output = called('aws-sdk:sqs:sendMessageBatch', { QueueUrl => $url, Entries => [ { Id => 'bad', %{ $row->[0] } } ] })->{output};
	is($output->{Failed}[0]{Code}, $row->[1], "$row->[2]: code");
	like($output->{Failed}[0]{Message}, $row->[2], "$row->[2]: message");
}
is(sql(q{SELECT messages FROM sfn.queues WHERE name = 'orders'}), '0', 'nothing of that was sent');
is($json->encode(called('aws-sdk:sqs:sendMessageBatch', { QueueUrl => $url, Entries => [ { Id => 'good', MessageBody => "\t\n\r ",
	MessageAttributes => { a => { DataType => 'Number.int', StringValue => '1' }, b => { DataType => 'Binary.png', BinaryValue => 'AAH/' } } } ] })->{output}{Successful}[0]{Id}), '"good"', 'what is allowed is sent');
like(called('aws-sdk:sqs:receiveMessage', { QueueUrl => $url, WaitTimeSeconds => 21 })->{cause}, qr/^Value 21 for parameter WaitTimeSeconds is invalid\. Reason: Must be >= 0 and <= 20, if provided\./, 'a wait that is too long');

my $end = called('sqs:sendMessage', { QueueUrl => $url, MessageBody => undef });
is($end->{error}, 'SQS.AmazonSQSException', 'no body: error');
like($end->{cause}, qr/^The request must contain the parameter MessageBody\. \(Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: [0-9a-f-]+; Proxy: null\)$/, 'no body: cause');
like(called('aws-sdk:sqs:tagQueue', { QueueUrl => $url, Tags => {} })->{cause}, qr/^Unknown action 'TagQueue'/, 'an action that is not there');
like(called('sqs:sendMessage', { QueueUrl => "$url-not", MessageBody => 'x' })->{cause}, qr/There are no AWS credentials/, 'a queue that is not ours is of AWS');

#
# Waiting for whoever receives the message.
#
sql("SELECT sfn.purge_queue('orders')");
task_machine($node, 'asks', 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters => { QueueUrl => $url, MessageBody => { 'token.$' => '$$.Task.Token' } });
my $execution = started($node, 'asks', {});
ok(wait_for($node, q{SELECT messages FROM sfn.queues WHERE name = 'orders'}, '1'), 'a message with a token');
sql(q{SELECT sfn.send_task_success(body::json->>'token', '"done"'), sfn.delete_message('orders', receipt_handle) FROM sfn.receive_message('orders')});
is(end_of($node, $execution)->{output}, 'done', 'who receives it ends the task');

#
# Exactly once: what a turn rolls back is not sent, what is sent once is there once, however often the server dies.
#
machine($node, 'many', { StartAt => 'Send', States => {
	Send => { Type => 'Task', Resource => 'arn:aws:states:::sqs:sendMessage', Parameters => { QueueUrl => $url, 'MessageBody.$' => "States.JsonToString(\$.n)" }, End => JSON::PP::true } } });
sql("SELECT count(sfn.start_execution('many', json_build_object('n', i)::text)) FROM generate_series(1, 300) i");
foreach (1 .. 3)
{
	$node->stop('immediate');
	$node->start;
}
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED' AND execution_arn LIKE '%:many:%'}, '0'), 'all have sent');
is(sql("SELECT count(*), count(DISTINCT body) FROM sfn.receive_message('orders', 1000)"), '300|300', 'each message is there once');

#
# Told by a rule: what fails leaves a message.
#
sql("SELECT sfn.create_queue('failures')");
sql(q{SELECT sfn.create_rule('failures', '{"source": ["aws.states"], "detail": {"status": ["FAILED"]}}', 'arn:aws:sqs:us-east-1:000000000000:failures', input_path => '$.detail')});
machine($node, 'fails', { StartAt => 'F', States => { F => { Type => 'Fail', Error => 'Sorry' } } });
is(run($node, 'fails', {})->{status}, 'FAILED', 'an execution fails');
ok(wait_for($node, q{SELECT messages FROM sfn.queues WHERE name = 'failures'}, '1'), 'its event is a message');
is(sql(q{SELECT body::json->>'error' FROM sfn.receive_message('failures')}), 'Sorry', 'which tells of it');
refused(q{SELECT sfn.create_rule('x', '{"source": ["x"]}', 'arn:aws:kinesis:us-east-1:000000000000:t')}, qr/cannot be the target of a rule/, 'a stream is none');

#
# Whose.
#
$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN');
as('alice', "SELECT sfn.create_queue('alices')");
refused("SELECT sfn.create_queue('alices')", qr/permission denied for queue "alices"/, 'a name that is taken', 'bob');
refused("SELECT sfn.send_message('alices', 'x')", qr/permission denied for queue "alices"/, 'sending', 'bob');
refused("SELECT sfn.receive_message('alices')", qr/permission denied for queue "alices"/, 'receiving', 'bob');
refused("SELECT sfn.set_queue_attributes('alices', delay => '1 s')", qr/permission denied for queue "alices"/, 'changing', 'bob');
refused("SELECT sfn.delete_queue('alices')", qr/permission denied for queue "alices"/, 'deleting', 'bob');
is(as('bob', 'SELECT count(*) FROM sfn.queues'), '0', 'and nothing is seen');
refused("SELECT * FROM sfn.queue_message", qr/permission denied/, 'the table is closed', 'alice');
my $advised = q{SELECT sfn.create_state_machine('advised', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true, "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/alices", "MessageBody": "y"}}}}')};
refused($advised, qr/WARNING:  .* may not use the queue "alices", which is owned by role "alice" at .*QueueUrl\nHINT:  .*sfn\.grant_use\('queue', 'alices', 'bob'\)/, 'a machine that names one which is not lent', 'bob');
as('bob', "SELECT sfn.delete_state_machine('advised')");
as('alice', "SELECT sfn.grant_use('queue', 'alices', 'bob')");
refused($advised, qr/WARNING:  The queue "alices" is owned by role "alice", which .* does not trust at .*\nHINT:  .*sfn\.trust\('queue', 'alices', 'alice', 'bob'\)/, 'or whose owner is not trusted', 'bob');
as('bob', "SELECT sfn.send_message('alices', 'x')");
refused("SELECT sfn.set_queue_attributes('alices', delay => '1 s')", qr/permission denied for queue "alices"/, 'what is lent is used, not changed', 'bob');
is(as('bob', 'SELECT name FROM sfn.queues'), 'alices', 'unless she lends it');
is(as('bob', "SELECT kind, name FROM sfn.use_grants"), 'queue|alices', 'which shows');
my %to_alice = (QueueUrl => 'https://sqs.us-east-1.amazonaws.com/000000000000/alices', MessageBody => 'y');
$end = called('sqs:sendMessage', {%to_alice}, as => 'bob');
is($end->{error}, 'States.Permissions', "a machine of his does not trust her");
like($end->{cause}, qr/sfn\.trust\('queue', 'alices', 'alice', 'bob'\)/, 'and says how it would');
as('bob', "SELECT sfn.trust('queue', 'alices', 'alice', 'bob')");
is(called('sqs:sendMessage', {%to_alice}, as => 'bob')->{status}, 'SUCCEEDED', 'until told to');
as('alice', "SELECT sfn.revoke_use('queue', 'alices', 'bob')");
is(called('sqs:sendMessage', {%to_alice}, as => 'bob')->{error}, 'SQS.AmazonSQSException', 'and not when she takes it back');
is(as('alice', "SELECT string_agg(body, ' ') FROM sfn.receive_message('alices', 10)"), 'x y', 'she has them');
my ($code, $out, $err) = $node->psql('postgres', 'DROP ROLE alice');
like($err, qr/owner of queue "alices"/, 'who owns a queue is not dropped');
is(sql("SELECT sfn.reassign('alice', 'carol')"), '1', 'her queue is handed over');
is(as('carol', 'SELECT name, messages FROM sfn.queues'), 'alices|2', 'with its messages');
sql('DROP OWNED BY carol');
is(sql("SELECT count(*) FROM sfn.queues WHERE name = 'alices'"), '0', 'and goes with all that she owns');
is(sql("SELECT count(*) FROM sfn.queue_message WHERE queue_id NOT IN (SELECT id FROM sfn.queue)"), '0', 'with its messages');

done_testing();
