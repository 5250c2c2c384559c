
# F23: CREATE INDEX, REINDEX, VACUUM FULL, CLUSTER and ALTER TABLE on each table of the extension, in the midst of work that uses all of
# them.  Each is had, the work goes on, and neither an execution nor an effect is lost or there twice.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f23_each', conf => "fsync = off\nsynchronous_commit = off\nsfn.poll_interval = 1s\n");
my $offset = -s $node->logfile;
my $end = JSON::PP::true;
my $arn = 'arn:aws:states:us-east-1:000000000000';
create_machines($node);
$node->safe_psql('postgres', q{
	SELECT sfn.create_activity('polled'), sfn.set_quota(current_user, 100000);
	CREATE TABLE token (token text);
	CREATE FUNCTION keep(token text) RETURNS void LANGUAGE sql AS 'INSERT INTO token VALUES (token)'});
my $work = { StartAt => 'Work', States => { Work => { Type => 'Task', Resource => 'sql:public.work', End => $end } } };
machine($node, 'all', { StartAt => 'Activity', States => {
	Activity => { Type => 'Task', Resource => "$arn:activity:polled", ResultPath => undef, Next => 'Token' },
	Token => { Type => 'Task', Resource => 'arn:aws:states:::sql:call.waitForTaskToken', Parameters => { Function => 'public.keep', Args => { 'token.$' => '$$.Task.Token' } }, ResultPath => undef, Next => 'Both' },
	Both => { Type => 'Parallel', Branches => [ $work, $work ], ResultPath => undef, Next => 'Child' },
	Child => { Type => 'Task', Resource => 'arn:aws:states:::states:startExecution.sync', Parameters => { StateMachineArn => "$arn:stateMachine:child", 'Input.$' => '$' }, ResultPath => undef, Next => 'Many' },
	Many => { Type => 'Map', Label => 'many', ItemsPath => '$.items', ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, %$work }, End => $end } } });
machine($node, 'child', $work);

my @tables = split /\n/, $node->safe_psql('postgres', q{
	SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
	JOIN pg_extension x ON x.oid = d.refobjid AND x.extname = 'sfn' WHERE c.relkind = 'r' ORDER BY 1});
cmp_ok(scalar(@tables), '>', 15, scalar(@tables) . ' tables');

# Clients go on until they are told to end.
$node->safe_psql('postgres', 'CREATE TABLE goes_on (yes boolean); INSERT INTO goes_on VALUES (true)');
sub client
{
	my ($statement) = @_;
	return background($node, qq{DO \$\$ BEGIN WHILE (SELECT yes FROM goes_on) LOOP $statement; COMMIT; PERFORM pg_sleep(0.01); END LOOP; END \$\$});
}
my $input = q{'{"n": 1, "items": [{"n": 2}, {"n": 3}]}'};
my @answers = ('PERFORM sfn.send_task_success(task_token, $x$null$x$) FROM sfn.get_activity_task($x$polled$x$, $x$me$x$, $x$0.1 s$x$) WHERE task_token IS NOT NULL',
	'PERFORM sfn.send_task_success(t.token, $x$null$x$) FROM (SELECT token FROM token FOR UPDATE SKIP LOCKED LIMIT 1) t; DELETE FROM token WHERE token NOT IN (SELECT task_token FROM sfn.pending_tasks)');
my @clients = map { client($_) } @answers[ 0, 0, 1 ], "PERFORM sfn.start_execution('all', $input)";
ok(wait_for($node, q{SELECT count(*) > 2 FROM sfn.executions WHERE state_machine = 'all' AND status = 'SUCCEEDED'}, 't', 120), 'work is under way');

my @refused;
foreach my $table (@tables)
{
	my ($key, $column) = split /\|/, $node->safe_psql('postgres', qq{
		SELECT i.indexrelid::regclass, (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])
		FROM pg_index i WHERE i.indrelid = '$table'::regclass AND i.indpred IS NULL AND i.indkey[0] > 0 ORDER BY i.indisprimary DESC LIMIT 1});
	foreach my $statement ("CREATE INDEX added ON $table ($column)", 'DROP INDEX sfn.added', "REINDEX TABLE $table", "VACUUM FULL $table", "CLUSTER $table USING "
		. ($key =~ s/^sfn\.//r), "ALTER TABLE $table SET WITHOUT CLUSTER", "ALTER TABLE $table SET (fillfactor = 70)", "CREATE INDEX CONCURRENTLY added ON $table ($column)", 'DROP INDEX sfn.added')
	{
		my ($status, undef, $err) = $node->psql('postgres', $statement, timeout => 120);
		push @refused, "$statement: $err" if $status;
	}
}
is(join("\n", @refused), '', 'each statement is had on each table');
my $then = $node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions');
ok(wait_for($node, q{SELECT count(*) > } . $then . q{ FROM sfn.executions}, 't', 60), 'work goes on');
$node->safe_psql('postgres', q{UPDATE goes_on SET yes = false});
$_->finish foreach @clients;
$node->safe_psql('postgres', q{UPDATE goes_on SET yes = true});
@clients = map { client($_) } @answers;
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}, '0', 180), '... and all of it ends well');
$node->safe_psql('postgres', q{UPDATE goes_on SET yes = false});
$_->finish foreach @clients;
is($node->safe_psql('postgres', 'SELECT count(*) FROM effect'), $node->safe_psql('postgres', q{SELECT 5 * count(*) FROM sfn.executions WHERE state_machine = 'all'}), '... each effect once');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');
is(join("\n", grep { /\] sfn \S+.*(ERROR|FATAL|PANIC):/ && !/could not obtain|deadlock detected/ } split /\n/, slurp_file($node->logfile, $offset)), '', 'no error of a worker');

$node->stop;
done_testing();
