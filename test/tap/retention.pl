
# Retention by state machine: how long what has ended is kept, failures and children of map runs apart.  A change counts at
# once for what is there.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

# Beside the rest, since there is a minute between two passes: what the first one has seen and left, the second one does not read again.  More are
# kept than a minute's rest is taken for.
use constant KEPT => 100_000;
my $large = sfn_node('retention_large', conf => "sfn.poll_interval = '200 ms'\nsfn.history_retention = '-1'");
machine($large, 'plain', { StartAt => 'P', States => { P => { Type => 'Pass', End => \1 } } });

# How many rows the passes have read so far, when they have deleted so many.
sub read_when_deleted
{
	my ($deleted) = @_;

	wait_for($large, q{SELECT n_tup_del FROM pg_stat_all_tables WHERE schemaname = 'sfn' AND relname = 'execution'}, $deleted, 150) or die 'retention does not pass';
	return $large->safe_psql('postgres', q{SELECT idx_tup_read FROM pg_stat_all_indexes WHERE schemaname = 'sfn' AND indexrelname = 'execution_pkey'});
}

# One that has expired, behind all others.
sub expire_one
{
	my $arn = started($large, 'plain');

	wait_for($large, "SELECT status FROM sfn.describe_execution('$arn')", 'SUCCEEDED') or die 'it does not end';
	$large->safe_psql('postgres', q{UPDATE sfn.execution SET start_date = now() - interval '99 days', stop_date = now() - interval '99 days'
		WHERE id = (SELECT max(id) FROM sfn.execution)});
	return;
}

$large->safe_psql('postgres', 'INSERT INTO sfn.execution (state_machine_id, revision_id, starter, name, input, start_date)
	SELECT m.id, m.revision_id, m.role, n, \'{}\', now() - interval \'100 days\' FROM sfn.state_machine m, generate_series(1, ' . KEPT . ') n');
expire_one();
$large->safe_psql('postgres', q{ALTER DATABASE postgres SET sfn.history_retention = '30 d'; SELECT sfn.restart_worker()});
my $read_first = read_when_deleted(1);
cmp_ok($read_first, '>=', KEPT, 'a first pass reads all that is there');
expire_one();

my $node = sfn_node('retention', conf => "sfn.poll_interval = '200 ms'\nsfn.history_retention = '30 d'");
my %each = (Type => 'Map', ItemsPath => '$.items', End => \1, ItemProcessor => {
	ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'P', States => { P => { Type => 'Pass', End => \1 } } });
my %states = (Which => { Type => 'Choice', Default => 'Good', Choices => [
	{ Variable => '$.fails', IsPresent => \1, Next => 'Bad' }, { Variable => '$.items', IsPresent => \1, Next => 'Each' } ] },
	Good => { Type => 'Pass', End => \1 }, Bad => { Type => 'Fail' }, Each => \%each);

machine($node, $_, { StartAt => 'Which', States => \%states }) foreach 'weekly', 'keeper', 'plain';
$node->safe_psql('postgres', q{
	SELECT sfn.update_state_machine('weekly', retention => '7 days', failures_for => '90 days', children_for => '1 day');
	SELECT sfn.update_state_machine('keeper', retention => 'forever', failures_for => '1 day')});
foreach my $machine ('weekly', 'keeper', 'plain')
{
	run($node, $machine, {});
	run($node, $machine, { fails => 1 });
	run($node, $machine, { items => [ 1, 2, 3 ] });
}

# Machines are looked at in the order in which they were made, so when what this one has is gone, a pass has seen the others.
machine($node, 'last', { StartAt => 'Good', States => { Good => { Type => 'Pass', End => \1 } } });
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('last', retention => '0 days')});

# What is there when retention has passed: a sum for each machine and status.
sub left
{
	run($node, 'last', {});
	$node->safe_psql('postgres', 'SELECT sfn.restart_worker()');
	wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'last'}, '0', 120) or die 'retention does not pass';
	return $node->safe_psql('postgres', q{SELECT coalesce(string_agg(machine || ' ' || status || ' ' || n, ', ' ORDER BY machine, status), 'nothing')
		FROM (SELECT state_machine AS machine, status, count(*) AS n FROM sfn.executions GROUP BY 1, 2) s});
}

# All that there is ended so many days ago.
sub age
{
	my ($days) = @_;

	$node->safe_psql('postgres', qq{
		DELETE FROM sfn.execution_status;
		UPDATE sfn.execution SET start_date = now() - interval '$days days 1 minute', stop_date = now() - interval '$days days';
		INSERT INTO sfn.execution_status (state_machine_id, map_run_id, start_date, execution_id, status)
			SELECT state_machine_id, coalesce(map_run_id, 0), start_date, id, status FROM sfn.execution WHERE status > 2});
	return;
}

my $plain = 'plain FAILED 1, plain SUCCEEDED 2, plain/Each SUCCEEDED 3';
is(left(), "keeper FAILED 1, keeper SUCCEEDED 2, keeper/Each SUCCEEDED 3, $plain, weekly FAILED 1, weekly SUCCEEDED 2, weekly/Each SUCCEEDED 3",
	'what has just ended stays');
age(2);
is(left(), "keeper SUCCEEDED 2, keeper/Each SUCCEEDED 3, $plain, weekly FAILED 1, weekly SUCCEEDED 2",
	'after two days children of map runs go, and failures, where the machine says so');
age(10);
is(left(), "keeper SUCCEEDED 2, keeper/Each SUCCEEDED 3, $plain, weekly FAILED 1", 'after ten what is to be kept for a week, without failures');
age(40);
is(left(), 'keeper SUCCEEDED 2, keeper/Each SUCCEEDED 3, weekly FAILED 1', 'after forty what no machine says anything of');
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('keeper', retention => '50 days')});
age(45);
is(left(), 'keeper SUCCEEDED 2, keeper/Each SUCCEEDED 3, weekly FAILED 1', 'a period that was changed');
age(60);
is(left(), 'weekly FAILED 1', '... counts for what was started before');
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('weekly', failures_for => 'default', retention => 'default')});
is(left(), 'nothing', 'one that is taken back leaves it to the setting');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM sfn.history_chunk) + (SELECT count(*) FROM sfn.map_run) + (SELECT count(*) FROM sfn.execution_status)}),
	'0', 'nothing else is left of them');

# The setting says for ever; a machine does not.
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET sfn.history_retention = -1});
run($node, 'plain', {});
run($node, 'weekly', {});
$node->safe_psql('postgres', q{SELECT sfn.update_state_machine('weekly', retention => '36 hours')});
age(20000);
is(left(), 'plain SUCCEEDED 1', 'a machine may keep less than the server');
is($node->safe_psql('postgres', 'SELECT * FROM sfn.check()'), '', 'nothing is wrong with the tables');

my $read_again = read_when_deleted(2) - $read_first;
note("read by the second pass: $read_again");
cmp_ok($read_again, '<', KEPT / 10, 'a second pass, a minute later, goes on where the first one came to');

$_->stop foreach ($node, $large);
done_testing();
