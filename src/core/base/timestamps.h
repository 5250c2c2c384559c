/*
 * timestamps.h
 *	  Moments as AWS writes them: ISO 8601 date-times with an offset.
 */
#ifndef SFN_BASE_TIMESTAMPS_H
#define SFN_BASE_TIMESTAMPS_H

#include "base/port.h"

/*
 * Reads "2016-03-14T01:59:00Z", with up to nine digits of fraction and "Z" or an
 * offset like +05:30; seconds may be left out.  T and Z are capital letters.
 * Nanoseconds are cut to microseconds.  False when it is no such text, no date
 * of the calendar, or out of the server's range.
 */
extern bool timestamp_parse(const char *text, int length, TimestampTz *moment);

/* Writes it in UTC with 0, 3 or 6 digits of fraction; a zero fraction is left out. */
extern void timestamp_print(StringInfo out, TimestampTz moment);

/* Writes seconds since 1970 with three decimals, as AWS's API shows times. */
extern void timestamp_print_epoch(StringInfo out, TimestampTz moment);

#endif /* SFN_BASE_TIMESTAMPS_H */
