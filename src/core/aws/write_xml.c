/*
 * write_xml.c
 *	  Parameters as an XML document.
 */
#include "aws/request.h"

#include "aws/xml.h"

static void
open_element(StringInfo out, const char *name, const AwsType *type)
{
	const char *space = aws_attribute(type, "ns");
	const char *prefix = aws_attribute(type, "np");

	appendStringInfo(out, "<%s", name);
	if (space == NULL)
		return;
	appendStringInfo(out, " xmlns%s%s=\"", prefix != NULL ? ":" : "", prefix != NULL ? prefix : "");
	xml_escape(out, space);
	appendStringInfoChar(out, '"');
}

/* Members that are attributes of their structure. */
static bool
write_attributes(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, SfnError *error)
{
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];
		AwsMember member;
		const char *text;

		if (!aws_member_of_key(service, type, given->key, &member, error))
			return false;
		if (given->value->type == JV_NULL || !aws_has_attribute(&member.type, "A"))
			continue;
		if (!aws_scalar_text(&member.type, given->value, 'I', given->key, &text, error))
			return false;
		appendStringInfo(out, " %s=\"", aws_wire_name(&member.type, member.name));
		xml_escape(out, text);
		appendStringInfoChar(out, '"');
	}
	return true;
}

static bool
write_structure(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *name,
				bool with_located, SfnError *error)
{
	open_element(out, name, type);
	if (!write_attributes(service, out, type, value, error))
		return false;
	appendStringInfoChar(out, '>');
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];
		AwsMember member;

		if (!aws_member_of_key(service, type, given->key, &member, error))
			return false;
		if (given->value->type == JV_NULL || aws_has_attribute(&member.type, "A") ||
			(!with_located && aws_attribute(&member.type, "l") != NULL))
			continue;
		if (!aws_write_xml(service, out, &member.type, given->value, aws_wire_name(&member.type, member.name), true,
						   error))
			return false;
	}
	appendStringInfo(out, "</%s>", name);
	return true;
}

static bool
write_list(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *name,
		   SfnError *error)
{
	bool is_flat = aws_has_attribute(type, "F");
	AwsType element;

	if (!aws_type_read(service, jv_get(type->shape, "L"), &element))
		return true;
	if (!is_flat)
	{
		open_element(out, name, type);
		appendStringInfoChar(out, '>');
	}
	for (int i = 0; i < value->count; i++)
	{
		if (!aws_write_xml(service, out, &element, value->u.items[i],
						   is_flat ? name : aws_wire_name(&element, "member"), true, error))
			return false;
	}
	if (!is_flat)
		appendStringInfo(out, "</%s>", name);
	return true;
}

static bool
write_map(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *name,
		  SfnError *error)
{
	bool is_flat = aws_has_attribute(type, "F");
	const char *entry = is_flat ? name : "entry";
	AwsType key;
	AwsType element;

	if (!aws_type_read(service, jv_get(type->shape, "K"), &key) ||
		!aws_type_read(service, jv_get(type->shape, "M"), &element))
		return true;
	if (!is_flat)
	{
		open_element(out, name, type);
		appendStringInfoChar(out, '>');
	}
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];

		appendStringInfo(out, "<%s>", entry);
		if (!aws_write_xml(service, out, &key, jv_string(given->key), aws_wire_name(&key, "key"), true, error) ||
			!aws_write_xml(service, out, &element, given->value, aws_wire_name(&element, "value"), true, error))
			return false;
		appendStringInfo(out, "</%s>", entry);
	}
	if (!is_flat)
		appendStringInfo(out, "</%s>", name);
	return true;
}

bool
aws_write_xml(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *name,
			  bool with_located, SfnError *error)
{
	const char *text;

	SFN_CHECK_INTERRUPTS();
	switch (type->kind)
	{
		case AWS_STRUCTURE:
			return aws_wants(value, JV_OBJECT, name, error) &&
				write_structure(service, out, type, value, name, with_located, error);
		case AWS_LIST:
			return aws_wants(value, JV_ARRAY, name, error) && write_list(service, out, type, value, name, error);
		case AWS_MAP:
			return aws_wants(value, JV_OBJECT, name, error) && write_map(service, out, type, value, name, error);
		default:
			if (!aws_scalar_text(type, value, 'I', name, &text, error))
				return false;
			open_element(out, name, type);
			appendStringInfoChar(out, '>');
			xml_escape(out, text);
			appendStringInfo(out, "</%s>", name);
			return true;
	}
}
