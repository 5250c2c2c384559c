/*
 * value.c
 *	  Values of an evaluation: the arena, strings, arrays, objects, comparisons.
 *
 * The arena hands out memory from chunks that grow; nothing in it is given back
 * before the evaluation ends.  Its budget is checked where a size comes from
 * data, and by jn_check for the many small parts.
 */
#include "base/port.h"

#include "common/hashfn.h"

#include "base/utf8.h"
#include "jsonata/runtime.h"

#define FIRST_CHUNK 4096
#define LARGEST_CHUNK (1024 * 1024)
#define SMALL_OBJECT 8
#define LONG_ARRAY 10000 /* that takes a while to copy */

const JsonVal jn_failed = {.type = (JvType) 18};

/* ---- the arena ---- */

/* A new chunk; a large part gets one of its own. */
void *
jn_arena_more(Evaluation *ev, Size size)
{
	Size chunk_size = Max(ev->chunk_size, FIRST_CHUNK);
	Size total;
	ArenaChunk *chunk;

#ifdef JN_SEPARATE_PARTS
	chunk_size = 0;
#endif
	if (size + sizeof(ArenaChunk) > chunk_size / 2)
		total = size + sizeof(ArenaChunk);
	else
		total = chunk_size;
	chunk = palloc(total);
	chunk->next = ev->chunks;
	chunk->size = total;
	ev->chunks = chunk;
	ev->memory_left -= Min(ev->memory_left, total);
	if (total != chunk_size)
		return chunk + 1;

	ev->chunk_size = Min(chunk_size * 2, LARGEST_CHUNK);
	ev->arena_next = (char *) (chunk + 1) + size;
	ev->arena_end = (char *) chunk + total;
	return chunk + 1;
}

/* Counts memory that is taken outside the arena and not given back before the end; JN_FAIL or NULL. */
const JsonVal *
jn_charge(Evaluation *ev, Size size)
{
	if (size > ev->memory_left)
		return jn_fail_memory(ev);
	ev->memory_left -= size;
	return NULL;
}

/* ---- strings ---- */

/* A string of that length whose bytes the caller fills; NULL: too long, the failure is filled. */
JsonVal *
jn_text_room(Evaluation *ev, Size length, char **text)
{
	JsonVal *value;

	if (length > JN_LONGEST_TEXT || length > ev->memory_left)
	{
		jn_fail_long(ev, length);
		return NULL;
	}
	value = jn_alloc(ev, sizeof(JsonVal) + length + 1);
	memset(value, 0, sizeof(JsonVal));
	value->type = JV_STRING;
	value->flags = JN_MADE;
	value->count = (int32) length;
	*text = (char *) (value + 1);
	(*text)[length] = '\0';
	value->u.text = *text;
	return value;
}

/* A string; the text is copied. */
const JsonVal *
jn_text(Evaluation *ev, const char *text, Size length)
{
	char *room;
	JsonVal *value = jn_text_room(ev, length, &room);

	if (value == NULL)
		return JN_FAIL;
	memcpy(room, text, length);
	return value;
}

/* Order of two strings by UTF-16 units, as JavaScript has it. */
int
jn_compare_text(const JsonVal *a, const JsonVal *b)
{
	return utf8_compare_utf16(a->u.text, a->count, b->u.text, b->count);
}

/* ---- arrays ---- */

/* An empty array with room. */
JnArray *
jn_array(Evaluation *ev, int capacity, uint8 flags)
{
	JnArray *array;

	array = jn_alloc(ev, sizeof(JnArray) + capacity * sizeof(JsonVal *));
	memset(array, 0, sizeof(JnArray));
	array->v.type = JV_ARRAY;
	array->v.flags = JN_MADE | flags;
	array->capacity = capacity;
	array->v.u.items = (const JsonVal *const *) (array + 1);
	return array;
}

/* Makes room for that many; JN_FAIL when it is too much. */
const JsonVal *
jn_array_grow(Evaluation *ev, JnArray *array, int capacity)
{
	const JsonVal **items;

	if (capacity > ev->max_sequence)
	{
		jn_fail(ev, "D2015");
		ev->failure.value = jn_number(ev, capacity);
		return JN_FAIL;
	}
	capacity = Min(Max(capacity, Max(array->capacity * 2, 8)), Max(ev->max_sequence, 8));
	if (capacity * sizeof(JsonVal *) > Min(ev->memory_left, JN_LARGEST_ARRAY) && capacity > 512)
		return jn_fail_memory(ev);
	items = jn_alloc(ev, capacity * sizeof(JsonVal *));
	if (array->v.count > 0)
		memcpy(items, array->v.u.items, array->v.count * sizeof(JsonVal *));
	array->v.u.items = items;
	array->capacity = capacity;
	return NULL;
}

/* Appends the items of an array. */
const JsonVal *
jn_push_all(Evaluation *ev, JnArray *array, const JsonVal *items)
{
	if (items->count == 0)
		return NULL;
	if (items->count > LONG_ARRAY)
		JN_CHECK(jn_check(ev));
	if (array->capacity - array->v.count < items->count &&
		jn_array_grow(ev, array, array->v.count + items->count) == JN_FAIL)
		return JN_FAIL;
	memcpy((void *) (array->v.u.items + array->v.count), items->u.items, items->count * sizeof(JsonVal *));
	array->v.count += items->count;
	return NULL;
}

/* Both in one new plain array; one that is undefined adds nothing. */
const JsonVal *
jn_append(Evaluation *ev, const JsonVal *a, const JsonVal *b)
{
	JnArray *array;

	if (a == NULL)
		return b;
	if (b == NULL)
		return a;
	array = jn_array(ev, 0, 0);
	JN_CHECK(a->type == JV_ARRAY ? jn_push_all(ev, array, a) : jn_push(ev, array, a));
	JN_CHECK(b->type == JV_ARRAY ? jn_push_all(ev, array, b) : jn_push(ev, array, b));
	return &array->v;
}

/* ---- objects ---- */

JnObject *
jn_object(Evaluation *ev, int capacity)
{
	JnObject *object = jn_alloc(ev, sizeof(JnObject) + capacity * sizeof(JvMember));

	memset(object, 0, sizeof(JnObject));
	object->v.type = JV_OBJECT;
	object->v.flags = JN_MADE;
	object->capacity = capacity;
	object->v.u.members = (const JvMember *) (object + 1);
	return object;
}

static inline uint32
key_hash(const char *key, int key_length)
{
	return hash_bytes((const unsigned char *) key, key_length);
}

static inline bool
key_is(const JvMember *member, const char *key, int key_length)
{
	return member->key_length == key_length && memcmp(member->key, key, key_length) == 0;
}

/* The slot of a key: the one that holds it, or the free one where it belongs. */
static int32 *
find_slot(const JnObject *object, const char *key, int key_length)
{
	uint32 slot = key_hash(key, key_length) & object->mask;

	while (object->slots[slot] >= 0 && !key_is(&object->v.u.members[object->slots[slot]], key, key_length))
		slot = (slot + 1) & object->mask;
	return &object->slots[slot];
}

/* Makes the index anew for at least that many members. */
static void
index_object(Evaluation *ev, JnObject *object, int capacity)
{
	int slots = 32;

	while (slots < capacity * 2)
		slots *= 2;
	object->slots = jn_alloc(ev, slots * sizeof(int32));
	memset(object->slots, 0xff, slots * sizeof(int32));
	object->mask = slots - 1;
	object->v.flags |= JN_HASHED;
	for (int i = 0; i < object->v.count; i++)
		*find_slot(object, object->v.u.members[i].key, object->v.u.members[i].key_length) = i;
}

/* Position of a member, or -1. */
int
jn_object_find(const JnObject *object, const char *key, int key_length)
{
	if (object->v.flags & JN_HASHED)
		return *find_slot(object, key, key_length);
	for (int i = 0; i < object->v.count; i++)
	{
		if (key_is(&object->v.u.members[i], key, key_length))
			return i;
	}
	return -1;
}

/* Sets a member; the key is not copied. */
void
jn_object_put(Evaluation *ev, JnObject *object, const char *key, int key_length, const JsonVal *value)
{
	JvMember *members = unconstify(JvMember *, object->v.u.members);
	int at = jn_object_find(object, key, key_length);

	if (at >= 0)
	{
		members[at].value = value;
		return;
	}
	if (object->v.count == object->capacity)
	{
		object->capacity = Max(object->capacity * 2, 4);
		members = jn_alloc(ev, object->capacity * sizeof(JvMember));
		if (object->v.count > 0)
			memcpy(members, object->v.u.members, object->v.count * sizeof(JvMember));
		object->v.u.members = members;
	}
	at = object->v.count++;
	members[at].key = key;
	members[at].key_length = key_length;
	members[at].value = value;
	if (object->v.flags & JN_HASHED)
	{
		if (object->v.count * 2 > object->mask)
			index_object(ev, object, object->v.count * 2);
		else
			*find_slot(object, key, key_length) = at;
	}
	else if (object->v.count > SMALL_OBJECT)
		index_object(ev, object, object->v.count * 2);
}

/* Takes a member out, if it is there. */
void
jn_object_remove(Evaluation *ev, JnObject *object, const char *key, int key_length)
{
	JvMember *members = unconstify(JvMember *, object->v.u.members);
	int at = jn_object_find(object, key, key_length);

	if (at < 0)
		return;
	memmove(members + at, members + at + 1, (object->v.count - at - 1) * sizeof(JvMember));
	object->v.count--;
	if (object->v.flags & JN_HASHED)
		index_object(ev, object, object->v.count);
}

const JsonVal *
jn_get_hashed(const JsonVal *object, const char *key, int key_length)
{
	int at = jn_object_find((const JnObject *) object, key, key_length);

	return at < 0 ? NULL : object->u.members[at].value;
}

/* ---- comparisons ---- */

static const JsonVal *
equal_at(Evaluation *ev, const JsonVal *a, const JsonVal *b, int depth, bool *equal)
{
	*equal = (a == b);
	if (a == b && !(jn_is(a, JV_NUMBER) && isnan(a->number)))
		return NULL;
	if (a == NULL || b == NULL || a->type != b->type)
		return NULL;
	if (depth > SFN_MAX_DEPTH)
		return jn_fail_deep(ev);
	switch ((int) a->type)
	{
		case JV_NULL:
			*equal = true;
			return NULL;
		case JV_BOOL:
			*equal = a->boolean == b->boolean;
			return NULL;
		case JV_NUMBER:
			*equal = a->number == b->number;
			return NULL;
		case JV_STRING:
			*equal = a->count == b->count && memcmp(a->u.text, b->u.text, a->count) == 0;
			return NULL;
		case JV_ARRAY:
		case JV_OBJECT:
			break;
		default:
			return NULL;
	}
	if (a->count != b->count)
		return NULL;
	for (int i = 0; i < a->count; i++)
	{
		JN_TICK(ev);
		if (a->type == JV_ARRAY)
			JN_CHECK(equal_at(ev, a->u.items[i], b->u.items[i], depth + 1, equal));
		else
		{
			const JvMember *member = &a->u.members[i];
			const JsonVal *other = jn_get(b, member->key, member->key_length);

			*equal = false;
			if (other != NULL)
				JN_CHECK(equal_at(ev, member->value, other, depth + 1, equal));
		}
		if (!*equal)
			return NULL;
	}
	*equal = true;
	return NULL;
}

/* Deep equality; JN_FAIL when it goes too deep, else NULL. */
const JsonVal *
jn_equal(Evaluation *ev, const JsonVal *a, const JsonVal *b, bool *equal)
{
	return equal_at(ev, a, b, 0, equal);
}

/* Nested arrays can stand for more items than anyone can look at: those behind the first so many count as false. */
#define MOST_TRUTHS 10000000

/* Truth of an array: one of its items is true; bounded, since items may be arrays. */
static bool
truth_at(const JsonVal *value, int depth, int *seen)
{
	if (value == NULL || depth > SFN_MAX_DEPTH || ++(*seen) > MOST_TRUTHS)
		return false;
	switch ((int) value->type)
	{
		case JV_BOOL:
			return value->boolean;
		case JV_NUMBER:
			return value->number != 0 && !isnan(value->number);
		case JV_STRING:
		case JV_OBJECT:
			return value->count > 0;
		case JV_ARRAY:
			for (int i = 0; i < value->count; i++)
			{
				if (truth_at(value->u.items[i], depth + 1, seen))
					return true;
			}
			return false;
		default:
			return false;
	}
}

/* What a condition makes of a value; undefined is false. */
bool
jn_truth(const JsonVal *value)
{
	int seen = 0;

	return truth_at(value, 0, &seen);
}

/* A number that can be worked with; infinities set *out_of_range. */
bool
jn_is_number(const JsonVal *value, bool *out_of_range)
{
	if (!jn_is(value, JV_NUMBER) || isnan(value->number))
		return false;
	*out_of_range |= isinf(value->number) != 0;
	return true;
}

static bool
is_array_of(const JsonVal *value, JvType type)
{
	if (!jn_is(value, JV_ARRAY))
		return false;
	for (int i = 0; i < value->count; i++)
	{
		if (!jn_is(value->u.items[i], type))
			return false;
	}
	return true;
}

bool
jn_is_number_array(const JsonVal *value)
{
	return is_array_of(value, JV_NUMBER);
}

bool
jn_is_string_array(const JsonVal *value)
{
	return is_array_of(value, JV_STRING);
}
