/*
 * regex.c
 *	  Regular expressions in JavaScript's syntax, run by PCRE2.
 *
 * The pattern is rewritten on compilation: what PCRE2 reads differently is
 * spelled out ("." and "$" know four line ends, "\s" knows Unicode's blanks,
 * "[]" matches nothing), what only PCRE2 has is refused or loses its meaning.
 * Text is matched as characters, not as UTF-16 units.
 *
 * A search is bounded by PCRE2's match limit and by heap and depth; exceeding
 * it is the error U1001.  No just-in-time code is made, because that would not
 * live in a memory context.
 */
#include "base/port.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "jsonata/regex.h"

#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 100000
#define HEAP_LIMIT 20000 /* kilobytes */
#define LONGEST_PATTERN 32768

#define LINE_ENDS "\\n\\r\\x{2028}\\x{2029}"
#define BLANKS \
	"\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NO_BLANKS \
	"\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}" \
	"\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

typedef struct Translator
{
	const char *source;
	int length;
	int at;
	int groups;
	bool has_names; /* "(?<name>": then \k is a reference */
	bool multiline;
	bool can_repeat; /* something stands before that a quantifier may repeat */
	const char *complaint;
	StringInfoData out;
} Translator;

/* ---- rewriting ---- */

static inline int
char_at(const Translator *t, int ahead)
{
	return t->at + ahead < t->length ? (unsigned char) t->source[t->at + ahead] : -1;
}

static bool
complain(Translator *t, const char *complaint)
{
	t->complaint = complaint;
	return false;
}

/* Counts capturing groups and looks for named ones, since references may point forward. */
static void
count_groups(Translator *t)
{
	bool in_class = false;

	for (int i = 0; i < t->length; i++)
	{
		char c = t->source[i];

		if (c == '\\')
			i++;
		else if (in_class)
			in_class = c != ']';
		else if (c == '[')
			in_class = true;
		else if (c == '(' && i + 1 < t->length && t->source[i + 1] != '?')
			t->groups++;
		else if (c == '(' && i + 3 < t->length && t->source[i + 2] == '<' && t->source[i + 3] != '=' &&
				 t->source[i + 3] != '!')
		{
			t->groups++;
			t->has_names = true;
		}
	}
}

static int
hex_digits(const Translator *t, int ahead, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
	{
		int c = char_at(t, ahead + i);

		if (c >= '0' && c <= '9')
			value = value * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + c - 'A' + 10;
		else
			return -1;
	}
	return value;
}

static void
put_code(Translator *t, unsigned int code)
{
	appendStringInfo(&t->out, "\\x{%x}", code);
}

/* A character that stands for itself. */
static void
put_literal(Translator *t, int c)
{
	if (c < 0x80 && c > 0x20 && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
		appendStringInfoChar(&t->out, '\\');
	appendStringInfoChar(&t->out, (char) c);
}

/* "\u....", with both halves of a character beyond the basic plane taken together. */
static void
put_unicode(Translator *t, int code)
{
	t->at += 4;
	if (code >= 0xD800 && code <= 0xDBFF && char_at(t, 1) == '\\' && char_at(t, 2) == 'u')
	{
		int low = hex_digits(t, 3, 4);

		if (low >= 0xDC00 && low <= 0xDFFF)
		{
			t->at += 6;
			code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		}
	}
	if (code >= 0xD800 && code <= 0xDFFF)
		code = 0xFFFD;
	put_code(t, code);
}

/* A digit after a backslash: a reference when there is such a group, else a character's code. */
static void
put_digits(Translator *t, bool in_class)
{
	int number = 0;
	int digits = 0;

	while (digits < 3 && char_at(t, digits) >= '0' && char_at(t, digits) <= '9')
		number = number * 10 + char_at(t, digits++) - '0';
	if (!in_class && number > 0 && number <= t->groups)
	{
		appendStringInfo(&t->out, "\\g{%d}", number);
		t->at += digits - 1;
		return;
	}

	number = 0;
	digits = 0;
	while (digits < 3 && char_at(t, digits) >= '0' && char_at(t, digits) <= '7' && number * 8 < 256)
		number = number * 8 + char_at(t, digits++) - '0';
	if (digits == 0)
		put_literal(t, char_at(t, 0));
	else
	{
		put_code(t, number);
		t->at += digits - 1;
	}
}

static void
put_name_reference(Translator *t)
{
	const char *end = t->at + 2 < t->length ? memchr(t->source + t->at + 2, '>', t->length - t->at - 2) : NULL;

	if (!t->has_names || char_at(t, 1) != '<' || end == NULL)
	{
		appendStringInfoChar(&t->out, 'k');
		return;
	}
	appendStringInfo(&t->out, "\\k<%.*s>", (int) (end - t->source - t->at - 2), t->source + t->at + 2);
	t->at = end - t->source;
}

/* "\c", "\x" and "\u" with what they need behind them; without it they are letters. */
static void
put_coded(Translator *t, int letter)
{
	int code = letter == 'c' ? char_at(t, 1) : hex_digits(t, 1, letter == 'x' ? 2 : 4);

	if (letter == 'c' && !((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z')))
		appendStringInfoString(&t->out, "\\\\c");
	else if (letter == 'c')
	{
		put_code(t, code & 31);
		t->at++;
	}
	else if (code < 0)
		appendStringInfoChar(&t->out, (char) letter);
	else if (letter == 'u')
		put_unicode(t, code);
	else
	{
		put_code(t, code);
		t->at += 2;
	}
}

/* What stands behind a backslash; t->at is on it, and on its last byte afterwards. */
static bool
translate_escape(Translator *t, bool in_class)
{
	int c = char_at(t, 0);

	if (c == -1)
		return complain(t, "\\ at end of pattern");
	if (c >= '0' && c <= '9')
		put_digits(t, in_class);
	else if (strchr("dDwWnrtf", c) != NULL)
		appendStringInfo(&t->out, "\\%c", c);
	else if (c == 's')
		appendStringInfoString(&t->out, in_class ? BLANKS : "[" BLANKS "]");
	else if (c == 'S')
		appendStringInfoString(&t->out, in_class ? NO_BLANKS : "[^" BLANKS "]");
	else if (c == 'v')
		put_code(t, 0x0b);
	else if (c == 'c' || c == 'x' || c == 'u')
		put_coded(t, c);
	else if (c == 'k' && !in_class)
		put_name_reference(t);
	else if (c == 'b' && in_class)
		put_code(t, 8);
	else if ((c == 'b' || c == 'B') && !in_class)
	{
		appendStringInfo(&t->out, "\\%c", c);
		t->can_repeat = false;
	}
	else
		put_literal(t, c);
	return true;
}

static bool
is_class_escape(const Translator *t, int ahead)
{
	return char_at(t, ahead) == '\\' && char_at(t, ahead + 1) > 0 && strchr("dDwWsS", char_at(t, ahead + 1)) != NULL;
}

/* "[...]"; t->at is on the bracket. */
static bool
translate_class(Translator *t)
{
	bool is_negated = char_at(t, 1) == '^';
	bool after_class = false; /* "\d" and the like end no range */

	t->at += is_negated ? 2 : 1;
	if (char_at(t, 0) == ']')
	{
		appendStringInfoString(&t->out, is_negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)");
		return true;
	}
	appendStringInfoString(&t->out, is_negated ? "[^" : "[");
	for (; char_at(t, 0) != ']'; t->at++)
	{
		int c = char_at(t, 0);
		bool is_class = is_class_escape(t, 0);

		if (c < 0)
			return complain(t, "Unterminated character class");
		if (c == '\\')
		{
			t->at++;
			if (!translate_escape(t, true))
				return false;
		}
		else if (c == '-' && !after_class && !is_class_escape(t, 1))
			appendStringInfoChar(&t->out, '-');
		else
			put_literal(t, c);
		after_class = is_class;
	}
	appendStringInfoChar(&t->out, ']');
	return true;
}

/* Length of "{n}", "{n,}" or "{n,m}" here, 0 when it is none. */
static int
braces_length(const Translator *t)
{
	int n = 1;

	while (char_at(t, n) >= '0' && char_at(t, n) <= '9')
		n++;
	if (n == 1)
		return 0;
	if (char_at(t, n) == ',')
	{
		n++;
		while (char_at(t, n) >= '0' && char_at(t, n) <= '9')
			n++;
	}
	return char_at(t, n) == '}' ? n + 1 : 0;
}

static bool
translate_quantifier(Translator *t, int length)
{
	if (!t->can_repeat)
		return complain(t, "Nothing to repeat");
	appendBinaryStringInfo(&t->out, t->source + t->at, length);
	t->at += length - 1;
	if (char_at(t, 1) == '?')
	{
		appendStringInfoChar(&t->out, '?');
		t->at++;
	}
	t->can_repeat = false;
	return true;
}

/* "(" and what belongs to it: only the forms JavaScript has. */
static bool
translate_group(Translator *t)
{
	static const char *const forms[] = {"?:", "?=", "?!", "?<=", "?<!"};

	t->can_repeat = false;
	if (char_at(t, 1) == '*')
		return complain(t, "Nothing to repeat");
	if (char_at(t, 1) != '?')
	{
		appendStringInfoChar(&t->out, '(');
		return true;
	}
	for (int i = 0; i < (int) lengthof(forms); i++)
	{
		int length = strlen(forms[i]);

		if (t->length - t->at > length && memcmp(t->source + t->at + 1, forms[i], length) == 0)
		{
			appendStringInfo(&t->out, "(%s", forms[i]);
			t->at += length;
			return true;
		}
	}
	if (char_at(t, 2) == '<')
	{
		const char *end = memchr(t->source + t->at, '>', t->length - t->at);

		if (end != NULL)
		{
			appendBinaryStringInfo(&t->out, t->source + t->at, end - t->source - t->at + 1);
			t->at = end - t->source;
			return true;
		}
	}
	return complain(t, "Invalid group");
}

static bool
translate_one(Translator *t)
{
	int c = char_at(t, 0);
	int braces;

	switch (c)
	{
		case '\\':
			t->at++;
			t->can_repeat = true;
			return translate_escape(t, false);
		case '[':
			t->can_repeat = true;
			return translate_class(t);
		case '(':
			return translate_group(t);
		case ')':
			appendStringInfoChar(&t->out, ')');
			t->can_repeat = true;
			return true;
		case '|':
			appendStringInfoChar(&t->out, '|');
			t->can_repeat = false;
			return true;
		case '.':
			appendStringInfoString(&t->out, "[^" LINE_ENDS "]");
			t->can_repeat = true;
			return true;
		case '^':
			appendStringInfoString(&t->out, t->multiline ? "(?:\\A|(?<=[" LINE_ENDS "]))" : "\\A");
			t->can_repeat = false;
			return true;
		case '$':
			appendStringInfoString(&t->out, t->multiline ? "(?=[" LINE_ENDS "]|\\z)" : "\\z");
			t->can_repeat = false;
			return true;
		case '*':
		case '+':
		case '?':
			return translate_quantifier(t, 1);
		case '{':
			braces = braces_length(t);
			if (braces > 0)
				return translate_quantifier(t, braces);
			/* FALLTHROUGH */
		default:
			put_literal(t, c);
			t->can_repeat = true;
			return true;
	}
}

static bool
translate(Translator *t)
{
	initStringInfo(&t->out);
	if (t->length > LONGEST_PATTERN)
		return complain(t, "Pattern too long");
	count_groups(t);
	if (t->groups > MAX_GROUPS)
		return complain(t, "Too many groups");
	for (; t->at < t->length; t->at++)
	{
		if (!translate_one(t))
			return false;
	}
	return true;
}

/* ---- compiling ---- */

static void *
regex_palloc(PCRE2_SIZE size, void *owner)
{
	(void) owner;
	return palloc(size);
}

static void
regex_pfree(void *block, void *owner)
{
	(void) owner;
	if (block != NULL)
		pfree(block);
}

/* NULL and *complaint when the pattern is not valid.  Lives in the current context. */
const RegexProgram *
jn_regex_compile(const char *source, int length, bool ignore_case, bool multiline, const char **complaint)
{
	Translator t = {.source = source, .length = length, .multiline = multiline};
	RegexProgram *program;
	pcre2_general_context *memory;
	pcre2_compile_context *context;
	int code;
	PCRE2_SIZE where;

	*complaint = NULL;
	if (!translate(&t))
	{
		*complaint = t.complaint;
		return NULL;
	}
	program = palloc0(sizeof(RegexProgram));
	memory = pcre2_general_context_create(regex_palloc, regex_pfree, NULL);
	context = pcre2_compile_context_create(memory);
	pcre2_set_parens_nest_limit(context, 200);
	program->code =
		pcre2_compile((PCRE2_SPTR) t.out.data, t.out.len,
					  PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | PCRE2_DOLLAR_ENDONLY | (ignore_case ? PCRE2_CASELESS : 0),
					  &code, &where, context);
	pcre2_compile_context_free(context);
	pcre2_general_context_free(memory);
	pfree(t.out.data);
	if (program->code == NULL)
	{
		char *message = palloc0(256);

		pcre2_get_error_message(code, (PCRE2_UCHAR *) message, 256);
		*complaint = message;
		return NULL;
	}
	program->groups = t.groups;
	program->source = pnstrdup(source, length);
	program->source_length = length;
	return program;
}

void
jn_regex_free(const RegexProgram *program)
{
	pcre2_code_free(program->code);
	pfree(unconstify(char *, program->source));
	pfree(unconstify(RegexProgram *, program));
}

/* ---- searching ---- */

static pcre2_match_context *
match_context(void)
{
	static pcre2_match_context *context = NULL;

	/* lives as long as the process, so it is not palloc'd */
	if (context == NULL)
	{
		context = pcre2_match_context_create(NULL);
		if (context != NULL)
		{
			pcre2_set_match_limit(context, MATCH_LIMIT);
			pcre2_set_depth_limit(context, DEPTH_LIMIT);
			pcre2_set_heap_limit(context, HEAP_LIMIT);
		}
	}
	return context;
}

/* Searches from an offset: 1 found, 0 not, -1 failure. */
int
jn_regex_search(Evaluation *ev, const RegexProgram *regex, const JsonVal *subject, int offset, RegexMatch *match)
{
	pcre2_general_context *memory = pcre2_general_context_create(regex_palloc, regex_pfree, NULL);
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(regex->code, memory);
	int count;

	/* the first search checks that the text is valid, the others trust it */
	count = pcre2_match(regex->code, (PCRE2_SPTR) subject->u.text, subject->count, offset,
						offset > 0 ? PCRE2_NO_UTF_CHECK : 0, data, match_context());
	if (count > 0)
	{
		const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(data);

		match->count = Min(count, MAX_GROUPS + 1);
		for (int i = 0; i < match->count * 2; i++)
			match->offsets[i] = pairs[i] == PCRE2_UNSET ? -1 : (int) pairs[i];
	}
	pcre2_match_data_free(data);
	pcre2_general_context_free(memory);
	if (count == PCRE2_ERROR_MATCHLIMIT || count == PCRE2_ERROR_DEPTHLIMIT || count == PCRE2_ERROR_HEAPLIMIT)
	{
		jn_fail_message(ev, "U1001", "Regular expression evaluation limit exceeded");
		return -1;
	}
	if (jn_check(ev) == JN_FAIL)
		return -1;
	return count > 0 ? 1 : 0;
}

/* ---- matches as values ---- */

/* UTF-16 units before a byte offset, counted on from a known place. */
int
jn_units_at(UnitCounter *counter, int offset)
{
	if (offset < counter->offset)
	{
		counter->offset = 0;
		counter->units = 0;
	}
	for (; counter->offset < offset; counter->offset++)
	{
		unsigned char byte = counter->text[counter->offset];

		if ((byte & 0xC0) != 0x80)
			counter->units += byte >= 0xF0 ? 2 : 1;
	}
	return counter->units;
}

static const JsonVal *
part_of(Evaluation *ev, const JsonVal *subject, int start, int end)
{
	return jn_text(ev, subject->u.text + start, end - start);
}

/* The groups' texts; one that took no part is undefined. */
static const JsonVal *
groups_of(Evaluation *ev, const RegexProgram *regex, const JsonVal *subject, const RegexMatch *match)
{
	JnArray *groups = jn_array(ev, regex->groups, 0);

	for (int i = 1; i <= regex->groups; i++)
	{
		const JsonVal *text = NULL;

		if (i < match->count && match->offsets[i * 2] >= 0)
		{
			text = part_of(ev, subject, match->offsets[i * 2], match->offsets[i * 2 + 1]);
			JN_CHECK(text);
		}
		JN_CHECK(jn_push(ev, groups, text));
	}
	return &groups->v;
}

static const JsonVal *
match_object(Evaluation *ev, const RegexProgram *regex, const JsonVal *subject, const RegexMatch *match)
{
	UnitCounter units = {subject->u.text, 0, 0};
	JnObject *object = jn_object(ev, 5);
	Function *next = jn_alloc(ev, sizeof(Function));
	const JsonVal *text = part_of(ev, subject, match->offsets[0], match->offsets[1]);
	const JsonVal *groups = groups_of(ev, regex, subject, match);

	JN_CHECK(text);
	JN_CHECK(groups);
	memset(next, 0, sizeof(Function));
	next->v.type = JN_FUNCTION;
	next->kind = FUNCTION_NEXT_MATCH;
	next->regex = regex;
	next->subject = subject;
	next->offset = match->offsets[1];

	jn_object_put(ev, object, "match", 5, text);
	jn_object_put(ev, object, "start", 5, jn_number(ev, jn_units_at(&units, match->offsets[0])));
	jn_object_put(ev, object, "end", 3, jn_number(ev, jn_units_at(&units, match->offsets[1])));
	jn_object_put(ev, object, "groups", 6, groups);
	jn_object_put(ev, object, "next", 4, &next->v);
	return &object->v;
}

static const JsonVal *
fail_empty_match(Evaluation *ev, const RegexProgram *regex)
{
	return jn_fail_value(ev, "D1004", jn_text(ev, regex->source, regex->source_length));
}

/*
 * The match object from an offset on, undefined when there is none; false on
 * failure.  Behind another match (follows) an empty one is a failure.
 */
bool
jn_match_once(Evaluation *ev, const RegexProgram *regex, const JsonVal *subject, int offset, bool follows,
			  const JsonVal **result)
{
	RegexMatch match;
	int found;

	*result = NULL;
	if (follows && offset >= subject->count)
		return true;
	found = jn_regex_search(ev, regex, subject, offset, &match);
	if (found == 0)
		return true;
	if (found < 0)
		return false;
	if (follows && match.offsets[0] == match.offsets[1])
	{
		fail_empty_match(ev, regex);
		return false;
	}
	*result = match_object(ev, regex, subject, &match);
	return *result != JN_FAIL;
}

/* ---- one match after the other ---- */

void
matcher_begin(Matcher *matcher, Call *call, const JsonVal *pattern, const JsonVal *subject)
{
	matcher->call = call;
	matcher->pattern = pattern;
	matcher->subject = subject;
	matcher->regex = function_of(pattern)->kind == FUNCTION_REGEX ? function_of(pattern)->regex : NULL;
	matcher->units.text = subject->u.text;
	matcher->units.offset = matcher->units.units = 0;
	matcher->search_from = 0;
	matcher->is_first = true;
	matcher->next = NULL;
	matcher->object = NULL;
}

static int
regex_matcher_next(Matcher *matcher)
{
	Evaluation *ev = matcher->call->ev;
	RegexMatch *match = &matcher->regex_match;
	int found;

	if (!matcher->is_first && matcher->search_from >= matcher->subject->count)
		return 0;
	found = jn_regex_search(ev, matcher->regex, matcher->subject, matcher->search_from, match);
	if (found <= 0)
		return found;
	matcher->start = match->offsets[0];
	matcher->end = match->offsets[1];
	matcher->text = part_of(ev, matcher->subject, matcher->start, matcher->end);
	matcher->index = jn_number(ev, jn_units_at(&matcher->units, matcher->start));
	matcher->groups = groups_of(ev, matcher->regex, matcher->subject, match);
	if (matcher->text == JN_FAIL || matcher->groups == JN_FAIL)
		return -1;

	/* going on behind an empty match would find it again and again */
	if (!matcher->is_first && matcher->start == matcher->end)
	{
		fail_empty_match(ev, matcher->regex);
		return -1;
	}
	matcher->search_from = matcher->end;
	return 1;
}

/* Byte offset of a place counted in UTF-16 units, within the text. */
static int
offset_of_units(const JsonVal *text, double units)
{
	int seen = 0;
	int offset = 0;

	while (offset < text->count && seen < units)
	{
		unsigned char byte = text->u.text[offset];

		seen += byte >= 0xF0 ? 2 : 1;
		offset++;
		while (offset < text->count && ((unsigned char) text->u.text[offset] & 0xC0) == 0x80)
			offset++;
	}
	return offset;
}

static const JsonVal *
member(const JsonVal *object, const char *key)
{
	return jn_is(object, JV_OBJECT) ? jn_get(object, key, strlen(key)) : NULL;
}

static int
function_matcher_next(Matcher *matcher)
{
	Evaluation *ev = matcher->call->ev;
	const JsonVal *subject = matcher->subject;
	const JsonVal *function = matcher->is_first ? matcher->pattern : matcher->next;
	const JsonVal *found;

	if (!jn_is(function, JN_FUNCTION))
		return 0;
	found = jn_call(ev, function, &subject, 1, jv_null(), matcher->call->frame);
	if (found == JN_FAIL)
		return -1;
	if (found == NULL || !jn_truth(found))
	{
		if (found == NULL || found->type != JV_OBJECT)
			return 0;
	}
	if (!jn_is(member(found, "start"), JV_NUMBER) && !jn_is(member(found, "end"), JV_NUMBER) &&
		!jn_is(member(found, "groups"), JV_ARRAY) && !jn_is(member(found, "next"), JN_FUNCTION))
	{
		jn_fail(ev, "T1010");
		return -1;
	}
	matcher->object = found;
	matcher->text = member(found, "match");
	matcher->index = member(found, "start");
	matcher->groups = member(found, "groups");
	matcher->next = member(found, "next");
	matcher->start = offset_of_units(subject, jn_is(matcher->index, JV_NUMBER) ? matcher->index->number : 0);
	matcher->end = matcher->start;
	if (jn_is(member(found, "end"), JV_NUMBER))
		matcher->end = Max(matcher->start, offset_of_units(subject, member(found, "end")->number));
	return 1;
}

/* 1 a match, 0 no more, -1 failure. */
int
matcher_next(Matcher *matcher)
{
	int found;

	if (jn_tick(matcher->call->ev) == JN_FAIL)
		return -1;
	found = matcher->regex != NULL ? regex_matcher_next(matcher) : function_matcher_next(matcher);
	matcher->is_first = false;
	return found;
}

/* Whether there is a match at all: 1, 0, -1. */
int
matcher_exists(Matcher *matcher)
{
	if (matcher->regex == NULL)
		return matcher_next(matcher);
	return jn_regex_search(matcher->call->ev, matcher->regex, matcher->subject, 0, &matcher->regex_match);
}

/* The current match as functions see it: match, start, end, groups, next. */
const JsonVal *
matcher_object(Matcher *matcher)
{
	if (matcher->object != NULL)
		return matcher->object;
	return match_object(matcher->call->ev, matcher->regex, matcher->subject, &matcher->regex_match);
}
