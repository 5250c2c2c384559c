
# F09: without preload CREATE EXTENSION warns with the very line to add, starting works and lasts, sfn.workers says why
# nothing runs, and sfn.run_until_idle() lets work proceed all the same.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f09', preload => 0, create => 0);
my $line = qr/shared_preload_libraries = 'sfn'/;

my ($status, $out, $err) = $node->psql('postgres', 'CREATE EXTENSION sfn');
is($status, 0, 'the extension can be created');
like($err, qr/WARNING: .*not preloaded.*HINT: .*$line/s, 'with a warning that has the line to add');
create_machines($node);

($status, $out, $err) = $node->psql('postgres', q{
	SELECT sfn.start_execution('work', '{"n": 1}');
	SELECT sfn.start_execution('work', '{"n": 2}');
});
is($status, 0, 'starting works');
my @notices = $err =~ /^.*NOTICE:.*$/mg;
is(scalar(@notices), 1, 'with one notice per session') or diag($err);
like($err, qr/HINT: .*$line/, 'that has the line to add');

like($node->safe_psql('postgres', 'SELECT reason FROM sfn.workers'), $line, 'sfn.workers has it too');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.workers WHERE pid IS NOT NULL'), '0', 'and shows no worker');
($status, $out, $err) = $node->psql('postgres', 'SELECT sfn.restart_worker()');
like($err, qr/ERROR: .*not preloaded/, 'there is none to restart');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM sfn.stat_workers), (SELECT sum(executions_started) FROM sfn.stat_state_machines), open_executions FROM sfn.stat_backlog}),
	'0|0|2', 'nothing is counted, but what waits is');
($status, $out, $err) = $node->psql('postgres', 'SELECT sfn.stat_reset()');
like($err, qr/ERROR: .*not preloaded/, 'and nothing can be reset');

restart_node($node);
is($node->safe_psql('postgres', q{SELECT string_agg(status, ',') FROM sfn.executions}), 'RUNNING,RUNNING',
	'the executions outlive a restart');
$node->safe_psql('postgres', q{
	SET sfn.test_now = '2100-01-01 00:00:00+00';
	SELECT sfn.run_until_idle()});
is($node->safe_psql('postgres', q{SELECT string_agg(status, ',') FROM sfn.executions}), 'SUCCEEDED,SUCCEEDED',
	'sfn.run_until_idle() carries them to their end');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '4', 'effects included');

# Another library is preloaded: the line to add keeps it.
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'plpgsql'");
restart_node($node);
($status, $out, $err) = $node->psql('postgres', q{SELECT sfn.start_execution('pass')});
like($err, qr/shared_preload_libraries = 'plpgsql,sfn'/, 'the line keeps what is there');

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'plpgsql,sfn'");
restart_node($node);
ok(all_done($node, 3, 30), 'preloaded, it runs');

$node->stop;
done_testing();
