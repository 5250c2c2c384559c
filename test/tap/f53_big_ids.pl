
# F53: identifiers beyond 2^31 and near the end of bigint.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('ids');

sub moves_on
{
	my ($name) = @_;
	my $what = $name =~ s/\W+/_/gr;

	machine($node, $what, { StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$.items', End => JSON::PP::true,
		ItemProcessor => { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1, End => JSON::PP::true } } } } } });
	$node->safe_psql('postgres', qq{SELECT sfn.start_executions('$what', array_fill('{"items": [1, 2]}'::json, ARRAY[5]))});
	$node->safe_psql('postgres', qq{SELECT sfn.start_execution('$what', '{"items": [3]}', 'one')});
	ok(wait_for($node, qq{SELECT count(*) FROM sfn.executions WHERE state_machine = '$what' AND status = 'SUCCEEDED'}, '6'), "$name: executions end");
	is($node->safe_psql('postgres', qq{SELECT count(*) FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:$what:one')}) > 8, 1, "$name: with their histories");
}

use JSON::PP ();

my @sequences = split /\n/, $node->safe_psql('postgres', q{SELECT oid::regclass FROM pg_class WHERE relkind = 'S' AND relnamespace = 'sfn'::regnamespace});
cmp_ok(scalar @sequences, '>', 3, 'there are sequences');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid WHERE relnamespace = 'sfn'::regnamespace AND seqtypid <> 'bigint'::regtype}), '0', 'all of bigint');
foreach my $start ('2147483646', '4294967294', '4611686018427387904')
{
	$node->safe_psql('postgres', "SELECT setval('$_', $start)") foreach @sequences;
	moves_on("ids from $start");
}

unlike(slurp_file($node->logfile), qr/PANIC|was terminated by signal/, 'no crash');
$node->stop;
done_testing();
