/*
 * functions.c
 *	  Names for what function ARNs call.
 *
 * Registering grants nothing: a task calls the function as its machine's role,
 * which needs EXECUTE.  Whoever registers must have that right, too, and a name
 * belongs to the role that took it first.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "actions/checks.h"
#include "actions/functions.h"
#include "settings/compat.h"
#include "store/functions.h"

/* The function exists, takes one json or jsonb, and the caller may execute it. */
static SFN_MUST_CHECK bool
require_callable(ActionCall *call, Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	char *signature;
	bool is_plain;
	bool fits;

	if (!HeapTupleIsValid(tuple))
		return action_fail(call, API_UNDEFINED_FUNCTION, psprintf("%u", function));
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	is_plain = proc->prokind == PROKIND_FUNCTION;
	fits = proc->pronargs - proc->pronargdefaults <= 1 && proc->pronargs >= 1 &&
		(proc->proargtypes.values[0] == JSONBOID || proc->proargtypes.values[0] == JSONOID);
	ReleaseSysCache(tuple);

	signature = format_procedure_qualified(function);
	if (!is_plain || !fits)
		return action_fail(call, API_INVALID_FUNCTION, signature,
						   is_plain ? "its parameters do not fit" : "it is no plain function");
	return sfn_proc_aclcheck(function, call->scope.caller, ACL_EXECUTE) == ACLCHECK_OK ||
		action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for function %s", signature), "");
}

/* The registered function, if there is one and the caller is a member of its owner. */
static SFN_MUST_CHECK bool
find_function(ActionCall *call, const char *name, FunctionRow **function)
{
	const char *owner;

	*function = function_by_name(name);
	if (*function == NULL || is_member_of_role(call->scope.caller, (*function)->owner))
		return true;
	owner = GetUserNameFromId((*function)->owner, true);
	return action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for function name \"%s\"", name),
					   psprintf("It was registered by role \"%s\".", owner != NULL ? owner : "(dropped)"));
}

bool
function_register(ActionCall *call, char *name, Oid target, bool alone)
{
	FunctionRow function = {.name = name, .alone = alone, .owner = call->scope.caller};
	FunctionRow *existing;

	if (!check_name(call, name, "a function") || !require_callable(call, target) ||
		!find_function(call, name, &existing))
		return false;
	function.target = format_procedure_qualified(target);
	function_upsert(&function);
	return true;
}

bool
function_register_url(ActionCall *call, char *name, char *url, FunctionUrlCheck check)
{
	FunctionRow function = {.name = name, .target = url, .owner = call->scope.caller};
	FunctionRow *existing;
	SfnError error = {0};

	if (!check_name(call, name, "a function"))
		return false;
	if (!check(url, &error))
		return action_fail_with_detail(call, API_INVALID_FUNCTION_URL, error.cause);
	if (!find_function(call, name, &existing))
		return false;
	function_upsert(&function);
	return true;
}

bool
function_drop(ActionCall *call, const char *name)
{
	FunctionRow *existing;

	if (!find_function(call, name, &existing))
		return false;
	if (existing == NULL)
		return action_fail(call, API_FUNCTION_DOES_NOT_EXIST, name);
	(void) function_delete(name);
	return true;
}
