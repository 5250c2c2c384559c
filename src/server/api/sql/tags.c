/*
 * tags.c
 *	  The SQL functions for tags.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "actions/tags.h"
#include "api/arguments.h"
#include "store/sql_version.h"

SFN_FUNCTION(sfn_tag_resource)
{
	ActionCall call;
	const JsonVal *tags = jsonb_value_argument(fcinfo, 1);

	api_enter(&call, ACTION_SQL, "TagResource");
	api_check(&call,
			  resource_tag(&call, required_text(&call, fcinfo, 0, "resource"),
						   tags != NULL ? tags : jv_empty_object()));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* The elements of a text[] that are not null, as a JSON array. */
static const JsonVal *
text_array_argument(FunctionCallInfo fcinfo, int number)
{
	JvArrayBuilder list;
	Datum *elements;
	bool *nulls;
	int count = 0;

	if (!PG_ARGISNULL(number))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	jv_array_begin(&list);
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			jv_array_add(&list, jv_string(TextDatumGetCString(elements[i])));
	}
	return jv_array_end(&list);
}

SFN_FUNCTION(sfn_untag_resource)
{
	ActionCall call;
	const JsonVal *keys = text_array_argument(fcinfo, 1);

	api_enter(&call, ACTION_SQL, "UntagResource");
	api_check(&call, resource_untag(&call, required_text(&call, fcinfo, 0, "resource"), keys));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_list_tags_for_resource)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	const JsonVal *tags;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ListTagsForResource");
	tags = resource_tags(&call, required_text(&call, fcinfo, 0, "resource"));
	api_check(&call, tags != NULL);
	api_leave(&call);
	for (int i = 0; i < tags->count; i++)
	{
		Datum values[2] = {CStringGetTextDatum(jv_get_string(tags->u.items[i], "key")),
						   CStringGetTextDatum(jv_get_string(tags->u.items[i], "value"))};
		bool nulls[2] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
