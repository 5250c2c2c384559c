/*
 * compile.c
 *	  From text to a compiled expression, and the table of its names.
 */
#include "base/port.h"

#include "common/hashfn.h"

#include "jsonata/runtime.h"

/* ---- names ---- */

static uint32
name_hash(const char *text, int length)
{
	return hash_bytes((const unsigned char *) text, length);
}

/* The slot of a name: the one that holds it, or the free one where it belongs. */
static int32 *
name_slot(const NameTable *names, const char *text, int length)
{
	uint32 slot = name_hash(text, length) & (names->slot_count - 1);

	for (;; slot = (slot + 1) & (names->slot_count - 1))
	{
		const NameEntry *entry;

		if (names->slots[slot] < 0)
			return &names->slots[slot];
		entry = &names->entries[names->slots[slot]];
		if (entry->length == length && memcmp(entry->text, text, length) == 0)
			return &names->slots[slot];
	}
}

static void
names_grow(NameTable *names)
{
	int capacity = Max(names->capacity * 2, 16);
	NameEntry *entries = palloc(capacity * sizeof(NameEntry));

	if (names->count > 0)
		memcpy(entries, names->entries, names->count * sizeof(NameEntry));
	names->entries = entries;
	names->capacity = capacity;
	names->slot_count = capacity * 2;
	names->slots = palloc(names->slot_count * sizeof(int32));
	memset(names->slots, 0xff, names->slot_count * sizeof(int32));
	for (int i = 0; i < names->count; i++)
		*name_slot(names, entries[i].text, entries[i].length) = i;
}

/* The number of a name, or -1 when it does not occur. */
int
jn_names_find(const NameTable *names, const char *text, int length)
{
	return names->slot_count == 0 ? -1 : *name_slot(names, text, length);
}

/* The number of a name, given to it now when it is new. */
int
jn_names_intern(NameTable *names, const char *text, int length)
{
	int found = jn_names_find(names, text, length);
	NameEntry *entry;

	if (found >= 0)
		return found;
	if (names->count == names->capacity)
		names_grow(names);
	entry = &names->entries[names->count];
	entry->text = pnstrdup(text, length);
	entry->length = length;
	entry->is_bound = false;
	entry->builtin = NULL;
	*name_slot(names, text, length) = names->count;
	return names->count++;
}

/* A table of its own that begins with the same names. */
static void
names_copy(NameTable *to, const NameTable *from)
{
	memset(to, 0, sizeof(NameTable));
	for (int i = 0; i < from->count; i++)
	{
		(void) jn_names_intern(to, from->entries[i].text, from->entries[i].length);
		to->entries[i].is_bound = from->entries[i].is_bound;
	}
}

/* ---- compiling ---- */

/* Literals lie in the expression's memory: marked so that results get copies. */
static void
mark_literals(Node *node)
{
	if (node == NULL)
		return;
	if (node->value != NULL && (node->type == NODE_STRING || node->type == NODE_NUMBER))
		unconstify(JsonVal *, node->value)->flags |= JN_MADE;
	mark_literals(node->left);
	mark_literals(node->right);
	mark_literals(node->third);
	for (int i = 0; i < node->item_count; i++)
		mark_literals(node->items[i]);
	for (int i = 0; i < node->term_count; i++)
		mark_literals(node->terms[i].expression);
	for (int i = 0; i < node->stage_count; i++)
		mark_literals(node->stages[i].filter);
	for (int i = 0; i < node->predicate_count; i++)
		mark_literals(node->predicates[i].filter);
	for (int i = 0; node->group != NULL && i < node->group->count; i++)
	{
		mark_literals(node->group->pairs[i].key);
		mark_literals(node->group->pairs[i].value);
	}
}

/*
 * Compiles; NULL and *failure when the text is no expression.  With names, the
 * expression's table begins with those.
 */
JsonataExpression *
jn_compile_text(const char *text, int length, const JsonataOptions *options, const NameTable *names, Failure *failure)
{
	static const JsonataOptions no_options = {false, false};
	JsonataExpression *expression = palloc0(sizeof(JsonataExpression));
	Compiler compiler;
	Node *raw;

	memset(&compiler, 0, sizeof(compiler));
	expression->options = options != NULL ? *options : no_options;
	expression->text = pnstrdup(text, length);
	expression->length = length;
	if (names != NULL)
		names_copy(&expression->names, names);
	compiler.text = expression->text;
	compiler.length = length;
	compiler.expression = expression;

	raw = jn_parse_text(&compiler);
	if (raw != NULL)
		expression->root = jn_resolve_tree(&compiler, raw);
	if (expression->root == NULL)
	{
		*failure = compiler.failure;
		return NULL;
	}
	mark_literals(expression->root);
	for (int i = 0; i < expression->names.count; i++)
	{
		NameEntry *entry = &expression->names.entries[i];

		entry->builtin = jn_builtin(entry->text, entry->length, &expression->options);
	}
	return expression;
}

/* Compiles; NULL and *error filled when the text is no expression.  options may be NULL. */
JsonataExpression *
jsonata_compile(const char *text, int length, const JsonataOptions *options, JsonataError *error)
{
	Failure failure;
	JsonataExpression *expression = jn_compile_text(text, length, options, NULL, &failure);

	if (expression == NULL)
		jn_failure_publish(&failure, error);
	return expression;
}

/* Syntax that JSONata 2.0.6 does not know ("??", "?:"), or NULL; *offset is its place. */
const char *
jsonata_newer_syntax(const JsonataExpression *expression, int *offset)
{
	*offset = expression->newer_offset;
	return expression->newer_syntax;
}

/* A constant's value, when the expression is a literal; else NULL. */
const JsonVal *
jsonata_constant(const JsonataExpression *expression)
{
	const Node *root = expression->root;

	if (root->type != NODE_STRING && root->type != NODE_NUMBER && root->type != NODE_VALUE)
		return NULL;
	return root->has_extras ? NULL : root->value;
}
