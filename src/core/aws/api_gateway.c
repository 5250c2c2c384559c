/*
 * api_gateway.c
 *	  The request of apigateway:invoke.
 *
 * The definition says where the request goes and what is in it.  Since it may be signed, with a token in it, the host has
 * to be one of API Gateway's.
 */
#include "base/port.h"

#include "aws/api_gateway.h"
#include "aws/http_headers.h"
#include "aws/url_encoding.h"
#include "base/error.h"

typedef struct InvokeWriter
{
	const char *resource;
	const JsonVal *parameters;
	AwsRequest *request;
	bool drops_nulls;
	SfnError *error;
} InvokeWriter;

/* One of several values of a query parameter or header. */
typedef bool (*AddValue)(InvokeWriter *writer, void *arg, const char *name, const JsonVal *value);

static bool
wrong(InvokeWriter *writer, const char *member, const char *what)
{
	return sfn_error(writer->error, ERROR_RUNTIME, "The parameter \"%s\" of %s must be %s.", member, writer->resource,
					 what);
}

const char *
api_gateway_region(const char *host)
{
	static const char *const tails[] = {".amazonaws.com", ".amazonaws.com.cn"};
	const char *service = strstr(host, ".execute-api.");

	if (service == NULL ||
		strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != strlen(host))
		return NULL;
	service += strlen(".execute-api.");
	for (int i = 0; i < (int) lengthof(tails); i++)
	{
		size_t length = strcspn(service, ".");

		if (length > 0 && strcmp(service + length, tails[i]) == 0)
			return pnstrdup(service, length);
	}
	return NULL;
}

/* ---- objects of lists ---- */

static bool
add_all(InvokeWriter *writer, const char *member, AddValue add, void *arg)
{
	const JsonVal *given = jv_get(writer->parameters, member);

	if (given == NULL || given->type == JV_NULL)
		return true;
	if (given->type != JV_OBJECT)
		return wrong(writer, member, "an object of lists");
	for (int i = 0; i < given->count; i++)
	{
		const JsonVal *value = given->u.members[i].value;
		const JsonVal *const *values = value->type == JV_ARRAY ? value->u.items : &value;
		int count = value->type == JV_ARRAY ? value->count : 1;

		for (int n = 0; n < count; n++)
		{
			if (values[n]->type == JV_ARRAY || values[n]->type == JV_OBJECT)
				return wrong(writer, member, "an object of lists");
			if (values[n]->type == JV_NULL && !writer->drops_nulls)
				return wrong(writer, member, "without null, unless AllowNullValues is true");
			if (values[n]->type != JV_NULL && !add(writer, arg, given->u.members[i].key, values[n]))
				return false;
		}
	}
	return true;
}

static const char *
text_of(const JsonVal *value)
{
	return value->type == JV_STRING ? value->u.text : jv_to_text(value);
}

static bool
add_to_query(InvokeWriter *writer, void *arg, const char *name, const JsonVal *value)
{
	StringInfo query = arg;

	if (query->len > 0)
		appendStringInfoChar(query, '&');
	url_encode_append(query, name, false);
	appendStringInfoChar(query, '=');
	url_encode_append(query, text_of(value), false);
	return true;
}

static bool
add_header(InvokeWriter *writer, void *arg, const char *name, const JsonVal *value)
{
	AwsRequest *request = writer->request;
	bool *has_type = arg;

	if (header_is_forbidden(name))
		return sfn_error(writer->error, ERROR_RUNTIME, "The header \"%s\" is not allowed in the definition.", name);
	if (!header_is_token(name) || !header_value_is_clean(text_of(value)))
		return sfn_error(writer->error, ERROR_RUNTIME,
						 "The name or the value of a header contains characters that are not allowed.");
	if (request->header_count >= AWS_MAX_HEADERS - 2)
		return sfn_error(writer->error, ERROR_RUNTIME, "The request has too many headers.");
	*has_type = *has_type || pg_strcasecmp(name, "Content-Type") == 0;
	request->headers[request->header_count++] = psprintf("%s: %s", name, text_of(value));
	return true;
}

/* ---- the parts of a request ---- */

static bool
take_method(InvokeWriter *writer)
{
	writer->request->method = http_method_find(jv_get_string(writer->parameters, "Method"));
	return writer->request->method != NULL ||
		wrong(writer, "Method", "one of GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
}

/* "/" and the path, of which what is encoded already stays so. */
static void
add_path(StringInfo out, const char *path)
{
	const char *rest = path;

	appendStringInfoString(out, *path != '\0' ? "/" : "");
	while (*rest != '\0')
	{
		size_t length = strcspn(rest, "%");

		url_encode_append(out, pnstrdup(rest, length), true);
		rest += length;
		if (*rest == '%')
			appendStringInfoChar(out, *rest++);
	}
}

/* "/Stage/Path". */
static bool
take_path(InvokeWriter *writer)
{
	static const char *const members[] = {"Stage", "Path"};
	StringInfoData path;

	initStringInfo(&path);
	for (int i = 0; i < (int) lengthof(members); i++)
	{
		const JsonVal *given = jv_get(writer->parameters, members[i]);

		if (given == NULL || given->type == JV_NULL)
			continue;
		if (given->type != JV_STRING || strpbrk(given->u.text, "?#") != NULL)
			return wrong(writer, members[i], "a path without \"?\" and \"#\"");
		add_path(&path, given->u.text + strspn(given->u.text, "/"));
	}
	writer->request->path = path.len > 0 ? path.data : "/";
	return true;
}

static bool
take_body(InvokeWriter *writer, bool has_type)
{
	const JsonVal *body = jv_get(writer->parameters, "RequestBody");
	AwsRequest *request = writer->request;

	request->body = "";
	if (body == NULL || body->type == JV_NULL)
		return true;
	request->body = text_of(body);
	request->body_length = (int) strlen(request->body);
	if (!has_type)
		request->headers[request->header_count++] = "Content-Type: application/json";
	return true;
}

static bool
take_authorization(InvokeWriter *writer)
{
	static const char *const types[] = {"NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY"};
	const JsonVal *given = jv_get(writer->parameters, "AuthType");

	writer->request->is_unsigned = given == NULL || (given->type == JV_STRING && strcmp(given->u.text, types[0]) == 0);
	for (int i = 0; given != NULL && given->type == JV_STRING && i < (int) lengthof(types); i++)
		if (strcmp(types[i], given->u.text) == 0)
			return true;
	return given == NULL || wrong(writer, "AuthType", "one of NO_AUTH, IAM_ROLE, RESOURCE_POLICY");
}

bool
api_request(const char *resource, const JsonVal *parameters, AwsRequest *request, const char **host, SfnError *error)
{
	const JsonVal *allows = jv_get(parameters, "AllowNullValues");
	InvokeWriter writer = {.resource = resource,
						   .parameters = parameters,
						   .request = request,
						   .drops_nulls = jv_is(allows, JV_BOOL) && allows->boolean,
						   .error = error};
	StringInfoData query;
	bool has_type = false;

	memset(request, 0, sizeof(*request));
	request->host_prefix = "";
	initStringInfo(&query);
	*host = jv_get_string(parameters, "ApiEndpoint");
	if (*host == NULL)
		return wrong(&writer, "ApiEndpoint", "a string");
	if (!take_method(&writer) || !take_path(&writer) || !take_authorization(&writer) ||
		!add_all(&writer, "QueryParameters", add_to_query, &query) ||
		!add_all(&writer, "Headers", add_header, &has_type) || !take_body(&writer, has_type))
		return false;
	request->query = query.data;
	return true;
}
