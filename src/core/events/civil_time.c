/*
 * civil_time.c
 *	  The Gregorian calendar as numbers of days since 1970.
 */
#include "base/port.h"

#include "events/schedule.h"

#define DAYS_OF_400_YEARS INT64CONST(146097)
#define DAYS_TO_1970 INT64CONST(719468) /* from the first of March of the year 0 */

/* Years begin in March here, so that the day that comes and goes is their last. */
int64
civil_day(int64 year, int month, int day)
{
	int64 shifted = month <= 2 ? year - 1 : year;
	int64 era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64 year_of_era = shifted - era * 400;
	int64 day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * DAYS_OF_400_YEARS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
		DAYS_TO_1970;
}

void
civil_date(int64 day_number, int64 *year, int *month, int *day)
{
	int64 shifted = day_number + DAYS_TO_1970;
	int64 era = (shifted >= 0 ? shifted : shifted - DAYS_OF_400_YEARS + 1) / DAYS_OF_400_YEARS;
	int64 day_of_era = shifted - era * DAYS_OF_400_YEARS;
	int64 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = (int) (day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
	int shifted_month = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
	*month = shifted_month + (shifted_month < 10 ? 3 : -9);
	*year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

int
civil_month_days(int64 year, int month)
{
	return (int) (month == 12 ? 31 : civil_day(year, month + 1, 1) - civil_day(year, month, 1));
}

int
civil_weekday(int64 day_number)
{
	int64 weekday = (day_number + 4) % 7; /* the first day of 1970 was a Thursday */

	return (int) (weekday < 0 ? weekday + 7 : weekday);
}
