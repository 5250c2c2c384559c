/*
 * picture_date.c
 *	  $now, $millis, $fromMillis: moments by a picture like "[Y0001]-[M01]-[D01]".
 *
 * The pictures are those of XPath's format-dateTime, the calendar is the
 * Gregorian one for all times, weeks are those of ISO 8601.
 */
#include "base/port.h"

#include "jsonata/library.h"
#include "jsonata/picture_date.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

#define LARGEST_MILLIS 8.64e15

#define ISO_PICTURE "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"

static const JsonVal iso_picture = {.type = JV_STRING, .count = sizeof(ISO_PICTURE) - 1, .u.text = ISO_PICTURE};

const char *const month_names[12] = {
	"January", "February", "March",     "April",   "May",      "June",
	"July",    "August",   "September", "October", "November", "December",
};

const char *const day_names[7] = {
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
};

/* ---- the calendar ---- */

static int64
floor_divide(int64 a, int64 b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* Days since 1970 of a date; months beyond 1 to 12 reach into other years. */
int64
jn_days_of_date(int64 year, int month, int day)
{
	int64 era;
	int64 year_of_era;
	int64 day_of_year;

	year += floor_divide(month - 1, 12);
	month = (int) (month - 1 - 12 * floor_divide(month - 1, 12)) + 1;

	/* years are counted from March, so that the leap day is the last one */
	if (month <= 2)
		year--;
	era = floor_divide(year, 400);
	year_of_era = year - era * 400;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void
date_of_days(int64 days, int64 *year, int *month, int *day)
{
	int64 shifted = days + 719468;
	int64 era = floor_divide(shifted, 146097);
	int64 day_of_era = shifted - era * 146097;
	int64 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int from_march = (int) (5 * day_of_year + 2) / 153;

	*day = (int) day_of_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

void
civil_of_millis(int64 millis, Civil *civil)
{
	int64 rest;

	civil->millis = millis;
	civil->days = floor_divide(millis, MILLIS_PER_DAY);
	rest = millis - civil->days * MILLIS_PER_DAY;
	date_of_days(civil->days, &civil->year, &civil->month, &civil->day);
	civil->hour = (int) (rest / 3600000);
	civil->minute = (int) (rest / 60000 % 60);
	civil->second = (int) (rest / 1000 % 60);
	civil->milli = (int) (rest % 1000);
}

/* 1 is Monday. */
static int
weekday(int64 days)
{
	int from_monday = (int) ((days + 3) % 7);

	return (from_monday < 0 ? from_monday + 7 : from_monday) + 1;
}

/* The Monday that begins the first week of a year or month: the week with its fourth day. */
static int64
first_week(int64 year, int month)
{
	int64 first = jn_days_of_date(year, month, 1);
	int day = weekday(first);

	return day > 4 ? first + 8 - day : first - (day - 1);
}

static int
week_of_year(const Civil *civil)
{
	if (civil->days >= first_week(civil->year + 1, 1))
		return 1;
	if (civil->days < first_week(civil->year, 1))
		return (int) ((civil->days - first_week(civil->year - 1, 1)) / 7) + 1;
	return (int) ((civil->days - first_week(civil->year, 1)) / 7) + 1;
}

static int64
year_of_week(const Civil *civil)
{
	if (civil->days < first_week(civil->year, 1))
		return civil->year - 1;
	return civil->days >= first_week(civil->year + 1, 1) ? civil->year + 1 : civil->year;
}

static int
week_of_month(const Civil *civil)
{
	if (civil->days >= first_week(civil->year, civil->month + 1))
		return 1;
	if (civil->days < first_week(civil->year, civil->month))
		return (int) ((civil->days - first_week(civil->year, civil->month - 1)) / 7) + 1;
	return (int) ((civil->days - first_week(civil->year, civil->month)) / 7) + 1;
}

static int
month_of_week(const Civil *civil)
{
	int month = civil->month;

	if (civil->days < first_week(civil->year, month))
		month--;
	else if (civil->days >= first_week(civil->year, month + 1))
		month++;
	return month < 1 ? 12 : month > 12 ? 1 : month;
}

/* One component of a date: "Y", "M", ... as a number; P is 0 or 1. */
double
date_component(const Civil *civil, char component)
{
	switch (component)
	{
		case 'Y':
			return (double) civil->year;
		case 'M':
			return civil->month;
		case 'D':
			return civil->day;
		case 'd':
			return (double) (civil->days - jn_days_of_date(civil->year, 1, 1) + 1);
		case 'F':
			return weekday(civil->days);
		case 'W':
			return week_of_year(civil);
		case 'w':
			return week_of_month(civil);
		case 'X':
			return (double) year_of_week(civil);
		case 'x':
			return month_of_week(civil);
		case 'H':
			return civil->hour;
		case 'h':
			return civil->hour % 12 == 0 ? 12 : civil->hour % 12;
		case 'P':
			return civil->hour >= 12 ? 1 : 0;
		case 'm':
			return civil->minute;
		case 's':
			return civil->second;
		case 'f':
			return civil->milli;
		default:
			return 0;
	}
}

/* ---- reading pictures ---- */

/* What a component is written as when the picture does not say. */
static const char *
default_presentation(char component)
{
	switch (component)
	{
		case 'Y':
		case 'M':
		case 'D':
		case 'd':
		case 'W':
		case 'w':
		case 'X':
		case 'x':
		case 'H':
		case 'h':
		case 'f':
			return "1";
		case 'm':
		case 's':
			return "01";
		case 'F':
		case 'P':
		case 'C':
		case 'E':
			return "n";
		case 'Z':
		case 'z':
			return "01:01";
		default:
			return NULL;
	}
}

static const JsonVal *
fail_component(Evaluation *ev, const char *code, char component)
{
	return jn_fail_value(ev, code, jn_text(ev, &component, component != '\0' ? 1 : 0));
}

/* "min-max" behind the comma. */
static void
read_width(const char *text, int *min, int *max)
{
	const char *dash = strchr(text, '-');

	*min = *text == '*' ? 0 : atoi(text);
	*max = dash == NULL || dash[1] == '*' ? 0 : atoi(dash + 1);
	*min = Max(0, Min(*min, 1000));
	*max = Max(0, Min(*max, 1000));
}

/* How many digits of a year are shown. */
static void
set_year_digits(DatePart *part)
{
	int digits = part->format.mandatory_digits + part->format.optional_digits;

	part->year_digits = -1;
	if (part->max_width > 0)
		part->year_digits = part->format.mandatory_digits = part->max_width;
	else if (digits >= 2)
		part->year_digits = digits;
}

static const JsonVal *
read_presentation(Evaluation *ev, DatePart *part, const char *presentation, int length, int min_width)
{
	StringInfoData picture;
	const JsonVal *failed;

	if (length > 0 && (presentation[0] == 'n' || presentation[0] == 'N'))
	{
		part->names = presentation[0] == 'n'       ? NAME_LOWER
			: length > 1 && presentation[1] == 'n' ? NAME_TITLE
												   : NAME_UPPER;
		if (strchr("Zz", part->component) == NULL)
			return NULL;
	}
	if (strchr("YMDdFWwXxHhmsfZz", part->component) == NULL)
		return NULL;

	initStringInfo(&picture);
	appendBinaryStringInfo(&picture, presentation, length);
	if (part->modifier != '\0' && strchr("Zz", part->component) == NULL)
		appendStringInfo(&picture, ";%c", part->modifier);
	failed = integer_format_read(ev, picture.data, picture.len, &part->format);
	pfree(picture.data);
	if (failed == JN_FAIL)
		return JN_FAIL;
	if (part->format.style == INTEGER_SEQUENCE && strchr("Zz", part->component) == NULL)
		return jn_fail_value(ev, "D3130", jn_text(ev, presentation, length));
	part->has_format = true;
	if (part->format.style == INTEGER_DECIMAL && strchr("Zz", part->component) == NULL)
		part->format.mandatory_digits = Max(part->format.mandatory_digits, min_width);
	if (part->component == 'Y')
		set_year_digits(part);
	return NULL;
}

/* A marker without its brackets and blanks. */
static const JsonVal *
read_marker(Evaluation *ev, char *marker, DatePicture *picture)
{
	DatePart *part = &picture->parts[picture->count];
	char *comma = strrchr(marker, ',');
	const char *presentation;
	int length;
	int min_width = 0;

	memset(part, 0, sizeof(DatePart));
	part->component = marker[0];
	part->year_digits = -1;
	if (comma != NULL)
	{
		read_width(comma + 1, &min_width, &part->max_width);
		*comma = '\0';
	}
	presentation = marker[0] != '\0' ? marker + 1 : marker;
	length = strlen(presentation);
	if (length > 1 && strchr("atco", presentation[length - 1]) != NULL)
		part->modifier = presentation[--length];
	if (default_presentation(part->component) == NULL)
		return fail_component(ev, "D3132", part->component);
	if (length == 0)
	{
		presentation = default_presentation(part->component);
		length = strlen(presentation);
	}
	JN_CHECK(read_presentation(ev, part, presentation, length, min_width));

	/* without anything in between, the width of the one before has to be exact */
	if (part->has_format && strchr("Zz", part->component) == NULL && picture->count > 0 && part[-1].has_format)
		part[-1].format.parse_width = part[-1].format.mandatory_digits;
	picture->count++;
	return NULL;
}

static void
add_literal(Evaluation *ev, DatePicture *picture, const char *text, int length)
{
	DatePart *part = &picture->parts[picture->count];
	char *literal;

	if (length == 0)
		return;
	memset(part, 0, sizeof(DatePart));
	literal = jn_alloc(ev, length + 1);
	for (int i = 0; i < length; i++)
	{
		literal[part->literal_length++] = text[i];

		/* a closing bracket is written twice */
		if (text[i] == ']' && i + 1 < length && text[i + 1] == ']')
			i++;
	}
	part->literal = literal;
	picture->count++;
}

/* The marker's text without blanks, as a string of its own. */
static char *
marker_text(Evaluation *ev, const char *text, int length)
{
	char *marker = jn_alloc(ev, length + 1);
	int count = 0;

	for (int i = 0; i < length; i++)
	{
		if (strchr(" \t\n\r\f\v", text[i]) == NULL)
			marker[count++] = text[i];
	}
	marker[count] = '\0';
	return marker;
}

static const JsonVal *
read_parts(Evaluation *ev, const char *text, int length, DatePicture *picture)
{
	int start = 0;
	int at = 0;

	picture->count = 0;
	while (at < length)
	{
		const char *end;

		if (picture->count > MAX_DATE_PARTS - 3)
			return jn_fail_message(ev, "D3150", "The date/time picture string has too many parts");
		if (text[at] != '[')
		{
			at++;
			continue;
		}
		if (at + 1 < length && text[at + 1] == '[')
		{
			add_literal(ev, picture, text + start, at - start);
			add_literal(ev, picture, "[", 1);
			at += 2;
			start = at;
			continue;
		}
		add_literal(ev, picture, text + start, at - start);
		end = memchr(text + at, ']', length - at);
		if (end == NULL)
			return jn_fail(ev, "D3135");
		JN_CHECK(read_marker(ev, marker_text(ev, text + at + 1, end - text - at - 1), picture));
		at = start = end - text + 1;
	}
	add_literal(ev, picture, text + start, length - start);
	return NULL;
}

/* The parts of a picture, NULL on failure; kept in case the next one is the same. */
const DatePicture *
date_picture_read(Evaluation *ev, const JsonVal *text)
{
	DatePicture read;
	DatePicture *kept;
	Size size;

	if (ev->date_picture == text)
		return ev->date_parts;
	if (read_parts(ev, text->u.text, text->count, &read) == JN_FAIL)
		return NULL;
	size = offsetof(DatePicture, parts) + read.count * sizeof(DatePart);
	kept = jn_alloc(ev, size);
	memcpy(kept, &read, size);
	if (ev->date_regex != NULL)
		jn_regex_free(ev->date_regex);
	ev->date_regex = NULL;
	ev->date_picture = text;
	ev->date_parts = kept;
	return kept;
}

/* ---- writing ---- */

static void
append_name(StringInfo out, const DatePart *part, const char *name)
{
	int length = strlen(name);

	if (part->max_width > 0)
		length = Min(length, part->max_width);
	for (int i = 0; i < length; i++)
	{
		char c = name[i];

		if (part->names == NAME_UPPER && c >= 'a' && c <= 'z')
			c -= 32;
		else if (part->names == NAME_LOWER && c >= 'A' && c <= 'Z')
			c += 32;
		appendStringInfoChar(out, c);
	}
}

static const JsonVal *
append_named(Evaluation *ev, StringInfo out, const DatePart *part, const Civil *civil)
{
	switch (part->component)
	{
		case 'M':
		case 'x':
			append_name(out, part, month_names[(int) date_component(civil, part->component) - 1]);
			return NULL;
		case 'F':
			append_name(out, part, day_names[weekday(civil->days) - 1]);
			return NULL;
		case 'P':
			if (part->names == NAME_UPPER)
				appendStringInfoString(out, civil->hour >= 12 ? "PM" : "AM");
			else
				appendStringInfoString(out, civil->hour >= 12 ? "pm" : "am");
			return NULL;
		case 'C':
		case 'E':
			appendStringInfoString(out, "ISO");
			return NULL;
		default:
			return fail_component(ev, "D3133", part->component);
	}
}

/* The offset of the zone, +-hhmm as a number. */
static const JsonVal *
append_zone(Evaluation *ev, StringInfo out, const DatePart *part, int zone)
{
	int digits = part->format.style == INTEGER_SEQUENCE ? 0 : part->format.mandatory_digits;

	if (zone == 0 && part->modifier == 't')
	{
		appendStringInfoChar(out, 'Z');
		return NULL;
	}
	if (part->component == 'z')
		appendStringInfoString(out, "GMT");
	if (zone >= 0)
		appendStringInfoChar(out, '+');
	if (part->format.is_regular || digits == 3 || digits == 4)
		return integer_format_print(ev, &part->format, zone, out);
	if (digits != 1 && digits != 2)
		return jn_fail_value(ev, "D3134", jn_number(ev, digits));
	if (zone < 0 && zone > -100)
		appendStringInfoChar(out, '-');
	JN_CHECK(integer_format_print(ev, &part->format, zone / 100, out));
	if (zone % 100 != 0)
		appendStringInfo(out, ":%02d", abs(zone % 100));
	return NULL;
}

static const JsonVal *
append_part(Evaluation *ev, StringInfo out, const DatePart *part, const Civil *civil, int zone)
{
	double value;

	if (part->component == '\0')
	{
		appendBinaryStringInfo(out, part->literal, part->literal_length);
		return NULL;
	}
	if (part->component == 'Z' || part->component == 'z')
		return append_zone(ev, out, part, zone);
	if (part->names != NAME_NONE || !part->has_format)
		return append_named(ev, out, part, civil);
	value = date_component(civil, part->component);
	if (part->component == 'Y' && part->year_digits >= 0)
		value = fmod(value, pow(10, part->year_digits));
	return integer_format_print(ev, &part->format, value, out);
}

/* A zone as "+hhmm", "-hh:mm" or "Z": hours * 100 + minutes; false when it is none of them. */
static bool
read_zone(const JsonVal *text, int *zone)
{
	const char *s = text->u.text;
	int sign = 1;
	int digits = 0;
	int value = 0;

	*zone = 0;
	if (strcmp(s, "Z") == 0)
		return true;
	if (*s == '+' || *s == '-')
		sign = *s++ == '-' ? -1 : 1;
	for (; *s != '\0'; s++)
	{
		if (*s == ':' && digits == 2)
			continue;
		if (*s < '0' || *s > '9' || ++digits > 4)
			return false;
		value = value * 10 + (*s - '0');
	}
	*zone = sign * value;
	return digits > 0 && value <= 2400;
}

static const JsonVal *
format_moment(Evaluation *ev, double millis, const JsonVal *picture, const JsonVal *zone_text)
{
	const DatePicture *parts;
	StringInfoData out;
	Civil civil;
	int zone = 0;

	if (!(fabs(millis) <= LARGEST_MILLIS))
		return jn_fail_value(ev, "D1001", jn_number(ev, millis));
	if (zone_text != NULL && !read_zone(zone_text, &zone))
		return jn_fail_message(ev, "D3150", "The timezone must be given as ±HHMM");
	parts = date_picture_read(ev, picture == NULL ? &iso_picture : picture);
	if (parts == NULL)
		return JN_FAIL;
	civil_of_millis((int64) millis + (zone / 100 * 60 + zone % 100) * INT64CONST(60000), &civil);

	initStringInfo(&out);
	for (int i = 0; i < parts->count; i++)
		JN_CHECK(append_part(ev, &out, &parts->parts[i], &civil, zone));
	return jn_text_of_buffer(ev, &out);
}

/* ---- the functions ---- */

static double
millis_of_now(const Evaluation *ev)
{
	int64 microseconds = ev->now + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;

	return (double) floor_divide(microseconds, 1000);
}

/* $millis() */
const JsonVal *
fn_millis(Call *call)
{
	return jn_number(call->ev, millis_of_now(call->ev));
}

/* $now(picture, timezone) */
const JsonVal *
fn_now(Call *call)
{
	return format_moment(call->ev, millis_of_now(call->ev), call->args[0], call->args[1]);
}

/* $fromMillis(number, picture, timezone) */
const JsonVal *
fn_from_millis(Call *call)
{
	if (call->args[0] == NULL)
		return NULL;
	return format_moment(call->ev, call->args[0]->number, call->args[1], call->args[2]);
}
