/*
 * bucket_functions.c
 *	  sfn.create_bucket() and sfn.delete_bucket(): where S3 objects of definitions are.
 *
 * A bucket gives state machines what the server itself can reach, so only those
 * who may read and write files of the server with COPY make them, and nobody's
 * machines but their own may use a bucket unless they say so.
 */
#include "postgres.h"

#include <sys/stat.h>

#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "api/arguments.h"
#include "services/objects/objects.h"
#include "store/buckets.h"

#define MAX_BUCKET_NAME 63

static void require_administrator(const ApiCall *call);
static void check_bucket_name(const char *name);
static void check_region(const BucketRow *bucket);
static Datum roles_argument(FunctionCallInfo fcinfo, int number, Oid fallback);

pg_noreturn static void
invalid(const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid bucket: %s", what),
			 hint != NULL ? errhint("%s", hint) : 0));
}

extern PGDLLEXPORT Datum sfn_create_bucket(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_create_bucket);
Datum
sfn_create_bucket(PG_FUNCTION_ARGS)
{
	ApiCall call;
	BucketRow bucket = {0};
	const char *problem;
	const char *hint;

	api_enter(&call, API_SQL, "CreateBucket");
	require_administrator(&call);
	bucket.name = required_text(&call, fcinfo, 0, "name");
	check_bucket_name(bucket.name);
	bucket.url = required_text(&call, fcinfo, 1, "url");
	problem = object_url_problem(&bucket.url, &hint);
	if (problem != NULL)
		invalid(problem, hint);
	bucket.connection = text_argument(fcinfo, 4);
	if (bucket.connection != NULL && strncmp(bucket.url, "http", 4) != 0)
		invalid("only a URL of http or https has a connection", NULL);
	bucket.region = text_argument(fcinfo, 5);
	if (bucket.region != NULL)
		check_region(&bucket);
	bucket.owner = call.scope.caller;
	bucket.readers = roles_argument(fcinfo, 2, bucket.owner);
	bucket.writers = roles_argument(fcinfo, 3, bucket.owner);
	bucket_upsert(&bucket);
	api_leave(&call);
	PG_RETURN_VOID();
}

extern PGDLLEXPORT Datum sfn_delete_bucket(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_delete_bucket);
Datum
sfn_delete_bucket(PG_FUNCTION_ARGS)
{
	ApiCall call;
	char *name;

	api_enter(&call, API_SQL, "DeleteBucket");
	require_administrator(&call);
	name = required_text(&call, fcinfo, 0, "name");
	if (!bucket_delete(name))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("bucket \"%s\" does not exist", name),
				 errhint("The view sfn.buckets shows those that there are.")));
	api_leave(&call);
	PG_RETURN_VOID();
}

static void
require_administrator(const ApiCall *call)
{
	if (has_privs_of_role(call->scope.caller, ROLE_PG_READ_SERVER_FILES) &&
		has_privs_of_role(call->scope.caller, ROLE_PG_WRITE_SERVER_FILES))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to make or delete buckets"),
			 errhint("Superusers may, and roles with the privileges of both pg_read_server_files and "
					 "pg_write_server_files.")));
}

static void
check_bucket_name(const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > MAX_BUCKET_NAME ||
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != length)
		invalid("its name must have 1 to 63 letters, digits, dots, hyphens or underscores", NULL);
}

/* Requests are signed for a region, with what the connection has. */
static void
check_region(const BucketRow *bucket)
{
	if (bucket->region[0] == '\0' ||
		strspn(bucket->region, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(bucket->region))
		invalid("its region must have lower-case letters, digits and hyphens, as us-east-1", NULL);
	if (bucket->connection == NULL)
		invalid("a region needs a connection",
				"Requests are signed with the user name and the password of a connection of type BASIC: access key and "
				"secret key.");
}

/* The roles of an array; null: the one who makes the bucket. */
static Datum
roles_argument(FunctionCallInfo fcinfo, int number, Oid fallback)
{
	Datum role = ObjectIdGetDatum(fallback);

	if (PG_ARGISNULL(number))
		return PointerGetDatum(construct_array(&role, 1, REGROLEOID, sizeof(Oid), true, TYPALIGN_INT));
	if (array_contains_nulls(PG_GETARG_ARRAYTYPE_P(number)))
		invalid("its readers and writers must not be null", NULL);
	return PG_GETARG_DATUM(number);
}
