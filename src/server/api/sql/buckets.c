/*
 * buckets.c
 *	  The SQL functions for buckets: create_bucket(), delete_bucket().
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "actions/buckets.h"
#include "api/arguments.h"
#include "services/objects/objects.h"
#include "store/sql_version.h"

/* The roles of an array; null: the one who makes the bucket. */
static Datum
roles_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	Datum role = ObjectIdGetDatum(call->scope.caller);

	if (PG_ARGISNULL(number))
		return PointerGetDatum(construct_array(&role, 1, REGROLEOID, sizeof(Oid), true, TYPALIGN_INT));
	if (array_contains_nulls(PG_GETARG_ARRAYTYPE_P(number)))
		api_error(call, API_INVALID_BUCKET, "its readers and writers must not be null", "");
	return PG_GETARG_DATUM(number);
}

SFN_FUNCTION(sfn_create_bucket)
{
	ActionCall call;
	BucketRow bucket = {.connection = text_argument(fcinfo, 4), .region = text_argument(fcinfo, 5)};

	api_enter(&call, ACTION_SQL, "CreateBucket");
	bucket.name = required_text(&call, fcinfo, 0, "name");
	bucket.url = required_text(&call, fcinfo, 1, "url");
	bucket.readers = roles_argument(&call, fcinfo, 2);
	bucket.writers = roles_argument(&call, fcinfo, 3);
	api_check(&call, bucket_create(&call, &bucket, object_url_problem));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_delete_bucket)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteBucket");
	api_check(&call, bucket_drop(&call, required_text(&call, fcinfo, 0, "name")));
	api_leave(&call);
	PG_RETURN_VOID();
}
