/*
 * request.c
 *	  One request of a client: what came, who it is from, and its answer.
 */
#include "gateway/request.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "aws/sqs_codes.h"
#include "aws/url_encoding.h"
#include "base/texts.h"
#include "gateway/http.h"
#include "gateway/pages.h"
#include "gateway/settings.h"
#include "json/json_value.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

/* How AnswerStyles that are JSON write answers and errors. */
static const struct
{
	const char *type;
	const char *error_prefix;
} json_styles[] = {
	[ANSWER_JSON] = {"application/x-amz-json-1.0", "com.amazonaws.swf.service.v2.model#"},
	[ANSWER_JSON_11] = {"application/x-amz-json-1.1", ""},
	[ANSWER_JSON_SQS] = {"application/x-amz-json-1.0", "com.amazonaws.sqs#"},
	[ANSWER_REST] = {"application/json"},
};

/* Errors of ANSWER_REST that have a status of their own, and what the others are called there. */
static const struct
{
	const char *code;
	int status;
	const char *rest_code;
} rest_errors[] = {
	{"ResourceNotFoundException", 404},
	{"ConflictException", 409},
	{"ServiceQuotaExceededException", 402},
	{"ThrottlingException", 429},
	{"TooManyTags", 400, "ValidationException"},
	{"InternalFailure", 500, "InternalServerException"},
	{"ServiceUnavailable", 500, "InternalServerException"},
};

/* Errors of ANSWER_XML that have a status of their own. */
static const struct
{
	const char *code;
	int status;
} query_errors[] = {
	{"AuthorizationError", 403},
	{"NotFound", 404},
};

const char *
request_header(const Request *request, const char *name)
{
	return sigv4_header(&request->received, name);
}

/* "+" is a blank in a query. */
static char *
decoded(const char *text, int length)
{
	char *copy = pnstrdup(text, length);

	for (char *c = copy; *c != '\0'; c++)
	{
		if (*c == '+')
			*c = ' ';
	}
	return url_decode(copy, length);
}

/* In "name=value&name=value". */
static const char *
value_in(const char *text, const char *name)
{
	size_t name_length = strlen(name);

	for (const char *c = text; *c != '\0';)
	{
		size_t length = strcspn(c, "&");

		if (length > name_length && strncmp(c, name, name_length) == 0 && c[name_length] == '=')
			return decoded(c + name_length + 1, (int) (length - name_length - 1));
		c += length + (c[length] == '&');
	}
	return NULL;
}

const char *
request_parameter(const Request *request, const char *name)
{
	return value_in(request->received.query, name);
}

const JsonVal *
request_parameters(const Request *request, const char *name)
{
	size_t name_length = strlen(name);
	JvArrayBuilder values;

	jv_array_begin(&values);
	for (const char *c = request->received.query; *c != '\0';)
	{
		size_t length = strcspn(c, "&");
		char *value = length > name_length && strncmp(c, name, name_length) == 0 && c[name_length] == '='
			? decoded(c + name_length + 1, (int) (length - name_length - 1))
			: NULL;

		if (value != NULL)
			jv_array_add(&values, jv_string(value));
		c += length + (c[length] == '&');
	}
	return jv_array_end(&values);
}

const char *
request_form_value(const Request *request, const char *name)
{
	const char *type = request_header(request, "content-type");

	return type != NULL && pg_strncasecmp(type, FORM_TYPE, strlen(FORM_TYPE)) == 0 ? value_in(request->body, name)
																				   : NULL;
}

/* Names in lower case, each once, but for what the sender proves himself with. */
static const JsonVal *
headers_as_json(const Request *request)
{
	static const char *const secrets[] = {"authorization", "cookie", "x-amz-security-token"};
	JvObjectBuilder headers;

	jv_object_begin(&headers);
	for (int i = 0; i < request->received.header_count; i++)
	{
		char *name = text_lower(pstrdup(request->headers[i].name));
		bool is_hidden = request_header(request, name) != request->headers[i].value; /* it has come before */

		for (size_t k = 0; k < lengthof(secrets); k++)
			is_hidden = is_hidden || strcmp(name, secrets[k]) == 0;
		if (!is_hidden)
			jv_object_add(&headers, name, jv_string(request->headers[i].value));
	}
	return jv_object_end(&headers);
}

const char *
request_input(const Request *request)
{
	const char *wanted = request_parameter(request, "envelope");
	JvObjectBuilder envelope;

	if (wanted == NULL || strcmp(wanted, "http") != 0)
		return request->body_length > 0 ? request->body : "{}";
	jv_object_begin(&envelope);
	jv_object_add(&envelope, "method", jv_string(request->received.method));
	jv_object_add(&envelope, "query", jv_string(request->received.query));
	jv_object_add(&envelope, "headers", headers_as_json(request));
	jv_object_add(&envelope, "body", jv_string(request->body));
	return jv_to_text(jv_object_end(&envelope));
}

void
request_add_header(Request *request, const char *name, const char *value)
{
	if (request->response_header_count < MAX_RESPONSE_HEADERS)
		request->response_headers[request->response_header_count++] = (ResponseHeader){name, value};
}

void
request_answer_bytes(Request *request, int status, const char *content_type, const void *bytes, size_t length)
{
	if (request->status != 0)
		return;
	request_forget_client(request);
	request->status = status;
	request->content_type = content_type;
	request->answer = bytes;
	request->answer_length = length;
	http_resume(request);
}

void
request_answer(Request *request, int status, const char *content_type, const char *text)
{
	request_answer_bytes(request, status, content_type, text, strlen(text));
}

void
request_answer_json(Request *request, const char *text)
{
	request_answer(request, 200, json_styles[request->style].type, text);
}

static void
append_xml(StringInfo out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c == '<')
			appendStringInfoString(out, "&lt;");
		else if (*c == '&')
			appendStringInfoString(out, "&amp;");
		else
			appendStringInfoChar(out, *c);
	}
}

static void
fail_xml(Request *request, int status, const char *code, const char *message)
{
	StringInfoData out;

	for (size_t i = 0; i < lengthof(query_errors); i++)
	{
		if (strcmp(query_errors[i].code, code) == 0)
			status = query_errors[i].status;
	}
	initStringInfo(&out);
	appendStringInfo(&out, "<ErrorResponse><Error><Type>%s</Type><Code>%s</Code><Message>",
					 status < 500 ? "Sender" : "Receiver", code);
	append_xml(&out, message);
	appendStringInfo(&out, "</Message></Error><RequestId>%s</RequestId></ErrorResponse>", request->id);
	request_answer(request, status, "text/xml", out.data);
}

static void
fail_json(Request *request, int status, const char *code, const char *message)
{
	StringInfoData out;

	initStringInfo(&out);
	if (request->style == ANSWER_REST)
		appendStringInfoString(&out, "{\"Message\":");
	else
		appendStringInfo(&out, "{\"__type\":\"%s%s\",\"message\":", json_styles[request->style].error_prefix, code);
	jv_print_string(&out, message, (int) strlen(message));
	appendStringInfoChar(&out, '}');
	request_answer(request, status, json_styles[request->style].type, out.data);
}

static void
find_rest_error(const char **code, int *status)
{
	for (size_t i = 0; i < lengthof(rest_errors); i++)
	{
		if (strcmp(rest_errors[i].code, *code) != 0)
			continue;
		*status = rest_errors[i].status;
		if (rest_errors[i].rest_code != NULL)
			*code = rest_errors[i].rest_code;
		return;
	}
}

void
request_fail(Request *request, int status, const char *code, const char *message)
{
	if (request->status != 0)
		return;
	if (request->style == ANSWER_REST)
		find_rest_error(&code, &status);
	request->error = code;
	request_add_header(request, "x-amzn-ErrorType", code);
	if (request->style == ANSWER_JSON_SQS)
		request_add_header(request, "x-amzn-query-error",
						   psprintf("%s;%s", sqs_older_code(code), status < 500 ? "Sender" : "Receiver"));
	if (request->style == ANSWER_XML)
	{
		fail_xml(request, status, code, message);
		return;
	}
	if (request->style == ANSWER_HTML)
	{
		page_fail(request, status, message);
		return;
	}
	fail_json(request, status, code, message);
}

void
request_watch_client(Request *request, void (*hung_up)(Watch *watch, uint32 events))
{
	int copy = request->socket >= 0 ? dup(request->socket) : -1; /* the library watches the socket itself */

	if (copy < 0)
		return;
	request->hang_up.ready = hung_up;
	request->hang_up.owner = request;
	loop_watch(&request->hang_up, copy, EPOLLRDHUP | EPOLLONESHOT);
}

void
request_forget_client(Request *request)
{
	int copy = request->hang_up.fd;

	loop_forget(&request->hang_up);
	if (copy >= 0)
		close(copy);
}

void
request_abandon(Request *request)
{
	request->closes = true;
	request_fail(request, STATUS_GONE, "ClientGone", "The client has hung up");
}

bool
request_may_have_secrets(const Request *request)
{
	return request->is_private || (settings.is_on_loopback && !request->is_forwarded);
}

bool
request_is_text(Request *request)
{
	if (memchr(request->body, '\0', request->body_length) == NULL)
		return true;
	request_fail(request, 400, "SerializationException", "The request has a byte 0");
	return false;
}
