/*
 * cluster_jobs.h
 *	  What a cluster of EKS says of a job, and the logs of one that has ended.
 */
#ifndef SFN_SERVICES_HTTP_CLUSTER_JOBS_H
#define SFN_SERVICES_HTTP_CLUSTER_JOBS_H

#include "postgres.h"

#include "aws/kubernetes_logs.h"
#include "aws/response.h"
#include "base/error.h"
#include "services/http/http_request.h"

/* What a cluster says about a job: the object itself; false: *error, and what it means for one who would ask again. */
extern bool cluster_job_answer(const HttpResponse *response, const JsonVal **value, AwsTrouble *trouble,
							   SfnError *error);

/*
 * Takes what came: of a job that was asked for, which may have ended, so that its logs begin; then of one log after the
 * other.  asked_for: the parameters of looking at the job; NULL: it was another call.  *logs stays NULL where none are to be had.
 */
extern void cluster_logs_take(KubernetesLogs **logs, const JsonVal *asked_for, const HttpResponse *response);

#endif /* SFN_SERVICES_HTTP_CLUSTER_JOBS_H */
