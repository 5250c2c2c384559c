/*
 * state_choice.c
 *	  Choice: go where the first matching rule says, else to Default.
 *
 * The comparisons are asl/choice_rule.c's.
 */
#include "base/port.h"

#include "asl/choice_rule.h"
#include "asl/fields.h"
#include "engine/step.h"

static const FieldRule choice_fields[] = {
	FIELDS_OF_EVERY_STATE,
	FIELDS_OF_INPUT_AND_OUTPUT,
	FIELD_OF_ASSIGN,
	{"Choices", FIELD_ARRAY, IN_BOTH, FIELD_REQUIRED},
	{"Default", FIELD_STRING, IN_BOTH},
};

/* Fields of a JSONata rule; those of a JSONPath rule are the table of operators. */
static const FieldRule condition_fields[] = {
	{"Condition", FIELD_BOOLEAN, IN_BOTH, FIELD_REQUIRED | FIELD_COMPUTED},
	{"Next", FIELD_STRING, IN_BOTH, FIELD_REQUIRED},
	{"Comment", FIELD_STRING, IN_BOTH},
	{"Assign", FIELD_OBJECT, IN_BOTH},
	{"Output", FIELD_ANY, IN_BOTH},
};

/* One element of Choices, at the current place. */
static void
compile_branch(CompileContext *compile, const JsonVal *rule, ChoiceBranch *branch)
{
	if (rule->type != JV_OBJECT)
	{
		compile_error(compile, NULL, "Expected value of type Object");
		return;
	}
	if (compile_language(compile) == QUERY_JSONATA)
	{
		fields_check(compile, rule, condition_fields, lengthof(condition_fields));
		field_value(compile, rule, "Condition", NULL, NULL, &branch->condition);
		branch->output = field_template(compile, rule, "Output");
	}
	else
		branch->rule = choice_rule_compile(compile, rule, false);
	branch->assign = field_assign(compile, rule);
	field_target(compile, rule, "Next", &branch->next);
}

static bool
choice_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	ChoiceState *choice = (ChoiceState *) state;
	const JsonVal *rules = field_typed(definition, "Choices", JV_ARRAY);
	Place list;

	field_target(compile, definition, "Default", &choice->default_next);
	if (rules == NULL)
		return false;

	choice->branch_count = rules->count;
	choice->branches = palloc0(Max(rules->count, 1) * sizeof(ChoiceBranch));
	place_enter(compile, &list, "Choices");
	for (int i = 0; i < rules->count; i++)
	{
		Place here;

		place_enter_element(compile, &here, i);
		compile_branch(compile, rules->u.items[i], &choice->branches[i]);
		place_leave(compile);
	}
	place_leave(compile);
	return true;
}

/* Does the rule match? */
static bool
branch_matches(StepContext *step, const ChoiceBranch *branch, bool *matches)
{
	const JsonVal *value;

	if (branch->rule != NULL)
	{
		if (choice_rule_eval(branch->rule, &step->scope, matches, &step->error))
			return true;
		(void) step_fail_as_is(step);
		return false;
	}
	if (!step_value(step, &branch->condition, &value))
		return false;
	if (!jv_is(value, JV_BOOL))
	{
		(void) step_fail_type(step, &branch->condition, "boolean", value);
		return false;
	}
	*matches = value->boolean;
	return true;
}

/* The first rule that matches decides; its Assign and Output stand for the state's, which are for Default. */
static StepOutcome
choice_enter(StepContext *step, const AslState *state)
{
	const ChoiceState *choice = (const ChoiceState *) state;

	step->result = step->input;
	for (int i = 0; i < choice->branch_count; i++)
	{
		const ChoiceBranch *branch = &choice->branches[i];
		bool matches = false;

		if (!budget_field_done(step->scope.budget) || !branch_matches(step, branch, &matches))
			return STEP_FAILED;
		if (!matches)
			continue;
		step->next = branch->next;
		step->is_overridden = true;
		step->assign = branch->assign;
		step->output = branch->output;
		return STEP_DONE;
	}
	step->next = choice->default_next;
	if (step->next == NULL)
		return step_fail(step, ERROR_RUNTIME,
						 "Failed to transition out of the state. The state does not point to a next state.");
	return STEP_DONE;
}

const StateType state_type_choice = {
	.name = "Choice",
	.entered_event = "ChoiceStateEntered",
	.exited_event = "ChoiceStateExited",
	.size = sizeof(ChoiceState),
	.fields = choice_fields,
	.field_count = lengthof(choice_fields),
	.compile = choice_compile,
	.enter = choice_enter,
};
