
# Triggers of queues: state machines are started with messages, in batches, each message once, also when the server dies; a limit
# of executions at a time; what is refused leaves the messages, says why and holds up nobody; whose a trigger is.

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('queue_triggers', conf => "sfn.max_workers = 2\n");
my $json = JSON::PP->new->canonical;
my $pass = { StartAt => 'P', States => { P => { Type => 'Pass', End => JSON::PP::true } } };

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub as { my ($role, $sql) = @_; return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]) }

sub refused
{
	my ($sql, $pattern, $name, $role) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql, extra_params => [ $role ? ('-U', $role) : () ]);
	like($err, $pattern, $name);
}

# Executions of the machine, and messages that they were started with, each counted once and each time.
sub taken
{
	my ($machine) = @_;
	return qq{SELECT count(DISTINCT x.arn), count(*), count(DISTINCT r->>'body')
		FROM (SELECT execution_arn AS arn, input FROM sfn.executions WHERE execution_arn LIKE '%:execution:$machine:%') x,
			json_array_elements(x.input->'Records') r};
}

sub left { return sql("SELECT messages FROM sfn.queues WHERE name = '$_[0]'") }

#
# One message, and what the machine sees of it.
#
machine($node, 'm', $pass);
sql("SELECT sfn.create_queue('orders')");
sql("SELECT sfn.create_queue_trigger('orders', 'm')");
my $id = sql(q{SELECT sfn.send_message('orders', '{"n": 1}', '{"colour": {"DataType": "String", "StringValue": "blue"}}')});
ok(wait_for($node, taken('m'), '1|1|1'), 'a message starts the machine');
my $event = $json->decode(sql(q{SELECT input FROM sfn.executions WHERE execution_arn LIKE '%:m:%'}))->{Records}[0];
like(delete $event->{receiptHandle}, qr/^\d+:[0-9a-f-]{36}$/, 'its handle');
like($event->{attributes}{$_}, qr/^\d{13}$/, $_) foreach 'SentTimestamp', 'ApproximateFirstReceiveTimestamp';
is(delete($event->{attributes})->{ApproximateReceiveCount}, '1', 'how often it was received');
is_deeply($event, { messageId => $id, body => '{"n": 1}', md5OfBody => md5_hex('{"n": 1}'), eventSource => 'aws:sqs',
	eventSourceARN => 'arn:aws:sqs:us-east-1:000000000000:orders', awsRegion => 'us-east-1',
	messageAttributes => { colour => { stringValue => 'blue', dataType => 'String', stringListValues => [], binaryListValues => [] } } },
	'the event is that of SQS');
is(left('orders'), '0', 'and the message is gone');
is(sql(q{SELECT queue, state_machine, batch_size, batch_window, max_concurrency, enabled, starts, messages, last_error FROM sfn.queue_triggers}),
	'orders|m|10|00:00:00||t|1|1|', 'the view tells of it');

# Sent in a transaction that does not commit, delayed, given back by who has received it.
sql("BEGIN; SELECT sfn.send_message('orders', 'undone'); ROLLBACK");
sql("SELECT sfn.send_message('orders', 'later', delay => '2 s')");
ok(wait_for($node, taken('m'), '2|2|2'), 'what was delayed, but not what was undone');
sql("SELECT sfn.disable_queue_trigger('orders')");
sql("SELECT sfn.send_message('orders', 'waits')");
my $handle = sql("SELECT receipt_handle FROM sfn.receive_message('orders', 1, '1 hour')");
sql("SELECT sfn.enable_queue_trigger('orders')");
sql("SELECT sfn.change_message_visibility('orders', '$handle', '0 s')");
ok(wait_for($node, taken('m'), '3|3|3'), 'what is given back');

#
# Batches: whole ones at once, the rest when the window ends; as many messages as an input has room for.
#
machine($node, 'batches', $pass);
sql("SELECT sfn.create_queue('many')");
sql("SELECT sfn.create_queue_trigger('many', 'batches', 4, '5 min')");
sql("SELECT count(sfn.send_message('many', i::text)) FROM generate_series(1, 10) i");
ok(wait_for($node, taken('batches'), '2|8|8'), 'whole batches');
is(left('many'), '2', 'what is none yet waits for the window');
sql("SELECT sfn.create_queue_trigger('many', 'batches', 4, '1 s')");
ok(wait_for($node, taken('batches'), '3|10|10'), 'until that ends');
machine($node, 'large', $pass);
sql("SELECT sfn.create_queue('dead')");
sql("SELECT sfn.create_queue('large', '0 s', dead_letter_queue => 'dead', max_receive_count => 1)");
sql("SELECT sfn.send_message('large', repeat(i::text, 100000)) FROM generate_series(1, 5) i");
sql("SELECT sfn.send_message('large', repeat('x', 262000))");
sql("SELECT sfn.create_queue_trigger('large', 'large')");
ok(wait_for($node, taken('large'), '3|5|5'), 'an execution has as many as its input has room for');
is(sql("SELECT max(r->'attributes'->>'ApproximateReceiveCount') FROM sfn.executions, json_array_elements(input->'Records') r WHERE execution_arn LIKE '%:large:%'"), '1',
	'those that had none were not received in vain');
ok(wait_for($node, q{SELECT last_error ~ '^message [0-9a-f-]+ is too large to be the input' FROM sfn.queue_triggers WHERE queue = 'large'}, 't'),
	'one that is too large by itself is told of');
sql("SELECT sfn.enable_queue_trigger('large')");
ok(wait_for($node, q{SELECT messages FROM sfn.queues WHERE name = 'dead'}, '1'), 'and becomes a dead letter');

#
# So many at a time.
#
machine($node, 'slow', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 100000, End => JSON::PP::true } } });
sql("SELECT sfn.create_queue('few')");
sql("SELECT sfn.create_queue_trigger('few', 'slow', 1, max_concurrency => 2)");
sql("SELECT count(sfn.send_message('few', i::text)) FROM generate_series(1, 5) i");
ok(wait_for($node, taken('slow'), '2|2|2'), 'two run');
sql("SELECT sfn.send_message('orders', 'another')");
ok(wait_for($node, taken('m'), '4|4|4'), 'others go on');
is(sql(taken('slow')), '2|2|2', 'and no third one has begun');
sql(q{SELECT sfn.stop_execution(execution_arn) FROM sfn.executions WHERE execution_arn LIKE '%:slow:%' LIMIT 1});
ok(wait_for($node, taken('slow'), '3|3|3'), 'the next one when one has ended');
sql("SELECT sfn.create_queue_trigger('few', 'slow', 10)");
ok(wait_for($node, taken('slow'), '4|5|5'), 'without a limit the rest');

#
# The server dies: each message has started one execution, and none is left.
#
my $messages = $ENV{SFN_SOAK} ? 20000 : 200;
machine($node, 'crash', $pass);
sql("SELECT sfn.create_queue('crash')");
sql("SELECT sfn.create_queue_trigger('crash', 'crash', 3)");
foreach my $round (0 .. 1)
{
	sql("SELECT count(sfn.send_message('crash', (i + $round * $messages / 2)::text)) FROM generate_series(1, $messages / 2) i");
	$node->stop('immediate');
	$node->start;
}
ok(wait_for($node, q{SELECT messages FROM sfn.queues WHERE name = 'crash'}, '0'), 'all are taken');
like(sql(taken('crash')), qr/^\d+\|$messages\|$messages$/, 'each once');
is(sql(q{SELECT starts = (SELECT count(*) FROM sfn.executions WHERE execution_arn LIKE '%:crash:%'), messages FROM sfn.queue_triggers WHERE queue = 'crash'}), "t|$messages", 'as the view says');

#
# What is refused leaves the messages and says why; others go on.
#
sql('CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN');
as('alice', "SELECT sfn.create_queue('alices')");
as('bob', q{SELECT sfn.create_state_machine('bobs', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')});
refused("SELECT sfn.create_queue_trigger('alices', 'bobs')", qr/permission denied for queue "alices"/, 'of a queue that is not lent', 'bob');
refused("SELECT sfn.create_queue_trigger('alices', 'bobs')", qr/permission denied for state machine "bobs"/, 'of a machine that one may not start', 'alice');
as('bob', "SELECT sfn.grant_state_machine('bobs', 'alice', 'start')");
refused("SELECT sfn.create_queue_trigger('alices', 'bobs')", qr/sfn\.trust\('state_machine', 'bobs', 'bob', 'alice'\)/, 'of one whose owner one does not trust', 'alice');
refused("SELECT sfn.create_queue_trigger('alices', 'none')", qr/"none" does not exist/, 'of no machine', 'alice');
refused("SELECT sfn.create_queue_trigger('orders', 'm', 0)", qr/batch_size must be from 1 to 1000/, 'a batch of nothing');
refused("SELECT sfn.create_queue_trigger('orders', 'm', 1, '1 hour')", qr/batch_window in seconds must be from 0 to 300/, 'a window');
refused("SELECT sfn.create_queue_trigger('orders', 'm', max_concurrency => 0)", qr/max_concurrency must be from 1 to 1000/, 'none at a time');
refused("SELECT sfn.drop_queue_trigger('alices')", qr/queue "alices" has no trigger/, 'there is none');

as('alice', "SELECT sfn.grant_use('queue', 'alices', 'bob')");
as('bob', "SELECT sfn.create_queue_trigger('alices', 'bobs')");
as('alice', "SELECT sfn.send_message('alices', 'one')");
ok(wait_for($node, taken('bobs'), '1|1|1'), 'of a queue that is lent');
refused("SELECT sfn.create_queue_trigger('alices', 'm')", qr/permission denied for the trigger of queue "alices"/, "it is his, also for superusers");
refused("SELECT sfn.drop_queue_trigger('alices')", qr/permission denied for the trigger of queue "alices"/, 'not for others', 'carol');
refused("SELECT sfn.disable_queue_trigger('alices')", qr/permission denied for the trigger of queue "alices"/, 'nor to be switched off', 'carol');
is(as('carol', 'SELECT count(*) FROM sfn.queue_triggers'), '0', 'who see nothing of it');
is(as('alice', 'SELECT queue, owner FROM sfn.queue_triggers'), 'alices|bob', 'the owner of the queue does');

as('alice', "SELECT sfn.revoke_use('queue', 'alices', 'bob')");
as('alice', "SELECT sfn.send_message('alices', 'two')");
my $why = q{FROM sfn.queue_triggers WHERE queue = 'alices' AND coalesce(last_error, '')};
ok(wait_for($node, "SELECT count(*) $why LIKE 'permission denied for queue \"alices\"%'", '1'), 'a right that has ended counts');
sql("SELECT sfn.send_message('orders', 'meanwhile')");
ok(wait_for($node, taken('m'), '5|5|5'), 'others go on');
is(sql(q{SELECT messages FROM sfn.queues WHERE name = 'alices'}) . sql(q{SELECT receive_count FROM sfn.receive_message('alices', 1, '0 s')}), '11', 'the message is there, and was not received');
is(sql(q{SELECT paused_until > last_error_date FROM sfn.queue_triggers WHERE queue = 'alices'}), 't', 'it pauses');
as('alice', "SELECT sfn.grant_use('queue', 'alices', 'bob')");
ok(wait_for($node, taken('bobs'), '2|2|2'), 'and is tried again');
is(sql("SELECT count(*) $why = ''"), '1', 'which ends the error');

as('bob', "SELECT sfn.delete_state_machine('bobs')");
as('alice', "SELECT sfn.send_message('alices', 'three')");
ok(wait_for($node, "SELECT count(*) $why ~ 'bobs.* (does not exist|is being deleted)'", '1'), 'a machine that is gone');
is(left('alices'), '1', 'the message is there');

# A start that raises an error.
sql(q{CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON sfn.execution FOR EACH ROW WHEN (NEW.input::text LIKE '%bad%') EXECUTE FUNCTION refuse()});
sql("SELECT sfn.send_message('orders', 'bad')");
ok(wait_for($node, q{SELECT last_error FROM sfn.queue_triggers WHERE queue = 'orders'}, 'not now'), 'an error');
is(left('orders'), '1', 'leaves the message');
sql('DROP TRIGGER refuse ON sfn.execution');
sql("SELECT sfn.enable_queue_trigger('orders')");
ok(wait_for($node, taken('m'), '6|6|6'), 'which is taken when it can be');

#
# Whose.
#
my ($code, $out, $err) = $node->psql('postgres', 'DROP ROLE bob');
like($err, qr/owner of queue trigger "alices"/, 'who owns a trigger is not dropped');
sql("SELECT sfn.reassign('bob', 'carol')");
is(sql(q{SELECT owner FROM sfn.queue_triggers WHERE queue = 'alices'}), 'carol', 'it is handed over');
as('alice', "SELECT sfn.drop_queue_trigger('alices')");
is(sql(q{SELECT count(*) FROM sfn.queue_triggers WHERE queue = 'alices'}), '0', 'the owner of the queue deletes it');
as('alice', q{SELECT sfn.create_state_machine('alices', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')});
as('alice', "SELECT sfn.create_queue_trigger('alices', 'alices', enabled => false)");
sql('DROP OWNED BY alice');
is(sql(q{SELECT count(*) FROM sfn.queue_trigger WHERE queue_id NOT IN (SELECT id FROM sfn.queue)}), '0', 'all goes with its owner');
sql('DROP ROLE alice');
sql("SELECT sfn.delete_queue('few')");
is(sql(q{SELECT count(*) FROM sfn.queue_triggers WHERE queue = 'few'}), '0', 'and with its queue');

$node->stop;
done_testing();
