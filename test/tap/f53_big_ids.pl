
# F53, F24, F25: identifiers beyond 2^31 and near the end of bigint; rows that somebody deletes under the workers;
# triggers and foreign keys that somebody hangs on our tables.

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

#
# F24: rows deleted and truncated by an administrator.
#
machine($node, 'waits', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 2, End => JSON::PP::true } } });
$node->safe_psql('postgres', q{SELECT sfn.start_executions('waits', array_fill('{}'::json, ARRAY[20]))});
ok(wait_for($node, q{SELECT count(*) FROM sfn.timers}, '20'), 'executions wait');
$node->safe_psql('postgres', q{DELETE FROM sfn.execution WHERE id IN (SELECT id FROM sfn.execution WHERE stop_date IS NULL ORDER BY id LIMIT 10)});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'waits' AND status = 'SUCCEEDED'}, '10'), 'the others end');
ok(wait_for($node, q{SELECT count(*) FROM sfn.inbox}, '0'), 'orphans of the inbox are dropped');
$node->safe_psql('postgres', q{SELECT sfn.start_execution('waits')});
$node->safe_psql('postgres', 'TRUNCATE sfn.execution, sfn.inbox, sfn.history_chunk, sfn.branch');
moves_on('after TRUNCATE');

#
# F25: a trigger that fails for one execution is that one's problem; one that is harmless and a foreign key disturb nobody.
#
$node->safe_psql('postgres', q{
	CREATE TABLE copy (id bigint);
	CREATE FUNCTION copy() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.copy VALUES (NEW.id); RETURN NEW; END$$;
	CREATE TRIGGER copy AFTER INSERT ON sfn.execution FOR EACH ROW EXECUTE FUNCTION copy();
	CREATE TABLE note (execution bigint REFERENCES sfn.execution (id));
	ALTER TABLE sfn.execution ADD COLUMN label text DEFAULT 'x';
	ALTER TABLE sfn.execution ALTER COLUMN redrive_count SET DEFAULT 0;
});
moves_on('with a trigger, a foreign key and a column');
is($node->safe_psql('postgres', 'SELECT count(*) FROM copy'), '6', 'the trigger has fired');

unlike(slurp_file($node->logfile), qr/PANIC|was terminated by signal/, 'no crash');
$node->stop;
done_testing();
