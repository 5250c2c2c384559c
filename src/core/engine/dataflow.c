/*
 * dataflow.c
 *	  What a state makes of its input and of its result.
 *
 * JSONPath: raw input -> InputPath -> Parameters -> work -> ResultSelector ->
 * ResultPath (into the raw input) -> OutputPath -> output.  JSONata: raw input ->
 * Arguments -> work -> Output.  Assign looks at the work's result in both.
 *
 * Failures carry AWS's sentences; the beginning "An error occurred while
 * executing the state ..." is added by step_fail().
 */
#include "base/port.h"

#include "engine/dataflow.h"
#include "engine/variables.h"

/* InputPath and OutputPath of "value", which is "$". */
static bool
apply_path(StepContext *step, const PathField *field, const JsonVal *value, const JsonVal **result)
{
	EvalScope scope;
	SfnError error = {0};

	*result = value;
	if (field->is_null)
		*result = jv_empty_object();
	if (field->path == NULL)
		return true;

	scope = step->scope;
	scope.input = value;
	if (jpath_eval(field->path, &scope, result, &error))
		return true;
	(void) step_fail(step, error.name, "Invalid path '%s' : %s", jpath_source(field->path), error.cause);
	return false;
}

/* A template on step->scope. */
static bool
apply_template(StepContext *step, const Template *source, const JsonVal **result)
{
	if (template_is_constant(source))
	{
		*result = template_constant(source);
		return true;
	}
	if (template_eval(source, &step->scope, result, &step->error))
		return true;
	(void) step_fail_as_is(step);
	return false;
}

/* ResultPath of a state or catcher. */
static bool
apply_result_path(StepContext *step, const PathField *field, const JsonVal *value, const JsonVal **result)
{
	const JsonVal *input = step->branch->input;
	SfnError error = {0};

	*result = field->is_null ? input : value;
	if (field->path == NULL || jpath_is_root_only(field->path))
		return true;
	if (jpath_write(field->path, input, value, result, &error))
		return true;
	(void) step_fail(step, error.name, "%s", error.cause);
	return false;
}

bool
dataflow_select_input(StepContext *step)
{
	return apply_path(step, &step->branch->state->input_path, step->branch->input, &step->scope.input);
}

/* What AWS's TestState shows of input processing depends on the type; a Pass with a Result has none. */
static void
show_input(StepContext *step, const char *member, const JsonVal *value)
{
	const AslState *state = step->branch->state;
	bool is_path = strcmp(member, "afterInputPath") == 0;
	bool takes_parameters = state->type == &state_type_pass || state->type == &state_type_task;

	if (state->type == &state_type_pass && ((const PassState *) state)->result != NULL)
		return;
	if (state->query_language == QUERY_JSONATA)
	{
		if (!is_path && state->type == &state_type_task && state->parameters != NULL)
			step_show(step, member, value);
	}
	else if (is_path ? state->type != &state_type_parallel : takes_parameters)
		step_show(step, member, value);
}

bool
dataflow_input(StepContext *step)
{
	const AslState *state = step->branch->state;

	if (!dataflow_select_input(step))
		return false;
	step->input = step->scope.input;
	if (step->env->observer != NULL)
		show_input(step, "afterInputPath", step->scope.input);
	if (state->parameters != NULL && state->type != &state_type_map && /* a Map's are those of its items */
		!apply_template(step, state->parameters, &step->input))
		return false;
	if (step->env->observer != NULL)
		show_input(step, (state->query_language == QUERY_JSONPATH) ? "afterParameters" : "afterArguments", step->input);
	return true;
}

/* Types with a ResultPath. */
static bool
has_result(const AslState *state)
{
	return state->type == &state_type_pass || state->type->may_retry;
}

/* The output of a JSONPath state. */
static bool
jsonpath_output(StepContext *step, const JsonVal **output)
{
	const AslState *state = step->branch->state;
	const JsonVal *value = step->result;

	if (state->result_selector != NULL && !apply_template(step, state->result_selector, &value))
		return false;
	if (has_result(state))
		step_show(step, "afterResultSelector", value);
	if (!apply_result_path(step, &state->result_path, value, &value))
		return false;
	if (has_result(state))
		step_show(step, "afterResultPath", value);
	return apply_path(step, &state->output_path, value, output);
}

/* The output of a JSONata state: Output, else the result. */
static bool
jsonata_output(StepContext *step, const JsonVal **output)
{
	const Template *source = step->is_overridden ? step->output : step->branch->state->output;

	*output = step->result;
	return source == NULL || apply_template(step, source, output);
}

bool
dataflow_output(StepContext *step, const JsonVal **output, const JsonVal **assigned)
{
	const AslState *state = step->branch->state;
	const AssignField *assign = step->is_overridden ? step->assign : state->assign;

	if (state->type == &state_type_task ||
		(state->type == &state_type_pass && ((const PassState *) state)->result != NULL))
		step_show(step, "result", step->result);
	if (state->query_language == QUERY_JSONPATH)
	{
		step->scope.input = step->result;
		return variables_evaluate(step, assign, assigned) && jsonpath_output(step, output);
	}
	step->scope.input = step->branch->input;
	step->scope.result = state->type->may_retry ? step->result : NULL;
	return variables_evaluate(step, assign, assigned) && jsonata_output(step, output);
}

bool
dataflow_caught(StepContext *step, const Catcher *catcher, const JsonVal *error_output, const JsonVal **output,
				const JsonVal **assigned)
{
	if (step->branch->state->query_language == QUERY_JSONPATH)
	{
		step->scope.input = error_output;
		return variables_evaluate(step, catcher->assign, assigned) &&
			apply_result_path(step, &catcher->result_path, error_output, output);
	}
	step->scope.input = step->branch->input;
	step->scope.result = NULL;
	step->scope.error_output = error_output;
	*output = error_output;
	return variables_evaluate(step, catcher->assign, assigned) &&
		(catcher->output == NULL || apply_template(step, catcher->output, output));
}

/* ---- sizes ---- */

bool
dataflow_fits(const StepContext *step, const JsonVal *value)
{
	/* The input was measured when it was an output. */
	if (value == step->branch->input || step->env->max_payload_bytes <= 0)
		return true;
	return jv_text_size(value, step->env->max_payload_bytes) <= step->env->max_payload_bytes;
}
