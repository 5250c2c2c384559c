
# docs/monitoring: every query runs for a role that may see nothing but statistics, gives what the file says it gives, and
# counts right; the alerts name metrics that there are.

use strict;
use warnings;

use CPAN::Meta::YAML;
use File::Basename;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $directory = dirname(__FILE__) . '/../../docs/monitoring';
plan skip_all => 'the documentation is not here' unless -d $directory;

my $file = CPAN::Meta::YAML->read("$directory/postgres_exporter.yaml") or die CPAN::Meta::YAML->errstr;
my %groups = %{ $file->[0] };
my $node = sfn_node('metrics');
my %known;

$node->safe_psql('postgres', q{
	CREATE ROLE metrics LOGIN IN ROLE pg_monitor; CREATE ROLE tenant LOGIN;
	CREATE FUNCTION second_time(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		IF (input ->> 'tries')::int < 1 THEN RAISE EXCEPTION 'not yet'; END IF;
		RETURN input;
	END $$});
task_machine($node, 'observed', 'sql:public.second_time', as => 'tenant', Parameters => { 'tries.$' => '$$.State.RetryCount' },
	Retry => [ { ErrorEquals => ['States.ALL'], IntervalSeconds => 1 } ]);
machine($node, 'waiting', { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1000, End => JSON::PP::true } } });
$node->safe_psql('postgres', q{SELECT sfn.start_executions('observed', array_fill('{}'::json, ARRAY[7])); SELECT sfn.start_execution('waiting')});
ok(wait_for($node, q{SELECT sum(executions_succeeded), sum(executions_started) FROM sfn.stat_state_machines}, '7|8'), 'something to be seen');

sub rows
{
	my ($name) = @_;
	my $query = $groups{$name}{query};
	my ($out, $err);
	my $code = $node->psql('postgres', "SELECT coalesce(json_agg(q), '[]') FROM ($query) q", stdout => \$out, stderr => \$err, extra_params => [ '-U', 'metrics' ]);

	ok($code == 0, "$name runs") or diag($err);
	return $code == 0 ? @{ JSON::PP::decode_json($out) } : ();
}

foreach my $name (sort keys %groups)
{
	my @metrics = map { [ %$_ ] } @{ $groups{$name}{metrics} };
	my %usage = map { $_->[0] => $_->[1]{usage} } @metrics;
	my @rows = rows($name);

	cmp_ok(scalar(@rows), '>', 0, "$name has rows");
	is(join(' ', sort keys %{ $rows[0] }), join(' ', sort keys %usage), "$name: its columns are its metrics");
	is(join(' ', grep { $usage{$_} !~ /^(LABEL|COUNTER|GAUGE)$/ } sort keys %usage), '', "$name: with a usage");
	is(join(' ', grep { ($usage{$_} eq 'COUNTER') != (/_total$/ ? 1 : 0) } sort keys %usage), '', "$name: counters are named so");
	is(join(' ', map { $_->[0] } grep { !$_->[1]{description} } @metrics), '', "$name: and a description");
	foreach my $row (@rows)
	{
		my @wrong = grep { $usage{$_} ne 'LABEL' && ($row->{$_} // 'null') !~ /^\d+(\.\d+)?(e[-+]\d+)?$/ } sort keys %usage;
		is("@wrong", '', "$name: numbers in every metric");
	}
	$known{"${name}_$_"} = 1 foreach grep { $usage{$_} ne 'LABEL' } keys %usage;
}

my %machines = map { $_->{state_machine} => $_ } rows('sfn_state_machine');
is(join(' ', map { $machines{observed}{$_} } qw(executions_started_total executions_succeeded_total retries_total tasks_failed_total)), '7 7 7 7', 'a machine of another role');
cmp_ok($machines{observed}{execution_seconds_total}, '>=', 7, 'times in seconds');
is(join(' ', map { (rows('sfn_backlog'))[0]{$_} } qw(open_executions timers rows_due oldest_due_seconds)), '1 1 0 0', 'the backlog');
is(join(' ', map { (rows('sfn_workers'))[0]{$_} } qw(launchers executors backing_off)), '1 1 0', 'the workers');
is(scalar(grep { $_->{table} eq 'inbox' && $_->{size_bytes} > 0 } rows('sfn_table')), 1, 'the tables');
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.executions', extra_params => [ '-U', 'metrics' ]), '0', 'the role sees no execution');

my $alerts = CPAN::Meta::YAML->read("$directory/prometheus_alerts.yaml") or die CPAN::Meta::YAML->errstr;
my @rules = map { @{ $_->{rules} } } @{ $alerts->[0]{groups} };
cmp_ok(scalar(@rules), '>', 3, 'there are alerts');
foreach my $rule (@rules)
{
	my @unknown = grep { !$known{$_} } $rule->{expr} =~ /\b(sfn_\w+)/g;
	ok($rule->{expr} =~ /sfn_/ && !@unknown, "$rule->{alert} asks for metrics that there are") or diag("unknown: @unknown");
}

$node->stop;
done_testing();
