
# F08: sfn.workers knows from shared memory what runs, and says why nothing does: paused, switched off, no free process, a
# template, a standby; notices tell it to whoever starts an execution or waits for one.  (Not preloaded: f09; a copy: f17.)  The names of processes carry no version.

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

# What a session is told, which is the errors of psql.
sub told
{
	my ($server, $sql) = @_;
	my ($out, $err) = ('', '');

	$server->psql('postgres', $sql, stdout => \$out, stderr => \$err);
	return $err;
}

# Switched off: reason and notices say where; who starts or waits is told, also when the time is over.
create_machines($node);
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET sfn.enabled = off');
reason_is($node, 'sfn.enabled is off \(ALTER DATABASE postgres SET\)', 'switched off');
is($node->safe_psql('postgres', q{SELECT reason_since > now() - interval '1 h' FROM sfn.workers WHERE reason ~ 'sfn.enabled'}), 't', '... since when');
my $off = qr/NOTICE: +executions are stored but not run, because sfn.enabled is off \(ALTER DATABASE postgres SET\)/;
like(told($node, q{SELECT sfn.start_execution('pass', '{}', 'off')}), $off, 'who starts an execution is told');
like(told($node, q{CALL sfn.run_execution('pass', '{}', '10 ms')}), qr/$off.*NOTICE: +execution .* still runs: it waits for a worker: sfn.enabled is off/s, 'who runs one, at once and in the end');
my $execution = $node->safe_psql('postgres', q{SELECT execution_arn FROM sfn.executions WHERE name = 'off'});
like(told($node, "SELECT sfn.wait_for_execution('$execution', '10 ms')"), qr/$off.*still runs: it waits for a worker.*HINT: +SELECT \* FROM sfn.why\('\Q$execution\E'\)/s, 'who waits, too');
my @starts = (q{SELECT sfn.start_execution('pass')}) x 2;
my @told = told($node, join ';', @starts) =~ /executions are stored/g;
is(scalar(@told), 1, 'the same reason is told once a session');
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET sfn.enabled');
ok(wait_for_executor($node), 'and on again');
is($node->safe_psql('postgres', "SELECT sfn.wait_for_execution('$execution')"), 'SUCCEEDED', '... what was started runs');
is(told($node, q{SELECT sfn.start_execution('pass')}), '', '... and nobody is told anything');
$node->append_conf('postgresql.conf', 'sfn.enabled = off');
$node->reload;
reason_is($node, 'sfn.enabled is off \(postgresql.conf, line [0-9]+\)', 'switched off in the file, while executors run');
$node->append_conf('postgresql.conf', 'sfn.enabled = on');
$node->reload;
ok(wait_for_executor($node), 'and on again');

# An error shows as long as there is trouble.
my $reason = q{SELECT reason FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres' AND pid IS NOT NULL};
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room here'; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON sfn.history_chunk FOR EACH ROW EXECUTE FUNCTION refuse();
	SELECT sfn.start_execution('pass')});
ok(wait_for($node, $reason, 'last error: no room here'), 'the last error is shown');
$node->safe_psql('postgres', 'CREATE ROLE stranger LOGIN; CREATE ROLE watcher LOGIN IN ROLE pg_read_all_stats');
is($node->safe_psql('postgres', $reason, extra_params => [ '-U', 'stranger' ]), 'last error: shown to members of pg_read_all_stats', '... but what it says not to everybody');
is($node->safe_psql('postgres', $reason, extra_params => [ '-U', 'watcher' ]), 'last error: no room here', '... to who watches the server');
$node->safe_psql('postgres', q{DROP TRIGGER refuse ON sfn.history_chunk; SELECT sfn.start_execution('pass')});
ok(wait_for($node, $reason, ''), '... until all goes well');

# A standby says that it is one; promoted, it works.
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('nap', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}')});
my $nap = $node->safe_psql('postgres', q{SELECT sfn.start_execution('nap')});
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('f08_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
reason_is($standby, 'standby', 'a standby');
like(told($standby, "SELECT sfn.wait_for_execution('$nap', '10 ms')"), qr/NOTICE: +executions are stored but not run, because this server is a standby/, 'who waits there is told');
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
