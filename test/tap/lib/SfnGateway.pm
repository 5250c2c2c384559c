
=head1 NAME

SfnGateway - a gateway in front of a test's server, and clients of it

=head1 SYNOPSIS

  use SfnGateway;

  plan skip_all => 'the gateway is not built' unless gateway_is_built();
  my $gateway = start_gateway($node, '--activity-wait' => 5);      # ends with the test
  my ($status, $answer) = api($gateway, 'ListStateMachines', {});   # as the key test/test
  stop_gateway($gateway);

=cut

package SfnGateway;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use HTTP::Tiny;
use IO::Socket::INET ();
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use PostgreSQL::Test::Cluster;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep);

use Exporter 'import';
our @EXPORT = qw(gateway_is_built start_gateway stop_gateway api post send_poll connected answer_of gateway_log signed);

my $json = JSON::PP->new->canonical->allow_nonref->utf8;
my @children;

=head2 gateway_is_built(), start_gateway($node, %options), stop_gateway($gateway, $signal)

The gateway logs in as superuser, as the one does that the server starts.  Returns when it is ready, unless C<ready =E<gt> 0>.

=cut

sub program
{
	return $ENV{SFN_GATEWAY} if $ENV{SFN_GATEWAY};
	my ($bindir) = run_command([ 'pg_config', '--bindir' ]);
	chomp $bindir;
	return "$bindir/sfn-gateway";
}

sub gateway_is_built
{
	return -x program();
}

sub start_gateway
{
	my ($node, %options) = @_;
	my $wants_ready = delete $options{ready} // 1;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $log = PostgreSQL::Test::Utils::tempdir() . "/gateway-$port.log";
	my $database = $node->connstr('postgres') . ' user=' . (delete $options{user} // scalar getpwuid($<));
	my $pid = fork() // die "fork: $!";

	if ($pid == 0)
	{
		alarm(0);
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', $log;
		exec program(), '--db', $database, '--listen', "127.0.0.1:$port", %options or exit 1;
	}
	push @children, $pid;
	my $gateway = { pid => $pid, port => $port, url => "http://127.0.0.1:$port", log => $log };
	foreach (1 .. 1200)
	{
		last if !$wants_ready || HTTP::Tiny->new(timeout => 5)->get("$gateway->{url}/readyz")->{status} == 200;
		sleep 0.05;
	}
	return $gateway;
}

sub stop_gateway
{
	my ($gateway, $signal) = @_;

	kill $signal // 'TERM', $gateway->{pid};
	waitpid $gateway->{pid}, 0;
	@children = grep { $_ != $gateway->{pid} } @children;
	return $?;
}

sub gateway_log
{
	my ($gateway) = @_;
	return slurp_file($gateway->{log});
}

=head2 post($gateway, $path, $body, %headers), api($gateway, $action, $request, %headers)

The status, and the answer: as text; decoded.  As the key test with the secret test, unless C<authorization> says otherwise.

=cut

sub authorization
{
	my ($id, $secret) = @_;
	return 'Basic ' . encode_base64("$id:$secret", '');
}

sub post
{
	my ($gateway, $path, $body, %headers) = @_;
	my $answer = HTTP::Tiny->new(timeout => 60)->post("$gateway->{url}$path",
		{ content => $body, headers => { authorization => authorization('test', 'test'), %headers } });

	return ($answer->{status}, $answer->{content}, $answer->{headers});
}

sub api
{
	my ($gateway, $action, $request, %headers) = @_;
	my ($status, $content) = post($gateway, '/', ref $request ? $json->encode($request) : $request,
		'content-type' => 'application/x-amz-json-1.0', 'x-amz-target' => "AWSStepFunctions.$action", %headers);

	return ($status, eval { $json->decode($content) } // $content);
}

=head2 signed($host, $path, $body, %headers)

These headers with those of AWS's signature, by the key test with the secret test, of a POST to the service states; C<region>, no
header, is us-east-1 unless it is among them.

=cut

sub signed
{
	my ($host, $path, $body, %headers) = @_;
	my $time = strftime('%Y%m%dT%H%M%SZ', gmtime);
	my $region = delete $headers{region} // 'us-east-1';
	my $scope = substr($time, 0, 8) . "/$region/states/aws4_request";
	my %all = (%headers, host => $host, 'x-amz-date' => $time);
	my $names = join ';', sort keys %all;
	my $canonical = join "\n", 'POST', $path, '', (map { "$_:$all{$_}" } sort keys %all), '', $names, $all{'x-amz-content-sha256'} // sha256_hex($body);
	my $key = 'AWS4test';
	my $signature;

	$key = hmac_sha256($_, $key) foreach split m{/}, $scope;
	$signature = hmac_sha256_hex(join("\n", 'AWS4-HMAC-SHA256', $time, $scope, sha256_hex($canonical)), $key);
	return (%headers, 'x-amz-date' => $time,
		authorization => "AWS4-HMAC-SHA256 Credential=test/$scope, SignedHeaders=$names, Signature=$signature");
}

=head2 connected($gateway), send_poll($gateway, $activity), answer_of($socket)

A connection; one on which GetActivityTask has been sent; the body of the next answer on it, decoded (undef: it was closed).

=cut

sub connected
{
	my ($gateway) = @_;
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $gateway->{port}, Timeout => 60) // die "connect: $!";
}

sub send_poll
{
	my ($gateway, $activity) = @_;
	my $socket = connected($gateway);
	my $body = $json->encode({ activityArn => $activity });

	print $socket "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\nAuthorization: "
	  . authorization('test', 'test') . "\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
	return $socket;
}

sub answer_of
{
	my ($socket) = @_;
	my ($head, $body) = ('', '');

	while ($head !~ /\r\n\r\n$/)
	{
		my $line = <$socket> // return undef;
		$head .= $line;
	}
	my ($length) = $head =~ /content-length: (\d+)/i;
	read $socket, $body, $length // 0;
	return eval { $json->decode($body) } // $body;
}

END
{
	my $status = $?;

	foreach my $pid (@children)
	{
		kill 'KILL', $pid;
		waitpid $pid, 0;
	}
	$? = $status;
}

1;
