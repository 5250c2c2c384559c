/*
 * fn_object.c
 *	  Functions on objects: names, values, splitting and merging.
 */
#include "base/port.h"

#include "jsonata/library.h"

/* Every name once, in the order they are met; of an array those of all its objects. */
static const JsonVal *
keys_into(Evaluation *ev, JnObject *seen, const JsonVal *value, int depth)
{
	if (depth > SFN_MAX_DEPTH)
		return jn_fail_deep(ev);
	if (jn_is(value, JV_ARRAY))
	{
		for (int i = 0; i < value->count; i++)
		{
			JN_TICK(ev);
			JN_CHECK(keys_into(ev, seen, value->u.items[i], depth + 1));
		}
	}
	else if (jn_is(value, JV_OBJECT))
	{
		for (int i = 0; i < value->count; i++)
			jn_object_put(ev, seen, value->u.members[i].key, value->u.members[i].key_length, jv_null());
	}
	return NULL;
}

/* $keys(object) */
const JsonVal *
fn_keys(Call *call)
{
	Evaluation *ev = call->ev;
	JnObject *seen = jn_object(ev, 0);
	JnArray *keys;

	JN_CHECK(keys_into(ev, seen, call->args[0], 0));
	keys = jn_sequence(ev, seen->v.count);
	for (int i = 0; i < seen->v.count; i++)
	{
		const JsonVal *key = jn_text(ev, seen->v.u.members[i].key, seen->v.u.members[i].key_length);

		JN_CHECK(key);
		JN_CHECK(jn_push(ev, keys, key));
	}
	return &keys->v;
}

/* $lookup(object, key) */
const JsonVal *
fn_lookup(Call *call)
{
	if (call->args[1] == NULL)
		return NULL;
	return eval_name(call->ev, call->args[0], call->args[1]->u.text, call->args[1]->count);
}

static const JsonVal *
spread_into(Evaluation *ev, JnArray *out, const JsonVal *value, int depth)
{
	if (depth > SFN_MAX_DEPTH)
		return jn_fail_deep(ev);
	JN_TICK(ev);
	if (jn_is(value, JV_ARRAY))
	{
		for (int i = 0; i < value->count; i++)
			JN_CHECK(spread_into(ev, out, value->u.items[i], depth + 1));
		return NULL;
	}
	if (!jn_is(value, JV_OBJECT))
		return jn_push(ev, out, value);
	for (int i = 0; i < value->count; i++)
	{
		JnObject *single = jn_object(ev, 1);

		jn_object_put(ev, single, value->u.members[i].key, value->u.members[i].key_length, value->u.members[i].value);
		JN_CHECK(jn_push(ev, out, &single->v));
	}
	return NULL;
}

/* $spread(object): an object for each member; what is no object stays.  Of an array the result is no sequence. */
const JsonVal *
fn_spread(Call *call)
{
	const JsonVal *value = call->args[0];
	JnArray *out;

	if (value == NULL || (value->type != JV_ARRAY && value->type != JV_OBJECT))
		return value;
	out = jn_array(call->ev, 0, value->type == JV_ARRAY && value->count > 0 ? 0 : JN_SEQUENCE);
	JN_CHECK(spread_into(call->ev, out, value, 0));
	return &out->v;
}

/* $merge(array): later members win. */
const JsonVal *
fn_merge(Call *call)
{
	const JsonVal *objects = call->args[0];
	JnObject *merged;

	if (objects == NULL)
		return NULL;
	merged = jn_object(call->ev, 0);
	for (int i = 0; i < objects->count; i++)
	{
		const JsonVal *object = objects->u.items[i];

		JN_TICK(call->ev);
		for (int k = 0; k < object->count; k++)
			jn_object_put(call->ev, merged, object->u.members[k].key, object->u.members[k].key_length,
						  object->u.members[k].value);
	}
	return &merged->v;
}

static const JsonVal *
member_key(Evaluation *ev, const JsonVal *object, int i)
{
	return jn_text(ev, object->u.members[i].key, object->u.members[i].key_length);
}

/* $sift(object, function): the members for which the function is true. */
const JsonVal *
fn_sift(Call *call)
{
	const JsonVal *object = call->args[0];
	JnObject *result;

	if (object == NULL || call->args[1] == NULL)
		return NULL;
	result = jn_object(call->ev, 0);
	for (int i = 0; i < object->count; i++)
	{
		const JvMember *member = &object->u.members[i];
		const JsonVal *key = member_key(call->ev, object, i);
		const JsonVal *truth;

		JN_CHECK(key);
		truth = jn_call_with(call, call->args[1], member->value, key, object);
		JN_CHECK(truth);
		if (jn_truth(truth))
			jn_object_put(call->ev, result, member->key, member->key_length, member->value);
	}
	return result->v.count == 0 ? NULL : &result->v;
}

/* $each(object, function): what the function makes of the members. */
const JsonVal *
fn_each(Call *call)
{
	const JsonVal *object = call->args[0];
	JnArray *result = jn_sequence(call->ev, 0);

	if (object == NULL || call->args[1] == NULL)
		return NULL;
	for (int i = 0; i < object->count; i++)
	{
		const JsonVal *key = member_key(call->ev, object, i);
		const JsonVal *value;

		JN_CHECK(key);
		value = jn_call_with(call, call->args[1], object->u.members[i].value, key, object);
		JN_CHECK(value);
		if (value != NULL)
			JN_CHECK(jn_push(call->ev, result, value));
	}
	return &result->v;
}

/* $clone(value) */
const JsonVal *
fn_clone(Call *call)
{
	return jn_clone(call->ev, call->args[0]);
}
