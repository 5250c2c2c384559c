/*
 * execution_ids.c
 *	  The SQL functions that find the ids of executions, for users and for the views (workers/view_hook.c).
 *
 * They raise no error for what is no ARN, or names what is not there or not to be seen: a condition on
 * execution_arn does not either.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "actions/resources.h"
#include "store/sql_version.h"
#include "store/store.h"

/* Those of one text more; the youngest is the last. */
static ArrayBuildState *
add_ids(ArrayBuildState *state, const char *name_or_arn, Oid viewer, int64 *youngest)
{
	int64 *ids;
	int count = execution_ids_of(name_or_arn, viewer, &ids);

	for (int i = 0; i < count; i++)
	{
		*youngest = Max(*youngest, ids[i]);
		state = accumArrayResult(state, Int64GetDatum(ids[i]), false, INT8OID, CurrentMemoryContext);
	}
	return state;
}

static Datum
array_of(ArrayBuildState *state)
{
	return state != NULL ? makeArrayResult(state, CurrentMemoryContext)
						 : PointerGetDatum(construct_empty_array(INT8OID));
}

/* execution_id(execution) */
SFN_FUNCTION(sfn_execution_id)
{
	StoreScope scope;
	int64 youngest = 0;

	store_enter(&scope);
	(void) add_ids(NULL, text_to_cstring(PG_GETARG_TEXT_PP(0)), scope.caller, &youngest);
	store_leave(&scope);
	if (youngest == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(youngest);
}

/* execution_ids(execution) */
SFN_FUNCTION(sfn_execution_ids)
{
	StoreScope scope;
	ArrayBuildState *state;
	int64 youngest = 0;

	store_enter(&scope);
	state = add_ids(NULL, text_to_cstring(PG_GETARG_TEXT_PP(0)), scope.caller, &youngest);
	store_leave(&scope);
	return array_of(state);
}

/* execution_ids(executions) */
SFN_FUNCTION(sfn_execution_ids_array)
{
	StoreScope scope;
	ArrayBuildState *state = NULL;
	int64 youngest = 0;
	Datum *texts;
	bool *nulls;
	int count;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &texts, &nulls, &count);
	store_enter(&scope);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			state = add_ids(state, TextDatumGetCString(texts[i]), scope.caller, &youngest);
	store_leave(&scope);
	return array_of(state);
}
