
# The gateway and what goes wrong: the database, slow and broken clients, too much of anything.

use strict;
use warnings;

use HTTP::Tiny;
use IO::Socket::INET ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnMachine;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('faults');
my $arn = 'arn:aws:states:us-east-1:000000000000';

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app});
$node->safe_psql('postgres', q{
	SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test');
	CREATE FUNCTION public.nap(input jsonb) RETURNS text LANGUAGE sql AS 'SELECT pg_sleep((input ->> ''s'')::float8)::text';
	CREATE FUNCTION public.forget(input jsonb) RETURNS void LANGUAGE plpgsql AS 'BEGIN DEALLOCATE ALL; END';}, extra_params => [ '-U', 'app' ]);
foreach my $function ('nap', 'forget')
{
	machine($node, $function, { StartAt => 'T', States => { T => { Type => 'Task', Resource => "sql:public.$function", End => JSON::PP::true } } }, as => 'app', type => 'EXPRESS');
}
my $gateway = start_gateway($node, '--max-clients' => 40, '--sync-connections' => 2, '--client-timeout' => 6);

sub listed
{
	return (api($gateway, 'ListStateMachines', {}))[0];
}

sub readiness
{
	return HTTP::Tiny->new->get("$gateway->{url}/readyz")->{status};
}

sub raw
{
	my ($text) = @_;
	my $socket = connected($gateway);
	print $socket $text;
	local $/ = undef;
	return <$socket> // '';
}

my $alive = q{FROM pg_stat_activity WHERE application_name = 'sfn-gateway'};
my $head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\nAuthorization: " . SfnGateway::authorization('test', 'test') . "\r\n";

#
# The database.
#
is(listed(), 200, 'all is well');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) $alive");
ok(wait_until(sub { listed() == 200 }), 'its sessions are ended, and it goes on');
my $sync = connected($gateway);
my $body = json({ stateMachineArn => "$arn:stateMachine:nap", input => '{"s": 600}' });
print $sync $head =~ s/ListStateMachines/StartSyncExecution/r . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
ok(wait_for($node, "SELECT count(*) $alive AND state = 'active' AND query LIKE '%gateway_call%'", '1'), 'a call is under way');
is(listed(), 200, '... others go on');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) $alive AND state = 'active' AND query LIKE '%gateway_call%'");
like(answer_of($sync)->{__type}, qr/#ServiceUnavailable$/, 'its session is ended: it can be tried again');
my $two = $head =~ s/ListStateMachines/StartSyncExecution/r . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
my @impatient = map { my $socket = connected($gateway); print $socket $two; $socket } 1 .. 3;
ok(wait_for($node, "SELECT count(*) $alive AND state = 'active' AND query LIKE '%gateway_call%'", '2'), 'two executions run, a third is in line');
close $_ foreach @impatient;
ok(wait_for($node, "SELECT count(*) $alive AND state = 'active' AND query LIKE '%gateway_call%'", '0'), 'their clients hang up, and they are cancelled');
is((api($gateway, 'StartSyncExecution', { stateMachineArn => "$arn:stateMachine:forget", input => '{}' }))[0], 200, 'a task that deallocates everything');
is((api($gateway, 'StartSyncExecution', { stateMachineArn => "$arn:stateMachine:forget", input => '{}' }))[0], 200, '... does no harm') foreach 1 .. 3;
$node->stop('fast');
ok(wait_until(sub { readiness() == 503 }), 'without a server it is not ready');
is(HTTP::Tiny->new->get("$gateway->{url}/healthz")->{status}, 200, '... but alive');
my ($status, $answer) = api($gateway, 'ListStateMachines', {});
is($status, 503, 'a call is told to come again');
like($answer->{__type}, qr/#ServiceUnavailable$/, '... in words that clients know');
$node->start;
ok(wait_until(sub { readiness() == 200 && listed() == 200 }), 'the server is back, and all goes on');

#
# Clients.
#
is((api($gateway, 'ListStateMachines', 'x' x 2_000_000))[0], 413, 'two megabytes');
like(raw($head . "Content-Length: 20000000000\r\n\r\n{"), qr/^HTTP\/1.1 413 /, 'twenty gigabytes: at once');
my $chunk = sprintf("%x\r\n", 65536) . 'x' x 65536 . "\r\n";
like(raw($head . "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" . $chunk x 32 . "0\r\n\r\n"), qr/^HTTP\/1.1 413 /, '... in pieces');
like(raw("nonsense\r\n\r\n"), qr/^(HTTP\/1.[01] 4\d\d .*)?$/s, 'garbage');
like(raw($head . join('', map { "X-Header-$_: 1\r\n" } 1 .. 100) . "Content-Length: 2\r\nConnection: close\r\n\r\n{}"), qr/^HTTP\/1.1 431 /, 'too many headers');
like(raw($head . 'X: ' . 'x' x 100_000 . "\r\n\r\n"), qr/^HTTP\/1.1 4(13|31|00) /, 'a header that is too long');
my $slow = connected($gateway);
print $slow "POST / HTTP/1.1\r\nHost: loc";
my $slow_body = connected($gateway);
print $slow_body $head . "Content-Length: 100\r\n\r\n{";
is(listed(), 200, 'slow clients are in nobody\'s way');
is(answer_of($slow), undef, 'slow headers: cut off');
my @many = map { my $socket = eval { connected($gateway) }; $socket } 1 .. 60;
ok(scalar @many, 'more connections than are allowed');
close $_ foreach grep { defined } @many;
ok(wait_until(sub { eval { listed() } == 200 }), '... and room again when they have gone');
is(answer_of($slow_body), undef, 'a slow body: cut off');


# One address that takes too much: not the loopback interface, but another address of ours.
my ($own) = grep { $_ !~ /^127\./ } split ' ', (run_command([ 'hostname', '-I' ]))[0];
SKIP:
{
	skip 'no address but loopback', 4 if !defined $own || $own !~ /^[0-9.]+$/;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $few = start_gateway($node, ready => 0, '--listen' => "0.0.0.0:$port", '--per-ip' => 5);
	ok(wait_until(sub { HTTP::Tiny->new->get("http://127.0.0.1:$port/readyz")->{status} == 200 }), 'a gateway off loopback');
	my @held = map { my $socket = IO::Socket::INET->new(PeerAddr => $own, PeerPort => $port, Timeout => 60); print $socket "GET /healthz HTTP/1.1\r\nHost: $own\r\n\r\n" if $socket; $socket } 1 .. 12;
	is(scalar(grep { defined $_ && defined answer_of($_) } @held), 5, '... has so many connections for an address, and no more');
	is(HTTP::Tiny->new->get("http://127.0.0.1:$port/healthz")->{status}, 200, '... others are not in its way');
	close $_ foreach grep { defined } @held;
	ok(wait_until(sub { HTTP::Tiny->new->get("http://$own:$port/healthz")->{status} == 200 }), '... and room again when they have gone');
	stop_gateway($few);
}

is(stop_gateway($gateway), 0, 'it ends as it should');
unlike(gateway_log($gateway), qr/AddressSanitizer|runtime error/, 'nothing was wrong with its memory');
$node->stop;
done_testing();
