/*
 * check_variables.c
 *	  Names and scopes of workflow variables, as far as the definition shows them;
 *	  and labels, which must be unique too.
 *
 * Inner scopes read the variables of outer ones but may not assign variables of
 * the same names; an outer variable that is assigned only later, by the Catch of
 * the Parallel for example, is no obstacle.  The iterations of a Distributed Map
 * see no outer variables.  A variable that is read but that no visible scope ever
 * assigns is reported as a warning, since the state may never be entered.
 */
#include "base/port.h"

#include "base/nearest.h"
#include "mb/pg_wchar.h"

#include "base/utf8.h"

#include "asl/compile_private.h"
#include "asl/jsonata_field.h"

#define MAX_VARIABLE_NAME 80

/* ---- names ---- */

static bool
is_ascii_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters beyond ASCII are taken as they come; punctuation and spaces of the general blocks are not. */
static bool
is_wide_letter(const char *c, int length)
{
	pg_wchar code = utf8_to_unicode((const unsigned char *) c);

	if (length < 2 || code < 0xaa)
		return false;
	if (code < 0xc0)
		return code == 0xaa || code == 0xb5 || code == 0xba;
	return code != 0xd7 && code != 0xf7 && !(code >= 0x2000 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x3004) &&
		!(code >= 0x20a0 && code <= 0x20cf) && !(code >= 0x2190 && code <= 0x2bff) &&
		!(code >= 0xe000 && code <= 0xf8ff);
}

bool
variable_name_is_valid(const char *name, int length)
{
	int characters = 0;

	for (int i = 0; i < length; characters++)
	{
		unsigned char c = name[i];
		int step = utf8_char_length(name + i, length - i);

		if (c >= 0x80 ? !is_wide_letter(name + i, step)
					  : !(is_ascii_letter(c) || (i > 0 && (c == '_' || (c >= '0' && c <= '9')))))
			return false;
		i += step;
	}
	return characters > 0 && characters <= MAX_VARIABLE_NAME;
}

void
note_use(CompileContext *compile, VariableUses *uses, const char *name, const char *field)
{
	VariableUse *use;

	GROW(uses->items, uses->count, uses->capacity);
	use = &uses->items[uses->count];
	use->order = uses->count++;
	use->scope = compile->scope;
	use->state = compile->state;
	use->name = name;
	use->location = place_location(compile, field);
	use->pointer = place_pointer(compile, field);
}

/* ---- scopes ---- */

static int
compare_uses(const void *a, const void *b)
{
	const VariableUse *left = a;
	const VariableUse *right = b;
	int order = strcmp(left->name, right->name);

	if (order != 0)
		return order;
	return left->scope < right->scope ? -1 : left->scope > right->scope ? 1 : 0;
}

/* A copy ordered for searching; problems are reported in the order of the text. */
static VariableUses
ordered_copy(const VariableUses *uses, int (*compare)(const void *, const void *))
{
	VariableUses copy = {.count = uses->count, .capacity = uses->count};

	copy.items = palloc(Max(uses->count, 1) * sizeof(VariableUse));
	if (uses->count > 0)
	{
		memcpy(copy.items, uses->items, uses->count * sizeof(VariableUse));
		qsort(copy.items, copy.count, sizeof(VariableUse), compare);
	}
	return copy;
}

static bool
is_assigned_in(const VariableUses *assigned, const AslScope *scope, const char *name)
{
	VariableUse wanted = {.scope = scope, .name = name};

	return assigned->count > 0 &&
		bsearch(&wanted, assigned->items, assigned->count, sizeof(VariableUse), compare_uses) != NULL;
}

/* The scope whose variables this one can read, or NULL. */
static const AslScope *
visible_outer_scope(const AslScope *scope)
{
	if (scope->owner == NULL)
		return NULL;
	if (strcmp(scope->owner->type->name, "Map") == 0 && ((const MapState *) scope->owner)->is_distributed)
		return NULL;
	return scope->owner->scope;
}

static bool
is_assigned_outside(const VariableUses *assigned, const AslScope *scope, const char *name)
{
	while ((scope = visible_outer_scope(scope)) != NULL)
	{
		if (is_assigned_in(assigned, scope, name))
			return true;
	}
	return false;
}

/* The states that can come after an assignment of a variable in a scope. */
typedef struct Aftermath
{
	const AslScope *scope;
	const char *name;
	bool *marks;
} Aftermath;

static void
find_aftermath(const CompileContext *compile, const VariableUses *assigned, const AslScope *scope, const char *name,
			   Aftermath *aftermath)
{
	VariableUse wanted = {.scope = scope, .name = name};
	const VariableUse *end = assigned->items + assigned->count;
	const VariableUse *use;

	if (aftermath->scope == scope && strcmp(aftermath->name, name) == 0)
		return;
	aftermath->scope = scope;
	aftermath->name = name;
	memset(aftermath->marks, 0, compile->state_count * sizeof(bool));
	use = bsearch(&wanted, assigned->items, assigned->count, sizeof(VariableUse), compare_uses);
	while (use > assigned->items && compare_uses(use - 1, &wanted) == 0)
		use--;
	for (; use < end && compare_uses(use, &wanted) == 0; use++)
		flow_mark_after(compile, use->state, aftermath->marks);
}

/* True when an outer scope may have assigned the variable before its Parallel or Map is entered. */
static bool
hides_outer(const CompileContext *compile, const VariableUses *assigned, const VariableUse *use, Aftermath *aftermath)
{
	const AslScope *inner = use->scope;
	const AslScope *outer;

	for (; (outer = visible_outer_scope(inner)) != NULL; inner = outer)
	{
		if (!is_assigned_in(assigned, outer, use->name))
			continue;
		find_aftermath(compile, assigned, outer, use->name, aftermath);
		if (aftermath->marks[inner->owner->number])
			return true;
	}
	return false;
}

/* Looked at by name, so that what follows an assignment is worked out once; reported in the order of the text. */
static void
check_assigned(CompileContext *compile, const VariableUses *assigned)
{
	bool *hides = palloc0(Max(assigned->count, 1) * sizeof(bool));
	Aftermath aftermath = {.marks = palloc(Max(compile->state_count, 1) * sizeof(bool))};

	for (int i = 0; i < assigned->count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		hides[assigned->items[i].order] = hides_outer(compile, assigned, &assigned->items[i], &aftermath);
	}
	for (int i = 0; i < compile->assigned.count; i++)
	{
		const VariableUse *use = &compile->assigned.items[i];

		if (hides[i])
			diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_ERROR, SCHEMA_VALIDATION_FAILED, use->location,
							  use->pointer, "Inside a Parallel or Map, use other names for variables than outside.",
							  psprintf("The variable '%s' is already assigned in an outer scope", use->name));
	}
}

#define MAX_NAMES_COMPARED 200

/* What could be meant by a variable that is assigned nowhere: one that is, or a function of JSONata. */
static const char *
unassigned_hint(const CompileContext *compile, const VariableUses *assigned, const char *name)
{
	const char *names[MAX_NAMES_COMPARED];
	const char *nearest;
	int count = 0;

	if (diagnostics_are_full(compile->diagnostics, DIAGNOSTIC_WARNING))
		return NULL;
	for (int i = 0; i < assigned->count && count < MAX_NAMES_COMPARED; i++)
		names[count++] = assigned->items[i].name;
	nearest = nearest_name(name, names, count);
	if (nearest == NULL)
		nearest = jsonata_field_nearest_function(name);
	if (nearest == NULL || strcmp(nearest, name) == 0)
		return "Assign it in a state that comes before.";
	return psprintf("Did you mean '$%s'?", nearest);
}

static void
check_read(CompileContext *compile, const VariableUses *assigned, const VariableUse *use)
{
	if (!is_assigned_in(assigned, use->scope, use->name) && !is_assigned_outside(assigned, use->scope, use->name))
		diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_WARNING, SCHEMA_VALIDATION_FAILED, use->location,
						  use->pointer, unassigned_hint(compile, assigned, use->name),
						  psprintf("The variable '%s' is not assigned anywhere", use->name));
}

/* ---- which state reads which variables ---- */

static int
compare_reads(const void *a, const void *b)
{
	const VariableUse *left = a;
	const VariableUse *right = b;

	if (left->state->number != right->state->number)
		return left->state->number - right->state->number;
	return strcmp(left->name, right->name);
}

/* {"State": ["a", "b"]}: states in the order of the text, names in alphabetical order; NULL when none is read. */
static const JsonVal *
variable_references(const VariableUses *read)
{
	VariableUses ordered = ordered_copy(read, compare_reads);
	JvObjectBuilder states;

	if (read->count == 0)
		return NULL;
	jv_object_begin(&states);
	for (int i = 0; i < ordered.count;)
	{
		const AslState *state = ordered.items[i].state;
		JvArrayBuilder names;
		const char *last = NULL;

		SFN_CHECK_INTERRUPTS();
		jv_array_begin(&names);
		for (; i < ordered.count && ordered.items[i].state == state; i++)
		{
			if (last == NULL || strcmp(ordered.items[i].name, last) != 0)
				jv_array_add(&names, jv_string(ordered.items[i].name));
			last = ordered.items[i].name;
		}
		jv_object_add(&states, state->name, jv_array_end(&names));
	}
	return jv_object_end(&states);
}

void
check_variables(CompileContext *compile)
{
	VariableUses assigned = ordered_copy(&compile->assigned, compare_uses);

	compile->machine->variable_references = variable_references(&compile->read);
	check_assigned(compile, &assigned);
	for (int i = 0; i < compile->read.count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		check_read(compile, &assigned, &compile->read.items[i]);
	}
}

/* ---- labels ---- */

static int
compare_labels(const void *a, const void *b)
{
	const VariableUse *left = a;
	const VariableUse *right = b;
	int order = strcmp(left->name, right->name);

	return order != 0 ? order : left->order - right->order;
}

/* Two Maps of one label would make the same ARNs. */
void
check_labels(CompileContext *compile)
{
	VariableUses labels = ordered_copy(&compile->labels, compare_labels);

	for (int i = 1; i < labels.count; i++)
	{
		const VariableUse *use = &labels.items[i];

		if (strcmp(use->name, labels.items[i - 1].name) == 0)
			diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_ERROR, "DUPLICATE_LABEL_NAME", use->location,
							  use->pointer, "Labels must be unique within the state machine.",
							  psprintf("Duplicate label name: %s", use->name));
	}
}
