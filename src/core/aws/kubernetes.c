/*
 * kubernetes.c
 *	  Requests to the Kubernetes API of an EKS cluster: eks:call and eks:runJob.
 *
 * The definition names the cluster's address and authority, as on AWS.  Who calls is told by a URL of STS that is signed
 * for a minute and for that cluster, which asks STS whose it is.  It goes to no host but EKS's.
 */
#include "base/port.h"

#include "aws/api_gateway.h"
#include "aws/endpoint.h"
#include "aws/kubernetes.h"
#include "aws/kubernetes_logs.h"
#include "base/error.h"
#include "base/hashes.h"

#define TOKEN_PREFIX "k8s-aws-v1."
#define TOKEN_SECONDS 60
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-."

static const char *
resource_of(const char *action)
{
	return strcmp(action, "call") == 0 ? "eks:call" : "eks:runJob";
}

static bool
wrong(const char *action, const char *member, const char *what, SfnError *error)
{
	return sfn_error(error, ERROR_RUNTIME, "The parameter \"%s\" of %s must be %s.", member, resource_of(action), what);
}

const char *
kubernetes_region(const char *host)
{
	static const char *const tails[] = {".eks.amazonaws.com", ".eks.amazonaws.com.cn"};

	if (strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != strlen(host))
		return NULL;
	for (int i = 0; i < (int) lengthof(tails); i++)
	{
		int length = (int) strlen(host) - (int) strlen(tails[i]);
		int begin = length;

		if (length <= 0 || strcmp(host + length, tails[i]) != 0)
			continue;
		while (begin > 0 && host[begin - 1] != '.')
			begin--;
		return begin > 0 && begin < length ? pnstrdup(host + begin, length - begin) : NULL;
	}
	return NULL;
}

/* ---- where the cluster is ---- */

static bool
take_cluster(const char *action, const JsonVal *parameters, KubernetesCall *call, SfnError *error)
{
	const char *endpoint = jv_get_string(parameters, "Endpoint");
	const char *authority = jv_get_string(parameters, "CertificateAuthority");
	size_t length;
	int ca_length;

	call->cluster = jv_get_string(parameters, "ClusterName");
	if (call->cluster == NULL || call->cluster[0] == '\0' || strpbrk(call->cluster, "\r\n") != NULL)
		return wrong(action, "ClusterName", "the name of a cluster", error);
	if (endpoint == NULL || strncmp(endpoint, "https://", 8) != 0)
		return wrong(action, "Endpoint", "the https URL of a cluster", error);
	length = strcspn(endpoint + 8, "/");
	if (length == 0 || endpoint[8 + length + (endpoint[8 + length] == '/')] != '\0')
		return wrong(action, "Endpoint", "a URL without a path", error);
	call->host = pnstrdup(endpoint + 8, length);
	if (jv_get(parameters, "CertificateAuthority") == NULL)
		return true;
	call->ca = authority != NULL ? base64_decode(authority, (int) strlen(authority), &ca_length) : NULL;
	return (call->ca != NULL && strncmp(call->ca, "-----BEGIN CERTIFICATE-----", 27) == 0) ||
		wrong(action, "CertificateAuthority", "a certificate in PEM form, in base64", error);
}

/* ---- what is asked ---- */

static const JsonVal *
call_of(const JsonVal *parameters, const KubernetesCall *call)
{
	static const char *const members[] = {"Method", "Path", "QueryParameters", "RequestBody"};
	JvObjectBuilder out;

	jv_object_begin(&out);
	jv_object_add(&out, "ApiEndpoint", jv_string(call->host));
	for (int i = 0; i < (int) lengthof(members); i++)
		if (jv_get(parameters, members[i]) != NULL)
			jv_object_add(&out, members[i], jv_get(parameters, members[i]));
	return jv_object_end(&out);
}

static const JsonVal *
without_pods(void)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	jv_object_add(&out, "propagationPolicy", jv_string("Background"));
	return jv_object_end(&out);
}

static bool
is_name(const char *text)
{
	return text[0] != '\0' && strspn(text, NAME_LETTERS) == strlen(text) && strcmp(text, ".") != 0 &&
		strcmp(text, "..") != 0;
}

/* Making a job, or asking about one and deleting it by its name. */
static bool
job_call(const char *action, const JsonVal *parameters, const KubernetesCall *call, const JsonVal **request,
		 SfnError *error)
{
	const char *given = jv_get_string(parameters, "Namespace");
	const char *namespace = given != NULL ? given : "default";
	const char *name = jv_get_string(parameters, "Name");
	const JsonVal *job = jv_get(parameters, "Job");
	bool is_start = strcmp(action, "runJob") == 0;
	JvObjectBuilder out;

	if (!is_name(namespace))
		return wrong(action, "Namespace", "the name of a namespace", error);
	if (is_start && !jv_is(job, JV_OBJECT))
		return wrong(action, "Job", "an object", error);
	if (is_start && !kubernetes_logs_check(parameters, error))
		return false;
	if (!is_start && (name == NULL || !is_name(name)))
		return wrong(action, "Name", "the name of a job", error);
	jv_object_begin(&out);
	jv_object_add(&out, "ApiEndpoint", jv_string(call->host));
	jv_object_add(&out, "Method", jv_string(is_start ? "POST" : strcmp(action, "getJob") == 0 ? "GET" : "DELETE"));
	jv_object_add(&out, "Path",
				  jv_string(psprintf("/apis/batch/v1/namespaces/%s/jobs%s%s", namespace, is_start ? "" : "/",
									 is_start ? "" : name)));
	if (is_start)
		jv_object_add(&out, "RequestBody", job);
	if (strcmp(action, "deleteJob") == 0)
		jv_object_add(&out, "QueryParameters", without_pods());
	*request = jv_object_end(&out);
	return true;
}

bool
kubernetes_request(const char *action, const JsonVal *parameters, AwsRequest *request, KubernetesCall *call,
				   SfnError *error)
{
	const JsonVal *asked = NULL;
	const char *host;

	memset(call, 0, sizeof(*call));
	if (!take_cluster(action, parameters, call, error))
		return false;
	if (strcmp(action, "call") == 0)
		asked = call_of(parameters, call);
	else if (!job_call(action, parameters, call, &asked, error))
		return false;
	if (!api_request(resource_of(action), asked, request, &host, error))
		return false;
	request->is_unsigned = false;
	return true;
}

/* ---- who calls ---- */

char *
kubernetes_token(const char *cluster, const Sigv4Key *key, TimestampTz now)
{
	Sigv4Key sts = *key;
	AwsEndpoint endpoint;
	char *url;
	char *encoded;

	aws_endpoint("sts", key->region, &endpoint);
	sts.service = "sts";
	url = sigv4_presign("GET", psprintf("https://%s/", endpoint.host), "Action=GetCallerIdentity&Version=2011-06-15",
						psprintf("x-k8s-aws-id: %s", cluster), sigv4_payload_hash("", 0), &sts, now, TOKEN_SECONDS);
	if (url == NULL)
		return NULL;
	encoded = base64_encode(url, (int) strlen(url));
	for (char *c = encoded; *c != '\0'; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	encoded[strcspn(encoded, "=")] = '\0';
	return psprintf(TOKEN_PREFIX "%s", encoded);
}
