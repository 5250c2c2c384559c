/*
 * resources.c
 *	  What callers name: machines and executions by name or ARN, and who may do what with them.
 *
 * Actions run in a scope of the store, as the bootstrap superuser; whose privileges
 * count is call->scope.caller.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "actions/resources.h"
#include "settings/guc.h"
#include "store/execution_names.h"
#include "store/grants.h"

/* ---- privileges ---- */

/*
 * Members of the machine's role, superusers among them, may do everything with it; others what they were given.
 * The functions of api/sql/rights.c are the same rule for rows.
 */
bool
machine_privilege(const MachineRow *machine, Oid role, MachinePrivilege privilege)
{
	return has_privs_of_role(role, machine_role_now(machine)) ||
		(grants_of(machine->map_of != 0 ? machine->map_of : machine->id, role) & privilege_set(privilege)) != 0;
}

static bool fail_privilege(ActionCall *call, const MachineRow *machine, Oid role, MachinePrivilege privilege);

bool
require_machine_privilege(ActionCall *call, const MachineRow *machine, Oid role, MachinePrivilege privilege)
{
	return machine_privilege(machine, role, privilege) || fail_privilege(call, machine, role, privilege);
}

/* A name as the literal that a regrole is written as. */
static const char *
role_literal(const char *role)
{
	return quote_literal_cstr(quote_identifier(role));
}

static bool
fail_privilege(ActionCall *call, const MachineRow *machine, Oid role, MachinePrivilege privilege)
{
	const char *role_name = GetUserNameFromId(role, true);
	const char *owner_name = GetUserNameFromId(machine->role, true);
	const char *name = machine->map_of != 0 ? pnstrdup(machine->name, strcspn(machine->name, "/")) : machine->name;

	if (role_name == NULL)
		role_name = "";
	return action_fail(call, API_PRIVILEGE_MISSING, role_arn(role_name), call->action, machine_arn(machine->name),
					   machine->name, privilege_name(privilege), owner_name != NULL ? owner_name : "(dropped)",
					   quote_literal_cstr(name), role_literal(role_name));
}

bool
starter_privilege(Oid starter, Oid role, MachinePrivilege privilege)
{
	return (privilege == MACHINE_SEE || privilege == MACHINE_STOP) && has_privs_of_role(role, starter);
}

bool
fail_access(ActionCall *call, Oid role, const char *arn, const char *what, Oid owner)
{
	const char *role_name = GetUserNameFromId(role, true);
	const char *owner_name = GetUserNameFromId(owner, true);

	if (role_name == NULL)
		role_name = "";
	return action_fail(call, API_ACCESS_DENIED, role_arn(role_name), call->action, arn, role_name, what,
					   owner_name != NULL ? owner_name : "(dropped)");
}

bool
fail_owned(ActionCall *call, const char *what, Oid owner)
{
	const char *name = OidIsValid(owner) ? GetUserNameFromId(owner, true) : "(unknown)";

	return action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for %s", what),
					   psprintf("It belongs to role \"%s\", whose members may change it; superusers may delete it.",
								name != NULL ? name : "(dropped)"));
}

/* Whoever has no right to the change waits for nobody and keeps nobody waiting. */
bool
action_lock_machine(ActionCall *call, MachineRow *machine, MachinePrivilege privilege)
{
	if (!require_machine_privilege(call, machine, call->scope.caller, privilege))
		return false;
	machine_lock(machine);
	return require_machine_privilege(call, machine, call->scope.caller, privilege);
}

bool
require_active(ActionCall *call, const MachineRow *machine)
{
	return strcmp(machine->status, "ACTIVE") == 0 ||
		action_fail(call, API_STATE_MACHINE_DELETING, machine_arn(machine->name), machine->name);
}

/* ---- ARNs ---- */

static bool
parse_arn(ActionCall *call, const char *text, const char *what, const char *example, Arn *arn)
{
	char *problem;

	return arn_parse(text, arn, &problem) || action_fail(call, API_INVALID_ARN, problem, text, what, example);
}

bool
fail_arn_type(ActionCall *call, const char *type_name, const char *text, const char *what, const char *example)
{
	return action_fail(call, API_INVALID_ARN, psprintf("Resource type not valid in this context: %s", type_name), text,
					   what, example);
}

bool
action_arn(ActionCall *call, const char *text, ArnType type, const char *what, const char *example, Arn *arn)
{
	if (!parse_arn(call, text, what, example, arn))
		return false;
	return arn->type == type || fail_arn_type(call, arn->type_name, text, what, example);
}

/* ---- machines ---- */

bool
action_machine_reference(ActionCall *call, const char *name_or_arn, const char **name, const char **qualifier)
{
	const char *colon;

	if (call->style == ACTION_AWS || arn_looks_like(name_or_arn))
	{
		Arn arn;

		if (!action_arn(call, name_or_arn, ARN_STATE_MACHINE, "a state machine", machine_arn("NAME"), &arn))
			return false;
		*qualifier = arn.rest;
		*name = arn_is_ours(&arn) && arn.label == NULL ? arn.name : NULL;
		return true;
	}

	colon = strchr(name_or_arn, ':'); /* no name has one */
	*qualifier = colon != NULL ? colon + 1 : NULL;
	*name = colon != NULL ? pnstrdup(name_or_arn, colon - name_or_arn) : name_or_arn;
	return true;
}

bool
action_find_machine(ActionCall *call, const char *name_or_arn, MachineRow **machine)
{
	const char *name;
	const char *qualifier;

	if (!action_machine_reference(call, name_or_arn, &name, &qualifier))
		return false;
	*machine = name != NULL && qualifier == NULL ? machine_by_name(name) : NULL;
	return true;
}

void *
fail_no_machine(ActionCall *call, const char *name_or_arn)
{
	return action_fail_null(call, API_STATE_MACHINE_DOES_NOT_EXIST,
							arn_looks_like(name_or_arn) ? name_or_arn : machine_arn(name_or_arn), name_or_arn);
}

MachineRow *
action_machine_for(ActionCall *call, Oid role, const char *name_or_arn, MachinePrivilege privilege)
{
	MachineRow *machine;

	if (!action_find_machine(call, name_or_arn, &machine))
		return NULL;
	if (machine == NULL)
		return fail_no_machine(call, name_or_arn);
	return require_machine_privilege(call, machine, role, privilege) ? machine : NULL;
}

MachineRow *
action_machine(ActionCall *call, const char *name_or_arn, MachinePrivilege privilege)
{
	return action_machine_for(call, call->scope.caller, name_or_arn, privilege);
}

/* ---- executions ---- */

/* "machine/name"; the name of a machine of a Distributed Map has a slash, too, that of an execution has none. */
static bool
parse_slashed(const char *text, Arn *arn)
{
	const char *slash = strrchr(text, '/');

	if (arn_looks_like(text) || slash == NULL || slash == text || slash[1] == '\0')
		return false;
	memset(arn, 0, sizeof(Arn));
	arn->type = strchr(slash, ':') != NULL ? ARN_EXPRESS_EXECUTION : ARN_EXECUTION;
	arn->type_name = arn->type == ARN_EXECUTION ? "execution" : "express";
	arn->region = sfn_region;
	arn->account = sfn_account_id;
	arn->name = pnstrdup(text, slash - text);
	arn->rest = slash + 1;
	return true;
}

int
execution_ids_of(const char *name_or_arn, Oid viewer, int64 **ids)
{
	char *problem;
	Arn arn;

	if (!parse_slashed(name_or_arn, &arn) &&
		(!arn_parse(name_or_arn, &arn, &problem) || (arn.type != ARN_EXECUTION && arn.type != ARN_EXPRESS_EXECUTION)))
		return 0;
	return arn_is_ours(&arn) ? execution_ids_by_name(arn.name, arn.rest, viewer, ids) : 0;
}

ExecutionRow *
action_execution(ActionCall *call, const char *text, MachinePrivilege privilege, bool express_allowed,
				 MachineRow **machine_out)
{
	Arn arn;
	ExecutionRow *execution = NULL;
	MachineRow *machine = NULL;
	const char *example = psprintf("%s, or STATE_MACHINE/NAME", execution_arn(false, "STATE_MACHINE", "NAME"));

	if (!(call->style == ACTION_SQL && parse_slashed(text, &arn)) &&
		!parse_arn(call, text, "an execution", example, &arn))
		return NULL;
	if (arn.type != ARN_EXECUTION && !(arn.type == ARN_EXPRESS_EXECUTION && express_allowed))
	{
		(void) fail_arn_type(call, arn.type_name, text,
							 arn.type == ARN_EXPRESS_EXECUTION ? "a STANDARD execution" : "an execution", example);
		return NULL;
	}

	if (arn_is_ours(&arn))
		execution = execution_by_name(arn.name, arn.rest);
	if (execution != NULL)
		machine = machine_by_id(execution->state_machine_id);
	if (machine == NULL || machine->is_express != (arn.type == ARN_EXPRESS_EXECUTION))
		return action_fail_null(call, API_EXECUTION_DOES_NOT_EXIST, text);
	if (!starter_privilege(execution->starter, call->scope.caller, privilege) &&
		!require_machine_privilege(call, machine, call->scope.caller, privilege))
		return NULL;
	if (machine_out != NULL)
		*machine_out = machine;
	return execution;
}
