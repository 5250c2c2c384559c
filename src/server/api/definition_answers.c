/*
 * definition_answers.c
 *	  Who answers each task of a definition.
 *
 * The same questions are asked as when the task runs, of what the definition says in so many words; what is computed when the
 * state runs is not known yet.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "actions/state_machines.h"
#include "api/definition_advice.h"
#include "api/definition_answers.h"
#include "asl/service.h"
#include "asl/state_type.h"
#include "aws/api_gateway.h"
#include "services/aws/lambda_function.h"
#include "services/aws/own_services.h"
#include "services/http/aws_call.h"
#include "services/http/aws_keys.h"
#include "settings/arns.h"
#include "settings/guc.h"
#include "store/services.h"
#include "store/store.h"

#define DATABASE "database"
#define NOBODY "nobody"

typedef struct Question
{
	const AslResource *resource;
	Oid role;
	const char *role_arn;
	const JsonVal *known; /* of the parameters: what the definition gives as it is */
	bool all_known;
} Question;

/* ---- what is known of the parameters ---- */

static void
take_parameters(Question *question, const AslState *state, const JsonVal *written)
{
	bool is_jsonata = state->query_language == QUERY_JSONATA;
	const JsonVal *given = jv_get(written, is_jsonata ? "Arguments" : "Parameters");
	JvObjectBuilder out;

	jv_object_begin(&out);
	question->all_known = jv_is(given, JV_OBJECT);
	for (int i = 0; question->all_known && i < given->count; i++)
	{
		const JvMember *member = &given->u.members[i];
		bool is_path = !is_jsonata && member->key_length > 2 && strcmp(member->key + member->key_length - 2, ".$") == 0;

		if (!is_path && !state_computes(state, member->value))
			jv_object_add(&out, member->key, member->value);
	}
	question->known = jv_object_end(&out);
	for (int i = 0; question->all_known && i < given->count; i++)
		question->all_known = jv_get(question->known, given->u.members[i].key) != NULL;
}

/* ---- who it is ---- */

static void
answer(TaskAnswerer *task, const char *by, const char *detail)
{
	task->by = by;
	task->detail = detail;
}

/* APIs may be called by everybody. */
static bool
needs_no_key(const Question *question)
{
	const char *type = jv_get_string(question->known, "AuthType");

	return strcmp(question->resource->service, API_GATEWAY) == 0 &&
		(type != NULL ? strcmp(type, "NO_AUTH") == 0 : question->all_known);
}

/* AWS's, or the endpoint's that stands for it. */
static void
answer_elsewhere(const Question *question, TaskAnswerer *task)
{
	const char *service = aws_called_service(question->resource);
	StoreScope scope;
	const char *endpoint;
	bool has_key;

	store_enter(&scope);
	endpoint = service_endpoint_for(service != NULL ? service : "", sfn_region);
	endpoint = endpoint != NULL ? pstrdup(endpoint) : NULL;
	has_key = needs_no_key(question) || aws_has_key(question->role_arn, question->role);
	store_leave(&scope);
	if (!has_key)
		answer(task, NOBODY, "there are no credentials: sfn.create_aws_credentials()");
	else if (endpoint != NULL)
		answer(task, "endpoint", endpoint);
	else
		answer(task, "AWS", NULL);
}

static void
answer_aws(const Question *question, TaskAnswerer *task)
{
	ServiceCall call = {.resource = question->resource,
						.parameters = question->known,
						.role = question->role,
						.role_arn = question->role_arn,
						.execution_arn = "",
						.machine_arn = ""};
	bool may_be;

	if (own_service_answers(&call, &may_be))
		answer(task, DATABASE, NULL);
	else if (may_be && !question->all_known)
		answer(task, NULL, "it depends on what the state computes");
	else
		answer_elsewhere(question, task);
}

static void
answer_function(const Question *question, const char *name, TaskAnswerer *task)
{
	if (name == NULL)
		answer(task, NULL, "it depends on what the state computes");
	else if (function_is_there(name))
		answer(task, DATABASE, NULL);
	else if (function_is_of_aws(name, question->role))
		answer_elsewhere(question, task);
	else
		answer(task, NOBODY, "no such function is registered: sfn.create_function()");
}

static void
answer_service(const Question *question, TaskAnswerer *task)
{
	const AslResource *resource = question->resource;

	if (resource->row == NULL)
		answer(task, NOBODY, "the service is not available in this database");
	else if (strcmp(resource->service, "lambda") == 0)
		answer_function(question, jv_get_string(question->known, "FunctionName"), task);
	else if (resource->row->place == AWS)
		answer_aws(question, task);
	else if (resource->row->place == IN_WORKER)
		answer(task, "HTTP", jv_get_string(question->known, "ApiEndpoint"));
	else
		answer(task, DATABASE, NULL);
}

static void
answer_task(const Question *question, TaskAnswerer *task)
{
	switch (question->resource->kind)
	{
		case RESOURCE_SQL:
			answer(task, DATABASE, NULL);
			break;
		case RESOURCE_FUNCTION:
			answer_function(question, question->resource->name, task);
			break;
		case RESOURCE_ACTIVITY:
			answer(task, "workers", NULL);
			break;
		case RESOURCE_HTTP:
			answer(task, "HTTP", question->resource->text);
			break;
		case RESOURCE_AWS_SDK:
			answer_aws(question, task);
			break;
		case RESOURCE_SERVICE:
			answer_service(question, task);
			break;
	}
}

bool
definition_answers(const char *definition, Oid role, TaskAnswerer **tasks, int *count)
{
	DiagnosticList problems;
	const AslMachine *machine = definition_compile(definition, false, &problems);
	JvParseError ignored;
	const JsonVal *written = jv_parse(definition, (int) strlen(definition), &ignored);

	*count = 0;
	if (machine == NULL)
		return false;
	*tasks = palloc0(sizeof(TaskAnswerer) * (machine->state_count + 1));
	for (int i = 0; i < machine->state_count; i++)
	{
		const AslState *state = machine->states[i];
		TaskAnswerer *task = &(*tasks)[*count];
		Question question = {.role = role, .role_arn = role_arn(GetUserNameFromId(role, false))};
		StringInfoData location;

		CHECK_FOR_INTERRUPTS();
		if (strcmp(state->type->name, "Task") != 0)
			continue;
		initStringInfo(&location);
		question.resource = &((const TaskState *) state)->resource;
		take_parameters(&question, state, definition_state_at(written, state->pointer, &location));
		task->location = location.data;
		task->resource = question.resource->text;
		answer_task(&question, task);
		(*count)++;
	}
	return true;
}
