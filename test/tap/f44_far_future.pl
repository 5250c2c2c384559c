
# F44: waits of any length and to any moment: a definition or input that asks for too much gets a clean error, and a wait for
# the far future sleeps without disturbing anybody.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f44', conf => "fsync = off\n");
my $offset = -s $node->logfile;
create_machines($node);
machine($node, 'seconds', { StartAt => 'W', States => { W => { Type => 'Wait', SecondsPath => '$.v', End => JSON::PP::true } } });
machine($node, 'moment', { StartAt => 'W', States => { W => { Type => 'Wait', TimestampPath => '$.v', End => JSON::PP::true } } });

foreach my $value ('1e99', '9e18', '9223372036854775807', '9223372036854775808', '1' . '0' x 400, '100000000', '-1', '1.5', '"infinity"', 'null')
{
	my $end = run($node, 'seconds', qq{{"v": $value}});
	is("$end->{status} $end->{error}", 'FAILED States.Runtime', 'seconds ' . substr($value, 0, 30));
}
foreach my $value ('infinity', '-infinity', 'now', '9999-12-31T23:59:59Z', '294277-01-01T00:00:00Z', '999999999999-01-01T00:00:00Z', '2026-13-01T00:00:00Z', '')
{
	my $end = run($node, 'moment', qq{{"v": "$value"}});
	is("$end->{status} $end->{error}", 'FAILED States.Runtime', "moment \"$value\"");
}

# What may be: it sleeps, can be seen and stopped, and everybody else goes on.
foreach my $case ([ 'seconds', '99999999' ], [ 'moment', '"2090-01-01T00:00:00Z"' ])
{
	my ($machine, $value) = @$case;
	my $execution = started($node, $machine, qq{{"v": $value}});
	ok(wait_for($node, "SELECT count(*) FROM sfn.timers WHERE execution_arn = '$execution'", '1'), "$machine $value sleeps");
	is(run($node, 'work', '{"n": 1}')->{status}, 'SUCCEEDED', '... others go on');
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
	is(end_of($node, $execution)->{status}, 'ABORTED', '... and it can be stopped');
}
my ($status, $out, $err) = $node->psql('postgres',
	q{SELECT sfn.create_state_machine('no', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9000000000000000000, "End": true}}}')});
isnt($status, 0, 'a definition with too many seconds is refused');
like($err, qr/Seconds/, '... by name');
ok(log_is_clean($node, $offset), 'no error of a worker in the log');

$node->stop;
done_testing();
