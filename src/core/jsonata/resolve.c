/*
 * resolve.c
 *	  From the tree in the shape of the text to the tree that is evaluated.
 *
 * "a.b[c].d" becomes one path with steps and stages; "@", "#", "^" and "{" move
 * to the step or path they belong to; names get numbers.
 *
 * The parent operator: each "%" makes a slot with level 1, "one step up".  On
 * the way up the tree, slots that found no step yet are kept in the node's
 * `seeking`; when a path is put together, its steps are asked from right to
 * left: a name or wildcard lowers the level, another "%" raises it, and the step
 * that lowers it to 0 keeps its own context under the slot's label.  A slot that
 * leaves the whole expression has no parent: S0217.
 */
#include "base/port.h"

#include "jsonata/parse_private.h"

static Node *resolve(Compiler *compiler, Node *raw);

static const char *
type_word(const Node *node)
{
	switch (node->type)
	{
		case NODE_PARENT:
			return "parent";
		case NODE_PATH:
			return "path";
		case NODE_DESCENDANT:
			return "descendant";
		case NODE_VARIABLE:
		case NODE_CONTEXT:
			return "variable";
		case NODE_FUNCTION:
			return "function";
		case NODE_ARRAY:
		case NODE_OBJECT:
		case NODE_NEGATE:
			return "unary";
		case NODE_STRING:
			return "string";
		case NODE_SORT:
			return "sort";
		case NODE_CONDITION:
			return "condition";
		default:
			return "binary";
	}
}

static bool
fail_no_parent(Compiler *compiler, const Node *node)
{
	jn_compile_fail(compiler, "S0217", node);
	compiler->failure.token = type_word(node);
	compiler->failure.token_length = strlen(compiler->failure.token);
	compiler->failure.token_is_number = false;
	return false;
}

/* ---- names ---- */

static int
intern_bound(Compiler *compiler, const char *text, int length)
{
	int name = jn_names_intern(&compiler->expression->names, text, length);

	compiler->expression->names.entries[name].is_bound = true;
	return name;
}

/* ---- slots ---- */

static void
slots_add(SlotList *list, ParentSlot *slot)
{
	if (list->slots == NULL)
		list->slots = palloc(4 * sizeof(ParentSlot *));
	else if (list->count >= 4 && (list->count & (list->count - 1)) == 0)
		list->slots = repalloc(list->slots, list->count * 2 * sizeof(ParentSlot *));
	list->slots[list->count++] = slot;
}

/* The slots that still seek, of a part, now seek from the whole. */
static void
take_over_slots(Node *whole, const Node *part)
{
	for (int i = 0; i < part->seeking.count; i++)
		slots_add(&whole->seeking, part->seeking.slots[i]);
	if (part->type == NODE_PARENT)
		slots_add(&whole->seeking, part->slot);
}

static bool seek_parent_in_path(Compiler *compiler, Node *path, ParentSlot *slot);

/* Lets a slot pass a step on its way up. */
static bool
seek_parent(Compiler *compiler, Node *node, ParentSlot *slot)
{
	switch (node->type)
	{
		case NODE_NAME:
		case NODE_WILDCARD:
			if (--slot->level == 0)
			{
				if (node->ancestor != NULL)
					slot->label = node->ancestor->label;
				node->ancestor = slot;
				node->is_tuple = true;
			}
			return true;
		case NODE_PARENT:
			slot->level++;
			return true;
		case NODE_BLOCK:
			if (node->item_count > 0)
			{
				node->is_tuple = true;
				return seek_parent(compiler, node->items[node->item_count - 1], slot);
			}
			return true;
		case NODE_PATH:
			node->is_tuple = true;
			return seek_parent_in_path(compiler, node, slot);
		default:
			return fail_no_parent(compiler, node);
	}
}

static bool
seek_parent_in_path(Compiler *compiler, Node *path, ParentSlot *slot)
{
	int i = path->item_count - 1;

	if (!seek_parent(compiler, path->items[i--], slot))
		return false;
	while (slot->level > 0 && i >= 0)
	{
		if (!seek_parent(compiler, path->items[i--], slot))
			return false;
	}
	return true;
}

/* One slot of the last step: asks the steps before it, skipping all but the first of those that bind "@". */
static bool
resolve_slot(Compiler *compiler, Node *path, ParentSlot *slot)
{
	int i = path->item_count - 2;

	while (slot->level > 0)
	{
		Node *step;

		if (i < 0)
		{
			slots_add(&path->seeking, slot);
			return true;
		}
		step = path->items[i--];
		while (i >= 0 && step->focus >= 0 && path->items[i]->focus >= 0)
			step = path->items[i--];
		if (!seek_parent(compiler, step, slot))
			return false;
	}
	return true;
}

/* The slots of the path's last step look for their parents. */
static bool
resolve_ancestry(Compiler *compiler, Node *path)
{
	Node *last = path->items[path->item_count - 1];

	for (int i = 0; i < last->seeking.count; i++)
	{
		if (!resolve_slot(compiler, path, last->seeking.slots[i]))
			return false;
	}
	return last->type != NODE_PARENT || resolve_slot(compiler, path, last->slot);
}

/* ---- paths ---- */

static Node *
path_of_step(Node *step)
{
	Node *path = jn_node(NODE_PATH, step);

	jn_node_add_item(path, step);
	return path;
}

static Node *
last_step(Node *path)
{
	return path->items[path->item_count - 1];
}

/* Literal steps: a string is a name, others are errors. */
static bool
check_steps(Compiler *compiler, Node *path)
{
	for (int i = 0; i < path->item_count; i++)
	{
		Node *step = path->items[i];

		if (step->type == NODE_NUMBER || step->type == NODE_VALUE)
		{
			jn_compile_fail(compiler, "S0213", step);
			compiler->failure.token = NULL;
			compiler->failure.value = step->value;
			return false;
		}
		if (step->type == NODE_STRING)
			step->type = NODE_NAME;
		if (step->keep_array)
			path->keep_singleton = true;
	}
	return true;
}

static Node *
resolve_dot(Compiler *compiler, Node *raw)
{
	Node *left = resolve(compiler, raw->left);
	Node *path = left;
	Node *right;

	if (left == NULL)
		return NULL;
	if (left->type != NODE_PATH)
	{
		path = path_of_step(left);
		if (left->type == NODE_PARENT)
			slots_add(&path->seeking, left->slot);
	}

	right = resolve(compiler, raw->right);
	if (right == NULL)
		return NULL;
	if (right->type == NODE_PATH)
	{
		for (int i = 0; i < right->item_count; i++)
			jn_node_add_item(path, right->items[i]);
	}
	else
	{
		right->stages = right->predicates;
		right->stage_count = right->predicate_count;
		right->has_stages = right->has_predicates;
		right->predicates = NULL;
		right->predicate_count = 0;
		right->has_predicates = false;
		jn_node_add_item(path, right);
	}
	if (!check_steps(compiler, path))
		return NULL;
	if (path->items[0]->type == NODE_ARRAY)
		path->items[0]->is_constructor = true;
	if (last_step(path)->type == NODE_ARRAY)
		last_step(path)->is_constructor = true;
	return resolve_ancestry(compiler, path) ? path : NULL;
}

static void
stage_add(Stage **stages, int *count, Stage stage)
{
	if (*stages == NULL)
		*stages = palloc(4 * sizeof(Stage));
	else if (*count >= 4 && (*count & (*count - 1)) == 0)
		*stages = repalloc(*stages, *count * 2 * sizeof(Stage));
	(*stages)[(*count)++] = stage;
}

/* The parents that a predicate seeks begin at the step it stands behind. */
static bool
resolve_filter_slots(Compiler *compiler, Node *step, Node *filter)
{
	for (int i = 0; i < filter->seeking.count; i++)
	{
		ParentSlot *slot = filter->seeking.slots[i];

		if (slot->level == 1)
		{
			if (!seek_parent(compiler, step, slot))
				return false;
		}
		else
			slot->level--;
	}
	take_over_slots(step, filter);
	return true;
}

static Node *
resolve_filter(Compiler *compiler, Node *raw)
{
	Node *result = resolve(compiler, raw->left);
	Node *step = result;
	Stage stage = {NULL, -1};

	if (result == NULL)
		return NULL;
	if (result->type == NODE_PATH)
		step = last_step(result);
	if (step->group != NULL && step->type != NODE_OBJECT)
	{
		jn_compile_fail(compiler, "S0209", raw);
		return NULL;
	}
	stage.filter = resolve(compiler, raw->right);
	if (stage.filter == NULL || !resolve_filter_slots(compiler, step, stage.filter))
		return NULL;
	if (result->type == NODE_PATH)
	{
		stage_add(&step->stages, &step->stage_count, stage);
		step->has_stages = true;
	}
	else
	{
		stage_add(&step->predicates, &step->predicate_count, stage);
		step->has_predicates = true;
	}
	return result;
}

static bool
resolve_pairs(Compiler *compiler, Group *group, Node *owner)
{
	for (int i = 0; i < group->count; i++)
	{
		GroupPair *pair = &group->pairs[i];

		pair->key = resolve(compiler, pair->key);
		if (pair->key == NULL)
			return false;
		pair->value = resolve(compiler, pair->value);
		if (pair->value == NULL)
			return false;
		if (owner != NULL)
		{
			take_over_slots(owner, pair->key);
			take_over_slots(owner, pair->value);
		}
	}
	return true;
}

static Node *
resolve_group(Compiler *compiler, Node *raw)
{
	Node *result = resolve(compiler, raw->left);

	if (result == NULL)
		return NULL;
	if (result->group != NULL && result->type != NODE_OBJECT)
	{
		jn_compile_fail(compiler, "S0210", raw);
		return NULL;
	}

	/* an object constructor keeps its own pairs; it is grouped as a block of itself */
	if (result->type == NODE_OBJECT)
	{
		Node *block = jn_node(NODE_BLOCK, result);

		jn_node_add_item(block, result);
		take_over_slots(block, result);
		result = block;
	}
	if (!resolve_pairs(compiler, raw->group, NULL))
		return NULL;
	result->group = raw->group;
	return result;
}

static Node *
resolve_sort(Compiler *compiler, Node *raw)
{
	Node *path = resolve(compiler, raw->left);
	Node *sort;

	if (path == NULL)
		return NULL;
	if (path->type != NODE_PATH)
		path = path_of_step(path);
	sort = jn_node(NODE_SORT, raw);
	sort->terms = raw->terms;
	sort->term_count = raw->term_count;
	for (int i = 0; i < sort->term_count; i++)
	{
		sort->terms[i].expression = resolve(compiler, sort->terms[i].expression);
		if (sort->terms[i].expression == NULL)
			return NULL;
		take_over_slots(sort, sort->terms[i].expression);
	}
	jn_node_add_item(path, sort);
	return resolve_ancestry(compiler, path) ? path : NULL;
}

/* "@$name": the step's values are bound, the context stays. */
static Node *
resolve_focus(Compiler *compiler, Node *raw)
{
	Node *result = resolve(compiler, raw->left);
	Node *step = result;

	if (result == NULL)
		return NULL;
	if (result->type == NODE_PATH)
		step = last_step(result);
	if (step->has_stages || step->has_predicates)
	{
		jn_compile_fail(compiler, "S0215", raw);
		return NULL;
	}
	if (step->type == NODE_SORT)
	{
		jn_compile_fail(compiler, "S0216", raw);
		return NULL;
	}
	if (raw->keep_array)
		step->keep_array = true;
	step->focus = intern_bound(compiler, raw->right->text, raw->right->text_length);
	step->is_tuple = true;
	return result;
}

/* "#$name": the position is bound. */
static Node *
resolve_index(Compiler *compiler, Node *raw)
{
	Node *result = resolve(compiler, raw->left);
	Node *step;
	int name;

	if (result == NULL)
		return NULL;
	if (result->type != NODE_PATH)
	{
		Node *path = path_of_step(result);

		take_over_slots(path, result);
		result->stages = result->predicates;
		result->stage_count = result->predicate_count;
		result->has_stages = result->has_predicates;
		result->predicates = NULL;
		result->predicate_count = 0;
		result->has_predicates = false;
		result = path;
	}
	step = last_step(result);
	name = intern_bound(compiler, raw->right->text, raw->right->text_length);
	if (!step->has_stages)
		step->index = name;
	else
	{
		Stage stage = {NULL, name};

		stage_add(&step->stages, &step->stage_count, stage);
	}
	step->is_tuple = true;
	return result;
}

/* ---- everything else ---- */

static bool
resolve_child(Compiler *compiler, Node *owner, Node **child, bool takes_slots)
{
	if (*child == NULL)
		return true;
	*child = resolve(compiler, *child);
	if (*child == NULL)
		return false;
	if (takes_slots)
		take_over_slots(owner, *child);
	return true;
}

static bool
resolve_items(Compiler *compiler, Node *owner)
{
	for (int i = 0; i < owner->item_count; i++)
	{
		if (!resolve_child(compiler, owner, &owner->items[i], true))
			return false;
	}
	return true;
}

static bool
resolve_children(Compiler *compiler, Node *node)
{
	return resolve_child(compiler, node, &node->left, true) && resolve_child(compiler, node, &node->right, true) &&
		resolve_child(compiler, node, &node->third, true);
}

static Node *
resolve_block(Compiler *compiler, Node *node)
{
	if (!resolve_items(compiler, node))
		return NULL;
	for (int i = 0; i < node->item_count; i++)
	{
		const Node *part = node->items[i];

		if (part->is_constructor || (part->type == NODE_PATH && part->items[0]->is_constructor))
			node->is_constructor = true;
	}
	return node;
}

/* Marks the calls whose value is the value of the function around them. */
static void
mark_tail_calls(Node *node)
{
	for (;;)
	{
		if (node->has_predicates || (node->group != NULL && node->type != NODE_OBJECT))
			return;
		switch (node->type)
		{
			case NODE_FUNCTION:
				node->is_tail = true;
				return;
			case NODE_CONDITION:
				node->is_tail = true;
				mark_tail_calls(node->right);
				if (node->third == NULL)
					return;
				node = node->third;
				break;
			case NODE_COALESCE:
			case NODE_DEFAULT:
				node->is_tail = true;
				node = node->right;
				break;
			case NODE_BLOCK:
				node->is_tail = true;
				if (node->item_count == 0)
					return;
				node = node->items[node->item_count - 1];
				break;
			default:
				return;
		}
	}
}

static Node *
resolve_lambda(Compiler *compiler, Node *node)
{
	for (int i = 0; i < node->item_count; i++)
	{
		Node *parameter = node->items[i];

		parameter->name = intern_bound(compiler, parameter->text, parameter->text_length);
	}
	if (!resolve_child(compiler, node, &node->left, false))
		return NULL;
	mark_tail_calls(node->left);
	return node;
}

static Node *
resolve_variable(Compiler *compiler, Node *node)
{
	node->name = jn_names_intern(&compiler->expression->names, node->text, node->text_length);
	if (node->text_length == 4 && memcmp(node->text, "eval", 4) == 0)
		compiler->expression->uses_eval = true;
	return node;
}

static Node *
resolve_parent(Compiler *compiler, Node *node)
{
	char label[16];

	node->slot = palloc0(sizeof(ParentSlot));
	node->slot->level = 1;
	snprintf(label, sizeof(label), "!%d", compiler->labels++);
	node->slot->label = intern_bound(compiler, label, strlen(label));
	return node;
}

static Node *
resolve_negate(Compiler *compiler, Node *node)
{
	if (!resolve_child(compiler, node, &node->left, true))
		return NULL;
	if (node->left->type == NODE_NUMBER && !node->left->has_predicates)
	{
		Node *number = node->left;
		StringInfoData text;

		initStringInfo(&text);
		if (number->value->u.text[0] == '-')
			appendBinaryStringInfo(&text, number->value->u.text + 1, number->value->count - 1);
		else
			appendStringInfo(&text, "-%s", number->value->u.text);
		number->value = jv_number_text(text.data, text.len);
		return number;
	}
	return node;
}

static Node *
resolve_call(Compiler *compiler, Node *node)
{
	if (!resolve_items(compiler, node) || !resolve_child(compiler, node, &node->left, false))
		return NULL;
	return node;
}

static Node *
resolve_node(Compiler *compiler, Node *raw)
{
	switch (raw->type)
	{
		case NODE_RAW_DOT:
			return resolve_dot(compiler, raw);
		case NODE_RAW_FILTER:
			return resolve_filter(compiler, raw);
		case NODE_RAW_GROUP:
			return resolve_group(compiler, raw);
		case NODE_RAW_SORT:
			return resolve_sort(compiler, raw);
		case NODE_RAW_FOCUS:
			return resolve_focus(compiler, raw);
		case NODE_RAW_INDEX:
			return resolve_index(compiler, raw);
		case NODE_RAW_END:
			jn_compile_fail(compiler, "S0207", raw);
			return NULL;
		case NODE_NAME:
		{
			Node *path = path_of_step(raw);

			path->keep_singleton = raw->keep_array;
			return path;
		}
		case NODE_PARENT:
			return resolve_parent(compiler, raw);
		case NODE_VARIABLE:
			return resolve_variable(compiler, raw);
		case NODE_NEGATE:
			return resolve_negate(compiler, raw);
		case NODE_ARRAY:
			return resolve_items(compiler, raw) ? raw : NULL;
		case NODE_OBJECT:
			return resolve_pairs(compiler, raw->group, raw) ? raw : NULL;
		case NODE_BLOCK:
			return resolve_block(compiler, raw);
		case NODE_FUNCTION:
		case NODE_PARTIAL:
			return resolve_call(compiler, raw);
		case NODE_LAMBDA:
			return resolve_lambda(compiler, raw);
		case NODE_TRANSFORM:
			if (!resolve_child(compiler, raw, &raw->left, false) || !resolve_child(compiler, raw, &raw->right, false) ||
				!resolve_child(compiler, raw, &raw->third, false))
				return NULL;
			return raw;
		case NODE_BIND:
			raw->name = intern_bound(compiler, raw->left->text, raw->left->text_length);
			raw->left = NULL;
			return resolve_child(compiler, raw, &raw->right, true) ? raw : NULL;
		case NODE_APPLY:
			if (!resolve_child(compiler, raw, &raw->left, false) || !resolve_child(compiler, raw, &raw->right, false))
				return NULL;
			raw->keep_array |= raw->left->keep_array || raw->right->keep_array;
			return raw;
		default:
			return resolve_children(compiler, raw) ? raw : NULL;
	}
}

/* Whether the steps are names and nothing else, so that evaluation can take the short way. */
static bool
is_plain_path(const Node *path)
{
	if (path->keep_singleton || path->keep_array || path->is_tuple || path->group != NULL || path->has_predicates)
		return false;
	for (int i = 0; i < path->item_count; i++)
	{
		const Node *step = path->items[i];

		if (step->type != NODE_NAME || step->has_stages || step->is_tuple || step->keep_array || step->has_predicates)
			return false;
	}
	return true;
}

static Node *
resolve(Compiler *compiler, Node *raw)
{
	bool keep_array = raw->keep_array;
	Node *result = resolve_node(compiler, raw);

	if (result != NULL && keep_array)
		result->keep_array = true;
	return result;
}

/*
 * The second walk, when all steps are settled: marks what allows a short way.
 * Filters and groups hang on the nodes they belong to, so the walk visits all.
 */
static void
mark(Node *node)
{
	if (node == NULL)
		return;
	mark(node->left);
	mark(node->right);
	mark(node->third);
	for (int i = 0; i < node->item_count; i++)
		mark(node->items[i]);
	for (int i = 0; i < node->term_count; i++)
		mark(node->terms[i].expression);
	for (int i = 0; i < node->stage_count; i++)
		mark(node->stages[i].filter);
	for (int i = 0; i < node->predicate_count; i++)
		mark(node->predicates[i].filter);
	if (node->group != NULL)
	{
		for (int i = 0; i < node->group->count; i++)
		{
			mark(node->group->pairs[i].key);
			mark(node->group->pairs[i].value);
		}
	}
	node->is_plain_path = node->type == NODE_PATH && is_plain_path(node);
	node->has_extras = node->has_predicates || node->keep_array ||
		(node->group != NULL && node->type != NODE_OBJECT && node->type != NODE_PATH);
}

/* The tree that is evaluated, or NULL with the compiler's failure filled. */
Node *
jn_resolve_tree(Compiler *compiler, Node *raw)
{
	Node *root = resolve(compiler, raw);

	if (root == NULL)
		return NULL;
	if (root->type == NODE_PARENT || root->seeking.count > 0)
	{
		fail_no_parent(compiler, root);
		return NULL;
	}
	mark(root);
	return root;
}
