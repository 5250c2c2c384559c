/*
 * fn_boolean.c
 *	  Truth, existence, types, deliberate errors, and $eval.
 */
#include "base/port.h"

#include "jsonata/library.h"

/* $boolean(arg) */
const JsonVal *
fn_boolean(Call *call)
{
	const JsonVal *arg = call->args[0];

	if (arg == NULL)
		return NULL;
	if (arg->type == JV_NUMBER && isinf(arg->number))
		return jn_fail_value(call->ev, "D1001", arg);
	return jv_bool(jn_truth(arg));
}

/* $not(arg) */
const JsonVal *
fn_not(Call *call)
{
	const JsonVal *truth = fn_boolean(call);

	JN_CHECK(truth);
	return truth == NULL ? NULL : jv_bool(!truth->boolean);
}

/* $exists(arg) */
const JsonVal *
fn_exists(Call *call)
{
	return jv_bool(call->args[0] != NULL);
}

/* $type(value) */
const JsonVal *
fn_type(Call *call)
{
	const JsonVal *value = call->args[0];
	const char *name;

	if (value == NULL)
		return NULL;
	name = value->type == JN_FUNCTION ? "function" : jv_type_name(value);
	return jn_text(call->ev, name, strlen(name));
}

/* $error(message) */
const JsonVal *
fn_error(Call *call)
{
	return jn_fail_message(call->ev, "D3137",
						   call->args[0] != NULL ? call->args[0]->u.text : "$error() function evaluated");
}

/* $assert(condition, message) */
const JsonVal *
fn_assert(Call *call)
{
	if (call->args[0] != NULL && call->args[0]->boolean)
		return NULL;
	return jn_fail_message(call->ev, "D3141",
						   call->args[1] != NULL ? call->args[1]->u.text : "$assert() statement failed");
}

/* ---- $eval ---- */

static const JsonVal *
fail_eval(Evaluation *ev, const char *code, const Failure *failure)
{
	JsonataError inner;

	jn_failure_publish(failure, &inner);
	return jn_fail_value(ev, code, jn_text(ev, inner.message, strlen(inner.message)));
}

/*
 * $eval(expr, context): the expression sees the variables of the place where it
 * is called, so it is compiled with the same numbers for the same names.
 */
const JsonVal *
fn_eval(Call *call)
{
	Evaluation *ev = call->ev;
	const JsonVal *text = call->args[0];
	const JsonVal *input = call->args[1] != NULL ? call->args[1] : call->input;
	const JsonataExpression *inner;
	const JsonVal *result;
	Failure failure;

	if (text == NULL)
		return NULL;
	/* what it compiles to stays until the end, some sixty bytes for each of the text */
	JN_CHECK(jn_charge(ev, (Size) text->count * 64 + 8192));
	inner = jn_compile_text(text->u.text, text->count, &ev->expression->options, ev->names, &failure);
	if (inner == NULL)
		return fail_eval(ev, "D3120", &failure);
	ev->names = &inner->names;
	ev->has_surrogates |= inner->has_surrogates;
	if (jn_is(call->args[1], JV_ARRAY) && !(call->args[1]->flags & JN_SEQUENCE))
	{
		JnArray *outer = jn_array(ev, 1, JN_SEQUENCE | JN_OUTER);

		(void) jn_push(ev, outer, input);
		input = &outer->v;
	}
	result = jn_eval(ev, inner->root, input, call->frame);
	if (result == JN_FAIL && strcmp(ev->failure.code, "U1001") != 0)
	{
		failure = ev->failure;
		return fail_eval(ev, "D3121", &failure);
	}
	return result;
}
