/*
 * grants.c
 *	  Who may do what with a state machine: sfn.grant_state_machine(), sfn.revoke_state_machine(), sfn.may_see();
 *	  and how much a role's machines may take: sfn.set_quota().
 *
 * Only members of the machine's role give rights away: a right that was given is
 * not passed on.  machine_privilege() in arguments.c is the rule for single
 * machines, sfn.may_see() the same rule for the rows of views and lists.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "api/arguments.h"
#include "store/grants.h"
#include "store/quotas.h"

static const char *const privileges[] = {"start", "see", "manage"};

static const char *
check_privilege(const ApiCall *call, const char *privilege)
{
	for (size_t i = 0; i < lengthof(privileges); i++)
	{
		if (strcmp(privileges[i], privilege) == 0)
			return privilege;
	}
	api_error(call, API_VALIDATION, "", psprintf("privilege must be start, see or manage, not \"%s\"", privilege),
			  NULL);
	return NULL;
}

/* The machine, for a member of its role. */
static MachineRow *
owned_machine(const ApiCall *call, const char *name)
{
	MachineRow *machine = api_machine(call, name, MACHINE_MANAGE);

	if (!is_member_of_role(call->scope.caller, machine->role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be member of role \"%s\"", GetUserNameFromId(machine->role, false)),
				 errdetail("Rights on a state machine are given by members of its role.")));
	return machine;
}

/* The grantee, which must be a role that there is. */
static Oid
check_grantee(const ApiCall *call, FunctionCallInfo fcinfo)
{
	Oid grantee = PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1);

	if (!OidIsValid(grantee) || GetUserNameFromId(grantee, true) == NULL)
		api_error(call, API_VALIDATION, "", "grantee must be a role", NULL);
	return grantee;
}

extern PGDLLEXPORT Datum sfn_grant_state_machine(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_grant_state_machine);
Datum
sfn_grant_state_machine(PG_FUNCTION_ARGS)
{
	ApiCall call;
	MachineRow *machine;
	const char *privilege;

	api_enter(&call, API_SQL, "GrantStateMachine");
	privilege = check_privilege(&call, required_text(&call, fcinfo, 2, "privilege"));
	machine = owned_machine(&call, required_text(&call, fcinfo, 0, "state_machine"));
	grant_insert(machine->id, check_grantee(&call, fcinfo), privilege, call.scope.caller);
	api_leave(&call);
	PG_RETURN_VOID();
}

extern PGDLLEXPORT Datum sfn_revoke_state_machine(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_revoke_state_machine);
Datum
sfn_revoke_state_machine(PG_FUNCTION_ARGS)
{
	ApiCall call;
	MachineRow *machine;
	const char *privilege = NULL;

	api_enter(&call, API_SQL, "RevokeStateMachine");
	if (!PG_ARGISNULL(2))
		privilege = check_privilege(&call, text_argument(fcinfo, 2));
	machine = owned_machine(&call, required_text(&call, fcinfo, 0, "state_machine"));
	grant_delete(machine->id, PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1), privilege);
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
	StoreScope scope;
	bool is_known;

	if (is_member_of_role(viewer, PG_GETARG_OID(1)))
		PG_RETURN_BOOL(true);
	seen = hash_search(seen_machines(fcinfo), &id, HASH_FIND, &is_known);
	if (!is_known)
	{
		bool may_see;

		store_enter(&scope);
		may_see = grant_exists(id, viewer, "see manage");
		store_leave(&scope);
		seen = hash_search(seen_machines(fcinfo), &id, HASH_ENTER, &is_known);
		seen->may_see = may_see;
	}
	PG_RETURN_BOOL(seen->may_see);
}

/* ---- set_quota(role, open_executions, payload_bytes) ---- */

extern PGDLLEXPORT Datum sfn_set_quota(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_set_quota);
Datum
sfn_set_quota(PG_FUNCTION_ARGS)
{
	ApiCall call;
	Quota quota = {.open_executions = PG_ARGISNULL(1) ? NO_QUOTA : PG_GETARG_INT64(1),
				   .payload_bytes = PG_ARGISNULL(2) ? NO_QUOTA : PG_GETARG_INT64(2)};

	api_enter(&call, API_SQL, "SetQuota");
	if (PG_ARGISNULL(0) || GetUserNameFromId(PG_GETARG_OID(0), true) == NULL)
		api_error(&call, API_VALIDATION, "", "role must be a role", NULL);
	if ((!PG_ARGISNULL(1) && quota.open_executions < 0) || (!PG_ARGISNULL(2) && quota.payload_bytes < 0))
		api_error(&call, API_VALIDATION, "", "a quota must not be negative", NULL);
	quota.role = PG_GETARG_OID(0);
	quota_set(&quota);
	api_leave(&call);
	PG_RETURN_VOID();
}
