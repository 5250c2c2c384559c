/*
 * owners.c
 *	  Handing over and deleting all that a role owns.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "actions/activities.h"
#include "actions/buckets.h"
#include "actions/connections.h"
#include "actions/event_archives.h"
#include "actions/event_rules.h"
#include "actions/functions.h"
#include "actions/owners.h"
#include "actions/queue_triggers.h"
#include "actions/queues.h"
#include "actions/resources.h"
#include "actions/schedule_runs.h"
#include "actions/state_machines.h"
#include "actions/topics.h"
#include "settings/compat.h"
#include "store/event_rules.h"
#include "store/machines.h"
#include "store/owners.h"
#include "store/schedules.h"

#define NAMES_SHOWN 100

/* ---- handing over ---- */

static bool
may_act_for(ActionCall *call, Oid role)
{
	if (GetUserNameFromId(role, true) == NULL)
		return action_fail(call, API_VALIDATION, "", "both must be roles");
	if (sfn_may_set_role(call->scope.caller, role))
		return true;
	return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE,
								   "What a role owns is handed over by members of both roles.",
								   GetUserNameFromId(role, false));
}

/*
 * What others have told or run in the old role's name: it would be done in the new one's, with what they say.  Those who
 * could say so themselves keep it.
 */
static void
end_orders_of_others(Oid old_role, Oid new_role)
{
	OrderInName *orders;
	int count = orders_of_others(old_role, &orders);
	int64 targets = 0;
	int64 schedules = 0;

	for (int i = 0; i < count; i++)
	{
		int64 machine_id = orders[i].machine_id;

		if (sfn_member_can_set_role(orders[i].owner, new_role))
			continue;
		if (orders[i].rule_id == 0)
		{
			schedule_delete(orders[i].schedule_id);
			schedules++;
		}
		else if (target_delete(orders[i].rule_id, orders[i].target_id, &machine_id))
			targets++;
		if (machine_id != 0)
			hidden_machine_drop(machine_id);
	}
	if (targets > 0)
		ereport(NOTICE,
				(errmsg("targets that others had told in the name of role \"%s\" have ended: " INT64_FORMAT,
						GetUserNameFromId(old_role, false), targets)));
	if (schedules > 0)
		ereport(NOTICE,
				(errmsg("schedules that others had run in the name of role \"%s\" have ended: " INT64_FORMAT,
						GetUserNameFromId(old_role, false), schedules)));
}

static void
tell_ended(Oid old_role, const EndedWithOwner *ended)
{
	const char *owner = GetUserNameFromId(old_role, false);

	if (ended->grants > 0)
		ereport(NOTICE,
				(errmsg("rights on state machines that role \"%s\" had given have ended: " INT64_FORMAT, owner,
						ended->grants),
				 errhint("The new owner gives them by sfn.grant_state_machine().")));
	if (ended->sources > 0)
		ereport(NOTICE,
				(errmsg("sources that role \"%s\" had given its queues are disabled: " INT64_FORMAT, owner,
						ended->sources),
				 errhint("The new owner gives them anew by sfn.create_queue_source().")));
	if (ended->replays > 0)
		ereport(NOTICE,
				(errmsg("replays that role \"%s\" had started have ended: " INT64_FORMAT, owner, ended->replays)));
}

bool
role_reassign(ActionCall *call, Oid old_role, Oid new_role, int64 *count)
{
	EndedWithOwner ended;

	if (!may_act_for(call, old_role) || !may_act_for(call, new_role))
		return false;
	*count = 0;
	if (old_role == new_role)
		return true;
	end_orders_of_others(old_role, new_role);
	*count = owner_replace(old_role, new_role, role_arn(GetUserNameFromId(old_role, false)),
						   role_arn(GetUserNameFromId(new_role, false)), &ended);
	tell_ended(old_role, &ended);
	return true;
}

/* ---- deleting ---- */

typedef struct OwnedKind
{
	const char *name;
	bool (*drop)(ActionCall *call, const char *name);
} OwnedKind;

static const OwnedKind kinds[] = {
	{"state machine", machine_delete},
	{"activity", activity_drop},
	{"function", function_drop},
	{"connection", connection_drop},
	{"bucket", bucket_drop},
	{"queue", queue_drop},
	{"queue trigger", queue_trigger_drop_owned},
	{"rule", rule_drop},
	{"archive", archive_drop},
	{"event bus", bus_drop},
	{"topic", topic_drop},
	{"schedule", schedule_drop_owned},
	{"schedule group", schedule_group_drop},
};

bool
role_drop_owned(ActionCall *call, Oid role)
{
	OwnedObject *objects;
	int count = owned_objects_of(role, 0, &objects);

	for (int i = 0; i < count; i++)
	{
		for (size_t k = 0; k < lengthof(kinds); k++)
		{
			if (strcmp(kinds[k].name, objects[i].kind) == 0 && !kinds[k].drop(call, objects[i].name))
				return false;
		}
	}
	return true;
}

char *
role_owned_names(Oid role)
{
	OwnedObject *objects;
	int count = owned_objects_of(role, 0, &objects);
	StringInfoData names;

	if (count == 0)
		return NULL;
	initStringInfo(&names);
	for (int i = 0; i < Min(count, NAMES_SHOWN); i++)
		appendStringInfo(&names, "%sowner of %s \"%s\"", i > 0 ? "\n" : "", objects[i].kind, objects[i].name);
	if (count > NAMES_SHOWN)
		appendStringInfo(&names, "\nand %d more", count - NAMES_SHOWN);
	return names.data;
}
