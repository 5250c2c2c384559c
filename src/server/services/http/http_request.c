/*
 * http_request.c
 *	  The request that a task asks for: URL, headers, body, credentials.
 *
 * What the connection adds wins over what the task says.  Names and values that
 * could end a header line, credentials inside a URL, and headers that frame a
 * message are refused, so that nothing but the body is in the definition's hand.
 */
#include "postgres.h"

#include <curl/curl.h>

#include "aws/http_headers.h"
#include "aws/url_encoding.h"
#include "base/error.h"
#include "base/hashes.h"
#include "base/texts.h"
#include "services/http/http_request.h"
#include "settings/guc.h"

#define MAX_HEADERS 200
#define MAX_URL (64 * 1024)
#define MAX_HOST 300
#define FUNCTION_TIMEOUT_MS (15 * 60 * 1000) /* what AWS gives a function */

static const char *const flavour_names[] = {"invoke", "post", "function", "lambda", "lambda_tail", "aws"};

typedef struct RequestBuild
{
	HttpRequest *request;
	const HttpConnection *connection; /* or NULL */
	const JsonVal *input;
	SfnError *error;
	bool has_content_type;
	bool has_user_agent;
	bool has_range;
} RequestBuild;

static bool build_invoke(RequestBuild *build);
static bool build_post(RequestBuild *build, const char *url);
static bool take_url(RequestBuild *build, const char *url, const char *query);
static bool add_query(StringInfo query, const JsonVal *parameters, SfnError *error);
static bool add_headers(RequestBuild *build, const JsonVal *headers);
static bool add_header(RequestBuild *build, const char *name, const char *value);
static bool add_connection(RequestBuild *build, StringInfo query, const JsonVal **body);
static bool take_body(RequestBuild *build, const JsonVal *body);
static bool add_own_headers(RequestBuild *build, const char *idempotency_key);

/* ---- what the task's row keeps ---- */

const JsonVal *
http_task_parameters(HttpFlavour flavour, const char *url, const JsonVal *input)
{
	JvObjectBuilder builder;

	jv_object_begin(&builder);
	jv_object_add(&builder, "http", jv_string(flavour_names[flavour]));
	if (url != NULL)
		jv_object_add(&builder, "url", jv_string(url));
	jv_object_add(&builder, "input", input);
	return jv_object_end(&builder);
}

HttpFlavour
http_task_flavour(const JsonVal *stored)
{
	const char *name = jv_get_string(stored, "http");

	for (int i = 0; name != NULL && i < (int) lengthof(flavour_names); i++)
		if (strcmp(flavour_names[i], name) == 0)
			return (HttpFlavour) i;
	return HTTP_INVOKE;
}

const char *
http_task_connection(const JsonVal *stored)
{
	const JsonVal *input = jv_get(stored, "input");
	const char *name;

	if (http_task_flavour(stored) != HTTP_INVOKE)
		return NULL;
	name = jv_get_string(jv_get(input, "InvocationConfig"), "ConnectionArn");
	return name != NULL ? name : jv_get_string(jv_get(input, "Authentication"), "ConnectionArn");
}

const char *
http_host_of(const char *url)
{
	const char *start = url != NULL ? strstr(url, "://") : NULL;

	return start != NULL ? text_lower(pnstrdup(start + 3, Min(strcspn(start + 3, "/?#"), MAX_HOST))) : NULL;
}

int64
http_time_limit(HttpFlavour flavour)
{
	return http_calls_function(flavour) ? FUNCTION_TIMEOUT_MS : sfn_http_request_timeout;
}

/* ---- building ---- */

bool
http_request_build(const JsonVal *stored, const HttpConnection *connection, const char *idempotency_key,
				   HttpRequest *request, SfnError *error)
{
	RequestBuild build = {.request = request,
						  .connection = connection,
						  .input = jv_get(stored, "input"),
						  .error = error};
	const char *url = jv_get_string(stored, "url");

	memset(request, 0, sizeof(*request));
	request->flavour = http_task_flavour(stored);
	request->headers = palloc0(sizeof(char *) * MAX_HEADERS);
	if (build.input == NULL)
		build.input = jv_empty_object();
	if (url != NULL ? !build_post(&build, url) : !build_invoke(&build))
		return false;
	return add_own_headers(&build, idempotency_key);
}

static bool
take_method(RequestBuild *build)
{
	build->request->method = http_method_find(jv_get_string(build->input, "Method"));
	return build->request->method != NULL ||
		sfn_error(
			   build->error, ERROR_RUNTIME,
			   "The parameter \"Method\" of http:invoke must be one of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD.");
}

static bool
build_invoke(RequestBuild *build)
{
	const char *url = jv_get_string(build->input, "ApiEndpoint");
	const JsonVal *headers = jv_get(build->input, "Headers");
	const JsonVal *body = jv_get(build->input, "RequestBody");
	StringInfoData query;

	if (url == NULL)
		return sfn_error(build->error, ERROR_RUNTIME, "The parameter \"ApiEndpoint\" of http:invoke must be a string.");
	if (headers != NULL && headers->type != JV_OBJECT)
		return sfn_error(build->error, ERROR_RUNTIME, "The parameter \"Headers\" of http:invoke must be an object.");
	initStringInfo(&query);
	return take_method(build) && add_query(&query, jv_get(build->input, "QueryParameters"), build->error) &&
		add_connection(build, &query, &body) && add_headers(build, headers) && take_body(build, body) &&
		take_url(build, url, query.data);
}

/* The input as JSON to a URL that an administrator or the definition has fixed. */
static bool
build_post(RequestBuild *build, const char *url)
{
	build->request->method = "POST";
	build->request->body = jv_to_text(build->input);
	build->request->body_length = (int) strlen(build->request->body);
	return take_url(build, url, "");
}

/* ---- the URL ---- */

static char *
url_part(CURLU *handle, CURLUPart part, unsigned int flags)
{
	char *value = NULL;
	char *copy;

	if (curl_url_get(handle, part, &value, flags) != CURLUE_OK || value == NULL)
		return NULL;
	copy = pstrdup(value);
	curl_free(value);
	return copy;
}

/* NULL, or what is wrong with the URL. */
static const char *
read_url(CURLU *handle, HttpRequest *request, const char *url, const char *query)
{
	const char *scheme;
	const char *port;

	if (strlen(url) + strlen(query) > MAX_URL)
		return "it is too long";
	for (const unsigned char *c = (const unsigned char *) url; *c != '\0'; c++)
		if (*c <= ' ' || *c == 127)
			return "it contains blanks or control characters";
	if (curl_url_set(handle, CURLUPART_URL, url, 0) != CURLUE_OK)
		return "it cannot be read";
	scheme = url_part(handle, CURLUPART_SCHEME, 0);
	if (scheme == NULL || (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
		return "only https and http are possible";
	if (url_part(handle, CURLUPART_USER, 0) != NULL || url_part(handle, CURLUPART_PASSWORD, 0) != NULL)
		return "it contains credentials, which belong in a connection";
	(void) curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
	if (query[0] != '\0' && curl_url_set(handle, CURLUPART_QUERY, query, CURLU_APPENDQUERY) != CURLUE_OK)
		return "its query cannot be read";

	request->is_plain = strcmp(scheme, "http") == 0;
	request->host = url_part(handle, CURLUPART_HOST, 0);
	port = url_part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	request->port = port != NULL ? atoi(port) : 0;
	request->url = url_part(handle, CURLUPART_URL, 0);
	if (request->host == NULL || request->host[0] == '\0' || request->url == NULL)
		return "it names no host";
	if (request->host[0] == '[') /* an IPv6 address */
		request->host = pnstrdup(request->host + 1, strcspn(request->host + 1, "]"));
	return NULL;
}

static bool
take_url(RequestBuild *build, const char *url, const char *query)
{
	CURLU *handle = curl_url();
	const char *problem = handle != NULL ? read_url(handle, build->request, url, query) : "there is no memory for it";

	curl_url_cleanup(handle);
	if (problem == NULL)
		return true;
	return sfn_error(build->error, ERROR_RUNTIME, "The URL of the request is not valid: %s.", problem);
}

static bool
query_problem(SfnError *error)
{
	return sfn_error(
		error, ERROR_RUNTIME,
		"The parameter \"QueryParameters\" of http:invoke must be an object of values or arrays of values.");
}

static bool
is_scalar(const JsonVal *value)
{
	return value->type != JV_ARRAY && value->type != JV_OBJECT;
}

static bool
add_query(StringInfo query, const JsonVal *parameters, SfnError *error)
{
	if (parameters == NULL || parameters->type == JV_NULL)
		return true;
	if (parameters->type != JV_OBJECT)
		return query_problem(error);
	for (int i = 0; i < parameters->count; i++)
	{
		const JvMember *member = &parameters->u.members[i];

		SFN_CHECK_INTERRUPTS();
		if (member->value->type == JV_OBJECT)
			return query_problem(error);
		for (int n = 0; member->value->type == JV_ARRAY && n < member->value->count; n++)
			if (!is_scalar(member->value->u.items[n]))
				return query_problem(error);
		form_add_value(query, member->key, member->value, ARRAY_REPEAT);
	}
	return true;
}

/* ---- headers ---- */

static bool
has_header(const HttpRequest *request, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < request->header_count; i++)
		if (pg_strncasecmp(request->headers[i], name, length) == 0 && strchr(":;", request->headers[i][length]) != NULL)
			return true;
	return false;
}

static bool
add_header(RequestBuild *build, const char *name, const char *value)
{
	HttpRequest *request = build->request;

	if (request->header_count >= MAX_HEADERS - 10)
		return sfn_error(build->error, ERROR_RUNTIME, "The request has too many headers.");
	if (!header_is_token(name) || !header_value_is_clean(value))
		return sfn_error(build->error, ERROR_RUNTIME,
						 "The name or the value of a header contains characters that are not allowed.");
	request->headers[request->header_count++] =
		value[0] == '\0' ? psprintf("%s;", name) : psprintf("%s: %s", name, value);
	return true;
}

/* Those of the task; what the connection has set before stays. */
static bool
add_headers(RequestBuild *build, const JsonVal *headers)
{
	int connection_headers = build->request->header_count;

	for (int i = 0; headers != NULL && i < headers->count; i++)
	{
		const char *name = headers->u.members[i].key;
		const JsonVal *value = headers->u.members[i].value;
		const JsonVal *const *values = value->type == JV_ARRAY ? value->u.items : &value;
		int count = value->type == JV_ARRAY ? value->count : 1;
		HttpRequest of_connection = *build->request;

		if (header_is_forbidden(name))
			return sfn_error(build->error, ERROR_RUNTIME, "The header \"%s\" is not allowed in the definition.", name);
		of_connection.header_count = connection_headers;
		if (has_header(&of_connection, name))
			continue;
		for (int n = 0; n < count; n++)
		{
			if (values[n]->type != JV_STRING)
				return sfn_error(build->error, ERROR_RUNTIME,
								 "The header \"%s\" must be a string or an array of strings.", name);
			if (!add_header(build, name, values[n]->u.text))
				return false;
		}
	}
	return true;
}

/* What the service sets unless it is given, and what is its own. */
static bool
add_own_headers(RequestBuild *build, const char *idempotency_key)
{
	HttpRequest *request = build->request;
	bool is_function = http_calls_function(request->flavour);

	if (!has_header(request, "User-Agent") &&
		!add_header(build, "User-Agent", psprintf("Amazon|StepFunctions|HttpInvoke|%s", sfn_region)))
		return false;
	if (!is_function && !has_header(request, "Range") &&
		!add_header(build, "Range", psprintf("bytes=0-%d", sfn_max_payload_size)))
		return false;
	if (!has_header(request, "Content-Type") && !add_header(build, "Content-Type", "application/json; charset=UTF-8"))
		return false;
	if (idempotency_key != NULL && !has_header(request, "Idempotency-Key") &&
		!add_header(build, "Idempotency-Key", idempotency_key))
		return false;
	request->headers[request->header_count++] = "Expect:"; /* libcurl is not to ask before it sends a body */
	return true;
}

/* ---- the connection ---- */

/* Each {"Key", "Value"} of a list. */
typedef bool (*ParameterFunction)(RequestBuild *build, void *arg, const char *key, const char *value);

static bool
for_each_parameter(RequestBuild *build, const JsonVal *parameters, const char *list, ParameterFunction add, void *arg)
{
	const JsonVal *items = jv_get(parameters, list);

	for (int i = 0; jv_is(items, JV_ARRAY) && i < items->count; i++)
	{
		const char *key = jv_get_string(items->u.items[i], "Key");
		const char *value = jv_get_string(items->u.items[i], "Value");

		if (key != NULL && !add(build, arg, key, value != NULL ? value : ""))
			return false;
	}
	return true;
}

static bool
add_header_parameter(RequestBuild *build, void *arg, const char *key, const char *value)
{
	return add_header(build, key, value);
}

/* One of the task with the same name has to go. */
static void
remove_from_query(StringInfo query, const char *name)
{
	StringInfoData wanted;
	StringInfoData kept;

	initStringInfo(&wanted);
	initStringInfo(&kept);
	url_encode_append(&wanted, name, false);
	appendStringInfoChar(&wanted, '=');
	for (const char *pair = query->data; *pair != '\0';)
	{
		int length = (int) strcspn(pair, "&");

		if (strncmp(pair, wanted.data, wanted.len) != 0)
			appendStringInfo(&kept, "%s%.*s", kept.len > 0 ? "&" : "", length, pair);
		pair += length + (pair[length] == '&');
	}
	*query = kept;
}

static bool
add_query_parameter(RequestBuild *build, void *arg, const char *key, const char *value)
{
	StringInfo query = arg;

	remove_from_query(query, key);
	form_add_value(query, key, jv_string(value), ARRAY_REPEAT);
	return true;
}

static bool
add_body_parameter(RequestBuild *build, void *arg, const char *key, const char *value)
{
	const JsonVal **body = arg;

	if (*body == NULL)
		*body = jv_empty_object();
	if ((*body)->type != JV_OBJECT)
		return sfn_error(build->error, ERROR_RUNTIME,
						 "The body parameters of the connection cannot be added to a RequestBody that is no object.");
	*body = jv_object_set(*body, key, (int) strlen(key), jv_string(value));
	return true;
}

static bool
add_credentials(RequestBuild *build)
{
	const JsonVal *all = build->connection->parameters;
	const JsonVal *basic = jv_get(all, "BasicAuthParameters");
	const JsonVal *api_key = jv_get(all, "ApiKeyAuthParameters");
	const char *pair;

	switch (build->connection->type)
	{
		case CONNECTION_API_KEY:
			return add_header(build, jv_get_string(api_key, "ApiKeyName"), jv_get_string(api_key, "ApiKeyValue"));
		case CONNECTION_BASIC:
			pair = psprintf("%s:%s", jv_get_string(basic, "Username"), jv_get_string(basic, "Password"));
			return add_header(build, "Authorization", psprintf("Basic %s", base64_encode(pair, (int) strlen(pair))));
		case CONNECTION_OAUTH:
		case CONNECTION_AWS:
		case CONNECTION_NONE:
			break;
	}
	return true;
}

static bool
add_connection(RequestBuild *build, StringInfo query, const JsonVal **body)
{
	const JsonVal *extra;

	if (build->connection == NULL)
		return true;
	extra = jv_get(build->connection->parameters, "InvocationHttpParameters");
	return add_credentials(build) && for_each_parameter(build, extra, "HeaderParameters", add_header_parameter, NULL) &&
		for_each_parameter(build, extra, "QueryStringParameters", add_query_parameter, query) &&
		for_each_parameter(build, extra, "BodyParameters", add_body_parameter, (void *) body);
}

bool
http_token_request(const HttpConnection *connection, HttpRequest *request, SfnError *error)
{
	const JsonVal *oauth = jv_get(connection->parameters, "OAuthParameters");
	const JsonVal *client = jv_get(oauth, "ClientParameters");
	const JsonVal *extra = jv_get(oauth, "OAuthHttpParameters");
	const char *method = jv_get_string(oauth, "HttpMethod");
	RequestBuild build = {.request = request, .connection = connection, .input = jv_empty_object(), .error = error};
	const JsonVal *body = jv_empty_object();
	StringInfoData query;
	StringInfoData form;

	memset(request, 0, sizeof(*request));
	request->flavour = HTTP_POST;
	request->headers = palloc0(sizeof(char *) * MAX_HEADERS);
	request->method = method != NULL ? method : "POST";
	initStringInfo(&query);
	initStringInfo(&form);
	(void) add_body_parameter(&build, &body, "grant_type", "client_credentials");
	(void) add_body_parameter(&build, &body, "client_id", jv_get_string(client, "ClientID"));
	(void) add_body_parameter(&build, &body, "client_secret", jv_get_string(client, "ClientSecret"));
	if (!for_each_parameter(&build, extra, "HeaderParameters", add_header_parameter, NULL) ||
		!for_each_parameter(&build, extra, "QueryStringParameters", add_query_parameter, &query) ||
		!for_each_parameter(&build, extra, "BodyParameters", add_body_parameter, (void *) &body))
		return false;
	for (int i = 0; i < body->count; i++)
		form_add_value(&form, body->u.members[i].key, body->u.members[i].value, ARRAY_REPEAT);
	if (strcmp(request->method, "GET") == 0)
		appendStringInfo(&query, "%s%s", query.len > 0 ? "&" : "", form.data);
	else
	{
		request->body = form.data;
		request->body_length = form.len;
		if (!add_header(&build, "Content-Type", "application/x-www-form-urlencoded"))
			return false;
	}
	return add_header(&build, "Accept", "application/json") &&
		take_url(&build, jv_get_string(oauth, "AuthorizationEndpoint"), query.data) && add_own_headers(&build, NULL);
}

bool
http_plain_request(const char *method, const char *url, const char *const *headers, const HttpConnection *connection,
				   HttpRequest *request, SfnError *error)
{
	RequestBuild build = {.request = request, .connection = connection, .input = jv_empty_object(), .error = error};
	const JsonVal *body = NULL;
	StringInfoData query;

	memset(request, 0, sizeof(*request));
	request->flavour = HTTP_POST;
	request->method = method;
	request->headers = palloc0(sizeof(char *) * MAX_HEADERS);
	initStringInfo(&query);
	if (!add_connection(&build, &query, &body))
		return false;
	for (; headers != NULL && *headers != NULL; headers++)
	{
		if (request->header_count >= MAX_HEADERS - 10 || !header_value_is_clean(*headers))
			return sfn_error(error, ERROR_RUNTIME, "The headers of the request are not valid.");
		request->headers[request->header_count++] = *headers;
	}
	request->headers[request->header_count++] = "Expect:";
	return take_url(&build, url, query.data);
}

/* ---- the body ---- */

static bool
take_encoding(RequestBuild *build, bool *is_form, ArrayFormat *format)
{
	const JsonVal *transform = jv_get(build->input, "Transform");
	const char *encoding = jv_get_string(transform, "RequestBodyEncoding");
	const char *arrays = jv_get_string(jv_get(transform, "RequestEncodingOptions"), "ArrayFormat");

	*is_form = encoding != NULL && strcmp(encoding, "URL_ENCODED") == 0;
	*format = ARRAY_INDICES;
	if (encoding != NULL && !*is_form && strcmp(encoding, "NONE") != 0)
		return sfn_error(build->error, ERROR_RUNTIME, "The RequestBodyEncoding \"%s\" is none of NONE, URL_ENCODED.",
						 encoding);
	if (arrays != NULL && !form_array_format(arrays, format))
		return sfn_error(build->error, ERROR_RUNTIME,
						 "The ArrayFormat \"%s\" is none of INDICES, REPEAT, COMMAS, BRACKETS.", arrays);
	return true;
}

static bool
take_form(RequestBuild *build, const JsonVal *body, ArrayFormat format)
{
	StringInfoData form;

	if (body->type != JV_OBJECT)
		return sfn_error(build->error, ERROR_RUNTIME, "A RequestBody that is to be URL-encoded must be an object.");
	initStringInfo(&form);
	for (int i = 0; i < body->count; i++)
		form_add_value(&form, body->u.members[i].key, body->u.members[i].value, format);
	if (form.len > sfn_max_payload_size)
		return sfn_error(build->error, ERROR_DATA_LIMIT_EXCEEDED,
						 "The encoded RequestBody is larger than the %d bytes that are allowed.", sfn_max_payload_size);
	build->request->body = form.data;
	build->request->body_length = form.len;
	return true;
}

/* Sent with every method when given; a string is sent as it is. */
static bool
take_body(RequestBuild *build, const JsonVal *body)
{
	bool is_form;
	ArrayFormat format;

	if (!take_encoding(build, &is_form, &format))
		return false;
	if (body == NULL)
		return true;
	if (is_form)
		return take_form(build, body, format);
	build->request->body = body->type == JV_STRING ? body->u.text : jv_to_text(body);
	build->request->body_length = (int) strlen(build->request->body);
	return true;
}
