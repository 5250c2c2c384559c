
# The gateway over TLS: signatures and secrets, clients that stop half-way, other certificates without an end of what is under way,
# and what an address off loopback wants.

use strict;
use warnings;

use IO::Select ();
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnMachine;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();
plan skip_all => 'no openssl and curl' if system('openssl version >/dev/null 2>&1 && curl --version >/dev/null 2>&1') != 0;

my $node = sfn_node('tls');
my $files = PostgreSQL::Test::Utils::tempdir();
my $activity = 'arn:aws:states:us-east-1:000000000000:activity:work';

# A certificate that is its own authority, in the place of the one before.
sub certificate
{
	my ($name) = @_;
	system("cd $files && openssl req -x509 -newkey rsa:2048 -nodes -keyout new.key -out new.pem -days 2 -subj /CN=$name "
		  . "-addext subjectAltName=IP:127.0.0.1,DNS:localhost >/dev/null 2>&1 && cp new.pem $name.pem && mv new.pem cert.pem && mv new.key cert.key") == 0 or die 'openssl';
	return;
}
certificate('first');

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; CREATE ROLE pool LOGIN; SELECT sfn.allow_gateway('pool')});
$node->safe_psql('postgres', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test'); SELECT sfn.create_activity('work')}, extra_params => [ '-U', 'app' ]);
machine($node, 'works', { StartAt => 'A', States => { A => { Type => 'Task', Resource => $activity, End => JSON::PP::true } } }, as => 'app');

my @tls = ('--tls-cert' => "$files/cert.pem", '--tls-key' => "$files/cert.key");
local $ENV{SFN_GATEWAY_STRICT} = 'on'; # as the server's: its certificates are all the files that it can read
my $gateway = start_gateway($node, user => 'pool', ready => 0, '--client-timeout' => 6, @tls);
delete $ENV{SFN_GATEWAY_STRICT};
$gateway->{url} = "https://127.0.0.1:$gateway->{port}";

# What curl says: the body and, behind it, the status.
sub curl_command
{
	my ($where, $authority, $target, $body, %more) = @_;
	my %headers = ('content-type' => 'application/x-amz-json-1.0', 'x-amz-target' => "AWSStepFunctions.$target", %more);
	return ('curl', '-sS', '--max-time', '60', '--cacert', "$files/$authority.pem", '-w', '%{http_code}', '-d', $body, map({ ('-H', "$_: $headers{$_}") } sort keys %headers), "$where->{url}/");
}
sub curl
{
	my ($out, $err) = run_command([ curl_command(@_) ]);
	return $out || $err;
}
my %secret = (authorization => 'Bearer test:test');
my %head = ('content-type' => 'application/x-amz-json-1.0', 'x-amz-target' => 'AWSStepFunctions.ListStateMachines');

ok(wait_until(sub { curl($gateway, 'first', 'ListStateMachines', '{}', %secret) =~ /200$/ }), 'a secret over TLS');
sub with_signature
{
	my ($where, $authority, %more) = @_;
	return curl($where, $authority, 'ListStateMachines', '{}', signed("127.0.0.1:$where->{port}", '/', '{}', %head, %more));
}
like(with_signature($gateway, 'first'), qr/"works".*200$/, 'a signature over TLS');
like(with_signature($gateway, 'first', 'x-amz-content-sha256' => 'UNSIGNED-PAYLOAD'), qr/200$/, '... of which the body is no part');
like(with_signature($gateway, 'first', 'x-amz-content-sha256' => 'ab' x 32), qr/400$/, '... or another body');
sub page_login
{
	my ($where) = @_;
	my ($out) = run_command([ 'curl', '-sSi', '--max-time', '60', '--cacert', "$files/first.pem", '-H', 'content-type: application/json', '-d', '{"accessKeyId": "test", "secretAccessKey": "test"}', "$where->{url}/ui/login" ]);
	return $out;
}
like(page_login($gateway), qr/^set-cookie: __Host-sfn=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure\r?$/im, 'who logs in to the page over TLS has a cookie that goes over TLS only');
my $plain = start_gateway($node, user => 'pool');
like(with_signature($plain, 'first'), qr/"works".*200$/, 'a signature without TLS');
like(with_signature($plain, 'first', 'x-amz-content-sha256' => 'UNSIGNED-PAYLOAD'), qr/InvalidSignatureException.*400$/, '... has to have the body');

#
# Off loopback, without TLS and with it.
#
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $everywhere = start_gateway($node, user => 'pool', '--listen' => "0.0.0.0:$port", ready => 0);
$everywhere->{port} = $port;
$everywhere->{url} = "http://127.0.0.1:$port";
ok(wait_until(sub { eval { with_signature($everywhere, 'first') =~ /200$/ } }), 'off loopback without TLS: a signature');
like(curl($everywhere, 'first', 'ListStateMachines', '{}', %secret), qr/A secret is accepted over TLS or on loopback only.*400$/, '... but no secret');
like(page_login($everywhere), qr/^HTTP\S* 403.*One logs in over TLS or on loopback only/s, '... nor does anybody log in to the page');
my $safe_port = PostgreSQL::Test::Cluster::get_free_port();
my $safe = start_gateway($node, user => 'pool', '--listen' => "0.0.0.0:$safe_port", ready => 0, @tls);
$safe->{port} = $safe_port;
$safe->{url} = "https://127.0.0.1:$safe_port";
ok(wait_until(sub { curl($safe, 'first', 'ListStateMachines', '{}', %secret) =~ /200$/ }), 'off loopback with TLS: a secret');
stop_gateway($_) foreach $plain, $everywhere, $safe;

#
# Clients that stop half-way.
#
my @half = map { connected($gateway) } 1 .. 20;
print { $half[$_] } substr("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . 'x' x 200, 0, $_ * 10) foreach 0 .. 19;
like(curl($gateway, 'first', 'ListStateMachines', '{}', %secret), qr/200$/, 'half a handshake is in nobody\'s way');
is(scalar(grep { my $socket = $_; !IO::Select->new($socket)->can_read(60) } @half), 0, '... and is cut off');
my $wrong = connected($gateway);
print $wrong "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
my $said = do { local $/ = undef; <$wrong> // '' };
unlike($said, qr/^HTTP/, 'without TLS there is no answer');

#
# A worker that hangs up, and one that stays while the certificates change.
#
sub poll
{
	my ($authority) = @_;
	my ($out, $err) = ('', '');
	return { out => \$out, harness => IPC::Run::start([ curl_command($gateway, $authority, 'GetActivityTask', qq({"activityArn":"$activity"}), %secret) ], '<', \undef, '>', \$out, '2>', \$err) };
}
sub metric
{
	my ($name, $authority) = @_;
	my ($out) = run_command([ 'curl', '-sS', '--cacert', "$files/$authority.pem", "$gateway->{url}/metrics" ]);
	return $out =~ /^sfn_gateway_\Q$name\E (\d+)$/m ? $1 : -1;
}
my $gone = poll('first');
ok(wait_until(sub { metric('parked', 'first') == 1 }), 'a worker waits');
$gone->{harness}->kill_kill;
ok(wait_until(sub { metric('parked', 'first') == 0 }), '... until it hangs up');
my $stays = poll('first');
ok(wait_until(sub { metric('parked', 'first') == 1 }), 'another one waits');

system("cp $files/cert.pem $files/kept.pem && echo nonsense > $files/cert.pem") == 0 or die 'cp';
kill 'HUP', $gateway->{pid};
ok(wait_until(sub { gateway_log($gateway) =~ /those of before go on/ }), 'certificates that are none: the log says so');
like(curl($gateway, 'first', 'ListStateMachines', '{}', %secret), qr/200$/, '... and those of before go on');
certificate('second');
kill 'HUP', $gateway->{pid};
ok(wait_until(sub { curl($gateway, 'second', 'ListStateMachines', '{}', %secret) =~ /200$/ }), 'other certificates after SIGHUP');
unlike(curl($gateway, 'first', 'ListStateMachines', '{}', %secret), qr/200$/, '... for all that comes from now on');
is(metric('parked', 'second'), 1, 'who waited still waits');
$node->safe_psql('postgres', q{SELECT sfn.start_execution('works', '{"n": 1}')}, extra_params => [ '-U', 'app' ]);
$stays->{harness}->finish;
like(${ $stays->{out} }, qr/"taskToken":"\w.*200$/, '... and gets its task');
foreach my $round (1 .. 70)
{
	kill 'HUP', $gateway->{pid};
}
like(curl($gateway, 'second', 'ListStateMachines', '{}', %secret), qr/200$/, 'many reloads');
is(stop_gateway($gateway), 0, 'SIGTERM ends it');
unlike(gateway_log($gateway), qr/AddressSanitizer|runtime error/, 'nothing was wrong with its memory');

#
# The one that the server starts.
#
my $super = getpwuid($<);
sub set
{
	my (%settings) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET sfn.$_ = '$settings{$_}'") foreach keys %settings;
	$node->reload;
	return;
}
my $offset = -s $node->logfile;
$gateway->{port} = PostgreSQL::Test::Cluster::get_free_port();
$gateway->{url} = "https://127.0.0.1:$gateway->{port}";
set(gateway => "0.0.0.0:$gateway->{port}", gateway_tls_cert => "$files/cert.pem", gateway_tls_key => "$files/cert.key", gateway_role => $super);
ok(wait_for_log($node, qr/does not work as a superuser.*sfn gateway refuses its settings/s, $offset), 'off loopback no superuser, TLS or not: it stays off and says why');
set(gateway_role => 'pool');
ok(wait_until(sub { curl($gateway, 'second', 'ListStateMachines', '{}', %secret) =~ /200$/ }), '... with TLS and a role it is there');
certificate('third');
$node->reload;
ok(wait_until(sub { curl($gateway, 'third', 'ListStateMachines', '{}', %secret) =~ /200$/ }), 'a reload of the server has it read its certificates again');

$node->stop;
done_testing();
