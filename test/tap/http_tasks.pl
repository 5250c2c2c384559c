
# HTTP tasks: requests and results of http:invoke, "https://..." and functions by URL; connections; Retry-After.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('http_tasks', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nlog_statement = 'none'\n");
my $server = http_server();
my $url = $server->{url};
my $encoder = JSON::PP->new->canonical->allow_nonref;

sub sql
{
	my ($text) = @_;
	return $node->safe_psql('postgres', $text);
}

# What the server got, as it echoed it.
sub echoed
{
	my $end = invoked($node, @_);
	diag("$end->{error} $end->{cause}") if $end->{status} ne 'SUCCEEDED';
	return $end->{output}{ResponseBody};
}

sub fails_with
{
	my ($parameters, $error, $cause, $name) = @_;
	my $end = invoked($node, $parameters);
	like("$end->{status} " . ($end->{error} // $encoder->encode($end->{output})) . ': ' . ($end->{cause} // ''),
		qr/^FAILED \Q$error\E: $cause/, $name);
}

#
# Requests.
#
my $got = echoed({ ApiEndpoint => "$url/echo?x=1#part", Method => 'POST', QueryParameters => { q => 'a b&c', r => [ 1, 'z' ] },
		Headers => { 'X-One' => '1', 'X-Many' => [ 'a', 'b' ] }, RequestBody => { a => { b => [ 1, 2.50 ] } } });
is("$got->{method} $got->{path}", 'POST /echo?x=1&q=a%20b%26c&r=1&r=z', 'method, path and query');
is($got->{body}, '{"a":{"b":[1,2.5]}}', 'the body is JSON');
is($got->{headers}{'x-one'}, '1', 'a header');
is(scalar(grep { $_ eq 'X-Many' } @{ $got->{names} }), 2, 'a header with two values');
is($got->{headers}{'user-agent'}, 'Amazon|StepFunctions|HttpInvoke|us-east-1', 'User-Agent');
is($got->{headers}{range}, 'bytes=0-262144', 'Range');
is($got->{headers}{'content-type'}, 'application/json; charset=UTF-8', 'Content-Type');
like($got->{headers}{'idempotency-key'}, qr/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'Idempotency-Key');
foreach my $method (qw(GET PUT DELETE PATCH OPTIONS))
{
	is(echoed({ ApiEndpoint => "$url/echo", Method => $method, RequestBody => 'as it is' })->{body}, 'as it is', "a body with $method");
}
is(invoked($node, { ApiEndpoint => "$url/echo", Method => 'HEAD' })->{output}{ResponseBody}, '', 'HEAD has no body');

my %form = (ApiEndpoint => "$url/echo", Method => 'POST', Headers => { 'Content-Type' => 'application/x-www-form-urlencoded' });
sub form
{
	my ($body, $format) = @_;
	return echoed({ %form, RequestBody => $body,
			Transform => { RequestBodyEncoding => 'URL_ENCODED', $format ? (RequestEncodingOptions => { ArrayFormat => $format }) : () } })->{body};
}
is(form({ metadata => { 'order details' => 'a b' } }), 'metadata%5Border%20details%5D=a%20b', 'a nested form');
is(form({ array => [ 'a', 'b' ] }), 'array%5B0%5D=a&array%5B1%5D=b', 'INDICES');
is(form({ array => [ 'a', 'b' ] }, 'REPEAT'), 'array=a&array=b', 'REPEAT');
is(form({ array => [ 'a', 'b' ] }, 'COMMAS'), 'array=a%2Cb', 'COMMAS');
is(form({ array => [ 'a', 'b' ] }, 'BRACKETS'), 'array%5B%5D=a&array%5B%5D=b', 'BRACKETS');

#
# Results.
#
my $end = invoked($node, { ApiEndpoint => "$url/text" });
is_deeply($end->{output},
	{ Headers => { 'Content-Length' => ['5'], 'Content-Type' => ['text/plain'], 'X-Two' => [ 'one', 'two' ] },
		ResponseBody => 'plain', StatusCode => 200, StatusText => 'OK' }, 'a result');
is_deeply(invoked($node, { ApiEndpoint => "$url/json" })->{output}{ResponseBody}, { a => [ 1, 2.5 ] }, 'a JSON body');
is_deeply(invoked($node, { ApiEndpoint => "$url/gzip" })->{output}{ResponseBody}, { zipped => JSON::PP::true }, 'a compressed body');
is(invoked($node, { ApiEndpoint => "$url/empty" })->{output}{StatusCode}, 204, 'no content');
fails_with({ ApiEndpoint => "$url/status/404" }, 'States.Http.StatusCode.404', 'Said So$', 'status 404');
fails_with({ ApiEndpoint => "$url/status/500" }, 'States.Http.StatusCode.500', 'Said So$', 'status 500');
fails_with({ Method => 'STEAL', ApiEndpoint => "$url/echo" }, 'States.Runtime', '.*"Method"', 'an unknown method');
invoke_machine($node, 'events', { ApiEndpoint => "$url/json" });
my $execution = started($node, 'events');
end_of($node, $execution);
is(event_types($node, $execution), 'ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskSucceeded TaskStateExited ExecutionSucceeded', 'history');

#
# Functions by URL.
#
sql("SELECT sfn.create_function('remote', '$url/echo'), sfn.create_function('failing', '$url/function-error'), sfn.create_function('gone', '$url/status/404')");
task_machine($node, 'function', 'arn:aws:lambda:us-east-1:000000000000:function:remote:7');
is(run($node, 'function', { a => 1 })->{output}{body}, '{"a":1}', 'a function ARN: payload in, payload out');
like(event_types($node, sql(q{SELECT execution_arn FROM sfn.executions WHERE state_machine = 'function'})), qr/LambdaFunctionScheduled LambdaFunctionStarted LambdaFunctionSucceeded/, '... with its events');
task_machine($node, 'lambda', 'arn:aws:states:::lambda:invoke', Parameters => { FunctionName => 'remote', 'Payload.$' => '$' });
$end = run($node, 'lambda', { a => 1 });
is($end->{output}{Payload}{body}, '{"a":1}', 'lambda:invoke');
is($end->{output}{StatusCode}, 200, '... with its result');
task_machine($node, 'failing', 'arn:aws:lambda:us-east-1:000000000000:function:failing');
$end = run($node, 'failing');
is("$end->{error} $end->{cause}", 'OutOfTea {"errorType":"OutOfTea","errorMessage":"none"}', 'a function that fails');
task_machine($node, 'gone', 'arn:aws:lambda:us-east-1:000000000000:function:gone');
is(run($node, 'gone')->{error}, 'Lambda.ResourceNotFoundException', 'a function that is gone');
task_machine($node, 'token', 'arn:aws:states:::lambda:invoke.waitForTaskToken',
	Parameters => { FunctionName => 'remote', Payload => { 'token.$' => '$$.Task.Token' } });
my $waiting = started($node, 'token');
ok(wait_for($node, qq{SELECT count(*) FROM sfn.get_execution_history('$waiting') WHERE type = 'TaskSubmitted'}, '1'), 'a function that is given a token');
my ($call) = grep { $_->{body} =~ /token/ } requests($server, '/echo');
my $token = JSON::PP::decode_json($call->{body})->{token};
sql("SELECT sfn.send_task_success('$token', '7')");
is(end_of($node, $waiting)->{output}, 7, '... and answered by it');

#
# Connections.
#
sql(q{SELECT sfn.create_connection('key', 'API_KEY', '{"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "s3cret-key"},
	"InvocationHttpParameters": {"HeaderParameters": [{"Key": "X-Extra", "Value": "s3cret-header", "IsValueSecret": true}],
	"QueryStringParameters": [{"Key": "q", "Value": "connection"}], "BodyParameters": [{"Key": "b", "Value": "s3cret-body", "IsValueSecret": true}]}}')});
my $arn = sql(q{SELECT sfn.create_connection('basic', 'BASIC', '{"BasicAuthParameters": {"Username": "user", "Password": "s3cret-word"}}')});
like($arn, qr{^arn:aws:events:us-east-1:000000000000:connection/basic/[0-9a-f-]{36}$}, 'the ARN of a connection');
invoke_machine($node, 'keyed', { ApiEndpoint => "$url/keyed", Method => 'POST', InvocationConfig => { ConnectionArn => 'key' },
		QueryParameters => { q => 'task', r => '1' }, RequestBody => { a => 1 } }, ResultPath => undef);
run($node, 'keyed');
my ($keyed) = requests($server, '/keyed');
is($keyed->{headers}{'x-api-key'}, 's3cret-key', 'API_KEY');
is($keyed->{headers}{'x-extra'}, 's3cret-header', 'a header of the connection');
is($keyed->{path}, '/keyed?r=1&q=connection', 'the query of the connection wins');
is($keyed->{body}, '{"a":1,"b":"s3cret-body"}', 'a body parameter');
invoke_machine($node, 'basic', { ApiEndpoint => "$url/basic", Authentication => { ConnectionArn => $arn } }, ResultPath => undef);
run($node, 'basic');
is((requests($server, '/basic'))[0]{headers}{authorization}, 'Basic dXNlcjpzM2NyZXQtd29yZA==', 'BASIC');
fails_with({ ApiEndpoint => "$url/echo", InvocationConfig => { ConnectionArn => 'none' } }, 'Events.ResourceNotFoundException', '', 'no such connection');
sql('CREATE ROLE stranger');
task_machine($node, 'stranger', 'arn:aws:states:::http:invoke',
	Parameters => { ApiEndpoint => "$url/echo", Method => 'GET', InvocationConfig => { ConnectionArn => 'key' } }, role => 'stranger');
is(run($node, 'stranger')->{error}, 'Events.ConnectionResource.AccessDenied', 'a role that may not use the connection');
is(sql('SET ROLE stranger; SELECT count(*) FROM sfn.connections'), '0', '... nor see it');
my ($code, $out, $err) = $node->psql('postgres', 'SET ROLE stranger; SELECT * FROM sfn.connection');
like($err, qr/permission denied/, 'the table is closed');

sql(qq{SELECT sfn.create_connection('oauth', 'OAUTH_CLIENT_CREDENTIALS', '{"OAuthParameters": {"ClientParameters": {"ClientID": "me", "ClientSecret": "s3cret-client"},
	"AuthorizationEndpoint": "$url/token", "HttpMethod": "POST"}}')});
invoke_machine($node, 'oauth', { ApiEndpoint => "$url/bearer", InvocationConfig => { ConnectionArn => 'oauth' } });
is(run($node, 'oauth')->{status}, 'SUCCEEDED', 'OAUTH_CLIENT_CREDENTIALS') for (1, 2);
is(scalar(requests($server, '/token')), 1, '... one token for both requests');
like((requests($server, '/token'))[0]{body}, qr/grant_type=client_credentials&client_id=me&client_secret=s3cret-client/, '... asked for properly');
invoked($node, { ApiEndpoint => "$url/expire-token" });
is(run($node, 'oauth')->{status}, 'SUCCEEDED', 'a refused token is renewed');
is(scalar(requests($server, '/token')), 2, '... once');

#
# F77: secrets are nowhere to be seen.
#
my $seen = sql(q{SELECT string_agg(t::text, ' ') FROM (
	SELECT h::text FROM sfn.history_chunk h UNION ALL SELECT e::text FROM sfn.execution e UNION ALL SELECT c::text FROM sfn.connections c
	UNION ALL SELECT t::text FROM sfn.task t UNION ALL SELECT i::text FROM sfn.inbox i UNION ALL SELECT a::text FROM pg_stat_activity a WHERE pid <> pg_backend_pid()
	UNION ALL SELECT s::text FROM pg_settings s UNION ALL SELECT l::text FROM sfn.log_event l) t});
unlike($seen, qr/s3cret|dXNlcjpzM2NyZXQ|Bearer tok/, 'no secret in tables, views and sessions');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/s3cret|dXNlcjpzM2NyZXQ|Bearer tok/, 'nor in the log');

#
# Retry-After.
#
invoke_machine($node, 'busy', { ApiEndpoint => "$url/busy" }, Retry => [ { ErrorEquals => ['States.Http.StatusCode.503'], IntervalSeconds => 1, MaxAttempts => 1 } ]);
my $took = seconds(sub { is(run($node, 'busy')->{error}, 'States.Http.StatusCode.503', 'a busy server') });
cmp_ok($took, '>=', 2.0, '... is left alone as long as it asks for');
my @keys = map { $_->{headers}{'idempotency-key'} } requests($server, '/busy');
isnt($keys[0], $keys[1], 'a retry has a key of its own');

#
# Timeouts and stops end a request within a second.
#
invoke_machine($node, 'hanging', { ApiEndpoint => "$url/hang" }, TimeoutSeconds => 1);
$took = seconds(sub { is(run($node, 'hanging')->{error}, 'States.Timeout', 'TimeoutSeconds') });
in_time($took, 3, '... ends the task');
sub held
{
	return invoked($node, { ApiEndpoint => "$url/held" })->{output}{ResponseBody};
}
my $held = 1;
for (my $tries = 0; $tries < 20 && $held; $tries++) { $held = held() }
is($held, 0, '... and its request');
invoke_machine($node, 'stopped', { ApiEndpoint => "$url/hang" });
my $stopped = started($node, 'stopped');
ok(wait_for($node, q{SELECT count(*) FROM sfn.task WHERE kind = 1 AND taken_at IS NOT NULL}, '1'), 'a request is under way');
my $began = time();
sql("SELECT sfn.stop_execution('$stopped')");
is(end_of($node, $stopped)->{status}, 'ABORTED', 'a stop');
$held = 1;
for (my $tries = 0; $tries < 20 && $held; $tries++) { $held = held() }
is($held, 0, '... ends the request');
in_time(time() - $began, 2, '... soon');
ok(wait_for($node, 'SELECT count(*) FROM sfn.task', '0'), 'nothing is left');

#
# A SQL task that runs a synchronous execution with a request is begun once, so that the request is made once: it never
# shares a turn, however quick it has proved.
#
sql(q{SELECT sfn.create_state_machine('inner', '{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
	"Resource": "arn:aws:states:::http:invoke", "Parameters": {"Method": "GET", "ApiEndpoint.$": "$.url"}}}}', type => 'EXPRESS')});
sql(q{CREATE FUNCTION outer_task(url text) RETURNS json LANGUAGE sql AS $$ SELECT sfn.start_sync_execution('inner', json_build_object('url', url)) $$});
task_machine($node, 'outer', 'sql:public.outer_task');
is(run($node, 'outer', { url => "$url/inner" })->{output}{StatusCode}, 200, 'a SQL task runs a synchronous execution that makes a request') foreach 1 .. 5;
sql(qq{SELECT count(*) FROM sfn.start_executions('outer', ARRAY(SELECT '{"url": "$url/second"}'::json FROM generate_series(1, 6) i))});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'outer' AND status = 'SUCCEEDED'}, 11), 'one that takes a second');
is(scalar(requests($server, '/inner')) + scalar(requests($server, '/second')), 11, 'one request each');
ok(log_is_clean($node), 'the log is clean');

$node->stop;
done_testing();
