/*
 * intrinsic_arrays.c
 *	  States.Array and the functions on arrays.
 */
#include "base/port.h"

#include <math.h>

#include "common/hashfn.h"
#include "jsonpath/intrinsic.h"

/* Elements that States.ArrayRange makes at most. */
#define MAX_RANGE 1000

#define COMPARISON 16 /* what comparing or hashing values counts as: they may be large */

/* States.Array(value, ...) */
bool
intrinsic_array(IntrinsicCall *call, const JsonVal **result)
{
	*result = jv_array(call->values, call->count);
	return true;
}

/* States.ArrayContains(array, value): equality as JSON values. */
bool
intrinsic_array_contains(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *array = intrinsic_argument(call, 0, JV_ARRAY);
	bool found = false;

	if (array == NULL)
		return false;
	for (int i = 0; i < array->count && !found; i++)
	{
		if (!intrinsic_spend(call, COMPARISON))
			return false;
		found = jv_equal(array->u.items[i], call->values[1]);
	}
	*result = jv_bool(found);
	return true;
}

/* States.ArrayGetItem(array, position), from 0. */
bool
intrinsic_array_get_item(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *array = intrinsic_argument(call, 0, JV_ARRAY);
	const JsonVal *position = array == NULL ? NULL : intrinsic_argument(call, 1, JV_NUMBER);
	int64 n;

	if (position == NULL)
		return false;
	if (!jv_to_int64(position, &n))
		return intrinsic_fail(call, "The position must be an integer but is %s", position->u.text);
	if (n < 0 || n >= array->count)
		return intrinsic_fail(call, "The position %s is outside of the array of length %d", position->u.text,
							  array->count);
	*result = array->u.items[n];
	return true;
}

/* States.ArrayLength(array) */
bool
intrinsic_array_length(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *array = intrinsic_argument(call, 0, JV_ARRAY);

	if (array == NULL)
		return false;
	*result = jv_int(array->count);
	return true;
}

/* States.ArrayPartition(array, size): chunks of that size, the last one may be shorter. */
bool
intrinsic_array_partition(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *array = intrinsic_argument(call, 0, JV_ARRAY);
	const JsonVal *size = array == NULL ? NULL : intrinsic_argument(call, 1, JV_NUMBER);
	JvArrayBuilder chunks;
	int step;

	if (size == NULL)
		return false;
	if (!(floor(size->number) >= 1))
		return intrinsic_fail(call, "The size of the chunks must be a positive integer but is %s", size->u.text);
	step = (int) Min(floor(size->number), Max(array->count, 1));
	jv_array_begin(&chunks);
	for (int i = 0; i < array->count; i += step)
	{
		int length = Min(step, array->count - i);

		if (!intrinsic_spend(call, 1 + (uint32) length / 16) || !intrinsic_allows(call, length * sizeof(JsonVal *)))
			return false;
		jv_array_add(&chunks, jv_array(array->u.items + i, length));
	}
	*result = jv_array_end(&chunks);
	return true;
}

/* States.ArrayRange(first, last, step), the last one included when the step meets it. */
bool
intrinsic_array_range(IntrinsicCall *call, const JsonVal **result)
{
	int64 first;
	int64 last;
	int64 step;
	JvArrayBuilder numbers;

	if (!intrinsic_integer(call, 0, &first) || !intrinsic_integer(call, 1, &last) || !intrinsic_integer(call, 2, &step))
		return false;
	if (step == 0)
		return intrinsic_fail(call, "The step must not be zero");
	if ((last - first) / step >= MAX_RANGE)
		return intrinsic_fail(call, "The result has more than %d elements", MAX_RANGE);
	jv_array_begin(&numbers);
	for (int64 n = first; step > 0 ? n <= last : n >= last; n += step)
		jv_array_add(&numbers, jv_int(n));
	*result = jv_array_end(&numbers);
	return true;
}

/* ---- States.ArrayUnique ---- */

/* A hash that is equal for equal values: numbers by value, members in any order. */
static uint32
value_hash(const JsonVal *value)
{
	uint32 hash = (uint32) value->type;

	switch (value->type)
	{
		case JV_NULL:
			break;
		case JV_BOOL:
			hash += value->boolean * 16;
			break;
		case JV_NUMBER:
		{
			double number = value->number == 0 ? 0 : value->number; /* -0 */

			hash = hash_combine(hash, hash_bytes((const unsigned char *) &number, sizeof(number)));
			break;
		}
		case JV_STRING:
			hash = hash_combine(hash, hash_bytes((const unsigned char *) value->u.text, value->count));
			break;
		case JV_ARRAY:
			for (int i = 0; i < value->count; i++)
				hash = hash_combine(hash, value_hash(value->u.items[i]));
			break;
		case JV_OBJECT:
			for (int i = 0; i < value->count; i++)
			{
				const JvMember *member = &value->u.members[i];

				hash += hash_combine(hash_bytes((const unsigned char *) member->key, member->key_length),
									 value_hash(member->value));
			}
			break;
	}
	return hash;
}

/* States.ArrayUnique(array): the first of equal elements stays. */
bool
intrinsic_array_unique(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *array = intrinsic_argument(call, 0, JV_ARRAY);
	const JsonVal **table;
	uint32 slots = 16;
	JvArrayBuilder kept;

	if (array == NULL)
		return false;
	while (slots < (uint32) array->count * 2)
		slots *= 2;
	if (!intrinsic_allows(call, slots * sizeof(JsonVal *)))
		return false;
	table = palloc0(slots * sizeof(JsonVal *));
	jv_array_begin(&kept);
	for (int i = 0; i < array->count; i++)
	{
		const JsonVal *item = array->u.items[i];
		uint32 slot = value_hash(item) & (slots - 1);

		if (!intrinsic_spend(call, COMPARISON))
			return false;
		while (table[slot] != NULL && !jv_equal(table[slot], item))
			slot = (slot + 1) & (slots - 1);
		if (table[slot] == NULL)
		{
			table[slot] = item;
			jv_array_add(&kept, item);
		}
	}
	*result = jv_array_end(&kept);
	return true;
}
