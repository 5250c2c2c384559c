/*
 * texts.h
 *	  Questions about texts that many ask.
 */
#ifndef SFN_BASE_TEXTS_H
#define SFN_BASE_TEXTS_H

#include "base/port.h"

static inline bool
text_begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static inline bool
text_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t end_length = strlen(end);

	return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/* Nothing but what JSON takes for blank. */
static inline bool
text_is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
			return false;
	}
	return true;
}

/* A to Z become small, in place; returns the text. */
static inline char *
text_lower(char *text)
{
	for (char *c = text; *c != '\0'; c++)
		*c = (char) pg_ascii_tolower((unsigned char) *c);
	return text;
}

/* The value of a hexadecimal digit, or -1. */
static inline int
text_hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif /* SFN_BASE_TEXTS_H */
