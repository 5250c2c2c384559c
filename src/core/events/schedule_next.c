/*
 * schedule_next.c
 *	  When a schedule is due next: arithmetic on the calendar and the clock of a zone.
 *
 * The next time is looked for on the clock, year by year and then day by day, and
 * then put on the line of moments.  A time that the clock skips, or that was there
 * before already, is passed over.
 */
#include "base/port.h"

#include "events/schedule.h"

#define MINUTES_A_DAY 1440
#define SECONDS_A_DAY INT64CONST(86400)
/* No zone's clock is further from Greenwich's. */
#define MAX_OFFSET (16 * 3600)

/* ---- days ---- */

/* The working day nearest to a day, in the same month. */
static int
near_working_day(int day, int weekday, int month_days)
{
	if (weekday == 6)
		return day > 1 ? day - 1 : day + 2;
	if (weekday == 0)
		return day < month_days ? day + 1 : day - 2;
	return day;
}

static bool
is_day_of_month(const Cron *cron, int64 first_day, int day, int month_days)
{
	if ((cron->days >> day) & 1)
		return true;
	if (cron->is_last_day)
		return day == month_days;
	if (cron->is_last_working_day)
		return day == near_working_day(month_days, civil_weekday(first_day + month_days - 1), month_days);
	return cron->near_day > 0 && cron->near_day <= month_days &&
		day == near_working_day(cron->near_day, civil_weekday(first_day + cron->near_day - 1), month_days);
}

static bool
is_day_of_week(const Cron *cron, int64 first_day, int day, int month_days)
{
	int weekday = civil_weekday(first_day + day - 1);

	if (((cron->weekdays >> weekday) & 1) && (cron->nth == 0 || (day - 1) / 7 + 1 == cron->nth))
		return true;
	return ((cron->last_weekdays >> weekday) & 1) && day + 7 > month_days;
}

static bool
is_day(const Cron *cron, int64 year, int month, int day)
{
	int64 first_day = civil_day(year, month, 1);
	int month_days = civil_month_days(year, month);
	bool of_month = is_day_of_month(cron, first_day, day, month_days);
	bool of_week = is_day_of_week(cron, first_day, day, month_days);

	return cron->either_day ? of_month || of_week : of_month && of_week;
}

/* The first such day from this one on; -1: there is none. */
static int64
find_day(const Cron *cron, int64 day_number)
{
	int64 year;
	int month;
	int day;

	for (;;)
	{
		int64 bit;

		SFN_CHECK_INTERRUPTS();
		civil_date(day_number, &year, &month, &day);
		bit = year - SCHEDULE_FIRST_YEAR;
		if (year > SCHEDULE_LAST_YEAR)
			return -1;
		if (!((cron->years[bit / 64] >> (bit % 64)) & 1))
			day_number = civil_day(year + 1, 1, 1);
		else if (!((cron->months >> month) & 1))
			day_number += civil_month_days(year, month) - day + 1;
		else if (!is_day(cron, year, month, day))
			day_number++;
		else
			return day_number;
	}
}

/* The first such minute of a day from this one on; -1: there is none. */
static int
find_minute(const Cron *cron, int minute)
{
	for (; minute < MINUTES_A_DAY; minute++)
	{
		if (!((cron->hours >> (minute / 60)) & 1))
			minute += 59 - minute % 60;
		else if ((cron->minutes >> (minute % 60)) & 1)
			return minute;
	}
	return -1;
}

/* The first time on the clock from this minute on, in minutes; -1: there is none. */
static int64
find_time(const Cron *cron, int64 from)
{
	int64 day_number = from / MINUTES_A_DAY;
	int minute = (int) (from % MINUTES_A_DAY);

	for (;;)
	{
		int64 found_day = find_day(cron, day_number);
		int found_minute;

		if (found_day < 0)
			return -1;
		found_minute = find_minute(cron, found_day == day_number ? minute : 0);
		if (found_minute >= 0)
			return found_day * MINUTES_A_DAY + found_minute;
		day_number = found_day + 1;
		minute = 0;
	}
}

/* ---- the clock ---- */

/* The moment at which the zone's clock shows a time first; false: it skips it. */
static bool
moment_of_clock(const ScheduleZone *zone, int64 clock, int64 *moment)
{
	int64 earlier = clock - zone->offset_at(zone, clock - MAX_OFFSET);
	int64 later = clock - zone->offset_at(zone, clock + MAX_OFFSET);
	bool is_earlier = earlier + zone->offset_at(zone, earlier) == clock;
	bool is_later = later + zone->offset_at(zone, later) == clock;

	if (is_earlier && is_later)
		*moment = Min(earlier, later);
	else
		*moment = is_earlier ? earlier : later;
	return is_earlier || is_later;
}

static bool
next_of_cron(const Cron *cron, const ScheduleZone *zone, int64 after, int64 *next)
{
	int64 clock = Max(after, -SECONDS_A_DAY);
	int64 time;

	clock += zone->offset_at(zone, clock);
	for (time = find_time(cron, Max(clock, 0) / 60); time >= 0; time = find_time(cron, time + 1))
	{
		if (moment_of_clock(zone, time * 60, next) && *next > after)
			return true;
	}
	return false;
}

/* A rate's times lie on a grid that begins at its start. */
static bool
next_of_rate(int64 seconds, int64 start, int64 after, int64 *next)
{
	*next = after < start ? start : start + ((after - start) / seconds + 1) * seconds;
	return *next < civil_day(SCHEDULE_LAST_YEAR + 1, 1, 1) * SECONDS_A_DAY;
}

bool
schedule_next(const Schedule *schedule, const ScheduleZone *zone, int64 start, int64 after, int64 *next)
{
	if (schedule->kind == SCHEDULE_RATE)
		return next_of_rate(schedule->seconds, start, after, next);
	if (schedule->kind == SCHEDULE_AT)
		return moment_of_clock(zone, schedule->seconds, next) && *next > after;
	return next_of_cron(&schedule->cron, zone, after, next);
}
