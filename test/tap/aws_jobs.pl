
# Jobs of AWS services that tasks with .sync wait for: how they end, what is asked of the service, what cancels them.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('aws_jobs', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.job_poll_rate = 50\nlog_statement = 'none'\n");
my $server = http_server(undef, 'aws_responder.py');
my $encoder = JSON::PP->new->canonical->allow_nonref;

sub sql
{
	my ($text) = @_;
	return $node->safe_psql('postgres', $text);
}

sub begun
{
	my ($resource, $parameters, %fields) = @_;
	task_machine($node, 'm', "arn:aws:states:::$resource", Parameters => $parameters, %fields);
	return started($node, 'm');
}

sub glue
{
	my ($name, %fields) = @_;
	return begun('glue:startJobRun.sync', { JobName => $name }, %fields);
}

# The bodies of the requests for a target or a path.
sub asked
{
	my ($what) = @_;
	return map { $_->{body} } grep { ($_->{headers}{'x-amz-target'} // '') =~ /\.\Q$what\E$/ || $_->{path} eq $what } requests($server);
}

sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}')});
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");

#
# All at once, since a job takes a moment.
#
my %begun = (
	good => glue('good'),
	bad => glue('bad'),
	throttled => glue('throttled'),
	broken => glue('broken'),
	gone => glue('gone'),
	query => begun('athena:startQueryExecution.sync', { QueryString => 'SELECT 1' }),
	ecs => begun('ecs:runTask.sync', { TaskDefinition => 'good', Cluster => 'c' }),
	ecs_bad => begun('ecs:runTask.sync', { TaskDefinition => 'bad', Cluster => 'c' }),
	refused => begun('ecs:runTask.sync', { TaskDefinition => 'refused', Cluster => 'c' }),
	training => begun('sagemaker:createTrainingJob.sync', { TrainingJobName => 'good', Tags => [ { Key => 'team', Value => 'a' } ] }),
	glue_start => begun('glue:startJobRun', { JobName => 'start' }),
	slow => glue('slow'),
	slow_denied => glue('slow-denied'),
	late => glue('slow-late', TimeoutSeconds => 2),
	failed_beside => do {
		my $task = sub { my ($name, $resource) = @_; return { StartAt => $name, States => { $name => { Type => 'Task', End => JSON::PP::true, Resource => "arn:aws:states:::$resource", Parameters => { JobName => $name } } } } };
		machine($node, 'beside', { StartAt => 'P', States => { P => { Type => 'Parallel', End => JSON::PP::true,
					Branches => [ $task->('slow-beside', 'glue:startJobRun.sync'), $task->('bad-beside', 'glue:startJobRun.sync') ] } } });
		started($node, 'beside');
	});
machine($node, 'batch', { StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, Resource => 'arn:aws:states:::batch:submitJob.sync',
			Parameters => { JobDefinition => 'd', JobName => 'good', JobQueue => 'q' } } } });
sql(q{SELECT sfn.start_execution('batch') FROM generate_series(1, 30)});

# What is waited for shows.
ok(wait_for($node, q{SELECT count(*) FROM sfn.jobs WHERE remote_id LIKE 'slow%' AND polls > 0}, '4'), 'jobs are asked for');
is(sql(q{SELECT resource || ' ' || (remote_id LIKE 'slow-%') || ' ' || coalesce(last_error, 'none') FROM sfn.jobs WHERE execution_arn = '} . "$begun{slow}'"),
	'glue:startJobRun true none', 'sfn.jobs has it');
is(sql("SELECT waits_for FROM sfn.pending_tasks WHERE execution_arn = '$begun{slow}'"), 'a job', 'sfn.pending_tasks');
like(sql("SELECT waits_for || ': ' || detail FROM sfn.why('$begun{slow}')"), qr/^a job: that arn:aws:states:::glue:startJobRun\.sync has started; sfn\.jobs has it/, 'sfn.why()');

# A stop does not wait for the service.
sql("SELECT sfn.stop_execution('$begun{slow}'); SELECT sfn.stop_execution('$begun{slow_denied}')");
ok(wait_until(sub { grep { /"JobRunIds":\["slow-\d+"\]/ && /"JobName":"slow"/ } asked('BatchStopJobRun') }), 'a stop cancels the job');
is(end_of($node, $begun{late})->{error}, 'States.Timeout', 'a job that takes too long');
ok(wait_until(sub { grep { /"JobName":"slow-late"/ } asked('BatchStopJobRun') }), 'is cancelled');

my $end = end_of($node, $begun{good});
is($encoder->encode([ @{ $end->{output} }{qw(JobName JobRunState StartedOn)} ]), '["good","SUCCEEDED",1700000000500]', 'a good end: the job as it is described') or diag($encoder->encode($end));
is(event_types($node, $begun{good}), 'ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskSubmitted TaskSucceeded TaskStateExited ExecutionSucceeded', 'its history');
$end = end_of($node, $begun{bad});
is($end->{error}, 'States.TaskFailed', 'a bad end: error');
is($encoder->decode($end->{cause})->{JobRunState}, 'FAILED', 'its cause is the job as it is described');
is(end_of($node, $begun{throttled})->{status}, 'SUCCEEDED', 'throttling is no end');
is(end_of($node, $begun{broken})->{status}, 'SUCCEEDED', 'nor is an error of the service');
$end = end_of($node, $begun{gone});
is($end->{error}, 'States.TaskFailed', 'a job that is not there');
like($end->{cause}, qr/^Job run not found \(Service: AWSGlue; Status Code: 400; Error Code: EntityNotFoundException;/, 'its cause');
is(scalar(grep { /"RunId":"gone-/ } asked('GetJobRun')), 3, 'it was looked for three times');
is(end_of($node, $begun{query})->{output}{QueryExecution}{Status}{State}, 'SUCCEEDED', 'athena: below its name');
is(end_of($node, $begun{ecs})->{output}{LastStatus}, 'STOPPED', 'ecs: a task whose containers did well');
is(end_of($node, $begun{ecs})->{output}{CreatedAt}, 1700000000123, 'ecs: times in milliseconds');
is($encoder->decode(end_of($node, $begun{ecs_bad})->{cause})->{Containers}[0]{ExitCode}, 1, 'ecs: one that did not');
$end = end_of($node, $begun{refused});
is($end->{error}, 'AmazonECS.Unknown', 'ecs: nothing was started');
like(event_types($node, $begun{refused}), qr/TaskSubmitFailed/, 'its history says so');
is((grep { /"taskDefinition":"good"/ } asked('RunTask'))[0] =~ /"startedBy":"([^"]*)"/ && $1, 'AWS Step Functions', 'ecs: started by');
is(end_of($node, $begun{training})->{output}{TrainingJobStatus}, 'Completed', 'sagemaker: found by its name');
like((asked('CreateTrainingJob'))[0], qr/"Tags":\[\{"Key":"team","Value":"a"\},\{"Key":"MANAGED_BY_AWS","Value":"STARTED_BY_STEP_FUNCTIONS"\}\]/, 'sagemaker: started by');
is($encoder->encode([ @{ end_of($node, $begun{glue_start})->{output} }{qw(JobName)} ]), '["start"]', 'glue: a start alone tells the name, too');
is(end_of($node, $begun{failed_beside})->{error}, 'States.TaskFailed', q{another branch's failure});
ok(wait_until(sub { grep { /"JobName":"slow-beside"/ } asked('BatchStopJobRun') }), 'cancels the job of the other');

ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine_arn LIKE '%:batch' AND status = 'SUCCEEDED'}, '30'), 'thirty jobs');
my @looks = asked('/v1/describejobs');
ok(@looks < 60, 'share their looks') or diag(scalar @looks);
ok(wait_for_log($node, qr/WARNING:  job "slow-denied-\d+" of glue:startJobRun could not be cancelled: no \(/), 'a job that cannot be cancelled is reported');
ok(wait_for($node, 'SELECT count(*) FROM sfn.job', '0'), 'nothing is left');
is(sql('SELECT count(*) FROM sfn.task'), '0', 'no task either');

#
# Whoever holds a job's row and gives it back as it was is in nobody's way for long, however long the lease of a poll is.
#
$node->append_conf('postgresql.conf', "sfn.http_request_timeout = '20 min'");
$node->reload;
ok(wait_for($node, 'SHOW sfn.http_request_timeout', '20min'), 'a poll has forty minutes');
foreach my $row ([ 'held' => 'SUCCEEDED', 'one that has ended' ], [ 'bad-held' => 'FAILED', 'one that has failed' ])
{
	my ($name, $status, $what) = @$row;
	my $held = glue($name);
	ok(wait_until(sub { grep { /"RunId":"$name-/ } asked('GetJobRun') }), "$what is asked for");
	my ($session) = start_statements($node, 'BEGIN; SELECT FROM sfn.job FOR UPDATE; SELECT pg_sleep(600)');
	my $sleeps = q{FROM pg_stat_activity WHERE wait_event = 'PgSleep'};
	ok(wait_for($node, "SELECT count(*) $sleeps", '1'), '... and held meanwhile');
	sleep 4; # the answer comes
	is(sql("SELECT status FROM sfn.executions WHERE execution_arn = '$held'"), 'RUNNING', '... so that nothing can be told');
	sql("SELECT pg_terminate_backend(pid) $sleeps");
	$session->finish;
	is(end_of($node, $held)->{status}, $status, '... until it is given back');
}
ok(wait_for($node, 'SELECT count(*) FROM sfn.job', '0'), 'nothing is left of them');
is(sql(q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');

done_testing();
