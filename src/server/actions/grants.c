/*
 * grants.c
 *	  Who may do what with a state machine, and how much a role's machines may take.
 *
 * Only members of the machine's role give rights away: a right that was given is
 * not passed on.  machine_privilege() in resources.c is the rule for single
 * machines, machine_is_seen() the same rule for the rows of views and lists.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "actions/grants.h"
#include "actions/resources.h"
#include "store/grants.h"

static const char *const privileges[] = {"start", "see", "manage"};

static SFN_MUST_CHECK bool
check_privilege(ActionCall *call, const char *privilege)
{
	for (size_t i = 0; i < lengthof(privileges); i++)
	{
		if (strcmp(privileges[i], privilege) == 0)
			return true;
	}
	return action_fail(call, API_VALIDATION, "",
					   psprintf("privilege must be start, see or manage, not \"%s\"", privilege));
}

static bool
role_exists(Oid role)
{
	return OidIsValid(role) && GetUserNameFromId(role, true) != NULL;
}

/* The machine, for a member of its role. */
static SFN_MUST_CHECK MachineRow *
owned_machine(ActionCall *call, const char *name)
{
	MachineRow *machine = action_machine(call, name, MACHINE_MANAGE);

	if (machine == NULL || is_member_of_role(call->scope.caller, machine->role))
		return machine;
	(void) action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE,
								   "Rights on a state machine are given by members of its role.",
								   GetUserNameFromId(machine->role, false));
	return NULL;
}

bool
machine_grant(ActionCall *call, const char *name, Oid grantee, const char *privilege)
{
	MachineRow *machine;

	if (!check_privilege(call, privilege))
		return false;
	machine = owned_machine(call, name);
	if (machine == NULL)
		return false;
	if (!role_exists(grantee))
		return action_fail(call, API_VALIDATION, "", "grantee must be a role");
	grant_insert(machine->id, grantee, privilege, call->scope.caller);
	return true;
}

bool
machine_revoke(ActionCall *call, const char *name, Oid grantee, const char *privilege)
{
	MachineRow *machine;

	if (privilege != NULL && !check_privilege(call, privilege))
		return false;
	machine = owned_machine(call, name);
	if (machine == NULL)
		return false;
	grant_delete(machine->id, grantee, privilege);
	return true;
}

bool
machine_is_seen(int64 machine_id, Oid role)
{
	StoreScope scope;
	bool is_seen;

	store_enter(&scope);
	is_seen = grant_exists(machine_id, role, "see manage");
	store_leave(&scope);
	return is_seen;
}

bool
role_set_quota(ActionCall *call, const Quota *quota)
{
	if (!role_exists(quota->role))
		return action_fail(call, API_VALIDATION, "", "role must be a role");
	quota_set(quota);
	return true;
}
