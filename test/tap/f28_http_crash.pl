
# F28: the pump or the server dies with requests in flight: nothing is sent twice unasked, nothing hangs.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('f28', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nrestart_after_crash = on\n");
my $server = http_server();
my $retry = [ { ErrorEquals => ['States.TaskFailed'], IntervalSeconds => 1, MaxAttempts => 1 } ];
my %machines = (
	once => {},
	retried => { Retry => $retry },);

sub definition
{
	my ($round, $name, %fields) = @_;
	return json({ StartAt => 'A', States => { A => { Type => 'Task', Resource => 'arn:aws:states:::http:invoke',
				Parameters => { ApiEndpoint => "$server->{url}/first?$round-$name", Method => 'GET' }, End => JSON::PP::true, %fields } } });
}

sub kill_pump
{
	my $pid = $node->safe_psql('postgres', q{SELECT pid FROM sfn.workers WHERE worker = 'pump'});
	kill 'KILL', $pid;
	return;
}

foreach my $round ([ pump => \&kill_pump ], [ server => sub { $node->stop('immediate'); $node->start } ], [ restart => sub { $node->restart } ])
{
	my ($what, $crash) = @$round;
	my %arns;
	foreach my $name (qw(once retried express))
	{
		my $type = $name eq 'express' ? 'EXPRESS' : 'STANDARD';
		$node->safe_psql('postgres', "SELECT sfn.create_state_machine('$what-$name', "
			  . sql_text(definition($what, $name, %{ $machines{$name} // {} })) . ", '$type')");
		$arns{$name} = started($node, "$what-$name");
	}
	ok(wait_for($node, q{SELECT count(*) FROM sfn.task WHERE kind = 1 AND taken_at IS NOT NULL}, '3'), "$what: three requests are under way");
	for (my $tries = 0; $tries < 200 && grep({ $_->{path} =~ /\?$what-/ } requests($server)) < 3; $tries++) { sleep 0.05 }
	$crash->();
	my $left = q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'};
	ok(wait_for($node, $left, '0', 60), '... all executions end after the crash');

	my $sql = sub { return $node->safe_psql('postgres', "SELECT concat_ws(': ', status, error, cause) FROM sfn.executions WHERE execution_arn = '$arns{$_[0]}'") };
	my $keys = sub { my $name = shift; return map { $_->{headers}{'idempotency-key'} } grep { $_->{path} =~ /\?$what-$name$/ } requests($server) };
	is($sql->('once'), 'FAILED: States.TaskFailed: The worker was lost while the request was in flight.', '... one without Retry fails and says why');
	is(scalar($keys->('once')), 1, '... and was sent once');
	is($sql->('retried'), 'SUCCEEDED', '... Retry sends it again');
	my @keys = $keys->('retried');
	ok(@keys == 2 && $keys[0] ne $keys[1], '... under a new key');
	is($sql->('express'), 'SUCCEEDED', '... that of an EXPRESS execution is sent again');
	@keys = $keys->('express');
	ok(@keys == 2 && $keys[0] eq $keys[1], '... under the same key');
}
ok(wait_for($node, 'SELECT count(*) FROM sfn.task', '0'), 'nothing is left');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

$node->stop;
done_testing();
