
# Where the items of a Distributed Map come from and its results go: directories that nothing leads out of, addresses,
# queries, tables, text; who may use them; and what it takes.

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use POSIX qw(mkfifo);
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $s3 = http_server(undef, 's3_server.py');
my $node = sfn_node('items', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.max_workers = 1\n");
my $outside = PostgreSQL::Test::Utils::tempdir();
my $directory = "$outside/bucket";
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
my $json = JSON::PP->new->canonical->allow_nonref;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub put
{
	my ($name, $content) = @_;
	my $path = $name;
	system('mkdir', '-p', $path) == 0 or die 'mkdir' if $path =~ s{/[^/]*$}{} && !-d $path;
	open my $file, '>:raw', $name or die "$name: $!";
	print $file $content;
	close $file or die "$name: $!";
	return;
}

# A machine whose Map hands each item, with its source, through.
sub map_machine
{
	my ($name, $reader, %fields) = @_;
	my %options = map { $_ => delete $fields{$_} } grep { exists $fields{$_} } qw(role);

	$options{role} //= $superuser;
	# another role's machine of that name cannot be replaced
	$node->safe_psql('postgres', qq{SELECT sfn.delete_state_machine(name) FROM sfn.state_machines WHERE name = '$name' AND role <> '$options{role}'::regrole});
	machine($node, $name, { StartAt => 'Map', States => { Map => { Type => 'Map', End => JSON::PP::true,
		$reader ? (ItemReader => $reader, ItemSelector => { 'v.$' => '$$.Map.Item.Value', 's.$' => '$$.Map.Item.Source' }) : (),
		ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' },
			StartAt => 'Pass', States => { Pass => { Type => 'Pass', End => JSON::PP::true } } }, %fields } } }, %options);
	return;
}

# The items as JSON text, or the failure; and the sources of the items.
sub items
{
	my ($reader, %fields) = @_;

	map_machine('reads', $reader, %fields);
	my $end = run($node, 'reads', {});
	return "$end->{error}: $end->{cause}" if $end->{status} ne 'SUCCEEDED';
	my %sources = map { $_->{s} => 1 } @{ $end->{output} };
	my $text = $json->encode([ map { $_->{v} } @{ $end->{output} } ]);
	return wantarray ? ($text, join ' ', sort keys %sources) : $text;
}

sub object
{
	my ($key, $config, %fields) = @_;
	return items({ Resource => 'arn:aws:states:::s3:getObject', Parameters => { Bucket => delete $fields{bucket} // 'files', Key => $key },
		ReaderConfig => $config // { InputType => 'JSON' } }, %fields);
}

sub list
{
	my ($prefix, $config, %fields) = @_;
	return items({ Resource => 'arn:aws:states:::s3:listObjectsV2', Parameters => { Bucket => delete $fields{bucket} // 'files', Prefix => $prefix },
		$config ? (ReaderConfig => $config) : () }, %fields);
}

put("$directory/a.csv", "id,name\n1,\"one, two\"\n2,\n");
put("$directory/deep/b.json", '[1, {"k": 250}]');
put("$directory/deep/er/c.jsonl", "{\"l\": 1}\n\n{\"l\": 2}\n");
put("$outside/secret", '["secret"]');
sql("SELECT sfn.create_bucket('files', 'file://$directory')");

#
# Objects in a directory.
#
my %csv = (InputType => 'CSV', CSVHeaderLocation => 'FIRST_ROW');
is(object('a.csv', \%csv), '[{"id":"1","name":"one, two"},{"id":"2","name":""}]', 'CSV');
is_deeply([ object('deep/b.json') ], [ '[1,{"k":250}]', 'S3://files/deep/b.json' ], 'JSON, and its source');
is(object('deep/er/c.jsonl', { InputType => 'JSONL' }), '[{"l":1},{"l":2}]', 'JSON Lines');
is(object('a.csv', { %csv, MaxItems => 1 }), '[{"id":"1","name":"one, two"}]', 'MaxItems');
system("gzip -k $directory/a.csv && cat $directory/a.csv.gz > $directory/half.gz && truncate -s 30 $directory/half.gz") == 0 or die 'gzip';
is(object('a.csv.gz', \%csv), '[{"id":"1","name":"one, two"},{"id":"2","name":""}]', 'gzip by the name');
is(object('half.gz', \%csv), 'States.ItemReaderFailed: The gzip data ends unexpectedly.', 'half of it');
put("$directory/broken.gz", "\x1f\x8bbroken");
is(object('broken.gz', \%csv), 'States.ItemReaderFailed: The gzip data is damaged.', 'damaged');
SKIP:
{
	put("$directory/no.zst", 'none');
	my $said = object('no.zst', \%csv);
	skip 'sfn was built without ZSTD', 6 if $said =~ /built without ZSTD/;
	system("zstd -q -k $directory/a.csv -o $directory/a.csv.zst && cat $directory/a.csv.zst $directory/a.csv.zst > $directory/two.zstd && head -c 15 $directory/a.csv.zst > $directory/half.zst") == 0 or die 'zstd';
	like($said, qr/^States\.ItemReaderFailed: The ZSTD data is damaged: Unknown frame descriptor\.$/, 'no ZSTD');
	is(object('a.csv.zst', \%csv), '[{"id":"1","name":"one, two"},{"id":"2","name":""}]', 'ZSTD by the name');
	is(object('two.zstd', \%csv), '[{"id":"1","name":"one, two"},{"id":"2","name":""},{"id":"id","name":"name"},{"id":"1","name":"one, two"},{"id":"2","name":""}]', 'two frames of it');
	is(object('half.zst', \%csv), 'States.ItemReaderFailed: The ZSTD data ends unexpectedly.', 'half of it');
	system("yes 1 | head -c 100000000 | zstd -q > $directory/large.zst") == 0 or die 'zstd';
	is(object('large.zst', { InputType => 'JSONL', MaxItems => 2 }), '[1,1]', 'no more of it than is wanted');
	system("head -c 20000000 /dev/zero | tr '\\0' x | zstd -q > $directory/bomb.zst") == 0 or die 'zstd';
	is(object('bomb.zst', { InputType => 'JSONL' }), 'States.ItemReaderFailed: An item cannot be larger than 8 MB.', 'however much it unfolds to');
	unlink map { "$directory/$_" } qw(no.zst a.csv.zst two.zstd half.zst large.zst bomb.zst);
}
put("$directory/empty", '');
is(object('empty', { InputType => 'JSONL' }), '[]', 'an empty object has no items');
is(object('empty'), 'States.ItemReaderFailed: The text is not valid JSON: The text ends unexpectedly.', 'but is no JSON');
put("$directory/long", '["' . ('x' x (9 << 20)) . '"]');
is(object('long', { InputType => $_, $_ eq 'CSV' ? (CSVHeaderLocation => 'GIVEN', CSVHeaders => ['h']) : () }),
	'States.ItemReaderFailed: An item cannot be larger than 8 MB.', "a huge item of $_") foreach qw(JSON JSONL CSV);
put("$directory/latin", "\"caf\xe9\"\n");
is(object('latin', { InputType => 'JSONL' }), 'States.ItemReaderFailed: Line 1 is not valid UTF-8 text.', 'no UTF-8');
unlink map { "$directory/$_" } qw(a.csv.gz half.gz broken.gz empty long latin);

#
# Lists.
#
my @stat = stat "$directory/deep/b.json";
my $entry = { Etag => '"' . md5_hex('[1, {"k": 250}]') . '"', Key => 'deep/b.json', LastModified => $stat[9], Size => 15, StorageClass => 'STANDARD' };
is_deeply([ list('deep/b') ], [ $json->encode([$entry]), 'S3://files' ], 'the description of an object');
my $keys = sub { join ' ', map { $_->{Key} } @{ $json->decode($_[0]) } };
put("$directory/deep-1/x", '');
put("$directory/deep.txt", '');
is($keys->(scalar list('')), 'a.csv deep-1/x deep.txt deep/b.json deep/er/c.jsonl', 'in the order of keys');
is($keys->(scalar list('deep/')), 'deep/b.json deep/er/c.jsonl', 'a prefix');
is(list('none'), '[]', 'no objects');
is($keys->(scalar list('', { MaxItems => 2 })), 'a.csv deep-1/x', 'MaxItems of a list');
put("$directory/flat/$_.json", "[$_, $_]") foreach 1 .. 3;
my %flatten = (Transformation => 'LOAD_AND_FLATTEN', InputType => 'JSON');
is_deeply([ list('flat/', \%flatten) ], [ '[1,1,2,2,3,3]', 'S3://files/flat/1.json S3://files/flat/2.json S3://files/flat/3.json' ], 'LOAD_AND_FLATTEN');
is(list('flat/', { %flatten, MaxItems => 3 }), '[1,1,2]', 'MaxItems over all objects');
put("$directory/flat/2.json", '[2, 2');
is(list('flat/', \%flatten), 'States.ItemReaderFailed: In the object flat/2.json: The text is not valid JSON: The text ends unexpectedly.', 'an error says which');
put("$directory/large", 'x' x (9 << 20));
like(list('large'), qr/"Etag":"\\"[0-9a-f]{32}-1\\""/, 'a large object is not read for its Etag');

#
# Manifests.
#
put("$directory/inventory/data-$_.csv", qq{"source","some%2Fkey-$_","$_"\n}) foreach 1, 2;
system("gzip $directory/inventory/data-2.csv") == 0 or die 'gzip';
my $inventory = { sourceBucket => 'source', destinationBucket => 'arn:aws:s3:::files', fileFormat => 'CSV', fileSchema => 'Bucket, Key, Size',
	files => [ { key => 'inventory/data-1.csv', size => 1 }, { key => 'inventory/data-2.csv.gz' } ] };
put("$directory/inventory/manifest.json", $json->encode($inventory));
my @stored = map { qq({"Bucket":"source","Key":"some%2Fkey-$_","Size":"$_"}) } 1, 2;
is_deeply([ object('inventory/manifest.json', { InputType => 'MANIFEST' }) ], [ "[$stored[0],$stored[1]]", 'S3://files/inventory/data-1.csv S3://files/inventory/data-2.csv.gz' ], 'an inventory');
is(object('inventory/manifest.json', { ManifestType => 'S3_INVENTORY', MaxItems => 1 }), "[$stored[0]]", 'the first of it');
put("$directory/inventory/parquet.json", $json->encode({ %$inventory, fileFormat => 'Parquet' }));
is(object("inventory/$_", { InputType => 'MANIFEST' }), 'States.ItemReaderFailed: The manifest is none of an S3 Inventory in CSV format.', "no inventory: $_") foreach 'parquet.json', 'data-1.csv';
put("$directory/unload-manifest.csv", "s3://files/deep/er/c.jsonl\ns3://files/deep/er/c.jsonl\n");
is(object('unload-manifest.csv', { ManifestType => 'ATHENA_DATA', InputType => 'JSONL', MaxItems => 3 }), '[{"l":1},{"l":2},{"l":1}]', 'what Athena has unloaded');
put("$directory/bad-manifest.csv", "/etc/passwd\n");
is(object('bad-manifest.csv', { ManifestType => 'ATHENA_DATA', InputType => 'JSONL' }), 'States.ItemReaderFailed: The manifest has a line that is not s3://bucket/key.', 'only S3');
put("$directory/bad-manifest.csv", "s3://other/key\n");
like(object('bad-manifest.csv', { ManifestType => 'ATHENA_DATA', InputType => 'JSONL' }), qr/The specified bucket does not exist/, 'and only buckets that there are');
system('rm', '-r', "$directory/inventory", "$directory/unload-manifest.csv", "$directory/bad-manifest.csv") == 0 or die 'rm';

#
# Nothing leads out of the directory.
#
my $missing = sub { "States.ItemReaderFailed: The specified key does not exist. (Service: S3, Status Code: 404, Bucket: files, Key: $_[0])" };
symlink "$outside/secret", "$directory/link" or die $!;
symlink $outside, "$directory/linked" or die $!;
symlink 'a.csv', "$directory/inside" or die $!;
mkfifo("$directory/pipe", 0600) or die $!;
mkdir "$directory/folder" or die $!;
put("$directory/.sfn-put-1-1", '[1]');
is(object($_), $missing->($_), "no object: $_")
  foreach '../secret', 'deep/../../secret', "$outside/secret", 'link', 'linked/secret', 'inside', 'pipe', 'folder', 'deep/', 'deep//b.json', './a.csv', '',
  '.sfn-put-1-1', 'x' x 300, 'nonesuch/x';
unlike(list(''), qr/link|inside|pipe|folder|put/, 'lists show none of them');
is(list($_), '[]', "nor with the prefix $_") foreach '../', 'linked/';
SKIP:
{
	skip 'root reads everything', 2 if $> == 0;
	put("$directory/closed/file", '[1]');
	chmod 0, "$directory/closed/file";
	is(object('closed/file'), 'States.ItemReaderFailed: Access Denied (Service: S3, Status Code: 403, Bucket: files)', 'a file closed to the server');
	chmod 0, "$directory/closed";
	like(object('closed/file'), qr/^States\.ItemReaderFailed: Access Denied/, 'and a directory');
	chmod 0755, "$directory/closed";
}
is(object('k', undef, bucket => 'none'), 'States.ItemReaderFailed: The specified bucket does not exist (Service: S3, Status Code: 404, Bucket: none)', 'no bucket');
rename $directory, "$directory.away" or die $!;
is(object('a.csv'), 'States.ItemReaderFailed: The directory of bucket files cannot be opened: No such file or directory.', 'its directory is gone');
rename "$directory.away", $directory or die $!;

#
# Who may.
#
sql('CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE staff; GRANT staff TO alice');
my $denied = 'States.ItemReaderFailed: Access Denied (Service: S3, Status Code: 403, Bucket: files)';
is(object('deep/b.json', undef, role => 'alice'), $denied, 'a bucket is for the machines of its maker');
sql("SELECT sfn.create_bucket('files', 'file://$directory', readers => '{staff}')");
is(object('deep/b.json', undef, role => 'alice'), '[1,{"k":250}]', 'for a role that was named');
is(object('deep/b.json', undef, role => 'bob'), $denied, 'and no other');
is(list('deep/', undef, role => 'bob'), $denied, 'nor its list');
sub shown
{
	my ($role) = @_;
	my $shown;
	$node->psql('postgres', 'SELECT count(*) FROM sfn.buckets', stdout => \$shown, extra_params => [ '-U', $role ]);
	return $shown;
}
is(shown('alice') . shown('bob'), '10', 'the view shows it to whom it is for');
foreach my $call ("create_bucket('mine', 'file://$directory')", "delete_bucket('files')")
{
	my $error;
	isnt($node->psql('postgres', "SELECT sfn.$call", stderr => \$error, extra_params => [ '-U', 'alice' ]), 0, "refused: $call");
	like($error, qr/permission denied to make or delete buckets/, 'with the reason');
}

#
# Results.
#
sub written
{
	my ($bucket, %fields) = @_;
	map_machine('writes', undef, ItemsPath => '$.items', ResultWriter => { Resource => 'arn:aws:states:::s3:putObject', Parameters => { Bucket => $bucket, Prefix => 'out' } }, %fields);
	return run($node, 'writes', { items => [ 'x', 'y' ] });
}
sub manifest_of
{
	my ($folder, $end) = @_;
	my $manifest = $json->decode(PostgreSQL::Test::Utils::slurp_file("$folder/$end->{output}{ResultWriterDetails}{Key}"));
	return $json->decode(PostgreSQL::Test::Utils::slurp_file("$folder/$manifest->{ResultFiles}{SUCCEEDED}[0]{Key}"));
}
my $end = written('files');
is($end->{status}, 'SUCCEEDED', 'results are written') or diag($end->{cause});
is_deeply([ map { $_->{Output} } @{ manifest_of($directory, $end) } ], [ '"x"', '"y"' ], 'the manifest leads to them');
is((stat "$directory/$end->{output}{ResultWriterDetails}{Key}")[2] & 0777, 0644, 'others may read them');
is(`find $directory/out -name '.sfn*' | wc -l` + 0, 0, 'no temporary file is left');
$end = written('files', role => 'alice');
is("$end->{error}: $end->{cause}", 'States.ResultWriterFailed: Access Denied (Service: S3, Status Code: 403, Bucket: files)', 'readers do not write');
sql("SELECT sfn.create_bucket('files', 'file://$directory', writers => ARRAY['-'::regrole], readers => ARRAY['-'::regrole])");
is(written('files', role => 'bob')->{status}, 'SUCCEEDED', 'all roles');
$end = written('files', ResultWriter => { Resource => 'arn:aws-cn:states:::s3:putObject', Parameters => { Bucket => 'files' } });
is($end->{status}, 'SUCCEEDED', 'the partition of an ARN does not matter to the writer either');
my $out = PostgreSQL::Test::Utils::tempdir();
symlink $out, "$directory/elsewhere" or die $!;
$end = written('files', ResultWriter => { Resource => 'arn:aws:states:::s3:putObject', Parameters => { Bucket => 'files', Prefix => 'elsewhere' } });
is($end->{error}, 'States.ResultWriterFailed', 'no result goes through a link');
is(`find $out -type f | wc -l` + 0, 0, 'and none is there');

#
# A bucket behind an address.
#
put("$s3->{directory}/objects/$_", "[\"$_\"]") foreach qw(one two/three), 'a b+c', 'five';
sql("SELECT sfn.create_bucket('web', '$s3->{url}/bucket/')");
is(object($_, undef, bucket => 'web'), "[\"$_\"]", "by HTTP: $_") foreach 'one', 'two/three', 'a b+c';
is(object('none', undef, bucket => 'web'), 'States.ItemReaderFailed: The specified key does not exist. (Service: S3, Status Code: 404, Bucket: web, Key: none)', 'no such key');
like(object('../x', undef, bucket => 'web'), qr/The specified key does not exist/, 'nor a way out');
like(object('forbidden', undef, bucket => 'web'), qr/Access Denied/, 'forbidden there');
is($keys->(scalar list('', undef, bucket => 'web')), 'a b+c five one two/three', 'a list of several pages');
like(list('one', undef, bucket => 'web'), qr/"Etag":"\\"abc\\"","Key":"one","LastModified":1709208000,"Size":7,"StorageClass":"STANDARD"/, 'as S3 describes them');
is(list('', \%flatten, bucket => 'web'), '["a b+c","five","one","two/three"]', 'the contents of all');
$end = written('web');
is($end->{status}, 'SUCCEEDED', 'results by HTTP') or diag($end->{cause});
is_deeply([ map { $_->{Output} } @{ manifest_of("$s3->{directory}/objects", $end) } ], [ '"x"', '"y"' ], 'are there');
sub connection
{
	my ($name, $type, $parameters) = @_;
	return sql("SELECT sfn.create_connection('$name', '$type', '" . $json->encode($parameters) . "')");
}
connection('keys', 'BASIC', { BasicAuthParameters => { Username => 'access', Password => 'secret' } });
connection('other-keys', 'BASIC', { BasicAuthParameters => { Username => 'access', Password => 'guess' } });
connection('api-key', 'API_KEY', { ApiKeyAuthParameters => { ApiKeyName => 'X-Key', ApiKeyValue => 'secret' } });
sub signed { return sql("SELECT sfn.create_bucket('signed', '$s3->{url}/signed', connection => '$_[0]', region => 'eu-test-1', readers => '{alice,$superuser}')") }
signed('keys');
is(object($_, undef, bucket => 'signed'), "[\"$_\"]", "signed: $_") foreach 'two/three', 'a b+c';
is($keys->(scalar list('', undef, bucket => 'signed')) =~ s/ out.*? (two)/ $1/r, 'a b+c five one two/three', 'signed lists');
is(written('signed')->{status}, 'SUCCEEDED', 'signed results');
is(object('one', undef, bucket => 'signed', role => 'alice'), '["one"]', 'for a reader who has no right to the keys');
sql("SELECT sfn.create_bucket('locked', '$s3->{url}/locked', connection => 'api-key')");
is(object('one', undef, bucket => 'locked'), '["one"]', 'with the credentials of a connection');
sql("SELECT sfn.create_bucket('locked', '$s3->{url}/locked')");
is(object('one', undef, bucket => 'locked'), 'States.ItemReaderFailed: Access Denied (Service: S3, Status Code: 403, Bucket: locked)', 'and without');
signed('other-keys');
is(object('one', undef, bucket => 'signed'), 'States.ItemReaderFailed: Access Denied (Service: S3, Status Code: 403, Bucket: signed)', 'another secret');
signed('api-key');
like(object('one', undef, bucket => 'signed'), qr/The connection api-key has no access key and secret key/, 'no keys');
signed('none');
is(object('one', undef, bucket => 'signed'), 'States.ItemReaderFailed: The connection none does not exist.', 'no connection');
is(written('signed')->{cause}, 'The connection none does not exist.', 'nor for results');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/X-Amz-Signature/, 'no signature in the log');
sql("SELECT sfn.create_bucket('nowhere', 'http://127.0.0.1:1/')");
like(object('k', undef, bucket => 'nowhere'), qr/^States\.ItemReaderFailed: The request for k of bucket nowhere failed: /, 'nobody listens');

#
# Queries, tables, text.
#
sql('CREATE TABLE public.t (id int PRIMARY KEY, at timestamptz, what jsonb); GRANT SELECT ON public.t TO alice');
sql(q{INSERT INTO public.t SELECT i, '2024-02-29T12:00:00Z', jsonb_build_object('i', i) FROM generate_series(1, 25) i});
my $query = sub { my ($text, $args, %fields) = @_; return items({ Resource => 'arn:aws:states:::sql:query', Parameters => { Query => $text, $args ? (Args => $args) : () } }, %fields) };
is_deeply([ $query->('SELECT id, what FROM public.t WHERE id < $1 ORDER BY id DESC', [3]) ], [ '[{"id":2,"what":{"i":2}},{"id":1,"what":{"i":1}}]', 'SQL' ], 'a query');
is($query->('SELECT count(*) AS n FROM public.t', undef, role => 'alice'), '[{"n":25}]', 'as the role of the machine');
is($query->('SELECT count(*) AS n FROM public.t', undef, role => 'bob'), 'States.ItemReaderFailed: permission denied for table t (SQLSTATE 42501)', 'which needs the right');
is($query->('UPDATE public.t SET what = NULL WHERE id = 1 RETURNING id'), '[{"id":1}]', 'RETURNING');
is($query->('SET search_path = x'), 'States.ItemReaderFailed: The query of ItemReader does not return rows.', 'no rows');
is($query->('SELECT $1::int AS n', [ 1, 2 ]), 'States.ItemReaderFailed: the statement has 1 parameters, but is given 2 values (SQLSTATE 42P02)', 'too many arguments');
is($query->('SELECT 1 / (3 - i) AS n FROM generate_series(1, 5) i'), 'States.ItemReaderFailed: division by zero (SQLSTATE 22012)', 'an error after some rows');
is_deeply([ items({ Resource => 'arn:aws:states:::sql:table', Parameters => { Table => 'public.t' }, ReaderConfig => { MaxItems => 2 } }, ItemSelector => { 'v.$' => '$$.Map.Item.Value.what', 's.$' => '$$.Map.Item.Source' }) ],
	[ '[{"i":2},{"i":3}]', 'SQL://public.t' ], 'a table');
is(items({ Resource => 'arn:aws:states:::sql:table', Parameters => { Table => 'no.such' } }), 'States.ItemReaderFailed: schema "no" does not exist (SQLSTATE 3F000)', 'no such table');
is(items({ Resource => 'arn:aws:states:::sfn:text', Parameters => { Text => "a|b\n1|2" }, ReaderConfig => { %csv, CSVDelimiter => 'PIPE' } }), '[{"a":"1","b":"2"}]', 'text');

#
# What it takes: a large source is passed over in little memory, and a stop ends the reading.
#
sub peak
{
}
map_machine('sleeps', { Resource => 'arn:aws:states:::sql:query', Parameters => { Query => 'SELECT pg_sleep(600)' } });
my $execution = started($node, 'sleeps', {});
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, '1'), 'a query that takes long');
sql("SELECT sfn.stop_execution('$execution')");
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'ABORTED'), 'is stopped');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, '0'), 'and cancelled');

# the machine's time
machine($node, 'late', { StartAt => 'Map', TimeoutSeconds => 1, States => { Map => { Type => 'Map', End => JSON::PP::true,
	ItemReader => { Resource => 'arn:aws:states:::sql:query', Parameters => { Query => 'SELECT pg_sleep(600)' } },
	Catch => [ { ErrorEquals => ['States.ALL'], Next => 'Caught' } ],
	ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Pass', States => { Pass => { Type => 'Pass', End => JSON::PP::true } } } },
	Caught => { Type => 'Pass', End => JSON::PP::true } } });
is(run($node, 'late', {})->{status}, 'TIMED_OUT', 'reading ends with the time of the execution');

# the same in the middle of a file: neither a descriptor nor an input is left
put("$directory/long.csv", "n\n" . "1\n" x 20_000_000);
machine($node, 'late', { StartAt => 'Map', TimeoutSeconds => 1, States => { Map => { Type => 'Map', End => JSON::PP::true,
	ItemReader => { Resource => 'arn:aws:states:::s3:getObject', Parameters => { Bucket => 'files', Key => 'long.csv' }, ReaderConfig => \%csv },
	ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'Pass', States => { Pass => { Type => 'Pass', End => JSON::PP::true } } } } } });
my $inputs = sql('SELECT count(*) FROM sfn.map_run_input');
is(run($node, 'late', {})->{status}, 'TIMED_OUT', 'in the middle of a file');
is(sql('SELECT count(*) FROM sfn.map_run_input'), $inputs, 'no input is left');
SKIP:
{
	skip 'no /proc', 1 unless -d '/proc/self';
	my $pid = sql("SELECT min(pid) FROM sfn.workers WHERE database = 'postgres'");
	is(join(' ', grep { index($_ // '', $outside) == 0 } map { readlink $_ } glob "/proc/$pid/fd/*"), '', 'no file is left open');
}
unlink "$directory/long.csv";

sql(q{SELECT sfn.delete_bucket('web')});
like(object('one', undef, bucket => 'web'), qr/The specified bucket does not exist/, 'a deleted bucket');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/PANIC|terminated by signal|file leak/, 'nothing crashed or leaked');
$node->stop;
done_testing();
