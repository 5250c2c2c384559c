/*
 * buckets.c
 *	  Where S3 objects of definitions are.
 *
 * A bucket gives state machines what the server itself can reach, so only those
 * who may read and write files of the server with COPY make them, and nobody's
 * machines but their own may use a bucket unless they say so.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "utils/acl.h"

#include "actions/buckets.h"

#define MAX_BUCKET_NAME 63

static bool
invalid(ActionCall *call, const char *what, const char *hint)
{
	return action_fail(call, API_INVALID_BUCKET, what, hint != NULL ? hint : "");
}

static SFN_MUST_CHECK bool
require_administrator(ActionCall *call)
{
	return (has_privs_of_role(call->scope.caller, ROLE_PG_READ_SERVER_FILES) &&
			has_privs_of_role(call->scope.caller, ROLE_PG_WRITE_SERVER_FILES)) ||
		action_fail(call, API_PERMISSION_DENIED, "permission denied to make or delete buckets",
					"Superusers may, and roles with the privileges of both pg_read_server_files and "
					"pg_write_server_files.");
}

static SFN_MUST_CHECK bool
check_bucket_name(ActionCall *call, const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > MAX_BUCKET_NAME ||
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != length)
		return invalid(call, "its name must have 1 to 63 letters, digits, dots, hyphens or underscores", NULL);
	return true;
}

/* Requests are signed for a region, with what the connection has. */
static SFN_MUST_CHECK bool
check_region(ActionCall *call, const BucketRow *bucket)
{
	if (bucket->region[0] == '\0' ||
		strspn(bucket->region, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(bucket->region))
		return invalid(call, "its region must have lower-case letters, digits and hyphens, as us-east-1", NULL);
	if (bucket->connection == NULL)
		return invalid(
			call, "a region needs a connection",
			"Requests are signed with the user name and the password of a connection of type BASIC: access key and "
			"secret key.");
	return true;
}

bool
bucket_create(ActionCall *call, BucketRow *bucket, BucketUrlProblem url_problem)
{
	const char *problem;
	const char *hint;

	if (!require_administrator(call) || !check_bucket_name(call, bucket->name))
		return false;
	problem = url_problem(&bucket->url, &hint);
	if (problem != NULL)
		return invalid(call, problem, hint);
	if (bucket->connection != NULL && strncmp(bucket->url, "http", 4) != 0)
		return invalid(call, "only a URL of http or https has a connection", NULL);
	if (bucket->region != NULL && !check_region(call, bucket))
		return false;
	bucket->owner = call->scope.caller;
	bucket_upsert(bucket);
	return true;
}

bool
bucket_drop(ActionCall *call, const char *name)
{
	if (!require_administrator(call))
		return false;
	return bucket_delete(name) || action_fail(call, API_BUCKET_DOES_NOT_EXIST, name);
}
