
# Clusters of EKS: eks:call and eks:runJob, whose address the definition names; who calls is proved to no other host.

use strict;
use warnings;

use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('aws_kubernetes', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.job_poll_rate = 50\nlog_statement = 'none'\n");
my $server = http_server(undef, 'aws_responder.py');
my $json = JSON::PP->new->canonical->allow_nonref;
my %cluster = (ClusterName => 'prod', Endpoint => 'https://0123.gr7.us-east-1.eks.amazonaws.com',
	CertificateAuthority => encode_base64("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", ''));

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub begun
{
	my ($resource, %parameters) = @_;
	task_machine($node, 'm', "arn:aws:states:::eks:$resource", Parameters => { %cluster, %parameters });
	return started($node, 'm');
}

sub job { my ($name) = @_; return (Namespace => 'work', Job => { apiVersion => 'batch/v1', kind => 'Job', metadata => { name => $name }, spec => {} }) }

sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}')});
sql("SELECT sfn.create_service_endpoint('eks', '$server->{url}')");

my %begun = (
	call => begun('call', Method => 'GET', Path => '/api/v1/namespaces/work/pods', QueryParameters => { labelSelector => ['job-name=x'] }),
	other => begun('call', Method => 'GET', Path => '/api/v1/x', ClusterName => 'other'),
	missing => begun('call', Method => 'GET', Path => '/apis/batch/v1/namespaces/work/jobs/none'),
	start => begun('runJob', job('good-plain')),
	good => begun('runJob.sync', job('good')),
	bad => begun('runJob.sync', job('bad')),
	slow => begun('runJob.sync', job('slow')),
	logs => begun('runJob.sync', job('logs'), LogOptions => { RetrieveLogs => JSON::PP::true, LogParameters => { tailLines => ['50'], container => ['other'] } }),
	logs_raw => begun('runJob.sync', job('logs-raw'), LogOptions => { RetrieveLogs => JSON::PP::true, RawLogs => JSON::PP::true }),
	logs_off => begun('runJob.sync', job('logs-off'), LogOptions => { RetrieveLogs => JSON::PP::false }),
	logs_unknown => begun('runJob.sync', job('logs-unknown'), LogOptions => { RetrieveLogs => JSON::PP::true }),
	logs_long => begun('runJob.sync', job('logs-long'), LogOptions => { RetrieveLogs => JSON::PP::true }),
	bad_logs => begun('runJob.sync', job('bad-job'), LogOptions => { RetrieveLogs => JSON::PP::true }),
	wrong_logs => begun('runJob', job('x'), LogOptions => { RetrieveLogs => 'yes' }),
	wrong_query => begun('runJob', job('x'), LogOptions => { RetrieveLogs => JSON::PP::true, LogParameters => { tailLines => '50' } }),
	no_certificate => begun('call', Method => 'GET', Path => '/api/v1/x', CertificateAuthority => 'eA=='),
	no_method => begun('call', Method => 'FETCH', Path => '/api/v1/x'),
	outside => begun('runJob', job('x'), Namespace => '../../x'));

my $end = end_of($node, $begun{call});
is($end->{output}{StatusCode}, 200, 'a call') or diag($json->encode($end));
is($json->encode($end->{output}{ResponseBody}), '{"asked":"/api/v1/namespaces/work/pods?labelSelector=job-name%3Dx","items":[],"kind":"PodList"}', 'its body');
is(join(' ', sort keys %{ $end->{output} }), 'Headers ResponseBody StatusCode', 'its members');
$end = end_of($node, $begun{other});
is("$end->{error} " . $json->decode($end->{cause})->{message}, 'EKS.401 Unauthorized', 'the proof is for one cluster');
$end = end_of($node, $begun{missing});
is($end->{error}, 'EKS.404', 'what is not there');
is($json->decode($end->{cause})->{message}, 'jobs.batch "none" not found', 'the cause is the answer');
is(end_of($node, $begun{start})->{output}{ResponseBody}{metadata}{name}, 'good-plain', 'a job is started');
$end = end_of($node, $begun{good});
is($end->{output}{status}{conditions}[1]{type}, 'Complete', 'a job that ends well: the result is the job') or diag($json->encode($end));
$end = end_of($node, $begun{bad});
is("$end->{error} " . $json->decode($end->{cause})->{status}{conditions}[1]{reason}, 'States.TaskFailed BackoffLimitExceeded', 'one that ends badly');

# Logs.
my $logs = end_of($node, $begun{logs})->{output}{logs};
is($json->encode($logs->{pods}{'pod-a'}{containers}{main}), '{"log":{"pi":3.14}}', 'a log that is JSON is read as such') or diag($json->encode($logs));
is($logs->{pods}{'pod-b'}{containers}{main}{log}, "one\ntwo\n", 'another one is a text');
is($logs->{pods}{'pod-a'}{containers}{side}{error}, 'EKS.400', 'one that is refused: error');
like($logs->{pods}{'pod-a'}{containers}{side}{cause}, qr/container is waiting/, 'one that is refused: cause');
is($logs->{pods}{'pod-b'}{containers}{'fault-reset'}{error}, 'EKS.SdkClientException', 'one that is cut off');
is(join(' ', sort keys %{ $logs->{pods} }), 'pod-a pod-b', 'what is no name of a pod is passed over');
my ($asked) = map { $_->{path} } grep { $_->{path} =~ m{/pod-a/log\?.*tailLines} } requests($server);
is(join('&', sort split /&/, $asked =~ s/.*\?//r), 'container=main&tailLines=50', 'the parameters of the log are sent, but for the container');
is(end_of($node, $begun{logs_raw})->{output}{logs}{pods}{'pod-a'}{containers}{main}{log}, qq({"pi": 3.14}\n), 'raw ones are texts');
ok(!exists end_of($node, $begun{logs_off})->{output}{logs}, 'none unless they are asked for');
$end = end_of($node, $begun{logs_unknown});
is($end->{output}{logs}{error}, 'EKS.403', 'who may not ask for pods gets the job') or diag($json->encode($end));
is(end_of($node, $begun{logs_long})->{error}, 'States.DataLimitExceeded', 'logs that are too long for a result');
cmp_ok(scalar(grep { $_->{path} =~ m{/pod-long/log} } requests($server)), '<', 10, '... of which not all are asked for');
$end = end_of($node, $begun{bad_logs});
is($end->{error}, 'States.TaskFailed', 'a job that fails');
is($json->encode($json->decode($end->{cause})->{logs}), '{"pods":{}}', '... has logs, too');
foreach (qw(wrong_logs wrong_query))
{
	$end = end_of($node, $begun{$_});
	like("$end->{error} $end->{cause}", qr/^States\.Runtime The parameter "LogOptions\.\w+" of eks:runJob must be /, "$_ are refused");
}
ok(wait_for($node, q{SELECT polls > 1 FROM sfn.jobs WHERE remote_id = 'slow'}, 't'), 'one that runs');
sql("SELECT sfn.stop_execution('$begun{slow}')");
ok(wait_until(sub { grep { $_->{method} eq 'DELETE' && $_->{path} eq '/apis/batch/v1/namespaces/work/jobs/slow?propagationPolicy=Background' } requests($server) }), 'a stop deletes it');
ok(wait_for($node, 'SELECT count(*) FROM sfn.job', '0'), 'nothing is left');
foreach ([ no_certificate => qr/^The parameter "CertificateAuthority" of eks:call must be a certificate in PEM form, in base64\.$/ ],
	[ no_method => qr/^The parameter "Method" of eks:call must be one of GET, / ], [ outside => qr/^The parameter "Namespace" of eks:runJob must be the name of a namespace\.$/ ])
{
	$end = end_of($node, $begun{ $_->[0] });
	is($end->{error}, 'States.Runtime', "$_->[0]: refused");
	like($end->{cause}, $_->[1], "$_->[0]: says what is wrong");
}

# Who calls is proved to clusters alone.
sql("SELECT sfn.delete_service_endpoint('eks')");
foreach my $endpoint ("https://127.0.0.1:$server->{port}", 'https://eks.amazonaws.com.evil.example', 'https://x.gr7.us-east-1.eks.amazonaws.com@evil.example', 'https://x.gr7.us-east-1.eks.amazonaws.com:1@evil.example')
{
	$end = end_of($node, begun('call', Method => 'GET', Path => '/api/v1/x', Endpoint => $endpoint));
	like("$end->{error} $end->{cause}", qr/^States\.Runtime The parameter "Endpoint" must be the address of a cluster/, "$endpoint is refused");
}
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/k8s-aws-v1|Signature/, 'no proof in the log');
is(sql(q{SELECT count(*) FROM sfn.executions WHERE cause LIKE '%k8s-aws-v1%'}), '0', 'nor in causes');
done_testing();
