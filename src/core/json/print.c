/*
 * print.c
 *	  JSON text of values: compact, as a string inside another text, pretty.
 *
 * Strings are escaped as Jackson does it: the quote, the backslash and control
 * characters, these with two-letter escapes where JSON has them and with
 * upper-case hexadecimal digits where not; all other characters stay.
 */
#include "base/port.h"

#include "json/value_private.h"

/* What to write for a byte after the backslash; 0: the byte stays, 'u': \u00XX. */
static const char escape_of[256] = {
	[0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u', [0x05] = 'u',  [0x06] = 'u',
	[0x07] = 'u', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [0x0b] = 'u', ['\f'] = 'f',  ['\r'] = 'r',
	[0x0e] = 'u', [0x0f] = 'u', [0x10] = 'u', [0x11] = 'u', [0x12] = 'u', [0x13] = 'u',  [0x14] = 'u',
	[0x15] = 'u', [0x16] = 'u', [0x17] = 'u', [0x18] = 'u', [0x19] = 'u', [0x1a] = 'u',  [0x1b] = 'u',
	[0x1c] = 'u', [0x1d] = 'u', [0x1e] = 'u', [0x1f] = 'u', ['"'] = '"',  ['\\'] = '\\',
};

#define EACH_BYTE(b) (UINT64CONST(0x0101010101010101) * (b))

/* Whether none of eight bytes needs an escape; "no" may be wrong, "yes" never is. */
static inline bool
eight_are_plain(const char *s)
{
	uint64 word;
	uint64 quotes;
	uint64 backslashes;

	memcpy(&word, s, sizeof(word));
	quotes = word ^ EACH_BYTE('"');
	backslashes = word ^ EACH_BYTE('\\');
	return ((((word - EACH_BYTE(0x20)) & ~word) | ((quotes - EACH_BYTE(1)) & ~quotes) |
			 ((backslashes - EACH_BYTE(1)) & ~backslashes)) &
			EACH_BYTE(0x80)) == 0;
}

/* How many bytes from the beginning need no escape. */
static inline int
plain_length(const char *s, int length)
{
	int i = 0;

	for (;;)
	{
		while (length - i >= 8 && eight_are_plain(s + i))
			i += 8;
		for (int end = Min(length, i + 8); i < end; i++)
		{
			if (escape_of[(unsigned char) s[i]] != 0)
				return i;
		}
		if (i == length)
			return i;
	}
}

/* Writes the text quoted and escaped; runs that need no escape are copied whole. */
void
jv_print_string(StringInfo out, const char *text, int length)
{
	appendStringInfoCharMacro(out, '"');
	while (length > 0)
	{
		int run = plain_length(text, length);
		char escape;

		appendBinaryStringInfo(out, text, run);
		if (run == length)
			break;
		escape = escape_of[(unsigned char) text[run]];
		if (escape == 'u')
			appendStringInfo(out, "\\u%04X", (unsigned char) text[run]);
		else
		{
			appendStringInfoCharMacro(out, '\\');
			appendStringInfoCharMacro(out, escape);
		}
		text += run + 1;
		length -= run + 1;
	}
	appendStringInfoCharMacro(out, '"');
}

static void
print_array(StringInfo out, const JsonVal *array)
{
	appendStringInfoCharMacro(out, '[');
	for (int i = 0; i < array->count; i++)
	{
		if (i > 0)
			appendStringInfoCharMacro(out, ',');
		jv_print(out, array->u.items[i]);
	}
	appendStringInfoCharMacro(out, ']');
}

static void
print_object(StringInfo out, const JsonVal *object)
{
	appendStringInfoCharMacro(out, '{');
	for (int i = 0; i < object->count; i++)
	{
		const JvMember *member = &object->u.members[i];

		if (i > 0)
			appendStringInfoCharMacro(out, ',');
		jv_print_string(out, member->key, member->key_length);
		appendStringInfoCharMacro(out, ':');
		jv_print(out, member->value);
	}
	appendStringInfoCharMacro(out, '}');
}

/* Compact text, numbers as spelled.  Recursion is bounded by the value's depth. */
void
jv_print(StringInfo out, const JsonVal *value)
{
	switch (value->type)
	{
		case JV_NULL:
			appendBinaryStringInfo(out, "null", 4);
			break;
		case JV_BOOL:
			if (value->boolean)
				appendBinaryStringInfo(out, "true", 4);
			else
				appendBinaryStringInfo(out, "false", 5);
			break;
		case JV_NUMBER:
			appendBinaryStringInfo(out, value->u.text, value->count);
			break;
		case JV_STRING:
			jv_print_string(out, value->u.text, value->count);
			break;
		case JV_ARRAY:
			print_array(out, value);
			break;
		case JV_OBJECT:
			print_object(out, value);
			break;
	}
}

char *
jv_to_text(const JsonVal *value)
{
	StringInfoData out;

	initStringInfo(&out);
	jv_print(&out, value);
	return out.data;
}

/* Writes the compact text as one JSON string, as history carries inputs and outputs. */
void
jv_print_in_string(StringInfo out, const JsonVal *value)
{
	StringInfoData text;

	initStringInfo(&text);
	jv_print(&text, value);
	jv_print_string(out, text.data, text.len);
	pfree(text.data);
}

/* ---- pretty ---- */

static void
new_line(StringInfo out, int level)
{
	appendStringInfoChar(out, '\n');
	for (int i = 0; i < level; i++)
		appendStringInfoString(out, "  ");
}

static void
print_pretty(StringInfo out, const JsonVal *value, int level)
{
	bool is_object = (value->type == JV_OBJECT);

	if ((!is_object && value->type != JV_ARRAY) || value->count == 0)
	{
		jv_print(out, value);
		return;
	}
	appendStringInfoChar(out, is_object ? '{' : '[');
	for (int i = 0; i < value->count; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		new_line(out, level + 1);
		if (is_object)
		{
			jv_print_string(out, value->u.members[i].key, value->u.members[i].key_length);
			appendStringInfoString(out, ": ");
			print_pretty(out, value->u.members[i].value, level + 1);
		}
		else
			print_pretty(out, value->u.items[i], level + 1);
	}
	new_line(out, level);
	appendStringInfoChar(out, is_object ? '}' : ']');
}

/* One member or element a line, two blanks an indent. */
void
jv_print_pretty(StringInfo out, const JsonVal *value)
{
	print_pretty(out, value, 0);
}

/* ---- sizes ---- */

/* Bytes of a string in JSON text, quotes included. */
static int64
string_size(const char *text, int length)
{
	int64 size = length + 2;

	for (int i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if (c == '"' || c == '\\')
			size++;
		else if (c < 0x20)
			size += (c == '\b' || c == '\t' || c == '\n' || c == '\f' || c == '\r') ? 1 : 5;
	}
	return size;
}

/* Takes the size of the value's text from *left; stops when that is used up. */
static void
take_size(const JsonVal *value, int64 *left)
{
	switch (value->type)
	{
		case JV_NULL:
		case JV_BOOL:
			*left -= (value->type == JV_BOOL && !value->boolean) ? 5 : 4;
			break;
		case JV_NUMBER:
			*left -= value->count;
			break;
		case JV_STRING:
			*left -= string_size(value->u.text, value->count);
			break;
		case JV_ARRAY:
			*left -= 2 + Max(value->count - 1, 0);
			for (int i = 0; i < value->count && *left >= 0; i++)
				take_size(value->u.items[i], left);
			break;
		case JV_OBJECT:
			*left -= 2 + Max(value->count - 1, 0);
			for (int i = 0; i < value->count && *left >= 0; i++)
			{
				const JvMember *member = &value->u.members[i];

				*left -= string_size(member->key, member->key_length) + 1;
				take_size(member->value, left);
			}
			break;
	}
}

int64
jv_text_size(const JsonVal *value, int64 limit)
{
	int64 left = limit;

	take_size(value, &left);
	return limit - left;
}
