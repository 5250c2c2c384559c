/*
 * text.c
 *	  Characters of UTF-8 text: counting, finding, upper and lower case.
 */
#include "base/port.h"

#include "base/utf8.h"
#include "jsonata/text.h"

typedef struct LetterRange
{
	unsigned int first;
	unsigned int last;
	int stride;
	int delta;
} LetterRange;

typedef struct LongUpper
{
	unsigned int code;
	const char *text;
} LongUpper;

#include "jsonata/letter_case_table.h"

/* Length in characters. */
int
jn_text_length(const char *s, int length)
{
	return utf8_count(s, length);
}

/* Byte offset of a character; the length when there are fewer. */
int
jn_text_offset(const char *s, int length, int characters)
{
	const char *end = s + length;
	const char *at = s;

	while (characters-- > 0 && at < end)
		at += jn_char_bytes(at, end);
	return at - s;
}

/* Writes UTF-8, returns the bytes. */
int
jn_put_char(char *out, unsigned int code)
{
	if (code < 0x80)
	{
		out[0] = (char) code;
		return 1;
	}
	if (code < 0x800)
	{
		out[0] = (char) (0xC0 | (code >> 6));
		out[1] = (char) (0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000)
	{
		out[0] = (char) (0xE0 | (code >> 12));
		out[1] = (char) (0x80 | ((code >> 6) & 0x3F));
		out[2] = (char) (0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char) (0xF0 | (code >> 18));
	out[1] = (char) (0x80 | ((code >> 12) & 0x3F));
	out[2] = (char) (0x80 | ((code >> 6) & 0x3F));
	out[3] = (char) (0x80 | (code & 0x3F));
	return 4;
}

void
jn_append_char(StringInfo out, unsigned int code)
{
	char bytes[4];

	appendBinaryStringInfo(out, bytes, jn_put_char(bytes, code));
}

/* The first place of a text within another, or NULL. */
const char *
jn_text_find(const char *s, int length, const char *sought, int sought_length)
{
	if (sought_length == 0)
		return s;
	return memmem(s, length, sought, sought_length);
}

static unsigned int
map_letter(const LetterRange *ranges, int count, unsigned int code)
{
	int low = 0;
	int high = count;

	/* the last range that begins at or before the character */
	while (low < high)
	{
		int middle = (low + high) / 2;

		if (ranges[middle].first <= code)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || code > ranges[low - 1].last || (code - ranges[low - 1].first) % ranges[low - 1].stride != 0)
		return code;
	return code + ranges[low - 1].delta;
}

/* Upper case of a character; *longer is set when it takes more than one. */
unsigned int
jn_letter_upper(unsigned int code, const char **longer)
{
	*longer = NULL;
	if (code < 0x80)
		return code >= 'a' && code <= 'z' ? code - 32 : code;
	for (int i = 0; i < (int) lengthof(long_uppers); i++)
	{
		if (long_uppers[i].code == code)
			*longer = long_uppers[i].text;
	}
	return map_letter(upper_ranges, lengthof(upper_ranges), code);
}

unsigned int
jn_letter_lower(unsigned int code)
{
	if (code < 0x80)
		return code >= 'A' && code <= 'Z' ? code + 32 : code;
	return map_letter(lower_ranges, lengthof(lower_ranges), code);
}

/* The string made in `out`, which is given back. */
const JsonVal *
jn_text_of_buffer(Evaluation *ev, StringInfo out)
{
	const JsonVal *value = jn_text(ev, out->data, out->len);

	pfree(out->data);
	return value;
}
