/*
 * jsonata_field.c
 *	  JSONata expressions in definitions: "{% ... %}".
 *
 * An expression in a definition has no input of its own: it begins at $states or
 * at a variable, so "$", "$$" and bare field names are refused.
 * $states.result exists only where a result does (Output and Assign of a Task, a
 * Parallel, a Map), $states.errorOutput only in a Catch; other uses are reported
 * when the machine is created.
 *
 * The members of $states are made when an expression asks for the variable; the
 * context object, which costs most, only for expressions that can reach it.
 */
#include "base/port.h"

#include "asl/compile_private.h"
#include "asl/jsonata_field.h"
#include "base/nearest.h"

#define DEFAULT_TIMEOUT_MS 2000

/* What AWS's state machines have. */
JsonataLimits jsonata_field_limits = {.timeout_ms = DEFAULT_TIMEOUT_MS, .max_depth = 100, .max_held = 6990256};

static const JsonataOptions state_machine_options = {.aws_functions = true, .as_aws = true};

static void check_input_names(CompileContext *compile, const JsonataExpression *expression);
static void check_variables_read(CompileContext *compile, const JsonataExpression *expression);
static void check_states_fields(CompileContext *compile, Expression *expression);
static void check_newer_syntax(CompileContext *compile, const JsonataExpression *expression);

/* ---- compiling ---- */

/* True for a string meant as a JSONata expression, complete or not. */
bool
looks_like_jsonata(const char *text, int length)
{
	return length >= 2 && (strncmp(text, "{%", 2) == 0 || strcmp(text + length - 2, "%}") == 0);
}

/* The text between "{%" and "%}", trimmed; false after reporting what is wrong with the frame. */
static bool
find_source(CompileContext *compile, const JsonVal *text, const char **begin, const char **end)
{
	*begin = text->u.text + 2;
	*end = text->u.text + text->count - 2;
	if (text->count < 4 || strncmp(text->u.text, "{%", 2) != 0 || strcmp(*end, "%}") != 0)
	{
		compile_error(compile, NULL, "A JSONata expression must begin with '{%%' and end with '%%}'");
		return false;
	}
	while (*begin < *end && strchr(" \t\r\n", **begin) != NULL)
		(*begin)++;
	while (*end > *begin && strchr(" \t\r\n", (*end)[-1]) != NULL)
		(*end)--;
	return true;
}

/* The text between two byte offsets, moved outwards to whole characters. */
static char *
fragment_of(const char *text, int begin, int end)
{
	while (begin > 0 && ((unsigned char) text[begin] & 0xc0) == 0x80)
		begin--;
	while (((unsigned char) text[end] & 0xc0) == 0x80)
		end++;
	return pnstrdup(text + begin, end - begin);
}

/* AWS's words, with the place in the hint. */
static void
report_syntax(CompileContext *compile, const char *source, const JsonataError *error)
{
	int length = strlen(source);
	const char *hint = NULL;

	if (error->offset >= 0 && error->offset <= length)
		hint = psprintf("%s: at character %d of the expression, near: %s", error->code, error->offset + 1,
						fragment_of(source, Max(error->offset - 15, 0), Min(error->offset + 15, length)));
	compile_error_code(compile, INVALID_JSONATA, NULL, hint, "%s", error->message);
}

/*
 * The string at the current place as an expression; NULL after reporting what is
 * wrong.  Evaluation errors name the place below the state: "Output/x", "Choices[0]/Condition".
 */
Expression *
expression_compile_jsonata(CompileContext *compile, const JsonVal *text)
{
	const char *begin;
	const char *end;
	Expression *expression;
	JsonataExpression *compiled;
	JsonataError error = {{0}};

	if (!find_source(compile, text, &begin, &end))
		return NULL;
	expression = palloc0(sizeof(Expression));
	expression->kind = EXPRESSION_JSONATA;
	expression->source = pnstrdup(begin, end - begin);
	expression->field = place_in_state(compile);
	compiled = jsonata_compile(expression->source, end - begin, &state_machine_options, &error);
	if (compiled == NULL)
	{
		report_syntax(compile, expression->source, &error);
		return NULL;
	}
	expression->u.jsonata = compiled;
	check_input_names(compile, compiled);
	check_variables_read(compile, compiled);
	check_states_fields(compile, expression);
	check_newer_syntax(compile, compiled);
	return expression;
}

/* Field names that are looked up in an input, which there is not. */
static void
check_input_names(CompileContext *compile, const JsonataExpression *expression)
{
	const JsonataFreeName *names;
	int count = jsonata_free_fields(expression, &names);

	for (int i = 0; i < count; i++)
		compile_error_code(compile, UNSUPPORTED_JSONATA, NULL,
						   "An expression begins at $states or at a variable: $states.input has the state's input.",
						   "Reference to '%s' at the top level is not supported.",
						   pnstrdup(names[i].name, names[i].length));
}

/* "$" and "$$" stand for the same missing input; everything else is a workflow variable. */
static void
check_variables_read(CompileContext *compile, const JsonataExpression *expression)
{
	static const char *const hint = "$states.input has the state's input, $states.context the context object.";
	const JsonataFreeName *names;
	int count = jsonata_free_variables(expression, &names);

	for (int i = 0; i < count; i++)
	{
		char *name = pnstrdup(names[i].name, names[i].length);

		if (name[0] == '\0')
			compile_error_code(compile, UNSUPPORTED_JSONATA, NULL, hint,
							   "Reference to '$' at the top level is not supported.");
		else if (strcmp(name, "$") == 0)
			compile_error_code(compile, UNSUPPORTED_JSONATA, NULL, hint, "Reference to '$$' is not supported.");
		else if (strcmp(name, "eval") == 0)
			compile_warning(compile, SCHEMA_VALIDATION_FAILED, NULL, "$parse reads a JSON text.",
							"There is no function '$eval' in state machines: calling it fails");
		else if (!names[i].is_builtin && strcmp(name, "states") != 0)
			note_use(compile, &compile->read, name, NULL);
	}
}

/* ---- $states ---- */

typedef enum StatesField
{
	STATES_INPUT,
	STATES_CONTEXT,
	STATES_RESULT,
	STATES_ERROR_OUTPUT,
	STATES_FIELDS
} StatesField;

static const char *const states_fields[] = {
	[STATES_INPUT] = "input",
	[STATES_CONTEXT] = "context",
	[STATES_RESULT] = "result",
	[STATES_ERROR_OUTPUT] = "errorOutput",
};

/* The field of the state in which the current place is, or NULL. */
static const char *
field_of_state(const CompileContext *compile)
{
	const Place *place = compile->place;

	while (place != NULL && place->up != compile->state_place)
		place = place->up;
	return place != NULL ? place->key : NULL;
}

/* Does $states have this field at the current place? */
static bool
states_has(const CompileContext *compile, StatesField field)
{
	const char *where = field_of_state(compile);

	if (where == NULL || field == STATES_INPUT || field == STATES_CONTEXT)
		return true;
	if (field == STATES_ERROR_OUTPUT)
		return strcmp(where, "Catch") == 0;
	return (strcmp(where, "Output") == 0 || strcmp(where, "Assign") == 0) && compile->state != NULL &&
		compile->state->type != NULL && compile->state->type->may_retry;
}

static void
check_states_field(CompileContext *compile, const char *name)
{
	const char *nearest;

	for (int i = 0; i < STATES_FIELDS; i++)
	{
		if (strcmp(name, states_fields[i]) != 0)
			continue;
		if (!states_has(compile, (StatesField) i))
			compile_error_code(compile, UNSUPPORTED_JSONATA, NULL,
							   i == STATES_RESULT
								   ? "The result of a Task, Parallel or Map is there in its Output and Assign."
								   : "The error output is there in the Output and Assign of a Catch.",
							   "Field '$states.%s' does not exist.", name);
		return;
	}
	nearest = nearest_name(name, states_fields, STATES_FIELDS);
	compile_warning(compile, SCHEMA_VALIDATION_FAILED, NULL,
					nearest != NULL ? psprintf("Did you mean '$states.%s'?", nearest)
									: "$states has the fields input, context, result and errorOutput.",
					"'$states' has no field '%s'", name);
}

static void
check_states_fields(CompileContext *compile, Expression *expression)
{
	const JsonataFreeName *names;
	int count = jsonata_variable_fields(expression->u.jsonata, "states", &names);

	for (int i = 0; i < count; i++)
	{
		char *name = pnstrdup(names[i].name, names[i].length);

		if (name[0] == '\0' || strcmp(name, states_fields[STATES_CONTEXT]) == 0)
			expression->uses_context = compile->machine->uses_context = true;
		if (name[0] == '\0' || strcmp(name, states_fields[STATES_RESULT]) == 0)
			expression->uses_result = true;
		if (name[0] != '\0')
			check_states_field(compile, name);
	}
}

/* What runs here is refused by AWS, which has an older JSONata. */
static void
check_newer_syntax(CompileContext *compile, const JsonataExpression *expression)
{
	int offset;
	const char *syntax = jsonata_newer_syntax(expression, &offset);

	if (syntax != NULL)
		compile_warning(compile, SCHEMA_VALIDATION_FAILED, NULL, "AWS runs JSONata 2.0.6 and refuses this definition.",
						"The JSONata expression uses '%s', which is later than JSONata 2.0.6", syntax);
}

const char *
jsonata_field_nearest_function(const char *name)
{
	static const char *const functions[] = {
		"abs",
		"append",
		"assert",
		"average",
		"base64decode",
		"base64encode",
		"boolean",
		"ceil",
		"clone",
		"contains",
		"count",
		"decodeUrl",
		"decodeUrlComponent",
		"distinct",
		"each",
		"encodeUrl",
		"encodeUrlComponent",
		"error",
		"exists",
		"filter",
		"floor",
		"formatBase",
		"formatInteger",
		"formatNumber",
		"fromMillis",
		"hash",
		"join",
		"keys",
		"length",
		"lookup",
		"lowercase",
		"map",
		"match",
		"max",
		"merge",
		"millis",
		"min",
		"not",
		"now",
		"number",
		"pad",
		"parse",
		"parseInteger",
		"partition",
		"power",
		"random",
		"range",
		"reduce",
		"replace",
		"reverse",
		"round",
		"shuffle",
		"sift",
		"single",
		"sort",
		"split",
		"spread",
		"sqrt",
		"string",
		"substring",
		"substringAfter",
		"substringBefore",
		"sum",
		"toMillis",
		"trim",
		"type",
		"uppercase",
		"uuid",
		"zip",
	};

	return nearest_name(name, functions, lengthof(functions));
}

bool
jsonata_field_is_volatile(const Expression *expression)
{
	static const char *const functions[] = {"random", "uuid", "now", "millis", "shuffle"};
	const JsonataFreeName *names;
	int count = jsonata_free_variables(expression->u.jsonata, &names);

	for (int i = 0; i < count; i++)
	{
		for (int f = 0; f < (int) lengthof(functions); f++)
		{
			if (names[i].is_builtin && names[i].length == (int) strlen(functions[f]) &&
				memcmp(names[i].name, functions[f], names[i].length) == 0)
				return true;
		}
	}
	return false;
}

/* ---- evaluating ---- */

typedef struct FieldBindings
{
	JsonataBindings base;
	const Expression *expression;
	const EvalScope *scope;
} FieldBindings;

static const JsonVal *
states_object(const FieldBindings *bindings)
{
	const EvalScope *scope = bindings->scope;
	JvObjectBuilder builder;

	jv_object_begin(&builder);
	jv_object_add(&builder, "input", scope->input != NULL ? scope->input : jv_null());
	if (bindings->expression->uses_context)
		jv_object_add(&builder, "context", scope->context(scope));
	if (scope->result != NULL)
		jv_object_add(&builder, "result", scope->result);
	if (scope->error_output != NULL)
		jv_object_add(&builder, "errorOutput", scope->error_output);
	return jv_object_end(&builder);
}

static const JsonVal *
lookup_variable(const JsonataBindings *base, const char *name, int length)
{
	const FieldBindings *bindings = base->owner;

	if (length == 6 && memcmp(name, "states", 6) == 0)
		return states_object(bindings);
	return bindings->scope->variable(bindings->scope, name, length);
}

static double
draw_random(const JsonataBindings *base)
{
	const FieldBindings *bindings = base->owner;

	return bindings->scope->random(bindings->scope);
}

bool
jsonata_field_eval(const Expression *expression, const EvalScope *scope, const JsonVal **result, SfnError *error)
{
	FieldBindings bindings = {{lookup_variable, NULL, NULL}, expression, scope};
	JsonataError problem = {{0}};
	JsonataLimits limits = jsonata_field_limits;
	bool is_function = false;

	limits.budget = scope->budget;
	bindings.base.owner = &bindings;
	if (scope->random != NULL)
		bindings.base.random = draw_random;
	if (!jsonata_eval_typed(expression->u.jsonata, NULL, &bindings.base, &limits, scope->now, result, &is_function,
							&problem))
	{
		/* a bound that was passed has no code on AWS */
		if (strcmp(problem.code, "U1001") == 0)
			return sfn_error(error, ERROR_QUERY_EVALUATION_ERROR, "threw an error during evaluation: %s",
							 problem.message);
		return sfn_error(error, ERROR_QUERY_EVALUATION_ERROR, "threw an error during evaluation. %s: %s", problem.code,
						 problem.message);
	}
	if (is_function)
		return sfn_error(error, ERROR_QUERY_EVALUATION_ERROR, "returned an unsupported result type.");
	if (*result == NULL)
		return sfn_error(error, ERROR_QUERY_EVALUATION_ERROR, "returned nothing (undefined).");
	return true;
}
