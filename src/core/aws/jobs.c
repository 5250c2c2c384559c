/*
 * jobs.c
 *	  What a task with .sync waits for: how the job of a service is looked at, when it has ended, how it is cancelled.
 *
 * A service whose jobs can be waited for is a row here.  Members are spelled as results and parameters of tasks
 * spell them; a path goes through objects by name and through lists by number.
 */
#include "aws/jobs.h"

#define OFTEN .first_ms = 1000, .longest_ms = 60000
#define SELDOM .first_ms = 30000, .longest_ms = 300000 /* what takes minutes anyway */

#define ALL_CONTAINERS "!"
#define CONDITIONS "?"
#define BUILD_ENDED_BADLY " FAILED FAULT TIMED_OUT STOPPED "

/* A job whose name is given by the one who starts it. */
#define SAGEMAKER(job) \
	{ \
		.resource = "sagemaker:create" job, .id = "<" job "Name", .describe = "describe" job, .asked = job "Name", \
		.at_once = 1, .found = "", .status = job "Status", .good = " Completed ", .bad = " Failed Stopped ", \
		.cancel = "stop" job, .cancelled = job "Name", OFTEN \
	}

#define EKS(action, what, name, parent, good_end, bad_end, is_gone) \
	{ \
		.resource = "eks:" action what, .id = "<" name, .kept = parent, .describe = "describe" what, .asked = name, \
		.at_once = 1, .found = what, .status = "Status", .good = good_end, .bad = bad_end, .result = what, SELDOM, \
		.is_deletion = is_gone \
	}

#define APPLICATION(action, where, good_end, bad_end, is_gone) \
	{ \
		.resource = "emr-serverless:" action "Application", .id = where "ApplicationId", .describe = "getApplication", \
		.asked = "ApplicationId", .at_once = 1, .found = "Application", .status = "State", .good = good_end, \
		.bad = bad_end, OFTEN, .is_deletion = is_gone \
	}

#define BUILD_BATCH(action) \
	{ \
		.resource = "codebuild:" action, .id = "BuildBatch.Id", .describe = "batchGetBuildBatches", .asked = "Ids[]", \
		.at_once = 100, .found = "BuildBatches", .found_id = "Id", .status = "BuildBatchStatus", \
		.good = " SUCCEEDED ", .bad = BUILD_ENDED_BADLY, .result = "BuildBatch", .cancel = "stopBuildBatch", \
		.cancelled = "Id", OFTEN \
	}

static const AwsJob rows[] = {
	{"batch:submitJob", "JobId", NULL, "describeJobs", "Jobs[]", 100, "Jobs", "JobId", "Status", " SUCCEEDED ",
	 " FAILED ", NULL, NULL, "terminateJob", "JobId", "Reason", OFTEN},
	{"ecs:runTask", "Tasks.0.TaskArn", "Cluster", "describeTasks", "Tasks[]", 100, "Tasks", "TaskArn", "LastStatus",
	 ALL_CONTAINERS, " STOPPED ", NULL, NULL, "stopTask", "Task", "Reason", OFTEN},
	{"glue:startJobRun", "JobRunId", "JobName", "getJobRun", "RunId", 1, "JobRun", NULL, "JobRunState",
	 " SUCCEEDED STOPPED ", " FAILED TIMEOUT ERROR EXPIRED ", NULL, NULL, "batchStopJobRun", "JobRunIds[]", NULL,
	 OFTEN},
	{"athena:startQueryExecution", "QueryExecutionId", NULL, "batchGetQueryExecution", "QueryExecutionIds[]", 50,
	 "QueryExecutions", "QueryExecutionId", "Status.State", " SUCCEEDED ", " FAILED CANCELLED ", "QueryExecution", NULL,
	 "stopQueryExecution", "QueryExecutionId", NULL, OFTEN},
	{"codebuild:startBuild", "Build.Id", NULL, "batchGetBuilds", "Ids[]", 100, "Builds", "Id", "BuildStatus",
	 " SUCCEEDED ", BUILD_ENDED_BADLY, "Build", NULL, "stopBuild", "Id", NULL, OFTEN},
	BUILD_BATCH("startBuildBatch"),
	BUILD_BATCH("retryBuildBatch"),
	SAGEMAKER("TrainingJob"),
	SAGEMAKER("TransformJob"),
	SAGEMAKER("HyperParameterTuningJob"),
	SAGEMAKER("LabelingJob"),
	SAGEMAKER("ProcessingJob"),
	{"emr-containers:startJobRun", "Id", "VirtualClusterId", "describeJobRun", "Id", 1, "JobRun", NULL, "State",
	 " COMPLETED ", " FAILED CANCELLED ", "JobRun", NULL, "cancelJobRun", "Id", NULL, SELDOM},
	{"emr-containers:deleteVirtualCluster", "<Id", NULL, "describeVirtualCluster", "Id", 1, "VirtualCluster", NULL,
	 "State", " TERMINATED ", " ARRESTED ", "VirtualCluster", NULL, NULL, NULL, NULL, SELDOM, true},
	{"emr-serverless:startJobRun", "JobRunId", "ApplicationId", "getJobRun", "JobRunId", 1, "JobRun", NULL, "State",
	 " SUCCESS ", " FAILED CANCELLED ", NULL, NULL, "cancelJobRun", "JobRunId", NULL, OFTEN},
	{"emr-serverless:cancelJobRun", "<JobRunId", "ApplicationId", "getJobRun", "JobRunId", 1, "JobRun", NULL, "State",
	 " CANCELLED SUCCESS FAILED ", "", NULL, NULL, NULL, NULL, NULL, OFTEN},
	APPLICATION("create", "", " CREATED STARTING STARTED ", " TERMINATED ", false),
	APPLICATION("start", "<", " STARTED ", " TERMINATED ", false),
	APPLICATION("stop", "<", " STOPPED ", " TERMINATED ", false),
	APPLICATION("delete", "<", " TERMINATED ", "", true),
	EKS("create", "Cluster", "Name", NULL, " ACTIVE ", " FAILED ", false),
	EKS("delete", "Cluster", "Name", NULL, "", " FAILED ", true),
	EKS("create", "FargateProfile", "FargateProfileName", "ClusterName", " ACTIVE ", " CREATE_FAILED ", false),
	EKS("delete", "FargateProfile", "FargateProfileName", "ClusterName", "", " DELETE_FAILED ", true),
	EKS("create", "Nodegroup", "NodegroupName", "ClusterName", " ACTIVE ", " CREATE_FAILED DEGRADED ", false),
	EKS("delete", "Nodegroup", "NodegroupName", "ClusterName", "", " DELETE_FAILED ", true),
	{"eks:runJob", "ResponseBody.metadata.name", "ClusterName CertificateAuthority Endpoint Namespace LogOptions",
	 "kubernetes:getJob", "Name", 1, "", NULL, "status.conditions", CONDITIONS, "", NULL, NULL, "kubernetes:deleteJob",
	 "Name", NULL, OFTEN},
	{"databrew:startJobRun", "RunId", "Name", "describeJobRun", "RunId", 1, "", NULL, "State", " SUCCEEDED ",
	 " FAILED STOPPED TIMEOUT ", NULL, NULL, "stopJobRun", "RunId", NULL, OFTEN},
	{"mediaconvert:createJob", "Job.Id", NULL, "getJob", "Id", 1, "Job", NULL, "Status", " COMPLETE ",
	 " ERROR CANCELED ", "Job", NULL, "cancelJob", "Id", NULL, OFTEN},
	{"bedrock:createModelCustomizationJob", "JobArn", NULL, "getModelCustomizationJob", "JobIdentifier", 1, "", NULL,
	 "Status", " Completed ", " Failed Stopped ", NULL, NULL, "stopModelCustomizationJob", "JobIdentifier", NULL,
	 SELDOM},
	{"elasticmapreduce:createCluster", "ClusterId", NULL, "describeCluster", "ClusterId", 1, "Cluster", NULL,
	 "Status.State", " WAITING TERMINATED ", " TERMINATED_WITH_ERRORS ", "Cluster", "ClusterId", NULL, NULL, NULL,
	 SELDOM},
	{"elasticmapreduce:terminateCluster", "<ClusterId", NULL, "describeCluster", "ClusterId", 1, "Cluster", NULL,
	 "Status.State", " TERMINATED TERMINATED_WITH_ERRORS ", "", "Cluster", "ClusterId", NULL, NULL, NULL, SELDOM},
	{"elasticmapreduce:addStep", "StepId", "ClusterId", "describeStep", "StepId", 1, "Step", NULL, "Status.State",
	 " COMPLETED ", " FAILED CANCELLED INTERRUPTED ", "Step", "StepId", "cancelSteps", "StepIds[]", NULL, SELDOM},
};

const AwsJob *
aws_job(const char *resource)
{
	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		if (strcmp(rows[i].resource, resource) == 0)
			return &rows[i];
	}
	return NULL;
}

/* ---- values ---- */

/* A parameter may be spelled as the API has it. */
static const JsonVal *
member_of(const JsonVal *object, const char *name, int length)
{
	const JsonVal *value = jv_get_n(object, name, length);

	for (int i = 0; value == NULL && jv_is(object, JV_OBJECT) && i < object->count; i++)
	{
		const char *key = object->u.members[i].key;

		if ((int) strlen(key) == length && pg_strncasecmp(key, name, length) == 0)
			value = object->u.members[i].value;
	}
	return value;
}

/* NULL: the path leads nowhere. */
static const JsonVal *
value_at(const JsonVal *value, const char *path)
{
	while (value != NULL && *path != '\0')
	{
		int length = (int) strcspn(path, ".");

		if (jv_is(value, JV_ARRAY))
			value = atoi(path) < value->count ? value->u.items[atoi(path)] : NULL;
		else
			value = member_of(value, path, length);
		path += length;
		path += *path == '.';
	}
	return value;
}

static const char *
text_at(const JsonVal *value, const char *path)
{
	const JsonVal *found = value_at(value, path);

	return jv_is(found, JV_STRING) ? found->u.text : NULL;
}

/* "Ids[]" or "Id". */
static void
add_ids(JvObjectBuilder *out, const char *member, const char *const *ids, int count)
{
	int length = (int) strcspn(member, "[");
	JvArrayBuilder list;

	if (member[length] == '\0')
	{
		jv_object_add(out, member, jv_string(ids[0]));
		return;
	}
	jv_array_begin(&list);
	for (int i = 0; i < count; i++)
		jv_array_add(&list, jv_string(ids[i]));
	jv_object_add_n(out, member, length, jv_array_end(&list));
}

static void
add_members(JvObjectBuilder *out, const JsonVal *object)
{
	for (int i = 0; jv_is(object, JV_OBJECT) && i < object->count; i++)
		jv_object_add(out, object->u.members[i].key, object->u.members[i].value);
}

/* ---- requests ---- */

/* With one more tag, that says who has started the job. */
static const JsonVal *
with_tag(const JsonVal *parameters)
{
	const JsonVal *given = value_at(parameters, "Tags");
	JvObjectBuilder tag;
	JvArrayBuilder tags;

	if (!jv_is(parameters, JV_OBJECT) || (given != NULL && given->type != JV_ARRAY))
		return parameters;
	jv_object_begin(&tag);
	jv_object_add(&tag, "Key", jv_string("MANAGED_BY_AWS"));
	jv_object_add(&tag, "Value", jv_string("STARTED_BY_STEP_FUNCTIONS"));
	jv_array_begin(&tags);
	for (int i = 0; given != NULL && i < given->count; i++)
		jv_array_add(&tags, given->u.items[i]);
	jv_array_add(&tags, jv_object_end(&tag));
	return jv_object_set(parameters, "Tags", (int) strlen("Tags"), jv_array_end(&tags));
}

/* In ECS and SageMaker it shows who has started the job. */
const JsonVal *
aws_job_parameters(const AwsJob *job, const JsonVal *parameters)
{
	if (strncmp(job->resource, "sagemaker:", strlen("sagemaker:")) == 0)
		return with_tag(parameters);
	if (strcmp(job->resource, "ecs:runTask") == 0 && value_at(parameters, "StartedBy") == NULL)
		return jv_object_set(parameters, "StartedBy", (int) strlen("StartedBy"), jv_string("AWS Step Functions"));
	return parameters;
}

bool
aws_job_begun(const AwsJob *job, const JsonVal *parameters, const JsonVal *result, const char **id,
			  const JsonVal **kept)
{
	bool is_named = job->id[0] == '<';
	const char *names = job->kept != NULL ? job->kept : "";

	*id = is_named ? text_at(parameters, job->id + 1) : text_at(result, job->id);
	*kept = jv_empty_object();
	while (*names != '\0')
	{
		int length = (int) strcspn(names, " ");
		const JsonVal *value = member_of(parameters, names, length);

		if (value != NULL)
			*kept = jv_object_set(*kept, names, length, value);
		names += length;
		names += *names == ' ';
	}
	return *id != NULL;
}

const JsonVal *
aws_job_describe(const AwsJob *job, const JsonVal *kept, const char *const *ids, int count)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	add_members(&out, kept);
	add_ids(&out, job->asked, ids, count);
	return jv_object_end(&out);
}

const JsonVal *
aws_job_cancel(const AwsJob *job, const JsonVal *kept, const char *id)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	add_members(&out, kept);
	add_ids(&out, job->cancelled, &id, 1);
	if (job->reason != NULL)
		jv_object_add(&out, job->reason, jv_string("The task that waited for it has ended"));
	return jv_object_end(&out);
}

/* ---- answers ---- */

static const JsonVal *
find_job(const AwsJob *job, const JsonVal *answer, const char *id)
{
	const JsonVal *found = value_at(answer, job->found);

	if (job->found_id == NULL || !jv_is(found, JV_ARRAY))
		return jv_is(found, JV_OBJECT) ? found : NULL;
	for (int i = 0; i < found->count; i++)
	{
		const char *other = text_at(found->u.items[i], job->found_id);

		if (other != NULL && strcmp(other, id) == 0)
			return found->u.items[i];
	}
	return NULL;
}

static bool
has_word(const char *words, const char *word)
{
	return strchr(word, ' ') == NULL && strstr(words, psprintf(" %s ", word)) != NULL;
}

/* A task of ECS that has stopped has done well when its containers have. */
static bool
all_containers_succeeded(const JsonVal *task)
{
	const JsonVal *containers = value_at(task, "Containers");
	const char *stopped_by = text_at(task, "StopCode");

	if (stopped_by != NULL && strcmp(stopped_by, "EssentialContainerExited") != 0)
		return false;
	for (int i = 0; jv_is(containers, JV_ARRAY) && i < containers->count; i++)
	{
		int64 code;
		const JsonVal *value = value_at(containers->u.items[i], "ExitCode");

		if (value == NULL || !jv_to_int64(value, &code) || code != 0)
			return false;
	}
	return jv_is(containers, JV_ARRAY) && containers->count > 0;
}

/* A job of Kubernetes has conditions, of which the last ones tell. */
static AwsJobState
state_by_conditions(const JsonVal *conditions)
{
	for (int i = 0; jv_is(conditions, JV_ARRAY) && i < conditions->count; i++)
	{
		const char *type = text_at(conditions->u.items[i], "type");
		const char *status = text_at(conditions->u.items[i], "status");

		if (type == NULL || status == NULL || strcmp(status, "True") != 0)
			continue;
		if (strcmp(type, "Complete") == 0)
			return AWS_JOB_SUCCEEDED;
		if (strcmp(type, "Failed") == 0)
			return AWS_JOB_FAILED;
	}
	return AWS_JOB_RUNS;
}

static const JsonVal *
result_of(const AwsJob *job, const JsonVal *found, const char *id)
{
	JvObjectBuilder out;

	if (job->result == NULL)
		return found;
	jv_object_begin(&out);
	if (job->result_id != NULL)
		jv_object_add(&out, job->result_id, jv_string(id));
	jv_object_add(&out, job->result, found);
	return jv_object_end(&out);
}

AwsJobState
aws_job_state(const AwsJob *job, const JsonVal *answer, const char *id, const JsonVal **result)
{
	const JsonVal *found = find_job(job, answer, id);
	const char *status = text_at(found, job->status);
	bool is_over = status != NULL && has_word(job->bad, status);

	if (found == NULL)
		return AWS_JOB_MISSING;
	*result = result_of(job, found, id);
	if (strcmp(job->good, CONDITIONS) == 0)
		return state_by_conditions(value_at(found, job->status));
	if (status == NULL)
		return AWS_JOB_RUNS;
	if (strcmp(job->good, ALL_CONTAINERS) == 0 && is_over)
		return all_containers_succeeded(found) ? AWS_JOB_SUCCEEDED : AWS_JOB_FAILED;
	return is_over ? AWS_JOB_FAILED : has_word(job->good, status) ? AWS_JOB_SUCCEEDED : AWS_JOB_RUNS;
}

static bool
says(const char *text, const char *const *parts)
{
	for (; text != NULL && *parts != NULL; parts++)
	{
		if (strstr(text, *parts) != NULL)
			return true;
	}
	return false;
}

AwsTrouble
aws_trouble(const AwsFailure *failure, long status)
{
	static const char *const throttled[] = {"Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", NULL};
	static const char *const missing[] = {"NotFound", "NoSuch", "DoesNotExist", NULL};
	static const char *const missing_text[] = {"not found", "does not exist", "is not valid", NULL};
	static const char *const denied[] = {"AccessDenied",         "UnrecognizedClient", "ExpiredToken",
										 "InvalidClientTokenId", "InvalidSignature",   NULL};

	if (status == 429 || says(failure->code, throttled))
		return AWS_TROUBLE_THROTTLED;
	if (status == 404 || says(failure->code, missing) || (status == 400 && says(failure->message, missing_text)))
		return AWS_TROUBLE_MISSING;
	if (status == 403 || says(failure->code, denied))
		return AWS_TROUBLE_DENIED;
	return AWS_TROUBLE;
}
