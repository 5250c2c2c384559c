# Schedules under workers: done without being asked, once, also when the executor dies; ten thousand that are due at once; pg_cron.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('schedules', conf => "restart_after_crash = on\n");

$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('m', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_schedule('soon', format('at(%s)', to_char(now() AT TIME ZONE 'UTC' + interval '2 seconds', 'YYYY-MM-DD"T"HH24:MI:SS')), 'm');
});
ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE name LIKE 'soon\\_%' AND status = 'SUCCEEDED'", '1'), 'it starts without being asked');
is($node->safe_psql('postgres', "SELECT enabled, runs FROM sfn.schedules WHERE name = 'soon'"), 'f|1', 'and only once');

# An executor that has just gone to sleep, for a minute, hears of each schedule that is made: each is due before all others, and
# the executor sleeps no longer than until then.
$node->safe_psql('postgres', 'CREATE TABLE public.began AS SELECT date_trunc($$second$$, now()) AS at');
for my $earlier (1 .. 20)
{
	my $made = $node->safe_psql('postgres', qq{
		SELECT sfn.create_schedule('earlier$earlier', format('at(%s)', to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')), 'm')
		FROM (SELECT at + interval '1 second' * (58 - $earlier) AS due FROM public.began) began WHERE due > now() + interval '5 seconds'});
	last if $made eq '';    # a slow machine
	ok(wait_for($node, q{SELECT sleeps_until <= (SELECT min(next_due) + interval '100 ms' FROM sfn.schedules WHERE name LIKE 'earlier%')
			FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'}, 't', 20), "it hears of schedule $earlier");
}
$node->safe_psql('postgres', q{SELECT sfn.drop_schedule(name) FROM sfn.schedules WHERE name LIKE 'earlier%'});

# Many are due at one moment: each starts one execution; then again, and the executor dies meanwhile.
my $many = $ENV{SFN_SOAK} ? 10000 : 1000;
my $they = "name LIKE 's%' AND name <> 'soon'";
$node->safe_psql('postgres', qq{SELECT count(sfn.create_schedule('s' || i, 'rate(1 day)', 'm')) FROM generate_series(1, $many) i});

# All are due since so many seconds.  What is made afterwards tells the executor.
sub all_due
{
	my ($since) = @_;

	$node->safe_psql('postgres', qq{
		UPDATE sfn.schedule SET due = now() - interval '$since seconds', next_due = now() - interval '$since seconds' WHERE $they;
		SELECT sfn.create_schedule('look', 'rate(1 day)', 'm', replace => true)});
	return;
}

all_due(2);
ok(wait_for($node, "SELECT count(*) FROM sfn.schedules WHERE runs = 1 AND $they", $many), 'all are done');
note($node->safe_psql('postgres', qq{
	SELECT format('%s have begun and ended within %s s', count(*), extract(epoch FROM max(stop_date) - min(start_date))) FROM sfn.executions WHERE name LIKE 's%\\_%' AND name NOT LIKE 'soon%'}));
all_due(1);
my ($executor) = split ' ', $node->safe_psql('postgres', "SELECT pid FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'");
kill 'KILL', $executor if $executor;
ok(wait_for($node, "SELECT count(*) FROM sfn.schedules WHERE runs = 2 AND $they", $many), 'all are done again');
# Two times within one second have one name: then the second start gets another.
ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE state_machine = 'm' AND name NOT LIKE 'soon%'", 2 * $many), 'each once');
is($node->safe_psql('postgres', "SELECT count(*) FROM sfn.executions WHERE state_machine = 'm' AND name NOT LIKE 'soon%'"), 2 * $many, '... and no more');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/out of relcache_callback_list slots/, 'an executor has room for all that it watches');

# One whose start raises an error holds up no other, and is done when it can be.
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON sfn.execution FOR EACH ROW WHEN (NEW.name LIKE 'bad\_%') EXECUTE FUNCTION refuse();
	SELECT sfn.create_schedule(name, format('at(%s)', to_char(now() AT TIME ZONE 'UTC' + interval '2 seconds', 'YYYY-MM-DD"T"HH24:MI:SS')), 'm')
	FROM unnest(ARRAY['bad', 'good']) name;
});
ok(wait_for_log($node, qr/ERROR:  not now/, 0), 'one cannot be started');
ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE name LIKE 'good\\_%' AND status = 'SUCCEEDED'", '1'), 'another one is');
is($node->safe_psql('postgres', "SELECT enabled, runs FROM sfn.schedules WHERE name = 'bad'"), 't|0', 'it stays due');
$node->safe_psql('postgres', 'DROP TRIGGER refuse ON sfn.execution');
ok(wait_for($node, "SELECT count(*) FROM sfn.executions WHERE name LIKE 'bad\\_%' AND status = 'SUCCEEDED'", '1'), 'and is done when it can be');

$node->stop;
done_testing();
