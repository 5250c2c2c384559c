/*
 * group.c
 *	  Object constructors, group-by, and transforms: what makes and changes objects.
 *
 * "{key: value, ...}" groups the items of its input by key; each group's value
 * is worked out once, with the group's items as context.  A constructor at the
 * head of an expression is the same with the context as the only item.
 */
#include "base/port.h"

#include "jsonata/runtime.h"

/* What a group collects: the first item alone, more in an array. */
typedef struct Collected
{
	const JsonVal *value;
	JnArray *own; /* the array, once there is one */
} Collected;

typedef struct GroupEntry
{
	JsonVal v; /* stands as a value in the index of keys */
	const GroupPair *pair;
	Collected data;
	struct GroupEntry *next;
	const char *key;
	int key_length;
} GroupEntry;

/* Adds as the function append does: arrays are joined. */
static const JsonVal *
collect(Evaluation *ev, Collected *collected, const JsonVal *item)
{
	if (item == NULL)
		return NULL;
	if (collected->value == NULL)
	{
		collected->value = item;
		return NULL;
	}
	if (collected->own == NULL)
	{
		collected->own = jn_array(ev, 0, 0);
		if (collected->value->type == JV_ARRAY)
			JN_CHECK(jn_push_all(ev, collected->own, collected->value));
		else
			JN_CHECK(jn_push(ev, collected->own, collected->value));
		collected->value = &collected->own->v;
	}
	if (item->type == JV_ARRAY)
		return jn_push_all(ev, collected->own, item);
	return jn_push(ev, collected->own, item);
}

/* ---- rows of a join ---- */

typedef struct MergedName
{
	int name;
	int seen_in; /* the last tuple that had it */
	Collected data;
} MergedName;

typedef struct Merge
{
	MergedName *names;
	int count;
	int capacity;
} Merge;

static MergedName *
merged_name(Evaluation *ev, Merge *merge, int name)
{
	for (int i = 0; i < merge->count; i++)
	{
		if (merge->names[i].name == name)
			return &merge->names[i];
	}
	if (merge->count == merge->capacity)
	{
		MergedName *names = jn_alloc(ev, (merge->capacity * 2 + 4) * sizeof(MergedName));

		if (merge->count > 0)
			memcpy(names, merge->names, merge->count * sizeof(MergedName));
		merge->names = names;
		merge->capacity = merge->capacity * 2 + 4;
	}
	memset(&merge->names[merge->count], 0, sizeof(MergedName));
	merge->names[merge->count].name = name;
	merge->names[merge->count].seen_in = -1;
	return &merge->names[merge->count++];
}

/* The tuples of a group as one: each name stands for all its values. */
static const JsonVal *
merge_tuples(Evaluation *ev, const JsonVal *tuples, const JsonVal **at, Frame *frame)
{
	Merge merge = {NULL, 0, 0};
	Collected context = {NULL, NULL};

	for (int i = 0; i < tuples->count; i++)
	{
		const Tuple *tuple = tuple_of(tuples->u.items[i]);

		JN_TICK(ev);
		JN_CHECK(collect(ev, &context, tuple->at));
		for (const Binding *binding = tuple->bindings; binding != NULL; binding = binding->next)
		{
			MergedName *name = merged_name(ev, &merge, binding->name);

			/* a name nearer to the head of the list hides one further back */
			if (name->seen_in == i)
				continue;
			name->seen_in = i;
			JN_CHECK(collect(ev, &name->data, binding->value));
		}
	}
	for (int i = 0; i < merge.count; i++)
		jn_bind(ev, frame, merge.names[i].name, merge.names[i].data.value);
	*at = context.value;
	return NULL;
}

/* ---- grouping ---- */

typedef struct Grouping
{
	JnObject *keys; /* key -> GroupEntry */
	GroupEntry *first;
	GroupEntry *last;
} Grouping;

static const JsonVal *
group_item(Evaluation *ev, const Group *group, const GroupPair *pair, const JsonVal *item, Frame *frame,
		   Grouping *grouping)
{
	bool is_tuple = jn_is(item, JN_TUPLE);
	Frame *key_frame = is_tuple ? jn_frame_of_tuple(ev, frame, tuple_of(item)) : frame;
	const JsonVal *key = jn_eval(ev, pair->key, is_tuple ? tuple_of(item)->at : item, key_frame);
	GroupEntry *entry;
	int at;

	JN_CHECK(key);
	if (key == NULL)
		return NULL;
	if (key->type != JV_STRING)
	{
		jn_fail_value(ev, "T1003", key);
		ev->failure.position = group->position;
		ev->failure.offset = group->offset;
		return JN_FAIL;
	}

	at = jn_object_find(grouping->keys, key->u.text, key->count);
	if (at < 0)
	{
		entry = jn_alloc(ev, sizeof(GroupEntry));
		memset(entry, 0, sizeof(GroupEntry));
		entry->pair = pair;
		entry->key = key->u.text;
		entry->key_length = key->count;
		jn_object_put(ev, grouping->keys, entry->key, entry->key_length, &entry->v);
		if (grouping->last != NULL)
			grouping->last->next = entry;
		else
			grouping->first = entry;
		grouping->last = entry;
	}
	else
		entry = (GroupEntry *) grouping->keys->v.u.members[at].value;
	if (entry->pair != pair)
	{
		jn_fail_value(ev, "D1009", key);
		ev->failure.position = group->position;
		ev->failure.offset = group->offset;
		return JN_FAIL;
	}
	return collect(ev, &entry->data, item);
}

static const JsonVal *
group_value(Evaluation *ev, const GroupEntry *entry, bool is_tuples, Frame *frame)
{
	const JsonVal *context = entry->data.value;

	if (is_tuples && context != NULL)
	{
		JnArray *single = jn_array(ev, 1, JN_TUPLES);
		Frame *merged = jn_frame(ev, frame);

		if (context->type != JV_ARRAY)
		{
			(void) jn_push(ev, single, context);
			context = &single->v;
		}
		JN_CHECK(merge_tuples(ev, context, &context, merged));
		frame = merged;
	}
	return jn_eval(ev, entry->pair->value, context, frame);
}

/* One item and constant keys that differ: no index of groups is needed. */
static const JsonVal *
construct_object(Evaluation *ev, const Group *group, const JsonVal *item, Frame *frame)
{
	JnObject *object = jn_object(ev, group->count);

	for (int i = 0; i < group->count; i++)
	{
		const JsonVal *key = group->pairs[i].key->value;
		const JsonVal *value = jn_eval(ev, group->pairs[i].value, item, frame);

		JN_CHECK(value);
		if (value != NULL)
			jn_object_put(ev, object, key->u.text, key->count, value);
	}
	return &object->v;
}

static bool
has_constant_keys(const Group *group)
{
	for (int i = 0; i < group->count; i++)
	{
		const Node *key = group->pairs[i].key;

		if (key->type != NODE_STRING || key->has_extras)
			return false;
		for (int k = 0; k < i; k++)
		{
			const JsonVal *other = group->pairs[k].key->value;

			if (other->count == key->value->count && memcmp(other->u.text, key->value->u.text, other->count) == 0)
				return false;
		}
	}
	return true;
}

static const JsonVal *
group_items(Evaluation *ev, const Group *group, const JsonVal *const *items, int count, bool is_tuples, Frame *frame)
{
	Grouping grouping = {jn_object(ev, group->count), NULL, NULL};
	JnObject *result;

	for (int i = 0; i < count; i++)
	{
		for (int k = 0; k < group->count; k++)
		{
			JN_TICK(ev);
			JN_CHECK(group_item(ev, group, &group->pairs[k], items[i], frame, &grouping));
		}
	}
	result = jn_object(ev, grouping.keys->v.count);
	for (const GroupEntry *entry = grouping.first; entry != NULL; entry = entry->next)
	{
		const JsonVal *value = group_value(ev, entry, is_tuples, frame);

		JN_CHECK(value);
		if (value != NULL)
			jn_object_put(ev, result, entry->key, entry->key_length, value);
	}
	return &result->v;
}

/* The object that the pairs make of the input. */
const JsonVal *
eval_group(Evaluation *ev, const Group *group, const JsonVal *input, Frame *frame)
{
	bool is_tuples = jn_is_tuples(input);
	const JsonVal *const *items = &input;
	int count = 1;
	const JsonVal *nothing = NULL;

	if (jn_is(input, JV_ARRAY))
	{
		items = input->u.items;
		count = input->count;
		if (count == 0 && !is_tuples)
		{
			items = &nothing;
			count = 1;
		}
	}
	if (count == 1 && !is_tuples && group->count <= 32 && has_constant_keys(group))
		return construct_object(ev, group, items[0], frame);
	return group_items(ev, group, items, count, is_tuples, frame);
}

/* ---- transforms ---- */

static const JsonVal *
update_match(Evaluation *ev, const Node *node, JsonVal *match, Frame *frame)
{
	const JsonVal *update = jn_eval(ev, node->right, match, frame);

	JN_CHECK(update);
	if (update == NULL)
		return NULL;
	if (update->type != JV_OBJECT)
		return jn_fail_at(ev, "T2011", node->right, update, NULL);
	if (match->type != JV_OBJECT || !(match->flags & JN_MADE))
		return NULL;
	for (int i = 0; i < update->count; i++)
	{
		const JvMember *member = &update->u.members[i];

		jn_object_put(ev, (JnObject *) match, member->key, member->key_length, member->value);
	}
	return NULL;
}

static const JsonVal *
delete_from_match(Evaluation *ev, const Node *node, JsonVal *match, Frame *frame)
{
	const JsonVal *names = jn_eval(ev, node->third, match, frame);
	int count;

	JN_CHECK(names);
	if (names == NULL)
		return NULL;
	if (names->type != JV_STRING && !jn_is_string_array(names))
		return jn_fail_at(ev, "T2012", node->third, names, NULL);
	if (match->type != JV_OBJECT || !(match->flags & JN_MADE))
		return NULL;
	count = names->type == JV_ARRAY ? names->count : 1;
	for (int i = 0; i < count; i++)
	{
		const JsonVal *name = names->type == JV_ARRAY ? names->u.items[i] : names;

		jn_object_remove(ev, (JnObject *) match, name->u.text, name->count);
	}
	return NULL;
}

/* What the function "clone" of this place makes of a value. */
static const JsonVal *
clone_for_transform(Evaluation *ev, const Node *node, Frame *frame, const JsonVal *target)
{
	int name = jn_names_find(ev->names, "clone", 5);
	const JsonVal *function;

	if (name < 0)
		return jn_clone(ev, target);
	function = jn_lookup(ev, frame, name);
	if (!jn_is(function, JN_FUNCTION))
	{
		jn_fail_at(ev, "T2013", node, NULL, NULL);
		ev->failure.token = NULL;
		return JN_FAIL;
	}
	if (function == ev->names->entries[name].builtin)
		return jn_clone(ev, target);
	return jn_call(ev, function, &target, 1, NULL, frame);
}

/* A changed copy of the target: each match of the pattern gets the update's members and loses the deleted ones. */
const JsonVal *
eval_transform(Evaluation *ev, const Node *node, Frame *frame, const JsonVal *target)
{
	const JsonVal *copy;
	const JsonVal *matches;
	int count;

	if (target == NULL)
		return NULL;
	copy = clone_for_transform(ev, node, frame, target);
	JN_CHECK(copy);
	matches = jn_eval(ev, node->left, copy, frame);
	JN_CHECK(matches);
	if (matches == NULL)
		return copy;
	count = matches->type == JV_ARRAY ? matches->count : 1;
	for (int i = 0; i < count; i++)
	{
		const JsonVal *match = matches->type == JV_ARRAY ? matches->u.items[i] : matches;

		JN_TICK(ev);
		if (match == NULL)
			continue;
		JN_CHECK(update_match(ev, node, unconstify(JsonVal *, match), frame));
		if (node->third != NULL)
			JN_CHECK(delete_from_match(ev, node, unconstify(JsonVal *, match), frame));
	}
	return copy;
}
