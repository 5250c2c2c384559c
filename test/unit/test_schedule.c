/*
 * test_schedule.c
 *	  Schedules: what is read and refused, and every next time against a slow reference.
 *
 * The reference knows nothing of sets and searches: it goes through the minutes one
 * by one, asks the C library what the zone's clock shows, and compares the texts of
 * the fields.  Zones are rules in the C library's own notation, so no files of the
 * system count.
 */
#include "unit/unit.h"

#include <time.h>

#include "events/schedule.h"

#define DAY INT64CONST(86400)

/* ---- zones of the C library ---- */

static const char *const zones[] = {
	"UTC0",
	"EST5EDT,M3.2.0,M11.1.0",               /* New York */
	"CET-1CEST,M3.5.0,M10.5.0/3",           /* Berlin */
	"EET-2EEST,M4.5.5/0,M10.5.4/24",        /* Cairo: at midnight */
	"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", /* Lord Howe: by half an hour */
};

static void
set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static int
library_offset(const ScheduleZone *zone, int64 moment)
{
	time_t t = (time_t) moment;
	struct tm tm;

	(void) zone;
	localtime_r(&t, &tm);
	return (int) tm.tm_gmtoff;
}

static const ScheduleZone library_zone = {library_offset, NULL};

/* ---- the reference ---- */

/* A number, or the name of a month or a weekday. */
static int
ref_number(const char *text)
{
	static const char *const names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT",
										"NOV", "DEC", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (strncmp(text, names[i], 3) == 0)
			return i < 12 ? i + 1 : i - 11;
	}
	return atoi(text);
}

/* Does the text of a field, a list of ranges, have the value? */
static bool
ref_has(const char *field, int value, int low, int high)
{
	for (; field != NULL; field = strchr(field, ',') != NULL ? strchr(field, ',') + 1 : NULL)
	{
		size_t length = strcspn(field, ",");
		const char *slash = memchr(field, '/', length);
		const char *dash = memchr(field, '-', length);
		int step = slash != NULL ? atoi(slash + 1) : 1;
		int from = low;
		int to = high;

		if (*field != '*' && *field != '?')
		{
			from = ref_number(field);
			to = dash != NULL ? ref_number(dash + 1) : slash != NULL ? high : from;
		}
		if (value >= from && value <= to && (value - from) % step == 0)
			return true;
	}
	return false;
}

/* One minute as the clock shows it. */
typedef struct Shown
{
	int64 moment;
	int year;
	int month;
	int day;
	int weekday; /* 0: Sunday */
	int month_days;
	int hour;
	int minute;
	bool is_again; /* it was shown before */
} Shown;

static int
ref_weekday_of(const Shown *shown, int day)
{
	return ((shown->weekday + day - shown->day) % 7 + 7) % 7;
}

static bool
ref_is_working_day(const Shown *shown, int day)
{
	return ref_weekday_of(shown, day) >= 1 && ref_weekday_of(shown, day) <= 5;
}

/* The working day of this month with the smallest distance to that day. */
static int
ref_near(const Shown *shown, int wanted)
{
	for (int distance = 0; distance < 4; distance++)
	{
		if (wanted - distance >= 1 && ref_is_working_day(shown, wanted - distance))
			return wanted - distance;
		if (wanted + distance <= shown->month_days && ref_is_working_day(shown, wanted + distance))
			return wanted + distance;
	}
	return -1;
}

static bool
ref_day(const char *field, const Shown *shown)
{
	if (strcmp(field, "L") == 0 || strcmp(field, "$") == 0)
		return shown->day == shown->month_days;
	if (strcmp(field, "LW") == 0)
		return shown->day == ref_near(shown, shown->month_days);
	if (field[strlen(field) - 1] == 'W')
		return atoi(field) <= shown->month_days && shown->day == ref_near(shown, atoi(field));
	return ref_has(field, shown->day, 1, 31);
}

static bool
ref_weekday(const char *field, const Shown *shown, bool is_crontab)
{
	const char *hash = strchr(field, '#');
	int count = 0;

	if (is_crontab) /* names are numbers from 1 for the reference */
		return strpbrk(field, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL
			? ref_has(field, shown->weekday + 1, 1, 7)
			: ref_has(field, shown->weekday, 0, 7) || (shown->weekday == 0 && ref_has(field, 7, 0, 7));
	if (strcmp(field, "L") == 0)
		return shown->weekday == 6;
	if (hash == NULL && field[strlen(field) - 1] == 'L')
		return shown->weekday + 1 == ref_number(field) && shown->day + 7 > shown->month_days;
	if (hash == NULL)
		return ref_has(field, shown->weekday + 1, 1, 7);
	for (int day = 1; day <= shown->day; day++)
		count += ref_weekday_of(shown, day) == shown->weekday ? 1 : 0;
	return shown->weekday + 1 == ref_number(field) && count == atoi(hash + 1);
}

/* Asked for once, as most minutes are not due for these reasons. */
typedef struct RefTimes
{
	bool minutes[60];
	bool hours[24];
} RefTimes;

static RefTimes
ref_times(const Cron *cron)
{
	RefTimes times;

	for (int i = 0; i < 60; i++)
		times.minutes[i] = ref_has(cron->fields[0], i, 0, 59);
	for (int i = 0; i < 24; i++)
		times.hours[i] = ref_has(cron->fields[1], i, 0, 23);
	return times;
}

static bool
ref_due(const Cron *cron, const RefTimes *times, const Shown *shown)
{
	const char *const *fields = cron->fields;
	bool is_crontab = cron->field_count == 5;
	bool day;
	bool weekday;

	if (shown->is_again || !times->minutes[shown->minute] || !times->hours[shown->hour] ||
		!ref_has(fields[3], shown->month, 1, 12) || shown->year < SCHEDULE_FIRST_YEAR ||
		(!is_crontab && !ref_has(fields[5], shown->year, 1970, 2199)))
		return false;
	day = ref_day(fields[2], shown);
	weekday = ref_weekday(fields[4], shown, is_crontab);
	return is_crontab && fields[2][0] != '*' && fields[4][0] != '*' ? day || weekday : day && weekday;
}

/* The minutes of some days, as the zone's clock shows them. */
static Shown *
ref_minutes(int64 begin, int days)
{
	Shown *minutes = palloc(sizeof(Shown) * days * 1440);
	int64 latest = INT64CONST(-1) << 60;

	for (int i = -2 * 1440; i < days * 1440; i++)
	{
		time_t t = (time_t) (begin + i * INT64CONST(60));
		struct tm tm;
		int64 clock;

		localtime_r(&t, &tm);
		clock = t + tm.tm_gmtoff;
		if (i >= 0)
		{
			struct tm last = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon + 1, .tm_mday = 0, .tm_hour = 12};

			if (i == 0 || minutes[i - 1].month != tm.tm_mon + 1)
				timegm(&last);
			else
				last.tm_mday = minutes[i - 1].month_days;
			minutes[i] = (Shown){t,          tm.tm_year + 1900, tm.tm_mon + 1,  tm.tm_mday, tm.tm_wday, last.tm_mday,
								 tm.tm_hour, tm.tm_min,         clock <= latest};
		}
		latest = Max(latest, clock);
	}
	return minutes;
}

static const char *const expressions[] = {
	"cron(* * * * ? *)",
	"cron(0 10 * * ? *)",
	"cron(15 12 * * ? *)",
	"cron(0 18 ? * MON-FRI *)",
	"cron(0 8 1 * ? *)",
	"cron(0/15 * * * ? *)",
	"cron(0/10 * ? * MON-FRI *)",
	"cron(0/5 8-17 ? * 2-6 *)",
	"cron(30 2 * * ? *)",
	"cron(15 1,2 * * ? *)",
	"cron(0 0 * * ? *)",
	"cron(30 0 * * ? *)",
	"cron(59 23 L * ? *)",
	"cron(0 0 LW * ? *)",
	"cron(0 12 15W * ? *)",
	"cron(0 12 1W * ? *)",
	"cron(0 12 31W * ? *)",
	"cron(5 4 ? * L *)",
	"cron(5 4 ? * 6L *)",
	"cron(5 4 ? * sunl *)",
	"cron(0 9 ? * 2#1 *)",
	"cron(0 9 ? * FRI#5 *)",
	"cron(0 9 ? * 3#2 *)",
	"cron(0 0 29 2 ? *)",
	"cron(0 0 31 * ? *)",
	"cron(10,20-22 */6 1-7,31 JAN,mar-apr,10 ? 1970-2199/2)",
	"cron(0 3 ? 3/7 1,7 2026,2027,2199)",
	"* * * * *",
	"*/15 * * * *",
	"0 4 * * 0",
	"0 4 * * 7",
	"30 3 * * 1-5",
	"0 0 13 * 5",
	"0 0 */2 * 1",
	"0 0 1,15 * */2",
	"5 0 $ * *",
	"23 0-23/2 * * *",
	"0 1,2 * * SUN",
	"0 0 1 jan mon-fri",
	"0 0 31 2 *",
};

static const char *const windows[] = {"1970-01-01", "1970-03-25", "1972-02-20", "1999-12-20", "2000-02-20",
									  "2026-03-01", "2026-03-25", "2026-04-20", "2026-10-01", "2026-10-25",
									  "2027-10-28", "2099-12-25", "2100-02-20", "2199-03-01", "2199-12-10"};

static int64
day_of(const char *date)
{
	int year;
	int month;
	int day;

	if (sscanf(date, "%d-%d-%d", &year, &month, &day) != 3)
		abort();
	return civil_day(year, month, day) * DAY;
}

/* All that is due in a window, by both; -1 when a moment is found that should not be, else how many. */
static int
compare_window(const Schedule *schedule, const Shown *minutes, int count, int64 *wrong)
{
	RefTimes times = ref_times(&schedule->cron);
	int64 next = minutes[0].moment - 1;
	int found = 0;

	for (int i = 0; i < count; i++)
	{
		if (!ref_due(&schedule->cron, &times, &minutes[i]))
			continue;
		*wrong = minutes[i].moment;
		if (!schedule_next(schedule, &library_zone, 0, next, &next) || next != minutes[i].moment)
			return -1;
		found++;
	}
	*wrong = minutes[count - 1].moment;
	if (schedule_next(schedule, &library_zone, 0, next, &next) && next <= minutes[count - 1].moment)
		return -1;
	return found;
}

static void
check_against_reference(void)
{
	int days = 10;

	for (int z = 0; z < (int) lengthof(zones); z++)
	{
		int found = 0;
		int failed = 0;

		set_zone(zones[z]);
		for (int w = 0; w < (int) lengthof(windows); w++)
		{
			Shown *minutes = ref_minutes(day_of(windows[w]), days);

			for (int e = 0; e < (int) lengthof(expressions); e++)
			{
				Schedule schedule;
				ScheduleError error;
				int64 wrong;
				int due;

				if (!schedule_parse(expressions[e], (int) strlen(expressions[e]), &schedule, &error))
				{
					failed += unit_check(false, "%s: %s", expressions[e], error.message) ? 0 : 1;
					continue;
				}
				due = compare_window(&schedule, minutes, days * 1440, &wrong);
				if (due < 0)
					failed += unit_check(false, "%s in %s from %s: not so at " INT64_FORMAT, expressions[e], zones[z],
										 windows[w], wrong)
						? 0
						: 1;
				found += Max(due, 0);
			}
		}
		unit_check(failed == 0 && found > 100000, "%s: %d times in %d windows are those of the reference", zones[z],
				   found, (int) lengthof(windows));
	}
}

/* ---- what next() must always be ---- */

static void
check_order(void)
{
	for (int z = 0; z < (int) lengthof(zones); z++)
	{
		set_zone(zones[z]);
		for (int e = 0; e < (int) lengthof(expressions); e++)
		{
			Schedule schedule;
			ScheduleError error;
			int64 moment = day_of("2024-06-01");
			bool holds = schedule_parse(expressions[e], (int) strlen(expressions[e]), &schedule, &error);

			for (int i = 0; i < 200 && holds; i++)
			{
				int64 before = moment;
				int64 same;

				if (!schedule_next(&schedule, &library_zone, 0, before, &moment))
					break;
				holds =
					moment > before && schedule_next(&schedule, &library_zone, 0, moment - 1, &same) && same == moment;
			}
			unit_check(holds, "%s in %s: rising, and each is the next of the second before it", expressions[e],
					   zones[z]);
		}
	}
}

/* ---- single answers ---- */

static char *
print_moment(int64 moment)
{
	int64 year;
	int month;
	int day;
	int second = (int) (((moment % DAY) + DAY) % DAY);

	civil_date((moment - second) / DAY, &year, &month, &day);
	return psprintf("%d-%02d-%02d %02d:%02d:%02d", (int) year, month, day, second / 3600, second / 60 % 60,
					second % 60);
}

static void
check_next(const char *zone, const char *expression, const char *after, const char *expected)
{
	Schedule schedule;
	ScheduleError error;
	int64 from = day_of(after);
	int64 next;

	set_zone(zone);
	if (!unit_check(schedule_parse(expression, (int) strlen(expression), &schedule, &error), "%s is read", expression))
		return;
	unit_text(schedule_next(&schedule, &library_zone, from, from, &next) ? print_moment(next) : "none", expected,
			  "%s in %s after %s", expression, zone, after);
}

static void
check_answers(void)
{
	check_next("UTC0", "rate(1 minute)", "2026-01-01", "2026-01-01 00:01:00");
	check_next("CET-1CEST,M3.5.0,M10.5.0/3", "rate(1 day)", "2026-03-29", "2026-03-30 00:00:00");
	check_next("UTC0", "rate(36 hours)", "2026-01-01", "2026-01-02 12:00:00");
	check_next("UTC0", "rate(999999 days)", "2026-01-01", "none");
	check_next("UTC0", "at(2026-05-01T12:30:15)", "2026-01-01", "2026-05-01 12:30:15");
	check_next("UTC0", "at(2026-05-01T12:30:15)", "2026-06-01", "none");
	check_next("EST5EDT,M3.2.0,M11.1.0", "at(2026-05-01T12:30:15)", "2026-01-01", "2026-05-01 16:30:15");
	/* summer begins at 2:00 on March 29 and ends at 3:00 on October 25 */
	check_next("CET-1CEST,M3.5.0,M10.5.0/3", "at(2026-03-29T02:30:00)", "2026-01-01", "none");
	check_next("CET-1CEST,M3.5.0,M10.5.0/3", "at(2026-10-25T02:30:00)", "2026-01-01", "2026-10-25 00:30:00");
	check_next("CET-1CEST,M3.5.0,M10.5.0/3", "cron(30 2 * * ? *)", "2026-03-29", "2026-03-30 00:30:00");
	check_next("CET-1CEST,M3.5.0,M10.5.0/3", "cron(30 2 25 10 ? *)", "2026-01-01", "2026-10-25 00:30:00");
	check_next("UTC0", "cron(0 0 29 2 ? 2100)", "2000-01-01", "none");
	check_next("UTC0", "cron(0 0 29 2 ? *)", "2096-03-01", "2104-02-29 00:00:00");
	check_next("UTC0", "cron(59 23 31 12 ? 2199)", "1970-01-01", "2199-12-31 23:59:00");
	check_next("UTC0", "cron(0 0 30 2 ? *)", "1970-01-01", "none");
	check_next("UTC0", "cron(0 0 1 1 ? *)", "1960-01-01", "1970-01-01 00:00:00");
	check_next("EET-2EEST,M4.5.5/0,M10.5.4/24", "cron(0 0 ? * FRI *)", "2026-04-23", "2026-04-30 21:00:00");
}

/* A rate's times lie on the grid of its start, whenever it is asked. */
static void
check_rate(void)
{
	Schedule schedule;
	ScheduleError error;
	int64 next;

	OK(schedule_parse("rate(7 minutes)", 15, &schedule, &error));
	OK(schedule_next(&schedule, &library_zone, 1000, 0, &next) && next == 1000);
	OK(schedule_next(&schedule, &library_zone, 1000, 999, &next) && next == 1000);
	OK(schedule_next(&schedule, &library_zone, 1000, 1000, &next) && next == 1420);
	OK(schedule_next(&schedule, &library_zone, 1000, 1419, &next) && next == 1420);
	OK(schedule_next(&schedule, &library_zone, 1000, 4200000000, &next) && (next - 1000) % 420 == 0 &&
	   next > 4200000000 && next <= 4200000420);
}

/* ---- texts ---- */

static void
check_print(const char *text, ScheduleKind kind, const char *expected)
{
	Schedule schedule;
	ScheduleError error;
	StringInfoData out;

	initStringInfo(&out);
	if (!unit_check(schedule_parse(text, (int) strlen(text), &schedule, &error), "%s is read", text))
		return;
	schedule_print(&out, &schedule);
	unit_check(schedule.kind == kind, "%s: its kind", text);
	unit_text(out.data, expected, "%s shown back", text);
}

static void
check_error(const char *text, int position, const char *expected)
{
	Schedule schedule;
	ScheduleError error;

	if (!unit_check(!schedule_parse(text, (int) strlen(text), &schedule, &error), "%s is refused", text))
		return;
	unit_text(error.message, expected, "%s", text);
	unit_check(error.position == position, "%s: at %d, not %d", text, position, error.position);
}

static void
check_texts(void)
{
	check_print("rate(5 minutes)", SCHEDULE_RATE, "rate(5 minutes)");
	check_print("rate( 1  Hour )", SCHEDULE_RATE, "rate(1 hour)");
	check_print("cron( 0  18 ? *  mon-fri * )", SCHEDULE_CRON, "cron(0 18 ? * MON-FRI *)");
	check_print("0\t18 * * mon", SCHEDULE_CRONTAB, "0 18 * * MON");
	check_print("at(2027-01-01T00:00:00)", SCHEDULE_AT, "at(2027-01-01T00:00:00)");

	check_error("", 0, "it is none of rate(), cron(), at() and five fields");
	check_error("every day", 0, "it is none of rate(), cron(), at() and five fields");
	check_error("0 18 ? * MON-FRI *", 0, "it is none of rate(), cron(), at() and five fields");
	check_error("cron(0 18 * * 1", 15, "\")\" is missing");
	check_error("cron(0 18 * * 1-5)", 5, "cron() has 5 fields, not six");
	check_error("cron()", 5, "cron() has 0 fields, not six");
	check_error("cron(0 18 * * * *)", 5, "day of the month and day of the week are both given");
	check_error("cron(0 18 ? * ? *)", 5, "day of the month and day of the week are both left open");
	check_error("cron(60 18 * * ? *)", 5, "the minute is \"60\", not a number from 0 to 59");
	check_error("cron(0 24 * * ? *)", 7, "the hour is \"24\", not a number from 0 to 23");
	check_error("cron(0 1 0 * ? *)", 9, "the day of the month is \"0\", not a number from 1 to 31");
	check_error("cron(0 1 1 13 ? *)", 11, "the month is \"13\", not a number from 1 to 12 or a name");
	check_error("cron(0 1 1 FOO ? *)", 11, "the month is \"FOO\", not a number from 1 to 12 or a name");
	check_error("cron(0 1 ? * 0 *)", 13, "the day of the week is \"0\", not a number from 1 to 7 or a name");
	check_error("cron(0 1 1 * ? 1969)", 15, "the year is \"1969\", not a number from 1970 to 2199");
	check_error("cron(0 1 1 * ? 2200)", 15, "the year is \"2200\", not a number from 1970 to 2199");
	check_error("cron(5-1 1 1 * ? *)", 5, "the minute is a range from 5 down to 1");
	check_error("cron(0/0 1 1 * ? *)", 8, "the minute has nothing as a step, not a number from 1 on");
	check_error("cron(0,, 1 1 * ? *)", 7, "the minute is nothing, not a number from 0 to 59");
	check_error("cron(0- 1 1 * ? *)", 7, "the minute is nothing, not a number from 0 to 59");
	check_error("cron(? 1 1 * ? *)", 5, "the minute is \"?\", not a number from 0 to 59");
	check_error("cron(0 1 1-2W * ? *)", 10, "W stands behind one day");
	check_error("cron(0 1 ? * 2#6 *)", 16, "# is followed by a number from 1 to 5");
	check_error("cron(0 1 ? * 2#1,3#1 *)", 16, "# is followed by a number from 1 to 5");
	check_error("cron(0 1 ? * 2,6L *)", 14, "L and # stand behind one day of the week");
	check_error("cron(5x 1 1 * ? *)", 6, "the minute goes on with \"x\"");
	check_error("0 18 ? * 1", 5, "the day of the month is \"?\", not a number from 1 to 31");
	check_error("5/10 * * * *", 1, "the minute has a step behind a number");
	check_error("0 0 L * *", 4, "the day of the month is \"L\", not a number from 1 to 31");
	check_error("0 0 * * 8", 8, "the day of the week is \"8\", not a number from 0 to 7 or a name");
	check_error("rate(0 minutes)", 6, "rate() does not begin with a number from 1 to 999999");
	check_error("rate(minutes)", 5, "rate() does not begin with a number from 1 to 999999");
	check_error("rate(5minutes)", 6, "rate() has no unit behind its number");
	check_error("rate(1 minutes)", 7, "the unit does not go with the number");
	check_error("rate(5 minute)", 7, "the unit does not go with the number");
	check_error("rate(5 weeks)", 7, "unknown unit \"weeks\"");
	check_error("at(2027-02-29T00:00:00)", 11, "no part of a time from 01 to 28");
	check_error("at(2027-1-01T00:00:00)", 8, "no part of a time from 01 to 12");
	check_error("at(2027-01-01 00:00:00)", 13, "\"T\" is missing");
	check_error("at(2027-01-01T00:00:00Z)", 22, "at() goes on with \"Z\"");
}

/* The calendar and back, and days of the week, over all years. */
static void
check_calendar(void)
{
	int64 expected_year = 1600;
	int expected_month = 1;
	int expected_day = 1;
	bool holds = true;

	for (int64 day_number = civil_day(1600, 1, 1); day_number < civil_day(2401, 1, 1) && holds; day_number++)
	{
		int64 year;
		int month;
		int day;

		civil_date(day_number, &year, &month, &day);
		holds = year == expected_year && month == expected_month && day == expected_day &&
			civil_day(year, month, day) == day_number;
		if (++expected_day > civil_month_days(expected_year, expected_month))
		{
			expected_day = 1;
			expected_year += expected_month == 12 ? 1 : 0;
			expected_month = expected_month % 12 + 1;
		}
	}
	OK(holds);
	OK(civil_day(1970, 1, 1) == 0 && civil_day(2000, 3, 1) == 11017);
	OK(civil_weekday(0) == 4 && civil_weekday(-5) == 6 && civil_weekday(civil_day(2026, 11, 28)) == 6);
	OK(civil_month_days(2000, 2) == 29 && civil_month_days(2100, 2) == 28 && civil_month_days(2024, 2) == 29);
}

int
main(void)
{
	check_calendar();
	check_texts();
	check_answers();
	check_rate();
	check_order();
	check_against_reference();
	return unit_done();
}
