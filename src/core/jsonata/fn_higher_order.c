/*
 * fn_higher_order.c
 *	  Functions that call a function for the items of an array.
 */
#include "base/port.h"

#include "jsonata/library.h"

static const JsonVal *
call_for_item(Call *call, const JsonVal *function, const JsonVal *array, int i)
{
	const JsonVal *index = function_of(function)->arity >= 2 ? jn_number(call->ev, i) : NULL;

	return jn_call_with(call, function, array->u.items[i], index, array);
}

/* $map(array, function) */
const JsonVal *
fn_map(Call *call)
{
	const JsonVal *array = call->args[0];
	JnArray *result;

	if (array == NULL)
		return NULL;
	result = jn_sequence(call->ev, array->count);
	for (int i = 0; i < array->count; i++)
	{
		const JsonVal *value = call_for_item(call, call->args[1], array, i);

		JN_CHECK(value);
		if (value != NULL)
			JN_CHECK(jn_push(call->ev, result, value));
	}
	return &result->v;
}

/* $filter(array, function) */
const JsonVal *
fn_filter(Call *call)
{
	const JsonVal *array = call->args[0];
	JnArray *result;

	if (array == NULL)
		return NULL;
	result = jn_sequence(call->ev, 0);
	for (int i = 0; i < array->count; i++)
	{
		const JsonVal *truth = call_for_item(call, call->args[1], array, i);

		JN_CHECK(truth);
		if (jn_truth(truth))
			JN_CHECK(jn_push(call->ev, result, array->u.items[i]));
	}
	return &result->v;
}

/* $single(array, function): the one item for which the function is true. */
const JsonVal *
fn_single(Call *call)
{
	const JsonVal *array = call->args[0];
	const JsonVal *result = NULL;
	bool found = false;

	if (array == NULL)
		return NULL;
	for (int i = 0; i < array->count; i++)
	{
		bool matches = true;

		JN_TICK(call->ev);
		if (call->args[1] != NULL)
		{
			const JsonVal *truth = call_for_item(call, call->args[1], array, i);

			JN_CHECK(truth);
			matches = jn_truth(truth);
		}
		if (!matches)
			continue;
		if (found)
			return jn_fail(call->ev, "D3138");
		found = true;
		result = array->u.items[i];
	}
	return found ? result : jn_fail(call->ev, "D3139");
}

/* $reduce(array, function, init) */
const JsonVal *
fn_reduce(Call *call)
{
	const JsonVal *array = call->args[0];
	const JsonVal *function = call->args[1];
	const JsonVal *result = call->args[2];
	int arity;
	int i = 0;

	if (array == NULL)
		return NULL;
	arity = function_of(function)->arity;
	if (arity < 2)
		return jn_fail(call->ev, "D3050");
	if (result == NULL && array->count > 0)
		result = array->u.items[i++];
	for (; i < array->count; i++)
	{
		const JsonVal *args[4] = {result, array->u.items[i], NULL, array};

		if (arity >= 3)
			args[2] = jn_number(call->ev, i);
		result = jn_call(call->ev, function, args, Min(arity, 4), jv_null(), call->frame);
		JN_CHECK(result);
	}
	return result;
}
