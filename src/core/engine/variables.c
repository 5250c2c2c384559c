/*
 * variables.c
 *	  Workflow variables: reading them from a scope, assigning them.
 *
 * Each branch holds the variables of its own scope; reading looks outwards
 * through the parents.  Compilation has made sure that an inner scope assigns no
 * name of an outer one.
 */
#include "base/port.h"

#include "engine/dataflow.h"
#include "engine/variables.h"

#define MAX_ASSIGN_BYTES (256 * 1024)          /* one variable, and one Assign */
#define MAX_VARIABLES_BYTES (10 * 1024 * 1024) /* all that a branch can see */

const JsonVal *
variable_value(const EvalScope *scope, const char *name, int length)
{
	const StepContext *step = scope->owner;

	for (const Branch *branch = step->branch; branch != NULL; branch = branch->parent)
	{
		const JsonVal *value = NULL;

		if (branch->variables != NULL)
			value = jv_get_n(branch->variables, name, length);
		if (value != NULL)
			return value;
	}
	return NULL;
}

/* The size of all variables that the branch sees, counting no further than the limit. */
static int64
visible_size(const Branch *branch)
{
	int64 size = 0;

	for (; branch != NULL && size <= MAX_VARIABLES_BYTES; branch = branch->parent)
	{
		if (branch->variables == NULL)
			continue;
		for (int i = 0; i < branch->variables->count; i++)
			size += jv_text_size(branch->variables->u.members[i].value, MAX_VARIABLES_BYTES);
	}
	return size;
}

/* Are the values of an Assign, and all variables with them, within AWS's limits, and not nested too deep? */
static bool
check_assigned(StepContext *step, const JsonVal *assigned)
{
	int64 size = 0;

	/* the object itself is one level, which no variable has */
	if (assigned->depth > SFN_MAX_DEPTH + 1)
	{
		(void) step_fail(step, ERROR_RUNTIME, "A variable is nested more than %d levels deep.", SFN_MAX_DEPTH);
		step->is_final = true;
		return false;
	}

	for (int i = 0; i < assigned->count && size <= MAX_ASSIGN_BYTES; i++)
		size += jv_text_size(assigned->u.members[i].value, MAX_ASSIGN_BYTES);
	if (size > MAX_ASSIGN_BYTES)
		(void) sfn_error(&step->error, ERROR_DATA_LIMIT_EXCEEDED,
						 "The size of the variables assigned by the state '%s' exceeds the maximum number of bytes "
						 "service limit.",
						 step->branch->state->name);
	else if (step->branch->variables != NULL && size + visible_size(step->branch) > MAX_VARIABLES_BYTES)
		(void)
			sfn_error(&step->error, ERROR_DATA_LIMIT_EXCEEDED,
					  "The size of all variables of the execution exceeds the maximum number of bytes service limit.");
	else
		return true;
	step->error.is_evaluation = step->branch->state->query_language == QUERY_JSONATA;
	step->is_final = true;
	return false;
}

bool
variables_evaluate(StepContext *step, const AssignField *assign, const JsonVal **assigned)
{
	JvObjectBuilder builder;

	*assigned = NULL;
	if (assign == NULL || assign->count == 0)
		return true;

	jv_object_begin(&builder);
	for (int i = 0; i < assign->count; i++)
	{
		const JsonVal *value;

		if (!template_eval(assign->values[i], &step->scope, &value, &step->error))
		{
			(void) step_fail_as_is(step);
			return false;
		}
		jv_object_add(&builder, assign->names[i], value);
	}
	*assigned = jv_object_end(&builder);
	return check_assigned(step, *assigned);
}

void
variables_store(StepContext *step, const JsonVal *assigned)
{
	Branch *branch = step->branch;

	if (assigned == NULL)
		return;
	if (branch->variables == NULL)
		branch->variables = jv_empty_object();
	for (int i = 0; i < assigned->count; i++)
	{
		const JvMember *member = &assigned->u.members[i];

		branch->variables = jv_object_set(branch->variables, member->key, member->key_length, member->value);
	}
	branch->is_changed = true;
	branch->variables_changed = true;
}
