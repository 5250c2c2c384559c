/*
 * fn_string.c
 *	  Functions on strings: length, parts, case, padding, joining.
 *
 * Lengths and positions are counted in characters.
 */
#include "base/port.h"

#include "jsonata/library.h"
#include "jsonata/text.h"

/* Longest padding that is made; more than any payload may hold. */
#define LONGEST_PADDING (64 * 1024 * 1024)

/* $string(value, prettify) */
const JsonVal *
fn_string(Call *call)
{
	return jn_string(call->ev, call->args[0], jn_is(call->args[1], JV_BOOL) && call->args[1]->boolean);
}

/* $length(str) */
const JsonVal *
fn_length(Call *call)
{
	if (call->args[0] == NULL)
		return NULL;
	return jn_number(call->ev, jn_text_length(call->args[0]->u.text, call->args[0]->count));
}

/* A number as a position: its whole part, within -limit and limit. */
static int
whole_position(double n, int limit)
{
	if (isnan(n))
		return 0;
	return n <= -limit ? -limit : n >= limit ? limit : (int) n;
}

/*
 * $substring(str, start, length): a negative start counts from the end.  The
 * end is worked out with fractions before they are dropped.
 */
const JsonVal *
fn_substring(Call *call)
{
	const JsonVal *str = call->args[0];
	int characters;
	double start;
	int from;
	int to;

	if (str == NULL)
		return NULL;
	characters = jn_text_length(str->u.text, str->count);
	start = call->args[1] != NULL ? call->args[1]->number : 0;
	if (characters + start < 0)
		start = 0;
	to = characters;
	if (call->args[2] != NULL)
	{
		double end;

		if (call->args[2]->number <= 0 || call->args[1] == NULL)
			return jn_text(call->ev, "", 0);
		end = start >= 0 ? start + call->args[2]->number : characters + start + call->args[2]->number;
		to = whole_position(end, characters);
	}
	from = whole_position(start, characters);
	if (from < 0)
		from += characters;
	if (to < from)
		return jn_text(call->ev, "", 0);
	from = jn_text_offset(str->u.text, str->count, from);
	to = jn_text_offset(str->u.text, str->count, to);
	return jn_text(call->ev, str->u.text + from, to - from);
}

/* $substringBefore(str, chars) */
const JsonVal *
fn_substring_before(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *sought = call->args[1];
	const char *found;

	if (str == NULL || sought == NULL)
		return str;
	found = jn_text_find(str->u.text, str->count, sought->u.text, sought->count);
	return found == NULL ? str : jn_text(call->ev, str->u.text, found - str->u.text);
}

/* $substringAfter(str, chars) */
const JsonVal *
fn_substring_after(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *sought = call->args[1];
	const char *found;

	if (str == NULL || sought == NULL)
		return str;
	found = jn_text_find(str->u.text, str->count, sought->u.text, sought->count);
	if (found == NULL)
		return str;
	found += sought->count;
	return jn_text(call->ev, found, str->u.text + str->count - found);
}

static bool
is_letter(unsigned int code)
{
	const char *longer;

	return jn_letter_lower(code) != code || jn_letter_upper(code, &longer) != code || longer != NULL;
}

/* Whether a capital sigma ends a word: a letter before it, none after it. */
static bool
is_final_sigma(const JsonVal *str, const char *s)
{
	const char *end = str->u.text + str->count;
	const char *before = s;
	const char *after = s + jn_char_bytes(s, end);

	if (s == str->u.text)
		return false;
	do
		before--;
	while (before > str->u.text && ((unsigned char) *before & 0xC0) == 0x80);
	return is_letter(jn_char_code(before, end)) && (after >= end || !is_letter(jn_char_code(after, end)));
}

static void
append_upper(StringInfo out, const JsonVal *str, const char *s, unsigned int code)
{
	const char *longer;
	unsigned int upper = jn_letter_upper(code, &longer);

	(void) str;
	(void) s;
	if (longer != NULL)
		appendStringInfoString(out, longer);
	else
		jn_append_char(out, upper);
}

static void
append_lower(StringInfo out, const JsonVal *str, const char *s, unsigned int code)
{
	if (code == 0x130)
		appendStringInfoString(out, "i\xCC\x87");
	else if (code == 0x3A3 && is_final_sigma(str, s))
		jn_append_char(out, 0x3C2);
	else
		jn_append_char(out, jn_letter_lower(code));
}

static const JsonVal *
each_letter(Call *call, void (*append)(StringInfo out, const JsonVal *str, const char *s, unsigned int code))
{
	const JsonVal *str = call->args[0];
	const char *end;
	StringInfoData out;

	if (str == NULL)
		return NULL;
	end = str->u.text + str->count;
	initStringInfo(&out);
	for (const char *s = str->u.text; s < end; s += jn_char_bytes(s, end))
	{
		JN_TICK(call->ev);
		append(&out, str, s, jn_char_code(s, end));
	}
	return jn_text_of_buffer(call->ev, &out);
}

/* $uppercase(str) */
const JsonVal *
fn_uppercase(Call *call)
{
	return each_letter(call, append_upper);
}

/* $lowercase(str) */
const JsonVal *
fn_lowercase(Call *call)
{
	return each_letter(call, append_lower);
}

static bool
is_trimmed(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* $trim(str): runs of blanks become one, those at the ends go. */
const JsonVal *
fn_trim(Call *call)
{
	const JsonVal *str = call->args[0];
	StringInfoData out;
	bool pending = false;

	if (str == NULL)
		return NULL;
	initStringInfo(&out);
	for (int i = 0; i < str->count; i++)
	{
		char c = str->u.text[i];

		if (is_trimmed(c))
		{
			pending = out.len > 0;
			continue;
		}
		if (pending)
			appendStringInfoChar(&out, ' ');
		pending = false;
		appendStringInfoChar(&out, c);
	}
	return jn_text_of_buffer(call->ev, &out);
}

/* $pad(str, width, char): to the right, or with a negative width to the left. */
const JsonVal *
fn_pad(Call *call)
{
	const JsonVal *str = call->args[0];
	const JsonVal *with = call->args[2];
	double width;
	int missing;
	StringInfoData padding;
	StringInfoData out;
	int at = 0;

	if (str == NULL)
		return NULL;
	width = call->args[1] != NULL ? trunc(call->args[1]->number) : 0;
	if (fabs(width) > LONGEST_PADDING || fabs(width) > (double) call->ev->memory_left)
		return jn_fail_long(call->ev, fabs(width));
	missing = (int) fabs(width) - jn_text_length(str->u.text, str->count);
	if (missing <= 0)
		return str;

	initStringInfo(&padding);
	while (missing-- > 0)
	{
		int bytes;

		JN_TICK(call->ev);
		if (with == NULL || with->count == 0)
		{
			appendStringInfoChar(&padding, ' ');
			continue;
		}
		bytes = jn_char_bytes(with->u.text + at, with->u.text + with->count);
		appendBinaryStringInfo(&padding, with->u.text + at, bytes);
		at = at + bytes < with->count ? at + bytes : 0;
	}
	initStringInfo(&out);
	if (width > 0)
		appendBinaryStringInfo(&out, str->u.text, str->count);
	appendBinaryStringInfo(&out, padding.data, padding.len);
	if (width < 0)
		appendBinaryStringInfo(&out, str->u.text, str->count);
	pfree(padding.data);
	return jn_text_of_buffer(call->ev, &out);
}

/* $join(array, separator) */
const JsonVal *
fn_join(Call *call)
{
	const JsonVal *strings = call->args[0];
	const JsonVal *separator = call->args[1];
	Size length = 0;
	JsonVal *result;
	char *text;
	bool is_first = true;

	if (strings == NULL)
		return NULL;
	for (int i = 0; i < strings->count; i++)
	{
		if (strings->u.items[i] != NULL)
			length += strings->u.items[i]->count;
		if (i > 0 && separator != NULL)
			length += separator->count;
	}
	result = jn_text_room(call->ev, length, &text);
	if (result == NULL)
		return JN_FAIL;
	for (int i = 0; i < strings->count; i++)
	{
		const JsonVal *item = strings->u.items[i];

		if (!is_first && separator != NULL)
		{
			memcpy(text, separator->u.text, separator->count);
			text += separator->count;
		}
		is_first = false;
		if (item == NULL)
			continue;
		memcpy(text, item->u.text, item->count);
		text += item->count;
	}
	return result;
}
