
# The gateway: what requests are answered, how errors look, and who is kept out.

use strict;
use warnings;

use HTTP::Tiny;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnMachine;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('requests');
my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';
my $fail = '{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Sorry", "Cause": "for that"}}}';

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE ROLE pool LOGIN; SELECT sfn.allow_gateway('pool')});

sub as
{
	my ($role, $sql) = @_;
	return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]);
}

as('app', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')});
as('app', q{SELECT sfn.create_access_key(access_key_id => 'reader', secret_access_key => 'test', actions => '{states:Describe*,ListStateMachines}')});
as('other', q{SELECT sfn.create_access_key(access_key_id => 'other', secret_access_key => 'test')});
as('app', "SELECT sfn.create_state_machine('m', '$pass'), sfn.create_state_machine('sync', '$pass', type => 'EXPRESS'), sfn.create_state_machine('fails', '$fail', type => 'EXPRESS')");
my $gateway = start_gateway($node, user => 'pool', '--key-cache' => 1);

sub key
{
	my ($id, $secret) = @_;
	return (authorization => SfnGateway::authorization($id, $secret // 'test'));
}

# The error's code and the status.
sub error_of
{
	my ($status, $answer) = @_;
	my ($code) = ref $answer ? ($answer->{__type} // '') =~ /^com\.amazonaws\.swf\.service\.v2\.model#(\w+)$/ : ();
	return join ' ', $status, $code // '?';
}

sub raw
{
	return raw_to($gateway, @_);
}

sub raw_to
{
	my ($where, $text) = @_;
	my $socket = connected($where);
	print $socket $text;
	local $/ = undef;
	my $answer = <$socket>;
	return $answer // '';
}

#
# Calls.
#
my ($status, $answer) = api($gateway, 'ListStateMachines', {});
is($status, 200, 'a call');
is(join(' ', sort map { $_->{name} } @{ $answer->{stateMachines} }), 'fails m sync', '... is answered with what the key\'s role may see');
($status, $answer) = api($gateway, 'ListStateMachines', {}, key('other'));
is(scalar @{ $answer->{stateMachines} }, 0, 'another key sees nothing of it');
is(error_of(api($gateway, 'DescribeStateMachine', { stateMachineArn => "$arn:stateMachine:m" }, key('other'))), '400 AccessDeniedException', '... and may do nothing with it');
is(error_of(api($gateway, 'DescribeStateMachine', { stateMachineArn => "$arn:stateMachine:nobody" })), '400 StateMachineDoesNotExist', "an error of the API");
is(error_of(api($gateway, 'Nonsense', {})), '400 UnknownOperationException', 'an action that there is not');
is(error_of(api($gateway, 'ListStateMachines', { nonsense => 1 })), '400 SerializationException', 'a member that there is not');
is(error_of(api($gateway, 'ListStateMachines', '{')), '400 SerializationException', 'a body that is no JSON');
is(error_of(api($gateway, 'ListStateMachines', '[1]')), '400 SerializationException', '... or no object');
is(error_of(api($gateway, 'ListStateMachines', "{\"nextToken\": \"\0\"}")), '400 SerializationException', 'a byte 0');
is(error_of(api($gateway, 'ListStateMachines', "{\"nextToken\": \"\xff\"}")), '400 SerializationException', 'a body that is no UTF-8');
is(error_of(api($gateway, 'ListStateMachines', '{"a":' x 5000 . '1' . '}' x 5000)), '400 SerializationException', 'a deep one');

foreach my $role ('foo', 'arn:aws:iam::1:role/x', 'arn:aws:iam::000000000000:user/x', 'arn:aws:iam::000000000000:role/', 'arn:aws:s3::000000000000:role/x')
{
	is(error_of(api($gateway, 'CreateStateMachine', { name => 'roles', definition => $pass, roleArn => $role })), '400 InvalidArn', "a role that is none: $role");
}
is(error_of(api($gateway, 'CreateStateMachine', { name => 'roles', definition => $pass, roleArn => "arn:aws-cn:iam::000000000000:role/a/b" })), '200 ?', '... one that is');
is(error_of(api($gateway, 'UpdateStateMachine', { stateMachineArn => "$arn:stateMachine:roles", roleArn => 'foo' })), '400 InvalidArn', '... or another for it');
is(error_of(api($gateway, 'DeleteStateMachine', { stateMachineArn => "$arn:stateMachine:roles" })), '200 ?', '... which goes');

#
# /start, /sync, /callback.
#
($status, $answer) = post($gateway, '/start/m?name=first', '{"a": 1}');
is($status, 202, 'a start by path');
like($answer, qr/"executionArn":"$arn:execution:m:first"/, '... under the name it has');
($status, $answer) = post($gateway, '/start/m', '{"a": 1}', 'idempotency-key' => 'second');
like($answer, qr/execution:m:second"/, '... or the key');
($status, $answer) = post($gateway, '/start/nobody', '{}');
is($status, 400, 'a machine that there is not');
($status, $answer, my $headers) = post($gateway, '/sync/sync', '{"b": 2}');
is("$status $answer", '200 {"b":2}', 'a synchronous start is answered with the output itself') or diag($answer);
is($headers->{'x-sfn-status'}, 'SUCCEEDED', '... and its status');
($status, $answer, $headers) = post($gateway, '/sync/fails', '{}');
is("$status $answer", '502 {"error":"Sorry","cause":"for that"}', 'one that fails');
($status, $answer) = post($gateway, '/sync/sync?envelope=http', "raw \xc3\xbc", 'X-Twice' => [ 'a', 'b' ]);
my $envelope = eval { JSON::PP->new->utf8->decode($answer) } // {};
is(join(' ', map { $envelope->{$_} // '-' } 'method', 'query'), 'POST envelope=http', 'the whole request as the input');
is($envelope->{body} . $envelope->{headers}{'x-twice'} . ($envelope->{headers}{authorization} // ''), "raw \x{fc}a", '... its body as it is, its headers once, and no secrets');
is((post($gateway, '/start/', '{}'))[0], 404, 'no machine');
is((post($gateway, '/start/%zz', '{}'))[0], 404, 'a path that cannot be decoded');
is((post($gateway, '/nowhere', '{}'))[0], 404, 'nothing is there');
is(HTTP::Tiny->new->get("$gateway->{url}/start/m")->{status}, 405, 'another method');

as('app', "SELECT sfn.create_activity('work'), sfn.create_state_machine('asks', '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"Resource\": \"$arn:activity:work\", \"End\": true}}}')");
my $execution = as('app', q{SELECT sfn.start_execution('asks')});
($status, $answer) = api($gateway, 'GetActivityTask', { activityArn => "$arn:activity:work" });
my $token = $answer->{taskToken};
is((post($gateway, '/callback', '{"nothing": 1}'))[0], 400, 'a callback without a token');
is((post($gateway, '/callback', json({ taskToken => $token })))[0], 200, 'a heartbeat');
is((post($gateway, '/callback', json({ taskToken => $token, output => { ok => 1 } })))[0], 200, 'an answer');
is(end_of($node, $execution)->{output}->{ok}, 1, '... goes on with what it says');

#
# EventBridge.
#
sub events
{
	my ($action, $request, %headers) = @_;
	my ($code, $said) = api($gateway, '', $request, 'x-amz-target' => "AWSEvents.$action", %headers);
	return ref $said && $said->{__type} ? "$code $said->{__type}" : $code;
}

is(events('PutRule', { Name => 'ordered', EventPattern => '{"source": ["shop"]}' }), 200, 'a rule');
is(events('PutTargets', { Rule => 'ordered', Targets => [ { Id => 'm', Arn => "$arn:stateMachine:m", InputPath => '$.detail' } ] }), 200, '... with a target');
is(events('DescribeRule', { Name => 'nobody' }), '400 ResourceNotFoundException', 'one that there is not');
is(events('DescribeRule', { Name => 'ordered' }, key('other')), '400 AccessDeniedException', 'that of another');
is(events('PutRule', { Name => 'ordered', EventPattern => '{"source": ["x"]}' }, key('other')), '400 AccessDeniedException', '... which he does not change');
is(events('PutTargets', { Rule => 'ordered', Targets => [ { Id => 'm', Arn => "$arn:stateMachine:m" } ] }, key('other')), '400 AccessDeniedException', '... nor give targets');
is(events('DescribeRule', { Name => 'ordered' }, key('reader')), '400 AccessDeniedException', 'a key for actions of Step Functions is good for none of EventBridge');
is(events('Nonsense', {}), '400 UnknownOperationException', 'an action that there is not');
($status, $answer, $headers) = post($gateway, '/', '{}', 'x-amz-target' => 'AWSEvents.ListRules');
is($headers->{'content-type'}, 'application/x-amz-json-1.1', 'its type is that of EventBridge');
($status, $answer) = post($gateway, '/events', '{"source": "shop", "detail-type": "order", "detail": {"from": "a web hook"}}');
like("$status $answer", qr/^200 .*"EventId"/, 'an event by path');
ok($node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM sfn.executions WHERE input ->> 'from' = 'a web hook')}), '... starts what the rule says');
($status, $answer) = post($gateway, '/events', '[{"source": "shop", "detail-type": "order", "detail": {}}, {"source": "aws.states", "detail-type": "x", "detail": {}}]');
like("$status $answer", qr/^400 .*NotAuthorizedForSourceException/, 'a source that is reserved');
is((post($gateway, '/events', 'nonsense'))[0], 400, 'what is no event');
is((post($gateway, '/events', '{"source": "shop", "detail-type": "x", "detail": {}}', key('nobody')))[0], 400, 'an event of nobody');

#
# Scheduler.
#
sub scheduler
{
	my ($method, $path, $body, %headers) = @_;
	my $said = HTTP::Tiny->new(timeout => 60)->request($method, "$gateway->{url}$path",
		{ headers => { authorization => SfnGateway::authorization('test', 'test'), %headers }, $body ? (content => $body) : () });
	return join ' ', $said->{status}, $said->{headers}{'x-amzn-errortype'} // ();
}

my $schedule = qq({"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "$arn:stateMachine:m", "RoleArn": "arn:aws:iam::000000000000:role/x"}});
is(scheduler('POST', '/schedules/hourly', $schedule), '200', 'a schedule');
is(scheduler('POST', '/schedules/hourly', $schedule), '409 ConflictException', '... that is there');
is(scheduler('GET', '/schedules/hourly', undef, key('other')), '400 AccessDeniedException', 'another role does not see it');
is(scheduler('GET', '/schedules/hourly', undef, key('reader')), '400 AccessDeniedException', 'nor a key for other actions');
is(scheduler('GET', '/schedules/hourly', undef, key('nobody')), '400 UnrecognizedClientException', 'nor nobody');
is(scheduler('GET', '/schedules/nobody'), '404 ResourceNotFoundException', 'one that there is not');
is(scheduler('GET', '/schedules?MaxResults=x'), '400 SerializationException', 'a number that is none');
is(scheduler('POST', '/schedules/x', 'nonsense'), '400 SerializationException', 'no JSON');
is(scheduler('PATCH', '/schedules/hourly'), '405 MethodNotAllowed', 'another method');
is(scheduler('GET', '/tags/arn%3Aaws%3Ascheduler%3Aus-east-1%3A000000000000%3Aschedule-group%2Fdefault'), '200', 'an ARN in a path');
is(scheduler('DELETE', '/schedules/hourly'), '200', '... which goes');

#
# SQS.
#
sub sqs
{
	my ($action, $request, %headers) = @_;
	my ($code, $said) = api($gateway, '', $request, 'x-amz-target' => "AmazonSQS.$action", %headers);
	return $said && ref $said && !$said->{__type} ? $said : "$code " . (ref $said ? $said->{__type} : $said // '');
}

my $queue = sqs('CreateQueue', { QueueName => 'orders', Attributes => { VisibilityTimeout => '60' } });
is(json($queue), '{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/000000000000/orders"}', 'a queue');
is(json(sqs('ListQueues', {})), '{"QueueUrls":["https://sqs.us-east-1.amazonaws.com/000000000000/orders"]}', '... is listed');
is(sqs('SendMessage', { %$queue, MessageBody => 'hello' })->{MD5OfMessageBody}, '5d41402abc4b2a76b9719d911017c592', 'a message');
my ($message) = @{ sqs('ReceiveMessage', { %$queue, MaxNumberOfMessages => 10, WaitTimeSeconds => 1 })->{Messages} };
is($message->{Body}, 'hello', '... is received');
is(json(sqs('GetQueueAttributes', { %$queue, AttributeNames => [ 'ApproximateNumberOfMessagesNotVisible', 'VisibilityTimeout' ] })->{Attributes}),
	'{"ApproximateNumberOfMessagesNotVisible":"1","VisibilityTimeout":"60"}', '... counted');
is(json(sqs('SetQueueAttributes', { %$queue, Attributes => { VisibilityTimeout => '61' } })), '{}', '... whose queue is changed');
is(sqs('SetQueueAttributes', { %$queue, Attributes => { VisibilityTimeout => '43201' } }), '400 com.amazonaws.sqs#InvalidAttributeValue', '... not to anything');
is(sqs('SetQueueAttributes', { %$queue, Attributes => { $_ => 'true' } }), '400 com.amazonaws.sqs#InvalidAttributeName', "... nor $_") foreach ('FifoQueue', 'ContentBasedDeduplication', 'QueueArn', 'Colour');
is(sqs('SetQueueAttributes', $queue), '400 com.amazonaws.sqs#MissingParameter', '... nor to nothing');
is(json(sqs('GetQueueAttributes', { %$queue, AttributeNames => ['VisibilityTimeout'] })->{Attributes}), '{"VisibilityTimeout":"61"}', '... and shows it');
is(json(sqs('DeleteMessage', { %$queue, ReceiptHandle => $message->{ReceiptHandle} })), '{}', '... and deleted');
is(json(sqs('ReceiveMessage', $queue)), '{}', 'then there is none');
is(sqs('SendMessage', { %$queue, MessageBody => 'x' }, key('other')), '400 com.amazonaws.sqs#AccessDenied', 'another sends nothing');
is(sqs('SendMessage', { QueueUrl => 'https://sqs.us-east-1.amazonaws.com/000000000000/none', MessageBody => 'x' }), '400 com.amazonaws.sqs#QueueDoesNotExist', 'a queue that there is not');
is(sqs('SendMessage', $queue), '400 com.amazonaws.sqs#MissingParameter', 'a message without a body');
is(sqs('ReceiveMessage', { %$queue, MaxNumberOfMessages => 11 }), '400 com.amazonaws.sqs#InvalidParameterValue', 'more than ten');
is(sqs('TagQueue', $queue), '400 com.amazonaws.sqs#UnknownOperationException', 'an action that there is not');

#
# Keys.
#
is(error_of(api($gateway, 'ListStateMachines', {}, key('nobody'))), '400 UnrecognizedClientException', 'a key that there is not');
is(error_of(api($gateway, 'ListStateMachines', {}, key('test', 'wrong'))), '400 InvalidSignatureException', 'a wrong secret');
is(error_of(api($gateway, 'ListStateMachines', {}, authorization => 'Bearer test:test')), '200 ?', 'Bearer');
is(error_of(api($gateway, 'ListStateMachines', {}, authorization => 'Nonsense')), '400 IncompleteSignatureException', 'another scheme');
is(error_of(api($gateway, 'ListStateMachines', {}, authorization => 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=00')), '400 IncompleteSignatureException', 'half a signature');
like(raw("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"),
	qr/MissingAuthenticationTokenException/, 'no key at all');
is(error_of(api($gateway, 'DescribeStateMachine', { stateMachineArn => "$arn:stateMachine:m" }, key('reader'))), '200 ?', 'a limited key is good for its actions');
is(error_of(api($gateway, 'StartExecution', { stateMachineArn => "$arn:stateMachine:m" }, key('reader'))), '400 AccessDeniedException', '... and for no others');
is((post($gateway, '/start/m', '{}', key('reader')))[0], 400, '... by path neither');
as('other', q{SELECT sfn.create_access_key(access_key_id => 'endless', secret_access_key => 'test', actions => array_fill('states:' || repeat('*?', 15) || '*z', ARRAY[50]))});
is(error_of(api($gateway, 'DescribeStateMachineForExecution', { executionArn => "$arn:execution:m:x" }, key('endless'))), '400 AccessDeniedException', 'patterns of actions hold up nobody, whatever stars they have');
as('app', q{SELECT sfn.delete_access_key('reader')});
ok(wait_until(sub { error_of(api($gateway, 'ListStateMachines', {}, key('reader'))) eq '400 UnrecognizedClientException' }), 'a deleted key ends within seconds');
my ($id, $secret, $session) = split /\|/, as('app', q{SELECT * FROM sfn.create_access_key(expires => '1 hour')});
is(error_of(api($gateway, 'ListStateMachines', {}, key($id, $secret))), '400 UnrecognizedClientException', 'a key that expires needs its token');
is(error_of(api($gateway, 'ListStateMachines', {}, key($id, $secret), 'x-amz-security-token' => 'wrong')), '400 UnrecognizedClientException', '... the right one');
is(error_of(api($gateway, 'ListStateMachines', {}, key($id, $secret), 'x-amz-security-token' => $session)), '200 ?', '... with which it is good');
ok(wait_for($node, q{SELECT last_used > now() - interval '10 min' FROM sfn.access_key WHERE access_key_id = 'test'}, 't'), 'that a key is used is noted');
$node->safe_psql('postgres', "UPDATE sfn.access_key SET expiration_date = now() - interval '1 s' WHERE access_key_id = '$id'");
ok(wait_until(sub { error_of(api($gateway, 'ListStateMachines', {}, key($id, $secret), 'x-amz-security-token' => $session)) eq '400 ExpiredTokenException' }), '... until it has expired');

#
# Hosts, and pages of other sites.
#
like(raw("GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"), qr/^HTTP\/1.1 421 /, 'another host is not served: DNS rebinding');
like(raw("GET /healthz HTTP/1.1\r\nHost: $_\r\nConnection: close\r\n\r\n"), qr/^HTTP\/1.1 200 /, "host $_") foreach '127.0.0.1:8083', 'localhost', 'sync-localhost:1', '[::1]:8083', 'sync-127.0.0.1';
like(raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"), qr/^HTTP\/1.1 4/, 'no host');

my $open = start_gateway($node, user => 'pool', '--auth' => 'none:app');
is((api($open, 'ListStateMachines', {}, authorization => 'whatever'))[0], 200, 'without signatures: anybody is the role');
foreach my $headers ([ origin => 'https://evil.example' ], [ origin => 'null' ], [ 'sec-fetch-site' => 'cross-site' ], [ 'sec-fetch-site' => 'same-site' ],
	[ 'x-forwarded-for' => '1.2.3.4' ], [ via => '1.1 proxy' ])
{
	is((post($open, '/start/m', '{}', 'content-type' => 'text/plain', @$headers))[0], 403, "... but no web site: @$headers");
}
is((post($open, '/start/m', '{}', origin => "http://127.0.0.1:$open->{port}"))[0], 202, '... only its own pages');
stop_gateway($open);

# Pages of sites that are listed, with signatures and without.
my $shop = 'https://shop.example.com';
sub ask { my ($where, $method, $path, %headers) = @_; return HTTP::Tiny->new->request($method, "$where->{url}$path", { content => $method eq 'POST' ? '{}' : '', headers => \%headers }) }
foreach my $auth ('sigv4', 'none:app')
{
	my $listed = start_gateway($node, user => 'pool', '--auth' => $auth, '--cors-origins' => "https://a.example,$shop");
	my $answer = ask($listed, 'OPTIONS', '/', origin => $shop, 'access-control-request-method' => 'POST', 'access-control-request-headers' => 'authorization');
	is("$answer->{status} $answer->{headers}{'access-control-allow-origin'}", "204 $shop", "$auth: a preflight of a site that is listed");
	like($answer->{headers}{'access-control-allow-headers'}, qr/authorization.*x-amz-target.*amz-sdk-invocation-id/, '... may send what SDKs send');
	is($answer->{headers}{vary}, 'Origin', '... and is kept apart from others');
	$answer = ask($listed, 'POST', '/start/m', origin => $shop, key('test'));
	is("$answer->{status} $answer->{headers}{'access-control-allow-origin'}", "202 $shop", '... and its request');
	foreach my $evil ('https://evil.example', 'null', 'https://shop.example.com.evil.example', 'http://shop.example.com', 'a.example')
	{
		$answer = ask($listed, 'OPTIONS', '/', origin => $evil);
		is($answer->{status} . ($answer->{headers}{'access-control-allow-origin'} // ''), '403', "... not of $evil");
		$answer = ask($listed, 'POST', '/start/m', origin => $evil, 'content-type' => 'text/plain');
		like($answer->{status} . ($answer->{headers}{'access-control-allow-origin'} // ''), qr/^4\d\d$/, '... neither what needs no preflight');
	}
	is(scalar(grep { /credentials/i } map { keys %{ $_->{headers} } } $answer), 0, '... and never with cookies');
	stop_gateway($listed);
}
$open = start_gateway($node, user => 'pool', '--auth' => 'none:app');
is(ask($open, 'OPTIONS', '/', origin => $shop)->{status}, 403, 'none is listed: no preflight');

# What any web page can have its visitors' browsers send, and a name that points to us.
my $form = 'application/x-www-form-urlencoded';
foreach my $attack ([ '/', $form, 'Action=GetCallerIdentity&Version=2011-06-15' ], [ '/', 'text/plain', '{}' ], [ '/', 'multipart/form-data; boundary=x', '--x--' ],
	[ '/start/m', $form, '{"a":"="}' ], [ '/sync/sync', 'text/plain', '{}' ], [ '/callback', 'text/plain', '{"taskToken":"x"}' ])
{
	my ($path, $type, $body) = @$attack;
	foreach my $from ("Origin: https://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n")
	{
		like(raw_to($open, "POST $path HTTP/1.1\r\nHost: 127.0.0.1\r\n${from}Content-Type: $type\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body"),
			qr/^HTTP\/1.1 403 /, "a form of another site: $path $type " . ($from =~ s/\r\n/ /gr));
	}
	like(raw_to($open, "POST $path HTTP/1.1\r\nHost: evil.example:$open->{port}\r\nOrigin: http://evil.example:$open->{port}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: $type\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body"),
		qr/^HTTP\/1.1 421 /, "DNS rebinding: $path");
}

my $super = start_gateway($node, user => 'pool', '--auth' => 'none:' . getpwuid($<));
is(error_of(api($super, 'ListStateMachines', {})), '400 AccessDeniedException', 'nobody is a superuser');
foreach my $options ([ '--listen', '0.0.0.0:1', '--auth', 'none:app' ], [ '--nonsense' ], [ '--max-body', 'x' ], [ '--auth', 'x' ], [ '--log' ])
{
	command_fails([ SfnGateway::program(), '--check', @$options ], "it does not start: @$options");
}
command_ok([ SfnGateway::program(), '--check' ], 'its settings are good');

#
# Who looks after it.
#
my $metrics = HTTP::Tiny->new->get("$gateway->{url}/metrics")->{content};
like($metrics, qr/^sfn_gateway_requests_total\{action="ListStateMachines",code=""\} [1-9]/m, 'requests are counted');
like($metrics, qr/^sfn_gateway_requests_total\{action="StartExecution",code="AccessDeniedException"\} [1-9]/m, '... by their errors');
unlike($metrics, qr/[Nn]onsense/, 'no client makes new names');
my $log = gateway_log($gateway);
like($log, qr/ test app DescribeStateMachine 400 [0-9.]+ \d+ StateMachineDoesNotExist$/m, 'requests are logged');
unlike($log, qr/\Q$secret\E|\Q$session\E|\Q$token\E|Signature=/, '... without secrets and tokens');
is(stop_gateway($gateway), 0, 'SIGTERM ends it');

$node->stop;
done_testing();
