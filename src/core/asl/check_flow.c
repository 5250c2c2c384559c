/*
 * check_flow.c
 *	  Where states lead: targets exist, states are reachable, scopes can end,
 *	  names are used once.
 *
 * Everything here works on the list of pending targets, which knows every
 * transition of every type of state, and on the states ordered by name; so a
 * definition with many thousand states is checked in no time worth mentioning.
 */
#include "base/port.h"

#include "asl/compile_private.h"
#include "base/nearest.h"

/* ---- names ---- */

/* Scopes in the order of the text; only for scopes with states. */
static int
scope_order(const AslScope *scope)
{
	return scope->states[0]->number;
}

static int
compare_states(const void *a, const void *b)
{
	const AslState *left = *(AslState *const *) a;
	const AslState *right = *(AslState *const *) b;
	int order = strcmp(left->name, right->name);

	return order != 0 ? order : scope_order(left->scope) - scope_order(right->scope);
}

void
order_states(CompileContext *compile)
{
	compile->by_name = palloc(Max(compile->state_count, 1) * sizeof(AslState *));
	if (compile->state_count == 0)
		return;
	memcpy(compile->by_name, compile->states, compile->state_count * sizeof(AslState *));
	qsort(compile->by_name, compile->state_count, sizeof(AslState *), compare_states);
}

int
find_state_name(AslState *const *by_name, int count, const char *name)
{
	int low = 0;
	int high = count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (strcmp(by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && strcmp(by_name[low]->name, name) == 0 ? low : -1;
}

AslState *
find_in_scope(AslState *const *by_name, int count, const AslScope *scope, const char *name)
{
	AslState wanted = {.name = name, .scope = unconstify(AslScope *, scope)};
	AslState *key = &wanted;
	AslState *const *found;

	if (scope->state_count == 0)
		return NULL;
	found = bsearch(&key, by_name, count, sizeof(AslState *), compare_states);
	return found == NULL ? NULL : *found;
}

/* ---- targets ---- */

/* A search through all names of a large definition takes a while. */
#define MAX_HINTS 10

/* What to do about a target that is missing. */
static const char *
target_hint(const CompileContext *compile, const PendingTarget *pending)
{
	const char **names;
	const char *nearest;

	if (compile->diagnostics->count > MAX_HINTS)
		return NULL;
	if (find_state_name(compile->by_name, compile->state_count, pending->name) >= 0)
		return "States inside a Parallel or Map can only lead to each other, and no state outside can lead to them.";
	names = palloc(Max(pending->scope->state_count, 1) * sizeof(char *));
	for (int i = 0; i < pending->scope->state_count; i++)
		names[i] = pending->scope->states[i]->name;
	nearest = nearest_name(pending->name, names, pending->scope->state_count);
	return nearest == NULL ? NULL : psprintf("Did you mean '%s'?", nearest);
}

/* Fills the targets of all transitions. */
void
resolve_targets(CompileContext *compile)
{
	for (int i = 0; i < compile->target_count; i++)
	{
		PendingTarget *pending = &compile->targets[i];

		SFN_CHECK_INTERRUPTS();
		*pending->target = find_in_scope(compile->by_name, compile->state_count, pending->scope, pending->name);
		if (*pending->target == NULL)
			diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_ERROR, MISSING_TRANSITION_TARGET, pending->location,
							  pending->pointer, target_hint(compile, pending),
							  psprintf("Missing 'Next' target: %s", pending->name));
	}
}

/* ---- reachability ---- */

static void
build_graph(CompileContext *compile)
{
	FlowGraph *graph = &compile->graph;
	int *next;

	graph->first = palloc0((compile->state_count + 2) * sizeof(int));
	graph->edges = palloc(Max(compile->target_count, 1) * sizeof(AslState *));
	graph->stack = palloc(Max(compile->state_count, 1) * sizeof(AslState *));
	for (int i = 0; i < compile->target_count; i++)
	{
		if (compile->targets[i].source != NULL && *compile->targets[i].target != NULL)
			graph->first[compile->targets[i].source->number + 1]++;
	}
	for (int n = 0; n < compile->state_count; n++)
		graph->first[n + 1] += graph->first[n];
	next = palloc((compile->state_count + 1) * sizeof(int));
	memcpy(next, graph->first, (compile->state_count + 1) * sizeof(int));
	for (int i = 0; i < compile->target_count; i++)
	{
		if (compile->targets[i].source != NULL && *compile->targets[i].target != NULL)
			graph->edges[next[compile->targets[i].source->number]++] = *compile->targets[i].target;
	}
}

void
flow_mark_after(const CompileContext *compile, const AslState *state, bool *marks)
{
	const FlowGraph *graph = &compile->graph;
	int depth = 0;

	for (;;)
	{
		for (int i = graph->first[state->number]; i < graph->first[state->number + 1]; i++)
		{
			AslState *after = graph->edges[i];

			if (marks[after->number])
				continue;
			marks[after->number] = true;
			graph->stack[depth++] = after;
		}
		if (depth == 0)
			break;
		state = graph->stack[--depth];
	}
}

static bool
scope_can_end(const CompileContext *compile, const AslScope *scope)
{
	for (int i = 0; i < scope->state_count; i++)
	{
		if (compile->facts[scope->states[i]->number].ends_scope)
			return true;
	}
	return false;
}

/* A state that is wrong may be the one that ends the scope or leads to the others. */
static bool
scope_is_certain(const CompileContext *compile, const AslScope *scope)
{
	for (int i = 0; i < scope->state_count; i++)
	{
		if (compile->facts[scope->states[i]->number].has_errors)
			return false;
	}
	return scope->state_count > 0;
}

/*
 * Every scope has a terminal state and every state can be reached.  As on AWS,
 * a scope without a terminal state is not searched for unreachable states, and
 * one that does not say where it begins for neither.
 */
static void
check_scope(CompileContext *compile, const bool *reached, const ScopeFacts *facts)
{
	const AslScope *scope = facts->scope;

	if (!facts->has_start || !scope_is_certain(compile, scope))
		return;
	if (!scope_can_end(compile, scope))
	{
		diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_ERROR, "MISSING_END_STATE",
						  scope->owner == NULL ? NULL : facts->location, facts->pointer,
						  "A state with \"End\": true, a Succeed or a Fail state ends the workflow.",
						  "Workflow has no terminal state");
		return;
	}
	for (int i = 0; i < scope->state_count; i++)
	{
		const AslState *state = scope->states[i];

		if (!reached[state->number])
			diagnostic_add_at(compile->diagnostics, DIAGNOSTIC_ERROR, MISSING_TRANSITION_TARGET,
							  compile->facts[state->number].location, state->pointer, NULL,
							  psprintf("State \"%s\" is not reachable.", state->name));
	}
}

/* ---- duplicate names ---- */

/* True when a scope around this state's has a state of the same name. */
static bool
is_hidden_twin(const CompileContext *compile, const AslState *state)
{
	const AslScope *scope = state->scope;

	while (scope->owner != NULL)
	{
		scope = scope->owner->scope;
		if (find_in_scope(compile->by_name, compile->state_count, scope, state->name) != NULL)
			return true;
	}
	return false;
}

/* The states of one name, first..last - 1 in by_name, if there are several. */
static void
check_twins(CompileContext *compile, int first, int last)
{
	DiagnosticSeverity severity = DIAGNOSTIC_WARNING;
	int original = compile->by_name[first]->number;

	for (int i = first; i < last; i++)
	{
		original = Min(original, compile->by_name[i]->number);
		if (is_hidden_twin(compile, compile->by_name[i]))
			severity = DIAGNOSTIC_ERROR;
	}
	for (int i = first; i < last; i++)
	{
		const AslState *state = compile->by_name[i];

		SFN_CHECK_INTERRUPTS();
		if (state->number != original)
			diagnostic_add_at(compile->diagnostics, severity, "DUPLICATE_STATE_NAME",
							  compile->facts[state->number].location, state->pointer,
							  "State names must be unique within the whole state machine.",
							  psprintf("Duplicate State name: %s", state->name));
	}
}

static void
check_duplicate_names(CompileContext *compile)
{
	int first = 0;

	for (int i = 1; i <= compile->state_count; i++)
	{
		if (i < compile->state_count && strcmp(compile->by_name[i]->name, compile->by_name[first]->name) == 0)
			continue;
		if (i - first > 1)
			check_twins(compile, first, i);
		first = i;
	}
}

void
check_flow(CompileContext *compile)
{
	bool *reached = palloc0(Max(compile->state_count, 1) * sizeof(bool));

	build_graph(compile);
	for (int i = 0; i < compile->scope_count; i++)
	{
		const AslState *start = compile->scopes[i].scope->start;

		SFN_CHECK_INTERRUPTS();
		if (start != NULL)
		{
			reached[start->number] = true;
			flow_mark_after(compile, start, reached);
		}
		check_scope(compile, reached, &compile->scopes[i]);
	}
	check_duplicate_names(compile);
}
