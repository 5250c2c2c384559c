
# F31: there is no recovery of executions but the queue itself.  A server that crashes again and again, also while it recovers
# and while its workers begin, goes on where each execution was; two executors that begin at once share the queue.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f31', conf => "fsync = on\nsynchronous_commit = on\nrestart_after_crash = on\n");
my $count = 300;
create_machines($node);
$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('work', ARRAY(SELECT json_build_object('n', i) FROM generate_series(1, $count) i))");
$node->stop('immediate');

# Each time it lives a little longer: it dies while it replays, while the launcher begins, while executors take up work.
my $rounds = $ENV{SFN_SOAK} ? 60 : 8;
my $server = $node->data_dir;
for my $round (1 .. $rounds)
{
	system_log('pg_ctl', '-D', $server, '-l', $node->logfile, '-W', 'start');
	wait_until(sub { -s "$server/postmaster.pid" }, 60);
	sleep 0.15 * ($round % 10);
	system('pg_ctl', '-D', $server, '-m', 'immediate', '-w', '-s', 'stop');
	wait_until(sub { !-e "$server/postmaster.pid" }, 60);
}
$node->start;
ok(all_done($node, $count, 120), "after $rounds crashes in a row everything ends");
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n) FROM effect'), 2 * $count . "|$count", '... each effect once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL'), '0', 'nobody is quarantined');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
