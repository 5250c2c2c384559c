
=head1 NAME

SfnHttp - an HTTP server for tests, which answers as its URL says

=head1 SYNOPSIS

  use SfnHttp;

  my $server = http_server();             # ends with the test
  my $url = $server->{url} . '/echo';     # http://127.0.0.1:PORT
  my @requests = requests($server);       # what came: hashes of method, path, headers, body

=cut

package SfnHttp;

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET ();
use JSON::PP ();
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep);

use SfnMachine;

use Exporter 'import';
our @EXPORT = qw(http_server requests hanging invoke_machine invoked);

my @children;

=head2 http_server($certificates, $script)

Starts the server test/tap/lib/http_server.py, or another script there, on a free port; with a directory of certificates it
speaks TLS.

=cut

sub http_server
{
	my ($certificates, $script) = @_;
	my $directory = tempdir(CLEANUP => 1);
	$script = dirname(__FILE__) . '/' . ($script // 'http_server.py');
	my $pid = fork() // die "fork: $!";

	if ($pid == 0)
	{
		alarm(0);
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$directory/out";
		open STDERR, '>', "$directory/err";
		exec 'python3', $script, $directory, $certificates // () or exit 1;
	}
	push @children, $pid;
	foreach (1 .. 600)
	{
		last if -s "$directory/port";
		sleep 0.05;
	}
	my $port = PostgreSQL::Test::Utils::slurp_file("$directory/port") + 0;
	return { pid => $pid, port => $port, url => ($certificates ? 'https' : 'http') . "://127.0.0.1:$port", directory => $directory };
}

=head2 requests($server, $path)

The requests that came, in order; only those to a path, when given.

=cut

sub requests
{
	my ($server, $path) = @_;
	my $file = "$server->{directory}/requests";

	return () unless -f $file;
	my @all = map { JSON::PP::decode_json($_) } split /\n/, PostgreSQL::Test::Utils::slurp_file($file);
	return defined $path ? grep { $_->{path} =~ /^\Q$path\E(\?|$)/ } @all : @all;
}

=head2 hanging($server)

How many requests to /hang are being left without an answer; asked without the database.

=cut

sub hanging
{
	my ($server) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "connect: $!";

	print $socket "GET /held HTTP/1.1\r\nHost: x\r\n\r\n";
	$socket->shutdown(1);
	local $/ = undef;
	my $answer = <$socket>;
	return $answer =~ /\r\n\r\n(\d+)/ ? $1 : die "no answer: $answer";
}

=head2 invoke_machine($node, $name, \%parameters, %fields), invoked($node, \%parameters, %fields)

A machine of one http:invoke task; the end of one execution of such a machine.

=cut

sub invoke_machine
{
	my ($node, $name, $parameters, %fields) = @_;

	return task_machine($node, $name, 'arn:aws:states:::http:invoke', Parameters => { Method => 'GET', %$parameters }, %fields);
}

sub invoked
{
	my ($node, $parameters, %fields) = @_;

	invoke_machine($node, 'invoked', $parameters, %fields);
	return run($node, 'invoked', {});
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
