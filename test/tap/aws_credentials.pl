
# Credentials for calls of AWS: keys that are lent for a role, a task's own role, the server's machine; whose they are, and
# that no secret is anywhere.

use strict;
use warnings;

use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $server = http_server(undef, 'aws_responder.py');
my $file = PostgreSQL::Test::Utils::tempdir() . '/token';
PostgreSQL::Test::Utils::append_to_file($file, "web-token\n");
chmod 0644, $file;
$ENV{AWS_EC2_METADATA_SERVICE_ENDPOINT} = $server->{url};
$ENV{AWS_CONTAINER_CREDENTIALS_FULL_URI} = "$server->{url}/container";
$ENV{AWS_CONTAINER_AUTHORIZATION_TOKEN} = 'container-token';
$ENV{AWS_WEB_IDENTITY_TOKEN_FILE} = $file;
$ENV{AWS_ROLE_ARN} = 'arn:aws:iam::1:role/web';
my $node = sfn_node('aws_credentials', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nlog_statement = 'none'\n");
my $encoder = JSON::PP->new->canonical->allow_nonref;

sub sql
{
	my ($text, @more) = @_;
	return $node->safe_psql('postgres', $text, @more);
}

sub refused
{
	my ($sql, $pattern, $name, @more) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql, @more);
	like($err, $pattern, $name);
}

sub credentials
{
	my ($name, $source, $parameters) = @_;
	return "SELECT sfn.create_aws_credentials('$name', '$source', '" . $encoder->encode($parameters // {}) . "', replace => true)";
}

# As whom a machine calls.
my $identity = 'arn:aws:states:::aws-sdk:sts:getCallerIdentity';

sub call_as_machine
{
	my (%fields) = @_;
	task_machine($node, 'm', $identity, Parameters => {}, %fields);
	return run($node, 'm', {});
}

sub is_caller
{
	my ($arn, $name, %fields) = @_;
	my $end = call_as_machine(%fields);
	is($end->{output}{Arn} // $encoder->encode($end), $arn, $name);
}

sub assumed
{
	my ($role) = @_;
	return scalar grep { $_->{body} =~ /Action=AssumeRole&/ && $_->{body} =~ /\Q$role\E/ } requests($server);
}

my $key = { AccessKeyId => 'AKTEST', SecretAccessKey => 'secret' };
sql(credentials('base', 'STATIC', $key));
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");

#
# Roles.
#
sql(credentials('default', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/reader', SourceCredentials => 'base', ExternalId => 'for us' }));
is_caller('arn:aws:iam::1:role/reader', 'ASSUME_ROLE');
is_caller('arn:aws:iam::1:role/reader', 'once more');
is(assumed('role%2Freader'), 1, 'the key is kept');
like((grep { $_->{body} =~ /role%2Freader/ } requests($server))[0]{body}, qr/ExternalId=for%20us/, 'the external id is sent');
sql(credentials('middle', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/middle', SourceCredentials => 'base' }));
sql(credentials('default', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/end', SourceCredentials => 'middle' }));
is_caller('arn:aws:iam::1:role/end', 'a role behind a role');
is(assumed('role%2Fmiddle'), 1, 'by both');
sql(credentials('default', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/denied', SourceCredentials => 'base' }));
my $end = call_as_machine();
is($end->{error}, 'States.TaskFailed', 'a role that is refused');
is($end->{cause}, 'The AWS credentials "default" give no key: AccessDenied: User is not authorized to perform: sts:AssumeRole', 'says so');
sql(credentials('default', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/stale', SourceCredentials => 'base' }));
is_caller('arn:aws:iam::1:role/stale', 'a key that the service does not take any more is had anew');
is(assumed('role%2Fstale'), 2, 'once');

#
# The server's machine.
#
sql(credentials('default', 'INSTANCE'));
is_caller('instance', 'INSTANCE');
sql(credentials('default', 'CONTAINER'));
is_caller('container', 'CONTAINER');
sql(credentials('default', 'WEB_IDENTITY'));
is_caller('arn:aws:iam::1:role/web', 'WEB_IDENTITY');
sql(credentials('machine', 'INSTANCE'));
sql(credentials('default', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/of-instance', SourceCredentials => 'machine' }));
is_caller('arn:aws:iam::1:role/of-instance', 'a role by the key of the instance');

#
# A task's own role.
#
sql(credentials('default', 'STATIC', $key));
my %own = (Credentials => { RoleArn => 'arn:aws:iam::1:role/task' });
is_caller('arn:aws:iam::1:role/task', q{a task's role}, %own);
is_caller('arn:aws:iam::1:role/task', 'of another execution', %own);
is(assumed('role%2Ftask'), 1, 'its key is kept, too');
my $name = sql(q{SELECT name FROM sfn.executions WHERE state_machine = 'm' ORDER BY id DESC OFFSET 1 LIMIT 1});
like((grep { $_->{body} =~ /role%2Ftask/ } requests($server))[0]{body}, qr/RoleSessionName=\Q$name\E(&|$)/, 'the session is called like the execution');
$end = call_as_machine(Credentials => { RoleArn => 'arn:aws:iam::1:role/denied' });
is("$end->{error}: $end->{cause}", 'States.TaskFailed: The role ' . sql(q{SELECT role_arn FROM sfn.state_machines WHERE name = 'm'})
	. q{ is not authorized to assume the task state's role, arn:aws:iam::1:role/denied.}, q{a task's role that is refused});
task_machine($node, 'job', 'arn:aws:states:::glue:startJobRun.sync', Parameters => { JobName => 'good' }, %own);
is(run($node, 'job', {})->{status}, 'SUCCEEDED', 'a job is asked for as that role');
my @signers = map { $_->{headers}{authorization} =~ /Credential=(\w+)/ } grep { ($_->{headers}{'x-amz-target'} // '') =~ /^AWSGlue/ } requests($server);
is(scalar(grep { /^ASIA/ } @signers), scalar(@signers), 'each time');

# In a synchronous execution, too.
my $definition = $encoder->encode({ StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, Resource => $identity, Parameters => {}, %own } } });
sql("SELECT sfn.create_state_machine('x', '$definition', type => 'EXPRESS')");
is($encoder->decode(sql("SELECT sfn.start_sync_execution('x')"))->{Arn}, 'arn:aws:iam::1:role/task', 'a synchronous execution');

#
# Whose they are.
#
sql('CREATE ROLE app LOGIN');
my @as_app = (extra_params => [ '-U', 'app' ]);
refused(credentials('e', $_), qr/permission denied to use the credentials of the server's environment/, $_, @as_app) foreach (qw(INSTANCE CONTAINER WEB_IDENTITY));
refused(credentials('e', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/x', SourceCredentials => 'base' }), qr/SourceCredentials names no credentials of the caller/, q{another's key takes on no role}, @as_app);
refused(credentials('e', 'ASSUME_ROLE', { RoleArn => 'arn:aws:iam::1:role/x' }), qr/need the text SourceCredentials/, 'a role without a key');
refused(credentials('e', 'ASSUME_ROLE', { RoleArn => 'r', SourceCredentials => 'base', DurationSeconds => 10 }), qr/DurationSeconds is a number/, 'a duration');
refused(credentials('e', 'NOPE'), qr/the source of credentials is/, 'a source');

# The addresses of the machine are nobody's to name.
task_machine($node, 'reach', 'arn:aws:states:::http:invoke', Parameters => { ApiEndpoint => 'http://169.254.169.254/latest/api/token', Method => 'PUT' });
like(run($node, 'reach', {})->{cause}, qr/not allowed/, 'http:invoke does not reach them');
sql("SELECT sfn.create_service_endpoint('sqs', 'http://169.254.169.254')");
task_machine($node, 'reach', 'arn:aws:states:::sqs:sendMessage', Parameters => { QueueUrl => 'q', MessageBody => 'b' });
like(run($node, 'reach', {})->{cause}, qr/not allowed/, 'nor does an endpoint');

#
# No secret is anywhere.
#
my $tables = sql(q{SELECT string_agg(format('SELECT t::text FROM %s t', c.oid::regclass), ' UNION ALL ') FROM pg_class c
	WHERE c.relnamespace = 'sfn'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname <> 'connection'});
my $seen = sql("SELECT string_agg(t, chr(10)) FROM ($tables) u (t)") . sql('SELECT string_agg(query, chr(10)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()')
	. PostgreSQL::Test::Utils::slurp_file($node->logfile);
unlike($seen, qr/lent-secret|lent-token|metadata-token|container-token|web-token|"SecretAccessKey"|AWS4-HMAC/, 'no key, token or signature in tables, views and log');

# Who may see nothing of them dumps nothing of them.
sql('CREATE ROLE stranger LOGIN');
my ($dumped, $refusal) = ('', '');
IPC::Run::run([ 'pg_dump', '-U', 'stranger', '-d', $node->connstr('postgres') ], '>', \$dumped, '2>', \$refusal, IPC::Run::timeout(120));
like($refusal, qr/permission denied for/, 'a dump of another role is refused');
unlike("$dumped$refusal", qr/AKTEST|SecretAccessKey|web-token/, '... and has no key');


done_testing();
