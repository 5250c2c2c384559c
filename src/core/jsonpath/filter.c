/*
 * filter.c
 *	  Filters of JSONPath: [?(@.a > 1 && @.b == 'x')].
 *
 * The dialect knows no grouping: parentheses are dropped, && binds tighter than
 * ||, and conditions are looked at from right to left.  A condition is cut at the
 * first operator found in a fixed order.  What is neither a path nor quoted is a
 * bare word; 10 and '10' are the same, and so are null and 'null'.  Words compare
 * with a number as numbers, and a word that is none then makes the whole path
 * fail, as does comparing with =~ to anything but a /pattern/.
 */
#include "base/port.h"

#include "base/utf8.h"
#include "jsonpath/jpath_private.h"
#include "jsonpath/regex.h"
#include "json/java_text.h"

typedef enum FilterOperator
{
	OP_EQ,
	OP_GE,
	OP_LE,
	OP_NE,
	OP_LT,
	OP_GT,
	OP_MATCH,
	OP_EXISTS,
	OP_MISSING
} FilterOperator;

/* In the order in which they are looked for. */
static const struct
{
	const char *text;
	FilterOperator op;
} operators[] = {
	{"==", OP_EQ}, {">=", OP_GE}, {"<=", OP_LE}, {"!=", OP_NE}, {"<", OP_LT}, {">", OP_GT}, {"=~", OP_MATCH},
};

/* One side of a comparison: exactly one of the pointers is set. */
typedef struct Operand
{
	const JPath *path;
	bool is_document_path; /* begins with $, not with @ */
	const JsonVal *word;
	const Regex *pattern;
} Operand;

typedef struct Condition
{
	Operand left;
	FilterOperator op;
	Operand right;
} Condition;

struct JPathFilter
{
	Condition *conditions; /* from right to left */
	bool *begins_group;    /* an || stands between it and the one before it in this list */
	int count;
};

/* ---- parsing ---- */

typedef struct FilterParser
{
	int offset;
	SfnError *error;
} FilterParser;

static bool
filter_fail(FilterParser *parser, const char *message)
{
	return sfn_error_at(parser->error, ERROR_INVALID_PATH, parser->offset, "%s", message);
}

/* A path as side of a condition: @ and $ begin it, and it selects a single node. */
static bool
parse_path_operand(FilterParser *parser, const char *text, int length, Operand *operand)
{
	JPath *path = palloc0(sizeof(JPath));

	path->source = pnstrdup(text, length);
	if (!jpath_parse_steps(path, text + 1, length - 1, parser->offset, true, parser->error))
		return false;
	if (!path->is_definite)
		return filter_fail(parser, "a path inside a filter must select a single node");
	operand->path = path;
	operand->is_document_path = (text[0] == '$');
	return true;
}

static bool
parse_pattern(FilterParser *parser, const char *text, int length, Operand *operand)
{
	bool ignore_case = (text[length - 1] == 'i');
	const char *message;

	/* "/i" alone and "/" are no patterns with two slashes */
	length -= ignore_case ? 2 : 1;
	if (length < 1)
		return filter_fail(parser, "the pattern is not closed");
	operand->pattern = regex_parse(text + 1, length - 1, ignore_case, &message);
	return operand->pattern != NULL || filter_fail(parser, message);
}

static bool
parse_operand(FilterParser *parser, const char *text, int length, Operand *operand)
{
	if (length > 0 && (text[0] == '$' || text[0] == '@'))
		return parse_path_operand(parser, text, length, operand);
	if (length > 0 && text[0] == '\'' && text[length - 1] == '\'')
	{
		if (length == 1)
			return filter_fail(parser, "the string is not closed");
		operand->word = jv_string_n(text + 1, length - 2);
		return true;
	}
	if (length > 0 && text[0] == '/' &&
		(text[length - 1] == '/' || (text[length - 1] == 'i' && text[length - 2] == '/')))
		return parse_pattern(parser, text, length, operand);
	operand->word = jv_string_n(text, length);
	return true;
}

/* Finds the operator: the first of the list that occurs anywhere. */
static const char *
find_operator(const char *text, int length, int *which)
{
	for (int i = 0; i < (int) lengthof(operators); i++)
	{
		int size = strlen(operators[i].text);

		for (int at = 0; at + size <= length; at++)
		{
			if (memcmp(text + at, operators[i].text, size) == 0)
			{
				*which = i;
				return text + at;
			}
		}
	}
	return NULL;
}

static bool
parse_condition(FilterParser *parser, const char *text, int length, Condition *condition)
{
	int which = 0;
	const char *found = find_operator(text, length, &which);
	int left_length = found == NULL ? length : found - text;
	const char *right = NULL;
	int right_length = 0;
	bool is_negated;

	if (found != NULL)
	{
		right = found + strlen(operators[which].text);
		right_length = text + length - right;
		jpath_trim(&right, &right_length);
	}
	jpath_trim(&text, &left_length);
	is_negated = (left_length > 1 && text[0] == '!' && text[1] == '@');
	if (is_negated)
	{
		text++;
		left_length--;
	}
	if (!parse_operand(parser, text, left_length, &condition->left))
		return false;

	if (found == NULL)
	{
		if (condition->left.path == NULL)
			return filter_fail(parser, "a filter needs a path or a comparison");
		condition->op = is_negated ? OP_MISSING : OP_EXISTS;
		return true;
	}
	if (right_length > 1 && right[0] == '!' && right[1] == '@')
		return filter_fail(parser, "only a check for existence can be negated");
	condition->op = operators[which].op;
	return parse_operand(parser, right, right_length, &condition->right);
}

/* Drops what may stand around a condition: opening parentheses and so on in front, closing ones behind. */
static bool
clean_condition(FilterParser *parser, const char **text, int *length)
{
	int begin = 0;
	int end = *length;

	while (begin < *length && strchr("[?( ", (*text)[begin]) != NULL && (*text)[begin] != '\0')
		begin++;
	while (end > 0 && ((*text)[end - 1] == ')' || (*text)[end - 1] == ' '))
		end--;
	if (begin == *length || end < begin)
		return filter_fail(parser, "a condition of the filter is empty");
	*text += begin;
	*length = end - begin;
	return true;
}

static inline bool
is_connective(const char *text, int left)
{
	return left >= 2 && ((text[0] == '&' && text[1] == '&') || (text[0] == '|' && text[1] == '|'));
}

/* Length of the part that begins at i: cut wherever a connective begins or ends. */
static int
part_length(const char *text, int length, int i)
{
	int end = i + 1;

	while (end < length && !is_connective(text + end, length - end) && !(end >= 2 && is_connective(text + end - 2, 2)))
		end++;
	return end - i;
}

/*
 * Reads conditions and connectives into lists.  They need not alternate; it is
 * enough that there is one connective less than conditions.
 */
static bool
parse_conditions(FilterParser *parser, const char *text, int length, JPathFilter *filter)
{
	Condition *conditions = palloc0((length + 1) * sizeof(Condition));
	bool *is_or = palloc0(length + 1);
	int condition_count = 0;
	int connective_count = 0;
	int i = 0;

	do
	{
		const char *part = text + i;
		int size = part_length(text, length, i);

		i += size;
		size = Min(size, length);
		jpath_trim(&part, &size);
		if (size == 2 && is_connective(part, size))
			is_or[connective_count++] = (part[0] == '|');
		else if (!clean_condition(parser, &part, &size) ||
				 !parse_condition(parser, part, size, &conditions[condition_count++]))
			return false;
	} while (i < length);
	if (connective_count != condition_count - 1)
		return filter_fail(parser, "the filter's conditions and connectives do not fit together");

	filter->count = condition_count;
	filter->conditions = palloc(condition_count * sizeof(Condition));
	filter->begins_group = palloc0(condition_count);
	for (i = 0; i < condition_count; i++)
	{
		filter->conditions[i] = conditions[condition_count - 1 - i];
		filter->begins_group[i] = (i > 0 && is_or[connective_count - i]);
	}
	return true;
}

/* Takes off one character in front and one behind, if they are these. */
static bool
unwrap(const char **text, int *length, char first, char last)
{
	jpath_trim(text, length);
	if (*length < 2 || (*text)[0] != first || (*text)[*length - 1] != last)
		return false;
	(*text)++;
	*length -= 2;
	jpath_trim(text, length);
	return true;
}

/* Parses "[?(...)]"; NULL and *error when it is none. */
const JPathFilter *
jpath_filter_parse(const char *text, int length, int offset, SfnError *error)
{
	FilterParser parser = {offset, error};
	JPathFilter *filter = palloc0(sizeof(JPathFilter));

	if (!unwrap(&text, &length, '[', ']') || length == 0 || text[0] != '?')
	{
		filter_fail(&parser, "a filter is written [?(...)]");
		return NULL;
	}
	text++;
	length--;
	if (!unwrap(&text, &length, '(', ')'))
	{
		filter_fail(&parser, "a filter is written [?(...)]");
		return NULL;
	}
	return parse_conditions(&parser, text, length, filter) ? filter : NULL;
}

/* ---- comparing ---- */

typedef enum Order
{
	ORDER_LESS,
	ORDER_EQUAL,
	ORDER_GREATER,
	ORDER_NONE,  /* unlike types: every comparison is false */
	ORDER_FAILED /* a word that should be a number is none */
} Order;

static Order
order_of(int sign)
{
	return sign < 0 ? ORDER_LESS : sign > 0 ? ORDER_GREATER : ORDER_EQUAL;
}

/* "null" is taken for null. */
static bool
is_nullish(const JsonVal *value)
{
	return value->type == JV_NULL || (value->type == JV_STRING && strcmp(value->u.text, "null") == 0);
}

/* In a word that holds quotes, \' stands for one. */
static const JsonVal *
without_escaped_quotes(const JsonVal *word)
{
	StringInfoData text;

	if (strstr(word->u.text, "\\'") == NULL)
		return word;
	initStringInfo(&text);
	for (const char *s = word->u.text; *s != '\0'; s++)
	{
		if (s[0] == '\\' && s[1] == '\'')
			s++;
		appendStringInfoChar(&text, *s);
	}
	return jv_string_n(text.data, text.len);
}

/* The number that a word spells as Java's BigDecimal reads it, or NULL. */
static const JsonVal *
word_to_number(const JsonVal *word)
{
	const char *s = word->u.text;
	StringInfoData spelling;
	int digits = 0;

	initStringInfo(&spelling);
	if (*s == '-')
		appendStringInfoChar(&spelling, '-');
	if (*s == '-' || *s == '+')
		s++;
	if (*s == '.')
		appendStringInfoChar(&spelling, '0');
	for (; (*s >= '0' && *s <= '9') || (*s == '.' && strchr(spelling.data, '.') == NULL); s++)
	{
		appendStringInfoChar(&spelling, *s);
		digits += (*s != '.');
	}
	if (digits == 0)
		return NULL;
	if (*s == 'e' || *s == 'E')
	{
		size_t power;

		appendStringInfoChar(&spelling, *s++);
		if (*s == '-' || *s == '+')
			appendStringInfoChar(&spelling, *s++);
		power = strspn(s, "0123456789");
		if (power == 0 || power > 10)
			return NULL;
		appendBinaryStringInfo(&spelling, s, power);
		s += power;
	}
	if (s != word->u.text + word->count)
		return NULL;
	return jv_number_text(spelling.data, spelling.len);
}

/*
 * The expected side (the right one) against the actual one.  Objects and arrays
 * are not comparable.
 */
static Order
compare_values(const JsonVal *expected, const JsonVal *actual)
{
	if (is_nullish(expected) || is_nullish(actual))
		return order_of(is_nullish(actual) - is_nullish(expected));
	if (expected->type == JV_STRING && actual->type == JV_STRING)
	{
		expected = without_escaped_quotes(expected);
		return order_of(utf8_compare_utf16(expected->u.text, expected->count, actual->u.text, actual->count));
	}
	if (expected->type == JV_STRING && actual->type == JV_NUMBER)
	{
		expected = word_to_number(expected);
		if (expected == NULL)
			return ORDER_FAILED;
	}
	if (expected->type == JV_NUMBER && actual->type == JV_NUMBER)
		return order_of(jv_compare_numbers(expected, actual));
	if (actual->type == JV_BOOL && (expected->type == JV_STRING || expected->type == JV_BOOL))
	{
		bool flag = expected->type == JV_BOOL ? expected->boolean : pg_strcasecmp(expected->u.text, "true") == 0;

		return order_of(flag - actual->boolean);
	}
	return ORDER_NONE;
}

/* ---- evaluating ---- */

static bool
fail_operand(JPathRun *run, const char *format, const char *text)
{
	run->is_missing = false;
	return sfn_error(run->error, ERROR_RUNTIME, format, text);
}

/* The value of a side; a pattern has none and gives NULL. */
static bool
operand_value(JPathRun *run, const Operand *operand, const JsonVal *item, const JsonVal **value)
{
	JPathStart start = {.document = item, .is_bare = true};

	*value = operand->word;
	if (operand->path == NULL)
		return true;
	if (operand->is_document_path)
		start = (JPathStart){.document = run->document};
	return jpath_eval_operand(run, operand->path, &start, value);
}

static bool
condition_matches(JPathRun *run, const Condition *condition, const JsonVal *left, const JsonVal *right, bool *result)
{
	const Operand *pattern = condition->left.pattern != NULL ? &condition->left : &condition->right;
	const JsonVal *target = condition->left.pattern != NULL ? right : left;
	StringInfoData text;

	*result = false;
	if (pattern->pattern == NULL)
		return fail_operand(run, "=~ needs a pattern between slashes: %s", right != NULL ? jv_to_text(right) : "");
	if (target == NULL || target->type == JV_NULL)
		return true;
	initStringInfo(&text);
	java_text_print(&text, target);
	*result = regex_matches(pattern->pattern, text.data, text.len, run->budget);
	pfree(text.data);
	return budget_spend(run->budget, 1 + (uint32) text.len / 64) || jpath_fail_spent(run);
}

/* One side is a pattern, though the operator is none for patterns. */
static bool
compare_with_pattern(FilterOperator op, const JsonVal *left, const JsonVal *right)
{
	bool has_null = (left != NULL && is_nullish(left)) || (right != NULL && is_nullish(right));

	/* only null is comparable with it, and is less */
	if (!has_null)
		return false;
	if (op == OP_NE)
		return true;
	if ((left != NULL && left->type == JV_NULL) || (right != NULL && right->type == JV_NULL))
		return false;
	return left == NULL ? (op == OP_GT || op == OP_GE) : (op == OP_LT || op == OP_LE);
}

/* A path of the document, written alike on both sides, is read once: even an object or an array is then itself. */
static bool
reads_one_node(const Condition *condition)
{
	const Operand *left = &condition->left;
	const Operand *right = &condition->right;

	return left->is_document_path && right->is_document_path && strcmp(left->path->source, right->path->source) == 0;
}

static bool
condition_compares(JPathRun *run, const Condition *condition, const JsonVal *left, const JsonVal *right, bool *result)
{
	FilterOperator op = condition->op;
	Order order;

	if (left == NULL || right == NULL)
	{
		*result = compare_with_pattern(op, left, right);
		return true;
	}
	order = reads_one_node(condition) ? ORDER_EQUAL : compare_values(right, left);
	*result = false;
	if (order == ORDER_FAILED)
		return fail_operand(run, "\"%s\" is no number", right->u.text);
	if (order == ORDER_NONE)
		return true;
	if (op == OP_EQ || op == OP_NE)
		*result = (order == ORDER_EQUAL) == (op == OP_EQ);
	else if ((left->type == JV_NULL) == (right->type == JV_NULL))
		*result = order == ORDER_EQUAL ? (op == OP_LE || op == OP_GE)
			: order == ORDER_LESS      ? (op == OP_GT || op == OP_GE)
									   : (op == OP_LT || op == OP_LE);
	return true;
}

/* False on failure; a node that is missing makes the condition false instead. */
static bool
condition_holds(JPathRun *run, const Condition *condition, const JsonVal *item, bool *result)
{
	const JsonVal *left;
	const JsonVal *right;
	bool found;

	*result = false;
	run->silent++;
	if (condition->op == OP_EXISTS || condition->op == OP_MISSING)
	{
		JPathStart start = {.document = item, .is_bare = true, .must_exist = true};

		found = jpath_eval_operand(run, condition->left.path, &start, &left);
		run->silent--;
		if (!found && !run->is_missing)
			return false;
		*result = (found && left->type != JV_NULL) == (condition->op == OP_EXISTS);
		return true;
	}
	found = operand_value(run, &condition->left, item, &left) && operand_value(run, &condition->right, item, &right);
	run->silent--;
	if (!found)
		return run->is_missing;
	if (condition->op == OP_MATCH)
		return condition_matches(run, condition, left, right, result);
	return condition_compares(run, condition, left, right, result);
}

/* Whether the filter accepts the item; false and run->error on failure. */
bool
jpath_filter_accepts(JPathRun *run, const JPathFilter *filter, const JsonVal *item, bool *accepted)
{
	*accepted = false;
	if (filter == NULL)
	{
		run->is_missing = false;
		return sfn_error(run->error, ERROR_RUNTIME, "the filter [?] has no condition");
	}
	for (int i = 0; i < filter->count; i++)
	{
		if (filter->begins_group[i])
		{
			if (*accepted)
				return true;
		}
		else if (i > 0 && !*accepted)
			continue;
		if (!condition_holds(run, &filter->conditions[i], item, accepted))
			return false;
	}
	return true;
}
