/*
 * path.c
 *	  Paths: steps, predicates, sorting, and the rows of joins.
 *
 * A path hands an array from step to step.  Each step is evaluated once for
 * each item; what comes out is spliced into one new array.  From the first step
 * on that binds a name ("@", "#", or a parent for "%") the items are tuples:
 * the context value together with the names bound so far.  The names form a
 * list that grows at its head, so tuples share what they have in common.
 */
#include "base/port.h"

#include "jsonata/runtime.h"
#include "jsonata/sort.h"

/* ---- names and wildcards ---- */

static const JsonVal *
push_found(Evaluation *ev, JnArray *found, const JsonVal *value)
{
	if (value->type == JV_ARRAY)
		return jn_push_all(ev, found, value);
	return jn_push(ev, found, value);
}

static const JsonVal *
name_in_array(Evaluation *ev, const JsonVal *array, const char *key, int key_length, JnArray *found, int depth)
{
	if (depth > SFN_MAX_DEPTH)
		return jn_fail_deep(ev);
	for (int i = 0; i < array->count; i++)
	{
		const JsonVal *item = array->u.items[i];

		JN_TICK(ev);
		if (item == NULL)
			continue;
		if (item->type == JV_ARRAY)
			JN_CHECK(name_in_array(ev, item, key, key_length, found, depth + 1));
		else if (item->type == JV_OBJECT)
		{
			const JsonVal *value = jn_get(item, key, key_length);

			if (value != NULL)
				JN_CHECK(push_found(ev, found, value));
		}
	}
	return NULL;
}

/* A field of an object; of an array, the fields of all its items as a sequence. */
const JsonVal *
eval_name(Evaluation *ev, const JsonVal *input, const char *key, int key_length)
{
	JnArray *found;

	if (input == NULL)
		return NULL;
	if (input->type == JV_OBJECT)
		return jn_get(input, key, key_length);
	if (input->type != JV_ARRAY)
		return NULL;
	found = jn_sequence(ev, 0);
	JN_CHECK(name_in_array(ev, input, key, key_length, found, 0));
	return &found->v;
}

static const JsonVal *
flatten_into(Evaluation *ev, JnArray *out, const JsonVal *value, int depth)
{
	if (depth > SFN_MAX_DEPTH)
		return jn_fail_deep(ev);
	if (!jn_is(value, JV_ARRAY))
		return jn_push(ev, out, value);
	for (int i = 0; i < value->count; i++)
	{
		JN_TICK(ev);
		JN_CHECK(flatten_into(ev, out, value->u.items[i], depth + 1));
	}
	return NULL;
}

/* All fields of an object, arrays among them flattened.  With an array the result is no sequence any more. */
const JsonVal *
eval_wildcard(Evaluation *ev, const JsonVal *input)
{
	JnArray *found = jn_sequence(ev, 0);

	if (input != NULL && (input->flags & JN_OUTER) && input->count > 0)
		input = input->u.items[0];
	if (input == NULL || (input->type != JV_ARRAY && input->type != JV_OBJECT))
		return &found->v;
	for (int i = 0; i < input->count; i++)
	{
		const JsonVal *value = input->type == JV_ARRAY ? input->u.items[i] : input->u.members[i].value;

		JN_TICK(ev);
		if (jn_is(value, JV_ARRAY))
		{
			JN_CHECK(flatten_into(ev, found, value, 0));
			found->v.flags &= ~JN_SEQUENCE;
		}
		else
			JN_CHECK(jn_push(ev, found, value));
	}
	return &found->v;
}

static const JsonVal *
descendants_into(Evaluation *ev, JnArray *out, const JsonVal *value, int depth)
{
	if (depth > SFN_MAX_DEPTH)
		return jn_fail_deep(ev);
	JN_TICK(ev);
	if (!jn_is(value, JV_ARRAY))
		JN_CHECK(jn_push(ev, out, value));
	if (value == NULL || (value->type != JV_ARRAY && value->type != JV_OBJECT))
		return NULL;
	for (int i = 0; i < value->count; i++)
		JN_CHECK(descendants_into(ev, out, value->type == JV_ARRAY ? value->u.items[i] : value->u.members[i].value,
								  depth + 1));
	return NULL;
}

const JsonVal *
eval_descendants(Evaluation *ev, const JsonVal *input)
{
	JnArray *out;

	if (input == NULL)
		return NULL;
	out = jn_sequence(ev, 0);
	JN_CHECK(descendants_into(ev, out, input, 0));
	return out->v.count == 1 ? out->v.u.items[0] : &out->v;
}

/* ---- predicates ---- */

/* The item at a literal position; an array there is the result itself. */
static const JsonVal *
filter_by_position(Evaluation *ev, double position, const JsonVal *items, JnArray *results)
{
	double index = floor(position);
	const JsonVal *item;

	if (index < 0)
		index += items->count;
	if (!(index >= 0 && index < items->count))
		return &results->v;
	item = items->u.items[(int) index];
	if (jn_is(item, JV_ARRAY))
		return item;
	if (item != NULL)
		JN_CHECK(jn_push(ev, results, item));
	return &results->v;
}

/* How often a predicate's value names the position: -1 when it is no number. */
static const JsonVal *
count_position(Evaluation *ev, const JsonVal *value, int position, int count, int *hits)
{
	bool out_of_range = false;
	int total = 1;

	*hits = -1;
	if (value == NULL)
		return NULL;
	if (value->type == JV_ARRAY)
	{
		for (int i = 0; i < value->count; i++)
		{
			if (!jn_is_number(value->u.items[i], &out_of_range))
				return NULL;
		}
		total = value->count;
	}
	else if (!jn_is_number(value, &out_of_range))
		return NULL;
	if (out_of_range)
		return jn_fail_value(ev, "D1001", value->type == JV_ARRAY ? value->u.items[0] : value);

	*hits = 0;
	for (int i = 0; i < total; i++)
	{
		double index = floor(value->type == JV_ARRAY ? value->u.items[i]->number : value->number);

		if (index < 0)
			index += count;
		if (index == position)
			(*hits)++;
	}
	return NULL;
}

static const JsonVal *
filter_item(Evaluation *ev, const Node *filter, const JsonVal *items, int i, Frame *frame, JnArray *results)
{
	const JsonVal *item = items->u.items[i];
	const JsonVal *context = item;
	const JsonVal *value;
	int hits;

	if (items->flags & JN_TUPLES)
	{
		context = tuple_of(item)->at;
		frame = jn_frame_of_tuple(ev, frame, tuple_of(item));
	}
	value = jn_eval(ev, filter, context, frame);
	JN_CHECK(value);
	if (jn_is(value, JV_BOOL))
		return value->boolean ? jn_push(ev, results, item) : NULL;
	JN_CHECK(count_position(ev, value, i, items->count, &hits));
	if (hits < 0)
		hits = jn_truth(value) ? 1 : 0;
	while (hits-- > 0)
		JN_CHECK(jn_push(ev, results, item));
	return NULL;
}

/* The items for which the predicate is true or names their position. */
const JsonVal *
eval_filter(Evaluation *ev, const Node *filter, const JsonVal *input, Frame *frame)
{
	JnArray *results = jn_sequence(ev, 0);
	JnArray *single;

	if (!jn_is(input, JV_ARRAY))
	{
		single = jn_sequence(ev, 1);
		(void) jn_push(ev, single, input);
		input = &single->v;
	}
	if (input->flags & JN_TUPLES)
		results->v.flags |= JN_TUPLES;
	if (filter->type == NODE_NUMBER && !filter->has_extras)
		return filter_by_position(ev, filter->value->number, input, results);
	for (int i = 0; i < input->count; i++)
	{
		JN_TICK(ev);
		JN_CHECK(filter_item(ev, filter, input, i, frame, results));
	}
	return &results->v;
}

/* ---- sorting ---- */

typedef struct OrderBy
{
	const Node *sort;
	Frame *frame;
	bool is_tuples;
} OrderBy;

/* An item with the values of its terms, worked out when a comparison asks for them. */
typedef struct SortRow
{
	JsonVal v; /* so that it can stand in the sorted array */
	const JsonVal *item;
	int known;
	const JsonVal *values[FLEXIBLE_ARRAY_MEMBER];
} SortRow;

static const JsonVal *
row_value(Evaluation *ev, const OrderBy *order, SortRow *row, int term)
{
	while (row->known <= term)
	{
		const JsonVal *context = row->item;
		Frame *frame = order->frame;
		const JsonVal *value;

		if (order->is_tuples)
		{
			context = tuple_of(row->item)->at;
			frame = jn_frame_of_tuple(ev, frame, tuple_of(row->item));
		}
		value = jn_eval(ev, order->sort->terms[row->known].expression, context, frame);
		JN_CHECK(value);
		row->values[row->known++] = value;
	}
	return row->values[term];
}

/* Whether a comes after b. */
static const JsonVal *
compare_rows(Evaluation *ev, void *owner, const JsonVal *a, const JsonVal *b, bool *after)
{
	const OrderBy *order = owner;

	*after = false;
	for (int i = 0; i < order->sort->term_count; i++)
	{
		const JsonVal *x = row_value(ev, order, (SortRow *) a, i);
		const JsonVal *y;
		int compared;

		JN_CHECK(x);
		y = row_value(ev, order, (SortRow *) b, i);
		JN_CHECK(y);
		if (x == NULL || y == NULL)
		{
			/* undefined goes to the end, whatever the direction */
			if (x == NULL && y == NULL)
				continue;
			*after = x == NULL;
			return NULL;
		}
		if (!jn_is_orderable(x) || !jn_is_orderable(y))
			return jn_fail_at(ev, "T2008", order->sort, jn_is_orderable(x) ? y : x, NULL);
		if (x->type != y->type)
			return jn_fail_at(ev, "T2007", order->sort, x, y);
		if (x->type == JV_NUMBER)
			compared = x->number == y->number ? 0 : x->number < y->number ? -1 : 1;
		else
			compared = jn_compare_text(x, y);
		if (compared == 0)
			continue;
		*after = (compared > 0) != order->sort->terms[i].is_descending;
		return NULL;
	}
	return NULL;
}

/* The items in order; fewer than two are left as they are. */
const JsonVal *
eval_sort_values(Evaluation *ev, const Node *sort, const JsonVal *input, Frame *frame)
{
	OrderBy order = {sort, frame, jn_is_tuples(input)};
	JnArray *rows;

	if (input->count < 2)
		return input;
	rows = jn_array(ev, 0, input->flags & JN_TUPLES);
	JN_CHECK(jn_array_grow(ev, rows, input->count));
	for (int i = 0; i < input->count; i++)
	{
		SortRow *row = jn_alloc(ev, offsetof(SortRow, values) + sort->term_count * sizeof(JsonVal *));

		memset(row, 0, offsetof(SortRow, values));
		row->v.type = JN_TUPLE;
		row->item = input->u.items[i];
		JN_CHECK(jn_push(ev, rows, &row->v));
	}
	JN_CHECK(jn_merge_sort(ev, (const JsonVal **) rows->v.u.items, rows->v.count, compare_rows, &order));
	for (int i = 0; i < rows->v.count; i++)
		((const JsonVal **) rows->v.u.items)[i] = ((const SortRow *) rows->v.u.items[i])->item;
	return &rows->v;
}

/* ---- plain steps ---- */

static const JsonVal *
splice(Evaluation *ev, JnArray *out, const JsonVal *value)
{
	if (jn_is(value, JV_ARRAY) && !(value->flags & JN_CONSTRUCTED))
		return jn_push_all(ev, out, value);
	return jn_push(ev, out, value);
}

/* A step for one item, its predicates applied. */
static const JsonVal *
eval_step_value(Evaluation *ev, const Node *step, const JsonVal *item, Frame *frame)
{
	const JsonVal *value = jn_eval(ev, step, item, frame);

	JN_CHECK(value);
	for (int i = 0; i < step->stage_count; i++)
	{
		if (step->stages[i].filter == NULL)
			continue;
		value = eval_filter(ev, step->stages[i].filter, value, frame);
		JN_CHECK(value);
	}
	return value;
}

/* A step for all items; the last step lets a single array through as it is. */
static const JsonVal *
eval_step(Evaluation *ev, const Node *step, const JsonVal *input, Frame *frame, bool is_last)
{
	JnArray *out;
	const JsonVal *only = NULL;
	int count = 0;

	if (step->type == NODE_SORT)
	{
		const JsonVal *sorted = eval_sort_values(ev, step, input, frame);

		JN_CHECK(sorted);
		for (int i = 0; i < step->stage_count; i++)
		{
			if (step->stages[i].filter == NULL)
				continue;
			sorted = eval_filter(ev, step->stages[i].filter, sorted, frame);
			JN_CHECK(sorted);
		}
		return sorted;
	}

	out = jn_sequence(ev, input->count > 1 ? Min(input->count, 64) : 1);
	for (int i = 0; i < input->count; i++)
	{
		const JsonVal *value = eval_step_value(ev, step, input->u.items[i], frame);

		JN_CHECK(value);
		if (value == NULL)
			continue;

		/* the first value waits, since it may be the only one */
		if (++count == 1)
		{
			only = value;
			continue;
		}
		if (count == 2)
			JN_CHECK(splice(ev, out, only));
		JN_CHECK(splice(ev, out, value));
	}
	if (count != 1)
		return &out->v;
	if (only->type == JV_ARRAY && is_last && !(only->flags & JN_SEQUENCE))
		return only;

	/* a fresh sequence need not be copied */
	if ((only->flags & (JN_MADE | JN_SEQUENCE | JN_CONSTRUCTED | JN_KEEP | JN_OUTER | JN_TUPLES)) ==
			(JN_MADE | JN_SEQUENCE) &&
		step->has_stages)
		return only;
	JN_CHECK(splice(ev, out, only));
	return &out->v;
}

/* ---- steps that bind names ---- */

static Tuple *
tuple_make(Evaluation *ev, const JsonVal *at, Binding *bindings)
{
	Tuple *tuple = jn_alloc(ev, sizeof(Tuple));

	memset(&tuple->v, 0, sizeof(JsonVal));
	tuple->v.type = JN_TUPLE;
	tuple->v.flags = JN_MADE;
	tuple->at = at;
	tuple->bindings = bindings;
	return tuple;
}

static Binding *
bind_before(Evaluation *ev, Binding *rest, int name, const JsonVal *value)
{
	Binding *binding = jn_alloc(ev, sizeof(Binding));

	binding->name = name;
	binding->value = value;
	binding->next = rest;
	return binding;
}

/* A tuple with the position bound. */
static const JsonVal *
with_index(Evaluation *ev, const Tuple *tuple, int name, int position)
{
	return &tuple_make(ev, tuple->at, bind_before(ev, tuple->bindings, name, jn_number(ev, position)))->v;
}

/* The names of an inner tuple in front of the outer one's. */
static Binding *
join_bindings(Evaluation *ev, Binding *inner, Binding *outer)
{
	Binding *head = outer;
	Binding **tail = &head;

	for (; inner != NULL; inner = inner->next)
	{
		*tail = bind_before(ev, outer, inner->name, inner->value);
		tail = &(*tail)->next;
	}
	return head;
}

/* What one value of a step makes of the tuple it came from. */
static const JsonVal *
extend_tuple(Evaluation *ev, const Node *step, const Tuple *from, const JsonVal *value, int position)
{
	Binding *bindings = from->bindings;
	const JsonVal *at = value;

	if (step->focus >= 0)
	{
		bindings = bind_before(ev, bindings, step->focus, value);
		at = from->at;
	}
	if (step->index >= 0)
		bindings = bind_before(ev, bindings, step->index, jn_number(ev, position));
	if (step->ancestor != NULL)
		bindings = bind_before(ev, bindings, step->ancestor->label, from->at);
	return &tuple_make(ev, at, bindings)->v;
}

static const JsonVal *
push_tuples(Evaluation *ev, const Node *step, const Tuple *from, const JsonVal *value, JnArray *out)
{
	if (value->type != JV_ARRAY)
		return jn_push(ev, out, extend_tuple(ev, step, from, value, 0));
	for (int i = 0; i < value->count; i++)
	{
		const JsonVal *item = value->u.items[i];

		JN_TICK(ev);
		if (value->flags & JN_TUPLES)
		{
			Binding *bindings = join_bindings(ev, tuple_of(item)->bindings, from->bindings);

			JN_CHECK(jn_push(ev, out, &tuple_make(ev, tuple_of(item)->at, bindings)->v));
		}
		else
			JN_CHECK(jn_push(ev, out, extend_tuple(ev, step, from, item, i)));
	}
	return NULL;
}

static const JsonVal *
apply_tuple_stages(Evaluation *ev, const Node *step, const JsonVal *tuples, Frame *frame)
{
	for (int i = 0; i < step->stage_count; i++)
	{
		if (step->stages[i].filter != NULL)
		{
			tuples = eval_filter(ev, step->stages[i].filter, tuples, frame);
			JN_CHECK(tuples);
			continue;
		}
		for (int k = 0; k < tuples->count; k++)
			((const JsonVal **) tuples->u.items)[k] =
				with_index(ev, tuple_of(tuples->u.items[k]), step->stages[i].index, k);
	}
	return tuples;
}

/* The items of an array as tuples without names. */
static const JsonVal *
tuples_of_items(Evaluation *ev, const JsonVal *items)
{
	JnArray *tuples = jn_array(ev, 0, JN_SEQUENCE | JN_TUPLES);

	for (int i = 0; i < items->count; i++)
	{
		JN_TICK(ev);
		JN_CHECK(jn_push(ev, tuples, &tuple_make(ev, items->u.items[i], NULL)->v));
	}
	return &tuples->v;
}

static const JsonVal *
sort_tuples(Evaluation *ev, const Node *step, const JsonVal *tuples, Frame *frame)
{
	const JsonVal *sorted = eval_sort_values(ev, step, tuples, frame);
	JnArray *out;

	JN_CHECK(sorted);
	out = jn_array(ev, 0, JN_SEQUENCE | JN_TUPLES);
	for (int i = 0; i < sorted->count; i++)
	{
		const JsonVal *tuple = sorted->u.items[i];

		if (step->index >= 0)
			tuple = with_index(ev, tuple_of(tuple), step->index, i);
		JN_CHECK(jn_push(ev, out, tuple));
	}
	return apply_tuple_stages(ev, step, &out->v, frame);
}

/* A step of a path that binds names; the first such step gets plain items. */
static const JsonVal *
eval_tuple_step(Evaluation *ev, const Node *step, const JsonVal *input, const JsonVal *tuples, Frame *frame)
{
	JnArray *out;

	if (tuples == NULL)
	{
		tuples = tuples_of_items(ev, input);
		JN_CHECK(tuples);
	}
	if (step->type == NODE_SORT)
		return sort_tuples(ev, step, tuples, frame);

	out = jn_array(ev, 0, JN_SEQUENCE | JN_TUPLES);
	for (int i = 0; i < tuples->count; i++)
	{
		const Tuple *tuple = tuple_of(tuples->u.items[i]);
		const JsonVal *value;

		JN_TICK(ev);
		value = jn_eval(ev, step, tuple->at, jn_frame_of_tuple(ev, frame, tuple));
		JN_CHECK(value);
		if (value != NULL)
			JN_CHECK(push_tuples(ev, step, tuple, value, out));
	}
	return apply_tuple_stages(ev, step, &out->v, frame);
}

/* ---- whole paths ---- */

static const JsonVal *
values_of_tuples(Evaluation *ev, const JsonVal *tuples)
{
	JnArray *values = jn_sequence(ev, 0);

	for (int i = 0; i < tuples->count; i++)
		JN_CHECK(jn_push(ev, values, tuple_of(tuples->u.items[i])->at));
	return &values->v;
}

/* The marks that "[]" in a path leaves on its result. */
static const JsonVal *
keep_singleton(Evaluation *ev, const JsonVal *result)
{
	if (!jn_is(result, JV_ARRAY))
		return result;
	if (!(result->flags & JN_SEQUENCE) && (result->flags & JN_CONSTRUCTED))
	{
		JnArray *outer = jn_sequence(ev, 1);

		(void) jn_push(ev, outer, result);
		result = &outer->v;
	}
	if (result->flags & JN_MADE)
		unconstify(JsonVal *, result)->flags |= JN_KEEP;
	return result;
}

static const JsonVal *
eval_general_path(Evaluation *ev, const Node *path, int first, const JsonVal *input, Frame *frame)
{
	const JsonVal *sequence = input;
	const JsonVal *result = input;
	const JsonVal *tuples = NULL;
	bool is_tuples = false;

	for (int i = first; i < path->item_count; i++)
	{
		const Node *step = path->items[i];

		is_tuples |= step->is_tuple;
		if (i == 0 && step->is_constructor)
			result = jn_eval(ev, step, sequence, frame);
		else if (is_tuples)
			result = tuples = eval_tuple_step(ev, step, sequence, tuples, frame);
		else
			result = eval_step(ev, step, sequence, frame, i == path->item_count - 1);
		JN_CHECK(result);
		if (!is_tuples && (result == NULL || (result->type == JV_ARRAY && result->count == 0)))
			break;
		if (step->focus < 0)
		{
			/* a first step in brackets may have become one value */
			if (result != NULL && result->type != JV_ARRAY)
			{
				JnArray *single = jn_sequence(ev, 1);

				(void) jn_push(ev, single, result);
				result = &single->v;
			}
			sequence = result;
		}
	}
	if (is_tuples && tuples == NULL)
		tuples = tuples_of_items(ev, jv_empty_array());
	if (is_tuples)
		result = path->is_tuple ? tuples : values_of_tuples(ev, tuples);
	JN_CHECK(result);
	if (path->keep_singleton)
		result = keep_singleton(ev, result);
	if (path->group != NULL)
		return eval_group(ev, path->group, is_tuples ? tuples : result, frame);
	return result;
}

/*
 * Names only: as long as no array comes in between, nothing needs to be made.
 * From an array on, the general way does the rest.
 */
static const JsonVal *
eval_plain_path(Evaluation *ev, const Node *path, const JsonVal *input, Frame *frame)
{
	const JsonVal *value = input;

	for (int i = 0; i < path->item_count; i++)
	{
		const Node *step = path->items[i];

		if (value == NULL)
			return NULL;
		if (value->type == JV_ARRAY)
			return eval_general_path(ev, path, i, value, frame);
		if (value->type != JV_OBJECT)
			return NULL;
		value = jn_get(value, step->text, step->text_length);
	}

	/* a sequence kept in an object is spliced into a new one, without its marks */
	if (jn_is_sequence(value))
	{
		JnArray *copy = jn_sequence(ev, value->count);

		JN_CHECK(jn_push_all(ev, copy, value));
		return &copy->v;
	}
	return value;
}

const JsonVal *
eval_path(Evaluation *ev, const Node *path, const JsonVal *input, Frame *frame)
{
	const Node *first = path->items[0];

	if (path->is_plain_path && ev->depth < ev->max_depth)
		return eval_plain_path(ev, path, input, frame);
	if (!jn_is(input, JV_ARRAY) || first->type == NODE_VARIABLE || first->type == NODE_CONTEXT)
	{
		JnArray *single = jn_sequence(ev, 1);

		(void) jn_push(ev, single, input);
		input = &single->v;
	}
	return eval_general_path(ev, path, 0, input, frame);
}
