
# One gateway and several databases: the path says which, else the key, the link or the session; nobody comes from one into another.

use strict;
use warnings;

use HTTP::Tiny;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('databases');
my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"in": "%s"}, "End": true}}}';

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; CREATE DATABASE crm; CREATE DATABASE bare});
$node->safe_psql('crm', q{CREATE EXTENSION sfn});

sub as_app
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql, extra_params => [ '-U', 'app' ]);
}

foreach my $database ('postgres', 'crm')
{
	as_app($database, qq{SELECT sfn.create_state_machine('m', '} . sprintf($pass, $database) . q{', type => 'EXPRESS'), sfn.create_activity('work')});
	as_app($database, "SELECT sfn.create_access_key(access_key_id => 'of_$database', secret_access_key => 'test'), sfn.create_access_key(access_key_id => 'both', secret_access_key => 'test-$database')");
}
my $gateway = start_gateway($node, '--databases' => 'postgres,crm,bare', '--key-cache' => 1, '--activity-wait' => 30);

sub key
{
	my ($id, $secret) = @_;
	return (authorization => SfnGateway::authorization($id, $secret // 'test'));
}

# Where the machine that is run is.
sub where
{
	my ($base, @key) = @_;
	my ($status, $answer) = post($gateway, "$base/sync/m", '{}', key(@key));
	return $status == 200 && $answer =~ /"in":\s*"(\w+)"/ ? $1 : "$status " . ($answer =~ /#(\w+)/ ? $1 : $answer);
}

#
# Which database.
#
is(where('', 'of_postgres'), 'postgres', 'a key of the first');
is(where('', 'of_crm'), 'crm', 'a key of another: its database is served');
is(where('/db/crm', 'of_crm'), 'crm', 'the path says it');
is(where('/db/postgres', 'of_postgres'), 'postgres', '... of the first, too');
is(where('/db/postgres', 'of_crm'), '400 UnrecognizedClientException', 'a key of another is none there');
is(where('/db/crm', 'of_postgres'), '400 UnrecognizedClientException', '... nor there');
is(where('', 'both', 'test-postgres'), 'postgres', 'a key of both is for the first that has it');
is(where('', 'both', 'test-crm'), '400 InvalidSignatureException', '... and by its secret there alone');
is(where('/db/crm', 'both', 'test-crm'), 'crm', '... unless the path says it');
is(where('/db/crm', 'both', 'test-postgres'), '400 InvalidSignatureException', '... where it has another secret');
is(where('/db/nowhere', 'of_crm'), '404 ResourceNotFound', 'a database that is not served');
is(where('/db/template1', 'of_crm'), '404 ResourceNotFound', '... though it is there');
is(where('/db/cr%6d', 'of_crm'), 'crm', 'a name in other letters');
is(where('/db/%zz', 'of_crm'), '404 ResourceNotFound', '... or in none');
is(where('/db//db/crm', 'of_crm'), '404 ResourceNotFound', 'no name');
is(where('/db/crm', 'nobody'), '400 UnrecognizedClientException', 'a key that there is nowhere');
is(where('/db/bare', 'of_crm'), '503 ServiceUnavailable', 'a database without sfn');
is((post($gateway, '/sync/m', '{}', key('nobody')))[0], 503, 'a key that no database knows, while one cannot be asked');

# As SDKs sign: the path is part of what is signed.
foreach my $path ('/db/crm', '/db/crm/')
{
	my $body = '{}';
	my %headers = signed("127.0.0.1:$gateway->{port}", $path, $body, 'content-type' => 'application/x-amz-json-1.0', 'x-amz-target' => 'AWSStepFunctions.ListStateMachines');
	is((HTTP::Tiny->new->post("$gateway->{url}$path", { content => $body, headers => \%headers }))->{status}, 400, "signed for $path by a key that is none");
}
as_app('crm', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')});
foreach my $path ('/db/crm', '/db/crm/')
{
	my $body = '{}';
	ok(wait_until(sub {
		my %headers = signed("127.0.0.1:$gateway->{port}", $path, $body, 'content-type' => 'application/x-amz-json-1.0', 'x-amz-target' => 'AWSStepFunctions.ListStateMachines');
		(HTTP::Tiny->new->post("$gateway->{url}$path", { content => $body, headers => \%headers }))->{status} == 200
	}), "signed for $path");
}

#
# Who waits for a task waits in his database.
#
my $poll = send_poll($gateway, "$arn:activity:work");
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sfn-gateway' AND datname = 'crm' AND query LIKE '%gateway_wait%' AND state = 'active'}, '1'), 'a worker waits in the database of his key');
my $machine = qq{SELECT sfn.create_state_machine('asks', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "$arn:activity:work", "End": true}}}')};
as_app($_, $machine) foreach 'postgres', 'crm';
as_app('postgres', q{SELECT sfn.start_execution('asks', '{"of": "postgres"}')});
as_app('crm', q{SELECT sfn.start_execution('asks', '{"of": "crm"}')});
like(answer_of($poll)->{input}, qr/crm/, '... and gets its task');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.task WHERE kind = 2 AND state = 1}), '1', '... not that of another');

#
# Links.
#
$node->safe_psql('crm', q{ALTER DATABASE crm SET sfn.gateway_url = 'https://sfn.example.com'});
my ($link) = as_app('crm', q{SELECT sfn.create_link('start', 'asks')}) =~ m{(/link/.*)};
like(HTTP::Tiny->new->get("$gateway->{url}$link")->{content}, qr/<h1>Start\?/, 'a link of another database');
is(HTTP::Tiny->new->get("$gateway->{url}/db/postgres$link")->{status}, 404, '... is none of the first');
is(HTTP::Tiny->new->post("$gateway->{url}/db/postgres$link", { content => '{}' })->{status}, 404, '... does nothing there');
my $before = $node->safe_psql('crm', 'SELECT count(*) FROM sfn.execution');
is(HTTP::Tiny->new->post("$gateway->{url}$link", { content => '{}' })->{status}, 200, '... and works');
is($node->safe_psql('crm', 'SELECT count(*) FROM sfn.execution'), $before + 1, '... once');

#
# The page.
#
sub page
{
	my ($session, $base, $path, $body) = @_;
	my %headers = (cookie => $session->{cookie} // 'x=y', 'content-type' => 'application/json', 'x-sfn-csrf' => $session->{token} // 'x');
	my $answer = HTTP::Tiny->new(max_redirect => 0)->request(defined $body ? 'POST' : 'GET', "$gateway->{url}$base/ui/$path", { headers => \%headers, defined $body ? (content => $body) : () });
	return ($answer->{status}, eval { JSON::PP->new->allow_nonref->decode($answer->{content}) } // $answer->{content}, $answer->{headers});
}

sub log_in
{
	my ($base, $id) = @_;
	my (undef, undef, $headers) = page({}, $base, 'login', qq({"accessKeyId": "$id", "secretAccessKey": "test"}));
	my $session = { cookie => ($headers->{'set-cookie'} // '') =~ s/;.*//r };
	$session->{token} = ((page($session, $base, 'session'))[1] // {})->{token};
	return $session;
}

is(HTTP::Tiny->new(max_redirect => 0)->get("$gateway->{url}/db/crm")->{headers}{location}, '/db/crm/ui/', 'the page of a database');
is((page({}, '/db/crm', ''))[0], 200, '... is there');
my $crm = log_in('/db/crm', 'of_crm');
is((page($crm, '/db/crm', 'page/machines', '{}'))[0], 200, 'a session of it');
is((page($crm, '/db/postgres', 'page/machines', '{}'))[0], 401, '... is none of another');
is((page({ %$crm, cookie => $crm->{cookie} =~ s/^[^=]+/sfn-$gateway->{port}-db0/r }, '/db/postgres', 'page/machines', '{}'))[0], 401, '... under the name of that one\'s cookie neither');
my $found = log_in('', 'of_crm');
is((page($found, '', 'page/machines', '{}'))[0], 200, 'who logs in without naming one is where the key is');
$node->safe_psql('crm', q{SELECT sfn.delete_access_key('of_crm')});
as_app('postgres', q{SELECT sfn.create_access_key(access_key_id => 'of_crm', secret_access_key => 'other')});
ok(wait_until(sub { (page($found, '', 'page/machines', '{}'))[0] == 400 }), '... and nowhere when the key is gone, though another database has one of that name');

#
# Connections to other databases come and go; one that is dropped is in nobody's way.
#
stop_gateway($gateway);
$gateway = start_gateway($node, '--databases' => 'postgres,crm');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sfn-gateway' AND datname = 'crm'}), '0', 'nobody has asked for it: no connection');
is(where('/db/crm', 'test'), 'crm', 'asked for, it is connected');
$node->safe_psql('postgres', 'DROP DATABASE crm WITH (FORCE)');
is(where('/db/crm', 'test'), '503 ServiceUnavailable', 'gone');
is(where('', 'of_postgres'), 'postgres', '... and the first goes on');
is(stop_gateway($gateway), 0, 'it ends as it should');
unlike(gateway_log($gateway), qr/AddressSanitizer|runtime error/, 'nothing was wrong with its memory');

$node->stop;
done_testing();
