/*
 * http_response.c
 *	  The value that a response becomes, or the error.
 *
 * Of a response that is no success only the status is told, as on AWS; it may hold
 * anything.  Text must be UTF-8 without NUL bytes, since nothing else fits into JSON.
 */
#include "postgres.h"

#include <curl/curl.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "aws/lambda.h"
#include "base/error.h"
#include "base/texts.h"
#include "base/utf8.h"
#include "services/http/aws_call.h"
#include "services/http/http_request.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"

#define MAX_RETRY_AFTER (24 * 60 * 60)

static const JsonVal *response_headers(const HttpResponse *response);
static const char *header_of(const HttpResponse *response, const char *name);
static bool body_value(const HttpResponse *response, const JsonVal **value, SfnError *error);
static bool function_value(const HttpRequest *request, const HttpResponse *response, const JsonVal **value,
						   SfnError *error);

bool
http_response_value(const HttpRequest *request, const HttpResponse *response, const JsonVal **value, SfnError *error)
{
	if (request->aws != NULL)
		return aws_call_value(request, response, value, error);
	if (http_calls_function(request->flavour))
		return function_value(request, response, value, error);
	if (response->status < 200 || response->status > 299)
		return sfn_error(error, psprintf("States.Http.StatusCode.%ld", response->status), "%s",
						 http_status_text(response));
	return request->flavour == HTTP_POST ? body_value(response, value, error)
										 : http_whole_response(response, value, error);
}

bool
http_whole_response(const HttpResponse *response, const JsonVal **value, SfnError *error)
{
	const JsonVal *body;
	JvObjectBuilder builder;

	if (!body_value(response, &body, error))
		return false;
	jv_object_begin(&builder);
	jv_object_add(&builder, "Headers", response_headers(response));
	jv_object_add(&builder, "ResponseBody", body);
	jv_object_add(&builder, "StatusCode", jv_int(response->status));
	jv_object_add(&builder, "StatusText", jv_string(http_status_text(response)));
	*value = jv_object_end(&builder);
	return true;
}

/* ---- functions ---- */

/* {"errorType", "errorMessage"} of a function that says it failed. */
static bool
function_failed(const HttpResponse *response, const JsonVal *body, SfnError *error)
{
	const char *type = jv_get_string(body, "errorType");

	return sfn_error(error, type != NULL && type[0] != '\0' ? type : "Exception", "%s",
					 body->type == JV_STRING ? body->u.text : jv_to_text(body));
}

/* By status, for a function's service that did not come to call it. */
static const char *
function_error_name(long status)
{
	switch (status)
	{
		case 404:
			return "Lambda.ResourceNotFoundException";
		case 429:
			return "Lambda.TooManyRequestsException";
		default:
			return status >= 500 ? "Lambda.ServiceException" : "Lambda.AWSLambdaException";
	}
}

static bool
function_value(const HttpRequest *request, const HttpResponse *response, const JsonVal **value, SfnError *error)
{
	const JsonVal *body;

	if (response->status < 200 || response->status > 299)
		return sfn_error(error, function_error_name(response->status),
						 "The function's URL answered with status %ld (%s).", response->status,
						 http_status_text(response));
	if (response->body_length == 0)
		body = jv_null();
	else if (!body_value(response, &body, error))
		return false;
	else
	{
		JvParseError not_json;
		const JsonVal *parsed = jv_parse(response->body, (int) response->body_length, &not_json);

		body = parsed != NULL ? parsed : body;
	}
	if (header_of(response, "X-Amz-Function-Error") != NULL || header_of(response, "FunctionError") != NULL)
		return function_failed(response, body, error);
	*value = body;
	if (request->flavour != HTTP_FUNCTION)
		*value = lambda_invoke_answer(body, random_uuid(), request->flavour == HTTP_LAMBDA_INVOKE_TAIL);
	return true;
}

void
http_transport_error(const HttpRequest *request, bool is_timeout, SfnError *error, const char *message)
{
	bool is_function = http_calls_function(request->flavour);

	if (request->aws != NULL)
		aws_call_transport_error(request, error, message);
	else if (!is_function)
		(void) sfn_error(error, ERROR_HTTP_SOCKET, "%s", message);
	else
		(void) sfn_error(error, is_timeout ? "Sandbox.Timedout" : "Lambda.SdkClientException", "%s", message);
}

/* ---- status and headers ---- */

/* The words after the code; HTTP/2 has none, so those of the standard stand in. */
const char *
http_status_text(const HttpResponse *response)
{
	static const struct
	{
		long status;
		const char *text;
	} texts[] = {
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{203, "Non-Authoritative Information"},
		{204, "No Content"},
		{205, "Reset Content"},
		{206, "Partial Content"},
		{300, "Multiple Choices"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{303, "See Other"},
		{304, "Not Modified"},
		{307, "Temporary Redirect"},
		{308, "Permanent Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{402, "Payment Required"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{407, "Proxy Authentication Required"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{410, "Gone"},
		{411, "Length Required"},
		{412, "Precondition Failed"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{415, "Unsupported Media Type"},
		{416, "Range Not Satisfiable"},
		{417, "Expectation Failed"},
		{421, "Misdirected Request"},
		{422, "Unprocessable Content"},
		{425, "Too Early"},
		{426, "Upgrade Required"},
		{428, "Precondition Required"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
		{511, "Network Authentication Required"},
	};
	const char *line = response->headers;
	int length = (int) strcspn(line, "\r\n");
	const char *words = memchr(line, ' ', length);

	if (words != NULL)
		words = memchr(words + 1, ' ', length - (words + 1 - line));
	if (words != NULL && words + 1 < line + length)
	{
		char *text = pnstrdup(words + 1, length - (words + 1 - line));

		if (utf8_is_valid(text, (int) strlen(text)))
			return text;
	}
	for (int i = 0; i < (int) lengthof(texts); i++)
		if (texts[i].status == response->status)
			return texts[i].text;
	return "";
}

/* The next header line at or after *line: name and value as copies; false at the end. */
static bool
next_header(const char **line, char **name, char **value)
{
	while (**line != '\0')
	{
		const char *start = *line;
		int length = (int) strcspn(start, "\r\n");
		const char *colon = memchr(start, ':', length);
		const char *end = start + length;

		*line = end + strspn(end, "\r\n");
		if (colon == NULL || colon == start)
			continue;
		*name = pnstrdup(start, colon - start);
		for (colon++; colon < end && (*colon == ' ' || *colon == '\t'); colon++)
			;
		while (end > colon && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		*value = pnstrdup(colon, end - colon);
		return true;
	}
	return false;
}

static const char *
header_of(const HttpResponse *response, const char *name)
{
	const char *line = response->headers + strcspn(response->headers, "\r\n");
	char *found;
	char *value;

	while (next_header(&line, &found, &value))
		if (pg_strcasecmp(found, name) == 0)
			return value;
	return NULL;
}

/* Names as received, each with an array of values; what is no UTF-8 is left out. */
static const JsonVal *
response_headers(const HttpResponse *response)
{
	const char *line = response->headers + strcspn(response->headers, "\r\n");
	const JsonVal *result = jv_empty_object();
	char *name;
	char *value;

	while (next_header(&line, &name, &value))
	{
		const JsonVal *before = jv_get(result, name);
		JvArrayBuilder values;

		if (!utf8_is_valid(name, (int) strlen(name)) || !utf8_is_valid(value, (int) strlen(value)))
			continue;
		jv_array_begin(&values);
		for (int i = 0; before != NULL && i < before->count; i++)
			jv_array_add(&values, before->u.items[i]);
		jv_array_add(&values, jv_string(value));
		result = jv_object_set(result, name, (int) strlen(name), jv_array_end(&values));
	}
	return result;
}

/* A number of seconds or a date. */
int64
http_retry_after(const HttpResponse *response)
{
	const char *value;
	int64 seconds;

	if (response->status != 429 && response->status != 503)
		return 0;
	value = header_of(response, "Retry-After");
	if (value == NULL || value[0] == '\0')
		return 0;
	if (strspn(value, "0123456789") == strlen(value))
		seconds = strlen(value) > 9 ? MAX_RETRY_AFTER : atoi(value);
	else
	{
		time_t moment = curl_getdate(value, NULL);

		seconds = moment == (time_t) -1 ? 0 : (int64) moment - (int64) time(NULL);
	}
	return Max(0, Min(seconds, MAX_RETRY_AFTER));
}

/* ---- the body ---- */

/* "application/json" of "application/json; charset=utf-8", in lower case. */
static const char *
media_type(const HttpResponse *response)
{
	const char *header = header_of(response, "Content-Type");

	return header != NULL ? text_lower(pnstrdup(header, strcspn(header, "; \t"))) : "";
}

static bool
is_binary_type(const char *type)
{
	return strcmp(type, "application/octet-stream") == 0 || strncmp(type, "image/", 6) == 0 ||
		strncmp(type, "video/", 6) == 0 || strncmp(type, "audio/", 6) == 0;
}

static bool
is_json_type(const char *type)
{
	size_t length = strlen(type);

	return strcmp(type, "application/json") == 0 || (length > 5 && strcmp(type + length - 5, "+json") == 0);
}

static bool
body_value(const HttpResponse *response, const JsonVal **value, SfnError *error)
{
	const char *type = media_type(response);
	JvParseError not_json;

	*value = NULL;
	if (response->body_length > 0 && is_binary_type(type))
		return sfn_error(error, ERROR_RUNTIME, "The response is of type \"%s\", which a state cannot take.",
						 utf8_is_valid(type, (int) strlen(type)) ? type : "binary");
	if (memchr(response->body, '\0', response->body_length) != NULL ||
		!utf8_is_valid(response->body, (int) response->body_length))
		return sfn_error(error, ERROR_RUNTIME, "The body of the response is not UTF-8 text.");
	if (is_json_type(type))
		*value = jv_parse(response->body, (int) response->body_length, &not_json);
	if (*value == NULL)
		*value = jv_string_n(response->body, (int) response->body_length);
	return true;
}
