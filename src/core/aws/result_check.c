/*
 * result_check.c
 *	  Whether a made-up result is one that a service may give.
 *
 * The texts are AWS's, of TestState.
 */
#include "aws/model.h"

typedef struct ResultCheck
{
	const AwsService *service;
	const char *any; /* a member of the result that is JSON of any kind, or NULL */
	bool is_strict;
	const char *problem;
} ResultCheck;

static bool check_value(ResultCheck *check, const AwsType *type, const char *field, const JsonVal *value);

static bool
fail(ResultCheck *check, const char *field, const char *what)
{
	check->problem = psprintf("Field '%s' %s", field, what);
	return false;
}

/* ---- scalars ---- */

static const struct
{
	char kind;
	JvType type;
	const char *what;
} kinds[] = {{'s', JV_STRING, "must be a string"},           {'B', JV_STRING, "must be a string"},
			 {'t', JV_STRING, "must be a string"},           {'i', JV_NUMBER, "must be a number"},
			 {'f', JV_NUMBER, "must be a number"},           {'b', JV_BOOL, "must be a boolean"},
			 {AWS_LIST, JV_ARRAY, "must be an array"},       {AWS_MAP, JV_OBJECT, "must be an object"},
			 {AWS_STRUCTURE, JV_OBJECT, "must be an object"}};

static bool
is_listed(const JsonVal *list, const JsonVal *value)
{
	for (int i = 0; i < list->count; i++)
		if (jv_equal(list->u.items[i], value))
			return true;
	return false;
}

/* A time is a text, or a number as the older SDK has it. */
static bool
is_of_kind(const JsonVal *value, char kind, JvType type)
{
	return value->type == type || (kind == 't' && value->type == JV_NUMBER);
}

/* The value is of the right kind. */
static bool
check_limits(ResultCheck *check, const JsonVal *limits, const char *field, const JsonVal *value)
{
	const JsonVal *least = jv_get(limits, "min");
	const JsonVal *most = jv_get(limits, "max");
	const JsonVal *values = jv_get(limits, "enum");

	if (jv_is(least, JV_NUMBER) && jv_compare_numbers(value, least) < 0)
		return fail(check, field, "is less than the minimum value");
	if (jv_is(most, JV_NUMBER) && jv_compare_numbers(value, most) > 0)
		return fail(check, field, "exceeds the maximum value");
	if (jv_is(values, JV_ARRAY) && !is_listed(values, value))
		return fail(check, field, "is not an expected value");
	return true;
}

/* ---- structures ---- */

static const JsonVal *
value_of_member(const ResultCheck *check, const char *member, const JsonVal *object)
{
	for (int i = 0; i < object->count; i++)
		if (aws_key_is_exact(check->service->prefix, member, object->u.members[i].key))
			return object->u.members[i].value;
	return NULL;
}

static bool
check_required(ResultCheck *check, const JsonVal *required, const JsonVal *object)
{
	for (int i = 0; jv_is(required, JV_ARRAY) && i < required->count; i++)
	{
		const JsonVal *name = required->u.items[i];

		if (jv_is(name, JV_STRING) && value_of_member(check, name->u.text, object) == NULL)
		{
			check->problem = psprintf("Required field '%s' is missing",
									  aws_member_key(check->service->prefix, name->u.text, AWS_KEYS_SDK));
			return false;
		}
	}
	return true;
}

static bool
check_structure(ResultCheck *check, const AwsType *type, const JsonVal *object)
{
	const char *any = check->any;
	AwsMember member;

	check->any = NULL; /* only of the result itself */
	if (check->is_strict && !check_required(check, jv_get(type->shape, "rq"), object))
		return false;
	for (int i = 0; i < object->count; i++)
	{
		const JvMember *given = &object->u.members[i];

		if ((any != NULL && strcmp(any, given->key) == 0) ||
			!aws_member_find(check->service, type, given->key, &member))
			continue;
		if (!check_value(check, &member.type, given->key, given->value))
			return false;
	}
	return true;
}

static bool
check_elements(ResultCheck *check, const AwsType *type, const char *field, const JsonVal *value)
{
	AwsType element;

	if (!aws_type_read(check->service, jv_get(type->shape, type->kind == AWS_LIST ? "L" : "M"), &element))
		return true;
	for (int i = 0; i < value->count; i++)
		if (!check_value(check, &element, field,
						 type->kind == AWS_LIST ? value->u.items[i] : value->u.members[i].value))
			return false;
	return true;
}

static bool
check_value(ResultCheck *check, const AwsType *type, const char *field, const JsonVal *value)
{
	SFN_CHECK_INTERRUPTS();
	for (int i = 0; i < (int) lengthof(kinds); i++)
		if (kinds[i].kind == type->kind && !is_of_kind(value, kinds[i].kind, kinds[i].type))
			return fail(check, field, kinds[i].what);
	if (type->kind == AWS_STRUCTURE)
		return check_structure(check, type, value);
	if (type->kind == AWS_LIST || type->kind == AWS_MAP)
		return check_elements(check, type, field, value);
	return type->shape == NULL || check_limits(check, type->shape, field, value);
}

bool
aws_result_check(const AwsService *service, const JsonVal *operation, const char *any, bool is_strict,
				 const JsonVal *result, const char **problem)
{
	ResultCheck check = {.service = service, .any = any, .is_strict = is_strict};
	AwsType output;

	if (!aws_type_read(service, jv_get(operation, "o"), &output) || output.kind != AWS_STRUCTURE ||
		result->type != JV_OBJECT || check_structure(&check, &output, result))
		return true;
	*problem = check.problem;
	return false;
}
