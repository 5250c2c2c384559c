/*
 * template.c
 *	  Payload templates: JSON values in which some members are computed.
 *
 * A template is compiled into a tree that follows the value; parts in which
 * nothing is computed become one constant node, which every evaluation shares
 * with the definition.  Evaluating allocates only the containers on the way to
 * something computed.
 *
 * In JSONPath a member "x.$" gives the member "x"; in JSONata a string
 * "{% ... %}" gives the value of its expression.
 */
#include "base/port.h"

#include "asl/compile_private.h"

/* Objects with more members are made by the JSON module, which gives them an index. */
#define SMALL_OBJECT 8

typedef enum TemplateKind
{
	TEMPLATE_CONSTANT,
	TEMPLATE_EXPRESSION,
	TEMPLATE_OBJECT,
	TEMPLATE_ARRAY
} TemplateKind;

typedef struct TemplateMember
{
	const char *key; /* without ".$"; NULL in arrays */
	int32 key_length;
	Template *value;
} TemplateMember;

struct Template
{
	TemplateKind kind;
	const JsonVal *constant;
	Expression *expression;
	int count;
	TemplateMember *members;
};

static Template *compile_object(CompileContext *compile, const JsonVal *value, const char *field);
static Template *compile_array(CompileContext *compile, const JsonVal *value, const char *field);
static Template *compile_string(CompileContext *compile, const JsonVal *value, const char *field);
static bool eval_expression(const Expression *expression, const EvalScope *scope, const JsonVal **result,
							SfnError *error);
static bool eval_object(const Template *source, const EvalScope *scope, const JsonVal **result, SfnError *error);
static bool eval_array(const Template *source, const EvalScope *scope, const JsonVal **result, SfnError *error);

/* ---- compiling ---- */

static Template *
template_make(TemplateKind kind)
{
	Template *result = palloc0(sizeof(Template));

	result->kind = kind;
	return result;
}

static Template *
template_make_constant(const JsonVal *value)
{
	Template *result = template_make(TEMPLATE_CONSTANT);

	result->constant = value;
	return result;
}

/*
 * The value at the current place as a template; field is its slash path below
 * the state ("Parameters/x").  Offences are reported and read as constants.
 */
Template *
template_compile(CompileContext *compile, const JsonVal *value, const char *field)
{
	SFN_CHECK_INTERRUPTS();
	switch (value->type)
	{
		case JV_OBJECT:
			return compile_object(compile, value, field);
		case JV_ARRAY:
			return compile_array(compile, value, field);
		case JV_STRING:
			return compile_string(compile, value, field);
		default:
			return template_make_constant(value);
	}
}

/* What could be meant instead of an expression that cannot be parsed, or why it cannot. */
static const char *
expression_hint(const char *text, int length)
{
	SfnError error;
	const char *open = strchr(text, '(');
	const char *nearest;

	if (!intrinsic_looks_like(text, length))
		return jpath_parse(text, length, JPATH_PATH, &error) == NULL ? error.cause : NULL;
	if (intrinsic_parse(text, length, &error) != NULL)
		return NULL;
	nearest = intrinsic_nearest_name(pnstrdup(text, open - text));
	if (nearest != NULL && strncmp(nearest, text, open - text) != 0)
		return psprintf("Did you mean '%s'?", nearest);
	return error.cause;
}

/* The value of a member "key.$" of the object at the current place: a path or an intrinsic call. */
Template *
template_compile_computed(CompileContext *compile, const JsonVal *value, const char *key)
{
	Template *result = template_make(TEMPLATE_EXPRESSION);

	if (value->type == JV_STRING)
		result->expression = expression_compile(compile, value->u.text, value->count, key);
	if (result->expression == NULL)
	{
		compile_error_code(compile, SCHEMA_VALIDATION_FAILED, NULL,
						   value->type == JV_STRING && !diagnostics_are_full(compile->diagnostics, DIAGNOSTIC_ERROR)
							   ? expression_hint(value->u.text, value->count)
							   : NULL,
						   "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call",
						   key);
		return template_make_constant(value);
	}
	return result;
}

/* An object in which everything is constant is one node. */
static bool
all_constant(const Template *source)
{
	for (int i = 0; i < source->count; i++)
	{
		if (source->members[i].value->kind != TEMPLATE_CONSTANT)
			return false;
	}
	return true;
}

static Template *
compile_object(CompileContext *compile, const JsonVal *value, const char *field)
{
	Template *result = template_make(TEMPLATE_OBJECT);
	bool is_computed = false;

	result->members = palloc(Max(value->count, 1) * sizeof(TemplateMember));
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *member = &value->u.members[i];
		TemplateMember *part = &result->members[result->count++];
		int length = member->key_length;
		Place here;

		part->key = member->key;
		part->key_length = length;
		if (compile->language == QUERY_JSONPATH && length >= 2 && strcmp(member->key + length - 2, ".$") == 0)
		{
			is_computed = true;
			part->key_length = length - 2;
			part->key = pnstrdup(member->key, length - 2);
			part->value = template_compile_computed(compile, member->value, member->key);
			if (jv_get_n(value, part->key, part->key_length) != NULL)
				compile_error(compile, NULL, "The fields '%s' and '%s' can not both be given", part->key, member->key);
			continue;
		}
		place_enter(compile, &here, member->key);
		part->value =
			template_compile(compile, member->value,
							 compile->language == QUERY_JSONATA ? psprintf("%s/%s", field, member->key) : field);
		place_leave(compile);
	}
	return !is_computed && all_constant(result) ? template_make_constant(value) : result;
}

static Template *
compile_array(CompileContext *compile, const JsonVal *value, const char *field)
{
	Template *result = template_make(TEMPLATE_ARRAY);

	result->members = palloc0(Max(value->count, 1) * sizeof(TemplateMember));
	for (int i = 0; i < value->count; i++)
	{
		Place here;

		place_enter_element(compile, &here, i);
		result->members[result->count++].value =
			template_compile(compile, value->u.items[i],
							 compile->language == QUERY_JSONATA ? psprintf("%s[%d]", field, i) : field);
		place_leave(compile);
	}
	return all_constant(result) ? template_make_constant(value) : result;
}

/* In JSONPath always a literal, though it may look as if ".$" was forgotten. */
static Template *
compile_string(CompileContext *compile, const JsonVal *value, const char *field)
{
	const char *text = value->u.text;

	if (compile->language == QUERY_JSONATA)
	{
		Template *result;

		if (!looks_like_jsonata(text, value->count))
			return template_make_constant(value);
		result = template_make(TEMPLATE_EXPRESSION);
		result->expression = expression_compile_jsonata(compile, value);
		return result->expression == NULL ? template_make_constant(value) : result;
	}
	if (strncmp(text, "$.", 2) == 0 || strncmp(text, "$$.", 3) == 0 || intrinsic_looks_like(text, value->count))
		compile_warning(
			compile, "NO_DOLLAR", NULL, "End the field's name with '.$' to have it computed.",
			"The value looks like a path or an intrinsic function, but the field's name does not end with '.$'");
	return template_make_constant(value);
}

/* ---- evaluating ---- */

bool
template_is_constant(const Template *source)
{
	return source->kind == TEMPLATE_CONSTANT;
}

const JsonVal *
template_constant(const Template *source)
{
	return source->constant;
}

bool
template_is_volatile(const Template *source)
{
	if (source->kind == TEMPLATE_EXPRESSION)
		return expression_is_volatile(source->expression);
	for (int i = 0; i < source->count; i++)
	{
		if (template_is_volatile(source->members[i].value))
			return true;
	}
	return false;
}

bool
template_uses_result(const Template *source)
{
	if (source->kind == TEMPLATE_EXPRESSION)
		return source->expression->uses_result;
	for (int i = 0; i < source->count; i++)
	{
		if (template_uses_result(source->members[i].value))
			return true;
	}
	return false;
}

bool
template_eval(const Template *source, const EvalScope *scope, const JsonVal **result, SfnError *error)
{
	switch (source->kind)
	{
		case TEMPLATE_CONSTANT:
			*result = source->constant;
			return true;
		case TEMPLATE_EXPRESSION:
			return eval_expression(source->expression, scope, result, error);
		case TEMPLATE_OBJECT:
			return eval_object(source, scope, result, error);
		case TEMPLATE_ARRAY:
			return eval_array(source, scope, result, error);
	}
	return false;
}

/* What a path was applied to, as the sentence about its failure shows it. */
static const JsonVal *
path_input(const JPath *path, const EvalScope *scope)
{
	const JsonVal *value = scope->input;

	if (jpath_root(path) == JPATH_ROOT_CONTEXT)
		value = scope->context(scope);
	else if (jpath_root(path) == JPATH_ROOT_VARIABLE && !jpath_is_root_only(path))
	{
		const char *name = jpath_variable(path);
		const JsonVal *variable = scope->variable(scope, name, strlen(name));

		if (variable != NULL)
			value = variable;
	}
	return value != NULL ? value : jv_null();
}

/* AWS's sentence around the reason why a member could not be computed. */
static bool
fail_expression(const Expression *expression, const JPath *missing, const EvalScope *scope, SfnError *error)
{
	if (error == NULL || (scope->budget != NULL && scope->budget->verdict != BUDGET_LEFT))
		return false; /* nor are the words of a spent budget ours */
	if (expression->kind == EXPRESSION_JSONATA)
	{
		(void) sfn_error(error, error->name, "The JSONata expression '%s' specified for the field '%s' %s",
						 expression->source, expression->field, error->cause);
		error->is_evaluation = true;
		error->location = expression->field;
		return false;
	}
	if (expression->kind == EXPRESSION_PATH)
		return sfn_error(error, error->name,
						 "The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
						 expression->source, expression->field, jv_to_text(path_input(expression->u.path, scope)));
	if (missing != NULL)
	{
		/* AWS has rewritten a path into the context object by now, and shows the state's input. */
		bool is_context = jpath_root(missing) == JPATH_ROOT_CONTEXT;

		return sfn_error(error, error->name,
						 "The function '%s' had the following error: The JsonPath argument for the "
						 "field '%s' could not be found in the input '%s'",
						 expression->source, jpath_source(missing) + (is_context ? 1 : 0),
						 jv_to_text(is_context && scope->input != NULL ? scope->input : path_input(missing, scope)));
	}
	return sfn_error(error, error->name, "The function '%s' had the following error: %s", expression->source,
					 error->cause != NULL ? error->cause : "");
}

static bool
eval_expression(const Expression *expression, const EvalScope *scope, const JsonVal **result, SfnError *error)
{
	const JPath *missing = NULL;
	bool done;

	if (expression->kind == EXPRESSION_PATH)
		done = jpath_eval(expression->u.path, scope, result, error);
	else if (expression->kind == EXPRESSION_INTRINSIC)
		done = intrinsic_eval(expression->u.intrinsic, scope, result, error, &missing);
	else
		done = expression_eval(expression, scope, result, error);
	if (done && budget_field_done(scope->budget))
		return true;
	return fail_expression(expression, missing, scope, error);
}

/* The names were checked when the template was compiled, so a small object is put together right here. */
static bool
eval_object(const Template *source, const EvalScope *scope, const JsonVal **result, SfnError *error)
{
	JsonVal *object;
	JvMember *members;

	if (source->count == 0)
	{
		*result = jv_empty_object();
		return true;
	}
	object = palloc(sizeof(JsonVal) + source->count * sizeof(JvMember));
	members = (JvMember *) (object + 1);
	memset(object, 0, sizeof(JsonVal));
	for (int i = 0; i < source->count; i++)
	{
		if (!template_eval(source->members[i].value, scope, &members[i].value, error))
			return false;
		members[i].key = source->members[i].key;
		members[i].key_length = source->members[i].key_length;
		object->depth = Max(object->depth, members[i].value->depth + 1);
	}
	if (source->count > SMALL_OBJECT)
	{
		JvObjectBuilder builder = {palloc(source->count * sizeof(JvMember)), source->count, source->count};

		memcpy(builder.members, members, source->count * sizeof(JvMember));
		*result = jv_object_end(&builder);
		return true;
	}
	object->type = JV_OBJECT;
	object->count = source->count;
	object->u.members = members;
	*result = object;
	return true;
}

static bool
eval_array(const Template *source, const EvalScope *scope, const JsonVal **result, SfnError *error)
{
	const JsonVal **items = palloc(source->count * sizeof(JsonVal *));

	for (int i = 0; i < source->count; i++)
	{
		if (!template_eval(source->members[i].value, scope, &items[i], error))
			return false;
	}
	*result = jv_array(items, source->count);
	return true;
}
