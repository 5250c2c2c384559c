
# F61: the ways of dumps.  A database with executions of every state type half done and objects of every kind is dumped in
# parts, as inserts, without owners and rights, past the triggers, of our schema alone, without histories, and restored into
# databases of other names and encodings.  Every table is the same; adopted, it guards the roles that own something, gives ids
# of its own, and ends what was half done, each effect once.

use strict;
use warnings;

use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHalfDone;
use SfnTest;
use SfnWorkers;

my $half_done = dirname(__FILE__) . '/../upgrade/half_done.sql';
my $node = sfn_node('f61_ways', create => 0, conf => "sfn.enabled = off\nsfn.gateway_url = 'http://127.0.0.1:1'\n");
my $directory = $node->basedir;
$node->safe_psql('postgres', 'CREATE ROLE keeper LOGIN; CREATE ROLE guest; CREATE ROLE dumper LOGIN; GRANT pg_read_all_data TO dumper; CREATE DATABASE app');
$node->safe_psql('app', 'CREATE EXTENSION sfn');
command_ok([ 'psql', '-Xq', '-d', $node->connstr('app'), '-f', $half_done ], 'executions of every state type are half done');

# Objects of every kind, in the end of keeper.
$node->safe_psql('app', q{
	GRANT USAGE, CREATE ON SCHEMA public TO keeper; GRANT SELECT, INSERT ON effect, token, allowed TO keeper;
	INSERT INTO sfn.http_allowed_host (host, role) VALUES ('example.com', 'keeper'), ('10.0.0.0/8', NULL);
	SELECT sfn.set_quota('keeper', 1000, http_per_second => 7);
	SELECT sfn.map_role('arn:aws:iam::123456789012:role/billing', 'keeper');
	SELECT sfn.create_service_endpoint('dynamodb', 'https://double.example');
	SELECT sfn.create_access_key('keeper', access_key_id => 'kept', secret_access_key => 'not-a-secret');
	SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AK", "SecretAccessKey": "s"}');
	SELECT sfn.create_bucket('files', 'file:///usr/share', readers => '{keeper}', writers => '{guest}');
	SELECT sfn.create_bus('late'), sfn.grant_bus('late', 'keeper', 'put');
	SELECT sfn.create_queue('unused'), sfn.grant_use('queue', 'unused', 'keeper');
	SELECT sfn.trust('queue', 'unused', 'postgres', 'keeper'), sfn.trust('event_bus', 'late', 'postgres', 'keeper');
	SELECT sfn.create_queue('fed'), sfn.create_queue_source('fed', 'https://sqs.eu-central-1.amazonaws.com/111122223333/orders');
	SET ROLE keeper;
	SELECT sfn.create_function('named', 'public.work(json)');
	SELECT sfn.create_activity('theirs');
	SELECT sfn.create_connection('lent', 'BASIC', '{"BasicAuthParameters": {"Username": "u", "Password": "p"}}');
	SELECT sfn.grant_use('connection', 'lent', 'guest');
	SELECT sfn.create_state_machine('prompt', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', priority => 3, retention => '7 days');
	SELECT sfn.grant_state_machine('prompt', 'guest', 'start');
	SELECT sfn.publish_state_machine_version('prompt') AS version \gset
	SELECT sfn.create_state_machine_alias('live', json_build_array(json_build_object('stateMachineVersionArn', :'version', 'weight', 100))::jsonb);
	SELECT sfn.create_link('start', 'prompt');
	SELECT sfn.create_queue('dead'), sfn.create_queue('letters', dead_letter_queue => 'dead', max_receive_count => 2), sfn.create_queue('moves.fifo', content_based_deduplication => true);
	SELECT sfn.create_queue_trigger('letters', 'prompt');
	SELECT sfn.create_queue_trigger('moves.fifo', 'prompt', 1);
	SELECT count(sfn.send_message('letters', i::text)) FROM generate_series(1, 5) i;
	SELECT count(sfn.send_message('moves.fifo', i::text, message_group => 'g')) FROM generate_series(1, 3) i;
	SELECT sfn.create_schedule_group('nightly');
	SELECT sfn.create_schedule('tick', 'rate(1 hour)', 'prompt', group_name => 'nightly', dead_letter_queue => 'dead');
	SELECT sfn.create_bus('orders'), sfn.grant_bus('orders', 'guest', 'put');
	SELECT sfn.create_rule('all', '{"source": ["shop"]}', 'prompt', bus => 'orders', dead_letter_queue => 'dead');
	SELECT sfn.set_target('orders/all', 'q', 'arn:aws:sqs:us-east-1:000000000000:dead', input_path => '$.detail');
	SELECT sfn.create_rule('clock', '{"source": ["nobody"]}', 'sql:public.work');
	SELECT sfn.events_api('PutRule', '{"Name": "ticks", "ScheduleExpression": "rate(1 hour)", "Tags": [{"Key": "k", "Value": "v"}]}');
	SELECT sfn.create_archive('kept', bus => 'orders', retention => '30 days');
	SELECT count(sfn.put_event('shop', 'sold', '{"name": "event"}', bus => 'orders')) FROM generate_series(1, 3);
	SELECT sfn.start_replay('again', 'kept', now() - interval '1 hour', now() + interval '1 hour');
	SELECT sfn.create_topic('news'), sfn.subscribe('news', 'arn:aws:sqs:us-east-1:000000000000:dead', raw => true);
	SELECT sfn.tag_resource('arn:aws:states:us-east-1:000000000000:activity:theirs', '{"k": "v"}')});

my @tables = split /\n/, $node->safe_psql('app', q{
	SELECT c.relname FROM unnest((SELECT extconfig FROM pg_extension WHERE extname = 'sfn')) WITH ORDINALITY o (oid, n) JOIN pg_class c USING (oid)
	WHERE c.relkind = 'r' AND (SELECT extcondition[n] FROM pg_extension WHERE extname = 'sfn') = '' ORDER BY 1});
cmp_ok(scalar(@tables), '>', 30, 'there are tables to compare');
my @empty = grep { !$node->safe_psql('app', "SELECT count(*) FROM sfn.$_") } @tables;
note("without rows: @empty");

sub contents
{
	my ($database) = @_;
	return { map { $_ => $node->safe_psql($database, "SELECT x::text FROM sfn.$_ x ORDER BY 1") } @tables };
}

sub differing
{
	my ($database, $before) = @_;
	my $after = contents($database);
	return join ' ', grep { $after->{$_} ne $before->{$_} } @tables;
}

sub checked
{
	my ($database) = @_;
	return $node->safe_psql($database, q{SELECT string_agg(DISTINCT kind || ': ' || problem || ': ' || cure, '; ') FROM sfn.check()});
}

is(checked('app'), '', 'nothing is wrong before');
my $before = contents('app');
my @dump = ('pg_dump', '-d', $node->connstr('app'));
my %dump = (
	c => ['-Fc'], d => [ '-Fd', '-j', '4' ], t => ['-Ft'], p => ['-Fp'], clean => [ '-Fc', '--clean', '--if-exists' ],
	schema => [ '-Fp', '--schema-only' ], data => [ '-Fp', '--data-only' ], mere => [ '-Fp', '--schema-only', '-x' ], past => [ '-Fp', '--data-only', '--disable-triggers' ],
	pre => [ '-Fp', '--section=pre-data' ], rows => [ '-Fp', '--section=data' ], post => [ '-Fp', '--section=post-data' ],
	ours => [ '-Fp', '-e', 'sfn', '-n', 'public' ], alone => [ '-Fp', '-e', 'sfn', '-n', 'sfn' ], bare => [ '-Fp', '--no-owner', '--no-privileges' ], inserts => [ '-Fp', '--inserts' ],
	columns => [ '-Fp', '--column-inserts', '--rows-per-insert=7' ], role => [ '-Fp', '-U', 'postgres', '--role=dumper' ],
	histories => [ '-Fp', q{--exclude-table-data=sfn.history*} ], created => [ '-Fp', '--create' ],
);
foreach my $name (sort keys %dump)
{
	command_ok([ @dump, @{ $dump{$name} }, '-f', "$directory/$name" ], "pg_dump @{$dump{$name}}");
}

sub restored
{
	my ($database, $how, @files) = @_;
	foreach my $file (@files)
	{
		my @command = $how eq 'psql' ? ('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/$file") : ('pg_restore', '-e', split(' ', $how), "$directory/$file");
		my ($out, $err);
		my $ok = IPC::Run::run([ @command, '-d', $node->connstr($database) ], '>', \$out, '2>', \$err);
		ok($ok, "$database: $file is restored") or diag($err);
	}
	return;
}

my @ways = (
	[ 'ways_c', '', '-j 4', 'c' ], [ 'ways_d', '', '-j 4', 'd' ], [ 'ways_t', '', '-x -O', 't' ], [ 'ways_p', '', 'psql', 'p' ],
	[ 'ways_two', '', 'psql', 'schema', 'data' ], [ 'ways_three', '', 'psql', 'pre', 'rows', 'post' ],
	[ 'ways_past', '', 'psql', 'mere', 'past' ], [ 'ways_ours', '+', 'psql', 'ours' ], [ 'ways_alone', '', 'psql', 'alone' ],
	[ 'ways_bare', '', 'psql', 'bare' ], [ 'ways_inserts', '', 'psql', 'inserts' ], [ 'ways_columns', '', 'psql', 'columns' ],
	[ 'ways_role', '', 'psql', 'role' ], [ 'ways_histories', '', 'psql', 'histories' ],
	[ 'Ways "of" names', '', 'psql', 'p' ], [ 'ways_locale', "TEMPLATE template0 LOCALE 'C.utf8'", '-1', 'c' ],
);
foreach my $way (@ways)
{
	my ($database, $as, $how, @files) = @{$way};
	(my $quoted = $database) =~ s/"/""/g;
	$node->safe_psql('postgres', qq{CREATE DATABASE "$quoted" } . ($as eq '+' ? '' : $as));
	$node->safe_psql($database, 'DROP SCHEMA public') if $as eq '+';
	restored($database, $how, @files);
	is(differing($database, $before), $database eq 'ways_histories' ? 'history_chunk' : '', "$database: every table is the same");
}
foreach my $encoding ('SQL_ASCII', 'LATIN1')
{
	$node->safe_psql('postgres', "CREATE DATABASE $encoding TEMPLATE template0 LOCALE 'C' ENCODING '$encoding'");
	my ($out, $err);
	IPC::Run::run([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/p", '-d', $node->connstr(lc $encoding) ], '>', \$out, '2>', \$err);
	like($err, qr/needs a database with encoding UTF8.*HINT/s, "$encoding: refused, with what to do");
}
restored('ways_c', '--clean --if-exists -j 4', 'clean');
is(differing('ways_c', $before), '', 'ways_c: restored again over itself, every table is the same');

foreach my $way (@ways)
{
	my ($database) = @{$way};
	my ($status, undef, $err) = $node->psql($database, 'SELECT sfn.adopt()');
	is("$status $err", '0 ', "$database: adopted without a word");
	my $found = checked($database);
	is($found, '', "$database: nothing is wrong") if $database ne 'ways_histories';
	like($found, qr/history/, "$database: missing histories are found") and note($found) if $database eq 'ways_histories';
	is($node->safe_psql($database, q{SELECT string_agg(r.rolname, ' ' ORDER BY r.rolname) FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
		WHERE c.oid = 'sfn.owned_objects'::regclass AND r.rolname <> 'postgres'}), 'half_done keeper', "$database: owners are guarded");
}

$node->safe_psql('ways_past', 'GRANT SELECT, INSERT ON effect, token, allowed TO half_done, keeper');	# came without rights

# Two of them go on: one batch of a queue, three messages one after the other, three events, and three that are replayed.
$node->safe_psql('postgres', 'ALTER SYSTEM RESET sfn.enabled');
foreach my $database ('ways_past', 'Ways "of" names')
{
	(my $quoted = $database) =~ s/"/""/g;
	$node->safe_psql('postgres', qq{ALTER DATABASE "$quoted" SET sfn.enabled = on});
	half_done_ends($node, $database, $database);
	is($node->safe_psql($database, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'prompt'}), '10', "$database: messages and events have started what they should");
}

$node->stop;
done_testing();
