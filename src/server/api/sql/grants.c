/*
 * grants.c
 *	  The SQL functions for rights and quotas: grant_state_machine(), revoke_state_machine(), may_see(), set_quota().
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/hsearch.h"

#include "actions/grants.h"
#include "api/arguments.h"

extern PGDLLEXPORT Datum sfn_grant_state_machine(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_grant_state_machine);
Datum
sfn_grant_state_machine(PG_FUNCTION_ARGS)
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

extern PGDLLEXPORT Datum sfn_revoke_state_machine(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_revoke_state_machine);
Datum
sfn_revoke_state_machine(PG_FUNCTION_ARGS)
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

/* ---- may_see(state_machine_id, role [, viewer]) ---- */

/* What a statement has asked about a machine already. */
typedef struct SeenMachine
{
	int64 id;
	bool may_see;
} SeenMachine;

/* The answers of this call site; they live as long as the statement. */
static HTAB *
seen_machines(FunctionCallInfo fcinfo)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = sizeof(SeenMachine), .hcxt = fcinfo->flinfo->fn_mcxt};

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			hash_create("sfn seen machines", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return fcinfo->flinfo->fn_extra;
}

extern PGDLLEXPORT Datum sfn_may_see(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_may_see);
Datum
sfn_may_see(PG_FUNCTION_ARGS)
{
	int64 id = PG_GETARG_INT64(0);
	Oid viewer = PG_NARGS() > 2 ? PG_GETARG_OID(2) : GetUserId();
	SeenMachine *seen;
	bool is_known;

	if (is_member_of_role(viewer, PG_GETARG_OID(1)))
		PG_RETURN_BOOL(true);
	seen = hash_search(seen_machines(fcinfo), &id, HASH_FIND, &is_known);
	if (!is_known)
	{
		bool may_see = machine_is_seen(id, viewer);

		seen = hash_search(seen_machines(fcinfo), &id, HASH_ENTER, &is_known);
		seen->may_see = may_see;
	}
	PG_RETURN_BOOL(seen->may_see);
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

extern PGDLLEXPORT Datum sfn_set_quota(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_set_quota);
Datum
sfn_set_quota(PG_FUNCTION_ARGS)
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
