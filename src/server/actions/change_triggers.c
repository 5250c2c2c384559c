/*
 * change_triggers.c
 *	  Triggers that start executions: with whose right they do.
 *
 * An execution is started in the name of the table's owner, so that whoever may
 * change the table need not know of the machine.  But the trigger may be another's, who has
 * only the privilege TRIGGER: he must have the right, too.  Who made it is noted
 * (store/change_triggers.h); a trigger without a note, restored or made while the library was not
 * loaded, starts what is the table owner's own.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "actions/change_triggers.h"
#include "actions/resources.h"
#include "actions/versions.h"
#include "settings/compat.h"
#include "store/change_triggers.h"

static char *
allowing_hint(const Trigger *trigger, Relation table)
{
	const char *name =
		quote_qualified_identifier(get_namespace_name(RelationGetNamespace(table)), RelationGetRelationName(table));

	return psprintf("If it should start executions, the owner of the table runs: SELECT sfn.allow_trigger(%s, %s).",
					quote_literal_cstr(name), quote_literal_cstr(trigger->tgname));
}

static SFN_MUST_CHECK bool
check_creator(ActionCall *call, const MachineRow *machine, Oid creator, const Trigger *trigger, Relation table)
{
	const char *name = GetUserNameFromId(creator, true);

	if (machine_privilege(machine, creator, MACHINE_START))
		return true;
	return action_fail(call, API_PERMISSION_DENIED,
					   psprintf("permission denied for state machine \"%s\"", machine->name),
					   psprintf("Role \"%s\" made trigger \"%s\" and may not start it. %s",
								name != NULL ? name : "(dropped)", trigger->tgname, allowing_hint(trigger, table)));
}

MachineRow *
trigger_machine(ActionCall *call, const Trigger *trigger, Relation table)
{
	Oid owner = table->rd_rel->relowner;
	Oid creator = change_trigger_creator(trigger->tgoid);
	MachineRow *machine = action_qualified_machine(call, owner, trigger->tgargs[0], MACHINE_START);
	bool may_start;

	if (machine == NULL || creator == owner)
		return machine;
	if (OidIsValid(creator))
		may_start = check_creator(call, machine, creator, trigger, table);
	else
		may_start = has_privs_of_role(owner, machine->role) ||
			action_fail(call, API_PERMISSION_DENIED, psprintf("who made trigger \"%s\" is not known", trigger->tgname),
						allowing_hint(trigger, table));
	return may_start ? machine : NULL;
}

bool
trigger_allow(ActionCall *call, Oid table, const char *trigger_name)
{
	ChangeTriggerRow root;
	const char *name = get_rel_name(table);

	if (name == NULL)
		return action_fail(call, API_VALIDATION, "", "table must be a table");
	if (!change_trigger_root(get_trigger_oid(table, trigger_name, false), &root) || !root.is_ours)
		return action_fail(call, API_INVALID_TRIGGER, psprintf("trigger \"%s\" starts no executions", trigger_name),
						   "It calls another function than sfn.start_execution_on_change().");
	if (!sfn_owns_relation(root.table, call->scope.caller))
		return action_fail(call, API_PERMISSION_DENIED,
						   psprintf("must be owner of table \"%s\"", get_rel_name(root.table)), "");
	change_trigger_note(&root, call->scope.caller);
	return true;
}
