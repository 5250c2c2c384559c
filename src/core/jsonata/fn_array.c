/*
 * fn_array.c
 *	  Functions on arrays: counting, joining, ordering, duplicates.
 */
#include "base/port.h"

#include "common/hashfn.h"

#include "jsonata/library.h"
#include "jsonata/sort.h"

/* $count(array) */
const JsonVal *
fn_count(Call *call)
{
	return jn_number(call->ev, call->args[0] == NULL ? 0 : call->args[0]->count);
}

/* $append(array1, array2) */
const JsonVal *
fn_append(Call *call)
{
	return jn_append(call->ev, call->args[0], call->args[1]);
}

/* A plain copy of an array. */
static JnArray *
copy_array(Evaluation *ev, const JsonVal *array)
{
	JnArray *copy = jn_array(ev, 0, 0);

	return jn_push_all(ev, copy, array) == JN_FAIL ? NULL : copy;
}

/* ---- sort ---- */

static const JsonVal *
compare_values(Evaluation *ev, void *owner, const JsonVal *a, const JsonVal *b, bool *after)
{
	(void) ev;
	(void) owner;
	*after = a->type == JV_NUMBER ? a->number > b->number : jn_compare_text(a, b) > 0;
	return NULL;
}

typedef struct FunctionOrder
{
	Call *call;
	const JsonVal *function;
} FunctionOrder;

static const JsonVal *
compare_by_function(Evaluation *ev, void *owner, const JsonVal *a, const JsonVal *b, bool *after)
{
	const FunctionOrder *order = owner;
	const JsonVal *args[2] = {a, b};
	const JsonVal *result = jn_call(ev, order->function, args, 2, jv_null(), order->call->frame);

	JN_CHECK(result);

	/* structures count as true here, even empty ones */
	*after = jn_truth(result) || jn_is(result, JV_ARRAY) || jn_is(result, JV_OBJECT);
	return NULL;
}

/* $sort(array, function) */
const JsonVal *
fn_sort(Call *call)
{
	const JsonVal *array = call->args[0];
	FunctionOrder order = {call, call->args[1]};
	SortCompare compare = compare_by_function;
	JnArray *sorted;

	if (array == NULL || array->count <= 1)
		return array;
	if (call->args[1] == NULL)
	{
		if (!jn_is_number_array(array) && !jn_is_string_array(array))
			return jn_fail(call->ev, "D3070");
		compare = compare_values;
	}
	sorted = copy_array(call->ev, array);
	if (sorted == NULL)
		return JN_FAIL;
	JN_CHECK(jn_merge_sort(call->ev, (const JsonVal **) sorted->v.u.items, sorted->v.count, compare, &order));
	return &sorted->v;
}

/* $reverse(array) */
const JsonVal *
fn_reverse(Call *call)
{
	const JsonVal *array = call->args[0];
	JnArray *reversed;

	if (array == NULL || array->count <= 1)
		return array;
	reversed = jn_array(call->ev, array->count, 0);
	for (int i = array->count - 1; i >= 0; i--)
		JN_CHECK(jn_push(call->ev, reversed, array->u.items[i]));
	return &reversed->v;
}

/* $shuffle(array) */
const JsonVal *
fn_shuffle(Call *call)
{
	const JsonVal *array = call->args[0];
	JnArray *shuffled;
	const JsonVal **items;

	if (array == NULL || array->count <= 1)
		return array;
	shuffled = copy_array(call->ev, array);
	if (shuffled == NULL)
		return JN_FAIL;
	items = (const JsonVal **) shuffled->v.u.items;
	for (int i = shuffled->v.count - 1; i > 0; i--)
	{
		int other = (int) (jn_random(call->ev) * (i + 1));
		const JsonVal *item = items[i];

		items[i] = items[other];
		items[other] = item;
	}
	return &shuffled->v;
}

/* ---- distinct ---- */

/* The same for equal values; structures count by their size only. */
static uint32
value_hash(const JsonVal *value)
{
	double number;

	if (value == NULL)
		return 1;
	switch ((int) value->type)
	{
		case JV_NUMBER:
			number = value->number == 0 ? 0 : value->number;
			return hash_bytes((const unsigned char *) &number, sizeof(number));
		case JV_STRING:
			return hash_bytes((const unsigned char *) value->u.text, value->count);
		case JV_BOOL:
			return value->boolean ? 2 : 3;
		case JV_ARRAY:
			return value->count == 0 ? 4
									 : value_hash(jn_is(value->u.items[0], JV_ARRAY) ? NULL : value->u.items[0]) + 5;
		case JV_OBJECT:
		{
			uint32 hash = 6;

			for (int i = 0; i < value->count; i++)
			{
				const JvMember *member = &value->u.members[i];

				hash += hash_bytes((const unsigned char *) member->key, member->key_length);
				if (member->value->type == JV_STRING || member->value->type == JV_NUMBER)
					hash += value_hash(member->value) * 31;
			}
			return hash;
		}
		default:
			return 7;
	}
}

typedef struct Seen
{
	int32 *heads;    /* by hash: the last item with it, or -1 */
	int32 *previous; /* of items: the one before with this hash */
	uint32 mask;
} Seen;

static const JsonVal *
is_new(Evaluation *ev, Seen *seen, const JnArray *found, const JsonVal *item, bool *is_new)
{
	uint32 slot = value_hash(item) & seen->mask;

	*is_new = false;
	for (int at = seen->heads[slot]; at >= 0; at = seen->previous[at])
	{
		bool equal;

		JN_TICK(ev);
		JN_CHECK(jn_equal(ev, item, found->v.u.items[at], &equal));
		if (equal)
			return NULL;
	}
	seen->previous[found->v.count] = seen->heads[slot];
	seen->heads[slot] = found->v.count;
	*is_new = true;
	return NULL;
}

/* $distinct(array): the first of equal items stays; a sequence stays one. */
const JsonVal *
fn_distinct(Call *call)
{
	Evaluation *ev = call->ev;
	const JsonVal *array = call->args[0];
	JnArray *found;
	Seen seen;
	uint32 slots = 16;

	if (!jn_is(array, JV_ARRAY) || array->count <= 1)
		return array;
	while (slots < (uint32) array->count)
		slots *= 2;
	seen.mask = slots - 1;
	seen.heads = jn_alloc(ev, slots * sizeof(int32));
	seen.previous = jn_alloc(ev, array->count * sizeof(int32));
	memset(seen.heads, 0xff, slots * sizeof(int32));
	found = jn_array(ev, 0, array->flags & JN_SEQUENCE);
	for (int i = 0; i < array->count; i++)
	{
		bool add;

		JN_CHECK(is_new(ev, &seen, found, array->u.items[i], &add));
		if (add)
			JN_CHECK(jn_push(ev, found, array->u.items[i]));
	}
	return &found->v;
}

/* $zip(array1, ...): as long as the shortest. */
const JsonVal *
fn_zip(Call *call)
{
	Evaluation *ev = call->ev;
	JnArray *zipped = jn_array(ev, 0, 0);
	int length = call->count > 0 ? PG_INT32_MAX : 0;

	for (int i = 0; i < call->count; i++)
		length = Min(length, call->args[i] == NULL ? 0 : call->args[i]->count);
	for (int i = 0; i < length; i++)
	{
		JnArray *row = jn_array(ev, call->count, 0);

		JN_TICK(ev);
		for (int k = 0; k < call->count; k++)
			JN_CHECK(jn_push(ev, row, call->args[k]->u.items[i]));
		JN_CHECK(jn_push(ev, zipped, &row->v));
	}
	return &zipped->v;
}
