/*
 * model.c
 *	  Looking things up in what is known of a service.
 */
#include "aws/model.h"

#include "base/nearest.h"

static const char *const protocol_names[] = {"json", "rest-json", "query", "ec2", "rest-xml"};

bool
aws_service_read(const JsonVal *row, AwsService *service)
{
	const char *protocol = jv_get_string(row, "proto");

	service->row = row;
	service->prefix = jv_get_string(row, "prefix");
	service->endpoint = jv_get_string(row, "ep");
	service->signed_as = jv_get_string(row, "sn");
	service->protocol = AWS_NO_PROTOCOL;
	if (service->signed_as == NULL)
		service->signed_as = service->endpoint;
	for (int i = 0; protocol != NULL && i < (int) lengthof(protocol_names); i++)
	{
		if (strcmp(protocol_names[i], protocol) == 0)
			service->protocol = (AwsProtocol) i;
	}
	return service->prefix != NULL && service->endpoint != NULL && jv_is(jv_get(row, "ops"), JV_OBJECT) &&
		jv_is(jv_get(row, "sh"), JV_ARRAY);
}

const JsonVal *
aws_operation(const AwsService *service, const char *action, const char **name)
{
	char *operation = pstrdup(action);

	if (operation[0] < 'a' || operation[0] > 'z')
		return NULL;
	operation[0] = (char) pg_ascii_toupper((unsigned char) operation[0]);
	*name = operation;
	return jv_get(jv_get(service->row, "ops"), operation);
}

const char *
aws_nearest_action(const AwsService *service, const char *action)
{
	const JsonVal *operations = jv_get(service->row, "ops");
	const char **names = palloc(sizeof(char *) * (operations->count + 1));

	for (int i = 0; i < operations->count; i++)
	{
		char *name = pstrdup(operations->u.members[i].key);

		name[0] = (char) pg_ascii_tolower((unsigned char) name[0]);
		names[i] = name;
	}
	return nearest_name(action, names, operations->count);
}

/* ---- types ---- */

static bool
read_letter(const char *letter, AwsType *type)
{
	type->kind = letter[0];
	type->time_format = letter[0] != '\0' ? letter[1] : '\0';
	return letter[0] != '\0' && strchr("sifbBtd", letter[0]) != NULL;
}

static bool
read_shape(const AwsService *service, int64 number, AwsType *type)
{
	const JsonVal *shapes = jv_get(service->row, "sh");
	const char *letter;

	if (number < 0 || number >= shapes->count)
		return false;
	type->shape = shapes->u.items[number];
	if (jv_is(jv_get(type->shape, "m"), JV_OBJECT))
		type->kind = AWS_STRUCTURE;
	else if (jv_get(type->shape, "L") != NULL)
		type->kind = AWS_LIST;
	else if (jv_get(type->shape, "M") != NULL)
		type->kind = AWS_MAP;
	else
	{
		letter = jv_get_string(type->shape, "s");
		return letter != NULL && read_letter(letter, type);
	}
	return true;
}

bool
aws_type_read(const AwsService *service, const JsonVal *reference, AwsType *type)
{
	int64 number;

	memset(type, 0, sizeof(*type));
	if (jv_is(reference, JV_ARRAY) && reference->count == 2)
	{
		type->attributes = reference->u.items[1];
		reference = reference->u.items[0];
	}
	if (jv_is(reference, JV_STRING))
		return read_letter(reference->u.text, type);
	return reference != NULL && jv_to_int64(reference, &number) && read_shape(service, number, type);
}

int
aws_member_count(const AwsType *structure)
{
	return jv_get(structure->shape, "m")->count;
}

bool
aws_member_read(const AwsService *service, const AwsType *structure, int number, AwsMember *member)
{
	const JvMember *row = &jv_get(structure->shape, "m")->u.members[number];

	member->name = row->key;
	return aws_type_read(service, row->value, &member->type);
}

bool
aws_member_find(const AwsService *service, const AwsType *structure, const char *key, AwsMember *member)
{
	const JsonVal *members = jv_get(structure->shape, "m");
	int found = -1;

	for (int i = 0; i < members->count && found < 0; i++)
	{
		if (aws_key_is_exact(service->prefix, members->u.members[i].key, key))
			found = i;
	}
	for (int i = 0; i < members->count && found < 0; i++)
	{
		if (aws_key_is_similar(service->prefix, members->u.members[i].key, key))
			found = i;
	}
	return found >= 0 && aws_member_read(service, structure, found, member);
}

const char *
aws_nearest_member(const AwsService *service, const AwsType *structure, const char *key)
{
	const JsonVal *members = jv_get(structure->shape, "m");
	const char **names = palloc(sizeof(char *) * (members->count + 1));

	for (int i = 0; i < members->count; i++)
		names[i] = aws_member_key(service->prefix, members->u.members[i].key, AWS_KEYS_SDK);
	return nearest_name(key, names, members->count);
}

const char *
aws_attribute(const AwsType *type, const char *name)
{
	return type->attributes != NULL ? jv_get_string(type->attributes, name) : NULL;
}

bool
aws_has_attribute(const AwsType *type, const char *name)
{
	return type->attributes != NULL && jv_get(type->attributes, name) != NULL;
}

const char *
aws_wire_name(const AwsType *type, const char *otherwise)
{
	const char *name = aws_attribute(type, "n");

	return name != NULL ? name : otherwise;
}
