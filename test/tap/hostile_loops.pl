
# What rules lead to is bounded, whatever a caller says of it; and nobody disables another's rules by events that came a
# long way, or by a flood of them.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('hostile_loops');
my $buses = 'arn:aws:events:us-east-1:000000000000:event-bus';
my $machines = 'arn:aws:states:us-east-1:000000000000:stateMachine';
my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub done
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = psql_as($node, $role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $out;
}

sub disabled { return sql(q{SELECT coalesce(string_agg(name, ' ' ORDER BY name), '') FROM sfn.event_rules WHERE NOT enabled}) }

sub told { return wait_for($node, q{SELECT count(*) FROM public.told}, $_[0], 20) }

sub idle { return ok(wait_for($node, q{SELECT count(*) FROM sfn.execution WHERE stop_date IS NULL}, '0', 20), '... all is done') }

sql(q{
	CREATE ROLE alice LOGIN; CREATE ROLE mallory LOGIN;
	CREATE TABLE public.told (event json); GRANT ALL ON public.told TO PUBLIC;
	CREATE FUNCTION public.tell(event json) RETURNS void LANGUAGE sql AS 'INSERT INTO public.told VALUES (event)';
});
done('alice', "SELECT sfn.create_state_machine('paid', '$pass'), sfn.grant_state_machine('paid', 'mallory', 'start')");
done('alice', q{SELECT sfn.create_rule('hears', '{"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"]}}', 'sql:public.tell')});

#
# Who may start alice's machine says that eight rules led to it.
#
my $forged = 'Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=sfn:8';
done('mallory', qq{SELECT sfn.api('StartExecution', '{"stateMachineArn": "$machines:paid", "name": "forged", "traceHeader": "$forged"}')});
idle();
ok(told('1'), 'alice is told of it') or diag(sql('SELECT cause FROM sfn.event_dead_letters'));
is(disabled(), '', '... and her rule stays');

#
# Who may put on alice's bus comes a long way, over buses of his own, and with hundreds at once.
#
done('alice', q{SELECT sfn.create_bus('shop'), sfn.grant_bus('shop', 'mallory', 'put'), sfn.grant_bus('shop', 'alice', 'subscribe'), sfn.create_rule('sold', '{"source": ["app"]}', 'sql:public.tell', bus => 'shop')});
done('mallory', "SELECT sfn.trust('event_bus', 'shop', 'alice', 'mallory')");
done('mallory', q{SELECT sfn.create_bus('b' || i) FROM generate_series(1, 8) i});
done('mallory', qq{SELECT sfn.create_rule('on', '{"source": ["app"]}', '$buses/' || CASE i WHEN 8 THEN 'shop' ELSE 'b' || i + 1 END, bus => 'b' || i) FROM generate_series(1, 8) i});
done('mallory', q{SELECT sfn.put_event('app', 't', '{}', bus => 'b1')});
idle();
is(disabled(), '', 'an event that has come a long way disables no rule of others');
is(sql(q{SELECT string_agg(bus || '/' || rule || ': ' || cause, ', ') FROM sfn.event_dead_letters}), 'shop/sold: More than 8 rules led to this event.', '... it is a dead letter');
done('mallory', qq{SELECT sfn.set_target('b' || i || '/on', 't' || n, '$buses/' || CASE i WHEN 8 THEN 'shop' ELSE 'b' || i + 1 END) FROM generate_series(6, 8) i, generate_series(1, 9) n});
done('mallory', q{SELECT sfn.put_event('app', 't', '{}', bus => 'b6')});
idle();
unlike(disabled(), qr/sold/, 'nor does a flood');

#
# Loops end, whatever header their starts have, and however they are started.
#
sql(q{CREATE FUNCTION public.again(machine text) RETURNS text LANGUAGE sql AS $$SELECT min(a) FROM sfn.start_executions(machine, ARRAY['{}']::json[]) a$$});
my $own = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true, "Parameters": {"StateMachineArn": "%s", "TraceHeader": "mine"}}}}';
my $many = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sql:call", "End": true, "Parameters": {"Function": "public.again", "Args": {"machine": "%s"}}}}}';
my $mapped = '{"StartAt": "A", "States": {"A": {"Type": "Map", "Label": "A", "ItemsPath": "$$.Execution.RoleArn", "End": true, "Items": [1], "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true, "Parameters": {"StateMachineArn": "%s"}}}}}}}';
$mapped =~ s/"ItemsPath": "\$\$\.Execution\.RoleArn"/"QueryLanguage": "JSONata"/;
$mapped =~ s/"Parameters"/"QueryLanguage": "JSONata", "Arguments"/;
my $started = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true, "Parameters": {"StateMachineArn": "%s"}}}}';
done('mallory', "SELECT sfn.create_state_machine('inner', '" . sprintf($started, "$machines:end_sync") . "', type => 'EXPRESS'), sfn.create_state_machine('child', '" . sprintf($started, "$machines:end_nested") . "')");
my $sync = qq({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution", "End": true, "Parameters": {"StateMachineArn": "$machines:inner"}}}});
my $nested = qq({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "End": true, "Parameters": {"StateMachineArn": "$machines:child"}}}});
foreach my $row ([ 'header', $own ], [ 'many', $many ], [ 'map', $mapped ], [ 'sync', $sync ], [ 'nested', $nested ])
{
	my ($name, $definition) = @$row;
	done('mallory', "SELECT sfn.create_state_machine('end_$name', '$pass'), sfn.create_state_machine('go_$name', '" . ($definition =~ s/%s/$machines:end_$name/r) . "')");
	done('mallory', qq{SELECT sfn.create_rule('loop_$name', '{"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"], "stateMachineArn": ["$machines:end_$name"]}}', 'go_$name')});
	done('mallory', "SELECT sfn.start_execution('end_$name')");
	ok(wait_for($node, "SELECT disabled_reason FROM sfn.event_rules WHERE name = 'loop_$name'", 'it is part of a loop of more than 8 rules', 30), "$name: the loop ends");
	sql("UPDATE sfn.event_rule SET enabled = false WHERE name = 'loop_$name'") if sql("SELECT enabled FROM sfn.event_rules WHERE name = 'loop_$name'") eq 't';
	idle();
}
is(sql(q{SELECT count(DISTINCT trace_header) FROM sfn.executions WHERE trace_header LIKE 'mine;Lineage=sfn:%'}), '8', 'a header of the caller\'s is kept');

$node->stop;
done_testing();
