
# Proxies before the gateway: what those that are listed say of a request counts, what others say does not.

use strict;
use warnings;

use HTTP::Tiny;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('proxies');

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN});
$node->safe_psql('postgres', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test'), sfn.create_activity('work')}, extra_params => [ '-U', 'app' ]);

# The status and the error.
sub listed
{
	my ($gateway, %headers) = @_;
	my ($status, $answer) = api($gateway, 'ListStateMachines', {}, %headers);
	my $code = ref $answer ? ($answer->{__type} // '') =~ s/.*#//r : $answer =~ /<p>(.*)<\/p>/ ? $1 : '';
	return $code ne '' ? "$status $code" : $status;
}

sub signed_as
{
	my ($gateway, $host, %headers) = @_;
	my %signed = signed($host, '/', '{}', 'content-type' => 'application/x-amz-json-1.0', 'x-amz-target' => 'AWSStepFunctions.ListStateMachines');
	return HTTP::Tiny->new->post("$gateway->{url}/", { content => '{}', headers => { %signed, %headers } })->{status};
}

# A POST as it is, its headers in their order.
sub raw
{
	my ($gateway, @headers) = @_;
	my $socket = connected($gateway);
	print $socket join("\r\n", 'POST / HTTP/1.1', 'Host: 127.0.0.1', 'X-Amz-Target: AWSStepFunctions.ListStateMachines', 'Authorization: ' . SfnGateway::authorization('test', 'test'),
		'Content-Length: 2', 'Connection: close', @headers, '', '{}');
	local $/ = undef;
	my $answer = <$socket> // '';
	return $answer =~ /^HTTP\/1.1 (\d+)/ ? $1 : 'nothing';
}

my $https = { 'x-forwarded-proto' => 'https' };

#
# Nobody is trusted.
#
my $alone = start_gateway($node, '--hosts' => 'sfn.example.com');
is(listed($alone, 'x-forwarded-proto' => 'http', 'x-forwarded-for' => '203.0.113.7'), 200, 'what nobody is trusted to say is not heard');
is(signed_as($alone, 'sfn.example.com', 'x-forwarded-host' => 'sfn.example.com'), 400, '... no other host either');
stop_gateway($alone);

#
# Its neighbour is.
#
my $gateway = start_gateway($node, '--hosts' => 'sfn.example.com', '--trusted-proxies' => '127.0.0.0/8, 10.0.0.0/8', '--per-ip' => 3, '--activity-wait' => 50);
is(listed($gateway), '400 AccessDeniedException', 'a secret that came over plain HTTP to the proxy, for all one knows');
is(listed($gateway, 'x-forwarded-proto' => 'http'), '400 AccessDeniedException', '... or as it says');
is(listed($gateway, %$https), 200, '... over TLS it is accepted');
is(raw($gateway, 'X-Forwarded-Proto: https, http'), 400, 'the last of several counts');
is(raw($gateway, 'X-Forwarded-Proto: https', 'X-Forwarded-Proto: http'), 400, '... in headers of their own, too');
is(raw($gateway, 'X-Forwarded-Proto: http', 'X-Forwarded-Proto: https'), 200, '... either way');
is(signed_as($gateway, 'sfn.example.com', 'x-forwarded-host' => 'sfn.example.com'), 200, 'a signature for the host that the client knows');
is(signed_as($gateway, 'sfn.example.com', 'x-forwarded-host' => 'other.example.com, sfn.example.com'), 200, '... which the nearest proxy says');
is(signed_as($gateway, 'evil.example.com', 'x-forwarded-host' => 'evil.example.com'), 421, 'another\'s host is not ours, whoever says it');
my $login = HTTP::Tiny->new->post("$gateway->{url}/ui/login", { content => '{"accessKeyId": "test", "secretAccessKey": "test"}', headers => { 'content-type' => 'application/json', %$https } });
like($login->{headers}{'set-cookie'} // '', qr/^__Host-sfn=.*; Secure$/, 'cookies are for TLS');
is(HTTP::Tiny->new->post("$gateway->{url}/ui/login", { content => '{"accessKeyId": "test", "secretAccessKey": "test"}', headers => { 'content-type' => 'application/json' } })->{status}, 403, '... without it nobody logs in');

#
# So many requests of one client.
#
my @polls;

sub poll_from
{
	my ($from) = @_;
	my $socket = connected($gateway);
	my $body = '{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:work"}';
	print $socket join("\r\n", 'POST / HTTP/1.1', 'Host: 127.0.0.1', 'X-Amz-Target: AWSStepFunctions.GetActivityTask', 'Authorization: ' . SfnGateway::authorization('test', 'test'),
		'X-Forwarded-Proto: https', "X-Forwarded-For: $from", 'Content-Length: ' . length $body, '', $body);
	push @polls, $socket;
	return $socket;
}

sub parked
{
	return HTTP::Tiny->new->get("$gateway->{url}/metrics")->{content} =~ /^sfn_gateway_parked (\d+)/m ? $1 : -1;
}

poll_from('203.0.113.7') foreach 1 .. 3;
ok(wait_until(sub { parked() == 3 }), 'three wait');
like(answer_of(poll_from('203.0.113.7'))->{__type}, qr/#ThrottlingException$/, 'a fourth of the same client is told to come later');
like(answer_of(poll_from('198.51.100.1, 203.0.113.7'))->{__type}, qr/#ThrottlingException$/, '... whatever it says itself');
like(answer_of(poll_from('198.51.100.1, 203.0.113.7, 10.1.2.3'))->{__type}, qr/#ThrottlingException$/, '... behind two proxies, too');
is(listed($gateway, %$https, 'x-forwarded-for' => '198.51.100.1'), 200, 'others are not in its way');
is(listed($gateway, %$https, 'x-forwarded-for' => '[2001:db8::1]:1234'), 200, '... of IPv6 neither');
is(listed($gateway, %$https, 'x-forwarded-for' => $_), 200, "nonsense is nobody's address: $_") foreach 'unknown', '', ',', '999.1.1.1', 'x' x 1000;
close $_ foreach @polls;
ok(wait_until(sub { parked() == 0 && listed($gateway, %$https, 'x-forwarded-for' => '203.0.113.7') eq '200' }), 'and room again when they have gone');
is(stop_gateway($gateway), 0, 'it ends as it should');
unlike(gateway_log($gateway), qr/AddressSanitizer|runtime error/, 'nothing was wrong with its memory');

#
# Without signatures nothing comes through a proxy.
#
my $open = start_gateway($node, '--auth' => 'none:app', '--trusted-proxies' => '127.0.0.1');
is(listed($open, %$https), '403 AccessDeniedException', 'without signatures: not through a proxy, trusted or not');
stop_gateway($open);
command_fails([ SfnGateway::program(), '--check', '--trusted-proxies', $_ ], "no network: $_") foreach 'x', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.1/-1', '/8';
command_ok([ SfnGateway::program(), '--check', '--trusted-proxies', '10.0.0.0/8,2001:db8::/32 ,::1, [::1]' ], 'networks');

$node->stop;
done_testing();
