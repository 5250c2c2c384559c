
# FIFO queues: messages of a group in their order, one group's in flight hold up the group and no other; duplicates within five
# minutes; also with several who send and receive at a time, and as triggers.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('fifo_queues', conf => "sfn.max_workers = 2\n");
my $json = JSON::PP->new->canonical->allow_nonref;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub refused
{
	my ($sql, $pattern, $name) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql);
	like($err, $pattern, $name);
}

my $sent = 0;

# send('queue', 'group', bodies...)
sub send_to
{
	my ($queue, $group, @bodies) = @_;
	sql(join ';', map { $sent++; "SELECT sfn.send_message('$queue', '$_', message_group => '$group', deduplication_id => 'd$sent')" } @bodies);
}

# What can be received, in order.
sub received { return sql("SELECT string_agg(body, ' ' ORDER BY sequence_number) FROM sfn.receive_message('$_[0]', $_[1])") }

sub handle_of { return sql("SELECT id || ':' || receipt FROM sfn.queue_message WHERE body = '$_[0]'") }

sub called
{
	my ($action, $parameters) = @_;
	task_machine($node, 'm', "arn:aws:states:::$action", Parameters => $parameters);
	return run($node, 'm', {});
}

my $url = sql("SELECT sfn.create_queue('orders.fifo')");
is($url, 'https://sqs.us-east-1.amazonaws.com/000000000000/orders.fifo', 'a queue is FIFO by its name');

#
# Order, and what is in flight.
#
send_to('orders.fifo', 'a', 'a1', 'a2', 'a3');
send_to('orders.fifo', 'b', 'b1', 'b2');
is(received('orders.fifo', 2), 'a1 a2', 'a group comes in its order');
is(received('orders.fifo', 10), 'b1 b2', 'and waits while some of it are in flight, not so another group');
is(received('orders.fifo', 10), '', 'then that waits, too');
my $a1 = handle_of('a1');
sql("SELECT sfn.change_message_visibility('orders.fifo', '" . handle_of('a2') . "', '0 s')");
is(received('orders.fifo', 10), '', 'given back is not free: a1 is in flight');
sql("SELECT sfn.delete_message('orders.fifo', '$a1')");
is(received('orders.fifo', 1), 'a2', 'the next one, when that is deleted');
sql("SELECT sfn.change_message_visibility('orders.fifo', '" . handle_of('a2') . "', '0 s')");
is(received('orders.fifo', 10), 'a2 a3', 'one that was given back comes before those behind it');
sql("SELECT sfn.delete_message('orders.fifo', '" . handle_of('b1') . "')");
sql("SELECT sfn.delete_message('orders.fifo', '" . handle_of('b2') . "')");
sql("BEGIN; SELECT sfn.send_message('orders.fifo', 'undone', message_group => 'b', deduplication_id => 'undone'); ROLLBACK");
send_to('orders.fifo', 'b', 'b3');
is(received('orders.fifo', 10), 'b3', 'what is rolled back was not sent');
sql("SELECT sfn.send_message('orders.fifo', 'done', message_group => 'b', deduplication_id => 'undone')");
sql("SELECT sfn.purge_queue('orders.fifo')");
is(sql("SELECT sfn.send_message('orders.fifo', 'x', message_group => 'c', deduplication_id => 'x'); SELECT message_group, deduplication_id, sequence_number ~ '^[0-9]{20}\$' FROM sfn.receive_message('orders.fifo')") =~ /c\|x\|t$/ ? 1 : 0, 1, 'group, id and number are shown');
sql("SELECT sfn.purge_queue('orders.fifo')");

#
# Two who receive at a time, and two who send.
#
send_to('orders.fifo', 'a', 'a1', 'a2');
send_to('orders.fifo', 'b', 'b1');
my $one = $node->background_psql('postgres');
my $other = $node->background_psql('postgres');
is($one->query("BEGIN; SELECT body FROM sfn.receive_message('orders.fifo', 1)"), 'a1', 'one receives of a group');
is($other->query("SELECT body FROM sfn.receive_message('orders.fifo', 10)"), 'b1', 'nobody else does, before he commits');
$one->query('ROLLBACK');
is($other->query("SELECT string_agg(body, ' ') FROM sfn.receive_message('orders.fifo', 10)"), 'a1 a2', 'or rolls back');
sql("SELECT sfn.purge_queue('orders.fifo')");
$one->query("BEGIN; SELECT sfn.send_message('orders.fifo', 'first', message_group => 'a', deduplication_id => 'o1')");
$other->query("SET lock_timeout = '100ms'");
$other->query("SELECT sfn.send_message('orders.fifo', 'of another group', message_group => 'b', deduplication_id => 'o2')");
is(received('orders.fifo', 10), 'of another group', 'another group is sent to meanwhile');
my ($code, $out, $err) = $node->psql('postgres', "SET lock_timeout = '100ms'; SELECT sfn.send_message('orders.fifo', 'second', message_group => 'a', deduplication_id => 'o3')");
like($err, qr/lock timeout/, 'the same one waits for the commit');
$one->query('COMMIT');
send_to('orders.fifo', 'a', 'second');
is(received('orders.fifo', 10), 'first second', 'so that the order is that of the commits');
sql("UPDATE sfn.queue_message SET visible_at = now()");
$one->query("BEGIN; SELECT sfn.delete_message('orders.fifo', '" . handle_of('first') . "')");
is(received('orders.fifo', 10), 'of another group', 'one that somebody has in hand holds up its group');
$one->query('ROLLBACK');
$one->quit;
$other->quit;
sql("SELECT sfn.purge_queue('orders.fifo')");

#
# Duplicates.
#
my $id = sql("SELECT sfn.send_message('orders.fifo', 'once', message_group => 'a', deduplication_id => 'twice')");
is(sql("SELECT sfn.send_message('orders.fifo', 'again', message_group => 'b', deduplication_id => 'twice')"), $id, 'a duplicate has the id of the first one');
is(received('orders.fifo', 10), 'once', 'and is not sent');
sql("SELECT sfn.purge_queue('orders.fifo')");
is(sql("SELECT sfn.send_message('orders.fifo', 'again', message_group => 'b', deduplication_id => 'twice')"), $id, 'also when that is gone');
sql("UPDATE sfn.queue_deduplication SET sent = sent - interval '5 minutes'");
isnt(sql("SELECT sfn.send_message('orders.fifo', 'later', message_group => 'b', deduplication_id => 'twice')"), $id, 'five minutes later it is another message');
is(sql("SELECT count(*) < 10 FROM sfn.queue_deduplication"), 't', 'old ids go');
sql("SELECT sfn.create_queue('content.fifo', content_based_deduplication => true)");
sql("SELECT sfn.send_message('content.fifo', body, message_group => 'a') FROM unnest('{same,same,other}'::text[]) body");
is(received('content.fifo', 10), 'same other', 'the body is the id where none is given');

#
# By tasks, with SQS's results and errors.
#
my $output = called('sqs:sendMessage', { QueueUrl => $url, MessageBody => 'task', MessageGroupId => 't', MessageDeduplicationId => 't1' })->{output};
like($output->{SequenceNumber}, qr/^\d{20}$/, 'a task is told the number');
my $end = called('sqs:sendMessage', { QueueUrl => $url, MessageBody => 'task' });
is($end->{error}, 'SQS.AmazonSQSException', 'without a group: error');
like($end->{cause}, qr/^The request must contain the parameter MessageGroupId\. \(Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter;/, '... and cause');
like(called('sqs:sendMessage', { QueueUrl => $url, MessageBody => 'task', MessageGroupId => 't' })->{cause},
	qr/^The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly \(.*Error Code: InvalidParameterValue;/, 'without an id');
like(called('sqs:sendMessage', { QueueUrl => $url, MessageBody => 'task', MessageGroupId => 't', MessageDeduplicationId => 't', DelaySeconds => 1 })->{cause},
	qr/^Value 1 for parameter DelaySeconds is invalid\. Reason: The request include parameter that is not valid for this queue type\./, 'with a delay');
like(called('sqs:sendMessage', { QueueUrl => $url, MessageBody => 'task', MessageGroupId => 'ü', MessageDeduplicationId => 't' })->{cause},
	qr/Reason: MessageGroupId can only include alphanumeric and punctuation characters\. 1 to 128 in length\./, 'with a group that cannot be');
sql("SELECT sfn.create_queue('plain')");
like(called('sqs:sendMessage', { QueueUrl => 'https://sqs.us-east-1.amazonaws.com/000000000000/plain', MessageBody => 'x', MessageGroupId => 'g', MessageDeduplicationId => 'd' })->{cause},
	qr/^Value d for parameter MessageDeduplicationId is invalid\. Reason: The request include parameter that is not valid for this queue type\./, 'an id against duplicates for another queue');
sql("SELECT sfn.send_message('plain', body, message_group => 'g') FROM unnest('{one,two}'::text[]) body");
is(sql("SELECT body, message_group, sequence_number IS NULL FROM sfn.receive_message('plain')"), 'one|g|t', 'a group there is kept');
is(sql("SELECT body FROM sfn.receive_message('plain')"), 'two', '... and waits for nothing');
refused("SELECT sfn.create_queue('.fifo')", qr/the name of a queue has/, 'a name');
refused("SELECT sfn.create_queue('plain', content_based_deduplication => true)", qr/a queue that is no FIFO queue has no content_based_deduplication/, 'a setting of FIFO queues');
refused("SELECT sfn.create_queue('x.fifo', dead_letter_queue => 'plain', max_receive_count => 1)", qr/dead-letter queue of a FIFO queue is a FIFO queue/, 'dead letters');

# Dead letters: the group goes on behind them.
sql("SELECT sfn.create_queue('dead.fifo')");
sql("SELECT sfn.create_queue('risky.fifo', '0 s', dead_letter_queue => 'dead.fifo', max_receive_count => 1)");
send_to('risky.fifo', 'a', 'bad', 'good');
is(received('risky.fifo', 1), 'bad', 'a message that fails');
is(received('risky.fifo', 1), 'good', 'is out of the way when it is a dead letter');
is(received('dead.fifo', 10), 'bad', 'which it is');

#
# As triggers: the next ones of a group when the execution has ended.
#
machine($node, 'slow', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 100000, End => JSON::PP::true } } });
sql("SELECT sfn.create_queue('steps.fifo'); SELECT sfn.create_queue_trigger('steps.fifo', 'slow', 1)");
my $bodies = q{SELECT string_agg(input->'Records'->0->>'body', ' ' ORDER BY start_date, input->'Records'->0->>'body') FROM sfn.executions WHERE execution_arn LIKE '%:slow:%'};
send_to('steps.fifo', 'a', 'a1', 'a2');
ok(wait_for($node, $bodies, 'a1'), 'the first one of a group');
send_to('steps.fifo', 'b', 'b1', 'b2');
ok(wait_for($node, $bodies, 'a1 b1'), 'the first one of another group');
my $attributes = $json->decode(sql(q{SELECT input->'Records'->0->'attributes' FROM sfn.executions WHERE execution_arn LIKE '%:slow:%' AND input::text LIKE '%"a1"%'}));
is($attributes->{MessageGroupId}, 'a', 'the event has the group');
like($attributes->{SequenceNumber}, qr/^\d{20}$/, '... and the number');
is(received('steps.fifo', 10), '', 'nobody else has the others meanwhile');
sql(q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE execution_arn LIKE '%:slow:%' AND input::text LIKE '%"a1"%'});
ok(wait_for($node, $bodies, 'a1 b1 a2'), 'the next one when the execution has ended');
is(sql("SELECT messages FROM sfn.queues WHERE name = 'steps.fifo'"), '1', 'of that group alone');

# Many, in order and once, though the server dies.
my $groups = 5;
my $each = $ENV{SFN_SOAK} ? 1000 : 20;
sql('CREATE TABLE public.seen (id serial, body text)');
sql(q{CREATE FUNCTION public.see(event json) RETURNS text LANGUAGE sql AS $$INSERT INTO public.seen (body) SELECT r->>'body' FROM json_array_elements(event->'Records') r; SELECT 'ok'$$});
machine($node, 'fast', { StartAt => 'T', States => { T => { Type => 'Task', Resource => 'sql:public.see', End => JSON::PP::true } } });
sql("SELECT sfn.create_queue('many.fifo'); SELECT sfn.create_queue_trigger('many.fifo', 'fast', 7)");
sql("SELECT count(sfn.send_message('many.fifo', json_build_object('g', g, 'n', n)::text, message_group => g::text, deduplication_id => g || '-' || n)) FROM generate_series(1, $each) n, generate_series(1, $groups) g");
$node->stop('immediate');
$node->start;
ok(wait_for($node, 'SELECT count(*) FROM public.seen', $groups * $each), 'all are taken');
is(sql(q{SELECT count(*) FROM (SELECT body::json->>'g' AS g, (body::json->>'n')::int AS n, lag((body::json->>'n')::int, 1, 0) OVER (PARTITION BY body::json->>'g' ORDER BY id) AS before FROM public.seen) s WHERE n <> before + 1}), '0', 'each once and in its order');

sql("SELECT sfn.delete_queue(name) FROM sfn.queues");
is(sql('SELECT (SELECT count(*) FROM sfn.queue_deduplication) + (SELECT count(*) FROM sfn.queue_group_run) + (SELECT count(*) FROM sfn.queue_message)'), '0', 'nothing is left of a queue');

$node->stop;
done_testing();
