
# What is due and done by nobody is told of by an event, to roles that may read statistics.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('backlog');

$node->safe_psql('postgres', q{
	CREATE ROLE watcher; CREATE ROLE other; GRANT pg_read_all_stats TO watcher;
	CREATE TABLE public.told (who text, event json);
	CREATE FUNCTION public.tell(event json) RETURNS void LANGUAGE sql AS 'INSERT INTO public.told VALUES (current_user, event)';
	GRANT INSERT ON public.told TO PUBLIC;
	SELECT sfn.create_state_machine('waits', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}');
	SELECT sfn.start_execution('waits');
});
$node->safe_psql('postgres', qq{SET ROLE $_; SELECT sfn.create_rule('backlog-$_', '{"source": ["sfn"], "detail-type": ["Backlog"]}', 'sql:public.tell')}) foreach 'watcher', 'other';
ok(wait_for($node, q{SELECT count(*) FROM sfn.inbox WHERE due > now() + interval '1 hour'}, '1'), 'a timer is there');

# Its row is due, and somebody has locked it, so that no executor can claim it.  An executor looks when it begins, and each minute.
$node->safe_psql('postgres', 'ALTER SYSTEM SET sfn.enabled = off');
$node->reload;
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor'}, '0'), 'the executors have left');
$node->safe_psql('postgres', q{UPDATE sfn.inbox SET due = now() - interval '5 minutes'});
my ($holder) = start_statements($node, 'BEGIN', 'SELECT FROM sfn.inbox FOR UPDATE', 'SELECT pg_sleep(600)');
ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'}, '1'), 'the row is locked');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET sfn.enabled');
$node->reload;
ok(wait_for($node, q{SELECT string_agg(DISTINCT who, ' ') FROM public.told}, 'watcher'), 'the role that may read statistics is told');
is($node->safe_psql('postgres', q{SELECT event -> 'detail' ->> 'rowsDue', (event -> 'detail' ->> 'oldestDueSeconds')::int >= 300 FROM public.told LIMIT 1}), '1|t', 'how much is due, and how long');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'});
$holder->finish;
ok(wait_for($node, q{SELECT status FROM sfn.executions WHERE state_machine = 'waits'}, 'SUCCEEDED'), 'then it goes on');

$node->stop;
done_testing();
