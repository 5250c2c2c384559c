/*
 * kubernetes_logs.h
 *	  What the pods of a job have written, for eks:runJob.sync with LogOptions.
 */
#ifndef SFN_AWS_KUBERNETES_LOGS_H
#define SFN_AWS_KUBERNETES_LOGS_H

#include "base/error.h"
#include "json/json_value.h"

typedef struct KubernetesLogs KubernetesLogs;

/* What is wrong with the parameters of the task, if anything is; false: *error. */
extern bool kubernetes_logs_check(const JsonVal *parameters, SfnError *error);

/*
 * By what the task's parameters say, of a job that has ended: its logs, of which nothing is known yet; NULL: none are to be
 * had.  Not many more than most_bytes are asked for: what is longer is no result, and no cause of a job that has failed.
 */
extern KubernetesLogs *kubernetes_logs_begin(const JsonVal *parameters, const JsonVal *job, bool has_failed,
											 int64 most_bytes);

/* The parameters of the next eks:call, whose answer is taken then; NULL: that was the last one. */
extern const JsonVal *kubernetes_logs_next(const KubernetesLogs *logs);
/* status 0: none came, and the body says why. */
extern void kubernetes_logs_take(KubernetesLogs *logs, long status, const char *body, int length);

/* The job, with its logs. */
extern const JsonVal *kubernetes_logs_result(const KubernetesLogs *logs);

#endif /* SFN_AWS_KUBERNETES_LOGS_H */
