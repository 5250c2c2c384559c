
# HTTP tasks of synchronous executions: made in the caller's session, under the rules of the pump, and ended at once by
# whatever ends the caller's statement.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnHttp;
use SfnMachine;
use SfnTest;

# No workers: nobody but the session itself can make a request.
my $node = sfn_node('http_inline', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nlog_statement = 'none'\nsfn.enabled = off\n");
my $server = http_server();
my $url = $server->{url};

sub sql
{
	my ($text) = @_;
	return $node->safe_psql('postgres', $text);
}

# One task of an EXPRESS machine with these fields, run synchronously: the output, or "error: cause".
sub sync
{
	my ($fields, $input, $settings) = @_;
	my $definition = JSON::PP->new->canonical->encode({ StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, %$fields } } });

	$definition =~ s/'/''/g;
	sql("SELECT sfn.create_state_machine('sync', '$definition', type => 'EXPRESS', replace => true)");
	my ($status, $out, $err) = $node->psql('postgres', ($settings // '') . "SELECT sfn.start_sync_execution('sync', '" . ($input // '{}') . "')");
	return $status == 0 ? JSON::PP->new->allow_nonref->decode($out) : $err;
}

sub invoke
{
	my ($parameters, %fields) = @_;
	return { Resource => 'arn:aws:states:::http:invoke', Parameters => { Method => 'GET', %$parameters }, %fields };
}

#
# The three kinds of tasks.
#
my $output = sync(invoke({ ApiEndpoint => "$url/echo?a=1", Method => 'POST', RequestBody => { n => 1 } }));
is($output->{StatusCode}, 200, 'http:invoke');
is($output->{ResponseBody}{body}, '{"n":1}', 'with a body');
like($output->{ResponseBody}{headers}{'idempotency-key'}, qr/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'and an Idempotency-Key');
sql("SELECT sfn.create_function('by_url', '$url/echo')");
is(sync({ Resource => 'arn:aws:lambda:us-east-1:000000000000:function:by_url' }, '{"x": 2}')->{body}, '{"x":2}', 'a function ARN by URL');
is(sync({ Resource => 'arn:aws:states:::lambda:invoke', Parameters => { FunctionName => 'by_url', 'Payload.$' => '$' } }, '{"x": 2}')->{Payload}{body},
	'{"x":2}', 'lambda:invoke by URL');

#
# Errors are those of the pump, for Retry and Catch.
#
like(sync(invoke({ ApiEndpoint => "$url/status/404" })), qr/States\.Http\.StatusCode\.404.*Said So/s, 'a status is an error');
like(sync(invoke({ ApiEndpoint => "$url/partial" })), qr/States\.Http\.Socket/, 'half a response, too');
like(sync(invoke({ ApiEndpoint => "$url/large" })), qr/States\.DataLimitExceeded/, 'and one that is too large');
my $began = time;
like(sync(invoke({ ApiEndpoint => "$url/busy" }, Retry => [ { ErrorEquals => ['States.Http.StatusCode.503'], MaxAttempts => 1, IntervalSeconds => 1 } ])),
	qr/States\.Http\.StatusCode\.503/, 'a busy server is asked again');
cmp_ok(time - $began, '>=', 2, 'after the time it asks for');
is(scalar(requests($server, '/busy')), 2, 'once');
isnt((requests($server, '/busy'))[0]{headers}{'idempotency-key'}, (requests($server, '/busy'))[1]{headers}{'idempotency-key'},
	'with another Idempotency-Key');

# Hostile answers, one after the other in one session: each is a named error, or a result.
my @hostile = qw(garbage partial half-header nothing bad-status two-lengths bad-length negative-length bad-chunk nul-header long-header
  endless-headers endless-body reset bomb deep nul latin binary slow-loris odd-header interim bytewise chunks);
sql(q{SELECT sfn.create_state_machine('hostile', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke",
	"TimeoutSeconds": 2, "Parameters": {"Method": "GET", "ApiEndpoint.$": "$.url"}, "ResultSelector": {}, "End": true}}}', type => 'EXPRESS');
	CREATE FUNCTION attempt(url text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM sfn.start_sync_execution('hostile', json_build_object('url', url));
		RETURN 'none';
	EXCEPTION WHEN OTHERS THEN
		RETURN substring(sqlerrm FROM 'failed: (.*)');
	END $$});
my @ends = split /\n/, sql(join '', map { "SELECT attempt('$url/$_');" } @hostile);
is(scalar(@ends), scalar(@hostile), 'a session goes on after each hostile answer');
is(join(' ', map { "$hostile[$_]: $ends[$_]" } grep { $ends[$_] !~ /^(none|States\.Http\.Socket|States\.Runtime|States\.DataLimitExceeded|States\.Timeout)$/ } 0 .. $#ends),
	'', 'each has a result or a named error');
is(join(' ', grep { $ends[$_] eq 'none' } 0 .. $#ends), join(' ', grep { $hostile[$_] =~ /^(deep|odd-header|interim|bytewise|chunks)$/ } 0 .. $#hostile),
	'those that are only odd have a result');

#
# Where requests may go, and with which credentials.
#
like(sync(invoke({ ApiEndpoint => 'https://169.254.169.254/latest/' })), qr/States\.Http\.Socket.*link-local/s, 'metadata addresses are refused');
ok(wait_for_log($node, qr/sfn refused a request of a synchronous execution to host "169\.254\.169\.254" port 443/), 'and the log says so');
sql("CREATE ROLE clerk; GRANT USAGE ON SCHEMA sfn TO clerk");
like(sync(invoke({ ApiEndpoint => 'http://localhost:1/' })), qr/States\.Http\.Socket.*plain http/s, 'the allow-list decides');
my (undef, undef, $denied) = $node->psql('postgres', "SET ROLE clerk; SET sfn.http_allowed_hosts = 'localhost'");
like($denied, qr/permission denied to set parameter/, 'which a session cannot change for itself');
sql("INSERT INTO sfn.http_allowed_host (host) VALUES ('localhost')");
like(sync(invoke({ ApiEndpoint => "http://localhost:$server->{port}/json" }))->{StatusText}, qr/OK/, 'a row of the table has effect at once');
sql("DELETE FROM sfn.http_allowed_host");

sql(q{SELECT sfn.create_connection('basic', 'BASIC', '{"BasicAuthParameters": {"Username": "u", "Password": "p"}}')});
is(sync(invoke({ ApiEndpoint => "$url/echo", InvocationConfig => { ConnectionArn => 'basic' } }))->{ResponseBody}{headers}{authorization}, 'Basic dTpw',
	'a connection adds its credentials');
sql(qq{SELECT sfn.create_connection('oauth', 'OAUTH_CLIENT_CREDENTIALS', '{"OAuthParameters": {"ClientParameters": {"ClientID": "i", "ClientSecret": "s"},
	"AuthorizationEndpoint": "$url/token", "HttpMethod": "POST"}}')});
my $bearer = invoke({ ApiEndpoint => "$url/bearer", InvocationConfig => { ConnectionArn => 'oauth' } });
is(sync($bearer)->{StatusCode}, 200, 'a token is fetched');
sync($bearer);
my $asked = requests($server, '/token');
sql("SELECT sfn.start_sync_execution('sync'), sfn.start_sync_execution('sync')");
is(scalar(() = requests($server, '/token')), $asked + 1, 'and kept by the session');
like(sync(invoke({ ApiEndpoint => "$url/echo", InvocationConfig => { ConnectionArn => 'missing' } })), qr/Events\.ResourceNotFoundException/,
	'a connection that is not there');

#
# Time: the task's, the setting's, the statement's.
#
$began = time;
like(sync(invoke({ ApiEndpoint => "$url/hang" }, TimeoutSeconds => 1)), qr/States\.Timeout/, 'TimeoutSeconds ends a request');
in_time(time - $began, 10, 'in time');
like(sync(invoke({ ApiEndpoint => "$url/hang" }), '{}', "SET sfn.http_request_timeout = '300 ms';"), qr/States\.Http\.Socket.*did not end within its time/s,
	'so does sfn.http_request_timeout');
my ($code, $out, $err) = $node->psql('postgres', q{
	SET statement_timeout = '300 ms';
	SELECT sfn.start_sync_execution('sync');
	RESET statement_timeout;
	SELECT 'goes on'}, on_error_stop => 0);
like($err, qr/canceling statement due to statement timeout/, 'so does statement_timeout');
is($out, 'goes on', 'and the session goes on');

my ($psql, $psql_out) = start_psql($node, qq{SELECT 'pid ' || pg_backend_pid();\nSELECT sfn.start_sync_execution('sync');\n});
$psql->pump until $$psql_out =~ /pid (\d+)/;
my $pid = $$psql_out =~ /pid (\d+)/ ? $1 : 0;
ok(wait_until(sub { hanging($server) > 0 }), 'a session waits for a response');
is(sql("SELECT count(*) FROM pg_locks WHERE pid = $pid AND mode NOT IN ('AccessShareLock', 'ExclusiveLock')"), 0, 'it holds no lock that others wait for');
$began = time;
sql("SELECT pg_cancel_backend($pid)");
ok(wait_for($node, "SELECT count(*) FROM pg_stat_activity WHERE pid = $pid AND state = 'active'", '0'), 'a cancel ends it');
in_time(time - $began, 5, 'at once');
ok(wait_until(sub { hanging($server) == 0 }), 'and the connection to the server is closed');
eval { $psql->finish };

ok(wait_until(sub { hanging($server) == 0 }), 'nothing is left open');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/PANIC|signal 11|TRAP/, 'the log is clean');
$node->stop;
done_testing();
