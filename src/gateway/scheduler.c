/*
 * scheduler.c
 *	  The API of EventBridge Scheduler, which is spoken by methods and paths.
 *
 * What is in path, query and body is put together to the request that the database knows.
 */
#include "gateway/scheduler.h"

#include "aws/url_encoding.h"
#include "gateway/calls.h"
#include "gateway/keys.h"
#include "gateway/routes.h"
#include "json/json_value.h"

/* A parameter of the query: its name and the member's; one is a number, one stands there once for each element. */
typedef enum ParameterKind
{
	PARAMETER_TEXT,
	PARAMETER_NUMBER,
	PARAMETER_LIST
} ParameterKind;

static const struct
{
	const char *name;
	const char *member;
	ParameterKind kind;
} parameters[] = {
	{"clientToken", "ClientToken"},
	{"groupName", "GroupName"},
	{"ScheduleGroup", "GroupName"},
	{"NamePrefix", "NamePrefix"},
	{"NextToken", "NextToken"},
	{"State", "State"},
	{"MaxResults", "MaxResults", PARAMETER_NUMBER},
	{"TagKeys", "TagKeys", PARAMETER_LIST},
};

static const struct
{
	const char *method;
	const char *path;   /* one that ends in a star has the member's value there */
	const char *member; /* or NULL */
	const char *call;
} operations[] = {
	{"POST", "/schedules/*", "Name", "scheduler:CreateSchedule"},
	{"GET", "/schedules/*", "Name", "scheduler:GetSchedule"},
	{"PUT", "/schedules/*", "Name", "scheduler:UpdateSchedule"},
	{"DELETE", "/schedules/*", "Name", "scheduler:DeleteSchedule"},
	{"GET", "/schedules", NULL, "scheduler:ListSchedules"},
	{"POST", "/schedule-groups/*", "Name", "scheduler:CreateScheduleGroup"},
	{"GET", "/schedule-groups/*", "Name", "scheduler:GetScheduleGroup"},
	{"DELETE", "/schedule-groups/*", "Name", "scheduler:DeleteScheduleGroup"},
	{"GET", "/schedule-groups", NULL, "scheduler:ListScheduleGroups"},
	{"GET", "/tags/*", "ResourceArn", "scheduler:ListTagsForResource"},
	{"POST", "/tags/*", "ResourceArn", "scheduler:TagResource"},
	{"DELETE", "/tags/*", "ResourceArn", "scheduler:UntagResource"},
};

/* ---- the request for the database ---- */

static void
add_body(JvObjectBuilder *call, const JsonVal *body)
{
	for (int i = 0; jv_is(body, JV_OBJECT) && i < body->count; i++)
		jv_object_add_n(call, body->u.members[i].key, body->u.members[i].key_length, body->u.members[i].value);
}

static void
add_parameter(JvObjectBuilder *call, const Request *request, size_t i)
{
	const char *text = request_parameter(request, parameters[i].name);
	JvParseError error;

	if (text == NULL)
		return;
	if (parameters[i].kind == PARAMETER_LIST)
		jv_object_add(call, parameters[i].member, request_parameters(request, parameters[i].name));
	else
	{
		const JsonVal *number =
			parameters[i].kind == PARAMETER_NUMBER ? jv_parse(text, (int) strlen(text), &error) : NULL;

		jv_object_add(call, parameters[i].member, number != NULL ? number : jv_string(text));
	}
}

/* NULL: it has been refused. */
static char *
call_body(Request *request)
{
	JvParseError error;
	const JsonVal *body =
		request->body_length > 0 ? jv_parse(request->body, (int) request->body_length, &error) : jv_empty_object();
	JvObjectBuilder call;

	if (!jv_is(body, JV_OBJECT))
	{
		request_fail(request, 400, "SerializationException", "The body must be a JSON object");
		return NULL;
	}
	jv_object_begin(&call);
	add_body(&call, body);
	for (size_t i = 0; i < lengthof(parameters); i++)
		add_parameter(&call, request, i);
	if (request->target != NULL)
		jv_object_add(&call, request->target_member, jv_string(request->target));
	return jv_to_text(jv_object_end(&call));
}

/* ---- the routes ---- */

static void
answered(Request *request, const char *answer)
{
	if (answer != NULL)
		request_answer_json(request, answer);
}

static void
run_operation(Request *request)
{
	char *body = call_body(request);

	if (body != NULL)
		call_api(request, request->call_name, body, POOL_CALLS, answered);
}

static void
begin_operation(Request *request, size_t i, const char *rest)
{
	request_asks_for(request, "scheduler", operations[i].call);
	request->target_member = operations[i].member;
	request->target = operations[i].member != NULL ? url_decode(rest, (int) strlen(rest)) : NULL;
	if (operations[i].member != NULL && (request->target == NULL || request->target[0] == '\0'))
		request_fail(request, 400, "ValidationException", "The path names nothing");
	else if (request_is_text(request))
		keys_authenticate(request, "scheduler", run_operation);
}

void
scheduler_route(Request *request, const char *rest)
{
	(void) rest;
	request->style = ANSWER_REST;
	request->action = "Unknown";
	for (size_t i = 0; i < lengthof(operations); i++)
	{
		const char *behind = route_rest(request->path, operations[i].path);

		if (behind == NULL || strcmp(operations[i].method, request->received.method) != 0)
			continue;
		begin_operation(request, i, behind);
		return;
	}
	request_fail(request, 405, "MethodNotAllowed", "The method is not allowed here");
}
