
# F60: NOTIFY makes all commits of a server go one after the other, and a full queue stops them.  The engine does not use it:
# while a session holds the lock that every commit with a NOTIFY needs, executions start, wait, wake each other and end.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

# A commit that waits for a standby keeps its locks; only the sessions that want one wait.
my $node = sfn_node('f60', init => [ allows_streaming => 1 ], conf => "synchronous_standby_names = 'nobody'\nsynchronous_commit = local\n");
create_machines($node);
machine($node, 'parent', { StartAt => 'Child', States => { Child => { Type => 'Task', Resource => 'arn:aws:states:::states:startExecution.sync',
	Parameters => { StateMachineArn => 'arn:aws:states:us-east-1:000000000000:stateMachine:work', 'Input.$' => '$' }, End => JSON::PP::true } } });

my ($holder) = start_statements($node, 'SET synchronous_commit = on', 'CREATE TABLE held (); NOTIFY held');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'}, '1'), 'a commit with a NOTIFY holds its lock');
my ($other) = start_statements($node, 'NOTIFY other');
ok(wait_for($node, q{SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'object' AND database = 0}, '1'), '... and another one waits for it');

start($node, 'work', qq({"n": $_})) for 1 .. 20;
start($node, 'parent', qq({"n": $_})) for 21 .. 25;
ok(all_done($node, 30, 60), 'the engine does not');
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), '50', '... each effect once');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'object' AND database = 0}), '1', '... while the other still waits');

$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'});
$_->finish foreach ($holder, $other);
$node->stop;
done_testing();
