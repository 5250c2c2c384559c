
# F70, F71, F75, F76: hostile answers, bodies that are no text, addresses that are none of a task's business, headers.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('http_hostile', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.http_request_timeout = '3s'\n");
my $server = http_server();
my $url = $server->{url};

sub ends_with
{
	my ($parameters, $expected, $name) = @_;
	my $end = invoked($node, $parameters);
	my $text = $end->{status} eq 'SUCCEEDED' ? 'SUCCEEDED ' . json($end->{output}{ResponseBody}) : "$end->{error}: $end->{cause}";
	like($text, $expected, $name);
}

#
# F70: each answer gives a result or a named error.
#
my $socket = qr/^States\.Http\.Socket: ./;
my $runtime = qr/^States\.Runtime: ./;
my @answers = (
	[ garbage => $socket ], [ partial => $socket ], [ 'half-header' => $socket ], [ nothing => $socket ], [ 'bad-status' => $socket ],
	[ 'bad-length' => $socket ], [ 'negative-length' => $socket ], [ 'bad-chunk' => $socket ],
	[ 'nul-header' => $socket ], [ 'long-header' => $socket ], [ 'endless-headers' => $socket ], [ reset => $socket ],
	[ 'slow-loris' => $socket ], [ hang => $socket ],
	[ 'two-lengths' => qr/^(SUCCEEDED|States\.Http\.Socket)/ ],
	[ 'odd-header' => qr/^SUCCEEDED/ ],
	[ 'endless-body' => qr/^States\.DataLimitExceeded: / ], [ large => qr/^States\.DataLimitExceeded: / ], [ bomb => qr/^States\.DataLimitExceeded: / ],
	[ 'large-500' => qr/^States\.Http\.StatusCode\.500: Broken$/ ],
	[ bytewise => qr/^SUCCEEDED slow but sure$/ ], [ chunks => qr/^SUCCEEDED x{2000}$/ ], [ interim => qr/^SUCCEEDED late$/ ],
	[ redirect => qr/^States\.Http\.StatusCode\.302: Found$/ ],
	# F71
	[ 'bad-json' => qr/^SUCCEEDED \{"a": $/ ], [ deep => qr/^SUCCEEDED \[\[\[/ ],
	[ nul => $runtime ], [ 'nul-json' => qr/^SUCCEEDED "a\\u0000b"$/ ], [ latin => $runtime ], [ binary => $runtime ], [ image => $runtime ],);
foreach my $answer (@answers)
{
	ends_with({ ApiEndpoint => "$url/$answer->[0]" }, $answer->[1], "answer: $answer->[0]");
}
ends_with({ ApiEndpoint => 'http://127.0.0.1:1/' }, $socket, 'connection refused') for (1 .. 10);
ends_with({ ApiEndpoint => "https://127.0.0.1:$server->{port}/json" }, $socket, 'a server that does not speak TLS');

#
# F75: only public addresses, but for what is allowed; http and https.
#
my $denied = qr/^States\.Http\.Socket: Access to .* is not allowed/;
foreach my $host ('127.0.0.2', '10.0.0.1', '172.16.5.4', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255',
	'168.63.129.16', '[::1]', '[::]', '[fe80::1]', '[fd00::1]', '[ff02::1]', '[::ffff:10.0.0.1]', '[::ffff:169.254.169.254]', '[64:ff9b::a00:1]', '[2002:a00:1::1]',
	'2130706434', '0x7f000002', '0177.0.0.2', '127.2', 'localhost')
{
	ends_with({ ApiEndpoint => "https://$host/" }, $denied, "denied: https://$host/");
}
ends_with({ ApiEndpoint => "http://localhost:$server->{port}/json" }, $denied, 'plain http to a name that is not listed');
ends_with({ ApiEndpoint => $_ }, $runtime, "no URL of ours: $_")
  foreach ('file:///etc/passwd', 'gopher://127.0.0.1/', 'ftp://127.0.0.1/', 'dict://127.0.0.1/', 'http://user:secret@127.0.0.1/', 'https://', 'nonsense', "http://127.0.0.1/\n", "http://127.0.0.1/a b");

my $localhost = "http://localhost:$server->{port}/json";
$node->safe_psql('postgres', "INSERT INTO sfn.http_allowed_host (host) VALUES ('localhost:$server->{port}')");
ends_with({ ApiEndpoint => $localhost }, qr/^SUCCEEDED/, 'an entry of the table counts at once');
ends_with({ ApiEndpoint => 'http://localhost:1/' }, $denied, '... for its port only');
$node->safe_psql('postgres', 'DELETE FROM sfn.http_allowed_host');
ends_with({ ApiEndpoint => $localhost }, $denied, '... and its removal too');
$node->safe_psql('postgres', "CREATE ROLE friend; INSERT INTO sfn.http_allowed_host (host, role) VALUES ('127.0.0.0/8', 'friend'), ('localhost', 'friend')");
task_machine($node, 'friend', 'arn:aws:states:::http:invoke', Parameters => { ApiEndpoint => $localhost, Method => 'GET' }, role => 'friend');
is(run($node, 'friend')->{status}, 'SUCCEEDED', 'an entry for a role');
ends_with({ ApiEndpoint => $localhost }, $denied, '... is nobody else\'s, nor is its connection');
like(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/sfn refused a request of execution \d+ to host "169\.254\.169\.254"/, 'refusals are logged');

#
# F76: headers.
#
ends_with({ ApiEndpoint => "$url/json", Headers => $_->[0] }, $runtime, "refused: $_->[1]")
  foreach ([ { 'X-A' => "a\r\nX-B: b" }, 'a value of two lines' ], [ { "X-A\r\nX-B" => 'a' }, 'a name of two lines' ], [ { 'X A' => 'a' }, 'a blank in a name' ],
	[ { '' => 'a' }, 'an empty name' ], [ { 'X:A' => 'a' }, 'a colon in a name' ], [ { 'X-A' => 1 }, 'a number' ], [ { 'X-A' => { b => 1 } }, 'an object' ],
	[ { 'host' => 'a' }, 'Host' ], [ { 'Content-Length' => '5' }, 'Content-Length' ], [ { 'TRANSFER-ENCODING' => 'chunked' }, 'Transfer-Encoding' ],
	[ { 'Authorization' => 'Basic x' }, 'Authorization' ], [ { 'x-amz-date' => 'x' }, 'x-amz-*' ], [ { 'X-Forwarded-For' => 'x' }, 'x-forwarded-*' ],
	[ { map { ("X-$_" => 'a') } (1 .. 300) }, 'too many' ]);
is(scalar(grep { $_->{headers}{'x-b'} } requests($server)), 0, 'no header was smuggled in');

ok(wait_for($node, 'SELECT count(*) FROM sfn.task', '0'), 'nothing is left');
ok(log_is_clean($node), 'the log is clean');
$node->stop;
done_testing();
