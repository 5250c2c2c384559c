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

# Many are due at one moment, and the executor dies meanwhile: each has started one execution.
my $many = $ENV{SFN_SOAK} ? 10000 : 500;
$node->safe_psql('postgres', qq{
	SELECT count(sfn.create_schedule('s' || i, 'rate(1 day)', 'm')) FROM generate_series(1, $many) i;
	UPDATE sfn.schedule SET due = now() - interval '1 second', next_due = now() - interval '1 second' WHERE name <> 'soon';
	SELECT sfn.create_schedule('look', 'rate(1 day)', 'm');
});
my ($executor) = split ' ', $node->safe_psql('postgres', "SELECT pid FROM sfn.workers WHERE worker = 'executor' AND database = 'postgres'");
kill 'KILL', $executor if $executor;
ok(wait_for($node, "SELECT count(*) FROM sfn.schedules WHERE runs = 1 AND name LIKE 's%' AND name <> 'soon'", $many), 'all are done');
is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT name) FROM sfn.executions WHERE name LIKE 's%\\_%' AND name NOT LIKE 'soon%'"), "$many|$many",
	'each once');

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
