/*
 * rights.c
 *	  The SQL functions that views are made of: whether a row may be seen, and what of it.
 *
 * The rule is machine_privilege() in actions/resources.c.  Members of the machine's role,
 * most who ask, are answered without a query; for others the grants of a machine are read
 * once in a statement.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "actions/checks.h"
#include "actions/executions.h"
#include "actions/grants.h"
#include "actions/resources.h"
#include "actions/tokens.h"
#include "api/answers.h"
#include "engine/history_data.h"
#include "store/sql_version.h"

/* ---- may_...(state_machine_id, role) ---- */

/* What a statement has asked about a machine already. */
typedef struct KnownMachine
{
	int64 id;
	PrivilegeSet given;
} KnownMachine;

/* The answers of this call site; they live as long as the statement. */
static HTAB *
known_machines(FunctionCallInfo fcinfo)
{
	HASHCTL control = {.keysize = sizeof(int64), .entrysize = sizeof(KnownMachine), .hcxt = fcinfo->flinfo->fn_mcxt};

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			hash_create("sfn known machines", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return fcinfo->flinfo->fn_extra;
}

/* The first two arguments are a machine's id and role. */
static bool
viewer_may(FunctionCallInfo fcinfo, Oid viewer, MachinePrivilege privilege)
{
	int64 id = PG_GETARG_INT64(0);
	KnownMachine *machine;
	bool is_known;

	if (has_privs_of_role(viewer, PG_GETARG_OID(1)))
		return true;
	machine = hash_search(known_machines(fcinfo), &id, HASH_FIND, &is_known);
	if (!is_known)
	{
		PrivilegeSet given = machine_grants_of(id, viewer);

		machine = hash_search(known_machines(fcinfo), &id, HASH_ENTER, &is_known);
		machine->given = given;
	}
	return (machine->given & privilege_set(privilege)) != 0;
}

SFN_FUNCTION(sfn_may_see)
{
	PG_RETURN_BOOL(viewer_may(fcinfo, PG_NARGS() > 2 ? PG_GETARG_OID(2) : GetUserId(), MACHINE_SEE));
}

/* may_see_execution(state_machine_id, role, starter [, viewer]) */
SFN_FUNCTION(sfn_may_see_execution)
{
	Oid viewer = PG_NARGS() > 3 ? PG_GETARG_OID(3) : GetUserId();

	PG_RETURN_BOOL(starter_privilege(PG_GETARG_OID(2), viewer, MACHINE_SEE) || viewer_may(fcinfo, viewer, MACHINE_SEE));
}

SFN_FUNCTION(sfn_may_read_data)
{
	PG_RETURN_BOOL(viewer_may(fcinfo, GetUserId(), MACHINE_READ_DATA));
}

SFN_FUNCTION(sfn_may_answer)
{
	PG_RETURN_BOOL(viewer_may(fcinfo, GetUserId(), MACHINE_ANSWER));
}

/* ---- hide_tokens(text), hide_tokens(json) ---- */

SFN_FUNCTION(sfn_hide_tokens)
{
	text *value = PG_GETARG_TEXT_PP(0);
	char *shown = tokens_hide(VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value), GetUserId());

	PG_RETURN_TEXT_P(shown != NULL ? cstring_to_text(shown) : value);
}

/* ---- shown_details(details, may_read_data) ---- */

SFN_FUNCTION(sfn_shown_details)
{
	const JsonVal *details;

	if (PG_GETARG_BOOL(1))
		return sfn_hide_tokens(fcinfo);
	details = parse_stored(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	return shown_datum(details->type == JV_OBJECT ? history_details_without_data(details, PARAMETERS_LEFT_OUT)
												  : details,
					   GetUserId());
}

/* ---- privilege_list() ---- */

SFN_FUNCTION(sfn_privilege_list)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < MACHINE_PRIVILEGE_COUNT; i++)
	{
		Datum values[3];
		bool nulls[3] = {false};

		put_text(values, nulls, 0, privilege_name(i));
		put_text(values, nulls, 1, privilege_names(privilege_includes(i) & ~privilege_set(i)));
		put_text(values, nulls, 2, privilege_purpose(i));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
