/*
 * regex.c
 *	  Regular expressions of JSONPath filters: does the whole text match?
 *
 * A pattern becomes a machine of states (characters, sets, forks), and a text is
 * run through it keeping the list of all states it may be in, so that no pattern
 * takes more than pattern times text steps.  Since only whole matches count,
 * greedy, lazy and possessive quantifiers mean the same, and captures do not
 * matter.  Of Java's syntax this knows characters and escapes, . \d \w \s and
 * their opposites, sets with ranges and negation, groups, alternatives, the
 * quantifiers ? * + {n,m}, ^ $ and \b.  What needs backtracking (references,
 * looking around) is refused when the path is parsed.
 */
#include "base/port.h"

#include "base/utf8.h"
#include "jsonpath/regex.h"
#include "mb/pg_wchar.h"

/* {n,m} copies its part: states that one pattern may have, and parts that may be built. */
#define MAX_STATES 5000
#define MAX_PARTS 10000
#define MAX_NESTING 100
#define MAX_LENGTH 1000

typedef enum StateType
{
	ST_CHAR,
	ST_ANY,
	ST_SET,
	ST_FORK,     /* both ways */
	ST_BEGIN,    /* ^ */
	ST_END,      /* $ */
	ST_BOUNDARY, /* \b; negated: \B */
	ST_FINAL
} StateType;

typedef struct CharRange
{
	pg_wchar first;
	pg_wchar last;
	char class; /* 'd', 'w', 's', 'D', 'W', 'S': a class instead of a range; 0: none */
} CharRange;

typedef struct CharSet
{
	bool is_negated;
	int count;
	int capacity;
	CharRange *ranges;
} CharSet;

typedef struct State
{
	StateType type;
	bool is_negated;
	pg_wchar c;
	const CharSet *set;
	int next;  /* index of the state that follows, -1: not yet known */
	int other; /* ST_FORK */
} State;

struct Regex
{
	bool ignore_case;
	State *states;
	int count;
	int start;
	int parts; /* built so far */
};

/* What is being parsed; a part is built behind the states that follow it. */
typedef struct RegexParser
{
	Regex *regex;
	const char *s;
	const char *end;
	int nesting;
	const char *message; /* set: failed */
} RegexParser;

/* The pattern between begin and end, as it stands in the text; parsed once for each use. */
typedef struct Part
{
	const char *begin;
	const char *end;
} Part;

static int parse_alternatives(RegexParser *parser, int next);

/* ---- building ---- */

static int
fail(RegexParser *parser, const char *message)
{
	if (parser->message == NULL)
		parser->message = message;
	parser->s = parser->end;
	return 0;
}

static int
add_state(RegexParser *parser, StateType type, int next)
{
	Regex *regex = parser->regex;
	State *state;

	if (regex->count == MAX_STATES)
		return fail(parser, "the pattern is too large");
	if ((regex->count & (regex->count - 1)) == 0)
		regex->states =
			regex->states == NULL ? palloc(sizeof(State)) : repalloc(regex->states, regex->count * 2 * sizeof(State));
	state = &regex->states[regex->count];
	memset(state, 0, sizeof(State));
	state->type = type;
	state->next = next;
	state->other = -1;
	return regex->count++;
}

static int
add_fork(RegexParser *parser, int next, int other)
{
	int fork = add_state(parser, ST_FORK, next);

	if (parser->message == NULL)
		parser->regex->states[fork].other = other;
	return fork;
}

static pg_wchar
read_char(const char *s, int left, int *length)
{
	*length = utf8_char_length(s, left);
	if (utf8_is_valid(s, *length))
		return utf8_to_unicode((const unsigned char *) s);
	return (unsigned char) *s;
}

static pg_wchar
next_char(RegexParser *parser)
{
	int length;
	pg_wchar c = read_char(parser->s, parser->end - parser->s, &length);

	parser->s += length;
	return c;
}

/* ---- characters and sets ---- */

static bool
is_word_char(pg_wchar c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool
class_contains(char class, pg_wchar c)
{
	switch (class)
	{
		case 'd':
			return c >= '0' && c <= '9';
		case 'w':
			return is_word_char(c);
		case 's':
			return c == ' ' || (c >= '\t' && c <= '\r');
		case 'D':
			return !class_contains('d', c);
		case 'W':
			return !class_contains('w', c);
		case 'S':
			return !class_contains('s', c);
	}
	return false;
}

static bool
range_contains(const CharRange *range, pg_wchar c)
{
	if (range->class != 0)
		return class_contains(range->class, c);
	return c >= range->first && c <= range->last;
}

/* The other case of an ASCII letter, else the character itself. */
static pg_wchar
other_case(pg_wchar c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 'A';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 'a';
	return c;
}

static bool
set_contains(const CharSet *set, pg_wchar c, bool ignore_case)
{
	pg_wchar other = ignore_case ? other_case(c) : c;

	for (int i = 0; i < set->count; i++)
	{
		if (range_contains(&set->ranges[i], c) || range_contains(&set->ranges[i], other))
			return !set->is_negated;
	}
	return set->is_negated;
}

static void
set_add(CharSet *set, pg_wchar first, pg_wchar last, char class)
{
	if (set->count == set->capacity)
	{
		set->capacity = Max(8, set->capacity * 2);
		set->ranges = set->ranges == NULL ? palloc(set->capacity * sizeof(CharRange))
										  : repalloc(set->ranges, set->capacity * sizeof(CharRange));
	}
	set->ranges[set->count].first = first;
	set->ranges[set->count].last = last;
	set->ranges[set->count].class = class;
	set->count++;
}

/* Reads what follows a backslash: a class (returned, 0 for none) or one character. */
static char
parse_escape(RegexParser *parser, pg_wchar *c)
{
	static const char *const plain = "tnrfae";
	static const char meaning[] = "\t\n\r\f\a\033";
	const char *found;

	if (parser->s == parser->end)
		return fail(parser, "the pattern ends with a backslash");
	*c = next_char(parser);
	if (*c < 0x80 && strchr("dwsDWS", (char) *c) != NULL && *c != 0)
		return (char) *c;
	if (*c == 'x' || *c == 'u')
	{
		int digits = *c == 'x' ? 2 : 4;
		pg_wchar value = 0;

		for (; digits > 0 && parser->s < parser->end && isxdigit((unsigned char) *parser->s); digits--)
		{
			char digit = *parser->s++;

			value = value * 16 + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
		}
		*c = value;
		return digits == 0 ? 0 : fail(parser, "the pattern holds a bad escape");
	}
	found = *c < 0x80 && *c != 0 ? strchr(plain, (char) *c) : NULL;
	if (found != NULL)
		*c = (unsigned char) meaning[found - plain];
	else if (is_word_char(*c) && *c != '_')
		return fail(parser, "the pattern holds an escape that filters do not know");
	return 0;
}

/* A set, the opening bracket being read already. */
static int
parse_set(RegexParser *parser, int next)
{
	CharSet *set = palloc0(sizeof(CharSet));
	bool is_first = true;
	int state;

	if (parser->s < parser->end && *parser->s == '^')
	{
		set->is_negated = true;
		parser->s++;
	}
	for (;; is_first = false)
	{
		pg_wchar first = 0;
		pg_wchar last;
		char class = 0;

		if (parser->s == parser->end)
			return fail(parser, "the pattern holds a set that is not closed");
		if (*parser->s == ']' && !is_first)
			break;
		if (*parser->s == '[' || (*parser->s == '&' && parser->end - parser->s > 1 && parser->s[1] == '&'))
			return fail(parser, "the pattern holds a set within a set");
		first = next_char(parser);
		if (first == '\\')
			class = parse_escape(parser, &first);
		last = first;
		if (class == 0 && parser->end - parser->s > 1 && parser->s[0] == '-' && parser->s[1] != ']')
		{
			parser->s++;
			last = next_char(parser);
			if (last == '\\' && parse_escape(parser, &last) != 0)
				return fail(parser, "the pattern holds a bad range");
			if (last < first)
				return fail(parser, "the pattern holds a bad range");
		}
		if (parser->message != NULL)
			return 0;
		set_add(set, first, last, class);
	}
	parser->s++;
	state = add_state(parser, ST_SET, next);
	if (parser->message == NULL)
		parser->regex->states[state].set = set;
	return state;
}

/* ---- parts ---- */

/* Finds the end of a set: the first closing bracket that is neither first nor escaped. */
static void
skip_set(RegexParser *parser)
{
	if (parser->s < parser->end && *parser->s == '^')
		parser->s++;
	if (parser->s < parser->end && *parser->s == ']')
		parser->s++;
	while (parser->s < parser->end && *parser->s != ']')
		parser->s += (*parser->s == '\\' && parser->end - parser->s > 1) ? 2 : 1;
	if (parser->s < parser->end)
		parser->s++;
}

/* Moves behind one character, escape, set or group. */
static void
skip_atom(RegexParser *parser)
{
	int open = 0;

	do
	{
		char c = *parser->s;

		parser->s += utf8_char_length(parser->s, parser->end - parser->s);
		if (c == '\\' && parser->s < parser->end)
		{
			char escape = *parser->s;

			parser->s += utf8_char_length(parser->s, parser->end - parser->s);
			if (open == 0 && (escape == 'x' || escape == 'u'))
				parser->s += Min(escape == 'x' ? 2 : 4, parser->end - parser->s);
		}
		else if (c == '[')
			skip_set(parser);
		else if (c == '(')
			open++;
		else if (c == ')')
			open--;
	} while (open > 0 && parser->s < parser->end);
	if (open != 0)
		fail(parser, "the pattern's parentheses are not balanced");
}

/* A group, the opening parenthesis being read already; the end is that of the part. */
static int
parse_group(RegexParser *parser, int next)
{
	int start;

	if (parser->end - parser->s >= 2 && parser->s[0] == '?')
	{
		if (parser->s[1] != ':')
			return fail(parser, "the pattern holds a kind of group that filters do not know");
		parser->s += 2;
	}
	if (++parser->nesting > MAX_NESTING)
		return fail(parser, "the pattern is nested too deeply");
	parser->end--; /* the closing parenthesis */
	start = parse_alternatives(parser, next);
	parser->nesting--;
	return start;
}

/* Builds the states of one atom. */
static int
build_atom(RegexParser *parser, Part part, int next)
{
	RegexParser inner = *parser;
	pg_wchar c;
	char class = 0;
	int state;

	if (parser->message != NULL || ++parser->regex->parts > MAX_PARTS)
		return fail(parser, "the pattern is too large");
	inner.s = part.begin;
	inner.end = part.end;
	c = next_char(&inner);
	if (c == '(')
		state = parse_group(&inner, next);
	else if (c == '[')
		state = parse_set(&inner, next);
	else if (c == '.')
		state = add_state(&inner, ST_ANY, next);
	else if (c == '^')
		state = add_state(&inner, ST_BEGIN, next);
	else if (c == '$')
		state = add_state(&inner, ST_END, next);
	else if (c == '\\' && inner.s < inner.end && (*inner.s == 'b' || *inner.s == 'B'))
	{
		state = add_state(&inner, ST_BOUNDARY, next);
		if (inner.message == NULL)
			inner.regex->states[state].is_negated = (*inner.s == 'B');
	}
	else
	{
		if (c == '\\')
			class = parse_escape(&inner, &c);
		state = add_state(&inner, class == 0 ? ST_CHAR : ST_SET, next);
		if (inner.message == NULL && class != 0)
		{
			CharSet *set = palloc0(sizeof(CharSet));

			set_add(set, 0, 0, class);
			inner.regex->states[state].set = set;
		}
		else if (inner.message == NULL)
			inner.regex->states[state].c = c;
	}
	if (inner.message != NULL)
		return fail(parser, inner.message);
	return state;
}

/* Reads {n}, {n,} or {n,m}; most -1: no limit. */
static bool
parse_braces(RegexParser *parser, int *least, int *most)
{
	char *rest;
	char *text = pnstrdup(parser->s, Min(parser->end - parser->s, 32));
	char *s = text + 1;

	*least = (int) strtol(s, &rest, 10);
	if (rest == s || *least < 0 || *least > MAX_STATES)
		return false;
	*most = *least;
	s = rest;
	if (*s == ',')
	{
		s++;
		*most = -1;
		if (*s != '}')
		{
			*most = (int) strtol(s, &rest, 10);
			if (rest == s || *most < *least || *most > MAX_STATES)
				return false;
			s = rest;
		}
	}
	if (*s != '}')
		return false;
	parser->s += s + 1 - text;
	return true;
}

static bool
parse_quantifier(RegexParser *parser, int *least, int *most)
{
	*least = 1;
	*most = 1;
	if (parser->s == parser->end)
		return true;
	switch (*parser->s)
	{
		case '?':
			*least = 0;
			break;
		case '*':
			*least = 0;
			*most = -1;
			break;
		case '+':
			*most = -1;
			break;
		case '{':
			if (!parse_braces(parser, least, most))
				return fail(parser, "the pattern holds a bad {n,m}");
			parser->s--;
			break;
		default:
			return true;
	}
	parser->s++;
	/* lazy and possessive make no difference to a whole match */
	if (parser->s < parser->end && (*parser->s == '?' || *parser->s == '+'))
		parser->s++;
	return true;
}

/* Builds a part with its quantifier, from its end to its beginning. */
static int
build_quantified(RegexParser *parser, Part part, int least, int most, int next)
{
	int start = next;

	if (most < 0)
	{
		int fork = add_fork(parser, -1, next);
		int body = build_atom(parser, part, fork);

		if (parser->message != NULL)
			return 0;
		parser->regex->states[fork].next = body;
		start = fork;
	}
	for (int i = least; i < most && parser->message == NULL; i++)
		start = add_fork(parser, build_atom(parser, part, start), next);
	for (int i = 0; i < least && parser->message == NULL; i++)
		start = build_atom(parser, part, start);
	return start;
}

typedef struct Quantified
{
	Part part;
	int least;
	int most;
} Quantified;

/* A row of atoms up to | or the end; states are made from the last to the first. */
static int
parse_row(RegexParser *parser, int next)
{
	int capacity = 8;
	Quantified *row = palloc(capacity * sizeof(Quantified));
	int count = 0;

	while (parser->s < parser->end && *parser->s != '|')
	{
		Quantified *atom;

		if (count == capacity)
		{
			capacity *= 2;
			row = repalloc(row, capacity * sizeof(Quantified));
		}
		atom = &row[count++];
		if (*parser->s != 0 && strchr("?*+{)", *parser->s) != NULL)
			return fail(parser, "the pattern holds a quantifier or parenthesis where none can stand");
		atom->part.begin = parser->s;
		skip_atom(parser);
		atom->part.end = parser->s;
		if (parser->message != NULL || !parse_quantifier(parser, &atom->least, &atom->most))
			return 0;
	}
	while (count-- > 0 && parser->message == NULL)
		next = build_quantified(parser, row[count].part, row[count].least, row[count].most, next);
	pfree(row);
	return next;
}

static int
parse_alternatives(RegexParser *parser, int next)
{
	int start = parse_row(parser, next);

	while (parser->message == NULL && parser->s < parser->end)
	{
		parser->s++; /* the | */
		start = add_fork(parser, start, parse_row(parser, next));
	}
	return start;
}

/* NULL and *message when the pattern cannot be used. */
Regex *
regex_parse(const char *pattern, int length, bool ignore_case, const char **message)
{
	Regex *regex = palloc0(sizeof(Regex));
	RegexParser parser = {regex, pattern, pattern + length, 0, NULL};
	int final;

	if (length > MAX_LENGTH)
		fail(&parser, "the pattern is too long");
	regex->ignore_case = ignore_case;
	final = add_state(&parser, ST_FINAL, -1);
	regex->start = parse_alternatives(&parser, final);
	*message = parser.message;
	return parser.message == NULL ? regex : NULL;
}

/* ---- matching ---- */

typedef struct StateList
{
	int *states;
	int count;
} StateList;

typedef struct Matching
{
	const Regex *regex;
	const char *text;
	int length;
	uint32 *seen; /* at which step a state was last added */
	uint32 step;
	int *stack;
} Matching;

static bool
is_boundary(const Matching *matching, int at)
{
	bool before = at > 0 && is_word_char((unsigned char) matching->text[at - 1]);
	bool after = at < matching->length && is_word_char((unsigned char) matching->text[at]);

	return before != after;
}

/* Whether a state that takes no character lets through at this place. */
static bool
lets_through(const Matching *matching, const State *state, int at)
{
	switch (state->type)
	{
		case ST_FORK:
			return true;
		case ST_BEGIN:
			return at == 0;
		case ST_END:
			return at == matching->length || (at == matching->length - 1 && matching->text[at] == '\n');
		case ST_BOUNDARY:
			return is_boundary(matching, at) != state->is_negated;
		default:
			return false;
	}
}

/* Adds a state and all that can be reached from it without taking a character. */
static void
add_reachable(Matching *matching, StateList *list, int start, int at)
{
	int depth = 0;

	matching->stack[depth++] = start;
	while (depth > 0)
	{
		int index = matching->stack[--depth];
		const State *state;

		if (index < 0 || matching->seen[index] == matching->step)
			continue;
		matching->seen[index] = matching->step;
		state = &matching->regex->states[index];
		if (state->type == ST_CHAR || state->type == ST_ANY || state->type == ST_SET || state->type == ST_FINAL)
			list->states[list->count++] = index;
		else if (lets_through(matching, state, at))
		{
			matching->stack[depth++] = state->next;
			if (state->type == ST_FORK)
				matching->stack[depth++] = state->other;
		}
	}
}

static bool
state_takes(const Regex *regex, const State *state, pg_wchar c)
{
	switch (state->type)
	{
		case ST_CHAR:
			return state->c == c || (regex->ignore_case && state->c == other_case(c));
		case ST_ANY:
			return c != '\n' && c != '\r' && c != 0x85 && c != 0x2028 && c != 0x2029;
		case ST_SET:
			return set_contains(state->set, c, regex->ignore_case);
		default:
			return false;
	}
}

bool
regex_matches(const Regex *regex, const char *text, int length, Budget *budget)
{
	Matching matching = {regex, text, length, NULL, 1, NULL};
	StateList now = {palloc(regex->count * sizeof(int)), 0};
	StateList then = {palloc(regex->count * sizeof(int)), 0};
	int at = 0;

	matching.seen = palloc0(regex->count * sizeof(uint32));
	matching.stack = palloc((regex->count * 2 + 1) * sizeof(int));
	add_reachable(&matching, &now, regex->start, 0);
	while (at < length && now.count > 0)
	{
		StateList swap = now;
		int size;
		pg_wchar c = read_char(text + at, length - at, &size);

		SFN_CHECK_INTERRUPTS();
		if (!budget_spend(budget, 1 + (uint32) now.count))
			return false;
		at += size;
		matching.step++;
		then.count = 0;
		for (int i = 0; i < now.count; i++)
		{
			const State *state = &regex->states[now.states[i]];

			if (state_takes(regex, state, c))
				add_reachable(&matching, &then, state->next, at);
		}
		now = then;
		then = swap;
	}
	for (int i = 0; at == length && i < now.count; i++)
	{
		if (regex->states[now.states[i]].type == ST_FINAL)
			return true;
	}
	return false;
}
