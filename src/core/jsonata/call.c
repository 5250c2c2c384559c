/*
 * call.c
 *	  Functions: calling, partial application, chains, and calls in tail position.
 *
 * A call whose value is its lambda's value is not made inside that lambda: the
 * lambda hands it back and jn_call() goes round, so that such recursion needs
 * neither stack nor depth.
 */
#include "base/port.h"

#include "jsonata/regex.h"
#include "jsonata/runtime.h"

#define FEW_ARGUMENTS 8

/*
 * A call, or with is_pending one that is still to be made.  The input is the
 * context of the first call and stays that of those in tail position after it.
 */
typedef struct TailCall
{
	bool is_pending;
	const Node *node;
	const JsonVal *function;
	const JsonVal **args;
	int count;
	const JsonVal *input;
	Frame *frame;
} TailCall;

/* ---- arguments and the called function ---- */

/* The name by which errors call the function. */
static void
name_failure(Evaluation *ev, const Node *node)
{
	const Node *callee = node->left;

	if (ev->failure.position < 0)
	{
		ev->failure.position = node->position;
		ev->failure.offset = node->offset;
	}
	if (ev->failure.token == NULL && callee->type != NODE_LAMBDA)
	{
		if (callee->type == NODE_PATH)
			callee = callee->items[0];
		ev->failure.token = callee->text;
		ev->failure.token_length = callee->text_length;
	}
}

/* Whether "name(...)" was meant to be "$name(...)". */
static bool
is_forgotten_dollar(Evaluation *ev, const Node *callee, Frame *frame)
{
	const Node *step;
	int name;

	if (callee->type != NODE_PATH)
		return false;
	step = callee->items[0];
	if (step->type != NODE_NAME)
		return false;
	name = jn_names_find(ev->names, step->text, step->text_length);
	if (name >= 0)
		return jn_lookup(ev, frame, name) != NULL;
	if (ev->bindings != NULL && ev->bindings->lookup != NULL &&
		ev->bindings->lookup(ev->bindings, step->text, step->text_length) != NULL)
		return true;
	return jn_builtin(step->text, step->text_length, &ev->expression->options) != NULL;
}

static const JsonVal *
eval_callee(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *function = jn_eval(ev, node->left, input, frame);

	if (function == NULL && is_forgotten_dollar(ev, node->left, frame))
	{
		jn_fail(ev, node->type == NODE_PARTIAL ? "T1007" : "T1005");
		name_failure(ev, node);
		return JN_FAIL;
	}
	return function;
}

static const JsonVal *
eval_arguments(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame, const JsonVal **args)
{
	for (int i = 0; i < node->item_count; i++)
	{
		args[i] = jn_eval(ev, node->items[i], input, frame);
		JN_CHECK(args[i]);
	}
	return NULL;
}

/* ---- lambdas ---- */

static Frame *
bind_parameters(Evaluation *ev, const Function *function, const JsonVal **args, int count)
{
	const Node *node = function->node;
	int parameters = node->item_count;
	Frame *frame = jn_alloc(ev, sizeof(Frame) + parameters * sizeof(Binding));
	Binding *bindings = (Binding *) (frame + 1);

	frame->parent = function->frame;
	frame->is_shared = false;
	frame->bindings = parameters > 0 ? bindings : NULL;
	for (int i = 0; i < parameters; i++)
	{
		/* of two parameters with one name the last one counts: it comes first */
		Binding *binding = &bindings[parameters - 1 - i];

		binding->name = node->items[i]->name;
		binding->value = i < count ? args[i] : NULL;
		binding->next = i == 0 ? NULL : &bindings[parameters - i];
	}
	if (parameters > 0)
		frame->bindings = &bindings[0];
	return frame;
}

static const JsonVal *
prepare_tail_call(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame, TailCall *tail)
{
	const JsonVal *function = eval_callee(ev, node, input, frame);
	const JsonVal **args;

	JN_CHECK(function);
	args = jn_alloc(ev, node->item_count * sizeof(JsonVal *));
	JN_CHECK(eval_arguments(ev, node, input, frame, args));
	tail->is_pending = true;
	tail->node = node;
	tail->function = function;
	tail->args = args;
	tail->count = node->item_count;
	tail->frame = frame;
	return NULL;
}

/* Which part of a condition or default is the value; the other part's value in *value when it is known already. */
static const Node *
choose_branch(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame, const JsonVal **value)
{
	const JsonVal *first = jn_eval(ev, node->left, input, frame);
	bool is_true;

	*value = first;
	if (first == JN_FAIL)
		return NULL;
	if (jn_is(first, JV_NUMBER) && isinf(first->number) && node->type != NODE_COALESCE)
	{
		*value = jn_fail_value(ev, "D1001", first);
		return NULL;
	}
	is_true = node->type == NODE_COALESCE ? first != NULL : jn_truth(first);
	if (node->type != NODE_CONDITION)
		return is_true ? NULL : node->right;
	*value = NULL;
	return is_true ? node->right : node->third;
}

/* A lambda's body: its value, or in *tail the call whose value that is. */
static const JsonVal *
eval_body(Evaluation *ev, const Node *body, const JsonVal *input, Frame *frame, TailCall *tail)
{
	const JsonVal *value;

	while (body->is_tail)
	{
		if (++ev->depth > ev->max_depth)
			return jn_fail_deep(ev);
		JN_TICK(ev);
		if (body->type == NODE_FUNCTION)
		{
			JN_CHECK(prepare_tail_call(ev, body, input, frame, tail));
			return NULL;
		}
		if (body->type == NODE_BLOCK)
		{
			if (body->item_count == 0)
				return NULL;
			if (body->needs_frame || ev->expression->uses_eval)
				frame = jn_frame(ev, frame);
			for (int i = 0; i < body->item_count - 1; i++)
				JN_CHECK(jn_eval(ev, body->items[i], input, frame));
			body = body->items[body->item_count - 1];
			continue;
		}
		body = choose_branch(ev, body, input, frame, &value);
		if (body == NULL)
			return value;
	}
	return jn_eval(ev, body, input, frame);
}

/* ---- other kinds ---- */

static const JsonVal *
call_builtin(Evaluation *ev, const Function *function, const JsonVal **args, int count, const JsonVal *input,
			 Frame *frame)
{
	const JsonVal *padded[FEW_ARGUMENTS] = {NULL};
	Call call = {ev, args, count, input, frame, function};

	/* those not given read as undefined */
	if (count < FEW_ARGUMENTS)
	{
		for (int i = 0; i < count; i++)
			padded[i] = args[i];
		call.args = padded;
	}
	/* cppcheck-suppress returnDanglingLifetime */
	return function->builtin->run(&call);
}

static const JsonVal *
call_partial(Evaluation *ev, const Function *function, const JsonVal **args, int count, const JsonVal *input,
			 Frame *frame)
{
	const Function *target = function->target;
	int total = function->arg_count;
	const JsonVal **all;
	int used = 0;

	/* a function of the library gets all its arguments: those not given are undefined, others ignored */
	if (target->kind == FUNCTION_BUILTIN && target->signature->count > 1)
		total = target->signature->count;
	all = jn_alloc(ev, Max(total, function->arg_count) * sizeof(JsonVal *));
	for (int i = function->arg_count; i < total; i++)
		all[i] = NULL;

	for (int i = 0; i < function->arg_count; i++)
	{
		if (function->open[i])
			all[i] = used < count ? args[used++] : NULL;
		else
			all[i] = function->args[i];
	}
	return jn_call(ev, &function->target->v, all, total, input, frame);
}

static const JsonVal *
call_chain(Evaluation *ev, const Function *function, const JsonVal **args, int count, Frame *frame)
{
	const JsonVal *value = count > 0 ? args[0] : NULL;

	value = jn_call(ev, &function->target->v, &value, 1, jv_null(), frame);
	JN_CHECK(value);
	return jn_call(ev, &function->second->v, &value, 1, jv_null(), frame);
}

static const JsonVal *
call_regex(Evaluation *ev, const Function *function, const JsonVal **args, int count)
{
	const JsonVal *result;

	if (count < 1 || !jn_is(args[0], JV_STRING))
		return NULL;
	if (!jn_match_once(ev, function->regex, args[0], 0, false, &result))
		return JN_FAIL;
	return result;
}

static const JsonVal *
call_other(Evaluation *ev, const Function *function, const JsonVal **args, int count, const JsonVal *input,
		   Frame *frame)
{
	const JsonVal *result;

	switch (function->kind)
	{
		case FUNCTION_BUILTIN:
			return call_builtin(ev, function, args, count, input, frame);
		case FUNCTION_PARTIAL:
			return call_partial(ev, function, args, count, input, frame);
		case FUNCTION_CHAIN:
			return call_chain(ev, function, args, count, frame);
		case FUNCTION_REGEX:
			return call_regex(ev, function, args, count);
		case FUNCTION_NEXT_MATCH:
			if (!jn_match_once(ev, function->regex, function->subject, function->offset, true, &result))
				return JN_FAIL;
			return result;
		case FUNCTION_TRANSFORM:
			return eval_transform(ev, function->node, function->frame, count > 0 ? args[0] : NULL);
		case FUNCTION_LAMBDA:
			break;
	}
	return NULL;
}

/* ---- calling ---- */

/* The call and those in tail position after it. */
static const JsonVal *
call_loop(Evaluation *ev, TailCall *tail)
{
	int depth = ev->depth;

	for (;;)
	{
		TailCall now = *tail;
		const Function *function = function_of(now.function);
		const JsonVal *value;

		ev->depth = depth;
		if (!jn_is(now.function, JN_FUNCTION))
			return jn_fail(ev, "T1006");
		if (function->signature != NULL && (function->kind != FUNCTION_PARTIAL))
			JN_CHECK(
				jn_signature_check(ev, function->signature, now.args, now.count, now.input, &now.args, &now.count));
		if (function->kind != FUNCTION_LAMBDA)
			return call_other(ev, function, now.args, now.count, now.input, now.frame);

		tail->is_pending = false;
		value = eval_body(ev, function->node->left, function->input, bind_parameters(ev, function, now.args, now.count),
						  tail);
		if (!tail->is_pending || value == JN_FAIL)
			return value;
	}
}

/* Calls a function value; a failure without a place or a name keeps none. */
static const JsonVal *
call_function(Evaluation *ev, const JsonVal *function, const JsonVal **args, int count, const JsonVal *input,
			  Frame *frame)
{
	TailCall tail = {false, NULL, function, args, count, input, frame};
	int depth = ev->depth;
	const JsonVal *value;

	if (unlikely((char *) __builtin_frame_address(0) < ev->stack_limit))
		return jn_fail_deep(ev);
	JN_TICK(ev);
	value = call_loop(ev, &tail);
	if (value == JN_FAIL && tail.node != NULL)
		name_failure(ev, tail.node);
	ev->depth = depth;
	return value;
}

/* Calls a function value; failures of the library's functions get their name. */
const JsonVal *
jn_call(Evaluation *ev, const JsonVal *function, const JsonVal **args, int count, const JsonVal *input, Frame *frame)
{
	const JsonVal *value = call_function(ev, function, args, count, input, frame);

	if (value == JN_FAIL && ev->failure.token == NULL && jn_is(function, JN_FUNCTION) &&
		function_of(function)->kind == FUNCTION_BUILTIN)
	{
		ev->failure.token = function_of(function)->builtin->name;
		ev->failure.token_length = strlen(ev->failure.token);
	}
	return value;
}

/* As map and the like do: hands over as many of the three as the function takes. */
const JsonVal *
jn_call_with(Call *call, const JsonVal *function, const JsonVal *value, const JsonVal *key, const JsonVal *whole)
{
	const JsonVal *args[3] = {value, key, whole};
	int arity = function_of(function)->arity;

	return jn_call(call->ev, function, args, Max(1, Min(arity, 3)), jv_null(), call->frame);
}

/* "f(a, b)"; with has_first, a value from "~>" comes before the arguments. */
const JsonVal *
eval_call(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame, const JsonVal *first, bool has_first)
{
	const JsonVal *few[FEW_ARGUMENTS];
	const JsonVal **args = few;
	const JsonVal *function = eval_callee(ev, node, input, frame);
	const JsonVal *value;
	int count = node->item_count + (has_first ? 1 : 0);

	JN_CHECK(function);
	if (count > FEW_ARGUMENTS)
		args = jn_alloc(ev, count * sizeof(JsonVal *));
	if (has_first)
		args[0] = first;
	JN_CHECK(eval_arguments(ev, node, input, frame, args + (has_first ? 1 : 0)));
	value = call_function(ev, function, args, count, input, frame);
	if (value == JN_FAIL)
		name_failure(ev, node);
	return value;
}

/* ---- functions made of functions ---- */

static Function *
derived_function(Evaluation *ev, FunctionKind kind, const Function *target)
{
	Function *function = jn_alloc(ev, sizeof(Function));

	memset(function, 0, sizeof(Function));
	function->v.type = JN_FUNCTION;
	function->kind = kind;
	function->target = target;
	function->arity = 1;
	return function;
}

/* "f(?, 2)" */
const JsonVal *
eval_partial(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *target = eval_callee(ev, node, input, frame);
	Function *function;
	const JsonVal **args;
	bool *open;

	JN_CHECK(target);
	args = jn_alloc(ev, node->item_count * sizeof(JsonVal *));
	open = jn_alloc(ev, node->item_count * sizeof(bool));
	function = derived_function(ev, FUNCTION_PARTIAL, function_of(target));
	function->arity = 0;
	for (int i = 0; i < node->item_count; i++)
	{
		open[i] = node->items[i]->type == NODE_PLACEHOLDER;
		args[i] = open[i] ? NULL : jn_eval(ev, node->items[i], input, frame);
		JN_CHECK(args[i]);
		function->arity += open[i] ? 1 : 0;
	}
	if (!jn_is(target, JN_FUNCTION))
	{
		jn_fail(ev, "T1008");
		name_failure(ev, node);
		return JN_FAIL;
	}
	function->args = args;
	function->open = open;
	function->arg_count = node->item_count;
	return &function->v;
}

/* "a ~> f": f called with a, or both functions one after the other. */
const JsonVal *
eval_apply(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = jn_eval(ev, node->left, input, frame);
	const JsonVal *right;

	JN_CHECK(left);
	if (node->right->type == NODE_FUNCTION)
		return eval_call(ev, node->right, input, frame, left, true);
	right = jn_eval(ev, node->right, input, frame);
	JN_CHECK(right);
	if (!jn_is(right, JN_FUNCTION))
	{
		jn_fail_at(ev, "T2006", node, right, NULL);
		ev->failure.token = NULL;
		return JN_FAIL;
	}
	if (jn_is(left, JN_FUNCTION))
	{
		Function *chain = derived_function(ev, FUNCTION_CHAIN, function_of(left));

		chain->second = function_of(right);
		return &chain->v;
	}
	return jn_call(ev, right, &left, 1, jv_null(), frame);
}
