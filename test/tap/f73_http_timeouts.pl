
# F73: how long an HTTP request may take.  Defaults as documented, a cap by setting, TimeoutSeconds where it is less; of
# the pump and of synchronous executions alike.

use strict;
use warnings;

use File::Basename qw(dirname);
use IO::Socket::INET ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f73', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");
my $server = http_server();
my $url = $server->{url};

# The defaults, as the documentation has them.
is($node->safe_psql('postgres', 'SHOW sfn.http_connect_timeout'), '5s', 'five seconds to connect');
is($node->safe_psql('postgres', 'SHOW sfn.http_request_timeout'), '1min', 'a minute in all');
my $pages = PostgreSQL::Test::Utils::slurp_file(dirname(__FILE__) . '/../../docs/configuration.md');
like($pages, qr/`sfn\.http_connect_timeout` \| `5s`/, 'the documentation agrees on the one');
like($pages, qr/`sfn\.http_request_timeout` \| `60s`/, 'and on the other');

# What it took, and "error: cause" of a request that hangs.
sub hanging
{
	my (%fields) = @_;
	my $began = time;
	my $end = invoked($node, { ApiEndpoint => "$url/hang" }, %fields);
	return (time - $began, ($end->{error} // $end->{status}) . ': ' . ($end->{cause} // ''));
}

# The cap, also for a task that would wait longer, or for ever.
$node->safe_psql('postgres', "ALTER SYSTEM SET sfn.http_request_timeout = '2s'");
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
foreach my $fields ({}, { TimeoutSeconds => 3600 })
{
	my ($took, $error) = hanging(%$fields);
	like($error, qr/^States\.Http\.Socket: The request did not end within its time/, 'the setting ends a request' . (%$fields ? ', whatever TimeoutSeconds says' : ''));
	cmp_ok($took, '>=', 2, 'not before its time');
	in_time($took, 15, 'and not much later');
}

# TimeoutSeconds, where it is less.
$node->safe_psql('postgres', "ALTER SYSTEM SET sfn.http_request_timeout = '60s'");
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
my ($took, $error) = hanging(TimeoutSeconds => 1);
is($error, 'States.Timeout: ', 'TimeoutSeconds ends a request');
in_time($took, 15, 'as soon as it is over');
ok(wait_until(sub { (invoked($node, { ApiEndpoint => "$url/held" })->{output}{ResponseBody} // 'none') eq '0' }), 'and its connection is closed');

# A server that takes no connections: its queue is full.
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1, ReuseAddr => 1) or die "listen: $!";
my $port = $listener->sockport;
my @waiting = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Blocking => 0) } (1 .. 20);
$node->safe_psql('postgres', "ALTER SYSTEM SET sfn.http_connect_timeout = '1s'");
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
my $began = time;
my $end = invoked($node, { ApiEndpoint => "http://127.0.0.1:$port/" });
like("$end->{error}: $end->{cause}", qr/^States\.Http\.Socket: The request did not end within its time/, 'connecting has a time of its own');
in_time(time - $began, 15, 'which is less than that of the request');

# The same in a synchronous execution.
$node->safe_psql('postgres', qq{SELECT sfn.create_state_machine('sync', '{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
	"Resource": "arn:aws:states:::http:invoke", "TimeoutSeconds": 2, "Parameters": {"Method": "GET", "ApiEndpoint": "$url/hang"}}}}', type => 'EXPRESS')});
$began = time;
my (undef, undef, $message) = $node->psql('postgres', q{SELECT sfn.start_sync_execution('sync')});
like($message, qr/States\.Timeout/, 'TimeoutSeconds holds in a synchronous execution');
in_time(time - $began, 15, 'too');
(undef, undef, $message) = $node->psql('postgres', q{SET sfn.http_request_timeout = '500ms'; SELECT sfn.start_sync_execution('sync')});
like($message, qr/States\.Http\.Socket.*did not end within its time/s, 'and so does the setting');

ok(log_is_clean($node), 'the log is clean');
$node->stop;
done_testing();
