/*
 * function_functions.c
 *	  sfn.create_function() and sfn.delete_function(): names for what function ARNs call.
 *
 * Registering grants nothing: a task calls the function as its machine's role,
 * which needs EXECUTE.  Whoever registers must have that right, too, and a name
 * belongs to the role that took it first.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "api/arguments.h"
#include "services/aws/lambda_function.h"
#include "services/http/http_request.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "store/functions.h"

static void check_url(const char *url);
static void require_callable(const ApiCall *call, Oid function);
static FunctionRow *require_owner(const ApiCall *call, const char *name, FunctionRow *function);

extern PGDLLEXPORT Datum sfn_create_function(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_create_function);
Datum
sfn_create_function(PG_FUNCTION_ARGS)
{
	ApiCall call;
	FunctionRow function = {0};

	api_enter(&call, API_SQL, "CreateFunction");
	function.name = required_text(&call, fcinfo, 0, "name");
	check_name(&call, function.name, "a function");
	if (PG_ARGISNULL(1))
		api_error(&call, API_CONSTRAINT, "null", "target", "Member must not be null", "target must not be null", NULL);
	require_callable(&call, PG_GETARG_OID(1));
	(void) require_owner(&call, function.name, function_by_name(function.name));

	function.target = format_procedure_qualified(PG_GETARG_OID(1));
	function.alone = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	function.owner = call.scope.caller;
	function_upsert(&function);
	api_leave(&call);
	return CStringGetTextDatum(arn_of_function(sfn_region, sfn_account_id, function.name));
}

/* The target is a URL, or a signature as regprocedure reads it. */
extern PGDLLEXPORT Datum sfn_create_function_by_text(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_create_function_by_text);
Datum
sfn_create_function_by_text(PG_FUNCTION_ARGS)
{
	ApiCall call;
	FunctionRow function = {0};
	char *target = text_argument(fcinfo, 1);

	if (target == NULL || !function_target_is_url(target))
	{
		if (target != NULL)
			fcinfo->args[1].value = DirectFunctionCall1(regprocedurein, CStringGetDatum(target));
		return sfn_create_function(fcinfo);
	}
	api_enter(&call, API_SQL, "CreateFunction");
	function.name = required_text(&call, fcinfo, 0, "name");
	check_name(&call, function.name, "a function");
	check_url(target);
	(void) require_owner(&call, function.name, function_by_name(function.name));
	function.target = target;
	function.owner = call.scope.caller;
	function_upsert(&function);
	api_leave(&call);
	return CStringGetTextDatum(arn_of_function(sfn_region, sfn_account_id, function.name));
}

static void
check_url(const char *url)
{
	HttpRequest request;
	SfnError error = {0};

	if (!http_request_build(http_task_parameters(HTTP_FUNCTION, url, jv_null()), NULL, NULL, &request, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid URL of a function"),
				 errdetail("%s", error.cause)));
}

extern PGDLLEXPORT Datum sfn_delete_function(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_delete_function);
Datum
sfn_delete_function(PG_FUNCTION_ARGS)
{
	ApiCall call;
	char *name;

	api_enter(&call, API_SQL, "DeleteFunction");
	name = required_text(&call, fcinfo, 0, "name");
	if (require_owner(&call, name, function_by_name(name)) == NULL)
		api_error(&call, API_FUNCTION_DOES_NOT_EXIST, name, NULL);
	(void) function_delete(name);
	api_leave(&call);
	PG_RETURN_VOID();
}

/* The function exists, takes one json or jsonb, and the caller may execute it. */
static void
require_callable(const ApiCall *call, Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	char *signature;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION), errmsg("function with OID %u does not exist", function)));
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	signature = format_procedure_qualified(function);

	if (proc->prokind != PROKIND_FUNCTION)
		api_error(call, API_INVALID_FUNCTION, signature, "it is no plain function", NULL);
	if (proc->pronargs - proc->pronargdefaults > 1 || proc->pronargs < 1 ||
		(proc->proargtypes.values[0] != JSONBOID && proc->proargtypes.values[0] != JSONOID))
		api_error(call, API_INVALID_FUNCTION, signature, "its parameters do not fit", NULL);
	if (sfn_proc_aclcheck(function, call->scope.caller, ACL_EXECUTE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied for function %s", signature)));
	ReleaseSysCache(tuple);
}

/* The registered function, if there is one and the caller is a member of its owner. */
static FunctionRow *
require_owner(const ApiCall *call, const char *name, FunctionRow *function)
{
	const char *owner;

	if (function == NULL || is_member_of_role(call->scope.caller, function->owner))
		return function;

	owner = GetUserNameFromId(function->owner, true);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied for function name \"%s\"", name),
			 errhint("It was registered by role \"%s\".", owner != NULL ? owner : "(dropped)")));
	return NULL;
}
