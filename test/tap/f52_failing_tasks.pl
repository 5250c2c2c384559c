
# F52: tasks that fail for want of what the server should have (class 53) hold nobody up, even when there are more of them than the
# workers keep in mind.  None is blamed, and they go on by themselves.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnMachine;
use SfnWorkers;

my $node = sfn_node('f52_failing');

$node->safe_psql('postgres', q{
	CREATE TABLE disk (is_full boolean);
	INSERT INTO disk VALUES (false);
	CREATE FUNCTION fills(input json) RETURNS int LANGUAGE plpgsql AS $$
	BEGIN
		IF (SELECT is_full FROM disk) THEN
			RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full';
		END IF;
		RETURN 1;
	END $$;
	CREATE FUNCTION other(input json) RETURNS int LANGUAGE sql RETURN 2;
});
task_machine($node, 'fills', 'sql:public.fills');
task_machine($node, 'other', 'sql:public.other');
is(run($node, $_)->{status}, 'SUCCEEDED', "$_ has proved itself") foreach ('fills', 'other');

$node->safe_psql('postgres', 'UPDATE disk SET is_full = true');
$node->safe_psql('postgres', q{SELECT count(sfn.start_execution('fills', '{}')) FROM generate_series(1, 300)});
foreach my $round (1 .. 3)
{
	my $took = seconds(sub {
		$node->safe_psql('postgres', q{SELECT count(sfn.start_execution('other', '{}')) FROM generate_series(1, 20)});
		ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'other' AND status = 'SUCCEEDED'}, 1 + 20 * $round, 60),
			"round $round: others are done");
	});
	in_time($took, 10, 'and soon');
}
ok(wait_for_log($node, qr/WARNING:  too many executions of database "postgres" fail: execution \d+ is tried again in 60 s/, 0, 60),
	'there are more than can be kept in mind');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'fills' AND (status = 'FAILED' OR quarantined_at IS NOT NULL)}), '0',
	'none is blamed');
$node->safe_psql('postgres', 'UPDATE disk SET is_full = false');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'fills' AND status = 'SUCCEEDED'}, '301', 240), 'in the end all have gone on');

$node->stop;
done_testing();
