/*
 * lambda_function.c
 *	  Functions in the shape of AWS Lambda: a function ARN as Resource, and the
 *	  integration arn:aws:states:::lambda:invoke.
 *
 * Their work is a SQL function, or a URL that is called by the pump, which
 * sfn.create_function() registered under the name that the definition uses.  Versions and aliases behind the name are
 * accepted and mean the same function.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/uuid.h"
#include "utils/varlena.h"

#include "aws/lambda.h"
#include "aws/sdk_answer.h"
#include "base/error.h"
#include "services/aws/lambda_function.h"
#include "services/http/aws_call.h"
#include "services/http/aws_keys.h"
#include "services/http/http_request.h"
#include "services/sql/sql_task.h"
#include "settings/arns.h"
#include "settings/random_uuid.h"
#include "store/functions.h"
#include "store/store.h"
#include "store/trust.h"

static char *function_name_of(const char *reference);
static FunctionRow *function_lookup(const char *name, Oid role, Oid *target, SfnError *denied);
static Oid procedure_of_signature(const char *signature);
static const JsonVal *invoke_event(const JsonVal *payload);

/* What is not registered here is AWS's, where there are credentials. */
static bool
is_of_aws(const ServiceCall *call)
{
	StoreScope scope;
	bool has_key;

	store_enter(&scope);
	has_key = aws_has_key(call->role_arn, call->role);
	store_leave(&scope);
	return has_key;
}

static const JsonVal *
invoke_parameters(const char *name, const JsonVal *payload)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	jv_object_add(&out, "FunctionName", jv_string(name));
	jv_object_add(&out, "Payload", payload);
	return jv_object_end(&out);
}

ServiceOutcome
service_run_function(const ServiceCall *call, Event *answer)
{
	Oid target;
	SfnError denied = {0};
	FunctionRow *function = function_lookup(call->resource->name, call->role, &target, &denied);
	const JsonVal *result = jv_null();

	if (denied.name != NULL)
		return service_fail(answer, denied.name, "%s", denied.cause);
	if (function == NULL && is_of_aws(call))
		return aws_begin_invoke(call, invoke_parameters(call->resource->text, call->parameters), true, answer);
	if (function == NULL)
		return service_fail(answer, "Lambda.ResourceNotFoundException", "Function not found: %s",
							function_arn(call->resource->name));
	if (function_target_is_url(function->target))
		return service_begin_http(call, HTTP_FUNCTION, function->target, call->parameters, answer);
	if (!OidIsValid(target))
		return service_fail(answer, "Lambda.ResourceNotFoundException",
							"The function %s calls %s, which does not exist.", function->name, function->target);
	return sql_function_call(call, target, function->alone, call->parameters, CAUSE_FUNCTION, &result, answer);
}

ServiceOutcome
service_run_lambda_invoke(const ServiceCall *call, Event *answer)
{
	const char *reference = jv_get_string(call->parameters, "FunctionName");
	const JsonVal *payload = jv_get(call->parameters, "Payload");
	const char *log_type = jv_get_string(call->parameters, "LogType");
	bool with_log = log_type != NULL && strcmp(log_type, "Tail") == 0;
	char *name;
	Oid target;
	SfnError denied = {0};
	FunctionRow *function;
	const JsonVal *result = jv_null();
	ServiceOutcome outcome;

	if (reference == NULL)
		return service_fail(answer, ERROR_RUNTIME, "The parameter \"FunctionName\" of lambda:invoke must be a string.");
	name = function_name_of(reference);
	function = function_lookup(name, call->role, &target, &denied);
	if (denied.name != NULL)
		return service_fail(answer, denied.name, "%s", denied.cause);
	if (function != NULL && function_target_is_url(function->target))
		return service_begin_http(call, with_log ? HTTP_LAMBDA_INVOKE_TAIL : HTTP_LAMBDA_INVOKE, function->target,
								  invoke_event(payload), answer);
	if (function == NULL && is_of_aws(call))
		return aws_begin_invoke(call, call->parameters, false, answer);
	if (function == NULL || !OidIsValid(target))
		return service_fail(answer, "Lambda.ResourceNotFoundException", "%s",
							sdk_error_cause(psprintf("Function not found: %s:$LATEST", function_arn(name)), "AWSLambda",
											404, "ResourceNotFoundException", random_uuid()));

	outcome = sql_function_call(call, target, function->alone, invoke_event(payload), CAUSE_INVOKE, &result, answer);
	if (outcome == SERVICE_ANSWERED && answer->kind == EVENT_TASK_SUCCEEDED)
		return service_succeed(answer, lambda_invoke_answer(answer->value, random_uuid(), with_log));
	return outcome;
}

/* "name", "name:qualifier", "account:function:name" or an ARN, with or without qualifier. */
static char *
function_name_of(const char *reference)
{
	const char *marker = strstr(reference, "function:");
	char *name = pstrdup(marker != NULL ? marker + strlen("function:") : reference);
	char *qualifier = strchr(name, ':');

	if (qualifier != NULL)
		*qualifier = '\0';
	return name;
}

/* NULL: no such function; *target is InvalidOid when what it calls is gone, or a URL.  Within the store's scope. */
static FunctionRow *
function_read(const char *name, Oid *target)
{
	FunctionRow *function = function_by_name(name);

	*target = InvalidOid;
	if (function != NULL && !function_target_is_url(function->target))
		*target = procedure_of_signature(function->target);
	return function;
}

bool
function_is_there(const char *reference)
{
	StoreScope scope;
	Oid target;
	FunctionRow *function;

	store_enter(&scope);
	function = function_read(function_name_of(reference), &target);
	store_leave(&scope);
	return function != NULL && (OidIsValid(target) || function_target_is_url(function->target));
}

/* The function to call; *denied is filled when machines of the role are not to call it. */
static FunctionRow *
function_lookup(const char *name, Oid role, Oid *target, SfnError *denied)
{
	StoreScope scope;
	FunctionRow *function;

	store_enter(&scope);
	function = function_read(name, target);
	if (function != NULL)
		(void) name_is_trusted(&(OwnedName){.kind = NAME_FUNCTION,
											.id = function->id,
											.name = name,
											.owner = function->owner},
							   role, denied);
	store_leave(&scope);
	return function;
}

bool
function_is_trusted(const char *reference, Oid role, SfnError *error)
{
	Oid target;

	memset(error, 0, sizeof(SfnError));
	(void) function_lookup(function_name_of(reference), role, &target, error);
	return error->name == NULL;
}

/* The beginning of the arguments in "schema.name(argument types)"; NULL: there are none. */
static const char *
arguments_of_signature(const char *signature)
{
	bool is_quoted = false;

	for (const char *c = signature; *c != '\0'; c++)
	{
		if (*c == '"')
			is_quoted = !is_quoted;
		else if (*c == '(' && !is_quoted)
			return c;
	}
	return NULL;
}

/*
 * The function whose qualified signature this is; InvalidOid when there is none.  Whatever the text, no error is thrown,
 * as to_regprocedure() does before PostgreSQL 16: the turn would fail for it.
 */
static Oid
procedure_of_signature(const char *signature)
{
	const char *arguments = arguments_of_signature(signature);
	List *names;
	Oid schema;
	CatCList *list;
	Oid found = InvalidOid;

	if (arguments == NULL || !SplitIdentifierString(pnstrdup(signature, arguments - signature), '.', &names) ||
		list_length(names) != 2)
		return InvalidOid;
	schema = get_namespace_oid(linitial(names), true);
	if (!OidIsValid(schema))
		return InvalidOid;
	list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(lsecond(names)));
	for (int i = 0; i < list->n_members && !OidIsValid(found); i++)
	{
		Form_pg_proc form = (Form_pg_proc) GETSTRUCT(&list->members[i]->tuple);

		if (form->pronamespace == schema && strcmp(format_procedure_qualified(form->oid), signature) == 0)
			found = form->oid;
	}
	ReleaseSysCacheList(list);
	return found;
}

/* A payload that is a string is sent as it is, so the function sees what JSON it spells; none and null are an empty object. */
static const JsonVal *
invoke_event(const JsonVal *payload)
{
	JvParseError not_json;
	const JsonVal *event;

	if (payload == NULL || payload->type == JV_NULL)
		return jv_empty_object();
	if (payload->type != JV_STRING)
		return payload;
	event = jv_parse(payload->u.text, payload->count, &not_json);
	return event != NULL ? event : payload;
}

bool
function_target_is_url(const char *target)
{
	return strncmp(target, "https://", 8) == 0 || strncmp(target, "http://", 7) == 0;
}
