/*
 * jobs.h
 *	  What a task with .sync waits for: how the job of a service is looked at, when it has ended, how it is cancelled.
 */
#ifndef SFN_AWS_JOBS_H
#define SFN_AWS_JOBS_H

#include "aws/response.h"

typedef struct AwsJob
{
	const char *resource;  /* what starts it: "batch:submitJob" */
	const char *id;        /* where its id is in the start's result; "<Name": in the start's parameters */
	const char *kept;      /* parameters of the start that describe and cancel get, too, by blanks apart; or NULL */
	const char *describe;  /* action */
	const char *asked;     /* the parameter of it that is the id; "Jobs[]": a list of ids */
	int at_once;           /* ids a call */
	const char *found;     /* where the job is in the answer; a list, where ids are one; "": the answer is the job */
	const char *found_id;  /* in each of a list: its id */
	const char *status;    /* where it is in the job */
	const char *good;      /* statuses, with a blank around each: it has ended well; "!": see ecs; "?": eks */
	const char *bad;       /* it has ended badly */
	const char *result;    /* the name under which the task's result has the job; NULL: it is the job */
	const char *result_id; /* the name under which it has the id beside that; or NULL */
	const char *cancel;    /* action, or NULL: it is left alone */
	const char *cancelled; /* the parameter of it that is the id; "Ids[]": a list of it */
	const char *reason;    /* the parameter of it that is a text; or NULL */
	int first_ms;          /* until the first look; each further one waits half as long again */
	int longest_ms;
	bool is_deletion; /* that it is not there any more is its good end */
} AwsJob;

typedef enum AwsJobState
{
	AWS_JOB_RUNS,
	AWS_JOB_SUCCEEDED,
	AWS_JOB_FAILED,
	AWS_JOB_MISSING
} AwsJobState;

/* The row, or NULL: nothing that this starts can be waited for. */
extern const AwsJob *aws_job(const char *resource);

/* What the start has begun: *id, and what is *kept (an object).  False: it says nothing of a job. */
extern bool aws_job_begun(const AwsJob *job, const JsonVal *parameters, const JsonVal *result, const char **id,
						  const JsonVal **kept);

/* The parameters of describe, for at most at_once ids, and of cancel. */
extern const JsonVal *aws_job_describe(const AwsJob *job, const JsonVal *kept, const char *const *ids, int count);
extern const JsonVal *aws_job_cancel(const AwsJob *job, const JsonVal *kept, const char *id);

/* How the job stands by the answer of describe; *result: what the task's result, or its cause, shows of it. */
extern AwsJobState aws_job_state(const AwsJob *job, const JsonVal *answer, const char *id, const JsonVal **result);

/* The request that starts a job says by whom it is started. */
extern const JsonVal *aws_job_parameters(const AwsJob *job, const JsonVal *parameters);

/* What an error of a describe means. */
typedef enum AwsTrouble
{
	AWS_TROUBLE,           /* it may be gone the next time */
	AWS_TROUBLE_THROTTLED, /* too many calls */
	AWS_TROUBLE_MISSING,   /* there is no such job */
	AWS_TROUBLE_DENIED
} AwsTrouble;

extern AwsTrouble aws_trouble(const AwsFailure *failure, long status);

#endif /* SFN_AWS_JOBS_H */
