/*
 * trigger_hook.c
 *	  Noting who makes triggers that start executions.
 *
 * The server calls the object access hook for each trigger that is made, replaced or
 * dropped, by whatever statement, at once and with the user that it is done as; so
 * notes hold for functions with SECURITY DEFINER, schemas that are dropped, partitions
 * that are attached.  What only CREATE TRIGGER says is whether the name is a machine's:
 * that is looked up when the statement is over.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "actions/change_triggers.h"
#include "store/change_triggers.h"
#include "store/sql_version.h"
#include "workers/trigger_hook.h"

static object_access_hook_type next_object_access_hook = NULL;
static ProcessUtility_hook_type next_process_utility_hook = NULL;

/* The last that was noted, until its statement is over. */
static ChangeTriggerRow made;

static void note_maker(Oid id);
static Oid owner_of_table(Oid table);

static void
note_trigger(ObjectAccessType access, Oid class, Oid object, int sub, void *arg)
{
	if (next_object_access_hook)
		next_object_access_hook(access, class, object, sub, arg);
	if (class != TriggerRelationId || !sql_version_fits())
		return;
	if (access == OAT_POST_CREATE)
		note_maker(object);
	else if (access == OAT_DROP)
		change_trigger_forget(object);
}

/*
 * A superuser who makes one on another's table may be restoring a dump, in which anybody's trigger is his: nobody is noted
 * then.  One that was replaced may have been noted, and be none of ours any more.
 */
static void
note_maker(Oid id)
{
	ChangeTriggerRow trigger;

	if (!change_trigger_read(id, &trigger))
		return;
	if (trigger.is_ours && !trigger.is_clone && (!superuser() || owner_of_table(trigger.table) == GetUserId()))
		change_trigger_note(&trigger, GetUserId());
	else
		change_trigger_forget(id);
	if (trigger.is_ours && !trigger.is_clone)
		made = trigger;
}

static Oid
owner_of_table(Oid table)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

/* Says so when the trigger could not start its machine now; that may change before it fires. */
static void
notice_missing_right(const Trigger *trigger, Relation table)
{
	ActionCall call = {ACTION_SQL, "StartExecution"};

	store_enter(&call.scope);
	if (trigger_machine(&call, trigger, table) == NULL)
		ereport(NOTICE,
				(errmsg("%s", call.error.sql_text), errdetail("The trigger will fail when it fires."),
				 call.error.hint != NULL ? errhint("%s", call.error.hint) : 0));
	store_leave(&call.scope);
}

/* The one that the statement has made, once all of it can be seen. */
static void
check_made(void)
{
	Relation table = try_relation_open(made.table, AccessShareLock);
	TriggerDesc *triggers = table != NULL ? CopyTriggerDesc(table->trigdesc) : NULL;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		if (triggers->triggers[i].tgoid == made.id && triggers->triggers[i].tgnargs > 0)
			notice_missing_right(&triggers->triggers[i], table);
	}
	if (table != NULL)
		relation_close(table, AccessShareLock);
}

static void
process_utility(PlannedStmt *planned, const char *query, bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *environment, DestReceiver *receiver,
				QueryCompletion *completion)
{
	bool makes_trigger = IsA(planned->utilityStmt, CreateTrigStmt);

	if (makes_trigger)
		made.id = InvalidOid;
	if (next_process_utility_hook)
		next_process_utility_hook(planned, query, read_only_tree, context, params, environment, receiver, completion);
	else
		standard_ProcessUtility(planned, query, read_only_tree, context, params, environment, receiver, completion);
	if (makes_trigger && OidIsValid(made.id))
		check_made();
}

void
trigger_hook_install(void)
{
	next_object_access_hook = object_access_hook;
	object_access_hook = note_trigger;
	next_process_utility_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
