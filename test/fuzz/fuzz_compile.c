/*
 * fuzz_compile.c
 *	  Definitions of any shape: compiled as Standard and as Express, and what
 *	  compiles is drawn and its rules and templates evaluated.
 *
 * The first byte decides whether the machine is an Express one.
 */
#include "base/port.h"

#include "asl/choice_rule.h"
#include "asl/compile.h"
#include "engine/engine.h"
#include "fuzz/fuzz.h"
#include "graph/graph.h"

static const JsonVal *
no_context(const EvalScope *scope)
{
	(void) scope;
	return jv_empty_object();
}

static const JsonVal *
some_variable(const EvalScope *scope, const char *name, int length)
{
	(void) scope;
	(void) name;
	return length % 2 == 0 ? jv_empty_array() : NULL;
}

static double
half(const EvalScope *scope)
{
	(void) scope;
	return 0.5;
}

static void
evaluate(const AslMachine *machine, const JsonVal *input)
{
	EvalScope scope = {.input = input, .context = no_context, .variable = some_variable, .random = half};
	const JsonVal *result;
	SfnError error;
	bool matches;

	for (int i = 0; i < machine->state_count; i++)
	{
		const AslState *state = machine->states[i];

		if (state->parameters != NULL)
			(void) template_eval(state->parameters, &scope, &result, &error);
		if (state->output != NULL)
			(void) template_eval(state->output, &scope, &result, &error);
		if (strcmp(state->type->name, "Choice") != 0)
			continue;
		for (int rule = 0; rule < ((const ChoiceState *) state)->branch_count; rule++)
		{
			const ChoiceBranch *branch = &((const ChoiceState *) state)->branches[rule];

			if (branch->condition.expression != NULL)
				(void) expression_eval(branch->condition.expression, &scope, &result, &error);
			if (branch->rule == NULL)
				continue;
			(void) choice_rule_eval(branch->rule, &scope, &matches, &error);
			(void) choice_rule_summary(branch->rule);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	DiagnosticList list;
	AslMachine *machine;
	char *text;

	if (size < 1)
		return 0;
	text = pnstrdup((const char *) data + 1, size - 1);
	machine = asl_compile(text, strlen(text), data[0] % 2 == 1, state_types, state_type_count, &list);
	if (machine != NULL)
	{
		JvParseError error;

		(void) graph_render(machine, GRAPH_MERMAID, NULL);
		(void) graph_render(machine, GRAPH_DOT, NULL);
		evaluate(machine, jv_parse(text, strlen(text), &error));
	}
	unit_reset_memory();
	return 0;
}
