
# Messages of SQS's queues are fetched into queues here: each once, also when the pump or the server dies; what goes wrong is
# shown; who may say what is fetched.  Events in a queue of SQS wake the jobs that they name.

use strict;
use warnings;

use HTTP::Tiny ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('queue_sources', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.job_poll_rate = 50\nlog_statement = 'none'\nrestart_after_crash = on\n");
my $server = http_server(undef, 'aws_responder.py');
my $json = JSON::PP->new->canonical;
my $at_sqs = 'https://sqs.us-east-1.amazonaws.com/111122223333/';

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub refused
{
	my ($sql, $pattern, $name, $role) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql, extra_params => [ $role ? ('-U', $role) : () ]);
	like($err, $pattern, $name);
}

sub control
{
	my ($action, $queue, @bodies) = @_;
	return HTTP::Tiny->new->post("$server->{url}/control/$action/$queue", { content => $json->encode(\@bodies) })->{content};
}

sub left_at_sqs { my ($queue) = @_; return sub { return control('count', $queue) == 0 } }

sub bodies
{
	my ($machine) = @_;
	return qq{SELECT count(DISTINCT r->>'body'), count(*) FROM sfn.executions x, json_array_elements(x.input->'Records') r
		WHERE execution_arn LIKE '%:execution:$machine:%'};
}

sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}')});
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");
machine($node, 'm', { StartAt => 'P', States => { P => { Type => 'Pass', End => JSON::PP::true } } });

#
# A message on its way into an execution.
#
sql("SELECT sfn.create_queue('orders'), sfn.create_queue_source('orders', '${at_sqs}orders'), sfn.create_queue_trigger('orders', 'm')");
control('send', 'orders', '{"n": 1}');
ok(wait_for($node, bodies('m'), '1|1'), 'a message of SQS starts a machine');
ok(wait_until(left_at_sqs('orders')), 'and is deleted there');
my $record = $json->decode(sql(q{SELECT input->'Records'->0 FROM sfn.executions}));
is($record->{attributes}{SentTimestamp}, '1767225600123', 'it was sent when SQS says');
is_deeply($record->{messageAttributes}, { bytes => { dataType => 'Binary', binaryValue => 'AAH/', stringListValues => [], binaryListValues => [] } }, 'its attributes');
ok(wait_for($node, q{SELECT queue, source, credentials, enabled, messages, undeleted, last_error FROM sfn.queue_sources}, "orders|${at_sqs}orders||t|1|0|"), 'the view tells of it');
my ($asked) = map { $json->decode($_->{body}) } grep { ($_->{headers}{'x-amz-target'} // '') eq 'AmazonSQS.ReceiveMessage' } requests($server);
is("$asked->{WaitTimeSeconds} $asked->{MaxNumberOfMessages}", '20 10', 'it is asked for by long polls');

#
# What SQS delivers twice, and what dies.
#
sql("SELECT sfn.create_queue('twice'), sfn.create_queue_source('twice', 'arn:aws:sqs:us-east-1:111122223333:twice'), sfn.create_queue_trigger('twice', 'm2')")
	if machine($node, 'm2', { StartAt => 'P', States => { P => { Type => 'Pass', End => JSON::PP::true } } });
my $count = 60 * rounds(1);
control('send', 'twice', map { "twice $_" } 1 .. $count);
foreach my $round (1 .. rounds(3))
{
	my $pid = sql(q{SELECT pid FROM sfn.workers WHERE worker = 'pump'});
	kill 'KILL', $pid if $pid;
	ok(wait_for($node, qq{SELECT count(*) > 0 FROM sfn.workers WHERE worker = 'pump' AND pid <> @{[ $pid || 0 ]}}, 't'), "crash $round: there is a pump again");
	control('send', 'twice', "after $round");
	$count++;
}
$node->restart;
ok(wait_for($node, bodies('m2'), "$count|$count", 120), 'each has started once, whoever died');
ok(wait_until(left_at_sqs('twice'), 60), 'none is left at SQS');
is(sql(q{SELECT messages FROM sfn.queue_sources WHERE queue = 'twice'}), $count, 'each counted once');
is(sql(bodies('m2')), "$count|$count", 'nor does one start later');

#
# In order.
#
sub in_order
{
	my ($queue) = @_;
	return qq{SELECT count(*), count(DISTINCT body), count(DISTINCT message_group), bool_and(number > before IS NOT FALSE), count(*) FILTER (WHERE deduplication_id LIKE 'd-%')
		FROM (SELECT *, split_part(body, ' ', 2)::int AS number, lag(split_part(body, ' ', 2)::int) OVER (PARTITION BY message_group ORDER BY id) AS before
			FROM sfn.queue_message WHERE queue_id = (SELECT id FROM sfn.queue WHERE name = '$queue') AND message_group = split_part(body, ' ', 1)) m};
}
sql("SELECT sfn.create_queue('moves.fifo'), sfn.create_queue_source('moves.fifo', '${at_sqs}moves.fifo')");
my $moves = 0;
foreach my $round (1 .. rounds(2))
{
	control('send', 'moves.fifo', map { $moves++; ("a $moves", "b $moves", "c $moves") } 1 .. 10);
	my $pid = sql(q{SELECT pid FROM sfn.workers WHERE worker = 'pump'});
	kill 'KILL', $pid if $pid;
	ok(wait_for($node, qq{SELECT count(*) > 0 FROM sfn.workers WHERE worker = 'pump' AND pid <> @{[ $pid || 0 ]}}, 't'), "crash $round while there are groups");
}
$node->stop('immediate');
$node->start;
my $all = 3 * $moves;
ok(wait_for($node, in_order('moves.fifo'), "$all|$all|3|t|$all", 120), 'each message of a FIFO queue comes once, in the order of its group, whoever died') or diag(sql(in_order('moves.fifo')));
ok(wait_until(left_at_sqs('moves.fifo'), 60), 'none is left there');

# Who sends to a group and does not commit holds up that one only.
my $sender = $node->background_psql('postgres');
$sender->query_safe(q{BEGIN; SELECT sfn.send_message('moves.fifo', 'a 0', message_group => 'a', deduplication_id => 'mine')});
control('send', 'moves.fifo', 'a 1001', 'b 1001', 'a 1002');
ok(wait_for($node, q{SELECT count(*) FROM sfn.queue_message WHERE body = 'b 1001'}, '1'), 'the pump does not wait for a transaction that sends to a group');
is(sql(q{SELECT count(*) FROM sfn.queue_message WHERE body LIKE 'a 100_'}), '0', 'whose messages stay at SQS');
$sender->query_safe('ROLLBACK');
$sender->quit;
ok(wait_for($node, q{SELECT string_agg(body, ',' ORDER BY id) FROM sfn.queue_message WHERE body LIKE 'a 100_'}, 'a 1001,a 1002'), 'until that has ended, and come in order');

# An answer that was lost is asked for again: SQS would hide the messages for long.
sql("SELECT sfn.create_queue('lost.fifo'), sfn.create_queue_source('lost.fifo', '${at_sqs}lost.fifo')");
control('send', 'lost.fifo', 'g 1', 'g 2');
ok(wait_for($node, in_order('lost.fifo'), '2|2|1|t|2'), 'a lost answer is asked for again');
control('send', 'lost.fifo', 'g 3');
ok(wait_for($node, in_order('lost.fifo'), '3|3|1|t|3'), 'and the next one for something else');
my @attempts = map { $json->decode($_->{body})->{ReceiveRequestAttemptId} // () } grep { ($_->{headers}{'x-amz-target'} // '') eq 'AmazonSQS.ReceiveMessage' && $_->{body} =~ /lost\.fifo/ } requests($server);
cmp_ok(scalar(keys %{ { map { $_ => 1 } @attempts } }), '<', scalar(@attempts), 'under the same id');
refused("SELECT sfn.create_queue_source('moves.fifo', '${at_sqs}orders')", qr/a FIFO queue is fed from a FIFO queue/, 'a FIFO queue is fed from none that is not');
refused("SELECT sfn.create_job_events('${at_sqs}events.fifo')", qr/a queue that is not FIFO/, 'events of jobs do not come from one');
sql("SELECT sfn.delete_queue('moves.fifo'), sfn.delete_queue('lost.fifo')");

#
# What goes wrong.
#
sql("SELECT sfn.create_queue('denied'), sfn.create_queue_source('denied', '${at_sqs}denied')");
ok(wait_for($node, q{SELECT last_error LIKE 'User is not authorized to perform: sqs:receivemessage (Service: Sqs, Status Code: 403%' AND paused_until IS NOT NULL FROM sfn.queue_sources WHERE queue = 'denied'}, 't'),
	'what is denied is told') or diag(sql(q{SELECT last_error FROM sfn.queue_sources WHERE queue = 'denied'}));
ok(wait_for($node, q{SELECT failures > 1 FROM sfn.queue_source WHERE url LIKE '%denied'}, 't'), 'and tried again');
sql("SELECT sfn.drop_queue_source('denied')");
refused("SELECT sfn.drop_queue_source('denied')", qr/queue "denied" has no source/, 'one that is not there');
refused("SELECT sfn.create_queue_source('denied', 'denied')", qr/"denied" is no URL or ARN of a queue of SQS/, 'a name is no source');
refused("SELECT sfn.create_queue_source('denied', '${at_sqs}x.fifo')", qr/a FIFO queue is fed from a FIFO queue of SQS, and another queue from one that is none/, 'nor is a FIFO queue for one that is none');
refused("SELECT sfn.create_queue_source('denied', 'https://sqs.us-east-1.amazonaws.com/000000000000/orders')", qr/is a queue of this database/, 'nor one of ours');
refused("SELECT sfn.create_queue_source('denied', '${at_sqs}x', 'nobody')", qr/The connection nobody does not exist/, 'nor without credentials');

# A full queue is not filled more; a disabled one neither; when it goes, its source goes.
sql("SELECT sfn.create_queue('full'); SELECT sfn.send_message('full', 'x') FROM generate_series(1, 1001)");
sql("SELECT sfn.create_queue_source('full', '${at_sqs}full')");
control('send', 'full', 'waits');
ok(wait_for($node, q{SELECT next_poll > creation_date + interval '2 s' FROM sfn.queue_source WHERE url LIKE '%full'}, 't'), 'a full queue is looked at');
is(control('count', 'full'), '1', 'and gets nothing');
sql("SELECT sfn.purge_queue('full')");
ok(wait_until(left_at_sqs('full')), 'until there is room');
sql("SELECT sfn.create_queue_source('full', '${at_sqs}full', enabled => false)");
is(sql(q{SELECT enabled FROM sfn.queue_sources WHERE queue = 'full'}), 'f', 'disabled');
sql("SELECT sfn.delete_queue('full')");
is(sql(q{SELECT count(*) FROM sfn.queue_source WHERE url LIKE '%full'}), '0', 'it goes with its queue');
is(sql(q{SELECT count(*) FROM sfn.queue_source_message m WHERE NOT EXISTS (SELECT FROM sfn.queue_source s WHERE s.id = m.source_id)}), '0', 'and what was seen');

#
# Whose it is.
#
sql(q{CREATE ROLE shop LOGIN; CREATE ROLE other LOGIN; GRANT CREATE ON SCHEMA public TO shop});
$node->safe_psql('postgres', "SELECT sfn.create_queue('theirs')", extra_params => [ '-U', 'shop' ]);
refused("SELECT sfn.create_queue_source('theirs', '${at_sqs}theirs')", qr/may not use the connection default/, 'the queue\'s owner needs credentials of his own', 'shop');
refused("SELECT sfn.create_queue_source('theirs', '${at_sqs}theirs')", qr/permission denied for queue "theirs"/, 'another says nothing', 'other');
sql(q{SELECT sfn.grant_use('queue', 'theirs', 'other')});
refused("SELECT sfn.drop_queue_source('theirs')", qr/queue "theirs"/, 'nor does who may use it', 'other');
refused("SELECT sfn.create_job_events('${at_sqs}events')", qr/permission denied to wake jobs by events/, 'events of jobs are for superusers', 'shop');

#
# Events of jobs.
#
task_machine($node, 'job', 'arn:aws:states:::glue:startJobRun.sync', Parameters => { JobName => 'long' });
my $arn = started($node, 'job');
ok(wait_for($node, q{SELECT polls >= 4 FROM sfn.jobs}, 't', 60), 'a job takes long');
my $job = sql('SELECT remote_id FROM sfn.jobs');
sql("UPDATE sfn.job SET next_poll = now() + interval '1 hour'");
sql("SELECT sfn.create_job_events('${at_sqs}events')");
control('send', 'events', 'garbage', '{"detail": {"jobRunId": "unknown"}}');
ok(wait_until(left_at_sqs('events')), 'what names no job goes');
is(sql('SELECT events FROM sfn.jobs'), '0', 'and wakes none');
control('send', 'events', $json->encode({ source => 'aws.glue', detail => { jobName => 'long', state => 'RUNNING', jobRunId => $job } }));
ok(wait_for($node, q{SELECT polls >= 5 AND events = 1 AND next_poll BETWEEN now() + interval '20 min' AND now() + interval '31 min' FROM sfn.jobs}, 't'),
	'one that is named is asked for, and later seldom') or diag(sql('TABLE sfn.jobs'));
control('end', $job);
control('send', 'events', $json->encode({ detail => {}, resources => [ "arn:aws:glue:us-east-1:1:jobRun/$job" ] }));
is(end_of($node, $arn)->{status}, 'SUCCEEDED', 'its end is known at once');
sql("SELECT sfn.drop_job_events('${at_sqs}events')");
refused("SELECT sfn.drop_job_events('${at_sqs}events')", qr/no events of jobs are read from/, 'then there are none');

#
# The other way: rules tell queues and topics of AWS, each in its region.
#
sql("SELECT sfn.create_rule('notices', '{\"source\": [\"shop\"]}', 'arn:aws:sqs:us-east-1:111122223333:notices', input_path => '\$.detail')");
sql("SELECT sfn.create_rule('far', '{\"source\": [\"shop\"]}', 'arn:aws:sns:eu-west-1:111122223333:far', retry => '{\"MaximumRetryAttempts\": 0}')");
sql(q{SELECT sfn.put_event('shop', 'sold', '{"n": 7}')});
my $sent = sub { return grep { ($_->{headers}{'x-amz-target'} // '') eq 'AmazonSQS.SendMessage' } requests($server) };
ok(wait_until($sent), 'a rule sends to a queue of SQS');
my $message = $json->decode(($sent->())[0]{body});
is("$message->{QueueUrl} $message->{MessageBody}", "${at_sqs}notices {\"n\":7}", 'by its URL');
my $published = sub { return grep { $_->{body} =~ /Action=Publish/ } requests($server) };
ok(wait_until($published), 'another to a topic of SNS');
like(($published->())[0]{headers}{authorization}, qr{/eu-west-1/sns/aws4_request}, 'in the region that its ARN names');

is(sql(q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/"secret"|Signature=/, 'no secret in the log');
done_testing();
