/*
 * fields.c
 *	  Checking objects against tables of fields, and reading their fields.
 */
#include "base/port.h"

#include <math.h>

#include "asl/compile_private.h"
#include "base/nearest.h"

static void check_languages(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count);
static void check_member(CompileContext *compile, const JvMember *member, const FieldRule *rules, int count);
static void check_value(CompileContext *compile, const FieldRule *rule, const JsonVal *value);
static void check_required(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count);
static void check_groups(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count);

/* ---- places ---- */

void
place_enter(CompileContext *compile, Place *place, const char *key)
{
	place->up = compile->place;
	place->key = key;
	place->index = 0;
	compile->place = place;
}

void
place_enter_element(CompileContext *compile, Place *place, int index)
{
	place_enter(compile, place, NULL);
	place->index = index;
}

void
place_leave(CompileContext *compile)
{
	compile->place = compile->place->up;
}

/* A name as a part of a JSON pointer. */
static void
append_pointer_part(StringInfo out, const char *key)
{
	appendStringInfoChar(out, '/');
	for (const char *c = key; *c != '\0'; c++)
	{
		if (*c == '~')
			appendStringInfoString(out, "~0");
		else if (*c == '/')
			appendStringInfoString(out, "~1");
		else
			appendStringInfoChar(out, *c);
	}
}

static void
append_place(StringInfo out, const Place *place, bool is_pointer)
{
	const Place *stack[SFN_MAX_DEPTH + 16];
	int depth = 0;

	for (; place != NULL && depth < (int) lengthof(stack); place = place->up)
		stack[depth++] = place;
	while (depth-- > 0)
	{
		if (stack[depth]->key == NULL)
			appendStringInfo(out, is_pointer ? "/%d" : "[%d]", stack[depth]->index);
		else if (is_pointer)
			append_pointer_part(out, stack[depth]->key);
		else
			appendStringInfo(out, "/%s", stack[depth]->key);
	}
}

/* Thousands of places are printed, so each takes only the room it needs. */
char *
place_location(const CompileContext *compile, const char *field)
{
	StringInfo out = compile->scratch;

	resetStringInfo(out);
	append_place(out, compile->place, false);
	if (field != NULL)
		appendStringInfo(out, "/%s", field);
	if (out->len == 0)
		appendStringInfoChar(out, '/');
	return pnstrdup(out->data, out->len);
}

char *
place_pointer(const CompileContext *compile, const char *field)
{
	StringInfo out = compile->scratch;

	resetStringInfo(out);
	append_place(out, compile->place, true);
	if (field != NULL)
		append_pointer_part(out, field);
	return pnstrdup(out->data, out->len);
}

char *
place_in_state(const CompileContext *compile)
{
	StringInfo out = compile->scratch;
	int before;

	resetStringInfo(out);
	append_place(out, compile->state_place, false);
	before = out->len;
	resetStringInfo(out);
	append_place(out, compile->place, false);
	return out->len > before ? pstrdup(out->data + before + 1) : pstrdup("");
}

/* ---- problems ---- */

static void
report(CompileContext *compile, DiagnosticSeverity severity, const char *code, const char *field, const char *hint,
	   const char *message)
{
	if (diagnostics_are_full(compile->diagnostics, severity))
		diagnostic_add_at(compile->diagnostics, severity, code, NULL, NULL, NULL, "");
	else
		diagnostic_add_at(compile->diagnostics, severity, code, place_location(compile, field),
						  place_pointer(compile, field), hint, message);
}

/* Once the list has no room, problems are only counted. */
void
compile_problem(CompileContext *compile, DiagnosticSeverity severity, const char *code, const char *field,
				const char *hint, const char *message_format, ...)
{
	const char *message = "";
	va_list args;

	va_start(args, message_format);
	if (!diagnostics_are_full(compile->diagnostics, severity))
		message = sfn_format(message_format, args);
	va_end(args);
	report(compile, severity, code, field, hint, message);
}

bool
compile_is_express(const CompileContext *compile)
{
	return compile->machine->is_express || compile->is_in_express_children;
}

bool
compile_enter_express_children(CompileContext *compile)
{
	bool was_inside = compile->is_in_express_children;

	compile->is_in_express_children = true;
	return was_inside;
}

void
compile_leave_express_children(CompileContext *compile, bool was_inside)
{
	compile->is_in_express_children = was_inside;
}

QueryLanguage
compile_language(const CompileContext *compile)
{
	return compile->language;
}

/* ---- checking ---- */

void
fields_check(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count)
{
	if (object->type != JV_OBJECT)
	{
		compile_error(compile, NULL, "Expected value of type Object");
		return;
	}
	check_required(compile, object, rules, count);
	check_languages(compile, object, rules, count);
	for (int i = 0; i < object->count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		check_member(compile, &object->u.members[i], rules, count);
	}
	check_groups(compile, object, rules, count);
}

static bool
rule_has_language(const FieldRule *rule, QueryLanguage language)
{
	return (rule->languages & (language == QUERY_JSONATA ? IN_JSONATA : IN_JSONPATH)) != 0;
}

/* "These fields are required: [States, StartAt]" */
static void
check_required(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count)
{
	StringInfoData missing;

	initStringInfo(&missing);
	for (int i = 0; i < count; i++)
	{
		if ((rules[i].flags & FIELD_REQUIRED) && rule_has_language(&rules[i], compile->language) &&
			jv_get(object, rules[i].name) == NULL)
			appendStringInfo(&missing, "%s%s", missing.len > 0 ? ", " : "", rules[i].name);
	}
	if (missing.len > 0)
		compile_error(compile, NULL, "These fields are required: [%s]", missing.data);
}

/* The known name that an unknown one resembles, as a hint; the first hundred problems get one. */
static const char *
unknown_field_hint(const CompileContext *compile, const char *name, const FieldRule *rules, int count)
{
	const char *names[64];
	int known = 0;
	const char *nearest;

	if (compile->diagnostics->count > 100)
		return NULL;
	for (int i = 0; i < count && known < (int) lengthof(names); i++)
	{
		if (rule_has_language(&rules[i], compile->language))
			names[known++] = rules[i].name;
	}
	nearest = nearest_name(name, names, known);
	return nearest == NULL ? NULL : psprintf("Did you mean '%s'?", nearest);
}

void
report_language(CompileContext *compile, const char *field)
{
	bool is_jsonata = compile->language == QUERY_JSONATA;

	if (!compile->language_is_refused)
		compile_error(compile, NULL,
					  "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage",
					  is_jsonata ? "JSONata" : "JSONPath", field, is_jsonata ? "JSONPath" : "JSONata");
}

static const FieldRule *
find_rule(const FieldRule *rules, int count, const char *name)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	}
	return NULL;
}

/* AWS reports fields of the other language before what is wrong with single fields. */
static void
check_languages(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count)
{
	for (int i = 0; i < object->count; i++)
	{
		const FieldRule *rule = find_rule(rules, count, object->u.members[i].key);

		if (rule != NULL && !rule_has_language(rule, compile->language))
			report_language(compile, rule->name);
	}
}

static void
check_member(CompileContext *compile, const JvMember *member, const FieldRule *rules, int count)
{
	const FieldRule *rule = find_rule(rules, count, member->key);

	if (rule != NULL && rule_has_language(rule, compile->language))
		check_value(compile, rule, member->value);
	if (rule != NULL)
		return;
	compile_error_code(compile, SCHEMA_VALIDATION_FAILED, NULL, unknown_field_hint(compile, member->key, rules, count),
					   "Field '%s' is not supported", member->key);
}

static bool
is_integer(const JsonVal *value)
{
	int64 n;

	return value->type == JV_NUMBER && (jv_to_int64(value, &n) || value->number == rint(value->number));
}

/* What a field must be, as messages name it; NULL when the value is of that kind. */
static const char *
wrong_type(const FieldRule *rule, const JsonVal *value)
{
	switch (rule->kind)
	{
		case FIELD_ANY:
			return NULL;
		case FIELD_STRING:
		case FIELD_PATH:
		case FIELD_TIMESTAMP:
			return value->type == JV_STRING ? NULL : "String";
		case FIELD_PATH_OR_NULL:
			return value->type == JV_STRING || value->type == JV_NULL ? NULL : "String";
		case FIELD_BOOLEAN:
			return value->type == JV_BOOL ? NULL : "Boolean";
		case FIELD_INTEGER:
			return is_integer(value) ? NULL : "Integer";
		case FIELD_NUMBER:
			return value->type == JV_NUMBER ? NULL : "Number";
		case FIELD_ARRAY:
			return value->type == JV_ARRAY ? NULL : "Array";
		case FIELD_OBJECT:
			return value->type == JV_OBJECT ? NULL : "Object";
	}
	return NULL;
}

/* True when the string is one of "A, B, C". */
static bool
list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	if (length == 0)
		return false; /* found everywhere, also behind the end of the list */
	for (const char *found = strstr(list, word); found != NULL; found = strstr(found + 1, word))
	{
		if ((found == list || found[-1] == ' ') && (found[length] == '\0' || found[length] == ','))
			return true;
	}
	return false;
}

/* What AWS says about a value that is no reference path. */
static void
report_reference_path(CompileContext *compile, const char *name, const JsonVal *value, const char *cause)
{
	compile_error_code(compile, SCHEMA_VALIDATION_FAILED, name, cause,
					   value->u.text[0] == '$' ? "Value is not a Reference Path"
											   : "Value is not a Reference Path: Reference path didn't start with '$'");
}

/* A bound as AWS prints it: "0" for integers, "0.0" for others. */
static const char *
bound_text(const FieldRule *rule, double bound)
{
	return rule->kind == FIELD_NUMBER ? psprintf("%.1f", bound) : psprintf("%.0f", bound);
}

static void
check_range(CompileContext *compile, const FieldRule *rule, double number)
{
	if (rule->minimum >= rule->maximum)
		return;
	if (number < rule->minimum)
		compile_error(compile, rule->name, "Minimum value is %s", bound_text(rule, rule->minimum));
	else if (number > rule->maximum)
		compile_error(compile, rule->name, "Maximum value is %s", bound_text(rule, rule->maximum));
}

static void
check_value(CompileContext *compile, const FieldRule *rule, const JsonVal *value)
{
	const char *expected;

	if ((rule->flags & FIELD_COMPUTED) && compile->language == QUERY_JSONATA && value->type == JV_STRING &&
		looks_like_jsonata(value->u.text, value->count))
		return; /* the getter checks the expression */

	expected = wrong_type(rule, value);
	if (expected != NULL && rule->values != NULL)
		compile_error(compile, rule->name, "Expected value of type [STRING]");
	else if (expected != NULL)
		compile_error(compile, rule->name, "Expected value of type %s", expected);
	else if (rule->kind == FIELD_TIMESTAMP && !timestamp_is_valid(value->u.text, value->count))
		compile_error(compile, rule->name, "String does not match RFC3339 timestamp");
	else if (rule->kind == FIELD_INTEGER || rule->kind == FIELD_NUMBER)
		check_range(compile, rule, value->number);
	else if (rule->kind == FIELD_ARRAY && value->count == 0 && !(rule->flags & FIELD_MAY_BE_EMPTY))
		compile_error(compile, rule->name, "Value cannot be empty");
	else if (rule->values != NULL && !list_has(rule->values, value->u.text))
		compile_error(compile, rule->name, "Value should be one of the following: [%s]", rule->values);
	else if ((rule->flags & FIELD_NO_CONTEXT) && strncmp(value->u.text, "$$", 2) == 0)
		report_reference_path(compile, rule->name, value,
							  "The path must begin at the state's input: it can not begin at the context object.");
}

/* "There should only be one of the following fields: [MaxItems, MaxItemsPath]" */
static void
check_group(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count, const FieldRule *first)
{
	StringInfoData names;
	int found = 0;

	initStringInfo(&names);
	for (int i = 0; i < count; i++)
	{
		if (rules[i].group != first->group || !rule_has_language(&rules[i], compile->language))
			continue;
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", rules[i].name);
		if (jv_get(object, rules[i].name) != NULL)
			found++;
	}
	if (found > 1)
		compile_error(compile, NULL, "There should only be one of the following fields: [%s]", names.data);
	else if (found == 0 && first->group_required)
		compile_error(compile, NULL, "There should be one of the following fields: [%s]", names.data);
}

static void
check_groups(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count)
{
	for (int i = 0; i < count; i++)
	{
		bool is_first = rules[i].group != 0;

		for (int j = 0; j < i && is_first; j++)
			is_first = rules[j].group != rules[i].group;
		if (is_first)
			check_group(compile, object, rules, count, &rules[i]);
	}
}

/* ---- getters ---- */

const JsonVal *
field_typed(const JsonVal *object, const char *name, JvType type)
{
	const JsonVal *value = jv_get(object, name);

	return jv_is(value, type) ? value : NULL;
}

const char *
field_string(CompileContext *compile, const JsonVal *object, const char *name)
{
	(void) compile;
	return jv_get_string(object, name);
}

bool
field_boolean(CompileContext *compile, const JsonVal *object, const char *name)
{
	const JsonVal *value = field_typed(object, name, JV_BOOL);

	(void) compile;
	return value != NULL && value->boolean;
}

int64
field_integer(CompileContext *compile, const JsonVal *object, const char *name, int64 absent)
{
	const JsonVal *value = field_typed(object, name, JV_NUMBER);
	int64 n;

	(void) compile;
	return value != NULL && jv_to_int64(value, &n) ? n : absent;
}

double
field_number(CompileContext *compile, const JsonVal *object, const char *name, double absent)
{
	const JsonVal *value = field_typed(object, name, JV_NUMBER);

	(void) compile;
	return value != NULL ? value->number : absent;
}

void
field_path(CompileContext *compile, const JsonVal *object, const char *name, PathField *field)
{
	const JsonVal *value = jv_get(object, name);
	SfnError error;

	memset(field, 0, sizeof(PathField));
	if (value == NULL || compile->language == QUERY_JSONATA)
		return;
	field->is_null = value->type == JV_NULL;
	if (value->type != JV_STRING)
		return;
	field->path = jpath_parse(value->u.text, value->count, JPATH_PATH, &error);
	if (field->path == NULL)
		compile_error_code(compile, SCHEMA_VALIDATION_FAILED, name, error.cause,
						   "The value for the field '%s' must be a valid JSONPath", name);
	else
		note_path(compile, field->path, name);
}

void
field_result_path(CompileContext *compile, const JsonVal *object, const char *name, PathField *field)
{
	const JsonVal *value = jv_get(object, name);
	SfnError error;

	memset(field, 0, sizeof(PathField));
	if (value == NULL || compile->language == QUERY_JSONATA)
		return;
	field->is_null = value->type == JV_NULL;
	if (value->type != JV_STRING)
		return;
	field->path = jpath_parse(value->u.text, value->count, JPATH_REFERENCE, &error);
	if (field->path == NULL)
		report_reference_path(compile, name, value, error.cause);
	else if (jpath_root(field->path) != JPATH_ROOT_INPUT)
		report_reference_path(compile, name, value,
							  "The result is put into the state's input: the path must begin with '$.'.");
}

/* The path form of a value: a reference path, or one of the intrinsics allowed. */
static Expression *
compile_path_form(CompileContext *compile, const JsonVal *value, const char *name, const char *intrinsics)
{
	Expression *expression;
	SfnError error;
	JPath *path;

	if (intrinsics != NULL && intrinsic_looks_like(value->u.text, value->count))
	{
		expression = expression_compile(compile, value->u.text, value->count, name);
		if (expression != NULL && !list_has(intrinsics, intrinsic_name(expression->u.intrinsic)))
			compile_error(compile, name, "The intrinsic function '%s' is not allowed here; allowed are: [%s]",
						  intrinsic_name(expression->u.intrinsic), intrinsics);
		return expression;
	}
	path = jpath_parse(value->u.text, value->count, JPATH_REFERENCE, &error);
	if (path == NULL)
	{
		report_reference_path(compile, name, value, error.cause);
		return NULL;
	}
	note_path(compile, path, name);
	expression = palloc0(sizeof(Expression));
	expression->kind = EXPRESSION_PATH;
	expression->source = value->u.text;
	expression->field = name;
	expression->u.path = path;
	return expression;
}

/* A plain value that looks like a path stands in a field that takes none. */
static void
warn_of_path(CompileContext *compile, const JsonVal *value, const char *name, const char *path_name)
{
	if (compile->language == QUERY_JSONPATH && path_name != NULL && value->type == JV_STRING &&
		strncmp(value->u.text, "$.", 2) == 0)
		compile_warning(compile, "NO_PATH", name, psprintf("Use '%s' to read it from the input.", path_name),
						"The value looks like a path, but the field '%s' takes it as it is", name);
}

void
field_value(CompileContext *compile, const JsonVal *object, const char *name, const char *path_name,
			const char *intrinsics, ValueField *field)
{
	const JsonVal *plain = jv_get(object, name);
	const JsonVal *path = path_name == NULL ? NULL : field_typed(object, path_name, JV_STRING);

	memset(field, 0, sizeof(ValueField));
	if (path != NULL && compile->language == QUERY_JSONPATH)
	{
		field->name = path_name;
		field->expression = compile_path_form(compile, path, path_name, intrinsics);
	}
	else if (plain != NULL)
	{
		field->name = name;
		if (compile->language == QUERY_JSONATA && plain->type == JV_STRING &&
			looks_like_jsonata(plain->u.text, plain->count))
		{
			Place here;

			place_enter(compile, &here, name);
			field->expression = expression_compile_jsonata(compile, plain);
			place_leave(compile);
		}
		else
			field->literal = plain;
		warn_of_path(compile, plain, name, path_name);
	}
}

Template *
field_template(CompileContext *compile, const JsonVal *object, const char *name)
{
	const JsonVal *value = jv_get(object, name);
	Template *result;
	Place here;

	if (value == NULL)
		return NULL;
	place_enter(compile, &here, name);
	result = template_compile(compile, value, name);
	place_leave(compile);
	return result;
}

/* Notes the name under which a variable is assigned, or reports it. */
static void
note_assigned(CompileContext *compile, const char *name, const char *key)
{
	if (strcmp(name, "states") == 0)
		compile_error(compile, key, "The variable name 'states' is reserved");
	else if (!variable_name_is_valid(name, strlen(name)))
		compile_error_code(compile, SCHEMA_VALIDATION_FAILED, key,
						   "A name is a letter followed by letters, digits and underscores, at most 80 characters.",
						   "Invalid variable name: '%s'", name);
	else
		note_use(compile, &compile->assigned, name, key);
}

/* One member of Assign: its name checked, its value compiled. */
static void
compile_assignment(CompileContext *compile, const JsonVal *object, const JvMember *member, AssignField *assign)
{
	int length = member->key_length;
	bool is_computed = compile->language == QUERY_JSONPATH && length > 2 && strcmp(member->key + length - 2, ".$") == 0;
	char *name = pnstrdup(member->key, is_computed ? length - 2 : length);
	Template *value;

	note_assigned(compile, name, member->key);
	if (is_computed && jv_get(object, name) != NULL)
		compile_error(compile, NULL, "The fields '%s' and '%s' can not both be given", name, member->key);
	if (is_computed)
		value = template_compile_computed(compile, member->value, member->key);
	else
	{
		Place here;

		place_enter(compile, &here, member->key);
		value = template_compile(compile, member->value, psprintf("Assign/%s", member->key));
		place_leave(compile);
	}
	assign->names[assign->count] = name;
	assign->values[assign->count++] = value;
}

AssignField *
field_assign(CompileContext *compile, const JsonVal *object)
{
	const JsonVal *value = field_typed(object, "Assign", JV_OBJECT);
	AssignField *assign;
	Place here;

	if (value == NULL)
		return NULL;
	assign = palloc0(sizeof(AssignField));
	assign->names = palloc(Max(value->count, 1) * sizeof(char *));
	assign->values = palloc(Max(value->count, 1) * sizeof(Template *));
	place_enter(compile, &here, "Assign");
	for (int i = 0; i < value->count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		compile_assignment(compile, value, &value->u.members[i], assign);
	}
	place_leave(compile);
	return assign;
}

void
field_target(CompileContext *compile, const JsonVal *object, const char *name, AslState **target)
{
	const JsonVal *value = field_typed(object, name, JV_STRING);
	PendingTarget *pending;

	if (value == NULL)
		return;
	GROW(compile->targets, compile->target_count, compile->target_capacity);
	pending = &compile->targets[compile->target_count++];
	pending->scope = compile->scope;
	pending->source = compile->state;
	pending->name = value->u.text;
	pending->target = target;
	pending->location = place_location(compile, name);
	pending->pointer = place_pointer(compile, name);
}
