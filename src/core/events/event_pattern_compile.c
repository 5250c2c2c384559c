/*
 * event_pattern_compile.c
 *	  An event pattern's text to its alternatives, or what is wrong with it.
 *
 * Fields are read in the order of the text.  A "$or" makes, of every alternative
 * so far, one for each of its objects; a field that comes twice in an alternative
 * counts as it stands last.  Texts and places of errors are those of AWS: a place
 * is where AWS's parser stands when it finds out.
 */
#include "base/port.h"

#include "base/texts.h"
#include "json/json_error.h"

#include "events/event_pattern_private.h"

typedef struct PatternCompile
{
	const char *text;
	int length;
	const JvPositions *positions;
	EventPatternError *error;
} PatternCompile;

/* The value with which an operator stands, and what it becomes. */
typedef struct PatternOperator
{
	const char *name;
	bool (*compile)(PatternCompile *compile, const JsonVal *value, EventTest *test);
} PatternOperator;

static bool compile_exactly(PatternCompile *compile, const JsonVal *value, EventTest *test);
static bool compile_prefix(PatternCompile *compile, const JsonVal *value, EventTest *test);
static bool compile_suffix(PatternCompile *compile, const JsonVal *value, EventTest *test);
static bool compile_ignore_case(PatternCompile *compile, const JsonVal *value, EventTest *test);
static bool compile_wildcard(PatternCompile *compile, const JsonVal *value, EventTest *test);
static bool compile_numeric(PatternCompile *compile, const JsonVal *value, EventTest *test);
static bool compile_network(PatternCompile *compile, const JsonVal *value, EventTest *test);
static bool compile_anything_but(PatternCompile *compile, const JsonVal *value, EventTest *test);

/* "exists" is not among them: what it asks for is no value. */
static const PatternOperator operators[] = {
	{"anything-but", compile_anything_but},
	{"cidr", compile_network},
	{"equals-ignore-case", compile_ignore_case},
	{"exactly", compile_exactly},
	{"numeric", compile_numeric},
	{"prefix", compile_prefix},
	{"suffix", compile_suffix},
	{"wildcard", compile_wildcard},
};

#define OPERATOR_HINT \
	"Operators are anything-but, cidr, equals-ignore-case, exactly, exists, numeric, prefix, suffix and wildcard."

/* Names that no field inside of "$or" may have, for now or for later. */
static const char *const reserved_names[] = {
	"exactly",
	"equals-ignore-case",
	"prefix",
	"suffix",
	"anything-but",
	"exists",
	"wildcard",
	"numeric",
	"cidr",
	"=",
	"<",
	"<=",
	">",
	">=",
	"regex",
	"not-wildcard",
	"not-equals-ignore-case",
	"date-after",
	"date-on-or-after",
	"date-before",
	"date-on-or-before",
	"in-date-range",
	"ip-address-in-range",
	"ip-address-not-in-range",
};

/* ---- errors ---- */

static bool fail_at(PatternCompile *compile, int offset, const char *format, ...) pg_attribute_printf(3, 4);

static bool
fail_at(PatternCompile *compile, int offset, const char *format, ...)
{
	EventPatternError *error = compile->error;
	va_list arguments;

	va_start(arguments, format);
	error->reason = sfn_format(format, arguments);
	va_end(arguments);
	error->location = json_source_location(compile->text, compile->length, offset, &error->line, &error->column);
	return false;
}

/* Behind the value's text. */
static int
behind(const PatternCompile *compile, const JsonVal *value)
{
	const char *text = compile->text;
	int i = jv_offset_of(compile->positions, value);
	int depth = 0;
	bool in_string = false;

	if (value->type == JV_NUMBER)
		return i + value->count;
	if (value->type == JV_NULL || value->type == JV_BOOL)
		return i + (value->type == JV_BOOL && !value->boolean ? 5 : 4);
	do
	{
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!in_string && (text[i] == '}' || text[i] == ']'))
			depth--;
		i++;
	} while ((in_string || depth > 0) && i < compile->length);
	return i;
}

/* Behind the value's beginning: the parser has seen what it is, and not read a string or a container. */
static int
at(const PatternCompile *compile, const JsonVal *value)
{
	if (value->type == JV_STRING || value->type == JV_ARRAY || value->type == JV_OBJECT)
		return jv_offset_of(compile->positions, value) + 1;
	return behind(compile, value);
}

/* The first member of an object such as {"prefix": "a"}; NULL after an error. */
static const JvMember *
first_member(PatternCompile *compile, const JsonVal *object, const char *problem)
{
	if (object->count > 0)
		return &object->u.members[0];
	fail_at(compile, behind(compile, object), "%s", problem);
	return NULL;
}

/* It has no other: which AWS's parser sees when the first has been read. */
static bool
is_only_member(PatternCompile *compile, const JsonVal *object, const char *problem)
{
	return object->count == 1 || fail_at(compile, at(compile, object->u.members[1].value), "%s", problem);
}

/* A value as AWS's parser shows it where it begins. */
static const char *
shown(const JsonVal *value)
{
	if (value->type == JV_STRING)
		return value->u.text;
	return value->type == JV_ARRAY ? "[" : value->type == JV_OBJECT ? "{" : jv_to_text(value);
}

#define ONE_KEY "Only one key allowed in match expression"
#define TOO_MANY "Too many elements in numeric expression"

/* ---- operators on texts ---- */

static bool
is_text(PatternCompile *compile, const JsonVal *value, const char *problem)
{
	return value->type == JV_STRING || fail_at(compile, at(compile, value), "%s", problem);
}

static bool
compile_exactly(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	if (!is_text(compile, value, "exact match pattern must be a string"))
		return false;
	*test = event_test_exactly(value);
	return true;
}

static bool
compile_ignore_case(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	if (!is_text(compile, value, "equals-ignore-case match pattern must be a string"))
		return false;
	*test = event_test_ignore_case(value);
	return true;
}

/* prefix and suffix may stand with {"equals-ignore-case": text}. */
static bool
compile_end(PatternCompile *compile, const JsonVal *value, const char *what, EventTest (*exact)(const JsonVal *),
			EventTest (*ignore_case)(const JsonVal *), EventTest *test)
{
	const JvMember *member;

	if (value->type != JV_OBJECT)
	{
		if (!is_text(compile, value, psprintf("%s match pattern must be a string", what)))
			return false;
		*test = exact(value);
		return true;
	}
	what = strcmp(what, "prefix") == 0 ? "Prefix" : "Suffix";
	member = first_member(compile, value, psprintf("%s expression name not found", what));
	if (member == NULL)
		return false;
	if (strcmp(member->key, "equals-ignore-case") != 0)
		return fail_at(compile, at(compile, member->value), "Unsupported %s pattern: %s",
					   strcmp(what, "Prefix") == 0 ? "prefix" : "suffix", member->key);
	if (!is_text(compile, member->value, "equals-ignore-case match pattern must be a string"))
		return false;
	*test = ignore_case(member->value);
	return is_only_member(compile, value, ONE_KEY);
}

static bool
compile_prefix(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	return compile_end(compile, value, "prefix", event_test_prefix, event_test_prefix_ignore_case, test);
}

static bool
compile_suffix(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	return compile_end(compile, value, "suffix", event_test_suffix, event_test_suffix_ignore_case, test);
}

static bool
compile_wildcard(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	const char *problem;

	return is_text(compile, value, "wildcard match pattern must be a string") &&
		(event_test_wildcard(value, test, &problem) || fail_at(compile, behind(compile, value), "%s", problem));
}

/* What is wrong with an address AWS says without a place. */
static bool
compile_network(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	const char *problem;

	if (!is_text(compile, value, "prefix match pattern must be a string"))
		return false;
	if (event_test_network(value, test, &problem))
		return true;
	fail_at(compile, behind(compile, value), "%s", problem);
	compile->error->location = NULL;
	return false;
}

/* ---- numeric ---- */

/* A number of a numeric expression that can be compared. */
static bool
compile_bound(PatternCompile *compile, const JsonVal *list, int i, const char *name, NumberBound *bound, bool is_open)
{
	const JsonVal *number = i < list->count ? list->u.items[i] : NULL;

	if (!jv_is(number, JV_NUMBER))
		return fail_at(compile, number != NULL ? at(compile, number) : behind(compile, list),
					   "Value of %s must be numeric", name);
	*bound = (NumberBound){number, is_open};
	return true;
}

/* ["<", 5] behind [">", 0]. */
static bool
compile_upper_bound(PatternCompile *compile, const JsonVal *list, NumberBound *low, NumberBound *high)
{
	const JsonVal *name = list->u.items[2];

	if (name->type != JV_STRING)
		return fail_at(compile, at(compile, name), "Bad value in numeric range: %s", shown(name));
	if (strcmp(name->u.text, "<") != 0 && strcmp(name->u.text, "<=") != 0)
		return fail_at(compile, behind(compile, name), "Bad numeric range operator: %s", name->u.text);
	if (!compile_bound(compile, list, 3, name->u.text, high, strcmp(name->u.text, "<") == 0))
		return false;
	if (list->count > 4)
		return fail_at(compile, at(compile, list->u.items[4]), "Too many terms in numeric range expression");
	if (jv_compare_numbers(low->number, high->number) >= 0)
		return fail_at(compile, behind(compile, list), "Bottom must be less than top");
	return true;
}

static const struct
{
	const char *symbol;
	const char *name; /* as errors have it */
	bool is_lower;    /* the number is a lower bound, or an upper one, or both */
	bool is_upper;
	bool is_open;
} comparisons[] = {
	{"=", "equals", true, true, false}, {"<", "<", false, true, true},    {"<=", "<=", false, true, false},
	{">", ">", true, false, true},      {">=", ">=", true, false, false},
};

/* The row of a comparison, or -1 after an error. */
static int
find_comparison(PatternCompile *compile, const JsonVal *list)
{
	const JsonVal *symbol = list->count > 0 ? list->u.items[0] : NULL;

	if (!jv_is(symbol, JV_STRING))
	{
		fail_at(compile, symbol != NULL ? at(compile, symbol) : behind(compile, list),
				"Invalid member in numeric match: %s", symbol != NULL ? shown(symbol) : "]");
		return -1;
	}
	for (int i = 0; i < (int) lengthof(comparisons); i++)
	{
		if (strcmp(comparisons[i].symbol, symbol->u.text) == 0)
			return i;
	}
	fail_at(compile, list->count > 1 ? at(compile, list->u.items[1]) : behind(compile, list),
			"Unrecognized numeric range operator: %s", symbol->u.text);
	return -1;
}

static bool
compile_numeric(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	NumberBound bound;
	NumberBound low = {NULL};
	NumberBound high = {NULL};
	int row;

	if (value->type != JV_ARRAY)
		return fail_at(compile, at(compile, value), "Value of numeric must be an array.");
	row = find_comparison(compile, value);
	if (row < 0 || !compile_bound(compile, value, 1, comparisons[row].name, &bound, comparisons[row].is_open))
		return false;
	if (comparisons[row].is_lower)
		low = bound;
	if (comparisons[row].is_upper)
		high = bound;
	if (value->count > 2 && comparisons[row].is_upper)
		return fail_at(compile, at(compile, value->u.items[2]), TOO_MANY);
	if (value->count > 2 && !compile_upper_bound(compile, value, &low, &high))
		return false;
	*test = event_test_range(low, high);
	return true;
}

/* ---- anything-but ---- */

/* A text or a number that may not be there. */
static bool
compile_excluded_value(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	(void) compile;
	*test = value->type == JV_STRING ? event_test_exactly(value) : event_test_value(value);
	return true;
}

/* Lists are of one kind. */
static bool
check_excluded_kinds(PatternCompile *compile, const JsonVal *list)
{
	bool has_numbers = false;
	bool has_texts = false;

	for (int i = 0; i < list->count; i++)
	{
		const JsonVal *value = list->u.items[i];

		if (value->type != JV_STRING && value->type != JV_NUMBER)
			return fail_at(compile, at(compile, value),
						   "Inside anything but list, start|null|boolean is not supported.");
		has_numbers = has_numbers || value->type == JV_NUMBER;
		has_texts = has_texts || value->type == JV_STRING;
	}
	if (has_numbers == has_texts)
		return fail_at(compile, behind(compile, list),
					   "Inside anything but list, either all values are number or string, mixed type is not supported");
	return true;
}

/* A text that may not be there in one of these ways. */
static bool
compile_excluded_text(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	(void) compile;
	*test = event_test_ignore_case(value);
	return true;
}

static bool
compile_excluded_end(PatternCompile *compile, const JsonVal *value, EventTest *test, bool is_prefix)
{
	if (value->count == 0)
		return fail_at(compile, behind(compile, value), "Null prefix/suffix not allowed");
	*test = is_prefix ? event_test_prefix(value) : event_test_suffix(value);
	return true;
}

static bool
compile_excluded_prefix(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	return compile_excluded_end(compile, value, test, true);
}

static bool
compile_excluded_suffix(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	return compile_excluded_end(compile, value, test, false);
}

static const struct
{
	const char *name;
	bool (*compile)(PatternCompile *compile, const JsonVal *value, EventTest *test);
	const char *no_text; /* what AWS says of other values */
} exclusions[] = {
	{"equals-ignore-case", compile_excluded_text,
	 "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."},
	{"prefix", compile_excluded_prefix, "prefix/suffix match pattern must be a string"},
	{"suffix", compile_excluded_suffix, "prefix/suffix match pattern must be a string"},
	{"wildcard", compile_wildcard, "wildcard match pattern must be a string"},
};

/* The values of anything-but, one or a list; how is the row of exclusions, or -1. */
static bool
compile_exclusions(PatternCompile *compile, const JsonVal *value, int how, EventTest *test)
{
	const JsonVal *const *items = value->type == JV_ARRAY ? value->u.items : &value;
	int count = value->type == JV_ARRAY ? value->count : 1;
	EventTest *excluded = palloc0(sizeof(EventTest) * Max(count, 1));

	if (value->type != JV_ARRAY && value->type != JV_STRING && value->type != JV_NUMBER)
		return fail_at(compile, at(compile, value),
					   "Value of anything-but must be an array or single string/number value.");
	if (how < 0 && value->type == JV_ARRAY && !check_excluded_kinds(compile, value))
		return false;
	for (int i = 0; i < count; i++)
	{
		if (how >= 0 && !is_text(compile, items[i], exclusions[how].no_text))
			return false;
		if (!(how < 0 ? compile_excluded_value : exclusions[how].compile)(compile, items[i], &excluded[i]))
			return false;
	}
	*test = event_test_anything_but(excluded, count);
	return true;
}

static bool
compile_anything_but(PatternCompile *compile, const JsonVal *value, EventTest *test)
{
	const JvMember *member;

	if (value->type != JV_OBJECT)
		return compile_exclusions(compile, value, -1, test);
	member = first_member(compile, value, "Anything-But expression name not found");
	if (member == NULL)
		return false;
	for (int i = 0; i < (int) lengthof(exclusions); i++)
	{
		if (strcmp(exclusions[i].name, member->key) == 0)
			return compile_exclusions(compile, member->value, i, test) && is_only_member(compile, value, TOO_MANY);
	}
	return fail_at(compile, at(compile, member->value), "Unsupported anything-but pattern: %s", member->key);
}

/* ---- fields ---- */

/* {"exists": ...}: false when it is wrong; the field then takes a value, or may be without one. */
static bool
compile_exists(PatternCompile *compile, const JsonVal *value, EventField *field, EventTest *tests)
{
	if (value->type != JV_BOOL)
		return fail_at(compile, at(compile, value), "exists match pattern must be either true or false.");
	if (value->boolean)
		tests[field->count++] = event_test_exists();
	else
		field->may_be_absent = true;
	return true;
}

static bool
compile_operator(PatternCompile *compile, const JsonVal *object, EventField *field, EventTest *tests)
{
	const JvMember *member = first_member(compile, object, "Match expression name not found");
	bool (*compiled)(PatternCompile *, const JsonVal *, EventTest *) = NULL;

	if (member == NULL)
		return false;
	for (int i = 0; i < (int) lengthof(operators); i++)
	{
		if (strcmp(operators[i].name, member->key) == 0)
			compiled = operators[i].compile;
	}
	if (compiled == NULL && strcmp(member->key, "exists") != 0)
	{
		compile->error->hint = OPERATOR_HINT;
		return fail_at(compile, at(compile, member->value), "Unrecognized match type %s", member->key);
	}
	if (compiled == NULL)
	{
		if (!compile_exists(compile, member->value, field, tests))
			return false;
	}
	else if (!compiled(compile, member->value, &tests[field->count++]))
		return false;
	return is_only_member(compile, object,
						  compiled == compile_numeric || compiled == compile_anything_but ? TOO_MANY : ONE_KEY);
}

/* The array at the end of a path. */
static EventField *
compile_field(PatternCompile *compile, const char *path, const JsonVal *values)
{
	EventField *field = palloc0(sizeof(EventField));
	EventTest *tests = palloc0(sizeof(EventTest) * Max(values->count, 1));

	field->path = path;
	field->path_length = (int) strlen(path);
	field->tests = tests;
	for (int i = 0; i < values->count; i++)
	{
		const JsonVal *value = values->u.items[i];

		if (value->type == JV_ARRAY)
		{
			fail_at(compile, at(compile, value), "Match value must be String, number, true, false, or null");
			return NULL;
		}
		if (value->type != JV_OBJECT)
			tests[field->count++] = event_test_value(value);
		else if (!compile_operator(compile, value, field, tests))
			return NULL;
	}
	if (values->count == 0)
	{
		fail_at(compile, behind(compile, values), "Empty arrays are not allowed");
		return NULL;
	}
	return field;
}

/* ---- alternatives ---- */

static void
alternative_put(EventAlternative *alternative, const EventField *field)
{
	for (int i = 0; i < alternative->count; i++)
	{
		const EventField *other = alternative->fields[i];

		if (other->path_length == field->path_length && memcmp(other->path, field->path, field->path_length) == 0)
		{
			alternative->fields[i] = field;
			return;
		}
	}
	if (alternative->count == alternative->capacity)
	{
		alternative->capacity = Max(alternative->capacity * 2, 8);
		alternative->fields = repalloc(alternative->fields, sizeof(EventField *) * alternative->capacity);
	}
	alternative->fields[alternative->count++] = field;
}

static void
add_alternative(EventPattern *pattern, EventAlternative alternative)
{
	if (pattern->count == pattern->capacity)
	{
		pattern->capacity *= 2;
		pattern->alternatives = repalloc(pattern->alternatives, sizeof(EventAlternative) * pattern->capacity);
	}
	pattern->alternatives[pattern->count++] = alternative;
}

static EventPattern *
make_pattern(void)
{
	EventPattern *pattern = palloc0(sizeof(EventPattern));

	pattern->capacity = 4;
	pattern->alternatives = palloc(sizeof(EventAlternative) * pattern->capacity);
	return pattern;
}

static EventAlternative
copy_alternative(const EventAlternative *from)
{
	EventAlternative copy = {.count = from->count, .capacity = from->count + 4};

	copy.fields = palloc(sizeof(EventField *) * copy.capacity);
	if (from->count > 0)
		memcpy(copy.fields, from->fields, sizeof(EventField *) * from->count);
	return copy;
}

static EventPattern *
copy_pattern(const EventPattern *from)
{
	EventPattern *copy = make_pattern();

	for (int i = 0; i < from->count; i++)
		add_alternative(copy, copy_alternative(&from->alternatives[i]));
	return copy;
}

static bool compile_object(PatternCompile *compile, EventPattern *pattern, const char *path, const JsonVal *object,
						   bool is_inside_or);

static bool
compile_or(PatternCompile *compile, EventPattern *pattern, const char *path, const JsonVal *value)
{
	EventPattern *before = copy_pattern(pattern);

	if (value->type != JV_ARRAY)
		return fail_at(compile, at(compile, value), "It must be an Array followed with $or.");
	pattern->count = 0;
	for (int i = 0; i < value->count; i++)
	{
		const JsonVal *object = value->u.items[i];
		EventPattern *branch = copy_pattern(before);

		if (object->type != JV_OBJECT)
			return fail_at(compile, at(compile, object), "Only JSON object is allowed in array of $or relationship.");
		if (!compile_object(compile, branch, path, object, true))
			return false;
		if (pattern->count + branch->count > EVENT_PATTERN_MAX_ALTERNATIVES)
			return fail_at(compile, at(compile, value), "There are more than %d combinations of $or",
						   EVENT_PATTERN_MAX_ALTERNATIVES);
		for (int j = 0; j < branch->count; j++)
			add_alternative(pattern, branch->alternatives[j]);
	}
	if (value->count < 2)
		return fail_at(compile, behind(compile, value), "There must have at least 2 Objects in $or relationship.");
	return true;
}

static bool
compile_member(PatternCompile *compile, EventPattern *pattern, const char *path, const JvMember *member,
			   bool is_inside_or)
{
	const char *below = path == NULL ? member->key : psprintf("%s.%s", path, member->key);
	const EventField *field;

	for (int i = 0; i < (int) lengthof(reserved_names) && is_inside_or; i++)
	{
		if (strcmp(reserved_names[i], member->key) == 0)
			return fail_at(compile, at(compile, member->value),
						   "%s is Ruler reserved fieldName which cannot be used inside $or.", member->key);
	}
	if (member->value->type == JV_OBJECT)
		return compile_object(compile, pattern, below, member->value, is_inside_or);
	if (member->value->type != JV_ARRAY)
		return fail_at(compile, at(compile, member->value), "\"%s\" must be an object or an array", member->key);
	field = compile_field(compile, below, member->value);
	if (field == NULL)
		return false;
	for (int i = 0; i < pattern->count; i++)
		alternative_put(&pattern->alternatives[i], field);
	return true;
}

/* The depth is that of the text, which the parser bounds. */
static bool
compile_object(PatternCompile *compile, EventPattern *pattern, const char *path, const JsonVal *object,
			   bool is_inside_or)
{
	for (int i = 0; i < object->count; i++)
	{
		const JvMember *member = &object->u.members[i];

		SFN_CHECK_INTERRUPTS();
		if (!(strcmp(member->key, "$or") == 0 ? compile_or(compile, pattern, path, member->value)
											  : compile_member(compile, pattern, path, member, is_inside_or)))
			return false;
	}
	return object->count > 0 || fail_at(compile, behind(compile, object), "Empty objects are not allowed");
}

/* ---- the pattern ---- */

static int
compare_paths(const void *a, const void *b)
{
	return strcmp((*(const EventField *const *) a)->path, (*(const EventField *const *) b)->path);
}

static EventPattern *
compile_text(PatternCompile *compile, const JsonVal *value)
{
	EventPattern *pattern = make_pattern();
	EventAlternative nothing = {0};

	if (value->type != JV_OBJECT)
	{
		fail_at(compile, at(compile, value), "Filter is not an object");
		return NULL;
	}
	add_alternative(pattern, copy_alternative(&nothing));
	if (!compile_object(compile, pattern, NULL, value, false))
		return NULL;
	for (int i = 0; i < pattern->count; i++)
		qsort(pattern->alternatives[i].fields, pattern->alternatives[i].count, sizeof(EventField *), compare_paths);
	return pattern;
}

EventPattern *
event_pattern_compile(const char *text, int length, EventPatternError *error)
{
	PatternCompile compile = {.text = text, .length = length, .error = error};
	JvPositions *positions;
	JvParseError problem;
	const JsonVal *value;
	char *location;

	memset(error, 0, sizeof(*error));
	if (length > EVENT_PATTERN_MAX_BYTES)
	{
		error->reason = psprintf("The pattern has %d bytes, of at most %d", length, EVENT_PATTERN_MAX_BYTES);
		return NULL;
	}
	if (text_is_blank(text, length))
	{
		fail_at(&compile, 0, "Filter is not an object");
		return NULL;
	}
	value = jv_parse_positions(text, length, &problem, &positions);
	if (value == NULL)
	{
		error->reason = json_error_message(text, length, &problem, &location);
		error->location = location;
		error->line = problem.line;
		error->column = problem.column;
		return NULL;
	}
	compile.positions = positions;
	return compile_text(&compile, value);
}
