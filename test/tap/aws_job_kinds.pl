
# Every job of AWS that a task can wait for, as core/aws/jobs.c has them: what starts it, that it runs, how it ends well and badly,
# what the task's result and cause are then, and what cancels it.

use strict;
use warnings;

use File::Basename qw(dirname);
use HTTP::Tiny ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('aws_job_kinds', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.job_poll_rate = 50\nlog_statement = 'none'\n");
my $server = http_server(undef, 'aws_responder.py');
my $json = JSON::PP->new->canonical->allow_nonref;

sub sql { return $node->safe_psql('postgres', $_[0]) }

# A kind: what the task says; the request that starts the job and its answer; the one that asks for it and its answer; the statuses;
# the request that cancels it, or undef; where the result has the status.  @ID@ is the job, @STATE@ how it stands; a "list" has the
# jobs that were asked for.  "gone": the good end is that the service knows no such thing.
my (%kinds, @rows);

sub kind
{
	my ($resource, $parameters, $start, $started, $look, $looked, $states, $cancel, $status, %more) = @_;
	my ($running, $good, $bad) = @$states;

	$kinds{$resource} = { parameters => $parameters, running => $running, good => $good, bad => $bad, status => $status, cancel => $cancel, %more };
	push @rows, { match => $start, answer => $started };
	push @rows, { match => $look, of => ($resource =~ /:(\w+)$/)[0], answer => $looked, states => [ $running, $good, $bad ], gone => $more{gone} ? 'yes' : '', list => $more{list} // '' };
	push @rows, { match => $cancel, answer => {} } if defined $cancel;
}

my @ends = ('SUCCEEDED', 'FAILED');

kind('batch:submitJob', { JobName => '@ID@', JobQueue => 'q', JobDefinition => 'd' }, 'POST /v1/submitjob', { jobId => '@ID@', jobName => '@ID@' },
	'POST /v1/describejobs', { jobId => '@ID@', status => '@STATE@' }, [ 'RUNNABLE', @ends ], 'POST /v1/terminatejob', [ 'Status' ], list => 'jobs');
kind('ecs:runTask', { TaskDefinition => '@ID@', Cluster => 'c' }, 'AmazonEC2ContainerServiceV20141113.RunTask', { tasks => [ { taskArn => '@ID@' } ], failures => [] },
	'AmazonEC2ContainerServiceV20141113.DescribeTasks', { taskArn => '@ID@', lastStatus => '@STATE@', containers => [ { exitCode => '@CODE@' } ] },
	[ 'RUNNING', 'STOPPED', 'STOPPED' ], 'AmazonEC2ContainerServiceV20141113.StopTask', [ 'LastStatus' ], list => 'tasks');
kind('glue:startJobRun', { JobName => '@ID@' }, 'AWSGlue.StartJobRun', { JobRunId => '@ID@' }, 'AWSGlue.GetJobRun', { JobRun => { Id => '@ID@', JobRunState => '@STATE@' } },
	[ 'RUNNING', @ends ], 'AWSGlue.BatchStopJobRun', [ 'JobRunState' ]);
kind('athena:startQueryExecution', { QueryString => '@ID@' }, 'AmazonAthena.StartQueryExecution', { QueryExecutionId => '@ID@' },
	'AmazonAthena.BatchGetQueryExecution', { QueryExecutionId => '@ID@', Status => { State => '@STATE@' } }, [ 'QUEUED', @ends ],
	'AmazonAthena.StopQueryExecution', [ 'QueryExecution', 'Status', 'State' ], list => 'QueryExecutions');
kind('codebuild:startBuild', { ProjectName => '@ID@' }, 'CodeBuild_20161006.StartBuild', { build => { id => '@ID@' } },
	'CodeBuild_20161006.BatchGetBuilds', { id => '@ID@', buildStatus => '@STATE@' }, [ 'IN_PROGRESS', @ends ], 'CodeBuild_20161006.StopBuild', [ 'Build', 'BuildStatus' ], list => 'builds');
kind("codebuild:$_->[0]", { $_->[1] => '@ID@' }, "CodeBuild_20161006.\u$_->[0]", { buildBatch => { id => '@ID@' } },
	'CodeBuild_20161006.BatchGetBuildBatches', { id => '@ID@', buildBatchStatus => '@STATE@' }, [ 'IN_PROGRESS', @ends ], 'CodeBuild_20161006.StopBuildBatch',
	[ 'BuildBatch', 'BuildBatchStatus' ], list => 'buildBatches') foreach [ 'startBuildBatch', 'ProjectName' ], [ 'retryBuildBatch', 'Id' ];
kind("sagemaker:create$_", { "${_}Name" => '@ID@' }, "SageMaker.Create$_", { "${_}Arn" => 'arn:x' }, "SageMaker.Describe$_", { "${_}Name" => '@ID@', "${_}Status" => '@STATE@' },
	[ 'InProgress', 'Completed', 'Failed' ], "SageMaker.Stop$_", ["${_}Status"]) foreach qw(TrainingJob TransformJob HyperParameterTuningJob LabelingJob ProcessingJob);
kind('emr-containers:startJobRun', { VirtualClusterId => 'v', Name => '@ID@' }, 'POST /virtualclusters/v/jobruns', { id => '@ID@' }, 'GET /virtualclusters/v/jobruns/[^/]+',
	{ jobRun => { id => '@ID@', state => '@STATE@' } }, [ 'RUNNING', 'COMPLETED', 'FAILED' ], 'DELETE /virtualclusters/v/jobruns/[^/]+', [ 'JobRun', 'State' ]);
kind('emr-containers:deleteVirtualCluster', { Id => '@ID@' }, 'DELETE /virtualclusters/[^/]+', { id => '@ID@' }, 'GET /virtualclusters/[^/]+',
	{ virtualCluster => { id => '@ID@', state => '@STATE@' } }, [ 'TERMINATING', 'TERMINATED', 'ARRESTED' ], undef, [ 'VirtualCluster', 'State' ]);
kind('emr-serverless:startJobRun', { ApplicationId => 'a', Name => '@ID@' }, 'POST /applications/a/jobruns', { applicationId => 'a', jobRunId => '@ID@' },
	'GET /applications/a/jobruns/[^/]+', { jobRun => { jobRunId => '@ID@', state => '@STATE@' } }, [ 'RUNNING', 'SUCCESS', 'FAILED' ],
	'DELETE /applications/a/jobruns/[^/]+', ['State']);
kind('emr-serverless:cancelJobRun', { ApplicationId => 'b', JobRunId => '@ID@' }, 'DELETE /applications/b/jobruns/[^/]+', { applicationId => 'b', jobRunId => '@ID@' },
	'GET /applications/b/jobruns/[^/]+', { jobRun => { jobRunId => '@ID@', state => '@STATE@' } }, [ 'CANCELLING', 'CANCELLED', undef ], undef, ['State']);
kind('emr-serverless:createApplication', { Name => '@ID@', Type => 'SPARK', ReleaseLabel => 'r' }, 'POST /applications', { applicationId => '@ID@' }, 'GET /applications/\w+-createApplication',
	{ application => { applicationId => '@ID@', state => '@STATE@' } }, [ 'CREATING', 'CREATED', 'TERMINATED' ], undef, ['State']);
kind("emr-serverless:${_}Application", { ApplicationId => '@ID@' }, "POST /applications/[^/]+/$_", {}, "GET /applications/\\w+-${_}Application",
	{ application => { applicationId => '@ID@', state => '@STATE@' } }, [ "\U${_}ING", { start => 'STARTED', stop => 'STOPPED' }->{$_}, 'TERMINATED' ], undef, ['State']) foreach qw(start stop);
kind('emr-serverless:deleteApplication', { ApplicationId => '@ID@' }, 'DELETE /applications/\w+-deleteApplication', {}, 'GET /applications/\w+-deleteApplication',
	{ application => { applicationId => '@ID@', state => '@STATE@' } }, [ 'STOPPED', undef, undef ], undef, undef, gone => 1);
foreach ([ 'Cluster', 'cluster', '/clusters', 'Name', 'FAILED', 'FAILED' ], [ 'Nodegroup', 'nodegroup', '/clusters/k/node-groups', 'NodegroupName', 'CREATE_FAILED', 'DELETE_FAILED' ],
	[ 'FargateProfile', 'fargateProfile', '/clusters/k/fargate-profiles', 'FargateProfileName', 'CREATE_FAILED', 'DELETE_FAILED' ])
{
	my ($what, $member, $path, $name, $create_failed, $delete_failed) = @$_;
	my %parent = $what eq 'Cluster' ? (RoleArn => 'r') : (ClusterName => 'k');

	kind("eks:create$what", { $name => '@ID@', %parent }, "POST $path", { $member => { status => 'CREATING' } }, "GET $path/\\w+-create$what",
		{ $member => { name => '@ID@', status => '@STATE@' } }, [ 'CREATING', 'ACTIVE', $create_failed ], undef, [ $what, 'Status' ]);
	delete $parent{RoleArn};
	kind("eks:delete$what", { $name => '@ID@', %parent }, "DELETE $path/\\w+-delete$what", { $member => { status => 'DELETING' } }, "GET $path/\\w+-delete$what",
		{ $member => { name => '@ID@', status => '@STATE@' } }, [ 'DELETING', undef, $delete_failed ], undef, [ $what, 'Status' ], gone => 1);
}
kind('databrew:startJobRun', { Name => '@ID@' }, 'POST /jobs/[^/]+/startJobRun', { RunId => '@ID@' }, 'GET /jobs/[^/]+/jobRun/[^/]+', { RunId => '@ID@', State => '@STATE@' },
	[ 'RUNNING', @ends ], 'POST /jobs/[^/]+/jobRun/[^/]+/stopJobRun', ['State']);
kind('mediaconvert:createJob', { Role => '@ID@', Settings => {} }, 'POST /2017-08-29/jobs', { job => { id => '@ID@' } }, 'GET /2017-08-29/jobs/[^/]+', { job => { id => '@ID@', status => '@STATE@' } },
	[ 'PROGRESSING', 'COMPLETE', 'ERROR' ], 'DELETE /2017-08-29/jobs/[^/]+', [ 'Job', 'Status' ]);
kind('bedrock:createModelCustomizationJob', { JobName => '@ID@' }, 'POST /model-customization-jobs', { jobArn => '@ID@' }, 'GET /model-customization-jobs/[^/]+', { jobArn => '@ID@', status => '@STATE@' },
	[ 'InProgress', 'Completed', 'Failed' ], 'POST /model-customization-jobs/[^/]+/stop', ['Status']);
kind('elasticmapreduce:createCluster', { Name => '@ID@', Instances => {} }, 'ElasticMapReduce.RunJobFlow', { JobFlowId => '@ID@' }, 'ElasticMapReduce.DescribeCluster',
	{ Cluster => { Id => '@ID@', Status => { State => '@STATE@' } } }, [ 'STARTING', 'WAITING', 'TERMINATED_WITH_ERRORS' ], undef, [ 'Cluster', 'Status', 'State' ]);
kind('elasticmapreduce:addStep', { ClusterId => 'c', Step => { Name => '@ID@', HadoopJarStep => { Jar => 'j' } } }, 'ElasticMapReduce.AddJobFlowSteps', { StepIds => ['@ID@'] },
	'ElasticMapReduce.DescribeStep', { Step => { Id => '@ID@', Status => { State => '@STATE@' } } }, [ 'PENDING', 'COMPLETED', 'FAILED' ], 'ElasticMapReduce.CancelSteps', [ 'Step', 'Status', 'State' ]);

kind('elasticmapreduce:terminateCluster', { ClusterId => '@ID@' }, 'ElasticMapReduce.TerminateJobFlows', {}, 'ElasticMapReduce.DescribeCluster',
	{ Cluster => { Id => '@ID@', Status => { State => '@STATE@' } } }, [ 'TERMINATING', 'TERMINATED', undef ], undef, [ 'Cluster', 'Status', 'State' ]);

sub id_of { my ($how, $resource) = @_; return "$how-" . ($resource =~ /:(\w+)$/)[0] }

sub filled
{
	my ($value, $id) = @_;
	my $text = $json->encode($value);
	$text =~ s/\@ID\@/$id/g;
	return $json->decode($text);
}

sub status_in
{
	my ($value, $path) = @_;
	$value = $value->{$_} foreach @{ $path // [] };
	return $value;
}

HTTP::Tiny->new->post("$server->{url}/control/kinds/x", { content => $json->encode(\@rows) });
sql(q{SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}')});
sql("SELECT sfn.create_service_endpoint('*', '$server->{url}')");

# What the table of jobs has, this one has.
my $jobs_c = PostgreSQL::Test::Utils::slurp_file(dirname(__FILE__) . '/../../src/core/aws/jobs.c');
my @known = $jobs_c =~ /^\t\{"([\w-]+:\w+)"/mg;
push @known, map { "sagemaker:create$_" } $jobs_c =~ /^\tSAGEMAKER\("(\w+)"\)/mg;
push @known, map { "codebuild:$_" } $jobs_c =~ /^\tBUILD_BATCH\("(\w+)"\)/mg;
push @known, map { "emr-serverless:${_}Application" } $jobs_c =~ /^\tAPPLICATION\("(\w+)"/mg;
push @known, map { s/", "//r } map { "eks:$_" } $jobs_c =~ /^\tEKS\("(\w+", "\w+)"/mg;
@known = grep { $_ ne 'eks:runJob' } @known; # which has conditions in place of a status: aws_kubernetes.pl
is(join(' ', sort keys %kinds), join(' ', sort @known), 'all kinds of jobs are tried');

# All at once: a job of each kind that ends well, one that ends badly, one that nobody waits for any more.
my %begun;
foreach my $resource (sort keys %kinds)
{
	my $kind = $kinds{$resource};
	foreach my $how ('good', $kind->{bad} ? 'bad' : (), defined $kind->{cancel} ? 'slow' : ())
	{
		task_machine($node, 'm', "arn:aws:states:::$resource.sync", Parameters => filled($kind->{parameters}, id_of($how, $resource)));
		$begun{$resource}{$how} = started($node, 'm');
	}
}
my $slow = grep { $_->{slow} } values %begun;

# Some are asked for seldom: the test has no time for that.
sub hurry
{
	my ($condition, $expected) = @_;
	return wait_until(sub {
			sql(q{UPDATE sfn.job SET next_poll = least(next_poll, now()) WHERE polled_by IS NULL});
			return sql($condition) eq $expected;
		}, 180);
}
ok(hurry(q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, $slow), 'all that end have ended')
	or diag(sql(q{SELECT resource, remote_id, polls, last_error FROM sfn.jobs WHERE remote_id NOT LIKE 'slow%'}));
ok(hurry(q{SELECT count(*) FROM sfn.jobs WHERE remote_id LIKE 'slow%' AND polls > 1}, $slow), 'the others run') or diag(sql('TABLE sfn.jobs'));
sql("SELECT sfn.stop_execution('$_->{slow}')") foreach grep { $_->{slow} } values %begun;
ok(hurry('SELECT count(*) FROM sfn.job', '0'), 'nothing is left');
my @requests = requests($server);
my $ends = $json->decode(sql(q{SELECT json_object_agg(execution_arn, json_build_object('output', output, 'error', error, 'cause', cause)) FROM sfn.executions}));
my $types = $json->decode(sql(q{SELECT json_object_agg(execution_arn, types) FROM (SELECT execution_arn, string_agg(type, ' ' ORDER BY id) AS types FROM sfn.history GROUP BY 1) h}));

foreach my $resource (sort keys %kinds)
{
	my $kind = $kinds{$resource};
	my $end = $ends->{$begun{$resource}{good}};
	if ($kind->{gone})
	{
		is($json->encode($end->{output}), '{}', "$resource: the good end is that it is gone") or diag($end->{cause});
	}
	else
	{
		is(status_in($end->{output}, $kind->{status}), $kind->{good}, "$resource: a good end") or diag($end->{cause} // $json->encode($end->{output}));
	}
	is($types->{$begun{$resource}{good}}, 'ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskSubmitted TaskSucceeded TaskStateExited ExecutionSucceeded', "$resource: its history");
	if ($kind->{bad})
	{
		$end = $ends->{$begun{$resource}{bad}};
		is($end->{error}, 'States.TaskFailed', "$resource: a bad end");
		is(status_in($json->decode($end->{cause}), $kind->{status}), $kind->{bad}, "$resource: the cause is the job");
	}
	if (defined $kind->{cancel})
	{
		my $id = id_of('slow', $resource);
		my ($method, $path) = $kind->{cancel} =~ /^([A-Z]+) (.*)/;
		my @cancels = grep { $path ? $_->{method} eq $method && $_->{path} =~ /^$path(\?|$)/ : ($_->{headers}{'x-amz-target'} // '') eq $kind->{cancel} } @requests;
		is(scalar(grep { "$_->{path} $_->{body}" =~ /\b\Q$id\E\b/ } @cancels), 1, "$resource: a stop cancels it, once");
	}
}
is(sql(q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');
done_testing();
