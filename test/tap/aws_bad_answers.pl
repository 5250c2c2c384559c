
# What a service answers in place of what it should, in each of AWS's protocols: garbage, nothing, half of it, a web page, throttling,
# somewhere else, too late, that the clock is wrong or the key refused.  Each is an error with a name, which Catch sees.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $secret = 'secret';
my $node = sfn_node('aws_bad_answers', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.http_request_timeout = '3s'\nlog_statement = 'none'\n");
my $server = http_server(undef, 'aws_responder.py');
my $json = JSON::PP->new->canonical->allow_nonref;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(qq{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "$secret", "SessionToken": "token-of-the-session"}')});
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");

# A service of EC2's protocol, which none that comes with sfn has.
my $model = $json->encode({
	metadata => { apiVersion => '2016-11-15', endpointPrefix => 'things', protocol => 'ec2', serviceId => 'Things', signatureVersion => 'v4', uid => 'things-2016-11-15' },
	operations => { DescribeThings => { name => 'DescribeThings', http => { method => 'POST', requestUri => '/' }, input => { shape => 'In' }, output => { shape => 'Out' } } },
	shapes => { In => { type => 'structure', members => { Name => { shape => 'Text' } } }, Out => { type => 'structure', members => { Thing => { shape => 'Text', locationName => 'thing' } } }, Text => { type => 'string' } } });
is(sql("SELECT sfn.load_service_model('$model')"), 'things', 'a service is loaded');

# Resource, what names the fault, and the error names of those that have a name of their own.
my %protocols = (
	json => [ 'dynamodb:getItem', sub { return { TableName => $_[0], Key => { id => { S => 'x' } } } }, 'DynamoDb', { throttled => 'ProvisionedThroughputExceededException' } ],
	'rest-json' => [ 'eks:describeCluster', sub { return { Name => $_[0] } }, 'Eks', { throttled => 'ServerException' } ],
	query => [ 'sns:publish', sub { return { TopicArn => 'arn:aws:sns:us-east-1:111122223333:t', Message => $_[0] } }, 'Sns', { throttled => 'ThrottledException' } ],
	ec2 => [ 'things:describeThings', sub { return { Name => $_[0] } }, 'Things', {} ],
	'rest-xml' => [ 's3:listObjectsV2', sub { return { Bucket => $_[0] } }, 'S3', {} ]);

# Fault: the error's name, whole or behind the service ("" is "<Service>Exception"), what the cause says; undef: it is none.
my %faults = (
	none => undef,
	garbage => [ 'SdkClientException', qr/./ ],
	half => [ 'SdkClientException', qr/^Unable to execute HTTP request: / ],
	reset => [ 'SdkClientException', qr/^Unable to execute HTTP request: / ],
	slow => [ 'SdkClientException', qr/^Unable to execute HTTP request: .*(time|Time)/ ],
	large => [ 'States.DataLimitExceeded', qr/./ ],
	html => [ '', qr/Status Code: 503/ ],
	empty => [ '', qr/Status Code: 500/ ],
	moved => [ '', qr/Status Code: 301/ ],
	throttled => [ '', qr/^said so \(Service: / ],
	expired => [ '', qr/^said so \(Service: / ],
	refused => [ '', qr/^said so \(Service: / ],
	echo => [ '', qr/should have been .*x-amz-security-token:\*\*\*/i ],
	skewed => undef,
	skewed_always => [ '', qr/^said so \(Service: / ]);

my %begun;
foreach my $protocol (sort keys %protocols)
{
	my ($resource, $parameters) = @{ $protocols{$protocol} };
	foreach my $fault (sort keys %faults)
	{
		machine($node, 'm', { StartAt => 'T', States => {
				T => { Type => 'Task', Resource => "arn:aws:states:::aws-sdk:$resource", Parameters => $parameters->("fault-$fault"), End => JSON::PP::true,
					Catch => [ { ErrorEquals => ['States.ALL'], Next => 'Caught' } ] },
				Caught => { Type => 'Pass', End => JSON::PP::true } } });
		$begun{$protocol}{$fault} = started($node, 'm');
	}
}
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}, '0', 120), 'every execution goes on') or diag(sql('SELECT execution_arn, status, cause FROM sfn.executions'));
my $outputs = $json->decode(sql('SELECT json_object_agg(execution_arn, output) FROM sfn.executions'));
foreach my $protocol (sort keys %protocols)
{
	my (undef, undef, $service, $named) = @{ $protocols{$protocol} };
	foreach my $fault (sort keys %faults)
	{
		my $output = $outputs->{ $begun{$protocol}{$fault} };
		if (!$faults{$fault})
		{
			ok(!exists $output->{Error}, "$protocol, $fault: no error") or diag($json->encode($output));
			next;
		}
		my ($name, $cause) = @{ $faults{$fault} };
		my $own = $named->{$fault} || $name || "${service}Exception";
		is($output->{Error}, $own =~ /\./ ? $own : "$service.$own", "$protocol, $fault: its name") or diag($json->encode($output));
		like($output->{Cause}, $cause, "$protocol, $fault: its cause");
		unlike($output->{Cause}, qr/token-of-the-session|Signature=|AWS4-HMAC|$secret/, "$protocol, $fault: nothing of the key is in it");
	}
}
my @requests = requests($server);
is(scalar(grep { $_->{path} eq '/elsewhere' } @requests), 0, 'no request goes where an answer sends it');
is(scalar(grep { "$_->{path} $_->{body}" =~ /fault-skewed\b/ } @requests), 10, 'with a wrong clock a request is sent twice');
is(scalar(grep { "$_->{path} $_->{body}" =~ /fault-skewed_always/ } @requests), 10, 'and not more often');
is(scalar(grep { "$_->{path} $_->{body}" =~ /fault-throttled/ } @requests), 5, 'throttling is for Retry');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/token-of-the-session|Signature=|AWS4-HMAC/, 'nor is anything in the log');
done_testing();
