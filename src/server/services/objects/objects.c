/*
 * objects.c
 *	  S3 objects: the table of what can hold them, and the rights to them.
 */
#include "postgres.h"

#include "base/error.h"
#include "services/objects/objects_backend.h"
#include "store/buckets.h"
#include "store/store.h"
#include "store/trust.h"

/* How S3's answers begin, by which they are told from others. */
#define NO_KEY "The specified key does not exist."
#define NO_BUCKET "The specified bucket does not exist"
#define NO_ACCESS "Access Denied"

static const ObjectBackend *const backends[] = {&object_backend_file, &object_backend_https, &object_backend_http};

static const ObjectBackend *find_backend(const char *url);
static const ObjectBackend *open_bucket(ObjectPlace *place, const char *bucket, const char *key, Oid role,
										bool for_writing, SfnError *error);

const char *
object_url_problem(const char **url, const char **hint)
{
	const ObjectBackend *backend = find_backend(*url);
	const char *root;
	const char *problem;

	*hint = "A URL is file:///directory or https://host/prefix.";
	if (backend == NULL)
		return psprintf("its URL \"%s\" has no known scheme", *url);
	root = *url + strlen(backend->scheme);
	problem = backend->url_problem(&root, hint);
	*url = psprintf("%s%s", backend->scheme, root);
	/* cppcheck-suppress returnDanglingLifetime */
	return problem;
}

static const ObjectBackend *
find_backend(const char *url)
{
	for (int i = 0; i < (int) lengthof(backends); i++)
	{
		if (strncmp(url, backends[i]->scheme, strlen(backends[i]->scheme)) == 0)
			return backends[i];
	}
	return NULL;
}

/* ---- the calls ---- */

/* Whether the key names something: not empty, and no part of it is "." or "..", which would lead elsewhere. */
static bool
is_key(const char *key)
{
	for (const char *part = key; *part != '\0';)
	{
		size_t length = strcspn(part, "/");

		if ((length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		part += length + (part[length] == '/');
	}
	return key[0] != '\0';
}

/* The backend of an object that may be read, *place filled; NULL: *error. */
static const ObjectBackend *
open_for_reading(ObjectPlace *place, const char *bucket, const char *key, const char *version, Oid role,
				 SfnError *error)
{
	const ObjectBackend *backend = open_bucket(place, bucket, key, role, false, error);

	if (backend == NULL || is_key(key))
	{
		place->version = version;
		return backend;
	}
	(void) object_fail_no_key(place, ERROR_ITEM_READER_FAILED, error);
	return NULL;
}

bool
object_get(const char *bucket, const char *key, const char *version, Oid role, ObjectDataSink sink, void *arg,
		   SfnError *error)
{
	ObjectPlace place;
	const ObjectBackend *backend = open_for_reading(&place, bucket, key, version, role, error);

	return backend != NULL && backend->get(&place, sink, arg, error);
}

bool
object_describe(const char *bucket, const char *key, const char *version, Oid role, const char **headers,
				SfnError *error)
{
	ObjectPlace place;
	const ObjectBackend *backend = open_for_reading(&place, bucket, key, version, role, error);

	return backend != NULL && backend->describe(&place, headers, error);
}

bool
object_list(const char *bucket, const char *prefix, const char *after, Oid role, ObjectListSink sink, void *arg,
			SfnError *error)
{
	ObjectPlace place;
	const ObjectBackend *backend = open_bucket(&place, bucket, prefix, role, false, error);

	place.after = after;
	return backend != NULL && backend->list(&place, sink, arg, error);
}

bool
object_delete(const char *bucket, const char *key, Oid role, SfnError *error)
{
	ObjectPlace place;
	const ObjectBackend *backend = open_bucket(&place, bucket, key, role, true, error);

	if (backend != NULL && !is_key(key))
		return object_fail_no_key(&place, ERROR_RESULT_WRITER_FAILED, error);
	return backend != NULL && backend->remove(&place, error);
}

bool
object_bucket_is_open(const char *bucket, Oid role, bool for_writing, SfnError *error)
{
	ObjectPlace place;

	return open_bucket(&place, bucket, "", role, for_writing, error) != NULL;
}

ObjectWriter *
object_put_begin(const char *bucket, const char *key, Oid role, SfnError *error)
{
	ObjectPlace *place = palloc(sizeof(ObjectPlace)); /* writers keep it */
	const ObjectBackend *backend = open_bucket(place, pstrdup(bucket), pstrdup(key), role, true, error);
	ObjectWriter *writer = NULL;

	if (backend != NULL && !is_key(key))
		(void) sfn_error(error, ERROR_RESULT_WRITER_FAILED, "\"%s\" cannot be the key of an object.", key);
	else if (backend != NULL)
		writer = backend->put_begin(place, error);
	if (writer != NULL)
		writer->backend = backend;
	return writer;
}

bool
object_put_write(ObjectWriter *writer, const char *data, Size length, SfnError *error)
{
	return writer->backend->put_write(writer, data, length, error);
}

int64
object_put_end(ObjectWriter *writer, SfnError *error)
{
	return writer->backend->put_end(writer, error);
}

/* The bucket's backend, *place filled; NULL: there is no such bucket, or it is not for this role. */
static const ObjectBackend *
open_bucket(ObjectPlace *place, const char *bucket, const char *key, Oid role, bool for_writing, SfnError *error)
{
	const char *error_name = for_writing ? ERROR_RESULT_WRITER_FAILED : ERROR_ITEM_READER_FAILED;
	StoreScope scope;
	BucketAccess access;
	bool is_known;
	bool is_trusted;
	const ObjectBackend *backend;

	store_enter(&scope);
	is_known = bucket_access(bucket, role, &access);
	is_trusted = !is_known ||
		name_is_trusted(&(OwnedName){.kind = NAME_BUCKET, .id = access.id, .name = bucket, .owner = access.owner}, role,
						error);
	store_leave(&scope);
	memset(place, 0, sizeof(*place));
	if (!is_trusted)
		return NULL;
	backend = is_known ? find_backend(access.url) : NULL;
	place->bucket = bucket;
	place->key = key;
	place->after = "";
	if (backend == NULL)
	{
		(void) sfn_error(error, error_name, NO_BUCKET " (Service: S3, Status Code: 404, Bucket: %s)", bucket);
		return NULL;
	}
	place->url = access.url;
	place->connection = access.connection;
	place->region = access.region;
	place->requester = access.owner;
	place->root = access.url + strlen(backend->scheme);
	if (!(for_writing ? access.may_write : access.may_read))
	{
		(void) object_fail_access(place, error_name, error);
		return NULL;
	}
	return backend;
}

/* ---- for the backends ---- */

bool
object_fail_no_key(const ObjectPlace *place, const char *error_name, SfnError *error)
{
	return sfn_error(error, error_name, NO_KEY " (Service: S3, Status Code: 404, Bucket: %s, Key: %s)", place->bucket,
					 place->key);
}

bool
object_fail_access(const ObjectPlace *place, const char *error_name, SfnError *error)
{
	return sfn_error(error, error_name, NO_ACCESS " (Service: S3, Status Code: 403, Bucket: %s)", place->bucket);
}

/* ---- what a failure is ---- */

const char *
object_failure_code(const SfnError *error, long *status)
{
	static const struct
	{
		const char *text;
		const char *code;
		long status;
	} rows[] = {{NO_KEY, "NoSuchKey", 404}, {NO_BUCKET, "NoSuchBucket", 404}, {NO_ACCESS, "AccessDenied", 403}};

	for (int i = 0; error->cause != NULL && i < (int) lengthof(rows); i++)
	{
		if (strncmp(error->cause, rows[i].text, strlen(rows[i].text)) == 0)
		{
			*status = rows[i].status;
			return rows[i].code;
		}
	}
	return NULL;
}
