/*
 * free_names.c
 *	  What an expression asks of its surroundings: variables and fields.
 *
 * A walk in the order of the text with the names that are bound at each place.
 * A block's ":=" binds for what follows in the block; inside a function's body,
 * which runs later, everything counts that the blocks around it ever bind.  A
 * field is free when it is looked up in the expression's own input; behind a
 * step, in a predicate or in a grouping the context is another one.
 */
#include "base/port.h"

#include "jsonata/runtime.h"

typedef struct Scope
{
	struct Scope *outer;
	const Node *block; /* whose bindings count later, or NULL */
	int *names;
	int count;
	int capacity;
	int lambda_depth; /* of functions around the scope */
} Scope;

typedef enum WalkKind
{
	WALK_VARIABLES,
	WALK_FIELDS,
	WALK_VARIABLE_FIELDS
} WalkKind;

typedef struct Walk
{
	const JsonataExpression *expression;
	WalkKind kind;
	const char *variable; /* WALK_VARIABLE_FIELDS: whose fields */
	int variable_length;
	Scope *scope;
	int lambda_depth;
	JsonataFreeName *found;
	int count;
	int capacity;
} Walk;

static void walk(Walk *w, const Node *node, bool at_root);

/* ---- scopes ---- */

static void
scope_push(Walk *w, Scope *scope, const Node *block)
{
	memset(scope, 0, sizeof(Scope));
	scope->outer = w->scope;
	scope->block = block;
	scope->lambda_depth = w->lambda_depth;
	w->scope = scope;
}

static void
scope_pop(Walk *w)
{
	w->scope = w->scope->outer;
}

static void
scope_bind(Walk *w, int name)
{
	Scope *scope = w->scope;

	if (name < 0)
		return;
	if (scope->names == NULL)
	{
		scope->capacity = 8;
		scope->names = palloc(scope->capacity * sizeof(int));
	}
	else if (scope->count == scope->capacity)
	{
		scope->capacity *= 2;
		scope->names = repalloc(scope->names, scope->capacity * sizeof(int));
	}
	scope->names[scope->count++] = name;
}

/* Whether one of a block's own parts binds the name. */
static bool
block_binds(const Node *block, int name)
{
	for (int i = 0; block != NULL && i < block->item_count; i++)
	{
		if (block->items[i]->type == NODE_BIND && block->items[i]->name == name)
			return true;
	}
	return false;
}

static bool
is_bound(const Walk *w, int name)
{
	for (const Scope *scope = w->scope; scope != NULL; scope = scope->outer)
	{
		for (int i = 0; i < scope->count; i++)
		{
			if (scope->names[i] == name)
				return true;
		}
		if (w->lambda_depth > scope->lambda_depth && block_binds(scope->block, name))
			return true;
	}
	return false;
}

/* ---- findings ---- */

static void
add(Walk *w, const char *name, int length, int offset, bool is_builtin)
{
	JsonataFreeName *found;

	for (int i = 0; i < w->count; i++)
	{
		if (w->found[i].length == length && memcmp(w->found[i].name, name, length) == 0)
			return;
	}
	if (w->found == NULL)
	{
		w->capacity = 8;
		w->found = palloc(w->capacity * sizeof(JsonataFreeName));
	}
	else if (w->count == w->capacity)
	{
		w->capacity *= 2;
		w->found = repalloc(w->found, w->capacity * sizeof(JsonataFreeName));
	}
	found = &w->found[w->count++];
	found->name = pnstrdup(name, length);
	found->length = length;
	found->offset = offset;
	found->is_builtin = is_builtin;
}

static bool
is_the_variable(const Walk *w, const Node *node)
{
	return node->type == NODE_VARIABLE && node->text_length == w->variable_length &&
		memcmp(node->text, w->variable, w->variable_length) == 0 && !is_bound(w, node->name);
}

static void
visit_leaf(Walk *w, const Node *node, bool at_root)
{
	switch (node->type)
	{
		case NODE_VARIABLE:
			if (w->kind == WALK_VARIABLES && !is_bound(w, node->name))
				add(w, node->text, node->text_length, node->offset,
					w->expression->names.entries[node->name].builtin != NULL);
			else if (w->kind == WALK_VARIABLE_FIELDS && is_the_variable(w, node))
				add(w, "", 0, node->offset, false);
			break;
		case NODE_CONTEXT:
			if (w->kind == WALK_VARIABLES && at_root)
				add(w, "", 0, node->offset, false);
			break;
		case NODE_NAME:
		case NODE_WILDCARD:
		case NODE_DESCENDANT:
			if (w->kind == WALK_FIELDS && at_root)
				add(w, node->text, node->text_length, node->offset, false);
			break;
		default:
			break;
	}
}

/* ---- the walk ---- */

static void
walk_group(Walk *w, const Group *group, bool at_root)
{
	for (int i = 0; group != NULL && i < group->count; i++)
	{
		walk(w, group->pairs[i].key, at_root);
		walk(w, group->pairs[i].value, at_root);
	}
}

static void
walk_stages(Walk *w, const Stage *stages, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (stages[i].filter != NULL)
			walk(w, stages[i].filter, false);
		else
			scope_bind(w, stages[i].index);
	}
}

/* "$states.input": the field is the finding, the variable itself none. */
static bool
walk_variable_field(Walk *w, const Node *path)
{
	const Node *second;

	if (w->kind != WALK_VARIABLE_FIELDS || path->item_count < 2 || !is_the_variable(w, path->items[0]) ||
		path->items[0]->has_predicates)
		return false;
	second = path->items[1];
	if (second->type != NODE_NAME)
		return false;
	add(w, second->text, second->text_length, second->offset, false);
	return true;
}

static void
walk_path(Walk *w, const Node *path, bool at_root)
{
	Scope scope;
	bool skips_first = walk_variable_field(w, path);

	scope_push(w, &scope, NULL);
	for (int i = 0; i < path->item_count; i++)
	{
		const Node *step = path->items[i];

		if (i > 0 || !skips_first)
			walk(w, step, at_root && i == 0);
		scope_bind(w, step->focus);
		scope_bind(w, step->index);
		walk_stages(w, step->stages, step->stage_count);
	}
	walk_group(w, path->group, false);
	scope_pop(w);
}

static void
walk_block(Walk *w, const Node *block, bool at_root)
{
	Scope scope;

	scope_push(w, &scope, block);
	for (int i = 0; i < block->item_count; i++)
		walk(w, block->items[i], at_root);
	scope_pop(w);
}

static void
walk_lambda(Walk *w, const Node *lambda, bool at_root)
{
	Scope scope;

	w->lambda_depth++;
	scope_push(w, &scope, NULL);
	for (int i = 0; i < lambda->item_count; i++)
		scope_bind(w, lambda->items[i]->name);
	walk(w, lambda->left, at_root);
	scope_pop(w);
	w->lambda_depth--;
}

static void
walk_children(Walk *w, const Node *node, bool at_root)
{
	walk(w, node->left, at_root);
	walk(w, node->right, at_root);
	walk(w, node->third, at_root);
	for (int i = 0; i < node->item_count; i++)
		walk(w, node->items[i], at_root);
	for (int i = 0; i < node->term_count; i++)
		walk(w, node->terms[i].expression, false);
}

static void
walk(Walk *w, const Node *node, bool at_root)
{
	if (node == NULL)
		return;
	switch (node->type)
	{
		case NODE_PATH:
			walk_path(w, node, at_root);
			break;
		case NODE_BLOCK:
			walk_block(w, node, at_root);
			break;
		case NODE_LAMBDA:
			walk_lambda(w, node, at_root);
			break;
		case NODE_BIND:
			walk(w, node->right, at_root);
			scope_bind(w, node->name);
			break;
		case NODE_OBJECT:
			walk_group(w, node->group, at_root);
			break;
		case NODE_TRANSFORM:
			walk_children(w, node, false);
			break;
		default:
			visit_leaf(w, node, at_root);
			walk_children(w, node, at_root);
			break;
	}
	walk_stages(w, node->predicates, node->predicate_count);
	if (node->type != NODE_OBJECT && node->type != NODE_PATH)
		walk_group(w, node->group, false);
}

static int
find_names(const JsonataExpression *expression, WalkKind kind, const char *variable, const JsonataFreeName **names)
{
	Walk w = {.expression = expression, .kind = kind, .variable = variable};
	Scope top;

	w.variable_length = variable == NULL ? 0 : strlen(variable);
	scope_push(&w, &top, NULL);
	walk(&w, expression->root, true);
	*names = w.found;
	return w.count;
}

/* Variables that no := or parameter of the expression defines where they are used. */
int
jsonata_free_variables(const JsonataExpression *expression, const JsonataFreeName **names)
{
	return find_names(expression, WALK_VARIABLES, NULL, names);
}

/* Field names, wildcards ("*", "**") that are looked up in the input itself. */
int
jsonata_free_fields(const JsonataExpression *expression, const JsonataFreeName **names)
{
	return find_names(expression, WALK_FIELDS, NULL, names);
}

/* Fields that the expression reads directly from a variable; a use without a field gives a name of length 0. */
int
jsonata_variable_fields(const JsonataExpression *expression, const char *variable, const JsonataFreeName **names)
{
	return find_names(expression, WALK_VARIABLE_FIELDS, variable, names);
}
