
# Starts that wait for a connection share a transaction: one commit for all.  One that fails takes no other along, none is done
# twice, those of other roles and those by name are by themselves, and a lost connection is told to each.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('groups');
my $arn = 'arn:aws:states:us-east-1:000000000000';
my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';
foreach my $role ('app', 'other')
{
	my $key = $role eq 'app' ? 'test' : $role;
	$node->safe_psql('postgres', "CREATE ROLE $role LOGIN");
	$node->safe_psql('postgres', "SELECT sfn.create_access_key(access_key_id => '$key', secret_access_key => 'test'); SELECT sfn.create_state_machine('$role', '$pass')",
		extra_params => [ '-U', $role ]);
}
my $gateway = start_gateway($node, '--connections' => 1, '--key-cache' => 600);
my $blocked = q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sfn-gateway' AND wait_event_type = 'Lock'};

# A start on a connection of its own, whose answer is for later.
sub send_start
{
	my ($machine, $input, %more) = @_;
	my $key = delete $more{key} // 'test';
	my $socket = connected($gateway);
	my $body = JSON::PP::encode_json({ stateMachineArn => "$arn:stateMachine:$machine", input => $input, %more });

	print $socket "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSStepFunctions.StartExecution\r\nAuthorization: "
	  . SfnGateway::authorization($key, 'test') . "\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
	return $socket;
}

sub in_line
{
	my ($value) = HTTP::Tiny->new->get("$gateway->{url}/metrics")->{content} =~ /^sfn_gateway_pool_waiting\{pool="calls"\} (\d+)$/m;
	return $value;
}

# The first start waits for a lock, these wait for it; then all go on.  The answers, the first one's first.
sub behind_one
{
	my (@starts) = @_;
	my $holder = $node->background_psql('postgres');
	my @sockets;

	$holder->query_safe('BEGIN; LOCK TABLE sfn.execution IN EXCLUSIVE MODE');
	@sockets = send_start('app', '{}');
	ok(wait_for($node, $blocked, '1'), 'a start has the connection');
	push @sockets, map { send_start(@$_) } @starts;
	ok(wait_until(sub { in_line() == @starts }), '... others wait for it');
	$holder->query_safe('COMMIT');
	my @answers = map { answer_of($_) } @sockets;
	$holder->quit;
	return @answers;
}

sub transactions
{
	my (@answers) = @_;
	my $list = join ',', map { "'" . ($_->{executionArn} =~ s/.*://r) . "'" } @answers;
	return $node->safe_psql('postgres', "SELECT string_agg(n || '', ' ' ORDER BY n) FROM (SELECT count(*) AS n FROM sfn.execution WHERE name IN ($list) GROUP BY xmin::text) g");
}

# Executors would write the rows anew.
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET sfn.enabled = off');
my $app = sub { [ 'app', "{\"n\": $_[0]}" ] };
api($gateway, 'StartExecution', { stateMachineArn => "$arn:stateMachine:app" });
api($gateway, 'StartExecution', { stateMachineArn => "$arn:stateMachine:other" }, authorization => SfnGateway::authorization('other', 'test'));

my @answers = behind_one(map { $app->($_) } 1 .. 20);
is(scalar(grep { ref $_ && $_->{executionArn} } @answers), 21, 'all are started');
is(transactions(@answers), '1 20', 'those that waited by one transaction');
is($node->safe_psql('postgres', q{SELECT count(DISTINCT input ->> 'n') FROM sfn.executions WHERE input ->> 'n' IS NOT NULL}), '20', 'each with its own input');

@answers = behind_one(map({ $app->($_) } 21 .. 25), [ 'app', 'no json' ], [ 'nobody', '{}' ], map { $app->($_) } 26 .. 30);
is(scalar(grep { ref $_ && $_->{executionArn} } @answers), 11, 'with bad ones among them, all others are started');
is(join(' ', map { $_->{__type} =~ s/.*#//r } grep { $_->{__type} } @answers), 'InvalidExecutionInput StateMachineDoesNotExist', '... and those get their errors');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE (input ->> 'n')::int > 20}), '10', '... nothing is done twice');

@answers = behind_one($app->(31), $app->(32), [ 'other', '{}', key => 'other' ], [ 'other', '{}', key => 'other' ], [ 'app', '{}', name => 'named' ], $app->(33), $app->(34));
is(scalar(grep { ref $_ && $_->{executionArn} } @answers), 8, 'starts of two roles, and by name');
is(transactions(@answers), '1 1 2 2 2', '... those of a role that are neighbours are together, the one by name is alone');

#
# The connection is lost while a group is under way: behind the first start another session gets the lock, and the group waits for that.
#
my ($first, $second) = map { $node->background_psql('postgres') } 1 .. 2;
$first->query_safe('BEGIN; LOCK TABLE sfn.execution IN EXCLUSIVE MODE');
my @sockets = send_start('app', '{}');
ok(wait_for($node, $blocked, '1'), 'a start has the connection');
push @sockets, map { send_start(@{ $app->($_) }) } 41 .. 45;
ok(wait_until(sub { in_line() == 5 }), '... others wait for it');
$second->query_until(qr/asked/, "\\echo asked\nBEGIN; LOCK TABLE sfn.execution IN EXCLUSIVE MODE;\n");
ok(wait_for($node, q{SELECT count(*) FROM pg_locks WHERE relation = 'sfn.execution'::regclass AND mode = 'ExclusiveLock' AND NOT granted}, '1'), 'a lock is asked for behind it');
$first->query_safe('COMMIT');
ok(wait_until(sub { in_line() == 0 }), 'the group is under way');
ok(wait_for($node, $blocked, '1'), '... and waits');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sfn-gateway' AND wait_event_type = 'Lock'});
@answers = map { answer_of($_) } @sockets;
is(scalar(grep { ref $_ && $_->{executionArn} } @answers), 1, 'the first was started before');
is(scalar(grep { ref $_ && ($_->{__type} // '') =~ /ServiceUnavailable/ } @answers), 5, '... the others are told that the database is gone');
$second->query_safe('COMMIT');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE (input ->> 'n')::int > 40}), '0', '... and were not started');
ok(wait_until(sub { (api($gateway, 'ListStateMachines', {}))[0] == 200 }), 'all goes on');
$_->quit foreach $first, $second;

$node->stop;
done_testing();
