/*
 * picture_date_parse.c
 *	  $toMillis: moments read by a picture, or from ISO 8601 without one.
 *
 * A picture becomes a regular expression with a group for each part.  The parts
 * that were read must form a date and a time without gaps: what is missing
 * before the first is taken from now, what is missing behind the last is zero.
 */
#include "base/port.h"

#include "jsonata/library.h"
#include "jsonata/picture_date.h"
#include "jsonata/regex.h"

/* Values by component; NaN: not given. */
typedef struct Components
{
	double values[128];
	bool is_any;
} Components;

/* ---- ISO 8601 ---- */

typedef struct Reader
{
	const char *s;
	const char *end;
} Reader;

/* That many digits, or -1. */
static int
read_digits(Reader *reader, int count)
{
	int value = 0;

	if (reader->end - reader->s < count)
		return -1;
	for (int i = 0; i < count; i++)
	{
		if (reader->s[i] < '0' || reader->s[i] > '9')
			return -1;
		value = value * 10 + (reader->s[i] - '0');
	}
	reader->s += count;
	return value;
}

static bool
skip(Reader *reader, char c)
{
	if (reader->s >= reader->end || *reader->s != c)
		return false;
	reader->s++;
	return true;
}

/* "hh:mm" with seconds and a fraction perhaps; milliseconds, or -1. */
static int64
read_time(Reader *reader)
{
	int hour = read_digits(reader, 2);
	int minute = skip(reader, ':') ? read_digits(reader, 2) : -1;
	int second = 0;
	int64 millis = 0;

	if (skip(reader, ':'))
		second = read_digits(reader, 2);
	if (hour < 0 || minute < 0 || second < 0 || hour > 24 || minute > 59 || second > 59)
		return -1;
	if (skip(reader, '.'))
	{
		int scale = 100;

		if (reader->s >= reader->end || *reader->s < '0' || *reader->s > '9')
			return -1;
		for (; reader->s < reader->end && *reader->s >= '0' && *reader->s <= '9'; reader->s++)
		{
			millis += (*reader->s - '0') * scale;
			scale /= 10;
		}
	}
	if (hour == 24 && (minute > 0 || second > 0 || millis > 0))
		return -1;
	return ((hour * 60 + minute) * 60 + second) * INT64CONST(1000) + millis;
}

/* "Z", "+hh:mm", "+hhmm" or nothing; false when it is something else. */
static bool
read_offset(Reader *reader, int64 *minutes)
{
	int sign;
	int hour;
	int minute;

	*minutes = 0;
	if (reader->s == reader->end)
		return true;
	if (skip(reader, 'Z'))
		return reader->s == reader->end;
	sign = skip(reader, '+') ? 1 : skip(reader, '-') ? -1 : 0;
	hour = read_digits(reader, 2);
	(void) skip(reader, ':');
	minute = read_digits(reader, 2);
	if (sign == 0 || hour < 0 || minute < 0 || hour > 23 || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return reader->s == reader->end;
}

static bool
parse_iso(const JsonVal *text, double *millis)
{
	Reader reader = {text->u.text, text->u.text + text->count};
	int year = read_digits(&reader, 4);
	int month = 1;
	int day = 1;
	int64 time = 0;
	int64 offset = 0;

	if (year < 0)
		return false;
	if (reader.s < reader.end && *reader.s == '-')
	{
		reader.s++;
		month = read_digits(&reader, 2);
		if (skip(&reader, '-'))
			day = read_digits(&reader, 2);
	}
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (skip(&reader, 'T'))
	{
		time = read_time(&reader);
		if (time < 0)
			return false;
	}
	if (!read_offset(&reader, &offset))
		return false;
	*millis = (double) (jn_days_of_date(year, month, day) * MILLIS_PER_DAY + time - offset * 60000);
	return true;
}

/* ---- pictures as regular expressions ---- */

static void
append_literal_pattern(StringInfo out, const DatePart *part)
{
	for (int i = 0; i < part->literal_length; i++)
	{
		if (strchr(".*+?^${}()|[]\\/-", part->literal[i]) != NULL)
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, part->literal[i]);
	}
}

static const JsonVal *
append_part_pattern(Evaluation *ev, StringInfo out, const DatePart *part)
{
	if (part->component == '\0')
		append_literal_pattern(out, part);
	else if (part->component == 'Z' || part->component == 'z')
	{
		if (part->modifier == 't')
			appendStringInfoString(out, "Z|");
		if (part->component == 'z')
			appendStringInfoString(out, "GMT");
		appendStringInfoString(out, "[-+][0-9]+");
		if (part->format.separator_count > 0)
			appendStringInfoString(out, "(?::[0-9]+)?");
	}
	else if (part->names == NAME_NONE && part->has_format)
		integer_format_pattern(&part->format, out);
	else if (strchr("MxFP", part->component) != NULL)
		appendStringInfoString(out, "[a-zA-Z]+");
	else
		return jn_fail_value(ev, "D3133", jn_text(ev, &part->component, 1));
	return NULL;
}

static const RegexProgram *
picture_program(Evaluation *ev, const DatePicture *picture)
{
	StringInfoData pattern;
	const RegexProgram *program;
	const char *complaint;

	initStringInfo(&pattern);
	appendStringInfoChar(&pattern, '^');
	for (int i = 0; i < picture->count; i++)
	{
		appendStringInfoChar(&pattern, '(');
		if (append_part_pattern(ev, &pattern, &picture->parts[i]) == JN_FAIL)
			return NULL;
		appendStringInfoChar(&pattern, ')');
	}
	appendStringInfoChar(&pattern, '$');
	program = jn_regex_compile(pattern.data, pattern.len, true, false, &complaint);
	pfree(pattern.data);
	if (program == NULL)
		jn_fail_message(ev, "D3150", "The date/time picture string cannot be used for reading");
	return program;
}

/* ---- parts as numbers ---- */

/* Position of a name in a list from 1, as wide as the picture says; NaN when it is not there. */
static double
name_value(const DatePart *part, const char *text, int length, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
	{
		int width = strlen(names[i]);

		if (part->max_width > 0)
			width = Min(width, part->max_width);
		if (width == length && memcmp(names[i], text, length) == 0)
			return i + 1;
	}
	return NAN;
}

/* "+hh:mm", "GMT+hhmm", "Z": minutes. */
static double
zone_value(const char *text, int length)
{
	const char *end = text + length;
	const char *colon;
	int sign = 1;
	int hours;
	int minutes = 0;

	while (text < end && (*text | 32) >= 'a' && (*text | 32) <= 'z')
		text++;
	if (text == end)
		return 0;
	if (*text == '-')
		sign = -1;
	text++;
	colon = memchr(text, ':', end - text);
	hours = atoi(text);
	if (colon != NULL)
		minutes = atoi(colon + 1);
	else if (end - text > 2)
	{
		minutes = hours % 100;
		hours = hours / 100;
	}
	return sign * (hours * 60 + minutes);
}

/* The digits of a fraction as milliseconds. */
static double
fraction_value(const char *text, int length)
{
	double millis = 0;
	int scale = 100;

	for (int i = 0; i < length && scale > 0; i++, scale /= 10)
		millis += (text[i] - '0') * scale;
	return millis;
}

static const JsonVal *
part_value(Evaluation *ev, const DatePart *part, const char *text, int length, double *value)
{
	char *copy = jn_alloc(ev, length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	if (part->component == 'Z' || part->component == 'z')
		*value = zone_value(copy, length);
	else if (part->component == 'f' && part->format.style == INTEGER_DECIMAL)
		*value = fraction_value(copy, length);
	else if (part->names == NAME_NONE && part->has_format)
		return integer_format_parse(ev, &part->format, copy, length, value);
	else if (part->component == 'M' || part->component == 'x')
		*value = name_value(part, copy, length, month_names, 12);
	else if (part->component == 'F')
		*value = name_value(part, copy, length, day_names, 7);
	else
		*value = strcmp(copy, "am") == 0 || strcmp(copy, "AM") == 0 ? 0
			: strcmp(copy, "pm") == 0 || strcmp(copy, "PM") == 0    ? 1
																	: NAN;
	return NULL;
}

/* ---- from components to a moment ---- */

static bool
is_given(const Components *components, char component)
{
	return !isnan(components->values[(int) component]);
}

/* Whether any is given, and none but those. */
static bool
are_only(const Components *components, const char *all, const char *allowed)
{
	bool any = false;

	for (const char *c = all; *c != '\0'; c++)
	{
		if (!is_given(components, *c))
			continue;
		if (strchr(allowed, *c) == NULL)
			return false;
		any = true;
	}
	return any;
}

/* Fills what is missing; JN_FAIL when there is a gap. */
static const JsonVal *
fill_components(Evaluation *ev, Components *components, const char *order)
{
	bool started = false;
	bool ended = false;
	Civil now;

	civil_of_millis((ev->now + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY) / 1000, &now);
	for (const char *c = order; *c != '\0'; c++)
	{
		double *value = &components->values[(int) *c];

		if (is_given(components, *c))
		{
			started = true;
			if (ended)
				return jn_fail(ev, "D3136");
		}
		else if (started)
		{
			*value = strchr("MDd", *c) != NULL ? 1 : 0;
			ended = true;
		}
		else
			*value = *c == 'P' ? 0 : date_component(&now, *c);
	}
	return NULL;
}

static const JsonVal *
moment_of_components(Evaluation *ev, Components *components)
{
	static const char dates[] = "YXMxWwdD";
	static const char times[] = "PHhmsf";
	double *values = components->values;
	bool by_day_of_year = !are_only(components, dates, "YMD") && are_only(components, dates, "Yd");
	bool by_week = are_only(components, dates, "Xxw") || are_only(components, dates, "XW");
	bool by_half_day = !are_only(components, times, "Hmsf") && are_only(components, times, "Phmsf");
	char order[16];
	double year;
	double days;
	double hours;
	double millis;

	/* dates by weeks can be written but not read */
	if (by_week)
		return jn_fail(ev, "D3136");
	snprintf(order, sizeof(order), "%s%s", by_day_of_year ? "Yd" : "YMD", by_half_day ? "Phmsf" : "Hmsf");
	JN_CHECK(fill_components(ev, components, order));

	year = values['Y'];
	if (!(fabs(year) < 300000) || !(fabs(by_day_of_year ? values['d'] : values['D']) < 1e9) ||
		(!by_day_of_year && !(fabs(values['M']) < 1e6)))
		return jn_fail_value(ev, "D1001", jn_number(ev, year));
	if (year >= 0 && year <= 99)
		year += 1900;
	if (by_day_of_year)
		days = (double) jn_days_of_date((int64) year, 1, 1) + values['d'] - 1;
	else
		days = (double) jn_days_of_date((int64) year, (int) Max(values['M'], 1), 1) + values['D'] - 1;
	hours = values['H'];
	if (by_half_day)
		hours = (values['h'] == 12 ? 0 : values['h']) + (values['P'] == 1 ? 12 : 0);
	millis = days * MILLIS_PER_DAY + ((hours * 60 + values['m']) * 60 + values['s']) * 1000 + values['f'];
	if (is_given(components, 'Z'))
		millis -= values['Z'] * 60000;
	else if (is_given(components, 'z'))
		millis -= values['z'] * 60000;
	return jn_number(ev, millis);
}

static const JsonVal *
parse_by_picture(Evaluation *ev, const JsonVal *text, const JsonVal *picture_text)
{
	const DatePicture *picture;
	RegexMatch match;
	Components components;
	int found;

	picture = date_picture_read(ev, picture_text);
	if (picture != NULL && ev->date_regex == NULL)
		ev->date_regex = picture_program(ev, picture);
	if (picture == NULL || ev->date_regex == NULL)
		return JN_FAIL;
	found = jn_regex_search(ev, ev->date_regex, text, 0, &match);
	if (found <= 0)
		return found < 0 ? JN_FAIL : NULL;

	components.is_any = false;
	for (int i = 0; i < (int) lengthof(components.values); i++)
		components.values[i] = NAN;
	for (int i = 0; i < picture->count; i++)
	{
		const DatePart *part = &picture->parts[i];
		int start = match.offsets[(i + 1) * 2];
		double value;

		if (part->component == '\0' || start < 0 || (unsigned char) part->component >= lengthof(components.values))
			continue;
		components.is_any = true;
		JN_CHECK(part_value(ev, part, text->u.text + start, match.offsets[(i + 1) * 2 + 1] - start, &value));

		/* a name that nobody knows is as good as none, a number that is none spoils the moment */
		if (isnan(value) && part->names == NAME_NONE && part->has_format)
			return jn_number(ev, NAN);
		components.values[(int) part->component] = value;
	}
	return components.is_any ? moment_of_components(ev, &components) : NULL;
}

/* $toMillis(timestamp, picture) */
const JsonVal *
fn_to_millis(Call *call)
{
	double millis;

	if (call->args[0] == NULL)
		return NULL;
	if (call->args[1] != NULL)
		return parse_by_picture(call->ev, call->args[0], call->args[1]);
	if (!parse_iso(call->args[0], &millis))
		return jn_fail_value(call->ev, "D3110", call->args[0]);
	return jn_number(call->ev, millis);
}
