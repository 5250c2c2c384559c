
# A request is sent once, also when the connection that it goes over dies before the first byte of an answer comes back:
# libcurl would send it again by itself.  Only methods that change nothing may go again.  A connection that has been idle
# for five seconds is not used again, since many servers close theirs then.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('http_once', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");
my $server = http_server();
my $retry = [ { ErrorEquals => ['States.Http.Socket'], IntervalSeconds => 1, MaxAttempts => 3 } ];

# How often each Idempotency-Key came.
sub keys_of
{
	my ($path) = @_;
	my %times;

	$times{ $_->{headers}{'idempotency-key'} }++ for requests($server, $path);
	return %times;
}

# One after the other, so that connections are used again.
sub run_some
{
	my ($name, $path, $method, %fields) = @_;
	my %ends;

	invoke_machine($node, $name, { ApiEndpoint => "$server->{url}$path", Method => $method, ($method eq 'POST' ? (RequestBody => { n => 1 }) : ()) }, %fields);
	for (1 .. 6)
	{
		my $arn = started($node, $name);
		$node->poll_query_until('postgres', "SELECT status <> 'RUNNING' FROM sfn.executions WHERE execution_arn = '$arn'");
		$ends{ $node->safe_psql('postgres', "SELECT concat_ws(': ', status, error) FROM sfn.executions WHERE execution_arn = '$arn'") }++;
	}
	return %ends;
}

my %ends = run_some('posted', '/drop/posted', 'POST');
my %keys = keys_of('/drop/posted');
is(scalar(keys %keys), 6, 'each request came');
is(scalar(grep { $_ > 1 } values %keys), 0, '... once') or diag(explain(\%keys));
cmp_ok($ends{'FAILED: States.Http.Socket'} // 0, '>', 0, '... those whose connection died failed') or diag(explain(\%ends));
cmp_ok($ends{'SUCCEEDED'} // 0, '>', 0, '... the others did not');
like($node->safe_psql('postgres', q{SELECT cause FROM sfn.executions WHERE error = 'States.Http.Socket' LIMIT 1}),
	qr/connection.*closed.*not sent again/, '... and say why');

%ends = run_some('retried', '/drop/retried', 'POST', Retry => $retry);
%keys = keys_of('/drop/retried');
is($ends{'SUCCEEDED'}, 6, 'Retry sends again') or diag(explain(\%ends));
cmp_ok(scalar(keys %keys), '>', 6, '... as attempts of their own');
is(scalar(grep { $_ > 1 } values %keys), 0, '... each of them once') or diag(explain(\%keys));

%ends = run_some('read', '/drop/read', 'GET');
is($ends{'SUCCEEDED'}, 6, 'GET goes again by itself') or diag(explain(\%ends));

# The number of the request on its connection.
sub numbers { return map { $_->{nth} } requests($server, '/echo/idle'); }

invoke_machine($node, 'idle', { ApiEndpoint => "$server->{url}/echo/idle", Method => 'POST' });
run($node, 'idle', {}) for 1 .. 2;
sleep 5.5;
run($node, 'idle', {});
my @numbers = numbers();
is($numbers[1] - $numbers[0], 1, 'a connection is used again at once');
is($numbers[2], 1, 'after five idle seconds it is not');

$node->stop;
done_testing();
