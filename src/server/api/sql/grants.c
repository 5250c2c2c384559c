/*
 * grants.c
 *	  The SQL functions for rights and quotas: grant_state_machine(), revoke_state_machine(), set_quota().
 */
#include "postgres.h"

#include "fmgr.h"

#include "actions/grants.h"
#include "api/arguments.h"
#include "store/sql_version.h"

SFN_FUNCTION(sfn_grant_state_machine)
{
	ActionCall call;
	Oid grantee = PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1);
	const char *machine;

	api_enter(&call, ACTION_SQL, "GrantStateMachine");
	machine = required_text(&call, fcinfo, 0, "state_machine");
	api_check(&call, machine_grant(&call, machine, grantee, required_text(&call, fcinfo, 2, "privilege")));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_revoke_state_machine)
{
	ActionCall call;
	Oid grantee = PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1);
	const char *machine;

	api_enter(&call, ACTION_SQL, "RevokeStateMachine");
	machine = required_text(&call, fcinfo, 0, "state_machine");
	api_check(&call, machine_revoke(&call, machine, grantee, text_argument(fcinfo, 2)));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- set_quota(role, open_executions, payload_bytes, stored_bytes, starts_per_second, http_per_second) ---- */

#define MAX_RATE INT64CONST(1000000)

/* A limit, or NO_QUOTA where it is null; arguments behind the role stand in the order of QuotaKind. */
static int64
limit_argument(ActionCall *call, FunctionCallInfo fcinfo, QuotaKind kind)
{
	int64 limit;

	if (PG_ARGISNULL(1 + kind))
		return NO_QUOTA;
	limit = PG_GETARG_INT64(1 + kind);
	if (limit < 0)
		api_error(call, API_VALIDATION, "", "a quota must not be negative");
	if (kind >= QUOTA_AMOUNTS && limit > MAX_RATE)
		api_error(call, API_VALIDATION, "", "a quota for a second must not be above 1000000");
	return limit;
}

SFN_FUNCTION(sfn_set_quota)
{
	ActionCall call;
	Quota quota = {.role = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0)};

	api_enter(&call, ACTION_SQL, "SetQuota");
	for (int kind = 0; kind < QUOTA_KINDS; kind++)
		quota.limits[kind] = limit_argument(&call, fcinfo, (QuotaKind) kind);
	api_check(&call, role_set_quota(&call, &quota));
	api_leave(&call);
	PG_RETURN_VOID();
}
