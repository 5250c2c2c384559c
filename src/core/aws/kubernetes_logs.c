/*
 * kubernetes_logs.c
 *	  What the pods of a job have written, for eks:runJob.sync with LogOptions.
 *
 * The pods are asked for by their job's name, then each of their containers.  What cannot be had is told in place of the
 * log: a job does not fail by that.
 */
#include "base/port.h"

#include "aws/kubernetes_logs.h"
#include "base/utf8.h"

#define OPTIONS "LogOptions"
#define RETRIEVE "RetrieveLogs"
#define RAW "RawLogs"
#define QUERY "LogParameters"
#define NO_ANSWER "EKS.SdkClientException"
#define MOST_CAUSE 32768 /* AWS's */
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-."

/* One of the logs. */
typedef struct ContainerLog
{
	const char *pod;
	const char *container;
	const JsonVal *told; /* {"log"} or {"error", "cause"}; NULL: not yet */
} ContainerLog;

struct KubernetesLogs
{
	const JsonVal *parameters;
	const JsonVal *job;
	bool has_failed;
	bool are_raw;
	bool has_pods;          /* they are known */
	const JsonVal *no_pods; /* why they are not; or NULL */
	ContainerLog *containers;
	int count;
	int next;
	int64 most_bytes;
	int64 bytes_left;
};

/* ---- what is asked for ---- */

static bool
wrong(const char *member, const char *what, SfnError *error)
{
	return sfn_error(error, ERROR_RUNTIME, "The parameter \"" OPTIONS "%s%s\" of eks:runJob must be %s.",
					 member[0] != '\0' ? "." : "", member, what);
}

bool
kubernetes_logs_check(const JsonVal *parameters, SfnError *error)
{
	static const char *const switches[] = {RETRIEVE, RAW};
	const JsonVal *options = jv_get(parameters, OPTIONS);
	const JsonVal *query = jv_get(options, QUERY);

	if (options == NULL)
		return true;
	if (!jv_is(options, JV_OBJECT))
		return wrong("", "an object", error);
	for (int i = 0; i < (int) lengthof(switches); i++)
	{
		const JsonVal *value = jv_get(options, switches[i]);

		if (value != NULL && value->type != JV_BOOL)
			return wrong(switches[i], "true or false", error);
	}
	if (query != NULL && query->type != JV_OBJECT)
		return wrong(QUERY, "an object of lists", error);
	for (int i = 0; query != NULL && i < query->count; i++)
	{
		if (!jv_is(query->u.members[i].value, JV_ARRAY))
			return wrong(QUERY, "an object of lists", error);
	}
	return true;
}

static bool
is_set(const JsonVal *options, const char *member)
{
	const JsonVal *value = jv_get(options, member);

	return jv_is(value, JV_BOOL) && value->boolean;
}

KubernetesLogs *
kubernetes_logs_begin(const JsonVal *parameters, const JsonVal *job, bool has_failed, int64 most_bytes)
{
	const JsonVal *options = jv_get(parameters, OPTIONS);
	KubernetesLogs *logs;

	if (!is_set(options, RETRIEVE))
		return NULL;
	logs = palloc0(sizeof(KubernetesLogs));
	logs->parameters = parameters;
	logs->job = job;
	logs->are_raw = is_set(options, RAW);
	logs->has_failed = has_failed;
	logs->most_bytes = logs->bytes_left = has_failed ? Min(most_bytes, MOST_CAUSE) : most_bytes;
	return logs;
}

static const JsonVal *
list_of(const char *text)
{
	JvArrayBuilder list;

	jv_array_begin(&list);
	jv_array_add(&list, jv_string(text));
	return jv_array_end(&list);
}

/* The task's own parameters of the query, with one that decides. */
static const JsonVal *
query_with(const JsonVal *given, const char *name, const char *value)
{
	return jv_object_set(jv_is(given, JV_OBJECT) ? given : jv_empty_object(), name, (int) strlen(name), list_of(value));
}

const JsonVal *
kubernetes_logs_next(const KubernetesLogs *logs)
{
	static const char *const cluster[] = {"ClusterName", "Endpoint", "CertificateAuthority"};
	const char *namespace = jv_get_string(logs->parameters, "Namespace");
	const char *pods = psprintf("/api/v1/namespaces/%s/pods", namespace != NULL ? namespace : "default");
	const ContainerLog *container = &logs->containers[logs->next];
	JvObjectBuilder out;

	if (logs->has_pods && (logs->next >= logs->count || logs->bytes_left < 0))
		return NULL;
	jv_object_begin(&out);
	for (int i = 0; i < (int) lengthof(cluster); i++)
		if (jv_get(logs->parameters, cluster[i]) != NULL)
			jv_object_add(&out, cluster[i], jv_get(logs->parameters, cluster[i]));
	jv_object_add(&out, "Method", jv_string("GET"));
	jv_object_add(&out, "Path", jv_string(logs->has_pods ? psprintf("%s/%s/log", pods, container->pod) : pods));
	jv_object_add(&out, "QueryParameters",
				  logs->has_pods
					  ? query_with(jv_get(jv_get(logs->parameters, OPTIONS), QUERY), "container", container->container)
					  : query_with(NULL, "labelSelector",
								   psprintf("job-name=%s", jv_get_string(logs->parameters, "Name"))));
	return jv_object_end(&out);
}

/* ---- what is answered ---- */

static const JsonVal *
failure_of(const char *error, const char *cause)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	jv_object_add(&out, "error", jv_string(error));
	jv_object_add(&out, "cause", jv_string(cause));
	return jv_object_end(&out);
}

static bool
is_text(const char *body, int length)
{
	return memchr(body, '\0', length) == NULL && utf8_is_valid(body, length);
}

static void
add_containers(KubernetesLogs *logs, const JsonVal *pod)
{
	const char *name = jv_get_string(jv_get(pod, "metadata"), "name");
	const JsonVal *containers = jv_get(jv_get(pod, "spec"), "containers");

	if (name == NULL || name[0] == '\0' || name[0] == '.' || strspn(name, NAME_LETTERS) != strlen(name))
		return;
	for (int i = 0; jv_is(containers, JV_ARRAY) && i < containers->count; i++)
	{
		const char *container = jv_get_string(containers->u.items[i], "name");

		if (container == NULL)
			continue;
		logs->containers = logs->containers == NULL
			? palloc(sizeof(ContainerLog))
			: repalloc(logs->containers, sizeof(ContainerLog) * (logs->count + 1));
		logs->containers[logs->count++] = (ContainerLog){.pod = name, .container = container};
	}
}

static void
take_pods(KubernetesLogs *logs, const char *body, int length)
{
	JvParseError not_json;
	const JsonVal *list = jv_parse(body, length, &not_json);
	const JsonVal *pods = jv_get(list, "items");

	if (!jv_is(pods, JV_ARRAY))
		logs->no_pods = failure_of(NO_ANSWER, "The answer of the cluster is no list of pods.");
	for (int i = 0; jv_is(pods, JV_ARRAY) && i < pods->count; i++)
		add_containers(logs, pods->u.items[i]);
}

static const JsonVal *
log_of(const KubernetesLogs *logs, const char *body, int length)
{
	JvParseError not_json;
	const JsonVal *log = logs->are_raw ? NULL : jv_parse(body, length, &not_json);
	JvObjectBuilder out;

	if (!is_text(body, length))
		return failure_of(NO_ANSWER, "The log is no text.");
	jv_object_begin(&out);
	jv_object_add(&out, "log", log != NULL ? log : jv_string_n(body, length));
	return jv_object_end(&out);
}

static void
tell(KubernetesLogs *logs, const JsonVal *told, int64 length)
{
	ContainerLog *container = &logs->containers[logs->next++];

	container->told = told;
	logs->bytes_left -= length + (int64) strlen(container->pod) + (int64) strlen(container->container);
}

static void
take_failure(KubernetesLogs *logs, const char *error, const char *cause)
{
	if (logs->has_pods)
		tell(logs, failure_of(error, cause), (int64) strlen(error) + (int64) strlen(cause));
	else
		logs->no_pods = failure_of(error, cause);
	logs->has_pods = true;
}

void
kubernetes_logs_take(KubernetesLogs *logs, long status, const char *body, int length)
{
	if (status < 200 || status > 299)
		take_failure(logs, status != 0 ? psprintf("EKS.%ld", status) : NO_ANSWER,
					 is_text(body, length) ? pnstrdup(body, length) : "The answer is no text.");
	else if (logs->has_pods)
		tell(logs, log_of(logs, body, length), length);
	else
	{
		take_pods(logs, body, length);
		logs->has_pods = true;
	}
}

/* ---- the result ---- */

/* {"containers": {name: told}}, of the pod of the container at *next, which is moved behind it. */
static const JsonVal *
pod_of(const KubernetesLogs *logs, int *next)
{
	const char *pod = logs->containers[*next].pod;
	JvObjectBuilder containers;
	JvObjectBuilder out;

	jv_object_begin(&containers);
	for (; *next < logs->next && strcmp(logs->containers[*next].pod, pod) == 0; (*next)++)
		jv_object_add(&containers, logs->containers[*next].container, logs->containers[*next].told);
	jv_object_begin(&out);
	jv_object_add(&out, "containers", jv_object_end(&containers));
	return jv_object_end(&out);
}

static const JsonVal *
all_pods(const KubernetesLogs *logs)
{
	JvObjectBuilder pods;
	JvObjectBuilder out;

	jv_object_begin(&pods);
	for (int i = 0; i < logs->next;)
	{
		const char *name = logs->containers[i].pod;

		jv_object_add(&pods, name, pod_of(logs, &i));
	}
	jv_object_begin(&out);
	jv_object_add(&out, "pods", jv_object_end(&pods));
	return jv_object_end(&out);
}

static const JsonVal *
job_with(const KubernetesLogs *logs, const JsonVal *told)
{
	return jv_object_set(logs->job, "logs", (int) strlen("logs"), told);
}

const JsonVal *
kubernetes_logs_result(const KubernetesLogs *logs)
{
	const JsonVal *result = job_with(logs, logs->no_pods != NULL ? logs->no_pods : all_pods(logs));

	if (logs->has_failed && jv_text_size(result, logs->most_bytes) > logs->most_bytes)
		return job_with(logs,
						failure_of(ERROR_DATA_LIMIT_EXCEEDED, "The logs are too long for the cause of a failure."));
	return result;
}
