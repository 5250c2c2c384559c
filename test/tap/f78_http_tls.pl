
# F78: certificates are checked against the right authorities, wherever those are told; a connection brings a private
# authority and a certificate of its own; a library that is too old is reported and never used.

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

plan skip_all => 'no openssl' if system('openssl version >/dev/null 2>&1') != 0;

my $certificates = PostgreSQL::Test::Utils::tempdir();
sub certificate
{
	my ($name, $extension) = @_;
	PostgreSQL::Test::Utils::append_to_file("$certificates/$name.cnf", $extension);
	system("cd $certificates && openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name >/dev/null 2>&1 "
		  . "&& openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.cnf -out $name.pem >/dev/null 2>&1") == 0 or die 'openssl';
	return;
}
foreach my $name (qw(ca other))
{
	system("cd $certificates && openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.pem -days 2 -subj /CN=$name >/dev/null 2>&1") == 0 or die 'openssl';
}
certificate('server', "subjectAltName=IP:127.0.0.1\n");
certificate('client', "extendedKeyUsage=clientAuth\n");

my $server = http_server($certificates);
my $node = sfn_node('http_tls', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nlog_statement = 'none'\n");
my %tls = map { $_ => PostgreSQL::Test::Utils::slurp_file("$certificates/$_") } qw(ca.pem other.pem client.pem client.key);

sub connection
{
	my ($name, $tls) = @_;
	my $auth = json({ ApiKeyAuthParameters => { ApiKeyName => 'X-Key', ApiKeyValue => 'k' } });
	$node->safe_psql('postgres', "SELECT sfn.create_connection('$name', 'API_KEY', " . sql_text($auth) . '::jsonb, tls => ' . sql_text(json($tls)) . '::jsonb)');
	return;
}
connection('mutual', { ca => $tls{'ca.pem'}, certificate => $tls{'client.pem'}, key => $tls{'client.key'} });
connection('anonymous', { ca => $tls{'ca.pem'} });
connection('stranger', { ca => $tls{'other.pem'}, certificate => $tls{'client.pem'}, key => $tls{'client.key'} });

sub with
{
	my ($connection) = @_;
	my $end = invoked($node, { ApiEndpoint => "$server->{url}/json", $connection ? (InvocationConfig => { ConnectionArn => $connection }) : () });
	return $end->{status} eq 'SUCCEEDED' ? 'SUCCEEDED' : "$end->{error}: $end->{cause}";
}
my $socket = qr/^States\.Http\.Socket: /;
is(with('mutual'), 'SUCCEEDED', 'mutual TLS with a private authority');
like(with('anonymous'), $socket, 'no certificate where one is wanted, whoever has connected before');
like(with('stranger'), $socket, 'another authority');
like(with(undef), $socket, 'the authorities of the system');
is(with('mutual'), 'SUCCEEDED', 'mutual TLS again');

# items of a Distributed Map
sub items
{
	my ($path, $connection, %headers) = @_;
	machine($node, 'items', { StartAt => 'Map', States => { Map => { Type => 'Map', End => JSON::PP::true,
		ItemReader => { Resource => "$server->{url}$path", ReaderConfig => { InputType => 'JSON', ItemsPointer => '/a' },
			Parameters => { Headers => { 'X-Probe' => 'p', %headers }, Authentication => { ConnectionArn => $connection } } },
		ItemSelector => { 'v.$' => '$$.Map.Item.Value', 's.$' => '$$.Map.Item.Source' },
		ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' },
			StartAt => 'Pass', States => { Pass => { Type => 'Pass', End => JSON::PP::true } } } } } });
	my $end = run($node, 'items', {});
	return $end->{status} eq 'SUCCEEDED' ? json($end->{output}) : "$end->{error}: $end->{cause}";
}
my $source = "$server->{url}/json";
is(items('/json?page=1', 'mutual'), qq([{"s":"$source","v":1},{"s":"$source","v":2.5}]), 'items from a URL, whose query is not shown');
my ($request) = grep { $_->{path} eq '/json?page=1' } requests($server);
is("$request->{headers}{'x-probe'} $request->{headers}{'x-key'}", 'p k', 'with the headers and the credentials of the connection');
is(items('/json', 'mutual', @$_), "States.ItemReaderFailed: The header \"$_->[0]\" of ItemReader is not allowed.", "no header $_->[0]")
  foreach [ Host => 'x' ], [ Authorization => 'x' ], [ 'Content-Length' => '1' ], [ 'X Y' => 'z' ], [ 'X-A' => "b\r\nX-B: c" ], [ 'X-C' => [] ];
like(items('/busy', 'mutual'), qr/^States\.ItemReaderFailed: States\.Http\.StatusCode\.503: /, 'a failure');
like(items('/json', 'stranger'), qr/^States\.ItemReaderFailed: States\.Http\.Socket: /, 'another authority');
like(items('/json', 'none'), qr/^States\.ItemReaderFailed: Events\.ResourceNotFoundException: /, 'no such connection');
unlike($node->safe_psql('postgres', 'SELECT string_agg(c::text, $$ $$) FROM sfn.connections c'), qr/BEGIN/, 'the view shows neither key nor certificate');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/ERROR|PRIVATE/, 'the log is clean');

# An authority for all requests; the server of the next one wants no certificate of its clients.
my $trusting = PostgreSQL::Test::Utils::tempdir();
system("cp $certificates/server.pem $certificates/server.key $trusting/") == 0 or die 'cp';
my $open_server = http_server($trusting);

sub fetched
{
	my $end = invoked($node, { ApiEndpoint => "$open_server->{url}/json" });
	return $end->{status} eq 'SUCCEEDED' ? 'SUCCEEDED' : "$end->{error}: $end->{cause}";
}

sub trust
{
	my ($file) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET sfn.http_ca_file = '$file'");
	$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
	return;
}
like(fetched(), $socket, 'an authority that nobody has named');
chmod 0755, $certificates;
chmod 0644, glob("$certificates/*.pem");
trust("$certificates/ca.pem");
is(fetched(), 'SUCCEEDED', 'sfn.http_ca_file names it');
$node->safe_psql('postgres', qq{SELECT sfn.create_state_machine('sync', '{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
	"Resource": "$open_server->{url}/echo"}}}', type => 'EXPRESS')});
like($node->safe_psql('postgres', q{SELECT sfn.start_sync_execution('sync', '{"x": 1}')}), qr/POST/, 'in a synchronous execution, too, by a URL as Resource');
trust("$certificates/missing.pem");
like(fetched(), $socket, 'a file that is not there is an error of the request');
trust("$certificates/other.pem");
like(fetched(), $socket, 'another authority does not vouch for it');
trust('');
ok(log_is_clean($node), 'the log has no error');
$node->stop;

# A library that says it is older than what is needed.
SKIP:
{
	my $directory = PostgreSQL::Test::Utils::tempdir();

	PostgreSQL::Test::Utils::append_to_file("$directory/old.c", <<'C');
#include <curl/curl.h>
#undef curl_version_info
curl_version_info_data *curl_version_info(CURLversion age)
{
	static curl_version_info_data old = {.age = CURLVERSION_FIRST, .version = "7.29.0", .version_num = 0x071d00};
	return &old;
}
C
	chmod 0755, $directory;
	skip 'no compiler', 3 if system("cc -shared -fPIC -o $directory/old.so $directory/old.c") != 0;
	$ENV{LD_PRELOAD} = "$directory/old.so";
	my $old = sfn_node('f78_old', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");
	delete $ENV{LD_PRELOAD};
	my $plain = http_server();
	my $end = invoked($old, { ApiEndpoint => "$plain->{url}/json" });
	like("$end->{error}: $end->{cause}", qr/^States\.Http\.Socket: .*The library libcurl 7\.29\.0 is too old: sfn needs 7\.\d+ or later/,
		'a library that is too old is a clear error of the task');
	is(scalar(requests($plain)), 0, 'nothing is sent by it');
	like(PostgreSQL::Test::Utils::slurp_file($old->logfile), qr/WARNING:  sfn cannot send HTTP requests/, 'and a warning in the log');
	$old->stop;
}
done_testing();
