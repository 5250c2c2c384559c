
# aws-sdk:s3 on buckets of sfn.create_bucket(): directories and addresses, what it answers, who may, and what cannot be said.

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

my $s3 = http_server(undef, 's3_server.py');
my $node = sfn_node('own_buckets', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");
my $directory = PostgreSQL::Test::Utils::tempdir();
my $encoder = JSON::PP->new->canonical->allow_nonref;

sub sql { return $node->safe_psql('postgres', $_[0]) }

# How a call of an action ends.
sub called
{
	my ($action, $parameters, %options) = @_;
	task_machine($node, $options{as} // 'm', "arn:aws:states:::aws-sdk:s3:$action", Parameters => $parameters, %options);
	return run($node, $options{as} // 'm', {});
}

# Its result as JSON without what differs from run to run, or its error and cause.
sub result
{
	my $end = called(@_);
	return "$end->{error}: " . ($end->{cause} =~ s/Request ID: [^,)]*/Request ID: r/gr) if $end->{status} ne 'SUCCEEDED';
	return $encoder->encode($end->{output}) =~ s/"\d{4}-\d\d-\d\dT[\d:]+Z"/"t"/gr;
}

sub of { return { Bucket => 'files', @_ } }

sql("SELECT sfn.create_bucket('files', 'file://$directory')");
my $etag = '\"' . md5_hex('{"n":1}') . '\"';

#
# One object.
#
is(result('putObject', of(Key => 'a/b c.json', Body => { n => 1 }, ContentType => 'application/json')), qq({"ChecksumCRC32":"1Es7fg==","ChecksumType":"FULL_OBJECT","ETag":"$etag"}), 'an object is put');
is(PostgreSQL::Test::Utils::slurp_file("$directory/a/b c.json"), '{"n":1}', 'as a file');
is(result('getObject', of(Key => 'a/b c.json')),
	qq({"AcceptRanges":"bytes","Body":"{\\"n\\":1}","ContentLength":7,"ContentType":"binary/octet-stream","ETag":"$etag","LastModified":"t","Metadata":{}}), 'and got');
is(result('headObject', of(Key => 'a/b c.json')),
	qq({"AcceptRanges":"bytes","ContentLength":7,"ContentType":"binary/octet-stream","ETag":"$etag","LastModified":"t","Metadata":{}}), 'and described');
is(result('copyObject', { CopySource => 'files/a/b%20c.json', DestinationBucket => 'files', DestinationKey => 'copy' }),
	qq({"CopyObjectResult":{"ETag":"$etag","LastModified":"t"}}), 'and copied');
is(PostgreSQL::Test::Utils::slurp_file("$directory/copy"), '{"n":1}', 'with its bytes');
is(called('putObject', of(Key => 'text', Body => 'x'))->{output}{ChecksumCRC32}, 'jNwWgw==', 'a text is put as it is');
is(PostgreSQL::Test::Utils::slurp_file("$directory/text"), 'x', 'without quotes');
is(result('deleteObject', of(Key => 'text')), '{}', 'it is deleted');
ok(!-e "$directory/text", 'and gone');
is(result('deleteObject', of(Key => 'text')), '{}', 'deleting it again is no error');

#
# What is not there, not allowed, and means nothing.
#
my $no_key = 'S3.NoSuchKeyException: The specified key does not exist. (Service: S3, Status Code: 404, Request ID: r, Extended Request ID: r)';
is(result('getObject', of(Key => 'none')) =~ s/Extended Request ID: [^)]*/Extended Request ID: r/r, $no_key, 'no such object');
like(result('headObject', of(Key => 'none')), qr/^S3\.NoSuchKeyException: null \(Service: S3, Status Code: 404,/, 'HEAD says less');
like(result('getObject', of(Key => '../secret')), qr/^S3\.NoSuchKeyException/, 'no key leads out');
like(result('copyObject', of(Key => 'k', CopySource => 'files/none')), qr/^S3\.NoSuchKeyException/, 'nothing to copy');
ok(!-e "$directory/k" && !glob("$directory/.sfn-put*"), 'leaves nothing');
like(result('getObject', of(Key => 'copy', VersionId => '1')), qr/^S3\.S3Exception: The bucket files keeps no versions/, 'no versions');
like(result('getObject', of(Key => 'copy', Range => 'bytes=0-1')), qr/^States\.Runtime: The parameter "Range" cannot be used with the bucket "files"/, 'a parameter without effect');
like(result('getObjectTagging', of(Key => 'copy')), qr/^States\.Runtime: The action getObjectTagging cannot be used with the bucket "files"/, 'an action');
like(result('getObject', of(Key => 'copy', Keyz => 1)), qr/^States\.Runtime: The parameter "Keyz" is not known/, 'a parameter that there is not');
like(result('getObject', { Bucket => 'elsewhere', Key => 'k' }), qr/^States\.TaskFailed: There are no AWS credentials/, 'a bucket that is not ours is of AWS');
open my $file, '>', "$directory/large" or die;
print $file 'x' x 300_000;
close $file;
like(result('getObject', of(Key => 'large')), qr/^States\.DataLimitExceeded:/, 'an object larger than a payload');
is(result('copyObject', of(Key => 'large2', CopySource => '/files/large')) =~ s/:.*//r, '{"CopyObjectResult"', 'is copied nevertheless');

#
# Lists.
#
is(result('deleteObjects', of(Delete => { Objects => [ map { { Key => $_ } } qw(large large2 copy none) ] })),
	'{"Deleted":[{"Key":"large"},{"Key":"large2"},{"Key":"copy"},{"Key":"none"}]}', 'several are deleted');
mkdir "$directory/p";
foreach my $key (qw(p/1 p/2 p/3 q))
{
	open my $object, '>', "$directory/$key" or die;
	close $object;
}
sub keys_of { my ($output) = @_; return join ' ', (map { $_->{Key} } @{ $output->{Contents} // [] }), map { "$_->{Prefix}*" } @{ $output->{CommonPrefixes} // [] } }
my $list = called('listObjectsV2', of())->{output};
is(keys_of($list), 'a/b c.json p/1 p/2 p/3 q', 'all keys in their order');
is($encoder->encode([ @{$list}{qw(IsTruncated KeyCount MaxKeys Name)} ]), '[false,5,1000,"files"]', 'with their number');
is($encoder->encode($list->{Contents}[1]) =~ s/"20[^"]*"/"t"/r, '{"ETag":"\"d41d8cd98f00b204e9800998ecf8427e\"","Key":"p/1","LastModified":"t","Size":0,"StorageClass":"STANDARD"}', 'and what is known of each');
is(keys_of(called('listObjectsV2', of(Prefix => 'p/', StartAfter => 'p/1'))->{output}), 'p/2 p/3', 'behind one');
is(keys_of(called('listObjectsV2', of(Delimiter => '/'))->{output}), 'q a/* p/*', 'by folders');
sub in_pages
{
	my ($action, $token, $next, %more) = @_;
	my @pages;
	my $output = called($action, of(MaxKeys => 2, %more))->{output};
	while (push(@pages, keys_of($output)) && $output->{IsTruncated} && @pages < 9)
	{
		$output = called($action, of(MaxKeys => 2, $token => $output->{$next}, %more))->{output};
	}
	return join ' | ', @pages;
}
is(in_pages('listObjectsV2', 'ContinuationToken', 'NextContinuationToken'), 'a/b c.json p/1 | p/2 p/3 | q', 'pages');
is(in_pages('listObjectsV2', 'ContinuationToken', 'NextContinuationToken', Delimiter => '/'), 'a/* p/* | q', 'pages of folders');
is(in_pages('listObjects', 'Marker', 'NextMarker'), 'a/b c.json p/1 | p/2 p/3 | q', 'pages of the older action');
is(result('headBucket', of()), '{"AccessPointAlias":false,"BucketRegion":"us-east-1"}', 'the bucket is there');

#
# Who may.
#
$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE ROLE reader LOGIN');
like(result('getObject', of(Key => 'q'), as => 'app'), qr/^S3\.(AccessDenied|S3)Exception: Access Denied \(Service: S3, Status Code: 403/, 'nobody but whom the bucket lets');
sql("SELECT sfn.create_bucket('files', 'file://$directory', readers => '{reader}', writers => '{app}')");
is(result('putObject', of(Key => 'q', Body => 'new'), as => 'app') =~ s/:.*//r, '{"ChecksumCRC32"', 'a writer writes');
like(result('getObject', of(Key => 'q'), as => 'app'), qr/Access Denied/, 'and does not read');
is(called('getObject', of(Key => 'q'), as => 'reader')->{output}{Body}, 'new', 'a reader reads');
like(result('deleteObject', of(Key => 'q'), as => 'reader'), qr/Access Denied/, 'and does not delete');

#
# Behind an address.
#
sql("SELECT sfn.create_bucket('remote', '$s3->{url}/bucket')");
sub there { return { Bucket => 'remote', @_ } }
is(result('putObject', there(Key => "k/$_", Body => "text $_")) =~ s/:.*//r, '{"ChecksumCRC32"', "an object is sent: $_") foreach (1 .. 3);
is(result('getObject', there(Key => 'k/1')),
	'{"Body":"text 1","ContentLength":6,"ContentType":"text/plain","ETag":"\"' . md5_hex('text 1') . '\"","LastModified":"t","Metadata":{"colour":"blue"}}', 'and got, with all that is said of it');
is(called('getObject', there(Key => 'k/1', VersionId => 'old'))->{output}{Body}, 'old', 'a version of it');
is(called('headObject', there(Key => 'k/1'))->{output}{ContentLength}, 6, 'described');
is(result('copyObject', there(Key => 'k/0', CopySource => 'remote/k/1')) =~ s/:.*//r, '{"CopyObjectResult"', 'copied');
is(keys_of(called('listObjectsV2', there(StartAfter => 'k/0', MaxKeys => 2))->{output}), 'k/1 k/2', 'listed');
is(result('deleteObject', there(Key => 'k/1')), '{}', 'deleted');
like(result('getObject', there(Key => 'k/1')), qr/^S3\.NoSuchKeyException/, 'and gone');

#
# Many in one turn, and a synchronous execution.
#
machine($node, 'many', { StartAt => 'Map', States => { Map => { Type => 'Map', End => JSON::PP::true, ItemsPath => '$.i',
	ItemProcessor => { StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, Resource => 'arn:aws:states:::aws-sdk:s3:putObject',
		Parameters => { Bucket => 'many', 'Key.$' => "States.Format('{}', \$)", 'Body.$' => '$' } } } } } } });
mkdir "$directory/many";
sql("SELECT sfn.create_bucket('many', 'file://$directory/many')");
is(run($node, 'many', { i => [ 1 .. 40 ] })->{status}, 'SUCCEEDED', 'many at a time');
is(scalar(() = glob("$directory/many/*")), 40, 'are all there');
sql(q{SELECT sfn.create_state_machine('sync', '{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true, "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
	"Parameters": {"Bucket": "many", "Key": "7"}, "OutputPath": "$.Body"}}}', type => 'EXPRESS')});
is(sql("SELECT sfn.start_sync_execution('sync')"), '"7"', 'a synchronous execution');

done_testing();
