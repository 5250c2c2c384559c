/*
 * utf8.h
 *	  Counting and comparing UTF-8 text as AWS does, which thinks in UTF-16.
 *
 * None of these reads past the length given, whatever the bytes are.
 */
#ifndef SFN_BASE_UTF8_H
#define SFN_BASE_UTF8_H

#include "base/port.h"

/* Bytes of the character that begins at s, at least 1, at most the length left. */
extern int utf8_char_length(const char *s, int left);

extern int utf8_count(const char *text, int length);        /* code points */
extern int utf8_utf16_length(const char *text, int length); /* UTF-16 code units */

/* <0, 0, >0 in the order of UTF-16 code units. */
extern int utf8_compare_utf16(const char *a, int a_length, const char *b, int b_length);

/* Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
extern bool utf8_is_valid(const char *text, int length);

#endif /* SFN_BASE_UTF8_H */
