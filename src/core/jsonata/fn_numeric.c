/*
 * fn_numeric.c
 *	  Functions on numbers and arrays of numbers.
 */
#include "base/port.h"


#include "jsonata/library.h"

/* ---- $number ---- */

static bool
is_digit_of(char c, int radix)
{
	int value = c >= '0' && c <= '9' ? c - '0'
		: c >= 'a' && c <= 'f'       ? c - 'a' + 10
		: c >= 'A' && c <= 'F'       ? c - 'A' + 10
									 : 99;

	return value < radix;
}

/* "0x1F", "0o17", "0b11": the value, or NaN when it is none of these. */
static double
prefixed_number(const char *s, int length)
{
	int radix;
	double value = 0;

	if (length < 3 || s[0] != '0')
		return NAN;
	radix = s[1] == 'x' || s[1] == 'X' ? 16 : s[1] == 'o' || s[1] == 'O' ? 8 : s[1] == 'b' || s[1] == 'B' ? 2 : 0;
	if (radix == 0)
		return NAN;
	for (int i = 2; i < length; i++)
	{
		if (!is_digit_of(s[i], radix))
			return NAN;
		value = value * radix + (s[i] <= '9' ? s[i] - '0' : (s[i] | 32) - 'a' + 10);
	}
	return value;
}

/* Digits with an optional sign, fraction and exponent; leading zeros are allowed. */
static int
skip_digits(const char *s, int length, int i)
{
	while (i < length && is_digit_of(s[i], 10))
		i++;
	return i;
}

static bool
is_decimal_number(const char *s, int length)
{
	int start = length > 0 && s[0] == '-' ? 1 : 0;
	int i = skip_digits(s, length, start);

	if (i == start)
		return false;
	if (i < length && s[i] == '.')
	{
		start = i + 1;
		i = skip_digits(s, length, start);
		if (i == start)
			return false;
	}
	if (i < length && (s[i] == 'e' || s[i] == 'E'))
	{
		start = i + 1 + (i + 1 < length && (s[i + 1] == '-' || s[i + 1] == '+'));
		i = skip_digits(s, length, start);
		if (i == start)
			return false;
	}
	return i == length;
}

/* $number(arg) */
const JsonVal *
fn_number(Call *call)
{
	const JsonVal *arg = call->args[0];
	double value;

	if (arg == NULL || arg->type == JV_NUMBER)
		return arg;
	if (arg->type == JV_BOOL)
		return jn_number(call->ev, arg->boolean ? 1 : 0);
	if (is_decimal_number(arg->u.text, arg->count))
		value = strtod(arg->u.text, NULL);
	else
		value = prefixed_number(arg->u.text, arg->count);
	if (isnan(value) || isinf(value))
		return jn_fail_value(call->ev, "D3030", arg);
	return jn_number(call->ev, value);
}

/* ---- simple ones ---- */

/* $abs(number) */
const JsonVal *
fn_abs(Call *call)
{
	return call->args[0] == NULL ? NULL : jn_number(call->ev, fabs(call->args[0]->number));
}

/* $floor(number) */
const JsonVal *
fn_floor(Call *call)
{
	return call->args[0] == NULL ? NULL : jn_number(call->ev, floor(call->args[0]->number));
}

/* $ceil(number) */
const JsonVal *
fn_ceil(Call *call)
{
	return call->args[0] == NULL ? NULL : jn_number(call->ev, ceil(call->args[0]->number));
}

/* $sqrt(number) */
const JsonVal *
fn_sqrt(Call *call)
{
	if (call->args[0] == NULL)
		return NULL;
	if (call->args[0]->number < 0)
		return jn_fail_value(call->ev, "D3060", call->args[0]);
	return jn_number(call->ev, sqrt(call->args[0]->number));
}

/* $power(base, exponent) */
const JsonVal *
fn_power(Call *call)
{
	double result;

	if (call->args[0] == NULL)
		return NULL;
	result = call->args[1] == NULL ? NAN : pow(call->args[0]->number, call->args[1]->number);

	/* JavaScript knows no power of one with an infinite exponent */
	if (isnan(result) || isinf(result))
	{
		jn_fail_value(call->ev, "D3061", call->args[0]);
		call->ev->failure.value2 = call->args[1];
		return JN_FAIL;
	}
	return jn_number(call->ev, result);
}

/* The decimal point moved by that many places, as the digits are written. */
static double
shift_decimal(double value, int places)
{
	char digits[40];
	char text[64];
	char *exponent;
	int e = 0;

	jn_print_number(digits, value);
	exponent = strchr(digits, 'e');
	if (exponent != NULL)
	{
		e = atoi(exponent + 1);
		*exponent = '\0';
	}
	snprintf(text, sizeof(text), "%se%d", digits, e + places);
	return strtod(text, NULL);
}

/* Rounded to places behind the point (negative: before it), halves to the even neighbour. */
double
jn_round_half_even(double value, int precision)
{
	double shifted = precision == 0 ? value : shift_decimal(value, precision);
	double result;

	if (isnan(shifted) || isinf(shifted))
		return value;
	result = floor(shifted + 0.5);
	if (result - shifted == 0.5 && fmod(fabs(result), 2) == 1)
		result -= 1;
	if (precision != 0)
		result = shift_decimal(result, -precision);
	return result == 0 ? 0 : result;
}

/* $round(number, precision) */
const JsonVal *
fn_round(Call *call)
{
	double precision;

	if (call->args[0] == NULL)
		return NULL;
	precision = call->args[1] == NULL ? 0 : trunc(call->args[1]->number);
	precision = precision < -400 ? -400 : precision > 400 ? 400 : precision;
	return jn_number(call->ev, jn_round_half_even(call->args[0]->number, (int) precision));
}

/* $random() */
const JsonVal *
fn_random(Call *call)
{
	return jn_number(call->ev, jn_random(call->ev));
}

/* $formatBase(number, radix) */
const JsonVal *
fn_format_base(Call *call)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	char text[1100];
	char *s = text + sizeof(text);
	double value;
	double radix = 10;

	if (call->args[0] == NULL)
		return NULL;
	value = jn_round_half_even(call->args[0]->number, 0);
	if (call->args[1] != NULL)
		radix = jn_round_half_even(call->args[1]->number, 0);
	if (!(radix >= 2 && radix <= 36))
		return jn_fail_value(call->ev, "D3100", jn_number(call->ev, radix));
	if (isinf(value) || isnan(value))
		return jn_fail_value(call->ev, "D1001", call->args[0]);
	if (radix == 10)
	{
		int length = jn_print_number(text, value);

		return jn_text(call->ev, text, length);
	}
	for (double rest = fabs(value); rest >= 1 || s == text + sizeof(text); rest = floor(rest / radix))
		*--s = digits[(int) fmod(rest, radix)];
	if (value < 0)
		*--s = '-';
	return jn_text(call->ev, s, text + sizeof(text) - s);
}

/* ---- arrays of numbers ---- */

/* $sum(array) */
const JsonVal *
fn_sum(Call *call)
{
	const JsonVal *numbers = call->args[0];
	double sum = 0;

	if (numbers == NULL)
		return NULL;
	for (int i = 0; i < numbers->count; i++)
		sum += numbers->u.items[i]->number;
	return jn_number(call->ev, sum);
}

/* $average(array) */
const JsonVal *
fn_average(Call *call)
{
	const JsonVal *numbers = call->args[0];
	double sum = 0;

	if (numbers == NULL || numbers->count == 0)
		return NULL;
	for (int i = 0; i < numbers->count; i++)
		sum += numbers->u.items[i]->number;
	return jn_number(call->ev, sum / numbers->count);
}

/* The item that is greatest (sign 1) or least (sign -1), with its spelling. */
static const JsonVal *
extreme(const JsonVal *numbers, int sign)
{
	const JsonVal *best;

	if (numbers == NULL || numbers->count == 0)
		return NULL;
	best = numbers->u.items[0];
	for (int i = 1; i < numbers->count; i++)
	{
		if (sign * numbers->u.items[i]->number > sign * best->number)
			best = numbers->u.items[i];
	}
	return best;
}

/* $max(array) */
const JsonVal *
fn_max(Call *call)
{
	return extreme(call->args[0], 1);
}

/* $min(array) */
const JsonVal *
fn_min(Call *call)
{
	return extreme(call->args[0], -1);
}
