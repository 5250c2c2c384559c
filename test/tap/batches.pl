
# Batches: a Distributed Map over all rows of a table (20,000; 200,000 in soak).  Results go to a table, each once, through a
# crash of the server; those that nobody reads need no room; what failed is redriven where it stands; progress is shown.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $rows = $ENV{SFN_SOAK} ? 200_000 : 20_000;
my $limit = $ENV{SFN_SOAK} ? 600 : 120;
my $node = sfn_node('batches', conf => "log_statement = none\n");

$node->safe_psql('postgres', qq{
	CREATE TABLE source AS SELECT n, n % 1000 = 0 AS is_bad FROM generate_series(1, $rows) n;
	CREATE TABLE result (index bigint PRIMARY KEY, status text, input json, output json, error text);
	CREATE FUNCTION work(n int, is_bad boolean) RETURNS json LANGUAGE plpgsql AS \$\$
	BEGIN
		IF is_bad AND (SELECT s.is_bad FROM source s WHERE s.n = work.n) THEN
			RAISE 'row % is bad', n;
		END IF;
		RETURN json_build_object('n', n, 'twice', 2 * n);
	END \$\$;
	CREATE INDEX ON source (n);
});

# A Map over all rows of the source, $fields besides, its children a Task or a Pass.
sub batch_machine
{
	my ($name, $resource, %fields) = @_;
	my $state = $resource ? { Type => 'Task', Resource => $resource } : { Type => 'Pass' };

	return machine($node, $name, {
		StartAt => 'Each', States => {
			Each => {
				Type => 'Map', End => JSON::PP::true, %fields,
				ItemReader => { Resource => 'arn:aws:states:::sql:table', Parameters => { Table => 'public.source' } },
				ItemProcessor => {
					ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'EXPRESS' },
					StartAt => 'Work', States => { Work => { %$state, End => JSON::PP::true } } } } } });
}

# ---- into a table, through a crash ----
batch_machine('stored', 'sql:public.work', ToleratedFailurePercentage => 1,
	ResultWriter => { Resource => 'arn:aws:states:::sql:table', Parameters => { Table => 'public.result' } });
my $execution = started($node, 'stored');
ok($node->poll_query_until('postgres', "SELECT items_done > $rows / 10 FROM sfn.map_runs"), 'it is under way');
is($node->safe_psql('postgres', q{
	SELECT count(*) FROM sfn.map_runs WHERE status <> 'RUNNING' OR (items_per_second > 0 AND time_left >= '0' AND items_done <= items)}),
	1, '... and says how fast and how long');
$node->stop('immediate');
$node->start;
my $end = end_of($node, $execution, $limit);
is($end->{status}, 'SUCCEEDED', "a batch of $rows rows") or diag(explain($end));
is($end->{output}{ResultWriterDetails}{Rows}, $rows, '... has written them');
is($node->safe_psql('postgres', qq{
	SELECT count(*), count(*) FILTER (WHERE status = 'FAILED' AND error = 'Sql.raise_exception' AND output IS NULL),
		count(*) FILTER (WHERE (output->>'twice')::int = 2 * (input->>'n')::int), max(index) FROM result}),
	join('|', $rows, $rows / 1000, $rows - $rows / 1000, $rows - 1), '... each once, with what came of it');

# ---- what failed goes on ----
$node->safe_psql('postgres', q{
	UPDATE source SET is_bad = false;
	SELECT sfn.redrive_map_run(map_run_arn) FROM sfn.map_runs WHERE state_machine = 'stored'});
ok($node->poll_query_until('postgres', q{SELECT status = 'SUCCEEDED' AND redrive_count = 1 FROM sfn.map_runs WHERE state_machine = 'stored'}),
	'those that failed are redriven');
is($node->safe_psql('postgres', q{SELECT items_succeeded, items_failed, items_pending_redrive FROM sfn.map_runs WHERE state_machine = 'stored'}),
	"$rows|0|0", '... and have succeeded');
is($node->safe_psql('postgres', q{SELECT status, redrive_count FROM sfn.executions WHERE state_machine = 'stored'}), 'SUCCEEDED|0',
	'... beside their execution, which had ended');

# ---- read by nobody ----
batch_machine('unread', undef, ResultPath => undef);
$end = end_of($node, started($node, 'unread'), $limit);
is($end->{status}, 'SUCCEEDED', 'results that nobody reads need no room') or diag(explain($end));
is($node->safe_psql('postgres', q{SELECT items_succeeded FROM sfn.map_runs WHERE state_machine = 'unread'}), $rows, '... all have run');

$node->stop;
done_testing();
