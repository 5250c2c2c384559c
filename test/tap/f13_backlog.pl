
# F13: a server that starts with very many due executions (100,000 here, 1,000,000 in soak) works them off by batches: no
# worker grows beyond 256 MB of its own memory, none crashes, and what is started meanwhile gets its turn.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnTest;
use SfnWorkers;

my $count = $ENV{SFN_SOAK} ? 1_000_000 : 100_000;
my $node = sfn_node('f13', conf => "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_wal_size = 8GB\nsfn.enabled = off\n");
my $offset = -s $node->logfile;
create_machines($node);
$node->safe_psql('postgres',
	"SELECT count(*) FROM generate_series(1, $count / 10000) b, LATERAL sfn.start_executions('pass', ARRAY(SELECT json_build_object('n', n + b) FROM generate_series(1, 10000) n))");
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.inbox'), $count, "$count executions are due");
$node->stop;
$node->append_conf('postgresql.conf', 'sfn.enabled = on');
$node->start;

# Memory of its own: what is resident but not shared, in MB.
sub own_memory
{
	my ($pid) = @_;

	open my $file, '<', "/proc/$pid/statm" or return 0;
	my (undef, $resident, $shared) = split / /, <$file> // '0 0 0';
	close $file;
	return ($resident - $shared) * 4 / 1024;
}

my ($largest, $left, %pids) = (0, $count);
my $deadline = time() + ($ENV{SFN_SOAK} ? 550 : 240);
while ($left > 0 && time() < $deadline)
{
	foreach my $pid (workers($node))
	{
		my $memory = own_memory($pid);
		$pids{$pid} = 1;
		$largest = $memory if $memory > $largest;
	}
	$left = $node->safe_psql('postgres', 'SELECT count(*) FROM (SELECT FROM sfn.inbox LIMIT 1) i');
	sleep 0.1;
}
note(sprintf 'largest worker: %.0f MB, %d processes seen', $largest, scalar keys %pids);
ok(all_done($node, $count, 30), 'all of them have run');
cmp_ok($largest, '<', 256, 'in bounded memory');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL'), '0', 'nobody is quarantined');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

$node->stop;
done_testing();
