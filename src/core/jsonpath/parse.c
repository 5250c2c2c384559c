/*
 * parse.c
 *	  From the text of a JSONPath to its steps.
 *
 * The text is cut into parts as Jayway does it: a bracket reaches to its closing
 * bracket, a name to the next dot, bracket or blank.  What a bracket means is
 * decided by the first character in it that can begin something: a quote begins
 * names, a question mark a filter, a digit, colon, minus or @ positions.
 */
#include "base/port.h"

#include "jsonpath/jpath_private.h"

typedef struct PathParser
{
	const char *text; /* the part behind the root */
	int length;
	int offset; /* of text in the source, for positions */
	bool in_filter;
	SfnError *error;
	JPathStep *steps;
	int count;
	int capacity;
} PathParser;

/* The inside of one bracket, read character by character. */
typedef struct Bracket
{
	const char *text;
	int length;
	int i;
	PathParser *parser;
	int offset;
} Bracket;

static bool parse_next(PathParser *parser, int *i);

/* ---- entry ---- */

static bool
is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || ((unsigned char) c & 0x80);
}

static bool
is_name_part(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9');
}

void
jpath_trim(const char **text, int *length)
{
	while (*length > 0 && (unsigned char) (*text)[0] <= ' ')
	{
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && (unsigned char) (*text)[*length - 1] <= ' ')
		(*length)--;
}

/* Reads "$", "$$" or "$name"; returns its length, 0 when there is none. */
static int
parse_root(JPath *path, const char *text, int length)
{
	int i = 1;

	if (length == 0 || text[0] != '$')
		return 0;
	if (length > 1 && text[1] == '$')
	{
		path->root = JPATH_ROOT_CONTEXT;
		return 2;
	}
	if (length > 1 && is_name_start(text[1]))
	{
		while (i < length && is_name_part(text[i]))
			i++;
		path->root = JPATH_ROOT_VARIABLE;
		path->variable = pnstrdup(text + 1, i - 1);
	}
	return i;
}

static bool
step_is_definite(const JPathStep *step)
{
	return step->type == STEP_ROOT || step->type == STEP_PROPERTY ||
		(step->type == STEP_INDEX && (step->index_type == INDEX_SINGLE || step->index_type == INDEX_FROM_END));
}

static bool
step_is_simple(const JPathStep *step)
{
	return (step->type == STEP_PROPERTY && step->count == 1) ||
		(step->type == STEP_INDEX && step->index_type == INDEX_SINGLE);
}

/* Works out which steps select one node at most. */
static void
find_definite(JPath *path)
{
	bool rest_is_definite = true;

	path->is_simple = true;
	for (int i = path->step_count - 1; i >= 0; i--)
	{
		JPathStep *step = &path->steps[i];

		rest_is_definite = rest_is_definite && step_is_definite(step);
		step->from_previous_is_definite = rest_is_definite && (i == 0 || step_is_definite(step - 1));
		path->is_simple = path->is_simple && step_is_simple(step);
	}
	path->is_definite = rest_is_definite;
}

static bool
check_reference(const JPath *path, SfnError *error)
{
	for (int i = 0; i < path->step_count; i++)
	{
		if (!step_is_simple(&path->steps[i]))
			return sfn_error_at(error, ERROR_INVALID_PATH, 0,
								"\"%s\" is no reference path: it may select several nodes", path->source);
	}
	return true;
}

/* NULL and *error (name InvalidPath, cause, position) when it is no such path. */
JPath *
jpath_parse(const char *text, int length, JPathKind kind, SfnError *error)
{
	JPath *path = palloc0(sizeof(JPath));
	const char *trimmed = text;
	int trimmed_length = length;
	int root_length;
	const char *rest;
	int rest_length;

	path->source = pnstrdup(text, length);
	if (memchr(text, '\0', length) != NULL)
	{
		sfn_error_at(error, ERROR_INVALID_PATH, strlen(path->source), "a path holds no NUL byte");
		return NULL;
	}
	jpath_trim(&trimmed, &trimmed_length);
	root_length = parse_root(path, trimmed, trimmed_length);
	if (root_length == 0)
	{
		sfn_error_at(error, ERROR_INVALID_PATH, 0, "a path begins with \"$\"");
		return NULL;
	}
	rest = trimmed + root_length;
	rest_length = trimmed_length - root_length;
	if (!jpath_parse_steps(path, rest, rest_length, rest - text, false, error))
		return NULL;
	if (kind == JPATH_REFERENCE && !check_reference(path, error))
		return NULL;
	return path;
}

/* Parses what follows the root; used for whole paths and for paths in filters, which cannot nest. */
bool
jpath_parse_steps(JPath *path, const char *text, int length, int offset, bool in_filter, SfnError *error)
{
	PathParser parser = {text, length, offset, in_filter, error, NULL, 0, 0};
	int i = 0;

	if (length > 0 && text[0] != '.' && text[0] != '[')
		return sfn_error_at(error, ERROR_INVALID_PATH, offset, "expected \".\" or \"[\" behind the path's root");
	if (length >= 2 && text[length - 1] == '.' && text[length - 2] == '.')
		return sfn_error_at(error, ERROR_INVALID_PATH, offset + length - 2, "a path cannot end with \"..\"");
	while (i < length)
	{
		if (parser.count > SFN_MAX_DEPTH)
			return sfn_error_at(error, ERROR_INVALID_PATH, offset + i, "a path has at most %d steps", SFN_MAX_DEPTH);
		if (!parse_next(&parser, &i))
			return false;
	}
	path->steps = parser.steps;
	path->step_count = parser.count;
	find_definite(path);
	return true;
}

/* ---- one step ---- */

static bool
parse_fail(PathParser *parser, int at, const char *message)
{
	return sfn_error_at(parser->error, ERROR_INVALID_PATH, parser->offset + at, "%s", message);
}

static JPathStep *
add_step(PathParser *parser, JPathStepType type)
{
	JPathStep *step;

	if (parser->count == parser->capacity)
	{
		parser->capacity = Max(8, parser->capacity * 2);
		parser->steps = parser->steps == NULL ? palloc(parser->capacity * sizeof(JPathStep))
											  : repalloc(parser->steps, parser->capacity * sizeof(JPathStep));
	}
	step = &parser->steps[parser->count++];
	memset(step, 0, sizeof(JPathStep));
	step->type = type;
	step->index_type = INDEX_NONE;
	return step;
}

/* The bracket's current character, -1 at its end. */
static inline int
bracket_char(const Bracket *bracket)
{
	return bracket->i < bracket->length ? (unsigned char) bracket->text[bracket->i] : -1;
}

/* Fails at the bracket's current place, which may lie behind the text. */
static bool
bracket_fail(const Bracket *bracket, const char *message)
{
	const PathParser *parser = bracket->parser;
	int position = Min(bracket->offset + bracket->i, parser->offset + parser->length);

	return sfn_error_at(parser->error, ERROR_INVALID_PATH, position, "%s", message);
}

/*
 * Names in quotes, up to the first closing bracket, be it within quotes or not.
 * There are no escapes, and a name that is still open then is lost.
 */
static bool
parse_names(Bracket *bracket)
{
	JPathName *names = NULL;
	int count = 0;
	int start = -1; /* of the name that is open */
	JPathStep *step;

	for (; bracket_char(bracket) != ']'; bracket->i++)
	{
		if (bracket_char(bracket) < 0)
			return bracket_fail(bracket, "the bracket is not closed");
		if (bracket_char(bracket) != '\'')
			continue;
		if (start < 0)
		{
			start = bracket->i + 1;
			continue;
		}
		names = names == NULL ? palloc(sizeof(JPathName)) : repalloc(names, (count + 1) * sizeof(JPathName));
		names[count].text = pnstrdup(bracket->text + start, bracket->i - start);
		names[count].length = bracket->i - start;
		count++;
		start = -1;
	}
	step = add_step(bracket->parser, STEP_PROPERTY);
	step->names = names;
	step->count = count;
	return true;
}

/* An int as Java reads it; digits of other scripts are not taken for digits. */
bool
jpath_parse_int(const char *text, int length, int32 *number)
{
	int64 value = 0;
	int i = (length > 0 && (text[0] == '-' || text[0] == '+')) ? 1 : 0;

	if (i == length)
		return false;
	for (; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
		if (value > (int64) PG_INT32_MAX + 1)
			return false;
	}
	if (text[0] == '-')
		value = -value;
	if (value > PG_INT32_MAX)
		return false;
	*number = (int32) value;
	return true;
}

static bool
add_number(const Bracket *bracket, StringInfo digits, int32 *numbers, int *count)
{
	if (!jpath_parse_int(digits->data, digits->len, &numbers[*count]))
		return bracket_fail(bracket, "expected a number");
	(*count)++;
	resetStringInfo(digits);
	return true;
}

/* "@.length-1)" or "@.size()-1)", the bracket standing at the @. */
static bool
parse_index_from_end(Bracket *bracket)
{
	StringInfoData word;
	int32 *numbers = palloc(sizeof(int32));
	int count = 0;
	JPathStep *step;

	initStringInfo(&word);
	bracket->i += 2;
	for (; bracket_char(bracket) != '-'; bracket->i++)
	{
		if (bracket_char(bracket) < 0)
			return bracket_fail(bracket, "expected (@.length-n)");
		if (strchr(" ()", bracket_char(bracket)) == NULL)
			appendStringInfoChar(&word, bracket->text[bracket->i]);
	}
	if (strcmp(word.data, "length") != 0 && strcmp(word.data, "size") != 0)
		return bracket_fail(bracket, "expected (@.length-n)");

	resetStringInfo(&word);
	for (; bracket_char(bracket) != ')'; bracket->i++)
	{
		if (bracket_char(bracket) < 0)
			return bracket_fail(bracket, "expected (@.length-n)");
		if (bracket_char(bracket) != ' ')
			appendStringInfoChar(&word, bracket->text[bracket->i]);
	}
	if (!add_number(bracket, &word, numbers, &count))
		return false;
	step = add_step(bracket->parser, STEP_INDEX);
	step->index_type = INDEX_FROM_END;
	step->numbers = numbers;
	step->count = 1;
	return true;
}

/* Collects digits and minus signs, blanks left out. */
static void
collect_number(Bracket *bracket, StringInfo digits)
{
	int c;

	while ((c = bracket_char(bracket)) >= 0 && ((c >= '0' && c <= '9') || c == ' ' || c == '-'))
	{
		if (c != ' ')
			appendStringInfoChar(digits, c);
		bracket->i++;
	}
}

/* What a bracket of positions may contain; several may be found, the first one here counts. */
#define HAS_LIST 1
#define HAS_SLICE_FROM 2
#define HAS_SLICE_TO 4
#define HAS_SLICE 8

static JPathIndexType
index_type(int found, int count)
{
	if (count == 1 && (found & (HAS_SLICE_TO | HAS_SLICE_FROM)) == 0)
		return INDEX_SINGLE;
	if (found & HAS_LIST)
		return INDEX_LIST;
	if (found & HAS_SLICE_FROM)
		return INDEX_SLICE_FROM;
	if (found & HAS_SLICE_TO)
		return INDEX_SLICE_TO;
	return (found & HAS_SLICE) ? INDEX_SLICE : INDEX_NONE;
}

/* The colon and the number behind it; the number before it, if any, stands in digits. */
static bool
parse_slice(Bracket *bracket, StringInfo digits, int32 *numbers, int *count, int *found)
{
	bool has_start = (digits->len > 0);

	if (has_start && !add_number(bracket, digits, numbers, count))
		return false;
	bracket->i++;
	collect_number(bracket, digits);
	if (has_start && digits->len == 0)
	{
		*found |= HAS_SLICE_FROM;
		return true;
	}
	*found |= has_start ? HAS_SLICE : HAS_SLICE_TO;
	return add_number(bracket, digits, numbers, count);
}

/* Positions, lists of them, and slices; reading stops at what is no part of them. */
static bool
parse_index(Bracket *bracket)
{
	StringInfoData digits;
	int32 *numbers = palloc((bracket->length + 1) * sizeof(int32));
	int count = 0;
	int found = 0;
	JPathStep *step;
	int c;

	initStringInfo(&digits);
	while ((c = bracket_char(bracket)) >= 0 && strchr("0123456789,: -", c) != NULL && c != '\0')
	{
		if (c == ':')
		{
			if (!parse_slice(bracket, &digits, numbers, &count, &found))
				return false;
			if (bracket_char(bracket) == ']')
				break;
		}
		else if (c == ',')
		{
			if (!add_number(bracket, &digits, numbers, &count))
				return false;
			found |= HAS_LIST;
		}
		else if (c != ' ')
			appendStringInfoChar(&digits, c);
		bracket->i++;
		if (bracket_char(bracket) < 0)
			return bracket_fail(bracket, "the bracket is not closed");
	}
	if (digits.len > 0 && !add_number(bracket, &digits, numbers, &count))
		return false;

	step = add_step(bracket->parser, STEP_INDEX);
	step->index_type = index_type(found, count);
	step->numbers = numbers;
	step->count = count;
	return true;
}

/*
 * The part of a filter's bracket that belongs to it: from the nearest opening
 * bracket to the closing one that stands outside quotes and parentheses.
 */
static bool
find_filter_end(Bracket *bracket, int start, int *end)
{
	bool in_quotes = false;
	int parentheses = 0;
	int brackets = 0;
	char previous = ' ';

	for (int i = start; i < bracket->length; i++)
	{
		char c = bracket->text[i];

		if (c == '\'' && previous != '\\')
			in_quotes = !in_quotes;
		else if (!in_quotes)
		{
			parentheses += (c == '(') - (c == ')');
			brackets += (c == '[') - (c == ']');
			if (c == ']' && parentheses == 0)
			{
				*end = i + 1;
				return brackets == 0 || bracket_fail(bracket, "the filter's brackets are not balanced");
			}
		}
		previous = c;
	}
	return bracket_fail(bracket, "the filter's brackets are not balanced");
}

static bool
parse_filter(Bracket *bracket)
{
	int start = bracket->i;
	int end = 0;
	const JPathFilter *filter;

	if (bracket->parser->in_filter)
		return bracket_fail(bracket, "a path inside a filter must select a single node");
	while (bracket->text[start] != '[')
		start--;
	if (!find_filter_end(bracket, start, &end))
		return false;
	filter = jpath_filter_parse(bracket->text + start, end - start, bracket->offset + start, bracket->parser->error);
	if (filter == NULL)
		return false;
	add_step(bracket->parser, STEP_FILTER)->filter = filter;
	return true;
}

/* Whether the bracket holds nothing but question marks, commas and blanks: filters given by nobody. */
static bool
is_empty_filter(const char *text, int length)
{
	if (length < 3 || text[length - 1] != ']')
		return false;
	for (int i = 1; i < length - 1; i++)
	{
		if (strchr("?,* \t\n\v\f\r", text[i]) == NULL || text[i] == '\0')
			return false;
	}
	/* the first thing in it must be a question mark */
	return text[1 + strspn(text + 1, " \t\n\v\f\r")] == '?';
}

/* Decides what the bracket means and adds its step. */
static bool
parse_bracket(PathParser *parser, const char *text, int length, int offset)
{
	Bracket bracket = {text, length, 0, parser, offset};

	if (length == 3 && strncmp(text, "[*]", 3) == 0)
	{
		add_step(parser, STEP_WILDCARD);
		return true;
	}
	if (is_empty_filter(text, length))
	{
		add_step(parser, STEP_FILTER);
		return true;
	}
	for (; bracket.i < length; bracket.i++)
	{
		char c = text[bracket.i];

		if (c == '?')
			return parse_filter(&bracket);
		if (c == '\'')
			return parse_names(&bracket);
		if (c == '@')
			return parse_index_from_end(&bracket);
		if ((c >= '0' && c <= '9') || c == ':' || c == '-')
			return parse_index(&bracket);
	}
	bracket.i = 0;
	return bracket_fail(&bracket, "the bracket holds neither a name in single quotes, nor positions, nor a filter");
}

/* A name without quotes; it is read as if it stood in brackets and quotes. */
static bool
parse_bare_name(PathParser *parser, int start, int length)
{
	char *text = psprintf("['%.*s']", length, parser->text + start);

	return parse_bracket(parser, text, strlen(text), parser->offset + start);
}

/* Length of the bracket that begins at i; what is never closed reaches to the end. */
static int
bracket_length(const PathParser *parser, int i)
{
	int nested = 0;
	int end;

	for (end = i + 1; end < parser->length; end++)
	{
		if (parser->text[end] == '[')
			nested++;
		else if (parser->text[end] == ']' && nested-- == 0)
			return end + 1 - i;
	}
	return end - i;
}

static int
bare_name_length(const PathParser *parser, int i)
{
	int end = i;

	while (end < parser->length && strchr(".[ ", parser->text[end]) == NULL)
		end++;
	return end - i;
}

/* Reads the step at *i and moves behind it. */
static bool
parse_next(PathParser *parser, int *i)
{
	const char *s = parser->text + *i;
	int start = *i;
	int length;

	switch (*s)
	{
		case ' ':
			return parse_fail(parser, *i, "a blank must stand in quotes");
		case '$':
			add_step(parser, STEP_ROOT);
			(*i)++;
			return true;
		case '*':
			add_step(parser, STEP_WILDCARD);
			(*i)++;
			return true;
		case '[':
			length = bracket_length(parser, *i);
			*i += length;
			return parse_bracket(parser, s, length, parser->offset + start);
		case '.':
			start = ++(*i);
			if (start == parser->length)
				return parse_fail(parser, start, "a path cannot end with \".\"");
			if (parser->text[start] == '.')
			{
				add_step(parser, STEP_SCAN);
				(*i)++;
				return true;
			}
			length = bare_name_length(parser, start);
			if (length == 0)
				return true; /* a bracket follows */
			*i += length;
			if (length == 1 && parser->text[start] == '*')
			{
				add_step(parser, STEP_WILDCARD);
				return true;
			}
			return parse_bare_name(parser, start, length);
		default:
			length = bare_name_length(parser, start);
			*i += length;
			return parse_bare_name(parser, start, length);
	}
}

/* ---- what everyone may ask ---- */

const char *
jpath_source(const JPath *path)
{
	return path->source;
}

JPathRoot
jpath_root(const JPath *path)
{
	return path->root;
}

const char *
jpath_variable(const JPath *path)
{
	return path->variable;
}

bool
jpath_is_definite(const JPath *path)
{
	return path->is_definite;
}

bool
jpath_is_root_only(const JPath *path)
{
	return path->step_count == 0;
}
