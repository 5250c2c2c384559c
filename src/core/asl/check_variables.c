/*
 * check_variables.c
 *	  Names and scopes of workflow variables, as far as the definition shows them.
 *
 * Inner scopes read the variables of outer ones but may not assign variables of
 * the same names.  The iterations of a Distributed Map see no outer variables.
 * Which states were walked before is not known here, so only a variable that no
 * visible scope ever assigns is reported, as a warning.
 */
#include "base/port.h"

#include "mb/pg_wchar.h"

#include "base/utf8.h"

#include "asl/compile_private.h"

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
	pg_wchar	code = utf8_to_unicode((const unsigned char *) c);

	if (length < 2 || code < 0xaa)
		return false;
	if (code < 0xc0)
		return code == 0xaa || code == 0xb5 || code == 0xba;
	return code != 0xd7 && code != 0xf7 && !(code >= 0x2000 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x3004) &&
		!(code >= 0x20a0 && code <= 0x20cf) && !(code >= 0x2190 && code <= 0x2bff) && !(code >= 0xe000 && code <= 0xf8ff);
}

bool
variable_name_is_valid(const char *name, int length)
{
	int			characters = 0;

	for (int i = 0; i < length; characters++)
	{
		unsigned char c = name[i];
		int			step = utf8_char_length(name + i, length - i);

		if (c >= 0x80 ? !is_wide_letter(name + i, step)
			: !(is_ascii_letter(c) || (i > 0 && (c == '_' || (c >= '0' && c <= '9')))))
			return false;
		i += step;
	}
	return characters > 0 && characters <= MAX_VARIABLE_NAME;
}

/* ---- scopes ---- */

static int
compare_uses(const void *a, const void *b)
{
	const VariableUse *left = a;
	const VariableUse *right = b;
	int			order = strcmp(left->name, right->name);

	if (order != 0)
		return order;
	return left->scope < right->scope ? -1 : left->scope > right->scope ? 1 : 0;
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

static void
check_assigned(CompileContext *compile, const VariableUse *use)
{
	if (is_assigned_outside(&compile->assigned, use->scope, use->name))
		diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_ERROR, SCHEMA_VALIDATION_FAILED, use->location, use->pointer,
						  "Inside a Parallel or Map, use other names for variables than outside.",
						  psprintf("The variable '%s' is already assigned in an outer scope", use->name));
}

static void
check_read(CompileContext *compile, const VariableUse *use)
{
	if (!is_assigned_in(&compile->assigned, use->scope, use->name) &&
		!is_assigned_outside(&compile->assigned, use->scope, use->name))
		diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_WARNING, SCHEMA_VALIDATION_FAILED, use->location, use->pointer,
						  "Assign it in a state that comes before.",
						  psprintf("The variable '%s' is not assigned anywhere", use->name));
}

void
check_variables(CompileContext *compile)
{
	if (compile->assigned.count > 0)
		qsort(compile->assigned.items, compile->assigned.count, sizeof(VariableUse), compare_uses);
	for (int i = 0; i < compile->assigned.count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		check_assigned(compile, &compile->assigned.items[i]);
	}
	for (int i = 0; i < compile->read.count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		check_read(compile, &compile->read.items[i]);
	}
}
