/*
 * picture_date.h
 *	  Pictures of dates and times, and the calendar they need.
 */
#ifndef SFN_JSONATA_PICTURE_DATE_H
#define SFN_JSONATA_PICTURE_DATE_H

#include "jsonata/picture.h"

#define MILLIS_PER_DAY INT64CONST(86400000)

/* A moment taken apart; month and day from 1. */
typedef struct Civil
{
	int64 millis; /* since 1970, in the zone */
	int64 days;   /* since 1970 */
	int64 year;
	int month;
	int day;
	int hour;
	int minute;
	int second;
	int milli;
} Civil;

extern void civil_of_millis(int64 millis, Civil *civil);
extern int64 jn_days_of_date(int64 year, int month, int day); /* month from 1, may be out of range */

/* One component of a date: "Y", "M", ... as a number; P is 0 or 1. */
extern double date_component(const Civil *civil, char component);

typedef enum NameStyle
{
	NAME_NONE,
	NAME_LOWER,
	NAME_UPPER,
	NAME_TITLE
} NameStyle;

/* A piece of a picture: literal text (component 0) or a component. */
typedef struct DatePart
{
	char component;
	const char *literal;
	int literal_length;
	NameStyle names;
	bool has_format;
	IntegerFormat format;
	char modifier;   /* "t" and the like behind the presentation, or 0 */
	int max_width;   /* 0: any */
	int year_digits; /* -1: all */
} DatePart;

#define MAX_DATE_PARTS 64

typedef struct DatePicture
{
	int count;
	DatePart parts[MAX_DATE_PARTS];
} DatePicture;

/* The parts of a picture, NULL on failure; kept in case the next one is the same. */
extern const DatePicture *date_picture_read(Evaluation *ev, const JsonVal *text);

extern const char *const month_names[12];
extern const char *const day_names[7]; /* Monday first */

#endif /* SFN_JSONATA_PICTURE_DATE_H */
