/*
 * number.c
 *	  JSON numbers: spelling, value, exact integers and exact comparison.
 *
 * A number keeps the spelling it came with; its double is worked out once, when
 * it is made.  Where a double is not exact enough (integers beyond 2^53, equality
 * of long spellings) the digits of the spelling decide.
 */
#include "base/port.h"

#include <math.h>

#include "common/shortest_dec.h"

#include "json/value_private.h"

/* The digits of a spelling without leading and trailing zeros: 0.d1d2d3... x 10^exponent. */
typedef struct Decimal
{
	bool is_negative;
	int digit_count; /* 0: the number is zero */
	int64 exponent;
	const char *first; /* first significant digit; the point may stand between digits */
} Decimal;

/* An exponent that no digit string of ours can bring back into range. */
#define EXPONENT_LIMIT INT64CONST(10000000000)

static const double exact_powers_of_ten[] = {
	1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* ---- making ---- */

/*
 * The double of a valid spelling that ends in a NUL byte.  Up to 15 digits and
 * a small power of ten both numbers are exact, so one division rounds correctly;
 * the rest is left to the library.
 */
static double
spelling_to_double(const char *spelling)
{
	const char *s = spelling;
	bool is_negative = (*s == '-');
	int64 digits = 0;
	int digit_count = 0;
	int fraction = 0;
	double result;

	if (is_negative)
		s++;
	for (; *s >= '0' && *s <= '9' && digit_count <= 15; s++, digit_count++)
		digits = digits * 10 + (*s - '0');
	if (*s == '.')
	{
		for (s++; *s >= '0' && *s <= '9' && digit_count <= 15; s++, digit_count++, fraction++)
			digits = digits * 10 + (*s - '0');
	}
	if (*s != '\0' || digit_count > 15)
		return strtod(spelling, NULL);

	result = (double) digits / exact_powers_of_ten[fraction];
	return is_negative ? -result : result;
}

const JsonVal *
jv_make_number(JvPool *pool, const char *spelling, int length)
{
	JsonVal *value = jv_pool_alloc(pool, sizeof(JsonVal) + length + 1);
	char *copy = (char *) (value + 1);

	memset(value, 0, sizeof(JsonVal));
	memcpy(copy, spelling, length);
	copy[length] = '\0';
	value->type = JV_NUMBER;
	value->count = length;
	value->u.text = copy;
	value->number = spelling_to_double(copy);
	return value;
}

const JsonVal *
jv_number_text(const char *spelling, int length)
{
	return jv_make_number(NULL, spelling, length);
}

const JsonVal *
jv_int(int64 n)
{
	char spelling[32];
	char *end = spelling + sizeof(spelling);
	char *s = end;
	uint64 rest = n < 0 ? -(uint64) n : (uint64) n;

	do
	{
		*--s = '0' + (char) (rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		*--s = '-';
	return jv_make_number(NULL, s, end - s);
}

/*
 * Writes digits with the point after the first `point` of them, as JavaScript
 * writes numbers: plain between 1e-7 and 1e21, else with an exponent.
 */
static void
write_digits(StringInfo out, const char *digits, int count, int point)
{
	if (count <= point && point <= 21)
	{
		appendBinaryStringInfo(out, digits, count);
		for (int i = count; i < point; i++)
			appendStringInfoChar(out, '0');
	}
	else if (point > 0 && point <= 21)
	{
		appendBinaryStringInfo(out, digits, point);
		appendStringInfoChar(out, '.');
		appendBinaryStringInfo(out, digits + point, count - point);
	}
	else if (point > -6 && point <= 0)
	{
		appendStringInfoString(out, "0.");
		for (int i = point; i < 0; i++)
			appendStringInfoChar(out, '0');
		appendBinaryStringInfo(out, digits, count);
	}
	else
	{
		appendStringInfoChar(out, digits[0]);
		if (count > 1)
		{
			appendStringInfoChar(out, '.');
			appendBinaryStringInfo(out, digits + 1, count - 1);
		}
		appendStringInfo(out, "e%c%d", point > 0 ? '+' : '-', abs(point - 1));
	}
}

/*
 * Shortest spelling that reads back, integers without fraction.  JSON has no
 * spelling for NaN and the infinities: they become null.
 */
const JsonVal *
jv_double(double d)
{
	char shortest[DOUBLE_SHORTEST_DECIMAL_LEN];
	char digits[DOUBLE_SHORTEST_DECIMAL_LEN];
	int count = 0;
	int point = 0;
	bool point_seen = false;
	const char *s;
	StringInfoData spelling;

	if (isnan(d) || isinf(d))
		return jv_null();
	if (d == 0)
		return jv_int(0);
	if (fabs(d) < 1e15 && d == (double) (int64) d)
		return jv_int((int64) d);

	double_to_shortest_decimal_buf(fabs(d), shortest);
	for (s = shortest; *s != '\0' && *s != 'e'; s++)
	{
		if (*s == '.')
			point_seen = true;
		else
		{
			if (count > 0 || *s != '0')
				digits[count++] = *s;
			if (!point_seen && count > 0)
				point++;
			else if (point_seen && count == 0)
				point--;
		}
	}
	if (*s == 'e')
		point += atoi(s + 1);
	while (count > 1 && digits[count - 1] == '0')
		count--;

	initStringInfo(&spelling);
	if (d < 0)
		appendStringInfoChar(&spelling, '-');
	write_digits(&spelling, digits, count, point);
	return jv_make_number(NULL, spelling.data, spelling.len);
}

/* ---- exact digits ---- */

static void
decimal_read(Decimal *decimal, const char *s, int length)
{
	const char *end = s + length;
	bool point_seen = false;
	int pending_zeros = 0;
	int64 power = 0;
	bool power_is_negative = false;

	memset(decimal, 0, sizeof(Decimal));
	if (s < end && *s == '-')
	{
		decimal->is_negative = true;
		s++;
	}
	for (; s < end && *s != 'e' && *s != 'E'; s++)
	{
		if (*s == '.')
		{
			point_seen = true;
			continue;
		}
		if (*s == '0')
		{
			if (decimal->first == NULL)
			{
				decimal->exponent -= point_seen;
				continue;
			}
			pending_zeros++;
		}
		else
		{
			if (decimal->first == NULL)
				decimal->first = s;
			decimal->digit_count += pending_zeros + 1;
			pending_zeros = 0;
		}
		decimal->exponent += !point_seen;
	}
	if (s < end)
	{
		s++;
		if (s < end && (*s == '+' || *s == '-'))
			power_is_negative = (*s++ == '-');
		for (; s < end; s++)
		{
			if (power < EXPONENT_LIMIT)
				power = power * 10 + (*s - '0');
		}
		decimal->exponent += power_is_negative ? -power : power;
	}
	if (decimal->digit_count == 0)
		decimal->exponent = 0;
}

/* Next significant digit; *s steps over the point. */
static inline char
decimal_next(const char **s)
{
	if (**s == '.')
		(*s)++;
	return *(*s)++;
}

/* Two decimals that are not zero, without regard to their signs. */
static int
compare_magnitudes(Decimal *left, Decimal *right)
{
	int common = Min(left->digit_count, right->digit_count);

	if (left->exponent != right->exponent)
		return left->exponent < right->exponent ? -1 : 1;
	for (int i = 0; i < common; i++)
	{
		int difference = decimal_next(&left->first) - decimal_next(&right->first);

		if (difference != 0)
			return difference;
	}
	return left->digit_count - right->digit_count;
}

/* Two numbers by value, exactly: <0, 0, >0.  Different doubles decide at once. */
int
jv_compare_numbers(const JsonVal *a, const JsonVal *b)
{
	Decimal left;
	Decimal right;
	int result;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->count == b->count && memcmp(a->u.text, b->u.text, a->count) == 0)
		return 0;
	decimal_read(&left, a->u.text, a->count);
	decimal_read(&right, b->u.text, b->count);
	if (left.digit_count == 0 || right.digit_count == 0)
	{
		if (left.digit_count == right.digit_count)
			return 0; /* 0 and -0 */
		if (left.digit_count == 0)
			return right.is_negative ? 1 : -1;
		return left.is_negative ? -1 : 1;
	}
	if (left.is_negative != right.is_negative)
		return left.is_negative ? -1 : 1;
	result = compare_magnitudes(&left, &right);
	return left.is_negative ? -result : result;
}

/* True when the number has no fraction and fits; "1.0" and "1e2" count as integers. */
bool
jv_to_int64(const JsonVal *value, int64 *n)
{
	Decimal decimal;
	uint64 magnitude = 0;

	if (!jv_is(value, JV_NUMBER))
		return false;
	decimal_read(&decimal, value->u.text, value->count);
	if (decimal.exponent > 19 || decimal.exponent < decimal.digit_count)
		return false;
	for (int i = 0; i < decimal.exponent; i++)
	{
		char digit = i < decimal.digit_count ? decimal_next(&decimal.first) : '0';

		if (magnitude > (PG_UINT64_MAX - (digit - '0')) / 10)
			return false;
		magnitude = magnitude * 10 + (digit - '0');
	}
	if (magnitude > (uint64) PG_INT64_MAX + (decimal.is_negative ? 1 : 0))
		return false;
	*n = decimal.is_negative ? (int64) (0 - magnitude) : (int64) magnitude;
	return true;
}

/* True when the number is spelled without fraction and exponent and fits. */
bool
jv_to_plain_int64(const JsonVal *value, int64 *n)
{
	if (!jv_is(value, JV_NUMBER))
		return false;
	if (strcspn(value->u.text, ".eE") != (size_t) value->count)
		return false;
	return jv_to_int64(value, n);
}
