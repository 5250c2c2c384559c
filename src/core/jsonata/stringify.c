/*
 * stringify.c
 *	  JSON text of values as JavaScript writes it: $string, "&", keys, messages.
 *
 * Numbers are printed from their double (15 significant digits unless they are
 * integers, as $string does it), whatever their spelling was.
 */
#include "base/port.h"

#include "common/shortest_dec.h"

#include "jsonata/runtime.h"

/* ---- numbers ---- */

/*
 * The server's printing avoids digits that lie exactly between two numbers;
 * JavaScript takes them when they are fewer.  The point stays where it is.
 */
static int
fewer_digits(double d, char *digits, int count)
{
	for (int wanted = 15; wanted < count; wanted++)
	{
		char text[40];

		snprintf(text, sizeof(text), "%.*e", wanted - 1, d);
		if (strtod(text, NULL) != d)
			continue;
		digits[0] = text[0];
		memcpy(digits + 1, text + 2, wanted - 1);
		while (wanted > 1 && digits[wanted - 1] == '0')
			wanted--;
		return wanted;
	}
	return count;
}

/* Significant digits of a positive number without trailing zeros; the point stands after `point` of them. */
static int
shortest_digits(double d, char *digits, int *point)
{
	char shortest[DOUBLE_SHORTEST_DECIMAL_LEN];
	int count = 0;
	bool point_seen = false;
	const char *s;

	*point = 0;
	double_to_shortest_decimal_buf(d, shortest);
	for (s = shortest; *s != '\0' && *s != 'e'; s++)
	{
		if (*s == '.')
		{
			point_seen = true;
			continue;
		}
		if (count > 0 || *s != '0')
			digits[count++] = *s;
		if (!point_seen && count > 0)
			(*point)++;
		else if (point_seen && count == 0)
			(*point)--;
	}
	if (*s == 'e')
		*point += atoi(s + 1);
	while (count > 1 && digits[count - 1] == '0')
		count--;
	return count >= 16 ? fewer_digits(d, digits, count) : count;
}

static int
write_digits(char *out, const char *digits, int count, int point)
{
	char *start = out;

	if (point > 21 || point <= -6)
	{
		*out++ = digits[0];
		if (count > 1)
		{
			*out++ = '.';
			memcpy(out, digits + 1, count - 1);
			out += count - 1;
		}
		return (out - start) + sprintf(out, "e%c%d", point > 0 ? '+' : '-', abs(point - 1));
	}
	if (point <= 0)
	{
		*out++ = '0';
		*out++ = '.';
		for (int i = point; i < 0; i++)
			*out++ = '0';
		memcpy(out, digits, count);
		return (out - start) + count;
	}
	for (int i = 0; i < Max(count, point); i++)
	{
		if (i == point)
			*out++ = '.';
		*out++ = i < count ? digits[i] : '0';
	}
	return out - start;
}

static int
write_integer(char *out, int64 n)
{
	char digits[24];
	int count = 0;
	int length = 0;
	uint64 rest = n < 0 ? -(uint64) n : (uint64) n;

	do
	{
		digits[count++] = '0' + (char) (rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		out[length++] = '-';
	while (count > 0)
		out[length++] = digits[--count];
	out[length] = '\0';
	return length;
}

/* Writes a finite number as JavaScript does; at most 32 bytes with the NUL.  Returns the length. */
int
jn_print_number(char *out, double d)
{
	char digits[DOUBLE_SHORTEST_DECIMAL_LEN];
	int point;
	int count;
	int length = 0;

	if (fabs(d) < 1e15 && d == (double) (int64) d)
		return write_integer(out, (int64) d);
	if (d < 0)
		out[length++] = '-';
	count = shortest_digits(fabs(d), digits, &point);
	length += write_digits(out + length, digits, count, point);
	out[length] = '\0';
	return length;
}

const char *
jn_not_finite(double d)
{
	if (isnan(d))
		return "NaN";
	return !isinf(d) ? NULL : d > 0 ? "Infinity" : "-Infinity";
}

/* The number that 15 significant digits leave; integers stay. */
static double
round_to_15_digits(double d)
{
	char text[40];

	if (d == floor(d))
		return d;
	if (fabs(d) >= 1e14 && fabs(d) < 1e15)
		return d < 0 ? -floor(-d + 0.5) : floor(d + 0.5);
	snprintf(text, sizeof(text), "%.15g", d);
	return strtod(text, NULL);
}

/* ---- structures ---- */

typedef struct Printer
{
	Evaluation *ev; /* NULL: for a message, nothing fails */
	StringInfo out;
	bool pretty;
} Printer;

static void
print_text(StringInfo out, const char *text, int length)
{
	static const char letters[] = "btnvfr"; /* of 8 to 13 */
	int start = 0;

	appendStringInfoChar(out, '"');
	for (int i = 0; i < length; i++)
	{
		unsigned char c = text[i];
		bool is_half = c == 0xED && i + 2 < length && (unsigned char) text[i + 1] >= 0xA0;

		if (c >= 0x20 && c != '"' && c != '\\' && !is_half)
			continue;
		appendBinaryStringInfo(out, text + start, i - start);
		start = i + 1;
		if (is_half)
		{
			appendStringInfo(out, "\\ud%x%02x", 8 + (((unsigned char) text[i + 1] & 0x1F) >> 2),
							 (((unsigned char) text[i + 1] & 0x03) << 6) | ((unsigned char) text[i + 2] & 0x3F));
			i += 2;
			start = i + 1;
		}
		else if (c == '"' || c == '\\')
			appendStringInfo(out, "\\%c", c);
		else if (c >= 8 && c <= 13 && c != 11)
			appendStringInfo(out, "\\%c", letters[c - 8]);
		else
			appendStringInfo(out, "\\u%04x", c);
	}
	appendBinaryStringInfo(out, text + start, length - start);
	appendStringInfoChar(out, '"');
}

static void
new_line(const Printer *printer, int depth)
{
	if (!printer->pretty)
		return;
	appendStringInfoChar(printer->out, '\n');
	appendStringInfoSpaces(printer->out, depth * 2);
}

static const JsonVal *
print_number(const Printer *printer, const JsonVal *value)
{
	const char *name = jn_not_finite(value->number);
	char text[40];

	if (name != NULL && printer->ev != NULL && printer->ev->expression->options.as_aws)
	{
		appendStringInfo(printer->out, "\"%s\"", name);
		return NULL;
	}
	if (isnan(value->number))
	{
		appendStringInfoString(printer->out, "null");
		return NULL;
	}
	if (isinf(value->number))
	{
		if (printer->ev != NULL)
			return jn_fail_value(printer->ev, "D1001", value);
		appendStringInfoString(printer->out, "null");
		return NULL;
	}
	jn_print_number(text, printer->ev != NULL ? round_to_15_digits(value->number) : value->number);
	appendStringInfoString(printer->out, text);
	return NULL;
}

static const JsonVal *print_value(const Printer *printer, const JsonVal *value, int depth);

/* Text that a message shows at most, before it is cut. */
#define ENOUGH_TO_SHOW 10000

static const JsonVal *
check_printed(const Printer *printer)
{
	if (printer->ev == NULL)
		return NULL;
	JN_TICK(printer->ev);
	if (printer->out->len > JN_LONGEST_TEXT || (Size) printer->out->len > printer->ev->memory_left)
		return jn_fail_long(printer->ev, printer->out->len);
	return NULL;
}

static const JsonVal *
print_items(const Printer *printer, const JsonVal *value, int depth)
{
	bool is_object = value->type == JV_OBJECT;

	appendStringInfoChar(printer->out, is_object ? '{' : '[');
	for (int i = 0; i < value->count; i++)
	{
		if (printer->ev == NULL && printer->out->len > ENOUGH_TO_SHOW)
			return NULL;
		JN_CHECK(check_printed(printer));
		if (i > 0)
			appendStringInfoChar(printer->out, ',');
		new_line(printer, depth + 1);
		if (is_object)
		{
			print_text(printer->out, value->u.members[i].key, value->u.members[i].key_length);
			appendStringInfoString(printer->out, printer->pretty ? ": " : ":");
		}
		JN_CHECK(print_value(printer, is_object ? value->u.members[i].value : value->u.items[i], depth + 1));
	}
	if (value->count > 0)
		new_line(printer, depth);
	appendStringInfoChar(printer->out, is_object ? '}' : ']');
	return NULL;
}

static const JsonVal *
print_value(const Printer *printer, const JsonVal *value, int depth)
{
	if (depth > SFN_MAX_DEPTH)
		return printer->ev != NULL ? jn_fail_deep(printer->ev) : NULL;
	if (value == NULL)
	{
		appendStringInfoString(printer->out, "null");
		return NULL;
	}
	switch ((int) value->type)
	{
		case JV_NULL:
			appendStringInfoString(printer->out, "null");
			return NULL;
		case JV_BOOL:
			appendStringInfoString(printer->out, value->boolean ? "true" : "false");
			return NULL;
		case JV_NUMBER:
			return print_number(printer, value);
		case JV_STRING:
			print_text(printer->out, value->u.text,
					   printer->ev != NULL ? value->count : Min(value->count, ENOUGH_TO_SHOW));
			return NULL;
		case JV_ARRAY:
		case JV_OBJECT:
			return print_items(printer, value, depth);
		case JN_TUPLE:
			return print_value(printer, tuple_of(value)->at, depth);
		default:
			appendStringInfoString(printer->out, "\"\""); /* a function */
			return NULL;
	}
}

/* For messages: never fails, bounded. */
void
jn_print_loosely(StringInfo out, const JsonVal *value, int depth)
{
	Printer printer = {NULL, out, false};

	(void) print_value(&printer, value, depth);
}

/* ---- $string ---- */

static const JsonVal *
number_string(Evaluation *ev, const JsonVal *value)
{
	const char *name = jn_not_finite(value->number);
	char text[40];

	if (name != NULL && ev->expression->options.as_aws)
		return jn_text(ev, name, strlen(name));
	if (name != NULL)
		return jn_fail_value(ev, "D3001", value);
	return jn_text(ev, text, jn_print_number(text, round_to_15_digits(value->number)));
}

/* A string stays, anything else becomes JSON text; undefined stays undefined. */
const JsonVal *
jn_string(Evaluation *ev, const JsonVal *value, bool pretty)
{
	StringInfoData out;
	Printer printer = {ev, &out, pretty};
	const JsonVal *result;

	if (value == NULL || value->type == JV_STRING)
		return value;
	if (value->type == JN_FUNCTION)
		return jn_text(ev, "", 0);
	if (value->type == JV_NUMBER)
		return number_string(ev, value);
	if (value->type == JV_BOOL)
		return value->boolean ? jn_text(ev, "true", 4) : jn_text(ev, "false", 5);
	if (value->type == JV_ARRAY && (value->flags & JN_OUTER) && value->count > 0)
		value = value->u.items[0];

	initStringInfo(&out);
	result = print_value(&printer, value, 0);
	if (result != JN_FAIL)
		result = jn_text(ev, out.data, out.len);
	pfree(out.data);
	return result;
}
