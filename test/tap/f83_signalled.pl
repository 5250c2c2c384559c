
# F83: a member of pg_signal_backend can cancel and terminate workers, as PostgreSQL lets it.  That costs nobody anything: the
# workers come back, what ran is run again, and its effects are there once.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f83', conf => "fsync = off\n");
create_machines($node);
$node->safe_psql('postgres', 'CREATE ROLE operator LOGIN; GRANT pg_signal_backend TO operator; GRANT pg_read_all_stats TO operator');
ok(wait_for_executor($node), 'an executor is there');

my $count = 200;
$node->safe_psql('postgres', qq{SELECT count(*) FROM sfn.start_executions('work', ARRAY(SELECT json_build_object('n', n) FROM generate_series(1, $count) n))});
foreach my $round (1 .. rounds(100))
{
	foreach my $function ('pg_cancel_backend', 'pg_terminate_backend')
	{
		$node->psql('postgres', "SELECT $function(pid) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%'",
			extra_params => [ '-U', 'operator' ]);
		sleep 0.05;
	}
}
ok(all_done($node, $count, 120), 'everything ends well');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), 2 * $count, 'each effect once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL'), '0', 'nobody is quarantined');
my $took = seconds(sub { ok(wait_for_executor($node, 'postgres', 30), 'an executor is back') });
note(sprintf 'back after %.1f s', $took);

$node->stop;
done_testing();
