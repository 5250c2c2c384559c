/*
 * utf8.c
 *	  Counting and comparing UTF-8 text as AWS does, which thinks in UTF-16.
 */
#include "base/utf8.h"

#define IS_CONTINUATION(c) (((unsigned char) (c) &0xC0) == 0x80)

/* Bytes of the character that begins at s, at least 1, at most the length left. */
int
utf8_char_length(const char *s, int left)
{
	unsigned char first = (unsigned char) *s;
	int length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	return Min(length, left);
}

int
utf8_count(const char *text, int length)
{
	int count = 0;

	for (int i = 0; i < length; i++)
		count += !IS_CONTINUATION(text[i]);
	return count;
}

/* A character of four bytes is a pair of code units in UTF-16. */
int
utf8_utf16_length(const char *text, int length)
{
	int count = 0;

	for (int i = 0; i < length; i++)
		count += !IS_CONTINUATION(text[i]) + ((unsigned char) text[i] >= 0xF0);
	return count;
}

/*
 * <0, 0, >0 in the order of UTF-16 code units.  It differs from the order of
 * bytes in one place: characters beyond U+FFFF are written with surrogates,
 * which come before U+E000 to U+FFFF.
 */
int
utf8_compare_utf16(const char *a, int a_length, const char *b, int b_length)
{
	int common = Min(a_length, b_length);
	int i = 0;
	unsigned char left;
	unsigned char right;

	while (i < common && a[i] == b[i])
		i++;
	if (i == common)
		return a_length - b_length;

	left = (unsigned char) a[i];
	right = (unsigned char) b[i];
	if (left >= 0xEE && right >= 0xEE && (left >= 0xF0) != (right >= 0xF0))
		return left >= 0xF0 ? -1 : 1;
	return left - right;
}

/* Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool
utf8_is_valid(const char *text, int length)
{
	const unsigned char *s = (const unsigned char *) text;

	for (int i = 0; i < length;)
	{
		unsigned char first = s[i];
		int more;

		if (first < 0x80)
			more = 0;
		else if (first >= 0xC2 && first < 0xE0)
			more = 1;
		else if (first >= 0xE0 && first < 0xF0)
			more = 2;
		else if (first >= 0xF0 && first < 0xF5)
			more = 3;
		else
			return false;
		if (more >= length - i)
			return false;
		if ((first == 0xE0 && s[i + 1] < 0xA0) || (first == 0xED && s[i + 1] > 0x9F) ||
			(first == 0xF0 && s[i + 1] < 0x90) || (first == 0xF4 && s[i + 1] > 0x8F))
			return false;
		for (int j = 1; j <= more; j++)
		{
			if (!IS_CONTINUATION(s[i + j]))
				return false;
		}
		i += more + 1;
	}
	return true;
}
