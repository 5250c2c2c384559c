/*
 * schedule.h
 *	  Expressions for moments: when a schedule is due.
 *
 * Four spellings, told apart by how they are written:
 *
 *	rate(5 minutes)				every so often from a beginning on, whatever clocks on walls do
 *	cron(0 18 ? * MON-FRI *)	AWS's six fields
 *	0 18 * * 1-5				pg_cron's five fields
 *	at(2027-01-01T00:00:00)		once
 *
 * Moments are seconds since 1970.  Fields are compared with the clock of a time
 * zone, which the caller gives as a function.  What its clock skips when summer
 * begins is not due, and what it shows twice when summer ends is due the first
 * time only, as on AWS.
 */
#ifndef SFN_EVENTS_SCHEDULE_H
#define SFN_EVENTS_SCHEDULE_H

#include "base/port.h"

#define SCHEDULE_FIRST_YEAR 1970
#define SCHEDULE_LAST_YEAR 2199

typedef enum ScheduleKind
{
	SCHEDULE_RATE,
	SCHEDULE_CRON,    /* six fields */
	SCHEDULE_CRONTAB, /* five fields */
	SCHEDULE_AT
} ScheduleKind;

/* The fields of cron(): sets of numbers, and what is reckoned for each month. */
typedef struct Cron
{
	uint64 minutes; /* bits from 0 */
	uint64 hours;
	uint64 days;     /* of the month; bits from 1 */
	uint64 months;   /* bits from 1 */
	uint64 weekdays; /* bits from 0, Sunday */
	uint64 years[4]; /* bits from SCHEDULE_FIRST_YEAR */

	bool is_last_day;         /* L */
	bool is_last_working_day; /* LW */
	int near_day;             /* 15W: the working day nearest to the 15th; 0: none */
	uint64 last_weekdays;     /* 6L: the last Friday; bits as in weekdays */
	int nth;                  /* 6#3: the third of the weekdays; 0: none */
	bool either_day;          /* five fields, both kinds of days given: one of them is enough */
	const char *fields[6];    /* as written, in capitals */
	int field_count;
} Cron;

typedef struct Schedule
{
	ScheduleKind kind;
	int64 seconds; /* RATE: between two times; AT: on the clock, as if it were in Greenwich */
	int64 count;   /* RATE: of units */
	const char *unit;
	Cron cron;
} Schedule;

typedef struct ScheduleError
{
	const char *message; /* lower case, no full stop */
	int position;        /* in the text, in bytes from 0 */
	const char *hint;    /* a sentence, or NULL */
} ScheduleError;

typedef struct ScheduleZone ScheduleZone;

struct ScheduleZone
{
	/* What the zone's clock is ahead of Greenwich's at a moment, in seconds. */
	int (*offset_at)(const ScheduleZone *zone, int64 moment);
	const void *owner;
};

/* False, with *error filled, when it is no such expression. */
extern bool schedule_parse(const char *text, int length, Schedule *schedule, ScheduleError *error);

/* The expression as it is usually written. */
extern void schedule_print(StringInfo out, const Schedule *schedule);

/* The first moment that is due behind `after`; rates count from `start` on.  False: there is none until SCHEDULE_LAST_YEAR. */
extern bool schedule_next(const Schedule *schedule, const ScheduleZone *zone, int64 start, int64 after, int64 *next);

/* ---- the calendar (civil_time.c): days and seconds since 1970, Gregorian ---- */
extern int64 civil_day(int64 year, int month, int day);
extern void civil_date(int64 day_number, int64 *year, int *month, int *day);
extern int civil_month_days(int64 year, int month);
extern int civil_weekday(int64 day_number); /* 0: Sunday */

#endif /* SFN_EVENTS_SCHEDULE_H */
