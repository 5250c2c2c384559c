/*
 * update.c
 *	  Changed copies of objects and arrays that share all other parts.
 */
#include "base/port.h"

#include "json/value_private.h"

/*
 * The object with one member set: replaced in place, or added at the end.
 * The key is copied when it is new.
 */
const JsonVal *
jv_object_set(const JsonVal *object, const char *key, int key_length, const JsonVal *value)
{
	JvMember *members = palloc((object->count + 1) * sizeof(JvMember));
	const JsonVal *result;
	int count = object->count;

	if (count > 0)
		memcpy(members, object->u.members, count * sizeof(JvMember));
	members[count].key = jv_pool_text(NULL, key, key_length);
	members[count].key_length = key_length;
	members[count].value = value;

	/* of two members with one name the last value takes the first place */
	result = jv_make_object(NULL, members, count + 1);
	pfree(members);
	return result;
}

/* The array with one element replaced. */
const JsonVal *
jv_array_set(const JsonVal *array, int position, const JsonVal *value)
{
	const JsonVal **items = palloc(array->count * sizeof(JsonVal *));
	const JsonVal *result;

	memcpy(items, array->u.items, array->count * sizeof(JsonVal *));
	items[position] = value;
	result = jv_make_array(NULL, items, array->count);
	pfree(items);
	return result;
}
