/*
 * eval.c
 *	  Evaluation: one function for each kind of node, and the entry points.
 *
 * jn_eval() walks the tree.  Each level counts: against the caller's limit of
 * nested evaluations, and against the C stack, which is measured by address so
 * that it works in a server and in a plain program alike.
 */
#include "base/port.h"

#include <time.h>

#include "jsonata/regex.h"

#define DEFAULT_STACK (1536 * 1024)
#define DEFAULT_MEMORY ((Size) 1024 * 1024 * 1024)
#define LONGEST_SEQUENCE 10000000

/* ---- bounds ---- */

static int64
clock_microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Interrupts, time and memory; JN_FAIL or NULL. */
const JsonVal *
jn_check(Evaluation *ev)
{
	SFN_CHECK_INTERRUPTS();
	if (ev->budget != NULL && !budget_look(ev->budget, 0))
		return jn_fail_message(ev, "U1001", "Expression evaluation was ended");
	if (ev->memory_left == 0)
		return jn_fail_memory(ev);
	if (ev->has_deadline && clock_microseconds() > ev->deadline)
		return jn_fail_message(ev, "U1001", "Expression evaluation timeout: Check for infinite loop");
	return NULL;
}

/* ---- frames ---- */

Frame *
jn_frame(Evaluation *ev, Frame *parent)
{
	Frame *frame = jn_alloc(ev, sizeof(Frame));

	frame->parent = parent;
	frame->bindings = NULL;
	frame->is_shared = false;
	return frame;
}

/* A frame in which the tuple's names are seen. */
Frame *
jn_frame_of_tuple(Evaluation *ev, Frame *parent, const Tuple *tuple)
{
	Frame *frame = jn_frame(ev, parent);

	frame->bindings = tuple->bindings;
	frame->is_shared = true;
	return frame;
}

void
jn_bind(Evaluation *ev, Frame *frame, int name, const JsonVal *value)
{
	Binding *binding;

	if (!frame->is_shared)
	{
		for (binding = frame->bindings; binding != NULL; binding = binding->next)
		{
			if (binding->name == name)
			{
				binding->value = value;
				return;
			}
		}
	}
	binding = jn_alloc(ev, sizeof(Binding));
	binding->name = name;
	binding->value = value;
	binding->next = frame->bindings;
	frame->bindings = binding;
}

/* Names that no frame binds: the caller's, then the language's functions. */
const JsonVal *
jn_lookup_global(Evaluation *ev, int name)
{
	const NameEntry *entry = &ev->names->entries[name];
	const JsonVal *value = NULL;

	if (name >= ev->global_count)
	{
		int count = ev->names->count;
		const JsonVal **globals = jn_alloc(ev, count * sizeof(JsonVal *));

		for (int i = 0; i < count; i++)
			globals[i] = i < ev->global_count ? ev->globals[i] : JN_FAIL;
		ev->globals = globals;
		ev->global_count = count;
	}
	if (ev->globals[name] != JN_FAIL)
		return ev->globals[name];

	if (entry->length == 1 && entry->text[0] == '$')
		value = ev->root_input;
	else if (entry->length > 0 && entry->text[0] != '!')
	{
		if (ev->bindings != NULL && ev->bindings->lookup != NULL)
			value = ev->bindings->lookup(ev->bindings, entry->text, entry->length);
		if (value == NULL)
			value = entry->builtin;
	}
	ev->globals[name] = value;
	return value;
}

const JsonVal *
jn_lookup(Evaluation *ev, const Frame *frame, int name)
{
	if (ev->names->entries[name].is_bound || ev->expression->uses_eval)
	{
		for (; frame != NULL; frame = frame->parent)
		{
			for (const Binding *binding = frame->bindings; binding != NULL; binding = binding->next)
			{
				if (binding->name == name)
					return binding->value;
			}
		}
	}
	return jn_lookup_global(ev, name);
}

/* ---- operators ---- */

static const JsonVal *
check_operand(Evaluation *ev, const Node *node, const char *code, const JsonVal *value)
{
	if (value == NULL)
		return NULL;
	if (value->type != JV_NUMBER || isnan(value->number))
		return jn_fail_at(ev, code, node, value, NULL);
	if (isinf(value->number))
		return jn_fail_at(ev, "D1001", node, value, NULL);
	return NULL;
}

static const JsonVal *
eval_arithmetic(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = jn_eval(ev, node->left, input, frame);
	const JsonVal *right;
	double a;
	double b;

	JN_CHECK(left);
	right = jn_eval(ev, node->right, input, frame);
	JN_CHECK(right);
	JN_CHECK(check_operand(ev, node, "T2001", left));
	JN_CHECK(check_operand(ev, node, "T2002", right));
	if (left == NULL || right == NULL)
		return NULL;
	a = left->number;
	b = right->number;
	switch (node->type)
	{
		case NODE_ADD:
			return jn_number(ev, a + b);
		case NODE_SUBTRACT:
			return jn_number(ev, a - b);
		case NODE_MULTIPLY:
			return jn_number(ev, a * b);
		case NODE_DIVIDE:
			return jn_number(ev, a / b);
		default:
			return jn_number(ev, fmod(a, b));
	}
}

static const JsonVal *
eval_equality(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = jn_eval(ev, node->left, input, frame);
	const JsonVal *right;
	bool equal;

	JN_CHECK(left);
	right = jn_eval(ev, node->right, input, frame);
	JN_CHECK(right);
	if (left == NULL || right == NULL)
		return jv_bool(false);
	JN_CHECK(jn_equal(ev, left, right, &equal));
	return jv_bool(equal == (node->type == NODE_EQUAL));
}

static inline bool
is_comparable(const JsonVal *value)
{
	return value == NULL || value->type == JV_NUMBER || value->type == JV_STRING;
}

static const JsonVal *
eval_comparison(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = jn_eval(ev, node->left, input, frame);
	const JsonVal *right;
	int order;

	JN_CHECK(left);
	right = jn_eval(ev, node->right, input, frame);
	JN_CHECK(right);
	if (!is_comparable(left) || !is_comparable(right))
		return jn_fail_at(ev, "T2010", node, is_comparable(left) ? right : left, NULL);
	if (left == NULL || right == NULL)
		return NULL;
	if (left->type != right->type)
		return jn_fail_at(ev, "T2009", node, left, right);
	if (left->type == JV_NUMBER)
	{
		double a = left->number;
		double b = right->number;

		/* NaN compares false with everything */
		return jv_bool(node->type == NODE_LESS             ? a < b
						   : node->type == NODE_LESS_EQUAL ? a <= b
						   : node->type == NODE_GREATER    ? a > b
														   : a >= b);
	}
	order = jn_compare_text(left, right);
	return jv_bool(node->type == NODE_LESS             ? order < 0
					   : node->type == NODE_LESS_EQUAL ? order <= 0
					   : node->type == NODE_GREATER    ? order > 0
													   : order >= 0);
}

/* Scalars are the same by value, anything else only when it is one and the same. */
static bool
is_same(const JsonVal *a, const JsonVal *b)
{
	if (a == NULL || b == NULL || a->type != b->type)
		return false;
	switch ((int) a->type)
	{
		case JV_NULL:
			return true;
		case JV_BOOL:
			return a->boolean == b->boolean;
		case JV_NUMBER:
			return a->number == b->number;
		case JV_STRING:
			return a->count == b->count && memcmp(a->u.text, b->u.text, a->count) == 0;
		default:
			return a == b;
	}
}

static const JsonVal *
eval_in(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = jn_eval(ev, node->left, input, frame);
	const JsonVal *right;

	JN_CHECK(left);
	right = jn_eval(ev, node->right, input, frame);
	JN_CHECK(right);
	if (left == NULL || right == NULL)
		return jv_bool(false);
	if (right->type != JV_ARRAY)
		return jv_bool(is_same(left, right));
	for (int i = 0; i < right->count; i++)
	{
		if (is_same(left, right->u.items[i]))
			return jv_bool(true);
	}
	return jv_bool(false);
}

/* A condition's value as true or false. */
static const JsonVal *
eval_truth(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *value = jn_eval(ev, node, input, frame);

	JN_CHECK(value);
	if (jn_is(value, JV_BOOL))
		return value;
	if (jn_is(value, JV_NUMBER) && isinf(value->number))
		return jn_fail_value(ev, "D1001", value);
	return jv_bool(jn_truth(value));
}

static const JsonVal *
eval_logic(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = eval_truth(ev, node->left, input, frame);

	JN_CHECK(left);
	if (left->boolean == (node->type == NODE_OR))
		return jv_bool(left->boolean);
	return eval_truth(ev, node->right, input, frame);
}

static const JsonVal *
eval_concat(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = jn_eval(ev, node->left, input, frame);
	const JsonVal *right;
	JsonVal *result;
	char *text;
	int left_length;
	int right_length;

	JN_CHECK(left);
	right = jn_eval(ev, node->right, input, frame);
	JN_CHECK(right);
	left = jn_string(ev, left, false);
	JN_CHECK(left);
	right = jn_string(ev, right, false);
	JN_CHECK(right);
	left_length = left != NULL ? left->count : 0;
	right_length = right != NULL ? right->count : 0;
	result = jn_text_room(ev, (Size) left_length + right_length, &text);
	if (result == NULL)
		return JN_FAIL;
	if (left_length > 0)
		memcpy(text, left->u.text, left_length);
	if (right_length > 0)
		memcpy(text + left_length, right->u.text, right_length);
	return result;
}

static const JsonVal *
check_bound(Evaluation *ev, const Node *node, const char *code, const JsonVal *value)
{
	if (value == NULL)
		return NULL;
	if (value->type != JV_NUMBER || isinf(value->number) || value->number != floor(value->number))
		return jn_fail_at(ev, code, node, value, NULL);
	return NULL;
}

static const JsonVal *
eval_range(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *left = jn_eval(ev, node->left, input, frame);
	const JsonVal *right;
	double size;
	JnArray *result;

	JN_CHECK(left);
	right = jn_eval(ev, node->right, input, frame);
	JN_CHECK(right);
	JN_CHECK(check_bound(ev, node, "T2003", left));
	JN_CHECK(check_bound(ev, node, "T2004", right));
	if (left == NULL || right == NULL || left->number > right->number)
		return NULL;
	size = right->number - left->number + 1;
	if (size > LONGEST_SEQUENCE)
		return jn_fail_at(ev, "D2014", node, jn_number(ev, size), NULL);
	if (size > ev->max_sequence)
		return jn_fail_at(ev, "D2015", node, jn_number(ev, size), NULL);
	JN_CHECK(jn_check_held_items(ev, size));
	result = jn_sequence(ev, 0);
	JN_CHECK(jn_array_grow(ev, result, (int) size));
	for (int i = 0; i < (int) size; i++)
	{
		JN_TICK(ev);
		JN_CHECK(jn_push(ev, result, jn_number(ev, left->number + i)));
	}
	return &result->v;
}

static const JsonVal *
eval_negate(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *value = jn_eval(ev, node->left, input, frame);

	JN_CHECK(value);
	if (value == NULL)
		return NULL;
	if (value->type != JV_NUMBER || isnan(value->number))
		return jn_fail_at(ev, "D1002", node, value, NULL);
	if (isinf(value->number))
		return jn_fail_at(ev, "D1001", node, value, NULL);
	return jn_number(ev, -value->number);
}

/* ---- the rest ---- */

static const JsonVal *
eval_array(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	JnArray *array = jn_array(ev, node->item_count, 0);

	for (int i = 0; i < node->item_count; i++)
	{
		const Node *item = node->items[i];
		const JsonVal *value = jn_eval(ev, item, input, frame);

		JN_CHECK(value);
		if (value == NULL)
			continue;
		if (value->type == JV_ARRAY && item->type != NODE_ARRAY)
			JN_CHECK(jn_push_all(ev, array, value));
		else
			JN_CHECK(jn_push(ev, array, value));
	}
	if (node->is_constructor)
		array->v.flags |= JN_CONSTRUCTED;
	return &array->v;
}

static const JsonVal *
eval_condition(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *condition = eval_truth(ev, node->left, input, frame);

	JN_CHECK(condition);
	if (condition->boolean)
		return jn_eval(ev, node->right, input, frame);
	return node->third == NULL ? NULL : jn_eval(ev, node->third, input, frame);
}

/* "a ?? b" and "a ?: b" */
static const JsonVal *
eval_default(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *value = jn_eval(ev, node->left, input, frame);

	JN_CHECK(value);
	if (node->type == NODE_COALESCE ? value != NULL : jn_truth(value))
		return value;
	return jn_eval(ev, node->right, input, frame);
}

/* The parts of a block in turn; the value is the last one's. */
static const JsonVal *
eval_block(Evaluation *ev, const Node *block, const JsonVal *input, Frame *frame)
{
	const JsonVal *value = NULL;

	if (block->needs_frame || ev->expression->uses_eval)
		frame = jn_frame(ev, frame);
	for (int i = 0; i < block->item_count; i++)
	{
		value = jn_eval(ev, block->items[i], input, frame);
		JN_CHECK(value);
	}
	return value;
}

static const JsonVal *
eval_bind(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *value = jn_eval(ev, node->right, input, frame);

	JN_CHECK(value);
	jn_bind(ev, frame, node->name, value);
	return value;
}

static Function *
function_make(Evaluation *ev, FunctionKind kind, const Node *node, const JsonVal *input, Frame *frame)
{
	Function *function = jn_alloc(ev, sizeof(Function));

	memset(function, 0, sizeof(Function));
	function->v.type = JN_FUNCTION;
	function->kind = kind;
	function->node = node;
	function->input = input;
	function->frame = frame;
	return function;
}

static const JsonVal *
eval_lambda(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	Function *function = function_make(ev, FUNCTION_LAMBDA, node, input, frame);

	function->arity = node->item_count;
	function->signature = node->signature;
	return &function->v;
}

static const JsonVal *
eval_transformer(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	Function *function = function_make(ev, FUNCTION_TRANSFORM, node, input, frame);

	function->arity = 1;
	function->signature = &signature_of_transform;
	return &function->v;
}

static const JsonVal *
eval_regex(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	Function *function = function_make(ev, FUNCTION_REGEX, node, NULL, NULL);

	function->arity = 2;
	function->regex = node->regex;
	return &function->v;
}

/* ---- leaves, and what other files evaluate ---- */

static const JsonVal *
eval_literal(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return node->value;
}

static const JsonVal *
eval_variable(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return jn_lookup(ev, frame, node->name);
}

static const JsonVal *
eval_context(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return input != NULL && (input->flags & JN_OUTER) ? input->u.items[0] : input;
}

static const JsonVal *
eval_parent(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return jn_lookup(ev, frame, node->slot->label);
}

static const JsonVal *
eval_field(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return eval_name(ev, input, node->text, node->text_length);
}

static const JsonVal *
eval_all_fields(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return eval_wildcard(ev, input);
}

static const JsonVal *
eval_all_below(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return eval_descendants(ev, input);
}

static const JsonVal *
eval_object(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return eval_group(ev, node->group, input, frame);
}

static const JsonVal *
eval_function(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	return eval_call(ev, node, input, frame, NULL, false);
}

/* ---- the walk ---- */

typedef const JsonVal *(*EvalNode)(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame);

/* Those that are missing are steps of paths, or gone since resolve.c. */
static const EvalNode eval_node[] = {
	[NODE_STRING] = eval_literal,
	[NODE_NUMBER] = eval_literal,
	[NODE_VALUE] = eval_literal,
	[NODE_NAME] = eval_field,
	[NODE_VARIABLE] = eval_variable,
	[NODE_CONTEXT] = eval_context,
	[NODE_WILDCARD] = eval_all_fields,
	[NODE_DESCENDANT] = eval_all_below,
	[NODE_PARENT] = eval_parent,
	[NODE_REGEX] = eval_regex,
	[NODE_ADD] = eval_arithmetic,
	[NODE_SUBTRACT] = eval_arithmetic,
	[NODE_MULTIPLY] = eval_arithmetic,
	[NODE_DIVIDE] = eval_arithmetic,
	[NODE_MODULO] = eval_arithmetic,
	[NODE_EQUAL] = eval_equality,
	[NODE_UNEQUAL] = eval_equality,
	[NODE_LESS] = eval_comparison,
	[NODE_LESS_EQUAL] = eval_comparison,
	[NODE_GREATER] = eval_comparison,
	[NODE_GREATER_EQUAL] = eval_comparison,
	[NODE_IN] = eval_in,
	[NODE_AND] = eval_logic,
	[NODE_OR] = eval_logic,
	[NODE_CONCAT] = eval_concat,
	[NODE_RANGE] = eval_range,
	[NODE_APPLY] = eval_apply,
	[NODE_BIND] = eval_bind,
	[NODE_NEGATE] = eval_negate,
	[NODE_ARRAY] = eval_array,
	[NODE_OBJECT] = eval_object,
	[NODE_CONDITION] = eval_condition,
	[NODE_COALESCE] = eval_default,
	[NODE_DEFAULT] = eval_default,
	[NODE_BLOCK] = eval_block,
	[NODE_FUNCTION] = eval_function,
	[NODE_PARTIAL] = eval_partial,
	[NODE_LAMBDA] = eval_lambda,
	[NODE_TRANSFORM] = eval_transformer,
	[NODE_PATH] = eval_path,
	[NODE_SORT] = NULL,
};

/* Predicates, a group and "[]" behind a value. */
static const JsonVal *
apply_extras(Evaluation *ev, const Node *node, const JsonVal *value, Frame *frame)
{
	for (int i = 0; i < node->predicate_count; i++)
	{
		value = eval_filter(ev, node->predicates[i].filter, value, frame);
		JN_CHECK(value);
	}
	if (node->group != NULL && node->type != NODE_OBJECT && node->type != NODE_PATH)
	{
		value = eval_group(ev, node->group, value, frame);
		JN_CHECK(value);
	}
	if (node->keep_array && jn_is_sequence(value) && !jn_is_tuples(value))
		unconstify(JsonVal *, value)->flags |= JN_KEEP;
	return value;
}

/* Evaluates a node in a context.  NULL is undefined, JN_FAIL a failure. */
const JsonVal *
jn_eval(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame)
{
	const JsonVal *value;

	if (unlikely(++ev->depth > ev->max_depth) || unlikely((char *) __builtin_frame_address(0) < ev->stack_limit))
		return jn_fail_deep(ev);
	JN_TICK(ev);
	value = eval_node[node->type](ev, node, input, frame);
	if (unlikely(node->has_extras) && value != JN_FAIL)
		value = apply_extras(ev, node, value, frame);
	ev->depth--;
	if (ev->max_held > 0 && value != NULL && (value->flags & JN_MADE))
		JN_CHECK(jn_check_held(ev, value));

	/* a sequence of one element is that element, an empty one is undefined */
	if (value != NULL && (value->flags & (JN_SEQUENCE | JN_TUPLES)) == JN_SEQUENCE && value->type == JV_ARRAY)
	{
		if (value->count == 0)
			return NULL;
		if (value->count == 1 && !(value->flags & JN_KEEP))
			return value->u.items[0];
	}
	return value;
}

/* ---- entry points ---- */

static void
evaluation_begin(Evaluation *ev, const JsonataExpression *expression, const JsonVal *input,
				 const JsonataBindings *bindings, const JsonataLimits *limits, TimestampTz now)
{
	static const JsonataLimits no_limits = {0};

	if (limits == NULL)
		limits = &no_limits;
	ev->expression = expression;
	ev->names = &expression->names;
	ev->root_input = input;
	ev->bindings = bindings;
	ev->now = now;
	ev->has_surrogates = expression->has_surrogates;
	ev->max_depth = limits->max_depth > 0 ? limits->max_depth : PG_INT32_MAX;
	ev->stack_limit = (char *) __builtin_frame_address(0) - (limits->max_stack > 0 ? limits->max_stack : DEFAULT_STACK);
	ev->max_sequence = limits->max_sequence > 0 ? Min(limits->max_sequence, LONGEST_SEQUENCE) : LONGEST_SEQUENCE;
	ev->max_held = limits->max_held;
	ev->memory_left = limits->max_memory > 0 ? limits->max_memory : DEFAULT_MEMORY;
	ev->budget = limits->budget;
	if (ev->budget != NULL && budget_memory_left(ev->budget) < ev->memory_left)
	{
		ev->has_shared = true;
		ev->memory_left = budget_memory_left(ev->budget);
	}
	if (limits->timeout_ms > 0)
	{
		ev->has_deadline = true;
		ev->deadline = clock_microseconds() + (int64) limits->timeout_ms * 1000;
	}
}

static void
evaluation_end(Evaluation *ev)
{
	ArenaChunk *chunk = ev->chunks;

	if (ev->date_regex != NULL)
		jn_regex_free(ev->date_regex);
	while (chunk != NULL)
	{
		ArenaChunk *next = chunk->next;

		pfree(chunk);
		chunk = next;
	}
}

/* The failure leaves the arena. */
static void
publish_failure(Evaluation *ev, JsonataError *error)
{
	Failure failure = ev->failure;

	if (error == NULL)
		return;
	jn_failure_publish(&failure, error);
	error->value = jn_export(ev, failure.value);
	if (error->value == JN_FAIL)
		error->value = NULL;
}

/* As jsonata_eval; *is_function tells a result that is a function (its *result is null) from others. */
bool
jsonata_eval_typed(const JsonataExpression *expression, const JsonVal *input, const JsonataBindings *bindings,
				   const JsonataLimits *limits, TimestampTz now, const JsonVal **result, bool *is_function,
				   JsonataError *error)
{
	Evaluation ev = {0};
	char first_chunk[4096] pg_attribute_aligned(MAXIMUM_ALIGNOF);
	Frame root_frame = {NULL, NULL, false};
	const JsonVal *context = input;
	const JsonVal *value;

	ev.arena_next = first_chunk;
	ev.arena_end = first_chunk + sizeof(first_chunk);
	evaluation_begin(&ev, expression, input, bindings, limits, now);
	if (jn_is(input, JV_ARRAY))
	{
		JnArray *outer = jn_array(&ev, 1, JN_SEQUENCE | JN_OUTER);

		(void) jn_push(&ev, outer, input);
		context = &outer->v;
	}

	value = jn_eval(&ev, expression->root, context, &root_frame);
	*is_function = jn_is(value, JN_FUNCTION);
	if (*is_function)
		value = jv_null();
	else if (value != JN_FAIL)
		value = jn_export(&ev, value);
	if (value == JN_FAIL)
		publish_failure(&ev, error);
	else
		*result = value;
	evaluation_end(&ev);
	return value != JN_FAIL;
}

/*
 * Evaluates with the input as context; input NULL is undefined, bindings and
 * limits may be NULL.  *result NULL is undefined.  On failure false, *error filled.
 */
bool
jsonata_eval(const JsonataExpression *expression, const JsonVal *input, const JsonataBindings *bindings,
			 const JsonataLimits *limits, TimestampTz now, const JsonVal **result, JsonataError *error)
{
	bool is_function;

	return jsonata_eval_typed(expression, input, bindings, limits, now, result, &is_function, error);
}
