
# What the gateway is told besides where its database is: a file of options, a path before all others, an address for metrics
# alone, signatures of one region, several processes.

use strict;
use warnings;

use HTTP::Tiny;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('options');
my $config = PostgreSQL::Test::Utils::tempdir() . '/gateway.conf';
my $metrics = '127.0.0.1:' . PostgreSQL::Test::Cluster::get_free_port();

$node->safe_psql('postgres', 'CREATE ROLE app LOGIN');
$node->safe_psql('postgres', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test');
	SELECT sfn.create_state_machine('m', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')}, extra_params => [ '-U', 'app' ]);

sub with_config
{
	my ($text, %options) = @_;
	open(my $file, '>', $config) or die "$config: $!";
	print $file $text;
	close $file;
	return start_gateway($node, '--config' => $config, %options);
}

sub get
{
	my ($url) = @_;
	return HTTP::Tiny->new(timeout => 60, max_redirect => 0)->get($url);
}

sub signed_call
{
	my ($gateway, $region) = @_;
	my %headers = signed("127.0.0.1:$gateway->{port}", '/', '{}', 'x-amz-target' => 'AWSStepFunctions.ListStateMachines', region => $region);
	return HTTP::Tiny->new(timeout => 60)->post("$gateway->{url}/", { content => '{}', headers => \%headers });
}

# The sum of a metric over all its labels.
sub metric
{
	my ($url, $name) = @_;
	my $text = get($url)->{content};
	my $sum = 0;
	$sum += $1 while $text =~ /^sfn_gateway_\Q$name\E(?:\{[^}]*\})? ([0-9.e+-]+)$/mg;
	return $sum;
}

#
# A file.
#
my $gateway = with_config("# what it is told\n\nlog = json\nlog-level= warning\n  activity-wait =1\nregion-check\nmax-body = 2000\nmetrics-listen = $metrics\n", '--max-body' => 1000);
is((api($gateway, 'ListStateMachines', {}))[0], 200, 'a file of options');
is((post($gateway, '/start/m', '"' . 'x' x 1500 . '"'))[0], 413, 'the command line goes before it');
ok(wait_until(sub { gateway_log($gateway) =~ /^\{"time":.*"error":"RequestEntityTooLargeException"\}$/m }), 'the log is as it says');
unlike(gateway_log($gateway), qr/"action":"ListStateMachines"/, '... only of errors');

#
# Signatures of one region.
#
is(signed_call($gateway, 'us-east-1')->{status}, 200, 'a signature for the region of the database');
my $answer = signed_call($gateway, 'eu-north-1');
is($answer->{status}, 400, '... for another');
like($answer->{content}, qr/InvalidSignatureException.*valid region, not 'eu-north-1'/, '... is refused in words of AWS');

#
# An address for metrics alone.
#
like(get("http://$metrics/metrics")->{content}, qr/^sfn_gateway_requests_total\{action="ListStateMachines",code=""\} 2$/m, 'metrics have an address of their own');
is(get("http://$metrics/readyz")->{status}, 200, '... which says whether it is ready');
is(get("$gateway->{url}/metrics")->{status}, 404, '... and are nowhere else');
is(HTTP::Tiny->new->post("http://$metrics/start/m", { content => '{}' })->{status}, 404, 'nothing else is there');
is(metric("http://$metrics/metrics", 'request_seconds_count'), metric("http://$metrics/metrics", 'requests_total') - 1, 'each request is in a histogram');
cmp_ok(metric("http://$metrics/metrics", 'pool_wait_seconds_count'), '>', 0, 'waits for a connection are counted');
is(stop_gateway($gateway), 0, 'it ends');

#
# A path before all others.
#
$gateway = with_config("base-path = /aws/sfn\n", ready => 0);
ok(wait_until(sub { get("$gateway->{url}/aws/sfn/readyz")->{status} == 200 }), 'all paths are behind the one it has');
is((post($gateway, '/aws/sfn/start/m', '{}'))[0], 202, 'a start');
is((post($gateway, '/aws/sfn', '{}', 'x-amz-target' => 'AWSStepFunctions.ListStateMachines'))[0], 200, 'an action, the path without a slash behind it');
is((post($gateway, '/aws/sfn/db/postgres/start/m', '{}'))[0], 202, 'a database behind it');
is((post($gateway, '/start/m', '{}'))[0], 404, 'what is not behind it is not there');
is((post($gateway, '/aws/sfnx/start/m', '{}'))[0], 404, '... nor what only begins so');
is(get("$gateway->{url}/aws/sfn/")->{headers}{location}, '/aws/sfn/ui/', 'the page is behind it, too');
is(stop_gateway($gateway), 0, 'it ends');

#
# Several processes.
#
$gateway = with_config("processes = 3\nmetrics-listen = $metrics\n");

sub children
{
	return split ' ', slurp_file("/proc/$gateway->{pid}/task/$gateway->{pid}/children");
}
my @children = children();
is(scalar @children, 3, 'there are three');
api($gateway, 'ListStateMachines', {}) for 1 .. 30;
like(get("http://$metrics/metrics")->{content}, qr/^sfn_gateway_requests_total\{action="ListStateMachines",code=""\} 30$/m, 'whichever is asked tells what all have counted');
kill 'KILL', $children[1];
ok(wait_until(sub { scalar(grep { $_ != $children[1] } children()) == 3 }), 'one that is killed is started again');
ok(wait_until(sub { metric("http://$metrics/metrics", 'restarts_total') == 1 }), '... which is counted');
ok(wait_until(sub { eval { (api($gateway, 'ListStateMachines', {}))[0] == 200 } }), '... and all goes on');
is(stop_gateway($gateway), 0, 'all end with the first');
is(scalar(grep { -e "/proc/$_" } @children), 0, '... none is left');

#
# What cannot be.
#
sub refusal
{
	my (@options) = @_;
	my ($stdout, $stderr);
	my $status = IPC::Run::run([ SfnGateway::program(), '--check', @options ], '>', \$stdout, '2>', \$stderr) ? 0 : $? >> 8;
	return "$status $stderr";
}

open(my $file, '>', $config) or die "$config: $!";
print $file "nonsense = 1\n";
close $file;
is(refusal('--config', $config), "2 sfn-gateway: no such option in a file of --config: nonsense\n", 'an option that there is not');
like(refusal('--config', "$config.gone"), qr/^2 .*No such file/, 'a file that there is not');
like(refusal('--base-path', 'aws'), qr/^2 .*begins with a slash/, 'a path that is none');
like(refusal('--log-level', 'debug'), qr/^2 .*info or warning/, 'a level that there is not');
like(refusal('--processes', '65'), qr/^2 .*at most 64/, 'too many processes');

$node->stop;
done_testing();
