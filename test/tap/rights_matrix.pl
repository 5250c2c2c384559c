
# Who may do what: functions, views and actions of the API by each privilege on a state machine.  A row names the
# privileges that are enough for it; every other role is refused with 42501, or shown nothing.  Each attempt is undone.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('rights', conf => "sfn.gateway_url = 'https://sfn.example.com'\n");
my $arn = 'arn:aws:states:us-east-1:000000000000';
my @privileges = split ' ', $node->safe_psql('postgres', q{SELECT string_agg(privilege, ' ') FROM sfn.privileges});
my @roles = ('nobody', (map { "r_$_" } @privileges), 'member', 'starter', 'putter');

sub as { return psql_as($node, @_) }

sub done
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $out;
}

my $definition = qq{
	{"StartAt": "Which", "States": {
		"Which": {"Type": "Choice", "Default": "Ask", "Choices": [
			{"Variable": "\$.kind", "StringEquals": "fail", "Next": "Fail"},
			{"Variable": "\$.kind", "StringEquals": "map", "Next": "Each"}]},
		"Fail": {"Type": "Fail", "Error": "Sorry"},
		"Each": {"Type": "Map", "Label": "Each", "ItemsPath": "\$.items", "End": true, "ItemProcessor": {
			"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W",
			"States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}},
		"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:call.waitForTaskToken", "TimeoutSeconds": 100000,
			"Parameters": {"Function": "public.ask", "Args": {"token.\$": "\$\$.Task.Token"}}, "Next": "Pass on"},
		"Pass on": {"Type": "Pass", "End": true}}}};

$node->safe_psql('postgres', join '', map { "CREATE ROLE $_ LOGIN;" } @roles);
$node->safe_psql('postgres', q{
	CREATE ROLE owner LOGIN; GRANT owner TO member; CREATE ROLE other LOGIN;
	CREATE TABLE public.asked (token text); GRANT INSERT, SELECT ON public.asked TO owner;
	CREATE FUNCTION public.ask(token text) RETURNS void LANGUAGE sql AS 'INSERT INTO public.asked VALUES (token)';
	CREATE FUNCTION public.attempt(sql text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		answer text;
	BEGIN
		EXECUTE sql INTO answer;
		RAISE SQLSTATE 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN RETURN coalesce(translate(answer, E'\n', ' '), 'null');
		WHEN OTHERS THEN RETURN SQLSTATE;
	END$$;
});
done('owner', "SELECT sfn.create_state_machine('m', \$d\$$definition\$d\$, logging => '{\"level\": \"ALL\", \"includeExecutionData\": true}')");
done('owner', q{SELECT sfn.create_state_machine('x', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', type => 'EXPRESS')});
done('owner', q{SELECT sfn.publish_state_machine_version('m');
	SELECT sfn.create_state_machine_alias('live', '[{"stateMachineVersionArn": "m:1", "weight": 100}]');
	SELECT sfn.publish_state_machine_version('m') FROM sfn.update_state_machine('m', logging => '{"level": "ALL", "includeExecutionData": true}');
	SELECT sfn.tag_resource('m', '{"team": "shop"}')});
foreach my $machine ('m', 'x')
{
	done('owner', "SELECT sfn.grant_state_machine('$machine', 'r_$_', '$_')") foreach @privileges;
	done('owner', "SELECT sfn.grant_state_machine('$machine', 'starter', 'start')");
}
done('owner', q{SELECT sfn.start_execution('m', '{"kind": "ask"}', 'open'), sfn.start_execution('m', '{"kind": "fail"}', 'failed'),
	sfn.start_execution('m', '{"kind": "map", "items": [1, 2]}', 'map')});
done('starter', q{SELECT sfn.start_execution('m', '{"kind": "ask"}', 'own'), sfn.start_execution('m', '{"kind": "map", "items": [1]}', 'ownmap')});
done('owner', q{SELECT sfn.create_bus('orders'), sfn.create_rule('watch', '{"source": ["watched"]}', 'sql:public.ask')});
done('owner', q{SELECT sfn.grant_bus('orders', 'putter', 'put')});
done('owner', q{SELECT sfn.create_topic('news'), sfn.grant_bus('topic/news', 'putter', 'subscribe')});
done('owner', q{SELECT sfn.create_queue('jobs'), sfn.grant_use('queue', 'jobs', 'putter')});
done('owner', q{SELECT sfn.create_archive('kept', '{"source": ["watched"]}'), sfn.start_replay('done', 'kept', '2000-01-01')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.pending_tasks WHERE waits_for IN ('a callback', 'a map run')}, '4'), 'all wait');
ok(wait_for($node, q{SELECT status FROM sfn.executions WHERE name = 'failed'}, 'FAILED'), 'one has failed');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE map_run_arn IS NOT NULL}, '3'), 'children run');
my $run = $node->safe_psql('postgres', qq{SELECT map_run_arn FROM sfn.map_runs WHERE execution_arn LIKE '%:map'});
my $token = $node->safe_psql('postgres', q{SELECT task_token FROM sfn.pending_tasks WHERE execution_arn LIKE '%:open'});
ok($token ne '', 'there is a token');

#
# The matrix.  Privileges that are enough beside manage and membership; 'starter' stands for who has started the execution,
# which only rows for the execution "own" admit.
#
my $x = "$arn:execution:m";
my $see = 'see read_data stop redrive answer update';
my $routing = '[{"stateMachineVersionArn": "m:1", "weight": 100}]';
my $aws_routing = qq{[{"stateMachineVersionArn": "$arn:stateMachine:m:1", "weight": 100}]};
my $nothing = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';

sub action { my ($name, $request) = @_; return "SELECT sfn.api('$name', '$request')" }

my @functions = (
	# starting
	[ 'start starter', "SELECT sfn.start_execution('m')" ],
	[ 'start starter', "SELECT sfn.start_execution('m:live')" ],
	[ 'start starter', "SELECT sfn.start_execution('$arn:stateMachine:m:1')" ],
	[ 'start starter', "SELECT count(*) FROM sfn.start_executions('m', ARRAY['{}', '{}']::json[])" ],
	[ 'start starter', "SELECT count(*) FROM sfn.start_executions('m', ARRAY['{}', '{}']::json[], ARRAY['many', NULL])" ],
	[ 'start starter', "SELECT sfn.start_sync_execution('x')" ],
	[ 'start starter', action('StartExecution', qq{{"stateMachineArn": "$arn:stateMachine:m"}}) ],
	[ 'start starter', action('StartSyncExecution', qq{{"stateMachineArn": "$arn:stateMachine:x"}}) ],
	[ 'start starter', "SELECT sfn.create_rule('of_m', '{\"source\": [\"a\"]}', 'm')" ],
	[ 'start starter', "SELECT sfn.create_topic('of_m'), sfn.subscribe('of_m', 'm')" ],
	[ 'start starter', "SELECT sfn.create_queue('q'), sfn.trust('state_machine', 'm', 'owner', current_user::regrole), sfn.create_queue_trigger('q', 'm'), sfn.disable_queue_trigger('q'), sfn.enable_queue_trigger('q'), sfn.drop_queue_trigger('q')" ],
	[ 'start starter', "SELECT sfn.create_link('start', 'm')" ],
	# the machine
	[ $see, "SELECT sfn.create_link('graph', 'm')" ],
	[ $see, "SELECT sfn.create_link('graph', '$x:open')" ],
	[ $see, "SELECT sfn.describe_state_machine('m')" ],
	[ $see, "SELECT sfn.describe_state_machine('m:1')" ],
	[ $see, "SELECT sfn.graph('m')" ],
	[ $see, "SELECT count(*) FROM sfn.list_state_machine_versions('m')" ],
	[ $see, "SELECT count(*) FROM sfn.list_state_machine_aliases('m')" ],
	[ $see, "SELECT sfn.describe_state_machine_alias('m:live')" ],
	[ $see, "SELECT count(*) FROM sfn.list_tags_for_resource('m')" ],
	[ $see, "SELECT count(*) FROM sfn.list_executions('m')" ],
	[ $see, action('DescribeStateMachine', qq{{"stateMachineArn": "$arn:stateMachine:m"}}) ],
	[ $see, action('DescribeStateMachineAlias', qq{{"stateMachineAliasArn": "$arn:stateMachine:m:live"}}) ],
	[ $see, action('ListExecutions', qq{{"stateMachineArn": "$arn:stateMachine:m"}}) ],
	[ $see, action('ListStateMachineVersions', qq{{"stateMachineArn": "$arn:stateMachine:m"}}) ],
	[ $see, action('ListStateMachineAliases', qq{{"stateMachineArn": "$arn:stateMachine:m"}}) ],
	[ $see, action('ListTagsForResource', qq{{"resourceArn": "$arn:stateMachine:m"}}) ],
	[ 'update', "SELECT sfn.update_state_machine('m', '$nothing'::text)" ],
	[ 'update', "SELECT sfn.update_state_machine('m', logging => '{\"level\": \"OFF\"}')" ],
	[ 'update', "SELECT sfn.publish_state_machine_version('m')" ],
	[ 'update', "SELECT sfn.create_state_machine_alias('new', '$routing')" ],
	[ 'update', "SELECT sfn.update_state_machine_alias('m:live', description => 'd')" ],
	[ 'update', "SELECT sfn.tag_resource('m', '{\"a\": \"b\"}')" ],
	[ 'update', "SELECT sfn.untag_resource('m', '{team}')" ],
	[ 'update', action('UpdateStateMachine', qq{{"stateMachineArn": "$arn:stateMachine:m", "definition": "{\\"StartAt\\": \\"P\\", \\"States\\": {\\"P\\": {\\"Type\\": \\"Pass\\", \\"End\\": true}}}"}}) ],
	[ 'update', action('PublishStateMachineVersion', qq{{"stateMachineArn": "$arn:stateMachine:m"}}) ],
	[ 'update', action('CreateStateMachineAlias', qq{{"name": "new", "routingConfiguration": $aws_routing}}) ],
	[ 'update', action('UpdateStateMachineAlias', qq{{"stateMachineAliasArn": "$arn:stateMachine:m:live", "description": "d"}}) ],
	[ 'update', action('TagResource', qq{{"resourceArn": "$arn:stateMachine:m", "tags": [{"key": "a", "value": "b"}]}}) ],
	[ 'update', action('UntagResource', qq{{"resourceArn": "$arn:stateMachine:m", "tagKeys": ["team"]}}) ],
	[ '', "SELECT sfn.update_state_machine('m', retention => '1 day')" ],
	[ '', "SELECT sfn.delete_state_machine_version('m:1')" ],
	[ '', "SELECT sfn.delete_state_machine_alias('m:live')" ],
	[ '', "SELECT sfn.delete_state_machine('m')" ],
	[ '', action('DeleteStateMachineVersion', qq{{"stateMachineVersionArn": "$arn:stateMachine:m:1"}}) ],
	[ '', action('DeleteStateMachineAlias', qq{{"stateMachineAliasArn": "$arn:stateMachine:m:live"}}) ],
	[ '', action('DeleteStateMachine', qq{{"stateMachineArn": "$arn:stateMachine:m"}}) ],
	# an execution
	[ $see, "SELECT sfn.describe_execution('$x:open')" ],
	[ $see, "SELECT count(*) FROM sfn.get_execution_history('$x:open')" ],
	[ $see, "SELECT sfn.execution_event('$x:open')" ],
	[ $see, "SELECT sfn.graph('$x:open')" ],
	[ $see, "SELECT * FROM sfn.states('$x:open')" ],
	[ $see, "SELECT string_agg(waits_for, ' ') FROM sfn.why('$x:open')" ],
	[ $see, "SELECT sfn.wait_for_execution('$x:failed')" ],
	[ $see, "SELECT count(*) FROM sfn.list_map_runs('$x:map')" ],
	[ $see, "SELECT sfn.describe_map_run('$run')" ],
	[ $see, "SELECT count(*) FROM sfn.list_executions(map_run => '$run')" ],
	[ $see, action('DescribeExecution', qq{{"executionArn": "$x:open"}}) ],
	[ $see, action('GetExecutionHistory', qq{{"executionArn": "$x:open"}}) ],
	[ $see, action('DescribeStateMachineForExecution', qq{{"executionArn": "$x:open"}}) ],
	[ $see, action('ListMapRuns', qq{{"executionArn": "$x:map"}}) ],
	[ $see, action('DescribeMapRun', qq{{"mapRunArn": "$run"}}) ],
	[ $see, action('ListExecutions', qq{{"mapRunArn": "$run"}}) ],
	[ 'stop', "SELECT sfn.stop_execution('$x:open')" ],
	[ 'stop', action('StopExecution', qq{{"executionArn": "$x:open"}}) ],
	[ 'redrive', "SELECT sfn.redrive_execution('$x:failed')" ],
	[ 'redrive', action('RedriveExecution', qq{{"executionArn": "$x:failed"}}) ],
	[ '', "SELECT sfn.release_execution('$x:open')" ],
	[ '', "SELECT sfn.delete_execution('$x:failed')" ],
	[ '', "SELECT sfn.delete_executions('{$x:failed}')" ],
	[ '', "SELECT sfn.update_map_run('$run', max_concurrency => 1)" ],
	[ 'redrive', "SELECT sfn.redrive_map_run('$run')" ],
	[ '', action('UpdateMapRun', qq{{"mapRunArn": "$run", "maxConcurrency": 1}}) ],
	# an execution of one's own
	[ "$see starter", "SELECT sfn.describe_execution('$x:own')" ],
	[ "$see starter", "SELECT count(*) FROM sfn.get_execution_history('$x:own')" ],
	[ "$see starter", "SELECT sfn.graph('$x:own')" ],
	[ "$see starter", "SELECT count(*) FROM sfn.list_map_runs('$x:ownmap')" ],
	[ "$see starter", action('DescribeExecution', qq{{"executionArn": "$x:own"}}) ],
	[ $see, action('DescribeStateMachineForExecution', qq{{"executionArn": "$x:own"}}) ],
	[ "stop starter", "SELECT sfn.stop_execution('$x:own')" ],
	[ 'redrive', "SELECT sfn.redrive_execution('$x:own')" ],
	# rights: members only
	[ 'members', "SELECT sfn.grant_state_machine('m', 'other', 'see')" ],
	[ 'members', "SELECT sfn.revoke_state_machine('m', 'r_see')" ],
	[ 'members', "SELECT sfn.update_state_machine('m', role => 'member')" ],
	# a bus, on which "putter" may put, and a rule
	[ 'members putter', "SELECT sfn.put_event('app', 't', '{}', bus => 'orders')" ],
	[ 'members putter', "SELECT sfn.wait_for_event('{\"source\": [\"a\"]}', '0 s', 'topic/news')" ],
	[ 'members', "SELECT sfn.drop_bus('orders')" ],
	[ 'members', "SELECT sfn.grant_bus('orders', 'other', 'subscribe')" ],
	[ 'members', "SELECT sfn.revoke_bus('orders', 'putter', 'put')" ],
	[ 'members', "SELECT sfn.events_api('PutPermission', '{\"EventBusName\": \"orders\", \"StatementId\": \"s\", \"Action\": \"events:PutEvents\", \"Principal\": \"*\"}')" ],
	[ 'members', "SELECT sfn.events_api('RemovePermission', '{\"EventBusName\": \"orders\", \"RemoveAllPermissions\": true}')" ],
	[ 'members', "SELECT sfn.create_rule('watch', '{\"source\": [\"a\"]}', replace => true)" ],
	[ 'members', "SELECT sfn.set_target('watch', '2', 'notify:told')" ],
	[ 'members', "SELECT sfn.remove_target('watch', '1')" ],
	[ 'members', "SELECT sfn.enable_rule('watch')" ],
	[ 'members', "SELECT sfn.disable_rule('watch')" ],
	[ 'members', "SELECT sfn.drop_rule('watch')" ],
	# a queue, which is lent to "putter"
	[ 'members putter', "SELECT sfn.send_message('jobs', 'x')" ],
	[ 'members', "SELECT sfn.set_queue_attributes('jobs', delay => '1 s')" ],
	# an archive
	[ 'members', "SELECT sfn.update_archive('kept', description => 'd')" ],
	[ 'members', "SELECT sfn.start_replay('again', 'kept', '2000-01-01')" ],
	[ 'members', "SELECT sfn.cancel_replay('done')" ],
	[ 'members', "SELECT sfn.drop_archive('kept')" ],
);

# Columns and rows: what those who may not see get is null, or no row.
my $data = 'read_data';
my @views = (
	[ 'members', "SELECT nullif(count(*), 0) FROM sfn.event_rules WHERE name = 'watch'" ],
	[ 'members', "SELECT nullif(count(*), 0) FROM sfn.event_targets WHERE rule = 'watch'" ],
	[ 'members', "SELECT nullif(count(*), 0) FROM sfn.event_archives WHERE name = 'kept'" ],
	[ 'members', "SELECT nullif(count(*), 0) FROM sfn.event_replays WHERE name = 'done'" ],
	[ 'members putter', "SELECT nullif(count(*), 0) FROM sfn.event_bus_grants WHERE bus = 'orders'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.state_machines WHERE name = 'm'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.list_state_machines() WHERE name = 'm'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.state_machine_grants WHERE state_machine = 'm'" ],
	[ $see, "SELECT status FROM sfn.executions WHERE name = 'open'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.history WHERE execution_arn = '$x:open'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.timers WHERE execution_arn = '$x:open'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.pending_tasks WHERE execution_arn = '$x:open'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.map_runs WHERE execution_arn = '$x:map'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.log_events WHERE execution_arn = '$x:open'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.list_executions() WHERE name = 'open'" ],
	[ $see, "SELECT nullif(count(*), 0) FROM sfn.stat_state_machines WHERE state_machine_arn = '$arn:stateMachine:m'" ],
	[ "$see starter", "SELECT status FROM sfn.executions WHERE name = 'own'" ],
	[ "$see starter", "SELECT nullif(count(*), 0) FROM sfn.history WHERE execution_arn = '$x:own'" ],
	[ "$see starter", "SELECT nullif(count(*), 0) FROM sfn.pending_tasks WHERE execution_arn = '$x:own'" ],
	[ "$see starter", "SELECT nullif(count(*), 0) FROM sfn.map_runs WHERE execution_arn = '$x:ownmap'" ],
	[ "$see starter", "SELECT nullif(count(*), 0) FROM sfn.list_executions() WHERE name = 'own'" ],
	[ $data, "SELECT input FROM sfn.executions WHERE name = 'open'" ],
	[ $data, "SELECT input FROM sfn.executions WHERE name = 'own'" ],
	[ $data, "SELECT input FROM sfn.describe_execution('$x:open')" ],
	[ $data, "SELECT details -> 'input' FROM sfn.history WHERE execution_arn = '$x:open' AND id = 1" ],
	[ $data, "SELECT details -> 'parameters' FROM sfn.history WHERE execution_arn = '$x:open' AND type = 'TaskScheduled'" ],
	[ $data, "SELECT details -> 'input' FROM sfn.get_execution_history('$x:open') WHERE id = 1" ],
	[ $data, "SELECT details -> 'input' FROM sfn.log_events WHERE execution_arn = '$x:open' AND id = '1'" ],
	[ $data, qq{SELECT sfn.api('DescribeExecution', '{"executionArn": "$x:open"}') -> 'input'} ],
	[ $data, qq{SELECT sfn.api('GetExecutionHistory', '{"executionArn": "$x:open"}') #> '{events,0,executionStartedEventDetails,input}'} ],
	[ 'answer', "SELECT task_token FROM sfn.pending_tasks WHERE execution_arn = '$x:open'" ],
);

my %answers;
foreach my $role (@roles)
{
	my @sql = map { "SELECT public.attempt(\$attempt\$$_->[1]\$attempt\$);" } @functions, @views;
	my ($code, $out, $err) = as($role, join "\n", @sql);
	$answers{$role} = [ split /\n/, $out, -1 ];
	is(scalar @{ $answers{$role} }, scalar @sql, "$role: all were tried") or diag($err);
}

sub may
{
	my ($row, $role) = @_;
	return 1 if $role eq 'member';
	return $row->[0] !~ /^members/ if $role eq 'r_manage';
	my $name = $role =~ s/^r_//r;
	return scalar grep { $_ eq $name } split ' ', $row->[0];
}

for my $i (0 .. $#functions)
{
	my @wrong = grep { ($answers{$_}[$i] ne '42501') != !!may($functions[$i], $_) } @roles;
	is("@wrong", '', $functions[$i][1]) or diag(map { "$_: $answers{$_}[$i]\n" } @wrong);
	# who may is not kept from it by anything else; redriving "own" and releasing "open" have nothing to do
	my @failed = grep { $answers{$_}[$i] =~ /^[0-9A-Z]{5}$/ && $answers{$_}[$i] !~ /^(42501|SF064|55000|SF040)$/ } @roles;
	is("@failed", '', "$functions[$i][1]: nothing else is wrong") or diag(map { "$_: $answers{$_}[$i]\n" } @failed);
}
for my $i (0 .. $#views)
{
	my @wrong = grep { my $answer = $answers{$_}[ @functions + $i ];
		($answer ne 'null' && $answer ne '42501') != !!may($views[$i], $_) } @roles;
	is("@wrong", '', $views[$i][1]) or diag(map { "$_: $answers{$_}[@functions + $i]\n" } @wrong);
}

#
# What is missing is named, with the statement that gives it.
#
foreach my $row ([ 'nobody', "SELECT sfn.stop_execution('$x:open')", 'stop' ], [ 'r_see', "SELECT sfn.redrive_execution('$x:failed')", 'redrive' ],
	[ 'r_start', "SELECT sfn.describe_execution('$x:open')", 'see' ], [ 'r_stop', "SELECT sfn.tag_resource('m', '{}')", 'update' ])
{
	my (undef, undef, $err) = as($row->[0], $row->[1]);
	like($err, qr/"$row->[2]" is missing\. Members of role "owner" give it: SELECT sfn\.grant_state_machine\('m', '$row->[0]', '$row->[2]'\);/, "$row->[0]: $row->[1]");
	$err =~ /(SELECT sfn\.grant_state_machine.*;)/;
	done('owner', $1);
	done($row->[0], "BEGIN; $row->[1]; ROLLBACK");
	done('owner', "SELECT sfn.revoke_state_machine('m', '$row->[0]', '$row->[2]')") unless $row->[0] eq 'r_' . $row->[2];
}

#
# Sources that are AWS's are for those who may put these, too, even on a bus of one's own.
#
foreach my $role ('putter', 'owner')
{
	my $sql = "SELECT sfn.put_event('aws.app', 't', '{}', bus => 'orders')";
	my ($code, undef, $err) = as($role, $sql);
	ok($code != 0 && $err =~ /aws\.app/, "$role: $sql") or diag($err);
	done('owner', "SELECT sfn.grant_bus('orders', '$role', 'put_aws')");
	done($role, $sql);
}

#
# Tokens.  A role that reads everything is shown none of an open task: not in its own column, nor in what passes it on.
#
done('owner', q{SELECT sfn.create_state_machine('passed', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}', role => 'owner')});
done('owner', "SELECT sfn.grant_state_machine('passed', 'r_$_', 'read_data')") foreach 'read_data', 'answer';
done('owner', "SELECT sfn.grant_state_machine('m', 'r_answer', 'read_data')");
done('owner', qq{SELECT sfn.start_execution('passed', '{"url": "https://x.example/?token=$token&more", "other": "$token"}', 'child')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.history WHERE execution_arn LIKE '%:passed:child'}, '2'), 'another execution has the token in its input');
my $child = "$arn:execution:passed:child";
done('owner', q{SELECT sfn.create_state_machine('reads', '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "Label": "Each", "End": true,
	"ItemReader": {"Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT $1::integer", "Args.$": "States.Array($.token)"}},
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}', role => 'owner')});
done('owner', "SELECT sfn.grant_state_machine('reads', 'r_$_', 'read_data')") foreach 'read_data', 'answer';
done('owner', qq{SELECT sfn.start_execution('reads', '{"token": "$token"}', 'quotes')});
ok(wait_for($node, q{SELECT status FROM sfn.executions WHERE name = 'quotes'}, 'FAILED'), 'an error quotes the token');
my $quoting = $node->safe_psql('postgres', q{SELECT map_run_arn FROM sfn.map_runs WHERE execution_arn LIKE '%:quotes'});
$node->safe_psql('postgres', qq{UPDATE sfn.execution SET quarantine_reason = 'Last error: $token' WHERE name = 'child'});
my @places = ("SELECT cause FROM sfn.map_runs WHERE execution_arn LIKE '%:quotes'", "SELECT cause FROM sfn.describe_map_run('$quoting')",
	"SELECT cause FROM sfn.executions WHERE name = 'quotes'", "SELECT string_agg(cause, ' ') FROM sfn.states('$arn:execution:reads:quotes')",
	"SELECT string_agg(input::text, ' ') FROM sfn.states('$child')", "SELECT quarantine_reason FROM sfn.executions WHERE name = 'child'",
	"SELECT input FROM sfn.executions WHERE name = 'child'", "SELECT input FROM sfn.describe_execution('$child')",
	"SELECT string_agg(details::text, ' ') FROM sfn.history WHERE execution_arn = '$child'",
	"SELECT string_agg(details::text, ' ') FROM sfn.get_execution_history('$child')",
	"SELECT string_agg(details::text, ' ') FROM sfn.history WHERE execution_arn = '$x:open'",
	"SELECT string_agg(details::text, ' ') FROM sfn.log_events WHERE execution_arn = '$x:open'",
	"SELECT sfn.execution_event('$child')",
	qq{SELECT sfn.api('DescribeExecution', '{"executionArn": "$child"}')},
	qq{SELECT sfn.api('GetExecutionHistory', '{"executionArn": "$x:open"}')});
foreach my $sql (@places)
{
	like(done('r_answer', $sql), qr/\Q$token\E/, 'with answer it is shown');
	my $shown = done('r_read_data', $sql);
	like($shown, qr/\*\*\*/, 'without, it is not');
	unlike($shown, qr/\Q$token\E/, 'without, nowhere');
}
is(done('r_read_data', "SELECT input ->> 'url' FROM sfn.executions WHERE name = 'child'"), 'https://x.example/?token=***&more', 'what stands around it stays');

# A token is enough, unless the setting says that it is not.
$node->safe_psql('postgres', 'ALTER SYSTEM SET sfn.allow_bare_tokens = off');
$node->reload;
ok(wait_for($node, 'SHOW sfn.allow_bare_tokens', 'off'), 'bare tokens are not enough');
foreach my $sql ("SELECT sfn.send_task_success('$token', '1')", "SELECT sfn.send_task_failure('$token')", "SELECT sfn.send_task_heartbeat('$token')",
	"SELECT sfn.send_task_successes('{$token}')", "SELECT sfn.send_task_failures('{$token}')",
	action('SendTaskSuccess', qq{{"taskToken": "$token", "output": "1"}}))
{
	foreach my $role ('nobody', 'r_read_data', 'r_update')
	{
		my ($code, undef, $err) = as($role, $sql);
		ok($code != 0 && $err =~ /permission denied|AccessDenied/, "$role: $sql") or diag($err);
	}
	done($_, "BEGIN; $sql; ROLLBACK") foreach 'r_answer', 'r_manage', 'member';
}
my (undef, undef, $err) = as('nobody', 'SET sfn.allow_bare_tokens = on');
like($err, qr/permission denied/, 'the setting is for superusers');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET sfn.allow_bare_tokens');
$node->reload;
ok(wait_for($node, 'SHOW sfn.allow_bare_tokens', 'on'), 'bare tokens are enough');
done('nobody', "SELECT sfn.send_task_success('$token', '1')");
ok(wait_for($node, q{SELECT status FROM sfn.executions WHERE name = 'open'}, 'SUCCEEDED'), 'answered');
like(done('r_read_data', $places[0]), qr/\Q$token\E/, 'a token whose task is over is no secret');

$node->stop;
done_testing();
