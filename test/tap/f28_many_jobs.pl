
# F28: the pump is killed every second while thousands of tasks wait for jobs and more are being started: none of the jobs is lost,
# none without a token is started twice.

use strict;
use warnings;

use HTTP::Tiny ();
use List::Util qw(min);
use POSIX qw(ceil);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnHttp;
use SfnMachine;
use SfnTest;

my ($jobs, $seconds, $at_first) = $ENV{SFN_SOAK} ? (100_000, 60, 0.9) : (2000, 7, 0.7);
my $node = sfn_node('f28_many', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.job_poll_rate = 100\nsfn.http_max_requests = 50\nlog_statement = 'none'\nrestart_after_crash = on\n");
my $server = http_server(undef, 'aws_responder.py');
my $lost = 'The worker was lost while the request was in flight.';

sub sql { return $node->safe_psql('postgres', $_[0]) }

# Most wait before the first crash; the others are started shortly before each.
my %share = (batch => 0.9, glue => 0.05, athena => 0.05);
my %resources = (batch => [ 'batch:submitJob', { 'JobName.$' => '$.n', JobQueue => 'q', JobDefinition => 'd' } ],
	glue => [ 'glue:startJobRun', { 'JobName.$' => '$.n' } ], athena => [ 'athena:startQueryExecution', { 'QueryString.$' => '$.n' } ]);
my %many = map { $_ => $jobs * $share{$_} } keys %share;
my %next = map { $_ => 0 } keys %share;

# The next ones of each kind, given the part of all; at most all.
sub start
{
	my ($part) = @_;
	my @starts;

	foreach my $name (sort keys %many)
	{
		my $last = min($many{$name}, $next{$name} + ceil($many{$name} * $part));

		push @starts, qq{SELECT count(sfn.start_execution('$name', jsonb_build_object('n', 'long-$name-' || i))) FROM generate_series($next{$name} + 1, $last) i};
		$next{$name} = $last;
	}
	sql(join('; ', @starts));
}

# What was sent: for each kind and job how often, and with which tokens.
sub sent
{
	my (%times, %tokens);

	open my $log, '<', "$server->{directory}/requests" or die "requests: $!";
	while (my $line = <$log>)
	{
		next unless $line =~ m{submitjob"|\.StartJobRun"|\.StartQueryExecution"} && $line =~ /\\"(?:jobName|JobName|QueryString)\\": ?\\"(long-\w+-\d+)\\"/;
		my $job = $1;
		$times{$job}++;
		$tokens{$job}{$1} = 1 if $line =~ /\\"ClientRequestToken\\": ?\\"([^"\\]+)\\"/;
	}
	return (\%times, \%tokens);
}

sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}')});
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");
task_machine($node, $_, "arn:aws:states:::$resources{$_}[0].sync", Parameters => $resources{$_}[1]) foreach sort keys %resources;
my $began = time();
start($at_first);
ok(wait_for($node, q{SELECT count(*) FROM sfn.job WHERE resource <> 'athena:startQueryExecution'}, $next{batch} + $next{glue}, 900), 'most wait');
note(sprintf '%d wait after %.0f s', $next{batch} + $next{glue}, time() - $began);

my ($until, $killed, $crashes) = (time() + $seconds, 0, 0);
while (time() < $until)
{
	ok(wait_for($node, "SELECT count(*) > 0 FROM sfn.workers WHERE worker = 'pump' AND pid <> $killed", 't'), 'there is a pump again') or last;
	sleep(0.9);
	$killed = sql(q{SELECT coalesce(max(pid), 0) FROM sfn.workers WHERE worker = 'pump'});
	start((1 - $at_first) / $seconds);
	sleep(rand(0.1));
	kill 'KILL', $killed and $crashes++ if $killed;
}
ok(wait_for($node, "SELECT count(*) > 0 FROM sfn.workers WHERE worker = 'pump' AND pid <> $killed", 't'), 'and in the end');
note("$crashes crashes");
start(1);

# Now the jobs end.  Those whose start was in flight at a crash have failed: whether the service has it nobody knows.
HTTP::Tiny->new->post("$server->{url}/control/end/all", { content => '' });
$began = time();
my $deadline = $began + 900;
until (sql(q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}) eq '0' or time() > $deadline)
{
	sql(q{UPDATE sfn.job SET next_poll = now() WHERE polled_by IS NULL AND next_poll > now()}); # the test has no time to be polite
	sleep(0.5);
}
note(sprintf 'all have ended after %.0f s', time() - $began);
is(sql(q{SELECT string_agg(DISTINCT status || coalesce(' ' || error || ' ' || cause, ''), '; ') FROM sfn.executions WHERE status <> 'SUCCEEDED'}) || "FAILED States.TaskFailed $lost",
	"FAILED States.TaskFailed $lost", 'every execution has ended: well, or because its start was in flight');
my %ends = map { split /\|/ } split /\n/, sql(q{SELECT input::jsonb ->> 'n', status FROM sfn.executions});
my ($times, $tokens) = sent();
is(scalar(keys %ends), $jobs, 'none is missing');
my @failed = grep { $ends{$_} ne 'SUCCEEDED' } keys %ends;
note(scalar(@failed) . ' starts were in flight at a crash');
is(join(' ', grep { ($times->{$_} // 0) != 1 && !/athena/ && $ends{$_} eq 'SUCCEEDED' } sort keys %ends), '', 'without a token: sent once');
is(join(' ', grep { ($times->{$_} // 0) > 1 && !/athena/ } @failed), '', '... and those in flight were not sent again');
is(join(' ', grep { /athena/ } @failed), '', 'with a token: all are well');
is(join(' ', grep { keys %{ $tokens->{$_} } != 1 } grep { /athena/ } sort keys %ends), '', '... each under one token');
note(scalar(grep { $_ > 1 } values %$times) . ' were sent again with it');
ok(wait_for($node, 'SELECT count(*) FROM sfn.job', '0'), 'nothing is left') or diag(sql('TABLE sfn.job'));
is(sql(q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');
done_testing();
