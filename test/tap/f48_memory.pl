
# F48: a worker's memory does not grow with what it has done: after very many tasks, of which some fail, some are retried, some
# make large results, it has what it had after the first few.  (10,000,000 tasks in soak.)

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $batch = $ENV{SFN_SOAK} ? 10000 : 100;
my $batches = $ENV{SFN_SOAK} ? 250 : 6;
my $node = sfn_node('f48', conf => "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nsfn.max_workers = 1\nsfn.history_retention = 0\nautovacuum_naptime = 1s\n");

# Four tasks an execution: one is quick, one fails, is tried again and fails, which is caught, one has a large result.
$node->safe_psql('postgres', q{
	CREATE FUNCTION quick(input json) RETURNS int LANGUAGE sql AS 'SELECT 1';
	CREATE FUNCTION failing(input json) RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'P0002'; END$$;
	CREATE FUNCTION large(input json) RETURNS text LANGUAGE sql AS $$SELECT repeat('x', 20000)$$});
my @always = (ErrorEquals => ['States.ALL']);
machine($node, 'mixed', { StartAt => 'Quick', States => {
	Quick => { Type => 'Task', Resource => 'sql:public.quick', ResultPath => '$.quick', Next => 'Failing' },
	Failing => { Type => 'Task', Resource => 'sql:public.failing',
		Retry => [ { @always, IntervalSeconds => 1, MaxAttempts => 1 } ], Catch => [ { @always, ResultPath => '$.error', Next => 'Large' } ], End => JSON::PP::true },
	Large => { Type => 'Task', Resource => 'sql:public.large', ResultPath => '$.large', Next => 'Hash' },
	Hash => { Type => 'Pass', Parameters => { 'hash.$' => "States.Hash(\$.large, 'SHA-256')" }, End => JSON::PP::true } } });

# Memory of its own: what is resident but not shared, in MB.
sub own_memory
{
	my $pid = executor_pid($node);
	my (undef, $resident, $shared) = split / /, slurp_file("/proc/$pid/statm");

	return ($pid, ($resident - $shared) * 4 / 1024);
}

sub run_batch
{
	$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('mixed', array_fill('{}'::json, ARRAY[$batch]))");
	return wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0', 300);
}

ok(wait_for_executor($node), 'an executor is there');
my $done = 0;
$done += run_batch() for 1 .. 2;
my ($pid, $first) = own_memory();
$done += run_batch() for 3 .. $batches;
is($done, $batches, 'all batches have ended');
my ($same, $last) = own_memory();
is($same, $pid, 'the same executor has done all of it');
note(sprintf '%.1f MB after %d executions, %.1f MB after %d', $first, 2 * $batch, $last, $batches * $batch);
cmp_ok($last - $first, '<', 10, 'its memory has not grown by 10 MB');

$node->stop;
done_testing();
