
# GetActivityTask: many wait without a connection each, no task is for who has hung up, and none is lost.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnGateway;
use SfnMachine;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('polls');
my $prefix = 'arn:aws:states:us-east-1:000000000000:activity';
my $parked = $ENV{SFN_SOAK} ? 2000 : 200;

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN});
$node->safe_psql('postgres', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test');
	SELECT sfn.create_activity('work'), sfn.create_activity('more'), sfn.create_activity('idle')}, extra_params => [ '-U', 'app' ]);
machine($node, $_, { StartAt => 'A', States => { A => { Type => 'Task', Resource => "$prefix:$_", End => JSON::PP::true } } }, as => 'app') foreach 'work', 'more';
my $gateway = start_gateway($node, '--activity-wait' => 50);

sub metric
{
	my ($name) = @_;
	my ($value) = HTTP::Tiny->new->get("$gateway->{url}/metrics")->{content} =~ /^sfn_gateway_\Q$name\E (\d+)$/m;
	return $value // -1;
}

sub start_tasks
{
	my ($machine, $count) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('$machine', ARRAY(SELECT '{}'::json FROM generate_series(1, $count)))", extra_params => [ '-U', 'app' ]);
}

sub taken
{
	my ($socket) = @_;
	my $answer = answer_of($socket);
	return ref $answer ? $answer->{taskToken} : undef;
}

#
# One.
#
my $poll = send_poll($gateway, "$prefix:work");
ok(wait_until(sub { metric('parked') == 1 }), 'one waits');
is(metric('pool_busy{pool="calls"}'), 0, '... and holds no connection');
start_tasks('work', 1);
ok(defined taken($poll), '... and gets its task');
my $other = send_poll($gateway, "$prefix:work");
ok(wait_until(sub { metric('parked') == 1 }), 'another waits');
my $second = send_poll($gateway, "$prefix:more");
ok(wait_until(sub { metric('parked') == 2 }), '... beside one for another activity');
start_tasks('more', 1);
ok(defined taken($second), 'which gets its task, not having been watched for');
close $other;
ok(wait_until(sub { metric('parked') == 0 }), 'who hangs up waits no longer');

#
# Many, half of which hang up.
#
my @polls = map { send_poll($gateway, "$prefix:work") } 1 .. $parked;
ok(wait_until(sub { metric('parked') == $parked }), "$parked wait");
foreach my $i (0 .. $#polls)
{
	close $polls[$i] if $i % 2;
}
start_tasks('work', $parked / 2);
my %tokens;
foreach my $i (grep { $_ % 2 == 0 } 0 .. $#polls)
{
	my $token = taken($polls[$i]);
	$tokens{$token}++ if defined $token;
}
is(scalar keys %tokens, $parked / 2, 'every task is with a client that is there, each with one');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.task WHERE kind = 2 AND state = 1}), '0', 'none is left');
ok(wait_until(sub { metric('parked') == 0 }), 'nobody waits any more');

#
# The server restarts; who waits goes on waiting.
#
@polls = map { send_poll($gateway, "$prefix:work") } 1 .. 5;
ok(wait_until(sub { metric('parked') == 5 }), 'five wait');
restart_node($node);
start_tasks('work', 5);
is(scalar(grep { defined } map { taken($_) } @polls), 5, 'after a restart of the server they get their tasks');

#
# The gateway is killed with its clients waiting: no task is gone.  Another serves them.
#
@polls = map { send_poll($gateway, "$prefix:work") } 1 .. 3;
ok(wait_until(sub { metric('parked') == 3 }), 'three wait');
stop_gateway($gateway, 'KILL');
start_tasks('work', 3);
is(scalar(grep { defined } map { taken($_) } @polls), 0, 'whose gateway is killed');
$gateway = start_gateway($node, '--activity-wait' => 2);
is(scalar(grep { defined } map { taken(send_poll($gateway, "$prefix:work")) } 1 .. 3), 3, 'another gateway hands the tasks out');
my $began = time();
is(taken(send_poll($gateway, "$prefix:idle")), undef, 'no task: an answer without one');
cmp_ok(time() - $began, '>=', 1.9, '... after the time that it was to wait');

#
# It is told to stop: who waits is answered at once.
#
$poll = send_poll($gateway, "$prefix:idle");
ok(wait_until(sub { metric('parked') == 1 }), 'one waits');
kill 'TERM', $gateway->{pid};
my $answer = answer_of($poll);
ok(ref $answer && exists $answer->{taskToken} && !defined $answer->{taskToken}, 'SIGTERM: it is told that there is no task');
waitpid $gateway->{pid}, 0;
is($?, 0, '... and the gateway ends');

$node->stop;
done_testing();
