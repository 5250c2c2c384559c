/*
 * own_services.c
 *	  Ours or AWS's: what a task names is looked for here before a request is made.
 *
 * A bucket, queue or topic that is registered here is ours, whatever endpoints and credentials there are.  What is ours
 * answers in the turn, in the sandbox, as the machine's role.
 */
#include "postgres.h"

#include "base/error.h"
#include "services/aws/own_services.h"
#include "services/http/aws_call.h"
#include "services/http/aws_services.h"
#include "settings/clock.h"
#include "settings/random_uuid.h"
#include "store/store.h"

typedef struct OwnService
{
	const char *name;
	bool (*has)(const OwnCall *call);
	bool (*answer)(OwnCall *call, SfnError *error);
} OwnService;

static const OwnService services[] = {
	{"eventbridge", own_events_has, own_events_answer},
	{"s3", own_s3_has, own_s3_answer},
	{"sfn", own_states_has, own_states_answer},
	{"sns", own_sns_has, own_sns_answer},
	{"sqs", own_sqs_has, own_sqs_answer},
};

const JsonVal *
own_parameter(const OwnCall *call, const char *member)
{
	const JsonVal *parameters = call->parameters;
	AwsMember found;

	for (int i = 0; jv_is(parameters, JV_OBJECT) && i < parameters->count; i++)
	{
		if (aws_member_find(call->service, &call->input, parameters->u.members[i].key, &found) &&
			strcmp(found.name, member) == 0)
			return parameters->u.members[i].value;
	}
	return NULL;
}

const char *
own_text(const OwnCall *call, const char *member)
{
	const JsonVal *value = own_parameter(call, member);

	return jv_is(value, JV_STRING) ? value->u.text : NULL;
}

bool
own_answer_by_actions(OwnCall *own, bool (*answer)(OwnCall *own, ActionCall *call, SfnError *error), SfnError *error)
{
	ActionCall call = {.style = ACTION_AWS, .action = own->action, .never_waits = true, .is_unattended = true};
	bool is_answered;

	store_enter(&call.scope);
	is_answered = answer(own, &call, error);
	store_leave(&call.scope);
	return is_answered;
}

/* ---- JSON protocols ---- */

char *
own_action_name(const OwnCall *call)
{
	char *name = pstrdup(call->action);

	name[0] = (char) pg_toupper((unsigned char) name[0]);
	return name;
}

const JsonVal *
own_json_request(const OwnCall *call)
{
	JvParseError ignored;
	const JsonVal *request = jv_parse(call->request.body, call->request.body_length, &ignored);

	return request != NULL ? request : jv_empty_object();
}

void
own_json_failure(OwnCall *call, const char *type, const char *message)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "__type", jv_string(type));
	jv_object_add(&answer, "message", jv_string(message));
	call->status = 400;
	jv_print(&call->body, jv_object_end(&answer));
}

/* ---- which it is ---- */

static const OwnService *
service_named(const char *name)
{
	for (int i = 0; i < (int) lengthof(services); i++)
	{
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	}
	return NULL;
}

/* The service's name as aws-sdk has it; *optimized: its row, or NULL for aws-sdk. */
static const char *
name_of_service(const AslResource *resource, const AwsOptimized **optimized)
{
	*optimized = NULL;
	if (resource->kind == RESOURCE_AWS_SDK)
		return resource->service + strlen("aws-sdk:");
	*optimized = aws_optimized(resource->service);
	return *optimized != NULL ? (*optimized)->service : "";
}

/* What there is to know of the call; false: the service or its action is not known. */
static bool
read_call(const ServiceCall *call, const char *service_name, OwnCall *own)
{
	const AslResource *resource = call->resource;
	const JsonVal *operation;
	const char *operation_name;
	SfnError ignored = {0};

	own->call = call;
	own->service = aws_service_named(service_name, &ignored);
	own->action = pnstrdup(resource->action, strcspn(resource->action, "."));
	own->parameters = own->optimized != NULL
		? aws_optimized_parameters(own->optimized, call->parameters, call->machine_arn, call->execution_arn)
		: call->parameters;
	operation = own->service != NULL ? aws_operation(own->service, own->action, &operation_name) : NULL;
	return operation != NULL && aws_type_read(own->service, jv_get(operation, "i"), &own->input) &&
		own->input.kind == AWS_STRUCTURE;
}

/* The service that answers the call here, or NULL. */
static const OwnService *
find_own(const ServiceCall *call, OwnCall *own)
{
	const char *name = name_of_service(call->resource, &own->optimized);
	const OwnService *service = service_named(name);
	StoreScope scope;
	bool is_ours;

	if (service == NULL)
		return NULL;
	store_enter(&scope);
	is_ours = read_call(call, name, own) && service->has(own);
	store_leave(&scope);
	return is_ours ? service : NULL;
}

bool
own_service_answers(const ServiceCall *call, bool *may_be)
{
	OwnCall own = {0};

	*may_be = service_named(name_of_service(call->resource, &own.optimized)) != NULL;
	return find_own(call, &own) != NULL;
}

/* ---- the answer ---- */

typedef struct OwnWork
{
	const OwnService *service;
	OwnCall *call;
	bool has_failed;
	SfnError error;
} OwnWork;

/* In the sandbox. */
static void
do_work(void *arg)
{
	OwnWork *work = arg;

	work->has_failed = !work->service->answer(work->call, &work->error);
}

static void
begin_response(OwnCall *own)
{
	const char *id = random_uuid();

	own->status = 200;
	initStringInfo(&own->headers);
	initStringInfo(&own->body);
	appendStringInfo(&own->headers, "x-amzn-RequestId: %s\r\n", id);
}

/* The headers that results of the optimized integrations show. */
static void
add_shown_headers(OwnCall *own)
{
	StringInfo headers = &own->headers;

	appendStringInfo(headers, "connection: keep-alive\r\nContent-Length: %d\r\nDate: ", own->body.len);
	aws_time_print(headers, sfn_now(), 'R');
	appendStringInfo(headers, "\r\nContent-Type: %s\r\n",
					 own->service->protocol == AWS_JSON ? "application/x-amz-json-1.0" : "text/xml");
}

static ServiceOutcome
answer_of(OwnCall *own, Event *answer)
{
	AwsResponse response = {.status = own->status,
							.headers = own->headers.data,
							.body = own->body.data,
							.body_length = own->body.len};
	const JsonVal *value;
	SfnError error = {0};

	if (own->optimized != NULL)
	{
		add_shown_headers(own);
		response.headers = own->headers.data;
	}
	if (!aws_answer_value(own->service, own->optimized, own->action, false, &response, &value, &error))
		return service_fail(answer, error.name, "%s", error.cause);
	return service_succeed(answer, value);
}

ServiceOutcome
service_run_ours_or_aws(const ServiceCall *call, Event *answer)
{
	OwnCall own = {0};
	OwnWork work = {.service = find_own(call, &own), .call = &own};
	ErrorData *problem;
	ServiceOutcome outcome;

	if (work.service == NULL)
		return service_run_aws(call, answer);
	if (!aws_request_write(own.service, own.action, own.parameters, random_uuid(), &own.request, &work.error))
		return service_fail(answer, work.error.name, "%s", work.error.cause);
	begin_response(&own);
	if (!service_sandbox(call, do_work, &work, &problem, &outcome, answer))
		return outcome;
	if (problem != NULL)
		return service_fail(answer, ERROR_TASK_FAILED, "%s", problem->message);
	if (work.has_failed)
		return service_fail(answer, work.error.name, "%s", work.error.cause);
	return answer_of(&own, answer);
}
