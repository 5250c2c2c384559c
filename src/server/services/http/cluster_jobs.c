/*
 * cluster_jobs.c
 *	  What a cluster of EKS says of a job, and the logs of one that has ended.
 */
#include "postgres.h"

#include "aws/jobs.h"
#include "services/http/cluster_jobs.h"
#include "settings/guc.h"

bool
cluster_job_answer(const HttpResponse *response, const JsonVal **value, AwsTrouble *trouble, SfnError *error)
{
	JvParseError not_json;
	const JsonVal *object = jv_parse(response->body, (int) response->body_length, &not_json);
	const char *message = jv_is(object, JV_OBJECT) ? jv_get_string(object, "message") : NULL;

	*trouble = response->status == 404                       ? AWS_TROUBLE_MISSING
		: response->status == 429                            ? AWS_TROUBLE_THROTTLED
		: response->status == 401 || response->status == 403 ? AWS_TROUBLE_DENIED
															 : AWS_TROUBLE;
	if (response->status < 200 || response->status > 299)
		return sfn_error(error, psprintf("EKS.%ld", response->status), "%s",
						 message != NULL ? message : http_status_text(response));
	*value = object;
	return object != NULL || sfn_error(error, "EKS.SdkClientException", "The answer of the cluster is no JSON.");
}

/* The logs of a job that has just been seen to have ended; NULL: there is none, or its logs are not wanted. */
static KubernetesLogs *
begin_logs(const JsonVal *asked_for, const HttpResponse *response)
{
	const JsonVal *job;
	const JsonVal *ignored;
	AwsTrouble trouble;
	AwsJobState state;
	SfnError error = {0};

	if (asked_for == NULL || !cluster_job_answer(response, &job, &trouble, &error))
		return NULL;
	state = aws_job_state(aws_job("eks:runJob"), job, "", &ignored);
	return state == AWS_JOB_SUCCEEDED || state == AWS_JOB_FAILED
		? kubernetes_logs_begin(asked_for, job, state == AWS_JOB_FAILED, sfn_max_payload_size)
		: NULL;
}

void
cluster_logs_take(KubernetesLogs **logs, const JsonVal *asked_for, const HttpResponse *response)
{
	if (*logs != NULL)
		kubernetes_logs_take(*logs, response->status, response->body, (int) response->body_length);
	else
		*logs = begin_logs(asked_for, response);
}
