/*
 * picture.h
 *	  Pictures of integers, which pictures of dates use too.
 */
#ifndef SFN_JSONATA_PICTURE_H
#define SFN_JSONATA_PICTURE_H

#include "jsonata/runtime.h"

typedef enum IntegerStyle
{
	INTEGER_DECIMAL,
	INTEGER_LETTERS,
	INTEGER_ROMAN,
	INTEGER_WORDS,
	INTEGER_SEQUENCE /* a picture that nobody knows */
} IntegerStyle;

typedef enum LetterCase
{
	CASE_LOWER,
	CASE_UPPER,
	CASE_TITLE
} LetterCase;

#define MAX_SEPARATORS 32

typedef struct Separator
{
	int position; /* digits right of it */
	unsigned int character;
} Separator;

typedef struct IntegerFormat
{
	IntegerStyle style;
	LetterCase letter_case;
	bool is_ordinal;
	unsigned int zero; /* of the digits used */
	int mandatory_digits;
	int optional_digits;
	bool is_regular; /* one separator every so many digits */
	int separator_count;
	Separator separators[MAX_SEPARATORS];
	int parse_width; /* digits to read, 0: any number */
} IntegerFormat;

/* Reads a picture; JN_FAIL or NULL. */
extern const JsonVal *integer_format_read(Evaluation *ev, const char *picture, int length, IntegerFormat *format);

/* Appends the number in the format; JN_FAIL or NULL. */
extern const JsonVal *integer_format_print(Evaluation *ev, const IntegerFormat *format, double value, StringInfo out);

/* The number of a text that has this format; NaN when there is none.  JN_FAIL or NULL. */
extern const JsonVal *integer_format_parse(Evaluation *ev, const IntegerFormat *format, const char *text, int length,
										   double *value);

/* Appends a regular expression for what the format reads. */
extern void integer_format_pattern(const IntegerFormat *format, StringInfo out);

#endif /* SFN_JSONATA_PICTURE_H */
