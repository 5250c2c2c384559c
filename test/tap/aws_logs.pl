
# Log events are sent to the log groups that logging configurations name: all of them, in their order, within CloudWatch Logs'
# limits, also when the pump or the server dies; what goes wrong there holds up no execution and is told.

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

my $node = sfn_node('aws_logs', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nlog_statement = 'none'\nrestart_after_crash = on\nsfn.aws_retry_attempts = 0\n");
my $server = http_server(undef, 'aws_responder.py');
my $json = JSON::PP->new->canonical;
my $arn = 'arn:aws:states:us-east-1:000000000000';

sub sql { return $node->safe_psql('postgres', $_[0]) }

# What is in a log group: its streams' names, its calls, its messages.
sub log_group
{
	my ($name) = @_;
	my $streams = $json->decode(HTTP::Tiny->new->post("$server->{url}/control/logs/$name", { content => '[]' })->{content});
	my @calls = map { @$_ } values %$streams;
	return ([ keys %$streams ], \@calls, [ map { $json->decode($_) } map { @$_ } @calls ]);
}

sub messages { return (log_group($_[0]))[2] }

# A machine of that name logs to the group of that name.
sub logs
{
	my ($name, $definition, %more) = @_;
	my $type = delete $more{type} // 'STANDARD';
	my $logging = $json->encode({ level => 'ALL', includeExecutionData => JSON::PP::true, %more,
			destinations => [ { cloudWatchLogsLogGroup => { logGroupArn => "arn:aws:logs:us-east-1:000000000000:log-group:$name:*" } } ] });
	my $text = $json->encode($definition);
	return sql("SELECT sfn.create_state_machine('$name', \$d\$$text\$d\$, type => '$type', logging => '$logging')");
}

sub destination { return sql("SELECT $_[1] FROM sfn.log_destinations WHERE state_machine_arn LIKE '%:$_[0]'") }
sub is_told { my ($name, $columns, $expected, $what) = @_; return ok(wait_for($node, "SELECT $columns FROM sfn.log_destinations WHERE state_machine_arn LIKE '%:$name'", $expected, 60), $what) || diag(destination($name, '*')) }

my $pass = { StartAt => 'P', States => { P => { Type => 'Pass', End => JSON::PP::true } } };

sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}')});
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");

#
# What is sent.
#
logs('all', $pass);
is(destination('all', 'log_group, log_stream, events, unsent, last_error'), 'arn:aws:logs:us-east-1:000000000000:log-group:all:*||0|0|', 'nothing is sent yet');
sql(q{SELECT sfn.start_execution('all', '{"a": "é"}', 'one')});
is_told('all', 'events, unsent, last_error, last_sent IS NOT NULL', '4|0||t', 'the events of an execution are sent');
my ($streams, $calls, $all) = log_group('all');
like($streams->[0], qr{^states/all/\d{4}-\d\d-\d\d-\d\d-\d\d/[0-9a-f]{8}$}, 'to a stream of the machine');
is(destination('all', 'log_stream'), $streams->[0], 'which is told');
is_deeply([ map { "$_->{id} $_->{type} $_->{previous_event_id} $_->{redrive_count}" } @$all ],
	[ '1 ExecutionStarted 0 0', '2 PassStateEntered 0 0', '3 PassStateExited 2 0', '4 ExecutionSucceeded 3 0' ], 'in their order');
my $shown = JSON::PP::decode_json(sql(q{SELECT json_build_object('id', id, 'type', type, 'details', details, 'previous_event_id', previous_event_id,
	'event_timestamp', event_timestamp, 'execution_arn', execution_arn, 'redrive_count', redrive_count) FROM sfn.log_events WHERE id = '2'}));
is_deeply($all->[1], $shown, 'each is what the view shows');
is($all->[1]{execution_arn}, "$arn:execution:all:one", 'and names its execution');

logs('errors', { StartAt => 'F', States => { F => { Type => 'Fail', Error => 'E' } } }, level => 'ERROR', includeExecutionData => JSON::PP::false);
sql(q{SELECT sfn.start_execution('errors', '{"secret": "hush"}')});
is_told('errors', 'events, unsent', '2|0', 'what the level has');
is_deeply([ map { $_->{type} } @{ messages('errors') } ], [ 'FailStateEntered', 'ExecutionFailed' ], 'and no more');
unlike($json->encode(messages('errors')), qr/hush/, 'without data');

logs('quick', $pass, type => 'EXPRESS');
sql(q{SELECT sfn.start_sync_execution('quick', '{}')});
sql(q{SELECT sfn.start_execution('quick', '{}')});
is_told('quick', 'events, unsent', '8|0', 'EXPRESS ones log, synchronous or not');
like(messages('quick')->[0]{execution_arn}, qr/:express:quick:[\w-]+:[\w-]+$/, 'by their ARN');

#
# Much, and what is too large.
#
sql(q{SELECT sfn.start_execution('all', json_build_object('x', repeat('x', 200000))) FROM generate_series(1, 2)});
sql(q{SELECT sfn.start_execution('all', '{}') FROM generate_series(1, 300)});
is_told('all', 'events, unsent, last_error', 4 * 303 . '|0|', 'within the limits of a call');
my %seen;
($streams, $calls, $all) = log_group('all');
foreach my $message (@$all)
{
	$seen{ $message->{execution_arn} } .= $message->{id};
}
is_deeply([ sort { $a <=> $b } keys %{ { reverse %seen } } ], ['1234'], 'each once, in the order of its execution');
cmp_ok(scalar(@$calls), '<', 100, 'many at once');
sql(q{ALTER SYSTEM SET sfn.max_payload_size = '3MB'});
$node->reload;
wait_for($node, 'SHOW sfn.max_payload_size', '3MB');
sql(q{SELECT sfn.start_execution('all', json_build_object('x', repeat('x', 2000000)), 'large')});
is_told('all', 'events, unsent, last_error', 4 * 304 . '|0|', 'what is too large for a log group');
is_deeply([ map { exists $_->{details}{input} ? 1 : 0 } grep { $_->{id} eq '1' && $_->{execution_arn} =~ /:large$/ } @{ messages('all') } ], [0], 'goes without its data');

#
# What dies.
#
logs('crash', $pass);
foreach my $round (1 .. rounds(2))
{
	sql(q{SELECT sfn.start_execution('crash', '{}') FROM generate_series(1, 300)});
	my $pid = sql(q{SELECT pid FROM sfn.workers WHERE worker = 'pump'});
	kill 'KILL', $pid if $pid;
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'crash' AND status <> 'SUCCEEDED'}, '0', 60), "crash $round: executions go on");
}
$node->stop('immediate');
$node->start;
is_told('crash', 'unsent, last_error', '0|', 'what was not sent is sent later');
my %sent = map { ("$_->{execution_arn} $_->{id}" => 1) } @{ messages('crash') };
is(scalar(keys %sent), 4 * sql(q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'crash'}), 'each, whoever died');

#
# What goes wrong.
#
my %wrong = (
	missing => qr/^The specified log group does not exist\. \(Service: CloudWatchLogs, Status Code: 400/,
	denied => qr/^User is not authorized to perform: logs:CreateLogStream/,
	vanishing => qr/^The specified log stream does not exist\./);
logs($_, $pass) foreach sort keys %wrong;
sql("SELECT sfn.start_execution('$_', name => 'first')") foreach sort keys %wrong;
foreach my $name (sort keys %wrong)
{
	is(end_of($node, "$arn:execution:$name:first")->{status}, 'SUCCEEDED', "$name: the execution goes on");
	is_told($name, 'last_error IS NOT NULL AND paused_until IS NOT NULL, events, unsent', 't|0|4', 'the log waits');
	ok(wait_for($node, "SELECT failures > 1 FROM sfn.log_delivery d JOIN sfn.state_machine m ON m.id = d.state_machine_id WHERE m.name = '$name'", 't', 60), 'it is tried again');
	like(destination($name, 'last_error'), $wrong{$name}, 'and says why not');
}
logs('busy', $pass);
sql(q{SELECT sfn.start_execution('busy')});
is_told('busy', 'events, unsent, last_error', '4|0|', 'what was busy is asked again');
logs('old', $pass);
sql(q{SELECT sfn.start_execution('old')});
is_told('old', 'unsent, last_error', '0|CloudWatch Logs has rejected events: {"TooOldLogEventEndIndex":1}', 'what is rejected is told');

# Without credentials, and without a destination any more.
sql(q{CREATE ROLE shop LOGIN});
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('theirs', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', logging =>
	'{"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:theirs:*"}}]}')}, extra_params => [ '-U', 'shop' ]);
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.log_destinations}, extra_params => [ '-U', 'shop' ]), '1', 'one sees those of machines that one sees');
is(end_of($node, $node->safe_psql('postgres', q{SELECT sfn.start_execution('theirs')}, extra_params => [ '-U', 'shop' ]))->{status}, 'SUCCEEDED', 'without credentials executions go on');
is_told('theirs', q{last_error LIKE '%connection default%', unsent}, 't|4', 'and the view says what is missing');
sql(q{SELECT sfn.update_state_machine('theirs', logging => '{"level": "ALL"}')});
is(destination('theirs', 'count(*)'), '0', 'a machine without a destination is not shown');
sql(q{UPDATE sfn.log_delivery SET next_attempt = now()});
sql(q{SELECT sfn.start_execution('all')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.log_event l JOIN sfn.state_machine m ON m.id = l.state_machine_id WHERE m.name = 'theirs' AND unsent_from IS NOT NULL}, '0', 60), 'and nothing waits for it');

is(sql(q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/"secret"|Signature=/, 'no secret in the log');
done_testing();
