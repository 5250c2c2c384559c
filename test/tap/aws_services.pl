
# Calls of AWS services: names, requests, results and errors of aws-sdk and of optimized integrations, with credentials and
# endpoints of one's own; signatures are checked by a responder that knows nothing of this code.

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('aws_services', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nlog_statement = 'none'\n");
my $server = http_server(undef, 'aws_responder.py');
my $encoder = JSON::PP->new->canonical->allow_nonref;

sub sql
{
	my ($text) = @_;
	return $node->safe_psql('postgres', $text);
}

sub refused
{
	my ($sql, $pattern, $name, @more) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql, @more);
	like($err, $pattern, $name);
}

# How an execution with one task ends.
sub called
{
	my ($resource, $parameters, %fields) = @_;
	task_machine($node, 'm', "arn:aws:states:::$resource", Parameters => $parameters, %fields);
	return run($node, 'm', {});
}

sub failed
{
	my ($resource, $parameters, $error, $cause, $name, %fields) = @_;
	my $end = called($resource, $parameters, %fields);
	is($end->{error} // $encoder->encode($end->{output}), $error, "$name: error");
	like($end->{cause} // '', $cause, "$name: cause");
}

#
# Nothing works by itself.
#
my $item = { TableName => 't', Item => { id => { S => '1' }, ok => { BOOL => JSON::PP::true } } };
failed('dynamodb:putItem', $item, 'States.TaskFailed', qr/There are no AWS credentials for this call/, 'no credentials');
sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "wrong"}')});
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");
failed('dynamodb:putItem', $item, 'DynamoDB.AmazonDynamoDBException', qr/^The request is not signed as it should be \(Service: AmazonDynamoDBv2; Status Code: 403; Error Code: InvalidSignatureException; Request ID: req-1; Proxy: null\)$/,
	'a wrong secret');
sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}', replace => true)});

#
# Results.
#
my $output = called('dynamodb:putItem', $item)->{output};
is($encoder->encode($output->{Attributes}), '{"id":{"S":"1"},"ok":{"BOOL":true}}', 'dynamodb:putItem: attributes as the older SDK names them');
is($output->{SdkHttpMetadata}{HttpStatusCode}, 200, 'with the status');
is($output->{SdkResponseMetadata}{RequestId}, 'req-1', 'and the request');
$output = called('aws-sdk:dynamodb:putItem', { TableName => 't', Item => { id => { S => '1' }, ok => { Bool => JSON::PP::true }, no => { Nul => JSON::PP::true } } })->{output};
is($encoder->encode($output), '{"Attributes":{"id":{"S":"1"},"no":{"Nul":true},"ok":{"Bool":true}}}', 'aws-sdk:dynamodb:putItem: as the newer one does');
like((requests($server))[-1]{body}, qr/"NULL":true/, 'which the service never sees');
$output = called('sqs:sendMessage', { QueueUrl => "$server->{url}/000000000000/q", MessageBody => { n => 1 } })->{output};
is($output->{MD5OfMessageBody}, md5_hex('{"n":1}'), 'sqs:sendMessage: an object is sent as text') or diag($encoder->encode($output));
$output = called('sns:publish', { TopicArn => 'arn:aws:sns:us-east-1:000000000000:t', Message => 'hi there' })->{output};
like($output->{MessageId}, qr/^[0-9a-f]{32}$/, 'sns:publish');
$output = called('aws-sdk:sts:getCallerIdentity', {})->{output};
is($encoder->encode($output), '{"Account":"123456789012"}', 'a service without parameters');
$output = called('events:putEvents', { Entries => [ { Source => 's', DetailType => 'd', Detail => { a => 1 } } ] })->{output};
is($encoder->encode($output), '{"Entries":[{"EventId":"e"}],"FailedEntryCount":0}', 'events:putEvents');

my $key = 'a folder/b+c.json';
$output = called('aws-sdk:s3:putObject', { Bucket => 'bucket', Key => $key, Body => { n => [ 1, 'u' ] } })->{output};
like($output->{ETag}, qr/^"[0-9a-f]{32}"$/, 'aws-sdk:s3:putObject');
is((requests($server))[-1]{headers}{'x-amz-sdk-checksum-algorithm'}, 'CRC32', 'with a checksum');
$output = called('aws-sdk:s3:getObject', { Bucket => 'bucket', Key => $key })->{output};
is($output->{Body}, '{"n":[1,"u"]}', 'aws-sdk:s3:getObject');
is($encoder->encode($output->{Metadata}), '{"colour":"blue"}', 'metadata from headers');

# What the service calls otherwise.
is($encoder->encode(called('elasticmapreduce:createCluster', { Name => 'c', Instances => {} })->{output}), '{"ClusterArn":"arn:c","ClusterId":"j-1"}', 'elasticmapreduce:createCluster');
is(called('elasticmapreduce:terminateCluster', { ClusterId => 'j-1' })->{output}, undef, 'elasticmapreduce:terminateCluster');
is((requests($server))[-1]{body}, '{"JobFlowIds":["j-1"]}', 'says which');
is($encoder->encode(called('elasticmapreduce:addStep', { ClusterId => 'j-1', Step => { Name => 's', HadoopJarStep => { Jar => 'j' } } })->{output}), '{"StepId":"s-1"}', 'elasticmapreduce:addStep');
is(called('elasticmapreduce:cancelStep', { ClusterId => 'j-1', StepId => 's-1' })->{output}{CancelStepsInfo}{Status}, 'SUBMITTED', 'elasticmapreduce:cancelStep');
is(called('elasticmapreduce:setClusterTerminationProtection', { ClusterId => 'j-1', TerminationProtected => JSON::PP::true })->{output}, undef, 'elasticmapreduce:setClusterTerminationProtection');
is((requests($server))[-1]{body}, '{"JobFlowIds":["j-1"],"TerminationProtected":true}', 'of which');
# What has a name there and an id for the service is looked up, page by page.
foreach ([ Fleet => { TargetOnDemandCapacity => 8 }, 'ModifyInstanceFleet', { ClusterId => 'j-1', InstanceFleet => { InstanceFleetId => 'if-2', TargetOnDemandCapacity => 8 } }, 3 ],
	[ Group => { InstanceCount => 4 }, 'ModifyInstanceGroups', { ClusterId => 'j-1', InstanceGroups => [ { InstanceGroupId => 'ig-1', InstanceCount => 4 } ] }, 2 ])
{
	my ($what, $change, $action, $body, $count) = @$_;
	my $before = requests($server);
	my $end = called("elasticmapreduce:modifyInstance${what}ByName", { ClusterId => 'j-1', "Instance${what}Name" => 'core', "Instance$what" => $change });
	my @sent = (requests($server))[ $before .. requests($server) - 1 ];
	is("$end->{status} " . $encoder->encode($end->{output}), 'SUCCEEDED null', "elasticmapreduce:modifyInstance${what}ByName") or diag($end->{cause});
	is(join(' ', map { $_->{headers}{'x-amz-target'} =~ s/.*\.//r } @sent), join(' ', ("ListInstance${what}s") x ($count - 1), $action), '... looks it up first');
	is($encoder->encode($encoder->decode($sent[-1]{body})), $encoder->encode($body), '... and says its id');
	$before = requests($server);
	failed("elasticmapreduce:modifyInstance${what}ByName", { ClusterId => 'j-1', "Instance${what}Name" => 'none', "Instance$what" => $change }, 'ElasticMapReduce.InvalidRequestException',
		qr/^The Instance${what}Name "none" is not one of the cluster/, '... that is not there');
	is(scalar(grep { $_->{headers}{'x-amz-target'} =~ /Modify/ } (requests($server))[ $before .. requests($server) - 1 ]), 0, '... nothing is changed');
}
$output = called('bedrock:invokeModel', { ModelId => 'm1', Body => { prompt => 'hi' } })->{output};
is($encoder->encode($output), '{"Body":{"model":"m1","said":"hi"},"ContentType":"application/json"}', 'bedrock:invokeModel: JSON in and out');

# Functions that are not registered here are AWS Lambda's.
$output = called('lambda:invoke', { FunctionName => 'there', Payload => { n => 1 } })->{output};
is($encoder->encode($output->{Payload}), '{"got":{"n":1}}', 'lambda:invoke of a function of AWS');
is($encoder->encode(called('lambda:invoke', { FunctionName => 'there', Payload => $_ })->{output}{Payload}{got}), $encoder->encode($_), 'its event may be any JSON') foreach 'text', 5, JSON::PP::true, undef, [];
is("$output->{ExecutedVersion} $output->{StatusCode} $output->{SdkHttpMetadata}{HttpStatusCode}", '7 200 200', 'with what Lambda says of it');
like((requests($server))[-1]{path}, qr{^/2015-03-31/functions/there/invocations$}, 'is called by its name');
failed('lambda:invoke', { FunctionName => 'broken' }, 'Oops', qr/^{"errorMessage": "m", "errorType": "Oops"}$/, 'a function that fails');
failed('lambda:invoke', { FunctionName => 'none' }, 'Lambda.ResourceNotFoundException', qr/^Function not found: arn:f:\$LATEST \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; /, 'a function that is not there');
task_machine($node, 'bare', 'arn:aws:lambda:us-east-1:000000000000:function:there');
is($encoder->encode(run($node, 'bare', { n => 2 })->{output}), '{"got":{"n":2}}', 'a function ARN of AWS');
sql('CREATE FUNCTION ours(event jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT \'"ours"\'::jsonb $$');
sql(q{SELECT sfn.create_function('there', 'ours(jsonb)')});
is(called('lambda:invoke', { FunctionName => 'there' })->{output}{Payload}, 'ours', 'one that is registered here goes before');

# APIs of API Gateway.
my %api = (ApiEndpoint => 'abc123.execute-api.us-east-1.amazonaws.com', Stage => 'v1api');
$output = called('apigateway:invoke', { %api, Method => 'POST', Path => '/pets/a b', RequestBody => { n => 1 }, Headers => { Colour => [ 'red', 'blue' ] },
	QueryParameters => { q => [ 'x&y', 1 ] } })->{output};
my $asked = $output->{ResponseBody};
is("$output->{StatusCode} $output->{StatusText} $output->{Headers}{'Content-Type'}[0]", '200 OK application/json', 'apigateway:invoke: status and headers') or diag($encoder->encode($output));
is("$asked->{method} $asked->{path} $asked->{body} $asked->{type}", 'POST /v1api/pets/a%20b?q=x%26y&q=1 {"n":1} application/json', 'what is asked');
is_deeply($asked->{colours}, [ 'red', 'blue' ], 'headers with several values');
is($asked->{problem}, 'MissingAuthenticationToken', 'without a signature');
$asked = called('apigateway:invoke', { %api, Method => 'GET', Path => 'pets/a%20b', AuthType => 'IAM_ROLE', AllowNullValues => JSON::PP::true, QueryParameters => { q => undef, b => 2, a => 'x y' } })->{output}{ResponseBody};
is($asked->{problem}, undef, 'AuthType IAM_ROLE: signed') or diag($encoder->encode($asked));
is("$asked->{path} @{$asked->{service}}", '/v1api/pets/a%20b?a=x%20y&b=2 execute-api', 'for that service, null left out');
failed('apigateway:invoke', { %api, Method => 'GET', Path => 'deny' }, 'ApiGateway.403', qr/^{"message": "no"}$/, 'an API that refuses');
failed('apigateway:invoke', { %api, Method => 'FETCH' }, 'States.Runtime', qr/"Method" of apigateway:invoke must be one of/, 'an unknown method');
failed('apigateway:invoke', { %api, Method => 'GET', QueryParameters => { q => undef } }, 'States.Runtime', qr/without null, unless AllowNullValues/, 'null');
failed('apigateway:invoke', { %api, Method => 'GET', Headers => { Host => 'evil' } }, 'States.Runtime', qr/The header "Host" is not allowed/, 'a header of ours');
failed('apigateway:invoke', { %api, Method => 'GET', Path => 'x?y' }, 'States.Runtime', qr/a path without/, 'a query in the path');

# The same token for the same attempt, another for another.
my $first = called('athena:startQueryExecution', { QueryString => 'SELECT 1' })->{output}{QueryExecutionId};
like($first, qr/^[0-9a-f]{8}-/, 'an idempotency token is filled in');
isnt(called('athena:startQueryExecution', { QueryString => 'SELECT 1' })->{output}{QueryExecutionId}, $first, 'another for another execution');
is(called('athena:startQueryExecution', { QueryString => 'SELECT 1', ClientRequestToken => 'mine' })->{output}{QueryExecutionId}, 'mine', 'one that is given stays');
like(called('codebuild:startBuild', { ProjectName => 'p' })->{output}{Build}{Id}, qr/^[0-9a-f]{8}-/, 'also where AWS does not mark it');

#
# Errors.
#
failed('dynamodb:putItem', { %$item, TableName => 'x' }, 'DynamoDB.ResourceNotFoundException', qr/^Requested resource not found \(Service: AmazonDynamoDBv2; Status Code: 400;/, 'a modelled error');
failed('aws-sdk:dynamodb:putItem', { %$item, TableName => 'x' }, 'DynamoDb.ResourceNotFoundException', qr/^Requested resource not found \(Service: DynamoDb, Status Code: 400, Request ID: req-1\)$/, 'the same of aws-sdk');
failed('aws-sdk:dynamodb:putItem', { %$item, TableName => 'html' }, 'DynamoDb.DynamoDbException', qr/^null \(Service: DynamoDb, Status Code: 503,/, 'a page of HTML');
failed('aws-sdk:dynamodb:putItem', { %$item, TableName => 'garbage' }, 'DynamoDb.SdkClientException', qr/^Unable to unmarshall response/, 'half an answer');
failed('aws-sdk:s3:getObject', { Bucket => 'bucket', Key => 'none' }, 'S3.NoSuchKeyException', qr/^The specified key does not exist\. \(Service: S3, Status Code: 404/, 'an object that is not there');
failed('sns:publish', { TopicArn => 'arn:aws:sns:us-east-1:000000000000:none', Message => 'm' }, 'SNS.NotFoundException', qr/^Topic does not exist \(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; /, 'an error in XML');
failed('events:putEvents', { Entries => [ { Source => 's', DetailType => 'd', Detail => { fail => 1 } } ] }, 'EventBridge.FailedEntry', qr/"FailedEntryCount":1/, 'an entry that failed');
failed('aws-sdk:dynamodb:putItem', { TableNam => 't' }, 'States.Runtime', qr/^The parameter "TableNam" is not known\. Perhaps "TableName" is meant\.$/, 'an unknown parameter');
failed('aws-sdk:dynamodb:putItm', $item, 'States.Runtime', qr/no action "putItm"\. Perhaps "putItem" is meant/, 'an unknown action');
failed('aws-sdk:sts:assumeRole', { RoleArn => 'r', RoleSessionName => 's' }, 'States.Runtime', qr/^The action "AssumeRole" is none that AWS Step Functions calls\.$/, 'an action that AWS does not call');
failed('aws-sdk:dynamo:putItem', $item, 'States.Runtime', qr/^The service "dynamo" is not known; perhaps "dynamodb" is meant/, 'an unknown service');
failed('aws-sdk:s3:putObject', { Bucket => 'bucket', Key => 'k', Metadata => { a => "x\r\nHost: evil" } }, 'States.Runtime', qr/characters that are not allowed/, 'a header is no way in');

# A name in a parameter is no address.
my $before = requests($server);
called('sqs:sendMessage', { QueueUrl => 'http://169.254.169.254/latest/meta-data', MessageBody => 'x' });
is(requests($server), $before + 1, 'QueueUrl says nothing of where the request goes');

#
# Whose credentials.
#
$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE ROLE other LOGIN');
my @as_app = (extra_params => [ '-U', 'app' ]);
my $definition = $encoder->encode({ StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, Resource => 'arn:aws:states:::aws-sdk:sts:getCallerIdentity', Parameters => {} } } });
$node->safe_psql('postgres', "SELECT sfn.create_state_machine('of_app', '$definition')", @as_app);
is(run($node, 'of_app', {})->{error}, 'States.TaskFailed', q{another role's "default" is not used});
my $mine = q{SELECT sfn.create_aws_credentials('mine', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}', replace => true,
	role_arns => ARRAY['arn:aws:iam::000000000000:role/%s'])};
$node->safe_psql('postgres', sprintf($mine, 'other'), @as_app);
is(run($node, 'of_app', {})->{status}, 'FAILED', 'credentials that list another role');
$node->safe_psql('postgres', sprintf($mine, 'app'), @as_app);
is(run($node, 'of_app', {})->{status}, 'SUCCEEDED', 'credentials that list the role of the machine');
is($node->safe_psql('postgres', 'SELECT name, access_key_id, role_arns FROM sfn.aws_credentials', @as_app), 'mine|AKTEST|{arn:aws:iam::000000000000:role/app}', 'the view shows them');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.aws_credentials', extra_params => [ '-U', 'other' ]), '0', 'not to others');
refused('SELECT parameters FROM sfn.connection', qr/permission denied/, 'the table is closed', @as_app);
refused(q{SELECT sfn.create_aws_credentials('e', 'ENVIRONMENT')}, qr/permission denied to use the credentials of the server's environment/, 'ENVIRONMENT', @as_app);
refused(q{SELECT sfn.create_service_endpoint('*', 'https://evil.example')}, qr/permission denied to make endpoints/, 'endpoints', @as_app);
refused(q{SELECT sfn.load_services('/tmp')}, qr/permission denied to load services/, 'loading', @as_app);
refused(q{SELECT sfn.load_service_model('{}')}, qr/permission denied to load services/, 'loading a model', @as_app);
refused('DROP ROLE app', qr/cannot be dropped/, 'a role with credentials is not dropped');

# Calls of several roles that are taken at once are each signed with their own.
$node->safe_psql('postgres', q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKSUPER", "SecretAccessKey": "x"}', replace => true)});
$node->safe_psql('postgres', "SELECT sfn.create_state_machine('of_super', '$definition')");
my $came = requests($server);
sql(q{SELECT sfn.start_execution(m) FROM generate_series(1, 10), (VALUES ('of_app'), ('of_super')) machines (m)});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine_arn LIKE '%:of_%' AND status = 'RUNNING'}, '0'), 'two roles call at once');
my %signed;
foreach my $request ((requests($server))[ $came .. $came + 19 ])
{
	my ($key) = ($request->{headers}{authorization} // '') =~ /Credential=(\w+)\//;
	$signed{ $key // 'nobody' }++;
}
is_deeply(\%signed, { AKTEST => 10, AKSUPER => 10 }, 'each with its own key');
sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}', replace => true)});

#
# Endpoints and models.
#
refused(q{SELECT sfn.create_service_endpoint('nope', 'https://h')}, qr/the service "nope" is not known/, 'an endpoint of nothing');
refused(q{SELECT sfn.create_service_endpoint('sqs', 'https://h/path')}, qr/without a path/, 'an endpoint with a path');
refused(q{SELECT sfn.load_service_model('{"a": 1}')}, qr/it has no metadata/, 'no model');
refused(q{SELECT sfn.load_services('/nonexistent')}, qr/cannot be read/, 'no directory');
my $models = PostgreSQL::Test::Utils::tempdir();
mkdir "$models/$_" foreach ('mine', 'mine/2026-01-01');
PostgreSQL::Test::Utils::append_to_file("$models/mine/2026-01-01/service-2.json", q{{"metadata": {"serviceId": "My Thing", "endpointPrefix": "mything",
	"protocol": "json", "jsonVersion": "1.0", "targetPrefix": "DynamoDB_20120810"}, "operations": {"PutItem": {"input": {"shape": "In"}}},
	"shapes": {"In": {"type": "structure", "members": {"TableName": {"shape": "S"}}}, "S": {"type": "string"}}}});
is(sql("SELECT sfn.load_services('$models')"), '1', 'a directory of models is loaded');
is(sql("SELECT prefix, protocol, operations FROM sfn.services WHERE name = 'mything'"), 'MyThing|json|1', 'and can be seen');
failed('aws-sdk:mything:putItem', { TableName => 'x' }, 'MyThing.MyThingException', qr/not found \(Service: MyThing/, 'and called');
ok(sql('SELECT count(*) FROM sfn.services') > 30, 'with those that come with sfn');

#
# What is wrong shows when the machine is made.
#
sub warned
{
	my ($resource, $parameters) = @_;
	my $task = $encoder->encode({ StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, Resource => "arn:aws:states:::$resource", Parameters => $parameters } } });
	return sql("SELECT string_agg(location || ': ' || message, '; ') FROM sfn.validate_state_machine_definition('$task')");
}
is(warned('aws-sdk:dynamodb:putItem', { 'TableName.$' => '$.t', Item => {} }), '', 'a call that is known');
is(warned('aws-sdk:dynamo:putItem', {}), '/States/T/Resource: The service "dynamo" is not known; perhaps "dynamodb" is meant. sfn.services has those that are; sfn.load_services() loads more', 'a service');
is(warned('aws-sdk:dynamodb:putItm', {}), '/States/T/Resource: The service has no action "putItm". Perhaps "putItem" is meant', 'an action');
is(warned('aws-sdk:sts:assumeRole', {}), '/States/T/Resource: The action "AssumeRole" is none that AWS Step Functions calls', 'an action that AWS does not call');
is(warned('dynamodb:putItem', { TableName => 't', Key => {}, Item => {} }), '/States/T/Parameters/Key: The parameter "Key" is not known', 'a parameter');

#
# A name in a parameter is an address only where it is API Gateway's.
#
sql("SELECT sfn.delete_service_endpoint('*')");
failed('apigateway:invoke', { ApiEndpoint => $_, Method => 'GET', AuthType => 'IAM_ROLE' }, 'States.Runtime', qr/must be the host of an API/, "no host of an API: $_")
	foreach ('169.254.169.254', 'evil.example', 'sqs.us-east-1.amazonaws.com', 'a.execute-api.us-east-1.amazonaws.com.evil.example', 'evil.example/x.execute-api.us-east-1.amazonaws.com', 'evil@x.execute-api.us-east-1.amazonaws.com');
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");

#
# In a synchronous execution, too.
#
sql("SELECT sfn.create_state_machine('x', '$definition', type => 'EXPRESS')");
is(sql("SELECT sfn.start_sync_execution('x')"), '{"Account":"123456789012"}', 'a synchronous execution');
my $put_at = requests($server);
my $puts = $encoder->encode({ StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, Resource => 'arn:aws:states:::events:putEvents',
	Parameters => { Entries => [ { Source => 's', DetailType => 'd', Detail => { a => 1 } } ] } } } });
sql("SELECT sfn.create_state_machine('sync', '$puts', type => 'EXPRESS')");
like(sql("SELECT sfn.start_sync_execution('sync')"), qr/"FailedEntryCount":0/, 'one that puts events');
my ($put) = grep { ($_->{headers}{'x-amz-target'} // '') =~ /PutEvents/ } (requests($server))[ $put_at .. requests($server) - 1 ];
like($encoder->decode($put->{body})->{Entries}[0]{Resources}[1], qr/^arn:aws:states:us-east-1:000000000000:express:sync:[0-9a-f-]+:[0-9a-f-]+$/, '... tells who it is');

#
# Plain http needs to be allowed.
#
$node->append_conf('postgresql.conf', "sfn.http_allowed_hosts = ''");
$node->reload;
ok(wait_for($node, 'SHOW sfn.http_allowed_hosts', ''), 'nothing is allowed');
failed('dynamodb:putItem', $item, 'DynamoDB.SdkClientException', qr/^Unable to execute HTTP request: Access to 127\.0\.0\.1 is not allowed/, 'egress rules');

#
# No secret is anywhere.
#
my $dump = sql('SELECT string_agg(h::text, chr(10)) FROM sfn.history h') . sql('SELECT string_agg(t::text, chr(10)) FROM sfn.connections t') . PostgreSQL::Test::Utils::slurp_file($node->logfile);
unlike($dump, qr/SecretAccessKey"?: ?"?secret/, 'no secret in history, views and log');
unlike($dump, qr/AWS4-HMAC/, 'and no signature');

done_testing();
