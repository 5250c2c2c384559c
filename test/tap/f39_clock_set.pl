
# F39: the server's clock is set, eight hours ahead and eight hours back.  A wait that has become due ends within
# sfn.poll_interval, once; what is started on the new time runs at once; nothing ends before its time.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnClock;
use SfnTest;
use SfnWorkers;

my $clock = clock() or plan skip_all => 'no C compiler for the clock';
my $hours = 8 * 3600;
my $node = sfn_node('f39', conf => "fsync = off\nautovacuum = off\nsfn.poll_interval = '500ms'\n");
create_machines($node);
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('wait', '{"StartAt": "W", "States": {
		"W": {"Type": "Wait", "SecondsPath": "$.s", "Next": "A"},
		"A": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}')});
$node->stop;
my $offset = -s $node->logfile;
with_clock($clock, sub { $node->start });
ok(wait_for_executor($node), 'an executor is there');

sub status_is
{
	my ($execution, $status, $name) = @_;

	return ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", $status, 30), $name);
}

sub runs_at_once
{
	my ($when) = @_;

	return status_is(start($node, 'work', '{"n": 0}'), 'SUCCEEDED', "a new execution with a wait of a second runs, $when");
}

runs_at_once('before');
my $one_hour = start($node, 'wait', '{"n": 1, "s": 3600}');
my $ten_hours = start($node, 'wait', '{"n": 2, "s": 36000}');
my $now = $node->safe_psql('postgres', 'SELECT clock_timestamp()');

set_clock($clock, $hours);
is($node->safe_psql('postgres', "SELECT clock_timestamp() > '$now'::timestamptz + '7 h'"), 't', 'the clock is eight hours ahead');
status_is($one_hour, 'SUCCEEDED', 'an hour has passed');
status_is($ten_hours, 'RUNNING', 'ten have not');
runs_at_once('eight hours ahead');

set_clock($clock, 0);
is($node->safe_psql('postgres', "SELECT clock_timestamp() < '$now'::timestamptz + '1 h'"), 't', 'the clock is back');
runs_at_once('eight hours back');
start($node, 'pass') for 1 .. 20;
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '1'), 'others too');
status_is($ten_hours, 'RUNNING', 'ten hours have still not passed');

set_clock($clock, 2 * $hours);
status_is($ten_hours, 'SUCCEEDED', 'now they have');
runs_at_once('sixteen hours ahead');
is($node->safe_psql('postgres', 'SELECT string_agg(n || $$:$$ || c, $$ $$ ORDER BY n) FROM (SELECT n, count(*) AS c FROM effect GROUP BY n) e'),
	'0:8 1:1 2:1', 'each wait has ended once');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

set_clock($clock, 0);
$node->stop;
done_testing();
