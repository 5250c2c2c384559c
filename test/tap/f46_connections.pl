
# F46: the engine needs none of the clients' connections, and tasks never run in more than sfn.max_workers processes.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f46', conf => "fsync = off\nmax_connections = 8\nsuperuser_reserved_connections = 3\nsfn.max_workers = 3\n");
create_machines($node);
$node->safe_psql('postgres', 'CREATE ROLE ordinary LOGIN');
ok(wait_for_executor($node), 'an executor is there');

# Every connection for ordinary roles is taken.
my @sessions = map { $node->background_psql('postgres', extra_params => [ '-U', 'ordinary' ], on_error_stop => 0) } (1 .. 5);
my ($status, $out, $err) = $node->psql('postgres', 'SELECT 1', extra_params => [ '-U', 'ordinary' ]);
like($err, qr/remaining connection slots/, 'no connection is left');

my $tasks = 40;
$node->safe_psql('postgres', qq{SELECT count(*) FROM sfn.start_executions('slow', ARRAY(SELECT json_build_object('n', n, 's', 0.1) FROM generate_series(1, $tasks) n))});
my ($most, $left, $deadline) = (0, $tasks, time() + 60);
while ($left > 0 && time() < $deadline)
{
	my $at_once;
	($left, $at_once) = split /\|/, $node->safe_psql('postgres', q{
		SELECT (SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'),
			(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor')});
	$most = $at_once if $at_once > $most;
}
is($left, 0, 'all tasks run');
note("$most processes at most");
cmp_ok($most, '>', 1, 'in several processes');
cmp_ok($most, '<=', 3, 'but not in more than sfn.max_workers');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), $tasks, 'each once');

$_->quit foreach @sessions;
$node->stop;
done_testing();
