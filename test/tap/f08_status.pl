
# F08: sfn.workers knows from shared memory what runs, and says why nothing does: paused, switched off, no free process, a
# template, a standby.  (Not preloaded: f09; a copy: f17.)  The names of processes carry no version.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnWorkers;

my $node = sfn_node('f08', init => [], conf => "fsync = off\nwal_level = replica\nmax_wal_senders = 4\n");
ok(wait_for_executor($node), 'an executor is there');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%' AND backend_type ~ '[0-9]'}), '0',
	'no process has a number in its name');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.workers w JOIN pg_stat_activity a USING (pid) WHERE w.worker = 'executor' AND a.backend_type = 'sfn executor'}), '1',
	'the process that it names is an executor');

sub reason_is
{
	my ($server, $pattern, $name) = @_;

	return ok(wait_for($server, qq{SELECT count(*) FROM sfn.workers WHERE pid IS NULL AND reason ~ '$pattern'}, '1', 60), $name);
}

$node->safe_psql('postgres', 'ALTER DATABASE postgres SET sfn.enabled = off');
reason_is($node, 'sfn.enabled is off', 'switched off');
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET sfn.enabled');
ok(wait_for_executor($node), 'and on again');

# A standby says that it is one; promoted, it works.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('f08_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
reason_is($standby, 'standby', 'a standby');
$standby->promote;
ok(wait_for_executor($standby), 'promoted, it has an executor');
$standby->stop;

# A template.
$node->safe_psql('postgres', 'ALTER DATABASE postgres IS_TEMPLATE true');
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(pid) FROM sfn.workers WHERE pid IS NOT NULL');
reason_is($node, 'template', 'a template');
$node->safe_psql('postgres', 'ALTER DATABASE postgres IS_TEMPLATE false');
ok(wait_for_executor($node), 'no longer one');

$node->stop;
done_testing();
