
# What the page of a gateway shows before a front: lists and counts of all shards together, an execution where it is, and, of a shard
# that is down, that it is missing.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $node = sfn_node('shards_page', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($node);

my $arn = 'arn:aws:states:us-east-1:000000000000';
$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE gate LOGIN; CREATE ROLE keeper LOGIN; GRANT pg_read_all_stats TO keeper');
make_front($node);
add_shards($node, $node, 's0', 's1');
on_front($node, 'SELECT sfn_proxy.rebalance(1024)');
on_front($node, q{SELECT sfn.allow_gateway('gate')});
on_front($node, 'SELECT sfn_proxy.sync_roles()');

sub page
{
	my ($name, $request, $role) = @_;
	my $body = JSON::PP->new->canonical->encode($request // {}) =~ s/'/''/gr;
	return JSON::PP::decode_json(on_front($node, sprintf("SELECT sfn_internal.gateway_page('%s'::regrole, '$name', '$body')", $role // 'alice'), 'gate'));
}

sub state
{
	my ($text) = @_;
	return qq({"StartAt": "A", "States": {"A": $text}});
}

on_front($node, "SELECT sfn.create_activity('work')", 'alice');
my %machines = (
	good => state('{"Type": "Pass", "End": true}'),
	bad => state('{"Type": "Fail", "Error": "Broken", "Cause": "it is"}'),
	asks => state(qq({"Type": "Task", "Resource": "$arn:activity:work", "End": true})),
	maps => state('{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}, "End": true}'));
on_front($node, "SELECT sfn.create_state_machine('$_', '$machines{$_}')", 'alice') foreach sort keys %machines;
sub start
{
	my ($machine, $count, $input) = @_;
	on_front($node, sprintf("SELECT sfn.start_execution('$machine', '%s', '$machine-' || i) FROM generate_series(1, $count) i", $input // '{}'), 'alice');
	return;
}
start('good', 24);
start('bad', 10);
start('asks', 8);
start('maps', 4, '[1, 2]');
foreach my $machine ([ 'good', 24, 'SUCCEEDED' ], [ 'bad', 10, 'FAILED' ], [ 'maps', 4, 'SUCCEEDED' ])
{
	is(on_front($node, "SELECT count(*) FROM generate_series(1, $machine->[1]) i WHERE sfn.wait_for_execution('$machine->[0]/$machine->[0]-' || i) = '$machine->[2]'", 'alice'),
		$machine->[1], "executions end: $machine->[0]");
}
ok(wait_until(sub { @{ page('tasks')->{tasks} } == 8 }), 'tasks of all shards are waiting');
cmp_ok($node->safe_psql($_, 'SELECT count(*) FROM sfn.execution WHERE is_named'), '>', 5, "executions are on $_") foreach qw(s0 s1);

#
# Executions: pages are a list, the newest first, whatever is looked for.
#
sub listed
{
	my ($request) = @_;
	my ($after, @found);

	for (1 .. 40)
	{
		my $page = page('executions', { %$request, defined $after ? (after => $after) : () });
		is(scalar @{ $page->{missingShards} }, 0, 'no shard is missing') unless @found;
		push @found, @{ $page->{executions} };
		$after = $page->{after} // return @found;
	}
	return ({ executionArn => 'there is no end' });
}

sub is_sorted
{
	my (@executions) = @_;
	return join(' ', map { $_->{startDate} } @executions) eq join(' ', reverse sort map { $_->{startDate} } @executions);
}

foreach my $case ([ 'of a machine', { machine => 'good', limit => 7 }, 24 ], [ 'of all', { limit => 5 }, 46 ], [ 'with an error', { error => 'Broken', limit => 3 }, 10 ],
	[ 'with a status', { status => 'RUNNING', limit => 3 }, 8 ], [ 'with a name', { name => 'good-1', limit => 2 }, 11 ], [ 'of none', { machine => 'nobody' }, 0 ])
{
	my ($what, $request, $count) = @$case;
	my @found = listed($request);
	my %once = map { $_->{executionArn} => 1 } @found;
	is(scalar(@found) . ' ' . scalar(keys %once), "$count $count", "pages $what have each execution once");
	ok(is_sorted(@found), '... the newest first');
}
like(front_error($node, q{SELECT sfn_internal.gateway_page('alice'::regrole, 'executions', '{"after": "x"}')}, 'gate'), qr/^22023: the list does not go on from "x"/, 'a place that is none');
is(join(' ', map { ref ? scalar @$_ : $_ // 'null' } @{ page('executions', { after => '{"9": ""}' }) }{qw(executions after)}), '0 null', '... or where a shard was that is no more');
is(scalar @{ page('executions', {}, 'bob')->{executions} }, 0, 'what is seen is what the caller may see');

#
# Counts are those of all.
#
my ($failure, @more) = @{ page('failures')->{failures} };
is(join(' ', map { $_ // '' } @$failure{qw(machine status error cause count)}, @{ $failure->{states} }, scalar @more), 'bad FAILED Broken it is 10 A 0', 'failures of one kind are one');
ok(wait_until(sub { my ($good) = grep { $_->{name} eq 'good' } @{ page('machines')->{machines} }; $good->{started} == 24 && $good->{succeeded} == 24 }), 'a machine has the counts of all shards');
is(join(' ', map { $_->{name} } @{ page('machines')->{machines} }), 'asks bad good maps', '... and is there once');
my $machine = page('machine', { machine => 'bad' });
is("$machine->{name} $machine->{counters}{executions_failed}", 'bad 10', 'so has what is told of one');
my $day = page('day', { machine => 'bad' });
my ($started, $failed) = (0, 0);
$started += $_->{started}, $failed += $_->{failed} foreach @{ $day->{hours} };
is(scalar(@{ $day->{hours} }) . " $started $failed", '24 10 10', 'and a day of it');
my ($activity) = @{ page('activities')->{activities} };
is("$activity->{name} $activity->{waiting}", 'work 8', 'tasks of an activity are counted together');
is(page('backlog', {}, 'keeper')->{open_executions}, 8, 'and what is open');
is(scalar @{ page('tasks', { limit => 6 })->{tasks} }, 6, 'as many as are wanted');

#
# What is on one shard is found there.
#
my @runs = @{ page('mapRuns')->{mapRuns} };
is(scalar @runs, 4, 'map runs of all shards');
is(scalar(grep { page('mapRun', { mapRun => $_->{mapRunArn} })->{items} == 2 } @runs), 4, '... and each');
is(scalar(grep { page('execution', { execution => "$arn:execution:good:good-$_" })->{name} eq "good-$_" } 1 .. 8), 8, 'executions');
is(scalar(grep { ref page('graph', { of => "$arn:execution:good:good-$_" }) } 1 .. 4), 4, 'their drawings');
is(page('session')->{role}, 'alice', 'what is the same everywhere is told once');

#
# A shard that is down.
#
on_front($node, "UPDATE sfn_proxy.shard SET conninfo = replace(conninfo, 'dbname=s1', 'dbname=gone') WHERE id = 1");
foreach my $name (qw(executions failures machines tasks mapRuns activities))
{
	my $page = page($name);
	is(join(' ', map { "$_->{shard}: $_->{problem}" } @{ $page->{missingShards} }), '1: shard 1 cannot be reached', "of a shard that is down it is said that it is missing: $name");
	my ($list) = grep { ref eq 'ARRAY' && $_ != $page->{missingShards} } values %$page;
	cmp_ok(scalar @$list, '>', 0, '... what others have is there');
}
my $answer = JSON::PP::decode_json(on_front($node, "SELECT sfn.api('ListExecutions', '{\"stateMachineArn\": \"$arn:stateMachine:good\"}')", 'alice'));
is(join(' ', map { $_->{shard} } @{ $answer->{missingShards} }), '1', 'so does the API');
cmp_ok(scalar @{ $answer->{executions} }, '>', 0, '... with the executions of others');
on_front($node, "UPDATE sfn_proxy.shard SET conninfo = replace(conninfo, 'dbname=s0', 'dbname=gone') WHERE id = 0");
like(front_error($node, q{SELECT sfn_internal.gateway_page('alice'::regrole, 'tasks', '{}')}, 'gate'), qr/^08001: shard 0 cannot be reached/, 'without any shard it is an error');

$node->stop;
done_testing();
