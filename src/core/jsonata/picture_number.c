/*
 * picture_number.c
 *	  $formatNumber: numbers by a picture like "#,##0.00;(#,##0.00)".
 *
 * The rules are those of XPath's format-number.  A picture is one sub-picture,
 * or two with the second for negative numbers.  A sub-picture is a prefix, an
 * active part (digits, separators, an exponent) and a suffix.
 */
#include "base/port.h"

#include "jsonata/library.h"
#include "jsonata/text.h"

#define LONGEST_PICTURE 1000

/* The characters that have a meaning; an option of the call may change each. */
typedef struct Symbols
{
	unsigned int decimal;
	unsigned int grouping;
	unsigned int exponent;
	unsigned int digit;
	unsigned int zero;
	unsigned int separator;
	unsigned int percent;
	unsigned int per_mille;
	const char *minus;
	const char *percent_text;
	const char *infinity;
	const char *nan;
} Symbols;

/* A run of characters. */
typedef struct Run
{
	const unsigned int *at;
	int length;
} Run;

typedef struct SubPicture
{
	Run whole;
	Run prefix;
	Run suffix;
	Run active;
	Run mantissa;
	Run integer;
	Run fraction;
	Run exponent;
	bool has_exponent;
	bool has_decimal;
	bool has_percent;
	bool has_per_mille;

	/* worked out */
	int integer_groups[64]; /* digits right of each separator */
	int integer_group_count;
	int regular_group;
	int fraction_groups[64]; /* digits left of each */
	int fraction_group_count;
	int min_integer;
	int scaling;
	int min_fraction;
	int max_fraction;
	int min_exponent;
} SubPicture;

/* ---- symbols ---- */

static unsigned int
option_character(const JsonVal *options, const char *name, unsigned int standard)
{
	const JsonVal *value = options == NULL ? NULL : jn_get(options, name, strlen(name));

	if (!jn_is(value, JV_STRING) || value->count == 0)
		return standard;
	return jn_char_code(value->u.text, value->u.text + value->count);
}

static const char *
option_text(const JsonVal *options, const char *name, const char *standard)
{
	const JsonVal *value = options == NULL ? NULL : jn_get(options, name, strlen(name));

	return jn_is(value, JV_STRING) ? value->u.text : standard;
}

static void
read_symbols(Symbols *symbols, const JsonVal *options)
{
	symbols->decimal = option_character(options, "decimal-separator", '.');
	symbols->grouping = option_character(options, "grouping-separator", ',');
	symbols->exponent = option_character(options, "exponent-separator", 'e');
	symbols->digit = option_character(options, "digit", '#');
	symbols->zero = option_character(options, "zero-digit", '0');
	symbols->separator = option_character(options, "pattern-separator", ';');
	symbols->percent = option_character(options, "percent", '%');
	symbols->per_mille = option_character(options, "per-mille", 0x2030);
	symbols->minus = option_text(options, "minus-sign", "-");
	symbols->infinity = option_text(options, "infinity", "Infinity");
	symbols->nan = option_text(options, "NaN", "NaN");
}

static bool
is_family(const Symbols *symbols, unsigned int c)
{
	return c >= symbols->zero && c <= symbols->zero + 9;
}

static bool
is_digit_sign(const Symbols *symbols, unsigned int c)
{
	return c == symbols->digit || is_family(symbols, c);
}

static bool
is_active(const Symbols *symbols, unsigned int c)
{
	return is_digit_sign(symbols, c) || c == symbols->decimal || c == symbols->exponent || c == symbols->grouping ||
		c == symbols->separator;
}

/* ---- runs ---- */

static Run
run_part(Run run, int from, int to)
{
	Run part = {run.at + from, Max(to - from, 0)};

	return part;
}

static int
run_find(Run run, unsigned int c, int from)
{
	for (int i = from; i < run.length; i++)
	{
		if (run.at[i] == c)
			return i;
	}
	return -1;
}

static int
run_count(Run run, unsigned int c)
{
	int count = 0;

	for (int i = 0; i < run.length; i++)
		count += run.at[i] == c;
	return count;
}

static int
count_family(const Symbols *symbols, Run run)
{
	int count = 0;

	for (int i = 0; i < run.length; i++)
		count += is_family(symbols, run.at[i]);
	return count;
}

/* ---- reading the picture ---- */

/* Divides a sub-picture into its parts. */
static void
split_parts(const Symbols *symbols, SubPicture *sub)
{
	Run whole = sub->whole;
	int start = 0;
	int end = whole.length;
	int at;

	while (start < end && (!is_active(symbols, whole.at[start]) || whole.at[start] == symbols->exponent))
		start++;
	while (end > start && (!is_active(symbols, whole.at[end - 1]) || whole.at[end - 1] == symbols->exponent))
		end--;
	sub->prefix = run_part(whole, 0, start);
	sub->suffix = run_part(whole, end, whole.length);
	sub->active = run_part(whole, start, end);

	at = run_find(sub->active, symbols->exponent, 0);
	sub->has_exponent = at >= 0;
	sub->mantissa = run_part(sub->active, 0, at >= 0 ? at : sub->active.length);
	sub->exponent = at >= 0 ? run_part(sub->active, at + 1, sub->active.length) : run_part(sub->active, 0, 0);

	at = run_find(sub->mantissa, symbols->decimal, 0);
	sub->has_decimal = at >= 0;
	sub->integer = run_part(sub->mantissa, 0, at >= 0 ? at : sub->mantissa.length);
	sub->fraction = at >= 0 ? run_part(sub->mantissa, at + 1, sub->mantissa.length) : run_part(sub->mantissa, 0, 0);
	sub->has_percent = run_count(whole, symbols->percent) > 0;
	sub->has_per_mille = run_count(whole, symbols->per_mille) > 0;
}

static int
count_digit_signs(const Symbols *symbols, Run run)
{
	int count = 0;

	for (int i = 0; i < run.length; i++)
		count += is_digit_sign(symbols, run.at[i]);
	return count;
}

/* Whether a digit of the family stands before (or after) an optional digit. */
static bool
family_before_digit(const Symbols *symbols, Run run)
{
	int at = run_find(run, symbols->digit, 0);

	return at >= 0 && count_family(symbols, run_part(run, 0, at)) > 0;
}

static bool
family_after_digit(const Symbols *symbols, Run run)
{
	int at = -1;

	for (int i = 0; i < run.length; i++)
	{
		if (run.at[i] == symbols->digit)
			at = i;
	}
	return at >= 0 && count_family(symbols, run_part(run, at, run.length)) > 0;
}

static bool
has_passive(const Symbols *symbols, Run run)
{
	for (int i = 0; i < run.length; i++)
	{
		if (!is_active(symbols, run.at[i]))
			return true;
	}
	return false;
}

static bool
has_grouping_beside_decimal(const Symbols *symbols, const SubPicture *sub)
{
	return sub->has_decimal &&
		((sub->integer.length > 0 && sub->integer.at[sub->integer.length - 1] == symbols->grouping) ||
		 (sub->fraction.length > 0 && sub->fraction.at[0] == symbols->grouping));
}

static bool
has_adjacent_groupings(const Symbols *symbols, Run run)
{
	for (int i = 1; i < run.length; i++)
	{
		if (run.at[i] == symbols->grouping && run.at[i - 1] == symbols->grouping)
			return true;
	}
	return false;
}

/* The code of what is wrong with a sub-picture: of several complaints the last one, NULL for none. */
static const char *
check_parts(const Symbols *symbols, const SubPicture *sub)
{
	bool ends_with_grouping = sub->integer.length > 0 && sub->integer.at[sub->integer.length - 1] == symbols->grouping;
	int exponent_digits = count_family(symbols, sub->exponent);
	const char *complaint = NULL;

	if (run_count(sub->whole, symbols->decimal) > 1)
		complaint = "D3081";
	if (run_count(sub->whole, symbols->percent) > 1)
		complaint = "D3082";
	if (run_count(sub->whole, symbols->per_mille) > 1)
		complaint = "D3083";
	if (sub->has_percent && sub->has_per_mille)
		complaint = "D3084";
	if (count_digit_signs(symbols, sub->mantissa) == 0)
		complaint = "D3085";
	if (has_passive(symbols, sub->active) || (sub->active.length == 0 && sub->whole.length > 0))
		complaint = "D3086";
	if (has_grouping_beside_decimal(symbols, sub))
		complaint = "D3087";
	else if (!sub->has_decimal && ends_with_grouping)
		complaint = "D3088";
	if (has_adjacent_groupings(symbols, sub->whole))
		complaint = "D3089";
	if (family_before_digit(symbols, sub->integer))
		complaint = "D3090";
	if (family_after_digit(symbols, sub->fraction))
		complaint = "D3091";
	if (sub->exponent.length > 0 && (sub->has_percent || sub->has_per_mille))
		complaint = "D3092";
	else if (sub->has_exponent && (sub->exponent.length == 0 || exponent_digits != sub->exponent.length))
		complaint = "D3093";
	return complaint;
}

static int
greatest_divisor(int a, int b)
{
	return b == 0 ? a : greatest_divisor(b, a % b);
}

/* The distance at which separators repeat throughout, or 0. */
static int
regular_grouping(const int *groups, int count)
{
	int distance = 0;

	for (int i = 0; i < count; i++)
		distance = greatest_divisor(groups[i], distance);
	for (int n = 1; n <= count; n++)
	{
		bool found = false;

		for (int i = 0; i < count; i++)
			found |= groups[i] == n * distance;
		if (!found)
			return 0;
	}
	return distance;
}

static void
work_out(const Symbols *symbols, SubPicture *sub)
{
	for (int i = 0; i < sub->integer.length && sub->integer_group_count < (int) lengthof(sub->integer_groups); i++)
	{
		if (sub->integer.at[i] == symbols->grouping)
			sub->integer_groups[sub->integer_group_count++] =
				count_digit_signs(symbols, run_part(sub->integer, i, sub->integer.length));
	}
	for (int i = 0; i < sub->fraction.length && sub->fraction_group_count < (int) lengthof(sub->fraction_groups); i++)
	{
		if (sub->fraction.at[i] == symbols->grouping)
			sub->fraction_groups[sub->fraction_group_count++] =
				count_digit_signs(symbols, run_part(sub->fraction, 0, i));
	}
	sub->regular_group = regular_grouping(sub->integer_groups, sub->integer_group_count);
	sub->min_integer = count_family(symbols, sub->integer);
	sub->scaling = sub->min_integer;
	sub->min_fraction = count_family(symbols, sub->fraction);
	sub->max_fraction = count_digit_signs(symbols, sub->fraction);
	if (sub->min_integer == 0 && sub->max_fraction == 0)
	{
		if (sub->has_exponent)
			sub->min_fraction = sub->max_fraction = 1;
		else
			sub->min_integer = 1;
	}
	if (sub->has_exponent && sub->min_integer == 0 && run_find(sub->integer, symbols->digit, 0) >= 0)
		sub->min_integer = 1;
	if (sub->min_integer == 0 && sub->min_fraction == 0)
		sub->min_fraction = 1;
	if (sub->has_exponent)
		sub->min_exponent = count_family(symbols, sub->exponent);
}

/* ---- writing ---- */

static void
append_run(StringInfo out, Run run)
{
	for (int i = 0; i < run.length; i++)
		jn_append_char(out, run.at[i]);
}

static void
append_digit(StringInfo out, const Symbols *symbols, char digit)
{
	jn_append_char(out, symbols->zero + (digit - '0'));
}

/* Whether a separator stands left of the last n digits of the integer part. */
static bool
integer_separator(const SubPicture *sub, int n)
{
	if (n == 0)
		return false;
	if (sub->regular_group > 0)
		return n % sub->regular_group == 0;
	for (int i = 0; i < sub->integer_group_count; i++)
	{
		if (sub->integer_groups[i] == n)
			return true;
	}
	return false;
}

static void
append_integer_part(StringInfo out, const Symbols *symbols, const SubPicture *sub, const char *digits, int count)
{
	int total = Max(count, sub->min_integer);

	for (int i = 0; i < total; i++)
	{
		if (i > 0 && integer_separator(sub, total - i))
			jn_append_char(out, symbols->grouping);
		append_digit(out, symbols, i < total - count ? '0' : digits[i - (total - count)]);
	}
}

static void
append_fraction_part(StringInfo out, const Symbols *symbols, const SubPicture *sub, const char *digits, int count)
{
	int total = Max(count, sub->min_fraction);

	for (int i = 0; i < total; i++)
	{
		for (int k = 0; k < sub->fraction_group_count; k++)
		{
			if (i > 0 && sub->fraction_groups[k] == i)
				jn_append_char(out, symbols->grouping);
		}
		append_digit(out, symbols, i < count ? digits[i] : '0');
	}
}

/* Brings a number into the range the picture's integer digits ask for; the exponent that takes. */
static int
scale_mantissa(double *mantissa, int scaling)
{
	double largest = pow(10, scaling);
	double smallest = pow(10, scaling - 1);
	double magnitude = fabs(*mantissa);
	int exponent = 0;

	if (magnitude == 0 || isinf(magnitude))
		return 0;
	while (magnitude < smallest && exponent > -400)
	{
		magnitude *= 10;
		exponent--;
	}
	while (magnitude > largest && exponent < 400)
	{
		magnitude /= 10;
		exponent++;
	}
	*mantissa = magnitude;
	return exponent;
}

static void
append_exponent(StringInfo out, const Symbols *symbols, const SubPicture *sub, int exponent)
{
	char digits[16];
	int count = snprintf(digits, sizeof(digits), "%d", abs(exponent));

	jn_append_char(out, symbols->exponent);
	if (exponent < 0)
		appendStringInfoString(out, symbols->minus);
	for (int i = count; i < sub->min_exponent; i++)
		append_digit(out, symbols, '0');
	for (int i = 0; i < count; i++)
		append_digit(out, symbols, digits[i]);
}

static void
append_number(StringInfo out, const Symbols *symbols, const SubPicture *sub, double value)
{
	char text[1500];
	char *integer = text;
	char *fraction;
	int integer_count;
	int fraction_count = 0;
	int exponent = 0;

	if (sub->has_percent)
		value *= 100;
	else if (sub->has_per_mille)
		value *= 1000;
	if (isinf(value))
	{
		appendStringInfoString(out, symbols->infinity);
		return;
	}
	if (sub->min_exponent > 0)
		exponent = scale_mantissa(&value, sub->scaling);
	snprintf(text, sizeof(text), "%.*f", sub->max_fraction, fabs(jn_round_half_even(value, sub->max_fraction)));
	fraction = strchr(text, '.');
	integer_count = fraction != NULL ? (int) (fraction - text) : (int) strlen(text);
	while (integer_count > 0 && *integer == '0')
	{
		integer++;
		integer_count--;
	}
	if (fraction != NULL)
	{
		fraction++;
		fraction_count = strlen(fraction);
		while (fraction_count > 0 && fraction[fraction_count - 1] == '0')
			fraction_count--;
	}
	append_integer_part(out, symbols, sub, integer, integer_count);
	if (Max(fraction_count, sub->min_fraction) > 0)
	{
		jn_append_char(out, symbols->decimal);
		append_fraction_part(out, symbols, sub, fraction, fraction_count);
	}
	if (sub->has_exponent)
		append_exponent(out, symbols, sub, exponent);
}

/* ---- the function ---- */

static const JsonVal *
read_sub_picture(Evaluation *ev, const Symbols *symbols, SubPicture *sub, Run whole)
{
	const char *complaint;

	memset(sub, 0, sizeof(SubPicture));
	sub->whole = whole;
	split_parts(symbols, sub);
	complaint = check_parts(symbols, sub);
	if (complaint != NULL)
		return jn_fail(ev, complaint);
	work_out(symbols, sub);
	return NULL;
}

/* The picture's sub-pictures; one or two. */
static const JsonVal *
read_picture(Evaluation *ev, const Symbols *symbols, const JsonVal *picture, SubPicture *subs, int *count)
{
	unsigned int *characters;
	const char *end = picture->u.text + picture->count;
	Run whole = {NULL, 0};
	int at;

	if (picture->count > LONGEST_PICTURE)
		return jn_fail_message(ev, "D3150", "The picture string is too long");
	characters = jn_alloc(ev, (picture->count + 1) * sizeof(unsigned int));
	for (const char *s = picture->u.text; s < end; s += jn_char_bytes(s, end))
		characters[whole.length++] = jn_char_code(s, end);
	whole.at = characters;

	if (run_count(whole, symbols->separator) > 1)
		return jn_fail(ev, "D3080");
	at = run_find(whole, symbols->separator, 0);
	*count = at >= 0 ? 2 : 1;
	JN_CHECK(read_sub_picture(ev, symbols, &subs[0], run_part(whole, 0, at >= 0 ? at : whole.length)));
	if (at >= 0)
		JN_CHECK(read_sub_picture(ev, symbols, &subs[1], run_part(whole, at + 1, whole.length)));
	return NULL;
}

/* $formatNumber(number, picture, options) */
const JsonVal *
fn_format_number(Call *call)
{
	const JsonVal *number = call->args[0];
	Symbols symbols;
	SubPicture subs[2];
	const SubPicture *sub;
	int count = 1;
	StringInfoData out;

	if (number == NULL || call->args[1] == NULL)
		return NULL;
	read_symbols(&symbols, call->args[2]);
	JN_CHECK(read_picture(call->ev, &symbols, call->args[1], subs, &count));
	sub = number->number < 0 && count == 2 ? &subs[1] : &subs[0];

	initStringInfo(&out);
	if (isnan(number->number))
	{
		appendStringInfoString(&out, symbols.nan);
		return jn_text_of_buffer(call->ev, &out);
	}
	if (number->number < 0 && count == 1)
		appendStringInfoString(&out, symbols.minus);
	append_run(&out, sub->prefix);
	append_number(&out, &symbols, sub, number->number);
	append_run(&out, sub->suffix);
	return jn_text_of_buffer(call->ev, &out);
}
