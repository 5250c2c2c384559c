/*
 * read_value.c
 *	  Values of a response: scalars, JSON and XML by the types of the model.
 *
 * A value that is not of its type is left out, as the SDK does with what it cannot read: a service may say more
 * than its model.
 */
#include "aws/response.h"

#include "aws/request.h"
#include "base/hashes.h"
#include "base/utf8.h"

/* ---- scalars ---- */

const JsonVal *
aws_read_bytes(const char *bytes, int length)
{
	if (utf8_is_valid(bytes, length) && memchr(bytes, '\0', length) == NULL)
		return jv_string_n(bytes, length);
	return jv_string(base64_encode(bytes, length));
}

static const JsonVal *
read_time(const JsonVal *value)
{
	StringInfoData out;
	TimestampTz moment;

	if (!aws_time_read(value, &moment))
		return NULL;
	initStringInfo(&out);
	aws_time_print(&out, moment, 'I');
	return jv_string(out.data);
}

/* Milliseconds since 1970, as the older SDK shows times. */
static const JsonVal *
read_millis(const JsonVal *value)
{
	TimestampTz moment;

	if (!aws_time_read(value, &moment))
		return NULL;
	return jv_int((moment + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY) / 1000);
}

static const JsonVal *
read_base64(const char *text, int length)
{
	int bytes_length;
	char *bytes = base64_decode(text, length, &bytes_length);

	return bytes != NULL ? aws_read_bytes(bytes, bytes_length) : NULL;
}

static const JsonVal *
read_number(const char *text)
{
	JvParseError ignored;
	const JsonVal *number = jv_parse(text, (int) strlen(text), &ignored);

	if (jv_is(number, JV_NUMBER))
		return number;
	return strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0 ? jv_string(text)
																									   : NULL;
}

const JsonVal *
aws_read_text(const AwsType *type, const char *text)
{
	switch (type->kind)
	{
		case 's':
			return jv_string(text);
		case 'i':
		case 'f':
			return read_number(text);
		case 'b':
			return jv_bool(pg_strcasecmp(text, "true") == 0);
		case 'B':
			return read_base64(text, (int) strlen(text));
		case 't':
			return read_time(jv_string(text));
		default:
			return NULL;
	}
}

static const JsonVal *
read_json_scalar(const AwsType *type, AwsKeyStyle style, const JsonVal *value)
{
	switch (type->kind)
	{
		case 'd':
			return value;
		case 't':
			return style == AWS_KEYS_OPTIMIZED ? read_millis(value) : read_time(value);
		case 'B':
			return value->type == JV_STRING ? read_base64(value->u.text, value->count) : NULL;
		default:
			return value->type == JV_STRING && type->kind != 's' ? aws_read_text(type, value->u.text)
				: value->type < JV_ARRAY                         ? value
																 : NULL;
	}
}

/* ---- JSON ---- */

static const JsonVal *
read_json_structure(const AwsService *service, const AwsType *type, AwsKeyStyle style, const JsonVal *value)
{
	JvObjectBuilder out;

	if (value->type != JV_OBJECT)
		return NULL;
	jv_object_begin(&out);
	for (int i = 0; i < aws_member_count(type); i++)
	{
		AwsMember member;
		const JsonVal *given;
		const JsonVal *read;

		if (!aws_member_read(service, type, i, &member))
			continue;
		given = jv_get(value, aws_wire_name(&member.type, member.name));
		if (given == NULL || given->type == JV_NULL)
			continue;
		read = aws_read_json(service, &member.type, style, given);
		if (read != NULL)
			jv_object_add(&out, aws_member_key(service->prefix, member.name, style), read);
	}
	return jv_object_end(&out);
}

static const JsonVal *
read_json_list(const AwsService *service, const AwsType *type, AwsKeyStyle style, const JsonVal *value)
{
	AwsType element;
	JvArrayBuilder out;

	if (value->type != JV_ARRAY || !aws_type_read(service, jv_get(type->shape, "L"), &element))
		return NULL;
	jv_array_begin(&out);
	for (int i = 0; i < value->count; i++)
	{
		const JsonVal *read =
			value->u.items[i]->type != JV_NULL ? aws_read_json(service, &element, style, value->u.items[i]) : NULL;

		jv_array_add(&out, read != NULL ? read : jv_null());
	}
	return jv_array_end(&out);
}

static const JsonVal *
read_json_map(const AwsService *service, const AwsType *type, AwsKeyStyle style, const JsonVal *value)
{
	AwsType element;
	JvObjectBuilder out;

	if (value->type != JV_OBJECT || !aws_type_read(service, jv_get(type->shape, "M"), &element))
		return NULL;
	jv_object_begin(&out);
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];
		const JsonVal *read =
			given->value->type != JV_NULL ? aws_read_json(service, &element, style, given->value) : NULL;

		if (read != NULL)
			jv_object_add_n(&out, given->key, given->key_length, read);
	}
	return jv_object_end(&out);
}

const JsonVal *
aws_read_json(const AwsService *service, const AwsType *type, AwsKeyStyle style, const JsonVal *value)
{
	SFN_CHECK_INTERRUPTS();
	switch (type->kind)
	{
		case AWS_STRUCTURE:
			return read_json_structure(service, type, style, value);
		case AWS_LIST:
			return read_json_list(service, type, style, value);
		case AWS_MAP:
			return read_json_map(service, type, style, value);
		default:
			return read_json_scalar(type, style, value);
	}
}

/* ---- XML ---- */

/* Elements of a flattened list stand by their own name among the members. */
static const char *
element_name(const AwsService *service, const AwsMember *member)
{
	AwsType element;

	if (member->type.kind == AWS_LIST && aws_has_attribute(&member->type, "F") &&
		aws_type_read(service, jv_get(member->type.shape, "L"), &element) && aws_wire_name(&element, NULL) != NULL)
		return aws_wire_name(&element, NULL);
	return aws_wire_name(&member->type, member->name);
}

static const JsonVal *
read_attribute(const XmlNode *node, const AwsMember *member)
{
	const char *name = aws_wire_name(&member->type, member->name);
	const char *local = strchr(name, ':') != NULL ? strchr(name, ':') + 1 : name;

	for (const XmlAttribute *attribute = node->attributes; attribute != NULL; attribute = attribute->next)
	{
		const char *colon = strchr(attribute->name, ':');

		if (strncmp(attribute->name, "xmlns", 5) != 0 &&
			strcmp(colon != NULL ? colon + 1 : attribute->name, local) == 0)
			return aws_read_text(&member->type, attribute->value);
	}
	return NULL;
}

static const JsonVal *
read_xml_structure(const AwsService *service, const AwsType *type, AwsKeyStyle style, const XmlNode *node)
{
	JvObjectBuilder out;

	jv_object_begin(&out);
	for (int i = 0; i < aws_member_count(type); i++)
	{
		AwsMember member;
		const XmlNode *child;
		const JsonVal *read = NULL;

		if (!aws_member_read(service, type, i, &member))
			continue;
		child = xml_child(node, element_name(service, &member));
		if (child != NULL && aws_attribute(&member.type, "l") == NULL)
			read = aws_read_xml(service, &member.type, style, child);
		else if (aws_has_attribute(&member.type, "A"))
			read = read_attribute(node, &member);
		if (read != NULL)
			jv_object_add(&out, aws_member_key(service->prefix, member.name, style), read);
	}
	return jv_object_end(&out);
}

/* node is the list, or the first of its elements when it is flattened. */
static const JsonVal *
read_xml_list(const AwsService *service, const AwsType *type, AwsKeyStyle style, const XmlNode *node)
{
	bool is_flat = aws_has_attribute(type, "F");
	AwsType element;
	JvArrayBuilder out;

	if (!aws_type_read(service, jv_get(type->shape, "L"), &element))
		return NULL;
	jv_array_begin(&out);
	for (const XmlNode *item = is_flat ? node : node->children; item != NULL;
		 item = is_flat ? xml_next(item) : item->next)
	{
		const JsonVal *read = aws_read_xml(service, &element, style, item);

		jv_array_add(&out, read != NULL ? read : jv_null());
	}
	return jv_array_end(&out);
}

static const JsonVal *
read_xml_map(const AwsService *service, const AwsType *type, AwsKeyStyle style, const XmlNode *node)
{
	bool is_flat = aws_has_attribute(type, "F");
	AwsType key;
	AwsType element;
	JvObjectBuilder out;

	if (!aws_type_read(service, jv_get(type->shape, "K"), &key) ||
		!aws_type_read(service, jv_get(type->shape, "M"), &element))
		return NULL;
	jv_object_begin(&out);
	for (const XmlNode *entry = is_flat ? node : node->children; entry != NULL;
		 entry = is_flat ? xml_next(entry) : entry->next)
	{
		const char *name = xml_child_text(entry, aws_wire_name(&key, "key"));
		const XmlNode *value = xml_child(entry, aws_wire_name(&element, "value"));
		const JsonVal *read = value != NULL ? aws_read_xml(service, &element, style, value) : NULL;

		if (name != NULL && read != NULL)
			jv_object_add(&out, name, read);
	}
	return jv_object_end(&out);
}

const JsonVal *
aws_read_xml(const AwsService *service, const AwsType *type, AwsKeyStyle style, const XmlNode *node)
{
	SFN_CHECK_INTERRUPTS();
	switch (type->kind)
	{
		case AWS_STRUCTURE:
			return read_xml_structure(service, type, style, node);
		case AWS_LIST:
			return read_xml_list(service, type, style, node);
		case AWS_MAP:
			return read_xml_map(service, type, style, node);
		default:
			return aws_read_text(type, node->text);
	}
}
