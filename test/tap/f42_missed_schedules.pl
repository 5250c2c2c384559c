
# F42: schedules that are missed, while the server is down or because its clock is set ahead, are done as their catch_up says:
# all in their order, the last one, or none; and when the clock is set back, nothing is done twice.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnClock;
use SfnTest;
use SfnWorkers;

my $clock = clock() or plan skip_all => 'no C compiler for the clock';
my $hour = 3600;
my $node = sfn_node('f42', conf => "fsync = off\nautovacuum = off\nsfn.poll_interval = '500ms'\n");
my $offset = -s $node->logfile;
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('m', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')});
$node->stop;
with_clock($clock, sub { $node->start });
ok(wait_for_executor($node), 'an executor is there');

# Hours are counted from a moment half an hour ago, so the next one is due in half an hour.
$node->safe_psql('postgres', q{
	SELECT sfn.create_schedule(catch_up, 'rate(1 hour)', 'm', '{"at": "<aws.scheduler.scheduled-time>"}', start_date => clock_timestamp() - interval '30 minutes', catch_up => catch_up)
	FROM unnest(ARRAY['all', 'last', 'none']) catch_up});

# Of each schedule how many were done and missed; of each execution whether its time is in the future, as none may be.
sub done_is
{
	my ($expected, $name) = @_;

	ok(wait_for($node, q{SELECT string_agg(format('%s:%s:%s', name, runs, missed), ' ' ORDER BY name) FROM sfn.schedules}, $expected, 60), $name);
	is($node->safe_psql('postgres', q{SELECT bool_and(next_due > clock_timestamp() AND next_due <= clock_timestamp() + interval '1 hour') FROM sfn.schedules}), 't',
		"$name: the next ones are due within the hour");
	is($node->safe_psql('postgres', q{
			SELECT count(*) FROM sfn.schedules s
			WHERE s.runs <> (SELECT count(*) FROM sfn.executions e WHERE e.name LIKE s.name || '\_%')
				OR s.runs <> (SELECT count(DISTINCT e.input ->> 'at') FROM sfn.executions e WHERE e.name LIKE s.name || '\_%')}), '0',
		"$name: as many were started, each for a time of its own");
	return;
}

done_is('all:0:0 last:0:0 none:0:0', 'nothing is due');

set_clock($clock, 3 * $hour);
done_is('all:3:0 last:1:2 none:0:3', 'the clock is three hours ahead');
is($node->safe_psql('postgres', q{SELECT string_agg(input ->> 'at', ' ' ORDER BY start_date, name) = string_agg(input ->> 'at', ' ' ORDER BY input ->> 'at') FROM sfn.executions WHERE name LIKE 'all%'}),
	't', 'the oldest first');

$node->stop('immediate');
set_clock($clock, 5 * $hour);
with_clock($clock, sub { $node->start });
done_is('all:5:0 last:2:3 none:0:5', 'the server was down for two hours');

# back: what was done is not done again, and nothing is until the time has come once more
set_clock($clock, 0);
$node->safe_psql('postgres', q{SELECT sfn.create_schedule('soon', 'rate(1 minute)', 'm', start_date => clock_timestamp() - interval '59 seconds')});
ok(wait_for($node, q{SELECT runs > 0 FROM sfn.schedules WHERE name = 'soon'}, 't'), 'the clock is back: what is made then is done at its time');
is($node->safe_psql('postgres', q{SELECT string_agg(format('%s:%s:%s', name, runs, missed), ' ' ORDER BY name) FROM sfn.schedules WHERE name <> 'soon'}),
	'all:5:0 last:2:3 none:0:5', 'what was done is not done again');
set_clock($clock, 5 * $hour);
$node->safe_psql('postgres', q{SELECT sfn.drop_schedule('soon')});
set_clock($clock, 6 * $hour);
done_is('all:6:0 last:3:3 none:0:6', 'it is six hours ahead');

ok(log_is_clean($node, $offset), 'no error of a worker in the log');
set_clock($clock, 0);
$node->stop;
done_testing();
