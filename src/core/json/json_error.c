/*
 * json_error.c
 *	  A JSON error in the words of AWS's parser.
 *
 * Our own parser says where a text stops being JSON.  What AWS's parser would
 * have expected there is found by walking the text up to that point with a small
 * automaton: which container is open, and what may come next.
 */
#include "base/port.h"

#include "base/utf8.h"

#include "json/json_error.h"

#define MAX_SOURCE_SHOWN 500

/* What may come next. */
typedef enum Expected
{
	EXPECT_VALUE,
	EXPECT_FIELD, /* a name, or "}" in an empty object */
	EXPECT_COLON,
	EXPECT_COMMA /* or the end of the container */
} Expected;

typedef struct Walk
{
	Expected expected;
	int depth;
	bool is_object[SFN_MAX_DEPTH + 1];
	int start[SFN_MAX_DEPTH + 1]; /* where each open container begins */
	bool in_string;
} Walk;

/* Line and column, from 1, of a byte. */
static void
position_of(const char *text, int offset, int *line, int *column)
{
	*line = 1;
	*column = 1;
	for (int i = 0; i < offset; i++)
	{
		if (text[i] == '\n')
		{
			(*line)++;
			*column = 1;
		}
		else if ((text[i] & 0xc0) != 0x80)
			(*column)++;
	}
}

char *
json_source_location(const char *text, int length, int offset, int *line, int *column)
{
	StringInfoData out;
	int shown = Min(length, MAX_SOURCE_SHOWN);

	while (shown < length && shown > 0 && (text[shown] & 0xc0) == 0x80)
		shown--;
	position_of(text, offset, line, column);
	initStringInfo(&out);
	appendStringInfoString(&out, "[Source: (String)\"");
	appendBinaryStringInfo(&out, text, shown);
	appendStringInfoChar(&out, '"');
	if (shown < length)
		appendStringInfo(&out, "[truncated %d chars]", length - shown);
	appendStringInfo(&out, "; line: %d, column: %d]", *line, *column);
	return out.data;
}

/* Skips a string; returns the position behind it, or -1 when it does not end. */
static int
skip_string(const char *text, int i, int end)
{
	for (i++; i < end; i++)
	{
		if (text[i] == '\\')
			i++;
		else if (text[i] == '"')
			return i + 1;
	}
	return -1;
}

/* A value has been read. */
static void
after_value(Walk *walk)
{
	walk->expected = EXPECT_COMMA;
}

/* One character outside of strings. */
static void
walk_char(Walk *walk, char c, int offset)
{
	switch (c)
	{
		case '{':
		case '[':
			if (walk->depth < SFN_MAX_DEPTH)
			{
				walk->is_object[walk->depth] = c == '{';
				walk->start[walk->depth++] = offset;
			}
			walk->expected = c == '{' ? EXPECT_FIELD : EXPECT_VALUE;
			break;
		case '}':
		case ']':
			if (walk->depth > 0)
				walk->depth--;
			after_value(walk);
			break;
		case ':':
			walk->expected = EXPECT_VALUE;
			break;
		case ',':
			walk->expected = walk->depth > 0 && walk->is_object[walk->depth - 1] ? EXPECT_FIELD : EXPECT_VALUE;
			break;
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			break;
		default:
			after_value(walk);
			break;
	}
}

/* What is expected at the error. */
static void
walk_text(Walk *walk, const char *text, int end)
{
	memset(walk, 0, sizeof(Walk));
	walk->expected = EXPECT_VALUE;
	for (int i = 0; i < end; i++)
	{
		if (text[i] != '"')
		{
			walk_char(walk, text[i], i);
			continue;
		}
		i = skip_string(text, i, end);
		if (i < 0)
		{
			walk->in_string = true;
			return;
		}
		i--;
		walk->expected = walk->expected == EXPECT_FIELD ? EXPECT_COLON : EXPECT_COMMA;
	}
}

static const char *
expectation(const Walk *walk)
{
	switch (walk->expected)
	{
		case EXPECT_VALUE:
			return "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
		case EXPECT_FIELD:
			return "was expecting double-quote to start field name";
		case EXPECT_COLON:
			return "was expecting a colon to separate field name and value";
		case EXPECT_COMMA:
			break;
	}
	if (walk->depth == 0)
		return "expected end of input";
	return walk->is_object[walk->depth - 1] ? "was expecting comma to separate Object entries"
											: "was expecting comma to separate Array entries";
}

/* The text ends too early. */
static char *
end_message(const Walk *walk, const char *text, int length)
{
	int line;
	int column;

	if (walk->in_string)
		return pstrdup(walk->expected == EXPECT_FIELD
						   ? "Unexpected end-of-input in field name"
						   : "Unexpected end-of-input: was expecting closing quote for a string value");
	if (walk->depth == 0)
		return pstrdup("No content to map due to end-of-input");
	return psprintf("Unexpected end-of-input: expected close marker for %s (start marker at %s)",
					walk->is_object[walk->depth - 1] ? "Object" : "Array",
					json_source_location(text, length, walk->start[walk->depth - 1], &line, &column));
}

/* Length of a word such as a parser takes for a misspelt true, false or null. */
static int
word_length(const char *text, int left)
{
	int n = 0;

	while (n < left && n < 256 &&
		   (strchr("_$", text[n]) != NULL || (unsigned char) text[n] >= 0x80 || (text[n] >= '0' && text[n] <= '9') ||
			(text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z')) &&
		   text[n] != '\0')
		n++;
	return n;
}

/* "Unexpected character ('x' (code 120)): ..." */
static char *
character_message(const Walk *walk, const char *text, int left)
{
	const unsigned char *bytes = (const unsigned char *) text;
	int length = utf8_char_length(text, left);
	int code = length == 1 ? bytes[0] : bytes[0] & (0xff >> (length + 1));

	for (int i = 1; i < length; i++)
		code = (code << 6) | (bytes[i] & 0x3f);
	return psprintf("Unexpected character ('%s' (code %d)): %s", code < 0x20 ? "CTRL-CHAR" : pnstrdup(text, length),
					code, expectation(walk));
}

char *
json_error_message(const char *text, int length, const JvParseError *error, char **location)
{
	Walk *walk = palloc(sizeof(Walk));
	int offset = Min(Max(error->offset, 0), length);
	int where = offset;
	int word;
	int line;
	int column;
	char *message;

	walk_text(walk, text, offset);
	word = offset < length ? word_length(text + offset, length - offset) : 0;
	if (error->is_too_deep)
		message = pstrdup(error->message);
	else if (offset >= length)
		message = end_message(walk, text, length);
	else if (walk->in_string)
		message = pstrdup(error->message);
	else if (walk->expected == EXPECT_VALUE && word > 0 && !(text[offset] >= '0' && text[offset] <= '9'))
	{
		message =
			psprintf("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', "
					 "'true' or 'false')",
					 pnstrdup(text + offset, word));
		where = offset + word;
	}
	else
	{
		message = character_message(walk, text + offset, length - offset);
		where = offset + 1;
	}
	if (location != NULL)
		*location = json_source_location(text, length, where, &line, &column);
	return message;
}
