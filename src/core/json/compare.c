/*
 * compare.c
 *	  Equality of JSON values.
 */
#include "base/port.h"

#include "json/json_value.h"

static bool
array_equal(const JsonVal *a, const JsonVal *b)
{
	if (a->count != b->count || a->depth != b->depth)
		return false;
	for (int i = 0; i < a->count; i++)
	{
		if (!jv_equal(a->u.items[i], b->u.items[i]))
			return false;
	}
	return true;
}

static bool
object_equal(const JsonVal *a, const JsonVal *b)
{
	if (a->count != b->count || a->depth != b->depth)
		return false;
	for (int i = 0; i < a->count; i++)
	{
		const JvMember *member = &a->u.members[i];
		const JsonVal *other = jv_get_n(b, member->key, member->key_length);

		if (other == NULL || !jv_equal(member->value, other))
			return false;
	}
	return true;
}

/*
 * Equality as JSON values: numbers by value (1 = 1.0), objects without regard
 * to order.  Recursion is bounded by the depth of the values.
 */
bool
jv_equal(const JsonVal *a, const JsonVal *b)
{
	if (a == b)
		return true;
	if (a->type != b->type)
		return false;
	switch (a->type)
	{
		case JV_NULL:
			return true;
		case JV_BOOL:
			return a->boolean == b->boolean;
		case JV_NUMBER:
			return jv_compare_numbers(a, b) == 0;
		case JV_STRING:
			return a->count == b->count && memcmp(a->u.text, b->u.text, a->count) == 0;
		case JV_ARRAY:
			return array_equal(a, b);
		case JV_OBJECT:
			return object_equal(a, b);
	}
	return false; /* keep compiler quiet */
}
