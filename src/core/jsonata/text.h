/*
 * text.h
 *	  Characters of UTF-8 text, for the functions on strings and the pictures.
 */
#ifndef SFN_JSONATA_TEXT_H
#define SFN_JSONATA_TEXT_H

#include "jsonata/runtime.h"

/* Bytes of the character that begins here, never more than are left. */
static inline int
jn_char_bytes(const char *s, const char *end)
{
	unsigned char byte = (unsigned char) *s;
	int bytes = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;

	return bytes <= end - s ? bytes : (int) (end - s);
}

/* The character that begins here. */
static inline unsigned int
jn_char_code(const char *s, const char *end)
{
	int bytes = jn_char_bytes(s, end);
	const unsigned char *u = (const unsigned char *) s;

	switch (bytes)
	{
		case 2:
			return ((u[0] & 0x1F) << 6) | (u[1] & 0x3F);
		case 3:
			return ((u[0] & 0x0F) << 12) | ((u[1] & 0x3F) << 6) | (u[2] & 0x3F);
		case 4:
			return ((u[0] & 0x07) << 18) | ((u[1] & 0x3F) << 12) | ((u[2] & 0x3F) << 6) | (u[3] & 0x3F);
		default:
			return u[0];
	}
}

extern int jn_text_length(const char *s, int length);                 /* in characters */
extern int jn_text_offset(const char *s, int length, int characters); /* byte offset of a character */
extern int jn_put_char(char *out, unsigned int code);                 /* writes UTF-8, returns the bytes */
extern void jn_append_char(StringInfo out, unsigned int code);
extern const char *jn_text_find(const char *s, int length, const char *sought, int sought_length);
extern unsigned int jn_letter_upper(unsigned int code, const char **longer);
extern unsigned int jn_letter_lower(unsigned int code);

/* The string made in `out`, which is given back. */
extern const JsonVal *jn_text_of_buffer(Evaluation *ev, StringInfo out);

#endif /* SFN_JSONATA_TEXT_H */
