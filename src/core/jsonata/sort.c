/*
 * sort.c
 *	  A stable merge sort whose comparisons may fail.
 *
 * Halves are sorted first, the left one being the shorter; items that compare
 * equal keep their order.  Depth is the logarithm of the count.
 */
#include "base/port.h"

#include "jsonata/sort.h"

static const JsonVal *
sort_part(Evaluation *ev, const JsonVal **items, const JsonVal **room, int count, SortCompare compare, void *owner)
{
	int middle = count / 2;
	int left = 0;
	int right = middle;

	if (count < 2)
		return NULL;
	JN_CHECK(sort_part(ev, items, room, middle, compare, owner));
	JN_CHECK(sort_part(ev, items + middle, room, count - middle, compare, owner));
	for (int i = 0; i < count; i++)
	{
		bool takes_right = left == middle;

		JN_TICK(ev);
		if (left < middle && right < count)
			JN_CHECK(compare(ev, owner, items[left], items[right], &takes_right));
		room[i] = items[takes_right ? right++ : left++];
	}
	memcpy(items, room, count * sizeof(JsonVal *));
	return NULL;
}

/* Sorts in place; JN_FAIL or NULL. */
const JsonVal *
jn_merge_sort(Evaluation *ev, const JsonVal **items, int count, SortCompare compare, void *owner)
{
	const JsonVal **room = jn_alloc(ev, count * sizeof(JsonVal *));

	return sort_part(ev, items, room, count, compare, owner);
}
