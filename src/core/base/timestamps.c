/*
 * timestamps.c
 *	  Moments as AWS writes them: ISO 8601 date-times with an offset.
 *
 * Reading follows Java's ISO_OFFSET_DATE_TIME, which AWS names in its error
 * texts, but insists on capital letters as the States Language does.
 */
#include "base/timestamps.h"

/* Days from 0000-03-01 (beginning years in March keeps leap days last) to 2000-01-01. */
#define DAYS_TO_2000 730425
#define DAYS_PER_400_YEARS 146097
#define EPOCH_DAYS_BEFORE_2000 10957

typedef struct Reader
{
	const char *s;
	const char *end;
} Reader;

/* Reads exactly that many digits. */
static bool
read_digits(Reader *reader, int count, int *value)
{
	*value = 0;
	if (reader->end - reader->s < count)
		return false;
	for (; count > 0; count--, reader->s++)
	{
		if (*reader->s < '0' || *reader->s > '9')
			return false;
		*value = *value * 10 + (*reader->s - '0');
	}
	return true;
}

static bool
read_char(Reader *reader, char c)
{
	if (reader->s == reader->end || *reader->s != c)
		return false;
	reader->s++;
	return true;
}

/* Four digits, or a plus sign and five or six. */
static bool
read_year(Reader *reader, int *year)
{
	int digits = 0;

	if (!read_char(reader, '+'))
		return read_digits(reader, 4, year);
	while (reader->s + digits < reader->end && reader->s[digits] >= '0' && reader->s[digits] <= '9')
		digits++;
	return (digits == 5 || digits == 6) && read_digits(reader, digits, year);
}

/* Digits behind the point as microseconds; at least one, at most nine. */
static bool
read_fraction(Reader *reader, int *microseconds)
{
	int digits = 0;

	*microseconds = 0;
	for (; reader->s < reader->end && *reader->s >= '0' && *reader->s <= '9'; reader->s++, digits++)
	{
		if (digits < 6)
			*microseconds = *microseconds * 10 + (*reader->s - '0');
	}
	for (int i = digits; i < 6; i++)
		*microseconds *= 10;
	return digits >= 1 && digits <= 9;
}

static bool
read_time(Reader *reader, int64 *microseconds)
{
	int hour;
	int minute;
	int second = 0;
	int fraction = 0;

	if (!read_digits(reader, 2, &hour) || !read_char(reader, ':') || !read_digits(reader, 2, &minute))
		return false;
	if (read_char(reader, ':'))
	{
		if (!read_digits(reader, 2, &second))
			return false;
		if (read_char(reader, '.') && !read_fraction(reader, &fraction))
			return false;
	}
	*microseconds = ((hour * 60 + minute) * 60 + second) * USECS_PER_SEC + fraction;
	return hour < 24 && minute < 60 && second < 60;
}

/* "Z", or a sign, hours, minutes and perhaps seconds, up to 18 hours. */
static bool
read_offset(Reader *reader, int *seconds)
{
	bool is_negative;
	int hour;
	int minute;
	int second = 0;

	*seconds = 0;
	if (read_char(reader, 'Z'))
		return true;
	is_negative = read_char(reader, '-');
	if (!is_negative && !read_char(reader, '+'))
		return false;
	if (!read_digits(reader, 2, &hour) || !read_char(reader, ':') || !read_digits(reader, 2, &minute))
		return false;
	if (read_char(reader, ':') && !read_digits(reader, 2, &second))
		return false;
	*seconds = (hour * 60 + minute) * 60 + second;
	if (minute > 59 || second > 59 || *seconds > 18 * SECS_PER_HOUR)
		return false;
	if (is_negative)
		*seconds = -*seconds;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));

	return days[month - 1] + (month == 2 && is_leap);
}

/* Days since 2000-01-01 of a date of the proleptic Gregorian calendar, year >= 0. */
static int64
days_from_date(int year, int month, int day)
{
	/* years begin in March; of the first two months of year 0 that gives -1 */
	int y = month > 2 ? year : year - 1;
	int m = month > 2 ? month - 3 : month + 9;
	int era = y >= 0 ? y / 400 : -1;
	int year_of_era = y - era * 400;
	int64 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * m + 2) / 5 + day - 1;

	return (int64) era * DAYS_PER_400_YEARS + day_of_era - DAYS_TO_2000;
}

/* Reads an ISO 8601 date-time with an offset; see timestamps.h. */
bool
timestamp_parse(const char *text, int length, TimestampTz *moment)
{
	Reader reader = {text, text + length};
	int year;
	int month;
	int day;
	int64 time;
	int offset;
	int64 result;

	if (!read_year(&reader, &year) || !read_char(&reader, '-') || !read_digits(&reader, 2, &month) ||
		!read_char(&reader, '-') || !read_digits(&reader, 2, &day) || !read_char(&reader, 'T') ||
		!read_time(&reader, &time) || !read_offset(&reader, &offset) || reader.s != reader.end)
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || year > 294276)
		return false;
	result = days_from_date(year, month, day) * USECS_PER_DAY + time - offset * USECS_PER_SEC;
	if (!IS_VALID_TIMESTAMP(result))
		return false;
	*moment = result;
	return true;
}

/* The date that many days after 2000-01-01. */
static void
date_from_days(int64 days, int *year, int *month, int *day)
{
	int64 since = days + DAYS_TO_2000;
	int64 era = since >= 0 ? since / DAYS_PER_400_YEARS : (since - DAYS_PER_400_YEARS + 1) / DAYS_PER_400_YEARS;
	int day_of_era = (int) (since - era * DAYS_PER_400_YEARS);
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int m = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (int) (era * 400) + year_of_era + (*month <= 2);
}

/* Writes it in UTC with 0, 3 or 6 digits of fraction; a zero fraction is left out. */
void
timestamp_print(StringInfo out, TimestampTz moment)
{
	int64 days = moment / USECS_PER_DAY;
	int64 rest = moment % USECS_PER_DAY;
	int year;
	int month;
	int day;
	int seconds;
	int fraction;

	if (TIMESTAMP_NOT_FINITE(moment))
	{
		appendStringInfoString(out, TIMESTAMP_IS_NOBEGIN(moment) ? "-infinity" : "infinity");
		return;
	}
	if (rest < 0)
	{
		rest += USECS_PER_DAY;
		days--;
	}
	date_from_days(days, &year, &month, &day);
	seconds = (int) (rest / USECS_PER_SEC);
	fraction = (int) (rest % USECS_PER_SEC);
	appendStringInfo(out, "%s%04d-%02d-%02dT%02d:%02d:%02d", year > 9999 ? "+" : "", year, month, day, seconds / 3600,
					 seconds / 60 % 60, seconds % 60);
	if (fraction % 1000 != 0)
		appendStringInfo(out, ".%06d", fraction);
	else if (fraction != 0)
		appendStringInfo(out, ".%03d", fraction / 1000);
	appendStringInfoChar(out, 'Z');
}

/* Writes seconds since 1970 with three decimals, as AWS's API shows times. */
void
timestamp_print_epoch(StringInfo out, TimestampTz moment)
{
	int64 milliseconds = moment / 1000 - (moment % 1000 < 0) + EPOCH_DAYS_BEFORE_2000 * SECS_PER_DAY * INT64CONST(1000);
	uint64 magnitude = milliseconds < 0 ? (uint64) -milliseconds : (uint64) milliseconds;

	appendStringInfo(out, "%s" UINT64_FORMAT ".%03d", milliseconds < 0 ? "-" : "", magnitude / 1000,
					 (int) (magnitude % 1000));
}
