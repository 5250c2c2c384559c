
# F14: nobody takes a task for dead because it takes long.  It is begun once, however often others look, whatever is restarted
# beside it; and when its worker really ends, it is begun again within five seconds.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f14', conf => "sfn.poll_interval = 200ms\nsfn.max_workers = 3\n");
my $seconds = $ENV{SFN_SOAK} ? 300 : 10;
create_machines($node);
$node->safe_psql('postgres', q{
	CREATE SEQUENCE begun;
	CREATE TABLE done (at timestamptz);
	CREATE FUNCTION long_task(s float8) RETURNS int LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM nextval('public.begun');
		PERFORM pg_sleep(s);
		INSERT INTO public.done VALUES (clock_timestamp());
		RETURN 1;
	END $$});
task_machine($node, 'long', 'sql:public.long_task');
sub begun { return $node->safe_psql('postgres', 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM begun'); }
sub runs { return wait_for($node, qq{SELECT count(*) FROM sfn.workers WHERE execution_arn = '$_[0]'}, '1'); }

# A function that has not proved fast runs alone from the beginning.
my $long = started($node, 'long', { s => $seconds });
ok(runs($long), 'a long task runs');
my $launcher = q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'sfn launcher'};
$node->safe_psql('postgres', $launcher);
my $ends = 0;
while ($node->safe_psql('postgres', "SELECT status FROM sfn.executions WHERE execution_arn = '$long'") eq 'RUNNING')
{
	run($node, 'pass', {});
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM sfn.workers WHERE worker = 'executor' AND execution_arn IS NULL}) if $ends++ % 20 == 5;
}
is(end_of($node, $long)->{status}, 'SUCCEEDED', 'it ends');
is(begun(), '1', '... and was begun once, while others worked and ended beside it');

my $cut_off = started($node, 'long', { s => 2 });
ok(runs($cut_off), 'another one runs');
$node->safe_psql('postgres', qq{SELECT pg_terminate_backend(pid) FROM sfn.workers WHERE execution_arn = '$cut_off'});
my $took = seconds(sub { ok(wait_for($node, 'SELECT last_value FROM begun', '3'), 'its worker ends: it is begun again') });
in_time($took, 5, '... within five seconds');
is(end_of($node, $cut_off)->{status}, 'SUCCEEDED', '... and ends');
is($node->safe_psql('postgres', 'SELECT count(*) FROM done'), '2', '... each effect once');

$node->stop;
done_testing();
