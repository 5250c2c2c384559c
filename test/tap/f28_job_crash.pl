
# F28: the pump or the server dies while tasks wait for jobs of AWS services: none is lost, none is started twice.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $jobs = 20 * rounds(1);
my $node = sfn_node('f28_job', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.job_poll_rate = 20\nlog_statement = 'none'\nrestart_after_crash = on\n");
my $server = http_server(undef, 'aws_responder.py');

$node->safe_psql('postgres', q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}')});
$node->safe_psql('postgres', "SELECT sfn.create_service_endpoint('*', '$server->{url}')");
task_machine($node, 'm', 'arn:aws:states:::glue:startJobRun.sync', Parameters => { JobName => 'good' });
task_machine($node, 'slow', 'arn:aws:states:::glue:startJobRun.sync', Parameters => { JobName => 'slow' });
$node->safe_psql('postgres', "SELECT sfn.start_execution('m') FROM generate_series(1, $jobs)");
my $slow = started($node, 'slow');
ok(wait_for($node, q{SELECT count(*) FROM sfn.task WHERE kind = 1}, '0'), 'all jobs are started');

foreach my $round (1 .. rounds(3))
{
	my $pid = $node->safe_psql('postgres', q{SELECT pid FROM sfn.workers WHERE worker = 'pump'});
	kill 'KILL', $pid if $pid;
	ok(wait_for($node, qq{SELECT count(*) > 0 FROM sfn.workers WHERE worker = 'pump' AND pid <> @{[ $pid || 0 ]}}, 't'), "crash $round: there is a pump again");
}
$node->restart;
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine_arn LIKE '%:m' AND status = 'SUCCEEDED'}, $jobs, 180), 'every job is seen to its end');
is(scalar(grep { ($_->{headers}{'x-amz-target'} // '') eq 'AWSGlue.StartJobRun' } requests($server)), $jobs + 1, 'none was started twice');

# What was stopped while there was no pump is cancelled all the same.
$node->safe_psql('postgres', q{ALTER SYSTEM SET sfn.enabled = off});
$node->reload;
ok(wait_for($node, q{SELECT count(*) FROM sfn.workers WHERE worker = 'pump'}, '0'), 'no pump');
$node->safe_psql('postgres', qq{DELETE FROM sfn.task WHERE kind = 6});
$node->safe_psql('postgres', q{ALTER SYSTEM RESET sfn.enabled});
$node->reload;
ok(wait_until(sub { grep { ($_->{headers}{'x-amz-target'} // '') eq 'AWSGlue.BatchStopJobRun' } requests($server) }, 120), 'a job without a task is cancelled');
ok(wait_for($node, 'SELECT count(*) FROM sfn.job', '0'), 'nothing is left of it');

# A start that was under way: the one whose service knows a token is sent again with it, the other fails.
task_machine($node, 'token', 'arn:aws:states:::athena:startQueryExecution', Parameters => { QueryString => 'hang' });
task_machine($node, 'without', 'arn:aws:states:::glue:startJobRun.sync', Parameters => { JobName => 'hang' });
my %starts = map { $_ => started($node, $_) } qw(token without);
my $sent = sub { my ($target, $text) = @_; return grep { ($_->{headers}{'x-amz-target'} // '') =~ /\.$target$/ && $_->{body} =~ /$text/ } requests($server) };
ok(wait_until(sub { $sent->('StartQueryExecution', 'hang') && $sent->('StartJobRun', 'hang') }), 'two starts are under way');
kill 'KILL', $node->safe_psql('postgres', q{SELECT pid FROM sfn.workers WHERE worker = 'pump'});
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$starts{token}'", 'SUCCEEDED'), 'with a token it is sent again');
ok(wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$starts{without}'", 'FAILED'), 'without one');
my @tokens = map { $_->{body} =~ /"ClientRequestToken":"([^"]+)"/ } $sent->('StartQueryExecution', 'hang');
ok(@tokens == 2 && $tokens[0] eq $tokens[1], '... the same one');
is(end_of($node, $starts{without})->{cause}, 'The worker was lost while the request was in flight.', '... it fails');
is(scalar($sent->('StartJobRun', 'hang')), 1, '... and was sent once');

$node->stop;
done_testing();
