/*
 * objects_http.c
 *	  Buckets that are behind an address: GET, PUT, and the list of objects as S3 gives it.
 *
 * The URL is an administrator's, so requests are made as the role that made the
 * bucket: its allow-list and its right to the connection count, while readers and
 * writers say whose machines have them made.  A new object is spooled to a temporary file
 * first: its length is sent before it, and nothing is sent unless all of it is there.
 */
#include "postgres.h"

#include "storage/buffile.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "aws/s3_listing.h"
#include "aws/sigv4.h"
#include "aws/url_encoding.h"
#include "base/error.h"
#include "services/http/http_inline.h"
#include "services/objects/objects_backend.h"
#include "services/sandbox.h"
#include "store/connections.h"
#include "store/store.h"

/* Of one page of a list: S3's have 1,000 objects. */
#define MAX_PAGE_BYTES (16 * 1024 * 1024)

#define SIGNATURE_SECONDS 3600

static const char *
http_url_problem(const char **root, const char **hint)
{
	size_t host = strcspn(*root, "/");
	size_t length = strlen(*root);

	*hint = "It has a host, an optional port, and an optional path: no user, no query.";
	for (const char *c = *root; *c != '\0'; c++)
	{
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7f || strchr("?#@\\\"<>", *c) != NULL)
			return "its URL has a character that is not allowed";
	}
	if (host == 0)
		return "its URL has no host";
	while (length > 0 && (*root)[length - 1] == '/')
		length--;
	*root = pnstrdup(*root, length);
	*hint = NULL;
	return NULL;
}

/* The access key and the secret key that the bucket's connection has; false: *error is filled. */
static bool
signing_key(const ObjectPlace *place, const char *error_name, Sigv4Key *key, SfnError *error)
{
	HttpConnection *connection;
	SfnError problem = {0};
	StoreScope scope;
	bool is_found;
	const JsonVal *parameters;

	store_enter(&scope);
	is_found = connection_for_task(place->connection, place->requester, &connection, &problem);
	store_leave(&scope);
	if (!is_found)
		return sfn_error(error, error_name, "%s", problem.cause);
	parameters = jv_get(connection->parameters, "BasicAuthParameters");
	*key = (Sigv4Key){.region = place->region, .service = "s3"};
	key->access_key = jv_get_string(parameters, "Username");
	key->secret_key = jv_get_string(parameters, "Password");
	return (connection->type == CONNECTION_BASIC && key->access_key != NULL && key->secret_key != NULL) ||
		sfn_error(error, error_name, "The connection %s has no access key and secret key: it is not of type BASIC.",
				  place->connection);
}

/*
 * Fills in where the request goes and how it proves who sends it: by the bucket's connection or, where it has a
 * region, by a signature.  path and query are encoded.
 */
static bool
address_request(HttpExchange *exchange, const ObjectPlace *place, const char *path, const char *query,
				const char *error_name, SfnError *error)
{
	const char *url = psprintf("%s/%s", place->url, path);
	Sigv4Key key;

	sandbox_want_alone("a request to a bucket");

	exchange->role = place->requester;
	if (place->region == NULL)
	{
		exchange->url = query[0] != '\0' ? psprintf("%s?%s", url, query) : url;
		exchange->connection = place->connection;
		return true;
	}
	if (!signing_key(place, error_name, &key, error))
		return false;
	exchange->url = sigv4_presign(exchange->method, url, query, NULL, SIGV4_UNSIGNED_PAYLOAD, &key,
								  GetCurrentTimestamp(), SIGNATURE_SECONDS);
	return exchange->url != NULL ||
		sfn_error(error, error_name, "The request for bucket %s cannot be signed.", place->bucket);
}

/* What the response, or that there was none, says. */
static bool
fail_exchange(const ObjectPlace *place, const HttpExchange *exchange, const char *error_name, const SfnError *problem,
			  SfnError *error)
{
	if (exchange->status == 404)
		return object_fail_no_key(place, error_name, error);
	if (exchange->status == 401 || exchange->status == 403)
		return object_fail_access(place, error_name, error);
	return sfn_error(error, error_name, "The request for %s of bucket %s failed: %s", place->key, place->bucket,
					 problem->cause != NULL ? problem->cause : problem->name);
}

/* ---- reading ---- */

typedef struct HttpReading
{
	ObjectDataSink sink;
	void *arg;
	SfnError *error;
} HttpReading;

static bool
pass_data(void *arg, const char *data, Size length)
{
	HttpReading *reading = arg;

	return reading->sink(reading->arg, data, length, reading->error);
}

/* The query of a request for the object. */
static const char *
version_query(const ObjectPlace *place)
{
	return place->version != NULL ? psprintf("versionId=%s", url_encode(place->version, false)) : "";
}

static bool
http_get(const ObjectPlace *place, ObjectDataSink sink, void *arg, SfnError *error)
{
	HttpReading reading = {.sink = sink, .arg = arg, .error = error};
	HttpExchange exchange = {.method = "GET", .sink = pass_data, .arg = &reading};
	SfnError problem = {0};

	memset(error, 0, sizeof(SfnError));
	if (!address_request(&exchange, place, url_encode(place->key, true), version_query(place), ERROR_ITEM_READER_FAILED,
						 error))
		return false;
	if (!http_exchange(&exchange, &problem))
		return fail_exchange(place, &exchange, ERROR_ITEM_READER_FAILED, &problem, error);
	return error->name == NULL;
}

/* A request for the object that has no body, and whose response has none. */
static bool
ask(const ObjectPlace *place, const char *method, HttpExchange *exchange, const char *error_name, SfnError *error)
{
	SfnError problem = {0};

	*exchange = (HttpExchange){.method = method};
	return address_request(exchange, place, url_encode(place->key, true), version_query(place), error_name, error) &&
		(http_exchange(exchange, &problem) || fail_exchange(place, exchange, error_name, &problem, error));
}

static bool
http_describe(const ObjectPlace *place, const char **headers, SfnError *error)
{
	HttpExchange exchange;

	if (!ask(place, "HEAD", &exchange, ERROR_ITEM_READER_FAILED, error))
		return false;
	*headers = exchange.head;
	return true;
}

static bool
http_remove(const ObjectPlace *place, SfnError *error)
{
	HttpExchange exchange;

	return ask(place, "DELETE", &exchange, ERROR_RESULT_WRITER_FAILED, error);
}

/* ---- lists ---- */

static bool
append_page(void *arg, const char *data, Size length)
{
	StringInfo page = arg;

	if ((Size) page->len + length > MAX_PAGE_BYTES)
		return false;
	appendBinaryStringInfo(page, data, (int) length);
	return true;
}

/* Gets one page of the list; NULL: *error is filled. */
static const JsonVal *
get_page(const ObjectPlace *place, const char *token, const char **next_token, SfnError *error)
{
	StringInfoData page;
	HttpExchange exchange = {.method = "GET", .sink = append_page, .arg = &page};
	SfnError problem = {0};
	char *query = psprintf("list-type=2&prefix=%s", url_encode(place->key, false));

	initStringInfo(&page);
	if (place->after[0] != '\0')
		query = psprintf("%s&start-after=%s", query, url_encode(place->after, false));
	if (token != NULL)
		query = psprintf("continuation-token=%s&%s", url_encode(token, false), query);
	if (!address_request(&exchange, place, "", query, ERROR_ITEM_READER_FAILED, error))
		return NULL;
	if (!http_exchange(&exchange, &problem))
	{
		(void) fail_exchange(place, &exchange, ERROR_ITEM_READER_FAILED, &problem, error);
		return NULL;
	}
	return s3_list_page(page.data, page.len, next_token, error);
}

/* Hands on the objects of a page; false: the sink has failed or has enough. */
static bool
pass_objects(const JsonVal *objects, ObjectListSink sink, void *arg, SfnError *error)
{
	for (int i = 0; i < objects->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!sink(arg, objects->u.items[i], error))
			return false;
	}
	return true;
}

static bool
http_list(const ObjectPlace *place, ObjectListSink sink, void *arg, SfnError *error)
{
	MemoryContext caller_context = CurrentMemoryContext;
	MemoryContext page_context = AllocSetContextCreate(CurrentMemoryContext, "sfn object list", ALLOCSET_DEFAULT_SIZES);
	char *token = NULL;
	bool goes_on = true;

	memset(error, 0, sizeof(SfnError));
	while (goes_on)
	{
		const char *next_token = NULL;
		const JsonVal *objects;

		MemoryContextSwitchTo(page_context);
		objects = get_page(place, token, &next_token, error);
		MemoryContextSwitchTo(caller_context);
		if (objects == NULL && error->cause != NULL)
			error->cause = pstrdup(error->cause);
		goes_on = objects != NULL && pass_objects(objects, sink, arg, error) && next_token != NULL;
		if (goes_on && (objects->count == 0 || (token != NULL && strcmp(token, next_token) == 0)))
			goes_on = sfn_error(error, ERROR_ITEM_READER_FAILED, "The list of the objects of bucket %s has no end.",
								place->bucket);
		token = goes_on ? pstrdup(next_token) : NULL;
		MemoryContextReset(page_context);
	}
	MemoryContextDelete(page_context);
	return error->name == NULL;
}

/* ---- writing ---- */

typedef struct HttpWriter
{
	ObjectWriter base;
	const ObjectPlace *place;
	BufFile *spool; /* goes with the (sub)transaction */
	int64 size;
} HttpWriter;

static ObjectWriter *
http_put_begin(const ObjectPlace *place, SfnError *error)
{
	HttpWriter *writer = palloc0(sizeof(HttpWriter));

	writer->place = place;
	writer->spool = BufFileCreateTemp(false);
	return &writer->base;
}

static bool
http_put_write(ObjectWriter *base, const char *data, Size length, SfnError *error)
{
	HttpWriter *writer = (HttpWriter *) base;

	BufFileWrite(writer->spool, unconstify(char *, data), length);
	writer->size += (int64) length;
	return true;
}

static Size
read_spool(void *arg, char *buffer, Size room)
{
	return BufFileRead(((HttpWriter *) arg)->spool, buffer, room);
}

static int64
http_put_end(ObjectWriter *base, SfnError *error)
{
	HttpWriter *writer = (HttpWriter *) base;
	const ObjectPlace *place = writer->place;
	HttpExchange exchange = {.method = "PUT", .source = read_spool, .body_length = writer->size, .arg = writer};
	SfnError problem = {0};
	bool is_sent;

	if (!address_request(&exchange, place, url_encode(place->key, true), "", ERROR_RESULT_WRITER_FAILED, error))
	{
		BufFileClose(writer->spool);
		return -1;
	}
	if (BufFileSeek(writer->spool, 0, 0, SEEK_SET) != 0)
		elog(ERROR, "could not rewind a temporary file");
	is_sent = http_exchange(&exchange, &problem);
	BufFileClose(writer->spool);
	if (is_sent)
		return writer->size;
	(void) fail_exchange(place, &exchange, ERROR_RESULT_WRITER_FAILED, &problem, error);
	return -1;
}

#define HTTP_BACKEND(its_scheme) \
	{ \
		.scheme = (its_scheme), .url_problem = http_url_problem, .get = http_get, .describe = http_describe, \
		.list = http_list, .put_begin = http_put_begin, .put_write = http_put_write, .put_end = http_put_end, \
		.remove = http_remove, \
	}

const ObjectBackend object_backend_https = HTTP_BACKEND("https://");
const ObjectBackend object_backend_http = HTTP_BACKEND("http://");
