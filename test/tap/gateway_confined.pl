
# What a gateway of the server gives up: the files of its user, where the kernel has Landlock; and what systemd is told.

use strict;
use warnings;

use File::Path qw(make_path);
use HTTP::Tiny;
use IO::Select ();
use IO::Socket::UNIX ();
use Socket qw(SOCK_DGRAM);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('confined');
my $folder = PostgreSQL::Test::Utils::tempdir();
my $web = "$folder/web";

make_path("$web/src");
append_to_file("$folder/secret", 'the database');
append_to_file("$web/src/app.js", 'the page');
symlink "$folder/secret", "$web/src/index.html" or die "symlink: $!";
$node->safe_psql('postgres', q{CREATE ROLE app LOGIN});
$node->safe_psql('postgres', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')}, extra_params => [ '-U', 'app' ]);

sub shown
{
	my ($gateway, $path) = @_;
	return HTTP::Tiny->new->get("$gateway->{url}/ui/$path")->{content};
}

my $free = start_gateway($node, '--web' => $web);
is(shown($free, 'src/app.js'), 'the page', 'a file of the page');
is(shown($free, ''), 'the database', '... and one that it points to');
stop_gateway($free);

# As the server starts it.
$ENV{SFN_GATEWAY_STRICT} = 'on';
my $confined = start_gateway($node, '--web' => $web);
SKIP:
{
	skip 'this kernel has no Landlock', 2 if gateway_log($confined) =~ /no Landlock/;
	is(shown($confined, 'src/app.js'), 'the page', 'a file of the page that the server\'s gateway shows');
	like(shown($confined, ''), qr/ResourceNotFound/, '... what it points to cannot be read');
}
is((api($confined, 'ListStateMachines', {}))[0], 200, 'the database can be called');
$node->restart;
ok(wait_until(sub { (api($confined, 'ListStateMachines', {}))[0] == 200 }), '... and connected to anew');
unlike(gateway_log($confined), qr/could not|ermission denied/, 'it misses nothing');
is(stop_gateway($confined), 0, 'it ends as it should');

# What systemd is told.
my $path = "$folder/notify";
my $manager = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) or die "$path: $!";

sub told
{
	my $line = '';
	return 'nothing' unless IO::Select->new($manager)->can_read(60);
	$manager->recv($line, 100);
	return $line;
}

$ENV{NOTIFY_SOCKET} = $path;
my $unit = start_gateway($node, ready => 0);
is(told(), 'READY=1', 'it says when it is there');
ok(wait_until(sub { HTTP::Tiny->new->get("$unit->{url}/healthz")->{status} == 200 }), '... and is');
is(stop_gateway($unit), 0, 'told to stop');
is(told(), 'STOPPING=1', '... it says so');
$ENV{NOTIFY_SOCKET} = "$folder/nobody";
$unit = start_gateway($node);
like(gateway_log($unit), qr/systemd is not told/, 'nobody listens: it goes on');
stop_gateway($unit);

$node->stop;
done_testing();
