/*
 * request.c
 *	  The request of an operation: by protocol, and what stands in URI, query and headers.
 */
#include "aws/request.h"

#include <ctype.h>

#include "aws/http_headers.h"
#include "aws/url_encoding.h"
#include "base/hashes.h"
#include "base/texts.h"

typedef struct RequestWriter
{
	const AwsService *service;
	const JsonVal *operation;
	const char *name; /* of the operation */
	AwsType input;
	bool has_input;
	const JsonVal *parameters; /* with the token */
	AwsRequest *request;
	StringInfoData query;
	SfnError *error;
} RequestWriter;

/* ---- idempotency tokens ---- */

/* Of which AWS's model does not say that they make the operation idempotent. */
static bool
is_unmarked_token(const AwsService *service, const char *name)
{
	return strcmp(service->prefix, "CodeBuild") == 0 && strcmp(name, "idempotencyToken") == 0;
}

static bool
token_member(const AwsService *service, const JsonVal *operation, AwsMember *member)
{
	AwsType input;

	if (!aws_type_read(service, jv_get(operation, "i"), &input) || input.kind != AWS_STRUCTURE)
		return false;
	for (int i = 0; i < aws_member_count(&input); i++)
	{
		if (aws_member_read(service, &input, i, member) &&
			(aws_has_attribute(&member->type, "T") || is_unmarked_token(service, member->name)))
			return true;
	}
	return false;
}

bool
aws_operation_has_token(const AwsService *service, const JsonVal *operation)
{
	AwsMember ignored;

	return token_member(service, operation, &ignored);
}

/* The parameters with the token where they leave it out. */
static const JsonVal *
with_token(const RequestWriter *writer, const JsonVal *parameters, const char *token)
{
	AwsMember member;

	if (token == NULL || !token_member(writer->service, writer->operation, &member))
		return parameters;
	for (int i = 0; i < parameters->count; i++)
	{
		const char *key = parameters->u.members[i].key;

		if (aws_key_is_exact(writer->service->prefix, member.name, key) ||
			aws_key_is_similar(writer->service->prefix, member.name, key))
			return parameters;
	}
	return jv_object_set(parameters, member.name, (int) strlen(member.name), jv_string(token));
}

/* The value that is given for a member of the input, or NULL. */
static const JsonVal *
given_for(const RequestWriter *writer, const char *name)
{
	AwsMember member;

	for (int i = 0; writer->has_input && i < writer->parameters->count; i++)
	{
		const JvMember *given = &writer->parameters->u.members[i];

		if (given->value->type != JV_NULL && aws_member_find(writer->service, &writer->input, given->key, &member) &&
			strcmp(member.name, name) == 0)
			return given->value;
	}
	return NULL;
}

/* ---- headers ---- */

static bool
add_header(RequestWriter *writer, const char *name, const char *value)
{
	AwsRequest *request = writer->request;

	if (request->header_count >= AWS_MAX_HEADERS - 10)
		return sfn_error(writer->error, ERROR_RUNTIME, "The request has too many headers.");
	if (!header_is_token(name) || !header_value_is_clean(value))
		return sfn_error(writer->error, ERROR_RUNTIME,
						 "The parameter for the header \"%s\" has characters that are not allowed there.", name);
	request->headers[request->header_count++] = psprintf("%s: %s", name, value);
	request->headers[request->header_count] = NULL;
	return true;
}

/* One element of a list in a header. */
static const char *
quoted_element(const char *text)
{
	StringInfoData out;

	if (strpbrk(text, "\",") == NULL)
		return text;
	initStringInfo(&out);
	appendStringInfoChar(&out, '"');
	for (const char *c = text; *c != '\0'; c++)
		appendStringInfo(&out, "%s%c", *c == '"' ? "\\" : "", *c);
	appendStringInfoChar(&out, '"');
	return out.data;
}

static bool
add_list_header(RequestWriter *writer, const AwsMember *member, const JsonVal *value)
{
	AwsType element;
	StringInfoData joined;
	const char *text;

	if (!aws_wants(value, JV_ARRAY, member->name, writer->error))
		return false;
	if (value->count == 0 || !aws_type_read(writer->service, jv_get(member->type.shape, "L"), &element))
		return true;
	initStringInfo(&joined);
	for (int i = 0; i < value->count; i++)
	{
		if (!aws_scalar_text(&element, value->u.items[i], 'R', member->name, &text, writer->error))
			return false;
		appendStringInfo(&joined, "%s%s", i > 0 ? "," : "", element.kind == 's' ? quoted_element(text) : text);
	}
	return add_header(writer, aws_wire_name(&member->type, member->name), joined.data);
}

static bool
add_member_header(RequestWriter *writer, const AwsMember *member, const JsonVal *value)
{
	const char *text;

	if (member->type.kind == AWS_LIST)
		return add_list_header(writer, member, value);
	if (aws_has_attribute(&member->type, "J"))
	{
		text = jv_to_text(value);
		text = base64_encode(text, (int) strlen(text));
	}
	else if (!aws_scalar_text(&member->type, value, 'R', member->name, &text, writer->error))
		return false;
	return add_header(writer, aws_wire_name(&member->type, member->name), text);
}

/* A map whose keys are the ends of headers' names. */
static bool
add_prefixed_headers(RequestWriter *writer, const AwsMember *member, const JsonVal *value)
{
	static const AwsType text_type = {.kind = 's'};
	const char *text;

	if (!aws_wants(value, JV_OBJECT, member->name, writer->error))
		return false;
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];

		if (!aws_scalar_text(&text_type, given->value, 'R', given->key, &text, writer->error) ||
			!add_header(writer, psprintf("%s%s", aws_wire_name(&member->type, ""), given->key), text))
			return false;
	}
	return true;
}

/* ---- the query ---- */

static void
add_to_query(RequestWriter *writer, const char *name, const char *text)
{
	appendStringInfoString(&writer->query, writer->query.len > 0 ? "&" : "");
	url_encode_append(&writer->query, name, false);
	appendStringInfoChar(&writer->query, '=');
	url_encode_append(&writer->query, text, false);
}

/* A scalar, or each element of a list. */
static bool
add_query_values(RequestWriter *writer, const char *name, const AwsType *type, const JsonVal *value)
{
	AwsType element = *type;
	const JsonVal *const *values = &value;
	int count = 1;
	const char *text;

	if (type->kind == AWS_LIST)
	{
		if (!aws_wants(value, JV_ARRAY, name, writer->error) ||
			!aws_type_read(writer->service, jv_get(type->shape, "L"), &element))
			return false;
		values = value->u.items;
		count = value->count;
	}
	for (int i = 0; i < count; i++)
	{
		if (!aws_scalar_text(&element, values[i], 'I', name, &text, writer->error))
			return false;
		add_to_query(writer, name, text);
	}
	return true;
}

static bool
add_query_member(RequestWriter *writer, const AwsMember *member, const JsonVal *value)
{
	AwsType element;

	if (member->type.kind != AWS_MAP)
		return add_query_values(writer, aws_wire_name(&member->type, member->name), &member->type, value);
	if (!aws_wants(value, JV_OBJECT, member->name, writer->error) ||
		!aws_type_read(writer->service, jv_get(member->type.shape, "M"), &element))
		return false;
	for (int i = 0; i < value->count; i++)
	{
		if (!add_query_values(writer, value->u.members[i].key, &element, value->u.members[i].value))
			return false;
	}
	return true;
}

/* ---- the path ---- */

/* The text of the member that stands in the URI, or in the host, by that name. */
static bool
label_text(RequestWriter *writer, const char *label, const char *attribute, const char **text)
{
	for (int i = 0; writer->has_input && i < aws_member_count(&writer->input); i++)
	{
		AwsMember member;
		const JsonVal *value;

		if (!aws_member_read(writer->service, &writer->input, i, &member) ||
			!aws_has_attribute(&member.type, attribute) ||
			strcmp(strcmp(attribute, "H") == 0 ? member.name : aws_wire_name(&member.type, member.name), label) != 0)
			continue;
		value = given_for(writer, member.name);
		if (value == NULL)
			break;
		if (!aws_scalar_text(&member.type, value, 'I', member.name, text, writer->error))
			return false;
		if ((*text)[0] != '\0')
			return true;
		break;
	}
	return sfn_error(writer->error, ERROR_RUNTIME, "The parameter \"%s\" is required and must not be empty.", label);
}

/* Replaces {label} and {label+}, which keeps its slashes. */
static bool
expand(RequestWriter *writer, const char *pattern, const char *attribute, bool is_encoded, char **expanded)
{
	StringInfoData out;

	initStringInfo(&out);
	while (*pattern != '\0')
	{
		const char *close = *pattern == '{' ? strchr(pattern, '}') : NULL;
		bool keeps_slash;
		const char *text;

		if (close == NULL)
		{
			appendStringInfoChar(&out, *pattern++);
			continue;
		}
		keeps_slash = close[-1] == '+';
		if (!label_text(writer, pnstrdup(pattern + 1, close - pattern - 1 - keeps_slash), attribute, &text))
			return false;
		if (is_encoded)
			url_encode_append(&out, text, keeps_slash);
		else
			appendStringInfoString(&out, text);
		pattern = close + 1;
	}
	*expanded = out.data;
	return true;
}

static bool
write_path(RequestWriter *writer)
{
	const char *uri = jv_get_string(writer->operation, "u");
	char *path;
	char *query;

	if (!expand(writer, uri != NULL ? uri : "/", "l", true, &path))
		return false;
	query = strchr(path, '?');
	if (query != NULL)
	{
		*query = '\0';
		appendStringInfoString(&writer->query, query + 1);
	}
	writer->request->path = path;
	return true;
}

/* Letters, digits, "-" and "." only, or the request would go somewhere else. */
static bool
write_host_prefix(RequestWriter *writer)
{
	const char *pattern = jv_get_string(writer->operation, "hp");
	char *expanded;

	writer->request->host_prefix = "";
	if (pattern == NULL)
		return true;
	if (!expand(writer, pattern, "H", false, &expanded))
		return false;
	for (const char *c = expanded; *c != '\0'; c++)
	{
		if (strchr("-.", *c) == NULL && !isalnum((unsigned char) *c))
			return sfn_error(writer->error, ERROR_RUNTIME,
							 "A parameter that is part of the host's name has characters that are not allowed there.");
	}
	writer->request->host_prefix = expanded;
	return true;
}

/* ---- REST ---- */

static bool
place_members(RequestWriter *writer)
{
	for (int i = 0; i < writer->parameters->count; i++)
	{
		const JvMember *given = &writer->parameters->u.members[i];
		AwsMember member;
		const char *location;
		bool is_placed = true;

		if (!aws_member_of_key(writer->service, &writer->input, given->key, &member, writer->error))
			return false;
		location = aws_attribute(&member.type, "l");
		if (location == NULL || given->value->type == JV_NULL)
			continue;
		if (location[0] == 'h')
			is_placed = add_member_header(writer, &member, given->value);
		else if (location[0] == 'H')
			is_placed = add_prefixed_headers(writer, &member, given->value);
		else if (location[0] == 'q')
			is_placed = add_query_member(writer, &member, given->value);
		if (!is_placed)
			return false;
	}
	return true;
}

static bool
write_document(RequestWriter *writer, const AwsType *type, const JsonVal *value, const char *name, bool with_located)
{
	StringInfoData body;
	bool is_json = writer->service->protocol == AWS_REST_JSON;
	bool is_written;

	initStringInfo(&body);
	is_written = is_json ? aws_write_json(writer->service, &body, type, value, name, with_located, writer->error)
						 : aws_write_xml(writer->service, &body, type, value, name, with_located, writer->error);
	writer->request->body = body.data;
	writer->request->body_length = body.len;
	return is_written;
}

/* Has the input members, or are there parameters, that stand in the body? */
static bool
has_body_members(const RequestWriter *writer, bool of_parameters)
{
	int count = of_parameters ? writer->parameters->count : aws_member_count(&writer->input);

	for (int i = 0; i < count; i++)
	{
		AwsMember member;
		bool is_there = of_parameters ? writer->parameters->u.members[i].value->type != JV_NULL &&
				aws_member_find(writer->service, &writer->input, writer->parameters->u.members[i].key, &member)
									  : aws_member_read(writer->service, &writer->input, i, &member);

		if (is_there && aws_attribute(&member.type, "l") == NULL)
			return true;
	}
	return false;
}

static bool
write_payload(RequestWriter *writer, const char *payload, bool *is_raw)
{
	AwsType type;
	const JsonVal *value = given_for(writer, payload);

	if (!aws_type_read(writer->service, jv_get(jv_get(writer->input.shape, "m"), payload), &type))
		return true;
	*is_raw = type.kind == 'B' || type.kind == 's';
	if (value != NULL && *is_raw)
		writer->request->body = aws_bytes(value, &writer->request->body_length);
	else if (value != NULL)
		return write_document(writer, &type, value, aws_wire_name(&type, payload), true);
	else if (!*is_raw && writer->service->protocol == AWS_REST_JSON)
		writer->request->body = "{}";
	return true;
}

static bool
has_header(const AwsRequest *request, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < request->header_count; i++)
	{
		if (pg_strncasecmp(request->headers[i], name, length) == 0 && request->headers[i][length] == ':')
			return true;
	}
	return false;
}

static bool
write_rest_body(RequestWriter *writer)
{
	const char *payload = jv_get_string(writer->input.shape, "p");
	bool is_json = writer->service->protocol == AWS_REST_JSON;
	bool is_raw = false;

	if (payload != NULL)
	{
		if (!write_payload(writer, payload, &is_raw))
			return false;
	}
	else if (has_body_members(writer, true))
	{
		if (!write_document(writer, &writer->input, writer->parameters, aws_wire_name(&writer->input, writer->name),
							false))
			return false;
	}
	else if (is_json && has_body_members(writer, false))
		writer->request->body = "{}";
	if (!is_raw)
		writer->request->body_length = (int) strlen(writer->request->body);
	if (writer->request->body_length == 0 || has_header(writer->request, "Content-Type") || (is_raw && is_json))
		return true;
	return add_header(writer, "Content-Type",
					  is_raw        ? "application/octet-stream"
						  : is_json ? "application/json"
									: "application/xml");
}

static bool
write_rest(RequestWriter *writer)
{
	if (!write_path(writer))
		return false;
	return !writer->has_input || (place_members(writer) && write_rest_body(writer));
}

/* ---- the others ---- */

static bool
write_json(RequestWriter *writer)
{
	const JsonVal *row = writer->service->row;
	StringInfoData body;

	initStringInfo(&body);
	if (!writer->has_input)
		appendStringInfoString(&body, "{}");
	else if (!aws_write_json(writer->service, &body, &writer->input, writer->parameters, "Parameters", true,
							 writer->error))
		return false;
	writer->request->body = body.data;
	writer->request->body_length = body.len;
	return add_header(writer, "X-Amz-Target", psprintf("%s.%s", jv_get_string(row, "tp"), writer->name)) &&
		add_header(writer, "Content-Type", psprintf("application/x-amz-json-%s", jv_get_string(row, "jv"))) &&
		(jv_get(row, "qc") == NULL || add_header(writer, "x-amzn-query-mode", "true"));
}

static bool
write_form(RequestWriter *writer)
{
	StringInfoData body;

	initStringInfo(&body);
	appendStringInfo(&body, "Action=%s&Version=%s", writer->name, jv_get_string(writer->service->row, "api"));
	if (writer->has_input &&
		!aws_write_query(writer->service, &body, &writer->input, writer->parameters, "", writer->error))
		return false;
	writer->request->body = body.data;
	writer->request->body_length = body.len;
	return add_header(writer, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
}

/* ---- checksums ---- */

static uint32
crc32_of(const char *data, int length)
{
	uint32 crc = 0xFFFFFFFF;

	for (int i = 0; i < length; i++)
	{
		crc ^= (unsigned char) data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
	}
	return ~crc;
}

/* Of the body, where the operation may have one and the task names none. */
static bool
add_checksum(RequestWriter *writer)
{
	const char *algorithm = jv_get_string(writer->operation, "ca");
	const JsonVal *given = algorithm != NULL ? given_for(writer, algorithm) : NULL;
	const AwsRequest *request = writer->request;
	uint32 crc;
	char bytes[4];

	if (algorithm == NULL && jv_get(writer->operation, "ck") == NULL)
		return true;
	if (given != NULL && (!jv_is(given, JV_STRING) || strcmp(given->u.text, "CRC32") != 0))
		return true;
	for (int i = 0; i < request->header_count; i++)
	{
		if (pg_strncasecmp(request->headers[i], "x-amz-checksum-", 15) == 0 ||
			pg_strncasecmp(request->headers[i], "Content-MD5:", 12) == 0)
			return true;
	}
	crc = crc32_of(request->body, request->body_length);
	for (int i = 0; i < (int) sizeof(bytes); i++)
		bytes[i] = (char) (crc >> (24 - 8 * i));
	return add_header(writer, "x-amz-checksum-crc32", base64_encode(bytes, sizeof(bytes))) &&
		(algorithm == NULL || given != NULL || add_header(writer, "x-amz-sdk-checksum-algorithm", "CRC32"));
}

/* ---- the way in ---- */

static bool
write_by_protocol(RequestWriter *writer)
{
	switch (writer->service->protocol)
	{
		case AWS_JSON:
			return write_json(writer);
		case AWS_REST_JSON:
		case AWS_REST_XML:
			return write_rest(writer);
		case AWS_QUERY:
		case AWS_EC2:
			return write_form(writer);
		case AWS_NO_PROTOCOL:
			break;
	}
	return sfn_error(writer->error, ERROR_RUNTIME, "The service speaks only a protocol that is not known here.");
}

bool
aws_action_unknown(const AwsService *service, const char *action, SfnError *error)
{
	const char *nearest = aws_nearest_action(service, action);

	return sfn_error(error, ERROR_RUNTIME, "The service has no action \"%s\".%s%s%s", action,
					 nearest != NULL ? " Perhaps \"" : "", nearest != NULL ? nearest : "",
					 nearest != NULL ? "\" is meant." : "");
}

static bool
find_operation(RequestWriter *writer, const char *action)
{
	writer->operation = aws_operation(writer->service, action, &writer->name);
	if (writer->operation == NULL)
		return aws_action_unknown(writer->service, action, writer->error);
	if (jv_get(writer->operation, "es") != NULL)
		return sfn_error(writer->error, ERROR_RUNTIME,
						 "The action \"%s\" sends a stream of events, which is not supported.", action);
	writer->has_input = aws_type_read(writer->service, jv_get(writer->operation, "i"), &writer->input) &&
		writer->input.kind == AWS_STRUCTURE;
	return true;
}

bool
aws_request_write(const AwsService *service, const char *action, const JsonVal *parameters, const char *token,
				  AwsRequest *request, SfnError *error)
{
	RequestWriter writer = {.service = service, .request = request, .error = error};
	const char *method;
	const char *auth;

	memset(request, 0, sizeof(*request));
	request->path = "/";
	request->body = "";
	if (!find_operation(&writer, action) || !aws_wants(parameters, JV_OBJECT, "Parameters", error))
		return false;
	if (!writer.has_input && parameters->count > 0)
		return sfn_error(error, ERROR_RUNTIME, "The parameter \"%s\" is not known: the action has none.",
						 parameters->u.members[0].key);
	writer.parameters = with_token(&writer, parameters, token);
	method = jv_get_string(writer.operation, "m");
	auth = jv_get_string(writer.operation, "a");
	request->method = method != NULL ? method : "POST";
	request->is_unsigned = auth != NULL && strcmp(auth, "none") == 0;
	request->has_unsigned_payload = auth != NULL && strcmp(auth, "unsigned") == 0;
	initStringInfo(&writer.query);
	if (!write_host_prefix(&writer) || !write_by_protocol(&writer) || !add_checksum(&writer))
		return false;
	request->query = writer.query.data;
	return true;
}
