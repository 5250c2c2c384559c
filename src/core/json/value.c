/*
 * value.c
 *	  JSON values: making, reading and copying them.
 *
 * An object with more than SMALL_OBJECT members carries an index: a hash table
 * of member positions, made together with the object since values never change.
 * Smaller ones are searched in order, which is quicker.  The hash has a random
 * seed for each process, so that nobody can prepare names that collide.
 */
#include "base/port.h"

#include "common/hashfn.h"

#include "json/value_private.h"

#define SMALL_OBJECT 8

struct JvIndex
{
	uint32 mask;                        /* slots - 1; slots are a power of two, at most half full */
	int32 slots[FLEXIBLE_ARRAY_MEMBER]; /* position of a member, -1: free */
};

const JsonVal jv_null_value = {.type = JV_NULL};
const JsonVal jv_true_value = {.type = JV_BOOL, .boolean = true};
const JsonVal jv_false_value = {.type = JV_BOOL, .boolean = false};
const JsonVal jv_empty_object_value = {.type = JV_OBJECT};
const JsonVal jv_empty_array_value = {.type = JV_ARRAY};

static int32 index_find(const JvIndex *index, const JvMember *members, const char *key, int key_length,
						uint32 *free_slot);
static const JsonVal *clone_value(JvPool *pool, const JsonVal *value);

/* ---- the pool ---- */

/* Begins an empty pool that expects to hand out about that many bytes. */
void
jv_pool_begin(JvPool *pool, Size expected)
{
	pool->next = NULL;
	pool->left = 0;
	pool->chunk_size = 256;
	while (pool->chunk_size < expected && pool->chunk_size < 8192)
		pool->chunk_size *= 2;
}

/* Takes a new chunk and the first part from it; a large part gets a chunk of its own. */
void *
jv_pool_more(JvPool *pool, Size size)
{
	if (size > pool->chunk_size / 2)
		return palloc(size);
	pool->next = palloc(pool->chunk_size);
	pool->left = pool->chunk_size;
	if (pool->chunk_size < 64 * 1024)
		pool->chunk_size *= 2;
	return jv_pool_alloc(pool, size);
}

char *
jv_pool_text(JvPool *pool, const char *text, int length)
{
	char *copy = jv_pool_alloc(pool, length + 1);

	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

/* ---- scalars ---- */

const JsonVal *
jv_make_string(JvPool *pool, const char *text, int length)
{
	/* the value and its text in one piece */
	JsonVal *value = jv_pool_alloc(pool, sizeof(JsonVal) + length + 1);
	char *copy = (char *) (value + 1);

	memset(value, 0, sizeof(JsonVal));
	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	value->type = JV_STRING;
	value->count = length;
	value->u.text = copy;
	return value;
}

const JsonVal *
jv_string_n(const char *text, int length)
{
	return jv_make_string(NULL, text, length);
}

const JsonVal *
jv_string(const char *text)
{
	return jv_make_string(NULL, text, strlen(text));
}

/* ---- arrays ---- */

/*
 * An array of these items; the pointers are copied.  With a pool, that is in
 * parsed and copied values, even an empty one is a value of its own: filters ask
 * whether two paths lead to the same node.
 */
const JsonVal *
jv_make_array(JvPool *pool, const JsonVal *const *items, int count)
{
	JsonVal *value;
	const JsonVal **copy;
	int32 depth = 0;

	if (count == 0 && pool == NULL)
		return jv_empty_array();

	value = jv_pool_alloc(pool, sizeof(JsonVal) + count * sizeof(JsonVal *));
	copy = (const JsonVal **) (value + 1);
	for (int i = 0; i < count; i++)
	{
		copy[i] = items[i];
		depth = Max(depth, items[i]->depth);
	}
	memset(value, 0, sizeof(JsonVal));
	value->type = JV_ARRAY;
	value->count = count;
	value->depth = count == 0 ? 0 : depth + 1;
	value->u.items = copy;
	return value;
}

const JsonVal *
jv_array(const JsonVal *const *items, int count)
{
	return jv_make_array(NULL, items, count);
}

void
jv_array_begin(JvArrayBuilder *builder)
{
	memset(builder, 0, sizeof(JvArrayBuilder));
}

void
jv_array_add(JvArrayBuilder *builder, const JsonVal *item)
{
	if (builder->items == NULL)
	{
		builder->capacity = 8;
		builder->items = palloc(builder->capacity * sizeof(JsonVal *));
	}
	else if (builder->count == builder->capacity)
	{
		builder->capacity *= 2;
		builder->items = repalloc(builder->items, builder->capacity * sizeof(JsonVal *));
	}
	builder->items[builder->count++] = item;
}

const JsonVal *
jv_array_end(JvArrayBuilder *builder)
{
	const JsonVal *array = jv_make_array(NULL, builder->items, builder->count);

	if (builder->items != NULL)
		pfree(builder->items);
	memset(builder, 0, sizeof(JvArrayBuilder));
	return array;
}

/* ---- objects ---- */

static uint32
key_hash(const char *key, int key_length)
{
	static uint64 seed = 0;

	if (seed == 0 && !pg_strong_random(&seed, sizeof(seed)))
		seed = UINT64CONST(0x5bd1e995a7c3d42f);
	return (uint32) hash_bytes_extended((const unsigned char *) key, key_length, seed);
}

static inline bool
key_is(const JvMember *member, const char *key, int key_length)
{
	return member->key_length == key_length && memcmp(member->key, key, key_length) == 0;
}

/*
 * Drops all but one of the members that share a name: the last value moves to
 * the place of the first.  Returns the number left.  For few members.
 */
static int
drop_duplicates_small(JvMember *members, int count)
{
	int kept = 0;

	for (int i = 0; i < count; i++)
	{
		int j;

		for (j = 0; j < kept; j++)
		{
			if (key_is(&members[j], members[i].key, members[i].key_length))
				break;
		}
		if (j < kept)
			members[j].value = members[i].value;
		else
			members[kept++] = members[i];
	}
	return kept;
}

/* The same for many members, which also makes their index. */
static int
drop_duplicates_indexed(JvPool *pool, JvMember *members, int count, const JvIndex **index)
{
	uint32 slots = 32;
	JvIndex *made;
	int kept = 0;

	while (slots < (uint32) count * 2)
		slots *= 2;
	made = jv_pool_alloc(pool, offsetof(JvIndex, slots) + slots * sizeof(int32));
	made->mask = slots - 1;
	memset(made->slots, 0xff, slots * sizeof(int32));

	for (int i = 0; i < count; i++)
	{
		uint32 slot;
		int32 found = index_find(made, members, members[i].key, members[i].key_length, &slot);

		if (found >= 0)
			members[found].value = members[i].value;
		else
		{
			members[kept] = members[i];
			made->slots[slot] = kept++;
		}
	}
	*index = made;
	return kept;
}

/* Position of the member with that name, or -1 and the slot where it belongs. */
static int32
index_find(const JvIndex *index, const JvMember *members, const char *key, int key_length, uint32 *free_slot)
{
	uint32 slot = key_hash(key, key_length) & index->mask;

	while (index->slots[slot] >= 0)
	{
		if (key_is(&members[index->slots[slot]], key, key_length))
			return index->slots[slot];
		slot = (slot + 1) & index->mask;
	}
	if (free_slot != NULL)
		*free_slot = slot;
	return -1;
}

/*
 * An object of these members, names given twice resolved.  The members are
 * copied, their keys are not; the array given is reordered.
 */
const JsonVal *
jv_make_object(JvPool *pool, JvMember *members, int count)
{
	JsonVal *value;
	JvMember *copy;
	const JvIndex *index = NULL;
	int32 depth = 0;

	if (count == 0 && pool == NULL)
		return jv_empty_object();
	if (count <= SMALL_OBJECT)
		count = drop_duplicates_small(members, count);
	else
		count = drop_duplicates_indexed(pool, members, count, &index);

	value = jv_pool_alloc(pool, sizeof(JsonVal) + count * sizeof(JvMember));
	copy = (JvMember *) (value + 1);
	for (int i = 0; i < count; i++)
	{
		copy[i] = members[i];
		depth = Max(depth, members[i].value->depth);
	}
	memset(value, 0, sizeof(JsonVal));
	value->type = JV_OBJECT;
	value->count = count;
	value->depth = count == 0 ? 0 : depth + 1;
	value->u.members = copy;
	value->index = index;
	return value;
}

void
jv_object_begin(JvObjectBuilder *builder)
{
	memset(builder, 0, sizeof(JvObjectBuilder));
}

void
jv_object_add(JvObjectBuilder *builder, const char *key, const JsonVal *value)
{
	jv_object_add_n(builder, key, strlen(key), value);
}

/* Adds a member; the key is copied. */
void
jv_object_add_n(JvObjectBuilder *builder, const char *key, int key_length, const JsonVal *value)
{
	JvMember *member;

	if (builder->members == NULL)
	{
		builder->capacity = 8;
		builder->members = palloc(builder->capacity * sizeof(JvMember));
	}
	else if (builder->count == builder->capacity)
	{
		builder->capacity *= 2;
		builder->members = repalloc(builder->members, builder->capacity * sizeof(JvMember));
	}
	member = &builder->members[builder->count++];
	member->key = jv_pool_text(NULL, key, key_length);
	member->key_length = key_length;
	member->value = value;
}

const JsonVal *
jv_object_end(JvObjectBuilder *builder)
{
	const JsonVal *object = jv_make_object(NULL, builder->members, builder->count);

	if (builder->members != NULL)
		pfree(builder->members);
	memset(builder, 0, sizeof(JvObjectBuilder));
	return object;
}

/* ---- reading ---- */

const JsonVal *
jv_get(const JsonVal *object, const char *key)
{
	return jv_get_n(object, key, strlen(key));
}

const JsonVal *
jv_get_n(const JsonVal *object, const char *key, int key_length)
{
	if (!jv_is(object, JV_OBJECT))
		return NULL;
	if (object->index != NULL)
	{
		int32 found = index_find(object->index, object->u.members, key, key_length, NULL);

		return found < 0 ? NULL : object->u.members[found].value;
	}
	for (int i = 0; i < object->count; i++)
	{
		if (key_is(&object->u.members[i], key, key_length))
			return object->u.members[i].value;
	}
	return NULL;
}

const char *
jv_get_string(const JsonVal *object, const char *key)
{
	const JsonVal *value = jv_get(object, key);

	return jv_is(value, JV_STRING) ? value->u.text : NULL;
}

const char *
jv_type_name(const JsonVal *value)
{
	static const char *const names[] = {
		[JV_NULL] = "null",     [JV_BOOL] = "boolean", [JV_NUMBER] = "number",
		[JV_STRING] = "string", [JV_ARRAY] = "array",  [JV_OBJECT] = "object",
	};

	return names[value->type];
}

/* ---- copying ---- */

/* A deep copy in the current context, for a value that must outlive its own. */
const JsonVal *
jv_clone(const JsonVal *value)
{
	JvPool pool;

	jv_pool_begin(&pool, 256);
	return clone_value(&pool, value);
}

static const JsonVal *
clone_array(JvPool *pool, const JsonVal *array)
{
	const JsonVal **items = palloc(Max(array->count, 1) * sizeof(JsonVal *));
	const JsonVal *copy;

	for (int i = 0; i < array->count; i++)
		items[i] = clone_value(pool, array->u.items[i]);
	copy = jv_make_array(pool, items, array->count);
	pfree(items);
	return copy;
}

static const JsonVal *
clone_object(JvPool *pool, const JsonVal *object)
{
	JvMember *members = palloc(Max(object->count, 1) * sizeof(JvMember));
	const JsonVal *copy;

	for (int i = 0; i < object->count; i++)
	{
		const JvMember *member = &object->u.members[i];

		members[i].key = jv_pool_text(pool, member->key, member->key_length);
		members[i].key_length = member->key_length;
		members[i].value = clone_value(pool, member->value);
	}
	copy = jv_make_object(pool, members, object->count);
	pfree(members);
	return copy;
}

/* Recursion is bounded by the depth of the value. */
static const JsonVal *
clone_value(JvPool *pool, const JsonVal *value)
{
	switch (value->type)
	{
		case JV_NULL:
			return jv_null();
		case JV_BOOL:
			return jv_bool(value->boolean);
		case JV_NUMBER:
			return jv_make_number(pool, value->u.text, value->count);
		case JV_STRING:
			return jv_make_string(pool, value->u.text, value->count);
		case JV_ARRAY:
			return clone_array(pool, value);
		case JV_OBJECT:
			return clone_object(pool, value);
	}
	return jv_null(); /* keep compiler quiet */
}
