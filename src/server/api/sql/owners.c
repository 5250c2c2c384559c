/*
 * owners.c
 *	  SQL functions for what roles own: reassign(), and the trigger that keeps the ACL of sfn.owned_objects.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"

#include "actions/owners.h"
#include "api/arguments.h"
#include "store/owners.h"
#include "store/sql_version.h"

/* ---- reassign(old_role, new_role) ---- */

SFN_FUNCTION(sfn_reassign)
{
	ActionCall call;
	int64 count;

	require_arguments(fcinfo);
	api_enter(&call, ACTION_SQL, "Reassign");
	api_check(&call, role_reassign(&call, PG_GETARG_OID(0), PG_GETARG_OID(1), &count));
	api_leave(&call);
	PG_RETURN_INT64(count);
}

/* ---- the trigger owner_changed(column) ---- */

static Oid
owner_of(const TriggerData *trigger, HeapTuple row)
{
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	int column = SPI_fnumber(columns, trigger->tg_trigger->tgargs[0]);
	bool is_null;
	Datum owner;

	if (column <= 0)
		elog(ERROR, "trigger \"%s\" is on a table without a column \"%s\"", trigger->tg_trigger->tgname,
			 trigger->tg_trigger->tgargs[0]);
	owner = SPI_getbinval(row, columns, column, &is_null);
	return is_null ? InvalidOid : DatumGetObjectId(owner);
}

SFN_FUNCTION(sfn_owner_changed)
{
	const TriggerData *trigger = (const TriggerData *) fcinfo->context;
	bool inserts;
	bool updates;
	Oid before;
	Oid after;
	StoreScope scope;

	if (!CALLED_AS_TRIGGER(fcinfo) || trigger->tg_trigger->tgnargs != 1)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("sfn_internal.owner_changed() is a trigger of the extension's own tables")));
	inserts = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	updates = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	before = inserts ? InvalidOid : owner_of(trigger, trigger->tg_trigtuple);
	after = inserts ? owner_of(trigger, trigger->tg_trigtuple)
		: updates   ? owner_of(trigger, trigger->tg_newtuple)
					: InvalidOid;
	store_enter(&scope);
	if (OidIsValid(after) && after != before)
		owner_note(after, true);
	if (OidIsValid(before))
		owner_note(before, false);
	store_leave(&scope);
	return PointerGetDatum(NULL);
}
