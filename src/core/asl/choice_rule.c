/*
 * choice_rule.c
 *	  The comparisons of a JSONPath Choice: compiling and evaluating rules.
 *
 * An operator is a row: what it compares, and which outcomes it accepts.  A
 * comparison of values of other types is simply false; only a Variable or ...Path
 * that selects nothing is an error, IsPresent excepted.
 */
#include "base/port.h"

#include "base/nearest.h"
#include "base/timestamps.h"
#include "base/utf8.h"

#include "asl/choice_rule.h"
#include "asl/compile_private.h"

/* Outcomes of a comparison, to be accepted or not. */
#define LESS 1
#define EQUAL 2
#define GREATER 4

typedef struct ChoiceOperator
{
	const char *name;
	JvType operand;     /* type of the literal operand */
	const char *symbol; /* for summaries */
	int accepts;        /* outcomes that make a comparison true; 0: a test */
	/* Compares; false when the values cannot be compared. */
	bool (*compare)(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome);
	/* A test's answer about the value alone. */
	bool (*test)(const JsonVal *value);
	bool takes_path; /* the name may end in "Path" */
} ChoiceOperator;

typedef enum ChoiceRuleKind
{
	RULE_OPERATOR,
	RULE_AND,
	RULE_OR,
	RULE_NOT
} ChoiceRuleKind;

struct ChoiceRule
{
	ChoiceRuleKind kind;
	/* And, Or, Not */
	int count;
	ChoiceRule **rules;
	/* an operator */
	const ChoiceOperator *operator;
	JPath *variable;
	const JsonVal *operand; /* or */
	JPath *operand_path;
	bool operand_is_moment; /* a literal timestamp, already parsed: */
	TimestampTz moment;
};

static bool compare_strings(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome);
static bool compare_numbers(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome);
static bool compare_booleans(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome);
static bool compare_moments(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome);
static bool match_pattern(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome);
static bool is_null(const JsonVal *value);
static bool is_present(const JsonVal *value);
static bool is_numeric(const JsonVal *value);
static bool is_string(const JsonVal *value);
static bool is_boolean(const JsonVal *value);
static bool is_timestamp(const JsonVal *value);

/* clang-format off */
#define COMPARISONS(type, json_type, function) \
	{type "Equals", json_type, "=", EQUAL, function, NULL, true}, \
	{type "LessThan", json_type, "<", LESS, function, NULL, true}, \
	{type "GreaterThan", json_type, ">", GREATER, function, NULL, true}, \
	{type "LessThanEquals", json_type, "<=", LESS | EQUAL, function, NULL, true}, \
	{type "GreaterThanEquals", json_type, ">=", GREATER | EQUAL, function, NULL, true}
/* clang-format on */

static const ChoiceOperator operators[] = {
	COMPARISONS("String", JV_STRING, compare_strings),
	COMPARISONS("Numeric", JV_NUMBER, compare_numbers),
	COMPARISONS("Timestamp", JV_STRING, compare_moments),
	{"BooleanEquals", JV_BOOL, "=", EQUAL, compare_booleans, NULL, true},
	{"StringMatches", JV_STRING, "matches", EQUAL, match_pattern, NULL, false},
	{"IsNull", JV_BOOL, "is null", 0, NULL, is_null, false},
	{"IsPresent", JV_BOOL, "is present", 0, NULL, is_present, false},
	{"IsNumeric", JV_BOOL, "is numeric", 0, NULL, is_numeric, false},
	{"IsString", JV_BOOL, "is a string", 0, NULL, is_string, false},
	{"IsBoolean", JV_BOOL, "is boolean", 0, NULL, is_boolean, false},
	{"IsTimestamp", JV_BOOL, "is a timestamp", 0, NULL, is_timestamp, false},
};

/* ---- compiling ---- */

/* The operator of that name; *is_path says whether it is the ...Path form. */
static const ChoiceOperator *
operator_find(const char *name, bool *is_path)
{
	for (int i = 0; i < (int) lengthof(operators); i++)
	{
		size_t length = strlen(operators[i].name);

		if (strncmp(operators[i].name, name, length) != 0)
			continue;
		*is_path = operators[i].takes_path && strcmp(name + length, "Path") == 0;
		if (name[length] == '\0' || *is_path)
			return &operators[i];
	}
	return NULL;
}

/* Reports a member that no rule has. */
static void
report_unknown(CompileContext *compile, const char *name)
{
	const char *names[lengthof(operators) + 5] = {"Variable", "And", "Or", "Not", "Next"};
	const char *nearest;

	for (int i = 0; i < (int) lengthof(operators); i++)
		names[i + 5] = operators[i].name;
	nearest = compile->diagnostics->count > 100 ? NULL : nearest_name(name, names, lengthof(names));
	if (strcmp(name, "Condition") == 0 || strcmp(name, "Output") == 0)
		report_language(compile, name);
	else
		compile_error_code(compile, SCHEMA_VALIDATION_FAILED, NULL,
						   nearest == NULL ? NULL : psprintf("Did you mean '%s'?", nearest),
						   "Field '%s' is not supported", name);
}

/* A reference path of a rule, or NULL after reporting. */
static JPath *
compile_rule_path(CompileContext *compile, const JsonVal *value, const char *name)
{
	SfnError error;
	JPath *path;

	if (value->type != JV_STRING)
	{
		compile_error(compile, name, "Expected value of type String");
		return NULL;
	}
	path = jpath_parse(value->u.text, value->count, JPATH_REFERENCE, &error);
	if (path == NULL)
		compile_error_code(compile, SCHEMA_VALIDATION_FAILED, name, error.cause,
						   value->u.text[0] == '$'
							   ? "Value is not a Reference Path"
							   : "Value is not a Reference Path: Reference path didn't start with '$'");
	else
		note_path(compile, path, name);
	return path;
}

static const char *
operand_type_name(JvType type)
{
	return type == JV_STRING ? "String" : type == JV_NUMBER ? "Number" : "Boolean";
}

static void
compile_operand(CompileContext *compile, ChoiceRule *rule, const JsonVal *value, const char *name, bool is_path)
{
	if (is_path)
	{
		rule->operand_path = compile_rule_path(compile, value, name);
		return;
	}
	rule->operand = value;
	if (value->type != rule->operator->operand)
		compile_error(compile, name, "Expected value of type %s", operand_type_name(rule->operator->operand));
	else if (rule->operator->compare == compare_moments)
	{
		rule->operand_is_moment = timestamp_parse(value->u.text, value->count, &rule->moment);
		if (!rule->operand_is_moment)
			compile_error(compile, name, "String does not match RFC3339 timestamp");
	}
}

/* And, Or: an array of rules. */
static void
compile_rules(CompileContext *compile, ChoiceRule *rule, const JsonVal *value, const char *name)
{
	Place list;

	if (value->type != JV_ARRAY || value->count == 0)
	{
		compile_error(compile, name,
					  value->type == JV_ARRAY ? "Value cannot be empty" : "Expected value of type Array");
		return;
	}
	rule->count = 0; /* a wrong rule may have both And and Or */
	rule->rules = palloc0(value->count * sizeof(ChoiceRule *));
	place_enter(compile, &list, name);
	for (int i = 0; i < value->count; i++)
	{
		Place here;

		place_enter_element(compile, &here, i);
		rule->rules[rule->count] = choice_rule_compile(compile, value->u.items[i], true);
		if (rule->rules[rule->count] != NULL)
			rule->count++;
		place_leave(compile);
	}
	place_leave(compile);
}

/* Not: one rule. */
static void
compile_not(CompileContext *compile, ChoiceRule *rule, const JsonVal *value)
{
	Place here;

	rule->count = 0;
	rule->rules = palloc0(sizeof(ChoiceRule *));
	place_enter(compile, &here, "Not");
	rule->rules[0] = choice_rule_compile(compile, value, true);
	if (rule->rules[0] != NULL)
		rule->count = 1;
	place_leave(compile);
}

/* Reads one member; returns true when it says what the rule does. */
static bool
compile_member(CompileContext *compile, ChoiceRule *rule, const JvMember *member, bool is_nested)
{
	const ChoiceOperator *operator;
	bool is_path = false;

	if (strcmp(member->key, "Variable") == 0)
		rule->variable = compile_rule_path(compile, member->value, member->key);
	else if (strcmp(member->key, "And") == 0 || strcmp(member->key, "Or") == 0)
	{
		rule->kind = member->key[0] == 'A' ? RULE_AND : RULE_OR;
		compile_rules(compile, rule, member->value, member->key);
		return true;
	}
	else if (strcmp(member->key, "Not") == 0)
	{
		rule->kind = RULE_NOT;
		compile_not(compile, rule, member->value);
		return true;
	}
	else if ((operator= operator_find(member->key, &is_path)) != NULL)
	{
		rule->kind = RULE_OPERATOR;
		rule->operator= operator;
		compile_operand(compile, rule, member->value, member->key, is_path);
		return true;
	}
	else if (strcmp(member->key, "Comment") == 0 || strcmp(member->key, "Next") == 0)
	{
		if (is_nested && member->key[0] == 'N')
			compile_error(compile, NULL, "Field 'Next' is not supported");
		else if (member->value->type != JV_STRING)
			compile_error(compile, member->key, "Expected value of type String");
	}
	else if (!is_nested && strcmp(member->key, "Assign") == 0)
	{
		if (member->value->type != JV_OBJECT)
			compile_error(compile, member->key, "Expected value of type Object");
	}
	else
		report_unknown(compile, member->key);
	return false;
}

ChoiceRule *
choice_rule_compile(CompileContext *compile, const JsonVal *object, bool is_nested)
{
	ChoiceRule *rule = palloc0(sizeof(ChoiceRule));
	int found = 0;

	if (object->type != JV_OBJECT)
	{
		compile_error(compile, NULL, "Expected value of type Object");
		return NULL;
	}
	for (int i = 0; i < object->count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		if (compile_member(compile, rule, &object->u.members[i], is_nested))
			found++;
	}
	if (!is_nested && jv_get(object, "Next") == NULL)
		compile_error(compile, NULL, "These fields are required: [Next]");
	if (found != 1)
		compile_error(compile, NULL,
					  found == 0 ? "A Choice rule must have a comparison operator, And, Or or Not"
								 : "A Choice rule must have only one comparison operator, And, Or or Not");
	else if (rule->kind == RULE_OPERATOR && jv_get(object, "Variable") == NULL)
		compile_error(compile, NULL, "These fields are required: [Variable]");
	else if (rule->kind != RULE_OPERATOR && jv_get(object, "Variable") != NULL)
		compile_error(compile, NULL, "Field 'Variable' is not supported");
	return rule;
}

/* ---- evaluating ---- */

/* What a path selects; *value is NULL when that is nothing, as is a position outside its array. */
static bool
select_value(const JPath *path, const EvalScope *scope, const JsonVal **value)
{
	JPathFinding finding;

	if (!jpath_eval_kind(path, scope, value, NULL, &finding) || finding == JPATH_OUTSIDE)
		*value = NULL;
	return *value != NULL;
}

static bool
fail_on_path(const JPath *path, SfnError *error)
{
	return sfn_error(error, ERROR_RUNTIME,
					 "Invalid path '%s': The choice state's condition path references an invalid value.",
					 jpath_source(path));
}

static bool
eval_operator(const ChoiceRule *rule, const EvalScope *scope, bool *matches, SfnError *error)
{
	const ChoiceOperator *operator= rule->operator;
	const JsonVal *value;
	const JsonVal *operand = rule->operand;
	int outcome;

	if (!select_value(rule->variable, scope, &value) && operator->test != is_present)
		return fail_on_path(rule->variable, error);
	if (operator->test != NULL)
	{
		*matches = operator->test(value) == operand->boolean;
		return true;
	}
	if (rule->operand_path != NULL && !select_value(rule->operand_path, scope, &operand))
		return fail_on_path(rule->operand_path, error);
	*matches = operator->compare(rule, value, operand, &outcome) && (outcome & operator->accepts) != 0;
	return true;
}

/* And stops at the first false, Or at the first true; Not turns its one rule round. */
bool
choice_rule_eval(const ChoiceRule *rule, const EvalScope *scope, bool *matches, SfnError *error)
{
	bool stops_at = rule->kind == RULE_OR;

	if (rule->kind == RULE_OPERATOR)
		return eval_operator(rule, scope, matches, error);

	*matches = !stops_at;
	for (int i = 0; i < rule->count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		if (!budget_field_done(scope->budget) || !choice_rule_eval(rule->rules[i], scope, matches, error))
			return false;
		if (rule->kind == RULE_NOT)
			*matches = !*matches;
		else if (*matches == stops_at)
			break;
	}
	return true;
}

/* ---- comparisons ---- */

static int
outcome_of(int order)
{
	return order < 0 ? LESS : order > 0 ? GREATER : EQUAL;
}

/* In the order of Java's strings. */
static bool
compare_strings(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome)
{
	(void) rule;
	if (value->type != JV_STRING || operand->type != JV_STRING)
		return false;
	*outcome = outcome_of(utf8_compare_utf16(value->u.text, value->count, operand->u.text, operand->count));
	return true;
}

static bool
compare_numbers(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome)
{
	int64 a;
	int64 b;

	(void) rule;
	if (value->type != JV_NUMBER || operand->type != JV_NUMBER)
		return false;
	if (jv_to_int64(value, &a) && jv_to_int64(operand, &b))
		*outcome = a < b ? LESS : a > b ? GREATER : EQUAL;
	else
		*outcome = value->number < operand->number ? LESS : value->number > operand->number ? GREATER : EQUAL;
	return true;
}

static bool
compare_booleans(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome)
{
	(void) rule;
	if (value->type != JV_BOOL || operand->type != JV_BOOL)
		return false;
	*outcome = value->boolean == operand->boolean ? EQUAL : LESS;
	return true;
}

static bool
compare_moments(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome)
{
	TimestampTz a;
	TimestampTz b = rule->moment;

	if (value->type != JV_STRING || operand->type != JV_STRING || !timestamp_parse(value->u.text, value->count, &a) ||
		(!rule->operand_is_moment && !timestamp_parse(operand->u.text, operand->count, &b)))
		return false;
	*outcome = a < b ? LESS : a > b ? GREATER : EQUAL;
	return true;
}

/*
 * Reads the next piece of a pattern, up to a star, without its backslashes;
 * true when a star follows it.
 */
static bool
next_piece(const char **pattern, StringInfo piece)
{
	const char *c = *pattern;

	resetStringInfo(piece);
	while (*c != '\0' && *c != '*')
	{
		if (*c == '\\' && (c[1] == '*' || c[1] == '\\'))
			c++;
		appendStringInfoChar(piece, *c++);
	}
	*pattern = *c == '*' ? c + 1 : c;
	return *c == '*';
}

/*
 * StringMatches.  A star takes any run of characters, so each piece between two
 * stars may be taken where it is first found: no going back.
 */
static bool
match_pattern(const ChoiceRule *rule, const JsonVal *value, const JsonVal *operand, int *outcome)
{
	const char *pattern = operand->u.text;
	const char *text = value->u.text;
	int length = value->count;
	StringInfoData piece;
	bool has_star;
	bool after_star = false;

	(void) rule;
	if (value->type != JV_STRING)
		return false;
	*outcome = EQUAL;
	initStringInfo(&piece);
	for (;;)
	{
		const char *found;

		SFN_CHECK_INTERRUPTS();
		has_star = next_piece(&pattern, &piece);
		if (!has_star && after_star) /* the last piece: at the end */
			return length >= piece.len && memcmp(text + length - piece.len, piece.data, piece.len) == 0;
		if (!has_star)
			return length == piece.len && memcmp(text, piece.data, piece.len) == 0;
		found = after_star ? memmem(text, length, piece.data, piece.len)
			: length >= piece.len && memcmp(text, piece.data, piece.len) == 0 ? text
																			  : NULL;
		if (found == NULL)
			return false;
		length -= (found - text) + piece.len;
		text = found + piece.len;
		after_star = true;
	}
}

/* ---- tests ---- */

static bool
is_null(const JsonVal *value)
{
	return value->type == JV_NULL;
}

/* The only one that sees a missing value, as NULL. */
static bool
is_present(const JsonVal *value)
{
	return value != NULL;
}

static bool
is_numeric(const JsonVal *value)
{
	return value->type == JV_NUMBER;
}

static bool
is_string(const JsonVal *value)
{
	return value->type == JV_STRING;
}

static bool
is_boolean(const JsonVal *value)
{
	return value->type == JV_BOOL;
}

static bool
is_timestamp(const JsonVal *value)
{
	return value->type == JV_STRING && timestamp_is_valid(value->u.text, value->count);
}

bool
timestamp_is_valid(const char *text, int length)
{
	TimestampTz moment;

	return timestamp_parse(text, length, &moment);
}

/* ---- summaries ---- */

static void
append_operator(StringInfo out, const ChoiceRule *rule)
{
	const ChoiceOperator *operator= rule->operator;

	appendStringInfoString(out, jpath_source(rule->variable));
	if (operator->test != NULL && !rule->operand->boolean)
		appendStringInfo(out, " is not%s", operator->symbol + strlen("is"));
	else
		appendStringInfo(out, " %s", operator->symbol);
	if (operator->test != NULL)
		return;
	appendStringInfoChar(out, ' ');
	if (rule->operand_path != NULL)
		appendStringInfoString(out, jpath_source(rule->operand_path));
	else
		jv_print(out, rule->operand);
}

static void
append_rule(StringInfo out, const ChoiceRule *rule, bool is_nested)
{
	if (rule->kind == RULE_OPERATOR)
	{
		append_operator(out, rule);
		return;
	}
	if (rule->kind == RULE_NOT)
		appendStringInfoString(out, "not ");
	if (is_nested || rule->kind == RULE_NOT)
		appendStringInfoChar(out, '(');
	for (int i = 0; i < rule->count; i++)
	{
		if (i > 0)
			appendStringInfoString(out, rule->kind == RULE_AND ? " and " : " or ");
		append_rule(out, rule->rules[i], rule->kind != RULE_NOT);
	}
	if (is_nested || rule->kind == RULE_NOT)
		appendStringInfoChar(out, ')');
}

char *
choice_rule_summary(const ChoiceRule *rule)
{
	StringInfoData out;

	initStringInfo(&out);
	append_rule(&out, rule, false);
	return out.data;
}
