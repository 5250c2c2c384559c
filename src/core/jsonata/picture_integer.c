/*
 * picture_integer.c
 *	  $formatInteger and $parseInteger: integers as digits, letters, Roman numerals, words.
 */
#include "base/port.h"

#include "jsonata/library.h"
#include "jsonata/picture.h"
#include "jsonata/text.h"

/* Zeros of the decimal digit families. */
static const unsigned int zero_digits[] = {
	0x30,   0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
	0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
	0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

static const char *const few[] = {
	"Zero", "One",    "Two",    "Three",    "Four",     "Five",    "Six",     "Seven",     "Eight",    "Nine",
	"Ten",  "Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
};

static const char *const ordinals[] = {
	"Zeroth",     "First",     "Second",    "Third",       "Fourth",     "Fifth",      "Sixth",
	"Seventh",    "Eighth",    "Ninth",     "Tenth",       "Eleventh",   "Twelfth",    "Thirteenth",
	"Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth",
};

static const char *const decades[] = {
	"Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
};

static const char *const magnitudes[] = {"Thousand", "Million", "Billion", "Trillion"};

static const struct
{
	int value;
	const char *letters;
} roman_numerals[] = {
	{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
	{40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"},
};

/* Beyond this a Roman numeral is only a heap of letters. */
#define LARGEST_ROMAN 10000000

/* ---- reading pictures ---- */

static unsigned int
family_of(unsigned int character)
{
	for (int i = 0; i < (int) lengthof(zero_digits); i++)
	{
		if (character >= zero_digits[i] && character <= zero_digits[i] + 9)
			return zero_digits[i];
	}
	return 0;
}

static int
greatest_divisor(int a, int b)
{
	while (b != 0)
	{
		int rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* The distance at which one separator repeats, or 0. */
static int
regular_distance(const IntegerFormat *format)
{
	int distance = 0;

	for (int i = 0; i < format->separator_count; i++)
	{
		if (format->separators[i].character != format->separators[0].character)
			return 0;
		distance = greatest_divisor(format->separators[i].position, distance);
	}
	for (int n = 1; n <= format->separator_count; n++)
	{
		bool found = false;

		for (int i = 0; i < format->separator_count; i++)
			found |= format->separators[i].position == n * distance;
		if (!found)
			return 0;
	}
	return distance;
}

/* A pattern of digits, read from right to left. */
static const JsonVal *
read_digits(Evaluation *ev, const char *picture, int length, IntegerFormat *format)
{
	const char *at = picture + length;
	int position = 0;
	int distance;

	while (at > picture)
	{
		unsigned int character;
		unsigned int family;

		do
			at--;
		while (at > picture && ((unsigned char) *at & 0xC0) == 0x80);
		character = jn_char_code(at, picture + length);
		family = family_of(character);
		if (family != 0)
		{
			if (format->zero != 0 && format->zero != family)
				return jn_fail(ev, "D3131");
			format->zero = family;
			format->mandatory_digits++;
			position++;
		}
		else if (character == '#')
		{
			format->optional_digits++;
			position++;
		}
		else if (format->separator_count < MAX_SEPARATORS)
		{
			format->separators[format->separator_count].position = position;
			format->separators[format->separator_count++].character = character;
		}
	}
	if (format->mandatory_digits == 0)
	{
		format->style = INTEGER_SEQUENCE;
		return NULL;
	}
	distance = regular_distance(format);
	if (distance > 0)
	{
		format->is_regular = true;
		format->separators[0].position = distance;
		format->separator_count = 1;
	}
	return NULL;
}

/* Reads a picture; JN_FAIL or NULL. */
const JsonVal *
integer_format_read(Evaluation *ev, const char *picture, int length, IntegerFormat *format)
{
	static const struct
	{
		const char *picture;
		IntegerStyle style;
		LetterCase letter_case;
	} styles[] = {
		{"A", INTEGER_LETTERS, CASE_UPPER}, {"a", INTEGER_LETTERS, CASE_LOWER}, {"I", INTEGER_ROMAN, CASE_UPPER},
		{"i", INTEGER_ROMAN, CASE_LOWER},   {"W", INTEGER_WORDS, CASE_UPPER},   {"w", INTEGER_WORDS, CASE_LOWER},
		{"Ww", INTEGER_WORDS, CASE_TITLE},
	};
	int primary = length;

	memset(format, 0, sizeof(IntegerFormat));
	for (int i = length - 1; i >= 0; i--)
	{
		if (picture[i] == ';')
		{
			primary = i;
			format->is_ordinal = i + 1 < length && picture[i + 1] == 'o';
			break;
		}
	}
	for (int i = 0; i < (int) lengthof(styles); i++)
	{
		if ((int) strlen(styles[i].picture) == primary && memcmp(styles[i].picture, picture, primary) == 0)
		{
			format->style = styles[i].style;
			format->letter_case = styles[i].letter_case;
			return NULL;
		}
	}
	return read_digits(ev, picture, primary, format);
}

/* ---- writing ---- */

static void
print_letters(StringInfo out, double value, char first)
{
	char letters[256];
	int count = 0;

	while (value >= 1 && count < (int) sizeof(letters))
	{
		letters[count++] = first + (char) fmod(value - 1, 26);
		value = floor((value - 1) / 26);
	}
	while (count > 0)
		appendStringInfoChar(out, letters[--count]);
}

static void
print_roman(StringInfo out, int value)
{
	for (int i = 0; i < (int) lengthof(roman_numerals); i++)
	{
		while (value >= roman_numerals[i].value)
		{
			appendStringInfoString(out, roman_numerals[i].letters);
			value -= roman_numerals[i].value;
		}
	}
}

/* Words of a number; each level of recursion takes off a power of a thousand. */
static void
print_words(StringInfo out, double value, bool follows, bool is_ordinal)
{
	double factor;
	int magnitude;
	double rest;

	if (value < 20)
	{
		appendStringInfo(out, "%s%s", follows ? " and " : "", (is_ordinal ? ordinals : few)[(int) value]);
		return;
	}
	if (value < 100)
	{
		const char *decade = decades[(int) value / 10 - 2];

		appendStringInfoString(out, follows ? " and " : "");
		rest = fmod(value, 10);
		if (rest == 0 && is_ordinal)
		{
			appendStringInfo(out, "%.*sieth", (int) strlen(decade) - 1, decade);
			return;
		}
		appendStringInfoString(out, decade);
		if (rest > 0)
		{
			appendStringInfoChar(out, '-');
			print_words(out, rest, false, is_ordinal);
		}
		return;
	}
	appendStringInfoString(out, follows ? ", " : "");
	if (value < 1000)
	{
		appendStringInfo(out, "%s Hundred", few[(int) value / 100]);
		rest = fmod(value, 100);
	}
	else
	{
		magnitude = Min((int) floor(log10(value) / 3), (int) lengthof(magnitudes));
		factor = pow(10, magnitude * 3);
		print_words(out, floor(value / factor), false, false);
		appendStringInfo(out, " %s", magnitudes[magnitude - 1]);
		rest = value - floor(value / factor) * factor;
	}
	if (rest > 0)
		print_words(out, rest, true, is_ordinal);
	else if (is_ordinal)
		appendStringInfoString(out, "th");
}

/* Appends the separators left of the last `position` digits. */
static void
append_separators(StringInfo out, const IntegerFormat *format, int position)
{
	if (format->is_regular)
	{
		if (position % format->separators[0].position == 0)
			jn_append_char(out, format->separators[0].character);
		return;
	}

	/* they were read from right to left */
	for (int i = format->separator_count - 1; i >= 0; i--)
	{
		if (format->separators[i].position == position)
			jn_append_char(out, format->separators[i].character);
	}
}

static void
print_decimal(StringInfo out, const IntegerFormat *format, double value)
{
	char digits[40];
	int count = jn_print_number(digits, value);
	int zeros = Max(format->mandatory_digits - count, 0);
	int total = zeros + count;

	for (int i = 0; i < total; i++)
	{
		char digit = i < zeros ? '0' : digits[i - zeros];

		if (i > 0)
			append_separators(out, format, total - i);
		jn_append_char(out, digit >= '0' && digit <= '9' ? format->zero + (digit - '0') : (unsigned char) digit);
	}
	if (format->is_ordinal)
	{
		char last = digits[count - 1];
		bool is_teen = count > 1 && digits[count - 2] == '1';

		appendStringInfoString(out,
							   is_teen           ? "th"
								   : last == '1' ? "st"
								   : last == '2' ? "nd"
								   : last == '3' ? "rd"
												 : "th");
	}
}

static void
change_case(StringInfo out, int from, LetterCase letter_case)
{
	for (int i = from; i < out->len && letter_case != CASE_TITLE; i++)
	{
		char c = out->data[i];

		if (letter_case == CASE_UPPER && c >= 'a' && c <= 'z')
			out->data[i] = c - 32;
		else if (letter_case == CASE_LOWER && c >= 'A' && c <= 'Z')
			out->data[i] = c + 32;
	}
}

/* Appends the number in the format; JN_FAIL or NULL. */
const JsonVal *
integer_format_print(Evaluation *ev, const IntegerFormat *format, double value, StringInfo out)
{
	int start;

	if (isnan(value) || isinf(value))
		return jn_fail_value(ev, "D1001", jn_number(ev, value));
	if (value < 0)
		appendStringInfoChar(out, '-');
	value = fabs(value);
	start = out->len;
	switch (format->style)
	{
		case INTEGER_LETTERS:
			print_letters(out, value, 'a');
			break;
		case INTEGER_ROMAN:
			if (value > LARGEST_ROMAN)
				return jn_fail_value(ev, "D1001", jn_number(ev, value));
			print_roman(out, (int) value);
			break;
		case INTEGER_WORDS:
			print_words(out, value, false, format->is_ordinal);
			break;
		case INTEGER_DECIMAL:
			print_decimal(out, format, value);
			return NULL;
		case INTEGER_SEQUENCE:
			return jn_fail(ev, "D3130");
	}
	change_case(out, start, format->letter_case);
	return NULL;
}

/* ---- reading numbers ---- */

static double
letters_value(const char *text, int length, bool is_upper)
{
	double value = 0;

	for (int i = 0; i < length; i++)
		value = value * 26 + (unsigned char) text[i] - (is_upper ? 'A' : 'a') + 1;
	return value;
}

static int
roman_value(char c)
{
	for (int i = 0; i < (int) lengthof(roman_numerals); i++)
	{
		if (roman_numerals[i].letters[0] == (c | 32) && roman_numerals[i].letters[1] == '\0')
			return roman_numerals[i].value;
	}
	return 0;
}

static double
roman_number(const char *text, int length)
{
	double total = 0;
	int largest = 1;

	for (int i = length - 1; i >= 0; i--)
	{
		int value = roman_value(text[i]);

		if (value == 0)
			return NAN;
		if (value < largest)
			total -= value;
		else
		{
			largest = value;
			total += value;
		}
	}
	return total;
}

static bool
same_word(const char *text, int length, const char *word)
{
	if ((int) strlen(word) != length)
		return false;
	for (int i = 0; i < length; i++)
	{
		if ((text[i] | 32) != (word[i] | 32))
			return false;
	}
	return true;
}

/* The value of one word, or NaN. */
static double
word_value(const char *text, int length)
{
	char tens[16];

	for (int i = 0; i < (int) lengthof(few); i++)
	{
		if (same_word(text, length, few[i]) || same_word(text, length, ordinals[i]))
			return i;
	}
	for (int i = 0; i < (int) lengthof(decades); i++)
	{
		snprintf(tens, sizeof(tens), "%.*sieth", (int) strlen(decades[i]) - 1, decades[i]);
		if (same_word(text, length, decades[i]) || same_word(text, length, tens))
			return (i + 2) * 10;
	}
	if (same_word(text, length, "hundred") || same_word(text, length, "hundredth"))
		return 100;
	for (int i = 0; i < (int) lengthof(magnitudes); i++)
	{
		snprintf(tens, sizeof(tens), "%sth", magnitudes[i]);
		if (same_word(text, length, magnitudes[i]) || same_word(text, length, tens))
			return pow(10, (i + 1) * 3);
	}
	return NAN;
}

/*
 * Words between blanks, commas and hyphens.  Values below a hundred are added to
 * the last part, others multiply it; a part that has its thousands is closed.
 */
static double
words_number(const char *text, int length)
{
	double closed = 0;
	double open = 0;
	int words = 0;

	for (int i = 0; i < length;)
	{
		int end = i;
		double value;

		while (end < length && strchr(" ,-\t", text[end]) == NULL)
			end++;
		if (end == i || same_word(text + i, end - i, "and"))
		{
			i = Max(end, i + 1);
			continue;
		}
		value = word_value(text + i, end - i);
		if (isnan(value))
			return NAN;
		if (value < 100)
		{
			if (open >= 1000)
			{
				closed += open;
				open = 0;
			}
			open += value;
		}
		else
			open *= value;
		words++;
		i = end;
	}
	return words > 0 ? closed + open : NAN;
}

/* Digits of the format's family at the start, separators skipped. */
static double
decimal_value(const IntegerFormat *format, const char *text, int length)
{
	const char *s = text;
	const char *end = text + length;
	double sign = 1;
	StringInfoData digits;
	double value;

	if (s < end && (*s == '-' || *s == '+'))
		sign = *s++ == '-' ? -1 : 1;
	initStringInfo(&digits);
	for (; s < end; s += jn_char_bytes(s, end))
	{
		unsigned int code = jn_char_code(s, end);
		bool is_separator = false;

		for (int i = 0; i < format->separator_count; i++)
			is_separator |= format->separators[i].character == code;
		if (is_separator)
			continue;
		if (code >= format->zero && code <= format->zero + 9)
			appendStringInfoChar(&digits, (char) ('0' + code - format->zero));
		else if (code >= '0' && code <= '9')
			appendStringInfoChar(&digits, (char) code);
		else
			break;
	}
	value = digits.len > 0 ? sign * strtod(digits.data, NULL) : NAN;
	pfree(digits.data);
	return value;
}

/* The number of a text that has this format; NaN when there is none.  JN_FAIL or NULL. */
const JsonVal *
integer_format_parse(Evaluation *ev, const IntegerFormat *format, const char *text, int length, double *value)
{
	switch (format->style)
	{
		case INTEGER_LETTERS:
			*value = letters_value(text, length, format->letter_case == CASE_UPPER);
			break;
		case INTEGER_ROMAN:
			*value = roman_number(text, length);
			break;
		case INTEGER_WORDS:
			*value = words_number(text, length);
			break;
		case INTEGER_DECIMAL:
			*value = decimal_value(format, text, length);
			break;
		case INTEGER_SEQUENCE:
			return jn_fail(ev, "D3130");
	}
	return NULL;
}

/* Appends a regular expression for what the format reads. */
void
integer_format_pattern(const IntegerFormat *format, StringInfo out)
{
	switch (format->style)
	{
		case INTEGER_LETTERS:
			appendStringInfoString(out, "[a-zA-Z]+");
			break;
		case INTEGER_ROMAN:
			appendStringInfoString(out, "[mdclxviMDCLXVI]+");
			break;
		case INTEGER_WORDS:
			appendStringInfoString(out, "(?:");
			for (int i = 0; i < (int) lengthof(few); i++)
				appendStringInfo(out, "%s|%s|", ordinals[i], few[i]);
			for (int i = 0; i < (int) lengthof(decades); i++)
				appendStringInfo(out, "%s|%.*sieth|", decades[i], (int) strlen(decades[i]) - 1, decades[i]);
			for (int i = 0; i < (int) lengthof(magnitudes); i++)
				appendStringInfo(out, "%sth|%s|", magnitudes[i], magnitudes[i]);
			appendStringInfoString(out, "hundredth|hundred|and|[\\-, ])+");
			break;
		default:
			if (format->parse_width > 0)
				appendStringInfo(out, "[0-9]{%d}", format->parse_width);
			else
				appendStringInfoString(out, "[0-9]+");
			if (format->is_ordinal)
				appendStringInfoString(out, "(?:th|st|nd|rd)");
			break;
	}
}

/* ---- the functions ---- */

/* A picture that is no format is the failure's value. */
static const JsonVal *
fail_with_picture(Evaluation *ev, const JsonVal *picture)
{
	const char *semicolon = strrchr(picture->u.text, ';');

	if (strcmp(ev->failure.code, "D3130") == 0)
		ev->failure.value = semicolon == NULL ? picture : jn_text(ev, picture->u.text, semicolon - picture->u.text);
	return JN_FAIL;
}

/* $formatInteger(number, picture) */
const JsonVal *
fn_format_integer(Call *call)
{
	const JsonVal *picture = call->args[1];
	IntegerFormat format;
	StringInfoData out;

	if (call->args[0] == NULL || picture == NULL)
		return NULL;
	JN_CHECK(integer_format_read(call->ev, picture->u.text, picture->count, &format));
	initStringInfo(&out);
	if (integer_format_print(call->ev, &format, floor(call->args[0]->number), &out) == JN_FAIL)
		return fail_with_picture(call->ev, picture);
	return jn_text_of_buffer(call->ev, &out);
}

/* $parseInteger(string, picture) */
const JsonVal *
fn_parse_integer(Call *call)
{
	const JsonVal *picture = call->args[1];
	IntegerFormat format;
	double value;

	if (call->args[0] == NULL || picture == NULL)
		return NULL;
	JN_CHECK(integer_format_read(call->ev, picture->u.text, picture->count, &format));
	if (integer_format_parse(call->ev, &format, call->args[0]->u.text, call->args[0]->count, &value) == JN_FAIL)
		return fail_with_picture(call->ev, picture);
	return jn_number(call->ev, value);
}
