/*
 * functions.c
 *	  The SQL functions for names of functions: create_function(), delete_function().
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "actions/functions.h"
#include "api/arguments.h"
#include "services/aws/lambda_function.h"
#include "services/http/http_request.h"
#include "settings/arns.h"
#include "store/sql_version.h"

/* target InvalidOid: null */
static Datum
create_function(FunctionCallInfo fcinfo, Oid target)
{
	ActionCall call;
	char *name;

	api_enter(&call, ACTION_SQL, "CreateFunction");
	name = required_text(&call, fcinfo, 0, "name");
	if (PG_ARGISNULL(1))
		api_error(&call, API_CONSTRAINT, "null", "target", "Member must not be null", "target must not be null");
	api_check(&call, function_register(&call, name, target, !PG_ARGISNULL(2) && PG_GETARG_BOOL(2)));
	api_leave(&call);
	return CStringGetTextDatum(function_arn(name));
}

SFN_FUNCTION(sfn_create_function)
{
	return create_function(fcinfo, PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1));
}

static bool
url_can_be_called(const char *url, SfnError *error)
{
	HttpRequest request;

	return http_request_build(http_task_parameters(HTTP_FUNCTION, url, jv_null()), NULL, NULL, &request, error);
}

/* The target is a URL, or a signature as regprocedure reads it. */
SFN_FUNCTION(sfn_create_function_by_text)
{
	ActionCall call;
	char *name;
	char *target = text_argument(fcinfo, 1);

	if (target == NULL)
		return create_function(fcinfo, InvalidOid);
	if (!function_target_is_url(target))
		return create_function(fcinfo, DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(target))));
	api_enter(&call, ACTION_SQL, "CreateFunction");
	name = required_text(&call, fcinfo, 0, "name");
	api_check(&call, function_register_url(&call, name, target, url_can_be_called));
	api_leave(&call);
	return CStringGetTextDatum(function_arn(name));
}

SFN_FUNCTION(sfn_delete_function)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteFunction");
	api_check(&call, function_drop(&call, required_text(&call, fcinfo, 0, "name")));
	api_leave(&call);
	PG_RETURN_VOID();
}
