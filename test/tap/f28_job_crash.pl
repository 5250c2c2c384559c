
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

$node->stop;
done_testing();
