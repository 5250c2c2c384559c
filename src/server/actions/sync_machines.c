/*
 * sync_machines.c
 *	  Which EXPRESS machine a synchronous start runs.
 *
 * A call that repeats an earlier one of this session asks no table: the machine's
 * revision is known by name until a machine is changed.
 */
#include "postgres.h"

#include "utils/acl.h"

#include "actions/resources.h"
#include "actions/sync_machines.h"
#include "actions/versions.h"

/* Whoever is no member of the machine's role is asked about every time. */
bool
sync_machine_known(const char *text, Oid caller, NamedMachine *machine)
{
	const NamedMachine *known = machine_names_find(text);

	if (known == NULL || !known->is_express || !is_member_of_role(caller, known->role))
		return false;
	*machine = *known;
	return true;
}

bool
sync_machine_find(ActionCall *call, const char *text, NamedMachine *machine, MachineRow **row_out)
{
	uint64 moment = machine_names_moment();
	MachineRow *row = action_qualified_machine(call, call->scope.caller, text, MACHINE_START);

	if (row == NULL || !require_active(call, row))
		return false;
	if (!row->is_express)
		return action_fail(call, API_STATE_MACHINE_NOT_EXPRESS, machine_arn(row->name), row->name);
	*machine = (NamedMachine){.id = row->id,
							  .revision_id = row->revision_id,
							  .role = row->role,
							  .is_express = row->is_express};
	/* versions and aliases are called otherwise, and an alias may mean one of two */
	if (strcmp(text, row->name) == 0 || strcmp(text, machine_arn(row->name)) == 0)
		machine_names_keep(text, machine, moment);
	*row_out = row;
	return true;
}
