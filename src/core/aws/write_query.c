/*
 * write_query.c
 *	  Parameters as a form, one line for each scalar: "Filter.1.Name=x".  EC2's form is the same with other names.
 */
#include "aws/request.h"

#include "aws/url_encoding.h"

static bool write_value(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value,
						const char *path, SfnError *error);

static const char *
member_path(const AwsService *service, const AwsMember *member, const char *path)
{
	const char *name = aws_wire_name(&member->type, member->name);

	if (service->protocol == AWS_EC2 && aws_attribute(&member->type, "q") != NULL)
		name = aws_attribute(&member->type, "q");
	else if (service->protocol == AWS_EC2 && name != member->name)
		name = psprintf("%c%s", pg_ascii_toupper((unsigned char) name[0]), name[0] != '\0' ? name + 1 : "");
	return path[0] != '\0' ? psprintf("%s.%s", path, name) : name;
}

static bool
write_structure(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *path,
				SfnError *error)
{
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];
		AwsMember member;

		if (!aws_member_of_key(service, type, given->key, &member, error))
			return false;
		if (given->value->type != JV_NULL &&
			!write_value(service, out, &member.type, given->value, member_path(service, &member, path), error))
			return false;
	}
	return true;
}

static void
add_pair(StringInfo out, const char *path, const char *text)
{
	appendStringInfoString(out, out->len > 0 ? "&" : "");
	url_encode_append(out, path, false);
	appendStringInfoChar(out, '=');
	url_encode_append(out, text, false);
}

/* Of a flattened list the elements' name takes the place of the list's. */
static const char *
list_path(const AwsService *service, const AwsType *type, const AwsType *element, const char *path)
{
	const char *name = aws_wire_name(element, NULL);
	const char *dot = strrchr(path, '.');

	if (service->protocol == AWS_EC2)
		return path;
	if (!aws_has_attribute(type, "F"))
		return psprintf("%s.%s", path, name != NULL ? name : "member");
	if (name == NULL)
		return path;
	return dot != NULL ? psprintf("%.*s.%s", (int) (dot - path), path, name) : name;
}

static bool
write_list(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *path,
		   SfnError *error)
{
	AwsType element;
	const char *list;

	if (value->count == 0 && service->protocol != AWS_EC2)
		add_pair(out, path, "");
	if (!aws_type_read(service, jv_get(type->shape, "L"), &element))
		return true;
	list = list_path(service, type, &element, path);
	for (int i = 0; i < value->count; i++)
	{
		if (!write_value(service, out, &element, value->u.items[i], psprintf("%s.%d", list, i + 1), error))
			return false;
	}
	return true;
}

static bool
write_map(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *path,
		  SfnError *error)
{
	const char *entry = aws_has_attribute(type, "F") ? path : psprintf("%s.entry", path);
	AwsType key;
	AwsType element;

	if (!aws_type_read(service, jv_get(type->shape, "K"), &key) ||
		!aws_type_read(service, jv_get(type->shape, "M"), &element))
		return true;
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *given = &value->u.members[i];

		add_pair(out, psprintf("%s.%d.%s", entry, i + 1, aws_wire_name(&key, "key")), given->key);
		if (!write_value(service, out, &element, given->value,
						 psprintf("%s.%d.%s", entry, i + 1, aws_wire_name(&element, "value")), error))
			return false;
	}
	return true;
}

static bool
write_value(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *path,
			SfnError *error)
{
	const char *text;

	SFN_CHECK_INTERRUPTS();
	switch (type->kind)
	{
		case AWS_STRUCTURE:
			return aws_wants(value, JV_OBJECT, path, error) && write_structure(service, out, type, value, path, error);
		case AWS_LIST:
			return aws_wants(value, JV_ARRAY, path, error) && write_list(service, out, type, value, path, error);
		case AWS_MAP:
			return aws_wants(value, JV_OBJECT, path, error) && write_map(service, out, type, value, path, error);
		default:
			if (!aws_scalar_text(type, value, 'I', path, &text, error))
				return false;
			add_pair(out, path, text);
			return true;
	}
}

bool
aws_write_query(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value, const char *name,
				SfnError *error)
{
	return write_value(service, out, type, value, name, error);
}
