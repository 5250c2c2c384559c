/*
 * write_json.c
 *	  Parameters as JSON, by the names on the wire.
 */
#include "aws/request.h"

static bool
write_structure(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, bool with_located,
				SfnError *error)
{
	const char *comma = "";

	appendStringInfoChar(out, '{');
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];
		AwsMember member;
		const char *wire_name;

		if (!aws_member_of_key(service, type, given->key, &member, error))
			return false;
		if (given->value->type == JV_NULL || (!with_located && aws_attribute(&member.type, "l") != NULL))
			continue;
		wire_name = aws_wire_name(&member.type, member.name);
		appendStringInfoString(out, comma);
		comma = ",";
		jv_print_string(out, wire_name, (int) strlen(wire_name));
		appendStringInfoChar(out, ':');
		if (!aws_write_json(service, out, &member.type, given->value, given->key, true, error))
			return false;
	}
	appendStringInfoChar(out, '}');
	return true;
}

static bool
write_list(const AwsService *service, StringInfo out, const AwsType *element, const JsonVal *value, const char *name,
		   SfnError *error)
{
	appendStringInfoChar(out, '[');
	for (int i = 0; i < value->count; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		if (!aws_write_json(service, out, element, value->u.items[i], name, true, error))
			return false;
	}
	appendStringInfoChar(out, ']');
	return true;
}

static bool
write_map(const AwsService *service, StringInfo out, const AwsType *element, const JsonVal *value, SfnError *error)
{
	appendStringInfoChar(out, '{');
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];

		if (i > 0)
			appendStringInfoChar(out, ',');
		jv_print_string(out, given->key, given->key_length);
		appendStringInfoChar(out, ':');
		if (!aws_write_json(service, out, element, given->value, given->key, true, error))
			return false;
	}
	appendStringInfoChar(out, '}');
	return true;
}

static bool
write_scalar(StringInfo out, const AwsType *type, const JsonVal *value, const char *name, SfnError *error)
{
	const char *text;
	bool is_bare;

	if (!aws_scalar_text(type, value, 'U', name, &text, error))
		return false;
	is_bare = type->kind == 'd' || type->kind == 'b' || (type->kind == 'i') ||
		(type->kind == 'f' && strchr("NI", text[text[0] == '-']) == NULL) ||
		(type->kind == 't' && type->time_format != 'I' && type->time_format != 'R');
	if (type->kind == 'd')
		jv_print(out, value);
	else if (is_bare)
		appendStringInfoString(out, text);
	else
		jv_print_string(out, text, (int) strlen(text));
	return true;
}

bool
aws_write_json(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *name,
			   bool with_located, SfnError *error)
{
	AwsType element;

	SFN_CHECK_INTERRUPTS();
	if (value->type == JV_NULL)
	{
		appendStringInfoString(out, "null");
		return true;
	}
	switch (type->kind)
	{
		case AWS_STRUCTURE:
			return aws_wants(value, JV_OBJECT, name, error) &&
				write_structure(service, out, type, value, with_located, error);
		case AWS_LIST:
			return aws_wants(value, JV_ARRAY, name, error) &&
				aws_type_read(service, jv_get(type->shape, "L"), &element) &&
				write_list(service, out, &element, value, name, error);
		case AWS_MAP:
			return aws_wants(value, JV_OBJECT, name, error) &&
				aws_type_read(service, jv_get(type->shape, "M"), &element) &&
				write_map(service, out, &element, value, error);
		default:
			return write_scalar(out, type, value, name, error);
	}
}
