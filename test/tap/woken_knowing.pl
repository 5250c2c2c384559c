# Whoever is woken by a commit is told first which of the things it keeps the commit has changed: the executor that a session wakes
# by an event knows of the first rule that notifies, made by the same commit, and does not leave the notification for its next look.

use strict;
use warnings;

use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $library = PostgreSQL::Test::Utils::tempdir() . '/held_commit.so';
my ($includes) = run_command([ $ENV{PG_CONFIG} || 'pg_config', '--includedir-server' ]);
system('cc', '-O1', '-shared', '-fPIC', "-I$includes", '-o', $library, dirname(__FILE__) . '/lib/held_commit.c') == 0
	or plan skip_all => 'no compiler here, or no headers of the server';

my $node = sfn_node('woken_knowing', preload => 0, conf => "shared_preload_libraries = '$library, sfn'\n");
my $held = PostgreSQL::Test::Utils::tempdir() . '/held';
my $executor = q{FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'};

# It has looked, and keeps that no rule notifies.
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('m', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.start_execution('m');
});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '1'), 'an executor is there');
ok(wait_for($node, "SELECT state $executor", 'idle'), 'and rests');
my $wakeups = $node->safe_psql('postgres', "SELECT wakeups $executor");

my ($session) = start_statements($node, 'BEGIN',
	q{SELECT sfn.create_rule('notes', '{"source": ["notes"]}', 'notify:rules')},
	q{SELECT sfn.put_event('notes', 't', '{}')},
	"SET LOCAL held_commit.file = '$held'", 'COMMIT');
ok(wait_until(sub { -e $held }, 60), 'the commit is held');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.event_notice'), '1', 'what it did can be seen');
is($node->safe_psql('postgres', "SELECT wakeups $executor"), $wakeups, 'but nobody is woken before it has told what it changed');

unlink $held;
$session->finish;
cmp_ok($node->safe_psql('postgres', "SELECT wakeups $executor"), '>', $wakeups, 'then the executor is');
ok(wait_for($node, 'SELECT count(*) FROM sfn.event_notice', '0', 40), 'and sends the notification');

$node->stop;
done_testing();
