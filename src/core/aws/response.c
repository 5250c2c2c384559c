/*
 * response.c
 *	  The result of an operation, or its error, read from the response.
 */
#include "aws/response.h"

#include "base/hashes.h"
#include "base/texts.h"
#include "base/utf8.h"

typedef struct ResponseReader
{
	const AwsService *service;
	AwsKeyStyle style;
	const AwsResponse *response;
	const JsonVal *operation;
	AwsType output;
} ResponseReader;

/* ---- headers ---- */

/* The next line's name and value; false: there is none. */
static bool
next_header(const char **at, char **name, char **value)
{
	for (const char *line = *at; *line != '\0';)
	{
		int length = (int) strcspn(line, "\r\n");
		const char *colon = memchr(line, ':', length);
		const char *start = line;

		line += length;
		line += strspn(line, "\r\n");
		if (colon == NULL || colon == start || pg_strncasecmp(start, "HTTP/", 5) == 0)
			continue;
		*at = line;
		*name = pnstrdup(start, colon - start);
		colon++;
		while (colon < start + length && (*colon == ' ' || *colon == '\t'))
			colon++;
		*value = pnstrdup(colon, start + length - colon);
		return true;
	}
	return false;
}

char *
aws_header(const char *headers, const char *name)
{
	char *found;
	char *value;

	while (next_header(&headers, &found, &value))
	{
		if (pg_strcasecmp(found, name) == 0)
			return value;
	}
	return NULL;
}

/* An object of the headers whose names begin so, by the rest of their names. */
static const JsonVal *
prefixed_headers(const char *headers, const char *prefix)
{
	JvObjectBuilder out;
	char *name;
	char *value;

	jv_object_begin(&out);
	while (next_header(&headers, &name, &value))
	{
		if (pg_strncasecmp(name, prefix, strlen(prefix)) == 0)
			jv_object_add(&out, name + strlen(prefix), aws_read_bytes(value, (int) strlen(value)));
	}
	return jv_object_end(&out);
}

/* A value in base64 that is JSON. */
static const JsonVal *
json_in_header(const char *text)
{
	int length;
	char *json = base64_decode(text, (int) strlen(text), &length);
	JvParseError ignored;

	return json != NULL ? jv_parse(json, length, &ignored) : NULL;
}

static const JsonVal *
list_in_header(const ResponseReader *reader, const AwsType *type, const char *text)
{
	AwsType element;
	JvArrayBuilder out;

	if (!aws_type_read(reader->service, jv_get(type->shape, "L"), &element))
		return NULL;
	jv_array_begin(&out);
	for (;;)
	{
		int length = (int) strcspn(text, ",");
		int end = length;
		const JsonVal *read;

		while (*text == ' ' && end > 0)
		{
			text++;
			length--;
			end--;
		}
		while (end > 0 && text[end - 1] == ' ')
			end--;
		read = aws_read_text(&element, pnstrdup(text, end));
		jv_array_add(&out, read != NULL ? read : jv_null());
		if (text[length] == '\0')
			return jv_array_end(&out);
		text += length + 1;
	}
}

static const JsonVal *
located_value(const ResponseReader *reader, const AwsMember *member, char location)
{
	const char *headers = reader->response->headers;
	const char *name = aws_wire_name(&member->type, member->name);
	const char *text;

	if (location == 's')
		return jv_int(reader->response->status);
	if (location == 'H')
		return prefixed_headers(headers, aws_wire_name(&member->type, ""));
	text = location == 'h' ? aws_header(headers, name) : NULL;
	if (text == NULL || !utf8_is_valid(text, (int) strlen(text)))
		return NULL;
	if (aws_has_attribute(&member->type, "J"))
		return json_in_header(text);
	return member->type.kind == AWS_LIST ? list_in_header(reader, &member->type, text)
										 : aws_read_text(&member->type, text);
}

/* ---- bodies ---- */

static const JsonVal *
parse_json(const AwsResponse *response)
{
	JvParseError ignored;

	if (text_is_blank(response->body, response->body_length))
		return jv_empty_object();
	return jv_parse(response->body, response->body_length, &ignored);
}

/* The value that the whole body is; NULL: it is none. */
static const JsonVal *
read_body(const ResponseReader *reader, const AwsType *type, const char *wrapper)
{
	const AwsResponse *response = reader->response;
	const JsonVal *json;
	const XmlNode *root;

	if (text_is_blank(response->body, response->body_length))
		return type->kind == AWS_STRUCTURE ? aws_read_json(reader->service, type, reader->style, jv_empty_object())
										   : NULL;
	if (reader->service->protocol == AWS_JSON || reader->service->protocol == AWS_REST_JSON)
	{
		json = parse_json(response);
		return json != NULL ? aws_read_json(reader->service, type, reader->style, json) : NULL;
	}
	root = xml_parse(response->body, response->body_length);
	if (root != NULL && wrapper != NULL && xml_child(root, wrapper) != NULL)
		root = xml_child(root, wrapper);
	return root != NULL ? aws_read_xml(reader->service, type, reader->style, root) : NULL;
}

/* Adds what the body gives: one member, or all that stand nowhere else; false: it is not of its form. */
static bool
add_body(const ResponseReader *reader, JvObjectBuilder *out)
{
	const char *payload = jv_get_string(reader->output.shape, "p");
	const JsonVal *value;
	AwsType type;

	if (payload == NULL)
	{
		value = read_body(reader, &reader->output, jv_get_string(reader->operation, "w"));
		for (int i = 0; jv_is(value, JV_OBJECT) && i < value->count; i++)
			jv_object_add_n(out, value->u.members[i].key, value->u.members[i].key_length, value->u.members[i].value);
		return value != NULL;
	}
	if (!aws_type_read(reader->service, jv_get(jv_get(reader->output.shape, "m"), payload), &type))
		return true;
	if (type.kind == 'B' || type.kind == 's')
		value = aws_read_bytes(reader->response->body, reader->response->body_length);
	else if (text_is_blank(reader->response->body, reader->response->body_length))
		return true;
	else
		value = read_body(reader, &type, NULL);
	if (value != NULL)
		jv_object_add(out, aws_member_key(reader->service->prefix, payload, reader->style), value);
	return value != NULL;
}

static void
add_located(const ResponseReader *reader, JvObjectBuilder *out)
{
	for (int i = 0; i < aws_member_count(&reader->output); i++)
	{
		AwsMember member;
		const char *location;
		const JsonVal *value;

		if (!aws_member_read(reader->service, &reader->output, i, &member))
			continue;
		location = aws_attribute(&member.type, "l");
		value = location != NULL ? located_value(reader, &member, location[0]) : NULL;
		if (value != NULL)
			jv_object_add(out, aws_member_key(reader->service->prefix, member.name, reader->style), value);
	}
}

bool
aws_response_read(const AwsService *service, const char *action, AwsKeyStyle style, const AwsResponse *response,
				  const JsonVal **result, SfnError *error)
{
	ResponseReader reader = {.service = service, .style = style, .response = response};
	const char *name;
	JvObjectBuilder out;
	bool is_rest = service->protocol == AWS_REST_JSON || service->protocol == AWS_REST_XML;

	*result = jv_empty_object();
	reader.operation = aws_operation(service, action, &name);
	if (!aws_type_read(service, jv_get(reader.operation, "o"), &reader.output) || reader.output.kind != AWS_STRUCTURE)
		return true;
	jv_object_begin(&out);
	if (is_rest)
		add_located(&reader, &out);
	if (strcmp(jv_get_string(reader.operation, "m") != NULL ? jv_get_string(reader.operation, "m") : "", "HEAD") != 0 &&
		!add_body(&reader, &out))
		return sfn_error(error, psprintf("%s.SdkClientException", service->prefix),
						 "Unable to unmarshall response: it is not what the action %s answers. Response Code: %ld",
						 action, response->status);
	*result = jv_object_end(&out);
	return true;
}

/* ---- failures ---- */

/* "aws.api#NoSuchThing:http://..." -> "NoSuchThing" */
static const char *
bare_code(const char *code)
{
	char *text = pnstrdup(code, strcspn(code, ":;"));

	return strrchr(text, '#') != NULL ? strrchr(text, '#') + 1 : text;
}

static const char *
text_of(const JsonVal *object, const char *name, const char *other_name)
{
	const char *text = jv_get_string(object, name);

	return text != NULL ? text : jv_get_string(object, other_name);
}

static const char *
clean_text(const char *text)
{
	return text != NULL && utf8_is_valid(text, (int) strlen(text)) ? text : NULL;
}

/* Services that once spoke the query protocol still say their code of then: that is shown, the exception is *type's. */
static void
read_json_failure(const AwsResponse *response, AwsFailure *failure, const char **type)
{
	const JsonVal *body = parse_json(response);
	const char *code = aws_header(response->headers, "x-amzn-errortype");
	const char *queried = aws_header(response->headers, "x-amzn-query-error");

	if (code == NULL)
		code = jv_get_string(body, "__type");
	if (code == NULL)
		code = text_of(body, "code", "Code");
	if (code != NULL && code[0] != '\0')
		failure->code = *type = clean_text(bare_code(code));
	if (queried != NULL && queried[0] != ';' && queried[0] != '\0')
		failure->code = bare_code(queried);
	failure->message = text_of(body, "message", "Message");
	if (failure->message == NULL)
		failure->message = text_of(body, "errorMessage", "error_description");
}

/* <ErrorResponse><Error>, <Response><Errors><Error>, or <Error> alone. */
static void
read_xml_failure(const AwsResponse *response, AwsFailure *failure)
{
	const XmlNode *root = xml_parse(response->body, response->body_length);
	const XmlNode *errors = xml_child(root, "Errors");
	const XmlNode *error = xml_child(errors != NULL ? errors : root, "Error");
	const char *code;
	const char *id;

	if (root == NULL)
		return;
	if (error == NULL)
		error = root;
	code = xml_child_text(error, "Code");
	if (code != NULL && code[0] != '\0')
		failure->code = code;
	failure->message = xml_child_text(error, "Message");
	id = xml_child_text(root, "RequestId");
	if (id == NULL)
		id = xml_child_text(root, "RequestID");
	if (id != NULL)
		failure->request_id = id;
}

/* Is there a shape of that name among the errors? */
static bool
is_error_shape(const AwsService *service, const char *name)
{
	const JsonVal *names = jv_get(service->row, "ex");

	for (int i = 0; jv_is(names, JV_ARRAY) && i < names->count; i++)
	{
		if (jv_is(names->u.items[i], JV_STRING) && strcmp(names->u.items[i]->u.text, name) == 0)
			return true;
	}
	return false;
}

/* The error's shape in the model; NULL: none. */
static const char *
shape_of(const AwsService *service, const char *code)
{
	const char *shape = jv_get_string(jv_get(service->row, "err"), code);

	return shape == NULL && is_error_shape(service, code) ? code : shape;
}

void
aws_failure_read(const AwsService *service, const AwsResponse *response, AwsFailure *failure)
{
	const char *type = NULL;
	const char *shape;

	memset(failure, 0, sizeof(*failure));
	failure->request_id = aws_header(response->headers, "x-amzn-requestid");
	if (failure->request_id == NULL)
		failure->request_id = aws_header(response->headers, "x-amz-request-id");
	failure->extended_request_id = clean_text(aws_header(response->headers, "x-amz-id-2"));
	if (service->protocol == AWS_JSON || service->protocol == AWS_REST_JSON)
		read_json_failure(response, failure, &type);
	else
		read_xml_failure(response, failure);
	failure->code = clean_text(failure->code);
	failure->request_id = clean_text(failure->request_id);
	if (failure->code == NULL)
		failure->code = psprintf("%ld", response->status);
	shape = shape_of(service, failure->code);
	if (shape == NULL && type != NULL)
		shape = shape_of(service, type);
	failure->exception = shape != NULL ? aws_exception_name(shape) : NULL;
}

char *
aws_failure_name(const AwsService *service, const AwsFailure *failure)
{
	if (failure->exception != NULL)
		return psprintf("%s.%s", service->prefix, failure->exception);
	return psprintf("%s.%sException", service->prefix, service->prefix);
}

char *
aws_failure_cause(const AwsService *service, const AwsFailure *failure, long status)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%s (Service: %s, Status Code: %ld, Request ID: %s",
					 failure->message != NULL ? failure->message : "null", service->prefix, status,
					 failure->request_id != NULL ? failure->request_id : "null");
	if (failure->extended_request_id != NULL)
		appendStringInfo(&out, ", Extended Request ID: %s", failure->extended_request_id);
	appendStringInfoChar(&out, ')');
	return out.data;
}
