/*
 * held.c
 *	  What a value holds, as AWS counts it against its limit of memory.
 *
 * Each value that a step of an evaluation makes may hold so much: eight bytes for
 * a number, a boolean, a null or a reference to a part of the input, one for a
 * character.  That is another account than the real memory of an evaluation, which
 * the arena keeps (value.c): the same expression fails at the same place everywhere.
 *
 * A container that was made remembers what it holds (in its number) and for how
 * many items that was so (in its depth).
 */
#include "base/port.h"

#include "jsonata/runtime.h"
#include "jsonata/text.h"

#define ITEM_BYTES 8
#define FIRST_LIST_CAPACITY 10

static double held_bytes(const JsonVal *value, int depth);

static double
held_in_container(JsonVal *container, int depth)
{
	double bytes = 0;

	if (container->depth == container->count + 1)
		return container->number;
	if (depth > SFN_MAX_DEPTH || (container->flags & JN_BUSY))
		return 0; /* one that contains itself is noticed when it leaves */
	container->flags |= JN_BUSY;
	for (int i = 0; i < container->count; i++)
	{
		if (container->type == JV_ARRAY)
			bytes += held_bytes(container->u.items[i], depth + 1);
		else
			bytes += container->u.members[i].key_length + held_bytes(container->u.members[i].value, depth + 1);
	}
	container->flags &= ~JN_BUSY;
	container->number = bytes;
	container->depth = container->count + 1;
	return bytes;
}

static double
held_bytes(const JsonVal *value, int depth)
{
	if (value == NULL || !(value->flags & JN_MADE))
		return ITEM_BYTES;
	if (value->type == JV_STRING)
		return value->count;
	if (value->type == JV_ARRAY || value->type == JV_OBJECT)
		return held_in_container(unconstify(JsonVal *, value), depth);
	return ITEM_BYTES;
}

/* JN_FAIL when the value holds more than is allowed, else NULL. */
const JsonVal *
jn_check_held(Evaluation *ev, const JsonVal *value)
{
	double bytes = held_bytes(value, 0);

	if (bytes <= ev->max_held)
		return NULL;
	if (value->type == JV_STRING && jn_text_length(value->u.text, value->count) <= ev->max_held)
		return NULL;
	return jn_fail_held(ev);
}

/* The same for an array of so many new numbers, before it is made. */
const JsonVal *
jn_check_held_items(Evaluation *ev, double count)
{
	if (ev->max_held > 0 && count * ITEM_BYTES > ev->max_held)
		return jn_fail_held(ev);
	return NULL;
}

/*
 * The same for a list that grows by half whenever it is full, as Java's do: the
 * old and the new one are there at once while it does.
 */
const JsonVal *
jn_check_held_list(Evaluation *ev, double count)
{
	double capacity = FIRST_LIST_CAPACITY;

	while (ev->max_held > 0 && capacity < count)
	{
		double next = capacity + floor(capacity / 2);

		if ((capacity + next) * ITEM_BYTES > ev->max_held)
			return jn_fail_held(ev);
		capacity = next;
	}
	return NULL;
}
