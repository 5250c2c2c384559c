/*
 * trust.c
 *	  The SQL functions for names of others: trust(), untrust(), grant_use(), revoke_use().
 */
#include "postgres.h"

#include "fmgr.h"

#include "actions/trust.h"
#include "api/arguments.h"
#include "store/sql_version.h"

static Oid
role_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? InvalidOid : PG_GETARG_OID(number);
}

SFN_FUNCTION(sfn_trust)
{
	ActionCall call;
	const char *kind;
	const char *name;

	api_enter(&call, ACTION_SQL, "Trust");
	kind = required_text(&call, fcinfo, 0, "kind");
	name = required_text(&call, fcinfo, 1, "name");
	api_check(&call, name_trust(&call, kind, name, role_argument(fcinfo, 2), role_argument(fcinfo, 3)));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* The functions of kind, name and role. */
static Datum
call_with_role(FunctionCallInfo fcinfo, const char *action,
			   bool (*function)(ActionCall *call, const char *kind, const char *name, Oid role))
{
	ActionCall call;
	const char *kind;
	const char *name;

	api_enter(&call, ACTION_SQL, action);
	kind = required_text(&call, fcinfo, 0, "kind");
	name = required_text(&call, fcinfo, 1, "name");
	api_check(&call, function(&call, kind, name, role_argument(fcinfo, 2)));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_untrust)
{
	return call_with_role(fcinfo, "Untrust", name_untrust);
}

SFN_FUNCTION(sfn_grant_use)
{
	return call_with_role(fcinfo, "GrantUse", name_grant_use);
}

SFN_FUNCTION(sfn_revoke_use)
{
	return call_with_role(fcinfo, "RevokeUse", name_revoke_use);
}
