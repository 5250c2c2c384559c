
# F47: more requests than descriptors.  F72: a name that is never resolved, and one that resolves to a private address.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

my $requests = rounds(5000) < 5000 ? 1000 : 5000;
my $server = http_server();
my $directory = PostgreSQL::Test::Utils::tempdir();

# A resolver for two names; all others are left to the real one.
PostgreSQL::Test::Utils::append_to_file("$directory/resolver.c", <<'C');
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node != NULL && strcmp(node, "black-hole.test") == 0)
	{
		for (int i = 0; i < 30; i++)
			sleep(1);
		return EAI_AGAIN;
	}
	return next(node != NULL && strcmp(node, "rebind.test") == 0 ? "127.0.0.9" : node, service, hints, result);
}
C
my $has_resolver = system("cc -shared -fPIC -o $directory/resolver.so $directory/resolver.c -ldl") == 0;
chmod 0755, $directory;
$ENV{LD_PRELOAD} = "$directory/resolver.so" if $has_resolver;
is(system("prlimit --pid $$ --nofile=1024:1024"), 0, 'no more than 1024 descriptors');
my $node = sfn_node('f47', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.http_max_requests = 20000\n");
delete $ENV{LD_PRELOAD};

#
# F72, while others go on.
#
SKIP:
{
	skip 'no compiler', 6 unless $has_resolver;
	invoke_machine($node, 'lost', { ApiEndpoint => 'https://black-hole.test/' }, TimeoutSeconds => 20);
	my $began = time();
	my @lost = map { started($node, 'lost') } (1 .. 5);
	ok(wait_for($node, q{SELECT count(*) FROM sfn.task WHERE taken_at IS NOT NULL}, '5'), 'five names are being resolved');
	my $took = seconds(sub { is(invoked($node, { ApiEndpoint => "$server->{url}/json" })->{status}, 'SUCCEEDED', 'another request meanwhile') });
	in_time($took, 2, '... is not held up');
	my $end = end_of($node, $lost[0]);
	is($end->{error}, 'States.Http.Socket', 'a name that is not resolved ends as a connection that does not come about');
	in_time(time() - $began, 12, '... within its time');
	like(invoked($node, { ApiEndpoint => 'https://rebind.test/' })->{cause}, qr/\(127\.0\.0\.9\) is not allowed/, 'the address decides, not the name');
	end_of($node, $_) foreach @lost;
}

#
# F47, F52: many at once, one of which hangs.
#
invoke_machine($node, 'many', { ApiEndpoint => "$server->{url}/second" });
invoke_machine($node, 'hanging', { ApiEndpoint => "$server->{url}/hang" });
my $hanging = started($node, 'hanging');
my $began = time();
$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('many', ARRAY(SELECT '{}'::json FROM generate_series(1, $requests)))");
ok(wait_for($node, q{SELECT count(*) FILTER (WHERE status = 'SUCCEEDED') FROM sfn.executions WHERE state_machine = 'many'}, $requests, 300),
	"$requests requests that take a second each");
note(sprintf '%d requests in %.1f s', $requests, time() - $began);
is(scalar(requests($server, '/second')), $requests, 'each was sent once');
my $pump = $node->safe_psql('postgres', q{SELECT pid FROM sfn.workers WHERE worker = 'pump'});
cmp_ok(scalar(glob("/proc/$pump/fd/*") ? (() = glob("/proc/$pump/fd/*")) : 0), '<', 1024, 'the pump has descriptors left');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}), '1', 'the one that hangs held nobody up');

#
# F20: an answer that nobody can take any more.
#
invoke_machine($node, 'late', { ApiEndpoint => "$server->{url}/second" });
started($node, 'late');
ok(wait_for($node, q{SELECT count(*) FROM sfn.task WHERE taken_at IS NOT NULL}, '2'), 'a request is under way');
my $took = seconds(sub { $node->safe_psql('postgres', 'DROP EXTENSION sfn CASCADE') });
in_time($took, 3, 'DROP EXTENSION does not wait for one that hangs');
$node->safe_psql('postgres', 'CREATE EXTENSION sfn');
is(invoked($node, { ApiEndpoint => "$server->{url}/json" })->{status}, 'SUCCEEDED', 'the extension made again sends requests');
ok(log_is_clean($node), 'the log is clean');
$node->stop;
done_testing();
