/*
 * schedule_parse.c
 *	  A schedule's expression to what it means, and back.
 *
 * A field of cron() is a list of numbers, ranges and steps, whose bounds and names
 * stand in a row; L, W and # are read by themselves.  Every mistake has its place.
 */
#include "base/port.h"

#include "base/error.h"

#include "events/schedule.h"

#define MAX_EXPRESSION 256

/* A numeric field: what it counts, from where to where. */
typedef struct CronField
{
	const char *what;
	int low;
	int high;
	const char *names; /* of three letters each, the first is the number first_name; NULL: none */
	int first_name;
} CronField;

#define MONTH_NAMES "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
#define WEEKDAY_NAMES "SUNMONTUEWEDTHUFRISAT"

enum
{
	FIELD_MINUTE,
	FIELD_HOUR,
	FIELD_DAY,
	FIELD_MONTH,
	FIELD_WEEKDAY,
	FIELD_YEAR
};

static const CronField six_fields[] = {
	{"the minute", 0, 59},
	{"the hour", 0, 23},
	{"the day of the month", 1, 31},
	{"the month", 1, 12, MONTH_NAMES, 1},
	{"the day of the week", 1, 7, WEEKDAY_NAMES, 1},
	{"the year", SCHEDULE_FIRST_YEAR, SCHEDULE_LAST_YEAR},
};

static const CronField weekday_of_five = {"the day of the week", 0, 7, WEEKDAY_NAMES, 0};

static const struct
{
	const char *one;
	const char *many;
	int64 seconds;
} units[] = {{"minute", "minutes", 60}, {"hour", "hours", 3600}, {"day", "days", 86400}};

#define SPELLINGS \
	"It is rate(5 minutes), cron(0 18 ? * MON-FRI *) with AWS's six fields, 0 18 * * 1-5 with pg_cron's five, or " \
	"at(2027-01-01T00:00:00)."
#define SIX_FIELDS "The six fields are minute, hour, day of the month, month, day of the week and year."
#define ONE_QUESTION_MARK "One of day of the month and day of the week is given, the other is \"?\"."

/* Text from `at` to `end`; `text` is its beginning, from which places are counted. */
typedef struct Reader
{
	const char *text;
	const char *at;
	const char *end;
	ScheduleError *error;
} Reader;

static bool fail(const Reader *reader, const char *hint, const char *format, ...) pg_attribute_printf(3, 4);

static bool
fail(const Reader *reader, const char *hint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	reader->error->message = sfn_format(format, arguments);
	va_end(arguments);
	reader->error->position = (int) (reader->at - reader->text);
	reader->error->hint = hint;
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
skip_blanks(Reader *reader)
{
	while (reader->at < reader->end && is_blank(*reader->at))
		reader->at++;
}

static bool
skip_char(Reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* Digits as a number, of which more than a million is no longer told apart; -1: there is none. */
static int
read_digits(Reader *reader)
{
	int number = -1;

	for (; reader->at < reader->end && is_digit(*reader->at); reader->at++)
		number = Min((number < 0 ? 0 : number) * 10 + (*reader->at - '0'), 1000000);
	return number;
}

/* What stands here, for an error. */
static char *
shown(const Reader *reader)
{
	int length = 0;

	while (reader->at + length < reader->end && length < 20 && !is_blank(reader->at[length]) &&
		   strchr(",-/", reader->at[length]) == NULL)
		length++;
	return length == 0 ? pstrdup("nothing") : psprintf("\"%s\"", pnstrdup(reader->at, length));
}

/* ---- cron: fields of numbers ---- */

/* The number of a name of three letters; -1: it is none. */
static int
number_of_name(const CronField *field, const char *name)
{
	if (field->names == NULL)
		return -1;
	for (int i = 0; field->names[i] != '\0'; i += 3)
	{
		if (pg_strncasecmp(field->names + i, name, 3) == 0)
			return field->first_name + i / 3;
	}
	return -1;
}

/* A number or a name within the bounds of its field. */
static bool
read_value(Reader *reader, const CronField *field, int *value)
{
	const char *begin = reader->at;

	if (reader->end - begin >= 3 && is_letter(*begin))
	{
		*value = number_of_name(field, begin);
		reader->at += *value >= 0 ? 3 : 0;
	}
	else
		*value = read_digits(reader);
	if (*value >= field->low && *value <= field->high)
		return true;
	reader->at = begin;
	return fail(reader, NULL, "%s is %s, not a number from %d to %d%s", field->what, shown(reader), field->low,
				field->high, field->names != NULL ? " or a name" : "");
}

/* The step behind a "/"; without one it is 1. */
static bool
read_step(Reader *reader, const CronField *field, int *step)
{
	*step = 1;
	if (!skip_char(reader, '/'))
		return true;
	*step = read_digits(reader);
	if (*step >= 1)
		return true;
	return fail(reader, NULL, "%s has %s as a step, not a number from 1 on", field->what, shown(reader));
}

/* One part of a list: "*", a number, a range; each but a number of five fields with a step. */
static bool
read_part(Reader *reader, const CronField *field, bool is_crontab, uint64 *set)
{
	int low = field->low;
	int high = field->high;
	int step;
	bool has_range = true;
	const char *begin = reader->at;

	if (!skip_char(reader, '*'))
	{
		if (!read_value(reader, field, &low))
			return false;
		has_range = skip_char(reader, '-');
		if (has_range && !read_value(reader, field, &high))
			return false;
		if (!has_range && (reader->at == reader->end || *reader->at != '/'))
			high = low;
	}
	if (low > high)
	{
		reader->at = begin;
		return fail(reader, "Two ranges with a comma between them go around the end.",
					"%s is a range from %d down to %d", field->what, low, high);
	}
	if (is_crontab && !has_range && reader->at < reader->end && *reader->at == '/')
		return fail(reader, "It is written as a range: 5-59/10.", "%s has a step behind a number", field->what);
	if (!read_step(reader, field, &step))
		return false;
	for (int i = low; i <= high; i += step)
		set[(i - field->low) / 64] |= UINT64CONST(1) << ((i - field->low) % 64);
	return true;
}

/* A list of parts up to the field's end; bits are counted from the field's lowest number. */
static bool
read_list(Reader *reader, const CronField *field, bool is_crontab, uint64 *set)
{
	do
	{
		if (!read_part(reader, field, is_crontab, set))
			return false;
	} while (skip_char(reader, ','));
	return reader->at == reader->end ||
		fail(reader, NULL, "%s goes on with %s", field->what,
			 *reader->at == '-' || *reader->at == '/' ? psprintf("\"%c\"", *reader->at) : shown(reader));
}

/* A field of at most 64 numbers, bits counted from 0. */
static bool
read_set(Reader *reader, const CronField *field, bool is_crontab, uint64 *set)
{
	uint64 bits[4] = {0};

	if (!read_list(reader, field, is_crontab, bits))
		return false;
	*set = bits[0] << field->low;
	return true;
}

/* ---- cron: days ---- */

static bool
is_text(const Reader *reader, const char *text)
{
	return reader->end - reader->at == (ptrdiff_t) strlen(text) && pg_strncasecmp(reader->at, text, strlen(text)) == 0;
}

static bool
ends_with(const Reader *reader, char c)
{
	return reader->end > reader->at + 1 && pg_toupper((unsigned char) reader->end[-1]) == c;
}

/* L, LW, 15W, $ (of five fields: the last), or a list. */
static bool
read_day(Reader *reader, bool is_crontab, Cron *cron)
{
	const CronField *field = &six_fields[FIELD_DAY];

	if (is_crontab && is_text(reader, "$"))
		cron->is_last_day = true;
	else if (!is_crontab && is_text(reader, "L"))
		cron->is_last_day = true;
	else if (!is_crontab && is_text(reader, "LW"))
		cron->is_last_working_day = true;
	else if (!is_crontab && is_text(reader, "?"))
		cron->days = ~UINT64CONST(0);
	else if (!is_crontab && ends_with(reader, 'W'))
	{
		Reader number = *reader;

		number.end--;
		if (!read_value(&number, field, &cron->near_day))
			return false;
		return number.at == number.end || fail(&number, "It is written 15W.", "W stands behind one day");
	}
	else
		return read_set(reader, field, is_crontab, &cron->days);
	return true;
}

/* 6L or 6#3: the weekday, with what stands behind it. */
static bool
read_weekday_of_month(Reader *reader, Cron *cron)
{
	const CronField *field = &six_fields[FIELD_WEEKDAY];
	int weekday;

	if (!read_value(reader, field, &weekday))
		return false;
	if (is_text(reader, "L"))
	{
		cron->last_weekdays = UINT64CONST(1) << (weekday - 1);
		return true;
	}
	if (!skip_char(reader, '#'))
		return fail(reader, "They are written 6L and 6#3.", "L and # stand behind one day of the week");
	cron->weekdays = UINT64CONST(1) << (weekday - 1);
	cron->nth = read_digits(reader);
	if (cron->nth < 1 || cron->nth > 5 || reader->at < reader->end)
		return fail(reader, "It is written 6#3: one day of the week, and which of the month.",
					"# is followed by a number from 1 to 5");
	return true;
}

static bool
read_weekday(Reader *reader, bool is_crontab, Cron *cron)
{
	if (!is_crontab && is_text(reader, "?"))
		cron->weekdays = ~UINT64CONST(0);
	else if (!is_crontab && is_text(reader, "L"))
		cron->weekdays = UINT64CONST(1) << 6; /* the last day of the week */
	else if (!is_crontab && (ends_with(reader, 'L') || memchr(reader->at, '#', reader->end - reader->at) != NULL))
		return read_weekday_of_month(reader, cron);
	else
	{
		if (!read_set(reader, is_crontab ? &weekday_of_five : &six_fields[FIELD_WEEKDAY], is_crontab, &cron->weekdays))
			return false;
		if (is_crontab)
			cron->weekdays |= cron->weekdays >> 7; /* 7 is 0 */
		else
			cron->weekdays >>= 1;
	}
	return true;
}

/* ---- cron: all fields ---- */

static bool
read_field(Reader *reader, int number, bool is_crontab, Cron *cron)
{
	const CronField *field = &six_fields[number];

	switch (number)
	{
		case FIELD_MINUTE:
			return read_set(reader, field, is_crontab, &cron->minutes);
		case FIELD_HOUR:
			return read_set(reader, field, is_crontab, &cron->hours);
		case FIELD_DAY:
			return read_day(reader, is_crontab, cron);
		case FIELD_MONTH:
			return read_set(reader, field, is_crontab, &cron->months);
		case FIELD_WEEKDAY:
			return read_weekday(reader, is_crontab, cron);
		default:
			return read_list(reader, field, is_crontab, cron->years);
	}
}

static const char *
in_capitals(const char *text, const char *end)
{
	char *copy = pnstrdup(text, end - text);

	for (char *c = copy; *c != '\0'; c++)
		*c = (char) pg_toupper((unsigned char) *c);
	return copy;
}

/* The fields between blanks, from the reader's place to its end. */
static bool
read_fields(Reader *reader, int count, Cron *cron)
{
	bool is_crontab = count == 5;

	memset(cron, 0, sizeof(*cron));
	for (int i = 0; i < count; i++)
	{
		Reader field = *reader;

		skip_blanks(&field);
		field.end = field.at;
		while (field.end < reader->end && !is_blank(*field.end))
			field.end++;
		cron->fields[i] = in_capitals(field.at, field.end);
		reader->at = field.end;
		if (!read_field(&field, i, is_crontab, cron))
			return false;
	}
	cron->field_count = count;
	if (is_crontab)
	{
		memset(cron->years, 0xff, sizeof(cron->years));
		cron->either_day = cron->fields[FIELD_DAY][0] != '*' && cron->fields[FIELD_WEEKDAY][0] != '*';
	}
	return true;
}

/* How many fields there are. */
static int
count_fields(const Reader *reader)
{
	int count = 0;

	for (const char *c = reader->at; c < reader->end; c++)
		count += !is_blank(*c) && (c == reader->at || is_blank(c[-1])) ? 1 : 0;
	return count;
}

/* What stands between the parentheses of cron(). */
static bool
read_cron(Reader *reader, Schedule *schedule)
{
	Reader begin = *reader;
	int count = count_fields(reader);
	Cron *cron = &schedule->cron;

	schedule->kind = SCHEDULE_CRON;
	if (count != 6)
		return fail(&begin, count == 5 ? "pg_cron's five fields are written without cron(). " SIX_FIELDS : SIX_FIELDS,
					"cron() has %d fields, not six", count);
	if (!read_fields(reader, 6, cron))
		return false;
	return (cron->fields[FIELD_DAY][0] == '?') != (cron->fields[FIELD_WEEKDAY][0] == '?') ||
		fail(&begin, ONE_QUESTION_MARK, "day of the month and day of the week are %s",
			 cron->fields[FIELD_DAY][0] == '?' ? "both left open" : "both given");
}

static bool
read_crontab(Reader *reader, Schedule *schedule)
{
	schedule->kind = SCHEDULE_CRONTAB;
	return read_fields(reader, 5, &schedule->cron);
}

/* ---- rate, at ---- */

static bool
read_rate(Reader *reader, Schedule *schedule)
{
	schedule->kind = SCHEDULE_RATE;
	skip_blanks(reader);
	schedule->count = read_digits(reader);
	if (schedule->count < 1 || schedule->count >= 1000000)
		return fail(reader, "It is written rate(5 minutes).", "rate() does not begin with a number from 1 to 999999");
	if (reader->at == reader->end || !is_blank(*reader->at))
		return fail(reader, "It is written rate(5 minutes).", "rate() has no unit behind its number");
	skip_blanks(reader);
	while (reader->end > reader->at && is_blank(reader->end[-1]))
		reader->end--;
	for (int i = 0; i < (int) lengthof(units); i++)
	{
		schedule->unit = schedule->count == 1 ? units[i].one : units[i].many;
		schedule->seconds = schedule->count * units[i].seconds;
		if (is_text(reader, schedule->unit))
			return true;
		if (is_text(reader, units[i].one) || is_text(reader, units[i].many))
			return fail(reader, psprintf("It is written rate(" INT64_FORMAT " %s).", schedule->count, schedule->unit),
						"the unit does not go with the number");
	}
	return fail(reader, "Units are minutes, hours and days.", "unknown unit %s", shown(reader));
}

/* Exactly so many digits, for a number within bounds, and what stands behind it. */
static bool
read_part_of_time(Reader *reader, int digits, int low, int high, char behind, int *number)
{
	Reader part = *reader;

	part.end = Min(part.at + digits, part.end);
	*number = read_digits(&part);
	if (part.at != reader->at + digits || *number < low || *number > high)
		return fail(reader, "It is written at(2027-01-01T00:00:00).", "no part of a time from %0*d to %d", digits, low,
					high);
	reader->at = part.at;
	return behind == '\0' || skip_char(reader, behind) ||
		fail(reader, "It is written at(2027-01-01T00:00:00).", "\"%c\" is missing", behind);
}

static bool
read_at(Reader *reader, Schedule *schedule)
{
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second;

	schedule->kind = SCHEDULE_AT;
	if (!read_part_of_time(reader, 4, SCHEDULE_FIRST_YEAR, SCHEDULE_LAST_YEAR, '-', &year) ||
		!read_part_of_time(reader, 2, 1, 12, '-', &month) ||
		!read_part_of_time(reader, 2, 1, civil_month_days(year, month), 'T', &day) ||
		!read_part_of_time(reader, 2, 0, 23, ':', &hour) || !read_part_of_time(reader, 2, 0, 59, ':', &minute) ||
		!read_part_of_time(reader, 2, 0, 59, '\0', &second))
		return false;
	schedule->seconds = civil_day(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return reader->at == reader->end ||
		fail(reader, "It is written at(2027-01-01T00:00:00).", "at() goes on with %s", shown(reader));
}

/* ---- expressions ---- */

static const struct
{
	const char *name;
	bool (*read)(Reader *reader, Schedule *schedule);
} spellings[] = {{"rate(", read_rate}, {"cron(", read_cron}, {"at(", read_at}};

bool
schedule_parse(const char *text, int length, Schedule *schedule, ScheduleError *error)
{
	Reader reader = {text, text, text + length, error};

	memset(schedule, 0, sizeof(*schedule));
	memset(error, 0, sizeof(*error));
	if (length > MAX_EXPRESSION || memchr(text, '\0', length) != NULL)
		return fail(&reader, NULL, "it has more than %d bytes, or a zero byte", MAX_EXPRESSION);
	for (int i = 0; i < (int) lengthof(spellings); i++)
	{
		int begin = (int) strlen(spellings[i].name);

		if (length < begin || strncmp(text, spellings[i].name, begin) != 0)
			continue;
		if (text[length - 1] != ')')
		{
			reader.at = reader.end;
			return fail(&reader, NULL, "\")\" is missing");
		}
		reader.at += begin;
		reader.end--;
		return spellings[i].read(&reader, schedule);
	}
	if (count_fields(&reader) != 5)
		return fail(&reader, SPELLINGS, "it is none of rate(), cron(), at() and five fields");
	return read_crontab(&reader, schedule);
}

void
schedule_print(StringInfo out, const Schedule *schedule)
{
	int64 year;
	int month;
	int day;
	int second = (int) (schedule->seconds % 86400);

	switch (schedule->kind)
	{
		case SCHEDULE_RATE:
			appendStringInfo(out, "rate(" INT64_FORMAT " %s)", schedule->count, schedule->unit);
			return;
		case SCHEDULE_AT:
			civil_date(schedule->seconds / 86400, &year, &month, &day);
			appendStringInfo(out, "at(%04d-%02d-%02dT%02d:%02d:%02d)", (int) year, month, day, second / 3600,
							 second / 60 % 60, second % 60);
			return;
		case SCHEDULE_CRON:
		case SCHEDULE_CRONTAB:
			appendStringInfoString(out, schedule->kind == SCHEDULE_CRON ? "cron(" : "");
			for (int i = 0; i < schedule->cron.field_count; i++)
				appendStringInfo(out, "%s%s", i == 0 ? "" : " ", schedule->cron.fields[i]);
			appendStringInfoString(out, schedule->kind == SCHEDULE_CRON ? ")" : "");
	}
}
