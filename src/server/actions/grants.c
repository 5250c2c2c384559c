/*
 * grants.c
 *	  Who may do what with a state machine, and how much a role's machines may take.
 *
 * Only members of the machine's role give rights away: a right that was given is
 * not passed on.  machine_privilege() in resources.c is the rule for single
 * machines, machine_grants_of() the same rule for the rows of views and lists.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "actions/grants.h"
#include "actions/resources.h"
#include "store/grants.h"

static SFN_MUST_CHECK bool
check_privilege(ActionCall *call, const char *name)
{
	MachinePrivilege privilege;

	return privilege_of_name(name, &privilege) ||
		action_fail(call, API_VALIDATION, "",
					psprintf("privilege must be one of %s, not \"%s\"",
							 privilege_names(privilege_includes(MACHINE_MANAGE)), name));
}

static bool
role_exists(Oid role)
{
	return OidIsValid(role) && GetUserNameFromId(role, true) != NULL;
}

static SFN_MUST_CHECK bool
require_owner(ActionCall *call, const MachineRow *machine)
{
	return has_privs_of_role(call->scope.caller, machine_role_now(machine)) ||
		action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE,
								"Rights on a state machine are given by members of its role.",
								GetUserNameFromId(machine->role, false));
}

/* The machine, locked, for a member of its role. */
static SFN_MUST_CHECK MachineRow *
owned_machine(ActionCall *call, const char *name)
{
	MachineRow *machine;

	if (!action_find_machine(call, name, &machine))
		return NULL;
	if (machine == NULL)
		return fail_no_machine(call, name);
	if (!require_owner(call, machine))
		return NULL;
	machine_lock(machine);
	return require_owner(call, machine) ? machine : NULL;
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

void
machine_end_grants(const MachineRow *machine)
{
	char *ended = grants_delete(machine->id);

	if (ended != NULL)
		ereport(NOTICE,
				(errmsg("rights on state machine \"%s\" end: %s", machine->name, ended),
				 errdetail("Its role changes; keep_grants => true keeps them.")));
}

PrivilegeSet
machine_grants_of(int64 machine_id, Oid role)
{
	StoreScope scope;
	PrivilegeSet given;

	store_enter(&scope);
	given = grants_of(machine_id, role);
	store_leave(&scope);
	return given;
}

bool
role_set_quota(ActionCall *call, const Quota *quota)
{
	if (!role_exists(quota->role))
		return action_fail(call, API_VALIDATION, "", "role must be a role");
	quota_set(quota);
	return true;
}
