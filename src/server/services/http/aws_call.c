/*
 * aws_call.c
 *	  A request that calls an AWS service: written from the task's parameters, signed when it is sent.
 *
 * The row of the task has what the definition says; endpoint and credentials are looked up when
 * the pump takes it, and the signature is made for the moment in which it is sent.  Neither is
 * stored.  The host is AWS's or an administrator's, never one that a parameter names.
 */
#include "postgres.h"

#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "aws/api_gateway.h"
#include "aws/endpoint.h"
#include "aws/kubernetes.h"
#include "aws/kubernetes_logs.h"
#include "aws/optimized.h"
#include "aws/request.h"
#include "aws/response.h"
#include "aws/sigv4.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "services/http/aws_call.h"
#include "services/http/aws_keys.h"
#include "services/http/aws_services.h"
#include "services/http/cluster_jobs.h"
#include "services/http/http_proofs.h"
#include "services/service.h"
#include "settings/guc.h"
#include "store/services.h"
#include "store/store.h"

#define SIGNING_HEADERS 4                 /* at most */
#define MAX_LOOK_UPS 20                   /* a cluster has fifty groups of instances at most */
#define LEAST_SKEW (4 * USECS_PER_MINUTE) /* services take signatures of five minutes ago */

typedef struct AwsCall
{
	const AwsService *service;
	const AwsOptimized *optimized; /* NULL: of aws-sdk */
	const AwsReshaped *reshaped;   /* NULL: the action is the service's */
	const char *action;
	const JsonVal
		*look_up_for;     /* the task's parameters, of which an id is looked up first; NULL: none is, or it is known */
	int look_ups;         /* parts of the list that have been asked for */
	const char *api_host; /* of apigateway:invoke, as the parameters name it; NULL: another call */
	KubernetesCall kubernetes;    /* of eks:call and eks:runJob; host NULL: another call */
	const JsonVal *job_asked_for; /* the parameters of looking at a job of a cluster; NULL: another call */
	KubernetesLogs *logs;         /* of that job, which has ended; or NULL */
	const char *address;          /* where the cluster is */
	const char *only;             /* the member that is the result, or NULL */
	const char *job_name;         /* of a job of Glue, which the result repeats; or NULL */
	bool is_waited_for;           /* what it starts, not the call alone */
	AwsRequest request;
	const char *host; /* as the Host header has it */
	Sigv4Key key;
	int own_headers; /* beside those of the signature; 0: not signed yet */
	int64 skew;      /* of the service's clock, in microseconds, as its answer has shown */
} AwsCall;

/* ---- what the task's row keeps ---- */

#define INVOKE_API "apigateway:invoke" /* in place of an action of the service */

/* Who calls, as far as a signature depends on it. */
typedef struct Caller
{
	const char *role_arn;
	const char *task_role;    /* or NULL */
	const char *session_name; /* or NULL */
	const char *region;       /* or NULL: that of the credentials */
	const char *credentials;  /* by name; NULL: those for the role_arn */
} Caller;

static Caller
caller_of(const ServiceCall *call)
{
	return (Caller){.role_arn = call->role_arn, .task_role = call->task_role, .session_name = call->execution_name};
}

static const JsonVal *
stored_call(const char *service, const char *optimized, const char *action, const Caller *caller, const JsonVal *input)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	jv_object_add(&out, "http", jv_string("aws"));
	jv_object_add(&out, "service", jv_string(service));
	if (optimized != NULL)
		jv_object_add(&out, "optimized", jv_string(optimized));
	jv_object_add(&out, "action", jv_string(action));
	if (caller->role_arn != NULL)
		jv_object_add(&out, "role_arn", jv_string(caller->role_arn));
	if (caller->task_role != NULL)
		jv_object_add(&out, "task_role", jv_string(caller->task_role));
	if (caller->session_name != NULL)
		jv_object_add(&out, "session_name", jv_string(caller->session_name));
	if (caller->credentials != NULL)
		jv_object_add(&out, "credentials", jv_string(caller->credentials));
	if (caller->region != NULL)
		jv_object_add(&out, "region", jv_string(caller->region));
	jv_object_add(&out, "input", input);
	return jv_object_end(&out);
}

/* Without ".waitForTaskToken" and the like. */
static char *
bare_action(const char *action)
{
	return pnstrdup(action, strcspn(action, "."));
}

static ServiceOutcome
begin_sdk(const ServiceCall *call, Event *answer)
{
	const char *service = call->resource->service + strlen("aws-sdk:");
	Caller caller = caller_of(call);
	const JsonVal *stored = stored_call(service, NULL, bare_action(call->resource->action), &caller, call->parameters);

	return service_begin_http_stored(call, stored, psprintf("%s.amazonaws.com", service), answer);
}

static ServiceOutcome
begin_api(const ServiceCall *call, Event *answer)
{
	const char *host = jv_get_string(call->parameters, "ApiEndpoint");
	Caller caller = caller_of(call);
	const JsonVal *stored = stored_call(API_GATEWAY, NULL, INVOKE_API, &caller, call->parameters);

	return service_begin_http_stored(call, stored, host != NULL ? host : API_GATEWAY, answer);
}

static bool
calls_kubernetes(const AslResource *resource)
{
	const char *action = bare_action(resource->action);

	return resource->kind != RESOURCE_AWS_SDK && strcmp(resource->service, "eks") == 0 &&
		(strcmp(action, "call") == 0 || strcmp(action, "runJob") == 0);
}

/* What is not the call itself, but concerns what comes of it. */
static const JsonVal *
with_member(const JsonVal *stored, const char *name, const JsonVal *value)
{
	return jv_object_set(stored, name, (int) strlen(name), value);
}

static ServiceOutcome
begin_kubernetes(const ServiceCall *call, Event *answer)
{
	const char *endpoint = jv_get_string(call->parameters, "Endpoint");
	const char *action = psprintf(KUBERNETES_ACTION "%s", bare_action(call->resource->action));
	Caller caller = caller_of(call);
	const JsonVal *stored = stored_call("eks", "eks", action, &caller, call->parameters);

	if (call->resource->pattern == PATTERN_SYNC)
		stored = with_member(stored, "job", jv_string("eks:runJob"));
	return service_begin_http_stored(call, stored, endpoint != NULL ? endpoint : "eks", answer);
}

ServiceOutcome
service_run_aws(const ServiceCall *call, Event *answer)
{
	const AslResource *resource = call->resource;
	const AwsOptimized *row = aws_optimized(resource->service);
	const char *bare = psprintf("%s:%s", resource->service, bare_action(resource->action));
	const AwsReshaped *other = aws_reshaped(bare);
	const AwsJob *job = resource->pattern == PATTERN_SYNC ? aws_job(bare) : NULL;
	Caller caller = caller_of(call);
	const char *service;
	const JsonVal *parameters;
	const JsonVal *stored;

	if (resource->kind == RESOURCE_AWS_SDK)
		return begin_sdk(call, answer);
	if (strcmp(resource->service, API_GATEWAY) == 0)
		return begin_api(call, answer);
	if (calls_kubernetes(resource))
		return begin_kubernetes(call, answer);
	if (row == NULL)
		return service_fail(answer, ERROR_TASK_FAILED,
							"The service of the resource \"%s\" is not available in this database.", resource->text);
	if (resource->pattern == PATTERN_SYNC && job == NULL)
		return service_fail(answer, ERROR_TASK_FAILED, "The end of what \"%s\" starts cannot be waited for.",
							resource->text);
	service = other != NULL ? other->service : row->service;
	parameters = aws_optimized_parameters(row, call->parameters, call->machine_arn, call->execution_arn);
	if (job != NULL)
		parameters = aws_job_parameters(job, parameters);
	stored = stored_call(service, row->resource, other != NULL ? other->action : bare_action(resource->action), &caller,
						 parameters);
	if (other != NULL)
		stored = with_member(stored, "reshaped", jv_string(other->resource));
	if (job != NULL)
		stored = with_member(stored, "job", jv_string(job->resource));
	if (resource->pattern != PATTERN_REQUEST_RESPONSE)
		stored = with_member(stored, "is_waited_for", jv_bool(true));
	return service_begin_http_stored(call, stored, psprintf("%s.amazonaws.com", service), answer);
}

ServiceOutcome
aws_begin_invoke(const ServiceCall *call, const JsonVal *parameters, bool is_bare, Event *answer)
{
	Caller caller = caller_of(call);
	const JsonVal *payload = jv_get(parameters, "Payload");
	const JsonVal *stored;

	/* functions take JSON: a text is one in quotes */
	if (payload != NULL)
		parameters = jv_object_set(parameters, "Payload", (int) strlen("Payload"), jv_string(jv_to_text(payload)));
	stored = stored_call("lambda", "lambda", "invoke", &caller, parameters);

	if (is_bare)
		stored = with_member(stored, "only", jv_string("Payload"));
	return service_begin_http_stored(call, stored, "lambda.amazonaws.com", answer);
}

const JsonVal *
aws_call_stored(const AwsJob *job, const char *action, const char *role_arn, const char *task_role,
				const JsonVal *parameters)
{
	Caller caller = {.role_arn = role_arn, .task_role = task_role};
	const AwsOptimized *row = aws_optimized(pnstrdup(job->resource, strcspn(job->resource, ":")));

	return stored_call(row->service, row->resource, action, &caller, parameters);
}

const JsonVal *
aws_call_in_region(const char *service, const char *action, const char *region, const char *role_arn,
				   const JsonVal *parameters)
{
	Caller caller = {.role_arn = role_arn, .region = region};

	return stored_call(service, NULL, action, &caller, parameters);
}

const JsonVal *
aws_call_with_credentials(const char *service, const char *action, const char *credentials, const JsonVal *parameters)
{
	Caller caller = {.credentials = credentials};

	return stored_call(service, NULL, action, &caller, parameters);
}

/* ---- before it is called ---- */

static bool
action_is_known(const AwsService *service, const char *action, const JsonVal *given, const char **parameter,
				SfnError *error)
{
	const char *name;
	const JsonVal *operation = aws_operation(service, action, &name);
	AwsType input;
	AwsMember member;

	if (operation == NULL)
		return aws_action_unknown(service, action, error);
	if (!aws_operation_is_called(service, operation, name, error))
		return false;
	if (given == NULL || !aws_type_read(service, jv_get(operation, "i"), &input) || input.kind != AWS_STRUCTURE)
		return true;
	for (int i = 0; i < given->count; i++)
	{
		*parameter = given->u.members[i].key;
		if (!aws_member_of_key(service, &input, *parameter, &member, error))
			return false;
	}
	return true;
}

/* The service of AWS that the resource calls, and its action; NULL: none. */
static const char *
called_service(const AslResource *resource, const char **action, const AwsReshaped **other)
{
	const AwsOptimized *row = aws_optimized(resource->service);

	*action = bare_action(resource->action);
	*other = aws_reshaped(psprintf("%s:%s", resource->service, *action));
	if (resource->kind == RESOURCE_AWS_SDK)
		return resource->service + strlen("aws-sdk:");
	if (calls_kubernetes(resource))
		return NULL;
	if (*other != NULL)
		return (*other)->service;
	return row != NULL ? row->service : NULL;
}

const char *
aws_called_service(const AslResource *resource)
{
	const char *action;
	const AwsReshaped *other;

	if (strcmp(resource->service, API_GATEWAY) == 0)
		return API_GATEWAY;
	if (calls_kubernetes(resource))
		return "eks";
	return resource->kind == RESOURCE_FUNCTION ? "lambda" : called_service(resource, &action, &other);
}

bool
aws_result_is_possible(const AslResource *resource, bool is_strict, const JsonVal *result, const char **problem)
{
	const char *action;
	const AwsReshaped *other;
	const char *name;
	bool is_lambda;
	const AwsService *service;
	const JsonVal *operation;
	const char *ignored;
	SfnError error = {0};
	StoreScope scope;

	if (resource->kind != RESOURCE_SERVICE && resource->kind != RESOURCE_AWS_SDK)
		return true;
	is_lambda = strcmp(resource->service, "lambda") == 0;
	name = called_service(resource, &action, &other);
	if (strcmp(resource->service, "states") == 0)
		name = "sfn";
	if (name == NULL || other != NULL)
		return true;
	store_enter(&scope);
	service = aws_service_named(name, &error);
	store_leave(&scope);
	operation = service != NULL ? aws_operation(service, action, &ignored) : NULL;
	return operation == NULL ||
		aws_result_check(service, operation, is_lambda ? "Payload" : NULL, is_strict, result, problem);
}

bool
aws_call_is_known(const AslResource *resource, const JsonVal *given, const char **parameter, SfnError *error)
{
	const char *action;
	const AwsReshaped *other;
	const char *name = called_service(resource, &action, &other);
	const AwsService *service;
	StoreScope scope;

	*parameter = NULL;
	if (name == NULL)
		return true;
	if (other != NULL)
	{
		action = other->action;
		given = given != NULL ? aws_reshape_parameters(other, given) : NULL;
	}
	store_enter(&scope);
	service = aws_service_named(name, error);
	store_leave(&scope);
	return service != NULL && action_is_known(service, action, given, parameter, error);
}

bool
aws_call_may_be_repeated(const JsonVal *stored)
{
	static const char *const reading[] = {"Get", "List", "Describe", "Head", "BatchGet"};
	const char *service_name = jv_get_string(stored, "service");
	const char *action = jv_get_string(stored, "action");
	const AwsService *service;
	const JsonVal *operation;
	const char *name;
	SfnError error = {0};

	if (http_task_flavour(stored) != HTTP_AWS || service_name == NULL || action == NULL)
		return false;
	service = aws_service_named(service_name, &error);
	operation = service != NULL ? aws_operation(service, action, &name) : NULL;
	if (operation == NULL)
		return false;
	for (int i = 0; i < (int) lengthof(reading); i++)
		if (strncmp(name, reading[i], strlen(reading[i])) == 0)
			return true;
	return aws_operation_has_token(service, operation);
}

int64
aws_call_time_limit(const JsonVal *stored)
{
	const char *service = jv_get_string(stored, "service");

	return http_time_limit(service != NULL && strcmp(service, "lambda") == 0 ? HTTP_FUNCTION : HTTP_AWS);
}

/* ---- building ---- */

/* "https://host:port" -> its parts in the request; without a path. */
static void
take_address(HttpRequest *request, AwsCall *call, const char *url)
{
	const char *host = strstr(url, "://") + 3;
	const char *colon =
		host[0] == '[' ? strchr(strchr(host, ']') != NULL ? strchr(host, ']') : host, ':') : strchr(host, ':');

	request->is_plain = strncmp(url, "http://", 7) == 0;
	request->port = colon != NULL ? atoi(colon + 1) : request->is_plain ? 80 : 443;
	call->address = url;
	call->host = host;
	request->host = colon != NULL ? pnstrdup(host, colon - host) : host;
	if (request->host[0] == '[')
		request->host = pnstrdup(request->host + 1, strcspn(request->host + 1, "]"));
	request->url =
		psprintf("%s%s%s%s", url, call->request.path, call->request.query[0] != '\0' ? "?" : "", call->request.query);
}

/* What the parameters name is in a region of its own. */
static const char *
region_of(const JsonVal *input, const char *region)
{
	static const char *const members[] = {"QueueUrl", "TopicArn", "TargetArn", "FunctionName"};

	for (int i = 0; i < (int) lengthof(members); i++)
	{
		const char *text = jv_get_string(input, members[i]);
		const char *named = text != NULL ? aws_region_named(text) : NULL;

		if (named != NULL)
			return named;
	}
	return region;
}

/* Where the request goes and for which region it is signed. */
static void
find_address(HttpRequest *request, AwsCall *call, const char *service_name, const char *region)
{
	char *own = service_endpoint_for(service_name, region);
	AwsEndpoint endpoint;

	aws_endpoint(call->service->endpoint, region, &endpoint);
	call->key.region = endpoint.region;
	call->key.service = call->service->signed_as;
	if (call->api_host != NULL)
		call->key.service = API_GATEWAY_SIGNED_AS;
	if (call->kubernetes.host != NULL)
	{
		const char *named = kubernetes_region(call->kubernetes.host);

		call->key.region = named != NULL ? named : endpoint.region;
		if (own == NULL)
			own = psprintf("https://%s", call->kubernetes.host);
	}
	if (call->api_host != NULL && own == NULL)
	{
		call->key.region = api_gateway_region(call->api_host);
		own = psprintf("https://%s", call->api_host);
	}
	take_address(request, call, own != NULL ? own : psprintf("https://%s%s", call->request.host_prefix, endpoint.host));
}

static void
take_headers(HttpRequest *request, const AwsCall *call)
{
	request->headers = palloc0(sizeof(char *) * (call->request.header_count + SIGNING_HEADERS + 5));
	for (int i = 0; i < call->request.header_count; i++)
		request->headers[request->header_count++] = call->request.headers[i];
	if (call->request.body_length > 0 && strstr(call->request.method, "GET") == NULL)
	{
		bool has_type = false;

		for (int i = 0; i < request->header_count; i++)
			has_type = has_type || pg_strncasecmp(request->headers[i], "content-type:", 13) == 0;
		if (!has_type)
			request->headers[request->header_count++] = "Content-Type: application/octet-stream";
	}
	request->headers[request->header_count++] = psprintf("Host: %s", call->host);
	request->headers[request->header_count++] = "User-Agent: sfn";
	request->headers[request->header_count++] = "Expect:"; /* libcurl is not to ask before it sends a body */
}

static void
take_content(HttpRequest *request, const AwsCall *call)
{
	request->method = call->request.method;
	request->body = call->request.body_length > 0 || strcmp(request->method, "PUT") == 0 ? call->request.body : NULL;
	request->body_length = call->request.body_length;
	request->header_count = 0;
	take_headers(request, call);
}

/* The key, or the token that stands for one which has to be had first. */
static bool
find_key(AwsCall *call, const JsonVal *stored, Oid role, MemoryContext tokens, OAuthToken **token, const char **region,
		 SfnError *error)
{
	AwsKeyPlan plan;

	if (call->request.is_unsigned)
		return true;
	if (!aws_key_plan(stored, role, &plan, error))
		return false;
	*region = plan.region;
	if (aws_plan_is_done(&plan))
		call->key = plan.key;
	else
		*token = token_of_session(tokens, &plan);
	return true;
}

/* An action that there is not is told of where the request is written. */
static bool
may_be_called(const AwsCall *call, SfnError *error)
{
	const char *name;
	const JsonVal *operation = aws_operation(call->service, call->action, &name);

	return operation == NULL || aws_operation_is_called(call->service, operation, name, error);
}

/* A request that may be signed goes to no host but API Gateway's, or to the endpoint that stands for it. */
static bool
write_api_request(AwsCall *call, const JsonVal *input, SfnError *error)
{
	if (!api_request(INVOKE_API, input, &call->request, &call->api_host, error))
		return false;
	if (api_gateway_region(call->api_host) != NULL || service_endpoint_for(API_GATEWAY, sfn_region) != NULL)
		return true;
	return sfn_error(error, ERROR_RUNTIME,
					 "The parameter \"ApiEndpoint\" of apigateway:invoke must be the host of an API, such as "
					 "\"abc123.execute-api.us-east-1.amazonaws.com\".");
}

/* Nor does what proves who calls go to another host than a cluster's. */
static bool
write_kubernetes_request(AwsCall *call, const JsonVal *input, SfnError *error)
{
	if (strcmp(call->action, KUBERNETES_ACTION "getJob") == 0)
		call->job_asked_for = input;
	if (!kubernetes_request(call->action + strlen(KUBERNETES_ACTION), input, &call->request, &call->kubernetes, error))
		return false;
	if (kubernetes_region(call->kubernetes.host) != NULL || service_endpoint_for("eks", sfn_region) != NULL)
		return true;
	return sfn_error(error, ERROR_RUNTIME,
					 "The parameter \"Endpoint\" must be the address of a cluster, such as "
					 "\"https://0123.gr7.us-east-1.eks.amazonaws.com\".");
}

static bool
write_request(AwsCall *call, const JsonVal *input, const char *token, SfnError *error)
{
	if (call->action != NULL && strcmp(call->action, INVOKE_API) == 0)
		return write_api_request(call, input, error);
	if (call->action != NULL && strncmp(call->action, KUBERNETES_ACTION, strlen(KUBERNETES_ACTION)) == 0)
		return write_kubernetes_request(call, input, error);
	return may_be_called(call, error) &&
		aws_request_write(call->service, call->action, input, token, &call->request, error);
}

static const JsonVal *
begin_look_up(AwsCall *call, const JsonVal *input)
{
	call->look_up_for = input;
	call->action = call->reshaped->look_up.action;
	return aws_look_up_parameters(&call->reshaped->look_up, input, NULL);
}

bool
aws_call_build(const JsonVal *stored, Oid role, const char *idempotency_token, MemoryContext tokens,
			   HttpRequest *request, OAuthToken **token, SfnError *error)
{
	AwsCall *call = palloc0(sizeof(AwsCall));
	const char *service_name = jv_get_string(stored, "service");
	const char *optimized = jv_get_string(stored, "optimized");
	const JsonVal *input = jv_get(stored, "input");
	const char *region = sfn_region;

	memset(request, 0, sizeof(*request));
	request->flavour = HTTP_AWS;
	request->keeps_failure = true;
	call->service = aws_service_named(service_name != NULL ? service_name : "", error);
	call->action = jv_get_string(stored, "action");
	call->reshaped = jv_get_string(stored, "reshaped") != NULL ? aws_reshaped(jv_get_string(stored, "reshaped")) : NULL;
	call->only = jv_get_string(stored, "only");
	if (optimized != NULL && strcmp(optimized, "glue") == 0)
		call->job_name = jv_get_string(input, "JobName");
	call->is_waited_for = jv_get(stored, "is_waited_for") != NULL;
	call->optimized = optimized != NULL ? aws_optimized(optimized) : NULL;
	if (input == NULL)
		input = jv_empty_object();
	if (call->reshaped != NULL && call->reshaped->look_up.action != NULL)
		input = begin_look_up(call, input);
	else if (call->reshaped != NULL)
		input = aws_reshape_parameters(call->reshaped, input);
	if (call->service == NULL || !write_request(call, input, idempotency_token, error) ||
		!find_key(call, stored, role, tokens, token, &region, error))
		return false;
	if (jv_get_string(stored, "region") != NULL)
		region = jv_get_string(stored, "region");
	else
		region = region_of(input, region);
	find_address(request, call, service_name, region);
	take_content(request, call);
	request->ca = call->kubernetes.ca;
	request->aws = call;
	return true;
}

/* ---- sending ---- */

/* What is signed beside what the signature adds: the host, the type, and AWS's own. */
static const char **
headers_to_sign(const HttpRequest *request)
{
	const char **lines = palloc(sizeof(char *) * (request->header_count + 1));
	int count = 0;

	for (int i = 0; i < request->header_count; i++)
	{
		const char *line = request->headers[i];

		if (pg_strncasecmp(line, "host:", 5) == 0 || pg_strncasecmp(line, "content-type:", 13) == 0 ||
			pg_strncasecmp(line, "x-amz", 5) == 0)
			lines[count++] = line;
	}
	lines[count] = NULL;
	return lines;
}

/* The server's digests belong to a resource owner, which the pump has only in a transaction. */
static ResourceOwner
owner_of_digests(void)
{
	static ResourceOwner own = NULL;

	if (CurrentResourceOwner != NULL)
		return CurrentResourceOwner;
	if (own == NULL)
		own = ResourceOwnerCreate(NULL, "sfn digests");
	return own;
}

/* Of what is signed, be it sent or not. */
static char *
digest_of_body(const AwsRequest *request)
{
	ResourceOwner saved_owner = CurrentResourceOwner;
	char *digest;

	CurrentResourceOwner = owner_of_digests();
	digest = sigv4_payload_hash(request->body, request->body_length);
	CurrentResourceOwner = saved_owner;
	return digest;
}

void
aws_request_sign(HttpRequest *request, const char *path, const char *query, const char *payload_hash,
				 const Sigv4Key *key)
{
	Sigv4Request to_sign = {.method = request->method,
							.path = path,
							.query = query,
							.headers = headers_to_sign(request)};
	const char **added;
	ResourceOwner saved_owner = CurrentResourceOwner;

	CurrentResourceOwner = owner_of_digests();
	to_sign.payload_hash =
		payload_hash != NULL ? payload_hash : sigv4_payload_hash(request->body, request->body_length);
	added = sigv4_headers(&to_sign, key, GetCurrentTimestamp() + (request->aws != NULL ? request->aws->skew : 0));
	CurrentResourceOwner = saved_owner;
	for (int i = 0; added != NULL && added[i] != NULL; i++)
		request->headers[request->header_count++] = added[i];
}

static void
add_kubernetes_token(HttpRequest *request, const AwsCall *call)
{
	ResourceOwner saved_owner = CurrentResourceOwner;
	char *token;

	CurrentResourceOwner = owner_of_digests();
	token = kubernetes_token(call->kubernetes.cluster, &call->key, GetCurrentTimestamp() + call->skew);
	CurrentResourceOwner = saved_owner;
	if (token != NULL)
		request->headers[request->header_count++] = psprintf("Authorization: Bearer %s", token);
}

void
aws_call_sign(HttpRequest *request, const AwsSession *session)
{
	AwsCall *call = request->aws;

	if (call->request.is_unsigned)
		return;
	if (session != NULL)
		aws_session_key(session, &call->key);
	if (call->own_headers == 0)
		call->own_headers = request->header_count;
	request->header_count = call->own_headers; /* without those of another signature */
	if (call->kubernetes.host != NULL)
	{
		add_kubernetes_token(request, call);
		return;
	}
	aws_request_sign(request, call->request.path, call->request.query,
					 call->request.has_unsigned_payload ? SIGV4_UNSIGNED_PAYLOAD : digest_of_body(&call->request),
					 &call->key);
}

/* ---- what came ---- */

static bool
fail_by_response(const AwsService *service, const AwsOptimized *optimized, const AwsResponse *response,
				 AwsTrouble *trouble, SfnError *error)
{
	AwsFailure failure;

	aws_failure_read(service, response, &failure);
	*trouble = aws_trouble(&failure, response->status);
	if (optimized != NULL)
	{
		aws_optimized_failure(optimized, &failure, response->status, error);
		return false;
	}
	return sfn_error(error, aws_failure_name(service, &failure), "%s",
					 aws_failure_cause(service, &failure, response->status));
}

bool
aws_answer_too_large(SfnError *error)
{
	return sfn_error(
		error, ERROR_DATA_LIMIT_EXCEEDED,
		"The state/task returned a result with a size exceeding the maximum number of bytes service limit.");
}

/* What the service says, of whatever size. */
static bool
read_answer(const AwsService *service, const AwsOptimized *optimized, const char *action, const AwsResponse *response,
			const JsonVal **value, AwsTrouble *trouble, SfnError *error)
{
	bool is_older = optimized != NULL && optimized->is_older;

	*trouble = AWS_TROUBLE;
	if (response->status < 200 || response->status > 299)
		return fail_by_response(service, optimized, response, trouble, error);
	return aws_response_read(service, action, is_older ? AWS_KEYS_OPTIMIZED : AWS_KEYS_SDK, response, value, error);
}

bool
aws_answer_value(const AwsService *service, const AwsOptimized *optimized, const char *action, bool is_waited_for,
				 const AwsResponse *response, const JsonVal **value, SfnError *error)
{
	AwsTrouble trouble;

	if (!read_answer(service, optimized, action, response, value, &trouble, error))
		return false;
	if (jv_text_size(*value, sfn_max_payload_size) > sfn_max_payload_size)
		return aws_answer_too_large(error);
	return optimized == NULL || aws_optimized_result(optimized, is_waited_for, response, value, error);
}

static AwsResponse
received_of(const HttpResponse *response)
{
	return (AwsResponse){.status = response->status,
						 .headers = response->headers,
						 .body = response->body,
						 .body_length = (int) response->body_length};
}

/* The next request for logs; false: there is none. */
static bool
ask_for_logs(HttpRequest *request)
{
	AwsCall *call = request->aws;
	const JsonVal *asked = kubernetes_logs_next(call->logs);
	SfnError error = {0};

	if (asked == NULL || !kubernetes_request("call", asked, &call->request, &call->kubernetes, &error))
		return false;
	take_address(request, call, call->address);
	take_content(request, call);
	call->own_headers = 0;
	return true;
}

static bool
logs_go_on(HttpRequest *request, const HttpResponse *response)
{
	AwsCall *call = request->aws;

	cluster_logs_take(&call->logs, call->job_asked_for, response);
	return call->logs != NULL && ask_for_logs(request);
}

bool
aws_call_does_without(const HttpRequest *request, const SfnError *error, HttpResponse *response)
{
	const char *cause = error->cause != NULL ? error->cause : "";

	if (request->aws->logs == NULL)
		return false;
	*response = (HttpResponse){.headers = "", .body = cause, .body_length = strlen(cause)};
	return true;
}

bool
aws_call_answer(const HttpRequest *request, const HttpResponse *response, const JsonVal **value, AwsTrouble *trouble,
				SfnError *error)
{
	const AwsCall *call = request->aws;
	AwsResponse received = received_of(response);

	if (call->logs != NULL)
	{
		*value = kubernetes_logs_result(call->logs);
		return true;
	}
	if (call->kubernetes.host != NULL)
		return cluster_job_answer(response, value, trouble, error) || http_hide_proofs(request, error);
	return read_answer(call->service, call->optimized, call->action, &received, value, trouble, error) ||
		http_hide_proofs(request, error);
}

bool
aws_call_goes_on(HttpRequest *request, const HttpResponse *response)
{
	AwsCall *call = request->aws;
	AwsResponse received = received_of(response);
	const char *marker;
	const JsonVal *answer;
	const JsonVal *input;
	AwsTrouble trouble;
	SfnError error = {0};

	if (call->kubernetes.host != NULL)
		return logs_go_on(request, response);
	if (call->look_up_for == NULL ||
		!read_answer(call->service, call->optimized, call->action, &received, &answer, &trouble, &error))
		return false;
	aws_look_up_answer(&call->reshaped->look_up, call->look_up_for, answer, &input, &marker);
	if (input != NULL)
	{
		call->look_up_for = NULL;
		call->action = call->reshaped->action;
		input = aws_reshape_parameters(call->reshaped, input);
	}
	else if (marker != NULL && ++call->look_ups < MAX_LOOK_UPS)
		input = aws_look_up_parameters(&call->reshaped->look_up, call->look_up_for, marker);
	else
		return false;
	if (!write_request(call, input, NULL, &error))
		return false;
	take_content(request, call);
	call->own_headers = 0;
	return true;
}

bool
aws_call_corrects_clock(const HttpRequest *request, const HttpResponse *response)
{
	static const char *const codes[] = {"RequestTimeTooSkewed",      "RequestExpired",        "RequestInTheFuture",
										"InvalidSignatureException", "SignatureDoesNotMatch", NULL};
	const char *date = aws_header(response->headers, "Date");
	AwsResponse received = received_of(response);
	AwsFailure failure;
	TimestampTz theirs;
	int64 skew;

	if (response->status < 400 || response->status > 403 || date == NULL || !aws_time_read(jv_string(date), &theirs))
		return false;
	skew = theirs - GetCurrentTimestamp();
	aws_failure_read(request->aws->service, &received, &failure);
	if ((skew > -LEAST_SKEW && skew < LEAST_SKEW) || !name_is_listed(failure.code, codes))
		return false;
	request->aws->skew = skew;
	return true;
}

bool
aws_call_key_is_refused(const HttpRequest *request, const HttpResponse *response)
{
	static const char *const codes[] = {"ExpiredToken",
										"ExpiredTokenException",
										"RequestExpired",
										"InvalidClientTokenId",
										"UnrecognizedClientException",
										"InvalidAccessKeyId",
										NULL};
	AwsResponse received = received_of(response);
	AwsFailure failure;

	if (response->status < 400 || response->status > 403)
		return false;
	aws_failure_read(request->aws->service, &received, &failure);
	return name_is_listed(failure.code, codes);
}

/* What an API answered; other than of services, all of a failure is told.  prefix: of the error's name. */
static bool
api_value(const char *prefix, const HttpResponse *response, const JsonVal **value, SfnError *error)
{
	bool is_text = memchr(response->body, '\0', response->body_length) == NULL &&
		utf8_is_valid(response->body, (int) response->body_length);

	if (response->status >= 200 && response->status <= 299)
		return http_whole_response(response, value, error);
	return sfn_error(error, psprintf("%s.%ld", prefix, response->status), "%s",
					 is_text && response->body_length > 0 ? pnstrdup(response->body, response->body_length)
														  : http_status_text(response));
}

static bool
kubernetes_value(const HttpResponse *response, const JsonVal **value, SfnError *error)
{
	static const char *const members[] = {"Headers", "ResponseBody", "StatusCode"};
	const JsonVal *whole;
	JvObjectBuilder out;

	if (!api_value("EKS", response, &whole, error))
		return false;
	jv_object_begin(&out);
	for (int i = 0; i < (int) lengthof(members); i++)
		jv_object_add(&out, members[i], jv_get(whole, members[i]));
	*value = jv_object_end(&out);
	return true;
}

static bool
fail_to_find(const AwsCall *call, SfnError *error)
{
	const AwsLookUp *look_up = &call->reshaped->look_up;
	const char *name = jv_get_string(call->look_up_for, look_up->name);

	return sfn_error(error, psprintf("%s.InvalidRequestException", call->optimized->prefix),
					 "The %s \"%s\" is not one of the cluster, or \"%s\" is no object.", look_up->name,
					 name != NULL ? name : "", look_up->member);
}

bool
aws_call_value(const HttpRequest *request, const HttpResponse *response, const JsonVal **value, SfnError *error)
{
	const AwsCall *call = request->aws;
	AwsResponse received = received_of(response);

	if (call->api_host != NULL)
		return api_value("ApiGateway", response, value, error) || http_hide_proofs(request, error);
	if (call->kubernetes.host != NULL)
		return kubernetes_value(response, value, error) || http_hide_proofs(request, error);
	if (call->look_up_for != NULL && response->status >= 200 && response->status <= 299)
		return fail_to_find(call, error);
	if (!aws_answer_value(call->service, call->optimized, call->action, call->is_waited_for, &received, value, error))
		return http_hide_proofs(request, error);
	if (call->reshaped != NULL)
		*value = aws_reshape_result(call->reshaped, *value);
	if (call->job_name != NULL && jv_is(*value, JV_OBJECT))
		*value = jv_object_set(*value, "JobName", (int) strlen("JobName"), jv_string(call->job_name));
	if (call->only != NULL)
		*value = jv_get(*value, call->only) != NULL ? jv_get(*value, call->only) : jv_null();
	return true;
}

void
aws_call_transport_error(const HttpRequest *request, SfnError *error, const char *message)
{
	const AwsCall *call = request->aws;
	const char *prefix = call->optimized != NULL ? call->optimized->prefix : call->service->prefix;

	(void) sfn_error(error, psprintf("%s.SdkClientException", prefix), "Unable to execute HTTP request: %s", message);
}
